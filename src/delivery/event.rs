//! One try of one guild's scheduled event. Discord knows no nonce for events, so what was not made by us for certain is
//! looked for by its mark before it is made: a guild has 100 open events at most, and one request reads them all.

use super::Delivery;
use super::trouble::Trouble;
use crate::limits::{EVENT_DESCRIPTION_MAX, cut};
use crate::store::guild_event::{self, Kept};
use crate::store::outbox::Delivered;
use crate::text::guild_event::GuildEvent;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serenity::all::{GuildId, ScheduledEventId};
use serenity::http::{LightMethod, Request, Route};

/// Discord refuses an event that has begun; one of a campaign that runs already begins this much from now.
const BEGINS_IN: TimeDelta = TimeDelta::minutes(5);
/// `privacy_level`: only members of the guild see it. There is no other.
const GUILD_ONLY: u8 = 2;
/// `entity_type`: it takes place outside of Discord, so it has a location and an end.
const EXTERNAL: u8 = 3;

/// What is read of an event: no more than is needed.
#[derive(Deserialize)]
struct Seen {
    id: ScheduledEventId,
    #[serde(default)]
    description: Option<String>,
}

impl Delivery {
    /// Makes the guild's event of a campaign what it should be now.
    pub(super) async fn send_event(&self, guild: GuildId, campaign_id: &str) -> Result<Delivered, Trouble> {
        let kept = crate::in_read!(self.store, |read| { guild_event::load(read, campaign_id).await })?;
        let kept = kept.ok_or_else(|| Trouble::Final(format!("campaign {campaign_id:?} has no event")))?;
        if kept.guild_id != guild.to_string() || kept.shown_no >= kept.wanted_no {
            return Ok(Delivered { message_id: None, shown_no: None });
        }
        let now = self.clock.now();
        if kept.ends_at <= now {
            // It has ended by itself, or ended before it was ever made.
            return Ok(shown(known(&kept), &kept));
        }
        let there = match known(&kept) {
            Some(event) => Some(event),
            None => self.find_event(guild, &kept.mark).await?,
        };
        let event = match (&kept.wanted, there) {
            (None, None) => None,
            (None, Some(event)) => {
                self.delete_event(guild, event).await?;
                None
            }
            (Some(wanted), None) => Some(self.create_event(guild, &kept.mark, wanted, now).await?),
            (Some(wanted), Some(event)) => {
                match self.edit_event((guild, event), &kept.mark, wanted, now).await {
                    // Somebody deleted it: it changes, so it is announced anew.
                    Err(Trouble::EventGone) => Some(self.create_event(guild, &kept.mark, wanted, now).await?),
                    edited => {
                        edited?;
                        Some(event)
                    }
                }
            }
        };
        Ok(shown(event, &kept))
    }

    async fn create_event(
        &self,
        guild: GuildId,
        mark: &str,
        wanted: &GuildEvent,
        now: DateTime<Utc>,
    ) -> Result<ScheduledEventId, Trouble> {
        let starts_at = wanted.starts_at.max(now + BEGINS_IN);
        let mut body = described(wanted, mark);
        body["privacy_level"] = json!(GUILD_ONLY);
        body["entity_type"] = json!(EXTERNAL);
        body["scheduled_start_time"] = json!(iso(starts_at));
        // A campaign in the last minutes of its last day still has a beginning before its end.
        body["scheduled_end_time"] = json!(iso(wanted.ends_at.max(starts_at + BEGINS_IN)));
        let route = Route::GuildScheduledEvents { guild_id: guild };
        match self.asked::<Seen>(route, LightMethod::Post, Some(&body)).await {
            Ok(made) => Ok(made.id),
            Err(Trouble::Unreadable(reason)) => {
                self.find_event(guild, mark).await?.ok_or(Trouble::Passing(reason))
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn edit_event(
        &self,
        (guild_id, event_id): (GuildId, ScheduledEventId),
        mark: &str,
        wanted: &GuildEvent,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let mut body = described(wanted, mark);
        // What has begun keeps its beginning: Discord takes none that is past.
        if wanted.starts_at > now {
            body["scheduled_start_time"] = json!(iso(wanted.starts_at));
        }
        body["scheduled_end_time"] = json!(iso(wanted.ends_at));
        let route = Route::GuildScheduledEvent { guild_id, event_id };
        match self.asked::<Seen>(route, LightMethod::Patch, Some(&body)).await {
            Ok(_) | Err(Trouble::Unreadable(_)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    async fn delete_event(&self, guild_id: GuildId, event_id: ScheduledEventId) -> Result<(), Trouble> {
        match self.http.delete_scheduled_event(guild_id, event_id).await.map_err(Trouble::from) {
            Ok(()) | Err(Trouble::EventGone | Trouble::Unreadable(_)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// The guild's event that carries a mark.
    async fn find_event(&self, guild: GuildId, mark: &str) -> Result<Option<ScheduledEventId>, Trouble> {
        let route = Route::GuildScheduledEvents { guild_id: guild };
        let all: Vec<Seen> = self.asked(route, LightMethod::Get, None).await?;
        let carries = |seen: &Seen| seen.description.as_deref().is_some_and(|text| text.ends_with(mark));
        Ok(all.into_iter().find(carries).map(|seen| seen.id))
    }

    async fn asked<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        method: LightMethod,
        body: Option<&Value>,
    ) -> Result<T, Trouble> {
        let body = body.map(|body| body.to_string().into_bytes());
        Ok(self.http.fire(Request::new(route, method).body(body)).await?)
    }
}

/// What an event says, with its mark at the end.
fn described(wanted: &GuildEvent, mark: &str) -> Value {
    let end = format!(" · {mark}");
    let description = cut(&wanted.description, EVENT_DESCRIPTION_MAX - end.chars().count());
    json!({
        "name": wanted.name,
        "description": format!("{description}{end}"),
        "entity_metadata": { "location": wanted.location },
    })
}

fn iso(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn known(kept: &Kept) -> Option<ScheduledEventId> {
    kept.event_id.as_deref().and_then(|id| id.parse().ok())
}

fn shown(event: Option<ScheduledEventId>, kept: &Kept) -> Delivered {
    Delivered { message_id: event.map(|id| id.to_string()), shown_no: Some(kept.wanted_no) }
}
