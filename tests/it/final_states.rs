//! No way out of a final state: whatever is tried on an item that has come to its end, by whoever, on whatever it showed,
//! is refused. A transition consumes the item and gives another only if it goes through, so what is refused is unchanged.

use crate::adjust_rules::figures;
use crate::report::ground::{a_campaign, a_plan, day, eur};
use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tandem::domain::actor::{Capability, Company, Limit, Person, Side};
use tandem::domain::adjustment::rules::{Ground, apply};
use tandem::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change, Seen};
use tandem::domain::campaign::edit::CampaignEdit;
use tandem::domain::campaign::{Campaign, CampaignState, StopSignature, Stopped};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::checkpoint::Review;
use tandem::domain::claim::{
    Claim, ClaimApproval, ClaimState, Extension, ExtensionDecider, ExtensionState, Line,
};
use tandem::domain::money::Money;
use tandem::domain::plan::{Plan, PlanState};
use tandem::domain::promise::{Promise, PromiseState};
use tandem::domain::refusal::Refusal;
use tandem::domain::request::{
    Amendment, Approval, ApprovalRule, FirstFiling, Less, MdfRequest, RequestState,
};
use tandem::domain::task::{Task, TaskState};

/// Who tries, when, and what they have seen: nothing of it matters once an item is final.
#[derive(Clone, Debug)]
struct Try {
    who: Person,
    /// A second person, who made or filed the item.
    maker: String,
    rev: i64,
    seen_rev: i64,
    today: NaiveDate,
    minor: i64,
    reason: String,
}

fn at() -> DateTime<Utc> {
    "2026-02-14T09:30:00Z".parse().unwrap()
}

fn tries() -> impl Strategy<Value = Try> {
    let who = (prop_oneof![Just("1"), Just("2")], any::<bool>()).prop_map(|(id, vendor)| Person {
        id: id.to_owned(),
        company: if vendor { Company::Vendor } else { Company::Partner("acme".into()) },
        capabilities: Capability::ALL.iter().map(|one| (*one, Limit::Unlimited)).collect::<BTreeMap<_, _>>(),
    });
    let rev = 1..4_i64;
    // A stale press as well as a fresh one.
    let seen = prop_oneof![Just(0_i64), Just(1)];
    let day = (0..400_u64).prop_map(|days| day("2025-12-01") + chrono::Days::new(days));
    (who, prop_oneof![Just("1"), Just("2")], rev, seen, day, 1..200_000_i64, "[a-z]{1,8}").prop_map(
        |(who, maker, rev, off, today, minor, reason)| Try {
            who,
            maker: maker.to_owned(),
            rev,
            seen_rev: rev - off,
            today,
            minor,
            reason,
        },
    )
}

