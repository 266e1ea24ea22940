//! The rules that money follows, as `bot.toml` declares them and as administrators set them in chat. A change in chat
//! never touches what is declared: the `WHERE` clauses say so.

use super::program::money;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::activity::{ActivityRule, ActivitySetting, Asked, Cap, Slot, TierRule};
use crate::domain::actor::Company;
use crate::domain::approval::{ChainRule, ChainStep, Chains};
use crate::domain::business::{BusinessCalendar, DigestTime, QuietHours, WorkWeek};
use crate::domain::campaign_type::CampaignType;
use crate::domain::money::Currency;
use crate::domain::program::{Partner, Program};
use crate::domain::rulebook::{Decided, Kept, Rule, Rulebook};
use crate::domain::slug::slug;
use crate::fault::Fault;
use std::collections::BTreeMap;

const QUIET_HOURS: &str = "quiet_hours";
const DIGEST: &str = "digest";
const AUTO_APPROVE_UNDER: &str = "auto_approve_under";
const ESCALATE_AFTER_DAYS: &str = "escalate_after_days";

/// What holds for an activity type of a partner: share, cap, notice, claim window, evidence.
///
/// # Errors
/// A fault of the database.
pub async fn activity(
    read: &mut Read,
    program: &Program,
    partner: &Partner,
    kind: CampaignType,
) -> Result<ActivityRule, Fault> {
    Ok(rulebook(read, program).await?.activity(kind, partner.tier.as_deref()))
}

/// When a company works.
///
/// # Errors
/// A fault of the database.
pub async fn calendar(
    read: &mut Read,
    program: &Program,
    company: &Company,
) -> Result<BusinessCalendar, Fault> {
    Ok(rulebook(read, program).await?.calendar(company, program.zone))
}

/// How decisions on money are taken.
///
/// # Errors
/// A fault of the database.
pub async fn chains(read: &mut Read, program: &Program) -> Result<Chains, Fault> {
    Ok(rulebook(read, program).await?.chains())
}

/// When nothing is posted; `None` for a program that says nothing of it.
///
/// # Errors
/// A fault of the database.
pub async fn quiet_hours(read: &mut Read, program: &Program) -> Result<Option<QuietHours>, Fault> {
    Ok(rulebook(read, program).await?.quiet_hours())
}

/// All rules of a program, each kind in the order of its key.
///
/// # Errors
/// A fault of the database.
pub async fn rulebook(read: &mut Read, program: &Program) -> Result<Rulebook, Fault> {
    let currency = program.currency;
    let mut rules = Vec::new();
    let sql = "SELECT kind, share_percent, cap_minor, uncapped, notice_days, claim_window_days, eligible, pre_approval, evidence, declared
               FROM activity_rule WHERE program_id = $1 ORDER BY kind";
    for row in read.all(sql, args![&program.id]).await? {
        let kind = row.parsed("kind", CampaignType::parse)?;
        rules.push(kept(&row, Rule::Activity(kind, setting(&row, currency)?))?);
    }
    let sql = "SELECT tier, share_percent, cap_minor, uncapped, pre_approval, declared FROM tier_rule
               WHERE program_id = $1 ORDER BY item";
    for row in read.all(sql, args![&program.id]).await? {
        rules.push(kept(&row, Rule::Tier(tier(&row, currency)?))?);
    }
    let sql = "SELECT company, days, declared FROM work_week WHERE program_id = $1 ORDER BY company";
    for row in read.all(sql, args![&program.id]).await? {
        let week = row.parsed("days", WorkWeek::parse)?;
        rules.push(kept(&row, Rule::Week(Company::parse(&row.text("company")?), week))?);
    }
    let sql = "SELECT company, day, declared FROM holiday WHERE program_id = $1 ORDER BY company, day";
    for row in read.all(sql, args![&program.id]).await? {
        rules.push(kept(&row, Rule::Holiday(Company::parse(&row.text("company")?), row.day("day")?))?);
    }
    let sql = "SELECT decided, from_minor, steps, declared FROM chain_rule WHERE program_id = $1
               ORDER BY decided DESC, from_minor";
    for row in read.all(sql, args![&program.id]).await? {
        let decided = row.parsed("decided", Decided::parse)?;
        let roles: Vec<Option<String>> = json(&row.text("steps")?)?;
        let steps = roles.into_iter().map(|role_id| ChainStep { role_id }).collect();
        let rule = ChainRule { from: money(row.int("from_minor")?, currency)?, steps };
        rules.push(kept(&row, Rule::Chain(decided, rule))?);
    }
    let sql = "SELECT name, value, declared FROM program_rule WHERE program_id = $1 ORDER BY name";
    for row in read.all(sql, args![&program.id]).await? {
        rules.push(kept(&row, of_program(&row, program)?)?);
    }
    Ok(Rulebook { rules })
}

