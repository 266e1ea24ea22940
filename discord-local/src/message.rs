//! A message as a person reads it.

use std::ops::Bound;

use serde_json::Value;

use crate::DiscordLocal;
use crate::model::{MessageRecord, World};
use crate::wire::LOADING;

/// A message, as it stood when it was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: u64,
    /// Where it is.
    pub channel_id: u64,
    /// Who wrote it.
    pub author_id: u64,
    /// Their name.
    pub author: String,
    /// The text.
    pub content: String,
    /// Embeds as the API shows them.
    pub embeds: Vec<Value>,
    /// Rows of components as the API shows them.
    pub components: Vec<Value>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Message flags.
    pub flags: u64,
    /// The only person who sees it, if it is ephemeral.
    pub ephemeral_for: Option<u64>,
    /// The nonce it was sent with.
    pub nonce: Option<String>,
    /// When it was written, Unix milliseconds of the server's clock.
    pub timestamp: i64,
    /// When it was last changed.
    pub edited_timestamp: Option<i64>,
    /// The message it answers.
    pub reference: Option<u64>,
    /// The thread that was started from it.
    pub thread_id: Option<u64>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Who was really pinged, given `allowed_mentions` and permissions.
    pub pings: Vec<u64>,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub filename: String,
    /// Bytes.
    pub size: usize,
    /// Its media type.
    pub content_type: String,
    /// The description given with it.
    pub description: Option<String>,
    /// What is in it.
    pub bytes: std::sync::Arc<[u8]>,
    /// A signed link to it, that works for a day of the server's clock.
    pub url: String,
}

/// A button of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What the bot gets; `None` for a link.
    pub custom_id: Option<String>,
    /// 1 blurple, 2 grey, 3 green, 4 red, 5 link.
    pub style: u64,
    /// Whether it can't be pressed.
    pub disabled: bool,
    /// Where a link leads.
    pub url: Option<String>,
}

/// A select menu of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// What the bot gets.
    pub custom_id: String,
    /// The component type: 3 texts, 5 users, 6 roles, 7 both, 8 channels.
    pub kind: u64,
    /// What stands in it while nothing is chosen.
    pub placeholder: String,
    /// Labels and values to choose from (texts only).
    pub options: Vec<(String, String)>,
    /// How few may be chosen.
    pub min: u64,
    /// How many may be chosen.
    pub max: u64,
    /// Whether it can't be used.
    pub disabled: bool,
}

impl Message {
    /// Whether only one person sees it.
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral_for.is_some()
    }

    /// Whether it is an answer that still loads.
    pub fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Everything a person reads, top to bottom: text, embeds, files, buttons as `[Label]`, menus as `[Placeholder v]`.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        if self.is_loading() {
            lines.push(format!("{} is thinking…", self.author));
        }
        if !self.content.is_empty() {
            lines.push(self.content.clone());
        }
        self.embeds.iter().for_each(|embed| embed_text(embed, &mut lines));
        lines.extend(self.attachments.iter().map(|file| format!("<{}>", file.filename)));
        for row in &self.components {
            let parts = row["components"].as_array().into_iter().flatten();
            let shown: Vec<String> = parts.map(component_text).collect();
            lines.push(shown.join(" "));
        }
        lines.join("\n")
    }

    /// Its buttons, links included.
    pub fn buttons(&self) -> Vec<Button> {
        let text = |part: &Value, field: &str| part[field].as_str().map(str::to_owned);
        let parts = self.parts().filter(|part| part["type"].as_u64() == Some(2));
        parts
            .map(|part| Button {
                label: text(part, "label")
                    .or_else(|| part["emoji"]["name"].as_str().map(str::to_owned))
                    .unwrap_or_default(),
                custom_id: text(part, "custom_id"),
                style: part["style"].as_u64().unwrap_or(0),
                disabled: part["disabled"].as_bool().unwrap_or(false),
                url: text(part, "url"),
            })
            .collect()
    }

    /// The first button with this label.
    pub fn button(&self, label: &str) -> Option<Button> {
        self.buttons().into_iter().find(|button| button.label == label)
    }

    /// Its select menus.
    pub fn selects(&self) -> Vec<Select> {
        let parts = self.parts().filter(|part| matches!(part["type"].as_u64(), Some(3 | 5..=8)));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        parts
            .map(|part| Select {
                custom_id: text(&part["custom_id"]),
                kind: part["type"].as_u64().unwrap_or(3),
                placeholder: text(&part["placeholder"]),
                options: part["options"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|option| (text(&option["label"]), text(&option["value"])))
                    .collect(),
                min: part["min_values"].as_u64().unwrap_or(1),
                max: part["max_values"].as_u64().unwrap_or(1),
                disabled: part["disabled"].as_bool().unwrap_or(false),
            })
            .collect()
    }

    fn parts(&self) -> impl Iterator<Item = &Value> {
        self.components.iter().flat_map(|row| row["components"].as_array().into_iter().flatten())
    }
}

