//! What the scheduler keeps: cron slots and checkpoint reports. A slot is a unique row: whoever inserts it does its job, in the same transaction,
//! so that neither two processes nor a crash can do it twice.

use super::inbox::{list, with_list};
use super::{Read, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::campaign::{CampaignState, asked_within};
use crate::domain::checkpoint::{Acknowledgement, Review};
use crate::domain::plan::Plan;
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use std::ops::Range;

/// The newest slot of a job that was taken. Slots are taken in the order of their times, so that whatever lies before it
/// needs no look.
///
/// # Errors
/// A fault of the database.
pub async fn last_slot(read: &mut Read, job: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    let sql = "SELECT due_at FROM cron_slot WHERE job = $1 ORDER BY due_at DESC LIMIT 1";
    read.opt(sql, args![job]).await?.map(|row| row.instant("due_at")).transpose()
}

/// The newest slot of each of these jobs that was taken; none for one that never was.
///
/// # Errors
/// A fault of the database.
pub async fn last_slots(read: &mut Read, jobs: &[String]) -> Result<BTreeMap<String, DateTime<Utc>>, Fault> {
    let sql =
        with_list!(read, "SELECT job, MAX(due_at) AS due_at FROM cron_slot WHERE job IN ", " GROUP BY job");
    let rows = read.all(sql, args![list(jobs)?]).await?;
    rows.iter().map(|row| Ok((row.text("job")?, row.instant("due_at")?))).collect()
}

/// Takes a slot. False: somebody has it, and nothing was written.
///
/// # Errors
/// A fault of the database.
pub async fn take_slot(
    tx: &mut Tx,
    job: &str,
    due_at: DateTime<Utc>,
    done_at: DateTime<Utc>,
) -> Result<bool, Fault> {
    let late_ms = (done_at - due_at).num_milliseconds().max(0);
    let sql = "INSERT INTO cron_slot (job, due_at, done_at, late) VALUES ($1, $2, $3, $4) ON CONFLICT (job, due_at) DO NOTHING";
    Ok(tx.exec(sql, args![job, due_at, done_at, late_ms]).await? == 1)
}

/// A campaign that the clock may move on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clocked {
    pub id: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub state: CampaignState,
    /// Whether people were asked if it is executed.
    pub asked: bool,
}

impl Clocked {
    /// The days on which somebody is to be asked whether it is executed.
    pub fn asked_within(&self) -> Option<Range<NaiveDate>> {
        let asks = self.state == CampaignState::Running && !self.asked;
        asks.then(|| asked_within(self.ends_on)).flatten()
    }
}

/// The campaigns of a plan that the clock may move on, by number. What a side has stopped stands still until it is decided:
/// it does not start meanwhile, and nobody is told or asked about it.
///
/// # Errors
/// A fault of the database.
pub async fn clocked_campaigns(read: &mut Read, plan_id: &str) -> Result<Vec<Clocked>, Fault> {
    let sql = "SELECT id, starts_on, ends_on, state, asked_at FROM campaign WHERE plan_id = $1 AND stopped_at IS NULL
               AND state IN ('planned', 'ready', 'running', 'executed') ORDER BY number";
    read.all(sql, args![plan_id])
        .await?
        .iter()
        .map(|row| {
            Ok(Clocked {
                id: row.text("id")?,
                starts_on: row.day("starts_on")?,
                ends_on: row.day("ends_on")?,
                state: row.parsed("state", CampaignState::parse)?,
                asked: row.int_opt("asked_at")?.is_some(),
            })
        })
        .collect()
}

/// A checkpoint as it was posted.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub id: String,
    pub plan_id: String,
    pub number: i64,
    /// `regular`, `mid` or `end`.
    pub kind: String,
    pub due_at: DateTime<Utc>,
    pub as_of: DateTime<Utc>,
    /// The last complete local day of the report.
    pub day: NaiveDate,
    /// The overall status in a word.
    pub overall: String,
    /// The figures.
    pub report: serde_json::Value,
    pub posted_at: DateTime<Utc>,
}

