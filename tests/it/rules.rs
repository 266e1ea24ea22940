//! The rules that money follows: set in chat beside bot.toml, and what a request then gets.

mod business;
mod money;
mod waiting;

use crate::harness::{World, stories};
use tandem::playground::seed::{self, ACME, APPROVALS, GLOBEX, GUILD, Who};

stories!(
    an_activity_type_is_set_in_chat,
    a_tier_fills_in_what_the_type_does_not_say,
    too_little_notice_is_said,
    companies_have_calendars_and_the_program_quiet_hours,
    chains_of_approval_are_set_in_chat,
    what_is_declared_is_not_changed_in_chat,
    what_cannot_be_a_rule,
    nobody_else_sets_a_rule,
);

const MANAGE_SERVER: u64 = 1 << 5;
const OWNERS: u64 = 4100;

/// Nobody becomes the one who manages the server, and so the program's first administrator.
pub fn owner(w: &World) {
    w.discord.create_role_with_id(OWNERS, GUILD, "Owners", MANAGE_SERVER);
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[OWNERS]);
}

async fn proposed(w: &World, start: &str) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    let add = "/campaign add name:Spring webinar type:Webinar leads:40 pipeline:120k budget:40k mdf:50%";
    pat.runs(&format!("{add} start:{start}")).await;
    pat.runs("/plan propose").await;
}