fn embed_text(embed: &Value, lines: &mut Vec<String>) {
    let mut say = |value: &Value| {
        if let Some(text) = value.as_str() {
            lines.push(text.to_owned());
        }
    };
    say(&embed["author"]["name"]);
    say(&embed["title"]);
    say(&embed["description"]);
    for field in embed["fields"].as_array().into_iter().flatten() {
        let (name, value) =
            (field["name"].as_str().unwrap_or_default(), field["value"].as_str().unwrap_or_default());
        lines.push(format!("{name}: {value}"));
    }
    if let Some(footer) = embed["footer"]["text"].as_str() {
        lines.push(footer.to_owned());
    }
}

fn component_text(part: &Value) -> String {
    let label = part["label"].as_str().or_else(|| part["emoji"]["name"].as_str()).unwrap_or_default();
    match part["type"].as_u64() {
        Some(2) if part["disabled"].as_bool() == Some(true) => format!("[{label} (disabled)]"),
        Some(2) => match part["url"].as_str() {
            Some(url) => format!("[{label}]({url})"),
            None => format!("[{label}]"),
        },
        _ => format!("[{} ▾]", part["placeholder"].as_str().unwrap_or("Make a selection")),
    }
}

impl DiscordLocal {
    /// The messages that came after this one, in all channels, oldest first; all of them after 0.
    pub fn messages_after(&self, id: u64) -> Vec<Message> {
        let world = self.world();
        let newer = world.messages.range((Bound::Excluded(id), Bound::Unbounded));
        newer.map(|(_, record)| world.view(record)).collect()
    }
}

impl World {
    /// The message as a value that outlives the lock.
    pub(crate) fn view(&self, record: &MessageRecord) -> Message {
        let json = self.message_json(record);
        let files = record.files.iter().filter_map(|id| self.files.get(id).map(|file| (*id, file)));
        Message {
            id: record.id,
            channel_id: record.channel,
            author_id: record.author,
            author: self.user_name(record.author),
            content: record.content.clone(),
            embeds: json["embeds"].as_array().cloned().unwrap_or_default(),
            components: record.components.clone(),
            attachments: files
                .map(|(id, file)| Attachment {
                    id,
                    filename: file.filename.clone(),
                    size: file.bytes.len(),
                    content_type: file.content_type.clone(),
                    description: file.description.clone(),
                    bytes: std::sync::Arc::clone(&file.bytes),
                    url: self.file_url(id, file),
                })
                .collect(),
            flags: record.flags,
            ephemeral_for: record.ephemeral_for,
            nonce: record
                .nonce
                .as_ref()
                .map(|nonce| nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned)),
            timestamp: record.created_ms,
            edited_timestamp: record.edited_ms,
            reference: record.reply_to,
            thread_id: record.thread,
            pinned: record.pinned_ms.is_some(),
            pings: record.mentions.pinged.iter().copied().collect(),
        }
    }
}
