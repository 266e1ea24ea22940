//! Decisions on a request that waits: step by step, each by somebody else; nobody decides what they filed.

use super::super::approve::{retyped, stands_for, take, typed};
use super::super::claim::rest_changed;
use super::super::press::{Press, Pressed};
use super::super::{Author, Context, Reply, Step, Stop};
use super::{Found, locked, moves, note_decision, release, seen, show, steps};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Capability;
use crate::domain::approval::{Chain, Progress};
use crate::domain::command::{Command, RequestDecision};
use crate::domain::fund::{Fund, Move};
use crate::domain::money::Money;
use crate::domain::plan::needed_reason;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{Approval, ApprovalRule, Less, MdfRequest, RequestState, within_limit};
use crate::fault::Fault;
use crate::store::{Read, Tx, campaign, decision, ledger, outbox, plan, request, rules};
use crate::text;
use crate::text::card::Post;
use crate::text::request::{DecidedBy, confirm_form, less_form, reason_form};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::cmp::Ordering;

pub(in crate::flow) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &RequestDecision,
) -> Result<Reply, Stop> {
    let found = locked(step, tx, id, Action::DecideRequest).await?;
    independent(tx, step.context, &found.request, step.now).await?;
    let before = found.request.clone();
    match decision {
        RequestDecision::Approve { .. } | RequestDecision::ApproveLess { .. } => {
            approve(step, tx, found, seen_rev, decision).await
        }
        RequestDecision::Return { reason } => {
            let request = found.request.send_back(seen_rev, reason, step.now)?;
            let outcome = (RequestState::Returned.code(), Some(reason.trim()));
            conclude(step, tx, Found { request, ..found }, &before, outcome).await
        }
        RequestDecision::Decline { reason } => {
            let request = found.request.decline(seen_rev, reason, step.now)?;
            let outcome = (RequestState::Declined.code(), Some(reason.trim()));
            conclude(step, tx, Found { request, ..found }, &before, outcome).await
        }
    }
}

/// Whether somebody may decide on what they see here, as far as who filed it goes.
async fn independent(
    read: &mut Read,
    context: &Context,
    request: &MdfRequest,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let mut filers = request::filers(read, &request.id).await?;
    request.not_filed_by(&context.person, &filers)?;
    filers.push(request.filed_by.clone());
    filers.extend(request.amendment.iter().map(|amendment| amendment.filed_by.clone()));
    context.absences(now).not_filed_by_other(&context.person, &filers)?;
    Ok(())
}

async fn approve(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    seen_rev: i64,
    decision: &RequestDecision,
) -> Result<Reply, Stop> {
    found.campaign.takes_approval()?;
    let (_, progress) = steps(tx, &step.context.program, &found.request).await?;
    let rule = ApprovalRule { confirm_from: step.context.program.confirm_from };
    let approval = Approval {
        person: &step.context.person,
        seen_rev,
        less: less(&found.request, decision, rule)?,
        is_first: progress.taken.is_empty(),
        plan: &found.plan,
        rule,
        at: step.now,
    };
    let amount = found.request.approvable(&approval)?;
    let own_reason = approval.less.as_ref().filter(|_| found.request.waiting() != Some(amount));
    let own_reason = own_reason.map(|less| less.reason.as_str());
    if found.request.takes_more(amount) {
        still_gives(step, tx, &found).await?;
    }
    let chain = rules::chains(tx, &step.context.program).await?.for_request(amount);
    let stands_for = stands_for(step, Capability::ApproveMdf, amount);
    let progress = take(step.context, step.now, &chain, (progress, seen_rev), stands_for)?;
    if !progress.is_complete(&chain) {
        let request = found.request.clone().step(&approval)?;
        let by = (stands_for, own_reason);
        return step_taken(step, tx, Found { request, ..found }, (&chain, &progress), by).await;
    }
    let rule = rules::activity(tx, &step.context.program, found.partner, found.campaign.kind).await?;
    let before = found.request.clone();
    let claim_by = rule.claim_by(found.campaign.period.end(), found.plan.local_day(step.now));
    let request = found.request.approve(&approval, claim_by)?;
    commit(step, tx, &found.fund, &before, &request).await?;
    let partner = found.partner;
    let outcome = (RequestState::Approved.code(), own_reason);
    let reply = conclude(step, tx, Found { request, ..found }, &before, outcome).await?;
    rest_changed(tx, Author::of(step), partner, (&before.id, before.held())).await?;
    Ok(reply)
}

/// Writes a step that is not the last, and shows who is next.
async fn step_taken(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    (chain, progress): (&Chain, &Progress),
    (stands_for, reason): (Option<&str>, Option<&str>),
) -> Result<Reply, Stop> {
    request::save(tx, &found.request).await?;
    let author = Author::of(step);
    let seen = (found.request.rev, decision::STEP);
    note_decision(tx, author, &found.request, seen, (stands_for, reason)).await?;
    let amount = found.request.waiting().unwrap_or(found.request.amount);
    let detail = json!({"rev": found.request.rev, "step": progress.taken.len(), "of": chain.steps.len(), "amount": amount.decimal().to_string(), "for": stands_for});
    step.audit(tx, Some(&found.partner.id), "request_step", &found.request.id, detail).await?;
    show(tx, author, &found.files(), &found.request, None).await?;
    Ok(Reply::text(text::request::step_taken(&found.request, chain, progress)))
}

