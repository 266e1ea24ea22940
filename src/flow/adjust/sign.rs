//! The signatures of an adjustment: what they bind, and the card that shows them.

use super::super::plan::{overfull_weeks, stands_for};
use super::super::{Reply, Step, Stop};
use super::Scene;
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::content::{Base, content as content_of};
use crate::domain::adjustment::impact::{Impact, Stand};
use crate::domain::adjustment::{Adjustment, Outcome, rules};
use crate::domain::campaign::Campaign;
use crate::domain::canonical::sha256;
use crate::domain::capacity::Overfull;
use crate::domain::plan::{Plan, Signature};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::store::readiness::SignedRev;
use crate::store::{Read, Tx, adjustment, effort, outbox, plan, readiness};
use crate::text;
use crate::text::adjustment::AdjustmentView;
use crate::text::card::File;
use chrono::{DateTime, Utc};
use serde_json::json;

/// An adjustment with what it does to the plan as it is.
pub(super) struct Waiting<'a> {
    pub scene: &'a Scene,
    pub adjustment: &'a Adjustment,
    pub outcome: &'a Outcome,
    pub impact: &'a Impact,
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

/// Keeps a signature of whoever asks, with the one for whom they stand in and the weeks that they were warned of.
pub(super) async fn keep(
    step: &Step<'_>,
    tx: &mut Tx,
    (id, rev): (&str, i64),
    signature: Signature,
    warned: &[Overfull],
) -> Result<Signature, Fault> {
    let signature = Signature { stands_for: stands_for(step).map(str::to_owned), ..signature };
    adjustment::add_signature(tx, id, rev, &signature).await?;
    for week in warned {
        readiness::add_warning(tx, SignedRev::Adjustment(id, rev), signature.side, week).await?;
    }
    Ok(signature)
}

/// What an adjustment would do to the plan as it is.
pub(super) async fn impact(
    read: &mut Read,
    scene: &Scene,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<Impact, Fault> {
    let efforts = effort::of_partner(read, &scene.plan.partner_id).await?;
    let stand = Stand { plan: &scene.plan, campaigns: &scene.campaigns, efforts: &efforts };
    Ok(Impact::of(stand, outcome, &scene.committed, now))
}

/// Writes into the trail that one side has signed, and what it was warned of.
pub(super) async fn record(
    step: &Step<'_>,
    tx: &mut Tx,
    adjustment: &Adjustment,
    signature: &Signature,
    warned: &[Overfull],
) -> Result<(), Fault> {
    let detail = json!({
        "rev": adjustment.rev,
        "sha256": signature.content_sha256,
        "for": signature.stands_for,
        "overfull_weeks": overfull_weeks(warned),
    });
    step.audit(tx, Some(&adjustment.partner_id), "adjustment_signed", &adjustment.id, detail).await
}

/// Posts an adjustment's card, or edits it where it is.
pub(super) async fn show_waiting(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    waiting: &Waiting<'_>,
) -> Result<(), Stop> {
    let card = drawn(step, tx, partner, waiting, text::adjustment::card).await?;
    Ok(outbox::show_card(tx, &step.app.clock, &card_key(waiting.adjustment), &partner.channel_id, &card)
        .await?)
}

/// Answers *Read in full*: every change whole, as a document.
pub(in crate::flow) async fn read_in_full(
    step: &Step<'_>,
    read: &mut Read,
    (adjustment, plan): (&Adjustment, Plan),
    seen_rev: i64,
) -> Result<Reply, Stop> {
    let partner = step.context.owner(&adjustment.partner_id)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    adjustment.waits(seen_rev)?;
    let signatures = adjustment::signatures(read, &adjustment.id, adjustment.rev).await?;
    let scene = Scene::load(step, read, plan).await?;
    let outcome = rules::apply(adjustment.changes(), &scene.campaigns, &scene.ground())?;
    let impact = impact(read, &scene, &outcome, step.now).await?;
    let waiting =
        Waiting { scene: &scene, adjustment, outcome: &outcome, impact: &impact, signatures: &signatures };
    let document = drawn(step, read, partner, &waiting, text::adjustment::document).await?;
    let file = File {
        name: format!("{}.md", adjustment.name_short()),
        content_type: "text/markdown; charset=utf-8".to_owned(),
        bytes: document.into_bytes(),
    };
    let text = format!("{} as it waits for signatures, whole.", adjustment.name_short());
    Ok(Reply { text, files: vec![file], ..Reply::default() })
}

/// What `draw` makes of an adjustment that waits.
async fn drawn<T>(
    step: &Step<'_>,
    read: &mut Read,
    partner: &Partner,
    waiting: &Waiting<'_>,
    draw: impl FnOnce(&AdjustmentView<'_>) -> T,
) -> Result<T, Stop> {
    let Waiting { scene, adjustment, outcome, impact, signatures } = *waiting;
    let sha256 = sha256(&content(read, &scene.plan, &scene.campaigns, adjustment).await?);
    let warned = readiness::warnings(read, SignedRev::Adjustment(&adjustment.id, adjustment.rev)).await?;
    Ok(draw(&AdjustmentView {
        program: &step.context.program,
        partner,
        plan: &scene.plan,
        adjustment,
        before: &scene.campaigns,
        outcome,
        impact,
        requests: &scene.requests,
        signatures,
        sha256: &sha256,
        warned: &warned,
    }))
}

/// The key of an adjustment's card.
pub(super) fn card_key(adjustment: &Adjustment) -> String {
    format!("adjustment:{}", adjustment.id)
}
