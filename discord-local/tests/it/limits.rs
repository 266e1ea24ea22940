//! Every limit, at its maximum and one beyond it, in the words in which the API complains.

use serde_json::{Value, json};

use crate::harness::{World, command, world};

/// `(status, body)` of a JSON request by the bot.
pub async fn ask(w: &World, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v10{path}", w.server.api_url());
    let method = method.parse().expect("a method");
    let request =
        reqwest::Client::new().request(method, url).header("Authorization", format!("Bot {}", w.bot.token));
    let answer = request.json(body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn text(length: usize) -> String {
    // Three bytes each: characters are counted, not bytes.
    "€".repeat(length)
}

/// The first complaint in an error tree, as `path: CODE`.
fn complaint(body: &Value) -> String {
    fn find(node: &Value, path: &str) -> Option<String> {
        let map = node.as_object()?;
        if let Some(code) = map.get("_errors").and_then(|errors| errors[0]["code"].as_str()) {
            return Some(format!("{path}: {code}"));
        }
        map.iter().find_map(|(key, inner)| {
            find(inner, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") })
        })
    }
    find(&body["errors"], "").unwrap_or_else(|| format!("code {}", body["code"]))
}

fn embed(field: &str, length: usize) -> Value {
    match field {
        "footer" => json!({ "embeds": [{ "footer": { "text": text(length) } }] }),
        "author" => json!({ "embeds": [{ "author": { "name": text(length) } }] }),
        "name" => json!({ "embeds": [{ "fields": [{ "name": text(length), "value": "v" }] }] }),
        "value" => json!({ "embeds": [{ "fields": [{ "name": "n", "value": text(length) }] }] }),
        field => json!({ "embeds": [{ field: text(length) }] }),
    }
}

fn buttons(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "type": 2, "style": 1, "label": "x", "custom_id": format!("b{n}") })).collect()
}

fn row(parts: Vec<Value>) -> Value {
    json!({ "components": [{ "type": 1, "components": parts }] })
}

fn select(options: usize, label: usize, placeholder: usize) -> Value {
    let options: Vec<Value> =
        (0..options).map(|n| json!({ "label": text(label), "value": format!("v{n}") })).collect();
    row(vec![json!({ "type": 3, "custom_id": "s", "placeholder": text(placeholder), "options": options })])
}

fn fields(count: usize) -> Value {
    json!({ "embeds": [{ "fields": (0..count).map(|n| json!({ "name": n.to_string(), "value": "v" })).collect::<Vec<_>>() }] })
}

fn total(length: usize) -> Value {
    json!({ "embeds": [{ "description": text(3_000) }, { "description": text(length - 3_000) }] })
}

fn rows(count: usize) -> Value {
    let rows: Vec<Value> = (0..count)
        .map(|n| json!({ "type": 1, "components": [{ "type": 2, "style": 1, "label": "x", "custom_id": format!("b{n}") }] }))
        .collect();
    json!({ "components": rows })
}

fn custom_id(length: usize) -> Value {
    row(vec![json!({ "type": 2, "style": 2, "label": "x", "custom_id": text(length) })])
}

fn label(length: usize) -> Value {
    row(vec![json!({ "type": 2, "style": 2, "label": text(length), "custom_id": "x" })])
}

fn mentions(count: u64) -> Value {
    json!({ "content": "x", "allowed_mentions": { "users": (0..count).map(|n| n.to_string()).collect::<Vec<_>>() } })
}

