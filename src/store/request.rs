//! MDF requests and the decisions on them.

use super::program::money;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::money::Currency;
use crate::domain::request::{MdfRequest, RequestState};
use crate::fault::Fault;
use chrono::{DateTime, Utc};

macro_rules! columns {
    () => {
        "id, partner_id, campaign_id, fund_id, number, currency, cost_minor, amount_minor, approved_minor, purpose, expected_leads,
         expected_pipeline, state, reason, rev, filed_by, on_behalf_of, filed_at, decided_at"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, request: &MdfRequest) -> Result<(), Fault> {
    tx.exec_one(
        "insert request",
        "INSERT INTO mdf_request (id, partner_id, campaign_id, fund_id, number, currency, cost_minor, amount_minor, purpose,
           expected_leads, expected_pipeline, state, rev, filed_by, on_behalf_of, filed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        args![
            &request.id,
            &request.partner_id,
            &request.campaign_id,
            &request.fund_id,
            request.number,
            request.amount.currency().code(),
            request.cost.minor(),
            request.amount.minor(),
            &request.purpose,
            request.expected_leads,
            request.expected_pipeline.map(|money| money.minor()),
            request.state.code(),
            request.rev,
            &request.filed_by,
            &request.on_behalf_of,
            request.filed_at,
        ],
    )
    .await
}

/// Saves what filing again and deciding change. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, request: &MdfRequest) -> Result<(), Fault> {
    tx.exec_one(
        "save request",
        "UPDATE mdf_request SET cost_minor = $2, amount_minor = $3, approved_minor = $4, purpose = $5, expected_leads = $6,
           expected_pipeline = $7, state = $8, reason = $9, rev = $10, filed_by = $11, on_behalf_of = $12, filed_at = $13, decided_at = $14
         WHERE id = $1",
        args![
            &request.id,
            request.cost.minor(),
            request.amount.minor(),
            request.approved.map(|money| money.minor()),
            &request.purpose,
            request.expected_leads,
            request.expected_pipeline.map(|money| money.minor()),
            request.state.code(),
            &request.reason,
            request.rev,
            &request.filed_by,
            &request.on_behalf_of,
            request.filed_at,
            request.decided_at,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Option<MdfRequest>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM mdf_request WHERE id = $1");
    read.opt(sql, args![id]).await?.map(|row| request(&row)).transpose()
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<MdfRequest>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM mdf_request WHERE partner_id = $1 AND number = $2");
    read.opt(sql, args![partner_id, number]).await?.map(|row| request(&row)).transpose()
}

/// The requests of a partner, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<MdfRequest>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM mdf_request WHERE partner_id = $1 ORDER BY number DESC LIMIT 500"
    );
    read.all(sql, args![partner_id]).await?.iter().map(request).collect()
}

/// The requests of a plan's campaigns, by number.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<MdfRequest>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM mdf_request WHERE campaign_id IN (SELECT id FROM campaign WHERE plan_id = $1) ORDER BY number"
    );
    read.all(sql, args![plan_id]).await?.iter().map(request).collect()
}

/// Everybody who has filed a request: for the first time, or again after it was returned.
///
/// # Errors
/// A fault of the database.
pub async fn filers(read: &mut Read, id: &str) -> Result<Vec<String>, Fault> {
    let sql =
        "SELECT DISTINCT actor FROM audit WHERE item = $1 AND code = 'request_submitted' ORDER BY actor";
    read.all(sql, args![id]).await?.iter().map(|row| row.text("actor")).collect()
}

fn request(row: &Row) -> Result<MdfRequest, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    let optional = |column: &str| -> Result<_, Fault> {
        row.int_opt(column)?.map(|minor| money(minor, currency)).transpose()
    };
    Ok(MdfRequest {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        campaign_id: row.text("campaign_id")?,
        fund_id: row.text("fund_id")?,
        number: row.int("number")?,
        cost: money(row.int("cost_minor")?, currency)?,
        amount: money(row.int("amount_minor")?, currency)?,
        approved: optional("approved_minor")?,
        purpose: row.text("purpose")?,
        expected_leads: row.int_opt("expected_leads")?,
        expected_pipeline: optional("expected_pipeline")?,
        state: row.parsed("state", RequestState::parse)?,
        reason: row.text_opt("reason")?,
        rev: row.int("rev")?,
        filed_by: row.text("filed_by")?,
        on_behalf_of: row.text_opt("on_behalf_of")?,
        filed_at: row.instant("filed_at")?,
        decided_at: row.int_opt("decided_at")?.map(crate::clock::instant),
    })
}

/// A decision as it was taken, on the rev that the decider saw.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    pub id: String,
    pub seen_rev: i64,
    pub request: &'a MdfRequest,
    pub person: &'a str,
    /// Who is away and for whom it was taken.
    pub stands_for: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// # Errors
/// A fault of the database.
pub async fn insert_decision(tx: &mut Tx, decision: &Decision<'_>) -> Result<(), Fault> {
    let request = decision.request;
    tx.exec_one(
        "insert decision",
        "INSERT INTO request_decision (id, request_id, rev, outcome, amount_minor, reason, person, at, stands_for)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            &decision.id,
            &request.id,
            decision.seen_rev,
            request.state.code(),
            request.approved.map(|money| money.minor()),
            &request.reason,
            decision.person,
            decision.at,
            decision.stands_for,
        ],
    )
    .await
}
