//! Deciding an adjustment: signed by both sides it becomes the plan's next revision, in one transaction with everything
//! that follows from it.

use super::super::campaign::question;
use super::super::plan::{overfull_weeks, show, stands_for, terms};
use super::super::{Author, Reply, Step, Stop, mdf, task};
use super::sign::{self, Waiting, card_key, show_waiting};
use super::{Scene, ending, stop};
use crate::clock::Clock;
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::{Adjustment, Outcome, Seen, Signed, rules};
use crate::domain::campaign::CampaignState;
use crate::domain::canonical::sha256;
use crate::domain::capacity::Overfull;
use crate::domain::command::adjust::AdjustmentDecision;
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::store::{Tx, adjustment, campaign, card, outbox, plan, program};
use crate::text;
use crate::text::card::Post;
use serde_json::json;

/// What deciding needs: each side signs, the filing side takes back what it may file.
pub(crate) fn needed(decision: &AdjustmentDecision) -> Action {
    match decision {
        AdjustmentDecision::Sign | AdjustmentDecision::Countersign | AdjustmentDecision::Decline { .. } => {
            Action::DecidePlan
        }
        AdjustmentDecision::Withdraw => Action::EditPlan,
    }
}

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &AdjustmentDecision,
) -> Result<Reply, Stop> {
    let found = adjustment::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    let person = &step.context.person;
    authorise(person, needed(decision), &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let waiting = adjustment::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &waiting.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let seen = Seen { rev: seen_rev, plan_revision: plan.revision };
    let decided = match decision {
        AdjustmentDecision::Sign => {
            waiting.signable_by_filer(person, seen)?;
            return signed(step, tx, partner, plan, (waiting, seen)).await;
        }
        AdjustmentDecision::Countersign => {
            waiting.decidable(person, seen)?;
            return signed(step, tx, partner, plan, (waiting, seen)).await;
        }
        AdjustmentDecision::Decline { reason } => {
            let reason = super::reason(reason)?;
            waiting.decline(person, seen, &reason, step.now)?
        }
        AdjustmentDecision::Withdraw => waiting.withdraw(person, seen_rev, step.now)?,
    };
    adjustment::save(tx, &decided).await?;
    let code = format!("adjustment_{}", decided.state.code());
    step.audit(
        tx,
        Some(&partner.id),
        &code,
        &decided.id,
        json!({"seen_rev": seen_rev, "for": stands_for(step)}),
    )
    .await?;
    conclude(step, tx, partner, &decided).await?;
    let said = text::adjustment::decided(&decided, &plan);
    post(step, tx, partner, said.clone()).await?;
    Ok(Reply::text(said))
}

/// Signs for the side of whoever asks. With the second signature it takes effect; what it may not change is checked with
/// each, so that nobody signs what can't.
async fn signed(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    (waiting, seen): (Adjustment, Seen),
) -> Result<Reply, Stop> {
    let mut given = adjustment::signatures(tx, &waiting.id, waiting.rev).await?;
    waiting.signable(&step.context.person, seen, &given)?;
    let scene = Scene::load(step, tx, plan).await?;
    let outcome = rules::apply(waiting.changes(), &scene.campaigns, &scene.ground())?;
    let content = sign::content(tx, &scene.plan, &scene.campaigns, &waiting).await?;
    let sha256 = sha256(&content);
    let at = (waiting.id.clone(), waiting.rev);
    let signed = waiting.clone().sign(&step.context.person, seen, sha256, &given, step.now)?;
    let (agreed, signature, waits_for) = match signed {
        Signed::Half { signature, waits_for, .. } => (None, signature, Some(waits_for)),
        Signed::Agreed { adjustment, signature } => (Some(adjustment), signature, None),
    };
    let impact = sign::impact(tx, &scene, &outcome, step.now).await?;
    let warned = impact.warns_of();
    let signature = sign::keep(step, tx, (&at.0, at.1), signature, warned).await?;
    given.push(signature.clone());
    // Both signatures stay on the card once it is over, so they are shown before its end is added.
    let shown = Waiting {
        scene: &scene,
        adjustment: &waiting,
        outcome: &outcome,
        impact: &impact,
        signatures: &given,
    };
    show_waiting(step, tx, partner, &shown).await?;
    let Some(agreed) = agreed else {
        sign::record(step, tx, &waiting, &signature, warned).await?;
        return Ok(Reply::text(text::adjustment::half_signed(&waiting, waits_for)));
    };
    adjustment::save(tx, &agreed).await?;
    let made = Made { by: &agreed, content: &content, warned };
    let said = apply(step, tx, partner, &scene, &made, &outcome).await?;
    conclude(step, tx, partner, &agreed).await?;
    Ok(Reply::text(said))
}

/// What makes a revision.
pub(super) struct Made<'a> {
    pub by: &'a Adjustment,
    /// What both sides have signed of it.
    pub content: &'a str,
    pub warned: &'a [Overfull],
}

