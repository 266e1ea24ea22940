use std::time::Duration;

use discord_local::{Options, Visible, permissions};
use serde_json::{Value, json};
use serenity::all::{
    ChannelId, CreateAllowedMentions, CreateAttachment, CreateEmbed, CreateMessage, CreateThread,
    EditMessage, GetMessages, GuildId, MessageId, ScheduledEventType, Timestamp, UserId,
};

use crate::harness::{Seen, World, ignore, world, world_with};
use crate::limits::ask;

async fn code(w: &World, method: &str, path: &str, body: Value) -> (u16, u64) {
    let (status, answer) = ask(w, method, path, &body).await;
    (status, answer["code"].as_u64().unwrap_or(0))
}

#[tokio::test]
async fn typed_clients_can_read_everything() {
    let w = world().await;
    let http = w.http();
    assert_eq!(http.get_current_user().await.expect("read").id.get(), w.bot.bot_user);
    let application = http.get_current_application_info().await.expect("read");
    assert_eq!((application.id.get(), application.verify_key), (w.bot.id, w.bot.public_key.clone()));
    assert_eq!(http.get_bot_gateway().await.expect("read").shards, 1);
    let guild = GuildId::new(w.guild);
    assert_eq!(guild.to_partial_guild(&http).await.expect("read").name, "Acme");
    assert_eq!(guild.channels(&http).await.expect("read").len(), 2);
    let roles = guild.roles(&http).await.expect("read");
    assert_eq!(roles[&w.vendors.into()].name, "Vendor");
    assert_eq!(guild.member(&http, w.vera.id()).await.expect("read").roles, [w.vendors]);
    assert_eq!(guild.search_members(&http, "VE", Some(5)).await.expect("read").len(), 1);
    assert_eq!(http.get_guilds(None, None).await.expect("read").len(), 1);
    assert!(guild.members(&http, Some(10), None).await.is_err(), "the member list is privileged");
    w.server.allow_privileged_intents(w.bot.id, 1 << 1);
    assert_eq!(guild.members(&http, Some(10), None).await.expect("read").len(), 3);
}

#[tokio::test]
async fn messages_are_written_changed_listed_and_removed() {
    let w = world().await;
    let http = w.http();
    let channel = ChannelId::new(w.general);
    let picture =
        CreateAttachment::bytes(b"\x89PNG\r\n\x1a\n....IHDR\0\0\0\x02\0\0\0\x03".to_vec(), "chart 1.png");
    let embed = CreateEmbed::new().title("Chart").attachment("chart_1.png");
    let sent = channel.send_files(&http, [picture], CreateMessage::new().embed(embed)).await.expect("sent");
    let file = &sent.attachments[0];
    assert_eq!((file.filename.as_str(), file.width, file.height), ("chart_1.png", Some(2), Some(3)));
    assert_eq!(sent.embeds[0].image.as_ref().map(|image| &image.url), Some(&file.url));

    let mut sent = sent;
    let edit = EditMessage::new().content("now with text").remove_all_attachments();
    sent.edit(&http, edit).await.expect("edited");
    assert_eq!((sent.content.as_str(), sent.attachments.len(), sent.embeds.len()), ("now with text", 0, 1));
    assert!(sent.edited_timestamp.is_some());

    let mut ids = vec![sent.id];
    for number in 0..5 {
        ids.push(channel.say(&http, format!("number {number}")).await.expect("sent").id);
    }
    let page = async |request: GetMessages| -> Vec<MessageId> {
        channel.messages(&http, request).await.expect("listed").iter().map(|message| message.id).collect()
    };
    let newest = |from: usize, to: usize| ids[from..to].iter().rev().copied().collect::<Vec<_>>();
    assert_eq!(page(GetMessages::new().limit(2)).await, newest(4, 6));
    assert_eq!(page(GetMessages::new().limit(2).before(ids[4])).await, newest(2, 4));
    assert_eq!(page(GetMessages::new().limit(2).after(ids[1])).await, newest(2, 4));
    assert_eq!(page(GetMessages::new().limit(3).around(ids[2])).await, newest(1, 4));

    channel.delete_message(&http, ids[5]).await.expect("deleted");
    let path = format!("/channels/{channel}/messages/{}", ids[5]);
    assert_eq!(code(&w, "GET", &path, Value::Null).await, (404, 10008));
    let others = w.vera.say(w.general, "mine", vec![]).await.expect("she may");
    let path = format!("/channels/{channel}/messages/{others}");
    assert_eq!(code(&w, "PATCH", &path, json!({ "content": "x" })).await, (403, 50005));
}

