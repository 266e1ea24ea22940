//! The gateway: one WebSocket per connection, speaking v10 in JSON.
//!
//! HELLO, IDENTIFY or RESUME, heartbeats, dispatches. Payloads aren't compressed, which a client that offers it must
//! accept. Source: <https://discord.com/developers/docs/events/gateway>.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::DiscordLocal;
use crate::dispatch::intents;
use crate::listener::Cutter;
use crate::model::{Order, Session, World};

/// Events a client may send in a minute.
const EVENTS_A_MINUTE: u32 = 120;

/// Numbers connections, so that a session knows which of two is its own.
static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// What becomes of a connection after a payload.
enum Next {
    Stay,
    Close(u16, &'static str),
}

struct Connection {
    server: DiscordLocal,
    number: u64,
    orders: mpsc::UnboundedSender<Order>,
    session: Option<String>,
    heartbeat: Instant,
    minute: (Instant, u32),
}

/// Serves one connection until it ends.
pub(crate) async fn serve(
    server: DiscordLocal,
    mut socket: WebSocket,
    query: BTreeMap<String, String>,
    cutter: Cutter,
) {
    if query.get("v").is_some_and(|version| version != "10") {
        return close(&mut socket, 4012, "Invalid API version").await;
    }
    let (orders, mut inbox) = mpsc::unbounded_channel();
    let number = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    let now = Instant::now();
    let mut connection = Connection {
        server: server.clone(),
        number,
        orders,
        session: None,
        heartbeat: now,
        minute: (now, 0),
    };
    let interval = server.options().heartbeat_interval;
    let hello =
        json!({ "op": 10, "d": { "heartbeat_interval": interval.as_millis() }, "s": null, "t": null });
    if socket.send(Frame::Text(hello.to_string().into())).await.is_err() {
        return;
    }
    let mut stopped = server.stopped();
    let mut check = tokio::time::interval(interval);
    loop {
        let next = tokio::select! {
            frame = socket.recv() => match frame {
                Some(Ok(Frame::Text(text))) => connection.received(&text),
                Some(Ok(Frame::Binary(bytes))) => connection.received(&String::from_utf8_lossy(&bytes)),
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => Next::Stay,
                Some(Ok(Frame::Close(frame))) => {
                    // A client that closes with 1000 or 1001 doesn't come back: its session ends.
                    connection.leave(frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001)));
                    return;
                }
                Some(Err(_)) | None => { connection.leave(false); return }
            },
            order = inbox.recv() => match order {
                Some(Order::Send(text)) => match socket.send(Frame::Text(text.into())).await {
                    Ok(()) => Next::Stay,
                    Err(_) => { connection.leave(false); return }
                },
                Some(Order::Cut) | None => { connection.leave(false); cutter.cut(); return }
            },
            _ = check.tick() => {
                // Two intervals without a heartbeat: the client is gone, whatever the socket says.
                if connection.heartbeat.elapsed() > interval * 2 { Next::Close(4009, "Session timed out") } else { Next::Stay }
            }
            () = end(&mut stopped) => { connection.leave(false); cutter.cut(); return }
        };
        if let Next::Close(code, reason) = next {
            connection.leave(code == 4009);
            return close(&mut socket, code, reason).await;
        }
    }
}

/// Ends when the server stops. An error means that its handle is gone, which is the same.
async fn end(stopped: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    // The other side may have gone first; then there is nobody to tell.
    let _ = socket.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    // Wait briefly for the answering close frame, so that the code arrives before the connection is dropped.
    let wait = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), wait).await;
}

impl Connection {
    fn received(&mut self, text: &str) -> Next {
        if self.minute.0.elapsed().as_secs() >= 60 {
            self.minute = (Instant::now(), 0);
        }
        self.minute.1 += 1;
        if self.minute.1 > EVENTS_A_MINUTE {
            return Next::Close(4008, "Rate limited");
        }
        let Ok(payload) = serde_json::from_str::<Value>(text) else {
            return Next::Close(4002, "Error while decoding payload.");
        };
        let data = &payload["d"];
        match payload["op"].as_u64() {
            Some(1) => self.heartbeat(),
            Some(2) if self.session.is_some() => Next::Close(4005, "Already authenticated."),
            Some(2) => self.identify(data),
            Some(6) => self.resume(data),
            Some(3 | 4 | 8 | 31) if self.session.is_none() => Next::Close(4003, "Not authenticated."),
            // Presence, voice, member lists: taken, and without a consequence here.
            Some(3 | 4 | 8 | 31) => Next::Stay,
            _ => Next::Close(4001, "Unknown opcode."),
        }
    }

    fn say(&self, payload: &Value) {
        // The receiving half lives as long as this connection.
        let _ = self.orders.send(Order::Send(payload.to_string()));
    }

    fn heartbeat(&mut self) -> Next {
        self.heartbeat = Instant::now();
        if !self.server.world().heartbeats_muted {
            self.say(&json!({ "op": 11, "d": null, "s": null, "t": null }));
        }
        Next::Stay
    }

