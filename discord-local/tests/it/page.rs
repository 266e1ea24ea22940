//! The page's JSON, as its script uses it, over plain HTTP.

use std::time::Duration;

use discord_local::{Options, Visible};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use serenity::all::{
    AutocompleteChoice, ButtonStyle, Command, CommandOptionType, CommandType, Context, CreateActionRow,
    CreateAttachment, CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption,
    CreateEmbed, CreateInputText, CreateInteractionResponse as Respond,
    CreateInteractionResponseMessage as Reply, CreateModal, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, InputTextStyle, Interaction,
};

use crate::harness::{World, ignore, world, world_with};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

async fn register(w: &World) {
    let text = |name: &str| CreateCommandOption::new(CommandOptionType::String, name, "A text");
    let place = CreateCommandOption::new(CommandOptionType::SubCommand, "place", "Order")
        .add_sub_option(text("drink").required(true).set_autocomplete(true))
        .add_sub_option(text("size").add_string_choice("Large", "l").add_string_choice("Small", "s"))
        .add_sub_option(
            CreateCommandOption::new(CommandOptionType::Integer, "count", "How many").max_int_value(9),
        )
        .add_sub_option(CreateCommandOption::new(CommandOptionType::Attachment, "receipt", "A file"));
    let place = place.add_sub_option(text("note"));
    let commands = vec![
        CreateCommand::new("order").description("Orders").add_option(place),
        CreateCommand::new("form").description("A form"),
        CreateCommand::new("card").description("A card with a picture, a file and a menu"),
        CreateCommand::new("whisper").description("For one person"),
        CreateCommand::new("silent").description("No answer"),
        CreateCommand::new("Echo").kind(CommandType::Message),
    ];
    Command::set_global_commands(w.http(), commands).await.expect("valid commands");
}

async fn answer(ctx: Context, interaction: Interaction) {
    let done = match interaction {
        Interaction::Command(command) if command.data.name == "silent" => {
            drop(command);
            return;
        }
        Interaction::Command(command) => {
            let reply = match command.data.name.as_str() {
                "form" => {
                    let input = CreateInputText::new(InputTextStyle::Short, "Reason", "why")
                        .min_length(3)
                        .max_length(10);
                    let rows = vec![CreateActionRow::InputText(input)];
                    Respond::Modal(CreateModal::new("reason", "Why?").components(rows))
                }
                "whisper" => Respond::Message(Reply::new().content("psst").ephemeral(true)),
                "card" => Respond::Message(card()),
                "Echo" => {
                    let message = command.data.resolved.messages.values().next().expect("the message");
                    Respond::Message(Reply::new().content(format!("> {}", message.content)))
                }
                _ => {
                    let options = serde_json::to_value(&command.data.options).expect("JSON");
                    let go = CreateButton::new("ready").label("Ready").style(ButtonStyle::Success);
                    let row = CreateActionRow::Buttons(vec![go]);
                    Respond::Message(Reply::new().content(plain(&options)).components(vec![row]))
                }
            };
            command.create_response(&ctx.http, reply).await
        }
        Interaction::Component(press) => {
            let text = format!("{} by {}", press.data.custom_id, press.user.name);
            let reply = Reply::new().content(text).components(vec![]);
            press.create_response(&ctx.http, Respond::UpdateMessage(reply)).await
        }
        Interaction::Modal(form) => {
            let reply = Reply::new().content("filled in");
            form.create_response(&ctx.http, Respond::Message(reply)).await
        }
        Interaction::Autocomplete(typing) => {
            let typed = typing.data.autocomplete().expect("a focused option");
            let choice = AutocompleteChoice::new(format!("{}: {} (iced)", typed.name, typed.value), "iced-1");
            let choices = CreateAutocompleteResponse::new().set_choices(vec![choice]);
            typing.create_response(&ctx.http, Respond::Autocomplete(choices)).await
        }
        _ => Ok(()),
    };
    done.expect("answered");
}

