//! The lines of a claim: one invoice each, accepted whole, in part or not at all.

use crate::domain::money::{AmountError, Currency, Money, MoneyError, parse_amount, parse_amount_in};
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
    /// The log entry that says that it was spent, or what its fund paid of it.
    pub log_entry_id: Option<String>,
    /// The log entry of what the partner bears of it.
    pub rest_entry_id: Option<String>,
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

    /// The same line as its side filed it, whatever was said of it since.
    pub fn as_claimed(&self) -> Self {
        Self { accepted: None, reason: None, ..self.clone() }
    }

    /// What tells one invoice from another: supplier and number, without regard to case, spaces and marks.
    pub fn invoice_mark(&self) -> String {
        mark(&self.supplier, &self.invoice_number)
    }

    /// Whether it is of this invoice, however that is written.
    pub fn is_of(&self, supplier: &str, invoice_number: &str) -> bool {
        self.invoice_mark() == mark(supplier, invoice_number)
    }
}

fn mark(supplier: &str, invoice_number: &str) -> String {
    format!("{}/{}", plain(supplier), plain(invoice_number))
}

/// A supplier or number without case, spaces and marks.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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

/// The longest reason of a cut line, in characters: so the rows of all lines fit into one form.
pub const LINE_REASON_MAX: usize = 120;

/// The most that can be typed into the form of lines, in characters.
pub const VERDICTS_MAX: usize = 4_000;

/// Reads what a decider wrote: a row for each line, `2: 450.00 alcohol is not eligible`. A line that is left out stays as it
/// is, with its reason: whole if nobody has said otherwise.
///
/// # Errors
/// `bad_input` for what can't be read, an unknown line, more than was claimed, less without a reason, or a reason of more
/// than [`LINE_REASON_MAX`] characters.
pub fn verdicts(text: &str, lines: &[Line], currency: Currency) -> Result<Vec<LineVerdict>, Refusal> {
    let mut said = Vec::new();
    for row in text.lines().map(str::trim).filter(|row| !row.is_empty()) {
        said.push(verdict(row, lines, currency)?);
    }
    let stays = |line: &Line| LineVerdict {
        position: line.position,
        accepted: line.counts(),
        reason: line.reason.clone(),
    };
    Ok(lines
        .iter()
        .map(|line| {
            said.iter()
                .rev()
                .find(|one| one.position == line.position)
                .cloned()
                .unwrap_or_else(|| stays(line))
        })
        .collect())
}

/// The most words of which an amount is made: a currency and groups of three digits.
const AMOUNT_WORDS: usize = 8;

/// English words that are a currency in capitals. As they stand here they begin a reason.
const WORDS: [&str; 8] = ["all", "bob", "cup", "mad", "pen", "sos", "top", "try"];

/// The amount that a text begins with, and what follows: as many words as are an amount together, so that neither
/// `KWD 500.000` nor `1 200.50` is cut at its space.
fn amount_first(text: &str, currency: Currency) -> Result<(Money, &str), AmountError> {
    let spaces = text.match_indices(char::is_whitespace).map(|(at, _)| at);
    let mut ends: Vec<usize> = spaces.take(AMOUNT_WORDS * 2).chain([text.len()]).collect();
    ends.sort_unstable();
    for end in ends.iter().rev() {
        let (amount, rest) = text.split_at(*end);
        match parse_amount(amount, currency) {
            Ok(money) if money.currency() == currency => return Ok((money, rest)),
            Ok(money) if !amount.split_whitespace().any(|word| WORDS.contains(&word)) => {
                return Err(AmountError::WrongCurrency { expected: currency, found: money.currency() });
            }
            _ => {}
        }
    }
    let first = text.split_once(char::is_whitespace).map_or(text, |(first, _)| first);
    parse_amount_in(first, currency).map(|money| (money, text.get(first.len()..).unwrap_or_default()))
}

/// The lines as a decider would type them: what is accepted of each as it stands, printed as everywhere else. Whole rows, as
/// many as fit into the form: one that is left out stays as it is.
pub fn lines_as_typed(lines: &[Line]) -> String {
    let row = |line: &Line| {
        let reason = line.reason.as_deref().map(|reason| format!(" {reason}")).unwrap_or_default();
        format!("{}: {}{reason}", line.position, line.counts())
    };
    let mut chars = 0;
    let fits = |row: &String| {
        chars += row.chars().count() + 1;
        chars <= VERDICTS_MAX
    };
    lines.iter().map(row).take_while(fits).collect::<Vec<_>>().join("\n")
}

fn verdict(row: &str, lines: &[Line], currency: Currency) -> Result<LineVerdict, Refusal> {
    let hint = "Write a row for each line, such as: 2: 450.00 alcohol is not eligible";
    let unreadable = || Refusal::unreadable(&format!("I can't read “{row}”."), hint);
    let (position, rest) = row.split_once(':').ok_or_else(unreadable)?;
    let position: i64 = position.trim().trim_start_matches('#').parse().map_err(|_| unreadable())?;
    let line = lines.iter().find(|line| line.position == position).ok_or_else(|| {
        Refusal::bad_input(format!("There is no line {position}."), format!("There are {}.", lines.len()))
    })?;
    let (accepted, reason) =
        amount_first(rest.trim(), currency).map_err(|error| Refusal::unreadable(&error, hint))?;
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > LINE_REASON_MAX) {
        return Err(Refusal::bad_input(
            format!("The reason of line {position} is longer than {LINE_REASON_MAX} characters."),
            "Say it shorter; what concerns the whole claim is said when it is returned or declined.",
        ));
    }
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
