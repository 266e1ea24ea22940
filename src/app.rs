//! What every road needs: the database, the clock, the store of evidence, and the bells that wake delivery and
//! scheduler.

use crate::clock::Clock;
use crate::evidence::Evidence;
use crate::store::Store;
use std::sync::Arc;
use tokio::sync::Notify;

/// The running program's shared parts. Clones share them.
#[derive(Clone, Debug)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    /// Rung after every transaction that may have left something to deliver.
    pub delivery_bell: Arc<Notify>,
    /// Rung after the business clock was moved, so that what became due is done at once.
    pub clock_bell: Arc<Notify>,
    /// The address under which the world reaches the listener, without a slash at its end.
    pub public_url: Arc<str>,
    /// Where files that prove something are taken in and kept.
    pub evidence: Evidence,
}

impl App {
    pub fn new(store: Store, clock: Clock) -> Self {
        let (delivery_bell, clock_bell) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        Self { store, clock, delivery_bell, clock_bell, public_url: "".into(), evidence: Evidence::nowhere() }
    }

    /// The same, reached by the world under this address.
    #[must_use]
    pub fn reached_at(self, public_url: &str) -> Self {
        Self { public_url: public_url.into(), ..self }
    }

    /// The same, with somewhere to keep evidence.
    #[must_use]
    pub fn keeping(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}
