//! Business days, open time and quiet hours, against counting day by day and minute by minute.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tandem::domain::business::{BusinessCalendar, QuietHours, WorkWeek};

/// Zones with daylight saving in either half of the year, by an hour and by half of one, and one that skipped a day.
const ZONES: [Tz; 6] = [
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::America__Santiago,
    Tz::Pacific__Apia,
    Tz::UTC,
];

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Berlin, Monday to Friday, with a holiday on Thursday, 1 January 2026.
pub fn berlin() -> BusinessCalendar {
    BusinessCalendar {
        holidays: BTreeSet::from([day("2026-01-01")]),
        ..BusinessCalendar::plain(Tz::Europe__Berlin)
    }
}

#[test]
fn business_days_leave_out_weekends_and_holidays() {
    let calendar = berlin();
    assert!(!calendar.is_open(day("2026-01-01")) && !calendar.is_open(day("2026-01-03")));
    assert_eq!(calendar.after(day("2025-12-31"), 1), day("2026-01-02"));
    assert_eq!(calendar.after(day("2025-12-31"), 2), day("2026-01-05"));
    assert_eq!(calendar.after(day("2026-01-03"), 0), day("2026-01-05"), "the first open day from then on");
    assert_eq!(calendar.before(day("2026-01-05"), 2), day("2025-12-31"));
    assert_eq!(calendar.days_between(day("2026-01-05"), day("2026-01-12")), 5);
    assert_eq!(calendar.days_between(day("2025-12-31"), day("2026-01-05")), 2);
    assert_eq!(calendar.days_between(day("2026-01-05"), day("2026-01-05")), 0);
}

#[test]
fn waiting_over_a_weekend_takes_no_open_time() {
    let calendar = berlin();
    // Friday 18:00 to Monday 09:00: six hours of Friday and nine of Monday.
    let waited = calendar.open_time_between(at("2026-01-09T17:00:00Z"), at("2026-01-12T08:00:00Z"));
    assert_eq!(waited, TimeDelta::hours(15));
    assert_eq!(calendar.due(at("2026-01-09T17:00:00Z"), 3), at("2026-01-14T17:00:00Z"));
    // What comes on a Saturday begins with Monday.
    assert_eq!(calendar.due(at("2026-01-10T12:00:00Z"), 1), at("2026-01-12T23:00:00Z"));
    // The local time stays, although the clocks go forward on the Sunday between.
    assert_eq!(calendar.due(at("2026-03-27T08:00:00Z"), 1), at("2026-03-30T07:00:00Z"));
}

#[test]
fn weeks_are_read_as_people_write_them() {
    let week = WorkWeek::parse("Sun-Thu").unwrap();
    assert!(week.contains(Weekday::Sun) && week.contains(Weekday::Thu) && !week.contains(Weekday::Fri));
    assert_eq!(week.code(), "mon,tue,wed,thu,sun");
    assert_eq!(WorkWeek::parse("mon-fri"), Some(WorkWeek::default()));
    assert_eq!(WorkWeek::parse("monday, wed").unwrap().code(), "mon,wed");
    for wrong in ["", "mon-", "funday", "mon,,tue", "5", "mon tue"] {
        assert_eq!(WorkWeek::parse(wrong), None, "{wrong}");
    }
    assert_eq!(WorkWeek::new([]), None);
}

#[test]
fn what_falls_in_quiet_hours_waits_for_their_end() {
    let quiet = QuietHours::parse("20:00-8:00", Tz::Europe__Berlin).unwrap();
    assert_eq!(quiet.code(), "20:00-08:00");
    assert_eq!(quiet.not_before(at("2026-01-05T18:59:59Z")), at("2026-01-05T18:59:59Z"));
    assert_eq!(quiet.not_before(at("2026-01-05T19:00:00Z")), at("2026-01-06T07:00:00Z"));
    assert_eq!(quiet.not_before(at("2026-01-06T06:59:59Z")), at("2026-01-06T07:00:00Z"));
    assert_eq!(quiet.not_before(at("2026-01-06T07:00:00Z")), at("2026-01-06T07:00:00Z"));
    // The night in which the clocks go forward.
    assert_eq!(quiet.not_before(at("2026-03-28T23:00:00Z")), at("2026-03-29T06:00:00Z"));
    // An end that does not exist that night comes with the first instant after the gap; one that comes twice, once.
    let short = QuietHours::parse("01:00-02:30", Tz::Europe__Berlin).unwrap();
    assert_eq!(short.not_before(at("2026-03-29T00:30:00Z")), at("2026-03-29T01:00:00Z"));
    assert_eq!(short.not_before(at("2026-10-25T00:15:00Z")), at("2026-10-25T00:30:00Z"));
    assert_eq!(short.not_before(at("2026-10-25T01:15:00Z")), at("2026-10-25T01:15:00Z"));
    for wrong in ["20:00", "20-8", "20:00-20:00", "24:00-08:00", "20:00-08:0", "20:00-08:60", "a:bc-d:ef", ""]
    {
        assert_eq!(QuietHours::parse(wrong, Tz::UTC), None, "{wrong}");
    }
}

prop_compose! {
    pub fn calendars()(
        zone in proptest::sample::select(&ZONES[..]),
        bits in 1_u8..128,
        holidays in proptest::collection::btree_set(0_u64..800, 0..40),
    ) -> BusinessCalendar {
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let own = week.into_iter().filter(|day| bits & 1 << day.num_days_from_monday() != 0);
        BusinessCalendar {
            zone,
            week: WorkWeek::new(own).unwrap(),
            holidays: holidays.into_iter().map(|days| day("2025-06-01") + Days::new(days)).collect(),
        }
    }
}

