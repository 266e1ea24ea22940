//! Interactions as Discord sends them, turned into requests and questions, and answered in time: directly when the
//! answer is there within a second, else deferred and edited; forms and suggestions always directly.

use super::{commands, fund_file, proof};
use crate::app::App;
use crate::delivery::render;
use crate::domain::command::{Ask, Command, FormWish, Proof};
use crate::fault::Fault;
use crate::flow::press::{self, Pressed};
use crate::flow::suggest::Beside;
use crate::flow::{self, Asker, Reply, Request};
use crate::text::card::Post;
use serenity::all::{
    ActionRowComponent, AutocompleteChoice, CommandDataOption, CommandDataOptionValue, CommandInteraction,
    ComponentInteraction, Context, CreateAutocompleteResponse, CreateInteractionResponse,
    CreateInteractionResponseFollowup, CreateInteractionResponseMessage, EventHandler, GuildId, Http,
    Interaction, Member, ModalInteraction, PartialChannel, Ready,
};
use std::sync::Arc;
use std::time::Duration;

/// Longer than this, and the answer is deferred. Discord gives up after three seconds.
const DIRECT_WITHIN: Duration = Duration::from_millis(1000);

/// The gateway's events.
pub struct Handler {
    pub app: App,
    /// The servers whose programs are set up: where the commands are registered.
    pub guilds: Vec<GuildId>,
    /// Told after the commands are registered, each time the gateway is ready.
    pub ready: tokio::sync::watch::Sender<bool>,
}

#[serenity::async_trait]
impl EventHandler for Handler {
    async fn ready(&self, context: Context, ready: Ready) {
        tracing::info!(bot = %ready.user.name, guilds = ready.guilds.len(), "Connected to Discord's gateway");
        if let Err(fault) = register(&context.http, &self.guilds).await {
            tracing::error!(%fault, "The slash commands could not be registered");
        }
        let _ = self.ready.send(true);
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        answer(&self.app, &context.http, interaction).await;
    }
}

/// Registers the slash commands in each server: there at once, unlike global ones.
///
/// # Errors
/// What Discord says.
pub async fn register(http: &Http, guilds: &[GuildId]) -> Result<(), Fault> {
    let definitions = commands::definitions()?;
    for guild in guilds {
        http.create_guild_commands(*guild, &definitions)
            .await
            .map_err(|error| Fault::Discord(format!("registering commands in {guild}: {error}")))?;
    }
    Ok(())
}

/// Answers one interaction. Nothing is given back: what goes wrong is told to the person, with a reference that is in
/// the log.
pub async fn answer(app: &App, http: &Arc<Http>, interaction: Interaction) {
    let result = match &interaction {
        Interaction::Command(command) => on_command(app, http, command).await,
        Interaction::Autocomplete(typed) => on_typing(app, http, typed).await,
        Interaction::Component(component) => on_press(app, http, component).await,
        Interaction::Modal(modal) => on_form(app, http, modal).await,
        _ => Ok(()),
    };
    if let Err(error) = result {
        // The person has seen that nothing came; their next try is a new interaction.
        tracing::warn!(interaction = %interaction.id(), %error, "An interaction could not be answered");
    }
}

type Sent = Result<(), serenity::Error>;

async fn on_command(app: &App, http: &Arc<Http>, command: &CommandInteraction) -> Sent {
    let asker = asker(
        command.guild_id,
        command.channel_id.to_string(),
        command.channel.as_ref(),
        command.member.as_deref(),
        command.user.id.to_string(),
    );
    let ask = match commands::parse(&command.data) {
        Ok(ask) => ask,
        Err(sentence) => return command.create_response(http, message(Reply::text(sentence))).await,
    };
    if let Ask::Fill(wish) = &ask {
        return on_fill(app, http, command, &asker, wish).await;
    }
    let key = format!("discord:{}", command.id);
    let work = async {
        match ask {
            Ask::Do(wish) => run(app, key, asker, *wish).await,
            Ask::Look(query) => told(app, flow::answer(app, &asker, &query).await),
            Ask::Prove(proof) => told(app, proof::prove(app, key, &asker, &proof).await),
            Ask::Post(file) => told(app, fund_file::post(app, key, &asker, &file).await),
            // Answered above: a form can't come after a deferral.
            Ask::Fill(_) => Reply::default(),
        }
    };
    tokio::pin!(work);
    match tokio::time::timeout(DIRECT_WITHIN, &mut work).await {
        Ok(reply) => command.create_response(http, message(reply)).await,
        Err(_) => {
            command.create_response(http, deferred()).await?;
            let reply = work.await;
            command.edit_response(http, drawn(&reply).response_edit()).await.map(drop)
        }
    }
}

