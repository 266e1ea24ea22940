//! Planned to date under adjustments, cancellations and postponements.

use tandem::domain::campaign_type::CampaignType;
use tandem::domain::fraction::Fraction;
use tandem::domain::variance::{CampaignRevision, CampaignState, Measure, Planned, Status, report};

use super::*;

const QUARTER: (&str, &str) = ("2026-04-01", "2026-06-30");

fn of(num: i64, den: i64) -> Fraction {
    Fraction::new(num, den).expect("not over zero")
}

/// 100 leads, 10,000 pipeline, 1,000 won for 500, evenly over the hundred days from 1 April.
fn hundred_days() -> CampaignShape {
    shape(CampaignType::PaidSearch, "2026-04-01", "2026-07-09")
}

fn first() -> CampaignRevision {
    revision(1, "2026-04-01", &hundred_days(), targets(100, 10_000, 1_000, 500))
}

fn cancelled(number: u32, from: &str) -> CampaignRevision {
    let state = CampaignState::Cancelled { from: day(from) };
    CampaignRevision { state, ..revision(number, from, &hundred_days(), targets(0, 0, 0, 0)) }
}

fn postponed(number: u32, from: &str) -> CampaignRevision {
    let state = CampaignState::Postponed;
    CampaignRevision { state, ..revision(number, from, &hundred_days(), targets(100, 10_000, 1_000, 500)) }
}

fn check(planned: &Planned, points: &[(&str, i64, i64)]) {
    for (on, num, den) in points {
        assert_eq!(planned.to_date(day(on)), of(*num, *den), "{on}");
    }
}

#[test]
fn a_raise_is_spread_over_the_days_that_are_left() {
    let raise = revision(2, "2026-04-11", &hundred_days(), targets(190, 10_000, 1_000, 500));
    let planned = Planned::current(Measure::Leads, &[raise.clone(), first()]);
    check(
        &planned,
        &[("2026-04-10", 10, 1), ("2026-04-11", 12, 1), ("2026-04-12", 14, 1), ("2026-07-09", 190, 1)],
    );
    let baseline = Planned::baseline(Measure::Leads, &[raise, first()]);
    check(&baseline, &[("2026-04-10", 10, 1), ("2026-04-11", 11, 1), ("2026-07-09", 100, 1)]);
}

#[test]
fn a_cut_leaves_the_past_miss_where_it_was() {
    let cut = revision(2, "2026-05-21", &hundred_days(), targets(60, 10_000, 1_000, 500));
    let mut late = campaign("CMP-1", vec![first(), cut]);
    late.facts.leads = vec![entry("2026-04-05", "20")];
    let report = report(&plan(QUARTER, "2026-05-21", vec![late]));
    // 50 were due by 20 May and 20 came; the ten that are left are spread over 50 days.
    assert_eq!(report.plan.leads.planned_to_date, dec("50.2"));
    assert_eq!(report.plan.leads.variance, dec("-30.2"));
    assert_eq!(report.plan.leads.target, Some(dec("60")));
    assert_eq!(report.plan.leads.baseline.target, Some(dec("100")));
    assert_eq!(report.plan.leads.baseline.planned_to_date, dec("51"));
}

#[test]
fn moving_a_campaign_moves_only_what_was_not_yet_due() {
    let later = shape(CampaignType::PaidSearch, "2026-07-01", "2026-07-10");
    let moved = revision(2, "2026-05-21", &later, targets(100, 10_000, 1_000, 500));
    let planned = Planned::current(Measure::Leads, &[first(), moved]);
    check(
        &planned,
        &[("2026-05-20", 50, 1), ("2026-06-30", 50, 1), ("2026-07-01", 55, 1), ("2026-07-10", 100, 1)],
    );
}

