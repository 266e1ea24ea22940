//! How things are written in JSON: users, members, roles, channels, guilds, messages, attachments.
//!
//! The shapes follow the API's reference, and carry every field that a typed client insists on.

use std::hash::BuildHasher;

use serde_json::{Map, Value, json};

use crate::limits;
use crate::model::{Channel, ChannelKind, FileRecord, MessageRecord, Role, World};
use crate::time::iso;

/// The message flag of a message that only one person sees.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// The message flag of an answer that still loads ("… is thinking").
pub(crate) const LOADING: u64 = 1 << 7;
/// The message flag of a message with a thread.
pub(crate) const HAS_THREAD: u64 = 1 << 5;

impl World {
    pub(crate) fn user_json(&self, id: u64) -> Value {
        let (name, bot) =
            self.users.get(&id).map_or(("deleted", false), |user| (user.name.as_str(), user.bot));
        json!({
            "id": id.to_string(),
            "username": name,
            "discriminator": if bot { "0001" } else { "0" },
            "global_name": if bot { Value::Null } else { json!(name) },
            "avatar": null,
            "bot": bot,
            "system": false,
            "public_flags": 0,
            "flags": 0,
            "banner": null,
            "accent_color": null,
            "avatar_decoration_data": null,
            "primary_guild": null,
        })
    }

    /// The bot's own user, with what only it sees.
    pub(crate) fn own_user_json(&self, id: u64) -> Value {
        let mut user = self.user_json(id);
        user["verified"] = json!(true);
        user["mfa_enabled"] = json!(false);
        user["locale"] = json!("en-US");
        user["email"] = Value::Null;
        user
    }

    /// A member without its user; in an interaction `channel` gives the computed permissions.
    pub(crate) fn partial_member_json(&self, guild: u64, user: u64, channel: Option<u64>) -> Option<Value> {
        let member = self.guilds.get(&guild)?.members.get(&user)?;
        let roles: Vec<String> = member.roles.iter().map(u64::to_string).collect();
        let mut json = json!({
            "nick": null,
            "avatar": null,
            "banner": null,
            "roles": roles,
            "joined_at": iso(member.joined_ms),
            "premium_since": null,
            "pending": false,
            "communication_disabled_until": null,
            "unusual_dm_activity_until": null,
            "flags": 0,
        });
        if let Some(channel) = channel {
            json["permissions"] = json!(self.permissions(channel, user).to_string());
        }
        Some(json)
    }

    pub(crate) fn member_json(&self, guild: u64, user: u64, channel: Option<u64>) -> Option<Value> {
        let mut json = self.partial_member_json(guild, user, channel)?;
        json["user"] = self.user_json(user);
        json["deaf"] = json!(false);
        json["mute"] = json!(false);
        Some(json)
    }

    pub(crate) fn roles_json(&self, guild: u64) -> Vec<Value> {
        let Some(record) = self.guilds.get(&guild) else { return Vec::new() };
        // @everyone is at the bottom; the rest stand in order of creation.
        let everyone = record.roles.get(&guild).map(|role| role_json(guild, role, 0));
        let rest = record.roles.iter().filter(|(id, _)| **id != guild);
        everyone
            .into_iter()
            .chain(rest.enumerate().map(|(at, (id, role))| role_json(*id, role, at + 1)))
            .collect()
    }

    pub(crate) fn channel_json(&self, id: u64) -> Option<Value> {
        let channel = self.channels.get(&id)?;
        let mut json = json!({
            "id": id.to_string(),
            "flags": 0,
            "last_message_id": channel.last_message.map(|id| id.to_string()),
            "last_pin_timestamp": self.last_pin(id).map(iso),
        });
        let extra = match &channel.kind {
            ChannelKind::Text => text_json(channel, self.position(id)),
            ChannelKind::Direct { people } => {
                let person = people.iter().find(|user| self.users.get(user).is_some_and(|user| !user.bot));
                json!({ "type": 1, "recipients": [self.user_json(*person.unwrap_or(&people[1]))] })
            }
            ChannelKind::Thread { .. } => self.thread_json(id, channel),
        };
        merge(&mut json, extra);
        Some(json)
    }

    fn thread_json(&self, id: u64, channel: &Channel) -> Value {
        let ChannelKind::Thread { parent, starter, private, archived, locked, archive_min, people } =
            &channel.kind
        else {
            return Value::Null;
        };
        let count = self.messages.values().filter(|m| m.channel == id && m.kind == 0).count();
        json!({
            "type": if *private { 12 } else { 11 },
            "guild_id": channel.guild.to_string(),
            "parent_id": parent.to_string(),
            "owner_id": starter.to_string(),
            "name": channel.name,
            "rate_limit_per_user": 0,
            "message_count": count,
            "total_message_sent": count,
            "member_count": people.len().min(50),
            "thread_metadata": {
                "archived": archived,
                "locked": locked,
                "auto_archive_duration": archive_min,
                "archive_timestamp": iso(channel.created_ms),
                "create_timestamp": iso(channel.created_ms),
            },
        })
    }

