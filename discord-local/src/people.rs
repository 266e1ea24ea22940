//! People: what a member's client lets them see and do, and what comes back.
//!
//! Everything that a real client refuses is refused here with a sentence ([`Refused`]); the `_raw` and `_forged` forms leave
//! those checks out, as a modified client would.

use serde_json::{Value, json};

use crate::DiscordLocal;
use crate::answer::{Answer, Choice, Modal, Refused};
use crate::command_line::Typist;
use crate::interaction::Call;
use crate::limits;
use crate::message::Message;
use crate::model::{ChannelKind, Command, FileRecord, Ping, World};
use crate::permissions::{ADMINISTRATOR, ATTACH_FILES, USE_APPLICATION_COMMANDS};
use crate::post::{Post, clean_name};
use crate::validate::message::{Upload, message};

/// Somebody, acting through their client.
#[derive(Debug, Clone)]
pub struct Person {
    pub(crate) server: DiscordLocal,
    pub(crate) user: u64,
}

/// A channel in somebody's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelView {
    /// Its id.
    pub id: u64,
    /// Its guild; 0 for direct messages.
    pub guild: u64,
    /// Its name; for direct messages the other one's.
    pub name: String,
    /// The channel that a thread is in.
    pub parent: Option<u64>,
    /// How many of its messages pinged this person.
    pub pings: usize,
}

impl DiscordLocal {
    /// Everybody but bots, in order of their ids.
    pub fn people(&self) -> Vec<Person> {
        let world = self.world();
        let people = world.users.iter().filter(|(_, user)| !user.bot);
        people.map(|(id, _)| Person::new(self.clone(), *id)).collect()
    }
}

impl Person {
    pub(crate) fn new(server: DiscordLocal, user: u64) -> Self {
        Self { server, user }
    }

    /// Their id.
    pub fn id(&self) -> u64 {
        self.user
    }

    /// Their name.
    pub fn name(&self) -> String {
        self.server.world().user_name(self.user)
    }

    /// Their roles in a guild, with names.
    pub fn roles(&self, guild: u64) -> Vec<(u64, String)> {
        let world = self.server.world();
        let Some(guild) = world.guilds.get(&guild) else { return Vec::new() };
        let held = guild.members.get(&self.user).map(|member| member.roles.as_slice()).unwrap_or_default();
        held.iter().filter_map(|id| guild.roles.get(id).map(|role| (*id, role.name.clone()))).collect()
    }

    /// The scheduled events that they see in a guild: every member sees all that are not over.
    pub fn scheduled_events(&self, guild: u64) -> Vec<Value> {
        let is_member = self
            .server
            .world()
            .guilds
            .get(&guild)
            .is_some_and(|guild| guild.members.contains_key(&self.user));
        if is_member { self.server.scheduled_events(guild) } else { Vec::new() }
    }

    /// Types a slash command and waits for its answer.
    ///
    /// # Errors
    /// What the client wouldn't send: an unknown command, an option that is missing or wrong, no permission.
    pub async fn run(&self, channel: u64, line: &str) -> Result<Answer, Refused> {
        self.run_with(channel, line, &[]).await
    }

    /// Types a slash command with files at hand; an attachment option names one of them.
    ///
    /// # Errors
    /// As [`Person::run`].
    pub async fn run_with(&self, channel: u64, line: &str, files: &[Upload]) -> Result<Answer, Refused> {
        let typist = Typist { user: self.user, channel, files, focused: false };
        let call = self.server.world().command_call(&typist, line)?.0;
        Ok(self.server.ask(call).await)
    }

    /// Sends a command's interaction data as it is, past the client's checks. `name` picks the application.
    ///
    /// # Errors
    /// No application has a command of that name.
    pub async fn run_raw(&self, channel: u64, command: Value) -> Result<Answer, Refused> {
        let name = command["name"].as_str().unwrap_or_default().to_owned();
        let call = {
            let world = self.server.world();
            let kind = command["type"].as_u64().unwrap_or(1);
            let (app, known) =
                world.find_command(channel, &name, kind).ok_or("no application has such a command")?;
            let mut data = command;
            data["id"] = json!(known.id.to_string());
            data["type"] = json!(kind);
            Call { app, kind: 2, user: self.user, channel, source: None, data, what: name }
        };
        Ok(self.server.ask(call).await)
    }

