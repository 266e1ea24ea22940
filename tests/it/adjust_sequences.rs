//! What holds after any sequence of adjustments, whoever files and signs them and in whatever order: shares add up to
//! their line, what is frozen reads back to the same hash, revisions have no gap, and one person of each side signed each.

use crate::adjust_rules::figures;
use crate::budget::{add_up, currency, edit as line_edit};
use crate::report::ground::{a_campaign, a_plan, day};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tandem::domain::actor::{Company, Person, Side};
use tandem::domain::adjustment::content::{Base, content};
use tandem::domain::adjustment::rules::{Ground, apply};
use tandem::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change, Seen, Signed};
use tandem::domain::campaign::budget::{LineEdit, SharesSaid};
use tandem::domain::campaign::edit::CampaignEdit;
use tandem::domain::campaign::{BudgetLine, Campaign, CampaignState};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::canonical::{canonical, sha256};
use tandem::domain::money::{Currency, Money};
use tandem::domain::plan::own::OwnTerms;
use tandem::domain::plan::terms::Terms;
use tandem::domain::plan::{Plan, PlanState, Signature};
use tandem::domain::refusal::Refusal;

/// One attempt: what is changed, who files it, and who tries to sign it, by their places in [`PEOPLE`].
#[derive(Clone, Debug)]
struct Step {
    wish: Wish,
    filer: usize,
    signers: Vec<usize>,
}

#[derive(Clone, Debug)]
enum Wish {
    Budget {
        campaign: usize,
        minor: i64,
        percent: u8,
    },
    /// Any edit of any line, by percent or amount, what is said or what is left.
    Line {
        campaign: usize,
        edit: LineEdit,
    },
    Leads {
        campaign: usize,
        leads: i64,
    },
    Postpone {
        campaign: usize,
        days: Option<u8>,
    },
    Cancel {
        campaign: usize,
    },
    Add {
        minor: i64,
    },
    Hours {
        vendor: i64,
        weekly: bool,
    },
}

/// Two of each side, and one who has changed companies in between.
const PEOPLE: [(&str, Side); 6] = [
    ("1", Side::Vendor),
    ("2", Side::Vendor),
    ("3", Side::Partner),
    ("4", Side::Partner),
    ("5", Side::Vendor),
    ("5", Side::Partner),
];

fn person(place: usize) -> Person {
    let (id, side) = PEOPLE[place];
    let company = match side {
        Side::Vendor => Company::Vendor,
        Side::Partner => Company::Partner("acme".into()),
    };
    Person { id: id.into(), company, capabilities: BTreeMap::new() }
}

fn now() -> DateTime<Utc> {
    "2026-01-31T11:00:00Z".parse().unwrap()
}

