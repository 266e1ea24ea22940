//! Who may, set in chat: roles get capabilities beside those that `bot.toml` declares, which nobody changes here. The
//! same for the rules that money follows.

mod program;
mod rules;

use super::context::{Context, Place};
use super::press::{Press, Pressed};
use super::{Reply, Step, Stop, effort, unreadable};
use crate::config::Bundle;
use crate::domain::action::{Action, authorise};
use crate::domain::actor::{Capability, Company, Grant, Limit};
use crate::domain::command::Command;
use crate::domain::command::setup::SetupWish;
use crate::domain::money::parse_amount_in;
use crate::domain::plan::BySide;
use crate::domain::program::fingerprint;
use crate::domain::refusal::{Code, Refusal};
use crate::store::setup::{Granted, granted, lock_program};
use crate::store::{Read, Tx, effort as efforts, program as partners, rules as store_rules, setup as store};
use crate::text;
use serde_json::json;

/// Whether the person may administer the program, here: administration names every partner, so no shared channel is
/// the place for it.
///
/// # Errors
/// `not_found` in another partner's channel, `missing_capability`, `wrong_place`.
pub(super) fn administrator(context: &Context) -> Result<(), Refusal> {
    context.not_in_a_foreign_channel()?;
    authorise(&context.person, Action::Administer, context.person.company.code())?;
    match context.place {
        Place::Shared(_) => Err(Refusal::new(
            Code::WrongPlace,
            "I don't speak of the whole program in a partner's channel.",
            format!("Ask in <#{}>.", context.program.approvals_channel),
        )),
        Place::Approvals | Place::Elsewhere => Ok(()),
    }
}

/// The refusal of a change to what stands in `bot.toml`.
pub(super) fn declared(what: &str) -> Refusal {
    Refusal::wrong_state(format!("{what} is declared in bot.toml."), "Its operator changes it there.")
}

pub(super) async fn run(step: &Step<'_>, tx: &mut Tx, wish: &SetupWish) -> Result<Reply, Stop> {
    administrator(step.context)?;
    lock_program(tx, &step.context.program.id).await?;
    match wish {
        SetupWish::Give { role, what, company, limit } => {
            give(step, tx, role, what, company.as_deref(), limit.as_deref()).await
        }
        SetupWish::Effort { kind, vendor, partner, usual } => {
            let hours = BySide { vendor: *vendor, partner: *partner };
            effort::set(step, tx, &effort::Wish { kind, hours, usual: *usual }).await
        }
        SetupWish::Remove { role, what, seen } => remove(step, tx, role, what, *seen).await,
        SetupWish::Program { fiscal_year_start, single_partner } => {
            program::set(step, tx, *fiscal_year_start, *single_partner).await
        }
        SetupWish::Activity(wish) => rules::activity(step, tx, wish).await,
        SetupWish::Tier(wish) => rules::tier(step, tx, wish).await,
        SetupWish::Holiday(wish) => rules::holiday(step, tx, wish).await,
        SetupWish::Hours(wish) => rules::hours(step, tx, wish).await,
        SetupWish::Approval(wish) => rules::approval(step, tx, wish).await,
    }
}

/// The capabilities of a name: one of its own, or a bundle.
fn capabilities(what: &str) -> Result<Vec<Capability>, Refusal> {
    let bundle = Bundle::parse(what).map(|bundle| bundle.capabilities().to_vec());
    let all = bundle.or_else(|| Capability::parse(what).map(|one| vec![one]));
    all.ok_or_else(|| Refusal::bad_input("There is no such capability.", "Pick one from the list."))
}

/// What a role has, if it is nothing that `bot.toml` declares.
async fn own(read: &mut Read, program_id: &str, role: &str) -> Result<Vec<Granted>, Stop> {
    let mut all = granted(read, program_id).await?;
    all.retain(|one| one.grant.role_id == role);
    if all.iter().any(|one| one.declared) {
        return Err(declared(&format!("What <@&{role}> may")).into());
    }
    Ok(all)
}

fn fingerprint_of(all: &[Granted]) -> i64 {
    let parts = all.iter().map(|one| {
        let grant = &one.grant;
        format!("{} {} {:?}", grant.company.code(), grant.capability.code(), grant.limit)
    });
    fingerprint(&parts.collect::<Vec<_>>().join("\n"))
}

async fn give(
    step: &Step<'_>,
    tx: &mut Tx,
    role: &str,
    what: &str,
    company: Option<&str>,
    limit: Option<&str>,
) -> Result<Reply, Stop> {
    let program = &step.context.program;
    if role == program.guild_id {
        return Err(Refusal::bad_input(
            "@everyone can't act for a company.",
            "Pick a role that only its people have.",
        )
        .into());
    }
    let before = own(tx, &program.id, role).await?;
    let company = company_of(step.context, &before, company)?;
    let capabilities = capabilities(what)?;
    let limit = read_limit(step, &capabilities, limit)?;
    for capability in capabilities {
        if capability.side().is_some_and(|side| side != company.side()) {
            return Err(Refusal::bad_input(
                format!("\"{}\" is not for the {}.", capability.label(), company.side().code()),
                "Pick one of that side.",
            )
            .into());
        }
        let limit = if is_limited(capability) { limit } else { Limit::Unlimited };
        let grant = Grant { role_id: role.to_owned(), company: company.clone(), capability, limit };
        store::give(tx, &program.id, &grant).await?;
        let limit = match limit {
            Limit::UpTo(minor) => Some(minor.to_string()),
            Limit::Unlimited => None,
        };
        let detail =
            json!({"company": company.code(), "capability": capability.code(), "limit_minor": limit});
        step.audit(tx, None, "role_granted", role, detail).await?;
    }
    let now = own(tx, &program.id, role).await?;
    Ok(Reply::text(format!(
        "<@&{role}> acts for {} and may: {}.",
        text::setup::company(&company, program, &step.context.partners),
        text::setup::capabilities(now.iter().map(|one| &one.grant), program.currency)
    )))
}

