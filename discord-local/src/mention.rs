//! Who a text mentions, and who it really pings: the text, `allowed_mentions`, and the author's permissions together.
//!
//! Nobody is pinged who can't see the channel, by an edit, or by an ephemeral message.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Mentions, Ping, World};
use crate::permissions::MENTION_EVERYONE;
use crate::validate::id;

/// What a text names, before anything is allowed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    users: Vec<u64>,
    roles: Vec<u64>,
    everyone: bool,
}

/// Reads `<@1>`, `<@!1>`, `<@&1>`, `@everyone` and `@here` outside code.
fn named(text: &str) -> Named {
    let mut out = Named::default();
    let text = without_code(text);
    out.everyone = text.contains("@everyone") || text.contains("@here");
    let mut rest = text.as_str();
    while let Some(at) = rest.find("<@") {
        rest = &rest[at + 2..];
        let Some(end) = rest.find('>') else { break };
        let inner = &rest[..end];
        let (list, digits) = match inner.strip_prefix('&') {
            Some(digits) => (&mut out.roles, digits),
            None => (&mut out.users, inner.strip_prefix('!').unwrap_or(inner)),
        };
        if let Ok(id) = digits.parse()
            && !list.contains(&id)
        {
            list.push(id);
        }
    }
    out
}

/// The text without its code spans and blocks, in which nothing is a mention.
fn without_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let fence = if rest[start..].starts_with("```") { "```" } else { "`" };
        let body = start + fence.len();
        let Some(end) = rest[body..].find(fence) else { break };
        out.push_str(&rest[..start]);
        rest = &rest[body + end + fence.len()..];
    }
    out.push_str(rest);
    out
}

impl World {
    /// The mentions of a text written by `author` in `channel`.
    pub(crate) fn mentions(
        &self,
        channel: u64,
        author: u64,
        content: &str,
        allowed: Option<&Value>,
        reply_to: Option<u64>,
    ) -> Mentions {
        let named = named(content);
        let may = |kind: &str, id_of: Option<u64>| -> bool {
            let Some(allowed) = allowed else { return true };
            let parsed = allowed["parse"].as_array().into_iter().flatten().any(|p| p.as_str() == Some(kind));
            let listed = allowed[kind]
                .as_array()
                .into_iter()
                .flatten()
                .any(|value| id_of.is_some() && id(value) == id_of);
            parsed || listed
        };
        let guild = self.guild_of(channel);
        let anyone = self.permissions(channel, author) & MENTION_EVERYONE != 0;
        let mut users: Vec<u64> = named
            .users
            .into_iter()
            .filter(|user| self.users.contains_key(user) && may("users", Some(*user)))
            .collect();
        let roles: Vec<u64> = named
            .roles
            .into_iter()
            .filter(|role| {
                let known = self.guilds.get(&guild).and_then(|guild| guild.roles.get(role));
                known.is_some_and(|known| (known.mentionable || anyone) && may("roles", Some(*role)))
            })
            .collect();
        let everyone = named.everyone && anyone && may("everyone", None);
        let replied = reply_to.and_then(|id| self.messages.get(&id)).map(|message| message.author);
        let ping_replied = allowed.is_none_or(|allowed| allowed["replied_user"].as_bool().unwrap_or(false));
        if let Some(replied) = replied.filter(|user| ping_replied && !users.contains(user)) {
            users.push(replied);
        }
        let pinged = self.pinged(channel, author, &users, &roles, everyone);
        Mentions { users, roles, everyone, pinged }
    }

    fn pinged(
        &self,
        channel: u64,
        author: u64,
        users: &[u64],
        roles: &[u64],
        everyone: bool,
    ) -> BTreeSet<u64> {
        let members = self.guilds.get(&self.guild_of(channel)).map(|guild| &guild.members);
        let by_role = members
            .into_iter()
            .flatten()
            .filter(|(_, member)| everyone || member.roles.iter().any(|role| roles.contains(role)));
        let all = users.iter().copied().chain(by_role.map(|(id, _)| *id));
        all.filter(|user| *user != author && self.sees(channel, *user)).collect()
    }

    /// Notes the pings of a message that was just written.
    pub(crate) fn ping(&mut self, message: u64) {
        let Some(record) = self.messages.get(&message) else { return };
        let channel = record.channel;
        let pings = record.mentions.pinged.iter().map(|user| Ping { user: *user, channel, message });
        self.pings.extend(pings.collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_read_outside_code() {
        let found = named("<@1> and <@!2>, <@&3>; `<@4>` ```\n@everyone <@5>``` <@1>");
        assert_eq!(found, Named { users: vec![1, 2], roles: vec![3], everyone: false });
        assert!(named("hello @here").everyone);
        assert_eq!(named("<@nobody> <@"), Named::default());
    }
}
