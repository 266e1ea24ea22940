//! Questions: what only looks. Authorised as commands are, on a reader's connection, never saved.

use super::context::{self, Asker, Context};
use super::plan::{find, terms, view_card};
use super::plan_card::ready;
use super::{
    Reply, Step, Stop, campaign as campaigns, claim, fund, mdf, promise, report, setup, task, template,
};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::capacity;
use crate::domain::command::Query;
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
use crate::fault::Fault;
use crate::in_read;
use crate::store::{Read, campaign, history};
use crate::text;
use crate::text::card::Card;

/// The answer to a question.
///
/// # Errors
/// A fault of the database.
pub async fn answer(app: &App, asker: &Asker, query: &Query) -> Result<Reply, Fault> {
    if *query == Query::Help {
        return help(app, asker).await;
    }
    if let Query::ReportVariance { partner, plan } = query {
        return report::variance(app, asker, partner.as_deref(), plan.as_deref()).await;
    }
    if let Query::ClaimFile { partner, claim, number } = query {
        return claim::hand_out(app, asker, (partner.as_deref(), claim, *number)).await;
    }
    in_read!(app.store, |read| {
        let context = match context::load(read, asker).await {
            Ok(context) => context,
            Err(Stop::Refused(refusal)) => return Ok(Reply::refused(refusal)),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        match look(app, read, &context, query).await {
            Ok(reply) => Ok(reply),
            Err(Stop::Refused(refusal)) => Ok(Reply::refused(context.with_who_can(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })
}

/// The list of commands holds nothing of anybody, so it is for whoever is here, without a role and before there is a
/// program too; but not for somebody who acts for two companies, who is refused everything.
async fn help(app: &App, asker: &Asker) -> Result<Reply, Fault> {
    let loaded = in_read!(app.store, |read| {
        match context::load(read, asker).await {
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Refused(refusal)) if refusal.code == Code::TwoCompanies => Ok(Some(refusal)),
            Ok(_) | Err(Stop::Refused(_)) => Ok(None),
        }
    })?;
    Ok(loaded.map_or_else(|| Reply::card("", text::help::card()), Reply::refused))
}

async fn look(app: &App, read: &mut Read, context: &Context, query: &Query) -> Result<Reply, Stop> {
    let step = Step::new(app, context, app.clock.now());
    match query {
        // Answered before, because none is one look on a reader's connection.
        Query::Help | Query::ReportVariance { .. } | Query::ClaimFile { .. } => {
            Err(Refusal::not_found().into())
        }
        Query::ListClaims { partner, page } => claim::list(&step, read, partner.as_deref(), *page).await,
        Query::ShowClaim { partner, claim } => claim::show_one(&step, read, partner.as_deref(), claim).await,
        Query::ShowFund { partner, fund, page } => {
            fund::show(&step, read, partner.as_deref(), (fund.as_deref(), *page)).await
        }
        Query::ListRequests { partner, page } => mdf::list(&step, read, partner.as_deref(), *page).await,
        Query::ShowRequest { partner, request } => {
            mdf::show_one(&step, read, partner.as_deref(), request).await
        }
        Query::ShowRules { partner, kind } => mdf::rules(&step, read, partner.as_deref(), kind).await,
        Query::ShowSetup { page } => setup::show(read, context, page.unwrap_or(1)).await,
        Query::ListTemplates { page } => template::list(read, context, *page).await,
        Query::ShowTemplate { template, page } => template::show(read, context, template, *page).await,
        Query::ListTasks { partner, plan, campaign, page } => {
            let named = (partner.as_deref(), plan.as_deref(), campaign.as_deref());
            let card = task::list(&step, read, named, *page).await?;
            here(context, partner.as_deref(), &[plan, campaign], Reply::card("", card))
        }
        Query::ListPromises { partner, plan, page } => {
            let card = promise::list(&step, read, partner.as_deref(), plan.as_deref(), *page).await?;
            here(context, partner.as_deref(), &[plan], Reply::card("", card))
        }
        Query::ShowCampaign { partner, campaign } => {
            let reply = campaigns::show(&step, read, partner.as_deref(), campaign).await?;
            here(context, partner.as_deref(), &[&Some(campaign.clone())], reply)
        }
        Query::ShowPlan { partner, plan }
        | Query::CheckPlan { partner, plan, .. }
        | Query::PlanHistory { partner, plan, .. }
        | Query::ListCampaigns { partner, plan, .. } => {
            let (partner, plan) = find(context, read, partner.as_deref(), plan.as_deref()).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            let card = of_plan(&step, read, partner, &plan, query).await?;
            Ok(context.named_here(Reply::card("", card), partner))
        }
    }
}

/// The answer as it is read here; the partner is named in the option or in front of a short name.
fn here(
    context: &Context,
    partner: Option<&str>,
    named: &[&Option<String>],
    reply: Reply,
) -> Result<Reply, Stop> {
    let key = |name: &&Option<String>| Some(name.as_deref()?.split_once('/')?.0.trim().to_owned());
    let said = named.iter().find_map(key);
    Ok(context.named_here(reply, context.partner(said.as_deref().or(partner))?))
}

/// What is asked about one plan.
async fn of_plan(
    step: &Step<'_>,
    read: &mut Read,
    partner: &Partner,
    plan: &Plan,
    query: &Query,
) -> Result<Card, Stop> {
    let context = step.context;
    match query {
        Query::CheckPlan { page, .. } => {
            let terms = terms(read, plan).await?;
            let signatures = crate::store::plan::signatures(read, &plan.id, plan.rev).await?;
            let ready = ready(read, &terms, &signatures, step.now).await?;
            let weeks = capacity::weeks(plan.period, &terms.campaigns, &terms.efforts);
            let page = page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
            let room = context.room_before_names(partner);
            Ok(text::readiness::page(&ready, plan, &weeks, (page, room)))
        }
        Query::PlanHistory { page, .. } => {
            let program = &context.program;
            let view = text::history::HistoryView { program, partner, plan, side: context.person.side() };
            let all = history::of_plan(read, &plan.id).await?;
            let side = context.person.side();
            let seen = all.iter().filter(|line| line.private_to.is_none_or(|own| own == side));
            let lines: Vec<text::history::Line<'_>> = seen.map(line_of).collect();
            Ok(text::history::card(&view, &lines, page.unwrap_or(1)))
        }
        Query::ListCampaigns { page, .. } => {
            let campaigns = campaign::of_plan(read, &plan.id).await?;
            let page = page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
            Ok(text::campaign::list(plan, &campaigns, page))
        }
        _ => Ok(text::plan::for_one_person(view_card(step, read, partner, plan).await?, plan)),
    }
}

fn line_of(happened: &history::Happened) -> text::history::Line<'_> {
    text::history::Line {
        at: happened.at,
        actor: &happened.actor,
        company: happened.company.as_ref(),
        code: &happened.code,
        item: &happened.item,
        detail: &happened.detail,
    }
}
