//! The main job, thin and whole: two companies plan a campaign in chat and sign it, an MDF request is approved by
//! button, spend is logged, and the scheduler posts the variance report into the shared channel.

use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(a_campaign_is_planned_signed_funded_and_reviewed);

async fn a_campaign_is_planned_signed_funded_and_reviewed(w: &mut World) {
    let [vera, amir, pat, olga] = [Who::Vera, Who::Amir, Who::Pat, Who::Olga].map(|who| w.person(who));
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();

    let answer = pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    assert_eq!(first_line(answer), "PLN-1 is a draft. Add campaigns with /campaign add, then /plan propose.");
    let answer = pat
        .runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
    assert_eq!(first_line(answer), "CMP-1 is added to PLN-1.");
    assert_eq!(
        vera.runs("/plan propose").await,
        "PLN-1 is proposed: its card is in <#3003> for both sides to sign by 2026-01-31."
    );

    let card = w.card(ACME, "PLN-1");
    assert_eq!(vera.presses(&card, "Sign", &[]).await, "Signed. PLN-1 waits for the partner's signature.");
    assert_eq!(
        olga.presses(&card, "Sign", &[]).await,
        "Signed. PLN-1 is agreed by both sides as revision 1."
    );
    assert!(w.card(ACME, "PLN-1").button("Sign").is_none(), "what is agreed can't be signed again");

    let answer =
        pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    assert_eq!(
        answer,
        "MDF-1 is submitted: cost EUR 18,000.00 · MDF EUR 9,000.00 (50 %). The vendor decides."
    );
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed.");
    assert!(w.card(APPROVALS, "ACME/MDF-1 · approved").buttons().is_empty());
    assert!(w.card(ACME, "MDF-1 · approved").text().contains("Approved: EUR 9,000.00"));

    let answer = pat.runs("/campaign log campaign:CMP-1 spend:4,500.50 invoice:INV-7 source:MDF").await;
    assert_eq!(
        answer,
        "LOG-1 logged: EUR 4,500.50 spend (MDF) on 2026-01-05 for CMP-1 Spring webinar, invoice INV-7, by <@2004>."
    );

    w.moves_to("2026-02-01T08:00:00Z").await;
    let report = w.card(ACME, "Checkpoint 1 of PLN-1");
    assert!(report.text().contains("EUR 4,500.50 spent, none planned yet"), "{}", report.text());
    assert_eq!(report.attachments.len(), 1, "the chart");
    assert_eq!(w.reports(ACME).len(), 1, "posted once");
    w.moves_to("2026-02-01T08:01:00Z").await;
    assert_eq!(w.reports(ACME).len(), 1, "and never again");
}
