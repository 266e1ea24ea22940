//! Claims: put together and filed by the partner, decided line by line, paid in parts, reversed if they were wrong.
//! What each of these moves in the ledger is moved in the same transaction.

mod decide;
mod ending;
mod evidence;
mod extend;
mod fill;
mod gone_on;
mod hand_out;
mod last_call;
mod look;
mod offer;
pub mod packet;
mod pay;
mod spend;
mod sweep;

pub(super) use decide::pressed;
pub(super) use ending::end_with;
pub use evidence::{refuses_proof, takes_proof};
pub(super) use extend::{follows as extension_follows, pressed as extension_pressed, void as void_extension};
pub(crate) use fill::run_out;
pub(super) use gone_on::gone_on;
pub(super) use hand_out::hand_out;
pub(super) use last_call::of_request as called_last;
pub(crate) use last_call::said;
pub(super) use look::{list, show_one};
pub(super) use offer::pressed as offer_pressed;
pub(crate) use sweep::sweep;

use super::{Author, Context, Reply, Step, Stop, fund};
use crate::domain::action::{Action, authorise};
use crate::domain::activity::ActivityRule;
use crate::domain::approval::{Chain, Progress};
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, Evidence, Line, payable, slots};
use crate::domain::command::claim::ClaimWish;
use crate::domain::command::short_name;
use crate::domain::fund::{Fund, Move};
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::refusal::Refusal;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{
    Read, Tx, campaign, claim, evidence as files, ledger, outbox, plan, program, request, rules,
};
use crate::text;
use crate::text::card::Card;
use crate::text::claim::{ClaimView, flags};
use crate::text::request::{DecidedBy, Steps};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) async fn handle(step: &Step<'_>, tx: &mut Tx, wish: &ClaimWish) -> Result<Reply, Stop> {
    match wish {
        ClaimWish::New { partner, request } => fill::start(step, tx, partner.as_deref(), request).await,
        ClaimWish::Line(new) => fill::add_line(step, tx, new).await,
        ClaimWish::RemoveLine { partner, claim, line } => {
            fill::remove_line(step, tx, (partner.as_deref(), claim), *line).await
        }
        ClaimWish::Evidence(new) => evidence::add(step, tx, new).await,
        ClaimWish::RemoveEvidence { partner, claim, file } => {
            evidence::remove(step, tx, (partner.as_deref(), claim), file).await
        }
        ClaimWish::OfferProof(at) => offer::offer(step, tx, at).await,
        ClaimWish::Extend { partner, request, until, reason } => {
            extend::ask(step, tx, (partner.as_deref(), request), (until, reason)).await
        }
        ClaimWish::DecideExtension { id, seen_rev, decision } => {
            extend::decide(step, tx, id, *seen_rev, decision).await
        }
        ClaimWish::Submit { partner, claim, certify } => {
            fill::submit(step, tx, (partner.as_deref(), claim), *certify).await
        }
        ClaimWish::Withdraw { partner, claim } => fill::withdraw(step, tx, (partner.as_deref(), claim)).await,
        ClaimWish::Decide { id, seen_rev, decision } => {
            decide::decide(step, tx, id, *seen_rev, decision).await
        }
        ClaimWish::Pay { partner, claim, amount, date, reference } => {
            let said = pay::Said { amount: amount.as_deref(), date: date.as_deref(), reference };
            pay::pay(step, tx, (partner.as_deref(), claim), said).await
        }
        ClaimWish::Reverse { partner, claim, reason, confirm } => {
            pay::reverse(step, tx, (partner.as_deref(), claim), (reason, confirm.as_deref())).await
        }
        ClaimWish::ClawBack { partner, claim, amount, reference } => {
            pay::claw_back(step, tx, (partner.as_deref(), claim), (amount, reference)).await
        }
    }
}

/// A claim with all that it hangs on.
struct Found<'a> {
    partner: &'a Partner,
    plan: Plan,
    campaign: Campaign,
    fund: Fund,
    request: MdfRequest,
    rule: ActivityRule,
    claim: Claim,
    lines: Vec<Line>,
    evidence: Vec<Evidence>,
}

impl Found<'_> {
    /// What its lines come to now, as far as the request has anything left.
    fn payable(&self) -> Result<Money, Fault> {
        self.payable_of(self.request.held())
    }

    /// What its lines come to if this is left of the request.
    fn payable_of(&self, left: Option<Money>) -> Result<Money, Fault> {
        self.pays(&self.lines, left)
    }

    /// What these lines come to if this is left of the request.
    fn pays(&self, lines: &[Line], left: Option<Money>) -> Result<Money, Fault> {
        let left = left.unwrap_or(Money::zero(self.fund.currency));
        Ok(payable(lines, self.request.share_percent, left)?)
    }
}

