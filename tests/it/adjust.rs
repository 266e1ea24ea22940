//! Adjustments of a plan that both sides have signed: filed, countersigned, declined, withdrawn; stops; cancellations.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::domain::canonical::{canonical, sha256};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_cancellation_takes_effect_everywhere_when_the_other_side_countersigns,
    a_declined_adjustment_changes_nothing,
    only_the_filing_side_withdraws,
    a_further_change_makes_what_was_read_stale,
    nobody_countersigns_what_they_filed_for_the_other_side,
    only_who_may_sign_countersigns,
    a_campaign_is_postponed_to_a_date_or_without_one,
    what_has_started_is_not_postponed,
    a_campaign_is_added_by_adjustment,
    a_stopped_campaign_takes_no_requests_until_it_is_resumed,
    what_was_filed_before_another_revision_is_superseded,
    a_plan_is_cancelled_as_a_whole,
    a_draft_is_changed_in_place,
    a_draft_is_cancelled_only_when_confirmed,
);

const WEBINAR: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";
const SEARCH: &str = "/campaign add name:Search type:Paid search start:2026-01-05 end:2026-03-31 leads:60 pipeline:80k results:by hand";

/// A signed plan with a webinar in February and a search campaign that runs.
pub async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(WEBINAR).await;
    pat.runs(SEARCH).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    let said = w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    assert_eq!(said, "Signed. PLN-1 is agreed by both sides as revision 1.");
}

pub fn title(card: &Message) -> String {
    card.text().lines().next().unwrap_or_default().to_owned()
}

pub fn labels(card: &Message) -> Vec<String> {
    card.buttons().into_iter().map(|button| button.label).collect()
}

pub fn id_of(card: &Message, label: &str) -> String {
    card.button(label).and_then(|button| button.custom_id).unwrap()
}

pub fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text}");
}

pub async fn state_of(w: &World, campaign: i64) -> String {
    w.word(&format!("SELECT state FROM campaign WHERE number = {campaign}")).await
}

async fn revisions(w: &World) -> i64 {
    w.number("SELECT COUNT(*) FROM plan_revision").await
}

async fn a_cancellation_takes_effect_everywhere_when_the_other_side_countersigns(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    hung_on(w).await;
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 21,000.00 · pending EUR 1,000.00 · committed EUR 9,000.00"
    );

    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-1 reason:The speaker *left*").await,
        "PLN-1 is signed by both sides, so this is filed as ADJ-1. It waits for a signature of your side and for the vendor's countersignature."
    );
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(title(&card), "ADJ-1 · PLN-1 · waiting for signatures");
    assert_eq!(labels(&card), ["Sign", "Countersign", "Decline…", "Withdraw", "Read in full"]);
    let text = card.text();
    has(&text, "Filed by **Acme** on 2026-01-05.");
    has(&text, "• cancel CMP-1: The speaker \\*left\\* (<@2004>)");
    has(&text, "State: planned → cancelled");
    has(&text, "Leads: 100 → 60\nPipeline: EUR 200,000.00 → EUR 80,000.00\nBudget: EUR 20,000.00 → EUR 0.00");
    has(&text, "EUR 9,000.00 → EUR 0.00\nOpen requests that are cancelled: MDF-1, MDF-2");
    has(&text, "revision 1 → 2");
    assert_eq!(
        (revisions(w).await, state_of(w, 1).await),
        (1, "planned".to_owned()),
        "filing changes nothing"
    );
    assert_eq!(
        olga.presses(&card, "Countersign", &[]).await,
        "Your side filed ADJ-1. The other side countersigns or declines it; your side signs it with Sign, or withdraws it."
    );
    own_side_signs(w, &card).await;

    w.moves_to("2026-01-20T12:00:00Z").await;
    assert_eq!(
        vera.presses(&card, "Countersign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. MDF-1 is cancelled and EUR 9,000.00 released. MDF-2 is \
         cancelled. 11 tasks are closed."
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.ledger_problems().await, Vec::<String>::new());
    let open = "SELECT COUNT(*) FROM task WHERE state = 'open' AND campaign_id = (SELECT id FROM campaign WHERE number = 1)";
    assert_eq!(w.number(open).await, 0);
    assert_eq!((state_of(w, 1).await.as_str(), state_of(w, 2).await.as_str()), ("cancelled", "running"));
    for number in [1, 2] {
        let request = w.card(APPROVALS, &format!("ACME/MDF-{number}"));
        assert_eq!(title(&request), format!("ACME/MDF-{number} · cancelled"));
        assert_eq!(labels(&request), Vec::<String>::new());
        has(&request.text(), "Reason: The speaker \\*left\\*");
    }
    has(&w.card(ACME, "MDF-1 ·").text(), "Released: EUR 9,000.00");

    let done = w.card(ACME, "ADJ-1 ·");
    assert_eq!((title(&done).as_str(), done.id), ("ADJ-1 · PLN-1 · agreed", card.id), "edited in place");
    assert_eq!(labels(&done), Vec::<String>::new());
    has(&done.text(), "Revision 2 of the plan, signed by both sides.");
    has(&done.text(), "✅ Northwind: <@2001> on 2026-01-20");
    proved(w).await;
    assert_eq!(
        vera.forges_press(&done, &id_of(&card, "Countersign")).await,
        "ADJ-1 is agreed, so there is nothing to decide."
    );
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Again fund:acme-q1").await,
        "CMP-1 is cancelled and takes no requests."
    );
    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-1 reason:Again").await,
        "CMP-1 is cancelled and can't be changed any more. What has happened stays as it is."
    );
}