fn kept(row: &Row, rule: Rule) -> Result<Kept, Fault> {
    Ok(Kept { rule, declared: row.int("declared")? != 0 })
}

fn of_program(row: &Row, program: &Program) -> Result<Rule, Fault> {
    let number = |text: &str| text.parse::<i64>().ok();
    Ok(match row.text("name")?.as_str() {
        QUIET_HOURS => Rule::Quiet(row.parsed("value", |text| QuietHours::parse(text, program.zone))?),
        DIGEST => Rule::Digest(row.parsed("value", DigestTime::parse)?),
        AUTO_APPROVE_UNDER => Rule::AutoApproveUnder(money(row.parsed("value", number)?, program.currency)?),
        ESCALATE_AFTER_DAYS => Rule::EscalateAfter(row.parsed("value", |text| text.parse().ok())?),
        other => return Err(Fault::Corrupt(format!("program_rule has no rule {other:?}"))),
    })
}

fn setting(row: &Row, currency: Currency) -> Result<ActivitySetting, Fault> {
    let eligible = row.text_opt("eligible")?.map(|text| json(&text)).transpose()?;
    let written: BTreeMap<String, Vec<String>> = json(&row.text("evidence")?)?;
    let mut evidence = BTreeMap::new();
    for (slot, all) in written {
        let broken = || Fault::Corrupt(format!("activity_rule.evidence: {slot:?}"));
        let slot = Slot::parse(&slot).ok_or_else(broken)?;
        let asked = all.iter().map(|text| Asked::parse(slot, text).ok_or_else(broken));
        evidence.insert(slot, asked.collect::<Result<_, _>>()?);
    }
    Ok(ActivitySetting {
        share_percent: share(row)?,
        cap: cap(row, currency)?,
        notice_days: days(row, "notice_days")?,
        claim_window_days: days(row, "claim_window_days")?,
        eligible,
        pre_approval: row.int_opt("pre_approval")?.map(|flag| flag != 0),
        evidence,
    })
}

fn tier(row: &Row, currency: Currency) -> Result<TierRule, Fault> {
    Ok(TierRule {
        tier: row.text("tier")?,
        share_percent: share(row)?,
        cap: cap(row, currency)?,
        pre_approval: row.int_opt("pre_approval")?.map(|flag| flag != 0),
    })
}

fn share(row: &Row) -> Result<Option<rust_decimal::Decimal>, Fault> {
    row.text_opt("share_percent")?.map(|_| row.parsed("share_percent", |text| text.parse().ok())).transpose()
}

fn cap(row: &Row, currency: Currency) -> Result<Option<Cap>, Fault> {
    Ok(match (row.int("uncapped")?, row.int_opt("cap_minor")?) {
        (0, None) => None,
        (0, Some(minor)) => Some(Cap::UpTo(money(minor, currency)?)),
        _ => Some(Cap::Unlimited),
    })
}

fn days(row: &Row, column: &str) -> Result<Option<u32>, Fault> {
    let broken = |_| Fault::Corrupt(format!("activity_rule.{column}"));
    row.int_opt(column)?.map(u32::try_from).transpose().map_err(broken)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Corrupt(error.to_string()))
}