async fn an_activity_type_is_set_in_chat(w: &mut World) {
    owner(w);
    let (nobody, pat) = (w.person(Who::Nobody), w.person(Who::Pat));
    let shown = nobody.runs("/setup activity type:Webinar").await;
    for part in [
        "50 % of the cost, no cap · 10 business days of notice · claims within 60 days of the end · approved before it starts",
        "platform; speaker; promotion; registration",
        "how many registered and attended; attendee list (optional, restricted)",
    ] {
        assert!(shown.contains(part), "{part} is in:\n{shown}");
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM activity_rule").await, 0, "looking sets nothing");
    let set = "/setup activity type:Webinar share:40% cap:5k notice:5 claim-window:30 pre-approval:no \
               eligible:venue; speaker results-evidence:reach; guests (restricted) cost-evidence:none";
    let shown = nobody.runs(set).await;
    for part in [
        "40 % of the cost, at most EUR 5,000.00 · 5 business days of notice · claims within 30 days of the end · may start before it is approved",
        "venue; speaker",
        "reach; guests (restricted)",
        "invitation and agenda; screenshot of the session",
    ] {
        assert!(shown.contains(part), "{part} is in:\n{shown}");
    }
    // Another call changes only what it says.
    let shown = nobody.runs("/setup activity type:Webinar cap:4000 pre-approval:default").await;
    assert!(shown.contains("40 % of the cost, at most EUR 4,000.00 · 5 business days"), "{shown}");
    proposed(w, "2026-02-10").await;
    let request = "/mdf request campaign:CMP-1 purpose:Speaker fund:acme-q1";
    assert_eq!(
        pat.runs(&format!("{request} cost:5000 amount:2001")).await,
        "EUR 2,001.00 is more than this activity gets: 40 % of the cost is EUR 2,000.00. Ask for at most EUR 2,000.00."
    );
    assert_eq!(
        pat.runs(&format!("{request} cost:20k amount:8k")).await,
        "EUR 8,000.00 is more than this activity gets: one request gets EUR 4,000.00 at most. Ask for at most EUR 4,000.00."
    );
    assert!(pat.runs(&format!("{request} cost:20k amount:4k")).await.starts_with("MDF-1 is submitted"));
    let listed = nobody.runs("/setup show").await;
    let line = "• Webinar: 40 % · at most EUR 4,000.00 · 5 business days of notice · claims within 30 days";
    assert!(listed.contains(line), "{listed}");
    let shown = nobody.runs("/setup activity type:Webinar reset:True").await;
    assert!(shown.contains("50 % of the cost, no cap · 10 business days"), "{shown}");
    assert_eq!(
        nobody.runs("/setup activity type:Webinar reset:True").await,
        "The rule of Webinar is not set. See what is set with /setup show."
    );
    let audited = "SELECT COUNT(*) FROM audit WHERE item = 'activity:webinar' AND code =";
    assert_eq!(w.number(&format!("{audited} 'rule_set'")).await, 2);
    assert_eq!(w.number(&format!("{audited} 'rule_removed'")).await, 1);
}

async fn a_tier_fills_in_what_the_type_does_not_say(w: &mut World) {
    owner(w);
    let (nobody, pat) = (w.person(Who::Nobody), w.person(Who::Pat));
    w.sql("UPDATE partner SET tier = 'gold-plus' WHERE key = 'acme'").await.unwrap();
    assert_eq!(
        nobody.runs("/setup tier tier:Gold Plus share:60% cap:10k").await,
        "Tier Gold Plus: 60 % · at most EUR 10,000.00"
    );
    proposed(w, "2026-02-10").await;
    let request = "/mdf request campaign:CMP-1 purpose:Speaker fund:acme-q1";
    assert!(pat.runs(&format!("{request} cost:10k amount:6000.01")).await.contains("60 % of the cost"));
    assert!(pat.runs(&format!("{request} cost:20k amount:12k")).await.contains("gets EUR 10,000.00 at most"));
    assert!(pat.runs(&format!("{request} cost:10k amount:6k")).await.starts_with("MDF-1 is submitted"));
    // The type's own share wins; the tier's cap stays, until the type says that there is none.
    nobody.runs("/setup activity type:Webinar share:70%").await;
    assert!(pat.runs(&format!("{request} cost:20k amount:14k")).await.contains("gets EUR 10,000.00 at most"));
    nobody.runs("/setup activity type:Webinar cap:unlimited").await;
    assert!(pat.runs(&format!("{request} cost:20k amount:14k")).await.starts_with("MDF-2 is submitted"));
    assert_eq!(
        nobody.runs("/setup tier tier:gold-plus remove:True").await,
        "Tier Gold Plus has nothing of its own any more: its partners get what the activity types say."
    );
    assert_eq!(
        nobody.runs("/setup tier tier:silver").await,
        "Nothing is said of that tier. Say a share, a cap, or whether approval comes first."
    );
}

async fn too_little_notice_is_said(w: &mut World) {
    owner(w);
    let (nobody, pat) = (w.person(Who::Nobody), w.person(Who::Pat));
    // Monday, 5 January: Monday, 19 January is ten business days later.
    proposed(w, "2026-01-19").await;
    let request = "/mdf request campaign:CMP-1 purpose:Speaker fund:acme-q1 cost:2k amount:1k";
    assert!(!pat.runs(request).await.contains("notice"));
    assert_eq!(
        nobody.runs("/setup holiday day:2026-01-06").await,
        "2026-01-06 is a holiday of Northwind: it does not count as a business day."
    );
    let warning =
        "Too little notice: 9 of 10 business days before the campaign starts. In time was until 2026-01-04.";
    assert!(pat.runs(request).await.contains(warning));
    assert!(w.card(APPROVALS, "ACME/MDF-2").text().contains(warning), "the deciders read it too");
    // The partner's holiday is not the vendor's.
    nobody.runs("/setup holiday day:2026-01-06 remove:True").await;
    nobody.runs("/setup holiday day:2026-01-06 company:acme").await;
    assert!(!pat.runs(request).await.contains("notice"));
    // Where nothing has to be approved first, no notice is asked for.
    nobody.runs("/setup activity type:Webinar notice:11").await;
    assert!(pat.runs(request).await.contains("10 of 11 business days"));
    nobody.runs("/setup activity type:Webinar pre-approval:no").await;
    assert!(!pat.runs(request).await.contains("notice"));
}

async fn companies_have_calendars_and_the_program_quiet_hours(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(
        nobody.runs("/setup hours work-days:sun-thu quiet:20:00-08:00").await,
        "Northwind works mon,tue,wed,thu,sun; nothing is posted 20:00 to 08:00 (Europe/Berlin)."
    );
    assert_eq!(
        nobody.runs("/setup hours work-days:mon-fri company:acme").await,
        "Acme works mon-fri; nothing is posted 20:00 to 08:00 (Europe/Berlin)."
    );
    assert_eq!(
        nobody.runs("/setup holiday day:2026-12-24 until:2026-12-31 company:Globex").await,
        "2026-12-24 to 2026-12-31 is a holiday of Globex: it does not count as a business day."
    );
    let shown = nobody.runs("/setup show page:2").await + &nobody.runs("/setup show").await;
    for line in [
        "• Northwind works mon,tue,wed,thu,sun",
        "• Acme works mon-fri",
        "• Holidays of Globex: 2026-12-24, 2026-12-25, 2026-12-26, 2026-12-27, 2026-12-28, 2026-12-29, 2026-12-30, 2026-12-31",
        "• Nothing is posted 20:00 to 08:00",
    ] {
        assert!(shown.contains(line), "{line} is in:\n{shown}");
    }
    assert_eq!(
        nobody.runs("/setup holiday day:2026-12-31 company:globex remove:True").await,
        "2026-12-31 is no holiday of Globex any more."
    );
    assert_eq!(
        nobody.runs("/setup holiday day:2026-12-31 company:globex remove:True").await,
        "The holiday of Globex on 2026-12-31 is not set. See what is set with /setup show."
    );
    assert_eq!(
        nobody.runs("/setup hours work-days:default quiet:none").await,
        "Northwind works mon-fri; posts go out at any hour."
    );
    assert_eq!(nobody.runs("/setup hours quiet:none").await, "There are no quiet hours.");
    for (said, told) in [
        (
            "10:30",
            "Northwind works mon-fri; posts go out at any hour. The digest of open decisions comes at 10:30.",
        ),
        ("none", "Northwind works mon-fri; posts go out at any hour. No digest of open decisions is posted."),
        ("default", "Northwind works mon-fri; posts go out at any hour."),
        (
            "noon",
            "That is no time for the digest. Write a time of the day such as 09:00, or none, or default.",
        ),
    ] {
        assert_eq!(nobody.runs(&format!("/setup hours digest:{said}")).await, told);
    }
}

async fn chains_of_approval_are_set_in_chat(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(
        nobody.runs("/setup approval for:requests").await,
        "Requests: 1 step: anybody who may.\n\
         A waiting decision is reminded of after 2 business days, escalated after 3 business days."
    );
    let role = w.number("SELECT COUNT(*) FROM role_grant WHERE role_id = '4003'").await;
    assert!(role > 0, "finance is the vendor's");
    assert_eq!(
        nobody
            .forges(
                "/setup approval for:requests from:10k steps:2 second:4003 auto-under:500 escalate-after:5"
            )
            .await,
        "Requests below EUR 10,000.00: 1 step: anybody who may.\n\
         Requests from EUR 10,000.00: 2 steps: anybody who may, then <@&4003>.\n\
         Requests below EUR 500.00 that the signed plan carries are approved at once.\n\
         A waiting decision is reminded of after 4 business days, escalated after 5 business days."
    );
    assert_eq!(
        nobody.runs("/setup approval for:claims steps:3").await,
        "Claims from EUR 0.00: 3 steps: anybody who may, then anybody who may, then anybody who may.\n\
         A waiting decision is reminded of after 4 business days, escalated after 5 business days."
    );
    let shown = nobody.runs("/setup show page:2").await + &nobody.runs("/setup show").await;
    assert!(
        shown.contains("• Requests from EUR 10,000.00: 2 steps: anybody who may, then <@&4003>"),
        "{shown}"
    );
    let gone = nobody
        .runs("/setup approval for:requests from:10k remove:True auto-under:none escalate-after:default")
        .await;
    assert_eq!(
        gone,
        "Requests: 1 step: anybody who may.\n\
         A waiting decision is reminded of after 2 business days, escalated after 3 business days."
    );
    assert_eq!(
        nobody.runs("/setup approval for:requests from:10k remove:True").await,
        "Who approves requests is not set. See what is set with /setup show."
    );
}

/// The playground's bot.toml with more in it, applied.
async fn declares(w: &World, more: &str) {
    let text =
        seed::bot_toml(&w.addresses).replacen("[[program.role]]", &format!("{more}\n[[program.role]]"), 1);
    w.declares(&text).await.unwrap();
}

const DECLARED: &str = r#"
auto_approve_under = "500"
escalate_after_days = 4

[program.calendar]
work_days = "mon-thu"
holidays = [2026-12-25]
quiet_hours = "22:00-06:30"
digest = "none"

[[program.activity]]
type = "webinar"
share_percent = "30"
results_evidence = ["reach", "guests (optional, restricted)"]

[[program.tier]]
key = "gold"
cap = "unlimited"

[[program.approval]]
for = "requests"
from = "5000"
steps = ["any", "4003"]
"#;

async fn what_is_declared_is_not_changed_in_chat(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    nobody.runs("/setup approval for:requests from:100 steps:3").await;
    nobody.runs("/setup activity type:Webinar share:90%").await;
    nobody.runs("/setup activity type:Email share:80%").await;
    declares(w, DECLARED).await;
    let lines = w.number("SELECT COUNT(*) FROM audit").await;
    declares(w, DECLARED).await;
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit").await,
        lines,
        "what has not changed is not written again"
    );
    for (line, what) in [
        ("activity type:Webinar share:50%", "The rule of Webinar"),
        ("activity type:Webinar reset:True", "The rule of Webinar"),
        ("tier tier:Gold share:50%", "Tier Gold"),
        ("holiday day:2026-12-25 remove:True", "The holiday of Northwind on 2026-12-25"),
        ("hours work-days:mon-fri", "The working week of Northwind"),
        ("hours quiet:none", "When nothing is posted"),
        ("hours digest:08:00", "When the digest of open decisions comes"),
        ("approval for:requests from:50k steps:1", "Who approves requests"),
        ("approval for:requests auto-under:5k", "What is approved at once"),
        ("approval for:requests escalate-after:9", "When a decision is escalated"),
    ] {
        let expected = format!("{what} is declared in bot.toml. Its operator changes it there.");
        let answer = nobody.runs(&format!("/setup {line}")).await;
        assert_eq!(answer.to_lowercase(), expected.to_lowercase(), "{line}");
    }
    // Beside it, chat may say more; what a declared chain would be weakened by is gone.
    nobody.runs("/setup holiday day:2026-12-24").await;
    assert_eq!(
        nobody.runs("/setup approval for:requests").await,
        "Requests below EUR 5,000.00: 1 step: anybody who may.\n\
         Requests from EUR 5,000.00: 2 steps: anybody who may, then <@&4003>.\n\
         Requests below EUR 500.00 that the signed plan carries are approved at once.\n\
         A waiting decision is reminded of after 3 business days, escalated after 4 business days."
    );
    let shown = nobody.runs("/setup show").await + &nobody.runs("/setup show page:2").await;
    for line in [
        "• Webinar: 30 % · results: reach; guests (optional, restricted) · declared in bot.toml",
        "• Email: 80 %\n",
        "• Tier gold: no cap · declared in bot.toml",
        "• Holidays of Northwind: 2026-12-25 · declared in bot.toml",
        "• Holidays of Northwind: 2026-12-24",
        "• Nothing is posted 22:00 to 06:30 · declared in bot.toml",
        "• No digest of open decisions is posted · declared in bot.toml",
    ] {
        assert!(shown.contains(line), "{line} is in:\n{shown}");
    }
    // What is no longer declared holds as it ships; what was set in chat stays.
    declares(w, "").await;
    let shown = nobody.runs("/setup activity type:Webinar").await;
    assert!(shown.contains("50 % of the cost, no cap"), "{shown}");
    let left = nobody.runs("/setup show").await;
    assert!(left.contains("• Email: 80 %") && left.contains("2026-12-24"), "{left}");
    assert!(!left.contains("Tier gold") && !left.contains("2026-12-25"), "{left}");
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'rule_declared'").await, 9);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'rule_removed'").await, 10);
}

