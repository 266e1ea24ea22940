//! States that change by date: a plan becomes active, closing or expired; its campaigns run and are executed.

use super::{audit, due};
use crate::app::App;
use crate::domain::campaign::{Campaign, CampaignState, UNREADY_TOLD_DAYS, checklist};
use crate::domain::plan::{Plan, PlanState};
use crate::domain::program::{Partner, Program};
use crate::fault::Fault;
use crate::flow::Author;
use crate::flow::adjust::{Ending, conclude_at, end_by, end_stops};
use crate::flow::campaign::question;
use crate::flow::mdf;
use crate::flow::plan::show_at;
use crate::in_tx;
use crate::store::checkpoint::Clocked;
use crate::store::{Tx, adjustment, campaign, checkpoint, outbox, plan, program, request};
use crate::text;
use crate::text::card::Post;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

/// Moves the plan and its campaigns to where they are now, and says how many moves that were.
pub(super) async fn apply(app: &App, found: &Plan, now: DateTime<Utc>) -> Result<usize, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        // Another process may have moved it, or somebody signed it, while we waited for the lock.
        let Some(plan) = plan::by_id(tx, &found.id).await? else { return Ok(0) };
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        let today = plan.local_day(now);
        let closes = plan.state == PlanState::Closing && due::load(tx, &plan).await?.closes_by(today);
        let state = if closes { PlanState::Closed } else { plan.state_on(today) };
        let mut moved = 0;
        let plan = if state == plan.state {
            plan
        } else {
            let plan = Plan { state, ..plan };
            plan::save(tx, &plan).await?;
            let code = format!("plan_{}", state.code());
            audit(app, tx, owner, (&code, &plan.id), json!({"on": today.to_string()})).await?;
            let program = program::by_id(tx, &partner.program_id).await?;
            show_at(tx, &app.clock, &program, &partner, &plan).await?;
            if state == PlanState::Expired {
                expire(app, tx, (&program, &partner), &plan).await?;
            }
            if state == PlanState::Closed {
                supersede(app, tx, &plan, &partner).await?;
                close_with_plan(app, tx, &plan, &partner).await?;
            }
            moved += 1;
            plan
        };
        if plan.state.is_in_force() {
            moved += move_campaigns(app, tx, &plan, &partner, today).await?;
            // Looked up anew: what was just executed may have been over for long, after an outage.
            for id in due::load(tx, &plan).await?.settled_by(today) {
                close(app, tx, id, &partner).await?;
                moved += 1;
            }
        }
        Ok(moved)
    })
}

/// Ends what hangs on a plan that expired, and tells both sides.
async fn expire(
    app: &App,
    tx: &mut Tx,
    (program, partner): (&Program, &Partner),
    plan: &Plan,
) -> Result<(), Fault> {
    let campaigns = campaign::of_plan(tx, &plan.id).await?;
    let files = Ending { partner, plan, campaigns: &campaigns };
    let author = Author::by_clock(&app.clock, program, app.clock.now());
    let ended = end_by(author, tx, &files, true, &text::reminder::expiry_reason(plan)).await?;
    let notice = text::reminder::expired(plan, &ended);
    outbox::post_unasked(tx, &app.clock, &program.id, &partner.channel_id, &notice, &[]).await?;
    Ok(())
}

/// Closes what has run of a plan that closes: nothing of it is waited for any more. What is stopped by then closes too, and
/// its stop ends, as does what is postponed without a date: no revision comes after this that could cancel it or give it one.
async fn close_with_plan(app: &App, tx: &mut Tx, plan: &Plan, partner: &Partner) -> Result<(), Fault> {
    let has_run = |one: &Campaign| matches!(one.state, CampaignState::Running | CampaignState::Executed);
    let has_no_date = |one: &Campaign| one.state == CampaignState::Postponed;
    let closes = |one: &Campaign| has_run(one) || one.stopped.is_some() || has_no_date(one);
    let mut undated = Vec::new();
    for campaign in campaign::of_plan(tx, &plan.id).await?.into_iter().filter(closes) {
        close(app, tx, &campaign.id, partner).await?;
        if has_no_date(&campaign) {
            undated.push(campaign.id.clone());
        }
        let closed = Campaign { state: CampaignState::Closed, ..campaign };
        let said = text::campaign::asked_no_more(&closed);
        question::close(tx, &app.clock, partner, (&closed.id, closed.period.end()), &said).await?;
    }
    let program = program::by_id(tx, &partner.program_id).await?;
    let author = Author::by_clock(&app.clock, &program, app.clock.now());
    end_stops(author, tx, partner, plan).await?;
    for id in undated {
        let campaign = campaign::by_id(tx, &id).await?;
        mdf::closed_undated(tx, author, (partner, plan, &campaign)).await?;
    }
    Ok(())
}