/// The claim, if whoever asks may know of it.
fn seen(context: &Context, found: Option<Claim>) -> Result<Claim, Refusal> {
    found.filter(|one| one.is_seen_by(context.person.side())).ok_or_else(Refusal::not_found)
}

/// The claim of a short name, for somebody who may do `action` to it. Its partner is locked.
async fn named<'a>(
    step: &Step<'a>,
    tx: &mut Tx,
    (partner, named): (Option<&str>, &str),
    action: Action,
) -> Result<Found<'a>, Stop> {
    let (partner, number) = step.context.named(named, "CLM", partner)?;
    authorise(&step.context.person, action, &partner.id)?;
    let found = seen(step.context, claim::by_number(tx, &partner.id, number).await?)?;
    locked(step, tx, &found.id, action).await
}

/// The claim of an id, for somebody who may do `action` to it. Its partner is locked.
async fn locked<'a>(step: &Step<'a>, tx: &mut Tx, id: &str, action: Action) -> Result<Found<'a>, Stop> {
    let found = seen(step.context, claim::by_id(tx, id).await?)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, action, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    Ok(load(tx, &step.context.program, partner, id).await?)
}

/// All of a claim.
async fn load<'a>(
    read: &mut Read,
    program: &Program,
    partner: &'a Partner,
    id: &str,
) -> Result<Found<'a>, Fault> {
    let gone = || Fault::Corrupt(format!("claim {id} hangs on nothing"));
    let claim = claim::by_id(read, id).await?.ok_or_else(gone)?;
    let request = request::by_id(read, &claim.request_id).await?.ok_or_else(gone)?;
    let campaign = campaign::by_id(read, &request.campaign_id).await?;
    Ok(Found {
        partner,
        plan: plan::by_id(read, &campaign.plan_id).await?.ok_or_else(gone)?,
        fund: ledger::fund_by_id(read, &claim.fund_id).await?,
        rule: rules::activity(read, program, partner, campaign.kind).await?,
        lines: claim::lines(read, &claim).await?,
        evidence: files::of_claim(read, &claim.id).await?,
        campaign,
        request,
        claim,
    })
}

/// The steps that the claim takes, and those that were taken on its rev.
async fn steps(read: &mut Read, program: &Program, found: &Found<'_>) -> Result<(Chain, Progress), Fault> {
    let amount = found.claim.approved.map_or_else(|| found.payable(), Ok)?;
    let chain = rules::chains(read, program).await?.for_claim(amount);
    let taken = decision::steps(read, On::Claim(&found.claim.id), found.claim.rev).await?;
    Ok((chain, Progress { rev: found.claim.rev, taken }))
}

/// What its deciders should know: an invoice or a file that another claim of this partner has too. One that was never filed
/// the vendor doesn't know of: it is named to its own side alone, which is who reads of another such.
async fn warnings(read: &mut Read, found: &Found<'_>) -> Result<Vec<String>, Fault> {
    let (partner, own) = (&found.partner.id, &found.claim);
    let others = claim::invoices(read, partner, &own.id, !own.was_filed()).await?;
    let mut warnings = flags(&found.lines, &others);
    for file in &found.evidence {
        let others = files::same_file(read, partner, &own.id, (&file.sha256, !own.was_filed())).await?;
        warnings.extend(text::proof::elsewhere(file, &others));
    }
    warnings.extend(text::proof::in_two_slots(&found.evidence));
    Ok(warnings)
}

/// The claim's two cards.
struct Cards {
    /// For those who decide, with the buttons that apply.
    approvals: Card,
    /// For the channel that both companies read.
    shared: Card,
}

async fn cards(
    read: &mut Read,
    program: &Program,
    found: &Found<'_>,
    decided_by: Option<DecidedBy<'_>>,
) -> Result<Cards, Fault> {
    let (chain, progress) = steps(read, program, found).await?;
    let warnings = warnings(read, found).await?;
    let slots = slots(&found.rule, &found.evidence);
    let view = |lines, pays| ClaimView {
        claim: &found.claim,
        lines,
        slots: &slots,
        evidence: &found.evidence,
        request: &found.request,
        campaign: &found.campaign,
        partner: found.partner,
        fund: &found.fund,
        pays,
        warnings: &warnings,
        steps: Steps { chain: &chain, taken: &progress.taken },
        eligible: &found.rule.eligible,
        decided_by,
    };
    let lines = found.lines.as_slice();
    let of_deciders = view(lines, found.claim.approved.map_or_else(|| found.payable(), Ok)?);
    let approvals = text::claim::approvals_card(&of_deciders);
    // Until the vendor has decided, what one of its people would cut is between them.
    let as_claimed: Vec<Line> = lines.iter().map(Line::as_claimed).collect();
    let shared = match found.claim.state.is_pending() {
        true => text::claim::shared_card(&view(&as_claimed, found.pays(&as_claimed, found.request.held())?)),
        false => text::claim::shared_card(&of_deciders),
    };
    Ok(Cards { approvals, shared })
}

