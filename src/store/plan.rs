//! Plans, their signatures and their signed revisions.

use super::program::{money, period};
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::cadence::Cadence;
use crate::domain::money::Currency;
use crate::domain::plan::rate::Rate;
use crate::domain::plan::{Attribution, BySide, Jbp, Plan, PlanState, Signature};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};

macro_rules! columns {
    () => {
        "id, partner_id, number, name, starts_on, ends_on, currency, time_zone, attribution, cadence, sign_by, jbp_revenue,
         marketing_share, win_rate, routing_hours, hours_vendor, hours_partner, terms_before, state, returned_reason, rev, revision, created_at, created_by, proposed_at, agreed_at"
    };
}

macro_rules! signature_columns {
    () => {
        "side, person, content_sha256, signed_at, stands_for"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, plan: &Plan) -> Result<(), Fault> {
    tx.exec_one(
        "insert plan",
        "INSERT INTO plan (id, partner_id, number, name, starts_on, ends_on, currency, time_zone, attribution, cadence, sign_by,
           jbp_revenue, marketing_share, win_rate, routing_hours, hours_vendor, hours_partner, state, rev, revision, created_at,
           created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        args![
            &plan.id,
            &plan.partner_id,
            plan.number,
            &plan.name,
            plan.period.start(),
            plan.period.end(),
            plan.currency.code(),
            plan.zone.name(),
            plan.attribution.code(),
            plan.cadence.code(),
            plan.sign_by,
            plan.jbp.map(|jbp| jbp.revenue.minor()),
            plan.jbp.map(|jbp| jbp.marketing_share.to_string()),
            plan.jbp.map(|jbp| jbp.win_rate.to_string()),
            plan.routing_hours,
            plan.hours.vendor,
            plan.hours.partner,
            plan.state.code(),
            plan.rev,
            plan.revision,
            plan.created_at,
            &plan.created_by,
        ],
    )
    .await
}

/// Saves what an edit of a draft, or an adjustment of what is signed, changes. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save_terms(tx: &mut Tx, plan: &Plan) -> Result<(), Fault> {
    tx.exec_one(
        "save plan terms",
        "UPDATE plan SET name = $2, starts_on = $3, ends_on = $4, time_zone = $5, attribution = $6, cadence = $7, sign_by = $8,
           jbp_revenue = $9, marketing_share = $10, win_rate = $11, routing_hours = $12, hours_vendor = $13, hours_partner = $14,
           terms_before = $15, currency = $16
         WHERE id = $1",
        args![
            &plan.id,
            &plan.name,
            plan.period.start(),
            plan.period.end(),
            plan.zone.name(),
            plan.attribution.code(),
            plan.cadence.code(),
            plan.sign_by,
            plan.jbp.map(|jbp| jbp.revenue.minor()),
            plan.jbp.map(|jbp| jbp.marketing_share.to_string()),
            plan.jbp.map(|jbp| jbp.win_rate.to_string()),
            plan.routing_hours,
            plan.hours.vendor,
            plan.hours.partner,
            serde_json::to_string(&plan.before)?,
            plan.currency.code(),
        ],
    )
    .await
}

/// Saves what transitions change. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, plan: &Plan) -> Result<(), Fault> {
    tx.exec_one(
        "save plan",
        "UPDATE plan SET state = $2, returned_reason = $3, rev = $4, revision = $5, proposed_at = $6, agreed_at = $7 WHERE id = $1",
        args![
            &plan.id,
            plan.state.code(),
            &plan.returned_reason,
            plan.rev,
            plan.revision,
            plan.proposed_at,
            plan.agreed_at,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Plan>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM plan WHERE partner_id = $1 AND number = $2");
    read.opt(sql, args![partner_id, number]).await?.map(|row| plan(&row)).transpose()
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Option<Plan>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM plan WHERE id = $1");
    read.opt(sql, args![id]).await?.map(|row| plan(&row)).transpose()
}

/// A partner's plans, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<Plan>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM plan WHERE partner_id = $1 ORDER BY number DESC");
    read.all(sql, args![partner_id]).await?.iter().map(plan).collect()
}