/// The side that filed it signs with its own button, once.
async fn own_side_signs(w: &World, card: &Message) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    assert_eq!(
        vera.presses(card, "Sign", &[]).await,
        "The partner filed ADJ-1: Sign is for that side. Press Countersign to sign it for your side."
    );
    assert_eq!(olga.presses(card, "Sign", &[]).await, "Signed. ADJ-1 waits for the vendor's signature.");
    assert_eq!(
        olga.forges_press(card, &id_of(card, "Sign")).await,
        "Your side has signed this already. It waits for the other side."
    );
    let half = w.card(ACME, "ADJ-1 ·");
    assert_eq!(labels(&half), ["Countersign", "Decline…", "Withdraw", "Read in full"]);
    has(&half.text(), "⬜ Northwind: not signed");
    has(&half.text(), "✅ Acme: <@2005> on 2026-01-05");
    assert_eq!(revisions(w).await, 1, "one signature changes nothing");
}

/// What hangs on the webinar: an approved request, one that waits, an open task.
async fn hung_on(w: &World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    for (number, figures) in [(1, "cost:18k amount:9k"), (2, "cost:2k amount:1k")] {
        pat.runs(&format!("/mdf request campaign:CMP-1 {figures} purpose:Speaker fund:acme-q1")).await;
        w.card(APPROVALS, &format!("ACME/MDF-{number}"));
    }
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
}

/// Revision 2 says from when the campaign is cancelled, is canonical, and is what the card shows; revision 1 says nothing
/// of it.
async fn proved(w: &World) {
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    let hash = w.word("SELECT sha256 FROM plan_revision WHERE revision = 2").await;
    assert_eq!(sha256(&snapshot), hash);
    let value: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(canonical(&value), snapshot);
    assert_eq!(value["campaigns"][0]["cancelled_from"], "2026-01-20");
    assert_eq!(value["campaigns"][0]["tasks"], serde_json::json!([]));
    assert!(value["campaigns"][1].get("cancelled_from").is_none());
    assert_eq!(w.word("SELECT effective_on FROM plan_revision WHERE revision = 2").await, "2026-01-20");
    let first = w.word("SELECT snapshot FROM plan_revision WHERE revision = 1").await;
    assert!(!first.contains("cancelled_from") && !first.contains("postponed"), "{first}");
    let shown = w.card(ACME, "PLN-1").text();
    has(&shown, &format!("SHA-256 {hash}"));
    has(&shown, "revision 2");
    has(&shown, "cancelled from 2026-01-20");
    has(&shown, "60 leads\nEUR 52,093.02 pipeline planned by 2026-03-31");
    has(&shown, "Revision 1 had 100 leads, EUR 200,000.00 pipeline, EUR 20,000.00 budget.");
}

