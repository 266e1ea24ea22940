//! Guilds: the guild itself, channels, roles, members; and the way to its scheduled events.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply, event};
use crate::error::ApiError;
use crate::model::{ChannelKind, World};

pub(crate) fn mine(world: &World, asked: &Asked<'_>) -> Outcome {
    let guilds = world.guilds.iter().filter(|(_, guild)| guild.apps.contains_key(&asked.app));
    let json = guilds.map(|(id, guild)| {
        json!({
            "id": id.to_string(), "name": guild.name, "icon": null, "owner": guild.owner == asked.app,
            "permissions": world.guild_permissions(*id, asked.app).to_string(), "features": [],
        })
    });
    Ok(Reply::Json(json.collect()))
}

pub(crate) fn route(world: &mut World, asked: Asked<'_>, guild: u64, rest: &[&str]) -> Outcome {
    let Some(record) = world.guilds.get(&guild) else { return Err(ApiError::unknown_guild()) };
    if !record.apps.contains_key(&asked.app) {
        return Err(ApiError::missing_access());
    }
    match (asked.method, rest) {
        ("GET", []) => {
            let mut json = world.guild_json(guild).unwrap_or_default();
            if asked.query.get("with_counts").is_some_and(|with| with == "true") {
                json["approximate_member_count"] = json!(record.members.len());
                json["approximate_presence_count"] = json!(record.members.len());
            }
            Ok(Reply::Json(json))
        }
        ("GET", ["channels"]) => {
            let of_guild = world
                .channels
                .iter()
                .filter(|(_, c)| c.guild == guild && matches!(c.kind, ChannelKind::Text));
            // A bot is told of every channel of its guild, whether it may look into it or not.
            Ok(Reply::Json(of_guild.filter_map(|(id, _)| world.channel_json(*id)).collect()))
        }
        ("GET", ["threads", "active"]) => {
            let open = |kind: &ChannelKind| matches!(kind, ChannelKind::Thread { archived: false, .. });
            let of_guild = world
                .channels
                .iter()
                .filter(|(id, c)| c.guild == guild && open(&c.kind) && world.sees(**id, asked.app));
            let threads: Vec<Value> = of_guild.filter_map(|(id, _)| world.channel_json(*id)).collect();
            Ok(Reply::Json(json!({ "threads": threads, "members": [] })))
        }
        ("GET", ["roles"]) => Ok(Reply::Json(Value::Array(world.roles_json(guild)))),
        ("GET", ["roles", role]) => {
            let found = world.roles_json(guild).into_iter().find(|json| json["id"].as_str() == Some(*role));
            Ok(Reply::Json(found.ok_or_else(|| ApiError::new(404, 10011, "Unknown Role"))?))
        }
        ("GET", ["members"]) => members(world, &asked, guild),
        ("GET", ["members", "search"]) => search(world, &asked, guild),
        ("GET", ["members", user]) => {
            let user = user.parse().map_err(|_| ApiError::unknown_user())?;
            Ok(Reply::Json(world.member_json(guild, user, None).ok_or_else(ApiError::unknown_member)?))
        }
        (_, ["scheduled-events", rest @ ..]) => event::route(world, asked, guild, rest),
        (_, [] | ["channels" | "roles" | "members"]) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

/// All members, for applications that hold the privileged intent.
fn members(world: &World, asked: &Asked<'_>, guild: u64) -> Outcome {
    let granted = world.apps.get(&asked.app).map_or(0, |app| app.privileged_intents);
    if granted & crate::dispatch::intents::GUILD_MEMBERS == 0 {
        return Err(ApiError::missing_access());
    }
    let after = asked.id("after").unwrap_or(0);
    let Some(record) = world.guilds.get(&guild) else { return Err(ApiError::unknown_guild()) };
    let page = record.members.keys().filter(|user| **user > after).take(asked.limit(1, 1_000));
    Ok(Reply::Json(page.filter_map(|user| world.member_json(guild, *user, None)).collect()))
}

/// Members whose name begins with the query.
fn search(world: &World, asked: &Asked<'_>, guild: u64) -> Outcome {
    let Some(wanted) = asked.query.get("query").filter(|query| !query.is_empty()) else {
        return Err(crate::error::Complaints::one("query", "BASE_TYPE_REQUIRED", "This field is required"));
    };
    let wanted = wanted.to_lowercase();
    let Some(record) = world.guilds.get(&guild) else { return Err(ApiError::unknown_guild()) };
    let found =
        record.members.keys().filter(|user| world.user_name(**user).to_lowercase().starts_with(&wanted));
    let page = found.take(asked.limit(1, 1_000));
    Ok(Reply::Json(page.filter_map(|user| world.member_json(guild, *user, None)).collect()))
}
