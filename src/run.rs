//! The running program: everything started in order, and stopped in order. The same for `tandem run`, the playground
//! and the tests; they differ in the configuration and the clock that they hand in.

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, DiscordRoute};
use crate::crm;
use crate::crm::intake::Intake;
use crate::crm::notice;
use crate::crm::project::Projector;
use crate::delivery::connect::{self, DiscordSettings};
use crate::delivery::{Delivery, Timing};
use crate::evidence::Evidence;
use crate::evidence::fetch::Fetcher;
use crate::evidence::vault::Vault;
use crate::fault::Fault;
use crate::flow::declare;
use crate::in_tx;
use crate::inbound::calendar;
use crate::inbound::cron;
use crate::inbound::discord::Handler;
use crate::inbound::http;
use crate::store::{Store, inbox, secret};
use secrecy::ExposeSecret;
use serenity::all::{Client, GatewayIntents, GuildId, Http, ShardManager};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long the gateway may take to say goodbye, and everything else to end. Protocol time.
const GATEWAY_LIMIT: Duration = Duration::from_secs(5);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How often SQLite's write-ahead log is moved into the database file.
const WAL_EVERY: Duration = Duration::from_secs(2);

/// How often the inbox is looked at when nothing was there the last time.
const PROJECT_EVERY: Duration = Duration::from_millis(100);
/// How often bodies that are no longer needed are erased.
const ERASE_EVERY: Duration = Duration::from_secs(3600);

/// What a caller may set beside the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    pub delivery: Timing,
}

impl Settings {
    /// What the configuration's limits make of the production waits.
    pub fn of(config: &Config) -> Self {
        let limits = &config.limits;
        let lease_ms = i64::try_from(limits.delivery_try_ms.saturating_mul(2)).unwrap_or(i64::MAX);
        let delivery = Timing {
            nonce_trusted_ms: limits.nonce_trusted_ms,
            try_ms: limits.delivery_try_ms,
            lease_ms,
            ..Timing::default()
        };
        Self { delivery }
    }
}

/// The program while it runs. Dropping it ends its tasks where they stand; [`Running::stop`] ends them in order.
pub struct Running {
    pub app: App,
    /// Where the webhook listener really listens (a port of 0 was replaced).
    pub address: SocketAddr,
    shutdown: watch::Sender<bool>,
    shards: Arc<ShardManager>,
    ready: watch::Receiver<bool>,
    gateway_gone: watch::Receiver<Option<String>>,
    gateway: JoinHandle<()>,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the database, applies what the configuration declares, and starts the gateway, the delivery, the webhook
/// listener and the scheduler.
///
/// # Errors
/// What can't be opened, applied, listened on or logged into; nothing is left running then.
pub async fn start(config: &Config, clock: Clock, settings: Settings) -> Result<Running, Fault> {
    let store = Store::open(config.database.url.expose_secret()).await?;
    let evidence = evidence(&store, &clock, config).await?;
    let app = App::new(store, clock).reached_at(&config.http.public_url).keeping(evidence);
    declare::apply(&app, config).await?;
    let sources = Arc::new(crm::connect::sources(&app, config).await?);

    let listener = tokio::net::TcpListener::bind(config.http.listen)
        .await
        .map_err(|error| Fault::Other(format!("can't listen on {}: {error}", config.http.listen)))?;
    let address = listener.local_addr().map_err(|error| Fault::Other(error.to_string()))?;
    let (shutdown, stop) = watch::channel(false);
    let (registered, ready) = watch::channel(false);
    let mut client = gateway(&app, config, registered).await?;
    let shards = Arc::clone(&client.shard_manager);
    let delivery = Delivery::new(app.store.clone(), app.clock.clone(), Arc::clone(&client.http))
        .with_timing(settings.delivery)
        .woken_by(Arc::clone(&app.delivery_bell));

    let mut tasks = vec![
        tokio::spawn(delivery.run(stop.clone())),
        tokio::spawn(keep_wal_short(app.store.clone(), stop.clone())),
    ];
    let (gone, gateway_gone) = watch::channel(None);
    let gateway = tokio::spawn(async move {
        let ended = client.start().await;
        let _ =
            gone.send(Some(ended.map_or_else(|error| error.to_string(), |()| "it was closed".to_owned())));
    });
    let (intake, writer) = crm::intake::intake(
        app.store.clone(),
        app.clock.clone(),
        Arc::clone(&sources),
        &config.http.public_url,
        config.limits.intake_body_bytes,
    );
    tasks.push(tokio::spawn(serve(listener, intake, calendar::router(app.clone()), stop.clone())));
    tasks.push(tokio::spawn(writer.run()));
    let projector = Projector::new(app.store.clone(), app.clock.clone(), sources)
        .holding_for(config.limits.projection_lease_ms);
    tasks.push(tokio::spawn(project(app.clone(), projector, stop.clone())));
    tasks.push(tokio::spawn(cron::run(app.clone(), stop)));
    tracing::info!(%address, "Tandem runs; webhooks are taken here");
    Ok(Running { app, address, shutdown, shards, ready, gateway_gone, gateway, tasks })
}

impl Running {
    /// Waits until the gateway is ready and the commands are registered; false if it ended before.
    pub async fn until_ready(&mut self) -> bool {
        self.ready.wait_for(|ready| *ready).await.is_ok()
    }

