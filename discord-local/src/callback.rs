//! The bot's side of an interaction: the first answer, and its token's follow-ups and edits.
//!
//! The rules: one first answer within the deadline (10062 after it, 40060 for a second), of a type that fits the
//! interaction; a token that serves for its life (50027 after it) and only once answered (10015 before).

use serde_json::{Value, json};

use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{Stage, World};
use crate::post::Post;
use crate::validate::message::{MessageInput, Upload, message};
use crate::validate::{modal, text};
use crate::wire::{EPHEMERAL, LOADING};

/// A callback's JSON and files.
pub(crate) struct Answering<'a> {
    pub body: &'a Value,
    pub uploads: Vec<Upload>,
}

impl World {
    /// Takes the first answer to an interaction. Gives what `with_response` shows.
    pub(crate) fn answer(
        &mut self,
        id: u64,
        token: &str,
        answering: Answering<'_>,
    ) -> Result<Value, ApiError> {
        self.expire(id);
        let known = self.interactions.get(&id).filter(|interaction| interaction.token == token);
        let interaction = known.ok_or_else(ApiError::unknown_interaction)?;
        match interaction.stage {
            Stage::Dead => return Err(ApiError::unknown_interaction()),
            Stage::Answered { .. } => return Err(ApiError::already_acknowledged()),
            Stage::Waiting => {}
        }
        let (kind, source) = (interaction.kind, interaction.source);
        let allowed: &[u64] = match (kind, source) {
            (2, _) => &[4, 5, 9],
            (3, _) => &[4, 5, 6, 7, 9],
            (4, _) => &[8],
            (5, Some(_)) => &[4, 5, 6, 7],
            _ => &[4, 5],
        };
        let data = &answering.body["data"];
        let Some(callback) = answering.body["type"].as_u64().filter(|given| allowed.contains(given)) else {
            let list: Vec<String> = allowed.iter().map(u64::to_string).collect();
            let message = format!("Value must be one of {{{}}}.", list.join(", "));
            return Err(Complaints::one("type", "BASE_TYPE_CHOICES", &message));
        };
        let mut complaints = Complaints::default();
        let input = match callback {
            4 | 7 => message(data, "data", &answering.uploads, &mut complaints),
            8 => {
                choices(data, &mut complaints);
                MessageInput::default()
            }
            9 => {
                modal::modal(data, "data", &mut complaints);
                MessageInput::default()
            }
            _ => MessageInput::default(),
        };
        complaints.finish()?;
        let original = self.apply(id, callback, data, input, answering.uploads)?;
        self.note_answer(id, callback, data.clone(), original);
        Ok(self.callback_json(id, callback, original))
    }

    /// Does what the first answer says. Gives the message that `@original` stands for from now on.
    fn apply(
        &mut self,
        id: u64,
        callback: u64,
        data: &Value,
        input: MessageInput,
        uploads: Vec<Upload>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(interaction) = self.interactions.get(&id) else {
            return Err(ApiError::unknown_interaction());
        };
        let (app, user, channel, source) =
            (interaction.app, interaction.user, interaction.channel, interaction.source);
        let ephemeral = data["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0;
        let post = Post {
            channel,
            author: app,
            app: Some(app),
            interaction: Some(id),
            ephemeral_for: ephemeral.then_some(user),
            loading: callback == 5,
        };
        match callback {
            4 | 5 => self.post(post, input, uploads).map(Some),
            7 => {
                let source = source.ok_or_else(ApiError::unknown_message)?;
                self.edit(source, input, uploads)?;
                Ok(Some(source))
            }
            6 => Ok(source),
            _ => Ok(None),
        }
    }

    fn note_answer(&mut self, id: u64, callback: u64, data: Value, original: Option<u64>) {
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.stage = Stage::Answered { kind: callback, data };
            interaction.original = original;
            let took = interaction.created.elapsed();
            if let Some(line) = self.interaction_lines.iter_mut().rev().find(|line| line.id == id) {
                line.answered = Some(callback);
                line.took = Some(took);
            }
        }
        self.touch();
    }

