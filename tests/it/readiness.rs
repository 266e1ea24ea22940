//! Capacity, outlook and readiness, computed from terms that are written out here.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tandem::domain::actor::Side;
use tandem::domain::cadence::Cadence;
use tandem::domain::campaign::{BudgetLine, Campaign, CampaignState, FundingSource, ResultsBy};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::capacity::{Efforts, overfilled_by, overfull, usual_effort, weeks};
use tandem::domain::checkpoint::{Acknowledgement, Review};
use tandem::domain::curve::CurveOverrides;
use tandem::domain::money::{Currency, Money};
use tandem::domain::outlook::outlook;
use tandem::domain::period::Period;
use tandem::domain::plan::own::Before;
use tandem::domain::plan::terms::Terms;
use tandem::domain::plan::{Attribution, BySide, Jbp, Plan, PlanState};
use tandem::domain::promise::{Promise, PromiseState};
use tandem::domain::readiness::{Check, Facts, Missing, Readiness, Said};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(start: &str, end: &str) -> Period {
    Period::new(day(start), day(end)).unwrap()
}

fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, Currency::parse(code).unwrap()).unwrap()
}

fn plan() -> Plan {
    Plan {
        id: "p".into(),
        partner_id: "acme".into(),
        number: 1,
        name: "Q1".into(),
        period: period("2026-01-01", "2026-03-31"),
        currency: Currency::parse("EUR").unwrap(),
        zone: "Europe/Berlin".parse().unwrap(),
        attribution: Attribution::FirstTouch,
        cadence: Cadence::parse("monthly").unwrap(),
        sign_by: day("2026-02-28"),
        jbp: None,
        routing_hours: None,
        hours: BySide::default(),
        before: Before::default(),
        state: PlanState::Draft,
        returned_reason: None,
        rev: 1,
        revision: 0,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        created_by: "1".into(),
        proposed_at: None,
        agreed_at: None,
    }
}

fn campaign(number: i64, kind: CampaignType, start: &str, end: &str) -> Campaign {
    Campaign {
        cancelled_from: None,
        id: format!("c{number}"),
        partner_id: "acme".into(),
        plan_id: "p".into(),
        number,
        name: format!("Campaign {number}"),
        kind,
        segment: String::new(),
        message: String::new(),
        offer: String::new(),
        channel: String::new(),
        period: period(start, end),
        sends: Vec::new(),
        target_leads: 0,
        target_pipeline: money(0, "EUR"),
        target_won: None,
        results_by: ResultsBy::Crm,
        slug: String::new(),
        utm_id: String::new(),
        owner_vendor: None,
        owner_partner: None,
        budget: Vec::new(),
        effort: BySide::default(),
        curve: CurveOverrides::default(),
        checked: BTreeSet::new(),
        state: CampaignState::Proposed,
        stopped: None,
    }
}

#[test]
fn effort_is_spread_evenly_from_four_weeks_before_the_start_to_the_end() {
    // 28 days before and the day itself: 29 days. 29 hours make one a day.
    let mut webinar = campaign(1, CampaignType::Webinar, "2026-02-10", "2026-02-10");
    webinar.effort = BySide { vendor: Some(29), partner: Some(58) };
    let weeks = weeks(plan().period, &[webinar], &Efforts::default());
    assert_eq!(weeks.len(), 14, "every ISO week that the quarter touches");
    let said: Vec<String> = weeks
        .iter()
        .filter(|week| !week.load.partner.is_zero())
        .map(|week| format!("{} {} {}", week.monday, week.load.vendor, week.load.partner))
        .collect();
    // Tuesday 13 January to Tuesday 10 February.
    assert_eq!(
        said,
        ["2026-01-12 6 12", "2026-01-19 7 14", "2026-01-26 7 14", "2026-02-02 7 14", "2026-02-09 2 4"]
    );
}