#[tokio::test]
async fn permissions_and_unknown_things_have_their_codes() {
    let w = world().await;
    let messages = |channel: u64| format!("/channels/{channel}/messages");
    let hello = || json!({ "content": "hello" });
    assert_eq!(code(&w, "POST", &messages(5), hello()).await, (404, 10003));
    assert_eq!(code(&w, "POST", "/channels/x/messages", hello()).await, (404, 10003));
    assert_eq!(code(&w, "GET", "/guilds/5", Value::Null).await, (404, 10004));
    assert_eq!(code(&w, "GET", "/nothing/here", Value::Null).await, (404, 0));
    assert_eq!(code(&w, "GET", "/applications/5/commands", Value::Null).await, (403, 20012));
    let made_up = "/interactions/5/token/callback";
    assert_eq!(code(&w, "POST", made_up, json!({ "type": 4, "data": hello() })).await, (404, 10062));
    assert_eq!(code(&w, "POST", &format!("/webhooks/{}/token", w.bot.id), hello()).await, (404, 10015));

    w.server.set_bot_access(w.vendor_only, w.bot.id, false);
    assert_eq!(code(&w, "POST", &messages(w.vendor_only), hello()).await, (403, 50001));
    w.server.set_bot_access(w.vendor_only, w.bot.id, true);
    assert_eq!(code(&w, "POST", &messages(w.vendor_only), hello()).await.0, 200);
    w.server.set_overwrite(w.general, w.bot.id, 0, permissions::SEND_MESSAGES);
    assert_eq!(code(&w, "POST", &messages(w.general), hello()).await, (403, 50013));
    w.server.uninstall(w.bot.id, w.guild);
    assert_eq!(code(&w, "GET", &format!("/guilds/{}", w.guild), Value::Null).await, (403, 50001));

    let anonymous =
        reqwest::get(format!("{}/api/v10/users/@me", w.server.api_url())).await.expect("an answer");
    assert_eq!(anonymous.status(), 401);
    let broken = reqwest::Client::new()
        .post(format!("{}/api/v10{}", w.server.api_url(), messages(w.general)))
        .header("Authorization", format!("Bot {}", w.bot.token))
        .body("{")
        .send()
        .await
        .expect("an answer");
    assert_eq!(broken.json::<Value>().await.expect("JSON")["code"], json!(50109));
}

#[tokio::test]
async fn roles_decide_who_sees_a_channel() {
    let w = world().await;
    assert!(w.vera.can_see(w.vendor_only) && !w.pat.can_see(w.vendor_only));
    w.server.set_roles(w.guild, w.pat.id(), &[w.vendors]);
    assert!(w.pat.can_see(w.vendor_only));
    assert_eq!(
        w.pat.channels().iter().map(|channel| channel.name.as_str()).collect::<Vec<_>>(),
        ["general", "vendor-only"]
    );
    w.server.set_overwrite(w.vendor_only, w.pat.id(), 0, permissions::VIEW_CHANNEL);
    assert!(!w.pat.can_see(w.vendor_only));
    w.server.set_owner(w.guild, w.pat.id());
    assert!(w.pat.can_see(w.vendor_only));
}

#[tokio::test]
async fn a_nonce_is_written_once_while_it_is_remembered() {
    let w = world_with(Options { nonce_window: Duration::from_millis(300), ..Options::default() }).await;
    let path = format!("/channels/{}/messages", w.general);
    let send = async |nonce: &str, enforce: bool| {
        let body = json!({ "content": "once", "nonce": nonce, "enforce_nonce": enforce });
        let (status, answer) = ask(&w, "POST", &path, &body).await;
        assert_eq!((status, &answer["nonce"]), (200, &json!(nonce)));
        answer["id"].as_str().expect("an id").to_owned()
    };
    let first = send("outbox-1", true).await;
    assert_eq!(send("outbox-1", true).await, first);
    assert_ne!(send("outbox-2", true).await, first);
    assert_ne!(send("outbox-1", false).await, first, "without enforce_nonce it is only a label");
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_ne!(send("outbox-2", true).await, first, "forgotten");
    assert_eq!(w.vera.messages(w.general).len(), 4);
}