    /// Types a command up to its last option, and asks for suggestions for that.
    ///
    /// # Errors
    /// As [`Person::run`], and an option that doesn't suggest anything. No answer in time is "Loading options failed".
    pub async fn suggest(&self, channel: u64, line: &str) -> Result<Vec<Choice>, Refused> {
        let typist = Typist { user: self.user, channel, files: &[], focused: true };
        let (mut call, suggests) = self.server.world().command_call(&typist, line)?;
        if !suggests {
            return Err("the last option doesn't suggest anything".into());
        }
        call.kind = 4;
        let choices = self.server.ask_choices(call).await.ok_or("Loading options failed")?;
        let choices = choices.as_array().cloned().unwrap_or_default();
        let name = |choice: &Value| choice["name"].as_str().unwrap_or_default().to_owned();
        Ok(choices
            .into_iter()
            .map(|choice| Choice { name: name(&choice), value: choice["value"].clone() })
            .collect())
    }

    /// Presses a button of a message.
    ///
    /// # Errors
    /// The message isn't visible, or has no such button that can be pressed.
    pub async fn press(&self, channel: u64, message: u64, custom_id: &str) -> Result<Answer, Refused> {
        let seen = self.message(channel, message).ok_or("the message isn't there")?;
        let known = seen.buttons().into_iter().find(|button| button.custom_id.as_deref() == Some(custom_id));
        let button = known.ok_or_else(|| format!("the message has no button {custom_id}"))?;
        if button.disabled {
            return Err(format!("[{}] can't be pressed any more", button.label).into());
        }
        self.press_forged(channel, message, custom_id).await
    }

    /// Sends a press that no client would offer: of a button that isn't there, or of a message that isn't visible.
    ///
    /// # Errors
    /// There is no such message, or no bot wrote it.
    pub async fn press_forged(&self, channel: u64, message: u64, custom_id: &str) -> Result<Answer, Refused> {
        let data = json!({ "custom_id": custom_id, "component_type": 2, "id": 1 });
        self.component(channel, message, data).await
    }

    /// Chooses from a select menu: values of a text menu, ids of the others.
    ///
    /// # Errors
    /// The message isn't visible, has no such menu, or the choice isn't one that it offers.
    pub async fn select(
        &self,
        channel: u64,
        message: u64,
        custom_id: &str,
        values: &[&str],
    ) -> Result<Answer, Refused> {
        let seen = self.message(channel, message).ok_or("the message isn't there")?;
        let known = seen.selects().into_iter().find(|select| select.custom_id == custom_id);
        let select = known.ok_or_else(|| format!("the message has no menu {custom_id}"))?;
        let count = values.len() as u64;
        if select.disabled || count < select.min || count > select.max {
            return Err(format!("the menu takes {} to {} choices", select.min, select.max).into());
        }
        let offered = |value: &&str| select.options.iter().any(|(_, known)| known == value);
        if select.kind == 3 && !values.iter().all(offered) {
            return Err("the menu doesn't offer that".into());
        }
        let mut data =
            json!({ "custom_id": custom_id, "component_type": select.kind, "id": 1, "values": values });
        if select.kind != 3 {
            data["resolved"] = self.server.world().resolve(channel, values);
        }
        self.component(channel, message, data).await
    }

    async fn component(&self, channel: u64, message: u64, data: Value) -> Result<Answer, Refused> {
        let call = {
            let world = self.server.world();
            let record = world.messages.get(&message).ok_or("there is no such message")?;
            let app = record.app.ok_or("no bot wrote that message")?;
            let what = data["custom_id"].as_str().unwrap_or_default().to_owned();
            Call { app, kind: 3, user: self.user, channel, source: Some(message), data, what }
        };
        Ok(self.server.ask(call).await)
    }