#[test]
fn work_begins_no_earlier_than_the_plan_and_only_its_own_days_count() {
    let mut early = campaign(1, CampaignType::Email, "2026-01-04", "2026-01-04");
    early.effort = BySide { vendor: Some(40), partner: Some(0) };
    let first = weeks(plan().period, &[early.clone()], &Efforts::default())[0];
    assert_eq!(first.monday, day("2025-12-29"));
    assert_eq!(first.load.vendor.to_string(), "40", "all of it between 1 and 4 January");
    // Begun in December: its days before the period take their share, and no hours of the plan.
    early.period = period("2025-12-22", "2026-01-10");
    assert_eq!(
        weeks(plan().period, &[early.clone()], &Efforts::default())
            .iter()
            .map(|week| week.load.vendor)
            .sum::<rust_decimal::Decimal>()
            .to_string(),
        "20"
    );
    early.state = CampaignState::Cancelled;
    assert!(
        weeks(plan().period, &[early], &Efforts::default()).iter().all(|week| week.load.vendor.is_zero())
    );
}

#[test]
fn a_week_is_overfull_only_above_what_is_stated() {
    let mut plan = plan();
    let mut show = campaign(1, CampaignType::TradeShow, "2026-02-10", "2026-02-10");
    show.effort = BySide { vendor: Some(29), partner: Some(58) };
    let mut far = campaign(2, CampaignType::Email, "2026-03-30", "2026-03-31");
    far.effort = BySide { vendor: Some(2), partner: Some(2) };
    let all = [show.clone(), far.clone()];
    assert_eq!(overfull(&plan, &all, &Efforts::default()), [], "who states nothing promises nothing");
    plan.hours = BySide { vendor: Some(7), partner: Some(13) };
    let found = overfull(&plan, &all, &Efforts::default());
    let said: Vec<String> =
        found.iter().map(|week| format!("{} {} {}", week.side.code(), week.monday, week.load)).collect();
    assert_eq!(said, ["partner 2026-01-19 14", "partner 2026-01-26 14", "partner 2026-02-02 14"]);
    assert_eq!(overfilled_by(&plan, &all, &show, &Efforts::default()).len(), 3);
    assert_eq!(overfilled_by(&plan, &all, &far, &Efforts::default()), [], "it has no part in those weeks");
}

#[test]
fn the_outlook_counts_what_is_planned_by_the_end_of_the_period() {
    let mut plan = plan();
    plan.jbp =
        Some(Jbp { revenue: money(10_000_000, "EUR"), marketing_share: 25.into(), win_rate: 25.into() });
    // Pipeline of a webinar on 10 February begins on 14 March: half that day, the rest over the 14 days after it.
    let mut early = campaign(1, CampaignType::Webinar, "2026-02-10", "2026-02-10");
    early.target_pipeline = money(6_000_000, "EUR");
    let mut late = campaign(2, CampaignType::Webinar, "2026-03-25", "2026-03-25");
    late.target_pipeline = money(8_000_000, "EUR");
    late.target_leads = 40;
    let campaigns = [early, late];
    let outlook = outlook(&plan, &campaigns);
    assert_eq!(outlook.by_end.to_string(), "EUR 60,000.00");
    assert_eq!(outlook.after.to_string(), "EUR 80,000.00");
    assert_eq!(outlook.needed.unwrap().to_string(), "EUR 100,000.00");
    assert_eq!(outlook.short_by().unwrap().to_string(), "EUR 40,000.00");
    assert_eq!(outlook.late.iter().map(|(campaign, _)| campaign.number).collect::<Vec<_>>(), [2]);
    // 27 March: 20; of the other 20, four days of fourteen: 5.7.
    assert_eq!(outlook.leads, (26, 40));
}

#[test]
fn amounts_keep_the_minor_units_of_their_currency() {
    for (code, target, by_end) in [("JPY", 3_001, "JPY 1,072"), ("KWD", 3_001, "KWD 1.072")] {
        let mut plan = plan();
        plan.currency = Currency::parse(code).unwrap();
        // Evenly over 28 days from 31 January, 30 days later: from 2 March; ten days are over on the 11th.
        plan.period = period("2026-01-01", "2026-03-11");
        let mut search = campaign(1, CampaignType::PaidSearch, "2026-01-31", "2026-02-27");
        search.target_pipeline = money(target, code);
        assert_eq!(outlook(&plan, &[search]).by_end.to_string(), by_end);
    }
}

