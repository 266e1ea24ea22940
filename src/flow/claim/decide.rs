//! Decisions on a claim that waits: line by line, step by step, each by somebody who had no hand in it.

use super::super::approve::{retyped, stands_for, take};
use super::super::press::{Press, Pressed};
use super::super::{Author, Context, Reply, Step, Stop};
use super::spend::log_spend;
use super::{Found, load, locked, moves, rest_changed, seen, show};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Capability;
use crate::domain::approval::Progress;
use crate::domain::claim::{Claim, ClaimApproval, ClaimState, Line, LineVerdict, takes_claims, verdicts};
use crate::domain::command::Command;
use crate::domain::command::claim::{ClaimDecision, ClaimWish};
use crate::domain::fund::Move;
use crate::domain::money::Money;
use crate::domain::refusal::Refusal;
use crate::domain::request::{ApprovalRule, within_limit_of};
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Read, Tx, claim, outbox, request, rules};
use crate::text;
use crate::text::card::Post;
use crate::text::claim::{confirm_form, lines_form};
use crate::text::request::{DecidedBy, reason_form};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &ClaimDecision,
) -> Result<Reply, Stop> {
    let found = locked(step, tx, id, Action::DecideClaim).await?;
    independent(tx, step.context, &found.claim, step.now).await?;
    match decision {
        ClaimDecision::Approve { confirm } => approve(step, tx, found, seen_rev, confirm.as_deref()).await,
        ClaimDecision::Lines { verdicts } => judge(step, tx, found, seen_rev, verdicts).await,
        ClaimDecision::Return { reason } => {
            let claim = found.claim.clone().send_back(
                seen_rev,
                reason,
                (found.plan.local_day(step.now), step.now),
            )?;
            conclude(step, tx, Found { claim, ..found }, (seen_rev, "returned"), None).await
        }
        ClaimDecision::Decline { reason } => {
            let claim = found.claim.clone().decline(seen_rev, reason, step.now)?;
            conclude(step, tx, Found { claim, ..found }, (seen_rev, "declined"), None).await
        }
    }
}

/// Whether somebody had no hand in the claim, nor anybody who counts as one with them.
pub(super) async fn independent(
    read: &mut Read,
    context: &Context,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let mut makers = claim::makers(read, &claim.id).await?;
    makers.push(claim.filed_by.clone());
    makers.extend(claim.certified_by.clone());
    claim.not_made_by(&context.person, &makers)?;
    context.absences(now).not_filed_by_other(&context.person, &makers)?;
    Ok(())
}

/// Says what is accepted of each line. Who has approved a step approved another amount: that step is void.
async fn judge(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    seen_rev: i64,
    text: &str,
) -> Result<Reply, Stop> {
    let said = verdicts(text, &found.lines, found.fund.currency)?;
    let claim = found.claim.clone().judged(seen_rev)?;
    let mut lines = Vec::new();
    for (line, verdict) in found.lines.iter().zip(&said) {
        let judged =
            Line { accepted: Some(verdict.accepted), reason: verdict.reason.clone(), ..line.clone() };
        claim::save_line(tx, &judged).await?;
        lines.push(judged);
    }
    claim::save(tx, &claim).await?;
    let stands_for = stands_for(step, Capability::ApproveClaims, found.payable()?);
    let pays = found.pays(&lines, found.request.held())?;
    note(step, tx, (&claim, &lines), (seen_rev, "lines"), Some((pays, stands_for))).await?;
    let accepted =
        |one: &LineVerdict| json!({"line": one.position, "accepted": one.accepted.decimal().to_string()});
    let accepted: Vec<Value> = said.iter().map(accepted).collect();
    let detail = json!({"seen_rev": seen_rev, "rev": claim.rev, "lines": accepted, "for": stands_for});
    step.audit(tx, Some(&found.partner.id), "claim_lines_decided", &claim.id, detail).await?;
    let found = load(tx, &step.context.program, found.partner, &claim.id).await?;
    show(tx, Author::of(step), &found, None).await?;
    Ok(Reply::text(text::claim::judged(&found.claim, &found.lines, found.payable()?)))
}

