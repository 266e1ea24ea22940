//! The gateway as a badly behaved client meets it.

use discord_local::DiscordLocal;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::harness::{World, world};

struct Raw(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Raw {
    async fn connect(server: &DiscordLocal, query: &str) -> Self {
        let url = format!("{}/gateway-socket{query}", server.api_url().replacen("http", "ws", 1));
        let mut raw = Self(tokio_tungstenite::connect_async(url).await.expect("a gateway").0);
        if query == "?v=10" {
            assert_eq!(raw.receive().await.expect("HELLO")["op"], json!(10));
        }
        raw
    }

    async fn send(&mut self, payload: Value) {
        self.0.send(Message::Text(payload.to_string())).await.expect("sent");
    }

    /// The next payload, or the code the connection is closed with.
    async fn receive(&mut self) -> Result<Value, u16> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).expect("JSON")),
            Some(Ok(Message::Close(Some(frame)))) => Err(frame.code.into()),
            _ => Err(1006),
        }
    }

    async fn until(&mut self, name: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let payload = self.receive().await.expect("it goes on");
            let done = payload["t"] == json!(name);
            all.push(payload);
            if done {
                return all;
            }
        }
    }
}

fn identify(w: &World, intents: u64) -> Value {
    json!({ "op": 2, "d": { "token": w.bot.token, "intents": intents, "properties": {}, "shard": [0, 1] } })
}

#[tokio::test]
async fn mistakes_close_the_connection_with_their_codes() {
    let w = world().await;
    let mut wrong_token = identify(&w, 1);
    wrong_token["d"]["token"] = json!("wrong");
    let mut wrong_shard = identify(&w, 1);
    wrong_shard["d"]["shard"] = json!([1, 1]);
    let cases = [
        (wrong_token, 4004),
        (wrong_shard, 4010),
        (identify(&w, 1 << 40), 4013),
        (identify(&w, 1 << 15), 4014),
        (json!({ "op": 99, "d": null }), 4001),
        (json!({ "op": 3, "d": {} }), 4003),
    ];
    for (payload, code) in cases {
        let mut raw = Raw::connect(&w.server, "?v=10").await;
        raw.send(payload.clone()).await;
        assert_eq!(raw.receive().await, Err(code), "{payload}");
    }
    let mut raw = Raw::connect(&w.server, "?v=10").await;
    raw.send(identify(&w, 1)).await;
    raw.until("GUILD_CREATE").await;
    raw.send(identify(&w, 1)).await;
    assert_eq!(raw.receive().await, Err(4005));
    let mut old = Raw::connect(&w.server, "?v=9").await;
    assert_eq!(old.receive().await, Err(4012));
}

#[tokio::test]
async fn a_resumption_replays_in_order_and_then_says_so() {
    let w = world().await;
    let mut raw = Raw::connect(&w.server, "?v=10").await;
    raw.send(identify(&w, 1 | 1 << 9)).await;
    let greeted = raw.until("GUILD_CREATE").await;
    let session = greeted[0]["d"]["session_id"].as_str().expect("a session").to_owned();
    let seen = greeted.last().expect("an event")["s"].as_u64().expect("a number");
    w.server.drop_gateways();
    assert_eq!(raw.receive().await, Err(1006));
    for text in ["one", "two"] {
        w.vera.say(w.general, text, vec![]).await.expect("she may");
    }
    let resume =
        |seq: u64| json!({ "op": 6, "d": { "token": w.bot.token, "session_id": session, "seq": seq } });
    let mut ahead = Raw::connect(&w.server, "?v=10").await;
    ahead.send(resume(seen + 50)).await;
    assert_eq!(ahead.receive().await, Err(4007));
    let mut raw = Raw::connect(&w.server, "?v=10").await;
    raw.send(resume(seen)).await;
    let replayed = raw.until("RESUMED").await;
    let names: Vec<&str> = replayed.iter().filter_map(|payload| payload["t"].as_str()).collect();
    assert_eq!(names, ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]);
    let numbers: Vec<u64> = replayed.iter().filter_map(|payload| payload["s"].as_u64()).collect();
    assert_eq!(numbers, [seen + 1, seen + 2, seen + 3]);

    let mut stranger = Raw::connect(&w.server, "?v=10").await;
    stranger
        .send(json!({ "op": 6, "d": { "token": w.bot.token, "session_id": "nobody's", "seq": 1 } }))
        .await;
    assert_eq!(stranger.receive().await, Ok(json!({ "op": 9, "d": false, "s": null, "t": null })));
}

#[tokio::test]
async fn intents_decide_what_is_told() {
    let w = world().await;
    let mut raw = Raw::connect(&w.server, "?v=10").await;
    raw.send(identify(&w, 0)).await;
    raw.until("READY").await;
    w.vera.say(w.general, "unheard", vec![]).await.expect("she may");
    raw.send(json!({ "op": 1, "d": 1 })).await;
    let next = raw.receive().await.expect("an acknowledgement");
    assert_eq!(next["op"], json!(11), "nothing came between: {next}");
}

#[tokio::test]
async fn a_client_that_leaves_for_good_has_no_session_left() {
    let w = world().await;
    let mut raw = Raw::connect(&w.server, "?v=10").await;
    raw.send(identify(&w, 1)).await;
    raw.until("GUILD_CREATE").await;
    assert_eq!(w.server.gateways(), 1);
    w.server.stop().await;
    assert_eq!(raw.receive().await, Err(1006));
    assert_eq!(w.server.gateways(), 0);
}
