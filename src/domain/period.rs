//! Periods: the quarter, half, year or pair of days that a plan covers. Both days belong to it.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::day::{DayError, MAX_DAY_CHARS, month_number, parse_day};

/// The longest period, in years.
pub const MAX_YEARS: u32 = 2;

/// A run of days, the first and the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    start: NaiveDate,
    end: NaiveDate,
}

impl TryFrom<Wire> for Period {
    type Error = PeriodError;

    fn try_from(days: Wire) -> Result<Self, Self::Error> {
        Self::new(days.start, days.end)
    }
}

impl From<Period> for Wire {
    fn from(period: Period) -> Self {
        Self { start: period.start, end: period.end }
    }
}

/// Why a text or a pair of days is not a period; each says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// Not understood.
    #[error("“{0}” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31.")]
    NotAPeriod(String),
    /// The end is before the start. A single day is a period.
    #[error("A period can't end before it starts; {end} is before {start}.")]
    EndBeforeStart {
        /// The first day.
        start: NaiveDate,
        /// The last day.
        end: NaiveDate,
    },
    /// Longer than [`MAX_YEARS`].
    #[error("A period can't be longer than {MAX_YEARS} years. One that starts on {start} ends by {latest}.")]
    TooLong {
        /// The first day.
        start: NaiveDate,
        /// The latest last day.
        latest: NaiveDate,
    },
    /// One of the two days is not a day.
    #[error(transparent)]
    Day(#[from] DayError),
}

impl Period {
    /// A period from its first to its last day.
    ///
    /// # Errors
    /// [`PeriodError::EndBeforeStart`], [`PeriodError::TooLong`].
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        if end < start {
            return Err(PeriodError::EndBeforeStart { start, end });
        }
        let latest = start
            .checked_add_months(Months::new(12 * MAX_YEARS))
            .and_then(|d| d.pred_opt())
            .unwrap_or(NaiveDate::MAX);
        if end > latest {
            return Err(PeriodError::TooLong { start, latest });
        }
        Ok(Self { start, end })
    }

    /// The first day.
    #[must_use]
    pub fn start(self) -> NaiveDate {
        self.start
    }

    /// The last day.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        self.end
    }

    /// How many days, the first and the last counted.
    #[must_use]
    pub fn days(self) -> i64 {
        days_between(self.start, self.end)
    }

    /// Whether the day is in the period.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day <= self.end
    }

    /// Whether any day from `first` to `last` is in the period.
    #[must_use]
    pub fn overlaps(self, first: NaiveDate, last: NaiveDate) -> bool {
        first <= self.end && self.start <= last
    }

    /// How many of its days are over at the end of `day`: 0 before it, all of them after.
    #[must_use]
    pub fn elapsed(self, day: NaiveDate) -> i64 {
        days_between(self.start, day).clamp(0, self.days())
    }

    /// How many of its days are still to come after `day`.
    #[must_use]
    pub fn days_left(self, day: NaiveDate) -> i64 {
        self.days() - self.elapsed(day)
    }
}

/// Days from `first` to `last`, both counted; zero or less when `last` is before `first`.
#[must_use]
pub fn days_between(first: NaiveDate, last: NaiveDate) -> i64 {
    last.signed_duration_since(first).num_days() + 1
}

