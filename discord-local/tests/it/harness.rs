//! A guild with people, and a bot made of the unmodified serenity client with whatever handler a test gives it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use discord_local::{Application, DiscordLocal, Options, Person, Visible};
use serenity::all::{
    Context, CreateCommand, CreateCommandOption, EventHandler, GatewayIntents, Http, HttpBuilder,
    Interaction, Message,
};
use serenity::async_trait;
use tokio::sync::mpsc;

/// A world that most tests start from.
pub struct World {
    pub server: DiscordLocal,
    pub bot: Application,
    pub guild: u64,
    pub general: u64,
    pub vendors: u64,
    pub vendor_only: u64,
    pub vera: Person,
    pub pat: Person,
}

pub async fn world() -> World {
    world_with(Options::default()).await
}

pub async fn world_with(options: Options) -> World {
    let server = DiscordLocal::start(options).await.expect("a free port");
    let bot = server.create_application("Helper");
    let guild = server.create_guild("Acme");
    server.install(bot.id, guild);
    let vendors = server.create_role(guild, "Vendor", 0);
    let general = server.create_channel(guild, "general", Visible::Everyone);
    let vendor_only = server.create_channel(guild, "vendor-only", Visible::Roles(vec![vendors]));
    let (vera, pat) = (server.create_user("vera"), server.create_user("pat"));
    server.add_member(guild, vera, &[vendors]);
    server.add_member(guild, pat, &[]);
    let (vera, pat) = (server.person(vera), server.person(pat));
    World { server, bot, guild, general, vendors, vendor_only, vera, pat }
}

impl World {
    /// The REST client of the bot.
    pub fn http(&self) -> Http {
        let http =
            HttpBuilder::new(&self.bot.token).proxy(self.server.api_url()).ratelimiter_disabled(true).build();
        http.set_application_id(self.bot.id.into());
        http
    }

    /// Connects a bot that answers interactions with `handler`.
    pub async fn connect<H, F>(&self, handler: H) -> Bot
    where
        H: Fn(Context, Interaction) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (events, inbox) = mpsc::unbounded_channel();
        let handler =
            Handler { answer: Box::new(move |ctx, interaction| Box::pin(handler(ctx, interaction))), events };
        let intents =
            GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
        let builder = serenity::client::ClientBuilder::new_with_http(self.http(), intents);
        let mut client = builder.event_handler(handler).await.expect("a client");
        let shards = Arc::clone(&client.shard_manager);
        let task = tokio::spawn(async move { client.start().await });
        let mut bot = Bot { inbox, shards, task };
        bot.wait(|event| *event == Seen::Ready).await;
        bot
    }
}

/// What the bot was told.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Ready,
    Resumed,
    Guild { channels: usize },
    Message { content: String, author: String },
    Edited,
    Deleted(u64),
    Thread(String),
    Interaction,
}

type Answering = Box<dyn Fn(Context, Interaction) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

struct Handler {
    answer: Answering,
    events: mpsc::UnboundedSender<Seen>,
}

impl Handler {
    fn saw(&self, event: Seen) {
        // The test may have ended.
        let _ = self.events.send(event);
    }
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, _: serenity::all::Ready) {
        self.saw(Seen::Ready);
    }
    async fn resume(&self, _: Context, _: serenity::all::ResumedEvent) {
        self.saw(Seen::Resumed);
    }
    async fn guild_create(&self, _: Context, guild: serenity::all::Guild, _: Option<bool>) {
        self.saw(Seen::Guild { channels: guild.channels.len() });
    }
    async fn message(&self, _: Context, message: Message) {
        self.saw(Seen::Message { content: message.content, author: message.author.name });
    }
    async fn message_update(
        &self,
        _: Context,
        _: Option<Message>,
        _: Option<Message>,
        _: serenity::all::MessageUpdateEvent,
    ) {
        self.saw(Seen::Edited);
    }
    async fn message_delete(
        &self,
        _: Context,
        _: serenity::all::ChannelId,
        message: serenity::all::MessageId,
        _: Option<serenity::all::GuildId>,
    ) {
        self.saw(Seen::Deleted(message.get()));
    }
    async fn thread_create(&self, _: Context, thread: serenity::all::GuildChannel) {
        self.saw(Seen::Thread(thread.name));
    }
    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        self.saw(Seen::Interaction);
        (self.answer)(ctx, interaction).await;
    }
}

/// A connected bot.
pub struct Bot {
    inbox: mpsc::UnboundedReceiver<Seen>,
    shards: Arc<serenity::all::ShardManager>,
    task: tokio::task::JoinHandle<serenity::Result<()>>,
}

impl Bot {
    /// Waits for an event that fits, and gives it and all before it.
    pub async fn wait(&mut self, fits: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let mut all = Vec::new();
        let wait = async {
            loop {
                let event = self.inbox.recv().await.expect("the bot runs");
                let done = fits(&event);
                all.push(event);
                if done {
                    return;
                }
            }
        };
        let done = tokio::time::timeout(Duration::from_secs(15), wait).await;
        assert!(done.is_ok(), "the event didn't come; there were {all:?}");
        all
    }

    /// Disconnects for good.
    pub async fn stop(self) {
        self.shards.shutdown_all().await;
        self.task.abort();
    }
}

/// Does nothing with interactions.
pub async fn ignore(_: Context, _: Interaction) {}

/// A slash command with one optional text.
pub fn command(name: &str) -> CreateCommand {
    let text = CreateCommandOption::new(serenity::all::CommandOptionType::String, "text", "Some text");
    CreateCommand::new(name).description("A command").add_option(text)
}
