//! Assembles a report's snapshot from what is stored: the terms of each signed revision, the facts that occurred up to a
//! day and were recorded up to an instant, and the funds at that instant. It adds nothing up: that is `domain::variance`.

use crate::domain::adjustment::impact::Carried;
use crate::domain::campaign::{Campaign, FundingSource as Funding, ResultsBy};
use crate::domain::campaign_type::CampaignType;
use crate::domain::curve::{CampaignShape, CurveOverrides};
use crate::domain::log::EntryKind;
use crate::domain::money::{Currency, Money};
use crate::domain::plan::Plan;
use crate::domain::plan::rate::Rate;
use crate::domain::report::{Apart, FundLine, LeftOut, Snapshot, VendorOnly};
use crate::domain::variance::{
    CampaignFigures, CampaignRevision, CampaignState, Entry, Facts, FundingSource, Measure, PlanFigures,
    Planned, SpendEntry, Targets, Thresholds,
};
use crate::fault::Fault;
use crate::store::fact::Measure as FactMeasure;
use crate::store::figures::{FactSum, SignedRevision};
use crate::store::{Read, campaign, figures, program};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The figures of a plan as known at `as_of`, of what occurred up to and including `day`.
///
/// # Errors
/// A fault of the database, or stored terms that no code of ours wrote.
pub async fn snapshot(
    read: &mut Read,
    plan: &Plan,
    as_of: DateTime<Utc>,
    day: NaiveDate,
) -> Result<Snapshot, Fault> {
    let partner = program::partner_by_id(read, &plan.partner_id).await?;
    let program = program::by_id(read, &partner.program_id).await?;
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let revisions = figures::revisions(read, &plan.id, as_of).await?;
    let mut board = Board::new(plan, &campaigns, &revisions)?;
    board.add_log(&campaign::entries_of_plan(read, &plan.id, as_of.timestamp_millis()).await?, day)?;
    for fact in figures::facts(read, &plan.id, day, as_of).await? {
        board.add_fact(&fact)?;
    }
    let funds = funds(read, &program.id, &partner.id, as_of).await?;
    Ok(Snapshot {
        revision: revisions.last().map_or(0, |signed| signed.revision),
        as_of,
        day,
        names: board.names(),
        rates: board.rates.iter().filter(|rate| board.used.contains(rate.currency.code())).copied().collect(),
        figures: PlanFigures {
            period: plan.period,
            as_of: day,
            thresholds: thresholds(&program.thresholds)?,
            campaigns: board.slots.into_values().filter_map(Slot::figures).collect(),
        },
        apart: apart(board.apart)?,
        left_out: board.left_out.into_iter().map(|(campaign, leads)| LeftOut { campaign, leads }).collect(),
        funds,
        program,
        partner,
        plan: plan.clone(),
    })
}

/// The last day on which the revisions signed by `as_of` plan anything, of any measure; `None` if they plan nothing.
///
/// # Errors
/// A fault of the database, or stored terms that no code of ours wrote.
pub async fn last_planned_day(
    read: &mut Read,
    plan: &Plan,
    as_of: DateTime<Utc>,
) -> Result<Option<NaiveDate>, Fault> {
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let revisions = figures::revisions(read, &plan.id, as_of).await?;
    let board = Board::new(plan, &campaigns, &revisions)?;
    let slots = board.slots.values();
    let days = slots.flat_map(|slot| {
        Measure::ALL.into_iter().filter_map(|measure| Planned::current(measure, &slot.revisions).last_day())
    });
    Ok(days.max())
}

/// What only the vendor may read beside a snapshot.
///
/// # Errors
/// A fault of the database.
pub async fn vendor_only(read: &mut Read, snapshot: &Snapshot) -> Result<VendorOnly, Fault> {
    let (program, partner) = (&snapshot.program.id, &snapshot.partner.id);
    let mut pools = Vec::new();
    for fund in figures::funds_of_partner(read, program, partner, snapshot.as_of).await? {
        if fund.partner_id.is_none() {
            let balances = figures::balances_at(read, &fund, snapshot.as_of).await?;
            pools.push((fund, balances));
        }
    }
    let unmatched_leads = figures::unmatched_leads(read, program, partner, snapshot.as_of).await?;
    Ok(VendorOnly { pools, unmatched_leads })
}

