//! What CRMs sent, as received: raw deliveries, the events settled from them, dead letters.
//!
//! Received and done are two things. A delivery is stored before it is answered; an event has a row only once it is
//! settled, written in the transaction that did its work, so a failure in between loses nothing and repeats nothing.
//! Bodies hold personal data: they are shown to nobody but by `show`, and erased when they are no longer needed.

use super::{Read, Row, Tx};
use crate::args;
use crate::fault::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How long the body of a delivery that is done is kept, in milliseconds.
pub const KEEP_DONE_MS: i64 = 30 * 24 * 3600 * 1000;
/// How long the body of a dead letter is kept, in milliseconds.
pub const KEEP_DEAD_MS: i64 = 90 * 24 * 3600 * 1000;

/// Picks the statement of the engine: they differ only in how a JSON array is unpacked.
macro_rules! by_engine {
    ($read:expr, $sqlite:expr, $postgres:expr) => {
        match $read.engine() {
            $crate::store::Engine::Sqlite => $sqlite,
            $crate::store::Engine::Postgres => $postgres,
        }
    };
}

/// A statement with a list of texts between two parts; the list is `$1`, a JSON array.
macro_rules! with_list {
    ($read:expr, $before:expr, $after:expr) => {
        match $read.engine() {
            $crate::store::Engine::Sqlite => concat!($before, "(SELECT value FROM json_each($1))", $after),
            $crate::store::Engine::Postgres => {
                concat!($before, "(SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))", $after)
            }
        }
    };
}
pub(super) use {by_engine, with_list};

/// A JSON array of texts, for [`with_list!`].
pub(super) fn list<S: serde::Serialize>(values: impl IntoIterator<Item = S>) -> Result<String, Fault> {
    Ok(serde_json::to_string(&values.into_iter().collect::<Vec<S>>())?)
}

/// An authentic request, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Begins with the signed time; see [`delivery_key`](crate::crm::intake::delivery_key).
    pub key: String,
    /// Its source.
    pub source_id: String,
    /// The signed time, Unix milliseconds.
    pub sent_ms: i64,
    /// Business time of arrival, Unix milliseconds.
    pub received_ms: i64,
    /// The sender's id of the message.
    pub message_id: Option<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// A body as a TEXT column can hold it: as it is, or base64 where it is not UTF-8 or holds a NUL.
fn packed(body: &[u8]) -> (String, &'static str) {
    match std::str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => (text.to_owned(), "text"),
        _ => (STANDARD.encode(body), "base64"),
    }
}

fn unpacked(row: &Row) -> Result<Option<Vec<u8>>, Fault> {
    let Some(body) = row.text_opt("body")? else { return Ok(None) };
    match row.text("encoding")?.as_str() {
        "base64" => {
            let bytes =
                STANDARD.decode(body).map_err(|_| Fault::Corrupt("a body is not base64".to_owned()))?;
            Ok(Some(bytes))
        }
        _ => Ok(Some(body.into_bytes())),
    }
}

/// Stores a group of deliveries in one statement; those that are there already are left alone.
///
/// # Errors
/// A fault of the database: then none of the group is stored.
pub async fn insert_all(tx: &mut Tx, group: &[Delivery]) -> Result<u64, Fault> {
    let rows = group.iter().map(|d| {
        let (body, encoding) = packed(&d.body);
        json!([d.key, d.source_id, d.sent_ms, d.received_ms, d.message_id, body, encoding])
    });
    let sql = by_engine!(
        tx,
        "INSERT INTO crm_delivery (key, source_id, sent_at, received_at, message_id, body, encoding, state, attempts, due_at, lease)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), 'waiting', 0, 0, 0
         FROM json_each($1) WHERE true ON CONFLICT (key) DO NOTHING",
        "INSERT INTO crm_delivery (key, source_id, sent_at, received_at, message_id, body, encoding, state, attempts, due_at, lease)
         SELECT e->>0, e->>1, CAST(e->>2 AS BIGINT), CAST(e->>3 AS BIGINT), e->>4, e->>5, e->>6, 'waiting', 0, 0, 0
         FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e ON CONFLICT (key) DO NOTHING"
    );
    tx.exec(sql, args![list(rows)?]).await
}

