//! A plan made from an earlier one: the same campaigns, tasks, targets and budgets in another period, all of it fresh.
//! Promises are not copied: they are undertaken anew. No signature, state or result comes along.

use super::campaign::free_slug;
use super::plan::{find, named, period, sign_by_in_future, terms, view_card};
use super::{Reply, Step, Stop, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::command::plan::ClonePlan;
use crate::domain::curve::CurveOverrides;
use crate::domain::money::Currency;
use crate::domain::plan::shift::Shift;
use crate::domain::plan::terms::Terms;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::refusal::Refusal;
use crate::domain::task::{Task, TaskState};
use crate::store::{Tx, campaign, plan, program, task};
use crate::text;
use serde_json::json;
use std::collections::BTreeSet;

pub(super) async fn clone(step: &Step<'_>, tx: &mut Tx, wish: &ClonePlan) -> Result<Reply, Stop> {
    let (partner, from) = find(step.context, tx, wish.partner.as_deref(), Some(&wish.from)).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let from = terms(tx, &from).await?;
    same_currency(wish, &from.plan)?;
    let draft = fresh_plan(step, &from.plan, wish)?;
    let number = program::next_number(tx, &partner.id, "plan").await?;
    let plan = Plan { number, ..draft };
    plan::insert(tx, &plan).await?;
    let shift = Shift::between(from.plan.period, plan.period);
    let (mut copied, mut left_out) = (0, Vec::new());
    for old in from.campaigns.iter().filter(|old| old.state != CampaignState::Cancelled) {
        let moved = moved(step, old, &plan, shift);
        if moved.check(plan.period).is_err() {
            left_out.push(old.name_short());
            continue;
        }
        insert_campaign(step, tx, &from, old, moved, shift).await?;
        copied += 1;
    }
    let detail = json!({"number": number, "from": from.plan.id, "campaigns": copied, "left_out": left_out});
    step.audit(tx, Some(&partner.id), "plan_cloned", &plan.id, detail).await?;
    let card = text::plan::for_one_person(view_card(step, tx, partner, &plan).await?, &plan);
    let mut said = format!(
        "{} is a draft made from {}, with {copied} campaigns. Promises are not copied.",
        plan.name_short(),
        from.plan.name_short()
    );
    said.push_str(&text::setup::period_read(&wish.period, plan.period, step.context.program.fiscal_year));
    if !left_out.is_empty() {
        said.push_str(&format!(" Outside the new period and left out: {}.", left_out.join(", ")));
    }
    Ok(Reply::card(said, card))
}

fn same_currency(wish: &ClonePlan, from: &Plan) -> Result<(), Refusal> {
    let Some(code) = &wish.currency else { return Ok(()) };
    let wanted = Currency::parse(code).map_err(|error| unreadable(&error, ""))?;
    if wanted == from.currency {
        return Ok(());
    }
    Err(Refusal::bad_input(
        format!(
            "{} is in {}, so its targets and budgets can't become {}.",
            from.name_short(),
            from.currency.code(),
            wanted.code()
        ),
        "Leave the option currency out, or create a new plan with /plan create.",
    ))
}

fn fresh_plan(step: &Step<'_>, from: &Plan, wish: &ClonePlan) -> Result<Plan, Refusal> {
    let today = from.local_day(step.now);
    let period = period(step, &wish.period, today)?;
    Ok(Plan {
        id: step.app.clock.new_id(),
        number: 0,
        name: named(wish.name.as_deref(), period)?,
        period,
        sign_by: sign_by_in_future(Plan::default_sign_by(period), today)?,
        state: PlanState::Draft,
        returned_reason: None,
        rev: 1,
        revision: 0,
        created_at: step.now,
        created_by: step.context.person.id.clone(),
        proposed_at: None,
        agreed_at: None,
        ..from.clone()
    })
}

fn moved(step: &Step<'_>, old: &Campaign, plan: &Plan, shift: Shift) -> Campaign {
    let id = step.app.clock.new_id();
    let moved = Campaign {
        utm_id: id.clone(),
        id,
        plan_id: plan.id.clone(),
        number: 0,
        period: shift.period(old.period),
        sends: old.sends.iter().map(|send| shift.day(*send)).collect::<BTreeSet<_>>().into_iter().collect(),
        curve: shift.curve(&old.curve),
        checked: BTreeSet::new(),
        state: CampaignState::Proposed,
        cancelled_from: None,
        stopped: None,
        ..old.clone()
    };
    // Moved by days, weights by month may no longer fit the months: then the type's own curve holds.
    if moved.shape().is_err() { Campaign { curve: CurveOverrides::default(), ..moved } } else { moved }
}

async fn insert_campaign(
    step: &Step<'_>,
    tx: &mut Tx,
    from: &Terms,
    old: &Campaign,
    moved: Campaign,
    shift: Shift,
) -> Result<(), Stop> {
    let number = program::next_number(tx, &moved.partner_id, "campaign").await?;
    let slug = free_slug(tx, &moved.partner_id, false, &old.slug, number).await?;
    let fresh = Campaign { number, slug, ..moved };
    campaign::insert(tx, &step.app.clock, &fresh, &step.context.person.id).await?;
    let own = |task: &&Task| task.campaign_id == old.id && task.state != TaskState::Closed;
    for old in from.tasks.iter().filter(own) {
        let copy = Task {
            id: step.app.clock.new_id(),
            plan_id: fresh.plan_id.clone(),
            campaign_id: fresh.id.clone(),
            number: program::next_number(tx, &fresh.partner_id, "task").await?,
            due_on: shift.day(old.due_on),
            state: TaskState::Open,
            settled: None,
            ..old.clone()
        };
        task::insert(tx, &copy).await?;
    }
    Ok(())
}