    fn identify(&mut self, data: &Value) -> Next {
        let server = self.server.clone();
        let mut world = server.world();
        let Some(app) = world.app_by_token(bare_token(data)) else {
            return Next::Close(4004, "Authentication failed.");
        };
        let Some(wanted) = data["intents"].as_u64().filter(|wanted| wanted & !intents::ALL == 0) else {
            return Next::Close(4013, "Invalid intent(s).");
        };
        let granted = world.apps.get(&app).map_or(0, |app| app.privileged_intents);
        if wanted & intents::PRIVILEGED & !granted != 0 {
            return Next::Close(4014, "Disallowed intent(s).");
        }
        let shard = [data["shard"][0].as_u64().unwrap_or(0), data["shard"][1].as_u64().unwrap_or(1)];
        if shard[1] == 0 || shard[0] >= shard[1] {
            return Next::Close(4010, "Invalid shard.");
        }
        let id = format!("{:016x}{:08x}", world.snowflake(), self.number);
        let session = Session {
            app,
            intents: wanted,
            shard,
            sequence: 0,
            events: VecDeque::new(),
            connection: Some((self.number, self.orders.clone())),
            dropped: None,
        };
        world.sessions.insert(id.clone(), session);
        world.greet(&id);
        world.touch();
        self.session = Some(id);
        Next::Stay
    }

    fn resume(&mut self, data: &Value) -> Next {
        let server = self.server.clone();
        let mut world = server.world();
        let Some(app) = world.app_by_token(bare_token(data)) else {
            return Next::Close(4004, "Authentication failed.");
        };
        let id = data["session_id"].as_str().unwrap_or_default().to_owned();
        let seen = data["seq"].as_u64().unwrap_or(0);
        let window = world.options.resume_window;
        let known = world
            .sessions
            .get_mut(&id)
            .filter(|session| session.app == app && session.dropped.is_none_or(|at| at.elapsed() < window));
        let Some(session) = known else {
            self.say(&json!({ "op": 9, "d": false, "s": null, "t": null }));
            return Next::Stay;
        };
        if seen > session.sequence {
            return Next::Close(4007, "Invalid seq.");
        }
        if let Some((_, before)) = session.connection.replace((self.number, self.orders.clone())) {
            // The older connection of a session that is resumed elsewhere has no further use.
            let _ = before.send(Order::Cut);
        }
        session.dropped = None;
        session.events.retain(|(sequence, _)| *sequence > seen);
        for (_, payload) in &session.events {
            let _ = self.orders.send(Order::Send(payload.clone()));
        }
        self.session = Some(id.clone());
        let data = json!({ "_trace": ["local"] });
        world.dispatch_session(&id, "RESUMED", &data);
        world.touch();
        Next::Stay
    }

    /// Ends the connection; the session waits to be resumed, unless it is `over`.
    fn leave(&self, over: bool) {
        let Some(id) = &self.session else { return };
        let mut world = self.server.world();
        let own =
            world.sessions.get_mut(id).filter(|s| s.connection.as_ref().is_some_and(|c| c.0 == self.number));
        if let Some(session) = own {
            session.connection = None;
            session.dropped = Some(Instant::now());
            if over {
                world.sessions.remove(id);
            }
        }
        world.touch();
    }
}

fn bare_token(data: &Value) -> &str {
    let token = data["token"].as_str().unwrap_or_default();
    token.strip_prefix("Bot ").unwrap_or(token)
}

impl World {
    /// Sends READY, and the guilds that the session's shard is for.
    fn greet(&mut self, id: &str) {
        let Some(session) = self.sessions.get(id) else { return };
        let (app, wanted, [shard, shards]) = (session.app, session.intents, session.shard);
        let of_shard = |guild: &u64| (guild >> 22) % shards == shard;
        let installed = self.guilds.iter().filter(|(_, guild)| guild.apps.contains_key(&app));
        let guilds: Vec<u64> = installed.map(|(id, _)| *id).filter(of_shard).collect();
        let unavailable = |id: &u64| json!({ "id": id.to_string(), "unavailable": true });
        let ready = json!({
            "v": 10,
            "user": self.own_user_json(app),
            "guilds": guilds.iter().map(unavailable).collect::<Vec<_>>(),
            "private_channels": [],
            "session_id": id,
            "session_type": "normal",
            "resume_gateway_url": self.gateway_url(),
            "shard": [shard, shards],
            "application": { "id": app.to_string(), "flags": 0 },
            "_trace": ["local"],
        });
        self.dispatch_session(id, "READY", &ready);
        if wanted & intents::GUILDS != 0 {
            for guild in guilds {
                if let Some(data) = self.guild_create_json(guild, app) {
                    self.dispatch_session(id, "GUILD_CREATE", &data);
                }
            }
        }
    }

    fn dispatch_session(&mut self, id: &str, name: &str, data: &Value) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.push(name, data);
        }
    }

    /// The gateway's address, always without TLS.
    pub(crate) fn gateway_url(&self) -> String {
        format!("{}/gateway-socket", self.base.replacen("http", "ws", 1))
    }
}
