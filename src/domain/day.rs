//! Reading a day as people write it, relative to a *today* that is handed in (the plan's local day).
//!
//! What is understood, and how (the answer always echoes the day as `Sat 14 Feb 2026`):
//! - `2026-02-14`, `2026/02/14`, `14.02.2026` (dots are day first), `14 Feb 2026`, `Feb 14, 2026`, `14th of February`.
//! - `14/02/2026` only where one of the two cannot be a month; `03/04/2026` is refused.
//! - Without a year: the first such day that is not more than 90 days ago.
//! - `today`, `tomorrow`, `yesterday`; `in 3 days`, `+2w`, `-3d`, `2 weeks ago` (d, w, m, y).
//! - `friday` is today if today is a Friday, else the coming one; `next friday` is the first Friday after today;
//!   `last friday` the latest one before today.
//! - `end of month`, `end of next quarter`, `start of year`, … by the calendar; weeks run from Monday to Sunday.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use thiserror::Error;

/// The longest text that is read as a day, in characters.
pub const MAX_DAY_CHARS: usize = 60;

/// A day without a year may lie this many days back before it means next year's.
pub const LOOK_BACK_DAYS: u64 = 90;

/// The years that a day may lie in.
pub const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// Why a text is not a day; each says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DayError {
    /// Nothing was written.
    #[error("A date is missing. Write it like 2026-02-14, 14 Feb or next friday.")]
    Empty,
    /// Not understood.
    #[error("“{0}” is not a date. Write it like 2026-02-14, 14 Feb 2026, next friday or in 3 days.")]
    NotADay(String),
    /// Day and month can be exchanged.
    #[error("“{text}” can be {one} or {other}. Write {one} or {other}.")]
    Ambiguous {
        /// What was written.
        text: String,
        /// Read with the month first.
        one: NaiveDate,
        /// Read with the day first.
        other: NaiveDate,
    },
    /// The calendar has no such day.
    #[error("There is no such day as “{0}”. Write one that its month has, such as 2026-02-14.")]
    NoSuchDay(String),
    /// The weekday that was written is not that day's.
    #[error(
        "{day} is not the weekday written in “{text}”. Leave the weekday out, or correct one of the two."
    )]
    WrongWeekday {
        /// What was written.
        text: String,
        /// The day that it names.
        day: NaiveDate,
    },
    /// A year with two digits.
    #[error("Write the year of “{0}” with four digits.")]
    ShortYear(String),
    /// Outside [`YEARS`].
    #[error("“{0}” is too far away; years from 1970 to 2999 are understood.")]
    TooFar(String),
}

/// Reads a day. `today` is the local day of whoever is asked.
///
/// # Errors
/// [`DayError`], which says what would be right. Never panics, whatever the text.
pub fn parse_day(text: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    let lower = text.trim().to_lowercase();
    let shown: String = text.trim().chars().take(MAX_DAY_CHARS).collect();
    if lower.is_empty() {
        return Err(DayError::Empty);
    }
    if lower.chars().count() > MAX_DAY_CHARS {
        return Err(DayError::NotADay(shown));
    }
    let day = read(&lower, &shown, today)?;
    if !YEARS.contains(&day.year()) {
        return Err(DayError::TooFar(shown));
    }
    Ok(day)
}

fn read(lower: &str, shown: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    let commas = lower.replace(',', " ");
    let words: Vec<&str> = commas.split_whitespace().collect();
    if let [one] = words[..]
        && let Some(found) = numeric(one, shown)
    {
        return found;
    }
    if let Some(found) = relative(&words, today).or_else(|| edge(&words, today)) {
        return found.ok_or_else(|| DayError::TooFar(shown.to_owned()));
    }
    if let Some(found) = weekday(&words, today) {
        return found.ok_or_else(|| DayError::TooFar(shown.to_owned()));
    }
    named_month(&words, shown, today)
}

