//! Money that is going to expire: 30, 14 and 3 days before the last day of a credit, all of a program in one message. The
//! vendor reads of every fund in its own channel, a partner in the shared one of what is its own, and of nothing else. What is
//! due follows from the credits themselves: what is committed or carried on before needs no undoing.

use crate::app::App;
use crate::domain::cadence::start_of_day;
use crate::domain::fund::Fund;
use crate::domain::fund::expiry::{WARNED_FROM, warnings};
use crate::domain::money::Money;
use crate::domain::program::Program;
use crate::fault::Fault;
use crate::flow::Author;
use crate::store::checkpoint::{last_slot, take_slot};
use crate::store::credit::{self, Ending};
use crate::store::setup::lock_program;
use crate::store::{Read, ledger, outbox, program};
use crate::text::fund::{Ends, ends_soon};
use crate::{in_read, in_tx};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use std::collections::BTreeMap;

fn job(program: &Program) -> String {
    format!("expiry:{}", program.id)
}

/// The warnings of a credit that nobody has posted, oldest first.
fn unsaid(
    one: &Ending,
    program: &Program,
    last: Option<DateTime<Utc>>,
) -> impl Iterator<Item = DateTime<Utc>> {
    let all = warnings(one.expires_on, one.came_at, program.zone);
    all.into_iter().filter(move |at| last.is_none_or(|last| *at > last))
}

/// The credits of which a warning is due, each with the newest: those before it are not said any more.
async fn due(
    read: &mut Read,
    program: &Program,
    now: DateTime<Utc>,
) -> Result<Vec<(Ending, DateTime<Utc>)>, Fault> {
    let today = now.with_timezone(&program.zone).date_naive();
    let last = last_slot(read, &job(program)).await?;
    let all = credit::ending(read, &program.id, today, today + Days::new(WARNED_FROM)).await?;
    let newest = |one: Ending| {
        let at = unsaid(&one, program, last).take_while(|at| *at <= now).last()?;
        Some((one, at))
    };
    Ok(all.into_iter().filter_map(newest).collect())
}

/// Says what is due of a program, and whether it did.
pub(super) async fn post(app: &App, program: &Program, now: DateTime<Utc>) -> Result<bool, Fault> {
    if in_read!(app.store, |read| { due(read, program, now).await })?.is_empty() {
        return Ok(false);
    }
    in_tx!(app.store, |tx| {
        // The same order as where people move money; and two processes find the same.
        lock_program(tx, &program.id).await?;
        let due = due(tx, program, now).await?;
        let Some(slot) = due.iter().map(|(_, at)| *at).max() else { return Ok(false) };
        if !take_slot(tx, &job(program), slot, now).await? {
            return Ok(false);
        }
        let funds = ledger::funds(tx, &program.id).await?;
        let funds: BTreeMap<&str, &Fund> = funds.iter().map(|(fund, _)| (fund.id.as_str(), fund)).collect();
        let all = sums(&due, &funds)?;
        let today = now.with_timezone(&program.zone).date_naive();
        let mut told = vec![(None, program.approvals_channel.clone(), all.iter().collect::<Vec<_>>())];
        for partner in program::partners(tx, &program.id).await? {
            let own = all.iter().filter(|one| one.fund.partner_id.as_ref() == Some(&partner.id)).collect();
            told.push((Some(partner.id), partner.channel_id, own));
        }
        let author = Author::by_clock(&app.clock, program, now);
        for (partner_id, channel, ends) in told.iter().filter(|(_, _, ends)| !ends.is_empty()) {
            let post = ends_soon(ends, today);
            outbox::post_unasked(tx, &app.clock, &program.id, channel, &post, &[]).await?;
            let detail = json!({"funds": ends.len(), "due_at": slot.timestamp_millis()});
            let item = partner_id.as_deref().unwrap_or(&program.id);
            author.audit(tx, partner_id.as_deref(), ("expiry_warned", item), detail);
        }
        Ok(true)
    })
}

/// What ends of each fund on each day, the earliest first.
fn sums<'a>(
    due: &[(Ending, DateTime<Utc>)],
    funds: &BTreeMap<&str, &'a Fund>,
) -> Result<Vec<Ends<'a>>, Fault> {
    let mut sums: BTreeMap<(NaiveDate, &str), Ends<'a>> = BTreeMap::new();
    for (one, _) in due {
        let Some(fund) = funds.get(one.fund_id.as_str()).copied() else { continue };
        let none = Ends { fund, left: Money::zero(fund.currency), expires_on: one.expires_on };
        let sum = sums.entry((one.expires_on, &fund.key)).or_insert(none);
        sum.left = sum.left.checked_add(one.left)?;
    }
    Ok(sums.into_values().collect())
}

/// When something is said next, or money expires; in the past if that is due now.
pub(super) async fn next(read: &mut Read, program: &Program) -> Result<Option<DateTime<Utc>>, Fault> {
    let last = last_slot(read, &job(program)).await?;
    let first = credit::first_end(read, &program.id).await?;
    let all = credit::ending(read, &program.id, first.unwrap_or_default(), NaiveDate::MAX).await?;
    let warnings = all.iter().filter_map(|one| unsaid(one, program, last).next());
    let ends = first.and_then(|day| start_of_day(day.succ_opt()?, program.zone));
    Ok(warnings.chain(ends).min())
}
