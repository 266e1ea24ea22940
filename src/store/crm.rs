//! CRM sources, and the leads and deals folded from what they send.
//!
//! A lead's or deal's row is had by locking it (an UPDATE that returns it) before it is saved, so that a person's press
//! and the fold never overwrite each other.

use super::inbox::{by_engine, list, with_list};
use super::{Read, Row, Tx, secret};
use crate::args;
use crate::clock::Clock;
use crate::crm::record::RecordState;
use crate::crm::{SourceKind, utm};
use crate::domain::attribution::{Candidate, Setting};
use crate::domain::lead::LeadState;
use crate::fault::Fault;
use chrono_tz::Tz;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A source as stored; its secrets are in the configuration only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Our id.
    pub id: String,
    /// The program it belongs to.
    pub program_id: String,
    /// Set: it credits only this partner's campaigns.
    pub partner_id: Option<String>,
    /// What it speaks.
    pub kind: SourceKind,
    /// Stable key, unique in the program.
    pub key: String,
    /// ISO 4217 code of deals that name no currency.
    pub default_currency: Option<String>,
    /// When it was taken out of the configuration, Unix milliseconds.
    pub archived_ms: Option<i64>,
}

/// Inserts a source or updates it by its id; used when the configuration is applied.
///
/// # Errors
/// A fault of the database.
pub async fn save_source(tx: &mut Tx, source: &SourceRow) -> Result<(), Fault> {
    let sql = "INSERT INTO crm_source (id, program_id, partner_id, kind, key, default_currency, archived_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET partner_id = excluded.partner_id, kind = excluded.kind,
           default_currency = excluded.default_currency, archived_at = excluded.archived_at";
    let args = args![
        &source.id,
        &source.program_id,
        &source.partner_id,
        source.kind.as_str(),
        &source.key,
        &source.default_currency,
        source.archived_ms,
    ];
    tx.exec_one("save source", sql, args).await
}

/// Keeps the hash of a source's address beside it.
///
/// # Errors
/// A fault of the database.
pub async fn set_path(tx: &mut Tx, source_id: &str, sha256: &str) -> Result<(), Fault> {
    let sql = "UPDATE crm_source SET path_sha256 = $2 WHERE id = $1";
    tx.exec_one("a source's address", sql, args![source_id, sha256]).await
}

/// The hash of a source's address, if it was ever served.
///
/// # Errors
/// A fault of the database, no such source included.
pub async fn path_of(read: &mut Read, source_id: &str) -> Result<Option<String>, Fault> {
    read.one("SELECT path_sha256 FROM crm_source WHERE id = $1", args![source_id])
        .await?
        .text_opt("path_sha256")
}

/// All sources, archived ones too.
///
/// # Errors
/// A fault of the database.
pub async fn sources(read: &mut Read) -> Result<Vec<SourceRow>, Fault> {
    let sql = "SELECT id, program_id, partner_id, kind, key, default_currency, archived_at FROM crm_source ORDER BY id";
    let rows = read.all(sql, args![]).await?;
    let source = |row: &Row| {
        Ok(SourceRow {
            id: row.text("id")?,
            program_id: row.text("program_id")?,
            partner_id: row.text_opt("partner_id")?,
            kind: row.parsed("kind", SourceKind::parse)?,
            key: row.text("key")?,
            default_currency: row.text_opt("default_currency")?,
            archived_ms: row.int_opt("archived_at")?,
        })
    };
    rows.iter().map(source).collect()
}

/// Another name of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// Another spelling of its slug.
    Alias(String),
    /// A campaign of a source's CRM that is this one, by the CRM's id.
    CrmCampaign {
        /// The source.
        source_id: String,
        /// The CRM's id.
        id: String,
    },
    /// A landing page or tracked link, as an address.
    LandingPage(String),
}

/// Gives a campaign another name. False if the value is empty after normalising, or there already.
///
/// # Errors
/// A fault of the database.
pub async fn add_tag(tx: &mut Tx, campaign_id: &str, tag: &Tag) -> Result<bool, Fault> {
    let (kind, value, source) = match tag {
        Tag::Alias(slug) => ("alias", utm::normalise(slug), ""),
        Tag::CrmCampaign { source_id, id } => {
            ("crm_campaign", Some(id.trim().to_owned()), source_id.as_str())
        }
        Tag::LandingPage(address) => ("landing_page", utm::landing_page(address), ""),
    };
    let Some(value) = value.filter(|v| !v.is_empty()) else { return Ok(false) };
    let sql = "INSERT INTO campaign_tag (campaign_id, kind, value, source_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING";
    Ok(tx.exec(sql, args![campaign_id, kind, value, source]).await? == 1)
}