/// A delivery that a worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its key.
    pub key: String,
    /// Its source.
    pub source_id: String,
    /// The signed time, Unix milliseconds.
    pub sent_ms: i64,
    /// The sender's id of the message.
    pub message_id: Option<String>,
    /// The body's bytes; `None` if it was erased.
    pub body: Option<Vec<u8>>,
    /// Tries that have failed.
    pub attempts: u32,
}

/// The times that a claim goes by, Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct ClaimTimes {
    /// Business time: what is due.
    pub now_ms: i64,
    /// Protocol time: which leases are over.
    pub protocol_ms: i64,
    /// Protocol time at which these leases end.
    pub until_ms: i64,
}

/// Takes up to `limit` deliveries that wait, are due, and nobody holds; oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &mut Tx, times: ClaimTimes, limit: u32) -> Result<Vec<Claimed>, Fault> {
    // The condition stands outside the sub-select too: PostgreSQL evaluates that before it waits for a row's lock.
    let sql = "UPDATE crm_delivery SET lease = $2
         WHERE state = 'waiting' AND lease < $1 AND key IN (
           SELECT key FROM crm_delivery WHERE state = 'waiting' AND lease < $1 AND due_at <= $3 ORDER BY key LIMIT $4)
         RETURNING key, source_id, sent_at, message_id, body, encoding, attempts";
    let rows = tx.all(sql, args![times.protocol_ms, times.until_ms, times.now_ms, i64::from(limit)]).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        claimed.push(Claimed {
            key: row.text("key")?,
            source_id: row.text("source_id")?,
            sent_ms: row.int("sent_at")?,
            message_id: row.text_opt("message_id")?,
            body: unpacked(&row)?,
            attempts: u32::try_from(row.int("attempts")?).unwrap_or(u32::MAX),
        });
    }
    claimed.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(claimed)
}

/// What became of a claimed delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Every event in it is applied or ignored.
    Done,
    /// To be tried again.
    Later {
        /// Not before this business time, Unix milliseconds.
        due_ms: i64,
        /// Tries that have failed.
        attempts: u32,
        /// Why.
        reason: String,
    },
    /// Something in it can't be understood: a person has to look.
    Dead {
        /// One sentence.
        reason: String,
    },
}

/// Records what became of a delivery. One that another worker settled meanwhile is left as it is.
///
/// # Errors
/// A fault of the database.
pub async fn settle(tx: &mut Tx, key: &str, settled: &Settled, now_ms: i64) -> Result<(), Fault> {
    match settled {
        Settled::Done => {
            let sql = "UPDATE crm_delivery SET state = 'done', reason = NULL, done_at = $2, lease = 0
                 WHERE key = $1 AND state = 'waiting'";
            tx.exec(sql, args![key, now_ms]).await?;
        }
        Settled::Later { due_ms, attempts, reason } => {
            let sql = "UPDATE crm_delivery SET due_at = $2, attempts = $3, reason = $4, lease = 0
                 WHERE key = $1 AND state = 'waiting'";
            tx.exec(sql, args![key, *due_ms, *attempts, reason]).await?;
        }
        Settled::Dead { reason } => {
            let sql = "UPDATE crm_delivery SET state = 'dead', reason = $2, done_at = $3, lease = 0
                 WHERE key = $1 AND state = 'waiting'";
            tx.exec(sql, args![key, reason, now_ms]).await?;
        }
    }
    Ok(())
}

/// Makes a delivery that waits be tried at once. One that was settled meanwhile is left as it is.
///
/// # Errors
/// A fault of the database.
pub async fn try_now(tx: &mut Tx, key: &str, now_ms: i64) -> Result<(), Fault> {
    let sql = "UPDATE crm_delivery SET due_at = $2 WHERE key = $1 AND state = 'waiting' AND due_at > $2";
    tx.exec(sql, args![key, now_ms]).await.map(drop)
}

/// Records that all these deliveries are done, in one statement.
///
/// # Errors
/// A fault of the database.
pub async fn settle_done(tx: &mut Tx, keys: &[&str], now_ms: i64) -> Result<(), Fault> {
    let sql = with_list!(
        tx,
        "UPDATE crm_delivery SET state = 'done', reason = NULL, done_at = $2, lease = 0
         WHERE state = 'waiting' AND key IN ",
        ""
    );
    tx.exec(sql, args![list(keys)?, now_ms]).await?;
    Ok(())
}