#[tokio::test]
async fn allowed_mentions_decide_who_is_pinged() {
    let w = world().await;
    let http = w.http();
    let channel = ChannelId::new(w.general);
    let (vera, pat) = (UserId::new(w.vera.id()), UserId::new(w.pat.id()));
    let text = format!("<@{vera}> <@{pat}> <@&{}> @everyone `<@{pat}>`", w.vendors);
    let send = async |allowed: Option<CreateAllowedMentions>| {
        let mut message = CreateMessage::new().content(&text);
        if let Some(allowed) = allowed {
            message = message.allowed_mentions(allowed);
        }
        let id = channel.send_message(&http, message).await.expect("sent").id.get();
        w.vera.message(w.general, id).expect("visible").pings
    };
    let none = CreateAllowedMentions::new;
    assert_eq!(
        send(None).await,
        [vera.get(), pat.get()],
        "a bot without the permission doesn't ping everyone"
    );
    assert_eq!(send(Some(none())).await, [0; 0]);
    assert_eq!(send(Some(none().users([pat]))).await, [pat.get()]);
    assert_eq!(send(Some(none().roles([w.vendors]))).await, [vera.get()]);
    assert_eq!(send(Some(none().all_users(true))).await, [vera.get(), pat.get()]);
    assert_eq!(send(Some(none().everyone(true))).await, [0; 0]);
    w.server.set_role(w.guild, w.vendors, 0, false);
    assert_eq!(send(Some(none().all_roles(true))).await, [0; 0], "the role isn't for everybody to mention");
    assert_eq!(w.pat.mentions().len(), 3);

    // Nobody is pinged where they can't look, and never by an edit.
    let hidden = CreateMessage::new().content(&text);
    let mut sent = ChannelId::new(w.vendor_only).send_message(&http, hidden).await.expect("sent");
    assert_eq!(w.vera.message(w.vendor_only, sent.id.get()).expect("visible").pings, [vera.get()]);
    sent.edit(&http, EditMessage::new().content(format!("<@{vera}> again"))).await.expect("edited");
    assert_eq!(w.vera.mentions().iter().filter(|ping| ping.channel == w.vendor_only).count(), 1);
}

#[tokio::test]
async fn threads_are_started_once_a_message() {
    let w = world().await;
    let mut bot = w.connect(ignore).await;
    let http = w.http();
    let channel = ChannelId::new(w.general);
    let message = channel.say(&http, "a topic").await.expect("sent");
    let thread = channel
        .create_thread_from_message(&http, message.id, CreateThread::new("Talk"))
        .await
        .expect("started");
    assert_eq!((thread.id.get(), thread.name.as_str()), (message.id.get(), "Talk"));
    bot.wait(|event| *event == Seen::Thread("Talk".to_owned())).await;
    let again = format!("/channels/{channel}/messages/{}/threads", message.id);
    assert_eq!(code(&w, "POST", &again, json!({ "name": "Again" })).await, (400, 160_004));
    thread.id.say(&http, "inside").await.expect("sent");
    assert_eq!(w.pat.messages(thread.id.get()).len(), 1);
    assert_eq!(
        w.pat.message(w.general, message.id.get()).and_then(|message| message.thread_id),
        Some(thread.id.get())
    );
    let long = json!({ "name": "n".repeat(101), "type": 11 });
    assert_eq!(code(&w, "POST", &format!("/channels/{channel}/threads"), long).await, (400, 50035));
    let alone = json!({ "name": "n".repeat(100), "type": 11, "auto_archive_duration": 60 });
    assert_eq!(code(&w, "POST", &format!("/channels/{channel}/threads"), alone).await, (201, 0));
    let archive = json!({ "archived": true, "locked": true });
    assert_eq!(code(&w, "PATCH", &format!("/channels/{}", thread.id), archive).await, (200, 0));
    bot.stop().await;
}

