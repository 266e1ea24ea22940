//! Text that came from outside, made harmless before anybody reads it: in what is said, and in refusals that quote it.

/// Text that came from outside, so that it is shown as it is: no formatting, no links, no pings. A zero-width space
/// after `@` and inside `<` keeps mentions from forming even where the text is copied on.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '[' | ']' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' => escaped.push_str("@\u{200b}"),
            '<' => escaped.push_str("<\u{200b}"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            other if other.is_control() => {}
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
