//! Threads: from a message (once: 160004), or standing alone.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply, message};
use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{Channel, ChannelKind, World};
use crate::permissions::{CREATE_PRIVATE_THREADS, CREATE_PUBLIC_THREADS};
use crate::validate::text;
use crate::wire::HAS_THREAD;

/// The choices for when a quiet thread is archived, in minutes.
pub(crate) const ARCHIVE_MINUTES: [u64; 4] = [60, 1_440, 4_320, 10_080];

pub(crate) fn from_message(world: &mut World, asked: &Asked<'_>, channel: u64, message_id: u64) -> Outcome {
    let record = message::find(world, channel, message_id)?;
    if record.thread.is_some() || world.channels.contains_key(&message_id) {
        return Err(ApiError::new(400, 160_004, "A thread has already been created for this message"));
    }
    // A thread that starts from a message has the message's id.
    let json = open(world, asked, channel, Some(message_id), false)?;
    if let Some(record) = world.messages.get_mut(&message_id) {
        record.thread = Some(message_id);
        record.flags |= HAS_THREAD;
    }
    world.dispatch_message("MESSAGE_UPDATE", message_id);
    world.touch();
    Ok(Reply::Created(json))
}

pub(crate) fn standalone(world: &mut World, asked: &Asked<'_>, channel: u64) -> Outcome {
    let private = match asked.body["type"].as_u64() {
        None | Some(12) => true,
        Some(11) => false,
        Some(_) => {
            return Err(Complaints::one("type", "BASE_TYPE_CHOICES", "Value must be one of {10, 11, 12}."));
        }
    };
    Ok(Reply::Created(open(world, asked, channel, None, private)?))
}

fn open(
    world: &mut World,
    asked: &Asked<'_>,
    parent: u64,
    id: Option<u64>,
    private: bool,
) -> Result<Value, ApiError> {
    let Some(above) = world.channels.get(&parent) else { return Err(ApiError::unknown_channel()) };
    let guild = above.guild;
    if !matches!(above.kind, ChannelKind::Text) {
        return Err(ApiError::new(400, 50024, "Cannot execute action on this channel type"));
    }
    let needed = if private { CREATE_PRIVATE_THREADS } else { CREATE_PUBLIC_THREADS };
    if world.permissions(parent, asked.app) & needed == 0 {
        return Err(ApiError::missing_permissions());
    }
    let mut complaints = Complaints::default();
    let name = text(&asked.body, "", "name", &mut complaints);
    match name {
        Some(name) => complaints.between("name", name, 1, limits::CHANNEL_NAME),
        None => complaints.required("name"),
    }
    let archive_min = asked.body["auto_archive_duration"].as_u64().unwrap_or(4_320);
    if !ARCHIVE_MINUTES.contains(&archive_min) {
        complaints.choice("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    complaints.finish()?;
    let kind = ChannelKind::Thread {
        parent,
        starter: asked.app,
        private,
        archived: false,
        locked: false,
        archive_min,
        people: [asked.app].into(),
    };
    let id = id.unwrap_or_else(|| world.snowflake());
    let thread = Channel {
        guild,
        name: name.unwrap_or_default().to_owned(),
        topic: None,
        kind,
        overwrites: Vec::new(),
        created_ms: world.now(),
        last_message: None,
    };
    world.channels.insert(id, thread);
    let json = world.channel_json(id).unwrap_or_default();
    let mut event = json.clone();
    event["newly_created"] = json!(true);
    world.dispatch_in(id, "THREAD_CREATE", &event);
    world.touch();
    Ok(json)
}
