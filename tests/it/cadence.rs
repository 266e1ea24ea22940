//! Review cadences: which dates they give, at which instants.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use tandem::domain::cadence::{Cadence, CadenceError, Slot, SlotKind, Window};

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn window(start: &str, end: &str, zone: Tz) -> Window {
    Window { start: date(start), end: date(end), zone }
}

fn cadence(text: &str) -> Cadence {
    Cadence::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

fn refused(text: &str) -> String {
    match Cadence::parse(text) {
        Ok(read) => panic!("{text} was read as {read}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// Local dates and times of the slots: "2026-01-09 09:00", with " mid" or " end" behind.
fn local(slots: &[Slot]) -> Vec<String> {
    let kind = |slot: &Slot| match slot.kind {
        SlotKind::Regular => "",
        SlotKind::Mid => " mid",
        SlotKind::End => " end",
    };
    slots.iter().map(|slot| format!("{}{}", slot.local.format("%Y-%m-%d %H:%M"), kind(slot))).collect()
}

fn due(slots: &[Slot]) -> Vec<String> {
    slots.iter().map(|slot| slot.due_at.format("%Y-%m-%dT%H:%MZ").to_string()).collect()
}

fn dates(text: &str, start: &str, end: &str) -> Vec<String> {
    local(&cadence(text).checkpoints(&window(start, end, Tz::UTC)))
}

#[test]
fn weekly_comes_on_its_weekday_and_on_the_day_after_the_period() {
    // 2026-01-02 is a Friday; 2026-01-26 a Monday.
    assert_eq!(
        dates("weekly friday", "2026-01-01", "2026-01-25"),
        [
            "2026-01-02 09:00",
            "2026-01-09 09:00",
            "2026-01-16 09:00",
            "2026-01-23 09:00",
            "2026-01-26 09:00 end"
        ]
    );
}

#[test]
fn weekly_leaves_out_the_first_day_of_the_period() {
    // 2026-01-05 is a Monday: nothing could have happened before its morning.
    assert_eq!(dates("weekly", "2026-01-05", "2026-01-18"), ["2026-01-12 09:00", "2026-01-19 09:00 end"]);
}

#[test]
fn fortnightly_is_every_second_weekly_date() {
    assert_eq!(
        dates("fortnightly fri 14:30", "2026-01-01", "2026-02-10"),
        ["2026-01-09 14:30", "2026-01-23 14:30", "2026-02-06 14:30", "2026-02-11 14:30 end"]
    );
}

#[test]
fn monthly_default_reviews_each_complete_month() {
    assert_eq!(
        dates("monthly", "2026-01-01", "2026-03-31"),
        ["2026-02-01 09:00", "2026-03-01 09:00", "2026-04-01 09:00 end"]
    );
}

#[test]
fn monthly_31_is_the_last_day_of_every_month() {
    assert_eq!(
        dates("monthly 31", "2027-12-15", "2028-04-30"),
        [
            "2027-12-31 09:00",
            "2028-01-31 09:00",
            "2028-02-29 09:00",
            "2028-03-31 09:00",
            "2028-04-30 09:00",
            "2028-05-01 09:00 end"
        ]
    );
    assert_eq!(dates("monthly 30", "2027-01-31", "2027-03-01"), ["2027-02-28 09:00", "2027-03-02 09:00 end"]);
    assert_eq!(
        dates("monthly last", "2027-01-31", "2027-03-01"),
        dates("monthly 31", "2027-01-31", "2027-03-01")
    );
}

#[test]
fn the_middle_has_half_of_the_days_before_it() {
    // 90 days: 45 before 15 February.
    assert_eq!(
        dates("mid-and-end", "2026-01-01", "2026-03-31"),
        ["2026-02-15 09:00 mid", "2026-04-01 09:00 end"]
    );
    // A leap year's 91 days: 45 before, 45 after.
    assert_eq!(
        dates("mid and end", "2028-01-01", "2028-03-31"),
        ["2028-02-15 09:00 mid", "2028-04-01 09:00 end"]
    );
}

#[test]
fn a_period_of_one_day_has_its_end_and_nothing_else() {
    for text in ["weekly", "fortnightly", "monthly", "mid-and-end", "0 9 1 1 *"] {
        assert_eq!(dates(text, "2026-06-15", "2026-06-15"), ["2026-06-16 09:00 end"], "{text}");
    }
    assert_eq!(dates("0 9 * * *", "2026-06-15", "2026-06-15"), ["2026-06-15 09:00", "2026-06-16 09:00 end"]);
}

#[test]
fn a_period_that_ends_before_it_starts_has_no_checkpoint() {
    for text in ["weekly", "monthly", "mid-and-end", "* * * * *"] {
        assert!(dates(text, "2026-06-15", "2026-06-14").is_empty(), "{text}");
    }
}

fn weekdays_of(text: &str) -> Vec<Weekday> {
    // 28 whole days from a Monday, the end on the Monday after.
    let window = window("2026-06-01", "2026-06-28", Tz::UTC);
    let mut days: Vec<Weekday> = Vec::new();
    for slot in cadence(text).checkpoints(&window) {
        if slot.kind == SlotKind::Regular && !days.contains(&slot.local.weekday()) {
            days.push(slot.local.weekday());
        }
    }
    days.sort_by_key(Weekday::num_days_from_monday);
    days
}

#[test]
fn cron_weekdays_have_their_unix_meaning() {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let cases: [(&str, &[Weekday]); 14] = [
        ("0 9 * * 0", &[Sun]),
        ("0 9 * * 7", &[Sun]),
        ("0 9 * * sun", &[Sun]),
        ("0 9 * * 1", &[Mon]),
        ("0 9 * * MON", &[Mon]),
        ("0 9 * * 6", &[Sat]),
        ("0 9 * * 1-5", &[Mon, Tue, Wed, Thu, Fri]),
        ("0 9 * * mon-fri", &[Mon, Tue, Wed, Thu, Fri]),
        ("0 9 * * 5-7", &[Fri, Sat, Sun]),
        ("0 9 * * fri-sun", &[Fri, Sat, Sun]),
        ("0 9 * * 0-1", &[Mon, Sun]),
        ("0 9 * * */3", &[Wed, Sat, Sun]),
        ("0 9 * * 1-5/2", &[Mon, Wed, Fri]),
        ("0 9 * * 2,4,7", &[Tue, Thu, Sun]),
    ];
    for (text, days) in cases {
        assert_eq!(weekdays_of(text), days, "{text}");
    }
    // A date anybody can look up: 2000-01-01 was a Saturday, so the first Sunday was the 2nd.
    assert_eq!(dates("0 9 * * 0", "2000-01-01", "2000-01-03")[0], "2000-01-02 09:00");
    assert_eq!(dates("0 9 * * 7", "2000-01-01", "2000-01-03")[0], "2000-01-02 09:00");
}

#[test]
fn cron_steps_lists_and_ranges() {
    assert_eq!(
        dates("*/20 8-9,17 * * *", "2026-03-03", "2026-03-03"),
        [
            "2026-03-03 08:00",
            "2026-03-03 08:20",
            "2026-03-03 08:40",
            "2026-03-03 09:00",
            "2026-03-03 09:20",
            "2026-03-03 09:40",
            "2026-03-03 17:00",
            "2026-03-03 17:20",
            "2026-03-03 17:40",
            "2026-03-04 08:00 end"
        ]
    );
    assert_eq!(
        dates("30 10 1,15 feb-mar *", "2026-01-01", "2026-06-30"),
        [
            "2026-02-01 10:30",
            "2026-02-15 10:30",
            "2026-03-01 10:30",
            "2026-03-15 10:30",
            "2026-07-01 10:30 end"
        ]
    );
}

#[test]
fn cron_days_that_a_month_lacks_are_left_out() {
    assert_eq!(
        dates("0 9 31 * *", "2026-01-01", "2026-05-30"),
        ["2026-01-31 09:00", "2026-03-31 09:00", "2026-05-31 09:00 end"]
    );
    assert_eq!(
        dates("0 9 29 2 *", "2025-01-01", "2032-12-31"),
        ["2028-02-29 09:00", "2032-02-29 09:00", "2033-01-01 09:00 end"]
    );
}

#[test]
fn nothing_comes_after_the_end_checkpoint() {
    assert_eq!(
        dates("0 8,17 * * *", "2026-05-04", "2026-05-04"),
        ["2026-05-04 08:00", "2026-05-04 17:00", "2026-05-05 08:00 end"]
    );
}

#[test]
fn spring_moves_a_skipped_time_to_the_first_instant_after() {
    let berlin = window("2026-03-20", "2026-04-05", Tz::Europe__Berlin);
    let slots = cadence("weekly sunday 02:30").checkpoints(&berlin);
    // 29 March: 02:00 jumps to 03:00.
    assert_eq!(
        due(&slots),
        ["2026-03-22T01:30Z", "2026-03-29T01:00Z", "2026-04-05T00:30Z", "2026-04-06T00:30Z"]
    );
    assert_eq!(local(&slots)[1], "2026-03-29 03:00");

    let new_york = window("2026-03-01", "2026-03-15", Tz::America__New_York);
    let slots = cadence("30 2 * * 0").checkpoints(&new_york);
    // 8 March: 02:00 jumps to 03:00, which is 07:00 UTC.
    assert_eq!(
        due(&slots),
        ["2026-03-01T07:30Z", "2026-03-08T07:00Z", "2026-03-15T06:30Z", "2026-03-16T06:30Z"]
    );

    let lord_howe = window("2026-09-27", "2026-10-11", Tz::Australia__Lord_Howe);
    let slots = cadence("15 2 * * 0").checkpoints(&lord_howe);
    // 4 October: 02:00 jumps to 02:30 (UTC+10:30 to UTC+11).
    assert_eq!(local(&slots)[..2], ["2026-09-27 02:15", "2026-10-04 02:30"]);
    assert_eq!(due(&slots)[..2], ["2026-09-26T15:45Z", "2026-10-03T15:30Z"]);
}

#[test]
fn autumn_takes_a_repeated_time_once_the_first_time() {
    let berlin = window("2026-10-24", "2026-10-25", Tz::Europe__Berlin);
    // 25 October: 02:00 to 03:00 happens twice.
    assert_eq!(due(&cadence("30 2 25 10 *").checkpoints(&berlin))[0], "2026-10-25T00:30Z");
    let new_york = window("2026-10-25", "2026-11-08", Tz::America__New_York);
    assert_eq!(due(&cadence("weekly sun 01:30").checkpoints(&new_york))[0], "2026-11-01T05:30Z");
    let lord_howe = window("2026-04-01", "2026-04-06", Tz::Australia__Lord_Howe);
    // 5 April: 01:30 to 02:00 happens twice, first at UTC+11.
    assert_eq!(due(&cadence("45 1 5 4 *").checkpoints(&lord_howe))[0], "2026-04-04T14:45Z");
}

#[test]
fn several_skipped_minutes_make_one_checkpoint() {
    let berlin = window("2026-03-29", "2026-03-29", Tz::Europe__Berlin);
    let slots = cadence("*/15 1-3 * * *").checkpoints(&berlin);
    assert_eq!(
        due(&slots)[..6],
        [
            "2026-03-29T00:00Z",
            "2026-03-29T00:15Z",
            "2026-03-29T00:30Z",
            "2026-03-29T00:45Z",
            "2026-03-29T01:00Z",
            "2026-03-29T01:15Z"
        ]
    );
}

#[test]
fn a_whole_skipped_day_moves_to_the_next_one() {
    // Samoa had no 30 December 2011.
    let apia = window("2011-12-28", "2011-12-29", Tz::Pacific__Apia);
    assert_eq!(local(&cadence("weekly").checkpoints(&apia)), ["2011-12-31 00:00 end"]);
}

#[test]
fn next_after_is_strictly_after() {
    let quarter = window("2026-01-01", "2026-03-31", Tz::UTC);
    let monthly = cadence("monthly");
    let at = |text| monthly.next_after(instant(text), &quarter).map(|slot| slot.local.date().to_string());
    assert_eq!(at("2020-01-01T00:00:00Z").as_deref(), Some("2026-02-01"));
    assert_eq!(at("2026-02-01T08:59:59Z").as_deref(), Some("2026-02-01"));
    assert_eq!(at("2026-02-01T09:00:00Z").as_deref(), Some("2026-03-01"));
    assert_eq!(at("2026-04-01T08:59:59Z").as_deref(), Some("2026-04-01"));
    assert_eq!(at("2026-04-01T09:00:00Z"), None);
    let three: Vec<Slot> = monthly.upcoming(instant("2026-01-15T00:00:00Z"), &quarter).take(3).collect();
    assert_eq!(local(&three), ["2026-02-01 09:00", "2026-03-01 09:00", "2026-04-01 09:00 end"]);
}

#[test]
fn texts_are_read_and_stored_in_one_spelling() {
    let cases = [
        ("weekly", "weekly monday 09:00", "every Monday at 09:00"),
        ("  Weekly  FRIDAY ", "weekly friday 09:00", "every Friday at 09:00"),
        ("weekly fri at 8:05", "weekly friday 08:05", "every Friday at 08:05"),
        ("fortnightly", "fortnightly monday 09:00", "every second Monday at 09:00"),
        ("monthly", "monthly 1 09:00", "on day 1 of every month at 09:00"),
        ("monthly last 16:00", "monthly 31 16:00", "on the last day of every month at 16:00"),
        ("mid_and_end", "mid-and-end 09:00", "in the middle of the period and at its end, at 09:00"),
        ("Mid and End at 10:00", "mid-and-end 10:00", "in the middle of the period and at its end, at 10:00"),
        ("0 9 * * 1", "cron 0 9 * * 1", "every Monday at 09:00"),
        ("cron 0 9 * * Mon,thu", "cron 0 9 * * 1,4", "every Monday and Thursday at 09:00"),
        ("00 09 * * 7", "cron 0 9 * * 0", "every Sunday at 09:00"),
        ("5 14 1,15 * *", "cron 5 14 1,15 * *", "on days 1 and 15 of the month at 14:05"),
        (
            "0 9 1 */3 *",
            "cron 0 9 1 1,4,7,10 *",
            "on day 1 of the month in January, April, July and October at 09:00",
        ),
        ("*/30 9-17 * * 1-5", "cron 0,30 9-17 * * 1-5", "on the schedule 0,30 9-17 * * 1-5"),
        ("0 9 * 1-12 0-7", "cron 0 9 * * *", "every day at 09:00"),
    ];
    for (text, code, label) in cases {
        let read = cadence(text);
        assert_eq!(read.code(), code, "{text}");
        assert_eq!(read.label(Tz::Europe__Berlin), format!("{label} (Europe/Berlin)"), "{text}");
        assert_eq!(cadence(code), read, "{text}");
    }
}

#[test]
fn a_preset_can_be_moved_to_another_time() {
    let at = NaiveTime::from_hms_opt(7, 15, 42).expect("a time");
    assert_eq!(cadence("weekly").with_time(at).code(), "weekly monday 07:15");
    assert_eq!(cadence("0 9 * * 1").with_time(at).code(), "cron 0 9 * * 1");
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let texts = [
        "daily",
        "",
        "biweekly",
        "weekly fryday",
        "monthly 32",
        "weekly 25:00",
        "0 0 9 * * 1",
        "0 9 1 * 1",
        "0 9 30 2 *",
        "0 9 31 4,6,9 *",
        "60 9 * * *",
        "0 9 * * 8",
        "0 9 * * 5-1",
        "5/10 9 * * *",
        "*/0 9 * * *",
        "0 9 ? * 1",
        "0 9,, * * 1",
        "0 9 0 * *",
    ];
    let sentences: Vec<String> = texts.iter().map(|text| format!("{text} => {}", refused(text))).collect();
    insta::assert_snapshot!(sentences.join("\n"), @r"
    daily => “daily” is not a review cadence. Write weekly, fortnightly, monthly, mid-and-end, or a cron expression such as 0 9 * * 1.
     => A review cadence is needed: weekly, fortnightly, monthly, mid-and-end, or a cron expression such as 0 9 * * 1.
    biweekly => “Biweekly” can mean twice a week or every two weeks. Write fortnightly, or a cron expression such as 0 9 * * 1,4.
    weekly fryday => “fryday” is not a weekday. Write monday, tuesday, wednesday, thursday, friday, saturday or sunday.
    monthly 32 => “32” is not a day of the month. Write a number from 1 to 31; 31 means the last day of every month.
    weekly 25:00 => “25:00” is not a time of day. Write it as 09:00 or 14:30.
    0 0 9 * * 1 => A cron expression has five fields (minute, hour, day of month, month, weekday), but this has 6. Seconds are not written.
    0 9 1 * 1 => Day of month and weekday can't be used together, since cron takes either of them, not both. Make one of the two a *.
    0 9 30 2 * => No month in this cron expression ever has that day, so it would never come.
    0 9 31 4,6,9 * => No month in this cron expression ever has that day, so it would never come.
    60 9 * * * => The cron field for the minute can't be “60”: it is a number from 0 to 59.
    0 9 * * 8 => The cron field for the weekday can't be “8”: it is a number from 0 to 7, or sun to sat.
    0 9 * * 5-1 => The cron field for the weekday can't be “5-1”: a range has to run from the smaller to the greater; use a list instead.
    5/10 9 * * * => The cron field for the minute can't be “5/10”: a step needs a range; write 5-59/10 or */10.
    */0 9 * * * => The cron field for the minute can't be “*/0”: a step is a number from 1 to 59.
    0 9 ? * 1 => The cron field for the day of month can't be “?”: it is a number from 1 to 31.
    0 9,, * * 1 => The cron field for the hour can't be “”: it is a number from 0 to 23.
    0 9 0 * * => The cron field for the day of month can't be “0”: it is a number from 1 to 31.
    ");
}

#[test]
fn day_and_weekday_together_are_refused_even_where_one_names_every_day() {
    for text in ["0 9 1-31 * 1", "0 9 */2 * 1", "0 9 1 * 0-7", "0 9 1 1 mon"] {
        assert_eq!(Cadence::parse(text), Err(CadenceError::DayAndWeekday), "{text}");
    }
}

const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
];

fn any_cadence() -> impl Strategy<Value = Cadence> {
    let time = (0u32..24, 0u32..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let day = prop::sample::select(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let text = prop_oneof![
        (day.clone(), time.clone()).prop_map(|(day, time)| format!("weekly {day} {time}")),
        (day, time.clone()).prop_map(|(day, time)| format!("fortnightly {day} {time}")),
        (1u32..=31, time.clone()).prop_map(|(day, time)| format!("monthly {day} {time}")),
        time.prop_map(|time| format!("mid-and-end {time}")),
        (0u32..60, 0u32..24, 0u32..=7).prop_map(|(minute, hour, day)| format!("{minute} {hour} * * {day}")),
        (1u32..60, 0u32..24, 1u32..=31).prop_map(|(step, hour, day)| format!("*/{step} {hour} {day} * *")),
        (1u32..24, 0u32..=3).prop_map(|(step, from)| format!("*/30 {from}-23/{step} * * *")),
    ];
    text.prop_map(|text| cadence(&text))
}

fn any_window() -> impl Strategy<Value = Window> {
    let start = (date("2010-01-01"), 0i64..9_000);
    (
        (start.1).prop_map(move |days| start.0 + TimeDelta::days(days)),
        0i64..400,
        prop::sample::select(ZONES.to_vec()),
    )
        .prop_map(|(start, days, zone)| Window { start, end: start + TimeDelta::days(days), zone })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn slots_increase_lie_inside_and_end_with_the_end(cadence in any_cadence(), window in any_window()) {
        let slots = cadence.checkpoints(&window);
        prop_assert!(slots.windows(2).all(|pair| pair[0].due_at < pair[1].due_at));
        let last = slots.last().expect("the end checkpoint is always there");
        prop_assert_eq!(last.kind, SlotKind::End);
        prop_assert_eq!(slots.iter().filter(|slot| slot.kind == SlotKind::End).count(), 1);
        for slot in &slots {
            prop_assert!(slot.local.date() >= window.start);
            // Samoa's skipped day moves what falls on it to the next.
            prop_assert!(slot.local.date() <= window.end_day() + TimeDelta::days(1));
            prop_assert_eq!(slot.due_at.with_timezone(&window.zone).naive_local(), slot.local);
        }
    }

    #[test]
    fn spans_partition_the_slots(cadence in any_cadence(), window in any_window(), cuts in prop::collection::vec(0i64..600_000, 0..6)) {
        let midnight: NaiveDateTime = window.start.and_time(NaiveTime::MIN);
        let origin = midnight.and_utc() - TimeDelta::days(3);
        let mut edges: Vec<DateTime<Utc>> = cuts.iter().map(|minutes| origin + TimeDelta::minutes(*minutes)).collect();
        // Cuts exactly on a slot are the interesting ones.
        let all = cadence.checkpoints(&window);
        edges.push(all[all.len() / 2].due_at);
        edges.extend([origin, origin + TimeDelta::days(500)]);
        edges.sort();
        let joined: Vec<Slot> =
            edges.windows(2).flat_map(|pair| cadence.due_between(pair[0], pair[1], &window)).collect();
        prop_assert_eq!(joined, all);
    }

    #[test]
    fn next_after_walks_all_slots(cadence in any_cadence(), window in any_window()) {
        let all: Vec<Slot> = cadence.checkpoints(&window).into_iter().take(50).collect();
        let mut at = DateTime::<Utc>::MIN_UTC + TimeDelta::days(10);
        for expected in &all {
            let next = cadence.next_after(at, &window);
            prop_assert_eq!(next, Some(*expected));
            at = expected.due_at;
        }
    }

    #[test]
    fn codes_are_read_back(cadence in any_cadence()) {
        prop_assert_eq!(Cadence::parse(&cadence.code()), Ok(cadence));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", cron in "[0-9*,/a-z -]{0,24}") {
        for read in [Cadence::parse(&text), Cadence::parse(&cron)].into_iter().flatten() {
            prop_assert_eq!(Cadence::parse(&read.code()), Ok(read));
        }
    }
}
