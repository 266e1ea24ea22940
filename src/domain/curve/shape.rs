//! What a campaign's curve depends on: its type, its dates, and what was set for it by hand.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Measure, PIPELINE_LAG_DAYS, TAIL_DAYS, WON_LAG_DAYS};
use crate::domain::campaign_type::CampaignType;

/// The longest campaign, in years.
pub const MAX_CAMPAIGN_YEARS: u32 = 2;
/// The most sends of one campaign.
pub const MAX_SENDS: usize = 100;
/// The longest lag between leads and what follows from them.
pub const MAX_LAG_DAYS: u16 = 730;
/// The longest tail.
pub const MAX_TAIL_DAYS: u16 = 180;

/// Why a campaign's dates or curve are refused; each says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// It ends before it starts.
    #[error("The campaign ends on {end}, before it starts on {start}.")]
    EndBeforeStart {
        /// The first day.
        start: NaiveDate,
        /// The last day.
        end: NaiveDate,
    },
    /// Longer than [`MAX_CAMPAIGN_YEARS`].
    #[error("A campaign can't be longer than {MAX_CAMPAIGN_YEARS} years. Split it.")]
    TooLong,
    /// A send outside the campaign.
    #[error("The send on {send} is outside the campaign ({start} to {end}).")]
    SendOutside {
        /// The send.
        send: NaiveDate,
        /// The first day.
        start: NaiveDate,
        /// The last day.
        end: NaiveDate,
    },
    /// More than [`MAX_SENDS`].
    #[error("A campaign can't have more than {MAX_SENDS} sends.")]
    TooManySends,
    /// A lag beyond [`MAX_LAG_DAYS`].
    #[error("A lag can't be longer than {MAX_LAG_DAYS} days.")]
    LagTooLong,
    /// A tail beyond [`MAX_TAIL_DAYS`].
    #[error("A tail can't be longer than {MAX_TAIL_DAYS} days.")]
    TailTooLong,
    /// Monthly weights that don't make 100.
    #[error("The monthly weights add up to {0} %. They have to add up to 100 %.")]
    WeightsNot100(Decimal),
    /// A negative monthly weight.
    #[error("The weight of {} can't be negative.", .0.format("%B %Y"))]
    NegativeWeight(NaiveDate),
    /// A weight for a month that the campaign has no day in.
    #[error("{} has a weight, but the campaign runs from {start} to {end}.", .month.format("%B %Y"))]
    WeightOutside {
        /// The first day of the month.
        month: NaiveDate,
        /// The first day of the campaign.
        start: NaiveDate,
        /// The last day of the campaign.
        end: NaiveDate,
    },
}

/// Percentages of a target by calendar month, which add up to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<NaiveDate, Decimal>", into = "BTreeMap<NaiveDate, Decimal>")]
pub struct MonthlyWeights(BTreeMap<NaiveDate, Decimal>);

impl MonthlyWeights {
    /// Percentages, each with any day of its month.
    ///
    /// # Errors
    /// [`ShapeError::WeightsNot100`], [`ShapeError::NegativeWeight`].
    pub fn new(weights: impl IntoIterator<Item = (NaiveDate, Decimal)>) -> Result<Self, ShapeError> {
        let mut by_month: BTreeMap<NaiveDate, Decimal> = BTreeMap::new();
        let mut total = Decimal::ZERO;
        for (day, percent) in weights {
            let month = first_of_month(day);
            if percent.is_sign_negative() && !percent.is_zero() {
                return Err(ShapeError::NegativeWeight(month));
            }
            total = total.checked_add(percent).ok_or(ShapeError::WeightsNot100(percent))?;
            let weight = by_month.entry(month).or_default();
            *weight = weight.checked_add(percent).ok_or(ShapeError::WeightsNot100(percent))?;
        }
        if total != Decimal::ONE_HUNDRED {
            return Err(ShapeError::WeightsNot100(total.normalize()));
        }
        Ok(Self(by_month))
    }

