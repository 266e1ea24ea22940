//! What every road needs: the database, the clock, and the bells that wake delivery and scheduler.

use crate::clock::Clock;
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
}

impl App {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, delivery_bell: Arc::new(Notify::new()), clock_bell: Arc::new(Notify::new()) }
    }
}
