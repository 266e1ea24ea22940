//! When the end of money is warned of: before the last day on which a credit can be committed.

use crate::domain::cadence::{DEFAULT_TIME, local_instant};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

/// Days before the last day on which its end is warned of, as with money that is not claimed.
const WARNED_BEFORE: [u64; 3] = [30, 14, 3];

/// The first of these days comes so many days before the last one.
pub const WARNED_FROM: u64 = WARNED_BEFORE[0];

/// When the end of a credit is warned of, oldest first, at 09:00 in the program's zone; nothing that lies before the instant
/// at which the credit came.
pub fn warnings(expires_on: NaiveDate, came_at: DateTime<Utc>, zone: Tz) -> Vec<DateTime<Utc>> {
    let days = WARNED_BEFORE.into_iter().filter_map(|days| expires_on.checked_sub_days(Days::new(days)));
    let instants = days.filter_map(|day| local_instant(day, DEFAULT_TIME, zone));
    instants.filter(|at| *at > came_at).collect()
}
