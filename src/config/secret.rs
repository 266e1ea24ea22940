//! Secrets: never in the file, only named there by `…_env` or `…_file`.
//!
//! What is read here goes into a [`SecretString`] and nowhere else. A pasted secret is a common slip, so even the
//! text of `…_env` and `…_file` is not repeated in a problem unless it can only be a variable's name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::environment::Variable;
use super::problem::Place;
use super::read::{Field, Raw, Spot, Table};

/// Largest file that is taken for a secret or a certificate, in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// What a secret has to look like.
pub(super) struct SecretRule {
    /// In words, after "expected".
    pub(super) expected: &'static str,
    pub(super) accepts: fn(&str) -> bool,
}

/// Whether a secret has to be written, and whether it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Not naming it is a problem.
    pub(super) written: bool,
    /// It is read now. One that isn't needed is left alone, whether or not it could be read.
    pub(super) read: bool,
}

/// Characters that a token in a header may have; a blank or a line break inside means that more was copied.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) const DISCORD_TOKEN: SecretRule = SecretRule {
    expected: "the bot's token alone, without the word Bot and without blanks",
    accepts: is_token,
};

pub(super) const ACCESS_TOKEN: SecretRule = SecretRule {
    expected: "the access token alone, without the word Bearer and without blanks",
    accepts: is_token,
};

pub(super) const HUBSPOT_SECRET: SecretRule = SecretRule {
    expected: "the app's client secret: at least 16 characters without blanks",
    accepts: |text| text.len() >= 16 && is_token(text),
};

/// The Standard Webhooks specification asks for 24 to 64 bytes; an Ed25519 public key has 32.
pub(super) const STANDARD_WEBHOOKS_SECRET: SecretRule = SecretRule {
    expected: "whsec_ and 24 to 64 bytes in base64 (or whpk_ and 32)",
    accepts: |text| {
        let bytes = |encoded: &str| STANDARD.decode(encoded).map_or(0, |bytes| bytes.len());
        match (text.strip_prefix("whsec_"), text.strip_prefix("whpk_")) {
            (Some(key), _) => (24..=64).contains(&bytes(key)),
            (_, Some(key)) => bytes(key) == 32,
            _ => false,
        }
    },
};

/// 22 characters of base64url hold 128 bits.
pub(super) const PATH_TOKEN: SecretRule = SecretRule {
    expected: "22 to 128 characters: letters, digits, - and _",
    accepts: |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (22..=128).contains(&text.len()) && text.bytes().all(allowed)
    },
};

/// A secret as text, and where it was named. Kept short: it goes into a [`SecretString`] at once.
struct Revealed {
    text: String,
    place: Place,
    path: String,
}

