//! Plans with their signatures and revisions, campaigns with their budgets and logs, tasks and promises.

use super::{Ground, contracts, eur};
use std::collections::BTreeSet;
use tandem::clock::Clock;
use tandem::domain::actor::Side;
use tandem::domain::campaign::{BudgetLine, Campaign, CampaignState, FundingSource, StopSignature, Stopped};
use tandem::domain::log::{Entry, EntryKind};
use tandem::domain::period::Period;
use tandem::domain::plan::own::Before;
use tandem::domain::plan::{Plan, PlanState, Signature};
use tandem::domain::promise::{Promise, PromiseState};
use tandem::domain::task::{Settled, Task, TaskState};
use tandem::fault::Fault;
use tandem::playground::seed::GLOBEX;
use tandem::store::{Tx, campaign, plan, promise, task};
use tandem::{in_read, in_tx};

contracts!(
    plans_are_read_back_as_written,
    each_side_signs_a_rev_once,
    campaigns_are_read_back_as_written,
    entries_are_logged_and_reversed_once,
    tasks_and_promises_are_settled,
);

async fn plans_are_read_back_as_written(g: Ground) {
    let globex = g.desk.partner(GLOBEX).await;
    let draft = Plan {
        id: g.clock.new_id(),
        number: 2,
        name: "Second".into(),
        before: Before::default(),
        state: PlanState::Draft,
        rev: 1,
        revision: 0,
        proposed_at: None,
        agreed_at: None,
        ..g.plan.clone()
    };
    in_tx!(g.store, |tx| {
        plan::insert(tx, &draft).await?;
        assert_eq!(plan::by_id(tx, &draft.id).await?.as_ref(), Some(&draft));
        assert_eq!(plan::by_number(tx, &g.acme, 2).await?.as_ref(), Some(&draft));
        assert_eq!(plan::by_number(tx, &globex, 2).await?, None, "a number is its partner's");
        assert_eq!(plan::by_id(tx, "nobody").await?, None);
        let numbers: Vec<_> = plan::of_partner(tx, &g.acme).await?.iter().map(|plan| plan.number).collect();
        assert_eq!(numbers, [2, 1], "newest first");
        assert_eq!(plan::running(tx).await?, std::slice::from_ref(&g.plan), "the clock moves no draft");
        let edited = Plan { name: "Third".into(), routing_hours: Some(48), ..draft.clone() };
        plan::save_terms(tx, &edited).await?;
        let proposed = Plan {
            state: PlanState::Proposed,
            rev: 2,
            returned_reason: Some("Why".into()),
            proposed_at: Some(g.clock.now()),
            ..edited
        };
        plan::save(tx, &proposed).await?;
        assert_eq!(plan::by_id(tx, &draft.id).await?.as_ref(), Some(&proposed));
        assert_eq!(plan::running(tx).await?.len(), 2);
        let unknown = Plan { id: "nobody".into(), ..draft.clone() };
        assert!(matches!(plan::save(tx, &unknown).await, Err(Fault::Rows { touched: 0, .. })));
        assert!(matches!(plan::save_terms(tx, &unknown).await, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
    let same_number = Plan { id: g.clock.new_id(), ..draft };
    let refused = in_tx!(g.store, |tx| { plan::insert(tx, &same_number).await }).unwrap_err();
    assert!(refused.is_unique_violation(), "{refused}");
}

async fn each_side_signs_a_rev_once(g: Ground) {
    let sign = |side| Signature {
        side,
        person: "1".into(),
        content_sha256: "abc".into(),
        signed_at: g.clock.now(),
        stands_for: Some("2".into()),
    };
    let next = Plan { rev: g.plan.rev + 1, revision: 2, ..g.plan.clone() };
    in_tx!(g.store, |tx| {
        let given = plan::signatures(tx, &g.plan.id, g.plan.rev).await?;
        assert_eq!(given.len(), 2, "both have signed");
        let sha256 = plan::revision_sha256(tx, &g.plan.id).await?;
        assert_eq!(sha256.as_deref(), Some(given[0].content_sha256.as_str()));
        assert_eq!(plan::signatures(tx, &g.plan.id, next.rev).await?, [], "a signature is of one rev");
        plan::add_signature(tx, &next.id, next.rev, &sign(Side::Vendor)).await?;
        assert_eq!(plan::signatures(tx, &next.id, next.rev).await?, [sign(Side::Vendor)]);
        plan::add_revision(tx, &next, "{}", "def").await?;
        assert_eq!(plan::revision_sha256(tx, &next.id).await?.as_deref(), Some("def"), "the newest");
        assert_eq!(plan::revision_sha256(tx, "nobody").await?, None);
        let never = Plan { agreed_at: None, ..next.clone() };
        assert!(plan::add_revision(tx, &never, "{}", "ghi").await.is_err(), "agreed on no day");
        Ok(())
    })
    .unwrap();
    let second = sign(Side::Vendor);
    let refused = in_tx!(g.store, |tx| { plan::add_signature(tx, &next.id, next.rev, &second).await });
    assert!(refused.unwrap_err().is_unique_violation());
}

async fn campaigns_are_read_back_as_written(g: Ground) {
    let line = |what: &str, minor| BudgetLine {
        what: what.into(),
        planned: eur(minor),
        shares: vec![(FundingSource::Mdf, eur(minor / 2)), (FundingSource::Partner, eur(minor - minor / 2))],
    };
    let first = in_read!(g.store, |read| { campaign::by_number(read, &g.acme, 1).await }).unwrap().unwrap();
    let second = Campaign {
        id: g.clock.new_id(),
        number: 2,
        name: "Second".into(),
        slug: "second".into(),
        utm_id: "u2".into(),
        budget: vec![line("Speaker", 1_001), line("Venue", 500)],
        target_won: Some(eur(7)),
        state: CampaignState::Proposed,
        ..first.clone()
    };
    in_tx!(g.store, |tx| {
        campaign::insert(tx, &g.clock, &second, "1").await?;
        assert_eq!(campaign::by_id(tx, &second.id).await?, second);
        assert_eq!(campaign::by_number(tx, &g.acme, 2).await?.as_ref(), Some(&second));
        assert_eq!(campaign::by_number(tx, &g.acme, 3).await?, None);
        assert!(campaign::by_id(tx, "nobody").await.is_err());
        assert_eq!(campaign::of_plan(tx, &g.plan.id).await?, [first.clone(), second.clone()]);
        assert_eq!(campaign::names(tx, &g.acme).await?, [(2, "Second".to_owned()), (1, first.name.clone())]);
        assert!(campaign::slug_taken(tx, &g.acme, "second").await?);
        assert!(
            !campaign::slug_taken(tx, "nobody", "second").await?,
            "another partner's is nobody's business"
        );
        let edited = Campaign { name: "Edited".into(), budget: vec![line("All", 9)], ..second.clone() };
        campaign::save(tx, &g.clock, &edited).await?;
        campaign::save_state(tx, &second.id, CampaignState::Running).await?;
        let running = Campaign { state: CampaignState::Running, ..edited };
        assert_eq!(campaign::by_id(tx, &second.id).await?, running, "the old budget lines are gone");
        assert_eq!(campaign::by_id(tx, &first.id).await?, first, "and no other campaign's");
        assert_eq!(campaign::find(tx, &second.id).await?, Some(running.clone()));
        assert_eq!(campaign::find(tx, "nobody").await?, None);
        let checked = BTreeSet::from(["date".to_owned()]);
        campaign::save_checked(tx, &second.id, &checked).await?;
        assert_eq!(campaign::by_id(tx, &second.id).await?, Campaign { checked, ..running });
        assert!(campaign::note_asked(tx, &second.id, g.clock.now()).await?);
        assert!(!campaign::note_asked(tx, &second.id, g.clock.now()).await?, "people are asked once");
        another_end_is_asked_about_anew(tx, &g.clock, &second.id).await?;
        let moved = campaign::save_state(tx, "nobody", CampaignState::Running).await;
        assert!(matches!(moved, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
}

/// And a stop is kept with its signature.
async fn another_end_is_asked_about_anew(tx: &mut Tx, clock: &Clock, id: &str) -> Result<(), Fault> {
    let asked_about = campaign::by_id(tx, id).await?;
    campaign::save(tx, clock, &asked_about).await?;
    assert!(!campaign::note_asked(tx, id, clock.now()).await?, "an edit is no reason to ask again");
    let end = asked_about.period.end() + chrono::Days::new(1);
    let period = Period::new(asked_about.period.start(), end).unwrap();
    let signed = Some(StopSignature {
        person: "2".into(),
        at: clock.now(),
        stands_for: Some("3".into()),
        revision: 2,
        content_sha256: "hash".into(),
    });
    let (at, by, reason) = (clock.now(), "1".into(), "Why".into());
    let stopped = Some(Stopped { at, by, side: Side::Vendor, reason, signed });
    let moved = Campaign { period, stopped, ..asked_about };
    campaign::save(tx, clock, &moved).await?;
    assert_eq!(campaign::by_id(tx, id).await?, moved, "the stop with its signature");
    assert!(campaign::note_asked(tx, id, clock.now()).await?, "nobody was asked about the new end");
    Ok(())
}

async fn entries_are_logged_and_reversed_once(g: Ground) {
    let first = in_read!(g.store, |read| { campaign::by_number(read, &g.acme, 1).await }).unwrap().unwrap();
    let spend = Entry {
        id: g.clock.new_id(),
        campaign_id: first.id,
        number: 1,
        kind: EntryKind::Spend,
        occurred_on: "2026-01-05".parse().unwrap(),
        recorded_at: g.clock.now(),
        amount: 120_050,
        source: Some(FundingSource::Mdf),
        payer: Some("Acme".into()),
        invoice_number: Some("R-1".into()),
        note: None,
        logged_by: "1".into(),
        reverses: None,
    };
    let reversal = |number, id: String| {
        let at = g.clock.now() + chrono::Duration::milliseconds(1);
        spend.reversal(false, id, number, "2", at).unwrap()
    };
    let taken_back = reversal(2, g.clock.new_id());
    let until = g.clock.now_ms();
    in_tx!(g.store, |tx| {
        campaign::insert_entry(tx, &g.acme, &spend).await?;
        assert_eq!(campaign::entry_by_number(tx, &g.acme, 1).await?, Some((spend.clone(), false)));
        campaign::insert_entry(tx, &g.acme, &taken_back).await?;
        assert_eq!(campaign::entry_by_number(tx, &g.acme, 1).await?, Some((spend.clone(), true)));
        assert_eq!(campaign::entry_by_number(tx, &g.acme, 2).await?, Some((taken_back.clone(), false)));
        assert_eq!(campaign::entry_by_number(tx, &g.acme, 3).await?, None);
        assert_eq!(
            campaign::entries_of_plan(tx, &g.plan.id, until).await?,
            std::slice::from_ref(&spend),
            "as it was then"
        );
        assert_eq!(campaign::entries_of_plan(tx, &g.plan.id, until + 1).await?.len(), 2);
        Ok(())
    })
    .unwrap();
    let twice = reversal(3, g.clock.new_id());
    let refused = in_tx!(g.store, |tx| { campaign::insert_entry(tx, &g.acme, &twice).await });
    assert!(refused.unwrap_err().is_unique_violation(), "taken back once");
}

async fn tasks_and_promises_are_settled(g: Ground) {
    let first = in_read!(g.store, |read| { campaign::by_number(read, &g.acme, 1).await }).unwrap().unwrap();
    let open = Task {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        plan_id: g.plan.id.clone(),
        campaign_id: first.id.clone(),
        number: 901,
        kind: Some("invite".into()),
        what: "Send the invitation".into(),
        side: Side::Vendor,
        owner: Some("1".into()),
        due_on: "2026-02-01".parse().unwrap(),
        due_by_hand: true,
        state: TaskState::Open,
        settled: None,
    };
    let given = Promise {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        plan_id: g.plan.id.clone(),
        campaign_id: None,
        number: 901,
        side: Side::Partner,
        what: "A speaker".into(),
        due_on: "2026-02-01".parse().unwrap(),
        state: PromiseState::Open,
        settled: None,
        made_at: g.clock.now(),
        made_by: "1".into(),
    };
    let by = Some(Settled { at: g.clock.now(), by: "2".into() });
    in_tx!(g.store, |tx| {
        task::insert(tx, &open).await?;
        assert_eq!(task::by_number(tx, &g.acme, 901).await?.as_ref(), Some(&open));
        let settled = by.clone();
        let done = Task { state: TaskState::Done, settled, owner: None, due_by_hand: false, ..open.clone() };
        task::save(tx, &done).await?;
        assert!(task::of_plan(tx, &g.plan.id).await?.contains(&done));
        assert_eq!(task::by_number(tx, "nobody", 901).await?, None);
        let newest = (901, open.what.clone(), TaskState::Done);
        assert_eq!(task::names(tx, &g.acme).await?.first(), Some(&newest));
        assert_eq!(task::names(tx, "nobody").await?, []);
        let unknown = Task { id: "nobody".into(), ..open.clone() };
        assert!(matches!(task::save(tx, &unknown).await, Err(Fault::Rows { touched: 0, .. })));
        promise::insert(tx, &given).await?;
        assert_eq!(promise::by_number(tx, &g.acme, 901).await?.as_ref(), Some(&given));
        let kept = Promise { state: PromiseState::Kept, settled: by.clone(), ..given.clone() };
        promise::save(tx, &kept).await?;
        assert_eq!(promise::of_plan(tx, &g.plan.id).await?, [kept]);
        assert_eq!(promise::by_number(tx, &g.acme, 902).await?, None);
        assert_eq!(promise::names(tx, &g.acme).await?, [(901, given.what.clone(), PromiseState::Kept)]);
        let unknown = Promise { id: "nobody".into(), ..given.clone() };
        assert!(matches!(promise::save(tx, &unknown).await, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
}
