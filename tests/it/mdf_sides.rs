//! Whose a request is: drafts stay with their side and keep their authors, only its own side takes it back, an amendment is
//! marked as a request is, and the partner reads nothing of the vendor's own steps.

use crate::chains::{ANY_TWO, declares};
use crate::harness::{World, stories};
use crate::mdf_life::{agreed, approved};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_draft_is_found_by_its_own_side_alone,
    whoever_drafts_a_request_does_not_decide_it,
    only_its_own_side_takes_a_request_back,
    an_amendment_of_the_vendor_is_on_behalf_of_the_partner,
    nobody_decides_an_amendment_that_they_had_a_hand_in,
    an_amendment_that_waits_is_pending,
    an_amendment_to_less_is_approved_after_the_fund_has_ended,
    an_amendment_asks_for_the_share_of_the_request,
    the_partner_reads_nothing_of_the_vendors_steps,
    eligible_costs_are_on_the_cards,
);

const NOT_FOUND: &str = "I can't find that here. Pick it from the list that the option offers.";
const OWN: &str = "You filed this request. Somebody else has to decide it.";

/// Vera may approve requests too.
fn vera_approves(w: &World) {
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001, 4002]);
}

async fn a_draft_is_found_by_its_own_side_alone(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    let line = "/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Speaker fund:acme-q1 draft:True";
    pat.runs(line).await;
    vera.runs(line).await;
    for (who, foreign) in [(vera, "MDF-1"), (pat, "MDF-2")] {
        for command in ["show", "submit", "withdraw", "close"] {
            assert_eq!(
                who.runs(&format!("/mdf {command} request:{foreign}")).await,
                NOT_FOUND,
                "{command} {foreign}"
            );
        }
        let amend = format!("/mdf amend request:{foreign} amount:1k reason:Less");
        assert_eq!(who.runs(&amend).await, NOT_FOUND);
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request WHERE state = 'draft'").await, 2);
    assert!(vera.runs("/mdf submit request:MDF-2").await.starts_with("MDF-2 is submitted:"));
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request WHERE on_behalf_of IS NOT NULL").await, 1);
    assert_eq!(pat.runs("/mdf withdraw request:MDF-1").await, "MDF-1 is withdrawn.");
}

async fn whoever_drafts_a_request_does_not_decide_it(w: &mut World) {
    let [vera, amir, finn] = [Who::Vera, Who::Amir, Who::Finn].map(|who| w.person(who));
    agreed(w).await;
    vera_approves(w);
    w.discord.set_roles(GUILD, Who::Amir.id(), &[4001, 4002]);
    vera.runs("/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Speaker fund:acme-q1 draft:True").await;
    let answer = amir.at(ACME).runs("/mdf submit request:MDF-1").await;
    assert!(answer.starts_with("MDF-1 is submitted:"), "{answer}");
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().contains("Filed by: <@2002>\non behalf of Acme"), "{}", card.text());
    assert_eq!(vera.at(APPROVALS).presses(&card, "Approve", &[]).await, OWN, "she wrote it");
    assert_eq!(amir.presses(&card, "Approve", &[]).await, OWN, "he filed it");
    let answer = finn.at(APPROVALS).presses(&card, "Approve", &[]).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 2,000.00 of Acme Q1 MDF is committed.");
}

async fn only_its_own_side_takes_a_request_back(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    let line = "/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Speaker fund:acme-q1";
    pat.runs(line).await;
    assert_eq!(
        vera.runs("/mdf withdraw request:MDF-1").await,
        "MDF-1 was filed by the partner: only its own side withdraws it. Return or decline it with the buttons on its card."
    );
    let card = w.card(APPROVALS, "ACME/MDF-1 · submitted");
    w.person(Who::Amir).presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
    assert_eq!(
        vera.runs("/mdf withdraw request:MDF-1").await,
        "MDF-1 was filed by the partner: only its own side withdraws it."
    );
    assert_eq!(pat.runs("/mdf withdraw request:MDF-1").await, "MDF-1 is withdrawn.");
    // What the vendor filed on the partner's behalf is both's.
    vera.runs(line).await;
    assert_eq!(vera.runs("/mdf withdraw request:MDF-2").await, "MDF-2 is withdrawn.");
    vera.runs(line).await;
    assert_eq!(pat.runs("/mdf withdraw request:MDF-3").await, "MDF-3 is withdrawn.");
    approved_again(w).await;
    pat.runs("/mdf amend request:MDF-4 cost:20k amount:10k reason:A second speaker").await;
    assert_eq!(
        vera.runs("/mdf withdraw request:MDF-4").await,
        "The amendment of MDF-4 was filed by the partner: only its own side withdraws it. \
         Return or decline it with the buttons on its card."
    );
}