/// Sets which CRM campaigns of a source are which of ours, each as (CRM's id, partner's id, campaign's number). They
/// hold as soon as the campaign exists; its waiting leads are matched again.
///
/// # Errors
/// A fault of the database.
pub async fn set_mappings(
    tx: &mut Tx,
    source_id: &str,
    mappings: &[(String, String, i64)],
) -> Result<(), Fault> {
    tx.exec("DELETE FROM crm_mapping WHERE source_id = $1", args![source_id]).await?;
    for (crm_id, partner_id, number) in mappings {
        tx.exec_one(
            "map a CRM campaign",
            "INSERT INTO crm_mapping (source_id, crm_id, partner_id, campaign_number) VALUES ($1, $2, $3, $4)",
            args![source_id, crm_id, partner_id, *number],
        )
        .await?;
    }
    let sql = "UPDATE crm_source SET unmatched_changes = unmatched_changes + 1 WHERE id = $1";
    tx.exec_one("mark a source", sql, args![source_id]).await
}

/// Has the waiting leads of the sources that may credit this partner matched again, by whoever projects next.
///
/// # Errors
/// A fault of the database.
pub(super) async fn match_again(tx: &mut Tx, partner_id: &str) -> Result<(), Fault> {
    let sql = "UPDATE crm_source SET unmatched_changes = unmatched_changes + 1
         WHERE program_id = (SELECT program_id FROM partner WHERE id = $1) AND (partner_id IS NULL OR partner_id = $1)";
    tx.exec(sql, args![partner_id]).await?;
    Ok(())
}

/// The sources whose waiting leads have to be matched again, each with the changes that are behind it.
///
/// # Errors
/// A fault of the database.
pub async fn to_match_again(read: &mut Read) -> Result<Vec<(String, i64)>, Fault> {
    let sql = "SELECT id, unmatched_changes FROM crm_source WHERE unmatched_changes > 0 AND archived_at IS NULL ORDER BY id";
    let rows = read.all(sql, args![]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.int("unmatched_changes")?))).collect()
}

/// Notes that a source's waiting leads have been matched again. False if more has changed since: then it is due again.
///
/// # Errors
/// A fault of the database.
pub async fn matched_again(tx: &mut Tx, source_id: &str, changes: i64) -> Result<bool, Fault> {
    let sql = "UPDATE crm_source SET unmatched_changes = 0 WHERE id = $1 AND unmatched_changes = $2";
    Ok(tx.exec(sql, args![source_id, changes]).await? == 1)
}

/// The campaigns that a source may credit, and the time zone of each of their plans: those of plans that both sides
/// have signed, so that nobody draws leads to a campaign that the vendor knows nothing of.
///
/// # Errors
/// A fault of the database.
pub async fn candidates(
    read: &mut Read,
    source: &SourceRow,
) -> Result<(Vec<Candidate>, BTreeMap<String, Tz>), Fault> {
    let sql = "SELECT t.campaign_id, t.kind, t.value FROM campaign_tag t WHERE t.source_id = '' OR t.source_id = $1";
    let mut tags: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in read.all(sql, args![&source.id]).await? {
        tags.entry(row.text("campaign_id")?).or_default().push((row.text("kind")?, row.text("value")?));
    }
    let sql = "SELECT c.id, m.crm_id FROM crm_mapping m
         JOIN campaign c ON c.partner_id = m.partner_id AND c.number = m.campaign_number WHERE m.source_id = $1";
    for row in read.all(sql, args![&source.id]).await? {
        tags.entry(row.text("id")?).or_default().push(("crm_campaign".to_owned(), row.text("crm_id")?));
    }
    let sql = "SELECT c.id, c.plan_id, c.partner_id, c.utm_id, c.slug, c.starts_on, c.ends_on, p.attribution, p.time_zone
         FROM campaign c JOIN plan p ON p.id = c.plan_id JOIN partner o ON o.id = c.partner_id
         WHERE o.program_id = $1 AND ($2 = '' OR c.partner_id = $2) AND p.revision > 0 ORDER BY c.id";
    let partner = source.partner_id.as_deref().unwrap_or_default();
    let mut zones = BTreeMap::new();
    let mut candidates = Vec::new();
    for row in read.all(sql, args![&source.program_id, partner]).await? {
        let id = row.text("id")?;
        let tags = tags.remove(&id).unwrap_or_default();
        let of = |kind: &str| -> BTreeSet<String> {
            tags.iter().filter(|(k, _)| k == kind).map(|(_, value)| value.clone()).collect()
        };
        zones.insert(id.clone(), row.parsed("time_zone", |zone| zone.parse().ok())?);
        candidates.push(Candidate {
            plan_id: row.text("plan_id")?,
            partner_id: row.text("partner_id")?,
            utm_id: utm::normalise(&row.text("utm_id")?).unwrap_or_default(),
            slug: utm::normalise(&row.text("slug")?).unwrap_or_default(),
            aliases: of("alias"),
            crm_campaigns: of("crm_campaign"),
            landing_pages: of("landing_page"),
            starts_on: row.day("starts_on")?,
            ends_on: row.day("ends_on")?,
            setting: row.parsed("attribution", Setting::parse)?,
            id,
        });
    }
    Ok((candidates, zones))
}

