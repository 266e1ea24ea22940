//! Campaigns with their budget lines, and the spend and results that people log against them.

use super::program::{money, period};
use super::{Read, Row, Tx};
use crate::args;
use crate::clock::Clock;
use crate::domain::actor::Side;
use crate::domain::campaign::{
    BudgetLine, Campaign, CampaignState, FundingSource, ResultsBy, StopSignature, Stopped,
};
use crate::domain::campaign_type::CampaignType;
use crate::domain::log::{Entry, EntryKind};
use crate::domain::money::Currency;
use crate::domain::plan::BySide;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! columns {
    () => {
        "c.id, c.partner_id, c.plan_id, c.number, c.name, c.kind, c.segment, c.message, c.offer, c.channel, c.starts_on,
         c.ends_on, c.sends, c.target_leads, c.target_pipeline, c.target_won, c.results_by, c.slug, c.utm_id, c.owner_vendor,
         c.owner_partner, c.state, c.effort_vendor, c.effort_partner, c.curve, c.checked, c.stopped_at, c.stopped_by, c.stopped_side,
         c.stopped_reason, c.stopped_signed_by, c.stopped_signed_at, c.stopped_signed_for, c.stopped_signed_revision,
         c.stopped_signed_sha256, c.cancelled_from, p.currency"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, clock: &Clock, campaign: &Campaign, created_by: &str) -> Result<(), Fault> {
    tx.exec_one(
        "insert campaign",
        "INSERT INTO campaign (id, partner_id, plan_id, number, name, kind, segment, message, offer, channel, starts_on, ends_on,
           sends, target_leads, target_pipeline, target_won, results_by, slug, utm_id, owner_vendor, owner_partner, state,
           effort_vendor, effort_partner, curve, checked, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
           $25, $26, $27, $28)",
        args![
            &campaign.id,
            &campaign.partner_id,
            &campaign.plan_id,
            campaign.number,
            &campaign.name,
            campaign.kind.code(),
            &campaign.segment,
            &campaign.message,
            &campaign.offer,
            &campaign.channel,
            campaign.period.start(),
            campaign.period.end(),
            serde_json::to_string(&campaign.sends)?,
            campaign.target_leads,
            campaign.target_pipeline.minor(),
            campaign.target_won.map(|won| won.minor()),
            campaign.results_by.code(),
            &campaign.slug,
            &campaign.utm_id,
            &campaign.owner_vendor,
            &campaign.owner_partner,
            campaign.state.code(),
            campaign.effort.vendor,
            campaign.effort.partner,
            serde_json::to_string(&campaign.curve)?,
            serde_json::to_string(&campaign.checked)?,
            clock.now_ms(),
            created_by,
        ],
    )
    .await?;
    super::crm::match_again(tx, &campaign.partner_id).await?;
    insert_budget(tx, clock, campaign).await
}

/// Saves everything that an edit changes, the budget lines included. With another last day, people have not been asked
/// about it yet. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, clock: &Clock, campaign: &Campaign) -> Result<(), Fault> {
    let stopped = campaign.stopped.as_ref();
    let signed = stopped.and_then(|stopped| stopped.signed.as_ref());
    tx.exec_one(
        "save campaign",
        "UPDATE campaign SET name = $2, kind = $3, segment = $4, message = $5, offer = $6, channel = $7, starts_on = $8, ends_on = $9,
           sends = $10, target_leads = $11, target_pipeline = $12, target_won = $13, results_by = $14, owner_vendor = $15,
           owner_partner = $16, state = $17, effort_vendor = $18, effort_partner = $19, curve = $20, checked = $21,
           stopped_at = $22, stopped_by = $23, stopped_side = $24, stopped_reason = $25, slug = $26, cancelled_from = $27,
           stopped_signed_by = $28, stopped_signed_at = $29, stopped_signed_for = $30, stopped_signed_revision = $31,
           stopped_signed_sha256 = $32, asked_at = CASE WHEN ends_on = $9 THEN asked_at END
         WHERE id = $1",
        args![
            &campaign.id,
            &campaign.name,
            campaign.kind.code(),
            &campaign.segment,
            &campaign.message,
            &campaign.offer,
            &campaign.channel,
            campaign.period.start(),
            campaign.period.end(),
            serde_json::to_string(&campaign.sends)?,
            campaign.target_leads,
            campaign.target_pipeline.minor(),
            campaign.target_won.map(|won| won.minor()),
            campaign.results_by.code(),
            &campaign.owner_vendor,
            &campaign.owner_partner,
            campaign.state.code(),
            campaign.effort.vendor,
            campaign.effort.partner,
            serde_json::to_string(&campaign.curve)?,
            serde_json::to_string(&campaign.checked)?,
            stopped.map(|stopped| stopped.at.timestamp_millis()),
            stopped.map(|stopped| stopped.by.clone()),
            stopped.map(|stopped| stopped.side.code()),
            stopped.map(|stopped| stopped.reason.clone()),
            &campaign.slug,
            campaign.cancelled_from.map(|day| day.to_string()),
            signed.map(|signed| signed.person.clone()),
            signed.map(|signed| signed.at.timestamp_millis()),
            signed.and_then(|signed| signed.stands_for.clone()),
            signed.map(|signed| signed.revision),
            signed.map(|signed| signed.content_sha256.clone()),
        ],
    )
    .await?;
    tx.exec(
        "DELETE FROM funding_share WHERE budget_line_id IN (SELECT id FROM budget_line WHERE campaign_id = $1)",
        args![&campaign.id],
    )
    .await?;
    super::crm::match_again(tx, &campaign.partner_id).await?;
    tx.exec("DELETE FROM budget_line WHERE campaign_id = $1", args![&campaign.id]).await?;
    insert_budget(tx, clock, campaign).await
}

