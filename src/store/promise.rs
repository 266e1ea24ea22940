//! Promises of both sides.

use super::task::settled;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::promise::{Promise, PromiseState};
use crate::fault::Fault;

macro_rules! columns {
    () => {
        "id, partner_id, plan_id, campaign_id, number, side, what, due_on, state, settled_at, settled_by, made_at, made_by"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, promise: &Promise) -> Result<(), Fault> {
    tx.exec_one(
        "insert promise",
        concat!(
            "INSERT INTO promise (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        args![
            &promise.id,
            &promise.partner_id,
            &promise.plan_id,
            &promise.campaign_id,
            promise.number,
            promise.side.code(),
            &promise.what,
            promise.due_on,
            promise.state.code(),
            promise.settled.as_ref().map(|settled| settled.at.timestamp_millis()),
            promise.settled.as_ref().map(|settled| settled.by.clone()),
            promise.made_at,
            &promise.made_by,
        ],
    )
    .await
}

/// Saves what an edit changes. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, promise: &Promise) -> Result<(), Fault> {
    tx.exec_one(
        "save promise",
        "UPDATE promise SET what = $2, due_on = $3, state = $4, settled_at = $5, settled_by = $6 WHERE id = $1",
        args![
            &promise.id,
            &promise.what,
            promise.due_on,
            promise.state.code(),
            promise.settled.as_ref().map(|settled| settled.at.timestamp_millis()),
            promise.settled.as_ref().map(|settled| settled.by.clone()),
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Promise>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM promise WHERE partner_id = $1 AND number = $2");
    read.opt(sql, args![partner_id, number]).await?.map(|row| promise(&row)).transpose()
}

/// The promises of a plan, by number.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<Promise>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM promise WHERE plan_id = $1 ORDER BY number");
    read.all(sql, args![plan_id]).await?.iter().map(promise).collect()
}

/// A partner's promises for a list to pick from, newest first: (number, what, state).
///
/// # Errors
/// A fault of the database.
pub async fn names(read: &mut Read, partner_id: &str) -> Result<Vec<(i64, String, PromiseState)>, Fault> {
    let sql = "SELECT number, what, state FROM promise WHERE partner_id = $1 ORDER BY number DESC LIMIT 500";
    let rows = read.all(sql, args![partner_id]).await?;
    rows.iter()
        .map(|row| Ok((row.int("number")?, row.text("what")?, row.parsed("state", PromiseState::parse)?)))
        .collect()
}

fn promise(row: &Row) -> Result<Promise, Fault> {
    Ok(Promise {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        plan_id: row.text("plan_id")?,
        campaign_id: row.text_opt("campaign_id")?,
        number: row.int("number")?,
        side: row.parsed("side", Side::parse)?,
        what: row.text("what")?,
        due_on: row.day("due_on")?,
        state: row.parsed("state", PromiseState::parse)?,
        settled: settled(row)?,
        made_at: row.instant("made_at")?,
        made_by: row.text("made_by")?,
    })
}