/// Writes a rule in place of the one about the same. What is set in chat never replaces what is declared. The program
/// is locked.
///
/// # Errors
/// A fault of the database, a declared rule about the same included where `declared` is false.
pub async fn put(tx: &mut Tx, program_id: &str, rule: &Rule, declared: bool) -> Result<(), Fault> {
    let mark = i64::from(declared);
    match rule {
        Rule::Activity(kind, setting) => put_activity(tx, program_id, *kind, setting, mark).await,
        Rule::Tier(tier) => put_tier(tx, program_id, tier, mark).await,
        Rule::Holiday(company, day) => {
            let sql = "INSERT INTO holiday (program_id, company, day, declared) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (program_id, company, day) DO UPDATE SET declared = excluded.declared
                       WHERE holiday.declared <= excluded.declared";
            tx.exec_one("put holiday", sql, args![program_id, company.code(), *day, mark]).await
        }
        Rule::Week(company, week) => {
            let sql = "INSERT INTO work_week (program_id, company, days, declared) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (program_id, company) DO UPDATE SET days = excluded.days, declared = excluded.declared
                       WHERE work_week.declared <= excluded.declared";
            tx.exec_one("put work week", sql, args![program_id, company.code(), week.code(), mark]).await
        }
        Rule::Chain(decided, rule) => {
            let roles: Vec<Option<&str>> = rule.steps.iter().map(|step| step.role_id.as_deref()).collect();
            let steps = serde_json::to_string(&roles)?;
            let sql = "INSERT INTO chain_rule (program_id, decided, from_minor, steps, declared) VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (program_id, decided, from_minor) DO UPDATE SET steps = excluded.steps, declared = excluded.declared
                       WHERE chain_rule.declared <= excluded.declared";
            let args = args![program_id, decided.code(), rule.from.minor(), steps, mark];
            tx.exec_one("put chain", sql, args).await
        }
        Rule::Quiet(hours) => put_of_program(tx, program_id, QUIET_HOURS, hours.code(), mark).await,
        Rule::Digest(time) => put_of_program(tx, program_id, DIGEST, time.code(), mark).await,
        Rule::AutoApproveUnder(under) => {
            put_of_program(tx, program_id, AUTO_APPROVE_UNDER, under.minor().to_string(), mark).await
        }
        Rule::EscalateAfter(days) => {
            put_of_program(tx, program_id, ESCALATE_AFTER_DAYS, days.to_string(), mark).await
        }
    }
}

async fn put_of_program(
    tx: &mut Tx,
    program_id: &str,
    name: &str,
    value: String,
    declared: i64,
) -> Result<(), Fault> {
    let sql = "INSERT INTO program_rule (program_id, name, value, declared) VALUES ($1, $2, $3, $4)
               ON CONFLICT (program_id, name) DO UPDATE SET value = excluded.value, declared = excluded.declared
               WHERE program_rule.declared <= excluded.declared";
    tx.exec_one("put rule of the program", sql, args![program_id, name, value, declared]).await
}

fn cap_columns(cap: Option<Cap>) -> (Option<i64>, i64) {
    match cap {
        None => (None, 0),
        Some(Cap::UpTo(cap)) => (Some(cap.minor()), 0),
        Some(Cap::Unlimited) => (None, 1),
    }
}

