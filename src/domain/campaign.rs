//! A campaign of a plan: enough to run it with no further planning call. Funding is a separate axis.

pub mod budget;
pub mod checklist;
pub mod edit;
pub mod expected;
pub mod read;
mod stop;

pub use stop::{StopSignature, Stopped};

use super::actor::Side;
use super::campaign_type::CampaignType;
use super::canonical::{canonical, sha256};
use super::curve::{CampaignShape, Curve, CurveOverrides, Measure};
use super::escape::short;
use super::money::{Currency, MAX_MINOR, Money, grouped};
use super::period::Period;
use super::plan::{BySide, states};
use super::refusal::Refusal;
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

states! {
    /// Where a campaign stands.
    CampaignState {
        Proposed "proposed" "proposed",
        Planned "planned" "planned",
        Ready "ready" "ready",
        Running "running" "running",
        Executed "executed" "executed",
        Closed "closed" "closed",
        Postponed "postponed" "postponed",
        Cancelled "cancelled" "cancelled",
    }
}

/// The most leads that one campaign can be asked for.
pub const MAX_LEADS: i64 = 10_000_000;

/// Days after its end on which people are asked whether it is executed.
pub const ASKED_AFTER_DAYS: u64 = 1;

/// Days after its end from which a campaign counts as executed though its owner has not said so.
pub const EXECUTED_AFTER_DAYS: u64 = 7;

impl CampaignState {
    /// It has come to its end, one way or another.
    pub fn is_over(self) -> bool {
        matches!(self, CampaignState::Closed | CampaignState::Cancelled)
    }

    /// The day on which the clock moves a campaign of these dates on, and where to: it runs from its first day even if
    /// it is not ready, and is executed a week after its last. Only campaigns of a plan in force move.
    pub fn next_by_clock(self, start: NaiveDate, end: NaiveDate) -> Option<(NaiveDate, CampaignState)> {
        match self {
            CampaignState::Planned | CampaignState::Ready => Some((start, CampaignState::Running)),
            CampaignState::Running => {
                Some((end.checked_add_days(Days::new(EXECUTED_AFTER_DAYS))?, CampaignState::Executed))
            }
            _ => None,
        }
    }
}

/// The days on which somebody is asked whether a campaign that runs and ended on `end` is executed: from the day after it
/// until the day on which it is executed by itself, which is not among them.
pub fn asked_within(end: NaiveDate) -> Option<std::ops::Range<NaiveDate>> {
    let from = end.checked_add_days(Days::new(ASKED_AFTER_DAYS))?;
    Some(from..end.checked_add_days(Days::new(EXECUTED_AFTER_DAYS))?)
}

/// Days after its start within which both sides are told that a campaign runs without being ready. Later, after an
/// outage, that is no news.
pub const UNREADY_TOLD_DAYS: u64 = 1;

/// Where a campaign's leads are counted from; the two are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultsBy {
    Crm,
    Hand,
}

impl ResultsBy {
    pub fn code(self) -> &'static str {
        match self {
            ResultsBy::Crm => "crm",
            ResultsBy::Hand => "hand",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [ResultsBy::Crm, ResultsBy::Hand].into_iter().find(|one| one.code() == text)
    }
}

/// Who funds a share of a budget line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundingSource {
    Mdf,
    CoOp,
    Vendor,
    Partner,
}

impl FundingSource {
    pub const ALL: &[FundingSource] =
        &[FundingSource::Mdf, FundingSource::CoOp, FundingSource::Vendor, FundingSource::Partner];

    pub fn code(self) -> &'static str {
        match self {
            FundingSource::Mdf => "mdf",
            FundingSource::CoOp => "co_op",
            FundingSource::Vendor => "vendor",
            FundingSource::Partner => "partner",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            FundingSource::Mdf => "MDF",
            FundingSource::CoOp => "co-op",
            FundingSource::Vendor => "vendor direct",
            FundingSource::Partner => "partner co-investment",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == text)
    }
}

/// What a campaign is planned to cost, and who pays which part; the shares add up to the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLine {
    pub what: String,
    pub planned: Money,
    pub shares: Vec<(FundingSource, Money)>,
}

/// Checks that what campaigns of a plan carry together can be counted, so that every sum of it is an amount.
///
/// # Errors
/// `bad_input` naming what adds up to more than [`MAX_MINOR`].
pub fn check_sums(campaigns: &[Campaign], plan: &str, currency: Currency) -> Result<(), Refusal> {
    let planned = || campaigns.iter().filter(|campaign| campaign.is_planned());
    let pipeline: Vec<Money> = planned().map(|campaign| campaign.target_pipeline).collect();
    let won = planned().filter_map(|campaign| campaign.target_won).collect();
    let budget = planned().flat_map(|campaign| campaign.budget.iter().map(|line| line.planned)).collect();
    for (what, amounts) in
        [("pipeline targets of", pipeline), ("targets of won revenue of", won), ("budgets of", budget)]
    {
        if Money::sum(currency, amounts).is_err() {
            return Err(too_much(what, plan, currency));
        }
    }
    Ok(())
}

