//! A template's campaigns in a period: by their days after its first, cut at its ends, with targets and budgets in the
//! template's proportions or as it has them.

use super::clean::filled;
use super::{Anchor, CampaignPart, Content, PromisePart, TaskPart};
use crate::domain::campaign::read::{NAME_LIMIT, TEXT_LIMIT};
use crate::domain::campaign::{BudgetLine, Campaign, CampaignState, budget};
use crate::domain::curve::plus;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::period::Period;
use crate::domain::plan::BySide;
use crate::domain::refusal::Refusal;
use crate::domain::task;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What a template is placed into.
#[derive(Clone, Copy, Debug)]
pub struct Onto<'a> {
    /// Where nothing may lie outside.
    pub period: Period,
    /// What days are counted from: the plan's first day, or the campaign's.
    pub first: NaiveDate,
    pub today: NaiveDate,
    pub currency: Currency,
    /// The partner whose name fills the blanks.
    pub partner: &'a str,
    pub totals: Totals,
}

/// What all campaigns together are to have, where that was said; it is spread in the template's proportions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub leads: Option<i64>,
    pub pipeline: Option<Money>,
    pub budget: Option<Money>,
}

/// A template as placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub campaigns: Vec<PlacedCampaign>,
    /// For the plan as a whole.
    pub promises: Vec<Due>,
    /// The names of campaigns of which no day lies inside.
    pub left_out: Vec<String>,
    /// It has amounts in another currency, which nobody replaced by others.
    pub other_currency: Option<Currency>,
}

/// A campaign that is still to get its ids, number and slug, with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedCampaign {
    pub campaign: Campaign,
    pub tasks: Vec<(TaskPart, NaiveDate)>,
    pub promises: Vec<Due>,
    /// Some of its days lay outside and were cut off.
    pub cut: bool,
}

/// A promise with its day.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    pub part: PromisePart,
    pub on: NaiveDate,
}

/// Lays a template over a period.
///
/// # Errors
/// `bad_input` for a budget that the template has no lines for, or an amount that can't be counted.
pub fn place(content: &Content, onto: Onto<'_>) -> Result<Placed, Refusal> {
    let mut inside = Vec::new();
    let mut left_out = Vec::new();
    for part in &content.campaigns {
        match days(part, onto) {
            Some(period) => inside.push((part, period)),
            None => left_out.push(filled(&part.name, onto.partner, NAME_LIMIT)),
        }
    }
    let parts: Vec<&CampaignPart> = inside.iter().map(|(part, _)| *part).collect();
    let all = amounts(&parts, content.currency, onto)?;
    let campaigns =
        inside.iter().zip(all).map(|((part, period), amounts)| campaign(part, *period, amounts, onto));
    let replaced = onto.totals.pipeline.is_some() && onto.totals.budget.is_some();
    let other = content.currency.filter(|currency| *currency != onto.currency && !replaced);
    Ok(Placed {
        campaigns: campaigns.collect(),
        promises: promises(&content.promises, onto.first, onto),
        left_out,
        other_currency: other,
    })
}

/// The days of a campaign that lie inside; `None` without any.
fn days(part: &CampaignPart, onto: Onto<'_>) -> Option<Period> {
    let (start, end) = span(part, onto);
    if !onto.period.overlaps(start, end) {
        return None;
    }
    Period::new(start.max(onto.period.start()), end.min(onto.period.end())).ok()
}

/// Its first and last day before anything is cut off.
fn span(part: &CampaignPart, onto: Onto<'_>) -> (NaiveDate, NaiveDate) {
    let start = plus(onto.first, part.starts_after);
    (start, plus(start, (part.days - 1).max(0)))
}

/// What a campaign is to bring and to cost.
#[derive(Clone, Debug, PartialEq)]
struct Amounts {
    leads: i64,
    pipeline: Money,
    won: Option<Money>,
    budget: Vec<BudgetLine>,
}

fn amounts(
    parts: &[&CampaignPart],
    currency: Option<Currency>,
    onto: Onto<'_>,
) -> Result<Vec<Amounts>, Refusal> {
    let bad = |error: MoneyError| Refusal::unreadable(&error, "");
    let weights = |of: fn(&CampaignPart) -> u64| -> Vec<u64> {
        let all: Vec<u64> = parts.iter().map(|part| of(part)).collect();
        // Targets that the template doesn't weigh are spread evenly.
        if all.iter().all(|weight| *weight == 0) { vec![1; all.len()] } else { all }
    };
    let none = Money::zero(onto.currency);
    let figures = |part: &CampaignPart| part.figures.clone().filter(|_| currency == Some(onto.currency));
    let mut all: Vec<Amounts> = parts
        .iter()
        .map(|part| {
            let money = figures(part);
            Amounts {
                leads: part.figures.as_ref().map_or(0, |figures| figures.leads),
                pipeline: money.as_ref().map_or(none, |figures| figures.pipeline),
                won: money.as_ref().and_then(|figures| figures.won),
                budget: money.map(|figures| figures.budget).unwrap_or_default(),
            }
        })
        .collect();
    if all.is_empty() {
        return Ok(all);
    }
    if let Some(leads) = onto.totals.leads {
        let spread = apportioned(leads.unsigned_abs(), &weights(|part| part.weights.leads));
        all.iter_mut()
            .zip(spread)
            .for_each(|(one, leads)| one.leads = i64::try_from(leads).unwrap_or(i64::MAX));
    }
    if let Some(pipeline) = onto.totals.pipeline {
        let spread = pipeline.split(&weights(|part| part.weights.pipeline)).map_err(bad)?;
        for (one, pipeline) in all.iter_mut().zip(spread) {
            *one = Amounts { pipeline, won: None, ..one.clone() };
        }
    }
    if let Some(budget) = onto.totals.budget {
        let own: Vec<u64> = parts.iter().map(|part| part.weights.budget).collect();
        let spread = budget.split(&own).map_err(|_| no_lines())?;
        for ((one, part), budget) in all.iter_mut().zip(parts).zip(spread) {
            one.budget = lines(part, budget).map_err(bad)?;
        }
    }
    Ok(all)
}

