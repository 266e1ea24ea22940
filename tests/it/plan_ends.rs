//! What ends with a plan that is declined, expires or closes, and what stands still while a campaign is stopped.

use crate::acknowledge::both_acknowledge;
use crate::claim_stories::{filed, over};
use crate::clocks::said;
use crate::harness::{World, stories};
use crate::mdf_life::approved;
use tandem::inbound::cron::next_due;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_declined_plan_leaves_nothing_open,
    an_expired_plan_leaves_nothing_open,
    an_executed_campaign_closes_once_its_results_are_in,
    a_request_keeps_a_campaign_open_until_its_plan_closes,
    what_is_owed_on_a_claim_holds_its_campaign_and_its_plan_open,
    a_claim_that_nobody_filed_holds_its_plan_open_until_it_is_withdrawn,
    a_stopped_campaign_stands_still,
    what_has_no_date_closes_with_its_plan,
);

const ADD: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";

/// A proposed plan with a request that waits, one that was returned, tasks and a promise.
async fn proposed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(ADD).await;
    pat.runs("/promise make what:200 prospects due:2026-03-20").await;
    pat.runs("/plan propose").await;
    for _ in 0..2 {
        pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await;
    }
    let returned = w.card(APPROVALS, "ACME/MDF-2");
    w.person(Who::Amir).presses(&returned, "Return…", &[("reason", "Say who speaks")]).await;
    assert!(w.fund("acme-q1").await.contains("pending EUR 1,000.00"), "{}", w.fund("acme-q1").await);
}

async fn signed(w: &World) {
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// Nothing of the plan is open, and whoever ended it has a line for each.
async fn nothing_is_open(w: &World, actor: &str) {
    assert!(w.fund("acme-q1").await.contains("pending EUR 0.00"), "{}", w.fund("acme-q1").await);
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request WHERE state <> 'cancelled'").await, 0);
    assert_eq!(w.number("SELECT COUNT(*) FROM task WHERE state <> 'closed'").await, 0);
    assert_eq!(w.number("SELECT COUNT(*) FROM promise WHERE state <> 'withdrawn'").await, 0);
    for (code, count) in [("request_cancelled", 2), ("task_closed", 11), ("promise_withdrawn", 1)] {
        let sql = format!("SELECT COUNT(*) FROM audit WHERE code = '{code}' AND actor = '{actor}'");
        assert_eq!(w.number(&sql).await, count, "{code}");
    }
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().starts_with("ACME/MDF-1 · cancelled"), "{}", card.text());
    assert!(card.button("Approve").is_none(), "nothing is left to press");
}

async fn a_declined_plan_leaves_nothing_open(w: &mut World) {
    proposed(w).await;
    let card = w.card(ACME, "PLN-1");
    let hash = card.text().split("SHA-256 ").nth(1).unwrap()[..64].to_owned();
    let said = w.person(Who::Olga).presses(&card, "Decline…", &[("reason", "No budget this year")]).await;
    let ended = "PLN-1 is declined. MDF-1 is cancelled. MDF-2 is cancelled. 11 tasks are closed. 1 promise is withdrawn.";
    assert_eq!(said, ended);
    assert!(w.card(ACME, "PLN-1 is declined").text().starts_with(ended), "both sides are told");
    nothing_is_open(w, "2005").await;
    let card = w.card(ACME, "PLN-1 ·").text();
    assert!(card.contains("Declined: No budget this year"), "{card}");
    assert!(card.contains(&hash), "the card keeps the hash of what was declined: {card}");
    assert_eq!(
        w.number("SELECT COUNT(*) FROM ledger_transfer WHERE move = 'release'").await,
        0,
        "nothing was held"
    );
}

