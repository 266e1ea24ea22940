//! A database of its own for each story, on both engines.

use chrono::{TimeZone, Utc};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::future::Future;
use tandem::clock::Clock;
use tandem::store::Store;

/// A fresh database and a clock that stands still.
pub struct Bench {
    pub store: Store,
    pub clock: Clock,
}

/// Makes two tests of each story: `story::sqlite` and `story::postgres`.
macro_rules! both {
    ($($story:ident),* $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() { crate::delivery::bench::on_sqlite(super::$story).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() { crate::delivery::bench::on_postgres(super::$story).await }
        }
    )* };
}
pub(super) use both;

pub async fn on_sqlite<F: Future<Output = ()>>(story: impl FnOnce(Bench) -> F) {
    let dir = tempfile::tempdir().unwrap();
    story(bench(&format!("sqlite://{}/t.db", dir.path().display())).await).await;
}

/// Skipped without `TEST_POSTGRES_URL`. The database is dropped even if the story fails.
pub async fn on_postgres<F>(story: impl FnOnce(Bench) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("skipped: TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("tandem_test_{}", Clock::system().new_id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    run(&mut admin, format!("CREATE DATABASE {name}")).await;
    let mut url = reqwest::Url::parse(&server).unwrap();
    url.set_path(&name);
    let bench = bench(url.as_str()).await;
    let store = bench.store.clone();
    let ended = tokio::spawn(story(bench)).await;
    store.close().await;
    run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic.into_panic());
    }
}

async fn run(admin: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.unwrap();
}

async fn bench(url: &str) -> Bench {
    let start = Utc.with_ymd_and_hms(2026, 2, 14, 9, 30, 0).unwrap();
    Bench { store: Store::open(url).await.unwrap(), clock: Clock::manual(start) }
}