/// The key under which e-mail addresses are hashed: made once per database.
///
/// # Errors
/// A fault of the database.
pub async fn email_key(tx: &mut Tx, clock: &Clock) -> Result<String, Fault> {
    secret::key(tx, clock, "email").await
}

/// Takes the fold's lock: the first statement of every transaction that folds.
///
/// # Errors
/// A fault of the database.
pub async fn lock_fold(tx: &mut Tx) -> Result<(), Fault> {
    tx.exec_one("lock the fold", "UPDATE crm_fold SET lock_no = lock_no + 1 WHERE id = 1", args![]).await
}

/// A lead as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Our id.
    pub id: String,
    /// Its source.
    pub source_id: String,
    /// The CRM's id.
    pub external_id: String,
    /// Its program.
    pub program_id: String,
    /// The partner of its campaign.
    pub partner_id: Option<String>,
    /// Short number at that partner.
    pub number: Option<i64>,
    /// The plan of its campaign.
    pub plan_id: Option<String>,
    /// Its campaign; `None` while it is unmatched.
    pub campaign_id: Option<String>,
    /// The rule that matched.
    pub rule: Option<String>,
    /// Where it stands.
    pub state: LeadState,
    /// Keyed hash of its e-mail address.
    pub email_hash: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Lifecycle stage.
    pub lifecycle: Option<String>,
    /// When the CRM made it, Unix milliseconds.
    pub created_ms: i64,
    /// Source version, Unix milliseconds.
    pub version_ms: i64,
    /// All that was said of it.
    pub folded: RecordState,
    /// Our id of the lead that is the same person.
    pub duplicate_of: Option<String>,
    /// A campaign given by hand: beats every rule.
    pub by_hand_campaign: Option<String>,
    /// Who marked it as no lead.
    pub invalid_by: Option<String>,
    /// The CRM's id of the lead that it was merged into.
    pub merged_into: Option<String>,
    /// When it was deleted in the CRM.
    pub deleted_ms: Option<i64>,
    /// When the person was forgotten.
    pub forgotten_ms: Option<i64>,
    /// When we first heard of it.
    pub recorded_ms: i64,
}

macro_rules! lead_columns {
    () => {
        "id, source_id, external_id, program_id, partner_id, number, plan_id, campaign_id, rule, state, email_hash, company,
         country, lifecycle, created_at, version, folded, duplicate_of, by_hand_campaign, invalid_by, merged_into, deleted_at,
         forgotten_at, recorded_at"
    };
}

fn lead(row: &Row) -> Result<Lead, Fault> {
    Ok(Lead {
        id: row.text("id")?,
        source_id: row.text("source_id")?,
        external_id: row.text("external_id")?,
        program_id: row.text("program_id")?,
        partner_id: row.text_opt("partner_id")?,
        number: row.int_opt("number")?,
        plan_id: row.text_opt("plan_id")?,
        campaign_id: row.text_opt("campaign_id")?,
        rule: row.text_opt("rule")?,
        state: row.parsed("state", LeadState::parse)?,
        email_hash: row.text_opt("email_hash")?,
        company: row.text_opt("company")?,
        country: row.text_opt("country")?,
        lifecycle: row.text_opt("lifecycle")?,
        created_ms: row.int("created_at")?,
        version_ms: row.int("version")?,
        folded: serde_json::from_str(&row.text("folded")?)?,
        duplicate_of: row.text_opt("duplicate_of")?,
        by_hand_campaign: row.text_opt("by_hand_campaign")?,
        invalid_by: row.text_opt("invalid_by")?,
        merged_into: row.text_opt("merged_into")?,
        deleted_ms: row.int_opt("deleted_at")?,
        forgotten_ms: row.int_opt("forgotten_at")?,
        recorded_ms: row.int("recorded_at")?,
    })
}

