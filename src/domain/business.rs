//! Business time: which days a company works, how long something has waited on them, and when nobody is to be disturbed.
//! Days are local days of a zone; a local time that daylight saving skips moves to the first instant after the gap, one
//! that happens twice is taken once, the first time.

use super::cadence::{DEFAULT_TIME, local_instant, start_of_day};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::BTreeSet;

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

/// The weekdays on which a company works; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkWeek {
    /// Bit 0 is Monday.
    days: u8,
}

impl Default for WorkWeek {
    /// Monday to Friday.
    fn default() -> Self {
        Self { days: 0b001_1111 }
    }
}

impl WorkWeek {
    /// `None` without any day.
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let days = days.into_iter().fold(0, |bits, day| bits | 1 << day.num_days_from_monday());
        (days != 0).then_some(Self { days })
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.days & 1 << day.num_days_from_monday() != 0
    }

    /// Reads `mon-fri`, `sun-thu`, `mon, tue, fri`: at least one day, in any case, ranges included and round the week.
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (weekday(from)?, weekday(to)?);
            days.push(from);
            let mut day = from;
            while day != to {
                day = day.succ();
                days.push(day);
            }
        }
        Self::new(days)
    }

    /// `mon,tue,wed,thu,fri`, as stored; [`WorkWeek::parse`] reads it.
    pub fn code(self) -> String {
        let own = WEEK.iter().filter(|(day, _)| self.contains(*day));
        own.map(|(_, code)| *code).collect::<Vec<_>>().join(",")
    }
}

/// A weekday by its name or the first three letters of it, in any case.
pub fn weekday(text: &str) -> Option<Weekday> {
    text.trim().parse().ok()
}

/// On which days a company works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessCalendar {
    pub zone: Tz,
    pub week: WorkWeek,
    pub holidays: BTreeSet<NaiveDate>,
}

impl BusinessCalendar {
    /// Monday to Friday, without holidays.
    pub fn plain(zone: Tz) -> Self {
        Self { zone, week: WorkWeek::default(), holidays: BTreeSet::new() }
    }

    /// Whether the company works on that day.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.week.contains(day.weekday()) && !self.holidays.contains(&day)
    }

    /// The local day of an instant.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The `n`-th open day after `day`; for 0, `day` itself if it is open, else the first open day after it. At the end
    /// of the calendar, its last day.
    pub fn after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        self.counted(day, n, NaiveDate::succ_opt).unwrap_or(NaiveDate::MAX)
    }

    /// The `n`-th open day before `day`; for 0, `day` itself if it is open, else the last open day before it.
    pub fn before(&self, day: NaiveDate, n: u32) -> NaiveDate {
        self.counted(day, n, NaiveDate::pred_opt).unwrap_or(NaiveDate::MIN)
    }

    fn counted(
        &self,
        day: NaiveDate,
        n: u32,
        step: fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        // A week has an open day and holidays are finite, so this ends, at the latest with the calendar.
        let mut day = if n == 0 { day } else { step(&day)? };
        let mut left = n.saturating_sub(1);
        loop {
            if self.is_open(day) {
                if left == 0 {
                    return Some(day);
                }
                left -= 1;
            }
            day = step(&day)?;
        }
    }

    /// How many open days lie after `from`, up to and including `to`: from one Monday to the next, five. 0 if `to` is not
    /// after `from`.
    pub fn days_between(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        if to <= from {
            return 0;
        }
        let days = u64::try_from((to - from).num_days()).unwrap_or(0);
        let (weeks, rest) = (days / 7, days % 7);
        let whole = weeks * u64::from(self.week.days.count_ones());
        let last = (0..rest).filter_map(|back| to.checked_sub_days(Days::new(back)));
        let last = last.filter(|day| self.week.contains(day.weekday())).count();
        let from_next = from.succ_opt().unwrap_or(from);
        let off = self.holidays.range(from_next..=to).filter(|day| self.week.contains(day.weekday())).count();
        let open = whole + u64::try_from(last).unwrap_or(0) - u64::try_from(off).unwrap_or(0);
        u32::try_from(open).unwrap_or(u32::MAX)
    }

    /// The last day after which `n` open days are left up to and including `to`: with it [`Self::days_between`] is `n` or
    /// more, with the day after it less. It may be a closed day; for 0, `to` itself. At the beginning of the calendar, its
    /// first day.
    pub fn leaves(&self, n: u32, to: NaiveDate) -> NaiveDate {
        let mut day = to;
        let mut left = n;
        while left > 0 {
            left -= u32::from(self.is_open(day));
            let Some(before) = day.pred_opt() else { break };
            day = before;
        }
        day
    }

    /// How much time of open days lies between two instants; whole days count from midnight to midnight, as long as
    /// they are. Nothing if `to` is not after `from`.
    pub fn open_time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let mut sum = TimeDelta::zero();
        let (mut day, last) = (self.day(from), self.day(to));
        while from < to && day <= last {
            let Some(next) = day.succ_opt() else { break };
            if self.is_open(day)
                && let (Some(begin), Some(end)) =
                    (start_of_day(day, self.zone), start_of_day(next, self.zone))
            {
                sum += (end.min(to) - begin.max(from)).max(TimeDelta::zero());
            }
            day = next;
        }
        sum
    }

    /// The latest instant from which on `open` time of open days passes until `at`. What was broken off and goes on at
    /// `at` waits as if it had begun then.
    pub fn back(&self, at: DateTime<Utc>, open: TimeDelta) -> DateTime<Utc> {
        let (mut day, mut end, mut left) = (self.day(at), at, open);
        while left > TimeDelta::zero() {
            let Some(begin) = start_of_day(day, self.zone) else { break };
            let here =
                if self.is_open(day) { (end - begin).max(TimeDelta::zero()) } else { TimeDelta::zero() };
            if here >= left {
                return end - left;
            }
            left -= here;
            end = end.min(begin);
            let Some(before) = day.pred_opt() else { break };
            day = before;
        }
        end
    }

    /// When `n` open days have passed since `at`: the same local time on the `n`-th open day after it. What begins on a
    /// closed day begins with the next open one.
    pub fn due(&self, at: DateTime<Utc>, n: u32) -> DateTime<Utc> {
        let local = at.with_timezone(&self.zone).naive_local();
        let (day, time) = match self.is_open(local.date()) {
            true => (local.date(), local.time()),
            false => (self.after(local.date(), 0), NaiveTime::MIN),
        };
        if n == 0 && day == local.date() {
            return at;
        }
        let day = if n == 0 { day } else { self.after(day, n) };
        local_instant(day, time, self.zone).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// From when to when nothing is posted, every day, in a program's zone. Over midnight where `from` is after `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
    zone: Tz,
}

