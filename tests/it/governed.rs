//! What a draft and a signed plan hold people to: its last day to sign, what is over, dates that have moved, and that both
//! sides are told.

use crate::adjust::{agreed, has, state_of};
use crate::harness::stored::{TRAIL, difference};
use crate::harness::{World, stories};
use crate::report::ground::{a_plan, berlin};
use std::collections::BTreeMap;
use tandem::domain::actor::{Company, Person};
use tandem::domain::plan::{Plan, Signed};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_draft_is_not_proposed_after_its_last_day_to_sign,
    what_is_over_does_not_open_again,
    other_dates_make_a_ready_campaign_planned_again,
    tasks_follow_a_campaign_that_is_postponed_in_a_draft,
    a_postponed_campaign_takes_place_once_it_is_given_a_date,
    what_ends_with_a_draft_is_told_to_both_sides,
    each_side_names_who_answers_for_its_own_reviews,
);

const WEBINAR: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(WEBINAR).await;
}

/// The first lines of what everybody reads in the shared channel, if `about` it.
fn told(w: &World, about: &str) -> Vec<String> {
    let all = w.discord.person(Who::Vera.id()).messages(ACME).into_iter();
    let all = all.filter(|one| one.ephemeral_for.is_none());
    let lines = all.map(|one| one.text().lines().next().unwrap_or_default().to_owned());
    lines.filter(|line| line.contains(about)).collect()
}

async fn plan_state(w: &World) -> String {
    w.word("SELECT state FROM plan ORDER BY number DESC LIMIT 1").await
}

async fn a_draft_is_not_proposed_after_its_last_day_to_sign(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    drafted(w).await;
    pat.runs("/plan propose").await;
    vera.presses(&w.card(ACME, "PLN-1"), "Return…", &[("reason", "Who speaks?")]).await;
    // Midnight in Berlin.
    w.moves_to("2026-01-31T22:59:00Z").await;
    assert!(!pat.runs("/plan show").await.contains("which has passed"));
    w.moves_to("2026-01-31T23:00:00Z").await;
    let late = "it was to be signed by 2026-01-31, which has passed: `/plan edit plan:PLN-1 sign-by:…`";
    has(&pat.runs("/plan show").await, "⚠ It was to be signed by 2026-01-31, which has passed.");
    has(&pat.runs("/plan check").await, late);
    let before = w.stored(TRAIL).await;
    let refused = "PLN-1 was to be signed by 2026-01-31, which has passed. Give it a later day with /plan edit plan:PLN-1 \
                   sign-by:…, then propose it.";
    assert_eq!(pat.runs("/plan propose").await, refused);
    assert_eq!(pat.presses(&w.card(ACME, "PLN-1"), "Propose", &[]).await, refused);
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    w.moves_to("2026-02-01T12:00:00Z").await;
    assert_eq!(plan_state(w).await, "draft", "nothing is lost");
    pat.runs("/plan edit plan:PLN-1 sign-by:2026-02-01").await;
    assert!(!pat.runs("/plan check").await.contains("which has passed"));
    has(&pat.runs("/plan propose").await, "to sign by 2026-02-01.");
    assert_eq!(plan_state(w).await, "proposed");
}

/// The day is over when it is over in the plan's zone, whether or not the clock has ticked since.
#[test]
fn nobody_decides_a_plan_after_its_last_day_to_sign() {
    let person = Person { id: "1".into(), company: Company::Vendor, capabilities: BTreeMap::new() };
    let signs = |at: &str| a_plan().sign(&person, 2, "{}".into(), &[], berlin(at)).map_err(|no| no.text());
    assert!(matches!(signs("2026-01-31 23:59"), Ok(Signed::Half { .. })));
    let late = "PLN-1 was to be signed by 2026-01-31, which has passed. It expires; a new plan can be made of it with \
                /plan clone.";
    assert_eq!(signs("2026-02-01 00:00").unwrap_err(), late);
    type Decides = fn(Plan, &str) -> Result<Plan, tandem::domain::refusal::Refusal>;
    let decisions: [Decides; 2] =
        [|plan, at| plan.send_back(2, "No", berlin(at)), |plan, at| plan.decline(2, "No", berlin(at))];
    for decides in decisions {
        assert!(decides(a_plan(), "2026-01-31 23:59").is_ok());
        assert_eq!(decides(a_plan(), "2026-02-01 00:00").unwrap_err().text(), late);
    }
}

