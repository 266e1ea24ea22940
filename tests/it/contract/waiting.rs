//! What waits for somebody and for the clock, and a post that waits for the end of quiet hours.

use super::claim::a_claim;
use super::{Ground, contracts};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tandem::domain::actor::Side;
use tandem::domain::business::QuietHours;
use tandem::domain::campaign::{Campaign, StopSignature, Stopped};
use tandem::domain::claim::{Claim, ClaimState, Extension, ExtensionState};
use tandem::domain::request::{MdfRequest, RequestState};
use tandem::domain::rulebook::Rule;
use tandem::domain::waiting::{Kind, Turn};
use tandem::store::waiting::{Claimable, claim_notice_job};
use tandem::store::{
    audit, campaign, checkpoint, claim, extension, outbox, program, request, rules, waiting,
};
use tandem::text::card::{Card, Post};
use tandem::{in_read, in_tx};

contracts!(
    what_waits_in_a_program_is_found,
    turns_are_read_from_the_trail,
    stops_are_read_from_the_trail,
    a_warning_is_told_from_a_reminder,
    what_is_left_to_claim_is_found,
    what_nobody_asked_for_waits_for_the_end_of_quiet_hours,
);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn an_extension(g: &Ground, request_id: &str) -> Extension {
    Extension {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        request_id: request_id.to_owned(),
        rev: 1,
        state: ExtensionState::Waiting,
        due: day("2026-04-30"),
        until: day("2026-05-31"),
        reason: "Late invoice".into(),
        asked_by: "1".into(),
        asked_at: g.clock.now(),
        decided_by: None,
        stands_for: None,
        decided_at: None,
        decline_reason: None,
    }
}

/// What waits in a program: kinds, ids, and whose turn the row says it is.
async fn found(g: &Ground, program: &str) -> Vec<(Kind, String, Option<Side>)> {
    let all = in_read!(g.store, |read| { waiting::open(read, program).await }).unwrap();
    for one in &all {
        let same = in_read!(g.store, |read| { waiting::open_by_id(read, program, &one.id).await }).unwrap();
        assert!(same.contains(one) && same.iter().all(|other| other.id == one.id), "{same:?}");
        assert_eq!(one.agreed_at.is_some(), !matches!(one.kind, Kind::Plan | Kind::Adjustment | Kind::Stop));
    }
    all.into_iter().map(|one| (one.kind, one.id, one.side)).collect()
}

