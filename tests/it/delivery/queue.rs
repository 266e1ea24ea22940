//! The outbox itself: who may claim what, and what is written down.

use super::bench::{Bench, both};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tandem::fault::Fault;
use tandem::store::outbox::{self, Claimed, Delivered, Kind};
use tandem::store::{Store, card};
use tandem::text::card::{Card, File, Post};
use tandem::{in_read, in_tx};

both!(
    a_lane_gives_its_oldest_row_and_only_one_at_a_time,
    a_retry_holds_up_its_lane_and_a_dead_letter_does_not,
    a_lease_ends_and_the_late_one_changes_nothing,
    nothing_is_claimed_twice,
    a_retried_dead_letter_waits_for_its_lane,
    a_card_counts_what_is_wanted_and_forgets_its_message_when_it_moves,
    a_post_comes_back_with_its_files,
);

const MINUTE_MS: i64 = 60_000;
/// Nothing here waits for the end of quiet hours.
const FOREVER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

async fn say(bench: &Bench, channel: &str, text: &str) -> String {
    let post = Post { text: text.to_owned(), ..Post::default() };
    in_tx!(bench.store, |tx| { outbox::post(tx, &bench.clock, channel, &post, &[]).await }).unwrap()
}

async fn claim_at(store: &Store, now_ms: i64, n: i64) -> Vec<Claimed> {
    in_tx!(store, |tx| { outbox::claim(tx, now_ms, FOREVER, MINUTE_MS, n).await }).unwrap()
}

fn ids(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|row| row.id.as_str()).collect()
}

async fn sent(bench: &Bench, row: &Claimed, message_id: &str) -> Result<(), Fault> {
    let delivered = Delivered { message_id: Some(message_id.to_owned()), shown_no: None };
    in_tx!(bench.store, |tx| { outbox::record_sent(tx, &bench.clock, row, &delivered).await })
}

async fn any_due(store: &Store, now_ms: i64) -> bool {
    in_read!(store, |read| { outbox::any_due(read, now_ms, FOREVER).await }).unwrap()
}

async fn waiting(store: &Store) -> i64 {
    in_read!(store, |read| { outbox::waiting_count(read, FOREVER).await }).unwrap()
}

async fn a_lane_gives_its_oldest_row_and_only_one_at_a_time(bench: Bench) {
    let first = say(&bench, "1", "first").await;
    let second = say(&bench, "1", "second").await;
    let elsewhere = say(&bench, "2", "elsewhere").await;
    let now = bench.clock.protocol_ms() + 1;
    assert!(any_due(&bench.store, now).await);

    let claimed = claim_at(&bench.store, now, 8).await;
    assert_eq!(ids(&claimed), [first.as_str(), &elsewhere]);
    assert_eq!((claimed[0].tries, claimed[0].first_try_at, claimed[0].was_tried_before()), (1, now, false));
    assert!(claim_at(&bench.store, now, 8).await.is_empty(), "both lanes are held");

    sent(&bench, &claimed[0], "77").await.unwrap();
    assert_eq!(ids(&claim_at(&bench.store, now, 8).await), [second.as_str()]);
    assert_eq!(waiting(&bench.store).await, 2);
}

async fn a_retry_holds_up_its_lane_and_a_dead_letter_does_not(bench: Bench) {
    let first = say(&bench, "1", "first").await;
    let second = say(&bench, "1", "second").await;
    let now = bench.clock.protocol_ms() + 1;
    let row = claim_at(&bench.store, now, 8).await.remove(0);
    let due = now + 5_000;
    let held =
        in_tx!(bench.store, |tx| { outbox::record_retry(tx, &row, due, "HTTP 500", Some("77")).await })
            .unwrap();
    assert!(held);
    assert!(claim_at(&bench.store, due - 1, 8).await.is_empty(), "the second waits for the first");
    assert!(!any_due(&bench.store, due - 1).await);
    assert!(any_due(&bench.store, due).await);

    let row = claim_at(&bench.store, due, 8).await.remove(0);
    assert_eq!((row.id.as_str(), row.tries, row.first_try_at), (first.as_str(), 2, now));
    assert!(row.was_tried_before());
    assert_eq!(row.message_id.as_deref(), Some("77"));
    in_tx!(bench.store, |tx| { outbox::record_dead(tx, &bench.clock, &row, "HTTP 403", None).await })
        .unwrap();
    assert_eq!(ids(&claim_at(&bench.store, due, 8).await), [second.as_str()]);

    let dead = in_read!(bench.store, |read| { outbox::list_dead(read, 10).await }).unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (dead[0].id.as_str(), dead[0].reason.as_str(), dead[0].tries),
        (first.as_str(), "HTTP 403", 2)
    );
    assert_eq!((dead[0].dead_at, dead[0].channel_id.as_str()), (bench.clock.now(), "1"));
    assert_eq!(waiting(&bench.store).await, 1);
}

async fn a_lease_ends_and_the_late_one_changes_nothing(bench: Bench) {
    say(&bench, "1", "only").await;
    let now = bench.clock.protocol_ms() + 1;
    let late = claim_at(&bench.store, now, 8).await.remove(0);
    assert!(claim_at(&bench.store, now + MINUTE_MS, 8).await.is_empty(), "held until then, inclusive");
    let now = now + MINUTE_MS + 1;
    let taken_over = claim_at(&bench.store, now, 8).await.remove(0);
    assert_eq!((taken_over.id.as_str(), taken_over.tries), (late.id.as_str(), 2));

    let recorded = in_tx!(bench.store, |tx| {
        let retried = outbox::record_retry(tx, &late, now, "late", None).await?;
        Ok((retried, outbox::record_dead(tx, &bench.clock, &late, "late", None).await?))
    });
    assert_eq!(recorded.unwrap(), (false, false));
    assert!(claim_at(&bench.store, now, 8).await.is_empty(), "the one who took over still holds it");
    sent(&bench, &late, "77").await.unwrap();
    assert_eq!(waiting(&bench.store).await, 0, "what the late one did send is sent");
    sent(&bench, &taken_over, "78").await.unwrap();
}