async fn insert_budget(tx: &mut Tx, clock: &Clock, campaign: &Campaign) -> Result<(), Fault> {
    for line in &campaign.budget {
        let line_id = clock.new_id();
        let sql = "INSERT INTO budget_line (id, campaign_id, what, planned_minor) VALUES ($1, $2, $3, $4)";
        tx.exec_one(
            "insert budget line",
            sql,
            args![&line_id, &campaign.id, &line.what, line.planned.minor()],
        )
        .await?;
        for (source, share) in &line.shares {
            let sql = "INSERT INTO funding_share (budget_line_id, source, amount_minor) VALUES ($1, $2, $3)";
            tx.exec_one("insert funding share", sql, args![&line_id, source.code(), share.minor()]).await?;
        }
    }
    Ok(())
}

/// Moves a campaign to a state.
///
/// # Errors
/// A fault of the database.
pub async fn save_state(tx: &mut Tx, id: &str, state: CampaignState) -> Result<(), Fault> {
    tx.exec_one("save campaign", "UPDATE campaign SET state = $2 WHERE id = $1", args![id, state.code()])
        .await
}

/// Saves which items of its checklist are done.
///
/// # Errors
/// A fault of the database.
pub async fn save_checked(tx: &mut Tx, id: &str, checked: &BTreeSet<String>) -> Result<(), Fault> {
    let sql = "UPDATE campaign SET checked = $2 WHERE id = $1";
    tx.exec_one("save checklist", sql, args![id, serde_json::to_string(checked)?]).await
}

/// Notes that people were asked whether a campaign is executed. False: they were asked before about this last day.
///
/// # Errors
/// A fault of the database.
pub async fn note_asked(tx: &mut Tx, id: &str, at: DateTime<Utc>) -> Result<bool, Fault> {
    let sql = "UPDATE campaign SET asked_at = $2 WHERE id = $1 AND asked_at IS NULL";
    Ok(tx.exec(sql, args![id, at]).await? == 1)
}

/// The campaigns of a plan, by number.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<Campaign>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM campaign c JOIN plan p ON p.id = c.plan_id WHERE c.plan_id = $1 ORDER BY c.number"
    );
    let rows = read.all(sql, args![plan_id]).await?;
    let mut budgets = budgets(read, BUDGETS_OF_PLAN, plan_id).await?;
    rows.iter().map(|row| campaign(row, &mut budgets)).collect()
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Campaign>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM campaign c JOIN plan p ON p.id = c.plan_id WHERE c.partner_id = $1 AND c.number = $2"
    );
    match read.opt(sql, args![partner_id, number]).await? {
        Some(row) => one(read, &row).await.map(Some),
        None => Ok(None),
    }
}

/// A campaign that may not exist: the id comes from a button.
///
/// # Errors
/// A fault of the database.
pub async fn find(read: &mut Read, id: &str) -> Result<Option<Campaign>, Fault> {
    let sql =
        concat!("SELECT ", columns!(), " FROM campaign c JOIN plan p ON p.id = c.plan_id WHERE c.id = $1");
    match read.opt(sql, args![id]).await? {
        Some(row) => one(read, &row).await.map(Some),
        None => Ok(None),
    }
}

/// # Errors
/// A fault of the database, no such campaign included.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Campaign, Fault> {
    let sql =
        concat!("SELECT ", columns!(), " FROM campaign c JOIN plan p ON p.id = c.plan_id WHERE c.id = $1");
    let row = read.one(sql, args![id]).await?;
    one(read, &row).await
}

