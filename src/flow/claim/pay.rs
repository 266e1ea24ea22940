//! Payments of an approved claim, its reversal, and money that comes back after it.

use super::super::approve::stands_for;
use super::super::{Author, Reply, Step, Stop, unreadable};
use super::fill::reference;
use super::{Found, load, moves, named, rest_changed, show};
use crate::domain::action::Action;
use crate::domain::actor::Capability;
use crate::domain::campaign::read as reading;
use crate::domain::claim::Payment;
use crate::domain::fund::Move;
use crate::domain::money::{Money, parse_amount_in};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{ApprovalRule, RequestState, within_limit_of};
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Tx, claim, ledger, outbox, request};
use crate::text;
use crate::text::card::Post;
use chrono::NaiveDate;
use serde_json::json;

/// A payment as said.
pub(super) struct Said<'a> {
    /// All that is owed without it.
    pub amount: Option<&'a str>,
    /// Today without it.
    pub date: Option<&'a str>,
    pub reference: &'a str,
}

pub(super) async fn pay(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    said: Said<'_>,
) -> Result<Reply, Stop> {
    let found = named(step, tx, name, Action::PayClaim).await?;
    independent(step, tx, &found).await?;
    let today = found.plan.local_day(step.now);
    let paid_on = said.date.map_or(Ok(today), |text| reading::day(text, today))?;
    let decided_on = found.claim.decided_at.map(|at| found.plan.local_day(at));
    if paid_on > today || decided_on.is_some_and(|decided| paid_on < decided) {
        return Err(Refusal::bad_input(
            format!("{paid_on} is in the future, or before the claim was approved."),
            "Give the day on which it was paid.",
        )
        .into());
    }
    let amount = match said.amount {
        Some(text) => amount_of(&found, text)?,
        None => found.claim.owed().unwrap_or(Money::zero(found.fund.currency)),
    };
    let claim = found.claim.clone().pay(amount)?;
    let reference = reference(said.reference)?;
    let before = claim::payments(tx, &found.claim).await?.into_iter();
    let before = before.map(|one| Told { reference: one.reference, amount: one.amount, on: one.paid_on });
    not_told_before(&found, "a payment", (&reference, amount, Some(paid_on)), before)?;
    let stands_for = stands_for(step, Capability::PayClaims, amount);
    let payment = Payment {
        id: step.app.clock.new_id(),
        amount,
        paid_on,
        reference,
        person: step.context.person.id.clone(),
        stands_for: stands_for.map(str::to_owned),
        at: step.now,
    };
    claim::insert_payment(tx, &claim.id, &payment).await?;
    claim::save(tx, &claim).await?;
    let memo = Some(payment.reference.as_str());
    moves(tx, Author::of(step), &found, (Move::Pay, amount, &payment.id), memo).await?;
    let detail = json!({"amount": amount.decimal().to_string(), "currency": found.fund.currency.code(), "on": paid_on.to_string(), "for": stands_for});
    step.audit(tx, Some(&found.partner.id), "claim_payment", &claim.id, detail).await?;
    tell(step, tx, &found, text::claim::paid(&claim, &payment)).await
}

/// Who records what is paid or comes back had no hand in the claim and had no say in what it pays, nor anybody who counts as
/// one with them.
async fn independent(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>) -> Result<(), Stop> {
    let person = &step.context.person;
    let makers = claim::makers(tx, &found.claim.id).await?;
    found.claim.not_made_by(person, &makers)?;
    let approvers = claim::approvers(tx, &found.claim.id).await?;
    if approvers.contains(&person.id) {
        let name = found.claim.name_short();
        let sentence = format!("What {name} pays was decided by you, or for you.");
        return Err(Refusal::new(Code::OwnRequest, sentence, "Somebody else has to pay it.").into());
    }
    let all: Vec<String> = makers.into_iter().chain(approvers).collect();
    let Some(other) = step.context.absences(step.now).one_with(person, &all) else { return Ok(()) };
    let name = found.claim.name_short();
    let sentence = format!(
        "<@{other}> had a hand in {name} or in what it pays, and one of you stands in for the other."
    );
    Err(Refusal::new(Code::OwnRequest, sentence, "Somebody else has to record it.").into())
}

/// A payment, or money that came back, as it was recorded.
struct Told {
    reference: String,
    amount: Money,
    on: NaiveDate,
}

/// Refuses what was recorded before for this claim, with the same reference, amount and, of a payment, day: it is the same money,
/// told again by somebody who did not see that it was there already. One transfer may be recorded in parts, and two may bear
/// one text. `what` is what the earlier one is called.
fn not_told_before(
    found: &Found<'_>,
    what: &str,
    (reference, amount, on): (&str, Money, Option<NaiveDate>),
    mut before: impl Iterator<Item = Told>,
) -> Result<(), Refusal> {
    let same = |told: &Told| {
        told.reference.to_lowercase() == reference.to_lowercase()
            && told.amount == amount
            && on.is_none_or(|on| on == told.on)
    };
    let Some(told) = before.find(same) else { return Ok(()) };
    let (name, shown) = (found.claim.name_short(), text::short(&told.reference, 120));
    let sentence =
        format!("{name} has {what} with the reference {shown} already: {} on {}.", told.amount, told.on);
    Err(Refusal::bad_input(sentence, "If it is another one, tell them apart in the reference."))
}

