//! `/plan check`: everything that is missing can be read, and the command that is named beside it mends it, in the plan
//! that was asked about.

use crate::adjust::{agreed, has};
use crate::harness::{World, stories};
use discord_local::{Answer, Message};
use std::collections::BTreeSet;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    everything_that_is_missing_is_on_a_page_within_discords_limits,
    a_named_command_mends_the_plan_that_was_checked,
    each_first_command_mends_a_draft,
    each_last_command_mends_a_draft,
    each_first_command_mends_a_signed_plan,
    each_last_command_mends_a_signed_plan,
    hours_that_no_week_has_are_not_proposed,
    what_is_over_is_not_asked_for,
);

/// A page of a check, as it is shown.
async fn page(w: &World, (who, channel): (Who, u64), check: &str, page: usize) -> Message {
    match w.discord.person(who.id()).run(channel, &format!("{check} page:{page}")).await {
        Ok(Answer::Message(message)) => message,
        other => panic!("no message: {other:?}"),
    }
}

/// All pages of a check.
async fn pages(w: &World, reader: (Who, u64), check: &str) -> Vec<Message> {
    let first = page(w, reader, check, 1).await;
    let text = first.text();
    let of = text.rsplit("page 1 of ").next().unwrap().split(' ').next().unwrap();
    let mut all = vec![first];
    for number in 2..=of.parse().unwrap() {
        all.push(page(w, reader, check, number).await);
    }
    all
}

/// The items on all pages.
async fn items(w: &World, reader: (Who, u64), check: &str) -> Vec<String> {
    let pages = pages(w, reader, check).await;
    let lines = pages.iter().flat_map(|page| page.text().lines().map(str::to_owned).collect::<Vec<_>>());
    // The first item of a field stands behind the field's name.
    let item = |line: String| Some(format!("• {}", line.split_once("• ")?.1));
    lines.filter_map(item).collect()
}

async fn everything_that_is_missing_is_on_a_page_within_discords_limits(w: &mut World) {
    let pat = w.person(Who::Pat);
    let name = "*".repeat(100);
    pat.runs(&format!("/plan create period:Q1 2026 name:{name} vendor-hours:1 partner-hours:1")).await;
    for number in 1..=60 {
        let added = pat
            .runs(&format!(
                "/campaign add name:{name} type:Trade show start:2026-01-0{} leads:9 pipeline:0 budget:99999 mdf:50%",
                1 + number % 9
            ))
            .await;
        has(&added, &format!("CMP-{number} is added"));
    }
    for (reader, check) in
        [((Who::Pat, ACME), "/plan check"), ((Who::Amir, APPROVALS), "/plan check partner:acme")]
    {
        let pages = pages(w, reader, check).await;
        for page in &pages {
            let embed = &page.embeds[0];
            let length = |value: &serde_json::Value| value.as_str().unwrap_or_default().chars().count();
            let fields = embed["fields"].as_array().cloned().unwrap_or_default();
            assert!(length(&embed["description"]) <= 4_096);
            assert!(fields.iter().all(|field| length(&field["value"]) <= 1_024));
            let text = page.text();
            let cut = |line: &&str| line.contains("• ") && !line.contains('`');
            assert_eq!(text.lines().find(cut), None, "an item is cut");
        }
        let items = items(w, reader, check).await;
        let each: BTreeSet<&String> = items.iter().collect();
        let first = pages[0].text();
        let said = first.lines().nth(1).unwrap();
        assert_eq!(said, format!("{} things are missing. Each is named with what mends it.", each.len()));
        assert!(items.len() > 500, "{}", items.len());
        for number in 1..=60 {
            let about = |what: &str| items.iter().filter(|item| item.contains(what)).count();
            assert_eq!(about(&format!("CMP-{number} has no offer:")), 1);
            assert_eq!(about(&format!("CMP-{number} has no pipeline target:")), 1);
            assert_eq!(about(&format!("CMP-{number} counts on MDF")), 1);
        }
        // The first page says where the others begin, the last ones are the hours.
        let more = first.lines().find(|line| line.starts_with("… and ")).unwrap();
        has(more, "page:2`");
        has(&pages.last().unwrap().text(), "week by week");
        let at = pages.iter().position(|page| page.text().contains("week by week\n")).unwrap() + 1;
        has(&first, &format!("page:{at}"));
    }
}