/// # Errors
/// A fault of the database, a second checkpoint of one number or slot included.
pub async fn insert(tx: &mut Tx, checkpoint: &Checkpoint) -> Result<(), Fault> {
    tx.exec_one(
        "insert checkpoint",
        "INSERT INTO checkpoint (id, plan_id, number, kind, due_at, as_of, day, overall, report, posted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &checkpoint.id,
            &checkpoint.plan_id,
            checkpoint.number,
            &checkpoint.kind,
            checkpoint.due_at,
            checkpoint.as_of,
            checkpoint.day,
            &checkpoint.overall,
            checkpoint.report.to_string(),
            checkpoint.posted_at,
        ],
    )
    .await
}

/// The number of a plan's newest checkpoint; 0 before the first.
///
/// # Errors
/// A fault of the database.
pub async fn last_number(read: &mut Read, plan_id: &str) -> Result<i64, Fault> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS n FROM checkpoint WHERE plan_id = $1";
    read.one(sql, args![plan_id]).await?.int("n")
}

/// The checkpoints of a plan, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<Checkpoint>, Fault> {
    let sql =
        "SELECT id, plan_id, number, kind, due_at, as_of, day, overall, report, posted_at FROM checkpoint
               WHERE plan_id = $1 ORDER BY number";
    read.all(sql, args![plan_id])
        .await?
        .iter()
        .map(|row| {
            Ok(Checkpoint {
                id: row.text("id")?,
                plan_id: row.text("plan_id")?,
                number: row.int("number")?,
                kind: row.text("kind")?,
                due_at: row.instant("due_at")?,
                as_of: row.instant("as_of")?,
                day: row.day("day")?,
                overall: row.text("overall")?,
                report: serde_json::from_str(&row.text("report")?)?,
                posted_at: row.instant("posted_at")?,
            })
        })
        .collect()
}

/// The plan of a checkpoint; `None` if there is no such checkpoint.
///
/// # Errors
/// A fault of the database.
pub async fn plan_of(read: &mut Read, id: &str) -> Result<Option<String>, Fault> {
    let row = read.opt("SELECT plan_id FROM checkpoint WHERE id = $1", args![id]).await?;
    row.map(|row| row.text("plan_id")).transpose()
}

/// The checkpoints of a plan with who has acknowledged them, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn reviews(read: &mut Read, plan: &Plan) -> Result<Vec<Review>, Fault> {
    let sql = "SELECT c.id, c.number, c.due_at, a.side, a.person, a.stands_for, a.at FROM checkpoint c
               LEFT JOIN checkpoint_acknowledgement a ON a.checkpoint_id = c.id
               WHERE c.plan_id = $1 ORDER BY c.number, a.at, a.side DESC";
    let mut reviews: Vec<Review> = Vec::new();
    for row in read.all(sql, args![&plan.id]).await? {
        let id = row.text("id")?;
        if reviews.last().is_none_or(|last| last.id != id) {
            let (number, due_on) = (row.int("number")?, plan.local_day(row.instant("due_at")?));
            reviews.push(Review { id, number, due_on, given: Vec::new() });
        }
        let (Some(person), Some(review)) = (row.text_opt("person")?, reviews.last_mut()) else { continue };
        review.given.push(Acknowledgement {
            side: row.parsed("side", Side::parse)?,
            person,
            stands_for: row.text_opt("stands_for")?,
            at: row.instant("at")?,
        });
    }
    Ok(reviews)
}

/// Keeps that a side has acknowledged a checkpoint.
///
/// # Errors
/// A fault of the database, a second acknowledgement of one side or of one person included.
pub async fn acknowledge(tx: &mut Tx, id: &str, given: &Acknowledgement) -> Result<(), Fault> {
    tx.exec_one(
        "acknowledge checkpoint",
        "INSERT INTO checkpoint_acknowledgement (checkpoint_id, side, person, stands_for, at)
         VALUES ($1, $2, $3, $4, $5)",
        args![id, given.side.code(), &given.person, &given.stands_for, given.at],
    )
    .await
}
