//! What each request is answered, and that nothing is stored of those that are not authentic.

use super::knock::{Door, FORMS, HUB};
use crate::harness::{World, stories};
use crate::hook::{headers, secret, signed};
use axum::http::HeaderMap;
use std::fmt::Write as _;
use std::time::Duration;
use tandem::crm::MAX_BODY_BYTES;
use tandem::playground::seed::STANDARD_SECRET;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

stories!(
    who_is_not_the_source_gets_401_and_leaves_nothing,
    what_has_no_address_gets_404_or_405,
    what_is_authentic_is_taken_whatever_it_says,
    an_oversized_body_is_refused_without_being_read,
);

const LEAD: &[u8] = br#"{"type":"lead.created","timestamp":"2026-01-05T07:00:00Z","data":{"id":"l1"}}"#;
/// Five minutes, as both schemes have it.
const TOLERANCE_S: i64 = 300;

async fn who_is_not_the_source_gets_401_and_leaves_nothing(w: &mut World) {
    let door = Door::of(w);
    let now = door.now_ms();
    let key = secret(STANDARD_SECRET);
    let at = |seconds: i64| signed(&key, "m1", now + seconds * 1000, LEAD);
    let without = |name: &str| {
        let mut left = at(0);
        left.remove(name);
        left
    };
    let twice = {
        let mut twice = at(0);
        twice.append("webhook-signature", at(0)["webhook-signature"].clone());
        twice
    };
    let refused = [
        ("unsigned", HeaderMap::new()),
        ("no id", without("webhook-id")),
        ("no time", without("webhook-timestamp")),
        ("no signature", without("webhook-signature")),
        ("two signature headers", twice),
        ("stale", at(-TOLERANCE_S - 1)),
        ("from the future", at(TOLERANCE_S + 1)),
        ("wrong secret", signed(&[7; 32], "m1", now, LEAD)),
        ("another body's signature", signed(&key, "m1", now, b"{}")),
        ("another message's signature", {
            let mut mixed = at(0);
            mixed.insert("webhook-id", "m2".parse().unwrap());
            mixed
        }),
        ("another time's signature", {
            let mut mixed = at(0);
            mixed.insert("webhook-timestamp", (now / 1000 + 1).to_string().parse().unwrap());
            mixed
        }),
        ("a time that is no number", {
            let mut mixed = at(0);
            mixed.insert("webhook-timestamp", "soon".parse().unwrap());
            mixed
        }),
        (
            "an unknown version",
            headers([("webhook-id", "m1"), ("webhook-timestamp", "1"), ("webhook-signature", "v9,AAAA")]),
        ),
    ];
    for (case, headers) in refused {
        assert_eq!(door.post(FORMS, headers, LEAD).await, 401, "{case}");
    }
    let tolerance_ms = TOLERANCE_S * 1000;
    for (case, headers, body) in [
        ("unsigned", HeaderMap::new(), "[]"),
        ("stale", door.hub_signed(now - tolerance_ms - 1, b"[]"), "[]"),
        ("from the future", door.hub_signed(now + tolerance_ms + 1, b"[]"), "[]"),
        ("tampered", door.hub_signed(now, b"[]"), "[ ]"),
        ("another scheme", door.signed("m1", b"[]"), "[]"),
    ] {
        assert_eq!(door.post(HUB, headers, body).await, 401, "HubSpot, {case}");
    }
    // HubSpot signs the address with its query.
    let query = format!("{HUB}?a=1");
    assert_eq!(door.post(&query, door.hub_signed(now, b"[]"), "[]").await, 401);
    assert_eq!(door.deliveries().await, 0, "nothing is stored of what is not authentic");
    for seconds in [-TOLERANCE_S, TOLERANCE_S] {
        assert_eq!(door.post(FORMS, at(seconds), LEAD).await, 200, "{seconds} s away is not too far");
    }
}

