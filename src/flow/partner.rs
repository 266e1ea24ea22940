//! Partners, set in chat beside those of `bot.toml`. An archived partner keeps its data, and nothing new happens to it.

use super::context::Context;
use super::press::{Press, Pressed};
use super::setup::{administrator, declared};
use super::{Reply, Step, Stop, unreadable};
use crate::config::Bundle;
use crate::domain::actor::{Company, Grant, Limit};
use crate::domain::command::Command;
use crate::domain::command::setup::{NewPartner, PartnerEdit, PartnerWish};
use crate::domain::money::Currency;
use crate::domain::program::{Partner, fingerprint};
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::store::program::Known;
use crate::store::setup::{granted, lock_program};
use crate::store::{Read, Tx, calendar, channel, claim, program, request, setup as store};
use crate::text;
use serde_json::json;

/// The longest name and tier, and the longest key, in characters.
const NAME_LIMIT: usize = 100;
const KEY_LIMIT: usize = 40;

pub(super) async fn run(step: &Step<'_>, tx: &mut Tx, wish: &PartnerWish) -> Result<Reply, Stop> {
    administrator(step.context)?;
    lock_program(tx, &step.context.program.id).await?;
    let known = program::known_partners(tx, &step.context.program.id).await?;
    match wish {
        PartnerWish::Add(new) => add(step, tx, &known, new).await,
        PartnerWish::Edit(edit) => change(step, tx, &known, edit).await,
        PartnerWish::Archive { partner, seen } => archive(step, tx, &known, partner, *seen).await,
    }
}

async fn add(step: &Step<'_>, tx: &mut Tx, known: &[Known], new: &NewPartner) -> Result<Reply, Stop> {
    let program = &step.context.program;
    let key = key(&new.key)?;
    let before = known.iter().find(|one| one.partner.key == key);
    let again = match before {
        Some(one) if !one.archived => {
            return Err(Refusal::wrong_state(
                format!("There is a partner with the key {key} already."),
                "Change it with /partner edit, or take another key.",
            )
            .into());
        }
        Some(one) if one.declared => return Err(declared("This partner, now archived,").into()),
        Some(one) if !new.again => return Err(was_there(&one.partner).into()),
        None if new.again => return Err(never_there(&key).into()),
        other => other.is_some(),
    };
    let partner = Partner {
        id: before.map_or_else(|| step.app.clock.new_id(), |one| one.partner.id.clone()),
        program_id: program.id.clone(),
        key,
        name: name(&new.name, "name")?,
        channel_id: new.channel.clone(),
        tier: new.tier.as_deref().map(|tier| name(tier, "tier")).transpose()?,
        currency: new.currency.as_deref().map_or(Ok(program.currency), currency)?,
    };
    free_channel(tx, &partner).await?;
    alone_if_single(tx, &program.id, known).await?;
    if again {
        program::lock_partner(tx, &partner.id).await?;
    }
    program::save_partner_in_chat(tx, &partner).await?;
    if let Some(before) = before {
        let from_to = (before.partner.channel_id.as_str(), partner.channel_id.as_str());
        channel::moves(tx, &step.app.clock, &partner.id, from_to).await?;
    }
    let code = if again { "partner_restored" } else { "partner_added" };
    step.audit(tx, Some(&partner.id), code, &partner.id, json!({})).await?;
    let roles = [
        (&new.marketing, Bundle::PartnerMarketing),
        (&new.signatory, Bundle::PartnerSignatory),
        (&new.sales, Bundle::PartnerSales),
    ];
    for (role, bundle) in roles {
        if let Some(role) = role {
            give(step, tx, &partner, role, bundle).await?;
        }
    }
    let again = if again { " again, with its earlier plans and money" } else { "" };
    Ok(Reply::text(format!(
        "{} takes part{again} ({}): its shared channel is <#{}>, its currency {}. Give its roles what they may with /setup role.",
        text::short(&partner.name, 80),
        partner.key,
        partner.channel_id,
        partner.currency.code()
    )))
}

/// A key that is used again for another company would show it all that the first one did.
fn was_there(before: &Partner) -> Refusal {
    Refusal::wrong_state(
        format!(
            "{} ({}) took part before and is archived: its plans, requests and claims would come back.",
            text::short(&before.name, 80),
            before.key
        ),
        "If it is the same company, say again:True; else take another key.",
    )
}

