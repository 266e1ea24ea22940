//! Text that came from outside, made harmless before anybody reads it: in what is said, and in refusals that quote it.

use super::unseen::is_unseen;

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
