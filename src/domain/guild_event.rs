//! Which campaigns the whole guild may know of as scheduled events, and when they take place. Everybody in a guild sees
//! its events, so a program has none unless it declares that it has a single partner (product, sections 1 and 6).

use super::cadence::start_of_day;
use super::campaign::{Campaign, CampaignState};
use super::campaign_type::CampaignType;
use super::plan::Plan;
use chrono::{DateTime, Utc};

/// From when until when a campaign is announced: from the beginning of its first day to the end of its last, in the
/// plan's zone. `None` for one that nobody attends, that is not going to take place (cancelled, postponed without a date,
/// stopped by a side, executed) or whose plan is not in force.
pub fn announced(plan: &Plan, campaign: &Campaign) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let attended = matches!(
        campaign.kind,
        CampaignType::Webinar | CampaignType::InPersonEvent | CampaignType::TradeShow
    );
    let to_come =
        matches!(campaign.state, CampaignState::Planned | CampaignState::Ready | CampaignState::Running);
    if !(attended && to_come && campaign.stopped.is_none() && plan.state.is_in_force()) {
        return None;
    }
    let after = campaign.period.end().succ_opt()?;
    Some((start_of_day(campaign.period.start(), plan.zone)?, start_of_day(after, plan.zone)?))
}
