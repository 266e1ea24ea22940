//! More time to claim: asked, decided, and what the clock makes of it meanwhile.

use super::approved;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    more_time_is_asked_for_and_given,
    more_time_is_declined_and_the_day_stays,
    who_asks_for_more_time_does_not_give_it,
    what_is_no_later_day_is_refused,
    nothing_runs_out_while_more_time_is_decided,
    an_extension_of_what_ended_is_void,
    a_day_that_is_over_is_not_given,
);

const CARD: &str = "More time to claim ACME/MDF-1";

/// MDF-1 is approved; a webinar of one day on 10 February is claimed for sixty days.
async fn due_in_april(w: &World) {
    approved(w, [Who::Pat, Who::Olga].map(|who| w.person(who)), "acme-q1").await;
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-04-11");
}

async fn more_time_is_asked_for_and_given(w: &mut World) {
    due_in_april(w).await;
    let [pat, olga, amir, vera, finn] =
        [Who::Pat, Who::Olga, Who::Amir, Who::Vera, Who::Finn].map(|who| w.person(who));
    let line = "/claim extend request:MDF-1 until:2026-05-31 reason:The invoice comes in May";
    assert!(olga.runs(line).await.starts_with("You may not do this: it needs \"file requests and claims\"."));
    assert!(vera.runs(line).await.starts_with("You may not do this"));
    assert_eq!(
        pat.runs(line).await,
        "Asked to claim MDF-1 until 2026-05-31, instead of 2026-04-11. \
         The vendor decides; until then nothing of it runs out."
    );
    assert_eq!(pat.runs(line).await, "MDF-1 waits for 2026-05-31 already. The vendor decides that first.");
    let card = w.card(APPROVALS, CARD);
    for said in ["waiting", "2026-04-11 → 2026-05-31", "The invoice comes in May", "EUR 9,000.00"] {
        assert!(card.text().contains(said), "{said}: {}", card.text());
    }
    let id = card.button("Approve").unwrap().custom_id.unwrap();
    let told = vera.at(APPROVALS).presses(&card, "Approve", &[]).await;
    assert!(told.starts_with("You may not do this: it needs \"approve claims\"."), "{told}");
    assert!(pat.forges_press(&w.card(ACME, "MDF-1"), &id).await.starts_with("You may not do this"));
    let other = format!("{}:2", id.rsplit_once(':').unwrap().0);
    let stale = amir.forges_press(&card, &other).await;
    assert!(stale.starts_with("This has changed since the card was shown."), "{stale}");
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "MDF-1 can be claimed until 2026-05-31; it was 2026-04-11."
    );
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-05-31");
    assert!(w.card(ACME, "MDF-1 can be claimed").text().contains("2026-05-31"), "both are told");
    assert!(w.card(ACME, "MDF-1 ·").text().contains("2026-05-31"), "the request's card shows it");
    let card = w.card(APPROVALS, CARD);
    assert!(card.text().contains("approved") && card.buttons().is_empty(), "{}", card.text());
    let again = finn.forges_press(&card, &id).await;
    assert_eq!(again, "The extension of MDF-1 is approved already. There is nothing to decide.");
}

async fn more_time_is_declined_and_the_day_stays(w: &mut World) {
    due_in_april(w).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Holidays").await;
    let card = w.card(APPROVALS, CARD);
    assert_eq!(
        amir.presses(&card, "Decline…", &[("reason", "The fund ends in April.")]).await,
        "MDF-1 stays to be claimed until 2026-04-11: more time is declined. The fund ends in April."
    );
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-04-11");
    let declined = w.card(APPROVALS, CARD);
    assert!(declined.text().contains("declined") && declined.buttons().is_empty(), "{}", declined.text());
    // A declined one is no bar to another.
    let again = pat.runs("/claim extend request:MDF-1 until:2026-04-20 reason:A week").await;
    assert!(again.starts_with("Asked to claim MDF-1 until 2026-04-20"), "{again}");
}

/// Pat has asked for Acme and works for the vendor now; whoever stands in for Pat, or has Pat stand in, is Pat.
async fn who_asks_for_more_time_does_not_give_it(w: &mut World) {
    due_in_april(w).await;
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late invoice").await;
    w.discord.set_roles(GUILD, Who::Pat.id(), &[4002]);
    let pat = pat.at(APPROVALS);
    let card = w.card(APPROVALS, CARD);
    for (label, values) in [("Approve", vec![]), ("Decline…", vec![("reason", "No")])] {
        assert_eq!(
            pat.presses(&card, label, &values).await,
            "You asked for more time to claim MDF-1. Somebody else has to decide it."
        );
    }
    let one =
        "<@2004> filed this request, and one of you stands in for the other. Somebody else has to decide it.";
    let away = pat.runs("/away until:2026-02-01 delegate:<@2002>").await;
    assert!(away.contains("<@2002>"), "{away}");
    assert_eq!(amir.presses(&card, "Approve", &[]).await, one);
    pat.runs("/away clear:True").await;
    finn.runs("/away until:2026-02-01 delegate:<@2004>").await;
    assert_eq!(finn.presses(&card, "Decline…", &[("reason", "No")]).await, one);
    assert_eq!(w.word("SELECT state FROM claim_extension").await, "waiting");
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "MDF-1 can be claimed until 2026-05-31; it was 2026-04-11."
    );
}