/// A settled event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its identity over all deliveries.
    pub key: String,
    /// Its source.
    pub source_id: String,
    /// The delivery that brought it first.
    pub delivery_key: String,
    /// The sender's word.
    pub kind: String,
    /// `lead` or `deal`.
    pub record_kind: Option<String>,
    /// The CRM's id of the record.
    pub record_id: Option<String>,
    /// When it happened, Unix milliseconds.
    pub occurred_ms: i64,
    /// `applied`, `ignored` or `dead`.
    pub outcome: &'static str,
    /// Why it is dead.
    pub reason: Option<String>,
}

/// Records settled events, all of one source; returns the keys of those that were not settled before: only these may have an effect.
///
/// # Errors
/// A fault of the database.
pub async fn insert_events(tx: &mut Tx, events: &[EventRow], now_ms: i64) -> Result<BTreeSet<String>, Fault> {
    let rows = events.iter().map(|e| {
        json!([
            e.key,
            e.source_id,
            e.delivery_key,
            e.kind,
            e.record_kind,
            e.record_id,
            e.occurred_ms,
            now_ms,
            e.outcome,
            e.reason
        ])
    });
    let sql = by_engine!(
        tx,
        "INSERT INTO crm_event (key, source_id, delivery_key, kind, record_kind, record_id, occurred_at, recorded_at, outcome, reason)
         SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
           json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'),
           json_extract(value, '$[8]'), json_extract(value, '$[9]')
         FROM json_each($1) WHERE true ON CONFLICT (source_id, key) DO NOTHING RETURNING key",
        "INSERT INTO crm_event (key, source_id, delivery_key, kind, record_kind, record_id, occurred_at, recorded_at, outcome, reason)
         SELECT e->>0, e->>1, e->>2, e->>3, e->>4, e->>5, CAST(e->>6 AS BIGINT), CAST(e->>7 AS BIGINT), e->>8, e->>9
         FROM jsonb_array_elements(CAST($1 AS jsonb)) AS e ON CONFLICT (source_id, key) DO NOTHING RETURNING key"
    );
    keys(tx.all(sql, args![list(rows)?]).await?)
}

/// Which of these events of a source are settled already.
///
/// # Errors
/// A fault of the database.
pub async fn settled_events(
    read: &mut Read,
    source_id: &str,
    events: impl IntoIterator<Item = &String>,
) -> Result<BTreeSet<String>, Fault> {
    let sql = with_list!(read, "SELECT key FROM crm_event WHERE source_id = $2 AND key IN ", "");
    keys(read.all(sql, args![list(events)?, source_id]).await?)
}

fn keys(rows: Vec<Row>) -> Result<BTreeSet<String>, Fault> {
    rows.iter().map(|row| row.text("key")).collect()
}

/// Marks an event that was just recorded as dead.
///
/// # Errors
/// A fault of the database.
pub async fn bury_event(tx: &mut Tx, source_id: &str, key: &str, reason: &str) -> Result<(), Fault> {
    let sql = "UPDATE crm_event SET outcome = 'dead', reason = $3 WHERE source_id = $1 AND key = $2";
    tx.exec_one("bury event", sql, args![source_id, key, reason]).await
}

/// A line of the dead-letter list. Holds nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The delivery's key.
    pub key: String,
    /// The source's key.
    pub source: String,
    /// When it came, Unix milliseconds.
    pub received_ms: i64,
    /// Why it is dead.
    pub reason: String,
    /// When its body will be, or was, erased, Unix milliseconds.
    pub erased_ms: i64,
    /// Whether the body is still there.
    pub has_body: bool,
}

/// Dead letters of a program, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn dead_letters(read: &mut Read, program_id: &str, limit: u32) -> Result<Vec<DeadLetter>, Fault> {
    let sql = "SELECT d.key, s.key AS source, d.received_at, d.reason, d.done_at,
           CASE WHEN d.body IS NULL THEN 0 ELSE 1 END AS has_body
         FROM crm_delivery d JOIN crm_source s ON s.id = d.source_id
         WHERE d.state = 'dead' AND s.program_id = $1 ORDER BY d.key DESC LIMIT $2";
    let rows = read.all(sql, args![program_id, i64::from(limit)]).await?;
    rows.iter().map(dead_letter).collect()
}

