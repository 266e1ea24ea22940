//! Looking at requests: one, or all of a partner's.

use super::super::{Reply, Step, Stop};
use super::{seen, steps};
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::read as reading;
use crate::domain::refusal::Refusal;
use crate::domain::request::MdfRequest;
use crate::store::{Read, campaign, ledger, plan, request, rules as stored};
use crate::text;
use crate::text::request::{RequestView, Steps};

/// One request, for who asks alone.
pub(in crate::flow) async fn show_one(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    named: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "MDF", partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let request = seen(step.context, request::by_number(read, &partner.id, number).await?)?;
    let campaign = campaign::by_id(read, &request.campaign_id).await?;
    let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let fund = ledger::fund_by_id(read, &request.fund_id).await?;
    let balances = ledger::balances(read, &fund).await?;
    let (chain, progress) = steps(read, &step.context.program, &request).await?;
    let rule = stored::activity(read, &step.context.program, partner, campaign.kind).await?;
    let view = RequestView {
        rule: &rule,
        request: &request,
        partner,
        plan: &plan,
        campaign: &campaign,
        fund: &fund,
        balances: &balances,
        decided_by: None,
        steps: Steps { chain: &chain, taken: &progress.taken },
    };
    let card = match step.context.in_vendor_only_place() {
        true => text::request::approvals_card(&view),
        false => text::request::shared_card(&view),
    };
    Ok(Reply::card("", card))
}

/// What holds for requests and claims of a type of campaign, for who is about to file one.
pub(in crate::flow) async fn rules(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    kind: &str,
) -> Result<Reply, Stop> {
    let partner = step.context.partner(partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let kind = reading::kind(kind)?;
    let rule = stored::activity(read, &step.context.program, partner, kind).await?;
    Ok(Reply::card("", text::rules::for_partner(kind, &rule, partner)))
}

/// The partner's requests, the newest first.
pub(in crate::flow) async fn list(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    page: Option<i64>,
) -> Result<Reply, Stop> {
    let partner = step.context.partner(partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let all = request::of_partner(read, &partner.id).await?;
    let seen: Vec<MdfRequest> =
        all.into_iter().filter(|one| one.is_seen_by(step.context.person.side())).collect();
    Ok(Reply::card("", text::request::list(partner, &seen, page.unwrap_or(1))))
}
