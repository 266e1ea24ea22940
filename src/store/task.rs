//! Tasks of campaigns.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::task::{Settled, Task, TaskState};
use crate::fault::Fault;

macro_rules! columns {
    () => {
        "id, partner_id, plan_id, campaign_id, number, kind, what, side, owner, due_on, state, settled_at, settled_by, due_by_hand"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, task: &Task) -> Result<(), Fault> {
    tx.exec_one(
        "insert task",
        concat!(
            "INSERT INTO task (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        args![
            &task.id,
            &task.partner_id,
            &task.plan_id,
            &task.campaign_id,
            task.number,
            &task.kind,
            &task.what,
            task.side.code(),
            &task.owner,
            task.due_on,
            task.state.code(),
            task.settled.as_ref().map(|settled| settled.at.timestamp_millis()),
            task.settled.as_ref().map(|settled| settled.by.clone()),
            i64::from(task.due_by_hand),
        ],
    )
    .await
}

/// Saves what an edit changes. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, task: &Task) -> Result<(), Fault> {
    tx.exec_one(
        "save task",
        "UPDATE task SET what = $2, side = $3, owner = $4, due_on = $5, state = $6, settled_at = $7, settled_by = $8, due_by_hand = $9
         WHERE id = $1",
        args![
            &task.id,
            &task.what,
            task.side.code(),
            &task.owner,
            task.due_on,
            task.state.code(),
            task.settled.as_ref().map(|settled| settled.at.timestamp_millis()),
            task.settled.as_ref().map(|settled| settled.by.clone()),
            i64::from(task.due_by_hand),
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Task>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM task WHERE partner_id = $1 AND number = $2");
    read.opt(sql, args![partner_id, number]).await?.map(|row| task(&row)).transpose()
}

/// The tasks of a plan's campaigns, by number.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<Task>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM task WHERE plan_id = $1 ORDER BY number");
    read.all(sql, args![plan_id]).await?.iter().map(task).collect()
}

/// A partner's tasks for a list to pick from, newest first: (number, what, state).
///
/// # Errors
/// A fault of the database.
pub async fn names(read: &mut Read, partner_id: &str) -> Result<Vec<(i64, String, TaskState)>, Fault> {
    let sql = "SELECT number, what, state FROM task WHERE partner_id = $1 ORDER BY number DESC LIMIT 500";
    let rows = read.all(sql, args![partner_id]).await?;
    rows.iter()
        .map(|row| Ok((row.int("number")?, row.text("what")?, row.parsed("state", TaskState::parse)?)))
        .collect()
}

fn task(row: &Row) -> Result<Task, Fault> {
    Ok(Task {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        plan_id: row.text("plan_id")?,
        campaign_id: row.text("campaign_id")?,
        number: row.int("number")?,
        kind: row.text_opt("kind")?,
        what: row.text("what")?,
        side: row.parsed("side", Side::parse)?,
        owner: row.text_opt("owner")?,
        due_on: row.day("due_on")?,
        state: row.parsed("state", TaskState::parse)?,
        settled: settled(row)?,
        due_by_hand: row.int("due_by_hand")? != 0,
    })
}

/// When and by whom a row was brought to its end.
pub(super) fn settled(row: &Row) -> Result<Option<Settled>, Fault> {
    let Some(at) = row.int_opt("settled_at")? else { return Ok(None) };
    Ok(Some(Settled { at: crate::clock::instant(at), by: row.text("settled_by")? }))
}