/// `2026-02-14`, `2026/02/14`, `14.02.2026`, `14/02/2026`.
fn numeric(word: &str, shown: &str) -> Option<Result<NaiveDate, DayError>> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = word.trim_end_matches('.').split(separator).collect();
    let digits = |p: &&str| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    let [a, b, c] = parts[..] else { return None };
    if !parts.iter().all(digits) {
        return None;
    }
    // At most four digits, so the numbers are small.
    let number = |p: &str| p.parse::<u32>().unwrap_or(0);
    let no_such_day = || DayError::NoSuchDay(shown.to_owned());
    let day = |y: &str, m: &str, d: &str| {
        let year = i32::try_from(number(y)).ok()?;
        NaiveDate::from_ymd_opt(year, number(m), number(d))
    };
    if a.len() == 4 {
        return Some(day(a, b, c).ok_or_else(no_such_day));
    }
    if c.len() != 4 {
        return Some(Err(DayError::ShortYear(shown.to_owned())));
    }
    if separator == '.' {
        return Some(day(c, b, a).ok_or_else(no_such_day));
    }
    Some(match (day(c, a, b), day(c, b, a)) {
        (Some(one), Some(other)) if one != other => {
            Err(DayError::Ambiguous { text: shown.to_owned(), one, other })
        }
        (Some(day), _) | (None, Some(day)) => Ok(day),
        (None, None) => Err(no_such_day()),
    })
}

/// The outer `Option`: it is this form; the inner: such a day exists.
type Found = Option<Option<NaiveDate>>;

fn relative(words: &[&str], today: NaiveDate) -> Found {
    match words {
        ["today" | "now"] => Some(Some(today)),
        ["tomorrow"] => Some(today.checked_add_days(Days::new(1))),
        ["yesterday"] => Some(today.checked_sub_days(Days::new(1))),
        ["in", count, unit] => step(today, quantity(count)?, unit, true),
        [count, unit, "ago"] => step(today, quantity(count)?, unit, false),
        ["next", unit] => step(today, 1, unit, true),
        ["last", unit] => step(today, 1, unit, false),
        [short] => {
            let forward = match short.chars().next()? {
                '+' => true,
                '-' => false,
                _ => return None,
            };
            let rest = &short[1..];
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            step(today, rest[..digits].parse().ok()?, &rest[digits..], forward)
        }
        _ => None,
    }
}

fn quantity(word: &str) -> Option<u32> {
    match word {
        "a" | "an" | "one" => Some(1),
        "two" => Some(2),
        "three" => Some(3),
        digits => digits.parse().ok(),
    }
}

fn step(today: NaiveDate, count: u32, unit: &str, forward: bool) -> Found {
    let (days, months) = match unit {
        "d" | "day" | "days" => (u64::from(count), 0),
        "w" | "week" | "weeks" => (u64::from(count) * 7, 0),
        "m" | "month" | "months" => (0, count),
        "y" | "year" | "years" => (0, count.saturating_mul(12)),
        _ => return None,
    };
    Some(if forward {
        today.checked_add_months(Months::new(months)).and_then(|d| d.checked_add_days(Days::new(days)))
    } else {
        today.checked_sub_months(Months::new(months)).and_then(|d| d.checked_sub_days(Days::new(days)))
    })
}

/// `end of month`, `start of next quarter`.
fn edge(words: &[&str], today: NaiveDate) -> Found {
    let (side, rest) = words.split_first()?;
    let rest: Vec<&str> = rest.iter().copied().filter(|w| !matches!(*w, "of" | "the" | "this")).collect();
    let (next, unit) = match rest[..] {
        ["next", unit] => (1, unit),
        [unit] => (0, unit),
        _ => return None,
    };
    let (first, last) = match unit {
        "week" => {
            let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
            let monday = monday.checked_add_days(Days::new(7 * next))?;
            (Some(monday), monday.checked_add_days(Days::new(6)))
        }
        "month" => span(today, 1, next),
        "quarter" => span(today, 3, next),
        "year" => span(today, 12, next),
        _ => return None,
    };
    match *side {
        "end" | "eo" => Some(last),
        "start" | "beginning" => Some(first),
        _ => None,
    }
}