/// One attempt by its name, and whether it was refused.
type Tried = (&'static str, bool);

fn all_refused(state: &str, tried: &[Tried]) -> Result<(), TestCaseError> {
    let through: Vec<&str> = tried.iter().filter(|(_, refused)| !refused).map(|(name, _)| *name).collect();
    prop_assert!(through.is_empty(), "{} goes on by {:?}", state, through);
    Ok(())
}

/// Refused with words: a refusal without a sentence helps nobody.
fn no<T>(result: Result<T, Refusal>) -> bool {
    result.err().is_some_and(|refusal| !refusal.text().trim().is_empty())
}

fn plan(state: PlanState, t: &Try) -> Plan {
    let sign_by = t.today.max(day("2026-12-31"));
    Plan { state, rev: t.rev, revision: 1, agreed_at: Some(at()), sign_by, ..a_plan() }
}

fn on_plan(state: PlanState, t: &Try) -> Vec<Tried> {
    let plan = || plan(state, t);
    let campaigns = [campaign(CampaignState::Planned, t)];
    vec![
        ("edited", no(plan().edited())),
        ("propose", no(plan().propose(&campaigns, at()))),
        ("sign", no(plan().sign(&t.who, t.seen_rev, "{}".into(), &[], at()))),
        ("send_back", no(plan().send_back(t.seen_rev, &t.reason, at()))),
        ("decline", no(plan().decline(t.seen_rev, &t.reason, at()))),
        ("cancel", no(plan().cancel(&t.reason))),
        ("revised", no(plan().revised(None))),
        ("revised, ending it", no(plan().revised(Some(t.reason.clone())))),
        ("the clock", plan().state_on(t.today) == state && plan().next_state_day().is_none()),
    ]
}

fn stop(t: &Try) -> Stopped {
    let signed = StopSignature {
        person: t.maker.clone(),
        at: at(),
        stands_for: None,
        revision: plan(PlanState::Active, t).revision,
        content_sha256: "00".into(),
    };
    Stopped {
        at: at(),
        by: t.maker.clone(),
        side: t.who.side().other(),
        reason: "x".into(),
        signed: Some(signed),
    }
}

fn campaign(state: CampaignState, _: &Try) -> Campaign {
    Campaign { state, ..a_campaign(1, "Webinar", CampaignType::Webinar, "2026-02-10", "2026-02-11") }
}

fn on_campaign(state: CampaignState, t: &Try) -> Vec<Tried> {
    let of = |stopped: Option<Stopped>| Campaign { stopped, ..campaign(state, t) };
    let own = Stopped { side: t.who.side(), signed: None, ..stop(t) };
    let (seen, in_plan) = (at().timestamp_millis(), plan(PlanState::Active, t));
    let all = [of(None)];
    let (report, committed) = (figures(&all), BTreeMap::new());
    let ground =
        Ground { plan: &in_plan, today: t.today, report: &report, rates: &[], committed: &committed };
    let changed = |change: Change| no(apply([&change], &all, &ground));
    let to = Campaign { name: t.reason.clone(), ..of(None) };
    let ends = apply([&Change::CancelPlan], &all, &ground);
    let leads = CampaignEdit { leads: Some(t.minor), ..CampaignEdit::default() };
    let signable = of(Some(own.clone()));
    let countersignable = of(Some(stop(t)));
    vec![
        ("stop", no(of(None).stop(stop(t), true))),
        ("resume", no(of(Some(own)).resume(t.who.side()))),
        ("stop_to_sign", no(signable.stop_to_sign(&t.who, seen).cloned())),
        (
            "stop_to_countersign",
            no(countersignable.stop_to_countersign(&t.who, seen, in_plan.revision).cloned()),
        ),
        ("stop_seen", no(countersignable.stop_seen(seen).cloned())),
        ("may_be_executed", no(of(None).may_be_executed(t.today))),
        ("an edit", no(leads.applied(&of(None), &in_plan, t.today))),
        ("an adjustment", changed(Change::Edit { to: Box::new(to) })),
        ("postponed", changed(Change::Postpone { campaign: "cmp1".into(), to: None })),
        ("cancelled", changed(Change::Cancel { campaign: "cmp1".into() })),
        ("cancelled with its plan", ends.is_ok_and(|outcome| outcome.campaigns == all)),
        ("the clock", state.next_by_clock(day("2026-02-10"), day("2026-02-11")).is_none()),
    ]
}

fn on_task(state: TaskState, t: &Try) -> Vec<Tried> {
    let task = || Task {
        id: "t".into(),
        partner_id: "acme".into(),
        plan_id: "plan1".into(),
        campaign_id: "cmp1".into(),
        number: 1,
        kind: None,
        what: "x".into(),
        side: t.who.side(),
        owner: Some(t.who.id.clone()),
        due_on: t.today,
        due_by_hand: false,
        state,
        settled: None,
    };
    vec![
        ("done", no(task().done(at(), &t.who.id))),
        ("reopened", no(task().reopened())),
        ("removed", no(task().removed(at(), &t.who.id))),
    ]
}

fn on_promise(state: PromiseState, t: &Try) -> Vec<Tried> {
    let (side, given) = (t.who.side(), [t.who.side(), t.who.side().other()]);
    let of = |side| Promise {
        id: "p".into(),
        partner_id: "acme".into(),
        plan_id: "plan1".into(),
        campaign_id: None,
        number: 1,
        side,
        what: "x".into(),
        due_on: day("2026-02-14"),
        state,
        settled: None,
        made_at: at(),
        made_by: t.maker.clone(),
    };
    let mut tried = Vec::new();
    for by in given {
        tried.push(("kept", no(of(by).kept(side, at(), &t.who.id))));
        tried.push(("broken", no(of(by).broken(at(), &t.who.id))));
        for signed in [true, false] {
            tried.push(("withdrawn", no(of(by).withdrawn(side, signed, t.today, at(), &t.who.id))));
        }
    }
    tried
}

fn request(state: RequestState, t: &Try) -> MdfRequest {
    MdfRequest {
        id: "r".into(),
        partner_id: "acme".into(),
        campaign_id: "cmp1".into(),
        fund_id: "f".into(),
        fund_kind: tandem::domain::fund::FundKind::Mdf,
        number: 1,
        cost: eur("2000"),
        amount: eur("1000"),
        share_percent: 50.into(),
        considered: None,
        approved: Some(eur("1000")),
        claimed: eur("0"),
        claim_due: Some(day("2026-02-14")),
        amendment: None,
        purpose: "x".into(),
        quotes: None,
        expected_leads: None,
        expected_pipeline: None,
        state,
        reason: None,
        rev: t.rev,
        filed_by: t.maker.clone(),
        on_behalf_of: None,
        filed_at: at(),
        first_filed: Some(FirstFiling { at: at(), side: Side::Partner }),
        decided_at: None,
        warnings: Vec::new(),
    }
}

fn money(t: &Try) -> Money {
    Money::from_minor(t.minor, eur("0").currency()).unwrap()
}

fn on_request(state: RequestState, t: &Try) -> Vec<Tried> {
    let in_plan = plan(PlanState::Active, t);
    let rule = ApprovalRule { confirm_from: eur("10000") };
    let approval = |amount: Option<Money>| Approval {
        person: &t.who,
        seen_rev: t.seen_rev,
        less: amount.map(|amount| Less { amount, reason: t.reason.clone() }),
        is_first: true,
        plan: &in_plan,
        rule,
        at: at(),
    };
    let amendment = || Amendment {
        cost: eur("4000"),
        amount: money(t),
        reason: t.reason.clone(),
        filed_by: t.who.id.clone(),
        on_behalf_of: None,
        filed_at: at(),
    };
    let of = || request(state, t);
    let due = day("2026-05-01");
    vec![
        ("step", no(of().step(&approval(None)))),
        ("approve", no(of().approve(&approval(None), due))),
        ("approve less", no(of().approve(&approval(Some(eur("1"))), due))),
        ("approved_by_rule", no(of().approved_by_rule(due, at()))),
        ("send_back", no(of().send_back(t.seen_rev, &t.reason, at()))),
        ("decline", no(of().decline(t.seen_rev, &t.reason, at()))),
        ("withdraw", no(of().withdraw(at()))),
        ("amend", no(of().amend(amendment()))),
        ("cancellable", no(of().cancellable())),
        ("cancel", no(of().cancel(&t.reason, at()))),
        ("close", no(of().close(at()))),
        ("run_out", of().run_out(t.today, at()).is_none()),
        ("follows", of().follows(due).is_none()),
        ("an extension", no(Extension::asked(&of(), (None, false, false), day("2026-06-01"), t.today))),
    ]
}

fn claim(state: ClaimState, t: &Try) -> Claim {
    Claim {
        id: "c".into(),
        partner_id: "acme".into(),
        request_id: "r".into(),
        fund_id: "f".into(),
        number: 1,
        state,
        rev: t.rev,
        approved: Some(eur("500")),
        // What was paid of a reversed one has come back: money that comes back later changes no state either.
        paid: eur("200"),
        clawed: eur("200"),
        reason: None,
        filed_by: t.maker.clone(),
        created_at: at(),
        certified_by: None,
        submitted_at: Some(at()),
        decided_at: Some(at()),
        resubmit_by: None,
    }
}

fn on_claim(state: ClaimState, t: &Try) -> Vec<Tried> {
    let approval = || ClaimApproval {
        person: &t.who,
        seen_rev: t.seen_rev,
        amount: eur("500"),
        rule: ApprovalRule { confirm_from: eur("10000") },
        at: at(),
    };
    let line = Line {
        id: "l".into(),
        position: 1,
        what: "x".into(),
        supplier: "x".into(),
        invoice_number: "1".into(),
        invoice_date: day("2026-02-11"),
        net: eur("500"),
        tax: eur("0"),
        rate: None,
        claimed: eur("500"),
        accepted: None,
        reason: None,
        log_entry_id: None,
        rest_entry_id: None,
    };
    let of = || claim(state, t);
    let mut tried = vec![
        ("edited", no(of().edited())),
        ("submit", no(of().submit(&[line], &t.who.id, at()))),
        ("withdraw", no(of().withdraw(at()))),
        ("run_out", of().run_out(day("2025-11-30"), t.today, at()).is_none()),
        ("end_with", of().end_with(&request(RequestState::Cancelled, t), at()).is_none()),
        ("step", no(of().step(&approval()))),
        ("approve", no(of().approve(&approval()))),
        ("judged", no(of().judged(t.seen_rev))),
        ("repriced", of().repriced().is_none()),
        ("send_back", no(of().send_back(t.seen_rev, &t.reason, (t.today, at())))),
        ("decline", no(of().decline(t.seen_rev, &t.reason, at()))),
        ("pay", no(of().pay(eur("1")))),
        ("claw_back", no(of().claw_back(eur("1")))),
    ];
    // A paid claim is over but for the one way back: its approval is reversed.
    if state == ClaimState::Paid {
        assert_eq!(of().reverse("x", at()).unwrap().claim.state, ClaimState::Reversed);
    } else {
        tried.push(("reverse", no(of().reverse(&t.reason, at()))));
    }
    tried
}

fn on_extension(state: ExtensionState, t: &Try) -> Vec<Tried> {
    let of = || Extension {
        id: "e".into(),
        partner_id: "acme".into(),
        request_id: "r".into(),
        rev: t.rev,
        state,
        due: day("2026-02-14"),
        until: day("2026-04-01"),
        reason: "x".into(),
        asked_by: t.maker.clone(),
        asked_at: at(),
        decided_by: None,
        stands_for: None,
        decided_at: Some(at()),
        decline_reason: None,
    };
    let held = || request(RequestState::Approved, t);
    let by = ExtensionDecider { person: &t.who.id, stands_for: None, at: at() };
    vec![
        ("decidable", no(of().decidable(&held(), t.seen_rev, &t.who.id))),
        ("approve", no(of().approve(held(), (t.seen_rev, t.today, false), by))),
        ("decline", no(of().decline(&held(), t.seen_rev, &t.reason, by))),
        ("void", of().void(at()).is_none()),
        ("follows", of().follows(day("2026-04-01"), at()).is_none()),
    ]
}

fn on_adjustment(state: AdjustmentState, t: &Try) -> Vec<Tried> {
    let asked = || Asked {
        change: Change::Cancel { campaign: "cmp1".into() },
        reason: t.reason.clone(),
        by: t.maker.clone(),
        at: at(),
    };
    let of = |side| Adjustment {
        id: "a".into(),
        partner_id: "acme".into(),
        plan_id: "plan1".into(),
        number: 1,
        base_revision: 1,
        side,
        asked: vec![asked()],
        state,
        rev: t.rev,
        filed_at: at(),
        decided_at: Some(at()),
        decided_by: None,
        decided_reason: None,
        revision: None,
    };
    let seen = Seen { rev: t.seen_rev, plan_revision: 1 };
    let (own, other) = (t.who.side(), t.who.side().other());
    let mut tried = vec![("superseded", of(own).superseded(at()).is_none())];
    for side in [own, other] {
        tried.push(("with", no(of(side).with(own, asked()))));
        tried.push(("sign", no(of(side).sign(&t.who, seen, "x".into(), &[], at()))));
        tried.push(("decline", no(of(side).decline(&t.who, seen, &t.reason, at()))));
        tried.push(("withdraw", no(of(side).withdraw(&t.who, t.seen_rev, at()))));
    }
    tried
}

/// A checkpoint is final once both sides have acknowledged it.
fn on_checkpoint(t: &Try) -> Vec<Tried> {
    let mut review = Review { id: "k".into(), number: 1, due_on: t.today, given: Vec::new() };
    let other = |id: &str, company| Person { id: id.into(), company, capabilities: BTreeMap::new() };
    for person in [other("8", Company::Vendor), other("9", Company::Partner("acme".into()))] {
        review.given.push(review.acknowledge(&person, at()).unwrap());
    }
    assert!(review.is_acknowledged());
    vec![("acknowledge", no(review.acknowledge(&t.who, at())))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_plan_that_is_over_stays_so(t in tries()) {
        for state in PlanState::ALL.iter().filter(|state| state.is_over()) {
            all_refused(state.label(), &on_plan(*state, &t))?;
        }
    }

    #[test]
    fn a_campaign_that_is_over_stays_so(t in tries()) {
        for state in CampaignState::ALL.iter().filter(|state| state.is_over()) {
            all_refused(state.label(), &on_campaign(*state, &t))?;
        }
    }

    #[test]
    fn a_task_that_is_off_the_list_and_a_promise_that_is_settled_stay_so(t in tries()) {
        all_refused("closed", &on_task(TaskState::Closed, &t))?;
        for state in PromiseState::ALL.iter().filter(|state| state.is_final()) {
            all_refused(state.label(), &on_promise(*state, &t))?;
        }
    }

    #[test]
    fn a_request_that_has_ended_stays_so(t in tries()) {
        for state in RequestState::ALL.iter().filter(|state| state.is_final()) {
            all_refused(state.label(), &on_request(*state, &t))?;
        }
    }

    #[test]
    fn a_claim_that_is_over_stays_so(t in tries()) {
        for state in ClaimState::ALL.iter().filter(|state| !state.is_open()) {
            all_refused(state.label(), &on_claim(*state, &t))?;
        }
    }

    #[test]
    fn what_was_decided_once_stays_so(t in tries()) {
        for state in ExtensionState::ALL.iter().filter(|state| **state != ExtensionState::Waiting) {
            all_refused(state.label(), &on_extension(*state, &t))?;
        }
        for state in AdjustmentState::ALL.iter().filter(|state| **state != AdjustmentState::Proposed) {
            all_refused(state.label(), &on_adjustment(*state, &t))?;
        }
        all_refused("acknowledged", &on_checkpoint(&t))?;
    }
}

/// The attempts above fail because of the state, not because nobody could ever make them: each goes through from some
/// state that is not final.
#[test]
fn every_attempt_goes_through_from_somewhere() {
    let base = Try {
        who: Person {
            id: "1".into(),
            company: Company::Vendor,
            capabilities: Capability::ALL.iter().map(|one| (*one, Limit::Unlimited)).collect(),
        },
        maker: "2".into(),
        rev: 2,
        seen_rev: 2,
        today: day("2026-02-13"),
        minor: 60_000,
        reason: "why".into(),
    };
    // Some come by the clock, some are for the other company.
    let mut all = Vec::new();
    for company in [Company::Vendor, Company::Partner("acme".into())] {
        for today in ["2026-01-15", "2026-02-13", "2026-05-01"] {
            let who = Person { company: company.clone(), ..base.who.clone() };
            all.push(Try { who, today: day(today), ..base.clone() });
        }
    }
    let through = |machine: &str, tried: Vec<Tried>| {
        let machine = machine.to_owned();
        tried.into_iter().map(move |(name, refused)| (format!("{machine}: {name}"), refused))
    };
    let (mut known, mut possible) = (BTreeSet::new(), BTreeSet::new());
    for t in &all {
        let mut tried: Vec<(String, bool)> = Vec::new();
        tried.extend(PlanState::ALL.iter().flat_map(|state| through("plan", on_plan(*state, t))));
        tried.extend(CampaignState::ALL.iter().flat_map(|state| through("campaign", on_campaign(*state, t))));
        tried.extend(TaskState::ALL.iter().flat_map(|state| through("task", on_task(*state, t))));
        tried.extend(PromiseState::ALL.iter().flat_map(|state| through("promise", on_promise(*state, t))));
        tried.extend(RequestState::ALL.iter().flat_map(|state| through("request", on_request(*state, t))));
        tried.extend(ClaimState::ALL.iter().flat_map(|state| through("claim", on_claim_any(*state, t))));
        tried.extend(
            ExtensionState::ALL.iter().flat_map(|state| through("extension", on_extension(*state, t))),
        );
        tried.extend(
            AdjustmentState::ALL.iter().flat_map(|state| through("adjustment", on_adjustment(*state, t))),
        );
        for (name, refused) in tried {
            if !refused {
                possible.insert(name.clone());
            }
            known.insert(name);
        }
    }
    let never: Vec<&String> = known.difference(&possible).collect();
    assert!(never.is_empty(), "refused whatever the state: {never:?}");
    assert!(known.len() > 50, "only {} attempts", known.len());
}

/// As [`on_claim`], with money still to come back of what is reversed.
fn on_claim_any(state: ClaimState, t: &Try) -> Vec<Tried> {
    let owed = Claim { clawed: eur("0"), ..claim(state, t) };
    let mut tried = on_claim(state, t);
    tried.push(("claw_back", no(owed.claw_back(eur("1")))));
    tried
}

/// What consumes an item and gives another is a transition: every one that there is is tried above.
#[test]
fn no_transition_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = fs::read_to_string(root.join("tests/it/final_states.rs")).unwrap();
    let files = [
        "plan.rs",
        "campaign.rs",
        "campaign/stop.rs",
        "task.rs",
        "promise.rs",
        "adjustment.rs",
        "request/decide.rs",
        "request/life.rs",
        "claim.rs",
        "claim/decide.rs",
        "claim/extension.rs",
    ];
    let (mut all, mut missing) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(root.join("src/domain").join(file)).unwrap();
        for part in text.split("pub fn ").skip(1) {
            let Some((name, rest)) = part.split_once('(') else { continue };
            let head = rest.trim_start().trim_start_matches("mut ");
            // A state that looks at itself gives a word or an answer, not another item.
            let signature = part.split('{').next().unwrap_or_default();
            let gives = signature.split("->").nth(1).unwrap_or_default();
            let looks = ["bool", "&'static str", "Option<(NaiveDate, CampaignState)>"];
            if !head.starts_with("self") || looks.iter().any(|one| gives.trim().starts_with(one)) {
                continue;
            }
            all += 1;
            if !here.contains(&format!(".{name}(")) {
                missing.push(format!("{file}: {name}"));
            }
        }
    }
    assert!(all >= 35, "only {all} transitions were found");
    assert!(missing.is_empty(), "not tried: {missing:?}");
}
