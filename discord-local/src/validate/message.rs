//! Messages: content, embeds, components, files, nonce, mentions. The same checks serve messages, answers, follow-ups, edits.

use serde_json::Value;

use super::{at, component, embed, id, list, text};
use crate::error::Complaints;
use crate::limits;

/// The flag that only components of the second version are in the message.
const COMPONENTS_V2: u64 = 1 << 15;

/// What a client wants a message to be. `None` is "not said": an edit leaves it as it is.
#[derive(Debug, Default)]
pub(crate) struct MessageInput {
    pub content: Option<String>,
    pub embeds: Option<Vec<Value>>,
    pub components: Option<Vec<Value>>,
    pub flags: Option<u64>,
    /// `allowed_mentions`, if given and not null.
    pub allowed: Option<Value>,
    pub attachments: Option<Vec<Value>>,
    pub nonce: Option<Value>,
    pub enforce_nonce: bool,
    pub reply_to: Option<u64>,
    pub must_reply: bool,
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The `n` of `files[n]`.
    pub index: u64,
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Checks a message's payload at `path`.
pub(crate) fn message(
    json: &Value,
    path: &str,
    uploads: &[Upload],
    complaints: &mut Complaints,
) -> MessageInput {
    let mut input = MessageInput::default();
    if !json.is_object() {
        complaints.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        return input;
    }
    if json.get("content").is_some() {
        let content = text(json, path, "content", complaints).unwrap_or_default().trim();
        complaints.at_most(&at(path, "content"), content, limits::CONTENT);
        input.content = Some(content.to_owned());
    }
    if json.get("embeds").is_some() {
        let given = list(json, path, "embeds", complaints).unwrap_or_default();
        input.embeds = Some(embed::embeds(given, &at(path, "embeds"), complaints));
    }
    if json.get("components").is_some() {
        let given = list(json, path, "components", complaints).unwrap_or_default();
        input.components = Some(component::rows(given, &at(path, "components"), complaints));
    }
    input.flags = json["flags"].as_u64();
    if input.flags.is_some_and(|flags| flags & COMPONENTS_V2 != 0) {
        let message = "Components of the second version are not served here.";
        complaints.add(&at(path, "flags"), "MESSAGE_FLAGS_UNSUPPORTED", message);
    }
    if !json["allowed_mentions"].is_null() {
        allowed_mentions(&json["allowed_mentions"], &at(path, "allowed_mentions"), complaints);
        input.allowed = Some(json["allowed_mentions"].clone());
    }
    nonce(json, path, complaints, &mut input);
    if !json["message_reference"].is_null() {
        let reference = &json["message_reference"];
        input.reply_to = id(&reference["message_id"]);
        input.must_reply = reference["fail_if_not_exists"].as_bool().unwrap_or(true);
        if input.reply_to.is_none() {
            complaints.required(&at(&at(path, "message_reference"), "message_id"));
        }
    }
    attachments(json, path, uploads, complaints, &mut input);
    input
}

fn nonce(json: &Value, path: &str, complaints: &mut Complaints, input: &mut MessageInput) {
    match &json["nonce"] {
        Value::Null => {}
        Value::String(nonce) => complaints.at_most(&at(path, "nonce"), nonce, limits::NONCE),
        Value::Number(number) if number.is_i64() => {}
        _ => complaints.add(&at(path, "nonce"), "NONCE_TYPE_CONVERT", "Could not interpret the nonce."),
    }
    if !json["nonce"].is_null() {
        input.nonce = Some(json["nonce"].clone());
    }
    input.enforce_nonce = json["enforce_nonce"].as_bool().unwrap_or(false);
}

fn allowed_mentions(allowed: &Value, path: &str, complaints: &mut Complaints) {
    let parse = list(allowed, path, "parse", complaints).unwrap_or_default();
    for (number, kind) in parse.iter().enumerate() {
        if !matches!(kind.as_str(), Some("roles" | "users" | "everyone")) {
            let path = at(&at(path, "parse"), &number.to_string());
            complaints.choice(&path, "'users', 'roles', 'everyone'");
        }
    }
    for kind in ["users", "roles"] {
        let named = list(allowed, path, kind, complaints).unwrap_or_default();
        complaints.list_at_most(&at(path, kind), named.len(), limits::MENTIONS);
        for (number, value) in named.iter().enumerate() {
            if id(value).is_none() {
                let path = at(&at(path, kind), &number.to_string());
                complaints.add(&path, "NUMBER_TYPE_COERCE", format!("Value {value} is not snowflake."));
            }
        }
        if !named.is_empty() && parse.iter().any(|parsed| parsed.as_str() == Some(kind)) {
            let message = format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
            complaints.add(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
        }
    }
}

fn attachments(
    json: &Value,
    path: &str,
    uploads: &[Upload],
    complaints: &mut Complaints,
    input: &mut MessageInput,
) {
    if json.get("attachments").is_some() {
        let given = list(json, path, "attachments", complaints).unwrap_or_default();
        let path = at(path, "attachments");
        complaints.list_at_most(&path, given.len(), limits::FILES);
        for (number, attachment) in given.iter().enumerate() {
            let path = at(&path, &number.to_string());
            if id(&attachment["id"]).is_none() {
                complaints.required(&at(&path, "id"));
            }
            if let Some(description) = text(attachment, &path, "description", complaints) {
                complaints.at_most(&at(&path, "description"), description, limits::FILE_DESCRIPTION);
            }
        }
        input.attachments = Some(given.to_vec());
    }
    if uploads.len() > limits::FILES {
        let message = format!("Must be {} or fewer in length.", limits::FILES);
        complaints.add(&at(path, "files"), "BASE_TYPE_MAX_LENGTH", message);
    }
}
