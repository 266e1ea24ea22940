//! What waits to be said in chat. A row is written in the transaction that makes it true, and delivered afterwards.
//!
//! Deliveries of one lane (a channel) keep their order: only a lane's oldest row that is neither done nor dead can be
//! claimed, and only while no other row of the lane is under way. A dead row doesn't hold up those behind it, and neither
//! does one that waits for the end of quiet hours: those behind it overtake it.
//!
//! `due_at`, `lease` and `first_try_at` are protocol time, because waiting must not depend on a business clock that
//! someone moves; `created_at`, `done_at` and `dead_at` are business time, because people read them, and so is
//! `not_before`, because quiet hours are people's hours.

use super::{Read, Row, Tx, card, guild_event, program, rules};
use crate::args;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::text::card::{Card, File, Post};
use crate::text::guild_event::GuildEvent;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A post, still as JSON: one that can't be read must not keep the others of its claim from going out.
    Post { body: String },
    /// The newest wanted text of a card.
    Card { key: String },
    /// What the guild's scheduled event of a campaign should be now. The row's `channel_id` is the guild's id.
    Event { campaign_id: String },
}

/// A row that this process holds until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// 13 characters; the nonce of the message, and its mark in the channel.
    pub id: String,
    pub channel_id: String,
    pub kind: Kind,
    pub created_at: DateTime<Utc>,
    /// Tries, this one included.
    pub tries: i64,
    /// Protocol time of the first try ever, this one included.
    pub first_try_at: i64,
    /// The message, if an earlier try is known to have posted it.
    pub message_id: Option<String>,
    /// Protocol time at which it was claimed.
    pub claimed_at: i64,
    /// Protocol time until which it is held.
    pub lease: i64,
}

/// A row that was given up, for people to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: String,
    pub channel_id: String,
    pub card_key: Option<String>,
    pub reason: String,
    pub tries: i64,
    pub created_at: DateTime<Utc>,
    pub dead_at: DateTime<Utc>,
}

/// Queues a post that answers what somebody has just done, and gives its outbox id.
///
/// # Errors
/// A fault of the database.
pub async fn post(
    tx: &mut Tx,
    clock: &Clock,
    channel_id: &str,
    post: &Post,
    files: &[File],
) -> Result<String, Fault> {
    post_from(tx, clock, channel_id, (post, files), AT_ANY_HOUR).await
}

/// Queues a post that nobody has just asked for, such as a reminder: in the quiet hours of its program it waits for their
/// end. Gives its outbox id.
///
/// # Errors
/// A fault of the database, no such program included.
pub async fn post_unasked(
    tx: &mut Tx,
    clock: &Clock,
    program_id: &str,
    channel_id: &str,
    post: &Post,
    files: &[File],
) -> Result<String, Fault> {
    let from = unasked_from(tx, clock, program_id).await?;
    post_from(tx, clock, channel_id, (post, files), from).await
}

async fn post_from(
    tx: &mut Tx,
    clock: &Clock,
    channel_id: &str,
    (post, files): (&Post, &[File]),
    not_before: DateTime<Utc>,
) -> Result<String, Fault> {
    let id = clock.new_id();
    queue(tx, clock, (&id, channel_id), &Kind::Post { body: serde_json::to_string(post)? }, not_before)
        .await?;
    for (position, file) in (0_i64..).zip(files) {
        tx.exec_one(
            "a file of the outbox",
            "INSERT INTO outbox_file (outbox_id, position, name, content_type, base64)
             VALUES ($1, $2, $3, $4, $5)",
            args![&id, position, &file.name, &file.content_type, BASE64_STANDARD.encode(&file.bytes)],
        )
        .await?;
    }
    Ok(id)
}

/// Sets what the card `card_key` says in `channel_id`, and queues that it is posted, or edited if it is there.
///
/// # Errors
/// A fault of the database.
pub async fn show_card(
    tx: &mut Tx,
    clock: &Clock,
    card_key: &str,
    channel_id: &str,
    wanted: &Card,
) -> Result<(), Fault> {
    show_card_from(tx, clock, (card_key, channel_id), wanted, AT_ANY_HOUR).await
}