/// The plans that the clock may still move or review.
///
/// # Errors
/// A fault of the database.
pub async fn running(read: &mut Read) -> Result<Vec<Plan>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM plan WHERE state IN ('proposed', 'agreed', 'active', 'closing')
          AND partner_id IN (SELECT o.id FROM partner o JOIN program g ON g.id = o.program_id
            WHERE o.archived_at IS NULL AND g.archived_at IS NULL) ORDER BY id"
    );
    read.all(sql, args![]).await?.iter().map(plan).collect()
}

fn plan(row: &Row) -> Result<Plan, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    let jbp = match row.int_opt("jbp_revenue")? {
        Some(minor) => Some(Jbp {
            revenue: money(minor, currency)?,
            marketing_share: row.parsed("marketing_share", |text| text.parse().ok())?,
            win_rate: row.parsed("win_rate", |text| text.parse().ok())?,
        }),
        None => None,
    };
    Ok(Plan {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        number: row.int("number")?,
        name: row.text("name")?,
        period: period(row)?,
        currency,
        zone: row.parsed("time_zone", |name| name.parse().ok())?,
        attribution: row.parsed("attribution", Attribution::parse)?,
        cadence: row.parsed("cadence", |text| Cadence::parse(text).ok())?,
        sign_by: row.day("sign_by")?,
        jbp,
        routing_hours: row.int_opt("routing_hours")?,
        hours: BySide { vendor: row.int_opt("hours_vendor")?, partner: row.int_opt("hours_partner")? },
        before: serde_json::from_str(&row.text("terms_before")?)?,
        state: row.parsed("state", PlanState::parse)?,
        returned_reason: row.text_opt("returned_reason")?,
        rev: row.int("rev")?,
        revision: row.int("revision")?,
        created_at: row.instant("created_at")?,
        created_by: row.text("created_by")?,
        proposed_at: row.int_opt("proposed_at")?.map(crate::clock::instant),
        agreed_at: row.int_opt("agreed_at")?.map(crate::clock::instant),
    })
}

/// The signatures given on one rev of a plan.
///
/// # Errors
/// A fault of the database.
pub async fn signatures(read: &mut Read, plan_id: &str, rev: i64) -> Result<Vec<Signature>, Fault> {
    let sql = concat!(
        "SELECT ",
        signature_columns!(),
        " FROM plan_signature WHERE plan_id = $1 AND rev = $2 ORDER BY signed_at"
    );
    read.all(sql, args![plan_id, rev]).await?.iter().map(signature).collect()
}

