//! The clocks of money while a campaign is stopped: nothing of it runs out, what can be decided is still wanted, and the time
//! comes back once it goes on.

use crate::acknowledge::both_acknowledge;
use crate::claim_stories::{filed, holds, over};
use crate::clocks::said;
use crate::harness::{World, stories};
use crate::mdf_life::agreed;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    nothing_runs_out_while_a_campaign_is_stopped,
    a_returned_claim_gets_the_time_of_a_stop_back,
    a_stop_that_ends_with_its_plan_gives_its_time_back,
    a_day_that_was_set_during_a_stop_is_later_by_the_rest_of_it,
    a_day_that_was_over_when_it_was_set_does_not_stand_for_the_stop,
    the_time_of_a_stop_does_not_count_for_a_request,
    claims_of_a_stopped_campaign_are_still_wanted,
);

async fn state(w: &World) -> String {
    w.word("SELECT state || ' ' || claim_due FROM mdf_request").await
}

async fn nothing_runs_out_while_a_campaign_is_stopped(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    for (channel, name) in [(ACME, "MDF-1 · approved"), (APPROVALS, "ACME/MDF-1 · approved")] {
        let card = w.card(channel, name).text();
        assert!(card.contains("Claim by: not counted while stopped"), "{card}");
    }
    assert_eq!(
        pat.runs("/claim new request:MDF-1").await,
        "CMP-1 is stopped by the vendor and takes no claims. They may be filed once it runs again; until then nothing of it \
         runs out."
    );
    w.moves_to("2026-04-08T08:00:00Z").await;
    w.moves_to("2026-04-20T08:00:00Z").await;
    assert_eq!(
        (said(w, ACME, "🧾").len(), said(w, ACME, "⏳").len()),
        (1, 0),
        "since the stop nobody is told to do what is refused"
    );
    assert_eq!(state(w).await, "approved 2026-04-11");
    assert_eq!(
        pat.runs("/claim extend request:MDF-1 until:2026-05-30 reason:The stop").await,
        "Nothing of MDF-1 runs out while its campaign doesn't go on. Ask for more time once it does."
    );
    assert_eq!(w.word("SELECT state FROM claim").await, "draft");
    holds(w, 21_000, 9_000, 0, 0).await;
    // Sixty-three days of it.
    assert_eq!(
        vera.runs("/campaign resume campaign:CMP-1").await,
        "CMP-1 is no longer stopped. MDF-1 can be claimed until 2026-06-13; it was 2026-04-11."
    );
    assert_eq!(said(w, ACME, "CMP-1 is no longer stopped. MDF-1 can be claimed until 2026-06-13").len(), 1);
    assert!(w.card(ACME, "MDF-1 · approved").text().contains("Claim by: 2026-06-13"));
    w.moves_to("2026-06-10T07:00:00Z").await;
    assert!(said(w, ACME, "⏳").last().unwrap().contains("3 days are left, until 2026-06-13"));
    w.moves_to("2026-06-13T21:59:59Z").await;
    assert_eq!(state(w).await, "approved 2026-06-13");
    w.moves_to("2026-06-13T22:00:00Z").await;
    assert_eq!(state(w).await, "expired 2026-06-13");
    assert_eq!(w.word("SELECT state FROM claim").await, "expired");
}

async fn a_returned_claim_gets_the_time_of_a_stop_back(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")]).await;
    assert_eq!(w.word("SELECT resubmit_by FROM claim").await, "2026-04-02");
    w.sql("UPDATE claim SET resubmit_by = '2026-05-02'").await.unwrap();
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-05-20T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM claim").await, "returned");
    assert!(said(w, ACME, "⏳").is_empty());
    assert_eq!(
        vera.runs("/campaign resume campaign:CMP-1").await,
        "CMP-1 is no longer stopped. MDF-1 can be claimed until 2026-07-13; it was 2026-04-11. \
         CLM-1 can be filed again until 2026-08-03."
    );
    assert!(w.card(ACME, "CLM-1 · returned").text().contains("File again by: 2026-08-03"));
    w.moves_to("2026-08-03T08:00:00Z").await;
    assert_eq!(said(w, ACME, "⏳ File again in time").len(), 1, "the newest of those that were due");
    let answer = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(answer.starts_with("CLM-1 is submitted"), "{answer}");
}