/// Who takes a claim back has not paid it, nor anybody who counts as one with them: the same person would also say whether the
/// money has come back.
async fn not_paid_by(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>) -> Result<(), Stop> {
    let (person, name) = (&step.context.person, found.claim.name_short());
    let payers = claim::payers(tx, &found.claim.id).await?;
    let sentence = if payers.contains(&person.id) {
        format!("{name} was paid by you, or for you.")
    } else if let Some(other) = step.context.absences(step.now).one_with(person, &payers) {
        format!("<@{other}> paid {name}, and one of you stands in for the other.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::OwnRequest, sentence, "Somebody else has to reverse it.").into())
}

fn amount_of(found: &Found<'_>, text: &str) -> Result<Money, Refusal> {
    let code = found.fund.currency.code();
    parse_amount_in(text, found.fund.currency)
        .map_err(|error| unreadable(&error, &format!("The claim is in {code}.")))
}

pub(super) async fn reverse(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    (reason, confirm): (&str, Option<&str>),
) -> Result<Reply, Stop> {
    let found = named(step, tx, name, Action::DecideClaim).await?;
    super::decide::independent(tx, step.context, &found.claim, step.now).await?;
    not_paid_by(step, tx, &found).await?;
    let amount = found.claim.approved.unwrap_or(Money::zero(found.fund.currency));
    let rule = ApprovalRule { confirm_from: step.context.program.confirm_from };
    within_limit_of(&step.context.person, Capability::ApproveClaims, amount, rule)?;
    let stands_for = stands_for(step, Capability::ApproveClaims, amount);
    let (seen_rev, short) = (found.claim.rev, found.claim.name_short());
    let reversal = found.claim.clone().reverse(reason, step.now)?;
    if !confirm.is_some_and(|text| text.trim().eq_ignore_ascii_case(&short)) {
        let sentence = text::claim::would_reverse(&found.claim, reversal.unpaid);
        let hint = format!("Say it again with the option confirm:{short}.");
        return Err(Refusal::new(Code::Confirm, sentence, hint).into());
    }
    if let Some(unpaid) = reversal.unpaid {
        take_back(step, tx, &found, unpaid).await?;
    }
    claim::save(tx, &reversal.claim).await?;
    let taken = decision::Decision {
        id: step.app.clock.new_id(),
        on: On::Claim(&reversal.claim.id),
        rev: seen_rev,
        outcome: "reversed",
        amount: reversal.unpaid,
        reason: reversal.claim.reason.as_deref(),
        person: &step.context.person.id,
        stands_for,
        at: step.now,
    };
    decision::insert(tx, &taken).await?;
    decision::insert_verdicts(tx, &taken.id, &found.lines).await?;
    let unpaid = reversal.unpaid.map(|money| money.decimal().to_string());
    let detail = json!({"unpaid": unpaid, "for": stands_for, "to_come_back": reversal.claim.to_come_back().map(|money| money.decimal().to_string())});
    step.audit(tx, Some(&found.partner.id), "claim_reversed", &reversal.claim.id, detail).await?;
    rest_changed(tx, Author::of(step), found.partner, (&found.request.id, found.request.held())).await?;
    tell(step, tx, &found, text::claim::reversed(&reversal.claim, reversal.unpaid)).await
}

/// What was not paid goes back to the request; if that has ended, on to the fund.
async fn take_back(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>, unpaid: Money) -> Result<(), Stop> {
    let author = Author::of(step);
    moves(tx, author, found, (Move::ReverseClaim, unpaid, "1"), None).await?;
    if !request::claim(tx, &found.request.id, -unpaid.minor()).await? {
        return Err(Fault::Corrupt(format!("claim {} is not part of its request", found.claim.id)).into());
    }
    if found.request.state != RequestState::Approved {
        moves(tx, author, found, (Move::Release, unpaid, "1"), None).await?;
    }
    Ok(())
}

pub(super) async fn claw_back(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    (amount, said): (&str, &str),
) -> Result<Reply, Stop> {
    let found = named(step, tx, name, Action::PayClaim).await?;
    independent(step, tx, &found).await?;
    let amount = amount_of(&found, amount)?;
    let claim = found.claim.clone().claw_back(amount)?;
    let reference = reference(said)?;
    let told = came_back(tx, &found).await?;
    not_told_before(&found, "money that came back", (&reference, amount, None), told)?;
    let stands_for = stands_for(step, Capability::PayClaims, amount);
    claim::save(tx, &claim).await?;
    let mark = claim.rev.to_string();
    moves(tx, Author::of(step), &found, (Move::ClawBack, amount, &mark), Some(&reference)).await?;
    let detail = json!({"amount": amount.decimal().to_string(), "currency": found.fund.currency.code(), "for": stands_for});
    step.audit(tx, Some(&found.partner.id), "claim_clawed_back", &claim.id, detail).await?;
    tell(step, tx, &found, text::claim::clawed_back(&claim, amount)).await
}

/// What of a claim has come back: the ledger alone says so.
async fn came_back(tx: &mut Tx, found: &Found<'_>) -> Result<impl Iterator<Item = Told>, Fault> {
    let mut all = Vec::new();
    for one in ledger::of_claim(tx, &found.request.id, &found.claim.id).await? {
        if one.what == Move::ClawBack {
            all.push(Told {
                reference: one.memo.unwrap_or_default(),
                amount: Money::from_minor(one.amount_minor, found.fund.currency)?,
                on: found.plan.local_day(one.at),
            });
        }
    }
    Ok(all.into_iter())
}

/// Shows the claim as it is now, and says what happened in the shared channel and to who did it.
async fn tell(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>, said: String) -> Result<Reply, Stop> {
    let found = load(tx, &step.context.program, found.partner, &found.claim.id).await?;
    show(tx, Author::of(step), &found, None).await?;
    let notice = Post { text: said.clone(), ..Post::default() };
    outbox::post(tx, &step.app.clock, &found.partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(said))
}