fn card() -> Reply {
    let options = ["One", "Two"].map(|name| CreateSelectMenuOption::new(name, name.to_lowercase())).to_vec();
    let menu = CreateSelectMenu::new("pick", CreateSelectMenuKind::String { options });
    Reply::new()
        .embed(
            CreateEmbed::new()
                .title("Card")
                .image("attachment://chart.png")
                .thumbnail("https://example.com/a.png"),
        )
        .add_file(CreateAttachment::bytes(PICTURE, "chart.png"))
        .add_file(CreateAttachment::bytes(b"<script>alert(1)</script>".as_slice(), "page.html"))
        .components(vec![CreateActionRow::SelectMenu(menu)])
}

/// `name=value` of a command's options, subcommands left out.
fn plain(options: &Value) -> String {
    let mut parts = Vec::new();
    for option in options.as_array().into_iter().flatten() {
        match option.get("options").filter(|inner| inner.is_array()) {
            Some(inner) => parts.push(plain(inner)),
            None => {
                let value = &option["value"];
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                parts.push(format!("{}={text}", option["name"].as_str().unwrap_or_default()));
            }
        }
    }
    parts.join(" ")
}

/// The page of a browser: who it is, and what it asks.
struct Page<'a> {
    w: &'a World,
    client: Client,
}

impl<'a> Page<'a> {
    fn of(w: &'a World) -> Self {
        Self { w, client: Client::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.w.server.api_url())
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(self.url(path)).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.expect("JSON")
    }

    async fn try_post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(self.url(path)).header("x-discord-local", "test").json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_post(path, &body).await;
        assert_eq!(status, 200, "{path} {body} gave {answer}");
        answer
    }

    /// What is refused, as `status sentence`.
    async fn refused(&self, path: &str, body: Value) -> String {
        let (status, answer) = self.try_post(path, &body).await;
        format!("{status} {}", answer["error"].as_str().unwrap_or("no error"))
    }

    async fn messages(&self, person: u64, channel: u64) -> Vec<Value> {
        let all = self.get(&format!("/local/messages?person={person}&channel={channel}")).await;
        all["messages"].as_array().expect("messages").clone()
    }

    /// A body with `person` and `channel` of vera in general.
    fn vera(&self, more: Value) -> Value {
        let mut body =
            json!({ "person": self.w.vera.id().to_string(), "channel": self.w.general.to_string() });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    }
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| item[field].as_str().unwrap_or("?").to_owned()).collect()
}

#[tokio::test]
async fn the_page_and_its_files_are_served_with_a_strict_policy() {
    let w = world().await;
    let page = Page::of(&w);
    let html = page.client.get(w.server.page_url()).send().await.expect("an answer");
    let policy = html.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let html = html.text().await.expect("text");
    let files: Vec<&str> = html.split('"').filter(|part| part.starts_with("/local/page/")).collect();
    assert!(files.contains(&"/local/page/app.js"), "{files:?}");
    for file in files {
        let answer = page.client.get(page.url(file)).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{file}");
    }
    let missing = page.client.get(page.url("/local/page/..%2fmod.rs")).send().await.expect("an answer");
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_sites_are_kept_out() {
    let w = world().await;
    let page = Page::of(&w);
    let state = page.url("/local/state");
    let status = async |name: &str, value: &str| {
        let answer = page.client.get(&state).header(name, value).send().await.expect("an answer");
        let body = answer.text().await.expect("text");
        body.contains("error")
    };
    assert!(!status("accept", "application/json").await);
    assert!(status("host", "attacker.example").await, "DNS rebinding");
    assert!(status("origin", "http://attacker.example").await);
    assert!(status("sec-fetch-site", "cross-site").await);
    let say = page.vera(json!({ "text": "hello" }));
    let bare = page.client.post(page.url("/local/say")).json(&say).send().await.expect("an answer");
    assert_eq!(bare.status(), StatusCode::FORBIDDEN, "a POST without the header");
    let form = page.client.post(page.url("/local/say")).header("x-discord-local", "1").body(say.to_string());
    let form = form.header("content-type", "text/plain").send().await.expect("an answer");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "a form's media type");
    assert!(w.vera.messages(w.general).is_empty(), "nothing was said");
    // The API of bots is another door.
    let bot = page
        .client
        .get(page.url("/api/v10/gateway"))
        .header("host", "discord.com")
        .send()
        .await
        .expect("an answer");
    assert_eq!(bot.status(), StatusCode::OK);
}

