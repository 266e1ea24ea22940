//! Scheduled events of a guild. Only external ones (with a place and an end) are served: there is no voice here.
//!
//! As on Discord they begin and end by themselves, and what is over is in the list no more and can't be changed.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply};
use crate::dispatch::intents;
use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::World;
use crate::permissions::{CREATE_EVENTS, MANAGE_EVENTS};
use crate::time::{iso, parse_iso};
use crate::validate::text;
use crate::wire::merge;

pub(crate) fn route(world: &mut World, asked: Asked<'_>, guild: u64, rest: &[&str]) -> Outcome {
    let id = |text: &str| text.parse::<u64>().map_err(|_| ApiError::unknown_event());
    world.move_events(guild);
    match (asked.method, rest) {
        ("GET", []) => Ok(Reply::Json(world.open_events(guild).cloned().collect())),
        ("POST", []) => create(world, &asked, guild),
        ("GET", [event]) => {
            let event = id(event)?;
            let found = events(world, guild).find(|(known, _)| *known == event);
            Ok(Reply::Json(found.ok_or_else(ApiError::unknown_event)?.1.clone()))
        }
        ("PATCH", [event]) => change(world, &asked, guild, id(event)?),
        ("DELETE", [event]) => {
            let event = id(event)?;
            may_manage(world, &asked, guild, event)?;
            let gone = world
                .guilds
                .get_mut(&guild)
                .and_then(|guild| guild.events.remove(&event))
                .unwrap_or_default();
            world.dispatch_guild(
                guild,
                intents::GUILD_SCHEDULED_EVENTS,
                "GUILD_SCHEDULED_EVENT_DELETE",
                &gone,
            );
            world.touch();
            Ok(Reply::Empty)
        }
        (_, [] | [_]) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

fn events(world: &World, guild: u64) -> impl Iterator<Item = (u64, &Value)> {
    world.guilds.get(&guild).into_iter().flat_map(|guild| guild.events.iter()).map(|(id, event)| (*id, event))
}

const SCHEDULED: u64 = 1;
const ACTIVE: u64 = 2;
const COMPLETED: u64 = 3;

impl World {
    /// The events of a guild that are not over.
    pub(crate) fn open_events(&self, guild: u64) -> impl Iterator<Item = &Value> {
        let open = |event: &&Value| matches!(event["status"].as_u64(), Some(SCHEDULED | ACTIVE));
        events(self, guild).map(|(_, event)| event).filter(open)
    }

    /// External events begin and end by the clock.
    pub(crate) fn move_events(&mut self, guild: u64) {
        let now = self.now();
        let Some(record) = self.guilds.get_mut(&guild) else { return };
        let past = |event: &Value, field: &str| {
            event[field].as_str().and_then(parse_iso).is_some_and(|instant| instant <= now)
        };
        let mut moved = Vec::new();
        for event in record.events.values_mut() {
            let before = event["status"].as_u64();
            let status = match before {
                Some(SCHEDULED | ACTIVE) if past(event, "scheduled_end_time") => COMPLETED,
                Some(SCHEDULED) if past(event, "scheduled_start_time") => ACTIVE,
                _ => continue,
            };
            if before != Some(status) {
                event["status"] = json!(status);
                moved.push(event.clone());
            }
        }
        for event in moved {
            let what = "GUILD_SCHEDULED_EVENT_UPDATE";
            self.dispatch_guild(guild, intents::GUILD_SCHEDULED_EVENTS, what, &event);
            self.touch();
        }
    }
}

/// Whoever created an event may change it; others need the permission for all.
fn may_manage(world: &World, asked: &Asked<'_>, guild: u64, event: u64) -> Result<(), ApiError> {
    let found = events(world, guild).find(|(id, _)| *id == event).ok_or_else(ApiError::unknown_event)?.1;
    let granted = world.guild_permissions(guild, asked.app);
    let own =
        found["creator_id"].as_str() == Some(asked.app.to_string().as_str()) && granted & CREATE_EVENTS != 0;
    if own || granted & MANAGE_EVENTS != 0 { Ok(()) } else { Err(ApiError::missing_permissions()) }
}

/// `begins`: whether a beginning is given, which has to be to come; what is there already keeps its own.
fn check(world: &World, event: &Value, begins: bool) -> Result<(), ApiError> {
    let mut complaints = Complaints::default();
    match text(event, "", "name", &mut complaints) {
        Some(name) => complaints.between("name", name, 1, limits::EVENT_NAME),
        None => complaints.required("name"),
    }
    if let Some(description) = text(event, "", "description", &mut complaints) {
        complaints.at_most("description", description, limits::EVENT_DESCRIPTION);
    }
    if event["privacy_level"].as_u64() != Some(2) {
        complaints.choice("privacy_level", "2");
    }
    if event["entity_type"].as_u64() != Some(3) {
        complaints.choice("entity_type", "3");
    }
    match text(&event["entity_metadata"], "entity_metadata", "location", &mut complaints) {
        Some(location) => complaints.between("entity_metadata.location", location, 1, limits::EVENT_NAME),
        None => complaints.required("entity_metadata.location"),
    }
    let start = instant(event, "scheduled_start_time", &mut complaints);
    let end = instant(event, "scheduled_end_time", &mut complaints);
    if begins && start.is_some_and(|start| start < world.now()) {
        let message = "Cannot schedule event in the past.";
        complaints.add("scheduled_start_time", "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", message);
    }
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        let message = "The end has to be after the start.";
        complaints.add("scheduled_end_time", "GUILD_SCHEDULED_EVENT_END_BEFORE_START", message);
    }
    complaints.finish()
}

/// An instant that must be there.
fn instant(event: &Value, field: &str, complaints: &mut Complaints) -> Option<i64> {
    let Some(given) = text(event, "", field, complaints) else {
        complaints.required(field);
        return None;
    };
    let parsed = parse_iso(given);
    if parsed.is_none() {
        complaints.add(field, "DATE_TIME_TYPE_PARSE", format!("Could not parse {given}. Should be ISO8601."));
    }
    parsed
}

/// The event as the API shows it.
fn stored(event: &Value) -> Value {
    let time = |field: &str| event[field].as_str().and_then(parse_iso).map(iso);
    json!({
        "name": event["name"],
        "description": event["description"],
        "entity_type": 3,
        "privacy_level": 2,
        "channel_id": null,
        "entity_id": null,
        "entity_metadata": { "location": event["entity_metadata"]["location"] },
        "scheduled_start_time": time("scheduled_start_time"),
        "scheduled_end_time": time("scheduled_end_time"),
        "image": null,
        "recurrence_rule": null,
    })
}

fn create(world: &mut World, asked: &Asked<'_>, guild: u64) -> Outcome {
    if world.guild_permissions(guild, asked.app) & (CREATE_EVENTS | MANAGE_EVENTS) == 0 {
        return Err(ApiError::missing_permissions());
    }
    check(world, &asked.body, true)?;
    if world.open_events(guild).count() >= limits::EVENTS {
        return Err(ApiError::new(
            400,
            30038,
            "Maximum number of uncompleted guild scheduled events reached (100)",
        ));
    }
    let id = world.snowflake();
    let mut json = stored(&asked.body);
    let extra = json!({
        "id": id.to_string(), "guild_id": guild.to_string(), "creator_id": asked.app.to_string(),
        "creator": world.user_json(asked.app), "status": SCHEDULED, "user_count": 0,
    });
    merge(&mut json, extra);
    if let Some(guild) = world.guilds.get_mut(&guild) {
        guild.events.insert(id, json.clone());
    }
    world.dispatch_guild(guild, intents::GUILD_SCHEDULED_EVENTS, "GUILD_SCHEDULED_EVENT_CREATE", &json);
    world.touch();
    Ok(Reply::Json(json))
}

fn change(world: &mut World, asked: &Asked<'_>, guild: u64, id: u64) -> Outcome {
    may_manage(world, asked, guild, id)?;
    let mut event =
        events(world, guild).find(|(known, _)| *known == id).map(|(_, e)| e.clone()).unwrap_or_default();
    let before = event["status"].as_u64().unwrap_or(SCHEDULED);
    if !matches!(before, SCHEDULED | ACTIVE) {
        return Err(ApiError::new(400, 180_000, "Cannot update a finished event"));
    }
    merge(&mut event, asked.body.clone());
    check(world, &event, asked.body.get("scheduled_start_time").is_some())?;
    let status = event["status"].as_u64().unwrap_or(before);
    // Planned → running or cancelled; running → done. Nothing comes back.
    if status != before && !matches!((before, status), (SCHEDULED, ACTIVE | 4) | (ACTIVE, COMPLETED)) {
        let message = "Invalid status transition";
        return Err(Complaints::one("status", "TRANSITION_INVALID", message));
    }
    let kept = stored(&event);
    merge(&mut event, kept);
    if let Some(guild) = world.guilds.get_mut(&guild) {
        guild.events.insert(id, event.clone());
    }
    world.dispatch_guild(guild, intents::GUILD_SCHEDULED_EVENTS, "GUILD_SCHEDULED_EVENT_UPDATE", &event);
    world.touch();
    Ok(Reply::Json(event))
}
