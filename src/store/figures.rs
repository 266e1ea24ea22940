//! What a report reads, to a fixed instant: signed revisions, facts of the CRM, balances, what waited for a decision.
//! Nothing here writes. Every query takes the instant, so that what is recorded later changes no earlier figure.

use super::fact::Measure;
use super::program::money;
use super::{Read, Row, ledger};
use crate::args;
use crate::domain::fund::{Account, Balances, Fund};
use crate::domain::money::{Currency, MAX_MINOR, Money};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A signed revision of a plan.
#[derive(Clone, Debug)]
pub struct SignedRevision {
    pub revision: i64,
    /// Canonical JSON of what both signed.
    pub snapshot: String,
    /// The plan's local day from which it is in force.
    pub effective_on: NaiveDate,
}

/// The revisions of a plan that both had signed by an instant, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn revisions(
    read: &mut Read,
    plan_id: &str,
    agreed_until: DateTime<Utc>,
) -> Result<Vec<SignedRevision>, Fault> {
    let sql = "SELECT revision, snapshot, effective_on FROM plan_revision WHERE plan_id = $1 AND agreed_at <= $2 ORDER BY revision";
    read.all(sql, args![plan_id, agreed_until])
        .await?
        .iter()
        .map(|row| {
            Ok(SignedRevision {
                revision: row.int("revision")?,
                snapshot: row.text("snapshot")?,
                effective_on: row.day("effective_on")?,
            })
        })
        .collect()
}

/// The facts of one campaign, day, measure and currency, added up.
#[derive(Clone, Debug)]
pub struct FactSum {
    pub campaign_id: String,
    pub occurred_on: NaiveDate,
    pub measure: Measure,
    /// `None` for a count.
    pub currency: Option<Currency>,
    /// A count, or minor units; corrections are in it.
    pub amount: i64,
}

/// The CRM's facts of a plan's campaigns that occurred up to a day and were recorded up to an instant.
///
/// # Errors
/// A fault of the database.
pub async fn facts(
    read: &mut Read,
    plan_id: &str,
    until: NaiveDate,
    recorded_until: DateTime<Utc>,
) -> Result<Vec<FactSum>, Fault> {
    let sql = "SELECT campaign_id, occurred_on, measure, currency, CAST(SUM(delta) AS BIGINT) AS amount FROM fact
               WHERE campaign_id IN (SELECT id FROM campaign WHERE plan_id = $1) AND occurred_on <= $2 AND recorded_at <= $3
               GROUP BY campaign_id, occurred_on, measure, currency
               ORDER BY campaign_id, occurred_on, measure, currency";
    read.all(sql, args![plan_id, until, recorded_until])
        .await?
        .iter()
        .map(|row| {
            let currency = match row.text_opt("currency")? {
                Some(code) => {
                    Some(Currency::parse(&code).map_err(|error| Fault::Corrupt(error.to_string()))?)
                }
                None => None,
            };
            Ok(FactSum {
                campaign_id: row.text("campaign_id")?,
                occurred_on: row.day("occurred_on")?,
                measure: row.parsed("measure", Measure::parse)?,
                currency,
                amount: row.int("amount")?,
            })
        })
        .collect()
}

/// The funds that a partner could draw on at an instant, by key: its own allocations and the program's pools, once
/// there was money in them.
///
/// # Errors
/// A fault of the database.
pub async fn funds_of_partner(
    read: &mut Read,
    program_id: &str,
    partner_id: &str,
    at: DateTime<Utc>,
) -> Result<Vec<Fund>, Fault> {
    let sql = "SELECT id FROM fund WHERE program_id = $1 AND (partner_id IS NULL OR partner_id = $2)
               AND (archived_at IS NULL OR archived_at > $3)
               AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.fund_id = fund.id AND t.at <= $3) ORDER BY key";
    let rows = read.all(sql, args![program_id, partner_id, at]).await?;
    let mut funds = Vec::with_capacity(rows.len());
    for row in rows {
        funds.push(ledger::fund_by_id(read, &row.text("id")?).await?);
    }
    Ok(funds)
}

/// What a fund held at an instant, by its entries; pending requests of all who may draw on it beside it.
///
/// # Errors
/// A fault of the database.
pub async fn balances_at(read: &mut Read, fund: &Fund, at: DateTime<Utc>) -> Result<Balances, Fault> {
    let zero = Money::zero(fund.currency);
    let mut balances = Balances {
        available: zero,
        committed: zero,
        payable: zero,
        paid: zero,
        forfeited: zero,
        pending: pending_at(read, fund, None, at).await?,
    };
    let sql = "SELECT e.account, CAST(SUM(e.amount) AS BIGINT) AS amount FROM ledger_entry e
               JOIN ledger_transfer t ON t.id = e.transfer_id
               WHERE e.fund_id = $1 AND t.at <= $2 AND e.account <> 'granted' GROUP BY e.account";
    for row in read.all(sql, args![&fund.id, at]).await? {
        let amount = money(row.int("amount")?, fund.currency)?;
        match row.parsed("account", Account::parse)? {
            Account::Available => balances.available = amount,
            Account::Committed => balances.committed = amount,
            Account::Payable => balances.payable = amount,
            Account::Paid => balances.paid = amount,
            Account::Forfeited => balances.forfeited = amount,
            Account::Granted => {}
        }
    }
    Ok(balances)
}