/// Reads a period.
///
/// - `2026-01-01..2026-03-31`, `1 Jan 2026 to 31 Mar 2026`, `1 Jan to 31 Mar 2026`: any two days.
/// - `Q1 2026`, `2026-Q1`, `2026q1`, `H2 2026`, `2026`: by the calendar year. Without a year, the first such period
///   that is not over.
/// - `FY2026`, `Q1 FY2026`, `FY26 H1`, `March FY26`: by the fiscal year that *ends* in 2026, starting in
///   `fiscal_start_month` (1 to 12; with 1 it is the calendar year). Only with `FY`: `Q1 2026` is a calendar quarter
///   whenever the fiscal year starts.
/// - `March 2026`, `2026-03`: a calendar month.
///
/// # Errors
/// [`PeriodError`], which says what would be right. Never panics, whatever the text.
pub fn parse_period(text: &str, today: NaiveDate, fiscal_start_month: u32) -> Result<Period, PeriodError> {
    let shown: String = text.trim().chars().take(MAX_DAY_CHARS).collect();
    let lower = text.trim().to_lowercase();
    let not_a_period = || PeriodError::NotAPeriod(shown.clone());
    if lower.is_empty() || lower.chars().count() > 2 * MAX_DAY_CHARS {
        return Err(not_a_period());
    }
    for separator in ["..", " to ", " until ", " till ", " – ", " - ", "–", "→"] {
        if let Some((first, last)) = lower.split_once(separator) {
            return two_days(first.trim(), last.trim_start_matches('.').trim(), today);
        }
    }
    // The ISO 8601 way: 2026-01-01/2026-03-31.
    if let Some((first, last)) = lower.split_once('/').filter(|(a, b)| a.len() == 10 && b.len() == 10) {
        return two_days(first, last, today);
    }
    let named = named(&lower, today, fiscal_start_month.clamp(1, 12));
    let (start, months) = named.ok_or_else(not_a_period)?;
    let end = start.checked_add_months(Months::new(months)).and_then(|d| d.pred_opt());
    Period::new(start, end.ok_or_else(not_a_period)?)
}

/// Whether a text that was read as a period says it by the fiscal year.
#[must_use]
pub fn is_fiscal(text: &str) -> bool {
    text.to_lowercase().contains("fy")
}

/// Whether a text that was read as a period says a quarter or a half, or a bare year: what a fiscal year has too.
#[must_use]
pub fn is_part_of_a_year(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let rest = lower.replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let part = |rest: &str| matches!(rest, "q1" | "q2" | "q3" | "q4" | "h1" | "h2" | "");
    let year = |digits: &str| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let bare = |rest: &str| rest.get(..4).is_some_and(|head| year(head) && part(&rest[4..]));
    bare(&rest) || rest.get(..2).is_some_and(|head| part(head) && (rest.len() == 2 || year(&rest[2..])))
}

fn two_days(first: &str, last: &str, today: NaiveDate) -> Result<Period, PeriodError> {
    let end = parse_day(last, today)?;
    let start = parse_day(first, today)?;
    // "1 Jan to 31 Mar 2027": the year was said once, for both.
    let has_year = |t: &str| t.split(|c: char| !c.is_ascii_digit()).any(|n| n.len() == 4);
    if !has_year(first) && has_year(last) && first.chars().any(|c| c.is_ascii_digit()) {
        for year in [end.year(), end.year() - 1] {
            if let Ok(day) = parse_day(&format!("{first} {year}"), today)
                && day < end
            {
                return Period::new(day, end);
            }
        }
    }
    Period::new(start, end)
}