#[tokio::test]
async fn everybody_sees_their_own_channels_and_roles() {
    let w = world().await;
    let page = Page::of(&w);
    let nobody = page.get("/local/state").await;
    assert_eq!((nobody["person"].is_null(), nobody["channels"].as_array().map(Vec::len)), (true, Some(0)));
    let names = texts(&nobody["guilds"][0]["members"], "name");
    assert_eq!(names, ["Helper", "vera", "pat"]);
    let vera = page.get(&format!("/local/state?person={}", w.vera.id())).await;
    let pat = page.get(&format!("/local/state?person={}", w.pat.id())).await;
    assert_eq!(texts(&vera["channels"], "name"), ["general", "vendor-only"]);
    assert_eq!(texts(&pat["channels"], "name"), ["general"]);
    assert_eq!(
        (vera["channels"][0]["private"].clone(), vera["channels"][1]["private"].clone()),
        (json!(false), json!(true))
    );
    let guild = &vera["guilds"][0];
    let vendor = guild["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .find(|role| role["name"] == "Vendor")
        .expect("Vendor");
    let member = &guild["members"][1];
    assert_eq!(member["roles"], json!([w.vendors.to_string()]));
    assert_eq!(member["color"], vendor["color"]);
    assert!(vendor["color"].as_str().is_some_and(|colour| colour.starts_with('#')));
    for wrong in [w.bot.id.to_string(), "7".to_owned(), "x".to_owned()] {
        let answer = page
            .client
            .get(page.url(&format!("/local/state?person={wrong}")))
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_client_error(), "{wrong}");
    }
    let hidden = page.url(&format!("/local/messages?person={}&channel={}", w.pat.id(), w.vendor_only));
    let hidden = page.client.get(hidden).send().await.expect("an answer");
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_command_is_filled_in_suggested_run_and_its_button_pressed() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    let offered = page.get(&format!("/local/commands?person={}&channel={}", w.vera.id(), w.general)).await;
    assert_eq!(offered["commands"][0]["name"], "order");
    assert_eq!(offered["commands"][0]["application"], "Helper");

    let typing =
        json!({ "command": "order place", "options": { "size": "l", "drink": "lat" }, "focused": "drink" });
    let suggested = page.post("/local/suggest", page.vera(typing)).await;
    assert_eq!(suggested["choices"], json!([{ "name": "drink: lat (iced)", "value": "iced-1" }]));
    let typed = page.post("/local/suggest", page.vera(json!({ "line": "/order place drink:mo" }))).await;
    assert_eq!(texts(&typed["choices"], "name"), ["drink: mo (iced)"]);

    // A line would end the note at " size:", because that option isn't used otherwise.
    let filled = json!({ "command": "order place", "options": { "drink": "iced-1", "note": "as usual size: any", "count": 2 } });
    let ran = page.post("/local/run", page.vera(filled)).await;
    assert_eq!(ran["answer"], "message");
    let line = page.vera(json!({ "line": "/order place drink:tea size:Small" }));
    assert_eq!(page.post("/local/run", line).await["answer"], "message");
    let seen = page.messages(w.pat.id(), w.general).await;
    assert_eq!(seen[0]["content"], "count=2 drink=iced-1 note=as usual size: any");
    assert_eq!(seen[1]["content"], "drink=tea size=s");
    assert_eq!(seen[0]["used"], json!({ "user": "vera", "command": "order place" }));
    assert_eq!(seen[0]["author"]["bot"], true);

    let press = json!({ "person": w.pat.id().to_string(), "channel": w.general.to_string(), "message": ran["message"], "custom_id": "ready" });
    assert_eq!(page.post("/local/press", press.clone()).await["answer"], "updated");
    let seen = page.messages(w.vera.id(), w.general).await;
    assert_eq!(
        (seen[0]["content"].clone(), seen[0]["components"].clone()),
        (json!("ready by pat"), json!([]))
    );
    assert!(seen[0]["edited"].is_number());
    assert_eq!(page.refused("/local/press", press).await, "422 The message has no button ready.");
    bot.stop().await;
}

