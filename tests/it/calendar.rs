//! The calendar feed over HTTP, the warnings before a plan expires, and the pinned card.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::playground::seed::{ACME, Who};

stories!(
    a_secret_link_shows_the_plans_dates_until_it_is_revoked,
    a_link_is_one_persons_and_shown_once,
    only_editors_get_a_link,
    checkpoints_keep_their_local_time_when_the_clocks_change,
    a_plan_that_nobody_signs_is_warned_of_three_times,
    after_an_outage_only_the_newest_warning_is_said,
    a_moved_last_day_has_warnings_of_its_own,
    the_card_is_pinned_once_and_edited_in_place,
    a_card_that_cannot_be_pinned_is_there_all_the_same,
);

const LINK: &str = "https://hooks.example.com/v1/cal/";

/// The secret part of an answer's link, with its ending.
pub fn file(answer: &str) -> String {
    let rest = answer.split(LINK).nth(1).unwrap_or_else(|| panic!("no link: {answer}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The status and the text that a calendar link gives.
pub async fn get(w: &World, file: &str) -> (u16, String) {
    let url = format!("http://{}/v1/cal/{file}", w.running.address);
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Lines as they were before they were folded.
fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The entry whose summary begins with `what`, without its stamp.
fn entry(text: &str, what: &str) -> Vec<String> {
    let lines = unfolded(text);
    let entries = lines.split(|line| line == "BEGIN:VEVENT");
    let found = entries.into_iter().find(|entry| {
        entry
            .iter()
            .any(|line| line.strip_prefix("SUMMARY:").is_some_and(|summary| summary.starts_with(what)))
    });
    let found = found.unwrap_or_else(|| panic!("no {what}: {text}"));
    let kept = |line: &&String| ["DTSTART", "DTEND", "SUMMARY"].iter().any(|name| line.starts_with(name));
    found.iter().filter(kept).cloned().collect()
}

async fn a_secret_link_shows_the_plans_dates_until_it_is_revoked(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Mail, news; \\more type:Email start:2026-02-10 end:2026-02-20 sends:2026-02-10, 2026-02-17 leads:4 pipeline:30k").await;
    let link = file(&pat.runs("/plan calendar").await);
    let (status, text) = get(w, &link).await;
    assert_eq!(status, 200);
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 76), "lines are folded: {text}");
    assert_eq!(
        entry(&text, "CMP-1"),
        [
            "DTEND;VALUE=DATE:20260221",
            "DTSTART;VALUE=DATE:20260210",
            "SUMMARY:CMP-1 Mail\\, news\\; \\\\more"
        ]
    );
    assert_eq!(entry(&text, "Send")[1], "DTSTART;VALUE=DATE:20260210");
    assert_eq!(entry(&text, "Last day to sign PLN-1")[1], "DTSTART;VALUE=DATE:20260131");
    assert_eq!(entry(&text, "Checkpoint")[1], "DTSTART:20260201T080000Z");
    let again = get(w, &link).await.1;
    let uids =
        |text: &str| unfolded(text).into_iter().filter(|line| line.starts_with("UID:")).collect::<Vec<_>>();
    assert_eq!(uids(&text), uids(&again), "an entry stays the same entry");
    // The campaign, its two sends, the six tasks of its type, the last day to sign, three checkpoints.
    assert_eq!(uids(&text).len(), 1 + 2 + 6 + 1 + 3);

    // The other side's people can't end it; one's own can.
    w.person(Who::Vera).runs("/plan calendar action:revoke").await;
    assert_eq!(get(w, &link).await.0, 200);
    assert_eq!(
        pat.runs("/plan calendar action:revoke").await,
        "PLN-1 has no calendar link of your company any more: 1 ended."
    );
    let nothing = get(w, "nothing.ics").await;
    assert_eq!(nothing, (404, String::new()));
    let other = format!("{}.ics", "A".repeat(43));
    for dead in [link.as_str(), other.as_str(), link.trim_end_matches(".ics"), "%00.ics", "a%2Fb.ics"] {
        assert_eq!(get(w, dead).await, nothing, "{dead}");
    }
}

async fn a_link_is_one_persons_and_shown_once(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    let first = file(&pat.runs("/plan calendar").await);
    let veras = file(&vera.runs("/plan calendar").await);
    let second = file(&pat.runs("/plan calendar").await);
    assert_eq!(get(w, &first).await.0, 404, "asking again ends the earlier one");
    assert_eq!((get(w, &second).await.0, get(w, &veras).await.0), (200, 200));
    let secret = second.trim_end_matches(".ics");
    for query in [
        "SELECT COUNT(*) FROM calendar_feed WHERE secret_sha256 = '{}'",
        "SELECT COUNT(*) FROM request_log WHERE reply LIKE '%{}%'",
        "SELECT COUNT(*) FROM audit WHERE detail LIKE '%{}%'",
    ] {
        assert_eq!(w.number(&query.replace("{}", secret)).await, 0, "{query}");
    }
}

async fn only_editors_get_a_link(w: &mut World) {
    let [pat, olga, gil] = [Who::Pat, Who::Olga, Who::Gil].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    let no = "You may not do this: it needs \"edit plans\". People with <@&4004> can.";
    assert_eq!(olga.runs("/plan calendar").await, no);
    assert_eq!(
        gil.runs("/plan calendar plan:PLN-1").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM calendar_feed").await, 0);
}

async fn checkpoints_keep_their_local_time_when_the_clocks_change(w: &mut World) {
    let pat = w.person(Who::Pat);
    // Clocks in Berlin go forward on 29 March 2026 and back on 25 October.
    pat.runs("/plan create period:2026-03-16..2026-11-08 cadence:weekly monday").await;
    let text = get(w, &file(&pat.runs("/plan calendar").await)).await.1;
    let starts: Vec<String> =
        unfolded(&text).into_iter().filter(|line| line.starts_with("DTSTART:")).collect();
    for (day, at) in [("0323", "08"), ("0330", "07"), ("1019", "07"), ("1026", "08")] {
        assert!(starts.contains(&format!("DTSTART:2026{day}T{at}0000Z")), "{day}: {starts:?}");
    }
    // A local time that is skipped on the day itself moves to the end of the gap.
    pat.runs("/plan create period:2026-03-16..2026-11-08 cadence:weekly sunday at 02:30").await;
    let text = get(w, &file(&pat.runs("/plan calendar").await)).await.1;
    assert!(text.contains("DTSTART:20260329T010000Z") && text.contains("2026-03-29 03:00"), "{text}");
    assert_eq!(text.matches("DTSTART:20261025T").count(), 1, "a time that comes twice is taken once");
}

fn warnings(w: &World) -> Vec<String> {
    let all = w.discord.person(Who::Vera.id()).messages(ACME);
    let warned = all.iter().map(Message::text).filter(|text| text.contains("has to be signed by"));
    warned.map(|text| text.lines().next().unwrap_or_default().to_owned()).collect()
}

async fn proposed(w: &World, options: &str) {
    let pat = w.person(Who::Pat);
    pat.runs(&format!("/plan create period:Q1 2026 {options}")).await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    pat.runs("/plan propose").await;
}

async fn a_plan_that_nobody_signs_is_warned_of_three_times(w: &mut World) {
    proposed(w, "").await;
    w.moves_to("2026-01-24T07:59:00Z").await;
    assert_eq!(warnings(w), Vec::<String>::new());
    w.moves_to("2026-01-24T08:00:00Z").await;
    assert_eq!(
        warnings(w),
        [
            "PLN-1 2026-01-01 to 2026-03-31 has to be signed by 2026-01-31: 7 days are left. It waits for the signature of Northwind and Acme; after that day it expires. *Sign* is on its card."
        ]
    );
    w.person(Who::Vera).presses(&w.card(ACME, "PLN-1 ·"), "Sign", &[]).await;
    w.moves_to("2026-01-28T08:00:00Z").await;
    w.moves_to("2026-01-29T08:00:00Z").await;
    assert!(
        warnings(w)[1].contains("3 days are left. It waits for the signature of Acme;"),
        "{:?}",
        warnings(w)
    );
    w.moves_to("2026-01-30T08:00:00Z").await;
    assert!(warnings(w)[2].contains(": 1 day is left."), "{:?}", warnings(w));
    w.moves_to("2026-02-01T08:00:00Z").await;
    assert_eq!(warnings(w).len(), 3);
    assert_eq!(w.word("SELECT state FROM plan").await, "expired");
}

async fn after_an_outage_only_the_newest_warning_is_said(w: &mut World) {
    proposed(w, "").await;
    w.moves_to("2026-01-30T20:00:00Z").await;
    assert_eq!(warnings(w).len(), 1);
    assert!(warnings(w)[0].contains(": 1 day is left."), "{:?}", warnings(w));
    w.moves_to("2026-01-31T20:00:00Z").await;
    assert_eq!(warnings(w).len(), 1);
}

async fn a_moved_last_day_has_warnings_of_its_own(w: &mut World) {
    // Less than seven days before: that warning would come before the proposal.
    proposed(w, "sign-by:2026-01-09").await;
    w.moves_to("2026-01-06T08:00:00Z").await;
    assert_eq!(warnings(w).len(), 1);
    let pat = w.person(Who::Pat);
    pat.runs("/plan edit sign-by:2026-01-13").await;
    w.moves_to("2026-01-08T08:00:00Z").await;
    assert_eq!(warnings(w).len(), 1, "a draft does not expire");
    pat.runs("/plan propose").await;
    w.moves_to("2026-01-10T08:00:00Z").await;
    assert!(warnings(w)[1].contains("by 2026-01-13: 3 days are left."), "{:?}", warnings(w));
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1 ·"), "Sign", &[]).await;
    }
    w.moves_to("2026-01-12T09:00:00Z").await;
    assert_eq!(warnings(w).len(), 2, "what is signed is not warned of");
}

/// Messages that are pinned in the shared channel.
fn pins(w: &World) -> Vec<u64> {
    let all = w.discord.person(Who::Vera.id()).messages(ACME);
    all.iter().filter(|message| message.pinned).map(|message| message.id).collect()
}

async fn the_card_is_pinned_once_and_edited_in_place(w: &mut World) {
    proposed(w, "cadence:weekly").await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(pins(w), [card.id]);
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    w.moves_to("2026-01-12T08:00:00Z").await;
    let now = w.card(ACME, "PLN-1 ·");
    assert_eq!(now.id, card.id);
    assert!(
        now.text().contains("Next: 2026-01-19 09:00"),
        "the card names the next checkpoint: {}",
        now.text()
    );
    assert!(now.text().contains("· active"), "{}", now.text());
    assert_eq!(pins(w), [card.id]);
}

async fn a_card_that_cannot_be_pinned_is_there_all_the_same(w: &mut World) {
    // No role of the bot's may pin here any more.
    let pinning = discord_local::permissions::PIN_MESSAGES | discord_local::permissions::MANAGE_MESSAGES;
    w.discord.set_overwrite(ACME, tandem::playground::seed::APPLICATION, 0, pinning);
    proposed(w, "").await;
    assert!(w.card(ACME, "PLN-1").button("Sign").is_some());
    assert_eq!(pins(w), Vec::<u64>::new());
}
