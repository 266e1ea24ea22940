//! The world: applications, guilds, people, channels, messages, interactions, sessions, behind one lock.
//!
//! Everything that happens is a short synchronous change of [`World`]; nothing here waits, and nothing here knows HTTP.
//! Every change ends in [`World::touch`], so that whoever waits looks again.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::control::ControlRecord;
use crate::fault::{Fault, InteractionLine, RequestLine};
use crate::limits;
use crate::options::Options;
use crate::rate::Limiter;
use crate::time::DISCORD_EPOCH_MS;

/// An application with its bot.
pub(crate) struct App {
    pub name: String,
    pub token: String,
    pub public_key: String,
    pub keys: rcgen::KeyPair,
    pub commands: Vec<Command>,
    /// The privileged intents its owner has switched on.
    pub privileged_intents: u64,
    /// Where interactions are posted instead of going through the gateway.
    pub endpoint: Option<String>,
}

/// A registered command, with its definition as Discord gives it back.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub id: u64,
    pub guild: Option<u64>,
    pub version: u64,
    pub body: Value,
}

impl Command {
    pub fn name(&self) -> &str {
        self.body["name"].as_str().unwrap_or_default()
    }
    pub fn kind(&self) -> u64 {
        self.body["type"].as_u64().unwrap_or(1)
    }
}

pub(crate) struct Guild {
    pub name: String,
    pub owner: u64,
    pub roles: BTreeMap<u64, Role>,
    pub members: BTreeMap<u64, Member>,
    /// Installed applications, with their managed role.
    pub apps: BTreeMap<u64, u64>,
    pub events: BTreeMap<u64, Value>,
    /// Bytes that one file may have here.
    pub file_bytes: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub name: String,
    pub permissions: u64,
    pub mentionable: bool,
    /// The application it was made for.
    pub managed_by: Option<u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub roles: Vec<u64>,
    pub joined_ms: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub name: String,
    pub bot: bool,
    pub locale: String,
    /// Whether others may write to them directly.
    pub open_to_dms: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Overwrite {
    pub id: u64,
    pub is_role: bool,
    pub allow: u64,
    pub deny: u64,
}

#[derive(Debug, Clone)]
pub(crate) enum ChannelKind {
    Text,
    Direct {
        people: [u64; 2],
    },
    Thread {
        parent: u64,
        starter: u64,
        private: bool,
        archived: bool,
        locked: bool,
        archive_min: u64,
        people: BTreeSet<u64>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub guild: u64,
    pub name: String,
    pub topic: Option<String>,
    pub kind: ChannelKind,
    pub overwrites: Vec<Overwrite>,
    pub created_ms: i64,
    pub last_message: Option<u64>,
}

/// A message as stored. `embeds` and `components` are as Discord gives them back.
#[derive(Debug, Clone)]
pub(crate) struct MessageRecord {
    pub id: u64,
    pub channel: u64,
    pub author: u64,
    pub kind: u64,
    pub content: String,
    pub embeds: Vec<Value>,
    pub components: Vec<Value>,
    pub files: Vec<u64>,
    pub flags: u64,
    pub ephemeral_for: Option<u64>,
    pub nonce: Option<Value>,
    pub created_ms: i64,
    pub edited_ms: Option<i64>,
    pub pinned_ms: Option<i64>,
    pub reply_to: Option<u64>,
    pub thread: Option<u64>,
    pub app: Option<u64>,
    pub interaction: Option<u64>,
    pub mentions: Mentions,
}

/// Who a message mentions, after `allowed_mentions`, and who it really pinged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mentions {
    pub users: Vec<u64>,
    pub roles: Vec<u64>,
    pub everyone: bool,
    pub pinged: BTreeSet<u64>,
}

/// A file, attached or offered.
#[derive(Debug, Clone)]
pub(crate) struct FileRecord {
    pub filename: String,
    pub content_type: String,
    pub description: Option<String>,
    pub bytes: Arc<[u8]>,
    pub channel: u64,
    pub ephemeral: bool,
}

/// How far the bot has got with an interaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// Nothing yet.
    Waiting,
    /// Answered with this callback type; for choices and modals with their data.
    Answered { kind: u64, data: Value },
    /// The deadline passed.
    Dead,
}

pub(crate) struct Interaction {
    pub id: u64,
    pub app: u64,
    pub token: String,
    /// 2 command, 3 component, 4 autocomplete, 5 modal submit.
    pub kind: u64,
    pub user: u64,
    pub channel: u64,
    /// The message whose component was used, also behind a modal's submission.
    pub source: Option<u64>,
    pub created: Instant,
    pub stage: Stage,
    /// What `@original` stands for.
    pub original: Option<u64>,
    /// The newest follow-up, and whether the answer was edited after a deferral.
    pub follow_up: Option<u64>,
    pub edited: bool,
    pub command_name: String,
}

