//! What people see in their channels when all goes well.

use super::bench::{Bench, both};
use super::place::{Place, approve, card, quick};
use discord_local::FaultKind;
use std::time::{Duration, Instant};
use tandem::delivery::Timing;
use tandem::text::card::{Card, File, Post};
use tokio::sync::watch;

both!(
    a_channel_is_told_things_in_order_and_nobody_is_pinged,
    a_card_is_posted_once_and_edited_in_place,
    quick_changes_of_a_card_become_one_message,
    a_decided_card_loses_its_buttons,
    a_deleted_card_comes_back,
    a_card_moves_with_its_channel,
    a_post_gets_its_thread,
    a_post_brings_its_files_and_shows_its_picture,
    a_huge_card_is_accepted,
    the_loop_delivers_at_once_and_ends_when_told,
    a_slow_channel_holds_up_no_other,
);

async fn a_channel_is_told_things_in_order_and_nobody_is_pinged(bench: Bench) {
    let place = Place::open(bench).await;
    let vera = format!("<@{}>", place.vera);
    for text in ["one", "two @everyone", &vera, "four"] {
        place.say(place.general, text).await;
    }
    place.say(place.approvals, "elsewhere").await;
    let delivery = place.delivery(quick());
    assert_eq!(delivery.deliver_once().await.unwrap(), 2, "one of each channel");
    place.drain(&delivery).await;
    assert_eq!(delivery.deliver_once().await.unwrap(), 0);
    assert_eq!(place.titles(place.general), ["one", "two @everyone", &vera, "four"]);
    assert_eq!(place.titles(place.approvals), ["elsewhere"]);
    assert!(place.messages(place.general).iter().all(|message| message.pings.is_empty()));

    let text = Post { text: format!("{vera} @everyone"), card: Some(card("Plan", vec![])), thread: None };
    place.post(place.general, &text, &[]).await;
    place.drain(&delivery).await;
    let message = place.messages(place.general).pop().unwrap();
    assert_eq!((message.content.as_str(), message.pings.len()), (text.text.as_str(), 0));
}

async fn a_card_is_posted_once_and_edited_in_place(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    let first = place.messages(place.approvals).remove(0);
    place.say(place.approvals, "something else").await;
    place.show(place.approvals, &card("Step 1 of 2", approve())).await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["Step 1 of 2", "something else"]);
    assert_eq!(place.messages(place.approvals)[0].id, first.id);
    assert_eq!((place.asked("POST", "/messages"), place.asked("PATCH", "/messages")), (2, 1));
}

async fn quick_changes_of_a_card_become_one_message(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    for n in 1..=5 {
        place.show(place.approvals, &card(&format!("State {n}"), approve())).await;
    }
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["State 5"]);
    assert_eq!(place.server.requests().len(), 1, "{:?}", place.server.requests());
    for n in 6..=9 {
        place.show(place.approvals, &card(&format!("State {n}"), approve())).await;
    }
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["State 9"]);
    assert_eq!(place.server.requests().len(), 2);
}

async fn a_decided_card_loses_its_buttons(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    assert_eq!(place.messages(place.approvals)[0].buttons().len(), 1);
    place.show(place.approvals, &card("Approved", vec![])).await;
    place.drain(&delivery).await;
    assert_eq!(place.messages(place.approvals)[0].buttons(), []);
    assert_eq!(place.titles(place.approvals), ["Approved"]);
}

async fn a_deleted_card_comes_back(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    let first = place.messages(place.approvals)[0].id;
    place.http.delete_message(place.approvals.into(), first.into(), None).await.unwrap();
    assert_eq!(place.messages(place.approvals), []);
    place.show(place.approvals, &card("Approved", vec![])).await;
    place.drain(&delivery).await;
    place.show(place.approvals, &card("Paid", vec![])).await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["Paid"]);
    assert_ne!(place.messages(place.approvals)[0].id, first);
    assert_eq!(place.dead().await, []);
}

async fn a_card_moves_with_its_channel(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    place.show(place.approvals, &card("Never seen", vec![])).await;
    place.show(place.general, &card("Approved", vec![])).await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.general), ["Approved"]);
    assert_eq!(place.titles(place.approvals), ["Submitted"], "what is left behind isn't touched");
}

