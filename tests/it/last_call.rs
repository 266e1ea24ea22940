//! Nothing that was not claimed goes back before somebody was warned of it in time, whatever kept the clock from looking.

use crate::chains::declares;
use crate::claim_stories::{filed, holds, over};
use crate::clocks::said;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    what_was_not_warned_of_is_warned_of_and_goes_back_later,
    a_warning_that_came_late_leaves_three_days,
    a_returned_claim_is_not_lost_unwarned,
    what_holds_nothing_needs_no_warning,
    a_warning_goes_before_a_reminder_that_was_due_after_it,
);

const WARNED: &str = "⏳ Claim in time";

async fn state(w: &World) -> String {
    w.word("SELECT state || ' ' || claim_due FROM mdf_request").await
}

async fn what_was_not_warned_of_is_warned_of_and_goes_back_later(w: &mut World) {
    over(w).await;
    w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    // Nobody has looked at the clock for two months; the last day was 11 April.
    w.moves_to("2026-04-20T08:00:00Z").await;
    assert_eq!(state(w).await, "approved 2026-04-23");
    assert_eq!(w.word("SELECT state FROM claim").await, "draft");
    let told = said(w, ACME, WARNED);
    assert!(told.len() == 1, "{told:?}");
    assert!(
        told[0].contains("3 days are left, until 2026-04-23; what is not claimed by then goes back.")
            && told[0].contains("The last day was 2026-04-11; its last warning did not come in time."),
        "{told:?}"
    );
    for (channel, name) in [(ACME, "MDF-1 · approved"), (APPROVALS, "ACME/MDF-1 · approved")] {
        let card = w.card(channel, name).text();
        assert!(card.contains("Claim by: 2026-04-23"), "{card}");
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'request_claim_day_moved'").await, 1);
    w.moves_to("2026-04-23T21:59:59Z").await;
    assert_eq!(state(w).await, "approved 2026-04-23");
    holds(w, 21_000, 9_000, 0, 0).await;
    w.moves_to("2026-04-23T22:00:00Z").await;
    assert_eq!((state(w).await.as_str(), said(w, ACME, WARNED).len()), ("expired 2026-04-23", 1));
    assert_eq!(w.word("SELECT state FROM claim").await, "expired");
    holds(w, 30_000, 0, 0, 0).await;
}

async fn a_warning_that_came_late_leaves_three_days(w: &mut World) {
    over(w).await;
    w.moves_to("2026-04-10T08:00:00Z").await;
    assert!(said(w, ACME, WARNED)[0].contains("1 day is left, until 2026-04-11"));
    w.moves_to("2026-04-12T08:00:00Z").await;
    assert_eq!((state(w).await.as_str(), said(w, ACME, WARNED).len()), ("approved 2026-04-15", 2));
    w.moves_to("2026-04-16T08:00:00Z").await;
    assert_eq!(state(w).await, "expired 2026-04-15");
}

async fn a_returned_claim_is_not_lost_unwarned(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    w.moves_to("2026-04-08T08:00:00Z").await;
    filed(w, "4k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")]).await;
    assert_eq!(w.word("SELECT resubmit_by FROM claim").await, "2026-05-23");
    w.moves_to("2026-06-01T08:00:00Z").await;
    assert_eq!(w.word("SELECT state || ' ' || resubmit_by FROM claim").await, "returned 2026-06-04");
    let told = said(w, ACME, "⏳ File again in time");
    assert!(told.len() == 1, "{told:?}");
    assert!(
        told[0].contains("3 days are left, until 2026-06-04")
            && told[0].contains("The last day was 2026-05-23; its last warning did not come in time."),
        "{told:?}"
    );
    assert!(w.card(ACME, "CLM-1 · returned").text().contains("File again by: 2026-06-04"));
    w.moves_to("2026-06-04T08:00:00Z").await;
    let answer = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(answer.starts_with("CLM-1 is submitted"), "{answer}");
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decline…", &[("reason", "Not agreed.")]).await;
    w.moves_to("2026-06-05T08:00:00Z").await;
    assert_eq!(state(w).await, "expired 2026-04-11", "of the request's own day it was warned in time");
}

async fn a_warning_goes_before_a_reminder_that_was_due_after_it(w: &mut World) {
    declares(w, "", "[[program.activity]]\ntype = \"webinar\"\nclaim_window_days = 30\n").await;
    over(w).await;
    assert_eq!(state(w).await, "approved 2026-03-12", "30 days after the campaign");
    let reminded = said(w, ACME, "🧾").len();
    // The last warning was due on 9 March, a reminder on 10 March; nobody has looked since.
    w.moves_to("2026-03-10T09:30:00Z").await;
    let told = said(w, ACME, WARNED);
    assert!(told.len() == 1 && told[0].contains("2 days are left, until 2026-03-12"), "{told:?}");
    assert_eq!(said(w, ACME, "🧾").len(), reminded);
    w.moves_to("2026-03-13T08:00:00Z").await;
    assert_eq!(state(w).await, "expired 2026-03-12", "three days after it was warned of, by the day");
}

async fn what_holds_nothing_needs_no_warning(w: &mut World) {
    over(w).await;
    filed(w, "18k").await;
    let amir = w.person(Who::Amir);
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    w.moves_to("2026-04-12T08:00:00Z").await;
    assert_eq!((state(w).await.as_str(), said(w, ACME, WARNED).len()), ("closed 2026-04-11", 0));
}
