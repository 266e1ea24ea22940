//! When something is due for a plan, worked out from its dates and from the slots that were taken. It reads and decides
//! nothing else, and it is the same for a tick and for the question when the next one has something to do.

use crate::domain::cadence::{Slot, start_of_day};
use crate::domain::campaign::CampaignState;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::request::RequestState;
use crate::fault::Fault;
use crate::report::figures;
use crate::store::checkpoint::{self, Clocked};
use crate::store::{Read, campaign, claim, request};
use chrono::{DateTime, NaiveDate, Utc};

/// The jobs of a plan, by the names of their slots.
pub(super) fn checkpoint_job(plan_id: &str) -> String {
    format!("checkpoint:{plan_id}")
}

pub(super) fn reminder_job(plan_id: &str) -> String {
    format!("reminder:{plan_id}")
}

/// Another last day to sign has warnings of its own.
pub(super) fn sign_by_job(plan: &Plan) -> String {
    format!("sign_by:{}:{}", plan.id, plan.sign_by)
}

/// What the clock knows of a plan.
pub(super) struct Agenda {
    plan: Plan,
    campaigns: Vec<Clocked>,
    last_checkpoint: Option<DateTime<Utc>>,
    last_reminder: Option<DateTime<Utc>>,
    last_warning: Option<DateTime<Utc>>,
    /// The executed campaigns that nothing keeps open, by id, with the day on which each closes.
    settling: Vec<(String, NaiveDate)>,
    /// The day on which a closing plan closes; `None` while something keeps it open.
    closes_on: Option<NaiveDate>,
}

/// A checkpoint that is due, with those before it that nobody posted.
pub(super) struct DueCheckpoint {
    pub slot: Slot,
    pub missed: Vec<Slot>,
}

/// A reminder that is due.
pub(super) struct DueReminder {
    pub slot: Slot,
    pub remind_at: DateTime<Utc>,
    /// The checkpoint before, if there was one.
    pub previous: Option<DateTime<Utc>>,
}

pub(super) async fn load(read: &mut Read, plan: &Plan) -> Result<Agenda, Fault> {
    let campaigns = if plan.state.is_in_force() {
        checkpoint::clocked_campaigns(read, &plan.id).await?
    } else {
        Vec::new()
    };
    let has_executed = campaigns.iter().any(|one| one.state == CampaignState::Executed);
    let mut agenda = Agenda {
        plan: plan.clone(),
        campaigns,
        settling: if has_executed { settling(read, plan).await? } else { Vec::new() },
        last_checkpoint: checkpoint::last_slot(read, &checkpoint_job(&plan.id)).await?,
        last_reminder: checkpoint::last_slot(read, &reminder_job(&plan.id)).await?,
        last_warning: checkpoint::last_slot(read, &sign_by_job(plan)).await?,
        closes_on: None,
    };
    if plan.state == PlanState::Closing && agenda.next_slot().is_none() {
        agenda.closes_on = closes_on(read, plan).await?;
    }
    Ok(agenda)
}

/// The executed campaigns of which no request and no claim is open, with the day after the last one on which they plan
/// anything: their results are in by then.
async fn settling(read: &mut Read, plan: &Plan) -> Result<Vec<(String, NaiveDate)>, Fault> {
    let requests = request::of_plan(read, &plan.id).await?;
    // A request may be closed, or used up, while a claim of it is still owed.
    let claimed = claim::claimed_campaigns(read, &plan.id).await?;
    let is_kept_open = |id: &str| {
        claimed.iter().any(|one| one == id)
            || requests.iter().any(|one| one.campaign_id == id && one.state.is_open())
    };
    let campaigns = campaign::of_plan(read, &plan.id).await?.into_iter();
    let settled = campaigns.filter(|one| one.state == CampaignState::Executed && !is_kept_open(&one.id));
    Ok(settled
        .filter_map(|one| Some((one.last_planned_day().succ_opt()?, one.id)))
        .map(|(day, id)| (id, day))
        .collect())
}

/// The day on which a plan whose checkpoints are all posted closes; `None` while a request waits or may be filed again, a
/// claim is open, or a side has not acknowledged the last checkpoint.
async fn closes_on(read: &mut Read, plan: &Plan) -> Result<Option<NaiveDate>, Fault> {
    let requests = request::of_plan(read, &plan.id).await?;
    if requests.iter().any(|one| one.state.is_open() && one.state != RequestState::Approved) {
        return Ok(None);
    }
    if !claim::claimed_campaigns(read, &plan.id).await?.is_empty() {
        return Ok(None);
    }
    // Both sides have to have read the last report.
    if checkpoint::reviews(read, plan).await?.last().is_some_and(|last| !last.is_acknowledged()) {
        return Ok(None);
    }
    // Every revision counts, whenever it was signed: what is asked here is when it is over, not how it stood.
    let last = figures::last_planned_day(read, plan, DateTime::<Utc>::MAX_UTC).await?;
    Ok(Some(plan.closes_on(last)))
}

