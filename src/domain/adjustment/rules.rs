//! What an adjustment may change, by the day on which it would take effect (the day of the second signature):
//!
//! - nothing of a campaign that is executed, closed or cancelled;
//! - no start date, type or way of counting of a campaign that has started, and no send that has gone out;
//! - no day is set to one before the effective day;
//! - no target below what came, or below what was due until the evening before: a cut can't wipe out a past miss;
//! - no budget below what was spent, and no MDF or co-op share below what requests of the campaign hold of such funds: they
//!   are changed first;
//! - of the plan's own terms, neither the cadence nor the hours a week once its period is over: none of either is left;
//! - only a campaign that has not started is postponed. One that runs is cut short, or stopped and cancelled.
//!
//! They are checked when a change is filed and again with each signature, because days have passed by then.

use super::{Change, Outcome};
use crate::domain::campaign::{Campaign, CampaignState, FundingSource, check_sums};
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::plan::Plan;
use crate::domain::plan::own::OwnTerms;
use crate::domain::plan::rate::Rate;
use crate::domain::refusal::Refusal;
use crate::domain::variance::{CampaignLine, MeasureLine, VarianceReport};
use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What changes are checked against.
pub struct Ground<'a> {
    pub plan: &'a Plan,
    /// The day on which the changes would take effect.
    pub today: NaiveDate,
    /// The figures to the evening before.
    pub report: &'a VarianceReport,
    /// The rates that were signed with the plan.
    pub rates: &'a [Rate],
    /// What approved requests hold, by the campaign's id.
    pub committed: &'a BTreeMap<String, Vec<Held>>,
}

/// What approved requests of a campaign hold of the funds of one kind in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The shares that funds of that kind pay.
    pub source: FundingSource,
    /// In the funds' currency.
    pub held: Money,
}

impl Ground<'_> {
    fn line(&self, campaign: &Campaign) -> Option<&CampaignLine> {
        let key = campaign.name_short();
        self.report.campaigns.iter().find(|line| line.key == key)
    }

    fn has_started(&self, campaign: &Campaign) -> bool {
        match campaign.state {
            CampaignState::Postponed => false,
            CampaignState::Proposed | CampaignState::Planned | CampaignState::Ready => {
                campaign.period.start() < self.today
            }
            _ => true,
        }
    }
}

/// The campaigns after `changes`, one after the other.
///
/// # Errors
/// A refusal that names the first rule that a change breaks.
pub fn apply<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    campaigns: &[Campaign],
    ground: &Ground<'_>,
) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome { campaigns: campaigns.to_vec(), terms: None, ends_plan: false };
    for change in changes {
        match change {
            Change::Edit { to } => one(&mut outcome, &to.id, |found| Ok(edited(found, to)))?,
            Change::Add { campaign } => {
                outcome.campaigns.push(Campaign { state: CampaignState::Planned, ..(**campaign).clone() });
            }
            Change::Postpone { campaign, to } => {
                one(&mut outcome, campaign, |found| postponed(found, *to, ground))?;
            }
            Change::Cancel { campaign } => one(&mut outcome, campaign, |found| cancelled(found, ground))?,
            Change::Terms { to } => {
                check_terms(to, ground)?;
                outcome.terms = Some((**to).clone());
            }
            Change::CancelPlan => {
                outcome.ends_plan = true;
                for campaign in &mut outcome.campaigns {
                    if is_open(campaign) {
                        *campaign = cancelled(campaign.clone(), ground)?;
                    }
                }
            }
        }
    }
    for (before, after) in outcome.changed(campaigns) {
        check(before, after, ground)?;
    }
    check_sums(&outcome.campaigns, &ground.plan.name_short(), ground.plan.currency)?;
    Ok(outcome)
}

fn check_terms(to: &OwnTerms, ground: &Ground<'_>) -> Result<(), Refusal> {
    let plan = ground.plan;
    let over = |what: &str| {
        Refusal::wrong_state(
            format!("The period of {} ended on {}: {what}.", plan.name_short(), plan.period.end()),
            "What has happened stays as it is.",
        )
    };
    let is_over = ground.today > plan.period.end();
    if is_over && to.cadence != plan.cadence {
        return Err(over("no checkpoint is left that another cadence could move"));
    }
    if is_over && to.hours != plan.hours {
        return Err(over("no week is left that other hours could hold for"));
    }
    Ok(())
}

fn one(
    outcome: &mut Outcome,
    id: &str,
    change: impl FnOnce(Campaign) -> Result<Campaign, Refusal>,
) -> Result<(), Refusal> {
    let found = outcome.campaigns.iter_mut().find(|campaign| campaign.id == id);
    let campaign = found.ok_or_else(Refusal::not_found)?;
    changeable(campaign)?;
    *campaign = change(campaign.clone())?;
    Ok(())
}

