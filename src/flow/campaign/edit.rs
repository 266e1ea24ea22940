//! Changing a campaign: its fields, its budget lines, its long texts by form. A draft is changed at once; what both
//! sides have signed changes only by an adjustment.

use super::{free_slug, overfull_said, pending};
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Side;
use crate::domain::campaign::Campaign;
use crate::domain::campaign::edit::CampaignEdit;
use crate::domain::command::campaign::Texts;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use crate::flow::plan::voided;
use crate::flow::{Reply, Step, Stop, adjust, task};
use crate::store::{Tx, campaign, plan, program};
use crate::text;
use serde_json::json;

/// Which campaign is meant, and why it is to be different.
pub(super) struct Named<'a> {
    pub partner: Option<&'a str>,
    pub campaign: &'a str,
    pub reason: Option<&'a str>,
}

pub(super) async fn by_command(
    step: &Step<'_>,
    tx: &mut Tx,
    named: &Named<'_>,
    edit: &CampaignEdit,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named.campaign, "CMP", named.partner)?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    for (side, owner) in [(Side::Vendor, &edit.owner_vendor), (Side::Partner, &edit.owner_partner)] {
        if let Some(owner) = owner {
            step.context.acts_for(owner, side, partner)?;
        }
    }
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    change(step, tx, partner, &campaign, edit, named.reason).await
}

/// The texts of a form. Only those that were changed are an edit.
pub(super) async fn texts(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen: i64,
    texts: &Texts,
) -> Result<Reply, Stop> {
    let found = campaign::find(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_id(tx, id).await?;
    if campaign.texts_mark() != seen {
        return Err(Refusal::stale().into());
    }
    let said = |text: &str, before: &str| {
        let text = text.trim();
        (text != before).then(|| if is_blank(text) { "-".to_owned() } else { text.to_owned() })
    };
    let edit = CampaignEdit {
        segment: said(&texts.segment, &campaign.segment),
        message: said(&texts.message, &campaign.message),
        offer: said(&texts.offer, &campaign.offer),
        channel: said(&texts.channel, &campaign.channel),
        ..CampaignEdit::default()
    };
    change(step, tx, partner, &campaign, &edit, Some(&texts.reason)).await
}

async fn change(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    campaign: &Campaign,
    edit: &CampaignEdit,
    reason: Option<&str>,
) -> Result<Reply, Stop> {
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    if plan.state.is_in_force() {
        return adjust::edit(step, tx, (partner, plan), campaign, edit, reason.unwrap_or_default()).await;
    }
    let draft = plan.clone().edited()?;
    let mut edited = edit.applied(campaign, &draft, draft.local_day(step.now))?;
    if edited.slug != campaign.slug {
        let wanted = edited.slug.clone();
        edited.slug = free_slug(tx, &partner.id, true, &wanted, campaign.number).await?;
    }
    campaign::save(tx, &step.app.clock, &edited).await?;
    task::follow(step, tx, campaign, &edited, &draft).await?;
    let detail = json!({"plan": plan.id, "rev": draft.rev});
    let code = if edit.budget.is_some() { "campaign_budget_edited" } else { "campaign_edited" };
    step.audit(tx, Some(&partner.id), code, &campaign.id, detail).await?;
    let note = voided(step, tx, partner, plan).await?;
    let what = match &edit.budget {
        Some(line) => text::campaign::budget_said(line, &edited),
        None => "is changed.".to_owned(),
    };
    let warned = overfull_said(tx, &draft, &edited, Some(campaign)).await?;
    let text = format!("{} {what}{note}{warned}", edited.name_short());
    Ok(Reply::card(text, text::campaign::card(&edited, &draft)))
}