async fn what_is_no_later_day_is_refused(w: &mut World) {
    due_in_april(w).await;
    let pat = w.person(Who::Pat);
    for (until, told) in [
        (
            "2026-04-11",
            "MDF-1 can be claimed until 2026-04-11 as it is. Give a later day in the option until.",
        ),
        ("2027-04-12", "2027-04-12 is more than 365 days after 2026-04-11. Give an earlier day."),
    ] {
        let line = format!("/claim extend request:MDF-1 until:{until} reason:x");
        assert_eq!(pat.runs(&line).await, told);
    }
    let unread = pat.runs("/claim extend request:MDF-1 until:some day reason:x").await;
    assert!(unread.contains("is not a date"), "{unread}");
    let unknown = pat.runs("/claim extend request:MDF-7 until:2026-05-31 reason:x").await;
    assert_eq!(unknown, super::NOT_FOUND);
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Catering fund:acme-q1").await;
    assert_eq!(
        pat.runs("/claim extend request:MDF-2 until:2026-05-31 reason:x").await,
        "MDF-2 is submitted: it has no last day to claim. Only an approved request is extended."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM claim_extension").await, 0);
}

async fn nothing_runs_out_while_more_time_is_decided(w: &mut World) {
    due_in_april(w).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    w.moves_to("2026-04-10T08:00:00Z").await;
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late invoice").await;
    w.moves_to("2026-04-15T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "approved", "it waits with the decision");
    assert_eq!(w.word("SELECT state FROM claim").await, "draft");
    assert_eq!(
        pat.runs("/claim new request:MDF-1").await,
        "MDF-1 could be claimed until 2026-04-11. What is not claimed in time goes back to the fund."
    );
    let card = w.card(APPROVALS, CARD);
    amir.presses(&card, "Decline…", &[("reason", "Too late")]).await;
    while tandem::inbound::cron::tick(&w.running.app).await.unwrap() > 0 {}
    w.settle().await;
    assert_eq!(w.word("SELECT state FROM claim").await, "expired");
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
}

async fn an_extension_of_what_ended_is_void(w: &mut World) {
    due_in_april(w).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late invoice").await;
    let id = w.card(APPROVALS, CARD).button("Approve").unwrap().custom_id.unwrap();
    pat.runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    let card = w.card(APPROVALS, CARD);
    assert!(card.text().contains("no longer needed") && card.buttons().is_empty(), "{}", card.text());
    assert_eq!(
        amir.forges_press(&card, &id).await,
        "The extension of MDF-1 is no longer needed already. There is nothing to decide."
    );
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-04-11");
    let void = "SELECT COUNT(*) FROM audit WHERE code = 'extension_void' AND item = (SELECT id FROM claim_extension)";
    assert_eq!(w.number(void).await, 1, "the trail says so too");
}

async fn a_day_that_is_over_is_not_given(w: &mut World) {
    due_in_april(w).await;
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    pat.runs("/claim extend request:MDF-1 until:2026-04-20 reason:Late invoice").await;
    let card = w.card(APPROVALS, CARD);
    w.moves_to("2026-04-21T08:00:00Z").await;
    let over = "2026-04-20, until when MDF-1 would be claimed, is over. Decline it; if there is to be more time, have the \
                partner ask for a later day first, with /claim extend.";
    assert_eq!(amir.presses(&card, "Approve", &[]).await, over);
    assert_eq!(w.word("SELECT state || claim_due FROM mdf_request").await, "approved2026-04-11");
    assert_eq!(
        pat.runs("/claim extend request:MDF-1 until:2026-04-20 reason:Late invoice").await,
        "2026-04-20 is over. Give a day that is not over in the option until."
    );
    assert_eq!(
        pat.runs("/claim extend request:MDF-1 until:2026-05-10 reason:Late invoice").await,
        "Asked to claim MDF-1 until 2026-05-10, instead of 2026-04-11. \
         The vendor decides; until then nothing of it runs out."
    );
    let states = "SELECT COUNT(*) FROM claim_extension WHERE state IN ('waiting', 'void') AND until_day >= '2026-04-20'";
    assert_eq!(w.number(states).await, 2, "the later day takes the place of the one that is over");
    w.moves_to("2026-04-23T08:00:00Z").await;
    assert_eq!(
        amir.presses(&w.card(APPROVALS, "More time to claim ACME/MDF-1 · waiting"), "Approve", &[]).await,
        "MDF-1 can be claimed until 2026-05-10; it was 2026-04-11."
    );
    w.moves_to("2026-05-07T08:00:00Z").await;
    assert!(w.card(ACME, "⏳ Claim in time").text().contains("3 days are left, until 2026-05-10"));
    w.moves_to("2026-05-11T08:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
}
