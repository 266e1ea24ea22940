//! Building the world: applications, guilds, roles, people, channels.
//!
//! Ids come from counters, one per kind, so that a world built in the same order has the same ids in every run; each
//! `create_` also has a `_with_id` form. Names that repeat are allowed, ids that repeat replace what they named.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::DiscordLocal;
use crate::dispatch::intents;
use crate::limits;
use crate::model::{App, Channel, ChannelKind, Guild, Kind, Member, Overwrite, Role, User, World};
use crate::permissions::{self, VIEW_CHANNEL};
use crate::wire::merge;

/// A registered application and what its owner copies into a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The application's id.
    pub id: u64,
    /// The bot's token, without `Bot `. The same in every run for the same id.
    pub token: String,
    /// The bot's user, whose id is the application's.
    pub bot_user: u64,
    /// The key with which signed HTTP interactions are checked, in hexadecimal. Another one in every run.
    pub public_key: String,
}

/// Who sees a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every member.
    Everyone,
    /// Members with one of these roles, and installed bots.
    Roles(Vec<u64>),
}

impl DiscordLocal {
    /// Registers an application with its bot.
    pub fn create_application(&self, name: &str) -> Application {
        let id = self.world().next_id(Kind::Application);
        self.create_application_with_id(id, name)
    }

    /// Registers an application under this id.
    ///
    /// # Panics
    /// If the machine can't make a key pair.
    pub fn create_application_with_id(&self, id: u64, name: &str) -> Application {
        let keys =
            rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("Ed25519 is always there in ring");
        let public_key: String = keys.public_key_raw().iter().map(|byte| format!("{byte:02x}")).collect();
        let token = token(id);
        let app = App {
            name: name.to_owned(),
            token: token.clone(),
            public_key: public_key.clone(),
            keys,
            commands: Vec::new(),
            privileged_intents: 0,
            endpoint: None,
        };
        let mut world = self.world();
        world.apps.insert(id, app);
        let user = User { name: name.to_owned(), bot: true, locale: "en-US".to_owned(), open_to_dms: true };
        world.users.insert(id, user);
        world.touch();
        Application { id, token, bot_user: id, public_key }
    }

    /// Switches privileged intents on for an application (bits), as its owner does on Discord's site.
    pub fn allow_privileged_intents(&self, application: u64, bits: u64) {
        if let Some(app) = self.world().apps.get_mut(&application) {
            app.privileged_intents = bits & intents::PRIVILEGED;
        }
    }

    /// Makes a guild. Until [`DiscordLocal::set_owner`] its owner is nobody who is there.
    pub fn create_guild(&self, name: &str) -> u64 {
        let id = self.world().next_id(Kind::Guild);
        self.create_guild_with_id(id, name)
    }

    /// Makes a guild under this id.
    pub fn create_guild_with_id(&self, id: u64, name: &str) -> u64 {
        let everyone = Role {
            name: "@everyone".to_owned(),
            permissions: permissions::EVERYONE,
            mentionable: false,
            managed_by: None,
        };
        let guild = Guild {
            name: name.to_owned(),
            owner: 1,
            roles: [(id, everyone)].into(),
            members: Default::default(),
            apps: Default::default(),
            events: Default::default(),
            file_bytes: limits::FILE_BYTES,
        };
        let mut world = self.world();
        world.guilds.insert(id, guild);
        world.touch();
        id
    }

    /// The guilds, with names.
    pub fn guilds(&self) -> Vec<(u64, String)> {
        self.world().guilds.iter().map(|(id, guild)| (*id, guild.name.clone())).collect()
    }

    /// Makes somebody the guild's owner: they may everything.
    pub fn set_owner(&self, guild: u64, user: u64) {
        if let Some(guild) = self.world().guilds.get_mut(&guild) {
            guild.owner = user;
        }
    }