/// What a gateway connection's task is told to do.
pub(crate) enum Order {
    Send(String),
    /// Cut the connection without a word.
    Cut,
}

/// A gateway session. It outlives its connection, so that it may be resumed.
pub(crate) struct Session {
    pub app: u64,
    pub intents: u64,
    pub shard: [u64; 2],
    pub sequence: u64,
    pub events: VecDeque<(u64, String)>,
    pub connection: Option<(u64, mpsc::UnboundedSender<Order>)>,
    pub dropped: Option<Instant>,
}

/// A ping that somebody got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Who was pinged.
    pub user: u64,
    /// Where.
    pub channel: u64,
    /// By which message.
    pub message: u64,
}

pub(crate) struct World {
    pub options: Options,
    /// `http://ADDRESS`, to which paths are appended.
    pub base: String,
    pub counters: BTreeMap<Kind, u64>,
    pub last_snowflake: u64,
    pub apps: BTreeMap<u64, App>,
    pub guilds: BTreeMap<u64, Guild>,
    pub users: BTreeMap<u64, User>,
    pub channels: BTreeMap<u64, Channel>,
    pub messages: BTreeMap<u64, MessageRecord>,
    pub files: BTreeMap<u64, FileRecord>,
    pub interactions: BTreeMap<u64, Interaction>,
    pub sessions: BTreeMap<String, Session>,
    pub nonces: HashMap<(u64, String), (Instant, u64)>,
    pub pings: Vec<Ping>,
    pub limiter: Limiter,
    pub faults: Vec<Fault>,
    pub requests: Vec<RequestLine>,
    pub interaction_lines: Vec<InteractionLine>,
    pub controls: Vec<ControlRecord>,
    pub notice: String,
    pub heartbeats_muted: bool,
    pub link_key: RandomState,
    pub changed: watch::Sender<u64>,
}

/// What has ids of its own counter, so that a world built twice in the same order has the same ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Application = 1,
    Guild = 2,
    Role = 3,
    User = 4,
    Channel = 5,
}

impl World {
    pub fn new(options: Options, base: String) -> Self {
        Self {
            options,
            base,
            counters: BTreeMap::new(),
            last_snowflake: 0,
            apps: BTreeMap::new(),
            guilds: BTreeMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            interactions: BTreeMap::new(),
            sessions: BTreeMap::new(),
            nonces: HashMap::new(),
            pings: Vec::new(),
            limiter: Limiter::default(),
            faults: Vec::new(),
            requests: Vec::new(),
            interaction_lines: Vec::new(),
            controls: Vec::new(),
            notice: String::new(),
            heartbeats_muted: false,
            link_key: RandomState::new(),
            changed: watch::Sender::new(0),
        }
    }

    /// The clock's Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.options.clock)()
    }

    /// Tells everybody who waits that something changed.
    pub fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// The next id of its kind: `1 100 000 0KK 000 000 00N`, the same in every run.
    pub fn next_id(&mut self, kind: Kind) -> u64 {
        let number = self.counters.entry(kind).or_insert(0);
        *number += 1;
        1_100_000_000_000_000_000 + kind as u64 * 1_000_000_000 + *number
    }

    /// A new snowflake of the clock's instant, greater than every one before it.
    pub fn snowflake(&mut self) -> u64 {
        let since = u64::try_from(self.now() - DISCORD_EPOCH_MS).unwrap_or(0);
        self.last_snowflake = (since << 22).max(self.last_snowflake + 1);
        self.last_snowflake
    }

    /// The application whose token this is.
    pub fn app_by_token(&self, token: &str) -> Option<u64> {
        self.apps.iter().find(|(_, app)| app.token == token).map(|(id, _)| *id)
    }

    pub fn user_name(&self, user: u64) -> String {
        self.users.get(&user).map_or_else(|| format!("user {user}"), |user| user.name.clone())
    }

    /// The guild that a channel is in; 0 for a direct-message channel.
    pub fn guild_of(&self, channel: u64) -> u64 {
        self.channels.get(&channel).map_or(0, |channel| channel.guild)
    }

    /// Bytes that one file may have in a channel: its guild's limit, in direct messages the ordinary one.
    pub fn file_limit(&self, channel: u64) -> usize {
        self.guilds.get(&self.guild_of(channel)).map_or(limits::FILE_BYTES, |guild| guild.file_bytes)
    }

    /// Messages of a channel in order, as this user may see them: ephemeral ones only to whom they are for.
    pub fn visible_messages(&self, channel: u64, viewer: u64) -> Vec<&MessageRecord> {
        let of_channel = self.messages.values().filter(|m| m.channel == channel);
        of_channel.filter(|m| m.ephemeral_for.is_none_or(|user| user == viewer)).collect()
    }
}
