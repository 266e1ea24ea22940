//! The plan's card: what it is made of, and that the one in the shared channel says what is true now.

use super::{Step, Stop, guild_event};
use crate::clock::Clock;
use crate::domain::campaign::{Campaign, checklist};
use crate::domain::capacity::overfull;
use crate::domain::outlook::outlook;
use crate::domain::plan::terms::Terms;
use crate::domain::plan::{BySide, Plan, PlanState, Signature};
use crate::domain::program::{Partner, Program};
use crate::domain::readiness::{Check, Facts, Readiness};
use crate::domain::request::RequestState;
use crate::fault::Fault;
use crate::report::figures;
use crate::store::readiness::SignedRev;
use crate::store::{
    Read, Tx, adjustment, campaign, card, checkpoint, effort, outbox, plan, program, promise, readiness,
    request, task,
};
use crate::text;
use crate::text::plan::{Adjusted, PlanView};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// A plan with all that belongs to it, as it stands.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn terms(read: &mut Read, plan: &Plan) -> Result<Terms, Fault> {
    Ok(Terms {
        plan: plan.clone(),
        campaigns: campaign::of_plan(read, &plan.id).await?,
        tasks: task::of_plan(read, &plan.id).await?,
        promises: promise::of_plan(read, &plan.id).await?,
        rates: plan::rates(read, &plan.id).await?,
        efforts: effort::of_partner(read, &plan.partner_id).await?,
    })
}

/// The readiness of a plan as of an instant.
///
/// # Errors
/// A fault of the database.
pub(super) async fn ready(
    read: &mut Read,
    terms: &Terms,
    signatures: &[Signature],
    now: DateTime<Utc>,
) -> Result<Readiness, Fault> {
    let plan = &terms.plan;
    let stands = |state: RequestState| {
        !matches!(
            state,
            RequestState::Draft
                | RequestState::Returned
                | RequestState::Declined
                | RequestState::Withdrawn
                | RequestState::Cancelled
                | RequestState::Expired
        )
    };
    let requests = request::of_plan(read, &plan.id).await?;
    let requested: BTreeSet<String> = requests
        .into_iter()
        .filter(|request| stands(request.state))
        .map(|request| request.campaign_id)
        .collect();
    let owners = readiness::owners(read, &plan.id).await?;
    let held = checkpoint::last_slot(read, &format!("checkpoint:{}", plan.id)).await?;
    let due: Vec<_> = match plan.agreed_at {
        // A checkpoint that an outage swallowed is held by the next one that is posted: it is named there.
        Some(agreed_at) => plan
            .due_between(agreed_at, now)
            .into_iter()
            .map(|slot| (slot.local.date(), held.is_some_and(|held| slot.due_at <= held)))
            .collect(),
        None => Vec::new(),
    };
    let reviews = checkpoint::reviews(read, plan).await?;
    let has_signed = |side| signatures.iter().any(|signature| signature.side == side);
    let signed = BySide {
        vendor: has_signed(crate::domain::actor::Side::Vendor),
        partner: has_signed(crate::domain::actor::Side::Partner),
    };
    let checks = |campaign: &Campaign| checks(campaign);
    Ok(Readiness::of(&Facts {
        terms,
        checks: &checks,
        requested: &requested,
        signed,
        owners: &owners,
        due: &due,
        reviews: &reviews,
        today: plan.local_day(now),
    }))
}

/// The checklist of a campaign's type, as far as people tick it off; requests are looked at apart.
fn checks(campaign: &Campaign) -> Vec<Check> {
    let ticked =
        checklist::all(campaign, &[]).into_iter().filter(|(item, _)| *item != checklist::MDF_REQUEST);
    ticked.map(|(item, done)| Check { code: item.code, label: item.label, done }).collect()
}

/// Whoever signed what is in force: an agreed plan's rev moves on with what needs no signature.
async fn signatures(read: &mut Read, plan: &Plan) -> Result<Vec<Signature>, Fault> {
    plan::signatures(read, &plan.id, plan.rev).await
}

