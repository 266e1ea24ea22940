//! Sales of a fund's days that are told after its end. They accrue as any other, and then end as the fund did: what of a
//! credit would have gone on goes on, the rest is forfeited, at once and in one transaction. A correction likewise takes back
//! what went on, and nothing for what was forfeited.

use super::super::{Author, Stop};
use super::accrue::credit;
use super::end::{end, settle};
use super::moves;
use crate::domain::fund::accrual::{Posting, expires_on};
use crate::domain::fund::{Fund, Move};
use crate::domain::money::Money;
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
use crate::fault::Fault;
use crate::store::ledger::{About, Moved};
use crate::store::{Tx, accrual, credit as credits, inbox, ledger};
use crate::text;
use crate::text::fund::Late;
use serde_json::json;

/// Moves what sales of an ended fund come to. Gives the id of the transfer that brought it or took it back, if anything moved,
/// and what became of it.
///
/// # Errors
/// `not_covered` for a correction of more than went on and was forfeited; a fault of the database.
pub(super) async fn post(
    tx: &mut Tx,
    author: Author<'_>,
    account: &Fund,
    (amount, posting): (Money, &Posting),
) -> Result<(Option<String>, Option<Late>), Stop> {
    // What was there before has an end of its own, which the clock may not have come to yet.
    settle(tx, author, account).await?;
    if amount.is_negative() {
        return back(tx, author, account, (amount.negate(), posting)).await;
    }
    let transfer_id = credit(tx, author, account, (amount, posting)).await?;
    let zero = Money::zero(account.currency);
    let late = match end(tx, author, account).await? {
        Some(ended) => Late {
            next: ended.next.map(|next| next.name),
            carried: ended.carried,
            forfeited: ended.forfeited,
        },
        None => Late { next: None, carried: zero, forfeited: zero },
    };
    Ok((transfer_id, Some(late)))
}

/// Takes back of what went on from a fund what a correction takes of it.
async fn back(
    tx: &mut Tx,
    author: Author<'_>,
    account: &Fund,
    (amount, posting): (Money, &Posting),
) -> Result<(Option<String>, Option<Late>), Stop> {
    let end = author.end_of(account);
    // Where it went, whatever fund would follow today.
    let mut reached = Vec::new();
    for (id, went) in credits::went_to(tx, account, end).await? {
        reached.push((
            ledger::fund_by_id(tx, &id).await?,
            Money::from_minor(went, account.currency).map_err(Fault::from)?,
        ));
    }
    let all: Vec<&Fund> = std::iter::once(account).chain(reached.iter().map(|(next, _)| next)).collect();
    ledger::lock_available(tx, &all).await?;
    let since = credits::since_end(tx, account, end).await?;
    let own = expires_on(posting.sold_on, account.terms.credit_months);
    let ran_out = own.is_some_and(|day| day <= account.valid_until);
    let taken = account.terms.carry.back_of(amount, since.went_on, since.forfeited, ran_out);
    let taken = taken.ok_or_else(|| not_there(account, amount))?;
    let kept = amount.checked_sub(taken).map_err(Fault::from)?;
    let mut transfer_id = None;
    let parts = found(tx, account, &reached, taken).await?;
    for (next, part) in &parts {
        let about = About { to: Some(account), memo: Some(&posting.reference), ..About::default() };
        if moves(tx, author, next, (Move::Transfer, *part), about).await?.1 != Moved::Done {
            return Err(Fault::Corrupt(format!("{part} of fund {} can't come back", next.key)).into());
        }
        let detail = json!({"from": next.id, "amount": part.decimal().to_string(), "currency": account.currency.code()});
        author.audit(tx, account.partner_id.as_deref(), ("fund_carried_back", &account.id), detail);
    }
    if !taken.is_zero() {
        transfer_id = credit(tx, author, account, (taken.negate(), posting)).await?;
    }
    let next = names(parts.iter().map(|(next, _)| *next));
    Ok((transfer_id, Some(Late { next, carried: taken.negate(), forfeited: kept.negate() })))
}

/// What of a correction comes back of each fund that money went on to: of the last one first, as much as went there and is
/// available.
async fn found<'a>(
    tx: &mut Tx,
    account: &Fund,
    reached: &'a [(Fund, Money)],
    taken: Money,
) -> Result<Vec<(&'a Fund, Money)>, Stop> {
    let mut parts = Vec::new();
    let mut rest = taken;
    for (next, went) in reached {
        let available = ledger::balances(tx, next).await?.available;
        let part = rest.at_most(*went).and_then(|part| part.at_most(available)).map_err(Fault::from)?;
        if !part.is_zero() {
            rest = rest.checked_sub(part).map_err(Fault::from)?;
            parts.push((next, part));
        }
    }
    if rest.is_zero() {
        return Ok(parts);
    }
    let sentence = format!(
        "{} ended on {}, and {taken} of the correction would come back of what went on to {}: {} of it is available.",
        text::short(&account.name, 80),
        account.valid_until,
        text::short(&names(reached.iter().map(|(next, _)| next)).unwrap_or_default(), 80),
        taken.checked_sub(rest).map_err(Fault::from)?
    );
    Err(Refusal::new(Code::NotCovered, sentence, "Correct at most what is available.").into())
}

fn names<'a>(funds: impl Iterator<Item = &'a Fund>) -> Option<String> {
    let names: Vec<&str> = funds.map(|fund| fund.name.as_str()).collect();
    Some(names.join(" and ")).filter(|names| !names.is_empty())
}

fn not_there(account: &Fund, amount: Money) -> Refusal {
    let sentence = format!(
        "{} ended on {}: less went on from it and was forfeited than a correction of {amount} would take back.",
        text::short(&account.name, 80),
        account.valid_until
    );
    Refusal::new(Code::NotCovered, sentence, "Correct at most what was left of it at its end.")
}

/// Has corrections tried again that waited for sales of a partner: of an ended fund nothing stays available that would call them.
///
/// # Errors
/// A fault of the database.
pub(super) async fn wake(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    partner: &Partner,
) -> Result<(), Fault> {
    for delivery in accrual::waiting(tx, &fund.id, &partner.id).await? {
        inbox::try_now(tx, &delivery, author.at.timestamp_millis()).await?;
    }
    Ok(())
}