    /// A channel as an interaction shows it.
    pub(crate) fn partial_channel_json(&self, id: u64, viewer: u64) -> Value {
        let mut json = self.channel_json(id).unwrap_or_default();
        json["permissions"] = json!(self.permissions(id, viewer).to_string());
        if let Value::Object(map) = &mut json {
            map.remove("permission_overwrites");
        }
        json
    }

    fn position(&self, id: u64) -> usize {
        let guild = self.guild_of(id);
        let text = |channel: &Channel| channel.guild == guild && matches!(channel.kind, ChannelKind::Text);
        self.channels.range(..id).filter(|(_, channel)| text(channel)).count()
    }

    pub(crate) fn last_pin(&self, channel: u64) -> Option<i64> {
        self.messages.values().filter(|m| m.channel == channel).filter_map(|m| m.pinned_ms).max()
    }

    /// The guild without what only `GUILD_CREATE` has.
    pub(crate) fn guild_json(&self, id: u64) -> Option<Value> {
        let guild = self.guilds.get(&id)?;
        Some(json!({
            "id": id.to_string(),
            "name": guild.name,
            "icon": null, "splash": null, "discovery_splash": null, "banner": null, "description": null,
            "owner_id": guild.owner.to_string(),
            "region": "local",
            "afk_channel_id": null, "afk_timeout": 300,
            "widget_enabled": false, "widget_channel_id": null,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
            "roles": self.roles_json(id),
            "emojis": [], "stickers": [], "features": [],
            "mfa_level": 0, "application_id": null,
            "system_channel_id": null, "system_channel_flags": 0,
            "rules_channel_id": null, "public_updates_channel_id": null, "safety_alerts_channel_id": null,
            "max_presences": null, "max_members": 500_000, "max_video_channel_users": 25,
            "vanity_url_code": null, "premium_tier": 0, "premium_subscription_count": 0,
            "preferred_locale": "en-US", "nsfw": false, "nsfw_level": 0,
            "premium_progress_bar_enabled": false, "incidents_data": null,
        }))
    }

    /// The guild as `GUILD_CREATE` shows it to an application's bot.
    pub(crate) fn guild_create_json(&self, id: u64, app: u64) -> Option<Value> {
        let mut json = self.guild_json(id)?;
        let guild = self.guilds.get(&id)?;
        let visible = |thread: bool| -> Vec<Value> {
            let of_guild = self.channels.iter().filter(|(_, channel)| channel.guild == id);
            let wanted = of_guild.filter(|(_, c)| matches!(c.kind, ChannelKind::Thread { .. }) == thread);
            wanted
                .filter(|(id, _)| self.sees(**id, app))
                .filter_map(|(id, _)| self.channel_json(*id))
                .collect()
        };
        let joined = guild.members.get(&app).map_or(0, |member| member.joined_ms);
        // Without the privileged intent a bot is shown itself only.
        let extra = json!({
            "joined_at": iso(joined),
            "large": false,
            "unavailable": false,
            "member_count": guild.members.len(),
            "voice_states": [], "presences": [], "stage_instances": [], "soundboard_sounds": [],
            "members": self.member_json(id, app, None).into_iter().collect::<Vec<_>>(),
            "channels": visible(false),
            "threads": visible(true),
            "guild_scheduled_events": guild.events.values().collect::<Vec<_>>(),
        });
        merge(&mut json, extra);
        Some(json)
    }

    /// A signed link to a file, that works for a day of the server's clock.
    pub(crate) fn file_url(&self, id: u64, file: &FileRecord) -> String {
        let issued = self.now() / 1_000;
        let expires = issued + limits::LINK_LIFE_MS / 1_000;
        let folder = if file.ephemeral { "ephemeral-attachments" } else { "attachments" };
        let signature = self.link_signature(id, expires, issued);
        let name = encode_path(&file.filename);
        format!(
            "{}/{folder}/{}/{id}/{name}?ex={expires:x}&is={issued:x}&hm={signature}",
            self.base, file.channel
        )
    }

    /// The signature of a link; who doesn't know the server's key can't make one.
    pub(crate) fn link_signature(&self, id: u64, expires: i64, issued: i64) -> String {
        format!("{:016x}", self.link_key.hash_one((id, expires, issued)))
    }

    pub(crate) fn attachment_json(&self, id: u64) -> Option<Value> {
        let file = self.files.get(&id)?;
        let url = self.file_url(id, file);
        let mut json = json!({
            "id": id.to_string(),
            "filename": file.filename,
            "size": file.bytes.len(),
            "url": url,
            "proxy_url": url,
            "content_type": file.content_type,
        });
        if let Some(description) = &file.description {
            json["description"] = json!(description);
        }
        if file.ephemeral {
            json["ephemeral"] = json!(true);
        }
        if let Some((width, height)) = png_size(&file.bytes) {
            json["width"] = json!(width);
            json["height"] = json!(height);
        }
        Some(json)
    }

