//! Cards: what each should say now, and the message that shows it. A card is asked for by `outbox::show_card`; only
//! delivery writes where it was posted.

use super::{Read, Row, Tx};
use crate::args;
use crate::fault::Fault;
use crate::text::card::Card;

/// A card as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub key: String,
    pub channel_id: String,
    /// `None` until it is posted, and again when its message was deleted or its channel changed.
    pub message_id: Option<String>,
    pub wanted: Card,
    /// Counts what was wanted: each `show_card` makes it one higher.
    pub wanted_no: i64,
    /// The `wanted_no` that the message shows.
    pub shown_no: i64,
}

/// The card of a key.
///
/// # Errors
/// A fault of the database, or a stored card that no code of ours wrote.
pub async fn load(read: &mut Read, key: &str) -> Result<Option<Kept>, Fault> {
    let row = read
        .opt(
            "SELECT key, channel_id, message_id, wanted, wanted_no, shown_no FROM card WHERE key = $1",
            args![key],
        )
        .await?;
    row.map(|row| kept(&row)).transpose()
}

fn kept(row: &Row) -> Result<Kept, Fault> {
    Ok(Kept {
        key: row.text("key")?,
        channel_id: row.text("channel_id")?,
        message_id: row.text_opt("message_id")?,
        wanted: serde_json::from_str(&row.text("wanted")?)?,
        wanted_no: row.int("wanted_no")?,
        shown_no: row.int("shown_no")?,
    })
}

/// Sets what a card should say. A card that moves to another channel is posted there anew.
pub(super) async fn want(tx: &mut Tx, key: &str, channel_id: &str, card: &Card) -> Result<(), Fault> {
    tx.exec_one(
        "the card's wanted text",
        "INSERT INTO card (key, channel_id, wanted, wanted_no) VALUES ($1, $2, $3, 1)
         ON CONFLICT (key) DO UPDATE SET wanted = excluded.wanted, wanted_no = card.wanted_no + 1,
           message_id = CASE WHEN card.channel_id = excluded.channel_id THEN card.message_id END,
           shown_no = CASE WHEN card.channel_id = excluded.channel_id THEN card.shown_no ELSE 0 END,
           channel_id = excluded.channel_id",
        args![key, channel_id, serde_json::to_string(card)?],
    )
    .await
}

/// Writes down that a message in `channel_id` shows `shown_no` of a card. A card that has moved to another channel
/// meanwhile, or shows something newer, stays as it is.
pub(super) async fn shown(
    tx: &mut Tx,
    key: &str,
    channel_id: &str,
    message_id: &str,
    shown_no: i64,
) -> Result<(), Fault> {
    tx.exec(
        "UPDATE card SET message_id = $3, shown_no = $4 WHERE key = $1 AND channel_id = $2 AND shown_no <= $4",
        args![key, channel_id, message_id, shown_no],
    )
    .await?;
    Ok(())
}
