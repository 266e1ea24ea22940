//! A fund made in chat.

use super::super::plan::percent;
use super::super::{Author, Reply, Step, Stop, unreadable};
use super::{moves, named, tell};
use crate::domain::campaign::read as reading;
use crate::domain::command::fund::NewFund;
use crate::domain::fund::carry::{Carry, CarryMost, CarryTo};
use crate::domain::fund::{Fund, FundKind, Move, Terms, key};
use crate::domain::money::{Currency, Money, parse_amount_in};
use crate::domain::period::Period;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::store::ledger::About;
use crate::store::{Tx, ledger, program};
use crate::text;
use serde_json::json;

/// The longest name of a fund, in characters.
const NAME_LIMIT: usize = 80;
/// The most months that an accrued credit lasts.
const MAX_CREDIT_MONTHS: i64 = 120;

pub(super) async fn create(step: &Step<'_>, tx: &mut Tx, new: &NewFund) -> Result<Reply, Stop> {
    let key = key(&new.key)?;
    if ledger::fund_by_key(tx, &step.context.program.id, &key).await?.is_some() {
        let sentence = format!("There is a fund {key} already, or there was one.");
        return Err(Refusal::bad_input(sentence, "Give another key.").into());
    }
    let name = name(&new.name)?;
    means_one_fund(tx, &step.context.program.id, (&key, &name)).await?;
    let partner = new.partner.as_deref().map(|named| step.context.partner(Some(named))).transpose()?;
    let currency = match &new.currency {
        Some(text) => Currency::parse(text).map_err(|error| unreadable(&error, ""))?,
        None => step.context.program.currency,
    };
    let today = step.today();
    let (first, last) = (reading::day(&new.valid_from, today)?, reading::day(&new.valid_until, today)?);
    let period = Period::new(first, last).map_err(|error| unreadable(&error, ""))?;
    let kind = kind(&new.kind)?;
    let fund = Fund {
        id: step.app.clock.new_id(),
        program_id: step.context.program.id.clone(),
        partner_id: partner.map(|partner| partner.id.clone()),
        parent_id: None,
        key,
        name,
        kind,
        currency,
        valid_from: period.start(),
        valid_until: period.end(),
        terms: Terms {
            declared: false,
            carry: carry(step, tx, new, (currency, partner, period)).await?,
            ..accrual(new, kind)?
        },
    };
    fund.not_ended(today)?;
    if let Some(partner) = partner {
        program::lock_partner(tx, &partner.id).await?;
    }
    ledger::insert_fund(tx, &fund).await?;
    let amount = amount(new, currency)?;
    let author = Author::of(step);
    if let Some(amount) = amount {
        moves(tx, author, &fund, (Move::Allocate, amount), About::default()).await?;
    }
    let set_aside = amount.map(|amount| amount.decimal().to_string());
    let detail = json!({"kind": kind.code(), "currency": currency.code(), "amount": set_aside});
    step.audit(tx, fund.partner_id.as_deref(), "fund_created", &fund.id, detail).await?;
    let said = text::fund::created(&fund, amount.unwrap_or(Money::zero(currency)));
    if partner.is_some() {
        tell(tx, author, partner, said.clone()).await?;
    }
    Ok(Reply::text(said))
}

/// What one fund is named by must not be what another is called: people type either.
async fn means_one_fund(tx: &mut Tx, program_id: &str, (key, name): (&str, &str)) -> Result<(), Stop> {
    for (other, _) in ledger::known_funds(tx, program_id).await? {
        let (its_key, its_name) = (&other.key, text::short(&other.name, 80));
        if other.key.eq_ignore_ascii_case(name) {
            let sentence = format!("{its_key} is the key of {its_name}: no other fund can be called so.");
            return Err(Refusal::bad_input(sentence, "Give another name.").into());
        }
        if other.name.eq_ignore_ascii_case(key) {
            let sentence =
                format!("The fund {its_key} is called {its_name}: no other can have that as its key.");
            return Err(Refusal::bad_input(sentence, "Give another key.").into());
        }
    }
    Ok(())
}

fn kind(text: &str) -> Result<FundKind, Refusal> {
    let found = FundKind::parse(text.trim());
    found.ok_or_else(|| {
        Refusal::bad_input("I don't know that kind of fund.", "Pick MDF or co-op from the list.")
    })
}

fn name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) || text.chars().count() > NAME_LIMIT {
        let sentence = format!("A fund needs a name of at most {NAME_LIMIT} characters.");
        return Err(Refusal::bad_input(sentence, "Say it as people will read it on cards."));
    }
    Ok(text.to_owned())
}

fn amount(new: &NewFund, currency: Currency) -> Result<Option<Money>, Refusal> {
    let Some(text) = &new.amount else { return Ok(None) };
    let amount = parse_amount_in(text, currency)
        .map_err(|error| unreadable(&error, &format!("The fund is in {}.", currency.code())))?;
    Ok(Some(amount).filter(|amount| !amount.is_zero()))
}

fn accrual(new: &NewFund, kind: FundKind) -> Result<Terms, Refusal> {
    if kind == FundKind::Mdf && (new.accrual.is_some() || new.credit_months.is_some()) {
        let sentence = "A discretionary fund accrues nothing.";
        return Err(Refusal::bad_input(
            sentence,
            "Leave the rate and the months out, or make it a co-op fund.",
        ));
    }
    if new.credit_months.is_some_and(|months| !(1..=MAX_CREDIT_MONTHS).contains(&months)) {
        let sentence = format!("A credit lasts 1 to {MAX_CREDIT_MONTHS} months.");
        return Err(Refusal::bad_input(
            sentence,
            "Leave the months out for credits that last as long as the fund.",
        ));
    }
    let rate = new.accrual.as_deref().map(percent).transpose()?;
    Ok(Terms {
        accrual_percent: rate.map(|rate| rate.normalize()),
        credit_months: new.credit_months.and_then(|months| u32::try_from(months).ok()),
        ..Terms::default()
    })
}

/// The rule for what is left at the end. The fund that it names has to take it: the same currency, a later end, and no
/// other partner's.
async fn carry(
    step: &Step<'_>,
    tx: &mut Tx,
    new: &NewFund,
    (currency, partner, period): (Currency, Option<&Partner>, Period),
) -> Result<Carry, Stop> {
    let most = new.carry_limit.as_deref().map(|text| CarryMost::read(text, currency)).transpose()?;
    let said = new.carry_over.as_deref().map(str::trim).unwrap_or("none");
    let to = match said.to_lowercase().as_str() {
        "none" => CarryTo::Nowhere,
        "next" | "next period" | "next_period" => CarryTo::NextPeriod,
        _ => {
            let next = named(tx, step.context, said).await?;
            let name = text::short(&next.name, 80);
            let takes = match partner {
                Some(partner) => next.is_for(&partner.id),
                None => next.is_pool(),
            };
            if next.currency != currency || next.valid_until <= period.end() || !takes {
                let sentence = format!("What is left can't go on to {name}.");
                let hint = "Name a fund in the same currency that ends later, and that is the same partner's or a pool.";
                return Err(Refusal::bad_input(sentence, hint).into());
            }
            CarryTo::Fund(next.id)
        }
    };
    if to == CarryTo::Nowhere && most.is_some() {
        let sentence = "There is a limit to what goes on, but nothing goes on.";
        return Err(Refusal::bad_input(sentence, "Say where to in the option carry-over.").into());
    }
    Ok(Carry { to, most: most.unwrap_or_default() })
}