/// The plan's card as it is now.
pub(super) async fn view_card(
    step: &Step<'_>,
    read: &mut Read,
    partner: &Partner,
    plan: &Plan,
) -> Result<text::card::Card, Fault> {
    card_at(read, &step.context.program, partner, plan, step.now).await
}

async fn card_at(
    read: &mut Read,
    program: &Program,
    partner: &Partner,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<text::card::Card, Fault> {
    let terms = terms(read, plan).await?;
    let signatures = signatures(read, plan).await?;
    let warned = readiness::warnings(read, SignedRev::Plan(&plan.id, plan.rev)).await?;
    let signed = if plan.revision > 0 { plan::revision_sha256(read, &plan.id).await? } else { None };
    let sha256 = signed.unwrap_or_else(|| terms.sha256());
    let ready = ready(read, &terms, &signatures, now).await?;
    let by = adjustment::newest_agreed(read, &plan.id).await?;
    let (signers, signers_warned) = match &by {
        Some(by) => (
            adjustment::signatures_of_agreed(read, by).await?,
            readiness::warnings(read, SignedRev::Adjustment(&by.id, by.signed_rev())).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let adjusted = match (&by, plan::snapshot(read, &plan.id, 1).await?) {
        (Some(by), Some(first)) => Some(Adjusted {
            baseline: figures::carried(&first, plan.currency)?,
            by,
            signatures: &signers,
            warned: &signers_warned,
        }),
        _ => None,
    };
    Ok(text::plan::card(&PlanView {
        program,
        partner,
        plan,
        campaigns: &terms.campaigns,
        signatures: &signatures,
        warned: &warned,
        overfull: &overfull(plan, &terms.campaigns, &terms.efforts),
        outlook: &outlook(plan, &terms.campaigns),
        readiness: &ready,
        sha256: &sha256,
        adjusted,
        now,
    }))
}

/// Posts the plan's card in the shared channel, or edits it there.
pub(super) async fn show(step: &Step<'_>, tx: &mut Tx, partner: &Partner, plan: &Plan) -> Result<(), Fault> {
    show_at(tx, &step.app.clock, &step.context.program, partner, plan).await
}

/// The same for whoever has no context of a request: the clock.
pub(crate) async fn show_at(
    tx: &mut Tx,
    clock: &Clock,
    program: &Program,
    partner: &Partner,
    plan: &Plan,
) -> Result<(), Fault> {
    let card = card_at(tx, program, partner, plan, clock.now()).await?;
    outbox::show_card(tx, clock, &card_key(&plan.id), &partner.channel_id, &card).await
}

/// The key of a plan's card.
pub(crate) fn card_key(plan_id: &str) -> String {
    format!("plan:{plan_id}")
}

/// Edits the cards of a partner's plans that no longer say what is true, and the guild's events of its campaigns. A plan
/// whose card was never posted has none to edit. The partner is locked, or is so by the end of the transaction.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn refresh(tx: &mut Tx, clock: &Clock, partner_id: &str) -> Result<(), Fault> {
    let partner = program::partner_by_id(tx, partner_id).await?;
    let program = program::by_id(tx, &partner.program_id).await?;
    for plan in plan::of_partner(tx, partner_id).await? {
        if !is_living(plan.state) {
            continue;
        }
        let Some(kept) = card::load(tx, &card_key(&plan.id)).await? else { continue };
        let wanted = card_at(tx, &program, &partner, &plan, clock.now()).await?;
        if wanted != kept.wanted {
            outbox::show_card(tx, clock, &kept.key, &partner.channel_id, &wanted).await?;
        }
    }
    guild_event::refresh(tx, clock, &program, &partner).await
}

fn is_living(state: PlanState) -> bool {
    matches!(state, PlanState::Draft | PlanState::Proposed) || state.is_in_force()
}

/// The same for the command road, which answers with a refusal or a fault.
pub(super) async fn refresh_touched(step: &Step<'_>, tx: &mut Tx) -> Result<(), Stop> {
    for partner_id in step.touched() {
        refresh(tx, &step.app.clock, &partner_id).await?;
    }
    Ok(())
}
