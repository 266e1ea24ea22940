//! The example of `docs/figures.md`: a quarter, 45 of 91 days in, phased 20/40/40 by month.

use tandem::domain::campaign_type::CampaignType;
use tandem::domain::curve::{CurveKind, CurveOverrides, Measure, MonthlyWeights};
use tandem::domain::variance::{Facts, FundingSource, PlanFigures, Status, report, series};
use tandem::text::{figure, number};

use super::*;

fn weights(april: &str, may: &str, june: &str) -> CurveKind {
    let months = [("2026-04-01", april), ("2026-05-01", may), ("2026-06-01", june)];
    let months = months.map(|(month, percent)| (day(month), dec(percent)));
    CurveKind::Monthly(MonthlyWeights::new(months).expect("they add up"))
}

fn example() -> PlanFigures {
    let overrides = CurveOverrides {
        leads: Some(weights("20", "40", "40")),
        spend: Some(weights("27", "31", "42")),
        pipeline_lag_days: Some(0),
        ..CurveOverrides::default()
    };
    let shape = set(shape(CampaignType::ContentSyndication, "2026-04-01", "2026-06-30"), overrides);
    let terms = revision(1, "2026-03-20", &shape, targets(120, 300_000, 0, 20_000));
    let mut campaign = campaign("CMP-1", vec![terms]);
    campaign.facts = Facts {
        leads: vec![entry("2026-04-10", "20"), entry("2026-05-15", "18"), entry("2026-05-16", "5")],
        accepted: vec![entry("2026-05-15", "30")],
        pipeline: vec![entry("2026-05-02", "90000"), entry("2026-05-12", "-8000")],
        lost_pipeline: vec![entry("2026-05-12", "12000")],
        spend: vec![
            spent("2026-04-03", "4000", FundingSource::Mdf),
            spent("2026-05-03", "2900", FundingSource::Partner),
        ],
        ..Facts::default()
    };
    plan(("2026-04-01", "2026-06-30"), "2026-05-15", vec![campaign])
}

#[test]
fn leads_of_the_worked_example() {
    let report = report(&example());
    let leads = &report.plan.leads;
    assert_eq!((report.progress.day, report.progress.days), (45, 91));
    assert_eq!(number::percent(report.progress.percent), "49.5 %");
    assert_eq!(leads.planned_to_date.round_dp(1), dec("47.2"));
    assert_eq!(leads.variance.round_dp(1), dec("-9.2"));
    assert_eq!(number::variance_percent(leads.variance_pct), "-19.5 %");
    assert_eq!(leads.needed_a_day.expect("days are left").round_dp(2), dec("1.78"));
    assert_eq!(leads.so_far_a_day.expect("it has begun").round_dp(2), dec("0.84"));
    assert_eq!(leads.band.low.round_dp(1), dec("96.6"));
    assert_eq!(leads.forecast.round_dp(1), dec("105.2"));
    assert_eq!(leads.band.high.round_dp(1), dec("110.8"));
    assert_eq!(
        figure::sentence(leads, usd()),
        "38 of 47 leads due by now; 1.8 a day needed, 0.8 a day so far"
    );
    assert_eq!(figure::status_in_words(leads), "amber: behind plan");
    // Pipeline is further behind than leads, and the worst of the two counts.
    assert_eq!((report.plan.pipeline.status, report.overall), (Status::Red, Status::Red));
    assert_eq!(report.campaigns[0].lines.leads, *leads);
}

#[test]
fn money_of_the_worked_example() {
    let report = report(&example());
    let (spend, pipeline) = (&report.plan.spend, &report.plan.pipeline);
    assert_eq!((spend.planned_to_date, spend.variance), (dec("8400"), dec("-1500")));
    assert_eq!(number::variance_percent(spend.variance_pct), "-17.9 %");
    assert_eq!(figure::status_in_words(spend), "green: on plan");
    assert_eq!(
        figure::sentence(spend, usd()),
        "USD 6,900.00 of USD 8,400.00 planned spend by now; USD 284.78 a day left to spend, USD 153.33 a day so far"
    );
    assert_eq!(
        figure::sentence(pipeline, usd()),
        "USD 82,000.00 of USD 118,064.52 pipeline due by now; USD 4,739.13 a day needed, USD 1,822.22 a day so far"
    );
    let cost = report.ratios.cost_per_lead.expect("there are leads");
    assert_eq!(number::amount(cost, usd()), "USD 181.58");
    assert_eq!(number::rate(report.ratios.pipeline_per_spend.expect("spent")), "11.9");
    assert_eq!(report.ratios.roi_percent, Some(dec("-100")));
    assert_eq!(report.mdf_ratios.pipeline_per_spend, Some(dec("20.5")));
    assert_eq!(report.beside.spend_by_source[&FundingSource::Mdf], dec("4000"));
    assert_eq!(report.beside.spend_by_source.len(), 2);
    assert_eq!((report.beside.accepted, report.beside.lost_pipeline), (dec("30"), dec("12000")));
}

#[test]
fn the_series_ends_where_the_lines_stand() {
    let plan = example();
    let points = series(&plan, Measure::Leads);
    assert_eq!(points.len(), 91);
    assert_eq!((points[0].day, points[0].actual), (day("2026-04-01"), Some(dec("0"))));
    assert_eq!(points[29].planned, dec("24"));
    assert_eq!(points[44].planned, report(&plan).plan.leads.planned_to_date);
    assert_eq!(points[44].actual, Some(dec("38")));
    assert_eq!(points[45].actual, None);
    assert_eq!((points[90].planned, points[90].baseline), (dec("120"), dec("120")));
}

#[test]
fn sentences_of_other_cases() {
    let say = |plan: &PlanFigures, measure| figure::sentence(report(plan).plan.of(measure), usd());
    let mut over = example();
    over.as_of = day("2026-06-30");
    assert_eq!(
        say(&over, Measure::Leads),
        "43 of 120 leads due by now; the period is over, 0.5 a day so far"
    );
    let mut early = example();
    early.as_of = day("2026-03-31");
    assert_eq!(say(&early, Measure::Leads), "no leads due yet; 1.3 a day needed");
    let mut none = example();
    none.campaigns[0].revisions[0].targets = Default::default();
    assert_eq!(say(&none, Measure::Won), "no won revenue due in this period");
    assert_eq!(say(&none, Measure::Leads), "38 leads, none due in this period");
    assert_eq!(say(&none, Measure::Spend), "USD 6,900.00 spent without a budget line");
    let mut done = example();
    done.campaigns[0].facts.leads.push(entry("2026-05-15", "100"));
    assert_eq!(
        say(&done, Measure::Leads),
        "138 of 47 leads due by now; all that is planned for the period has come in, 3.1 a day so far"
    );
}
