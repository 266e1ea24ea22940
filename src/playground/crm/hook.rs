//! Webhooks on their way to the bot: signed as their senders sign them, over HTTP, repeated until they are taken.

use super::Hubspot;
use crate::clock::Clock;
use crate::crm::hubspot::signature_v3;
use crate::crm::public_uri;
use crate::crm::standard::signature_v1;
use crate::fault::Fault;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::SecondsFormat;
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// Events in one request of HubSpot's.
const BATCH: usize = 100;
/// How often a request is tried; HubSpot tries ten times in a day.
const TRIES: u32 = 5;
/// The wait between two tries, protocol time.
const BETWEEN: Duration = Duration::from_millis(100);

/// HubSpot's sender for one account.
pub struct Hook {
    hubspot: Hubspot,
    clock: Clock,
    http: reqwest::Client,
    /// Where the bot really listens.
    bot: SocketAddr,
    /// The public address that is signed: a proxy would lead from there to where the bot listens.
    public_url: String,
    path: String,
    secret: SecretString,
}

/// Requests as they were sent, to be sent once more.
#[derive(Clone, Debug)]
pub struct Sent(Vec<Vec<Value>>);

impl Hook {
    pub fn new(hubspot: Hubspot, bot: SocketAddr, public_url: &str, secret: &str) -> Self {
        let clock = hubspot.clock.clone();
        Self {
            hubspot,
            clock,
            http: reqwest::Client::new(),
            bot,
            public_url: public_url.to_owned(),
            path: "/v1/in/hubspot/northwind.hub".to_owned(),
            secret: SecretString::from(secret.to_owned()),
        }
    }

    /// Sends what waits, a hundred events a request.
    ///
    /// # Errors
    /// The bot took a request at no try.
    pub async fn send(&self) -> Result<Sent, Fault> {
        self.send_batches(self.hubspot.take_events()).await
    }

    /// Sends what waits, the newest event first: HubSpot promises no order.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_backwards(&self) -> Result<Sent, Fault> {
        let mut events = self.hubspot.take_events();
        events.reverse();
        self.send_batches(events).await
    }

    /// Takes what waits without sending it: a request that gets lost on the way, to be sent again later.
    pub fn lose(&self) -> Sent {
        let events = self.hubspot.take_events();
        Sent(events.chunks(BATCH).map(<[Value]>::to_vec).collect())
    }

    /// Sends requests once more, as HubSpot does when no answer came: the same events, one attempt later.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_again(&self, sent: &Sent) -> Result<(), Fault> {
        for batch in &sent.0 {
            self.post(batch, 1).await?;
        }
        Ok(())
    }

    async fn send_batches(&self, events: Vec<Value>) -> Result<Sent, Fault> {
        let batches: Vec<Vec<Value>> = events.chunks(BATCH).map(<[Value]>::to_vec).collect();
        for batch in &batches {
            self.post(batch, 0).await?;
        }
        Ok(Sent(batches))
    }

    async fn post(&self, batch: &[Value], first_attempt: u32) -> Result<(), Fault> {
        let url = format!("http://{}{}", self.bot, self.path);
        let uri = public_uri(&self.public_url, &self.path);
        until_taken(|attempt| {
            let mut events = batch.to_vec();
            for event in &mut events {
                event["attemptNumber"] = json!(first_attempt + attempt);
            }
            let body = Value::Array(events).to_string();
            let timestamp = self.clock.now_ms().to_string();
            let signature = signature_v3(&self.secret, "POST", &uri, body.as_bytes(), &timestamp);
            self.http
                .post(&url)
                .header("content-type", "application/json")
                .header("x-hubspot-signature-v3", signature)
                .header("x-hubspot-request-timestamp", timestamp)
                .body(body)
        })
        .await
    }
}

/// A service of web forms that posts Standard Webhooks.
pub struct Forms {
    clock: Clock,
    http: reqwest::Client,
    url: String,
    secret: Vec<u8>,
}

impl Forms {
    /// `secret` is `whsec_` and base64.
    ///
    /// # Errors
    /// `Fault::Other` for what is no such secret.
    pub fn new(clock: Clock, bot: SocketAddr, secret: &str) -> Result<Self, Fault> {
        let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
        let secret = BASE64_STANDARD
            .decode(bare)
            .map_err(|_| Fault::Other("the form service's secret is not base64".to_owned()))?;
        let url = format!("http://{bot}/v1/in/standard/northwind.forms");
        Ok(Self { clock, http: reqwest::Client::new(), url, secret })
    }

    /// Posts a message about now. The same id twice is the same message.
    ///
    /// # Errors
    /// The bot took it at no try.
    pub async fn post(&self, id: &str, kind: &str, data: &Value) -> Result<(), Fault> {
        self.post_of(id, kind, self.clock.now_ms(), data).await
    }

    /// Posts a message about an earlier moment.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn post_of(&self, id: &str, kind: &str, at_ms: i64, data: &Value) -> Result<(), Fault> {
        let at = crate::clock::instant(at_ms).to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({"type": kind, "timestamp": at, "data": data}).to_string();
        until_taken(|_| {
            let timestamp = (self.clock.now_ms() / 1000).to_string();
            let signature = signature_v1(&self.secret, id, &timestamp, body.as_bytes());
            self.http
                .post(&self.url)
                .header("content-type", "application/json")
                .header("webhook-id", id)
                .header("webhook-timestamp", timestamp)
                .header("webhook-signature", signature)
                .body(body.clone())
        })
        .await
    }
}

/// Sends a request, made anew for each try, until it is answered with success.
async fn until_taken(request: impl Fn(u32) -> reqwest::RequestBuilder) -> Result<(), Fault> {
    let mut last = String::new();
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(BETWEEN).await;
        }
        match request(attempt).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED => {
                return Err(Fault::Other("the bot does not believe a webhook's signature".to_owned()));
            }
            Ok(answer) => last = format!("HTTP {}", answer.status()),
            Err(error) => last = error.without_url().to_string(),
        }
    }
    Err(Fault::Other(format!("the bot takes no webhooks: {last}")))
}
