//! The figures of a plan: curves, planned to date, variance, colours, forecast. The rules are in `docs/figures.md`.

mod against_naive;
mod curves;
mod naive;
mod planned;
mod properties;
mod status;
mod worked_example;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::curve::{CampaignShape, CurveOverrides};
use tandem::domain::money::Currency;
use tandem::domain::period::Period;
use tandem::domain::variance::{
    CampaignFigures, CampaignRevision, CampaignState, Entry, Facts, FundingSource, PlanFigures, SpendEntry,
    Targets, Thresholds,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a number")
}

fn usd() -> Currency {
    Currency::parse("USD").expect("a currency")
}

fn shape(kind: CampaignType, start: &str, end: &str) -> CampaignShape {
    CampaignShape::new(kind, day(start), day(end)).expect("a shape")
}

fn set(shape: CampaignShape, overrides: CurveOverrides) -> CampaignShape {
    shape.with_overrides(overrides).expect("good overrides")
}

fn targets(leads: i64, pipeline: i64, won: i64, budget: i64) -> Targets {
    let some = |n| Some(Decimal::from(n));
    Targets { leads: some(leads), pipeline: some(pipeline), won: some(won), budget: some(budget) }
}

fn revision(revision: u32, from: &str, shape: &CampaignShape, targets: Targets) -> CampaignRevision {
    let state = CampaignState::Active;
    CampaignRevision { revision, effective_from: day(from), shape: shape.clone(), targets, state }
}

fn campaign(key: &str, revisions: Vec<CampaignRevision>) -> CampaignFigures {
    CampaignFigures { key: key.to_owned(), revisions, facts: Facts::default() }
}

fn plan(period: (&str, &str), as_of: &str, campaigns: Vec<CampaignFigures>) -> PlanFigures {
    let period = Period::new(day(period.0), day(period.1)).expect("a period");
    PlanFigures { period, as_of: day(as_of), campaigns, thresholds: Thresholds::default() }
}

fn entry(on: &str, amount: &str) -> Entry {
    Entry { day: day(on), amount: dec(amount) }
}

fn spent(on: &str, amount: &str, source: FundingSource) -> SpendEntry {
    SpendEntry { day: day(on), amount: dec(amount), source }
}
