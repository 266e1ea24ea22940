//! Adjustments of plans.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::adjustment::{Adjustment, AdjustmentState};
use crate::domain::plan::Signature;
use crate::fault::Fault;

macro_rules! columns {
    () => {
        "id, partner_id, plan_id, number, base_revision, side, changes, state, rev, filed_at, decided_at, decided_by,
         decided_reason, revision"
    };
}

/// # Errors
/// A fault of the database, a second open adjustment of one plan included.
pub async fn insert(tx: &mut Tx, adjustment: &Adjustment) -> Result<(), Fault> {
    tx.exec_one(
        "insert adjustment",
        concat!(
            "INSERT INTO adjustment (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        args![
            &adjustment.id,
            &adjustment.partner_id,
            &adjustment.plan_id,
            adjustment.number,
            adjustment.base_revision,
            adjustment.side.code(),
            serde_json::to_string(&adjustment.asked)?,
            adjustment.state.code(),
            adjustment.rev,
            adjustment.filed_at,
            adjustment.decided_at,
            &adjustment.decided_by,
            &adjustment.decided_reason,
            adjustment.revision,
        ],
    )
    .await
}

/// Saves what further changes and decisions change. One that is decided is never touched again: the `WHERE` says so.
///
/// # Errors
/// A fault of the database, one that was decided already included.
pub async fn save(tx: &mut Tx, adjustment: &Adjustment) -> Result<(), Fault> {
    tx.exec_one(
        "save adjustment",
        "UPDATE adjustment SET changes = $2, state = $3, rev = $4, decided_at = $5, decided_by = $6, decided_reason = $7, revision = $8
         WHERE id = $1 AND state = 'proposed'",
        args![
            &adjustment.id,
            serde_json::to_string(&adjustment.asked)?,
            adjustment.state.code(),
            adjustment.rev,
            adjustment.decided_at,
            &adjustment.decided_by,
            &adjustment.decided_reason,
            adjustment.revision,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Option<Adjustment>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM adjustment WHERE id = $1");
    read.opt(sql, args![id]).await?.map(|row| adjustment(&row)).transpose()
}

/// The adjustment of a plan that waits, if one does.
///
/// # Errors
/// A fault of the database.
pub async fn open_of_plan(read: &mut Read, plan_id: &str) -> Result<Option<Adjustment>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM adjustment WHERE plan_id = $1 AND state = 'proposed'");
    read.opt(sql, args![plan_id]).await?.map(|row| adjustment(&row)).transpose()
}

/// The adjustment that became the newest revision of a plan; `None` while revision 1 is in force.
///
/// # Errors
/// A fault of the database.
pub async fn newest_agreed(read: &mut Read, plan_id: &str) -> Result<Option<Adjustment>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM adjustment WHERE plan_id = $1 AND state = 'agreed' ORDER BY revision DESC LIMIT 1"
    );
    read.opt(sql, args![plan_id]).await?.map(|row| adjustment(&row)).transpose()
}

/// The adjustment that became a revision of a plan; `None` for revision 1.
///
/// # Errors
/// A fault of the database.
pub async fn of_revision(read: &mut Read, plan_id: &str, revision: i64) -> Result<Option<Adjustment>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM adjustment WHERE plan_id = $1 AND revision = $2 AND state = 'agreed'"
    );
    read.opt(sql, args![plan_id, revision]).await?.map(|row| adjustment(&row)).transpose()
}

/// Adds a signature on one rev of an adjustment.
///
/// # Errors
/// A fault of the database, a second signature of one side or of one person included.
pub async fn add_signature(tx: &mut Tx, id: &str, rev: i64, signature: &Signature) -> Result<(), Fault> {
    tx.exec_one(
        "add adjustment signature",
        "INSERT INTO adjustment_signature (adjustment_id, rev, side, person, content_sha256, signed_at, stands_for)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            id,
            rev,
            signature.side.code(),
            &signature.person,
            &signature.content_sha256,
            signature.signed_at,
            &signature.stands_for
        ],
    )
    .await
}

/// The signatures on one rev of an adjustment, the first given first.
///
/// # Errors
/// A fault of the database.
pub async fn signatures(read: &mut Read, id: &str, rev: i64) -> Result<Vec<Signature>, Fault> {
    let sql = "SELECT side, person, content_sha256, signed_at, stands_for FROM adjustment_signature
               WHERE adjustment_id = $1 AND rev = $2 ORDER BY signed_at, side DESC";
    read.all(sql, args![id, rev]).await?.iter().map(super::plan::signature).collect()
}

/// The signatures that an agreed adjustment became a revision by.
///
/// # Errors
/// A fault of the database.
pub async fn signatures_of_agreed(read: &mut Read, agreed: &Adjustment) -> Result<Vec<Signature>, Fault> {
    signatures(read, &agreed.id, agreed.signed_rev()).await
}

fn adjustment(row: &Row) -> Result<Adjustment, Fault> {
    Ok(Adjustment {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        plan_id: row.text("plan_id")?,
        number: row.int("number")?,
        base_revision: row.int("base_revision")?,
        side: row.parsed("side", Side::parse)?,
        asked: serde_json::from_str(&row.text("changes")?)?,
        state: row.parsed("state", AdjustmentState::parse)?,
        rev: row.int("rev")?,
        filed_at: row.instant("filed_at")?,
        decided_at: row.int_opt("decided_at")?.map(crate::clock::instant),
        decided_by: row.text_opt("decided_by")?,
        decided_reason: row.text_opt("decided_reason")?,
        revision: row.int_opt("revision")?,
    })
}
