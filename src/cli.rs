//! The command line: what an operator can ask of the binary. Each command reads the configuration, does one thing and
//! says in words how it went.

mod export;
mod verify;

use crate::clock::Clock;
use crate::clock::instant;
use crate::config::{self, Config, Environment, LogFormat, Need};
use crate::run::{self, Settings};
use crate::store::{Store, audit, inbox, ledger, outbox, program};
use crate::{in_read, in_tx};
use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Joint marketing plans between a vendor and its channel partners, run where they already talk.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration is.
#[derive(Debug, Args)]
struct Configured {
    /// The configuration file
    #[arg(long, env = "TANDEM_CONFIG", default_value = "bot.toml")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot: gateway, webhook listener, scheduler, delivery
    Run(Configured),
    /// Read the configuration and list every problem of it
    Check(Configured),
    /// Print the link that invites the bot to a server
    Invite(Configured),
    /// The ledger
    #[command(subcommand)]
    Ledger(Ledger),
    /// The audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Say whether a file is what both sides signed; exit code 1 if it is not
    Verify(VerifyFile),
    /// Take something out for others to check
    #[command(subcommand)]
    Export(Export),
    /// What CRMs sent that could not be understood
    #[command(subcommand)]
    Inbox(Inbox),
    /// What waits for Discord, and what could not be delivered
    #[command(subcommand)]
    Outbox(Outbox),
    /// Try everything on this machine: no token, no server, no internet
    Playground(Playground),
}

#[derive(Debug, Subcommand)]
enum Ledger {
    /// Compare running totals with their entries; exit code 1 if anything is wrong
    Verify(Configured),
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every program's chain; exit code 1 if a line was changed, removed, put in or cut off
    Verify {
        /// An end that an earlier check printed and you kept, as PROGRAM:LINE:HASH; may be given several times
        #[arg(long)]
        kept: Vec<String>,
        #[command(flatten)]
        configured: Configured,
    },
}

#[derive(Debug, Subcommand)]
enum Export {
    /// Write the auditor's packet of a claim: a ZIP with everything about it
    Claim(export::Claim),
}

#[derive(Debug, Args)]
struct VerifyFile {
    /// The exported JSON file
    file: PathBuf,
    /// The SHA-256 on the plan's card; spaces and upper case don't matter
    #[arg(long, required = true, num_args = 1..)]
    sha256: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Inbox {
    /// List the dead letters: authentic webhooks that could not be understood, with the reason
    List(Configured),
    /// Show one delivery: its body and what became of its events
    Show {
        /// Its key, as listed
        key: String,
        #[command(flatten)]
        configured: Configured,
    },
    /// Take up a dead letter again, after what was wrong is mended; the running bot reads it
    Replay {
        /// Its key, as listed
        key: String,
        #[command(flatten)]
        configured: Configured,
    },
}

#[derive(Debug, Subcommand)]
enum Outbox {
    /// List the messages that Discord refused
    List(Configured),
    /// Try one of them again
    Retry {
        /// Its id, as listed
        id: String,
        #[command(flatten)]
        configured: Configured,
    },
}

#[derive(Debug, Args)]
struct Playground {
    /// Play this scenario (quarter)
    #[arg(long)]
    scenario: Option<String>,
    /// Without the page: play the scenario, write what came of it, compare every figure
    #[arg(long, requires_all = ["scenario", "out"])]
    headless: bool,
    /// The folder to write to
    #[arg(long)]
    out: Option<PathBuf>,
    /// The page's port
    #[arg(long, default_value_t = 8800)]
    port: u16,
}

/// Dead letters listed at once.
const LISTED: i64 = 200;

/// Does what the command line asks.
///
/// # Errors
/// What went wrong, in words for the operator.
pub async fn main(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Run(configured) => run(&configured).await,
        Command::Check(configured) => check(&configured),
        Command::Invite(configured) => invite(&configured),
        Command::Ledger(Ledger::Verify(configured)) => ledger_verify(&configured).await,
        Command::Audit(AuditCommand::Verify { kept, configured }) => audit_verify(&configured, &kept).await,
        Command::Export(Export::Claim(asked)) => export::claim(&asked).await,
        Command::Verify(asked) => verify::file(&asked.file, &asked.sha256.concat()),
        Command::Inbox(Inbox::List(configured)) => inbox_list(&configured).await,
        Command::Inbox(Inbox::Show { key, configured }) => inbox_show(&configured, &key).await,
        Command::Inbox(Inbox::Replay { key, configured }) => inbox_replay(&configured, &key).await,
        Command::Outbox(Outbox::List(configured)) => dead_letters(&configured).await,
        Command::Outbox(Outbox::Retry { id, configured }) => retry(&configured, &id).await,
        Command::Playground(asked) => playground(asked).await,
    }
}