/// A partner's campaigns, newest first, for a list to pick from: (number, name, plan's number, state).
///
/// # Errors
/// A fault of the database.
pub async fn names(read: &mut Read, partner_id: &str) -> Result<Vec<(i64, String)>, Fault> {
    let sql = "SELECT number, name FROM campaign WHERE partner_id = $1 ORDER BY number DESC LIMIT 500";
    let rows = read.all(sql, args![partner_id]).await?;
    rows.iter().map(|row| Ok((row.int("number")?, row.text("name")?))).collect()
}

/// Whether a campaign of this partner already answers to this slug. Other partners' slugs are nobody's business: a
/// lead whose slug could mean two campaigns is matched to none (see `domain::attribution`).
///
/// # Errors
/// A fault of the database.
pub async fn slug_taken(read: &mut Read, partner_id: &str, slug: &str) -> Result<bool, Fault> {
    let sql = "SELECT COUNT(*) AS n FROM campaign WHERE slug = $2 AND partner_id = $1";
    Ok(read.one(sql, args![partner_id, slug]).await?.int("n")? > 0)
}

async fn one(read: &mut Read, row: &Row) -> Result<Campaign, Fault> {
    let mut budgets = budgets(read, BUDGETS_OF_CAMPAIGN, &row.text("id")?).await?;
    campaign(row, &mut budgets)
}

type Budgets = BTreeMap<String, Vec<RawLine>>;

struct RawLine {
    what: String,
    planned: i64,
    shares: Vec<(FundingSource, i64)>,
}

const BUDGETS_OF_PLAN: &str = "SELECT l.id, l.campaign_id, l.what, l.planned_minor, s.source, s.amount_minor
    FROM budget_line l LEFT JOIN funding_share s ON s.budget_line_id = l.id
    WHERE l.campaign_id IN (SELECT id FROM campaign WHERE plan_id = $1) ORDER BY l.id, s.source";
const BUDGETS_OF_CAMPAIGN: &str =
    "SELECT l.id, l.campaign_id, l.what, l.planned_minor, s.source, s.amount_minor
    FROM budget_line l LEFT JOIN funding_share s ON s.budget_line_id = l.id
    WHERE l.campaign_id = $1 ORDER BY l.id, s.source";

async fn budgets(read: &mut Read, sql: &'static str, id: &str) -> Result<Budgets, Fault> {
    let mut budgets = Budgets::new();
    let mut last = String::new();
    for row in read.all(sql, args![id]).await? {
        let lines = budgets.entry(row.text("campaign_id")?).or_default();
        let line_id = row.text("id")?;
        if line_id != last {
            lines.push(RawLine {
                what: row.text("what")?,
                planned: row.int("planned_minor")?,
                shares: Vec::new(),
            });
            last = line_id;
        }
        if let (Some(source), Some(amount), Some(line)) =
            (row.text_opt("source")?, row.int_opt("amount_minor")?, lines.last_mut())
        {
            let source = FundingSource::parse(&source)
                .ok_or_else(|| Fault::Corrupt(format!("funding source {source:?}")))?;
            line.shares.push((source, amount));
        }
    }
    Ok(budgets)
}

fn campaign(row: &Row, budgets: &mut Budgets) -> Result<Campaign, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    let id = row.text("id")?;
    let budget = budgets.remove(&id).unwrap_or_default();
    let line = |line: RawLine| -> Result<BudgetLine, Fault> {
        let shares = line.shares.into_iter().map(|(source, minor)| Ok((source, money(minor, currency)?)));
        let mut shares = shares.collect::<Result<Vec<_>, Fault>>()?;
        // As they are said: who pays comes in one order everywhere.
        shares.sort_by_key(|(source, _)| *source);
        Ok(BudgetLine { what: line.what, planned: money(line.planned, currency)?, shares })
    };
    Ok(Campaign {
        partner_id: row.text("partner_id")?,
        plan_id: row.text("plan_id")?,
        number: row.int("number")?,
        name: row.text("name")?,
        kind: row.parsed("kind", CampaignType::parse)?,
        segment: row.text("segment")?,
        message: row.text("message")?,
        offer: row.text("offer")?,
        channel: row.text("channel")?,
        period: period(row)?,
        sends: serde_json::from_str(&row.text("sends")?)?,
        target_leads: row.int("target_leads")?,
        target_pipeline: money(row.int("target_pipeline")?, currency)?,
        target_won: row.int_opt("target_won")?.map(|minor| money(minor, currency)).transpose()?,
        results_by: row.parsed("results_by", ResultsBy::parse)?,
        slug: row.text("slug")?,
        utm_id: row.text("utm_id")?,
        owner_vendor: row.text_opt("owner_vendor")?,
        owner_partner: row.text_opt("owner_partner")?,
        budget: budget.into_iter().map(line).collect::<Result<_, _>>()?,
        effort: BySide { vendor: row.int_opt("effort_vendor")?, partner: row.int_opt("effort_partner")? },
        curve: serde_json::from_str(&row.text("curve")?)?,
        checked: serde_json::from_str(&row.text("checked")?)?,
        state: row.parsed("state", CampaignState::parse)?,
        cancelled_from: row.day_opt("cancelled_from")?,
        stopped: stopped(row)?,
        id,
    })
}

