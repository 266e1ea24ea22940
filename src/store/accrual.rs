//! Postings of sales to co-op funds: one for each reference, never changed; and the corrections that came before what they
//! correct.

use super::program::money;
use super::{Read, Tx};
use crate::args;
use crate::domain::fund::Fund;
use crate::domain::fund::accrual::Accrual;
use crate::domain::money::{Currency, Money};
use crate::fault::Fault;

/// # Errors
/// A fault of the database, a reference that the partner has in the fund already included.
pub async fn insert(tx: &mut Tx, new: &Accrual) -> Result<(), Fault> {
    tx.exec_one(
        "insert accrual",
        "INSERT INTO fund_accrual (id, fund_id, account_id, partner_id, reference, sales_minor, sales_currency, rate, rate_day,
           percent, amount_minor, forfeited_minor, sold_on, transfer_id, posted_by, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        args![
            &new.id,
            &new.fund_id,
            &new.account_id,
            &new.partner_id,
            &new.reference,
            new.sales.minor(),
            new.sales.currency().code(),
            new.rate.map(|(rate, _)| rate.to_string()),
            new.rate.map(|(_, day)| day.to_string()),
            new.percent.to_string(),
            new.amount.minor(),
            new.forfeited.minor(),
            new.sold_on,
            &new.transfer_id,
            &new.posted_by,
            &new.actor,
            new.at,
        ],
    )
    .await
}

/// A partner's posting of a reference. Each partner numbers its invoices itself.
///
/// # Errors
/// A fault of the database.
pub async fn by_reference(
    read: &mut Read,
    fund: &Fund,
    partner_id: &str,
    reference: &str,
) -> Result<Option<Accrual>, Fault> {
    let sql = "SELECT id, fund_id, account_id, partner_id, reference, sales_minor, sales_currency, rate, rate_day, percent,
                 amount_minor, forfeited_minor, sold_on, transfer_id, posted_by, actor, at
               FROM fund_accrual WHERE fund_id = $1 AND partner_id = $2 AND reference = $3";
    let Some(row) = read.opt(sql, args![&fund.id, partner_id, reference]).await? else { return Ok(None) };
    let sold_in = row.parsed("sales_currency", |code| Currency::parse(code).ok())?;
    let rate = match (row.text_opt("rate")?, row.day_opt("rate_day")?) {
        (Some(_), Some(day)) => Some((row.parsed("rate", |text| text.parse().ok())?, day)),
        _ => None,
    };
    Ok(Some(Accrual {
        id: row.text("id")?,
        fund_id: row.text("fund_id")?,
        account_id: row.text("account_id")?,
        partner_id: row.text("partner_id")?,
        reference: row.text("reference")?,
        sales: money(row.int("sales_minor")?, sold_in)?,
        rate,
        percent: row.parsed("percent", |text| text.parse().ok())?,
        amount: money(row.int("amount_minor")?, fund.currency)?,
        forfeited: money(row.int("forfeited_minor")?, fund.currency)?,
        sold_on: row.day("sold_on")?,
        transfer_id: row.text_opt("transfer_id")?,
        posted_by: row.text("posted_by")?,
        actor: row.text("actor")?,
        at: row.instant("at")?,
    }))
}

/// Notes that a delivery of the inbox waits until a partner has so much of a fund available.
///
/// # Errors
/// A fault of the database.
pub async fn wait(
    tx: &mut Tx,
    delivery_key: &str,
    (fund_id, partner_id): (&str, &str),
    amount: Money,
) -> Result<(), Fault> {
    let sql =
        "INSERT INTO sales_waiting (delivery_key, fund_id, partner_id, amount_minor) VALUES ($1, $2, $3, $4)
               ON CONFLICT (delivery_key) DO UPDATE SET amount_minor = excluded.amount_minor";
    tx.exec_one("wait for sales", sql, args![delivery_key, fund_id, partner_id, amount.minor()]).await
}

/// Notes that a delivery waits no more, whether it did or not.
///
/// # Errors
/// A fault of the database.
pub async fn wait_no_more(tx: &mut Tx, delivery_key: &str) -> Result<(), Fault> {
    tx.exec("DELETE FROM sales_waiting WHERE delivery_key = $1", args![delivery_key]).await.map(drop)
}

/// The deliveries that wait for sales of a partner to a fund.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(read: &mut Read, fund_id: &str, partner_id: &str) -> Result<Vec<String>, Fault> {
    let sql =
        "SELECT delivery_key FROM sales_waiting WHERE fund_id = $1 AND partner_id = $2 ORDER BY delivery_key";
    let rows = read.all(sql, args![fund_id, partner_id]).await?;
    rows.iter().map(|row| row.text("delivery_key")).collect()
}

/// The deliveries that wait for what is there by now, and are not to be tried yet at `now_ms` (Unix milliseconds, business
/// time). Asked of the balances themselves, so that it doesn't matter by which way money came.
///
/// # Errors
/// A fault of the database.
pub async fn covered(read: &mut Read, now_ms: i64) -> Result<Vec<String>, Fault> {
    let sql = "SELECT w.delivery_key FROM sales_waiting w
               JOIN crm_delivery d ON d.key = w.delivery_key AND d.state = 'waiting' AND d.due_at > $1
               JOIN fund f ON f.partner_id = w.partner_id AND (f.id = w.fund_id OR f.parent_id = w.fund_id)
               JOIN account_balance b ON b.fund_id = f.id AND b.account = 'available' AND b.amount >= w.amount_minor
               ORDER BY w.delivery_key";
    read.all(sql, args![now_ms]).await?.iter().map(|row| row.text("delivery_key")).collect()
}
