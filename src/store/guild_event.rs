//! The guild's scheduled events of campaigns: what each should say now, and the event that shows it. One is asked for, and
//! taken away, by `outbox::show_event`; only delivery writes which one Discord has.

use super::{Read, Row, Tx};
use crate::args;
use crate::fault::Fault;
use crate::text::guild_event::GuildEvent;
use chrono::{DateTime, Utc};

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub campaign_id: String,
    pub guild_id: String,
    /// Stands in the event itself: by it the event is found again.
    pub mark: String,
    /// `None` if there should be none.
    pub wanted: Option<GuildEvent>,
    /// Counts what was wanted: each change makes it one higher.
    pub wanted_no: i64,
    /// When what was wanted last ends, wanted or not.
    pub ends_at: DateTime<Utc>,
    /// Discord's id, while there is one that we know of.
    pub event_id: Option<String>,
    /// The `wanted_no` that Discord shows.
    pub shown_no: i64,
}

macro_rules! columns {
    () => {
        "campaign_id, guild_id, mark, wanted, wanted_no, ends_at, event_id, shown_no"
    };
}

/// The event of a campaign.
///
/// # Errors
/// A fault of the database, or a stored event that no code of ours wrote.
pub async fn load(read: &mut Read, campaign_id: &str) -> Result<Option<Kept>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM guild_event WHERE campaign_id = $1");
    read.opt(sql, args![campaign_id]).await?.map(|row| kept(&row)).transpose()
}

/// The events of a partner's campaigns that there should be, or that there may still be.
///
/// # Errors
/// As [`load`].
pub async fn of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<Kept>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM guild_event WHERE partner_id = $1 ORDER BY campaign_id");
    read.all(sql, args![partner_id]).await?.iter().map(kept).collect()
}

fn kept(row: &Row) -> Result<Kept, Fault> {
    Ok(Kept {
        campaign_id: row.text("campaign_id")?,
        guild_id: row.text("guild_id")?,
        mark: row.text("mark")?,
        wanted: row.text_opt("wanted")?.map(|json| serde_json::from_str(&json)).transpose()?,
        wanted_no: row.int("wanted_no")?,
        ends_at: row.instant("ends_at")?,
        event_id: row.text_opt("event_id")?,
        shown_no: row.int("shown_no")?,
    })
}

/// Sets what a campaign's event should say. In another guild it is another event.
pub(super) async fn want(
    tx: &mut Tx,
    campaign_id: &str,
    (guild_id, mark): (&str, &str),
    event: &GuildEvent,
) -> Result<(), Fault> {
    tx.exec_one(
        "want an event",
        "INSERT INTO guild_event (campaign_id, partner_id, guild_id, mark, wanted, ends_at)
         SELECT id, partner_id, $2, $3, $4, $5 FROM campaign WHERE id = $1
         ON CONFLICT (campaign_id) DO UPDATE SET wanted = excluded.wanted, ends_at = excluded.ends_at,
           wanted_no = guild_event.wanted_no + 1,
           event_id = CASE WHEN guild_event.guild_id = excluded.guild_id THEN guild_event.event_id END,
           guild_id = excluded.guild_id",
        args![campaign_id, guild_id, mark, serde_json::to_string(event)?, event.ends_at],
    )
    .await
}

/// Says that a campaign should have no event any more.
pub(super) async fn want_none(tx: &mut Tx, campaign_id: &str) -> Result<(), Fault> {
    let sql = "UPDATE guild_event SET wanted = NULL, wanted_no = wanted_no + 1
               WHERE campaign_id = $1 AND wanted IS NOT NULL";
    tx.exec_one("want no event", sql, args![campaign_id]).await
}

/// Writes down which event a guild shows of a campaign (`None`: none), and that it shows `shown_no`. What was wanted in
/// another guild meanwhile stays as it is.
pub(super) async fn shown(
    tx: &mut Tx,
    campaign_id: &str,
    guild_id: &str,
    event_id: Option<&str>,
    shown_no: i64,
) -> Result<(), Fault> {
    tx.exec(
        "UPDATE guild_event SET event_id = $3, shown_no = $4
         WHERE campaign_id = $1 AND guild_id = $2 AND shown_no <= $4",
        args![campaign_id, guild_id, event_id, shown_no],
    )
    .await?;
    Ok(())
}
