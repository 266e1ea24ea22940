//! The end of money: on the day after its last, what is left of a credit goes on to another fund by the carry-over rule of
//! its fund, and the rest is forfeited, the oldest credit first. Commitments outlive the fund; what comes back of them after
//! its end is forfeited.

use super::super::Author;
use super::{account_of, moves, tell};
use crate::app::App;
use crate::domain::cadence::start_of_day;
use crate::domain::fund::carry::CarryTo;
use crate::domain::fund::{Fund, Move};
use crate::domain::money::Money;
use crate::domain::program::Partner;
use crate::fault::{Fault, Tally};
use crate::store::credit::{self, Credit};
use crate::store::ledger::{About, Moved, Transfer};
use crate::store::setup::lock_program;
use crate::store::{Tx, ledger, program};
use crate::text;
use crate::{in_read, in_tx};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use std::collections::BTreeSet;

impl Author<'_> {
    /// The program's local day at the instant of writing.
    pub(in crate::flow) fn today(&self) -> NaiveDate {
        self.at.with_timezone(&self.program.zone).date_naive()
    }

    /// The instant at which a fund ends: midnight after its last day, in the program's zone.
    pub(super) fn end_of(&self, fund: &Fund) -> DateTime<Utc> {
        let midnight = fund.valid_until.succ_opt().and_then(|day| start_of_day(day, self.program.zone));
        midnight.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Ends what has expired by now, fund by fund. Says how many funds that were.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn run_out(app: &App, now: DateTime<Utc>) -> Result<usize, Fault> {
    // A day is over everywhere once it is over in the westernmost zone; which day it is for a program is looked at again.
    let today = now.date_naive() + Days::new(1);
    let mut ended = Tally::default();
    let mut left_alone = BTreeSet::new();
    loop {
        // What a late look lets go on may be over where it went: there it ends in the same look.
        let mut due = in_read!(app.store, |read| { credit::expired(read, today).await })?;
        due.retain(|(fund_id, _)| !left_alone.contains(fund_id));
        if due.is_empty() {
            return ended.end();
        }
        for (fund_id, program_id) in due {
            let done = run_one_out(app, (&fund_id, &program_id), now).await;
            if !matches!(done, Ok(true)) {
                left_alone.insert(fund_id.clone());
            }
            ended.take(done.map(usize::from), &fund_id);
        }
    }
}

async fn run_one_out(
    app: &App,
    (fund_id, program_id): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let program = program::by_id(tx, program_id).await?;
        // The same order as where people move money: the program comes before its funds.
        lock_program(tx, program_id).await?;
        let fund = ledger::fund_by_id(tx, fund_id).await?;
        settle(tx, Author::by_clock(&app.clock, &program, now), &fund).await
    })
}

/// Carries over and forfeits what has expired of a fund, and tells those whose it was. Says whether there was anything.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn settle(tx: &mut Tx, author: Author<'_>, fund: &Fund) -> Result<bool, Fault> {
    let Some(Ended { next, carried, forfeited }) = end(tx, author, fund).await? else { return Ok(false) };
    let partner = owner(tx, fund).await?;
    let said = text::fund::ended(fund, forfeited, next.as_ref().map(|next| (next, carried)));
    tell(tx, author, partner.as_ref(), said).await?;
    Ok(true)
}

/// What became of what had expired of a fund.
pub(super) struct Ended {
    /// The fund that it went on to, if any can take it.
    pub next: Option<Fund>,
    pub carried: Money,
    pub forfeited: Money,
}

/// Carries over and forfeits what has expired of a fund, and leaves it to others to say so; `None` if there was nothing.
///
/// # Errors
/// A fault of the database.
pub(super) async fn end(tx: &mut Tx, author: Author<'_>, fund: &Fund) -> Result<Option<Ended>, Fault> {
    let today = author.today();
    if overdue(tx, fund, today).await?.is_empty() {
        return Ok(None);
    }
    let partner = owner(tx, fund).await?;
    let next = match fund.has_ended(today) {
        true => following(tx, author, fund, partner.as_ref()).await?,
        false => None,
    };
    let both: Vec<&Fund> = std::iter::once(fund).chain(&next).collect();
    ledger::lock_available(tx, &both).await?;
    let credits = overdue(tx, fund, today).await?;
    // A credit whose own time was over with the fund's is forfeited: wherever it went, it would be over there. The rest of the
    // fund may go on, as it stood then: a look that comes late shares it out as one in time would have.
    let last = fund.valid_until.min(today.pred_opt().unwrap_or(today));
    let (own, mut rest): (Vec<_>, Vec<_>) =
        credits.into_iter().partition(|one| one.own_day.is_some_and(|day| day <= last));
    // What lasts longest goes on.
    rest.sort_by_key(|one| one.own_day.unwrap_or(NaiveDate::MAX));
    let left = sum(fund, &rest)?;
    let carried = match &next {
        Some(_) => {
            // Sales that are told late end by themselves: what went on before counts towards the limit.
            let before = credit::since_end(tx, fund, author.end_of(fund)).await?.went_on;
            fund.terms.carry.after(Money::from_minor(before, fund.currency)?).of(left)
        }
        None => Money::zero(fund.currency),
    };
    let lost = left.checked_sub(carried)?;
    let forfeited = forfeit(tx, author, fund, &own, sum(fund, &own)?).await?;
    let forfeited = forfeited.checked_add(forfeit(tx, author, fund, &rest, lost).await?)?;
    if let (Some(next), false) = (&next, carried.is_zero()) {
        carry(tx, author, (fund, next), carried).await?;
    }
    let moved = !forfeited.is_zero() || !carried.is_zero();
    Ok(moved.then_some(Ended { next, carried, forfeited }))
}

