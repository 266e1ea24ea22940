//! A plan with sixty campaigns and the longest texts that are allowed: whatever shows it keeps inside chat's limits, ends
//! whole, and pages through the rest.

use crate::adjust::{has, id_of, labels};
use crate::calendar::{file, get};
use crate::harness::{World, stories};
use crate::plan_card::{field, fields, message};
use discord_local::Message;
use std::collections::BTreeSet;
use std::time::Duration;
use tandem::playground::seed::{ACME, Who};

stories!(
    sixty_campaigns_with_the_longest_texts_stay_readable,
    the_campaigns_of_a_card_are_paged_for_one_person,
    an_adjustment_that_changes_all_sixty_stays_readable,
);

const CAMPAIGNS: usize = 60;

/// Characters that are escaped, so that they take twice their room.
fn longest(limit: usize) -> String {
    "*".repeat(limit)
}

/// A proposed plan of sixty campaigns, each with the longest texts.
async fn proposed(w: &World) {
    let pat = w.person(Who::Pat);
    let (name, long) = (longest(100), "_".repeat(1000));
    pat.runs(&format!("/plan create period:Q1 2026 cadence:weekly name:{name}")).await;
    for number in 1..=CAMPAIGNS {
        let line = format!(
            "/campaign add name:{name} type:Content syndication start:2026-01-0{} end:2026-03-31 leads:999999 pipeline:99999999 budget:99999999 mdf:50% segment:{long} message:{long} offer:{long} channel:{long}",
            1 + number % 9
        );
        let added = pat.runs(&line).await;
        assert!(added.starts_with(&format!("CMP-{number} is added")), "{added}");
    }
    pat.runs("/plan propose").await;
}

fn length(text: &serde_json::Value) -> usize {
    text.as_str().unwrap_or_default().chars().count()
}

/// Whether chat would take it: discord.com/developers/docs, "Embed Limits" and "Component Reference". The local Discord
/// refuses what is over, but for what an edit in place might have slipped in.
fn fits(message: &Message) {
    assert!(message.content.chars().count() <= 2_000, "{}", message.content);
    let mut all = 0;
    for embed in &message.embeds {
        let fields = embed["fields"].as_array().cloned().unwrap_or_default();
        assert!(fields.len() <= 25, "{} fields", fields.len());
        for field in &fields {
            let (name, value) = (length(&field["name"]), length(&field["value"]));
            assert!((1..=256).contains(&name) && (1..=1_024).contains(&value), "{name}, {value}: {field}");
            all += name + value;
        }
        let parts = [&embed["title"], &embed["description"], &embed["footer"]["text"]].map(length);
        assert!(parts[0] <= 256 && parts[1] <= 4_096 && parts[2] <= 2_048, "{parts:?}");
        all += parts.iter().sum::<usize>();
    }
    assert!(all <= 6_000, "{all} characters of embeds");
    assert!(message.components.len() <= 5, "{} rows", message.components.len());
    for row in &message.components {
        let buttons = row["components"].as_array().unwrap();
        assert!((1..=5).contains(&buttons.len()), "{} buttons", buttons.len());
        assert!(buttons.iter().all(|one| length(&one["custom_id"]) <= 100 && length(&one["label"]) <= 80));
    }
}

/// Every page of an answer that takes the option `page`, each of which fits; gives their texts.
async fn pages(w: &World, line: &str) -> Vec<String> {
    let person = w.discord.person(Who::Pat.id());
    let mut all = Vec::new();
    loop {
        let page = all.len() + 1;
        let shown = message(person.run(ACME, &format!("{line} page:{page}")).await);
        fits(&shown);
        let text = shown.text();
        let rest = text.split(&format!("page {page} of ")).nth(1).map(str::to_owned);
        let of =
            rest.and_then(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok());
        all.push(text);
        if of.is_none_or(|of: usize| page >= of) {
            return all;
        }
    }
}