async fn what_waits_in_a_program_is_found(g: Ground) {
    let none: Vec<(Kind, String, Option<Side>)> = Vec::new();
    let draft = in_tx!(g.store, |tx| { a_claim(&g, tx, 1).await }).unwrap();
    assert_eq!(found(&g, &g.program).await, none, "an approved request and a draft wait for nobody");
    let asked = an_extension(&g, &draft.request_id);
    let submitted =
        Claim { state: ClaimState::Submitted, submitted_at: Some(g.clock.now()), ..draft.clone() };
    in_tx!(g.store, |tx| {
        extension::insert(tx, &asked).await?;
        claim::save(tx, &submitted).await?;
        let approved = request::by_id(tx, &draft.request_id).await?.unwrap();
        request::save(tx, &MdfRequest { state: RequestState::Returned, ..approved }).await
    })
    .unwrap();
    let all = vec![
        (Kind::Request, draft.request_id.clone(), None),
        (Kind::Claim, draft.id.clone(), None),
        (Kind::Extension, asked.id.clone(), Some(Side::Vendor)),
    ];
    assert_eq!(found(&g, &g.program).await, all);
    assert_eq!(found(&g, "another").await, none);
    // While a side has the campaign stopped no request is decided, but what was claimed and asked for is. The stop waits too,
    // for that side's signature first.
    let request =
        in_read!(g.store, |read| { request::by_id(read, &draft.request_id).await }).unwrap().unwrap();
    let campaign = in_read!(g.store, |read| { campaign::by_id(read, &request.campaign_id).await }).unwrap();
    let signature = StopSignature {
        person: "2".into(),
        at: g.clock.now(),
        stands_for: None,
        revision: 1,
        content_sha256: "00".into(),
    };
    for (signed, whose) in [(None, Side::Partner), (Some(signature), Side::Vendor)] {
        let (at, reason) = (g.clock.now(), "Wait".to_owned());
        let stopped = Some(Stopped { at, by: "1".into(), side: Side::Partner, reason, signed });
        let campaign = Campaign { stopped, ..campaign.clone() };
        in_tx!(g.store, |tx| { campaign::save(tx, &g.clock, &campaign).await }).unwrap();
        let stop = (Kind::Stop, campaign.id.clone(), Some(whose));
        let money = [all[1].clone(), all[2].clone()];
        assert_eq!(found(&g, &g.program).await, [vec![stop.clone()], money.to_vec()].concat());
        // A returned claim can't be filed again meanwhile.
        let returned = Claim { state: ClaimState::Returned, ..draft.clone() };
        in_tx!(g.store, |tx| { claim::save(tx, &returned).await }).unwrap();
        assert_eq!(found(&g, &g.program).await, [stop, all[2].clone()]);
        in_tx!(g.store, |tx| { claim::save(tx, &submitted).await }).unwrap();
    }
    in_tx!(g.store, |tx| { campaign::save(tx, &g.clock, &campaign).await }).unwrap();
    assert_eq!(found(&g, &g.program).await, all);
    in_tx!(g.store, |tx| { program::archive_partner(tx, &g.acme, g.clock.now_ms()).await }).unwrap();
    assert_eq!(found(&g, &g.program).await, none, "of a partner that takes part no more");
}

/// The trail gets a line of "thing".
async fn tells(g: &Ground, at: DateTime<Utc>, code: &str, detail: serde_json::Value) {
    let line = audit::Line { at, detail, ..super::road::a_line(g, "1", code, "thing") };
    in_tx!(g.store, |tx| {
        audit::append(tx, &line);
        Ok(())
    })
    .unwrap();
}

async fn turns_are_read_from_the_trail(g: Ground) {
    let mut at = g.clock.now();
    for (code, amendment) in [
        ("request_submitted", false),
        ("request_step", false),
        ("request_returned", false),
        ("request_amended", true),
        ("request_returned", true),
    ] {
        tells(&g, at, code, serde_json::json!({"amendment": amendment})).await;
        at += TimeDelta::hours(1);
    }
    let all = in_read!(g.store, |read| { waiting::turns(read, &["thing", "none"]).await }).unwrap();
    assert_eq!(all.keys().collect::<Vec<_>>(), ["thing"]);
    let turns = &all["thing"];
    let start = g.clock.now();
    let turn = |hours, whose| Turn { at: start + TimeDelta::hours(hours), whose };
    let expected = [
        turn(0, Some(Side::Vendor)),
        turn(2, Some(Side::Partner)),
        turn(3, Some(Side::Vendor)),
        turn(4, None),
    ];
    assert_eq!(turns, &expected);
}

async fn stops_are_read_from_the_trail(g: Ground) {
    let mut at = g.clock.now();
    let codes = [
        "campaign_stopped",
        "campaign_resumed",
        "campaign_stopped",
        "campaign_stop_ended",
        "campaign_stopped",
    ];
    for code in codes {
        tells(&g, at, code, serde_json::json!({})).await;
        at += TimeDelta::hours(1);
    }
    let all = in_read!(g.store, |read| { waiting::stops(read, &["none", "thing"]).await }).unwrap();
    let hour = |hours| g.clock.now() + TimeDelta::hours(hours);
    let ended = vec![(hour(0), hour(1)), (hour(2), hour(3))];
    assert_eq!(all, [("thing".to_owned(), ended)].into(), "the last one lasts");
    assert!(in_read!(g.store, |read| { waiting::stops(read, &[]).await }).unwrap().is_empty());
}

