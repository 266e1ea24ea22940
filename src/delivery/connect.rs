//! How Discord's REST API is reached: as it is, or at another address that the configuration names.
//!
//! There are two ways to another address. `api_url` sends every call there over plain HTTP; serenity can do that only
//! with its rate limiter off, so delivery then backs off by its own schedule. `connect_to` with `ca_pem` leaves
//! everything as in production (TLS, `discord.com`, the rate limiter) and changes only where the name leads to.

use secrecy::{ExposeSecret, SecretString};
use serenity::http::{Http, HttpBuilder};
use serenity::model::id::ApplicationId;
use std::net::SocketAddr;
use std::time::Duration;
use thiserror::Error;

const DISCORD_HOST: &str = "discord.com";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// One whole request, upload of files included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(50);

/// How to reach Discord, and as whom.
#[derive(Clone, Debug)]
pub struct DiscordSettings {
    pub token: SecretString,
    pub application_id: u64,
    /// The address that serves `/api/v10` instead of `https://discord.com`, such as `http://127.0.0.1:8787`.
    pub api_url: Option<String>,
    /// Where `discord.com` leads to. Needs `ca_pem`.
    pub connect_to: Option<SocketAddr>,
    /// The only authority trusted for `connect_to`, in PEM.
    pub ca_pem: Option<String>,
}

/// Why no connection can be made from these settings. Says what to change, and never shows the token.
#[derive(Debug, Error)]
pub enum ConnectError {
    #[error("application_id must be the application's id, not 0")]
    NoApplication,
    #[error("the bot token is empty")]
    NoToken,
    #[error("api_url and connect_to are two ways to another server: give one of them")]
    TwoWays,
    #[error("connect_to needs the certificate of the authority it is to trust (ca_file)")]
    NoAuthority,
    #[error("api_url must begin with http:// or https://, and hold no path: {0}")]
    Url(String),
    #[error("TLS: {0}")]
    Tls(#[from] reqwest::Error),
}

/// The client of Discord's REST API: one for the gateway and the delivery, so that they share its rate limiter.
///
/// # Errors
/// Settings that contradict each other or can't be used; nothing is sent yet.
pub fn http(settings: &DiscordSettings) -> Result<Http, ConnectError> {
    if settings.application_id == 0 {
        return Err(ConnectError::NoApplication);
    }
    let token = settings.token.expose_secret().trim();
    if token.is_empty() {
        return Err(ConnectError::NoToken);
    }
    let builder = HttpBuilder::new(token)
        .application_id(ApplicationId::new(settings.application_id))
        .client(client(settings)?);
    let builder = match &settings.api_url {
        Some(url) => builder.proxy(checked_url(url)?).ratelimiter_disabled(true),
        None => builder,
    };
    Ok(builder.build())
}

fn client(settings: &DiscordSettings) -> Result<reqwest::Client, ConnectError> {
    let builder =
        reqwest::Client::builder().use_rustls_tls().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
    let builder = match (settings.connect_to, &settings.ca_pem, &settings.api_url) {
        (None, _, _) => builder,
        (Some(_), _, Some(_)) => return Err(ConnectError::TwoWays),
        (Some(_), None, None) => return Err(ConnectError::NoAuthority),
        (Some(address), Some(pem), None) => {
            let authorities = reqwest::Certificate::from_pem_bundle(pem.as_bytes())?;
            if authorities.is_empty() {
                return Err(ConnectError::NoAuthority);
            }
            let builder = builder.resolve(DISCORD_HOST, address).tls_built_in_root_certs(false);
            authorities.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate)
        }
    };
    Ok(builder.build()?)
}

/// serenity puts the path behind the address by itself and fails only when it sends, so a wrong address is found here.
fn checked_url(url: &str) -> Result<&str, ConnectError> {
    let wrong = || ConnectError::Url(url.to_owned());
    let parsed = reqwest::Url::parse(url).map_err(|_| wrong())?;
    let plain = matches!(parsed.scheme(), "http" | "https")
        && parsed.has_host()
        && parsed.path() == "/"
        && parsed.query().is_none();
    if plain { Ok(url) } else { Err(wrong()) }
}
