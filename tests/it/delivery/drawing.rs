//! What is drawn, as the JSON that Discord gets, held against Discord's limits.

use proptest::prelude::*;
use serde_json::{Value, json};
use tandem::delivery::render::{self, Drawn};
use tandem::limits::{self, cut};
use tandem::text::card::{Button, ButtonStyle, Card, Colour, Field, File, Form, Input, Post};

const MARK: &str = "0h3kq7x2mdf01";

fn sent(drawn: Drawn) -> Value {
    serde_json::to_value(drawn.message(MARK)).unwrap()
}

fn button(id: &str, label: &str) -> Button {
    Button { id: id.to_owned(), label: label.to_owned(), style: ButtonStyle::Success }
}

fn request_card() -> Card {
    Card {
        title: "MDF-42 Spring webinar".into(),
        body: "Waiting for finance".into(),
        colour: Colour::Amber,
        footer: "Acme".into(),
        buttons: vec![vec![button("a:1", "Approve"), button("d:1", "Decline")]],
        ..Card::default()
    }
    .with("Amount", "USD 12,500.00")
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn text(n: usize) -> String {
    "x".repeat(n)
}

#[test]
fn a_card_is_an_embed_with_buttons_and_its_mark() {
    let message = sent(render::draw_card(&request_card(), Some(MARK)));
    assert_eq!(message["nonce"], MARK);
    assert_eq!(message["enforce_nonce"], true);
    assert_eq!(message["allowed_mentions"]["parse"], json!([]));
    let embed = &message["embeds"][0];
    assert_eq!(embed["title"], "MDF-42 Spring webinar");
    assert_eq!(embed["footer"]["text"], format!("Acme · {MARK}"));
    assert_eq!(embed["fields"][0]["value"], "USD 12,500.00");
    let buttons = &message["components"][0]["components"];
    assert_eq!((&buttons[1]["custom_id"], &buttons[1]["label"]), (&json!("d:1"), &json!("Decline")));
}

#[test]
fn an_edit_says_that_there_are_no_buttons_left() {
    let card = Card { buttons: Vec::new(), ..request_card() };
    let edit = serde_json::to_value(render::draw_card(&card, Some(MARK)).edit()).unwrap();
    assert_eq!(edit["components"], json!([]));
    assert_eq!(edit["allowed_mentions"]["parse"], json!([]));
    assert_eq!(edit.get("attachments"), None, "what is attached stays");
}

#[test]
fn a_text_alone_is_marked_in_an_embed_and_an_answer_is_plain() {
    let post = Post { text: "The plan is signed.".into(), ..Post::default() };
    let message = sent(render::draw(&post, &[], Some(MARK)));
    assert_eq!(message["embeds"][0]["description"], "The plan is signed.");
    assert_eq!(message["embeds"][0]["footer"]["text"], MARK);
    let answer = serde_json::to_value(render::draw(&post, &[], None).response(true)).unwrap();
    assert_eq!(answer["content"], "The plan is signed.");
    assert_eq!(answer["embeds"], json!([]));
    assert_eq!(answer["flags"], 64);
    assert_eq!(answer["allowed_mentions"]["parse"], json!([]));
    let empty = serde_json::to_value(render::draw(&Post::default(), &[], None).followup(false)).unwrap();
    assert_eq!(length(&empty["content"]), 1, "an empty answer would be refused");
    assert_eq!(empty["allowed_mentions"]["parse"], json!([]));
    let edit = serde_json::to_value(render::draw(&post, &[], None).response_edit()).unwrap();
    assert_eq!((&edit["content"], &edit["components"]), (&json!("The plan is signed."), &json!([])));
    assert_eq!(edit["allowed_mentions"]["parse"], json!([]));
}

#[test]
fn the_mark_is_found_and_nothing_else_is() {
    for footer in [MARK.to_owned(), format!("Acme · {MARK}")] {
        assert!(render::carries(&footer, MARK), "{footer}");
    }
    for footer in ["", "Acme", "Acme · 0h3kq7x2mdf02", &format!("x{MARK}"), &format!("{MARK} · Acme")] {
        assert!(!render::carries(footer, MARK), "{footer}");
    }
}

#[test]
fn cut_keeps_what_fits_and_says_that_there_was_more() {
    assert_eq!(cut("", 0), "");
    assert_eq!(cut("abc", 0), "");
    assert_eq!(cut("abc", 1), "…");
    assert_eq!(cut("abc", 3), "abc");
    assert_eq!(cut("äöüß", 3), "äö…");
    assert_eq!(cut("ab cd", 4), "ab…", "no blank before the dots");
}

#[test]
fn each_text_is_cut_at_its_limit() {
    let title = |n| {
        length(
            &sent(render::draw_card(&Card { title: text(n), ..Card::default() }, Some(MARK)))["embeds"][0]["title"],
        )
    };
    let max = limits::EMBED_TITLE_MAX;
    assert_eq!([title(0), title(1), title(max), title(max + 1)], [0, 1, max, max]);
    let body = |n| {
        length(
            &sent(render::draw_card(&Card { body: text(n), ..Card::default() }, Some(MARK)))["embeds"][0]["description"],
        )
    };
    let max = limits::EMBED_DESCRIPTION_MAX;
    assert_eq!([body(0), body(1), body(max), body(max + 1)], [0, 1, max, max]);
    let content = |n| {
        let post = Post { text: text(n), card: Some(request_card()), thread: None };
        length(&sent(render::draw(&post, &[], Some(MARK)))["content"])
    };
    let max = limits::CONTENT_MAX;
    assert_eq!([content(0), content(1), content(max), content(max + 1)], [0, 1, max, max]);
    let footer = |n| {
        let card = Card { footer: text(n), ..Card::default() };
        sent(render::draw_card(&card, Some(MARK)))["embeds"][0]["footer"]["text"].as_str().unwrap().to_owned()
    };
    for n in [limits::EMBED_FOOTER_MAX - 16, limits::EMBED_FOOTER_MAX, limits::EMBED_FOOTER_MAX + 1] {
        assert_eq!(footer(n).chars().count(), limits::EMBED_FOOTER_MAX);
        assert!(render::carries(&footer(n), MARK), "the mark stays whole");
    }
    let thread = |n| {
        let post = Post { thread: Some(text(n)), ..Post::default() };
        render::thread(&post).map(|thread| length(&serde_json::to_value(thread).unwrap()["name"]))
    };
    assert_eq!([thread(0), thread(1), thread(100), thread(101)], [None, Some(1), Some(100), Some(100)]);
}

#[test]
fn a_button_that_cannot_be_used_is_left_out() {
    let row = vec![button("", "no id"), button("a", ""), button("a", "twice"), button(&text(101), "long")];
    let many = (0..9).map(|n| button(&format!("b{n}"), &text(81))).collect();
    let card = Card { buttons: vec![Vec::new(), row, many], ..request_card() };
    let message = sent(render::draw_card(&card, Some(MARK)));
    let rows = message["components"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["components"].as_array().unwrap().len(), 1);
    assert_eq!(rows[1]["components"].as_array().unwrap().len(), 5);
    assert_eq!(length(&rows[1]["components"][0]["label"]), 80);
}

#[test]
fn a_picture_is_shown_only_if_it_is_attached() {
    let file =
        |name: &str, size| File { name: name.into(), content_type: "image/png".into(), bytes: vec![1; size] };
    let post = |image: &str| Post {
        card: Some(Card { image: Some(image.into()), ..request_card() }),
        ..Post::default()
    };
    let message = sent(render::draw(&post("Q1 chart.png"), &[file("Q1 chart.png", 9)], Some(MARK)));
    assert_eq!(message["embeds"][0]["image"]["url"], "attachment://Q1_chart.png");
    assert_eq!(message["attachments"][0]["filename"], "Q1_chart.png");
    let without = sent(render::draw(&post("other.png"), &[file("chart.png", 9)], Some(MARK)));
    assert_eq!(without["embeds"][0].get("image").filter(|image| !image.is_null()), None);

    let big = sent(render::draw(
        &Post { text: text(5_000), ..Post::default() },
        &[file("big.xlsx", limits::FILE_BYTES_MAX + 1), file("ok.csv", limits::FILE_BYTES_MAX)],
        Some(MARK),
    ));
    assert_eq!(big["attachments"].as_array().unwrap().len(), 1);
    let said = big["embeds"][0]["description"].as_str().unwrap();
    assert!(said.ends_with("Not attached, too big for Discord: big.xlsx"), "{said}");
}

#[test]
fn a_form_keeps_within_the_limits_of_a_modal() {
    let input = Input {
        id: "reason".into(),
        label: text(46),
        placeholder: text(101),
        long: true,
        required: true,
        max_length: u16::MAX,
        value: text(4_001),
    };
    let form = Form { id: "decline:1".into(), title: text(46), inputs: vec![input; 6] };
    let modal = serde_json::to_value(render::modal(&form)).unwrap();
    assert_eq!(length(&modal["title"]), 45);
    assert_eq!(modal["components"].as_array().unwrap().len(), 5);
    let drawn = &modal["components"][0]["components"][0];
    assert_eq!((length(&drawn["label"]), length(&drawn["placeholder"])), (45, 100));
    assert_eq!(length(&drawn["value"]), 4_000);
    assert_eq!((&drawn["max_length"], &drawn["style"]), (&json!(4_000), &json!(2)));
}

/// Lengths around every limit there is.
fn any_length() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(0),
        Just(1),
        80..82_usize,
        255..258_usize,
        1023..1026_usize,
        2000..2050_usize,
        4090..6100_usize
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_card_is_ever_too_big(
        (title, body, footer, content) in (any_length(), any_length(), any_length(), any_length()),
        fields in prop::collection::vec((any_length(), any_length()), 0..30),
        buttons in prop::collection::vec(prop::collection::vec(0..40_u8, 0..7), 0..7),
    ) {
        let field = |(name, value)| Field { name: text(name), value: text(value), inline: true };
        let card = Card {
            title: text(title),
            body: text(body),
            footer: text(footer),
            fields: fields.into_iter().map(field).collect(),
            buttons: buttons
                .into_iter()
                .map(|row| row.into_iter().map(|n| button(&n.to_string(), "ok")).collect())
                .collect(),
            ..Card::default()
        };
        let post = Post { text: text(content), card: Some(card), thread: None };
        let message = sent(render::draw(&post, &[], Some(MARK)));
        prop_assert!(length(&message["content"]) <= 2_000);
        let embed = &message["embeds"][0];
        let fields = embed["fields"].as_array().cloned().unwrap_or_default();
        prop_assert!(fields.len() <= 25);
        let mut sum = length(&embed["title"]) + length(&embed["description"]) + length(&embed["footer"]["text"]);
        for field in &fields {
            let (name, value) = (length(&field["name"]), length(&field["value"]));
            prop_assert!((1..=256).contains(&name) && (1..=1_024).contains(&value), "{name} {value}");
            sum += name + value;
        }
        prop_assert!(sum <= 6_000, "{sum}");
        let rows = message["components"].as_array().unwrap();
        prop_assert!(rows.len() <= 5);
        for row in rows {
            prop_assert!((1..=5).contains(&row["components"].as_array().unwrap().len()));
        }
    }
}
