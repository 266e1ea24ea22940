//! Decisions on requests and on claims, as they were taken: in a table each, append-only.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::approval::Taken;
use crate::domain::claim::Line;
use crate::domain::money::Money;
use crate::fault::Fault;
use chrono::{DateTime, Utc};

/// The outcome of a decision that is a step of several, and not the last.
pub const STEP: &str = "step";

/// What was decided on, by its id.
#[derive(Clone, Copy, Debug)]
pub enum On<'a> {
    Request(&'a str),
    Claim(&'a str),
}

impl<'a> On<'a> {
    fn id(self) -> &'a str {
        match self {
            On::Request(id) | On::Claim(id) => id,
        }
    }
}

/// A decision to be written.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    pub id: String,
    pub on: On<'a>,
    /// What the decider saw; of a step, what it counts on.
    pub rev: i64,
    pub outcome: &'a str,
    pub amount: Option<Money>,
    pub reason: Option<&'a str>,
    pub person: &'a str,
    /// Who is away and for whom it was taken.
    pub stands_for: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, decision: &Decision<'_>) -> Result<(), Fault> {
    let sql = match decision.on {
        On::Request(_) => {
            "INSERT INTO request_decision (id, request_id, rev, outcome, amount_minor, reason, person, at, stands_for)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        }
        On::Claim(_) => {
            "INSERT INTO claim_decision (id, claim_id, rev, outcome, amount_minor, reason, person, at, stands_for)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        }
    };
    let args = args![
        &decision.id,
        decision.on.id(),
        decision.rev,
        decision.outcome,
        decision.amount.map(Money::minor),
        decision.reason,
        decision.person,
        decision.at,
        decision.stands_for,
    ];
    tx.exec_one("insert decision", sql, args).await
}

/// A decision as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub id: String,
    /// What the decider saw; of a step, what it counts on.
    pub rev: i64,
    pub outcome: String,
    /// In minor units.
    pub amount_minor: Option<i64>,
    pub reason: Option<String>,
    pub person: String,
    pub stands_for: Option<String>,
    pub at: DateTime<Utc>,
}

/// Every decision on a request or claim, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn all(read: &mut Read, on: On<'_>) -> Result<Vec<Decided>, Fault> {
    let sql = match on {
        On::Request(_) => {
            "SELECT id, rev, outcome, amount_minor, reason, person, stands_for, at FROM request_decision
             WHERE request_id = $1 ORDER BY at, id"
        }
        On::Claim(_) => {
            "SELECT id, rev, outcome, amount_minor, reason, person, stands_for, at FROM claim_decision
             WHERE claim_id = $1 ORDER BY at, id"
        }
    };
    read.all(sql, args![on.id()]).await?.iter().map(decided).collect()
}

fn decided(row: &Row) -> Result<Decided, Fault> {
    Ok(Decided {
        id: row.text("id")?,
        rev: row.int("rev")?,
        outcome: row.text("outcome")?,
        amount_minor: row.int_opt("amount_minor")?,
        reason: row.text_opt("reason")?,
        person: row.text("person")?,
        stands_for: row.text_opt("stands_for")?,
        at: row.instant("at")?,
    })
}

/// The steps that were taken on a rev of a request or claim, in their order.
///
/// # Errors
/// A fault of the database.
pub async fn steps(read: &mut Read, on: On<'_>, rev: i64) -> Result<Vec<Taken>, Fault> {
    let taken = all(read, on).await?.into_iter().filter(|one| one.rev == rev && one.outcome == STEP);
    let numbered = taken.enumerate().map(|(step, one)| Taken {
        person: one.person,
        stands_for: one.stands_for,
        step,
        at: one.at,
    });
    Ok(numbered.collect())
}

/// What was said of a line when a decision was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub decision_id: String,
    pub position: i64,
    pub what: String,
    pub supplier: String,
    pub invoice_number: String,
    /// In minor units of the claim's currency.
    pub claimed_minor: i64,
    /// Of that, what was accepted; nobody had said anything of it without it.
    pub accepted_minor: Option<i64>,
    pub reason: Option<String>,
}

/// Keeps the lines as they stand at a decision on their claim: they may be judged anew and removed after it.
///
/// # Errors
/// A fault of the database.
pub async fn insert_verdicts(tx: &mut Tx, decision_id: &str, lines: &[Line]) -> Result<(), Fault> {
    let sql = "INSERT INTO claim_verdict (decision_id, position, what, supplier, invoice_number, claimed_minor, accepted_minor, reason)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for line in lines {
        let args = args![
            decision_id,
            line.position,
            &line.what,
            &line.supplier,
            &line.invoice_number,
            line.claimed.minor(),
            line.accepted.map(Money::minor),
            &line.reason,
        ];
        tx.exec_one("insert claim verdict", sql, args).await?;
    }
    Ok(())
}

/// What was said of the lines of a claim, at every decision on it, in the order of the lines.
///
/// # Errors
/// A fault of the database.
pub async fn verdicts(read: &mut Read, claim_id: &str) -> Result<Vec<Verdict>, Fault> {
    let sql = "SELECT v.decision_id, v.position, v.what, v.supplier, v.invoice_number, v.claimed_minor, v.accepted_minor, v.reason
               FROM claim_verdict v JOIN claim_decision d ON d.id = v.decision_id
               WHERE d.claim_id = $1 ORDER BY d.at, d.id, v.position";
    let verdict = |row: &Row| {
        Ok(Verdict {
            decision_id: row.text("decision_id")?,
            position: row.int("position")?,
            what: row.text("what")?,
            supplier: row.text("supplier")?,
            invoice_number: row.text("invoice_number")?,
            claimed_minor: row.int("claimed_minor")?,
            accepted_minor: row.int_opt("accepted_minor")?,
            reason: row.text_opt("reason")?,
        })
    };
    read.all(sql, args![claim_id]).await?.iter().map(verdict).collect()
}