/// The vendor, or the partner with this key or name.
fn company_named(context: &Context, word: &str) -> Result<Company, Refusal> {
    let word = word.trim();
    if word.eq_ignore_ascii_case("vendor") {
        return Ok(Company::Vendor);
    }
    let named = |name: &str| name.eq_ignore_ascii_case(word);
    let partner = context.partners.iter().find(|partner| named(&partner.key) || named(&partner.name));
    Ok(Company::Partner(partner.ok_or_else(Refusal::not_found)?.id.clone()))
}

/// A role belongs to one company only: the one that it has, or the one that is said now.
fn company_of(context: &Context, before: &[Granted], said: Option<&str>) -> Result<Company, Refusal> {
    let has = before.first().map(|one| one.grant.company.clone());
    let said = said.map(|word| company_named(context, word)).transpose()?;
    match (has, said) {
        (Some(has), Some(said)) if has != said => Err(Refusal::wrong_state(
            "This role acts for another company already: a role belongs to one company only.",
            "Take what it has there away first, or use another role.",
        )),
        (Some(company), _) | (None, Some(company)) => Ok(company),
        (None, None) => Err(Refusal::bad_input(
            "For which company does this role act?",
            "Say vendor, or name the partner, in the option company.",
        )),
    }
}

fn is_limited(capability: Capability) -> bool {
    matches!(capability, Capability::ApproveMdf | Capability::ApproveClaims)
}

/// The limit as written. Unlimited has to be said: nobody gets it by leaving something out.
fn read_limit(step: &Step<'_>, capabilities: &[Capability], limit: Option<&str>) -> Result<Limit, Refusal> {
    let limited = capabilities.iter().any(|capability| is_limited(*capability));
    match (limited, limit.map(str::trim)) {
        (false, None) => Ok(Limit::Unlimited),
        (false, Some(_)) => Err(Refusal::bad_input(
            "Only approving has a limit.",
            "Leave the option limit out, or pick approve_mdf or approve_claims.",
        )),
        (true, None) => Err(Refusal::bad_input(
            "Up to what amount may they approve?",
            "Say it in the option limit, such as 20k, or unlimited.",
        )),
        (true, Some(word)) if word.eq_ignore_ascii_case("unlimited") => Ok(Limit::Unlimited),
        (true, Some(amount)) => {
            let amount = parse_amount_in(amount, step.context.program.currency);
            let amount =
                amount.map_err(|error| unreadable(&error, "Say an amount such as 20k, or unlimited."))?;
            if amount.is_negative() {
                return Err(Refusal::bad_input("A limit can't be negative.", ""));
            }
            Ok(Limit::UpTo(amount.minor()))
        }
    }
}

async fn remove(
    step: &Step<'_>,
    tx: &mut Tx,
    role: &str,
    what: &str,
    seen: Option<i64>,
) -> Result<Reply, Stop> {
    let program = &step.context.program;
    let before = own(tx, &program.id, role).await?;
    let mut taken = capabilities(what)?;
    taken.retain(|one| before.iter().any(|had| had.grant.capability == *one));
    if taken.is_empty() {
        return Err(Refusal::wrong_state(
            format!("<@&{role}> does not have that."),
            "See what roles have with /setup show.",
        )
        .into());
    }
    let now = fingerprint_of(&before);
    let Some(seen) = seen else {
        let left = before.iter().filter(|one| !taken.contains(&one.grant.capability)).map(|one| &one.grant);
        let left = text::setup::capabilities(left, program.currency);
        return Ok(Reply::card("", text::setup::confirm_remove(role, what, &taken, &left, now)));
    };
    if seen != now {
        return Err(Refusal::stale().into());
    }
    for capability in taken {
        store::take(tx, &program.id, role, capability).await?;
        let detail = json!({"capability": capability.code()});
        step.audit(tx, None, "role_revoked", role, detail).await?;
    }
    let left = own(tx, &program.id, role).await?;
    let left = text::setup::capabilities(left.iter().map(|one| &one.grant), program.currency);
    Ok(Reply::text(format!("Done. <@&{role}> may now: {left}.")))
}

/// What pressing the confirmation leads to.
pub(super) fn pressed(context: &Context, press: &Press, verb: &str) -> Result<Pressed, Stop> {
    administrator(context)?;
    let what = verb.strip_prefix("drop.").ok_or_else(Refusal::not_found)?.to_owned();
    let wish = SetupWish::Remove { role: press.item.clone(), what, seen: Some(press.rev) };
    Ok(Pressed::Run(Command::Setup(wish)))
}

/// Answers `/setup show`.
pub(super) async fn show(read: &mut Read, context: &Context, page: i64) -> Result<Reply, Stop> {
    administrator(context)?;
    let program = &context.program;
    let all = granted(read, &program.id).await?;
    let known = partners::known_partners(read, &program.id).await?;
    let book = store_rules::rulebook(read, program).await?;
    let efforts = efforts::of_program(read, &program.id).await?;
    let view = text::setup::Overview {
        program,
        partners: known
            .iter()
            .map(|one| text::setup::PartnerLine {
                partner: &one.partner,
                archived: one.archived,
                declared: one.declared,
            })
            .collect(),
        grants: all.iter().map(|one| (&one.grant, one.declared)).collect(),
        rules: &book.rules,
        known: &known.iter().map(|one| one.partner.clone()).collect::<Vec<_>>(),
        efforts: efforts.iter().map(|one| (one.kind, one.hours, one.declared)).collect(),
    };
    Ok(Reply::card("", text::setup::overview(&view, page)))
}
