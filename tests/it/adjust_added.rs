//! What signers of a change can read and rely on: who pays for a campaign that is added, when results are planned to come,
//! and the utm_campaign, which no other campaign gets meanwhile.

use crate::adjust::{agreed, has};
use crate::copies::files;
use crate::harness::{World, stories};
use crate::template::shares;
use tandem::playground::seed::{ACME, GLOBEX, Who};

stories!(
    a_new_curve_is_read_before_it_is_signed,
    an_added_campaign_shows_who_pays,
    the_utm_campaign_is_signed,
    two_added_campaigns_of_one_name_get_two_slugs_and_are_signed,
    a_slug_that_is_taken_meanwhile_is_refused_at_signing,
    a_campaign_that_is_only_added_is_shown_with_what_brings_it,
    a_draft_warns_in_its_answers,
    targets_that_nobody_can_count_are_refused,
);

/// Has an adjustment signed by each side.
async fn both_sign(w: &World, name: &str) -> String {
    w.person(Who::Olga).presses(&w.card(ACME, name), "Sign", &[]).await;
    w.person(Who::Vera).presses(&w.card(ACME, name), "Countersign", &[]).await
}

/// The document that *Read in full* answers with.
async fn in_full(w: &World, name: &str) -> String {
    w.person(Who::Olga).presses(&w.card(ACME, name), "Read in full", &[]).await;
    let [(_, bytes)] = files(w, Who::Olga, ACME).try_into().unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn a_new_curve_is_read_before_it_is_signed(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    pat.runs("/campaign edit campaign:CMP-1 curve:tail 30, pipeline 60 reason:Slow readers").await;
    pat.runs("/campaign edit campaign:CMP-2 weights:jan 20, feb 30, mar 50 reason:Budget comes late").await;
    let card = w.card(ACME, "ADJ-1 ·").text();
    for line in [
        "Leads come: half two days after its end, the rest over the 14 days after → half two days after its end, the rest over the 30 days after",
        "Pipeline comes: 30 days later → 60 days later",
        "Leads come: evenly over its days → by month: 2026-01 20 %, 2026-02 30 %, 2026-03 50 %",
    ] {
        has(&card, line);
        has(&in_full(w, "ADJ-1 ·").await, &format!("- {line}\n"));
    }
    assert!(!card.contains("set anew"), "{card}");
    has(&both_sign(w, "ADJ-1 ·").await, "signed by both sides");
}

async fn an_added_campaign_shows_who_pays(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 end:2026-02-20 leads:4 pipeline:30k won:9k budget:2k mdf:50% sends:2026-02-10, 2026-02-17 results:by hand slug:mail-2 reason:There is room").await;
    let card = w.card(ACME, "ADJ-1 ·").text();
    for part in [
        "4 leads · EUR 30,000.00 pipeline · EUR 9,000.00 won · EUR 2,000.00 budget",
        "Budget: none → Campaign EUR 2,000.00 (MDF EUR 1,000.00, partner co-investment EUR 1,000.00)",
        "Sends: none → 2026-02-10, 2026-02-17",
        "Results: none → hand",
        "utm_campaign: none → mail-2",
    ] {
        has(&card, part);
    }
    // What has no room is counted, and offered in full.
    let long = "Why a bank needs this now. ".repeat(30);
    pat.runs(&format!("/campaign add name:Long type:Email start:2026-02-12 leads:4 pipeline:30k budget:2k mdf:25% slug:long-one segment:{long} message:{long} reason:More")).await;
    let card = w.card(ACME, "ADJ-1 ·").text();
    has(&card, "(MDF EUR 500.00, partner co-investment EUR 1,500.00)");
    has(&card, "*Read in full* shows what is cut here.");
    let whole = in_full(w, "ADJ-1 ·").await;
    for part in ["long-one", "mail-2", "500", "1500", long.trim(), "2026-02-17"] {
        has(&whole, part);
    }
}

async fn the_utm_campaign_is_signed(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let slug = w.word("SELECT slug FROM campaign WHERE number = 1").await;
    let first = w.word("SELECT snapshot FROM plan_revision WHERE revision = 1").await;
    has(&first, &format!(r#""utm_campaign":"{slug}""#));
    pat.runs("/campaign edit campaign:CMP-1 slug:spring reason:Shorter links").await;
    has(&w.card(ACME, "ADJ-1 ·").text(), &format!("utm_campaign: {slug} → spring"));
    has(&both_sign(w, "ADJ-1 ·").await, "signed by both sides");
    let second = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    let second: serde_json::Value = serde_json::from_str(&second).unwrap();
    assert_eq!(second["adjustment"]["signed"]["changes"][0]["edit"]["utm_campaign"], "spring");
    assert_eq!(second["campaigns"][0]["utm_campaign"], "spring");
    assert_eq!(
        w.word("SELECT snapshot FROM plan_revision WHERE revision = 1").await,
        first,
        "signed bytes stay"
    );
}

async fn two_added_campaigns_of_one_name_get_two_slugs_and_are_signed(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let add = "/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k reason:Room";
    has(&pat.runs(add).await, "filed as ADJ-1");
    // Somebody has chosen what the second would get.
    has(&pat.runs(&format!("{add} slug:northwind-acme-mail-5")).await, "added to ADJ-1");
    has(&pat.runs(add).await, "added to ADJ-1");
    let taken = pat.runs(&format!("{add} slug:northwind-acme-mail")).await;
    assert_eq!(
        taken,
        "You have a campaign with the utm_campaign \"northwind-acme-mail\" already. Choose another slug."
    );
    let taken = pat.runs("/campaign edit campaign:CMP-1 slug:northwind-acme-mail reason:Shorter").await;
    assert_eq!(
        taken,
        "You have a campaign with the utm_campaign \"northwind-acme-mail\" already. Choose another slug."
    );
    assert_eq!(both_sign(w, "ADJ-1 ·").await, "ADJ-1 is signed by both sides: PLN-1 is at revision 2.");
    let slugs = w.word("SELECT slug FROM campaign WHERE number = 5").await;
    assert_eq!(slugs, "northwind-acme-mail-5-x");
    assert_eq!(w.number("SELECT COUNT(*) FROM campaign").await, 5);
    assert_eq!(w.number("SELECT COUNT(DISTINCT slug) FROM campaign").await, 5);
}

async fn a_slug_that_is_taken_meanwhile_is_refused_at_signing(w: &mut World) {
    let [pat, olga, vera] = [Who::Pat, Who::Olga, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign edit campaign:CMP-1 slug:spring reason:Shorter").await;
    // By no command any more: as data of an older program would have it.
    w.sql("UPDATE campaign SET slug = 'spring' WHERE number = 2").await.unwrap();
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    let refused = vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    assert_eq!(
        refused,
        "Another campaign has the utm_campaign of CMP-1 by now. Withdraw this, and file it again with another slug."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 1, "nothing is agreed");
}

async fn a_campaign_that_is_only_added_is_shown_with_what_brings_it(w: &mut World) {
    let [pat, gil] = [Who::Pat, Who::Gil].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k reason:Room").await;
    let comes = "CMP-3 comes with ADJ-1, which waits for signatures: until then it is not part of PLN-1.";
    let shown = pat.runs("/campaign show campaign:CMP-3").await;
    has(&shown, comes);
    has(&shown, "CMP-3 · Mail");
    has(&shown, "EUR 30,000.00 pipeline");
    let refused = format!("{comes} Wait until both sides have signed, or withdraw ADJ-1 and add it anew.");
    for line in [
        "/campaign edit campaign:CMP-3 leads:9 reason:More",
        "/campaign edit campaign:CMP-3",
        "/campaign cancel campaign:CMP-3 reason:No",
        "/campaign ready campaign:CMP-3",
        "/campaign stop campaign:CMP-3 reason:No",
        "/task add campaign:CMP-3 what:Write side:partner due:2026-02-01",
        "/promise make campaign:CMP-3 what:Write due:2026-02-01",
        "/mdf request campaign:CMP-3 cost:1000 amount:500 purpose:Post",
    ] {
        assert_eq!(pat.runs(line).await, refused, "{line}");
    }
    let there = gil.at(GLOBEX).runs("/campaign show campaign:CMP-3").await;
    assert!(!there.contains("ADJ-1"), "{there}");
    both_sign(w, "ADJ-1 ·").await;
    assert!(!pat.runs("/campaign show campaign:CMP-3").await.contains("comes with"));
}

async fn a_draft_warns_in_its_answers(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 vendor-hours:100 partner-hours:10").await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    let edited = pat.runs("/campaign edit campaign:CMP-1 effort-partner:100").await;
    has(
        edited.lines().next().unwrap(),
        "CMP-1 is changed. ⚠ With it, the partner has 10 hours a week, the week of",
    );
    let other = pat.runs("/campaign edit campaign:CMP-1 offer:Trial").await;
    assert_eq!(other.lines().next(), Some("CMP-1 is changed."), "what changes no hours warns of none");
    let vera = w.person(Who::Vera);
    shares(w, vera, "/template save name:Mailing campaign:CMP-1").await;
    let used = pat.runs("/template use template:Mailing start:2026-02-12").await;
    has(used.lines().next().unwrap(), " ⚠ With it, the partner has 10 hours a week, the week of");
}

async fn targets_that_nobody_can_count_are_refused(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    let add = "/campaign add name:Mail type:Email start:2026-02-10";
    for (leads, said) in [
        ("10000001", "A campaign has a target of at most 10,000,000 leads. Give fewer."),
        ("9007199254740991", "A campaign has a target of at most 10,000,000 leads. Give fewer."),
        ("-1", "A target can't be negative. Give 0 where there is none."),
    ] {
        assert_eq!(pat.runs(&format!("{add} leads:{leads} pipeline:1k")).await, said);
    }
    let most = "90000000000000";
    has(&pat.runs(&format!("{add} leads:10000000 pipeline:{most}")).await, "CMP-1 is added");
    has(&pat.runs(&format!("{add} leads:0 pipeline:0.01")).await, "CMP-2 is added");
    let refused = pat.runs("/plan propose").await;
    assert_eq!(
        refused,
        "The pipeline targets of PLN-1 add up to more than Tandem counts (EUR 90,000,000,000,000.00). Lower one of them."
    );
    pat.runs("/campaign edit campaign:CMP-2 pipeline:0").await;
    has(&pat.runs("/plan propose").await, "PLN-1 is proposed");
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    let filed = pat.runs("/campaign edit campaign:CMP-2 pipeline:1 reason:More").await;
    assert_eq!(filed, refused);
    has(&pat.runs("/campaign edit campaign:CMP-2 leads:10000000 reason:More").await, "filed as ADJ-1");
    assert_eq!(both_sign(w, "ADJ-1 ·").await, "ADJ-1 is signed by both sides: PLN-1 is at revision 2.");
    has(&w.card(ACME, "PLN-1").text(), "20,000,000 leads");
}