/// The same for a card that nobody has just asked for: in the quiet hours of its program it waits for their end.
///
/// # Errors
/// A fault of the database, no such program included.
pub async fn show_card_unasked(
    tx: &mut Tx,
    clock: &Clock,
    program_id: &str,
    place: (&str, &str),
    wanted: &Card,
) -> Result<(), Fault> {
    let from = unasked_from(tx, clock, program_id).await?;
    show_card_from(tx, clock, place, wanted, from).await
}

async fn show_card_from(
    tx: &mut Tx,
    clock: &Clock,
    (card_key, channel_id): (&str, &str),
    wanted: &Card,
    not_before: DateTime<Utc>,
) -> Result<(), Fault> {
    card::want(tx, card_key, channel_id, wanted).await?;
    let card = Kind::Card { key: card_key.to_owned() };
    queue(tx, clock, (&clock.new_id(), channel_id), &card, not_before).await
}

/// From when on something is said that nobody has just asked for.
async fn unasked_from(read: &mut Read, clock: &Clock, program_id: &str) -> Result<DateTime<Utc>, Fault> {
    let program = program::by_id(read, program_id).await?;
    let quiet = rules::quiet_hours(read, &program).await?;
    Ok(quiet.map_or(AT_ANY_HOUR, |quiet| quiet.not_before(clock.now())))
}

/// Sets what the guild's scheduled event of a campaign should be, `None` for none, and queues that it becomes so.
///
/// # Errors
/// A fault of the database; one that should be none has to be there.
pub async fn show_event(
    tx: &mut Tx,
    clock: &Clock,
    campaign_id: &str,
    guild_id: &str,
    wanted: Option<&GuildEvent>,
) -> Result<(), Fault> {
    match wanted {
        Some(event) => guild_event::want(tx, campaign_id, (guild_id, &clock.new_id()), event).await?,
        None => guild_event::want_none(tx, campaign_id).await?,
    }
    let kind = Kind::Event { campaign_id: campaign_id.to_owned() };
    queue(tx, clock, (&clock.new_id(), guild_id), &kind, AT_ANY_HOUR).await
}

/// For what says what is true now: it waits for no hour.
const AT_ANY_HOUR: DateTime<Utc> = DateTime::UNIX_EPOCH;

async fn queue(
    tx: &mut Tx,
    clock: &Clock,
    (id, place): (&str, &str),
    what: &Kind,
    not_before: DateTime<Utc>,
) -> Result<(), Fault> {
    // An old guild has the id of its first channel: its events are no channel's.
    let (kind, lane, card_key, body) = match what {
        Kind::Post { body } => ("post", place.to_owned(), None, body.as_str()),
        Kind::Card { key } => ("card", place.to_owned(), Some(key.as_str()), ""),
        Kind::Event { campaign_id } => ("event", format!("events:{place}"), None, campaign_id.as_str()),
    };
    tx.exec_one(
        "a row of the outbox",
        "INSERT INTO outbox (id, lane, kind, channel_id, card_key, body, created_at, due_at, not_before)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![id, lane, kind, place, card_key, body, clock.now_ms(), clock.protocol_ms(), not_before],
    )
    .await
}

/// The rows that can be claimed at `$1`, by the clocks of people `$2`: each lane's oldest that waits for no quiet hours,
/// if it is due and nothing of its lane is held.
macro_rules! due_heads {
    () => {
        "SELECT head.id FROM outbox head
         JOIN (SELECT MIN(id) AS id FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= $2
               GROUP BY lane) oldest ON oldest.id = head.id
         WHERE head.lease < $1 AND head.due_at <= $1 AND NOT EXISTS (
           SELECT 1 FROM outbox held WHERE held.lane = head.lane AND held.done_at IS NULL
             AND held.dead_at IS NULL AND held.lease >= $1)"
    };
}

