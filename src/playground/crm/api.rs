//! The account's API: what a webhook consumer reads of it, in HubSpot's shapes.

use super::{Account, Hubspot, Kind, Record};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a used-up allowance lasts, in milliseconds: HubSpot's is ten seconds, and nobody wants to wait for that.
const INTERVAL_MS: u64 = 200;

/// Deal to contact, as HubSpot numbers kinds of association; and back.
const DEAL_TO_CONTACT: u64 = 3;
const CONTACT_TO_DEAL: u64 = 4;

/// The stages of the default pipeline, with the chance that each gives.
const STAGES: [(&str, &str, &str); 7] = [
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
];

pub(super) fn router(hubspot: Hubspot) -> Router {
    Router::new()
        .route("/crm/v3/objects/{kind}/batch/read", post(read_many))
        .route("/crm/v3/objects/{kind}/{id}", get(read_one))
        .route("/crm/v4/associations/{from}/{to}/batch/read", post(linked_many))
        .route("/crm/v4/objects/{from}/{id}/associations/{to}", get(linked_one))
        .route("/crm/v3/pipelines/deals", get(pipelines))
        .with_state(hubspot)
}

#[derive(Deserialize)]
struct Inputs {
    inputs: Vec<Input>,
    #[serde(default)]
    properties: Vec<String>,
}

#[derive(Deserialize)]
struct Input {
    id: String,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    properties: String,
}

/// Lets a request with the token in, as long as the allowance lasts.
fn admit(account: &mut Account, headers: &HeaderMap) -> Result<(), Box<Response>> {
    account.reads += 1;
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if bearer != Some(&format!("Bearer {}", account.token)) {
        return Err(Box::new(error(StatusCode::UNAUTHORIZED, "INVALID_AUTHENTICATION", "no such token")));
    }
    if std::mem::take(&mut account.limited) {
        let body = json!({
            "status": "error", "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING",
            "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
        });
        let interval = [("x-hubspot-ratelimit-interval-milliseconds", INTERVAL_MS.to_string())];
        return Err(Box::new((StatusCode::TOO_MANY_REQUESTS, interval, Json(body)).into_response()));
    }
    Ok(())
}

fn error(status: StatusCode, category: &str, message: &str) -> Response {
    let body = json!({"status": "error", "category": category, "message": message});
    (status, Json(body)).into_response()
}

fn not_there() -> Response {
    error(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", "resource not found")
}

fn time(ms: i64) -> String {
    crate::clock::instant(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A record with the properties asked for; those that are not set are null, those that are unknown are not there.
fn shown<'a>(id: u64, record: &Record, wanted: impl Iterator<Item = &'a str>) -> Value {
    let mut properties = json!({});
    for name in wanted {
        if let Some(value) = record.properties.get(name) {
            properties[name] = json!(value);
        }
    }
    properties["createdate"] = json!(time(record.created_ms));
    properties["hs_object_id"] = json!(id.to_string());
    json!({
        "id": id.to_string(), "properties": properties, "archived": false,
        "createdAt": time(record.created_ms), "updatedAt": time(record.updated_ms),
    })
}

async fn read_many(
    State(hubspot): State<Hubspot>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Inputs>,
) -> Response {
    let mut account = hubspot.account();
    if let Err(refused) = admit(&mut account, &headers) {
        return *refused;
    }
    let Some(kind) = Kind::parse(&kind) else { return not_there() };
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for input in &asked.inputs {
        let id = input.id.parse().unwrap_or(0);
        match account.records.get(&(kind, id)) {
            Some(record) => results.push(shown(id, record, asked.properties.iter().map(String::as_str))),
            None => missing.push(input.id.clone()),
        }
    }
    let mut body = json!({"status": "COMPLETE", "results": results});
    if missing.is_empty() {
        return Json(body).into_response();
    }
    body["numErrors"] = json!(1);
    body["errors"] = json!([{
        "status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects.",
        "context": {"ids": missing},
    }]);
    (StatusCode::MULTI_STATUS, Json(body)).into_response()
}

async fn read_one(
    State(hubspot): State<Hubspot>,
    Path((kind, id)): Path<(String, u64)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let mut account = hubspot.account();
    if let Err(refused) = admit(&mut account, &headers) {
        return *refused;
    }
    let record = Kind::parse(&kind).and_then(|kind| account.records.get(&(kind, id)));
    match record {
        Some(record) => Json(shown(id, record, wanted.properties.split(','))).into_response(),
        None => not_there(),
    }
}

/// The records that one is linked with, in HubSpot's form.
fn links(account: &Account, from: Kind, id: u64) -> Vec<Value> {
    let number = if from == Kind::Deal { DEAL_TO_CONTACT } else { CONTACT_TO_DEAL };
    let other = |(deal, contact): &(u64, u64)| match from {
        Kind::Deal => (*deal == id).then_some(*contact),
        Kind::Contact => (*contact == id).then_some(*deal),
    };
    let to = account.links.iter().filter_map(other);
    let kinds = json!([{"category": "HUBSPOT_DEFINED", "typeId": number, "label": null}]);
    to.map(|id| json!({"toObjectId": id, "associationTypes": kinds})).collect()
}

async fn linked_many(
    State(hubspot): State<Hubspot>,
    Path((from, _)): Path<(String, String)>,
    headers: HeaderMap,
    Json(asked): Json<Inputs>,
) -> Response {
    let mut account = hubspot.account();
    if let Err(refused) = admit(&mut account, &headers) {
        return *refused;
    }
    let Some(from) = Kind::parse(&from) else { return not_there() };
    let one = |input: &Input| {
        let to = links(&account, from, input.id.parse().unwrap_or(0));
        (!to.is_empty()).then(|| json!({"from": {"id": input.id}, "to": to}))
    };
    let results: Vec<Value> = asked.inputs.iter().filter_map(one).collect();
    Json(json!({"status": "COMPLETE", "results": results})).into_response()
}

async fn linked_one(
    State(hubspot): State<Hubspot>,
    Path((from, id, _)): Path<(String, u64, String)>,
    headers: HeaderMap,
) -> Response {
    let mut account = hubspot.account();
    if let Err(refused) = admit(&mut account, &headers) {
        return *refused;
    }
    match Kind::parse(&from) {
        Some(from) => Json(json!({"results": links(&account, from, id)})).into_response(),
        None => not_there(),
    }
}

async fn pipelines(State(hubspot): State<Hubspot>, headers: HeaderMap) -> Response {
    let mut account = hubspot.account();
    if let Err(refused) = admit(&mut account, &headers) {
        return *refused;
    }
    let stage = |(order, (id, label, probability)): (usize, (&str, &str, &str))| {
        let closed = id.starts_with("closed");
        json!({
            "id": id, "label": label, "displayOrder": order, "archived": false,
            "metadata": {"isClosed": closed.to_string(), "probability": probability},
        })
    };
    let stages: Vec<Value> = STAGES.into_iter().enumerate().map(stage).collect();
    let pipeline = json!({
        "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": false, "stages": stages,
    });
    Json(json!({"results": [pipeline]})).into_response()
}
