//! Funds as people name them, and funds that `bot.toml` no longer declares: archived with what they hold, still to be seen,
//! and there again once they are put back.

use crate::fund_stories::told;
use crate::harness::files::file;
use crate::harness::{World, stories};
use crate::mdf_life::{agreed, approved};
use crate::setup::{BLUE, blue_sky, confirms};
use tandem::playground::seed::{self, ACME, APPROVALS, GENERAL, Who};

stories!(
    a_fund_that_is_taken_out_is_still_seen,
    a_fund_that_is_put_back_is_there_again,
    a_name_that_two_funds_bear_is_asked_about,
    another_partners_allocation_is_not_credited,
    what_an_archived_partner_has_left_is_taken_back,
);

const UNKNOWN: &str = "I can't find that here. Pick it from the list that the option offers.";

/// An approved request of Acme's own fund, and an allocation of the pool; then both funds are taken out of `bot.toml`.
async fn taken_out(w: &World) {
    approved(w).await;
    w.person(Who::Finn).runs("/fund allocate fund:pool-q1 amount:5k partner:acme").await;
    let toml = seed::bot_toml(&w.addresses);
    w.declares(toml.split("[[program.fund]]").next().unwrap()).await.unwrap();
    w.settle().await;
}

async fn a_fund_that_is_taken_out_is_still_seen(w: &mut World) {
    let [pat, finn, gil] = [Who::Pat, Who::Finn, Who::Gil].map(|who| w.person(who));
    taken_out(w).await;
    let still = "What was approved can still be claimed and is paid. `/fund show` and `/fund statement` still show it.";
    let gone = "is archived: nothing more can be committed from it. It holds";
    for (channel, name, held) in [
        (
            APPROVALS,
            "Q1 MDF pool (pool-q1)",
            "EUR 15,000.00 available, EUR 0.00 committed and EUR 0.00 payable.",
        ),
        (
            APPROVALS,
            "Acme Q1 MDF (acme-q1)",
            "EUR 21,000.00 available, EUR 9,000.00 committed and EUR 0.00 payable.",
        ),
        (
            ACME,
            "Acme Q1 MDF (acme-q1)",
            "EUR 21,000.00 available, EUR 9,000.00 committed and EUR 0.00 payable.",
        ),
        (
            ACME,
            "Q1 MDF pool (Acme) (pool-q1/acme)",
            "EUR 5,000.00 available, EUR 0.00 committed and EUR 0.00 payable.",
        ),
    ] {
        let begin = format!("{name} is archived");
        assert_eq!(told(w, channel, &begin), format!("{name} {gone} {held} {still}"));
    }
    assert!(!w.seen_by(Who::Gil).contains("archived"), "it was never Globex's");
    let shown = pat.runs("/fund show fund:acme-q1").await;
    assert!(shown.contains("EUR 9,000.00") && shown.ends_with("archived"), "{shown}");
    let listed = pat.runs("/fund show").await;
    assert!(listed.contains("archived · until 2026-06-30") && listed.contains("pool-q1/acme"), "{listed}");
    assert!(!listed.contains("15,000"), "{listed}");
    let pool = finn.runs("/fund show fund:Q1 MDF pool").await;
    assert!(
        pool.contains("Q1 MDF pool (Acme): EUR 5,000.00 available") && pool.contains("archived"),
        "{pool}"
    );
    assert!(pat.runs("/fund statement fund:acme-q1").await.starts_with("Statement of Acme Q1 MDF"));
    assert_eq!(
        pat.is_offered("/fund show fund:").await,
        [
            "Acme Q1 MDF (MDF, EUR, until 2026-06-30, archived)",
            "Q1 MDF pool (Acme) (MDF, EUR, until 2026-06-30, archived)"
        ]
    );
    assert_eq!(finn.is_offered("/fund transfer fund:").await, Vec::<String>::new());
    for line in ["/fund show fund:acme-q1", "/fund statement fund:acme-q1"] {
        assert_eq!(gil.runs(line).await, UNKNOWN, "{line}");
    }
    let asked = "/mdf request campaign:CMP-1 cost:600 amount:300 purpose:Speaker fund:acme-q1";
    assert_eq!(pat.runs(asked).await, UNKNOWN, "nothing more can be committed from it");
}

async fn a_fund_that_is_put_back_is_there_again(w: &mut World) {
    let pat = w.person(Who::Pat);
    taken_out(w).await;
    let archived = "SELECT COUNT(*) FROM fund WHERE archived_at IS NOT NULL";
    assert_eq!(w.number(archived).await, 3, "with the allocation");
    let lines = "SELECT COUNT(*) FROM audit WHERE code = 'fund_declared'";
    let before = w.number(lines).await;
    let toml = seed::bot_toml(&w.addresses);
    w.declares(&toml).await.unwrap();
    w.settle().await;
    assert_eq!(w.number(archived).await, 0);
    assert_eq!(w.number(lines).await, before + 2, "each has its line");
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00"
    );
    assert_eq!(
        told(w, ACME, "Acme Q1 MDF (acme-q1) is no"),
        "Acme Q1 MDF (acme-q1) is no longer archived. Available now: EUR 21,000.00."
    );
    let shown = pat.runs("/fund show fund:acme-q1").await;
    assert!(!shown.contains("archived"), "{shown}");
    let asked = "/mdf request campaign:CMP-1 cost:600 amount:300 purpose:Speaker fund:acme-q1";
    assert!(pat.runs(asked).await.starts_with("MDF-2 is submitted"));
    w.declares(&toml).await.unwrap();
    assert_eq!(w.number(lines).await, before + 2, "what has not changed is not written again");
}