#[test]
fn after_the_end_of_the_curve_a_raise_is_due_at_once_and_a_cut_wipes_nothing_out() {
    let change =
        |leads, budget| revision(2, "2026-08-01", &hundred_days(), targets(leads, 10_000, 1_000, budget));
    let raised = Planned::current(Measure::Leads, &[first(), change(120, 500)]);
    check(&raised, &[("2026-07-31", 100, 1), ("2026-08-01", 120, 1)]);
    assert_eq!(raised.total(), of(120, 1));
    let cut = Planned::current(Measure::Leads, &[first(), change(40, 500)]);
    check(&cut, &[("2026-07-31", 100, 1), ("2026-08-01", 100, 1)]);
    // Budget that is taken away is no longer planned to be spent.
    let budget = Planned::current(Measure::Spend, &[first(), change(40, 200)]);
    check(&budget, &[("2026-07-31", 500, 1), ("2026-08-01", 200, 1)]);
    let line = report(&plan(QUARTER, "2026-08-02", vec![campaign("CMP-1", vec![first(), change(40, 500)])]));
    assert_eq!(line.plan.leads.released, dec("-60"));
}

#[test]
fn a_budget_that_is_dropped_after_it_was_due_shows_as_released() {
    let without = Targets { budget: None, ..first().targets };
    let mut dropped = postponed(2, "2026-04-21");
    dropped.targets = without;
    let report = report(&plan(QUARTER, "2026-05-01", vec![campaign("CMP-1", vec![first(), dropped])]));
    let spend = &report.plan.spend;
    assert_eq!((spend.target, spend.planned_to_date, spend.released), (None, dec("100"), dec("-100")));
}

#[test]
fn the_same_terms_again_change_nothing() {
    let mut revisions = vec![first()];
    for (number, from) in [(2, "2026-04-13"), (3, "2026-05-01"), (4, "2026-05-01"), (5, "2026-07-30")] {
        revisions.push(revision(number, from, &hundred_days(), first().targets));
    }
    for measure in Measure::ALL {
        let (once, often) =
            (Planned::current(measure, &revisions[..1]), Planned::current(measure, &revisions));
        for today in day("2026-03-25").iter_days().take(300) {
            assert_eq!(once.to_date(today), often.to_date(today), "{measure:?} {today}");
        }
    }
}

#[test]
fn of_two_revisions_from_one_day_the_later_counts() {
    let second = revision(2, "2026-04-11", &hundred_days(), targets(1000, 0, 0, 0));
    let third = revision(3, "2026-04-11", &hundred_days(), targets(190, 0, 0, 0));
    let planned = Planned::current(Measure::Leads, &[first(), second, third]);
    check(&planned, &[("2026-04-10", 10, 1), ("2026-04-11", 12, 1), ("2026-07-09", 190, 1)]);
}

#[test]
fn cancelled_leads_and_spend_freeze_and_pipeline_follows_the_frozen_leads() {
    let revisions = [first(), cancelled(2, "2026-04-21")];
    let leads = Planned::current(Measure::Leads, &revisions);
    check(
        &leads,
        &[("2026-04-19", 19, 1), ("2026-04-20", 20, 1), ("2026-04-21", 20, 1), ("2026-09-01", 20, 1)],
    );
    let spend = Planned::current(Measure::Spend, &revisions);
    check(&spend, &[("2026-04-20", 100, 1), ("2026-04-21", 100, 1)]);
    let pipeline = Planned::current(Measure::Pipeline, &revisions);
    check(
        &pipeline,
        &[("2026-04-30", 0, 1), ("2026-05-01", 100, 1), ("2026-05-20", 2000, 1), ("2026-05-21", 2000, 1)],
    );
    assert_eq!(pipeline.total(), of(2000, 1));
    assert_eq!(Planned::current(Measure::Won, &revisions).total(), of(200, 1));
    let mut stopped = campaign("CMP-1", revisions.to_vec());
    stopped.revisions.push(cancelled(3, "2026-05-10"));
    let report = report(&plan(QUARTER, "2026-05-30", vec![stopped]));
    let line = &report.campaigns[0].lines;
    assert_eq!((line.leads.target, line.leads.released), (Some(dec("100")), dec("80")));
    assert_eq!(line.pipeline.released, dec("8000"));
    assert_eq!(line.leads.planned_after, dec("0"));
    assert!(matches!(report.campaigns[0].state, CampaignState::Cancelled { .. }));
}

