//! MDF requests and the decisions on them.

use super::program::money;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::Side;
use crate::domain::campaign::Campaign;
use crate::domain::fund::FundKind;
use crate::domain::money::{Currency, Money};
use crate::domain::request::{Amendment, FirstFiling, MdfRequest, RequestState, Similar};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};

macro_rules! columns {
    () => {
        "id, partner_id, campaign_id, fund_id, number, currency, cost_minor, amount_minor, approved_minor, purpose, expected_leads,
         expected_pipeline, state, reason, rev, filed_by, on_behalf_of, filed_at, decided_at, claimed_minor, share_percent,
         considered_minor, claim_due, quotes, amend_cost_minor, amend_amount_minor, amend_reason, amend_by, amend_at,
         amend_behalf_of, first_filed_at, first_filed_side, warnings,
         (SELECT f.kind FROM fund f WHERE f.id = mdf_request.fund_id) AS fund_kind"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, request: &MdfRequest) -> Result<(), Fault> {
    tx.exec_one(
        "insert request",
        "INSERT INTO mdf_request (id, partner_id, campaign_id, fund_id, number, currency, cost_minor, amount_minor, purpose,
           expected_leads, expected_pipeline, state, rev, filed_by, on_behalf_of, filed_at, share_percent, quotes,
           first_filed_at, first_filed_side, warnings)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
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
            request.share_percent.to_string(),
            &request.quotes,
            request.first_filed.map(|first| first.at),
            request.first_filed.map(|first| first.side.code()),
            serde_json::to_string(&request.warnings)?,
        ],
    )
    .await
}

/// Saves what filing again, deciding and ending change. What is claimed of it is [`claim`]'s to change. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, request: &MdfRequest) -> Result<(), Fault> {
    let minor = |money: Option<Money>| money.map(Money::minor);
    let amendment = request.amendment.as_ref();
    tx.exec_one(
        "save request",
        "UPDATE mdf_request SET cost_minor = $2, amount_minor = $3, approved_minor = $4, purpose = $5, expected_leads = $6,
           expected_pipeline = $7, state = $8, reason = $9, rev = $10, filed_by = $11, on_behalf_of = $12, filed_at = $13,
           decided_at = $14, share_percent = $15, considered_minor = $16, claim_due = $17, quotes = $18, amend_cost_minor = $19,
           amend_amount_minor = $20, amend_reason = $21, amend_by = $22, amend_at = $23, amend_behalf_of = $24,
           first_filed_at = $25, first_filed_side = $26, warnings = $27
         WHERE id = $1",
        args![
            &request.id,
            request.cost.minor(),
            request.amount.minor(),
            minor(request.approved),
            &request.purpose,
            request.expected_leads,
            minor(request.expected_pipeline),
            request.state.code(),
            &request.reason,
            request.rev,
            &request.filed_by,
            &request.on_behalf_of,
            request.filed_at,
            request.decided_at,
            request.share_percent.to_string(),
            minor(request.considered),
            request.claim_due.map(|day| day.to_string()),
            &request.quotes,
            amendment.map(|amendment| amendment.cost.minor()),
            amendment.map(|amendment| amendment.amount.minor()),
            amendment.map(|amendment| amendment.reason.clone()),
            amendment.map(|amendment| amendment.filed_by.clone()),
            amendment.map(|amendment| amendment.filed_at),
            amendment.and_then(|amendment| amendment.on_behalf_of.clone()),
            request.first_filed.map(|first| first.at),
            request.first_filed.map(|first| first.side.code()),
            serde_json::to_string(&request.warnings)?,
        ],
    )
    .await
}

/// Adds an approved claim to what is claimed of a request, or takes the unpaid rest of a reversed one off (`by` is then
/// negative). Says whether that was possible: approved claims never add up to more than was approved.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &mut Tx, id: &str, by: i64) -> Result<bool, Fault> {
    let sql = "UPDATE mdf_request SET claimed_minor = claimed_minor + $2
               WHERE id = $1 AND claimed_minor + $2 BETWEEN 0 AND approved_minor";
    Ok(tx.exec(sql, args![id, by]).await? == 1)
}

/// The approved requests of a partner that hold money: their short names, with what they hold.
///
/// # Errors
/// A fault of the database.
pub async fn held_of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<(String, Money)>, Fault> {
    let sql = "SELECT number, currency, approved_minor - claimed_minor AS left_minor FROM mdf_request
               WHERE partner_id = $1 AND state = 'approved' AND approved_minor > claimed_minor ORDER BY number";
    let held = |row: &Row| {
        let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
        Ok((format!("MDF-{}", row.int("number")?), money(row.int("left_minor")?, currency)?))
    };
    read.all(sql, args![partner_id]).await?.iter().map(held).collect()
}

/// The requests whose last day to claim is before `today`, and which hold money still: ids, the oldest day first. Not those
/// of campaigns that are postponed without a date, or stopped.
///
/// # Errors
/// A fault of the database.
pub async fn run_out(read: &mut Read, today: NaiveDate) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT r.id, r.partner_id FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id
               WHERE r.state = 'approved' AND r.claim_due < $1 AND c.state <> 'postponed'
                 AND (c.stopped_at IS NULL OR c.state IN ('closed', 'cancelled')) ORDER BY r.claim_due, r.id";
    let rows = read.all(sql, args![today]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("partner_id")?))).collect()
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

