//! A program with two partners, plans, campaigns and CRM sources, on either database; and messages as CRMs send them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use sqlx::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tandem::args;
use tandem::clock::Clock;
use tandem::crm::enrich::{HubspotApi, Patience};
use tandem::crm::intake::{PathKey, Proof, Source, Sources, store_group};
use tandem::crm::project::{Projected, Projector};
use tandem::crm::standard::Key;
use tandem::crm::{SourceKind, intake};
use tandem::store::crm::{SourceRow, save_source};
use tandem::store::{Store, inbox};

pub const KEY: [u8; 32] = [7; 32];
pub const HUBSPOT_SECRET: &str = "c0ffee00-1234-4abc-9def-0123456789ab";
pub const PUBLIC: &str = "https://hooks.example.com";

/// 2026-02-01 12:00 UTC.
pub const START: i64 = 1_769_947_200_000;

pub struct World {
    pub store: Store,
    pub clock: Clock,
    pub sources: Arc<Sources>,
    pub projector: Projector,
    database: Option<String>,
    _dir: tempfile::TempDir,
}

/// `Sqlite` always; `Postgres` when `TEST_POSTGRES_URL` is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Db {
    Sqlite,
    Postgres,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

async fn url(db: Db, dir: &tempfile::TempDir) -> Option<String> {
    if db == Db::Sqlite {
        return Some(format!("sqlite://{}", dir.path().join("tandem.db").display()));
    }
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("TEST_POSTGRES_REQUIRED").is_none(), "TEST_POSTGRES_URL is not set");
        return None;
    };
    let name = format!("tandem_crm_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = sqlx::PgConnection::connect(&server).await.unwrap();
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
    let (base, _) = server.rsplit_once('/').unwrap();
    Some(format!("{base}/{name}"))
}

/// Runs a story on both databases.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = $crate::crm_world::World::new($crate::crm_world::Db::Sqlite).await.unwrap();
                super::$name(&world).await;
                world.close().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(world) = $crate::crm_world::World::new($crate::crm_world::Db::Postgres).await {
                    super::$name(&world).await;
                    world.close().await;
                }
            })*
        }
    };
}

impl World {
    pub async fn new(db: Db) -> Option<Self> {
        Self::with_hubspot(db, None).await
    }

    /// `hubspot` is the address of HubSpot's API.
    pub async fn with_hubspot(db: Db, hubspot: Option<&str>) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let url = url(db, &dir).await?;
        let store = Store::open(&url).await.unwrap();
        let database = (db == Db::Postgres).then(|| url.rsplit_once('/').unwrap().1.to_owned());
        let clock = Clock::manual(tandem::clock::instant(START));
        fixture(&store).await;
        let sources = Arc::new(Sources::new(runtime_sources(hubspot)).unwrap());
        let projector = Projector::new(store.clone(), clock.clone(), sources.clone());
        Some(Self { store, clock, sources, projector, database, _dir: dir })
    }

    /// Closes the connections and drops the story's database.
    pub async fn close(self) {
        self.store.close().await;
        if let Some(name) = self.database {
            let mut admin =
                sqlx::PgConnection::connect(&std::env::var("TEST_POSTGRES_URL").unwrap()).await.unwrap();
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        }
    }

    pub fn forward_ms(&self, ms: i64) {
        assert!(self.clock.advance_to(tandem::clock::instant(self.clock.now_ms() + ms)));
    }

    /// Stores a Standard Webhooks message as the listener would, and projects it.
    pub async fn hears(&self, source: &str, id: &str, body: &str) -> Projected {
        self.receives(source, id, body).await;
        self.projector.project_once().await.unwrap()
    }

    pub async fn receives(&self, source: &str, id: &str, body: &str) {
        let delivery = delivery(&self.clock, source, Some(id), body.as_bytes());
        assert_eq!(store_group(&self.store, &[delivery]).await, [true]);
    }

    /// Rows of a query, each as its texts joined by a space; `-` for NULL.
    pub async fn rows(&self, sql: &'static str, columns: &[&str]) -> Vec<String> {
        let rows = tandem::in_read!(self.store, |read| { read.all(sql, args![]).await }).unwrap();
        let cell = |row: &tandem::store::Row, column: &str| match row.text_opt(column) {
            Ok(text) => text.unwrap_or_else(|| "-".to_owned()),
            Err(_) => row.int_opt(column).unwrap().map_or_else(|| "-".to_owned(), |n| n.to_string()),
        };
        rows.iter().map(|row| columns.iter().map(|c| cell(row, c)).collect::<Vec<_>>().join(" ")).collect()
    }

    /// Sums of facts: campaign, measure, day, currency, total.
    pub async fn totals(&self) -> Vec<String> {
        let sql = "SELECT campaign_id, measure, occurred_on, currency, CAST(SUM(delta) AS BIGINT) AS total FROM fact
             GROUP BY campaign_id, measure, occurred_on, currency HAVING SUM(delta) <> 0
             ORDER BY campaign_id, measure, occurred_on, currency";
        self.rows(sql, &["campaign_id", "measure", "occurred_on", "currency", "total"]).await
    }

    /// Leads: the CRM's id, campaign, rule, state.
    pub async fn leads(&self) -> Vec<String> {
        let sql = "SELECT external_id, campaign_id, rule, state FROM lead ORDER BY external_id";
        self.rows(sql, &["external_id", "campaign_id", "rule", "state"]).await
    }

    /// Deals: the CRM's id, campaign, rule, status, amount.
    pub async fn deals(&self) -> Vec<String> {
        let sql = "SELECT external_id, campaign_id, rule, status, amount_minor, currency FROM deal ORDER BY external_id";
        self.rows(sql, &["external_id", "campaign_id", "rule", "status", "amount_minor", "currency"]).await
    }
}

