//! The last call: nothing that was not claimed goes back before somebody was warned of it in time. A last day that is over
//! without its last warning, after an outage or because it was too near when it was set, is put off by as many days as a
//! warning leaves, and is warned of now.

use super::super::{Author, mdf};
use super::{Found, show};
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, ClaimNotice, Line, last_warning, payable, put_off};
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::request::MdfRequest;
use crate::fault::Fault;
use crate::store::checkpoint::take_slot;
use crate::store::waiting::{claim_notice_job, warned_at};
use crate::store::{Read, Tx, campaign, claim, extension, ledger, outbox, request};
use crate::text::card::Post;
use crate::text::claim_due::{Unclaimed, again, notice};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

/// What a last day of an item that is over becomes; `None` if it was warned of in time, and stays.
async fn later(
    read: &mut Read,
    (item, last): (&str, NaiveDate),
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Option<(NaiveDate, DateTime<Utc>)>, Fault> {
    let warned = match last_warning(last, plan.zone) {
        Some(at) => warned_at(read, item, at).await?,
        None => None,
    };
    let later = put_off(warned.map(|at| plan.local_day(at)), plan.local_day(now));
    Ok(later.and_then(|day| Some((day, last_warning(day, plan.zone)?))))
}

/// Puts off the last day of a request that is over, unless it was warned of in time or nothing of it can go back. Says
/// whether it did.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn of_request(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, campaign, plan): (&Partner, &Campaign, &Plan),
    old: &MdfRequest,
) -> Result<bool, Fault> {
    let (Some(was), Some(held)) = (old.claim_due, old.held()) else { return Ok(false) };
    let found = later(tx, (&old.id, was), plan, author.at).await?;
    let Some((day, warning)) = found.filter(|_| !held.is_zero()) else { return Ok(false) };
    let new = MdfRequest { claim_due: Some(day), ..old.clone() };
    request::save(tx, &new).await?;
    let detail = json!({"campaign": campaign.id, "was": was.to_string(), "claim_due": day.to_string()});
    author.audit(tx, Some(&partner.id), ("request_claim_day_moved", &new.id), detail);
    take_slot(tx, &claim_notice_job(&new.id), warning, author.at).await?;
    let detail = json!({"claim_due": day.to_string(), "due_at": warning.timestamp_millis()});
    author.audit(tx, Some(&partner.id), ("release_warned", &new.id), detail);
    let post = said(tx, &new, ClaimNotice::Warning, (plan.local_day(author.at), Some(was))).await?;
    outbox::post_unasked(tx, author.clock, &author.program.id, &partner.channel_id, &post, &[]).await?;
    let fund = ledger::fund_by_id(tx, &new.fund_id).await?;
    mdf::show(tx, author, &mdf::Files { partner, plan, campaign, fund: &fund }, &new, None).await?;
    Ok(true)
}

/// The same for a returned claim that had a later day of its own.
///
/// # Errors
/// A fault of the database.
pub(super) async fn of_claim(
    tx: &mut Tx,
    author: Author<'_>,
    found: &Found<'_>,
    was: NaiveDate,
) -> Result<bool, Fault> {
    let Some((day, warning)) = later(tx, (&found.claim.id, was), &found.plan, author.at).await? else {
        return Ok(false);
    };
    let new = Claim { resubmit_by: Some(day), ..found.claim.clone() };
    claim::save(tx, &new).await?;
    let owner = Some(found.partner.id.as_str());
    let detail = json!({"was": was.to_string(), "resubmit_by": day.to_string()});
    author.audit(tx, owner, ("claim_day_moved", &new.id), detail);
    take_slot(tx, &claim_notice_job(&new.id), warning, author.at).await?;
    let detail = json!({"file_by": day.to_string(), "due_at": warning.timestamp_millis()});
    author.audit(tx, owner, ("claim_expiry_warned", &new.id), detail);
    let post = again(&new, &found.request, (day, Some(was)), found.plan.local_day(author.at));
    let (program, channel) = (&author.program.id, &found.partner.channel_id);
    outbox::post_unasked(tx, author.clock, program, channel, &post, &[]).await?;
    let found = super::load(tx, author.program, found.partner, &new.id).await?;
    show(tx, author, &found, None).await?;
    Ok(true)
}

/// What is said on a day of a request that is not claimed yet; `was` is the last day that was put off.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn said(
    read: &mut Read,
    request: &MdfRequest,
    which: ClaimNotice,
    (today, was): (NaiveDate, Option<NaiveDate>),
) -> Result<Post, Fault> {
    let claims = claim::of_request(read, &request.id).await?;
    // Covered or not: a claim that waits may yet be cut or declined, and what is left then goes back warned of.
    let left = uncovered(read, request, &claims).await?;
    let campaign = campaign::by_id(read, &request.campaign_id).await?;
    let asked = extension::waiting(read, &request.id).await?;
    let unclaimed = Unclaimed {
        request,
        campaign: &campaign,
        left,
        due: request.claim_due.unwrap_or(today),
        today,
        claims: &claims,
        asked_until: asked.map(|asked| asked.until),
        put_off: was,
    };
    Ok(notice(which, &unclaimed))
}

/// What a request holds beyond what its claims that wait would pay; `None` if that is nothing.
async fn uncovered(read: &mut Read, request: &MdfRequest, claims: &[Claim]) -> Result<Option<Money>, Fault> {
    let Some(mut left) = request.held() else { return Ok(None) };
    for one in claims.iter().filter(|one| one.state.is_pending()) {
        // As it was claimed: what the vendor's people would cut is theirs until it is decided.
        let lines: Vec<Line> = claim::lines(read, one).await?.iter().map(Line::as_claimed).collect();
        let pays = payable(&lines, request.share_percent, left)?;
        left = left.checked_sub(pays)?;
    }
    Ok(Some(left).filter(|left| !left.is_zero()))
}