fn load(configured: &Configured, need: Need) -> Result<Config> {
    let environment: Environment = std::env::vars_os().collect();
    Ok(config::load_file(&configured.config, &environment, need)?)
}

fn logging(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log.filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

async fn run(configured: &Configured) -> Result<ExitCode> {
    let config = load(configured, Need::Discord)?;
    logging(&config);
    let mut running = run::start(&config, Clock::system(), Settings::of(&config)).await?;
    let ended = tokio::select! {
        asked = stop_asked() => asked.map(|()| None)?,
        why = running.gateway_end() => Some(why),
    };
    tracing::info!("Stopping");
    // Who asks a second time does not want to wait.
    tokio::select! {
        () = running.stop() => {}
        asked = stop_asked() => {
            asked?;
            bail!("stopped before everything had ended; nothing that was acknowledged is lost");
        }
    }
    match ended {
        None => Ok(ExitCode::SUCCESS),
        Some(why) => bail!("the connection to Discord has ended for good: {why}"),
    }
}

/// Waits for Ctrl-C or the signal by which services are stopped.
///
/// # Errors
/// The operating system takes no signal handlers.
pub async fn stop_asked() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn check(configured: &Configured) -> Result<ExitCode> {
    let mut config = load(configured, Need::Database)?;
    // A file without a program is not meant to run yet; with one, everything that running it needs has to be there.
    if !config.programs.is_empty() {
        config = load(configured, Need::Discord)?;
    }
    println!(
        "{}: no problem found; {} program(s), database {}",
        configured.config.display(),
        config.programs.len(),
        config.database.shown
    );
    Ok(ExitCode::SUCCESS)
}

/// What the bot must be allowed: see channels, send messages, make and write in threads, embed links, attach files,
/// read the history (to find its own messages again), pin messages (its cards; servers that don't know that permission
/// yet ask for manage messages), create events (of a program with a single partner; its own it may change).
const PERMISSIONS: u64 = (1 << 10)
    | (1 << 11)
    | (1 << 13)
    | (1 << 14)
    | (1 << 15)
    | (1 << 16)
    | (1 << 35)
    | (1 << 38)
    | (1 << 44)
    | (1 << 51);

fn invite(configured: &Configured) -> Result<ExitCode> {
    let config = load(configured, Need::Discord)?;
    let login = config.discord.login.as_ref().context("no application is configured")?;
    println!(
        "https://discord.com/oauth2/authorize?client_id={}&scope=bot%20applications.commands&permissions={PERMISSIONS}",
        login.application_id
    );
    Ok(ExitCode::SUCCESS)
}

async fn open(configured: &Configured) -> Result<Store> {
    let config = load(configured, Need::Database)?;
    Store::open_existing(config.database.url.expose_secret())
        .await
        .with_context(|| format!("opening {}", config.database.shown))
}

async fn ledger_verify(configured: &Configured) -> Result<ExitCode> {
    let store = open(configured).await?;
    let problems = in_read!(store, |read| { ledger::verify(read).await })?;
    if problems.is_empty() {
        println!(
            "The ledger is sound: every transfer balances, every running total is the sum of its entries."
        );
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &problems {
        println!("{problem}");
    }
    println!("{} problem(s) found.", problems.len());
    Ok(ExitCode::FAILURE)
}

async fn audit_verify(configured: &Configured, kept: &[String]) -> Result<ExitCode> {
    let kept = kept.iter().map(|text| verify::kept(text)).collect::<Result<Vec<_>>>()?;
    let store = open(configured).await?;
    let (programs, found) = in_read!(store, |read| {
        let mut found = Vec::new();
        for end in &kept {
            found.push(audit::hash_at(read, &end.program, end.line).await?);
        }
        Ok((audit::verify(read).await?, found))
    })?;
    let said = verify::trail(&programs, kept.iter().zip(&found));
    for line in &said.lines {
        println!("{line}");
    }
    Ok(if said.sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn inbox_list(configured: &Configured) -> Result<ExitCode> {
    let store = open(configured).await?;
    let dead = in_read!(store, |read| {
        let mut all = Vec::new();
        for program in program::all(read).await? {
            all.extend(inbox::dead_letters(read, &program.id, LISTED.unsigned_abs() as u32).await?);
        }
        Ok(all)
    })?;
    for letter in &dead {
        println!(
            "{}  {}  {}  {}",
            letter.key,
            instant(letter.received_ms).format("%Y-%m-%d %H:%M"),
            letter.source,
            letter.reason
        );
    }
    println!("{} dead letter(s).", dead.len());
    Ok(ExitCode::SUCCESS)
}

async fn inbox_show(configured: &Configured, key: &str) -> Result<ExitCode> {
    let store = open(configured).await?;
    let shown = in_read!(store, |read| {
        for program in program::all(read).await? {
            if let Some(shown) = inbox::show(read, &program.id, key).await? {
                return Ok(Some(shown));
            }
        }
        Ok(None)
    })?;
    let Some(shown) = shown else { bail!("no delivery has the key {key}; see tandem inbox list") };
    println!("source {}, {}, {} tries", shown.source, shown.state, shown.attempts);
    println!("reason: {}", shown.reason.as_deref().unwrap_or("none"));
    for event in &shown.events {
        println!("event {}: {} {}", event.0, event.1, event.2.as_deref().unwrap_or_default());
    }
    match shown.body {
        Some(body) => println!("body:\n{}", String::from_utf8_lossy(&body)),
        None => println!("body: erased"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn inbox_replay(configured: &Configured, key: &str) -> Result<ExitCode> {
    let store = open(configured).await?;
    let now_ms = Clock::system().now_ms();
    let replayed = in_tx!(store, |tx| {
        for program in program::all(tx).await? {
            if inbox::replay(tx, &program.id, key, now_ms).await? {
                return Ok(true);
            }
        }
        Ok(false)
    })?;
    if replayed {
        println!("{key} is taken up again.");
        return Ok(ExitCode::SUCCESS);
    }
    bail!("no dead letter has the key {key}, or its body is erased; see tandem inbox list")
}

async fn dead_letters(configured: &Configured) -> Result<ExitCode> {
    let store = open(configured).await?;
    let dead = in_read!(store, |read| { outbox::list_dead(read, LISTED).await })?;
    for letter in &dead {
        println!(
            "{}  {}  channel {}  {} tries  {}",
            letter.id,
            letter.dead_at.format("%Y-%m-%d %H:%M"),
            letter.channel_id,
            letter.tries,
            letter.reason
        );
    }
    println!("{} message(s) could not be delivered.", dead.len());
    Ok(ExitCode::SUCCESS)
}

async fn retry(configured: &Configured, id: &str) -> Result<ExitCode> {
    let store = open(configured).await?;
    let clock = Clock::system();
    if in_tx!(store, |tx| { outbox::retry_dead(tx, &clock, id).await })? {
        println!("{id} will be tried again.");
        return Ok(ExitCode::SUCCESS);
    }
    bail!("no undelivered message has the id {id}; see tandem outbox list")
}

async fn playground(asked: Playground) -> Result<ExitCode> {
    if !asked.headless {
        // An answer may point to a reference in the log.
        let warnings = tracing_subscriber::fmt().with_env_filter("warn").with_writer(std::io::stderr);
        warnings.with_ansi(std::io::stderr().is_terminal()).init();
        crate::playground::interactive(crate::playground::Options {
            port: asked.port,
            scenario: asked.scenario,
        })
        .await?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = crate::playground::HeadlessOptions {
        scenario: asked.scenario.unwrap_or_default(),
        out: asked.out.unwrap_or_default(),
        progress: true,
    };
    let outcome = crate::playground::headless(options).await?;
    for difference in &outcome.differences {
        println!("{difference}");
    }
    println!("{} figures, {} differences", outcome.figures, outcome.differences.len());
    Ok(if outcome.is_as_expected() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