fn days_of_two_years() -> impl Strategy<Value = NaiveDate> {
    (0_u64..800).prop_map(|days| day("2025-06-01") + Days::new(days))
}

/// Minutes of the two years; the one that skips a day in Samoa is among them.
pub fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    let from = Utc.with_ymd_and_hms(2011, 6, 1, 0, 0, 0).unwrap();
    let until = Utc.with_ymd_and_hms(2026, 12, 1, 0, 0, 0).unwrap();
    prop_oneof![
        (0..(until - from).num_minutes()).prop_map(move |minutes| from + TimeDelta::minutes(minutes)),
        // Around the changes of the clocks.
        (0_i64..3 * 1440).prop_map(|minutes| at("2026-03-28T00:00:00Z") + TimeDelta::minutes(minutes)),
        (0_i64..3 * 1440).prop_map(|minutes| at("2026-10-24T00:00:00Z") + TimeDelta::minutes(minutes)),
        (0_i64..3 * 1440).prop_map(|minutes| at("2026-04-04T00:00:00Z") + TimeDelta::minutes(minutes)),
        (0_i64..3 * 1440).prop_map(|minutes| at("2011-12-29T00:00:00Z") + TimeDelta::minutes(minutes)),
    ]
}

fn times() -> impl Strategy<Value = NaiveTime> {
    (0_u32..24, proptest::sample::select(vec![0_u32, 15, 30, 59]))
        .prop_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
}

proptest! {
    #[test]
    fn days_are_those_that_one_counts(calendar in calendars(), from in days_of_two_years(), to in days_of_two_years()) {
        let counted = from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| calendar.is_open(*day)).count();
        prop_assert_eq!(usize::try_from(calendar.days_between(from, to)).unwrap(), counted);
    }

    #[test]
    fn the_nth_day_after_has_n_days_between(calendar in calendars(), from in days_of_two_years(), n in 0_u32..60) {
        let then = calendar.after(from, n);
        prop_assert!(calendar.is_open(then) && then >= from);
        if n > 0 {
            prop_assert_eq!(calendar.days_between(from, then), n);
        }
        let back = calendar.before(from, n);
        prop_assert!(calendar.is_open(back) && back <= from);
    }

    #[test]
    fn open_time_adds_up_and_is_never_more_than_time(
        calendar in calendars(), a in instants(), wait in 0_i64..20_000, more in 0_i64..20_000,
    ) {
        let (b, c) = (a + TimeDelta::minutes(wait), a + TimeDelta::minutes(wait + more));
        let whole = calendar.open_time_between(a, c);
        prop_assert_eq!(calendar.open_time_between(a, b) + calendar.open_time_between(b, c), whole);
        prop_assert!(whole >= TimeDelta::zero() && whole <= c - a);
        prop_assert_eq!(calendar.open_time_between(c, a), TimeDelta::zero());
        // Hour by hour, where no hour is partly of another day.
        let open = (0..wait).step_by(15).filter(|minute| calendar.is_open(calendar.day(a + TimeDelta::minutes(*minute)))).count();
        let counted = TimeDelta::minutes(i64::try_from(open).unwrap() * 15);
        let off = (calendar.open_time_between(a, b) - counted).abs();
        prop_assert!(off <= TimeDelta::minutes(15 * (2 + wait / 720)), "{off}");
    }

    #[test]
    fn what_is_due_comes_on_the_nth_open_day(calendar in calendars(), a in instants(), n in 1_u32..15) {
        let due = calendar.due(a, n);
        prop_assert!(due > a);
        let first = calendar.after(calendar.day(a), 0);
        let expected = calendar.after(first, n);
        // A local time that a day does not have can move into the next day (Samoa skipped a whole one).
        let late = calendar.day(due) - expected;
        prop_assert!(late.num_days() == 0 || (late.num_days() == 1 && calendar.zone == Tz::Pacific__Apia));
    }

    #[test]
    fn quiet_hours_end(zone in proptest::sample::select(&ZONES[..]), from in times(), to in times(), a in instants()) {
        prop_assume!(from != to);
        let quiet = QuietHours::new(from, to, zone).unwrap();
        let free = quiet.not_before(a);
        prop_assert!(free >= a && free - a <= TimeDelta::hours(50));
        prop_assert!(!quiet.is_quiet(free));
        prop_assert_eq!(quiet.not_before(free), free, "what is free stays");
        prop_assert_eq!(quiet.is_quiet(a), free != a);
        prop_assert_eq!(QuietHours::parse(&quiet.code(), zone), Some(quiet));
        // Away from the changes of the clocks it is what the clock on the wall says.
        let near = [-26_i64, 26].map(|hours| (a + TimeDelta::hours(hours)).with_timezone(&zone));
        let steady = near[0].naive_local() + TimeDelta::hours(52) == near[1].naive_local();
        if steady {
            let time = a.with_timezone(&zone).time();
            let within = if from < to { from <= time && time < to } else { time >= from || time < to };
            prop_assert_eq!(quiet.is_quiet(a), within);
        }
    }

    #[test]
    fn reading_a_week_never_panics(text in ".{0,30}") {
        if let Some(week) = WorkWeek::parse(&text) {
            prop_assert_eq!(WorkWeek::parse(&week.code()), Some(week));
        }
        let _ = QuietHours::parse(&text, Tz::UTC);
    }
}

#[test]
fn the_end_of_the_calendar_is_reached_quietly() {
    let calendar = berlin();
    assert_eq!(calendar.after(NaiveDate::MAX, 5), NaiveDate::MAX);
    assert_eq!(calendar.before(NaiveDate::MIN, 5), NaiveDate::MIN);
    assert!(calendar.days_between(NaiveDate::MIN, NaiveDate::MAX) > 100_000_000);
}
