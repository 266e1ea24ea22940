//! The only place that knows SQL. One set of statements serves SQLite and PostgreSQL; one file per table group.
//!
//! It must never decide anything: rules live in `domain/`. It repeats those rules about money that a `WHERE` clause
//! can guard, so that the same property holds in two places. No network call is made while a transaction is open.

pub mod absence;
pub mod accrual;
pub mod adjustment;
pub mod audit;
pub mod calendar;
pub mod campaign;
pub mod card;
pub mod channel;
pub mod checkpoint;
pub mod claim;
pub mod credit;
pub mod crm;
pub mod deal;
pub mod decision;
pub mod effort;
pub mod evidence;
pub mod extension;
pub mod fact;
pub mod figures;
pub mod guild_event;
pub mod history;
pub mod inbox;
pub mod ledger;
pub mod migrate;
pub mod outbox;
pub mod plan;
pub mod program;
pub mod promise;
pub mod rate;
pub mod readiness;
pub mod request;
pub mod rules;
pub mod secret;
pub mod setup;
mod sql;
pub mod task;
pub mod template;
pub mod waiting;

pub use sql::{Arg, Read, Row, Tx};

use crate::fault::Fault;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use std::sync::Arc;
use std::time::Duration;

/// Which database is behind the URL. The seam has three uses only: how a transaction begins, `FOR UPDATE SKIP
/// LOCKED` for speed, and pragmas after connecting (with the function that unpacks a JSON array beside them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    /// SQLite has one writer at a time, so it gets one connection: waiting happens here, in order, not in the file's lock.
    writer: AnyPool,
    reader: AnyPool,
}

/// Runs a block in one transaction and commits it: `in_tx!(store, |tx| { …; Ok(value) })`, where `tx` is a `&mut Tx`.
/// If the block gives an error, nothing is written. A transaction that lost a race for a lock is done again from its
/// start, so the block must keep nothing from an earlier try. (A macro, because the future of an async closure that
/// borrows can't yet be shown to be `Send`.)
#[macro_export]
macro_rules! in_tx {
    ($store:expr, |$tx:ident| $body:block) => {{
        let mut tries = $crate::store::Tries::default();
        loop {
            let result: Result<_, $crate::fault::Fault> = async {
                let mut transaction = $store.begin().await?;
                let value = {
                    let $tx = &mut transaction;
                    let result: Result<_, $crate::fault::Fault> = async { $body }.await;
                    result?
                };
                transaction.commit().await?;
                Ok(value)
            }
            .await;
            if let Some(result) = tries.settled(result).await {
                break result;
            }
        }
    }};
}

/// Runs a block on one consistent snapshot: `in_read!(store, |read| { …; Ok(value) })`, where `read` is a `&mut Read`.
#[macro_export]
macro_rules! in_read {
    ($store:expr, |$read:ident| $body:block) => {
        async {
            let mut snapshot = $store.begin_read().await?;
            let $read = &mut snapshot;
            let result: Result<_, $crate::fault::Fault> = async { $body }.await;
            result
        }
        .await
    };
}

/// Counts the tries of one transaction. Part of [`in_tx!`](crate::in_tx).
#[derive(Default)]
pub struct Tries {
    done: u32,
}

impl Tries {
    /// The result if it is final; `None`, after a short wait, if the transaction is to be done again.
    pub async fn settled<T>(&mut self, result: Result<T, Fault>) -> Option<Result<T, Fault>> {
        self.done += 1;
        match result {
            Err(fault) if self.is_worth_another(&fault) => {
                tracing::debug!(tries = self.done, %fault, "A transaction lost a race and is done again");
                tokio::time::sleep(Duration::from_millis(u64::from(self.done * self.done) * 5)).await;
                None
            }
            result => Some(result),
        }
    }

