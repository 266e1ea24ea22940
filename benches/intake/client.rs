//! A sender that costs as little as can be: requests signed beforehand, plain HTTP/1.1 on connections kept alive, one
//! request under way on each.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tandem::clock::Clock;
use tandem::crm::standard::signature_v1;
use tandem::playground::seed::STANDARD_SECRET;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub const PATH: &str = "/v1/in/standard/northwind.forms";

/// Whole requests, as they go over the wire.
pub struct Prepared(Vec<Vec<u8>>);

impl Prepared {
    /// `count` leads, none of which was in an earlier round.
    pub fn signed(round: usize, count: usize, clock: &Clock) -> Self {
        let secret = BASE64_STANDARD.decode(STANDARD_SECRET.trim_start_matches("whsec_")).expect("base64");
        let at_ms = clock.now_ms();
        Self((0..count).map(|n| one(&secret, &format!("r{round}-{n}"), at_ms)).collect())
    }
}

fn one(secret: &[u8], id: &str, at_ms: i64) -> Vec<u8> {
    let body = format!(
        r#"{{"type":"lead.created","timestamp":{at_ms},"data":{{"id":"{id}","email":"{id}@example.com","company":"Example Company","country":"DE","created_at":{at_ms},"utm":{{"source":"newsletter","medium":"email","campaign":"spring-webinar"}},"landing_page":"https://www.example.com/webinar?utm_campaign=spring-webinar"}}}}"#
    );
    let timestamp = (at_ms / 1000).to_string();
    let signature = signature_v1(secret, id, &timestamp, body.as_bytes());
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         webhook-id: {id}\r\nwebhook-timestamp: {timestamp}\r\nwebhook-signature: {signature}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[derive(Clone, Copy)]
pub struct Measured {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Sends all requests, each once, and waits for each answer.
///
/// # Panics
/// An answer other than 200, or a connection that ends.
pub async fn send(address: SocketAddr, requests: Prepared, connections: usize) -> Measured {
    let requests = Arc::new(requests.0);
    let next = Arc::new(AtomicUsize::new(0));
    let mut open = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        open.push(stream);
    }
    let started = Instant::now();
    let mut senders = JoinSet::new();
    for stream in open {
        senders.spawn(sender(stream, Arc::clone(&requests), Arc::clone(&next)));
    }
    let mut took: Vec<Duration> = senders.join_all().await.into_iter().flatten().collect();
    let all = started.elapsed();
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    Measured { per_second: took.len() as f64 / all.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
}

async fn sender(mut stream: TcpStream, requests: Arc<Vec<Vec<u8>>>, next: Arc<AtomicUsize>) -> Vec<Duration> {
    let mut took = Vec::new();
    let mut buffer = Vec::with_capacity(1024);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        stream.write_all(request).await.expect("the request is sent");
        answer(&mut stream, &mut buffer).await;
        took.push(started.elapsed());
    }
    took
}

/// Reads one answer to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("an answer");
        assert!(read > 0, "the server closed a connection");
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head in ASCII");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
        if buffer.len() >= end + 4 + length {
            return;
        }
    }
}
