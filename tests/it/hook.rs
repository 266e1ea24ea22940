//! Webhooks as a sender of Standard Webhooks makes them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tandem::crm::standard::signature_v1;

/// The bytes of a secret written `whsec_…`.
pub fn secret(written: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(written.trim_start_matches("whsec_")).unwrap()
}

/// The headers that sign a body as message `id`, sent at `at_ms` (Unix milliseconds).
pub fn signed(secret: &[u8], id: &str, at_ms: i64, body: &[u8]) -> HeaderMap {
    let timestamp = (at_ms / 1000).to_string();
    let signature = signature_v1(secret, id, &timestamp, body);
    headers([("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signature)])
}

pub fn headers<const N: usize>(pairs: [(&'static str, &str); N]) -> HeaderMap {
    let pair = |(name, value): (&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    pairs.into_iter().map(pair).collect()
}