async fn a_declined_adjustment_changes_nothing(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:Too early").await;
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(
        vera.presses(&card, "Decline…", &[]).await,
        "Decline ADJ-1\nReason*: (What should be different?)"
    );
    assert_eq!(
        vera.presses(&card, "Decline…", &[("reason", "  ")]).await,
        "A reason of at most 500 characters is needed. Say in a sentence why."
    );
    assert_eq!(
        vera.presses(&card, "Decline…", &[("reason", "We need the *leads*.")]).await,
        "ADJ-1 is declined: We need the \\*leads\\*. PLN-1 stays at revision 1."
    );
    assert_eq!((revisions(w).await, state_of(w, 1).await), (1, "planned".to_owned()));
    let done = w.card(ACME, "ADJ-1 ·");
    assert_eq!((title(&done).as_str(), labels(&done).len()), ("ADJ-1 · PLN-1 · declined", 0));
    has(&done.text(), "Declined by <@2001>: We need the \\*leads\\*.");
    has(&done.text(), "State: planned → cancelled");
    for label in ["Countersign", "Decline…", "Withdraw", "Read in full"] {
        let who = if label == "Withdraw" { pat } else { vera };
        assert_eq!(
            who.forges_press(&done, &id_of(&card, label)).await,
            "ADJ-1 is declined, so there is nothing to decide."
        );
    }
}

async fn only_the_filing_side_withdraws(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign postpone campaign:CMP-1 reason:No room").await;
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(
        pat.presses(&card, "Withdraw", &[]).await,
        "Only the side that filed ADJ-1 can withdraw it. Press Decline… to refuse it."
    );
    assert_eq!(vera.presses(&card, "Withdraw", &[]).await, "ADJ-1 is withdrawn. PLN-1 stays at revision 1.");
    assert_eq!(title(&w.card(ACME, "ADJ-1 ·")), "ADJ-1 · PLN-1 · withdrawn");
    assert_eq!(state_of(w, 1).await, "planned");
    pat.runs("/campaign cancel campaign:CMP-1 reason:Too early").await;
    assert_eq!(title(&w.card(ACME, "ADJ-2 ·")), "ADJ-2 · PLN-1 · waiting for signatures");
}

async fn a_further_change_makes_what_was_read_stale(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:Too early").await;
    let first = w.card(ACME, "ADJ-1 ·");
    olga.presses(&first, "Sign", &[]).await;
    assert_eq!(
        vera.runs("/campaign cancel campaign:CMP-2 reason:Mine as well").await,
        "ADJ-1 of the other side waits for your countersignature. Countersign or decline it first: one adjustment at a time."
    );
    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-2 reason:This one too").await,
        "This is added to ADJ-1, which has 2 changes now. It waits for a signature of your side and for the vendor's countersignature."
    );
    let stale =
        "This has changed since the card was shown. Read the card again and decide on what it says now.";
    for label in ["Countersign", "Decline…"] {
        assert_eq!(vera.forges_press(&first, &id_of(&first, label)).await, stale);
    }
    assert_eq!(pat.forges_press(&first, &id_of(&first, "Withdraw")).await, stale);
    let nothing = "I can't find that here. Pick it from the list that the option offers.";
    let id = w.word("SELECT id FROM adjustment").await;
    assert_eq!(vera.forges_press(&first, &format!("adjustment-adopt:{id}:2")).await, nothing);
    assert_eq!(olga.forges_press(&first, "adjustment-countersign:0000:2").await, nothing);
    let now = w.card(ACME, "ADJ-1 ·");
    assert_eq!(now.id, first.id);
    has(&now.text(), "⬜ Acme: not signed");
    assert_eq!(
        vera.presses(&now, "Countersign", &[]).await,
        "Signed. ADJ-1 waits for the partner's signature.",
        "the signature of before counts for what was read then"
    );
    let now = w.card(ACME, "ADJ-1 ·");
    assert_eq!(labels(&now), ["Sign", "Decline…", "Withdraw", "Read in full"]);
    assert_eq!(
        olga.presses(&now, "Sign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. 19 tasks are closed."
    );
    assert_eq!(
        (state_of(w, 1).await, state_of(w, 2).await),
        ("cancelled".to_owned(), "cancelled".to_owned())
    );
}

async fn nobody_countersigns_what_they_filed_for_the_other_side(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign cancel campaign:CMP-1 reason:Too early").await;
    let card = w.card(ACME, "ADJ-1 ·");
    // Vera changes companies.
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4005]);
    assert_eq!(
        vera.presses(&card, "Countersign", &[]).await,
        "Nobody signs for both sides. Somebody else of your side has to sign."
    );
    assert_eq!(revisions(w).await, 1);
    assert_eq!(
        olga.presses(&card, "Countersign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. 11 tasks are closed."
    );
}

