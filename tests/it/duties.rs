//! Whose a duty is: tasks are ticked off and changed by their own side, owners act for the side that they own for, and
//! what can't be undone is confirmed.

use crate::harness::stored::{TRAIL, difference};
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_task_is_ticked_off_by_its_own_side,
    in_a_signed_plan_each_side_changes_its_own_tasks,
    an_owner_acts_for_the_side_that_they_own_for,
    a_campaign_of_a_draft_is_cancelled_only_when_confirmed,
    a_reason_that_shows_nothing_is_none,
    a_drafts_frame_is_corrected,
    the_currency_of_a_draft_is_another_only_before_there_are_amounts,
);

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
}

async fn agreed(w: &World) {
    drafted(w).await;
    w.person(Who::Pat).runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// TSK-8 is the vendor's brand check, TSK-5 the partner's prospect list.
async fn a_task_is_ticked_off_by_its_own_side(w: &mut World) {
    agreed(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    assert_eq!(
        pat.runs("/task done task:TSK-8").await,
        "TSK-8 is the vendor's task. Somebody of the vendor says whether it is done."
    );
    assert_eq!(
        vera.runs("/task done task:TSK-5").await,
        "TSK-5 is the partner's task. Somebody of the partner says whether it is done."
    );
    // Who owns the campaign for the one side does not own the other side's tasks.
    pat.runs("/campaign edit campaign:CMP-1 owner-partner:@pat (Acme) reason:It is mine").await;
    assert!(pat.runs("/task done task:TSK-8").await.starts_with("TSK-8 is the vendor's task."));
    assert_eq!(vera.runs("/task done task:TSK-8").await, "TSK-8 is done.");
    assert!(pat.runs("/task reopen task:TSK-8").await.starts_with("TSK-8 is the vendor's task."));
    assert_eq!(vera.runs("/task reopen task:TSK-8").await, "TSK-8 is open.");
    assert_eq!(pat.runs("/task done task:TSK-5").await, "TSK-5 is done.");
    assert_eq!(w.number("SELECT COUNT(*) FROM task WHERE state = 'done'").await, 1);
}

async fn in_a_signed_plan_each_side_changes_its_own_tasks(w: &mut World) {
    drafted(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    let drafting = vera.runs("/task edit task:TSK-5 due:2026-01-28").await;
    assert!(
        drafting.starts_with("TSK-5 is changed."),
        "a draft is written by both, and signed by both: {drafting}"
    );
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    let before = w.stored(TRAIL).await;
    for line in ["/task edit task:TSK-5 due:2026-03-30", "/task remove task:TSK-5"] {
        assert_eq!(
            vera.runs(line).await,
            "PLN-1 is signed by both sides, and TSK-5 is the partner's task. Each side changes its own tasks: ask the partner."
        );
    }
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    pat.runs("/task edit task:TSK-5 due:2026-02-01").await;
    let told = w.card(ACME, "TSK-5 is changed").text();
    assert!(told.contains("by <@2004>. CMP-1: Prospect list"), "{told}");
    assert!(told.contains("due 2026-02-01."), "{told}");
    vera.runs("/task remove task:TSK-3").await;
    assert!(
        w.card(ACME, "TSK-3 is removed").text().contains("by <@2001>."),
        "the other side signed it as it was"
    );
    vera.runs("/task add campaign:CMP-1 what:Gift bags due:2026-02-09 side:partner").await;
    assert!(w.card(ACME, "TSK-12 is added").text().contains("Gift bags (partner)"));
    // Handed over, it is nobody's own until its new side says whose.
    vera.runs("/task edit task:TSK-8 owner:@vera (Northwind)").await;
    assert_eq!(
        vera.runs("/task edit task:TSK-8 side:partner").await,
        "TSK-8 is changed. CMP-1: Brand check of the partner's pieces (partner), due 2026-01-31."
    );
}

async fn an_owner_acts_for_the_side_that_they_own_for(w: &mut World) {
    drafted(w).await;
    let [vera, pat, amir] = [Who::Vera, Who::Pat, Who::Amir].map(|who| w.person(who));
    let before = w.stored(TRAIL).await;
    let own = "<@2001> does not act for the partner. Name somebody with <@&4004> or <@&4005>.";
    let theirs = "<@2004> does not act for the vendor. Name somebody who does.";
    let foreign = "<@2006> does not act for the partner. Name somebody with <@&4004> or <@&4005>.";
    let nobody = "<@2008> does not act for the partner. Name somebody with <@&4004> or <@&4005>.";
    let both = "<@2009> does not act for the partner. Name somebody with <@&4004> or <@&4005>.";
    for (line, said) in [
        ("/plan edit partner-owner:2001", own),
        ("/plan edit vendor-owner:2004", theirs),
        ("/campaign edit campaign:CMP-1 owner-partner:2001", own),
        ("/campaign edit campaign:CMP-1 owner-vendor:2004", theirs),
        ("/task add campaign:CMP-1 what:x due:2026-02-01 owner:2001", own),
        ("/task add campaign:CMP-1 what:x due:2026-02-01 side:vendor owner:2004", theirs),
        ("/task edit task:TSK-5 owner:2001", own),
        ("/task edit task:TSK-5 side:vendor owner:2004", theirs),
        ("/task edit task:TSK-5 owner:2006", foreign),
        ("/task edit task:TSK-5 owner:2008", nobody),
        ("/task edit task:TSK-5 owner:2009", both),
    ] {
        assert_eq!(pat.runs(line).await, said, "{line}");
    }
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    assert_eq!(
        vera.runs("/campaign edit campaign:CMP-1 owner-vendor:2004").await,
        "<@2004> does not act for the vendor. Name somebody with <@&4001> or <@&4002> or <@&4003>."
    );
    vera.runs("/campaign edit campaign:CMP-1 owner-vendor:2002 owner-partner:2005").await;
    vera.runs("/plan edit vendor-owner:2001 partner-owner:2004").await;
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_owner").await, 2);
    assert_eq!(w.word("SELECT owner_vendor || owner_partner FROM campaign").await, "20022005");
    // An owner ticks off without any capability, for the own side.
    assert_eq!(amir.at(ACME).runs("/task done task:TSK-8").await, "TSK-8 is done.");
}

async fn a_campaign_of_a_draft_is_cancelled_only_when_confirmed(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    let before = w.stored(TRAIL).await;
    let asked =
        "Nothing is cancelled yet: CMP-1 would end for good. Say it again with the option confirm:CMP-1.";
    assert_eq!(pat.runs("/campaign cancel campaign:CMP-1 reason:A slip").await, asked);
    assert_eq!(pat.runs("/campaign cancel campaign:CMP-1 reason:A slip confirm:CMP-2").await, asked);
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-1 reason:A slip confirm:cmp-1").await,
        "CMP-1 is cancelled. 11 tasks are closed."
    );
}

async fn a_reason_that_shows_nothing_is_none(w: &mut World) {
    agreed(w).await;
    let pat = w.person(Who::Pat);
    let before = w.stored(TRAIL).await;
    for nothing in ["\u{200b}", "\u{3164}\u{2060}", "\u{ad} \u{feff}"] {
        for (line, said) in [
            (
                "/campaign stop campaign:CMP-1",
                "A reason of at most 500 characters is needed. Say in a sentence why.",
            ),
            (
                "/campaign postpone campaign:CMP-1",
                "A reason of at most 500 characters is needed. Say in a sentence why.",
            ),
            (
                "/campaign cancel campaign:CMP-1",
                "A reason of at most 500 characters is needed. Say in a sentence why.",
            ),
            ("/plan cancel", "A reason of at most 500 characters is needed. Say in a sentence why."),
            (
                "/campaign edit campaign:CMP-1 leads:41",
                "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason.",
            ),
        ] {
            assert_eq!(pat.forges(&format!("{line} reason:{nothing}")).await, said, "{line} {nothing:?}");
        }
    }
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
}

async fn a_drafts_frame_is_corrected(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    let before = w.stored(TRAIL).await;
    for (line, said) in [
        (
            "/plan edit period:Q2 2026",
            "CMP-1 runs from 2026-02-10 to 2026-02-10, outside 2026-04-01 to 2026-06-30. Move it with /campaign edit or take it out with /campaign cancel first.",
        ),
        (
            "/plan edit period:whenever",
            "“whenever” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31.",
        ),
        (
            "/plan edit time-zone:Nowhere",
            "I don't know the time zone \"Nowhere\". Give one such as Europe/Berlin.",
        ),
        (
            "/plan edit currency:USD",
            "PLN-1 has amounts in EUR already. Its currency can be another only before there are targets, budgets, rates or a joint business plan: create a new plan.",
        ),
    ] {
        assert_eq!(pat.forges(line).await, said);
    }
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    pat.runs("/plan propose").await;
    w.person(Who::Vera).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    let said = pat
        .forges("/plan edit period:H1 2026 time-zone:Asia/Tokyo attribution:last_touch currency:EUR")
        .await;
    assert!(
        said.starts_with("PLN-1 is changed. The plan is a draft again and its signatures are void"),
        "{said}"
    );
    let card = w.card(ACME, "PLN-1").text();
    assert!(
        card.contains("PLN-1 · 2026-01-01 to 2026-06-30 · draft"),
        "a name made of its dates moves along: {card}"
    );
    assert!(card.contains("2026-01-01 to 2026-06-30 (EUR, Asia/Tokyo)"), "{card}");
    assert_eq!(w.word("SELECT attribution FROM plan").await, "last_touch");
    assert_eq!(w.word("SELECT sign_by FROM plan").await, "2026-01-31");
    // The last day to sign moves with the period, unless somebody set it.
    pat.runs("/campaign cancel campaign:CMP-1 reason:x confirm:CMP-1").await;
    pat.runs("/plan edit period:Q2 2026").await;
    assert_eq!(w.word("SELECT sign_by FROM plan").await, "2026-05-01");
    pat.runs("/plan edit sign-by:2026-03-01").await;
    pat.runs("/plan edit period:Q3 2026 name:Summer").await;
    assert_eq!(w.word("SELECT sign_by FROM plan").await, "2026-03-01");
    agreed_frame_stays(w).await;
}

async fn agreed_frame_stays(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/campaign add name:x type:Email start:2026-07-10 leads:1 pipeline:1").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    assert_eq!(
        pat.runs("/plan edit period:H2 2026").await,
        "PLN-1 is signed: its period can't be changed any more. By an adjustment change: name, cadence, jbp-revenue, marketing-share, win-rate, routing-hours, vendor-hours and partner-hours. Period, currency, time zone and attribution stay."
    );
}

async fn the_currency_of_a_draft_is_another_only_before_there_are_amounts(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Mailing type:Email start:2026-02-10 leads:4 pipeline:0").await;
    let said = pat.runs("/plan edit currency:JPY jbp-revenue:9m marketing-share:30% win-rate:30%").await;
    assert!(said.starts_with("PLN-1 is changed.") && said.contains("JPY"), "{said}");
    assert_eq!(w.word("SELECT currency FROM plan").await, "JPY");
    assert_eq!(w.number("SELECT jbp_revenue FROM plan").await, 9_000_000, "whole yen");
    assert!(pat.runs("/plan edit currency:KWD").await.starts_with("PLN-1 has amounts in JPY already."));
    pat.runs("/campaign edit campaign:CMP-1 pipeline:120k").await;
    assert!(pat.runs("/campaign show campaign:CMP-1").await.contains("JPY 120,000 pipeline"));
    assert!(
        pat.runs("/plan edit currency:nothing").await.contains("currency"),
        "what is no currency is none"
    );
}
