//! Standard Webhooks (and Svix, which sends the same under other header names): any system that can post signed JSON.
//!
//! Payload: `{type, timestamp, data}`; what `data` holds for us is written in `docs/webhooks.md`. A type that we don't
//! know is acknowledged and ignored, never refused: senders add types. This module must never accept a signature
//! version that it does not know, and never let a public key verify a `v1` signature.
//!
//! Source: the Standard Webhooks specification.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, Mac};
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::domain::fund::accrual::{self, ToldSales};
use crate::domain::money::{Currency, Money};

use super::event::{
    Change, Event, Field, MAX_ID_BYTES as MAX_RECORD_ID_BYTES, Parsed, Patch, Rank, RecordRef, Signals,
    Unreadable,
};
use super::json::{Scalar, instant_ms, lenient};
use super::{Delivery, Unverified, Verified, digits, fresh, utm};

/// Longest message id accepted, in bytes.
pub const MAX_ID_BYTES: usize = 256;

/// People write secrets with and without padding; a signature must be exact.
const SECRET_BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One key of an endpoint.
pub enum Key {
    /// `v1`: a shared secret of 24 to 64 bytes.
    Secret(Vec<u8>),
    /// `v1a`: the sender's ed25519 public key.
    Public(Box<VerifyingKey>),
}

/// Never prints the key.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Key::Secret",
            Self::Public(_) => "Key::Public",
        })
    }
}

impl Key {
    /// Reads `whsec_` + base64 (the prefix is optional) or `whpk_` + base64.
    ///
    /// # Errors
    /// One sentence that says what is wrong and does not repeat the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("whsk_") {
            return Err("this is a private key (whsk_): give the sender's public key (whpk_)".to_owned());
        }
        let (body, public) = match text.strip_prefix("whpk_") {
            Some(body) => (body, true),
            None => (text.strip_prefix("whsec_").unwrap_or(text), false),
        };
        let bytes = SECRET_BASE64.decode(body).map_err(|_| "the key is not base64".to_owned())?;
        if public {
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| "a public key has 32 bytes".to_owned())?;
            let key = VerifyingKey::from_bytes(&bytes).map_err(|_| "not an ed25519 public key".to_owned())?;
            return Ok(Self::Public(Box::new(key)));
        }
        if !(24..=64).contains(&bytes.len()) {
            return Err(format!("a secret has 24 to 64 bytes, this one has {}", bytes.len()));
        }
        Ok(Self::Secret(bytes))
    }

    fn accepts(&self, version: &str, signature: &str, signed: &[&[u8]]) -> bool {
        match (self, version) {
            (Self::Secret(secret), "v1") => STANDARD
                .decode(signature)
                .is_ok_and(|digest| mac(secret, signed).verify_slice(&digest).is_ok()),
            (Self::Public(key), "v1a") => {
                let bytes = STANDARD.decode(signature).ok().and_then(|b| <[u8; 64]>::try_from(b).ok());
                bytes.is_some_and(|b| key.verify_strict(&signed.concat(), &Signature::from_bytes(&b)).is_ok())
            }
            _ => false,
        }
    }
}

fn mac(secret: &[u8], signed: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in signed {
        mac.update(part);
    }
    mac
}

/// The `v1` signature header that a sender would send: for tests and the local CRM stand-in.
pub fn signature_v1(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    format!("v1,{}", STANDARD.encode(mac(secret, &signed).finalize().into_bytes()))
}

/// Checks the signature against any of the endpoint's keys (two while one is being replaced).
///
/// # Errors
/// Unsigned, malformed, more than five minutes away, or made with another key: see [`Unverified`].
pub fn verify(delivery: &Delivery<'_>, keys: &[Key]) -> Result<Verified, Unverified> {
    let id = either(delivery, "id")?;
    let timestamp = either(delivery, "timestamp")?;
    let signatures = either(delivery, "signature")?;
    // A dot in the id would let one signed text be cut in two ways.
    if id.is_empty() || id.len() > MAX_ID_BYTES || id.contains('.') {
        return Err(Unverified::Malformed);
    }
    let sent_ms = digits(timestamp)?.checked_mul(1000).ok_or(Unverified::Stale)?;
    fresh(sent_ms, delivery.now_ms)?;
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", delivery.body];
    let matches = signatures
        .split(' ')
        .filter_map(|one| one.split_once(','))
        .any(|(version, signature)| keys.iter().any(|key| key.accepts(version, signature, &signed)));
    if !matches {
        return Err(Unverified::BadSignature);
    }
    Ok(Verified { sent_ms, message_id: Some(id.to_owned()) })
}

