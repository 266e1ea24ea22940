//! A plan or a campaign started from a template: a draft as any other, which its editors then change.

use super::named;
use crate::domain::action::{Action, authorise};
use crate::domain::cadence::Cadence;
use crate::domain::campaign::{Campaign, read};
use crate::domain::command::template::TemplateUse;
use crate::domain::money::Currency;
use crate::domain::plan::own::Before;
use crate::domain::plan::{Attribution, BySide, Plan, PlanState};
use crate::domain::program::Partner;
use crate::domain::promise::{Promise, PromiseState};
use crate::domain::refusal::Refusal;
use crate::domain::slug::slug;
use crate::domain::task::{Task, TaskState};
use crate::domain::template::place::{Due, Onto, PlacedCampaign, Totals, place};
use crate::domain::template::{PlanPart, Template, wrong_kind};
use crate::fault::Fault;
use crate::flow::campaign::{free_slug, overfull_said};
use crate::flow::plan::{find, named as plan_named, period, sign_by_in_future, view_card, voided};
use crate::flow::{Reply, Step, Stop, unreadable};
use crate::store::{Tx, campaign, plan, program, promise, task};
use crate::text;
use serde_json::json;

pub(super) async fn start(step: &Step<'_>, tx: &mut Tx, wish: &TemplateUse) -> Result<Reply, Stop> {
    // Who asks for another partner learns nothing, whatever the template's name.
    let partner = match &wish.plan {
        Some(plan) => step.context.named(plan, "PLN", wish.partner.as_deref())?.0,
        None => step.context.partner(wish.partner.as_deref())?,
    };
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let template = named(tx, step.context, &wish.template).await?;
    match &template.content.plan {
        Some(part) => whole_plan(step, tx, partner, &template, part, wish).await,
        None => one_campaign(step, tx, partner, &template, wish).await,
    }
}

async fn whole_plan(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    template: &Template,
    part: &PlanPart,
    wish: &TemplateUse,
) -> Result<Reply, Stop> {
    let (Some(said), None, None) = (&wish.period, &wish.start, &wish.plan) else {
        return Err(wrong_kind(template).into());
    };
    let draft = draft(step, partner, part, (said, wish))?;
    let today = draft.local_day(step.now);
    let onto = Onto {
        period: draft.period,
        first: draft.period.start(),
        today,
        currency: draft.currency,
        partner: &partner.name,
        totals: totals(wish, draft.currency)?,
    };
    let placed = place(&template.content, onto)?;
    let plan = Plan { number: program::next_number(tx, &partner.id, "plan").await?, ..draft };
    plan::insert(tx, &plan).await?;
    let mut cut = Vec::new();
    for one in &placed.campaigns {
        let added = insert(step, tx, (partner, &plan), one, None).await?;
        cut.extend(one.cut.then(|| added.name_short()));
    }
    for due in &placed.promises {
        promised(step, tx, &plan, None, due).await?;
    }
    let detail = json!({"number": plan.number, "template": template.id, "campaigns": placed.campaigns.len(), "left_out": placed.left_out.len()});
    step.audit(tx, Some(&partner.id), "plan_from_template", &plan.id, detail).await?;
    let card = text::plan::for_one_person(view_card(step, tx, partner, &plan).await?, &plan);
    let read = text::setup::period_read(said, plan.period, step.context.program.fiscal_year);
    let said = text::template::started(&plan, template, &placed, &cut);
    Ok(Reply::card(format!("{said}{read}"), card))
}

fn draft(
    step: &Step<'_>,
    partner: &Partner,
    part: &PlanPart,
    (said, wish): (&str, &TemplateUse),
) -> Result<Plan, Stop> {
    let zone = step.context.program.zone;
    let today = step.now.with_timezone(&zone).date_naive();
    let period = period(step, said, today)?;
    let currency = match &wish.currency {
        Some(code) => Currency::parse(code).map_err(|error| unreadable(&error, ""))?,
        None => partner.currency,
    };
    // Codes that were written from a plan's own: what can't be read is a fault of what is stored.
    let corrupt = || Fault::Corrupt("the template of a plan has a code that there is not".to_owned());
    Ok(Plan {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        number: 0,
        name: plan_named(wish.name.as_deref(), period)?,
        period,
        currency,
        zone,
        attribution: Attribution::parse(&part.attribution).ok_or_else(corrupt)?,
        cadence: Cadence::parse(&part.cadence).map_err(|_| corrupt())?,
        sign_by: sign_by_in_future(Plan::default_sign_by(period), today)?,
        jbp: None,
        routing_hours: part.routing_hours,
        hours: BySide::default(),
        state: PlanState::Draft,
        returned_reason: None,
        rev: 1,
        revision: 0,
        created_at: step.now,
        created_by: step.context.person.id.clone(),
        proposed_at: None,
        agreed_at: None,
        before: Before::default(),
    })
}

