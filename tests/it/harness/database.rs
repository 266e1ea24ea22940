//! A database of its own for each test, on both engines.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::future::Future;
use tandem::clock::Clock;

pub async fn on_sqlite(test: impl AsyncFnOnce(String)) {
    let dir = tempfile::tempdir().unwrap();
    test(format!("sqlite://{}/t.db", dir.path().display())).await;
}

/// Skipped without `TEST_POSTGRES_URL`; `TEST_POSTGRES_REQUIRED` makes that a failure. The database is dropped even if
/// the test fails.
pub async fn on_postgres<F>(test: impl FnOnce(String) -> F)
where
    F: Future<Output = ()>,
{
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("TEST_POSTGRES_REQUIRED").is_none(), "TEST_POSTGRES_URL is not set");
        eprintln!("skipped: TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("tandem_test_{}", Clock::system().new_id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    run(&mut admin, format!("CREATE DATABASE {name}")).await;
    let mut url = reqwest::Url::parse(&server).unwrap();
    url.set_path(&name);
    let dropped = Dropped { server, name };
    test(url.to_string()).await;
    drop(dropped);
}

/// Drops the database when the test ends, however it ends.
struct Dropped {
    server: String,
    name: String,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A panicking test unwinds through here: a thread and runtime of its own still get the work done.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let mut admin = PgConnection::connect(&server).await.unwrap();
                run(&mut admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        });
        let _ = dropping.join();
    }
}

async fn run(admin: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.unwrap();
}
