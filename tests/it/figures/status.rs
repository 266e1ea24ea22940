//! Colours at their limits, the overall status, the order of campaigns, forecasts at the edges.

use tandem::domain::campaign_type::CampaignType;
use tandem::domain::variance::{
    Facts, Lines, MeasureLine, Status, StatusReason, Targets, VariancePercent, report,
};

use super::*;

const QUARTER: (&str, &str) = ("2026-04-01", "2026-06-30");

/// 900 leads and 90,000 pipeline for 9,000, evenly over the 90 days from 1 April, pipeline at once.
fn ninety_days(as_of: &str, facts: Facts) -> PlanFigures {
    let overrides = CurveOverrides { pipeline_lag_days: Some(0), ..CurveOverrides::default() };
    let shape = set(shape(CampaignType::PaidSearch, "2026-04-01", "2026-06-29"), overrides);
    let mut one = campaign("CMP-1", vec![revision(1, "2026-04-01", &shape, targets(900, 90_000, 0, 9_000))]);
    one.facts = facts;
    plan(QUARTER, as_of, vec![one])
}

fn lines(as_of: &str, facts: Facts) -> Lines {
    report(&ninety_days(as_of, facts)).plan
}

fn leads(as_of: &str, came: &str) -> MeasureLine {
    lines(as_of, Facts { leads: vec![entry("2026-04-01", came)], ..Facts::default() }).leads
}

fn spend(as_of: &str, amount: &str) -> (Status, StatusReason) {
    let facts = Facts { spend: vec![spent("2026-04-01", amount, FundingSource::Mdf)], ..Facts::default() };
    let line = lines(as_of, facts).spend;
    (line.status, line.status_reason)
}

#[test]
fn limits_of_results_belong_to_the_better_colour() {
    // 300 are planned by 30 April.
    for (came, status) in [
        ("400", Status::Green),
        ("270", Status::Green),
        ("269.999999", Status::Amber),
        ("225", Status::Amber),
        ("224.999999", Status::Red),
        ("0", Status::Red),
        ("-5", Status::Red),
    ] {
        assert_eq!(leads("2026-04-30", came).status, status, "{came}");
    }
}

#[test]
fn no_colour_under_a_tenth_of_what_is_planned_by_period_end() {
    // Nine of ninety days are exactly a tenth.
    assert_eq!(leads("2026-04-08", "0").status_reason, StatusReason::TooEarly);
    assert_eq!(leads("2026-04-08", "0").status, Status::Grey);
    assert_eq!(leads("2026-04-09", "0").status, Status::Red);
    let nothing = lines("2026-05-01", Facts { won: vec![entry("2026-04-05", "5")], ..Facts::default() }).won;
    assert_eq!((nothing.status, nothing.status_reason), (Status::Grey, StatusReason::NothingPlanned));
    assert_eq!(nothing.variance_pct, VariancePercent::Unplanned);
    assert_eq!(lines("2026-05-01", Facts::default()).won.variance_pct, VariancePercent::Blank);
}

#[test]
fn limits_of_spend() {
    // 3,000 are planned by 30 April, out of 9,000.
    for (amount, expected) in [
        ("3300", (Status::Green, StatusReason::OnPlan)),
        ("3300.01", (Status::Amber, StatusReason::OverPlanned)),
        ("3600", (Status::Amber, StatusReason::OverPlanned)),
        ("3600.01", (Status::Red, StatusReason::OverPlanned)),
        ("9000.01", (Status::Red, StatusReason::OverBudget)),
        ("2400", (Status::Green, StatusReason::OnPlan)),
        ("2399.99", (Status::Amber, StatusReason::Underspent)),
        ("0", (Status::Amber, StatusReason::Underspent)),
    ] {
        assert_eq!(spend("2026-04-30", amount), expected, "{amount}");
    }
    // Of 9,000 when all is planned: a cent over the line is red although it is far from a tenth.
    assert_eq!(spend("2026-06-30", "9000"), (Status::Green, StatusReason::OnPlan));
    assert_eq!(spend("2026-06-30", "9000.01"), (Status::Red, StatusReason::OverBudget));
}

#[test]
fn underspend_is_red_only_30_days_after_the_campaign() {
    assert_eq!(spend("2026-07-28", "7199.99"), (Status::Amber, StatusReason::Underspent));
    assert_eq!(spend("2026-07-29", "7199.99"), (Status::Red, StatusReason::Underspent));
    assert_eq!(spend("2026-07-29", "7200"), (Status::Green, StatusReason::OnPlan));
}

