//! What the program's own rules do to requests: when it approves by itself, when a chain changes under what waits, which kind
//! of fund pays which share, and a cap in another currency.

use crate::chains::{ANY_TWO, declares};
use crate::harness::{World, stories};
use crate::mdf_life::agreed;
use discord_local::Message;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    what_people_have_returned_people_decide,
    what_people_have_declined_is_not_approved_by_rule,
    each_kind_of_fund_is_carried_by_its_own_shares,
    an_archived_fund_takes_no_draft,
    a_share_is_kept_for_what_requests_hold_of_its_kind,
    a_chain_made_shorter_ends_with_one_more_person,
    a_shorter_chain_asks_for_its_own_role,
    a_chain_made_longer_asks_for_more,
    a_claim_goes_on_under_a_shorter_chain,
    a_cap_in_another_currency_holds_at_the_days_rate,
    what_is_approved_after_the_campaigns_window_can_be_claimed,
);

const BY_RULE: &str = "auto_approve_under = \"500\"";
const WAITS: &str = "The vendor decides.";

async fn asks(w: &World, fund: &str, figures: &str) -> String {
    let line = format!("/mdf request campaign:CMP-1 {figures} purpose:Speaker fund:{fund}");
    w.person(Who::Pat).runs(&line).await
}

async fn approves(w: &World, who: Who, card: &Message) -> String {
    w.person(who).at(APPROVALS).presses(card, "Approve", &[]).await
}

async fn what_people_have_returned_people_decide(w: &mut World) {
    agreed(w).await;
    asks(w, "acme-q1", "cost:600 amount:300").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    w.person(Who::Amir).presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
    declares(w, BY_RULE, ANY_TWO).await;
    let again = asks(w, "acme-q1", "cost:600 amount:300 resubmit:MDF-1").await;
    assert!(again.contains(WAITS), "{again}");
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "submitted");
}

async fn what_people_have_declined_is_not_approved_by_rule(w: &mut World) {
    agreed(w).await;
    asks(w, "acme-q1", "cost:600 amount:300").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    w.person(Who::Amir).presses(&card, "Decline…", &[("reason", "No speaker")]).await;
    declares(w, BY_RULE, ANY_TWO).await;
    assert_eq!(
        asks(w, "acme-q1", "cost:600 amount:300").await,
        "MDF-2 is submitted: cost EUR 600.00 · MDF EUR 300.00 (50 %). The vendor decides.\n\
         ⚠ Similar to MDF-1 for CMP-1: EUR 300.00, declined."
    );
    let card = w.card(APPROVALS, "ACME/MDF-2 · submitted").text();
    assert!(card.contains("Similar to MDF-1 for CMP-1: EUR 300.00, declined."), "{card}");
}

/// A co-op fund of Acme's, with EUR 5,000.00.
async fn co_op(w: &World) {
    let finn = w.person(Who::Finn);
    finn.runs("/fund create key:coop name:Co-op kind:co_op partner:acme valid-from:2026-01-01 valid-until:2026-06-30 amount:5k")
        .await;
    assert!(w.fund("coop").await.starts_with("available EUR 5,000.00"));
}

async fn each_kind_of_fund_is_carried_by_its_own_shares(w: &mut World) {
    declares(w, BY_RULE, ANY_TWO).await;
    co_op(w).await;
    agreed(w).await;
    let answer = asks(w, "coop", "cost:600 amount:300").await;
    assert!(answer.contains(WAITS), "the plan has MDF shares alone: {answer}");
    let shown = w.person(Who::Pat).runs("/plan check").await;
    let mail = "/campaign show campaign:CMP-1";
    let sheet = w.person(Who::Pat).runs(mail).await;
    assert!(sheet.contains("⬜ MDF request filed"), "a co-op request is none: {sheet}\n{shown}");
}

async fn an_archived_fund_takes_no_draft(w: &mut World) {
    agreed(w).await;
    let draft = asks(w, "acme-q1", "cost:600 amount:300 draft:True").await;
    assert!(draft.starts_with("MDF-1 is a draft"), "{draft}");
    w.sql("UPDATE fund SET archived_at = 1 WHERE key = 'acme-q1'").await.unwrap();
    assert_eq!(
        w.person(Who::Pat).runs("/mdf submit request:MDF-1").await,
        "Acme Q1 MDF is archived: nothing more can be committed from it. \
         Withdraw this request and file a new one with another fund."
    );
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "draft");
}

async fn a_share_is_kept_for_what_requests_hold_of_its_kind(w: &mut World) {
    co_op(w).await;
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/campaign budget campaign:CMP-1 what:Speaker planned:20k mdf:50% co-op:20%").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    asks(w, "coop", "cost:8k amount:4k").await;
    let answer = approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 4,000.00 of Co-op is committed.");
    let cut = async |shares: &str| {
        pat.runs(&format!("/campaign budget campaign:CMP-1 line:Speaker planned:20k {shares} reason:Less"))
            .await
    };
    assert_eq!(
        cut("mdf:50% co-op:3,999.99").await,
        "Approved requests of CMP-1 hold EUR 4,000.00: its co-op share can't go below that. \
         Committed money moves only through its requests: have them changed first."
    );
    // Nothing is asked of MDF, so its share may go.
    let answer = cut("mdf:0 co-op:4k").await;
    assert!(answer.contains("this is filed as ADJ-1."), "{answer}");
}

