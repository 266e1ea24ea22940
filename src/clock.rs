//! The clock, with the ids that carry its time. The only place that reads the machine's time or randomness.
//!
//! Business time (`Clock::now`) may be moved forward in tests and in the playground, never back. Protocol time
//! (deadlines, leases, back-off) is `Clock::protocol_ms`, which nothing can move.

use chrono::{DateTime, TimeZone, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// Business time and ids. Clones share one clock.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Unix ms of a manual clock; `i64::MIN` for the system clock.
    manual: AtomicI64,
    last_id: AtomicI64,
    started: Instant,
    started_ms: i64,
}

const SYSTEM: i64 = i64::MIN;
const ID_RANDOM_BITS: u32 = 20;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Clock {
    /// The machine's own clock. What `tandem run` uses, and nothing else can be had there.
    pub fn system() -> Self {
        Self::new(SYSTEM)
    }

    /// A clock that stands still until it is moved.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::new(start.timestamp_millis())
    }

    fn new(manual: i64) -> Self {
        let inner = Inner {
            manual: AtomicI64::new(manual),
            last_id: AtomicI64::new(0),
            started: Instant::now(),
            started_ms: system_ms(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Business time, to the millisecond.
    pub fn now(&self) -> DateTime<Utc> {
        instant(self.now_ms())
    }

    /// Business time as Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        match self.inner.manual.load(Ordering::SeqCst) {
            SYSTEM => system_ms(),
            manual => manual,
        }
    }

    /// Moves a manual clock forward to `to`. Returns false, and changes nothing, if that would move it back or if
    /// this is the system clock.
    pub fn advance_to(&self, to: DateTime<Utc>) -> bool {
        let to = to.timestamp_millis();
        self.inner
            .manual
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                (now != SYSTEM && to >= now).then_some(to)
            })
            .is_ok()
    }

    /// Protocol time as Unix milliseconds: the machine's time at start plus what a monotonic clock counted since.
    pub fn protocol_ms(&self) -> i64 {
        self.inner.started_ms
            + i64::try_from(self.inner.started.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
    }

    /// A new id: 13 characters that sort by business time, unique in this process and, by 20 random bits a
    /// millisecond, across processes (a clash is refused by the primary key, and the transaction is done again).
    pub fn new_id(&self) -> String {
        let random = i64::try_from(random_u64() & ((1 << ID_RANDOM_BITS) - 1)).unwrap_or_default();
        let fresh = (self.now_ms().max(0) << ID_RANDOM_BITS) | random;
        let mut taken = fresh;
        let _ = self.inner.last_id.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
            taken = fresh.max(last + 1);
            Some(taken)
        });
        encode(taken)
    }

    /// 32 random bytes, for a key that is made once.
    pub fn random_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        for chunk in key.chunks_mut(8) {
            chunk.copy_from_slice(&random_u64().to_le_bytes());
        }
        key
    }
}

/// The instant of Unix milliseconds; the epoch for a number no calendar has.
pub fn instant(ms: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(ms).single().unwrap_or(DateTime::UNIX_EPOCH)
}

fn encode(id: i64) -> String {
    (0..13)
        .rev()
        .map(|place| char::from(ALPHABET[usize::try_from((id >> (place * 5)) & 31).unwrap_or_default()]))
        .collect()
}

fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    // Without the operating system's randomness no id and no key can be made safely: there is nothing to go on with.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    u64::from_le_bytes(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn system_ms() -> i64 {
    Utc::now().timestamp_millis()
}
