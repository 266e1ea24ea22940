//! A local Discord with two channels and a reader, and delivery to it.

use super::bench::Bench;
use discord_local::{Application, DiscordLocal, Fault, FaultKind, Message, Options, Visible};
use serenity::http::Http;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tandem::delivery::backoff::Schedule;
use tandem::delivery::connect::{self, DiscordSettings};
use tandem::delivery::{Delivery, Timing};
use tandem::store::outbox::{self, DeadLetter};
use tandem::text::card::{Button, ButtonStyle, Card, File, Post};
use tandem::{args, in_read, in_tx};

pub struct Place {
    pub bench: Bench,
    pub server: DiscordLocal,
    pub bot: Application,
    pub guild: u64,
    pub general: u64,
    pub approvals: u64,
    pub vera: u64,
    pub http: Arc<Http>,
}

/// Waits short enough for a test, with the production order of things.
pub fn quick() -> Timing {
    let schedule = Schedule { first_ms: 20, longest_ms: 80, most_tries: 20 };
    Timing { schedule, poll_ms: 20, fault_pause_ms: 50, ..Timing::default() }
}

/// Time has passed since the first try: the nonce is trusted no more, and a server with [`forgetful`] doesn't honour it.
pub fn long_after() -> Timing {
    Timing { nonce_trusted_ms: 0, ..quick() }
}

/// A Discord that has forgotten every nonce, as after a few minutes.
pub fn forgetful() -> Options {
    Options { nonce_window: Duration::ZERO, ..Options::default() }
}

pub fn settings(server: &DiscordLocal, bot: &Application) -> DiscordSettings {
    DiscordSettings {
        token: bot.token.clone().into(),
        application_id: bot.id,
        api_url: Some(server.api_url()),
        connect_to: None,
        ca_pem: None,
    }
}

pub fn approve() -> Vec<Vec<Button>> {
    vec![vec![Button { id: "mdf:1:approve:1".into(), label: "Approve".into(), style: ButtonStyle::Success }]]
}

pub fn card(title: &str, buttons: Vec<Vec<Button>>) -> Card {
    Card { title: title.to_owned(), buttons, ..Card::default() }
}

impl Place {
    pub async fn open(bench: Bench) -> Self {
        Self::open_with(bench, Options::default()).await
    }

    /// The server's messages are dated by the bench's clock.
    pub async fn open_with(bench: Bench, options: Options) -> Self {
        let clock = bench.clock.clone();
        let options = Options { clock: Arc::new(move || clock.now_ms()), ..options };
        let server = DiscordLocal::start(options).await.unwrap();
        let bot = server.create_application("Tandem");
        let guild = server.create_guild("Acme and friends");
        server.install(bot.id, guild);
        let general = server.create_channel(guild, "acme", Visible::Everyone);
        let approvals = server.create_channel(guild, "approvals", Visible::Everyone);
        let vera = server.create_user("vera");
        server.add_member(guild, vera, &[]);
        let http = Arc::new(connect::http(&settings(&server, &bot)).unwrap());
        Self { bench, server, bot, guild, general, approvals, vera, http }
    }

    pub fn delivery(&self, timing: Timing) -> Delivery {
        Delivery::new(self.bench.store.clone(), self.bench.clock.clone(), Arc::clone(&self.http))
            .with_timing(timing)
    }

    pub async fn post(&self, channel: u64, post: &Post, files: &[File]) -> String {
        let channel = channel.to_string();
        in_tx!(self.bench.store, |tx| { outbox::post(tx, &self.bench.clock, &channel, post, files).await })
            .unwrap()
    }

    pub async fn say(&self, channel: u64, text: &str) -> String {
        self.post(channel, &Post { text: text.to_owned(), ..Post::default() }, &[]).await
    }

    pub async fn show(&self, channel: u64, card: &Card) {
        let channel = channel.to_string();
        in_tx!(self.bench.store, |tx| {
            outbox::show_card(tx, &self.bench.clock, "mdf:1:approvals", &channel, card).await
        })
        .unwrap();
    }

    /// Steps delivery until nothing waits.
    pub async fn drain(&self, delivery: &Delivery) {
        let started = Instant::now();
        while self.waiting().await > 0 {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "still waiting: {:?}",
                self.server.requests()
            );
            if delivery.deliver_once().await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    pub async fn waiting(&self) -> i64 {
        let now = self.bench.clock.now();
        in_read!(self.bench.store, |read| { outbox::waiting_count(read, now).await }).unwrap()
    }

    /// Rows that nobody has claimed yet.
    pub async fn unclaimed(&self) -> i64 {
        let sql = "SELECT COUNT(*) AS n FROM outbox WHERE done_at IS NULL AND dead_at IS NULL AND lease = 0";
        in_read!(self.bench.store, |read| { read.one(sql, args![]).await?.int("n") }).unwrap()
    }

    pub async fn dead(&self) -> Vec<DeadLetter> {
        in_read!(self.bench.store, |read| { outbox::list_dead(read, 100).await }).unwrap()
    }

    pub fn messages(&self, channel: u64) -> Vec<Message> {
        self.server.person(self.vera).messages(channel)
    }

    /// Title or text of each message, in order.
    pub fn titles(&self, channel: u64) -> Vec<String> {
        let said = |message: Message| {
            let embed = message.embeds.first().cloned().unwrap_or_default();
            let said = embed["title"].as_str().or(embed["description"].as_str());
            said.map_or(message.content, str::to_owned)
        };
        self.messages(channel).into_iter().map(said).collect()
    }

    pub fn asked(&self, method: &str, path_contains: &str) -> usize {
        let matches =
            |line: &&discord_local::RequestLine| line.method == method && line.path.contains(path_contains);
        self.server.requests().iter().filter(matches).count()
    }

    /// The next request of this kind goes wrong.
    pub fn fails(&self, method: &str, path_contains: &str, kind: FaultKind) {
        self.server.fail_next(Fault::once(method, path_contains, kind));
    }
}
