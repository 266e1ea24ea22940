//! The server's scheduled events: none where a second partner could see them, exactly the campaigns that somebody attends
//! where a program declares a single partner.

use crate::adjust::has;
use crate::effort::administrator;
use crate::harness::{World, stories};
use discord_local::{Fault, FaultKind};
use serde_json::{Value, json};
use tandem::config::{self, Need, Problems};
use tandem::playground::seed::{self, ACME, GLOBEX, GUILD, Who};

stories!(
    with_two_partners_the_server_shows_no_event,
    with_one_partner_it_shows_what_somebody_attends,
    an_event_follows_its_campaign,
    an_event_is_there_once_whatever_is_lost,
    a_deleted_event_comes_back_when_it_changes,
    a_second_partner_and_single_do_not_go_together,
    an_archived_partner_has_no_events,
    the_longest_texts_fit,
);

/// The playground's bot.toml without all that `partner` has in it, and with this line of the program.
fn without(w: &World, partner: &str, line: &str) -> String {
    let toml = seed::bot_toml(&w.addresses).replacen(
        "confirm_from = \"10000\"\n",
        &format!("confirm_from = \"10000\"\n{line}\n"),
        1,
    );
    let blocks = toml.split("\n\n").filter(|block| {
        [
            format!("company = \"{partner}\""),
            format!("partner = \"{partner}\""),
            format!("key = \"{partner}\""),
        ]
        .iter()
        .all(|own| !block.contains(own.as_str()))
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn loaded(w: &World, toml: &str) -> Result<config::Config, Problems> {
    config::load(toml, "playground", &seed::environment(&w.addresses, "token"), Need::Discord)
}

/// Starts anew with this configuration.
async fn starts(w: &World, toml: &str) -> Result<(), tandem::fault::Fault> {
    let started = w.declares(toml).await;
    w.settle().await;
    started
}

const LINES: &[&str] = &[
    "name:Spring webinar type:Webinar start:2026-02-10 segment:CIOs message:Save *half* offer:A free audit channel:https://meet.example.com/spring leads:40 pipeline:120k",
    "name:Dinner type:In-person event start:2026-03-28 end:2026-03-29 leads:40 pipeline:120k",
    "name:Fair type:Trade show start:2026-03-03 end:2026-03-05 channel:Hall 4 leads:40 pipeline:120k",
    "name:Search type:Paid search start:2026-01-05 end:2026-03-31 leads:60 pipeline:80k",
    "name:Mailing type:Email start:2026-02-02 leads:10 pipeline:10k",
];

async fn agreed(w: &World, signer: Who, channel: u64, lines: &[&str]) {
    let people = match channel {
        ACME => [Who::Pat, signer],
        _ => [Who::Gil, signer],
    };
    let pat = w.person(people[0]);
    pat.runs("/plan create period:Q1 2026").await;
    for line in lines {
        let said = pat.runs(&format!("/campaign add {line}")).await;
        has(&said, "CMP-");
    }
    pat.runs("/plan propose").await;
    let card = w.card(channel, "PLN-1");
    w.person(Who::Vera).at(channel).presses(&card, "Sign", &[]).await;
    has(&w.person(signer).presses(&card, "Sign", &[]).await, "agreed by both sides");
}

/// What somebody sees: each event's name, first and last instant, and place, by its beginning.
fn seen(w: &World, who: Who) -> Vec<String> {
    let mut events: Vec<String> = w
        .discord
        .person(who.id())
        .scheduled_events(GUILD)
        .iter()
        .map(|event| {
            let said =
                |field: &str| event[field].as_str().unwrap_or_default().replace(":00.000000+00:00", "Z");
            let place = event["entity_metadata"]["location"].as_str().unwrap_or_default();
            let (from, to) = (said("scheduled_start_time"), said("scheduled_end_time"));
            format!("{from} to {to} {} @ {place}", said("name"))
        })
        .collect();
    events.sort();
    events
}

fn description(w: &World, name: &str) -> String {
    let events = w.discord.person(Who::Pat.id()).scheduled_events(GUILD);
    let found = events.iter().find(|event| event["name"] == name).unwrap_or_else(|| panic!("{name}"));
    found["description"].as_str().unwrap_or_default().to_owned()
}

const WEBINAR: &str =
    "2026-02-09T23:00Z to 2026-02-10T23:00Z Spring webinar @ https://meet.example.com/spring";
const FAIR: &str = "2026-03-02T23:00Z to 2026-03-05T23:00Z Fair @ Hall 4";
/// Its last day is the one on which summer time begins: it has 23 hours.
const DINNER: &str = "2026-03-27T23:00Z to 2026-03-29T22:00Z Dinner @ To be announced";

async fn with_two_partners_the_server_shows_no_event(w: &mut World) {
    administrator(w);
    agreed(w, Who::Olga, ACME, LINES).await;
    for who in Who::ALL {
        assert_eq!(seen(w, who), Vec::<String>::new(), "{}", who.name());
    }
    let nobody = w.person(Who::Nobody);
    assert_eq!(
        nobody.runs("/setup program single-partner:True").await,
        "This program has 2 partners: each would see the other's events in the server. Only a program with a single \
         partner can declare it; archive the others with /partner archive first."
    );
    agreed(w, Who::Ines, GLOBEX, LINES).await;
    assert_eq!(seen(w, Who::Gil), Vec::<String>::new());
    has(&w.person(Who::Vera).runs("/setup program single-partner:True").await, "You may not do this");
    assert_eq!(w.number("SELECT COUNT(*) FROM guild_event").await, 0);
    assert!(
        w.discord.requests().iter().all(|one| !one.path.contains("scheduled-events")),
        "nothing was asked"
    );
}

async fn with_one_partner_it_shows_what_somebody_attends(w: &mut World) {
    administrator(w);
    let nobody = w.person(Who::Nobody);
    starts(w, &without(w, "globex", "")).await.unwrap();
    let said = nobody.runs("/setup program single-partner:True").await;
    has(
        &said,
        "This program has a single partner: the webinars, in-person events and trade shows of its signed plans",
    );
    has(&nobody.runs("/setup show").await, "a single partner, whose events the server shows\n");
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs(&format!("/campaign add {}", LINES[0])).await;
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new(), "a draft is nobody's event");
    pat.runs("/plan cancel plan:PLN-1 reason:x confirm:PLN-1").await;
    w.person(Who::Pat).runs("/plan create period:Q1 2026").await;
    for line in LINES {
        pat.runs(&format!("/campaign add plan:PLN-2 {line}")).await;
    }
    pat.runs("/plan propose plan:PLN-2").await;
    let card = w.card(ACME, "PLN-2");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new(), "nor is one that one side has signed");
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    for who in [Who::Pat, Who::Vera, Who::Nobody] {
        assert_eq!(seen(w, who), [WEBINAR, FAIR, DINNER], "{}", who.name());
    }
    let told = description(w, "Spring webinar");
    has(
        &told,
        "Webinar of Northwind and Acme\nFor: CIOs\nAbout: Save \\*half\\*\nOffer: A free audit\nCMP-2 · ",
    );
    assert!(!told.contains("120") && !told.contains("<@"), "no number and no person: {told}");
    // They begin and end by themselves; nothing is asked for that.
    let asked = events_asked(w);
    w.moves_to("2026-03-04T10:00:00Z").await;
    assert_eq!(seen(w, Who::Pat), [FAIR, DINNER]);
    w.moves_to("2026-06-20T10:00:00Z").await;
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new());
    assert_eq!(events_asked(w), asked, "what has ended is left as it is");
}

