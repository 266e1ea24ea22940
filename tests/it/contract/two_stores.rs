//! Two copies of the program on one PostgreSQL, at work at the same instant: nothing is lost, claimed twice or said
//! twice.

use super::{Ground, eur};
use crate::harness::desk::{asker, request as asked};
use std::collections::BTreeSet;
use tandem::app::App;
use tandem::domain::command::{Command, NewEntry};
use tandem::domain::fund::Move;
use tandem::flow::{self, Request};
use tandem::playground::seed::{ACME, Who};
use tandem::store::inbox::{self, ClaimTimes, Delivery};
use tandem::store::ledger::{self, Moved};
use tandem::store::outbox::{self, Delivered};
use tandem::store::{Store, campaign, program};
use tandem::text::card::Post;
use tandem::{args, in_read, in_tx};

const ROUNDS: i64 = 40;

macro_rules! two_stores {
    ($($story:ident),* $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::harness::database::on_postgres(|url| async move {
                    let ground = crate::contract::Ground::open(url).await;
                    let two = [ground.desk.replica().await, ground.desk.replica().await];
                    super::$story(ground, two).await;
                }).await;
            }
        }
    )* };
}
two_stores!(
    no_number_is_given_twice,
    one_wish_sent_to_both_is_done_once,
    different_wishes_are_all_done,
    a_fund_is_emptied_exactly,
    a_row_is_claimed_and_said_once,
    a_delivery_is_held_by_one,
);

/// Runs the same on both at once, many times over.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    two: &[App; 2],
    work: impl Fn(App, i64) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..ROUNDS)
        .flat_map(|round| two.each_ref().map(|app| tokio::spawn(work(app.clone(), round))))
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

async fn no_number_is_given_twice(g: Ground, two: [App; 2]) {
    let partner = g.acme.clone();
    let numbers = at_once(&two, |app, _| {
        let partner = partner.clone();
        async move {
            in_tx!(app.store, |tx| {
                program::lock_partner(tx, &partner).await?;
                program::next_number(tx, &partner, "thing").await
            })
            .unwrap()
        }
    })
    .await;
    assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>(), (1..=2 * ROUNDS).collect());
}

fn spend(amount: i64) -> Command {
    let spend = Some(amount.to_string());
    Command::Log(NewEntry { campaign: "CMP-1".into(), spend, ..NewEntry::default() })
}

async fn logged(g: &Ground) -> (usize, i64) {
    let entries = in_read!(g.store, |read| { campaign::entries_of_plan(read, &g.plan.id, i64::MAX).await });
    let entries = entries.unwrap();
    (entries.len(), entries.iter().map(|entry| entry.amount).sum())
}

async fn one_wish_sent_to_both_is_done_once(g: Ground, two: [App; 2]) {
    let replies = at_once(&two, |app, round| async move {
        let wish = Request { key: format!("same:{round}"), asker: asker(Who::Pat, ACME), command: spend(1) };
        (round, flow::handle(&app, &wish).await.unwrap().text)
    })
    .await;
    let different: BTreeSet<_> = replies.into_iter().collect();
    assert_eq!(different.len(), usize::try_from(ROUNDS).unwrap(), "both get the one answer: {different:?}");
    assert_eq!(logged(&g).await, (usize::try_from(ROUNDS).unwrap(), ROUNDS * 100));
}

async fn different_wishes_are_all_done(g: Ground, two: [App; 2]) {
    let replies = at_once(&two, |app, round| async move {
        flow::handle(&app, &asked(Who::Pat, ACME, spend(round + 1))).await.unwrap()
    })
    .await;
    assert!(replies.iter().all(|reply| reply.refused.is_none()));
    assert_eq!(logged(&g).await, (replies.len(), ROUNDS * (ROUNDS + 1) * 100));
    let audited = "SELECT COUNT(*) AS n FROM audit WHERE code = 'logged'";
    let lines = in_read!(g.store, |read| { read.one(audited, args![]).await?.int("n") }).unwrap();
    assert_eq!(lines, 2 * ROUNDS, "each with its line");
}

