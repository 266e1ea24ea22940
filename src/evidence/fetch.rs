//! Fetching what somebody attached in chat, at once, because its link dies within a day.
//!
//! The link comes out of Discord's own messages; all the same it is followed only to the hosts that hold attachments, by
//! TLS, to addresses that the public can reach, and nowhere that a redirect says. No more is read than the limit allows,
//! whatever was declared. It is called while no transaction is open.

use super::unfit::{Unfit, accepted};
use crate::config::DiscordRoute;
use crate::domain::escape::short;
use crate::domain::evidence::Attachment;
use crate::domain::refusal::Refusal;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, StatusCode, Url};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Where Discord keeps attachments. Source: Discord, "CDN formatting"; message attachments' `url` and `proxy_url`.
pub const HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];
/// How links to attachments begin, after the host.
const PATHS: [&str; 2] = ["/attachments/", "/ephemeral-attachments/"];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// One whole file. Protocol time: the answer to a deferred command may take 15 minutes.
const FILE_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a file was not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfetched {
    /// The link leads to another place than where attachments are, or is sent there.
    Elsewhere,
    /// 0 bytes, or more than the limit, declared or come.
    Unfit(Unfit),
    /// It was deleted, or its link is too old.
    Gone,
    /// Less or more came than was declared.
    Incomplete,
    /// No answer, or none that helps; the reason is for the log.
    Unreachable(String),
}

impl Unfetched {
    /// The answer for the file of this name: what is wrong, and what would be right.
    pub fn refusal(&self, name: &str, most_bytes: usize) -> Refusal {
        let again = "Nothing was stored. Try again in a minute.";
        let unescaped = name;
        let name = short(name, 80);
        match self {
            Unfetched::Unfit(unfit) => unfit.refusal(unescaped, most_bytes),
            Unfetched::Elsewhere => Refusal::bad_input(
                format!("{name} is no attachment of this chat."),
                format!("Attach the file itself. {}", accepted(most_bytes)),
            ),
            Unfetched::Gone => Refusal::bad_input(
                format!("{name} is no longer there: it was deleted, or its link is too old."),
                "Attach the file again.",
            ),
            Unfetched::Incomplete => Refusal::bad_input(format!("{name} did not arrive whole."), again),
            Unfetched::Unreachable(_) => Refusal::bad_input(
                format!("{name} could not be fetched: Discord did not hand it out."),
                again,
            ),
        }
    }
}

/// Fetches attachments.
#[derive(Clone, Debug)]
pub struct Fetcher {
    http: Client,
    /// The server at `api_url`, if one is configured: its own attachments are fetched from there.
    local: Option<Url>,
    most_bytes: usize,
}

impl Fetcher {
    /// For attachments of the Discord on this route, of at most so many bytes each.
    ///
    /// # Errors
    /// An authority's certificates that are none, or no TLS.
    pub fn new(route: &DiscordRoute, most_bytes: usize) -> Result<Self, reqwest::Error> {
        Self::patient(route, most_bytes, FILE_TIMEOUT)
    }

    /// The same, which gives one file up after `limit`.
    ///
    /// # Errors
    /// As [`Fetcher::new`].
    pub fn patient(route: &DiscordRoute, most_bytes: usize, limit: Duration) -> Result<Self, reqwest::Error> {
        let local = match route {
            DiscordRoute::Proxy { api_url } => Url::parse(api_url).ok(),
            DiscordRoute::Public | DiscordRoute::Redirected { .. } => None,
        };
        let own = local.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
        let mut http = Client::builder()
            .use_rustls_tls()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(limit)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(PublicOnly { own }));
        if let DiscordRoute::Redirected { address, ca_pem } = route {
            http = http.tls_built_in_root_certs(false);
            for host in HOSTS {
                http = http.resolve(host, *address);
            }
            for authority in reqwest::Certificate::from_pem_bundle(ca_pem.as_bytes())? {
                http = http.add_root_certificate(authority);
            }
        }
        Ok(Self { http: http.build()?, local, most_bytes })
    }

    /// The limit of one file, in bytes.
    pub fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// The bytes of an attachment, at least 1.
    ///
    /// # Errors
    /// See [`Unfetched`].
    pub async fn fetch(&self, attachment: &Attachment) -> Result<Vec<u8>, Unfetched> {
        let url = self.checked(&attachment.url).ok_or(Unfetched::Elsewhere)?;
        let declared = usize::try_from(attachment.bytes).unwrap_or(0);
        if declared == 0 {
            return Err(Unfetched::Unfit(Unfit::Empty));
        }
        let too_large = || Unfetched::Unfit(Unfit::TooLarge(self.most_bytes));
        if declared > self.most_bytes {
            return Err(too_large());
        }
        let mut response = self.http.get(url).send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            // An expired link is answered with 404, a link that was tampered with by 403.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE => return Err(Unfetched::Gone),
            status if status.is_redirection() => return Err(Unfetched::Elsewhere),
            status => return Err(Unfetched::Unreachable(format!("HTTP {}", status.as_u16()))),
        }
        if response.content_length().is_some_and(|announced| announced > self.most_bytes as u64) {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(declared);
        while let Some(piece) = response.chunk().await.map_err(unreachable)? {
            if bytes.len() + piece.len() > self.most_bytes {
                return Err(too_large());
            }
            bytes.extend_from_slice(&piece);
        }
        match bytes.len() {
            0 => Err(Unfetched::Unfit(Unfit::Empty)),
            come if come != declared => Err(Unfetched::Incomplete),
            _ => Ok(bytes),
        }
    }

    /// The link, if it leads to where attachments are.
    fn checked(&self, link: &str) -> Option<Url> {
        let url = Url::parse(link).ok()?;
        let own = self.local.as_ref().is_some_and(|local| local.origin() == url.origin());
        let discord = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        let plain = url.username().is_empty() && url.password().is_none();
        let path = PATHS.iter().any(|path| url.path().starts_with(path));
        (plain && path && (own || discord)).then_some(url)
    }
}

/// What failed, without the link: it is a key to the file.
fn unreachable(error: reqwest::Error) -> Unfetched {
    let mut reason = error.without_url().to_string();
    if reason.is_empty() {
        "no reason given".clone_into(&mut reason);
    }
    Unfetched::Unreachable(reason)
}

/// Looks names up, and leaves out addresses of this machine and of inner networks: whoever answers for a name can't lead a
/// fetch there. The host of `api_url` is the operator's own word.
#[derive(Debug)]
struct PublicOnly {
    own: Option<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let own = self.own.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<SocketAddr> = found.filter(|at| own || is_public(at.ip())).collect();
            if kept.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one that anybody on the internet can reach. Source: IANA, "Special-Purpose Address Registry" of
/// IPv4 and of IPv6.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let inner = match address.octets() {
        [0 | 10 | 127, ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [169, 254, ..] | [192, 168, ..] | [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        [172, second, ..] => (16..32).contains(&second),
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        [first, ..] => first >= 224,
    };
    !inner
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match address.segments() {
        // What a translator makes of an IPv4 address leads to that address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        [0x2001, 0xdb8, ..] | [0x2001, 0..0x200, ..] | [0x2002, ..] => false,
        // Only 2000::/3 is given out; loopback, local and multicast addresses are all outside of it.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}
