//! What a look at the clock costs: how many statements it sends, as the driver logs them.

use crate::harness::database;
use crate::harness::desk::Desk;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tandem::domain::command::{Command, NewRequest};
use tandem::in_read;
use tandem::inbound::cron::tick;
use tandem::playground::seed::{ACME, Who};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Counts the statements that the driver logs on this thread.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

async fn files(desk: &Desk, requests: usize) {
    for _ in 0..requests {
        let new = NewRequest {
            campaign: "CMP-1".into(),
            fund: Some("acme-q1".into()),
            cost: "200".into(),
            amount: "100".into(),
            purpose: "Stand".into(),
            ..NewRequest::default()
        };
        let reply = desk.asks(Who::Pat, ACME, Command::RequestMdf(new)).await;
        assert_eq!(reply.refused, None, "{}", reply.text);
    }
}

fn moves_to(desk: &Desk, instant: &str) {
    assert!(desk.app.clock.advance_to(instant.parse::<DateTime<Utc>>().unwrap()));
}

/// What one look sends, and what it did.
async fn cost(desk: &Desk) -> (usize, usize) {
    let counted = Statements::default();
    let guard = tracing::subscriber::set_default(counted.clone());
    let done = tick(&desk.app).await.unwrap();
    drop(guard);
    (counted.0.load(Ordering::SeqCst), done)
}

/// On PostgreSQL, whose driver logs on the thread that asks; the statements are the same on SQLite.
#[tokio::test]
async fn a_look_costs_the_same_however_much_waits() {
    database::on_postgres(async |url| {
        let desk = Desk::open(url).await;
        desk.agrees_on_a_plan(ACME).await;
        moves_to(&desk, "2026-01-06T12:00:00Z");
        while tick(&desk.app).await.unwrap() > 0 {}
        // What logs is known to the counter once it has logged: the first look doesn't count.
        cost(&desk).await;
        let (nothing, _) = cost(&desk).await;
        files(&desk, 1).await;
        let (one, done) = cost(&desk).await;
        assert_eq!(done, 0);
        files(&desk, 19).await;
        let (twenty, done) = cost(&desk).await;
        assert_eq!(done, 0);
        moves_to(&desk, "2026-01-08T12:00:00Z");
        let (all_due, done) = cost(&desk).await;
        assert_eq!(done, 21, "twenty reminders and a digest");
        let (after, done) = cost(&desk).await;
        assert_eq!(done, 0);
        assert!(nothing > 5, "statements are counted: {nothing}");
        // Each that is told is read then, alone: some thirty statements, its message and its line in the trail included.
        assert!((20 * 5..20 * 40).contains(&all_due), "{all_due}");
        assert_eq!((one, one), (twenty, after), "it is no matter how much waits");
        let counted = in_read!(desk.app.store, |read| {
            read.one("SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%Reminder%'", tandem::args![])
                .await?
                .int("n")
        });
        assert_eq!(counted.unwrap(), 20);
    })
    .await;
}
