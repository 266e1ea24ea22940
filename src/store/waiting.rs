//! What waits for somebody and for the clock: requests and claims to be decided or corrected, money to be claimed.

use super::inbox::{list, with_list};
use super::{Read, Row};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::waiting::{Kind, Turn};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Whose turn it has been with each of these requests and claims, oldest first, as the trail says.
///
/// # Errors
/// A fault of the database.
pub async fn turns(read: &mut Read, items: &[&str]) -> Result<BTreeMap<String, Vec<Turn>>, Fault> {
    let mut turns: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
    if items.is_empty() {
        return Ok(turns);
    }
    let sql = with_list!(
        read,
        "SELECT item, at, code, detail FROM audit WHERE item IN ",
        " ORDER BY item, program_id, seq"
    );
    for row in read.all(sql, args![list(items)?]).await? {
        let detail: serde_json::Value = serde_json::from_str(&row.text("detail")?).unwrap_or_default();
        let turn = Turn::of(row.instant("at")?, &row.text("code")?, detail["amendment"] == true);
        turns.entry(row.text("item")?).or_default().extend(turn);
    }
    Ok(turns)
}

/// The stops of these campaigns that have ended, each from when until when, as the trail says.
///
/// # Errors
/// A fault of the database.
pub async fn stops(read: &mut Read, campaigns: &[&str]) -> Result<BTreeMap<String, Vec<Span>>, Fault> {
    let mut stops: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    if campaigns.is_empty() {
        return Ok(stops);
    }
    let sql = with_list!(
        read,
        "SELECT item, at, code FROM audit
         WHERE code IN ('campaign_stopped', 'campaign_resumed', 'campaign_stop_ended') AND item IN ",
        " ORDER BY item, program_id, seq"
    );
    let mut open: Option<(String, DateTime<Utc>)> = None;
    for row in read.all(sql, args![list(campaigns)?]).await? {
        let (item, at) = (row.text("item")?, row.instant("at")?);
        if row.text("code")? == "campaign_stopped" {
            open = Some((item, at));
        } else if let Some((_, from)) = open.take().filter(|(stopped, _)| *stopped == item) {
            stops.entry(item).or_default().push((from, at));
        }
    }
    Ok(stops)
}

/// From when until when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// Something that waits to be decided, corrected or signed, with what tells since when it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub kind: Kind,
    pub id: String,
    pub partner_id: String,
    /// Whose turn it is; `None` of a request or claim: its trail says.
    pub side: Option<Side>,
    /// Since when it is, where the trail doesn't say.
    pub began_at: DateTime<Utc>,
    /// When both sides had signed the plan, of what could not be decided before.
    pub agreed_at: Option<DateTime<Utc>>,
    /// Of what can't be decided while its campaign is stopped: that campaign.
    pub campaign_id: Option<String>,
}

/// What can be decided, corrected or signed now: nothing of money before both sides have signed the plan, and no request while
/// a side has the campaign stopped, nor a returned claim filed again; what was claimed and more time to claim are decided all
/// the same. What both sides are to sign is there once for each that has not; a stop, for the side that
/// stopped until it has signed, then for the other.
macro_rules! open_now {
    ($which:literal) => {
        concat!(
            "SELECT kind, id, partner_id, side, began_at, agreed_at, campaign_id FROM (
               SELECT 1 AS place, 'plan' AS kind, p.id, p.partner_id, s.side, p.proposed_at AS began_at,
                 CAST(0 AS BIGINT) AS agreed_at, '' AS campaign_id
               FROM plan p JOIN (SELECT 'vendor' AS side UNION ALL SELECT 'partner' AS side) s ON NOT EXISTS (
                 SELECT 1 FROM plan_signature g WHERE g.plan_id = p.id AND g.rev = p.rev AND g.side = s.side)
               WHERE p.state = 'proposed' AND p.proposed_at IS NOT NULL
               UNION ALL
               SELECT 1, 'adjustment', a.id, a.partner_id, s.side, a.filed_at, CAST(0 AS BIGINT), ''
               FROM adjustment a JOIN plan p ON p.id = a.plan_id
                 JOIN (SELECT 'vendor' AS side UNION ALL SELECT 'partner' AS side) s ON NOT EXISTS (
                   SELECT 1 FROM adjustment_signature g WHERE g.adjustment_id = a.id AND g.rev = a.rev AND g.side = s.side)
               WHERE a.state = 'proposed' AND p.state IN ('agreed', 'active', 'closing')
               UNION ALL
               SELECT 1, 'stop', c.id, c.partner_id,
                 CASE WHEN c.stopped_signed_at IS NULL THEN c.stopped_side WHEN c.stopped_side = 'vendor' THEN 'partner' ELSE 'vendor' END,
                 COALESCE(c.stopped_signed_at, c.stopped_at), CAST(0 AS BIGINT), ''
               FROM campaign c JOIN plan p ON p.id = c.plan_id
               WHERE c.stopped_at IS NOT NULL AND c.state <> 'cancelled' AND p.state IN ('agreed', 'active', 'closing')
               UNION ALL
               SELECT 2, 'request', r.id, r.partner_id, '', CAST(0 AS BIGINT), p.agreed_at, c.id
               FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
               WHERE p.agreed_at IS NOT NULL AND c.stopped_at IS NULL AND (r.state IN ('submitted', 'in_review', 'returned')
                 OR (r.state = 'approved' AND r.amend_at IS NOT NULL))
               UNION ALL
               SELECT 3, 'claim', f.id, f.partner_id, '', CAST(0 AS BIGINT), p.agreed_at,
                 CASE WHEN f.state = 'returned' THEN c.id ELSE '' END
               FROM claim f JOIN mdf_request r ON r.id = f.request_id JOIN campaign c ON c.id = r.campaign_id
                 JOIN plan p ON p.id = c.plan_id
               WHERE p.agreed_at IS NOT NULL AND (f.state IN ('submitted', 'in_review')
                 OR (f.state = 'returned' AND c.stopped_at IS NULL))
               UNION ALL
               SELECT 4, 'extension', e.id, e.partner_id, 'vendor', e.asked_at, p.agreed_at, ''
               FROM claim_extension e JOIN mdf_request r ON r.id = e.request_id JOIN campaign c ON c.id = r.campaign_id
                 JOIN plan p ON p.id = c.plan_id
               WHERE p.agreed_at IS NOT NULL AND e.state = 'waiting'
             ) open WHERE partner_id IN (SELECT id FROM partner WHERE program_id = $1 AND archived_at IS NULL)",
            $which,
            " ORDER BY place, began_at, id, side"
        )
    };
}

