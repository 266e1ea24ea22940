//! Changes of a plan's own terms, and who answers for its reviews. A draft is changed at once; what both sides have signed
//! changes only by an adjustment.

use super::plan::{attribution, cadence, find, jbp, named, period, sign_by, sign_by_in_future, zone};
use super::plan_card::show;
use super::{Reply, Step, Stop, adjust, plan_card, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::{Picked, Side};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::capacity::MAX_HOURS_A_WEEK;
use crate::domain::command::plan::PlanEdit;
use crate::domain::money::Currency;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::store::{Read, Tx, campaign, outbox, plan, program, readiness};
use crate::text;
use crate::text::card::Post;
use serde_json::json;

/// The longest time in which leads are to be accepted: four weeks, in hours.
const MAX_ROUTING_HOURS: i64 = 28 * 24;

pub(super) async fn edit(step: &Step<'_>, tx: &mut Tx, wish: &PlanEdit) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, wish.partner.as_deref(), wish.plan.as_deref()).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?;
    let owners = [(Side::Vendor, &wish.vendor_owner), (Side::Partner, &wish.partner_owner)];
    let owners: Vec<(Side, &Picked)> =
        owners.into_iter().filter_map(|(side, owner)| Some((side, owner.as_ref()?))).collect();
    for (side, owner) in &owners {
        step.context.acts_for(owner, *side, partner)?;
    }
    let has_terms = changes_terms(wish);
    if !has_terms && owners.is_empty() {
        return Err(Refusal::bad_input("Nothing to change was given.", "Give at least one option.").into());
    }
    if plan.state.is_over() {
        // Says that it can't be edited, whatever was asked for.
        plan.clone().edited()?;
    }
    names_only_own(step.context.person.side(), &plan, &owners)?;
    if plan.state.is_in_force() && has_terms {
        return adjusted(step, tx, partner, plan, (wish, &owners)).await;
    }
    let was_proposed = plan.state == PlanState::Proposed;
    let plan = if has_terms {
        let drafted = Drafted {
            campaigns: campaign::of_plan(tx, &plan.id).await?,
            has_rates: !plan::rates(tx, &plan.id).await?.is_empty(),
        };
        changed(step, reframed(step, plan.edited()?, &drafted, wish)?, wish)?
    } else {
        plan
    };
    if has_terms {
        plan::save_terms(tx, &plan).await?;
        plan::save(tx, &plan).await?;
    }
    set_owners(step, tx, (partner, &plan), wish, &owners).await?;
    let mut said = format!("{} is changed.", plan.name_short());
    if was_proposed && has_terms {
        said.push_str(super::plan::VOIDED);
        show(step, tx, partner, &plan).await?;
    }
    let card = plan_card::view_card(step, tx, partner, &plan).await?;
    Ok(Reply::card(said, text::plan::for_one_person(card, &plan)))
}

/// Once both sides have signed, each names only who answers for the reviews on its own side. A draft is written by both.
fn names_only_own(own: Side, plan: &Plan, owners: &[(Side, &Picked)]) -> Result<(), Refusal> {
    let Some((side, _)) = owners.iter().find(|(side, _)| plan.state.is_in_force() && *side != own) else {
        return Ok(());
    };
    Err(Refusal::wrong_state(
        format!(
            "{} is signed by both sides, and the {} says who answers for the reviews on its side.",
            plan.name_short(),
            side.code()
        ),
        format!("Each side names its own: ask the {}.", side.code()),
    ))
}

/// Sets who answers for the reviews; of a plan in force, the other side is told who does now.
async fn set_owners(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, plan): (&Partner, &Plan),
    wish: &PlanEdit,
    owners: &[(Side, &Picked)],
) -> Result<(), Stop> {
    let before = readiness::owners(tx, &plan.id).await?;
    for (side, owner) in owners {
        readiness::set_owner(tx, &plan.id, *side, &owner.id).await?;
        if plan.state.is_in_force() && before.of(*side).as_deref() != Some(owner.id.as_str()) {
            let text = text::plan::answers(plan, *side, &owner.id, &step.context.person.id);
            let post = Post { text, ..Post::default() };
            outbox::post(tx, &step.app.clock, &partner.channel_id, &post, &[]).await?;
        }
    }
    let id = |owner: &Option<Picked>| owner.as_ref().map(|owner| owner.id.clone());
    let (vendor, partner) = (id(&wish.vendor_owner), id(&wish.partner_owner));
    let detail = json!({"rev": plan.rev, "vendor_owner": vendor, "partner_owner": partner});
    Ok(step.audit(tx, Some(&plan.partner_id), "plan_edited", &plan.id, detail).await?)
}

/// Files what both sides have to sign; who answers for the reviews needs no signature and holds at once.
async fn adjusted(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    (wish, owners): (&PlanEdit, &[(Side, &Picked)]),
) -> Result<Reply, Stop> {
    let frame = [&wish.sign_by, &wish.period, &wish.zone, &wish.currency, &wish.attribution];
    if let Some(index) = frame.iter().position(|option| option.is_some()) {
        let what = ["last day to sign", "period", "time zone", "currency", "attribution"][index];
        return Err(Refusal::wrong_state(
            format!("{} is signed: its {what} can't be changed any more.", plan.name_short()),
            "By an adjustment change: name, cadence, jbp-revenue, marketing-share, win-rate, routing-hours, vendor-hours \
             and partner-hours. Period, currency, time zone and attribution stay.",
        )
        .into());
    }
    if !owners.is_empty() {
        set_owners(step, tx, (partner, &plan), wish, owners).await?;
    }
    let why = wish.reason.as_deref().unwrap_or_default();
    adjust::terms(step, tx, (partner, plan), |plan| changed(step, plan, wish), why).await
}