async fn a_post_gets_its_thread(bench: Bench) {
    let place = Place::open(bench).await;
    let post = Post { text: "Checkpoint".into(), card: None, thread: Some("Q1 checkpoint".into()) };
    place.post(place.general, &post, &[]).await;
    place.drain(&place.delivery(quick())).await;
    let message = place.messages(place.general).remove(0);
    let channels = place.server.person(place.vera).channels();
    let thread = channels.iter().find(|channel| Some(channel.id) == message.thread_id).unwrap();
    assert_eq!((thread.name.as_str(), thread.parent), ("Q1 checkpoint", Some(place.general)));
}

async fn a_post_brings_its_files_and_shows_its_picture(bench: Bench) {
    let place = Place::open(bench).await;
    let png = [0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0];
    let file = |name: &str, content_type: &str, bytes: &[u8]| File {
        name: name.into(),
        content_type: content_type.into(),
        bytes: bytes.to_vec(),
    };
    let files = [file("Q1 chart.png", "image/png", &png), file("variance.csv", "text/csv", b"a,b\n1,2\n")];
    let report = Card { image: Some("Q1 chart.png".into()), ..card("Variance", vec![]) };
    let post = Post { text: "Report".into(), card: Some(report), thread: None };
    place.post(place.general, &post, &files).await;
    place.drain(&place.delivery(quick())).await;
    let message = place.messages(place.general).remove(0);
    let attached: Vec<_> =
        message.attachments.iter().map(|file| (file.filename.as_str(), file.bytes.to_vec())).collect();
    assert_eq!(attached, [("Q1_chart.png", png.to_vec()), ("variance.csv", b"a,b\n1,2\n".to_vec())]);
    let picture = message.embeds[0]["image"]["url"].as_str().unwrap();
    assert!(picture.contains("Q1_chart.png"), "{picture}");
    assert_eq!(message.content, "Report");
}

async fn a_huge_card_is_accepted(bench: Bench) {
    let place = Place::open(bench).await;
    let long = "ö".repeat(7_000);
    let mut huge = Card { body: long.clone(), footer: long.clone(), ..card(&long, approve()) };
    for _ in 0..30 {
        huge = huge.with(&long, &long).with("", "  ");
    }
    huge.buttons = vec![approve().remove(0); 7];
    let post = Post { text: long.clone(), card: Some(huge.clone()), thread: Some(long) };
    let id = place.post(place.general, &post, &[]).await;
    place.show(place.approvals, &huge).await;
    place.show(place.approvals, &huge).await;
    place.drain(&place.delivery(quick())).await;
    assert_eq!(place.dead().await, []);
    let message = place.messages(place.general).remove(0);
    assert!(message.embeds[0]["footer"]["text"].as_str().unwrap().ends_with(&id));
    assert!(message.thread_id.is_some());
    assert_eq!(message.nonce, Some(id));
}

async fn the_loop_delivers_at_once_and_ends_when_told(bench: Bench) {
    let place = Place::open(bench).await;
    // Only the waker can make the loop look within the test's patience.
    let delivery = place.delivery(Timing { poll_ms: 60_000, ..quick() });
    let waker = delivery.waker();
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(delivery.run(stopped));
    let mut changes = place.server.changes();
    for n in 0..20 {
        place.say(place.general, &format!("General {n}")).await;
        place.say(place.approvals, &format!("Approvals {n}")).await;
        waker.notify_one();
    }
    let all_there = async {
        while place.messages(place.general).len() + place.messages(place.approvals).len() < 40 {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_there).await.unwrap();
    let expected: Vec<_> = (0..20).map(|n| format!("General {n}")).collect();
    assert_eq!(place.titles(place.general), expected);

    place.fails("POST", "/messages", FaultKind::Delay(Duration::from_millis(300)));
    place.say(place.general, "the last word").await;
    let asked = place.server.requests().len();
    waker.notify_one();
    let noticed = Instant::now();
    while place.unclaimed().await > 0 {
        assert!(noticed.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
    assert_eq!(place.server.requests().len(), asked + 1);
    assert_eq!(place.titles(place.general).last().unwrap(), "the last word", "what is under way is finished");
    assert_eq!(place.waiting().await, 0);
}

async fn a_slow_channel_holds_up_no_other(bench: Bench) {
    let place = Place::open(bench).await;
    let slow = format!("channels/{}/messages", place.general);
    place.fails("POST", &slow, FaultKind::Delay(Duration::from_secs(30)));
    place.say(place.general, "slow").await;
    for n in 0..5 {
        place.say(place.approvals, &format!("quick {n}")).await;
    }
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(place.delivery(quick()).run(stopped));
    let started = Instant::now();
    while place.messages(place.approvals).len() < 5 {
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", place.server.requests());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(place.titles(place.general), Vec::<String>::new());
    running.abort();
    drop(stop);
}
