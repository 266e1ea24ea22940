//! The audit trail and the saved replies of the command road.
//!
//! The trail of a program is a chain: each line has its place, the hash of the line before it, and a hash over both, so
//! that a line can't be changed, removed, put in or moved without breaking what follows. `audit_head` says how long the
//! chain is and where it ends. Lines are gathered in the transaction and written when it commits (see [`Tx::commit`]);
//! what was appended is not found by a query of the same transaction.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::trail::{self, GENESIS};
use crate::fault::Fault;
use chrono::{DateTime, Utc};

/// One line of the trail: ids, amounts and hashes only, never a name or what somebody wrote.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub id: String,
    pub at: DateTime<Utc>,
    pub program_id: &'a str,
    pub partner_id: Option<&'a str>,
    pub actor: &'a str,
    pub company: &'a str,
    pub code: &'a str,
    pub item: &'a str,
    pub detail: serde_json::Value,
}

/// The lines that a transaction will write.
pub(super) type Trail = Vec<trail::Line>;

/// Adds a line to what the transaction writes when it commits.
pub fn append(tx: &mut Tx, line: &Line<'_>) {
    tx.trail.push(trail::Line {
        id: line.id.clone(),
        seq: 0,
        at: line.at.timestamp_millis(),
        program_id: line.program_id.to_owned(),
        partner_id: line.partner_id.map(str::to_owned),
        actor: line.actor.to_owned(),
        company: line.company.to_owned(),
        code: line.code.to_owned(),
        item: line.item.to_owned(),
        detail: line.detail.to_string(),
    });
}

/// Writes the gathered lines, program by program in the order of their ids, so that two transactions which write for
/// several programs take the heads in one order.
pub(super) async fn write(tx: &mut Tx) -> Result<(), Fault> {
    let mut lines = std::mem::take(&mut tx.trail);
    // Stable: the lines of one program keep the order in which they came.
    lines.sort_by(|a, b| a.program_id.cmp(&b.program_id));
    for lines in lines.chunk_by_mut(|a, b| a.program_id == b.program_id) {
        chain(tx, lines).await?;
    }
    Ok(())
}

async fn chain(tx: &mut Tx, lines: &mut [trail::Line]) -> Result<(), Fault> {
    let Some(program_id) = lines.first().map(|line| line.program_id.clone()) else { return Ok(()) };
    // Taking the head and learning where it is are one statement: who comes second waits here, and reads what the
    // first has left.
    let head = "INSERT INTO audit_head (program_id, seq, hash) VALUES ($1, 0, $2)
                ON CONFLICT (program_id) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash";
    let row = tx.one(head, args![&program_id, GENESIS]).await?;
    let (mut seq, mut hash) = (row.int("seq")?, row.text("hash")?);
    for line in lines {
        seq += 1;
        line.seq = seq;
        let next = line.hash(&hash);
        insert(tx, line, &hash, &next).await?;
        hash = next;
    }
    let sql = "UPDATE audit_head SET seq = $2, hash = $3 WHERE program_id = $1";
    tx.exec_one("move audit head", sql, args![&program_id, seq, &hash]).await
}

async fn insert(tx: &mut Tx, line: &trail::Line, before: &str, hash: &str) -> Result<(), Fault> {
    tx.exec_one(
        "append audit line",
        "INSERT INTO audit (id, at, program_id, partner_id, actor, company, code, item, detail, seq, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            &line.id,
            line.at,
            &line.program_id,
            &line.partner_id,
            &line.actor,
            &line.company,
            &line.code,
            &line.item,
            &line.detail,
            line.seq,
            before,
            hash,
        ],
    )
    .await
}

/// What became of the check of one program's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub program_key: String,
    /// The last place of the chain, by its head.
    pub seq: i64,
    /// The hash of the last line, by its head.
    pub hash: String,
    /// The first place at which something is wrong, with a sentence that says what.
    pub broken: Option<(i64, String)>,
}

/// Checks the chain of every program that has one, archived programs included.
///
/// # Errors
/// A fault of the database.
pub async fn verify(read: &mut Read) -> Result<Vec<Verified>, Fault> {
    let sql = "SELECT p.id, p.key, h.seq, h.hash FROM program p LEFT JOIN audit_head h ON h.program_id = p.id ORDER BY p.key";
    let mut all = Vec::new();
    for row in read.all(sql, args![]).await? {
        let (seq, hash) = (row.int_opt("seq")?.unwrap_or(0), row.text_opt("hash")?.unwrap_or_default());
        let hash = if hash.is_empty() { GENESIS.to_owned() } else { hash };
        let broken = walk(read, &row.text("id")?, seq, &hash).await?;
        all.push(Verified { program_key: row.text("key")?, seq, hash, broken });
    }
    Ok(all)
}