async fn what_is_over_does_not_open_again(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    assert_eq!(pat.runs("/task done task:TSK-5").await, "TSK-5 is done.");
    vera.runs("/campaign cancel campaign:CMP-1 reason:No hall").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    assert_eq!(pat.runs("/task reopen task:TSK-5").await, "CMP-1 is cancelled: its tasks don't open again.");
    // A plan that is declined.
    pat.runs("/plan create period:Q2 2026").await;
    pat.runs(&format!("{} plan:PLN-2", WEBINAR.replace("2026-02-10", "2026-05-10"))).await;
    let task =
        w.number("SELECT number FROM task WHERE kind = 'prospect_list' ORDER BY number DESC LIMIT 1").await;
    assert_eq!(pat.runs(&format!("/task done task:TSK-{task}")).await, format!("TSK-{task} is done."));
    pat.runs("/campaign check campaign:CMP-3 item:date done:yes").await;
    pat.runs("/plan propose plan:PLN-2").await;
    vera.presses(&w.card(ACME, "PLN-2"), "Decline…", &[("reason", "No budget")]).await;
    assert_eq!(plan_state(w).await, "declined");
    let before = w.stored(TRAIL).await;
    for line in ["reopen", "done"] {
        assert_eq!(
            pat.runs(&format!("/task {line} task:TSK-{task}")).await,
            "PLN-2 is declined: its tasks stay as they are."
        );
    }
    assert_eq!(
        pat.runs("/campaign check campaign:CMP-3 item:date done:no").await,
        "PLN-2 is declined. The checklists of its campaigns are closed."
    );
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
}

async fn other_dates_make_a_ready_campaign_planned_again(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/campaign ready campaign:CMP-1 anyway:True").await;
    vera.runs("/campaign edit campaign:CMP-1 name:Webinar reason:A better name").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    assert_eq!(state_of(w, 1).await, "ready", "another name changes nothing that it was ready for");
    vera.runs("/campaign edit campaign:CMP-1 start:2026-03-03 reason:The hall is taken").await;
    let card = w.card(ACME, "ADJ-2 ·");
    assert_eq!(state_of(w, 1).await, "ready", "until both have signed");
    olga.presses(&card, "Countersign", &[]).await;
    assert_eq!(state_of(w, 1).await, "planned");
}

/// The day on which a task of CMP-1 is due.
async fn due(w: &World, kind: &str) -> String {
    w.word(&format!("SELECT due_on FROM task WHERE kind = '{kind}'")).await
}

async fn tasks_follow_a_campaign_that_is_postponed_in_a_draft(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    assert_eq!([due(w, "prospect_list").await, due(w, "brand_check").await], ["2026-01-27", "2026-01-31"]);
    pat.runs("/task edit task:TSK-8 due:2026-01-30").await;
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-10 reason:No hall").await;
    assert_eq!(
        [due(w, "prospect_list").await, due(w, "brand_check").await],
        ["2026-02-24", "2026-01-30"],
        "but for what somebody set"
    );
    // Without a date there is none to follow.
    pat.runs("/campaign postpone campaign:CMP-1 reason:Still no hall").await;
    assert_eq!(due(w, "prospect_list").await, "2026-02-24");
    pat.runs("/campaign edit campaign:CMP-1 start:2026-02-20").await;
    assert_eq!(due(w, "prospect_list").await, "2026-02-06");
}

