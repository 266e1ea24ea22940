//! The REST API under `/api/v10`, the gateway's door, and attachment links.
//!
//! One door for all: log, faults, token, rate limit, body, then the family of routes. A handler is a synchronous change of
//! the world that gives JSON or an [`ApiError`]; it never answers by itself.

mod body;
mod channel;
mod command;
mod event;
mod file;
mod guild;
mod message;
mod pin;
mod thread;
mod token;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, FromRequestParts, Query, Request, State, WebSocketUpgrade,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::DiscordLocal;
use crate::error::ApiError;
use crate::fault::{FaultKind, RequestLine};
use crate::listener::Cutter;
use crate::model::World;
use crate::validate::message::Upload;

/// The most lines kept of the request log.
const LOG_LINES: usize = 100_000;

/// What a handler gives back.
pub(crate) enum Reply {
    Json(Value),
    Created(Value),
    Empty,
}

pub(crate) type Outcome = Result<Reply, ApiError>;

/// A request that has passed the door.
pub(crate) struct Asked<'a> {
    pub method: &'a str,
    /// The bot that asks; 0 on the routes that need no token.
    pub app: u64,
    pub query: &'a BTreeMap<String, String>,
    pub body: Value,
    pub uploads: Vec<Upload>,
}

impl Asked<'_> {
    /// A number in the query, within bounds.
    pub fn limit(&self, otherwise: usize, max: usize) -> usize {
        let given = self.query.get("limit").and_then(|text| text.parse::<usize>().ok());
        given.unwrap_or(otherwise).clamp(1, max)
    }

    pub fn id(&self, name: &str) -> Option<u64> {
        self.query.get(name).and_then(|text| text.parse().ok())
    }
}

pub(crate) fn router(server: DiscordLocal) -> Router {
    Router::new()
        .route("/gateway-socket", get(socket))
        .route("/gateway-socket/", get(socket))
        .route("/attachments/{channel}/{file}/{name}", get(file::download))
        .route("/ephemeral-attachments/{channel}/{file}/{name}", get(file::download))
        .route("/api/{*path}", any(door))
        .fallback(unknown)
        .layer(DefaultBodyLimit::disable())
        .merge(crate::page::router(&server))
        .with_state(server)
}

async fn unknown() -> Response {
    response(&ApiError::not_found())
}

async fn socket(
    State(server): State<DiscordLocal>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    Query(query): Query<BTreeMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if query.get("encoding").is_some_and(|encoding| encoding != "json") || query.contains_key("compress") {
        let error = ApiError::new(400, 0, "only encoding=json without transport compression is served");
        return response(&error);
    }
    upgrade.on_upgrade(move |socket| crate::gateway::serve(server, socket, query, cutter))
}

fn response(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error.body())).into_response()
}

async fn door(State(server): State<DiscordLocal>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let cutter = ConnectInfo::<Cutter>::from_request_parts(&mut parts, &server).await.ok();
    let method = parts.method.as_str().to_owned();
    let full = parts.uri.path().to_owned();
    let Some(path) = full.strip_prefix("/api/v10/") else {
        return response(&ApiError::not_found());
    };
    let (fault, delay) = match server.take_fault(&method, path) {
        Some(FaultKind::Delay(delay)) => (None, delay),
        other => (other, Duration::ZERO),
    };
    tokio::time::sleep(delay).await;
    let answer = match fault {
        None => handle(&server, &mut parts, body, path).await,
        Some(FaultKind::Status(status)) => {
            let error = ApiError::new(
                status,
                0,
                StatusCode::from_u16(status).map_or("", |s| s.canonical_reason().unwrap_or("")),
            );
            response(&error)
        }
        Some(FaultKind::RateLimited { retry_after, global }) => limited(retry_after, global, Vec::new()),
        Some(kind) => {
            if kind == FaultKind::DropAfter {
                handle(&server, &mut parts, body, path).await;
            }
            if let Some(ConnectInfo(cutter)) = cutter {
                cutter.cut();
            }
            server.log(&method, path, 0);
            return StatusCode::BAD_GATEWAY.into_response();
        }
    };
    server.log(&method, path, answer.status().as_u16());
    answer
}

/// A 429 with its headers and body.
fn limited(retry_after: f64, global: bool, headers: Vec<(&'static str, String)>) -> Response {
    let body =
        json!({ "message": "You are being rate limited.", "retry_after": retry_after, "global": global });
    let mut answer = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    let mut all = vec![("Retry-After", format!("{:.0}", retry_after.ceil()))];
    all.push(("X-RateLimit-Scope", if global { "global" } else { "user" }.to_owned()));
    if global {
        all.push(("X-RateLimit-Global", "true".to_owned()));
    }
    all.extend(headers);
    put_headers(&mut answer, all);
    answer
}

fn put_headers(answer: &mut Response, headers: Vec<(&'static str, String)>) {
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            answer.headers_mut().insert(name, value);
        }
    }
}