/// `webhook-…`, or Svix's `svix-…`.
fn either<'a>(delivery: &Delivery<'a>, name: &str) -> Result<&'a str, Unverified> {
    match super::header(delivery.headers, &format!("webhook-{name}")) {
        Err(Unverified::Unsigned) => super::header(delivery.headers, &format!("svix-{name}")),
        found => found,
    }
}

/// The members of a JSON object by name, numbers still as text. Of a name that comes twice the last one counts.
struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// `None`: not there. `Some(None)`: there and empty.
    fn get(&self, name: &str) -> Result<Option<Option<String>>, String> {
        let Some(raw) = self.0.get(name) else { return Ok(None) };
        let scalar: Scalar = serde_json::from_str(raw.get())
            .map_err(|_| format!("data.{name} is neither text nor a number"))?;
        Ok(Some(scalar.text().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())))
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.get(name)?.flatten())
    }

    fn instant(&self, name: &str) -> Result<Option<Option<i64>>, String> {
        match self.get(name)? {
            None => Ok(None),
            Some(None) => Ok(Some(None)),
            Some(Some(text)) => match instant_ms(&text) {
                Some(ms) => Ok(Some(Some(ms))),
                None => Err(format!(
                    "data.{name} is not a time (RFC 3339, or seconds or milliseconds since 1970)"
                )),
            },
        }
    }
}

/// What happened, by the message's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    Lead { disqualified: bool },
    LeadDeleted,
    Deal { status: Option<&'static str>, closes: bool },
    DealDeleted,
}

fn happened(kind: &str) -> Option<Happened> {
    let deal = |status, closes| Some(Happened::Deal { status, closes });
    match kind {
        "lead.created" | "lead.updated" => Some(Happened::Lead { disqualified: false }),
        "lead.disqualified" => Some(Happened::Lead { disqualified: true }),
        "lead.deleted" => Some(Happened::LeadDeleted),
        "deal.created" | "deal.updated" => deal(None, false),
        "deal.won" => deal(Some("won"), true),
        "deal.lost" => deal(Some("lost"), true),
        "deal.reopened" => deal(Some("open"), false),
        "deal.deleted" => Some(Happened::DealDeleted),
        _ => None,
    }
}

/// Reads one message. `message_id` and `sent_ms` come from its verified headers; `sent_ms` is only used where the
/// payload has no time of its own, because it changes with every attempt.
///
/// # Errors
/// One sentence, if the body is not a JSON object with a `type`.
pub fn parse(source: &str, message_id: &str, sent_ms: i64, body: &[u8]) -> Result<Parsed, String> {
    let text = lenient(body);
    let message = Members::read(text.trim_start_matches('\u{FEFF}'))
        .ok_or("the body is not a JSON object {type, timestamp, data}")?;
    let kind = message.text("type").ok().flatten().ok_or("the message has no type")?;
    let key = format!("standard|{source}|{message_id}");
    let mut parsed = Parsed::default();
    let ignored =
        |kind: String| Event { key: key.clone(), occurred_ms: sent_ms, kind, change: Change::Ignored };
    let Some(happened) = happened(&kind) else {
        parsed.events.push(ignored(kind));
        return Ok(parsed);
    };
    match change(&message, happened, sent_ms) {
        Ok((occurred_ms, change)) => parsed.events.push(Event { key, occurred_ms, kind, change }),
        Err(reason) => parsed.unreadable.push(Unreadable { index: 0, reason }),
    }
    Ok(parsed)
}

/// The type of a message that posts a partner's sales to a co-op fund.
const SALES: &str = "sales.posted";

