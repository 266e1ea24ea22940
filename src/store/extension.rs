//! Later last days to claim: asked for, decided.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::claim::{Extension, ExtensionState};
use crate::fault::Fault;

macro_rules! columns {
    () => {
        "id, partner_id, request_id, rev, state, due_day, until_day, reason, asked_by, asked_at, decided_by, stands_for,
         decided_at, decline_reason"
    };
}

/// # Errors
/// A fault of the database, a second one that waits for the same request included.
pub async fn insert(tx: &mut Tx, extension: &Extension) -> Result<(), Fault> {
    tx.exec_one(
        "insert extension",
        "INSERT INTO claim_extension (id, partner_id, request_id, rev, state, due_day, until_day, reason, asked_by, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &extension.id,
            &extension.partner_id,
            &extension.request_id,
            extension.rev,
            extension.state.code(),
            extension.due,
            extension.until,
            &extension.reason,
            &extension.asked_by,
            extension.asked_at,
        ],
    )
    .await
}

/// Saves what was decided. What was asked never changes.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, extension: &Extension) -> Result<(), Fault> {
    tx.exec_one(
        "save extension",
        "UPDATE claim_extension SET rev = $2, state = $3, decided_by = $4, stands_for = $5, decided_at = $6,
           decline_reason = $7, due_day = $8
         WHERE id = $1 AND state = 'waiting'",
        args![
            &extension.id,
            extension.rev,
            extension.state.code(),
            &extension.decided_by,
            &extension.stands_for,
            extension.decided_at,
            &extension.decline_reason,
            extension.due,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Option<Extension>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM claim_extension WHERE id = $1");
    read.opt(sql, args![id]).await?.map(|row| extension(&row)).transpose()
}

/// The one that waits for a request, if one does.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(read: &mut Read, request_id: &str) -> Result<Option<Extension>, Fault> {
    let sql =
        concat!("SELECT ", columns!(), " FROM claim_extension WHERE request_id = $1 AND state = 'waiting'");
    read.opt(sql, args![request_id]).await?.map(|row| extension(&row)).transpose()
}

/// All of a request, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_request(read: &mut Read, request_id: &str) -> Result<Vec<Extension>, Fault> {
    let sql =
        concat!("SELECT ", columns!(), " FROM claim_extension WHERE request_id = $1 ORDER BY asked_at, id");
    read.all(sql, args![request_id]).await?.iter().map(extension).collect()
}

fn extension(row: &Row) -> Result<Extension, Fault> {
    Ok(Extension {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        request_id: row.text("request_id")?,
        rev: row.int("rev")?,
        state: row.parsed("state", ExtensionState::parse)?,
        due: row.day("due_day")?,
        until: row.day("until_day")?,
        reason: row.text("reason")?,
        asked_by: row.text("asked_by")?,
        asked_at: row.instant("asked_at")?,
        decided_by: row.text_opt("decided_by")?,
        stands_for: row.text_opt("stands_for")?,
        decided_at: row.int_opt("decided_at")?.map(crate::clock::instant),
        decline_reason: row.text_opt("decline_reason")?,
    })
}
