//! What a person sees, as JSON: the server with its people, their channels, a channel's messages, the commands on offer.
//!
//! Ids are texts. Links to files are the page's own (`/local/file/…`): they don't expire while the page is open.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::person;
use super::answer::{Asked, Failure, Id, Outcome};
use crate::DiscordLocal;
use crate::model::{ChannelKind, FileRecord, Guild, MessageRecord, World};
use crate::permissions::{ATTACH_FILES, SEND_MESSAGES_IN_THREADS, USE_APPLICATION_COMMANDS, VIEW_CHANNEL};
use crate::wire::LOADING;

/// How many messages are shown unless more are asked for, and at most.
const MESSAGES: usize = 100;
const MESSAGES_AT_MOST: usize = 2_000;

/// Colours of roles, in order of creation; each has AA contrast on the page's darkest and lightest surface. The world's
/// roles have none of their own.
const COLOURS: [&str; 8] =
    ["#7cc4f8", "#e9c46a", "#8fd694", "#f4a0b9", "#c6abf7", "#f2a97b", "#6fd8cb", "#d6da7c"];

#[derive(Debug, Deserialize)]
pub(super) struct Viewer {
    person: Option<Id>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    person: Id,
    channel: Id,
    limit: Option<usize>,
}

/// `GET /local/state?person=`: everything but messages. Without a person there are no channels.
pub(super) async fn state(State(server): State<DiscordLocal>, Asked(viewer): Asked<Viewer>) -> Outcome {
    let viewer = viewer.person.map(|id| person(&server, id)).transpose()?;
    let title = server.options().title.clone();
    let controls = server.controls().into_iter();
    let controls =
        controls.map(|control| json!({ "id": control.id, "label": control.label, "help": control.help }));
    let controls: Vec<Value> = controls.collect();
    let channels = viewer.as_ref().map(|viewer| viewer.channels()).unwrap_or_default();
    let world = server.world();
    let channels: Vec<Value> = channels
        .iter()
        .filter_map(|view| world.channel_view(view.id, viewer.as_ref()?.id(), &view.name, view.pings))
        .collect();
    Ok(Json(json!({
        "title": title,
        "notice": world.notice,
        "now": world.now(),
        "controls": controls,
        "guilds": world.guilds.iter().map(|(id, guild)| world.guild_view(*id, guild)).collect::<Vec<_>>(),
        "person": viewer.as_ref().map(|viewer| world.person_view(viewer.id())),
        "channels": channels,
    })))
}

/// `GET /local/messages?person=&channel=&limit=`: the newest messages, oldest first, as this person sees them.
pub(super) async fn messages(State(server): State<DiscordLocal>, Asked(place): Asked<Place>) -> Outcome {
    let viewer = person(&server, place.person)?.id();
    let world = server.world();
    if !world.sees(place.channel.0, viewer) {
        return Err(Failure::missing("They don't see that channel."));
    }
    let all = world.visible_messages(place.channel.0, viewer);
    let limit = place.limit.unwrap_or(MESSAGES).clamp(1, MESSAGES_AT_MOST);
    let earlier = all.len().saturating_sub(limit);
    let shown = all[earlier..].iter().map(|record| world.message_view(record, viewer));
    Ok(Json(json!({ "messages": shown.collect::<Vec<_>>(), "earlier": earlier })))
}

/// `GET /local/commands?person=&channel=`: the commands offered there, with their definitions.
pub(super) async fn commands(State(server): State<DiscordLocal>, Asked(place): Asked<Place>) -> Outcome {
    let viewer = person(&server, place.person)?;
    if !viewer.can_see(place.channel.0) {
        return Err(Failure::missing("They don't see that channel."));
    }
    let mut commands = viewer.commands(place.channel.0);
    let world = server.world();
    for command in &mut commands {
        let app = command["application_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or(0);
        command["application"] = json!(world.user_name(app));
    }
    Ok(Json(json!({ "commands": commands })))
}

/// `GET /local/file/{id}/{name}`: a file, shown if it is a picture, else downloaded.
pub(super) async fn file(
    State(server): State<DiscordLocal>,
    Path((Id(id), _)): Path<(Id, String)>,
) -> Result<Response, Failure> {
    let world = server.world();
    let file = world.files.get(&id).ok_or_else(|| Failure::missing("There is no such file."))?;
    let (kind, disposition) = match picture(file) {
        Some(kind) => (kind, "inline".to_owned()),
        None => {
            let name: String =
                file.filename.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
            (
                "application/octet-stream",
                format!("attachment; filename=\"{}\"", name.replace(['"', '\\'], "_")),
            )
        }
    };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, file.bytes.to_vec()).into_response())
}

