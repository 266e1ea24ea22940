//! HubSpot app webhooks: signature v3, batches of thin events, and what a record read from the API means.
//!
//! A HubSpot event holds an id and at most one property, is delivered at least once and in any order, and several
//! events of one change carry the same `occurredAt`. So an event here is mostly a hint that a record has to be read.
//! This module must never trust a request whose v3 signature does not hold (v1 and v2 are not accepted), and never
//! refuse a batch because of one event.
//!
//! Sources: HubSpot, "Validating requests", "Webhooks API", "Generic webhook subscriptions".

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;

use super::enrich::{CrmRecord, Stages};
use super::event::{
    Change, Event, Field, MAX_ID_BYTES, Parsed, Patch, Rank, RecordKind, RecordRef, Signals, Unreadable,
};
use super::json::{Scalar, instant_ms, lenient};
use super::{Delivery, Unverified, Verified, digits, fresh, header, utm};

/// Contact properties that a read asks for. Unknown ones are silently missing in the answer.
pub const CONTACT_PROPERTIES: &[&str] = &[
    "email",
    "company",
    "country",
    "createdate",
    "lifecyclestage",
    "hs_lead_status",
    "hs_analytics_source_data_1",
    "hs_analytics_source_data_2",
    "hs_analytics_first_url",
    "hs_analytics_first_touch_converting_campaign",
    "hs_analytics_last_touch_converting_campaign",
    "utm_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
];

/// Deal properties that a read asks for.
pub const DEAL_PROPERTIES: &[&str] = &[
    "amount",
    "deal_currency_code",
    "dealstage",
    "pipeline",
    "createdate",
    "closedate",
    "hs_is_closed_won",
    "hs_is_closed_lost",
    "utm_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
];

