//! The course of a measure by day, for charts.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Measure, PlanFigures, Planned};
use crate::domain::curve::plus;
use crate::domain::fraction::Fraction;

/// Cumulative figures at the end of a day, unrounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// The day.
    pub day: NaiveDate,
    /// Planned to date by the revisions in force.
    pub planned: Decimal,
    /// Planned to date by revision 1.
    pub baseline: Decimal,
    /// Actual; `None` after the as-of day.
    pub actual: Option<Decimal>,
}

/// A point for every day of the period, and on to the as-of day where that is later. What was planned or came before
/// the period is in the first point.
#[must_use]
pub fn series(plan: &PlanFigures, measure: Measure) -> Vec<SeriesPoint> {
    let mut campaigns: Vec<_> = plan.campaigns.iter().collect();
    campaigns.sort_by(|a, b| a.key.cmp(&b.key));
    let current: Vec<Planned> = campaigns.iter().map(|c| Planned::current(measure, &c.revisions)).collect();
    let baseline: Vec<Planned> = campaigns.iter().map(|c| Planned::baseline(measure, &c.revisions)).collect();
    let mut facts: Vec<(NaiveDate, Decimal)> = campaigns.iter().flat_map(|c| c.facts.of(measure)).collect();
    facts.sort_unstable_by_key(|f| f.0);
    let mut facts = facts.into_iter().peekable();
    let sum = |courses: &[Planned], day| -> Fraction { courses.iter().map(|p| p.to_date(day)).sum() };

    let last = plan.period.end().max(plan.as_of);
    let mut points = Vec::new();
    let (mut day, mut actual) = (plan.period.start(), Fraction::ZERO);
    while day <= last {
        while let Some((_, amount)) = facts.next_if(|f| f.0 <= day) {
            actual = actual + Fraction::from(amount);
        }
        points.push(SeriesPoint {
            day,
            planned: sum(&current, day).to_decimal(),
            baseline: sum(&baseline, day).to_decimal(),
            actual: (day <= plan.as_of).then(|| actual.to_decimal()),
        });
        day = plus(day, 1);
    }
    points
}