/// The media type if it is a picture that browsers show, by its first bytes; what its sender calls it doesn't count.
fn picture(file: &FileRecord) -> Option<&'static str> {
    let bytes: &[u8] = &file.bytes;
    match bytes {
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        _ if bytes.starts_with(b"\xff\xd8\xff") => Some("image/jpeg"),
        _ if bytes.starts_with(b"GIF8") => Some("image/gif"),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some("image/webp"),
        _ => None,
    }
}

impl World {
    fn guild_view(&self, id: u64, guild: &Guild) -> Value {
        let roles = guild.roles.iter().filter(|(role, _)| **role != id);
        let roles = roles.map(|(role, record)| {
            json!({
                "id": role.to_string(),
                "name": record.name,
                "color": role_colour(guild, id, *role),
                "managed": record.managed_by.is_some(),
            })
        });
        let members = guild.members.iter().map(|(user, member)| {
            json!({
                "id": user.to_string(),
                "name": self.user_name(*user),
                "bot": self.users.get(user).is_some_and(|user| user.bot),
                "owner": guild.owner == *user,
                "roles": member.roles.iter().map(u64::to_string).collect::<Vec<_>>(),
                "color": member_colour(guild, id, *user),
            })
        });
        json!({
            "id": id.to_string(),
            "name": guild.name,
            "roles": roles.collect::<Vec<_>>(),
            "members": members.collect::<Vec<_>>(),
        })
    }

    fn person_view(&self, id: u64) -> Value {
        let locale = self.users.get(&id).map_or("en-US", |user| user.locale.as_str());
        json!({ "id": id.to_string(), "name": self.user_name(id), "locale": locale })
    }

    fn channel_view(&self, id: u64, viewer: u64, name: &str, pings: usize) -> Option<Value> {
        let channel = self.channels.get(&id)?;
        let granted = self.permissions(id, viewer);
        let mut json = json!({
            "id": id.to_string(),
            "guild": if channel.guild == 0 { Value::Null } else { json!(channel.guild.to_string()) },
            "name": name,
            "topic": channel.topic,
            "kind": "text",
            "last_message": channel.last_message.map(|id| id.to_string()),
            "pings": pings,
            "can_write": granted & self.send_permission(id) != 0,
            "can_attach": granted & ATTACH_FILES != 0,
            "can_command": channel.guild == 0 || granted & USE_APPLICATION_COMMANDS != 0,
        });
        match &channel.kind {
            ChannelKind::Text => {
                // Closed to @everyone: the channel has a lock.
                let closed =
                    channel.overwrites.iter().any(|o| o.id == channel.guild && o.deny & VIEW_CHANNEL != 0);
                json["private"] = json!(closed);
            }
            ChannelKind::Direct { .. } => json["kind"] = json!("direct"),
            ChannelKind::Thread { parent, private, archived, locked, .. } => {
                json["kind"] = json!("thread");
                json["parent"] = json!(parent.to_string());
                json["private"] = json!(private);
                json["archived"] = json!(archived);
                json["locked"] = json!(locked);
                json["can_write"] = json!(!locked && granted & SEND_MESSAGES_IN_THREADS != 0);
            }
        }
        Some(json)
    }

    fn message_view(&self, record: &MessageRecord, viewer: u64) -> Value {
        let api = self.message_json(record);
        let mut embeds = api["embeds"].clone();
        for embed in embeds.as_array_mut().into_iter().flatten() {
            for slot in ["image", "thumbnail"] {
                let own = embed[slot]["url"].as_str().and_then(|url| self.own_link(url));
                match own {
                    Some(own) => embed[slot]["url"] = json!(own),
                    // A picture from elsewhere isn't loaded: the page never leaves this machine.
                    None if embed[slot].is_object() => embed[slot]["foreign"] = json!(true),
                    None => {}
                }
            }
        }
        let thread = record.thread.filter(|thread| self.sees(*thread, viewer));
        json!({
            "id": record.id.to_string(),
            "author": self.author_view(self.guild_of(record.channel), record.author),
            "content": record.content,
            "timestamp": record.created_ms,
            "edited": record.edited_ms,
            "ephemeral": record.ephemeral_for.is_some(),
            "loading": record.flags & LOADING != 0,
            "pinned": record.pinned_ms.is_some(),
            "pings_you": record.mentions.pinged.contains(&viewer),
            "dismissible": record.author == viewer || record.ephemeral_for.is_some(),
            "used": self.used_view(&api["interaction_metadata"]),
            "reply": record.reply_to.map(|id| self.reply_view(id, viewer)),
            "thread": thread.and_then(|id| self.thread_view(id)),
            "embeds": embeds,
            "components": record.components,
            "attachments": self.attachments_view(record),
        })
    }

