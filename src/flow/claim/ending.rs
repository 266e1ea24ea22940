//! Claims whose request has ended under them: what still waits, or is put together, ends with it.

use super::super::Author;
use super::fill::undecided;
use super::{load, show};
use crate::domain::claim::ClaimState;
use crate::domain::program::Partner;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Tx, claim, outbox};
use crate::text;
use crate::text::card::Post;
use serde_json::json;

/// Ends the open claims of a request that has ended, in the same transaction, and tells both sides why, of what was filed.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn end_with(
    tx: &mut Tx,
    author: Author<'_>,
    partner: &Partner,
    request: &MdfRequest,
) -> Result<(), Fault> {
    for open in claim::of_request(tx, &request.id).await? {
        let seen_rev = open.rev;
        let Some(over) = open.clone().end_with(request, author.at) else { continue };
        let before = load(tx, author.program, partner, &open.id).await?;
        claim::save(tx, &over).await?;
        if over.state == ClaimState::Declined {
            let taken = decision::Decision {
                id: author.clock.new_id(),
                on: On::Claim(&over.id),
                rev: seen_rev,
                outcome: over.state.code(),
                amount: None,
                reason: over.reason.as_deref(),
                person: author.actor,
                stands_for: None,
                at: author.at,
            };
            decision::insert(tx, &taken).await?;
            decision::insert_verdicts(tx, &taken.id, &before.lines).await?;
        }
        undecided(tx, &before).await?;
        let code = format!("claim_{}", over.state.code());
        let detail =
            json!({"seen_rev": seen_rev, "request": request.id, "request_state": request.state.code()});
        author.audit(tx, Some(&partner.id), (&code, &over.id), detail);
        // Of what was never filed nothing is said where both sides read.
        if over.was_filed() {
            let notice = Post { text: text::claim::ended(&over), ..Post::default() };
            outbox::post(tx, author.clock, &partner.channel_id, &notice, &[]).await?;
            let found = load(tx, author.program, partner, &over.id).await?;
            show(tx, author, &found, None).await?;
        }
    }
    Ok(())
}
