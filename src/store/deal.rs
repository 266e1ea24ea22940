//! Deals folded from what CRMs send, their contacts, touches and credit.

use super::inbox::{by_engine, list, with_list};
use super::{Read, Row, Tx};
use crate::args;
use crate::crm::record::RecordState;
use crate::domain::attribution::{MatchedTouch, Model};
use crate::fault::Fault;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A deal as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Our id.
    pub id: String,
    /// Its source.
    pub source_id: String,
    /// The CRM's id.
    pub external_id: String,
    /// Its program.
    pub program_id: String,
    /// The campaign that sourced it.
    pub campaign_id: Option<String>,
    /// Our id of the lead that sourced it; `None` where the deal's own signals did.
    pub lead_id: Option<String>,
    /// The rule that matched.
    pub rule: Option<String>,
    /// `open`, `won` or `lost`.
    pub status: String,
    /// The CRM's stage.
    pub stage: Option<String>,
    /// Decimal text as the CRM has it.
    pub amount: Option<String>,
    /// The amount in minor units, where its currency is known.
    pub amount_minor: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// When the CRM made it, Unix milliseconds.
    pub created_ms: i64,
    /// When it was won or lost, Unix milliseconds.
    pub closed_ms: Option<i64>,
    /// Source version, Unix milliseconds.
    pub version_ms: i64,
    /// All that was said of it.
    pub folded: RecordState,
    /// The CRM's id of the deal that it was merged into.
    pub merged_into: Option<String>,
    /// When it was deleted in the CRM.
    pub deleted_ms: Option<i64>,
    /// When we first heard of it.
    pub recorded_ms: i64,
}

macro_rules! deal_columns {
    () => {
        "id, source_id, external_id, program_id, campaign_id, lead_id, rule, status, stage, amount, amount_minor, currency,
         created_at, closed_at, version, folded, merged_into, deleted_at, recorded_at"
    };
}

fn deal(row: &Row) -> Result<Deal, Fault> {
    Ok(Deal {
        id: row.text("id")?,
        source_id: row.text("source_id")?,
        external_id: row.text("external_id")?,
        program_id: row.text("program_id")?,
        campaign_id: row.text_opt("campaign_id")?,
        lead_id: row.text_opt("lead_id")?,
        rule: row.text_opt("rule")?,
        status: row.text("status")?,
        stage: row.text_opt("stage")?,
        amount: row.text_opt("amount")?,
        amount_minor: row.int_opt("amount_minor")?,
        currency: row.text_opt("currency")?,
        created_ms: row.int("created_at")?,
        closed_ms: row.int_opt("closed_at")?,
        version_ms: row.int("version")?,
        folded: serde_json::from_str(&row.text("folded")?)?,
        merged_into: row.text_opt("merged_into")?,
        deleted_ms: row.int_opt("deleted_at")?,
        recorded_ms: row.int("recorded_at")?,
    })
}

/// Locks and returns the deals of a source with these CRM ids.
///
/// # Errors
/// A fault of the database.
pub async fn lock_deals(
    tx: &mut Tx,
    source_id: &str,
    external_ids: impl IntoIterator<Item = &String>,
) -> Result<Vec<Deal>, Fault> {
    let sql = with_list!(
        tx,
        "UPDATE deal SET lock_no = lock_no + 1 WHERE source_id = $2 AND external_id IN ",
        concat!(" RETURNING ", deal_columns!())
    );
    tx.all(sql, args![list(external_ids)?, source_id]).await?.iter().map(deal).collect()
}

/// A source's deal by the CRM's id.
///
/// # Errors
/// A fault of the database.
pub async fn by_external(read: &mut Read, source_id: &str, external_id: &str) -> Result<Option<Deal>, Fault> {
    let sql = concat!("SELECT ", deal_columns!(), " FROM deal WHERE source_id = $1 AND external_id = $2");
    read.opt(sql, args![source_id, external_id]).await?.as_ref().map(deal).transpose()
}

