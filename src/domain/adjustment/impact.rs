//! What an adjustment would do, as before → after: to each campaign, to what the plan carries, and to committed funds.

use super::Outcome;
use super::rules::Held;
use crate::domain::campaign::expected::{Expected, by_hand};
use crate::domain::campaign::{BudgetLine, Campaign, CampaignState};
use crate::domain::capacity::{Efforts, Overfull, overfull};
use crate::domain::curve::plus;
use crate::domain::money::{Currency, Money};
use crate::domain::outlook::outlook;
use crate::domain::plan::Plan;
use crate::domain::plan::own::OwnTerms;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// One thing that changes. Values are as people write them and not escaped; an empty one was not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub what: &'static str,
    pub before: String,
    pub after: String,
}

/// What a plan carries: the sums of the campaigns that are planned on some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    pub leads: i64,
    pub pipeline: Money,
    pub won: Money,
    pub budget: Money,
}

impl Carried {
    /// The sums over `campaigns`, which are in `currency`; one that is cancelled, or postponed without a date, adds
    /// nothing. A sum that no amount can hold counts as nothing.
    pub fn by(campaigns: &[Campaign], currency: Currency) -> Self {
        let planned = || campaigns.iter().filter(|campaign| campaign.is_planned());
        let zero = Money::zero(currency);
        let sum = |amounts: Vec<Money>| Money::sum(currency, amounts).unwrap_or(zero);
        Self {
            leads: planned().fold(0, |sum: i64, campaign| sum.saturating_add(campaign.target_leads)),
            pipeline: sum(planned().map(|campaign| campaign.target_pipeline).collect()),
            won: sum(planned().filter_map(|campaign| campaign.target_won).collect()),
            budget: sum(planned().filter_map(Campaign::budget_total).collect()),
        }
    }
}

/// What an adjustment does beyond its campaigns.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    pub before: Carried,
    pub after: Carried,
    /// What approved requests of the plan hold, before and after, one pair a currency.
    pub committed: Vec<(Money, Money)>,
    /// The weeks from the effective day on that ask more of a side than it states.
    pub overfull: (Vec<Overfull>, Vec<Overfull>),
    /// Pipeline planned by the end of the period, and what the JBP needs of it, before and after.
    pub reach: (Reach, Reach),
}

/// How far a plan gets to what the JBP needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub by_end: Money,
    /// `None` without a JBP.
    pub needed: Option<Money>,
}

impl Reach {
    fn of(plan: &Plan, campaigns: &[Campaign]) -> Self {
        let outlook = outlook(plan, campaigns);
        Self { by_end: outlook.by_end, needed: outlook.needed }
    }
}

/// A plan with its campaigns, before or after.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    pub plan: &'a Plan,
    pub campaigns: &'a [Campaign],
    /// What types of campaigns take in this program.
    pub efforts: &'a Efforts,
}

impl Impact {
    /// What becomes of `before` with `outcome` at the instant `at`. `committed` is what approved requests hold, by the
    /// campaign's id.
    pub fn of(
        Stand { plan, campaigns: before, efforts }: Stand<'_>,
        outcome: &Outcome,
        committed: &BTreeMap<String, Vec<Held>>,
        at: DateTime<Utc>,
    ) -> Self {
        let (after, today) = (outcome.plan(plan, at), plan.local_day(at));
        let currency = plan.currency;
        let to_come = |plan: &Plan, campaigns: &[Campaign]| {
            let mut weeks = overfull(plan, campaigns, efforts);
            weeks.retain(|week| plus(week.monday, 6) >= today);
            weeks
        };
        let newly_cancelled = |id: &str| {
            outcome
                .changed(before)
                .any(|(_, after)| after.id == id && after.state == CampaignState::Cancelled)
        };
        let mut pairs: Vec<(Money, Money)> = Vec::new();
        for (id, held) in committed.iter().flat_map(|(id, all)| all.iter().map(move |one| (id, one.held))) {
            let place = pairs.iter().position(|(sum, _)| sum.currency() == held.currency());
            let zero = Money::zero(held.currency());
            let place = place.unwrap_or_else(|| {
                pairs.push((zero, zero));
                pairs.len() - 1
            });
            let (sum, left) = pairs[place];
            let kept = if newly_cancelled(id) { zero } else { held };
            pairs[place] = (sum.checked_add(held).unwrap_or(sum), left.checked_add(kept).unwrap_or(left));
        }
        Self {
            before: Carried::by(before, currency),
            after: Carried::by(&outcome.campaigns, currency),
            committed: pairs,
            overfull: (to_come(plan, before), to_come(&after, &outcome.campaigns)),
            reach: (Reach::of(plan, before), Reach::of(&after, &outcome.campaigns)),
        }
    }
}

impl Impact {
    /// The weeks that ask too much with it, if it changes which do, or by how much: what to warn signers of.
    pub fn warns_of(&self) -> &[Overfull] {
        let (before, after) = &self.overfull;
        if before == after { &[] } else { after }
    }
}

