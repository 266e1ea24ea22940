//! The files of claims: their rows. The bytes lie in the evidence folder. And the messages whose files somebody has pointed
//! at, until they have said what they prove.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::activity::Slot;
use crate::domain::claim::Evidence;
use crate::domain::command::{Attached, Source};
use crate::domain::evidence::Object;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Adds a file to a claim.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, claim_id: &str, file: &Evidence) -> Result<(), Fault> {
    let source = file.source.as_ref();
    tx.exec_one(
        "insert evidence",
        "INSERT INTO claim_evidence (id, claim_id, slot, sha256, name, content_type, bytes, restricted_rows, message_id, author,
           posted_at, added_by, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        args![
            &file.id,
            claim_id,
            file.slot.code(),
            &file.sha256,
            &file.name,
            &file.content_type,
            file.bytes,
            file.restricted_rows,
            source.map(|source| source.message.clone()),
            source.map(|source| source.author.clone()),
            source.map(|source| source.posted_at),
            &file.added_by,
            file.added_at,
        ],
    )
    .await
}

/// Takes a file out of a claim. Its row stays: the trail names it.
///
/// # Errors
/// A fault of the database.
pub async fn remove(tx: &mut Tx, id: &str, at: DateTime<Utc>) -> Result<(), Fault> {
    let sql = "UPDATE claim_evidence SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL";
    tx.exec_one("remove evidence", sql, args![id, at]).await
}

/// The files of a claim, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_claim(read: &mut Read, claim_id: &str) -> Result<Vec<Evidence>, Fault> {
    let sql =
        "SELECT id, slot, sha256, name, content_type, bytes, restricted_rows, message_id, author, posted_at, added_by, added_at
               FROM claim_evidence WHERE claim_id = $1 AND removed_at IS NULL ORDER BY added_at, id";
    read.all(sql, args![claim_id]).await?.iter().map(evidence).collect()
}

/// The files that were taken out of a claim after somebody had decided on it with them, and when; the first that was added
/// first.
///
/// # Errors
/// A fault of the database.
pub async fn removed_of_claim(
    read: &mut Read,
    claim_id: &str,
) -> Result<Vec<(Evidence, DateTime<Utc>)>, Fault> {
    let sql = "SELECT e.id, e.slot, e.sha256, e.name, e.content_type, e.bytes, e.restricted_rows, e.message_id, e.author, e.posted_at,
                 e.added_by, e.added_at, e.removed_at
               FROM claim_evidence e
               WHERE e.claim_id = $1 AND e.removed_at IS NOT NULL
                 AND EXISTS (SELECT 1 FROM claim_decision d
                             WHERE d.claim_id = e.claim_id AND d.at >= e.added_at AND d.at <= e.removed_at)
               ORDER BY e.added_at, e.id";
    let removed = |row: &Row| Ok((evidence(row)?, row.instant("removed_at")?));
    read.all(sql, args![claim_id]).await?.iter().map(removed).collect()
}

fn evidence(row: &Row) -> Result<Evidence, Fault> {
    let source = match row.text_opt("message_id")? {
        Some(message) => Some(Source {
            message,
            author: row.text_opt("author")?.unwrap_or_default(),
            posted_at: row.int_opt("posted_at")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Evidence {
        id: row.text("id")?,
        slot: row.parsed("slot", Slot::parse)?,
        sha256: row.text("sha256")?,
        name: row.text("name")?,
        content_type: row.text("content_type")?,
        bytes: row.int("bytes")?,
        restricted_rows: row.int_opt("restricted_rows")?,
        source,
        added_by: row.text("added_by")?,
        added_at: row.instant("added_at")?,
    })
}

/// The other claims of a partner that hold the same file: their short names; those that were never filed only `with_drafts`,
/// because they are the partner's own. Another partner's are nobody's business here.
///
/// # Errors
/// A fault of the database.
pub async fn same_file(
    read: &mut Read,
    partner_id: &str,
    but: &str,
    (sha256, with_drafts): (&str, bool),
) -> Result<Vec<String>, Fault> {
    let sql = "SELECT DISTINCT c.number FROM claim_evidence e JOIN claim c ON c.id = e.claim_id
               WHERE c.partner_id = $1 AND c.id <> $2 AND e.sha256 = $3 AND e.removed_at IS NULL
                 AND c.state NOT IN ('declined', 'withdrawn', 'expired')
                 AND (c.submitted_at IS NOT NULL OR $4 = 'drafts')
               ORDER BY c.number";
    let drafts = if with_drafts { "drafts" } else { "" };
    let rows = read.all(sql, args![partner_id, but, sha256, drafts]).await?;
    rows.iter().map(|row| Ok(format!("CLM-{}", row.int("number")?))).collect()
}

/// The stored objects that have to stay: those of files that are in a claim, and of files that were in one when somebody
/// decided on it.
///
/// # Errors
/// A fault of the database.
pub async fn objects(read: &mut Read) -> Result<BTreeSet<Object>, Fault> {
    let sql = "SELECT DISTINCT e.sha256, CASE WHEN e.restricted_rows IS NULL THEN 0 ELSE 1 END AS restricted
               FROM claim_evidence e
               WHERE e.removed_at IS NULL
                  OR EXISTS (SELECT 1 FROM claim_decision d
                             WHERE d.claim_id = e.claim_id AND d.at >= e.added_at AND d.at <= e.removed_at)";
    let object =
        |row: &Row| Ok(Object { sha256: row.text("sha256")?, restricted: row.int("restricted")? == 1 });
    read.all(sql, args![]).await?.iter().map(object).collect()
}

/// The files of a message that somebody has pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub id: String,
    pub partner_id: String,
    pub person: String,
    pub source: Source,
    pub files: Vec<Attached>,
    pub at: DateTime<Utc>,
}

/// # Errors
/// A fault of the database.
pub async fn insert_offer(tx: &mut Tx, offer: &Offer) -> Result<(), Fault> {
    tx.exec_one(
        "insert proof offer",
        "INSERT INTO proof_offer (id, partner_id, person, message_id, author, posted_at, files, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            &offer.id,
            &offer.partner_id,
            &offer.person,
            &offer.source.message,
            &offer.source.author,
            offer.source.posted_at,
            serde_json::to_string(&offer.files)?,
            offer.at,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn offer(read: &mut Read, id: &str) -> Result<Option<Offer>, Fault> {
    let sql = "SELECT id, partner_id, person, message_id, author, posted_at, files, at FROM proof_offer WHERE id = $1";
    let offer = |row: Row| {
        Ok(Offer {
            id: row.text("id")?,
            partner_id: row.text("partner_id")?,
            person: row.text("person")?,
            source: Source {
                message: row.text("message_id")?,
                author: row.text("author")?,
                posted_at: row.int("posted_at")?,
            },
            files: serde_json::from_str(&row.text("files")?)?,
            at: row.instant("at")?,
        })
    };
    read.opt(sql, args![id]).await?.map(offer).transpose()
}

/// Removes the offers that are older than an instant: the links in them are dead. Says how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_offers(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, Fault> {
    tx.exec("DELETE FROM proof_offer WHERE at < $1", args![before]).await
}
