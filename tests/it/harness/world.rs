//! A world: the playground's people on a local Discord, and the real program on a database and a clock of its own.

use chrono::{DateTime, TimeZone, Utc};
use discord_local::{Answer, DiscordLocal, Message, Options};
use std::sync::Arc;
use std::time::Duration;
use tandem::clock::Clock;
use tandem::config::{self, Need};
use tandem::delivery::Timing;
use tandem::delivery::backoff::Schedule;
use tandem::fault::Fault;
use tandem::flow::declare;
use tandem::inbound::cron;
use tandem::playground::seed::{self, Addresses, Who};
use tandem::run::{self, Running, Settings};
use tandem::store::{audit, ledger, outbox};
use tandem::{args, in_read};

pub struct World {
    pub discord: DiscordLocal,
    pub clock: Clock,
    pub running: Running,
    pub addresses: Addresses,
    /// Removed with the world: its evidence.
    _folder: tempfile::TempDir,
}

/// Tells a story in a fresh world, and checks at its end that nothing is left unsaid: the outbox is empty, nothing
/// died, the ledger balances, the trail is whole.
pub async fn told(database_url: String, story: impl AsyncFnOnce(&mut World)) {
    let mut world = World::open(database_url).await;
    story(&mut world).await;
    world.settle().await;
    world.is_sound().await;
    world.close().await;
}

/// Waits short enough for a test, with the production order of things.
fn quick() -> Timing {
    let schedule = Schedule { first_ms: 20, longest_ms: 80, most_tries: 20 };
    Timing { schedule, poll_ms: 20, fault_pause_ms: 50, ..Timing::default() }
}

/// Where stories begin: Monday, 5 January 2026, 09:00 in Berlin.
pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 5, 8, 0, 0).unwrap()
}

impl World {
    pub async fn open(database_url: String) -> Self {
        let clock = Clock::manual(start());
        let discord_clock = clock.clone();
        let options = Options { clock: Arc::new(move || discord_clock.now_ms()), ..Options::default() };
        let discord = DiscordLocal::start(options).await.unwrap();
        let application = seed::people(&discord);
        let folder = tempfile::tempdir().unwrap();
        let addresses = Addresses {
            discord: discord.api_url(),
            database_url,
            evidence: folder.path().join("evidence").display().to_string(),
            listen: "127.0.0.1:0".to_owned(),
            public_url: "https://hooks.example.com".to_owned(),
            crm: "http://127.0.0.1:9".to_owned(),
        };
        let config = seed::configuration(&addresses, &application.token)
            .unwrap_or_else(|problems| panic!("{problems}"));
        let mut running = run::start(&config, clock.clone(), Settings { delivery: quick() }).await.unwrap();
        assert!(running.until_ready().await, "the gateway ended before it was ready");
        // What the clock does first thing, such as sweeping the evidence folder, is no part of a story.
        while cron::tick(&running.app).await.unwrap() > 0 {}
        Self { discord, clock, running, addresses, _folder: folder }
    }

    pub async fn close(self) {
        self.running.stop().await;
        self.discord.stop().await;
    }

