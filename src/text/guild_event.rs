//! What a guild's scheduled event says of a campaign. Everybody in the guild reads it: what is promised to an audience,
//! never a number, a person or a sum.

use super::short;
use crate::domain::campaign::Campaign;
use crate::domain::campaign_type::CampaignType;
use crate::domain::guild_event::announced;
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::unseen::is_unseen;
use crate::limits::{EVENT_LOCATION_MAX, EVENT_NAME_MAX, cut};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Characters of what people wrote that one line of the description takes, before it is escaped.
const LINE_MAX: usize = 80;

/// An event, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuildEvent {
    pub name: String,
    pub description: String,
    pub location: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// The event of a campaign, or `None` if the guild is to see none.
pub fn event(program: &Program, partner: &Partner, plan: &Plan, campaign: &Campaign) -> Option<GuildEvent> {
    let (starts_at, ends_at) = announced(plan, campaign)?;
    let mut lines = vec![format!(
        "{} of {} and {}",
        campaign.kind.label(),
        short(&program.name, LINE_MAX),
        short(&partner.name, LINE_MAX)
    )];
    for (what, said) in [("For", &campaign.segment), ("About", &campaign.message), ("Offer", &campaign.offer)]
    {
        if !said.trim().is_empty() {
            lines.push(format!("{what}: {}", short(said, LINE_MAX)));
        }
    }
    lines.push(campaign.name_short());
    Some(GuildEvent {
        name: line(&campaign.name, EVENT_NAME_MAX).unwrap_or_else(|| campaign.name_short()),
        description: lines.join("\n"),
        location: line(&campaign.channel, EVENT_LOCATION_MAX).unwrap_or_else(|| place(campaign.kind)),
        starts_at,
        ends_at,
    })
}

/// Where it takes place, if the campaign doesn't say: Discord insists on a place.
fn place(kind: CampaignType) -> String {
    if kind == CampaignType::Webinar { "Online" } else { "To be announced" }.to_owned()
}

/// One line of plain text, which Discord shows without formatting; `None` if nothing of it can be seen.
fn line(text: &str, max: usize) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_unseen(*c))
        .collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| cut(plain, max))
}
