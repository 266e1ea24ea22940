//! Dated rates of a program.

use super::{Read, Tx};
use crate::args;
use crate::domain::money::Currency;
use crate::domain::rate::DatedRate;
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};

/// Enters a rate; one of the same currencies and day is replaced. What was converted at it keeps it.
///
/// # Errors
/// A fault of the database.
pub async fn save(
    tx: &mut Tx,
    program_id: &str,
    rate: &DatedRate,
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), Fault> {
    let sql = "INSERT INTO currency_rate (program_id, from_currency, to_currency, valid_from, rate, entered_by, entered_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (program_id, from_currency, to_currency, valid_from)
               DO UPDATE SET rate = excluded.rate, entered_by = excluded.entered_by, entered_at = excluded.entered_at";
    let (from, to) = (rate.from.code(), rate.to.code());
    let args = args![program_id, from, to, rate.valid_from, rate.rate.to_string(), by, at];
    tx.exec_one("save rate", sql, args).await
}

/// The rate that holds on a day: the last one dated no later.
///
/// # Errors
/// A fault of the database.
pub async fn on(
    read: &mut Read,
    program_id: &str,
    (from, to): (Currency, Currency),
    day: NaiveDate,
) -> Result<Option<DatedRate>, Fault> {
    let sql = "SELECT rate, valid_from FROM currency_rate
               WHERE program_id = $1 AND from_currency = $2 AND to_currency = $3 AND valid_from <= $4
               ORDER BY valid_from DESC LIMIT 1";
    let Some(row) = read.opt(sql, args![program_id, from.code(), to.code(), day]).await? else {
        return Ok(None);
    };
    let rate = row.parsed("rate", |text| text.parse().ok())?;
    Ok(Some(DatedRate { from, to, rate, valid_from: row.day("valid_from")? }))
}