async fn a_warning_is_told_from_a_reminder(g: Ground) {
    let due = g.clock.now();
    let told = serde_json::json!({"due_at": due.timestamp_millis()});
    tells(&g, due, "claim_reminded", told.clone()).await;
    let warned = async |item: &str, at| {
        in_read!(g.store, |read| { waiting::warned_at(read, item, at).await }).unwrap()
    };
    assert_eq!(warned("thing", due).await, None, "that was a reminder");
    let hour = |hours| due + TimeDelta::hours(hours);
    tells(&g, hour(1), "release_warned", told.clone()).await;
    tells(&g, hour(2), "claim_expiry_warned", serde_json::json!({"due_at": hour(2).timestamp_millis()}))
        .await;
    assert_eq!(warned("thing", due).await, Some(hour(1)));
    assert_eq!(warned("thing", hour(2)).await, Some(hour(2)));
    assert_eq!(warned("another", due).await, None);
}

async fn one(g: &Ground) -> Claimable {
    let mut all = in_read!(g.store, |read| { waiting::claimable(read).await }).unwrap();
    assert_eq!(all.len(), 1);
    let one = all.remove(0);
    let id = one.request_id.clone();
    let same = in_read!(g.store, |read| { waiting::claimable_by_id(read, &id).await }).unwrap();
    assert_eq!(same.as_ref(), Some(&one));
    one
}

async fn what_is_left_to_claim_is_found(g: Ground) {
    let draft = in_tx!(g.store, |tx| { a_claim(&g, tx, 1).await }).unwrap();
    let before = one(&g).await;
    assert_eq!((before.claim_due, before.zone), (day("2026-04-30"), g.plan.zone));
    assert_eq!((before.holds, before.is_claimed, before.is_kept), (true, false, false));
    assert_eq!(before.noticed_at, None);
    let unfiled = async || in_read!(g.store, |read| { waiting::unfiled_claims_due(read).await }).unwrap();
    assert_eq!(unfiled().await, [(day("2026-04-30"), g.plan.zone)]);

    let now = g.clock.now();
    in_tx!(g.store, |tx| {
        checkpoint::take_slot(tx, &claim_notice_job(&before.request_id), now, now).await?;
        extension::insert(tx, &an_extension(&g, &before.request_id)).await
    })
    .unwrap();
    let jobs = [claim_notice_job(&before.request_id), "never".to_owned()];
    let slots = in_read!(g.store, |read| { checkpoint::last_slots(read, &jobs).await }).unwrap();
    assert_eq!(slots, [(jobs[0].clone(), now)].into());
    let asked = one(&g).await;
    assert_eq!((asked.is_kept, asked.is_claimed, asked.noticed_at), (true, false, Some(now)));
    assert_eq!(unfiled().await, [], "more time is asked for");

    assert_eq!(in_read!(g.store, |read| { waiting::returned(read).await }).unwrap(), []);
    let own = day("2026-05-20");
    in_tx!(g.store, |tx| {
        let waiting = extension::waiting(tx, &before.request_id).await?.unwrap();
        // A request's day may move under an extension that waits.
        let later = Extension { due: day("2026-05-01"), rev: 2, ..waiting };
        extension::save(tx, &later).await?;
        assert_eq!(extension::waiting(tx, &before.request_id).await?, Some(later));
        let state = ClaimState::Returned;
        let returned = Claim { state, decided_at: Some(now), resubmit_by: Some(own), ..draft.clone() };
        claim::save(tx, &returned).await
    })
    .unwrap();
    let returned = in_read!(g.store, |read| { waiting::returned(read).await }).unwrap();
    assert_eq!((returned[0].file_by, returned[0].noticed_at), (own, None));
    let same = in_read!(g.store, |read| { waiting::returned_by_id(read, &draft.id).await }).unwrap();
    assert_eq!(same.as_ref(), returned.first());

    in_tx!(g.store, |tx| {
        let claimed = Claim { state: ClaimState::Paid, submitted_at: Some(now), ..draft.clone() };
        claim::save(tx, &claimed).await?;
        assert!(request::claim(tx, &before.request_id, 1_000).await?);
        let waiting = extension::waiting(tx, &before.request_id).await?.unwrap();
        extension::save(tx, &waiting.void(now).unwrap()).await
    })
    .unwrap();
    let claimed = one(&g).await;
    assert_eq!((claimed.holds, claimed.is_claimed, claimed.is_kept), (false, true, false));
    in_tx!(g.store, |tx| {
        let ended = request::by_id(tx, &before.request_id).await?.unwrap().close(now).unwrap().request;
        request::save(tx, &ended).await
    })
    .unwrap();
    let gone = in_read!(g.store, |read| {
        Ok((waiting::claimable(read).await?, waiting::claimable_by_id(read, &before.request_id).await?))
    });
    assert_eq!(gone.unwrap(), (Vec::new(), None));
}