/// A form must be the first answer, so nothing is deferred here.
async fn on_fill(
    app: &App,
    http: &Arc<Http>,
    command: &CommandInteraction,
    asker: &Asker,
    wish: &FormWish,
) -> Sent {
    let key = format!("discord:{}", command.id);
    let response = match press::fill(app, &key, asker, wish).await {
        Ok(Pressed::Open(form)) => CreateInteractionResponse::Modal(render::modal(&form)),
        Ok(Pressed::Refused(reply) | Pressed::Turn(reply) | Pressed::Tell(reply)) => message(reply),
        Ok(Pressed::Run(wish)) => message(run(app, key, asker.clone(), wish).await),
        Ok(Pressed::Prove(proof)) => message(told(app, proof::prove(app, key, asker, &proof).await)),
        Err(fault) => message(told(app, Err(fault))),
    };
    command.create_response(http, response).await
}

/// What a press makes the program do.
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, on its way from a press to the command it asks for"
)]
enum Doing {
    Command(Command),
    Proof(Proof),
}

async fn on_press(app: &App, http: &Arc<Http>, component: &ComponentInteraction) -> Sent {
    let asker = asker(
        component.guild_id,
        component.channel_id.to_string(),
        component.channel.as_ref(),
        component.member.as_ref(),
        component.user.id.to_string(),
    );
    let key = format!("discord:{}", component.id);
    let doing = match press::press(app, &key, &asker, &component.data.custom_id).await {
        Ok(Pressed::Run(command)) => Doing::Command(command),
        Ok(Pressed::Prove(proof)) => Doing::Proof(proof),
        Ok(Pressed::Open(form)) => {
            return component
                .create_response(http, CreateInteractionResponse::Modal(render::modal(&form)))
                .await;
        }
        Ok(Pressed::Turn(reply)) => {
            let page = drawn(&reply).response(true);
            return component.create_response(http, CreateInteractionResponse::UpdateMessage(page)).await;
        }
        Ok(Pressed::Refused(reply) | Pressed::Tell(reply)) => {
            return component.create_response(http, message(reply)).await;
        }
        Err(fault) => return component.create_response(http, message(told(app, Err(fault)))).await,
    };
    let work = async {
        match doing {
            Doing::Command(command) => run(app, key, asker, command).await,
            Doing::Proof(proof) => told(app, proof::prove(app, key, &asker, &proof).await),
        }
    };
    tokio::pin!(work);
    match tokio::time::timeout(DIRECT_WITHIN, &mut work).await {
        Ok(reply) => component.create_response(http, message(reply)).await,
        Err(_) => {
            // A deferred update leaves the card as it is; what is said comes as a message of its own.
            component.create_response(http, CreateInteractionResponse::Acknowledge).await?;
            let reply = work.await;
            component.create_followup(http, followup(&reply)).await.map(drop)
        }
    }
}

async fn on_form(app: &App, http: &Arc<Http>, modal: &ModalInteraction) -> Sent {
    let asker = asker(
        modal.guild_id,
        modal.channel_id.to_string(),
        modal.channel.as_ref(),
        modal.member.as_ref(),
        modal.user.id.to_string(),
    );
    let value = |wanted: &str| {
        let inputs = modal.data.components.iter().flat_map(|row| &row.components);
        let mut found = inputs.filter_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == wanted => input.value.clone(),
            _ => None,
        });
        found.next_back().map(|text| commands::without_nul(&text)).unwrap_or_default()
    };
    let Some(command) = press::submitted(&modal.data.custom_id, value) else {
        let refusal = crate::domain::refusal::Refusal::not_found();
        return modal.create_response(http, message(Reply::refused(refusal))).await;
    };
    let work = run(app, format!("discord:{}", modal.id), asker, command);
    tokio::pin!(work);
    match tokio::time::timeout(DIRECT_WITHIN, &mut work).await {
        Ok(reply) => modal.create_response(http, message(reply)).await,
        Err(_) => {
            modal.create_response(http, deferred()).await?;
            let reply = work.await;
            modal.edit_response(http, drawn(&reply).response_edit()).await.map(drop)
        }
    }
}

