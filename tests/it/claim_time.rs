//! Time and endings of claims: what was returned can be filed again, the last day moves with its campaign, and what hangs on
//! a request ends with it.

use crate::claim_stories::{filed, holds, over, proven};
use crate::harness::{World, stories};
use crate::mdf_life::approved;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_claim_returned_after_the_last_day_is_filed_again,
    a_returned_claim_that_nobody_files_again_expires_later,
    more_time_is_asked_for_while_a_claim_is_returned,
    the_last_day_to_claim_moves_with_its_campaign,
    nothing_runs_out_while_a_campaign_has_no_date,
    more_time_that_waits_follows_the_moved_day,
    a_claim_that_waits_ends_with_its_cancelled_campaign,
    a_draft_does_not_stop_the_vendor_and_ends_with_its_request,
    the_time_while_a_claim_is_returned_does_not_count,
);

async fn due(w: &World) -> String {
    w.word("SELECT claim_due FROM mdf_request").await
}

fn times(w: &World, channel: u64, start: &str) -> usize {
    let all = w.discord.person(Who::Vera.id()).messages(channel);
    all.iter().filter(|one| one.ephemeral_for.is_none() && one.text().starts_with(start)).count()
}

/// CLM-1 is filed on the last day, 11 April, and returned a week after it.
async fn returned_late(w: &World) {
    over(w).await;
    assert_eq!(due(w).await, "2026-04-11");
    w.moves_to("2026-04-11T08:00:00Z").await;
    filed(w, "4k").await;
    w.moves_to("2026-04-18T08:00:00Z").await;
    assert_eq!(
        w.person(Who::Amir)
            .presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")])
            .await,
        "CLM-1 is returned: Wrong invoice. Correct it and file it again with /claim submit by 2026-06-02."
    );
}

const AGAIN: &str = "⏳ File again in time";

async fn a_claim_returned_after_the_last_day_is_filed_again(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    returned_late(w).await;
    let card = w.card(ACME, "CLM-1 · returned").text();
    assert!(card.contains("File again by: 2026-06-02"), "{card}");
    assert_eq!(
        pat.runs("/claim new request:MDF-1").await,
        "MDF-1 could be claimed until 2026-04-11. What is not claimed in time goes back to the fund.",
        "what is new comes too late all the same"
    );
    w.moves_to("2026-05-19T06:59:59Z").await;
    assert_eq!((w.word("SELECT state FROM claim").await.as_str(), times(w, ACME, AGAIN)), ("returned", 0));
    w.moves_to("2026-05-19T07:00:00Z").await;
    let told = w.card(ACME, AGAIN).text();
    assert!(
        told.starts_with(
            "⏳ File again in time: **CLM-1** of MDF-1 is returned. 14 days are left, until 2026-06-02; after that it \
             expires, and what is not claimed goes back. Correct it and say `/claim submit claim:CLM-1`. For more time \
             there is `/claim extend request:MDF-1`."
        ),
        "{told}"
    );
    w.moves_to("2026-05-30T07:00:00Z").await;
    w.moves_to("2026-06-02T21:59:59Z").await;
    assert_eq!(times(w, ACME, AGAIN), 2);
    holds(w, 21_000, 9_000, 0, 0).await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1 certify:True").await,
        "CLM-1 is submitted: 1 line, pays EUR 2,000.00. The vendor decides."
    );
    w.moves_to("2026-06-10T08:00:00Z").await;
    assert_eq!(
        amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await,
        "CLM-1 is approved. EUR 2,000.00 of Acme Q1 MDF will be paid."
    );
}

async fn a_returned_claim_that_nobody_files_again_expires_later(w: &mut World) {
    returned_late(w).await;
    w.moves_to("2026-05-30T08:00:00Z").await;
    w.moves_to("2026-06-02T21:59:59Z").await;
    holds(w, 21_000, 9_000, 0, 0).await;
    w.moves_to("2026-06-02T22:00:00Z").await;
    let told = w.card(ACME, "CLM-1 is expired").text();
    assert!(told.starts_with("CLM-1 is expired: it was not filed again by 2026-06-02."), "{told}");
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
    holds(w, 30_000, 0, 0, 0).await;
}

