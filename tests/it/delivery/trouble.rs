//! What people see when things go wrong: the same, once.

use super::bench::{Bench, both};
use super::place::{Place, approve, card, forgetful, long_after, quick};
use discord_local::FaultKind;
use serenity::all::ChannelId;
use std::time::Duration;
use tandem::delivery::backoff::Schedule;
use tandem::delivery::{Timing, render};
use tandem::store::outbox;
use tandem::text::card::Post;
use tandem::{args, in_tx};

both!(
    every_passing_trouble_ends_in_one_message,
    a_lost_answer_is_no_second_message_even_long_after,
    a_process_killed_after_sending_finds_its_message_far_up,
    somebody_elses_copy_is_not_taken_for_ours,
    a_card_whose_answer_was_lost_shows_the_newest_text,
    a_lost_answer_to_an_edit_is_edited_again,
    a_thread_whose_answer_was_lost_is_there_once,
    a_thread_that_failed_is_made_later_without_a_second_message,
    a_try_without_end_is_ended,
    what_cannot_heal_is_a_dead_letter_and_holds_up_nobody,
    a_dead_letter_goes_out_once_when_retried,
    a_given_up_card_is_found_by_the_next_one,
    a_row_that_cannot_be_read_is_a_dead_letter,
    a_wrong_token_kills_no_message,
    tries_end_when_nothing_helps,
);

async fn every_passing_trouble_ends_in_one_message(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    let troubles = [
        FaultKind::RateLimited { retry_after: 0.05, global: false },
        FaultKind::RateLimited { retry_after: 0.05, global: true },
        FaultKind::Status(500),
        FaultKind::Status(502),
        FaultKind::Status(503),
        FaultKind::DropBefore,
        FaultKind::DropAfter,
    ];
    let mut expected = Vec::new();
    for trouble in troubles {
        let before = place.asked("POST", "/messages");
        let text = format!("{trouble:?}");
        place.fails("POST", "/messages", trouble);
        place.say(place.general, &text).await;
        let behind = format!("behind {text}");
        place.say(place.general, &behind).await;
        place.drain(&delivery).await;
        assert_eq!(place.asked("POST", "/messages") - before, 3, "{text} was met");
        expected.extend([text, behind]);
    }
    assert_eq!(place.titles(place.general), expected);
    assert_eq!(place.dead().await, []);
    assert_eq!(place.asked("GET", "/messages"), 0, "the nonce was enough");
}

async fn a_lost_answer_is_no_second_message_even_long_after(bench: Bench) {
    let place = Place::open_with(bench, forgetful()).await;
    let delivery = place.delivery(long_after());
    place.fails("POST", "/messages", FaultKind::DropAfter);
    place.say(place.general, "once").await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.general), ["once"]);
    assert_eq!((place.asked("POST", "/messages"), place.asked("GET", "/messages")), (1, 1));

    place.fails("POST", "/messages", FaultKind::DropBefore);
    place.say(place.general, "twice tried").await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.general), ["once", "twice tried"], "looked for, not found, and sent");
    assert_eq!((place.asked("POST", "/messages"), place.asked("GET", "/messages")), (3, 2));
}

