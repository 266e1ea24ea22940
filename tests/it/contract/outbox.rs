//! What waits to be said: lanes keep their order, one holds a row at a time, and what became of it is written down.

use super::{Ground, contracts};
use tandem::store::outbox::{Claimed, Delivered, Kind};
use tandem::store::{card, outbox};
use tandem::text::card::{Card, File, Post};
use tandem::{in_read, in_tx};

contracts!(
    a_lane_keeps_its_order,
    a_card_is_posted_and_then_edited,
    what_failed_waits_dies_and_is_tried_again,
);

const LEASE: i64 = 1_000;

/// Nothing of the ground's own plan waits.
async fn emptied(g: &Ground) -> i64 {
    let now = g.clock.protocol_ms();
    loop {
        let claimed = claim(g, now).await;
        if claimed.is_empty() {
            return now;
        }
        for row in &claimed {
            sent(g, row, "1", None).await;
        }
    }
}

async fn claim(g: &Ground, now: i64) -> Vec<Claimed> {
    in_tx!(g.store, |tx| { outbox::claim(tx, now, g.clock.now(), LEASE, 10).await }).unwrap()
}

async fn sent(g: &Ground, row: &Claimed, message: &str, shown_no: Option<i64>) {
    let delivered = Delivered { message_id: Some(message.into()), shown_no };
    in_tx!(g.store, |tx| { outbox::record_sent(tx, &g.clock, row, &delivered).await }).unwrap();
}

async fn says(g: &Ground, channel: &str, text: &str) -> String {
    let file = File { name: "a.csv".into(), content_type: "text/csv".into(), bytes: vec![0, 255, 10] };
    let post = Post { text: text.into(), ..Post::default() };
    in_tx!(g.store, |tx| { outbox::post(tx, &g.clock, channel, &post, std::slice::from_ref(&file)).await })
        .unwrap()
}

async fn waiting(g: &Ground) -> i64 {
    in_read!(g.store, |read| { outbox::waiting_count(read, g.clock.now()).await }).unwrap()
}

async fn a_lane_keeps_its_order(g: Ground) {
    emptied(&g).await;
    let ids = [says(&g, "a", "1").await, says(&g, "a", "2").await, says(&g, "b", "3").await];
    let now = g.clock.protocol_ms();
    assert_eq!(waiting(&g).await, 3);
    assert!(in_read!(g.store, |read| { outbox::any_due(read, now, g.clock.now()).await }).unwrap());
    let first = claim(&g, now).await;
    let claimed: Vec<_> = first.iter().map(|row| row.id.clone()).collect();
    assert_eq!(claimed, [ids[0].clone(), ids[2].clone()], "the oldest of each lane");
    assert!(first.iter().all(|row| row.tries == 1 && !row.was_tried_before() && row.lease == now + LEASE));
    assert_eq!(claim(&g, now + LEASE).await, [], "held until the lease ends");
    assert!(!in_read!(g.store, |read| { outbox::any_due(read, now + LEASE, g.clock.now()).await }).unwrap());
    let files = in_read!(g.store, |read| { outbox::files(read, &ids[0]).await }).unwrap();
    assert_eq!((files.len(), files[0].bytes.as_slice()), (1, [0, 255, 10].as_slice()));
    sent(&g, &first[0], "m1", None).await;
    let next = claim(&g, now).await;
    assert_eq!(next.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), [ids[1].as_str()]);
    let lost = claim(&g, now + LEASE + 1).await;
    assert_eq!(lost.len(), 2, "a lease that ended is anybody's");
    assert!(lost.iter().all(|row| row.tries == 2 && row.was_tried_before()));
    assert_eq!(waiting(&g).await, 2);
}

