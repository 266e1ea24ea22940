//! Looking at claims: one, or all of a partner's.

use super::super::{Reply, Step, Stop};
use super::{cards, load, seen};
use crate::domain::action::{Action, authorise};
use crate::domain::claim::Claim;
use crate::domain::request::MdfRequest;
use crate::store::{Read, claim, request};
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
    let found = seen(step.context, claim::by_number(read, &partner.id, number).await?)?;
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
    let side = step.context.person.side();
    let requests = request::of_partner(read, &partner.id).await?;
    let of = |id: &str| requests.iter().find(|one| one.id == id).map(MdfRequest::name_short);
    let seen = all.into_iter().filter(|one| one.is_seen_by(side));
    let seen: Vec<(Claim, String)> =
        seen.map(|one| (one.clone(), of(&one.request_id).unwrap_or_default())).collect();
    Ok(Reply::card("", text::claim::list(partner, &seen, page.unwrap_or(1))))
}
