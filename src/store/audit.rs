//! The audit trail and the saved replies of the command road.

use super::{Read, Tx};
use crate::args;
use crate::fault::Fault;
use chrono::{DateTime, Utc};

/// One line of the trail: ids, amounts and hashes only, never a name or what somebody wrote.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub id: String,
    pub at: DateTime<Utc>,
    pub program_id: &'a str,
    pub partner_id: Option<&'a str>,
    pub actor: &'a str,
    pub company: &'a str,
    pub code: &'a str,
    pub item: &'a str,
    pub detail: serde_json::Value,
}

/// # Errors
/// A fault of the database.
pub async fn append(tx: &mut Tx, line: &Line<'_>) -> Result<(), Fault> {
    tx.exec_one(
        "append audit line",
        "INSERT INTO audit (id, at, program_id, partner_id, actor, company, code, item, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            &line.id,
            line.at,
            line.program_id,
            line.partner_id,
            line.actor,
            line.company,
            line.code,
            line.item,
            line.detail.to_string(),
        ],
    )
    .await
}

/// The codes of what happened to an item, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn codes_of(read: &mut Read, item: &str) -> Result<Vec<String>, Fault> {
    let rows = read.all("SELECT code FROM audit WHERE item = $1 ORDER BY id", args![item]).await?;
    rows.iter().map(|row| row.text("code")).collect()
}

/// Claims a request: the first write of its transaction. `None` if it is new; its saved reply if it was handled before.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &mut Tx, key: &str, received_at: DateTime<Utc>) -> Result<Option<String>, Fault> {
    let sql = "INSERT INTO request_log (key, received_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    if tx.exec(sql, args![key, received_at]).await? == 1 {
        return Ok(None);
    }
    let row = tx.one("SELECT reply FROM request_log WHERE key = $1", args![key]).await?;
    Ok(Some(row.text_opt("reply")?.ok_or_else(|| Fault::Corrupt(format!("request {key} has no reply")))?))
}

/// Saves the reply of a claimed request.
///
/// # Errors
/// A fault of the database.
pub async fn remember(tx: &mut Tx, key: &str, reply: &str) -> Result<(), Fault> {
    tx.exec_one("save reply", "UPDATE request_log SET reply = $2 WHERE key = $1", args![key, reply]).await
}
