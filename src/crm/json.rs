//! Reading other people's JSON: leniently about text, exactly about numbers.
//!
//! Bodies come with invalid UTF-8, lone surrogates and NUL escapes; one such string in a batch of a hundred must not
//! cost the other ninety-nine. Numbers are kept as the text that was sent: an id is longer than 32 bits and an amount
//! is money, so neither may ever pass through a floating-point number.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The body as text that a JSON reader accepts: invalid UTF-8, escaped lone surrogates and escaped NULs become
/// U+FFFD. Borrowed when nothing had to change, which is nearly always.
pub fn lenient(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    if text.contains("\\u") && has_bad_escape(&text) { Cow::Owned(mend_escapes(&text)) } else { text }
}

/// The four hex digits of a `\uXXXX` that starts at `at`, if there is one.
fn escape_at(bytes: &[u8], at: usize) -> Option<u16> {
    let slice = bytes.get(at..at + 6)?;
    if &slice[..2] != b"\\u" || !slice[2..].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(&slice[2..]).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

enum Escape {
    /// Bytes to copy as they are.
    Keep(usize),
    /// A six-byte escape that stands for no character that we can store.
    Bad,
}

fn next_escape(bytes: &[u8], at: usize) -> Escape {
    match escape_at(bytes, at) {
        None => Escape::Keep(2),
        Some(0) => Escape::Bad,
        Some(0xD800..=0xDBFF) => match escape_at(bytes, at + 6) {
            Some(0xDC00..=0xDFFF) => Escape::Keep(12),
            _ => Escape::Bad,
        },
        Some(0xDC00..=0xDFFF) => Escape::Bad,
        Some(_) => Escape::Keep(6),
    }
}

fn has_bad_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&b| b == b'\\') {
        match next_escape(bytes, at + found) {
            Escape::Bad => return true,
            Escape::Keep(n) => at = (at + found + n).min(bytes.len()),
        }
    }
    false
}

fn mend_escapes(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut at) = (0, 0);
    while let Some(found) = bytes[at..].iter().position(|&b| b == b'\\') {
        let here = at + found;
        at = match next_escape(bytes, here) {
            Escape::Keep(n) => (here + n).min(bytes.len()),
            Escape::Bad => {
                out.push_str(&text[from..here]);
                out.push_str("\\ufffd");
                from = here + 6;
                from
            }
        };
    }
    out.push_str(&text[from..]);
    out
}

/// A string, a number or a boolean, as text: `"12"` and `12` are the same id, `"12.50"` and `12.50` the same amount.
/// JSON `null` is [`Scalar::Null`]; objects and arrays are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// JSON `null`.
    Null,
    /// The value's text: a string's content, a number's digits, `true` or `false`.
    Text(String),
}

impl Scalar {
    /// The text, unless it is `null`.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'n') => Ok(Self::Null),
            Some(b'"') => {
                serde_json::from_str(raw.get()).map(|t| Self::Text(storable(t))).map_err(Error::custom)
            }
            Some(b'{' | b'[') | None => Err(Error::custom("expected a string or a number")),
            Some(_) => Ok(Self::Text(raw.get().to_owned())),
        }
    }
}

/// Text that both databases can hold: PostgreSQL refuses U+0000 in TEXT.
pub fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

/// An instant as CRMs write it: RFC 3339, or a whole number of seconds or milliseconds since 1970. Unix milliseconds.
pub fn instant_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        // Twelve digits and more are milliseconds: as seconds they would be beyond the year 5000.
        return if number >= 100_000_000_000 { Some(number) } else { number.checked_mul(1000) };
    }
    if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_and_nul_become_the_replacement_character() {
        let mended = |s: &str| lenient(s.as_bytes()).into_owned();
        assert_eq!(mended(r#""a\ud83d\ude80b""#), r#""a\ud83d\ude80b""#);
        assert_eq!(mended(r#""a\ud83db""#), r#""a\ufffdb""#);
        assert_eq!(mended(r#""\ude80\ud83d""#), r#""\ufffd\ufffd""#);
        assert_eq!(mended(r#""\u0000""#), r#""\ufffd""#);
        assert_eq!(mended(r#""\\u0000""#), r#""\\u0000""#);
        assert_eq!(mended(r#""\\\u0000""#), r#""\\\ufffd""#);
        assert_eq!(mended(r"\u00"), r"\u00");
        assert_eq!(lenient(b"\"\xff\""), "\"\u{FFFD}\"");
    }

    #[test]
    fn numbers_keep_their_digits() {
        let read = |s: &str| serde_json::from_str::<Scalar>(s).map(Scalar::text).map_err(|e| e.to_string());
        assert_eq!(read("12345678901234567890123.10"), Ok(Some("12345678901234567890123.10".into())));
        assert_eq!(read("\"12.50\""), Ok(Some("12.50".into())));
        assert_eq!(read("null"), Ok(None));
        assert_eq!(read("true"), Ok(Some("true".into())));
        assert!(read("{}").is_err());
    }

    #[test]
    fn instants_in_four_spellings() {
        assert_eq!(instant_ms("2026-01-09T09:13:20.000Z"), Some(1_767_950_000_000));
        assert_eq!(instant_ms("2026-01-09T10:13:20+01:00"), Some(1_767_950_000_000));
        assert_eq!(instant_ms("1767950000"), Some(1_767_950_000_000));
        assert_eq!(instant_ms("1767950000000"), Some(1_767_950_000_000));
        assert_eq!(instant_ms("2026-01-09"), Some(1_767_916_800_000));
        assert_eq!(instant_ms("soon"), None);
    }
}