async fn nothing_is_claimed_twice(bench: Bench) {
    const LANES: i64 = 60;
    for lane in 1..=LANES {
        say(&bench, &lane.to_string(), "a").await;
        say(&bench, &lane.to_string(), "b").await;
    }
    let now = bench.clock.protocol_ms() + 1;
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = claim_at(&store, now, 5).await;
                    if claimed.is_empty() {
                        break mine;
                    }
                    mine.extend(claimed.into_iter().map(|row| row.channel_id));
                }
            })
        })
        .collect();
    let mut times: HashMap<String, usize> = HashMap::new();
    for claimer in claimers {
        for lane in claimer.await.unwrap() {
            *times.entry(lane).or_default() += 1;
        }
    }
    // A claimer that lost every row of a claim to another one sees none and stops; what is left is due all the same.
    for row in claim_at(&bench.store, now, LANES).await {
        *times.entry(row.channel_id).or_default() += 1;
    }
    assert_eq!(times.len(), 60);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}

async fn a_retried_dead_letter_waits_for_its_lane(bench: Bench) {
    let first = say(&bench, "1", "first").await;
    let second = say(&bench, "1", "second").await;
    let now = bench.clock.protocol_ms() + 1;
    let row = claim_at(&bench.store, now, 8).await.remove(0);
    in_tx!(bench.store, |tx| { outbox::record_dead(tx, &bench.clock, &row, "x", None).await }).unwrap();
    let under_way = claim_at(&bench.store, now, 8).await.remove(0);
    assert_eq!(under_way.id, second);

    let retry = async |id: &str| in_tx!(bench.store, |tx| { outbox::retry_dead(tx, &bench.clock, id).await });
    assert!(retry(&first).await.unwrap());
    assert!(!retry(&first).await.unwrap(), "it is no dead letter any more");
    assert!(!retry(&second).await.unwrap());
    let later = now + 10_000;
    assert!(claim_at(&bench.store, later, 8).await.is_empty(), "the second is under way");
    sent(&bench, &under_way, "77").await.unwrap();
    let again = claim_at(&bench.store, later, 8).await.remove(0);
    assert_eq!((again.id.as_str(), again.tries, again.first_try_at), (first.as_str(), 1, now));
    assert!(again.was_tried_before(), "it may have been sent before it was given up");
}

async fn a_card_counts_what_is_wanted_and_forgets_its_message_when_it_moves(bench: Bench) {
    let show = async |channel: &str, title: &str| {
        let wanted = Card { title: title.to_owned(), ..Card::default() };
        in_tx!(bench.store, |tx| { outbox::show_card(tx, &bench.clock, "mdf:1", channel, &wanted).await })
            .unwrap();
    };
    let kept = async || {
        let kept = in_read!(bench.store, |read| { card::load(read, "mdf:1").await }).unwrap().unwrap();
        (kept.wanted.title, kept.wanted_no, kept.shown_no, kept.message_id)
    };
    show("1", "Submitted").await;
    show("1", "Approved").await;
    assert_eq!(kept().await, ("Approved".into(), 2, 0, None));

    let now = bench.clock.protocol_ms() + 1;
    let row = claim_at(&bench.store, now, 8).await.remove(0);
    assert_eq!(row.kind, Kind::Card { key: "mdf:1".into() });
    let record = async |shown_no, message: &str| {
        let delivered = Delivered { message_id: Some(message.into()), shown_no: Some(shown_no) };
        in_tx!(bench.store, |tx| { outbox::record_sent(tx, &bench.clock, &row, &delivered).await }).unwrap();
    };
    record(2, "77").await;
    assert_eq!(kept().await, ("Approved".into(), 2, 2, Some("77".into())));
    record(1, "76").await;
    assert_eq!(kept().await.3, Some("77".into()), "what is newer stays");

    show("2", "Approved").await;
    assert_eq!(kept().await, ("Approved".into(), 3, 0, None));
    record(3, "78").await;
    assert_eq!(kept().await.3, None, "a message in the old channel is not its message");
}

async fn a_post_comes_back_with_its_files(bench: Bench) {
    let file = |name: &str, bytes: &[u8]| File {
        name: name.to_owned(),
        content_type: "application/octet-stream".to_owned(),
        bytes: bytes.to_vec(),
    };
    let files = [file("b.bin", &[0, 255, 10]), file("a.bin", b"")];
    let post = Post { text: "NUL \0 and \u{1f600}".into(), card: None, thread: Some("t".into()) };
    let id = in_tx!(bench.store, |tx| { outbox::post(tx, &bench.clock, "1", &post, &files).await }).unwrap();
    let row = claim_at(&bench.store, bench.clock.protocol_ms() + 1, 8).await.remove(0);
    let Kind::Post { body } = &row.kind else { panic!("{row:?}") };
    assert_eq!(serde_json::from_str::<Post>(body).unwrap(), post);
    assert_eq!(in_read!(bench.store, |read| { outbox::files(read, &id).await }).unwrap(), files);
}
