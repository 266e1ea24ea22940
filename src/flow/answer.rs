//! Questions: what only looks. Authorised as commands are, on a reader's connection, never saved.

use super::context::{self, Asker, Context};
use super::plan::{find, terms, view_card};
use super::plan_card::ready;
use super::{Reply, Step, Stop, claim, mdf, promise, report, setup, task, template};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::capacity;
use crate::domain::command::Query;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::in_read;
use crate::store::{Read, campaign, history};
use crate::text;

/// The answer to a question.
///
/// # Errors
/// A fault of the database.
pub async fn answer(app: &App, asker: &Asker, query: &Query) -> Result<Reply, Fault> {
    if *query == Query::Help {
        return Ok(Reply::card("", text::help::card()));
    }
    if let Query::ReportVariance { partner, plan } = query {
        return report::variance(app, asker, partner.as_deref(), plan.as_deref()).await;
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

async fn look(app: &App, read: &mut Read, context: &Context, query: &Query) -> Result<Reply, Stop> {
    let step = Step::new(app, context, app.clock.now());
    match query {
        // Answered before, because neither is one look on a reader's connection.
        Query::Help | Query::ReportVariance { .. } => Err(Refusal::not_found().into()),
        Query::ListClaims { partner, page } => claim::list(&step, read, partner.as_deref(), *page).await,
        Query::ShowClaim { partner, claim } => claim::show_one(&step, read, partner.as_deref(), claim).await,
        Query::ListRequests { partner, page } => mdf::list(&step, read, partner.as_deref(), *page).await,
        Query::ShowRequest { partner, request } => {
            mdf::show_one(&step, read, partner.as_deref(), request).await
        }
        Query::ShowSetup { page } => setup::show(read, context, page.unwrap_or(1)).await,
        Query::ListTemplates { page } => template::list(read, context, *page).await,
        Query::ShowTemplate { template, page } => template::show(read, context, template, *page).await,
        Query::ShowPlan { partner, plan } => {
            let (partner, plan) = find(context, read, partner.as_deref(), plan.as_deref()).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            let card = view_card(&step, read, partner, &plan).await?;
            Ok(Reply::card("", text::plan::for_one_person(card, &plan)))
        }
        Query::CheckPlan { partner, plan } => {
            let (partner, plan) = find(context, read, partner.as_deref(), plan.as_deref()).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            let terms = terms(read, &plan).await?;
            let signatures = crate::store::plan::signatures(read, &plan.id, plan.rev).await?;
            let ready = ready(read, &terms, &signatures, step.now).await?;
            let weeks = capacity::weeks(plan.period, &terms.campaigns);
            Ok(Reply::card("", text::readiness::card(&ready, &plan, &weeks)))
        }
        Query::ListTasks { partner, plan, campaign, page } => {
            let named = (partner.as_deref(), plan.as_deref(), campaign.as_deref());
            Ok(Reply::card("", task::list(&step, read, named, *page).await?))
        }
        Query::ListPromises { partner, plan, page } => {
            let card = promise::list(&step, read, partner.as_deref(), plan.as_deref(), *page).await?;
            Ok(Reply::card("", card))
        }
        Query::PlanHistory { partner, plan, page } => {
            let (partner, plan) = find(context, read, partner.as_deref(), plan.as_deref()).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            let view = text::history::HistoryView {
                program: &context.program,
                partner,
                plan: &plan,
                side: context.person.side(),
            };
            let all = history::of_plan(read, &plan.id).await?;
            let lines: Vec<text::history::Line<'_>> = all.iter().map(line_of).collect();
            Ok(Reply::card("", text::history::card(&view, &lines, page.unwrap_or(1))))
        }
        Query::ListCampaigns { partner, plan, page } => {
            let (partner, plan) = find(context, read, partner.as_deref(), plan.as_deref()).await?;
            authorise(&context.person, Action::See, &partner.id)?;
            let campaigns = campaign::of_plan(read, &plan.id).await?;
            let page = page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
            Ok(Reply::card("", text::campaign::list(&plan, &campaigns, page)))
        }
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
