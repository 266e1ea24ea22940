//! Stopping a campaign: by one side, at once, until the other countersigns (then it is cancelled) or the side that
//! stopped it lets it run again. Whoever may sign does so for their side by stopping; for others somebody of that side
//! signs, before the other side can countersign. Meanwhile it takes no requests and no claims, nobody is reminded of it, and
//! nothing of it runs out; once it runs again, the last days to claim are later by as much.

use super::super::campaign::pending;
use super::super::mdf;
use super::super::plan::{show, stands_for};
use super::super::{Author, Reply, Step, Stop};
use super::decide::{Made, apply, post};
use super::{Scene, reason, sign};
use crate::clock::Clock;
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::content::{Base, stop_content};
use crate::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change, Seen, Signed, rules};
use crate::domain::campaign::{Campaign, StopSignature, Stopped};
use crate::domain::canonical::sha256;
use crate::domain::command::adjust::StopDecision;
use crate::domain::plan::{Plan, Signature};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::store::{Read, Tx, adjustment, campaign, outbox, plan, program};
use crate::text;
use crate::text::card::Post;
use serde_json::json;

/// The most last days that one message names.
const DAYS_SAID: usize = 20;

/// What is said of last days that have moved, as far as a message holds it.
fn days_said(moved: &[String]) -> String {
    let mut said = moved.iter().take(DAYS_SAID).cloned().collect::<Vec<_>>().join(" ");
    if moved.len() > DAYS_SAID {
        said.push_str(&format!(" … and {} more: their cards say it.", moved.len() - DAYS_SAID));
    }
    said
}

pub(super) async fn stop(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    named: &str,
    why: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "CMP", partner)?;
    let person = &step.context.person;
    authorise(person, Action::Stop, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let (by, side) = (person.id.clone(), person.side());
    let mut stopped = Stopped { at: step.now, by, side, reason: reason(why)?, signed: None };
    let mut campaign = campaign.stop(stopped.clone(), plan.state.is_in_force())?;
    if authorise(person, Action::DecidePlan, &partner.id).is_ok() {
        stopped.signed = Some(signature(step, tx, &plan, &campaign, &stopped).await?);
        campaign.stopped = Some(stopped.clone());
    }
    campaign::save(tx, &step.app.clock, &campaign).await?;
    let detail = json!({"plan": plan.id, "side": stopped.side.code(), "signed": stopped.signed.is_some()});
    step.audit(tx, Some(&partner.id), "campaign_stopped", &campaign.id, detail).await?;
    let card = text::adjustment::stop_card(&campaign, &stopped, true);
    outbox::show_card(tx, &step.app.clock, &card_key(&campaign, &stopped), &partner.channel_id, &card)
        .await?;
    mdf::held_by_stop(tx, Author::of(step), (partner, &plan, &campaign)).await?;
    show(step, tx, partner, &plan).await?;
    Ok(Reply::text(format!(
        "{} is stopped. It takes no requests and no claims, nobody is reminded of it and nothing of it runs out until the \
         other side countersigns, which cancels it, or your side says /campaign resume.",
        campaign.name_short()
    )))
}

pub(super) async fn resume(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    named: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "CMP", partner)?;
    authorise(&step.context.person, Action::Stop, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    lasts(&plan, &campaign)?;
    go_on(step, tx, partner, &plan, campaign).await
}

/// Whether a stop of the plan's campaigns can still be decided: what is over gets no further revision.
fn lasts(plan: &Plan, campaign: &Campaign) -> Result<(), Refusal> {
    if plan.state.is_in_force() {
        return Ok(());
    }
    Err(Refusal::wrong_state(
        format!(
            "{} is {}: no stop of {} lasts.",
            plan.name_short(),
            plan.state.label(),
            campaign.name_short()
        ),
        "",
    ))
}