async fn sixty_campaigns_with_the_longest_texts_stay_readable(w: &mut World) {
    let pat = w.person(Who::Pat);
    proposed(w).await;
    let card = w.card(ACME, "PLN-1");
    fits(&card);
    assert!(card.text().contains("Campaigns (60)"), "{}", card.text());
    assert!(field(&card, "Campaigns").contains("more: `/campaign list`"), "{}", field(&card, "Campaigns"));
    assert!(field(&card, "Signatures").contains("Sign by"), "the end of the card is whole");
    assert!(card.text().contains("SHA-256"), "{}", card.text());
    assert_eq!(labels(&card), ["Sign", "Return…", "Decline…", "Promise…", "Campaigns"]);
    fits(&message(w.discord.person(Who::Pat.id()).run(ACME, "/plan show").await));
    fits(&message(w.discord.person(Who::Pat.id()).run(ACME, "/campaign show campaign:CMP-60").await));

    let check = pages(w, "/plan check").await;
    has(&check[0], "… and");
    has(&check[0], "Hours a week");
    // Newest first: the last page ends with the plan's beginning.
    let history = pages(w, "/plan history").await;
    assert!(history.len() >= 4, "{} pages", history.len());
    for number in 1..=CAMPAIGNS {
        let name = format!("**CMP-{number}** added");
        assert!(history.iter().any(|page| page.contains(&name)), "{name}");
    }

    let link = file(&pat.runs("/plan calendar").await);
    let (status, feed) = get(w, &link).await;
    assert_eq!(status, 200);
    assert!(feed.split("\r\n").all(|line| line.len() <= 75), "lines are folded at 75 bytes");
    let unfolded = feed.replace("\r\n ", "");
    for number in 1..=CAMPAIGNS {
        assert!(unfolded.contains(&format!("SUMMARY:CMP-{number} ")), "CMP-{number}");
    }
    // Signed, the card says more; the copy for both holds every word.
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    fits(&w.card(ACME, "PLN-1"));
    let copy = message(w.discord.person(Who::Pat.id()).run(ACME, "/plan export").await);
    fits(&copy);
    let bytes: usize = copy.attachments.iter().map(|file| file.size).sum();
    assert!(copy.attachments.len() <= 10 && bytes < 8 << 20, "{bytes} bytes");
    for file in &copy.attachments {
        let text = String::from_utf8(file.bytes.to_vec()).unwrap();
        let last = format!("CMP-{CAMPAIGNS}");
        assert!(text.contains(&last), "{} stops before {last}", file.filename);
    }
}

