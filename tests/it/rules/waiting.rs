//! Whose turn it is and for how long, against holidays and changes of the clocks; when money is asked to be claimed.

use super::business::{at, berlin, calendars, day, instants};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use tandem::domain::actor::Side;
use tandem::domain::claim::{ClaimNotice, after_stop, notices};
use tandem::domain::waiting::{Turn, Wait};

fn turn(time: &str, whose: Option<Side>) -> Turn {
    Turn { at: at(time), whose }
}

#[test]
fn the_time_while_the_other_side_is_asked_does_not_count() {
    let turns = [
        turn("2026-01-05T09:00:00Z", Some(Side::Vendor)),
        turn("2026-01-06T09:00:00Z", Some(Side::Partner)),
        turn("2026-01-09T09:00:00Z", Some(Side::Vendor)),
    ];
    let calendar = berlin();
    let wait = Wait::after(&turns).unwrap();
    assert_eq!((wait.side, wait.began_at, wait.turn_at()), (Side::Vendor, turns[0].at, turns[2].at));
    // Monday to Tuesday, then Friday; the weekend does not count.
    assert_eq!(wait.open_time(&calendar, at("2026-01-09T12:00:00Z")), TimeDelta::hours(27));
    assert_eq!(wait.due(&calendar, 1), Some(at("2026-01-06T09:00:00Z")), "that day had passed before");
    assert_eq!(wait.due(&calendar, 2), Some(at("2026-01-12T09:00:00Z")));
    let asked = Wait::after(&turns[..2]).unwrap();
    assert_eq!((asked.side, asked.due(&calendar, 2)), (Side::Partner, Some(at("2026-01-08T09:00:00Z"))));
    // What could not be decided before does not count.
    let later = wait.counted_from(at("2026-01-09T10:00:00Z"));
    assert_eq!(later.due(&calendar, 1), Some(at("2026-01-12T10:00:00Z")));
}

#[test]
fn the_time_of_a_stop_does_not_count() {
    let calendar = berlin();
    // Monday, 10:00 in Berlin.
    let wait = Wait::since(Side::Vendor, at("2026-01-05T09:00:00Z"));
    let stop = |from, until| (at(from), at(until));
    let due = |stops: &[_]| wait.clone().without(stops).due(&calendar, 2);
    assert_eq!(due(&[]), Some(at("2026-01-07T09:00:00Z")));
    let within = stop("2026-01-06T09:00:00Z", "2026-01-27T09:00:00Z");
    assert_eq!(due(&[within]), Some(at("2026-01-28T09:00:00Z")), "a day before it, and one after");
    let twice = stop("2026-01-27T12:00:00Z", "2026-01-28T12:00:00Z");
    assert_eq!(due(&[within, twice]), Some(at("2026-01-29T09:00:00Z")));
    let over_its_beginning = stop("2026-01-01T09:00:00Z", "2026-01-08T09:00:00Z");
    assert_eq!(due(&[over_its_beginning]), Some(at("2026-01-12T09:00:00Z")));
    let before = stop("2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z");
    assert_eq!(wait.clone().without(&[before]), wait);
    let after = stop("2026-01-08T09:00:00Z", "2026-01-09T09:00:00Z");
    assert_eq!(due(&[after]), Some(at("2026-01-07T09:00:00Z")), "what has come stays");
    // A spell that was over before a stop is no matter to it.
    let turns = [
        turn("2026-01-05T09:00:00Z", Some(Side::Vendor)),
        turn("2026-01-06T09:00:00Z", Some(Side::Partner)),
        turn("2026-01-09T09:00:00Z", Some(Side::Vendor)),
    ];
    let asked = Wait::after(&turns).unwrap();
    let meanwhile = stop("2026-01-07T09:00:00Z", "2026-01-08T09:00:00Z");
    assert_eq!(asked.clone().without(&[meanwhile]), asked);
}

proptest! {
    /// The end of a stop takes no time away, gives back what it took, and leaves enough for a last warning.
    #[test]
    fn a_last_day_moves_by_the_days_of_a_stop(from in 0_i64..400, lasted in 0_i64..400, left in -50_i64..400) {
        let stopped_on = day("2026-01-01") + TimeDelta::days(from);
        let (last, today) = (stopped_on + TimeDelta::days(left), stopped_on + TimeDelta::days(lasted));
        let moved = after_stop(last, stopped_on, today);
        if left < 0 {
            prop_assert_eq!(moved, last, "it was over before");
        } else {
            prop_assert_eq!((moved - today).num_days(), left.max(3));
        }
    }
}

#[test]
fn what_was_decided_begins_anew() {
    let turns = [
        turn("2026-01-05T09:00:00Z", Some(Side::Vendor)),
        turn("2026-01-07T09:00:00Z", None),
        turn("2026-02-02T09:00:00Z", Some(Side::Vendor)),
    ];
    assert_eq!(Wait::after(&turns[..2]), None);
    assert_eq!(Wait::after(&[]), None);
    assert_eq!(Wait::after(&turns), Some(Wait::since(Side::Vendor, turns[2].at)));
}

