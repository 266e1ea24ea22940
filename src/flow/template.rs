//! Templates of a program: saved by the vendor, found by everybody, used by whoever edits plans (`start`). Nothing is
//! shared before the one who saves it has been shown every word that every partner will read.

mod start;

use super::campaign::pending;
use super::context::Context;
use super::plan::{find, terms};
use super::press::{Press, Pressed};
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::canonical::sha256;
use crate::domain::command::Command;
use crate::domain::command::template::{NewTemplate, TemplateWish};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::template::clean::Names;
use crate::domain::template::make::{Wanted, of_campaign, of_plan};
use crate::domain::template::{Content, MAX_TEMPLATES, Template, TemplateState, name};
use crate::store::setup::lock_program;
use crate::store::{Read, Tx, plan, program, template as store};
use crate::text;
use serde_json::json;

pub(super) async fn decide(step: &Step<'_>, tx: &mut Tx, wish: &TemplateWish) -> Result<Reply, Stop> {
    step.context.not_in_a_foreign_channel()?;
    match wish {
        TemplateWish::Save(new) => save(step, tx, new).await,
        TemplateWish::Share { id } => share(step, tx, id).await,
        TemplateWish::Remove { template } => {
            may_share(step.context)?;
            let found = named(tx, step.context, template).await?;
            Ok(Reply::card("", text::template::confirm_remove(&found)))
        }
        TemplateWish::RemoveById { id } => remove(step, tx, id).await,
        TemplateWish::Use(wish) => start::start(step, tx, wish).await,
    }
}

/// Templates belong to the program: no partner's data decides who may share and remove them.
fn may_share(context: &Context) -> Result<(), Refusal> {
    authorise(&context.person, Action::ShareTemplate, context.person.company.code())
}

/// The shared template of a name.
async fn named(read: &mut Read, context: &Context, name: &str) -> Result<Template, Stop> {
    let found = store::by_name(read, &context.program.id, name).await?;
    Ok(found.ok_or_else(Refusal::not_found)?)
}

/// A template that the person may see: one that is shared, or that they are about to share themselves.
async fn visible(read: &mut Read, context: &Context, id: &str) -> Result<Template, Stop> {
    let found = store::by_id(read, &context.program.id, id).await?.ok_or_else(Refusal::not_found)?;
    let own = found.saved_by == context.person.id && may_share(context).is_ok();
    match found.state {
        TemplateState::Shared => Ok(found),
        TemplateState::Pending if own => Ok(found),
        TemplateState::Pending | TemplateState::Removed => Err(Refusal::not_found().into()),
    }
}

async fn save(step: &Step<'_>, tx: &mut Tx, new: &NewTemplate) -> Result<Reply, Stop> {
    let (content, from, names) = content(step, tx, new).await?;
    let name = name(&new.name)?;
    if names.are_in(&name) {
        return Err(Refusal::bad_input(
            "The name of a template names a partner, and every partner would read it.",
            "Name it by what it is for.",
        )
        .into());
    }
    let program = &step.context.program;
    lock_program(tx, &program.id).await?;
    let replaces = store::by_name(tx, &program.id, &name).await?.map(|before| before.id);
    room(tx, &program.id, replaces.as_deref()).await?;
    let template = Template {
        id: step.app.clock.new_id(),
        program_id: program.id.clone(),
        name,
        content,
        state: TemplateState::Pending,
        replaces,
        saved_at: step.now,
        saved_by: step.context.person.id.clone(),
    };
    store::insert_pending(tx, &template).await?;
    let sha256 = sha256(&serde_json::to_string(&template.content)?);
    step.audit(tx, None, "template_drafted", &template.id, json!({"from": from, "sha256": sha256})).await?;
    Ok(Reply::card("", text::template::card(&template, 1)))
}

async fn room(read: &mut Read, program_id: &str, replaces: Option<&str>) -> Result<(), Stop> {
    if replaces.is_none() && store::names(read, program_id).await?.len() >= MAX_TEMPLATES {
        return Err(Refusal::bad_input(
            format!("There are {MAX_TEMPLATES} templates already."),
            "Take one away that nobody needs with /template remove.",
        )
        .into());
    }
    Ok(())
}

