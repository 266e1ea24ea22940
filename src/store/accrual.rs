//! Postings of sales to co-op funds: one for each reference, never changed.

use super::program::money;
use super::{Read, Tx};
use crate::args;
use crate::domain::fund::Fund;
use crate::domain::fund::accrual::Accrual;
use crate::domain::money::Currency;
use crate::fault::Fault;

/// # Errors
/// A fault of the database, a reference that the partner has in the fund already included.
pub async fn insert(tx: &mut Tx, new: &Accrual) -> Result<(), Fault> {
    tx.exec_one(
        "insert accrual",
        "INSERT INTO fund_accrual (id, fund_id, account_id, partner_id, reference, sales_minor, sales_currency, rate, rate_day,
           percent, amount_minor, sold_on, transfer_id, posted_by, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
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
                 amount_minor, sold_on, transfer_id, posted_by, actor, at
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
        sold_on: row.day("sold_on")?,
        transfer_id: row.text_opt("transfer_id")?,
        posted_by: row.text("posted_by")?,
        actor: row.text("actor")?,
        at: row.instant("at")?,
    }))
}
