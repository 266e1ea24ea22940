//! Capacity: what the campaigns of a plan ask of each side, week by week, against the hours a week that the side states.
//! Computed whenever it is shown, never stored.
//!
//! **Effort** is the hours in all that a campaign takes a side: what was set for the campaign, else what the program says of
//! its type, else what Tandem says of it.
//! **Spread**: evenly over the days from four weeks before its start to its end; the four weeks begin no earlier than the
//! plan does, because a plan can't ask for hours before it. Only days inside the plan's period count: no hours are stated
//! for others. Weeks are those of ISO 8601, Monday to Sunday. A campaign that is cancelled, or postponed without a date,
//! takes none.

use super::actor::Side;
use super::campaign::{Campaign, CampaignState};
use super::campaign_type::CampaignType;
use super::curve::plus;
use super::period::{Period, days_between};
use super::plan::{BySide, Plan};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Days before a campaign's start on which work for it begins.
pub const LEAD_UP_DAYS: i64 = 28;
/// The most hours a week that a side can state: all there are.
pub const MAX_HOURS_A_WEEK: i64 = 168;
/// Loads are compared and shown to so many decimals of an hour.
const DECIMALS: u32 = 2;

/// Hours in all that a campaign of a type takes, unless something else is set for it. Rules of thumb to start from: the
/// vendor makes content and checks the brand, the partner finds the people and runs the campaign.
#[must_use]
pub fn usual_effort(kind: CampaignType) -> BySide<i64> {
    let (vendor, partner) = match kind {
        CampaignType::Email => (8, 12),
        CampaignType::Webinar => (20, 24),
        CampaignType::InPersonEvent => (24, 40),
        CampaignType::TradeShow => (30, 60),
        CampaignType::PaidSearch | CampaignType::PaidSocial => (6, 16),
        CampaignType::Display => (6, 12),
        CampaignType::ContentSyndication => (8, 8),
        CampaignType::Telemarketing => (6, 30),
        CampaignType::DirectMail => (12, 16),
        CampaignType::Social => (4, 10),
        CampaignType::LandingPage => (8, 8),
        CampaignType::PartnerNewsletter => (4, 8),
        CampaignType::Other => (8, 12),
    };
    BySide { vendor, partner }
}

/// Hours in all that campaigns of each type take in a program, where it says otherwise than [`usual_effort`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Efforts(BTreeMap<CampaignType, BySide<i64>>);

impl Efforts {
    /// What a program says.
    pub fn new(own: impl IntoIterator<Item = (CampaignType, BySide<i64>)>) -> Self {
        Self(own.into_iter().collect())
    }

    /// Hours in all that a campaign of a type takes each side.
    #[must_use]
    pub fn of_type(&self, kind: CampaignType) -> BySide<i64> {
        self.0.get(&kind).copied().unwrap_or_else(|| usual_effort(kind))
    }

    /// Hours in all that a campaign takes each side.
    #[must_use]
    pub fn of(&self, campaign: &Campaign) -> BySide<i64> {
        let usual = self.of_type(campaign.kind);
        BySide {
            vendor: campaign.effort.vendor.unwrap_or(usual.vendor),
            partner: campaign.effort.partner.unwrap_or(usual.partner),
        }
    }
}

/// What a week of the plan's period asks of each side, in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    pub monday: NaiveDate,
    pub load: BySide<Decimal>,
}

/// A week that asks more of a side than it states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overfull {
    pub side: Side,
    pub monday: NaiveDate,
    pub load: Decimal,
    /// What the side states, in hours a week.
    pub hours: i64,
}

/// Every week of the plan's period, the empty ones included.
#[must_use]
pub fn weeks(period: Period, campaigns: &[Campaign], efforts: &Efforts) -> Vec<Week> {
    let mut loads: BTreeMap<NaiveDate, BySide<Decimal>> = BTreeMap::new();
    let mut monday = monday_of(period.start());
    while monday <= period.end() {
        loads.insert(monday, BySide::default());
        monday = plus(monday, 7);
    }
    for campaign in campaigns.iter().filter(|campaign| takes_hours(campaign.state)) {
        let effort = efforts.of(campaign);
        let first = work_begins(period, campaign.period);
        let days = Decimal::from(days_between(first, campaign.period.end()).max(1));
        for (monday, load) in &mut loads {
            let from = first.max(*monday).max(period.start());
            let to = campaign.period.end().min(plus(*monday, 6)).min(period.end());
            let inside = Decimal::from(days_between(from, to).max(0));
            load.vendor += Decimal::from(effort.vendor) * inside / days;
            load.partner += Decimal::from(effort.partner) * inside / days;
        }
    }
    let rounded =
        |load: BySide<Decimal>| BySide { vendor: rounded(load.vendor), partner: rounded(load.partner) };
    loads.into_iter().map(|(monday, load)| Week { monday, load: rounded(load) }).collect()
}

/// The weeks that ask more of a side than it states, by week; a side that states nothing has none.
#[must_use]
pub fn overfull(plan: &Plan, campaigns: &[Campaign], efforts: &Efforts) -> Vec<Overfull> {
    let mut found = Vec::new();
    for week in weeks(plan.period, campaigns, efforts) {
        for side in [Side::Vendor, Side::Partner] {
            let load = *week.load.of(side);
            if let Some(hours) = *plan.hours_in_week(week.monday).of(side)
                && load > Decimal::from(hours)
            {
                found.push(Overfull { side, monday: week.monday, load, hours });
            }
        }
    }
    found
}

/// The weeks that `campaign`, one of `campaigns`, helps to overfill: what to say before it is agreed.
#[must_use]
pub fn overfilled_by(
    plan: &Plan,
    campaigns: &[Campaign],
    campaign: &Campaign,
    efforts: &Efforts,
) -> Vec<Overfull> {
    let first = monday_of(work_begins(plan.period, campaign.period));
    let takes = efforts.of(campaign);
    let mut weeks = overfull(plan, campaigns, efforts);
    weeks.retain(|week| {
        week.monday >= first && week.monday <= campaign.period.end() && *takes.of(week.side) > 0
    });
    weeks
}

fn work_begins(plan: Period, campaign: Period) -> NaiveDate {
    let lead_up = plus(campaign.start(), -LEAD_UP_DAYS);
    lead_up.max(plan.start().min(campaign.start()))
}

fn takes_hours(state: CampaignState) -> bool {
    !matches!(state, CampaignState::Cancelled | CampaignState::Postponed)
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    plus(day, -i64::from(day.weekday().num_days_from_monday()))
}

fn rounded(hours: Decimal) -> Decimal {
    hours.round_dp_with_strategy(DECIMALS, rust_decimal::RoundingStrategy::MidpointAwayFromZero).normalize()
}