#[test]
fn spend_before_its_plan_and_spend_without_a_budget_line() {
    let deposit = Facts { spend: vec![spent("2026-03-01", "100", FundingSource::Mdf)], ..Facts::default() };
    let early = lines("2026-03-31", deposit.clone()).spend;
    assert_eq!((early.status, early.status_reason), (Status::Red, StatusReason::BeforePlanned));
    assert_eq!(early.variance_pct, VariancePercent::Unplanned);
    let mut plan = ninety_days("2026-04-30", deposit);
    plan.campaigns[0].revisions[0].targets = Targets::default();
    let line = report(&plan).plan.spend;
    assert_eq!((line.status, line.status_reason), (Status::Red, StatusReason::NoBudgetLine));
    plan.campaigns[0].facts = Facts::default();
    assert_eq!(report(&plan).plan.spend.status, Status::Grey);
}

#[test]
fn the_limits_are_configurable_and_checked() {
    let mut plan =
        ninety_days("2026-04-30", Facts { leads: vec![entry("2026-04-01", "225")], ..Facts::default() });
    plan.thresholds.amber_below = dec("25");
    assert_eq!(plan.thresholds.check(), Ok(()));
    assert_eq!(report(&plan).plan.leads.status, Status::Green);
    plan.thresholds.red_below = dec("24.9");
    assert!(plan.thresholds.check().is_err());
    plan.thresholds.red_below = dec("-30");
    assert!(plan.thresholds.check().is_err());
}

#[test]
fn overall_is_the_worst_of_leads_and_pipeline_and_of_spend_only_if_overspent() {
    let overall = |as_of, facts| report(&ninety_days(as_of, facts)).overall;
    let facts = |leads: &str, pipeline: &str, amount: &str| Facts {
        leads: vec![entry("2026-04-01", leads)],
        pipeline: vec![entry("2026-04-01", pipeline)],
        spend: vec![spent("2026-04-01", amount, FundingSource::Mdf)],
        ..Facts::default()
    };
    assert_eq!(overall("2026-04-30", facts("300", "30000", "3000")), Status::Green);
    assert_eq!(overall("2026-04-30", facts("300", "25000", "3000")), Status::Amber);
    assert_eq!(overall("2026-04-30", facts("100", "30000", "3000")), Status::Red);
    assert_eq!(overall("2026-04-30", facts("300", "30000", "0")), Status::Green);
    assert_eq!(overall("2026-04-30", facts("300", "30000", "4000")), Status::Red);
    assert_eq!(overall("2026-04-02", facts("0", "0", "200")), Status::Grey);
}

#[test]
fn campaigns_come_worst_first() {
    let one = |key: &str, leads: &str, pipeline: &str| {
        let facts = Facts {
            leads: vec![entry("2026-04-01", leads)],
            pipeline: vec![entry("2026-04-01", pipeline)],
            ..Facts::default()
        };
        let mut campaign = ninety_days("2026-04-30", facts).campaigns.remove(0);
        campaign.key = key.to_owned();
        campaign
    };
    let campaigns = vec![
        one("CMP-1", "300", "30000"),
        one("CMP-2", "300", "10000"),
        one("CMP-3", "240", "30000"),
        one("CMP-4", "300", "5000"),
        one("CMP-5", "200", "10000"),
    ];
    let report = report(&plan(QUARTER, "2026-04-30", campaigns));
    let order: Vec<&str> = report.campaigns.iter().map(|c| c.key.as_str()).collect();
    assert_eq!(order, ["CMP-4", "CMP-5", "CMP-2", "CMP-3", "CMP-1"]);
}

#[test]
fn forecasts_at_the_edges() {
    // Nothing planned yet: the rest goes as planned.
    let before = leads("2026-03-31", "10");
    assert_eq!((before.forecast, before.band.low, before.band.high), (dec("900"), dec("900"), dec("900")));
    // A third in, and nothing came: p = 1 − 1/3.
    let third = leads("2026-04-30", "0");
    assert_eq!((third.forecast, third.band.low, third.band.high), (dec("400"), dec("0"), dec("600")));
    // Twice what was planned: p = 1 + 1/3, and the band reaches up to twice the plan.
    let twice = leads("2026-04-30", "600");
    assert_eq!((twice.forecast, twice.band.low, twice.band.high), (dec("1400"), dec("1200"), dec("1800")));
    // A negative actual can't turn the rest of the plan round: p is not below 0.
    assert_eq!(leads("2026-04-30", "-1000").forecast, dec("-1000"));
    // After the period there is nothing left to forecast.
    let over = leads("2026-07-15", "17");
    assert_eq!((over.forecast, over.needed_a_day), (dec("17"), None));
}

#[test]
fn a_day_before_the_first_planned_one_has_no_pace_and_facts_after_the_day_do_not_count() {
    assert_eq!(leads("2026-03-31", "10").so_far_a_day, None);
    assert_eq!(leads("2026-03-31", "10").actual, dec("0"));
    assert_eq!(leads("2026-04-01", "10").so_far_a_day, Some(dec("10")));
    assert_eq!(leads("2026-04-02", "10").so_far_a_day, Some(dec("5")));
    assert_eq!(leads("2026-06-29", "10").needed_a_day, Some(dec("890")));
}
