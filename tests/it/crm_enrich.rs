//! Reading from HubSpot's API: batches, what is missing, rate limits, locks, outages.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tandem::crm::enrich::{HubspotApi, Patience, ReadError};
use tandem::crm::event::RecordKind;

type Script = Arc<Mutex<VecDeque<Answer>>>;
type Seen = Arc<Mutex<Vec<(String, String, String)>>>;

#[derive(Clone)]
struct Answer(u16, &'static [(&'static str, &'static str)], &'static str);

/// A CRM that gives the next answer of its script, and remembers what it was asked.
async fn crm(script: Vec<Answer>) -> (HubspotApi, Seen) {
    let (script, seen): (Script, Seen) = (Arc::new(Mutex::new(script.into())), Seen::default());
    let answer = |State((script, seen)): State<(Script, Seen)>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let token = headers["authorization"].to_str().unwrap().to_owned();
        seen.lock().unwrap().push((uri.path().to_owned(), token, String::from_utf8(body.to_vec()).unwrap()));
        let Answer(status, headers, body) = script.lock().unwrap().pop_front().expect("one more answer");
        let mut response: Response = (StatusCode::from_u16(status).unwrap(), body).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        response
    };
    let app = Router::new().fallback(answer).with_state((script, seen.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let patience = Patience {
        backoff: Duration::from_millis(5),
        lock: Duration::from_millis(20),
        longest: Duration::from_secs(1),
        ..Patience::default()
    };
    (HubspotApi::new(&base, SecretString::from("pat-token".to_owned()), patience).unwrap(), seen)
}

fn ids(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

const CONTACTS: &str = include_str!("data/crm/hubspot/rest/contacts_batch_read_207.json");
const EMPTY: &str = "{\"results\":[]}";

#[tokio::test]
async fn a_batch_names_what_is_missing() {
    let (api, seen) = crm(vec![Answer(207, &[], CONTACTS)]).await;
    let read = api.records(RecordKind::Lead, &ids(&["51234567890", "51234560001"])).await.unwrap();
    assert_eq!(read.found.len(), 1);
    assert_eq!(read.found[0].updated_ms, 1_767_950_042_511);
    assert_eq!(read.found[0].properties["email"].as_deref(), Some("ana.lopes@example.com"));
    assert_eq!(read.missing, ids(&["51234560001"]));
    let seen = seen.lock().unwrap();
    assert_eq!(
        (seen[0].0.as_str(), seen[0].1.as_str()),
        ("/crm/v3/objects/contacts/batch/read", "Bearer pat-token")
    );
    assert!(seen[0].2.contains("{\"id\":\"51234560001\"}"), "{}", seen[0].2);
}

#[tokio::test]
async fn more_than_a_hundred_ids_are_several_requests() {
    let (api, seen) = crm(vec![Answer(200, &[], EMPTY), Answer(200, &[], EMPTY), Answer(404, &[], "")]).await;
    let many: BTreeSet<String> = (0..201).map(|n| format!("{n:05}")).collect();
    let read = api.records(RecordKind::Deal, &many).await.unwrap();
    assert_eq!(read.missing, many);
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn rate_limit_lock_and_outage_are_waited_out() {
    let limited = &[("x-hubspot-ratelimit-interval-milliseconds", "150")];
    let (api, seen) = crm(vec![
        Answer(429, limited, include_str!("data/crm/hubspot/rest/error_429.json")),
        Answer(423, &[], ""),
        Answer(200, &[], EMPTY),
        Answer(503, &[], ""),
        Answer(502, &[], ""),
        Answer(200, &[], EMPTY),
    ])
    .await;
    let start = Instant::now();
    api.records(RecordKind::Lead, &ids(&["1"])).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(170));
    api.records(RecordKind::Lead, &ids(&["1"])).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn nobody_asks_before_the_interval_is_over() {
    let used_up =
        &[("x-hubspot-ratelimit-remaining", "0"), ("x-hubspot-ratelimit-interval-milliseconds", "200")];
    let (api, _) = crm(vec![Answer(200, used_up, EMPTY), Answer(200, &[], EMPTY)]).await;
    let start = Instant::now();
    api.records(RecordKind::Lead, &ids(&["1"])).await.unwrap();
    api.records(RecordKind::Lead, &ids(&["1"])).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn long_waits_and_refusals_go_back_to_the_queue() {
    let (api, _) = crm(vec![
        Answer(429, &[], "{\"policyName\":\"DAILY\"}"),
        Answer(401, &[], ""),
        Answer(200, &[], "<html>"),
        Answer(500, &[], ""),
        Answer(500, &[], ""),
        Answer(500, &[], ""),
        Answer(302, &[("location", "http://127.0.0.1:9/")], ""),
    ])
    .await;
    let one = ids(&["1"]);
    let next = || api.records(RecordKind::Lead, &one);
    assert!(matches!(next().await, Err(ReadError::Later { wait, .. }) if wait == Duration::from_secs(900)));
    assert_eq!(next().await, Err(ReadError::Denied { status: 401 }));
    assert!(matches!(next().await, Err(ReadError::Answer(_))));
    assert!(matches!(next().await, Err(ReadError::Later { .. })));
    assert!(matches!(next().await, Err(ReadError::Answer(_))));
}

#[tokio::test]
async fn associations_are_read_to_the_last_page() {
    let first = r#"{"results":[{"from":{"id":"20111222333"},"to":[{"toObjectId":51234567890}],"paging":{"next":{"after":"99"}}}]}"#;
    let second = r#"{"results":[{"from":{"id":"20111222333"},"to":[{"toObjectId":51234567891}]}]}"#;
    let (api, seen) = crm(vec![Answer(200, &[], first), Answer(200, &[], second)]).await;
    let links = api.associations(RecordKind::Deal, &ids(&["20111222333"])).await.unwrap();
    assert_eq!(links["20111222333"], ids(&["51234567890", "51234567891"]));
    assert_eq!(seen.lock().unwrap()[1].0, "/crm/v4/associations/deals/contacts/batch/read");
    assert!(seen.lock().unwrap()[1].2.contains("\"after\":\"99\""));
}

#[tokio::test]
async fn stages_are_resolved_by_their_metadata() {
    let (api, _) =
        crm(vec![Answer(200, &[], include_str!("data/crm/hubspot/rest/pipelines_deals.json"))]).await;
    let stages = api.deal_stages().await.unwrap();
    let got = ["closedwon", "closedlost", "contractsent", "unheard"].map(|stage| stages.status(stage));
    assert_eq!(got, [Some("won"), Some("lost"), Some("open"), None]);
}

#[test]
fn a_record_not_yet_found_is_read_again_four_times() {
    let delays: Vec<_> = (0..6).map(tandem::crm::enrich::not_found_delay_ms).collect();
    assert_eq!(delays, [None, Some(5_000), Some(30_000), Some(120_000), Some(600_000), None]);
}
