//! What a program says that types of campaigns take each side, declared in `bot.toml` or set in chat beside it.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::campaign_type::CampaignType;
use crate::domain::capacity::Efforts;
use crate::domain::plan::BySide;
use crate::fault::Fault;

/// What a program says of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    pub kind: CampaignType,
    /// In all, for each side.
    pub hours: BySide<i64>,
    /// In `bot.toml`.
    pub declared: bool,
}

/// What a program says, by type.
///
/// # Errors
/// A fault of the database.
pub async fn of_program(read: &mut Read, program_id: &str) -> Result<Vec<Effort>, Fault> {
    let sql = "SELECT kind, vendor_hours, partner_hours, declared FROM program_effort WHERE program_id = $1 ORDER BY kind";
    read.all(sql, args![program_id]).await?.iter().map(effort).collect()
}

/// What holds for a partner's campaigns: what its program says.
///
/// # Errors
/// A fault of the database.
pub async fn of_partner(read: &mut Read, partner_id: &str) -> Result<Efforts, Fault> {
    let sql = "SELECT kind, vendor_hours, partner_hours, declared FROM program_effort
               WHERE program_id = (SELECT program_id FROM partner WHERE id = $1)";
    let all = read.all(sql, args![partner_id]).await?;
    let all = all.iter().map(effort).collect::<Result<Vec<_>, _>>()?;
    Ok(Efforts::new(all.into_iter().map(|one| (one.kind, one.hours))))
}

fn effort(row: &Row) -> Result<Effort, Fault> {
    Ok(Effort {
        kind: row.parsed("kind", CampaignType::parse)?,
        hours: BySide { vendor: row.int("vendor_hours")?, partner: row.int("partner_hours")? },
        declared: row.int("declared")? != 0,
    })
}

/// Sets what a program says of a type. The program is locked.
///
/// # Errors
/// A fault of the database.
pub async fn set(tx: &mut Tx, program_id: &str, effort: &Effort) -> Result<(), Fault> {
    tx.exec_one(
        "set effort",
        "INSERT INTO program_effort (program_id, kind, vendor_hours, partner_hours, declared) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (program_id, kind) DO UPDATE SET vendor_hours = excluded.vendor_hours,
           partner_hours = excluded.partner_hours, declared = excluded.declared",
        args![
            program_id,
            effort.kind.code(),
            effort.hours.vendor,
            effort.hours.partner,
            i64::from(effort.declared),
        ],
    )
    .await
}

/// Takes out what a program says of a type; false if it said nothing. The program is locked.
///
/// # Errors
/// A fault of the database.
pub async fn clear(tx: &mut Tx, program_id: &str, kind: CampaignType) -> Result<bool, Fault> {
    let sql = "DELETE FROM program_effort WHERE program_id = $1 AND kind = $2";
    Ok(tx.exec(sql, args![program_id, kind.code()]).await? == 1)
}