async fn close(app: &App, tx: &mut Tx, id: &str, partner: &Partner) -> Result<(), Fault> {
    campaign::save_state(tx, id, CampaignState::Closed).await?;
    let owner = (partner.program_id.as_str(), partner.id.as_str());
    audit(app, tx, owner, ("campaign_closed", id), json!({})).await
}

/// Ends the adjustment that still waits for a plan that is over.
async fn supersede(app: &App, tx: &mut Tx, plan: &Plan, partner: &Partner) -> Result<(), Fault> {
    let Some(open) = adjustment::open_of_plan(tx, &plan.id).await? else { return Ok(()) };
    let Some(over) = open.superseded(app.clock.now()) else { return Ok(()) };
    adjustment::save(tx, &over).await?;
    let owner = (partner.program_id.as_str(), partner.id.as_str());
    audit(app, tx, owner, ("adjustment_superseded", &over.id), json!({})).await?;
    conclude_at(tx, &app.clock, partner, &over).await
}

async fn move_campaigns(
    app: &App,
    tx: &mut Tx,
    plan: &Plan,
    partner: &Partner,
    today: NaiveDate,
) -> Result<usize, Fault> {
    let owner = (partner.program_id.as_str(), partner.id.as_str());
    let mut moved = 0;
    for mut clocked in checkpoint::clocked_campaigns(tx, &plan.id).await? {
        // A campaign that ran its whole course while nobody looked takes both steps, each with its line in the trail.
        while let Some((on, state)) =
            clocked.state.next_by_clock(clocked.starts_on, clocked.ends_on).filter(|(day, _)| *day <= today)
        {
            let unready = clocked.state == CampaignState::Planned;
            clocked.state = state;
            campaign::save_state(tx, &clocked.id, state).await?;
            let code = format!("campaign_{}", state.code());
            let detail = json!({"on": today.to_string(), "unready": unready});
            audit(app, tx, owner, (&code, &clocked.id), detail).await?;
            if state == CampaignState::Executed {
                let asked = (clocked.id.as_str(), clocked.ends_on);
                let said = text::campaign::executed_by_itself(on);
                question::close(tx, &app.clock, partner, asked, &said).await?;
            }
            let told_until = clocked.starts_on.checked_add_days(Days::new(UNREADY_TOLD_DAYS));
            if unready && told_until.is_some_and(|until| today <= until) {
                tell_unready(app, tx, &clocked.id, partner).await?;
            }
            moved += 1;
        }
        if clocked.asked_within().is_some_and(|days| days.contains(&today)) {
            moved += ask(app, tx, &clocked, partner).await?;
        }
    }
    Ok(moved)
}

/// Says in the shared channel that a campaign runs though nobody said that it was ready.
async fn tell_unready(app: &App, tx: &mut Tx, id: &str, partner: &Partner) -> Result<(), Fault> {
    let found = campaign::by_id(tx, id).await?;
    let requests = request::of_campaign(tx, id).await?;
    let text = text::campaign::started_unready(&found, &checklist::missing(&found, &requests));
    let post = Post { text, ..Post::default() };
    outbox::post_unasked(tx, &app.clock, &partner.program_id, &partner.channel_id, &post, &[]).await?;
    Ok(())
}

/// Asks in the shared channel whether a campaign is executed, before the clock takes it to be.
async fn ask(app: &App, tx: &mut Tx, clocked: &Clocked, partner: &Partner) -> Result<usize, Fault> {
    let (Some((by_itself, _)), true) = (
        clocked.state.next_by_clock(clocked.starts_on, clocked.ends_on),
        campaign::note_asked(tx, &clocked.id, app.clock.now()).await?,
    ) else {
        return Ok(0);
    };
    let found = campaign::by_id(tx, &clocked.id).await?;
    question::ask(tx, &app.clock, partner, &found, by_itself).await?;
    let owner = (partner.program_id.as_str(), partner.id.as_str());
    audit(app, tx, owner, ("campaign_asked", &clocked.id), json!({})).await?;
    Ok(1)
}
