//! Texts of people and of the configuration: shown as they are, never read as formatting, links or mentions, and never
//! longer than Discord takes.

use super::{agreed, answered};
use crate::harness::{World, stories};
use discord_local::Message;
use tandem::inbound::cron;
use tandem::playground::seed::{self, ACME, APPROVALS, Who};
use tandem::text;

stories!(
    names_ping_nobody_and_format_nothing,
    what_shows_nothing_is_no_name,
    texts_over_their_limit,
    the_longest_texts_fit_on_every_card,
    a_forged_form_has_no_longer_reason,
);

/// Everything that a text could be mistaken for, short enough for a name.
const NASTY: &str = "@everyone <@&4001> <@2001> **b** [c](http://x.example) ||s|| \u{202e}cod\u{2066} z\u{200b}w `q` ~~u~~ # h";

/// What must stand nowhere as it was written.
const RAW: &[&str] = &[
    "@everyone",
    "<@&4001> ",
    "**b**",
    "[c](",
    "http://",
    "||s||",
    "\u{202e}",
    "\u{2066}",
    "z\u{200b}w",
    "`q`",
    "~~u~~",
    "\n- ",
];

/// The playground's configuration with names that no company would have.
async fn declared_with_nasty_names(w: &World) {
    let mut toml = seed::bot_toml(&w.addresses);
    for name in ["Northwind", "Acme", "Acme Q1 MDF"] {
        let line = format!("name = \"{name}\"");
        assert!(toml.contains(&line), "{line}");
        toml = toml.replacen(&line, &format!("name = \"{NASTY}\""), 1);
    }
    w.declares(&toml).await.unwrap();
}

/// Fills a command's options as its form in the client does, and reads the answer.
async fn fills(w: &World, who: Who, command: &str, options: &[(&str, &str)]) -> String {
    let person = w.discord.person(who.id());
    let answer = person.run_filled(ACME, command, options, &[]).await;
    w.settle().await;
    answer.unwrap_or_else(|refused| panic!("{command}: {refused}")).text()
}

/// A plan with `text` wherever people may write one; signed, a request returned and approved, spend logged.
async fn told_with(w: &World, name: &str, text: &str) {
    fills(w, Who::Pat, "plan create", &[("period", "Q1 2026"), ("name", name), ("cadence", "weekly")]).await;
    let campaign = [
        ("name", name),
        ("type", "webinar"),
        ("start", "2026-01-10"),
        ("leads", "40"),
        ("pipeline", "120k"),
        ("budget", "20k"),
        ("segment", text),
        ("message", text),
        ("offer", text),
        ("channel", text),
    ];
    fills(w, Who::Pat, "campaign add", &campaign).await;
    w.person(Who::Pat).runs("/plan propose").await;
    let reason: String = text.chars().take(500).collect();
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Olga).presses(&card, "Return…", &[("reason", &reason)]).await;
    w.person(Who::Pat).runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    let signed = w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    assert_eq!(signed, "Signed. PLN-1 is agreed by both sides as revision 1.");
    let request =
        [("campaign", "CMP-1"), ("cost", "80k"), ("amount", "30k"), ("purpose", text), ("fund", "acme-q1")];
    fills(w, Who::Pat, "mdf request", &request).await;
    // More than the fund has beside the first one: a warning is said to both sides.
    fills(w, Who::Vera, "mdf request", &request).await;
    let first = w.card(APPROVALS, "ACME/MDF-1");
    w.person(Who::Amir).presses(&first, "Return…", &[("reason", &reason)]).await;
    let second = w.card(APPROVALS, "ACME/MDF-2");
    w.person(Who::Finn).presses(&second, "Approve", &[("confirm", "30k")]).await;
    let spend =
        [("campaign", "CMP-1"), ("spend", "1,200.50"), ("payer", text), ("invoice", text), ("note", text)];
    fills(w, Who::Pat, "campaign log", &spend).await;
    w.moves_to("2026-01-13T09:00:00Z").await;
    while cron::tick(&w.running.app).await.unwrap() > 0 {}
    assert_eq!(w.reports(ACME).len(), 1, "the report names the campaign too");
    for look in ["/plan show", "/campaign list", "/report variance"] {
        let shown = w.person(Who::Pat).runs(look).await;
        assert!(shown.contains("CMP-1") || shown.contains("PLN-1"), "{look}: {shown}");
    }
}