#[tokio::test]
async fn messages_are_taken_up_to_each_limit() {
    let w = world().await;
    let path = format!("/channels/{}/messages", w.general);
    let many = |count: usize| json!({ "embeds": vec![json!({ "title": "t" }); count] });
    let cases = [
        (
            json!({ "content": text(2_000) }),
            json!({ "content": text(2_001) }),
            "content: BASE_TYPE_MAX_LENGTH",
        ),
        (many(10), many(11), "embeds: BASE_TYPE_MAX_LENGTH"),
        (total(6_000), total(6_001), "embeds: MAX_EMBED_SIZE_EXCEEDED"),
        (embed("title", 256), embed("title", 257), "embeds.0.title: BASE_TYPE_MAX_LENGTH"),
        (
            embed("description", 4_096),
            embed("description", 4_097),
            "embeds.0.description: BASE_TYPE_MAX_LENGTH",
        ),
        (fields(25), fields(26), "embeds.0.fields: BASE_TYPE_MAX_LENGTH"),
        (embed("name", 256), embed("name", 257), "embeds.0.fields.0.name: BASE_TYPE_MAX_LENGTH"),
        (embed("value", 1_024), embed("value", 1_025), "embeds.0.fields.0.value: BASE_TYPE_MAX_LENGTH"),
        (embed("footer", 2_048), embed("footer", 2_049), "embeds.0.footer.text: BASE_TYPE_MAX_LENGTH"),
        (embed("author", 256), embed("author", 257), "embeds.0.author.name: BASE_TYPE_MAX_LENGTH"),
        (rows(5), rows(6), "components: BASE_TYPE_BAD_LENGTH"),
        (row(buttons(5)), row(buttons(6)), "components.0.components: BASE_TYPE_BAD_LENGTH"),
        (custom_id(100), custom_id(101), "components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH"),
        (custom_id(1), custom_id(0), "components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH"),
        (label(80), label(81), "components.0.components.0.label: BASE_TYPE_MAX_LENGTH"),
        (select(25, 1, 1), select(26, 1, 1), "components.0.components.0.options: BASE_TYPE_BAD_LENGTH"),
        (
            select(1, 100, 1),
            select(1, 101, 1),
            "components.0.components.0.options.0.label: BASE_TYPE_BAD_LENGTH",
        ),
        (select(1, 1, 150), select(1, 1, 151), "components.0.components.0.placeholder: BASE_TYPE_MAX_LENGTH"),
        (mentions(100), mentions(101), "allowed_mentions.users: BASE_TYPE_MAX_LENGTH"),
        (
            json!({ "content": "x", "nonce": "n".repeat(25) }),
            json!({ "content": "x", "nonce": "n".repeat(26) }),
            "nonce: BASE_TYPE_MAX_LENGTH",
        ),
    ];
    for (most, more, complained) in cases {
        let (status, body) = ask(&w, "POST", &path, &most).await;
        assert_eq!(status, 200, "at the limit before {complained}: {body}");
        let (status, body) = ask(&w, "POST", &path, &more).await;
        assert_eq!(
            (status, body["code"].as_u64(), complaint(&body).as_str()),
            (400, Some(50035), complained),
            "{body}"
        );
    }
}