/// Reads a message that posts sales; `None` for one of another type. `own` is the source's default currency.
///
/// # Errors
/// One sentence that holds no value of the body.
pub fn sales(body: &[u8], own: Option<Currency>) -> Option<Result<ToldSales, String>> {
    let text = lenient(body);
    let message = Members::read(text.trim_start_matches('\u{FEFF}'))?;
    let kind = message.text("type").ok().flatten()?;
    (kind == SALES).then(|| told(&message, own))
}

fn told(message: &Members, own: Option<Currency>) -> Result<ToldSales, String> {
    let data =
        message.0.get("data").and_then(|raw| Members::read(raw.get())).ok_or("data is not a JSON object")?;
    let needed = |name: &str| data.text(name)?.ok_or_else(|| format!("data.{name} is missing"));
    let currency = match data.text("currency")? {
        Some(code) => {
            Currency::parse(&code).map_err(|_| "data.currency is not an ISO 4217 code such as EUR")?
        }
        None => own.ok_or("data.currency is missing, and the source has no default")?,
    };
    let amount = needed("amount")?;
    let amount =
        super::record::decimal(&amount).and_then(|amount| Money::from_decimal(amount, currency).ok());
    let sales = amount.filter(|amount| !amount.is_zero());
    let sales = sales.ok_or("data.amount is no amount of its currency such as 12500.00, or it is 0")?;
    let sold_on = needed("date")?.parse().map_err(|_| "data.date is not a day such as 2026-01-31")?;
    let reference = accrual::reference(&needed("id")?).map_err(|_| "data.id is too long for a reference")?;
    Ok(ToldSales {
        fund: needed("fund")?,
        partner: needed("partner")?,
        posting: accrual::Posting { sold_on, sales, reference },
    })
}

fn change(message: &Members, happened: Happened, sent_ms: i64) -> Result<(i64, Change), String> {
    let occurred_ms = message
        .instant("timestamp")
        .map_err(|_| "timestamp is not a time (RFC 3339, or seconds or milliseconds since 1970)")?
        .flatten()
        .unwrap_or(sent_ms);
    let data =
        message.0.get("data").and_then(|raw| Members::read(raw.get())).ok_or("data is not a JSON object")?;
    let id = data.text("id")?.ok_or("data.id is missing")?;
    if id.len() > MAX_RECORD_ID_BYTES {
        return Err(format!("data.id is longer than {MAX_RECORD_ID_BYTES} bytes"));
    }
    let version_ms = data.instant("updated_at")?.flatten().unwrap_or(occurred_ms);
    let change = match happened {
        Happened::LeadDeleted => Change::Deleted(RecordRef::lead(id)),
        Happened::DealDeleted => Change::Deleted(RecordRef::deal(id)),
        Happened::Lead { disqualified } => {
            let mut patch = Patch::new(RecordRef::lead(id), version_ms, Rank::Told);
            lead(&data, disqualified, &mut patch)?;
            touches(&data, &mut patch)?;
            Change::Patched(patch)
        }
        Happened::Deal { status, closes } => {
            let mut patch = Patch::new(RecordRef::deal(id), version_ms, Rank::Told);
            deal(&data, status, closes.then_some(occurred_ms), &mut patch)?;
            touches(&data, &mut patch)?;
            Change::Patched(patch)
        }
    };
    Ok((occurred_ms, change))
}

fn copy(data: &Members, name: &str, field: Field, patch: &mut Patch) -> Result<(), String> {
    if let Some(value) = data.get(name)? {
        patch.set(field, value);
    }
    Ok(())
}

fn copy_instant(data: &Members, name: &str, field: Field, patch: &mut Patch) -> Result<(), String> {
    if let Some(value) = data.instant(name)? {
        patch.set(field, value.map(|ms| ms.to_string()));
    }
    Ok(())
}

fn lead(data: &Members, disqualified: bool, patch: &mut Patch) -> Result<(), String> {
    copy(data, "email", Field::Email, patch)?;
    copy(data, "company", Field::Company, patch)?;
    copy(data, "country", Field::Country, patch)?;
    copy_instant(data, "created_at", Field::CreatedAt, patch)?;
    if let Some(stage) = data.get("lifecycle")? {
        patch.set(Field::Lifecycle, stage.map(|s| super::hubspot::lifecycle(&s.to_lowercase())));
    }
    if disqualified {
        patch.set(Field::Status, Some("disqualified".to_owned()));
    } else if let Some(status) = data.get("status")? {
        let out = status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("disqualified"));
        patch.set(Field::Status, out.then(|| "disqualified".to_owned()));
    }
    Ok(())
}

