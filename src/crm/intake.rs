//! The listener's side of the intake road: verify, store, answer.
//!
//! One task writes for all: it drains what waits, stores it in one transaction, and only then are all of them answered.
//! That is what makes a durable answer nearly as cheap as no storage at all. A group that fails is stored one by one,
//! so that one odd body never fails the others. This module must never answer 2xx before the commit, never read more
//! than the limit, never call a CRM, and never store a request that is not authentic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::StreamExt;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::enrich::HubspotApi;
use super::standard::Key;
use super::{Delivery, SourceKind, Unverified, Verified, hubspot, public_uri, standard};
use crate::clock::Clock;
use crate::domain::canonical::sha256;
use crate::fault::Fault;
use crate::store::{Store, inbox};

/// Most deliveries in one transaction.
pub const GROUP: usize = 256;
/// Most deliveries that wait for the writer; beyond it the answer is 503.
pub const QUEUE: usize = 4096;
/// Most memory that bodies may take while they are read and wait, in KiB; beyond it the answer is 503.
const BODIES_KIB: u32 = 64 * 1024;
/// A sender that has not sent its body by then is cut off. HubSpot itself gives up after five seconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// A sender that waits longer than this for the storage is told to come again. It may be stored all the same; the
/// repeat is then known.
const STORE_TIMEOUT: Duration = Duration::from_secs(4);
/// What `Retry-After` asks for when the storage is down, in seconds.
const RETRY_AFTER_S: &str = "30";

/// What proves that a request is a source's own.
#[derive(Debug)]
pub enum Proof {
    /// HubSpot: the app's client secrets, the current one and, while it is replaced, the previous one.
    Hubspot(Vec<SecretString>),
    /// Standard Webhooks: any of these keys.
    Standard(Vec<Key>),
}

/// A source as the running program knows it: its row in the database, and the secrets that only the configuration has.
#[derive(Debug)]
pub struct Source {
    /// `crm_source.id`.
    pub id: String,
    /// The last part of its address: its key, or a token that can't be guessed.
    pub path: PathKey,
    /// What proves a request.
    pub proof: Proof,
    /// HubSpot's API, if a token is configured. Without one only what events say themselves is known.
    pub api: Option<HubspotApi>,
    /// HubSpot's account: events of another one are acknowledged and ignored.
    pub portal_id: Option<String>,
    /// Taken out of the configuration for good: answered so that the sender stops.
    pub retired: bool,
}

impl Source {
    /// What it speaks.
    pub fn kind(&self) -> SourceKind {
        match self.proof {
            Proof::Hubspot(_) => SourceKind::Hubspot,
            Proof::Standard(_) => SourceKind::Standard,
        }
    }

    fn verify(&self, delivery: &Delivery<'_>) -> Result<Verified, Unverified> {
        match &self.proof {
            Proof::Hubspot(secrets) => hubspot::verify(delivery, secrets),
            Proof::Standard(keys) => standard::verify(delivery, keys),
        }
    }
}

/// All sources, by address and by id.
#[derive(Debug, Default)]
pub struct Sources {
    by_path: BTreeMap<(SourceKind, PathKey), Arc<Source>>,
    by_id: BTreeMap<String, Arc<Source>>,
}

impl Sources {
    /// # Errors
    /// Two sources of one kind with the same address.
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Result<Self, String> {
        let mut all = Self::default();
        for source in sources {
            let source = Arc::new(source);
            all.by_id.insert(source.id.clone(), source.clone());
            if let Some(other) = all.by_path.insert((source.kind(), source.path.clone()), source) {
                return Err(format!("two sources have the address /v1/in/{}/…", other.kind().as_str()));
            }
        }
        Ok(all)
    }

    /// The source with this id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Source>> {
        self.by_id.get(id)
    }

    fn at(&self, kind: &str, path: &str) -> Option<&Arc<Source>> {
        self.by_path.get(&(SourceKind::parse(kind)?, PathKey::of(path)))
    }
}

/// The last part of a source's address, as its SHA-256 in hex: it may be a token, which nobody needs to keep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathKey(String);

impl PathKey {
    /// Of the part as it stands in the address.
    pub fn of(path: &str) -> Self {
        Self(sha256(path))
    }

    /// Of a hash that was kept.
    pub fn from_sha256(hex: String) -> Self {
        Self(hex)
    }

    /// The hash, to be kept.
    pub fn sha256(&self) -> &str {
        &self.0
    }
}