fn too_much(what: &str, name: &str, currency: Currency) -> Refusal {
    let most = Money::from_minor(MAX_MINOR, currency).map_or_else(|_| String::new(), |most| most.to_string());
    Refusal::bad_input(
        format!("The {what} {name} add up to more than Tandem counts ({most})."),
        "Lower one of them.",
    )
}

/// A campaign as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    pub id: String,
    pub partner_id: String,
    pub plan_id: String,
    pub number: i64,
    pub name: String,
    pub kind: CampaignType,
    pub segment: String,
    pub message: String,
    pub offer: String,
    pub channel: String,
    pub period: Period,
    pub sends: Vec<NaiveDate>,
    pub target_leads: i64,
    pub target_pipeline: Money,
    pub target_won: Option<Money>,
    pub results_by: ResultsBy,
    pub slug: String,
    pub utm_id: String,
    pub owner_vendor: Option<String>,
    pub owner_partner: Option<String>,
    pub budget: Vec<BudgetLine>,
    /// Hours in all that it takes each side, where they differ from its type's.
    pub effort: BySide<Option<i64>>,
    /// What is set for its curves by hand.
    pub curve: CurveOverrides,
    /// The items of its type's checklist that are done, by code.
    pub checked: BTreeSet<String>,
    pub state: CampaignState,
    /// The first day on which it no longer runs, if it was cancelled after both sides had agreed to it. One that was
    /// cancelled before has none: it was never agreed.
    #[serde(default)]
    pub cancelled_from: Option<NaiveDate>,
    /// One side has stopped it: no new requests or claims, reminders paused, until the other countersigns.
    pub stopped: Option<Stopped>,
}

