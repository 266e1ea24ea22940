use std::time::Duration;

use discord_local::Options;
use serenity::all::CreateMessage;

use crate::harness::{Seen, ignore, world, world_with};

#[tokio::test]
async fn a_client_connects_and_is_told_of_guilds_and_messages() {
    let w = world().await;
    let mut bot = w.connect(ignore).await;
    let seen = bot.wait(|event| matches!(event, Seen::Guild { .. })).await;
    assert_eq!(seen.last(), Some(&Seen::Guild { channels: 2 }));

    w.vera.say(w.general, "hello", vec![]).await.expect("she may write there");
    let seen = bot.wait(|event| matches!(event, Seen::Message { .. })).await;
    // Content is a privileged intent, which this application doesn't hold.
    assert_eq!(seen.last(), Some(&Seen::Message { content: String::new(), author: "vera".to_owned() }));

    let mention = format!("hello <@{}>", w.bot.bot_user);
    w.vera.say(w.general, &mention, vec![]).await.expect("she may write there");
    let seen = bot.wait(|event| matches!(event, Seen::Message { .. })).await;
    assert_eq!(seen.last(), Some(&Seen::Message { content: mention, author: "vera".to_owned() }));

    let http = w.http();
    let mut own = serenity::all::ChannelId::new(w.general).say(&http, "mine").await.expect("sent");
    own.edit(&http, serenity::all::EditMessage::new().content("changed")).await.expect("edited");
    bot.wait(|event| *event == Seen::Edited).await;
    own.delete(&http).await.expect("deleted");
    bot.wait(|event| *event == Seen::Deleted(own.id.get())).await;
    bot.stop().await;
}

#[tokio::test]
async fn a_dropped_session_resumes_and_misses_nothing() {
    let w = world().await;
    let mut bot = w.connect(ignore).await;
    w.server.drop_gateways();
    let http = w.http();
    for number in 1..=3 {
        let message = CreateMessage::new().content(format!("number {number}"));
        serenity::all::ChannelId::new(w.general).send_message(&http, message).await.expect("sent");
    }
    // The client hands each event to a task of its own, so RESUMED may overtake what came before it.
    let mut seen = bot.wait(|event| *event == Seen::Resumed).await;
    while seen.iter().filter(|event| matches!(event, Seen::Message { .. })).count() < 3 {
        seen.extend(bot.wait(|event| matches!(event, Seen::Message { .. })).await);
    }
    let texts: Vec<&str> = seen
        .iter()
        .filter_map(
            |event| if let Seen::Message { content, .. } = event { Some(content.as_str()) } else { None },
        )
        .collect();
    assert_eq!(texts, ["number 1", "number 2", "number 3"]);
    assert!(!seen.contains(&Seen::Ready), "the session went on: {seen:?}");
    bot.stop().await;
}

#[tokio::test]
async fn a_client_told_to_reconnect_resumes() {
    let w = world().await;
    let mut bot = w.connect(ignore).await;
    w.server.request_reconnect();
    bot.wait(|event| *event == Seen::Resumed).await;
    bot.stop().await;
}

#[tokio::test]
async fn an_invalid_session_identifies_anew() {
    let w = world().await;
    let mut bot = w.connect(ignore).await;
    w.server.invalidate_sessions();
    bot.wait(|event| *event == Seen::Ready).await;
    bot.stop().await;
}

#[tokio::test]
async fn unanswered_heartbeats_make_the_client_come_back() {
    let options = Options { heartbeat_interval: Duration::from_millis(400), ..Options::default() };
    let w = world_with(options).await;
    let mut bot = w.connect(ignore).await;
    w.server.mute_heartbeats(true);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    w.server.mute_heartbeats(false);
    bot.wait(|event| matches!(event, Seen::Resumed | Seen::Ready)).await;
    bot.stop().await;
}

#[tokio::test]
async fn a_wrong_token_is_final() {
    let mut w = world().await;
    w.bot.token.push('x');
    let http = w.http();
    let error = http.get_current_user().await.expect_err("the token is wrong");
    assert!(error.to_string().contains("401"), "{error}");
}