fn never_there(key: &str) -> Refusal {
    Refusal::bad_input(
        format!("No archived partner has the key {key}."),
        "Leave the option again out for a new partner.",
    )
}

async fn give(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    role: &str,
    bundle: Bundle,
) -> Result<(), Stop> {
    let program = &step.context.program;
    let company = Company::Partner(partner.id.clone());
    let all = granted(tx, &program.id).await?;
    let foreign = all.iter().any(|one| one.grant.role_id == role && one.grant.company != company);
    if foreign || role == program.guild_id {
        return Err(Refusal::bad_input(
            format!("<@&{role}> can't act for this partner: a role belongs to one company only."),
            "Use a role that only this partner's people have.",
        )
        .into());
    }
    for capability in bundle.capabilities() {
        let grant = Grant {
            role_id: role.to_owned(),
            company: company.clone(),
            capability: *capability,
            limit: Limit::Unlimited,
        };
        store::give(tx, &program.id, &grant).await?;
        let detail = json!({"company": partner.id, "capability": capability.code()});
        step.audit(tx, None, "role_granted", role, detail).await?;
    }
    Ok(())
}

async fn change(step: &Step<'_>, tx: &mut Tx, known: &[Known], edit: &PartnerEdit) -> Result<Reply, Stop> {
    let before = found(known, &edit.partner)?;
    program::lock_partner(tx, &before.id).await?;
    let partner = Partner {
        name: edit.name.as_deref().map_or(Ok(before.name.clone()), |text| name(text, "name"))?,
        channel_id: edit.channel.clone().unwrap_or_else(|| before.channel_id.clone()),
        currency: edit.currency.as_deref().map_or(Ok(before.currency), currency)?,
        tier: match edit.tier.as_deref().map(str::trim) {
            None => before.tier.clone(),
            Some("none") => None,
            Some(tier) => Some(name(tier, "tier")?),
        },
        ..before.clone()
    };
    if &partner == before {
        return Err(Refusal::bad_input("That changes nothing.", "Say what should be different.").into());
    }
    free_channel(tx, &partner).await?;
    program::save_partner_in_chat(tx, &partner).await?;
    let from_to = (before.channel_id.as_str(), partner.channel_id.as_str());
    channel::moves(tx, &step.app.clock, &partner.id, from_to).await?;
    let changed: Vec<&str> = [
        ("name", partner.name != before.name),
        ("channel", partner.channel_id != before.channel_id),
        ("currency", partner.currency != before.currency),
        ("tier", partner.tier != before.tier),
    ]
    .into_iter()
    .filter_map(|(what, changed)| changed.then_some(what))
    .collect();
    step.audit(tx, Some(&partner.id), "partner_edited", &partner.id, json!({"changed": changed})).await?;
    Ok(Reply::text(format!(
        "{} ({}): {} changed. Shared channel <#{}>, currency {}, tier {}.",
        text::short(&partner.name, 80),
        partner.key,
        changed.join(", "),
        partner.channel_id,
        partner.currency.code(),
        partner.tier.as_deref().map_or_else(|| "none".to_owned(), |tier| text::short(tier, 80))
    )))
}

async fn archive(
    step: &Step<'_>,
    tx: &mut Tx,
    known: &[Known],
    named: &str,
    seen: Option<i64>,
) -> Result<Reply, Stop> {
    let partner = found(known, named)?;
    nothing_strands(tx, partner).await?;
    let now = fingerprint(&format!("{partner:?}"));
    let Some(seen) = seen else {
        return Ok(Reply::card("", text::setup::confirm_archive(partner, now)));
    };
    if seen != now {
        return Err(Refusal::stale().into());
    }
    program::lock_partner(tx, &partner.id).await?;
    program::archive_partner(tx, &partner.id, step.now.timestamp_millis()).await?;
    // For good: what was handed out before must not come alive again with the partner.
    let links = calendar::revoke_of_partner(tx, &partner.id, step.now).await?;
    let detail = json!({"calendar_links": links});
    step.audit(tx, Some(&partner.id), "partner_archived", &partner.id, detail).await?;
    let ended = match links {
        0 => String::new(),
        1 => " 1 calendar link to its plans has ended.".to_owned(),
        links => format!(" {links} calendar links to its plans have ended."),
    };
    Ok(Reply::text(format!(
        "{} is archived: nothing new happens to it, and its data stays.{ended} /partner add with the key {} and again:True brings it back.",
        text::short(&partner.name, 80),
        partner.key
    )))
}