async fn a_process_killed_after_sending_finds_its_message_far_up(bench: Bench) {
    let place = Place::open_with(bench, forgetful()).await;
    let post = Post { text: "once".into(), card: None, thread: Some("talk".into()) };
    place.post(place.general, &post, &[]).await;
    // The process that claimed and sent it is gone: nothing was written down, and its lease ends.
    let now = place.bench.clock.protocol_ms() + 1;
    let business = place.bench.clock.now();
    let row =
        in_tx!(place.bench.store, |tx| { outbox::claim(tx, now, business, 1, 8).await }).unwrap().remove(0);
    let message = render::draw(&post, &[], Some(&row.id)).message(&row.id);
    ChannelId::new(place.general).send_message(&place.http, message).await.unwrap();
    for n in 0..250 {
        place.server.person(place.vera).say(place.general, &format!("chat {n}"), Vec::new()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    place.drain(&place.delivery(long_after())).await;
    let messages = place.messages(place.general);
    assert_eq!(messages.len(), 251);
    assert!(messages[0].thread_id.is_some(), "and its thread is made");
    assert_eq!((place.asked("POST", "/messages"), place.asked("GET", "/messages")), (2, 3));
}

async fn somebody_elses_copy_is_not_taken_for_ours(bench: Bench) {
    let place = Place::open_with(bench, forgetful()).await;
    // With this intent (MESSAGE_CONTENT) a bot is shown what others wrote; without it, only its own.
    place.server.allow_privileged_intents(place.bot.id, 1 << 15);
    let other = place.server.create_application("Copycat");
    place.server.install(other.id, place.guild);
    let copycat = tandem::delivery::connect::http(&super::place::settings(&place.server, &other)).unwrap();
    let post = Post { text: "copied".into(), ..Post::default() };
    let id = place.post(place.general, &post, &[]).await;
    let message = render::draw(&post, &[], Some(&id)).message(&id);
    ChannelId::new(place.general).send_message(&copycat, message).await.unwrap();
    place.fails("POST", "/messages", FaultKind::DropBefore);
    place.drain(&place.delivery(long_after())).await;
    let authors: Vec<_> =
        place.messages(place.general).into_iter().map(|message| message.author_id).collect();
    assert_eq!(authors, [other.bot_user, place.bot.bot_user]);
}

async fn a_card_whose_answer_was_lost_shows_the_newest_text(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.fails("POST", "/messages", FaultKind::DropAfter);
    assert_eq!(delivery.deliver_once().await.unwrap(), 1);
    assert_eq!(place.titles(place.approvals), ["Submitted"]);
    place.show(place.approvals, &card("Approved", vec![])).await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["Approved"], "the nonce gave back the older text");
    assert_eq!(place.messages(place.approvals)[0].buttons(), []);
    assert_eq!(place.asked("PATCH", "/messages"), 1);
}

async fn a_lost_answer_to_an_edit_is_edited_again(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    for trouble in [FaultKind::DropAfter, FaultKind::DropBefore, FaultKind::Status(500)] {
        let title = format!("After {trouble:?}");
        place.fails("PATCH", "/messages", trouble);
        place.show(place.approvals, &card(&title, approve())).await;
        place.drain(&delivery).await;
        assert_eq!(place.titles(place.approvals), [title]);
    }
    assert_eq!((place.asked("POST", "/messages"), place.asked("PATCH", "/messages")), (1, 6));
}

async fn a_thread_whose_answer_was_lost_is_there_once(bench: Bench) {
    let place = Place::open(bench).await;
    place.fails("POST", "/threads", FaultKind::DropAfter);
    let post = Post { text: "Checkpoint".into(), card: None, thread: Some("talk".into()) };
    place.post(place.general, &post, &[]).await;
    place.drain(&place.delivery(quick())).await;
    assert_eq!(place.dead().await, []);
    assert_eq!(place.asked("POST", "/threads"), 2, "the second one was told that it is there");
    let parents = place.server.person(place.vera).channels();
    assert_eq!(parents.iter().filter(|channel| channel.parent == Some(place.general)).count(), 1);
}

async fn a_thread_that_failed_is_made_later_without_a_second_message(bench: Bench) {
    // Neither nonce nor search could help: that the message is there was written down.
    let place = Place::open_with(bench, forgetful()).await;
    place.fails("POST", "/threads", FaultKind::Status(500));
    let post = Post { text: "Checkpoint".into(), card: None, thread: Some("talk".into()) };
    place.post(place.general, &post, &[]).await;
    place.drain(&place.delivery(quick())).await;
    let messages = place.messages(place.general);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].thread_id.is_some());
    assert_eq!(place.asked("POST", &format!("channels/{}/messages", place.general)), 3);
}

async fn a_try_without_end_is_ended(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(Timing { try_ms: 150, ..quick() });
    place.fails("POST", "/messages", FaultKind::Delay(Duration::from_millis(600)));
    place.say(place.general, "once").await;
    place.drain(&delivery).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(place.titles(place.general), ["once"], "also after the slow one has ended");
}

