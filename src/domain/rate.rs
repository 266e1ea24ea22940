//! Dated rates of a program: what one unit of a currency is worth in another, from a day on until the next rate. Entered
//! by people; nothing is converted without one, and what is converted keeps the rate that it was converted at.

use super::day::parse_day;
use super::escape::short;
use super::money::{Currency, Money, MoneyError};
use super::refusal::Refusal;
use super::table;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

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

/// How far ahead a rate may be dated, in days: agreed ones are known a quarter before.
const AHEAD_DAYS: i64 = 366;

/// A rate of two currencies from a day on, as somebody wrote it.
///
/// # Errors
/// `bad_input` for what is no currency or no rate, for one currency said twice, and for a day more than a year ahead.
pub fn dated(
    (from, to): (&str, &str),
    rate: &str,
    (valid_from, today): (NaiveDate, NaiveDate),
) -> Result<DatedRate, Refusal> {
    let currency = |text: &str| Currency::parse(text.trim()).map_err(|error| Refusal::unreadable(&error, ""));
    let (from, to) = (currency(from)?, currency(to)?);
    if from == to {
        return Err(Refusal::bad_input("Both are the same currency.", "Name two."));
    }
    let hint = format!("Give what one {} is worth in {}, such as 0.92.", from.code(), to.code());
    let rate = read(rate).ok_or_else(|| Refusal::bad_input("That is not a rate.", hint))?;
    if (valid_from - today).num_days() > AHEAD_DAYS {
        let sentence = format!("{valid_from} is more than a year ahead.");
        return Err(Refusal::bad_input(sentence, "Check the day."));
    }
    Ok(DatedRate { from, to, rate, valid_from })
}

/// Reads a table with the columns currency, into, date and rate. A pair has one rate a day.
///
/// # Errors
/// What is wrong with it, a sentence for each line.
pub fn read_rows(text: &str, today: NaiveDate) -> Result<Vec<DatedRate>, Vec<String>> {
    let rows = table::read(text, ["currency", "into", "date", "rate"], |line, [from, to, day, rate]| {
        let valid_from = parse_day(day, today).map_err(|error| Refusal::unreadable(&error, ""))?;
        let rate =
            dated((from, to), rate, (valid_from, today)).map_err(|refusal| match rate.contains(',') {
                true => {
                    Refusal::bad_input(format!("write {} with a point, such as 0.92.", short(rate, 40)), "")
                }
                false => refusal,
            })?;
        Ok((line, rate))
    })?;
    let (mut seen, mut problems) = (BTreeSet::new(), Vec::new());
    for (line, rate) in &rows {
        let (from, to, day) = (rate.from.code(), rate.to.code(), rate.valid_from);
        if !seen.insert((from, to, day)) {
            problems.push(format!("Line {line}: {from} in {to} has another rate of {day} above."));
        }
    }
    if problems.is_empty() { Ok(rows.into_iter().map(|(_, rate)| rate).collect()) } else { Err(problems) }
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