/// Escapes that HubSpot's page asks to decode in the address before signing. No SDK of theirs does it.
const DECODED: [(&str, &str); 12] = [
    ("%3a", ":"),
    ("%2f", "/"),
    ("%3f", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2a", "*"),
    ("%2c", ","),
    ("%3b", ";"),
];

/// Checks `X-HubSpot-Signature-v3` against the current secret and, while one is being replaced, the previous one.
///
/// # Errors
/// Unsigned, malformed, more than five minutes away, or made with another secret: see [`Unverified`].
pub fn verify(delivery: &Delivery<'_>, secrets: &[SecretString]) -> Result<Verified, Unverified> {
    let signature = header(delivery.headers, "x-hubspot-signature-v3")?;
    let timestamp = header(delivery.headers, "x-hubspot-request-timestamp")?;
    let sent_ms = digits(timestamp)?;
    fresh(sent_ms, delivery.now_ms)?;
    let digest = STANDARD.decode(signature).map_err(|_| Unverified::Malformed)?;
    let decoded = decode_uri(delivery.uri);
    let mut uris = vec![delivery.uri];
    if decoded != delivery.uri {
        uris.push(&decoded);
    }
    for secret in secrets {
        for uri in &uris {
            let mac = sign(secret, delivery.method, uri, delivery.body, timestamp);
            if mac.verify_slice(&digest).is_ok() {
                return Ok(Verified { sent_ms, message_id: None });
            }
        }
    }
    Err(Unverified::BadSignature)
}

fn sign(secret: &SecretString, method: &str, uri: &str, body: &[u8], timestamp: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.expose_secret().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(method.as_bytes());
    mac.update(uri.as_bytes());
    mac.update(body);
    mac.update(timestamp.as_bytes());
    mac
}

/// The signature header that HubSpot would send: for tests and the local CRM stand-in.
pub fn signature_v3(secret: &SecretString, method: &str, uri: &str, body: &[u8], timestamp: &str) -> String {
    STANDARD.encode(sign(secret, method, uri, body, timestamp).finalize().into_bytes())
}

fn decode_uri(uri: &str) -> Cow<'_, str> {
    if !uri.contains('%') {
        return Cow::Borrowed(uri);
    }
    let mut out = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3);
        match escape.and_then(|e| DECODED.iter().find(|(from, _)| from.eq_ignore_ascii_case(e))) {
            Some((from, to)) => {
                out.push_str(to);
                rest = &rest[at + from.len()..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// An event as sent. Everything but type, portal and time is optional: captured events lack what the page promises.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    event_id: Option<Scalar>,
    subscription_id: Option<Scalar>,
    portal_id: Option<Scalar>,
    app_id: Option<Scalar>,
    occurred_at: Option<Scalar>,
    subscription_type: Option<Scalar>,
    event_type: Option<Scalar>,
    object_id: Option<Scalar>,
    object_type_id: Option<Scalar>,
    property_name: Option<Scalar>,
    property_value: Option<Scalar>,
    primary_object_id: Option<Scalar>,
    merged_object_ids: Option<Vec<Scalar>>,
    new_object_id: Option<Scalar>,
    association_type: Option<Scalar>,
    association_type_id: Option<Scalar>,
    from_object_id: Option<Scalar>,
    to_object_id: Option<Scalar>,
    from_object_type_id: Option<Scalar>,
    to_object_type_id: Option<Scalar>,
    association_removed: Option<Scalar>,
}

/// Reads a batch. One event that can't be understood is reported beside the others, which go on.
///
/// # Errors
/// One sentence, if the body is not JSON or not a list of events at all.
pub fn parse(body: &[u8]) -> Result<Parsed, String> {
    let text = lenient(body);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let items: Vec<&RawValue> = if text.starts_with('{') {
        vec![serde_json::from_str(text).map_err(|e| not_json(&e))?]
    } else {
        serde_json::from_str(text).map_err(|e| not_json(&e))?
    };
    let mut parsed = Parsed::default();
    for (index, item) in items.iter().enumerate() {
        match parse_one(item.get()) {
            Ok(event) => parsed.events.push(event),
            Err(reason) => parsed.unreadable.push(Unreadable { index, reason }),
        }
    }
    Ok(parsed)
}

/// Says where the JSON breaks and not what it holds.
fn not_json(error: &serde_json::Error) -> String {
    format!("the body is not a JSON list of events (line {}, column {})", error.line(), error.column())
}

fn text(value: &mut Option<Scalar>) -> Option<String> {
    value.take().and_then(Scalar::text).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

fn parse_one(item: &str) -> Result<Event, String> {
    let mut sent: Sent = serde_json::from_str(item)
        .map_err(|e| format!("an event that is not of the documented form (column {})", e.column()))?;
    let kind = text(&mut sent.subscription_type)
        .or_else(|| text(&mut sent.event_type))
        .ok_or("an event without subscriptionType")?;
    let portal = text(&mut sent.portal_id).ok_or("an event without portalId")?;
    let occurred = text(&mut sent.occurred_at).ok_or("an event without occurredAt")?;
    let occurred_ms: i64 =
        occurred.parse().map_err(|_| "occurredAt is not a whole number of milliseconds")?;
    let from = text(&mut sent.from_object_id);
    let to = text(&mut sent.to_object_id);
    let removed = text(&mut sent.association_removed).is_some_and(|t| t == "true");
    let association = text(&mut sent.association_type);
    let association_id = text(&mut sent.association_type_id);
    let object = text(&mut sent.object_id);
    let property = text(&mut sent.property_name);
    let subject = match (&from, &to) {
        (Some(from), Some(to)) => {
            let name = association.as_deref().or(association_id.as_deref()).unwrap_or_default();
            format!("{from}>{to}:{name}:{removed}")
        }
        _ => object.clone().or_else(|| text(&mut sent.new_object_id)).unwrap_or_default(),
    };
    // Not `attemptNumber`, which grows with each retry; and not `eventId` alone, which is not unique.
    let key = format!(
        "hubspot|{portal}|{}|{}|{}|{subject}|{kind}|{occurred}|{}",
        text(&mut sent.app_id).unwrap_or_default(),
        text(&mut sent.subscription_id).unwrap_or_default(),
        text(&mut sent.event_id).unwrap_or_default(),
        property.as_deref().unwrap_or_default(),
    );
    if key.len() > 5 * MAX_ID_BYTES
        || [&object, &from, &to].iter().any(|id| id.as_ref().is_some_and(|id| id.len() > MAX_ID_BYTES))
    {
        return Err("an id is too long".to_owned());
    }
    let (noun, verb) = kind.split_once('.').ok_or("subscriptionType has no dot")?;
    let record_kind = object_kind(noun, text(&mut sent.object_type_id).as_deref());
    let change = match (verb, record_kind) {
        ("associationChange", _) => {
            let ends = ends(noun, association.as_deref(), &mut sent);
            match (ends, from, to) {
                (Some((RecordKind::Lead, RecordKind::Deal)), Some(lead), Some(deal))
                | (Some((RecordKind::Deal, RecordKind::Lead)), Some(deal), Some(lead)) => {
                    Change::Linked { lead, deal, removed }
                }
                _ => Change::Ignored,
            }
        }
        (_, None) => Change::Ignored,
        ("merge", Some(kind)) => merge(kind, object, &mut sent)?,
        (_, Some(kind)) => {
            let id = object.ok_or("an event without objectId")?;
            let record = RecordRef { kind, id };
            match verb {
                // Its time is not `createdate`: that one comes with the record, and until then the earliest event's
                // time stands for it.
                "creation" => Change::Patched(Patch::new(record, occurred_ms, Rank::Told)),
                "propertyChange" => {
                    let value = sent.property_value.take().and_then(Scalar::text);
                    let name = property.as_deref().ok_or("a propertyChange without propertyName")?;
                    Change::Patched(property_patch(record, occurred_ms, name, value))
                }
                "deletion" => Change::Deleted(record),
                "privacyDeletion" => Change::Forgotten(record),
                "restore" => Change::Restored(record),
                _ => Change::Ignored,
            }
        }
    };
    Ok(Event { key, occurred_ms, kind, change })
}

/// `contact` and `deal` by name; `object` by its type id (`0-1` contact, `0-3` deal, `2-…` custom).
fn object_kind(noun: &str, type_id: Option<&str>) -> Option<RecordKind> {
    match (noun, type_id) {
        ("contact", _) | ("object", Some("0-1")) => Some(RecordKind::Lead),
        ("deal", _) | ("object", Some("0-3")) => Some(RecordKind::Deal),
        _ => None,
    }
}

fn ends(noun: &str, association: Option<&str>, sent: &mut Sent) -> Option<(RecordKind, RecordKind)> {
    if noun == "object" {
        let from = object_kind("object", text(&mut sent.from_object_type_id).as_deref())?;
        let to = object_kind("object", text(&mut sent.to_object_type_id).as_deref())?;
        return Some((from, to));
    }
    match association {
        Some("CONTACT_TO_DEAL") => Some((RecordKind::Lead, RecordKind::Deal)),
        Some("DEAL_TO_CONTACT") => Some((RecordKind::Deal, RecordKind::Lead)),
        _ => None,
    }
}

/// The record that goes on is `newObjectId`, which can differ from `primaryObjectId`; all the others became part of it.
fn merge(kind: RecordKind, object: Option<String>, sent: &mut Sent) -> Result<Change, String> {
    let primary = text(&mut sent.primary_object_id).or(object);
    let into = text(&mut sent.new_object_id).or_else(|| primary.clone()).ok_or("a merge without ids")?;
    let merged = sent.merged_object_ids.take().unwrap_or_default().into_iter().filter_map(Scalar::text);
    let mut from: Vec<String> = merged.chain(primary).filter(|id| *id != into).collect();
    if from.iter().chain([&into]).any(|id| id.len() > MAX_ID_BYTES) {
        return Err("an id is too long".to_owned());
    }
    from.sort();
    from.dedup();
    Ok(Change::Merged { into: RecordRef { kind, id: into }, from })
}

fn property_patch(record: RecordRef, occurred_ms: i64, name: &str, value: Option<String>) -> Patch {
    let mut patch = Patch::new(record, occurred_ms, Rank::Told);
    let value = value.filter(|v| !v.is_empty());
    if name.starts_with("utm_") {
        let mut signals = Signals::default();
        utm::set(&mut signals, name, value.as_deref().unwrap_or_default());
        patch.touch(occurred_ms, signals);
    } else if let Some((field, value)) = property(patch.record.kind, name, value) {
        patch.set(field, value);
    }
    patch
}

/// The field that a property is kept in, with its value in our words.
fn property(kind: RecordKind, name: &str, value: Option<String>) -> Option<(Field, Option<String>)> {
    let time = |v: Option<String>| v.as_deref().and_then(instant_ms).map(|ms| ms.to_string());
    Some(match (kind, name) {
        (RecordKind::Lead, "email") => (Field::Email, value),
        (RecordKind::Lead, "company") => (Field::Company, value),
        (RecordKind::Lead, "country") => (Field::Country, value),
        (RecordKind::Lead, "lifecyclestage") => (Field::Lifecycle, value.as_deref().map(lifecycle)),
        (RecordKind::Lead, "hs_lead_status") => {
            let disqualified = value.as_deref() == Some("UNQUALIFIED");
            (Field::Status, disqualified.then(|| "disqualified".to_owned()))
        }
        (RecordKind::Deal, "amount") => (Field::Amount, value),
        (RecordKind::Deal, "deal_currency_code") => (Field::Currency, value),
        (RecordKind::Deal, "dealstage") => (Field::Stage, value),
        (RecordKind::Deal, "closedate") => (Field::ClosedAt, time(value)),
        (_, "createdate") => (Field::CreatedAt, time(value)),
        _ => return None,
    })
}

/// Lifecycle stages in the funnel's common words; a custom stage keeps its own.
pub fn lifecycle(stage: &str) -> String {
    match stage {
        "subscriber" | "lead" => "inquiry",
        "marketingqualifiedlead" => "mql",
        "salesqualifiedlead" => "sql",
        other => other,
    }
    .to_owned()
}

/// What a record read from the API says. `updatedAt` is its version.
pub fn record_patch(kind: RecordKind, read: &CrmRecord, stages: &Stages) -> Patch {
    let get = |name: &str| read.properties.get(name).cloned().flatten().filter(|v| !v.is_empty());
    let record = RecordRef { kind, id: read.id.clone() };
    let mut patch = Patch::new(record, read.updated_ms, Rank::Read);
    let names = match kind {
        RecordKind::Lead => CONTACT_PROPERTIES,
        RecordKind::Deal => DEAL_PROPERTIES,
    };
    for name in names {
        if let Some((field, value)) = property(kind, name, get(name)) {
            patch.set(field, value);
        }
    }
    if patch.fields.get(&Field::CreatedAt).is_none_or(Option::is_none) {
        patch.set(Field::CreatedAt, Some(read.created_ms.to_string()));
    }
    if kind == RecordKind::Deal {
        let yes = |name: &str| get(name).as_deref() == Some("true");
        let by_flag = if yes("hs_is_closed_won") {
            Some("won")
        } else if yes("hs_is_closed_lost") {
            Some("lost")
        } else {
            None
        };
        let by_stage = || get("dealstage").and_then(|stage| stages.status(&stage));
        patch.set(Field::Status, Some(by_flag.or_else(by_stage).unwrap_or("open").to_owned()));
    }
    record_touches(&mut patch, read, &get);
    patch
}

/// Touches of a record: its first page at creation, then the campaign parameters that it holds now. HubSpot keeps
/// `utm_campaign` itself only in a drill-down, so custom properties of these names win over drill-downs.
fn record_touches(patch: &mut Patch, read: &CrmRecord, get: &dyn Fn(&str) -> Option<String>) {
    let created_ms = patch
        .fields
        .get(&Field::CreatedAt)
        .cloned()
        .flatten()
        .and_then(|v| v.parse().ok())
        .unwrap_or(read.created_ms);
    if let Some(url) = get("hs_analytics_first_url") {
        patch.touch(created_ms, utm::from_url(&url));
    }
    let mut first = Signals::default();
    if let Some(campaign) = get("hs_analytics_first_touch_converting_campaign") {
        first.utm_campaign = utm::normalise(&campaign);
    }
    patch.touch(created_ms, first);
    let mut now = Signals::default();
    for name in ["utm_id", "utm_source", "utm_medium", "utm_campaign"] {
        utm::set(&mut now, name, &get(name).unwrap_or_default());
    }
    patch.touch(read.updated_ms, now);
    for name in [
        "hs_analytics_last_touch_converting_campaign",
        "hs_analytics_source_data_1",
        "hs_analytics_source_data_2",
    ] {
        let campaign = get(name).and_then(|v| utm::normalise(&v));
        patch.touch(created_ms, Signals { utm_campaign: campaign, ..Signals::default() });
    }
}

/// A stage's status, for a stage change that is newer than the last read.
pub fn stage_status(patch: &mut Patch, stages: &Stages) {
    if patch.record.kind != RecordKind::Deal || patch.fields.contains_key(&Field::Status) {
        return;
    }
    let stage = patch.fields.get(&Field::Stage).cloned().flatten();
    if let Some(status) = stage.and_then(|s| stages.status(&s)) {
        patch.set(Field::Status, Some(status.to_owned()));
    }
}
