//! Everything a person reads: pure functions from values to words. Nothing here may wait, look anything up, or know
//! how a chat system draws a card.

pub mod campaign;
pub mod card;
pub mod dead_letter;
pub mod export;
pub mod figure;
pub mod help;
pub mod history;
pub mod number;
pub mod plan;
pub mod readiness;
pub mod reminder;
pub mod report;
pub mod request;
pub mod setup;

use crate::domain::unseen::is_unseen;

/// Text that came from outside, so that it is shown as it is: no formatting, no links, no pings. A zero-width space
/// after `@` and inside `<` keeps mentions from forming even where the text is copied on, and one inside `://` keeps a
/// bare address from becoming a link. What can't be seen is left out: it would turn the text around, or make two names
/// look the same.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ':' if rest.as_str().starts_with("//") => escaped.push_str(":\u{200b}"),
            // "- " and "-# " at the beginning of a line make a list and small print.
            '-' if escaped.is_empty() && rest.as_str().starts_with([' ', '#']) => escaped.push_str("\\-"),
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '[' | ']' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' => escaped.push_str("@\u{200b}"),
            '<' => escaped.push_str("<\u{200b}"),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => escaped.push(' '),
            other if other.is_control() || is_unseen(other) => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escaped, and at most `limit` characters long with an ellipsis.
pub fn short(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return escape(text);
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", escape(cut.trim_end()))
}

/// A person, as chat shows them. Nobody is pinged: every message goes out without mentions.
pub fn person(id: &str) -> String {
    if id.chars().all(|c| c.is_ascii_digit()) && !id.is_empty() { format!("<@{id}>") } else { escape(id) }
}

/// A person, with the one for whom they acted if they stood in for somebody.
pub fn person_for(id: &str, stands_for: Option<&str>) -> String {
    match stands_for {
        Some(away) => format!("{} for {}", person(id), person(away)),
        None => person(id),
    }
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
