//! A plan as an iCalendar (RFC 5545): campaigns, sends, due days, checkpoints, the last day to sign.
//!
//! Whole days are dates without a zone: they are the same day wherever they are read. A checkpoint is an instant, in UTC;
//! that its local time jumps with daylight saving is worked out by the cadence. Uids are made of ids, so that an entry
//! that moves stays the same entry.

use crate::domain::campaign::CampaignState;
use crate::domain::plan::terms::Terms;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::promise::PromiseState;
use crate::domain::task::TaskState;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike};

/// A cron expression can ask for a checkpoint every minute; nobody reads more than these in a calendar.
const CHECKPOINTS_MAX: usize = 400;
/// How long a checkpoint is shown to take.
const CHECKPOINT_LASTS: TimeDelta = TimeDelta::minutes(30);

/// The calendar of a plan, as text. `stamp` is when it was written.
#[must_use]
pub fn ics(terms: &Terms, stamp: DateTime<Utc>) -> String {
    let plan = &terms.plan;
    let mut calendar = Calendar::new();
    calendar.name(&plain(&format!("{} {}", plan.name_short(), plan.name)));
    let mut add = |event: &mut Event| {
        calendar.push(event.timestamp(stamp).done());
    };
    for campaign in terms.campaigns.iter().filter(|campaign| campaign.state != CampaignState::Cancelled) {
        let name = format!("{} {}", campaign.name_short(), campaign.name);
        let last = campaign.period.end();
        let kind = campaign.kind.label();
        // Postponed without a date: the dates that it had are no dates any more.
        if campaign.state != CampaignState::Postponed {
            add(&mut days(
                &format!("{}-campaign", campaign.id),
                &name,
                (campaign.period.start(), last),
                kind,
            ));
            for send in &campaign.sends {
                let what = format!("Send: {name}");
                add(&mut days(&format!("{}-send-{send}", campaign.id), &what, (*send, *send), kind));
            }
        }
        let open = |state| state == TaskState::Open;
        for task in terms.tasks.iter().filter(|task| task.campaign_id == campaign.id && open(task.state)) {
            let what = format!("Due: {} {}", task.name_short(), task.what);
            let of = format!("{name}, {}", task.side.code());
            add(&mut days(&format!("{}-task", task.id), &what, (task.due_on, task.due_on), &of));
        }
    }
    for promise in terms.promises.iter().filter(|promise| promise.state == PromiseState::Open) {
        let what = format!("Promised: {} {}", promise.name_short(), promise.what);
        let due = (promise.due_on, promise.due_on);
        add(&mut days(&format!("{}-promise", promise.id), &what, due, promise.side.code()));
    }
    if matches!(plan.state, PlanState::Draft | PlanState::Proposed) {
        let what = format!("Last day to sign {}", plan.name_short());
        add(&mut days(&format!("{}-sign-by", plan.id), &what, (plan.sign_by, plan.sign_by), &plan.name));
    }
    for mut checkpoint in checkpoints(plan) {
        add(&mut checkpoint);
    }
    calendar.to_string()
}

/// What happens on whole days, the last one included.
fn days(uid: &str, what: &str, (first, last): (NaiveDate, NaiveDate), note: &str) -> Event {
    let mut event = Event::with_uid(uid);
    // The end of whole days is the first day that no longer belongs to them.
    let end = last.succ_opt().unwrap_or(last);
    event.summary(&plain(what)).description(&plain(note)).starts(first).ends(end);
    event.done()
}

fn checkpoints(plan: &Plan) -> Vec<Event> {
    if plan.state.is_over() {
        return Vec::new();
    }
    let Some(start) = crate::domain::cadence::start_of_day(plan.period.start(), plan.zone) else {
        return Vec::new();
    };
    plan.upcoming(start - TimeDelta::milliseconds(1))
        .take(CHECKPOINTS_MAX)
        .map(|slot| {
            let uid = format!("{}-checkpoint-{}", plan.id, slot.local.format("%Y%m%dT%H%M"));
            let mut event = Event::with_uid(&uid);
            event
                .summary(&plain(&format!("Checkpoint of {} {}", plan.name_short(), plan.name)))
                .description(&format!("{} ({})", slot.local.format("%Y-%m-%d %H:%M"), plan.zone.name()))
                .starts(slot.due_at)
                .ends(slot.due_at + CHECKPOINT_LASTS);
            event.done()
        })
        .collect()
}

/// Text from outside without control characters: a carriage return would end the line that it stands in.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
