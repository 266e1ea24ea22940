//! Decisions about campaigns: add one, change it, bring it to its end, log spend or results against it.

mod edit;
pub(super) mod pending;
pub(crate) mod question;
mod run;
mod show;

pub(super) use show::show;

use super::plan::{find, voided};
use super::{Reply, Step, Stop, adjust, task, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Side;
use crate::domain::adjustment::Change;
use crate::domain::campaign::budget::SharesSaid;
use crate::domain::campaign::{BudgetLine, Campaign, CampaignState, FundingSource, ResultsBy, read};
use crate::domain::capacity::overfilled_by;
use crate::domain::command::{CampaignWish, NewCampaign, NewEntry};
use crate::domain::curve::CurveOverrides;
use crate::domain::log::{Entry, EntryKind};
use crate::domain::money::parse_amount_in;
use crate::domain::plan::{BySide, Plan};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::slug::{slug, with_ending};
use crate::domain::unseen::is_blank;
use crate::store::{Read, Tx, campaign, effort, outbox, plan, program};
use crate::text;
use chrono::Days;
use serde_json::json;
use std::collections::BTreeSet;

pub(super) async fn decide(step: &Step<'_>, tx: &mut Tx, wish: &CampaignWish) -> Result<Reply, Stop> {
    match wish {
        CampaignWish::Edit { partner, campaign, edit, reason } => {
            let named = edit::Named { partner: partner.as_deref(), campaign, reason: reason.as_deref() };
            edit::by_command(step, tx, &named, edit).await
        }
        CampaignWish::Texts { id, seen, texts } => edit::texts(step, tx, id, *seen, texts).await,
        CampaignWish::Check { partner, campaign, item, done } => {
            run::check(step, tx, (partner.as_deref(), campaign), item, *done).await
        }
        CampaignWish::Ready { partner, campaign, anyway } => {
            run::ready(step, tx, (partner.as_deref(), campaign), *anyway).await
        }
        CampaignWish::Done { partner, campaign } => run::done(step, tx, (partner.as_deref(), campaign)).await,
        CampaignWish::DoneById { id, seen_end } => run::done_by_id(step, tx, id, *seen_end).await,
    }
}

pub(super) async fn add(step: &Step<'_>, tx: &mut Tx, new: &NewCampaign) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, new.partner.as_deref(), new.plan.as_deref()).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?;
    if plan.state.is_in_force() {
        return add_to_signed(step, tx, partner, plan, new).await;
    }
    let currently = plan.clone().edited()?;
    let draft = draft(step, partner, &currently, new)?;
    draft.check(plan.period)?;
    let number = program::next_number(tx, &partner.id, "campaign").await?;
    let slug = free_slug(tx, &partner.id, new.slug.is_some(), &draft.slug, number).await?;
    let campaign = Campaign { number, slug, ..draft };
    campaign::insert(tx, &step.app.clock, &campaign, &step.context.person.id).await?;
    task::follow(step, tx, &campaign, &campaign, &currently).await?;
    let detail = json!({"number": number, "plan": plan.id, "rev": currently.rev});
    step.audit(tx, Some(&partner.id), "campaign_added", &campaign.id, detail).await?;
    let note = voided(step, tx, partner, plan).await?;
    let mut text = format!("{} is added to {}.{note}", campaign.name_short(), currently.name_short());
    text.push_str(&overfull_said(tx, &currently, &campaign, None).await?);
    let mut card = text::campaign::card(&campaign, &currently);
    card.buttons.extend(text::plan::next_steps(&currently));
    Ok(Reply::card(text, card))
}

/// Files an added campaign as an adjustment. It gets its number now, so that both sides can name it.
async fn add_to_signed(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    new: &NewCampaign,
) -> Result<Reply, Stop> {
    let draft = draft(step, partner, &plan, new)?;
    draft.check(plan.period)?;
    let number = program::next_number(tx, &partner.id, "campaign").await?;
    let slug = free_slug(tx, &partner.id, new.slug.is_some(), &draft.slug, number).await?;
    let change = Change::Add { campaign: Box::new(Campaign { number, slug, ..draft }) };
    adjust::file(step, tx, partner, plan, change, new.reason.as_deref().unwrap_or_default()).await
}

fn draft(step: &Step<'_>, partner: &Partner, plan: &Plan, new: &NewCampaign) -> Result<Campaign, Refusal> {
    let today = plan.local_day(step.now);
    let start = read::day(&new.start, today)?;
    let end = new.end.as_deref().map_or(Ok(start), |text| read::day(text, today))?;
    let id = step.app.clock.new_id();
    let name = read::name(&new.name)?;
    let text =
        |option: &str, value: &Option<String>| read::text(option, value.as_deref().unwrap_or_default());
    Ok(Campaign {
        utm_id: id.clone(),
        id,
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        number: 0,
        kind: read::kind(&new.kind)?,
        segment: text("segment", &new.segment)?,
        message: text("message", &new.message)?,
        offer: text("offer", &new.offer)?,
        channel: text("channel", &new.channel)?,
        period: read::period(start, end)?,
        sends: read::sends(new.sends.as_deref().unwrap_or_default(), today)?,
        target_leads: new.leads,
        target_pipeline: read::money(&new.pipeline, plan.currency)?,
        target_won: new.won.as_deref().map(|won| read::money(won, plan.currency)).transpose()?,
        results_by: new.results.as_deref().map_or(Ok(ResultsBy::Crm), read::results)?,
        slug: slug(
            new.slug.as_deref().unwrap_or(&format!("{}-{}-{name}", step.context.program.key, partner.key)),
        ),
        name,
        owner_vendor: None,
        owner_partner: None,
        budget: budget(new, plan)?,
        effort: BySide::default(),
        curve: CurveOverrides::default(),
        checked: BTreeSet::new(),
        state: CampaignState::Proposed,
        cancelled_from: None,
        stopped: None,
    })
}

/// One budget line, funded by MDF up to the share or amount given, the rest by the partner.
fn budget(new: &NewCampaign, plan: &Plan) -> Result<Vec<BudgetLine>, Refusal> {
    let Some(planned) = &new.budget else {
        if new.mdf.is_some() {
            return Err(Refusal::bad_input(
                "An MDF share needs a budget.",
                "Give the option budget as well.",
            ));
        }
        return Ok(Vec::new());
    };
    let planned = read::money(planned, plan.currency)?;
    let shares = SharesSaid { mdf: new.mdf.clone(), ..SharesSaid::default() }.of(planned)?;
    Ok(vec![BudgetLine { what: "Campaign".to_owned(), planned, shares }])
}

/// The longest text of an option, in characters.
const SAID_LIMIT: usize = 1000;

/// What somebody wrote in an option, without the spaces around it; `None` for nothing.
pub(super) fn said(option: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    let text = text.map(str::trim).filter(|text| !is_blank(text));
    if text.is_some_and(|text| text.chars().count() > SAID_LIMIT) {
        return Err(Refusal::bad_input(
            format!("The option {option} takes at most {SAID_LIMIT} characters."),
            "Say it shorter.",
        ));
    }
    Ok(text.map(str::to_owned))
}

/// A slug that no other campaign of the partner has: what was asked for is refused if taken, what was made from the
/// names gets the campaign's number.
pub(super) async fn free_slug(
    read: &mut Read,
    partner_id: &str,
    asked: bool,
    wanted: &str,
    number: i64,
) -> Result<String, Stop> {
    if !wanted.is_empty() && !pending::slug_taken(read, partner_id, wanted, number).await? {
        return Ok(wanted.to_owned());
    }
    if asked && !wanted.is_empty() {
        return Err(slug_refused(wanted).into());
    }
    let base = if wanted.is_empty() { "campaign" } else { wanted };
    let mut ending = number.to_string();
    loop {
        let made = with_ending(base, &ending);
        if !pending::slug_taken(read, partner_id, &made, number).await? {
            return Ok(made);
        }
        // Somebody has chosen that one by hand.
        ending.push_str("-x");
    }
}

/// That a slug is another campaign's.
pub(super) fn slug_refused(wanted: &str) -> Refusal {
    let sentence = format!("You have a campaign with the utm_campaign \"{wanted}\" already.");
    Refusal::bad_input(sentence, "Choose another slug.")
}

/// The warning that belongs to an answer about a campaign of a draft that asks too much of a week; empty if it doesn't, or
/// did as much in `before`.
pub(super) async fn overfull_said(
    read: &mut Read,
    plan: &Plan,
    campaign: &Campaign,
    before: Option<&Campaign>,
) -> Result<String, Stop> {
    let efforts = effort::of_partner(read, &plan.partner_id).await?;
    let mut all = campaign::of_plan(read, &plan.id).await?;
    let after = overfilled_by(plan, &all, campaign, &efforts);
    if let Some(before) = before {
        all.iter_mut().filter(|one| one.id == before.id).for_each(|one| *one = before.clone());
        if overfilled_by(plan, &all, before, &efforts) == after {
            return Ok(String::new());
        }
    }
    if after.is_empty() {
        return Ok(String::new());
    }
    Ok(format!(" ⚠ With it, {}.", text::readiness::overfull(&after)))
}

pub(super) async fn log(step: &Step<'_>, tx: &mut Tx, new: &NewEntry) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(&new.campaign, "CMP", new.partner.as_deref())?;
    authorise(&step.context.person, Action::Log, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    if !plan.state.is_in_force() {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: spend and results are logged once both sides have signed it.",
                plan.name_short(),
                plan.state.label()
            ),
            "",
        )
        .into());
    }
    let entry = match &new.reverse {
        Some(reversed) => reversal(step, tx, partner, &campaign, reversed).await?,
        None => fresh(step, &plan, &campaign, new)?,
    };
    let number = program::next_number(tx, &partner.id, "log").await?;
    let entry = Entry { number, ..entry };
    campaign::insert_entry(tx, &partner.id, &entry).await?;
    let detail = json!({"campaign": campaign.id, "kind": entry.kind.code(), "amount": entry.amount.to_string(), "reverses": entry.reverses});
    step.audit(tx, Some(&partner.id), "logged", &entry.id, detail).await?;
    let said = text::campaign::logged(&entry, &campaign, plan.currency);
    if step.context.person.side() == Side::Partner || new.reverse.is_some() {
        let post = text::card::Post { text: said.clone(), ..Default::default() };
        outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
    }
    Ok(Reply::text(said))
}

