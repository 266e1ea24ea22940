//! Who is believed: published and computed signatures, valid and not, and what tampering does.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use tandem::crm::standard::Key;
use tandem::crm::{Delivery, Unverified, Verified, hubspot, public_uri, standard};

#[derive(Deserialize)]
struct Vector {
    id: String,
    scheme: String,
    secret: String,
    method: String,
    uri: String,
    headers: BTreeMap<String, String>,
    body: String,
    now_ms: i64,
    expected_valid: bool,
    reason: String,
}

fn headers(pairs: &BTreeMap<String, String>) -> HeaderMap {
    let pair = |(name, value): (&String, &String)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn check(vector: &Vector) -> Result<Verified, Unverified> {
    let headers = headers(&vector.headers);
    let delivery = Delivery {
        method: &vector.method,
        uri: &vector.uri,
        headers: &headers,
        body: vector.body.as_bytes(),
        now_ms: vector.now_ms,
    };
    match vector.scheme.as_str() {
        "hubspot-v3" => hubspot::verify(&delivery, &[SecretString::from(vector.secret.clone())]),
        _ => standard::verify(&delivery, &[Key::parse(&vector.secret).unwrap()]),
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("data/crm/signatures.json")).unwrap()
}

#[test]
fn every_vector_is_judged_as_expected() {
    let vectors = vectors();
    assert!(vectors.iter().filter(|v| v.expected_valid).count() > 10);
    assert!(vectors.iter().filter(|v| !v.expected_valid).count() > 20);
    for vector in vectors {
        let got = check(&vector);
        assert_eq!(got.is_ok(), vector.expected_valid, "{}: {} ({got:?})", vector.id, vector.reason);
    }
}

#[test]
fn hubspots_own_sdk_examples() {
    let secret = SecretString::from("yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy".to_owned());
    let uri = "https://www.example.com/webhook_uri";
    let body = b"{'example_field':'example_value'}";
    for (timestamp, signature) in [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ] {
        assert_eq!(hubspot::signature_v3(&secret, "POST", uri, body, timestamp), signature);
    }
}

#[test]
fn both_secrets_are_accepted_while_one_is_rotated() {
    let [old, new, other] = ["old-secret", "new-secret", "other"].map(|s| SecretString::from(s.to_owned()));
    let uri = public_uri("https://hooks.example.com/", "/v1/in/hubspot/acme");
    assert_eq!(uri, "https://hooks.example.com/v1/in/hubspot/acme");
    for signer in [&old, &new, &other] {
        let signature = hubspot::signature_v3(signer, "POST", &uri, b"[]", "1767950001234");
        let headers = headers(&BTreeMap::from([
            ("X-HubSpot-Signature-v3".to_owned(), signature),
            ("X-HubSpot-Request-Timestamp".to_owned(), "1767950001234".to_owned()),
            ("Host".to_owned(), "internal:8080".to_owned()),
        ]));
        let delivery =
            Delivery { method: "POST", uri: &uri, headers: &headers, body: b"[]", now_ms: 1_767_950_001_234 };
        let accepted = hubspot::verify(&delivery, &[new.clone(), old.clone()]).is_ok();
        assert_eq!(accepted, !std::ptr::eq(signer, &other));
    }
}

#[test]
fn the_reference_library_makes_the_same_signature() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let reference = standardwebhooks::Webhook::new(secret).unwrap();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &secret[6..]).unwrap();
    for body in ["", "{}", "{\"name\":\"Müller & Söhne – 東京 🚀\"}"] {
        assert_eq!(
            standard::signature_v1(&bytes, "msg_1", "1614265330", body.as_bytes()),
            reference.sign("msg_1", 1_614_265_330, body.as_bytes()).unwrap()
        );
    }
}

#[test]
fn keys_that_can_not_work_are_refused_when_read() {
    for bad in ["whsec_", "whsec_dG9vc2hvcnQ=", "whsec_***", "whpk_AAAA", "whsk_AAAA"] {
        let reason = Key::parse(bad).unwrap_err();
        assert!(!reason.contains(&bad[6..]) || bad.len() <= 6, "the reason repeats the key: {reason}");
    }
}