/// What is to be kept, the id of the plan or campaign that it is made from, and what partners are called.
async fn content(step: &Step<'_>, tx: &mut Tx, new: &NewTemplate) -> Result<(Content, String, Names), Stop> {
    let partner = new.partner.as_deref();
    let context = step.context;
    if let Some(text) = &new.campaign {
        let (partner, number) = context.named(text, "CMP", partner)?;
        authorise(&context.person, Action::ShareTemplate, &partner.id)?;
        let found = pending::changeable(tx, &partner.id, number).await?;
        let plan = plan::by_id(tx, &found.plan_id).await?.ok_or_else(Refusal::not_found)?;
        let names = names(step, tx, partner).await?;
        let wanted = Wanted { figures: new.figures, texts: new.texts, names: &names };
        return Ok((of_campaign(&terms(tx, &plan).await?, &found, wanted)?, found.id, names));
    }
    let (partner, plan) = find(context, tx, partner, new.plan.as_deref()).await?;
    authorise(&context.person, Action::ShareTemplate, &partner.id)?;
    let names = names(step, tx, partner).await?;
    let wanted = Wanted { figures: new.figures, texts: new.texts, names: &names };
    Ok((of_plan(&terms(tx, &plan).await?, wanted)?, plan.id, names))
}

/// What the partners of the program are called.
async fn names(step: &Step<'_>, read: &mut Read, own: &Partner) -> Result<Names, Stop> {
    let mut names = Names::default();
    for known in program::known_partners(read, &step.context.program.id).await? {
        let to = if known.partner.id == own.id { &mut names.own } else { &mut names.others };
        to.extend([known.partner.name, known.partner.key]);
    }
    Ok(names)
}

async fn share(step: &Step<'_>, tx: &mut Tx, id: &str) -> Result<Reply, Stop> {
    let program = &step.context.program;
    lock_program(tx, &program.id).await?;
    let template = visible(tx, step.context, id).await?;
    may_share(step.context)?;
    if template.state != TemplateState::Pending {
        return Err(Refusal::wrong_state("This template is shared already.", "").into());
    }
    let before = store::by_name(tx, &program.id, &template.name).await?.map(|before| before.id);
    if before != template.replaces {
        return Err(Refusal::stale().into());
    }
    room(tx, &program.id, before.as_deref()).await?;
    if let Some(before) = &before {
        store::set_state(tx, before, TemplateState::Shared, TemplateState::Removed).await?;
    }
    store::set_state(tx, &template.id, TemplateState::Pending, TemplateState::Shared).await?;
    step.audit(tx, None, "template_shared", &template.id, json!({"replaces": before})).await?;
    Ok(Reply::text(text::template::shared(&template)))
}

async fn remove(step: &Step<'_>, tx: &mut Tx, id: &str) -> Result<Reply, Stop> {
    lock_program(tx, &step.context.program.id).await?;
    let template = visible(tx, step.context, id).await?;
    may_share(step.context)?;
    if template.state != TemplateState::Shared {
        return Err(Refusal::not_found().into());
    }
    store::set_state(tx, &template.id, TemplateState::Shared, TemplateState::Removed).await?;
    step.audit(tx, None, "template_removed", &template.id, json!({})).await?;
    Ok(Reply::text(format!(
        "The template “{}” is removed. What was made from it stays.",
        text::short(&template.name, 80)
    )))
}

/// What a press leads to: another page, or what it confirms.
pub(super) async fn pressed(
    read: &mut Read,
    context: &Context,
    press: &Press,
    verb: &str,
) -> Result<Pressed, Stop> {
    context.not_in_a_foreign_channel()?;
    let template = visible(read, context, &press.item).await?;
    let id = template.id.clone();
    if verb == "page" {
        let page = usize::try_from(press.rev).unwrap_or(1);
        return Ok(Pressed::Turn(Reply::card("", text::template::card(&template, page))));
    }
    may_share(context)?;
    match verb {
        "share" => Ok(Pressed::Run(Command::Template(TemplateWish::Share { id }))),
        "remove" => Ok(Pressed::Run(Command::Template(TemplateWish::RemoveById { id }))),
        _ => Err(Refusal::not_found().into()),
    }
}

/// Answers `/template list`.
pub(super) async fn list(read: &mut Read, context: &Context, page: Option<i64>) -> Result<Reply, Stop> {
    context.not_in_a_foreign_channel()?;
    let all = store::shared(read, &context.program.id).await?;
    Ok(Reply::card("", text::template::list(&all, context.person.side(), page_of(page))))
}

/// Answers `/template show`.
pub(super) async fn show(
    read: &mut Read,
    context: &Context,
    template: &str,
    page: Option<i64>,
) -> Result<Reply, Stop> {
    context.not_in_a_foreign_channel()?;
    let template = named(read, context, template).await?;
    Ok(Reply::card("", text::template::card(&template, page_of(page))))
}

fn page_of(page: Option<i64>) -> usize {
    page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1)
}