    /// Waits until the gateway connection has ended for good (a token that is no longer valid, for instance), and says
    /// why. What comes back by itself is not an end.
    pub async fn gateway_end(&mut self) -> String {
        match self.gateway_gone.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => "its task ended".to_owned(),
        }
    }

    /// Ends in order: no new interactions, no new webhooks, then what is under way, then the database. What does not end
    /// in time is cut off; nothing acknowledged depends on it.
    pub async fn stop(self) {
        if tokio::time::timeout(GATEWAY_LIMIT, self.shards.shutdown_all()).await.is_err() {
            tracing::warn!("The connection to Discord did not end in time and was cut");
        }
        // Without a connection, its task would go on trying to make one.
        self.gateway.abort();
        let _ = self.shutdown.send(true);
        let mut tasks = self.tasks;
        let all = async {
            for task in &mut tasks {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(STOP_LIMIT, all).await.is_err() {
            tracing::warn!("Not everything ended in time; what was left was cut off");
            tasks.iter().for_each(JoinHandle::abort);
        }
        self.app.store.close().await;
    }
}

/// What takes evidence in and keeps it, as the configuration says; the folder is made if it isn't there.
///
/// # Errors
/// A fault of the database, which keeps the key, and of the folder.
pub async fn evidence(store: &Store, clock: &Clock, config: &Config) -> Result<Evidence, Fault> {
    let key = in_tx!(store, |tx| { secret::evidence_key(tx, clock).await })?;
    let folder = &config.evidence.folder;
    let vault = Vault::open(folder, &key, clock.clone())
        .map_err(|error| Fault::Other(format!("{}: {error}", folder.display())))?;
    let fetcher = Fetcher::new(&config.discord.route, config.limits.evidence_file_bytes)
        .map_err(|error| Fault::Other(format!("TLS: {error}")))?;
    Ok(Evidence::new(fetcher, vault))
}

/// The client of Discord's REST API that the configuration asks for.
///
/// # Errors
/// `Fault::Other` without a token, or with settings that can't be used.
pub fn discord(config: &Config) -> Result<Http, Fault> {
    let login =
        config.discord.login.as_ref().ok_or_else(|| Fault::Other("no Discord token is configured".into()))?;
    let mut settings = DiscordSettings {
        token: login.token.clone(),
        application_id: login.application_id.get(),
        api_url: None,
        connect_to: None,
        ca_pem: None,
    };
    match &config.discord.route {
        DiscordRoute::Public => {}
        DiscordRoute::Proxy { api_url } => settings.api_url = Some(api_url.clone()),
        DiscordRoute::Redirected { address, ca_pem } => {
            settings.connect_to = Some(*address);
            settings.ca_pem = Some(ca_pem.clone());
        }
    }
    connect::http(&settings).map_err(|error| Fault::Other(error.to_string()))
}

async fn gateway(app: &App, config: &Config, ready: watch::Sender<bool>) -> Result<Client, Fault> {
    let guilds = config.programs.iter().map(|program| GuildId::from(program.guild_id)).collect();
    let handler = Handler { app: app.clone(), guilds, ready };
    serenity::client::ClientBuilder::new_with_http(discord(config)?, GatewayIntents::GUILDS)
        .event_handler(handler)
        .await
        .map_err(|error| Fault::Discord(format!("logging in: {error}")))
}

/// Takes webhooks until asked to stop. When it ends, the last intake is gone, and the writer ends after what waits.
async fn serve(
    listener: tokio::net::TcpListener,
    intake: Intake,
    feeds: axum::Router,
    stop: watch::Receiver<bool>,
) {
    let router = intake.router().merge(feeds).route("/healthz", axum::routing::get(|| async { "ok" }));
    drop(intake);
    http::serve(listener, router, stop).await;
}

/// Folds what was taken in into leads, deals and facts, and erases bodies that are no longer needed.
async fn project(app: App, projector: Projector, mut stop: watch::Receiver<bool>) {
    let mut erased = tokio::time::Instant::now();
    while !*stop.borrow() {
        let more = match projector.project_once().await {
            Ok(projected) => projected.done + projected.dead > 0,
            Err(fault) => {
                tracing::error!(%fault, "CRM events can't be folded; trying again");
                false
            }
        };
        match notice::tell(&app.store, &app.clock).await {
            Ok(0) => {}
            Ok(_) => app.delivery_bell.notify_one(),
            Err(fault) => {
                tracing::error!(%fault, "Administrators could not be told of dead letters; trying again")
            }
        }
        if erased.elapsed() > ERASE_EVERY {
            erased = tokio::time::Instant::now();
            if let Err(fault) = erase(&app).await {
                tracing::error!(%fault, "Old webhook bodies could not be erased");
            }
        }
        if !more {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(PROJECT_EVERY) => {}
            }
        }
    }
}

async fn erase(app: &App) -> Result<u64, Fault> {
    in_tx!(app.store, |tx| { inbox::erase_old_bodies(tx, app.clock.now_ms()).await })
}

async fn keep_wal_short(store: Store, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(WAL_EVERY) => {}
        }
        if let Err(fault) = store.checkpoint_wal().await {
            tracing::warn!(%fault, "The write-ahead log could not be shortened");
        }
    }
}
