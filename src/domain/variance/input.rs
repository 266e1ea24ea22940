//! What the figures of a plan are computed from.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Measure, Thresholds};
use crate::domain::curve::CampaignShape;
use crate::domain::fraction::Fraction;
use crate::domain::period::Period;

/// A plan, its facts and the day to report on.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFigures {
    /// The period of the plan.
    pub period: Period,
    /// The last complete local day before the as-of instant (d).
    pub as_of: NaiveDate,
    /// The campaigns, in any order.
    pub campaigns: Vec<CampaignFigures>,
    /// The program's limits for colours.
    pub thresholds: Thresholds,
}

/// One campaign: what was signed about it, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignFigures {
    /// What tells it from the plan's other campaigns (`CMP-7`); the last resort when lines are ordered.
    pub key: String,
    /// Its terms by plan revision; revisions that do not mention it change nothing. At least one.
    pub revisions: Vec<CampaignRevision>,
    /// What happened.
    pub facts: Facts,
}

/// A campaign's terms in one signed revision of its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignRevision {
    /// The revision's number; 1 is the baseline.
    pub revision: u32,
    /// The first day on which it is in force: the day of agreement for the first, the effective day for later ones.
    /// One that lies before its predecessor's counts as of the same day.
    pub effective_from: NaiveDate,
    /// Type, dates and curve.
    pub shape: CampaignShape,
    /// What it must bring and may cost.
    pub targets: Targets,
    /// Whether it runs.
    pub state: CampaignState,
}

/// What a campaign must bring and may cost, leads as a number and the others in the plan's currency. What is missing
/// plans nothing; spend without a budget line is red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// Distinct leads.
    pub leads: Option<Decimal>,
    /// Sourced pipeline.
    pub pipeline: Option<Decimal>,
    /// Won revenue.
    pub won: Option<Decimal>,
    /// The sum of its budget lines, all payers.
    pub budget: Option<Decimal>,
}

impl Targets {
    /// The target of a measure; for spend the budget.
    #[must_use]
    pub fn of(&self, measure: Measure) -> Option<Decimal> {
        match measure {
            Measure::Leads => self.leads,
            Measure::Pipeline => self.pipeline,
            Measure::Won => self.won,
            Measure::Spend => self.budget,
        }
    }
}

/// Whether a campaign runs, as far as its figures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// It runs by its dates.
    Active,
    /// It stops: leads and spend at the end of the day before `from`, pipeline and won by their lag later. The terms
    /// that were in force stay the ones it is measured by.
    Cancelled {
        /// The first day on which it no longer runs; not before the revision is in force.
        from: NaiveDate,
    },
    /// Put off without a new date: plans nothing from the effective day on.
    Postponed,
}

/// What happened, by local day. Each list in any order; several entries a day add up; corrections are negative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Distinct leads at receipt.
    pub leads: Vec<Entry>,
    /// Of these, accepted; shown beside.
    pub accepted: Vec<Entry>,
    /// Of these, qualified; shown beside.
    pub qualified: Vec<Entry>,
    /// Sourced deals at their creation day, lost ones included.
    pub pipeline: Vec<Entry>,
    /// Of the sourced pipeline, what was lost; shown beside.
    pub lost_pipeline: Vec<Entry>,
    /// Pipeline that the campaign touched without having made it; shown beside, never added.
    pub influenced_pipeline: Vec<Entry>,
    /// Won revenue at the day won.
    pub won: Vec<Entry>,
    /// Spend, all payers.
    pub spend: Vec<SpendEntry>,
}

/// An increment on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The local day on which it occurred.
    pub day: NaiveDate,
    /// A number of leads, or an amount in the plan's currency.
    pub amount: Decimal,
}

/// An increment of spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendEntry {
    /// The local day on which it occurred.
    pub day: NaiveDate,
    /// The amount, in the plan's currency.
    pub amount: Decimal,
    /// Out of which money.
    pub source: FundingSource,
}

/// Out of which money a budget line or a spend is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundingSource {
    /// Market development funds.
    Mdf,
    /// Co-op funds, accrued from the partner's sales.
    CoOp,
    /// The vendor's own budget.
    VendorDirect,
    /// The partner's co-investment.
    Partner,
}

impl FundingSource {
    /// All sources, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Mdf, Self::CoOp, Self::VendorDirect, Self::Partner];
}

impl Facts {
    /// The entries of a measure as day and amount.
    pub(super) fn of(&self, measure: Measure) -> Vec<(NaiveDate, Decimal)> {
        let plain = |entries: &[Entry]| entries.iter().map(|e| (e.day, e.amount)).collect();
        match measure {
            Measure::Leads => plain(&self.leads),
            Measure::Pipeline => plain(&self.pipeline),
            Measure::Won => plain(&self.won),
            Measure::Spend => self.spend.iter().map(|e| (e.day, e.amount)).collect(),
        }
    }
}

/// The sum of the entries up to and including `day`.
pub(super) fn sum_until(entries: impl IntoIterator<Item = (NaiveDate, Decimal)>, day: NaiveDate) -> Fraction {
    entries.into_iter().filter(|e| e.0 <= day).map(|e| Fraction::from(e.1)).sum()
}