/// What a fund had committed to one partner's requests at an instant.
///
/// # Errors
/// A fault of the database.
pub async fn committed_at(
    read: &mut Read,
    fund: &Fund,
    partner_id: &str,
    at: DateTime<Utc>,
) -> Result<Money, Fault> {
    let sql = "SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS amount FROM ledger_entry e
               JOIN ledger_transfer t ON t.id = e.transfer_id
               WHERE e.fund_id = $1 AND e.account = 'committed' AND t.at <= $2
                 AND t.request_id IN (SELECT id FROM mdf_request WHERE partner_id = $3)";
    money(read.one(sql, args![&fund.id, at, partner_id]).await?.int("amount")?, fund.currency)
}

/// What waited for a decision at an instant and asked of a fund; of one partner, or of all: of a new request the whole, of an
/// amendment what it adds. What the first of several approvers makes of it is theirs until it is decided.
///
/// A request that was filed again, amended or decided since no longer says what it asked for then: that is read from the
/// audit trail and from the decisions.
///
/// # Errors
/// A fault of the database.
pub async fn pending_at(
    read: &mut Read,
    fund: &Fund,
    partner_id: Option<&str>,
    at: DateTime<Utc>,
) -> Result<Money, Fault> {
    let sql = "SELECT r.id, a.detail,
                 (SELECT MAX(d.rev) FROM request_decision d
                  WHERE d.request_id = r.id AND d.outcome <> 'step' AND d.at <= $3) AS decided_rev,
                 (SELECT d.amount_minor FROM request_decision d
                  WHERE d.request_id = r.id AND d.outcome <> 'step' AND d.at <= $3
                  ORDER BY d.rev DESC, d.id DESC LIMIT 1) AS approved_minor
               FROM mdf_request r
               JOIN audit a ON a.item = r.id AND a.code IN ('request_submitted', 'request_amended') AND a.at <= $3
               WHERE r.fund_id = $1 AND ($2 = '' OR r.partner_id = $2)
                 AND NOT EXISTS (SELECT 1 FROM request_decision d
                                 WHERE d.request_id = r.id AND d.outcome <> 'step' AND d.at > a.at AND d.at <= $3)
               ORDER BY a.id";
    let rows = read.all(sql, args![&fund.id, partner_id.unwrap_or_default(), at]).await?;
    let mut waiting = BTreeMap::new();
    for row in rows {
        if let Some(minor) = waited(&row, fund)? {
            waiting.insert(row.text("id")?, minor);
        }
    }
    let total = waiting.values().fold(0_i64, |sum, minor| sum.saturating_add(*minor));
    money(total.min(MAX_MINOR), fund.currency)
}

/// What the trail says of a filing.
#[derive(Deserialize)]
struct Filing {
    rev: i64,
    /// The rev that an amendment was filed on; a request that is filed has none.
    was: Option<i64>,
    amount: Decimal,
}

/// What a filing asked for, in minor units, if nothing was decided on it.
fn waited(row: &Row, fund: &Fund) -> Result<Option<i64>, Fault> {
    let filing: Filing = serde_json::from_str(&row.text("detail")?)?;
    if row.int_opt("decided_rev")?.is_some_and(|decided| decided >= filing.rev) {
        return Ok(None);
    }
    let amount = Money::rounded(filing.amount, fund.currency)?;
    let has = match filing.was {
        Some(_) => row.int_opt("approved_minor")?.unwrap_or_default(),
        None => 0,
    };
    Ok(Some((amount.minor() - has).max(0)))
}

/// Leads recorded up to an instant that no campaign is known for: this partner's, and those of nobody yet.
///
/// # Errors
/// A fault of the database.
pub async fn unmatched_leads(
    read: &mut Read,
    program_id: &str,
    partner_id: &str,
    recorded_until: DateTime<Utc>,
) -> Result<i64, Fault> {
    let sql = "SELECT COUNT(*) AS n FROM lead WHERE program_id = $1 AND (partner_id IS NULL OR partner_id = $2)
               AND campaign_id IS NULL AND state = 'received' AND merged_into IS NULL AND deleted_at IS NULL AND recorded_at <= $3";
    read.one(sql, args![program_id, partner_id, recorded_until]).await?.int("n")
}
