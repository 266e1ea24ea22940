//! More time to claim: asked by the partner, decided by the vendor, on a card of its own in the approvals channel.

use super::super::context::Context;
use super::super::mdf;
use super::super::press::{Press, Pressed};
use super::super::{Author, Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Capability;
use crate::domain::campaign::{Campaign, read as reading};
use crate::domain::claim::{Extension, ExtensionDecider, ExtensionState};
use crate::domain::command::Command;
use crate::domain::command::claim::{ClaimWish, ExtensionDecision};
use crate::domain::plan::{Plan, needed_reason};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::{Read, Tx, campaign, claim, extension, ledger, outbox, plan, program, request};
use crate::text;
use crate::text::card::Post;
use crate::text::extension::ExtensionView;
use crate::text::request::reason_form;
use chrono::{DateTime, Utc};
use serde_json::json;

/// An extension with what it hangs on.
struct Found<'a> {
    partner: &'a Partner,
    plan: Plan,
    campaign: Campaign,
    request: MdfRequest,
    extension: Extension,
}

pub(super) async fn ask(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, named): (Option<&str>, &str),
    (until, reason): (&str, &str),
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "MDF", partner)?;
    authorise(&step.context.person, Action::FileClaim, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let request = mdf::seen(step.context, request::by_number(tx, &partner.id, number).await?)?;
    let (campaign, plan) = hangs_on(tx, &request).await?;
    let today = plan.local_day(step.now);
    let until = reading::day(until, today)?;
    let file_by = claim::resubmit_by(tx, &request.id).await?;
    let held = campaign.counts_no_day();
    let other = extension::waiting(tx, &request.id).await?;
    let lapsed = other.as_ref().is_some_and(|other| other.has_lapsed(today, held));
    let due = Extension::asked(&request, (file_by, held, lapsed), until, today)?;
    if lapsed {
        void(tx, Author::of(step), (partner, &campaign, &plan), &request).await?;
    } else if let Some(other) = other {
        let sentence = format!("{} waits for {} already.", request.name_short(), other.until);
        return Err(Refusal::wrong_state(sentence, "The vendor decides that first.").into());
    }
    let new = Extension {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        request_id: request.id.clone(),
        rev: 1,
        state: ExtensionState::Waiting,
        due,
        until,
        reason: needed_reason(reason)?,
        asked_by: step.context.person.id.clone(),
        asked_at: step.now,
        decided_by: None,
        stands_for: None,
        decided_at: None,
        decline_reason: None,
    };
    extension::insert(tx, &new).await?;
    let detail = json!({"request": request.id, "due": due.to_string(), "until": until.to_string()});
    step.audit(tx, Some(&partner.id), "extension_asked", &new.id, detail).await?;
    let found = Found { partner, plan, campaign, request, extension: new };
    show(tx, Author::of(step), &found).await?;
    Ok(Reply::text(text::extension::asked(&found.request, &found.extension)))
}

async fn hangs_on(read: &mut Read, request: &MdfRequest) -> Result<(Campaign, Plan), Fault> {
    let campaign = campaign::by_id(read, &request.campaign_id).await?;
    let plan = plan::by_id(read, &campaign.plan_id).await?;
    let gone = || Fault::Corrupt(format!("request {} hangs on no plan", request.id));
    Ok((campaign, plan.ok_or_else(gone)?))
}

/// Whether somebody may decide an extension of this partner now. Standing in for who asked is asking.
fn decidable(
    context: &Context,
    request: &MdfRequest,
    (extension, seen_rev): (&Extension, i64),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    extension.decidable(request, seen_rev, &context.person.id)?;
    context.absences(now).not_filed_by_other(&context.person, std::slice::from_ref(&extension.asked_by))
}

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &ExtensionDecision,
) -> Result<Reply, Stop> {
    let known = extension::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&known.partner_id)?;
    authorise(&step.context.person, Action::DecideExtension, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let extension = extension::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let request = request::by_id(tx, &extension.request_id).await?.ok_or_else(Refusal::not_found)?;
    decidable(step.context, &request, (&extension, seen_rev), step.now)?;
    let (campaign, plan) = hangs_on(tx, &request).await?;
    let stands_for = stands_for(step);
    let by = ExtensionDecider { person: &step.context.person.id, stands_for, at: step.now };
    let (today, held) = (plan.local_day(step.now), campaign.counts_no_day());
    let (extension, request) = match decision {
        ExtensionDecision::Approve => extension.approve(request, (seen_rev, today, held), by)?,
        ExtensionDecision::Decline { reason } => {
            (extension.decline(&request, seen_rev, reason, by)?, request)
        }
    };
    extension::save(tx, &extension).await?;
    request::save(tx, &request).await?;
    let detail = json!({"request": request.id, "until": extension.until.to_string(), "for": stands_for});
    let code = format!("extension_{}", extension.state.code());
    step.audit(tx, Some(&partner.id), &code, &extension.id, detail).await?;
    let found = Found { partner, plan, campaign, request, extension };
    tell(step, tx, &found).await
}

