//! Templates: what the vendor keeps of one partner's plan for all of them, and what becomes of it.

use crate::harness::world::Player;
use crate::harness::{World, stories};
use discord_local::Message;
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, Who};

stories!(
    a_plan_of_one_partner_becomes_a_template_for_all,
    amounts_go_along_only_where_the_vendor_says_so,
    what_does_not_fit_is_cut_or_left_out_and_named,
    a_campaign_is_added_to_a_draft_from_a_template,
    a_template_is_replaced_and_removed,
);

/// The newest message with such a button that somebody alone can see.
pub fn asked(w: &World, who: Who, channel: u64, label: &str) -> Message {
    let all = w.discord.person(who.id()).messages(channel);
    let found = all.iter().rev().find(|message| message.button(label).is_some()).cloned();
    let found = found.unwrap_or_else(|| panic!("no button {label:?}"));
    assert_eq!(found.ephemeral_for, Some(who.id()), "nobody else sees it");
    found
}

pub const SHARE: &str = "Share with every partner";

/// Saves a template, reads all of its pages, and shares it; gives what was shown and what was said.
pub async fn shares(w: &World, player: Player<'_>, line: &str) -> (String, String) {
    let mut shown = vec![player.runs(line).await];
    loop {
        let all = w.discord.person(player.who.id()).messages(player.channel);
        let newest = all.iter().rev().find(|message| message.ephemeral_for.is_some()).unwrap().clone();
        if newest.button(SHARE).is_some() {
            let said = player.presses(&newest, SHARE, &[]).await;
            return (shown.join("\n"), said);
        }
        assert!(newest.button("Next page").is_some(), "{}", newest.text());
        shown.push(player.presses(&newest, "Next page", &[]).await);
    }
}

/// A plan of Acme with a webinar and a mailing, all of it as people write such things.
pub async fn acme_has_a_plan(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 name:Heron cadence:weekly jbp-revenue:1.2m marketing-share:30% win-rate:25% routing-hours:24 vendor-hours:20 partner-hours:31").await;
    pat.runs("/campaign add name:Acme spring webinar type:Webinar start:2026-02-10 leads:30 pipeline:90k budget:15k mdf:60% segment:Mid-market of ACME message:Ask <@2004> or see https://acme.example offer:Trial channel:Zoom slug:acme-secret-tag").await;
    pat.runs("/campaign add name:Nurture type:Email start:2026-03-01 end:2026-03-31 leads:10 pipeline:30k sends:2026-03-02, 2026-03-16 budget:5k").await;
    pat.runs("/task add campaign:CMP-1 what:Print Acme badges due:2026-02-12 owner:2004").await;
    pat.runs("/promise make what:200 prospects of Acme due:2026-01-20 campaign:CMP-1").await;
    pat.runs("/promise make what:Quarterly review in person due:2026-03-30").await;
    pat.runs("/plan edit partner-owner:2004").await;
}

async fn a_plan_of_one_partner_becomes_a_template_for_all(w: &mut World) {
    let [vera, gil] = [Who::Vera, Who::Gil].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    let saved = vera.runs("/template save name:Webinar series").await;
    assert!(saved.contains("**Every partner of the program, now and later, will be able to read all that follows, word by word.**"), "{saved}");
    assert!(saved.contains("Nothing is shared yet."), "{saved}");
    assert_eq!(
        gil.runs("/template list").await,
        "Templates (0)\nNone yet. The vendor keeps them.\npage 1 of 1"
    );
    assert!(gil.is_offered("/template use template:").await.is_empty());
    let (shown, said) = shares(w, vera, "/template save name:Webinar series").await;
    assert_eq!(
        said,
        "“Webinar series” is shared: both sides' plan editors start from it with /template use, such as period:Q2 2026."
    );
    for line in [
        "Plan of 90 days · review cadence `weekly monday 09:00` · attribution first touch · leads accepted within 24 h",
        "**1. {partner} spring webinar** · Webinar · from day 41 of the plan, 1 day",
        "of all campaigns: 75 % of the leads, 75 % of the pipeline, 75 % of the budget",
        "budget line Campaign: 100 % of the budget (MDF 60 %, partner co-investment 40 %)",
        "segment: Mid-market of {partner}",
        "message: Ask \\[…\\] or see \\[…\\]",
        "task of the partner, 2 days after its last day: Print {partner} badges",
        "promise of the partner, 21 days before its first day: 200 prospects of {partner}",
        "**2. Nurture** · Email · from day 60 of the plan, 31 days",
        "sends on its day 2, day 16",
        "promise of the partner, 88 days after the plan's first day: Quarterly review in person",
    ] {
        assert!(shown.contains(line), "{line} is in:\n{shown}");
    }
    assert_eq!(
        gil.runs("/template list").await,
        "Templates (1)\n• **Webinar series** · Plan of 90 days · 2 campaigns · proportions only\npage 1 of 1"
    );
    assert_eq!(gil.is_offered("/template use template:web").await, ["Webinar series"]);
    let used = gil
        .runs(
            "/template use template:webinar  SERIES period:Q2 2026 leads:101 pipeline:300k budget:30,000.01",
        )
        .await;
    assert!(
        used.contains("PLN-1 is a draft made from the template “Webinar series”, with 2 campaigns."),
        "{used}"
    );
    globex_has_it_as_its_own(w, gil).await;
    nothing_of_acme_is_told(w);
}

