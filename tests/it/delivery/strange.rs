//! Answers that no Discord gives, but something in front of it, or a later version of it.

use super::bench::{Bench, on_sqlite};
use super::place::quick;
use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::routing::any;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tandem::delivery::Delivery;
use tandem::delivery::connect::{self, DiscordSettings};
use tandem::store::outbox::{self, DeadLetter};
use tandem::text::card::Post;
use tandem::{in_read, in_tx};

const BOT: &str = "7";

/// A server that takes messages and answers each with the next of the given answers; the last one stays.
struct Strange {
    answers: Vec<(StatusCode, &'static str)>,
    taken: Vec<Value>,
    /// Whether a message was taken although the answer didn't say so.
    takes: bool,
}

type Shared = Arc<Mutex<Strange>>;

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    body: String,
) -> (StatusCode, String) {
    let mut strange = shared.lock().unwrap();
    if uri.path().ends_with("/users/@me") {
        let me = json!({ "id": BOT, "username": "Tandem", "discriminator": "0", "avatar": null, "mfa_enabled": false });
        return (StatusCode::OK, me.to_string());
    }
    if method == Method::GET {
        return (StatusCode::OK, Value::Array(strange.taken.clone()).to_string());
    }
    let mut message: Value = serde_json::from_str(&body).unwrap();
    message["id"] = json!((900 + strange.taken.len()).to_string());
    message["author"] = json!({ "id": BOT });
    let (status, text) =
        if strange.answers.len() > 1 { strange.answers.remove(0) } else { strange.answers[0] };
    if strange.takes {
        strange.taken.push(message);
    }
    (status, text.to_owned())
}

async fn deliver(bench: &Bench, strange: Strange) -> (Shared, Vec<DeadLetter>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = DiscordSettings {
        token: "token".into(),
        application_id: 7,
        api_url: Some(format!("http://{}", listener.local_addr().unwrap())),
        connect_to: None,
        ca_pem: None,
    };
    let shared = Arc::new(Mutex::new(strange));
    let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&shared));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let http = connect::http(&settings).unwrap();
    let delivery = Delivery::new(bench.store.clone(), bench.clock.clone(), http.into()).with_timing(quick());
    let post = Post { text: "once".into(), ..Post::default() };
    in_tx!(bench.store, |tx| { outbox::post(tx, &bench.clock, "1", &post, &[]).await }).unwrap();
    let started = Instant::now();
    let now = bench.clock.now();
    while in_read!(bench.store, |read| { outbox::waiting_count(read, now).await }).unwrap() > 0 {
        assert!(started.elapsed() < Duration::from_secs(10));
        delivery.deliver_once().await.unwrap();
    }
    serving.abort();
    (shared, in_read!(bench.store, |read| { outbox::list_dead(read, 9).await }).unwrap())
}

#[tokio::test]
async fn a_message_whose_answer_cannot_be_read_is_found_at_once() {
    on_sqlite(async |bench| {
        let answers = vec![(StatusCode::OK, r#"{"a":"later version"}"#)];
        let (shared, dead) = deliver(&bench, Strange { answers, taken: Vec::new(), takes: true }).await;
        assert_eq!(shared.lock().unwrap().taken.len(), 1, "sent once, and no second time");
        assert_eq!(dead, []);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_not_discords_is_tried_again_whatever_its_status() {
    on_sqlite(async |bench| {
        let page = "<html>checking your browser</html>";
        let overloaded = r#"{"code":130000,"message":"API resource is currently overloaded. Try again a little later"}"#;
        let invalid = r#"{"code":50035,"message":"Invalid Form Body","errors":{"content":{"_errors":[{"code":"BASE_TYPE_REQUIRED","message":"This field is required"}]}}}"#;
        let answers = vec![
            (StatusCode::FORBIDDEN, page),
            (StatusCode::BAD_REQUEST, page),
            (StatusCode::BAD_REQUEST, overloaded),
            (StatusCode::BAD_REQUEST, invalid),
        ];
        let (_, dead) = deliver(&bench, Strange { answers, taken: Vec::new(), takes: false }).await;
        assert_eq!((dead.len(), dead[0].tries), (1, 4), "only the last one is Discord's word on the message");
        let reason = "HTTP 400, code 50035: Invalid Form Body (content: This field is required)";
        assert_eq!(dead[0].reason, reason);
    })
    .await;
}