async fn a_name_that_two_funds_bear_is_asked_about(w: &mut World) {
    let [pat, finn] = [Who::Pat, Who::Finn].map(|who| w.person(who));
    agreed(w).await;
    let days = "kind:mdf amount:1k valid-from:2026-01-01 valid-until:2026-12-31";
    for key in ["a1", "a2"] {
        finn.runs(&format!("/fund create key:{key} name:Twin {days}")).await;
    }
    let asked = "2 funds are called twin: a1, a2. Name the one that you mean by its key.";
    for line in [
        "/fund show fund:twin",
        "/fund statement fund:twin",
        "/fund allocate fund:twin amount:5",
        "/fund transfer fund:pool-q1 to:twin amount:5 reason:x",
    ] {
        assert_eq!(finn.runs(line).await, asked, "{line}");
    }
    let line = "/mdf request campaign:CMP-1 cost:600 amount:300 purpose:Speaker fund:twin";
    assert_eq!(pat.runs(line).await, asked);
    assert!(finn.runs("/fund show fund:A2").await.starts_with("Twin · a2"));
    assert_eq!(
        finn.runs(&format!("/fund create key:b1 name:A1 {days}")).await,
        "a1 is the key of Twin: no other fund can be called so. Give another name."
    );
    assert_eq!(
        finn.runs(&format!("/fund create key:twin name:Third {days}")).await,
        "The fund a1 is called Twin: no other can have that as its key. Give another key."
    );
    // In bot.toml too: of those that it declares, and of one that was made in chat.
    let toml = seed::bot_toml(&w.addresses);
    let refused = w.declares(&toml.replace("\"Q1 MDF pool\"", "\"A1\"")).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "fund \"pool-q1\": its name is the key of another fund of the program; give it another name"
    );
}

/// Naming one partner's allocation means that partner, by command and by file.
async fn another_partners_allocation_is_not_credited(w: &mut World) {
    let finn = w.person(Who::Finn);
    finn.runs(
        "/fund create key:coop name:Co-op kind:co_op valid-from:2026-01-01 valid-until:2026-06-30 accrual:2%",
    )
    .await;
    finn.runs("/fund accrue fund:coop partner:acme sales:1k date:2026-01-02 reference:A-1").await;
    assert_eq!(
        finn.runs("/fund accrue fund:coop/acme partner:globex sales:1k date:2026-01-02 reference:G-1").await,
        "Co-op (Acme) is another partner's. Name the partner's own fund, or a pool."
    );
    let rows = "date,partner,sales,reference\n2026-01-02,acme,1000,A-2\n2026-01-02,globex,1000,G-2\n";
    let sales = [file("sales.csv", "text/csv", rows.as_bytes())];
    assert_eq!(
        finn.attaches("/fund accrue fund:coop/acme file:sales.csv", &sales).await,
        "sales.csv is not taken, nothing was posted:\nLine 3: Co-op (Acme) is another partner's. \
         Correct these lines and attach it again."
    );
    let said = finn.runs("/fund accrue fund:coop/acme sales:1k date:2026-01-02 reference:A-2").await;
    assert!(said.starts_with("EUR 20.00 of Co-op is accrued"), "{said}");
    assert_eq!(w.fund("coop/acme").await, "available EUR 40.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 2);
}

/// Blue Sky was added in chat. It is archived with an allocation of the pool, and half of that stays where it is.
async fn what_an_archived_partner_has_left_is_taken_back(w: &mut World) {
    blue_sky(w).await;
    let [nobody, finn] = [Who::Nobody, Who::Finn].map(|who| w.person(who));
    finn.runs("/fund allocate fund:pool-q1 amount:4k partner:blue").await;
    nobody.runs("/partner archive partner:blue").await;
    let answer = confirms(w, Who::Nobody, GENERAL, "Archive").await;
    assert!(answer.starts_with("Blue Sky is archived"), "{answer}");
    let there = || w.discord.person(Who::Vera.id()).messages(BLUE).len();
    let before = there();
    let all = "/fund transfer fund:pool-q1/blue to:pool-q1 amount:2k reason:Archived confirm:pool-q1/blue";
    assert_eq!(finn.runs(all).await, "EUR 2,000.00 went from Q1 MDF pool (Blue Sky) to Q1 MDF pool.");
    assert_eq!(
        finn.runs("/fund transfer fund:pool-q1 to:pool-q1/blue amount:1k reason:x confirm:pool-q1").await,
        "Q1 MDF pool (Blue Sky) is an archived partner's. Name another fund; what is left of this one may be taken out of it."
    );
    let held = "available EUR 2,000.00 · pending EUR 0.00 · committed EUR 0.00";
    assert_eq!(w.fund("pool-q1/blue").await, held);
    w.moves_to("2026-06-28T08:00:00Z").await;
    let warned = w.card(APPROVALS, "Money that expires").text();
    assert!(warned.contains("Q1 MDF pool (Blue Sky)"), "{warned}");
    w.moves_to("2026-07-01T08:00:00Z").await;
    assert_eq!(
        told(w, APPROVALS, "What was left of Q1 MDF pool (Blue Sky)"),
        "What was left of Q1 MDF pool (Blue Sky) has run out: EUR 2,000.00 is forfeited."
    );
    assert_eq!(there(), before, "nobody of it is told anything");
}