/// Posts or edits the claim's two cards. A draft has none: its side puts it together first.
async fn show(
    tx: &mut Tx,
    author: Author<'_>,
    found: &Found<'_>,
    decided_by: Option<DecidedBy<'_>>,
) -> Result<(), Fault> {
    let Cards { approvals, shared } = cards(tx, author.program, found, decided_by).await?;
    let (clock, id) = (author.clock, &found.claim.id);
    let channel = &author.program.approvals_channel;
    outbox::show_card(tx, clock, &format!("claim:{id}:approvals"), channel, &approvals).await?;
    outbox::show_card(tx, clock, &format!("claim:{id}:shared"), &found.partner.channel_id, &shared).await
}

/// A claim was filed: those that wait with the same invoice or file are flagged from now on as it is itself.
async fn show_doubles(tx: &mut Tx, author: Author<'_>, filed: &Found<'_>) -> Result<(), Fault> {
    let (partner, own) = (filed.partner, &filed.claim.id);
    let others = claim::invoices(tx, &partner.id, own, false).await?;
    let has = |supplier: &str, number: &str| filed.lines.iter().any(|line| line.is_of(supplier, number));
    let same = others.into_iter().filter(|(_, supplier, number)| has(supplier, number));
    let mut names: BTreeSet<String> = same.map(|(name, ..)| name).collect();
    for file in &filed.evidence {
        names.extend(files::same_file(tx, &partner.id, own, (&file.sha256, false)).await?);
    }
    for (_, number) in names.iter().filter_map(|name| short_name(name, "CLM")) {
        let Some(other) = claim::by_number(tx, &partner.id, number).await? else { continue };
        if other.state.is_pending() {
            let found = load(tx, author.program, partner, &other.id).await?;
            show(tx, author, &found, None).await?;
        }
    }
    Ok(())
}

/// What is left of a request is no longer `before`: the claims that wait for a decision and pay something else now are under
/// a new rev, so that nobody decides on an amount that they did not see, and their cards say what it is.
pub(in crate::flow) async fn rest_changed(
    tx: &mut Tx,
    author: Author<'_>,
    partner: &Partner,
    (request_id, before): (&str, Option<Money>),
) -> Result<(), Fault> {
    for id in claim::pending_of_request(tx, request_id).await? {
        let found = load(tx, author.program, partner, &id).await?;
        let (was, pays) = (found.payable_of(before)?, found.payable()?);
        if was == pays {
            continue;
        }
        let Some(claim) = found.claim.clone().repriced() else { continue };
        claim::save(tx, &claim).await?;
        let detail =
            json!({"rev": claim.rev, "was": was.decimal().to_string(), "pays": pays.decimal().to_string()});
        author.audit(tx, Some(&partner.id), ("claim_repriced", &claim.id), detail);
        show(tx, author, &Found { claim, ..found }, None).await?;
    }
    Ok(())
}

/// Moves money of a claim; `mark` tells this move from others of the same claim.
async fn moves(
    tx: &mut Tx,
    author: Author<'_>,
    found: &Found<'_>,
    (what, amount, mark): (Move, Money, &str),
    memo: Option<&str>,
) -> Result<(), Fault> {
    let transfer = ledger::Transfer {
        id: author.clock.new_id(),
        idempotency_key: format!("{}:{}:{mark}", what.code(), found.claim.id),
        fund: &found.fund,
        what,
        amount,
        about: ledger::About { memo, ..ledger::About::claim(&found.request.id, &found.claim.id) },
        actor: author.actor,
        at: author.at,
    };
    let moved = match what {
        Move::Release | Move::ClawBack => fund::come_back(tx, author, &transfer).await?,
        _ => ledger::transfer(tx, &transfer).await?,
    };
    match moved {
        ledger::Moved::Done => Ok(()),
        // What a claim holds is there: the ledger says otherwise only if it is broken.
        moved => Err(Fault::Corrupt(format!("{amount} of claim {} can't move: {moved:?}", found.claim.id))),
    }
}
