//! One line of the report: a measure of a campaign or of the plan.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::input::sum_until;
use super::{CampaignFigures, Measure, PlanFigures, Planned, Status, StatusReason, Thresholds};
use crate::domain::fraction::Fraction;
use crate::domain::period::{Period, days_between};

/// A measure against its plan. Numbers of leads, or amounts in the plan's currency; unrounded (12 decimals, cut off).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureLine {
    /// What is measured.
    pub measure: Measure,
    /// The whole target; for spend the budget. `None` when none was set.
    pub target: Option<Decimal>,
    /// What the plan wants to have by the last day of the period.
    pub planned_by_end: Decimal,
    /// What it plans for after the period.
    pub planned_after: Decimal,
    /// What of the target is not planned on any day: after a cancellation or a postponement without a date. Negative
    /// where a target was cut or dropped after more than the new one had been due.
    pub released: Decimal,
    /// What should have come in by the end of the as-of day.
    pub planned_to_date: Decimal,
    /// What has.
    pub actual: Decimal,
    /// Actual − planned to date.
    pub variance: Decimal,
    /// Variance ÷ planned to date.
    pub variance_pct: VariancePercent,
    /// What the end of the period will see if it goes on like this.
    pub forecast: Decimal,
    /// Between which figures the forecast lies.
    pub band: Band,
    /// What each remaining day of the period has to bring; `None` when none is left. Zero or less: it is there already.
    pub needed_a_day: Option<Decimal>,
    /// What each day since the first planned one has brought; `None` before it.
    pub so_far_a_day: Option<Decimal>,
    /// The colour.
    pub status: Status,
    /// The reason for the colour.
    pub status_reason: StatusReason,
    /// The same by revision 1 throughout.
    pub baseline: Baseline,
}

/// Variance as a percentage of planned to date, unrounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariancePercent {
    /// So many percent; −10 means a tenth short.
    Percent(Decimal),
    /// Nothing was planned to date, but something came.
    Unplanned,
    /// Nothing was planned to date, and nothing came.
    Blank,
}

impl VariancePercent {
    fn of(variance: Fraction, planned: Fraction, actual: Fraction) -> Self {
        match (variance * Fraction::whole(100)).over(planned) {
            Some(percent) => Self::Percent(percent.to_decimal()),
            None if actual.is_zero() => Self::Blank,
            None => Self::Unplanned,
        }
    }

    /// The percentage, where there is one.
    #[must_use]
    pub fn percent(self) -> Option<Decimal> {
        match self {
            Self::Percent(percent) => Some(percent),
            Self::Unplanned | Self::Blank => None,
        }
    }
}

/// The range of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// The lower figure.
    pub low: Decimal,
    /// The higher figure.
    pub high: Decimal,
}

/// A line by revision 1 throughout. Nothing in it for campaigns that came with a later revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The target of revision 1.
    pub target: Option<Decimal>,
    /// Planned by the end of the period.
    pub planned_by_end: Decimal,
    /// Planned for after the period.
    pub planned_after: Decimal,
    /// Planned to date.
    pub planned_to_date: Decimal,
    /// Actual − planned to date.
    pub variance: Decimal,
    /// Variance ÷ planned to date.
    pub variance_pct: VariancePercent,
}

/// What one course plans, exactly.
#[derive(Debug, Clone, Copy, Default)]
struct Course {
    target: Option<Fraction>,
    total: Fraction,
    by_end: Fraction,
    to_date: Fraction,
}

impl Course {
    fn of(planned: &Planned, period: Period, as_of: NaiveDate) -> Self {
        Self {
            target: planned.target(),
            total: planned.total(),
            by_end: planned.to_date(period.end()),
            to_date: planned.to_date(as_of),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            target: match (self.target, other.target) {
                (Some(a), Some(b)) => Some(a + b),
                (one, other) => one.or(other),
            },
            total: self.total + other.total,
            by_end: self.by_end + other.by_end,
            to_date: self.to_date + other.to_date,
        }
    }
}

/// Everything that a line is made of and that adds up: the plan's is the sum of its campaigns'.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    current: Course,
    baseline: Course,
    released: Fraction,
    pub(super) actual: Fraction,
    forecast: Fraction,
    low: Fraction,
    high: Fraction,
    first_day: Option<NaiveDate>,
    campaign_end: Option<NaiveDate>,
}

