//! MDF requests: filed, decided step by step, amended, ended. What is approved is committed in the ledger in the same
//! transaction, and what ends gives back what it held.

mod decide;
mod file;
mod life;
mod look;
mod moved;

pub(super) use decide::{decide, pressed};
pub(super) use file::{file, submit_draft};
pub(crate) use life::run_out;
pub(super) use life::{change, end};
pub(super) use look::{list, rules, show_one};
pub(crate) use moved::closed_undated;
pub(super) use moved::{follow, gone_on, held_by_stop};

use super::{Author, Context, Step, Stop, fund, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::activity::ActivityRule;
use crate::domain::approval::{Chain, Progress};
use crate::domain::campaign::Campaign;
use crate::domain::fund::{Fund, Move};
use crate::domain::money::{Money, parse_amount_in};
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::refusal::Refusal;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Read, Tx, campaign, ledger, outbox, plan, program, rate, request, rules};
use crate::text;
use crate::text::request::{DecidedBy, RequestView, Steps};

/// What a request hangs on.
pub(crate) struct Files<'a> {
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
}

/// A request with what it hangs on. Its partner is locked, so that nothing of it changes meanwhile.
struct Found<'a> {
    partner: &'a Partner,
    plan: Plan,
    campaign: Campaign,
    fund: Fund,
    request: MdfRequest,
}

impl Found<'_> {
    fn files(&self) -> Files<'_> {
        Files { partner: self.partner, plan: &self.plan, campaign: &self.campaign, fund: &self.fund }
    }
}

/// The request, if whoever asks may know of it.
pub(in crate::flow) fn seen(context: &Context, found: Option<MdfRequest>) -> Result<MdfRequest, Refusal> {
    found.filter(|one| one.is_seen_by(context.person.side())).ok_or_else(Refusal::not_found)
}

/// The request of an id, for somebody who may do `action` to it, as it is under the partner's lock.
async fn locked<'a>(step: &Step<'a>, tx: &mut Tx, id: &str, action: Action) -> Result<Found<'a>, Stop> {
    let found = seen(step.context, request::by_id(tx, id).await?)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, action, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let request = seen(step.context, request::by_id(tx, id).await?)?;
    let campaign = campaign::by_id(tx, &request.campaign_id).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let fund = ledger::fund_by_id(tx, &request.fund_id).await?;
    Ok(Found { partner, plan, campaign, fund, request })
}

/// An amount in the fund's currency, as somebody wrote it.
fn amount_in(fund: &Fund, text: &str) -> Result<Money, Refusal> {
    parse_amount_in(text, fund.currency).map_err(|error| {
        unreadable(&error, &format!("{} is in {}.", text::short(&fund.name, 80), fund.currency.code()))
    })
}

/// What holds for requests of a campaign with a fund. A cap that is stated in another currency than the fund's holds at the
/// rate of the day; where there is none the cap stays as it is, and is warned of.
async fn rule_for(
    step: &Step<'_>,
    read: &mut Read,
    partner: &Partner,
    (campaign, fund): (&Campaign, &Fund),
) -> Result<ActivityRule, Fault> {
    let program = &step.context.program;
    let rule = rules::activity(read, program, partner, campaign.kind).await?;
    let Some(cap) = rule.cap.filter(|cap| cap.currency() != fund.currency) else { return Ok(rule) };
    let today = step.now.with_timezone(&program.zone).date_naive();
    match rate::on(read, &program.id, (cap.currency(), fund.currency), today).await? {
        Some(rate) => Ok(rule.with_cap_at(&rate)?),
        None => Ok(rule),
    }
}

/// The steps that an amount takes in a program, and those that were taken on the request's rev.
async fn steps(read: &mut Read, program: &Program, request: &MdfRequest) -> Result<(Chain, Progress), Fault> {
    let chains = rules::chains(read, program).await?;
    let amount = request.waiting().or(request.approved).unwrap_or(request.amount);
    let taken = decision::steps(read, On::Request(&request.id), request.rev).await?;
    Ok((chains.for_request(amount), Progress { rev: request.rev, taken }))
}

