//! Stopping a campaign: by one side, at once, until the other countersigns (then it is cancelled) or the side that
//! stopped it lets it run again. Meanwhile it takes no requests, and nobody is reminded of it.

use super::super::plan::show;
use super::super::{Reply, Step, Stop};
use super::decide::{apply, post};
use super::{Scene, reason};
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change, rules};
use crate::domain::campaign::{Campaign, Stopped};
use crate::domain::command::adjust::StopDecision;
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::store::{Tx, adjustment, campaign, outbox, plan, program};
use crate::text;
use serde_json::json;

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
    let campaign = campaign::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let stopped = Stopped { at: step.now, by: person.id.clone(), side: person.side(), reason: reason(why)? };
    let campaign = campaign.stop(stopped.clone(), plan.state.is_in_force())?;
    campaign::save(tx, &step.app.clock, &campaign).await?;
    let detail = json!({"plan": plan.id, "side": stopped.side.code()});
    step.audit(tx, Some(&partner.id), "campaign_stopped", &campaign.id, detail).await?;
    let card = text::adjustment::stop_card(&campaign, &stopped, true);
    outbox::show_card(tx, &step.app.clock, &card_key(&campaign, &stopped), &partner.channel_id, &card)
        .await?;
    show(step, tx, partner, &plan).await?;
    Ok(Reply::text(format!(
        "{} is stopped. It takes no requests and nobody is reminded of it until the other side countersigns, which cancels \
         it, or your side says /campaign resume.",
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
    let campaign = campaign::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    go_on(step, tx, partner, &plan, campaign).await
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
    show_over(step, tx, partner, &campaign, &stopped).await?;
    show(step, tx, partner, plan).await?;
    let said = format!("{} is no longer stopped.", campaign.name_short());
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
        StopDecision::Countersign => Action::DecidePlan,
        StopDecision::Resume => Action::Stop,
    };
    authorise(person, action, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_id(tx, id).await?;
    let stopped = match decision {
        StopDecision::Countersign => campaign.stop_to_countersign(person, seen_at)?.clone(),
        StopDecision::Resume => campaign.stop_seen(seen_at)?.clone(),
    };
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    if decision == StopDecision::Resume {
        return go_on(step, tx, partner, &plan, campaign).await;
    }
    // The stop is what the other side asked for; countersigned it is an adjustment like any other.
    let filed = Adjustment {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        number: 0,
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
    let agreed = filed.countersign(person, 1, plan.revision, step.now)?;
    let number = program::next_number(tx, &partner.id, "adjustment").await?;
    let agreed = Adjustment { number, ..agreed };
    let scene = Scene::load(step, tx, plan).await?;
    let outcome = rules::apply(agreed.changes(), &scene.campaigns, &scene.ground())?;
    adjustment::insert(tx, &agreed).await?;
    Ok(Reply::text(apply(step, tx, partner, &scene, &agreed, &outcome).await?))
}

/// Edits a stop's card once it is over: the campaign runs again, or is cancelled.
pub(super) async fn show_over(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    campaign: &Campaign,
    stopped: &Stopped,
) -> Result<(), Stop> {
    let card = text::adjustment::stop_card(campaign, stopped, false);
    let key = card_key(campaign, stopped);
    Ok(outbox::show_card(tx, &step.app.clock, &key, &partner.channel_id, &card).await?)
}

/// The key of one stop's card: another stop of the same campaign has its own.
fn card_key(campaign: &Campaign, stopped: &Stopped) -> String {
    format!("stop:{}:{}", campaign.id, stopped.at.timestamp_millis())
}
