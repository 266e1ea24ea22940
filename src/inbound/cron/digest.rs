//! The digest of open decisions: one message a day for each company that something waits for, in its channel, on its open
//! days. A day on which nothing waits has none, and a day that is over gets none any more.

use super::open::{Desk, Open};
use crate::app::App;
use crate::domain::actor::Company;
use crate::domain::cadence::local_instant;
use crate::fault::Fault;
use crate::flow::Author;
use crate::in_tx;
use crate::store::checkpoint::{last_slot, take_slot};
use crate::store::{Read, outbox, program};
use crate::text::waiting::{Waiting, digest};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

/// A digest posted later than this says so.
const ON_TIME: TimeDelta = TimeDelta::minutes(10);

/// What waits for one company.
struct Pile<'a> {
    company: Company,
    open: Vec<&'a Open>,
}

fn piles(desk: &Desk) -> Vec<Pile<'_>> {
    let mut piles: Vec<Pile<'_>> = Vec::new();
    for open in &desk.open {
        let company = Desk::company(open);
        match piles.iter_mut().find(|pile| pile.company == company) {
            Some(pile) => pile.open.push(open),
            None => piles.push(Pile { company, open: vec![open] }),
        }
    }
    piles
}

impl Pile<'_> {
    fn job(&self, desk: &Desk) -> String {
        format!("digest:{}:{}", desk.program.id, self.company.code())
    }

    /// When the digest of a day comes; `None` on a day on which the company doesn't work, and in a program that wants none.
    fn slot(&self, desk: &Desk, day: NaiveDate) -> Option<DateTime<Utc>> {
        let calendar = desk.calendar(&self.company);
        let time = desk.book.digest().unwrap_or_default().time()?;
        let at = local_instant(day, time, calendar.zone).filter(|_| calendar.is_open(day))?;
        Some(desk.book.quiet_hours().map_or(at, |quiet| quiet.not_before(at)))
    }

    /// The digest that is due: today's, if something has waited since before its time.
    fn due(&self, desk: &Desk, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let day_of = |at: DateTime<Utc>| at.with_timezone(&desk.program.zone).date_naive();
        let today = day_of(now);
        // Quiet hours can put off the digest of a day to the next.
        let slots = [Some(today), today.pred_opt()].into_iter().flatten();
        let slot =
            slots.filter_map(|day| self.slot(desk, day)).find(|at| *at <= now && day_of(*at) == today)?;
        let is_taken = last.is_some_and(|last| last >= slot || day_of(last) == today);
        let waited = self.open.iter().any(|open| open.wait.turn_at() < slot);
        (!is_taken && waited).then_some(slot)
    }

    /// The first one after `now`, as far as can be told from what waits.
    fn coming(&self, desk: &Desk, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&desk.program.zone).date_naive();
        let calendar = desk.calendar(&self.company);
        let days = [Some(today), Some(calendar.after(today, 1)), Some(calendar.after(today, 2))];
        let mut slots = days.into_iter().flatten().filter_map(|day| self.slot(desk, day));
        slots.find(|at| *at > now && last.is_none_or(|last| *at > last))
    }
}

/// Posts the digests of a program that are due, and says how many.
pub(super) async fn post(app: &App, desk: &Desk, now: DateTime<Utc>) -> Result<usize, Fault> {
    let mut posted = 0;
    for pile in piles(desk) {
        posted += usize::from(tell(app, desk, &pile, now).await?);
    }
    Ok(posted)
}

async fn tell(app: &App, desk: &Desk, pile: &Pile<'_>, now: DateTime<Utc>) -> Result<bool, Fault> {
    let job = pile.job(desk);
    let last = crate::in_read!(app.store, |read| { last_slot(read, &job).await })?;
    let Some(slot) = pile.due(desk, last, now) else { return Ok(false) };
    in_tx!(app.store, |tx| {
        if last_slot(tx, &job).await? != last || !take_slot(tx, &job, slot, now).await? {
            return Ok(false);
        }
        let (channel, name, owner) = match &pile.company {
            Company::Vendor => (desk.program.approvals_channel.clone(), desk.program.name.clone(), None),
            Company::Partner(id) => {
                let partner = program::partner_by_id(tx, id).await?;
                (partner.channel_id, partner.name, Some(id.as_str()))
            }
        };
        let mut waiting: Vec<Waiting> = pile.open.iter().map(|open| desk.waiting(open, now)).collect();
        waiting.sort_by_key(|one| std::cmp::Reverse(one.open));
        let today = now.with_timezone(&desk.program.zone).date_naive();
        let post = digest(&name, today, &waiting, now - slot > ON_TIME);
        outbox::post_unasked(tx, &app.clock, &desk.program.id, &channel, &post, &[]).await?;
        let detail = json!({"items": waiting.len(), "due_at": slot.timestamp_millis()});
        let item = owner.unwrap_or(&desk.program.id);
        Author::by_clock(&app.clock, &desk.program, now).audit(tx, owner, ("digest_posted", item), detail);
        Ok(true)
    })
}

/// When a digest comes next for what waits now; in the past if one is due.
pub(super) async fn next(
    read: &mut Read,
    desk: &Desk,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let mut next = Vec::new();
    for pile in piles(desk) {
        let last = last_slot(read, &pile.job(desk)).await?;
        next.extend(pile.due(desk, last, now).or_else(|| pile.coming(desk, last, now)));
    }
    Ok(next.into_iter().min())
}