async fn what_has_no_address_gets_404_or_405(w: &mut World) {
    let door = Door::of(w);
    for path in [
        "/v1/in/standard/northwind.nobody",
        "/v1/in/standard/forms",
        "/v1/in/standard/northwind.hub",
        "/v1/in/hubspot/northwind.forms",
        "/v1/in/fax/northwind.forms",
        "/v1/in/standard",
        "/v1/in/standard/northwind.forms/more",
        "/v2/in/standard/northwind.forms",
        "/",
    ] {
        assert_eq!(door.post(path, door.signed("m1", LEAD), LEAD).await, 404, "{path}");
    }
    assert_eq!(door.get(FORMS).await, 405);
    assert_eq!(door.get("/healthz").await, 200);
    assert_eq!(door.deliveries().await, 0);
}

/// A sender that gets a 4xx for what it will never say otherwise only comes again; so what is authentic is taken, and
/// what can't be understood of it is told to people.
async fn what_is_authentic_is_taken_whatever_it_says(w: &mut World) {
    let door = Door::of(w);
    let now = door.now_ms();
    assert_eq!(door.forms("lead", LEAD).await, 200);
    assert_eq!(door.forms("unwanted", r#"{"type":"invoice.paid","data":{"id":"i1"}}"#).await, 200);
    assert_eq!(door.post(HUB, door.hub_signed(now, b"[]"), "[]").await, 200);
    door.is_read().await;
    assert!(door.dead_letters().await.is_empty());
    let ignored = "SELECT COUNT(*) AS n FROM crm_event WHERE outcome = 'ignored' AND kind = 'invoice.paid'";
    assert_eq!(door.number(ignored).await, 1, "what is not wanted is counted as ignored");

    let odd =
        ["", "not json", "[]", "{}", r#"{"type":"lead.created"}"#, r#"{"type":"lead.created","data":{}}"#];
    for (n, body) in odd.iter().enumerate() {
        assert_eq!(door.forms(&format!("odd-{n}"), *body).await, 200, "{body:?}");
    }
    for body in ["", "not json", "{}", r#"[{"eventId":"x"}]"#] {
        assert_eq!(
            door.post(HUB, door.hub_signed(now, body.as_bytes()), body).await,
            200,
            "HubSpot, {body:?}"
        );
    }
    door.is_read().await;
    let dead = door.dead_letters().await;
    assert_eq!(dead.iter().filter(|letter| letter.source == "forms").count(), odd.len());
    assert_eq!(dead.iter().filter(|letter| letter.source == "hub").count(), 4);
    assert!(dead.iter().all(|letter| letter.has_body && !letter.reason.is_empty()));
    door.is_told(2).await;
}

/// The head of a request as it stands on the wire.
fn head(address: std::net::SocketAddr, headers: &HeaderMap, length: &str) -> String {
    let mut head = format!("POST {FORMS} HTTP/1.1\r\nHost: {address}\r\n{length}\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap());
    }
    head + "\r\n"
}

/// The status line that comes back.
async fn status(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 512];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut bytes));
    let length = read.await.expect("an answer in time").unwrap();
    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

async fn an_oversized_body_is_refused_without_being_read(w: &mut World) {
    let door = Door::of(w);
    let address = w.running.address;
    let headers = door.signed("m1", LEAD);

    // Announced: the answer comes before a single byte of the body.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head(address, &headers, "Content-Length: 10000000000").as_bytes()).await.unwrap();
    assert_eq!(status(&mut stream).await, "HTTP/1.1 413 Payload Too Large");

    // Not announced: the answer comes as soon as the limit is passed, and the sender has not ended.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head(address, &headers, "Transfer-Encoding: chunked").as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..MAX_BODY_BYTES / 0x10000 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let one_more = stream.write_all(b"1\r\n \r\n").await;
    assert!(one_more.is_ok(), "up to the limit everything is read");
    assert_eq!(status(&mut stream).await, "HTTP/1.1 413 Payload Too Large");

    let full = vec![b' '; MAX_BODY_BYTES];
    assert_eq!(door.forms("full", full).await, 200, "exactly the limit passes");
    assert_eq!(door.deliveries().await, 1);
    door.is_read().await;
    door.is_told(1).await;
}
