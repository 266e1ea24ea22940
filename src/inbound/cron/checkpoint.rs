//! A checkpoint that is due: the report of its instant, posted once.

use super::audit;
use super::due::{DueCheckpoint, checkpoint_job, reminder_job};
use crate::app::App;
use crate::domain::cadence::{Slot, SlotKind};
use crate::domain::checkpoint::Review;
use crate::domain::plan::Plan;
use crate::domain::promise::PromiseState;
use crate::domain::report::Snapshot;
use crate::domain::variance::VarianceReport;
use crate::fault::Fault;
use crate::flow::checkpoint::show;
use crate::flow::plan_card::refresh;
use crate::report::{figures, json, picture};
use crate::store::checkpoint::{Checkpoint, insert, last_number, last_slot, take_slot};
use crate::store::{Read, Tx, outbox, plan, program, promise};
use crate::text::card::File;
use crate::text::figure::status_word;
use crate::text::promise::opening;
use crate::text::report::{self, Occasion, ReportView};
use crate::{in_read, in_tx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// A checkpoint posted later than this says so.
const ON_TIME: TimeDelta = TimeDelta::minutes(10);

/// Missed slots that get a row of their own. Older ones lie before them and are never looked at again.
const MISSED_ROWS: usize = 1_000;

/// The report with its picture, made before anything is written.
struct Prepared {
    snapshot: Snapshot,
    report: VarianceReport,
    picture: Option<File>,
}

/// Posts the checkpoint unless somebody else has. False: somebody has, or the plan is no longer in force.
pub(super) async fn post(
    app: &App,
    found: &Plan,
    due: &DueCheckpoint,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let prepared = prepare(app, found, &due.slot, now).await?;
    let posted = in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let in_force = plan::by_id(tx, &found.id).await?.is_some_and(|plan| plan.state.is_in_force());
        let previous = last_slot(tx, &checkpoint_job(&found.id)).await?;
        // Whoever takes the slot posts; what follows is written with it or not at all.
        if !in_force || !take_slot(tx, &checkpoint_job(&found.id), due.slot.due_at, now).await? {
            return Ok(None);
        }
        take_others(tx, found, due, now).await?;
        let missed = i64::try_from(due.missed.len()).unwrap_or(i64::MAX);
        let occasion = Occasion {
            number: last_number(tx, &found.id).await? + missed + 1,
            kind: due.slot.kind,
            due: due.slot.local,
            late_by: Some(now - due.slot.due_at).filter(|late| *late > ON_TIME),
            missed: due.missed.iter().map(|slot| slot.local).collect(),
            promises: promises(tx, found, previous, now).await?,
        };
        let view = ReportView {
            snapshot: &prepared.snapshot,
            report: &prepared.report,
            occasion: Some(&occasion),
            vendor: None,
            image: prepared.picture.as_ref().map(|picture| picture.name.as_str()),
            table: None,
        };
        let files: Vec<File> = prepared.picture.iter().cloned().collect();
        let post = report::post(&view);
        outbox::post_unasked(tx, &app.clock, &partner.program_id, &partner.channel_id, &post, &files).await?;
        let checkpoint = record(app, &prepared, &due.slot, occasion.number, now);
        insert(tx, &checkpoint).await?;
        let program = program::by_id(tx, &partner.program_id).await?;
        let review = review(&checkpoint, found);
        show(tx, &app.clock, (&program, &partner), (found, &review)).await?;
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        let detail = json!({"plan": found.id, "number": occasion.number, "missed": missed, "overall": checkpoint.overall});
        audit(app, tx, owner, ("checkpoint_posted", &checkpoint.id), detail).await?;
        // The plan's card names the next one.
        refresh(tx, &app.clock, &partner.id).await?;
        Ok(Some(occasion.number))
    })?;
    if let Some(number) = posted {
        tracing::info!(plan = found.id, number, "A checkpoint is posted");
    }
    Ok(posted.is_some())
}

/// What the report opens with: promises that are open, and those settled since the checkpoint before.
async fn promises(
    read: &mut Read,
    plan: &Plan,
    previous: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let mut promises = promise::of_plan(read, &plan.id).await?;
    promises.retain(|promise| match &promise.settled {
        None => promise.state == PromiseState::Open,
        Some(settled) => previous.is_none_or(|previous| settled.at > previous),
    });
    promises.sort_by_key(|promise| (promise.due_on, promise.number));
    Ok(opening(&promises.iter().collect::<Vec<_>>(), plan.local_day(now)))
}

async fn prepare(app: &App, plan: &Plan, slot: &Slot, now: DateTime<Utc>) -> Result<Prepared, Fault> {
    let on_time = now - slot.due_at <= ON_TIME;
    let as_of = if on_time { slot.due_at } else { now };
    let day = plan.last_complete_day(slot.due_at);
    let snapshot = in_read!(app.store, |read| { figures::snapshot(read, plan, as_of, day).await })?;
    let report = snapshot.report();
    let (snapshot, report, picture) = drawn(snapshot, report).await?;
    Ok(Prepared { snapshot, report, picture })
}

/// The picture, drawn on a thread that may block. A report without its picture is better than none.
async fn drawn(
    snapshot: Snapshot,
    report: VarianceReport,
) -> Result<(Snapshot, VarianceReport, Option<File>), Fault> {
    let drawing = tokio::task::spawn_blocking(move || {
        let picture = picture::png(&snapshot, &report);
        (snapshot, report, picture)
    });
    let (snapshot, report, picture) = drawing.await.map_err(|error| Fault::Other(error.to_string()))?;
    if let Err(error) = &picture {
        tracing::error!(%error, "A report goes out without its picture");
    }
    Ok((snapshot, report, picture.ok()))
}

/// Takes the slots that are not posted any more: earlier checkpoints, and the reminders of all of them.
async fn take_others(tx: &mut Tx, plan: &Plan, due: &DueCheckpoint, now: DateTime<Utc>) -> Result<(), Fault> {
    let newest = due.missed.len().saturating_sub(MISSED_ROWS);
    for slot in &due.missed[newest..] {
        take_slot(tx, &checkpoint_job(&plan.id), slot.due_at, now).await?;
    }
    for slot in due.missed[newest..].iter().chain([&due.slot]) {
        if let Some(remind_at) = slot.day_before(plan.zone) {
            take_slot(tx, &reminder_job(&plan.id), remind_at, now).await?;
        }
    }
    Ok(())
}

/// A checkpoint that nobody has acknowledged yet.
fn review(posted: &Checkpoint, plan: &Plan) -> Review {
    let due_on = plan.local_day(posted.due_at);
    Review { id: posted.id.clone(), number: posted.number, due_on, given: Vec::new() }
}

fn record(app: &App, prepared: &Prepared, slot: &Slot, number: i64, now: DateTime<Utc>) -> Checkpoint {
    let (snapshot, report) = (&prepared.snapshot, &prepared.report);
    Checkpoint {
        id: app.clock.new_id(),
        plan_id: snapshot.plan.id.clone(),
        number,
        kind: match slot.kind {
            SlotKind::Regular => "regular",
            SlotKind::Mid => "mid",
            SlotKind::End => "end",
        }
        .to_owned(),
        due_at: slot.due_at,
        as_of: snapshot.as_of,
        day: snapshot.day,
        overall: status_word(report.overall).to_owned(),
        report: json::of(snapshot, report, &snapshot.funds),
        posted_at: now,
    }
}
