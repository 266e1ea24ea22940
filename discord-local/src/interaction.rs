//! Interactions on their way to the bot: making one, delivering it, and waiting for what comes back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::DiscordLocal;
use crate::answer::{Answer, Modal, ModalInput};
use crate::fault::InteractionLine;
use crate::limits;
use crate::model::{Interaction, Stage, World};

/// An interaction about to be made.
pub(crate) struct Call {
    pub app: u64,
    pub kind: u64,
    pub user: u64,
    pub channel: u64,
    pub source: Option<u64>,
    pub data: Value,
    /// The command's full name, or the `custom_id`.
    pub what: String,
}

/// An answer, final or as it would be if the person stopped waiting.
enum Progress {
    Final(Answer),
    Pending(Answer),
}

impl World {
    /// Makes the interaction and hands it to the gateway. Gives its id, the payload, and whether anybody may get it.
    fn call(&mut self, call: Call) -> (u64, Value, bool) {
        let id = self.snowflake();
        // Unguessable in the real thing; here it has to be unique and long.
        let token = format!("aW50ZXJhY3Rpb246{id:x}{}", self.link_signature(id, 0, 0));
        let payload = self.interaction_json(id, &token, &call);
        let line = InteractionLine {
            id,
            kind: call.kind,
            user: call.user,
            channel: call.channel,
            what: call.what.clone(),
            answered: None,
            took: None,
        };
        self.interaction_lines.push(line);
        let record = Interaction {
            id,
            app: call.app,
            token,
            kind: call.kind,
            user: call.user,
            channel: call.channel,
            source: call.source,
            created: Instant::now(),
            stage: Stage::Waiting,
            original: None,
            follow_up: None,
            edited: false,
            command_name: if call.kind == 2 { call.what } else { String::new() },
        };
        self.interactions.insert(id, record);
        let posted = self.apps.get(&call.app).is_some_and(|app| app.endpoint.is_some());
        let taken = posted || self.dispatch_to(call.app, 0, "INTERACTION_CREATE", &payload) > 0;
        self.touch();
        (id, payload, taken)
    }

    fn interaction_json(&self, id: u64, token: &str, call: &Call) -> Value {
        let guild = self.guild_of(call.channel);
        let locale = self.users.get(&call.user).map_or("en-US", |user| user.locale.as_str());
        let mut json = json!({
            "version": 1,
            "id": id.to_string(),
            "application_id": call.app.to_string(),
            "type": call.kind,
            "token": token,
            "channel_id": call.channel.to_string(),
            "channel": self.partial_channel_json(call.channel, call.user),
            "data": call.data,
            "locale": locale,
            "app_permissions": self.permissions(call.channel, call.app).to_string(),
            "entitlements": [],
            "authorizing_integration_owners": { "0": guild.to_string() },
            "context": if guild == 0 { 1 } else { 0 },
            "attachment_size_limit": self.file_limit(call.channel),
        });
        if guild == 0 {
            json["user"] = self.user_json(call.user);
        } else {
            json["guild_id"] = json!(guild.to_string());
            json["guild"] = json!({ "id": guild.to_string(), "locale": "en-US", "features": [] });
            json["guild_locale"] = json!("en-US");
            json["member"] = self.member_json(guild, call.user, Some(call.channel)).unwrap_or_default();
        }
        if let Some(message) = call.source.and_then(|source| self.messages.get(&source)) {
            json["message"] = self.message_json(message);
        }
        json
    }

    /// Whether the interaction's first answer is too late by now; marks it so.
    pub(crate) fn expire(&mut self, id: u64) {
        let deadline = self.options.answer_deadline;
        if let Some(interaction) = self.interactions.get_mut(&id)
            && interaction.stage == Stage::Waiting
            && interaction.created.elapsed() >= deadline
        {
            interaction.stage = Stage::Dead;
        }
    }

