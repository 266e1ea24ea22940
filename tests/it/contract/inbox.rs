//! What CRMs sent: stored once, held by one worker, settled, buried, shown, replayed, erased.

use super::{Ground, contracts};
use std::collections::BTreeMap;
use tandem::store::inbox::{
    self, ClaimTimes, Claimed, Delivery, EventRow, KEEP_DEAD_MS, KEEP_DONE_MS, Settled,
};
use tandem::store::{Tx, program};
use tandem::{fault::Fault, in_read, in_tx};

contracts!(a_delivery_is_stored_and_claimed_once, what_died_is_told_shown_and_replayed, bodies_are_erased);

const LEASE: i64 = 1_000;

async fn source(g: &Ground) -> String {
    in_tx!(g.store, |tx| { super::crm::a_source(tx, g).await }).unwrap().id
}

fn delivery(source_id: &str, key: &str, body: &[u8]) -> Delivery {
    Delivery {
        key: key.into(),
        source_id: source_id.into(),
        sent_ms: 1,
        received_ms: 2,
        message_id: Some(format!("m-{key}")),
        body: body.to_vec(),
    }
}

async fn claim(g: &Ground, protocol_ms: i64) -> Vec<Claimed> {
    let times = ClaimTimes { now_ms: g.clock.now_ms(), protocol_ms, until_ms: protocol_ms + LEASE };
    let mut claimed = in_tx!(g.store, |tx| { inbox::claim(tx, times, 10).await }).unwrap();
    claimed.sort_by(|a, b| a.key.cmp(&b.key));
    claimed
}

async fn settle(tx: &mut Tx, g: &Ground, key: &str, settled: Settled) -> Result<(), Fault> {
    inbox::settle(tx, key, &settled, g.clock.now_ms()).await
}

fn event(source_id: &str, key: &str, delivery: &str, outcome: &'static str) -> EventRow {
    EventRow {
        key: key.into(),
        source_id: source_id.into(),
        delivery_key: delivery.into(),
        kind: "contact.creation".into(),
        record_kind: Some("lead".into()),
        record_id: Some("77".into()),
        occurred_ms: 1,
        outcome,
        reason: None,
    }
}

async fn a_delivery_is_stored_and_claimed_once(g: Ground) {
    let source = source(&g).await;
    let bodies: [&[u8]; 3] = [b"{}", &[0, 255, 10], "ä\0".as_bytes()];
    let group: Vec<_> =
        ["a", "b", "c"].iter().zip(bodies).map(|(key, body)| delivery(&source, key, body)).collect();
    let stored = async || in_tx!(g.store, |tx| { inbox::insert_all(tx, &group).await }).unwrap();
    assert_eq!(stored().await, 3);
    assert_eq!(stored().await, 0, "those that are there already are left alone");
    let claimed = claim(&g, 100).await;
    let read: Vec<_> = claimed.iter().map(|one| one.body.as_deref().unwrap()).collect();
    assert_eq!(read, bodies, "to the byte");
    assert_eq!(claim(&g, 100 + LEASE - 1).await, [], "held");
    let later = Settled::Later { due_ms: g.clock.now_ms() + 1, attempts: 2, reason: "busy".into() };
    in_tx!(g.store, |tx| {
        settle(tx, &g, "a", Settled::Done).await?;
        settle(tx, &g, "b", later.clone()).await?;
        inbox::settle_done(tx, &["c"], g.clock.now_ms()).await?;
        // Whoever comes late finds it settled.
        settle(tx, &g, "a", Settled::Dead { reason: "late".into() }).await
    })
    .unwrap();
    assert_eq!(claim(&g, 100_000).await, [], "one is not due, two are done");
    let counts = in_read!(g.store, |read| { inbox::counts(read, &g.program).await }).unwrap();
    assert_eq!(counts.deliveries, BTreeMap::from([("done".to_owned(), 2), ("waiting".to_owned(), 1)]));
    g.clock.advance_to(g.clock.now() + chrono::Duration::milliseconds(1));
    let again = claim(&g, 100_000).await;
    assert_eq!((again.len(), again[0].key.as_str(), again[0].attempts), (1, "b", 2));
}

