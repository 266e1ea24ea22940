//! The review cadence of a plan: when its checkpoints come.
//!
//! A cadence is a rule (a preset or a cron expression) and a local time; the plan gives the period and the zone, together a
//! [`Window`]. From these alone follow all checkpoints, so nothing has to remember timers: what is due is asked anew each
//! time. This module must never read a clock, and never yield an instant twice.
//!
//! **Which dates** (the period's first and last day are both inclusive, *end day* is the day after the period):
//!
//! | cadence | regular checkpoints | end checkpoint |
//! | --- | --- | --- |
//! | weekly(weekday) | every such weekday after the first day of the period, up to its last | end day |
//! | fortnightly(weekday) | every second one of the weekly dates, beginning with the second | end day |
//! | monthly(day) | that day of each month, or the month's last day where it is shorter; after the first day, up to the last | end day |
//! | mid-and-end | *mid*: as many whole days before it as half the period, rounded down | end day |
//! | cron | each match from the first day of the period until the end checkpoint | end day, at the expression's earliest time of day |
//!
//! The presets leave the first day of the period out because a report covers complete days, and on that morning there are
//! none; a cron expression is taken at its word. The end checkpoint always comes, is the last, and stands for whatever else
//! would fall on the same instant.
//!
//! **Daylight saving** (product rule): a local time that is skipped moves to the first instant after the gap; one that
//! happens twice is taken once, the first time.

use std::fmt;

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike,
    Utc, Weekday,
};
use chrono_tz::{GapInfo, Tz};

mod unix_cron;

pub use unix_cron::UnixCron;

/// Why a text is not a cadence. Each is one sentence for a person, which says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CadenceError {
    /// Nothing, or only a time.
    #[error(
        "A review cadence is needed: weekly, fortnightly, monthly, mid-and-end, or a cron expression such as 0 9 * * 1."
    )]
    Missing,
    /// Nothing that is known.
    #[error(
        "“{text}” is not a review cadence. Write weekly, fortnightly, monthly, mid-and-end, or a cron expression such as 0 9 * * 1."
    )]
    Unknown {
        /// What was written.
        text: String,
    },
    /// "Biweekly" is used for both twice a week and every two weeks.
    #[error(
        "“Biweekly” can mean twice a week or every two weeks. Write fortnightly, or a cron expression such as 0 9 * * 1,4."
    )]
    Biweekly,
    /// The day after `weekly` or `fortnightly`.
    #[error(
        "“{text}” is not a weekday. Write monday, tuesday, wednesday, thursday, friday, saturday or sunday."
    )]
    Weekday {
        /// What was written.
        text: String,
    },
    /// The day after `monthly`.
    #[error(
        "“{text}” is not a day of the month. Write a number from 1 to 31; 31 means the last day of every month."
    )]
    DayOfMonth {
        /// What was written.
        text: String,
    },
    /// The local time.
    #[error("“{text}” is not a time of day. Write it as 09:00 or 14:30.")]
    Time {
        /// What was written.
        text: String,
    },
    /// Not five fields.
    #[error(
        "A cron expression has five fields (minute, hour, day of month, month, weekday), but this has {found}. Seconds are not written."
    )]
    FieldCount {
        /// How many there were.
        found: usize,
    },
    /// One field can't be read.
    #[error("The cron field for the {field} can't be “{text}”: {problem}.")]
    Field {
        /// Which field.
        field: &'static str,
        /// The element of it that is wrong.
        text: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// Cron takes either, most people expect both; so neither.
    #[error(
        "Day of month and weekday can't be used together, since cron takes either of them, not both. Make one of the two a *."
    )]
    DayAndWeekday,
    /// 30 February.
    #[error("No month in this cron expression ever has that day, so it would never come.")]
    NeverComes,
    /// The expression passed our reading but not the scheduler's.
    #[error("This cron expression can't be used: {reason}.")]
    Unusable {
        /// The scheduler's words.
        reason: String,
    },
}

/// What kind of checkpoint a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotKind {
    /// One of the running reviews.
    Regular,
    /// The middle of the period (cadence mid-and-end).
    Mid,
    /// The day after the period: always there, always last.
    End,
}

/// One checkpoint in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When it is due. First, so that slots sort by it.
    pub due_at: DateTime<Utc>,
    /// What the clocks of the plan's zone show then. Where daylight saving skipped the time that was asked for, this is the
    /// time it moved to.
    pub local: NaiveDateTime,
    /// Regular, mid or end.
    pub kind: SlotKind,
}

