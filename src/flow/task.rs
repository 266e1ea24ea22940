//! Decisions about tasks. They need no signature: once the plan is agreed they change at once. Before, they are part of
//! what is being drafted, and a change of them voids signatures like any edit.

use super::plan::{find, voided};
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::command::TaskWish;
use crate::domain::command::task::{NewTask, TaskEdit};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::task::{MAX_TASKS, Task, TaskState, due, side, template, what};
use crate::fault::Fault;
use crate::store::{Read, Tx, campaign, outbox, plan, program, task};
use crate::text;
use crate::text::card::{Card, Post};
use serde_json::json;

pub(super) async fn decide(step: &Step<'_>, tx: &mut Tx, wish: &TaskWish) -> Result<Reply, Stop> {
    match wish {
        TaskWish::Add(new) => add(step, tx, new).await,
        TaskWish::Edit { partner, task, edit } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            edited(step, tx, found, edit).await
        }
        TaskWish::Remove { partner, task } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            authorise(&step.context.person, Action::EditPlan, &found.partner.id)?;
            let removed = found.task.clone().removed(step.now, &step.context.person.id)?;
            changed(step, tx, found, removed, "task_removed", "is removed").await
        }
        TaskWish::Done { partner, task } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            found.may_tick_off(step)?;
            let done = found.task.clone().done(step.now, &step.context.person.id)?;
            let post = text::task::done(&done, &found.campaign, &step.context.person.id);
            ticked(step, tx, found, done, "task_done", Some(post)).await
        }
        TaskWish::Reopen { partner, task } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            found.may_tick_off(step)?;
            let open = found.task.clone().reopened()?;
            ticked(step, tx, found, open, "task_reopened", None).await
        }
    }
}

/// A task with what it belongs to; the partner is locked.
struct Found<'a> {
    partner: &'a Partner,
    plan: Plan,
    campaign: Campaign,
    task: Task,
}

impl<'a> Found<'a> {
    async fn load(step: &Step<'a>, tx: &mut Tx, partner: Option<&str>, named: &str) -> Result<Self, Stop> {
        let (partner, number) = step.context.named(named, "TSK", partner)?;
        program::lock_partner(tx, &partner.id).await?;
        let task = task::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
        let plan = plan::by_id(tx, &task.plan_id).await?.ok_or_else(Refusal::not_found)?;
        let campaign = campaign::by_id(tx, &task.campaign_id).await?;
        Ok(Self { partner, plan, campaign, task })
    }

    fn may_tick_off(&self, step: &Step<'_>) -> Result<(), Refusal> {
        let person = &step.context.person;
        // The company comes first: an owner who changed sides has nothing to do with it any more.
        authorise(person, Action::See, &self.partner.id)?;
        if self.task.owner.as_deref() == Some(person.id.as_str()) || self.campaign.is_owned_by(&person.id) {
            return Ok(());
        }
        authorise(person, Action::TickOff, &self.partner.id)
    }
}

async fn add(step: &Step<'_>, tx: &mut Tx, new: &NewTask) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(&new.campaign, "CMP", new.partner.as_deref())?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    if matches!(campaign.state, CampaignState::Cancelled | CampaignState::Closed) {
        let sentence = format!("{} is {}.", campaign.name_short(), campaign.state.label());
        return Err(Refusal::wrong_state(sentence, "It takes no more tasks.").into());
    }
    let tasks = task::of_plan(tx, &plan.id).await?;
    let of_it = |task: &&Task| task.campaign_id == campaign.id && task.state != TaskState::Closed;
    if tasks.iter().filter(of_it).count() >= MAX_TASKS {
        return Err(Refusal::bad_input(
            format!("{} has {MAX_TASKS} tasks already.", campaign.name_short()),
            "Remove what is not needed with /task remove.",
        )
        .into());
    }
    let side = new.side.as_deref().map_or(Ok(step.context.person.side()), side)?;
    let task = Task {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        campaign_id: campaign.id.clone(),
        number: program::next_number(tx, &partner.id, "task").await?,
        kind: None,
        what: what(&new.what)?,
        side,
        owner: new.owner.clone(),
        due_on: due(&new.due, plan.local_day(step.now))?,
        due_by_hand: true,
        state: TaskState::Open,
        settled: None,
    };
    task::insert(tx, &task).await?;
    let detail = json!({"number": task.number, "campaign": campaign.id, "side": side.code(), "due_on": task.due_on.to_string()});
    step.audit(tx, Some(&partner.id), "task_added", &task.id, detail).await?;
    let note = voided(step, tx, partner, plan).await?;
    Ok(Reply::text(format!("{} is added. {}{note}", task.name_short(), text::task::line(&task, &campaign))))
}