/// Saves a deal that is new or locked.
///
/// # Errors
/// A fault of the database.
pub async fn save_deal(tx: &mut Tx, deal: &Deal) -> Result<(), Fault> {
    let sql = concat!(
        "INSERT INTO deal (",
        deal_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (id) DO UPDATE SET campaign_id = excluded.campaign_id, lead_id = excluded.lead_id, rule = excluded.rule,
           status = excluded.status, stage = excluded.stage, amount = excluded.amount, amount_minor = excluded.amount_minor,
           currency = excluded.currency, created_at = excluded.created_at, closed_at = excluded.closed_at,
           version = excluded.version, folded = excluded.folded, merged_into = excluded.merged_into,
           deleted_at = excluded.deleted_at
         WHERE deal.version <= excluded.version"
    );
    let args = args![
        &deal.id,
        &deal.source_id,
        &deal.external_id,
        &deal.program_id,
        &deal.campaign_id,
        &deal.lead_id,
        &deal.rule,
        &deal.status,
        &deal.stage,
        &deal.amount,
        deal.amount_minor,
        &deal.currency,
        deal.created_ms,
        deal.closed_ms,
        deal.version_ms,
        serde_json::to_string(&deal.folded)?,
        &deal.merged_into,
        deal.deleted_ms,
        deal.recorded_ms,
    ];
    tx.exec_one("save deal", sql, args).await
}

/// That a lead is, or is no longer, a contact of a deal, as of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The CRM's id of the deal.
    pub deal: String,
    /// The CRM's id of the lead.
    pub lead: String,
    /// Unix milliseconds.
    pub version_ms: i64,
    /// The link was taken away.
    pub removed: bool,
}

/// Keeps the newest version of each link; of two of the same version the removal.
///
/// # Errors
/// A fault of the database.
pub async fn save_links(tx: &mut Tx, source_id: &str, links: &[Link]) -> Result<(), Fault> {
    if links.is_empty() {
        return Ok(());
    }
    // One row per pair: PostgreSQL refuses a statement that would change a row twice.
    let mut newest: BTreeMap<(&str, &str), (i64, bool)> = BTreeMap::new();
    for link in links {
        let said = (link.version_ms, link.removed);
        let kept = newest.entry((&link.deal, &link.lead)).or_insert(said);
        *kept = said.max(*kept);
    }
    let rows = newest.into_iter().map(|((deal, lead), (version, removed))| {
        json!([source_id, deal, lead, version, i64::from(removed)])
    });
    let sql = by_engine!(
        tx,
        "INSERT INTO deal_lead (source_id, deal_external_id, lead_external_id, version, removed)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]') FROM json_each($1) WHERE true
         ON CONFLICT (source_id, deal_external_id, lead_external_id) DO UPDATE SET version = excluded.version, removed = excluded.removed
         WHERE deal_lead.version < excluded.version
           OR (deal_lead.version = excluded.version AND deal_lead.removed < excluded.removed)",
        "INSERT INTO deal_lead (source_id, deal_external_id, lead_external_id, version, removed)
         SELECT e->>0, e->>1, e->>2, CAST(e->>3 AS BIGINT), CAST(e->>4 AS BIGINT) FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e
         ON CONFLICT (source_id, deal_external_id, lead_external_id) DO UPDATE SET version = excluded.version, removed = excluded.removed
         WHERE deal_lead.version < excluded.version
           OR (deal_lead.version = excluded.version AND deal_lead.removed < excluded.removed)"
    );
    tx.exec(sql, args![list(rows)?]).await?;
    Ok(())
}

