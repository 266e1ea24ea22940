//! Pinned messages, by the older and the newer route.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply};
use crate::error::ApiError;
use crate::limits;
use crate::model::{MessageRecord, World};
use crate::permissions::{MANAGE_MESSAGES, PIN_MESSAGES, READ_MESSAGE_HISTORY};
use crate::time::iso;

/// Pinned messages with their instants, newest pin first.
fn pinned<'a>(world: &'a World, asked: &Asked<'_>, channel: u64) -> Vec<(&'a MessageRecord, i64)> {
    if world.permissions(channel, asked.app) & READ_MESSAGE_HISTORY == 0 {
        return Vec::new();
    }
    let of_channel = world.messages.values().filter(|message| message.channel == channel);
    let mut pins: Vec<_> =
        of_channel.filter_map(|message| message.pinned_ms.map(|at| (message, at))).collect();
    pins.sort_by_key(|(message, at)| std::cmp::Reverse((*at, message.id)));
    pins
}

pub(crate) fn list_old(world: &World, asked: &Asked<'_>, channel: u64) -> Outcome {
    let pins = pinned(world, asked, channel).into_iter().take(50);
    Ok(Reply::Json(pins.map(|(message, _)| world.message_for(message, asked.app)).collect::<Value>()))
}

pub(crate) fn list(world: &World, asked: &Asked<'_>, channel: u64) -> Outcome {
    let before = asked.query.get("before").and_then(|text| crate::time::parse_iso(text)).unwrap_or(i64::MAX);
    let limit = asked.limit(50, 50);
    let mut pins = pinned(world, asked, channel);
    pins.retain(|(_, at)| *at < before);
    let more = pins.len() > limit;
    let items: Vec<Value> = pins
        .into_iter()
        .take(limit)
        .map(
            |(message, at)| json!({ "pinned_at": iso(at), "message": world.message_for(message, asked.app) }),
        )
        .collect();
    Ok(Reply::Json(json!({ "items": items, "has_more": more })))
}

pub(crate) fn set(world: &mut World, asked: &Asked<'_>, id: u64, pin: bool) -> Outcome {
    let known = world.messages.get(&id).filter(|message| message.ephemeral_for.is_none());
    let channel = known.ok_or_else(ApiError::unknown_message)?.channel;
    if world.permissions(channel, asked.app) & (PIN_MESSAGES | MANAGE_MESSAGES) == 0 {
        return Err(ApiError::missing_permissions());
    }
    let already = known.is_some_and(|message| message.pinned_ms.is_some());
    if pin && !already && pinned(world, asked, channel).len() >= limits::PINS {
        return Err(ApiError::new(400, 30003, "Maximum number of pinned messages reached (250)"));
    }
    let now = world.now();
    if let Some(message) = world.messages.get_mut(&id)
        && pin != already
    {
        message.pinned_ms = pin.then_some(now);
        let last = world.last_pin(channel).map(iso);
        let data = json!({ "channel_id": channel.to_string(), "last_pin_timestamp": last, "guild_id": world.guild_of(channel).to_string() });
        world.dispatch_in(channel, "CHANNEL_PINS_UPDATE", &data);
        world.touch();
    }
    Ok(Reply::Empty)
}