    /// A row that a unique constraint refused is one that another process wrote meanwhile, which the next try finds, or
    /// had the bad luck of another's id, which the next try does not draw again. Refused once more, it is a mistake of ours.
    fn is_worth_another(&self, fault: &Fault) -> bool {
        let most = if fault.is_unique_violation() { MAX_UNIQUE_TRIES } else { MAX_TRIES };
        (fault.is_retryable() || fault.is_unique_violation()) && self.done < most
    }
}

/// How often a transaction that lost a lock or a serialisation race is done again before the fault is given out.
const MAX_TRIES: u32 = 8;
/// The same for a unique constraint.
const MAX_UNIQUE_TRIES: u32 = 3;
const POSTGRES_CONNECTIONS: u32 = 12;
const SQLITE_READERS: u32 = 4;

impl Store {
    /// Connects to `url` (`sqlite://PATH` or `postgres://…`), creating a missing SQLite file, and brings the schema
    /// up to date.
    ///
    /// # Errors
    /// A URL of another kind, a database that can't be reached, a migration that fails or was changed after it ran.
    pub async fn open(url: &str) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let engine = engine_of(url)?;
        let store = Self { inner: Arc::new(connect(engine, url).await?) };
        migrate::run(engine, &store.inner.writer).await?;
        Ok(store)
    }

    /// Connects to a database that is there: unlike [`Self::open`], it makes no SQLite file. For commands that look at
    /// what a program left, where an empty database would be a false answer.
    ///
    /// # Errors
    /// No such file, or as [`Self::open`].
    pub async fn open_existing(url: &str) -> Result<Self, Fault> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let file = rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or_default();
            if !std::path::Path::new(file).is_file() {
                return Err(Fault::Other(format!("there is no database at {file}: has tandem run here?")));
            }
        }
        Self::open(url).await
    }

    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Begins a transaction that may write. Use [`in_tx!`](crate::in_tx), which also commits and tries again.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        let begin = match self.inner.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        Ok(Tx::new(self.inner.writer.begin_with(begin).await?, self.inner.engine))
    }

    /// Begins to look at one consistent snapshot, without ever taking the writer. Use [`in_read!`](crate::in_read).
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begin_read(&self) -> Result<Read, Fault> {
        let begin = match self.inner.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Read::new(self.inner.reader.begin_with(begin).await?, self.inner.engine))
    }

    /// Moves the pages of SQLite's write-ahead log into the database file, on a reader's connection so that the
    /// writer does not wait for it. Nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn checkpoint_wal(&self) -> Result<(), Fault> {
        if self.inner.engine == Engine::Sqlite {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.inner.reader).await?;
        }
        Ok(())
    }

    /// Closes every connection, after what runs has ended.
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.inner.engine)
    }
}

fn engine_of(url: &str) -> Result<Engine, Fault> {
    match url.split(':').next() {
        Some("sqlite") => Ok(Engine::Sqlite),
        Some("postgres" | "postgresql") => Ok(Engine::Postgres),
        _ => Err(Fault::Other("the database URL must begin with sqlite:// or postgres://".into())),
    }
}

async fn connect(engine: Engine, url: &str) -> Result<Inner, Fault> {
    match engine {
        Engine::Postgres => {
            let pool = AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).connect(url).await?;
            Ok(Inner { engine, writer: pool.clone(), reader: pool })
        }
        Engine::Sqlite => {
            let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
            let writer = sqlite_pool(1, &url).await?;
            Ok(Inner { engine, reader: sqlite_pool(SQLITE_READERS, &url).await?, writer })
        }
    }
}

async fn sqlite_pool(connections: u32, url: &str) -> Result<AnyPool, Fault> {
    let options = AnyPoolOptions::new().max_connections(connections).after_connect(|connection, _| {
        Box::pin(async move {
            // FULL: what was acknowledged survives a power cut. The high autocheckpoint is only a net below
            // `checkpoint_wal`, which production runs beside the writer.
            for pragma in [
                "PRAGMA busy_timeout = 10000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                "PRAGMA wal_autocheckpoint = 8000",
            ] {
                sqlx::query(pragma).execute(&mut *connection).await?;
            }
            Ok(())
        })
    });
    Ok(options.connect(url).await?)
}
