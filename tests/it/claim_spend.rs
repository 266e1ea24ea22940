//! What claims say of spend: who paid what, each invoice once, and lines that are read as they are printed.

use crate::claim_stories::{filed, over, proven};
use crate::harness::{World, stories};
use proptest::prelude::*;
use tandem::domain::claim::{LINE_REASON_MAX, Line, MAX_LINES, VERDICTS_MAX, lines_as_typed, verdicts};
use tandem::domain::money::{Currency, Money};
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    an_accepted_line_is_spend_of_the_fund_and_of_the_partner,
    what_the_fund_pays_is_split_over_the_lines_to_the_cent,
    a_co_op_claim_is_co_op_spend,
    an_invoice_that_is_logged_is_not_logged_again,
    a_reversed_claim_that_is_claimed_again_is_spent_once,
    the_lines_form_is_read_as_it_is_printed,
    the_same_invoice_twice_in_a_claim_is_refused_or_flagged,
);

/// The spend that stands: source, minor units, in the order it was logged.
async fn spent(w: &World) -> Vec<(String, i64)> {
    let mut all = Vec::new();
    let count = w.number("SELECT COUNT(*) FROM log_entry").await;
    for number in 1..=count {
        let source =
            w.word(&format!("SELECT COALESCE(source, 'none') FROM log_entry WHERE number = {number}")).await;
        all.push((source, w.number(&format!("SELECT amount FROM log_entry WHERE number = {number}")).await));
    }
    all
}

fn said(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(source, amount)| ((*source).to_owned(), *amount)).collect()
}

async fn an_accepted_line_is_spend_of_the_fund_and_of_the_partner(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert_eq!(spent(w).await, said(&[("mdf", 200_000), ("partner", 200_000)]));
    w.moves_to("2026-02-18T08:00:00Z").await;
    let report = pat.runs("/report variance").await;
    assert!(report.contains("4,000.00"), "{report}");
}

async fn what_the_fund_pays_is_split_over_the_lines_to_the_cent(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    for (number, net) in [(1, "0.01"), (2, "0.01"), (3, "0.03")] {
        let line = format!(
            "/claim line claim:CLM-1 what:Pen {number} supplier:Stage Ltd invoice:P-{number} date:2026-02-11 net:{net}"
        );
        assert!(pat.runs(&line).await.starts_with("Line"), "{line}");
    }
    proven(w, "CLM-1").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert!(answer.starts_with("CLM-1 is approved. EUR 0.03 of"), "{answer}");
    // 3 cents over 1, 1 and 3 of 5 are 0.6, 0.6 and 1.8: 1, 0 and 2.
    assert_eq!(spent(w).await, said(&[("mdf", 1), ("partner", 1), ("mdf", 2), ("partner", 1)]));
}

async fn a_co_op_claim_is_co_op_spend(w: &mut World) {
    let [pat, finn, amir] = [Who::Pat, Who::Finn, Who::Amir].map(|who| w.person(who));
    over(w).await;
    finn.runs("/fund create key:coop name:Co-op kind:co_op valid-from:2026-01-01 valid-until:2026-06-30 accrual:2% credit-months:2").await;
    finn.runs("/fund accrue fund:coop sales:500k reference:S-1 date:2026-02-01 partner:acme").await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Coffee fund:coop/acme").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-2"), "Approve", &[]).await;
    assert!(answer.starts_with("MDF-2 is approved."), "{answer}");
    pat.runs("/claim new request:MDF-2").await;
    pat.runs("/claim line claim:CLM-1 what:Coffee supplier:Bean Ltd invoice:B-1 date:2026-02-11 net:500")
        .await;
    proven(w, "CLM-1").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert_eq!(spent(w).await, said(&[("co_op", 25_000), ("partner", 25_000)]));
}

