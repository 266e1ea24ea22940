//! Permission bits, and what a member may do where.
//!
//! The computation is Discord's: the owner and administrators may everything; otherwise @everyone and the member's
//! roles are joined, then a channel's overwrites apply: @everyone, roles (denials first), the member.
//! Source: <https://discord.com/developers/docs/topics/permissions#permission-overwrites>.

use crate::model::{Channel, ChannelKind, World};

/// All permissions, ownership's share.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// Change the guild; what "Manage Server" grants.
pub const MANAGE_GUILD: u64 = 1 << 5;
/// Change channels.
pub const MANAGE_CHANNELS: u64 = 1 << 4;
/// See a channel.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// Write in a channel.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// Delete others' messages.
pub const MANAGE_MESSAGES: u64 = 1 << 13;
/// Send embeds.
pub const EMBED_LINKS: u64 = 1 << 14;
/// Send files.
pub const ATTACH_FILES: u64 = 1 << 15;
/// Read what was written before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// Ping @everyone, @here and any role.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// Use applications' commands.
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
/// Change anybody's scheduled events.
pub const MANAGE_EVENTS: u64 = 1 << 33;
/// Close, rename and delete threads.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// Start public threads.
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
/// Start private threads.
pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
/// Write in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
/// Create scheduled events.
pub const CREATE_EVENTS: u64 = 1 << 44;
/// Pin messages.
pub const PIN_MESSAGES: u64 = 1 << 51;

/// What @everyone may in a new guild.
pub const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// What a bot is installed with unless said otherwise. It doesn't hold [`MENTION_EVERYONE`].
pub const BOT: u64 =
    EVERYONE | MANAGE_MESSAGES | MANAGE_THREADS | MANAGE_EVENTS | CREATE_EVENTS | PIN_MESSAGES;

/// Every permission there is (v10: bits 0 to 52).
pub const ALL: u64 = (1 << 53) - 1;

impl World {
    /// What the user may in the guild at large. 0 if not a member.
    pub(crate) fn guild_permissions(&self, guild: u64, user: u64) -> u64 {
        let Some(record) = self.guilds.get(&guild) else { return 0 };
        let Some(member) = record.members.get(&user) else { return 0 };
        if record.owner == user {
            return ALL;
        }
        let roles = std::iter::once(&guild).chain(&member.roles);
        let joined = roles.filter_map(|id| record.roles.get(id)).fold(0, |all, role| all | role.permissions);
        if joined & ADMINISTRATOR != 0 { ALL } else { joined }
    }

    /// What the user may in the channel. In a direct-message channel its two people may read and write.
    pub(crate) fn permissions(&self, channel: u64, user: u64) -> u64 {
        let Some(record) = self.channels.get(&channel) else { return 0 };
        match &record.kind {
            ChannelKind::Direct { people } if people.contains(&user) => EVERYONE,
            ChannelKind::Direct { .. } => 0,
            ChannelKind::Thread { parent, private, people, .. } => {
                let above = self.permissions(*parent, user);
                let hidden = *private && !people.contains(&user) && above & MANAGE_THREADS == 0;
                if hidden { 0 } else { above }
            }
            ChannelKind::Text => self.text_permissions(record, user),
        }
    }

    fn text_permissions(&self, channel: &Channel, user: u64) -> u64 {
        let mut all = self.guild_permissions(channel.guild, user);
        if all & ADMINISTRATOR != 0 || all == 0 {
            return all;
        }
        let Some(member) = self.guilds.get(&channel.guild).and_then(|guild| guild.members.get(&user)) else {
            return 0;
        };
        let mut apply = |wanted: &dyn Fn(u64, bool) -> bool| {
            let (mut allow, mut deny) = (0, 0);
            for overwrite in channel.overwrites.iter().filter(|o| wanted(o.id, o.is_role)) {
                allow |= overwrite.allow;
                deny |= overwrite.deny;
            }
            all = (all & !deny) | allow;
        };
        apply(&|id, is_role| is_role && id == channel.guild);
        apply(&|id, is_role| is_role && member.roles.contains(&id));
        apply(&|id, is_role| !is_role && id == user);
        // Without sight of the channel nothing else counts there.
        if all & VIEW_CHANNEL == 0 { 0 } else { all }
    }

    /// Whether the user sees the channel.
    pub(crate) fn sees(&self, channel: u64, user: u64) -> bool {
        self.permissions(channel, user) & VIEW_CHANNEL != 0
    }

    /// The permission that writing in this channel takes.
    pub(crate) fn send_permission(&self, channel: u64) -> u64 {
        match self.channels.get(&channel).map(|channel| &channel.kind) {
            Some(ChannelKind::Thread { .. }) => SEND_MESSAGES_IN_THREADS,
            _ => SEND_MESSAGES,
        }
    }
}
