//! The listener's connections: how many there may be, how long they may take, and how they end.
//!
//! What a request means is the router's business. Nobody who only opens a connection, or sends half of a request, may keep
//! others from being served or the program from stopping.

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// The most connections at a time; whoever comes then waits until one ends.
const CONNECTIONS: usize = 4096;
/// How long a request's headers may take, and how long a connection may be idle. Protocol time.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// How long requests under way may take when the program stops. Protocol time.
const DRAIN: Duration = Duration::from_secs(5);
/// How long to wait after the operating system refused a connection (too many open files, for instance).
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` turns true or its sender is gone, then gives what is under way a few seconds to end.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await.ok()?;
            Some((permit, listener.accept().await))
        };
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            next = next => next,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Some((permit, Ok((stream, _)))) => {
                let connection = graceful.watch(connection(stream, router.clone()));
                connections.spawn(async move {
                    // A sender that breaks off or takes too long is its own problem.
                    let _ = connection.await;
                    drop(permit);
                });
            }
            Some((_, Err(error))) => {
                tracing::warn!(%error, "A connection could not be taken");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
            None => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("Some connections did not end in time and were cut");
    }
    connections.shutdown().await;
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>> + Send
{
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).into_owned()
}
