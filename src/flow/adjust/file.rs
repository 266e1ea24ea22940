//! Asking for a change: filed as an adjustment on a plan in force, made in place before that.

use super::super::campaign::{pending, said, slug_refused};
use super::super::plan::{find, show};
use super::super::{Reply, Step, Stop, task};
use super::sign::{self, Waiting, show_waiting};
use super::{REASON_LIMIT, Scene, ending, reason};
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::rules::{self, postpone as put_off};
use crate::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change, Seen, Signed};
use crate::domain::campaign::edit::CampaignEdit;
use crate::domain::campaign::{Campaign, CampaignState, read};
use crate::domain::canonical::sha256;
use crate::domain::capacity::Overfull;
use crate::domain::period::Period;
use crate::domain::plan::own::OwnTerms;
use crate::domain::plan::{Plan, Signature};
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
use crate::store::{Tx, adjustment, campaign, plan, program};
use crate::text;
use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

/// A campaign as somebody names it, with why.
pub(super) struct Named<'a> {
    pub partner: Option<&'a str>,
    pub campaign: &'a str,
    pub reason: &'a str,
}

/// The same of a plan.
pub(super) struct NamedPlan<'a> {
    pub partner: Option<&'a str>,
    pub plan: Option<&'a str>,
    pub reason: &'a str,
}

/// A campaign and its plan; their partner is locked.
async fn locked<'a>(
    step: &'a Step<'_>,
    tx: &mut Tx,
    named: &Named<'_>,
) -> Result<(&'a Partner, Plan, Campaign), Stop> {
    let (partner, number) = step.context.named(named.campaign, "CMP", named.partner)?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    Ok((partner, plan, campaign))
}

pub(super) async fn postpone(
    step: &Step<'_>,
    tx: &mut Tx,
    named: &Named<'_>,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Reply, Stop> {
    let (partner, plan, campaign) = locked(step, tx, named).await?;
    let to = dates(&campaign, plan.local_day(step.now), start, end)?;
    reason(named.reason)?;
    if plan.state.is_in_force() {
        let change = Change::Postpone { campaign: campaign.id, to };
        return file(step, tx, partner, plan, change, named.reason).await;
    }
    let plan = plan.edited()?;
    live(&campaign)?;
    let state = if to.is_some() { CampaignState::Proposed } else { CampaignState::Postponed };
    let after = Campaign { state, ..put_off(campaign.clone(), to) };
    after.check(plan.period)?;
    campaign::save(tx, &step.app.clock, &after).await?;
    // Without a date there is none that tasks could follow; they do so once it has one.
    if after.is_planned() {
        task::follow(step, tx, &campaign, &after, &plan).await?;
    }
    let until = to.map_or("without a date".to_owned(), |to| format!("to {} until {}", to.start(), to.end()));
    let said = format!("{} is postponed {until}.", after.name_short());
    in_place(step, tx, partner, plan, ("campaign_postponed", &after), said).await
}

/// The new dates: a start alone keeps the campaign's length.
fn dates(
    campaign: &Campaign,
    today: NaiveDate,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Option<Period>, Refusal> {
    let Some(start) = said("start", start)? else {
        if end.is_some() {
            return Err(Refusal::bad_input(
                "A new end needs a new start.",
                "Give the option start as well, or neither to postpone it without a date.",
            ));
        }
        return Ok(None);
    };
    let start = read::day(&start, today)?;
    let length = campaign.period.end().signed_duration_since(campaign.period.start());
    let end = match end {
        Some(end) => read::day(end, today)?,
        None => start.checked_add_signed(TimeDelta::days(length.num_days())).unwrap_or(start),
    };
    read::period(start, end).map(Some)
}

pub(super) async fn cancel(
    step: &Step<'_>,
    tx: &mut Tx,
    named: &Named<'_>,
    confirm: Option<&str>,
) -> Result<Reply, Stop> {
    let (partner, plan, campaign) = locked(step, tx, named).await?;
    let why = reason(named.reason)?;
    if plan.state.is_in_force() {
        return file(step, tx, partner, plan, Change::Cancel { campaign: campaign.id }, &why).await;
    }
    let plan = plan.edited()?;
    live(&campaign)?;
    confirmed(&campaign.name_short(), confirm)?;
    let after = Campaign { state: CampaignState::Cancelled, stopped: None, ..campaign };
    campaign::save(tx, &step.app.clock, &after).await?;
    let files = ending::Files { partner, plan: &plan, campaigns: std::slice::from_ref(&after) };
    let ended = ending::end(step, tx, &files, false, &why).await?;
    let said = format!("{} is cancelled.{}", after.name_short(), text::adjustment::ended(&ended));
    ending::tell(step, tx, partner, &said, &ended).await?;
    in_place(step, tx, partner, plan, ("campaign_cancelled", &after), said).await
}

/// Where nobody countersigns and there is no way back, the short name of what ends is typed again.
///
/// # Errors
/// `confirm` without it.
fn confirmed(name: &str, confirm: Option<&str>) -> Result<(), Refusal> {
    if confirm.is_some_and(|text| text.trim().eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Confirm,
        format!("Nothing is cancelled yet: {name} would end for good."),
        format!("Say it again with the option confirm:{name}."),
    ))
}

