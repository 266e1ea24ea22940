//! What stands beside a plan's terms without being signed: who answers for its reviews, and what the signers were warned
//! of.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::capacity::Overfull;
use crate::domain::plan::BySide;
use crate::fault::Fault;

/// Who answers for a plan's reviews on each side.
///
/// # Errors
/// A fault of the database.
pub async fn owners(read: &mut Read, plan_id: &str) -> Result<BySide<Option<String>>, Fault> {
    let mut owners = BySide { vendor: None, partner: None };
    let sql = "SELECT side, person FROM plan_owner WHERE plan_id = $1";
    for row in read.all(sql, args![plan_id]).await? {
        match row.parsed("side", Side::parse)? {
            Side::Vendor => owners.vendor = Some(row.text("person")?),
            Side::Partner => owners.partner = Some(row.text("person")?),
        }
    }
    Ok(owners)
}

/// Sets who answers for a plan's reviews on one side. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn set_owner(tx: &mut Tx, plan_id: &str, side: Side, person: &str) -> Result<(), Fault> {
    tx.exec_one(
        "set review owner",
        "INSERT INTO plan_owner (plan_id, side, person) VALUES ($1, $2, $3)
         ON CONFLICT (plan_id, side) DO UPDATE SET person = excluded.person",
        args![plan_id, side.code(), person],
    )
    .await
}

/// What somebody signed: its id, and the rev that the signature binds.
#[derive(Clone, Copy, Debug)]
pub enum SignedRev<'a> {
    Plan(&'a str, i64),
    Adjustment(&'a str, i64),
}

/// Keeps what a signer was warned of with the signature.
///
/// # Errors
/// A fault of the database.
pub async fn add_warning(
    tx: &mut Tx,
    signed: SignedRev<'_>,
    signer: Side,
    warning: &Overfull,
) -> Result<(), Fault> {
    let (sql, id, rev) = match signed {
        SignedRev::Plan(id, rev) => (
            "INSERT INTO signature_warning (plan_id, rev, signer, side, monday, load, hours) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            rev,
        ),
        SignedRev::Adjustment(id, rev) => (
            "INSERT INTO adjustment_warning (adjustment_id, rev, signer, side, monday, load, hours) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            rev,
        ),
    };
    let (side, load) = (warning.side.code(), warning.load.to_string());
    let args = args![id, rev, signer.code(), side, warning.monday, load, warning.hours];
    tx.exec_one("add signature warning", sql, args).await
}

/// What the signers of one rev were warned of, each week once.
///
/// # Errors
/// A fault of the database.
pub async fn warnings(read: &mut Read, signed: SignedRev<'_>) -> Result<Vec<Overfull>, Fault> {
    let (sql, id, rev) = match signed {
        SignedRev::Plan(id, rev) => (
            "SELECT DISTINCT side, monday, load, hours FROM signature_warning WHERE plan_id = $1 AND rev = $2 ORDER BY monday, side",
            id,
            rev,
        ),
        SignedRev::Adjustment(id, rev) => (
            "SELECT DISTINCT side, monday, load, hours FROM adjustment_warning WHERE adjustment_id = $1 AND rev = $2 ORDER BY monday, side",
            id,
            rev,
        ),
    };
    read.all(sql, args![id, rev]).await?.iter().map(overfull).collect()
}

fn overfull(row: &Row) -> Result<Overfull, Fault> {
    Ok(Overfull {
        side: row.parsed("side", Side::parse)?,
        monday: row.day("monday")?,
        load: row.parsed("load", |text| text.parse().ok())?,
        hours: row.int("hours")?,
    })
}
