//! *Promise…* on the plan's card: whoever may promise for a side does so where the plan is read.

use crate::adjust::{agreed, has, id_of, labels};
use crate::harness::stored::{TRAIL, difference};
use crate::harness::{World, stories};
use discord_local::Answer;
use tandem::playground::seed::{ACME, Who};

stories!(
    each_side_promises_from_the_card,
    who_may_not_promise_gets_no_form,
    what_was_written_is_given_back_with_a_bad_date,
    a_promise_on_a_proposed_plan_voids_signatures,
    a_stale_or_foreign_press_promises_nothing,
);

const PROSPECTS: &[(&str, &str)] = &[("what", "200 prospects with *consent*"), ("due", "2026-03-20")];

async fn promised(w: &World) -> Vec<(String, String, String)> {
    let count = w.number("SELECT COUNT(*) FROM promise").await;
    let mut all = Vec::new();
    for number in 1..=count {
        let word = |column: &str| format!("SELECT {column} FROM promise WHERE number = {number}");
        all.push((w.word(&word("side")).await, w.word(&word("what")).await, w.word(&word("due_on")).await));
    }
    all
}

async fn each_side_promises_from_the_card(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(labels(&card), ["Promise…", "Campaigns"]);
    let said = pat.presses(&card, "Promise…", PROSPECTS).await;
    assert_eq!(
        said,
        "PRM-1: the partner promises: 200 prospects with \\*consent\\* (by 2026-03-20). Made by <@2004>."
    );
    assert!(w.card(ACME, "PRM-1").text().starts_with(&said), "both sides are told, as by /promise make");
    // Whoever signs may promise, too; people write days as they say them. It is Monday, 5 January.
    let said = olga
        .presses(&w.card(ACME, "PLN-1"), "Promise…", &[("what", "A speaker"), ("due", "next friday")])
        .await;
    has(&said, "PRM-2: the partner promises: A speaker (by 2026-01-");
    let said = vera
        .presses(&w.card(ACME, "PLN-1"), "Promise…", &[("what", "The deck"), ("due", "2026-02-01")])
        .await;
    assert_eq!(said, "PRM-3: the vendor promises: The deck (by 2026-02-01). Made by <@2001>.");
    let all = promised(w).await;
    assert_eq!(
        (all[0].clone(), all[2].clone()),
        (
            ("partner".to_owned(), "200 prospects with *consent*".to_owned(), "2026-03-20".to_owned()),
            ("vendor".to_owned(), "The deck".to_owned(), "2026-02-01".to_owned())
        )
    );
    // The same trail as the command's, and the same way on.
    pat.runs("/promise make what:200 prospects with *consent* due:2026-03-20").await;
    let detail = async |number: i64| {
        let of = format!(
            "SELECT detail FROM audit WHERE code = 'promise_made' AND item = (SELECT id FROM promise WHERE number = {number})"
        );
        w.word(&of).await.replace(&format!("\"number\":{number}"), "\"number\":n")
    };
    assert_eq!(detail(1).await, detail(4).await);
    has(&pat.runs("/plan history").await, "**PRM-3**");
    assert_eq!(
        vera.runs("/promise keep promise:PRM-1").await.split(':').next(),
        Some("PRM-1 of the partner is kept")
    );
    has(&pat.runs("/promise list").await, "`PRM-3` vendor · by 2026-02-01 · open: The deck");
}

async fn who_may_not_promise_gets_no_form(w: &mut World) {
    agreed(w).await;
    let card = w.card(ACME, "PLN-1");
    let id = id_of(&card, "Promise…");
    let before = w.stored(TRAIL).await;
    // Amir approves requests and claims, and neither manages plans nor signs them.
    let amir = w.person(Who::Amir).at(ACME);
    for said in [amir.forges_press(&card, &id).await, amir.forges_form(&id, PROSPECTS).await] {
        assert_eq!(said, "You may not do this: it needs \"manage plans\". People with <@&4001> can.");
    }
    assert!(difference(&before, &w.stored(TRAIL).await).is_empty());
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'refused:missing_capability'").await, 2);
}

