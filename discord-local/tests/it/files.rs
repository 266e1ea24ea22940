//! Files: sent by people and bots, given to commands, carried by message commands, and the links to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use discord_local::{Options, Refused, Upload, limits};
use serde_json::{Value, json};
use serenity::all::{
    Attachment, AutocompleteChoice, ChannelId, CommandData, CommandOptionType, CommandType, CreateAttachment,
    CreateAutocompleteResponse, CreateCommand, CreateCommandOption, CreateInteractionResponse as Respond,
    CreateInteractionResponseMessage as Reply, CreateMessage, Error, Interaction, ResolvedTarget,
    ResolvedValue,
};
use serenity::http::HttpError;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::harness::{Bot, World, world, world_with};

const GONE: (u16, &str) = (404, "This content is no longer available.");

fn file(name: &str, size: usize) -> Upload {
    Upload::new(name, "application/pdf", vec![7; size])
}

async fn fetched(url: &str) -> (u16, String) {
    let answer = reqwest::get(url).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// What a command brought, and how large a file may be.
type Brought = (CommandData, u32);

/// A bot with `/claim file: name: second:` and the message command *Use as proof*, that hands on what it got.
async fn claims(w: &World) -> (Bot, UnboundedReceiver<Brought>) {
    let option = |kind, name: &str| CreateCommandOption::new(kind, name, "An option");
    let commands = vec![
        CreateCommand::new("claim")
            .description("Attach proof")
            .add_option(option(CommandOptionType::Attachment, "file").required(true))
            .add_option(option(CommandOptionType::String, "name").set_autocomplete(true))
            .add_option(option(CommandOptionType::Attachment, "second")),
        CreateCommand::new("Use as proof").kind(CommandType::Message),
    ];
    let guild = serenity::all::GuildId::new(w.guild);
    guild.set_commands(w.http(), commands).await.expect("valid commands");
    let (sender, brought) = mpsc::unbounded_channel();
    let bot = w
        .connect(move |ctx, interaction| {
            let sender = sender.clone();
            async move {
                match interaction {
                    Interaction::Command(command) => {
                        let reply = Respond::Message(Reply::new().content("thanks").ephemeral(true));
                        command.create_response(&ctx.http, reply).await.expect("answered");
                        sender.send((command.data, command.attachment_size_limit)).expect("the test waits");
                    }
                    Interaction::Autocomplete(typing) => {
                        let typed = typing.data.autocomplete().expect("a focused option").value;
                        let names: Vec<&str> = typing.data.options.iter().map(|o| o.name.as_str()).collect();
                        let choice = AutocompleteChoice::new(names.join(" "), typed);
                        let choices = CreateAutocompleteResponse::new().set_choices(vec![choice]);
                        let answer = Respond::Autocomplete(choices);
                        typing.create_response(&ctx.http, answer).await.expect("answered");
                    }
                    _ => {}
                }
            }
        })
        .await;
    (bot, brought)
}

/// The files that a command's options hold, in order.
fn given(data: &CommandData) -> Vec<Attachment> {
    let files = data.options().into_iter().filter_map(|option| match option.value {
        ResolvedValue::Attachment(file) => Some(file.clone()),
        _ => None,
    });
    files.collect()
}

#[tokio::test]
async fn people_send_files_up_to_each_limit() {
    let w = world().await;
    w.server.set_file_limit(w.guild, 100);
    let many = |count: usize| (0..count).map(|n| file(&format!("{n}.pdf"), 1)).collect::<Vec<_>>();
    for count in [1, limits::FILES] {
        let id = w.vera.say(w.general, "", many(count)).await.expect("as many as a message holds");
        assert_eq!(w.pat.message(w.general, id).expect("there").attachments.len(), count);
    }
    assert!(w.vera.say(w.general, "", many(0)).await.is_err(), "neither text nor files");
    w.vera.say(w.general, "text alone", many(0)).await.expect("a message");
    let refused = w.vera.say(w.general, "", many(limits::FILES + 1)).await;
    assert_eq!(refused, Err(Refused("at most 10 files can be sent at once".to_owned())));
    for size in [0, 1, 100] {
        let id = w.vera.say(w.general, "", vec![file("a.pdf", size)]).await.expect("small enough");
        assert_eq!(w.pat.message(w.general, id).expect("there").attachments[0].size, size);
    }
    let before = w.pat.messages(w.general).len();
    let refused = w.vera.say(w.general, "", vec![file("a.pdf", 1), file("b.pdf", 101)]).await;
    assert_eq!(refused, Err(Refused("b.pdf is larger than 100 bytes.".to_owned())));
    assert_eq!(w.pat.messages(w.general).len(), before);
}

#[tokio::test]
async fn each_guild_has_its_own_limit() {
    let w = world().await;
    let (bot, mut brought) = claims(&w).await;
    let post = async |size: usize| {
        let file = CreateAttachment::bytes(vec![7; size], "a.bin");
        let sent = ChannelId::new(w.general).send_files(&w.http(), [file], CreateMessage::new()).await;
        sent.map(|message| message.attachments[0].size).map_err(|error| match error {
            Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
                (answer.status_code.as_u16(), answer.error.code)
            }
            other => panic!("not an answer of the API: {other}"),
        })
    };
    let run =
        async |size: usize| w.pat.run_with(w.general, "/claim file:a.pdf", &[file("a.pdf", size)]).await;
    let most = limits::FILE_BYTES;
    assert_eq!(run(most).await.map(|answer| answer.text()), Ok("thanks".to_owned()));
    let (data, limit) = brought.recv().await.expect("a command");
    assert_eq!((given(&data)[0].size as usize, limit as usize), (most, most));
    let refused = run(most + 1).await;
    assert_eq!(refused, Err(Refused("/claim: file: a.pdf is larger than 10 MiB.".to_owned())));

    w.server.set_file_limit(w.guild, 100);
    assert_eq!((post(100).await, post(101).await), (Ok(100), Err((413, 40005))));
    run(100).await.expect("small enough");
    assert_eq!(brought.recv().await.expect("a command").1, 100);
    assert!(run(101).await.is_err());
    w.server.set_file_limit(w.guild, most + 1);
    assert_eq!(post(most + 1).await, Ok(most as u32 + 1));
    run(most + 1).await.expect("small enough");
    assert_eq!(brought.recv().await.expect("a command").1 as usize, most + 1);
    bot.stop().await;
}