    /// Fills in a form. Inputs that aren't named keep what they were filled with.
    ///
    /// # Errors
    /// A text is missing, too short or too long, or there is no such input.
    pub async fn submit(&self, modal: &Modal, values: &[(&str, &str)]) -> Result<Answer, Refused> {
        if let Some((unknown, _)) =
            values.iter().find(|(id, _)| modal.inputs.iter().all(|input| input.custom_id != *id))
        {
            return Err(format!("the form has no input {unknown}").into());
        }
        for input in &modal.inputs {
            let value = filled(values, &input.custom_id, &input.value);
            let length = value.chars().count();
            if length == 0 && input.required {
                return Err(format!("{} is required", input.label).into());
            }
            if length > input.max_length || (length > 0 && length < input.min_length) {
                let (min, max) = (input.min_length, input.max_length);
                return Err(format!("{} takes {min} to {max} characters", input.label).into());
            }
        }
        self.submit_forged(modal, values).await
    }

    /// Fills in a form past the client's checks.
    ///
    /// # Errors
    /// The form answers no interaction of this person.
    pub async fn submit_forged(&self, modal: &Modal, values: &[(&str, &str)]) -> Result<Answer, Refused> {
        let call = {
            let world = self.server.world();
            let behind = world.interactions.get(&modal.interaction).filter(|i| i.user == self.user);
            let behind = behind.ok_or("the form isn't this person's")?;
            let rows: Vec<Value> = modal
                .inputs
                .iter()
                .enumerate()
                .map(|(at, input)| {
                    let value = filled(values, &input.custom_id, &input.value);
                    let part =
                        json!({ "type": 4, "id": at * 2 + 2, "custom_id": input.custom_id, "value": value });
                    json!({ "type": 1, "id": at * 2 + 1, "components": [part] })
                })
                .collect();
            let data = json!({ "custom_id": modal.custom_id, "components": rows });
            Call {
                app: behind.app,
                kind: 5,
                user: self.user,
                channel: behind.channel,
                source: behind.source,
                data,
                what: modal.custom_id.clone(),
            }
        };
        Ok(self.server.ask(call).await)
    }

    /// Uses a message command (right click, *Apps*) on a message.
    ///
    /// # Errors
    /// The command isn't offered here, the message isn't visible, or it is visible to them alone.
    pub async fn message_command(&self, channel: u64, name: &str, message: u64) -> Result<Answer, Refused> {
        let call = {
            let world = self.server.world();
            let (app, command) = world.offered(channel, self.user, name, 3)?;
            let record = world.visible_messages(channel, self.user).into_iter().find(|m| m.id == message);
            let record = record.ok_or("the message isn't there")?;
            if record.ephemeral_for.is_some() {
                return Err("a message that only they see has no menu of apps".into());
            }
            let target = world.message_json(record);
            let mut messages = json!({});
            messages[message.to_string()] = target;
            let mut data = world.command_data(&command, Vec::new(), json!({ "messages": messages }));
            data["target_id"] = json!(message.to_string());
            Call { app, kind: 2, user: self.user, channel, source: None, data, what: name.to_owned() }
        };
        Ok(self.server.ask(call).await)
    }

    /// Writes a message, with files.
    ///
    /// # Errors
    /// They may not write or attach here, the message is empty or too long, there are more than
    /// [`limits::FILES`](crate::limits::FILES) files, or one is larger than the guild takes.
    pub async fn say(&self, channel: u64, text: &str, files: Vec<Upload>) -> Result<u64, Refused> {
        let mut world = self.server.world();
        let granted = world.permissions(channel, self.user);
        let needed = world.send_permission(channel);
        if granted & needed == 0 || (!files.is_empty() && granted & ATTACH_FILES == 0) {
            return Err("they may not write this here".into());
        }
        if files.len() > limits::FILES {
            return Err(format!("at most {} files can be sent at once", limits::FILES).into());
        }
        let most = world.file_limit(channel);
        files.iter().try_for_each(|file| file.fits(most))?;
        let mut complaints = crate::error::Complaints::default();
        let input = message(&json!({ "content": text }), "", &files, &mut complaints);
        complaints.finish().map_err(|error| error.errors.unwrap_or_default().to_string())?;
        let post = Post { channel, author: self.user, ..Post::default() };
        world.post(post, input, files).map_err(|error| error.message.into())
    }

    /// Removes one of their own messages, or an ephemeral answer from their own view.
    ///
    /// # Errors
    /// It isn't theirs to remove.
    pub fn dismiss(&self, channel: u64, message: u64) -> Result<(), Refused> {
        let seen = self.message(channel, message).ok_or("the message isn't there")?;
        if seen.author_id != self.user && seen.ephemeral_for != Some(self.user) {
            return Err("it isn't theirs to remove".into());
        }
        self.server.world().remove(message);
        Ok(())
    }