#[test]
fn cancelled_before_its_start_nothing_is_planned() {
    let planned = |measure| Planned::current(measure, &[first(), cancelled(2, "2026-04-01")]);
    for measure in Measure::ALL {
        assert_eq!(planned(measure).total(), Fraction::ZERO);
        assert_eq!(planned(measure).first_day(), None);
    }
    let only = Planned::current(Measure::Leads, &[cancelled(1, "2026-04-01")]);
    assert_eq!(only.total(), Fraction::ZERO);
}

#[test]
fn a_cancelled_campaign_that_is_taken_up_again_plans_its_rest() {
    let again = revision(3, "2026-06-10", &hundred_days(), targets(80, 10_000, 1_000, 500));
    let planned = Planned::current(Measure::Leads, &[first(), cancelled(2, "2026-04-21"), again]);
    check(&planned, &[("2026-06-09", 20, 1), ("2026-06-10", 22, 1), ("2026-07-09", 80, 1)]);
}

#[test]
fn postponed_without_a_date_plans_nothing_until_it_has_one() {
    let before_start =
        plan(QUARTER, "2026-06-01", vec![campaign("CMP-1", vec![first(), postponed(2, "2026-04-01")])]);
    let waiting = report(&before_start);
    for line in waiting.plan.iter() {
        assert_eq!(line.planned_by_end, dec("0"));
        assert_eq!(Some(line.released), line.target);
    }
    assert_eq!(waiting.plan.leads.status, Status::Grey);
    let later = shape(CampaignType::PaidSearch, "2026-06-01", "2026-06-08");
    let dated = revision(3, "2026-05-01", &later, targets(100, 10_000, 1_000, 500));
    let planned = Planned::current(Measure::Leads, &[first(), postponed(2, "2026-04-21"), dated]);
    check(
        &planned,
        &[("2026-04-30", 20, 1), ("2026-05-31", 20, 1), ("2026-06-01", 30, 1), ("2026-06-08", 100, 1)],
    );
}

#[test]
fn a_campaign_added_later_is_in_the_plan_but_not_in_the_baseline() {
    let added = revision(2, "2026-05-01", &hundred_days(), targets(70, 0, 0, 0));
    let report = report(&plan(
        QUARTER,
        "2026-05-01",
        vec![campaign("CMP-1", vec![first()]), campaign("CMP-2", vec![added])],
    ));
    assert_eq!(report.plan.leads.target, Some(dec("170")));
    // 31 of the first; 70 over the 70 days from 1 May to 9 July of the second.
    assert_eq!(report.plan.leads.planned_to_date, dec("32"));
    assert_eq!(report.plan.leads.baseline.target, Some(dec("100")));
    assert_eq!(report.plan.leads.baseline.planned_to_date, dec("31"));
}

#[test]
fn what_falls_after_the_period_is_shown_apart() {
    let webinar = shape(CampaignType::Webinar, "2026-06-20", "2026-06-20");
    let terms = revision(1, "2026-04-01", &webinar, targets(28, 10_000, 1_000, 500));
    let report = report(&plan(QUARTER, "2026-05-01", vec![campaign("CMP-1", vec![terms])]));
    // Half on 22 June and one a day on eight of the next 14 days.
    assert_eq!((report.plan.leads.planned_by_end, report.plan.leads.planned_after), (dec("22"), dec("6")));
    assert_eq!(report.plan.pipeline.planned_by_end, dec("0"));
    assert_eq!(report.plan.pipeline.planned_after, dec("10000"));
}