/// A request over EUR 9,000 of which Amir has taken the first of two steps.
async fn one_of_two(w: &World) -> Message {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    asks(w, "acme-q1", "cost:18k amount:9k").await;
    let answer = approves(w, Who::Amir, &w.card(APPROVALS, "ACME/MDF-1")).await;
    assert!(answer.ends_with("step 1 of 2. Waiting for another approver."), "{answer}");
    w.card(APPROVALS, "ACME/MDF-1")
}

async fn a_chain_made_shorter_ends_with_one_more_person(w: &mut World) {
    let card = one_of_two(w).await;
    declares(w, "", &ANY_TWO.replace("[\"any\", \"any\"]", "[\"any\"]")).await;
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "You have taken a step of this decision already. Somebody else has to take the next."
    );
    let shown = w.person(Who::Amir).runs("/mdf show request:ACME/MDF-1").await;
    assert!(shown.contains("1. ☑ <@2002>\n2. ⬜ one more: the chain was made shorter meanwhile"), "{shown}");
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed."
    );
}

async fn a_shorter_chain_asks_for_its_own_role(w: &mut World) {
    let card = one_of_two(w).await;
    // Who has taken the first step has not the role that the only step of today asks for.
    declares(w, "", &ANY_TWO.replace("[\"any\", \"any\"]", "[\"4001\"]")).await;
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "Step 2 of 2 is for <@&4001>. Somebody with that role has to take it."
    );
    w.discord.set_roles(tandem::playground::seed::GUILD, Who::Vera.id(), &[4001, 4002]);
    assert_eq!(
        approves(w, Who::Vera, &card).await,
        "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed."
    );
}

async fn a_chain_made_longer_asks_for_more(w: &mut World) {
    let card = one_of_two(w).await;
    declares(w, "", &ANY_TWO.replace("[\"any\", \"any\"]", "[\"any\", \"any\", \"4003\"]")).await;
    w.discord.set_roles(tandem::playground::seed::GUILD, Who::Vera.id(), &[4001, 4002]);
    assert_eq!(
        approves(w, Who::Vera, &card).await,
        "MDF-1: EUR 9,000.00 approved, step 2 of 3. Waiting for <@&4003>."
    );
    assert_eq!(
        approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await,
        "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed."
    );
}

async fn a_claim_goes_on_under_a_shorter_chain(w: &mut World) {
    let card = one_of_two(w).await;
    approves(w, Who::Finn, &card).await;
    w.moves_to("2026-02-16T08:00:00Z").await;
    let pat = w.person(Who::Pat);
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:Stage invoice:I-1 date:2026-02-11 net:6k").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    approves(w, Who::Amir, &w.card(APPROVALS, "ACME/CLM-1")).await;
    assert!(!w.card(ACME, "CLM-1 · in review").text().contains("<@2002>"), "the steps are the vendor's own");
    declares(w, "", &ANY_TWO.replace("[\"any\", \"any\"]", "[\"any\"]")).await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "You have taken a step of this decision already. Somebody else has to take the next."
    );
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "CLM-1 is approved. EUR 3,000.00 of Acme Q1 MDF will be paid."
    );
}

/// The cap is EUR 1,000, the fund is in dollars.
async fn a_cap_in_another_currency_holds_at_the_days_rate(w: &mut World) {
    let finn = w.person(Who::Finn);
    let cap = format!("{ANY_TWO}cap = \"1000\"\n");
    declares(w, BY_RULE, &cap).await;
    agreed(w).await;
    finn.runs("/fund create key:usd name:Dollars kind:mdf currency:USD partner:acme valid-from:2026-01-01 valid-until:2026-06-30 amount:50k")
        .await;
    let warned =
        "⚠ One request gets EUR 1,000.00 at most, and there is no rate of EUR in USD to hold it to that.";
    let answer = asks(w, "usd", "cost:40k amount:20k").await;
    assert!(answer.ends_with(&format!("The vendor decides.\n{warned}")), "{answer}");
    for (channel, name) in [(APPROVALS, "ACME/MDF-1"), (ACME, "MDF-1 ·")] {
        let card = w.card(channel, name).text();
        assert!(card.contains(warned), "{card}");
    }
    finn.runs("/fund rate currency:EUR into:USD rate:1.25 day:2026-01-02").await;
    assert_eq!(
        asks(w, "usd", "cost:40k amount:1,250.01").await,
        "USD 1,250.01 is more than this activity gets: one request gets USD 1,250.00 at most. Ask for at most USD 1,250.00."
    );
    let answer = asks(w, "usd", "cost:40k amount:1,250").await;
    assert!(answer.starts_with("MDF-2 is submitted:") && !answer.contains(warned), "{answer}");
}

async fn what_is_approved_after_the_campaigns_window_can_be_claimed(w: &mut World) {
    agreed(w).await;
    asks(w, "acme-q1", "cost:600 amount:300").await;
    // 60 days after the webinar of 10 February are over on 11 April.
    w.moves_to("2026-04-20T08:00:00Z").await;
    let answer = approves(w, Who::Amir, &w.card(APPROVALS, "ACME/MDF-1")).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 300.00 of Acme Q1 MDF is committed.");
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-06-19");
    w.moves_to("2026-04-22T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "approved");
    let started = w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    assert!(started.contains("CLM-1"), "{started}");
}
