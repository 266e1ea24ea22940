//! What ends with a campaign or a plan, in the transaction that ends it: open requests with their commitments, open
//! tasks, open promises. Somebody ends it, or the clock. Reminders and checkpoints are worked out from states whenever
//! they are due, so they need nothing.

use super::super::mdf::{self, Files as RequestFiles};
use super::super::{Author, Step, Stop};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::promise::{Promise, PromiseState};
use crate::domain::request::{MdfRequest, RequestState};
use crate::domain::task::{Settled, Task, TaskState};
use crate::fault::Fault;
use crate::store::{Tx, ledger, outbox, promise, request, task};
use crate::text::adjustment::Ended;
use crate::text::card::Post;
use serde_json::json;

/// What is cancelled.
pub(crate) struct Files<'a> {
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    /// The campaigns as they are now; those that are cancelled end.
    pub campaigns: &'a [Campaign],
}

/// Ends what hangs on the campaigns that are cancelled, in the name of who asks.
pub(in crate::flow) async fn end(
    step: &Step<'_>,
    tx: &mut Tx,
    files: &Files<'_>,
    ends_plan: bool,
    reason: &str,
) -> Result<Ended, Stop> {
    Ok(end_by(Author::of(step), tx, files, ends_plan, reason).await?)
}

/// Tells both sides in the shared channel what ended with a plan, or a campaign of one, that is not in force. Only where a
/// request did: of a draft's own tasks and promises nobody else has heard yet.
pub(in crate::flow) async fn tell(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    said: &str,
    ended: &Ended,
) -> Result<(), Fault> {
    if !ended.requests.is_empty() {
        let post = Post { text: said.to_owned(), ..Post::default() };
        outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
    }
    Ok(())
}

/// Ends what hangs on the campaigns that are cancelled. With the whole plan (`ends_plan`) requests that wait end for
/// every campaign, because nobody could approve them any more; what an executed campaign's approved request holds stays
/// committed, because the work is done.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn end_by(
    author: Author<'_>,
    tx: &mut Tx,
    files: &Files<'_>,
    ends_plan: bool,
    reason: &str,
) -> Result<Ended, Fault> {
    let mut ended = Ended::default();
    let is_over =
        |id: &str| files.campaigns.iter().any(|one| one.id == id && one.state == CampaignState::Cancelled);
    for open in request::of_plan(tx, &files.plan.id).await? {
        let goes = is_over(&open.campaign_id) || (ends_plan && open.state != RequestState::Approved);
        let campaign = files.campaigns.iter().find(|campaign| campaign.id == open.campaign_id);
        if let (true, true, Some(campaign)) = (goes, open.state.is_open(), campaign) {
            end_request(author, tx, (files, campaign), open, reason, &mut ended).await?;
        }
    }
    let settled = Settled { at: author.at, by: author.actor.to_owned() };
    for open in task::of_plan(tx, &files.plan.id).await? {
        if open.state == TaskState::Open && (ends_plan || is_over(&open.campaign_id)) {
            let closed = Task { state: TaskState::Closed, settled: Some(settled.clone()), ..open };
            task::save(tx, &closed).await?;
            author.audit(tx, Some(&files.partner.id), ("task_closed", &closed.id), json!({}));
            ended.tasks += 1;
        }
    }
    for open in promise::of_plan(tx, &files.plan.id).await? {
        let goes = ends_plan || open.campaign_id.as_deref().is_some_and(is_over);
        if open.state == PromiseState::Open && goes {
            let gone = Promise { state: PromiseState::Withdrawn, settled: Some(settled.clone()), ..open };
            promise::save(tx, &gone).await?;
            author.audit(tx, Some(&files.partner.id), ("promise_withdrawn", &gone.id), json!({}));
            ended.promises += 1;
        }
    }
    Ok(ended)
}

async fn end_request(
    author: Author<'_>,
    tx: &mut Tx,
    (files, campaign): (&Files<'_>, &Campaign),
    open: MdfRequest,
    reason: &str,
    ended: &mut Ended,
) -> Result<(), Fault> {
    let seen_rev = open.rev;
    let fund = ledger::fund_by_id(tx, &open.fund_id).await?;
    let hangs_on = RequestFiles { partner: files.partner, plan: files.plan, campaign, fund: &fund };
    // What has ended already needs no second end.
    let Ok(gone) = open.cancel(reason, author.at) else { return Ok(()) };
    let (request, held) = mdf::end(tx, author, &hangs_on, seen_rev, gone).await?;
    let detail = json!({"released": held.map(|money| money.decimal().to_string())});
    let code = format!("request_{}", request.state.code());
    author.audit(tx, Some(&files.partner.id), (&code, &request.id), detail);
    // What was never filed the other side has not heard of.
    if request.was_filed() {
        ended.requests.push((request.name_short(), held));
    }
    Ok(())
}