fn stopped(row: &Row) -> Result<Option<Stopped>, Fault> {
    let Some(at) = row.int_opt("stopped_at")? else { return Ok(None) };
    let signed = match row.text_opt("stopped_signed_by")? {
        Some(person) => Some(StopSignature {
            person,
            at: row.instant("stopped_signed_at")?,
            stands_for: row.text_opt("stopped_signed_for")?,
            revision: row.int("stopped_signed_revision")?,
            content_sha256: row.text("stopped_signed_sha256")?,
        }),
        None => None,
    };
    Ok(Some(Stopped {
        at: crate::clock::instant(at),
        by: row.text("stopped_by")?,
        side: row.parsed("stopped_side", Side::parse)?,
        reason: row.text("stopped_reason")?,
        signed,
    }))
}

macro_rules! entry_columns {
    () => {
        "id, campaign_id, number, kind, occurred_on, recorded_at, amount, source, payer, invoice_number, note, logged_by, reverses"
    };
}

/// # Errors
/// A fault of the database, a second reversal of one entry included.
pub async fn insert_entry(tx: &mut Tx, partner_id: &str, entry: &Entry) -> Result<(), Fault> {
    tx.exec_one(
        "insert log entry",
        "INSERT INTO log_entry (id, partner_id, campaign_id, number, kind, occurred_on, recorded_at, amount, source, payer,
           invoice_number, note, logged_by, reverses)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        args![
            &entry.id,
            partner_id,
            &entry.campaign_id,
            entry.number,
            entry.kind.code(),
            entry.occurred_on,
            entry.recorded_at,
            entry.amount,
            entry.source.map(|source| source.code()),
            &entry.payer,
            &entry.invoice_number,
            &entry.note,
            &entry.logged_by,
            &entry.reverses,
        ],
    )
    .await
}

/// The entry of a number, and whether it has been reversed.
///
/// # Errors
/// A fault of the database.
pub async fn entry_by_number(
    read: &mut Read,
    partner_id: &str,
    number: i64,
) -> Result<Option<(Entry, bool)>, Fault> {
    let sql = concat!("SELECT ", entry_columns!(), " FROM log_entry WHERE partner_id = $1 AND number = $2");
    let Some(row) = read.opt(sql, args![partner_id, number]).await? else { return Ok(None) };
    let entry = entry(&row)?;
    let sql = "SELECT COUNT(*) AS n FROM log_entry WHERE reverses = $1";
    let reversed = read.one(sql, args![&entry.id]).await?.int("n")? > 0;
    Ok(Some((entry, reversed)))
}

/// Everything logged against a plan's campaigns up to an instant, in the order it was logged.
///
/// # Errors
/// A fault of the database.
pub async fn entries_of_plan(
    read: &mut Read,
    plan_id: &str,
    recorded_until: i64,
) -> Result<Vec<Entry>, Fault> {
    let sql = concat!(
        "SELECT ",
        entry_columns!(),
        " FROM log_entry WHERE campaign_id IN (SELECT id FROM campaign WHERE plan_id = $1) AND recorded_at <= $2 ORDER BY recorded_at, id"
    );
    read.all(sql, args![plan_id, recorded_until]).await?.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<Entry, Fault> {
    let source = match row.text_opt("source")? {
        Some(code) => Some(
            FundingSource::parse(&code).ok_or_else(|| Fault::Corrupt(format!("funding source {code:?}")))?,
        ),
        None => None,
    };
    Ok(Entry {
        id: row.text("id")?,
        campaign_id: row.text("campaign_id")?,
        number: row.int("number")?,
        kind: row.parsed("kind", EntryKind::parse)?,
        occurred_on: row.day("occurred_on")?,
        recorded_at: row.instant("recorded_at")?,
        amount: row.int("amount")?,
        source,
        payer: row.text_opt("payer")?,
        invoice_number: row.text_opt("invoice_number")?,
        note: row.text_opt("note")?,
        logged_by: row.text("logged_by")?,
        reverses: row.text_opt("reverses")?,
    })
}