    /// The percentage of the month that `day` is in; 0 where none was given.
    #[must_use]
    pub fn of(&self, day: NaiveDate) -> Decimal {
        self.0.get(&first_of_month(day)).copied().unwrap_or_default()
    }
}

impl TryFrom<BTreeMap<NaiveDate, Decimal>> for MonthlyWeights {
    type Error = ShapeError;

    fn try_from(weights: BTreeMap<NaiveDate, Decimal>) -> Result<Self, Self::Error> {
        Self::new(weights)
    }
}

impl From<MonthlyWeights> for BTreeMap<NaiveDate, Decimal> {
    fn from(weights: MonthlyWeights) -> Self {
        weights.0
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// How a target is spread over the days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Evenly over the campaign's days.
    Even,
    /// Nothing before two days after the end, half on that day, the rest evenly over the tail.
    AfterEvent,
    /// Half evenly over the campaign's days, half evenly over the tail after its end.
    TradeShow,
    /// An equal share for each send, evenly over the tail, which begins `delay_days` after the send.
    Sends {
        /// Days from the send to the first result.
        delay_days: u16,
    },
    /// By calendar month, even within a month.
    Monthly(MonthlyWeights),
    /// All on the first day.
    OnStart,
}

/// What was set by hand for one campaign; everything else goes by its type.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CurveOverrides {
    /// The curve of the leads, which pipeline and won revenue follow.
    pub leads: Option<CurveKind>,
    /// The curve of the spend.
    pub spend: Option<CurveKind>,
    /// Days from leads to pipeline.
    pub pipeline_lag_days: Option<u16>,
    /// Days from leads to won revenue.
    pub won_lag_days: Option<u16>,
    /// Days over which results trail an event or a send; without meaning for curves that have no tail.
    pub tail_days: Option<u16>,
}

/// A campaign's type, dates and what was set by hand for its curves. Always valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignShape {
    kind: CampaignType,
    start: NaiveDate,
    end: NaiveDate,
    sends: Vec<NaiveDate>,
    overrides: CurveOverrides,
}

impl CampaignShape {
    /// A campaign from its first to its last day; the two may be the same.
    ///
    /// # Errors
    /// [`ShapeError::EndBeforeStart`], [`ShapeError::TooLong`].
    pub fn new(kind: CampaignType, start: NaiveDate, end: NaiveDate) -> Result<Self, ShapeError> {
        if end < start {
            return Err(ShapeError::EndBeforeStart { start, end });
        }
        let too_late = start.checked_add_months(Months::new(12 * MAX_CAMPAIGN_YEARS));
        if too_late.is_none_or(|limit| end >= limit) {
            return Err(ShapeError::TooLong);
        }
        Ok(Self { kind, start, end, sends: Vec::new(), overrides: CurveOverrides::default() })
    }

    /// With the days on which something is sent. Two on one day count twice.
    ///
    /// # Errors
    /// [`ShapeError::SendOutside`], [`ShapeError::TooManySends`].
    pub fn with_sends(mut self, mut sends: Vec<NaiveDate>) -> Result<Self, ShapeError> {
        if sends.len() > MAX_SENDS {
            return Err(ShapeError::TooManySends);
        }
        sends.sort_unstable();
        let (start, end) = (self.start, self.end);
        if let Some(&send) = sends.iter().find(|s| **s < start || **s > end) {
            return Err(ShapeError::SendOutside { send, start, end });
        }
        self.sends = sends;
        Ok(self)
    }

