//! What somebody wants to change about a campaign, and the campaign as it is then. The same on a draft, where it is
//! saved at once, and on an agreed plan, where it becomes an adjustment.

use super::budget::LineEdit;
use super::{Campaign, CampaignState, read};
use crate::domain::actor::Picked;
use crate::domain::escape::short;
use crate::domain::plan::Plan;
use crate::domain::refusal::Refusal;
use crate::domain::slug::slug;
use crate::domain::unseen::is_blank;
use chrono::NaiveDate;

/// Fields to change, as people wrote them; `None` leaves a field as it is, and `-` clears one that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignEdit {
    pub name: Option<String>,
    pub kind: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub leads: Option<i64>,
    pub pipeline: Option<String>,
    pub won: Option<String>,
    pub sends: Option<String>,
    pub segment: Option<String>,
    pub message: Option<String>,
    pub offer: Option<String>,
    pub channel: Option<String>,
    pub results: Option<String>,
    /// Its utm_campaign. That no other campaign of the partner has it is for whoever saves it to check.
    pub slug: Option<String>,
    /// That they act for their side is for whoever saves it to check.
    pub owner_vendor: Option<Picked>,
    pub owner_partner: Option<Picked>,
    /// `tail 14, pipeline 30, won 90`.
    pub curve: Option<String>,
    /// `jan 20, feb 30, mar 50`.
    pub weights: Option<String>,
    pub effort_vendor: Option<String>,
    pub effort_partner: Option<String>,
    /// Names of fields to clear, with commas: for owners, which can't be written as `-`.
    pub clear: Option<String>,
    pub budget: Option<LineEdit>,
}

/// What clears a field.
const NOTHING: &str = "-";

impl CampaignEdit {
    /// Whether it changes nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The campaign with the edit, as it would be on `today`, the plan's local day. A one-day campaign that is given
    /// another start stays one day long; a longer one keeps its end.
    ///
    /// # Errors
    /// `bad_input` naming the first field that can't be so, or if nothing would change; `wrong_state` for a campaign
    /// that is over.
    pub fn applied(&self, campaign: &Campaign, plan: &Plan, today: NaiveDate) -> Result<Campaign, Refusal> {
        if matches!(
            campaign.state,
            CampaignState::Executed | CampaignState::Closed | CampaignState::Cancelled
        ) {
            return Err(Refusal::wrong_state(
                format!("{} is {} and can't be edited.", campaign.name_short(), campaign.state.label()),
                "",
            ));
        }
        let mut edited = campaign.clone();
        self.what_it_is(&mut edited)?;
        self.when(&mut edited, today)?;
        self.what_it_brings(&mut edited, plan)?;
        self.who(&mut edited)?;
        if let Some(line) = &self.budget {
            line.apply(&mut edited.budget, plan.currency)?;
        }
        edited.check(plan.period)?;
        if edited == *campaign {
            return Err(Refusal::bad_input(
                format!("{} is like that already.", campaign.name_short()),
                "Say what should be different.",
            ));
        }
        Ok(edited)
    }

    fn what_it_is(&self, edited: &mut Campaign) -> Result<(), Refusal> {
        if let Some(name) = &self.name {
            edited.name = read::name(name)?;
        }
        if let Some(kind) = &self.kind {
            edited.kind = read::kind(kind)?;
        }
        for (option, value, field) in [
            ("segment", &self.segment, &mut edited.segment),
            ("message", &self.message, &mut edited.message),
            ("offer", &self.offer, &mut edited.offer),
            ("channel", &self.channel, &mut edited.channel),
        ] {
            if let Some(value) = value {
                *field = kept(value).map_or(Ok(String::new()), |value| read::text(option, value))?;
            }
        }
        if let Some(wanted) = &self.slug {
            let made = slug(wanted);
            if made.is_empty() {
                return Err(Refusal::bad_input("A utm_campaign needs letters or digits.", ""));
            }
            edited.slug = made;
        }
        Ok(())
    }