/// Takes up to `n` rows that are due at `now_ms` (protocol time) and `now`, at most one of a lane, and holds them for
/// `lease_ms`. Their first try is written
/// down here, before anything is sent: who finds a row tried and not done knows that it may have been sent.
///
/// The conditions stand outside the sub-select too: on PostgreSQL two claims can choose the same rows, and the second
/// one then waits for the first and must see what it did.
///
/// # Errors
/// A fault of the database.
pub async fn claim(
    tx: &mut Tx,
    now_ms: i64,
    now: DateTime<Utc>,
    lease_ms: i64,
    n: i64,
) -> Result<Vec<Claimed>, Fault> {
    let rows = tx
        .all(
            concat!(
                "UPDATE outbox SET lease = $3, attempts = attempts + 1,
                   first_try_at = COALESCE(first_try_at, $1)
                 WHERE lease < $1 AND done_at IS NULL AND dead_at IS NULL AND id IN (",
                due_heads!(),
                " ORDER BY head.id LIMIT $4)
                 RETURNING id, kind, channel_id, card_key, body, created_at, attempts, first_try_at, message_id, lease"
            ),
            args![now_ms, now, now_ms + lease_ms, n],
        )
        .await?;
    let mut claimed = rows.iter().map(|row| claimed(row, now_ms)).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(claimed)
}

fn claimed(row: &Row, claimed_at: i64) -> Result<Claimed, Fault> {
    let kind = match (row.text("kind")?.as_str(), row.text_opt("card_key")?) {
        ("event", _) => Kind::Event { campaign_id: row.text("body")? },
        (_, Some(key)) => Kind::Card { key },
        (_, None) => Kind::Post { body: row.text("body")? },
    };
    Ok(Claimed {
        id: row.text("id")?,
        channel_id: row.text("channel_id")?,
        kind,
        created_at: row.instant("created_at")?,
        tries: row.int("attempts")?,
        first_try_at: row.int("first_try_at")?,
        message_id: row.text_opt("message_id")?,
        claimed_at,
        lease: row.int("lease")?,
    })
}

impl Claimed {
    /// Whether an earlier try may have sent it already.
    pub fn was_tried_before(&self) -> bool {
        self.first_try_at < self.claimed_at
    }
}

/// Whether anything can be claimed at all at `now_ms` (protocol time) and `now`: a look that doesn't take the writer.
///
/// # Errors
/// A fault of the database.
pub async fn any_due(read: &mut Read, now_ms: i64, now: DateTime<Utc>) -> Result<bool, Fault> {
    let row = read.opt(concat!(due_heads!(), " LIMIT 1"), args![now_ms, now]).await?;
    Ok(row.is_some())
}

/// The files of a row, in order.
///
/// # Errors
/// A fault of the database, or a stored file that is not base64.
pub async fn files(read: &mut Read, id: &str) -> Result<Vec<File>, Fault> {
    let rows = read
        .all(
            "SELECT name, content_type, base64 FROM outbox_file WHERE outbox_id = $1 ORDER BY position",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let bytes = row.parsed("base64", |text| BASE64_STANDARD.decode(text).ok())?;
            Ok(File { name: row.text("name")?, content_type: row.text("content_type")?, bytes })
        })
        .collect()
}

/// The older rows of a card in the same channel that were tried and never known to be delivered, each with the time it
/// was queued: any of them may have posted the message that the card lacks.
///
/// # Errors
/// A fault of the database.
pub async fn older_tries(
    read: &mut Read,
    card_key: &str,
    before: &Claimed,
) -> Result<Vec<(String, DateTime<Utc>)>, Fault> {
    let rows = read
        .all(
            "SELECT id, created_at FROM outbox WHERE card_key = $1 AND channel_id = $2 AND id < $3
               AND first_try_at IS NOT NULL AND message_id IS NULL AND done_at IS NULL ORDER BY id",
            args![card_key, &before.channel_id, &before.id],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.instant("created_at")?))).collect()
}

/// What became of a try, to be written down with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The message, or the event; `None` if nothing was to be said any more, or the event is gone.
    pub message_id: Option<String>,
    /// For a card or an event: the `wanted_no` that Discord shows now.
    pub shown_no: Option<i64>,
}