async fn an_invoice_that_is_logged_is_not_logged_again(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    // Logged as three different people would: net, gross, and of another invoice of the same amount.
    pat.runs(
        "/campaign log campaign:CMP-1 spend:4k invoice:inv 7 source:Partner co-investment date:2026-02-11",
    )
    .await;
    pat.runs("/campaign log campaign:CMP-1 spend:1,190 invoice:H/12 date:2026-02-11").await;
    pat.runs("/campaign log campaign:CMP-1 spend:500 invoice:X-1 date:2026-02-11").await;
    pat.runs("/claim new request:MDF-1").await;
    for line in [
        "what:Speaker supplier:Stage Ltd invoice:INV-7 date:2026-02-11 net:4k",
        "what:Room supplier:Hall Ltd invoice:H-12 date:2026-02-11 net:1k tax:190",
        "what:Coffee supplier:Bean Ltd invoice:B-1 date:2026-02-11 net:500",
    ] {
        let answer = pat.runs(&format!("/claim line claim:CLM-1 {line}")).await;
        assert!(answer.starts_with("Line"), "{answer}");
    }
    proven(w, "CLM-1").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decide lines…", &[("lines", "1: 3,500 wine")]).await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    let sums: Vec<i64> = spent(w).await.into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(sums, [400_000, 119_000, 50_000, 25_000, 25_000], "only the coffee was not logged");
    assert_eq!(w.number("SELECT COUNT(*) FROM claim_line WHERE log_entry_id IS NOT NULL").await, 3);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'claim_spend_linked'").await, 2);
}

async fn a_reversed_claim_that_is_claimed_again_is_spent_once(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    let first = spent(w).await;
    amir.at(ACME).runs("/claim reverse claim:CLM-1 reason:Wrong account confirm:CLM-1").await;
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-2 what:Speaker supplier:Stage Ltd invoice:inv7 date:2026-02-11 net:4k")
        .await;
    proven(w, "CLM-2").await;
    pat.runs("/claim submit claim:CLM-2 certify:True").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/CLM-2"), "Approve", &[]).await;
    assert!(answer.starts_with("CLM-2 is approved. EUR 2,000.00"), "{answer}");
    assert_eq!(spent(w).await, first, "the same money was spent once");
    // A second claim of it while the first stands is the deciders' to see, and is spend of its own.
    pat.runs("/claim new request:MDF-1").await;
    let answer = pat
        .runs("/claim line claim:CLM-3 what:Speaker supplier:Stage Ltd invoice:INV-7 date:2026-02-11 net:4k")
        .await;
    assert!(answer.contains("⚠ The invoice of line 1 is in CLM-2 too."), "{answer}");
    proven(w, "CLM-3").await;
    pat.runs("/claim submit claim:CLM-3 certify:True").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-3"), "Approve", &[]).await;
    assert_eq!(spent(w).await.len(), first.len() * 2);
}

async fn the_lines_form_is_read_as_it_is_printed(w: &mut World) {
    let amir = w.person(Who::Amir);
    over(w).await;
    filed(w, "4k").await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    for (typed, refusal) in [
        ("1: 1 200.50", "Line 1 is cut without a reason. Write the reason after the amount."),
        (
            "1: USD 300 wine",
            "This has to be in EUR, not USD. Write a row for each line, such as: 2: 450.00 alcohol is not eligible",
        ),
        ("1: wine", "“wine” is not an amount."),
    ] {
        let answer = amir.presses(&card, "Decide lines…", &[("lines", typed)]).await;
        assert!(answer.starts_with(refusal), "{typed}: {answer}");
    }
    let answer =
        amir.presses(&card, "Decide lines…", &[("lines", "1: 1 200.50 alcohol is not eligible")]).await;
    assert_eq!(
        answer,
        "Line 1 of CLM-1 is cut, of 1 in all. It now pays EUR 600.25: approve it, or return it."
    );
    let shown = w.card(APPROVALS, "ACME/CLM-1").text();
    assert!(shown.contains("→ **EUR 1,200.50**: alcohol is not eligible"), "{shown}");
}