async fn what_cannot_be_a_rule(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    let mut wrong = Vec::new();
    for (line, answer) in [
        ("activity type:webinar share:0", "\"0\" is not a percentage."),
        ("activity type:webinar share:101%", "\"101%\" is not a percentage."),
        ("activity type:webinar share:33.333", "A share has at most two decimals."),
        ("activity type:webinar cap:0", "The amount must be above zero."),
        ("activity type:webinar cap:USD 5", "This has to be in EUR, not USD."),
        ("activity type:webinar notice:366", "That is no number of days that I can use."),
        ("activity type:webinar notice:-1", "That is no number of days that I can use."),
        ("activity type:webinar claim-window:soon", "That is no number of days that I can use."),
        ("activity type:webinar claim-window:2", "That is no number of days that I can use."),
        ("activity type:webinar eligible:;", "That is no list of up to 10 entries"),
        ("activity type:webinar eligible:a;b;c;d;e;f;g;h;i;j;k", "That is no list of up to 10 entries"),
        ("activity type:webinar results-evidence:(optional)", "That is no list of up to 10 entries"),
        ("tier tier:--- share:50%", "A tier's name has letters or digits"),
        ("holiday day:2026-02-30", "There is no such day"),
        ("holiday day:2026-12-31 until:2026-12-24", "From 2026-12-31 to 2026-12-24 is no holiday."),
        ("holiday day:2026-01-01 until:2026-02-01", "From 2026-01-01 to 2026-02-01 is no holiday."),
        ("holiday day:2026-12-31 company:initech", "I can't find that here."),
        ("hours", "Nothing is said of any hours."),
        ("hours work-days:funday", "Those are no weekdays."),
        ("hours quiet:8-20", "Those are no quiet hours."),
        ("hours quiet:08:00-08:00", "Those are no quiet hours."),
        ("approval for:requests from:-1 steps:2", "An amount can't be negative."),
        ("approval for:requests steps:0", "A chain has 1 to 5 steps"),
        ("approval for:requests steps:6", "A chain has 1 to 5 steps"),
        ("approval for:requests steps:1 second:4003", "A chain has 1 to 5 steps"),
        ("approval for:requests first:4004", "<@&4004> can't take a step"),
        ("approval for:requests first:1001", "<@&1001> can't take a step"),
        ("approval for:claims auto-under:500", "Claims are never approved at once"),
        ("approval for:requests auto-under:0", "The amount must be above zero."),
        ("approval for:requests escalate-after:0", "That is no number of days that I can use."),
    ] {
        let said = nobody.forges(&format!("/setup {line}")).await;
        if !said.starts_with(answer) {
            wrong.push(format!("{line}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for table in ["activity_rule", "tier_rule", "holiday", "work_week", "chain_rule", "program_rule"] {
        assert_eq!(
            w.number(&format!("SELECT COUNT(*) FROM {table}")).await,
            0,
            "{table}: a refusal leaves nothing"
        );
    }
    for from in 1..=10 {
        nobody.runs(&format!("/setup approval for:claims from:{from}k steps:2")).await;
    }
    assert_eq!(
        nobody.runs("/setup approval for:claims from:11k steps:2").await,
        "There are 10 chains for claims already. Remove one first, with remove:True."
    );
    assert!(
        nobody
            .runs("/setup approval for:claims from:10k steps:3")
            .await
            .contains("from EUR 10,000.00: 3 steps")
    );
}

async fn nobody_else_sets_a_rule(w: &mut World) {
    owner(w);
    for line in [
        "/setup activity type:webinar",
        "/setup tier tier:gold share:90%",
        "/setup holiday day:2026-12-24",
        "/setup approval for:requests steps:1",
        "/setup hours quiet:20:00-08:00",
    ] {
        let vera = w.person(Who::Vera).at(APPROVALS).forges(line).await;
        assert!(
            vera.starts_with("You may not do this: it needs \"administer the program\"."),
            "{line}: {vera}"
        );
        let gil = w.person(Who::Gil).at(GLOBEX).forges(line).await;
        assert_eq!(
            gil, "You may not do this: it needs \"administer the program\". The vendor can.",
            "{line}"
        );
        let pat = w.person(Who::Gil).at(ACME).forges(line).await;
        assert!(pat.starts_with("I can't find that here."), "{line}: {pat}");
    }
}