const CHECKS: [&str; 2] = ["list", "creative"];

fn checks(campaign: &Campaign) -> Vec<Check> {
    let check = |code: &&'static str| Check { code, label: code, done: campaign.checked.contains(*code) };
    CHECKS.iter().map(check).collect()
}

/// Everything that the scores are computed from.
#[derive(Clone, Debug)]
struct State {
    terms: Terms,
    requested: BTreeSet<String>,
    signed: BySide<bool>,
    owners: BySide<Option<String>>,
    due: Vec<(NaiveDate, bool)>,
    reviews: Vec<Review>,
}

impl State {
    fn of(plan: Plan, campaigns: Vec<Campaign>) -> Self {
        Self {
            terms: Terms {
                plan,
                campaigns,
                tasks: Vec::new(),
                promises: Vec::new(),
                rates: Vec::new(),
                efforts: Efforts::default(),
            },
            requested: BTreeSet::new(),
            signed: BySide::default(),
            owners: BySide { vendor: None, partner: None },
            due: Vec::new(),
            reviews: Vec::new(),
        }
    }

    fn readiness(&self) -> Readiness {
        Readiness::of(&Facts {
            terms: &self.terms,
            checks: &checks,
            requested: &self.requested,
            signed: self.signed,
            owners: &self.owners,
            due: &self.due,
            reviews: &self.reviews,
            today: day("2026-02-01"),
        })
    }

    fn scores(&self) -> Vec<i64> {
        self.readiness().0.iter().map(|score| score.percent).collect()
    }

    fn campaign(&mut self, number: i64) -> &mut Campaign {
        self.terms.campaigns.iter_mut().find(|campaign| campaign.number == number).unwrap()
    }

    /// Gives what is named as missing.
    fn give(&mut self, missing: &Missing) {
        let on = |value: &mut BySide<bool>, side: Side| match side {
            Side::Vendor => value.vendor = true,
            Side::Partner => value.partner = true,
        };
        match missing {
            Missing::Campaign => {
                self.terms.campaigns.push(campaign(1, CampaignType::Email, "2026-02-10", "2026-02-20"));
            }
            Missing::Said { campaign, what } => {
                let campaign = self.campaign(*campaign);
                match what {
                    Said::Segment => campaign.segment = "x".into(),
                    Said::Message => campaign.message = "x".into(),
                    Said::Offer => campaign.offer = "x".into(),
                    Said::Channel => campaign.channel = "x".into(),
                    Said::Dates => campaign.state = CampaignState::Planned,
                }
            }
            Missing::Check { campaign, code, .. } => {
                self.campaign(*campaign).checked.insert((*code).to_owned());
            }
            Missing::Request { campaign } => {
                self.requested.insert(format!("c{campaign}"));
            }
            Missing::Promise(side) => self.terms.promises.push(promise(9, *side, "2026-03-01")),
            Missing::RoutingHours => self.terms.plan.routing_hours = Some(24),
            Missing::SignBy { .. } => self.terms.plan.sign_by = day("2026-02-01"),
            Missing::Signature(side) => on(&mut self.signed, *side),
            Missing::Jbp => {
                let (revenue, half) = (money(900_000, "EUR"), 50.into());
                self.terms.plan.jbp = Some(Jbp { revenue, marketing_share: half, win_rate: half });
            }
            Missing::Pipeline { short_by, .. } => {
                // A campaign that brings nothing in time can't make up for it: an earlier one can.
                let first = self.terms.campaigns.iter_mut().find(|one| one.state != CampaignState::Cancelled);
                if let Some(campaign) = first {
                    campaign.target_pipeline = campaign.target_pipeline.checked_add(*short_by).unwrap();
                }
            }
            Missing::PipelineTarget { campaign } => {
                self.campaign(*campaign).target_pipeline = money(100_000, "EUR");
            }
            Missing::Hours(Side::Vendor) => self.terms.plan.hours.vendor = Some(1),
            Missing::Hours(Side::Partner) => self.terms.plan.hours.partner = Some(1),
            Missing::Overfull { side: Side::Vendor, needs, .. } => {
                self.terms.plan.hours.vendor = *needs;
            }
            Missing::Overfull { side: Side::Partner, needs, .. } => {
                self.terms.plan.hours.partner = *needs;
            }
            Missing::Checkpoint => self.terms.plan.cadence = Cadence::parse("weekly").unwrap(),
            Missing::ReviewOwner(Side::Vendor) => self.owners.vendor = Some("1".into()),
            Missing::ReviewOwner(Side::Partner) => self.owners.partner = Some("1".into()),
            Missing::NotHeld { due_on } => {
                self.due.iter_mut().filter(|(day, _)| day == due_on).for_each(|(_, held)| *held = true);
            }
            Missing::NotAcknowledged { checkpoint, side, .. } => {
                let person = side.code().to_owned();
                let at = DateTime::<Utc>::UNIX_EPOCH;
                let given = Acknowledgement { side: *side, person, stands_for: None, at };
                let read = self.reviews.iter_mut().filter(|review| review.number == *checkpoint);
                read.for_each(|review| review.given.push(given.clone()));
            }
            Missing::PromiseOpen { promise, .. } => {
                let open = self.terms.promises.iter_mut().filter(|one| one.number == *promise);
                open.for_each(|one| one.state = PromiseState::Kept);
            }
        }
    }
}