#[tokio::test]
async fn what_a_client_refuses_is_a_sentence() {
    let w = world().await;
    register(&w).await;
    let page = Page::of(&w);
    let run = async |more: Value| page.refused("/local/run", page.vera(more)).await;
    assert_eq!(run(json!({ "line": "/nothing" })).await, "422 There is no command /nothing.");
    assert_eq!(run(json!({ "command": "order place" })).await, "422 /order place: drink is required.");
    let unknown = json!({ "command": "order place", "options": { "drink": "x", "milk": "oat" } });
    assert_eq!(run(unknown).await, "422 /order place has no option milk.");
    let large = json!({ "command": "order place", "options": { "drink": "x", "count": 10 } });
    assert_eq!(run(large).await, "422 /order place: count: must be at most 9.");
    assert_eq!(run(json!({ "command": "order" })).await, "422 /order needs one of: place.");
    assert_eq!(run(json!({ "command": "order place now" })).await, "422 /order place has no now.");
    assert_eq!(run(json!({})).await, "400 Give either line, or command with options.");
    assert!(run(json!({ "command": "form", "options": { "a": [] } })).await.starts_with("400 a is neither"));
    assert!(run(json!({ "lyne": "/form" })).await.starts_with("422 Failed to deserialize"));
    let size = json!({ "command": "order place", "options": { "size": "l" }, "focused": "size" });
    let size = page.refused("/local/suggest", page.vera(size)).await;
    assert_eq!(size, "422 The last option doesn't suggest anything.");
    let stranger =
        json!({ "person": w.bot.id.to_string(), "channel": w.general.to_string(), "text": "I am a bot" });
    assert_eq!(page.refused("/local/say", stranger).await, "404 There is no such person.");
    let hidden =
        json!({ "person": w.pat.id().to_string(), "channel": w.vendor_only.to_string(), "text": "hello" });
    assert_eq!(page.refused("/local/say", hidden).await, "422 They may not write this here.");
    assert_eq!(
        page.refused("/local/say", page.vera(json!({ "text": " \n" }))).await,
        "422 There is nothing to send."
    );
    let long = page.refused("/local/say", page.vera(json!({ "text": "x".repeat(2_001) }))).await;
    assert_eq!(long, "422 A message has at most 2000 characters; this has 2001.");
    assert!(page.messages(w.vera.id(), w.general).await.is_empty());
}

#[tokio::test]
async fn ephemeral_answers_are_for_one_person_who_may_dismiss_them() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    let ran = page.post("/local/run", page.vera(json!({ "command": "whisper" }))).await;
    assert_eq!(ran["ephemeral"], true);
    let own = page.messages(w.vera.id(), w.general).await;
    assert_eq!(
        (own.len(), own[0]["ephemeral"].clone(), own[0]["dismissible"].clone()),
        (1, json!(true), json!(true))
    );
    assert!(page.messages(w.pat.id(), w.general).await.is_empty());
    let pat = json!({ "person": w.pat.id().to_string(), "channel": w.general.to_string(), "message": ran["message"] });
    assert_eq!(page.refused("/local/dismiss", pat).await, "422 The message isn't there.");
    page.post("/local/dismiss", page.vera(json!({ "message": ran["message"] }))).await;
    assert!(page.messages(w.vera.id(), w.general).await.is_empty());
    bot.stop().await;
}

