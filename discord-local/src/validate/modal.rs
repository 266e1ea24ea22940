//! Modals: a title, and one to five text inputs, each in a row of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::component::custom_id;
use super::{at, list, number, text};
use crate::error::Complaints;
use crate::limits;

/// Checks the modal in a callback's `data`.
pub(crate) fn modal(data: &Value, path: &str, complaints: &mut Complaints) {
    match text(data, path, "custom_id", complaints) {
        Some(id) => complaints.between(&at(path, "custom_id"), id, 1, limits::CUSTOM_ID),
        None => complaints.required(&at(path, "custom_id")),
    }
    match text(data, path, "title", complaints) {
        Some(title) => complaints.between(&at(path, "title"), title, 1, limits::MODAL_TITLE),
        None => complaints.required(&at(path, "title")),
    }
    let rows = list(data, path, "components", complaints).unwrap_or_default();
    let path = at(path, "components");
    if rows.is_empty() || rows.len() > limits::ROWS {
        let message = format!("Must be between 1 and {} in length.", limits::ROWS);
        complaints.add(&path, "BASE_TYPE_BAD_LENGTH", message);
    }
    let mut seen = BTreeSet::new();
    for (at_row, row) in rows.iter().enumerate() {
        let path = at(&path, &at_row.to_string());
        if row["type"].as_u64() != Some(1) {
            let message = "Value of field \"type\" must be one of (1,).";
            complaints.add(&at(&path, "type"), "UNION_TYPE_CHOICES", message);
            continue;
        }
        let parts = list(row, &path, "components", complaints).unwrap_or_default();
        let path = at(&path, "components");
        if parts.len() != 1 {
            complaints.add(&path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 1 in length.");
        }
        for (at_part, part) in parts.iter().enumerate() {
            input(part, &at(&path, &at_part.to_string()), &mut seen, complaints);
        }
    }
}

fn input(part: &Value, path: &str, seen: &mut BTreeSet<String>, complaints: &mut Complaints) {
    if part["type"].as_u64() != Some(4) {
        complaints.choice(&at(path, "type"), "4");
        return;
    }
    custom_id(part, path, seen, complaints);
    match text(part, path, "label", complaints) {
        Some(label) => complaints.between(&at(path, "label"), label, 1, limits::INPUT_LABEL),
        None => complaints.required(&at(path, "label")),
    }
    if number(part, path, "style", 1..=2, complaints).is_none() {
        complaints.required(&at(path, "style"));
    }
    let max_value = limits::INPUT_VALUE as u64;
    let min = number(part, path, "min_length", 0..=max_value, complaints).unwrap_or(0);
    let max = number(part, path, "max_length", 1..=max_value, complaints).unwrap_or(max_value);
    if min > max {
        let message = "The minimum length cannot exceed the maximum";
        complaints.add(&at(path, "min_length"), "TEXT_INPUT_COMPONENT_INVALID_RANGE", message);
    }
    if let Some(value) = text(part, path, "value", complaints) {
        let max = usize::try_from(max).unwrap_or(limits::INPUT_VALUE).min(limits::INPUT_VALUE);
        complaints.at_most(&at(path, "value"), value, max);
    }
    if let Some(placeholder) = text(part, path, "placeholder", complaints) {
        complaints.at_most(&at(path, "placeholder"), placeholder, limits::INPUT_PLACEHOLDER);
    }
}