async fn a_named_command_mends_the_plan_that_was_checked(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/plan create period:Q2 2026").await;
    let commands = |items: Vec<String>| -> Vec<String> {
        let parts = items.iter().flat_map(|item| item.split('`').skip(1).step_by(2).map(str::to_owned));
        parts.collect()
    };
    let named = commands(items(w, (Who::Pat, ACME), "/plan check plan:PLN-1").await);
    assert!(named.len() > 10, "{named:?}");
    for command in &named {
        assert!(command.contains(" plan:PLN-1") || command.contains(":CMP-"), "{command}");
    }
    let there = commands(items(w, (Who::Amir, APPROVALS), "/plan check plan:ACME/PLN-1").await);
    for command in &there {
        assert!(command.contains(" plan:ACME/PLN-1") || command.contains(":ACME/CMP-"), "{command}");
    }
    has(&w.card(ACME, "PLN-1").text(), "more: `/plan check plan:PLN-1`");
    let hours = there.iter().find(|command| command.contains("routing-hours:")).unwrap();
    assert_eq!(hours, "/plan edit plan:ACME/PLN-1 routing-hours:… reason:…");
    let filed = vera.at(APPROVALS).runs(&filled(hours)).await;
    has(&filed, "PLN-1 is signed by both sides, so this is filed as ADJ-1");
    assert_eq!(
        w.number("SELECT COUNT(*) FROM plan WHERE routing_hours IS NOT NULL").await,
        0,
        "not in PLN-2"
    );
}

/// A named command with what a person would put for its `…`.
fn filled(command: &str) -> String {
    let mut said = command.to_owned();
    for (option, value) in [
        ("what", "200 prospects"),
        ("due", "2026-03-20"),
        ("name", "One more"),
        ("type", "Email"),
        ("start", "2026-02-16"),
        ("leads", "5"),
        ("pipeline", "9m"),
        ("routing-hours", "24"),
        ("jbp-revenue", "400k"),
        ("marketing-share", "25%"),
        ("win-rate", "25%"),
        ("vendor-hours", "10"),
        ("partner-hours", "10"),
        ("vendor-owner", "2001"),
        ("partner-owner", "2004"),
        ("cadence", "weekly"),
        ("cost", "900"),
        ("amount", "400"),
        ("purpose", "Speaker"),
        ("fund", "acme-q1"),
        ("effort-vendor", "1"),
        ("effort-partner", "1"),
        ("reason", "It was missing"),
    ] {
        said = said.replace(&format!(" {option}:…"), &format!(" {option}:{value}"));
    }
    for option in ["segment", "message", "offer", "channel"] {
        said = said.replace(&format!(" {option}:…"), &format!(" {option}:Banks"));
    }
    assert!(!said.contains('…'), "{said}");
    said
}

/// Who types what an item names.
fn typist(item: &str) -> Who {
    let of = |text: &str| item.contains(text);
    if of("the vendor says") || of("typed by the vendor") || of("the vendor has not acknowledged") {
        Who::Vera
    } else if of("has not acknowledged") {
        Who::Olga
    } else {
        Who::Pat
    }
}

/// Does what an item names, by its first command or its last, and signs what that files.
async fn mend(w: &World, item: &str, pick: fn(&[&str]) -> usize) {
    let commands: Vec<&str> = item.split('`').skip(1).step_by(2).collect();
    if let Some(command) = commands.get(pick(&commands).min(commands.len().saturating_sub(1))) {
        let said = w.person(typist(item)).runs(&filled(command)).await;
        assert!(!said.contains("I can't") && !said.contains("You may not"), "{item}: {said}");
        if command.starts_with("/mdf request") {
            has(&said, "MDF-1");
        }
        if let Some((_, rest)) = said.split_once("filed as ADJ-") {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let card = w.card(ACME, &format!("ADJ-{number} ·"));
            let other = w.person(Who::Olga).presses(&card, "Sign", &[]).await;
            has(&other, "Signed.");
            let card = w.card(ACME, &format!("ADJ-{number} ·"));
            has(&w.person(Who::Vera).presses(&card, "Countersign", &[]).await, "signed by both sides");
        }
    }
    if item.contains("*Sign*") {
        let who = w.person(if item.contains("the vendor") { Who::Vera } else { Who::Olga });
        has(&who.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await, "Signed.");
    }
}

/// Mends item by item until nothing is missing, each time looking that the item is gone.
async fn mended(w: &World, pick: fn(&[&str]) -> usize) {
    let check = "/plan check plan:PLN-1";
    for _ in 0..80 {
        let all = items(w, (Who::Pat, ACME), check).await;
        // What needs a proposed plan comes after what voids signatures.
        let late = |item: &&String| item.contains("/mdf request") || item.contains("*Sign*");
        let early = all.iter().find(|item| !late(item));
        let unsigned = all.iter().find(|item| item.contains("*Sign*"));
        let Some(item) = early.or(unsigned).or(all.first()) else {
            has(&w.person(Who::Pat).runs(check).await, "Nothing is missing.");
            return;
        };
        mend(w, item, pick).await;
        let after = items(w, (Who::Pat, ACME), check).await;
        assert!(!after.contains(item), "{item} is still missing: {after:#?}");
    }
    panic!("there is always something missing");
}

