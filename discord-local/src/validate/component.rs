//! Message components: rows of buttons, and select menus. Layout, labels, and `custom_id`s that are unique.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::embed::link;
use super::{at, list, number, text};
use crate::error::Complaints;
use crate::limits;

/// Checks the rows at `path`, and gives them back as Discord would store them.
pub(crate) fn rows(given: &[Value], path: &str, complaints: &mut Complaints) -> Vec<Value> {
    if given.len() > limits::ROWS {
        let message = format!("Must be between 1 and {} in length.", limits::ROWS);
        complaints.add(path, "BASE_TYPE_BAD_LENGTH", message);
    }
    let mut seen = BTreeSet::new();
    given
        .iter()
        .enumerate()
        .map(|(number, row)| one_row(row, &at(path, &number.to_string()), &mut seen, complaints))
        .collect()
}

fn one_row(row: &Value, path: &str, seen: &mut BTreeSet<String>, complaints: &mut Complaints) -> Value {
    if row["type"].as_u64() != Some(1) {
        let message = "Value of field \"type\" must be one of (1,).";
        complaints.add(&at(path, "type"), "UNION_TYPE_CHOICES", message);
        return row.clone();
    }
    let parts = list(row, path, "components", complaints).unwrap_or_default();
    let path = at(path, "components");
    let selects = parts.iter().filter(|part| matches!(part["type"].as_u64(), Some(3 | 5..=8))).count();
    if parts.is_empty() || parts.len() > limits::BUTTONS {
        let message = format!("Must be between 1 and {} in length.", limits::BUTTONS);
        complaints.add(&path, "BASE_TYPE_BAD_LENGTH", message);
    } else if selects > 0 && parts.len() > 1 {
        complaints.add(
            &path,
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        );
    }
    let stored: Vec<Value> = parts
        .iter()
        .enumerate()
        .map(|(number, part)| {
            let path = at(&path, &number.to_string());
            match part["type"].as_u64() {
                Some(2) => button(part, &path, seen, complaints),
                Some(3 | 5..=8) => select(part, &path, seen, complaints),
                _ => {
                    complaints.choice(&at(&path, "type"), "2, 3, 5, 6, 7, 8");
                    part.clone()
                }
            }
        })
        .collect();
    json!({ "type": 1, "components": stored })
}

/// The `custom_id`: there, 1 to 100 characters, and not used twice.
pub(crate) fn custom_id(part: &Value, path: &str, seen: &mut BTreeSet<String>, complaints: &mut Complaints) {
    let path_of_id = at(path, "custom_id");
    let Some(id) = text(part, path, "custom_id", complaints) else {
        complaints.required(&path_of_id);
        return;
    };
    complaints.between(&path_of_id, id, 1, limits::CUSTOM_ID);
    if !seen.insert(id.to_owned()) {
        complaints.add(
            &path_of_id,
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        );
    }
}

fn button(part: &Value, path: &str, seen: &mut BTreeSet<String>, complaints: &mut Complaints) -> Value {
    let style = number(part, path, "style", 1..=6, complaints);
    let label = text(part, path, "label", complaints);
    if let Some(label) = label {
        complaints.at_most(&at(path, "label"), label, limits::BUTTON_LABEL);
    }
    let mut out = part.clone();
    out["disabled"] = json!(part["disabled"].as_bool().unwrap_or(false));
    match style {
        None => complaints.required(&at(path, "style")),
        Some(5) => {
            match text(part, path, "url", complaints) {
                None => {
                    complaints.add(&at(path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
                }
                Some(url) => {
                    complaints.at_most(&at(path, "url"), url, limits::BUTTON_URL);
                    link(url, &at(path, "url"), false, complaints);
                }
            }
            if !part["custom_id"].is_null() {
                let message = "A custom id and url cannot both be specified";
                complaints.add(
                    &at(path, "custom_id"),
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    message,
                );
            }
        }
        Some(6) => {}
        Some(_) => {
            if !part["url"].is_null() {
                let message = "A custom id and url cannot both be specified";
                complaints.add(
                    &at(path, "url"),
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    message,
                );
            }
            custom_id(part, path, seen, complaints);
        }
    }
    if style != Some(6) && label.is_none_or(str::is_empty) && part["emoji"].is_null() {
        complaints.add(path, "BUTTON_COMPONENT_INVALID_CONTENT", "A button must have a label or emoji");
    }
    out
}

fn select(part: &Value, path: &str, seen: &mut BTreeSet<String>, complaints: &mut Complaints) -> Value {
    custom_id(part, path, seen, complaints);
    if let Some(placeholder) = text(part, path, "placeholder", complaints) {
        complaints.at_most(&at(path, "placeholder"), placeholder, limits::SELECT_PLACEHOLDER);
    }
    let min = number(part, path, "min_values", 0..=25, complaints).unwrap_or(1);
    let max = number(part, path, "max_values", 1..=25, complaints).unwrap_or(1);
    if min > max {
        let message = "The minimum number of values cannot exceed the maximum";
        complaints.add(&at(path, "min_values"), "SELECT_COMPONENT_INVALID_RANGE", message);
    }
    let mut out = part.clone();
    out["min_values"] = json!(min);
    out["max_values"] = json!(max);
    out["disabled"] = json!(part["disabled"].as_bool().unwrap_or(false));
    if part["type"].as_u64() == Some(3) {
        select_options(part, path, max, complaints);
    }
    out
}

fn select_options(part: &Value, path: &str, max_values: u64, complaints: &mut Complaints) {
    let path_of_options = at(path, "options");
    let Some(options) = list(part, path, "options", complaints) else {
        complaints.required(&path_of_options);
        return;
    };
    if options.is_empty() || options.len() > limits::SELECT_OPTIONS {
        let message = format!("Must be between 1 and {} in length.", limits::SELECT_OPTIONS);
        complaints.add(&path_of_options, "BASE_TYPE_BAD_LENGTH", message);
    }
    let mut values = BTreeSet::new();
    let mut preset = 0;
    for (number, option) in options.iter().enumerate() {
        let path = at(&path_of_options, &number.to_string());
        for field in ["label", "value"] {
            match text(option, &path, field, complaints) {
                Some(value) => complaints.between(&at(&path, field), value, 1, limits::SELECT_TEXT),
                None => complaints.required(&at(&path, field)),
            }
        }
        if let Some(description) = text(option, &path, "description", complaints) {
            complaints.at_most(&at(&path, "description"), description, limits::SELECT_TEXT);
        }
        if !values.insert(option["value"].as_str().unwrap_or_default()) {
            let message = "The specified option value is already used";
            complaints.add(&at(&path, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
        preset += u64::from(option["default"].as_bool().unwrap_or(false));
    }
    if preset > max_values {
        let message = "The number of default options exceeds the maximum number of values";
        complaints.add(&path_of_options, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message);
    }
}
