//! The colour of a line, always computed and always with its reason.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::curve::plus;
use crate::domain::fraction::Fraction;

/// How a line stands. In order of concern, so that the worst is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Too early or nothing to judge; ignored when the worst is sought.
    Grey,
    /// On plan.
    Green,
    /// Off plan, to be watched.
    Amber,
    /// Off plan, a decision is asked for.
    Red,
}

/// Why a line has its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusReason {
    /// Within the limits.
    OnPlan,
    /// Nothing is planned by the end of the period (for spend: no budget line, and nothing spent).
    NothingPlanned,
    /// Planned to date is too small a part of planned by period end to judge.
    TooEarly,
    /// Fewer leads, less pipeline or won revenue than planned.
    Behind,
    /// Spent more than the budget line.
    OverBudget,
    /// Spent without a budget line.
    NoBudgetLine,
    /// Spent more than planned to date, within the budget line.
    OverPlanned,
    /// Spent while nothing was planned to be spent yet, within the budget line.
    BeforePlanned,
    /// Spent less than planned to date.
    Underspent,
}

impl StatusReason {
    /// Spend beyond what was planned or allowed: the only spend that counts for the overall status.
    #[must_use]
    pub fn is_overspent(self) -> bool {
        matches!(self, Self::OverBudget | Self::NoBudgetLine | Self::OverPlanned | Self::BeforePlanned)
    }
}

/// The limits for colours, in percent; a limit itself still belongs to the better colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Leads, pipeline, won: green down to this shortfall.
    pub amber_below: Decimal,
    /// Leads, pipeline, won: amber down to this shortfall.
    pub red_below: Decimal,
    /// Leads, pipeline, won: no colour while planned to date is under this share of planned by period end.
    pub early_under: Decimal,
    /// Spend: amber above this excess over planned to date.
    pub overspend_amber: Decimal,
    /// Spend: red above this excess over planned to date.
    pub overspend_red: Decimal,
    /// Spend: amber beyond this shortfall from planned to date.
    pub underspend: Decimal,
    /// Spend: such a shortfall is red from this many days after the campaign's end.
    pub underspend_red_after_days: u16,
}

impl Default for Thresholds {
    /// Conventions of the product; there is no standard for them.
    fn default() -> Self {
        let percent = Decimal::from;
        Self {
            amber_below: percent(10),
            red_below: percent(25),
            early_under: percent(10),
            overspend_amber: percent(10),
            overspend_red: percent(20),
            underspend: percent(20),
            underspend_red_after_days: 30,
        }
    }
}

/// Why limits are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ThresholdError {
    /// A limit outside 0 to 1,000 %.
    #[error("Every limit has to be from 0 to 1000 %, written without a sign.")]
    OutOfRange,
    /// Red before amber.
    #[error("The limit for red can't be closer to the plan than the limit for amber.")]
    RedBeforeAmber,
}

impl Thresholds {
    /// Checks limits that somebody entered.
    ///
    /// # Errors
    /// [`ThresholdError`].
    pub fn check(&self) -> Result<(), ThresholdError> {
        let all = [
            self.amber_below,
            self.red_below,
            self.early_under,
            self.overspend_amber,
            self.overspend_red,
            self.underspend,
        ];
        if all.iter().any(|l| l.is_sign_negative() || *l > Decimal::ONE_THOUSAND) {
            return Err(ThresholdError::OutOfRange);
        }
        if self.red_below < self.amber_below || self.overspend_red < self.overspend_amber {
            return Err(ThresholdError::RedBeforeAmber);
        }
        Ok(())
    }

    /// The colour of leads, pipeline or won revenue.
    pub(super) fn of_results(
        &self,
        actual: Fraction,
        to_date: Fraction,
        by_end: Fraction,
    ) -> (Status, StatusReason) {
        if by_end.is_zero() {
            return (Status::Grey, StatusReason::NothingPlanned);
        }
        if to_date < by_end * percent(self.early_under) || to_date <= Fraction::ZERO {
            return (Status::Grey, StatusReason::TooEarly);
        }
        let shortfall = to_date - actual;
        if shortfall <= to_date * percent(self.amber_below) {
            (Status::Green, StatusReason::OnPlan)
        } else if shortfall <= to_date * percent(self.red_below) {
            (Status::Amber, StatusReason::Behind)
        } else {
            (Status::Red, StatusReason::Behind)
        }
    }

    /// The colour of spend. `campaign_end` is the campaign's last day, at plan level that of the last campaign.
    pub(super) fn of_spend(
        &self,
        actual: Fraction,
        to_date: Fraction,
        budget: Option<Fraction>,
        (as_of, campaign_end): (NaiveDate, Option<NaiveDate>),
    ) -> (Status, StatusReason) {
        let Some(budget) = budget else {
            let spent = actual > Fraction::ZERO;
            return if spent {
                (Status::Red, StatusReason::NoBudgetLine)
            } else {
                (Status::Grey, StatusReason::NothingPlanned)
            };
        };
        let over = actual - to_date;
        if actual > budget && actual > Fraction::ZERO {
            (Status::Red, StatusReason::OverBudget)
        } else if to_date.is_zero() && over > Fraction::ZERO {
            // Anything is more than 20 % over nothing. It has a reason of its own, because there is no percentage to name.
            (Status::Red, StatusReason::BeforePlanned)
        } else if over > to_date * percent(self.overspend_red) {
            (Status::Red, StatusReason::OverPlanned)
        } else if over > to_date * percent(self.overspend_amber) {
            (Status::Amber, StatusReason::OverPlanned)
        } else if -over > to_date * percent(self.underspend) {
            let late = |end| as_of >= plus(end, i64::from(self.underspend_red_after_days));
            let status = if campaign_end.is_some_and(late) { Status::Red } else { Status::Amber };
            (status, StatusReason::Underspent)
        } else {
            (Status::Green, StatusReason::OnPlan)
        }
    }
}

fn percent(value: Decimal) -> Fraction {
    Fraction::from(value).over(Fraction::whole(100)).unwrap_or(Fraction::ZERO)
}
