//! Reading whole records from HubSpot's API, because its events are thin.
//!
//! Called only by the worker, between transactions. It respects the account's rate limits by reading the headers of
//! every answer, sends the access token to one configured address and follows no redirect with it, and must never
//! be called on the path that answers a webhook.
//!
//! Sources: HubSpot, "CRM API: batch read", "Associations v4", "Usage guidelines", "Error handling".

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::event::RecordKind;
use super::hubspot::{CONTACT_PROPERTIES, DEAL_PROPERTIES};
use super::json::{Scalar, instant_ms, lenient};

/// Most ids in one batch read.
pub const BATCH: usize = 100;

/// When a record that was not found right after an event is read again: 5 s, 30 s, 2 min, 10 min. HubSpot's index lags
/// behind its own events.
pub const NOT_FOUND_DELAYS_MS: [i64; 4] = [5_000, 30_000, 120_000, 600_000];

/// The wait before attempt `attempt` (1 = after the first failure); `None` when there is no further attempt.
pub fn not_found_delay_ms(attempt: u32) -> Option<i64> {
    let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
    NOT_FOUND_DELAYS_MS.get(index).copied()
}

/// A contact or deal as the API returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmRecord {
    /// The CRM's id.
    pub id: String,
    /// `createdAt`, Unix milliseconds.
    pub created_ms: i64,
    /// `updatedAt`, Unix milliseconds: the record's version.
    pub updated_ms: i64,
    /// Properties as text; `None` is empty.
    pub properties: BTreeMap<String, Option<String>>,
}

/// What a batch read found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchRead {
    /// The records found.
    pub found: Vec<CrmRecord>,
    /// Ids that were asked for and are not (or not yet) there.
    pub missing: BTreeSet<String>,
}

/// Deal stages of all pipelines, by stage id: `open`, `won` or `lost`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stages(BTreeMap<String, &'static str>);

impl Stages {
    /// The stage's status. Without metadata only the stages of HubSpot's default pipeline are known.
    pub fn status(&self, stage: &str) -> Option<&'static str> {
        match (self.0.get(stage), stage) {
            (Some(status), _) => Some(status),
            (None, "closedwon") => Some("won"),
            (None, "closedlost") => Some("lost"),
            (
                None,
                "appointmentscheduled"
                | "qualifiedtobuy"
                | "presentationscheduled"
                | "decisionmakerboughtin"
                | "contractsent",
            ) => Some("open"),
            (None, _) => None,
        }
    }

    /// Whether any metadata has been read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Try again after this long: rate limit, lock, outage, no connection.
    #[error("{reason}; to be tried again in {} ms", wait.as_millis())]
    Later {
        /// How long to wait.
        wait: Duration,
        /// One sentence.
        reason: String,
    },
    /// The access token is refused: somebody has to look.
    #[error("the CRM refuses the access token (HTTP {status})")]
    Denied {
        /// 401 or 403.
        status: u16,
    },
    /// The answer is not what is documented.
    #[error("the CRM's answer can't be used: {0}")]
    Answer(String),
}

/// How patient one read is before it gives the work back to the queue. Protocol time.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries of one request, the first included.
    pub tries: u32,
    /// Wait after a 5xx, doubled each time.
    pub backoff: Duration,
    /// Wait after 423 (HubSpot: a lock lasts two seconds).
    pub lock: Duration,
    /// Wait after 429 when the answer does not name its interval.
    pub interval: Duration,
    /// A wait longer than this is not slept here: the work goes back to the queue.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 3,
            backoff: Duration::from_millis(500),
            lock: Duration::from_secs(2),
            interval: Duration::from_secs(10),
            longest: Duration::from_secs(12),
        }
    }
}

/// A client of one HubSpot account.
pub struct HubspotApi {
    http: reqwest::Client,
    base: String,
    token: SecretString,
    patience: Patience,
    /// No request before this instant: the account's allowance is used up until then.
    not_before: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for HubspotApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubspotApi").field("base", &self.base).finish_non_exhaustive()
    }
}

enum Outcome {
    Body(Vec<u8>),
    NotFound,
    Wait(Duration, String),
    Stop(ReadError),
}

