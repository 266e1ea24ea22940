//! Application commands: names, descriptions, the tree of options, choices, and the size of it all.
//!
//! Source: <https://discord.com/developers/docs/interactions/application-commands>.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{at, list, number, text};
use crate::error::Complaints;
use crate::limits;

/// Checks a command, and gives it back as Discord would store it (without ids).
pub(crate) fn command(given: &Value, path: &str, complaints: &mut Complaints) -> Value {
    let mut out = given.clone();
    if !given.is_object() {
        complaints.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        return json!({ "type": 1, "name": "", "description": "", "options": [] });
    }
    let kind = number(given, path, "type", 1..=3, complaints).unwrap_or(1);
    out["type"] = json!(kind);
    name(given, path, kind == 1, complaints);
    if let Some(name) = given["name"].as_str() {
        out["name"] = json!(name.trim());
    }
    let description = text(given, path, "description", complaints).unwrap_or_default();
    if kind == 1 {
        if description.is_empty() {
            complaints.required(&at(path, "description"));
        }
        complaints.between(&at(path, "description"), description, 1, limits::COMMAND_TEXT);
    } else if !description.is_empty() {
        let message = "Context menu commands cannot have description";
        complaints.add(&at(path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", message);
    }
    out["description"] = json!(description);
    let given_options = list(given, path, "options", complaints).unwrap_or_default();
    if kind != 1 && !given_options.is_empty() {
        let message = "Context menu commands cannot have options";
        complaints.add(&at(path, "options"), "APPLICATION_COMMAND_INVALID_OPTIONS", message);
    }
    options(given_options, &at(path, "options"), 0, complaints);
    localizations(given, path, kind == 1, complaints);
    if size(given) > limits::COMMAND_TOTAL {
        let message = format!("Command exceeds maximum size ({})", limits::COMMAND_TOTAL);
        complaints.add(path, "APPLICATION_COMMAND_TOO_LARGE", message);
    }
    defaults(&mut out);
    out
}

fn defaults(out: &mut Value) {
    let fixed = [
        ("options", json!([])),
        ("nsfw", json!(false)),
        ("dm_permission", json!(true)),
        ("integration_types", json!([0])),
        ("contexts", Value::Null),
        ("default_member_permissions", Value::Null),
        ("name_localizations", Value::Null),
        ("description_localizations", Value::Null),
    ];
    for (field, value) in fixed {
        if out[field].is_null() {
            out[field] = value;
        }
    }
    if let Some(bits) = out["default_member_permissions"].as_u64() {
        out["default_member_permissions"] = json!(bits.to_string());
    }
}

/// Several commands at once: counts by kind, and names that are unique by kind.
pub(crate) fn commands(given: &[Value], complaints: &mut Complaints) -> Vec<Value> {
    let of_kind = |kind: u64| given.iter().filter(|c| c["type"].as_u64().unwrap_or(1) == kind).count();
    if of_kind(1) > limits::COMMANDS || [2, 3].iter().any(|kind| of_kind(*kind) > limits::CONTEXT_COMMANDS) {
        complaints.add(
            "",
            "BASE_TYPE_MAX_LENGTH",
            format!("Must be {} or fewer in length.", limits::COMMANDS),
        );
    }
    let mut names = BTreeSet::new();
    for (number, command) in given.iter().enumerate() {
        let key = (command["type"].as_u64().unwrap_or(1), command["name"].as_str().unwrap_or_default());
        if !names.insert(key) {
            let path = at(&number.to_string(), "name");
            complaints.add(
                &path,
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            );
        }
    }
    given.iter().enumerate().map(|(number, one)| command(one, &number.to_string(), complaints)).collect()
}

/// A name: letters, digits, `-`, `_`, `'`, and lower case where there is one. Context-menu names may be anything.
fn name(given: &Value, path: &str, slash: bool, complaints: &mut Complaints) {
    let path_of_name = at(path, "name");
    let Some(name) = text(given, path, "name", complaints) else {
        complaints.required(&path_of_name);
        return;
    };
    // Blanks around a name don't count, nor are they kept.
    complaints.between(&path_of_name, name.trim(), 1, limits::COMMAND_NAME);
    if slash && !good_name(name) {
        complaints.add(&path_of_name, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

fn good_name(name: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    name.chars().all(known) && name.to_lowercase() == name
}

fn options(given: &[Value], path: &str, depth: usize, complaints: &mut Complaints) {
    complaints.list_at_most(path, given.len(), limits::OPTIONS);
    let mut names = BTreeSet::new();
    let mut optional_seen = false;
    let nested = |option: &Value| matches!(option["type"].as_u64(), Some(1 | 2));
    let mixed = given.iter().any(nested) && !given.iter().all(nested);
    if mixed {
        let message =
            "Sub-command and sub-command group option types are mutually exclusive to all other types";
        complaints.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
    for (number, option) in given.iter().enumerate() {
        let path = at(path, &number.to_string());
        let name_of = option["name"].as_str().unwrap_or_default();
        if !names.insert(name_of) {
            let message = "Option name cannot be duplicated";
            complaints.add(&at(&path, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", message);
        }
        let required = option["required"].as_bool().unwrap_or(false);
        if required && optional_seen {
            let message = "Required options must be placed before non-required options";
            complaints.add(&at(&path, "required"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        optional_seen |= !required && !nested(option);
        one_option(option, &path, depth, complaints);
    }
}

fn one_option(option: &Value, path: &str, depth: usize, complaints: &mut Complaints) {
    name(option, path, true, complaints);
    localizations(option, path, true, complaints);
    match text(option, path, "description", complaints) {
        Some(description) => {
            complaints.between(&at(path, "description"), description, 1, limits::COMMAND_TEXT)
        }
        None => complaints.required(&at(path, "description")),
    }
    let Some(kind) = number(option, path, "type", 1..=11, complaints) else {
        complaints.required(&at(path, "type"));
        return;
    };
    let children = list(option, path, "options", complaints).unwrap_or_default();
    // A group only at the top; a subcommand at the top or in a group; below a subcommand only values.
    let placed = match kind {
        2 => depth == 0,
        1 => depth <= 1,
        _ => true,
    };
    if !placed || (kind == 2 && children.iter().any(|child| child["type"].as_u64() != Some(1))) {
        let message = "Sub-command groups hold sub-commands, and nothing else is nested";
        complaints.add(&at(path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
    match kind {
        1 | 2 => options(children, &at(path, "options"), if kind == 2 { 1 } else { 2 }, complaints),
        _ => value_option(option, kind, path, complaints),
    }
}

fn value_option(option: &Value, kind: u64, path: &str, complaints: &mut Complaints) {
    let choices = list(option, path, "choices", complaints).unwrap_or_default();
    let path_of_choices = at(path, "choices");
    complaints.list_at_most(&path_of_choices, choices.len(), limits::OPTIONS);
    let takes_choices = matches!(kind, 3 | 4 | 10);
    let suggests = option["autocomplete"].as_bool().unwrap_or(false);
    if (!choices.is_empty() || suggests) && !takes_choices {
        let message = "Choices and autocomplete are for text and numbers only";
        complaints.add(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message);
    }
    if suggests && !choices.is_empty() {
        let message = "Autocomplete cannot be enabled if choices are present";
        complaints.add(
            &at(path, "autocomplete"),
            "APPLICATION_COMMAND_AUTOCOMPLETE_AND_CHOICES_EXCLUSIVE",
            message,
        );
    }
    let mut names = BTreeSet::new();
    for (number, choice) in choices.iter().enumerate() {
        let path = at(&path_of_choices, &number.to_string());
        match text(choice, &path, "name", complaints) {
            Some(name) => complaints.between(&at(&path, "name"), name, 1, limits::COMMAND_TEXT),
            None => complaints.required(&at(&path, "name")),
        }
        if !names.insert(choice["name"].as_str().unwrap_or_default()) {
            let message = "Choice names must be unique";
            complaints.add(&at(&path, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE", message);
        }
        match (kind, &choice["value"]) {
            (3, Value::String(value)) => complaints.at_most(&at(&path, "value"), value, limits::COMMAND_TEXT),
            (4, Value::Number(value)) if value.is_i64() => {}
            (10, Value::Number(_)) => {}
            _ => complaints.add(
                &at(&path, "value"),
                "BASE_TYPE_REQUIRED",
                "The value must be of the option's type",
            ),
        }
    }
    let longest = limits::OPTION_VALUE as u64;
    number(option, path, "min_length", 0..=longest, complaints);
    number(option, path, "max_length", 1..=longest, complaints);
}

fn localizations(given: &Value, path: &str, slash: bool, complaints: &mut Complaints) {
    let max =
        [("name_localizations", limits::COMMAND_NAME), ("description_localizations", limits::COMMAND_TEXT)];
    for (field, max) in max {
        for (locale, value) in given[field].as_object().into_iter().flatten() {
            let path = at(&at(path, field), locale);
            if !LOCALES.contains(&locale.as_str()) {
                complaints.add(&path, "BASE_TYPE_CHOICES", "Locale is not one that Discord has.");
            }
            let value = value.as_str().unwrap_or_default();
            complaints.between(&path, value, 1, max);
            if slash && field == "name_localizations" && !good_name(value) {
                complaints.add(&path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
            }
        }
    }
}

/// Names, descriptions and values of the command and all its options; of localisations only the longest of each counts.
fn size(node: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let longest = |plain: &str, localized: &str| {
        let others = node[localized].as_object().into_iter().flatten().map(|(_, value)| length(value)).max();
        length(&node[plain]).max(others.unwrap_or(0))
    };
    let own = longest("name", "name_localizations") + longest("description", "description_localizations");
    let children = node["options"].as_array().into_iter().flatten().map(size).sum::<usize>();
    let choices = node["choices"].as_array().into_iter().flatten();
    own + children + choices.map(|choice| length(&choice["name"]) + length(&choice["value"])).sum::<usize>()
}

/// The locales that Discord has. Source: <https://discord.com/developers/docs/reference#locales>.
const LOCALES: [&str; 33] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko", "he",
];