fn wishes() -> impl Strategy<Value = Wish> {
    let campaign = 0..4_usize;
    prop_oneof![
        1 => (campaign.clone(), 1..5_000_000_i64, 0..=100_u8)
            .prop_map(|(campaign, minor, percent)| Wish::Budget { campaign, minor, percent }),
        3 => (campaign.clone(), line_edit()).prop_map(|(campaign, edit)| Wish::Line { campaign, edit }),
        1 => (campaign.clone(), 0..300_i64).prop_map(|(campaign, leads)| Wish::Leads { campaign, leads }),
        1 => (campaign.clone(), proptest::option::of(1..50_u8))
            .prop_map(|(campaign, days)| Wish::Postpone { campaign, days }),
        1 => campaign.prop_map(|campaign| Wish::Cancel { campaign }),
        1 => (1..5_000_000_i64).prop_map(|minor| Wish::Add { minor }),
        1 => (0..60_i64, any::<bool>()).prop_map(|(vendor, weekly)| Wish::Hours { vendor, weekly }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (wishes(), 0..PEOPLE.len(), proptest::collection::vec(0..PEOPLE.len(), 1..5))
        .prop_map(|(wish, filer, signers)| Step { wish, filer, signers });
    proptest::collection::vec(step, 1..12)
}

/// A signed plan as it goes through adjustments.
struct Held {
    plan: Plan,
    campaigns: Vec<Campaign>,
    /// What was frozen, by revision from 1, with who signed it.
    frozen: Vec<(String, Vec<Signature>)>,
}

fn terms(plan: &Plan, campaigns: &[Campaign]) -> Terms {
    let (tasks, promises, rates) = (Vec::new(), Vec::new(), Vec::new());
    Terms {
        plan: plan.clone(),
        campaigns: campaigns.to_vec(),
        tasks,
        promises,
        rates,
        efforts: Default::default(),
    }
}

/// The same campaign with figures of a currency.
fn in_currency(campaign: Campaign, currency: Currency) -> Campaign {
    let money = |minor| Money::from_minor(minor, currency).unwrap();
    let budget = campaign.budget.into_iter().map(|line| BudgetLine {
        planned: money(line.planned.minor()),
        shares: line.shares.into_iter().map(|(source, share)| (source, money(share.minor()))).collect(),
        ..line
    });
    Campaign {
        budget: budget.collect(),
        target_pipeline: money(campaign.target_pipeline.minor()),
        ..campaign
    }
}

fn signed_plan(currency: Currency) -> Held {
    let state = CampaignState::Planned;
    let campaigns = [
        Campaign {
            state: CampaignState::Running,
            ..a_campaign(1, "Search", CampaignType::PaidSearch, "2026-01-01", "2026-03-31")
        },
        Campaign { state, ..a_campaign(2, "Webinar", CampaignType::Webinar, "2026-02-10", "2026-02-10") },
        Campaign { state, ..a_campaign(3, "Fair", CampaignType::TradeShow, "2026-02-20", "2026-02-22") },
    ];
    let campaigns: Vec<Campaign> = campaigns.into_iter().map(|one| in_currency(one, currency)).collect();
    let plan = Plan { state: PlanState::Active, revision: 1, agreed_at: Some(now()), currency, ..a_plan() };
    let first = terms(&plan, &campaigns).canonical();
    Held { plan, campaigns, frozen: vec![(first, Vec::new())] }
}

impl Held {
    fn change(&self, wish: &Wish) -> Result<Change, Refusal> {
        let at = |place: usize| &self.campaigns[place % self.campaigns.len()];
        let edit = |place: usize, edit: CampaignEdit| {
            let to = edit.applied(at(place), &self.plan, day("2026-01-31"))?;
            Ok(Change::Edit { to: Box::new(to) })
        };
        let amount = |minor: i64| Money::from_minor(minor, self.plan.currency).unwrap().to_string();
        match wish {
            Wish::Budget { campaign, minor, percent } => {
                let mdf = Some(format!("{percent}%"));
                let shares = SharesSaid { mdf, ..SharesSaid::default() };
                let (line, planned) = ("Campaign".to_owned(), Some(amount(*minor)));
                let budget = Some(LineEdit::Change { line, what: None, planned, shares });
                edit(*campaign, CampaignEdit { budget, ..CampaignEdit::default() })
            }
            Wish::Line { campaign, edit: line } => {
                edit(*campaign, CampaignEdit { budget: Some(line.clone()), ..CampaignEdit::default() })
            }
            Wish::Leads { campaign, leads } => {
                edit(*campaign, CampaignEdit { leads: Some(*leads), ..CampaignEdit::default() })
            }
            Wish::Postpone { campaign, days } => {
                let (id, period) = (at(*campaign).id.clone(), at(*campaign).period);
                let later = |day: chrono::NaiveDate, days: u8| day + chrono::Days::new(u64::from(days));
                let to = days.map(|days| {
                    let (start, end) = (later(period.start(), days), later(period.end(), days));
                    tandem::domain::period::Period::new(start, end).unwrap()
                });
                Ok(Change::Postpone { campaign: id, to })
            }
            Wish::Cancel { campaign } => Ok(Change::Cancel { campaign: at(*campaign).id.clone() }),
            Wish::Add { minor } => {
                let number = i64::try_from(self.campaigns.len()).unwrap() + 1;
                let added = a_campaign(number, "More", CampaignType::Display, "2026-02-02", "2026-03-20");
                let mut added = in_currency(added, self.plan.currency);
                let planned = Money::from_minor(*minor, self.plan.currency).unwrap();
                let shares = SharesSaid { mdf: Some("33%".into()), ..SharesSaid::default() };
                added.budget[0].planned = planned;
                added.budget[0].shares = shares.of(planned)?;
                Ok(Change::Add { campaign: Box::new(added) })
            }
            Wish::Hours { vendor, weekly } => {
                let mut to = OwnTerms::of(&self.plan);
                to.hours.vendor = Some(*vendor);
                let code = if *weekly { "weekly" } else { "monthly" };
                to.cadence = tandem::domain::cadence::Cadence::parse(code).unwrap();
                Ok(Change::Terms { to: Box::new(to) })
            }
        }
    }

    /// Files one change and lets people sign it; what is refused leaves everything as it was.
    fn goes(&mut self, step: &Step) -> Result<(), Refusal> {
        let filer = person(step.filer);
        let asked =
            Asked { change: self.change(&step.wish)?, reason: "Why".into(), by: filer.id.clone(), at: now() };
        let mut waits = Adjustment {
            id: "adj".into(),
            partner_id: "acme".into(),
            plan_id: self.plan.id.clone(),
            number: self.plan.revision,
            base_revision: self.plan.revision,
            side: filer.side(),
            asked: vec![asked],
            state: AdjustmentState::Proposed,
            rev: 1,
            filed_at: now(),
            decided_at: None,
            decided_by: None,
            decided_reason: None,
            revision: None,
        };
        let (report, committed) = (figures(&self.campaigns), BTreeMap::new());
        let ground = Ground {
            plan: &self.plan,
            today: day("2026-01-31"),
            report: &report,
            rates: &[],
            committed: &committed,
        };
        let outcome = apply(waits.changes(), &self.campaigns, &ground)?;
        let base = sha256(&self.frozen[self.frozen.len() - 1].0);
        let base = Base { plan: "PLN-1", sha256: &base, campaigns: &self.campaigns };
        let bound = content(&waits, &base);
        let seen = Seen { rev: 1, plan_revision: self.plan.revision };
        let mut given: Vec<Signature> = Vec::new();
        for signer in &step.signers {
            match waits.clone().sign(&person(*signer), seen, sha256(&bound), &given, now()) {
                Err(_) => {}
                Ok(Signed::Half { adjustment, signature, waits_for }) => {
                    assert_ne!(waits_for, signature.side);
                    given.push(signature);
                    waits = adjustment;
                }
                Ok(Signed::Agreed { adjustment, signature }) => {
                    given.push(signature);
                    let plan = outcome.plan(&self.plan, now()).revised(None)?;
                    assert_eq!(adjustment.revision, Some(plan.revision));
                    let signed = serde_json::from_str(&bound).unwrap();
                    let snapshot = terms(&plan, &outcome.campaigns).canonical_revision(signed);
                    self.frozen.push((snapshot, given));
                    (self.plan, self.campaigns) = (plan, outcome.campaigns);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn holds(&self) {
        assert_eq!(self.frozen.len(), usize::try_from(self.plan.revision).unwrap(), "no gap");
        for campaign in &self.campaigns {
            add_up(&campaign.budget).unwrap();
            assert!(campaign.budget.iter().all(|line| line.planned.currency() == self.plan.currency));
        }
        for (place, (snapshot, signatures)) in self.frozen.iter().enumerate() {
            let read: serde_json::Value = serde_json::from_str(snapshot).unwrap();
            assert_eq!(sha256(&canonical(&read)), sha256(snapshot));
            if place == 0 {
                continue;
            }
            let made_by = &read["adjustment"];
            assert_eq!(made_by["signed"]["changes_revision"], place.to_string());
            assert_eq!(made_by["signed"]["changes_sha256"], sha256(&self.frozen[place - 1].0));
            let [first, second] = &signatures[..] else { panic!("{} signatures", signatures.len()) };
            assert!(first.side != second.side && first.person != second.person);
            for signature in [first, second] {
                assert_eq!(made_by["sha256"], signature.content_sha256);
                assert_eq!(sha256(&canonical(&made_by["signed"])), signature.content_sha256);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sequence_of_adjustments_keeps_its_promises(currency in currency(), steps in steps()) {
        let mut held = signed_plan(currency);
        for step in &steps {
            let before = (held.plan.clone(), held.campaigns.clone());
            let refused = held.goes(step).is_err();
            if refused {
                prop_assert_eq!(before, (held.plan.clone(), held.campaigns.clone()));
            }
            held.holds();
        }
    }
}

/// The sequences above are not all refused: two plain steps make two revisions.
#[test]
fn plain_adjustments_go_through() {
    let mut held = signed_plan(Currency::parse("KWD").unwrap());
    let budget = Wish::Budget { campaign: 1, minor: 1_000_001, percent: 33 };
    for wish in [budget, Wish::Hours { vendor: 9, weekly: true }] {
        held.goes(&Step { wish, filer: 0, signers: vec![4, 5, 2] }).unwrap();
        held.holds();
    }
    assert_eq!(held.plan.revision, 3);
    // Who signed for the vendor does not sign for the partner as well.
    held.goes(&Step { wish: Wish::Cancel { campaign: 2 }, filer: 0, signers: vec![4, 5] }).unwrap();
    assert_eq!(held.plan.revision, 3);
}
