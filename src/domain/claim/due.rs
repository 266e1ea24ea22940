//! When a partner is reminded to claim what was approved, and warned that the rest is going to be released.

use crate::domain::cadence::{DEFAULT_TIME, local_instant};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

/// Days after the end of an activity on which its claim is asked for. Source: GitLab's MDF programme reminds so.
const REMINDED_AFTER: [u64; 3] = [2, 14, 28];
/// Days before a last day on which its last warning comes; and for so many days after that nothing is released.
const LAST_WARNING: Days = Days::new(3);
/// Days before the last day to claim on which its first warning comes.
const FIRST_WARNING: Days = Days::new(30);
/// Days before the last day to claim on which the release is warned of.
const WARNED_BEFORE: [Days; 3] = [FIRST_WARNING, Days::new(14), LAST_WARNING];
/// Days before the last day to file a returned claim again on which its end is warned of.
const AGAIN_BEFORE: [Days; 2] = [Days::new(14), LAST_WARNING];

/// When the last warning of a last day comes: at 09:00 in the plan's zone.
pub fn last_warning(last: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    local_instant(last.checked_sub_days(LAST_WARNING)?, DEFAULT_TIME, zone)
}

/// What a last day that is over becomes on the local day `today`, if its last warning, given on the local day `warned`, did
/// not come in time: what is warned of only now is released after as many days as a warning leaves. `None`: it was in time.
pub fn put_off(warned: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let in_time = warned.and_then(|day| day.checked_add_days(LAST_WARNING)).is_some_and(|day| day <= today);
    if in_time { None } else { today.checked_add_days(LAST_WARNING) }
}

/// What a last day becomes when the stop of its campaign ends on the local day `today`: later by as many days as the stop
/// lasted, because nothing could be claimed meanwhile. One that was over before the stop stays. `stopped_on` is the day on which
/// the last day was set, if that was during the stop.
pub fn after_stop(last: NaiveDate, stopped_on: NaiveDate, today: NaiveDate) -> NaiveDate {
    if last < stopped_on {
        return last;
    }
    let later = last.checked_add_signed(today - stopped_on).unwrap_or(last);
    // Enough for its last warning.
    today.checked_add_days(LAST_WARNING).map_or(later, |least| later.max(least))
}

/// What the last day of a request becomes when its campaign, which was postponed without a date and counted no day, closes with
/// its plan on the local day `today`: late enough for all of its warnings.
pub fn after_plan(last: NaiveDate, today: NaiveDate) -> NaiveDate {
    today.checked_add_days(FIRST_WARNING).map_or(last, |least| last.max(least))
}

/// When somebody is warned that a returned claim expires, oldest first, at 09:00 in the plan's zone.
pub fn resubmit_notices(file_by: NaiveDate, returned_at: DateTime<Utc>, zone: Tz) -> Vec<DateTime<Utc>> {
    let days = AGAIN_BEFORE.into_iter().filter_map(|days| file_by.checked_sub_days(days));
    let instants = days.filter_map(|day| local_instant(day, DEFAULT_TIME, zone));
    instants.filter(|at| *at > returned_at).collect()
}

/// What is said of money that is not claimed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimNotice {
    /// The activity is over, and no claim is filed.
    Reminder,
    /// What is not claimed by the last day goes back.
    Warning,
}

/// When something is said of a request, oldest first, at 09:00 in the plan's zone: after the end of the activity and
/// before the last day to claim. Never two on one day, and nothing that lies before the approval.
pub fn notices(
    ends_on: NaiveDate,
    claim_due: NaiveDate,
    approved_at: DateTime<Utc>,
    zone: Tz,
) -> Vec<(DateTime<Utc>, ClaimNotice)> {
    let warned: Vec<NaiveDate> =
        WARNED_BEFORE.into_iter().filter_map(|days| claim_due.checked_sub_days(days)).collect();
    let reminded = REMINDED_AFTER.into_iter().filter_map(|days| ends_on.checked_add_days(Days::new(days)));
    let reminded = reminded.filter(|day| *day < claim_due && !warned.contains(day));
    let mut all: Vec<(NaiveDate, ClaimNotice)> = reminded.map(|day| (day, ClaimNotice::Reminder)).collect();
    all.extend(warned.iter().map(|day| (*day, ClaimNotice::Warning)));
    all.sort_by_key(|(day, _)| *day);
    let instants =
        all.into_iter().filter_map(|(day, notice)| Some((local_instant(day, DEFAULT_TIME, zone)?, notice)));
    instants.filter(|(at, _)| *at > approved_at).collect()
}