#[tokio::test]
async fn a_form_is_opened_refused_and_submitted() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    let opened = page.post("/local/run", page.vera(json!({ "line": "/form" }))).await;
    assert_eq!((opened["answer"].clone(), opened["form"]["title"].clone()), (json!("form"), json!("Why?")));
    let input = &opened["form"]["inputs"][0];
    assert_eq!(
        (input["label"].clone(), input["min_length"].clone(), input["max_length"].clone()),
        (json!("Reason"), json!(3), json!(10))
    );
    let form = |person: u64, why: &str| json!({ "person": person.to_string(), "form": opened["form"]["interaction"], "values": { "why": why } });
    let vera = w.vera.id();
    assert_eq!(page.refused("/local/submit", form(vera, "")).await, "422 Reason is required.");
    assert_eq!(page.refused("/local/submit", form(vera, "no")).await, "422 Reason takes 3 to 10 characters.");
    assert_eq!(
        page.refused("/local/submit", form(w.pat.id(), "because")).await,
        "422 The form isn't this person's."
    );
    let none = json!({ "person": vera.to_string(), "form": "1", "values": {} });
    assert_eq!(page.refused("/local/submit", none).await, "404 There is no such form.");
    assert_eq!(page.post("/local/submit", form(vera, "because")).await["text"], "filled in");
    bot.stop().await;
}

#[tokio::test]
async fn pictures_are_shown_and_other_files_downloaded() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    page.post("/local/run", page.vera(json!({ "command": "card" }))).await;
    let card = page.messages(w.vera.id(), w.general).await.remove(0);
    let picture = card["embeds"][0]["image"]["url"].as_str().expect("a link").to_owned();
    assert!(picture.starts_with("/local/file/"), "{picture}");
    assert_eq!(card["embeds"][0]["thumbnail"]["foreign"], true);
    assert_eq!(texts(&card["attachments"], "name"), ["page.html"], "the picture is in the embed already");
    assert_eq!(card["attachments"][0]["picture"], false);
    let answer = page.client.get(page.url(&picture)).send().await.expect("an answer");
    assert_eq!(
        (&answer.headers()["content-type"], answer.status()),
        (&"image/png".parse().expect("text"), StatusCode::OK)
    );
    assert_eq!(answer.bytes().await.expect("bytes"), PICTURE);
    let file = card["attachments"][0]["url"].as_str().expect("a link");
    let answer = page.client.get(page.url(file)).send().await.expect("an answer");
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), "attachment; filename=\"page.html\"");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");

    let choose =
        |values: Value| page.vera(json!({ "message": card["id"], "custom_id": "pick", "values": values }));
    assert_eq!(
        page.refused("/local/select", choose(json!(["three"]))).await,
        "422 The menu doesn't offer that."
    );
    assert_eq!(page.post("/local/select", choose(json!(["two"]))).await["text"], "pick by vera\nCard");
    bot.stop().await;
}

#[tokio::test]
async fn people_write_attach_and_use_message_commands() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    let file = json!({ "name": "a b.csv", "type": "text/csv", "data": "YSxiCjEsMgo=" });
    let said = page.post("/local/say", page.vera(json!({ "text": "**look** <@1>", "files": [file] }))).await;
    let seen = page.messages(w.pat.id(), w.general).await.remove(0);
    assert_eq!(
        (seen["content"].clone(), seen["dismissible"].clone()),
        (json!("**look** <@1>"), json!(false))
    );
    assert_eq!(seen["attachments"][0]["size"], 8);
    let broken = json!({ "text": "x", "files": [{ "name": "x", "data": "%" }] });
    assert_eq!(page.refused("/local/say", page.vera(broken)).await, "400 x isn't Base64.");
    let echo = page.vera(json!({ "message": said["message"], "name": "Echo" }));
    assert_eq!(page.post("/local/message-command", echo).await["text"], "> **look** <@1>");
    let receipt = json!({ "name": "r.txt", "data": "eA==" });
    let order = json!({ "command": "order place", "options": { "drink": "tea", "receipt": "r.txt" }, "files": [receipt] });
    let ran = page.post("/local/run", page.vera(order)).await;
    let attached = ran["text"].as_str().expect("text").to_owned();
    assert!(attached.contains("receipt=1"), "{attached}");
    bot.stop().await;
}