fn leads(rows: &[Row]) -> Result<Vec<Lead>, Fault> {
    rows.iter().map(lead).collect()
}

/// Locks and returns the leads of a source with these CRM ids.
///
/// # Errors
/// A fault of the database.
pub async fn lock_leads(
    tx: &mut Tx,
    source_id: &str,
    external_ids: impl IntoIterator<Item = &String>,
) -> Result<Vec<Lead>, Fault> {
    let sql = with_list!(
        tx,
        "UPDATE lead SET lock_no = lock_no + 1 WHERE source_id = $2 AND external_id IN ",
        concat!(" RETURNING ", lead_columns!())
    );
    leads(&tx.all(sql, args![list(external_ids)?, source_id]).await?)
}

/// Locks and returns the leads of a plan that are these persons.
///
/// # Errors
/// A fault of the database.
pub async fn lock_persons(tx: &mut Tx, plan_id: &str, hashes: &BTreeSet<String>) -> Result<Vec<Lead>, Fault> {
    let sql = with_list!(
        tx,
        "UPDATE lead SET lock_no = lock_no + 1 WHERE plan_id = $2 AND email_hash IN ",
        concat!(" RETURNING ", lead_columns!())
    );
    leads(&tx.all(sql, args![list(hashes)?, plan_id]).await?)
}

/// Leads of a source by the CRM's ids, without locking them.
///
/// # Errors
/// A fault of the database.
pub async fn leads_by_external(
    read: &mut Read,
    source_id: &str,
    external_ids: impl IntoIterator<Item = &String>,
) -> Result<Vec<Lead>, Fault> {
    let sql = with_list!(
        read,
        concat!("SELECT ", lead_columns!(), " FROM lead WHERE source_id = $2 AND external_id IN "),
        ""
    );
    leads(&read.all(sql, args![list(external_ids)?, source_id]).await?)
}

/// A program's leads that match no campaign and wait for a person, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn unmatched(read: &mut Read, program_id: &str, limit: u32) -> Result<Vec<Lead>, Fault> {
    let sql = concat!(
        "SELECT ",
        lead_columns!(),
        " FROM lead WHERE program_id = $1 AND state = 'received' ORDER BY created_at, id LIMIT $2"
    );
    leads(&read.all(sql, args![program_id, i64::from(limit)]).await?)
}

/// The CRM's ids of a source's leads that belong to no campaign.
///
/// # Errors
/// A fault of the database.
pub async fn without_campaign(read: &mut Read, source_id: &str) -> Result<BTreeSet<String>, Fault> {
    let sql =
        "SELECT external_id FROM lead WHERE source_id = $1 AND campaign_id IS NULL ORDER BY external_id";
    read.all(sql, args![source_id]).await?.iter().map(|row| row.text("external_id")).collect()
}

/// A lead by our id.
///
/// # Errors
/// A fault of the database.
pub async fn lead_by_id(read: &mut Read, id: &str) -> Result<Option<Lead>, Fault> {
    let sql = concat!("SELECT ", lead_columns!(), " FROM lead WHERE id = $1");
    read.opt(sql, args![id]).await?.as_ref().map(lead).transpose()
}

/// Which of these leads' persons are forgotten.
///
/// # Errors
/// A fault of the database.
pub async fn forgotten(read: &mut Read, ids: &BTreeSet<String>) -> Result<BTreeSet<String>, Fault> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = with_list!(read, "SELECT id FROM lead WHERE forgotten_at IS NOT NULL AND id IN ", "");
    read.all(sql, args![list(ids)?]).await?.iter().map(|row| row.text("id")).collect()
}

