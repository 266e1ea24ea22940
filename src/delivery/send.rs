//! One try of one delivery: what is asked of Discord, in which order. It reads the store but never writes to it, and
//! holds no transaction while it asks.
//!
//! Every way in which the process or the connection can end here leaves something from which the next try goes on: a
//! message that was posted is given back by its nonce, or found by its mark; a thread that exists is refused with a
//! code of its own; an edit can be done again.

use super::trouble::Trouble;
use super::{Delivery, render};
use crate::limits::HISTORY_PAGE_MAX;
use crate::store::outbox::{self, Claimed, Delivered, Kind};
use crate::store::{card, card::Kept};
use crate::text::card::Post;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serenity::all::{ChannelId, EditMessage, GuildId, MessageId, UserId};
use serenity::builder::CreateMessage;
use serenity::http::{LightMethod, Request, Route};

/// How many pages of a channel's history are searched at most.
const SEARCH_PAGES: usize = 5;
/// A message can't be older than the row it comes from, give or take what two clocks may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// A try that failed, with the message if it is known to be there all the same.
pub(super) struct Failure {
    pub(super) trouble: Trouble,
    pub(super) message_id: Option<String>,
}

impl<T: Into<Trouble>> From<T> for Failure {
    fn from(trouble: T) -> Self {
        Self { trouble: trouble.into(), message_id: None }
    }
}

/// A mark to look for in a channel, and since when the message that carries it can exist.
struct Marks {
    ids: Vec<String>,
    since: DateTime<Utc>,
}

/// What is read of a message: no more than the search needs, so that a kind of message that serenity doesn't know
/// can't hide ours.
#[derive(Deserialize)]
struct Seen {
    id: MessageId,
    author: Author,
    #[serde(default)]
    embeds: Vec<SeenEmbed>,
}

#[derive(Deserialize)]
struct Author {
    id: UserId,
}

#[derive(Deserialize)]
struct SeenEmbed {
    footer: Option<SeenFooter>,
}

#[derive(Deserialize)]
struct SeenFooter {
    text: String,
}

impl Delivery {
    pub(super) async fn send(&self, row: &Claimed) -> Result<Delivered, Failure> {
        let place = row
            .channel_id
            .parse::<u64>()
            .ok()
            .filter(|id| *id > 0)
            .ok_or_else(|| Trouble::Final(format!("{:?} is not the id of a channel", row.channel_id)))?;
        let channel = ChannelId::new(place);
        match &row.kind {
            Kind::Post { body } => self.send_post(row, channel, body).await,
            Kind::Card { key } => self.send_card(row, channel, key).await,
            Kind::Event { campaign_id } => Ok(self.send_event(GuildId::new(place), campaign_id).await?),
        }
    }

    async fn send_post(&self, row: &Claimed, channel: ChannelId, body: &str) -> Result<Delivered, Failure> {
        let post: Post = serde_json::from_str(body).map_err(crate::fault::Fault::from)?;
        let message = match known(row.message_id.as_deref()) {
            Some(message) => message,
            None => {
                let files = crate::in_read!(self.store, |read| { outbox::files(read, &row.id).await })?;
                let drawn = render::draw(&post, &files, Some(&row.id));
                self.post_once(row, channel, drawn.message(&row.id), Vec::new()).await?
            }
        };
        let delivered = Delivered { message_id: Some(message.to_string()), shown_no: None };
        let Some(thread) = render::thread(&post) else { return Ok(delivered) };
        match self
            .http
            .create_thread_from_message(channel, message, &thread, None)
            .await
            .map_err(Trouble::from)
        {
            Ok(_) | Err(Trouble::ThreadExists | Trouble::Unreadable(_)) => Ok(delivered),
            // Somebody deleted the message meanwhile, and wants no thread of it either.
            Err(Trouble::MessageGone) => Ok(delivered),
            Err(trouble) => Err(Failure { trouble, message_id: delivered.message_id }),
        }
    }

    async fn send_card(&self, row: &Claimed, channel: ChannelId, key: &str) -> Result<Delivered, Failure> {
        let kept = crate::in_read!(self.store, |read| { card::load(read, key).await })?;
        let kept = kept.ok_or_else(|| Trouble::Final(format!("there is no card {key:?}")))?;
        let moved_away = kept.channel_id != row.channel_id;
        let up_to_date = kept.message_id.is_some() && kept.shown_no >= kept.wanted_no;
        if moved_away || up_to_date {
            return Ok(Delivered { message_id: None, shown_no: None });
        }
        // What this row posted is newer than what the card knows of.
        let there = known(row.message_id.as_deref()).or_else(|| known(kept.message_id.as_deref()));
        if let Some(message) = there {
            match self.edit(channel, message, self.drawn(&kept, row).edit()).await {
                Err(Trouble::MessageGone) => {}
                Err(trouble) => return Err(trouble.into()),
                Ok(()) => {
                    // An earlier try of this row posted it, and may have ended before it was pinned.
                    if row.message_id.is_some() {
                        self.pin(channel, message, &kept).await?;
                    }
                    return Ok(shown(message, &kept));
                }
            }
        }
        self.post_card(row, channel, &kept).await
    }