async fn the_campaigns_of_a_card_are_paged_for_one_person(w: &mut World) {
    proposed(w).await;
    let card = w.card(ACME, "PLN-1");
    let before = card.text();
    let pressed = id_of(&card, "Campaigns");
    let person = w.discord.person(Who::Pat.id());
    let mut page = message(person.press(ACME, card.id, &pressed).await);
    assert_eq!(page.ephemeral_for, Some(Who::Pat.id()), "only who pressed reads it");
    let (mut seen, mut ids) = (BTreeSet::new(), Vec::new());
    for number in 1..=6 {
        fits(&page);
        has(&page.text(), &format!("page {number} of 6"));
        for (name, value) in fields(&page) {
            let short = name.split(' ').next().unwrap().to_owned();
            for part in [
                "Content syndication · 2026-01-0",
                " to 2026-03-31 · proposed",
                "999,999 leads · EUR 99,999,999.00 pipeline",
                "utm_id=",
            ] {
                assert!(value.contains(part), "{short} is cut before {part}: {value}");
            }
            seen.insert(short);
        }
        let Some(later) = page.button("Later ▶") else { break };
        ids.push(later.custom_id.clone().unwrap());
        person.press(ACME, page.id, &later.custom_id.unwrap()).await.unwrap();
        page = person.message(ACME, page.id).unwrap();
    }
    assert_eq!(seen.len(), CAMPAIGNS);
    assert!(page.button("◀ Earlier").is_some() && page.button("Later ▶").is_none());
    let back = page.button("◀ Earlier").unwrap().custom_id.unwrap();
    person.press(ACME, page.id, &back).await.unwrap();
    has(&person.message(ACME, page.id).unwrap().text(), "page 5 of 6");

    let listed = message(person.run(ACME, "/campaign list page:2").await);
    has(&listed.text(), "page 2 of 6");
    // The card that both sides read stays as it was, and everybody has pages of their own.
    assert_eq!(w.card(ACME, "PLN-1").text(), before);
    let veras = message(w.discord.person(Who::Vera.id()).press(ACME, card.id, &pressed).await);
    assert_eq!(veras.ephemeral_for, Some(Who::Vera.id()));
    has(&veras.text(), "page 1 of 6");
    // To the other partner it is a button like any that was never there.
    let gil = w.person(Who::Gil);
    let unknown = gil.forges_press(&card, "plan-campaigns:0000000000000:1").await;
    assert_eq!(unknown, "I can't find that here. Pick it from the list that the option offers.");
    for id in ids.iter().chain([&pressed, &back]) {
        assert_eq!(gil.forges_press(&card, id).await, unknown, "{id}");
        assert_eq!(gil.at(ACME).forges_press(&card, id).await, unknown, "{id}");
    }
    assert!(!w.seen_by(Who::Gil).contains("syndication"), "nothing of it is told");
    // A page that isn't there is the nearest one that is.
    for (page, nearest) in [("0", "1"), ("99", "6"), ("-7", "1"), ("9223372036854775807", "6")] {
        let id = format!("{}:{page}", pressed.rsplit_once(':').unwrap().0);
        let said = w.person(Who::Pat).forges_press(&card, &id).await;
        has(&said, &format!("page {nearest} of 6"));
    }
}

/// Waits until so many rows are there, and all that was said with them is delivered.
async fn there_are(w: &World, count: i64, table: &str) {
    let rows = async {
        while w.number(&format!("SELECT COUNT(*) FROM {table}")).await < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), rows)
        .await
        .unwrap_or_else(|_| panic!("no {count} of {table}"));
    w.settle().await;
}

async fn an_adjustment_that_changes_all_sixty_stays_readable(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    proposed(w).await;
    for who in [vera, olga] {
        who.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    let reason = longest(500);
    // Sixty campaigns with their tasks take longer than chat waits for an answer: what counts is what is there then.
    pat.runs(&format!("/plan cancel plan:PLN-1 reason:{reason}")).await;
    there_are(w, 1, "adjustment").await;
    let card = w.card(ACME, "ADJ-1 ·");
    fits(&card);
    assert_eq!(labels(&card), ["Sign", "Countersign", "Decline…", "Withdraw", "Read in full"]);
    let read =
        message(w.discord.person(Who::Vera.id()).press(ACME, card.id, &id_of(&card, "Read in full")).await);
    fits(&read);
    let files: Vec<String> =
        read.attachments.iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect();
    let whole = format!("{}\n{}", read.text(), files.join("\n"));
    for number in 1..=CAMPAIGNS {
        assert!(whole.contains(&format!("CMP-{number}")), "CMP-{number} is read in full");
    }
    olga.presses(&card, "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    there_are(w, 2, "plan_revision").await;
    for name in ["ADJ-1 ·", "PLN-1 ·"] {
        fits(&w.card(ACME, name));
    }
    let over = w.card(ACME, "PLN-1 ·");
    has(&over.text(), "· cancelled");
    assert_eq!(w.number("SELECT COUNT(*) FROM campaign WHERE state = 'cancelled'").await, 60);
    let list =
        message(w.discord.person(Who::Olga.id()).press(ACME, over.id, &id_of(&over, "Campaigns")).await);
    fits(&list);
    has(&list.text(), "· cancelled");
    let all = w.discord.person(Who::Vera.id()).messages(ACME);
    all.iter().for_each(fits);
}
