//! Money into a fund, of a pool to a partner, and from one fund to another.

use super::super::setup::declared;
use super::super::{Author, Reply, Step, Stop};
use super::{account_of, confirmed, moves, named, not_covered, tell};
use crate::domain::fund::accrual::signed;
use crate::domain::fund::{Fund, Move};
use crate::domain::money::Money;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::fault::Fault;
use crate::store::ledger::{About, Moved};
use crate::store::{Tx, credit, ledger, program};
use crate::text;
use rust_decimal::Decimal;
use serde_json::json;

/// The longest reason, in characters.
const REASON_LIMIT: usize = 300;

/// What was said of a move.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub amount: &'a str,
    pub reason: Option<&'a str>,
    pub confirm: Option<&'a str>,
}

fn reason(text: Option<&str>) -> Result<Option<&str>, Refusal> {
    let text = text.map(str::trim).filter(|text| !is_blank(text));
    match text {
        Some(text) if text.chars().count() > REASON_LIMIT => Err(Refusal::bad_input(
            format!("A reason has at most {REASON_LIMIT} characters."),
            "Say it shorter.",
        )),
        other => Ok(other),
    }
}

pub(super) async fn allocate(
    step: &Step<'_>,
    tx: &mut Tx,
    (fund, partner): (&str, Option<&str>),
    said: Said<'_>,
) -> Result<Reply, Stop> {
    let fund = named(tx, step.context, fund).await?;
    let amount = signed(said.amount, fund.currency)?;
    let reason = reason(said.reason)?;
    let author = Author::of(step);
    super::settle(tx, author, &fund).await?;
    if let Some(partner) = partner {
        return to_partner(step, tx, &fund, partner, (amount, reason, said.confirm)).await;
    }
    if fund.terms.declared {
        return Err(declared(&text::short(&fund.name, 80)).into());
    }
    if fund.parent_id.is_some() {
        let sentence = format!("{} is an allocation of a pool.", text::short(&fund.name, 80));
        let hint = "Name the pool, and the partner in the option partner.";
        return Err(Refusal::bad_input(sentence, hint).into());
    }
    in_own_currency(amount, &fund)?;
    let (what, moved) = match amount.is_negative() {
        true => (Move::AllocateBack, amount.negate()),
        false => {
            fund.not_ended(step.today())?;
            takes_part(step, &fund)?;
            (Move::Allocate, amount)
        }
    };
    if what == Move::AllocateBack {
        let what = format!("{moved} of {} would be taken back.", text::short(&fund.name, 80));
        confirmed(&fund, what, said.confirm)?;
    }
    if moves(tx, author, &fund, (what, moved), About { memo: reason, ..About::default() }).await?.1
        != Moved::Done
    {
        return Err(not_covered(tx, &fund, moved).await?.into());
    }
    let code = if amount.is_negative() { "fund_taken_back" } else { "fund_allocated" };
    step.audit(tx, fund.partner_id.as_deref(), code, &fund.id, figures(moved)).await?;
    let available = ledger::balances(tx, &fund).await?.available;
    let said = text::fund::allocated(&fund, amount, available);
    if let Some(partner) = owner(step, &fund) {
        tell(tx, author, Some(partner), said.clone()).await?;
    }
    Ok(Reply::text(said))
}

/// Of a pool to a partner, or back.
async fn to_partner(
    step: &Step<'_>,
    tx: &mut Tx,
    pool: &Fund,
    partner: &str,
    (amount, reason, confirm): (Money, Option<&str>, Option<&str>),
) -> Result<Reply, Stop> {
    let partner = step.context.partner(Some(partner))?;
    if !pool.is_pool() {
        let sentence =
            format!("{} is one partner's already: only a pool has allocations.", text::short(&pool.name, 80));
        return Err(Refusal::bad_input(sentence, "Leave the option partner out, or name a pool.").into());
    }
    in_own_currency(amount, pool)?;
    pool.not_ended(step.today())?;
    program::lock_partner(tx, &partner.id).await?;
    let author = Author::of(step);
    let account = account_of(tx, author, pool, partner).await?;
    let back = amount.is_negative();
    let (from, to) = if back { (&account, pool) } else { (pool, &account) };
    let moved = if back { amount.negate() } else { amount };
    if back {
        let what = format!("{moved} would be taken back from {}.", text::short(&account.name, 80));
        confirmed(pool, what, confirm)?;
    }
    let about = About { to: Some(to), memo: reason, ..About::default() };
    if moves(tx, author, from, (Move::Transfer, moved), about).await?.1 != Moved::Done {
        return Err(not_covered(tx, from, moved).await?.into());
    }
    let code = if back { "fund_taken_back" } else { "fund_allocated" };
    step.audit(tx, Some(&partner.id), code, &account.id, figures(moved)).await?;
    let available = ledger::balances(tx, &account).await?.available;
    // The partner reads of its own allocation alone; what the pool holds is the vendor's.
    tell(tx, author, Some(partner), text::fund::allocated(&account, amount, available)).await?;
    let rest = ledger::balances(tx, pool).await?.available;
    Ok(Reply::text(text::fund::allocated_of(pool, &account, amount, rest)))
}

