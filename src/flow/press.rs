//! What a press leads to: a command to run, or a form to fill first. Everything that could refuse the press later is
//! checked before a form opens, and again, on locked rows, when it comes back.

use super::campaign::pending;
use super::context::{self, Asker, Context};
use super::{Reply, Step, Stop, adjust, answered, checkpoint, claim, mdf, partner, setup, template};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::adjustment::Seen;
use crate::domain::adjustment::rules::changeable;
use crate::domain::campaign::Campaign;
use crate::domain::command::adjust::{AdjustWish, AdjustmentDecision, StopDecision};
use crate::domain::command::campaign::Texts;
use crate::domain::command::claim::{ClaimDecision, ClaimWish, ExtensionDecision};
use crate::domain::command::plan::{CampaignForm, PlanEdit, PlanWish};
use crate::domain::command::{
    CampaignWish, Command, FormWish, PlanDecision, PromiseWish, Proof, RequestDecision,
};
use crate::domain::plan::Plan;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::fault::Fault;
use crate::store::{Read, adjustment, audit, campaign, plan};
use crate::text;
use crate::text::adjustment::decline_form;
use crate::text::campaign::texts_form;
use crate::text::card::Form;
use crate::text::plan::{campaign_form, hours_form, promise_form};
use crate::text::request::reason_form;
use crate::{in_read, in_tx};
use chrono::{DateTime, Utc};

/// A button as pressed: what is meant, of which item, at which rev.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    pub verb: String,
    pub item: String,
    pub rev: i64,
}

/// What to do about a press.
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, on its way from a press to the command it asks for"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    Run(Command),
    /// Files to take in.
    Prove(Proof),
    Open(Form),
    /// Another page in place of the one that was pressed.
    Turn(Reply),
    /// An answer of its own, or the one that it got when it came before; what was pressed stays.
    Tell(Reply),
    Refused(Reply),
}

/// Reads a button's or form's id: `verb:item:rev`. Anything else is nobody's button; what no id of ours is made of must
/// not get as far as the database, which refuses some characters.
pub fn parse(id: &str) -> Option<Press> {
    let mut parts = id.split(':');
    let (verb, item, rev) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    let ours = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if parts.next().is_some() || !ours {
        return None;
    }
    Some(Press { verb: verb.to_owned(), item: item.to_owned(), rev })
}