/// Whether a campaign of a signed plan can still be changed.
///
/// # Errors
/// `wrong_state` once it is executed, closed or cancelled.
pub fn changeable(campaign: &Campaign) -> Result<(), Refusal> {
    if is_open(campaign) {
        return Ok(());
    }
    Err(Refusal::wrong_state(
        format!("{} is {} and can't be changed any more.", campaign.name_short(), campaign.state.label()),
        "What has happened stays as it is.",
    ))
}

fn is_open(campaign: &Campaign) -> bool {
    !matches!(campaign.state, CampaignState::Executed | CampaignState::Closed | CampaignState::Cancelled)
}

/// The campaign with the terms of `to`, standing where it stands now. One that waits for a date has one again if it is
/// given dates, be they the old ones; one that was ready for other dates or sends is not ready for these, as when it is
/// postponed.
fn edited(found: Campaign, to: &Campaign) -> Campaign {
    let moved = found.period != to.period || found.sends != to.sends;
    let state = match found.state {
        CampaignState::Postponed if found.period != to.period || to.state != CampaignState::Postponed => {
            CampaignState::Planned
        }
        CampaignState::Ready if moved => CampaignState::Planned,
        state => state,
    };
    Campaign {
        state,
        checked: found.checked,
        cancelled_from: found.cancelled_from,
        stopped: found.stopped,
        ..to.clone()
    }
}

fn postponed(campaign: Campaign, to: Option<Period>, ground: &Ground<'_>) -> Result<Campaign, Refusal> {
    if ground.has_started(&campaign) {
        return Err(Refusal::wrong_state(
            format!("{} has started and can't be postponed.", campaign.name_short()),
            "Cut it short with /campaign edit, or end it with /campaign stop or /campaign cancel.",
        ));
    }
    if to.is_none() && campaign.state == CampaignState::Postponed {
        return Err(Refusal::wrong_state(
            format!("{} is postponed without a date already.", campaign.name_short()),
            "Give it dates with the option start.",
        ));
    }
    Ok(postpone(campaign, to))
}

/// The campaign put off, with its sends moved along by as many days as its start.
pub fn postpone(mut campaign: Campaign, to: Option<Period>) -> Campaign {
    let Some(to) = to else {
        campaign.state = CampaignState::Postponed;
        return campaign;
    };
    let days = to.start().signed_duration_since(campaign.period.start());
    let moved = |send: &NaiveDate| send.checked_add_signed(TimeDelta::days(days.num_days())).unwrap_or(*send);
    campaign.sends = campaign.sends.iter().map(moved).collect();
    campaign.period = to;
    // A date that has moved has to be confirmed anew, so it is no longer ready either.
    if matches!(campaign.state, CampaignState::Postponed | CampaignState::Ready) {
        campaign.state = CampaignState::Planned;
    }
    campaign
}

fn cancelled(mut campaign: Campaign, ground: &Ground<'_>) -> Result<Campaign, Refusal> {
    campaign.state = CampaignState::Cancelled;
    campaign.cancelled_from = Some(ground.today);
    campaign.stopped = None;
    Ok(campaign)
}

/// Checks one campaign as it would be.
fn check(before: Option<&Campaign>, after: &Campaign, ground: &Ground<'_>) -> Result<(), Refusal> {
    if after.state == CampaignState::Cancelled {
        return Ok(());
    }
    after.check(ground.plan.period)?;
    let Some(before) = before else { return check_new(after, ground) };
    check_days(before, after, ground)?;
    check_targets(before, after, ground)?;
    check_budget(before, after, ground)
}

fn check_new(added: &Campaign, ground: &Ground<'_>) -> Result<(), Refusal> {
    let first = added.sends.iter().copied().chain([added.period.start()]).min();
    match first.filter(|day| *day < ground.today) {
        Some(day) => Err(has_passed(added, day, ground)),
        None => Ok(()),
    }
}

fn check_days(before: &Campaign, after: &Campaign, ground: &Ground<'_>) -> Result<(), Refusal> {
    let name = after.name_short();
    let started = ground.has_started(before);
    let kept =
        |what: &str| Refusal::wrong_state(format!("{name} has started: its {what} can't be changed."), "");
    if started && before.period.start() != after.period.start() {
        return Err(kept("start"));
    }
    if started && before.kind != after.kind {
        return Err(kept("type"));
    }
    if started && before.results_by != after.results_by {
        return Err(kept("way of counting leads"));
    }
    let moved = [(before.period.start(), after.period.start()), (before.period.end(), after.period.end())];
    if let Some((_, day)) = moved.iter().find(|(old, new)| old != new && *new < ground.today) {
        return Err(has_passed(after, *day, ground));
    }
    // A campaign that gets a date after having had none may not get one that has passed, even if it is the old one.
    if before.state == CampaignState::Postponed && after.state != CampaignState::Postponed {
        check_new(after, ground)?;
    }
    let gone = |sends: &[NaiveDate]| -> Vec<NaiveDate> {
        sends.iter().copied().filter(|send| *send < ground.today).collect()
    };
    if gone(&before.sends) != gone(&after.sends) {
        return Err(Refusal::wrong_state(
            format!("Sends of {name} before {} have gone out and can't be changed.", ground.today),
            "Keep them in the list, and change only later ones.",
        ));
    }
    Ok(())
}