async fn what_cannot_heal_is_a_dead_letter_and_holds_up_nobody(bench: Bench) {
    let place = Place::open(bench).await;
    let delivery = place.delivery(quick());
    let hidden = place.server.create_channel(place.guild, "hidden", discord_local::Visible::Everyone);
    place.server.set_bot_access(hidden, place.bot.id, false);
    let no_channel = place.say(4_242, "nowhere").await;
    let no_access = place.say(hidden, "hidden").await;
    let no_number = {
        let post = Post { text: "odd".into(), ..Post::default() };
        in_tx!(place.bench.store, |tx| { outbox::post(tx, &place.bench.clock, "odd", &post, &[]).await })
    };
    let refused = place.say(place.general, "refused").await;
    place.fails("POST", &place.general.to_string(), FaultKind::Status(400));
    place.say(place.general, "behind").await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.general), ["behind"]);
    let mut dead = place.dead().await;
    dead.sort_by(|a, b| a.id.cmp(&b.id));
    let ids: Vec<_> = dead.iter().map(|letter| letter.id.clone()).collect();
    assert_eq!(ids, [no_channel, no_access, no_number.unwrap(), refused]);
    let reasons: Vec<_> = dead.iter().map(|letter| (letter.reason.as_str(), letter.tries)).collect();
    assert_eq!(
        reasons,
        [
            ("HTTP 404, code 10003: Unknown Channel", 1),
            ("HTTP 403, code 50001: Missing Access", 1),
            ("\"odd\" is not the id of a channel", 1),
            ("HTTP 400, code 0: Bad Request", 1),
        ]
    );
}

async fn a_dead_letter_goes_out_once_when_retried(bench: Bench) {
    let place = Place::open_with(bench, forgetful()).await;
    let delivery = place.delivery(long_after());
    place.server.set_bot_access(place.general, place.bot.id, false);
    let id = place.say(place.general, "late").await;
    place.drain(&delivery).await;
    assert_eq!(place.dead().await.len(), 1);
    place.server.set_bot_access(place.general, place.bot.id, true);
    let again =
        in_tx!(place.bench.store, |tx| { outbox::retry_dead(tx, &place.bench.clock, &id).await }).unwrap();
    assert!(again);
    place.fails("POST", "/messages", FaultKind::DropAfter);
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.general), ["late"]);
    assert_eq!(place.dead().await, []);
}

async fn a_given_up_card_is_found_by_the_next_one(bench: Bench) {
    let place = Place::open(bench).await;
    let schedule = Schedule { most_tries: 1, ..quick().schedule };
    let delivery = place.delivery(Timing { schedule, ..quick() });
    place.fails("POST", "/messages", FaultKind::DropAfter);
    place.show(place.approvals, &card("Submitted", approve())).await;
    place.drain(&delivery).await;
    assert_eq!(place.dead().await.len(), 1, "nobody knows that the card is there");
    place.show(place.approvals, &card("Approved", vec![])).await;
    place.drain(&delivery).await;
    assert_eq!(place.titles(place.approvals), ["Approved"]);
    assert_eq!(place.asked("POST", "/messages"), 1);
}

async fn a_row_that_cannot_be_read_is_a_dead_letter(bench: Bench) {
    let place = Place::open(bench).await;
    let id = place.say(place.general, "soon unreadable").await;
    place.say(place.general, "behind").await;
    in_tx!(place.bench.store, |tx| {
        tx.exec_one("a row", "UPDATE outbox SET body = 'not JSON' WHERE id = $1", args![&id]).await
    })
    .unwrap();
    place.drain(&place.delivery(quick())).await;
    assert_eq!(place.titles(place.general), ["behind"]);
    let dead = place.dead().await;
    assert_eq!((dead.len(), dead[0].id.as_str()), (1, id.as_str()));
    assert!(dead[0].reason.starts_with("stored data can't be read"), "{}", dead[0].reason);
}

async fn a_wrong_token_kills_no_message(bench: Bench) {
    let place = Place::open(bench).await;
    place.say(place.general, "patient").await;
    place.fails("POST", "/messages", FaultKind::Status(401));
    place.drain(&place.delivery(quick())).await;
    assert_eq!(place.titles(place.general), ["patient"]);
    assert_eq!(place.asked("POST", "/messages"), 2);
}

async fn tries_end_when_nothing_helps(bench: Bench) {
    let place = Place::open(bench).await;
    let schedule = Schedule { most_tries: 3, ..quick().schedule };
    place.server.fail_next(discord_local::Fault {
        method: "POST".into(),
        path_contains: format!("channels/{}/messages", place.general),
        kind: FaultKind::Status(500),
        times: 100,
    });
    place.say(place.general, "doomed").await;
    place.say(place.approvals, "fine").await;
    place.drain(&place.delivery(Timing { schedule, ..quick() })).await;
    let dead = place.dead().await;
    assert_eq!((dead.len(), dead[0].tries), (1, 3));
    assert!(dead[0].reason.starts_with("HTTP 500"), "{}", dead[0].reason);
    assert_eq!(place.titles(place.approvals), ["fine"]);
}