impl Sums {
    pub(super) fn of(measure: Measure, campaign: &CampaignFigures, plan: &PlanFigures) -> Self {
        let planned = Planned::current(measure, &campaign.revisions);
        let baseline = Planned::baseline(measure, &campaign.revisions);
        let current = Course::of(&planned, plan.period, plan.as_of);
        let actual = sum_until(campaign.facts.of(measure), plan.as_of);
        let (forecast, low, high) = forecast(actual, &current, plan.as_of >= plan.period.end());
        Self {
            released: current.target.unwrap_or_default() - current.total,
            current,
            baseline: Course::of(&baseline, plan.period, plan.as_of),
            actual,
            forecast,
            low,
            high,
            first_day: planned.first_day(),
            campaign_end: planned.campaign_end(),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            current: self.current.and(other.current),
            baseline: self.baseline.and(other.baseline),
            released: self.released + other.released,
            actual: self.actual + other.actual,
            forecast: self.forecast + other.forecast,
            low: self.low + other.low,
            high: self.high + other.high,
            first_day: [self.first_day, other.first_day].into_iter().flatten().min(),
            campaign_end: self.campaign_end.max(other.campaign_end),
        }
    }

    pub(super) fn variance(&self) -> Fraction {
        self.actual - self.current.to_date
    }

    pub(super) fn line(
        &self,
        measure: Measure,
        (period, as_of): (Period, NaiveDate),
        limits: &Thresholds,
    ) -> MeasureLine {
        let Course { target, total, by_end, to_date } = self.current;
        let (status, status_reason) = match measure {
            Measure::Spend => limits.of_spend(self.actual, to_date, target, (as_of, self.campaign_end)),
            Measure::Leads | Measure::Pipeline | Measure::Won => {
                limits.of_results(self.actual, to_date, by_end)
            }
        };
        let since_first = self.first_day.map_or(0, |first| days_between(first, as_of).max(0));
        let a_day =
            |amount: Fraction, days: i64| amount.over(Fraction::whole(days)).map(Fraction::to_decimal);
        MeasureLine {
            measure,
            target: target.map(Fraction::to_decimal),
            planned_by_end: by_end.to_decimal(),
            planned_after: (total - by_end).to_decimal(),
            released: self.released.to_decimal(),
            planned_to_date: to_date.to_decimal(),
            actual: self.actual.to_decimal(),
            variance: self.variance().to_decimal(),
            variance_pct: VariancePercent::of(self.variance(), to_date, self.actual),
            forecast: self.forecast.to_decimal(),
            band: Band { low: self.low.to_decimal(), high: self.high.to_decimal() },
            needed_a_day: a_day(by_end - self.actual, period.days_left(as_of)),
            so_far_a_day: a_day(self.actual, since_first),
            status,
            status_reason,
            baseline: self.baseline_line(),
        }
    }

    fn baseline_line(&self) -> Baseline {
        let Course { target, total, by_end, to_date } = self.baseline;
        let variance = self.actual - to_date;
        Baseline {
            target: target.map(Fraction::to_decimal),
            planned_by_end: by_end.to_decimal(),
            planned_after: (total - by_end).to_decimal(),
            planned_to_date: to_date.to_decimal(),
            variance: variance.to_decimal(),
            variance_pct: VariancePercent::of(variance, to_date, self.actual),
        }
    }
}

/// Forecast at period end, and its band from low to high.
///
/// With w = planned to date ÷ planned by period end, the rest of the plan is weighted with
/// p = max(0, w × (actual ÷ planned to date) + 1 − w), which is max(0, 1 − (planned to date − actual) ÷ planned by
/// period end). While nothing was planned to date, p is 1. When the period is over, nothing of it is left.
fn forecast(actual: Fraction, course: &Course, period_over: bool) -> (Fraction, Fraction, Fraction) {
    let rest = if period_over { Fraction::ZERO } else { course.by_end - course.to_date };
    let Some(pace) = actual.over(course.to_date) else {
        return (actual + rest, actual + rest, actual + rest);
    };
    let missing = (course.to_date - actual).over(course.by_end);
    let weight = missing.map_or(Fraction::ONE, |m| (Fraction::ONE - m).max(Fraction::ZERO));
    let (slow, fast) = (rest * pace.min(Fraction::ONE), rest * pace.max(Fraction::ONE));
    // A cut leaves a negative rest, and then the larger factor gives the lower figure.
    (actual + rest * weight, actual + slow.min(fast), actual + slow.max(fast))
}
