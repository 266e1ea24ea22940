//! Everything that is stored, row by row: what stories compare to show that something left no trace.

use super::world::World;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Column, Connection, Row};
use std::collections::BTreeMap;
use std::time::Duration;
use tandem::in_read;
use tandem::store::crm;

/// The trail, where it ends, and the saved replies: a refusal is written there and nowhere else.
pub const TRAIL: &[&str] = &["audit", "audit_head", "request_log"];

/// The rows of each table, as text, in no particular order.
pub type Stored = BTreeMap<String, Vec<String>>;

impl World {
    /// The rows of every table that there is, but for those of `except`. A table added later is in it at once.
    pub async fn stored(&self, except: &[&str]) -> Stored {
        self.is_matched().await;
        let tables = if self.is_sqlite() {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        } else {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'"
        };
        let mut connection = AnyConnection::connect(&self.addresses.database_url).await.unwrap();
        let mut stored = Stored::new();
        for table in sqlx::query(tables).fetch_all(&mut connection).await.unwrap() {
            let table: String = table.get(0);
            // The list of migrations is the driver's, with types of its own.
            if table.starts_with("_sqlx") || except.contains(&table.as_str()) {
                continue;
            }
            let sql = AssertSqlSafe(format!("SELECT * FROM {table}"));
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            let mut rows: Vec<String> = rows.iter().map(line).collect();
            rows.sort();
            stored.insert(table, rows);
        }
        connection.close().await.unwrap();
        stored
    }

    /// Waits until the waiting leads of every source have been matched against the campaigns there are: the worker does
    /// so after each new one, in its own time.
    async fn is_matched(&self) {
        let store = &self.running.app.store;
        let matched = async {
            while !in_read!(store, |read| { crm::to_match_again(read).await }).unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), matched).await.expect("waiting leads are matched");
    }
}

/// A row as text: columns are texts and whole numbers only.
fn line(row: &AnyRow) -> String {
    let value = |column: usize| match row.try_get::<Option<i64>, _>(column) {
        Ok(number) => format!("{number:?}"),
        Err(_) => format!("{:?}", row.get::<Option<String>, _>(column)),
    };
    let values = row.columns().iter().map(|column| format!("{}={}", column.name(), value(column.ordinal())));
    values.collect::<Vec<_>>().join(" ")
}

/// The tables that differ, with what is new and what is gone.
pub fn difference(before: &Stored, after: &Stored) -> Vec<String> {
    let mut found = Vec::new();
    for (table, rows) in after {
        let old = before.get(table).map(Vec::as_slice).unwrap_or_default();
        found.extend(rows.iter().filter(|row| !old.contains(row)).map(|row| format!("{table}: + {row}")));
        found.extend(old.iter().filter(|row| !rows.contains(row)).map(|row| format!("{table}: - {row}")));
        if rows.len() != old.len() {
            found.push(format!("{table}: {} rows, before {}", rows.len(), old.len()));
        }
    }
    found
}