async fn more_time_is_asked_for_while_a_claim_is_returned(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    returned_late(w).await;
    assert_eq!(
        pat.runs("/claim extend request:MDF-1 until:2026-06-01 reason:Abroad").await,
        "MDF-1 can be claimed until 2026-06-02 as it is. Give a later day in the option until."
    );
    assert_eq!(
        pat.runs("/claim extend request:MDF-1 until:2026-06-30 reason:Abroad").await,
        "Asked to claim MDF-1 until 2026-06-30, instead of 2026-04-11. The vendor decides; until then nothing of it runs out."
    );
    w.moves_to("2026-06-05T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM claim").await, "returned", "more time is being decided");
    amir.presses(&w.card(APPROVALS, "More time to claim ACME/MDF-1"), "Approve", &[]).await;
    w.moves_to("2026-06-29T08:00:00Z").await;
    let answer = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(answer.starts_with("CLM-1 is submitted"), "{answer}");
}

/// Both sides sign what Pat asked for as `ADJ-number`.
async fn signed(w: &World, number: usize) {
    let name = format!("ADJ-{number} ·");
    w.person(Who::Olga).presses(&w.card(ACME, &name), "Sign", &[]).await;
    w.person(Who::Vera).presses(&w.card(ACME, &name), "Countersign", &[]).await;
}