impl Agenda {
    /// The first instant at which there is something to do.
    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        let review = self.next_slot().map(|slot| match self.remind_at(&slot, self.from()) {
            Some(remind_at) => remind_at,
            None => slot.due_at,
        });
        let warning = self.warnings().map(|(_, at)| at).min();
        self.next_move().into_iter().chain(review).chain(warning).min()
    }

    /// The newest warning to sign that is due, with its days: the ones before it are not said any more.
    pub(super) fn due_warning(&self, now: DateTime<Utc>) -> Option<(i64, DateTime<Utc>)> {
        self.warnings().filter(|(_, at)| *at <= now).max_by_key(|(_, at)| *at)
    }

    /// The warnings to sign that nobody posted, or has overtaken.
    fn warnings(&self) -> impl Iterator<Item = (i64, DateTime<Utc>)> {
        let last = self.last_warning;
        self.plan.warnings().into_iter().filter(move |(_, at)| last.is_none_or(|last| *at > last))
    }

    /// When the plan's state, or that of one of its campaigns, next changes by date, or somebody is asked about one.
    pub(super) fn next_move(&self) -> Option<DateTime<Utc>> {
        let campaigns = self
            .campaigns
            .iter()
            .filter_map(|campaign| campaign.state.next_by_clock(campaign.starts_on, campaign.ends_on));
        let asks = self.campaigns.iter().filter_map(|campaign| Some(campaign.asked_within()?.start));
        let days = self.plan.next_state_day().into_iter().chain(self.closes_on);
        let settling = self.settling.iter().map(|(_, day)| *day);
        let days = days.chain(campaigns.map(|(day, _)| day)).chain(asks).chain(settling);
        days.filter_map(|day| start_of_day(day, self.plan.zone)).min()
    }

    /// Whether the plan closes on or before a local day.
    pub(super) fn closes_by(&self, today: NaiveDate) -> bool {
        self.closes_on.is_some_and(|day| day <= today)
    }

    /// The executed campaigns that close on or before a local day.
    pub(super) fn settled_by(&self, today: NaiveDate) -> impl Iterator<Item = &str> {
        self.settling.iter().filter(move |(_, day)| *day <= today).map(|(id, _)| id.as_str())
    }

    /// The first checkpoint that nobody posted.
    pub(super) fn next_slot(&self) -> Option<Slot> {
        self.plan.next_checkpoint(self.from()?)
    }

    /// The newest checkpoint that is due, to be posted, and those before it, which are not posted any more.
    pub(super) fn due_checkpoint(&self, now: DateTime<Utc>) -> Option<DueCheckpoint> {
        let mut due = self.plan.due_between(self.from()?, now);
        let slot = due.pop()?;
        Some(DueCheckpoint { slot, missed: due })
    }

    /// The reminder of the next checkpoint, if its time has come and nobody posted it.
    pub(super) fn due_reminder(&self, now: DateTime<Utc>) -> Option<DueReminder> {
        let from = self.from()?;
        let just_due = self.plan.due_between(from, now).last().map(|slot| slot.due_at);
        let slot = self.plan.next_checkpoint(now.max(from))?;
        let remind_at = self.remind_at(&slot, just_due.or(Some(from)))?;
        let previous = just_due.or(self.last_checkpoint);
        (remind_at <= now).then_some(DueReminder { slot, remind_at, previous })
    }

    /// Checkpoints count from here: the plan's agreement or the last one that was taken, whichever is later. `None`
    /// while the plan is not in force.
    fn from(&self) -> Option<DateTime<Utc>> {
        let agreed_at = self.plan.agreed_at.filter(|_| self.plan.state.is_in_force())?;
        Some(self.last_checkpoint.map_or(agreed_at, |last| last.max(agreed_at)))
    }

    /// When a checkpoint's reminder comes: a day before, at the same local time. `None` if it was posted, or if it
    /// would come before the checkpoint before (or the agreement): then it would say what that has just said.
    fn remind_at(&self, slot: &Slot, previous: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let remind_at = slot.day_before(self.plan.zone)?;
        let taken = self.last_reminder.is_some_and(|last| last >= remind_at);
        (!taken && previous.is_some_and(|previous| previous < remind_at)).then_some(remind_at)
    }
}
