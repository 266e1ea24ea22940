//! Everything that a playground runs, started and stopped in order: a local Discord with the program's people, the bot
//! through its real gateway and HTTP, the CRM stand-ins, and one clock for all of them.
//!
//! It must never reach inside the bot to make something happen: people act through their clients, CRMs through webhooks,
//! the scheduler through the clock. It looks inside only to know when the bot has done what was due.

use super::crm::{Forms, Hook, Hubspot, Served};
use super::seed::{self, Addresses};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::in_read;
use crate::inbound::cron;
use crate::run::{self, Running, Settings};
use crate::store::{inbox, outbox, program};
use chrono::{DateTime, Utc};
use discord_local::{DiscordLocal, Error, Options};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The public address that the CRMs sign. Nothing is served there: the requests go to this machine.
const PUBLIC_URL: &str = "https://hooks.playground.example";
/// How long the bot may take for what is due, protocol time.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A running playground.
pub struct World {
    pub discord: DiscordLocal,
    pub clock: Clock,
    pub running: Running,
    pub hubspot: Hubspot,
    pub hook: Hook,
    pub forms: Forms,
    crm: Served,
    /// Removed when the world is dropped, with the database and the evidence in it.
    _folder: tempfile::TempDir,
}

async fn discord(port: u16, clock: &Clock) -> Result<DiscordLocal, Error> {
    let clock = clock.clone();
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], port)),
        clock: Arc::new(move || clock.now_ms()),
        title: "Tandem playground".to_owned(),
        ..Options::default()
    };
    DiscordLocal::start(options).await
}

impl World {
    /// Starts everything on this machine: the page on `port` (or a free one, if that is taken), the business clock at
    /// `start`.
    ///
    /// # Errors
    /// What can't be listened on or started.
    pub async fn open(port: u16, start: DateTime<Utc>) -> Result<Self, Fault> {
        let clock = Clock::manual(start);
        let discord = match discord(port, &clock).await {
            Err(Error::Listen(_)) if port != 0 => discord(0, &clock).await,
            other => other,
        }
        .map_err(|error| Fault::Other(error.to_string()))?;
        let application = seed::people(&discord);
        let hubspot = Hubspot::new(clock.clone(), seed::HUBSPOT_TOKEN);
        let crm = hubspot.serve().await?;
        let folder = tempfile::Builder::new()
            .prefix("tandem-playground-")
            .tempdir()
            .map_err(|error| Fault::Other(format!("no folder for the database and evidence: {error}")))?;
        let addresses = Addresses {
            discord: discord.api_url(),
            database_url: format!("sqlite://{}", folder.path().join("tandem.db").display()),
            evidence: folder.path().join("evidence").display().to_string(),
            listen: "127.0.0.1:0".to_owned(),
            public_url: PUBLIC_URL.to_owned(),
            crm: format!("http://{}", crm.address),
        };
        let config = seed::configuration(&addresses, &application.token)
            .map_err(|problems| Fault::Other(problems.to_string()))?;
        let mut running = run::start(&config, clock.clone(), Settings::default()).await?;
        if !running.until_ready().await {
            return Err(Fault::Other("the bot's gateway ended before it was ready".to_owned()));
        }
        let hook = Hook::new(hubspot.clone(), running.address, PUBLIC_URL, seed::HUBSPOT_SECRET);
        let forms = Forms::new(clock.clone(), running.address, seed::STANDARD_SECRET)?;
        Ok(Self { discord, clock, running, hubspot, hook, forms, crm, _folder: folder })
    }

    /// Stops everything in order: the bot, the CRM, the local Discord; then the database is removed.
    pub async fn close(self) {
        self.running.stop().await;
        self.crm.stop().await;
        self.discord.stop().await;
    }

    /// Moves the clock to `to`, and stops on the way wherever the scheduler has something to do, until it has done it.
    ///
    /// # Errors
    /// `to` is in the past, or the bot does not get done.
    pub async fn advance_to(&self, to: DateTime<Utc>) -> Result<(), Fault> {
        self.settle().await?;
        while let Some(due) = cron::next_due(&self.running.app).await?.filter(|due| *due <= to) {
            self.move_clock(due.max(self.clock.now()))?;
            let wait = Wait::until("the scheduler has done what was due");
            while cron::next_due(&self.running.app).await?.is_some_and(|next| next <= self.clock.now()) {
                wait.a_moment().await?;
            }
            self.settle().await?;
        }
        self.move_clock(to)
    }

    fn move_clock(&self, to: DateTime<Utc>) -> Result<(), Fault> {
        if !self.clock.advance_to(to) {
            return Err(Fault::Other(format!(
                "the clock stands at {} and can't go back to {to}",
                self.clock.now()
            )));
        }
        self.running.app.clock_bell.notify_one();
        Ok(())
    }

    /// Waits until every webhook is folded and every message delivered.
    ///
    /// # Errors
    /// The bot does not get done.
    pub async fn settle(&self) -> Result<(), Fault> {
        let wait = Wait::until("the webhooks are folded");
        while self.webhooks_waiting().await? > 0 {
            wait.a_moment().await?;
        }
        let wait = Wait::until("the messages are delivered");
        let now = self.clock.now();
        while in_read!(self.running.app.store, |read| { outbox::waiting_count(read, now).await })? > 0 {
            wait.a_moment().await?;
        }
        Ok(())
    }

    async fn webhooks_waiting(&self) -> Result<i64, Fault> {
        in_read!(self.running.app.store, |read| {
            let mut waiting = 0;
            for program in program::all(read).await? {
                waiting +=
                    inbox::counts(read, &program.id).await?.deliveries.get("waiting").copied().unwrap_or(0);
            }
            Ok(waiting)
        })
    }
}

/// Waiting for the bot, as long as it may take.
struct Wait {
    what: &'static str,
    began: Instant,
}

impl Wait {
    fn until(what: &'static str) -> Self {
        Self { what, began: Instant::now() }
    }

    async fn a_moment(&self) -> Result<(), Fault> {
        if self.began.elapsed() > PATIENCE {
            return Err(Fault::Other(format!("waited {} s in vain until {}", PATIENCE.as_secs(), self.what)));
        }
        tokio::time::sleep(LOOK_EVERY).await;
        Ok(())
    }
}