/// What can be claimed at an instant, taken and delivered one after the other.
async fn delivered(g: &Ground, now: DateTime<Utc>) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let protocol = g.clock.protocol_ms();
        let is_any = in_read!(g.store, |read| { outbox::any_due(read, protocol, now).await }).unwrap();
        let claimed = in_tx!(g.store, |tx| { outbox::claim(tx, protocol, now, 1_000, 9).await }).unwrap();
        assert_eq!(is_any, !claimed.is_empty());
        if claimed.is_empty() {
            return ids;
        }
        for row in claimed {
            let sent = outbox::Delivered { message_id: Some("1".into()), shown_no: None };
            in_tx!(g.store, |tx| { outbox::record_sent(tx, &g.clock, &row, &sent).await }).unwrap();
            ids.push(row.id);
        }
    }
}

async fn what_nobody_asked_for_waits_for_the_end_of_quiet_hours(g: Ground) {
    let now = g.clock.now();
    delivered(&g, now).await;
    let post = Post { text: "x".into(), ..Post::default() };
    let unasked = async || {
        in_tx!(g.store, |tx| { outbox::post_unasked(tx, &g.clock, &g.program, "a", &post, &[]).await })
            .unwrap()
    };
    let loud = unasked().await;
    assert_eq!(delivered(&g, now).await, [loud], "without quiet hours nothing waits");
    // It is nine o'clock in Berlin.
    let quiet = QuietHours::parse("08:30-09:30", chrono_tz::Europe::Berlin).unwrap();
    in_tx!(g.store, |tx| { rules::put(tx, &g.program, &Rule::Quiet(quiet), false).await }).unwrap();
    let (first, second) = (unasked().await, unasked().await);
    let answer = in_tx!(g.store, |tx| { outbox::post(tx, &g.clock, "a", &post, &[]).await }).unwrap();
    let card = Card::default();
    in_tx!(g.store, |tx| { outbox::show_card(tx, &g.clock, "k", "a", &card).await }).unwrap();
    let count = async |now| in_read!(g.store, |read| { outbox::waiting_count(read, now).await }).unwrap();
    assert_eq!((count(now).await, count(now + TimeDelta::minutes(30)).await), (2, 4));
    let at_once = delivered(&g, now + TimeDelta::minutes(29)).await;
    assert_eq!((at_once.len(), &at_once[0]), (2, &answer), "an answer and a card overtake what waits");
    assert_eq!(delivered(&g, now + TimeDelta::minutes(30)).await, [first, second], "in their order");
    let place = ("another", "a");
    in_tx!(g.store, |tx| { outbox::show_card_unasked(tx, &g.clock, &g.program, place, &card).await })
        .unwrap();
    assert_eq!(
        delivered(&g, now + TimeDelta::minutes(29)).await.len(),
        0,
        "a card that nobody asked for waits too"
    );
    assert_eq!(delivered(&g, now + TimeDelta::minutes(30)).await.len(), 1);
}
