//! *Use as proof*: the files of a message in the partner's channel, offered to the claims that are put together there. What
//! chat said of the message is kept until somebody has chosen, because it says it only once.

use super::super::context::Context;
use super::super::press::{Press, Pressed};
use super::super::{Reply, Step, Stop};
use super::load;
use crate::domain::action::{Action, authorise};
use crate::domain::activity::Slot;
use crate::domain::claim::Lists;
use crate::domain::command::{PointedAt, Proof, Source};
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::store::evidence::{self, Offer};
use crate::store::{Read, Tx, claim};
use crate::text::card::Card;
use crate::text::proof::{self, Choice, PAGE};

/// Keeps the message and asks what its files prove.
pub(super) async fn offer(step: &Step<'_>, tx: &mut Tx, at: &PointedAt) -> Result<Reply, Stop> {
    let partner = step.context.partner(None)?;
    authorise(&step.context.person, Action::FileClaim, &partner.id)?;
    if at.files.is_empty() {
        return Err(Refusal::bad_input(
            "That message has no files.",
            "Use it on one that has, or add files with /claim evidence.",
        )
        .into());
    }
    let source = Source { message: at.message.clone(), author: at.author.clone(), posted_at: at.posted_at };
    let offer = Offer {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        person: step.context.person.id.clone(),
        source,
        files: at.files.clone(),
        at: step.now,
    };
    let card = card(tx, step.context, partner, &offer, 1).await?;
    evidence::insert_offer(tx, &offer).await?;
    Ok(Reply::card("", card))
}

/// A page of the claims that can take the files, each with its slots.
async fn card(
    read: &mut Read,
    context: &Context,
    partner: &Partner,
    offer: &Offer,
    page: i64,
) -> Result<Card, Stop> {
    let all = claim::of_partner(read, &partner.id).await?;
    let open: Vec<_> = all.into_iter().filter(|claim| claim.state.is_edited()).collect();
    if open.is_empty() {
        let sentence = "There is no claim that files could be added to.";
        return Err(Refusal::wrong_state(sentence, "Start one with /claim new.").into());
    }
    let pages = i64::try_from(open.len().div_ceil(PAGE)).unwrap_or(i64::MAX);
    let page = page.clamp(1, pages);
    let first = usize::try_from(page - 1).unwrap_or_default() * PAGE;
    let mut choices = Vec::new();
    for claim in open.into_iter().skip(first).take(PAGE) {
        let found = load(read, &context.program, partner, &claim.id).await?;
        let takes = |slot: &Slot| Lists::of(&found.rule, *slot) != Lists::Only;
        let slots = Slot::ALL.iter().copied().filter(takes).collect();
        choices.push(Choice { claim, campaign: found.campaign, slots });
    }
    Ok(proof::card(&offer.id, &offer.files, &choices, (page, pages)))
}

/// What a press on the choice leads to. Only who pointed at the message may choose.
pub(in crate::flow) async fn pressed(
    read: &mut Read,
    context: &Context,
    press: &Press,
    verb: &str,
) -> Result<Pressed, Stop> {
    let offer = evidence::offer(read, &press.item).await?.ok_or_else(Refusal::not_found)?;
    let partner = context.owner(&offer.partner_id)?;
    authorise(&context.person, Action::FileClaim, &partner.id)?;
    if offer.person != context.person.id {
        return Err(Refusal::not_found().into());
    }
    if verb == "page" {
        let card = card(read, context, partner, &offer, press.rev).await?;
        return Ok(Pressed::Turn(Reply::card("", card)));
    }
    let slot = Slot::parse(verb).ok_or_else(Refusal::not_found)?;
    Ok(Pressed::Prove(Proof {
        partner: Some(partner.key.clone()),
        claim: format!("CLM-{}", press.rev),
        slot: slot.code().to_owned(),
        restricted: false,
        files: offer.files,
        source: Some(offer.source),
    }))
}