async fn an_expired_plan_leaves_nothing_open(w: &mut World) {
    proposed(w).await;
    w.moves_to("2026-01-31T22:59:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "proposed");
    w.moves_to("2026-01-31T23:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "expired");
    let told = w.card(ACME, "PLN-1 2026-01-01 to 2026-03-31 has expired").text();
    assert!(
        told.contains("until 2026-01-31 to sign it. MDF-1 is cancelled. MDF-2 is cancelled. 11 tasks are closed. 1 promise is withdrawn. To go on"),
        "{told}"
    );
    nothing_is_open(w, "clock").await;
    let card = w.card(APPROVALS, "ACME/MDF-1").text();
    assert!(card.contains("Reason: PLN-1 has expired: it was not signed by 2026-01-31"), "{card}");
}

async fn an_executed_campaign_closes_once_its_results_are_in(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Early type:Email start:2026-01-10 leads:4 pipeline:1k").await;
    pat.runs("/campaign add name:Late type:Email start:2026-03-20 leads:4 pipeline:1k").await;
    pat.runs("/plan propose").await;
    signed(w).await;
    w.moves_to("2026-01-10T09:00:00Z").await;
    pat.runs("/campaign done campaign:CMP-1").await;
    // Leads from 11 to 24 January, pipeline 30 days later: to 23 February.
    w.moves_to("2026-02-23T22:59:00Z").await;
    let state =
        async |number: i64| w.word(&format!("SELECT state FROM campaign WHERE number = {number}")).await;
    assert_eq!(state(1).await, "executed");
    w.moves_to("2026-02-23T23:00:00Z").await;
    assert_eq!([state(1).await, state(2).await], ["closed", "planned"]);
    assert!(pat.runs("/plan history").await.contains("**CMP-1** closed · the clock"));
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1 name:x reason:x").await,
        "CMP-1 is closed and can't be edited."
    );
    // The other ends with the plan, if not before.
    w.moves_to("2026-07-01T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-07-01T09:01:00Z").await;
    assert_eq!([state(1).await, state(2).await], ["closed", "closed"]);
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
}

async fn a_request_keeps_a_campaign_open_until_its_plan_closes(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Early type:Email start:2026-01-10 leads:4 pipeline:1k budget:2k mdf:50%")
        .await;
    pat.runs("/plan propose").await;
    signed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Mailing fund:acme-q1").await;
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    w.moves_to("2026-01-10T09:00:00Z").await;
    pat.runs("/campaign done campaign:CMP-1").await;
    w.moves_to("2026-03-05T09:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM campaign").await, "executed", "its request may still be claimed");
    w.moves_to("2026-04-01T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-04-02T09:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
    assert_eq!(w.word("SELECT state FROM campaign").await, "closed");
}

async fn campaign_and_plan(w: &World) -> [String; 2] {
    [w.word("SELECT state FROM campaign").await, w.word("SELECT state FROM plan").await]
}

async fn what_is_owed_on_a_claim_holds_its_campaign_and_its_plan_open(w: &mut World) {
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    // Nothing more is to be claimed, so the request is over; what was claimed is still owed.
    pat.runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "closed");
    // Leads until 26 February, pipeline until 28 March.
    w.moves_to("2026-04-01T09:00:00Z").await;
    assert_eq!(
        campaign_and_plan(w).await,
        ["executed", "closing"],
        "its results are in, its money is not out"
    );
    both_acknowledge(w).await;
    w.moves_to("2026-04-02T09:00:00Z").await;
    assert_eq!(campaign_and_plan(w).await, ["executed", "closing"]);
    let finn = finn.at(ACME);
    finn.runs("/claim pay claim:CLM-1 amount:500 reference:SEPA-1").await;
    // Not even after the 180 days by which a plan closes.
    w.moves_to("2026-10-15T09:00:00Z").await;
    assert_eq!(campaign_and_plan(w).await, ["executed", "closing"], "EUR 1,500.00 is still owed");
    assert_eq!(next_due(&w.running.app).await.unwrap(), None, "the clock alone closes neither");
    finn.runs("/claim pay claim:CLM-1 reference:SEPA-2").await;
    assert_eq!(w.word("SELECT state FROM claim").await, "paid");
    w.moves_to("2026-10-15T09:01:00Z").await;
    assert_eq!(campaign_and_plan(w).await, ["closed", "closed"]);
    let closed =
        "SELECT COUNT(*) FROM audit WHERE code IN ('plan_closed', 'campaign_closed') AND actor = 'clock'";
    assert_eq!(w.number(closed).await, 2);
}

