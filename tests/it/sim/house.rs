//! The program on its database, beside a local Discord: restarted, cut off in the middle of a delivery, and let down by
//! Discord in every way that it can.

use super::cast::{self, APPLICATION, APPROVALS, GUILD, PARTNERS};
use crate::harness::world::start;
use discord_local::{DiscordLocal, Fault, FaultKind, Message, Options, Visible};
use serenity::all::ChannelId;
use serenity::builder::{CreateEmbed, CreateEmbedFooter, CreateMessage};
use serenity::http::Http;
use std::sync::Arc;
use std::time::Duration;
use tandem::app::App;
use tandem::clock::Clock;
use tandem::config::Config;
use tandem::delivery::backoff::Schedule;
use tandem::delivery::connect::{self, DiscordSettings};
use tandem::delivery::{Delivery, Timing};
use tandem::flow::declare;
use tandem::in_read;
use tandem::store::{Store, outbox};

/// How long a try may take, and how long one that was cut off holds its row.
const TRY_MS: u64 = 600;
const LEASE_MS: i64 = 700;
/// How long everything that waits may take to arrive.
const DRAINED_WITHIN: Duration = Duration::from_secs(60);

/// The ways in which Discord lets a delivery down, each as often as its weight says: a timeout takes its time.
pub const TROUBLES: [(i64, &str); 5] =
    [(25, "429"), (25, "500"), (3, "timeout"), (22, "cut off before"), (25, "answer lost")];

pub struct House {
    pub discord: DiscordLocal,
    pub clock: Clock,
    pub app: App,
    config: Config,
    url: String,
    http: Arc<Http>,
    /// The newest message that was looked at.
    looked_to: u64,
}

impl House {
    pub async fn open(url: &str) -> Self {
        let clock = Clock::manual(start());
        let discord_clock = clock.clone();
        let options = Options { clock: Arc::new(move || discord_clock.now_ms()), ..Options::default() };
        let discord = DiscordLocal::start(options).await.unwrap();
        let application = discord.create_application_with_id(APPLICATION, "Tandem");
        discord.create_guild_with_id(GUILD, "Sim");
        discord.create_channel_with_id(APPROVALS, GUILD, "approvals", Visible::Everyone);
        for partner in &PARTNERS {
            discord.create_channel_with_id(partner.channel, GUILD, partner.key, Visible::Everyone);
        }
        discord.install(APPLICATION, GUILD);
        let settings = DiscordSettings {
            token: application.token.clone().into(),
            application_id: APPLICATION,
            api_url: Some(discord.api_url()),
            connect_to: None,
            ca_pem: None,
        };
        let config = cast::configuration(&discord.api_url(), &application.token, url);
        let http = Arc::new(connect::http(&settings).unwrap());
        let app = App::new(Store::open(url).await.unwrap(), clock.clone());
        declare::apply(&app, &config).await.unwrap();
        Self { discord, clock, app, config, url: url.to_owned(), http, looked_to: 0 }
    }

    pub async fn close(self) {
        self.app.store.close().await;
        self.discord.stop().await;
    }

    /// Ends the program and starts it again on its database, as at every start.
    pub async fn restart(&mut self) {
        self.app.store.close().await;
        self.app = App::new(Store::open(&self.url).await.unwrap(), self.clock.clone());
        declare::apply(&self.app, &self.config).await.unwrap();
    }

    fn delivery(&self) -> Delivery {
        let schedule = Schedule { first_ms: 5, longest_ms: 40, most_tries: 1_000 };
        let timing = Timing {
            schedule,
            poll_ms: 5,
            fault_pause_ms: 5,
            try_ms: TRY_MS,
            lease_ms: LEASE_MS,
            ..Timing::default()
        };
        Delivery::new(self.app.store.clone(), self.clock.clone(), Arc::clone(&self.http)).with_timing(timing)
    }

    /// Delivers for so long, then breaks off with whatever is under way.
    pub async fn cut_off_after(&self, wait: Duration) {
        let delivery = self.delivery();
        let mut work =
            tokio::spawn(async move { while delivery.deliver_once().await.is_ok_and(|tried| tried > 0) {} });
        if tokio::time::timeout(wait, &mut work).await.is_err() {
            work.abort();
            let _ = work.await;
        }
    }

    /// Delivers until nothing waits but what waits for the end of quiet hours.
    ///
    /// # Errors
    /// What still waits after a minute.
    pub async fn drain(&self) -> Result<(), String> {
        let delivery = self.delivery();
        let drained = async {
            while self.waiting().await > 0 {
                if delivery.deliver_once().await.map_err(|fault| fault.to_string())? == 0 {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
            Ok(())
        };
        match tokio::time::timeout(DRAINED_WITHIN, drained).await {
            Ok(drained) => drained,
            Err(_) => Err(format!("{} notices are still not delivered", self.waiting().await)),
        }
    }

    async fn waiting(&self) -> i64 {
        let now = self.clock.now();
        in_read!(self.app.store, |read| { outbox::waiting_count(read, now).await }).unwrap()
    }

    /// The next message, or the next edit, goes wrong.
    pub fn trouble(&self, kind: &str, method: &str) {
        let kind = match kind {
            "429" => FaultKind::RateLimited { retry_after: 0.02, global: false },
            "500" => FaultKind::Status(500),
            "timeout" => FaultKind::Delay(Duration::from_millis(TRY_MS + 50)),
            "cut off before" => FaultKind::DropBefore,
            _ => FaultKind::DropAfter,
        };
        self.discord.fail_next(Fault::once(method, "/messages", kind));
    }

    /// How often Discord answered so; a connection that was cut is 0.
    pub fn answers(&self, status: u16) -> usize {
        self.discord.requests().iter().filter(|line| line.status == status).count()
    }

    /// Posts a message that carries this mark, past the program.
    pub async fn says(&self, channel: u64, mark: &str) {
        let embed = CreateEmbed::new().description("planted").footer(CreateEmbedFooter::new(mark));
        let message = CreateMessage::new().embed(embed);
        ChannelId::new(channel).send_message(&self.http, message).await.unwrap();
    }

    /// The messages that came since the last look, in all channels.
    pub fn new_messages(&mut self) -> Vec<Message> {
        let new = self.discord.messages_after(self.looked_to);
        self.looked_to = new.last().map_or(self.looked_to, |last| last.id);
        new
    }
}
