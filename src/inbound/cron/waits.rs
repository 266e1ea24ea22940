//! Decisions that wait too long: a reminder, then an escalation, each once for one matter and side, counted on the business
//! days of the company whose turn it is. A matter begins when it is filed and ends when it is decided; however often it is
//! returned in between, the time of each side adds up.

use super::audit;
use super::open::{Desk, Open};
use crate::app::App;
use crate::domain::actor::{Capability, Side, roles_with};
use crate::domain::waiting::Stage;
use crate::fault::Fault;
use crate::store::checkpoint::{last_slot, take_slot};
use crate::store::{Read, outbox, program};
use crate::text::waiting::{Asked, too_long};
use crate::{in_read, in_tx};
use chrono::{DateTime, Utc};
use serde_json::json;

fn job(stage: Stage, open: &Open) -> String {
    let (side, began) = (open.wait.side.code(), open.wait.began_at.timestamp_millis());
    format!("{}:{}:{side}:{began}", stage.code(), open.id())
}

/// When something is said of what waits, the earlier first. What falls in quiet hours is said at their end, if it still
/// waits then.
fn stages(desk: &Desk, open: &Open) -> Vec<(Stage, DateTime<Utc>)> {
    let chains = desk.book.chains();
    let all =
        [(Stage::Reminder, chains.remind_after_days()), (Stage::Escalation, chains.escalate_after_days)];
    let calendar = desk.calendar(&Desk::company(open));
    let quiet = desk.book.quiet_hours();
    all.into_iter()
        .filter(|(_, days)| *days > 0)
        .filter_map(|(stage, days)| Some((stage, open.wait.due(&calendar, days)?)))
        .map(|(stage, at)| (stage, quiet.map_or(at, |quiet| quiet.not_before(at))))
        .collect()
}

/// What was not said of it yet. Whatever was said once is not said again, even if a calendar has changed since; a
/// reminder comes no more once it is escalated.
async fn unsaid(read: &mut Read, desk: &Desk, open: &Open) -> Result<Vec<(Stage, DateTime<Utc>)>, Fault> {
    let mut unsaid = Vec::new();
    for (stage, at) in stages(desk, open).into_iter().rev() {
        if last_slot(read, &job(stage, open)).await?.is_some() {
            break;
        }
        unsaid.insert(0, (stage, at));
    }
    Ok(unsaid)
}

/// Says what is due of a program, and how many things that were.
pub(super) async fn post(app: &App, desk: &Desk, now: DateTime<Utc>) -> Result<usize, Fault> {
    let mut said = 0;
    for open in desk.open.iter().filter(|open| open.is_reminded()) {
        let unsaid = in_read!(app.store, |read| { unsaid(read, desk, open).await })?;
        if unsaid.iter().any(|(_, at)| *at <= now) {
            said += usize::from(tell(app, desk, open, now).await?);
        }
    }
    Ok(said)
}

/// Says it unless somebody else has, or it waits no more.
async fn tell(app: &App, desk: &Desk, found: &Open, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner.id).await?;
        let desk = Desk::load(tx, &desk.program).await?;
        let same = |open: &&Open| {
            open.id() == found.id()
                && open.wait.side == found.wait.side
                && open.wait.began_at == found.wait.began_at
        };
        let Some(open) = desk.open.iter().find(same) else { return Ok(false) };
        let due = unsaid(tx, &desk, open).await?.into_iter().rfind(|(_, at)| *at <= now);
        let Some((stage, at)) = due else { return Ok(false) };
        if !take_slot(tx, &job(stage, open), at, now).await? {
            return Ok(false);
        }
        let grants = program::grants(tx, &desk.program.id).await?;
        let can = open.can(tx, &desk, &grants).await?;
        let (next, channel) = match open.wait.side {
            Side::Vendor => (Capability::Administer, &desk.program.approvals_channel),
            Side::Partner => (Capability::Sign, &partner.channel_id),
        };
        let can: Vec<&str> = can.iter().map(String::as_str).collect();
        let mut above = roles_with(&grants, &Desk::company(open), next, None);
        above.retain(|role| !can.contains(role));
        let waiting = desk.waiting(open, now);
        let post = too_long(stage, &waiting, Asked { can: &can, above: &above });
        outbox::post_unasked(tx, &app.clock, &desk.program.id, channel, &post, &[]).await?;
        let detail = json!({"side": open.wait.side.code(), "open_minutes": waiting.open.num_minutes()});
        let owner = (desk.program.id.as_str(), partner.id.as_str());
        audit(app, tx, owner, (&format!("decision_{}", stage.code()), open.id()), detail).await?;
        Ok(true)
    })
}

/// When something is said next of what waits now; in the past if it is due.
pub(super) async fn next(read: &mut Read, desk: &Desk) -> Result<Option<DateTime<Utc>>, Fault> {
    let mut next = Vec::new();
    for open in desk.open.iter().filter(|open| open.is_reminded()) {
        next.extend(unsaid(read, desk, open).await?.into_iter().map(|(_, at)| at));
    }
    Ok(next.into_iter().min())
}
