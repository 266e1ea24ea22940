//! A five-field cron expression with its Unix meaning, on top of the `cron` crate.
//!
//! That crate reads Quartz expressions: a seconds field in front, and weekdays from 1 = Sunday to 7 = Saturday. People
//! write crontab(5): no seconds, 0 and 7 are Sunday. So the text is read here into plain sets of numbers, and only those
//! numbers are handed on, renumbered, with the seconds fixed at 0. No text of a person ever reaches the crate.
//!
//! What crontab(5) leaves surprising is refused, never guessed: day-of-month together with weekday (cron takes *either*,
//! most people expect *both*), a range that runs backwards, a step on a single number, a date that no year has.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};

use super::CadenceError;

/// One field: what it is called, its limits, and the names that may stand for numbers.
struct FieldKind {
    name: &'static str,
    min: u8,
    max: u8,
    /// Names in order, the first one meaning `names_from`.
    names: &'static [&'static str],
    names_from: u8,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTE: FieldKind = FieldKind { name: "minute", min: 0, max: 59, names: &[], names_from: 0 };
const HOUR: FieldKind = FieldKind { name: "hour", min: 0, max: 23, names: &[], names_from: 0 };
const DAY: FieldKind = FieldKind { name: "day of month", min: 1, max: 31, names: &[], names_from: 0 };
const MONTH: FieldKind = FieldKind { name: "month", min: 1, max: 12, names: &MONTHS, names_from: 1 };
const WEEKDAY: FieldKind = FieldKind { name: "weekday", min: 0, max: 7, names: &WEEKDAYS, names_from: 0 };

/// The longest that each month, January first, ever gets.
const LONGEST_MONTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// One field as read: the numbers it stands for, and whether it is `*` (no restriction at all).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    values: BTreeSet<u8>,
    star: bool,
}

/// A checked cron expression. Two that mean the same are equal, however they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixCron {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
    schedule: cron::Schedule,
}

impl UnixCron {
    /// Reads `minute hour day-of-month month weekday`.
    ///
    /// # Errors
    /// [`CadenceError`] with a sentence that says which field is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, CadenceError> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts.as_slice() else {
            return Err(CadenceError::FieldCount { found: parts.len() });
        };
        let minute = read_field(minute, &MINUTE)?;
        let hour = read_field(hour, &HOUR)?;
        let day = read_field(day, &DAY)?;
        let month = read_field(month, &MONTH)?;
        let weekday = fold_sunday(read_field(weekday, &WEEKDAY)?);
        if !day.star && !weekday.star {
            return Err(CadenceError::DayAndWeekday);
        }
        if !some_month_has_day(&day, &month) {
            return Err(CadenceError::NeverComes);
        }
        let [minute, hour, day, month, weekday] =
            [(minute, 60), (hour, 24), (day, 31), (month, 12), (weekday, 7)]
                .map(|(field, all)| star_if_full(field, all));
        let quartz_weekday = Field {
            values: weekday.values.iter().map(|day_number| day_number + 1).collect(),
            star: weekday.star,
        };
        let expression = format!(
            "0 {} {} {} {} {}",
            list(&minute),
            list(&hour),
            list(&day),
            list(&month),
            list(&quartz_weekday)
        );
        let schedule = cron::Schedule::from_str(&expression)
            .map_err(|cause| CadenceError::Unusable { reason: cause.to_string() })?;
        Ok(Self { minute, hour, day, month, weekday, schedule })
    }

    /// The one spelling under which this expression is stored: numbers only, lists sorted, runs as ranges, Sunday 0.
    pub fn canonical(&self) -> String {
        [&self.minute, &self.hour, &self.day, &self.month, &self.weekday].map(canonical_field).join(" ")
    }

    /// The first minute of a day on which the expression fires at all.
    pub fn first_time_of_day(&self) -> NaiveTime {
        let first = |field: &Field| u32::from(field.values.first().copied().unwrap_or(0));
        NaiveTime::from_hms_opt(first(&self.hour), first(&self.minute), 0).unwrap_or(NaiveTime::MIN)
    }

    /// The wall-clock minutes at which it fires, from `from` (inclusive) on, in order. Daylight saving plays no part here:
    /// the caller turns wall-clock time into instants. The `cron` crate knows no year after 2100.
    pub fn wall_clock_from(&self, from: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> + use<> {
        // The crate's iterator begins strictly after its start. `Utc` serves as a calendar without gaps.
        let before = from.checked_sub_signed(chrono::TimeDelta::seconds(1)).unwrap_or(from);
        let start: DateTime<Utc> = before.and_utc();
        self.schedule.after_owned(start).map(|instant| instant.naive_utc())
    }

    /// In words, where the expression is plain enough ("every Monday and Thursday at 09:00"); otherwise the expression.
    pub fn describe(&self) -> String {
        let (1, 1) = (self.minute.values.len(), self.hour.values.len()) else {
            return format!("on the schedule {}", self.canonical());
        };
        let time = self.first_time_of_day().format("%H:%M");
        let days = if !self.weekday.star {
            format!("every {}", spoken(&self.weekday.values, |day| weekday_name(day).to_owned()))
        } else if !self.day.star {
            let word = if self.day.values.len() == 1 { "day" } else { "days" };
            format!("on {word} {} of the month", spoken(&self.day.values, |day| day.to_string()))
        } else {
            "every day".to_owned()
        };
        let months = if self.month.star {
            String::new()
        } else {
            format!(" in {}", spoken(&self.month.values, |month| month_name(month).to_owned()))
        };
        format!("{days}{months} at {time}")
    }
}