async fn a_card_is_posted_and_then_edited(g: Ground) {
    emptied(&g).await;
    let show = async |channel: &str, title: &str| {
        let card = Card { title: title.into(), ..Card::default() };
        in_tx!(g.store, |tx| { outbox::show_card(tx, &g.clock, "k", channel, &card).await }).unwrap();
        in_read!(g.store, |read| { card::load(read, "k").await }).unwrap().unwrap()
    };
    assert_eq!(in_read!(g.store, |read| { card::load(read, "k").await }).unwrap(), None);
    let kept = show("a", "one").await;
    assert_eq!((kept.wanted_no, kept.shown_no, kept.message_id), (1, 0, None));
    let now = g.clock.protocol_ms();
    let first = claim(&g, now).await;
    assert_eq!(first[0].kind, Kind::Card { key: "k".into() });
    // The first row's message is unknown while a second one is tried: it may have posted the card.
    show("a", "two").await;
    let older = in_tx!(g.store, |tx| {
        outbox::record_dead(tx, &g.clock, &first[0], "gone", None).await?;
        let second = outbox::claim(tx, g.clock.protocol_ms(), g.clock.now(), LEASE, 10).await?.remove(0);
        let older = outbox::older_tries(tx, "k", &second).await?;
        let delivered = Delivered { message_id: Some("m".into()), shown_no: Some(2) };
        outbox::record_sent(tx, &g.clock, &second, &delivered).await?;
        Ok(older)
    })
    .unwrap();
    assert_eq!(older.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [first[0].id.as_str()]);
    let kept = show("a", "three").await;
    assert_eq!((kept.wanted_no, kept.shown_no, kept.message_id.as_deref()), (3, 2, Some("m")));
    assert_eq!(kept.wanted.title, "three");
    let kept = show("b", "four").await;
    assert_eq!((kept.shown_no, kept.message_id), (0, None), "posted anew in another channel");
    // What is heard late of the old channel changes nothing.
    let late = Claimed { kind: Kind::Card { key: "k".into() }, channel_id: "a".into(), ..first[0].clone() };
    sent(&g, &late, "old", Some(9)).await;
    let kept = in_read!(g.store, |read| { card::load(read, "k").await }).unwrap().unwrap();
    assert_eq!((kept.channel_id.as_str(), kept.message_id), ("b", None));
}

async fn what_failed_waits_dies_and_is_tried_again(g: Ground) {
    emptied(&g).await;
    let id = says(&g, "a", "1").await;
    let now = g.clock.protocol_ms();
    let row = claim(&g, now).await.remove(0);
    let retry = async |row: &Claimed, due| {
        in_tx!(g.store, |tx| { outbox::record_retry(tx, row, due, "later", None).await }).unwrap()
    };
    assert!(retry(&row, now + 50).await);
    assert!(!retry(&row, now + 50).await, "it is no longer held");
    assert_eq!(claim(&g, now + 49).await, []);
    let row = claim(&g, now + 50).await.remove(0);
    let dead = async |row: &Claimed| {
        in_tx!(g.store, |tx| { outbox::record_dead(tx, &g.clock, row, "no such channel", None).await })
            .unwrap()
    };
    assert!(dead(&row).await);
    assert!(!dead(&row).await, "dead once");
    assert_eq!((waiting(&g).await, claim(&g, now + 5_000).await), (0, Vec::new()));
    let letters = in_read!(g.store, |read| { outbox::list_dead(read, 10).await }).unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].id.as_str(), letters[0].reason.as_str(), letters[0].tries),
        (id.as_str(), "no such channel", 2)
    );
    let again = async || in_tx!(g.store, |tx| { outbox::retry_dead(tx, &g.clock, &id).await }).unwrap();
    assert!(again().await);
    assert!(!again().await, "it is dead no more");
    let row = claim(&g, g.clock.protocol_ms() + 1).await.remove(0);
    assert!(row.was_tried_before(), "what may have been sent stays known");
    sent(&g, &row, "m", None).await;
    assert!(!dead(&row).await, "what is sent is sent");
    assert_eq!(waiting(&g).await, 0);
}
