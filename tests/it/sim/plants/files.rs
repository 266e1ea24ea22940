//! Evidence that is missing, doubled, open, or came and went unsaid.

use super::{Ground, Look, Plant, plant};
use crate::sim::check::Expected;

/// A claim of a type that asks for files, with both that it asks for.
pub fn of_claims(ground: &Ground) -> Vec<Plant> {
    let claim = ground.claim(|one| {
        ["cost", "results"]
            .iter()
            .all(|slot| one.files.iter().any(|file| file.slot == **slot && file.sha256.len() == 64))
            && one.files.iter().any(|file| file.rows.is_some())
            && is_of_a_fair(ground, &one.request_id)
    });
    let id = &claim.id;
    let next = |says, sql: String| plant(Look::Next(Expected::Due), says, sql);
    let of = |what: &str, slot: &str| {
        format!("UPDATE claim_evidence SET {what} WHERE claim_id = '{id}' AND slot = '{slot}'")
    };
    let removed = |slot: &str| of("removed_at = 1", slot);
    let again = format!(
        "INSERT INTO claim_evidence (id, claim_id, slot, sha256, name, content_type, bytes, restricted_rows, added_by, added_at)
           SELECT 'z' || id, claim_id, slot, sha256, name, content_type, bytes, restricted_rows, added_by, added_at
           FROM claim_evidence WHERE claim_id = '{id}' AND removed_at IS NULL"
    );
    vec![
        next("without a file in its slot cost", removed("cost"))
            .with("claim_evidence_removed", id, "clock")
            .with("claim_submitted", id, "2100"),
        next("without a file in its slot results", removed("results"))
            .with("claim_evidence_removed", id, "clock")
            .with("claim_submitted", id, "2100"),
        next("no line says so", removed("cost")).with("claim_repriced", id, "clock"),
        next("that lies open", of("restricted_rows = NULL", "results")).with(
            "claim_evidence_added",
            id,
            "clock",
        ),
        next("twice in its slot", again).with("claim_evidence_added", id, "clock"),
    ]
}

fn is_of_a_fair(ground: &Ground, request_id: &str) -> bool {
    let model = &ground.checker.model;
    let campaign = model.request(request_id).and_then(|request| model.campaign(&request.campaign_id));
    campaign.is_some_and(|campaign| campaign.kind == "trade_show")
}
