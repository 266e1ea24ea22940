//! A template's content from a plan as it stands, or from one of its campaigns.

use super::clean::Names;
use super::{Anchor, CampaignPart, Content, Figures, LinePart, PlanPart, PromisePart, TaskPart, Weights};
use crate::domain::campaign::{BudgetLine, Campaign, CampaignState};
use crate::domain::curve::{CurveKind, CurveOverrides};
use crate::domain::money::Money;
use crate::domain::plan::terms::Terms;
use crate::domain::promise::{Promise, PromiseState};
use crate::domain::refusal::Refusal;
use crate::domain::task::template::{Due, items};
use crate::domain::task::{Task, TaskState};
use chrono::NaiveDate;

/// What is to go into a template, besides what always does.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Targets and budgets as amounts, not only in proportion.
    pub figures: bool,
    /// Segment, message, offer, channel, own tasks and promises.
    pub texts: bool,
    pub names: &'a Names,
}

/// The template of a whole plan.
///
/// # Errors
/// `bad_input` if the plan has no campaign, or a text names another partner.
pub fn of_plan(terms: &Terms, wanted: Wanted<'_>) -> Result<Content, Refusal> {
    let plan = &terms.plan;
    let stays = |campaign: &&Campaign| campaign.state != CampaignState::Cancelled;
    let mut campaigns: Vec<&Campaign> = terms.campaigns.iter().filter(stays).collect();
    campaigns.sort_by_key(|campaign| (campaign.period.start(), campaign.number));
    if campaigns.is_empty() {
        return Err(Refusal::bad_input(
            format!("{} has no campaign to keep.", plan.name_short()),
            "Add one with /campaign add.",
        ));
    }
    let start = plan.period.start();
    Ok(Content {
        plan: Some(PlanPart {
            days: plan.period.days(),
            cadence: plan.cadence.code(),
            attribution: plan.attribution.code().to_owned(),
            routing_hours: plan.routing_hours,
        }),
        currency: wanted.figures.then_some(plan.currency),
        promises: promises(terms, None, start, wanted)?,
        campaigns: parts(terms, &campaigns, start, wanted)?,
    })
}

/// The template of one campaign.
///
/// # Errors
/// `bad_input` if a text names another partner; `wrong_state` for a cancelled campaign.
pub fn of_campaign(terms: &Terms, campaign: &Campaign, wanted: Wanted<'_>) -> Result<Content, Refusal> {
    if campaign.state == CampaignState::Cancelled {
        return Err(Refusal::wrong_state(
            format!("{} is cancelled.", campaign.name_short()),
            "Save one that is to be run again.",
        ));
    }
    Ok(Content {
        plan: None,
        currency: wanted.figures.then_some(terms.plan.currency),
        promises: Vec::new(),
        campaigns: parts(terms, &[campaign], campaign.period.start(), wanted)?,
    })
}

fn parts(
    terms: &Terms,
    campaigns: &[&Campaign],
    start: NaiveDate,
    wanted: Wanted<'_>,
) -> Result<Vec<CampaignPart>, Refusal> {
    let units = |amount: Money| amount.minor().unsigned_abs();
    let leads: Vec<u64> = campaigns.iter().map(|one| one.target_leads.unsigned_abs()).collect();
    let pipeline: Vec<u64> = campaigns.iter().map(|one| units(one.target_pipeline)).collect();
    let budget: Vec<u64> = campaigns.iter().map(|one| one.budget_total().map_or(0, units)).collect();
    let (leads, pipeline, budget) = (percents(&leads), percents(&pipeline), percents(&budget));
    let weights = leads.into_iter().zip(pipeline).zip(budget);
    let weights = weights.map(|((leads, pipeline), budget)| Weights { leads, pipeline, budget });
    campaigns
        .iter()
        .zip(weights)
        .map(|(campaign, weights)| part(terms, campaign, start, weights, wanted))
        .collect()
}

fn part(
    terms: &Terms,
    campaign: &Campaign,
    start: NaiveDate,
    weights: Weights,
    wanted: Wanted<'_>,
) -> Result<CampaignPart, Refusal> {
    let first = campaign.period.start();
    let short = campaign.name_short();
    let clean = |place: &str, text: &str| wanted.names.clean(&format!("{place} of {short}"), text);
    let text = |place: &str, text: &str| if wanted.texts { clean(place, text) } else { Ok(String::new()) };
    let what = |line: &BudgetLine| clean("A budget line", &line.what);
    let mut budget = Vec::new();
    for line in &campaign.budget {
        budget.push(BudgetLine { what: what(line)?, ..line.clone() });
    }
    let own = |task: &&Task| task.campaign_id == campaign.id && task.state != TaskState::Closed;
    let own = terms.tasks.iter().filter(own);
    let tasks = own.filter_map(|task| part_of(task, campaign, wanted).transpose());
    Ok(CampaignPart {
        name: clean("The name", &campaign.name)?,
        kind: campaign.kind,
        segment: text("The segment", &campaign.segment)?,
        message: text("The message", &campaign.message)?,
        offer: text("The offer", &campaign.offer)?,
        channel: text("The channel", &campaign.channel)?,
        starts_after: between(start, first),
        days: campaign.period.days(),
        sends: campaign.sends.iter().map(|send| between(first, *send)).collect(),
        results_by: campaign.results_by,
        curve: without_months(&campaign.curve),
        weights,
        lines: lines(&budget),
        figures: wanted.figures.then_some(Figures {
            leads: campaign.target_leads,
            pipeline: campaign.target_pipeline,
            won: campaign.target_won,
            budget,
        }),
        tasks: tasks.collect::<Result<_, _>>()?,
        promises: promises(terms, Some(campaign), first, wanted)?,
    })
}

