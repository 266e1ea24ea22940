//! Rates into a plan's currency: entered with a date while it is a draft, signed with it, and used for facts in other
//! currencies. Without a rate such facts are shown apart.

use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::rate;
use crate::domain::refusal::Refusal;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// So many units of the plan's currency for one unit of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub currency: Currency,
    pub rate: Decimal,
    /// The local day on which it was entered.
    pub entered_on: NaiveDate,
}

impl Rate {
    /// A rate as somebody wrote it: a plain decimal.
    ///
    /// # Errors
    /// `bad_input` for anything else, for 0, or for more than ten decimals.
    pub fn read(text: &str, currency: Currency, plan: Currency, today: NaiveDate) -> Result<Self, Refusal> {
        let hint = format!("Give what one {} is worth in {}, such as 0.92.", currency.code(), plan.code());
        if currency == plan {
            return Err(Refusal::bad_input(format!("The plan is in {} itself.", plan.code()), ""));
        }
        let rate = rate::read(text).ok_or_else(|| Refusal::bad_input("That is not a rate.", hint))?;
        Ok(Self { currency, rate, entered_on: today })
    }

    /// An amount of its currency in the plan's, rounded half away from zero to the minor unit.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn convert(&self, amount: Money, plan: Currency) -> Result<Money, MoneyError> {
        rate::convert(amount, self.rate, plan)
    }

    /// What is signed of it.
    pub(super) fn content(&self) -> Value {
        json!({
            "currency": self.currency.code(),
            "rate": self.rate.to_string(),
            "entered_on": self.entered_on.to_string(),
        })
    }
}
