//! Messages being written, changed and removed, whoever does it, by whichever route.
//!
//! Permission is the caller's business; what a message may hold was checked in [`crate::validate`].

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::error::{ApiError, Complaints};
use crate::limits;
use crate::model::{ChannelKind, FileRecord, Mentions, MessageRecord, World};
use crate::validate::id;
use crate::validate::message::{MessageInput, Upload};
use crate::wire::{EPHEMERAL, LOADING};

/// The flags that a client may set: suppress embeds, suppress notifications.
const SETTABLE: u64 = (1 << 2) | (1 << 12);

/// Where a new message goes and whose it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Post {
    pub channel: u64,
    pub author: u64,
    pub app: Option<u64>,
    pub interaction: Option<u64>,
    pub ephemeral_for: Option<u64>,
    /// An answer that is to be filled in later.
    pub loading: bool,
}

impl World {
    /// Writes a message. A nonce seen before gives back the first message.
    pub(crate) fn post(
        &mut self,
        post: Post,
        input: MessageInput,
        uploads: Vec<Upload>,
    ) -> Result<u64, ApiError> {
        if let Some(before) = self.same_nonce(post.author, &input) {
            return Ok(before);
        }
        check_sizes(&uploads, self.file_limit(post.channel))?;
        if let Some(reply) = input.reply_to {
            let known = self.messages.get(&reply).is_some_and(|m| m.channel == post.channel);
            if !known && input.must_reply {
                return Err(Complaints::one(
                    "message_reference",
                    "REPLIES_UNKNOWN_MESSAGE",
                    "Unknown message",
                ));
            }
        }
        let id = self.snowflake();
        let files = self.store_files(post, &input, uploads);
        let mut record = MessageRecord {
            id,
            channel: post.channel,
            author: post.author,
            kind: kind(&input, post),
            content: input.content.unwrap_or_default(),
            embeds: input.embeds.unwrap_or_default(),
            components: input.components.unwrap_or_default(),
            files,
            flags: input.flags.unwrap_or(0) & SETTABLE,
            ephemeral_for: post.ephemeral_for,
            nonce: input.nonce,
            created_ms: self.now(),
            edited_ms: None,
            pinned_ms: None,
            reply_to: input.reply_to.filter(|reply| self.messages.contains_key(reply)),
            thread: None,
            app: post.app,
            interaction: post.interaction,
            mentions: Mentions::default(),
        };
        if post.ephemeral_for.is_some() {
            record.flags |= EPHEMERAL;
        }
        if post.loading {
            record.flags |= LOADING;
        } else if is_empty(&record) {
            return Err(ApiError::empty_message());
        }
        record.mentions = self.mentions(
            post.channel,
            post.author,
            &record.content,
            input.allowed.as_ref(),
            record.reply_to,
        );
        if post.ephemeral_for.is_some() || post.loading {
            record.mentions.pinged.clear();
        }
        self.insert(record);
        Ok(id)
    }

    fn insert(&mut self, record: MessageRecord) {
        let (id, channel, author) = (record.id, record.channel, record.author);
        if let Some(Value::String(nonce)) = &record.nonce {
            self.nonces.insert((author, nonce.clone()), (Instant::now(), id));
        } else if let Some(nonce) = &record.nonce {
            self.nonces.insert((author, nonce.to_string()), (Instant::now(), id));
        }
        let ephemeral = record.ephemeral_for.is_some();
        self.messages.insert(id, record);
        self.ping(id);
        if let Some(channel) = self.channels.get_mut(&channel)
            && !ephemeral
        {
            channel.last_message = Some(id);
            // Writing wakes a sleeping thread, and makes its author one of its people.
            if let ChannelKind::Thread { archived, people, .. } = &mut channel.kind {
                *archived = false;
                people.insert(author);
            }
        }
        self.dispatch_message("MESSAGE_CREATE", id);
        self.touch();
    }

    fn same_nonce(&self, author: u64, input: &MessageInput) -> Option<u64> {
        let nonce = match input.nonce.as_ref().filter(|_| input.enforce_nonce)? {
            Value::String(nonce) => nonce.clone(),
            other => other.to_string(),
        };
        let (at, message) = self.nonces.get(&(author, nonce))?;
        (at.elapsed() < self.options.nonce_window && self.messages.contains_key(message)).then_some(*message)
    }

