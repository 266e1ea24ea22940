//! What waits for somebody and for the clock: requests and claims to be decided or corrected, money to be claimed.

use super::{Read, Row, audit};
use crate::args;
use crate::domain::waiting::Turn;
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// Whose turn it has been with a request or claim, oldest first, as its trail says.
///
/// # Errors
/// A fault of the database.
pub async fn turns(read: &mut Read, item: &str) -> Result<Vec<Turn>, Fault> {
    let lines = audit::of_item(read, item).await?;
    let turn = |link: &audit::Link| {
        let detail: serde_json::Value = serde_json::from_str(&link.line.detail).unwrap_or_default();
        Turn::of(crate::clock::instant(link.line.at), &link.line.code, detail["amendment"] == true)
    };
    Ok(lines.iter().filter_map(turn).collect())
}

macro_rules! of_program {
    () => {
        "partner_id IN (SELECT id FROM partner WHERE program_id = $1 AND archived_at IS NULL)"
    };
}

async fn ids(read: &mut Read, sql: &'static str, program_id: &str) -> Result<Vec<String>, Fault> {
    read.all(sql, args![program_id]).await?.iter().map(|row| row.text("id")).collect()
}

/// The requests of a program that wait for a decision, the amended ones included, or to be corrected: ids, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn requests(read: &mut Read, program_id: &str) -> Result<Vec<String>, Fault> {
    let sql = concat!(
        "SELECT id FROM mdf_request WHERE ",
        of_program!(),
        " AND (state IN ('submitted', 'in_review', 'returned') OR (state = 'approved' AND amend_at IS NOT NULL))
          ORDER BY filed_at, id"
    );
    ids(read, sql, program_id).await
}

/// The claims of a program that wait for a decision or to be corrected: ids, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn claims(read: &mut Read, program_id: &str) -> Result<Vec<String>, Fault> {
    let sql = concat!(
        "SELECT id FROM claim WHERE ",
        of_program!(),
        " AND state IN ('submitted', 'in_review', 'returned') ORDER BY submitted_at, id"
    );
    ids(read, sql, program_id).await
}

/// The extensions of a program that wait for a decision: ids, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn extensions(read: &mut Read, program_id: &str) -> Result<Vec<String>, Fault> {
    let sql = concat!(
        "SELECT id FROM claim_extension WHERE ",
        of_program!(),
        " AND state = 'waiting' ORDER BY asked_at, id"
    );
    ids(read, sql, program_id).await
}

/// An approved request with what the clock has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimable {
    pub request_id: String,
    pub partner_id: String,
    /// The last day of its campaign.
    pub ends_on: NaiveDate,
    /// Whether a side has stopped the campaign.
    pub is_stopped: bool,
    /// The plan's.
    pub zone: Tz,
    /// The last day to claim.
    pub claim_due: NaiveDate,
    pub approved_at: DateTime<Utc>,
    /// Whether anything is left to claim.
    pub holds: bool,
    /// Whether a claim of it was filed and not turned down or taken back.
    pub is_claimed: bool,
    /// Whether a claim of it, or more time to claim, is being decided, or a returned claim has a later day of its own: then
    /// it does not run out.
    pub is_kept: bool,
    /// When the clock last said something of it.
    pub noticed_at: Option<DateTime<Utc>>,
}

macro_rules! claimable {
    ($which:literal) => {
        concat!(
            "SELECT r.id, r.partner_id, c.ends_on, c.stopped_at, p.time_zone, r.claim_due,
               COALESCE(r.decided_at, r.filed_at) AS approved_at, r.approved_minor - r.claimed_minor AS left_minor,
               (SELECT COUNT(*) FROM claim f WHERE f.request_id = r.id
                 AND f.state IN ('submitted', 'in_review', 'approved', 'paid')) AS filed,
               (SELECT COUNT(*) FROM claim f WHERE f.request_id = r.id AND (f.state IN ('submitted', 'in_review')
                   OR (f.state = 'returned' AND f.resubmit_by > r.claim_due)))
                 + (SELECT COUNT(*) FROM claim_extension e WHERE e.request_id = r.id AND e.state = 'waiting') AS kept,
               (SELECT MAX(s.due_at) FROM cron_slot s WHERE s.job = 'claim_notice:' || r.id) AS noticed_at
             FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
             WHERE r.state = 'approved' AND r.claim_due IS NOT NULL AND c.state <> 'postponed'",
            $which
        )
    };
}

/// The job of what the clock says of a request to be claimed, or of a returned claim, by the name of its slots.
pub fn claim_notice_job(id: &str) -> String {
    format!("claim_notice:{id}")
}