async fn a_claim_that_nobody_filed_holds_its_plan_open_until_it_is_withdrawn(w: &mut World) {
    let pat = w.person(Who::Pat);
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    w.moves_to("2026-04-01T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-04-02T09:00:00Z").await;
    assert_eq!(campaign_and_plan(w).await, ["executed", "closing"]);
    pat.runs("/claim withdraw claim:CLM-1").await;
    w.moves_to("2026-04-02T09:01:00Z").await;
    assert_eq!(campaign_and_plan(w).await, ["closed", "closed"]);
}

async fn a_stopped_campaign_stands_still(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(ADD).await;
    pat.runs("/promise make what:Bittern prospects due:2026-03-20 campaign:CMP-1").await;
    pat.runs("/plan propose").await;
    signed(w).await;
    vera.runs("/campaign stop campaign:CMP-1 reason:The claim is wrong").await;
    w.moves_to("2026-02-12T09:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM campaign").await, "planned", "it does not start");
    w.moves_to("2026-02-28T08:00:00Z").await;
    let told: Vec<String> =
        w.discord.person(Who::Vera.id()).messages(ACME).iter().map(|one| one.text()).collect();
    let about = |begin: &str| told.iter().any(|text| text.starts_with(begin));
    assert!(!about("🟡 CMP-1") && !about("CMP-1 · Spring webinar has ended"), "{told:#?}");
    let reminder = w.card(ACME, "Checkpoint tomorrow").text();
    assert!(!reminder.contains("CMP-1") && !reminder.contains("Bittern"), "{reminder}");
    assert_eq!(vera.runs("/campaign resume campaign:CMP-1").await, "CMP-1 is no longer stopped.");
    w.moves_to("2026-02-28T08:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM campaign").await, "executed", "it is what its dates say");
    w.moves_to("2026-03-31T08:00:00Z").await;
    assert!(w.card(ACME, "Checkpoint tomorrow").text().contains("Bittern"), "reminders are back");
}

/// A webinar is postponed without a date, and stays so until its plan is over: what is approved for it is not held for ever.
async fn what_has_no_date_closes_with_its_plan(w: &mut World) {
    let [pat, olga, vera] = [Who::Pat, Who::Olga, Who::Vera].map(|who| w.person(who));
    approved(w).await;
    pat.runs("/campaign postpone campaign:CMP-1 reason:No hall").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    w.moves_to("2026-07-01T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-07-01T09:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
    assert_eq!(w.word("SELECT state FROM campaign").await, "closed");
    let state = async || w.word("SELECT state || ' ' || claim_due FROM mdf_request").await;
    assert_eq!(state().await, "approved 2026-07-31");
    let told = said(w, ACME, "MDF-1 can be claimed until 2026-07-31");
    assert!(
        told[0].contains(": CMP-1 was postponed without a date, and has closed with its plan."),
        "{told:?}"
    );
    for (channel, name) in [(ACME, "MDF-1 · approved"), (APPROVALS, "ACME/MDF-1 · approved")] {
        let card = w.card(channel, name).text();
        assert!(card.contains("Claim by: 2026-07-31"), "{card}");
    }
    let warned = said(w, ACME, "⏳ Claim in time");
    assert!(warned.len() == 1 && warned[0].contains("30 days are left, until 2026-07-31"), "{warned:?}");
    for day in ["2026-07-17T08:00:00Z", "2026-07-28T08:00:00Z", "2026-07-31T08:00:00Z"] {
        w.moves_to(day).await;
        assert_eq!(state().await, "approved 2026-07-31");
    }
    w.moves_to("2026-08-01T08:00:00Z").await;
    assert_eq!(state().await, "expired 2026-07-31");
    assert_eq!(said(w, ACME, "⏳ Claim in time").len(), 3);
}
