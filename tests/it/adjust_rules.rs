//! What an adjustment may not change, rule by rule, and what it does to the plan's figures.

use crate::report::ground::{a_campaign, a_plan, day, eur};
use std::collections::BTreeMap;
use tandem::domain::adjustment::Change;
use tandem::domain::adjustment::rules::{Ground, Held, apply};
use tandem::domain::campaign::{Campaign, CampaignState, FundingSource, ResultsBy};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::money::Money;
use tandem::domain::variance::{
    self, CampaignFigures, CampaignRevision, Entry, Facts, PlanFigures, SpendEntry, Targets, Thresholds,
    VarianceReport,
};

/// Ninety leads, one a day, from 1 January to 31 March; running.
fn search() -> Campaign {
    let state = CampaignState::Running;
    Campaign { state, ..a_campaign(1, "Search", CampaignType::PaidSearch, "2026-01-01", "2026-03-31") }
}

/// Two sends, of which the first has gone out by 31 January.
fn mail() -> Campaign {
    let mail = a_campaign(2, "Mail", CampaignType::Email, "2026-01-12", "2026-03-20");
    let sends = vec![day("2026-01-12"), day("2026-02-09")];
    Campaign { state: CampaignState::Running, sends, ..mail }
}

fn webinar() -> Campaign {
    let state = CampaignState::Planned;
    Campaign { state, ..a_campaign(3, "Webinar", CampaignType::Webinar, "2026-02-10", "2026-02-10") }
}

/// The figures to 30 January: search brought 20 leads of 30 due, for 3,500.
pub fn figures(campaigns: &[Campaign]) -> VarianceReport {
    let one = |campaign: &Campaign| CampaignFigures {
        key: campaign.name_short(),
        revisions: vec![CampaignRevision {
            revision: 1,
            effective_from: day("2025-12-20"),
            shape: campaign.shape().unwrap(),
            targets: Targets {
                leads: Some(campaign.target_leads.into()),
                pipeline: Some(campaign.target_pipeline.decimal()),
                won: None,
                budget: campaign.budget_total().map(Money::decimal),
            },
            state: variance::CampaignState::Active,
        }],
        facts: Facts::default(),
    };
    let mut all: Vec<CampaignFigures> = campaigns.iter().map(one).collect();
    all[0].facts.leads = vec![Entry { day: day("2026-01-20"), amount: 20.into() }];
    all[0].facts.spend = vec![SpendEntry {
        day: day("2026-01-20"),
        amount: 3_500.into(),
        source: variance::FundingSource::Mdf,
    }];
    variance::report(&PlanFigures {
        period: a_plan().period,
        as_of: day("2026-01-30"),
        campaigns: all,
        thresholds: Thresholds::default(),
    })
}

/// What becomes of `change` on 31 January, with an approved request of 2,000 for the search campaign.
fn tried(change: Change) -> Result<Vec<Campaign>, String> {
    let campaigns = [search(), mail(), webinar()];
    let report = figures(&campaigns);
    let committed =
        BTreeMap::from([("cmp1".to_owned(), vec![Held { source: FundingSource::Mdf, held: eur("2000") }])]);
    let plan = a_plan();
    let ground =
        Ground { plan: &plan, today: day("2026-01-31"), report: &report, rates: &[], committed: &committed };
    apply([&change], &campaigns, &ground).map(|outcome| outcome.campaigns).map_err(|refusal| refusal.text())
}

fn edit(to: Campaign) -> Result<Vec<Campaign>, String> {
    tried(Change::Edit { to: Box::new(to) })
}

fn refused(to: Campaign) -> String {
    edit(to).unwrap_err()
}

fn dates(campaign: Campaign, from: &str, to: &str) -> Campaign {
    Campaign { period: tandem::domain::period::Period::new(day(from), day(to)).unwrap(), ..campaign }
}

#[test]
fn a_cut_stops_at_what_was_due() {
    let cut = |leads| Campaign { target_leads: leads, ..search() };
    assert_eq!(
        refused(cut(29)),
        "The target of leads of CMP-1 can't go below what has come or was due by now. Give at least 30: a cut doesn't undo a past miss."
    );
    assert_eq!(edit(cut(30)).unwrap()[0].target_leads, 30, "the limit itself is allowed");
    assert_eq!(edit(cut(120)).unwrap()[0].target_leads, 120, "a raise always is");
    // The leads of 1 January, 1,000 of pipeline, were due 30 days later.
    let report = figures(&[search()]);
    assert_eq!(report.plan.pipeline.planned_to_date, 0.into());
    let pipeline = |amount| Campaign { target_pipeline: eur(amount), ..search() };
    assert!(edit(pipeline("0")).is_ok(), "nothing of it was due by 30 January");
}

