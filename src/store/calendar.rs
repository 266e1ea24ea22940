//! Secret links to a plan's calendar. Only the hash of a link is kept.

use super::{Read, Tx};
use crate::args;
use crate::domain::actor::Company;
use crate::fault::Fault;
use chrono::{DateTime, Utc};

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed<'a> {
    pub id: String,
    pub plan_id: &'a str,
    pub company: &'a Company,
    pub person: &'a str,
    pub secret_sha256: String,
    pub created_at: DateTime<Utc>,
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, feed: &Feed<'_>) -> Result<(), Fault> {
    tx.exec_one(
        "insert calendar feed",
        "INSERT INTO calendar_feed (id, plan_id, company, person, secret_sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            &feed.id,
            feed.plan_id,
            feed.company.code(),
            feed.person,
            &feed.secret_sha256,
            feed.created_at,
        ],
    )
    .await
}

/// Ends the links that a company's people hold to a plan, or those of one `person` of it. Gives how many ended.
///
/// # Errors
/// A fault of the database.
pub async fn revoke(
    tx: &mut Tx,
    plan_id: &str,
    company: &Company,
    person: Option<&str>,
    at: DateTime<Utc>,
) -> Result<u64, Fault> {
    let sql = "UPDATE calendar_feed SET revoked_at = $4
               WHERE plan_id = $1 AND company = $2 AND ($3 = '' OR person = $3) AND revoked_at IS NULL";
    tx.exec(sql, args![plan_id, company.code(), person.unwrap_or_default(), at]).await
}

/// Ends every link to a partner's plans, whoever holds it. Gives how many ended.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_of_partner(tx: &mut Tx, partner_id: &str, at: DateTime<Utc>) -> Result<u64, Fault> {
    let sql = "UPDATE calendar_feed SET revoked_at = $2
               WHERE plan_id IN (SELECT id FROM plan WHERE partner_id = $1) AND revoked_at IS NULL";
    tx.exec(sql, args![partner_id, at]).await
}

/// The id of the plan that a link leads to; `None` for one that was revoked, or never was, or of a partner that is gone.
///
/// # Errors
/// A fault of the database.
pub async fn plan_of(read: &mut Read, secret_sha256: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT plan_id FROM calendar_feed WHERE secret_sha256 = $1 AND revoked_at IS NULL
               AND plan_id IN (SELECT id FROM plan WHERE partner_id IN (SELECT id FROM partner WHERE archived_at IS NULL))";
    read.opt(sql, args![secret_sha256]).await?.map(|row| row.text("plan_id")).transpose()
}