impl QuietHours {
    /// `None` if both are the same time, which would be never or always.
    pub fn new(from: NaiveTime, to: NaiveTime, zone: Tz) -> Option<Self> {
        (from != to).then_some(Self { from, to, zone })
    }

    /// Reads `20:00-08:00`.
    pub fn parse(text: &str, zone: Tz) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::new(clock_time(from)?, clock_time(to)?, zone)
    }

    /// `20:00-08:00`; [`QuietHours::parse`] reads it.
    pub fn code(&self) -> String {
        format!("{}-{}", self.from.format("%H:%M"), self.to.format("%H:%M"))
    }

    /// The earliest instant from `at` on at which something may be posted: `at` itself outside of quiet hours, else
    /// their end.
    pub fn not_before(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        // The end of one night can be the beginning of the next where daylight saving moves both to one instant.
        let mut free = at;
        while let Some(end) = self.end_of_those_around(free) {
            free = end;
        }
        free
    }

    /// Whether nothing may be posted then.
    pub fn is_quiet(&self, at: DateTime<Utc>) -> bool {
        self.end_of_those_around(at).is_some()
    }

    fn end_of_those_around(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&self.zone).date_naive();
        [today.pred_opt(), Some(today), today.succ_opt()].into_iter().flatten().find_map(|day| {
            let ends_on = if self.from < self.to { day } else { day.succ_opt()? };
            let begin = local_instant(day, self.from, self.zone)?;
            let end = local_instant(ends_on, self.to, self.zone)?;
            (begin <= at && at < end).then_some(end)
        })
    }
}

/// At what local time the digest of a day's open decisions comes, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestTime(Option<NaiveTime>);

impl Default for DigestTime {
    /// 09:00.
    fn default() -> Self {
        Self(Some(DEFAULT_TIME))
    }
}

impl DigestTime {
    /// Reads `09:00`, or `none` in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("none") => Some(Self(None)),
            time => clock_time(time).map(|time| Self(Some(time))),
        }
    }

    /// `09:00` or `none`; [`DigestTime::parse`] reads it.
    pub fn code(self) -> String {
        self.0.map_or_else(|| "none".to_owned(), |time| time.format("%H:%M").to_string())
    }

    /// `None` for none.
    pub fn time(self) -> Option<NaiveTime> {
        self.0
    }
}

/// `8:00`, `08:00`, `20:30`.
fn clock_time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str, most: usize| {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse().ok()).flatten()
    };
    if minute.len() != 2 {
        return None;
    }
    NaiveTime::from_hms_opt(digits(hour, 2)?, digits(minute, 2)?, 0)
}