#[test]
fn what_has_started_keeps_its_start_type_and_way_of_counting() {
    let moved = dates(search(), "2026-02-01", "2026-03-31");
    assert_eq!(refused(moved), "CMP-1 has started: its start can't be changed.");
    let kind = Campaign { kind: CampaignType::Display, ..search() };
    assert_eq!(refused(kind), "CMP-1 has started: its type can't be changed.");
    let by_hand = Campaign { results_by: ResultsBy::Hand, ..search() };
    assert_eq!(refused(by_hand), "CMP-1 has started: its way of counting leads can't be changed.");
    assert!(
        edit(Campaign { kind: CampaignType::Display, ..webinar() }).is_ok(),
        "what has not can be changed"
    );
}

#[test]
fn no_day_is_set_to_one_that_has_passed() {
    let shorter = |end| dates(search(), "2026-01-01", end);
    assert_eq!(
        refused(shorter("2026-01-30")),
        "2026-01-30 has passed: CMP-1 can't be set to it. Give a day from 2026-01-31 on."
    );
    assert!(edit(shorter("2026-01-31")).is_ok(), "it can end today");
    assert!(refused(dates(webinar(), "2026-01-30", "2026-02-10")).starts_with("2026-01-30 has passed"));
    assert!(edit(dates(webinar(), "2026-01-31", "2026-02-10")).is_ok());
}

#[test]
fn sends_that_have_gone_out_stay() {
    let sends = |days: &[&str]| Campaign { sends: days.iter().map(|text| day(text)).collect(), ..mail() };
    let gone = "Sends of CMP-2 before 2026-01-31 have gone out and can't be changed. Keep them in the list, and change only later ones.";
    assert_eq!(refused(sends(&["2026-02-09"])), gone);
    assert_eq!(refused(sends(&["2026-01-12", "2026-01-30", "2026-02-09"])), gone);
    assert!(edit(sends(&["2026-01-12", "2026-02-16", "2026-03-02"])).is_ok());
}

#[test]
fn a_budget_stays_above_what_is_spent_and_held() {
    let budget = |mdf: &str, partner: &str| {
        let mut campaign = search();
        campaign.budget[0].planned = eur(mdf).checked_add(eur(partner)).unwrap();
        campaign.budget[0].shares =
            vec![(FundingSource::Mdf, eur(mdf)), (FundingSource::Partner, eur(partner))];
        campaign
    };
    assert_eq!(
        refused(budget("2000", "1499.99")),
        "CMP-1 has spent EUR 3,500.00 already: its budget can't go below that. Give at least what is spent."
    );
    assert!(edit(budget("2000", "1500")).is_ok());
    assert_eq!(
        refused(budget("1999.99", "6000")),
        "Approved requests of CMP-1 hold EUR 2,000.00: its MDF share can't go below that. Committed money moves only through its requests: have them changed first."
    );
}

#[test]
fn what_is_over_is_not_changed_and_where_it_stands_is_not_edited() {
    for state in [CampaignState::Executed, CampaignState::Closed, CampaignState::Cancelled] {
        let campaigns = [Campaign { state, ..search() }];
        let (report, committed, plan) = (figures(&campaigns), BTreeMap::new(), a_plan());
        let ground = Ground {
            plan: &plan,
            today: day("2026-01-31"),
            report: &report,
            rates: &[],
            committed: &committed,
        };
        for change in [
            Change::Cancel { campaign: "cmp1".into() },
            Change::Postpone { campaign: "cmp1".into(), to: None },
            Change::Edit { to: Box::new(Campaign { target_leads: 100, ..search() }) },
        ] {
            assert!(apply([&change], &campaigns, &ground).is_err(), "{state:?} {change:?}");
        }
        let all = apply([&Change::CancelPlan], &campaigns, &ground).unwrap();
        assert_eq!(all.campaigns[0].state, state, "the end of the plan leaves it as it is");
    }
    let claims = Campaign { state: CampaignState::Closed, target_leads: 95, ..search() };
    assert_eq!(edit(claims).unwrap()[0].state, CampaignState::Running);
    assert!(tried(Change::Cancel { campaign: "another".into() }).is_err());
}

#[test]
fn a_campaign_without_a_date_gets_one_by_an_edit() {
    let waiting = Campaign { state: CampaignState::Postponed, ..webinar() };
    let campaigns = [search(), waiting.clone()];
    let (report, committed, plan) = (figures(&campaigns), BTreeMap::new(), a_plan());
    let ground =
        Ground { plan: &plan, today: day("2026-02-20"), report: &report, rates: &[], committed: &committed };
    let after = |to: Campaign| apply([&Change::Edit { to: Box::new(to) }], &campaigns, &ground);
    let dated = after(dates(waiting.clone(), "2026-03-03", "2026-03-03")).unwrap();
    assert_eq!(dated.campaigns[1].state, CampaignState::Planned);
    let texts = after(Campaign { message: "New".into(), ..waiting }).unwrap();
    assert_eq!(texts.campaigns[1].state, CampaignState::Postponed, "other changes leave it waiting");
}