fn totals(wish: &TemplateUse, currency: Currency) -> Result<Totals, Refusal> {
    let money = |text: &Option<String>| text.as_deref().map(|text| read::money(text, currency)).transpose();
    let totals = Totals { leads: wish.leads, pipeline: money(&wish.pipeline)?, budget: money(&wish.budget)? };
    if totals.leads.is_some_and(|leads| leads < 0) {
        return Err(Refusal::bad_input("A target can't be negative.", "Give 0 where there is none."));
    }
    Ok(totals)
}

async fn one_campaign(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    template: &Template,
    wish: &TemplateUse,
) -> Result<Reply, Stop> {
    let (Some(said), None, None) = (&wish.start, &wish.period, &wish.currency) else {
        return Err(wrong_kind(template).into());
    };
    let (_, found) = find(step.context, tx, Some(&partner.key), wish.plan.as_deref()).await?;
    if found.state.is_in_force() {
        return Err(Refusal::wrong_state(
            format!("{} is signed by both sides: templates are for drafts.", found.name_short()),
            "File it as an adjustment with /campaign add, which takes a reason.",
        )
        .into());
    }
    let plan = found.clone().edited()?;
    let today = plan.local_day(step.now);
    let onto = Onto {
        period: plan.period,
        first: read::day(said, today)?,
        today,
        currency: plan.currency,
        partner: &partner.name,
        totals: totals(wish, plan.currency)?,
    };
    let placed = place(&template.content, onto)?;
    let Some(one) = placed.campaigns.first() else {
        return Err(Refusal::bad_input(
            format!("From {} on, it lies outside the plan's period.", onto.first),
            format!("Dates must overlap {} to {}.", plan.period.start(), plan.period.end()),
        )
        .into());
    };
    let added = insert(step, tx, (partner, &plan), one, wish.name.as_deref()).await?;
    let detail = json!({"number": added.number, "plan": plan.id, "rev": plan.rev, "template": template.id});
    step.audit(tx, Some(&partner.id), "campaign_added", &added.id, detail).await?;
    let note = voided(step, tx, partner, found).await?;
    let warned = overfull_said(tx, &plan, &added, None).await?;
    let said = text::template::added(&added, &plan, template, &placed);
    let mut card = text::campaign::card(&added, &plan);
    card.buttons.extend(text::plan::next_steps(&plan));
    Ok(Reply::card(format!("{said}{note}{warned}"), card))
}

/// Writes a placed campaign with its tasks and promises.
async fn insert(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, plan): (&Partner, &Plan),
    placed: &PlacedCampaign,
    name: Option<&str>,
) -> Result<Campaign, Stop> {
    let name = name.map_or_else(|| Ok(placed.campaign.name.clone()), read::name)?;
    let number = program::next_number(tx, &partner.id, "campaign").await?;
    let wanted = slug(&format!("{}-{}-{name}", step.context.program.key, partner.key));
    let id = step.app.clock.new_id();
    let fresh = Campaign {
        utm_id: id.clone(),
        id,
        partner_id: partner.id.clone(),
        plan_id: plan.id.clone(),
        number,
        name,
        slug: free_slug(tx, &partner.id, false, &wanted, number).await?,
        ..placed.campaign.clone()
    };
    fresh.check(plan.period)?;
    campaign::insert(tx, &step.app.clock, &fresh, &step.context.person.id).await?;
    for (part, due_on) in &placed.tasks {
        let task = Task {
            id: step.app.clock.new_id(),
            partner_id: partner.id.clone(),
            plan_id: plan.id.clone(),
            campaign_id: fresh.id.clone(),
            number: program::next_number(tx, &partner.id, "task").await?,
            kind: part.kind.clone(),
            what: part.what.clone(),
            side: part.side,
            owner: None,
            due_on: *due_on,
            due_by_hand: part.by_hand,
            state: TaskState::Open,
            settled: None,
        };
        task::insert(tx, &task).await?;
    }
    for due in &placed.promises {
        promised(step, tx, plan, Some(&fresh.id), due).await?;
    }
    Ok(fresh)
}

async fn promised(
    step: &Step<'_>,
    tx: &mut Tx,
    plan: &Plan,
    campaign_id: Option<&str>,
    due: &Due,
) -> Result<(), Stop> {
    let promise = Promise {
        id: step.app.clock.new_id(),
        partner_id: plan.partner_id.clone(),
        plan_id: plan.id.clone(),
        campaign_id: campaign_id.map(str::to_owned),
        number: program::next_number(tx, &plan.partner_id, "promise").await?,
        side: due.part.side,
        what: due.part.what.clone(),
        due_on: due.on,
        state: PromiseState::Open,
        settled: None,
        made_at: step.now,
        made_by: step.context.person.id.clone(),
    };
    Ok(promise::insert(tx, &promise).await?)
}