async fn overdue(tx: &mut Tx, fund: &Fund, today: NaiveDate) -> Result<Vec<Credit>, Fault> {
    let credits = credit::of_fund(tx, fund).await?;
    Ok(credits.into_iter().filter(|credit| credit.expires_on < today).collect())
}

fn sum(fund: &Fund, credits: &[Credit]) -> Result<Money, Fault> {
    Ok(Money::sum(fund.currency, credits.iter().map(|credit| credit.left))?)
}

/// Forfeits so much of credits, in their order, with one line in the trail. Gives the amount back.
async fn forfeit(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    credits: &[Credit],
    amount: Money,
) -> Result<Money, Fault> {
    let mut rest = amount;
    for credit in credits {
        let lost = credit.left.at_most(rest)?;
        if lost.is_zero() {
            continue;
        }
        let transfer = Transfer {
            id: author.clock.new_id(),
            idempotency_key: format!("expire:{}:{}", credit.id, credit.uses),
            fund,
            what: Move::Expire,
            amount: lost,
            about: About { credit_id: Some(&credit.id), ..About::default() },
            actor: author.actor,
            at: author.at,
        };
        match ledger::transfer(tx, &transfer).await? {
            Moved::Done => rest = rest.checked_sub(lost)?,
            moved => {
                return Err(Fault::Corrupt(format!(
                    "{lost} of credit {} can't expire: {moved:?}",
                    credit.id
                )));
            }
        }
    }
    if !amount.is_zero() {
        let detail = json!({"amount": amount.decimal().to_string(), "currency": fund.currency.code()});
        author.audit(tx, fund.partner_id.as_deref(), ("fund_forfeited", &fund.id), detail);
    }
    Ok(amount)
}

async fn carry(
    tx: &mut Tx,
    author: Author<'_>,
    (fund, next): (&Fund, &Fund),
    amount: Money,
) -> Result<(), Fault> {
    let about = About { to: Some(next), ..About::default() };
    match moves(tx, author, fund, (Move::Transfer, amount), about).await?.1 {
        Moved::Done => {}
        moved => return Err(Fault::Corrupt(format!("{amount} of fund {} can't go on: {moved:?}", fund.key))),
    }
    let detail =
        json!({"to": next.id, "amount": amount.decimal().to_string(), "currency": fund.currency.code()});
    author.audit(tx, fund.partner_id.as_deref(), ("fund_carried_over", &fund.id), detail);
    Ok(())
}

pub(super) async fn owner(tx: &mut Tx, fund: &Fund) -> Result<Option<Partner>, Fault> {
    match &fund.partner_id {
        Some(id) => Ok(Some(program::partner_by_id(tx, id).await?)),
        None => Ok(None),
    }
}

/// The fund that the rest goes on to, if it is there and has not ended too: of a partner's money always a fund of that
/// partner, or its allocation of the pool.
pub(super) async fn following(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    partner: Option<&Partner>,
) -> Result<Option<Fund>, Fault> {
    let funds: Vec<Fund> =
        ledger::funds(tx, &author.program.id).await?.into_iter().map(|(fund, _)| fund).collect();
    // An allocation follows its pool.
    let of = match &fund.parent_id {
        Some(parent_id) => ledger::fund_by_id(tx, parent_id).await?,
        None => fund.clone(),
    };
    let found = match &fund.terms.carry.to {
        CarryTo::Nowhere => None,
        CarryTo::Fund(id) => funds.into_iter().find(|one| &one.id == id),
        CarryTo::NextPeriod => next_period(funds, &of),
    };
    let found = found.filter(|next| {
        next.currency == fund.currency && next.id != of.id && next.valid_until >= author.today()
    });
    match (found, partner) {
        (Some(next), Some(partner)) if next.is_pool() => {
            Ok(Some(account_of(tx, author, &next, partner).await?))
        }
        (Some(next), Some(partner)) => Ok(Some(next).filter(|next| next.is_for(&partner.id))),
        (Some(next), None) => Ok(Some(next).filter(Fund::is_pool)),
        (None, _) => Ok(None),
    }
}

/// The fund of the same kind, currency and partner that starts next.
fn next_period(funds: Vec<Fund>, of: &Fund) -> Option<Fund> {
    let alike = |one: &Fund| {
        one.parent_id.is_none()
            && one.kind == of.kind
            && one.currency == of.currency
            && one.partner_id == of.partner_id
            && one.valid_from > of.valid_from
            && one.valid_until > of.valid_until
    };
    funds.into_iter().filter(alike).min_by(|a, b| (a.valid_from, &a.key).cmp(&(b.valid_from, &b.key)))
}

/// Writes a move that brings money back to what is available, and forfeits it at once where its time is over: nothing of
/// it goes on to another fund.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn come_back(
    tx: &mut Tx,
    author: Author<'_>,
    transfer: &Transfer<'_>,
) -> Result<Moved, Fault> {
    let fund = transfer.fund;
    // What was there before goes by the rule of its end; only what comes back now is forfeited whatever that says.
    settle(tx, author, fund).await?;
    let moved = ledger::transfer(tx, transfer).await?;
    let over = overdue(tx, fund, author.today()).await?;
    if moved == Moved::Done && !over.is_empty() {
        let forfeited = forfeit(tx, author, fund, &over, sum(fund, &over)?).await?;
        let partner = owner(tx, fund).await?;
        let said = text::fund::came_back_late(fund, forfeited);
        tell(tx, author, partner.as_ref(), said).await?;
    }
    Ok(moved)
}
