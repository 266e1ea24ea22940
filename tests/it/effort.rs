//! Hours: what types of campaigns take in a program, and what that makes of a plan's weeks.

use crate::harness::stored::{TRAIL, difference};
use crate::harness::{World, stories};
use tandem::playground::seed::{self, ACME, APPROVALS, GUILD, Who};

stories!(
    an_administrator_says_what_a_type_takes,
    what_is_declared_is_not_said_in_chat,
    the_hours_are_read_week_by_week,
    a_year_is_read_on_several_pages,
);

const OWNERS: u64 = 4100;

/// Nobody manages the server, and so administers the program.
pub fn administrator(w: &World) {
    w.discord.create_role_with_id(OWNERS, GUILD, "Owners", 1 << 5);
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[OWNERS]);
}

/// A webinar on 10 February: its work is laid over the 29 days from 13 January on.
async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 vendor-hours:7 partner-hours:13").await;
    pat.runs("/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
}

async fn an_administrator_says_what_a_type_takes(w: &mut World) {
    administrator(w);
    drafted(w).await;
    let [nobody, pat] = [Who::Nobody, Who::Pat].map(|who| w.person(who));
    assert!(
        pat.runs("/campaign show campaign:CMP-1")
            .await
            .contains("effort: 20 hours of the vendor, 24 of the partner")
    );
    assert!(!w.card(ACME, "PLN-1").text().contains("Too much"));
    let before = w.stored(TRAIL).await;
    for (line, said) in [
        (
            "/setup effort type:Webinar",
            "Webinar takes 20 hours of the vendor and 24 of the partner. To change it, give the hours of the vendor, of the partner, or of both.",
        ),
        (
            "/setup effort type:Webinar vendor:-1",
            "A campaign can't take -1 hours. Give a whole number from 0 to 10000.",
        ),
        (
            "/setup effort type:Webinar partner:10001",
            "A campaign can't take 10001 hours. Give a whole number from 0 to 10000.",
        ),
        (
            "/setup effort type:Webinar vendor:1 usual:True",
            "Either Tandem's hours hold or yours. Give usual:True alone, or hours without it.",
        ),
    ] {
        assert_eq!(nobody.runs(line).await, said);
    }
    assert_eq!(
        pat.runs("/setup effort type:Webinar vendor:1").await,
        "You may not do this: it needs \"administer the program\". The vendor can."
    );
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    // 58 hours over 29 days: 14 in a whole week.
    assert_eq!(
        nobody.runs("/setup effort type:Webinar partner:58").await,
        "Webinar takes 20 hours of the vendor and 58 of the partner, unless something else is set for a campaign."
    );
    let card = w.card(ACME, "PLN-1").text();
    assert!(
        card.contains("The partner has 13 hours a week, the week of 2026-01-19 takes 14"),
        "cards follow: {card}"
    );
    assert!(
        nobody.runs("/setup show").await.contains("Webinar takes 20 hours of the vendor, 58 of the partner")
    );
    pat.runs("/campaign edit campaign:CMP-1 effort-partner:29").await;
    assert!(
        pat.runs("/campaign show campaign:CMP-1").await.contains("29 of the partner"),
        "the campaign's own goes first"
    );
    assert_eq!(
        nobody.runs("/setup effort type:Webinar usual:True").await,
        "Webinar takes 20 hours of the vendor and 24 of the partner, unless something else is set for a campaign."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM program_effort").await, 0);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'effort_set'").await, 2);
}

/// Starts anew with a block in the playground's configuration.
async fn declared(w: &World, block: &str) {
    let toml = format!("{}\n{block}", seed::bot_toml(&w.addresses));
    w.declares(&toml).await.unwrap();
}

async fn what_is_declared_is_not_said_in_chat(w: &mut World) {
    administrator(w);
    drafted(w).await;
    let nobody = w.person(Who::Nobody);
    nobody.runs("/setup effort type:Webinar partner:58").await;
    nobody.runs("/setup effort type:Email partner:1").await;
    let effort = "[[program.effort]]\ntype = \"webinar\"\nvendor = 29\n";
    for _ in 0..2 {
        declared(w, effort).await;
    }
    let sheet = w.person(Who::Pat).runs("/campaign show campaign:CMP-1").await;
    assert!(
        sheet.contains("effort: 29 hours of the vendor, 24 of the partner"),
        "what it leaves out is as shipped: {sheet}"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'effort_declared'").await, 1, "said once");
    assert_eq!(
        nobody.runs("/setup effort type:Webinar vendor:1").await,
        "The effort of Webinar is declared in bot.toml. Its operator changes it there."
    );
    // 58 hours over 29 days, as a start with another bot.toml says: cards follow.
    assert!(!w.card(ACME, "PLN-1").text().contains("takes 14"));
    declared(w, "[[program.effort]]\ntype = \"webinar\"\nvendor = 29\npartner = 58\n").await;
    w.settle().await;
    let card = w.card(ACME, "PLN-1").text();
    assert!(card.contains("The partner has 13 hours a week, the week of 2026-01-19 takes 14"), "{card}");
    declared(w, "").await;
    w.settle().await;
    assert!(!w.card(ACME, "PLN-1").text().contains("takes 14"));
    assert_eq!(w.word("SELECT kind FROM program_effort").await, "email", "what was said in chat stays");
    let sheet = w.person(Who::Pat).runs("/campaign show campaign:CMP-1").await;
    assert!(sheet.contains("effort: 20 hours of the vendor, 24 of the partner"), "{sheet}");
}

async fn the_hours_are_read_week_by_week(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    pat.runs("/campaign edit campaign:CMP-1 effort-vendor:29 effort-partner:58").await;
    let first = pat.runs("/plan check").await;
    assert!(first.contains("page 1 of 2 · hours week by week: /plan check plan:PLN-1 page:2"), "{first}");
    let weeks = pat.runs("/plan check page:2").await;
    assert_eq!(
        weeks,
        "\
Hours of PLN-1 2026-01-01 to 2026-03-31 week by week
The vendor: 7 h a week; the partner: 13 h a week. `!` is more than that.
```
week of     vendor   partner
2025-12-29       0         0  
2026-01-05       0         0  
2026-01-12       6        12  
2026-01-19       7        14 !
2026-01-26       7        14 !
2026-02-02       7        14 !
2026-02-09       2         4  
2026-02-16       0         0  
2026-02-23       0         0  
2026-03-02       0         0  
2026-03-09       0         0  
2026-03-16       0         0  
2026-03-23       0         0  
2026-03-30       0         0  
```
page 2 of 2"
    );
    assert_eq!(pat.runs("/plan check page:9").await, weeks, "there is no page behind the last");
    assert_eq!(pat.runs("/plan check page:-1").await, first);
    let there = w.person(Who::Amir).at(APPROVALS).runs("/plan check partner:acme page:2").await;
    assert!(there.starts_with("Hours of ACME/PLN-1"), "{there}");
}

async fn a_year_is_read_on_several_pages(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:2026-01-01..2026-12-31").await;
    let second = pat.runs("/plan check page:2").await;
    let third = pat.runs("/plan check page:3").await;
    assert_eq!(second.lines().filter(|line| line.starts_with("202")).count(), 40, "{second}");
    assert_eq!(third.lines().filter(|line| line.starts_with("202")).count(), 13, "{third}");
    assert!(second.contains("The vendor: not stated") && third.contains("page 3 of 3"));
}