async fn approve(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    seen_rev: i64,
    confirm: Option<&str>,
) -> Result<Reply, Stop> {
    let rule = ApprovalRule { confirm_from: step.context.program.confirm_from };
    let amount = found.payable()?;
    let approval = ClaimApproval { person: &step.context.person, seen_rev, amount, rule, at: step.now };
    found.claim.approvable(&approval)?;
    retyped(amount, confirm, rule)?;
    let chain = rules::chains(tx, &step.context.program).await?.for_claim(amount);
    let taken = decision::steps(tx, On::Claim(&found.claim.id), found.claim.rev).await?;
    let stands_for = stands_for(step, Capability::ApproveClaims, amount);
    let progress = Progress { rev: found.claim.rev, taken };
    let progress = take(step.context, step.now, &chain, (progress, seen_rev), stands_for)?;
    if !progress.is_complete(&chain) {
        let claim = found.claim.clone().step(&approval)?;
        claim::save(tx, &claim).await?;
        let on = (&claim, found.lines.as_slice());
        note(step, tx, on, (seen_rev, decision::STEP), Some((amount, stands_for))).await?;
        let detail = json!({"rev": claim.rev, "step": progress.taken.len(), "of": chain.steps.len(), "amount": amount.decimal().to_string(), "for": stands_for});
        step.audit(tx, Some(&found.partner.id), "claim_step", &claim.id, detail).await?;
        let found = Found { claim, ..found };
        show(tx, Author::of(step), &found, None).await?;
        return Ok(Reply::text(text::claim::step_taken(&found.claim, amount, &chain, &progress)));
    }
    let claim = found.claim.clone().approve(&approval)?;
    if !request::claim(tx, &found.request.id, amount.minor()).await? {
        // The request is locked with its partner: what is left of it was read a moment ago.
        return Err(Fault::Corrupt(format!("claim {} is more than is left of its request", claim.id)).into());
    }
    moves(tx, Author::of(step), &found, (Move::ApproveClaim, amount, &claim.rev.to_string()), None).await?;
    let found = Found { lines: accepted(tx, &found.lines).await?, claim, ..found };
    log_spend(step, tx, &found, amount).await?;
    let (partner, before) = (found.partner, found.request.held());
    let request_id = found.request.id.clone();
    let reply = conclude(step, tx, found, (seen_rev, "approved"), Some((amount, stands_for))).await?;
    rest_changed(tx, Author::of(step), partner, (&request_id, before)).await?;
    Ok(reply)
}

/// The lines as they are approved: one that nobody said anything else of is accepted whole.
async fn accepted(tx: &mut Tx, lines: &[Line]) -> Result<Vec<Line>, Fault> {
    let mut all = Vec::new();
    for line in lines {
        let line = Line { accepted: Some(line.counts()), ..line.clone() };
        claim::save_line(tx, &line).await?;
        all.push(line);
    }
    Ok(all)
}

/// Notes a decision. Only one that sends the claim back or ends it has a reason: of a step, of lines and of an approval
/// nobody says why, and what was said of an earlier state is no word on this one. The lines are kept with it as they stand.
async fn note(
    step: &Step<'_>,
    tx: &mut Tx,
    (claim, lines): (&Claim, &[Line]),
    (rev, outcome): (i64, &str),
    decided: Option<(Money, Option<&str>)>,
) -> Result<(), Fault> {
    let has_reason = matches!(claim.state, ClaimState::Returned | ClaimState::Declined);
    let taken = decision::Decision {
        id: step.app.clock.new_id(),
        on: On::Claim(&claim.id),
        rev,
        outcome,
        amount: decided.map(|(amount, _)| amount),
        reason: claim.reason.as_deref().filter(|_| has_reason),
        person: &step.context.person.id,
        stands_for: decided.and_then(|(_, stands_for)| stands_for),
        at: step.now,
    };
    decision::insert(tx, &taken).await?;
    decision::insert_verdicts(tx, &taken.id, lines).await
}

