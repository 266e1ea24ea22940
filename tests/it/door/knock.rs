//! Requests to the running listener, and looks at what became of them.

use crate::harness::World;
use crate::hook::{secret, signed};
use axum::http::HeaderMap;
use std::time::Duration;
use tandem::args;
use tandem::in_read;
use tandem::playground::seed::{self, HUBSPOT_SECRET, STANDARD_SECRET, Who};
use tandem::store::{Row, inbox};

pub const FORMS: &str = "/v1/in/standard/northwind.forms";
pub const HUB: &str = "/v1/in/hubspot/northwind.hub";

pub struct Door<'a> {
    pub world: &'a World,
    client: reqwest::Client,
}

impl<'a> Door<'a> {
    pub fn of(world: &'a World) -> Self {
        Self { world, client: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.world.running.address)
    }

    pub fn now_ms(&self) -> i64 {
        self.world.clock.now_ms()
    }

    /// Headers by which the source `forms` signs this body.
    pub fn signed(&self, id: &str, body: &[u8]) -> HeaderMap {
        signed(&secret(STANDARD_SECRET), id, self.now_ms(), body)
    }

    /// Headers by which HubSpot signs this body for its address, at `at_ms`.
    pub fn hub_signed(&self, at_ms: i64, body: &[u8]) -> HeaderMap {
        let uri = format!("https://hooks.example.com{HUB}");
        let timestamp = at_ms.to_string();
        let secret = secrecy::SecretString::from(HUBSPOT_SECRET.to_owned());
        let signature = tandem::crm::hubspot::signature_v3(&secret, "POST", &uri, body, &timestamp);
        crate::hook::headers([
            ("x-hubspot-signature-v3", &signature),
            ("x-hubspot-request-timestamp", &timestamp),
        ])
    }

    pub async fn post(&self, path: &str, headers: HeaderMap, body: impl Into<reqwest::Body>) -> u16 {
        let request = self.client.post(self.url(path)).headers(headers).body(body);
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn get(&self, path: &str) -> u16 {
        self.client.get(self.url(path)).send().await.unwrap().status().as_u16()
    }

    /// A message of the source `forms`, as it is sent once.
    pub async fn forms(&self, id: &str, body: impl Into<Vec<u8>>) -> u16 {
        let body = body.into();
        self.post(FORMS, self.signed(id, &body), body).await
    }

    /// Waits until everything that was taken in is worked off.
    pub async fn is_read(&self) {
        let sql = "SELECT COUNT(*) AS n FROM crm_delivery WHERE state = 'waiting'";
        let read = async {
            while self.number(sql).await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), read).await.expect("the inbox is worked off");
    }

    pub async fn rows(&self, sql: &'static str) -> Vec<Row> {
        in_read!(self.world.running.app.store, |read| { read.all(sql, args![]).await }).unwrap()
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        self.rows(sql).await[0].int("n").unwrap()
    }

    pub async fn deliveries(&self) -> i64 {
        self.number("SELECT COUNT(*) AS n FROM crm_delivery").await
    }

    /// The reasons in the program's dead-letter list, newest first.
    pub async fn dead_letters(&self) -> Vec<inbox::DeadLetter> {
        in_read!(self.world.running.app.store, |read| {
            let sql = "SELECT id FROM program";
            let program = read.one(sql, args![]).await?.text("id")?;
            inbox::dead_letters(read, &program, 500).await
        })
        .unwrap()
    }

    /// The notices of dead letters in a channel, oldest first, as the vendor's manager reads them.
    pub fn notices(&self, channel: u64) -> Vec<String> {
        let all = self.world.discord.person(Who::Vera.id()).messages(channel);
        let texts = all.iter().filter(|message| !message.is_ephemeral()).map(discord_local::Message::text);
        texts.filter(|text| text.contains("could not be understood")).collect()
    }

    /// Waits until so many notices are in the approvals channel, and until what is said is delivered.
    pub async fn is_told(&self, notices: usize) -> Vec<String> {
        for _ in 0..500 {
            self.world.settle().await;
            let told = self.notices(seed::APPROVALS);
            if told.len() >= notices {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no {notices} notices: {:#?}", self.notices(seed::APPROVALS))
    }
}
