//! The lines of a claim: one invoice each, accepted whole, in part or not at all.

use crate::domain::money::{Currency, Money, MoneyError, parse_amount_in};
use crate::domain::refusal::Refusal;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    pub position: i64,
    pub what: String,
    pub supplier: String,
    pub invoice_number: String,
    pub invoice_date: NaiveDate,
    /// Net of recoverable tax, in the invoice's currency.
    pub net: Money,
    pub tax: Money,
    /// For an invoice in another currency: units of the claim's for one of its own, and the day of that rate.
    pub rate: Option<(Decimal, NaiveDate)>,
    /// Net, in the claim's currency.
    pub claimed: Money,
    /// What of `claimed` was accepted; nothing was decided yet without it.
    pub accepted: Option<Money>,
    pub reason: Option<String>,
    /// The log entry that says that it was spent.
    pub log_entry_id: Option<String>,
}

impl Line {
    /// Net and tax together, in the invoice's currency.
    pub fn gross(&self) -> Option<Money> {
        self.net.checked_add(self.tax).ok()
    }

    /// What counts of it: what was accepted, or all of it while nobody has said otherwise.
    pub fn counts(&self) -> Money {
        self.accepted.unwrap_or(self.claimed)
    }

    /// What tells one invoice from another: supplier and number, without regard to case, spaces and marks.
    pub fn invoice_mark(&self) -> String {
        let plain = |text: &str| {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
        };
        format!("{}/{}", plain(&self.supplier), plain(&self.invoice_number))
    }
}

/// What a claim pays: the accepted part of its lines at the share, at most what is left of the request.
///
/// # Errors
/// [`MoneyError`] for lines in another currency than `left`, or a sum that is too large.
pub fn payable(lines: &[Line], share_percent: Decimal, left: Money) -> Result<Money, MoneyError> {
    let accepted = Money::sum(left.currency(), lines.iter().map(Line::counts))?;
    accepted.share_percent(share_percent)?.at_most(left)
}

/// What was said of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineVerdict {
    pub position: i64,
    pub accepted: Money,
    pub reason: Option<String>,
}

/// Reads what a decider wrote: a row for each line, `2: 450.00 alcohol is not eligible`. A line that is left out is
/// accepted whole.
///
/// # Errors
/// `bad_input` for what can't be read, an unknown line, more than was claimed, or less without a reason.
pub fn verdicts(text: &str, lines: &[Line], currency: Currency) -> Result<Vec<LineVerdict>, Refusal> {
    let mut said = Vec::new();
    for row in text.lines().map(str::trim).filter(|row| !row.is_empty()) {
        said.push(verdict(row, lines, currency)?);
    }
    let whole = |line: &Line| LineVerdict { position: line.position, accepted: line.claimed, reason: None };
    Ok(lines
        .iter()
        .map(|line| {
            said.iter()
                .rev()
                .find(|one| one.position == line.position)
                .cloned()
                .unwrap_or_else(|| whole(line))
        })
        .collect())
}

fn verdict(row: &str, lines: &[Line], currency: Currency) -> Result<LineVerdict, Refusal> {
    let hint = "Write a row for each line, such as: 2: 450.00 alcohol is not eligible";
    let unreadable = || Refusal::unreadable(&format!("I can't read “{row}”."), hint);
    let (position, rest) = row.split_once(':').ok_or_else(unreadable)?;
    let position: i64 = position.trim().trim_start_matches('#').parse().map_err(|_| unreadable())?;
    let line = lines.iter().find(|line| line.position == position).ok_or_else(|| {
        Refusal::bad_input(format!("There is no line {position}."), format!("There are {}.", lines.len()))
    })?;
    let rest = rest.trim();
    let (amount, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let accepted = parse_amount_in(amount, currency).map_err(|error| Refusal::unreadable(&error, hint))?;
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    match accepted.compare(line.claimed) {
        Ok(Ordering::Greater) => Err(Refusal::bad_input(
            format!("{accepted} is more than line {position} claims."),
            format!("Accept at most {}.", line.claimed),
        )),
        Ok(Ordering::Less) if reason.is_none() => Err(Refusal::bad_input(
            format!("Line {position} is cut without a reason."),
            "Write the reason after the amount.",
        )),
        _ => Ok(LineVerdict { position, accepted, reason }),
    }
}