/// Writes a decision that ends the waiting, and tells both sides.
async fn conclude(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    (seen_rev, outcome): (i64, &str),
    decided: Option<(Money, Option<&str>)>,
) -> Result<Reply, Stop> {
    let claim = &found.claim;
    claim::save(tx, claim).await?;
    let stands_for = match decided {
        Some((_, stands_for)) => stands_for,
        None => stands_for(step, Capability::ApproveClaims, Money::zero(step.context.program.currency)),
    };
    let amount = decided.map_or(Money::zero(found.fund.currency), |(amount, _)| amount);
    note(step, tx, (claim, &found.lines), (seen_rev, outcome), Some((amount, stands_for))).await?;
    let approved = claim.approved.map(|money| money.decimal().to_string());
    let detail = json!({"seen_rev": seen_rev, "approved": approved, "currency": found.fund.currency.code(), "for": stands_for});
    step.audit(tx, Some(&found.partner.id), &format!("claim_{outcome}"), &claim.id, detail).await?;
    let today = found.plan.local_day(step.now);
    // While the campaign is stopped no day is counted, and none can be named.
    let another = takes_claims(&found.request, &found.campaign, None, today).ok();
    let another_until = another.and(found.request.claim_due).filter(|_| !found.campaign.counts_no_day());
    let said = text::claim::decided(claim, &found.request, &found.fund, another_until);
    let notice = Post { text: said.clone(), ..Post::default() };
    let found = load(tx, &step.context.program, found.partner, &claim.id).await?;
    let by = DecidedBy { person: &step.context.person.id, stands_for };
    show(tx, Author::of(step), &found, Some(by)).await?;
    outbox::post(tx, &step.app.clock, &found.partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(said))
}

/// What a press on a claim's card leads to.
pub(in crate::flow) async fn pressed(
    read: &mut Read,
    context: &Context,
    press: &Press,
    verb: &str,
    now: DateTime<Utc>,
) -> Result<Pressed, Stop> {
    let found = seen(context, claim::by_id(read, &press.item).await?)?;
    let partner = context.owner(&found.partner_id)?;
    authorise(&context.person, Action::DecideClaim, &partner.id)?;
    found.decidable(press.rev)?;
    independent(read, context, &found, now).await?;
    let all = load(read, &context.program, partner, &found.id).await?;
    let form = |word: &str| {
        Pressed::Open(reason_form(
            format!("claim-{verb}:{}:{}", found.id, found.rev),
            format!("{word} {}", found.name_short()),
        ))
    };
    match verb {
        "approve" => {
            let amount = all.payable()?;
            let rule = ApprovalRule { confirm_from: context.program.confirm_from };
            within_limit_of(&context.person, Capability::ApproveClaims, amount, rule)?;
            let chain = rules::chains(read, &context.program).await?.for_claim(amount);
            let taken = decision::steps(read, On::Claim(&found.id), found.rev).await?;
            take(context, now, &chain, (Progress { rev: found.rev, taken }, press.rev), None)?;
            if rule.must_confirm(amount) {
                return Ok(Pressed::Open(confirm_form(&found, amount)));
            }
            let decision = ClaimDecision::Approve { confirm: None };
            let wish = ClaimWish::Decide { id: found.id, seen_rev: press.rev, decision };
            Ok(Pressed::Run(Command::Claim(wish)))
        }
        "lines" => Ok(Pressed::Open(lines_form(&found, &all.lines))),
        "return" => Ok(form("Return")),
        "decline" => Ok(form("Decline")),
        _ => Err(Refusal::not_found().into()),
    }
}
