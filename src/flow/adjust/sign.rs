//! The signatures of an adjustment: what they bind, and the card that shows them.

use super::super::plan::stands_for;
use super::super::{Step, Stop};
use super::Scene;
use crate::domain::adjustment::content::{Base, content as content_of};
use crate::domain::adjustment::impact::{Impact, Stand};
use crate::domain::adjustment::{Adjustment, Outcome};
use crate::domain::campaign::Campaign;
use crate::domain::canonical::sha256;
use crate::domain::plan::{Plan, Signature};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::store::{Read, Tx, adjustment, effort, outbox, plan};
use crate::text;
use crate::text::adjustment::AdjustmentView;
use serde_json::json;

/// An adjustment with what it does to the plan as it is.
pub(super) struct Waiting<'a> {
    pub scene: &'a Scene,
    pub adjustment: &'a Adjustment,
    pub outcome: &'a Outcome,
    /// Those given on its rev.
    pub signatures: &'a [Signature],
}

/// What a signature of an adjustment binds, as canonical JSON.
///
/// # Errors
/// `stale` if the revision that it changes is not the newest any more, or a fault of the database.
pub(super) async fn content(
    read: &mut Read,
    plan: &Plan,
    campaigns: &[Campaign],
    adjustment: &Adjustment,
) -> Result<String, Stop> {
    let base = plan::revision(read, &plan.id, Some(adjustment.base_revision)).await?;
    let base = base.ok_or_else(Refusal::stale)?;
    let name = plan.name_short();
    Ok(content_of(adjustment, &Base { plan: &name, sha256: &base.sha256, campaigns }))
}

/// Keeps a signature of whoever asks, with the one for whom they stand in.
pub(super) async fn keep(
    step: &Step<'_>,
    tx: &mut Tx,
    (id, rev): (&str, i64),
    signature: Signature,
) -> Result<Signature, Fault> {
    let signature = Signature { stands_for: stands_for(step).map(str::to_owned), ..signature };
    adjustment::add_signature(tx, id, rev, &signature).await?;
    Ok(signature)
}

/// Writes into the trail that one side has signed.
pub(super) async fn record(
    step: &Step<'_>,
    tx: &mut Tx,
    adjustment: &Adjustment,
    signature: &Signature,
) -> Result<(), Fault> {
    let detail =
        json!({"rev": adjustment.rev, "sha256": signature.content_sha256, "for": signature.stands_for});
    step.audit(tx, Some(&adjustment.partner_id), "adjustment_signed", &adjustment.id, detail).await
}

/// Posts an adjustment's card, or edits it where it is.
pub(super) async fn show_waiting(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    waiting: &Waiting<'_>,
) -> Result<(), Stop> {
    let Waiting { scene, adjustment, outcome, signatures } = *waiting;
    let sha256 = sha256(&content(tx, &scene.plan, &scene.campaigns, adjustment).await?);
    let efforts = effort::of_partner(tx, &partner.id).await?;
    let stand = Stand { plan: &scene.plan, campaigns: &scene.campaigns, efforts: &efforts };
    let impact = Impact::of(stand, outcome, &scene.committed, step.now);
    let view = AdjustmentView {
        program: &step.context.program,
        partner,
        plan: &scene.plan,
        adjustment,
        before: &scene.campaigns,
        outcome,
        impact: &impact,
        requests: &scene.requests,
        signatures,
        sha256: &sha256,
    };
    let card = text::adjustment::card(&view);
    Ok(outbox::show_card(tx, &step.app.clock, &card_key(adjustment), &partner.channel_id, &card).await?)
}

/// The key of an adjustment's card.
pub(super) fn card_key(adjustment: &Adjustment) -> String {
    format!("adjustment:{}", adjustment.id)
}
