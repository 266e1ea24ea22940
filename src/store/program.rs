//! Programs, partners and what roles may do. Written from the configuration; read by everything.

use super::setup::granted;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::actor::{Grant, Limit};
use crate::domain::money::{Currency, Money};
use crate::domain::period::Period;
use crate::domain::program::{FiscalYear, Partner, Program, SinglePartner};
use crate::fault::Fault;

macro_rules! program_columns {
    () => {
        "id, key, name, guild_id, time_zone, currency, approvals_channel, confirm_from, thresholds, fiscal_start,
         fiscal_declared, single_partner, single_partner_declared"
    };
}

macro_rules! partner_columns {
    () => {
        "id, program_id, key, name, channel_id, tier, currency"
    };
}

/// The program of a guild.
///
/// # Errors
/// A fault of the database.
pub async fn by_guild(read: &mut Read, guild_id: &str) -> Result<Option<Program>, Fault> {
    let sql =
        concat!("SELECT ", program_columns!(), " FROM program WHERE guild_id = $1 AND archived_at IS NULL");
    read.opt(sql, args![guild_id]).await?.map(|row| program(&row)).transpose()
}

/// # Errors
/// A fault of the database, no such program included.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Program, Fault> {
    program(
        &read.one(concat!("SELECT ", program_columns!(), " FROM program WHERE id = $1"), args![id]).await?,
    )
}

/// # Errors
/// A fault of the database.
pub async fn by_key(read: &mut Read, key: &str) -> Result<Option<Program>, Fault> {
    let sql = concat!("SELECT ", program_columns!(), " FROM program WHERE key = $1");
    read.opt(sql, args![key]).await?.map(|row| program(&row)).transpose()
}

/// All programs that run, in the order of their keys.
///
/// # Errors
/// A fault of the database.
pub async fn all(read: &mut Read) -> Result<Vec<Program>, Fault> {
    let sql = concat!("SELECT ", program_columns!(), " FROM program WHERE archived_at IS NULL ORDER BY key");
    read.all(sql, args![]).await?.iter().map(program).collect()
}

/// Adds a program or makes it what it should be now.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, program: &Program) -> Result<(), Fault> {
    tx.exec_one(
        "save program",
        "INSERT INTO program (id, key, name, guild_id, time_zone, currency, approvals_channel, confirm_from, thresholds,
           fiscal_start, fiscal_declared, single_partner, single_partner_declared)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, guild_id = excluded.guild_id, time_zone = excluded.time_zone,
           currency = excluded.currency, approvals_channel = excluded.approvals_channel, confirm_from = excluded.confirm_from,
           thresholds = excluded.thresholds, fiscal_start = excluded.fiscal_start,
           fiscal_declared = excluded.fiscal_declared, single_partner = excluded.single_partner,
           single_partner_declared = excluded.single_partner_declared, archived_at = NULL",
        args![
            &program.id,
            &program.key,
            &program.name,
            &program.guild_id,
            program.zone.name(),
            program.currency.code(),
            &program.approvals_channel,
            program.confirm_from.minor(),
            &program.thresholds,
            i64::from(program.fiscal_year.start_month),
            i64::from(program.fiscal_year.declared),
            i64::from(program.single_partner.on),
            i64::from(program.single_partner.declared),
        ],
    )
    .await
}

/// Archives the programs whose keys are not in `keep`. Nothing is ever deleted.
///
/// # Errors
/// A fault of the database.
pub async fn archive(tx: &mut Tx, program_id: &str, at: i64) -> Result<(), Fault> {
    tx.exec_one("archive program", "UPDATE program SET archived_at = $2 WHERE id = $1", args![program_id, at])
        .await
}

fn program(row: &Row) -> Result<Program, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    Ok(Program {
        id: row.text("id")?,
        key: row.text("key")?,
        name: row.text("name")?,
        guild_id: row.text("guild_id")?,
        zone: row.parsed("time_zone", |name| name.parse().ok())?,
        currency,
        approvals_channel: row.text("approvals_channel")?,
        confirm_from: money(row.int("confirm_from")?, currency)?,
        thresholds: row.text("thresholds")?,
        fiscal_year: FiscalYear {
            start_month: u32::try_from(row.int("fiscal_start")?)
                .map_err(|_| Fault::Corrupt("fiscal_start is no month".to_owned()))?,
            declared: row.int("fiscal_declared")? != 0,
        },
        single_partner: SinglePartner {
            on: row.int("single_partner")? != 0,
            declared: row.int("single_partner_declared")? != 0,
        },
    })
}

/// The partners of a program that are not archived, in the order of their keys.
///
/// # Errors
/// A fault of the database.
pub async fn partners(read: &mut Read, program_id: &str) -> Result<Vec<Partner>, Fault> {
    let sql = concat!(
        "SELECT ",
        partner_columns!(),
        " FROM partner WHERE program_id = $1 AND archived_at IS NULL ORDER BY key"
    );
    read.all(sql, args![program_id]).await?.iter().map(partner).collect()
}

/// A partner as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub partner: Partner,
    pub archived: bool,
    /// In `bot.toml`.
    pub declared: bool,
}

/// All partners of a program, archived ones included.
///
/// # Errors
/// A fault of the database.
pub async fn known_partners(read: &mut Read, program_id: &str) -> Result<Vec<Known>, Fault> {
    let sql = concat!(
        "SELECT ",
        partner_columns!(),
        ", archived_at, declared FROM partner WHERE program_id = $1 ORDER BY key"
    );
    read.all(sql, args![program_id])
        .await?
        .iter()
        .map(|row| {
            Ok(Known {
                partner: partner(row)?,
                archived: row.int_opt("archived_at")?.is_some(),
                declared: row.int("declared")? != 0,
            })
        })
        .collect()
}