/// A task; without texts, only one of its campaign type's list, as worded there.
fn part_of(task: &Task, campaign: &Campaign, wanted: Wanted<'_>) -> Result<Option<TaskPart>, Refusal> {
    let items = items(campaign);
    let item = items.iter().find(|item| task.kind.as_deref() == Some(item.kind));
    let what = match item {
        _ if wanted.texts => wanted.names.clean(&task.name_short(), &task.what)?,
        Some(item) => item.what.to_owned(),
        None => return Ok(None),
    };
    let (first, last) = (campaign.period.start(), campaign.period.end());
    let (from, days) = match item.map(|item| item.due) {
        // As the list has it: the day itself may have been moved to the one on which the task was made.
        Some(Due::BeforeStart(days)) if !task.due_by_hand => (Anchor::Start, -days),
        Some(Due::AfterEnd(days)) if !task.due_by_hand => (Anchor::End, days),
        _ if task.due_on > last => (Anchor::End, between(last, task.due_on)),
        _ => (Anchor::Start, between(first, task.due_on)),
    };
    let (kind, side, by_hand) = (task.kind.clone(), task.side, task.due_by_hand);
    Ok(Some(TaskPart { kind, what, side, from, days, by_hand }))
}

/// The promises of a campaign, or of the plan as a whole, by days after `start`; what was withdrawn stays behind.
fn promises(
    terms: &Terms,
    campaign: Option<&Campaign>,
    start: NaiveDate,
    wanted: Wanted<'_>,
) -> Result<Vec<PromisePart>, Refusal> {
    let own = |promise: &&Promise| {
        let id = campaign.map(|campaign| campaign.id.as_str());
        wanted.texts && promise.campaign_id.as_deref() == id && promise.state != PromiseState::Withdrawn
    };
    let mut own: Vec<&Promise> = terms.promises.iter().filter(own).collect();
    own.sort_by_key(|promise| (promise.due_on, promise.number));
    let part = |promise: &Promise| {
        Ok(PromisePart {
            side: promise.side,
            what: wanted.names.clean(&promise.name_short(), &promise.what)?,
            due_after: between(start, promise.due_on),
        })
    };
    own.into_iter().map(part).collect()
}

fn lines(budget: &[BudgetLine]) -> Vec<LinePart> {
    let units = |amount: &Money| amount.minor().unsigned_abs();
    let planned: Vec<u64> = budget.iter().map(|line| units(&line.planned)).collect();
    let line = |(line, percent): (&BudgetLine, u64)| {
        let shares: Vec<u64> = line.shares.iter().map(|(_, share)| units(share)).collect();
        let sources = line.shares.iter().map(|(source, _)| *source);
        LinePart { what: line.what.clone(), percent, shares: sources.zip(percents(&shares)).collect() }
    };
    budget.iter().zip(percents(&planned)).map(line).collect()
}

/// Each one's share of all in whole percent, half rounded up; what is there at all has at least 1.
fn percents(all: &[u64]) -> Vec<u64> {
    let total: u128 = all.iter().map(|one| u128::from(*one)).sum();
    let percent = |one: &u64| {
        let rounded = (u128::from(*one) * 200 + total).checked_div(2 * total).unwrap_or_default();
        u64::try_from(rounded).unwrap_or(100).max(u64::from(*one > 0))
    };
    all.iter().map(percent).collect()
}

fn without_months(curve: &CurveOverrides) -> CurveOverrides {
    let kept = |kind: &Option<CurveKind>| kind.clone().filter(|kind| !matches!(kind, CurveKind::Monthly(_)));
    CurveOverrides { leads: kept(&curve.leads), spend: kept(&curve.spend), ..curve.clone() }
}

/// Days from one day to another; negative if that is earlier.
fn between(from: NaiveDate, to: NaiveDate) -> i64 {
    to.signed_duration_since(from).num_days()
}

#[cfg(test)]
mod tests {
    use super::percents;

    #[test]
    fn percents_are_whole_and_nothing_that_is_there_vanishes() {
        assert_eq!(percents(&[1, 1, 1]), [33, 33, 33]);
        assert_eq!(percents(&[995, 5, 0]), [100, 1, 0]);
        assert_eq!(percents(&[0, 0]), [0, 0]);
        assert_eq!(percents(&[7]), [100]);
        assert_eq!(percents(&[u64::MAX, u64::MAX]), [50, 50]);
        assert_eq!(percents(&[]), [] as [u64; 0]);
    }
}
