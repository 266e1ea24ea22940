//! Discord's limits, named, in one place.
//!
//! Source: the public API v10 documentation and its OpenAPI description. Lengths are in Unicode code points. Nothing
//! here may be loosened to make a client pass: the point of this server is that it refuses what Discord refuses.

/// Characters of a message's content.
pub const CONTENT: usize = 2_000;
/// Embeds in a message.
pub const EMBEDS: usize = 10;
/// Characters over all embeds of a message: titles, descriptions, field names and values, footers, authors.
pub const EMBEDS_TOTAL: usize = 6_000;
/// Characters of an embed's title.
pub const EMBED_TITLE: usize = 256;
/// Characters of an embed's description.
pub const EMBED_DESCRIPTION: usize = 4_096;
/// Fields of an embed.
pub const EMBED_FIELDS: usize = 25;
/// Characters of an embed field's name.
pub const EMBED_FIELD_NAME: usize = 256;
/// Characters of an embed field's value.
pub const EMBED_FIELD_VALUE: usize = 1_024;
/// Characters of an embed's footer.
pub const EMBED_FOOTER: usize = 2_048;
/// Characters of an embed's author name.
pub const EMBED_AUTHOR: usize = 256;
/// Characters of a URL in an embed.
pub const EMBED_URL: usize = 2_048;
/// Action rows of a message, and of a modal.
pub const ROWS: usize = 5;
/// Buttons of an action row.
pub const BUTTONS: usize = 5;
/// Characters of a `custom_id`.
pub const CUSTOM_ID: usize = 100;
/// Characters of a button's label.
pub const BUTTON_LABEL: usize = 80;
/// Characters of a link button's URL.
pub const BUTTON_URL: usize = 512;
/// Options of a select menu.
pub const SELECT_OPTIONS: usize = 25;
/// Characters of a select option's label, value and description.
pub const SELECT_TEXT: usize = 100;
/// Characters of a select menu's placeholder.
pub const SELECT_PLACEHOLDER: usize = 150;
/// Characters of a modal's title.
pub const MODAL_TITLE: usize = 45;
/// Characters of a text input's label.
pub const INPUT_LABEL: usize = 45;
/// Characters of a text input's value.
pub const INPUT_VALUE: usize = 4_000;
/// Characters of a text input's placeholder.
pub const INPUT_PLACEHOLDER: usize = 100;
/// Slash commands of an application in one scope (global, or one guild).
pub const COMMANDS: usize = 100;
/// User commands, and message commands, of an application in one scope (each).
pub const CONTEXT_COMMANDS: usize = 15;
/// Options of a command, and choices of an option.
pub const OPTIONS: usize = 25;
/// Characters of the name of a command, an option.
pub const COMMAND_NAME: usize = 32;
/// Characters of the description of a command, an option; and of a choice's name and text value.
pub const COMMAND_TEXT: usize = 100;
/// Characters of names, descriptions and values in a whole command.
pub const COMMAND_TOTAL: usize = 8_000;
/// Characters of a text option's value.
pub const OPTION_VALUE: usize = 6_000;
/// Choices in an answer to autocomplete.
pub const SUGGESTIONS: usize = 25;
/// Files of a message.
pub const FILES: usize = 10;
/// Bytes of one file.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of one request.
pub const REQUEST_BYTES: usize = 25 * 1024 * 1024;
/// Characters of a file's description.
pub const FILE_DESCRIPTION: usize = 1_024;
/// Characters of a nonce.
pub const NONCE: usize = 25;
/// Users, and roles, named in `allowed_mentions`.
pub const MENTIONS: usize = 100;
/// Characters of a channel's or thread's name.
pub const CHANNEL_NAME: usize = 100;
/// Characters of a channel's topic.
pub const CHANNEL_TOPIC: usize = 1_024;
/// Characters of a scheduled event's name, and of its location.
pub const EVENT_NAME: usize = 100;
/// Characters of a scheduled event's description.
pub const EVENT_DESCRIPTION: usize = 1_000;
/// Scheduled events of a guild that are planned or running.
pub const EVENTS: usize = 100;
/// Pinned messages of a channel.
pub const PINS: usize = 250;
/// Messages of one page of a channel's history.
pub const PAGE: usize = 100;
/// How long a signed link to an attachment works, in milliseconds of the given clock.
pub const LINK_LIFE_MS: i64 = 24 * 60 * 60 * 1_000;