    /// Posts a card that has no message. What an earlier try posted may show an older text, so then the message is
    /// edited as well.
    async fn post_card(&self, row: &Claimed, channel: ChannelId, kept: &Kept) -> Result<Delivered, Failure> {
        let older = crate::in_read!(self.store, |read| { outbox::older_tries(read, &kept.key, row).await })?;
        let maybe_older_text = row.was_tried_before() || !older.is_empty();
        let message = self.post_once(row, channel, self.drawn(kept, row).message(&row.id), older).await?;
        if maybe_older_text {
            self.edit(channel, message, self.drawn(kept, row).edit())
                .await
                .map_err(|trouble| Failure { trouble, message_id: Some(message.to_string()) })?;
        }
        self.pin(channel, message, kept).await?;
        Ok(shown(message, kept))
    }

    /// Pins a card that was just posted, if it wants that. Pinning what is pinned changes nothing, so that it can be
    /// done again. It is not done with every edit: somebody who unpinned the card had a reason.
    async fn pin(&self, channel: ChannelId, message: MessageId, kept: &Kept) -> Result<(), Failure> {
        if !kept.wanted.pin {
            return Ok(());
        }
        match self.http.pin_message(channel, message, None).await.map_err(Trouble::from) {
            Ok(()) | Err(Trouble::Unreadable(_) | Trouble::MessageGone) => Ok(()),
            // Full, or not allowed: the card is there all the same, which is what matters.
            Err(Trouble::Final(reason)) => {
                tracing::warn!(card = kept.key, %channel, reason, "A card could not be pinned");
                Ok(())
            }
            Err(trouble) => Err(Failure { trouble, message_id: Some(message.to_string()) }),
        }
    }

    fn drawn(&self, kept: &Kept, row: &Claimed) -> render::Drawn {
        render::draw_card(&kept.wanted, Some(&row.id))
    }

    /// The message of a row, posted now unless an earlier try of it, or one of `older`, did.
    async fn post_once(
        &self,
        row: &Claimed,
        channel: ChannelId,
        message: CreateMessage,
        older: Vec<(String, DateTime<Utc>)>,
    ) -> Result<MessageId, Trouble> {
        let since = older.iter().map(|(_, queued_at)| *queued_at).min().unwrap_or(row.created_at);
        // The nonce of this row protects it for a while; those of older rows are not the one that is sent now.
        let in_doubt = row.was_tried_before()
            && self.clock.protocol_ms() - row.first_try_at >= self.timing.nonce_trusted_ms;
        let search = in_doubt || !older.is_empty();
        let ids = older.into_iter().map(|(id, _)| id).chain([row.id.clone()]).collect();
        let marks = Marks { ids, since };
        if search && let Some(found) = self.find(channel, &marks).await? {
            return Ok(found);
        }
        match channel.send_message(&self.http, message).await.map_err(Trouble::from) {
            Ok(message) => Ok(message.id),
            Err(Trouble::Unreadable(reason)) => {
                self.find(channel, &marks).await?.ok_or(Trouble::Passing(reason))
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn edit(&self, channel: ChannelId, message: MessageId, edit: EditMessage) -> Result<(), Trouble> {
        match channel.edit_message(&self.http, message, edit).await.map_err(Trouble::from) {
            Ok(_) | Err(Trouble::Unreadable(_)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Our own message in the channel that carries one of the marks.
    async fn find(&self, channel: ChannelId, marks: &Marks) -> Result<Option<MessageId>, Trouble> {
        let me =
            *self.me.get_or_try_init(async || self.http.get_current_user().await.map(|me| me.id)).await?;
        let mut before: Option<MessageId> = None;
        for _ in 0..SEARCH_PAGES {
            let page = self.history(channel, before).await?;
            if let Some(found) = page.iter().find(|seen| seen.author.id == me && seen.carries(&marks.ids)) {
                return Ok(Some(found.id));
            }
            let Some(oldest) = page.iter().map(|seen| seen.id).min() else { break };
            let written_at = oldest.created_at().unix_timestamp();
            if page.len() < HISTORY_PAGE_MAX || written_at < (marks.since - CLOCKS_DIFFER).timestamp() {
                break;
            }
            before = Some(oldest);
        }
        Ok(None)
    }

    async fn history(
        &self,
        channel_id: ChannelId,
        before: Option<MessageId>,
    ) -> Result<Vec<Seen>, serenity::Error> {
        let mut params = vec![("limit", HISTORY_PAGE_MAX.to_string())];
        params.extend(before.map(|id| ("before", id.to_string())));
        let request = Request::new(Route::ChannelMessages { channel_id }, LightMethod::Get);
        self.http.fire(request.params(Some(params))).await
    }
}

impl Seen {
    fn carries(&self, ids: &[String]) -> bool {
        let mut footers = self.embeds.iter().filter_map(|embed| embed.footer.as_ref());
        footers.any(|footer| ids.iter().any(|id| render::carries(&footer.text, id)))
    }
}

fn known(id: Option<&str>) -> Option<MessageId> {
    id.and_then(|id| id.parse().ok())
}

fn shown(message: MessageId, kept: &Kept) -> Delivered {
    Delivered { message_id: Some(message.to_string()), shown_no: Some(kept.wanted_no) }
}