impl HubspotApi {
    /// `base` is `https://api.hubapi.com`, or a stand-in's address.
    ///
    /// # Errors
    /// When the TLS back end can't be started.
    pub fn new(base: &str, token: SecretString, patience: Patience) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http, base, token, patience, not_before: Mutex::new(None) })
    }

    /// Reads records by id, a hundred a request.
    ///
    /// # Errors
    /// See [`ReadError`]. Ids that don't exist are no error: they are in [`BatchRead::missing`].
    pub async fn records(&self, kind: RecordKind, ids: &BTreeSet<String>) -> Result<BatchRead, ReadError> {
        let (path, properties) = match kind {
            RecordKind::Lead => ("/crm/v3/objects/contacts/batch/read", CONTACT_PROPERTIES),
            RecordKind::Deal => ("/crm/v3/objects/deals/batch/read", DEAL_PROPERTIES),
        };
        let mut read = BatchRead::default();
        let ids: Vec<&String> = ids.iter().collect();
        for chunk in ids.chunks(BATCH) {
            let inputs: Vec<_> = chunk.iter().map(|id| json!({ "id": id })).collect();
            let body = json!({ "properties": properties, "propertiesWithHistory": [], "inputs": inputs });
            let Some(answer) = self.call(Method::POST, path, Some(&body)).await? else {
                read.missing.extend(chunk.iter().map(|id| (*id).clone()));
                continue;
            };
            let answer: BatchAnswer = decode(&answer)?;
            let found: Vec<CrmRecord> = answer.results.into_iter().map(record).collect::<Result<_, _>>()?;
            let there: BTreeSet<&str> = found.iter().map(|r| r.id.as_str()).collect();
            // What was asked for and did not come is missing, whether the 207 names it or not.
            let missing = chunk.iter().filter(|id| !there.contains(id.as_str())).map(|id| (*id).clone());
            read.missing.extend(missing);
            read.found.extend(found);
        }
        Ok(read)
    }

    /// Leads of each deal, or deals of each lead, by the id asked for.
    ///
    /// # Errors
    /// See [`ReadError`]. A record without associations is simply absent.
    pub async fn associations(
        &self,
        from: RecordKind,
        ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, ReadError> {
        let path = match from {
            RecordKind::Lead => "/crm/v4/associations/contacts/deals/batch/read",
            RecordKind::Deal => "/crm/v4/associations/deals/contacts/batch/read",
        };
        let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut asked: Vec<(String, Option<String>)> = ids.iter().map(|id| (id.clone(), None)).collect();
        while !asked.is_empty() {
            let rest = asked.split_off(asked.len().min(BATCH));
            let input = |(id, after): &(String, Option<String>)| match after {
                Some(after) => json!({ "id": id, "after": after }),
                None => json!({ "id": id }),
            };
            let inputs: Vec<_> = asked.iter().map(input).collect();
            asked = rest;
            let Some(answer) = self.call(Method::POST, path, Some(&json!({ "inputs": inputs }))).await?
            else {
                continue;
            };
            let answer: LinksAnswer = decode(&answer)?;
            for one in answer.results {
                let Some(id) = one.from.id.text() else { continue };
                if let Some(after) = one.paging.and_then(|p| p.next).and_then(|n| n.after.text()) {
                    asked.push((id.clone(), Some(after)));
                }
                let to = one.to.into_iter().filter_map(|t| t.to_object_id.text());
                links.entry(id).or_default().extend(to);
            }
        }
        Ok(links)
    }

    /// Stages of all deal pipelines. Won: closed with probability 1; lost: closed with probability 0.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn deal_stages(&self) -> Result<Stages, ReadError> {
        let Some(answer) = self.call(Method::GET, "/crm/v3/pipelines/deals", None).await? else {
            return Ok(Stages::default());
        };
        let answer: PipelinesAnswer = decode(&answer)?;
        let mut stages = BTreeMap::new();
        for stage in answer.results.into_iter().flat_map(|p| p.stages) {
            let Some(id) = stage.id.text() else { continue };
            let get = |name: &str| stage.metadata.get(name).cloned().and_then(Scalar::text);
            let probability = get("probability").and_then(|p| super::record::decimal(&p));
            let closed = get("isClosed").as_deref() == Some("true");
            let status = match probability {
                Some(p) if p == rust_decimal::Decimal::ONE => "won",
                Some(p) if p.is_zero() && closed => "lost",
                _ => "open",
            };
            stages.insert(id, status);
        }
        Ok(Stages(stages))
    }

    /// The body of a 2xx answer; `None` for 404.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let mut tried = 0;
        loop {
            self.wait_for_allowance().await?;
            tried += 1;
            let (wait, reason) = match self.once(method.clone(), path, body, tried).await {
                Outcome::NotFound => return Ok(None),
                Outcome::Body(body) => return Ok(Some(body)),
                Outcome::Stop(error) => return Err(error),
                Outcome::Wait(wait, reason) => (wait, reason),
            };
            if tried >= self.patience.tries || wait > self.patience.longest {
                return Err(ReadError::Later { wait, reason });
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn wait_for_allowance(&self) -> Result<(), ReadError> {
        let until = *self.not_before.lock().await;
        let wait = until.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        if wait > self.patience.longest {
            return Err(ReadError::Later { wait, reason: "the CRM's allowance is used up".to_owned() });
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn once(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
        tried: u32,
    ) -> Outcome {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).bearer_auth(self.token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        let backoff = self.patience.backoff * 2_u32.saturating_pow(tried - 1);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Outcome::Wait(backoff, unreachable_reason(&error)),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.note_allowance(status, &headers).await;
        match status.as_u16() {
            200..=299 => match answer.bytes().await {
                Ok(bytes) => Outcome::Body(bytes.to_vec()),
                Err(error) => Outcome::Wait(backoff, unreachable_reason(&error)),
            },
            404 => Outcome::NotFound,
            401 | 403 => Outcome::Stop(ReadError::Denied { status: status.as_u16() }),
            423 => {
                Outcome::Wait(self.patience.lock.max(backoff), "the record is locked (HTTP 423)".to_owned())
            }
            429 => {
                let text = answer.text().await.unwrap_or_default();
                Outcome::Wait(
                    self.limit_wait(&headers, &text),
                    "the rate limit is reached (HTTP 429)".to_owned(),
                )
            }
            // Account migration: up to a day, and the answer says how long.
            477 => {
                let wait = seconds(&headers, "retry-after").unwrap_or(Duration::from_secs(3600));
                Outcome::Wait(wait, "the account is being moved (HTTP 477)".to_owned())
            }
            500..=599 => Outcome::Wait(backoff, format!("the CRM fails (HTTP {})", status.as_u16())),
            other => Outcome::Stop(ReadError::Answer(format!("HTTP {other}"))),
        }
    }

    /// After a 429 wait the whole interval; the daily allowance comes back at midnight, so look again in a quarter hour.
    fn limit_wait(&self, headers: &HeaderMap, body: &str) -> Duration {
        if body.contains("\"DAILY\"") {
            return Duration::from_secs(15 * 60);
        }
        let retry_after = seconds(headers, "retry-after");
        retry_after.or_else(|| interval(headers)).unwrap_or(self.patience.interval)
    }

    /// Nothing left in this interval: nobody asks before it is over.
    async fn note_allowance(&self, status: StatusCode, headers: &HeaderMap) {
        let remaining = number(headers, "x-hubspot-ratelimit-remaining");
        if remaining == Some(0) && status != StatusCode::TOO_MANY_REQUESTS {
            let wait = interval(headers).unwrap_or(self.patience.interval);
            let until = Instant::now() + wait;
            let mut not_before = self.not_before.lock().await;
            *not_before = Some(not_before.map_or(until, |at| at.max(until)));
        }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    number(headers, name).map(Duration::from_secs)
}

fn interval(headers: &HeaderMap) -> Option<Duration> {
    number(headers, "x-hubspot-ratelimit-interval-milliseconds").map(Duration::from_millis)
}

/// The kind of failure, without the address (it is configuration) and never with the token.
fn unreachable_reason(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() { "does not answer in time" } else { "can't be reached" };
    format!("the CRM {what}")
}

fn decode<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ReadError> {
    serde_json::from_str(&lenient(body)).map_err(|e| {
        ReadError::Answer(format!("not the documented JSON (line {}, column {})", e.line(), e.column()))
    })
}

#[derive(Deserialize)]
struct BatchAnswer {
    #[serde(default)]
    results: Vec<RecordAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordAnswer {
    id: Scalar,
    created_at: String,
    updated_at: String,
    #[serde(default)]
    properties: BTreeMap<String, Scalar>,
}

fn record(answer: RecordAnswer) -> Result<CrmRecord, ReadError> {
    let time =
        |text: &str| instant_ms(text).ok_or_else(|| ReadError::Answer("a time can't be read".to_owned()));
    Ok(CrmRecord {
        id: answer.id.text().ok_or_else(|| ReadError::Answer("a record without id".to_owned()))?,
        created_ms: time(&answer.created_at)?,
        updated_ms: time(&answer.updated_at)?,
        properties: answer.properties.into_iter().map(|(name, value)| (name, value.text())).collect(),
    })
}

#[derive(Deserialize)]
struct LinksAnswer {
    #[serde(default)]
    results: Vec<LinkAnswer>,
}

#[derive(Deserialize)]
struct LinkAnswer {
    from: LinkFrom,
    #[serde(default)]
    to: Vec<LinkTo>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct LinkFrom {
    id: Scalar,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkTo {
    to_object_id: Scalar,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<PagingNext>,
}

#[derive(Deserialize)]
struct PagingNext {
    after: Scalar,
}

#[derive(Deserialize)]
struct PipelinesAnswer {
    #[serde(default)]
    results: Vec<PipelineAnswer>,
}

#[derive(Deserialize)]
struct PipelineAnswer {
    #[serde(default)]
    stages: Vec<StageAnswer>,
}

#[derive(Deserialize)]
struct StageAnswer {
    id: Scalar,
    #[serde(default)]
    metadata: BTreeMap<String, Scalar>,
}
