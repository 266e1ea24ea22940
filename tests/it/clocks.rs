//! The clocks of money: claims are asked for and their end is warned of, decisions are reminded of and escalated on the
//! business days of whose turn it is, a digest a day says what waits, and quiet hours are kept.

use crate::claim_stories::{filed, over};
use crate::harness::{World, stories};
use crate::proof::approved;
use chrono::{DateTime, Utc};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::inbound::cron::{next_due, tick};
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, Who};
use tandem::store::Store;

stories!(
    money_is_asked_to_be_claimed_and_its_end_is_warned_of,
    after_forty_days_only_the_newest_is_said,
    what_a_claim_covers_is_not_called_unclaimed,
    a_claim_that_is_filed_or_returned_keeps_the_rest,
    more_time_moves_the_warnings,
    what_has_ended_is_not_warned_of,
    a_decision_is_reminded_of_and_escalated_on_the_vendors_business_days,
    the_time_while_the_partner_is_asked_does_not_count,
    what_waits_before_the_plan_is_signed_is_not_reminded_of,
    the_digest_says_once_a_day_what_waits,
    the_digest_says_which_stops_wait,
    the_digest_comes_when_the_program_says,
    the_digest_keeps_its_local_time_when_the_clocks_go_back,
    what_falls_in_quiet_hours_waits_and_answers_do_not,
    what_is_due_next_is_what_the_next_tick_does,
    money_that_expires_is_warned_of_once,
    the_end_of_money_comes_by_itself,
    new_money_is_not_warned_of_for_the_past,
);

/// The public messages of a channel that begin with `start`, oldest first.
pub fn said(w: &World, channel: u64, start: &str) -> Vec<String> {
    let all = w.discord.person(Who::Vera.id()).messages(channel);
    let texts = all.iter().filter(|message| message.ephemeral_for.is_none()).map(|message| message.text());
    texts.filter(|text| text.starts_with(start)).collect()
}

/// A message without its mark.
fn bare(text: &str) -> &str {
    text.rsplit_once('\n').map_or(text, |(bare, _)| bare)
}

/// How often `start` was said in a channel.
fn times(w: &World, channel: u64, start: &str) -> usize {
    said(w, channel, start).len()
}

/// Another process that is started on the same database and looks at the clock once.
async fn another_process_ticks(w: &World) -> usize {
    let store = Store::open(&w.addresses.database_url).await.unwrap();
    let app = App::new(store, Clock::manual(w.clock.now()));
    let done = tick(&app).await.unwrap();
    app.store.close().await;
    done
}

/// MDF-1 over EUR 9,000 for a webinar on 10 February is approved; its last day to claim is 11 April.
async fn claimable(w: &World) {
    approved(w, [Who::Pat, Who::Olga].map(|who| w.person(who)), "acme-q1").await;
    assert_eq!(w.word("SELECT claim_due FROM mdf_request").await, "2026-04-11");
}

/// Acme's plan is signed, with a webinar on 10 March.
async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    let add = "/campaign add name:Spring webinar type:Webinar leads:40 pipeline:120k budget:40k mdf:50%";
    pat.runs(&format!("{add} start:2026-03-10")).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

const REQUEST: &str = "/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1";
const ASKED: &str = "🧾 Time to claim";
const WARNED: &str = "⏳ Claim in time";
const REMINDED: &str = "⏰ Reminder";
const ESCALATED: &str = "🔺 Escalated";
const DIGEST: &str = "Open decisions";