/// What a saved lead overwrites. A row of a newer version is left alone, and then the save fails.
macro_rules! lead_update {
    () => {
        " ON CONFLICT (id) DO UPDATE SET partner_id = excluded.partner_id, number = excluded.number, plan_id = excluded.plan_id,
           campaign_id = excluded.campaign_id, rule = excluded.rule, state = excluded.state, email_hash = excluded.email_hash,
           company = excluded.company, country = excluded.country, lifecycle = excluded.lifecycle,
           created_at = excluded.created_at, version = excluded.version, folded = excluded.folded,
           duplicate_of = excluded.duplicate_of, by_hand_campaign = excluded.by_hand_campaign,
           invalid_by = excluded.invalid_by, merged_into = excluded.merged_into, deleted_at = excluded.deleted_at,
           forgotten_at = excluded.forgotten_at
         WHERE lead.version <= excluded.version"
    };
}

/// Saves leads that are new or locked, in one statement.
///
/// # Errors
/// `Fault::Rows` if one of them is stored in a newer version, or a fault of the database.
pub async fn save_leads<'a>(tx: &mut Tx, leads: impl IntoIterator<Item = &'a Lead>) -> Result<(), Fault> {
    let rows = leads.into_iter().map(lead_row).collect::<Result<Vec<_>, Fault>>()?;
    let expected = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if expected == 0 {
        return Ok(());
    }
    let sql = by_engine!(
        tx,
        concat!(
            "INSERT INTO lead (",
            lead_columns!(),
            ") SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
             json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
             json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
             json_extract(value, '$[9]'), json_extract(value, '$[10]'), json_extract(value, '$[11]'),
             json_extract(value, '$[12]'), json_extract(value, '$[13]'), json_extract(value, '$[14]'),
             json_extract(value, '$[15]'), json_extract(value, '$[16]'), json_extract(value, '$[17]'),
             json_extract(value, '$[18]'), json_extract(value, '$[19]'), json_extract(value, '$[20]'),
             json_extract(value, '$[21]'), json_extract(value, '$[22]'), json_extract(value, '$[23]')
             FROM json_each($1) WHERE true",
            lead_update!()
        ),
        concat!(
            "INSERT INTO lead (",
            lead_columns!(),
            ") SELECT e->>0, e->>1, e->>2, e->>3, e->>4, CAST(e->>5 AS BIGINT), e->>6, e->>7, e->>8, e->>9, e->>10,
             e->>11, e->>12, e->>13, CAST(e->>14 AS BIGINT), CAST(e->>15 AS BIGINT), e->>16, e->>17, e->>18,
             e->>19, e->>20, CAST(e->>21 AS BIGINT), CAST(e->>22 AS BIGINT), CAST(e->>23 AS BIGINT)
             FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e",
            lead_update!()
        )
    );
    match tx.exec(sql, args![list(rows)?]).await? {
        touched if touched == expected => Ok(()),
        touched => Err(Fault::Rows { what: "save leads", expected, touched }),
    }
}

/// A lead's values in the order of its columns.
fn lead_row(lead: &Lead) -> Result<Vec<serde_json::Value>, Fault> {
    Ok(vec![
        json!(lead.id),
        json!(lead.source_id),
        json!(lead.external_id),
        json!(lead.program_id),
        json!(lead.partner_id),
        json!(lead.number),
        json!(lead.plan_id),
        json!(lead.campaign_id),
        json!(lead.rule),
        json!(lead.state.as_str()),
        json!(lead.email_hash),
        json!(lead.company),
        json!(lead.country),
        json!(lead.lifecycle),
        json!(lead.created_ms),
        json!(lead.version_ms),
        json!(serde_json::to_string(&lead.folded)?),
        json!(lead.duplicate_of),
        json!(lead.by_hand_campaign),
        json!(lead.invalid_by),
        json!(lead.merged_into),
        json!(lead.deleted_ms),
        json!(lead.forgotten_ms),
        json!(lead.recorded_ms),
    ])
}

/// Takes `count` short numbers for leads of a partner; gives the first.
///
/// # Errors
/// A fault of the database.
pub async fn take_numbers(tx: &mut Tx, partner_id: &str, count: i64) -> Result<i64, Fault> {
    let sql = "INSERT INTO counter (partner_id, noun, last) VALUES ($1, 'lead', $2)
         ON CONFLICT (partner_id, noun) DO UPDATE SET last = counter.last + excluded.last RETURNING last";
    Ok(tx.one(sql, args![partner_id, count]).await?.int("last")? - count + 1)
}
