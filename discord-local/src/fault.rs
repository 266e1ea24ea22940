//! Things that go wrong on purpose, and the log of what was asked.
//!
//! A fault is armed with [`DiscordLocal::fail_next`] and hits the next requests that match it.

use std::time::Duration;

use crate::DiscordLocal;
use crate::model::Order;

/// What happens to a request that a fault hits.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The request isn't applied; this status comes back, with a body as Discord's.
    Status(u16),
    /// The request isn't applied; 429 comes back.
    RateLimited {
        /// Seconds to wait.
        retry_after: f64,
        /// Whether it is the bot's global limit.
        global: bool,
    },
    /// The request isn't applied, and the connection is cut without an answer.
    DropBefore,
    /// The request is applied, and the connection is cut without an answer.
    DropAfter,
    /// The request is applied after this wait.
    Delay(Duration),
}

/// A fault for the requests that match.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The method (`POST`); empty for any.
    pub method: String,
    /// A part of the path; empty for any.
    pub path_contains: String,
    /// What happens.
    pub kind: FaultKind,
    /// How many requests it hits.
    pub times: u32,
}

impl Fault {
    /// A fault that hits one request.
    pub fn once(method: &str, path_contains: &str, kind: FaultKind) -> Self {
        Self { method: method.to_owned(), path_contains: path_contains.to_owned(), kind, times: 1 }
    }
}

/// A REST request that was made, with the status it got. A cut connection has status 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The method.
    pub method: String,
    /// The path, without `/api/v10`, with tokens of interactions shortened.
    pub path: String,
    /// The status.
    pub status: u16,
}

/// An interaction that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InteractionLine {
    /// Its id.
    pub id: u64,
    /// Its type: 2 command, 3 component, 4 autocomplete, 5 modal submit.
    pub kind: u64,
    /// Who made it.
    pub user: u64,
    /// Where.
    pub channel: u64,
    /// The command's full name, or the component's or modal's `custom_id`.
    pub what: String,
    /// The callback type of the first answer, once there is one.
    pub answered: Option<u64>,
    /// Real time to the first answer.
    pub took: Option<Duration>,
}

impl DiscordLocal {
    /// Arms a fault. Faults are tried in the order in which they were armed.
    pub fn fail_next(&self, fault: Fault) {
        self.world().faults.push(fault);
    }

    /// Disarms what hasn't hit yet.
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// Cuts every gateway connection, as a network failure does. Sessions may be resumed.
    pub fn drop_gateways(&self) {
        self.order_all(|| Order::Cut, false);
    }

    /// Sends op 7 to every gateway connection: reconnect and resume.
    pub fn request_reconnect(&self) {
        self.order_all(|| Order::Send(r#"{"op":7,"d":null,"s":null,"t":null}"#.to_owned()), false);
    }

    /// Forgets every session, and tells connected clients so (op 9, not resumable).
    pub fn invalidate_sessions(&self) {
        self.order_all(|| Order::Send(r#"{"op":9,"d":false,"s":null,"t":null}"#.to_owned()), true);
    }

    /// While muted, heartbeats aren't acknowledged: a client has to notice that its connection is dead.
    pub fn mute_heartbeats(&self, muted: bool) {
        self.world().heartbeats_muted = muted;
    }

    fn order_all(&self, order: impl Fn() -> Order, forget: bool) {
        let mut world = self.world();
        for session in world.sessions.values() {
            if let Some((_, connection)) = &session.connection {
                // A closed channel means that the connection has just gone by itself.
                let _ = connection.send(order());
            }
        }
        if forget {
            world.sessions.clear();
        }
        world.touch();
    }

    /// How many gateway sessions are connected now.
    pub fn gateways(&self) -> usize {
        self.world().sessions.values().filter(|session| session.connection.is_some()).count()
    }

    /// Every REST request so far.
    pub fn requests(&self) -> Vec<RequestLine> {
        self.world().requests.clone()
    }

    /// Every interaction so far.
    pub fn interaction_log(&self) -> Vec<InteractionLine> {
        self.world().interaction_lines.clone()
    }
}
