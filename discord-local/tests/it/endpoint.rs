use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use discord_local::Answer;
use serde_json::{Value, json};
use serenity::all::{Command, Interaction};
use serenity::interactions_endpoint::Verifier;

use crate::harness::{command, world};

/// A bot that takes its interactions by HTTP; `strict` ones check the signature.
async fn serve(public_key: &str, strict: bool) -> String {
    let app = Router::new()
        .route("/interactions", post(handle))
        .with_state((Arc::new(Verifier::new(public_key)), strict));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/interactions")
}

async fn handle(
    State((verifier, strict)): State<(Arc<Verifier>, bool)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, StatusCode> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (signature, timestamp) = (header("x-signature-ed25519"), header("x-signature-timestamp"));
    if strict && verifier.verify(signature, timestamp, &body).is_err() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let answer = match serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)? {
        Interaction::Ping(_) => json!({ "type": 1 }),
        Interaction::Command(command) => {
            json!({ "type": 4, "data": { "content": format!("ran {}", command.data.name) } })
        }
        _ => return Err(StatusCode::BAD_REQUEST),
    };
    Ok(Json(answer))
}

#[tokio::test]
async fn interactions_are_posted_signed_and_answered_in_the_response() {
    let w = world().await;
    Command::set_global_commands(w.http(), vec![command("say")]).await.expect("valid");
    let url = serve(&w.bot.public_key, true).await;
    w.server
        .set_interactions_endpoint(w.bot.id, Some(&url))
        .await
        .expect("it answers PINGs and checks signatures");
    assert_eq!(w.pat.run(w.general, "/say").await.map(|answer| answer.text()), Ok("ran say".to_owned()));
    w.server.set_interactions_endpoint(w.bot.id, None).await.expect("back to the gateway");
    assert_eq!(w.pat.run(w.general, "/say").await, Ok(Answer::NoAnswer));
}

#[tokio::test]
async fn an_endpoint_that_checks_nothing_is_refused() {
    let w = world().await;
    let url = serve(&w.bot.public_key, false).await;
    let refused = w.server.set_interactions_endpoint(w.bot.id, Some(&url)).await;
    assert_eq!(refused, Err("a wrong signature was answered with 200 and not with 401".to_owned()));
    let nobody = w.server.set_interactions_endpoint(w.bot.id, Some("http://127.0.0.1:1/x")).await;
    assert!(nobody.is_err_and(|reason| reason.contains("can't be reached")));
}