/// The first day and the number of months.
fn named(lower: &str, today: NaiveDate, fiscal_start: u32) -> Option<(NaiveDate, u32)> {
    let spaced = lower.replace(['-', '/', '_', ',', '\''], " ").replace("fy", " fy ");
    let mut words: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        // "2026q1" and "q12026" are two words written as one.
        match word.find(['q', 'h']) {
            Some(at) if at > 0 && word[..at].bytes().all(|b| b.is_ascii_digit()) => {
                words.extend([word[at..].to_owned(), word[..at].to_owned()]);
            }
            Some(0) if word.len() == 6 && word.bytes().skip(1).all(|b| b.is_ascii_digit()) => {
                words.extend([word[..2].to_owned(), word[2..].to_owned()]);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let fiscal = words.iter().any(|w| w == "fy");
    words.retain(|w| w != "fy");
    let year_at = words.iter().position(|w| year(w, fiscal).is_some());
    let year = year_at.and_then(|at| year(&words.remove(at), fiscal));
    let (part, months) = match &words[..] {
        [] => (0, 12),
        [part] => part_of_year(part)?,
        _ => return None,
    };
    let start_month = if fiscal { fiscal_start } else { 1 };
    // A month has its calendar's number; within a fiscal year it is so many months behind the first.
    let part = if months == 1 { (part + 13 - start_month) % 12 } else { part };
    let first_day = |year: i32| {
        // A fiscal year is named after the calendar year in which it ends.
        let begins = if start_month == 1 { year } else { year - 1 };
        NaiveDate::from_ymd_opt(begins, start_month, 1)?.checked_add_months(Months::new(part * months))
    };
    if let Some(year) = year {
        return Some((first_day(year)?, months));
    }
    if words.is_empty() {
        return None;
    }
    let not_over =
        |start: &NaiveDate| start.checked_add_months(Months::new(months)).is_some_and(|next| next > today);
    let first = (today.year()..=today.year() + 2).filter_map(first_day).find(not_over)?;
    Some((first, months))
}

fn year(word: &str, fiscal: bool) -> Option<i32> {
    let number: i32 = word.parse().ok()?;
    match word.len() {
        4 if (1970..=2999).contains(&number) => Some(number),
        2 if fiscal => Some(2000 + number),
        _ => None,
    }
}

/// Which part of the year (from 0) and of how many months: `q2` is (1, 3).
fn part_of_year(word: &str) -> Option<(u32, u32)> {
    match word {
        "q1" => Some((0, 3)),
        "q2" => Some((1, 3)),
        "q3" => Some((2, 3)),
        "q4" => Some((3, 3)),
        "h1" => Some((0, 6)),
        "h2" => Some((1, 6)),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|m| (1..=12).contains(m)).map(|m: u32| (m - 1, 1))
        }
        name => month_number(name).map(|m| (m - 1, 1)),
    }
}

