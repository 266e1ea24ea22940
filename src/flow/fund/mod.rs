//! Funds: made, filled, shared out, moved, shown, and ended. Administration is the vendor's, in its own channel; a partner
//! sees what is its own, and nothing of a pool.

mod accrue;
mod allocate;
mod create;
mod end;
mod file;
mod late;
mod look;
mod rate;

pub(crate) use accrue::by_webhook;
pub(crate) use end::run_out;
pub(super) use end::{come_back, settle};
pub(crate) use file::takes_fund_file;
pub(super) use look::show;
pub(super) use rate::convert;

use super::context::{Context, Place};
use super::{Author, Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::command::fund::FundWish;
use crate::domain::fund::{Fund, Move, allocation_key, called};
use crate::domain::money::Money;
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::table;
use crate::fault::Fault;
use crate::store::setup::lock_program;
use crate::store::{Read, Tx, ledger, outbox, program};
use crate::text;
use crate::text::card::Post;
use chrono::NaiveDate;
use serde_json::json;

pub(super) async fn handle(step: &Step<'_>, tx: &mut Tx, wish: &FundWish) -> Result<Reply, Stop> {
    if let FundWish::Statement { partner, fund, period } = wish {
        return look::statement(step, tx, (partner.as_deref(), fund), period.as_deref()).await;
    }
    let action = match wish {
        FundWish::Rate { .. } | FundWish::RateFile { .. } => Action::EnterRate,
        _ => Action::ManageFunds,
    };
    manager(step.context, action)?;
    lock_program(tx, &step.context.program.id).await?;
    match wish {
        FundWish::Create(new) => create::create(step, tx, new).await,
        FundWish::Allocate { fund, partner, amount, reason, confirm } => {
            let said = allocate::Said { amount, reason: reason.as_deref(), confirm: confirm.as_deref() };
            allocate::allocate(step, tx, (fund, partner.as_deref()), said).await
        }
        FundWish::Transfer { fund, to, amount, reason, confirm } => {
            let said = allocate::Said { amount, reason: Some(reason), confirm: confirm.as_deref() };
            allocate::transfer(step, tx, (fund, to), said).await
        }
        FundWish::Accrue(new) => accrue::by_command(step, tx, new).await,
        FundWish::AccrueFile { fund, name, text } => accrue::by_file(step, tx, fund, (name, text)).await,
        FundWish::Rate { currency, into, rate, from } => {
            rate::enter(step, tx, (currency, into), (rate, from.as_deref())).await
        }
        FundWish::RateFile { name, text } => rate::by_file(step, tx, (name, text)).await,
        // Answered above: it changes nothing.
        FundWish::Statement { .. } => Err(Refusal::not_found().into()),
    }
}

/// Whether somebody may do this to the program's funds, here: what is said names pools and partners.
///
/// # Errors
/// `not_found` in another partner's channel, `missing_capability`, `wrong_place`.
fn manager(context: &Context, action: Action) -> Result<(), Refusal> {
    context.not_in_a_foreign_channel()?;
    authorise(&context.person, action, context.person.company.code())?;
    if context.place == Place::Approvals {
        return Ok(());
    }
    Err(Refusal::new(
        Code::WrongPlace,
        "I don't speak of the program's funds in this channel.",
        format!("Ask in <#{}>.", context.program.approvals_channel),
    ))
}

impl Step<'_> {
    /// The program's local day.
    pub(in crate::flow) fn today(&self) -> NaiveDate {
        Author::of(self).today()
    }
}

/// The fund that somebody named, for those who administer them all.
async fn named(read: &mut Read, context: &Context, named: &str) -> Result<Fund, Stop> {
    let funds = ledger::funds(read, &context.program.id).await?;
    Ok(called(funds.into_iter().map(|(fund, _)| fund).collect(), named)?)
}

/// Where a partner's money of a fund lies: in the fund itself, or in the partner's allocation of the pool, which is made
/// if there is none yet. Where only the partner is locked, the clock or another partner's people may make it at the same time:
/// then it is theirs.
async fn account_of(tx: &mut Tx, author: Author<'_>, fund: &Fund, partner: &Partner) -> Result<Fund, Fault> {
    if !fund.is_pool() {
        return Ok(fund.clone());
    }
    if let Some(found) = ledger::allocation(tx, &fund.id, &partner.id).await? {
        return Ok(found);
    }
    let new = Fund {
        id: author.clock.new_id(),
        partner_id: Some(partner.id.clone()),
        parent_id: Some(fund.id.clone()),
        key: allocation_key(&fund.key, &partner.key),
        name: format!("{} ({})", fund.name, partner.name),
        terms: crate::domain::fund::Terms { declared: false, ..fund.terms.clone() },
        ..fund.clone()
    };
    if !ledger::open_fund(tx, &new).await? {
        let made = ledger::allocation(tx, &fund.id, &partner.id).await?;
        return made.ok_or_else(|| Fault::Corrupt(format!("fund {} is somebody else's", new.key)));
    }
    author.audit(tx, Some(&partner.id), ("fund_allocation_made", &new.id), json!({"pool": fund.id}));
    Ok(new)
}

/// Moves money of a fund that people or the clock move.
async fn moves(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    (what, amount): (Move, Money),
    about: ledger::About<'_>,
) -> Result<(String, ledger::Moved), Fault> {
    let id = author.clock.new_id();
    let transfer = ledger::Transfer {
        id: id.clone(),
        idempotency_key: format!("fund:{}:{id}", what.code()),
        fund,
        what,
        amount,
        about,
        actor: author.actor,
        at: author.at,
    };
    Ok((id, ledger::transfer(tx, &transfer).await?))
}

/// The refusal of taking more than is there.
async fn not_covered(read: &mut Read, fund: &Fund, amount: Money) -> Result<Refusal, Fault> {
    let available = ledger::balances(read, fund).await?.available;
    let name = text::short(&fund.name, 80);
    let sentence = format!("{name} has {available} available: it can't give {amount}.");
    Ok(Refusal::new(Code::NotCovered, sentence, "Give less, or add to the fund first."))
}

/// The refusal of a file of which something is wrong.
fn not_taken(name: &str, problems: &[String]) -> Refusal {
    let listed = table::listed(problems);
    let sentence = format!("{} is not taken, nothing was posted:\n{listed}", text::short(name, 80));
    Refusal::bad_input(sentence, "Correct these lines and attach it again.")
}

/// What can't be taken back is said twice: the second time with the fund's key.
fn confirmed(fund: &Fund, what: String, confirm: Option<&str>) -> Result<(), Refusal> {
    if confirm.is_some_and(|text| text.trim().eq_ignore_ascii_case(&fund.key)) {
        return Ok(());
    }
    Err(Refusal::new(Code::Confirm, what, format!("Say it again with the option confirm:{}.", fund.key)))
}

/// Tells those whose fund it is: the partner in its channel, of a pool, and of what an archived partner has left, the vendor in
/// its own. What nobody has just asked for, the clock's and another system's doing, waits for the end of quiet hours.
async fn tell(tx: &mut Tx, author: Author<'_>, partner: Option<&Partner>, said: String) -> Result<(), Fault> {
    let channel = match partner {
        Some(partner) if !program::is_partner_archived(tx, &partner.id).await? => &partner.channel_id,
        _ => &author.program.approvals_channel,
    };
    let notice = Post { text: said, ..Post::default() };
    let posted = match author.is_person() {
        true => outbox::post(tx, author.clock, channel, &notice, &[]).await,
        false => outbox::post_unasked(tx, author.clock, &author.program.id, channel, &notice, &[]).await,
    };
    posted.map(drop)
}