/// The hash of one line, as it is kept.
///
/// # Errors
/// A fault of the database.
pub async fn hash_at(read: &mut Read, program_key: &str, seq: i64) -> Result<Option<String>, Fault> {
    let sql =
        "SELECT a.hash FROM audit a JOIN program p ON p.id = a.program_id WHERE p.key = $1 AND a.seq = $2";
    read.opt(sql, args![program_key, seq]).await?.map(|row| row.text("hash")).transpose()
}

/// Lines read at once.
const PAGE: i64 = 1_000;

async fn walk(
    read: &mut Read,
    program_id: &str,
    head: i64,
    end: &str,
) -> Result<Option<(i64, String)>, Fault> {
    let mut chain = trail::Chain::default();
    let unchained = "SELECT COUNT(*) AS n FROM audit WHERE program_id = $1 AND seq < 1";
    let strays = read.one(unchained, args![program_id]).await?.int("n")?;
    if strays > 0 {
        return Ok(Some((0, format!("{strays} line(s) are outside of the chain"))));
    }
    loop {
        let sql = "SELECT id, at, program_id, partner_id, actor, company, code, item, detail, seq, prev_hash, hash FROM audit
                   WHERE program_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = read.all(sql, args![program_id, chain.seq, PAGE]).await?;
        for row in &rows {
            let (line, before, hash) = (line(row)?, row.text("prev_hash")?, row.text("hash")?);
            if let Err(wrong) = chain.take(&line, &before, &hash) {
                return Ok(Some((chain.seq + 1, wrong)));
            }
        }
        if rows.is_empty() {
            return Ok(chain.ends(head, end).err().map(|wrong| (chain.seq + 1, wrong)));
        }
    }
}

fn line(row: &Row) -> Result<trail::Line, Fault> {
    Ok(trail::Line {
        id: row.text("id")?,
        seq: row.int("seq")?,
        at: row.int("at")?,
        program_id: row.text("program_id")?,
        partner_id: row.text_opt("partner_id")?,
        actor: row.text("actor")?,
        company: row.text("company")?,
        code: row.text("code")?,
        item: row.text("item")?,
        detail: row.text("detail")?,
    })
}

/// The codes of what happened to an item, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn codes_of(read: &mut Read, item: &str) -> Result<Vec<String>, Fault> {
    let rows = read.all("SELECT code FROM audit WHERE item = $1 ORDER BY seq", args![item]).await?;
    rows.iter().map(|row| row.text("code")).collect()
}

/// A line of the trail with its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub line: trail::Line,
    /// The hash of the line before it.
    pub before: String,
    pub hash: String,
}

/// The lines about an item, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_item(read: &mut Read, item: &str) -> Result<Vec<Link>, Fault> {
    let sql = "SELECT id, at, program_id, partner_id, actor, company, code, item, detail, seq, prev_hash, hash FROM audit
               WHERE item = $1 ORDER BY seq";
    let link =
        |row: &Row| Ok(Link { line: line(row)?, before: row.text("prev_hash")?, hash: row.text("hash")? });
    read.all(sql, args![item]).await?.iter().map(link).collect()
}

/// Claims a request: the first write of its transaction. `None` if it is new; its saved reply if it was handled before.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &mut Tx, key: &str, received_at: DateTime<Utc>) -> Result<Option<String>, Fault> {
    let sql = "INSERT INTO request_log (key, received_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    if tx.exec(sql, args![key, received_at]).await? == 1 {
        return Ok(None);
    }
    let row = tx.one("SELECT reply FROM request_log WHERE key = $1", args![key]).await?;
    Ok(Some(row.text_opt("reply")?.ok_or_else(|| Fault::Corrupt(format!("request {key} has no reply")))?))
}

/// The reply of a request that was handled before.
///
/// # Errors
/// A fault of the database.
pub async fn reply(read: &mut Read, key: &str) -> Result<Option<String>, Fault> {
    let row = read.opt("SELECT reply FROM request_log WHERE key = $1", args![key]).await?;
    row.map_or(Ok(None), |row| row.text_opt("reply"))
}

/// Saves the reply of a claimed request.
///
/// # Errors
/// A fault of the database.
pub async fn remember(tx: &mut Tx, key: &str, reply: &str) -> Result<(), Fault> {
    tx.exec_one("save reply", "UPDATE request_log SET reply = $2 WHERE key = $1", args![key, reply]).await
}
