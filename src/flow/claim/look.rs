//! Looking at claims: one, or all of a partner's.

use super::super::{Reply, Step, Stop};
use super::{cards, load};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Side;
use crate::domain::claim::{Claim, ClaimState};
use crate::domain::refusal::Refusal;
use crate::store::{Read, claim};
use crate::text;

/// One claim, for who asks alone.
pub(in crate::flow) async fn show_one(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    named: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "CLM", partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let found = claim::by_number(read, &partner.id, number).await?;
    let found = found.filter(|one| is_seen(step, one)).ok_or_else(Refusal::not_found)?;
    let found = load(read, &step.context.program, partner, &found.id).await?;
    let cards = cards(read, &step.context.program, &found, None).await?;
    let for_deciders = step.context.in_vendor_only_place();
    Ok(Reply::card("", if for_deciders { cards.approvals } else { cards.shared }))
}

/// The partner's claims, the newest first.
pub(in crate::flow) async fn list(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    page: Option<i64>,
) -> Result<Reply, Stop> {
    let partner = step.context.partner(partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let all = claim::of_partner(read, &partner.id).await?;
    let seen: Vec<Claim> = all.into_iter().filter(|one| is_seen(step, one)).collect();
    Ok(Reply::card("", text::claim::list(partner, &seen, page.unwrap_or(1))))
}

/// What was never filed is the partner's own.
pub(super) fn is_seen(step: &Step<'_>, claim: &Claim) -> bool {
    let own = step.context.person.side() == Side::Partner;
    own || claim.submitted_at.is_some() || !matches!(claim.state, ClaimState::Draft | ClaimState::Withdrawn)
}
