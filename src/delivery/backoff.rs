//! When a delivery that failed is tried again. Pure: failures in, a wait out; the same number gives the same wait.
//!
//! Waits double up to a longest one. There is no jitter: at most one delivery of a channel is under way at a time, and
//! the channels' failures are spread by what each waited for. Where serenity's rate limiter is on, it has already
//! waited as long as Discord's `Retry-After` said before a failure reaches this schedule.

/// What to do after a failure that may heal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Retry { after_ms: i64 },
    GiveUp,
}

/// How long to wait, and how often to try. [`Schedule::default`] is what production uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The wait after the first failure.
    pub first_ms: i64,
    /// No wait is longer.
    pub longest_ms: i64,
    /// Tries, the first included, before a delivery is given up.
    pub most_tries: i64,
}

impl Default for Schedule {
    /// 1 s, 2 s, 4 s … 256 s, then every 5 minutes: about a day, so that a night without Discord loses nothing.
    fn default() -> Self {
        Self { first_ms: 1_000, longest_ms: 5 * 60_000, most_tries: 300 }
    }
}

impl Schedule {
    /// What comes after the `tries`-th try failed (the first is 1).
    pub fn after(&self, tries: i64) -> Next {
        if tries >= self.most_tries {
            return Next::GiveUp;
        }
        let doublings = u32::try_from(tries.max(1) - 1).unwrap_or(u32::MAX);
        let factor = 1_i64.checked_shl(doublings.min(62)).unwrap_or(i64::MAX);
        Next::Retry { after_ms: self.first_ms.saturating_mul(factor).min(self.longest_ms).max(1) }
    }
}