fn read_field(text: &str, kind: &FieldKind) -> Result<Field, CadenceError> {
    if text == "*" {
        let top = if kind.name == WEEKDAY.name { 6 } else { kind.max };
        return Ok(Field { values: (kind.min..=top).collect(), star: true });
    }
    let mut values = BTreeSet::new();
    for item in text.split(',') {
        values.extend(read_item(item, kind)?);
    }
    Ok(Field { values, star: false })
}

/// One element of a list: `7`, `mon`, `1-5`, `1-5/2`, `*/2`.
fn read_item(item: &str, kind: &FieldKind) -> Result<Vec<u8>, CadenceError> {
    let wrong =
        |problem: String| CadenceError::Field { field: kind.name, text: super::quoted(item), problem };
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (item, None),
    };
    let (low, high) = if range == "*" {
        (kind.min, kind.max)
    } else if let Some((low, high)) = range.split_once('-') {
        let low = read_value(low, kind).map_err(wrong)?;
        let mut high = read_value(high, kind).map_err(wrong)?;
        // "fri-sun": Sunday ends the week when it ends a range.
        if kind.name == WEEKDAY.name && high == 0 && low > 0 {
            high = 7;
        }
        if low > high {
            return Err(wrong(
                "a range has to run from the smaller to the greater; use a list instead".to_owned(),
            ));
        }
        (low, high)
    } else {
        let value = read_value(range, kind).map_err(wrong)?;
        if let Some(step) = step {
            return Err(wrong(format!(
                "a step needs a range; write {value}-{}/{step} or */{step}",
                kind.max
            )));
        }
        (value, value)
    };
    let step = match step {
        None => 1,
        Some(text) => read_number(text)
            .filter(|step| (1..=kind.max).contains(step))
            .ok_or_else(|| wrong(format!("a step is a number from 1 to {}", kind.max)))?,
    };
    Ok((low..=high).step_by(usize::from(step)).collect())
}

fn read_value(text: &str, kind: &FieldKind) -> Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = kind.names.iter().position(|name| *name == lower) {
        return Ok(kind.names_from + u8::try_from(at).unwrap_or(0));
    }
    read_number(text).filter(|value| (kind.min..=kind.max).contains(value)).ok_or_else(|| {
        let names = match kind.names {
            [first, .., last] => format!(", or {first} to {last}"),
            _ => String::new(),
        };
        format!("it is a number from {} to {}{names}", kind.min, kind.max)
    })
}

/// Digits only: `u8::from_str` would take "+5" as well.
fn read_number(text: &str) -> Option<u8> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// 7 is Sunday as well as 0: kept as 0.
fn fold_sunday(field: Field) -> Field {
    let values = field.values.into_iter().map(|day| if day == 7 { 0 } else { day }).collect();
    Field { values, star: field.star }
}

/// `0-59` restricts nothing either: one spelling for one meaning.
fn star_if_full(field: Field, all: usize) -> Field {
    Field { star: field.star || field.values.len() == all, values: field.values }
}

fn some_month_has_day(day: &Field, month: &Field) -> bool {
    let Some(first_day) = day.values.first() else { return false };
    month.values.iter().any(|month| {
        let index = usize::from(month.saturating_sub(1));
        LONGEST_MONTHS.get(index).is_some_and(|longest| first_day <= longest)
    })
}

/// Comma-separated numbers for the `cron` crate.
fn list(field: &Field) -> String {
    if field.star {
        return "*".to_owned();
    }
    field.values.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
}

fn canonical_field(field: &Field) -> String {
    if field.star {
        return "*".to_owned();
    }
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for &value in &field.values {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => runs.push((value, value)),
        }
    }
    let spell = |(low, high): (u8, u8)| match high - low {
        0 => low.to_string(),
        1 => format!("{low},{high}"),
        _ => format!("{low}-{high}"),
    };
    runs.into_iter().map(spell).collect::<Vec<_>>().join(",")
}

/// "Monday", "Monday and Friday", "Monday, Wednesday and Friday".
fn spoken(values: &BTreeSet<u8>, name: impl Fn(u8) -> String) -> String {
    let words: Vec<String> = values.iter().map(|&value| name(value)).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn weekday_name(number: u8) -> &'static str {
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        .get(usize::from(number))
        .copied()
        .unwrap_or("")
}

fn month_name(number: u8) -> &'static str {
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    names.get(usize::from(number.saturating_sub(1))).copied().unwrap_or("")
}