/// Writes down that a row is delivered. Right even if the lease has ended meanwhile: what is sent is sent.
///
/// # Errors
/// A fault of the database.
pub async fn record_sent(
    tx: &mut Tx,
    clock: &Clock,
    row: &Claimed,
    delivered: &Delivered,
) -> Result<(), Fault> {
    tx.exec(
        "UPDATE outbox SET done_at = $2, dead_at = NULL, last_error = NULL, lease = 0,
           message_id = COALESCE($3, message_id)
         WHERE id = $1 AND done_at IS NULL",
        args![&row.id, clock.now_ms(), &delivered.message_id],
    )
    .await?;
    match (&row.kind, &delivered.message_id, delivered.shown_no) {
        (Kind::Card { key }, Some(message_id), Some(shown_no)) => {
            card::shown(tx, key, &row.channel_id, message_id, shown_no).await
        }
        (Kind::Event { campaign_id }, event_id, Some(shown_no)) => {
            guild_event::shown(tx, campaign_id, &row.channel_id, event_id.as_deref(), shown_no).await
        }
        _ => Ok(()),
    }
}

/// Writes down that a try failed and when the next one is due (protocol time). `message_id` if the message is known
/// to be there all the same. Returns false if the lease has ended and somebody else holds the row.
///
/// # Errors
/// A fault of the database.
pub async fn record_retry(
    tx: &mut Tx,
    row: &Claimed,
    due_at: i64,
    reason: &str,
    message_id: Option<&str>,
) -> Result<bool, Fault> {
    let touched = tx
        .exec(
            "UPDATE outbox SET due_at = $3, last_error = $4, lease = 0, message_id = COALESCE($5, message_id)
             WHERE id = $1 AND lease = $2 AND done_at IS NULL AND dead_at IS NULL",
            args![&row.id, row.lease, due_at, reason, message_id],
        )
        .await?;
    Ok(touched == 1)
}

/// Gives a row up: it is a dead letter until someone retries it. Returns false if the lease has ended and somebody
/// else holds the row.
///
/// # Errors
/// A fault of the database.
pub async fn record_dead(
    tx: &mut Tx,
    clock: &Clock,
    row: &Claimed,
    reason: &str,
    message_id: Option<&str>,
) -> Result<bool, Fault> {
    let touched = tx
        .exec(
            "UPDATE outbox SET dead_at = $3, last_error = $4, lease = 0, message_id = COALESCE($5, message_id)
             WHERE id = $1 AND lease = $2 AND done_at IS NULL AND dead_at IS NULL",
            args![&row.id, row.lease, clock.now_ms(), reason, message_id],
        )
        .await?;
    Ok(touched == 1)
}

/// The dead letters, oldest first, at most `n`.
///
/// # Errors
/// A fault of the database.
pub async fn list_dead(read: &mut Read, n: i64) -> Result<Vec<DeadLetter>, Fault> {
    let rows = read
        .all(
            "SELECT id, channel_id, card_key, last_error, attempts, created_at, dead_at FROM outbox
             WHERE dead_at IS NOT NULL ORDER BY dead_at, id LIMIT $1",
            args![n],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(DeadLetter {
                id: row.text("id")?,
                channel_id: row.text("channel_id")?,
                card_key: row.text_opt("card_key")?,
                reason: row.text_opt("last_error")?.unwrap_or_default(),
                tries: row.int("attempts")?,
                created_at: row.instant("created_at")?,
                dead_at: row.instant("dead_at")?,
            })
        })
        .collect()
}

/// Makes a dead letter wait again, with all its tries before it, at its old place in its lane. When it was first tried
/// stays known, so that a message that did arrive is found and not sent twice. Returns false if there is no such dead
/// letter.
///
/// # Errors
/// A fault of the database.
pub async fn retry_dead(tx: &mut Tx, clock: &Clock, id: &str) -> Result<bool, Fault> {
    let touched = tx
        .exec(
            "UPDATE outbox SET dead_at = NULL, attempts = 0, due_at = $2 WHERE id = $1 AND dead_at IS NOT NULL",
            args![id, clock.protocol_ms()],
        )
        .await?;
    Ok(touched == 1)
}

/// How many rows wait to be delivered now (dead letters don't, and neither does what waits for the end of quiet hours).
///
/// # Errors
/// A fault of the database.
pub async fn waiting_count(read: &mut Read, now: DateTime<Utc>) -> Result<i64, Fault> {
    let sql =
        "SELECT COUNT(*) AS n FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= $1";
    read.one(sql, args![now]).await?.int("n")
}