async fn funds(
    read: &mut Read,
    program_id: &str,
    partner_id: &str,
    at: DateTime<Utc>,
) -> Result<Vec<FundLine>, Fault> {
    let mut lines = Vec::new();
    for fund in figures::funds_of_partner(read, program_id, partner_id, at).await? {
        let line = if fund.partner_id.is_some() {
            let own = figures::balances_at(read, &fund, at).await?;
            FundLine { pending: own.pending, committed: own.committed, own: Some(own), fund }
        } else {
            FundLine {
                pending: figures::pending_at(read, &fund, Some(partner_id), at).await?,
                committed: figures::committed_at(read, &fund, partner_id, at).await?,
                own: None,
                fund,
            }
        };
        lines.push(line);
    }
    Ok(lines)
}

/// One campaign while its figures are gathered.
struct Slot {
    key: String,
    name: String,
    results_by: ResultsBy,
    revisions: Vec<CampaignRevision>,
    facts: Facts,
}

impl Slot {
    /// `None` for a campaign that no revision signed by then holds: it plans nothing and nothing counts for it.
    fn figures(self) -> Option<CampaignFigures> {
        let Slot { key, revisions, facts, .. } = self;
        (!revisions.is_empty()).then_some(CampaignFigures { key, revisions, facts })
    }
}

/// The campaigns by id, and what does not go into their lines.
struct Board {
    currency: Currency,
    slots: BTreeMap<String, Slot>,
    apart: BTreeMap<(String, Measure, &'static str), i64>,
    left_out: BTreeMap<String, i64>,
    /// Of the newest revision.
    rates: Vec<Rate>,
    /// The rates that something was converted with.
    used: BTreeSet<&'static str>,
}

impl Board {
    fn new(plan: &Plan, campaigns: &[Campaign], revisions: &[SignedRevision]) -> Result<Self, Fault> {
        let mut slots = BTreeMap::new();
        for campaign in campaigns {
            let slot = Slot {
                key: campaign.name_short(),
                name: campaign.name.clone(),
                results_by: campaign.results_by,
                revisions: Vec::new(),
                facts: Facts::default(),
            };
            slots.insert(campaign.id.clone(), slot);
        }
        let mut board = Self {
            currency: plan.currency,
            slots,
            apart: BTreeMap::new(),
            left_out: BTreeMap::new(),
            rates: Vec::new(),
            used: BTreeSet::new(),
        };
        for signed in revisions {
            board.add_terms(signed)?;
        }
        Ok(board)
    }

    fn names(&self) -> BTreeMap<String, String> {
        self.slots.values().map(|slot| (slot.key.clone(), slot.name.clone())).collect()
    }

    fn add_terms(&mut self, signed: &SignedRevision) -> Result<(), Fault> {
        let content: Content = serde_json::from_str(&signed.snapshot)?;
        let revision = u32::try_from(signed.revision)
            .map_err(|_| Fault::Corrupt(format!("plan revision {}", signed.revision)))?;
        // The newest signed revision's rates hold for all facts, so that a report converts each in one way.
        self.rates = content
            .rates
            .into_iter()
            .map(|SignedRate { currency, rate, entered_on }| Rate { currency, rate, entered_on })
            .collect();
        for terms in content.campaigns {
            let Some(slot) = self.slots.values_mut().find(|slot| slot.key == terms.campaign) else {
                return Err(Fault::Corrupt(format!("a signed plan names {}", terms.campaign)));
            };
            slot.revisions.push(CampaignRevision {
                revision,
                effective_from: signed.effective_on,
                shape: terms.shape()?,
                targets: terms.targets(),
                state: terms.state(),
            });
        }
        Ok(())
    }