/// Dates by days after the plan's first, what is given in all spread to the last unit, names filled in.
async fn globex_has_it_as_its_own(w: &World, gil: Player<'_>) {
    let of_globex = "FROM campaign c JOIN partner p ON p.id = c.partner_id WHERE p.key = 'globex'";
    for (number, name, from, to, leads, pipeline) in [
        (1, "Globex spring webinar", "2026-05-11", "2026-05-11", 76, 22_500_000),
        (2, "Nurture", "2026-05-30", "2026-06-29", 25, 7_500_000),
    ] {
        let row = w.word(&format!("SELECT c.name || ' ' || c.starts_on || ' ' || c.ends_on || ' ' || CAST(c.target_leads AS TEXT) || ' ' || CAST(c.target_pipeline AS TEXT) {of_globex} AND c.number = {number}")).await;
        assert_eq!(row, format!("{name} {from} {to} {leads} {pipeline}"));
    }
    let slugs = w.word(&format!("SELECT c.slug {of_globex} AND c.number = 1")).await;
    assert_eq!(slugs, "northwind-globex-globex-spring-webinar");
    let sum = "SELECT CAST(SUM(b.planned_minor) AS BIGINT) FROM budget_line b JOIN campaign c ON c.id = b.campaign_id JOIN partner p ON p.id = c.partner_id WHERE p.key = 'globex'";
    assert_eq!(w.number(sum).await, 3_000_001, "nothing of the budget is lost");
    let shares = "SELECT CAST(SUM(s.amount_minor) AS BIGINT) FROM funding_share s JOIN budget_line b ON b.id = s.budget_line_id JOIN campaign c ON c.id = b.campaign_id JOIN partner p ON p.id = c.partner_id WHERE p.key = 'globex'";
    assert_eq!(w.number(shares).await, 3_000_001, "shares add up to the lines");
    let promises = gil.runs("/promise list").await;
    assert!(promises.contains("by 2026-04-20 · open: 200 prospects of Globex (CMP-1)"), "{promises}");
    assert!(promises.contains("by 2026-06-28 · open: Quarterly review in person"), "{promises}");
    let tasks = gil.runs("/task list campaign:CMP-1").await;
    assert!(tasks.contains("Print Globex badges") && tasks.contains("2026-05-13"), "{tasks}");
    let shown = gil.runs("/plan show").await;
    assert!(
        shown.contains("weekly") && shown.contains("Q2") || shown.contains("2026-04-01 to 2026-06-30"),
        "{shown}"
    );
    assert_eq!(
        w.number("SELECT COUNT(*) FROM plan WHERE jbp_revenue IS NOT NULL").await,
        1,
        "the JBP stays behind"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan WHERE hours_partner IS NOT NULL").await, 1);
    assert_eq!(
        w.number(&format!(
            "SELECT COUNT(*) {of_globex} AND (c.owner_vendor IS NOT NULL OR c.owner_partner IS NOT NULL)"
        ))
        .await,
        0
    );
}

fn nothing_of_acme_is_told(w: &World) {
    let seen = w.seen_by(Who::Gil);
    for secret in ["Acme", "acme", "ACME", "Heron", "2004", "secret-tag", "1,200,000", "90,000", "15,000"] {
        assert!(!seen.contains(secret), "{secret} is told: {seen}");
    }
}

async fn amounts_go_along_only_where_the_vendor_says_so(w: &mut World) {
    let [vera, gil] = [Who::Vera, Who::Gil].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    let (shown, _) = shares(
        w,
        vera.at(APPROVALS),
        "/template save name:With amounts figures:True texts:False partner:acme",
    )
    .await;
    for line in [
        "Targets and budgets go along as **amounts in EUR**.",
        "targets: 30 leads, EUR 90,000.00 pipeline",
        "budget line Campaign: EUR 15,000.00 (MDF EUR 9,000.00, partner co-investment EUR 6,000.00)",
        "task of the vendor, 28 days before its first day: Name and brief the speakers",
    ] {
        assert!(shown.contains(line), "{line} is in:\n{shown}");
    }
    for left in ["Mid-market", "badges", "prospects of", "Quarterly"] {
        assert!(!shown.contains(left), "{left} is in:\n{shown}");
    }
    let used = gil.runs("/template use template:With amounts period:Q1 2027").await;
    assert!(used.contains("40 leads") && used.contains("EUR 20,000.00 budget"), "{used}");
    assert_eq!(
        w.number(
            "SELECT COUNT(*) FROM promise p JOIN partner o ON o.id = p.partner_id WHERE o.key = 'globex'"
        )
        .await,
        0
    );
    // In another currency amounts mean nothing: counts stay, amounts are left out and that is said.
    let yen = gil.runs("/template use template:With amounts period:Q2 2027 currency:JPY").await;
    assert!(yen.contains("Its amounts are in EUR, not in JPY, and were left out: set them anew with /campaign edit and /campaign budget."), "{yen}");
    assert!(yen.contains("40 leads") && yen.contains("JPY 0 budget"), "{yen}");
    let given = gil.runs("/template use template:With amounts period:Q3 2027 currency:JPY pipeline:1,000,001 budget:10,001").await;
    assert!(given.contains("JPY 10,001 budget") && !given.contains("left out"), "{given}");
    assert_eq!(w.number("SELECT CAST(SUM(c.target_pipeline) AS BIGINT) FROM campaign c JOIN plan p ON p.id = c.plan_id WHERE p.currency = 'JPY'").await, 1_000_001);
    let said = gil.runs("/template use template:With amounts period:Q4 2027 leads:-1").await;
    assert_eq!(said, "A target can't be negative. Give 0 where there is none.");
    let said = gil.runs("/template use template:With amounts period:Q4 2027 pipeline:-5").await;
    assert_eq!(said, "An amount can't be negative. Write it without the minus sign.");
    let said = gil.runs("/template use template:With amounts period:Q4 2027 currency:JPY budget:1.5").await;
    assert!(said.contains("JPY has no decimals"), "{said}");
}

async fn what_does_not_fit_is_cut_or_left_out_and_named(w: &mut World) {
    let [vera, pat, gil] = [Who::Vera, Who::Pat, Who::Gil].map(|who| w.person(who));
    pat.runs("/plan create period:H1 2026").await;
    pat.runs("/campaign add name:Early type:Social start:2025-12-20 end:2026-01-10 leads:1 pipeline:1k")
        .await;
    pat.runs("/campaign add name:Long type:Email start:2026-02-01 end:2026-05-31 sends:2026-02-02, 2026-05-04 leads:1 pipeline:1k").await;
    pat.runs("/campaign add name:Late *show* type:Other start:2026-06-01 leads:1 pipeline:1k").await;
    shares(w, vera, "/template save name:Half").await;
    let used = gil.runs("/template use template:Half period:Q2 2026").await;
    assert!(
        used.contains("PLN-1 is a draft made from the template “Half”, with 2 campaigns. Cut at the ends of the period: CMP-1, CMP-2. Outside the period and left out: “Late \\*show\\*”. It has no targets yet: set them with /campaign edit."),
        "{used}"
    );
    for (number, from, to) in [(1, "2026-04-01", "2026-04-10"), (2, "2026-05-02", "2026-06-30")] {
        let row = w.word(&format!("SELECT c.starts_on || ' ' || c.ends_on FROM campaign c JOIN partner p ON p.id = c.partner_id WHERE p.key = 'globex' AND c.number = {number}")).await;
        assert_eq!(row, format!("{from} {to}"));
    }
    let listed = gil.runs("/campaign list").await;
    assert!(listed.contains("CMP-2"), "{listed}");
    let none = gil.runs("/template use template:Half period:2026-04-20..2026-04-25").await;
    assert!(
        none.contains("with 1 campaign. Cut at the ends of the period: CMP-3. Outside the period and left out: “Long”, “Late \\*show\\*”."),
        "{none}"
    );
    let whole = gil.runs("/template use template:Half period:H2 2026 name:Second half").await;
    assert!(whole.contains("with 3 campaigns. Cut at the ends of the period: CMP-4."), "{whole}");
    let unclear = gil.runs("/template use template:Half period:whenever").await;
    assert!(unclear.starts_with("“whenever” is not a period."), "{unclear}");
}

async fn a_campaign_is_added_to_a_draft_from_a_template(w: &mut World) {
    let [vera, gil, ines] = [Who::Vera, Who::Gil, Who::Ines].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    let (shown, _) = shares(w, vera, "/template save name:One webinar campaign:CMP-1").await;
    assert!(
        shown.contains("**1. {partner} spring webinar** · Webinar · 1 day") && !shown.contains("Nurture"),
        "{shown}"
    );
    gil.runs("/plan create period:Q2 2026").await;
    let add = "/template use template:One webinar";
    assert_eq!(
        gil.runs(&format!("{add} period:Q3 2026")).await,
        "“One webinar” is the template of a campaign: it needs a first day. Say from when, in the option start, such as 2026-04-14; period and currency are for a plan's template."
    );
    let added = gil.runs(&format!("{add} start:2026-05-12 leads:50 pipeline:150k budget:10k")).await;
    assert!(
        added.contains("CMP-1 is added to PLN-1 from the template “One webinar”, 2026-05-12 to 2026-05-12."),
        "{added}"
    );
    assert!(added.contains("Globex spring webinar") && added.contains("EUR 6,000.00"), "{added}");
    let named = gil.runs(&format!("{add} start:2026-06-16 name:Second one")).await;
    assert!(named.contains("Second one") && named.contains("It has no targets yet"), "{named}");
    assert_eq!(
        gil.runs(&format!("{add} start:2026-07-01")).await,
        "From 2026-07-01 on, it lies outside the plan's period. Dates must overlap 2026-04-01 to 2026-06-30."
    );
    assert_eq!(
        gil.runs("/template use template:No such start:2026-05-01").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    let missing = ines.runs(&format!("{add} start:2026-05-12")).await;
    assert!(missing.starts_with("You may not do this: it needs \"edit plans\"."), "{missing}");
    // A proposed plan is a draft again, and its signatures are void; a signed one takes no template.
    gil.runs("/campaign edit campaign:CMP-2 leads:5 pipeline:10k").await;
    gil.runs("/plan propose").await;
    vera.at(GLOBEX).presses(&w.card(GLOBEX, "PLN-1"), "Sign", &[]).await;
    let voided = gil.runs(&format!("{add} start:2026-06-20")).await;
    assert!(voided.contains("The plan is a draft again and its signatures are void"), "{voided}");
    gil.runs("/plan propose").await;
    let card = w.card(GLOBEX, "PLN-1");
    vera.at(GLOBEX).presses(&card, "Sign", &[]).await;
    ines.presses(&card, "Sign", &[]).await;
    assert_eq!(
        gil.runs(&format!("{add} start:2026-06-20 plan:PLN-1")).await,
        "PLN-1 is signed by both sides: templates are for drafts. File it as an adjustment with /campaign add, which takes a reason."
    );
}

async fn a_template_is_replaced_and_removed(w: &mut World) {
    let [vera, gil] = [Who::Vera, Who::Gil].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    shares(w, vera, "/template save name:Series").await;
    vera.runs("/campaign cancel campaign:CMP-2 reason:Too much confirm:CMP-2").await;
    let (shown, said) = shares(w, vera, "/template save name:SERIES").await;
    assert!(
        shown.contains("It takes the place of the template of that name.") && !shown.contains("Nurture"),
        "{shown}"
    );
    assert!(said.starts_with("“SERIES” is shared"), "{said}");
    let listed = gil.runs("/template list").await;
    assert!(listed.starts_with("Templates (1)\n• **SERIES** · Plan of 90 days · 1 campaign "), "{listed}");
    gil.runs("/template use template:Series period:Q2 2026").await;
    assert_eq!(
        gil.runs("/template remove template:SERIES").await,
        "You may not do this: it needs \"manage plans\". The vendor can."
    );
    let asked_first = vera.runs("/template remove template:Series").await;
    assert!(
        asked_first.contains("Remove the template “SERIES”?")
            && asked_first.contains("Nothing has happened yet."),
        "{asked_first}"
    );
    let card = asked(w, Who::Vera, ACME, "Remove");
    assert_eq!(
        vera.presses(&card, "Remove", &[]).await,
        "The template “SERIES” is removed. What was made from it stays."
    );
    assert_eq!(
        vera.presses(&card, "Remove", &[]).await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    assert!(gil.runs("/template list").await.starts_with("Templates (0)"));
    assert!(gil.runs("/plan show").await.contains("Globex spring webinar"), "what was made from it stays");
    let trail = ["template_drafted", "template_shared", "template_removed"];
    for (code, times) in trail.into_iter().zip([2, 2, 1]) {
        assert_eq!(
            w.number(&format!("SELECT COUNT(*) FROM audit WHERE code = '{code}'")).await,
            times,
            "{code}"
        );
    }
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE detail LIKE '%SERIES%'").await,
        0,
        "ids and hashes only"
    );
}