    /// Sets how many bytes one file may have in a guild, as its boosts do. 10 MiB unless this is called; a whole request
    /// stays limited to [`limits::REQUEST_BYTES`].
    pub fn set_file_limit(&self, guild: u64, bytes: usize) {
        let mut world = self.world();
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.file_bytes = bytes;
        }
        world.touch();
    }

    /// Makes a role with these permissions on top of @everyone's. Anybody may mention it.
    pub fn create_role(&self, guild: u64, name: &str, permissions: u64) -> u64 {
        let id = self.world().next_id(Kind::Role);
        self.create_role_with_id(id, guild, name, permissions)
    }

    /// Makes a role under this id.
    pub fn create_role_with_id(&self, id: u64, guild: u64, name: &str, permissions: u64) -> u64 {
        let role = Role { name: name.to_owned(), permissions, mentionable: true, managed_by: None };
        let mut world = self.world();
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.roles.insert(id, role);
        }
        let role = world.roles_json(guild).into_iter().find(|role| role["id"] == json!(id.to_string()));
        let data = json!({ "guild_id": guild.to_string(), "role": role });
        world.dispatch_guild(guild, intents::GUILDS, "GUILD_ROLE_CREATE", &data);
        world.touch();
        id
    }

    /// Sets what a role (or, by the guild's id, @everyone) grants, and whether anybody may mention it.
    pub fn set_role(&self, guild: u64, role: u64, permissions: u64, mentionable: bool) {
        let mut world = self.world();
        if let Some(role) = world.guilds.get_mut(&guild).and_then(|guild| guild.roles.get_mut(&role)) {
            role.permissions = permissions;
            role.mentionable = mentionable;
        }
        world.touch();
    }

    /// Takes a role out of the guild, and from everybody who has it.
    pub fn delete_role(&self, guild: u64, role: u64) {
        let mut world = self.world();
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.roles.remove(&role);
            for member in guild.members.values_mut() {
                member.roles.retain(|held| *held != role);
            }
        }
        let data = json!({ "guild_id": guild.to_string(), "role_id": role.to_string() });
        world.dispatch_guild(guild, intents::GUILDS, "GUILD_ROLE_DELETE", &data);
        world.touch();
    }

    /// Makes a person.
    pub fn create_user(&self, name: &str) -> u64 {
        let id = self.world().next_id(Kind::User);
        self.create_user_with_id(id, name)
    }

    /// Makes a person under this id.
    pub fn create_user_with_id(&self, id: u64, name: &str) -> u64 {
        let user = User { name: name.to_owned(), bot: false, locale: "en-US".to_owned(), open_to_dms: true };
        let mut world = self.world();
        world.users.insert(id, user);
        world.touch();
        id
    }

    /// Sets the language of a person's client (`de`, `en-GB`, …).
    pub fn set_locale(&self, user: u64, locale: &str) {
        if let Some(user) = self.world().users.get_mut(&user) {
            locale.clone_into(&mut user.locale);
        }
    }

    /// Opens or closes a person's direct messages to bots (closed: 50007).
    pub fn set_direct_messages(&self, user: u64, open: bool) {
        if let Some(user) = self.world().users.get_mut(&user) {
            user.open_to_dms = open;
        }
    }

    /// Makes a person a member with these roles.
    pub fn add_member(&self, guild: u64, user: u64, roles: &[u64]) {
        self.world().join(guild, user, roles.to_vec());
        let mut world = self.world();
        if let Some(mut data) = world.member_json(guild, user, None) {
            merge(&mut data, json!({ "guild_id": guild.to_string() }));
            world.dispatch_guild(guild, intents::GUILD_MEMBERS, "GUILD_MEMBER_ADD", &data);
        }
        world.touch();
    }

    /// Sets all of a member's roles.
    pub fn set_roles(&self, guild: u64, user: u64, roles: &[u64]) {
        let mut world = self.world();
        if let Some(member) = world.guilds.get_mut(&guild).and_then(|guild| guild.members.get_mut(&user)) {
            member.roles = roles.to_vec();
        }
        if let Some(mut data) = world.member_json(guild, user, None) {
            merge(&mut data, json!({ "guild_id": guild.to_string() }));
            world.dispatch_guild(guild, intents::GUILD_MEMBERS, "GUILD_MEMBER_UPDATE", &data);
        }
        world.touch();
    }

    /// Takes a person out of a guild.
    pub fn remove_member(&self, guild: u64, user: u64) {
        let mut world = self.world();
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.members.remove(&user);
        }
        let data = json!({ "guild_id": guild.to_string(), "user": world.user_json(user) });
        world.dispatch_guild(guild, intents::GUILD_MEMBERS, "GUILD_MEMBER_REMOVE", &data);
        world.touch();
    }

    /// Makes a text channel.
    pub fn create_channel(&self, guild: u64, name: &str, visible: Visible) -> u64 {
        let id = self.world().next_id(Kind::Channel);
        self.create_channel_with_id(id, guild, name, visible)
    }

    /// Makes a text channel under this id.
    pub fn create_channel_with_id(&self, id: u64, guild: u64, name: &str, visible: Visible) -> u64 {
        let mut world = self.world();
        let overwrite = |id: u64, allow: u64, deny: u64| Overwrite { id, is_role: true, allow, deny };
        let overwrites = match visible {
            Visible::Everyone => Vec::new(),
            Visible::Roles(roles) => {
                let bots = world.guilds.get(&guild).map(|g| g.apps.values().copied().collect::<Vec<_>>());
                let allowed = roles.into_iter().chain(bots.unwrap_or_default());
                let everyone = std::iter::once(overwrite(guild, 0, VIEW_CHANNEL));
                everyone.chain(allowed.map(|role| overwrite(role, VIEW_CHANNEL, 0))).collect()
            }
        };
        let channel = Channel {
            guild,
            name: name.to_owned(),
            topic: None,
            kind: ChannelKind::Text,
            overwrites,
            created_ms: world.now(),
            last_message: None,
        };
        world.channels.insert(id, channel);
        if let Some(data) = world.channel_json(id) {
            world.dispatch_in(id, "CHANNEL_CREATE", &data);
        }
        world.touch();
        id
    }

    /// Removes a channel with everything in it.
    pub fn delete_channel(&self, channel: u64) {
        let mut world = self.world();
        let data = world.channel_json(channel);
        if let Some(data) = data {
            world.dispatch_in(channel, "CHANNEL_DELETE", &data);
        }
        world.channels.remove(&channel);
        world.messages.retain(|_, message| message.channel != channel);
        world.files.retain(|_, file| file.channel != channel);
        world.touch();
    }

    /// Sets what a role or a person (or a bot) is allowed and denied in a channel, beyond their roles.
    pub fn set_overwrite(&self, channel: u64, id: u64, allow: u64, deny: u64) {
        let mut world = self.world();
        let guild = world.guild_of(channel);
        let is_role = world.guilds.get(&guild).is_some_and(|guild| guild.roles.contains_key(&id));
        if let Some(channel) = world.channels.get_mut(&channel) {
            channel.overwrites.retain(|overwrite| overwrite.id != id);
            if allow | deny != 0 {
                channel.overwrites.push(Overwrite { id, is_role, allow, deny });
            }
        }
        if let Some(data) = world.channel_json(channel) {
            world.dispatch_in(channel, "CHANNEL_UPDATE", &data);
        }
        world.touch();
    }

    /// Hides a channel from a bot, or shows it again. Bots see every channel unless this hides it.
    pub fn set_bot_access(&self, channel: u64, application: u64, access: bool) {
        let deny = if access { 0 } else { VIEW_CHANNEL };
        self.set_overwrite(channel, application, 0, deny);
    }

    /// Installs an application in a guild, with [`permissions::BOT`].
    pub fn install(&self, application: u64, guild: u64) {
        self.install_with(application, guild, permissions::BOT);
    }

    /// Installs an application in a guild: its bot becomes a member, with a managed role of these permissions.
    pub fn install_with(&self, application: u64, guild: u64, permissions: u64) {
        let mut world = self.world();
        let role = world.next_id(Kind::Role);
        let name = world.user_name(application);
        let managed = Role { name, permissions, mentionable: false, managed_by: Some(application) };
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.roles.insert(role, managed);
            guild.apps.insert(application, role);
        }
        for channel in world.channels.values_mut().filter(|c| c.guild == guild && !c.overwrites.is_empty()) {
            channel.overwrites.push(Overwrite { id: role, is_role: true, allow: VIEW_CHANNEL, deny: 0 });
        }
        world.join(guild, application, vec![role]);
        if let Some(data) = world.guild_create_json(guild, application) {
            world.dispatch_to(application, intents::GUILDS, "GUILD_CREATE", &data);
        }
        world.touch();
    }

    /// Takes an application out of a guild again.
    pub fn uninstall(&self, application: u64, guild: u64) {
        let mut world = self.world();
        if let Some(guild) = world.guilds.get_mut(&guild) {
            guild.members.remove(&application);
            if let Some(role) = guild.apps.remove(&application) {
                guild.roles.remove(&role);
            }
        }
        world.dispatch_to(application, intents::GUILDS, "GUILD_DELETE", &json!({ "id": guild.to_string() }));
        world.touch();
    }

    /// The scheduled events of a guild that are not over, as the API shows them.
    pub fn scheduled_events(&self, guild: u64) -> Vec<serde_json::Value> {
        let mut world = self.world();
        world.move_events(guild);
        world.open_events(guild).cloned().collect()
    }

    /// Deletes a scheduled event, as somebody who may manage them does; false if there is none.
    pub fn delete_scheduled_event(&self, guild: u64, event: u64) -> bool {
        let mut world = self.world();
        let gone = world.guilds.get_mut(&guild).and_then(|guild| guild.events.remove(&event));
        if let Some(gone) = &gone {
            let what = "GUILD_SCHEDULED_EVENT_DELETE";
            world.dispatch_guild(guild, intents::GUILD_SCHEDULED_EVENTS, what, gone);
            world.touch();
        }
        gone.is_some()
    }

    /// The commands that an application has registered, global and for guilds, as the API shows them.
    pub fn commands(&self, application: u64) -> Vec<serde_json::Value> {
        let world = self.world();
        let commands =
            world.apps.get(&application).map(|app| app.commands.iter().map(|c| c.body.clone()).collect());
        commands.unwrap_or_default()
    }
}

impl World {
    fn join(&mut self, guild: u64, user: u64, roles: Vec<u64>) {
        let joined_ms = self.now();
        if let Some(guild) = self.guilds.get_mut(&guild) {
            guild.members.insert(user, Member { roles, joined_ms });
        }
    }
}

/// A token in Discord's form: the id in Base64, and two parts that stand for time and signature.
fn token(id: u64) -> String {
    let own = URL_SAFE_NO_PAD.encode(id.to_string());
    let mut seed = id ^ 0x5bd1_e995_9e37_79b9;
    let tail: String = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[(seed >> 58) as usize])
    })
    .take(38)
    .collect();
    format!("{own}.GLocal.{tail}")
}
