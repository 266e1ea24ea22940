//! What a co-op fund accrues: a percentage of a partner's sales, posting by posting, each under a reference of its own.

use crate::domain::day::parse_day;
use crate::domain::money::{AmountError, Currency, Money, MoneyError, parse_amount};
use crate::domain::refusal::Refusal;
use crate::domain::table;
use chrono::{DateTime, Months, NaiveDate, Utc};
use rust_decimal::Decimal;

/// The longest reference of a posting, in characters.
pub const REFERENCE_LIMIT: usize = 80;

/// Sales as they were posted. A correction is below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub sold_on: NaiveDate,
    pub sales: Money,
    pub reference: String,
}

/// Sales that a system posted, as its message names fund and partner: by their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldSales {
    pub fund: String,
    pub partner: String,
    pub posting: Posting,
}

/// A posting of sales, and what it earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrual {
    pub id: String,
    /// The fund whose rate it is, and the partner's own fund that it went to.
    pub fund_id: String,
    pub account_id: String,
    pub partner_id: String,
    pub reference: String,
    pub sales: Money,
    /// For sales in another currency: units of the fund's for one of theirs, and the day of that rate.
    pub rate: Option<(Decimal, NaiveDate)>,
    pub percent: Decimal,
    /// In the fund's currency; below zero for a correction.
    pub amount: Money,
    /// Of a correction that came after the fund's end: what of it had been forfeited, so that nothing was moved for it.
    pub forfeited: Money,
    pub sold_on: NaiveDate,
    /// None where it was too little for a minor unit.
    pub transfer_id: Option<String>,
    /// `command`, `file` or `webhook`.
    pub posted_by: String,
    pub actor: String,
    pub at: DateTime<Utc>,
}

/// A row of a file: sales of a partner that is named as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOfSales {
    /// As spreadsheets count them: the heading is line 1.
    pub line: usize,
    pub partner: String,
    pub posting: Posting,
}

/// A percentage of sales, rounded half away from zero to the minor unit.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn accrued(sales: Money, percent: Decimal) -> Result<Money, MoneyError> {
    sales.share_percent(percent)
}

/// The last day of a credit for sales of a day, by the fund's rule; `None`: as long as the fund.
pub fn expires_on(sold_on: NaiveDate, credit_months: Option<u32>) -> Option<NaiveDate> {
    credit_months.and_then(|months| sold_on.checked_add_months(Months::new(months)))
}

/// An amount that may have a minus sign before it (`-3.50`, or as Tandem shows it `EUR -3.50`), in the currency that it names
/// or in `own`.
///
/// # Errors
/// `bad_input` for what is no amount, and for 0.
pub fn signed(text: &str, own: Currency) -> Result<Money, Refusal> {
    let hint = "Write it like 1,200.00, or -1,200.00 to correct an earlier one.";
    let text = text.trim();
    let before_digits = |(before, _): &(&str, &str)| !before.contains(|c: char| c.is_ascii_digit());
    let (negative, bare) = match text.split_once(['-', '−', '–']).filter(before_digits) {
        Some((before, rest)) => (true, format!("{before}{rest}")),
        None => (false, text.to_owned()),
    };
    let amount = parse_amount(&bare, own).map_err(|error| Refusal::unreadable(&error, hint))?;
    if amount.is_zero() {
        return Err(Refusal::bad_input("The amount is 0.", hint));
    }
    Ok(if negative { amount.negate() } else { amount })
}

/// An amount as a program exports it: a plain decimal with as many places as its currency has, with the code in front if it
/// is another's. So `400.500` of a currency with three places is no riddle; of one with two it is, and nobody looks at an
/// echo of a file. Anything else is read as people write it.
///
/// # Errors
/// As [`signed`]; `bad_input` for three places of a currency that has fewer.
fn exported(text: &str, own: Currency) -> Result<Money, Refusal> {
    let (currency, number) = match text.trim().split_once(' ') {
        Some((code, rest)) => (Currency::parse(code).ok(), rest.trim()),
        None => (Some(own), text.trim()),
    };
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let plain = number.parse::<Decimal>().ok().filter(|_| is_plain);
    let exact = |number: Decimal, currency: Currency| {
        (number.scale() <= currency.exponent()).then_some((number, currency))
    };
    match plain.zip(currency).and_then(|(number, currency)| exact(number, currency)) {
        Some((number, currency)) if !number.is_zero() => {
            Money::rounded(number, currency).map_err(|error| Refusal::unreadable(&error, ""))
        }
        _ => {
            let read = signed(text, own)?;
            match riddle(text, read) {
                Some(riddle) => Err(Refusal::unreadable(&riddle, "")),
                None => Ok(read),
            }
        }
    }
}

/// `400.500` of a currency with two places, which `read` takes for thousands as who writes means it: a program that exports
/// means hundreds.
fn riddle(text: &str, read: Money) -> Option<AmountError> {
    let (currency, allowed) = (read.currency(), read.currency().exponent());
    let number: Decimal = text.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    let thousands = number.scale() == 3 && number.checked_mul(Decimal::ONE_THOUSAND)? == read.decimal().abs();
    if !thousands || allowed == 0 {
        return None;
    }
    let text = text.trim().to_owned();
    Some(match Money::from_decimal(number, currency) {
        Ok(other) => {
            let other = if read.is_negative() { other.negate() } else { other };
            let [one, other] = [read, other].map(|money| money.decimal().to_string());
            AmountError::Ambiguous { text, one, other }
        }
        Err(_) => AmountError::TooManyDecimals { text, currency, allowed },
    })
}

/// A reference as somebody wrote it.
///
/// # Errors
/// `bad_input` for an empty one, or one above [`REFERENCE_LIMIT`].
pub fn reference(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > REFERENCE_LIMIT || text.chars().any(char::is_control) {
        let sentence = format!("A reference has 1 to {REFERENCE_LIMIT} characters.");
        return Err(Refusal::bad_input(sentence, "Give the number of the invoice or of the sales report."));
    }
    Ok(text.to_owned())
}

/// Reads a table with the columns date, partner, sales and reference.
///
/// # Errors
/// What is wrong with it, a sentence for each line.
pub fn read_rows(text: &str, own: Currency, today: NaiveDate) -> Result<Vec<RowOfSales>, Vec<String>> {
    table::read(text, ["date", "partner", "sales", "reference"], |line, [date, partner, sales, named]| {
        let sold_on = parse_day(date, today).map_err(|error| Refusal::unreadable(&error, ""))?;
        if partner.is_empty() {
            return Err(Refusal::bad_input("the partner is missing.", ""));
        }
        let posting = Posting { sold_on, sales: exported(sales, own)?, reference: reference(named)? };
        Ok(RowOfSales { line, partner: partner.to_owned(), posting })
    })
}
