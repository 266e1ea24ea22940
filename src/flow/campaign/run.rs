//! Bringing a campaign to its end: its checklist, ready, done. Nobody signs that; its owners and whoever may tick off say
//! it.

use super::pending;
use super::question;
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::{Campaign, CampaignState, checklist};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::{Code, Refusal};
use crate::flow::{Reply, Step, Stop};
use crate::store::{Read, Tx, campaign, outbox, plan, program, request};
use crate::text;
use crate::text::card::Post;
use serde_json::json;

/// A campaign with what it belongs to; the partner is locked, and the asker may tick off.
struct Found<'a> {
    partner: &'a Partner,
    plan: Plan,
    campaign: Campaign,
}

impl<'a> Found<'a> {
    async fn named(
        step: &Step<'a>,
        tx: &mut Tx,
        (partner, named): (Option<&str>, &str),
    ) -> Result<Self, Stop> {
        let (partner, number) = step.context.named(named, "CMP", partner)?;
        program::lock_partner(tx, &partner.id).await?;
        let campaign = pending::changeable(tx, &partner.id, number).await?;
        Self::of(step, tx, partner, campaign).await
    }

    async fn of(
        step: &Step<'_>,
        read: &mut Read,
        partner: &'a Partner,
        campaign: Campaign,
    ) -> Result<Self, Stop> {
        may_tick_off(step, &campaign)?;
        let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
        Ok(Self { partner, plan, campaign })
    }

    fn is_in_force(&self) -> Result<(), Refusal> {
        if self.plan.state.is_in_force() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("{} is {}.", self.plan.name_short(), self.plan.state.label()),
            "A campaign is ready or done only in a plan that both sides have signed.",
        ))
    }

    /// Moves the campaign and tells both sides.
    async fn moved(
        self,
        step: &Step<'_>,
        tx: &mut Tx,
        to: CampaignState,
        said: String,
    ) -> Result<Reply, Stop> {
        campaign::save_state(tx, &self.campaign.id, to).await?;
        let code = format!("campaign_{}", to.code());
        let detail = json!({"from": self.campaign.state.code()});
        step.audit(tx, Some(&self.partner.id), &code, &self.campaign.id, detail).await?;
        let post = Post { text: said.clone(), ..Post::default() };
        outbox::post(tx, &step.app.clock, &self.partner.channel_id, &post, &[]).await?;
        Ok(Reply::text(said))
    }
}

fn may_tick_off(step: &Step<'_>, campaign: &Campaign) -> Result<(), Refusal> {
    let person = &step.context.person;
    // The company comes first: an owner who changed sides has nothing to do with it any more.
    authorise(person, Action::See, &campaign.partner_id)?;
    if campaign.is_owned_by(&person.id) {
        return Ok(());
    }
    authorise(person, Action::TickOff, &campaign.partner_id)
}

pub(super) async fn check(
    step: &Step<'_>,
    tx: &mut Tx,
    named: (Option<&str>, &str),
    item: &str,
    done: bool,
) -> Result<Reply, Stop> {
    let found = Found::named(step, tx, named).await?;
    let mut campaign = found.campaign;
    if matches!(campaign.state, CampaignState::Executed | CampaignState::Closed | CampaignState::Cancelled) {
        let sentence = format!("{} is {}.", campaign.name_short(), campaign.state.label());
        return Err(Refusal::wrong_state(sentence, "Its checklist is closed.").into());
    }
    if found.plan.state.is_over() {
        let sentence = format!("{} is {}.", found.plan.name_short(), found.plan.state.label());
        return Err(Refusal::wrong_state(sentence, "The checklists of its campaigns are closed.").into());
    }
    let item = checklist::find(campaign.kind, item)?;
    if done {
        campaign.checked.insert(item.code.to_owned());
    } else {
        campaign.checked.remove(item.code);
    }
    campaign::save_checked(tx, &campaign.id, &campaign.checked).await?;
    let detail = json!({"item": item.code, "done": done});
    step.audit(tx, Some(&found.partner.id), "campaign_checked", &campaign.id, detail).await?;
    let requests = request::of_campaign(tx, &campaign.id).await?;
    let all = checklist::all(&campaign, &requests);
    Ok(Reply::text(text::campaign::checklist(&campaign, &all)))
}

pub(super) async fn ready(
    step: &Step<'_>,
    tx: &mut Tx,
    named: (Option<&str>, &str),
    anyway: bool,
) -> Result<Reply, Stop> {
    let found = Found::named(step, tx, named).await?;
    found.is_in_force()?;
    let campaign = &found.campaign;
    if campaign.state != CampaignState::Planned {
        let sentence = format!("{} is {}.", campaign.name_short(), campaign.state.label());
        return Err(Refusal::wrong_state(sentence, "Only a planned campaign becomes ready.").into());
    }
    campaign.goes_on("ready")?;
    let requests = request::of_campaign(tx, &campaign.id).await?;
    let missing = checklist::missing(campaign, &requests);
    if !missing.is_empty() && !anyway {
        return Err(Refusal::new(
            Code::Confirm,
            format!("{} lacks: {}.", campaign.name_short(), text::campaign::labels(&missing)),
            "Tick off what is done with /campaign check, or say anyway:True if it is ready without.",
        )
        .into());
    }
    let said = text::campaign::ready(campaign, &missing, &step.context.person.id);
    found.moved(step, tx, CampaignState::Ready, said).await
}

pub(super) async fn done(step: &Step<'_>, tx: &mut Tx, named: (Option<&str>, &str)) -> Result<Reply, Stop> {
    let found = Found::named(step, tx, named).await?;
    executed(step, tx, found).await
}

pub(super) async fn done_by_id(step: &Step<'_>, tx: &mut Tx, id: &str, seen_end: i64) -> Result<Reply, Stop> {
    let campaign = campaign::find(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&campaign.partner_id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_id(tx, id).await?;
    let found = Found::of(step, tx, partner, campaign).await?;
    // The question was about another end: there is no way back from *executed*.
    if found.campaign.end_mark() != seen_end {
        return Err(Refusal::stale().into());
    }
    executed(step, tx, found).await
}

async fn executed(step: &Step<'_>, tx: &mut Tx, found: Found<'_>) -> Result<Reply, Stop> {
    found.is_in_force()?;
    let today = found.plan.local_day(step.now);
    found.campaign.may_be_executed(today)?;
    let said = text::campaign::executed(&found.campaign, &step.context.person.id);
    let asked = (found.campaign.id.as_str(), found.campaign.period.end());
    question::close(tx, &step.app.clock, found.partner, asked, &said).await?;
    found.moved(step, tx, CampaignState::Executed, said).await
}