/// Links that hold, by deal: the CRM's ids of the leads with the version of each link.
///
/// # Errors
/// A fault of the database.
pub async fn links_of_deals(
    read: &mut Read,
    source_id: &str,
    deals: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<(String, i64)>>, Fault> {
    let sql = with_list!(
        read,
        "SELECT deal_external_id, lead_external_id, version FROM deal_lead
         WHERE removed = 0 AND source_id = $2 AND deal_external_id IN ",
        " ORDER BY deal_external_id, lead_external_id"
    );
    let mut links: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    for row in read.all(sql, args![list(deals)?, source_id]).await? {
        let lead = (row.text("lead_external_id")?, row.int("version")?);
        links.entry(row.text("deal_external_id")?).or_default().push(lead);
    }
    Ok(links)
}

/// The CRM's ids of the deals that any of these leads is or was a contact of.
///
/// # Errors
/// A fault of the database.
pub async fn deals_of_leads(
    read: &mut Read,
    source_id: &str,
    leads: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Fault> {
    let sql = with_list!(
        read,
        "SELECT DISTINCT deal_external_id FROM deal_lead WHERE source_id = $2 AND lead_external_id IN ",
        ""
    );
    let rows = read.all(sql, args![list(leads)?, source_id]).await?;
    rows.iter().map(|row| row.text("deal_external_id")).collect()
}

/// Deals that were merged into these, by the winner's CRM id.
///
/// # Errors
/// A fault of the database.
pub async fn losers(
    read: &mut Read,
    source_id: &str,
    winners: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, Fault> {
    let sql = with_list!(
        read,
        "SELECT external_id, merged_into FROM deal WHERE source_id = $2 AND merged_into IN ",
        ""
    );
    let mut losers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in read.all(sql, args![list(winners)?, source_id]).await? {
        losers.entry(row.text("merged_into")?).or_default().insert(row.text("external_id")?);
    }
    Ok(losers)
}

/// Touches with campaigns, by our id of the lead or deal that they are of.
pub type Touches = BTreeMap<String, Vec<MatchedTouch>>;

/// Replaces the touches of leads and deals: one row per campaign, with the strongest rule of its earliest touch.
///
/// # Errors
/// A fault of the database.
pub async fn save_touches(tx: &mut Tx, touches: &Touches) -> Result<(), Fault> {
    if touches.is_empty() {
        return Ok(());
    }
    let sql = with_list!(tx, "DELETE FROM touch WHERE record_id IN ", "");
    tx.exec(sql, args![list(touches.keys())?]).await?;
    let mut merged: BTreeMap<(&str, &str), MatchedTouch> = BTreeMap::new();
    for (record, touch) in
        touches.iter().flat_map(|(record, all)| all.iter().map(move |touch| (record, touch)))
    {
        let kept = merged.entry((record, &touch.campaign_id)).or_insert_with(|| touch.clone());
        let last_ms = kept.last_ms.max(touch.last_ms);
        if touch < kept {
            *kept = touch.clone();
        }
        kept.last_ms = last_ms;
    }
    let rows = merged
        .into_iter()
        .map(|((record, campaign), t)| json!([record, campaign, t.rule.as_str(), t.first_ms, t.last_ms]));
    let sql = by_engine!(
        tx,
        "INSERT INTO touch (record_id, campaign_id, rule, first_at, last_at)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]') FROM json_each($1)",
        "INSERT INTO touch (record_id, campaign_id, rule, first_at, last_at)
         SELECT e->>0, e->>1, e->>2, CAST(e->>3 AS BIGINT), CAST(e->>4 AS BIGINT) FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e"
    );
    tx.exec(sql, args![list(rows)?]).await?;
    Ok(())
}

/// A campaign's share of a deal under a model, in hundredths of a percent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credit {
    /// The campaign's partner: each partner's touches share 10,000 among themselves.
    pub partner_id: String,
    /// The model.
    pub model: Model,
    /// The campaign.
    pub campaign_id: String,
    /// Hundredths of a percent.
    pub share: i64,
}

/// Replaces the credit of deals, by our id.
///
/// # Errors
/// A fault of the database.
pub async fn save_credit(tx: &mut Tx, credit: &BTreeMap<String, Vec<Credit>>) -> Result<(), Fault> {
    if credit.is_empty() {
        return Ok(());
    }
    let sql = with_list!(tx, "DELETE FROM deal_credit WHERE deal_id IN ", "");
    tx.exec(sql, args![list(credit.keys())?]).await?;
    let all = credit.iter().flat_map(|(deal, all)| all.iter().map(move |one| (deal, one)));
    let rows = all.map(|(deal, c)| json!([deal, c.partner_id, c.model.as_str(), c.campaign_id, c.share]));
    let sql = by_engine!(
        tx,
        "INSERT INTO deal_credit (deal_id, partner_id, model, campaign_id, share)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]') FROM json_each($1)",
        "INSERT INTO deal_credit (deal_id, partner_id, model, campaign_id, share)
         SELECT e->>0, e->>1, e->>2, e->>3, CAST(e->>4 AS BIGINT) FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e"
    );
    tx.exec(sql, args![list(rows)?]).await?;
    Ok(())
}