    fn author_view(&self, guild: u64, id: u64) -> Value {
        let colour = self.guilds.get(&guild).and_then(|record| member_colour(record, guild, id));
        json!({
            "id": id.to_string(),
            "name": self.user_name(id),
            "bot": self.users.get(&id).is_some_and(|user| user.bot),
            "color": colour,
        })
    }

    /// Who used which command, above the answer to it.
    fn used_view(&self, metadata: &Value) -> Value {
        match (metadata["type"].as_u64(), metadata["name"].as_str()) {
            (Some(2), Some(name)) => json!({ "user": metadata["user"]["username"], "command": name }),
            _ => Value::Null,
        }
    }

    fn reply_view(&self, id: u64, viewer: u64) -> Value {
        let original = self.messages.get(&id);
        match original
            .filter(|m| m.ephemeral_for.is_none_or(|user| user == viewer) && self.sees(m.channel, viewer))
        {
            Some(original) => {
                let excerpt: String = original.content.chars().take(120).collect();
                let author = self.author_view(self.guild_of(original.channel), original.author);
                json!({ "id": id.to_string(), "author": author, "content": excerpt })
            }
            None => json!({ "id": id.to_string(), "author": null, "content": "" }),
        }
    }

    fn thread_view(&self, id: u64) -> Option<Value> {
        let channel = self.channels.get(&id)?;
        let count = self.messages.values().filter(|m| m.channel == id && m.ephemeral_for.is_none()).count();
        Some(json!({ "id": id.to_string(), "name": channel.name, "messages": count }))
    }

    /// The files shown under a message; those that an embed shows aren't shown twice.
    fn attachments_view(&self, record: &MessageRecord) -> Vec<Value> {
        let slots =
            record.embeds.iter().flat_map(|embed| [&embed["image"]["url"], &embed["thumbnail"]["url"]]);
        let shown: Vec<&str> =
            slots.filter_map(|url| url.as_str().and_then(|url| url.strip_prefix("attachment://"))).collect();
        let files = record.files.iter().filter_map(|id| self.files.get(id).map(|file| (id, file)));
        let files = files.filter(|(_, file)| !shown.contains(&file.filename.as_str()));
        let view = |(id, file): (&u64, &FileRecord)| {
            json!({
                "id": id.to_string(),
                "name": file.filename,
                "size": file.bytes.len(),
                "description": file.description,
                "url": format!("/local/file/{id}/{}", crate::wire::encode_path(&file.filename)),
                "picture": picture(file).is_some(),
            })
        };
        files.map(view).collect()
    }

    /// The page's own link for a signed one of this server.
    fn own_link(&self, url: &str) -> Option<String> {
        let path = url.strip_prefix(self.base.as_str())?;
        let path =
            path.strip_prefix("/ephemeral-attachments/").or_else(|| path.strip_prefix("/attachments/"))?;
        let (_channel, file) = path.split_once('/')?;
        Some(format!("/local/file/{}", file.split('?').next()?))
    }
}

/// The colour of a role; managed roles of applications have none.
fn role_colour(guild: &Guild, everyone: u64, role: u64) -> Option<&'static str> {
    let own = guild.roles.iter().filter(|(id, role)| **id != everyone && role.managed_by.is_none());
    let at = own.map(|(id, _)| *id).position(|id| id == role)?;
    Some(COLOURS[at % COLOURS.len()])
}

/// The colour of a member's name: that of their highest role, which is the newest.
fn member_colour(guild: &Guild, everyone: u64, user: u64) -> Option<&'static str> {
    let member = guild.members.get(&user)?;
    let highest = member
        .roles
        .iter()
        .filter(|role| guild.roles.get(role).is_some_and(|r| r.managed_by.is_none()))
        .max()?;
    role_colour(guild, everyone, *highest)
}
