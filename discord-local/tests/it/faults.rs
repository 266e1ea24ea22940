use std::time::Duration;

use discord_local::{Bucket, Fault, FaultKind, Options, RateLimits};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{World, world, world_with};

async fn post(w: &World, text: &str) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}/api/v10/channels/{}/messages", w.server.api_url(), w.general);
    let client = reqwest::Client::new();
    client
        .post(url)
        .header("Authorization", format!("Bot {}", w.bot.token))
        .json(&json!({ "content": text }))
        .send()
        .await
}

#[tokio::test]
async fn faults_hit_as_often_as_they_are_armed() {
    let w = world().await;
    let kind = FaultKind::Status(503);
    w.server.fail_next(Fault { method: "POST".into(), path_contains: "/messages".into(), kind, times: 2 });
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(post(&w, "hello").await.expect("an answer").status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 200]);
    assert_eq!(w.vera.messages(w.general).len(), 1);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_request_is_applied() {
    let w = world().await;
    w.server.fail_next(Fault::once("POST", "/messages", FaultKind::DropBefore));
    assert!(post(&w, "lost").await.is_err());
    assert_eq!(w.vera.messages(w.general).len(), 0);
    w.server.fail_next(Fault::once("POST", "/messages", FaultKind::DropAfter));
    assert!(post(&w, "kept").await.is_err());
    let texts: Vec<String> = w.vera.messages(w.general).into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["kept"]);
    let statuses: Vec<u16> = w.server.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [0, 0]);
}

#[tokio::test]
async fn a_bucket_refuses_what_is_over_it_and_says_for_how_long() {
    let create_message = Bucket { limit: 2, window: Duration::from_millis(400) };
    let rate_limits = RateLimits { create_message, ..RateLimits::on() };
    let w = world_with(Options { rate_limits, ..Options::default() }).await;
    for left in ["1", "0"] {
        let answer = post(&w, "hello").await.expect("an answer");
        assert_eq!(
            (answer.status(), &answer.headers()["x-ratelimit-remaining"]),
            (StatusCode::OK, &left.parse().expect("text"))
        );
    }
    let answer = post(&w, "hello").await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    for name in [
        "retry-after",
        "x-ratelimit-reset-after",
        "x-ratelimit-bucket",
        "x-ratelimit-reset",
        "x-ratelimit-limit",
    ] {
        assert!(answer.headers().contains_key(name), "{name}");
    }
    assert_eq!(answer.headers()["x-ratelimit-scope"], "user");
    let body: Value = answer.json().await.expect("JSON");
    let after = body["retry_after"].as_f64().expect("a number");
    assert!(after > 0.0 && after <= 0.4 && body["global"] == json!(false), "{body}");
    tokio::time::sleep(Duration::from_secs_f64(after)).await;
    assert_eq!(post(&w, "hello").await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(w.vera.messages(w.general).len(), 3);
}

#[tokio::test]
async fn the_global_limit_is_told_apart() {
    let rate_limits = RateLimits { global_per_second: 1, ..RateLimits::on() };
    let w = world_with(Options { rate_limits, ..Options::default() }).await;
    assert_eq!(post(&w, "hello").await.expect("an answer").status(), StatusCode::OK);
    let answer = post(&w, "hello").await.expect("an answer");
    assert_eq!(answer.headers()["x-ratelimit-global"], "true");
    assert_eq!(answer.headers()["x-ratelimit-scope"], "global");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["global"], json!(true));
}