/// Shows what was decided on the cards, and says it in the channel that both read.
async fn tell(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>) -> Result<Reply, Stop> {
    let author = Author::of(step);
    show(tx, author, found).await?;
    let fund = ledger::fund_by_id(tx, &found.request.fund_id).await?;
    let files =
        mdf::Files { partner: found.partner, plan: &found.plan, campaign: &found.campaign, fund: &fund };
    mdf::show(tx, author, &files, &found.request, None).await?;
    let said = text::extension::decided(&found.request, &found.extension);
    let notice = Post { text: said.clone(), ..Post::default() };
    outbox::post(tx, &step.app.clock, &found.partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(said))
}

/// For whom it is decided: somebody who is away and could have.
fn stands_for<'a>(step: &Step<'a>) -> Option<&'a str> {
    let context = step.context;
    let could =
        |needs| context.absences(step.now).decided_for(&context.person, context.grants(), needs, None);
    could(Capability::ApproveClaims).or_else(|| could(Capability::ApproveMdf))
}

async fn show(tx: &mut Tx, author: Author<'_>, found: &Found<'_>) -> Result<(), Fault> {
    let view = ExtensionView {
        partner: found.partner,
        campaign: &found.campaign,
        request: &found.request,
        extension: &found.extension,
    };
    let key = format!("extension:{}:approvals", found.extension.id);
    outbox::show_card(
        tx,
        author.clock,
        &key,
        &author.program.approvals_channel,
        &text::extension::card(&view),
    )
    .await
}

/// What becomes of the extension that waits for a request when that ends, or when a later day is asked for in its place.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn void(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, campaign, plan): (&Partner, &Campaign, &Plan),
    request: &MdfRequest,
) -> Result<(), Fault> {
    let Some(waiting) = extension::waiting(tx, &request.id).await? else { return Ok(()) };
    let Some(over) = waiting.void(author.at) else { return Ok(()) };
    keep(tx, author, (partner, campaign, plan), request, over).await
}

/// What becomes of the extension that waits for a request when its last day has moved for another reason.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn follows(
    tx: &mut Tx,
    author: Author<'_>,
    hangs_on: (&Partner, &Campaign, &Plan),
    request: &MdfRequest,
) -> Result<(), Fault> {
    let (Some(waiting), Some(due)) = (extension::waiting(tx, &request.id).await?, request.claim_due) else {
        return Ok(());
    };
    let Some(followed) = waiting.follows(due, author.at) else { return Ok(()) };
    keep(tx, author, hangs_on, request, followed).await
}

async fn keep(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, campaign, plan): (&Partner, &Campaign, &Plan),
    request: &MdfRequest,
    extension: Extension,
) -> Result<(), Fault> {
    extension::save(tx, &extension).await?;
    let detail = json!({"request": request.id, "until": extension.until.to_string()});
    let code = format!("extension_{}", extension.state.code());
    author.audit(tx, Some(&partner.id), (&code, &extension.id), detail);
    let found = Found {
        partner,
        plan: plan.clone(),
        campaign: campaign.clone(),
        request: request.clone(),
        extension,
    };
    show(tx, author, &found).await
}

/// What a press on an extension's card leads to.
pub(in crate::flow) async fn pressed(
    read: &mut Read,
    context: &Context,
    press: &Press,
    (verb, now): (&str, DateTime<Utc>),
) -> Result<Pressed, Stop> {
    let extension = extension::by_id(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    context.owner(&extension.partner_id)?;
    authorise(&context.person, Action::DecideExtension, &extension.partner_id)?;
    let request = request::by_id(read, &extension.request_id).await?.ok_or_else(Refusal::not_found)?;
    decidable(context, &request, (&extension, press.rev), now)?;
    match verb {
        "approve" => {
            let (campaign, plan) = hangs_on(read, &request).await?;
            extension.approvable(&request, (plan.local_day(now), campaign.counts_no_day()))?;
            Ok(Pressed::Run(Command::Claim(ClaimWish::DecideExtension {
                id: extension.id,
                seen_rev: press.rev,
                decision: ExtensionDecision::Approve,
            })))
        }
        "decline" => Ok(Pressed::Open(reason_form(
            format!("extension-decline:{}:{}", extension.id, extension.rev),
            format!("Decline more time for {}", request.name_short()),
        ))),
        _ => Err(Refusal::not_found().into()),
    }
}