#[test]
fn a_header_sent_twice_or_missing_is_refused() {
    let vector = vectors().into_iter().find(|v| v.id == "stdwh-v1-valid").unwrap();
    let mut sent = headers(&vector.headers);
    let judge = |headers: &HeaderMap| {
        let delivery = Delivery {
            method: "POST",
            uri: &vector.uri,
            headers,
            body: vector.body.as_bytes(),
            now_ms: vector.now_ms,
        };
        standard::verify(&delivery, &[Key::parse(&vector.secret).unwrap()])
    };
    assert!(judge(&sent).is_ok());
    sent.append("webhook-id", HeaderValue::from_static("msg_other"));
    assert_eq!(judge(&sent), Err(Unverified::Malformed));
    sent.remove("webhook-id");
    assert_eq!(judge(&sent), Err(Unverified::Unsigned));
    sent.insert("webhook-id", HeaderValue::from_static("msg.with.dots"));
    assert_eq!(judge(&sent), Err(Unverified::Malformed));
}

fn sign_standard(body: &[u8]) -> (BTreeMap<String, String>, Key) {
    let key = vec![7_u8; 32];
    let pairs = BTreeMap::from([
        ("webhook-id".to_owned(), "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W".to_owned()),
        ("webhook-timestamp".to_owned(), "1767950000".to_owned()),
        (
            "webhook-signature".to_owned(),
            standard::signature_v1(&key, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1767950000", body),
        ),
    ]);
    (pairs, Key::Secret(key))
}

proptest! {
    /// Flipping any bit of what is signed makes it false: body, id, timestamp, signature.
    #[test]
    fn tampering_is_found(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<usize>(), bit in 0..8_u8,
        part in 0..4_usize) {
        let (mut pairs, key) = sign_standard(&body);
        let keys = [key];
        let judge = |pairs: &BTreeMap<String, String>, body: &[u8]| {
            let headers = headers(pairs);
            let delivery = Delivery { method: "POST", uri: "", headers: &headers, body, now_ms: 1_767_950_000_000 };
            standard::verify(&delivery, &keys)
        };
        prop_assert!(judge(&pairs, &body).is_ok());
        let mut body = body;
        if part == 3 {
            let place = at % body.len();
            body[place] ^= 1 << bit;
        } else {
            let name = ["webhook-id", "webhook-timestamp", "webhook-signature"][part];
            let mut bytes = pairs[name].clone().into_bytes();
            let place = at % bytes.len();
            bytes[place] ^= 1 << (bit % 7);
            let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
            if HeaderValue::from_str(&text).is_err() { return Ok(()) }
            pairs.insert(name.to_owned(), text);
        }
        prop_assert!(judge(&pairs, &body).is_err());
    }

    #[test]
    fn hubspot_tampering_is_found(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<usize>(), bit in 0..8_u8,
        part in 0..3_usize) {
        let secret = SecretString::from("c0ffee00-1234".to_owned());
        let mut uri = "https://hooks.example.com/v1/in/hubspot/acme".to_owned();
        let mut timestamp = "1767950001234".to_owned();
        let signature = hubspot::signature_v3(&secret, "POST", &uri, &body, &timestamp);
        let mut body = body;
        match part {
            0 => { let place = at % body.len(); body[place] ^= 1 << bit; }
            1 => { let place = at % 13; let digit = timestamp.as_bytes()[place]; let other = if digit == b'9' { "0" } else { "9" };
                timestamp.replace_range(place..=place, other); }
            _ => uri.push('/'),
        }
        let headers = headers(&BTreeMap::from([
            ("x-hubspot-signature-v3".to_owned(), signature),
            ("x-hubspot-request-timestamp".to_owned(), timestamp),
        ]));
        let delivery = Delivery { method: "POST", uri: &uri, headers: &headers, body: &body, now_ms: 1_767_950_001_234 };
        prop_assert!(hubspot::verify(&delivery, &[secret]).is_err());
    }

    /// Whatever is in headers and body, the answer is a value.
    #[test]
    fn any_bytes_are_judged_without_panic(id in any::<Vec<u8>>(), timestamp in any::<Vec<u8>>(), signature in any::<Vec<u8>>(),
        body in any::<Vec<u8>>(), now_ms in any::<i64>(), uri in ".*") {
        let mut headers = HeaderMap::new();
        for (name, value) in [("webhook-id", &id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signature),
            ("x-hubspot-signature-v3", &signature), ("x-hubspot-request-timestamp", &timestamp)] {
            if let Ok(value) = HeaderValue::from_bytes(value) { headers.insert(name, value); }
        }
        let delivery = Delivery { method: "POST", uri: &uri, headers: &headers, body: &body, now_ms };
        prop_assert!(standard::verify(&delivery, &[Key::Secret(vec![1; 32])]).is_err());
        prop_assert!(hubspot::verify(&delivery, &[SecretString::from("s".to_owned())]).is_err());
    }
}