/// Refuses to archive a partner while money is promised to it: nobody could claim, pay or release it any more.
async fn nothing_strands(read: &mut Read, partner: &Partner) -> Result<(), Stop> {
    let held = request::held_of_partner(read, &partner.id).await?;
    let owed = claim::owed_of_partner(read, &partner.id).await?;
    match text::setup::stranded(&held, &owed) {
        None => Ok(()),
        Some(what) => Err(Refusal::wrong_state(
            format!("{} can't be archived: {what}.", text::short(&partner.name, 80)),
            "Pay what is owed with /claim pay, give back the rest with /mdf close or /mdf cancel, then archive.",
        )
        .into()),
    }
}

/// The partner that a key, a name or an id names, if it takes part and is not declared.
fn found<'a>(known: &'a [Known], named: &str) -> Result<&'a Partner, Refusal> {
    let named = named.trim();
    let is = |one: &&Known| {
        let partner = &one.partner;
        partner.key.eq_ignore_ascii_case(named)
            || partner.name.eq_ignore_ascii_case(named)
            || partner.id == named
    };
    let one = known.iter().filter(|one| !one.archived).find(is).ok_or_else(Refusal::not_found)?;
    if one.declared {
        return Err(declared(&format!("{} ({})", text::short(&one.partner.name, 80), one.partner.key)));
    }
    Ok(&one.partner)
}

/// Every member of the server sees its events, so nobody joins a program that shows them.
async fn alone_if_single(read: &mut Read, program_id: &str, known: &[Known]) -> Result<(), Stop> {
    let single = program::by_id(read, program_id).await?.single_partner;
    if !single.on || known.iter().all(|one| one.archived) {
        return Ok(());
    }
    let how = match single.declared {
        true => "Its operator takes single_partner out of bot.toml first.",
        false => "Say /setup program single-partner:False first: its events then leave the server.",
    };
    let sentence = "This program is declared to have a single partner, and has one.";
    Err(Refusal::wrong_state(sentence, how).into())
}

async fn free_channel(read: &mut Read, partner: &Partner) -> Result<(), Stop> {
    if channel::is_taken(read, &partner.channel_id, &partner.id).await? {
        return Err(Refusal::bad_input(
            format!(
                "<#{}> is taken: another partner's things were said there, or approvals are.",
                partner.channel_id
            ),
            "Every partner needs a channel of its own.",
        )
        .into());
    }
    Ok(())
}

fn key(text: &str) -> Result<String, Refusal> {
    let key = text.trim().to_ascii_lowercase();
    let fits = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if key.is_empty() || key.len() > KEY_LIMIT || !fits || key == "vendor" {
        return Err(Refusal::bad_input(
            format!("A key has up to {KEY_LIMIT} letters, digits and hyphens, and is not \"vendor\"."),
            "Such as acme or blue-sky.",
        ));
    }
    Ok(key)
}

fn name(text: &str, what: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if is_blank(name) || name.chars().count() > NAME_LIMIT {
        return Err(Refusal::bad_input(format!("A {what} has 1 to {NAME_LIMIT} characters."), ""));
    }
    Ok(name.to_owned())
}

fn currency(code: &str) -> Result<Currency, Refusal> {
    Currency::parse(code).map_err(|error| unreadable(&error, "Give a code such as EUR."))
}

/// What pressing the confirmation leads to.
pub(super) fn pressed(context: &Context, press: &Press, verb: &str) -> Result<Pressed, Stop> {
    administrator(context)?;
    if verb != "archive" {
        return Err(Refusal::not_found().into());
    }
    let wish = PartnerWish::Archive { partner: press.item.clone(), seen: Some(press.rev) };
    Ok(Pressed::Run(Command::Partner(wish)))
}
