//! A campaign's end has moved, and the last day to claim its approved requests moves along: else their money would go back
//! before the activity is over.

use super::super::{Author, Step, Stop, claim as claims};
use super::{Files, Shown, show};
use crate::domain::adjustment::Outcome;
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::request::RequestState;
use crate::store::{Tx, ledger, outbox, request, rules};
use crate::text;
use crate::text::card::Post;
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
    for old in request::of_campaign(tx, &after.id).await? {
        if old.state != RequestState::Approved {
            continue;
        }
        let due = old.claim_due;
        let followed = if is_held { Some(old) } else { old.follows(rule.claim_by(end, end)) };
        let Some(new) = followed else { continue };
        let is_same = new.claim_due == due;
        if is_same && !is_held && was != CampaignState::Postponed {
            continue;
        }
        request::save(tx, &new).await?;
        let code = if is_held { "request_claim_day_held" } else { "request_claim_day_moved" };
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let detail = json!({"campaign": after.id, "was": day(due), "claim_due": day(new.claim_due)});
        step.audit(tx, Some(&partner.id), code, &new.id, detail).await?;
        let author = Author::of(step);
        if !is_same {
            claims::extension_follows(tx, author, (partner, after, plan), &new).await?;
        }
        let fund = ledger::fund_by_id(tx, &new.fund_id).await?;
        let files = Files { partner, plan, campaign: after, fund: &fund };
        show(tx, author, &files, &new, Shown::default()).await?;
        let said = text::request::claim_day(&new, after, due);
        outbox::post(tx, author.clock, &partner.channel_id, &Post { text: said, ..Post::default() }, &[])
            .await?;
    }
    Ok(())
}
