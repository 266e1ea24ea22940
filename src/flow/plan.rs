//! Decisions about plans: create, propose, sign, return, decline.

use super::adjust::ending;
pub(crate) use super::plan_card::show_at;
pub(super) use super::plan_card::{show, terms, view_card};
use super::plan_edit::{hours_a_week, routing_hours};
use super::{Context, Reply, Step, Stop, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Capability;
use crate::domain::cadence::Cadence;
use crate::domain::campaign::CampaignState;
use crate::domain::capacity::{Overfull, overfull};
use crate::domain::command::{NewPlan, PlanDecision};
use crate::domain::day::parse_day;
use crate::domain::money::{Currency, parse_amount_in};
use crate::domain::period::{Period, parse_period};
use crate::domain::plan::own::Before;
use crate::domain::plan::terms::Terms;
use crate::domain::plan::{Attribution, BySide, Jbp, Plan, PlanState, Signature, Signed};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::fault::Fault;
use crate::store::readiness::SignedRev;
use crate::store::{Read, Tx, campaign, plan, program, readiness};
use crate::text;
use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::json;

/// The plan that a text names, or without one the partner's newest that has not ended.
///
/// # Errors
/// `not_found`, or a fault of the database.
pub(super) async fn find<'a>(
    context: &'a Context,
    read: &mut Read,
    partner: Option<&str>,
    named: Option<&str>,
) -> Result<(&'a Partner, Plan), Stop> {
    if let Some(named) = named {
        let (partner, number) = context.named(named, "PLN", partner)?;
        let plan = plan::by_number(read, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
        return Ok((partner, plan));
    }
    let partner = context.partner(partner)?;
    let plans = plan::of_partner(read, &partner.id).await?;
    let open = |plan: &Plan| {
        !matches!(
            plan.state,
            PlanState::Closed | PlanState::Declined | PlanState::Expired | PlanState::Cancelled
        )
    };
    match plans.iter().position(open) {
        Some(index) => Ok((partner, plans.into_iter().nth(index).ok_or_else(Refusal::not_found)?)),
        None => Err(Refusal::bad_input("There is no plan yet.", "Create one with /plan create.").into()),
    }
}

pub(super) async fn create(step: &Step<'_>, tx: &mut Tx, new: &NewPlan) -> Result<Reply, Stop> {
    let partner = step.context.partner(new.partner.as_deref())?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let draft = draft(step, partner, new)?;
    let number = program::next_number(tx, &partner.id, "plan").await?;
    let plan = Plan { number, ..draft };
    plan::insert(tx, &plan).await?;
    step.audit(tx, Some(&partner.id), "plan_created", &plan.id, json!({"number": number})).await?;
    let card = text::plan::for_one_person(view_card(step, tx, partner, &plan).await?, &plan);
    let text = format!(
        "{} is a draft. Add campaigns with /campaign add, then /plan propose.{}",
        plan.name_short(),
        text::setup::period_read(&new.period, plan.period, step.context.program.fiscal_year)
    );
    Ok(Reply::card(text, card))
}

fn draft(step: &Step<'_>, partner: &Partner, new: &NewPlan) -> Result<Plan, Refusal> {
    let bad = |error: &dyn std::fmt::Display| unreadable(error, "");
    let zone = match &new.zone {
        Some(text) => zone(text)?,
        None => step.context.program.zone,
    };
    let today = step.now.with_timezone(&zone).date_naive();
    let period = period(step, &new.period, today)?;
    let currency = match &new.currency {
        Some(code) => Currency::parse(code).map_err(|error| bad(&error))?,
        None => partner.currency,
    };
    let cadence = cadence(new.cadence.as_deref().unwrap_or("monthly"))?;
    let attribution = match new.attribution.as_deref() {
        Some(text) => attribution(text)?,
        None => Attribution::FirstTouch,
    };
    let sign_by = match &new.sign_by {
        Some(text) => sign_by(text, today)?,
        None => sign_by_in_future(Plan::default_sign_by(period), today)?,
    };
    Ok(Plan {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        number: 0,
        name: named(new.name.as_deref(), period)?,
        period,
        currency,
        zone,
        attribution,
        cadence,
        sign_by,
        jbp: jbp((&new.jbp_revenue, &new.marketing_share, &new.win_rate), currency, None)?,
        routing_hours: new.routing_hours.as_deref().map(routing_hours).transpose()?,
        hours: BySide {
            vendor: new.vendor_hours.as_deref().map(hours_a_week).transpose()?,
            partner: new.partner_hours.as_deref().map(hours_a_week).transpose()?,
        },
        before: Before::default(),
        state: PlanState::Draft,
        returned_reason: None,
        rev: 1,
        revision: 0,
        created_at: step.now,
        created_by: step.context.person.id.clone(),
        proposed_at: None,
        agreed_at: None,
    })
}

/// A plan's period as people write it, fiscal years by the program's.
///
/// # Errors
/// `bad_input` saying what would be right.
pub(super) fn period(step: &Step<'_>, text: &str, today: NaiveDate) -> Result<Period, Refusal> {
    let start_month = step.context.program.fiscal_year.start_month;
    parse_period(text, today, start_month).map_err(|error| unreadable(&error, ""))
}

/// The longest name of a plan or campaign, in characters.
const NAME_LIMIT: usize = 100;

/// What is said when an edit voids signatures.
pub(super) const VOIDED: &str =
    " The plan is a draft again and its signatures are void: propose it anew with /plan propose.";

/// A time zone as people write it.
///
/// # Errors
/// `bad_input` for one that nobody knows.
pub(super) fn zone(name: &str) -> Result<Tz, Refusal> {
    name.trim().parse().map_err(|_| {
        Refusal::bad_input(
            format!("I don't know the time zone \"{}\".", text::short(name, 60)),
            "Give one such as Europe/Berlin.",
        )
    })
}

/// Which touch counts, as chat's option says it.
///
/// # Errors
/// `bad_input` for anything else.
pub(super) fn attribution(text: &str) -> Result<Attribution, Refusal> {
    Attribution::parse(text)
        .ok_or_else(|| Refusal::bad_input("Attribution is first_touch or last_touch.", ""))
}

/// A review cadence as people write it.
///
/// # Errors
/// `bad_input` saying what would be right.
pub(super) fn cadence(text: &str) -> Result<Cadence, Refusal> {
    Cadence::parse(text).map_err(|error| unreadable(&error, ""))
}

/// The last day to sign, as people write it.
///
/// # Errors
/// `bad_input` for what is no day, or one that has passed.
pub(super) fn sign_by(text: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    sign_by_in_future(parse_day(text, today).map_err(|error| unreadable(&error, ""))?, today)
}

pub(super) fn named(name: Option<&str>, period: Period) -> Result<String, Refusal> {
    match name.map(str::trim).filter(|name| !is_blank(name)) {
        Some(name) if name.chars().count() > NAME_LIMIT => {
            Err(Refusal::bad_input(format!("A name has at most {NAME_LIMIT} characters."), ""))
        }
        Some(name) => Ok(name.to_owned()),
        None => Ok(format!("{} to {}", period.start(), period.end())),
    }
}

/// # Errors
/// `bad_input` for a last day to sign that has passed.
pub(super) fn sign_by_in_future(sign_by: NaiveDate, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    if sign_by < today {
        return Err(Refusal::bad_input(
            format!("The plan would have to be signed by {sign_by}, which has passed."),
            "Give a later day in the option sign-by.",
        ));
    }
    Ok(sign_by)
}

/// Revenue, marketing share and win rate of the joint business plan: what isn't given stays as it was.
///
/// # Errors
/// `bad_input` for what can't be read, or if one of the three is missing.
pub(super) fn jbp(
    (revenue, share, rate): (&Option<String>, &Option<String>, &Option<String>),
    currency: Currency,
    before: Option<Jbp>,
) -> Result<Option<Jbp>, Refusal> {
    if revenue.is_none() && share.is_none() && rate.is_none() {
        return Ok(None);
    }
    let amount = |text: &String| parse_amount_in(text, currency).map_err(|error| unreadable(&error, ""));
    let revenue = revenue.as_ref().map(amount).transpose()?.or(before.map(|jbp| jbp.revenue));
    let share = share.as_deref().map(percent).transpose()?.or(before.map(|jbp| jbp.marketing_share));
    let rate = rate.as_deref().map(percent).transpose()?.or(before.map(|jbp| jbp.win_rate));
    let (Some(revenue), Some(marketing_share), Some(win_rate)) = (revenue, share, rate) else {
        return Err(Refusal::bad_input(
            "The joint business plan needs all three: revenue, marketing share and win rate.",
            "Give jbp-revenue, marketing-share and win-rate together.",
        ));
    };
    Ok(Some(Jbp { revenue, marketing_share, win_rate }))
}

/// A percentage as people write it: `30`, `30 %`, `12.5%`, `12,5 %`.
pub(super) fn percent(text: &str) -> Result<Decimal, Refusal> {
    let digits = text.trim().strip_suffix('%').unwrap_or(text).trim();
    // Decimals as people write them: the reader below also takes exponents, signs and underscores.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    // No percentage has thousands, so a comma can only be the decimal sign.
    let number: Option<Decimal> =
        Some(digits.replacen(',', ".", 1)).filter(|_| plain).and_then(|digits| digits.parse().ok());
    number.filter(|number| *number > Decimal::ZERO && *number <= Decimal::ONE_HUNDRED).ok_or_else(|| {
        Refusal::bad_input(
            format!("\"{}\" is not a percentage.", text::short(text, 30)),
            "Give a number above 0 and up to 100, such as 25%.",
        )
    })
}

pub(super) async fn propose(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    named: Option<&str>,
) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, partner, named).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?;
    let mut campaigns = campaign::of_plan(tx, &plan.id).await?;
    campaigns.retain(|campaign| campaign.is_in_terms());
    let plan = plan.propose(&campaigns, step.now)?;
    plan::save(tx, &plan).await?;
    let hash = terms(tx, &plan).await?.sha256();
    step.audit(tx, Some(&partner.id), "plan_proposed", &plan.id, json!({"rev": plan.rev, "sha256": hash}))
        .await?;
    show(step, tx, partner, &plan).await?;
    Ok(Reply::text(format!(
        "{} is proposed: its card is in <#{}> for both sides to sign by {}.",
        plan.name_short(),
        partner.channel_id,
        plan.sign_by
    )))
}

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &PlanDecision,
) -> Result<Reply, Stop> {
    let found = plan::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, Action::DecidePlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let (code, said, plan) = match decision {
        PlanDecision::Sign => return sign(step, tx, partner, plan, seen_rev).await,
        PlanDecision::Return { reason } => {
            ("plan_returned", "is returned: it is a draft again", plan.send_back(seen_rev, reason, step.now)?)
        }
        PlanDecision::Decline { reason } => {
            return decline(step, tx, partner, plan.decline(seen_rev, reason, step.now)?, reason).await;
        }
    };
    plan::save(tx, &plan).await?;
    let detail = json!({"rev": plan.rev, "for": stands_for(step)});
    step.audit(tx, Some(&partner.id), code, &plan.id, detail).await?;
    show(step, tx, partner, &plan).await?;
    Ok(Reply::text(format!("{} {said}.", plan.name_short())))
}