impl Slot {
    /// The same local time on the day before, by the same daylight saving rule; `None` only at the far ends of the
    /// calendar.
    pub fn day_before(&self, zone: Tz) -> Option<DateTime<Utc>> {
        resolve(self.local.checked_sub_days(Days::new(1))?, zone)
    }
}

/// The instant of a local time on a day, by the rule for daylight saving; `None` only at the far ends of the calendar.
pub fn local_instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    resolve(day.and_time(time), zone)
}

/// The first instant of a local day; `None` only at the far ends of the calendar.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    resolve(day.and_time(NaiveTime::MIN), zone)
}

/// A plan's period and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day of the period.
    pub start: NaiveDate,
    /// Last day of the period, inclusive. Before `start` there is no period, and no checkpoint.
    pub end: NaiveDate,
    /// The plan's zone.
    pub zone: Tz,
}

impl Window {
    /// The day of the end checkpoint: the day after the period.
    pub fn end_day(&self) -> NaiveDate {
        self.end.succ_opt().unwrap_or(self.end)
    }
}

/// The rule without its time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Every week on this day, and at the end.
    Weekly(Weekday),
    /// Every second week on this day, and at the end.
    Fortnightly(Weekday),
    /// Every month on this day (1 to 31; the last day where the month is shorter), and at the end.
    Monthly(u8),
    /// In the middle and at the end.
    MidAndEnd,
    /// When the expression says (it carries its own time of day), and at the end.
    Cron(Box<UnixCron>),
}

/// A review cadence. Read one with [`Cadence::parse`]; store it by [`Cadence::code`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    rule: Rule,
    at: NaiveTime,
}

/// 09:00, where nobody says otherwise.
pub const DEFAULT_TIME: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

impl Cadence {
    /// Reads what a person wrote or what [`Self::code`] stored. Letter case does not matter.
    ///
    /// `weekly`, `weekly friday`, `fortnightly tue 14:30`, `monthly`, `monthly 15 at 10:00`, `mid-and-end`, `0 9 * * 1`,
    /// `cron 0 9 * * 1`. Without a day: Monday, or the 1st. Without a time: [`DEFAULT_TIME`].
    ///
    /// # Errors
    /// [`CadenceError`], a sentence to show as it is.
    pub fn parse(text: &str) -> Result<Self, CadenceError> {
        let lower = text.trim().to_lowercase();
        let mut words: Vec<&str> = lower.split_whitespace().collect();
        if let Some(expression) = cron_text(&words, &lower) {
            return UnixCron::parse(expression).map(Self::cron);
        }
        let at = take_time(&mut words)?;
        let rule = match words.as_slice() {
            ["weekly"] => Rule::Weekly(Weekday::Mon),
            ["weekly", day] => Rule::Weekly(read_weekday(day)?),
            ["fortnightly"] => Rule::Fortnightly(Weekday::Mon),
            ["fortnightly", day] => Rule::Fortnightly(read_weekday(day)?),
            ["monthly"] => Rule::Monthly(1),
            ["monthly", day] => Rule::Monthly(read_day(day)?),
            ["mid-and-end" | "mid_and_end" | "mid-end"] | ["mid", "and", "end"] => Rule::MidAndEnd,
            ["biweekly" | "bi-weekly", ..] => return Err(CadenceError::Biweekly),
            [] => return Err(CadenceError::Missing),
            _ => return Err(CadenceError::Unknown { text: quoted(text.trim()) }),
        };
        Ok(Self { rule, at })
    }

    fn cron(cron: UnixCron) -> Self {
        let at = cron.first_time_of_day();
        Self { rule: Rule::Cron(Box::new(cron)), at }
    }

