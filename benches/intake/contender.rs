//! The handlers that are compared, each listening on a port of its own.

use crate::databases::{Database, Made};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tandem::app::App;
use tandem::clock::Clock;
use tandem::crm::connect;
use tandem::crm::intake::{Sources, delivery_key, intake};
use tandem::crm::project::Projector;
use tandem::crm::standard::{Key, verify};
use tandem::crm::{Delivery, MAX_BODY_BYTES, Verified};
use tandem::flow::declare;
use tandem::playground::seed::{self, Addresses, STANDARD_SECRET};
use tandem::store::{Store, inbox};
use tandem::{args, in_read, in_tx};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Verifies and answers; stores nothing.
    Bare,
    /// The intake of production.
    Grouped,
    /// The same while a worker folds what it stores into leads.
    GroupedAndFolded,
    /// Verifies, and stores each request in a transaction of its own.
    OneByOne,
}

pub struct Contender {
    pub name: String,
    pub address: SocketAddr,
    stored: Option<(Store, Made)>,
    folded: bool,
}

impl Contender {
    /// # Panics
    /// No port, or no database.
    pub async fn open(kind: Kind, database: Option<Database>) -> Self {
        let (router, stored) = match database {
            None => (bare(), None),
            Some(database) => {
                let made = database.made().await;
                let (router, store) = storing(kind, &made.url).await;
                (router, Some((store, made)))
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        let what = match kind {
            Kind::Bare => "bare handler: verify, answer",
            Kind::Grouped => "intake",
            Kind::GroupedAndFolded => "intake, events folded beside it",
            Kind::OneByOne => "one transaction a request",
        };
        let name =
            database.map_or_else(|| what.to_owned(), |database| format!("{}: {what}", database.name()));
        Self { name, address, stored, folded: kind == Kind::GroupedAndFolded }
    }

    /// Waits until nothing of this contender's goes on any more, so that the next one has the machine for itself.
    pub async fn rests(&self) {
        let Some((store, _)) = &self.stored else { return };
        while self.folded
            && count(store, "SELECT COUNT(*) AS n FROM crm_delivery WHERE state = 'waiting'").await > 0
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many requests are in the database; `None` without one.
    pub async fn stored(&self) -> Option<usize> {
        let (store, _) = self.stored.as_ref()?;
        Some(count(store, "SELECT COUNT(*) AS n FROM crm_delivery").await)
    }

    pub async fn close(&self) {
        if let Some((_, made)) = &self.stored {
            made.removed().await;
        }
    }
}

async fn count(store: &Store, sql: &'static str) -> usize {
    let n = in_read!(store, |read| { read.one(sql, args![]).await?.int("n") });
    usize::try_from(n.expect("a count")).expect("no fewer than none")
}

/// What bare handler and the one with a transaction a request have in common.
#[derive(Clone)]
struct Checked {
    keys: Arc<Vec<Key>>,
    clock: Clock,
    store: Option<(Store, String)>,
}

impl Checked {
    fn new(store: Option<(Store, String)>) -> Self {
        let key = Key::parse(STANDARD_SECRET).expect("a key");
        Self { keys: Arc::new(vec![key]), clock: Clock::system(), store }
    }

    fn verified(&self, headers: &HeaderMap, body: &[u8]) -> Option<Verified> {
        let delivery = Delivery { method: "POST", uri: "", headers, body, now_ms: self.clock.now_ms() };
        verify(&delivery, &self.keys).ok()
    }
}

fn bare() -> Router {
    Router::new().route(crate::client::PATH, post(answered)).with_state(Checked::new(None))
}

async fn answered(State(checked): State<Checked>, headers: HeaderMap, body: Bytes) -> StatusCode {
    match checked.verified(&headers, &body) {
        Some(_) => StatusCode::OK,
        None => StatusCode::UNAUTHORIZED,
    }
}

async fn stored_alone(State(checked): State<Checked>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(verified) = checked.verified(&headers, &body) else { return StatusCode::UNAUTHORIZED };
    let Some((store, source)) = &checked.store else { return StatusCode::SERVICE_UNAVAILABLE };
    let delivery = inbox::Delivery {
        key: delivery_key(source, &verified, &body),
        source_id: source.clone(),
        sent_ms: verified.sent_ms,
        received_ms: checked.clock.now_ms(),
        message_id: verified.message_id,
        body: body.to_vec(),
    };
    let group = [delivery];
    match in_tx!(store, |tx| { inbox::insert_all(tx, &group).await }) {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The program and source of the playground, in a fresh database.
async fn storing(kind: Kind, url: &str) -> (Router, Store) {
    let store = Store::open(url).await.expect("a database");
    let app = App::new(store.clone(), Clock::system());
    let nowhere = "http://127.0.0.1:9".to_owned();
    let addresses = Addresses {
        discord: nowhere.clone(),
        database_url: url.to_owned(),
        evidence: "evidence".to_owned(),
        listen: "127.0.0.1:0".to_owned(),
        public_url: "https://hooks.example.com".to_owned(),
        crm: nowhere,
    };
    let config = seed::configuration(&addresses, "bench-token").expect("a configuration without problems");
    declare::apply(&app, &config).await.expect("the program");
    let sources = Arc::new(connect::sources(&app, &config).await.expect("the sources"));
    tokio::spawn(keep_wal_short(store.clone()));
    if kind == Kind::OneByOne {
        let sql = "SELECT id FROM crm_source WHERE key = 'forms'";
        let source =
            in_read!(store, |read| { read.one(sql, args![]).await?.text("id") }).expect("the source");
        let checked = Checked::new(Some((store.clone(), source)));
        let router = Router::new().route(crate::client::PATH, post(stored_alone)).with_state(checked);
        return (router, store);
    }
    let (intake, writer) =
        intake(store.clone(), app.clock.clone(), Arc::clone(&sources), &addresses.public_url, MAX_BODY_BYTES);
    tokio::spawn(writer.run());
    if kind == Kind::GroupedAndFolded {
        tokio::spawn(fold(app, sources));
    }
    (intake.router(), store)
}

/// As the running program does.
async fn keep_wal_short(store: Store) {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        if store.checkpoint_wal().await.is_err() {
            return;
        }
    }
}

async fn fold(app: App, sources: Arc<Sources>) {
    let projector = Projector::new(app.store.clone(), app.clock.clone(), sources);
    loop {
        let projected = projector.project_once().await.expect("events are folded");
        if projected.claimed == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
