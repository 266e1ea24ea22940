//! Dated rates of a program: what one unit of a currency is worth in another, from a day on until the next rate. Entered
//! by people; nothing is converted without one, and what is converted keeps the rate that it was converted at.

use super::money::{Currency, Money, MoneyError};
use super::refusal::Refusal;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// So many units of `to` for one of `from`, from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedRate {
    pub from: Currency,
    pub to: Currency,
    pub rate: Decimal,
    pub valid_from: NaiveDate,
}

/// The most decimals of a rate.
const MAX_PLACES: u32 = 10;
/// The highest rate.
const MAX_RATE: i64 = 1_000_000_000;

/// A rate as somebody wrote it: a plain decimal above 0 with at most ten decimals. `None` for anything else.
pub fn read(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let rate: Decimal = Some(text).filter(|_| plain).and_then(|text| text.parse().ok())?;
    let sound =
        rate > Decimal::ZERO && rate <= Decimal::from(MAX_RATE) && rate.normalize().scale() <= MAX_PLACES;
    sound.then(|| rate.normalize())
}

/// An amount at a rate, rounded half away from zero to the minor unit.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn convert(amount: Money, rate: Decimal, to: Currency) -> Result<Money, MoneyError> {
    let converted = amount.decimal().checked_mul(rate).ok_or(MoneyError::TooLarge(to))?;
    Money::rounded(converted, to)
}

impl DatedRate {
    /// An amount of `from` in `to`.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] for an amount in another currency, [`MoneyError::TooLarge`].
    pub fn convert(&self, amount: Money) -> Result<Money, MoneyError> {
        if amount.currency() != self.from {
            return Err(MoneyError::CurrencyMismatch { left: amount.currency(), right: self.from });
        }
        convert(amount, self.rate, self.to)
    }
}

/// The refusal of a conversion for which no rate is dated.
pub fn missing(from: Currency, to: Currency, day: NaiveDate) -> Refusal {
    let (from, to) = (from.code(), to.code());
    Refusal::bad_input(
        format!("There is no rate of {from} in {to} for {day}."),
        format!("The vendor enters one with /fund rate currency:{from} into:{to}."),
    )
}