/// The approved requests of all programs, but for campaigns that are postponed without a date: there no day is counted.
///
/// # Errors
/// A fault of the database.
pub async fn claimable(read: &mut Read) -> Result<Vec<Claimable>, Fault> {
    let sql = claimable!(
        " AND r.partner_id IN (SELECT o.id FROM partner o JOIN program g ON g.id = o.program_id
           WHERE o.archived_at IS NULL AND g.archived_at IS NULL) ORDER BY r.claim_due, r.id"
    );
    read.all(sql, args![]).await?.iter().map(one).collect()
}

/// One of them, as it is now; `None` if it is approved no more, or its campaign is postponed.
///
/// # Errors
/// A fault of the database.
pub async fn claimable_by_id(read: &mut Read, request_id: &str) -> Result<Option<Claimable>, Fault> {
    read.opt(claimable!(" AND r.id = $1"), args![request_id]).await?.map(|row| one(&row)).transpose()
}

fn one(row: &Row) -> Result<Claimable, Fault> {
    Ok(Claimable {
        request_id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        ends_on: row.day("ends_on")?,
        is_stopped: row.int_opt("stopped_at")?.is_some(),
        zone: row.parsed("time_zone", |name| name.parse().ok())?,
        claim_due: row.day("claim_due")?,
        approved_at: row.instant("approved_at")?,
        holds: row.int("left_minor")? > 0,
        is_claimed: row.int("filed")? > 0,
        is_kept: row.int("kept")? > 0,
        noticed_at: row.int_opt("noticed_at")?.map(crate::clock::instant),
    })
}

/// A returned claim that can be filed for longer than its request can be claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    pub claim_id: String,
    pub partner_id: String,
    /// The last day to file it again.
    pub file_by: NaiveDate,
    pub returned_at: DateTime<Utc>,
    /// The plan's.
    pub zone: Tz,
    /// When the clock last said something of it.
    pub noticed_at: Option<DateTime<Utc>>,
}

macro_rules! returned {
    ($which:literal) => {
        concat!(
            "SELECT f.id, f.partner_id, f.resubmit_by, f.decided_at, p.time_zone,
               (SELECT MAX(s.due_at) FROM cron_slot s WHERE s.job = 'claim_notice:' || f.id) AS noticed_at
             FROM claim f JOIN mdf_request r ON r.id = f.request_id
               JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
             WHERE f.state = 'returned' AND f.resubmit_by > r.claim_due AND f.decided_at IS NOT NULL
               AND r.state = 'approved' AND c.state <> 'postponed'",
            $which
        )
    };
}

/// The returned claims of all programs whose own last day is the later one.
///
/// # Errors
/// A fault of the database.
pub async fn returned(read: &mut Read) -> Result<Vec<Returned>, Fault> {
    let sql = returned!(
        " AND f.partner_id IN (SELECT o.id FROM partner o JOIN program g ON g.id = o.program_id
           WHERE o.archived_at IS NULL AND g.archived_at IS NULL) ORDER BY f.resubmit_by, f.id"
    );
    read.all(sql, args![]).await?.iter().map(returned_one).collect()
}

/// One of them, as it is now; `None` if it is returned no more.
///
/// # Errors
/// A fault of the database.
pub async fn returned_by_id(read: &mut Read, claim_id: &str) -> Result<Option<Returned>, Fault> {
    read.opt(returned!(" AND f.id = $1"), args![claim_id]).await?.map(|row| returned_one(&row)).transpose()
}

fn returned_one(row: &Row) -> Result<Returned, Fault> {
    Ok(Returned {
        claim_id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        file_by: row.day("resubmit_by")?,
        returned_at: row.instant("decided_at")?,
        zone: row.parsed("time_zone", |name| name.parse().ok())?,
        noticed_at: row.int_opt("noticed_at")?.map(crate::clock::instant),
    })
}

/// The last days to claim of what is not filed yet and is not being given more time, each with the zone of its plan.
///
/// # Errors
/// A fault of the database.
pub async fn unfiled_claims_due(read: &mut Read) -> Result<Vec<(NaiveDate, Tz)>, Fault> {
    let sql =
        "SELECT DISTINCT r.claim_due, f.resubmit_by, p.time_zone FROM claim f JOIN mdf_request r ON r.id = f.request_id
                 JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
               WHERE f.state IN ('draft', 'returned') AND r.claim_due IS NOT NULL AND c.state <> 'postponed' AND NOT EXISTS (
                 SELECT 1 FROM claim_extension e WHERE e.request_id = r.id AND e.state = 'waiting')";
    let rows = read.all(sql, args![]).await?;
    rows.iter()
        .map(|row| {
            let due = row.day("claim_due")?;
            let last = row.day_opt("resubmit_by")?.map_or(due, |by| by.max(due));
            Ok((last, row.parsed("time_zone", |name| name.parse().ok())?))
        })
        .collect()
}