fn dead_letter(row: &Row) -> Result<DeadLetter, Fault> {
    Ok(DeadLetter {
        key: row.text("key")?,
        source: row.text("source")?,
        received_ms: row.int("received_at")?,
        reason: row.text_opt("reason")?.unwrap_or_default(),
        erased_ms: row.int("done_at")? + KEEP_DEAD_MS,
        has_body: row.int("has_body")? == 1,
    })
}

/// Sources with dead letters of which nobody was told, whose last notice was at or before `quiet_until_ms` (Unix
/// milliseconds, business time), with their programs: their administrators are to be told now.
///
/// # Errors
/// A fault of the database.
pub async fn sources_to_tell(read: &mut Read, quiet_until_ms: i64) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT DISTINCT s.id, s.program_id FROM crm_delivery d JOIN crm_source s ON s.id = d.source_id
         WHERE d.state = 'dead' AND d.told_at IS NULL AND (s.notice_at IS NULL OR s.notice_at <= $1) ORDER BY s.id";
    let rows = read.all(sql, args![quiet_until_ms]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("program_id")?))).collect()
}

/// Takes a source's turn to be told of: marks its untold dead letters as told and gives back their reasons, each with
/// its count, most frequent first. Empty if another worker has told meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn take_untold(
    tx: &mut Tx,
    source_id: &str,
    now_ms: i64,
    quiet_until_ms: i64,
) -> Result<Vec<(String, u64)>, Fault> {
    // The source's row comes first: a second worker waits here, and then finds that it is too early.
    let turn =
        "UPDATE crm_source SET notice_at = $2 WHERE id = $1 AND (notice_at IS NULL OR notice_at <= $3)";
    if tx.exec(turn, args![source_id, now_ms, quiet_until_ms]).await? == 0 {
        return Ok(Vec::new());
    }
    let sql =
        "UPDATE crm_delivery SET told_at = $2 WHERE source_id = $1 AND state = 'dead' AND told_at IS NULL
         RETURNING reason";
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in tx.all(sql, args![source_id, now_ms]).await? {
        *reasons.entry(row.text_opt("reason")?.unwrap_or_default()).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(reasons)
}

/// A delivery in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The source's key.
    pub source: String,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// Why it is dead, or why it waits.
    pub reason: Option<String>,
    /// Tries that have failed.
    pub attempts: i64,
    /// The body as received; `None` if it was erased.
    pub body: Option<Vec<u8>>,
    /// Events settled from it: key, outcome, reason.
    pub events: Vec<(String, String, Option<String>)>,
}

/// One delivery of a program, with its body: for administrators, who are looking into a dead letter.
///
/// # Errors
/// A fault of the database.
pub async fn show(read: &mut Read, program_id: &str, key: &str) -> Result<Option<Shown>, Fault> {
    let sql = "SELECT s.key AS source, d.state, d.reason, d.attempts, d.body, d.encoding
         FROM crm_delivery d JOIN crm_source s ON s.id = d.source_id WHERE d.key = $1 AND s.program_id = $2";
    let Some(row) = read.opt(sql, args![key, program_id]).await? else { return Ok(None) };
    let events = "SELECT key, outcome, reason FROM crm_event WHERE delivery_key = $1 ORDER BY key";
    let events = read.all(events, args![key]).await?;
    let events = events.iter().map(|e| Ok((e.text("key")?, e.text("outcome")?, e.text_opt("reason")?)));
    Ok(Some(Shown {
        source: row.text("source")?,
        state: row.text("state")?,
        reason: row.text_opt("reason")?,
        attempts: row.int("attempts")?,
        body: unpacked(&row)?,
        events: events.collect::<Result<_, Fault>>()?,
    }))
}