fn live(campaign: &Campaign) -> Result<(), Refusal> {
    if campaign.state == CampaignState::Cancelled {
        return Err(Refusal::wrong_state(format!("{} is cancelled.", campaign.name_short()), ""));
    }
    Ok(())
}

/// Saves a draft that was changed in place and answers.
async fn in_place(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    (code, campaign): (&str, &Campaign),
    mut said: String,
) -> Result<Reply, Stop> {
    plan::save(tx, &plan).await?;
    let detail = json!({"plan": plan.id, "rev": plan.rev});
    step.audit(tx, Some(&partner.id), code, &campaign.id, detail).await?;
    // A draft that was before both sides once has a card there, which must not keep saying what was.
    if plan.proposed_at.is_some() {
        said.push_str(" The plan is a draft; propose it anew with /plan propose.");
        show(step, tx, partner, &plan).await?;
    }
    Ok(Reply::text(said))
}

pub(super) async fn cancel_plan(
    step: &Step<'_>,
    tx: &mut Tx,
    named: &NamedPlan<'_>,
    confirm: Option<&str>,
) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, named.partner, named.plan).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?;
    let why = reason(named.reason)?;
    if plan.state.is_in_force() {
        return file(step, tx, partner, plan, Change::CancelPlan, &why).await;
    }
    let name = plan.name_short();
    let plan = plan.cancel(&why)?;
    confirmed(&name, confirm)?;
    plan::save(tx, &plan).await?;
    let campaigns = campaign::of_plan(tx, &plan.id).await?;
    let files = ending::Files { partner, plan: &plan, campaigns: &campaigns };
    let ended = ending::end(step, tx, &files, true, &why).await?;
    step.audit(tx, Some(&partner.id), "plan_cancelled", &plan.id, json!({"rev": plan.rev})).await?;
    if plan.proposed_at.is_some() {
        show(step, tx, partner, &plan).await?;
    }
    let said = format!("{name} is cancelled.{}", text::adjustment::ended(&ended));
    ending::tell(step, tx, partner, &said, &ended).await?;
    Ok(Reply::text(said))
}

/// Files an edit of a campaign of a plan in force. It builds on what the same side has asked for already.
pub(in crate::flow) async fn edit(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, plan): (&Partner, Plan),
    campaign: &Campaign,
    edit: &CampaignEdit,
    why: &str,
) -> Result<Reply, Stop> {
    let scene = Scene::load(step, tx, plan).await?;
    let open = adjustment::open_of_plan(tx, &scene.plan.id).await?;
    let own = open.filter(|open| open.side == step.context.person.side());
    let asked = own.iter().flat_map(Adjustment::changes);
    let outcome = rules::apply(asked, &scene.campaigns, &scene.ground())?;
    let base = outcome.campaigns.iter().find(|one| one.id == campaign.id).ok_or_else(Refusal::not_found)?;
    let to = edit.applied(base, &scene.plan, scene.today)?;
    if to.slug != campaign.slug && pending::slug_taken(tx, &partner.id, &to.slug, campaign.number).await? {
        return Err(slug_refused(&to.slug).into());
    }
    file(step, tx, partner, scene.plan, Change::Edit { to: Box::new(to) }, why).await
}