#[tokio::test]
async fn messages_that_make_no_sense_are_refused() {
    let w = world().await;
    let path = format!("/channels/{}/messages", w.general);
    let twice = vec![json!({ "type": 2, "style": 1, "label": "x", "custom_id": "same" }); 2];
    let one = |part: Value| row(vec![part]);
    let at = "components.0.components.0";
    let cases = [
        (json!({}), "code 50006".to_owned()),
        (json!({ "content": "  \n" }), "code 50006".to_owned()),
        (json!({ "content": 5 }), "content: STRING_TYPE_CONVERT".to_owned()),
        (json!({ "embeds": [{}] }), "embeds.0.description: BASE_TYPE_REQUIRED".to_owned()),
        (
            json!({ "embeds": [{ "title": "t", "url": "ftp://x" }] }),
            "embeds.0.url: URL_TYPE_INVALID_SCHEME".to_owned(),
        ),
        (
            json!({ "embeds": [{ "title": "t", "color": 0x100_0000 }] }),
            "embeds.0.color: NUMBER_TYPE_MAX".to_owned(),
        ),
        (
            json!({ "embeds": [{ "title": "t", "timestamp": "soon" }] }),
            "embeds.0.timestamp: DATE_TIME_TYPE_PARSE".to_owned(),
        ),
        (
            json!({ "embeds": [{ "fields": [{ "name": "", "value": "v" }] }] }),
            "embeds.0.fields.0.name: BASE_TYPE_REQUIRED".to_owned(),
        ),
        (row(twice), "components.0.components.1.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED".to_owned()),
        (one(json!({ "type": 2, "style": 1, "label": "x" })), format!("{at}.custom_id: BASE_TYPE_REQUIRED")),
        (
            one(json!({ "type": 2, "style": 5, "label": "x" })),
            format!("{at}.url: BUTTON_COMPONENT_URL_REQUIRED"),
        ),
        (
            one(json!({ "type": 2, "style": 5, "label": "x", "url": "https://x.y", "custom_id": "x" })),
            format!("{at}.custom_id: BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
        ),
        (
            one(json!({ "type": 2, "style": 1, "custom_id": "x" })),
            format!("{at}: BUTTON_COMPONENT_INVALID_CONTENT"),
        ),
        (
            one(json!({ "type": 4, "style": 1, "label": "x", "custom_id": "x" })),
            format!("{at}.type: BASE_TYPE_CHOICES"),
        ),
        (json!({ "components": [{ "type": 2 }] }), "components.0.type: UNION_TYPE_CHOICES".to_owned()),
        (
            json!({ "content": "x", "allowed_mentions": { "parse": ["users"], "users": ["1"] } }),
            "allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE".to_owned(),
        ),
        (
            json!({ "content": "x", "allowed_mentions": { "parse": ["all"] } }),
            "allowed_mentions.parse.0: BASE_TYPE_CHOICES".to_owned(),
        ),
        (
            json!({ "content": "x", "message_reference": { "message_id": "5" } }),
            "message_reference: REPLIES_UNKNOWN_MESSAGE".to_owned(),
        ),
    ];
    for (body, complained) in cases {
        let (status, answer) = ask(&w, "POST", &path, &body).await;
        assert_eq!((status, complaint(&answer)), (400, complained), "{body} → {answer}");
    }
    assert_eq!(w.vera.messages(w.general), []);
}

#[tokio::test]
async fn files_are_taken_up_to_each_limit() {
    let w = world().await;
    let url = format!("{}/api/v10/channels/{}/messages", w.server.api_url(), w.general);
    let send = async |count: usize, size: usize| {
        let mut form = reqwest::multipart::Form::new().text("payload_json", "{}");
        for number in 0..count {
            let part = reqwest::multipart::Part::bytes(vec![7; size]).file_name(format!("f{number}.bin"));
            form = form.part(format!("files[{number}]"), part);
        }
        let request =
            reqwest::Client::new().post(&url).header("Authorization", format!("Bot {}", w.bot.token));
        let answer = request.multipart(form).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default()["code"].as_u64())
    };
    assert_eq!(send(10, 1).await, (200, None));
    assert_eq!(send(11, 1).await, (400, Some(50035)));
    let most = discord_local::limits::FILE_BYTES;
    assert_eq!(send(1, most).await, (200, None));
    assert_eq!(send(1, most + 1).await, (413, Some(40005)));
    assert_eq!(send(3, most).await, (413, Some(40005)));
}

fn slash(name: &str) -> Value {
    json!({ "name": name, "description": "d" })
}

fn options(count: usize) -> Value {
    let options: Vec<Value> =
        (0..count).map(|n| json!({ "type": 3, "name": format!("o{n}"), "description": "d" })).collect();
    json!({ "name": "c", "description": "d", "options": options })
}

fn choices(count: usize, name: usize) -> Value {
    let choices: Vec<Value> =
        (0..count).map(|n| json!({ "name": format!("{n:0>name$}"), "value": n.to_string() })).collect();
    json!({ "name": "c", "description": "d", "options": [{ "type": 3, "name": "o", "description": "d", "choices": choices }] })
}

/// A command of exactly this size: 9 characters, and choices with values.
fn sized(size: usize) -> Value {
    let mut left = size - 4;
    let mut options = Vec::new();
    for o in 0..2 {
        left -= 3;
        let mut choices = Vec::new();
        for c in 0..25 {
            let take = left.min(200);
            if take < 6 {
                break;
            }
            let name = format!("{c:0>width$}", width = take.min(100));
            let value = "v".repeat(take - name.len());
            left -= take;
            choices.push(json!({ "name": name, "value": value }));
        }
        options.push(json!({ "type": 3, "name": format!("o{o}"), "description": "d", "choices": choices }));
    }
    assert_eq!(left, 0);
    json!({ "name": "abc", "description": "d", "options": options })
}