    /// The answer as far as it has come.
    fn outcome(&self, id: u64) -> Progress {
        use Progress::{Final, Pending};
        let Some(interaction) = self.interactions.get(&id) else { return Final(Answer::NoAnswer) };
        let (kind, data) = match &interaction.stage {
            Stage::Waiting => return Pending(Answer::NoAnswer),
            Stage::Dead => return Final(Answer::NoAnswer),
            Stage::Answered { kind, data } => (*kind, data),
        };
        let view = |id: Option<u64>| id.and_then(|id| self.messages.get(&id)).map(|record| self.view(record));
        let new = |id: Option<u64>| Final(view(id).map_or(Answer::Removed, Answer::Message));
        let changed = |id: Option<u64>| Final(view(id).map_or(Answer::Removed, Answer::Updated));
        match kind {
            9 => Final(Answer::Modal(modal(id, data))),
            4 | 5 => match view(interaction.original) {
                Some(message) if message.is_loading() => Pending(Answer::Thinking(message)),
                Some(message) => Final(Answer::Message(message)),
                None => new(interaction.follow_up),
            },
            7 => changed(interaction.original),
            6 if interaction.follow_up.is_some() => new(interaction.follow_up),
            6 if interaction.edited => changed(interaction.original),
            6 => Pending(Answer::Acknowledged),
            _ => Final(Answer::Acknowledged),
        }
    }

    /// What autocomplete answered, once it did.
    fn choices(&self, id: u64) -> Option<Value> {
        match &self.interactions.get(&id)?.stage {
            Stage::Answered { kind: 8, data } => Some(data["choices"].clone()),
            Stage::Dead => Some(Value::Null),
            _ => None,
        }
    }
}

impl DiscordLocal {
    /// Makes an interaction and waits until it is answered for good.
    pub(crate) async fn ask(&self, call: Call) -> Answer {
        let (id, taken) = self.send(call);
        if !taken {
            return Answer::NoAnswer;
        }
        let mut changes = self.changes();
        loop {
            let (outcome, stage, age) = {
                let mut world = self.world();
                world.expire(id);
                changes.mark_unchanged();
                let stage = world.interactions.get(&id).map(|i| (i.stage.clone(), i.created.elapsed()));
                let (stage, age) = stage.unwrap_or((Stage::Dead, Duration::ZERO));
                (world.outcome(id), stage, age)
            };
            let pending = match outcome {
                Progress::Final(answer) => return answer,
                Progress::Pending(answer) => answer,
            };
            let limit = match (&stage, &pending) {
                (Stage::Waiting, _) => self.options().answer_deadline,
                (_, Answer::Acknowledged) => self.options().settle,
                _ => self.options().patience,
            };
            if age >= limit {
                return pending;
            }
            // Either something changes, or the limit is reached; both end in another look.
            let _ = tokio::time::timeout(limit - age, changes.changed()).await;
        }
    }

    /// Makes an autocomplete interaction and waits for the choices. `None`: nothing came in time.
    pub(crate) async fn ask_choices(&self, call: Call) -> Option<Value> {
        let (id, taken) = self.send(call);
        if !taken {
            return None;
        }
        let mut changes = self.changes();
        let started = Instant::now();
        loop {
            let choices = {
                let mut world = self.world();
                world.expire(id);
                changes.mark_unchanged();
                world.choices(id)
            };
            if let Some(choices) = choices {
                return choices.is_array().then_some(choices);
            }
            let left = self.options().answer_deadline.saturating_sub(started.elapsed());
            // Either something changes, or the deadline is reached; both end in another look.
            let _ = tokio::time::timeout(left.max(Duration::from_millis(1)), changes.changed()).await;
        }
    }

    fn send(&self, call: Call) -> (u64, bool) {
        let app = call.app;
        let (id, payload, taken) = self.world().call(call);
        self.post_interaction(app, id, payload);
        (id, taken)
    }
}

/// A modal as its callback's data describes it.
pub(crate) fn modal(interaction: u64, data: &Value) -> Modal {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let length =
        |value: &Value, or: usize| value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(or);
    let rows = data["components"].as_array().into_iter().flatten();
    let parts = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
    Modal {
        interaction,
        custom_id: text(&data["custom_id"]),
        title: text(&data["title"]),
        inputs: parts
            .map(|part| ModalInput {
                custom_id: text(&part["custom_id"]),
                label: text(&part["label"]),
                paragraph: part["style"].as_u64() == Some(2),
                required: part["required"].as_bool().unwrap_or(true),
                min_length: length(&part["min_length"], 0),
                max_length: length(&part["max_length"], limits::INPUT_VALUE),
                value: text(&part["value"]),
                placeholder: text(&part["placeholder"]),
            })
            .collect(),
    }
}