async fn money_is_asked_to_be_claimed_and_its_end_is_warned_of(w: &mut World) {
    claimable(w).await;
    w.moves_to("2026-02-12T07:59:59Z").await;
    assert_eq!(times(w, ACME, ASKED), 0);
    w.moves_to("2026-02-12T08:00:00Z").await;
    let first = said(w, ACME, ASKED);
    assert_eq!(
        bare(&first[0]),
        "🧾 Time to claim: CMP-1 Spring webinar ended on 2026-02-10, and no claim of **MDF-1** is filed. \
         EUR 9,000.00 can be claimed until 2026-04-11. Start with `/claim new request:MDF-1`, or file what you have begun with \
         `/claim submit`."
    );
    assert_eq!(another_process_ticks(w).await, 0, "a restart repeats nothing");
    w.moves_to("2026-02-24T08:00:00Z").await;
    assert_eq!(times(w, ACME, ASKED), 2);
    w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    w.moves_to("2026-03-10T08:00:00Z").await;
    assert_eq!(times(w, ACME, ASKED), 3, "a draft is no claim");
    assert!(!said(w, ACME, ASKED)[2].contains("CLM-1"), "nor does the vendor hear of it");
    w.moves_to("2026-03-12T08:00:00Z").await;
    assert_eq!(
        bare(&said(w, ACME, WARNED)[0]),
        "⏳ Claim in time: EUR 9,000.00 of **MDF-1** for CMP-1 Spring webinar is not claimed yet. 30 days are left, \
         until 2026-04-11; what is not claimed by then goes back. Start with `/claim new request:MDF-1`, or file what you \
         have begun with `/claim submit`. For more time there is `/claim extend request:MDF-1`."
    );
    w.moves_to("2026-03-28T08:00:00Z").await;
    // The clocks have gone forward on the 29th.
    w.moves_to("2026-04-08T06:59:59Z").await;
    assert_eq!(times(w, ACME, WARNED), 2);
    w.moves_to("2026-04-08T07:00:00Z").await;
    assert!(said(w, ACME, WARNED)[2].contains("3 days are left, until 2026-04-11"));
    assert_eq!((times(w, ACME, ASKED), times(w, GLOBEX, "⏳")), (3, 0), "the other partner hears nothing");
    w.moves_to("2026-04-20T07:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
    assert_eq!((times(w, ACME, ASKED), times(w, ACME, WARNED)), (3, 3));
    let lines =
        w.number("SELECT COUNT(*) FROM audit WHERE code IN ('claim_reminded', 'release_warned')").await;
    assert_eq!(lines, 6);
}

async fn what_a_claim_covers_is_not_called_unclaimed(w: &mut World) {
    over(w).await;
    filed(w, "18k").await;
    w.moves_to("2026-03-12T08:00:00Z").await;
    assert_eq!(
        bare(&said(w, ACME, WARNED)[0]),
        "⏳ Claim in time: all of **MDF-1** for CMP-1 Spring webinar is claimed and waits for a decision. 30 days are left, \
         until 2026-04-11; should less be approved, what is not claimed by then goes back once CLM-1 is decided. CLM-1 waits \
         for the vendor: `/claim show claim:CLM-1`. For more time there is `/claim extend request:MDF-1`."
    );
    w.moves_to("2026-03-28T08:00:00Z").await;
    assert_eq!(
        (times(w, ACME, ASKED), times(w, ACME, WARNED)),
        (1, 2),
        "nobody is asked for a claim meanwhile"
    );
    assert!(
        next_due(&w.running.app).await.unwrap().is_none_or(|due| due > w.clock.now()),
        "and that is done"
    );
    w.person(Who::Amir)
        .presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decline…", &[("reason", "Not agreed.")])
        .await;
    w.moves_to("2026-04-08T07:00:00Z").await;
    let warned = said(w, ACME, WARNED);
    assert!(warned[2].starts_with("⏳ Claim in time: EUR 9,000.00 of **MDF-1**"), "{warned:?}");
}

async fn a_claim_that_is_filed_or_returned_keeps_the_rest(w: &mut World) {
    over(w).await;
    filed(w, "4k").await;
    w.moves_to("2026-03-12T08:00:00Z").await;
    assert_eq!(
        bare(&said(w, ACME, WARNED)[0]),
        "⏳ Claim in time: EUR 7,000.00 of **MDF-1** for CMP-1 Spring webinar is not claimed yet. 30 days are left, \
         until 2026-04-11; what is not claimed by then goes back once CLM-1 is decided. CLM-1 waits for the vendor: \
         `/claim show claim:CLM-1`. For more time there is `/claim extend request:MDF-1`."
    );
    w.moves_to("2026-03-20T08:00:00Z").await;
    w.person(Who::Amir)
        .presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")])
        .await;
    w.moves_to("2026-03-28T08:00:00Z").await;
    assert_eq!(
        bare(&said(w, ACME, WARNED)[1]),
        "⏳ Claim in time: EUR 9,000.00 of **MDF-1** for CMP-1 Spring webinar is not claimed yet. 14 days are left, \
         until 2026-04-11; what is not claimed by then goes back, unless CLM-1 is filed again, which may be until \
         2026-05-04. CLM-1 is returned: correct it and say `/claim submit claim:CLM-1`. For more time there is \
         `/claim extend request:MDF-1`."
    );
}

async fn after_forty_days_only_the_newest_is_said(w: &mut World) {
    claimable(w).await;
    w.moves_to("2026-02-11T08:00:00Z").await;
    w.moves_to("2026-03-23T08:00:00Z").await;
    let warned = said(w, ACME, WARNED);
    assert_eq!((times(w, ACME, ASKED), warned.len()), (0, 1));
    assert!(warned[0].contains("19 days are left"), "what is really left: {}", warned[0]);
    w.moves_to("2026-03-28T08:00:00Z").await;
    assert_eq!(times(w, ACME, WARNED), 2);
}

async fn more_time_moves_the_warnings(w: &mut World) {
    claimable(w).await;
    w.moves_to("2026-03-30T08:00:00Z").await;
    assert_eq!(times(w, ACME, WARNED), 1);
    w.person(Who::Pat).runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late invoice").await;
    w.moves_to("2026-04-08T07:00:00Z").await;
    assert!(said(w, ACME, WARNED)[1].contains("More time, until 2026-05-31, is asked for"));
    let card = w.card(APPROVALS, "More time to claim ACME/MDF-1");
    w.person(Who::Amir).presses(&card, "Approve", &[]).await;
    for (moment, warned) in [
        ("2026-04-30T12:00:00Z", 2),
        ("2026-05-01T07:00:00Z", 3),
        ("2026-05-17T07:00:00Z", 4),
        ("2026-05-28T07:00:00Z", 5),
    ] {
        w.moves_to(moment).await;
        assert_eq!(times(w, ACME, WARNED), warned, "{moment}");
    }
    assert_eq!(times(w, ACME, ASKED), 0, "a later day asks for nothing again");
}

async fn what_has_ended_is_not_warned_of(w: &mut World) {
    claimable(w).await;
    w.moves_to("2026-02-12T08:00:00Z").await;
    w.person(Who::Pat).runs("/mdf close request:MDF-1 confirm:MDF-1").await;
    w.moves_to("2026-05-01T08:00:00Z").await;
    assert_eq!((times(w, ACME, ASKED), times(w, ACME, WARNED)), (1, 0));
}

async fn a_decision_is_reminded_of_and_escalated_on_the_vendors_business_days(w: &mut World) {
    agreed(w).await;
    crate::rules::owner(w);
    let nobody = w.person(Who::Nobody);
    nobody.runs("/setup holiday day:2026-01-12").await;
    nobody.runs("/setup holiday day:2026-01-13 company:acme").await;
    // Friday, 16:00 in Berlin. The weekend and the vendor's Monday do not count; the partner's Tuesday does.
    w.moves_to("2026-01-09T15:00:00Z").await;
    w.person(Who::Pat).runs(REQUEST).await;
    w.moves_to("2026-01-14T14:59:59Z").await;
    assert_eq!(times(w, APPROVALS, REMINDED), 0);
    w.moves_to("2026-01-14T15:00:00Z").await;
    assert_eq!(
        bare(&said(w, APPROVALS, REMINDED)[0]),
        "⏰ Reminder: **ACME/MDF-1** has waited 2 business days: EUR 9,000.00 for CMP-1 Spring webinar. \
         People with <@&4002> or <@&4003> can go on with it."
    );
    assert_eq!(another_process_ticks(w).await, 0, "a restart repeats nothing");
    nobody.runs("/setup holiday day:2026-01-14").await;
    w.moves_to("2026-01-15T15:00:00Z").await;
    assert_eq!(times(w, APPROVALS, REMINDED), 1, "another holiday since then repeats nothing");
    w.moves_to("2026-01-16T15:00:00Z").await;
    let escalated = said(w, APPROVALS, ESCALATED);
    assert!(
        escalated[0].starts_with("🔺 Escalated: **ACME/MDF-1** has waited 3 business days"),
        "{}",
        escalated[0]
    );
    w.moves_to("2026-02-10T15:00:00Z").await;
    assert_eq!((times(w, APPROVALS, REMINDED), times(w, APPROVALS, ESCALATED)), (1, 1));
    assert_eq!((times(w, ACME, REMINDED), times(w, ACME, ESCALATED)), (0, 0), "it is the vendor's turn");
    let answer = w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert!(answer.starts_with("MDF-1 is approved."), "{answer}");
    // An amendment is a matter of its own. After an outage only the escalation is said.
    w.person(Who::Pat).runs("/mdf amend request:MDF-1 cost:20k amount:10k reason:A second speaker").await;
    w.moves_to("2026-02-20T15:00:00Z").await;
    assert_eq!((times(w, APPROVALS, REMINDED), times(w, APPROVALS, ESCALATED)), (1, 2));
    assert!(said(w, APPROVALS, ESCALATED)[1].contains("an amendment, EUR 9,000.00 → EUR 10,000.00"));
}

async fn the_time_while_the_partner_is_asked_does_not_count(w: &mut World) {
    agreed(w).await;
    let (pat, amir) = (w.person(Who::Pat), w.person(Who::Amir));
    pat.runs(REQUEST).await;
    w.moves_to("2026-01-06T08:00:00Z").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    amir.presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
    w.moves_to("2026-01-08T08:00:00Z").await;
    assert_eq!(
        bare(&said(w, ACME, REMINDED)[0]),
        "⏰ Reminder: **MDF-1** has waited 2 business days: returned: Which speaker? People with <@&4004> can go on \
         with it. Correct it with `/mdf request` and its option `resubmit:MDF-1`."
    );
    w.moves_to("2026-01-09T07:00:00Z").await;
    pat.runs(&format!("{REQUEST} resubmit:MDF-1")).await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "submitted");
    w.moves_to("2026-01-12T06:59:59Z").await;
    assert_eq!(times(w, APPROVALS, REMINDED), 0, "a day before it was returned, and not yet one since");
    w.moves_to("2026-01-12T07:00:00Z").await;
    assert!(said(w, APPROVALS, REMINDED)[0].contains("has waited 2 business days"));
    // Returned again: the partner was reminded of this matter, and is not told again so soon.
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Return…", &[("reason", "Which room?")]).await;
    w.moves_to("2026-01-12T07:59:59Z").await;
    assert_eq!((times(w, ACME, REMINDED), times(w, ACME, ESCALATED)), (1, 0));
    w.moves_to("2026-01-12T08:00:00Z").await;
    assert_eq!(times(w, ACME, ESCALATED), 1, "it had three days less an hour before");
    assert!(said(w, ACME, ESCALATED)[0].contains("<@&4005> should see to it."));
}