async fn on_typing(app: &App, http: &Arc<Http>, typed: &CommandInteraction) -> Sent {
    let asker = asker(
        typed.guild_id,
        typed.channel_id.to_string(),
        typed.channel.as_ref(),
        typed.member.as_deref(),
        typed.user.id.to_string(),
    );
    let mut choices = Vec::new();
    if let Some(focused) = typed.data.autocomplete()
        && let asked = typed.data.options.first().map(|option| option.name.as_str())
        && let Some(subject) = commands::subject(&typed.data.name, asked, focused.name)
    {
        let partner = string_option(&typed.data.options, "partner").filter(|_| focused.name != "partner");
        let campaign = string_option(&typed.data.options, "campaign");
        let looks_back = asked.is_some_and(|asked| commands::looks_back(&typed.data.name, asked));
        let beside = Beside { partner: partner.as_deref(), campaign: campaign.as_deref(), looks_back };
        match flow::suggest::suggest(app, &asker, subject, focused.value, beside).await {
            Ok(suggestions) => choices
                .extend(suggestions.into_iter().map(|one| AutocompleteChoice::new(one.name, one.value))),
            Err(fault) => tracing::error!(%fault, "Suggestions could not be looked up"),
        }
    }
    typed
        .create_response(
            http,
            CreateInteractionResponse::Autocomplete(CreateAutocompleteResponse::new().set_choices(choices)),
        )
        .await
}

/// The text of an option anywhere below a command.
fn string_option(options: &[CommandDataOption], name: &str) -> Option<String> {
    options.iter().find_map(|option| match &option.value {
        CommandDataOptionValue::String(text) if option.name == name => Some(text.clone()),
        CommandDataOptionValue::SubCommand(inner) | CommandDataOptionValue::SubCommandGroup(inner) => {
            string_option(inner, name)
        }
        _ => None,
    })
}

fn asker(
    guild: Option<GuildId>,
    channel: String,
    partial: Option<&PartialChannel>,
    member: Option<&Member>,
    user: String,
) -> Asker {
    Asker {
        guild: guild.map(|guild| guild.to_string()).unwrap_or_default(),
        channel,
        parent: partial
            .and_then(|channel| channel.parent_id)
            .filter(|_| partial.is_some_and(is_thread))
            .map(|parent| parent.to_string()),
        user,
        roles: member
            .map(|member| member.roles.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        manages_server: member
            .and_then(|member| member.permissions)
            .is_some_and(|may| may.manage_guild() || may.administrator()),
    }
}

/// Only a thread's parent is its channel; a channel's parent is a category, which says nothing.
fn is_thread(channel: &PartialChannel) -> bool {
    use serenity::all::ChannelType::{NewsThread, PrivateThread, PublicThread};
    matches!(channel.kind, NewsThread | PrivateThread | PublicThread)
}

async fn run(app: &App, key: String, asker: Asker, command: Command) -> Reply {
    told(app, flow::handle(app, &Request { key, asker, command }).await)
}

/// The reply, or for a fault a sentence with a reference that is in the log.
fn told(app: &App, result: Result<Reply, Fault>) -> Reply {
    result.unwrap_or_else(|fault| {
        let reference = app.clock.new_id();
        tracing::error!(reference, %fault, "A request failed");
        Reply::text(format!("Something went wrong inside; nothing was changed. Try again, and if it stays so, tell your operator the reference {reference}."))
    })
}

fn drawn(reply: &Reply) -> render::Drawn {
    let text = reply.once.clone().unwrap_or_else(|| reply.text.clone());
    let post = Post { text, card: reply.card.clone(), thread: None };
    render::draw(&post, &reply.files, None)
}

fn message(reply: Reply) -> CreateInteractionResponse {
    CreateInteractionResponse::Message(drawn(&reply).response(true))
}

fn followup(reply: &Reply) -> CreateInteractionResponseFollowup {
    drawn(reply).followup(true)
}

fn deferred() -> CreateInteractionResponse {
    CreateInteractionResponse::Defer(CreateInteractionResponseMessage::new().ephemeral(true))
}