    pub(crate) fn message_json(&self, message: &MessageRecord) -> Value {
        let mut json = json!({
            "id": message.id.to_string(),
            "channel_id": message.channel.to_string(),
            "type": message.kind,
            "author": self.user_json(message.author),
            "content": message.content,
            "timestamp": iso(message.created_ms),
            "edited_timestamp": message.edited_ms.map(iso),
            "tts": false,
            "mention_everyone": message.mentions.everyone,
            "mentions": message.mentions.users.iter().map(|id| self.user_json(*id)).collect::<Vec<_>>(),
            "mention_roles": message.mentions.roles.iter().map(u64::to_string).collect::<Vec<_>>(),
            "attachments": message.files.iter().filter_map(|id| self.attachment_json(*id)).collect::<Vec<_>>(),
            "embeds": message.embeds.iter().map(|embed| self.embed_json(embed, message)).collect::<Vec<_>>(),
            "components": message.components,
            "pinned": message.pinned_ms.is_some(),
            "flags": message.flags,
        });
        let mut put = |key: &str, value: Value| json[key] = value;
        if let Some(nonce) = &message.nonce {
            put("nonce", nonce.clone());
        }
        if let Some(app) = message.app {
            put("application_id", json!(app.to_string()));
            if message.interaction.is_some() {
                put("webhook_id", json!(app.to_string()));
            }
        }
        if let Some(interaction) = message.interaction.and_then(|id| self.interaction_metadata_json(id)) {
            put("interaction_metadata", interaction);
        }
        if let Some(thread) = message.thread.and_then(|id| self.channel_json(id)) {
            put("thread", thread);
        }
        if let Some(reply) = message.reply_to {
            put("message_reference", self.reference_json(message, reply));
            let original = self.messages.get(&reply).filter(|_| message.kind == 19);
            put("referenced_message", original.map_or(Value::Null, |original| self.message_json(original)));
        }
        json
    }

    fn reference_json(&self, message: &MessageRecord, reply: u64) -> Value {
        let channel = self.messages.get(&reply).map_or(message.channel, |original| original.channel);
        json!({
            "type": 0,
            "message_id": reply.to_string(),
            "channel_id": channel.to_string(),
            "guild_id": self.guild_of(channel).to_string(),
        })
    }

    fn interaction_metadata_json(&self, id: u64) -> Option<Value> {
        let interaction = self.interactions.get(&id)?;
        let mut json = json!({
            "id": id.to_string(),
            "type": interaction.kind,
            "user": self.user_json(interaction.user),
            "authorizing_integration_owners": { "0": self.guild_of(interaction.channel).to_string() },
        });
        match (interaction.kind, interaction.source) {
            (2, _) => json["name"] = json!(interaction.command_name),
            (3, Some(source)) => json["interacted_message_id"] = json!(source.to_string()),
            _ => {
                let above = json.clone();
                json["triggering_interaction_metadata"] = above;
                json["triggering_interaction_metadata"]["type"] = json!(2);
            }
        }
        Some(json)
    }

    /// An embed, with `attachment://name` replaced by the file's link.
    fn embed_json(&self, embed: &Value, message: &MessageRecord) -> Value {
        let mut embed = embed.clone();
        for slot in ["image", "thumbnail"] {
            let Some(name) = embed[slot]["url"].as_str().and_then(|url| url.strip_prefix("attachment://"))
            else {
                continue;
            };
            let found = message
                .files
                .iter()
                .find_map(|id| self.files.get(id).filter(|f| f.filename == name).map(|f| (*id, f)));
            if let Some((id, file)) = found {
                let url = self.file_url(id, file);
                let (width, height) = png_size(&file.bytes).unwrap_or((0, 0));
                embed[slot] = json!({ "url": url, "proxy_url": url, "width": width, "height": height });
            }
        }
        embed
    }
}

fn role_json(id: u64, role: &Role, position: usize) -> Value {
    let mut tags = Map::new();
    if let Some(app) = role.managed_by {
        tags.insert("bot_id".to_owned(), json!(app.to_string()));
    }
    json!({
        "id": id.to_string(),
        "name": role.name,
        "color": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "hoist": false,
        "icon": null,
        "unicode_emoji": null,
        "position": position,
        "permissions": role.permissions.to_string(),
        "managed": role.managed_by.is_some(),
        "mentionable": role.mentionable,
        "flags": 0,
        "tags": tags,
    })
}

fn text_json(channel: &Channel, position: usize) -> Value {
    let overwrites: Vec<Value> = channel
        .overwrites
        .iter()
        .map(|o| {
            json!({
                "id": o.id.to_string(), "type": i32::from(!o.is_role),
                "allow": o.allow.to_string(), "deny": o.deny.to_string(),
            })
        })
        .collect();
    json!({
        "type": 0,
        "guild_id": channel.guild.to_string(),
        "name": channel.name,
        "topic": channel.topic,
        "position": position,
        "parent_id": null,
        "nsfw": false,
        "rate_limit_per_user": 0,
        "permission_overwrites": overwrites,
    })
}

/// Puts every field of `extra` into `json`.
pub(crate) fn merge(json: &mut Value, extra: Value) {
    if let (Value::Object(into), Value::Object(from)) = (json, extra) {
        into.extend(from);
    }
}

/// Width and height of a PNG picture.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

/// A file's name as one segment of a path.
pub(crate) fn encode_path(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
