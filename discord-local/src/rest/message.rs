//! Messages of a channel: list, get, create, edit, delete.

use serde_json::Value;

use super::{Asked, Outcome, Reply, channel};
use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{ChannelKind, MessageRecord, World};
use crate::permissions::{ATTACH_FILES, EMBED_LINKS, MANAGE_MESSAGES, MANAGE_THREADS, READ_MESSAGE_HISTORY};
use crate::post::Post;
use crate::validate::id;
use crate::validate::message::{MessageInput, message};

pub(crate) fn list(world: &World, asked: &Asked<'_>, channel: u64) -> Outcome {
    if let Some(limit) = asked.query.get("limit")
        && !limit.parse::<usize>().is_ok_and(|limit| (1..=limits::PAGE).contains(&limit))
    {
        let message = "int value should be between 1 and 100.";
        return Err(Complaints::one("limit", "NUMBER_TYPE_MAX", message));
    }
    if world.permissions(channel, asked.app) & READ_MESSAGE_HISTORY == 0 {
        return Ok(Reply::Json(Value::Array(Vec::new())));
    }
    let limit = asked.limit(50, limits::PAGE);
    // Ephemeral messages aren't part of the channel for the API.
    let all: Vec<&MessageRecord> =
        world.messages.values().filter(|m| m.channel == channel && m.ephemeral_for.is_none()).collect();
    let mut page: Vec<&MessageRecord> = if let Some(after) = asked.id("after") {
        all.into_iter().filter(|m| m.id > after).take(limit).collect()
    } else if let Some(around) = asked.id("around") {
        let middle = all.partition_point(|m| m.id < around);
        let from = middle.saturating_sub(limit / 2);
        all.into_iter().skip(from).take(limit).collect()
    } else {
        let before = asked.id("before").unwrap_or(u64::MAX);
        let earlier: Vec<&MessageRecord> = all.into_iter().filter(|m| m.id < before).collect();
        let skip = earlier.len().saturating_sub(limit);
        earlier.into_iter().skip(skip).collect()
    };
    // Newest first, always.
    page.reverse();
    Ok(Reply::Json(page.into_iter().map(|m| world.message_for(m, asked.app)).collect()))
}

/// The message of this channel that the API shows, never an ephemeral one.
pub(crate) fn find(world: &World, channel: u64, message: u64) -> Result<&MessageRecord, ApiError> {
    let found = world.messages.get(&message).filter(|m| m.channel == channel && m.ephemeral_for.is_none());
    found.ok_or_else(ApiError::unknown_message)
}

pub(crate) fn get(world: &World, asked: &Asked<'_>, channel: u64, message: u64) -> Outcome {
    if world.permissions(channel, asked.app) & READ_MESSAGE_HISTORY == 0 {
        return Err(ApiError::missing_permissions());
    }
    Ok(Reply::Json(world.message_for(find(world, channel, message)?, asked.app)))
}

pub(crate) fn create(world: &mut World, asked: Asked<'_>, channel: u64) -> Outcome {
    if !channel::may_reach(world, channel, asked.app) {
        return Err(ApiError::cannot_dm());
    }
    let mut complaints = Complaints::default();
    let input = message(&asked.body, "", &asked.uploads, &mut complaints);
    complaints.finish()?;
    let granted = world.permissions(channel, asked.app);
    if granted & world.send_permission(channel) == 0 {
        return Err(ApiError::missing_permissions());
    }
    if let Some(ChannelKind::Thread { locked: true, .. }) = world.channels.get(&channel).map(|c| &c.kind)
        && granted & MANAGE_THREADS == 0
    {
        return Err(ApiError::new(400, 160_005, "This thread is locked"));
    }
    check_extras(granted, &input, !asked.uploads.is_empty())?;
    let post = Post { channel, author: asked.app, app: Some(asked.app), ..Post::default() };
    let id = world.post(post, input, asked.uploads)?;
    let record = world.messages.get(&id).ok_or_else(ApiError::unknown_message)?;
    Ok(Reply::Json(world.message_json(record)))
}

/// Embeds and files take a permission each.
fn check_extras(granted: u64, input: &MessageInput, files: bool) -> Result<(), ApiError> {
    let embeds = input.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty());
    if (embeds && granted & EMBED_LINKS == 0) || (files && granted & ATTACH_FILES == 0) {
        return Err(ApiError::missing_permissions());
    }
    Ok(())
}

pub(crate) fn edit(world: &mut World, asked: Asked<'_>, channel: u64, message_id: u64) -> Outcome {
    if find(world, channel, message_id)?.author != asked.app {
        return Err(ApiError::not_yours());
    }
    let mut complaints = Complaints::default();
    let input = message(&asked.body, "", &asked.uploads, &mut complaints);
    complaints.finish()?;
    check_extras(world.permissions(channel, asked.app), &input, !asked.uploads.is_empty())?;
    world.edit(message_id, input, asked.uploads)?;
    Ok(Reply::Json(world.message_json(find(world, channel, message_id)?)))
}

pub(crate) fn delete(world: &mut World, asked: &Asked<'_>, channel: u64, message: u64) -> Outcome {
    let own = find(world, channel, message)?.author == asked.app;
    if !own && world.permissions(channel, asked.app) & MANAGE_MESSAGES == 0 {
        return Err(ApiError::missing_permissions());
    }
    world.remove(message);
    Ok(Reply::Empty)
}

pub(crate) fn bulk_delete(world: &mut World, asked: &Asked<'_>, channel: u64) -> Outcome {
    if world.permissions(channel, asked.app) & MANAGE_MESSAGES == 0 {
        return Err(ApiError::missing_permissions());
    }
    let given = asked.body["messages"].as_array().cloned().unwrap_or_default();
    if !(2..=limits::PAGE).contains(&given.len()) {
        return Err(ApiError::new(
            400,
            50016,
            "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete",
        ));
    }
    let two_weeks_ms = 14 * 24 * 60 * 60 * 1_000;
    let ids: Vec<u64> = given.iter().filter_map(id).collect();
    if ids.iter().any(|id| world.now() - crate::time::snowflake_ms(*id) > two_weeks_ms) {
        return Err(ApiError::new(
            400,
            50034,
            "You can only bulk delete messages that are under 14 days old.",
        ));
    }
    for id in ids {
        if find(world, channel, id).is_ok() {
            world.remove(id);
        }
    }
    Ok(Reply::Empty)
}