async fn handle(
    server: &DiscordLocal,
    parts: &mut axum::http::request::Parts,
    body: Body,
    path: &str,
) -> Response {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let method = parts.method.as_str().to_owned();
    let token = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let app = match token.strip_prefix("Bot ").and_then(|token| server.world().app_by_token(token)) {
        Some(app) => app,
        None if needs_no_token(&method, &segments) => 0,
        None => return response(&ApiError::unauthorized()),
    };
    let headers = match server.check_rate(app, &method, &segments) {
        Ok(headers) => headers,
        Err(refused) => return *refused,
    };
    let query =
        Query::<BTreeMap<String, String>>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
    let (body, uploads) = match body::read(parts, body).await {
        Ok(read) => read,
        Err(error) => return response(&error),
    };
    let asked = Asked { method: &method, app, query: &query, body, uploads };
    let outcome = route(&mut server.world(), asked, &segments);
    let mut answer = match outcome {
        Ok(Reply::Json(json)) => Json(json).into_response(),
        Ok(Reply::Created(json)) => (StatusCode::CREATED, Json(json)).into_response(),
        Ok(Reply::Empty) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => response(&error),
    };
    put_headers(&mut answer, headers);
    answer
}

/// Interaction tokens are enough on their own routes, and anybody may ask where the gateway is.
fn needs_no_token(method: &str, path: &[&str]) -> bool {
    matches!(
        (method, path),
        ("GET", ["gateway"]) | (_, ["webhooks", _, _, ..] | ["interactions", _, _, "callback"])
    )
}

fn route(world: &mut World, asked: Asked<'_>, path: &[&str]) -> Outcome {
    let id = |text: &str| text.parse::<u64>().ok();
    match (asked.method, path) {
        ("GET", ["gateway"]) => Ok(Reply::Json(json!({ "url": world.gateway_url() }))),
        ("GET", ["gateway", "bot"]) => Ok(Reply::Json(json!({
            "url": world.gateway_url(),
            "shards": 1,
            "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1 },
        }))),
        ("GET", ["users", "@me"]) => Ok(Reply::Json(world.own_user_json(asked.app))),
        ("GET", ["users", "@me", "guilds"]) => guild::mine(world, &asked),
        ("POST", ["users", "@me", "channels"]) => channel::open_direct(world, &asked),
        ("GET", ["users", user]) => {
            let user =
                id(user).filter(|user| world.users.contains_key(user)).ok_or_else(ApiError::unknown_user)?;
            Ok(Reply::Json(world.user_json(user)))
        }
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => {
            command::application(world, asked.app)
        }
        (_, ["applications", app, rest @ ..]) => command::route(world, asked, id(app), rest),
        (_, ["guilds", guild, rest @ ..]) => match id(guild) {
            Some(guild) => guild::route(world, asked, guild, rest),
            None => Err(ApiError::unknown_guild()),
        },
        (_, ["channels", channel, rest @ ..]) => match id(channel) {
            Some(channel) => channel::route(world, asked, channel, rest),
            None => Err(ApiError::unknown_channel()),
        },
        ("POST", ["interactions", interaction, token, "callback"]) => {
            token::callback(world, asked, id(interaction).unwrap_or(0), token)
        }
        (_, ["webhooks", app, token, rest @ ..]) => match id(app) {
            Some(app) => token::route(world, asked, app, token, rest),
            None => Err(ApiError::unknown_webhook()),
        },
        _ => Err(ApiError::not_found()),
    }
}

impl DiscordLocal {
    /// The fault that hits this request, if one does.
    fn take_fault(&self, method: &str, path: &str) -> Option<FaultKind> {
        let mut world = self.world();
        let hits = |fault: &crate::Fault| {
            fault.times > 0
                && (fault.method.is_empty() || fault.method == method)
                && (fault.path_contains.is_empty() || path.contains(&fault.path_contains))
        };
        let at = world.faults.iter().position(hits)?;
        let fault = &mut world.faults[at];
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            world.faults.remove(at);
        }
        Some(kind)
    }

    fn log(&self, method: &str, path: &str, status: u16) {
        // Tokens are long and say nothing.
        let short = |part: &str| {
            if part.len() > 30 {
                format!("{}…", part.chars().take(8).collect::<String>())
            } else {
                part.to_owned()
            }
        };
        let path: Vec<String> = path.split('/').map(short).collect();
        let line = RequestLine { method: method.to_owned(), path: path.join("/"), status };
        let mut world = self.world();
        // A server that runs for days keeps the newest only.
        if world.requests.len() >= LOG_LINES {
            world.requests.drain(..LOG_LINES / 2);
        }
        world.requests.push(line);
    }

    /// Counts the request; gives the headers for its answer, or the refusal.
    fn check_rate(
        &self,
        app: u64,
        method: &str,
        path: &[&str],
    ) -> Result<Vec<(&'static str, String)>, Box<Response>> {
        let limits = self.options().rate_limits;
        if !limits.enabled {
            return Ok(Vec::new());
        }
        let mut world = self.world();
        let now = world.now();
        let ticket = world.limiter.take(&limits, app, method, path, now);
        match ticket.refused {
            None => Ok(ticket.headers),
            Some((after, global)) => Err(Box::new(limited(after, global, ticket.headers))),
        }
    }
}