    fn callback_json(&self, id: u64, callback: u64, original: Option<u64>) -> Value {
        let kind = self.interactions.get(&id).map_or(2, |interaction| interaction.kind);
        let mut json = json!({ "interaction": { "id": id.to_string(), "type": kind }, "resource": { "type": callback } });
        if let Some(record) = original.and_then(|id| self.messages.get(&id)) {
            json["interaction"]["response_message_id"] = json!(record.id.to_string());
            json["interaction"]["response_message_loading"] = json!(record.flags & LOADING != 0);
            json["interaction"]["response_message_ephemeral"] = json!(record.ephemeral_for.is_some());
            if matches!(callback, 4 | 5 | 7) {
                json["resource"]["message"] = self.message_json(record);
            }
        }
        json
    }

    /// The interaction whose token this is, if it serves now.
    pub(crate) fn by_token(&mut self, app: u64, token: &str) -> Result<u64, ApiError> {
        let found = self.interactions.values().find(|i| i.app == app && i.token == token).map(|i| i.id);
        let id = found.ok_or_else(ApiError::unknown_webhook)?;
        self.expire(id);
        let life = self.options.token_life;
        let interaction = self.interactions.get(&id).ok_or_else(ApiError::unknown_webhook)?;
        if interaction.created.elapsed() >= life {
            return Err(ApiError::dead_token());
        }
        match interaction.stage {
            Stage::Answered { .. } => Ok(id),
            _ => Err(ApiError::unknown_webhook()),
        }
    }

    /// The message that `@original` or an id means for this interaction.
    pub(crate) fn token_message(&self, interaction: u64, which: &str) -> Result<u64, ApiError> {
        let record = self.interactions.get(&interaction).ok_or_else(ApiError::unknown_webhook)?;
        let id = match which {
            "@original" => record.original,
            id => id.parse().ok().filter(|id| {
                self.messages
                    .get(id)
                    .is_some_and(|m| m.interaction == Some(interaction) || record.original == Some(*id))
            }),
        };
        id.filter(|id| self.messages.contains_key(id)).ok_or_else(ApiError::unknown_message)
    }

    /// Writes a follow-up. The first one after "… is thinking" fills that in, and keeps its privacy.
    pub(crate) fn follow_up(
        &mut self,
        interaction: u64,
        input: MessageInput,
        uploads: Vec<Upload>,
    ) -> Result<u64, ApiError> {
        let Some(record) = self.interactions.get(&interaction) else {
            return Err(ApiError::unknown_webhook());
        };
        let (app, user, channel, original) = (record.app, record.user, record.channel, record.original);
        let loading = original.filter(|id| self.messages.get(id).is_some_and(|m| m.flags & LOADING != 0));
        if let Some(original) = loading {
            self.edit_by_token(interaction, original, input, uploads)?;
            return Ok(original);
        }
        let ephemeral = input.flags.unwrap_or(0) & EPHEMERAL != 0;
        let post = Post {
            channel,
            author: app,
            app: Some(app),
            interaction: Some(interaction),
            ephemeral_for: ephemeral.then_some(user),
            loading: false,
        };
        let id = self.post(post, input, uploads)?;
        if let Some(record) = self.interactions.get_mut(&interaction) {
            record.follow_up = Some(id);
        }
        self.touch();
        Ok(id)
    }

    /// Changes the original answer or a follow-up.
    pub(crate) fn edit_by_token(
        &mut self,
        interaction: u64,
        id: u64,
        input: MessageInput,
        uploads: Vec<Upload>,
    ) -> Result<(), ApiError> {
        self.edit(id, input, uploads)?;
        if let Some(record) = self.interactions.get_mut(&interaction) {
            record.edited = true;
        }
        self.touch();
        Ok(())
    }
}

fn choices(data: &Value, complaints: &mut Complaints) {
    let Some(choices) = data["choices"].as_array() else {
        complaints.required("data.choices");
        return;
    };
    complaints.list_at_most("data.choices", choices.len(), limits::SUGGESTIONS);
    for (number, choice) in choices.iter().enumerate() {
        let path = format!("data.choices.{number}");
        match text(choice, &path, "name", complaints) {
            Some(name) => complaints.between(&format!("{path}.name"), name, 1, limits::COMMAND_TEXT),
            None => complaints.required(&format!("{path}.name")),
        }
        match &choice["value"] {
            Value::String(value) => {
                complaints.between(&format!("{path}.value"), value, 1, limits::COMMAND_TEXT)
            }
            Value::Number(_) => {}
            _ => complaints.required(&format!("{path}.value")),
        }
    }
}
