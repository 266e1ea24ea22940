//! What the clock makes due: states that change by date, the reminder before a checkpoint, the checkpoint itself, and what
//! is said of money and decisions that wait.
//!
//! Every tick asks the database anew what is due; no timer is remembered, so that neither a crash nor an outage loses or
//! repeats anything. A job is done by whoever takes its slot (a unique row) in the transaction that writes the job's
//! outcome: two processes can tick at once. Figures and pictures are made before that transaction, never in it.

mod checkpoint;
mod claims;
mod digest;
mod due;
mod expiry;
mod moves;
mod open;
mod reminder;
mod sign_by;
mod waits;

use crate::app::App;
use crate::domain::plan::Plan;
use crate::domain::program::Program;
use crate::fault::{Fault, Tally};
use crate::flow::{claim, fund, mdf};
use crate::in_read;
use crate::store::{Tx, audit, plan, program};
use chrono::{DateTime, Utc};
use open::Desk;
use std::time::Duration;
use tokio::sync::watch;

/// How long the production loop waits between two looks, if no bell rings. Protocol time.
const PAUSE: Duration = Duration::from_secs(5);

/// Does what is due now and says how many things that were. Once it gives 0, nothing is due until time moves on.
///
/// # Errors
/// The first fault. It does not keep other plans from their turn, and what it left undone is still due.
pub async fn tick(app: &App) -> Result<usize, Fault> {
    let now = app.clock.now();
    let plans = in_read!(app.store, |read| { plan::running(read).await })?;
    let mut all = Tally::default();
    for plan in &plans {
        let mut done = 0;
        let outcome = tick_plan(app, plan, now, &mut done).await;
        all.done += done;
        all.take(outcome.map(|()| 0), &plan.id);
    }
    all.take(claim::run_out(app, now).await, "claims that were not filed in time");
    all.take(mdf::run_out(app, now).await, "requests that nobody claims any more");
    all.take(fund::run_out(app, now).await, "funds whose time is over");
    all.take(claims::post(app, now).await, "what is said of money that is not claimed");
    for program in in_read!(app.store, |read| { program::all(read).await })? {
        all.take(tick_desk(app, &program, now).await, "what is said of decisions that wait");
        all.take(
            expiry::post(app, &program, now).await.map(usize::from),
            "what is said of money that expires",
        );
    }
    // It changes nothing that anybody waits for, so it does not count as something that was due.
    all.take(claim::sweep(app, now).await.map(|_| 0), "the sweep of the evidence folder");
    let outcome = all.end();
    // What was done before and after a fault is to be delivered all the same.
    if outcome.as_ref().map_or(true, |done| *done > 0) {
        app.delivery_bell.notify_one();
    }
    outcome
}

/// Ticks until `shutdown` turns true or its sender is gone. A moved clock wakes it by `App::clock_bell`.
pub async fn run(app: App, mut shutdown: watch::Receiver<bool>) {
    while !*shutdown.borrow_and_update() {
        match tick(&app).await {
            Ok(0) => {}
            Ok(done) => tracing::info!(done, "The clock did what was due"),
            Err(fault) => tracing::error!(%fault, "The clock could not do all that was due; it tries again"),
        }
        tokio::select! {
            () = app.clock_bell.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            changed = shutdown.changed() => if changed.is_err() { break },
        }
    }
}

/// The next instant at which a tick has something to do; in the past if something is due now. `None`: never again.
///
/// # Errors
/// A fault of the database.
pub async fn next_due(app: &App) -> Result<Option<DateTime<Utc>>, Fault> {
    let now = app.clock.now();
    in_read!(app.store, |read| {
        let mut next = Vec::new();
        for plan in plan::running(read).await? {
            next.extend(due::load(read, &plan).await?.next());
        }
        next.extend(claims::next(read, now).await?);
        for program in program::all(read).await? {
            let desk = Desk::load(read, &program).await?;
            next.extend(waits::next(&desk));
            next.extend(digest::next(&desk, now));
            next.extend(expiry::next(read, &program).await?);
        }
        Ok(next.into_iter().min())
    })
}

/// When the next checkpoint of any plan is due; in the past if one is due now.
///
/// # Errors
/// A fault of the database.
pub async fn next_checkpoint(app: &App) -> Result<Option<DateTime<Utc>>, Fault> {
    in_read!(app.store, |read| {
        let mut next = Vec::new();
        for plan in plan::running(read).await? {
            next.extend(due::load(read, &plan).await?.next_slot().map(|slot| slot.due_at));
        }
        Ok(next.into_iter().min())
    })
}

async fn tick_plan(app: &App, plan: &Plan, now: DateTime<Utc>, done: &mut usize) -> Result<(), Fault> {
    let agenda = in_read!(app.store, |read| { due::load(read, plan).await })?;
    if agenda.next().is_none_or(|next| next > now) {
        return Ok(());
    }
    if agenda.next_move().is_some_and(|at| at <= now) {
        *done += moves::apply(app, plan, now).await?;
    }
    if let Some((_, at)) = agenda.due_warning(now)
        && sign_by::warn(app, plan, at, now).await?
    {
        *done += 1;
    }
    if let Some(due) = agenda.due_checkpoint(now)
        && checkpoint::post(app, plan, &due, now).await?
    {
        *done += 1;
    }
    if let Some(due) = agenda.due_reminder(now)
        && reminder::post(app, plan, &due, now).await?
    {
        *done += 1;
    }
    Ok(())
}

/// Says what has waited too long in a program, then what waits in all.
async fn tick_desk(app: &App, program: &Program, now: DateTime<Utc>) -> Result<usize, Fault> {
    let desk = in_read!(app.store, |read| { Desk::load(read, program).await })?;
    let mut all = Tally::default();
    all.take(waits::post(app, &desk, now).await, "what has waited too long");
    all.take(digest::post(app, &desk, now).await, "the digests of what waits");
    all.end()
}

/// Writes a line of the audit trail in the name of the clock.
async fn audit(
    app: &App,
    tx: &mut Tx,
    owner: (&str, &str),
    what: (&str, &str),
    detail: serde_json::Value,
) -> Result<(), Fault> {
    let line = audit::Line {
        id: app.clock.new_id(),
        at: app.clock.now(),
        program_id: owner.0,
        partner_id: Some(owner.1),
        actor: "clock",
        company: "",
        code: what.0,
        item: what.1,
        detail,
    };
    audit::append(tx, &line);
    Ok(())
}