async fn a_stop_that_ends_with_its_plan_gives_its_time_back(w: &mut World) {
    over(w).await;
    w.person(Who::Vera).runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-07-01T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-07-01T09:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
    assert_eq!(state(w).await, "approved 2026-08-24");
    let told = said(w, ACME, "The stop of CMP-1 ends with its plan.");
    assert!(told[0].contains("MDF-1 can be claimed until 2026-08-24; it was 2026-04-11."), "{told:?}");
    let answer = w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    assert!(answer.starts_with("CLM-1 is a draft"), "{answer}");
}

async fn a_day_that_was_set_during_a_stop_is_later_by_the_rest_of_it(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late invoice").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-02-26T08:00:00Z").await;
    amir.presses(&w.card(APPROVALS, "More time to claim ACME/MDF-1"), "Approve", &[]).await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")]).await;
    assert_eq!(state(w).await, "approved 2026-05-31");
    w.moves_to("2026-03-08T08:00:00Z").await;
    // Eighteen days of a stop, ten of them after the vendor's decisions.
    let answer = vera.runs("/campaign resume campaign:CMP-1").await;
    assert!(answer.contains("MDF-1 can be claimed until 2026-06-10; it was 2026-05-31."), "{answer}");
    assert_eq!(w.word("SELECT resubmit_by FROM claim").await, "2026-04-22");
}

async fn a_day_that_was_over_when_it_was_set_does_not_stand_for_the_stop(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim extend request:MDF-1 until:2026-04-20 reason:Late invoice").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-05-01T08:00:00Z").await;
    // No day is counted meanwhile, so the vendor may still give it.
    let answer = amir.presses(&w.card(APPROVALS, "More time to claim ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "MDF-1 can be claimed until 2026-04-20; it was 2026-04-11.");
    w.moves_to("2026-05-11T08:00:00Z").await;
    // Eighty-four days of a stop, and all of them count.
    let answer = vera.runs("/campaign resume campaign:CMP-1").await;
    assert!(answer.contains("MDF-1 can be claimed until 2026-07-13; it was 2026-04-20."), "{answer}");
}

async fn the_time_of_a_stop_does_not_count_for_a_request(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    w.moves_to("2026-01-06T08:00:00Z").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-01-27T08:00:00Z").await;
    vera.runs("/campaign resume campaign:CMP-1").await;
    w.moves_to("2026-01-28T07:59:59Z").await;
    assert_eq!(
        (said(w, APPROVALS, "🔺").len(), said(w, APPROVALS, "⏰").len()),
        (0, 0),
        "a day and three weeks"
    );
    w.moves_to("2026-01-28T08:00:00Z").await;
    let told = said(w, APPROVALS, "⏰ Reminder: **ACME/MDF-1**");
    assert!(told[0].contains("has waited 2 business days"), "{told:?}");
    w.moves_to("2026-01-29T08:00:00Z").await;
    assert_eq!(said(w, APPROVALS, "🔺 Escalated: **ACME/MDF-1** has waited 3 business days").len(), 1);
}

async fn claims_of_a_stopped_campaign_are_still_wanted(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    pat.runs("/claim extend request:MDF-1 until:2026-06-30 reason:Late invoice").await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
    w.moves_to("2026-02-18T08:00:00Z").await;
    assert_eq!(said(w, APPROVALS, "⏰ Reminder: **ACME/CLM-1**").len(), 1);
    assert_eq!(said(w, APPROVALS, "⏰ Reminder: **ACME/MDF-1**").len(), 1, "more time to claim");
    let digest = w.card(APPROVALS, "Open decisions · 2026-02-18").text();
    assert!(digest.contains("**ACME/CLM-1**") && digest.contains("more time to claim"), "{digest}");
    let answer = amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert!(answer.starts_with("CLM-1 is approved."), "{answer}");
}