async fn what_waits_before_the_plan_is_signed_is_not_reminded_of(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    let add = "/campaign add name:Spring webinar type:Webinar leads:40 pipeline:120k budget:40k mdf:50%";
    pat.runs(&format!("{add} start:2026-03-10")).await;
    pat.runs("/plan propose").await;
    pat.runs(REQUEST).await;
    w.moves_to("2026-01-19T08:00:00Z").await;
    assert_eq!((times(w, APPROVALS, REMINDED), times(w, APPROVALS, ESCALATED)), (0, 0));
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    w.moves_to("2026-01-21T07:59:59Z").await;
    assert_eq!(times(w, APPROVALS, REMINDED), 0);
    w.moves_to("2026-01-21T08:00:00Z").await;
    assert_eq!(times(w, APPROVALS, REMINDED), 1, "the time counts from the signatures");
}

async fn the_digest_says_once_a_day_what_waits(w: &mut World) {
    agreed(w).await;
    w.moves_to("2026-01-06T09:00:00Z").await;
    assert_eq!((times(w, APPROVALS, DIGEST), times(w, ACME, DIGEST)), (0, 0), "nothing waits");
    w.person(Who::Pat).runs(REQUEST).await;
    w.moves_to("2026-01-06T15:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 0, "it came after nine o'clock");
    let filed = w
        .person(Who::Pat)
        .runs("/campaign postpone campaign:CMP-1 start:2026-03-20 reason:A better hall")
        .await;
    assert!(filed.contains("ADJ-1"), "{filed}");
    w.moves_to("2026-01-07T08:00:00Z").await;
    assert_eq!(another_process_ticks(w).await, 0);
    assert_eq!(
        bare(&said(w, APPROVALS, DIGEST)[0]),
        "Open decisions · 2026-01-07\n\
         • **ACME/MDF-1** · EUR 9,000.00 for CMP-1 Spring webinar · 1 business day\n\
         • **ACME/ADJ-1** · to sign: 1 change of PLN-1 2026-01-01 to 2026-03-31 · less than a business day"
    );
    assert_eq!(
        bare(&said(w, ACME, DIGEST)[0]),
        "Open decisions · 2026-01-07\n\
         • **ADJ-1** · to sign: 1 change of PLN-1 2026-01-01 to 2026-03-31 · less than a business day"
    );
    assert_eq!(times(w, GLOBEX, DIGEST), 0);
    w.moves_to("2026-01-07T20:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 1, "once a day");
    // A day on which the bot was away gets none afterwards, a late one of today says so; the weekend has none.
    w.moves_to("2026-01-09T12:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 2);
    assert!(said(w, APPROVALS, DIGEST)[1].contains("This comes late"));
    w.moves_to("2026-01-11T12:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 2);
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    w.moves_to("2026-01-12T08:00:00Z").await;
    let last = said(w, APPROVALS, DIGEST).pop().unwrap();
    assert!(!last.contains("MDF-1") && last.contains("ADJ-1"), "{last}");
}

async fn the_digest_says_which_stops_wait(w: &mut World) {
    agreed(w).await;
    w.moves_to("2026-01-06T10:00:00Z").await;
    // Pat may not sign: her own side has to, before the vendor can countersign.
    w.person(Who::Pat).runs("/campaign stop campaign:CMP-1 reason:No speaker").await;
    w.moves_to("2026-01-07T08:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 0);
    assert_eq!(
        bare(&said(w, ACME, DIGEST)[0]),
        "Open decisions · 2026-01-07\n\
         • **CMP-1** · to sign: your side stopped Spring webinar: No speaker · less than a business day"
    );
    let card = w.card(ACME, "CMP-1");
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    w.moves_to("2026-01-08T08:00:00Z").await;
    assert_eq!(times(w, ACME, DIGEST), 1);
    assert_eq!(
        bare(&said(w, APPROVALS, DIGEST)[0]),
        "Open decisions · 2026-01-08\n\
         • **ACME/CMP-1** · to countersign, or it stays stopped: the partner stopped Spring webinar: No speaker · 1 business day"
    );
    assert_eq!(times(w, GLOBEX, DIGEST), 0);
    assert_eq!((times(w, APPROVALS, REMINDED), times(w, APPROVALS, ESCALATED)), (0, 0));
    w.person(Who::Vera).presses(&w.card(ACME, "CMP-1"), "Countersign", &[]).await;
    w.moves_to("2026-01-09T08:00:00Z").await;
    assert_eq!((times(w, APPROVALS, DIGEST), times(w, ACME, DIGEST)), (1, 1), "it is cancelled");
}

async fn the_digest_comes_when_the_program_says(w: &mut World) {
    agreed(w).await;
    w.person(Who::Pat).runs(REQUEST).await;
    crate::rules::owner(w);
    w.person(Who::Nobody).runs("/setup hours digest:10:30 quiet:09:00-11:00").await;
    w.moves_to("2026-01-06T09:59:59Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 0, "half past ten is quiet");
    w.moves_to("2026-01-06T10:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 1);
    w.person(Who::Nobody).runs("/setup hours digest:14:00").await;
    w.moves_to("2026-01-06T14:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 1, "once a day, whatever is said meanwhile");
    w.person(Who::Nobody).runs("/setup hours digest:none").await;
    w.moves_to("2026-01-07T14:00:00Z").await;
    assert_eq!(times(w, APPROVALS, DIGEST), 1);
}

async fn the_digest_keeps_its_local_time_when_the_clocks_go_back(w: &mut World) {
    crate::rules::owner(w);
    w.person(Who::Nobody).runs("/setup hours work-days:mon-sun").await;
    w.moves_to("2026-10-23T12:00:00Z").await;
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q4 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Talk type:Webinar start:2026-11-20 leads:1 pipeline:1").await;
    pat.runs("/plan propose").await;
    for (moment, digests) in [
        ("2026-10-24T06:59:59Z", 0),
        ("2026-10-24T07:00:00Z", 1),
        ("2026-10-25T07:59:59Z", 1),
        ("2026-10-25T08:00:00Z", 2),
        ("2026-10-26T08:00:00Z", 3),
    ] {
        w.moves_to(moment).await;
        assert_eq!((times(w, APPROVALS, DIGEST), times(w, ACME, DIGEST)), (digests, digests), "{moment}");
    }
}

async fn what_falls_in_quiet_hours_waits_and_answers_do_not(w: &mut World) {
    claimable(w).await;
    crate::rules::owner(w);
    w.person(Who::Nobody).runs("/setup hours quiet:18:00-09:30").await;
    // The last day is over at midnight: what was held goes back at once, and both are told at half past nine.
    w.moves_to("2026-04-08T07:00:00Z").await;
    w.moves_to("2026-04-11T21:59:00Z").await;
    w.moves_to("2026-04-11T22:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
    assert!(w.card(ACME, "MDF-1 · expired").text().contains("expired"), "the card says so at once");
    assert_eq!(times(w, ACME, "MDF-1 is expired"), 0);
    let done = w.person(Who::Pat).runs("/promise add due:2026-05-01 what:A list").await;
    assert!(!done.contains("can't"), "{done}");
    w.moves_to("2026-04-12T07:29:59Z").await;
    assert_eq!(times(w, ACME, "MDF-1 is expired"), 0);
    w.moves_to("2026-04-12T07:30:00Z").await;
    assert_eq!(times(w, ACME, "MDF-1 is expired"), 1);
    // Nine o'clock was quiet for the warning of the 8th as well.
    let warned = w.number("SELECT COUNT(*) FROM outbox WHERE not_before > created_at").await;
    assert!(warned >= 2, "{warned}");
}

/// Jumping from one due instant to the next leaves nothing over, and says all that would be said on the way. (The world's
/// own scheduler may have been quicker than the tick here.)
async fn what_is_due_next_is_what_the_next_tick_does(w: &mut World) {
    claimable(w).await;
    w.person(Who::Pat)
        .runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Catering fund:acme-q1")
        .await;
    let app = &w.running.app;
    while tick(app).await.unwrap() > 0 {}
    let mut steps = 0;
    while let Some(next) = next_due(app).await.unwrap() {
        let now: DateTime<Utc> = w.clock.now();
        assert!(next > now, "nothing is left over from before: {next}, at {now}");
        w.clock.advance_to(next);
        while tick(app).await.unwrap() > 0 {}
        steps += 1;
        assert!(steps < 200, "it comes to an end");
        if w.clock.now() > "2026-04-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
            break;
        }
    }
    w.settle().await;
    assert_eq!((times(w, ACME, ASKED), times(w, ACME, WARNED)), (3, 3));
    assert_eq!(times(w, ACME, "MDF-1 is expired"), 1);
    assert_eq!((times(w, APPROVALS, REMINDED), times(w, APPROVALS, ESCALATED)), (1, 1));
    assert!(times(w, APPROVALS, DIGEST) > 60, "one for each business day");
}

const EXPIRES: &str = "Money that expires";

async fn money_that_expires_is_warned_of_once(w: &mut World) {
    crate::rules::owner(w);
    w.person(Who::Nobody).runs("/setup hours quiet:18:00-09:30").await;
    w.person(Who::Finn).runs("/fund allocate fund:pool-q1 amount:5k partner:globex").await;
    w.moves_to("2026-05-31T07:00:00Z").await;
    assert_eq!(another_process_ticks(w).await, 0, "a restart repeats nothing");
    assert_eq!(times(w, APPROVALS, EXPIRES), 0, "nine o'clock is quiet");
    w.moves_to("2026-05-31T07:30:00Z").await;
    assert_eq!(
        bare(&said(w, APPROVALS, EXPIRES)[0]),
        "Money that expires\n\
         • **Acme Q1 MDF** · EUR 30,000.00 until 2026-06-30 · 30 days left\n\
         • **Q1 MDF pool** · EUR 15,000.00 until 2026-06-30 · 30 days left\n\
         • **Q1 MDF pool (Globex)** · EUR 5,000.00 until 2026-06-30 · 30 days left"
    );
    // Each partner reads of its own, and of nothing else.
    for (channel, line) in [
        (ACME, "• **Acme Q1 MDF** · EUR 30,000.00 until 2026-06-30 · 30 days left"),
        (GLOBEX, "• **Q1 MDF pool (Globex)** · EUR 5,000.00 until 2026-06-30 · 30 days left"),
    ] {
        assert_eq!(bare(&said(w, channel, EXPIRES)[0]), format!("Money that expires\n{line}"));
    }
    // A fund that is empty by then is not named.
    w.person(Who::Finn).runs("/fund allocate fund:pool-q1 amount:-5k partner:globex confirm:pool-q1").await;
    w.moves_to("2026-06-20T12:00:00Z").await;
    assert!(said(w, APPROVALS, EXPIRES)[1].contains("EUR 20,000.00 until 2026-06-30 · 10 days left"));
    w.moves_to("2026-06-28T12:00:00Z").await;
    let all = [APPROVALS, ACME, GLOBEX].map(|channel| times(w, channel, EXPIRES));
    assert_eq!(all, [3, 3, 1]);
    // The day is over at midnight: the money goes at once, and whose it was are told in the morning.
    w.moves_to("2026-06-30T22:00:00Z").await;
    assert_eq!(w.fund("acme-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(times(w, ACME, "What was left of Acme Q1 MDF"), 0);
    w.moves_to("2026-07-01T07:29:59Z").await;
    assert_eq!(times(w, ACME, "What was left of Acme Q1 MDF"), 0);
    w.moves_to("2026-07-01T07:30:00Z").await;
    assert_eq!(times(w, ACME, "What was left of Acme Q1 MDF"), 1);
    assert_eq!(times(w, APPROVALS, "What was left of Q1 MDF pool"), 1);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'expiry_warned'").await, 7);
}

async fn the_end_of_money_comes_by_itself(w: &mut World) {
    let app = &w.running.app;
    let mut moments = Vec::new();
    while let Some(next) = next_due(app).await.unwrap() {
        assert!(next > w.clock.now(), "nothing is left over from before: {next}");
        moments.push(next.to_rfc3339());
        w.clock.advance_to(next);
        while tick(app).await.unwrap() > 0 {}
    }
    let wanted = ["2026-05-31T07", "2026-06-16T07", "2026-06-27T07", "2026-06-30T22"];
    assert_eq!(moments, wanted.map(|hour| format!("{hour}:00:00+00:00")));
    w.settle().await;
    assert_eq!(times(w, ACME, EXPIRES), 3);
    assert_eq!(w.fund("pool-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
}

async fn new_money_is_not_warned_of_for_the_past(w: &mut World) {
    w.moves_to("2026-06-10T12:00:00Z").await;
    assert_eq!(times(w, APPROVALS, EXPIRES), 1);
    let line =
        "/fund create key:short name:Short kind:mdf valid-from:2026-06-10 valid-until:2026-06-19 amount:1k";
    w.person(Who::Finn).runs(line).await;
    w.moves_to("2026-06-10T13:00:00Z").await;
    assert_eq!(times(w, APPROVALS, EXPIRES), 1);
    w.moves_to("2026-06-16T07:00:00Z").await;
    let last = said(w, APPROVALS, EXPIRES).pop().unwrap();
    assert!(last.contains("**Short** · EUR 1,000.00 until 2026-06-19 · 3 days left"), "{last}");
    assert!(last.contains("**Acme Q1 MDF** · EUR 30,000.00 until 2026-06-30 · 14 days left"), "{last}");
}