    /// The same preset at another local time (to the minute). A cron expression keeps its own.
    #[must_use]
    pub fn with_time(self, at: NaiveTime) -> Self {
        match self.rule {
            Rule::Cron(_) => self,
            rule => Self { rule, at: whole_minute(at) },
        }
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The local time of day; for a cron expression the earliest one it names, at which the end checkpoint comes.
    pub fn local_time(&self) -> NaiveTime {
        self.at
    }

    /// The canonical text, for storage: [`Self::parse`] reads it back to an equal cadence, and equal cadences have equal
    /// codes.
    pub fn code(&self) -> String {
        let at = self.at.format("%H:%M");
        match &self.rule {
            Rule::Weekly(day) => format!("weekly {} {at}", weekday_name(*day).to_lowercase()),
            Rule::Fortnightly(day) => format!("fortnightly {} {at}", weekday_name(*day).to_lowercase()),
            Rule::Monthly(day) => format!("monthly {day} {at}"),
            Rule::MidAndEnd => format!("mid-and-end {at}"),
            Rule::Cron(cron) => format!("cron {}", cron.canonical()),
        }
    }

    /// For people: "every Friday at 09:00 (Europe/Berlin)".
    pub fn label(&self, zone: Tz) -> String {
        format!("{self} ({})", zone.name())
    }

    /// All checkpoints of the period, earliest first.
    ///
    /// A cron expression that fires every minute yields half a million a year: where only some are wanted, use
    /// [`Self::upcoming`] or [`Self::due_between`].
    pub fn checkpoints(&self, window: &Window) -> Vec<Slot> {
        self.slots_from(window, window.start).collect()
    }

    /// The first checkpoint strictly after `instant`.
    pub fn next_after(&self, instant: DateTime<Utc>, window: &Window) -> Option<Slot> {
        self.upcoming(instant, window).next()
    }

    /// The checkpoints strictly after `instant`, earliest first, made as they are asked for (`take(3)` for an echo).
    pub fn upcoming(&self, instant: DateTime<Utc>, window: &Window) -> impl Iterator<Item = Slot> + use<> {
        // Two days back: a gap moves a slot later by at most a day, so none that is still to come is left out.
        let local_day = instant.with_timezone(&window.zone).date_naive();
        let from = local_day.checked_sub_days(Days::new(2)).unwrap_or(local_day);
        self.slots_from(window, from.max(window.start)).skip_while(move |slot| slot.due_at <= instant)
    }

    /// The checkpoints with `after < due_at <= until`. Adjoining spans share none and miss none.
    pub fn due_between(&self, after: DateTime<Utc>, until: DateTime<Utc>, window: &Window) -> Vec<Slot> {
        self.upcoming(after, window).take_while(|slot| slot.due_at <= until).collect()
    }

    /// Slots whose local date is `from` or later, in order, each instant once, the end last.
    fn slots_from(&self, window: &Window, from: NaiveDate) -> impl Iterator<Item = Slot> + use<> {
        let zone = window.zone;
        let end = (window.start <= window.end)
            .then(|| resolve(window.end_day().and_time(self.at), zone))
            .flatten()
            .map(|due_at| slot(due_at, zone, SlotKind::End));
        let last_instant = end.map(|slot| slot.due_at);
        let mut previous = None;
        self.wall_clock(*window, from)
            .filter_map(move |(local, kind)| Some(slot(resolve(local, zone)?, zone, kind)))
            .take_while(move |slot| last_instant.is_some_and(|last| slot.due_at < last))
            .chain(end)
            // Several skipped minutes all move to the same instant.
            .filter(move |slot| previous.replace(slot.due_at) != Some(slot.due_at))
    }

    /// Local times of all checkpoints but the end, in order, from the date `from` on.
    fn wall_clock(
        &self,
        window: Window,
        from: NaiveDate,
    ) -> Box<dyn Iterator<Item = (NaiveDateTime, SlotKind)>> {
        if window.start > window.end {
            return Box::new(std::iter::empty());
        }
        let at = self.at;
        let dated = move |kind| move |date: NaiveDate| (date.and_time(at), kind);
        let in_period = move |date: &NaiveDate| *date > window.start && *date <= window.end && *date >= from;
        match &self.rule {
            Rule::Weekly(day) => {
                Box::new(weekdays(window, *day, 1).filter(in_period).map(dated(SlotKind::Regular)))
            }
            Rule::Fortnightly(day) => {
                Box::new(weekdays(window, *day, 2).filter(in_period).map(dated(SlotKind::Regular)))
            }
            Rule::Monthly(day) => {
                Box::new(month_days(window, *day).filter(in_period).map(dated(SlotKind::Regular)))
            }
            Rule::MidAndEnd => {
                Box::new(middle(window).into_iter().filter(in_period).map(dated(SlotKind::Mid)))
            }
            Rule::Cron(cron) => {
                let stop = window.end_day().and_time(at);
                let start = from.max(window.start).and_time(NaiveTime::MIN);
                Box::new(
                    cron.wall_clock_from(start)
                        .take_while(move |local| *local < stop)
                        .map(|local| (local, SlotKind::Regular)),
                )
            }
        }
    }
}

/// Without the zone: "every Friday at 09:00".
impl fmt::Display for Cadence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.format("%H:%M");
        match &self.rule {
            Rule::Weekly(day) => write!(out, "every {} at {at}", weekday_name(*day)),
            Rule::Fortnightly(day) => write!(out, "every second {} at {at}", weekday_name(*day)),
            Rule::Monthly(31) => write!(out, "on the last day of every month at {at}"),
            Rule::Monthly(day) => write!(out, "on day {day} of every month at {at}"),
            Rule::MidAndEnd => write!(out, "in the middle of the period and at its end, at {at}"),
            Rule::Cron(cron) => out.write_str(&cron.describe()),
        }
    }
}