/// A deal's values. `closed_ms`: when the message itself says that the deal closed at its time.
fn deal(
    data: &Members,
    status: Option<&str>,
    closed_ms: Option<i64>,
    patch: &mut Patch,
) -> Result<(), String> {
    if let Some(amount) = data.get("amount")? {
        if let Some(text) = &amount {
            super::record::decimal(text).ok_or("data.amount is not a decimal number such as 12500.00")?;
        }
        patch.set(Field::Amount, amount);
    }
    if let Some(currency) = data.get("currency")? {
        let currency = currency.map(|c| c.to_uppercase());
        if currency.as_deref().is_some_and(|c| crate::domain::money::Currency::parse(c).is_err()) {
            return Err("data.currency is not an ISO 4217 code such as EUR".to_owned());
        }
        patch.set(Field::Currency, currency);
    }
    copy(data, "stage", Field::Stage, patch)?;
    copy_instant(data, "created_at", Field::CreatedAt, patch)?;
    let said = match data.text("status")? {
        None => None,
        Some(word) => match word.to_lowercase().as_str() {
            known @ ("open" | "won" | "lost") => Some(known.to_owned()),
            _ => return Err("data.status is none of open, won, lost".to_owned()),
        },
    };
    // The type is the message's own statement; `data.status` only speaks where the type does not.
    let status = status.map(str::to_owned).or(said);
    let closed_at = data.instant("closed_at")?.flatten();
    match status.as_deref() {
        Some("open") => patch.set(Field::ClosedAt, None),
        Some(_) if closed_at.or(closed_ms).is_some() => {
            patch.set(Field::ClosedAt, closed_at.or(closed_ms).map(|ms| ms.to_string()));
        }
        _ => copy_instant(data, "closed_at", Field::ClosedAt, patch)?,
    }
    if status.is_some() {
        patch.set(Field::Status, status);
    }
    if let Some(raw) = data.0.get("lead_ids") {
        let ids: Option<Vec<Scalar>> =
            serde_json::from_str(raw.get()).map_err(|_| "data.lead_ids is not a list of ids")?;
        let ids = ids.unwrap_or_default().into_iter().filter_map(Scalar::text);
        let mut ids: Vec<String> = ids.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        if ids.iter().any(|id| id.len() > MAX_RECORD_ID_BYTES) {
            return Err(format!("data.lead_ids holds an id longer than {MAX_RECORD_ID_BYTES} bytes"));
        }
        ids.sort();
        ids.dedup();
        patch.all_leads = Some(ids);
    }
    Ok(())
}

/// Campaign parameters: nested `utm: {campaign}`, flat `utm_campaign` or `utm__campaign`; nested ones win.
fn touches(data: &Members, patch: &mut Patch) -> Result<(), String> {
    let mut signals = Signals::default();
    let nested = data.0.get("utm").and_then(|raw| Members::read(raw.get()));
    if let Some(nested) = nested {
        for name in nested.0.keys() {
            if let Some(value) = nested.text(name)? {
                let name = name.trim_start_matches("utm_");
                utm::set(&mut signals, &format!("utm_{name}"), &value);
            }
        }
    }
    for name in data.0.keys().filter(|name| name.len() > 3 && name.to_ascii_lowercase().starts_with("utm")) {
        if let Some(value) = data.text(name)? {
            utm::set(&mut signals, name, &value);
        }
    }
    signals.crm_campaign_id = data.text("campaign_id")?;
    if let Some(page) = data.text("landing_page")? {
        let from_page = utm::from_url(&page);
        signals.landing_page = from_page.landing_page;
        for (slot, found) in [
            (&mut signals.utm_id, from_page.utm_id),
            (&mut signals.utm_source, from_page.utm_source),
            (&mut signals.utm_medium, from_page.utm_medium),
            (&mut signals.utm_campaign, from_page.utm_campaign),
        ] {
            if slot.is_none() {
                *slot = found;
            }
        }
    }
    patch.touch(patch.version_ms, signals);
    Ok(())
}