async fn what_died_is_told_shown_and_replayed(g: Ground) {
    let source = source(&g).await;
    let now = g.clock.now_ms();
    in_tx!(g.store, |tx| {
        inbox::insert_all(tx, &[delivery(&source, "a", b"{}"), delivery(&source, "b", b"{}")]).await?;
        let events = [event(&source, "e1", "a", "applied"), event(&source, "e2", "a", "applied")];
        assert_eq!(inbox::insert_events(tx, &events, now).await?.len(), 2);
        assert_eq!(
            inbox::insert_events(tx, &events, now).await?.len(),
            0,
            "only what is new may have an effect"
        );
        let asked = ["e1".to_owned(), "e9".to_owned()];
        assert_eq!(inbox::settled_events(tx, &source, &asked).await?, ["e1".to_owned()].into());
        inbox::bury_event(tx, &source, "e2", "no such deal").await?;
        assert!(inbox::bury_event(tx, &source, "e9", "x").await.is_err());
        settle(tx, &g, "a", Settled::Dead { reason: "no such deal".into() }).await?;
        settle(tx, &g, "b", Settled::Dead { reason: "not JSON".into() }).await?;
        assert_eq!(inbox::sources_to_tell(tx, now).await?, [(source.clone(), g.program.clone())]);
        let told = inbox::take_untold(tx, &source, now, now).await?;
        assert_eq!(told.len(), 2);
        assert_eq!(inbox::take_untold(tx, &source, now, now - 1).await?, [], "too early for another notice");
        assert_eq!(inbox::sources_to_tell(tx, now).await?, [], "and there is nothing more to tell");
        let letters = inbox::dead_letters(tx, &g.program, 10).await?;
        assert_eq!(
            letters.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(),
            ["b", "a"],
            "newest first"
        );
        assert_eq!(letters[0].erased_ms, now + KEEP_DEAD_MS);
        let shown = inbox::show(tx, &g.program, "a").await?.unwrap();
        assert_eq!(
            (shown.state.as_str(), shown.events.len(), shown.body.as_deref()),
            ("dead", 2, Some(&b"{}"[..]))
        );
        assert_eq!(inbox::show(tx, "another program", "a").await?, None);
        assert!(!inbox::replay(tx, "another program", "a", now).await?);
        assert!(inbox::replay(tx, &g.program, "a", now).await?);
        assert!(!inbox::replay(tx, &g.program, "a", now).await?, "it is dead no more");
        let shown = inbox::show(tx, &g.program, "a").await?.unwrap();
        assert_eq!(
            (shown.state.as_str(), shown.events.len()),
            ("waiting", 1),
            "what was applied stays applied"
        );
        assert!(program::by_key(tx, "northwind").await?.is_some());
        Ok(())
    })
    .unwrap();
}

async fn bodies_are_erased(g: Ground) {
    let source = source(&g).await;
    let now = g.clock.now_ms();
    in_tx!(g.store, |tx| {
        let group = ["done", "dead", "lead", "new"].map(|key| delivery(&source, key, b"{}"));
        inbox::insert_all(tx, &group).await?;
        settle(tx, &g, "done", Settled::Done).await?;
        settle(tx, &g, "dead", Settled::Dead { reason: "x".into() }).await?;
        inbox::insert_events(
            tx,
            &[event(&source, "e1", "lead", "applied"), event(&source, "e2", "new", "applied")],
            now,
        )
        .await?;
        settle(tx, &g, "lead", Settled::Done).await?;
        assert_eq!(inbox::erase_bodies_of_lead(tx, &source, "78").await?, 0);
        assert_eq!(inbox::erase_bodies_of_lead(tx, &source, "77").await?, 1, "not what still waits");
        assert_eq!(inbox::erase_old_bodies(tx, now + KEEP_DONE_MS).await?, 0, "to the day");
        assert_eq!(inbox::erase_old_bodies(tx, now + KEEP_DONE_MS + 1).await?, 1);
        assert_eq!(inbox::soon_erased(tx, now + KEEP_DEAD_MS).await?, BTreeMap::new());
        let soon = inbox::soon_erased(tx, now + KEEP_DEAD_MS + 1).await?;
        assert_eq!(soon, BTreeMap::from([(g.program.clone(), 1)]));
        assert_eq!(inbox::erase_old_bodies(tx, now + KEEP_DEAD_MS + 1).await?, 1);
        assert!(!inbox::replay(tx, &g.program, "dead", now).await?, "without its body");
        Ok(())
    })
    .unwrap();
}