/// Makes an agreed adjustment the plan's next revision, and says what it did.
pub(super) async fn apply(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    scene: &Scene,
    &Made { by: agreed, content, warned }: &Made<'_>,
    outcome: &Outcome,
) -> Result<String, Stop> {
    for (before, after) in outcome.changed(&scene.campaigns) {
        match before {
            // First: an edit that takes a slug which another campaign has got meanwhile is refused as well.
            before
                if before.is_none_or(|before| before.slug != after.slug)
                    && campaign::slug_taken(tx, &partner.id, &after.slug).await? =>
            {
                return Err(Refusal::wrong_state(
                    format!("Another campaign has the utm_campaign of {} by now.", after.name_short()),
                    "Withdraw this, and file it again with another slug.",
                )
                .into());
            }
            Some(_) => campaign::save(tx, &step.app.clock, after).await?,
            None => campaign::insert(tx, &step.app.clock, after, &agreed.asked[0].by).await?,
        }
        // A new campaign gets the tasks of its type, and those whose days nobody set by hand move along with it.
        if after.is_planned() {
            task::follow(step, tx, before.unwrap_or(after), after, &scene.plan).await?;
        }
        if after.state == CampaignState::Cancelled {
            let detail = json!({"adjustment": agreed.id});
            step.audit(tx, Some(&partner.id), "campaign_cancelled", &after.id, detail).await?;
        }
    }
    let reason = agreed.asked.last().map(|asked| asked.reason.clone()).unwrap_or_default();
    let plan = outcome.plan(&scene.plan, step.now).revised(outcome.ends_plan.then(|| reason.clone()))?;
    plan::save(tx, &plan).await?;
    if outcome.terms.is_some() {
        plan::save_terms(tx, &plan).await?;
    }
    let cancelled: Vec<_> = outcome.changed(&scene.campaigns).map(|(_, after)| after.clone()).collect();
    let every = if outcome.ends_plan { outcome.campaigns.as_slice() } else { cancelled.as_slice() };
    let files = ending::Files { partner, plan: &plan, campaigns: every };
    let ended = ending::end(step, tx, &files, outcome.ends_plan, &reason).await?;
    mdf::follow(step, tx, (partner, &plan), (scene.campaigns.as_slice(), outcome)).await?;
    // Tasks and promises that ended are no longer part of what is frozen.
    let snapshot = terms(tx, &plan).await?.canonical_revision(serde_json::from_str(content)?);
    let hash = sha256(&snapshot);
    plan::add_revision_at(tx, &plan, step.now, &snapshot, &hash).await?;
    let detail = json!({
        "plan": plan.id,
        "revision": plan.revision,
        "sha256": hash,
        "for": stands_for(step),
        "overfull_weeks": overfull_weeks(warned),
    });
    step.audit(tx, Some(&partner.id), "adjustment_agreed", &agreed.id, detail).await?;
    let open = adjustment::open_of_plan(tx, &plan.id).await?;
    if let Some(over) = open.and_then(|open| open.superseded(step.now)) {
        adjustment::save(tx, &over).await?;
        step.audit(tx, Some(&partner.id), "adjustment_superseded", &over.id, json!({})).await?;
        conclude(step, tx, partner, &over).await?;
    }
    let unsigned = follow(step, tx, partner, (scene, outcome), &plan).await?;
    show(step, tx, partner, &plan).await?;
    let said = format!(
        "{}{}",
        text::adjustment::agreed(agreed, &plan, &ended),
        text::adjustment::stops_unsigned(&unsigned)
    );
    post(step, tx, partner, said.clone()).await?;
    Ok(said)
}

/// Brings what hangs on stops and on questions in the shared channel to what the plan is now, and gives the campaigns whose
/// stop has to be signed anew.
async fn follow(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    (scene, outcome): (&Scene, &Outcome),
    plan: &Plan,
) -> Result<Vec<String>, Fault> {
    for (before, after) in outcome.changed(&scene.campaigns) {
        if let Some(stopped) = before.and_then(|before| before.stopped.as_ref())
            && after.stopped.is_none()
        {
            stop::show_over(tx, &step.app.clock, partner, after, stopped).await?;
        }
        if let Some(before) = before
            && (before.period.end() != after.period.end() || after.state == CampaignState::Cancelled)
        {
            let (asked, said) =
                ((before.id.as_str(), before.period.end()), text::campaign::asked_no_more(after));
            question::close(tx, &step.app.clock, partner, asked, &said).await?;
        }
    }
    if plan.state.is_in_force() {
        return stop::void_signatures(step, tx, partner, plan).await;
    }
    stop::end_stops(Author::of(step), tx, partner, plan).await?;
    Ok(Vec::new())
}

/// Edits the card to say how it ended. What was decided on stays on it as it was read.
async fn conclude(step: &Step<'_>, tx: &mut Tx, partner: &Partner, over: &Adjustment) -> Result<(), Stop> {
    conclude_at(tx, &step.app.clock, partner, over).await?;
    Ok(())
}

/// The same for whoever has no context of a request: the clock.
pub(crate) async fn conclude_at(
    tx: &mut Tx,
    clock: &Clock,
    partner: &Partner,
    over: &Adjustment,
) -> Result<(), Fault> {
    let key = card_key(over);
    if let Some(kept) = card::load(tx, &key).await? {
        let card = text::adjustment::concluded(kept.wanted, over);
        outbox::show_card(tx, clock, &key, &partner.channel_id, &card).await?;
    }
    Ok(())
}

pub(super) async fn post(step: &Step<'_>, tx: &mut Tx, partner: &Partner, text: String) -> Result<(), Stop> {
    let post = Post { text, ..Post::default() };
    outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
    Ok(())
}
