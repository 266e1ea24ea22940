//! What a co-op fund accrues: a percentage of a partner's sales, posting by posting, each under a reference of its own.

use crate::domain::day::parse_day;
use crate::domain::escape::short;
use crate::domain::money::{Currency, Money, MoneyError, parse_amount};
use crate::domain::refusal::Refusal;
use chrono::{DateTime, Months, NaiveDate, Utc};
use rust_decimal::Decimal;

/// The longest reference of a posting, in characters.
pub const REFERENCE_LIMIT: usize = 80;
/// The most rows of one file.
pub const MAX_ROWS: usize = 2_000;
/// The most problems that are listed of one file.
pub const MAX_PROBLEMS: usize = 20;

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

/// An amount that may have a minus sign before it, in the currency that it names or in `own`.
///
/// # Errors
/// `bad_input` for what is no amount, and for 0.
pub fn signed(text: &str, own: Currency) -> Result<Money, Refusal> {
    let hint = "Write it like 1,200.00, or -1,200.00 to correct an earlier one.";
    let text = text.trim();
    let (negative, bare) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let amount = parse_amount(bare, own).map_err(|error| Refusal::unreadable(&error, hint))?;
    if amount.is_zero() {
        return Err(Refusal::bad_input("The amount is 0.", hint));
    }
    Ok(if negative { amount.negate() } else { amount })
}

/// An amount as a program exports it: a plain decimal with as many places as its currency has, with the code in front if it
/// is another's. So `400.500` of a currency with three places is no riddle. Anything else is read as people write it.
///
/// # Errors
/// As [`signed`].
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
        _ => signed(text, own),
    }
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

/// Reads a CSV with the columns date, partner, sales and reference, in any order, under a heading; commas or semicolons.
///
/// # Errors
/// What is wrong with it, a sentence for each line.
pub fn read_rows(text: &str, own: Currency, today: NaiveDate) -> Result<Vec<RowOfSales>, Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let records = records(text).map_err(|problem| vec![problem])?;
    let mut records =
        records.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let Some((_, heading)) = records.next() else { return Err(vec!["The file is empty.".to_owned()]) };
    let place = columns(&heading).map_err(|problem| vec![problem])?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (line, cells) in records {
        match row(line, &cells, place, own, today) {
            Ok(row) => rows.push(row),
            Err(refusal) => problems.push(format!("Line {line}: {}", refusal.sentence)),
        }
    }
    if rows.len() + problems.len() > MAX_ROWS {
        problems.insert(0, format!("A file has at most {MAX_ROWS} rows. Split it."));
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push("The file has a heading and no rows.".to_owned());
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

const COLUMNS: [&str; 4] = ["date", "partner", "sales", "reference"];

fn columns(heading: &[String]) -> Result<[usize; 4], String> {
    let mut place = [0; 4];
    for (index, wanted) in COLUMNS.iter().enumerate() {
        let found = heading.iter().position(|cell| cell.trim().eq_ignore_ascii_case(wanted));
        place[index] = found.ok_or_else(|| {
            format!("The column {wanted} is missing. The heading is: {}", COLUMNS.join(","))
        })?;
    }
    Ok(place)
}

fn row(
    line: usize,
    cells: &[String],
    place: [usize; 4],
    own: Currency,
    today: NaiveDate,
) -> Result<RowOfSales, Refusal> {
    let cell = |at: usize| cells.get(place[at]).map(|text| text.trim()).unwrap_or_default();
    let sold_on = parse_day(cell(0), today).map_err(|error| Refusal::unreadable(&error, ""))?;
    if cell(1).is_empty() {
        return Err(Refusal::bad_input("the partner is missing.", ""));
    }
    let posting = Posting { sold_on, sales: exported(cell(2), own)?, reference: reference(cell(3))? };
    Ok(RowOfSales { line, partner: cell(1).to_owned(), posting })
}

/// The records of a CSV, each with the line on which it starts. Source: RFC 4180; semicolons too, as spreadsheets of many
/// countries write them.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let (mut all, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut started) = (false, 1, 1);
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\n' if !quoted => {
                line += 1;
                cells.push(std::mem::take(&mut cell));
                all.push((started, std::mem::take(&mut cells)));
                started = line;
            }
            '\r' if !quoted => {}
            other if other == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            other => {
                line += usize::from(other == '\n');
                cell.push(other);
            }
        }
    }
    if quoted {
        return Err(format!("Line {started}: a quotation mark is not closed."));
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        all.push((started, cells));
    }
    Ok(all)
}

/// Problems as one text, cut to [`MAX_PROBLEMS`].
pub fn listed(problems: &[String]) -> String {
    let mut lines: Vec<String> = problems.iter().take(MAX_PROBLEMS).map(|one| short(one, 200)).collect();
    if problems.len() > MAX_PROBLEMS {
        lines.push(format!("… and {} more.", problems.len() - MAX_PROBLEMS));
    }
    lines.join("\n")
}
