//! Faults: what goes wrong inside, as opposed to a refusal, which is an answer. A fault never reads as "not allowed".

use crate::domain::money::MoneyError;
use thiserror::Error;

/// What the triggers of append-only tables say of a row whose key is there.
const KEY_IS_TAKEN: &str = "is append-only: its key is taken";

/// Something failed inside. People see a reference that is in the log, never the text.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no code of ours writes. The database was edited or is from a newer version.
    #[error("stored data can't be read: {0}")]
    Corrupt(String),
    /// An UPDATE touched another number of rows than its rule says.
    #[error("{what}: expected {expected} row(s), touched {touched}")]
    Rows { what: &'static str, expected: u64, touched: u64 },
    #[error("discord: {0}")]
    Discord(String),
    #[error("crm: {0}")]
    Crm(String),
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// Whether doing the same transaction again may succeed: a lock that was held, a serialisation failure,
    /// a deadlock that the database broke.
    pub fn is_retryable(&self) -> bool {
        let Fault::Database(sqlx::Error::Database(error)) = self else { return false };
        let code = error.code().unwrap_or_default();
        // SQLite extended codes keep the primary code in the low byte: 5 is BUSY, 6 is LOCKED.
        let sqlite_busy =
            code.parse::<i64>().is_ok_and(|number| matches!(number & 0xff, 5 | 6)) && code.len() < 5;
        sqlite_busy || matches!(code.as_ref(), "40001" | "40P01" | "55P03")
    }

    /// Whether a unique constraint refused a row, or on SQLite the trigger that looks before it does.
    pub fn is_unique_violation(&self) -> bool {
        let Fault::Database(sqlx::Error::Database(error)) = self else { return false };
        error.is_unique_violation() || error.message().contains(KEY_IS_TAKEN)
    }
}

/// What came of things that are done one after another: a fault of one does not keep the others from their turn.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many things were done.
    pub done: usize,
    first: Option<Fault>,
}

impl Tally {
    /// Counts what came of one, which a log line calls `what`. The first fault is given at the end; the ones after it are
    /// logged, because nobody else hears of them.
    pub fn take(&mut self, outcome: Result<usize, Fault>, what: &str) {
        match outcome {
            Ok(done) => self.done += done,
            Err(fault) if self.first.is_some() => {
                tracing::error!(%fault, what, "Something that was due could not be done");
            }
            Err(fault) => {
                tracing::warn!(
                    what,
                    "Something that was due could not be done; the fault is told at the end"
                );
                self.first = Some(fault);
            }
        }
    }

    /// How many things were done, or the first fault.
    ///
    /// # Errors
    /// The first fault that was taken.
    pub fn end(self) -> Result<usize, Fault> {
        self.first.map_or(Ok(self.done), Err)
    }
}

/// A sum of what is stored that can't be: nobody typed it.
impl From<MoneyError> for Fault {
    fn from(error: MoneyError) -> Self {
        Fault::Corrupt(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Fault::Corrupt(error.to_string())
    }
}