fn events_asked(w: &World) -> usize {
    w.discord.requests().iter().filter(|one| one.path.contains("scheduled-events")).count()
}

async fn single(w: &World) {
    starts(w, &without(w, "globex", "single_partner = true")).await.unwrap();
}

/// What Vera files, Olga countersigns.
async fn changed(w: &World, line: &str, number: usize) {
    has(&w.person(Who::Vera).runs(line).await, &format!("ADJ-{number}"));
    let card = w.card(ACME, &format!("ADJ-{number} ·"));
    has(&w.person(Who::Olga).presses(&card, "Countersign", &[]).await, "is signed by both sides");
}

async fn an_event_follows_its_campaign(w: &mut World) {
    single(w).await;
    agreed(w, Who::Olga, ACME, LINES).await;
    let id = |name: &str| {
        let events = w.discord.person(Who::Pat.id()).scheduled_events(GUILD);
        events.iter().find(|event| event["name"] == name).map(|event| event["id"].clone())
    };
    let first = id("Spring webinar");
    let asked = events_asked(w);
    w.person(Who::Pat).runs("/task add campaign:CMP-1 what:Slides side:partner due:2026-02-01").await;
    assert_eq!(events_asked(w), asked, "what an event doesn't say changes nothing");
    changed(w, "/campaign edit campaign:CMP-1 start:2026-02-12 name:Summer webinar reason:x", 1).await;
    let moved = "2026-02-11T23:00Z to 2026-02-12T23:00Z Summer webinar @ https://meet.example.com/spring";
    assert_eq!(seen(w, Who::Pat), [moved, FAIR, DINNER]);
    assert_eq!(id("Summer webinar"), first, "the same event");
    changed(w, "/campaign postpone campaign:CMP-1 reason:x", 2).await;
    assert_eq!(seen(w, Who::Pat), [FAIR, DINNER], "one without a date is none");
    changed(w, "/campaign edit campaign:CMP-1 start:2026-03-12 reason:x", 3).await;
    let again = "2026-03-11T23:00Z to 2026-03-12T23:00Z Summer webinar @ https://meet.example.com/spring";
    assert_eq!(seen(w, Who::Pat), [FAIR, again, DINNER]);
    w.person(Who::Vera).runs("/campaign stop campaign:CMP-3 reason:x").await;
    assert_eq!(seen(w, Who::Pat), [again, DINNER], "a stopped one is not announced");
    w.person(Who::Vera).runs("/campaign resume campaign:CMP-3").await;
    assert_eq!(seen(w, Who::Pat), [FAIR, again, DINNER]);
    changed(w, "/campaign cancel campaign:CMP-2 reason:x", 4).await;
    assert_eq!(seen(w, Who::Pat), [FAIR, again]);
    changed(
        w,
        "/campaign add name:Tasting type:In-person event start:2026-03-20 leads:1 pipeline:1k reason:x",
        5,
    )
    .await;
    let tasting = "2026-03-19T23:00Z to 2026-03-20T23:00Z Tasting @ To be announced";
    assert_eq!(seen(w, Who::Pat), [FAIR, again, tasting]);
    // The fair has begun, and a day is added to it.
    w.moves_to("2026-03-04T10:00:00Z").await;
    changed(w, "/campaign edit campaign:CMP-3 end:2026-03-06 reason:x", 6).await;
    let longer = "2026-03-02T23:00Z to 2026-03-06T23:00Z Fair @ Hall 4";
    assert_eq!(seen(w, Who::Pat), [longer, again, tasting]);
    // Its owner says that it is done, two days early.
    w.moves_to("2026-03-06T10:00:00Z").await;
    has(&w.person(Who::Vera).runs("/campaign done campaign:CMP-3").await, "CMP-3");
    assert_eq!(seen(w, Who::Pat), [again, tasting]);
    changed(w, "/plan cancel plan:PLN-1 reason:x", 7).await;
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new());
}

