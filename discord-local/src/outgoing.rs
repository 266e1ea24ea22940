//! Interactions by HTTP: signed POSTs to the application's own address, instead of the gateway.
//!
//! Signed with Ed25519 over `X-Signature-Timestamp` and the raw body. An answer of 200 counts as the callback; 202 says that
//! the application will call back by itself. Only `http://` addresses are served: this is for bots on the same machine.
//! Source: <https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint>.

use std::time::Duration;

use rcgen::SigningKey;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::DiscordLocal;
use crate::callback::Answering;

/// The most that is read of an answer.
const ANSWER_BYTES: u64 = 25 * 1024 * 1024;

impl DiscordLocal {
    /// Has interactions posted to this `http://` address, signed, instead of going through the gateway; `None` goes back to
    /// the gateway. As Discord does, it first sends a PING, and one with a wrong signature.
    ///
    /// # Errors
    /// A sentence: the address can't be reached, doesn't answer the PING with `{"type": 1}`, or doesn't refuse the wrong
    /// signature with 401.
    pub async fn set_interactions_endpoint(&self, application: u64, url: Option<&str>) -> Result<(), String> {
        if let Some(url) = url {
            let ping = json!({
                "id": self.world().snowflake().to_string(), "application_id": application.to_string(),
                "type": 1, "token": "ping", "version": 1,
            });
            let (status, body) = self.post_signed(application, url, &ping, false).await?;
            let pong = serde_json::from_slice::<Value>(&body).is_ok_and(|json| json["type"] == json!(1));
            if status != 200 || !pong {
                return Err(format!("the PING was answered with {status} and not with {{\"type\":1}}"));
            }
            let (status, _) = self.post_signed(application, url, &ping, true).await?;
            if status != 401 {
                return Err(format!("a wrong signature was answered with {status} and not with 401"));
            }
        }
        if let Some(app) = self.world().apps.get_mut(&application) {
            app.endpoint = url.map(str::to_owned);
        }
        Ok(())
    }

    /// Posts the interaction to the application's own address, if it has one, without waiting here.
    pub(crate) fn post_interaction(&self, app: u64, id: u64, payload: Value) {
        let Some(url) = self.world().apps.get(&app).and_then(|app| app.endpoint.clone()) else { return };
        let server = self.clone();
        tokio::spawn(async move {
            let deadline = server.options().answer_deadline;
            let post = server.post_signed(app, &url, &payload, false);
            let Ok(Ok((200, body))) = tokio::time::timeout(deadline, post).await else { return };
            let Ok(body) = serde_json::from_slice::<Value>(&body) else { return };
            let token = payload["token"].as_str().unwrap_or_default();
            let answer = server.world().answer(id, token, Answering { body: &body, uploads: Vec::new() });
            if let Err(error) = answer {
                tracing::warn!(
                    code = error.code,
                    "an interaction was answered wrongly by HTTP: {}",
                    error.body()
                );
            }
        });
    }

    /// Posts JSON with a signature, true or false, and gives the status and the body of the answer.
    async fn post_signed(
        &self,
        app: u64,
        url: &str,
        json: &Value,
        forged: bool,
    ) -> Result<(u16, Vec<u8>), String> {
        let body = json.to_string();
        let (timestamp, signature) = {
            let world = self.world();
            let keys = &world.apps.get(&app).ok_or("there is no such application")?.keys;
            let timestamp = (world.now() / 1_000).to_string();
            let signed = format!("{timestamp}{}{body}", if forged { "x" } else { "" });
            (timestamp, keys.sign(signed.as_bytes()).map_err(|error| error.to_string())?)
        };
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let rest = url.strip_prefix("http://").ok_or("only http:// addresses are served")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        // HTTP/1.0: the answer comes whole, and the end of the connection is its end.
        let head = format!(
            "POST /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             X-Signature-Ed25519: {signature}\r\nX-Signature-Timestamp: {timestamp}\r\n\
             User-Agent: Discord-Interactions/1.0\r\n\r\n",
            body.len()
        );
        let exchange = async {
            let mut stream = TcpStream::connect(&address).await?;
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.take(ANSWER_BYTES).read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let answer = tokio::time::timeout(Duration::from_secs(10), exchange);
        let answer = answer.await.map_err(|_| "no answer within 10 seconds".to_owned())?;
        parse(&answer.map_err(|error| format!("{address} can't be reached: {error}"))?)
    }
}

/// The status and the body of an HTTP answer.
fn parse(answer: &[u8]) -> Result<(u16, Vec<u8>), String> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("that wasn't an HTTP answer")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or("that wasn't an HTTP answer")?, answer[end + 4..].to_vec()))
}