#[test]
fn lines_of_the_trail_say_whose_turn_it_is() {
    let now = at("2026-01-05T09:00:00Z");
    let whose = |code, amendment| Turn::of(now, code, amendment).map(|turn| turn.whose);
    assert_eq!(whose("request_submitted", false), Some(Some(Side::Vendor)));
    assert_eq!(whose("request_amended", false), Some(Some(Side::Vendor)));
    assert_eq!(whose("claim_returned", false), Some(Some(Side::Partner)));
    assert_eq!(whose("request_returned", true), Some(None), "what was approved stays");
    assert_eq!(whose("claim_approved", false), Some(None));
    for other in ["request_step", "claim_evidence_added", "refused:own_request", "logged", ""] {
        assert_eq!(whose(other, false), None, "{other}");
    }
}

/// Turns after waits in minutes.
fn turns_of(start: DateTime<Utc>, waits: &[(i64, u8)]) -> Vec<Turn> {
    let mut now = start;
    let mut turns = vec![Turn { at: start, whose: Some(Side::Vendor) }];
    for (wait, whose) in waits {
        now += TimeDelta::minutes(*wait);
        let whose = match whose {
            0 => None,
            1 => Some(Side::Vendor),
            _ => Some(Side::Partner),
        };
        turns.push(Turn { at: now, whose });
    }
    turns
}

proptest! {
    #[test]
    fn going_back_undoes_waiting(calendar in calendars(), a in instants(), minutes in 0_i64..20_000) {
        let open = TimeDelta::minutes(minutes);
        let begun = calendar.back(a, open);
        prop_assert!(begun <= a);
        prop_assert_eq!(calendar.open_time_between(begun, a), open);
        if minutes > 0 {
            // It is the latest such instant.
            prop_assert!(calendar.open_time_between(begun + TimeDelta::milliseconds(1), a) < open);
        }
    }

    #[test]
    fn both_sides_and_the_rest_add_up(
        calendar in calendars(), a in instants(),
        waits in proptest::collection::vec((1_i64..6_000, 1_u8..3), 0..6), more in 0_i64..6_000,
    ) {
        let turns = turns_of(a, &waits);
        let now = turns.last().unwrap().at + TimeDelta::minutes(more);
        let wait = Wait::after(&turns).unwrap();
        // The other side's time, told by hand.
        let mut spans = turns.iter().zip(turns.iter().skip(1).map(|turn| turn.at).chain([now]));
        let own: TimeDelta = spans
            .by_ref()
            .filter(|(turn, _)| turn.whose == Some(wait.side))
            .map(|(turn, to)| calendar.open_time_between(turn.at, to))
            .sum();
        prop_assert_eq!(wait.open_time(&calendar, now), own);
        prop_assert_eq!(wait.began_at, a);
    }

    #[test]
    fn what_is_due_has_waited_that_long(
        calendar in calendars(), a in instants(),
        waits in proptest::collection::vec((1_i64..6_000, 1_u8..3), 0..6), days in 1_u32..12,
    ) {
        let turns = turns_of(a, &waits);
        let wait = Wait::after(&turns).unwrap();
        let due = wait.due(&calendar, days).unwrap();
        let waited = wait.open_time(&calendar, due);
        // Days have 24 hours but for those on which the clocks change (Samoa skipped a whole one).
        let off = (waited - TimeDelta::days(i64::from(days))).abs();
        let most = if calendar.zone == chrono_tz::Tz::Pacific__Apia { 25 } else { 3 };
        prop_assert!(off <= TimeDelta::hours(most), "{waited} for {days} days");
        // What has come is not moved by what comes after.
        let mut longer = turns.clone();
        longer.push(Turn { at: due.max(turns.last().unwrap().at) + TimeDelta::minutes(1), whose: Some(wait.side) });
        prop_assert_eq!(Wait::after(&longer).unwrap().due(&calendar, days), Some(due));
        prop_assert!(wait.due(&calendar, days + 1).unwrap() >= due);
    }
}

#[test]
fn money_is_asked_for_after_the_activity_and_before_its_last_day() {
    use ClaimNotice::{Reminder, Warning};
    let zone = chrono_tz::Europe::Berlin;
    let told = |end, due, approved| {
        let all = notices(day(end), day(due), at(approved), zone);
        all.into_iter().map(|(at, notice)| (at.to_rfc3339(), notice)).collect::<Vec<_>>()
    };
    let expected = [
        ("2026-02-12T08:00:00+00:00", Reminder),
        ("2026-02-24T08:00:00+00:00", Reminder),
        ("2026-03-10T08:00:00+00:00", Reminder),
        ("2026-03-12T08:00:00+00:00", Warning),
        ("2026-03-28T08:00:00+00:00", Warning),
        // Nine o'clock of a later offset.
        ("2026-04-08T07:00:00+00:00", Warning),
    ];
    let expected: Vec<_> = expected.iter().map(|(at, notice)| ((*at).to_owned(), *notice)).collect();
    assert_eq!(told("2026-02-10", "2026-04-11", "2026-01-05T08:00:00Z"), expected);
    assert_eq!(
        told("2026-02-10", "2026-04-11", "2026-03-10T08:00:00Z"),
        expected[3..],
        "not before the approval"
    );
    // On one day only the warning; no reminder on the last day or after it.
    let short = told("2026-02-10", "2026-02-27", "2026-01-05T08:00:00Z");
    let kinds: Vec<_> = short.iter().map(|(at, notice)| (&at[..10], *notice)).collect();
    assert_eq!(
        kinds,
        [("2026-01-28", Warning), ("2026-02-12", Reminder), ("2026-02-13", Warning), ("2026-02-24", Warning)]
    );
}