/// Posts or edits the request's two cards: for those who decide, and for the channel that both read. What was never filed has
/// none: it is its own side's.
pub(crate) async fn show(
    tx: &mut Tx,
    author: Author<'_>,
    files: &Files<'_>,
    request: &MdfRequest,
    decided_by: Option<DecidedBy<'_>>,
) -> Result<(), Fault> {
    if !request.was_filed() {
        return Ok(());
    }
    // Who decided stays on its cards, whatever else they are shown again for: who made it what it is, and not who declined an
    // amendment of it or took one back.
    let last = match (decided_by, request.waiting()) {
        (None, None) => decision::all(tx, On::Request(&request.id))
            .await?
            .into_iter()
            .rfind(|one| one.outcome == request.state.code()),
        _ => None,
    };
    let decided_by = decided_by.or(last
        .as_ref()
        .map(|one| DecidedBy { person: &one.person, stands_for: one.stands_for.as_deref() }));
    let balances = ledger::balances(tx, files.fund).await?;
    let (chain, progress) = steps(tx, author.program, request).await?;
    let rule = rules::activity(tx, author.program, files.partner, files.campaign.kind).await?;
    let view = RequestView {
        rule: &rule,
        request,
        partner: files.partner,
        plan: files.plan,
        campaign: files.campaign,
        fund: files.fund,
        balances: &balances,
        decided_by,
        steps: Steps { chain: &chain, taken: &progress.taken },
    };
    let approvals = text::request::approvals_card(&view);
    let key = format!("mdf:{}:approvals", request.id);
    outbox::show_card(tx, author.clock, &key, &author.program.approvals_channel, &approvals).await?;
    let shared = text::request::shared_card(&view);
    outbox::show_card(
        tx,
        author.clock,
        &format!("mdf:{}:shared", request.id),
        &files.partner.channel_id,
        &shared,
    )
    .await
}

/// Moves what a request holds, or is to hold, and says whether the fund could give it.
async fn moves(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    request: &MdfRequest,
    (what, amount): (Move, Money),
) -> Result<ledger::Moved, Fault> {
    let transfer = ledger::Transfer {
        id: author.clock.new_id(),
        idempotency_key: format!("{}:{}:{}", what.code(), request.id, request.rev),
        fund,
        what,
        amount,
        about: ledger::About::request(&request.id),
        actor: author.actor,
        at: author.at,
    };
    if what == Move::Release {
        return fund::come_back(tx, author, &transfer).await;
    }
    // What has expired by now is no longer there to be committed, though the clock has yet to say so.
    fund::settle(tx, author, transfer.fund).await?;
    ledger::transfer(tx, &transfer).await
}

/// Gives back what an ended request held.
async fn release(
    tx: &mut Tx,
    author: Author<'_>,
    fund: &Fund,
    request: &MdfRequest,
    held: Money,
) -> Result<(), Fault> {
    if moves(tx, author, fund, request, (Move::Release, held)).await? == ledger::Moved::Done {
        return Ok(());
    }
    // What a request holds is committed: the ledger says otherwise only if it is broken.
    Err(Fault::Corrupt(format!("{held} of request {} is not committed", request.id)))
}

/// Notes a decision, whoever took it, with the reason that they gave.
async fn note_decision(
    tx: &mut Tx,
    author: Author<'_>,
    request: &MdfRequest,
    (seen_rev, outcome): (i64, &str),
    (stands_for, reason): (Option<&str>, Option<&str>),
) -> Result<(), Fault> {
    let taken = decision::Decision {
        id: author.clock.new_id(),
        on: On::Request(&request.id),
        rev: seen_rev,
        outcome,
        amount: request.waiting().filter(|_| outcome == decision::STEP).or(request.approved),
        reason,
        person: author.actor,
        stands_for,
        at: author.at,
    };
    decision::insert(tx, &taken).await
}