/// One more request over EUR 9,000, approved.
async fn approved_again(w: &World) {
    let line = "/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1";
    w.person(Who::Pat).runs(line).await;
    let answer = w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-4"), "Approve", &[]).await;
    assert!(answer.starts_with("MDF-4 is approved."), "{answer}");
}

async fn an_amendment_of_the_vendor_is_on_behalf_of_the_partner(w: &mut World) {
    let [vera, amir] = [Who::Vera, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    vera.runs("/mdf amend request:MDF-1 cost:16k amount:8k reason:A smaller room").await;
    for (channel, name) in [(APPROVALS, "ACME/MDF-1"), (ACME, "MDF-1 ·")] {
        let card = w.card(channel, name).text();
        assert!(card.contains("Asked by <@2001>\non behalf of Acme"), "{card}");
    }
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    let card = w.card(ACME, "MDF-1 · approved").text();
    assert!(card.contains("Filed by: <@2001>\non behalf of Acme"), "{card}");
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request WHERE on_behalf_of = partner_id").await, 1);
}

async fn nobody_decides_an_amendment_that_they_had_a_hand_in(w: &mut World) {
    let [vera, pat, amir] = [Who::Vera, Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    vera_approves(w);
    let approver = vera.at(APPROVALS);
    vera.runs("/mdf amend request:MDF-1 cost:16k amount:8k reason:A smaller room").await;
    // Another one takes its place: that doesn't take her out of it.
    pat.runs("/mdf amend request:MDF-1 cost:14k amount:7k reason:A still smaller room").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(approver.presses(&card, "Approve", &[]).await, OWN);
    let id = card.button("Decline…").unwrap().custom_id.unwrap();
    assert_eq!(approver.forges_form(&id, &[("reason", "x")]).await, OWN);
    w.moves_to("2026-01-06T09:00:00Z").await;
    amir.presses(&card, "Decline…", &[("reason", "As it is.")]).await;
    // Nor does she decide what others ask of it after that.
    w.moves_to("2026-01-07T09:00:00Z").await;
    pat.runs("/mdf amend request:MDF-1 cost:14k amount:7k reason:Please").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(approver.presses(&card, "Approve", &[]).await, OWN);
    let answer = amir.presses(&card, "Approve", &[]).await;
    assert_eq!(answer, "The amendment of MDF-1 is approved. It is now EUR 7,000.00.");
}

async fn an_amendment_that_waits_is_pending(w: &mut World) {
    let pat = w.person(Who::Pat);
    approved(w).await;
    for (figures, pending) in [
        ("cost:20k amount:10k", "1,000.00"),
        ("cost:40k amount:20k", "11,000.00"),
        ("cost:10k amount:5k", "0.00"),
    ] {
        pat.runs(&format!("/mdf amend request:MDF-1 {figures} reason:Another room")).await;
        assert_eq!(
            w.fund("acme-q1").await,
            format!("available EUR 21,000.00 · pending EUR {pending} · committed EUR 9,000.00")
        );
    }
    // Of what waits, its own place-taker is no competitor: 9,000 + 21,000 is all that there is.
    pat.runs("/mdf amend request:MDF-1 cost:60k amount:30k reason:All of it").await;
    pat.runs("/mdf amend request:MDF-1 cost:60k amount:29k reason:Nearly").await;
    assert!(!w.card(APPROVALS, "ACME/MDF-1").text().contains("More than the fund has"));
}

async fn an_amendment_to_less_is_approved_after_the_fund_has_ended(w: &mut World) {
    let window = "\n[[program.activity]]\ntype = \"webinar\"\nclaim_window_days = 200\n";
    declares(w, "", window).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    w.moves_to("2026-07-02T09:00:00Z").await;
    pat.runs("/mdf amend request:MDF-1 cost:20k amount:9,500 reason:More").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert!(
        answer.starts_with("The fund ended on 2026-06-30: nothing more can be committed from it."),
        "{answer}"
    );
    pat.runs("/mdf amend request:MDF-1 cost:10k amount:5k reason:Less").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "The amendment of MDF-1 is approved. It is now EUR 5,000.00.");
    let held = w.fund("acme-q1").await;
    assert!(held.ends_with("committed EUR 5,000.00"), "{held}");
}

async fn an_amendment_asks_for_the_share_of_the_request(w: &mut World) {
    let pat = w.person(Who::Pat);
    approved(w).await;
    declares(w, "", "\n[[program.activity]]\ntype = \"webinar\"\nshare_percent = \"25\"\n").await;
    assert_eq!(
        pat.runs("/mdf amend request:MDF-1 cost:20k amount:10k reason:A second speaker").await,
        "An amendment of MDF-1 is submitted: MDF EUR 9,000.00 → EUR 10,000.00. Until the vendor decides, what was approved stays."
    );
    assert_eq!(
        pat.runs("/mdf amend request:MDF-1 cost:20k amount:10,000.01 reason:More").await,
        "EUR 10,000.01 is more than this activity gets: 50 % of the cost is EUR 10,000.00. Ask for at most EUR 10,000.00."
    );
    assert_eq!(w.word("SELECT share_percent FROM mdf_request").await, "50", "that is what its claims pay");
}

async fn the_partner_reads_nothing_of_the_vendors_steps(w: &mut World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    w.person(Who::Pat)
        .runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1")
        .await;
    let amir = w.person(Who::Amir);
    amir.presses(
        &w.card(APPROVALS, "ACME/MDF-1"),
        "Approve less…",
        &[("amount", "6k"), ("reason", "Less room")],
    )
    .await;
    let card = w.card(APPROVALS, "ACME/MDF-1 · in review").text();
    assert!(
        card.contains("1. ☑ <@2002>\n2. ⬜ an approver") && card.contains("To approve: EUR 6,000.00"),
        "{card}"
    );
    let shared = w.card(ACME, "MDF-1 · in review").text();
    let shown = w.person(Who::Pat).runs("/mdf show request:MDF-1").await;
    let fund = w.person(Who::Pat).runs("/fund show").await;
    assert!(fund.contains("9,000.00"), "what is asked is pending: {fund}");
    for read in [shared, shown, fund, w.seen_by(Who::Pat)] {
        for hidden in ["<@2002>", "an approver", " 6,000.00"] {
            assert!(!read.contains(hidden), "{hidden}: {read}");
        }
    }
}

async fn eligible_costs_are_on_the_cards(w: &mut World) {
    let rule =
        "\n[[program.activity]]\ntype = \"webinar\"\neligible = [\"speaker fees\", \"webinar platform\"]\n";
    declares(w, "", rule).await;
    agreed(w).await;
    let pat = w.person(Who::Pat);
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1 draft:True").await;
    let said = "Eligible costs: speaker fees, webinar platform";
    let shown = pat.runs("/mdf show request:MDF-1").await;
    assert!(shown.contains(said), "before it is filed: {shown}");
    pat.runs("/mdf submit request:MDF-1").await;
    for (channel, name) in [(APPROVALS, "ACME/MDF-1"), (ACME, "MDF-1 ·")] {
        assert!(w.card(channel, name).text().contains(said), "{name}");
    }
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    w.moves_to("2026-02-12T10:00:00Z").await;
    pat.runs("/claim new request:MDF-1").await;
    let shown = pat.runs("/claim show claim:CLM-1").await;
    assert!(shown.contains(said), "where invoices are collected: {shown}");
}