fn promise(number: i64, side: Side, due_on: &str) -> Promise {
    Promise {
        id: format!("r{number}"),
        partner_id: "acme".into(),
        plan_id: "p".into(),
        campaign_id: None,
        number,
        side,
        what: "an asset".into(),
        due_on: day(due_on),
        state: PromiseState::Open,
        settled: None,
        made_at: DateTime::<Utc>::UNIX_EPOCH,
        made_by: "1".into(),
    }
}

#[test]
fn nothing_scores_nothing_but_the_reviews_that_every_plan_has() {
    let empty = State::of(plan(), Vec::new());
    // Cadence, a checkpoint before the end, none missed, no promise overdue: four of six.
    assert_eq!(empty.scores(), [0, 0, 0, 0, 66]);
    let names: Vec<Missing> = empty.readiness().missing().into_iter().cloned().collect();
    assert_eq!(names.iter().filter(|one| **one == Missing::Campaign).count(), 1, "named once");
    assert_eq!(names.len(), 11, "{names:?}");
}

#[test]
fn giving_all_that_is_named_makes_a_plan_ready() {
    let mut state = State::of(Plan { sign_by: day("2026-01-31"), ..plan() }, Vec::new());
    assert!(state.readiness().missing().contains(&&Missing::SignBy { was: day("2026-01-31") }));
    state.reviews.push(Review { id: "1".into(), number: 1, due_on: day("2026-01-15"), given: Vec::new() });
    state.due.push((day("2026-01-30"), false));
    state.terms.promises.push(promise(1, Side::Vendor, "2026-01-20"));
    for _ in 0..20 {
        let all: Vec<Missing> = state.readiness().missing().into_iter().cloned().collect();
        all.iter().for_each(|one| state.give(one));
    }
    assert_eq!(state.readiness().missing(), Vec::<&Missing>::new());
    assert_eq!(state.scores(), [100; 5]);
    assert!(state.readiness().is_whole());
}

#[test]
fn a_percent_is_never_rounded_up_to_whole() {
    let mut many = State::of(plan(), Vec::new());
    for number in 1..=60 {
        let mut one = campaign(number, CampaignType::Email, "2026-02-10", "2026-02-20");
        (one.segment, one.message, one.offer) = ("x".into(), "x".into(), "x".into());
        one.channel = if number == 60 { String::new() } else { "x".into() };
        one.checked = CHECKS.iter().map(|code| (*code).to_owned()).collect();
        many.terms.campaigns.push(one);
    }
    assert_eq!(many.scores()[0], 99);
}