#[tokio::test]
async fn pins_are_kept_by_both_routes() {
    let w = world().await;
    let http = w.http();
    let channel = ChannelId::new(w.general);
    let first = channel.say(&http, "one").await.expect("sent");
    let second = channel.say(&http, "two").await.expect("sent");
    first.pin(&http).await.expect("pinned");
    assert_eq!(
        code(&w, "PUT", &format!("/channels/{channel}/messages/pins/{}", second.id), Value::Null).await.0,
        204
    );
    assert_eq!(channel.pins(&http).await.expect("listed").len(), 2);
    first.unpin(&http).await.expect("unpinned");
    let (_, page) = ask(&w, "GET", &format!("/channels/{channel}/messages/pins"), &Value::Null).await;
    assert_eq!(
        (page["items"][0]["message"]["id"].as_str(), &page["has_more"]),
        (Some(second.id.to_string().as_str()), &json!(false))
    );
    assert!(w.pat.message(w.general, second.id.get()).is_some_and(|message| message.pinned));
}

#[tokio::test]
async fn direct_messages_reach_whom_they_may() {
    let w = world().await;
    let http = w.http();
    let direct = UserId::new(w.pat.id()).create_dm_channel(&http).await.expect("opened");
    let again = UserId::new(w.pat.id()).create_dm_channel(&http).await.expect("opened");
    assert_eq!(direct.id, again.id);
    direct.id.say(&http, "psst").await.expect("sent");
    assert_eq!(w.pat.messages(direct.id.get())[0].text(), "psst");
    assert_eq!(w.vera.messages(direct.id.get()), []);
    let path = format!("/channels/{}/messages", direct.id);
    w.server.set_direct_messages(w.pat.id(), false);
    assert_eq!(code(&w, "POST", &path, json!({ "content": "x" })).await, (403, 50007));
    w.server.set_direct_messages(w.pat.id(), true);
    w.server.remove_member(w.guild, w.pat.id());
    assert_eq!(code(&w, "POST", &path, json!({ "content": "x" })).await, (403, 50007));
}

#[tokio::test]
async fn scheduled_events_need_a_place_and_an_end_in_the_future() {
    let w = world().await;
    let http = w.http();
    let guild = GuildId::new(w.guild);
    let at = |year: i32| Timestamp::parse(&format!("{year}-01-01T10:00:00Z")).expect("an instant");
    let event = |start: Timestamp, end: Timestamp, name: usize, location: usize| {
        serenity::all::CreateScheduledEvent::new(ScheduledEventType::External, "n".repeat(name), start)
            .end_time(end)
            .location("l".repeat(location))
    };
    let made =
        guild.create_scheduled_event(&http, event(at(2100), at(2101), 100, 100)).await.expect("created");
    assert_eq!(guild.scheduled_events(&http, false).await.expect("listed").len(), 1);
    for (wrong, what) in [
        (event(at(2001), at(2101), 1, 1), "in the past"),
        (event(at(2101), at(2100), 1, 1), "ends before it starts"),
        (event(at(2100), at(2101), 101, 1), "a long name"),
        (event(at(2100), at(2101), 1, 101), "a long place"),
    ] {
        assert!(guild.create_scheduled_event(&http, wrong).await.is_err(), "{what}");
    }
    let edit = serenity::all::EditScheduledEvent::new().name("Renamed");
    assert_eq!(guild.edit_scheduled_event(&http, made.id, edit).await.expect("edited").name, "Renamed");
    guild.delete_scheduled_event(&http, made.id).await.expect("deleted");
    assert_eq!(w.server.scheduled_events(w.guild), Vec::<Value>::new());
}