async fn only_who_may_sign_countersigns(w: &mut World) {
    let [vera, pat, amir, gil] = [Who::Vera, Who::Pat, Who::Amir, Who::Gil].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign cancel campaign:CMP-1 reason:Too early").await;
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(
        pat.presses(&card, "Countersign", &[]).await,
        "You may not do this: it needs \"sign plans\". People with <@&4005> can."
    );
    assert_eq!(
        amir.at(ACME).presses(&card, "Withdraw", &[]).await,
        "You may not do this: it needs \"manage plans\". People with <@&4001> can."
    );
    let nothing = "I can't find that here. Pick it from the list that the option offers.";
    assert_eq!(gil.forges_press(&card, &id_of(&card, "Countersign")).await, nothing);
    assert_eq!(revisions(w).await, 1);
}

async fn a_campaign_is_postponed_to_a_date_or_without_one(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-03 reason:The hall is taken").await;
    let card = w.card(ACME, "ADJ-1 ·");
    has(&card.text(), "Dates: 2026-02-10 to 2026-02-10 → 2026-03-03 to 2026-03-03");
    has(&card.text(), "The plan's targets and budget: Unchanged.");
    olga.presses(&card, "Sign", &[]).await;
    vera.presses(&card, "Countersign", &[]).await;
    assert_eq!(w.word("SELECT starts_on FROM campaign WHERE number = 1").await, "2026-03-03");
    assert_eq!(state_of(w, 1).await, "planned");

    vera.runs("/campaign postpone campaign:CMP-1 reason:Still no hall").await;
    let card = w.card(ACME, "ADJ-2 ·");
    has(&card.text(), "State: planned → postponed without a date");
    has(&card.text(), "Leads: 100 → 60");
    olga.presses(&card, "Countersign", &[]).await;
    assert_eq!(state_of(w, 1).await, "postponed");
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 3").await;
    has(&snapshot, "\"postponed\":true");
    // Without a date the clock leaves it alone.
    w.moves_to("2026-03-10T12:00:00Z").await;
    assert_eq!(state_of(w, 1).await, "postponed");
    for (line, refusal) in [
        ("reason:Again", "CMP-1 is postponed without a date already. Give it dates with the option start."),
        (
            "reason:Back start:2026-03-09",
            "2026-03-09 has passed: CMP-1 can't be set to it. Give a day from 2026-03-10 on.",
        ),
        (
            "reason:Back start:2026-04-02",
            "2026-04-02 to 2026-04-02 lies outside the plan's period. Dates must overlap 2026-01-01 to 2026-03-31.",
        ),
        (
            "reason:Back end:2026-03-20",
            "A new end needs a new start. Give the option start as well, or neither to postpone it without a date.",
        ),
    ] {
        assert_eq!(pat.runs(&format!("/campaign postpone campaign:CMP-1 {line}")).await, refusal);
    }
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-20 reason:A hall at last").await;
    let card = w.card(ACME, "ADJ-3 ·");
    olga.presses(&card, "Sign", &[]).await;
    // It is not countersigned before the day has passed.
    w.moves_to("2026-03-21T12:00:00Z").await;
    assert_eq!(
        vera.presses(&card, "Countersign", &[]).await,
        "2026-03-20 has passed: CMP-1 can't be set to it. Give a day from 2026-03-21 on."
    );
    assert_eq!(revisions(w).await, 3);
}

async fn what_has_started_is_not_postponed(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    w.moves_to("2026-01-06T12:00:00Z").await;
    assert_eq!(state_of(w, 2).await, "running");
    let before = w.state().await;
    for line in ["", " start:2026-02-01"] {
        assert_eq!(
            pat.runs(&format!("/campaign postpone campaign:CMP-2 reason:Later{line}")).await,
            "CMP-2 has started and can't be postponed. Cut it short with /campaign edit, or end it with /campaign stop or /campaign cancel."
        );
    }
    assert_eq!(w.state().await, before, "nothing was filed, and no number was given");
}

