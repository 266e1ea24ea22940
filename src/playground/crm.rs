//! A stand-in for the CRMs of the playground: a HubSpot account with its API and its webhooks, and a form service that
//! posts Standard Webhooks. What happens in it is said by calling it; what the bot learns of it, it learns over HTTP.
//!
//! It keeps HubSpot's habits, as far as its documentation and captured requests tell: thin events in batches, several
//! events of one change with one time, no order, repeats, 207 for records that are not there, 401 without the token, 429
//! when the allowance is used up. It signs with business time. It must never hand the bot anything but requests and
//! answers.

mod account;
mod api;
mod hook;

use crate::clock::Clock;
use crate::fault::Fault;
use account::{Account, Kind, Record};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use account::{Contact, Deal};
pub use hook::{Forms, Hook, Sent};

/// The HubSpot account: people work in it, its API is served, and its events wait until they are sent.
#[derive(Clone)]
pub struct Hubspot {
    account: Arc<Mutex<Account>>,
    clock: Clock,
}

/// The account's API while it is served.
pub struct Served {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Hubspot {
    pub fn new(clock: Clock, token: &str) -> Self {
        Self { account: Arc::new(Mutex::new(Account::new(token))), clock }
    }

    /// Serves the account's API on a free port of this machine.
    ///
    /// # Errors
    /// The port can't be listened on.
    pub async fn serve(&self) -> Result<Served, Fault> {
        let failed = |error: std::io::Error| Fault::Other(format!("the CRM stand-in can't listen: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, mut stopped) = watch::channel(false);
        let router = api::router(self.clone());
        let task = tokio::spawn(async move {
            let end = async move {
                // An error means that the handle is gone, which is an end too.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(end).await {
                tracing::error!(%error, "The CRM stand-in's API ended");
            }
        });
        Ok(Served { address, stop, task })
    }

    /// Somebody filled in a form, or was entered by hand: a contact now exists. Gives its id.
    pub fn contact(&self, contact: &Contact) -> u64 {
        let now_ms = self.clock.now_ms();
        self.account().create(Kind::Contact, contact.properties(), now_ms)
    }

    /// A salesperson opened a deal with these contacts. Gives its id.
    pub fn deal(&self, deal: &Deal, contacts: &[u64]) -> u64 {
        let now_ms = self.clock.now_ms();
        let mut account = self.account();
        let id = account.create(Kind::Deal, deal.properties(), now_ms);
        for contact in contacts {
            account.link(id, *contact, now_ms);
        }
        id
    }

    /// A salesperson changed a property of a deal.
    pub fn change_deal(&self, id: u64, property: &str, value: &str) {
        let now_ms = self.clock.now_ms();
        self.account().change(Kind::Deal, id, property, value, now_ms);
    }

    /// A deal is closed or opened again: its stage, and the date that goes with it.
    pub fn stage(&self, id: u64, stage: &str) {
        let now_ms = self.clock.now_ms();
        let mut account = self.account();
        if stage.starts_with("closed") {
            let closed = crate::clock::instant(now_ms).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            account.change(Kind::Deal, id, "closedate", &closed, now_ms);
        }
        account.change(Kind::Deal, id, "dealstage", stage, now_ms);
    }

    /// Somebody deleted a contact.
    pub fn delete_contact(&self, id: u64) {
        let now_ms = self.clock.now_ms();
        self.account().delete(id, now_ms);
    }

    /// The next read answers 429: the account's allowance is used up for a moment.
    pub fn use_up_allowance(&self) {
        self.account().limited = true;
    }

    /// How often the API was asked, refused requests included.
    pub fn reads(&self) -> u64 {
        self.account().reads
    }

    /// The events that wait to be sent, oldest first; they wait no longer.
    fn take_events(&self) -> Vec<serde_json::Value> {
        std::mem::take(&mut self.account().events)
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        // Every change is complete or has not begun, so a panic elsewhere leaves nothing half done.
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Served {
    /// Stops serving.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}