    /// Keeps the uploads as files of this message, named and described as `attachments` says.
    fn store_files(&mut self, post: Post, input: &MessageInput, uploads: Vec<Upload>) -> Vec<u64> {
        let described: &[Value] = input.attachments.as_deref().unwrap_or_default();
        let mut ids = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let about =
                described.iter().find(|a| id(&a["id"]) == Some(upload.index)).cloned().unwrap_or_default();
            let file = FileRecord {
                filename: clean_name(about["filename"].as_str().unwrap_or(&upload.filename)),
                content_type: upload.content_type,
                description: about["description"].as_str().map(str::to_owned),
                bytes: Arc::from(upload.bytes),
                channel: post.channel,
                ephemeral: post.ephemeral_for.is_some(),
            };
            let id = self.snowflake();
            self.files.insert(id, file);
            ids.push(id);
        }
        ids
    }

    /// Changes a message. What `input` doesn't say stays; `attachments` lists the files that stay.
    pub(crate) fn edit(
        &mut self,
        id_of: u64,
        input: MessageInput,
        uploads: Vec<Upload>,
    ) -> Result<(), ApiError> {
        let before = self.messages.get(&id_of).cloned().ok_or_else(ApiError::unknown_message)?;
        check_sizes(&uploads, self.file_limit(before.channel))?;
        let post = Post {
            channel: before.channel,
            author: before.author,
            ephemeral_for: before.ephemeral_for,
            ..Post::default()
        };
        let mut after = before.clone();
        if let Some(listed) = &input.attachments {
            after.files.retain(|file| listed.iter().any(|a| id(&a["id"]) == Some(*file)));
        }
        if after.files.len() + uploads.len() > limits::FILES {
            let message = format!("Must be {} or fewer in length.", limits::FILES);
            return Err(Complaints::one("attachments", "BASE_TYPE_MAX_LENGTH", &message));
        }
        after.files.extend(self.store_files(post, &input, uploads));
        if let Some(content) = input.content {
            after.content = content;
            after.mentions = self.mentions(
                before.channel,
                before.author,
                &after.content,
                input.allowed.as_ref(),
                before.reply_to,
            );
            after.mentions.pinged = before.mentions.pinged;
        }
        if let Some(embeds) = input.embeds {
            after.embeds = embeds;
        }
        if let Some(components) = input.components {
            after.components = components;
        }
        if let Some(flags) = input.flags {
            after.flags = (after.flags & !SETTABLE) | (flags & SETTABLE);
        }
        let filled = after.flags & LOADING != 0;
        after.flags &= !LOADING;
        if is_empty(&after) {
            return Err(ApiError::empty_message());
        }
        if filled {
            // What was announced is only now written: it pings as a new message does.
            let allowed = input.allowed.as_ref();
            after.mentions =
                self.mentions(after.channel, after.author, &after.content, allowed, after.reply_to);
            if after.ephemeral_for.is_some() {
                after.mentions.pinged.clear();
            }
        } else {
            after.edited_ms = Some(self.now());
        }
        self.messages.insert(id_of, after);
        if filled {
            self.ping(id_of);
        }
        self.dispatch_message("MESSAGE_UPDATE", id_of);
        self.touch();
        Ok(())
    }

    /// Removes a message with its files.
    pub(crate) fn remove(&mut self, id_of: u64) {
        let Some(record) = self.messages.remove(&id_of) else { return };
        for file in &record.files {
            self.files.remove(file);
        }
        let guild = self.guild_of(record.channel);
        let mut data = json!({ "id": id_of.to_string(), "channel_id": record.channel.to_string() });
        if guild != 0 {
            data["guild_id"] = json!(guild.to_string());
        }
        if record.ephemeral_for.is_none() {
            self.dispatch_in(record.channel, "MESSAGE_DELETE", &data);
        }
        self.touch();
    }
}

/// The message type: 0 ordinary, 19 reply, 20 answer to a slash command.
fn kind(input: &MessageInput, post: Post) -> u64 {
    match (post.interaction, input.reply_to) {
        (Some(_), None) => 20,
        (_, Some(_)) => 19,
        _ => 0,
    }
}

fn is_empty(message: &MessageRecord) -> bool {
    message.content.is_empty()
        && message.embeds.is_empty()
        && message.files.is_empty()
        && message.components.is_empty()
}

fn check_sizes(uploads: &[Upload], most: usize) -> Result<(), ApiError> {
    if uploads.iter().any(|upload| upload.bytes.len() > most) {
        return Err(ApiError::too_large());
    }
    Ok(())
}

/// A file's name with what Discord doesn't keep replaced by `_`.
pub(crate) fn clean_name(name: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let clean: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    if clean.is_empty() { "file".to_owned() } else { clean }
}