impl Table<'_> {
    /// The secret named by `{stem}_env` or `{stem}_file`; `{stem}` itself is refused.
    pub(super) fn secret(&self, stem: &str, rule: &SecretRule, wanted: Wanted) -> Option<Spot<SecretString>> {
        let keys = [stem.to_owned(), format!("{stem}_env"), format!("{stem}_file")];
        let [inline, by_env, by_file] = self.alternatives(keys.each_ref().map(String::as_str));
        if let Some(field) = &inline {
            let expected =
                format!("{stem}_env = \"NAME\" or {stem}_file = \"PATH\"; a secret is never written here");
            self.session.problem(&field.place, &field.path, "a secret (not shown)".to_owned(), expected);
            return None;
        }
        let revealed = self.named(stem, by_env, by_file, wanted)?;
        if !(rule.accepts)(&revealed.text) {
            let found = "a secret (not shown) of another form".to_owned();
            self.session.problem(&revealed.place, &revealed.path, found, rule.expected.to_owned());
            return None;
        }
        Some(Spot { value: revealed.text.into(), place: revealed.place, path: revealed.path })
    }

    /// The text that `{stem}_env` or `{stem}_file` leads to, as a value that may be anything.
    pub(super) fn named_text(
        &self,
        stem: &str,
        by_env: Option<Field<'_>>,
        by_file: Option<Field<'_>>,
    ) -> Option<Spot<String>> {
        let revealed = self.named(stem, by_env, by_file, Wanted { written: false, read: true })?;
        Some(Spot { value: revealed.text, place: revealed.place, path: revealed.path })
    }

    fn named(
        &self,
        stem: &str,
        by_env: Option<Field<'_>>,
        by_file: Option<Field<'_>>,
        wanted: Wanted,
    ) -> Option<Revealed> {
        match (by_env, by_file) {
            (Some(_), Some(field)) => {
                let expected = format!("only one of {stem}_env and {stem}_file");
                self.session.problem(&field.place, &field.path, "both".to_owned(), expected);
                None
            }
            (Some(field), None) => self.held_by_variable(field, wanted),
            (None, Some(field)) => self.held_by_file(field, wanted),
            (None, None) => {
                if wanted.written {
                    let expected = format!("{stem}_env = \"NAME\" or {stem}_file = \"PATH\"");
                    self.lacks(&format!("{stem}_env"), expected);
                }
                None
            }
        }
    }

    fn held_by_variable(&self, field: Field<'_>, wanted: Wanted) -> Option<Revealed> {
        let Some(name) = field.raw.text(false).filter(|name| is_variable_name(name)) else {
            let expected = "the name of an environment variable: A-Z, 0-9 and _".to_owned();
            self.session.problem(
                &field.place,
                &field.path,
                not_a_name(&field.raw, "a variable's name"),
                expected,
            );
            return None;
        };
        self.session.refer_to(&name);
        if !wanted.read {
            return None;
        }
        let found = match self.session.environment.get(&name) {
            Variable::Text(text) if !text.trim().is_empty() => {
                let text = text.trim().to_owned();
                return Some(Revealed { text, place: field.place, path: field.path });
            }
            Variable::Text(_) => format!("{name}, which is empty"),
            Variable::Unreadable => format!("{name}, which isn't UTF-8"),
            Variable::Unset => format!("{name}, which is not set"),
        };
        let expected = "the name of an environment variable that holds the secret".to_owned();
        self.session.problem(&field.place, &field.path, found, expected);
        None
    }

    fn held_by_file(&self, field: Field<'_>, wanted: Wanted) -> Option<Revealed> {
        if !wanted.read && field.raw.text(false).is_some() {
            return None;
        }
        let text = self.file(&field)?;
        Some(Revealed { text, place: field.place, path: field.path })
    }

    /// The text of the file that this field names, without blanks around it.
    pub(super) fn file(&self, field: &Field<'_>) -> Option<String> {
        let expected = "the path of a readable file, from the folder of the configuration".to_owned();
        let read = match field.raw.text(false).filter(|path| !path.trim().is_empty()) {
            None => Err(not_a_name(&field.raw, "a path")),
            Some(path) => read_text(&self.session.folder.join(path)),
        };
        match read {
            Ok(text) => Some(text),
            Err(found) => {
                self.session.problem(&field.place, &field.path, found, expected);
                None
            }
        }
    }
}

/// Names in capitals only: a pasted token nearly always has something else in it, and must not be shown.
fn is_variable_name(name: &str) -> bool {
    let start = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    start && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn not_a_name(raw: &Raw<'_>, wanted: &str) -> String {
    match raw.text(false) {
        Some(_) => format!("a text (not shown) that isn't {wanted}"),
        None => raw.shown(),
    }
}

/// The error says why, but not which path: somebody may have pasted the secret itself there.
fn read_text(path: &Path) -> Result<String, String> {
    let cant = |why: std::io::Error| format!("a file that can't be read ({})", why.kind());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cant)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cant)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("a file of more than {} KiB", MAX_FILE_BYTES / 1024));
    }
    let text = String::from_utf8(bytes).map_err(|_| "a file that isn't UTF-8".to_owned())?;
    match text.trim() {
        "" => Err("an empty file".to_owned()),
        text => Ok(text.to_owned()),
    }
}
