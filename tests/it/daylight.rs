//! Daylight saving both ways, in a plan's own zone: the times of reviews and reminders, and the day to sign by, whatever
//! the program's zone does.

use crate::harness::{World, stories};
use chrono::{DateTime, TimeDelta, Utc};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_plan_in_new_york_is_reviewed_at_nine_there_in_spring,
    a_plan_in_new_york_is_reviewed_at_nine_there_in_autumn,
    the_day_to_sign_by_ends_at_midnight_of_the_plans_zone,
    warnings_before_the_day_to_sign_by_come_at_nine_there,
);

/// A signed plan in New York with one campaign, reviewed on Mondays at nine.
async fn agreed(w: &World, period: &str, start: &str, sign_by: &str) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs(&format!(
        "/plan create period:{period} time-zone:America/New_York cadence:weekly sign-by:{sign_by}"
    ))
    .await;
    pat.runs(&format!("/campaign add name:Ads type:Display start:{start} leads:10 pipeline:1k")).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
}

const HELD: &str = "SELECT COUNT(*) FROM checkpoint";

/// Nothing is posted a second before an instant, and one report at it.
async fn is_reviewed_at(w: &World, before: &str, at: &str, so_far: i64) {
    w.moves_to(before).await;
    assert_eq!(w.number(HELD).await, so_far, "{before}");
    w.moves_to(at).await;
    assert_eq!(w.number(HELD).await, so_far + 1, "{at}");
}

async fn a_plan_in_new_york_is_reviewed_at_nine_there_in_spring(w: &mut World) {
    agreed(w, "2026-02-23..2026-04-12", "2026-02-24", "2026-02-28").await;
    // Winter there until Sunday, 8 March: nine o'clock is 14:00 UTC.
    is_reviewed_at(w, "2026-03-02T13:59:59Z", "2026-03-02T14:00:00Z", 0).await;
    // Summer there, and still winter in the program's Berlin.
    is_reviewed_at(w, "2026-03-09T12:59:59Z", "2026-03-09T13:00:00Z", 1).await;
    w.moves_to("2026-03-09T14:30:00Z").await;
    assert_eq!(w.number(HELD).await, 2, "it is not held again an hour later");
    let shown = w.person(Who::Pat).runs("/plan show").await;
    assert!(shown.contains("Next: 2026-03-16 09:00, 2026-03-23 09:00, 2026-03-30 09:00"), "{shown}");
    // Summer in Berlin too, from 29 March: New York's reviews stay where they are.
    w.moves_to("2026-03-28T12:00:00Z").await;
    let so_far = w.number(HELD).await;
    is_reviewed_at(w, "2026-03-30T12:59:59Z", "2026-03-30T13:00:00Z", so_far).await;
    let kept = w.word("SELECT day FROM checkpoint ORDER BY due_at DESC LIMIT 1").await;
    assert_eq!(kept, "2026-03-29", "the last complete day is New York's");
}

async fn a_plan_in_new_york_is_reviewed_at_nine_there_in_autumn(w: &mut World) {
    agreed(w, "2026-10-12..2026-11-22", "2026-10-13", "2026-10-15").await;
    w.moves_to("2026-10-24T12:00:00Z").await;
    let so_far = w.number(HELD).await;
    // Winter in Berlin since 25 October, summer in New York until 1 November: nine there is 13:00 UTC.
    is_reviewed_at(w, "2026-10-26T12:59:59Z", "2026-10-26T13:00:00Z", so_far).await;
    // An hour later in UTC once the clocks there have gone back.
    is_reviewed_at(w, "2026-11-02T13:59:59Z", "2026-11-02T14:00:00Z", so_far + 1).await;
    w.moves_to("2026-11-02T15:00:00Z").await;
    assert_eq!(w.number(HELD).await, so_far + 2, "an hour that came twice makes no second review");
    let reminders = "SELECT COUNT(*) FROM cron_slot WHERE job LIKE 'reminder:%'";
    let reminded = w.number(reminders).await;
    // The reminder comes a day before, at the same time of the clock.
    w.moves_to("2026-11-08T13:59:59Z").await;
    assert_eq!(w.number(reminders).await, reminded);
    w.moves_to("2026-11-08T14:00:00Z").await;
    assert_eq!(w.number(reminders).await, reminded + 1);
}

/// A proposed plan expires when its last day to sign has ended in its own zone: in spring, in autumn, and on the very
/// day on which the clocks change.
async fn the_day_to_sign_by_ends_at_midnight_of_the_plans_zone(w: &mut World) {
    let pat = w.person(Who::Pat);
    for (number, (sign_by, before, at)) in [
        // The night before the change, and the one after it: midnight is 04:00 UTC in summer, else 05:00.
        ("2026-03-07", "2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z"),
        ("2026-03-08", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"),
        ("2026-10-31", "2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z"),
        ("2026-11-01", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = number + 1;
        let start = &sign_by[..7];
        pat.runs(&format!("/plan create period:{start} time-zone:America/New_York sign-by:{sign_by}")).await;
        pat.runs(&format!(
            "/campaign add name:Ads type:Display start:{sign_by} leads:1 pipeline:1k plan:PLN-{number}"
        ))
        .await;
        assert!(
            pat.runs(&format!("/plan propose plan:PLN-{number}"))
                .await
                .contains(&format!("to sign by {sign_by}"))
        );
        let state = format!("SELECT state FROM plan WHERE number = {number}");
        w.moves_to(before).await;
        assert_eq!(w.word(&state).await, "proposed", "{sign_by} has not ended there at {before}");
        w.moves_to(at).await;
        assert_eq!(w.word(&state).await, "expired", "{sign_by} has ended there at {at}");
    }
}

/// The warnings before it come at nine there, on the very day of the change too.
async fn warnings_before_the_day_to_sign_by_come_at_nine_there(w: &mut World) {
    let pat = w.person(Who::Pat);
    let warned = "SELECT COUNT(*) FROM audit WHERE code = 'plan_expiry_warned'";
    for (number, (sign_by, warnings)) in [
        ("2026-03-09", ["2026-03-02T14:00:00Z", "2026-03-06T14:00:00Z", "2026-03-08T13:00:00Z"]),
        ("2026-11-02", ["2026-10-26T13:00:00Z", "2026-10-30T13:00:00Z", "2026-11-01T14:00:00Z"]),
    ]
    .into_iter()
    .enumerate()
    {
        let (plan, period) = (format!("PLN-{}", number + 1), &sign_by[..7]);
        pat.runs(&format!("/plan create period:{period} time-zone:America/New_York sign-by:{sign_by}")).await;
        pat.runs(&format!(
            "/campaign add name:Ads type:Display start:{sign_by} leads:1 pipeline:1k plan:{plan}"
        ))
        .await;
        pat.runs(&format!("/plan propose plan:{plan}")).await;
        for at in warnings {
            let so_far = w.number(warned).await;
            let at: DateTime<Utc> = at.parse().unwrap();
            w.moves_to(&(at - TimeDelta::seconds(1)).to_rfc3339()).await;
            assert_eq!(w.number(warned).await, so_far, "not before {at}");
            w.moves_to(&at.to_rfc3339()).await;
            assert_eq!(w.number(warned).await, so_far + 1, "at {at}");
        }
    }
}