/// The first day of the calendar month after the one `day` is in; the last day there is, at the end of time.
pub(crate) fn next_month(day: NaiveDate) -> NaiveDate {
    let first = day.checked_sub_days(Days::new(u64::from(day.day0())));
    first.and_then(|d| d.checked_add_months(Months::new(1))).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, fiscal_start: u32) -> Result<String, String> {
        let today = NaiveDate::from_ymd_opt(2026, 3, 18).expect("a day");
        parse_period(text, today, fiscal_start)
            .map(|p| format!("{}..{}", p.start(), p.end()))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn periods_as_people_write_them() {
        for (text, expected) in [
            ("Q1 2026", "2026-01-01..2026-03-31"),
            ("2026-Q1", "2026-01-01..2026-03-31"),
            ("2026q1", "2026-01-01..2026-03-31"),
            ("q12026", "2026-01-01..2026-03-31"),
            ("H2 2026", "2026-07-01..2026-12-31"),
            ("2026", "2026-01-01..2026-12-31"),
            ("FY2026", "2026-01-01..2026-12-31"),
            ("March 2026", "2026-03-01..2026-03-31"),
            ("2026-02", "2026-02-01..2026-02-28"),
            ("Q1", "2026-01-01..2026-03-31"),
            ("h1", "2026-01-01..2026-06-30"),
            ("January", "2027-01-01..2027-01-31"),
            ("2026-01-01..2026-03-31", "2026-01-01..2026-03-31"),
            ("2026-01-01/2026-03-31", "2026-01-01..2026-03-31"),
            ("1 Jan 2026 to 31 Mar 2026", "2026-01-01..2026-03-31"),
            ("1 Jan to 31 Mar 2027", "2027-01-01..2027-03-31"),
            ("1 Nov - 31 Jan 2027", "2026-11-01..2027-01-31"),
            ("1 Apr until end of next quarter", "2026-04-01..2026-06-30"),
        ] {
            assert_eq!(read(text, 1), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_fiscal_year_is_named_after_the_year_it_ends_in() {
        assert_eq!(read("FY2026", 7), Ok("2025-07-01..2026-06-30".to_owned()));
        assert_eq!(read("FY26", 2), Ok("2025-02-01..2026-01-31".to_owned()));
        assert_eq!(read("Q1 FY2026", 7), Ok("2025-07-01..2025-09-30".to_owned()));
        assert_eq!(read("FY2026-H2", 7), Ok("2026-01-01..2026-06-30".to_owned()));
        assert_eq!(read("Q1 2026", 7), Ok("2026-01-01..2026-03-31".to_owned()));
        for (text, start, expected) in [
            ("FY26 Q1", 7, "2025-07-01..2025-09-30"),
            ("fy26q4", 4, "2026-01-01..2026-03-31"),
            ("FY26 H2", 10, "2026-04-01..2026-09-30"),
            ("FY2027", 12, "2026-12-01..2027-11-30"),
            ("FY2024 Q3", 9, "2024-03-01..2024-05-31"),
            ("FY26", 1, "2026-01-01..2026-12-31"),
            ("FY26 September", 7, "2025-09-01..2025-09-30"),
            ("March FY26", 7, "2026-03-01..2026-03-31"),
            ("March FY26", 1, "2026-03-01..2026-03-31"),
            ("FY Q1", 7, "2026-07-01..2026-09-30"),
            ("FY Q3", 7, "2026-01-01..2026-03-31"),
        ] {
            assert_eq!(read(text, start), Ok(expected.to_owned()), "{text} from month {start}");
        }
    }

    #[test]
    fn which_texts_a_fiscal_year_has_too() {
        for text in ["Q1 2026", "2026-Q1", "q12026", "2026q1", "h2", " H1 / 2026", "2026"] {
            assert!(is_part_of_a_year(text) && !is_fiscal(text), "{text}");
        }
        for text in ["March 2026", "2026-03", "FY26", "2026-01-01..2026-03-31", "1 Jan to 31 Mar", "é", "q5"]
        {
            assert!(!is_part_of_a_year(text), "{text}");
        }
        assert!(is_fiscal("FY26 Q1") && is_fiscal("q1 fy2026"));
    }

    proptest::proptest! {
        #[test]
        fn a_fiscal_year_ends_in_the_year_of_its_name(year in 1980_i32..2900, start in 1_u32..13) {
            let today = NaiveDate::from_ymd_opt(2026, 3, 18).expect("a day");
            let of = |text: &str| parse_period(text, today, start).expect("a period");
            let whole = of(&format!("FY{year}"));
            proptest::prop_assert_eq!(whole.end().year(), year);
            proptest::prop_assert_eq!((whole.start().day(), whole.start().month()), (1, start));
            // Its quarters and its halves fill it without a gap.
            for parts in [&["Q1", "Q2", "Q3", "Q4"][..], &["H1", "H2"]] {
                let mut next = whole.start();
                for part in parts {
                    let part = of(&format!("FY{year} {part}"));
                    proptest::prop_assert_eq!(part.start(), next);
                    next = part.end().succ_opt().expect("a day");
                }
                proptest::prop_assert_eq!(next.pred_opt(), Some(whole.end()));
            }
        }
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        let refused = |text: &str, sentence: &str| assert_eq!(read(text, 1), Err(sentence.to_owned()));
        refused(
            "Q5 2026",
            "“Q5 2026” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31.",
        );
        refused(
            "2026-03-31..2026-01-01",
            "A period can't end before it starts; 2026-01-01 is before 2026-03-31.",
        );
        assert_eq!(read("2026-03-31..2026-03-31", 1), Ok("2026-03-31..2026-03-31".to_owned()));
        refused(
            "2026-01-01..2028-01-01",
            "A period can't be longer than 2 years. One that starts on 2026-01-01 ends by 2027-12-31.",
        );
        refused(
            "2026-01-01..03/04/2026",
            "“03/04/2026” can be 2026-03-04 or 2026-04-03. Write 2026-03-04 or 2026-04-03.",
        );
        assert_eq!(read("2026-01-01..2027-12-31", 1), Ok("2026-01-01..2027-12-31".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(text in proptest::prelude::any::<String>(), fiscal_start in 0_u32..15) {
            let _ = read(&text, fiscal_start);
        }

        #[test]
        fn reading_something_like_a_period_never_panics(
            text in "(fy|q|h|[0-9]{1,6}|jan|-|/| to |\\.\\.| |é|2026){0,7}",
            fiscal_start in 0_u32..15,
        ) {
            let _ = read(&text, fiscal_start);
        }
    }
}