    /// What they can read in a channel, oldest first, their own ephemeral answers included. Nothing if it is invisible.
    pub fn messages(&self, channel: u64) -> Vec<Message> {
        let world = self.server.world();
        if !world.sees(channel, self.user) {
            return Vec::new();
        }
        world.visible_messages(channel, self.user).into_iter().map(|record| world.view(record)).collect()
    }

    /// One message, if they can read it.
    pub fn message(&self, channel: u64, message: u64) -> Option<Message> {
        self.messages(channel).into_iter().find(|seen| seen.id == message)
    }

    /// The channels and threads in their list.
    pub fn channels(&self) -> Vec<ChannelView> {
        let world = self.server.world();
        let visible = world.channels.iter().filter(|(id, _)| world.sees(**id, self.user));
        visible
            .map(|(id, channel)| ChannelView {
                id: *id,
                guild: channel.guild,
                name: match &channel.kind {
                    ChannelKind::Direct { people } => world.user_name(
                        people.iter().copied().find(|user| *user != self.user).unwrap_or(self.user),
                    ),
                    _ => channel.name.clone(),
                },
                parent: if let ChannelKind::Thread { parent, .. } = channel.kind {
                    Some(parent)
                } else {
                    None
                },
                pings: world
                    .pings
                    .iter()
                    .filter(|ping| ping.user == self.user && ping.channel == *id)
                    .count(),
            })
            .collect()
    }

    /// Whether they see the channel.
    pub fn can_see(&self, channel: u64) -> bool {
        self.server.world().sees(channel, self.user)
    }

    /// The pings that they got, oldest first.
    pub fn mentions(&self) -> Vec<Ping> {
        self.server.world().pings.iter().filter(|ping| ping.user == self.user).cloned().collect()
    }

    /// The commands offered to them in a channel: names with subcommands, and their definitions.
    pub fn commands(&self, channel: u64) -> Vec<Value> {
        let world = self.server.world();
        let guild = world.guild_of(channel);
        let apps = world.apps.iter().filter(|(id, _)| guild == 0 || world.installed(guild, **id));
        let all = apps.flat_map(|(_, app)| app.commands.iter());
        all.filter(|c| c.guild.is_none_or(|g| g == guild) && world.may_use(channel, self.user, c))
            .map(|c| c.body.clone())
            .collect()
    }
}

fn filled<'a>(values: &[(&str, &'a str)], id: &str, before: &'a str) -> &'a str {
    values.iter().find(|(named, _)| *named == id).map_or(before, |(_, value)| value)
}

impl World {
    /// The command a line names, and the interaction it makes; and whether its last option suggests.
    fn command_call(&mut self, typist: &Typist<'_>, line: &str) -> Result<(Call, bool), Refused> {
        let line = line.trim_start().strip_prefix('/').ok_or("a command begins with /")?;
        let name = line.split_whitespace().next().unwrap_or_default();
        let (app, command) = self.offered(typist.channel, typist.user, name, 1)?;
        let parsed = self.parse_line(&command.body, &line[name.len()..], typist)?;
        let data = self.command_data(&command, parsed.options, parsed.resolved);
        let call = Call {
            app,
            kind: 2,
            user: typist.user,
            channel: typist.channel,
            source: None,
            data,
            what: parsed.name,
        };
        Ok((call, parsed.suggests))
    }

    pub(crate) fn command_data(&self, command: &Command, options: Vec<Value>, resolved: Value) -> Value {
        let mut data =
            json!({ "id": command.id.to_string(), "name": command.name(), "type": command.kind() });
        if !options.is_empty() {
            data["options"] = Value::Array(options);
        }
        if resolved.as_object().is_some_and(|resolved| !resolved.is_empty()) {
            data["resolved"] = resolved;
        }
        if let Some(guild) = command.guild {
            data["guild_id"] = json!(guild.to_string());
        }
        data
    }

    fn installed(&self, guild: u64, app: u64) -> bool {
        self.guilds.get(&guild).is_some_and(|guild| guild.apps.contains_key(&app))
    }