async fn edited(step: &Step<'_>, tx: &mut Tx, found: Found<'_>, edit: &TaskEdit) -> Result<Reply, Stop> {
    authorise(&step.context.person, Action::EditPlan, &found.partner.id)?;
    found.task.must_be(TaskState::Open)?;
    let mut task = found.task.clone();
    if let Some(text) = &edit.what {
        task.what = what(text)?;
    }
    if let Some(text) = &edit.side {
        task.side = side(text)?;
    }
    if let Some(text) = &edit.due {
        task.due_on = due(text, found.plan.local_day(step.now))?;
        task.due_by_hand = true;
    }
    task.owner = if edit.unassign { None } else { edit.owner.clone().or(task.owner) };
    if task == found.task {
        return Err(Refusal::bad_input(
            format!("{} is like that already.", task.name_short()),
            "Say what should be different.",
        )
        .into());
    }
    changed(step, tx, found, task, "task_edited", "is changed").await
}

/// Saves a change of what the task says, which is part of what is signed.
async fn changed(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    task: Task,
    code: &str,
    said: &str,
) -> Result<Reply, Stop> {
    task::save(tx, &task).await?;
    let detail =
        json!({"side": task.side.code(), "due_on": task.due_on.to_string(), "state": task.state.code()});
    step.audit(tx, Some(&found.partner.id), code, &task.id, detail).await?;
    let note = voided(step, tx, found.partner, found.plan).await?;
    let line = text::task::line(&task, &found.campaign);
    Ok(Reply::text(format!("{} {said}. {line}{note}", task.name_short())))
}

/// Saves that a task is done or not, which nobody signs; `post` tells the other side once the plan is in force.
async fn ticked(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    task: Task,
    code: &str,
    post: Option<String>,
) -> Result<Reply, Stop> {
    task::save(tx, &task).await?;
    step.audit(tx, Some(&found.partner.id), code, &task.id, json!({"state": task.state.code()})).await?;
    if let Some(text) = post.filter(|_| found.plan.state.is_in_force()) {
        let post = Post { text, ..Post::default() };
        outbox::post(tx, &step.app.clock, &found.partner.channel_id, &post, &[]).await?;
    }
    Ok(Reply::text(format!("{} is {}.", task.name_short(), task.state.label())))
}

/// Brings a campaign's tasks to what its template says of it, now that it is no longer as `before` (the same for a new
/// one): adds what is missing, moves days that nobody set by hand, closes what its type has no more.
///
/// # Errors
/// A fault of the database.
pub(super) async fn follow(
    step: &Step<'_>,
    tx: &mut Tx,
    before: &Campaign,
    campaign: &Campaign,
    plan: &Plan,
) -> Result<(), Fault> {
    let mut tasks = task::of_plan(tx, &plan.id).await?;
    tasks.retain(|task| task.campaign_id == campaign.id);
    let followed = template::follow(before, campaign, &tasks, plan.local_day(step.now), step.now);
    for task in &followed.changed {
        task::save(tx, task).await?;
    }
    for (item, due_on) in followed.missing {
        let task = Task {
            id: step.app.clock.new_id(),
            partner_id: campaign.partner_id.clone(),
            plan_id: plan.id.clone(),
            campaign_id: campaign.id.clone(),
            number: program::next_number(tx, &campaign.partner_id, "task").await?,
            kind: Some(item.kind.to_owned()),
            what: item.what.to_owned(),
            side: item.side,
            owner: None,
            due_on,
            due_by_hand: false,
            state: TaskState::Open,
            settled: None,
        };
        task::insert(tx, &task).await?;
    }
    Ok(())
}

/// A page of a plan's tasks, or of one campaign's.
pub(super) async fn list(
    step: &Step<'_>,
    read: &mut Read,
    (partner, plan, campaign): (Option<&str>, Option<&str>, Option<&str>),
    page: Option<i64>,
) -> Result<Card, Stop> {
    let context = step.context;
    let (plan, only) = match campaign {
        Some(named) => {
            let (partner, number) = context.named(named, "CMP", partner)?;
            authorise(&context.person, Action::See, &partner.id)?;
            let only =
                campaign::by_number(read, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
            (plan::by_id(read, &only.plan_id).await?.ok_or_else(Refusal::not_found)?, Some(only))
        }
        None => {
            let (partner, plan) = find(context, read, partner, plan).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            (plan, None)
        }
    };
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let mut tasks = task::of_plan(read, &plan.id).await?;
    tasks.retain(|task| task.state != TaskState::Closed);
    tasks.retain(|task| only.as_ref().is_none_or(|only| task.campaign_id == only.id));
    // What is open comes first, the earliest day on top.
    tasks.sort_by_key(|task| (task.state, task.due_on, task.number));
    let page = page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
    Ok(text::task::list(&plan, only.as_ref(), &campaigns, &tasks, plan.local_day(step.now), page))
}
