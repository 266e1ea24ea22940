//! HubSpot from end to end: thin events, records read from a stand-in of its API, what is late, missing, merged,
//! forgotten.

use crate::crm_world::{Db, World, delivery};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tandem::crm::intake::store_group;
use tandem::crm::project::Projected;

#[derive(Default)]
struct Account {
    /// By kind and id: `createdAt`, `updatedAt`, properties.
    records: BTreeMap<(String, String), Value>,
    /// Contacts of deals.
    links: BTreeMap<String, Vec<u64>>,
    /// Answers everything with this status, if set.
    broken: Option<u16>,
    calls: usize,
}

type Shared = Arc<Mutex<Account>>;

async fn read_batch(
    State(account): State<Shared>,
    Path(kind): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let mut account = account.lock().unwrap();
    account.calls += 1;
    if let Some(status) = account.broken {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let asked = body["inputs"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned());
    let found: Vec<Value> =
        asked.filter_map(|id| account.records.get(&(kind.clone(), id)).cloned()).collect();
    Json(json!({ "status": "COMPLETE", "results": found })).into_response()
}

async fn read_links(State(account): State<Shared>, Json(body): Json<Value>) -> Response {
    let account = account.lock().unwrap();
    let asked = body["inputs"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap());
    let link = |id: &str| {
        let to: Vec<Value> = account.links.get(id)?.iter().map(|to| json!({ "toObjectId": to })).collect();
        Some(json!({ "from": { "id": id }, "to": to }))
    };
    let results: Vec<Value> = asked.filter_map(link).collect();
    Json(json!({ "results": results })).into_response()
}

async fn hub() -> (World, Shared) {
    let account = Shared::default();
    let stages = include_str!("data/crm/hubspot/rest/pipelines_deals.json");
    let app = Router::new()
        .route("/crm/v3/objects/{kind}/batch/read", post(read_batch))
        .route("/crm/v4/associations/deals/contacts/batch/read", post(read_links))
        .route("/crm/v3/pipelines/deals", get(move || async move { stages }))
        .with_state(account.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (World::with_hubspot(Db::Sqlite, Some(&base)).await.unwrap(), account)
}

fn put(account: &Shared, kind: &str, id: u64, updated: &str, properties: Value) {
    let record = json!({
        "id": id.to_string(), "createdAt": "2026-01-11T16:46:40.000Z", "updatedAt": updated, "properties": properties,
    });
    account.lock().unwrap().records.insert((kind.to_owned(), id.to_string()), record);
}

fn event(kind: &str, id: u64, occurred: i64, more: Value) -> Value {
    let mut event = json!({
        "eventId": occurred % 1000 + i64::try_from(id).unwrap(), "subscriptionId": 3000, "portalId": 24_681_357, "appId": 987_654,
        "occurredAt": occurred, "subscriptionType": kind, "attemptNumber": 0, "objectId": id,
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn receives(world: &World, events: Value) -> Projected {
    let delivery = delivery(&world.clock, "hub", None, events.to_string().as_bytes());
    assert_eq!(store_group(&world.store, &[delivery]).await, [true]);
    world.forward_ms(1);
    world.projector.project_once().await.unwrap()
}

/// 2026-01-11 16:46:40 UTC.
const CREATED: i64 = 1_768_150_000_000;
const CONTACT: u64 = 51_234_567_890;
const DEAL: u64 = 20_111_222_333;

fn contact() -> Value {
    json!({
        "email": "ana@example.com", "createdate": "2026-01-09T09:13:20.000Z", "lifecyclestage": "lead", "company": "Lopes",
        "hs_analytics_first_url": "https://www.example.com/webinar?utm_campaign=Acme+Webinar&utm_id=CMP_acme-webinar",
    })
}

fn deal(amount: &str, stage: &str) -> Value {
    json!({ "amount": amount, "deal_currency_code": "EUR", "dealstage": stage, "createdate": "2026-01-11T16:46:40.000Z",
        "closedate": "2026-01-19T19:13:20.000Z" })
}

#[tokio::test]
async fn thin_events_become_a_sourced_deal() {
    let (world, account) = hub().await;
    put(&account, "contacts", CONTACT, "2026-01-09T09:14:02.511Z", contact());
    put(&account, "deals", DEAL, "2026-01-12T00:00:00Z", deal("12500.00", "contractsent"));
    account.lock().unwrap().links.insert(DEAL.to_string(), vec![CONTACT]);
    let events = json!([event("deal.creation", DEAL, CREATED, json!({}))]);
    let done = receives(&world, events.clone()).await;
    assert_eq!((done.done, done.applied), (1, 1));
    assert_eq!(world.leads().await, ["51234567890 acme-webinar utm_id matched"]);
    assert_eq!(world.deals().await, ["20111222333 acme-webinar utm_id open 1250000 EUR"]);
    let totals = world.totals().await;
    assert_eq!(totals, ["acme-webinar leads 2026-01-09 - 1", "acme-webinar pipeline 2026-01-11 EUR 1250000"]);
    // HubSpot's retry: another attempt number, the same event. Nothing is read again.
    let calls = account.lock().unwrap().calls;
    let mut retry = events;
    retry[0]["attemptNumber"] = json!(4);
    assert_eq!(receives(&world, retry).await.applied, 0);
    assert_eq!(account.lock().unwrap().calls, calls);
    // Won, then the older stage change turns up: the read says what is so.
    put(&account, "deals", DEAL, "2026-01-19T19:13:21.004Z", deal("12500.00", "closedwon"));
    let stage = |at, to: &str| {
        event("deal.propertyChange", DEAL, at, json!({"propertyName": "dealstage", "propertyValue": to}))
    };
    receives(&world, json!([stage(1_768_850_000_000_i64, "closedwon")])).await;
    receives(&world, json!([stage(1_768_750_000_000_i64, "contractsent")])).await;
    assert_eq!(world.totals().await.last().unwrap(), "acme-webinar won 2026-01-19 EUR 1250000");
    // Events of another account of the same app are not ours.
    let mut foreign = event("contact.creation", 1, CREATED, json!({}));
    foreign["portalId"] = json!(1);
    receives(&world, json!([foreign])).await;
    assert_eq!(world.leads().await.len(), 1);
}

#[tokio::test]
async fn a_record_that_is_not_there_yet_is_read_again() {
    let (world, account) = hub().await;
    put(&account, "contacts", CONTACT, "2026-01-09T09:14:02.511Z", contact());
    let events = json!([
        event("contact.creation", CONTACT, CREATED, json!({})),
        event("contact.creation", 7, CREATED, json!({})),
    ]);
    let first = receives(&world, events).await;
    assert_eq!((first.later, first.applied), (1, 1), "the one that is there is applied at once");
    let state = "SELECT attempts, reason FROM crm_delivery";
    assert_eq!(world.rows(state, &["attempts", "reason"]).await, ["1 lead 7 is not there (yet)"]);
    assert_eq!(world.projector.project_once().await.unwrap().claimed, 0, "not before its time");
    world.forward_ms(5_000);
    put(&account, "contacts", 7, "2026-01-09T09:14:02.511Z", json!({ "utm_campaign": "acme-mailing" }));
    let second = world.projector.project_once().await.unwrap();
    assert_eq!((second.done, second.applied), (1, 1));
    assert_eq!(world.leads().await[1], "7 acme-mailing utm_campaign matched");
}

#[tokio::test]
async fn a_record_that_never_comes_is_a_tombstone() {
    let (world, account) = hub().await;
    put(&account, "contacts", CONTACT, "2026-01-09T09:14:02.511Z", contact());
    let mut last = receives(&world, json!([event("contact.creation", 7, CREATED, json!({}))])).await;
    for wait in [5_000, 30_000, 120_000, 600_000] {
        assert_eq!(last.later, 1);
        world.forward_ms(wait);
        last = world.projector.project_once().await.unwrap();
    }
    assert_eq!((last.done, last.applied), (1, 1));
    assert_eq!(world.leads().await, ["7 - - invalid"]);
}

#[tokio::test]
async fn an_outage_costs_no_attempt_and_a_refused_token_is_shown() {
    let (world, account) = hub().await;
    put(&account, "contacts", CONTACT, "2026-01-09T09:14:02.511Z", contact());
    account.lock().unwrap().broken = Some(503);
    let out = receives(&world, json!([event("contact.creation", CONTACT, CREATED, json!({}))])).await;
    assert_eq!((out.later, out.applied), (1, 0));
    assert_eq!(world.rows("SELECT attempts FROM crm_delivery", &["attempts"]).await, ["0"]);
    account.lock().unwrap().broken = Some(401);
    for _ in 0..5 {
        world.forward_ms(600_000);
        world.projector.project_once().await.unwrap();
    }
    let dead = world.rows("SELECT state, reason FROM crm_delivery", &["state", "reason"]).await;
    assert_eq!(dead, ["dead the CRM refuses the access token (HTTP 401)"]);
    account.lock().unwrap().broken = None;
    let key = world.rows("SELECT key FROM crm_delivery", &["key"]).await.remove(0);
    let replayed = tandem::in_tx!(world.store, |tx| {
        tandem::store::inbox::replay(tx, "north", &key, world.clock.now_ms()).await
    });
    assert!(replayed.unwrap());
    assert_eq!(world.projector.project_once().await.unwrap().done, 1);
    assert_eq!(world.totals().await, ["acme-webinar leads 2026-01-09 - 1"]);
}

#[tokio::test]
async fn forgotten_people_stay_a_count_in_any_order() {
    for pair in
        [["contact.privacyDeletion", "contact.deletion"], ["contact.deletion", "contact.privacyDeletion"]]
    {
        let (world, account) = hub().await;
        put(&account, "contacts", CONTACT, "2026-01-09T09:14:02.511Z", contact());
        receives(&world, json!([event("contact.creation", CONTACT, CREATED, json!({}))])).await;
        for (n, kind) in (1..).zip(pair) {
            receives(&world, json!([event(kind, CONTACT, CREATED + n, json!({}))])).await;
        }
        assert_eq!(world.totals().await, ["acme-webinar leads 2026-01-09 - 1"]);
        let kept = "SELECT company, email_hash FROM lead";
        assert_eq!(world.rows(kept, &["company", "email_hash"]).await, ["- -"]);
        // A plain deletion takes the lead out, a restore brings it back.
        put(&account, "contacts", 7, "2026-01-09T09:14:02.511Z", json!({ "utm_id": "cmp_acme-webinar" }));
        receives(&world, json!([event("contact.creation", 7, CREATED, json!({}))])).await;
        receives(&world, json!([event("contact.deletion", 7, CREATED + 5, json!({}))])).await;
        assert_eq!(world.totals().await, ["acme-webinar leads 2026-01-09 - 1"]);
        receives(&world, json!([event("contact.restore", 7, CREATED + 9, json!({}))])).await;
        assert_eq!(world.totals().await.len(), 2, "{:?}", world.totals().await);
    }
}

#[tokio::test]
async fn a_merged_contact_counts_once_and_keeps_its_touches() {
    let (world, account) = hub().await;
    put(&account, "contacts", 1, "2026-01-09T09:14:02.511Z", json!({ "utm_id": "cmp_acme-webinar" }));
    put(&account, "contacts", 2, "2026-01-09T09:14:02.511Z", json!({ "company": "no campaign" }));
    put(&account, "deals", DEAL, "2026-01-12T00:00:00Z", deal("100", "contractsent"));
    account.lock().unwrap().links.insert(DEAL.to_string(), vec![1]);
    receives(
        &world,
        json!([
            event("contact.creation", 1, CREATED - 10, json!({})),
            event("contact.creation", 2, CREATED - 5, json!({})),
            event("deal.creation", DEAL, CREATED, json!({})),
        ]),
    )
    .await;
    assert_eq!(world.leads().await, ["1 acme-webinar utm_id matched", "2 - - received"]);
    let merge = json!({ "primaryObjectId": 2, "mergedObjectIds": [1], "newObjectId": 2 });
    receives(&world, json!([event("contact.merge", 2, CREATED + 100, merge)])).await;
    assert_eq!(world.leads().await, ["1 acme-webinar utm_id duplicate", "2 acme-webinar utm_id matched"]);
    assert_eq!(world.deals().await, [format!("{DEAL} acme-webinar utm_id open 10000 EUR")]);
    let leads: Vec<String> = world.totals().await.into_iter().filter(|row| row.contains("leads")).collect();
    assert_eq!(leads, ["acme-webinar leads 2026-01-11 - 1"]);
}

#[tokio::test]
async fn without_a_token_the_events_themselves_are_what_is_known() {
    let world = World::new(Db::Sqlite).await.unwrap();
    let utm = json!({"propertyName": "utm_id", "propertyValue": "cmp_bolt-webinar"});
    let amount = json!({"propertyName": "amount", "propertyValue": "250.00"});
    let currency = json!({"propertyName": "deal_currency_code", "propertyValue": "EUR"});
    let stage = json!({"propertyName": "dealstage", "propertyValue": "closedwon"});
    let link = json!({"associationType": "CONTACT_TO_DEAL", "fromObjectId": CONTACT, "toObjectId": DEAL, "associationRemoved": false});
    let done = receives(
        &world,
        json!([
            event("contact.associationChange", CONTACT, CREATED + 2, link),
            event("deal.propertyChange", DEAL, CREATED + 1, currency),
            event("deal.propertyChange", DEAL, CREATED + 1, amount),
            event("deal.propertyChange", DEAL, CREATED + 3, stage),
            event("deal.creation", DEAL, CREATED + 1, json!({})),
            event("contact.propertyChange", CONTACT, CREATED, utm),
            event("contact.creation", CONTACT, CREATED, json!({})),
        ]),
    )
    .await;
    assert_eq!((done.done, done.applied), (1, 7));
    assert_eq!(world.deals().await, [format!("{DEAL} bolt-webinar utm_id won 25000 EUR")]);
}