async fn go_on(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: &Plan,
    campaign: Campaign,
) -> Result<Reply, Stop> {
    let (campaign, stopped) = campaign.resume(step.context.person.side())?;
    campaign::save(tx, &step.app.clock, &campaign).await?;
    step.audit(tx, Some(&partner.id), "campaign_resumed", &campaign.id, json!({})).await?;
    show_over(tx, &step.app.clock, partner, &campaign, &stopped).await?;
    show(step, tx, partner, plan).await?;
    let moved = mdf::gone_on(tx, Author::of(step), (partner, plan, &campaign), &stopped).await?;
    let said = format!("{} is no longer stopped. {}", campaign.name_short(), days_said(&moved));
    let said = said.trim_end().to_owned();
    post(step, tx, partner, said.clone()).await?;
    Ok(Reply::text(said))
}

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_at: i64,
    decision: StopDecision,
) -> Result<Reply, Stop> {
    let found = campaign::find(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    let person = &step.context.person;
    let action = match decision {
        StopDecision::Sign | StopDecision::Countersign => Action::DecidePlan,
        StopDecision::Resume => Action::Stop,
    };
    authorise(person, action, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_id(tx, id).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    lasts(&plan, &campaign)?;
    match decision {
        StopDecision::Sign => {
            let stopped = campaign.stop_to_sign(person, seen_at)?.clone();
            sign_stop(step, tx, partner, &plan, (campaign, stopped)).await
        }
        StopDecision::Resume => {
            campaign.stop_seen(seen_at)?;
            go_on(step, tx, partner, &plan, campaign).await
        }
        StopDecision::Countersign => {
            let stopped = campaign.stop_to_countersign(person, seen_at, plan.revision)?.clone();
            countersign(step, tx, partner, plan, (&campaign, &stopped)).await
        }
    }
}

/// What a signature under a stop binds, while the plan is as it is now: which revision it changes, and how.
async fn content(
    read: &mut Read,
    plan: &Plan,
    campaign: &Campaign,
    stopped: &Stopped,
) -> Result<String, Stop> {
    let base = plan::revision(read, &plan.id, Some(plan.revision)).await?.ok_or_else(Refusal::stale)?;
    let name = plan.name_short();
    let base = Base { plan: &name, sha256: &base.sha256, campaigns: std::slice::from_ref(campaign) };
    Ok(stop_content(campaign, stopped, plan.revision, &base))
}

async fn signature(
    step: &Step<'_>,
    read: &mut Read,
    plan: &Plan,
    campaign: &Campaign,
    stopped: &Stopped,
) -> Result<StopSignature, Stop> {
    Ok(StopSignature {
        person: step.context.person.id.clone(),
        at: step.now,
        stands_for: stands_for(step).map(str::to_owned),
        revision: plan.revision,
        content_sha256: sha256(&content(read, plan, campaign, stopped).await?),
    })
}

/// Signs a stop for the side that stopped.
async fn sign_stop(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: &Plan,
    (campaign, stopped): (Campaign, Stopped),
) -> Result<Reply, Stop> {
    let signed = signature(step, tx, plan, &campaign, &stopped).await?;
    let detail = json!({"for": signed.stands_for, "sha256": signed.content_sha256});
    let stopped = Stopped { signed: Some(signed), ..stopped };
    let campaign = Campaign { stopped: Some(stopped.clone()), ..campaign };
    campaign::save(tx, &step.app.clock, &campaign).await?;
    step.audit(tx, Some(&partner.id), "campaign_stop_signed", &campaign.id, detail).await?;
    let card = text::adjustment::stop_card(&campaign, &stopped, true);
    let key = card_key(&campaign, &stopped);
    outbox::show_card(tx, &step.app.clock, &key, &partner.channel_id, &card).await?;
    let other = stopped.side.other().code();
    Ok(Reply::text(format!(
        "Signed. The stop of {} waits for the {other}'s countersignature.",
        campaign.name_short()
    )))
}

/// The stop is what one side asked for; countersigned it is an adjustment like any other.
async fn countersign(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    (campaign, stopped): (&Campaign, &Stopped),
) -> Result<Reply, Stop> {
    let filed = Adjustment {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        number: program::next_number(tx, &partner.id, "adjustment").await?,
        base_revision: plan.revision,
        side: stopped.side,
        asked: vec![Asked {
            change: Change::Cancel { campaign: campaign.id.clone() },
            reason: stopped.reason.clone(),
            by: stopped.by.clone(),
            at: stopped.at,
        }],
        state: AdjustmentState::Proposed,
        rev: 1,
        filed_at: stopped.at,
        decided_at: None,
        decided_by: None,
        decided_reason: None,
        revision: None,
    };
    let scene = Scene::load(step, tx, plan).await?;
    let content = content(tx, &scene.plan, campaign, stopped).await?;
    let given: Vec<Signature> = stopped
        .signed
        .iter()
        .map(|signed| Signature {
            side: stopped.side,
            person: signed.person.clone(),
            content_sha256: signed.content_sha256.clone(),
            signed_at: signed.at,
            stands_for: signed.stands_for.clone(),
        })
        .collect();
    let seen = Seen { rev: filed.rev, plan_revision: scene.plan.revision };
    let signed_rev = filed.rev;
    let signed = filed.sign(&step.context.person, seen, sha256(&content), &given, step.now)?;
    let Signed::Agreed { adjustment: agreed, signature } = signed else {
        return Err(Fault::Other("a stop was countersigned before its own side had signed it".into()).into());
    };
    let outcome = rules::apply(agreed.changes(), &scene.campaigns, &scene.ground())?;
    adjustment::insert(tx, &agreed).await?;
    for own in &given {
        adjustment::add_signature(tx, &agreed.id, signed_rev, own).await?;
    }
    // A cancelled campaign takes no hours any more: there is nothing to warn of.
    sign::keep(step, tx, (&agreed.id, signed_rev), signature, &[]).await?;
    let made = Made { by: &agreed, content: &content, warned: &[] };
    Ok(Reply::text(apply(step, tx, partner, &scene, &made, &outcome).await?))
}

/// Edits a stop's card once it is over: the campaign runs again, or is cancelled.
pub(super) async fn show_over(
    tx: &mut Tx,
    clock: &Clock,
    partner: &Partner,
    campaign: &Campaign,
    stopped: &Stopped,
) -> Result<(), Fault> {
    let card = text::adjustment::stop_card(campaign, stopped, false);
    outbox::show_card(tx, clock, &card_key(campaign, stopped), &partner.channel_id, &card).await
}

/// Voids the signatures under stops that were given on another revision than the plan's now: they bind what it was. Gives
/// the campaigns whose stop somebody has to sign anew.
pub(super) async fn void_signatures(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: &Plan,
) -> Result<Vec<String>, Fault> {
    let mut unsigned = Vec::new();
    for mut campaign in campaign::of_plan(tx, &plan.id).await? {
        let Some(stopped) = campaign.stopped.take() else { continue };
        if stopped.signed.as_ref().is_none_or(|signed| signed.revision == plan.revision) {
            continue;
        }
        let stopped = Stopped { signed: None, ..stopped };
        campaign.stopped = Some(stopped.clone());
        campaign::save(tx, &step.app.clock, &campaign).await?;
        let detail = json!({"revision": plan.revision});
        step.audit(tx, Some(&partner.id), "campaign_stop_signature_void", &campaign.id, detail).await?;
        let card = text::adjustment::stop_card(&campaign, &stopped, true);
        let key = card_key(&campaign, &stopped);
        outbox::show_card(tx, &step.app.clock, &key, &partner.channel_id, &card).await?;
        unsigned.push(campaign.name_short());
    }
    Ok(unsigned)
}

/// Ends the stops that still last when their plan is over, and takes the buttons from their cards. What can be claimed of
/// their campaigns for longer now is said.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn end_stops(
    author: Author<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: &Plan,
) -> Result<(), Fault> {
    for mut campaign in campaign::of_plan(tx, &plan.id).await? {
        let Some(stopped) = campaign.stopped.take() else { continue };
        campaign::save(tx, author.clock, &campaign).await?;
        author.audit(tx, Some(&partner.id), ("campaign_stop_ended", &campaign.id), json!({}));
        show_over(tx, author.clock, partner, &campaign, &stopped).await?;
        let moved = mdf::gone_on(tx, author, (partner, plan, &campaign), &stopped).await?;
        if !moved.is_empty() {
            let text =
                format!("The stop of {} ends with its plan. {}", campaign.name_short(), days_said(&moved));
            let notice = Post { text, ..Post::default() };
            outbox::post_unasked(tx, author.clock, &author.program.id, &partner.channel_id, &notice, &[])
                .await?;
        }
    }
    Ok(())
}

/// The key of one stop's card: another stop of the same campaign has its own.
fn card_key(campaign: &Campaign, stopped: &Stopped) -> String {
    format!("stop:{}:{}", campaign.id, stopped.at.timestamp_millis())
}
