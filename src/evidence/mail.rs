//! E-mails: whether a text is one, and what it carries. Files inside a mail come past every check that they would meet by
//! themselves: programs, archives, and lists of people, which would lie open in a mail that anybody who decides may read. So a
//! mail that says that it carries one of these is refused.
//!
//! Source: RFC 5322, section 3.6 (the head); RFC 2045 and 2183 (where a file is named); RFC 2231 and 2047 (how a name is
//! written that is not ASCII).

use super::name::{is_archive, is_program};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::BTreeMap;

/// How much of an e-mail its head is looked for in.
const MAIL_HEAD_BYTES: usize = 256 * 1024;

/// Whether a text begins as an e-mail does: a head of named fields, with the sender and with what else every message has
/// (RFC 5322, section 3.6).
pub(super) fn is_mail(text: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&text[..text.len().min(MAIL_HEAD_BYTES)]);
    let mut named = Vec::new();
    for (number, line) in head.lines().enumerate() {
        if line.is_empty() {
            break;
        }
        // A folded line goes on with the field above it; some programs put a line of their own before the head.
        if line.starts_with([' ', '\t']) || (number == 0 && line.starts_with("From ")) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.trim_end().bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        named.push(name.trim_end().to_ascii_lowercase());
    }
    let has = |name: &str| named.iter().any(|field| field == name);
    has("from") && ["date", "message-id", "subject", "received"].into_iter().any(has)
}

/// Extensions of tables, and of documents with macros.
const TABLES: &[&str] = &[
    "csv", "dbf", "fods", "numbers", "ods", "tab", "tsv", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xltm",
    "xltx",
];
const MACROS: &[&str] = &["docm", "dotm", "potm", "ppam", "ppsm", "pptm", "xlam", "xll"];

/// What a mail carries that is not taken as evidence, with its article. Fields that name files are looked for everywhere, in
/// mails within the mail too.
pub(super) fn carries(text: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((field, value)) = line.split_once(':') else { continue };
        if !["content-type", "content-disposition"].contains(&field.trim_end().to_ascii_lowercase().as_str())
        {
            continue;
        }
        let (field, mut value) = (field.trim_end().to_ascii_lowercase(), value.to_owned());
        // A folded line goes on with the field above it.
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            value.push_str(more);
        }
        let typed = (field == "content-type").then(|| of_type(&value)).flatten();
        if let Some(found) = typed.or_else(|| names(&value).iter().find_map(|name| unwanted(name))) {
            return Some(found);
        }
    }
    None
}

/// What a part is by the type that it gives itself, whatever it is called. `ms-tnef` is what Outlook wraps attachments of any
/// kind in, `winmail.dat`.
fn of_type(value: &str) -> Option<&'static str> {
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if is(&["x-msdownload", "x-dosexec", "macroenabled"]) {
        Some("a program")
    } else if is(&["application/zip", "x-zip", "x-7z", "x-rar", "vnd.rar", "gzip", "x-tar", "ms-tnef"]) {
        Some("an archive")
    } else if is(&["/csv", "tab-separated-values", "ms-excel", "spreadsheet"]) {
        Some("a table")
    } else {
        None
    }
}

fn unwanted(name: &str) -> Option<&'static str> {
    let parts: Vec<String> = name.split('.').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
    // Windows drops dots and blanks at the end.
    let last = parts.iter().rfind(|part| !part.is_empty())?.as_str();
    if parts.iter().any(|part| is_program(part)) || MACROS.contains(&last) {
        Some("a program")
    } else if is_archive(last) || name.trim().eq_ignore_ascii_case("winmail.dat") {
        Some("an archive")
    } else if TABLES.contains(&last) {
        Some("a table")
    } else {
        None
    }
}

/// The names that a field gives a file: whole, in the two ways in which that may be written, which need not say the same, or in
/// numbered pieces.
fn names(value: &str) -> Vec<String> {
    let mut pieces: BTreeMap<(String, bool, bool), BTreeMap<usize, String>> = BTreeMap::new();
    for parameter in parameters(value) {
        let Some((attribute, value)) = parameter.split_once('=') else { continue };
        let attribute = attribute.trim().to_ascii_lowercase();
        let mut marks = attribute.split('*');
        let base = marks.next().unwrap_or_default().trim();
        if !matches!(base, "name" | "filename") {
            continue;
        }
        let number = marks.next().and_then(|number| number.parse().ok());
        let value = unquoted(value);
        // The first piece names a character set and a language before the text itself.
        let value = match (attribute.ends_with('*'), value.splitn(3, '\'').nth(2)) {
            (true, Some(text)) if number.unwrap_or(0) == 0 => percent_decoded(text),
            (true, _) => percent_decoded(&value),
            (false, _) => value,
        };
        let in_pieces = number.is_some();
        let whole = (base.to_owned(), in_pieces, !in_pieces && attribute.ends_with('*'));
        pieces.entry(whole).or_default().entry(number.unwrap_or(0)).or_insert(value);
    }
    pieces.into_values().map(|pieces| words_decoded(&pieces.into_values().collect::<String>())).collect()
}

/// The parameters of a field: what is between its semicolons, those in quotes not counted.
fn parameters(value: &str) -> Vec<String> {
    let (mut found, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in value.chars() {
        match c {
            ';' if !quoted => {
                found.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        if let Some(last) = found.last_mut() {
            last.push(c);
        }
    }
    found
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let mut plain = String::new();
    let mut chars = inner.chars();
    // What stands behind the closing quote, a remark for instance, is no part of it.
    while let Some(c) = chars.next().filter(|c| *c != '"') {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

fn percent_decoded(text: &str) -> String {
    escaped(text, b'%')
}

/// A text whose bytes may be written as a sign and two hexadecimal digits.
fn escaped(text: &str, sign: u8) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == sign) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text with its encoded words (`=?utf-8?B?…?=`) in plain. Only what an extension is made of has to come out right, so the
/// character set is passed over: in all that mails are written in, those letters are the same, but for bytes of 0.
fn words_decoded(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, word)) = rest.split_once("=?") {
        let mut parts = word.splitn(4, '?');
        let (_, how, data, after) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(how), Some(data), Some(after)) =
            (how, data, after.and_then(|after| after.strip_prefix('=')))
        else {
            plain.push_str(before);
            plain.push_str("=?");
            rest = word;
            continue;
        };
        // Blanks between two words belong to neither.
        plain.push_str(if before.trim().is_empty() { "" } else { before });
        match how {
            "B" | "b" => {
                let bytes = STANDARD_NO_PAD.decode(data.trim_end_matches('=')).unwrap_or_default();
                plain.push_str(&String::from_utf8_lossy(&bytes).replace('\0', ""));
            }
            _ => plain.push_str(&escaped(&data.replace('_', " "), b'=')),
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}