/// Every message there is, by who can read it.
fn messages(w: &World) -> Vec<Message> {
    let people = Who::ALL.map(|who| w.discord.person(who.id()));
    let all = people.iter().flat_map(|person| {
        person.channels().into_iter().flat_map(|channel| person.messages(channel.id)).collect::<Vec<_>>()
    });
    all.collect()
}

async fn names_ping_nobody_and_format_nothing(w: &mut World) {
    assert!(NASTY.chars().count() <= 100);
    declared_with_nasty_names(w).await;
    told_with(w, NASTY, NASTY).await;
    let refused = [
        (
            "/plan create period:@everyone",
            "“@\u{200b}everyone” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31.",
        ),
        (
            "/plan create period:Q2 2026 time-zone:<@&4001>",
            "I don't know the time zone \"<\u{200b}@\u{200b}&4001\\>\". Give one such as Europe/Berlin.",
        ),
        (
            "/campaign log campaign:CMP-1 spend:**5**",
            "“\\*\\*5\\*\\*” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200.",
        ),
    ];
    answered(w, w.person(Who::Pat), &refused).await;
    let all = messages(w);
    let escaped = text::escape(NASTY);
    let naming = all.iter().filter(|message| message.text().contains(&escaped)).count();
    assert!(naming >= 12, "{naming} messages have the name, escaped");
    for message in &all {
        assert_eq!(message.pings, Vec::<u64>::new(), "{}", message.text());
        for raw in RAW {
            assert!(!message.text().contains(raw), "{raw:?} stands as it was written in {}", message.text());
        }
    }
    for who in Who::ALL {
        assert!(w.discord.person(who.id()).mentions().is_empty(), "{} was pinged", who.name());
    }
    for line in ["/plan show plan:", "/campaign log campaign:", "/mdf request fund:"] {
        let offered = w.person(Who::Pat).is_offered(line).await.join(" ");
        assert!(offered.contains("@everyone") && !offered.contains(['\u{202e}', '\u{200b}']), "{offered:?}");
    }
}