async fn put_activity(
    tx: &mut Tx,
    program_id: &str,
    kind: CampaignType,
    said: &ActivitySetting,
    declared: i64,
) -> Result<(), Fault> {
    let (cap, uncapped) = cap_columns(said.cap);
    let evidence: BTreeMap<&str, Vec<String>> = said
        .evidence
        .iter()
        .map(|(slot, all)| (slot.code(), all.iter().map(Asked::written).collect()))
        .collect();
    let sql = "INSERT INTO activity_rule (program_id, kind, share_percent, cap_minor, uncapped, notice_days, claim_window_days, eligible,
                 pre_approval, evidence, declared)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (program_id, kind) DO UPDATE SET share_percent = excluded.share_percent, cap_minor = excluded.cap_minor,
                 uncapped = excluded.uncapped, notice_days = excluded.notice_days, claim_window_days = excluded.claim_window_days,
                 eligible = excluded.eligible, pre_approval = excluded.pre_approval, evidence = excluded.evidence,
                 declared = excluded.declared
               WHERE activity_rule.declared <= excluded.declared";
    let args = args![
        program_id,
        kind.code(),
        said.share_percent.map(|share| share.normalize().to_string()),
        cap,
        uncapped,
        said.notice_days.map(i64::from),
        said.claim_window_days.map(i64::from),
        said.eligible.as_ref().map(serde_json::to_string).transpose()?,
        said.pre_approval.map(i64::from),
        serde_json::to_string(&evidence)?,
        declared,
    ];
    tx.exec_one("put activity rule", sql, args).await
}

async fn put_tier(tx: &mut Tx, program_id: &str, rule: &TierRule, declared: i64) -> Result<(), Fault> {
    let (cap, uncapped) = cap_columns(rule.cap);
    let sql = "INSERT INTO tier_rule (program_id, item, tier, share_percent, cap_minor, uncapped, pre_approval, declared)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (program_id, item) DO UPDATE SET tier = excluded.tier, share_percent = excluded.share_percent,
                 cap_minor = excluded.cap_minor, uncapped = excluded.uncapped, pre_approval = excluded.pre_approval,
                 declared = excluded.declared
               WHERE tier_rule.declared <= excluded.declared";
    let args = args![
        program_id,
        slug(&rule.tier),
        &rule.tier,
        rule.share_percent.map(|share| share.normalize().to_string()),
        cap,
        uncapped,
        rule.pre_approval.map(i64::from),
        declared,
    ];
    tx.exec_one("put tier rule", sql, args).await
}

/// Takes the rule about the same as `rule` away, as far as it comes from where `declared` says. The program is locked.
///
/// # Errors
/// A fault of the database, no such rule included.
pub async fn remove(tx: &mut Tx, program_id: &str, rule: &Rule, declared: bool) -> Result<(), Fault> {
    let mark = i64::from(declared);
    let (sql, args) = match rule {
        Rule::Activity(kind, _) => (
            "DELETE FROM activity_rule WHERE program_id = $1 AND kind = $2 AND declared = $3",
            args![program_id, kind.code(), mark],
        ),
        Rule::Tier(tier) => (
            "DELETE FROM tier_rule WHERE program_id = $1 AND item = $2 AND declared = $3",
            args![program_id, slug(&tier.tier), mark],
        ),
        Rule::Holiday(company, day) => (
            "DELETE FROM holiday WHERE program_id = $1 AND company = $2 AND day = $3 AND declared = $4",
            args![program_id, company.code(), *day, mark],
        ),
        Rule::Week(company, _) => (
            "DELETE FROM work_week WHERE program_id = $1 AND company = $2 AND declared = $3",
            args![program_id, company.code(), mark],
        ),
        Rule::Chain(decided, rule) => (
            "DELETE FROM chain_rule WHERE program_id = $1 AND decided = $2 AND from_minor = $3 AND declared = $4",
            args![program_id, decided.code(), rule.from.minor(), mark],
        ),
        Rule::Quiet(_) => delete_of_program(program_id, QUIET_HOURS, mark),
        Rule::Digest(_) => delete_of_program(program_id, DIGEST, mark),
        Rule::AutoApproveUnder(_) => delete_of_program(program_id, AUTO_APPROVE_UNDER, mark),
        Rule::EscalateAfter(_) => delete_of_program(program_id, ESCALATE_AFTER_DAYS, mark),
    };
    tx.exec_one("remove rule", sql, args).await
}

fn delete_of_program(program_id: &str, name: &str, declared: i64) -> (&'static str, Vec<super::Arg>) {
    (
        "DELETE FROM program_rule WHERE program_id = $1 AND name = $2 AND declared = $3",
        args![program_id, name, declared],
    )
}
