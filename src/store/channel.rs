//! The channels of companies: whose each one is for good, and what goes along when a company moves to another.
//!
//! What was said in a channel stays readable there, so a channel in which something was said is never given to another
//! company: neither while it is in use, nor after its company has moved away or is archived.

use super::{Read, Tx, outbox};
use crate::args;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::text;
use crate::text::card::Card;

/// Whether a channel is, or was when something was said in it, that of another company than `except`: the id of a
/// partner, or of a program for its approvals channel.
///
/// # Errors
/// A fault of the database.
pub async fn is_taken(read: &mut Read, channel: &str, except: &str) -> Result<bool, Fault> {
    let sql = "SELECT (SELECT COUNT(*) FROM partner WHERE channel_id = $1 AND id <> $2)
                 + (SELECT COUNT(*) FROM program WHERE approvals_channel = $1 AND id <> $2)
                 + (SELECT COUNT(*) FROM channel_past WHERE channel_id = $1 AND owner <> $2) AS n";
    Ok(read.one(sql, args![channel, except]).await?.int("n")? > 0)
}

/// Moves what a company (`owner` as in [`is_taken`]) has in the channel `from` to the channel `to`: posts that nobody has
/// tried to send, and dead letters, go there instead; each card that is still of use is posted there anew, and the message
/// that showed it says so and loses its buttons. What has been said stays, and so the channel stays the company's.
///
/// # Errors
/// A fault of the database, or a stored card that no code of ours wrote.
pub async fn moves(tx: &mut Tx, clock: &Clock, owner: &str, (from, to): (&str, &str)) -> Result<(), Fault> {
    if from == to {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO channel_past (channel_id, owner, left_at)
         SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM outbox WHERE channel_id = $1 AND first_try_at IS NOT NULL)
         ON CONFLICT (channel_id) DO NOTHING",
        args![from, owner, clock.now_ms()],
    )
    .await?;
    tx.exec(
        "UPDATE outbox SET channel_id = $2, lane = $2 WHERE channel_id = $1 AND kind = 'post' AND done_at IS NULL
           AND (first_try_at IS NULL OR (dead_at IS NOT NULL AND message_id IS NULL))",
        args![from, to],
    )
    .await?;
    let sql = "SELECT key, message_id, wanted FROM card WHERE channel_id = $1 AND key NOT LIKE 'left:%' ORDER BY key";
    for row in tx.all(sql, args![from]).await? {
        let (key, message_id) = (row.text("key")?, row.text_opt("message_id")?);
        let card: Card = serde_json::from_str(&row.text("wanted")?)?;
        if card.buttons.is_empty() && !card.pin {
            continue;
        }
        if let Some(message_id) = message_id {
            retire(tx, clock, (&format!("left:{from}:{key}"), from), &message_id, &text::card::left(&card))
                .await?;
        }
        outbox::show_card(tx, clock, &key, to, &card).await?;
    }
    Ok(())
}

/// Makes a message that showed a card a card of its own, with nothing to press.
async fn retire(
    tx: &mut Tx,
    clock: &Clock,
    (key, channel): (&str, &str),
    message_id: &str,
    card: &Card,
) -> Result<(), Fault> {
    outbox::show_card(tx, clock, key, channel, card).await?;
    let sql = "UPDATE card SET message_id = $2, shown_no = 0 WHERE key = $1";
    tx.exec_one("a card that stays behind", sql, args![key, message_id]).await
}
