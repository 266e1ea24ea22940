//! A database of its own for each contender.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tandem::clock::Clock;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// SQLite always; PostgreSQL if its server is named.
pub fn available() -> Vec<Database> {
    let postgres = std::env::var_os("TEST_POSTGRES_URL").map(|_| Database::Postgres);
    std::iter::once(Database::Sqlite).chain(postgres).collect()
}

/// A database that is there until [`Made::removed`].
pub struct Made {
    pub url: String,
    _dir: Option<tempfile::TempDir>,
    on_server: Option<(String, String)>,
}

impl Database {
    pub fn name(self) -> &'static str {
        match self {
            Database::Sqlite => "SQLite",
            Database::Postgres => "PostgreSQL",
        }
    }

    pub async fn made(self) -> Made {
        if self == Database::Sqlite {
            let dir = tempfile::tempdir().expect("a folder");
            let url = format!("sqlite://{}", dir.path().join("bench.db").display());
            return Made { url, _dir: Some(dir), on_server: None };
        }
        let server = std::env::var("TEST_POSTGRES_URL").expect("the server's address");
        let name = format!("tandem_bench_{}", Clock::system().new_id());
        run(&server, format!("CREATE DATABASE {name}")).await;
        let mut url = reqwest::Url::parse(&server).expect("an address");
        url.set_path(&name);
        Made { url: url.to_string(), _dir: None, on_server: Some((server, name)) }
    }
}

impl Made {
    pub async fn removed(&self) {
        if let Some((server, name)) = &self.on_server {
            run(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(server: &str, sql: String) {
    let mut admin = PgConnection::connect(server).await.expect("the server");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut admin).await.expect("the statement");
}
