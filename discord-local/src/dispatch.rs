//! Which gateway session gets which event: by intents, by what the bot may see, with content only where it may read it.

use serde_json::{Value, json};

use crate::model::{MessageRecord, Order, Session, World};

/// Intent bits. Source: <https://discord.com/developers/docs/events/gateway#gateway-intents>.
pub(crate) mod intents {
    pub const GUILDS: u64 = 1 << 0;
    pub const GUILD_MEMBERS: u64 = 1 << 1;
    pub const GUILD_PRESENCES: u64 = 1 << 8;
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    pub const GUILD_MESSAGE_TYPING: u64 = 1 << 11;
    pub const DIRECT_MESSAGES: u64 = 1 << 12;
    pub const DIRECT_MESSAGE_TYPING: u64 = 1 << 14;
    pub const MESSAGE_CONTENT: u64 = 1 << 15;
    pub const GUILD_SCHEDULED_EVENTS: u64 = 1 << 16;
    /// Those that an application's owner has to switch on first.
    pub const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
    /// All that there are.
    pub const ALL: u64 = (1 << 26) - 1;
}

impl Session {
    /// Numbers an event, keeps it for a resumption, and sends it if somebody is connected.
    pub(crate) fn push(&mut self, name: &str, data: &Value) {
        self.sequence += 1;
        let payload = json!({ "op": 0, "t": name, "s": self.sequence, "d": data }).to_string();
        if let Some((_, connection)) = &self.connection {
            // A connection that has just gone will be resumed from the events kept.
            let _ = connection.send(Order::Send(payload.clone()));
        }
        self.events.push_back((self.sequence, payload));
        if self.events.len() > 10_000 {
            self.events.pop_front();
        }
    }
}

impl World {
    /// Sends an event to the sessions of one application that have any of the intents (0: no intent needed).
    /// Gives back how many sessions took it, connected or resumable.
    pub(crate) fn dispatch_to(&mut self, app: u64, any_of: u64, name: &str, data: &Value) -> usize {
        let window = self.options.resume_window;
        self.sessions.retain(|_, session| session.dropped.is_none_or(|at| at.elapsed() < window));
        let mut taken = 0;
        for session in self.sessions.values_mut() {
            if session.app == app && (any_of == 0 || session.intents & any_of != 0) {
                session.push(name, data);
                taken += 1;
            }
        }
        taken
    }

    /// Sends an event about a channel to every bot that sees the channel.
    pub(crate) fn dispatch_in(&mut self, channel: u64, name: &str, data: &Value) {
        let guild = self.guild_of(channel);
        let any_of = match (name, guild) {
            ("MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE", 0) => intents::DIRECT_MESSAGES,
            ("MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE", _) => intents::GUILD_MESSAGES,
            ("TYPING_START", 0) => intents::DIRECT_MESSAGE_TYPING,
            ("TYPING_START", _) => intents::GUILD_MESSAGE_TYPING,
            (_, 0) => 0,
            _ => intents::GUILDS,
        };
        for app in self.apps_that_see(channel) {
            self.dispatch_to(app, any_of, name, data);
        }
    }

    /// Sends an event about a guild to every bot in it.
    pub(crate) fn dispatch_guild(&mut self, guild: u64, any_of: u64, name: &str, data: &Value) {
        let apps: Vec<u64> =
            self.guilds.get(&guild).map(|g| g.apps.keys().copied().collect()).unwrap_or_default();
        for app in apps {
            self.dispatch_to(app, any_of, name, data);
        }
    }

    /// Sends a message's event to every bot that sees it. Ephemeral messages are no event for anybody.
    pub(crate) fn dispatch_message(&mut self, name: &str, id: u64) {
        let Some(message) = self.messages.get(&id).cloned() else { return };
        if message.ephemeral_for.is_some() {
            return;
        }
        let guild = self.guild_of(message.channel);
        let any_of = if guild == 0 { intents::DIRECT_MESSAGES } else { intents::GUILD_MESSAGES };
        let mut whole = self.message_json(&message);
        if guild != 0 {
            whole["guild_id"] = json!(guild.to_string());
            if let Some(member) = self.partial_member_json(guild, message.author, None) {
                whole["member"] = member;
                whole["member"]["deaf"] = json!(false);
                whole["member"]["mute"] = json!(false);
            }
        }
        for app in self.apps_that_see(message.channel) {
            let mut data = whole.clone();
            let granted =
                self.sessions.values().any(|s| s.app == app && s.intents & intents::MESSAGE_CONTENT != 0);
            if !granted && !self.reads_without_intent(&message, app) {
                blank(&mut data);
            }
            self.dispatch_to(app, any_of, name, &data);
        }
    }

    /// A message as the REST API shows it to an application.
    pub(crate) fn message_for(&self, message: &MessageRecord, app: u64) -> Value {
        let mut json = self.message_json(message);
        let granted =
            self.apps.get(&app).is_some_and(|app| app.privileged_intents & intents::MESSAGE_CONTENT != 0);
        if !granted && !self.reads_without_intent(message, app) {
            blank(&mut json);
        }
        json
    }

    /// Without the privileged intent a bot reads its own messages, direct messages, and those that mention it.
    fn reads_without_intent(&self, message: &MessageRecord, app: u64) -> bool {
        message.author == app || self.guild_of(message.channel) == 0 || message.mentions.users.contains(&app)
    }

    fn apps_that_see(&self, channel: u64) -> Vec<u64> {
        self.apps.keys().copied().filter(|app| self.sees(channel, *app)).collect()
    }
}

fn blank(json: &mut Value) {
    json["content"] = json!("");
    for field in ["embeds", "attachments", "components"] {
        json[field] = json!([]);
    }
}