    /// Spend counts for every campaign, leads for those whose results are logged by hand.
    fn add_log(&mut self, entries: &[crate::domain::log::Entry], day: NaiveDate) -> Result<(), Fault> {
        for entry in entries.iter().filter(|entry| entry.occurred_on <= day) {
            let Some(slot) = self.slots.get_mut(&entry.campaign_id) else { continue };
            match entry.kind {
                EntryKind::Spend => slot.facts.spend.push(SpendEntry {
                    day: entry.occurred_on,
                    amount: amount(entry.amount, self.currency)?,
                    source: source(entry.source),
                }),
                EntryKind::Leads if slot.results_by == ResultsBy::Hand => {
                    slot.facts
                        .leads
                        .push(Entry { day: entry.occurred_on, amount: Decimal::from(entry.amount) });
                }
                EntryKind::Leads => {}
            }
        }
        Ok(())
    }

    fn add_fact(&mut self, fact: &FactSum) -> Result<(), Fault> {
        let Some(slot) = self.slots.get_mut(&fact.campaign_id) else { return Ok(()) };
        let day = fact.occurred_on;
        if fact.measure == FactMeasure::Leads {
            if slot.results_by == ResultsBy::Hand {
                *self.left_out.entry(slot.key.clone()).or_default() += fact.amount;
            } else {
                slot.facts.leads.push(Entry { day, amount: Decimal::from(fact.amount) });
            }
            return Ok(());
        }
        let currency = fact
            .currency
            .ok_or_else(|| Fault::Corrupt(format!("an amount of {} without a currency", slot.key)))?;
        let rate = self.rates.iter().find(|rate| rate.currency == currency && currency != self.currency);
        if currency != self.currency && rate.is_none() {
            let measure = match fact.measure {
                FactMeasure::Pipeline => Measure::Pipeline,
                FactMeasure::Won => Measure::Won,
                // Shown beside its line; in another currency there is no line to stand beside.
                FactMeasure::Leads | FactMeasure::PipelineLost | FactMeasure::PipelineInfluenced => {
                    return Ok(());
                }
            };
            *self.apart.entry((slot.key.clone(), measure, currency.code())).or_default() += fact.amount;
            return Ok(());
        }
        let own = Money::from_minor(fact.amount, currency).map_err(corrupt)?;
        let amount = match rate {
            Some(rate) => {
                self.used.insert(currency.code());
                rate.convert(own, self.currency).map_err(corrupt)?.decimal()
            }
            None => own.decimal(),
        };
        let entry = Entry { day, amount };
        match fact.measure {
            FactMeasure::Leads => {}
            FactMeasure::Pipeline => slot.facts.pipeline.push(entry),
            FactMeasure::Won => slot.facts.won.push(entry),
            FactMeasure::PipelineLost => slot.facts.lost_pipeline.push(entry),
            FactMeasure::PipelineInfluenced => slot.facts.influenced_pipeline.push(entry),
        }
        Ok(())
    }
}

/// What a signed revision carries: the sums of its campaigns that it plans.
///
/// # Errors
/// Stored terms that no code of ours wrote.
pub fn carried(snapshot: &str, currency: Currency) -> Result<Carried, Fault> {
    let content: Content = serde_json::from_str(snapshot)?;
    let planned: Vec<Targets> = content
        .campaigns
        .iter()
        .filter(|terms| terms.state() == CampaignState::Active)
        .map(Terms::targets)
        .collect();
    let sum = |of: fn(&Targets) -> Option<Decimal>| planned.iter().filter_map(of).sum::<Decimal>();
    let money = |amount| Money::from_decimal(amount, currency).map_err(corrupt);
    Ok(Carried {
        leads: i64::try_from(sum(|one| one.leads)).map_err(corrupt)?,
        pipeline: money(sum(|one| one.pipeline))?,
        won: money(sum(|one| one.won))?,
        budget: money(sum(|one| one.budget))?,
    })
}

fn apart(sums: BTreeMap<(String, Measure, &'static str), i64>) -> Result<Vec<Apart>, Fault> {
    sums.into_iter()
        .filter(|(_, minor)| *minor != 0)
        .map(|((campaign, measure, currency), minor)| {
            let currency = Currency::parse(currency).map_err(corrupt)?;
            let amount = Money::from_minor(minor, currency).map_err(corrupt)?;
            Ok(Apart { campaign, measure, amount })
        })
        .collect()
}

fn amount(minor: i64, currency: Currency) -> Result<Decimal, Fault> {
    // A sum of facts may be larger than any one amount is allowed to be.
    Ok(Decimal::new(minor, currency.exponent()))
}

fn corrupt(error: impl std::fmt::Display) -> Fault {
    Fault::Corrupt(error.to_string())
}

/// An entry that names no source is never MDF: it counts as what the partner put in.
fn source(source: Option<Funding>) -> FundingSource {
    match source {
        Some(Funding::Mdf) => FundingSource::Mdf,
        Some(Funding::CoOp) => FundingSource::CoOp,
        Some(Funding::Vendor) => FundingSource::VendorDirect,
        Some(Funding::Partner) | None => FundingSource::Partner,
    }
}

/// What a report needs of a signed plan (see `Plan::content`).
#[derive(Deserialize)]
struct Content {
    campaigns: Vec<Terms>,
    #[serde(default)]
    rates: Vec<SignedRate>,
}

#[derive(Deserialize)]
struct SignedRate {
    currency: Currency,
    rate: Decimal,
    entered_on: NaiveDate,
}

#[derive(Deserialize)]
struct Terms {
    campaign: String,
    #[serde(rename = "type")]
    kind: CampaignType,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    sends: Vec<NaiveDate>,
    target_leads: Decimal,
    target_pipeline: Decimal,
    target_won: Option<Decimal>,
    budget: Vec<Line>,
    #[serde(default)]
    curve: CurveOverrides,
    #[serde(default)]
    cancelled_from: Option<NaiveDate>,
    #[serde(default)]
    postponed: bool,
}

#[derive(Deserialize)]
struct Line {
    planned: Decimal,
}

impl Terms {
    fn shape(&self) -> Result<CampaignShape, Fault> {
        CampaignShape::new(self.kind, self.starts_on, self.ends_on)
            .and_then(|shape| shape.with_sends(self.sends.clone()))
            .and_then(|shape| shape.with_overrides(self.curve.clone()))
            .map_err(corrupt)
    }

    fn state(&self) -> CampaignState {
        match self.cancelled_from {
            Some(from) => CampaignState::Cancelled { from },
            None if self.postponed => CampaignState::Postponed,
            None => CampaignState::Active,
        }
    }

    fn targets(&self) -> Targets {
        Targets {
            leads: Some(self.target_leads),
            pipeline: Some(self.target_pipeline),
            won: self.target_won,
            budget: (!self.budget.is_empty()).then(|| self.budget.iter().map(|line| line.planned).sum()),
        }
    }
}

/// The limits of the status colours as a program keeps them: decimal strings, in percent, what is missing is the default.
/// All of them are distances from the plan, without a sign.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct KeptThresholds {
    amber_below: Option<Decimal>,
    red_below: Option<Decimal>,
    spend_amber: Option<Decimal>,
    spend_red: Option<Decimal>,
    grey_under: Option<Decimal>,
}

/// Reads the limits of a program. An empty text or `{}` stands for the defaults.
///
/// # Errors
/// `Fault::Corrupt` for what is no such JSON, or limits that contradict each other.
pub fn thresholds(json: &str) -> Result<Thresholds, Fault> {
    let json = if json.trim().is_empty() { "{}" } else { json };
    let kept: KeptThresholds = serde_json::from_str(json)?;
    let usual = Thresholds::default();
    let limits = Thresholds {
        amber_below: kept.amber_below.unwrap_or(usual.amber_below),
        red_below: kept.red_below.unwrap_or(usual.red_below),
        overspend_amber: kept.spend_amber.unwrap_or(usual.overspend_amber),
        overspend_red: kept.spend_red.unwrap_or(usual.overspend_red),
        early_under: kept.grey_under.unwrap_or(usual.early_under),
        ..usual
    };
    limits.check().map_err(corrupt)?;
    Ok(limits)
}
