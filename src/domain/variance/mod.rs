//! Variance: what a plan should have brought by a day, what it has brought, and where that leads.
//!
//! Input is a plan's signed revisions and its dated facts; output is a [`VarianceReport`], the same for the same input in
//! any order. The plan's time zone has been applied before: every day here is a local day, and `as_of` is the last
//! complete one. Facts later than that, or recorded later than the report's instant, are the caller's to leave out or
//! are ignored here by their day. The formulas are explained in `docs/figures.md`.
//!
//! This module never rounds (see `text::number`) and never converts between currencies: amounts come in in the plan's.

mod input;
mod line;
mod planned;
mod report;
mod series;
mod status;

pub use super::curve::Measure;
pub use input::{
    CampaignFigures, CampaignRevision, CampaignState, Entry, Facts, FundingSource, PlanFigures, SpendEntry,
    Targets,
};
pub use line::{Band, Baseline, MeasureLine, VariancePercent};
pub use planned::Planned;
pub use report::{Beside, CampaignLine, Lines, PeriodProgress, Ratios, VarianceReport, report};
pub use series::{SeriesPoint, series};
pub use status::{Status, StatusReason, ThresholdError, Thresholds};