async fn what_shows_nothing_is_no_name(w: &mut World) {
    agreed(w).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    pat.runs("/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    let before = w.stored(crate::harness::stored::TRAIL).await;
    for nothing in [" ", "\u{200b}\u{202e}", "\u{3164}", "\u{200d}\u{2060}\u{feff}", "\u{ad}", "\0"] {
        let request = format!("/mdf request campaign:CMP-1 cost:2 amount:1 fund:acme-q1 purpose:{nothing}");
        let told = pat.forges(&request).await;
        if nothing == "\0" {
            // It becomes the sign for what can't be shown, which is something.
            assert!(told.starts_with("MDF-2 is submitted"), "{told}");
            continue;
        }
        assert_eq!(told, "A request needs a purpose of at most 1000 characters.", "{nothing:?}");
        let add = format!("/campaign add type:email start:2026-02-10 leads:1 pipeline:1 name:{nothing}");
        let told = w.person(Who::Gil).forges(&add).await;
        assert_eq!(told, "There is no plan yet. Create one with /plan create.");
        let told = amir.presses(&card, "Decline…", &[("reason", nothing)]).await;
        assert_eq!(told, "A reason is needed. Say in a sentence what should be different.", "{nothing:?}");
        assert_eq!(w.stored(crate::harness::stored::TRAIL).await, before, "{nothing:?}");
    }
    w.person(Who::Gil).runs("/plan create period:Q1 2026").await;
    let add = "/campaign add type:email start:2026-02-10 leads:1 pipeline:1 name:\u{3164}\u{200b}";
    assert_eq!(w.person(Who::Gil).forges(add).await, "A campaign needs a name of at most 100 characters.");
}

async fn texts_over_their_limit(w: &mut World) {
    agreed(w).await;
    w.person(Who::Gil).runs("/plan create period:Q1 2026").await;
    let long = "x".repeat(4_000);
    let over = "x".repeat(1_001);
    let request = "/mdf request campaign:CMP-1 cost:2 amount:1 fund:acme-q1 purpose:";
    let log = "/campaign log campaign:CMP-1 spend:1";
    let too_long =
        |option: &str| format!("The option {option} takes at most 1000 characters. Say it shorter.");
    let (payer, invoice, note) = (too_long("payer"), too_long("invoice"), too_long("note"));
    let purpose = "A request needs a purpose of at most 1000 characters.";
    let unknown = "I can't find that here. Pick it from the list that the option offers.";
    let lines = [
        (format!("{request}{long}"), purpose),
        (format!("{request}{over}"), purpose),
        (format!("{log} payer:{over}"), payer.as_str()),
        (format!("{log} invoice:{long}"), invoice.as_str()),
        (format!("{log} note:{over}"), note.as_str()),
        (
            format!("/campaign log campaign:CMP-1 spend:{long}"),
            "That is too long for an amount. Write it like 12,500.00 or 12.5k.",
        ),
        (format!("/campaign log campaign:{long} spend:1"), unknown),
        (format!("/plan show plan:{long}"), unknown),
        (
            format!("/plan create period:Q2 2026 name:{}", "x".repeat(101)),
            "A name has at most 100 characters.",
        ),
    ];
    answered(w, w.person(Who::Pat), &lines.each_ref().map(|(line, said)| (line.as_str(), *said))).await;
    let add = "/campaign add type:email start:2026-02-10 leads:1 pipeline:1 name:";
    let segment = "The option segment takes at most 4000 characters. Say it shorter.";
    let lines = [
        (format!("{add}{}", "x".repeat(101)), "A campaign needs a name of at most 100 characters."),
        (format!("{add}x segment:{long}x"), segment),
    ];
    answered(w, w.person(Who::Gil), &lines.each_ref().map(|(line, said)| (line.as_str(), *said))).await;
    // What quotes a long text stays short.
    for option in [
        "period:",
        "period:Q2 2026 time-zone:",
        "period:Q2 2026 currency:",
        "period:Q2 2026 cadence:",
        "period:Q2 2026 sign-by:",
    ] {
        let told = w.person(Who::Pat).forges(&format!("/plan create {option}{long}")).await;
        assert!(told.chars().count() < 500 && told.contains(' '), "{option} {told}");
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM plan").await, 2);
}

/// Every text as long as it may be, of characters that are escaped: what is drawn is twice as long.
async fn the_longest_texts_fit_on_every_card(w: &mut World) {
    let (name, text) = ("*".repeat(100), "_".repeat(1_000));
    told_with(w, &name, &text).await;
    let card = w.card(APPROVALS, "ACME/MDF-2");
    assert!(card.text().contains("\\_\\_"), "{}", card.text());
    // Discord refuses what is too long, and what it refuses would be a dead letter at the story's end.
    assert_eq!(w.number("SELECT COUNT(*) FROM outbox WHERE dead_at IS NOT NULL").await, 0);
}

async fn a_forged_form_has_no_longer_reason(w: &mut World) {
    agreed(w).await;
    w.person(Who::Pat).runs("/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    let amir = w.person(Who::Amir);
    for label in ["Return…", "Decline…"] {
        let id = card.button(label).unwrap().custom_id.unwrap();
        let verb = if label == "Return…" { "mdf-return" } else { "mdf-decline" };
        let form = format!("{verb}:{}", id.split_once(':').unwrap().1);
        for long in [501, 4_000] {
            let before = w.stored(crate::harness::stored::TRAIL).await;
            let told = amir.forges_form(&form, &[("reason", &"x".repeat(long))]).await;
            assert_eq!(told, "A reason has at most 500 characters. Say it shorter.");
            assert_eq!(w.stored(crate::harness::stored::TRAIL).await, before);
        }
    }
    let told = amir.presses(&card, "Decline…", &[("reason", &"x".repeat(500))]).await;
    assert!(told.starts_with("MDF-1 is declined: xxx"), "{told}");
}