pub fn delivery(clock: &Clock, source_id: &str, id: Option<&str>, body: &[u8]) -> inbox::Delivery {
    let verified = tandem::crm::Verified { sent_ms: clock.now_ms(), message_id: id.map(str::to_owned) };
    inbox::Delivery {
        key: intake::delivery_key(source_id, &verified, body),
        source_id: source_id.to_owned(),
        sent_ms: verified.sent_ms,
        received_ms: clock.now_ms(),
        message_id: verified.message_id,
        body: body.to_vec(),
    }
}

fn runtime_sources(hubspot: Option<&str>) -> Vec<Source> {
    let standard = |id: &str, retired| Source {
        id: id.to_owned(),
        path: PathKey::of(id),
        proof: Proof::Standard(vec![Key::Secret(KEY.to_vec())]),
        api: None,
        portal_id: None,
        retired,
    };
    let patience = Patience {
        backoff: std::time::Duration::from_millis(5),
        lock: std::time::Duration::from_millis(10),
        ..Patience::default()
    };
    let api = |base| HubspotApi::new(base, SecretString::from("token".to_owned()), patience).unwrap();
    let hub = |id: &str, retired| Source {
        id: id.to_owned(),
        path: PathKey::of(id),
        proof: Proof::Hubspot(vec![SecretString::from(HUBSPOT_SECRET.to_owned())]),
        api: hubspot.map(api),
        portal_id: Some("24681357".to_owned()),
        retired,
    };
    vec![
        standard("open", false),
        standard("acme-only", false),
        standard("gone", true),
        hub("hub", false),
        hub("hub-gone", true),
    ]
}

/// Program `north`; partners `acme` (USD, New York, first touch) and `bolt` (EUR, Lisbon, last touch), each with a plan
/// of two campaigns.
async fn fixture(store: &Store) {
    tandem::in_tx!(store, |tx| {
        tx.exec(
            "INSERT INTO program (id, key, name, guild_id, time_zone, currency, approvals_channel, confirm_from, thresholds)
             VALUES ('north', 'north', 'North', '1', 'UTC', 'USD', '2', 0, '{}')",
            args![],
        )
        .await?;
        // The same in every world: which of two addresses of one instant wins is decided by their hashes.
        tx.exec("INSERT INTO secret_key (name, hex) VALUES ('email', '00ff')", args![]).await?;
        for (partner, currency, zone, touch) in
            [("acme", "USD", "America/New_York", "first_touch"), ("bolt", "EUR", "Europe/Lisbon", "last_touch")]
        {
            tx.exec(
                "INSERT INTO partner (id, program_id, key, name, channel_id, currency) VALUES ($1, 'north', $1, $1, $1, $2)",
                args![partner, currency],
            )
            .await?;
            tx.exec(
                "INSERT INTO plan (id, partner_id, number, name, starts_on, ends_on, currency, time_zone, attribution, cadence,
                   sign_by, state, rev, revision, created_at, created_by)
                 VALUES ($1, $1, 1, 'Q1', '2026-01-01', '2026-03-31', $2, $3, $4, 'monthly', '2026-01-31', 'active', 1, 1, 0, 'x')",
                args![partner, currency, zone, touch],
            )
            .await?;
            for (number, name) in [(1_i64, "webinar"), (2, "mailing")] {
                let id = format!("{partner}-{name}");
                tx.exec(
                    "INSERT INTO campaign (id, partner_id, plan_id, number, name, kind, segment, message, offer, channel,
                       starts_on, ends_on, sends, target_leads, target_pipeline, results_by, slug, utm_id, state, created_at, created_by)
                     VALUES ($1, $2, $2, $3, $1, 'webinar', '', '', '', '', '2026-01-10', '2026-02-28', '[]', 10, 100000, 'crm',
                       $1, $4, 'running', 0, 'x')",
                    args![&id, partner, number, format!("cmp_{id}")],
                )
                .await?;
            }
        }
        for (id, partner, currency, kind) in [
            ("open", None, None, SourceKind::Standard),
            ("acme-only", Some("acme"), Some("USD"), SourceKind::Standard),
            ("gone", None, None, SourceKind::Standard),
            ("hub", None, None, SourceKind::Hubspot),
        ] {
            let source = SourceRow {
                id: id.to_owned(),
                program_id: "north".to_owned(),
                partner_id: partner.map(str::to_owned),
                kind,
                key: id.to_owned(),
                default_currency: currency.map(str::to_owned),
                archived_ms: None,
            };
            save_source(tx, &source).await?;
        }
        Ok(())
    })
    .unwrap();
}

/// Headers of a Standard Webhooks request, signed.
pub fn standard_headers(id: &str, now_ms: i64, body: &[u8]) -> HeaderMap {
    let timestamp = (now_ms / 1000).to_string();
    let signature = tandem::crm::standard::signature_v1(&KEY, id, &timestamp, body);
    let pairs =
        [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp), ("webhook-signature", signature)];
    headers(pairs)
}

/// Headers of a HubSpot request to this path, signed.
pub fn hubspot_headers(path: &str, now_ms: i64, body: &[u8]) -> HeaderMap {
    let secret = SecretString::from(HUBSPOT_SECRET.to_owned());
    let timestamp = now_ms.to_string();
    let uri = format!("{PUBLIC}{path}");
    let signature = tandem::crm::hubspot::signature_v3(&secret, "POST", &uri, body, &timestamp);
    headers([("x-hubspot-signature-v3", signature), ("x-hubspot-request-timestamp", timestamp)])
}

fn headers<const N: usize>(pairs: [(&'static str, String); N]) -> HeaderMap {
    let pair = |(name, value): (&'static str, String)| {
        (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap())
    };
    pairs.into_iter().map(pair).collect()
}
