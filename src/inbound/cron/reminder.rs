//! The reminder a day before a checkpoint: what its report would miss.

use super::audit;
use super::due::{DueReminder, reminder_job};
use crate::app::App;
use crate::domain::campaign::{Campaign, CampaignState, ResultsBy};
use crate::domain::log::{Entry, EntryKind};
use crate::domain::plan::Plan;
use crate::domain::promise::PromiseState;
use crate::domain::request::{MdfRequest, RequestState};
use crate::fault::Fault;
use crate::in_tx;
use crate::store::checkpoint::take_slot;
use crate::store::{Read, campaign, checkpoint, outbox, plan, program, promise, request, task};
use crate::text::reminder::{self, Missing, Named, Undertaken};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use std::collections::BTreeSet;

/// Posts the reminder unless somebody else has.
pub(super) async fn post(
    app: &App,
    found: &Plan,
    due: &DueReminder,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let in_force = plan::by_id(tx, &found.id).await?.is_some_and(|plan| plan.state.is_in_force());
        if !in_force || !take_slot(tx, &reminder_job(&found.id), due.remind_at, now).await? {
            return Ok(false);
        }
        let missing = missing(tx, found, due, now).await?;
        let undertaken = undertaken(tx, found, now).await?;
        let post = reminder::post(found, due.slot.local, &missing, &undertaken);
        outbox::post_unasked(tx, &app.clock, &partner.program_id, &partner.channel_id, &post, &[]).await?;
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        let detail = json!({"due_at": due.slot.due_at.timestamp_millis(), "missing": missing.len()});
        audit(app, tx, owner, ("checkpoint_reminded", &found.id), detail).await?;
        Ok(true)
    })
}

/// What is overdue or promised. Tasks of a campaign that was stopped, postponed or cancelled wait with
/// it, and so do promises for one that was stopped.
async fn undertaken(read: &mut Read, plan: &Plan, now: DateTime<Utc>) -> Result<Undertaken, Fault> {
    let today = plan.local_day(now);
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let goes_on = |campaign: &&Campaign| {
        campaign.stopped.is_none()
            && !matches!(campaign.state, CampaignState::Postponed | CampaignState::Cancelled)
    };
    let mut tasks = Vec::new();
    for task in task::of_plan(read, &plan.id).await?.into_iter().filter(|task| task.is_overdue(today)) {
        let campaign = campaigns.iter().filter(goes_on).find(|campaign| campaign.id == task.campaign_id);
        tasks.extend(campaign.map(|campaign| (task, named(campaign))));
    }
    tasks.sort_by_key(|(task, _)| (task.due_on, task.number));
    let mut promises = promise::of_plan(read, &plan.id).await?;
    let is_paused =
        |id: &str| campaigns.iter().any(|campaign| campaign.id == id && campaign.stopped.is_some());
    promises.retain(|promise| {
        promise.state == PromiseState::Open && !promise.campaign_id.as_deref().is_some_and(is_paused)
    });
    promises.sort_by_key(|promise| (promise.due_on, promise.number));
    let mut reviews = checkpoint::reviews(read, plan).await?;
    reviews.retain(|review| !review.is_acknowledged());
    Ok(Undertaken { tasks, promises, reviews, today })
}

async fn missing(
    read: &mut Read,
    plan: &Plan,
    due: &DueReminder,
    now: DateTime<Utc>,
) -> Result<Vec<Missing>, Fault> {
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let entries = campaign::entries_of_plan(read, &plan.id, now.timestamp_millis()).await?;
    let requests = request::of_plan(read, &plan.id).await?;
    let previous = due.previous.map(|at| plan.local_day(at));
    let logged = Logged::of(&entries);
    let mut missing = Vec::new();
    for campaign in campaigns.iter().filter(|campaign| is_reminded(campaign)) {
        let has_budget = campaign.budget_total().is_some_and(|budget| !budget.is_zero());
        // A dated campaign is spent at its start; only one that runs all the time is asked for more.
        let spends_on = campaign.kind.is_always_on() && campaign.state == CampaignState::Running;
        if has_budget && let Some(since) = logged.lacks(campaign, EntryKind::Spend, previous, spends_on) {
            missing.push(Missing::Spend { campaign: named(campaign), since });
        }
        let goes_on = campaign.state == CampaignState::Running;
        if campaign.results_by == ResultsBy::Hand
            && let Some(since) = logged.lacks(campaign, EntryKind::Leads, previous, goes_on)
        {
            missing.push(Missing::Results { campaign: named(campaign), since });
        }
    }
    missing.extend(requests.iter().rev().filter_map(|request| waiting(request, &campaigns, plan)));
    Ok(missing)
}

/// Whether its owners are asked for what is missing: once it has begun, and not while a side has it stopped.
fn is_reminded(campaign: &Campaign) -> bool {
    campaign.stopped.is_none()
        && matches!(campaign.state, CampaignState::Running | CampaignState::Executed | CampaignState::Closed)
}

fn waiting(request: &MdfRequest, campaigns: &[Campaign], plan: &Plan) -> Option<Missing> {
    let campaign =
        campaigns.iter().find(|campaign| campaign.id == request.campaign_id && campaign.stopped.is_none())?;
    matches!(request.state, RequestState::Submitted | RequestState::InReview).then(|| Missing::Request {
        name: request.name_short(),
        amount: request.amount,
        campaign: named(campaign),
        filed_on: plan.local_day(request.filed_at),
    })
}

fn named(campaign: &Campaign) -> Named {
    Named { short: campaign.name_short(), name: campaign.name.clone() }
}

/// What was logged and not taken back.
struct Logged<'a>(Vec<&'a Entry>);

impl<'a> Logged<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let reversed: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.reverses.as_deref()).collect();
        let stands = |entry: &&Entry| entry.reverses.is_none() && !reversed.contains(entry.id.as_str());
        Self(entries.iter().filter(stands).collect())
    }

    /// `Some` if nothing of a kind is logged, or, for a campaign that goes on, nothing since the last checkpoint: then
    /// with the day of the newest entry.
    fn lacks(
        &self,
        campaign: &Campaign,
        kind: EntryKind,
        previous: Option<NaiveDate>,
        goes_on: bool,
    ) -> Option<Option<NaiveDate>> {
        let own = self.0.iter().filter(|entry| entry.campaign_id == campaign.id && entry.kind == kind);
        let Some(last) = own.map(|entry| entry.occurred_on).max() else { return Some(None) };
        let stale = goes_on && previous.is_some_and(|previous| last < previous);
        stale.then_some(Some(last))
    }
}