fn no_lines() -> Refusal {
    Refusal::bad_input(
        "The template has no budget lines to spread a budget over.",
        "Leave the option budget out, and add lines with /campaign budget.",
    )
}

/// A campaign's budget in its lines' proportions; what nobody is said to pay is the partner's.
fn lines(part: &CampaignPart, total: Money) -> Result<Vec<BudgetLine>, MoneyError> {
    if total.is_zero() {
        return Ok(Vec::new());
    }
    let weights: Vec<u64> = part.lines.iter().map(|line| line.percent).collect();
    let mut lines = Vec::new();
    for (line, planned) in part.lines.iter().zip(total.split(&weights)?) {
        let weights: Vec<u64> = line.shares.iter().map(|(_, percent)| *percent).collect();
        if planned.is_zero() || weights.iter().all(|weight| *weight == 0) {
            continue;
        }
        let sources = line.shares.iter().map(|(source, _)| *source);
        let shares = sources.zip(planned.split(&weights)?).filter(|(_, share)| !share.is_zero());
        lines.push(BudgetLine { what: line.what.clone(), planned, shares: shares.collect() });
    }
    Ok(lines)
}

/// A count split in proportion to whole weights, by largest remainder: the parts add up to it. Not all weights are 0.
fn apportioned(count: u64, weights: &[u64]) -> Vec<u64> {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum::<u128>().max(1);
    let shares = weights.iter().map(|weight| u128::from(count) * u128::from(*weight));
    let mut parts: Vec<(u128, u128)> = shares.map(|share| (share / total, share % total)).collect();
    let given: u128 = parts.iter().map(|part| part.0).sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| parts[*b].1.cmp(&parts[*a].1).then(a.cmp(b)));
    let left = usize::try_from(u128::from(count).saturating_sub(given)).unwrap_or_default();
    order.into_iter().take(left).for_each(|index| parts[index].0 += 1);
    parts.into_iter().map(|(units, _)| u64::try_from(units).unwrap_or(count)).collect()
}

fn campaign(part: &CampaignPart, period: Period, amounts: Amounts, onto: Onto<'_>) -> PlacedCampaign {
    let (start, end) = span(part, onto);
    let text = |text: &str| filled(text, onto.partner, TEXT_LIMIT);
    let inside = |days: &i64| plus(start, *days).clamp(period.start(), period.end());
    let due = |task: &TaskPart| {
        let from = if task.from == Anchor::Start { period.start() } else { period.end() };
        plus(from, task.days).max(onto.today)
    };
    let budget = amounts.budget.into_iter();
    let budget =
        budget.map(|line| BudgetLine { what: filled(&line.what, onto.partner, budget::WHAT_LIMIT), ..line });
    let campaign = Campaign {
        id: String::new(),
        partner_id: String::new(),
        plan_id: String::new(),
        number: 0,
        name: filled(&part.name, onto.partner, NAME_LIMIT),
        kind: part.kind,
        segment: text(&part.segment),
        message: text(&part.message),
        offer: text(&part.offer),
        channel: text(&part.channel),
        period,
        sends: part.sends.iter().map(inside).collect::<BTreeSet<_>>().into_iter().collect(),
        target_leads: amounts.leads,
        target_pipeline: amounts.pipeline,
        target_won: amounts.won,
        results_by: part.results_by,
        slug: String::new(),
        utm_id: String::new(),
        owner_vendor: None,
        owner_partner: None,
        budget: budget.collect(),
        effort: BySide::default(),
        curve: part.curve.clone(),
        checked: BTreeSet::new(),
        state: CampaignState::Proposed,
        cancelled_from: None,
        stopped: None,
    };
    let items = task::template::items(&campaign);
    let known =
        |task: &&TaskPart| task.kind.as_ref().is_none_or(|kind| items.iter().any(|item| item.kind == kind));
    let worded = |task: &TaskPart| TaskPart {
        what: filled(&task.what, onto.partner, task::WHAT_LIMIT),
        ..task.clone()
    };
    PlacedCampaign {
        cut: (start, end) != (period.start(), period.end()),
        tasks: part.tasks.iter().filter(known).map(|task| (worded(task), due(task))).collect(),
        promises: promises(&part.promises, start, onto),
        campaign,
    }
}

fn promises(parts: &[PromisePart], from: NaiveDate, onto: Onto<'_>) -> Vec<Due> {
    let due = |part: &PromisePart| Due {
        on: plus(from, part.due_after).max(onto.today),
        part: PromisePart { what: filled(&part.what, onto.partner, task::WHAT_LIMIT), ..part.clone() },
    };
    parts.iter().map(due).collect()
}

#[cfg(test)]
mod tests {
    use super::apportioned;

    #[test]
    fn counts_are_spread_to_the_last_one() {
        assert_eq!(apportioned(100, &[33, 33, 33]), [34, 33, 33]);
        assert_eq!(apportioned(1, &[1, 99]), [0, 1]);
        assert_eq!(apportioned(0, &[1, 1]), [0, 0]);
        assert_eq!(apportioned(7, &[0, 1]), [0, 7]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(count in 0_u64..1_000_000, weights in proptest::collection::vec(0_u64..100, 1..20)) {
            proptest::prop_assume!(weights.iter().any(|weight| *weight > 0));
            proptest::prop_assert_eq!(apportioned(count, &weights).iter().sum::<u64>(), count);
        }
    }
}
