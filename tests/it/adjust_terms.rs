//! What a signed plan's own terms hold is changed by adjustment: hours, lead-routing time, joint business plan, cadence,
//! name; and a campaign's long texts by form. Nothing that has happened changes with them.

use crate::adjust::{agreed, has};
use crate::harness::world::Player;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_signed_plans_terms_change_by_adjustment,
    what_never_changes_is_refused,
    a_new_cadence_moves_only_what_is_to_come,
    new_hours_hold_for_the_weeks_to_come,
    long_texts_of_a_signed_plan_are_filed_by_form,
);

/// Has ADJ-n signed by Acme's side and countersigned by Vera.
async fn both_sign(w: &World, name: &str) -> String {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    olga.presses(&w.card(ACME, name), "Sign", &[]).await;
    vera.presses(&w.card(ACME, name), "Countersign", &[]).await
}

async fn a_signed_plans_terms_change_by_adjustment(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let before = w.state().await;
    assert_eq!(
        pat.runs("/plan edit vendor-hours:3").await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    assert_eq!(w.state().await, before, "nothing was filed");
    assert_eq!(
        pat.runs("/plan edit routing-hours:24 jbp-revenue:1m marketing-share:20% win-rate:25% vendor-hours:3 reason:The JBP is *set*").await,
        "PLN-1 is signed by both sides, so this is filed as ADJ-1. It waits for a signature of your side and for the vendor's countersignature. ⚠ With it, the vendor has 3 hours a week, the week of 2026-01-12 takes 4.6, the week of 2026-01-19 takes 5.29, the week of 2026-01-26 takes 5.29 and 1 more weeks too much."
    );
    pat.runs("/plan edit name:Spring push partner-hours:9 reason:A name as well").await;
    let text = w.card(ACME, "ADJ-1 ·").text();
    for part in [
        "• edit PLN-1: The JBP is \\*set\\* (<@2004>)",
        "Name: 2026-01-01 to 2026-03-31 → Spring push",
        "JBP: none → EUR 1,000,000.00 revenue, 20 % from marketing, 25 % won",
        "Leads accepted within: none → 24 hours",
        "Vendor's hours a week: none → 3",
        "Partner's hours a week: none → 9",
        "JBP, pipeline by 2026-03-31: EUR 172,093.02 → EUR 172,093.02 of EUR 800,000.00",
        "Before: every week to come fits\n⚠ After: the vendor has 3 hours a week",
    ] {
        has(&text, part);
    }
    assert_eq!(w.word("SELECT name FROM plan").await, "2026-01-01 to 2026-03-31", "filing changes nothing");
    assert_eq!(both_sign(w, "ADJ-1 ·").await, "ADJ-1 is signed by both sides: PLN-1 is at revision 2.");
    has(&w.card(ACME, "PLN-1").text(), "of EUR 800,000.00 that the JBP needs");
    assert_eq!(w.word("SELECT name FROM plan").await, "Spring push");
    assert_eq!(w.number("SELECT routing_hours FROM plan").await, 24);
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    has(&snapshot, r#""hours_a_week":{"partner":"9","vendor":"3"}"#);
    has(&snapshot, r#""lead_routing_hours":"24""#);
    let first = w.word("SELECT snapshot FROM plan_revision WHERE revision = 1").await;
    assert!(!first.contains("Spring push"), "{first}");
    assert_eq!(
        pat.runs("/plan edit name:Spring push reason:Again").await,
        "That changes nothing. Say what should be different."
    );
}

async fn what_never_changes_is_refused(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let before = w.state().await;
    assert_eq!(
        pat.runs("/plan edit sign-by:2026-03-01 reason:Late").await,
        "PLN-1 is signed: its last day to sign can't be changed any more. By an adjustment change: name, cadence, jbp-revenue, marketing-share, win-rate, routing-hours, vendor-hours and partner-hours. Period, currency, time zone and attribution stay."
    );
    assert_eq!(w.state().await, before);
    w.moves_to("2026-04-02T11:00:00Z").await;
    assert_eq!(
        pat.runs("/plan edit cadence:weekly reason:More often").await,
        "The period of PLN-1 ended on 2026-03-31: no checkpoint is left that another cadence could move. What has happened stays as it is."
    );
    assert_eq!(
        pat.runs("/plan edit vendor-hours:4 reason:Less").await,
        "The period of PLN-1 ended on 2026-03-31: no week is left that other hours could hold for. What has happened stays as it is."
    );
}

async fn a_new_cadence_moves_only_what_is_to_come(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    // The first of February is held by the cadence that was signed first.
    w.moves_to("2026-02-18T11:00:00Z").await;
    assert_eq!(held(w).await, 1);
    pat.runs("/plan edit cadence:weekly reason:We are behind").await;
    has(
        &w.card(ACME, "ADJ-1 ·").text(),
        "Review: on day 1 of every month at 09:00 (Europe/Berlin) → every Monday at 09:00 (Europe/Berlin)",
    );
    both_sign(w, "ADJ-1 ·").await;
    w.moves_to("2026-02-22T11:00:00Z").await;
    assert_eq!(held(w).await, 1, "the Mondays before the change never were checkpoints");
    has(&w.reports(ACME).pop().unwrap().text(), "Checkpoint tomorrow · PLN-1");
    let check = pat.runs("/plan check").await;
    assert!(!check.contains("is not posted yet"), "{check}");
    w.moves_to("2026-02-23T09:00:00Z").await;
    assert_eq!(held(w).await, 2, "the first Monday after it is one");
    w.moves_to("2026-03-01T12:00:00Z").await;
    assert_eq!(held(w).await, 2, "the first of March, a Sunday, is none any more");
    w.moves_to("2026-03-02T12:00:00Z").await;
    assert_eq!(held(w).await, 3);
    let snapshots = w.word("SELECT snapshot FROM plan_revision WHERE revision = 1").await;
    has(&snapshots, "monthly 1 09:00");
}

async fn held(w: &World) -> i64 {
    w.number("SELECT COUNT(*) FROM checkpoint").await
}

async fn new_hours_hold_for_the_weeks_to_come(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 vendor-hours:40 partner-hours:1").await;
    let search =
        "/campaign add name:Search type:Paid search start:2026-01-05 end:2026-03-31 leads:6 pipeline:80k";
    pat.runs(search).await;
    pat.runs("/campaign edit campaign:CMP-1 effort-partner:180").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&card, "Sign", &[]).await;
    }
    // 180 hours over the 90 days from 1 January: two a day, 14 a week.
    let too_much = async |pat: Player<'_>| pat.runs("/plan check").await;
    has(&too_much(pat).await, "the partner has 1 hours a week, the week of 2025-12-29 takes 8");
    w.moves_to("2026-01-21T11:00:00Z").await;
    pat.runs("/plan edit partner-hours:14 reason:A second person").await;
    has(&w.card(ACME, "ADJ-1 ·").text(), "\nAfter: every week to come fits");
    both_sign(w, "ADJ-1 ·").await;
    let check = too_much(pat).await;
    // Three weeks were over when the new hours came into force.
    has(
        &check,
        "the week of 2025-12-29 takes 8, the week of 2026-01-05 takes 14, the week of 2026-01-12 takes 14",
    );
    assert!(!check.contains("2026-01-19 takes"), "{check}");
}

async fn long_texts_of_a_signed_plan_are_filed_by_form(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1").await,
        "Texts of CMP-1\nTarget segment: (Whom it is for)\nKey message: (What they should remember)\nOffer: (What they get)\nExecution channel: (Where it reaches them)\nReason*: (Both sides have signed the plan: why change it?)"
    );
    let form = texts_form(w, 1).await;
    let texts = [("segment", "IT *leads*"), ("message", ""), ("offer", "Trial"), ("channel", "")];
    assert_eq!(
        pat.forges_form(&form, &texts).await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    let with_reason: Vec<(&str, &str)> = texts.into_iter().chain([("reason", "Sharper")]).collect();
    assert_eq!(
        pat.forges_form(&form, &with_reason).await,
        "PLN-1 is signed by both sides, so this is filed as ADJ-1. It waits for a signature of your side and for the vendor's countersignature."
    );
    let text = w.card(ACME, "ADJ-1 ·").text();
    has(&text, "Segment: none → IT \\*leads\\*\nOffer: none → Trial");
    has(&text, "• edit CMP-1: Sharper (<@2004>)");
    // The other side writes no long texts only to be refused.
    assert_eq!(
        vera.runs("/campaign edit campaign:CMP-1").await,
        "ADJ-1 of the other side waits for your countersignature. Countersign or decline it first: one adjustment at a time."
    );
    both_sign(w, "ADJ-1 ·").await;
    assert_eq!(w.word("SELECT offer FROM campaign WHERE number = 1").await, "Trial");
    vera.runs("/campaign cancel campaign:CMP-1 reason:No room").await;
    w.person(Who::Olga).presses(&w.card(ACME, "ADJ-2 ·"), "Countersign", &[]).await;
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1").await,
        "CMP-1 is cancelled and can't be changed any more. What has happened stays as it is."
    );
}

/// The id of the form of a campaign's long texts, as its card would open it now.
pub async fn texts_form(w: &World, number: i64) -> String {
    let id = w.word(&format!("SELECT id FROM campaign WHERE number = {number}")).await;
    let mark = tandem::in_read!(w.running.app.store, |read| {
        Ok(tandem::store::campaign::by_id(read, &id).await?.texts_mark())
    });
    format!("campaign-texts:{id}:{}", mark.unwrap())
}
