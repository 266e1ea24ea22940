//! Who may talk to the page: a browser on this machine, on the page itself, and nobody through it.
//!
//! - The server has to listen on a loopback address.
//! - `Host` has to name this machine. Otherwise a site could point its own name here (DNS rebinding) and read everything.
//! - `Origin`, if there, has to be the page's own, and a POST carries a header that another site's form can't send.
//! - Answers forbid scripts from elsewhere, framing, and guessing of media types.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Failure;
use crate::DiscordLocal;

/// The header that every POST carries. Its value doesn't matter: only a page's own script can set it.
pub(crate) const HEADER: &str = "x-discord-local";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

pub(super) async fn guard(State(server): State<DiscordLocal>, request: Request, next: Next) -> Response {
    let loopback = server.address().ip().is_loopback();
    let mut answer = match admit(loopback, request.method(), request.uri().path(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(reason) => Failure(StatusCode::FORBIDDEN, reason.to_owned()).into_response(),
    };
    for (name, value) in HEADERS {
        // A downloaded file brings a stricter policy of its own.
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// Whether a request is let in; if not, why.
fn admit(loopback: bool, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), &'static str> {
    if !loopback {
        return Err("The page is served only if the server listens on a loopback address.");
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST.as_str()).unwrap_or_default();
    if !is_local(host) || headers.get_all(HOST).iter().count() > 1 {
        return Err("The page is served under localhost, 127.0.0.1 and [::1] only.");
    }
    if let Some(origin) = text(ORIGIN.as_str()) {
        let own = ["http://", "https://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
        if own.is_none_or(|own| !own.eq_ignore_ascii_case(host)) {
            return Err("Another site's page may not ask here.");
        }
    }
    // A link from elsewhere may lead to the page, but not into what it lives on.
    let from = text("sec-fetch-site").unwrap_or("none");
    if path != "/" && !matches!(from, "none" | "same-origin") {
        return Err("Another site's page may not ask here.");
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads && !headers.contains_key(HEADER) {
        return Err("A POST needs the header X-Discord-Local.");
    }
    Ok(())
}

/// Whether a `Host` names this machine whatever a name server says.
fn is_local(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => (address, None),
            Some((address, port)) => (address, port.strip_prefix(':').or(Some(""))),
            None => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    let bracketed = host.starts_with('[');
    let local = match name.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback() && address.is_ipv6() == bracketed,
        Err(_) => !bracketed && name.eq_ignore_ascii_case("localhost"),
    };
    local && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let own = ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.9.9.9", "[::1]", "[::1]:8080"];
        for host in own {
            assert!(is_local(host), "{host}");
        }
        let others = [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com:80",
            "127.0.0.1@example.com",
            "0.0.0.0:80",
            "192.168.1.2",
            "::1",
            "[::1",
            "[::1]x",
            "[127.0.0.1]",
            "[localhost]",
            "localhost:",
            "localhost:80@example.com",
            "8.8.8.8:53",
            "[2001:db8::1]:80",
        ];
        for host in others {
            assert!(!is_local(host), "{host}");
        }
    }

    fn asked(
        method: Method,
        path: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Result<(), &'static str> {
        let map = headers.iter().map(|(name, value)| {
            let name = axum::http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let mut all = HeaderMap::new();
        map.for_each(|(name, value)| {
            all.append(name, value);
        });
        admit(true, &method, path, &all)
    }

    #[test]
    fn a_post_comes_from_the_page_itself() {
        let host = ("host", "127.0.0.1:4000");
        let own = (HEADER, "page");
        assert_eq!(asked(Method::POST, "/local/run", &[host, own]), Ok(()));
        assert_eq!(
            asked(Method::POST, "/local/run", &[host, own, ("origin", "http://127.0.0.1:4000")]),
            Ok(())
        );
        assert!(asked(Method::POST, "/local/run", &[host]).is_err());
        let strangers = [
            "http://example.com",
            "http://127.0.0.1:4001",
            "http://localhost:4000",
            "null",
            "ftp://127.0.0.1:4000",
        ];
        for origin in strangers {
            assert!(asked(Method::POST, "/local/run", &[host, own, ("origin", origin)]).is_err(), "{origin}");
        }
        assert!(asked(Method::POST, "/local/run", &[host, own, ("sec-fetch-site", "same-site")]).is_err());
        assert!(asked(Method::POST, "/local/run", &[own]).is_err(), "no Host at all");
    }

    #[test]
    fn a_link_leads_to_the_page_but_no_further() {
        let host = ("host", "localhost:4000");
        assert_eq!(asked(Method::GET, "/", &[host, ("sec-fetch-site", "cross-site")]), Ok(()));
        assert!(asked(Method::GET, "/local/state", &[host, ("sec-fetch-site", "cross-site")]).is_err());
        assert_eq!(asked(Method::GET, "/local/state", &[host]), Ok(()));
        assert!(asked(Method::GET, "/", &[host, ("host", "example.com")]).is_err(), "two Hosts");
    }

    #[test]
    fn a_server_that_others_reach_has_no_page() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost:4000"));
        assert!(admit(false, &Method::GET, "/", &headers).is_err());
        assert!(admit(true, &Method::GET, "/", &headers).is_ok());
    }
}
