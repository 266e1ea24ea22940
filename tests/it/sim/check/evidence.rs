//! The files of claims: a claim is filed with what its type asks for, no slot has a file twice, a list of people never lies
//! open where such are asked for, and nothing comes or goes without a line in the trail.

use super::Wrong;
use crate::sim::cast::{LISTS, PARTNERS, needed};
use crate::sim::model::{Claim, Model};
use crate::sim::news::News;
use std::collections::BTreeSet;

/// The model is as it was before.
pub fn of_claims(model: &Model, news: &News) -> Wrong {
    for claim in &news.claims {
        let said = |codes: &[&str]| {
            news.trail
                .iter()
                .any(|link| link.line.item == claim.id && codes.contains(&link.line.code.as_str()))
        };
        let name = format!("CLM-{} of {}", claim.number, PARTNERS[claim.partner].key);
        let before = model.claim(&claim.id).map(|old| old.files.as_slice()).unwrap_or_default();
        if before != claim.files && !said(&["claim_evidence_added", "claim_evidence_removed"]) {
            return Err(format!("{name} had {before:?} and has {:?}: no line says so", claim.files));
        }
        complete(model, claim, said(&["claim_submitted"])).map_err(|wrong| format!("{name} {wrong}"))?;
    }
    Ok(())
}

fn complete(model: &Model, claim: &Claim, is_filed: bool) -> Wrong {
    let mut seen = BTreeSet::new();
    if let Some(file) = claim.files.iter().find(|file| !seen.insert((&file.slot, &file.sha256))) {
        return Err(format!("has {} twice in its slot {}", file.sha256, file.slot));
    }
    let request = model.request(&claim.request_id);
    let campaign = request.and_then(|request| model.campaign(&request.campaign_id));
    let kind = campaign.map(|campaign| campaign.kind.as_str()).unwrap_or_default();
    let open = |slot: &str, rows: Option<i64>| (kind, slot) == LISTS && rows.is_none();
    if claim.files.iter().any(|file| open(&file.slot, file.rows)) {
        return Err("has a list of people that lies open".to_owned());
    }
    let lacks = |slot: &&&str| !claim.files.iter().any(|file| file.slot == **slot);
    match needed(kind).iter().find(lacks).filter(|_| is_filed) {
        Some(slot) => Err(format!("is filed without a file in its slot {slot}")),
        None => Ok(()),
    }
}
