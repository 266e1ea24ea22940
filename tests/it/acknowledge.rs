//! Both sides acknowledge each checkpoint; what is not acknowledged is named, and the last one keeps a plan open.

use crate::adjust::{agreed, has, id_of, labels};
use crate::harness::{World, stories};
use tandem::inbound::cron::next_due;
use tandem::playground::seed::{ACME, Who};

stories!(
    each_side_acknowledges_once,
    the_last_checkpoint_keeps_a_plan_open,
    a_delegate_acknowledges_in_the_name_of_who_is_away,
);

/// Both sides acknowledge the newest checkpoint of Acme's plan.
pub async fn both_acknowledge(w: &World) {
    for who in [Who::Vera, Who::Olga] {
        w.person(who).presses(&w.card(ACME, "Review of PLN-1"), "Acknowledge", &[]).await;
    }
}

async fn each_side_acknowledges_once(w: &mut World) {
    let [vera, pat, olga, gil] = [Who::Vera, Who::Pat, Who::Olga, Who::Gil].map(|who| w.person(who));
    agreed(w).await;
    assert_eq!(
        olga.runs("/checkpoint acknowledge").await,
        "PLN-1 has no checkpoint that waits for your side."
    );
    assert_eq!(
        olga.runs("/checkpoint acknowledge number:1").await,
        "PLN-1 has no such checkpoint. None was posted yet."
    );
    w.moves_to("2026-02-01T12:00:00Z").await;
    let card = w.card(ACME, "Review of PLN-1");
    assert_eq!(labels(&card), ["Acknowledge"]);
    has(&card.text(), "Review of PLN-1 · checkpoint 1 · to be acknowledged");
    has(&card.text(), "⬜ Northwind\n⬜ Acme");
    let missing =
        "has not acknowledged the checkpoint of 2026-02-01: `/checkpoint acknowledge plan:PLN-1 number:1`";
    let check = pat.runs("/plan check").await;
    has(&check, &format!("the vendor {missing}"));
    has(&check, &format!("the partner {missing}"));

    let before = w.state().await;
    assert_eq!(
        pat.presses(&card, "Acknowledge", &[]).await,
        "You may not do this: it needs \"sign plans\". People with <@&4005> can."
    );
    let not_here = gil.forges_press(&card, &id_of(&card, "Acknowledge")).await;
    assert_eq!(not_here, "I can't find that here. Pick it from the list that the option offers.");
    assert_eq!(w.state().await, before, "who may not has changed nothing");

    assert_eq!(
        olga.presses(&card, "Acknowledge", &[]).await,
        "Checkpoint 1 of PLN-1 is acknowledged for your side. It waits for the vendor."
    );
    let old = id_of(&card, "Acknowledge");
    has(&w.card(ACME, "Review of PLN-1").text(), "⬜ Northwind\n✅ Acme: <@2005> on 2026-02-01");
    assert_eq!(olga.forges_press(&card, &old).await, "Your side has acknowledged this already.");
    let check = pat.runs("/plan check").await;
    assert!(!check.contains(&format!("the partner {missing}")), "{check}");
    has(&w.card(ACME, "PLN-1").text(), "Readiness");

    w.moves_to("2026-02-28T12:00:00Z").await;
    let reminder = w.reports(ACME).pop().unwrap().text();
    has(
        &reminder,
        "**Not acknowledged**\n• Checkpoint 1 of 2026-02-01: vendor. `/checkpoint acknowledge plan:PLN-1 number:1`",
    );
    assert_eq!(
        vera.runs("/checkpoint acknowledge plan:PLN-1").await,
        "Checkpoint 1 of PLN-1 is acknowledged by both sides."
    );
    let card = w.card(ACME, "Review of PLN-1");
    has(&card.text(), "checkpoint 1 · acknowledged by both sides");
    assert!(labels(&card).is_empty(), "its button is gone");
    assert_eq!(
        vera.runs("/checkpoint acknowledge number:3").await,
        "PLN-1 has no such checkpoint. The newest is 1."
    );
    assert_eq!(
        vera.runs("/checkpoint acknowledge number:1").await,
        "Your side has acknowledged this already."
    );
    has(&pat.runs("/plan history").await, "**Checkpoint 1** acknowledged · <@2001> (Northwind)");
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'checkpoint_acknowledged'").await, 2);
}

async fn the_last_checkpoint_keeps_a_plan_open(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    w.moves_to("2026-09-30T12:00:00Z").await;
    let state = "SELECT state FROM plan";
    assert_eq!(w.word(state).await, "closing", "180 days are over, and nobody has read the last report");
    assert_eq!(next_due(&w.running.app).await.unwrap(), None, "the clock alone does not close it");
    vera.presses(&w.card(ACME, "Review of PLN-1"), "Acknowledge", &[]).await;
    w.moves_to("2026-09-30T12:01:00Z").await;
    assert_eq!(w.word(state).await, "closing", "one side is not enough");
    olga.presses(&w.card(ACME, "Review of PLN-1"), "Acknowledge", &[]).await;
    w.moves_to("2026-09-30T12:02:00Z").await;
    assert_eq!(w.word(state).await, "closed", "earlier reports were read with the last");
}

async fn a_delegate_acknowledges_in_the_name_of_who_is_away(w: &mut World) {
    let olga = w.person(Who::Olga);
    agreed(w).await;
    w.moves_to("2026-02-01T12:00:00Z").await;
    olga.runs("/away until:2026-02-20 delegate:2004").await;
    // Pat stands in for Olga, and has the right to sign by now.
    let granted = "INSERT INTO role_grant (program_id, role_id, company, capability, limit_minor, declared)
        SELECT o.program_id, '4004', o.id, 'sign', NULL, 0 FROM partner o WHERE o.key = 'acme'";
    w.sql(granted).await.unwrap();
    w.person(Who::Pat).presses(&w.card(ACME, "Review of PLN-1"), "Acknowledge", &[]).await;
    has(&w.card(ACME, "Review of PLN-1").text(), "✅ Acme: <@2004> for <@2005> on 2026-02-01");
    has(&olga.runs("/plan history").await, "**Checkpoint 1** acknowledged · <@2004> for <@2005> (Acme)");
}
