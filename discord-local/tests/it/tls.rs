use std::time::{Duration, Instant};

use discord_local::{Bucket, Fault, FaultKind, Options, RateLimits};
use serenity::all::{ChannelId, CreateMessage, Http, HttpBuilder};

use crate::harness::{World, world_with};

/// The client as in production, rate limiter on: only its resolver and its authorities point here.
fn real_path(w: &World) -> Http {
    let pem = w.server.ca_pem().expect("TLS is on");
    let client = reqwest::Client::builder()
        .resolve("discord.com", w.server.address())
        .add_root_certificate(reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate"))
        .build()
        .expect("a client");
    HttpBuilder::new(&w.bot.token).client(client).build()
}

async fn send(http: &Http, channel: u64, text: &str) {
    let message = CreateMessage::new().content(text);
    ChannelId::new(channel).send_message(http, message).await.expect("sent in the end");
}

#[tokio::test]
async fn the_clients_own_rate_limiter_waits_for_a_429_and_tries_again() {
    let w = world_with(Options { tls: true, ..Options::default() }).await;
    let http = real_path(&w);
    let kind = FaultKind::RateLimited { retry_after: 0.6, global: false };
    w.server.fail_next(Fault::once("POST", "/messages", kind));
    let started = Instant::now();
    send(&http, w.general, "patience").await;
    assert!(started.elapsed() >= Duration::from_millis(600), "{:?}", started.elapsed());
    let statuses: Vec<u16> = w.server.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [429, 200]);
    assert_eq!(w.vera.messages(w.general).len(), 1);
}

#[tokio::test]
async fn the_clients_own_rate_limiter_keeps_to_the_buckets() {
    let create_message = Bucket { limit: 2, window: Duration::from_secs(1) };
    let rate_limits = RateLimits { create_message, ..RateLimits::on() };
    let w = world_with(Options { tls: true, rate_limits, ..Options::default() }).await;
    let http = real_path(&w);
    for number in 0..5 {
        send(&http, w.general, &format!("number {number}")).await;
    }
    let texts: Vec<String> = w.vera.messages(w.general).into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["number 0", "number 1", "number 2", "number 3", "number 4"]);
}

#[tokio::test]
async fn the_same_port_speaks_plainly_too() {
    let w = world_with(Options { tls: true, ..Options::default() }).await;
    let gateway = w.http().get_gateway().await.expect("plain HTTP");
    assert!(gateway.url.starts_with("ws://127.0.0.1:"), "{}", gateway.url);
    let strangers = reqwest::get(format!("https://{}/api/v10/gateway", w.server.address())).await;
    assert!(strangers.is_err(), "the authority isn't one of the well-known ones");
}
