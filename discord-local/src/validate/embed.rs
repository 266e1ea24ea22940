//! Embeds: sizes, links, colours, and the sum over all embeds of a message.

use serde_json::{Value, json};

use super::{at, list, number, text};
use crate::error::Complaints;
use crate::limits;
use crate::time::{iso, parse_iso};

/// Checks the embeds at `path`, and gives them back as Discord would store them.
pub(crate) fn embeds(given: &[Value], path: &str, complaints: &mut Complaints) -> Vec<Value> {
    complaints.list_at_most(path, given.len(), limits::EMBEDS);
    let mut total = 0;
    let stored = given
        .iter()
        .enumerate()
        .map(|(number, embed)| one(embed, &at(path, &number.to_string()), &mut total, complaints))
        .collect();
    if total > limits::EMBEDS_TOTAL {
        let message = format!("Embed size exceeds maximum size of {}", limits::EMBEDS_TOTAL);
        complaints.add(path, "MAX_EMBED_SIZE_EXCEEDED", message);
    }
    stored
}

fn one(embed: &Value, path: &str, total: &mut usize, complaints: &mut Complaints) -> Value {
    let mut out = json!({ "type": "rich" });
    if !embed.is_object() {
        complaints.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        return out;
    }
    for (field, max) in [("title", limits::EMBED_TITLE), ("description", limits::EMBED_DESCRIPTION)] {
        if let Some(value) = text(embed, path, field, complaints) {
            let value = value.trim();
            complaints.at_most(&at(path, field), value, max);
            *total += value.chars().count();
            if !value.is_empty() {
                out[field] = json!(value);
            }
        }
    }
    if let Some(color) = number(embed, path, "color", 0..=0xFF_FFFF, complaints) {
        out["color"] = json!(color);
    }
    if let Some(url) = text(embed, path, "url", complaints) {
        link(url, &at(path, "url"), false, complaints);
        out["url"] = json!(url);
    }
    if let Some(instant) = text(embed, path, "timestamp", complaints) {
        match parse_iso(instant) {
            Some(ms) => out["timestamp"] = json!(iso(ms)),
            None => complaints.add(
                &at(path, "timestamp"),
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {instant}. Should be ISO8601."),
            ),
        }
    }
    named(embed, &mut out, path, ("footer", "text", limits::EMBED_FOOTER), total, complaints);
    named(embed, &mut out, path, ("author", "name", limits::EMBED_AUTHOR), total, complaints);
    for slot in ["image", "thumbnail"] {
        if let Some(url) = embed[slot]["url"].as_str() {
            link(url, &at(&at(path, slot), "url"), true, complaints);
            out[slot] = json!({ "url": url });
        }
    }
    let fields = fields(embed, path, total, complaints);
    if !fields.is_empty() {
        out["fields"] = Value::Array(fields);
    }
    let shows = ["title", "description", "footer", "author", "image", "thumbnail", "fields"];
    if shows.iter().all(|field| out[*field].is_null()) {
        complaints.required(&at(path, "description"));
    }
    out
}

/// The footer or the author: a text that must be there, and links beside it.
fn named(
    embed: &Value,
    out: &mut Value,
    path: &str,
    (slot, field, max): (&str, &str, usize),
    total: &mut usize,
    complaints: &mut Complaints,
) {
    if embed[slot].is_null() {
        return;
    }
    let path = at(path, slot);
    let value = text(&embed[slot], &path, field, complaints).unwrap_or_default().trim();
    if value.is_empty() {
        complaints.required(&at(&path, field));
    }
    complaints.at_most(&at(&path, field), value, max);
    *total += value.chars().count();
    let mut stored = json!({ field: value });
    for extra in ["url", "icon_url"] {
        if let Some(url) = embed[slot][extra].as_str() {
            link(url, &at(&path, extra), extra == "icon_url", complaints);
            stored[extra] = json!(url);
        }
    }
    out[slot] = stored;
}

fn fields(embed: &Value, path: &str, total: &mut usize, complaints: &mut Complaints) -> Vec<Value> {
    let Some(fields) = list(embed, path, "fields", complaints) else { return Vec::new() };
    let path = at(path, "fields");
    complaints.list_at_most(&path, fields.len(), limits::EMBED_FIELDS);
    let limits = [("name", limits::EMBED_FIELD_NAME), ("value", limits::EMBED_FIELD_VALUE)];
    let mut stored = Vec::with_capacity(fields.len());
    for (number, field) in fields.iter().enumerate() {
        let path = at(&path, &number.to_string());
        let mut out = json!({ "inline": field["inline"].as_bool().unwrap_or(false) });
        for (part, max) in limits {
            let value = text(field, &path, part, complaints).unwrap_or_default().trim();
            if value.is_empty() {
                complaints.required(&at(&path, part));
            }
            complaints.at_most(&at(&path, part), value, max);
            *total += value.chars().count();
            out[part] = json!(value);
        }
        stored.push(out);
    }
    stored
}

/// A link that a browser may follow; `attachment://` only where a picture goes.
pub(crate) fn link(url: &str, path: &str, picture: bool, complaints: &mut Complaints) {
    complaints.at_most(path, url, limits::EMBED_URL);
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let known = matches!(scheme, "http" | "https") || (picture && scheme == "attachment");
    if scheme.is_empty() {
        complaints.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
    } else if !known {
        let message = format!("Scheme \"{scheme}\" is not one of ('http', 'https').");
        complaints.add(path, "URL_TYPE_INVALID_SCHEME", message);
    }
}