/// Ends a plan that one side declines, with what hangs on it: nobody could decide it any more.
async fn decline(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    declined: Plan,
    reason: &str,
) -> Result<Reply, Stop> {
    plan::save(tx, &declined).await?;
    let detail = json!({"rev": declined.rev, "for": stands_for(step)});
    step.audit(tx, Some(&partner.id), "plan_declined", &declined.id, detail).await?;
    // The card keeps the hash of what was declined, so it is shown before tasks and promises leave the terms.
    show(step, tx, partner, &declined).await?;
    let campaigns = campaign::of_plan(tx, &declined.id).await?;
    let files = ending::Files { partner, plan: &declined, campaigns: &campaigns };
    let ended = ending::end(step, tx, &files, true, reason.trim()).await?;
    let said = format!("{} is declined.{}", declined.name_short(), text::adjustment::ended(&ended));
    ending::tell(step, tx, partner, &said, &ended).await?;
    Ok(Reply::text(said))
}

/// For whom a plan is signed, returned or declined, if who does it stands in for somebody who could have.
pub(super) fn stands_for<'a>(step: &Step<'a>) -> Option<&'a str> {
    let context = step.context;
    context.absences(step.now).decided_for(&context.person, context.grants(), Capability::Sign, None)
}

async fn sign(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    seen_rev: i64,
) -> Result<Reply, Stop> {
    let terms = terms(tx, &plan).await?;
    let given = plan::signatures(tx, &plan.id, plan.rev).await?;
    let name = plan.name_short();
    let before = plan.clone();
    let stands_for = stands_for(step);
    let given_for =
        |signature: Signature| Signature { stands_for: stands_for.map(str::to_owned), ..signature };
    match plan.sign(&step.context.person, seen_rev, terms.canonical(), &given, step.now)? {
        Signed::Half { signature, waits_for } => {
            let signature = given_for(signature);
            let warned = sign_with_warnings(tx, &terms, &before, &signature).await?;
            let detail = json!({"rev": before.rev, "sha256": signature.content_sha256, "for": stands_for, "overfull_weeks": warned});
            step.audit(tx, Some(&partner.id), "plan_signed", &before.id, detail).await?;
            show(step, tx, partner, &before).await?;
            Ok(Reply::text(format!("Signed. {name} waits for the {}'s signature.", waits_for.code())))
        }
        Signed::Agreed { plan: agreed, signature, snapshot } => {
            let signature = given_for(signature);
            let warned = sign_with_warnings(tx, &terms, &agreed, &signature).await?;
            plan::save(tx, &agreed).await?;
            plan::add_revision(tx, &agreed, &snapshot, &signature.content_sha256).await?;
            for campaign in
                terms.campaigns.iter().filter(|campaign| campaign.state == CampaignState::Proposed)
            {
                campaign::save_state(tx, &campaign.id, CampaignState::Planned).await?;
            }
            let detail = json!({"revision": agreed.revision, "sha256": signature.content_sha256, "for": stands_for, "overfull_weeks": warned});
            step.audit(tx, Some(&partner.id), "plan_agreed", &agreed.id, detail).await?;
            show(step, tx, partner, &agreed).await?;
            Ok(Reply::text(format!(
                "Signed. {name} is agreed by both sides as revision {}.",
                agreed.revision
            )))
        }
    }
}

