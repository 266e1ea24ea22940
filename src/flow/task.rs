//! Decisions about tasks. They need no signature: once the plan is agreed they change at once. Before, they are part of
//! what is being drafted, and a change of them voids signatures like any edit.

use super::campaign::pending;
use super::plan::{find, voided};
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::Campaign;
use crate::domain::command::TaskWish;
use crate::domain::command::task::{NewTask, TaskEdit};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
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
            found.may_be_changed(step)?;
            let removed = found.task.clone().removed(step.now, &step.context.person.id)?;
            changed(step, tx, found, removed, "task_removed", "removed").await
        }
        TaskWish::Done { partner, task } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            found.may_tick_off(step)?;
            found.plan_goes_on()?;
            let done = found.task.clone().done(step.now, &step.context.person.id)?;
            let post = text::task::done(&done, &found.campaign, &step.context.person.id);
            ticked(step, tx, found, done, "task_done", Some(post)).await
        }
        TaskWish::Reopen { partner, task } => {
            let found = Found::load(step, tx, partner.as_deref(), task).await?;
            found.may_tick_off(step)?;
            found.plan_goes_on()?;
            found.campaign_goes_on()?;
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

    /// Whether somebody says that the task is done, or is not: its own side alone knows.
    fn may_tick_off(&self, step: &Step<'_>) -> Result<(), Refusal> {
        let person = &step.context.person;
        // The company comes first: an owner who changed sides has nothing to do with it any more.
        authorise(person, Action::See, &self.partner.id)?;
        let side = self.task.side;
        if person.side() != side {
            return Err(Refusal::new(
                Code::MissingCapability,
                format!("{} is the {}'s task.", self.task.name_short(), side.code()),
                format!("Somebody of the {} says whether it is done.", side.code()),
            ));
        }
        let own = Some(person.id.as_str());
        if self.task.owner.as_deref() == own || self.campaign.owner(side) == own {
            return Ok(());
        }
        authorise(person, Action::TickOff, &self.partner.id)
    }

    /// Whether what is done still counts: nothing of a plan that is over is open any more, and nothing of it opens again.
    fn plan_goes_on(&self) -> Result<(), Refusal> {
        if !self.plan.state.is_over() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("{} is {}: its tasks stay as they are.", self.plan.name_short(), self.plan.state.label()),
            "",
        ))
    }

    /// Whether a task of the campaign may open again. One that is still open when its campaign closes may be said to be
    /// done, or it would stay overdue until the plan ends.
    fn campaign_goes_on(&self) -> Result<(), Refusal> {
        let campaign = &self.campaign;
        if !campaign.state.is_over() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("{} is {}: its tasks don't open again.", campaign.name_short(), campaign.state.label()),
            "",
        ))
    }

    /// Whether somebody changes what the task says, or takes it off the list. Once both sides have signed, each changes only
    /// what it owes itself: nobody finds their duties rewritten, or what they count on gone, by the other side's hand.
    fn may_be_changed(&self, step: &Step<'_>) -> Result<(), Refusal> {
        let person = &step.context.person;
        authorise(person, Action::EditPlan, &self.partner.id)?;
        let side = self.task.side;
        if self.plan.state.is_in_force() && person.side() != side {
            return Err(Refusal::wrong_state(
                format!(
                    "{} is signed by both sides, and {} is the {}'s task.",
                    self.plan.name_short(),
                    self.task.name_short(),
                    side.code()
                ),
                format!("Each side changes its own tasks: ask the {}.", side.code()),
            ));
        }
        Ok(())
    }
}

/// Whether there is anything left to do for a campaign.
fn takes_tasks(campaign: &Campaign) -> Result<(), Refusal> {
    if !campaign.state.is_over() {
        return Ok(());
    }
    let sentence = format!("{} is {}.", campaign.name_short(), campaign.state.label());
    Err(Refusal::wrong_state(sentence, "It takes no more tasks."))
}

async fn add(step: &Step<'_>, tx: &mut Tx, new: &NewTask) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(&new.campaign, "CMP", new.partner.as_deref())?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    takes_tasks(&campaign)?;
    let tasks = task::of_plan(tx, &plan.id).await?;
    let of_it = |task: &&Task| task.campaign_id == campaign.id && task.state != TaskState::Closed;
    if tasks.iter().filter(of_it).count() >= MAX_TASKS {
        return Err(Refusal::bad_input(
            format!("{} has {MAX_TASKS} tasks already.", campaign.name_short()),
            "Remove what is not needed with /task remove.",
        )
        .into());
    }
    let own = step.context.person.side();
    let side = new.side.as_deref().map_or(Ok(own), side)?;
    if let Some(owner) = &new.owner {
        step.context.acts_for(owner, side, partner)?;
    }
    let task = Task {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        campaign_id: campaign.id.clone(),
        number: program::next_number(tx, &partner.id, "task").await?,
        kind: None,
        what: what(&new.what)?,
        side,
        owner: new.owner.as_ref().map(|owner| owner.id.clone()),
        due_on: due(&new.due, plan.local_day(step.now))?,
        due_by_hand: true,
        state: TaskState::Open,
        settled: None,
    };
    task::insert(tx, &task).await?;
    let detail = json!({"number": task.number, "campaign": campaign.id, "side": side.code(), "due_on": task.due_on.to_string()});
    step.audit(tx, Some(&partner.id), "task_added", &task.id, detail).await?;
    // What one side asks of the other in a signed plan is told to it.
    if plan.state.is_in_force() && side != own {
        let text = text::task::told(&task, &campaign, "added", &step.context.person.id);
        tell(step, tx, partner, text).await?;
    }
    let note = voided(step, tx, partner, plan).await?;
    Ok(Reply::text(format!("{} is added. {}{note}", task.name_short(), text::task::line(&task, &campaign))))
}

async fn edited(step: &Step<'_>, tx: &mut Tx, found: Found<'_>, edit: &TaskEdit) -> Result<Reply, Stop> {
    found.may_be_changed(step)?;
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
    if let Some(owner) = &edit.owner {
        step.context.acts_for(owner, task.side, found.partner)?;
    }
    // Who owned it for the one side does not own it for the other.
    let stays = task.owner.filter(|_| !edit.unassign && task.side == found.task.side);
    task.owner = edit.owner.as_ref().filter(|_| !edit.unassign).map(|owner| owner.id.clone()).or(stays);
    if task == found.task {
        return Err(Refusal::bad_input(
            format!("{} is like that already.", task.name_short()),
            "Say what should be different.",
        )
        .into());
    }
    changed(step, tx, found, task, "task_edited", "changed").await
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
    // The other side signed it as it was.
    if found.plan.state.is_in_force() {
        let text = text::task::told(&task, &found.campaign, said, &step.context.person.id);
        tell(step, tx, found.partner, text).await?;
    }
    let note = voided(step, tx, found.partner, found.plan).await?;
    let line = text::task::line(&task, &found.campaign);
    Ok(Reply::text(format!("{} is {said}. {line}{note}", task.name_short())))
}

async fn tell(step: &Step<'_>, tx: &mut Tx, partner: &Partner, text: String) -> Result<(), Fault> {
    let post = Post { text, ..Post::default() };
    outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
    Ok(())
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
        tell(step, tx, found.partner, text).await?;
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
            let only = pending::changeable(read, &partner.id, number).await?;
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
