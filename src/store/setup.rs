//! What administrators set in chat: grants beside those of `bot.toml`, and partners. What is declared there is never
//! touched here: the `WHERE` clauses say so.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::{Capability, Company, Grant, Limit};
use crate::fault::Fault;

/// Locks a program: the first thing that a change of who may or of its partners does.
///
/// # Errors
/// A fault of the database, no such program included.
pub async fn lock_program(tx: &mut Tx, id: &str) -> Result<(), Fault> {
    let sql = "UPDATE program SET lock_no = lock_no + 1 WHERE id = $1";
    tx.exec_one("lock program", sql, args![id]).await
}

/// A grant with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub grant: Grant,
    /// In `bot.toml`.
    pub declared: bool,
}

/// What the roles of a program give, by role.
///
/// # Errors
/// A fault of the database.
pub async fn granted(read: &mut Read, program_id: &str) -> Result<Vec<Granted>, Fault> {
    let sql =
        "SELECT role_id, company, capability, limit_minor, declared FROM role_grant WHERE program_id = $1
               ORDER BY role_id, company, capability";
    let rows = read.all(sql, args![program_id]).await?;
    rows.iter().map(|row| Ok(Granted { grant: grant(row)?, declared: row.int("declared")? != 0 })).collect()
}

fn grant(row: &Row) -> Result<Grant, Fault> {
    Ok(Grant {
        role_id: row.text("role_id")?,
        company: Company::parse(&row.text("company")?),
        capability: row.parsed("capability", Capability::parse)?,
        limit: row.int_opt("limit_minor")?.map_or(Limit::Unlimited, Limit::UpTo),
    })
}

/// Gives a role a capability, or sets its limit anew. The program is locked.
///
/// # Errors
/// A fault of the database, a declared grant of the same kind included.
pub async fn give(tx: &mut Tx, program_id: &str, grant: &Grant) -> Result<(), Fault> {
    let limit = match grant.limit {
        Limit::UpTo(minor) => Some(minor),
        Limit::Unlimited => None,
    };
    tx.exec_one(
        "give capability",
        "INSERT INTO role_grant (program_id, role_id, company, capability, limit_minor, declared) VALUES ($1, $2, $3, $4, $5, 0)
         ON CONFLICT (program_id, role_id, company, capability) DO UPDATE SET limit_minor = excluded.limit_minor
         WHERE role_grant.declared = 0",
        args![program_id, &grant.role_id, grant.company.code(), grant.capability.code(), limit],
    )
    .await
}

/// Takes a capability from a role; false if it had none that was given in chat. The program is locked.
///
/// # Errors
/// A fault of the database.
pub async fn take(tx: &mut Tx, program_id: &str, role: &str, capability: Capability) -> Result<bool, Fault> {
    let sql =
        "DELETE FROM role_grant WHERE program_id = $1 AND role_id = $2 AND capability = $3 AND declared = 0";
    Ok(tx.exec(sql, args![program_id, role, capability.code()]).await? > 0)
}

/// Sets whether the program has a single partner. The program is locked.
///
/// # Errors
/// A fault of the database, what `bot.toml` declares included.
pub async fn set_single_partner(tx: &mut Tx, program_id: &str, on: bool) -> Result<(), Fault> {
    let sql = "UPDATE program SET single_partner = $2 WHERE id = $1 AND single_partner_declared = 0";
    tx.exec_one("set single partner", sql, args![program_id, i64::from(on)]).await
}

/// Sets the month in which fiscal years start. The program is locked.
///
/// # Errors
/// A fault of the database, a month that `bot.toml` declares included.
pub async fn set_fiscal_start(tx: &mut Tx, program_id: &str, month: u32) -> Result<(), Fault> {
    let sql = "UPDATE program SET fiscal_start = $2 WHERE id = $1 AND fiscal_declared = 0";
    tx.exec_one("set fiscal year", sql, args![program_id, i64::from(month)]).await
}