async fn reversal(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    campaign: &Campaign,
    named: &str,
) -> Result<Entry, Stop> {
    let (_, number) = crate::domain::command::short_name(named, "LOG").ok_or_else(Refusal::not_found)?;
    let (entry, reversed) =
        campaign::entry_by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    if entry.campaign_id != campaign.id {
        return Err(Refusal::not_found().into());
    }
    Ok(entry.reversal(reversed, step.app.clock.new_id(), 0, &step.context.person.id, step.now)?)
}

/// How long before its plan something may have been spent, in days: deposits are paid early.
const LOGGED_BEFORE_DAYS: u64 = 366;

fn fresh(step: &Step<'_>, plan: &Plan, campaign: &Campaign, new: &NewEntry) -> Result<Entry, Refusal> {
    let today = plan.local_day(step.now);
    let (kind, amount) = match (&new.spend, new.leads) {
        (Some(spend), None) => (
            EntryKind::Spend,
            parse_amount_in(spend, plan.currency).map_err(|error| unreadable(&error, ""))?.minor(),
        ),
        (None, Some(leads)) => (EntryKind::Leads, by_hand(campaign, leads)?),
        _ => {
            return Err(Refusal::bad_input(
                "Log spend or leads, one at a time.",
                "Give the option spend or the option leads, or reverse with an entry such as LOG-3.",
            ));
        }
    };
    if amount <= 0 {
        return Err(Refusal::bad_input(
            "What is logged must be above zero.",
            "To take an entry back, use the option reverse.",
        ));
    }
    let occurred_on = new.date.as_deref().map_or(Ok(today), |text| read::day(text, today))?;
    if occurred_on > today {
        return Err(Refusal::bad_input(format!("{occurred_on} is in the future."), "Log what has happened."));
    }
    let earliest = plan.period.start().checked_sub_days(Days::new(LOGGED_BEFORE_DAYS));
    if earliest.is_some_and(|earliest| occurred_on < earliest) {
        return Err(Refusal::bad_input(
            format!("{occurred_on} is long before the plan, which starts on {}.", plan.period.start()),
            format!("Give a day from at most {LOGGED_BEFORE_DAYS} days before."),
        ));
    }
    let source = match new.source.as_deref() {
        Some(code) => Some(FundingSource::parse(code).ok_or_else(|| {
            Refusal::bad_input("I don't know that funding source.", "Pick one from the list.")
        })?),
        None => None,
    };
    Ok(Entry {
        id: step.app.clock.new_id(),
        campaign_id: campaign.id.clone(),
        number: 0,
        kind,
        occurred_on,
        recorded_at: step.now,
        amount,
        source,
        payer: said("payer", new.payer.as_deref())?,
        invoice_number: said("invoice", new.invoice.as_deref())?,
        note: said("note", new.note.as_deref())?,
        logged_by: step.context.person.id.clone(),
        reverses: None,
    })
}

fn by_hand(campaign: &Campaign, leads: i64) -> Result<i64, Refusal> {
    match campaign.results_by {
        ResultsBy::Hand => Ok(leads),
        ResultsBy::Crm => Err(Refusal::bad_input(
            format!("Leads of {} are counted by the CRM.", campaign.name_short()),
            "Leads are logged only for campaigns set to results: by hand; the two are never mixed.",
        )),
    }
}
