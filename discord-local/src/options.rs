//! How a local Discord behaves: where it listens, what time it is, and the waits and limits that a test may shorten.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The clock of messages and ids: Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a server is started. `Options::default()` is Discord as it is, on a free port, without rate limits.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Unix milliseconds for timestamps, snowflakes and attachment links. Waits and deadlines never use it.
    pub clock: Clock,
    /// How long an interaction waits for its first answer. Discord: 3 s.
    pub answer_deadline: Duration,
    /// How long an interaction's token serves follow-ups and edits. Discord: 15 min.
    pub token_life: Duration,
    /// The interval told to gateway clients. Discord: 41.25 s.
    pub heartbeat_interval: Duration,
    /// How long `enforce_nonce` remembers a nonce, in real time. Discord: "a few minutes".
    pub nonce_window: Duration,
    /// How long a dropped gateway session may still be resumed.
    pub resume_window: Duration,
    /// How long a [`Person`](crate::Person) waits for a deferred answer before saying that it still loads.
    pub patience: Duration,
    /// How long a [`Person`](crate::Person) waits after a silent acknowledgement (deferred update) for the edit behind it.
    pub settle: Duration,
    /// Rate limits; off unless asked for.
    pub rate_limits: RateLimits,
    /// Also speak TLS on the same port, with a certificate for `discord.com`, `localhost` and `127.0.0.1` by an own
    /// authority (see [`DiscordLocal::ca_pem`](crate::DiscordLocal::ca_pem)). Plain HTTP goes on working there, and the
    /// gateway's address stays `ws://`: client libraries bring their own list of authorities for it.
    pub tls: bool,
    /// What the page calls this server.
    pub title: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Arc::new(system_ms),
            answer_deadline: Duration::from_secs(3),
            token_life: Duration::from_secs(15 * 60),
            heartbeat_interval: Duration::from_millis(41_250),
            nonce_window: Duration::from_secs(5 * 60),
            resume_window: Duration::from_secs(3 * 60),
            patience: Duration::from_secs(20),
            settle: Duration::from_millis(1_500),
            rate_limits: RateLimits::default(),
            tls: false,
            title: "Discord, locally".to_owned(),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .field("rate_limits", &self.rate_limits)
            .finish_non_exhaustive()
    }
}

/// So many requests in so long a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Requests that pass.
    pub limit: u32,
    /// The window they are counted in.
    pub window: Duration,
}

/// What is limited, if anything. Discord doesn't publish its buckets; these are the ones seen in its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Whether requests are limited (and carry `X-RateLimit-*`) at all.
    pub enabled: bool,
    /// Requests a second over all routes of one bot, interaction routes excepted.
    pub global_per_second: u32,
    /// `POST /channels/{id}/messages`, per channel.
    pub create_message: Bucket,
    /// `PATCH /channels/{id}/messages/{id}`, per channel.
    pub edit_message: Bucket,
    /// Follow-ups and edits by an interaction's token, per token.
    pub webhook: Bucket,
    /// Every other route, per route and channel or guild.
    pub other: Bucket,
}

impl RateLimits {
    /// The limits, switched on.
    pub fn on() -> Self {
        Self { enabled: true, ..Self::default() }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        let five = Bucket { limit: 5, window: Duration::from_secs(5) };
        Self {
            enabled: false,
            global_per_second: 50,
            create_message: five,
            edit_message: five,
            webhook: Bucket { limit: 5, window: Duration::from_secs(2) },
            other: Bucket { limit: 50, window: Duration::from_secs(1) },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock of a server that isn't given one")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