/// Both take from a fund that covers half of what they ask for, and each transfer is asked for twice.
async fn a_fund_is_emptied_exactly(g: Ground, two: [App; 2]) {
    let one = 3_000_000 / (ROUNDS / 2);
    let program = g.program.clone();
    let moved = at_once(&two, |app, round| {
        let program = program.clone();
        async move {
            in_tx!(app.store, |tx| {
                let (fund, _) = ledger::fund_by_key(tx, &program, "acme-q1").await?.unwrap();
                let transfer = ledger::Transfer {
                    id: app.clock.new_id(),
                    idempotency_key: format!("take:{round}"),
                    fund: &fund,
                    what: Move::AllocateBack,
                    amount: eur(one),
                    about: ledger::About::default(),
                    actor: "1",
                    at: app.clock.now(),
                };
                ledger::transfer(tx, &transfer).await
            })
        }
    })
    .await;
    let done = moved.iter().filter(|moved| matches!(moved, Ok(Moved::Done))).count();
    assert_eq!(i64::try_from(done).unwrap(), ROUNDS / 2);
    let lost: Vec<_> = moved.iter().filter_map(|moved| moved.as_ref().err()).collect();
    assert!(
        lost.iter().all(|fault| fault.is_unique_violation()),
        "only a key that was taken meanwhile: {lost:?}"
    );
    let (problems, available) = in_read!(g.store, |read| {
        let (fund, _) = ledger::fund_by_key(read, &g.program, "acme-q1").await?.unwrap();
        Ok((ledger::verify(read).await?, ledger::balances(read, &fund).await?.available))
    })
    .unwrap();
    assert_eq!((problems, available), (Vec::new(), eur(0)));
}

async fn a_row_is_claimed_and_said_once(g: Ground, two: [App; 2]) {
    let delivered = "UPDATE outbox SET done_at = 1";
    in_tx!(g.store, |tx| {
        tx.exec(delivered, args![]).await?;
        for number in 0..ROUNDS {
            let post = Post { text: number.to_string(), ..Post::default() };
            outbox::post(tx, &g.clock, &format!("lane-{}", number % 4), &post, &[]).await?;
        }
        Ok(())
    })
    .unwrap();
    let now = g.clock.protocol_ms() + 1_000;
    // Each claims, sends and records until nothing is left.
    let sends = two.each_ref().map(|app| tokio::spawn(send_all(app.store.clone(), app.clone(), now)));
    let mut said = Vec::new();
    for sends in sends {
        said.extend(sends.await.unwrap());
    }
    let once: BTreeSet<_> = said.iter().cloned().collect();
    assert_eq!((said.len(), once.len()), (once.len(), usize::try_from(ROUNDS).unwrap()), "{said:?}");
}

async fn send_all(store: Store, app: App, now: i64) -> Vec<String> {
    let mut said = Vec::new();
    let business = app.clock.now();
    while in_read!(store, |read| { outbox::waiting_count(read, business).await }).unwrap() > 0 {
        let claimed = in_tx!(store, |tx| { outbox::claim(tx, now, business, 60_000, 2).await }).unwrap();
        for row in claimed {
            said.push(row.id.clone());
            let delivered = Delivered { message_id: Some(row.id.clone()), shown_no: None };
            in_tx!(store, |tx| { outbox::record_sent(tx, &app.clock, &row, &delivered).await }).unwrap();
        }
        tokio::task::yield_now().await;
    }
    said
}

async fn a_delivery_is_held_by_one(g: Ground, two: [App; 2]) {
    let source = in_tx!(g.store, |tx| { super::crm::a_source(tx, &g).await }).unwrap();
    let group = |round: i64| Delivery {
        key: format!("{round:04}"),
        source_id: source.id.clone(),
        sent_ms: round,
        received_ms: round,
        message_id: None,
        body: b"{}".to_vec(),
    };
    let stored: u64 = at_once(&two, |app, round| {
        let group = [group(round)];
        async move { in_tx!(app.store, |tx| { inbox::insert_all(tx, &group).await }).unwrap() }
    })
    .await
    .into_iter()
    .sum();
    assert_eq!(stored, u64::try_from(ROUNDS).unwrap(), "the same request is stored once");
    let now_ms = g.clock.now_ms();
    let claimed = at_once(&two, |app, _| async move {
        let times = ClaimTimes { now_ms, protocol_ms: 1_000, until_ms: 9_000 };
        in_tx!(app.store, |tx| { inbox::claim(tx, times, 1).await }).unwrap()
    })
    .await;
    let keys: Vec<_> = claimed.into_iter().flatten().map(|one| one.key).collect();
    let once: BTreeSet<_> = keys.iter().cloned().collect();
    assert_eq!(keys.len(), once.len(), "held by one: {keys:?}");
}

#[tokio::test]
async fn looking_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/tandem.db", folder.path().display());
    let fault = tandem::store::Store::open_existing(&url).await.unwrap_err().to_string();
    assert!(fault.contains("has tandem run here?"), "{fault}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    tandem::store::Store::open(&url).await.unwrap().close().await;
    tandem::store::Store::open_existing(&url).await.unwrap().close().await;
}