#[tokio::test]
async fn links_that_are_forged_or_old_lead_nowhere() {
    let now = Arc::new(AtomicI64::new(1_771_061_400_000));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    let w = world_with(Options { clock, ..Options::default() }).await;
    let sent = vec![Upload::new("plan.txt", "text/plain", b"plan".to_vec()), file("other.pdf", 3)];
    let id = w.vera.say(w.general, "", sent).await.expect("she may");
    let files = w.vera.message(w.general, id).expect("there").attachments;
    let (url, other) = (files[0].url.clone(), &files[1]);
    let part = |name: &str| {
        let query = url.split_once('?').expect("a query").1;
        let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        found.expect("there").to_owned()
    };
    let instant = |name: &str| i64::from_str_radix(&part(name), 16).expect("hexadecimal");
    assert_eq!(instant("is"), 1_771_061_400);
    assert_eq!(instant("ex"), 1_771_061_400 + 24 * 60 * 60);
    assert_eq!(fetched(&url).await, (200, "plan".to_owned()));
    let later = format!("{:x}", instant("ex") + 1);
    let forged = [
        url.replace(&format!("ex={}", part("ex")), &format!("ex={later}")),
        url.replace(&format!("is={}", part("is")), &format!("is={later}")),
        url.replace(&part("hm"), &part("hm").chars().rev().collect::<String>()),
        url.replace(&format!("&hm={}", part("hm")), ""),
        url.split_once('?').expect("a query").0.to_owned(),
        url.replace("plan.txt", "plan.exe"),
        url.replace(&files[0].id.to_string(), &other.id.to_string()).replace("plan.txt", "other.pdf"),
        url.replace(&w.general.to_string(), &w.vendor_only.to_string()),
    ];
    for link in forged {
        assert_ne!(link, url);
        let (status, text) = fetched(&link).await;
        assert_eq!((status, text.as_str()), GONE, "{link}");
    }
    now.fetch_add(24 * 60 * 60 * 1_000 - 1, Ordering::SeqCst);
    assert_eq!(fetched(&url).await.0, 200);
    now.fetch_add(1, Ordering::SeqCst);
    let (status, text) = fetched(&url).await;
    assert_eq!((status, text.as_str()), GONE);
    let fresh = w.vera.message(w.general, id).expect("there").attachments[0].url.clone();
    assert_eq!(fetched(&fresh).await.0, 200);
    w.vera.dismiss(w.general, id).expect("her own");
    let (status, text) = fetched(&fresh).await;
    assert_eq!((status, text.as_str()), GONE, "the file goes with its message");
}

#[tokio::test]
async fn attachment_options_bring_files() {
    let w = world().await;
    let (bot, mut brought) = claims(&w).await;
    let files = [Upload::new("../../my invoice.pdf", "application/pdf", b"%PDF-".to_vec()), file("b.pdf", 0)];
    let line = "/claim file:../../my invoice.pdf second:b.pdf";
    w.pat.run_with(w.general, line, &files).await.expect("valid");
    let (data, _) = brought.recv().await.expect("a command");
    let [invoice, empty] = &given(&data)[..] else { panic!("{data:?}") };
    assert_eq!(data.resolved.attachments.len(), 2);
    assert_eq!(
        (invoice.filename.as_str(), invoice.size, invoice.ephemeral),
        (".._.._my_invoice.pdf", 5, true)
    );
    assert_eq!(invoice.content_type.as_deref(), Some("application/pdf"));
    assert!(invoice.url.contains("/ephemeral-attachments/"), "{}", invoice.url);
    assert_eq!(invoice.url, invoice.proxy_url);
    assert_eq!(fetched(&invoice.url).await, (200, "%PDF-".to_owned()));
    assert_eq!((empty.filename.as_str(), empty.size), ("b.pdf", 0));
    assert_eq!(w.vera.messages(w.general), [], "an option's file is no message");
    let missing = w.pat.run(w.general, "/claim name:x").await;
    assert_eq!(missing, Err(Refused("/claim: file is required.".to_owned())));
    bot.stop().await;
}

