//! Channels as Markdown: what people saw, in order.

use std::fmt::Write;

use crate::DiscordLocal;
use crate::model::{MessageRecord, World};
use crate::time::plain;

impl DiscordLocal {
    /// The channels' messages as Markdown: time (UTC), author, the command that it answers, text with embeds, files and
    /// buttons, people and channels by their names; ephemeral answers are marked with the one person who sees them. A
    /// channel without messages is left out.
    pub fn transcript(&self, channels: &[u64]) -> String {
        let world = self.world();
        let mut out = String::new();
        for channel in channels {
            let mut messages =
                world.messages.values().filter(|message| message.channel == *channel).peekable();
            if messages.peek().is_none() {
                continue;
            }
            let name = world.channels.get(channel).map_or("unknown", |channel| channel.name.as_str());
            let _ = writeln!(out, "## #{name}\n");
            for record in messages {
                entry(&mut out, &world, record);
            }
        }
        out
    }
}

fn entry(out: &mut String, world: &World, record: &MessageRecord) {
    let message = world.view(record);
    let _ = write!(out, "**{}** · {}", message.author, plain(message.timestamp));
    if message.edited_timestamp.is_some() {
        out.push_str(" (edited)");
    }
    let answered = record.interaction.and_then(|id| world.interactions.get(&id));
    if let Some(command) = answered.filter(|interaction| interaction.kind == 2) {
        let _ = write!(out, " · {} used `/{}`", world.user_name(command.user), command.command_name);
    }
    if let Some(only) = message.ephemeral_for {
        let _ = write!(out, " · *only {} sees this*", world.user_name(only));
    }
    out.push_str("\n\n");
    for line in world.by_name(&message.text()).lines() {
        let _ = writeln!(out, "> {line}");
    }
    out.push('\n');
}

impl World {
    /// A text with `<@1>`, `<@&1>` and `<#1>` as a client shows them: by name.
    fn by_name(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            out.push_str(&rest[..at]);
            let shown =
                rest[at..].find('>').and_then(|end| Some((end, self.mentioned(&rest[at + 1..at + end])?)));
            match shown {
                Some((end, name)) => {
                    out.push_str(&name);
                    rest = &rest[at + end + 1..];
                }
                None => {
                    out.push('<');
                    rest = &rest[at + 1..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// What `@1`, `@!1`, `@&1` or `#1` stands for; `None` if that is nothing here.
    fn mentioned(&self, inner: &str) -> Option<String> {
        if let Some(role) = inner.strip_prefix("@&") {
            let role: u64 = role.parse().ok()?;
            let name = self.guilds.values().find_map(|guild| guild.roles.get(&role))?;
            return Some(format!("@{}", name.name));
        }
        if let Some(channel) = inner.strip_prefix('#') {
            return Some(format!("#{}", self.channels.get(&channel.parse().ok()?)?.name));
        }
        let user = inner.strip_prefix("@!").or_else(|| inner.strip_prefix('@'))?.parse().ok()?;
        Some(format!("@{}", self.users.get(&user)?.name))
    }
}
