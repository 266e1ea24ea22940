//! Returned claims whose campaign goes on after a stop: nothing could be filed meanwhile, so they get that time back.

use super::super::Author;
use super::{load, show};
use crate::domain::claim::{Claim, ClaimState, after_stop};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::{Tx, claim};
use crate::text;
use chrono::NaiveDate;
use serde_json::json;

/// Moves the own last days of a request's returned claims by a stop that began and ends on these local days of the plan.
/// Says of each until when it can be filed now. The request's own day has moved before.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn gone_on(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, plan): (&Partner, &Plan),
    request: &MdfRequest,
    (stopped_on, today): (NaiveDate, NaiveDate),
) -> Result<Vec<String>, Fault> {
    let mut said = Vec::new();
    for old in claim::of_request(tx, &request.id).await? {
        let Some(was) = old.resubmit_by.filter(|_| old.state == ClaimState::Returned) else { continue };
        // One that was returned during the stop got its time from that day on.
        let from = old.decided_at.map_or(stopped_on, |at| stopped_on.max(plan.local_day(at)));
        let new = Claim { resubmit_by: Some(after_stop(was, from, today)), ..old };
        if new.resubmit_by != Some(was) {
            claim::save(tx, &new).await?;
            let detail =
                json!({"was": was.to_string(), "resubmit_by": new.resubmit_by.map(|day| day.to_string())});
            author.audit(tx, Some(&partner.id), ("claim_day_moved", &new.id), detail);
            said.extend(request.claim_due.map(|due| text::claim::again_until(&new, due)));
        }
        let found = load(tx, author.program, partner, &new.id).await?;
        show(tx, author, &found, None).await?;
    }
    Ok(said)
}
