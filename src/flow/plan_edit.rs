//! Changes of a plan's own terms, and who answers for its reviews. A draft is changed at once; what both sides have signed
//! changes only by an adjustment.

use super::plan::{cadence, find, jbp, named, sign_by};
use super::plan_card::show;
use super::{Reply, Step, Stop, adjust, plan_card};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Side;
use crate::domain::capacity::MAX_HOURS_A_WEEK;
use crate::domain::command::plan::PlanEdit;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::store::{Read, Tx, plan, program, readiness};
use crate::text;
use serde_json::json;

/// The longest time in which leads are to be accepted: four weeks, in hours.
const MAX_ROUTING_HOURS: i64 = 28 * 24;

pub(super) async fn edit(step: &Step<'_>, tx: &mut Tx, wish: &PlanEdit) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, wish.partner.as_deref(), wish.plan.as_deref()).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?;
    let owners = [(Side::Vendor, &wish.vendor_owner), (Side::Partner, &wish.partner_owner)];
    let owners: Vec<(Side, &String)> =
        owners.into_iter().filter_map(|(side, owner)| Some((side, owner.as_ref()?))).collect();
    let has_terms = changes_terms(wish);
    if !has_terms && owners.is_empty() {
        return Err(Refusal::bad_input("Nothing to change was given.", "Give at least one option.").into());
    }
    if plan.state.is_over() {
        // Says that it can't be edited, whatever was asked for.
        plan.clone().edited()?;
    }
    if plan.state.is_in_force() && has_terms {
        return adjusted(step, tx, partner, plan, (wish, &owners)).await;
    }
    let was_proposed = plan.state == PlanState::Proposed;
    let plan = if has_terms { changed(step, plan.edited()?, wish)? } else { plan };
    if has_terms {
        plan::save_terms(tx, &plan).await?;
        plan::save(tx, &plan).await?;
    }
    set_owners(step, tx, &plan, wish, &owners).await?;
    let mut said = format!("{} is changed.", plan.name_short());
    if was_proposed && has_terms {
        said.push_str(super::plan::VOIDED);
        show(step, tx, partner, &plan).await?;
    }
    let card = plan_card::view_card(step, tx, partner, &plan).await?;
    Ok(Reply::card(said, text::plan::for_one_person(card, &plan)))
}

async fn set_owners(
    step: &Step<'_>,
    tx: &mut Tx,
    plan: &Plan,
    wish: &PlanEdit,
    owners: &[(Side, &String)],
) -> Result<(), Stop> {
    for (side, owner) in owners {
        readiness::set_owner(tx, &plan.id, *side, person_id(owner)?).await?;
    }
    let detail =
        json!({"rev": plan.rev, "vendor_owner": wish.vendor_owner, "partner_owner": wish.partner_owner});
    Ok(step.audit(tx, Some(&plan.partner_id), "plan_edited", &plan.id, detail).await?)
}

/// Files what both sides have to sign; who answers for the reviews needs no signature and holds at once.
async fn adjusted(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    (wish, owners): (&PlanEdit, &[(Side, &String)]),
) -> Result<Reply, Stop> {
    if wish.sign_by.is_some() {
        return Err(Refusal::wrong_state(
            format!("{} is signed: its last day to sign can't be changed any more.", plan.name_short()),
            "By an adjustment change: name, cadence, jbp-revenue, marketing-share, win-rate, routing-hours, vendor-hours \
             and partner-hours. Period, currency, time zone and attribution stay.",
        )
        .into());
    }
    if !owners.is_empty() {
        set_owners(step, tx, &plan, wish, owners).await?;
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

/// The id of a person that an option names.
fn person_id(option: &str) -> Result<&str, Refusal> {
    let id = option.trim().trim_start_matches("<@").trim_start_matches('!').trim_end_matches('>');
    let known = !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit());
    known.then_some(id).ok_or_else(|| Refusal::bad_input("An owner is a person.", "Pick one from the list."))
}