fn slot(due_at: DateTime<Utc>, zone: Tz, kind: SlotKind) -> Slot {
    Slot { due_at, local: due_at.with_timezone(&zone).naive_local(), kind }
}

/// The instant at which the clocks of `zone` show `local`: the first one if they show it twice, the end of the gap if they
/// never do. `None` only at the far ends of the calendar.
fn resolve(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Some(instant.to_utc()),
        LocalResult::Ambiguous(first, second) => Some(first.min(second).to_utc()),
        LocalResult::None => Some(GapInfo::new(&local, &zone)?.end?.to_utc()),
    }
}

/// Every `every`-th of the given weekdays after the window's first day, beginning with the `every`-th.
fn weekdays(window: Window, day: Weekday, every: u64) -> impl Iterator<Item = NaiveDate> {
    let ahead = u64::from(day.days_since(window.start.weekday()));
    let first = if ahead == 0 { 7 } else { ahead };
    let begin = window.start.checked_add_days(Days::new(first + 7 * (every - 1)));
    std::iter::successors(begin, move |date| date.checked_add_days(Days::new(7 * every)))
        .take_while(move |date| *date <= window.end)
}

/// The given day of each month that the window touches, moved to the month's last day where that is shorter.
fn month_days(window: Window, day: u8) -> impl Iterator<Item = NaiveDate> {
    let first_month = window.start.with_day(1);
    std::iter::successors(first_month, |first| first.checked_add_months(Months::new(1)))
        .take_while(move |first| *first <= window.end)
        .filter_map(move |first| {
            (28..=u32::from(day)).rev().chain([u32::from(day)]).find_map(|day| first.with_day(day))
        })
}

/// The day before which half of the period's days, rounded down, lie.
fn middle(window: Window) -> Option<NaiveDate> {
    let days = (window.end - window.start).num_days() + 1;
    window.start.checked_add_days(Days::new(u64::try_from(days / 2).ok()?))
}

/// The expression, if this is one: `cron …`, or anything that begins like a minute field or a macro.
fn cron_text<'a>(words: &[&'a str], lower: &'a str) -> Option<&'a str> {
    let first = *words.first()?;
    if first == "cron" {
        return lower.strip_prefix("cron");
    }
    first.starts_with(|c: char| c.is_ascii_digit() || c == '*').then_some(lower)
}

/// Takes the time of day off the end (`14:30`, `at 14:30`), if there is one.
fn take_time(words: &mut Vec<&str>) -> Result<NaiveTime, CadenceError> {
    let Some(last) = words.last().copied() else { return Ok(DEFAULT_TIME) };
    let announced = words.len() >= 2 && words[words.len() - 2] == "at";
    if !announced && !last.contains(':') {
        return Ok(DEFAULT_TIME);
    }
    let time =
        NaiveTime::parse_from_str(last, "%H:%M").map_err(|_| CadenceError::Time { text: quoted(last) })?;
    words.truncate(words.len() - if announced { 2 } else { 1 });
    Ok(time)
}

/// What was written, cut to a length that fits a sentence.
fn quoted(text: &str) -> String {
    text.chars().take(60).collect()
}

fn whole_minute(time: NaiveTime) -> NaiveTime {
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
}

fn read_weekday(text: &str) -> Result<Weekday, CadenceError> {
    text.parse().map_err(|_| CadenceError::Weekday { text: quoted(text) })
}

fn read_day(text: &str) -> Result<u8, CadenceError> {
    let wrong = || CadenceError::DayOfMonth { text: quoted(text) };
    if text == "last" {
        return Ok(31);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    text.parse().ok().filter(|day| (1..=31).contains(day)).ok_or_else(wrong)
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}
