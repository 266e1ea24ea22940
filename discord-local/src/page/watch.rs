//! Server-Sent Events: one whenever the world has changed, so that the page looks again.
//!
//! An event says nothing but that; what somebody may see is decided where they look.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch::Receiver;

use crate::DiscordLocal;

/// Changes closer together than this are one event.
const PAUSE: Duration = Duration::from_millis(30);

struct Watcher {
    changes: Receiver<u64>,
    stopped: Receiver<bool>,
    begun: bool,
}

/// `GET /local/events`: `{"version": n}` at once and after every change, until the server stops.
pub(super) async fn events(
    State(server): State<DiscordLocal>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watcher = Watcher { changes: server.changes(), stopped: server.stopped(), begun: false };
    Sse::new(unfold(watcher, next)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

async fn next(mut watcher: Watcher) -> Option<(Result<Event, Infallible>, Watcher)> {
    if watcher.begun {
        tokio::select! {
            changed = watcher.changes.changed() => changed.ok()?,
            _ = watcher.stopped.wait_for(|stopped| *stopped) => return None,
        }
        tokio::time::sleep(PAUSE).await;
    }
    watcher.begun = true;
    let version = *watcher.changes.borrow_and_update();
    let event = Event::default().data(format!("{{\"version\":{version}}}"));
    Some((Ok(event), watcher))
}
