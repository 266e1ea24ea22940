//! The listener: what is stored before it is answered, and what each bad request gets.

use crate::crm_world::{PUBLIC, START, World, delivery, hubspot_headers, standard_headers};
use crate::on_both;
use axum::http::HeaderMap;
use std::sync::atomic::Ordering;
use tandem::crm::MAX_BODY_BYTES;
use tandem::crm::intake::{Intake, intake, store_group};

const LEAD: &str = r#"{"type":"lead.created","timestamp":"2026-02-01T11:00:00Z","data":{"id":"l1"}}"#;

/// The listener on a local port; its writer runs unless told otherwise.
async fn listen(world: &World, with_writer: bool) -> (String, Intake) {
    let (intake, writer) =
        intake(world.store.clone(), world.clock.clone(), world.sources.clone(), PUBLIC, MAX_BODY_BYTES);
    if with_writer {
        tokio::spawn(writer.run());
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = intake.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base, intake)
}

async fn post(
    base: &str,
    path: &str,
    headers: HeaderMap,
    body: impl Into<reqwest::Body>,
) -> reqwest::Response {
    reqwest::Client::new().post(format!("{base}{path}")).headers(headers).body(body).send().await.unwrap()
}

async fn stored(world: &World) -> Vec<String> {
    world
        .rows(
            "SELECT source_id, encoding, state FROM crm_delivery ORDER BY key",
            &["source_id", "encoding", "state"],
        )
        .await
}

async fn each_request_gets_its_answer(world: &World) {
    let (base, intake) = listen(world, true).await;
    let status = async |path: &'static str, headers: HeaderMap, body: &'static [u8]| {
        post(&base, path, headers, body).await.status().as_u16()
    };
    let ours = "/v1/in/standard/open";
    assert_eq!(status(ours, HeaderMap::new(), LEAD.as_bytes()).await, 401);
    assert_eq!(
        status(ours, standard_headers("m1", START - 300_001, LEAD.as_bytes()), LEAD.as_bytes()).await,
        401
    );
    assert_eq!(status(ours, standard_headers("m1", START, b"other"), LEAD.as_bytes()).await, 401);
    assert_eq!(status("/v1/in/standard/nobody", standard_headers("m1", START, b"{}"), b"{}").await, 404);
    assert_eq!(status("/v1/in/hubspot/open", standard_headers("m1", START, b"{}"), b"{}").await, 404);
    assert_eq!(status("/v1/in/fax/open", standard_headers("m1", START, b"{}"), b"{}").await, 404);
    assert_eq!(status("/v1/in/standard/gone", standard_headers("m1", START, b"{}"), b"{}").await, 410);
    assert_eq!(status("/v1/in/hubspot/hub-gone", HeaderMap::new(), b"[]").await, 200);
    assert_eq!(stored(world).await, Vec::<String>::new(), "only authentic requests are stored");

    assert_eq!(status(ours, standard_headers("m1", START, LEAD.as_bytes()), LEAD.as_bytes()).await, 200);
    assert_eq!(status(ours, standard_headers("m1", START, LEAD.as_bytes()), LEAD.as_bytes()).await, 200);
    assert_eq!(status(ours, standard_headers("m2", START, b""), b"").await, 200);
    let hub = "/v1/in/hubspot/hub?b=2&a=1";
    assert_eq!(status(hub, hubspot_headers(hub, START, b"not json"), b"not json").await, 200);
    assert_eq!(stored(world).await.len(), 3, "the same delivery twice is one");

    let done = world.projector.project_once().await.unwrap();
    assert_eq!((done.claimed, done.done, done.dead), (3, 1, 2));
    assert_eq!(intake.answers().unverified.load(Ordering::Relaxed), 3);
    assert_eq!(intake.answers().stored.load(Ordering::Relaxed), 4);
}

async fn a_body_is_read_up_to_the_limit(world: &World) {
    let (base, _) = listen(world, true).await;
    let path = "/v1/in/standard/open";
    for (length, expected) in [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)] {
        let body = vec![b' '; length];
        let headers = standard_headers(&format!("m{length}"), START, &body);
        let got = post(&base, path, headers.clone(), body.clone()).await.status().as_u16();
        assert_eq!(got, expected, "{length} bytes, announced");
        let chunks = body.chunks(64 * 1024).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect::<Vec<_>>();
        let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let got = post(&base, path, headers, stream).await.status().as_u16();
        assert_eq!(got, expected, "{length} bytes, in chunks");
    }
}

async fn nothing_is_acknowledged_without_storage(world: &World) {
    let (base, intake) = listen(world, false).await;
    let answer = post(&base, "/v1/in/standard/open", standard_headers("m1", START, b"{}"), "{}").await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "30");
    let hub = "/v1/in/hubspot/hub";
    let answer = post(&base, hub, hubspot_headers(hub, START, b"[]"), "[]").await;
    assert_eq!((answer.status().as_u16(), answer.headers().get("retry-after")), (503, None));
    assert_eq!(intake.answers().unavailable.load(Ordering::Relaxed), 2);
}

async fn many_at_once_are_all_stored(world: &World) {
    let (base, _) = listen(world, true).await;
    let client = reqwest::Client::new();
    let mut sent = tokio::task::JoinSet::new();
    for n in 0..300 {
        let id = format!("m{n}");
        let request = client
            .post(format!("{base}/v1/in/standard/open"))
            .headers(standard_headers(&id, START, LEAD.as_bytes()))
            .body(LEAD);
        sent.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    assert!(sent.join_all().await.into_iter().all(|status| status == 200));
    assert_eq!(stored(world).await.len(), 300);
}

async fn odd_bodies_do_not_fail_their_group(world: &World) {
    let odd: [&[u8]; 5] = [
        b"nul \0 inside",
        b"not utf-8 \xff\xfe",
        br#"{"s":"\ud800"}"#,
        br#"{"s":"\u0000"}"#,
        "\u{FFFF}".as_bytes(),
    ];
    let body = |n: usize| odd.get(n).map_or_else(|| LEAD.as_bytes().to_vec(), |b| b.to_vec());
    let group: Vec<_> =
        (0..100).map(|n| delivery(&world.clock, "open", Some(&format!("m{n}")), &body(n))).collect();
    assert_eq!(store_group(&world.store, &group).await, vec![true; 100]);
    let encodings = stored(world).await;
    assert_eq!(encodings.iter().filter(|row| row.contains("base64")).count(), 2);
    for one in &group[..5] {
        let shown = tandem::in_read!(world.store, |read| {
            tandem::store::inbox::show(read, "north", &one.key).await
        });
        assert_eq!(shown.unwrap().unwrap().body.as_ref(), Some(&one.body), "bytes come back as they were");
    }
    let done = world.projector.project_once().await.unwrap();
    assert_eq!((done.done, done.dead), (95, 5));
}

async fn a_row_that_can_not_be_stored_fails_alone(world: &World) {
    let mut group: Vec<_> =
        (0..100).map(|n| delivery(&world.clock, "open", Some(&format!("m{n}")), LEAD.as_bytes())).collect();
    group[41].source_id = "nobody".to_owned();
    let answers = store_group(&world.store, &group).await;
    assert_eq!(answers.iter().filter(|stored| !**stored).count(), 1);
    assert!(!answers[41]);
    assert_eq!(stored(world).await.len(), 99);
}

on_both!(
    each_request_gets_its_answer,
    a_body_is_read_up_to_the_limit,
    nothing_is_acknowledged_without_storage,
    many_at_once_are_all_stored,
    odd_bodies_do_not_fail_their_group,
    a_row_that_can_not_be_stored_fails_alone,
);