async fn a_campaign_is_added_by_adjustment(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    let add = "/campaign add name:Booth type:Trade show start:2026-03-03 leads:10 pipeline:50k";
    assert_eq!(
        pat.runs(add).await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    assert_eq!(
        pat.runs(&format!("{} reason:Late", add.replace("2026-03-03", "2026-01-04"))).await,
        "2026-01-04 has passed: CMP-3 can't be set to it. Give a day from 2026-01-05 on."
    );
    pat.runs(&format!("{add} reason:The fair has room")).await;
    let card = w.card(ACME, "ADJ-1 ·");
    has(
        &card.text(),
        "CMP-3 · Booth: **Added**\nTrade show, 2026-03-03 to 2026-03-03\n10 leads · EUR 50,000.00 pipeline · no budget line",
    );
    has(&card.text(), "Leads: 100 → 110\nPipeline: EUR 200,000.00 → EUR 250,000.00");
    assert_eq!(w.number("SELECT COUNT(*) FROM campaign").await, 2, "it is not there yet");
    olga.presses(&card, "Sign", &[]).await;
    vera.presses(&card, "Countersign", &[]).await;
    assert_eq!(state_of(w, 3).await, "planned");
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    has(&snapshot, "\"campaign\":\"CMP-3\"");
    has(&w.card(ACME, "PLN-1").text(), "`CMP-3` Booth");
}

async fn a_stopped_campaign_takes_no_requests_until_it_is_resumed(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    assert_eq!(
        vera.runs("/campaign stop campaign:CMP-1 reason:The *claim* is wrong").await,
        "CMP-1 is stopped. It takes no requests and no claims, nobody is reminded of it and nothing of it runs out until the \
         other side countersigns, which cancels it, or your side says /campaign resume."
    );
    let card = w.card(ACME, "CMP-1 ·");
    assert_eq!(title(&card), "CMP-1 · Spring webinar · stopped");
    assert_eq!(labels(&card), ["Countersign", "Resume"]);
    has(&card.text(), "The vendor stopped it (<@2001>): The \\*claim\\* is wrong");
    has(&card.text(), "Signed for that side by <@2001>.");
    has(&w.card(ACME, "PLN-1").text(), "2026-02-10 to 2026-02-10 · stopped");
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await,
        "CMP-1 is stopped by the vendor and takes no requests. They may be filed once it runs again."
    );
    assert_eq!(
        olga.runs("/campaign stop campaign:CMP-1 reason:Us too").await,
        "CMP-1 is stopped by the vendor already. The other side countersigns, or the side that stopped it resumes it."
    );
    let other =
        "The vendor stopped CMP-1: only that side can resume it. Countersign it if you agree that it ends.";
    assert_eq!(olga.runs("/campaign resume campaign:CMP-1").await, other);
    assert_eq!(olga.presses(&card, "Resume", &[]).await, other);
    assert_eq!(vera.presses(&card, "Resume", &[]).await, "CMP-1 is no longer stopped.");
    let over = w.card(ACME, "CMP-1 ·");
    assert_eq!((title(&over).as_str(), over.id), ("CMP-1 · Spring webinar · no longer stopped", card.id));
    assert_eq!(
        olga.forges_press(&over, &id_of(&card, "Countersign")).await,
        "CMP-1 is not stopped, so there is nothing to decide."
    );
    has(
        &pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await,
        "MDF-1 is submitted",
    );
    assert_eq!(vera.runs("/campaign resume campaign:CMP-1").await, "CMP-1 is not stopped.");
    // A second stop has a card of its own; the first one's buttons are stale.
    w.moves_to("2026-01-05T10:00:00Z").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Again").await;
    assert_eq!(
        olga.forges_press(&over, &id_of(&card, "Countersign")).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    assert_eq!(revisions(w).await, 1);
}

async fn what_was_filed_before_another_revision_is_superseded(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign postpone campaign:CMP-1 reason:No hall").await;
    let card = w.card(ACME, "ADJ-1 ·");
    pat.runs("/campaign stop campaign:CMP-2 reason:Wrong words").await;
    olga.presses(&w.card(ACME, "CMP-2 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "CMP-2 ·"), "Countersign", &[]).await;
    let over = w.card(ACME, "ADJ-1 ·");
    assert_eq!(title(&over), "ADJ-1 · PLN-1 · superseded");
    assert_eq!(
        vera.forges_press(&over, &id_of(&card, "Countersign")).await,
        "ADJ-1 is superseded, so there is nothing to decide."
    );
    assert_eq!((revisions(w).await, state_of(w, 1).await), (2, "planned".to_owned()));
}

async fn a_plan_is_cancelled_as_a_whole(w: &mut World) {
    let [vera, pat, olga, amir] = [Who::Vera, Who::Pat, Who::Olga, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    vera.runs("/plan cancel reason:The program ends").await;
    let card = w.card(ACME, "ADJ-1 ·");
    has(&card.text(), "**It cancels PLN-1 as a whole.**");
    has(&card.text(), "• cancel PLN-1: The program ends (<@2001>)");
    w.moves_to("2026-02-16T11:00:00Z").await;
    assert_eq!(
        olga.presses(&card, "Countersign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. PLN-1 is cancelled. MDF-1 is cancelled and EUR 9,000.00 released. 19 tasks are closed."
    );
    let shown = w.card(ACME, "PLN-1");
    assert_eq!(title(&shown), "PLN-1 · 2026-01-01 to 2026-03-31 · cancelled");
    has(&shown.text(), "Cancelled: The program ends");
    assert_eq!(
        (state_of(w, 1).await, state_of(w, 2).await),
        ("cancelled".to_owned(), "cancelled".to_owned())
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00");
    let reports = w.reports(ACME).len();
    w.moves_to("2026-06-30T11:00:00Z").await;
    assert_eq!(w.reports(ACME).len(), reports, "nothing is due for it any more");
    assert_eq!(
        pat.runs("/plan cancel plan:PLN-1 reason:Again").await,
        "PLN-1 is cancelled and can't be cancelled."
    );
    has(&pat.runs("/report variance plan:PLN-1").await, "cancelled from 2026-02-16");
}

async fn a_draft_is_changed_in_place(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(WEBINAR).await;
    assert_eq!(
        pat.runs("/campaign stop campaign:CMP-1 reason:Wait").await,
        "CMP-1 is in a plan that is not in force: there is nothing to stop. Change it with /campaign edit, or take it out with /campaign cancel."
    );
    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-1 reason:A slip confirm:CMP-1").await,
        "CMP-1 is cancelled. 11 tasks are closed."
    );
    assert_eq!(pat.runs("/plan propose").await, "PLN-1 has no campaign yet. Add one with /campaign add.");
    assert_eq!(pat.runs("/campaign cancel campaign:CMP-1 reason:Again").await, "CMP-1 is cancelled.");
    pat.runs(SEARCH).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    assert!(!card.text().contains("CMP-1"), "{}", card.text());
    vera.presses(&card, "Sign", &[]).await;
    assert_eq!(
        pat.runs("/campaign postpone campaign:CMP-2 start:2026-02-01 reason:Later").await,
        "CMP-2 is postponed to 2026-02-01 until 2026-04-27. The plan is a draft; propose it anew with /plan propose."
    );
    assert_eq!(
        pat.runs("/campaign postpone campaign:CMP-2 reason:Later still").await,
        "CMP-2 is postponed without a date. The plan is a draft; propose it anew with /plan propose."
    );
    pat.runs("/plan propose").await;
    let again = w.card(ACME, "PLN-1");
    has(&again.text(), "postponed, no date");
    vera.presses(&again, "Sign", &[]).await;
    olga.presses(&again, "Sign", &[]).await;
    let snapshot = w.word("SELECT snapshot FROM plan_revision").await;
    assert!(!snapshot.contains("CMP-1") && snapshot.contains("\"postponed\":true"), "{snapshot}");
    assert_eq!(
        (state_of(w, 1).await, state_of(w, 2).await),
        ("cancelled".to_owned(), "postponed".to_owned())
    );
}

async fn a_draft_is_cancelled_only_when_confirmed(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(WEBINAR).await;
    pat.runs("/plan propose").await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(
        pat.runs("/plan cancel reason:No budget").await,
        "Nothing is cancelled yet: PLN-1 would end for good. Say it again with the option confirm:PLN-1."
    );
    assert_eq!(
        pat.runs("/plan cancel reason:No budget confirm:pln-1").await,
        "PLN-1 is cancelled. MDF-1 is cancelled. 11 tasks are closed."
    );
    let over = w.card(ACME, "PLN-1");
    assert_eq!(title(&over), "PLN-1 · 2026-01-01 to 2026-03-31 · cancelled");
    assert_eq!(labels(&over), ["Campaigns"], "it can still be looked at");
    has(&over.text(), "Cancelled: No budget");
    assert_eq!(title(&w.card(APPROVALS, "ACME/MDF-1")), "ACME/MDF-1 · cancelled");
    assert_eq!(
        vera.forges_press(&over, &id_of(&card, "Sign")).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
}