async fn the_same_invoice_twice_in_a_claim_is_refused_or_flagged(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "All parts, please.")]).await;
    assert_eq!(
        pat.runs(
            "/claim line claim:CLM-1 what:Travel supplier:STAGE, Ltd. invoice:inv 7 date:2026-02-11 net:4k"
        )
        .await,
        "CLM-1 has this invoice already, as line 1. If it is another part of the invoice, claim both parts in one line."
    );
    assert_eq!(
        pat.runs(
            "/claim line claim:CLM-1 what:Speaker supplier:Stage Ltd invoice:INV-7 date:2026-02-11 net:300"
        )
        .await,
        "CLM-1 has this invoice already, as line 1. Say another thing in the option what, or remove the line."
    );
    let answer = pat
        .runs("/claim line claim:CLM-1 what:Travel supplier:Stage Ltd invoice:Inv 7 date:2026-02-11 net:300")
        .await;
    assert!(answer.contains("⚠ Line 2 is of the same invoice as line 1."), "{answer}");
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let card = w.card(APPROVALS, "ACME/CLM-1").text();
    assert!(card.contains("⚠ Line 2 is of the same invoice as line 1."), "{card}");
}

fn line(position: i64, claimed: Money, accepted: Option<Money>) -> Line {
    Line {
        id: position.to_string(),
        position,
        what: "Speaker".into(),
        supplier: "Stage".into(),
        invoice_number: position.to_string(),
        invoice_date: "2026-02-11".parse().unwrap(),
        net: claimed,
        tax: Money::zero(claimed.currency()),
        rate: None,
        claimed,
        accepted,
        reason: accepted.map(|_| "2 glasses, all of it USD 3.50".to_owned()),
        log_entry_id: None,
        rest_entry_id: None,
    }
}

/// The largest claim there is fits into the form, whatever was said of its lines.
#[test]
fn all_lines_fit_into_one_form() {
    let currency = Currency::parse("JPY").unwrap();
    let money = |minor: i64| Money::from_minor(minor, currency).unwrap();
    let longest = |index: usize| Line {
        reason: Some("x".repeat(LINE_REASON_MAX)),
        ..line(i64::try_from(10_000 + index).unwrap(), money(1_000_000_000_000), Some(money(999_999_999_999)))
    };
    let lines: Vec<Line> = (0..MAX_LINES).map(longest).collect();
    let typed = lines_as_typed(&lines);
    assert!(typed.lines().count() == MAX_LINES && typed.chars().count() <= VERDICTS_MAX, "{}", typed.len());
    // A reason from before there was a limit is left out with its line, which stays as it is.
    let mut old = lines.clone();
    old[0].reason = Some("y".repeat(VERDICTS_MAX));
    let read = verdicts(&lines_as_typed(&old), &old, currency).unwrap();
    assert_eq!((&read[0].reason, read[0].accepted), (&old[0].reason, old[0].counts()));
}

proptest! {
    /// What the form is filled with is read back to what it says, in currencies with no, two and three decimals.
    #[test]
    fn the_untouched_form_of_lines_changes_nothing(
        code in prop_oneof![Just("JPY"), Just("USD"), Just("KWD")],
        amounts in proptest::collection::vec((1..2_000_000_000_i64, proptest::option::of(0..100_i64)), 1..8),
    ) {
        let currency = Currency::parse(code).unwrap();
        let money = |minor: i64| Money::from_minor(minor, currency).unwrap();
        let lines: Vec<Line> = amounts.iter().enumerate().map(|(index, (claimed, percent))| {
            let accepted = percent.map(|percent| money(claimed / 100 * percent));
            line(i64::try_from(index).unwrap() + 1, money(*claimed), accepted)
        }).collect();
        let read = verdicts(&lines_as_typed(&lines), &lines, currency).unwrap();
        for (line, verdict) in lines.iter().zip(read) {
            prop_assert_eq!(verdict.accepted, line.counts());
            prop_assert_eq!(verdict.reason, line.reason.clone());
        }
    }
}
