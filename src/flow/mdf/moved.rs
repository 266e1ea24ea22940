//! A campaign's end has moved, or a stop of it has ended, and the last day to claim its approved requests moves along: else
//! their money would go back before the activity is over, or for time in which nothing could be claimed.

use super::super::{Author, Step, Stop, claim as claims};
use super::{Files, show};
use crate::domain::adjustment::Outcome;
use crate::domain::campaign::{Campaign, CampaignState, Stopped};
use crate::domain::claim::{after_plan, after_stop};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::request::{MdfRequest, RequestState};
use crate::fault::Fault;
use crate::store::{Tx, ledger, outbox, request, rules};
use crate::text;
use crate::text::card::Post;
use chrono::NaiveDate;
use serde_json::json;

/// Moves the last days to claim after an adjustment has made of the campaigns what it says, and tells both sides.
pub(in crate::flow) async fn follow(
    step: &Step<'_>,
    tx: &mut Tx,
    of: (&Partner, &Plan),
    (before, outcome): (&[Campaign], &Outcome),
) -> Result<(), Stop> {
    for (before, after) in outcome.changed(before) {
        if let Some(before) = before {
            follow_one(step, tx, of, (before, after)).await?;
        }
    }
    Ok(())
}

/// The same for one campaign. While it is postponed without a date no day is counted, which is said too.
async fn follow_one(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, plan): (&Partner, &Plan),
    (before, after): (&Campaign, &Campaign),
) -> Result<(), Stop> {
    let (was, is) = (before.state, after.state);
    let is_held = is == CampaignState::Postponed;
    let moved = before.period.end() != after.period.end() || was == CampaignState::Postponed;
    if is == CampaignState::Cancelled || (is_held && was == is) || (!is_held && !moved) {
        return Ok(());
    }
    let rule = rules::activity(tx, &step.context.program, partner, after.kind).await?;
    let end = after.period.end();
    for old in approved(tx, after).await? {
        let due = old.claim_due;
        let followed = if is_held { Some(old) } else { old.follows(rule.claim_by(end, end)) };
        let Some(new) = followed else { continue };
        let is_same = new.claim_due == due;
        if is_same && !is_held && was != CampaignState::Postponed {
            continue;
        }
        request::save(tx, &new).await?;
        let code = if is_held { "request_claim_day_held" } else { "request_claim_day_moved" };
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let detail = json!({"campaign": after.id, "was": day(due), "claim_due": day(new.claim_due)});
        step.audit(tx, Some(&partner.id), code, &new.id, detail).await?;
        let author = Author::of(step);
        if !is_same {
            claims::extension_follows(tx, author, (partner, after, plan), &new).await?;
        }
        show_again(tx, author, (partner, plan, after), &new).await?;
        let said = text::request::claim_day(&new, after, due);
        outbox::post(tx, author.clock, &partner.channel_id, &Post { text: said, ..Post::default() }, &[])
            .await?;
    }
    Ok(())
}

/// The approved requests of a campaign.
async fn approved(tx: &mut Tx, campaign: &Campaign) -> Result<Vec<MdfRequest>, Fault> {
    let mut all = request::of_campaign(tx, &campaign.id).await?;
    all.retain(|one| one.state == RequestState::Approved);
    Ok(all)
}

/// Shows on a request's cards what became of its last day.
async fn show_again(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, plan, campaign): (&Partner, &Plan, &Campaign),
    request: &MdfRequest,
) -> Result<(), Fault> {
    let fund = ledger::fund_by_id(tx, &request.fund_id).await?;
    show(tx, author, &Files { partner, plan, campaign, fund: &fund }, request, None).await
}

/// Shows on the cards of a campaign that was stopped just now that the days to claim its requests are not counted.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn held_by_stop(
    tx: &mut Tx,
    author: Author<'_>,
    of: (&Partner, &Plan, &Campaign),
) -> Result<(), Fault> {
    for one in approved(tx, of.2).await? {
        show_again(tx, author, of, &one).await?;
    }
    Ok(())
}

/// Counts the days of the approved requests of a campaign again that was postponed without a date and closed with its plan:
/// no date comes any more, and what nobody claims would be held for ever. Both sides are told.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn closed_undated(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, plan, campaign): (&Partner, &Plan, &Campaign),
) -> Result<(), Fault> {
    for old in approved(tx, campaign).await? {
        let Some(was) = old.claim_due else { continue };
        let day = after_plan(was, plan.local_day(author.at));
        let new = MdfRequest { claim_due: Some(day), ..old };
        if day != was {
            request::save(tx, &new).await?;
            let detail =
                json!({"campaign": campaign.id, "was": was.to_string(), "claim_due": day.to_string()});
            author.audit(tx, Some(&partner.id), ("request_claim_day_moved", &new.id), detail);
            claims::extension_follows(tx, author, (partner, campaign, plan), &new).await?;
        }
        show_again(tx, author, (partner, plan, campaign), &new).await?;
        let said = Post { text: text::request::claim_day_after_plan(&new, campaign, day), ..Post::default() };
        outbox::post_unasked(tx, author.clock, &author.program.id, &partner.channel_id, &said, &[]).await?;
    }
    Ok(())
}

/// Gives the approved requests of a campaign, and their returned claims, back the days in which it was stopped. Says for both
/// sides what their last days are now, as far as they have moved.
///
/// # Errors
/// A fault of the database.
pub(in crate::flow) async fn gone_on(
    tx: &mut Tx,
    author: Author<'_>,
    (partner, plan, campaign): (&Partner, &Plan, &Campaign),
    stopped: &Stopped,
) -> Result<Vec<String>, Fault> {
    let days = (plan.local_day(stopped.at), plan.local_day(author.at));
    let mut said = Vec::new();
    for old in approved(tx, campaign).await? {
        let Some(due) = old.claim_due else { continue };
        // A day that was set during the stop was set in view of it: only what came after makes it later. One that was over
        // when it was set was not: it gave no time that could stand for the stop's.
        let moved_at = request::day_moved_at(tx, &old.id).await?;
        let moved_on = moved_at.map(|at| plan.local_day(at)).filter(|day| *day <= due);
        let from = moved_on.map_or(days.0, |day| days.0.max(day));
        let new = MdfRequest { claim_due: Some(after_stop(due, from, days.1)), ..old };
        if new.claim_due != Some(due) {
            request::save(tx, &new).await?;
            let moved = new.claim_due.map(|day| day.to_string());
            let detail = json!({"campaign": campaign.id, "was": due.to_string(), "claim_due": moved});
            author.audit(tx, Some(&partner.id), ("request_claim_day_moved", &new.id), detail);
            claims::extension_follows(tx, author, (partner, campaign, plan), &new).await?;
            said.extend(text::request::claim_day_after_stop(&new, due));
        }
        show_again(tx, author, (partner, plan, campaign), &new).await?;
        said.extend(claims::gone_on(tx, author, (partner, plan), &new, days).await?);
    }
    Ok(said)
}
