//! All of a campaign, for whoever is to sign or run it.

use super::pending;
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::checklist;
use crate::domain::refusal::Refusal;
use crate::flow::plan::terms;
use crate::flow::{Reply, Step, Stop};
use crate::store::{Read, campaign, effort, plan, request, task};
use crate::text;
use crate::text::campaign::sheet::{Sheet, card};
use crate::text::card::File;

/// Answers `/campaign show`. What is too long for a card comes whole as a file beside it.
pub(in crate::flow) async fn show(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    named: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(named, "CMP", partner)?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let (campaign, plan, coming) = match campaign::by_number(read, &partner.id, number).await? {
        Some(campaign) => {
            let plan = plan::by_id(read, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
            (campaign, plan, String::new())
        }
        None => {
            let found = pending::named(read, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
            let said = text::adjustment::not_there_yet(&found.campaign, &found.adjustment, &found.plan);
            (found.campaign, found.plan, said)
        }
    };
    let mut tasks = task::of_plan(read, &plan.id).await?;
    tasks.retain(|task| task.campaign_id == campaign.id);
    let requests = request::of_campaign(read, &campaign.id).await?;
    let sheet = Sheet {
        campaign: &campaign,
        plan: &plan,
        tasks: &tasks,
        checklist: &checklist::all(&campaign, &requests),
        efforts: &effort::of_partner(read, &partner.id).await?,
        today: plan.local_day(step.now),
    };
    let (card, is_cut) = card(&sheet);
    let mut reply = Reply::card(coming, card);
    if is_cut && campaign.is_in_terms() {
        let document = text::export::campaign(&terms(read, &plan).await?.campaign_content(&campaign));
        let whole = "What is too long for the card is whole in the file.";
        reply.text = [reply.text.as_str(), whole].join(" ").trim().to_owned();
        reply.files.push(File {
            name: format!("{}.md", campaign.name_short()),
            content_type: "text/markdown; charset=utf-8".to_owned(),
            bytes: document.into_bytes(),
        });
    }
    Ok(reply)
}
