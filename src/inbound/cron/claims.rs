//! Money that is approved and not claimed: its partner is reminded after the activity, and warned before what is left is
//! released. The state says what is due: a request that has ended, or a later last day to claim, needs no undoing.

use super::audit;
use crate::app::App;
use crate::domain::cadence::start_of_day;
use crate::domain::claim::{ClaimNotice, last_warning, notices, resubmit_notices};
use crate::fault::{Fault, Tally};
use crate::flow::claim as claims;
use crate::store::checkpoint::take_slot;
use crate::store::waiting::{self, Claimable, Returned, claim_notice_job};
use crate::store::{Read, claim, outbox, program, request};
use crate::text::claim_due::again;
use crate::{in_read, in_tx};
use chrono::{DateTime, Utc};
use serde_json::json;

/// What was not said of a request yet, in its order; nothing once its last day is over. While a claim of it is filed nobody is
/// asked to claim; the warnings come all the same, of what no claim covers.
fn unsaid(one: &Claimable, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, ClaimNotice)> {
    let all = if one.holds && now.with_timezone(&one.zone).date_naive() <= one.claim_due {
        notices(one.ends_on, one.claim_due, one.approved_at, one.zone)
    } else {
        Vec::new()
    };
    let (said, asks) = (one.noticed_at, !one.is_claimed);
    let wanted = move |notice: ClaimNotice| asks || notice == ClaimNotice::Warning;
    all.into_iter().filter(move |(at, notice)| said.is_none_or(|said| *at > said) && wanted(*notice))
}

/// What is said of a request now.
struct Due {
    /// The newest instant at which something was to be said.
    slot: DateTime<Utc>,
    which: ClaimNotice,
    /// When this was to be said.
    at: DateTime<Utc>,
}

/// The newest that is due: after an outage those before it are not said any more. But the last warning goes before a reminder
/// that was due after it: nothing goes back unwarned.
fn due(one: &Claimable, now: DateTime<Utc>) -> Option<Due> {
    let all: Vec<(DateTime<Utc>, ClaimNotice)> = unsaid(one, now).take_while(|(at, _)| *at <= now).collect();
    let newest = *all.last()?;
    let last = last_warning(one.claim_due, one.zone).map(|at| (at, ClaimNotice::Warning));
    let (at, which) = last.filter(|last| all.contains(last)).unwrap_or(newest);
    Some(Due { slot: newest.0, which, at })
}

/// Says what is due, and how many things that were.
pub(super) async fn post(app: &App, now: DateTime<Utc>) -> Result<usize, Fault> {
    let all = in_read!(app.store, |read| { waiting::claimable(read).await })?;
    let mut said = Tally::default();
    for one in all.iter().filter(|one| due(one, now).is_some()) {
        said.take(tell(app, one, now).await.map(usize::from), &one.request_id);
    }
    for one in in_read!(app.store, |read| { waiting::returned(read).await })? {
        if again_due(&one, now).is_some() {
            said.take(tell_again(app, &one, now).await.map(usize::from), &one.claim_id);
        }
    }
    said.end()
}

/// The warnings of a returned claim that were not said yet, in their order; none once its day is over.
fn again_unsaid(one: &Returned, now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let all = match now.with_timezone(&one.zone).date_naive() <= one.file_by {
        true => resubmit_notices(one.file_by, one.returned_at, one.zone),
        false => Vec::new(),
    };
    let said = one.noticed_at;
    all.into_iter().filter(move |at| said.is_none_or(|said| *at > said))
}

fn again_due(one: &Returned, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    again_unsaid(one, now).take_while(|at| *at <= now).last()
}

/// Says that a returned claim expires, unless somebody else has, or it is no longer so.
async fn tell_again(app: &App, found: &Returned, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let Some(one) = waiting::returned_by_id(tx, &found.claim_id).await? else { return Ok(false) };
        let (Some(at), Some(claim)) = (again_due(&one, now), claim::by_id(tx, &one.claim_id).await?) else {
            return Ok(false);
        };
        let Some(request) = request::by_id(tx, &claim.request_id).await? else { return Ok(false) };
        if !take_slot(tx, &claim_notice_job(&claim.id), at, now).await? {
            return Ok(false);
        }
        let today = now.with_timezone(&one.zone).date_naive();
        let post = again(&claim, &request, (one.file_by, None), today);
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        outbox::post_unasked(tx, &app.clock, owner.0, &partner.channel_id, &post, &[]).await?;
        let detail = json!({"file_by": one.file_by.to_string(), "due_at": at.timestamp_millis()});
        audit(app, tx, owner, ("claim_expiry_warned", &claim.id), detail).await?;
        Ok(true)
    })
}

/// Says it unless somebody else has, or the request has ended or was given another day meanwhile.
async fn tell(app: &App, found: &Claimable, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let Some(one) = waiting::claimable_by_id(tx, &found.request_id).await? else { return Ok(false) };
        let (Some(due), Some(request)) = (due(&one, now), request::by_id(tx, &one.request_id).await?) else {
            return Ok(false);
        };
        let today = now.with_timezone(&one.zone).date_naive();
        if !take_slot(tx, &claim_notice_job(&request.id), due.slot, now).await? {
            return Ok(false);
        }
        let post = claims::said(tx, &request, due.which, (today, None)).await?;
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        outbox::post_unasked(tx, &app.clock, owner.0, &partner.channel_id, &post, &[]).await?;
        let code = match due.which {
            ClaimNotice::Reminder => "claim_reminded",
            ClaimNotice::Warning => "release_warned",
        };
        let detail = json!({"claim_due": one.claim_due.to_string(), "due_at": due.at.timestamp_millis()});
        audit(app, tx, owner, (code, &request.id), detail).await?;
        Ok(true)
    })
}

/// When something is said next, or what was not claimed runs out; in the past if that is due now.
pub(super) async fn next(read: &mut Read, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Fault> {
    let all = waiting::claimable(read).await?;
    let unsaid = all.iter().filter_map(|one| unsaid(one, now).next()).map(|(at, _)| at);
    let mut next: Vec<DateTime<Utc>> = unsaid.collect();
    next.extend(waiting::returned(read).await?.iter().filter_map(|one| again_unsaid(one, now).next()));
    let ends = all.iter().filter(|one| !one.is_kept).map(|one| (one.claim_due, one.zone));
    for (day, zone) in ends.chain(waiting::unfiled_claims_due(read).await?) {
        next.extend(day.succ_opt().and_then(|after| start_of_day(after, zone)));
    }
    Ok(next.into_iter().min())
}