    /// The command of this name and kind in a channel; a guild's own before a global one.
    fn find_command(&self, channel: u64, name: &str, kind: u64) -> Option<(u64, Command)> {
        let guild = self.guild_of(channel);
        let apps = self.apps.iter().filter(|(id, _)| guild == 0 || self.installed(guild, **id));
        let all = apps.flat_map(|(id, app)| app.commands.iter().map(|command| (*id, command)));
        let mut fitting: Vec<(u64, &Command)> = all
            .filter(|(_, c)| {
                c.name() == name && c.kind() == kind && c.guild.is_none_or(|g| g == guild && guild != 0)
            })
            .collect();
        fitting.sort_by_key(|(_, command)| command.guild.is_none());
        fitting.first().map(|(app, command)| (*app, (*command).clone()))
    }

    /// The command, if the client offers it to this person here.
    pub(crate) fn offered(
        &self,
        channel: u64,
        user: u64,
        name: &str,
        kind: u64,
    ) -> Result<(u64, Command), Refused> {
        if !self.sees(channel, user) {
            return Err("they don't see that channel".into());
        }
        let (app, command) =
            self.find_command(channel, name, kind).ok_or_else(|| format!("there is no command /{name}"))?;
        if !self.may_use(channel, user, &command) {
            return Err(format!("/{name} isn't offered to them here").into());
        }
        Ok((app, command))
    }

    fn may_use(&self, channel: u64, user: u64, command: &Command) -> bool {
        let granted = self.permissions(channel, user);
        let direct = self.guild_of(channel) == 0;
        let context = command.body["contexts"].as_array();
        let here = json!(u64::from(direct));
        if context.is_some_and(|contexts| !contexts.contains(&here)) {
            return false;
        }
        if direct {
            return command.body["dm_permission"].as_bool() != Some(false);
        }
        let wanted =
            command.body["default_member_permissions"].as_str().and_then(|bits| bits.parse::<u64>().ok());
        let admin = granted & ADMINISTRATOR != 0;
        // "0" is for administrators only.
        let fits = wanted.is_none_or(|wanted| admin || (wanted != 0 && granted & wanted == wanted));
        granted & USE_APPLICATION_COMMANDS != 0 && fits
    }

    /// Keeps a file that an attachment option holds; only the person and the bot know its link.
    pub(crate) fn offer_file(&mut self, upload: &Upload, channel: u64) -> u64 {
        let id = self.snowflake();
        let file = FileRecord {
            filename: clean_name(&upload.filename),
            content_type: upload.content_type.clone(),
            description: None,
            bytes: upload.bytes.clone().into(),
            channel,
            ephemeral: true,
        };
        self.files.insert(id, file);
        id
    }

    /// What ids chosen in a menu of users, roles or channels stand for.
    fn resolve(&self, channel: u64, values: &[&str]) -> Value {
        let guild = self.guild_of(channel);
        let roles = self.roles_json(guild);
        let mut resolved = json!({});
        for value in values {
            let id: u64 = value.parse().unwrap_or(0);
            if self.users.contains_key(&id) {
                resolved["users"][*value] = self.user_json(id);
                resolved["members"][*value] =
                    self.partial_member_json(guild, id, Some(channel)).unwrap_or_default();
            } else if self.channels.contains_key(&id) {
                resolved["channels"][*value] = self.partial_channel_json(id, 0);
            } else if let Some(role) = roles.iter().find(|role| role["id"].as_str() == Some(value)) {
                resolved["roles"][*value] = role.clone();
            }
        }
        resolved
    }
}

impl Upload {
    /// A file to send.
    pub fn new(filename: &str, content_type: &str, bytes: Vec<u8>) -> Self {
        Self { index: 0, filename: filename.to_owned(), content_type: content_type.to_owned(), bytes }
    }

    /// Refuses a file of more than `most` bytes, as the client does before it sends one.
    pub(crate) fn fits(&self, most: usize) -> Result<(), String> {
        if self.bytes.len() <= most {
            return Ok(());
        }
        const MIB: usize = 1024 * 1024;
        let most =
            if most.is_multiple_of(MIB) { format!("{} MiB", most / MIB) } else { format!("{most} bytes") };
        Err(format!("{} is larger than {most}.", self.filename))
    }
}