/// All that waits in a program.
///
/// # Errors
/// A fault of the database.
pub async fn open(read: &mut Read, program_id: &str) -> Result<Vec<Open>, Fault> {
    read.all(open_now!(""), args![program_id]).await?.iter().map(waits).collect()
}

/// What of one thing waits, in its program.
///
/// # Errors
/// A fault of the database.
pub async fn open_by_id(read: &mut Read, program_id: &str, id: &str) -> Result<Vec<Open>, Fault> {
    read.all(open_now!(" AND id = $2"), args![program_id, id]).await?.iter().map(waits).collect()
}

fn waits(row: &Row) -> Result<Open, Fault> {
    let agreed_at = row.int("agreed_at")?;
    Ok(Open {
        kind: row.parsed("kind", Kind::parse)?,
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        side: Some(row.text("side")?).filter(|side| !side.is_empty()).and_then(|side| Side::parse(&side)),
        began_at: row.instant("began_at")?,
        agreed_at: (agreed_at != 0).then(|| crate::clock::instant(agreed_at)),
        campaign_id: Some(row.text("campaign_id")?).filter(|id| !id.is_empty()),
    })
}

/// An approved request with what the clock has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimable {
    pub request_id: String,
    pub partner_id: String,
    /// The last day of its campaign.
    pub ends_on: NaiveDate,
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
            "SELECT r.id, r.partner_id, c.ends_on, p.time_zone, r.claim_due,
               COALESCE(r.decided_at, r.filed_at) AS approved_at, r.approved_minor - r.claimed_minor AS left_minor,
               (SELECT COUNT(*) FROM claim f WHERE f.request_id = r.id
                 AND f.state IN ('submitted', 'in_review', 'approved', 'paid')) AS filed,
               (SELECT COUNT(*) FROM claim f WHERE f.request_id = r.id AND (f.state IN ('submitted', 'in_review')
                   OR (f.state = 'returned' AND f.resubmit_by > r.claim_due)))
                 + (SELECT COUNT(*) FROM claim_extension e WHERE e.request_id = r.id AND e.state = 'waiting') AS kept,
               (SELECT MAX(s.due_at) FROM cron_slot s WHERE s.job = 'claim_notice:' || r.id) AS noticed_at
             FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
             WHERE r.state = 'approved' AND r.claim_due IS NOT NULL AND c.state <> 'postponed'
               AND (c.stopped_at IS NULL OR c.state IN ('closed', 'cancelled'))",
            $which
        )
    };
}

/// The job of what the clock says of a request to be claimed, or of a returned claim, by the name of its slots.
pub fn claim_notice_job(id: &str) -> String {
    format!("claim_notice:{id}")
}

/// The approved requests of all programs, but for campaigns that are postponed without a date, or stopped: there no day is
/// counted.
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

/// One of them, as it is now; `None` if it is approved no more, or its campaign is postponed or stopped.
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
               AND r.state = 'approved' AND c.state <> 'postponed'
               AND (c.stopped_at IS NULL OR c.state IN ('closed', 'cancelled'))",
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

/// When the clock gave the warning of an instant of a request to be claimed, or of a returned claim; `None` if it never did.
///
/// # Errors
/// A fault of the database.
pub async fn warned_at(
    read: &mut Read,
    item: &str,
    due_at: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    // Of the slots of an item some are reminders: the trail says which were warnings.
    let sql =
        "SELECT at, detail FROM audit WHERE item = $1 AND code IN ('release_warned', 'claim_expiry_warned')";
    let mut warned = None;
    for row in read.all(sql, args![item]).await? {
        let detail: serde_json::Value = serde_json::from_str(&row.text("detail")?).unwrap_or_default();
        if detail["due_at"] == due_at.timestamp_millis() {
            warned = warned.max(Some(row.instant("at")?));
        }
    }
    Ok(warned)
}

/// The last days to claim of what is not filed yet and is not being given more time, each with the zone of its plan.
///
/// # Errors
/// A fault of the database.
pub async fn unfiled_claims_due(read: &mut Read) -> Result<Vec<(NaiveDate, Tz)>, Fault> {
    let sql =
        "SELECT DISTINCT r.claim_due, f.resubmit_by, p.time_zone FROM claim f JOIN mdf_request r ON r.id = f.request_id
                 JOIN campaign c ON c.id = r.campaign_id JOIN plan p ON p.id = c.plan_id
               WHERE f.state IN ('draft', 'returned') AND r.claim_due IS NOT NULL AND c.state <> 'postponed'
                 AND (c.stopped_at IS NULL OR c.state IN ('closed', 'cancelled')) AND NOT EXISTS (
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