/// Puts a dead letter back into the queue, after what was wrong has been mended. Events of it that were applied stay
/// applied. False if there is no such dead letter in the program, or its body is erased.
///
/// # Errors
/// A fault of the database.
pub async fn replay(tx: &mut Tx, program_id: &str, key: &str, now_ms: i64) -> Result<bool, Fault> {
    let sql =
        "UPDATE crm_delivery SET state = 'waiting', attempts = 0, due_at = $3, lease = 0, done_at = NULL,
           told_at = NULL
         WHERE key = $1 AND state = 'dead' AND body IS NOT NULL
           AND source_id IN (SELECT id FROM crm_source WHERE program_id = $2)";
    if tx.exec(sql, args![key, program_id, now_ms]).await? == 0 {
        return Ok(false);
    }
    tx.exec("DELETE FROM crm_event WHERE delivery_key = $1 AND outcome = 'dead'", args![key]).await?;
    Ok(true)
}

/// Erases bodies that are no longer needed: 30 days after a delivery is done, 90 days after it died. Returns how many.
///
/// # Errors
/// A fault of the database.
pub async fn erase_old_bodies(tx: &mut Tx, now_ms: i64) -> Result<u64, Fault> {
    let sql = "UPDATE crm_delivery SET body = NULL WHERE body IS NOT NULL
         AND ((state = 'done' AND done_at < $1) OR (state = 'dead' AND done_at < $2))";
    tx.exec(sql, args![now_ms - KEEP_DONE_MS, now_ms - KEEP_DEAD_MS]).await
}

/// Dead letters of all programs whose bodies will be erased before `before_ms`, by program: for the warning.
///
/// # Errors
/// A fault of the database.
pub async fn soon_erased(read: &mut Read, before_ms: i64) -> Result<BTreeMap<String, i64>, Fault> {
    let sql = "SELECT s.program_id, COUNT(*) AS n FROM crm_delivery d JOIN crm_source s ON s.id = d.source_id
         WHERE d.state = 'dead' AND d.body IS NOT NULL AND d.done_at < $1 GROUP BY s.program_id";
    let rows = read.all(sql, args![before_ms - KEEP_DEAD_MS]).await?;
    rows.iter().map(|row| Ok((row.text("program_id")?, row.int("n")?))).collect()
}

/// Erases the bodies of settled deliveries that said something of a lead who is forgotten.
///
/// # Errors
/// A fault of the database.
pub async fn erase_bodies_of_lead(tx: &mut Tx, source_id: &str, external_id: &str) -> Result<u64, Fault> {
    let sql = "UPDATE crm_delivery SET body = NULL WHERE body IS NOT NULL AND state <> 'waiting' AND key IN (
           SELECT delivery_key FROM crm_event WHERE source_id = $1 AND record_kind = 'lead' AND record_id = $2)";
    tx.exec(sql, args![source_id, external_id]).await
}

/// How many deliveries are in each state, and how many events had each outcome: what an operator looks at first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// `waiting`, `done`, `dead`.
    pub deliveries: BTreeMap<String, i64>,
    /// `applied`, `ignored`, `dead`.
    pub events: BTreeMap<String, i64>,
    /// Events that were ignored, by the sender's word for them.
    pub ignored: BTreeMap<String, i64>,
}

/// Counts of a program's sources.
///
/// # Errors
/// A fault of the database.
pub async fn counts(read: &mut Read, program_id: &str) -> Result<Counts, Fault> {
    let deliveries =
        "SELECT d.state AS word, COUNT(*) AS n FROM crm_delivery d JOIN crm_source s ON s.id = d.source_id
         WHERE s.program_id = $1 GROUP BY d.state";
    let events =
        "SELECT e.outcome AS word, COUNT(*) AS n FROM crm_event e JOIN crm_source s ON s.id = e.source_id
         WHERE s.program_id = $1 GROUP BY e.outcome";
    let ignored =
        "SELECT e.kind AS word, COUNT(*) AS n FROM crm_event e JOIN crm_source s ON s.id = e.source_id
         WHERE s.program_id = $1 AND e.outcome = 'ignored' GROUP BY e.kind";
    let mut counts = Counts::default();
    for (sql, into) in
        [(deliveries, &mut counts.deliveries), (events, &mut counts.events), (ignored, &mut counts.ignored)]
    {
        for row in read.all(sql, args![program_id]).await? {
            into.insert(row.text("word")?, row.int("n")?);
        }
    }
    Ok(counts)
}
