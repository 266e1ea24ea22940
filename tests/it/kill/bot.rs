//! The real binary as a child process, with a configuration of its own.

use crate::hook;
use chrono::{Days, NaiveDate};
use discord_local::DiscordLocal;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tandem::clock::Clock;
use tandem::playground::seed::{self, Addresses};
use tokio::process::{Child, Command};

/// Below the ports that systems give out by themselves, so that nobody takes ours while the bot is down.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);
const UP_WITHIN: Duration = Duration::from_secs(60);

/// What the child is started with, each time anew.
pub struct Setup {
    dir: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
    pub database_url: String,
    pub port: u16,
    pub today: NaiveDate,
}

/// Where webhooks are sent, and with which secret.
#[derive(Clone)]
pub struct Hook {
    pub url: String,
    pub secret: Vec<u8>,
}

/// The running child. It is killed when this is dropped.
pub struct Bot {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Setup {
    pub fn new(discord: &DiscordLocal, token: &str, database_url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let today = Clock::system().now().date_naive();
        let addresses = Addresses {
            discord: discord.api_url(),
            database_url: database_url.to_owned(),
            evidence: "evidence".to_owned(),
            listen: format!("127.0.0.1:{port}"),
            public_url: "https://hooks.example.com".to_owned(),
            crm: "http://127.0.0.1:9".to_owned(),
        };
        std::fs::write(dir.path().join("bot.toml"), bot_toml(&addresses, today)).unwrap();
        let environment = vec![
            ("PLAYGROUND_TOKEN", token.to_owned()),
            ("PLAYGROUND_DATABASE", database_url.to_owned()),
            ("PLAYGROUND_HUBSPOT_SECRET", seed::HUBSPOT_SECRET.to_owned()),
            ("PLAYGROUND_HUBSPOT_TOKEN", seed::HUBSPOT_TOKEN.to_owned()),
            ("PLAYGROUND_STANDARD_SECRET", seed::STANDARD_SECRET.to_owned()),
            ("TANDEM_LOG", "warn".to_owned()),
        ];
        Self { dir, environment, database_url: database_url.to_owned(), port, today }
    }

    pub fn hook(&self) -> Hook {
        let url = format!("http://127.0.0.1:{}/v1/in/standard/northwind.forms", self.port);
        Hook { url, secret: hook::secret(seed::STANDARD_SECRET) }
    }

    /// Where evidence is kept.
    pub fn evidence(&self) -> PathBuf {
        self.dir.path().join("evidence")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
        command
            .args(words)
            .arg("--config")
            .arg(self.dir.path().join("bot.toml"))
            .current_dir(self.dir.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value.as_str())))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub fn start(&self) -> Bot {
        let log = self.dir.path().join("log");
        let to_log = || OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = self.command(&["run"]).stdout(to_log()).stderr(to_log()).spawn().unwrap();
        Bot { child, port: self.port, log }
    }

    /// Asks the binary itself.
    pub async fn ledger_is_sound(&self) {
        let output = self.command(&["ledger", "verify"]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// The end of what the bot logged, for whoever has to find out why the test failed.
    pub fn log(&self) -> String {
        tail(&self.dir.path().join("log"))
    }
}

impl Bot {
    /// Waits until webhooks are taken and the gateway is connected.
    pub async fn is_up(&mut self, discord: &DiscordLocal) {
        let client = reqwest::Client::new();
        let healthz = format!("http://127.0.0.1:{}/healthz", self.port);
        let up = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    panic!("the bot ended by itself ({status}):\n{}", tail(&self.log));
                }
                let healthy = client.get(&healthz).send().await.is_ok_and(|answer| answer.status() == 200);
                if healthy && discord.gateways() > 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(UP_WITHIN, up).await.is_err() {
            panic!("the bot does not come up:\n{}", tail(&self.log));
        }
    }

    /// Kills it (SIGKILL where there are signals) and waits until it is gone.
    pub async fn killed(mut self) {
        self.child.kill().await.unwrap();
    }
}

fn tail(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

fn free_port() -> u16 {
    let start = u16::try_from(std::process::id() % 8_000).unwrap();
    for _ in 0..1_000 {
        let port = 20_000 + (start + NEXT_PORT.fetch_add(7, Ordering::Relaxed)) % 8_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// The playground's configuration with funds that are valid now, and waits that fit the shortened nonce window.
fn bot_toml(addresses: &Addresses, today: NaiveDate) -> String {
    let text = seed::bot_toml(addresses);
    let (from, until) = (today - Days::new(60), today + Days::new(120));
    let text = text.replace("2026-01-01", &from.to_string()).replace("2026-06-30", &until.to_string());
    assert!(text.contains(&format!("valid_until = {until}")), "the funds are valid now");
    let limits = "[limits]\nnonce_trusted_ms = 700\ndelivery_try_ms = 400\nprojection_lease_ms = 1000\n\n";
    format!("{limits}{text}")
}
