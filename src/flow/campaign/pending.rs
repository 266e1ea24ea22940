//! Campaigns that are not there yet: an adjustment that waits for signatures adds them. They have their numbers and their
//! slugs already, so whoever names one is told what it will come with, and nobody else gets its slug.

use crate::domain::adjustment::{Adjustment, Change};
use crate::domain::campaign::Campaign;
use crate::domain::plan::Plan;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::flow::Stop;
use crate::store::{Read, adjustment, campaign, plan};
use crate::text;

/// A campaign that comes with an adjustment.
pub(in crate::flow) struct Pending {
    pub campaign: Campaign,
    pub adjustment: Adjustment,
    pub plan: Plan,
}

/// The adjustments of a partner that wait, each with its plan.
async fn open(read: &mut Read, partner_id: &str) -> Result<Vec<(Plan, Adjustment)>, Fault> {
    let mut open = Vec::new();
    for plan in plan::of_partner(read, partner_id).await? {
        if let Some(waiting) = adjustment::open_of_plan(read, &plan.id).await? {
            open.push((plan, waiting));
        }
    }
    Ok(open)
}

/// What a campaign is to be, by a change that says so.
fn becomes(change: &Change) -> Option<&Campaign> {
    match change {
        Change::Add { campaign: to } | Change::Edit { to } => Some(to),
        _ => None,
    }
}

/// The campaign of this number that an adjustment adds, as its later changes make it.
pub(super) async fn named(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Pending>, Fault> {
    for (plan, adjustment) in open(read, partner_id).await? {
        let latest =
            adjustment.changes().filter_map(becomes).filter(|to| to.number == number).last().cloned();
        let is_added = adjustment
            .changes()
            .any(|change| matches!(change, Change::Add { campaign } if campaign.number == number));
        if let Some(campaign) = latest.filter(|_| is_added) {
            return Ok(Some(Pending { campaign, adjustment, plan }));
        }
    }
    Ok(None)
}

/// A partner's campaign that is to be changed.
///
/// # Errors
/// `wrong_state` for one that an adjustment only adds, `not_found` for none, or a fault of the database.
pub(in crate::flow) async fn changeable(
    read: &mut Read,
    partner_id: &str,
    number: i64,
) -> Result<Campaign, Stop> {
    if let Some(found) = campaign::by_number(read, partner_id, number).await? {
        return Ok(found);
    }
    match named(read, partner_id, number).await? {
        Some(pending) => Err(Refusal::wrong_state(
            text::adjustment::not_there_yet(&pending.campaign, &pending.adjustment, &pending.plan),
            format!(
                "Wait until both sides have signed, or withdraw {} and add it anew.",
                pending.adjustment.name_short()
            ),
        )
        .into()),
        None => Err(Refusal::not_found().into()),
    }
}

/// Whether a campaign of the partner other than number `own` has a slug, or gets it by an adjustment that waits.
pub(in crate::flow) async fn slug_taken(
    read: &mut Read,
    partner_id: &str,
    slug: &str,
    own: i64,
) -> Result<bool, Fault> {
    if campaign::slug_taken(read, partner_id, slug).await? {
        return Ok(true);
    }
    let open = open(read, partner_id).await?;
    let mut promised = open.iter().flat_map(|(_, waiting)| waiting.changes()).filter_map(becomes);
    Ok(promised.any(|to| to.number != own && to.slug == slug))
}