/// What differs between a plan's own terms and what they would be.
pub fn term_differences(before: &OwnTerms, after: &OwnTerms, zone: Tz) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |what, before: String, after: String| {
        if before != after {
            lines.push(Line { what, before, after });
        }
    };
    let in_hours = |hours: Option<i64>| hours.map(|hours| format!("{hours} hours")).unwrap_or_default();
    let jbp = |terms: &OwnTerms| {
        terms.jbp.map(|jbp| {
            let (share, rate) = (jbp.marketing_share.normalize(), jbp.win_rate.normalize());
            format!("{} revenue, {share} % from marketing, {rate} % won", jbp.revenue)
        })
    };
    add("Name", before.name.clone(), after.name.clone());
    add("Review", before.cadence.label(zone), after.cadence.label(zone));
    add("JBP", jbp(before).unwrap_or_default(), jbp(after).unwrap_or_default());
    add("Leads accepted within", in_hours(before.routing_hours), in_hours(after.routing_hours));
    add("Vendor's hours a week", hours(before.hours.vendor), hours(after.hours.vendor));
    add("Partner's hours a week", hours(before.hours.partner), hours(after.hours.partner));
    lines
}

/// What differs between two states of a campaign, in the order of its card.
pub fn differences(before: &Campaign, after: &Campaign) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |what, before: String, after: String| {
        if before != after {
            lines.push(Line { what, before, after });
        }
    };
    add("State", state(before), state(after));
    add("Name", before.name.clone(), after.name.clone());
    add("Type", before.kind.label().to_owned(), after.kind.label().to_owned());
    add("Dates", dates(before), dates(after));
    add("Sends", days(before), days(after));
    add("Leads", before.target_leads.to_string(), after.target_leads.to_string());
    add("Pipeline", before.target_pipeline.to_string(), after.target_pipeline.to_string());
    add("Won revenue", amount(before.target_won), amount(after.target_won));
    add("Budget", budget(before), budget(after));
    add("Segment", before.segment.clone(), after.segment.clone());
    add("Message", before.message.clone(), after.message.clone());
    add("Offer", before.offer.clone(), after.offer.clone());
    add("Channel", before.channel.clone(), after.channel.clone());
    add("utm_campaign", before.slug.clone(), after.slug.clone());
    add("Results", before.results_by.code().to_owned(), after.results_by.code().to_owned());
    add("Vendor's owner", person(&before.owner_vendor), person(&after.owner_vendor));
    add("Partner's owner", person(&before.owner_partner), person(&after.owner_partner));
    add("Vendor's hours", hours(before.effort.vendor), hours(after.effort.vendor));
    add("Partner's hours", hours(before.effort.partner), hours(after.effort.partner));
    if before.curve != after.curve {
        lines.extend(curve(before, after));
    }
    lines
}

/// When results are planned to come: that moves what is due to date, whatever the targets are.
fn curve(before: &Campaign, after: &Campaign) -> Vec<Line> {
    let mut lines = Vec::new();
    if let (Some(old), Some(new)) = (Expected::of(before), Expected::of(after)) {
        for (what, before, after) in [
            ("Leads come", old.leads, new.leads),
            ("Pipeline comes", old.pipeline, new.pipeline),
            ("Won revenue comes", old.won, new.won),
            ("Spend comes", old.spend, new.spend),
            ("All of it by", old.last, new.last),
        ] {
            if before != after {
                lines.push(Line { what, before, after });
            }
        }
    }
    if lines.is_empty() {
        // Set to what it is anyway: it no longer follows the campaign's type.
        lines.push(Line {
            what: "Curve by hand",
            before: by_hand(&before.curve),
            after: by_hand(&after.curve),
        });
    }
    lines
}

/// Running and ready say where it stands, not what was agreed: only what is agreed counts here.
fn state(campaign: &Campaign) -> String {
    match campaign.state {
        CampaignState::Cancelled => "cancelled".to_owned(),
        CampaignState::Postponed => "postponed without a date".to_owned(),
        _ => "planned".to_owned(),
    }
}

fn dates(campaign: &Campaign) -> String {
    format!("{} to {}", campaign.period.start(), campaign.period.end())
}

fn days(campaign: &Campaign) -> String {
    campaign.sends.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn amount(amount: Option<Money>) -> String {
    amount.map(|amount| amount.to_string()).unwrap_or_default()
}

fn budget(campaign: &Campaign) -> String {
    // By name and source: the order in which they were loaded says nothing.
    let mut lines: Vec<&BudgetLine> = campaign.budget.iter().collect();
    lines.sort_by(|a, b| a.what.cmp(&b.what));
    lines.into_iter().map(budget_line).collect::<Vec<_>>().join("; ")
}

/// A budget line with who pays which part of it.
pub fn budget_line(line: &BudgetLine) -> String {
    let mut shares = line.shares.clone();
    shares.sort_by_key(|(source, _)| *source);
    let shares: Vec<String> =
        shares.iter().map(|(source, share)| format!("{} {share}", source.label())).collect();
    format!("{} {} ({})", line.what, line.planned, shares.join(", "))
}

fn person(id: &Option<String>) -> String {
    id.clone().unwrap_or_default()
}

fn hours(hours: Option<i64>) -> String {
    hours.map(|hours| hours.to_string()).unwrap_or_default()
}