/// The requests of a campaign, by number.
///
/// # Errors
/// A fault of the database.
pub async fn of_campaign(read: &mut Read, campaign_id: &str) -> Result<Vec<MdfRequest>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM mdf_request WHERE campaign_id = $1 ORDER BY number");
    read.all(sql, args![campaign_id]).await?.iter().map(request).collect()
}

/// The requests that one for this campaign could be a second of, other than the one of this id: those that somebody is
/// to decide, has approved or has declined, for the same campaign, or for one of the same type at the same time. The
/// newest first, at most `most`.
///
/// # Errors
/// A fault of the database.
pub async fn similar(
    read: &mut Read,
    campaign: &Campaign,
    except: Option<&str>,
    most: usize,
) -> Result<Vec<Similar>, Fault> {
    let sql = "SELECT r.number, r.currency, r.amount_minor, r.state, c.number AS campaign_number
               FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id
               WHERE r.partner_id = $1 AND r.id <> $2
                 AND r.state IN ('submitted', 'in_review', 'approved', 'closed', 'returned', 'declined')
                 AND (c.id = $3 OR (c.kind = $4 AND c.starts_on <= $6 AND c.ends_on >= $5))
               ORDER BY r.number DESC LIMIT $7";
    let (from, to) = (campaign.period.start(), campaign.period.end());
    let given = args![
        &campaign.partner_id,
        except.unwrap_or_default(),
        &campaign.id,
        campaign.kind.code(),
        from,
        to,
        i64::try_from(most).unwrap_or(i64::MAX)
    ];
    let one = |row: &Row| -> Result<Similar, Fault> {
        let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
        Ok(Similar {
            name: format!("MDF-{}", row.int("number")?),
            campaign: format!("CMP-{}", row.int("campaign_number")?),
            amount: money(row.int("amount_minor")?, currency)?,
            state: row.parsed("state", RequestState::parse)?,
        })
    };
    read.all(sql, given).await?.iter().map(one).collect()
}

/// When the last day to claim of a request was last moved, by more time or along with its campaign; `None` if it is the one
/// that it was approved with.
///
/// # Errors
/// A fault of the database.
pub async fn day_moved_at(read: &mut Read, id: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    let sql = "SELECT MAX(at) AS at FROM (
                 SELECT decided_at AS at FROM claim_extension WHERE request_id = $1 AND state = 'approved'
                 UNION ALL SELECT at FROM audit WHERE item = $1 AND code = 'request_claim_day_moved') moved";
    Ok(read.one(sql, args![id]).await?.int_opt("at")?.map(crate::clock::instant))
}

/// Everybody who has filed a request: as a draft, for the first time, again after it was returned, or with other figures
/// once it was approved, whatever became of them.
///
/// # Errors
/// A fault of the database.
pub async fn filers(read: &mut Read, id: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT DISTINCT actor FROM audit WHERE item = $1
                 AND code IN ('request_drafted', 'request_submitted', 'request_amended')
               ORDER BY actor";
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
        fund_kind: row.parsed("fund_kind", FundKind::parse)?,
        number: row.int("number")?,
        cost: money(row.int("cost_minor")?, currency)?,
        amount: money(row.int("amount_minor")?, currency)?,
        share_percent: row.parsed("share_percent", |text| text.parse().ok())?,
        considered: optional("considered_minor")?,
        approved: optional("approved_minor")?,
        claimed: money(row.int("claimed_minor")?, currency)?,
        claim_due: row.day_opt("claim_due")?,
        amendment: amendment(row, currency)?,
        quotes: row.text_opt("quotes")?,
        purpose: row.text("purpose")?,
        expected_leads: row.int_opt("expected_leads")?,
        expected_pipeline: optional("expected_pipeline")?,
        state: row.parsed("state", RequestState::parse)?,
        reason: row.text_opt("reason")?,
        rev: row.int("rev")?,
        filed_by: row.text("filed_by")?,
        on_behalf_of: row.text_opt("on_behalf_of")?,
        filed_at: row.instant("filed_at")?,
        first_filed: first_filed(row)?,
        decided_at: row.int_opt("decided_at")?.map(crate::clock::instant),
        warnings: serde_json::from_str(&row.text("warnings")?)?,
    })
}

fn first_filed(row: &Row) -> Result<Option<FirstFiling>, Fault> {
    let Some(at) = row.int_opt("first_filed_at")? else { return Ok(None) };
    Ok(Some(FirstFiling {
        at: crate::clock::instant(at),
        side: row.parsed("first_filed_side", Side::parse)?,
    }))
}

fn amendment(row: &Row, currency: Currency) -> Result<Option<Amendment>, Fault> {
    let (Some(cost), Some(amount)) = (row.int_opt("amend_cost_minor")?, row.int_opt("amend_amount_minor")?)
    else {
        return Ok(None);
    };
    Ok(Some(Amendment {
        cost: money(cost, currency)?,
        amount: money(amount, currency)?,
        reason: row.text("amend_reason")?,
        filed_by: row.text("amend_by")?,
        on_behalf_of: row.text_opt("amend_behalf_of")?,
        filed_at: row.instant("amend_at")?,
    }))
}