async fn a_postponed_campaign_takes_place_once_it_is_given_a_date(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    drafted(w).await;
    // Another date, and the one that it had.
    for start in ["2026-02-20", "2026-02-20"] {
        pat.runs("/campaign postpone campaign:CMP-1 reason:No hall").await;
        assert_eq!(state_of(w, 1).await, "postponed");
        pat.runs("/campaign edit campaign:CMP-1 leads:41").await;
        pat.runs("/campaign edit campaign:CMP-1 leads:40").await;
        assert_eq!(state_of(w, 1).await, "postponed", "it still has none");
        has(
            &pat.runs(&format!("/campaign edit campaign:CMP-1 start:{start}")).await,
            "Webinar in PLN-1, 2026-02-20 to 2026-02-20, proposed.",
        );
        assert_eq!(state_of(w, 1).await, "proposed");
    }
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    assert!(!card.text().contains("postponed"), "{}", card.text());
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    assert_eq!(state_of(w, 1).await, "planned");
    // The same once both have signed.
    vera.runs("/campaign postpone campaign:CMP-1 reason:No hall").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    vera.runs("/campaign edit campaign:CMP-1 start:2026-02-20 reason:A hall").await;
    let card = w.card(ACME, "ADJ-2 ·");
    has(&card.text(), "State: postponed without a date → planned");
    olga.presses(&card, "Countersign", &[]).await;
    assert_eq!(state_of(w, 1).await, "planned");
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 3").await;
    assert!(!snapshot.contains("\"postponed\":true"), "what both signed says so too: {snapshot}");
}

async fn what_ends_with_a_draft_is_told_to_both_sides(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    for (number, name) in [(2, "Second"), (3, "Third")] {
        pat.runs(&format!("/campaign add name:{name} type:Webinar start:2026-02-1{number} leads:4 pipeline:1k budget:2k mdf:50%"))
            .await;
    }
    pat.runs("/plan propose").await;
    for campaign in [1, 2] {
        let request =
            format!("/mdf request campaign:CMP-{campaign} cost:2k amount:1k purpose:Speaker fund:acme-q1");
        has(&pat.runs(&request).await, "is submitted");
    }
    let said = pat.runs("/campaign cancel campaign:CMP-1 reason:A slip confirm:CMP-1").await;
    let ended = "CMP-1 is cancelled. MDF-1 is cancelled. 11 tasks are closed.";
    assert_eq!(said, format!("{ended} The plan is a draft; propose it anew with /plan propose."));
    assert_eq!(told(w, "CMP-1 is cancelled"), [ended]);
    pat.runs("/campaign cancel campaign:CMP-3 reason:A slip confirm:CMP-3").await;
    assert_eq!(told(w, "CMP-3 is cancelled"), Vec::<String>::new(), "nobody waits for anything of it");
    let said = pat.runs("/plan cancel reason:No budget confirm:PLN-1").await;
    assert_eq!(said, "PLN-1 is cancelled. MDF-2 is cancelled. 11 tasks are closed.");
    assert_eq!(told(w, "PLN-1 is cancelled"), [said]);
}

const ANSWERS: &str = "answers for the reviews of PLN-1 on";

async fn each_side_names_who_answers_for_its_own_reviews(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    let before = w.stored(TRAIL).await;
    for line in ["", " partner-owner:2005", " name:Spring reason:A name"] {
        assert_eq!(
            pat.runs(&format!("/plan edit vendor-owner:2002{line}")).await,
            "PLN-1 is signed by both sides, and the vendor says who answers for the reviews on its side. Each side names \
             its own: ask the vendor."
        );
    }
    assert!(
        vera.runs("/plan edit partner-owner:2004")
            .await
            .ends_with("Each side names its own: ask the partner.")
    );
    assert_eq!(difference(&before, &w.stored(TRAIL).await), Vec::<String>::new());
    for _ in 0..2 {
        has(&pat.runs("/plan edit partner-owner:2005").await, "PLN-1 is changed.");
        assert_eq!(
            told(w, ANSWERS),
            ["<@2005> answers for the reviews of PLN-1 on the partner's side now, says <@2004>."],
            "once"
        );
    }
    vera.runs("/plan edit vendor-owner:2001 name:Spring reason:A name").await;
    assert_eq!(
        told(w, ANSWERS)[1],
        "<@2001> answers for the reviews of PLN-1 on the vendor's side now, says <@2001>."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_owner").await, 2);
}