/// How a plan that a button names by its id is named in a command: its partner's key and its short name.
///
/// # Errors
/// `not_found` for a plan that the person must not know of.
pub(super) async fn names(step: &Step<'_>, read: &mut Read, id: &str) -> Result<(String, String), Stop> {
    let plan = plan::by_id(read, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&plan.partner_id)?;
    Ok((partner.key.clone(), plan.name_short()))
}

fn changes_terms(wish: &PlanEdit) -> bool {
    [
        &wish.name,
        &wish.period,
        &wish.zone,
        &wish.currency,
        &wish.attribution,
        &wish.sign_by,
        &wish.cadence,
        &wish.jbp_revenue,
        &wish.marketing_share,
        &wish.win_rate,
        &wish.routing_hours,
        &wish.vendor_hours,
        &wish.partner_hours,
    ]
    .iter()
    .any(|option| option.is_some())
}

/// What a change of a plan's frame has to fit.
struct Drafted {
    campaigns: Vec<Campaign>,
    has_rates: bool,
}

impl Drafted {
    /// Whether anything is written in the plan's currency, other than its joint business plan. What was cancelled keeps its
    /// amounts, so it counts.
    fn has_amounts(&self) -> bool {
        let amounts = |one: &Campaign| {
            !one.target_pipeline.is_zero() || one.target_won.is_some() || !one.budget.is_empty()
        };
        self.has_rates || self.campaigns.iter().any(amounts)
    }

    /// # Errors
    /// `bad_input` naming the first campaign that would lie outside the plan's period.
    fn fits(&self, plan: &Plan) -> Result<(), Refusal> {
        let dated =
            |one: &&Campaign| !matches!(one.state, CampaignState::Cancelled | CampaignState::Postponed);
        let Some(outside) = self.campaigns.iter().filter(dated).find(|one| one.check(plan.period).is_err())
        else {
            return Ok(());
        };
        Err(Refusal::bad_input(
            format!(
                "{} runs from {} to {}, outside {} to {}.",
                outside.name_short(),
                outside.period.start(),
                outside.period.end(),
                plan.period.start(),
                plan.period.end()
            ),
            "Move it with /campaign edit or take it out with /campaign cancel first.",
        ))
    }
}

/// The plan in another period, zone or currency, or counted by another touch. What nobody set by hand moves along: a name
/// made of its dates, and the last day to sign.
fn reframed(step: &Step<'_>, mut plan: Plan, drafted: &Drafted, wish: &PlanEdit) -> Result<Plan, Refusal> {
    if let Some(name) = &wish.zone {
        plan.zone = zone(name)?;
    }
    let today = plan.local_day(step.now);
    if let Some(text) = &wish.period {
        let before = plan.period;
        plan.period = period(step, text, today)?;
        drafted.fits(&plan)?;
        if plan.name == named(None, before)? {
            plan.name = named(None, plan.period)?;
        }
        if wish.sign_by.is_none() && plan.sign_by == Plan::default_sign_by(before) {
            plan.sign_by = sign_by_in_future(Plan::default_sign_by(plan.period), today)?;
        }
    }
    if let Some(code) = &wish.currency {
        let currency = Currency::parse(code).map_err(|error| unreadable(&error, ""))?;
        if currency != plan.currency && (drafted.has_amounts() || plan.jbp.is_some()) {
            return Err(Refusal::bad_input(
                format!("{} has amounts in {} already.", plan.name_short(), plan.currency.code()),
                "Its currency can be another only before there are targets, budgets, rates or a joint business plan: \
                 create a new plan.",
            ));
        }
        plan.currency = currency;
    }
    if let Some(touch) = &wish.attribution {
        plan.attribution = attribution(touch)?;
    }
    Ok(plan)
}

fn changed(step: &Step<'_>, mut plan: Plan, wish: &PlanEdit) -> Result<Plan, Refusal> {
    let today = plan.local_day(step.now);
    if wish.name.is_some() {
        plan.name = named(wish.name.as_deref(), plan.period)?;
    }
    if let Some(text) = &wish.sign_by {
        plan.sign_by = sign_by(text, today)?;
    }
    if let Some(text) = &wish.cadence {
        plan.cadence = cadence(text)?;
    }
    if let Some(jbp) =
        jbp((&wish.jbp_revenue, &wish.marketing_share, &wish.win_rate), plan.currency, plan.jbp)?
    {
        plan.jbp = Some(jbp);
    }
    if let Some(text) = &wish.routing_hours {
        plan.routing_hours = Some(routing_hours(text)?);
    }
    if let Some(text) = &wish.vendor_hours {
        plan.hours.vendor = Some(hours_a_week(text)?);
    }
    if let Some(text) = &wish.partner_hours {
        plan.hours.partner = Some(hours_a_week(text)?);
    }
    Ok(plan)
}

/// Hours in which leads are accepted, as people write them.
///
/// # Errors
/// `bad_input` for what is no such number.
pub(super) fn routing_hours(text: &str) -> Result<i64, Refusal> {
    hours(text, 1, MAX_ROUTING_HOURS)
}

/// Hours a week, as people write them.
///
/// # Errors
/// `bad_input` for what is no such number.
pub(super) fn hours_a_week(text: &str) -> Result<i64, Refusal> {
    hours(text, 0, MAX_HOURS_A_WEEK)
}

fn hours(written: &str, least: i64, most: i64) -> Result<i64, Refusal> {
    let number = written.trim().trim_end_matches("hours").trim_end_matches(['h', 'H']).trim();
    number.parse().ok().filter(|hours| (least..=most).contains(hours)).ok_or_else(|| {
        Refusal::bad_input(
            format!("\"{}\" is not a number of hours.", text::short(written, 30)),
            format!("Give a whole number from {least} to {most}."),
        )
    })
}