async fn what_was_written_is_given_back_with_a_bad_date(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let card = w.card(ACME, "PLN-1");
    let before = w.stored(TRAIL).await;
    let says =
        async |what: &str, due: &str| pat.presses(&card, "Promise…", &[("what", what), ("due", due)]).await;
    assert_eq!(
        says("200 *prospects*", "2026-01-04").await,
        "2026-01-04 has passed. Give today or a later day. You wrote: 200 \\*prospects\\*"
    );
    let said = says("200 prospects", "someday").await;
    has(&said, "someday");
    assert!(said.ends_with("You wrote: 200 prospects"), "{said}");
    assert_eq!(says("\u{2800}", "2026-03-20").await, "Say in at most 300 characters what is to be done.");
    let long = "x".repeat(301);
    let said = pat.forges_form(&id_of(&card, "Promise…"), &[("what", &long), ("due", "2026-03-20")]).await;
    assert_eq!(said, format!("Say in at most 300 characters what is to be done. You wrote: {long}"));
    assert!(difference(&before, &w.stored(TRAIL).await).is_empty(), "nothing half-done");
    has(&says("200 prospects", "2026-03-20").await, "PRM-1: ");
}

async fn a_promise_on_a_proposed_plan_voids_signatures(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    let added = "/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k";
    pat.runs(added).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(labels(&card), ["Sign", "Return…", "Decline…", "Promise…", "Campaigns"]);
    vera.presses(&card, "Sign", &[]).await;
    let person = w.discord.person(Who::Pat.id());
    let form = match person.press(ACME, card.id, &id_of(&card, "Promise…")).await {
        Ok(Answer::Modal(form)) => form,
        other => panic!("no form: {other:?}"),
    };
    assert_eq!(form.title, "Promise for PLN-1 (voids signatures)");
    assert_eq!(form.inputs[0].label, "What the partner promises");
    let said = person.submit(&form, PROSPECTS).await.unwrap().text();
    has(&said, "The plan is a draft again and its signatures are void");
    w.settle().await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(labels(&card), ["Add campaign…", "Set hours…", "Propose", "Promise…", "Campaigns"]);
    // On a draft, too; and it is signed with the rest.
    has(&pat.presses(&card, "Promise…", &[("what", "A speaker"), ("due", "2026-02-01")]).await, "PRM-2: ");
    pat.presses(&w.card(ACME, "PLN-1"), "Propose", &[]).await;
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    has(&w.word("SELECT snapshot FROM plan_revision").await, "A speaker");
}

async fn a_stale_or_foreign_press_promises_nothing(w: &mut World) {
    let [vera, pat, olga, gil] = [Who::Vera, Who::Pat, Who::Olga, Who::Gil].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    pat.runs("/plan propose").await;
    let proposed = w.card(ACME, "PLN-1");
    let old = id_of(&proposed, "Promise…");
    // Somebody has it open while the other side sends the plan back.
    let person = w.discord.person(Who::Pat.id());
    let Ok(Answer::Modal(form)) = person.press(ACME, proposed.id, &old).await else { panic!("no form") };
    olga.presses(&proposed, "Return…", &[("reason", "Later")]).await;
    let draft = w.card(ACME, "PLN-1");
    let stale =
        "This has changed since the card was shown. Read the card again and decide on what it says now.";
    let before = w.stored(TRAIL).await;
    let late = person.submit(&form, PROSPECTS).await.unwrap().text();
    assert_eq!(late, format!("{stale} You wrote: 200 prospects with \\*consent\\*"));
    assert_eq!(pat.forges_press(&draft, &old).await, stale);
    let not_here = "I can't find that here. Pick it from the list that the option offers.";
    for id in [&old, &id_of(&draft, "Promise…"), &"plan-promise:0000000000000:0".to_owned()] {
        assert_eq!(gil.forges_press(&draft, id).await, not_here);
        assert_eq!(gil.forges_form(id, PROSPECTS).await, not_here);
    }
    assert!(difference(&before, &w.stored(TRAIL).await).is_empty(), "nothing was promised");
    // A draft's button, once the draft is before both sides: it would void what somebody has just signed.
    let of_draft = id_of(&draft, "Promise…");
    pat.presses(&draft, "Propose", &[]).await;
    vera.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    assert_eq!(pat.forges_press(&draft, &of_draft).await, stale);
    olga.presses(&w.card(ACME, "PLN-1"), "Decline…", &[("reason", "No")]).await;
    let over = w.card(ACME, "PLN-1 ·");
    assert_eq!(labels(&over), ["Campaigns"]);
    let now = over.button("Campaigns").unwrap().custom_id.unwrap();
    let promise = now.replace("plan-campaigns", "plan-promise");
    assert_eq!(pat.forges_press(&over, &promise).await, "PLN-1 is declined and takes no promises.");
    assert_eq!(w.number("SELECT COUNT(*) FROM promise").await, 0);
}