    fn when(&self, edited: &mut Campaign, today: NaiveDate) -> Result<(), Refusal> {
        let before = edited.period;
        let start = self.start.as_deref().map_or(Ok(before.start()), |text| read::day(text, today))?;
        let end = match self.end.as_deref() {
            Some(text) => kept(text).map_or(Ok(start), |text| read::day(text, today))?,
            None if before.start() == before.end() => start,
            None => before.end(),
        };
        edited.period = read::period(start, end)?;
        // Whoever gives dates to one that waits for them says that it takes place; where it stands once both sides have
        // signed is for the adjustment to say.
        let is_dated = self.start.is_some() || edited.period != before;
        if edited.state == CampaignState::Postponed && is_dated {
            edited.state = CampaignState::Proposed;
        }
        if let Some(sends) = &self.sends {
            edited.sends = kept(sends).map_or(Ok(Vec::new()), |text| read::sends(text, today))?;
        }
        Ok(())
    }

    fn what_it_brings(&self, edited: &mut Campaign, plan: &Plan) -> Result<(), Refusal> {
        if let Some(leads) = self.leads {
            edited.target_leads = leads;
        }
        if let Some(pipeline) = &self.pipeline {
            edited.target_pipeline = read::money(pipeline, plan.currency)?;
        }
        if let Some(won) = &self.won {
            edited.target_won = kept(won).map(|won| read::money(won, plan.currency)).transpose()?;
        }
        if let Some(results) = &self.results {
            edited.results_by = read::results(results)?;
        }
        if let Some(curve) = &self.curve {
            let all = if kept(curve).is_none() { "tail -, pipeline -, won -" } else { curve };
            edited.curve = read::curve(all, &edited.curve)?;
        }
        if let Some(weights) = &self.weights {
            edited.curve.leads =
                kept(weights).map(|weights| read::weights(weights, edited.period)).transpose()?;
        }
        Ok(())
    }

    fn who(&self, edited: &mut Campaign) -> Result<(), Refusal> {
        for (owner, field) in
            [(&self.owner_vendor, &mut edited.owner_vendor), (&self.owner_partner, &mut edited.owner_partner)]
        {
            if let Some(owner) = owner {
                *field = Some(owner.id.clone());
            }
        }
        for (option, hours, field) in [
            ("effort-vendor", &self.effort_vendor, &mut edited.effort.vendor),
            ("effort-partner", &self.effort_partner, &mut edited.effort.partner),
        ] {
            if let Some(hours) = hours {
                *field = kept(hours).map(|hours| read::hours(option, hours)).transpose()?;
            }
        }
        let clear = self.clear.as_deref().unwrap_or_default();
        for name in clear.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()) {
            self.clear(name, edited)?;
        }
        Ok(())
    }

    fn clear(&self, name: &str, edited: &mut Campaign) -> Result<(), Refusal> {
        match name.to_lowercase().replace(['_', ' '], "-").as_str() {
            "owner-vendor" => edited.owner_vendor = None,
            "owner-partner" => edited.owner_partner = None,
            "segment" => edited.segment.clear(),
            "message" => edited.message.clear(),
            "offer" => edited.offer.clear(),
            "channel" => edited.channel.clear(),
            "sends" => edited.sends.clear(),
            "won" => edited.target_won = None,
            "weights" => edited.curve.leads = None,
            "effort-vendor" => edited.effort.vendor = None,
            "effort-partner" => edited.effort.partner = None,
            _ => {
                return Err(Refusal::bad_input(
                    format!("I can't clear \"{}\".", short(name, 40)),
                    "What can be empty: owner-vendor, owner-partner, segment, message, offer, channel, sends, won, \
                     weights, effort-vendor, effort-partner.",
                ));
            }
        }
        Ok(())
    }
}

/// The text, unless it clears the field.
fn kept(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| *text != NOTHING && !is_blank(text))
}
