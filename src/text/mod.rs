//! Everything a person reads: pure functions from values to words. Nothing here may wait, look anything up, or know
//! how a chat system draws a card.

pub mod adjustment;
pub mod campaign;
pub mod card;
pub mod checkpoint;
pub mod claim;
pub mod claim_due;
pub mod dead_letter;
pub mod export;
pub mod extension;
pub mod figure;
pub mod fund;
pub mod guild_event;
pub mod help;
pub mod history;
pub mod number;
pub mod plan;
pub mod promise;
pub mod proof;
pub mod readiness;
pub mod reminder;
pub mod report;
pub mod request;
pub mod rules;
pub mod setup;
pub mod short_name;
pub mod task;
pub mod template;
pub mod waiting;

pub use crate::domain::escape::{escape, short};

/// A person, as chat shows them. Nobody is pinged: every message goes out without mentions.
pub fn person(id: &str) -> String {
    if id.chars().all(|c| c.is_ascii_digit()) && !id.is_empty() { format!("<@{id}>") } else { escape(id) }
}

/// Roles, as chat shows them: `@a or @b`.
pub fn roles(ids: &[&str]) -> String {
    ids.iter().map(|id| format!("<@&{id}>")).collect::<Vec<_>>().join(" or ")
}

/// A person, with the one for whom they acted if they stood in for somebody.
pub fn person_for(id: &str, stands_for: Option<&str>) -> String {
    match stands_for {
        Some(away) => format!("{} for {}", person(id), person(away)),
        None => person(id),
    }
}

/// A reason as it ends a sentence that has its own full stop: `: No budget`, or nothing without one.
pub fn because(reason: Option<&str>, limit: usize) -> String {
    let bare = reason.map(|reason| reason.trim_end_matches('.'));
    bare.map(|reason| format!(": {}", short(reason, limit))).unwrap_or_default()
}

/// The same with a capital as its first letter, as a sentence or a heading begins.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A count with thousands separated: `1,234`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0 { format!("-{grouped}") } else { grouped }
}