/// First and last day of the run of `months` calendar months that `today` is in, or of the `next` one.
fn span(today: NaiveDate, months: u32, next: u64) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let first = NaiveDate::from_ymd_opt(today.year(), today.month0() / months * months + 1, 1)
        .and_then(|d| d.checked_add_months(Months::new(if next > 0 { months } else { 0 })));
    let last = first.and_then(|d| d.checked_add_months(Months::new(months))).and_then(|d| d.pred_opt());
    (first, last)
}

fn weekday(words: &[&str], today: NaiveDate) -> Found {
    let (which, name) = match words {
        [name] => ("", *name),
        [which @ ("this" | "on" | "next" | "last"), name] => (*which, *name),
        _ => return None,
    };
    let wanted: Weekday = name.parse().ok()?;
    let ahead = (7 + wanted.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    Some(match which {
        "last" => today.checked_sub_days(Days::new(u64::from(if ahead == 0 { 7 } else { 7 - ahead }))),
        "next" if ahead == 0 => today.checked_add_days(Days::new(7)),
        _ => today.checked_add_days(Days::new(u64::from(ahead))),
    })
}

/// The month of an English name or its usual abbreviation, 1 to 12.
pub(crate) fn month_number(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    if word == "sept" {
        return Some(9);
    }
    word.parse::<chrono::Month>().ok().map(|m| m.number_from_month())
}

fn named_month(words: &[&str], shown: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    let not_a_day = || DayError::NotADay(shown.to_owned());
    let (stated, words) = match words.split_first() {
        Some((first, rest)) if rest.len() >= 2 && first.parse::<Weekday>().is_ok() => {
            (first.parse::<Weekday>().ok(), rest)
        }
        _ => (None, words),
    };
    let words: Vec<&str> = words.iter().copied().filter(|w| *w != "of" && *w != "the").collect();
    let (day, month, year) = match words[..] {
        [a, b] => (a, b, None),
        [a, b, year] => (a, b, Some(year)),
        _ => return Err(not_a_day()),
    };
    let (day, month) = match (month_number(month), month_number(day)) {
        (Some(month), None) => (day, month),
        (None, Some(first)) => (month, first),
        _ => return Err(not_a_day()),
    };
    let day = ["st", "nd", "rd", "th", "."].iter().find_map(|s| day.strip_suffix(s)).unwrap_or(day);
    let day: u32 = day.parse().map_err(|_| not_a_day())?;
    let no_such_day = || DayError::NoSuchDay(shown.to_owned());
    let found = match year {
        Some(year) => {
            let number: i32 = year.parse().map_err(|_| not_a_day())?;
            if year.len() != 4 {
                return Err(DayError::ShortYear(shown.to_owned()));
            }
            NaiveDate::from_ymd_opt(number, month, day).ok_or_else(no_such_day)?
        }
        None => without_year(month, day, today).ok_or_else(no_such_day)?,
    };
    match stated {
        Some(weekday) if weekday != found.weekday() => {
            Err(DayError::WrongWeekday { text: shown.to_owned(), day: found })
        }
        _ => Ok(found),
    }
}

fn without_year(month: u32, day: u32, today: NaiveDate) -> Option<NaiveDate> {
    let earliest = today.checked_sub_days(Days::new(LOOK_BACK_DAYS))?;
    (-1..=1)
        .filter_map(|offset| NaiveDate::from_ymd_opt(today.year() + offset, month, day))
        .find(|d| *d >= earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ymd(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a day")
    }

    /// A Wednesday.
    fn today() -> NaiveDate {
        ymd(2026, 3, 18)
    }

    #[test]
    fn days_as_people_write_them() {
        for (text, expected) in [
            ("2026-02-14", ymd(2026, 2, 14)),
            ("2026/2/14", ymd(2026, 2, 14)),
            ("14.02.2026", ymd(2026, 2, 14)),
            ("14/02/2026", ymd(2026, 2, 14)),
            ("02/14/2026", ymd(2026, 2, 14)),
            ("04/04/2026", ymd(2026, 4, 4)),
            ("14 Feb 2026", ymd(2026, 2, 14)),
            ("Sat, 14 Feb 2026", ymd(2026, 2, 14)),
            ("Feb 14, 2026", ymd(2026, 2, 14)),
            ("Feb 14", ymd(2026, 2, 14)),
            ("14th of February", ymd(2026, 2, 14)),
            ("1 Sept.", ymd(2026, 9, 1)),
            ("1 December", ymd(2026, 12, 1)),
            ("10 January", ymd(2026, 1, 10)),
            ("today", today()),
            ("Tomorrow", ymd(2026, 3, 19)),
            ("yesterday", ymd(2026, 3, 17)),
            ("friday", ymd(2026, 3, 20)),
            ("next friday", ymd(2026, 3, 20)),
            ("wednesday", today()),
            ("next wednesday", ymd(2026, 3, 25)),
            ("last wednesday", ymd(2026, 3, 11)),
            ("last fri", ymd(2026, 3, 13)),
            ("in 3 days", ymd(2026, 3, 21)),
            ("in a week", ymd(2026, 3, 25)),
            ("2 weeks ago", ymd(2026, 3, 4)),
            ("+2w", ymd(2026, 4, 1)),
            ("-3d", ymd(2026, 3, 15)),
            ("end of month", ymd(2026, 3, 31)),
            ("end of next month", ymd(2026, 4, 30)),
            ("end of the quarter", ymd(2026, 3, 31)),
            ("start of next quarter", ymd(2026, 4, 1)),
            ("end of year", ymd(2026, 12, 31)),
            ("end of week", ymd(2026, 3, 22)),
        ] {
            assert_eq!(parse_day(text, today()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_day_without_a_year_is_the_next_one_unless_just_past() {
        assert_eq!(parse_day("14 Jan", ymd(2026, 12, 20)), Ok(ymd(2027, 1, 14)));
        assert_eq!(parse_day("20 Dec", ymd(2027, 1, 5)), Ok(ymd(2026, 12, 20)));
        assert_eq!(parse_day("29 Feb", ymd(2026, 3, 1)), Err(DayError::NoSuchDay("29 Feb".to_owned())));
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        let says = |text: &str| parse_day(text, today()).map_err(|e| e.to_string());
        let refused = |text: &str, sentence: &str| assert_eq!(says(text), Err(sentence.to_owned()));
        refused(
            "03/04/2026",
            "“03/04/2026” can be 2026-03-04 or 2026-04-03. Write 2026-03-04 or 2026-04-03.",
        );
        refused(
            "31 Feb 2026",
            "There is no such day as “31 Feb 2026”. Write one that its month has, such as 2026-02-14.",
        );
        refused("14.02.26", "Write the year of “14.02.26” with four digits.");
        refused(
            "Mon 14 Feb 2026",
            "2026-02-14 is not the weekday written in “Mon 14 Feb 2026”. Leave the weekday out, or correct one of the two.",
        );
        refused("", "A date is missing. Write it like 2026-02-14, 14 Feb or next friday.");
        refused(
            "soon",
            "“soon” is not a date. Write it like 2026-02-14, 14 Feb 2026, next friday or in 3 days.",
        );
        assert!(matches!(parse_day("in 99999999 years", today()), Err(DayError::TooFar(_))));
        assert!(matches!(parse_day("3000-01-01", today()), Err(DayError::TooFar(_))));
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(text in proptest::prelude::any::<String>()) {
            let _ = parse_day(&text, today()).map_err(|e| e.to_string());
        }

        #[test]
        fn reading_something_like_a_day_never_panics(
            text in "(in|next|last|end of|start of|week|quarter|fri|feb|[0-9]{1,10}|[+-]|[dwmy]|ago|/|\\.|,| |é){0,7}",
        ) {
            let _ = parse_day(&text, today()).map_err(|e| e.to_string());
        }

        #[test]
        fn iso_and_spelled_out_days_are_read_back(days in 0_u64..100_000) {
            let day = ymd(1990, 1, 1) + Days::new(days);
            proptest::prop_assert_eq!(parse_day(&day.to_string(), today()), Ok(day));
            proptest::prop_assert_eq!(parse_day(&day.format("%a %-d %b %Y").to_string(), today()), Ok(day));
            proptest::prop_assert_eq!(parse_day(&day.format("%B %-d, %Y").to_string(), today()), Ok(day));
        }
    }
}
