//! One row that can't be read or moved any more: the clock says so, and does all the rest.

use crate::claim_stories::over;
use crate::clocks::said;
use crate::harness::{World, stories};
use chrono::DateTime;
use tandem::inbound::cron::tick;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_fund_that_cannot_end_keeps_no_other_from_its_end,
    a_request_that_cannot_be_read_keeps_no_other_from_its_end,
);

/// Moves the clock and looks at it until nothing more comes of it. Each look ends with a fault.
async fn looks_in_vain(w: &World, instant: &str) {
    assert!(w.clock.advance_to(DateTime::parse_from_rfc3339(instant).unwrap().to_utc()));
    for _ in 0..4 {
        assert!(tick(&w.running.app).await.is_err(), "the fault is told at every look");
    }
    w.settle().await;
}

async fn a_fund_that_cannot_end_keeps_no_other_from_its_end(w: &mut World) {
    let finn = w.person(Who::Finn);
    for key in ["one", "two", "three"] {
        let days = "valid-from:2026-01-01 valid-until:2026-01-31";
        finn.runs(&format!("/fund create key:{key} name:{key} kind:mdf amount:100 {days}")).await;
    }
    let first = "(SELECT MIN(id) FROM fund WHERE valid_until = '2026-01-31') AND account = 'available'";
    w.sql(&format!("UPDATE account_balance SET amount = 99 WHERE fund_id = {first}")).await.unwrap();
    looks_in_vain(w, "2026-02-01T08:00:00Z").await;
    let lines = "SELECT COUNT(*) FROM audit WHERE code = 'fund_forfeited'";
    assert_eq!(w.number(lines).await, 2);
    assert_eq!(said(w, APPROVALS, "What was left of").len(), 2, "both are told of");
    w.sql(&format!("UPDATE account_balance SET amount = 10000 WHERE fund_id = {first}")).await.unwrap();
    w.moves_to("2026-02-01T08:00:01Z").await;
    assert_eq!(w.number(lines).await, 3, "mended, it ends as well");
}

async fn a_request_that_cannot_be_read_keeps_no_other_from_its_end(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Catering fund:acme-q1").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-2"), "Approve", &[]).await;
    assert!(answer.starts_with("MDF-2 is approved."), "{answer}");
    for request in ["MDF-1", "MDF-2"] {
        pat.runs(&format!("/claim new request:{request}")).await;
    }
    // The claim of the second is due as the first's is, and comes after it.
    w.sql("UPDATE mdf_request SET claim_due = '2026-04-11' WHERE number = 2").await.unwrap();
    let warnings = w.word("SELECT warnings FROM mdf_request WHERE number = 1").await;
    w.sql("UPDATE mdf_request SET warnings = 'torn' WHERE number = 1").await.unwrap();
    looks_in_vain(w, "2026-04-08T08:00:00Z").await;
    let warned = said(w, ACME, "⏳ Claim in time");
    assert!(warned.len() == 1 && warned[0].contains("**MDF-2**"), "{warned:?}");
    looks_in_vain(w, "2026-04-12T08:00:00Z").await;
    let states = "SELECT MIN(state) || ' ' || MAX(state) FROM";
    assert_eq!(w.word(&format!("{states} mdf_request")).await, "approved expired");
    assert_eq!(w.word(&format!("{states} claim")).await, "draft expired");
    w.sql(&format!("UPDATE mdf_request SET warnings = '{warnings}' WHERE number = 1")).await.unwrap();
    w.moves_to("2026-04-20T08:00:00Z").await;
    w.moves_to("2026-05-20T08:00:00Z").await;
    assert_eq!(w.word("SELECT MIN(state) FROM mdf_request").await, "expired", "mended, it ends as well");
}
