//! Decisions about promises: made, kept, broken, withdrawn. Who may say what is in `domain::promise`. Both sides are
//! told in the shared channel, because a promise concerns the other side.

use super::campaign::pending;
use super::plan::{find, voided};
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::Campaign;
use crate::domain::command::PromiseWish;
use crate::domain::command::promise::{NewPromise, PromiseSaid};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::promise::{MAX_PROMISES, Promise, PromiseState};
use crate::domain::refusal::Refusal;
use crate::domain::task::{due, side, what};
use crate::store::{Read, Tx, campaign, outbox, plan, program, promise};
use crate::text;
use crate::text::card::{Card, Post};
use serde_json::json;

pub(super) async fn decide(step: &Step<'_>, tx: &mut Tx, wish: &PromiseWish) -> Result<Reply, Stop> {
    match wish {
        PromiseWish::Make(new) => make(step, tx, new).await,
        PromiseWish::MakeByForm { plan, shown_rev, what, due } => {
            let text = Text { side: None, what, due };
            match make_by_form(step, tx, (plan, *shown_rev), &text).await {
                Err(Stop::Refused(refusal)) => Err(refusal.keeping(what).into()),
                other => other,
            }
        }
        PromiseWish::Say { partner, promise, said } => {
            say(step, tx, partner.as_deref(), promise, *said).await
        }
    }
}

/// What somebody wrote of a new promise.
struct Text<'a> {
    /// Without one, the own side.
    side: Option<&'a str>,
    what: &'a str,
    due: &'a str,
}

async fn make_by_form(
    step: &Step<'_>,
    tx: &mut Tx,
    (id, shown_rev): (&str, i64),
    text: &Text<'_>,
) -> Result<Reply, Stop> {
    let found = plan::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, Action::Promise, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    plan.takes_promise(shown_rev)?;
    made(step, tx, partner, (plan, None), text).await
}

async fn make(step: &Step<'_>, tx: &mut Tx, new: &NewPromise) -> Result<Reply, Stop> {
    let named = new.partner.as_deref();
    let (partner, plan, campaign) = match &new.campaign {
        Some(campaign) => {
            let (partner, number) = step.context.named(campaign, "CMP", named)?;
            authorise(&step.context.person, Action::Promise, &partner.id)?;
            let found = pending::changeable(tx, &partner.id, number).await?;
            (partner, found.plan_id.clone(), Some(found))
        }
        None => {
            let (partner, found) = find(step.context, tx, named, new.plan.as_deref()).await?;
            authorise(&step.context.person, Action::Promise, &partner.id)?;
            (partner, found.id, None)
        }
    };
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &plan).await?.ok_or_else(Refusal::not_found)?;
    let campaign = match campaign {
        // Locked by now: what was found may have ended meanwhile.
        Some(found) => Some(campaign::by_id(tx, &found.id).await?),
        None => None,
    };
    let text = Text { side: new.side.as_deref(), what: &new.what, due: &new.due };
    made(step, tx, partner, (plan, campaign), &text).await
}

/// Writes a promise down, for the plan as a whole or for a campaign of it.
async fn made(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    (plan, campaign): (Plan, Option<Campaign>),
    text: &Text<'_>,
) -> Result<Reply, Stop> {
    if let Some(over) = campaign.as_ref().filter(|campaign| campaign.state.is_over()) {
        let sentence = format!("{} is {}.", over.name_short(), over.state.label());
        return Err(Refusal::wrong_state(sentence, "It takes no more promises.").into());
    }
    let own = step.context.person.side();
    let side = text.side.map_or(Ok(own), side)?;
    if side != own && plan.state.is_in_force() {
        return Err(Refusal::wrong_state(
            format!("{} is signed by both sides: each side promises for itself.", plan.name_short()),
            "Ask the other side to make it with /promise make.",
        )
        .into());
    }
    let open = promise::of_plan(tx, &plan.id).await?;
    if open.iter().filter(|one| one.state == PromiseState::Open).count() >= MAX_PROMISES {
        return Err(Refusal::bad_input(
            format!("{} has {MAX_PROMISES} open promises already.", plan.name_short()),
            "Say first which of them were kept.",
        )
        .into());
    }
    let promise = Promise {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        campaign_id: campaign.map(|campaign| campaign.id),
        number: program::next_number(tx, &partner.id, "promise").await?,
        side,
        what: what(text.what)?,
        due_on: due(text.due, plan.local_day(step.now))?,
        state: PromiseState::Open,
        settled: None,
        made_at: step.now,
        made_by: step.context.person.id.clone(),
    };
    promise::insert(tx, &promise).await?;
    let detail = json!({"number": promise.number, "side": side.code(), "due_on": promise.due_on.to_string()});
    step.audit(tx, Some(&partner.id), "promise_made", &promise.id, detail).await?;
    let note = voided(step, tx, partner, plan.clone()).await?;
    told(step, tx, partner, &plan, &promise, note).await
}

async fn say(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    named: &str,
    said: PromiseSaid,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "PRM", partner)?;
    let person = &step.context.person;
    authorise(person, Action::Promise, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let found = promise::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &found.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let signed = plan.state.is_in_force();
    let today = plan.local_day(step.now);
    let (code, promise) = match said {
        PromiseSaid::Kept => ("promise_kept", found.kept(person.side(), step.now, &person.id)?),
        PromiseSaid::Broken => ("promise_broken", found.broken(step.now, &person.id)?),
        PromiseSaid::Withdrawn => {
            ("promise_withdrawn", found.withdrawn(person.side(), signed, today, step.now, &person.id)?)
        }
    };
    promise::save(tx, &promise).await?;
    step.audit(tx, Some(&partner.id), code, &promise.id, json!({"state": promise.state.code()})).await?;
    let note = match said {
        PromiseSaid::Withdrawn => voided(step, tx, partner, plan.clone()).await?,
        PromiseSaid::Kept | PromiseSaid::Broken => "",
    };
    told(step, tx, partner, &plan, &promise, note).await
}

/// Tells both sides. What is still being drafted is not worth a post: the plan's card and list show it.
async fn told(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: &Plan,
    promise: &Promise,
    note: &str,
) -> Result<Reply, Stop> {
    let said = text::promise::said(promise, &step.context.person.id);
    if plan.state.is_in_force() {
        let post = Post { text: said.clone(), ..Post::default() };
        outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
    }
    Ok(Reply::text(format!("{said}{note}")))
}

/// A page of a plan's promises.
pub(super) async fn list(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    plan: Option<&str>,
    page: Option<i64>,
) -> Result<Card, Stop> {
    let (partner, plan) = find(step.context, read, partner, plan).await?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let mut promises = promise::of_plan(read, &plan.id).await?;
    promises.sort_by_key(|promise| (promise.state, promise.due_on, promise.number));
    let campaigns = campaign::of_plan(read, &plan.id).await?;
    let page = page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
    Ok(text::promise::list(&plan, &campaigns, &promises, plan.local_day(step.now), page))
}