#[tokio::test]
async fn scheduled_events_begin_and_end_by_the_clock() {
    const HOUR_MS: i64 = 3_600_000;
    let now = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(1_771_061_400_000));
    let clock = std::sync::Arc::clone(&now);
    let clock = std::sync::Arc::new(move || clock.load(std::sync::atomic::Ordering::SeqCst));
    let w = world_with(Options { clock, ..Options::default() }).await;
    let (http, guild) = (w.http(), GuildId::new(w.guild));
    let in_hours =
        |hours: i64| Timestamp::from_millis(1_771_061_400_000 + hours * HOUR_MS).expect("an instant");
    let event = serenity::all::CreateScheduledEvent::new(ScheduledEventType::External, "Fair", in_hours(1))
        .end_time(in_hours(3))
        .location("Hall 4");
    let made = guild.create_scheduled_event(&http, event).await.expect("created");
    let status = || w.pat.scheduled_events(w.guild).first().map(|event| event["status"].clone());
    assert_eq!(status(), Some(serde_json::json!(1)), "every member sees it");
    now.fetch_add(2 * HOUR_MS, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(status(), Some(serde_json::json!(2)), "it has begun by itself");
    let edit = serenity::all::EditScheduledEvent::new();
    let renamed = guild.edit_scheduled_event(&http, made.id, edit.clone().name("Renamed")).await;
    assert_eq!(renamed.expect("edited").start_time, in_hours(1), "it keeps its beginning");
    let earlier = guild.edit_scheduled_event(&http, made.id, edit.clone().start_time(in_hours(0))).await;
    assert!(earlier.is_err(), "nothing begins in the past");
    now.fetch_add(2 * HOUR_MS, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(status(), None, "what is over is not shown");
    let late = guild.edit_scheduled_event(&http, made.id, edit.name("Late")).await;
    assert!(late.expect_err("it is over").to_string().contains("finished"));
}

#[tokio::test]
async fn worlds_built_alike_have_the_same_ids() {
    let (a, b) = (world().await, world().await);
    assert_eq!((a.bot.id, &a.bot.token), (b.bot.id, &b.bot.token));
    assert_eq!((a.guild, a.general, a.vendors, a.vera.id()), (b.guild, b.general, b.vendors, b.vera.id()));
    let fixed = a.server.create_channel_with_id(4_711, a.guild, "named", Visible::Everyone);
    assert!(fixed == 4_711 && a.pat.can_see(4_711));
}

#[tokio::test]
async fn the_clock_is_the_one_given() {
    let options = Options { clock: std::sync::Arc::new(|| 1_771_061_400_000), ..Options::default() };
    let w = world_with(options).await;
    let sent = ChannelId::new(w.general).say(&w.http(), "hello").await.expect("sent");
    assert_eq!(sent.timestamp.unix_timestamp() * 1_000, 1_771_061_400_000);
    assert_eq!(sent.id.created_at().unix_timestamp() * 1_000, 1_771_061_400_000);
    let transcript = w.server.transcript(&[w.general]);
    assert_eq!(transcript, "## #general\n\n**Helper** · 2026-02-14 09:30\n\n> hello\n\n");
}

#[tokio::test]
async fn links_to_files_die_after_a_day() {
    let now = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(1_771_061_400_000));
    let clock = std::sync::Arc::clone(&now);
    let clock = std::sync::Arc::new(move || clock.load(std::sync::atomic::Ordering::SeqCst));
    let w = world_with(Options { clock, ..Options::default() }).await;
    let file = discord_local::Upload::new("plan.txt", "text/plain", b"plan".to_vec());
    let id = w.vera.say(w.general, "", vec![file]).await.expect("she may");
    let url = w.vera.message(w.general, id).expect("there").attachments[0].url.clone();
    let status = async |url: &str| reqwest::get(url).await.expect("an answer").status().as_u16();
    assert_eq!(status(&url).await, 200);
    now.fetch_add(24 * 60 * 60 * 1_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(status(&url).await, 404);
    let fresh = w.vera.message(w.general, id).expect("there").attachments[0].url.clone();
    assert_eq!(status(&fresh).await, 200);
}

#[tokio::test]
async fn controls_are_listed_and_used() {
    let w = world().await;
    let server = w.server.clone();
    let handler = std::sync::Arc::new(move || {
        let server = server.clone();
        let used: futures_util::future::BoxFuture<'static, String> = Box::pin(async move {
            server.set_notice("A day has passed");
            "done".to_owned()
        });
        used
    });
    w.server.add_control("day", "Next day", "Moves the clock a day on.", handler);
    assert_eq!(w.server.controls().len(), 1);
    assert_eq!(w.server.use_control("day").await, Some("done".to_owned()));
    assert_eq!(w.server.use_control("week").await, None);
    assert_eq!(w.server.notice(), "A day has passed");
    let names: Vec<String> = w.server.people().iter().map(discord_local::Person::name).collect();
    assert_eq!(names, ["vera", "pat"]);
    assert_eq!(w.vera.roles(w.guild), [(w.vendors, "Vendor".to_owned())]);
    assert_eq!(w.server.guilds(), [(w.guild, "Acme".to_owned())]);
}