fn has_passed(campaign: &Campaign, day: NaiveDate, ground: &Ground<'_>) -> Refusal {
    Refusal::bad_input(
        format!("{day} has passed: {} can't be set to it.", campaign.name_short()),
        format!("Give a day from {} on.", ground.today),
    )
}

fn check_targets(before: &Campaign, after: &Campaign, ground: &Ground<'_>) -> Result<(), Refusal> {
    let Some(line) = ground.line(before) else { return Ok(()) };
    if after.target_leads < before.target_leads {
        let least = floor(&line.lines.leads);
        if Decimal::from(after.target_leads) < least {
            return Err(too_low(after, "leads", least.ceil().to_string()));
        }
    }
    let currency = ground.plan.currency;
    let pairs = [
        ("pipeline", Some(before.target_pipeline), Some(after.target_pipeline), &line.lines.pipeline),
        ("won revenue", before.target_won, after.target_won, &line.lines.won),
    ];
    for (what, old, new, line) in pairs {
        let zero = Money::zero(currency);
        let (old, new) = (old.unwrap_or(zero), new.unwrap_or(zero));
        let least = floor(line);
        if new.decimal() < old.decimal() && new.decimal() < least {
            let least =
                Money::rounded(least, currency).map_or_else(|_| least.to_string(), |least| least.to_string());
            return Err(too_low(after, what, least));
        }
    }
    Ok(())
}

/// What came or was due, whichever is more.
fn floor(line: &MeasureLine) -> Decimal {
    line.actual.max(line.planned_to_date)
}

fn too_low(campaign: &Campaign, what: &str, least: String) -> Refusal {
    Refusal::bad_input(
        format!(
            "The target of {what} of {} can't go below what has come or was due by now.",
            campaign.name_short()
        ),
        format!("Give at least {least}: a cut doesn't undo a past miss."),
    )
}

fn check_budget(before: &Campaign, after: &Campaign, ground: &Ground<'_>) -> Result<(), Refusal> {
    let name = after.name_short();
    let total = |campaign: &Campaign| campaign.budget_total().map_or(Decimal::ZERO, Money::decimal);
    if let Some(line) = ground.line(before)
        && total(after) < total(before)
        && total(after) < line.lines.spend.actual
    {
        let currency = ground.plan.currency;
        let spent = Money::rounded(line.lines.spend.actual, currency)
            .map_or_else(|_| String::new(), |spent| spent.to_string());
        return Err(Refusal::bad_input(
            format!("{name} has spent {spent} already: its budget can't go below that."),
            "Give at least what is spent.",
        ));
    }
    [FundingSource::Mdf, FundingSource::CoOp]
        .into_iter()
        .try_for_each(|source| check_share(source, before, after, ground))
}

/// Whether the share of one kind of fund stays above what requests hold of funds of that kind, in the plan's currency.
fn check_share(
    source: FundingSource,
    before: &Campaign,
    after: &Campaign,
    ground: &Ground<'_>,
) -> Result<(), Refusal> {
    let share = |campaign: &Campaign| -> Decimal {
        let shares = campaign.budget.iter().flat_map(|line| &line.shares);
        shares.filter(|(of, _)| *of == source).map(|(_, share)| share.decimal()).sum()
    };
    if share(after) >= share(before) {
        return Ok(());
    }
    let (name, what) = (after.name_short(), source.label());
    let hint = "Committed money moves only through its requests: have them changed first.";
    let currency = ground.plan.currency;
    let (mut sum, mut said) = (Money::zero(currency), Vec::new());
    for Held { held, .. } in
        ground.committed.get(&before.id).into_iter().flatten().filter(|one| one.source == source)
    {
        let rate = ground.rates.iter().find(|rate| rate.currency == held.currency());
        let converted = match rate {
            _ if held.currency() == currency => Some(*held),
            Some(rate) => rate.convert(*held, currency).ok(),
            None => None,
        };
        let Some(total) = converted.and_then(|held| sum.checked_add(held).ok()) else {
            let code = held.currency().code();
            let sentence = format!(
                "Approved requests of {name} hold {held}, and the plan has no rate of {code}: its {what} share can't go down."
            );
            return Err(Refusal::wrong_state(sentence, hint));
        };
        sum = total;
        said.push(held.to_string());
    }
    if share(after) >= sum.decimal() {
        return Ok(());
    }
    let sentence = format!(
        "Approved requests of {name} hold {}: its {what} share can't go below that.",
        said.join(" and ")
    );
    Err(Refusal::wrong_state(sentence, hint))
}
