//! The handle: start, addresses, stop; and the lock around the world.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::Error;
use crate::listener::{Cutter, Doorway};
use crate::model::World;
use crate::options::Options;
use crate::people::Person;
use crate::{rest, tls};

/// A running server. Cloning gives another handle to the same one; it stops with [`DiscordLocal::stop`] or the process.
#[derive(Clone)]
pub struct DiscordLocal {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    options: Options,
    address: SocketAddr,
    authority: Option<String>,
    stop: watch::Sender<bool>,
    serving: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl std::fmt::Debug for DiscordLocal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiscordLocal").field("address", &self.inner.address).finish_non_exhaustive()
    }
}

impl DiscordLocal {
    /// Starts a server with an empty world.
    ///
    /// # Errors
    /// The address can't be listened on, or the certificate can't be made.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let listener = TcpListener::bind(options.listen).await.map_err(Error::Listen)?;
        let (acceptor, authority) = match options.tls {
            true => tls::acceptor().map(|(acceptor, pem)| (Some(acceptor), Some(pem)))?,
            false => (None, None),
        };
        let doorway = Doorway::open(listener, acceptor).map_err(Error::Listen)?;
        let address = axum::serve::Listener::local_addr(&doorway).map_err(Error::Listen)?;
        let world = World::new(options.clone(), format!("http://{address}"));
        let inner = Inner {
            world: Mutex::new(world),
            options,
            address,
            authority,
            stop: watch::Sender::new(false),
            serving: Mutex::new(None),
        };
        let server = Self { inner: Arc::new(inner) };
        let mut stopped = server.stopped();
        let service = rest::router(server.clone()).into_make_service_with_connect_info::<Cutter>();
        let serving = tokio::spawn(async move {
            let end = async move {
                // An error means that the handle is gone, which is an end too.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            if let Err(error) = axum::serve(doorway, service).with_graceful_shutdown(end).await {
                tracing::error!(%error, "the local Discord stopped serving: {error}");
            }
        });
        *server.inner.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
        Ok(server)
    }

    /// `http://ADDRESS`: what a client library's proxy setting takes. Paths begin with `/api/v10`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    /// The page's address.
    pub fn page_url(&self) -> String {
        format!("http://{}/", self.inner.address)
    }

    /// Where it listens; with [`Options::tls`] also for TLS.
    pub fn address(&self) -> SocketAddr {
        self.inner.address
    }

    /// The authority that a TLS client has to trust, as PEM; `None` without [`Options::tls`].
    pub fn ca_pem(&self) -> Option<String> {
        self.inner.authority.clone()
    }

    /// What the server was started with.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Stops serving: gateways are cut, requests under way are answered.
    pub async fn stop(&self) {
        self.inner.stop.send_replace(true);
        let serving = self.inner.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            let abort = serving.abort_handle();
            // A client that keeps a connection busy doesn't keep the server from stopping.
            if tokio::time::timeout(std::time::Duration::from_secs(2), serving).await.is_err() {
                abort.abort();
            }
        }
    }

    /// A person, to act as them.
    pub fn person(&self, user: u64) -> Person {
        Person::new(self.clone(), user)
    }

    /// Wakes whenever anything changes in the world; its number grows.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.world().changed.subscribe()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // Every change is complete or hasn't begun, so a panic elsewhere leaves nothing half done.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.inner.stop.subscribe()
    }
}