/// What the listener has answered, since it started.
#[derive(Debug, Default)]
pub struct Answers {
    /// Stored, or known already.
    pub stored: AtomicU64,
    /// Not signed, or not by whom it should be.
    pub unverified: AtomicU64,
    /// Larger than the limit.
    pub too_large: AtomicU64,
    /// No such source.
    pub unknown: AtomicU64,
    /// Queue full or storage down.
    pub unavailable: AtomicU64,
    /// For a source that is retired.
    pub retired: AtomicU64,
}

struct Waiting {
    delivery: inbox::Delivery,
    stored: oneshot::Sender<bool>,
    /// Gives the memory back when the delivery is answered.
    _room: OwnedSemaphorePermit,
}

/// The listener. Clones share one queue.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    sources: Arc<Sources>,
    public_base: String,
    /// Largest body that is read, in bytes.
    max_body: usize,
    clock: Clock,
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    answers: Answers,
}

/// The task that stores what the listener takes in. Ends when the last [`Intake`] is gone and the queue is empty.
pub struct Writer {
    store: Store,
    queue: mpsc::Receiver<Waiting>,
}

/// A listener and its writer. `public_base` is the configured public address, without a path of ours; `max_body` the
/// largest body that is read, in bytes.
pub fn intake(
    store: Store,
    clock: Clock,
    sources: Arc<Sources>,
    public_base: &str,
    max_body: usize,
) -> (Intake, Writer) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let room = usize::try_from(BODIES_KIB).unwrap_or(usize::MAX);
    let inner = Inner {
        sources,
        public_base: public_base.to_owned(),
        max_body,
        clock,
        queue: sender,
        room: Arc::new(Semaphore::new(room)),
        answers: Answers::default(),
    };
    (Intake { inner: Arc::new(inner) }, Writer { store, queue: receiver })
}

impl Intake {
    /// The routes: `POST /v1/in/{kind}/{source}`.
    pub fn router(&self) -> Router {
        Router::new().route("/v1/in/{kind}/{source}", post(receive)).with_state(self.clone())
    }

    /// What was answered so far.
    pub fn answers(&self) -> &Answers {
        &self.inner.answers
    }
}

/// The key of a delivery: its signed time, so that keys grow, then what makes it the same delivery: the sender's id of
/// the message, or the body.
pub fn delivery_key(source_id: &str, verified: &Verified, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(source_id.as_bytes());
    hash.update([0]);
    match &verified.message_id {
        Some(id) => hash.update(id.as_bytes()),
        None => hash.update(body),
    }
    let digest = hash.finalize();
    let short: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:013}-{short}", verified.sent_ms)
}

/// Every answer that is not "stored".
enum Refused {
    Unknown,
    Retired(SourceKind),
    TooLarge,
    TooSlow,
    Broken,
    Unverified(Unverified),
    Unavailable(SourceKind),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, text) = match &self {
            Self::Unknown => (StatusCode::NOT_FOUND, "no such source"),
            // HubSpot retries a 410 like any 4xx, ten times; the specification of the others says 410.
            Self::Retired(SourceKind::Hubspot) => (StatusCode::OK, "this source is retired"),
            Self::Retired(SourceKind::Standard) => (StatusCode::GONE, "this source is retired"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than the limit"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
            Self::Broken => (StatusCode::BAD_REQUEST, "the body could not be read"),
            Self::Unverified(_) => (StatusCode::UNAUTHORIZED, "the request could not be verified"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "not stored, please send again"),
        };
        let mut response = (status, text).into_response();
        if matches!(self, Self::Unavailable(SourceKind::Standard)) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        response
    }
}

