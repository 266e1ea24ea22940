//! Tasks and promises: who does what by when, and what both sides undertook.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_campaign_brings_the_tasks_of_its_type,
    tasks_are_added_changed_done_and_removed,
    an_edit_of_a_task_voids_signatures_and_ticking_off_does_not,
    tasks_change_without_a_signature_once_the_plan_is_agreed,
    the_owner_of_a_task_ticks_it_off_and_nobody_without_a_right_does,
    days_follow_the_campaign_unless_set_by_hand,
    promises_are_made_kept_broken_and_withdrawn,
    each_side_promises_for_itself_once_the_plan_is_agreed,
    reminder_and_report_show_what_is_undertaken,
    lists_of_tasks_are_paged,
);

const CAMPAIGN: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(CAMPAIGN).await;
}

async fn proposed(w: &World) -> Message {
    drafted(w).await;
    w.person(Who::Pat).runs("/plan propose").await;
    w.card(ACME, "PLN-1")
}

async fn agreed(w: &World) {
    let card = proposed(w).await;
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

async fn a_campaign_brings_the_tasks_of_its_type(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    let list = pat.runs("/task list").await;
    assert_eq!(
        list,
        "\
Tasks of PLN-1 (11 open of 11)
⬜ `TSK-1` CMP-1 · vendor · due 2026-01-13
Name and brief the speakers
⬜ `TSK-2` CMP-1 · partner · due 2026-01-13
File the MDF request with its quotes
⬜ `TSK-3` CMP-1 · vendor · due 2026-01-20
Produce the content: copy and visuals
⬜ `TSK-4` CMP-1 · partner · due 2026-01-20
Registration page online
⬜ `TSK-5` CMP-1 · partner · due 2026-01-27
Prospect list: who is to be reached
⬜ `TSK-6` CMP-1 · partner · due 2026-01-27
Send the invitations
⬜ `TSK-7` CMP-1 · vendor · due 2026-01-27
Decide the MDF request
⬜ `TSK-8` CMP-1 · vendor · due 2026-01-31
Brand check of the partner's pieces
⬜ `TSK-9` CMP-1 · partner · due 2026-02-03
Execution logistics: everything booked and set up
⬜ `TSK-10` CMP-1 · vendor · due 2026-02-08
Technical rehearsal with the speakers
⬜ `TSK-11` CMP-1 · partner · due 2026-02-17
Sales follow-up of every lead
page 1 of 1"
    );
    pat.runs("/campaign add name:Booth type:Trade show start:2026-01-20 leads:10 pipeline:50k").await;
    let booth = pat.runs("/task list campaign:CMP-2").await;
    assert!(booth.starts_with("Tasks of CMP-2 Booth (8 open of 8)"), "{booth}");
    assert!(booth.contains("due 2026-01-05\nBook the stand"), "never before today: {booth}");
    assert!(!booth.contains("MDF"), "nobody asks for MDF that pays nothing: {booth}");
    assert_eq!(w.number("SELECT COUNT(*) FROM task WHERE due_on < '2026-01-05'").await, 0);
}

async fn tasks_are_added_changed_done_and_removed(w: &mut World) {
    drafted(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    assert_eq!(
        pat.runs("/task add campaign:CMP-1 what:Order *catering* due:2026-02-01").await,
        "TSK-12 is added. CMP-1: Order \\*catering\\* (partner), due 2026-02-01."
    );
    assert_eq!(
        vera.runs("/task add campaign:CMP-1 what:Late due:2026-01-04").await,
        "2026-01-04 has passed. Give today or a later day."
    );
    assert_eq!(
        vera.runs("/task edit task:TSK-12 side:vendor owner:@vera (Northwind) due:2026-02-03").await,
        "TSK-12 is changed. CMP-1: Order \\*catering\\* (vendor, <@2001>), due 2026-02-03."
    );
    assert_eq!(
        vera.runs("/task edit task:TSK-12 unassign:True").await,
        "TSK-12 is changed. CMP-1: Order \\*catering\\* (vendor), due 2026-02-03."
    );
    assert_eq!(
        vera.runs("/task edit task:TSK-12 side:vendor").await,
        "TSK-12 is like that already. Say what should be different."
    );
    assert_eq!(vera.runs("/task done task:TSK-12").await, "TSK-12 is done.");
    assert_eq!(vera.runs("/task done task:TSK-12").await, "TSK-12 is done. Open it again with /task reopen.");
    assert_eq!(
        pat.runs("/task edit task:TSK-12 what:x").await,
        "TSK-12 is done. Open it again with /task reopen."
    );
    assert_eq!(vera.runs("/task reopen task:TSK-12").await, "TSK-12 is open.");
    assert_eq!(
        pat.runs("/task remove task:TSK-12").await,
        "TSK-12 is removed. CMP-1: Order \\*catering\\* (vendor), due 2026-02-03."
    );
    assert_eq!(vera.runs("/task reopen task:TSK-12").await, "TSK-12 is closed. Add it anew with /task add.");
    assert_eq!(
        pat.runs("/task done task:TSK-99").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    let codes = w.number("SELECT COUNT(*) FROM audit WHERE code LIKE 'task_%'").await;
    assert_eq!(codes, 6, "added, edited twice, done, reopened, removed");
    assert!(
        !pat.is_offered("/task done task:").await.join(" ").contains("TSK-12"),
        "what is closed is no choice"
    );
}

async fn an_edit_of_a_task_voids_signatures_and_ticking_off_does_not(w: &mut World) {
    let card = proposed(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    vera.presses(&card, "Sign", &[]).await;
    vera.runs("/task done task:TSK-1").await;
    vera.runs("/task reopen task:TSK-1").await;
    assert!(w.card(ACME, "PLN-1").text().contains("✅ Northwind"), "the signature stands");
    assert_eq!(
        pat.runs("/task edit task:TSK-2 what:File the request early").await,
        "TSK-2 is changed. CMP-1: File the request early (partner), due 2026-01-13. The plan is a draft again and its signatures are void: propose it anew with /plan propose."
    );
    let draft = w.card(ACME, "PLN-1");
    assert!(draft.text().starts_with("PLN-1 · 2026-01-01 to 2026-03-31 · draft"), "{}", draft.text());
    let sign = card.button("Sign").unwrap().custom_id.unwrap();
    assert_eq!(
        olga.forges_press(&draft, &sign).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    pat.runs("/plan propose").await;
    let again = w.card(ACME, "PLN-1");
    vera.presses(&again, "Sign", &[]).await;
    let made = pat.runs("/promise make what:200 prospects due:2026-01-20").await;
    assert!(made.ends_with("propose it anew with /plan propose."), "{made}");
}

async fn tasks_change_without_a_signature_once_the_plan_is_agreed(w: &mut World) {
    agreed(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    let hash = w.word("SELECT sha256 FROM plan_revision").await;
    assert_eq!(
        vera.runs("/task add campaign:CMP-1 what:Gift bags due:2026-02-09 side:partner").await,
        "TSK-12 is added. CMP-1: Gift bags (partner), due 2026-02-09."
    );
    vera.runs("/task remove task:TSK-3").await;
    pat.runs("/task done task:TSK-12").await;
    let told = w.card(ACME, "☑ TSK-12").text();
    assert!(told.contains("☑ TSK-12 of CMP-1 Spring webinar is done: Gift bags, by <@2004>."), "{told}");
    assert_eq!(w.word("SELECT state FROM plan").await, "agreed");
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 1);
    assert!(w.card(ACME, "PLN-1").text().contains(&hash), "what was signed stays what it was");
}

async fn the_owner_of_a_task_ticks_it_off_and_nobody_without_a_right_does(w: &mut World) {
    agreed(w).await;
    let [pat, amir, olga] = [Who::Pat, Who::Amir, Who::Olga].map(|who| w.person(who));
    assert_eq!(
        olga.runs("/task done task:TSK-2").await,
        "You may not do this: it needs \"edit plans\". People with <@&4004> can."
    );
    assert_eq!(
        olga.runs("/task add campaign:CMP-1 what:x due:2026-02-01").await,
        "You may not do this: it needs \"edit plans\". People with <@&4004> can."
    );
    pat.runs("/task edit task:TSK-2 owner:@olga (Acme)").await;
    assert_eq!(olga.runs("/task done task:TSK-2").await, "TSK-2 is done.");
    assert_eq!(
        amir.at(APPROVALS).runs("/task remove task:TSK-2 partner:acme").await,
        "You may not do this: it needs \"manage plans\". People with <@&4001> can."
    );
    // Olga goes to Globex. That the task was hers does not help her there.
    w.discord.set_roles(GUILD, Who::Olga.id(), &[4007]);
    assert_eq!(
        olga.forges("/task reopen task:TSK-2").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
}

async fn days_follow_the_campaign_unless_set_by_hand(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    let due = async |task: i64| w.word(&format!("SELECT due_on FROM task WHERE number = {task}")).await;
    pat.runs("/task edit task:TSK-8 due:2026-02-02").await;
    pat.runs("/task done task:TSK-9").await;
    pat.runs("/campaign edit campaign:CMP-1 start:2026-02-17").await;
    assert_eq!(due(1).await, "2026-01-20");
    assert_eq!(due(8).await, "2026-02-02", "set by hand");
    assert_eq!(due(9).await, "2026-02-03", "done already");
    assert_eq!(due(11).await, "2026-02-24", "it counts from the end");

    pat.runs("/task remove task:TSK-10").await;
    pat.runs("/campaign edit campaign:CMP-1 type:Email").await;
    let kinds = async |state: &str| {
        w.number(&format!("SELECT COUNT(*) FROM task WHERE state = '{state}' AND settled_by = 'template'"))
            .await
    };
    assert_eq!(kinds("closed").await, 3, "speakers, registration, invitations: an email has none");
    let list = pat.runs("/task list").await;
    assert!(list.contains("Set up the mailing"), "{list}");
    pat.runs("/campaign edit campaign:CMP-1 type:Webinar").await;
    let list = pat.runs("/task list").await;
    assert!(list.contains("Registration page online") && !list.contains("Set up the mailing"), "{list}");
    assert!(!list.contains("Technical rehearsal"), "what somebody removed stays removed: {list}");
}

async fn promises_are_made_kept_broken_and_withdrawn(w: &mut World) {
    agreed(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    assert_eq!(
        pat.runs("/promise make what:200 *prospects* due:2026-01-20 campaign:CMP-1").await,
        "PRM-1: the partner promises: 200 \\*prospects\\* (by 2026-01-20). Made by <@2004>."
    );
    assert!(
        w.card(ACME, "PRM-1: the partner promises").text().contains("by 2026-01-20"),
        "both sides are told"
    );
    vera.runs("/promise make what:Speaker named due:2026-01-12").await;
    vera.runs("/promise make what:Banner set due:2026-01-10").await;
    assert_eq!(
        pat.runs("/promise keep promise:PRM-1").await,
        "PRM-1 was given by your own side. The side that it was given to says whether it was kept."
    );
    assert_eq!(
        vera.runs("/promise keep promise:PRM-1").await,
        "PRM-1 of the partner is kept: 200 \\*prospects\\* (by 2026-01-20). Said by <@2001>."
    );
    assert_eq!(vera.runs("/promise break promise:PRM-1").await, "PRM-1 is kept.");
    assert_eq!(
        olga.runs("/promise withdraw promise:PRM-2").await,
        "PRM-2 is the vendor's to withdraw. Say whether it was kept or broken."
    );
    assert_eq!(
        vera.runs("/promise break promise:PRM-2").await,
        "PRM-2 of the vendor is broken: Speaker named (by 2026-01-12). Said by <@2001>."
    );
    assert_eq!(
        olga.runs("/promise keep promise:PRM-2").await,
        "PRM-2 of the vendor is kept: Speaker named (by 2026-01-12). Said by <@2005>.",
        "late, but kept"
    );
    w.moves_to("2026-01-11T08:00:00Z").await;
    assert_eq!(
        vera.runs("/promise withdraw promise:PRM-3").await,
        "PRM-3 was due on 2026-01-10. It can't be withdrawn any more: it is kept or broken."
    );
    vera.runs("/promise make what:Case study due:2026-03-01").await;
    assert_eq!(
        vera.runs("/promise withdraw promise:PRM-4").await,
        "PRM-4 of the vendor is withdrawn: Case study (by 2026-03-01). Said by <@2001>."
    );
    assert_eq!(
        pat.runs("/promise list").await,
        "\
Promises of PLN-1 (1 open, 2 kept, 0 broken)
⏰ `PRM-3` vendor · by 2026-01-10 · **open, overdue**: Banner set
✅ `PRM-2` vendor · by 2026-01-12 · kept: Speaker named
✅ `PRM-1` partner · by 2026-01-20 · kept: 200 \\*prospects\\* (CMP-1)
➖ `PRM-4` vendor · by 2026-03-01 · withdrawn: Case study
page 1 of 1"
    );
    assert_eq!(w.word("SELECT state FROM plan").await, "active");
}

async fn each_side_promises_for_itself_once_the_plan_is_agreed(w: &mut World) {
    let card = proposed(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let made =
        vera.runs("/promise make what:Leads accepted within 24 hours due:2026-03-31 side:partner").await;
    assert!(made.starts_with("PRM-1: the partner promises: Leads accepted within 24 hours"), "{made}");
    assert_eq!(
        olga.runs("/promise withdraw promise:PRM-1").await,
        "PRM-1 of the partner is withdrawn: Leads accepted within 24 hours (by 2026-03-31). Said by <@2005>.",
        "a draft needs nobody's leave"
    );
    pat.runs("/plan propose").await;
    let again = w.card(ACME, "PLN-1");
    assert_eq!(again.id, card.id);
    vera.presses(&again, "Sign", &[]).await;
    olga.presses(&again, "Sign", &[]).await;
    assert_eq!(
        vera.runs("/promise make what:Follow up due:2026-03-31 side:partner").await,
        "PLN-1 is signed by both sides: each side promises for itself. Ask the other side to make it with /promise make."
    );
    let snapshot = w.word("SELECT snapshot FROM plan_revision").await;
    assert!(!snapshot.contains("Leads accepted"), "what was withdrawn is not signed: {snapshot}");
    assert!(snapshot.contains("Technical rehearsal"), "tasks are: {snapshot}");
}

async fn reminder_and_report_show_what_is_undertaken(w: &mut World) {
    agreed(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/promise make what:200 prospects due:2026-01-20").await;
    pat.runs("/promise make what:Case study due:2026-03-01").await;
    vera.runs("/promise make what:Speaker named due:2026-01-12").await;
    for task in ["TSK-1", "TSK-2", "TSK-3", "TSK-4", "TSK-5", "TSK-6", "TSK-7"] {
        let who = if ["TSK-1", "TSK-3", "TSK-7"].contains(&task) { vera } else { pat };
        assert_eq!(who.runs(&format!("/task done task:{task}")).await, format!("{task} is done."));
    }
    w.moves_to("2026-01-25T08:00:00Z").await;
    pat.runs("/promise keep promise:PRM-3").await;
    pat.runs("/task reopen task:TSK-5").await;
    w.moves_to("2026-01-31T08:00:00Z").await;
    let reminder = w.card(ACME, "Checkpoint tomorrow").text();
    assert!(
        reminder.contains("**Overdue tasks**\n• TSK-5 CMP-1 · partner · since 2026-01-27: Prospect list"),
        "{reminder}"
    );
    assert!(
        reminder.contains("**Open promises**\n⏰ `PRM-1` partner · by 2026-01-20 · **open, overdue**: 200 prospects\n⬜ `PRM-2` partner"),
        "{reminder}"
    );
    w.moves_to("2026-02-01T08:00:00Z").await;
    let report = w.card(ACME, "Checkpoint 1").text();
    let opening = "**Promises**\n✅ `PRM-3` vendor · by 2026-01-12 · kept: Speaker named\n⏰ `PRM-1` partner · by 2026-01-20 · **open, overdue**: 200 prospects\n⬜ `PRM-2` partner · by 2026-03-01 · open: Case study";
    assert!(report.contains(opening), "{report}");
    assert!(report.find(opening) < report.find("**Overall:**"), "the promises come first");
    w.moves_to("2026-03-01T08:00:00Z").await;
    let second = w.card(ACME, "Checkpoint 2").text();
    assert!(
        !second.contains("PRM-3") && second.contains("PRM-1"),
        "what was told once is told once: {second}"
    );
}

async fn lists_of_tasks_are_paged(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    for number in 0..3 {
        pat.runs(&format!("/task add campaign:CMP-1 what:Extra {number} due:2026-03-01")).await;
    }
    let first = pat.runs("/task list").await;
    assert!(first.ends_with("page 1 of 2") && first.matches("TSK-").count() == 12, "{first}");
    let last = pat.runs("/task list page:9").await;
    assert!(last.ends_with("page 2 of 2") && last.matches("TSK-").count() == 2, "{last}");
}
