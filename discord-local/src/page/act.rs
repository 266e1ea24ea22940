//! What a person does on the page: `POST /local/…` with JSON. All of it is [`Person`]'s; the page adds no rule.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Failure, Given, Id, Outcome, answer_json};
use crate::answer::{Answer, Refused};
use crate::people::Person;
use crate::validate::message::Upload;
use crate::{DiscordLocal, limits};

/// A command: typed as a `line`, or its full name (`mdf request`) with `options` by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    person: Id,
    channel: Id,
    line: Option<String>,
    command: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, Value>,
    /// For suggestions: the option that is being typed.
    focused: Option<String>,
    #[serde(default)]
    files: Vec<File>,
}

/// A file as the page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    /// Base64.
    data: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Press {
    person: Id,
    channel: Id,
    message: Id,
    custom_id: String,
    /// Of a select menu.
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Submit {
    person: Id,
    /// The interaction that the form answered.
    form: Id,
    values: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnMessage {
    person: Id,
    channel: Id,
    message: Id,
    /// Of a message command.
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Say {
    person: Id,
    channel: Id,
    text: String,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Use {
    id: String,
}

pub(super) async fn run(State(server): State<DiscordLocal>, Given(given): Given<Run>) -> Outcome {
    let person = person(&server, given.person)?;
    let files = uploads(&given.files)?;
    let answer = match (&given.line, &given.command) {
        (Some(line), None) => person.run_with(given.channel.0, line, &files).await,
        (None, Some(command)) => {
            let texts = texts(&given.options)?;
            person.run_filled(given.channel.0, command, &pairs(&texts), &files).await
        }
        _ => return Err(either()),
    };
    answered(answer)
}

pub(super) async fn suggest(State(server): State<DiscordLocal>, Given(given): Given<Run>) -> Outcome {
    let person = person(&server, given.person)?;
    let choices = match (&given.line, &given.command) {
        (Some(line), None) => person.suggest(given.channel.0, line).await?,
        (None, Some(command)) => {
            let focused = given.focused.as_deref().unwrap_or_default();
            let mut texts = texts(&given.options)?;
            let typed = texts.iter().position(|(name, _)| name == focused);
            // The option that is being typed comes last.
            let typed = typed.map_or_else(|| (focused.to_owned(), String::new()), |at| texts.remove(at));
            texts.push(typed);
            person.suggest_filled(given.channel.0, command, &pairs(&texts)).await?
        }
        _ => return Err(either()),
    };
    let choices = choices.iter().map(|choice| json!({ "name": choice.name, "value": choice.value }));
    Ok(Json(json!({ "choices": choices.collect::<Vec<_>>() })))
}

pub(super) async fn press(State(server): State<DiscordLocal>, Given(given): Given<Press>) -> Outcome {
    let person = person(&server, given.person)?;
    answered(person.press(given.channel.0, given.message.0, &given.custom_id).await)
}

pub(super) async fn select(State(server): State<DiscordLocal>, Given(given): Given<Press>) -> Outcome {
    let person = person(&server, given.person)?;
    let values: Vec<&str> = given.values.iter().map(String::as_str).collect();
    answered(person.select(given.channel.0, given.message.0, &given.custom_id, &values).await)
}

pub(super) async fn submit(State(server): State<DiscordLocal>, Given(given): Given<Submit>) -> Outcome {
    let person = person(&server, given.person)?;
    let form = server.world().form(given.form.0).ok_or_else(|| Failure::missing("There is no such form."))?;
    let values: Vec<(&str, &str)> =
        given.values.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    answered(person.submit(&form, &values).await)
}

pub(super) async fn message_command(
    State(server): State<DiscordLocal>,
    Given(given): Given<OnMessage>,
) -> Outcome {
    let person = person(&server, given.person)?;
    answered(person.message_command(given.channel.0, &given.name, given.message.0).await)
}

pub(super) async fn say(State(server): State<DiscordLocal>, Given(given): Given<Say>) -> Outcome {
    let person = person(&server, given.person)?;
    let files = uploads(&given.files)?;
    if given.text.trim().is_empty() && files.is_empty() {
        return Err(Refused::from("there is nothing to send").into());
    }
    let length = given.text.trim().chars().count();
    if length > limits::CONTENT {
        return Err(Refused(format!(
            "a message has at most {} characters; this has {length}",
            limits::CONTENT
        ))
        .into());
    }
    let message = person.say(given.channel.0, &given.text, files).await?;
    Ok(Json(json!({ "message": message.to_string() })))
}

pub(super) async fn dismiss(State(server): State<DiscordLocal>, Given(given): Given<OnMessage>) -> Outcome {
    person(&server, given.person)?.dismiss(given.channel.0, given.message.0)?;
    Ok(Json(json!({})))
}

pub(super) async fn control(State(server): State<DiscordLocal>, Given(given): Given<Use>) -> Outcome {
    let text =
        server.use_control(&given.id).await.ok_or_else(|| Failure::missing("There is no such control."))?;
    Ok(Json(json!({ "text": text })))
}

/// Somebody who can be on the page: a person, not a bot.
pub(super) fn person(server: &DiscordLocal, Id(id): Id) -> Result<Person, Failure> {
    let known = server.world().users.get(&id).is_some_and(|user| !user.bot);
    if known { Ok(server.person(id)) } else { Err(Failure::missing("There is no such person.")) }
}

fn answered(answer: Result<Answer, Refused>) -> Outcome {
    Ok(Json(answer_json(&answer?)))
}

fn either() -> Failure {
    Failure(StatusCode::BAD_REQUEST, "Give either line, or command with options.".to_owned())
}

/// The options as a person would have typed them.
fn texts(options: &BTreeMap<String, Value>) -> Result<Vec<(String, String)>, Failure> {
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
        _ => {
            Err(Failure(StatusCode::BAD_REQUEST, format!("{name} is neither text, number nor truth value.")))
        }
    };
    options.iter().map(text).collect()
}

fn pairs(texts: &[(String, String)]) -> Vec<(&str, &str)> {
    texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn uploads(files: &[File]) -> Result<Vec<Upload>, Failure> {
    if files.len() > limits::FILES {
        return Err(Refused(format!("at most {} files can be sent at once", limits::FILES)).into());
    }
    let upload = |(index, file): (u64, &File)| {
        let bytes = STANDARD.decode(&file.data);
        let bytes =
            bytes.map_err(|_| Failure(StatusCode::BAD_REQUEST, format!("{} isn't Base64.", file.name)))?;
        let kind = if file.kind.is_empty() { "application/octet-stream" } else { &file.kind };
        Ok(Upload { index, ..Upload::new(&file.name, kind, bytes) })
    };
    (0..).zip(files).map(upload).collect()
}