#[tokio::test]
async fn no_answer_is_told_as_a_client_tells_it() {
    let w = world_with(Options { answer_deadline: Duration::from_millis(200), ..Options::default() }).await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let page = Page::of(&w);
    let silent = page.post("/local/run", page.vera(json!({ "line": "/silent" }))).await;
    assert_eq!(silent, json!({ "answer": "no_answer", "text": "The application did not respond" }));
    bot.stop().await;
    let w = world().await;
    register(&w).await;
    let page = Page::of(&w);
    let typing = page.vera(json!({ "command": "order place", "focused": "drink" }));
    assert_eq!(page.refused("/local/suggest", typing).await, "422 Loading options failed.");
}

#[tokio::test]
async fn controls_and_the_notice_are_shown_and_used() {
    let w = world().await;
    let page = Page::of(&w);
    w.server.set_notice("It is Monday");
    let handle = w.server.clone();
    let handler = std::sync::Arc::new(move || -> futures_util::future::BoxFuture<'static, String> {
        handle.set_notice("It is Tuesday");
        Box::pin(async { "A day later".to_owned() })
    });
    w.server.add_control("day", "Next day", "Moves the clock by a day.", handler);
    let state = page.get("/local/state").await;
    assert_eq!(state["notice"], "It is Monday");
    assert_eq!(
        state["controls"],
        json!([{ "id": "day", "label": "Next day", "help": "Moves the clock by a day." }])
    );
    assert_eq!(page.post("/local/control", json!({ "id": "day" })).await["text"], "A day later");
    assert_eq!(page.get("/local/state").await["notice"], "It is Tuesday");
    assert_eq!(
        page.refused("/local/control", json!({ "id": "week" })).await,
        "404 There is no such control."
    );
}

#[tokio::test]
async fn a_change_is_an_event_and_the_end_of_the_server_ends_them() {
    let w = world().await;
    let page = Page::of(&w);
    let mut events = page.client.get(page.url("/local/events")).send().await.expect("an answer");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut next = async || {
        tokio::time::timeout(Duration::from_secs(5), events.chunk()).await.expect("in time").ok().flatten()
    };
    let first = next().await.expect("the first event");
    w.vera.say(w.general, "hello", Vec::new()).await.expect("said");
    let second = next().await.expect("the second event");
    assert_ne!(first, second);
    w.server.create_channel(w.guild, "later", Visible::Everyone);
    assert!(next().await.is_some());
    w.server.stop().await;
    assert!(next().await.is_none(), "the stream ends");
}

#[tokio::test]
async fn earlier_messages_are_counted_and_given_when_asked_for() {
    let w = world().await;
    let page = Page::of(&w);
    for number in 1..=5 {
        w.pat.say(w.general, &format!("message {number}"), Vec::new()).await.expect("said");
    }
    let path = format!("/local/messages?person={}&channel={}", w.vera.id(), w.general);
    let some = page.get(&format!("{path}&limit=2")).await;
    assert_eq!(
        (texts(&some["messages"], "content"), some["earlier"].clone()),
        (vec!["message 4".to_owned(), "message 5".to_owned()], json!(3))
    );
    assert_eq!(page.get(&path).await["earlier"], 0);
}

#[tokio::test]
async fn a_server_on_all_addresses_has_no_page() {
    let w = world_with(Options { listen: ([0, 0, 0, 0], 0).into(), ..Options::default() }).await;
    let url = format!("http://127.0.0.1:{}/", w.server.address().port());
    let answer = Client::new().get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let bot = w.connect(ignore).await;
    bot.stop().await;
}