async fn an_event_is_there_once_whatever_is_lost(w: &mut World) {
    let lost = |method: &str, kind: FaultKind| {
        w.discord.fail_next(Fault {
            method: method.to_owned(),
            path_contains: "/scheduled-events".to_owned(),
            kind,
            times: 2,
        });
    };
    single(w).await;
    lost("POST", FaultKind::DropAfter);
    lost("POST", FaultKind::Status(503));
    agreed(w, Who::Olga, ACME, LINES).await;
    assert_eq!(seen(w, Who::Pat), [WEBINAR, FAIR, DINNER], "each once");
    lost("PATCH", FaultKind::DropAfter);
    lost("PATCH", FaultKind::DropBefore);
    changed(w, "/campaign edit campaign:CMP-3 end:2026-03-06 reason:x", 1).await;
    let longer = "2026-03-02T23:00Z to 2026-03-06T23:00Z Fair @ Hall 4";
    assert_eq!(seen(w, Who::Pat), [WEBINAR, longer, DINNER]);
    lost("DELETE", FaultKind::DropAfter);
    lost("DELETE", FaultKind::Status(500));
    changed(w, "/campaign cancel campaign:CMP-3 reason:x", 2).await;
    assert_eq!(seen(w, Who::Pat), [WEBINAR, DINNER]);
    // Made, but the answer was lost, and by the next try it should be none any more.
    lost("POST", FaultKind::DropAfter);
    changed(
        w,
        "/campaign add name:Tasting type:In-person event start:2026-03-20 leads:1 pipeline:1k reason:x",
        3,
    )
    .await;
    changed(w, "/campaign cancel campaign:CMP-6 reason:x", 4).await;
    assert_eq!(seen(w, Who::Pat), [WEBINAR, DINNER]);
    w.discord.clear_faults();
}