    /// Somebody in the channel where they mostly are.
    pub fn person(&self, who: Who) -> Player<'_> {
        let channel = match who {
            Who::Vera | Who::Pat | Who::Olga | Who::Both => seed::ACME,
            Who::Amir | Who::Finn => seed::APPROVALS,
            Who::Gil | Who::Ines => seed::GLOBEX,
            Who::Nobody => seed::GENERAL,
        };
        Player { world: self, who, channel }
    }

    /// Waits until everything queued has been delivered.
    pub async fn settle(&self) {
        let emptied = async {
            loop {
                let mut changed = self.discord.changes();
                if self.waiting().await == 0 {
                    return;
                }
                let _ = tokio::time::timeout(Duration::from_millis(10), changed.changed()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), emptied).await.expect("the outbox is emptied");
    }

    /// Moves the clock, does what has become due, and waits until all of it is delivered.
    pub async fn moves_to(&self, instant: &str) {
        let to = DateTime::parse_from_rfc3339(instant).unwrap().to_utc();
        assert!(self.clock.advance_to(to), "the clock moves forward only");
        while cron::tick(&self.running.app).await.unwrap() > 0 {}
        self.settle().await;
    }

    /// The checkpoint reports in a channel.
    pub fn reports(&self, channel: u64) -> Vec<Message> {
        let all = self.discord.person(Who::Vera.id()).messages(channel);
        all.into_iter()
            .filter(|message| message.ephemeral_for.is_none() && message.text().starts_with("Checkpoint"))
            .collect()
    }

    /// Declares the program anew by another bot.toml, as a start does. Gives what refuses it, if something does.
    pub async fn declares(&self, toml: &str) -> Result<(), Fault> {
        let environment = seed::environment(&self.addresses, "token");
        let config = config::load(toml, "bot.toml", &environment, Need::Discord)
            .unwrap_or_else(|problems| panic!("{problems}"));
        declare::apply(&self.running.app, &config).await
    }

    async fn waiting(&self) -> i64 {
        let (store, now) = (&self.running.app.store, self.clock.now());
        in_read!(store, |read| { outbox::waiting_count(read, now).await }).unwrap()
    }

    async fn is_sound(&self) {
        let store = &self.running.app.store;
        let problems = in_read!(store, |read| { ledger::verify(read).await }).unwrap();
        assert_eq!(problems, Vec::<String>::new(), "the ledger is sound");
        let trail = in_read!(store, |read| { audit::verify(read).await }).unwrap();
        let broken: Vec<_> = trail.iter().filter_map(|chain| chain.broken.as_ref()).collect();
        assert!(broken.is_empty(), "the trail is whole: {broken:?}");
        let dead = in_read!(store, |read| {
            read.one("SELECT COUNT(*) AS n FROM outbox WHERE dead_at IS NOT NULL", args![]).await?.int("n")
        });
        assert_eq!(dead.unwrap(), 0, "no dead letter");
    }

    /// The newest card of a channel whose title begins with `name`, as the vendor's manager sees it; without one, the newest
    /// other message that begins so.
    pub fn card(&self, channel: u64, name: &str) -> Message {
        let mut all = self.discord.person(Who::Vera.id()).messages(channel);
        all.retain(|message| message.ephemeral_for.is_none());
        let title = |message: &Message| {
            message.embeds.iter().find_map(|embed| embed["title"].as_str().map(str::to_owned))
        };
        let titled = |message: &&Message| title(message).is_some_and(|title| title.starts_with(name));
        let found = all.iter().rev().find(titled);
        let found = found.or_else(|| all.iter().rev().find(|message| message.text().starts_with(name)));
        found.cloned().unwrap_or_else(|| {
            panic!("no card {name:?} in {:#?}", all.iter().map(Message::text).collect::<Vec<_>>())
        })
    }
}

/// Somebody in a channel.
#[derive(Clone, Copy)]
pub struct Player<'a> {
    pub world: &'a World,
    pub who: Who,
    pub channel: u64,
}

impl Player<'_> {
    /// The same person in another channel.
    pub fn at(self, channel: u64) -> Self {
        Self { channel, ..self }
    }

    /// Types a slash command and reads the answer.
    pub async fn runs(&self, line: &str) -> String {
        let answer = self.world.discord.person(self.who.id()).run(self.channel, line).await;
        self.world.settle().await;
        answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text())
    }

    /// Presses a button of a message and reads the answer; a form that opens is filled with `values`.
    pub async fn presses(&self, message: &Message, label: &str, values: &[(&str, &str)]) -> String {
        let person = self.world.discord.person(self.who.id());
        let button =
            message.button(label).unwrap_or_else(|| panic!("no button {label:?} on {}", message.text()));
        let answer = person.press(message.channel_id, message.id, button.custom_id.as_deref().unwrap()).await;
        let answer = match answer {
            Ok(Answer::Modal(form)) if !values.is_empty() => person.submit(&form, values).await,
            other => other,
        };
        self.world.settle().await;
        answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text())
    }
}