/// # Errors
/// A fault of the database, no such partner included.
pub async fn partner_by_id(read: &mut Read, id: &str) -> Result<Partner, Fault> {
    partner(
        &read.one(concat!("SELECT ", partner_columns!(), " FROM partner WHERE id = $1"), args![id]).await?,
    )
}

/// Whether a partner is archived: nothing new happens to it, and nobody of it is told anything.
///
/// # Errors
/// A fault of the database, no such partner included.
pub async fn is_partner_archived(read: &mut Read, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT archived_at FROM partner WHERE id = $1";
    Ok(read.one(sql, args![id]).await?.int_opt("archived_at")?.is_some())
}

/// Locks a partner: the first thing that a change of this partner's data does, so that all of them happen one after
/// the other.
///
/// # Errors
/// A fault of the database, no such partner included.
pub async fn lock_partner(tx: &mut Tx, id: &str) -> Result<Partner, Fault> {
    let sql = "UPDATE partner SET lock_no = lock_no + 1 WHERE id = $1";
    tx.exec_one("lock partner", sql, args![id]).await?;
    partner_by_id(tx, id).await
}

/// Adds a partner that bot.toml declares, or makes it what it should be now.
///
/// # Errors
/// A fault of the database.
pub async fn save_partner(tx: &mut Tx, partner: &Partner) -> Result<(), Fault> {
    tx.exec_one(
        "save partner",
        "INSERT INTO partner (id, program_id, key, name, channel_id, tier, currency) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, channel_id = excluded.channel_id, tier = excluded.tier,
           currency = excluded.currency, archived_at = NULL, declared = 1",
        args![
            &partner.id,
            &partner.program_id,
            &partner.key,
            &partner.name,
            &partner.channel_id,
            &partner.tier,
            partner.currency.code(),
        ],
    )
    .await
}

/// Adds a partner in chat, or makes it what it should be now; an archived one takes part again. The program is locked.
///
/// # Errors
/// A fault of the database, a declared partner included.
pub async fn save_partner_in_chat(tx: &mut Tx, partner: &Partner) -> Result<(), Fault> {
    tx.exec_one(
        "save partner set in chat",
        "INSERT INTO partner (id, program_id, key, name, channel_id, tier, currency, declared) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, channel_id = excluded.channel_id, tier = excluded.tier,
           currency = excluded.currency, archived_at = NULL WHERE partner.declared = 0",
        args![
            &partner.id,
            &partner.program_id,
            &partner.key,
            &partner.name,
            &partner.channel_id,
            &partner.tier,
            partner.currency.code(),
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn archive_partner(tx: &mut Tx, id: &str, at: i64) -> Result<(), Fault> {
    tx.exec_one("archive partner", "UPDATE partner SET archived_at = $2 WHERE id = $1", args![id, at]).await
}

/// The next short number of a noun for a partner, from 1. The partner is locked, so no number is given twice.
///
/// # Errors
/// A fault of the database.
pub async fn next_number(tx: &mut Tx, partner_id: &str, noun: &str) -> Result<i64, Fault> {
    let sql = "INSERT INTO counter (partner_id, noun, last) VALUES ($1, $2, 1)
               ON CONFLICT (partner_id, noun) DO UPDATE SET last = counter.last + 1 RETURNING last";
    tx.one(sql, args![partner_id, noun]).await?.int("last")
}

fn partner(row: &Row) -> Result<Partner, Fault> {
    Ok(Partner {
        id: row.text("id")?,
        program_id: row.text("program_id")?,
        key: row.text("key")?,
        name: row.text("name")?,
        channel_id: row.text("channel_id")?,
        tier: row.text_opt("tier")?,
        currency: row.parsed("currency", |code| Currency::parse(code).ok())?,
    })
}

/// What the roles of a program give, declared or given in chat.
///
/// # Errors
/// A fault of the database.
pub async fn grants(read: &mut Read, program_id: &str) -> Result<Vec<Grant>, Fault> {
    Ok(granted(read, program_id).await?.into_iter().map(|one| one.grant).collect())
}

/// Replaces what bot.toml declares that roles give. What was given in chat stays, but not to a role that is declared
/// now.
///
/// # Errors
/// A fault of the database.
pub async fn replace_grants(tx: &mut Tx, program_id: &str, grants: &[Grant]) -> Result<(), Fault> {
    tx.exec("DELETE FROM role_grant WHERE program_id = $1 AND declared = 1", args![program_id]).await?;
    for grant in grants {
        let given = "DELETE FROM role_grant WHERE program_id = $1 AND role_id = $2 AND declared = 0";
        tx.exec(given, args![program_id, &grant.role_id]).await?;
        let limit = match grant.limit {
            Limit::UpTo(minor) => Some(minor),
            Limit::Unlimited => None,
        };
        tx.exec_one(
            "add grant",
            "INSERT INTO role_grant (program_id, role_id, company, capability, limit_minor) VALUES ($1, $2, $3, $4, $5)",
            args![program_id, &grant.role_id, grant.company.code(), grant.capability.code(), limit],
        )
        .await?;
    }
    Ok(())
}

/// Minor units as stored, as money.
///
/// # Errors
/// `Fault::Corrupt` for a number that no money of ours has.
pub(super) fn money(minor: i64, currency: Currency) -> Result<Money, Fault> {
    Ok(Money::from_minor(minor, currency)?)
}

/// The days of a row that runs from `starts_on` to `ends_on`.
///
/// # Errors
/// `Fault::Corrupt` for days that make no period.
pub(super) fn period(row: &Row) -> Result<Period, Fault> {
    Period::new(row.day("starts_on")?, row.day("ends_on")?).map_err(|error| Fault::Corrupt(error.to_string()))
}