fn some_campaign() -> impl Strategy<Value = Campaign> {
    let kinds = prop::sample::select(CampaignType::ALL.to_vec());
    let states = prop::sample::select(vec![
        CampaignState::Proposed,
        CampaignState::Running,
        CampaignState::Postponed,
        CampaignState::Cancelled,
    ]);
    (kinds, states, 0_i64..80, 0_i64..20, 0_i64..500_000, any::<[bool; 6]>()).prop_map(
        |(kind, state, from, length, pipeline, has)| {
            let mut one = campaign(1, kind, "2026-01-01", "2026-01-01");
            let start = day("2026-01-01") + chrono::TimeDelta::days(from);
            one.period = Period::new(start, start + chrono::TimeDelta::days(length)).unwrap();
            one.state = state;
            one.target_pipeline = money(if has[0] { pipeline } else { 0 }, "EUR");
            one.segment = if has[1] { "x".into() } else { String::new() };
            one.offer = if has[2] { "x".into() } else { String::new() };
            if has[3] {
                one.checked.insert("list".into());
            }
            if has[4] {
                let (planned, what) = (money(100, "EUR"), "x".into());
                one.budget = vec![BudgetLine { what, planned, shares: vec![(FundingSource::Mdf, planned)] }];
            }
            one
        },
    )
}

fn some_state() -> impl Strategy<Value = State> {
    let hours = || prop::option::of(0_i64..40);
    (prop::collection::vec(some_campaign(), 0..5), hours(), hours(), any::<[bool; 7]>()).prop_map(
        |(mut campaigns, vendor, partner, has)| {
            for (number, campaign) in (1..).zip(&mut campaigns) {
                campaign.number = number;
                campaign.id = format!("c{number}");
            }
            let mut plan = plan();
            plan.hours = BySide { vendor, partner };
            plan.routing_hours = has[0].then_some(24);
            if has[1] {
                plan.period = period("2026-01-01", "2026-01-03");
            }
            let mut state = State::of(plan, campaigns);
            if has[2] {
                state.terms.promises.push(promise(1, Side::Vendor, "2026-01-10"));
            }
            if has[3] {
                state.due = vec![(day("2026-01-05"), true), (day("2026-01-12"), false)];
            }
            if has[4] {
                state.give(&Missing::Jbp);
            }
            state.signed.vendor = has[5];
            if has[6] {
                state.terms.plan.sign_by = day("2026-01-31");
            }
            state
        },
    )
}

proptest! {
    #[test]
    fn giving_what_is_missing_never_lowers_a_score(state in some_state()) {
        let before = state.scores();
        for missing in state.readiness().missing() {
            let mut given = state.clone();
            given.give(missing);
            let after = given.scores();
            prop_assert!(
                after.iter().zip(&before).all(|(after, before)| after >= before),
                "{missing:?} makes {before:?} {after:?}"
            );
        }
    }

    #[test]
    fn a_score_is_whole_only_if_nothing_is_missing(state in some_state()) {
        for score in state.readiness().0 {
            prop_assert_eq!(score.percent == 100, score.missing.is_empty(), "{:?}", score);
        }
    }

    #[test]
    fn all_hours_of_a_campaign_inside_the_plan_are_laid_out(from in 0_i64..89, length in 0_i64..60, hours in 0_i64..500) {
        let mut one = campaign(1, CampaignType::Other, "2026-01-01", "2026-01-01");
        let start = day("2026-01-01") + chrono::TimeDelta::days(from);
        let end = (start + chrono::TimeDelta::days(length)).min(day("2026-03-31"));
        one.period = Period::new(start, end).unwrap();
        one.effort = BySide { vendor: Some(hours), partner: None };
        let all: rust_decimal::Decimal = weeks(plan().period, &[one], &Efforts::default()).iter().map(|week| week.load.vendor).sum();
        // Each of at most 14 weeks is rounded to a hundredth.
        prop_assert!((all - rust_decimal::Decimal::from(hours)).abs() <= rust_decimal::Decimal::new(14, 2));
    }
}

#[test]
fn every_type_has_its_usual_effort() {
    let all: BTreeMap<_, _> =
        CampaignType::ALL.into_iter().map(|kind| (kind.code(), usual_effort(kind))).collect();
    assert!(all.values().all(|effort| effort.vendor > 0 && effort.partner > 0), "{all:?}");
}
