//! Facts: what reports add up. Append-only; a correction is a reversing row of the same day, recorded later, so that
//! the figures of any earlier as-of instant can be had again.

use super::inbox::{by_engine, list, with_list};
use super::{Read, Row, Tx};
use crate::args;
use crate::fault::Fault;
use serde_json::json;
use std::collections::BTreeMap;

/// What a fact counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Distinct leads, on the day the CRM received them.
    Leads,
    /// Amount of sourced deals on their creation day, lost ones included.
    Pipeline,
    /// Amount of sourced deals on the day they were won.
    Won,
    /// Amount of sourced deals on the day they were lost: shown beside the pipeline, never taken from it.
    PipelineLost,
    /// Amount of deals that the campaign touched and did not source: never added to the pipeline.
    PipelineInfluenced,
}

const MEASURES: [(Measure, &str); 5] = [
    (Measure::Leads, "leads"),
    (Measure::Pipeline, "pipeline"),
    (Measure::Won, "won"),
    (Measure::PipelineLost, "pipeline_lost"),
    (Measure::PipelineInfluenced, "pipeline_influenced"),
];

impl Measure {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        MEASURES.iter().find(|(measure, _)| *measure == self).map_or("", |(_, word)| word)
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        MEASURES.iter().find(|(_, known)| *known == word).map(|(measure, _)| *measure)
    }
}

/// What facts of one record are added up by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactKey {
    /// The campaign.
    pub campaign_id: String,
    /// What is counted.
    pub measure: Measure,
    /// When it happened, Unix milliseconds.
    pub occurred_ms: i64,
    /// The day of that in the plan's time zone, ISO 8601.
    pub occurred_on: String,
    /// Currency of an amount; `None` for a count.
    pub currency: Option<String>,
}

/// Which record a fact is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// A lead, by our id.
    Lead(String),
    /// A deal, by our id.
    Deal(String),
}

/// A fact to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// Its id.
    pub id: String,
    /// The record.
    pub of: Of,
    /// What it adds to.
    pub key: FactKey,
    /// A count, or minor units.
    pub delta: i64,
    /// The rule that tied the record to the campaign.
    pub rule: String,
}

/// Adds facts, all recorded at one time.
///
/// # Errors
/// A fault of the database.
pub async fn append(tx: &mut Tx, facts: &[NewFact], recorded_ms: i64) -> Result<(), Fault> {
    if facts.is_empty() {
        return Ok(());
    }
    let rows = facts.iter().map(|fact| {
        let (lead, deal) = match &fact.of {
            Of::Lead(id) => (Some(id), None),
            Of::Deal(id) => (None, Some(id)),
        };
        let key = &fact.key;
        json!([
            fact.id,
            key.campaign_id,
            key.occurred_on,
            key.occurred_ms,
            recorded_ms,
            key.measure.as_str(),
            fact.delta,
            key.currency,
            lead,
            deal,
            fact.rule
        ])
    });
    let sql = by_engine!(
        tx,
        "INSERT INTO fact (id, campaign_id, occurred_on, occurred_at, recorded_at, measure, delta, currency, lead_id, deal_id, rule)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'),
           json_extract(value, '$[8]'), json_extract(value, '$[9]'), json_extract(value, '$[10]')
         FROM json_each($1)",
        "INSERT INTO fact (id, campaign_id, occurred_on, occurred_at, recorded_at, measure, delta, currency, lead_id, deal_id, rule)
         SELECT e->>0, e->>1, e->>2, CAST(e->>3 AS BIGINT), CAST(e->>4 AS BIGINT), e->>5, CAST(e->>6 AS BIGINT), e->>7,
           e->>8, e->>9, e->>10
         FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e"
    );
    let expected = u64::try_from(facts.len()).unwrap_or(u64::MAX);
    match tx.exec(sql, args![list(rows)?]).await? {
        touched if touched == expected => Ok(()),
        touched => Err(Fault::Rows { what: "append facts", expected, touched }),
    }
}

/// Sums of the facts of leads and deals as they are now; what adds up to nothing is left out.
pub type Sums = BTreeMap<Of, BTreeMap<FactKey, i64>>;

/// Sums of the facts of these leads, by lead.
///
/// # Errors
/// A fault of the database.
pub async fn sums_of_leads(read: &mut Read, ids: &[&str]) -> Result<Sums, Fault> {
    let sql = with_list!(
        read,
        "SELECT lead_id AS record, campaign_id, occurred_on, occurred_at, measure, currency, CAST(SUM(delta) AS BIGINT) AS total
         FROM fact WHERE lead_id IN ",
        " GROUP BY lead_id, campaign_id, occurred_on, occurred_at, measure, currency"
    );
    sums(read.all(sql, args![list(ids)?]).await?, Of::Lead)
}

/// Sums of the facts of these deals, by deal.
///
/// # Errors
/// A fault of the database.
pub async fn sums_of_deals(read: &mut Read, ids: &[&str]) -> Result<Sums, Fault> {
    let sql = with_list!(
        read,
        "SELECT deal_id AS record, campaign_id, occurred_on, occurred_at, measure, currency, CAST(SUM(delta) AS BIGINT) AS total
         FROM fact WHERE deal_id IN ",
        " GROUP BY deal_id, campaign_id, occurred_on, occurred_at, measure, currency"
    );
    sums(read.all(sql, args![list(ids)?]).await?, Of::Deal)
}

fn sums(rows: Vec<Row>, of: impl Fn(String) -> Of) -> Result<Sums, Fault> {
    let mut sums = Sums::new();
    for row in rows {
        let total = row.int("total")?;
        if total != 0 {
            sums.entry(of(row.text("record")?)).or_default().insert(key(&row)?, total);
        }
    }
    Ok(sums)
}

fn key(row: &Row) -> Result<FactKey, Fault> {
    Ok(FactKey {
        campaign_id: row.text("campaign_id")?,
        measure: row.parsed("measure", Measure::parse)?,
        occurred_ms: row.int("occurred_at")?,
        occurred_on: row.text("occurred_on")?,
        currency: row.text_opt("currency")?,
    })
}

/// One fact as stored, with what it is of: every number unfolds to these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The record.
    pub of: Of,
    /// What it adds to.
    pub key: FactKey,
    /// A count, or minor units.
    pub delta: i64,
    /// When we learned of it, Unix milliseconds.
    pub recorded_ms: i64,
    /// The rule that tied the record to the campaign.
    pub rule: String,
}

/// All facts of a campaign, in the order they were recorded.
///
/// # Errors
/// A fault of the database.
pub async fn of_campaign(read: &mut Read, campaign_id: &str) -> Result<Vec<Fact>, Fault> {
    let sql = "SELECT campaign_id, occurred_on, occurred_at, recorded_at, measure, delta, currency, lead_id, deal_id, rule
         FROM fact WHERE campaign_id = $1 ORDER BY recorded_at, id";
    let rows = read.all(sql, args![campaign_id]).await?;
    let fact = |row: &Row| {
        let of = match row.text_opt("lead_id")? {
            Some(lead) => Of::Lead(lead),
            None => Of::Deal(row.text("deal_id")?),
        };
        let (delta, recorded_ms) = (row.int("delta")?, row.int("recorded_at")?);
        Ok(Fact { of, key: key(row)?, delta, recorded_ms, rule: row.text("rule")? })
    };
    rows.iter().map(fact).collect()
}
