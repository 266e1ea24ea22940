//! Transactions and rows: what every file of `store/` writes its statements with.
//!
//! `Read` can only look; `Tx` can also change. A function that writes takes `&mut Tx`, so it can't be given a pool
//! and step outside the transaction.

use super::Engine;
use super::audit::{self, Trail};
use crate::fault::Fault;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, Arguments, Row as _, Transaction};
use std::ops::{Deref, DerefMut};

/// A bound value. Columns are TEXT and BIGINT only, so there are no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
}

macro_rules! arg_from {
    ($($from:ty => |$value:ident| $arg:expr),* $(,)?) => {
        $(impl From<$from> for Arg { fn from($value: $from) -> Self { $arg } })*
    };
}
arg_from! {
    &str => |v| Arg::Text(Some(v.to_owned())),
    &String => |v| Arg::Text(Some(v.clone())),
    String => |v| Arg::Text(Some(v)),
    Option<&str> => |v| Arg::Text(v.map(str::to_owned)),
    Option<String> => |v| Arg::Text(v),
    &Option<String> => |v| Arg::Text(v.clone()),
    i64 => |v| Arg::Int(Some(v)),
    u32 => |v| Arg::Int(Some(i64::from(v))),
    Option<i64> => |v| Arg::Int(v),
    chrono::NaiveDate => |v| Arg::Text(Some(v.to_string())),
    chrono::DateTime<chrono::Utc> => |v| Arg::Int(Some(v.timestamp_millis())),
    Option<chrono::DateTime<chrono::Utc>> => |v| Arg::Int(v.map(|at| at.timestamp_millis())),
}

/// Bound values in the order of `$1`, `$2`, ….
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Arg::from($value)),*] };
}

/// A connection on which one can look.
pub struct Read {
    transaction: Transaction<'static, Any>,
    engine: Engine,
}

/// A transaction in which one can change what is there. Dropped without a commit, it leaves nothing behind.
pub struct Tx {
    read: Read,
    /// Lines of the audit trail, written when the transaction commits.
    pub(super) trail: Trail,
    /// How many of them there were at [`Tx::mark`].
    marked: usize,
}

impl Read {
    pub(super) fn new(transaction: Transaction<'static, Any>, engine: Engine) -> Self {
        Self { transaction, engine }
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn all(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<Row>, Fault> {
        let rows = sqlx::query_with(sql, bind(args)?).fetch_all(&mut *self.transaction).await?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// The row of a query that gives at most one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn opt(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<Row>, Fault> {
        Ok(sqlx::query_with(sql, bind(args)?).fetch_optional(&mut *self.transaction).await?.map(Row))
    }

    /// The row of a query that gives exactly one.
    ///
    /// # Errors
    /// A fault of the database, no row included.
    pub async fn one(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Row, Fault> {
        Ok(Row(sqlx::query_with(sql, bind(args)?).fetch_one(&mut *self.transaction).await?))
    }
}

impl Tx {
    pub(super) fn new(transaction: Transaction<'static, Any>, engine: Engine) -> Self {
        Self { read: Read::new(transaction, engine), trail: Trail::default(), marked: 0 }
    }

    /// Writes the trail's lines and makes everything last. The trail comes at the end because the head of a program's
    /// chain is the last row that a transaction locks: nobody who holds it waits for another row, so partners that
    /// meet there and at a fund's account can't wait for each other.
    ///
    /// # Errors
    /// A fault of the database; nothing is then written, unless the connection broke while it committed.
    pub async fn commit(mut self) -> Result<(), Fault> {
        audit::write(&mut self).await?;
        Ok(self.read.transaction.commit().await?)
    }

    /// Marks the place to which [`Tx::undo`] goes back.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn mark(&mut self) -> Result<(), Fault> {
        self.marked = self.trail.len();
        self.exec("SAVEPOINT decision", Vec::new()).await.map(drop)
    }

    /// Undoes everything since [`Tx::mark`]; the transaction goes on.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn undo(&mut self) -> Result<(), Fault> {
        self.trail.truncate(self.marked);
        self.exec("ROLLBACK TO SAVEPOINT decision", Vec::new()).await.map(drop)
    }

    /// Runs a statement and returns how many rows it touched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn exec(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, Fault> {
        Ok(sqlx::query_with(sql, bind(args)?).execute(&mut *self.read.transaction).await?.rows_affected())
    }

    /// Runs a statement that must touch exactly one row.
    ///
    /// # Errors
    /// `Fault::Rows` naming `what` if it touched another number, or a fault of the database.
    pub async fn exec_one(
        &mut self,
        what: &'static str,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<(), Fault> {
        match self.exec(sql, args).await? {
            1 => Ok(()),
            touched => Err(Fault::Rows { what, expected: 1, touched }),
        }
    }
}

impl Deref for Tx {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}

fn bind(args: Vec<Arg>) -> Result<AnyArguments, Fault> {
    let mut bound = AnyArguments::default();
    for arg in args {
        match arg {
            Arg::Text(value) => bound.add(value),
            Arg::Int(value) => bound.add(value),
        }
        .map_err(|error| Fault::Database(sqlx::Error::Encode(error)))?;
    }
    Ok(bound)
}

/// One row, read by column name.
pub struct Row(AnyRow);

impl Row {
    /// # Errors
    /// The column is missing, NULL, or not text.
    pub fn text(&self, column: &str) -> Result<String, Fault> {
        Ok(self.0.try_get::<String, _>(column)?)
    }

    /// # Errors
    /// The column is missing or not text.
    pub fn text_opt(&self, column: &str) -> Result<Option<String>, Fault> {
        Ok(self.0.try_get::<Option<String>, _>(column)?)
    }

    /// # Errors
    /// The column is missing, NULL, or not a whole number.
    pub fn int(&self, column: &str) -> Result<i64, Fault> {
        Ok(self.0.try_get::<i64, _>(column)?)
    }

    /// # Errors
    /// The column is missing or not a whole number.
    pub fn int_opt(&self, column: &str) -> Result<Option<i64>, Fault> {
        Ok(self.0.try_get::<Option<i64>, _>(column)?)
    }

    /// A text column read by a domain type's own reader.
    ///
    /// # Errors
    /// `Fault::Corrupt` if no code of ours can have written what is there.
    pub fn parsed<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| Fault::Corrupt(format!("{column} holds {text:?}")))
    }

    /// A day kept as ISO 8601 text.
    ///
    /// # Errors
    /// `Fault::Corrupt` if it is not a day.
    pub fn day(&self, column: &str) -> Result<chrono::NaiveDate, Fault> {
        self.parsed(column, |text| text.parse().ok())
    }

    /// A day that may be missing.
    ///
    /// # Errors
    /// `Fault::Corrupt` if it is not a day.
    pub fn day_opt(&self, column: &str) -> Result<Option<chrono::NaiveDate>, Fault> {
        let Some(text) = self.text_opt(column)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Fault::Corrupt(format!("{column} holds {text:?}")))
    }

    /// An instant kept as Unix milliseconds.
    ///
    /// # Errors
    /// The column is missing or NULL.
    pub fn instant(&self, column: &str) -> Result<chrono::DateTime<chrono::Utc>, Fault> {
        Ok(crate::clock::instant(self.int(column)?))
    }
}