fn first(_: &[&str]) -> usize {
    0
}

fn last(commands: &[&str]) -> usize {
    commands.len().saturating_sub(1)
}

const FAIR: &str =
    "/campaign add name:Fair type:Trade show start:2026-02-17 leads:40 pipeline:0 budget:2k mdf:50%";

async fn draft(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 vendor-hours:2 partner-hours:3").await;
    pat.runs(FAIR).await;
    // Named in the plan that was checked, although this one is newer.
    pat.runs("/plan create period:Q2 2026").await;
}

async fn each_first_command_mends_a_draft(w: &mut World) {
    draft(w).await;
    mended(w, first).await;
}

async fn each_last_command_mends_a_draft(w: &mut World) {
    draft(w).await;
    mended(w, last).await;
}

async fn signed(w: &World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 vendor-hours:2 partner-hours:3").await;
    pat.runs(FAIR).await;
    pat.runs("/campaign add name:Mail type:Email start:2026-03-10 leads:4 pipeline:1k").await;
    pat.runs("/plan propose").await;
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    vera.runs("/promise make what:Speaker named due:2026-01-12").await;
    pat.runs("/campaign postpone campaign:CMP-2 reason:No speaker").await;
    for (who, label) in [(Who::Olga, "Sign"), (Who::Vera, "Countersign")] {
        w.person(who).presses(&w.card(ACME, "ADJ-1 ·"), label, &[]).await;
    }
    pat.runs("/plan create period:Q2 2026").await;
    w.moves_to("2026-01-21T11:00:00Z").await;
    let before = items(w, (Who::Pat, ACME), "/plan check plan:PLN-1").await.concat();
    has(&before, "PRM-1 of the vendor was due on 2026-01-12: the partner says `/promise keep promise:PRM-1`");
    has(
        &before,
        "the partner has promised nothing with a date: `/promise make what:… due:… side:partner plan:PLN-1`, typed by the partner",
    );
    has(&before, "CMP-2 is postponed without a date: `/campaign edit campaign:CMP-2 start:… reason:…`");
}

/// Weeks that were over when others were agreed stay overfull, and nothing is named for them.
async fn mended_but_for_the_past(w: &World, pick: fn(&[&str]) -> usize) {
    let check = "/plan check plan:PLN-1";
    for _ in 0..80 {
        let mut all = items(w, (Who::Pat, ACME), check).await;
        all.retain(|item| !item.ends_with("over, and so it stays"));
        let Some(item) = all.first() else { return };
        mend(w, item, pick).await;
        let after = items(w, (Who::Pat, ACME), check).await;
        assert!(!after.contains(item), "{item} is still missing: {after:#?}");
    }
    panic!("there is always something missing");
}

async fn each_first_command_mends_a_signed_plan(w: &mut World) {
    signed(w).await;
    mended_but_for_the_past(w, first).await;
    w.moves_to("2026-02-01T12:00:00Z").await;
    let due = items(w, (Who::Pat, ACME), "/plan check plan:PLN-1").await.concat();
    has(&due, "the vendor has not acknowledged the checkpoint of 2026-02-01");
    has(&due, "the partner has not acknowledged the checkpoint of 2026-02-01");
    mended_but_for_the_past(w, first).await;
}

async fn each_last_command_mends_a_signed_plan(w: &mut World) {
    signed(w).await;
    mended_but_for_the_past(w, last).await;
}

async fn hours_that_no_week_has_are_not_proposed(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 vendor-hours:20 partner-hours:100").await;
    pat.runs(FAIR).await;
    pat.runs("/campaign edit campaign:CMP-1 effort-vendor:10000").await;
    let full = items(w, (Who::Pat, ACME), "/plan check").await;
    let full = full.iter().find(|item| item.contains("the vendor has 20 hours a week")).unwrap();
    let (_, ways) = full.split_once("more weeks too much: ").unwrap();
    assert_eq!(
        ways,
        "`/campaign edit campaign:CMP-1 start:…` or `/campaign edit campaign:CMP-1 effort-vendor:…`"
    );
}

async fn what_is_over_is_not_asked_for(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let check = async || items(w, (Who::Pat, ACME), "/plan check plan:PLN-1").await.concat();
    has(&check().await, "CMP-1 has no segment");
    w.sql("UPDATE campaign SET state = 'executed' WHERE number = 1").await.unwrap();
    let after = check().await;
    assert!(!after.contains("CMP-1"), "{after}");
    has(&after, "CMP-2 has no segment");
    w.sql("UPDATE campaign SET state = 'executed' WHERE number = 2").await.unwrap();
    has(&pat.runs("/plan check plan:PLN-1").await, "Specificity · 100 %");
}