#[tokio::test]
async fn commands_are_taken_up_to_each_limit() {
    let w = world().await;
    let path = format!("/applications/{}/commands", w.bot.id);
    let described = |length: usize| json!({ "name": "c", "description": text(length) });
    let cases = [
        (slash(&"n".repeat(32)), slash(&"n".repeat(33)), "name: BASE_TYPE_BAD_LENGTH"),
        (described(100), described(101), "description: BASE_TYPE_BAD_LENGTH"),
        (described(1), described(0), "description: BASE_TYPE_REQUIRED"),
        (options(25), options(26), "options: BASE_TYPE_MAX_LENGTH"),
        (choices(25, 3), choices(26, 3), "options.0.choices: BASE_TYPE_MAX_LENGTH"),
        (choices(1, 100), choices(1, 101), "options.0.choices.0.name: BASE_TYPE_BAD_LENGTH"),
        (sized(8_000), sized(8_001), ": APPLICATION_COMMAND_TOO_LARGE"),
        (slash("größe-1"), slash("Größe"), "name: APPLICATION_COMMAND_INVALID_NAME"),
        (slash("a_b"), slash("a b"), "name: APPLICATION_COMMAND_INVALID_NAME"),
        (
            json!({ "name": "Use as Proof", "type": 3 }),
            json!({ "name": "Use as Proof", "type": 3, "description": "d" }),
            "description: APPLICATION_COMMAND_INVALID_DESCRIPTION",
        ),
    ];
    for (most, more, complained) in cases {
        let (status, body) = ask(&w, "POST", &path, &most).await;
        assert!(matches!(status, 200 | 201), "at the limit before {complained}: {body}");
        let (status, body) = ask(&w, "POST", &path, &more).await;
        assert_eq!((status, complaint(&body).as_str()), (400, complained), "{body}");
    }
}

