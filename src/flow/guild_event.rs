//! The guild's scheduled events: in a program that declares a single partner, one for each campaign that somebody attends.
//! In any other program there is none, because every member of the guild would see it.

use crate::clock::Clock;
use crate::domain::program::{Partner, Program};
use crate::fault::Fault;
use crate::store::{Read, Tx, campaign, guild_event, outbox, plan, program};
use crate::text::guild_event::{GuildEvent, event};
use std::collections::BTreeMap;

/// The events that there should be of a partner's campaigns, by campaign.
async fn wanted(
    read: &mut Read,
    program: &Program,
    partner: &Partner,
) -> Result<BTreeMap<String, GuildEvent>, Fault> {
    let mut events = BTreeMap::new();
    if !program.single_partner.on {
        return Ok(events);
    }
    // An archived program runs in no guild, and what an archived partner planned takes place without us.
    let runs = program::by_guild(read, &program.guild_id).await?.is_some_and(|runs| runs.id == program.id);
    let partners = program::partners(read, &program.id).await?;
    let [only] = partners.as_slice() else { return Ok(events) };
    if !runs || only.id != partner.id {
        return Ok(events);
    }
    for plan in plan::of_partner(read, &partner.id).await? {
        if !plan.state.is_in_force() {
            continue;
        }
        for campaign in campaign::of_plan(read, &plan.id).await? {
            if let Some(event) = event(program, partner, &plan, &campaign) {
                events.insert(campaign.id, event);
            }
        }
    }
    Ok(events)
}

/// Makes, changes and takes away events so that they are what a partner's campaigns say. An event that has ended is left
/// as it is. The partner is locked, or is so by the end of the transaction.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn refresh(
    tx: &mut Tx,
    clock: &Clock,
    program: &Program,
    partner: &Partner,
) -> Result<(), Fault> {
    let wanted = wanted(tx, program, partner).await?;
    let kept = guild_event::of_partner(tx, &partner.id).await?;
    let now = clock.now();
    for (campaign_id, event) in &wanted {
        let known = kept.iter().find(|one| &one.campaign_id == campaign_id);
        let same =
            known.is_some_and(|one| one.wanted.as_ref() == Some(event) && one.guild_id == program.guild_id);
        if !same && event.ends_at > now {
            outbox::show_event(tx, clock, campaign_id, &program.guild_id, Some(event)).await?;
        }
    }
    for gone in kept.iter().filter(|one| one.wanted.is_some() && one.ends_at > now) {
        if !wanted.contains_key(&gone.campaign_id) {
            outbox::show_event(tx, clock, &gone.campaign_id, &gone.guild_id, None).await?;
        }
    }
    Ok(())
}
