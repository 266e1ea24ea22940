//! The digest of open decisions: one message a day for each company that something waits for, in its channel, on its open
//! days. A day on which nothing waits has none, and a day that is over gets none any more.

use super::open::{Desk, Matter, Open};
use crate::app::App;
use crate::domain::actor::Company;
use crate::domain::cadence::local_instant;
use crate::domain::program::Program;
use crate::fault::{Fault, Tally};
use crate::flow::Author;
use crate::store::checkpoint::{last_slot, take_slot};
use crate::store::{outbox, program};
use crate::text::waiting::{Waiting, digest};
use crate::{in_read, in_tx};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

/// A digest posted later than this says so.
const ON_TIME: TimeDelta = TimeDelta::minutes(10);

/// What waits for one company.
struct Pile<'a> {
    company: Company,
    open: Vec<&'a Open>,
}

fn job(program: &Program, company: &Company) -> String {
    format!("digest:{}:{}", program.id, company.code())
}

/// The jobs of the digests of what waits.
pub(super) fn jobs(program: &Program, open: &[Open]) -> impl Iterator<Item = String> {
    piles(open).into_iter().map(|pile| job(program, &pile.company))
}

fn piles(all: &[Open]) -> Vec<Pile<'_>> {
    let mut piles: Vec<Pile<'_>> = Vec::new();
    for open in all {
        let company = Desk::company(open);
        match piles.iter_mut().find(|pile| pile.company == company) {
            Some(pile) => pile.open.push(open),
            None => piles.push(Pile { company, open: vec![open] }),
        }
    }
    piles
}

impl Pile<'_> {
    /// When the last one came.
    fn last(&self, desk: &Desk) -> Option<DateTime<Utc>> {
        desk.done.get(&job(&desk.program, &self.company)).copied()
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
    let mut posted = Tally::default();
    for pile in piles(&desk.open) {
        let told = tell(app, desk, &pile, now).await.map(usize::from);
        posted.take(told, &job(&desk.program, &pile.company));
    }
    posted.end()
}

/// What waits for a company now, the longest wait first. Whoever has taken it up meanwhile is not told of it any more.
async fn listed(
    app: &App,
    program: &Program,
    company: &Company,
    now: DateTime<Utc>,
) -> Result<Vec<Waiting>, Fault> {
    let mut waiting = in_read!(app.store, |read| {
        let desk = Desk::load(read, program).await?;
        let mut waiting = Vec::new();
        for open in desk.open.iter().filter(|open| Desk::company(open) == *company) {
            let matter = Matter::load(read, open).await?;
            waiting.push(desk.waiting(open, &matter, now));
        }
        Ok(waiting)
    })?;
    waiting.sort_by_key(|one| std::cmp::Reverse(one.open));
    Ok(waiting)
}

async fn tell(app: &App, desk: &Desk, pile: &Pile<'_>, now: DateTime<Utc>) -> Result<bool, Fault> {
    let last = pile.last(desk);
    let Some(slot) = pile.due(desk, last, now) else { return Ok(false) };
    let job = job(&desk.program, &pile.company);
    let waiting = listed(app, &desk.program, &pile.company, now).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
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
pub(super) fn next(desk: &Desk, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let next = |pile: &Pile<'_>| {
        let last = pile.last(desk);
        pile.due(desk, last, now).or_else(|| pile.coming(desk, last, now))
    };
    piles(&desk.open).iter().filter_map(next).min()
}
