//! The application itself, and its commands: global, and of a guild.

use serde_json::{Value, json};

use super::{Asked, Outcome, Reply};
use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{Command, World};
use crate::validate::command::{command, commands};
use crate::wire::merge;

pub(crate) fn application(world: &World, app: u64) -> Outcome {
    let record = world.apps.get(&app).ok_or_else(ApiError::unauthorized)?;
    Ok(Reply::Json(json!({
        "id": app.to_string(),
        "name": record.name,
        "icon": null,
        "description": "",
        "summary": "",
        "rpc_origins": [],
        "bot_public": false,
        "bot_require_code_grant": false,
        "owner": world.user_json(app),
        "verify_key": record.public_key,
        "team": null,
        "flags": 0,
        "tags": [],
        "integration_types_config": { "0": {} },
        "approximate_guild_count": world.guilds.values().filter(|guild| guild.apps.contains_key(&app)).count(),
        "interactions_endpoint_url": record.endpoint,
        "redirect_uris": [],
        "bot": world.user_json(app),
    })))
}

pub(crate) fn route(world: &mut World, asked: Asked<'_>, app: Option<u64>, rest: &[&str]) -> Outcome {
    if app != Some(asked.app) {
        return Err(ApiError::new(
            403,
            20012,
            "You are not authorized to perform this action on this application",
        ));
    }
    let (guild, rest) = match rest {
        ["guilds", guild, rest @ ..] => (Some(guild.parse::<u64>().unwrap_or(0)), rest),
        rest => (None, rest),
    };
    if let Some(guild) = guild
        && !world.guilds.get(&guild).is_some_and(|guild| guild.apps.contains_key(&asked.app))
    {
        return Err(ApiError::missing_access());
    }
    let id = |text: &str| text.parse::<u64>().map_err(|_| ApiError::unknown_command());
    match (asked.method, rest) {
        ("GET", ["commands"]) => {
            Ok(Reply::Json(scope(world, asked.app, guild).map(|c| c.body.clone()).collect()))
        }
        ("PUT", ["commands"]) => overwrite(world, &asked, guild),
        ("POST", ["commands"]) => create(world, &asked, guild),
        ("GET", ["commands", one]) => {
            let one = id(one)?;
            let found = scope(world, asked.app, guild).find(|command| command.id == one);
            Ok(Reply::Json(found.ok_or_else(ApiError::unknown_command)?.body.clone()))
        }
        ("PATCH", ["commands", one]) => change(world, &asked, guild, id(one)?),
        ("DELETE", ["commands", one]) => {
            let one = id(one)?;
            scope(world, asked.app, guild).find(|c| c.id == one).ok_or_else(ApiError::unknown_command)?;
            if let Some(app) = world.apps.get_mut(&asked.app) {
                app.commands.retain(|command| command.id != one);
            }
            Ok(Reply::Empty)
        }
        (_, ["commands"]) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

fn scope(world: &World, app: u64, guild: Option<u64>) -> impl Iterator<Item = &Command> {
    let all = world.apps.get(&app).into_iter().flat_map(|app| app.commands.iter());
    all.filter(move |command| command.guild == guild)
}

/// Puts a checked command in place: a command of the same name and kind keeps its id.
fn put(world: &mut World, app: u64, guild: Option<u64>, mut body: Value) -> (Value, bool) {
    let kind = body["type"].as_u64().unwrap_or(1);
    let before = scope(world, app, guild)
        .find(|c| c.name() == body["name"].as_str().unwrap_or_default() && c.kind() == kind);
    let known = before.map(|command| (command.id, command.version));
    let id = known.map_or_else(|| world.snowflake(), |(id, _)| id);
    let version = world.snowflake();
    merge(
        &mut body,
        json!({ "id": id.to_string(), "application_id": app.to_string(), "version": version.to_string() }),
    );
    if let Some(guild) = guild {
        body["guild_id"] = json!(guild.to_string());
    }
    if let Some(app) = world.apps.get_mut(&app) {
        app.commands.retain(|command| command.id != id);
        app.commands.push(Command { id, guild, version, body: body.clone() });
    }
    world.touch();
    (body, known.is_none())
}

fn overwrite(world: &mut World, asked: &Asked<'_>, guild: Option<u64>) -> Outcome {
    let given = asked.body.as_array().ok_or_else(|| {
        Complaints::one("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    })?;
    let mut complaints = Complaints::default();
    let checked = commands(given, &mut complaints);
    complaints.finish()?;
    let kept = |command: &Command| {
        checked.iter().any(|new| {
            new["name"].as_str() == Some(command.name()) && new["type"].as_u64() == Some(command.kind())
        })
    };
    if let Some(app) = world.apps.get_mut(&asked.app) {
        app.commands.retain(|command| command.guild != guild || kept(command));
    }
    let stored: Vec<Value> = checked.into_iter().map(|body| put(world, asked.app, guild, body).0).collect();
    Ok(Reply::Json(Value::Array(stored)))
}

fn create(world: &mut World, asked: &Asked<'_>, guild: Option<u64>) -> Outcome {
    let mut complaints = Complaints::default();
    let checked = command(&asked.body, "", &mut complaints);
    complaints.finish()?;
    let kind = checked["type"].as_u64().unwrap_or(1);
    let max = if kind == 1 { limits::COMMANDS } else { limits::CONTEXT_COMMANDS };
    let others = scope(world, asked.app, guild)
        .filter(|c| c.kind() == kind && Some(c.name()) != checked["name"].as_str());
    if others.count() >= max {
        return Err(ApiError::new(
            400,
            30032,
            &format!("Maximum number of application commands reached ({max})."),
        ));
    }
    let (stored, new) = put(world, asked.app, guild, checked);
    Ok(if new { Reply::Created(stored) } else { Reply::Json(stored) })
}

fn change(world: &mut World, asked: &Asked<'_>, guild: Option<u64>, id: u64) -> Outcome {
    let before = scope(world, asked.app, guild)
        .find(|command| command.id == id)
        .ok_or_else(ApiError::unknown_command)?;
    let mut body = before.body.clone();
    merge(&mut body, asked.body.clone());
    let mut complaints = Complaints::default();
    let mut checked = command(&body, "", &mut complaints);
    complaints.finish()?;
    let version = world.snowflake();
    checked["id"] = json!(id.to_string());
    checked["version"] = json!(version.to_string());
    let stored = Command { id, guild, version, body: checked.clone() };
    let all = world.apps.get_mut(&asked.app).map(|app| &mut app.commands);
    if let Some(slot) = all.into_iter().flatten().find(|command| command.id == id) {
        *slot = stored;
    }
    world.touch();
    Ok(Reply::Json(checked))
}
