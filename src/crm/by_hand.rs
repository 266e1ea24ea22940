//! What people decide about leads: the campaign of an unmatched one, that something is no lead, that a campaign has
//! another name. Each decision derives the leads and deals it touches anew, in the same transaction.

use std::collections::BTreeSet;

use super::fold;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::store::Tx;
use crate::store::crm::{self, SourceRow};

/// Gives a lead to a campaign by hand, or (`None`) back to the rules. False if the lead or the campaign is not of this
/// program, or the lead's source may not credit the campaign: one answer for all, so that nothing can be probed.
///
/// # Errors
/// A fault of the database.
pub async fn assign(
    tx: &mut Tx,
    clock: &Clock,
    program_id: &str,
    lead_id: &str,
    campaign_id: Option<&str>,
) -> Result<bool, Fault> {
    crm::lock_fold(tx).await?;
    let Some((external_id, source)) = lead_of(tx, program_id, lead_id).await? else { return Ok(false) };
    if let Some(campaign_id) = campaign_id {
        let (candidates, _) = crm::candidates(tx, &source).await?;
        if !candidates.iter().any(|candidate| candidate.id == campaign_id) {
            return Ok(false);
        }
    }
    let campaign = campaign_id.map(str::to_owned);
    let ids = BTreeSet::from([external_id]);
    fold::refresh(tx, clock, &source, &ids, |lead| lead.by_hand_campaign.clone_from(&campaign)).await?;
    Ok(true)
}

/// Marks a lead as no lead (`by` is who says so), or (`None`) takes that back. False if it is not of this program.
///
/// # Errors
/// A fault of the database.
pub async fn mark_invalid(
    tx: &mut Tx,
    clock: &Clock,
    program_id: &str,
    lead_id: &str,
    by: Option<&str>,
) -> Result<bool, Fault> {
    crm::lock_fold(tx).await?;
    let Some((external_id, source)) = lead_of(tx, program_id, lead_id).await? else { return Ok(false) };
    let by = by.map(str::to_owned);
    let ids = BTreeSet::from([external_id]);
    fold::refresh(tx, clock, &source, &ids, |lead| lead.invalid_by.clone_from(&by)).await?;
    Ok(true)
}

/// Forgets a person: company, country and the hash of the e-mail address go, now and for whatever comes later, and so
/// do the stored bodies that name the lead. The count stays. False if it is not of this program.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &mut Tx, clock: &Clock, program_id: &str, lead_id: &str) -> Result<bool, Fault> {
    crm::lock_fold(tx).await?;
    let Some((external_id, source)) = lead_of(tx, program_id, lead_id).await? else { return Ok(false) };
    let (ids, now_ms) = (BTreeSet::from([external_id.clone()]), clock.now_ms());
    fold::refresh(tx, clock, &source, &ids, |lead| lead.folded.forget(now_ms)).await?;
    crate::store::inbox::erase_bodies_of_lead(tx, &source.id, &external_id).await?;
    Ok(true)
}

/// Matches leads of a source again, by their external ids, after campaigns or their names have changed.
///
/// # Errors
/// A fault of the database.
pub async fn rematch(
    tx: &mut Tx,
    clock: &Clock,
    source: &SourceRow,
    ids: &BTreeSet<String>,
) -> Result<(), Fault> {
    crm::lock_fold(tx).await?;
    fold::refresh(tx, clock, source, ids, |_| {}).await?;
    Ok(())
}

async fn lead_of(tx: &mut Tx, program_id: &str, lead_id: &str) -> Result<Option<(String, SourceRow)>, Fault> {
    let lead = crm::lead_by_id(tx, lead_id).await?.filter(|lead| lead.program_id == program_id);
    let Some(lead) = lead else { return Ok(None) };
    let source = crm::sources(tx).await?.into_iter().find(|source| source.id == lead.source_id);
    let source = source.ok_or_else(|| Fault::Corrupt(format!("lead {lead_id} has no source")))?;
    Ok(Some((lead.external_id, source)))
}