async fn a_deleted_event_comes_back_when_it_changes(w: &mut World) {
    single(w).await;
    agreed(w, Who::Olga, ACME, LINES).await;
    let fair = w.discord.scheduled_events(GUILD).into_iter().find(|event| event["name"] == "Fair").unwrap();
    let id = fair["id"].as_str().unwrap().parse().unwrap();
    assert!(w.discord.delete_scheduled_event(GUILD, id));
    assert_eq!(seen(w, Who::Pat), [WEBINAR, DINNER]);
    changed(w, "/campaign edit campaign:CMP-3 end:2026-03-06 reason:x", 1).await;
    let longer = "2026-03-02T23:00Z to 2026-03-06T23:00Z Fair @ Hall 4";
    assert_eq!(seen(w, Who::Pat), [WEBINAR, longer, DINNER]);
}

async fn a_second_partner_and_single_do_not_go_together(w: &mut World) {
    administrator(w);
    let both = seed::bot_toml(&w.addresses).replacen(
        "currency = \"EUR\"\n",
        "currency = \"EUR\"\nsingle_partner = true\n",
        1,
    );
    let problems = loaded(w, &both).expect_err("two partners").to_string();
    has(
        &problems,
        "program.single_partner  found true, and 2 partners  expected one [[program.partner]] at most, or false",
    );
    single(w).await;
    agreed(w, Who::Olga, ACME, LINES).await;
    let nobody = w.person(Who::Nobody);
    has(&nobody.runs("/setup show").await, "whose events the server shows · declared in bot.toml");
    let refused = "This program is declared to have a single partner, and has one. ";
    let add = format!("/partner add key:initech name:Initech channel:{}", seed::GENERAL);
    assert_eq!(
        nobody.runs(&add).await,
        format!("{refused}Its operator takes single_partner out of bot.toml first.")
    );
    assert_eq!(
        nobody.runs("/setup program single-partner:False").await,
        "Whether this program has a single partner is declared in bot.toml. Its operator changes it there."
    );
    // Set in chat, a second partner of bot.toml is refused at the start, and nothing is half done.
    starts(w, &without(w, "globex", "")).await.unwrap();
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new(), "no longer declared, it shows nothing");
    nobody.runs("/setup program single-partner:True").await;
    assert_eq!(seen(w, Who::Pat), [WEBINAR, FAIR, DINNER]);
    let refusal = starts(w, &seed::bot_toml(&w.addresses)).await.expect_err("two partners").to_string();
    has(&refusal, "it is said to have a single partner, but has \"acme\", \"globex\"");
    assert_eq!(seen(w, Who::Pat), [WEBINAR, FAIR, DINNER]);
    assert_eq!(
        nobody.runs(&add).await,
        format!("{refused}Say /setup program single-partner:False first: its events then leave the server.")
    );
    has(&nobody.runs("/setup program single-partner:False").await, "the server shows no events");
    assert_eq!(seen(w, Who::Pat), Vec::<String>::new());
    has(&nobody.runs(&add).await, "Initech takes part");
}

async fn an_archived_partner_has_no_events(w: &mut World) {
    single(w).await;
    agreed(w, Who::Olga, ACME, LINES).await;
    assert_eq!(seen(w, Who::Gil), [WEBINAR, FAIR, DINNER]);
    starts(w, &without(w, "acme", "single_partner = true")).await.unwrap();
    for who in [Who::Pat, Who::Gil] {
        assert_eq!(seen(w, who), Vec::<String>::new(), "the next partner sees nothing of the one before");
    }
    single(w).await;
    assert_eq!(seen(w, Who::Pat), [WEBINAR, FAIR, DINNER], "it is back");
}

async fn the_longest_texts_fit(w: &mut World) {
    single(w).await;
    let long = "*".repeat(400);
    let name = "_".repeat(100);
    let line = format!(
        "name:{name} type:Webinar start:2026-02-10 leads:1 pipeline:1k segment:{long} message:{long} offer:{long} channel:{long}"
    );
    let started = "name:Fair type:Trade show start:2026-01-02 end:2026-01-09 leads:1 pipeline:1k";
    agreed(w, Who::Olga, ACME, &[&line, started]).await;
    let events: Vec<Value> = w.discord.scheduled_events(GUILD);
    assert_eq!(events.len(), 2);
    let event = events.iter().find(|event| event["name"] == json!(name)).unwrap();
    let place = event["entity_metadata"]["location"].as_str().unwrap();
    assert!(place.ends_with('…') && place.chars().count() == 100, "{place}");
    let told = event["description"].as_str().unwrap();
    assert!(told.chars().count() <= 1_000 && told.contains("CMP-1 · "), "{told}");
    // It began before both had signed: Discord takes no event that begins in the past.
    assert!(
        seen(w, Who::Pat)
            .contains(&"2026-01-05T08:05Z to 2026-01-09T23:00Z Fair @ To be announced".to_owned())
    );
}