/// Writes a decision that ends the waiting, and tells both sides.
async fn conclude(
    step: &Step<'_>,
    tx: &mut Tx,
    found: Found<'_>,
    before: &MdfRequest,
    (outcome, reason): (&str, Option<&str>),
) -> Result<Reply, Stop> {
    let request = &found.request;
    request::save(tx, request).await?;
    let counts = match outcome {
        "approved" => request.approved.unwrap_or(request.amount),
        _ => Money::zero(step.context.program.currency),
    };
    let stands_for = stands_for(step, Capability::ApproveMdf, counts);
    let person = step.context.person.id.as_str();
    let author = Author::of(step);
    note_decision(tx, author, request, (before.rev, outcome), (stands_for, reason)).await?;
    let approved = request.approved.map(|money| money.decimal().to_string());
    let amended = before.amendment.is_some();
    let detail = json!({"seen_rev": before.rev, "approved": approved, "currency": found.fund.currency.code(), "for": stands_for, "amendment": amended});
    step.audit(tx, Some(&found.partner.id), &format!("request_{outcome}"), &request.id, detail).await?;
    let decided_by = Some(DecidedBy { person, stands_for });
    show(tx, author, &found.files(), request, decided_by).await?;
    let said = match amended {
        true => text::request::amendment_decided(request, outcome),
        false => text::request::decided(request, &found.fund),
    };
    let notice = Post { text: said.clone(), ..Post::default() };
    outbox::post(tx, &step.app.clock, &found.partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(said))
}

/// Refuses what would commit money of a fund that has ended or was taken out of the configuration.
async fn still_gives(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>) -> Result<(), Stop> {
    let today = step.today();
    found.request.takes_from(&found.fund, today)?;
    if !ledger::is_archived(tx, &found.fund.id).await? {
        return Ok(());
    }
    let sentence = "The fund is archived: nothing more can be committed from it.";
    Err(Refusal::wrong_state(
        sentence,
        "Decline the request; the partner may file a new one with another fund.",
    )
    .into())
}

/// The less that an approver gives, if they do.
fn less(
    request: &MdfRequest,
    decision: &RequestDecision,
    rule: ApprovalRule,
) -> Result<Option<Less>, Refusal> {
    let waiting = request.waiting().unwrap_or(request.amount);
    match decision {
        RequestDecision::ApproveLess { amount, reason } => {
            Ok(Some(Less { amount: typed(amount, waiting)?, reason: needed_reason(reason)? }))
        }
        // Who approves less types the amount anyway; who approves the whole of a large one types it again.
        RequestDecision::Approve { confirm } => retyped(waiting, confirm.as_deref(), rule).map(|()| None),
        RequestDecision::Return { .. } | RequestDecision::Decline { .. } => Ok(None),
    }
}

/// Commits what the last approval changes: the whole of a new request, the difference of an amended one.
async fn commit(
    step: &Step<'_>,
    tx: &mut Tx,
    fund: &Fund,
    before: &MdfRequest,
    after: &MdfRequest,
) -> Result<(), Stop> {
    let zero = Money::zero(fund.currency);
    let (old, new) = (before.approved.unwrap_or(zero), after.approved.unwrap_or(zero));
    let author = Author::of(step);
    let change = new.checked_sub(old).map_err(Fault::from)?;
    match change.minor().cmp(&0) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Ok(release(tx, author, fund, after, change.negate()).await?),
        Ordering::Greater => match moves(tx, author, fund, after, (Move::Approve, change)).await? {
            ledger::Moved::Done => Ok(()),
            ledger::Moved::Before => Err(Refusal::stale().into()),
            ledger::Moved::NotCovered => {
                let available = ledger::balances(tx, fund).await?.available;
                let name = text::short(&fund.name, 80);
                let sentence = format!("{name} has {available} available: it can't cover {change}.");
                Err(Refusal::new(Code::NotCovered, sentence, "Approve less, or add to the fund first.")
                    .into())
            }
        },
    }
}

/// What a press on a request's card leads to.
pub(in crate::flow) async fn pressed(
    read: &mut Read,
    context: &Context,
    press: &Press,
    verb: &str,
    now: DateTime<Utc>,
) -> Result<Pressed, Stop> {
    let request = seen(context, request::by_id(read, &press.item).await?)?;
    context.owner(&request.partner_id)?;
    authorise(&context.person, Action::DecideRequest, &request.partner_id)?;
    request.decidable(press.rev)?;
    independent(read, context, &request, now).await?;
    let rule = ApprovalRule { confirm_from: context.program.confirm_from };
    let waiting = request.waiting().unwrap_or(request.amount);
    if matches!(verb, "approve" | "less") {
        let campaign = campaign::by_id(read, &request.campaign_id).await?;
        let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
        request.takes_approval(&plan)?;
        campaign.takes_approval()?;
        let (chain, progress) = steps(read, &context.program, &request).await?;
        if verb == "less" {
            request.takes_less(progress.taken.is_empty())?;
        }
        take(context, now, &chain, (progress, press.rev), None)?;
    }
    if verb == "approve" {
        within_limit(&context.person, waiting, rule)?;
    }
    let form = |word: &str| {
        Pressed::Open(reason_form(
            format!("mdf-{verb}:{}:{}", request.id, request.rev),
            format!("{word} {}", request.name_short()),
        ))
    };
    match verb {
        "approve" if rule.must_confirm(waiting) => Ok(Pressed::Open(confirm_form(&request))),
        "approve" => {
            let decision = RequestDecision::Approve { confirm: None };
            Ok(Pressed::Run(Command::DecideRequest { id: request.id, seen_rev: press.rev, decision }))
        }
        "less" => Ok(Pressed::Open(less_form(&request))),
        "return" => Ok(form("Return")),
        "decline" => Ok(form("Decline")),
        _ => Err(Refusal::not_found().into()),
    }
}
