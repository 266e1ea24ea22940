//! Checks of what clients send, field by field, before anything is applied.
//!
//! Each function adds to [`Complaints`](crate::error::Complaints) what Discord would complain about, at the path where it
//! would; none of them changes the world.

pub(crate) mod command;
pub(crate) mod component;
pub(crate) mod embed;
pub(crate) mod message;
pub(crate) mod modal;

use serde_json::Value;

use crate::error::Complaints;

/// `a.b`, or just `b` at the top.
pub(crate) fn at(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// A text field: `None` if absent or null; complains if it is anything but a string.
pub(crate) fn text<'a>(
    json: &'a Value,
    path: &str,
    field: &str,
    complaints: &mut Complaints,
) -> Option<&'a str> {
    match &json[field] {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => {
            complaints.add(
                &at(path, field),
                "STRING_TYPE_CONVERT",
                format!("Could not interpret \"{other}\" as string."),
            );
            None
        }
    }
}

/// A list field: `None` if absent or null; complains if it is anything but a list.
pub(crate) fn list<'a>(
    json: &'a Value,
    path: &str,
    field: &str,
    complaints: &mut Complaints,
) -> Option<&'a [Value]> {
    match &json[field] {
        Value::Null => None,
        Value::Array(list) => Some(list),
        _ => {
            complaints.add(&at(path, field), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            None
        }
    }
}

/// A whole-number field within bounds: `None` if absent or null.
pub(crate) fn number(
    json: &Value,
    path: &str,
    field: &str,
    bounds: std::ops::RangeInclusive<u64>,
    complaints: &mut Complaints,
) -> Option<u64> {
    let value = &json[field];
    if value.is_null() {
        return None;
    }
    let Some(number) = value.as_u64() else {
        complaints.add(&at(path, field), "NUMBER_TYPE_COERCE", format!("Value \"{value}\" is not int."));
        return None;
    };
    if number < *bounds.start() {
        let message = format!("int value should be greater than or equal to {}.", bounds.start());
        complaints.add(&at(path, field), "NUMBER_TYPE_MIN", message);
    } else if number > *bounds.end() {
        let message = format!("int value should be less than or equal to {}.", bounds.end());
        complaints.add(&at(path, field), "NUMBER_TYPE_MAX", message);
    }
    Some(number)
}

/// An id in its text form, or as a number.
pub(crate) fn id(value: &Value) -> Option<u64> {
    value.as_str().and_then(|text| text.parse().ok()).or_else(|| value.as_u64())
}
