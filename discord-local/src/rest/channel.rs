//! Channels: reading and changing them, direct messages, typing; and the way to their messages, pins and threads.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply, message, pin, thread};
use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{Channel, ChannelKind, World};
use crate::permissions::{MANAGE_CHANNELS, MANAGE_THREADS};
use crate::validate::{id, text};

pub(crate) fn route(world: &mut World, asked: Asked<'_>, channel: u64, rest: &[&str]) -> Outcome {
    if !world.channels.contains_key(&channel) {
        return Err(ApiError::unknown_channel());
    }
    if !world.sees(channel, asked.app) {
        return Err(ApiError::missing_access());
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| ApiError::unknown_message());
    match (asked.method, rest) {
        ("GET", []) => Ok(Reply::Json(world.channel_json(channel).unwrap_or_default())),
        ("PATCH", []) => change(world, &asked, channel),
        ("DELETE", []) => delete(world, &asked, channel),
        ("POST", ["typing"]) => typing(world, &asked, channel),
        ("GET", ["pins"]) => pin::list_old(world, &asked, channel),
        ("GET", ["messages", "pins"]) => pin::list(world, &asked, channel),
        ("PUT", ["pins", message] | ["messages", "pins", message]) => {
            pin::set(world, &asked, number(message)?, true)
        }
        ("DELETE", ["pins", message] | ["messages", "pins", message]) => {
            pin::set(world, &asked, number(message)?, false)
        }
        ("GET", ["messages"]) => message::list(world, &asked, channel),
        ("POST", ["messages"]) => message::create(world, asked, channel),
        ("POST", ["messages", "bulk-delete"]) => message::bulk_delete(world, &asked, channel),
        ("GET", ["messages", id]) => message::get(world, &asked, channel, number(id)?),
        ("PATCH", ["messages", id]) => message::edit(world, asked, channel, number(id)?),
        ("DELETE", ["messages", id]) => message::delete(world, &asked, channel, number(id)?),
        ("POST", ["messages", id, "threads"]) => thread::from_message(world, &asked, channel, number(id)?),
        ("POST", ["threads"]) => thread::standalone(world, &asked, channel),
        (_, [] | ["typing" | "pins" | "messages" | "threads"]) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

fn change(world: &mut World, asked: &Asked<'_>, channel: u64) -> Outcome {
    let granted = world.permissions(channel, asked.app);
    let Some(record) = world.channels.get(&channel) else { return Err(ApiError::unknown_channel()) };
    let needed = match &record.kind {
        ChannelKind::Thread { starter, .. } if *starter == asked.app => 0,
        ChannelKind::Thread { .. } => MANAGE_THREADS,
        _ => MANAGE_CHANNELS,
    };
    if granted & needed != needed {
        return Err(ApiError::missing_permissions());
    }
    let mut complaints = Complaints::default();
    let name = text(&asked.body, "", "name", &mut complaints);
    if let Some(name) = name {
        complaints.between("name", name, 1, limits::CHANNEL_NAME);
    }
    let topic = text(&asked.body, "", "topic", &mut complaints);
    if let Some(topic) = topic {
        complaints.at_most("topic", topic, limits::CHANNEL_TOPIC);
    }
    let archive = asked.body["auto_archive_duration"].as_u64();
    if archive.is_some_and(|minutes| !thread::ARCHIVE_MINUTES.contains(&minutes)) {
        complaints.choice("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    complaints.finish()?;
    let (name, topic) = (name.map(str::to_owned), topic.map(str::to_owned));
    let Some(record) = world.channels.get_mut(&channel) else { return Err(ApiError::unknown_channel()) };
    if let Some(name) = name {
        record.name = name;
    }
    if asked.body.get("topic").is_some() {
        record.topic = topic;
    }
    let mut event = "CHANNEL_UPDATE";
    if let ChannelKind::Thread { archived, locked, archive_min, .. } = &mut record.kind {
        event = "THREAD_UPDATE";
        *archived = asked.body["archived"].as_bool().unwrap_or(*archived);
        *locked = asked.body["locked"].as_bool().unwrap_or(*locked);
        *archive_min = archive.unwrap_or(*archive_min);
    }
    let json = world.channel_json(channel).unwrap_or_default();
    world.dispatch_in(channel, event, &json);
    world.touch();
    Ok(Reply::Json(json))
}

fn delete(world: &mut World, asked: &Asked<'_>, channel: u64) -> Outcome {
    let json = world.channel_json(channel).unwrap_or_default();
    let is_thread = matches!(world.channels.get(&channel).map(|c| &c.kind), Some(ChannelKind::Thread { .. }));
    let (needed, event) =
        if is_thread { (MANAGE_THREADS, "THREAD_DELETE") } else { (MANAGE_CHANNELS, "CHANNEL_DELETE") };
    if world.permissions(channel, asked.app) & needed == 0 {
        return Err(ApiError::missing_permissions());
    }
    world.dispatch_in(channel, event, &json);
    world.channels.remove(&channel);
    world.messages.retain(|_, message| message.channel != channel);
    world.touch();
    Ok(Reply::Json(json))
}

fn typing(world: &mut World, asked: &Asked<'_>, channel: u64) -> Outcome {
    if world.permissions(channel, asked.app) & world.send_permission(channel) == 0 {
        return Err(ApiError::missing_permissions());
    }
    let data = json!({
        "channel_id": channel.to_string(), "user_id": asked.app.to_string(), "timestamp": world.now() / 1_000,
    });
    world.dispatch_in(channel, "TYPING_START", &data);
    Ok(Reply::Empty)
}

/// Opens the direct-message channel with a person, or gives the one there is.
pub(crate) fn open_direct(world: &mut World, asked: &Asked<'_>) -> Outcome {
    let Some(person) = id(&asked.body["recipient_id"]).filter(|user| world.users.contains_key(user)) else {
        let value = match &asked.body["recipient_id"] {
            Value::Null => {
                return Err(Complaints::one("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"));
            }
            value => value.to_string(),
        };
        return Err(Complaints::one("recipient_id", "USER_INVALID", &format!("Unknown user {value}")));
    };
    if world.users.get(&person).is_some_and(|user| user.bot) {
        return Err(ApiError::cannot_dm());
    }
    let pair = [asked.app, person];
    let found = world
        .channels
        .iter()
        .find(|(_, c)| matches!(&c.kind, ChannelKind::Direct { people } if *people == pair));
    let channel = match found.map(|(id, _)| *id) {
        Some(channel) => channel,
        None => {
            let channel = world.snowflake();
            let record = Channel {
                guild: 0,
                name: String::new(),
                topic: None,
                kind: ChannelKind::Direct { people: pair },
                overwrites: Vec::new(),
                created_ms: world.now(),
                last_message: None,
            };
            world.channels.insert(channel, record);
            world.touch();
            channel
        }
    };
    Ok(Reply::Json(world.channel_json(channel).unwrap_or_default()))
}

/// Whether the bot may write to the person behind a direct-message channel: they share a guild, and it is open.
pub(crate) fn may_reach(world: &World, channel: u64, app: u64) -> bool {
    let Some(ChannelKind::Direct { people }) = world.channels.get(&channel).map(|c| &c.kind) else {
        return true;
    };
    let person = people.iter().copied().find(|user| *user != app).unwrap_or(0);
    let open = world.users.get(&person).is_some_and(|user| user.open_to_dms);
    let shared = world.guilds.values().any(|g| g.apps.contains_key(&app) && g.members.contains_key(&person));
    open && shared
}
