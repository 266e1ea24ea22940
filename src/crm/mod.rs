//! The intake road: what CRMs tell us, from the raw request to leads, deals and facts.
//!
//! ```text
//! request → intake (verify over raw bytes, store in groups, answer) → raw_event
//!         → project (parse, enrich, fold) → lead, deal, touch, fact → report
//! ```
//!
//! A request is answered 2xx only after it is durably stored. Nothing on the answering path parses more than it
//! must, and nothing there calls a CRM. This module must never let one partner's source credit another's campaign,
//! never pass money through a floating-point number, and never drop an event silently.

pub mod by_hand;
pub mod connect;
pub mod derive;
pub mod enrich;
pub mod event;
pub mod fold;
pub mod hubspot;
pub mod intake;
pub mod json;
pub mod notice;
pub mod project;
pub mod record;
mod sales;
pub mod standard;
pub mod utm;

use axum::http::HeaderMap;

/// Largest request body that is read, in bytes, where the configuration sets no other limit. HubSpot's hundred events
/// are about 35 KB; one mebibyte serves all.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How far a signed timestamp may be from our clock, either way, in milliseconds (HubSpot and Standard Webhooks: five
/// minutes; exactly five minutes passes).
pub const TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// A kind of sender: decides the signature scheme, the format, and what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// HubSpot app webhooks, signature v3.
    Hubspot,
    /// Any system that signs JSON by the Standard Webhooks specification (or with Svix's header names).
    Standard,
}

impl SourceKind {
    /// The word used in the address, the configuration and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hubspot => "hubspot",
            Self::Standard => "standard",
        }
    }

    /// Reads the word back; `None` for a kind that is not known.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "hubspot" => Some(Self::Hubspot),
            // The configuration calls it `standard_webhooks`; an address may, too.
            "standard" | "standard_webhooks" => Some(Self::Standard),
            _ => None,
        }
    }
}

/// One request as it arrived, with the two values it can't know itself: its public address and the time.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// HTTP method, upper case.
    pub method: &'a str,
    /// The public absolute address that the sender signed; see [`public_uri`].
    pub uri: &'a str,
    /// All request headers.
    pub headers: &'a HeaderMap,
    /// The body's bytes, exactly as received: re-encoded JSON has another signature.
    pub body: &'a [u8],
    /// Business time, Unix milliseconds.
    pub now_ms: i64,
}

/// What is known of a request once its signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The signed time of this attempt, Unix milliseconds.
    pub sent_ms: i64,
    /// The sender's id of the message, where the scheme has one.
    pub message_id: Option<String>,
}

/// Why a request is not believed. Every one is answered 401: the sender's operator has to look, and a sender that
/// retries 4xx (HubSpot) gets another chance while a secret is being rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unverified {
    /// A signature header is missing.
    #[error("the request is not signed")]
    Unsigned,
    /// A signature header is there and can't be read.
    #[error("the signature headers are malformed")]
    Malformed,
    /// The signed time is more than five minutes away.
    #[error("the signed time is more than five minutes away from ours")]
    Stale,
    /// No key makes this signature.
    #[error("the signature does not match")]
    BadSignature,
}

impl Unverified {
    /// Stable code for counters and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Malformed => "malformed_signature",
            Self::Stale => "stale",
            Self::BadSignature => "bad_signature",
        }
    }
}

/// The address that the sender signed, built from the *configured* public base address and the request's own path
/// and query. `Host` and the inner scheme are never used: behind a proxy that ends TLS both are wrong, and `Host`
/// can be chosen by whoever sends.
pub fn public_uri(public_base: &str, path_and_query: &str) -> String {
    let base = public_base.trim_end_matches('/');
    let slash = if path_and_query.starts_with('/') { "" } else { "/" };
    format!("{base}{slash}{path_and_query}")
}

/// A header's text, if it is there exactly once and is visible ASCII.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Unverified> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().ok_or(Unverified::Unsigned)?;
    if values.next().is_some() {
        return Err(Unverified::Malformed);
    }
    first.to_str().map_err(|_| Unverified::Malformed)
}

/// Digits only: a sign, a space or a fraction would be signed as one text and read as another.
fn digits(text: &str) -> Result<i64, Unverified> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Unverified::Malformed);
    }
    text.parse().map_err(|_| Unverified::Malformed)
}

/// Within five minutes of our clock, both ways.
fn fresh(sent_ms: i64, now_ms: i64) -> Result<(), Unverified> {
    if sent_ms.abs_diff(now_ms) <= TOLERANCE_MS.unsigned_abs() { Ok(()) } else { Err(Unverified::Stale) }
}