#[tokio::test]
async fn option_trees_that_make_no_sense_are_refused() {
    let w = world().await;
    let path = format!("/applications/{}/commands", w.bot.id);
    let option = |kind: u64, name: &str, extra: Value| {
        let mut option = json!({ "type": kind, "name": name, "description": "d" });
        for (key, value) in extra.as_object().expect("an object") {
            option[key] = value.clone();
        }
        option
    };
    let plain = |kind: u64, name: &str| option(kind, name, json!({}));
    let required = option(3, "b", json!({ "required": true }));
    let nested_group = option(2, "g", json!({ "options": [plain(2, "h")] }));
    let cases = [
        (vec![plain(3, "a"), required], "options.1.required: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        (vec![plain(3, "a"), plain(3, "a")], "options.1.name: APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED"),
        (vec![plain(1, "a"), plain(3, "b")], "options: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        (vec![nested_group], "options.0.options.0.type: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        (
            vec![option(3, "a", json!({ "autocomplete": true, "choices": [{ "name": "x", "value": "x" }] }))],
            "options.0.autocomplete: APPLICATION_COMMAND_AUTOCOMPLETE_AND_CHOICES_EXCLUSIVE",
        ),
        (
            vec![option(4, "a", json!({ "choices": [{ "name": "x", "value": "x" }] }))],
            "options.0.choices.0.value: BASE_TYPE_REQUIRED",
        ),
        (vec![plain(12, "a")], "options.0.type: NUMBER_TYPE_MAX"),
    ];
    for (options, complained) in cases {
        let (status, body) =
            ask(&w, "POST", &path, &json!({ "name": "c", "description": "d", "options": options })).await;
        assert_eq!((status, complaint(&body).as_str()), (400, complained), "{body}");
    }
    let hundred: Vec<Value> = (0..100).map(|n| slash(&format!("c{n}"))).collect();
    assert_eq!(ask(&w, "PUT", &path, &json!(hundred)).await.0, 200);
    let (status, body) = ask(&w, "POST", &path, &slash("one-more")).await;
    assert_eq!((status, body["code"].as_u64()), (400, Some(30032)), "{body}");
    let more: Vec<Value> = (0..101).map(|n| slash(&format!("c{n}"))).collect();
    assert_eq!(ask(&w, "PUT", &path, &json!(more)).await.0, 400);
    let twice = json!([slash("same"), slash("same")]);
    let (_, body) = ask(&w, "PUT", &path, &twice).await;
    assert_eq!(complaint(&body), "1.name: APPLICATION_COMMANDS_DUPLICATE_NAME");
}

/// The answer of the API to a callback of this body, for a command that waits.
async fn call_back(w: &World, body: &Value) -> (u16, Value) {
    call_back_twice(w, [body, &json!({ "type": 6 })]).await.0
}

/// The answers of the API to two callbacks for the same command.
async fn call_back_twice(w: &World, bodies: [&Value; 2]) -> ((u16, Value), (u16, Value)) {
    let (sender, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let bot = w
        .connect(move |_, interaction| {
            let sender = sender.clone();
            async move {
                let id = (interaction.id().get(), interaction.token().to_owned());
                sender.send(id).expect("the test waits");
            }
        })
        .await;
    let (person, channel) = (w.pat.clone(), w.general);
    let running = tokio::spawn(async move { person.run(channel, "/say").await });
    let (id, token) = waiting.recv().await.expect("an interaction");
    let path = format!("/interactions/{id}/{token}/callback");
    let answers = (ask(w, "POST", &path, bodies[0]).await, ask(w, "POST", &path, bodies[1]).await);
    running.abort();
    bot.stop().await;
    answers
}

fn form(title: usize, inputs: usize, label: usize, value: usize) -> Value {
    let rows: Vec<Value> = (0..inputs)
        .map(|n| {
            let input = json!({ "type": 4, "style": 1, "custom_id": format!("i{n}"), "label": text(label), "value": text(value) });
            json!({ "type": 1, "components": [input] })
        })
        .collect();
    json!({ "type": 9, "data": { "custom_id": "m", "title": text(title), "components": rows } })
}

#[tokio::test]
async fn forms_are_taken_up_to_each_limit() {
    let w = world().await;
    serenity::all::Command::set_global_commands(w.http(), vec![command("say")]).await.expect("valid");
    assert_eq!(call_back(&w, &form(45, 5, 45, 4_000)).await, (204, Value::Null));
    let input = "data.components.0.components.0";
    let cases = [
        (form(46, 1, 1, 0), "data.title: BASE_TYPE_BAD_LENGTH".to_owned()),
        (form(1, 6, 1, 0), "data.components: BASE_TYPE_BAD_LENGTH".to_owned()),
        (form(1, 0, 1, 0), "data.components: BASE_TYPE_BAD_LENGTH".to_owned()),
        (form(1, 1, 46, 0), format!("{input}.label: BASE_TYPE_BAD_LENGTH")),
        (form(1, 1, 1, 4_001), format!("{input}.value: BASE_TYPE_MAX_LENGTH")),
        (json!({ "type": 7, "data": { "content": "x" } }), "type: BASE_TYPE_CHOICES".to_owned()),
        (json!({ "type": 8, "data": { "choices": [] } }), "type: BASE_TYPE_CHOICES".to_owned()),
        (
            json!({ "type": 4, "data": { "content": text(2_001) } }),
            "data.content: BASE_TYPE_MAX_LENGTH".to_owned(),
        ),
    ];
    for (body, complained) in cases {
        let (status, answer) = call_back(&w, &body).await;
        assert_eq!((status, complaint(&answer)), (400, complained), "{answer}");
    }
}

#[tokio::test]
async fn a_refused_answer_may_be_given_again() {
    let w = world().await;
    serenity::all::Command::set_global_commands(w.http(), vec![command("say")]).await.expect("valid");
    let (empty, good) =
        (json!({ "type": 4, "data": { "content": "" } }), json!({ "type": 4, "data": { "content": "x" } }));
    let (first, second) = call_back_twice(&w, [&empty, &good]).await;
    assert_eq!((first.0, complaint(&first.1).as_str()), (400, "code 50006"));
    assert_eq!(second.0, 204);
    assert_eq!(w.pat.messages(w.general).len(), 1);
}
