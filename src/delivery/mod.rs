//! From the outbox to Discord: claim, commit, send, record. At least once by the outbox, seen once by nonce and mark.
//!
//! It must never decide what is said, and never ask Discord anything while a transaction is open. Channels are served
//! side by side, one delivery of a channel at a time, so that what one channel waits for holds up no other.

pub mod backoff;
pub mod connect;
mod event;
pub mod render;
mod send;
mod trouble;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::store::Store;
use crate::store::outbox::{self, Claimed, Delivered};
use crate::{in_read, in_tx};
use backoff::{Next, Schedule};
use futures_util::future::join_all;
use send::Failure;
use serenity::all::UserId;
use serenity::http::Http;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OnceCell, watch};
use tokio::task::JoinSet;
use trouble::Trouble;

/// Channels served side by side.
const LANES: usize = 8;

/// The waits of delivery, all in protocol time. [`Timing::default`] is what production uses; tests shorten them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Discord honours a nonce "for a few minutes". So long after its first try a row is looked for in the channel
    /// before it is sent again.
    pub nonce_trusted_ms: i64,
    /// One try, whatever it has to ask and to wait for, ends within this.
    pub try_ms: u64,
    /// How long a claim holds; longer than a try, so that no two tries of a row overlap.
    pub lease_ms: i64,
    /// How often the outbox is looked at when nobody says that something was put there.
    pub poll_ms: u64,
    /// The pause after the database failed.
    pub fault_pause_ms: u64,
    pub schedule: Schedule,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            nonce_trusted_ms: 2 * 60_000,
            try_ms: 60_000,
            lease_ms: 2 * 60_000,
            poll_ms: 500,
            fault_pause_ms: 5_000,
            schedule: Schedule::default(),
        }
    }
}

/// The way from the outbox to Discord.
#[derive(Debug)]
pub struct Delivery {
    store: Store,
    clock: Clock,
    http: Arc<Http>,
    timing: Timing,
    wake: Arc<Notify>,
    /// Who we are on Discord: asked when it is first needed.
    me: OnceCell<UserId>,
}

impl Delivery {
    pub fn new(store: Store, clock: Clock, http: Arc<Http>) -> Self {
        Self {
            store,
            clock,
            http,
            timing: Timing::default(),
            wake: Arc::new(Notify::new()),
            me: OnceCell::new(),
        }
    }

    /// The same with other waits.
    #[must_use]
    pub fn with_timing(self, timing: Timing) -> Self {
        Self { timing, ..self }
    }

    /// The same, woken by a bell that others ring as well.
    #[must_use]
    pub fn woken_by(self, wake: Arc<Notify>) -> Self {
        Self { wake, ..self }
    }

    /// Notified (`notify_one`) after a commit that put something into the outbox, it makes [`run`](Self::run) look at
    /// once. Nothing is lost without it: `run` looks by itself, a little later.
    pub fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Tries what is due now, at most one row of each channel, and gives how many were tried. Repeated until it gives
    /// 0, it has emptied the outbox of all but what waits for its next try.
    ///
    /// # Errors
    /// A fault of the database. What Discord says to a row is written down with the row and is no fault here.
    pub async fn deliver_once(&self) -> Result<usize, Fault> {
        let claimed = self.claim(LANES).await?;
        let tried = claimed.len();
        join_all(claimed.iter().map(|row| self.deliver(row))).await.into_iter().collect::<Result<(), _>>()?;
        Ok(tried)
    }

    /// Delivers until `shutdown` turns true or its sender is gone, then finishes the tries under way and ends.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) {
        let delivery = Arc::new(self);
        let mut under_way: JoinSet<Result<(), Fault>> = JoinSet::new();
        while !*shutdown.borrow_and_update() {
            let pause_ms = match delivery.claim(LANES - under_way.len()).await {
                Ok(claimed) => {
                    for row in claimed {
                        let delivery = Arc::clone(&delivery);
                        under_way.spawn(async move { delivery.deliver(&row).await });
                    }
                    delivery.timing.poll_ms
                }
                Err(fault) => {
                    tracing::error!(%fault, "The outbox can't be read; delivery pauses");
                    delivery.timing.fault_pause_ms
                }
            };
            tokio::select! {
                Some(ended) = under_way.join_next() => log_end(ended),
                () = delivery.wake.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(pause_ms)) => {}
                changed = shutdown.changed() => if changed.is_err() { break },
            }
        }
        while let Some(ended) = under_way.join_next().await {
            log_end(ended);
        }
    }

    async fn claim(&self, lanes: usize) -> Result<Vec<Claimed>, Fault> {
        let (now_ms, now) = (self.clock.protocol_ms(), self.clock.now());
        let lanes = i64::try_from(lanes).unwrap_or(i64::MAX);
        if lanes == 0 || !in_read!(self.store, |read| { outbox::any_due(read, now_ms, now).await })? {
            return Ok(Vec::new());
        }
        in_tx!(self.store, |tx| { outbox::claim(tx, now_ms, now, self.timing.lease_ms, lanes).await })
    }

    async fn deliver(&self, row: &Claimed) -> Result<(), Fault> {
        let limit = Duration::from_millis(self.timing.try_ms);
        let result = match tokio::time::timeout(limit, self.send(row)).await {
            Ok(result) => result,
            Err(_) => {
                let reason = format!("no end within {} s", limit.as_secs_f32());
                Err(Failure { trouble: Trouble::Passing(reason), message_id: None })
            }
        };
        match result {
            Ok(delivered) => self.record_sent(row, &delivered).await,
            Err(failure) => self.record_failure(row, &failure).await,
        }
    }

    async fn record_sent(&self, row: &Claimed, delivered: &Delivered) -> Result<(), Fault> {
        in_tx!(self.store, |tx| { outbox::record_sent(tx, &self.clock, row, delivered).await })?;
        tracing::debug!(id = row.id, channel = row.channel_id, tries = row.tries, "Delivered");
        Ok(())
    }

    async fn record_failure(&self, row: &Claimed, failure: &Failure) -> Result<(), Fault> {
        let reason = failure.trouble.reason();
        let message_id = failure.message_id.as_deref();
        let next = match failure.trouble {
            Trouble::Final(_) => Next::GiveUp,
            _ => self.timing.schedule.after(row.tries),
        };
        let held = match next {
            Next::Retry { after_ms } => {
                let due_at = self.clock.protocol_ms() + after_ms;
                tracing::warn!(
                    id = row.id,
                    channel = row.channel_id,
                    tries = row.tries,
                    after_ms,
                    reason,
                    "A delivery failed and is tried again"
                );
                in_tx!(self.store, |tx| { outbox::record_retry(tx, row, due_at, reason, message_id).await })?
            }
            Next::GiveUp => {
                tracing::error!(
                    id = row.id,
                    channel = row.channel_id,
                    tries = row.tries,
                    reason,
                    "A delivery is given up and lies with the dead letters"
                );
                in_tx!(self.store, |tx| {
                    outbox::record_dead(tx, &self.clock, row, reason, message_id).await
                })?
            }
        };
        if !held {
            tracing::warn!(
                id = row.id,
                "A delivery took longer than its claim held; somebody else has it now"
            );
        }
        Ok(())
    }
}

fn log_end(ended: Result<Result<(), Fault>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::error!(%fault, "What became of a delivery can't be written down"),
        Err(error) => tracing::error!(%error, "A delivery broke off"),
    }
}