/// The plan after a change of what needs no signature of its own: nothing happens to a plan in force; one that is still
/// being drafted is edited, and its card shows it. Gives what to say about it. To be called when the change is written,
/// because the card shows the hash of all that is signed.
///
/// # Errors
/// `wrong_state` if the plan has ended; a fault of the database.
pub(super) async fn voided(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
) -> Result<&'static str, Stop> {
    if plan.state.is_in_force() {
        return Ok("");
    }
    let was_proposed = plan.state == PlanState::Proposed;
    let plan = plan.edited()?;
    plan::save(tx, &plan).await?;
    // A draft that was before both sides once has a card there, which must not keep saying what was.
    if plan.proposed_at.is_some() {
        show(step, tx, partner, &plan).await?;
    }
    Ok(if was_proposed { VOIDED } else { "" })
}

/// Keeps a signature together with what its giver was warned of, and gives that warning for the trail.
async fn sign_with_warnings(
    tx: &mut Tx,
    terms: &Terms,
    plan: &Plan,
    signature: &Signature,
) -> Result<serde_json::Value, Fault> {
    plan::add_signature(tx, &plan.id, plan.rev, signature).await?;
    let mut kept = Vec::new();
    for week in overfull(plan, &terms.campaigns, &terms.efforts) {
        readiness::add_warning(tx, SignedRev::Plan(&plan.id, plan.rev), signature.side, &week).await?;
        kept.push(week);
    }
    Ok(overfull_weeks(&kept))
}

/// What signers were warned of, for the trail.
pub(super) fn overfull_weeks(weeks: &[Overfull]) -> serde_json::Value {
    let week = |week: &Overfull| {
        json!({
            "side": week.side.code(),
            "week": week.monday.to_string(),
            "takes": week.load.to_string(),
            "of": week.hours.to_string(),
        })
    };
    weeks.iter().map(week).collect()
}