fn in_own_currency(amount: Money, fund: &Fund) -> Result<(), Refusal> {
    if amount.currency() == fund.currency {
        return Ok(());
    }
    let own = fund.currency.code();
    Err(Refusal::bad_input(
        format!("{} is in {own}, not in {}.", text::short(&fund.name, 80), amount.currency().code()),
        format!("Give the amount in {own}."),
    ))
}

fn figures(amount: Money) -> serde_json::Value {
    json!({"amount": amount.decimal().to_string(), "currency": amount.currency().code()})
}

pub(super) async fn transfer(
    step: &Step<'_>,
    tx: &mut Tx,
    (from, to): (&str, &str),
    said: Said<'_>,
) -> Result<Reply, Stop> {
    let (from, to) = (named(tx, step.context, from).await?, named(tx, step.context, to).await?);
    if from.id == to.id {
        return Err(Refusal::bad_input("Both are the same fund.", "Name another in the option to.").into());
    }
    let amount = signed(said.amount, from.currency)?;
    if amount.is_negative() {
        let sentence = "A transfer can't be below zero.";
        return Err(Refusal::bad_input(sentence, "Name the funds the other way round.").into());
    }
    in_own_currency(amount, &from)?;
    let today = step.today();
    from.not_ended(today)?;
    to.not_ended(today)?;
    takes_part(step, &to)?;
    let reason = reason(said.reason)?
        .ok_or_else(|| Refusal::bad_input("A transfer needs a reason.", "Say it in the option reason."))?;
    let author = Author::of(step);
    let (arrives, rate) = super::convert(tx, &step.context.program.id, amount, to.currency, today).await?;
    confirmed(&from, text::fund::would_transfer(&from, &to, (amount, arrives), rate.as_ref()), said.confirm)?;
    super::settle(tx, author, &from).await?;
    let moved = match rate {
        None => {
            let about = About { to: Some(&to), memo: Some(reason), ..About::default() };
            moves(tx, author, &from, (Move::Transfer, amount), about).await?.1
        }
        Some(rate) => {
            let memo = format!("{} at {} of {}: {reason}", to.currency.code(), rate.rate, rate.valid_from);
            exchanged(tx, author, (&from, amount), (&to, arrives), &memo).await?
        }
    };
    if moved != Moved::Done {
        return Err(not_covered(tx, &from, amount).await?.into());
    }
    let rate: Option<Decimal> = rate.map(|rate| rate.rate);
    let detail = json!({"to": to.id, "amount": amount.decimal().to_string(), "currency": from.currency.code(),
        "arrived": arrives.decimal().to_string(), "rate": rate.map(|rate| rate.to_string())});
    step.audit(tx, from.partner_id.as_deref(), "fund_transferred", &from.id, detail).await?;
    told(step, tx, (&from, amount.negate())).await?;
    told(step, tx, (&to, arrives)).await?;
    Ok(Reply::text(text::fund::transferred(&from, &to, (amount, arrives))))
}

/// Moves an amount to a fund in another currency. No transfer holds two currencies: it is taken back here and allocated
/// there, each part with the own last day of the credits that it was taken of.
async fn exchanged(
    tx: &mut Tx,
    author: Author<'_>,
    (from, amount): (&Fund, Money),
    (to, arrives): (&Fund, Money),
    memo: &str,
) -> Result<Moved, Fault> {
    ledger::lock_available(tx, &[from, to]).await?;
    let about = About { memo: Some(memo), ..About::default() };
    let (id, moved) = moves(tx, author, from, (Move::AllocateBack, amount), about).await?;
    if moved != Moved::Done {
        return Ok(moved);
    }
    let parts = credit::parts(tx, from, &id).await?;
    let weights: Vec<u64> = parts.iter().map(|(_, minor)| minor.unsigned_abs()).collect();
    let arrive = arrives.split(&weights)?;
    for ((expires_on, _), part) in parts.into_iter().zip(arrive).filter(|(_, part)| !part.is_zero()) {
        moves(tx, author, to, (Move::Allocate, part), About { expires_on, ..about }).await?;
    }
    Ok(Moved::Done)
}

/// The partner whose fund it is, if it takes part.
fn owner<'a>(step: &Step<'a>, fund: &Fund) -> Option<&'a Partner> {
    step.context.partners.iter().find(|partner| fund.partner_id.as_ref() == Some(&partner.id))
}

/// Whether anything may come to a fund: an archived partner could do nothing with it. What it has left may be taken back.
fn takes_part(step: &Step<'_>, fund: &Fund) -> Result<(), Refusal> {
    if fund.partner_id.is_none() || owner(step, fund).is_some() {
        return Ok(());
    }
    let sentence = format!("{} is an archived partner's.", text::short(&fund.name, 80));
    Err(Refusal::wrong_state(sentence, "Name another fund; what is left of this one may be taken out of it."))
}

/// A partner that takes part is told what came to its own fund or left it, and nothing of the other one.
async fn told(step: &Step<'_>, tx: &mut Tx, (fund, amount): (&Fund, Money)) -> Result<(), Stop> {
    let Some(partner) = owner(step, fund) else { return Ok(()) };
    let available = ledger::balances(tx, fund).await?.available;
    let said = text::fund::transferred_own(fund, amount, available);
    Ok(tell(tx, Author::of(step), Some(partner), said).await?)
}