async fn receive(
    State(intake): State<Intake>,
    Path((kind, path)): Path<(String, String)>,
    request: Request,
) -> Response {
    let answers = &intake.inner.answers;
    let result = intake.inner.take(&kind, &path, request).await;
    let counter = match &result {
        Ok(()) => &answers.stored,
        Err(Refused::Unknown) => &answers.unknown,
        Err(Refused::Retired(_)) => &answers.retired,
        Err(Refused::TooLarge) => &answers.too_large,
        Err(Refused::Unverified(_) | Refused::TooSlow | Refused::Broken) => &answers.unverified,
        Err(Refused::Unavailable(_)) => &answers.unavailable,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    match result {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => {
            if let Refused::Unverified(why) = &refused {
                tracing::warn!(kind, code = why.code(), "A CRM request could not be verified: {why}");
            }
            refused.into_response()
        }
    }
}

impl Inner {
    async fn take(&self, kind: &str, path: &str, request: Request) -> Result<(), Refused> {
        let source = self.sources.at(kind, path).cloned().ok_or(Refused::Unknown)?;
        if source.retired {
            return Err(Refused::Retired(source.kind()));
        }
        let (parts, body) = request.into_parts();
        let announced = content_length(&parts.headers);
        if announced.is_some_and(|length| length > self.max_body) {
            return Err(Refused::TooLarge);
        }
        let unavailable = || Refused::Unavailable(source.kind());
        let reading = read(body, self.max_body, &self.room, source.kind());
        let (body, room) =
            tokio::time::timeout(BODY_TIMEOUT, reading).await.map_err(|_| Refused::TooSlow)??;
        let path_and_query = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        let uri = public_uri(&self.public_base, path_and_query);
        let now_ms = self.clock.now_ms();
        let delivery = Delivery {
            method: parts.method.as_str(),
            uri: &uri,
            headers: &parts.headers,
            body: &body,
            now_ms,
        };
        let verified = source.verify(&delivery).map_err(Refused::Unverified)?;
        let delivery = inbox::Delivery {
            key: delivery_key(&source.id, &verified, &body),
            source_id: source.id.clone(),
            sent_ms: verified.sent_ms,
            received_ms: now_ms,
            message_id: verified.message_id,
            body,
        };
        let (stored, answer) = oneshot::channel();
        self.queue.try_send(Waiting { delivery, stored, _room: room }).map_err(|_| unavailable())?;
        match tokio::time::timeout(STORE_TIMEOUT, answer).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(unavailable()),
        }
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads at most the limit; what is longer is not read to its end. Room is taken for what has come, never for what was
/// only announced: who sends nothing keeps nobody out.
async fn read(
    body: Body,
    most: usize,
    room: &Arc<Semaphore>,
    kind: SourceKind,
) -> Result<(Vec<u8>, OwnedSemaphorePermit), Refused> {
    let take = |kib: u32| room.clone().try_acquire_many_owned(kib).map_err(|_| Refused::Unavailable(kind));
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let (mut taken, mut held) = (1, take(1)?);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refused::Broken)?;
        if bytes.len() + chunk.len() > most {
            return Err(Refused::TooLarge);
        }
        let needed = u32::try_from((bytes.len() + chunk.len()) / 1024 + 1).unwrap_or(BODIES_KIB);
        if needed > taken {
            held.merge(take(needed - taken)?);
            taken = needed;
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, held))
}

impl Writer {
    /// Stores groups until the listener is gone.
    pub async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.queue.recv_many(&mut group, GROUP).await > 0 {
            let (deliveries, answers): (Vec<_>, Vec<_>) =
                group.drain(..).map(|w| (w.delivery, (w.stored, w._room))).unzip();
            let stored = store_group(&self.store, &deliveries).await;
            for ((answer, _room), stored) in answers.into_iter().zip(stored) {
                // A sender that hung up meanwhile will send again, and finds its delivery known.
                let _ = answer.send(stored);
            }
        }
    }
}

/// Stores a group in one transaction; if that fails, one by one. Says of each whether it is stored.
pub async fn store_group(store: &Store, group: &[inbox::Delivery]) -> Vec<bool> {
    match insert(store, group).await {
        Ok(()) => return vec![true; group.len()],
        // Only a statement that the database refused can be one row's fault. Where the database itself is away, trying
        // each row would only keep everybody waiting.
        Err(fault) if group.len() == 1 || !matches!(fault, Fault::Database(sqlx::Error::Database(_))) => {
            tracing::error!(%fault, size = group.len(), "CRM deliveries could not be stored");
            return vec![false; group.len()];
        }
        Err(fault) => {
            tracing::warn!(%fault, size = group.len(), "A group could not be stored; trying one by one")
        }
    }
    let mut stored = Vec::with_capacity(group.len());
    for one in group.chunks(1) {
        let result = insert(store, one).await;
        if let Err(fault) = &result {
            tracing::error!(%fault, key = one[0].key, "A CRM delivery could not be stored");
        }
        stored.push(result.is_ok());
    }
    stored
}

async fn insert(store: &Store, group: &[inbox::Delivery]) -> Result<(), Fault> {
    crate::in_tx!(store, |tx| {
        inbox::insert_all(tx, group).await?;
        Ok(())
    })
}
