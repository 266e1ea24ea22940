//! The back-off schedule.

use tandem::delivery::backoff::{Next, Schedule};

fn waits(schedule: Schedule, tries: impl Iterator<Item = i64>) -> Vec<i64> {
    tries
        .map(|tries| match schedule.after(tries) {
            Next::Retry { after_ms } => after_ms,
            Next::GiveUp => -1,
        })
        .collect()
}

#[test]
fn waits_double_up_to_the_longest_and_end() {
    let schedule = Schedule { first_ms: 1_000, longest_ms: 10_000, most_tries: 7 };
    assert_eq!(waits(schedule, 1..=8), [1_000, 2_000, 4_000, 8_000, 10_000, 10_000, -1, -1]);
}

#[test]
fn odd_numbers_of_tries_give_a_wait_and_no_overflow() {
    let schedule = Schedule { first_ms: i64::MAX / 2, longest_ms: 60_000, most_tries: i64::MAX };
    assert_eq!(waits(schedule, [i64::MIN, -1, 0, 1, 62, 63, 64, 65, i64::MAX - 1].into_iter()), [60_000; 9]);
    let at_once = Schedule { first_ms: 0, longest_ms: 0, most_tries: 2 };
    assert_eq!(waits(at_once, 1..=2), [1, -1], "a retry is always later than the try");
}

#[test]
fn production_keeps_trying_through_a_night_and_ends_within_two_days() {
    let schedule = Schedule::default();
    let total: i64 = waits(schedule, 1..schedule.most_tries).iter().sum();
    assert!(waits(schedule, 1..schedule.most_tries).iter().all(|wait| *wait > 0));
    assert!((12..48).contains(&(total / 3_600_000)), "{total}");
}