/// Files other terms of a plan in force: `change` makes them of those that hold, or that the same side has asked for already.
pub(in crate::flow) async fn terms(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, plan): (&Partner, Plan),
    change: impl FnOnce(Plan) -> Result<Plan, Refusal>,
    why: &str,
) -> Result<Reply, Stop> {
    let open = adjustment::open_of_plan(tx, &plan.id).await?;
    let own = open.filter(|open| open.side == step.context.person.side());
    let asked = own.iter().flat_map(Adjustment::changes).filter_map(|change| match change {
        Change::Terms { to } => Some(to.in_force(&plan, step.now)),
        _ => None,
    });
    let base = asked.last().unwrap_or_else(|| plan.clone());
    let to = Box::new(OwnTerms::of(&change(base)?));
    file(step, tx, partner, plan, Change::Terms { to }, why).await
}

/// Files a change of a plan in force, or adds it to the adjustment that the same side has open.
pub(in crate::flow) async fn file(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    plan: Plan,
    change: Change,
    why: &str,
) -> Result<Reply, Stop> {
    let why = reason(why).map_err(|_| {
        Refusal::bad_input(
            format!("{} is signed by both sides: changing it needs a reason.", plan.name_short()),
            format!("Give one of at most {REASON_LIMIT} characters in the option reason."),
        )
    })?;
    let scene = Scene::load(step, tx, plan).await?;
    let asked = Asked { change, reason: why, by: step.context.person.id.clone(), at: step.now };
    let side = step.context.person.side();
    let open = adjustment::open_of_plan(tx, &scene.plan.id).await?;
    let is_new = open.is_none();
    let filed = match open {
        Some(open) => open.with(side, asked)?,
        None => fresh(step, tx, &scene.plan, asked).await?,
    };
    let outcome = rules::apply(filed.changes(), &scene.campaigns, &scene.ground())?;
    if outcome.is_nothing(&scene.plan, &scene.campaigns) {
        return Err(Refusal::bad_input("That changes nothing.", "Say what should be different.").into());
    }
    if is_new {
        adjustment::insert(tx, &filed).await?;
    } else {
        adjustment::save(tx, &filed).await?;
    }
    let detail = json!({"plan": scene.plan.id, "base_revision": filed.base_revision, "rev": filed.rev, "changes": filed.asked.len()});
    step.audit(tx, Some(&partner.id), "adjustment_filed", &filed.id, detail).await?;
    let impact = sign::impact(tx, &scene, &outcome, step.now).await?;
    let warned = impact.warns_of();
    let signatures = sign_by_filing(step, tx, &scene, &filed, warned).await?;
    let waiting = Waiting {
        scene: &scene,
        adjustment: &filed,
        outcome: &outcome,
        impact: &impact,
        signatures: &signatures,
    };
    show_waiting(step, tx, partner, &waiting).await?;
    let how = (is_new, !signatures.is_empty());
    Ok(Reply::text(text::adjustment::filed(&filed, &scene.plan, how, warned)))
}

/// Whoever may sign does so for their side by filing; what others file waits for a signature of that side as well.
async fn sign_by_filing(
    step: &Step<'_>,
    tx: &mut Tx,
    scene: &Scene,
    filed: &Adjustment,
    warned: &[Overfull],
) -> Result<Vec<Signature>, Stop> {
    let person = &step.context.person;
    if authorise(person, Action::DecidePlan, &filed.partner_id).is_err() {
        return Ok(Vec::new());
    }
    let seen = Seen { rev: filed.rev, plan_revision: scene.plan.revision };
    let sha256 = sha256(&sign::content(tx, &scene.plan, &scene.campaigns, filed).await?);
    // Nothing is given on a rev that is as new as this: whoever signs it is the first.
    let Signed::Half { signature, .. } = filed.clone().sign(person, seen, sha256, &[], step.now)? else {
        return Ok(Vec::new());
    };
    let signature = sign::keep(step, tx, (&filed.id, filed.rev), signature, warned).await?;
    sign::record(step, tx, filed, &signature, warned).await?;
    Ok(vec![signature])
}

async fn fresh(step: &Step<'_>, tx: &mut Tx, plan: &Plan, asked: Asked) -> Result<Adjustment, Stop> {
    Ok(Adjustment {
        id: step.app.clock.new_id(),
        partner_id: plan.partner_id.clone(),
        plan_id: plan.id.clone(),
        number: program::next_number(tx, &plan.partner_id, "adjustment").await?,
        base_revision: plan.revision,
        side: step.context.person.side(),
        asked: vec![asked],
        state: AdjustmentState::Proposed,
        rev: 1,
        filed_at: step.now,
        decided_at: None,
        decided_by: None,
        decided_reason: None,
        revision: None,
    })
}
