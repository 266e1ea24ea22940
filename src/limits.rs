//! Limits in one place, with names. Discord's are those of its API v10 documentation (message, embed, component,
//! modal and thread objects); lengths are in characters. What we draw is cut to them, never refused for them.

/// Text of a message.
pub const CONTENT_MAX: usize = 2_000;
/// Embeds of a message. We draw at most one.
pub const EMBEDS_MAX: usize = 10;
/// Title, description, field names and values, footer and author together, over all embeds of a message.
pub const EMBED_SUM_MAX: usize = 6_000;
pub const EMBED_TITLE_MAX: usize = 256;
pub const EMBED_DESCRIPTION_MAX: usize = 4_096;
pub const EMBED_FIELDS_MAX: usize = 25;
pub const EMBED_FIELD_NAME_MAX: usize = 256;
pub const EMBED_FIELD_VALUE_MAX: usize = 1_024;
pub const EMBED_FOOTER_MAX: usize = 2_048;

/// Action rows of a message.
pub const ROWS_MAX: usize = 5;
/// Buttons of a row.
pub const ROW_BUTTONS_MAX: usize = 5;
pub const BUTTON_LABEL_MAX: usize = 80;
/// A component's id: at least 1 character, unique in its message.
pub const CUSTOM_ID_MAX: usize = 100;

pub const MODAL_TITLE_MAX: usize = 45;
pub const MODAL_INPUTS_MAX: usize = 5;
pub const INPUT_LABEL_MAX: usize = 45;
pub const INPUT_PLACEHOLDER_MAX: usize = 100;
pub const INPUT_VALUE_MAX: u16 = 4_000;

/// Files of a message.
pub const FILES_MAX: usize = 10;
/// Bytes of one file, for a server without boosts.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of a whole request. A little is kept back for what goes around the files.
pub const REQUEST_BYTES_MAX: usize = 25 * 1024 * 1024 - 64 * 1024;

/// Of a guild's scheduled event.
pub const EVENT_NAME_MAX: usize = 100;
pub const EVENT_DESCRIPTION_MAX: usize = 1_000;
pub const EVENT_LOCATION_MAX: usize = 100;

pub const THREAD_NAME_MAX: usize = 100;
/// A message's nonce; ours is an outbox id of 13.
pub const NONCE_MAX: usize = 25;
/// Messages that one request for a channel's history can bring.
pub const HISTORY_PAGE_MAX: usize = 100;

/// Bytes of an evidence file's name, in UTF-8: with a number before it, it still fits every file system's 255.
pub const EVIDENCE_NAME_BYTES_MAX: usize = 200;
/// Entries of an Office file, which is a ZIP archive. Large presentations have some hundreds.
pub const OFFICE_ENTRIES_MAX: usize = 5_000;
/// Bytes that an Office file may unpack to, all entries together and embedded Office files in it included.
pub const OFFICE_UNPACKED_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// How many times larger unpacked than packed. This number and the next are those of Apache POI (`ZipSecureFile`), which
/// reads Office files of all origins.
pub const OFFICE_RATIO_MAX: u64 = 100;
/// An entry that unpacks to no more may be packed as it is.
pub const OFFICE_ENTRY_GRACE_BYTES: u64 = 100 * 1024;
/// A whole file that unpacks to no more may be packed as it is.
pub const OFFICE_FILE_GRACE_BYTES: u64 = 1024 * 1024;

/// `text` if it has at most `max` characters, else its beginning with `…` as the last of `max` characters.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(max.saturating_sub(1)).collect();
    if max > 0 {
        kept.truncate(kept.trim_end().len());
        kept.push('…');
    }
    kept
}