impl Campaign {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("CMP-{}", self.number)
    }

    /// The planned cost, all budget lines together; `None` without a budget line.
    pub fn budget_total(&self) -> Option<Money> {
        let currency = self.budget.first()?.planned.currency();
        Money::sum(currency, self.budget.iter().map(|line| line.planned)).ok()
    }

    /// Whether it is part of what is signed: everything but what was cancelled before it was ever agreed.
    pub fn is_in_terms(&self) -> bool {
        self.state != CampaignState::Cancelled || self.cancelled_from.is_some()
    }

    /// The last day on which it plans anything: leads, pipeline, won revenue or spend. Without any of them, its end.
    pub fn last_planned_day(&self) -> NaiveDate {
        let end = self.period.end();
        let Ok(shape) = self.shape() else { return end };
        let plans = |measure: &Measure| match measure {
            Measure::Leads => self.target_leads > 0,
            Measure::Pipeline => !self.target_pipeline.is_zero(),
            Measure::Won => self.target_won.is_some_and(|won| !won.is_zero()),
            Measure::Spend => self.budget_total().is_some_and(|budget| !budget.is_zero()),
        };
        let planned = Measure::ALL.into_iter().filter(plans);
        planned.map(|measure| Curve::of(measure, &shape).last_day()).fold(end, NaiveDate::max)
    }

    /// Whether its targets and budget are planned on some day: not once it is cancelled or postponed without a date.
    pub fn is_planned(&self) -> bool {
        !matches!(self.state, CampaignState::Cancelled | CampaignState::Postponed)
    }

    /// Whether it can be said to be executed on `today`, the plan's local day: from its first day on.
    ///
    /// # Errors
    /// `wrong_state` before its first day, while it is stopped, or if it is over.
    pub fn may_be_executed(&self, today: NaiveDate) -> Result<(), Refusal> {
        let runs =
            matches!(self.state, CampaignState::Planned | CampaignState::Ready | CampaignState::Running);
        if !runs {
            let sentence = format!("{} is {}.", self.name_short(), self.state.label());
            return Err(Refusal::wrong_state(sentence, "Only a campaign that runs can be done."));
        }
        self.goes_on("done")?;
        if today < self.period.start() {
            return Err(Refusal::wrong_state(
                format!("{} starts on {}.", self.name_short(), self.period.start()),
                "It can be done from that day on.",
            ));
        }
        Ok(())
    }

    /// A number that changes with its last day: a question about another end is stale.
    pub fn end_mark(&self) -> i64 {
        self.period.end().num_days_from_ce().into()
    }

    /// A number that changes with its long texts: a form that showed others is stale.
    pub fn texts_mark(&self) -> i64 {
        let texts = json!([self.segment, self.message, self.offer, self.channel]);
        let digest = sha256(&canonical(&texts));
        i64::from_str_radix(&digest[..15], 16).unwrap_or_default()
    }

    /// Whether a source pays any part of it.
    pub fn is_funded_by(&self, source: FundingSource) -> bool {
        let mut shares = self.budget.iter().flat_map(|line| &line.shares);
        shares.any(|(by, share)| *by == source && !share.is_zero())
    }

    /// Whether somebody owns it, on either side.
    pub fn is_owned_by(&self, person: &str) -> bool {
        [&self.owner_vendor, &self.owner_partner].into_iter().any(|owner| owner.as_deref() == Some(person))
    }

    /// The owner of a side.
    pub fn owner(&self, side: Side) -> Option<&str> {
        match side {
            Side::Vendor => self.owner_vendor.as_deref(),
            Side::Partner => self.owner_partner.as_deref(),
        }
    }

    /// Checks what can't be true of a campaign of a plan over `plan`.
    ///
    /// # Errors
    /// `bad_input` naming the first thing that is wrong.
    pub fn check(&self, plan: Period) -> Result<(), Refusal> {
        if self.period.end() < plan.start() || self.period.start() > plan.end() {
            return Err(Refusal::bad_input(
                format!("{} to {} lies outside the plan's period.", self.period.start(), self.period.end()),
                format!("Dates must overlap {} to {}.", plan.start(), plan.end()),
            ));
        }
        if let Some(send) =
            self.sends.iter().find(|send| **send < self.period.start() || **send > self.period.end())
        {
            return Err(Refusal::bad_input(
                format!("The send on {send} lies outside the campaign."),
                format!("Sends must fall between {} and {}.", self.period.start(), self.period.end()),
            ));
        }
        if self.target_leads < 0 || self.target_pipeline.is_negative() {
            return Err(Refusal::bad_input("A target can't be negative.", "Give 0 where there is none."));
        }
        if self.target_leads > MAX_LEADS {
            return Err(Refusal::bad_input(
                format!("A campaign has a target of at most {} leads.", grouped(MAX_LEADS.into())),
                "Give fewer.",
            ));
        }
        if let Some(line) = self.budget.first()
            && self.budget_total().is_none()
        {
            return Err(too_much("budget lines of", &self.name_short(), line.planned.currency()));
        }
        for line in &self.budget {
            let shares = Money::sum(line.planned.currency(), line.shares.iter().map(|(_, share)| *share));
            if shares != Ok(line.planned) {
                return Err(Refusal::bad_input(
                    format!("The shares of \"{}\" don't add up to {}.", short(&line.what, 60), line.planned),
                    "Shares must add up to the line, to the last minor unit.",
                ));
            }
        }
        self.shape().map(drop)
    }

    /// What its curves depend on.
    ///
    /// # Errors
    /// `bad_input` for dates or settings that no curve can be laid over.
    pub fn shape(&self) -> Result<CampaignShape, Refusal> {
        CampaignShape::new(self.kind, self.period.start(), self.period.end())
            .and_then(|shape| shape.with_sends(self.sends.clone()))
            .and_then(|shape| shape.with_overrides(self.curve.clone()))
            .map_err(|error| Refusal::unreadable(&error, ""))
    }

    /// What is signed of it.
    pub fn content(&self) -> Value {
        // By name: the order in which they were loaded or written says nothing.
        let mut lines: Vec<&BudgetLine> = self.budget.iter().collect();
        lines.sort_by(|a, b| a.what.cmp(&b.what));
        let budget = lines.into_iter().map(|line| {
            let shares = line
                .shares
                .iter()
                .map(|(source, share)| (source.code().to_owned(), json!(share.decimal().to_string())));
            json!({
                "what": line.what,
                "planned": line.planned.decimal().to_string(),
                "shares": Value::Object(shares.collect()),
            })
        });
        let mut content = json!({
            "campaign": self.name_short(),
            "name": self.name,
            "type": self.kind.code(),
            "segment": self.segment,
            "message": self.message,
            "offer": self.offer,
            "channel": self.channel,
            "starts_on": self.period.start().to_string(),
            "ends_on": self.period.end().to_string(),
            "sends": self.sends.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "target_leads": self.target_leads.to_string(),
            "target_pipeline": self.target_pipeline.decimal().to_string(),
            "target_won": self.target_won.map(|won| won.decimal().to_string()),
            "results_by": self.results_by.code(),
            "budget": budget.collect::<Vec<_>>(),
            // Links carry it: which leads are the campaign's depends on it.
            "utm_campaign": self.slug,
            "owner_vendor": self.owner_vendor,
            "owner_partner": self.owner_partner,
            "curve": self.curve,
            "effort_hours": {
                "vendor": self.effort.vendor.map(|hours| hours.to_string()),
                "partner": self.effort.partner.map(|hours| hours.to_string()),
            },
        });
        // Only where it says something: what most plans are signed as stays as short as it was.
        if let Some(from) = self.cancelled_from {
            content["cancelled_from"] = json!(from.to_string());
        } else if self.state == CampaignState::Postponed {
            content["postponed"] = json!(true);
        }
        content
    }
}