#[tokio::test]
async fn suggestions_come_before_the_file_is_uploaded() {
    let w = world().await;
    let (bot, _brought) = claims(&w).await;
    let choices = w.pat.suggest(w.general, "/claim file:invoice.pdf name:in").await.expect("suggests");
    assert_eq!((choices[0].name.as_str(), choices[0].value.clone()), ("name", json!("in")));
    assert!(w.pat.suggest(w.general, "/claim file:inv").await.is_err(), "a file isn't suggested");
    bot.stop().await;
}

#[tokio::test]
async fn message_commands_carry_the_target_and_its_files() {
    let now = 1_771_061_400_000;
    let w = world_with(Options { clock: Arc::new(move || now), ..Options::default() }).await;
    let (bot, mut brought) = claims(&w).await;
    let photo = Upload::new("stand.jpg", "image/jpeg", b"jpeg".to_vec());
    let said = w.vera.say(w.general, "our stand", vec![photo, file("sheet.pdf", 9)]).await.expect("she may");
    w.pat.message_command(w.general, "Use as proof", said).await.expect("offered");
    let (data, _) = brought.recv().await.expect("a command");
    assert_eq!((data.kind, data.name.as_str()), (CommandType::Message, "Use as proof"));
    assert_eq!((data.options.len(), data.guild_id.map(|id| id.get())), (0, Some(w.guild)));
    assert_eq!(data.target_id.map(|id| id.get()), Some(said));
    let Some(ResolvedTarget::Message(message)) = data.target() else { panic!("{data:?}") };
    assert_eq!(message.content, "our stand", "the text comes without the privileged intent");
    assert_eq!((message.author.id.get(), message.channel_id.get()), (w.vera.id(), w.general));
    assert_eq!(message.timestamp.unix_timestamp() * 1_000, now);
    let names: Vec<(&str, bool)> =
        message.attachments.iter().map(|file| (file.filename.as_str(), file.ephemeral)).collect();
    assert_eq!(names, [("stand.jpg", false), ("sheet.pdf", false)]);
    assert_eq!(fetched(&message.attachments[0].url).await, (200, "jpeg".to_owned()));
    bot.stop().await;
}

#[tokio::test]
async fn message_commands_are_for_messages_that_others_see_too() {
    let w = world().await;
    let (bot, mut brought) = claims(&w).await;
    let hidden = w.vera.say(w.vendor_only, "ours", vec![]).await.expect("she may");
    assert!(w.pat.message_command(w.vendor_only, "Use as proof", hidden).await.is_err());
    assert!(w.pat.message_command(w.general, "Use as proof", hidden).await.is_err());
    let ran = w.pat.run_with(w.general, "/claim file:a.pdf", &[file("a.pdf", 1)]).await.expect("valid");
    brought.recv().await.expect("a command");
    let own = ran.message().expect("a message").id;
    let refused = w.pat.message_command(w.general, "Use as proof", own).await;
    assert_eq!(refused, Err(Refused("a message that only they see has no menu of apps".to_owned())));
    let said = w.vera.say(w.general, "ours", vec![]).await.expect("she may");
    assert!(w.pat.message_command(w.general, "claim", said).await.is_err(), "a slash command");
    assert!(w.pat.run(w.general, "/Use as proof").await.is_err(), "a message command isn't typed");
    bot.stop().await;
}

#[tokio::test]
async fn names_of_message_commands_are_free_within_their_length() {
    let w = world().await;
    let path = format!("/applications/{}/commands", w.bot.id);
    let made = async |name: &str| {
        let (status, body) = crate::limits::ask(&w, "POST", &path, &json!({ "type": 3, "name": name })).await;
        (status, if status < 300 { body["name"].clone() } else { body["code"].clone() })
    };
    let named = |name: &str| (201, json!(name));
    let long = "Ü ".repeat(15) + "Üü";
    assert_eq!(made("U").await, named("U"));
    assert_eq!(made(&long).await, named(&long));
    assert_eq!(made(" Use as proof ").await, named("Use as proof"));
    for name in ["", "   ", &format!("{long}u")] {
        assert_eq!(made(name).await, (400, json!(50035)), "{name:?}");
    }
    let several = |count: usize| -> Vec<Value> {
        (0..count).map(|n| json!({ "type": 3, "name": format!("Proof {n}") })).collect()
    };
    for (count, status) in [(0, 200), (1, 200), (15, 200), (16, 400)] {
        let (got, body) = crate::limits::ask(&w, "PUT", &path, &json!(several(count))).await;
        assert_eq!(got, status, "{count}: {body}");
    }
    let bare =
        json!({ "type": 3, "name": "Bare", "options": [{ "type": 3, "name": "o", "description": "d" }] });
    let (status, body) = crate::limits::ask(&w, "POST", &path, &bare).await;
    assert_eq!((status, body["code"].as_u64()), (400, Some(50035)), "{body}");
}
