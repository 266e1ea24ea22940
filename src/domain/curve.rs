//! Curves: which share of a campaign's target is planned to have come in by the end of each day.
//!
//! A curve is a few runs of days, each with a share that falls evenly on its days; everything else (cumulative share,
//! lag, first and last day) follows from that, exactly. A curve knows nothing of amounts or of revisions: see
//! `variance::planned` for those.

mod shape;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

pub use shape::{
    CampaignShape, CurveKind, CurveOverrides, MAX_CAMPAIGN_YEARS, MAX_LAG_DAYS, MAX_SENDS, MAX_TAIL_DAYS,
    MonthlyWeights, ShapeError,
};

use super::fraction::Fraction;
use super::period::{days_between, next_month};

/// Results trail an event or a send for this many days.
pub const TAIL_DAYS: u16 = 14;
/// Pipeline follows the leads' curve this many days later.
pub const PIPELINE_LAG_DAYS: u16 = 30;
/// Won revenue follows the leads' curve this many days later.
pub const WON_LAG_DAYS: u16 = 90;
/// The leads of an event come in from this many days after its end.
pub const EVENT_DELAY_DAYS: u16 = 2;

/// What is planned and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Distinct leads, whole numbers.
    Leads,
    /// Sourced pipeline, an amount.
    Pipeline,
    /// Won revenue, an amount.
    Won,
    /// Spend of all payers, an amount.
    Spend,
}

impl Measure {
    /// All measures, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Leads, Self::Pipeline, Self::Won, Self::Spend];

    /// The stable code in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Leads => "leads",
            Self::Pipeline => "pipeline",
            Self::Won => "won",
            Self::Spend => "spend",
        }
    }
}

/// A run of days with a share of the target, evenly on each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: NaiveDate,
    days: i64,
    share: Fraction,
}

/// The planned course of one measure of one campaign. The shares of its days add up to exactly 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    runs: Vec<Run>,
}

impl Curve {
    /// The course of the leads, by the campaign's type or the curve that was set for it.
    #[must_use]
    pub fn leads(shape: &CampaignShape) -> Self {
        Self::laid(&shape.leads_curve(), shape)
    }

    /// The leads' curve, 30 days later unless another lag was set.
    #[must_use]
    pub fn pipeline(shape: &CampaignShape) -> Self {
        Self::leads(shape).later(shape.lag_days(Measure::Pipeline))
    }

    /// The leads' curve, 90 days later unless another lag was set.
    #[must_use]
    pub fn won(shape: &CampaignShape) -> Self {
        Self::leads(shape).later(shape.lag_days(Measure::Won))
    }

    /// The course of the spend: always-on types evenly, dated types all on the start, unless a curve was set for it.
    #[must_use]
    pub fn spend(shape: &CampaignShape) -> Self {
        Self::laid(&shape.spend_curve(), shape)
    }

    /// The course of a measure.
    #[must_use]
    pub fn of(measure: Measure, shape: &CampaignShape) -> Self {
        match measure {
            Measure::Leads => Self::leads(shape),
            Measure::Pipeline => Self::pipeline(shape),
            Measure::Won => Self::won(shape),
            Measure::Spend => Self::spend(shape),
        }
    }

    /// The share planned up to and including `day`, from 0 to 1.
    #[must_use]
    pub fn cumulative(&self, day: NaiveDate) -> Fraction {
        let part = |run: &Run| {
            let passed = days_between(run.first, day).clamp(0, run.days);
            Fraction::new(passed, run.days).map_or(Fraction::ZERO, |p| p * run.share)
        };
        self.runs.iter().map(part).sum()
    }

    /// The share planned on `day` itself.
    #[must_use]
    pub fn increment(&self, day: NaiveDate) -> Fraction {
        self.cumulative(day) - self.cumulative(plus(day, -1))
    }

    /// The first day with a share.
    #[must_use]
    pub fn first_day(&self) -> NaiveDate {
        self.runs.iter().map(|r| r.first).min().unwrap_or(NaiveDate::MAX)
    }

    /// The last day with a share.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.runs.iter().map(|r| plus(r.first, r.days - 1)).max().unwrap_or(NaiveDate::MIN)
    }

    fn later(mut self, days: u16) -> Self {
        for run in &mut self.runs {
            run.first = plus(run.first, i64::from(days));
        }
        self
    }

    fn laid(kind: &CurveKind, shape: &CampaignShape) -> Self {
        let (start, end, tail) = (shape.start(), shape.end(), i64::from(shape.tail_days()));
        let length = days_between(start, end);
        let half = Fraction::new(1, 2).unwrap_or(Fraction::ZERO);
        let mut runs = Runs::default();
        match kind {
            CurveKind::Even => runs.add(start, length, Fraction::ONE),
            CurveKind::OnStart => runs.add(start, 1, Fraction::ONE),
            CurveKind::AfterEvent => {
                let first = plus(end, i64::from(EVENT_DELAY_DAYS));
                runs.add(first, 1, half);
                runs.add_tail(plus(first, 1), tail, half);
            }
            CurveKind::TradeShow => {
                runs.add(start, length, half);
                runs.add_tail(plus(end, 1), tail, half);
            }
            CurveKind::Sends { delay_days } => {
                let sends = shape.sends();
                let count = i64::try_from(sends.len()).unwrap_or(i64::MAX);
                let each = Fraction::new(1, count).unwrap_or(Fraction::ZERO);
                for send in sends {
                    // Without a tail everything comes in on the first day after the delay.
                    runs.add(plus(send, i64::from(*delay_days)), tail.max(1), each);
                }
            }
            CurveKind::Monthly(weights) => runs.add_months(weights, start, end),
        }
        Self { runs: runs.0 }
    }
}

#[derive(Default)]
struct Runs(Vec<Run>);

impl Runs {
    fn add(&mut self, first: NaiveDate, days: i64, share: Fraction) {
        if !share.is_zero() {
            self.0.push(Run { first, days, share });
        }
    }

    /// A tail of no days gives its share to what came before it, so that the whole stays 1.
    fn add_tail(&mut self, first: NaiveDate, days: i64, share: Fraction) {
        match self.0.last_mut() {
            Some(before) if days == 0 => before.share = before.share + share,
            _ => self.add(first, days, share),
        }
    }

    /// Each month's weight evenly over those of its days that are between `start` and `end`. Weights of months outside
    /// are left out and the others keep their proportions; if nothing is left, evenly.
    fn add_months(&mut self, weights: &MonthlyWeights, start: NaiveDate, end: NaiveDate) {
        let mut months = Vec::new();
        let mut first = start;
        while first <= end && first < NaiveDate::MAX {
            let next = next_month(first);
            let last = plus(next, -1).min(end);
            months.push((first, days_between(first, last), Fraction::from(weights.of(first))));
            first = next;
        }
        let total: Fraction = months.iter().map(|m| m.2).sum();
        for (first, days, weight) in &months {
            if let Some(share) = weight.over(total) {
                self.add(*first, *days, share);
            }
        }
        if total.is_zero() {
            self.add(start, days_between(start, end), Fraction::ONE);
        }
    }
}

/// `day` and a number of days, staying inside the calendar.
pub(crate) fn plus(day: NaiveDate, days: i64) -> NaiveDate {
    let step = Days::new(days.unsigned_abs());
    if days < 0 {
        day.checked_sub_days(step).unwrap_or(NaiveDate::MIN)
    } else {
        day.checked_add_days(step).unwrap_or(NaiveDate::MAX)
    }
}
