//! Decisions that wait too long: a reminder, then an escalation, each once for one matter and side, counted on the business
//! days of the company whose turn it is. A matter begins when it is filed and ends when it is decided; however often it is
//! returned in between, the time of each side adds up.

use super::audit;
use super::open::{Desk, Done, Matter, Open};
use crate::app::App;
use crate::domain::actor::{Capability, Side, roles_with};
use crate::domain::waiting::Stage;
use crate::fault::{Fault, Tally};
use crate::in_tx;
use crate::store::checkpoint::{last_slots, take_slot};
use crate::store::{outbox, program};
use crate::text::waiting::{Asked, too_long};
use chrono::{DateTime, Utc};
use serde_json::json;

fn job(stage: Stage, open: &Open) -> String {
    let (side, began) = (open.wait.side.code(), open.wait.began_at.timestamp_millis());
    format!("{}:{}:{side}:{began}", stage.code(), open.id)
}

/// The jobs of what is reminded of.
pub(super) fn jobs(open: &[Open]) -> impl Iterator<Item = String> {
    let reminded = open.iter().filter(|open| open.is_reminded());
    reminded.flat_map(|open| [Stage::Reminder, Stage::Escalation].map(|stage| job(stage, open)))
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

/// What was not said of it yet, after what is `done`. Whatever was said once is not said again, even if a calendar has
/// changed since; a reminder comes no more once it is escalated.
fn unsaid(desk: &Desk, open: &Open, done: &Done) -> Vec<(Stage, DateTime<Utc>)> {
    let mut unsaid = stages(desk, open);
    if let Some(said) = unsaid.iter().rposition(|(stage, _)| done.contains_key(&job(*stage, open))) {
        unsaid.drain(..=said);
    }
    unsaid
}

/// Says what is due of a program, and how many things that were.
pub(super) async fn post(app: &App, desk: &Desk, now: DateTime<Utc>) -> Result<usize, Fault> {
    let mut said = Tally::default();
    for open in desk.open.iter().filter(|open| open.is_reminded()) {
        if unsaid(desk, open, &desk.done).iter().any(|(_, at)| *at <= now) {
            said.take(tell(app, desk, open, now).await.map(usize::from), &open.id);
        }
    }
    said.end()
}

/// Says it unless somebody else has, or it waits no more.
async fn tell(app: &App, desk: &Desk, found: &Open, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let Some(open) = found.again(tx, &desk.program.id).await? else { return Ok(false) };
        let own: Vec<String> = jobs(std::slice::from_ref(&open)).collect();
        let done = last_slots(tx, &own).await?;
        let due = unsaid(desk, &open, &done).into_iter().rfind(|(_, at)| *at <= now);
        let Some((stage, at)) = due else { return Ok(false) };
        if !take_slot(tx, &job(stage, &open), at, now).await? {
            return Ok(false);
        }
        let grants = program::grants(tx, &desk.program.id).await?;
        let matter = Matter::load(tx, &open).await?;
        let can = matter.can(tx, (desk, &open), &grants).await?;
        let (next, channel) = match open.wait.side {
            Side::Vendor => (Capability::Administer, &desk.program.approvals_channel),
            Side::Partner => (Capability::Sign, &partner.channel_id),
        };
        let can: Vec<&str> = can.iter().map(String::as_str).collect();
        let mut above = roles_with(&grants, &Desk::company(&open), next, None);
        above.retain(|role| !can.contains(role));
        let waiting = desk.waiting(&open, &matter, now);
        let post = too_long(stage, &waiting, Asked { can: &can, above: &above });
        outbox::post_unasked(tx, &app.clock, &desk.program.id, channel, &post, &[]).await?;
        let detail = json!({"side": open.wait.side.code(), "open_minutes": waiting.open.num_minutes()});
        let owner = (desk.program.id.as_str(), partner.id.as_str());
        audit(app, tx, owner, (&format!("decision_{}", stage.code()), open.id.as_str()), detail).await?;
        Ok(true)
    })
}

/// When something is said next of what waits now; in the past if it is due.
pub(super) fn next(desk: &Desk) -> Option<DateTime<Utc>> {
    let reminded = desk.open.iter().filter(|open| open.is_reminded());
    reminded.flat_map(|open| unsaid(desk, open, &desk.done)).map(|(_, at)| at).min()
}