async fn the_last_day_to_claim_moves_with_its_campaign(w: &mut World) {
    let pat = w.person(Who::Pat);
    approved(w).await;
    assert_eq!(due(w).await, "2026-04-11");
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-17 reason:The hall is taken").await;
    assert_eq!(due(w).await, "2026-04-11", "nothing moves before both have signed");
    signed(w, 1).await;
    assert_eq!(due(w).await, "2026-05-16");
    let told = w.card(ACME, "MDF-1 can be claimed until").text();
    assert!(
        told.starts_with(
            "MDF-1 can be claimed until 2026-05-16, because CMP-1 ends on 2026-03-17; it was 2026-04-11."
        ),
        "{told}"
    );
    for (channel, name) in [(ACME, "MDF-1 · approved"), (APPROVALS, "ACME/MDF-1 · approved")] {
        let card = w.card(channel, name).text();
        assert!(card.contains("Claim by: 2026-05-16"), "{card}");
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'request_claim_day_moved'").await, 1);
    // An earlier end takes no time away that was given.
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-02 reason:The hall is free").await;
    signed(w, 2).await;
    assert_eq!(due(w).await, "2026-05-16");
    w.moves_to("2026-05-01T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "approved", "the old day is nobody's any more");
    w.moves_to("2026-05-13T08:00:00Z").await;
    w.moves_to("2026-05-17T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
}

async fn nothing_runs_out_while_a_campaign_has_no_date(w: &mut World) {
    let pat = w.person(Who::Pat);
    approved(w).await;
    pat.runs("/campaign postpone campaign:CMP-1 reason:No hall").await;
    signed(w, 1).await;
    let told = w.card(ACME, "MDF-1 does not run out").text();
    assert!(
        told.starts_with(
            "MDF-1 does not run out while CMP-1 is postponed: it is claimed once there is a date."
        ),
        "{told}"
    );
    assert!(w.card(ACME, "MDF-1 · approved").text().contains("Claim by: not counted while postponed"));
    w.moves_to("2026-03-20T08:00:00Z").await;
    assert_eq!(
        (times(w, ACME, "⏳ Claim in time"), times(w, ACME, "🧾")),
        (0, 0),
        "nobody is warned of a day that is none"
    );
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-31 reason:A hall").await;
    signed(w, 2).await;
    assert_eq!(due(w).await, "2026-05-30");
    w.moves_to("2026-05-27T08:00:00Z").await;
    w.moves_to("2026-05-30T08:00:00Z").await;
    holds(w, 21_000, 9_000, 0, 0).await;
    w.moves_to("2026-05-31T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
}

async fn more_time_that_waits_follows_the_moved_day(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    pat.runs("/claim extend request:MDF-1 until:2026-06-30 reason:Late invoice").await;
    let before = w.card(APPROVALS, "More time to claim ACME/MDF-1");
    pat.runs("/campaign postpone campaign:CMP-1 start:2026-03-17 reason:The hall is taken").await;
    signed(w, 1).await;
    let card = w.card(APPROVALS, "More time to claim ACME/MDF-1");
    assert!(card.text().contains("2026-05-16 → 2026-06-30"), "{}", card.text());
    let stale = before.button("Approve").unwrap().custom_id.unwrap();
    assert!(amir.forges_press(&card, &stale).await.starts_with("This has changed"));
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "MDF-1 can be claimed until 2026-06-30; it was 2026-05-16."
    );
    pat.runs("/claim extend request:MDF-1 until:2026-07-01 reason:Later still").await;
    assert_eq!(w.number("SELECT COUNT(*) FROM claim_extension WHERE state = 'waiting'").await, 1);
}

async fn a_claim_that_waits_ends_with_its_cancelled_campaign(w: &mut World) {
    let pat = w.person(Who::Pat);
    over(w).await;
    filed(w, "4k").await;
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-2 what:Room supplier:Hall Ltd invoice:7 date:2026-02-11 net:1k").await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:The speaker is ill").await;
    signed(w, 1).await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "cancelled");
    let reason = "MDF-1 is cancelled: The speaker is ill";
    let told = w.card(ACME, "CLM-1 is declined").text();
    assert!(told.starts_with(&format!("CLM-1 is declined: {reason}.")), "{told}");
    assert_eq!(times(w, ACME, "CLM-2"), 0, "the vendor has not heard of it");
    let shown = pat.runs("/claim show claim:CLM-2").await;
    assert!(shown.starts_with("CLM-2 · withdrawn") && shown.contains(reason), "{shown}");
    for (channel, name) in [(ACME, "CLM-1 · declined"), (APPROVALS, "ACME/CLM-1 · declined")] {
        let card = w.card(channel, name);
        assert!(card.buttons().is_empty() && card.text().contains(reason), "{}", card.text());
    }
    holds(w, 30_000, 0, 0, 0).await;
    let waits = w
        .number("SELECT COUNT(*) FROM claim WHERE state IN ('draft', 'submitted', 'in_review', 'returned')")
        .await;
    assert_eq!(waits, 0, "nothing is left for the digest to name, or for anybody to decide");
}

async fn a_draft_does_not_stop_the_vendor_and_ends_with_its_request(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    assert_eq!(
        pat.runs("/mdf cancel request:MDF-1 reason:Not needed confirm:MDF-1").await,
        "CLM-1 of MDF-1 is not decided yet. Decide or withdraw it first."
    );
    let asked = vera.runs("/mdf cancel request:MDF-1 reason:No budget").await;
    assert!(asked.starts_with("MDF-1 would be cancelled for good.") && !asked.contains("CLM"), "{asked}");
    let answer = vera.runs("/mdf cancel request:MDF-1 reason:No budget confirm:MDF-1").await;
    assert!(answer.starts_with("MDF-1 is cancelled"), "{answer}");
    assert_eq!(times(w, ACME, "CLM-1"), 0, "the vendor has not heard of it");
    let shown = pat.runs("/claim show claim:CLM-1").await;
    assert!(shown.contains("Reason: MDF-1 is cancelled: No budget"), "{shown}");
    holds(w, 30_000, 0, 0, 0).await;
}

/// The vendor's claim of two business days, and the partner's, each counted on its own turn alone.
async fn the_time_while_a_claim_is_returned_does_not_count(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    // Monday, 09:00 in Berlin.
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-1 what:Room supplier:Hall Ltd invoice:7 date:2026-02-11 net:1k").await;
    proven(w, "CLM-1").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    w.moves_to("2026-02-17T08:00:00Z").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Which room?")]).await;
    w.moves_to("2026-02-19T07:59:59Z").await;
    assert_eq!(times(w, ACME, "⏰ Reminder: **CLM-1**"), 0);
    w.moves_to("2026-02-19T08:00:00Z").await;
    assert_eq!(times(w, ACME, "⏰ Reminder: **CLM-1**"), 1, "two of the partner's own days");
    assert_eq!(
        times(w, APPROVALS, "⏰ Reminder: **ACME/CLM-1**"),
        0,
        "one day of the vendor's, before it was returned"
    );
    w.moves_to("2026-02-20T08:00:00Z").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    w.moves_to("2026-02-23T07:59:59Z").await;
    assert_eq!(
        times(w, APPROVALS, "⏰ Reminder: **ACME/CLM-1**"),
        0,
        "a day before it was returned, and not yet one since"
    );
    w.moves_to("2026-02-23T08:00:00Z").await;
    assert_eq!(times(w, APPROVALS, "⏰ Reminder: **ACME/CLM-1**"), 1);
    let told = w.card(APPROVALS, "⏰ Reminder: **ACME/CLM-1**").text();
    assert!(told.contains("**ACME/CLM-1** has waited 2 business days"), "{told}");
}