/// What pressing a button leads to. The same `key` is pressed once and gets the same reply.
///
/// # Errors
/// A fault of the database.
pub async fn press(app: &App, key: &str, asker: &Asker, id: &str) -> Result<Pressed, Fault> {
    let pressed = in_read!(app.store, |read| {
        if let Some(reply) = answered(read, key).await? {
            return Ok(Pressed::Tell(reply));
        }
        match pressed(app, read, asker, id).await {
            Ok(pressed) => Ok(pressed),
            Err(Stop::Refused(refusal)) => Ok(Pressed::Refused(Reply::refused(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    noted(app, key, asker, pressed).await
}

/// The same, a refusal being written down.
async fn noted(app: &App, key: &str, asker: &Asker, pressed: Pressed) -> Result<Pressed, Fault> {
    match pressed {
        Pressed::Refused(reply) => record(app, key, asker, reply).await.map(Pressed::Refused),
        other => Ok(other),
    }
}

/// Writes a refusal that came before the command into the trail, as a refused command is, and saves it as the reply to
/// `key`. Gives the reply, or the one that the key got before.
pub(super) async fn record(app: &App, key: &str, asker: &Asker, reply: Reply) -> Result<Reply, Fault> {
    let Some(refusal) = &reply.refused else { return Ok(reply) };
    let now = app.clock.now();
    in_tx!(app.store, |tx| {
        let context = match context::load(tx, asker).await {
            Ok(context) => context,
            // Somebody without a company, or with two, has no line of their own in any program's trail.
            Err(Stop::Refused(_)) => return Ok(reply.clone()),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        if let Some(saved) = audit::claim(tx, key, now).await? {
            return Ok(serde_json::from_str(&saved)?);
        }
        let step = Step::new(app, &context, now);
        let code = format!("refused:{}", refusal.code.as_str());
        step.audit(tx, None, &code, "", serde_json::json!({})).await?;
        audit::remember(tx, key, &serde_json::to_string(&reply)?).await?;
        Ok(reply.clone())
    })
}

async fn pressed(app: &App, read: &mut Read, asker: &Asker, id: &str) -> Result<Pressed, Stop> {
    let context = context::load(read, asker).await?;
    let now = app.clock.now();
    let press = parse(id).ok_or_else(Refusal::not_found)?;
    let result = match press.verb.split_once('-') {
        Some(("plan", verb)) => of_plan(read, &context, &press, (verb, now)).await,
        Some(("mdf", verb)) => mdf::pressed(read, &context, &press, verb, now).await,
        Some(("claim", verb)) => claim::pressed(read, &context, &press, verb, now).await,
        Some(("extension", verb)) => claim::extension_pressed(read, &context, &press, (verb, now)).await,
        Some(("proof", verb)) => claim::offer_pressed(read, &context, &press, verb).await,
        Some(("campaign", verb)) => of_campaign(read, &context, &press, verb).await,
        Some(("setup", verb)) => setup::pressed(&context, &press, verb),
        Some(("partner", verb)) => partner::pressed(&context, &press, verb),
        Some(("template", verb)) => template::pressed(read, &context, &press, verb).await,
        Some(("adjustment", verb)) => of_adjustment(&Step::new(app, &context, now), read, &press, verb).await,
        Some(("checkpoint", verb)) => {
            checkpoint::pressed(&Step::new(app, &context, now), read, &press, verb).await
        }
        Some(("stop", verb)) => of_stop(read, &context, &press, verb).await,
        _ => Err(Refusal::not_found().into()),
    };
    result.map_err(|stop| match stop {
        Stop::Refused(refusal) => Stop::Refused(context.with_who_can(refusal)),
        fault => fault,
    })
}

async fn of_plan(
    read: &mut Read,
    context: &Context,
    press: &Press,
    (verb, now): (&str, DateTime<Utc>),
) -> Result<Pressed, Stop> {
    let plan = plan::by_id(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    let partner = context.owner(&plan.partner_id)?;
    if let "add" | "hours" | "propose" = verb {
        authorise(&context.person, Action::EditPlan, &plan.partner_id)?;
        return next_step(plan, verb);
    }
    if let "page" | "campaigns" = verb {
        authorise(&context.person, Action::See, &plan.partner_id)?;
        let campaigns = campaign::of_plan(read, &plan.id).await?;
        let page = usize::try_from(press.rev).unwrap_or(1);
        let list = Reply::card("", text::campaign::list(&plan, &campaigns, page));
        let list = context.named_here(list, partner);
        // From the card that both sides read it opens beside it, for the presser alone.
        return Ok(if verb == "page" { Pressed::Turn(list) } else { Pressed::Tell(list) });
    }
    if verb == "promise" {
        authorise(&context.person, Action::Promise, &plan.partner_id)?;
        plan.takes_promise(press.rev)?;
        return Ok(Pressed::Open(promise_form(&plan, context.person.side())));
    }
    authorise(&context.person, Action::DecidePlan, &plan.partner_id)?;
    // Nobody writes a reason only to be refused.
    let plan = plan.decidable(press.rev, now)?;
    let form = |word: &str| {
        Pressed::Open(reason_form(
            format!("plan-{verb}:{}:{}", plan.id, plan.rev),
            format!("{word} {}", plan.name_short()),
        ))
    };
    match verb {
        "sign" => Ok(Pressed::Run(Command::DecidePlan {
            id: plan.id,
            seen_rev: press.rev,
            decision: PlanDecision::Sign,
        })),
        "return" => Ok(form("Return")),
        "decline" => Ok(form("Decline")),
        _ => Err(Refusal::not_found().into()),
    }
}

async fn of_campaign(read: &mut Read, context: &Context, press: &Press, verb: &str) -> Result<Pressed, Stop> {
    let campaign = campaign::find(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    context.owner(&campaign.partner_id)?;
    match verb {
        "texts" => texts(read, context, &campaign, Some(press.rev)).await,
        // Its owners may as well as whoever may tick off: that is checked where it is decided.
        "done" => Ok(Pressed::Run(Command::Campaign(CampaignWish::DoneById {
            id: campaign.id,
            seen_end: press.rev,
        }))),
        _ => Err(Refusal::not_found().into()),
    }
}

/// The form of a campaign's long texts; `seen` is the mark of those that the pressed card showed.
async fn texts(
    read: &mut Read,
    context: &Context,
    campaign: &Campaign,
    seen: Option<i64>,
) -> Result<Pressed, Stop> {
    authorise(&context.person, Action::EditPlan, &campaign.partner_id)?;
    if seen.is_some_and(|seen| seen != campaign.texts_mark()) {
        return Err(Refusal::stale().into());
    }
    let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    // Nobody writes long texts only to be refused.
    let in_force = plan.state.is_in_force();
    if in_force {
        changeable(campaign)?;
        if let Some(open) = adjustment::open_of_plan(read, &plan.id).await? {
            open.takes_change_of(context.person.side())?;
        }
    } else {
        plan.edited()?;
    }
    Ok(Pressed::Open(texts_form(campaign, in_force)))
}

/// The form that a slash command opens.
///
/// # Errors
/// A fault of the database.
pub async fn fill(app: &App, key: &str, asker: &Asker, wish: &FormWish) -> Result<Pressed, Fault> {
    let FormWish::CampaignTexts { partner, campaign: named } = wish;
    let pressed = in_read!(app.store, |read| {
        match filled(read, asker, partner.as_deref(), named).await {
            Ok(pressed) => Ok(pressed),
            Err(Stop::Refused(refusal)) => Ok(Pressed::Refused(Reply::refused(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    noted(app, key, asker, pressed).await
}

async fn filled(read: &mut Read, asker: &Asker, partner: Option<&str>, named: &str) -> Result<Pressed, Stop> {
    let context = context::load(read, asker).await?;
    let (partner, number) = context.named(named, "CMP", partner)?;
    let found = pending::changeable(read, &partner.id, number).await?;
    texts(read, &context, &found, None).await.map_err(|stop| match stop {
        Stop::Refused(refusal) => Stop::Refused(context.with_who_can(refusal)),
        fault => fault,
    })
}

/// What a draft needs next. A plan that is no draft any more says so before a form is filled in vain.
fn next_step(plan: Plan, verb: &str) -> Result<Pressed, Stop> {
    match verb {
        "propose" => Ok(Pressed::Run(Command::Plan(PlanWish::ProposeById { id: plan.id }))),
        verb => {
            plan.clone().edited()?;
            let form = if verb == "add" { campaign_form(&plan) } else { hours_form(&plan) };
            Ok(Pressed::Open(form))
        }
    }
}

async fn of_adjustment(step: &Step<'_>, read: &mut Read, press: &Press, verb: &str) -> Result<Pressed, Stop> {
    let context = step.context;
    let adjustment = adjustment::by_id(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    context.owner(&adjustment.partner_id)?;
    let plan = plan::by_id(read, &adjustment.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let person = &context.person;
    let run = |decision| {
        let id = adjustment.id.clone();
        Pressed::Run(Command::Adjust(AdjustWish::Decide { id, seen_rev: press.rev, decision }))
    };
    let seen = Seen { rev: press.rev, plan_revision: plan.revision };
    match verb {
        "sign" => {
            authorise(person, Action::DecidePlan, &adjustment.partner_id)?;
            adjustment.signable_by_filer(person, seen)?;
            Ok(run(AdjustmentDecision::Sign))
        }
        "countersign" | "decline" => {
            authorise(person, Action::DecidePlan, &adjustment.partner_id)?;
            adjustment.decidable(person, seen)?;
            if verb == "decline" {
                return Ok(Pressed::Open(decline_form(&adjustment)));
            }
            Ok(run(AdjustmentDecision::Countersign))
        }
        "read" => {
            let whole = adjust::read_in_full(step, read, (&adjustment, plan), press.rev).await?;
            Ok(Pressed::Tell(context.named_here(whole, context.owner(&adjustment.partner_id)?)))
        }
        "withdraw" => {
            authorise(person, Action::EditPlan, &adjustment.partner_id)?;
            adjustment.withdrawable(person, press.rev)?;
            Ok(run(AdjustmentDecision::Withdraw))
        }
        _ => Err(Refusal::not_found().into()),
    }
}

async fn of_stop(read: &mut Read, context: &Context, press: &Press, verb: &str) -> Result<Pressed, Stop> {
    let campaign = campaign::find(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    context.owner(&campaign.partner_id)?;
    let (decision, action) = match verb {
        "sign" => (StopDecision::Sign, Action::DecidePlan),
        "countersign" => (StopDecision::Countersign, Action::DecidePlan),
        "resume" => (StopDecision::Resume, Action::Stop),
        _ => return Err(Refusal::not_found().into()),
    };
    authorise(&context.person, action, &campaign.partner_id)?;
    let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    match decision {
        StopDecision::Sign => campaign.stop_to_sign(&context.person, press.rev)?,
        StopDecision::Countersign => {
            campaign.stop_to_countersign(&context.person, press.rev, plan.revision)?
        }
        StopDecision::Resume => campaign.stop_seen(press.rev)?,
    };
    let wish = AdjustWish::DecideStop { campaign: campaign.id, seen_at: press.rev, decision };
    Ok(Pressed::Run(Command::Adjust(wish)))
}

/// The command that a filled form asks for; `value` gives an input's text. `None` for nobody's form.
pub fn submitted(id: &str, value: impl Fn(&str) -> String) -> Option<Command> {
    let press = parse(id)?;
    let reason = || value("reason");
    let plan = |decision| Command::DecidePlan { id: press.item.clone(), seen_rev: press.rev, decision };
    let request = |decision| Command::DecideRequest { id: press.item.clone(), seen_rev: press.rev, decision };
    let given = |input: &str| Some(value(input)).filter(|text| !is_blank(text));
    let adjustment = |decision| {
        Command::Adjust(AdjustWish::Decide { id: press.item.clone(), seen_rev: press.rev, decision })
    };
    let claimed = |decision| {
        Command::Claim(ClaimWish::Decide { id: press.item.clone(), seen_rev: press.rev, decision })
    };
    Some(match press.verb.as_str() {
        "claim-return" => claimed(ClaimDecision::Return { reason: reason() }),
        "claim-decline" => claimed(ClaimDecision::Decline { reason: reason() }),
        "claim-lines" => claimed(ClaimDecision::Lines { verdicts: value("lines") }),
        "claim-confirm" => claimed(ClaimDecision::Approve { confirm: Some(value("confirm")) }),
        "extension-decline" => Command::Claim(ClaimWish::DecideExtension {
            id: press.item.clone(),
            seen_rev: press.rev,
            decision: ExtensionDecision::Decline { reason: reason() },
        }),
        "campaign-texts" => Command::Campaign(CampaignWish::Texts {
            id: press.item.clone(),
            seen: press.rev,
            texts: Texts {
                segment: value("segment"),
                message: value("message"),
                offer: value("offer"),
                channel: value("channel"),
                reason: value("reason"),
            },
        }),
        "plan-return" => plan(PlanDecision::Return { reason: reason() }),
        "plan-decline" => plan(PlanDecision::Decline { reason: reason() }),
        "plan-add" => Command::Plan(PlanWish::AddById {
            id: press.item.clone(),
            form: CampaignForm {
                name: value("name"),
                kind: value("type"),
                dates: value("dates"),
                targets: value("targets"),
                budget: value("budget"),
            },
        }),
        "plan-promise" => Command::Promise(PromiseWish::MakeByForm {
            plan: press.item.clone(),
            shown_rev: press.rev,
            what: value("what"),
            due: value("due"),
        }),
        "plan-hours" => Command::Plan(PlanWish::EditById {
            id: press.item.clone(),
            edit: PlanEdit {
                vendor_hours: given("vendor"),
                partner_hours: given("partner"),
                routing_hours: given("routing"),
                ..PlanEdit::default()
            },
        }),
        "adjustment-decline" => adjustment(AdjustmentDecision::Decline { reason: reason() }),
        "mdf-return" => request(RequestDecision::Return { reason: reason() }),
        "mdf-decline" => request(RequestDecision::Decline { reason: reason() }),
        "mdf-less" => request(RequestDecision::ApproveLess { amount: value("amount"), reason: reason() }),
        "mdf-confirm" => request(RequestDecision::Approve { confirm: Some(value("confirm")) }),
        _ => return None,
    })
}