    /// With what was set by hand.
    ///
    /// # Errors
    /// [`ShapeError::LagTooLong`], [`ShapeError::TailTooLong`], [`ShapeError::WeightOutside`].
    pub fn with_overrides(mut self, overrides: CurveOverrides) -> Result<Self, ShapeError> {
        let lags = [overrides.pipeline_lag_days, overrides.won_lag_days];
        if lags.into_iter().flatten().any(|l| l > MAX_LAG_DAYS) {
            return Err(ShapeError::LagTooLong);
        }
        if overrides.tail_days.is_some_and(|t| t > MAX_TAIL_DAYS) {
            return Err(ShapeError::TailTooLong);
        }
        for kind in [&overrides.leads, &overrides.spend].into_iter().flatten() {
            match kind {
                CurveKind::Monthly(weights) => self.check_months(weights)?,
                CurveKind::Sends { delay_days } if *delay_days > MAX_LAG_DAYS => {
                    return Err(ShapeError::LagTooLong);
                }
                _ => {}
            }
        }
        self.overrides = overrides;
        Ok(self)
    }

    fn check_months(&self, weights: &MonthlyWeights) -> Result<(), ShapeError> {
        let (start, end) = (self.start, self.end);
        let inside = |month: &NaiveDate| *month >= first_of_month(start) && *month <= end;
        match weights.0.iter().find(|(month, percent)| !percent.is_zero() && !inside(month)) {
            Some((&month, _)) => Err(ShapeError::WeightOutside { month, start, end }),
            None => Ok(()),
        }
    }

    /// The same campaign where it was agreed on `day`: nothing is planned before. If it had started, the whole curve is
    /// laid over what is left of it; if it was over, it counts as a campaign of that single day. Sends that had gone
    /// out count as of that day.
    #[must_use]
    pub fn agreed_on(&self, day: NaiveDate) -> Self {
        let mut laid = self.clone();
        laid.start = laid.start.max(day);
        laid.end = laid.end.max(laid.start);
        for send in &mut laid.sends {
            *send = (*send).max(day);
        }
        laid
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> CampaignType {
        self.kind
    }

    /// The first day.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// The last day.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// The sends in order; without any, one on the start.
    #[must_use]
    pub fn sends(&self) -> Vec<NaiveDate> {
        if self.sends.is_empty() { vec![self.start] } else { self.sends.clone() }
    }

    /// How long results trail an event or a send.
    #[must_use]
    pub fn tail_days(&self) -> u16 {
        self.overrides.tail_days.unwrap_or(TAIL_DAYS)
    }

    /// How many days a measure follows the leads; 0 for leads and spend.
    #[must_use]
    pub fn lag_days(&self, measure: Measure) -> u16 {
        match measure {
            Measure::Leads | Measure::Spend => 0,
            Measure::Pipeline => self.overrides.pipeline_lag_days.unwrap_or(PIPELINE_LAG_DAYS),
            Measure::Won => self.overrides.won_lag_days.unwrap_or(WON_LAG_DAYS),
        }
    }

    /// The curve of the leads: the one set by hand, else the type's.
    #[must_use]
    pub fn leads_curve(&self) -> CurveKind {
        if let Some(kind) = &self.overrides.leads {
            return kind.clone();
        }
        match self.kind {
            CampaignType::Webinar | CampaignType::InPersonEvent => CurveKind::AfterEvent,
            CampaignType::TradeShow => CurveKind::TradeShow,
            CampaignType::Email | CampaignType::PartnerNewsletter => CurveKind::Sends { delay_days: 1 },
            CampaignType::DirectMail => CurveKind::Sends { delay_days: 5 },
            CampaignType::PaidSearch
            | CampaignType::PaidSocial
            | CampaignType::Display
            | CampaignType::ContentSyndication
            | CampaignType::Telemarketing
            | CampaignType::Social
            | CampaignType::LandingPage
            | CampaignType::Other => CurveKind::Even,
        }
    }

    /// The curve of the spend: the one set by hand, else by whether the type is always on.
    #[must_use]
    pub fn spend_curve(&self) -> CurveKind {
        let by_type = || if self.kind.is_always_on() { CurveKind::Even } else { CurveKind::OnStart };
        self.overrides.spend.clone().unwrap_or_else(by_type)
    }
}