/// # Errors
/// A fault of the database, a second signature of one side included.
pub async fn add_signature(tx: &mut Tx, plan_id: &str, rev: i64, signature: &Signature) -> Result<(), Fault> {
    tx.exec_one(
        "add signature",
        "INSERT INTO plan_signature (plan_id, rev, side, person, content_sha256, signed_at, stands_for)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            plan_id,
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

/// Freezes what both signed as a revision.
///
/// # Errors
/// A fault of the database.
pub async fn add_revision(tx: &mut Tx, plan: &Plan, snapshot: &str, sha256: &str) -> Result<(), Fault> {
    let agreed_at =
        plan.agreed_at.ok_or(Fault::Other("a revision needs the instant of its agreement".into()))?;
    add_revision_at(tx, plan, agreed_at, snapshot, sha256).await
}

/// The same for a revision that both agreed to at `agreed_at`, after the first.
///
/// # Errors
/// A fault of the database.
pub async fn add_revision_at(
    tx: &mut Tx,
    plan: &Plan,
    agreed_at: DateTime<Utc>,
    snapshot: &str,
    sha256: &str,
) -> Result<(), Fault> {
    tx.exec_one(
        "add revision",
        "INSERT INTO plan_revision (plan_id, revision, snapshot, sha256, effective_on, agreed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&plan.id, plan.revision, snapshot, sha256, plan.local_day(agreed_at), agreed_at],
    )
    .await?;
    // Leads that came before the signatures have waited for this.
    super::crm::match_again(tx, &plan.partner_id).await
}

/// What both signed as a revision: canonical JSON.
///
/// # Errors
/// A fault of the database.
pub async fn snapshot(read: &mut Read, plan_id: &str, revision: i64) -> Result<Option<String>, Fault> {
    let sql = "SELECT snapshot FROM plan_revision WHERE plan_id = $1 AND revision = $2";
    read.opt(sql, args![plan_id, revision]).await?.map(|row| row.text("snapshot")).transpose()
}

/// The hash of a plan's newest signed revision.
///
/// # Errors
/// A fault of the database.
pub async fn revision_sha256(read: &mut Read, plan_id: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT sha256 FROM plan_revision WHERE plan_id = $1 ORDER BY revision DESC LIMIT 1";
    read.opt(sql, args![plan_id]).await?.map(|row| row.text("sha256")).transpose()
}

/// The rates of a plan, by currency.
///
/// # Errors
/// A fault of the database.
pub async fn rates(read: &mut Read, plan_id: &str) -> Result<Vec<Rate>, Fault> {
    let sql = "SELECT currency, rate, entered_on FROM plan_rate WHERE plan_id = $1 ORDER BY currency";
    let rows = read.all(sql, args![plan_id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Rate {
                currency: row.parsed("currency", |code| Currency::parse(code).ok())?,
                rate: row.parsed("rate", |text| text.parse().ok())?,
                entered_on: row.day("entered_on")?,
            })
        })
        .collect()
}

/// Enters a rate of a plan, or replaces the one of its currency.
///
/// # Errors
/// A fault of the database.
pub async fn save_rate(tx: &mut Tx, plan_id: &str, rate: &Rate) -> Result<(), Fault> {
    tx.exec_one(
        "save rate",
        "INSERT INTO plan_rate (plan_id, currency, rate, entered_on) VALUES ($1, $2, $3, $4)
         ON CONFLICT (plan_id, currency) DO UPDATE SET rate = excluded.rate, entered_on = excluded.entered_on",
        args![plan_id, rate.currency.code(), rate.rate.to_string(), rate.entered_on],
    )
    .await
}

/// Takes the rate of a currency out; false if there was none.
///
/// # Errors
/// A fault of the database.
pub async fn delete_rate(tx: &mut Tx, plan_id: &str, currency: Currency) -> Result<bool, Fault> {
    let sql = "DELETE FROM plan_rate WHERE plan_id = $1 AND currency = $2";
    Ok(tx.exec(sql, args![plan_id, currency.code()]).await? == 1)
}

/// A signed revision as it was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub revision: i64,
    /// Canonical JSON: what both signed, byte by byte.
    pub snapshot: String,
    pub sha256: String,
    pub effective_on: NaiveDate,
}

/// A signed revision of a plan; without a number, the newest.
///
/// # Errors
/// A fault of the database.
pub async fn revision(
    read: &mut Read,
    plan_id: &str,
    number: Option<i64>,
) -> Result<Option<Revision>, Fault> {
    let sql = "SELECT revision, snapshot, sha256, effective_on FROM plan_revision
               WHERE plan_id = $1 AND ($2 = 0 OR revision = $2) ORDER BY revision DESC LIMIT 1";
    let row = read.opt(sql, args![plan_id, number.unwrap_or(0)]).await?;
    row.map(|row| {
        Ok(Revision {
            revision: row.int("revision")?,
            snapshot: row.text("snapshot")?,
            sha256: row.text("sha256")?,
            effective_on: row.day("effective_on")?,
        })
    })
    .transpose()
}

/// The signatures under a content of a plan, whatever its rev was.
///
/// # Errors
/// A fault of the database.
pub async fn signatures_under(read: &mut Read, plan_id: &str, sha256: &str) -> Result<Vec<Signature>, Fault> {
    let sql = concat!(
        "SELECT ",
        signature_columns!(),
        " FROM plan_signature WHERE plan_id = $1 AND content_sha256 = $2
           AND rev = (SELECT MAX(rev) FROM plan_signature WHERE plan_id = $1 AND content_sha256 = $2) ORDER BY signed_at"
    );
    read.all(sql, args![plan_id, sha256]).await?.iter().map(signature).collect()
}

pub(super) fn signature(row: &Row) -> Result<Signature, Fault> {
    Ok(Signature {
        side: row.parsed("side", Side::parse)?,
        person: row.text("person")?,
        content_sha256: row.text("content_sha256")?,
        signed_at: row.instant("signed_at")?,
        stands_for: row.text_opt("stands_for")?,
    })
}
