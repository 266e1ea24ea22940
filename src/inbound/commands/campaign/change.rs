//! `/campaign edit`, `/campaign budget`, `/campaign check`, `/campaign ready`, `/campaign done`

use super::super::picked;
use super::{Kind, Results};
use crate::domain::campaign::budget::{LineEdit, SharesSaid};
use crate::domain::campaign::edit::CampaignEdit;
use crate::domain::command::{Ask, CampaignWish, Command as Wish, FormWish};
use serenity::all::{CommandDataResolved, UserId};
use serenity_commands::{BasicOption, SubCommand};

/// Options of `/campaign edit`. Discord takes 25 at most.
#[derive(Debug, SubCommand)]
pub struct Edit {
    /// The campaign, such as CMP-7; with nothing else, a form opens for its long texts
    #[command(autocomplete)]
    pub campaign: String,
    /// What you call it
    pub name: Option<String>,
    /// Its type
    pub r#type: Option<Kind>,
    /// Its first day
    pub start: Option<String>,
    /// Its last day; - for one day only
    pub end: Option<String>,
    /// How many leads it must bring
    pub leads: Option<i64>,
    /// The pipeline it must bring, such as 120k
    pub pipeline: Option<String>,
    /// The revenue it must win; - for none
    pub won: Option<String>,
    /// Send days, with commas; - for none
    pub sends: Option<String>,
    /// Target segment
    pub segment: Option<String>,
    /// Key message
    pub message: Option<String>,
    /// Offer
    pub offer: Option<String>,
    /// Execution channel
    pub channel: Option<String>,
    /// Whether the CRM counts its leads, or people log them by hand
    pub results: Option<Results>,
    /// Its utm_campaign; links with the old one no longer count
    pub slug: Option<String>,
    /// Who is responsible at the vendor
    pub owner_vendor: Option<UserId>,
    /// Who is responsible at the partner
    pub owner_partner: Option<UserId>,
    /// Days: tail 14, pipeline 30, won 90; - for the usual
    pub curve: Option<String>,
    /// Leads by month in percent: jan 20, feb 30, mar 50; - for the usual
    pub weights: Option<String>,
    /// Hours in all that it takes the vendor; - for the usual
    pub effort_vendor: Option<String>,
    /// Hours in all that it takes the partner; - for the usual
    pub effort_partner: Option<String>,
    /// Fields to clear, with commas, such as owner-vendor
    pub clear: Option<String>,
    /// Why, if both sides have signed the plan
    pub reason: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign budget`.
#[derive(Debug, SubCommand)]
pub struct Budget {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// The line to change; without one, a new line
    #[command(autocomplete)]
    pub line: Option<String>,
    /// What is paid, such as Venue
    pub what: Option<String>,
    /// What it may cost, such as 20k
    pub planned: Option<String>,
    /// What MDF pays: 50% or an amount
    pub mdf: Option<String>,
    /// What co-op pays: 50% or an amount
    pub co_op: Option<String>,
    /// What the vendor pays directly
    pub vendor: Option<String>,
    /// What the partner pays; without it, all that is left
    pub partner_pays: Option<String>,
    /// Take the line out
    pub remove: Option<bool>,
    /// Why, if both sides have signed the plan
    pub reason: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Yes or no.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum YesNo {
    #[option(name = "yes", value = "yes")]
    Yes,
    #[option(name = "no", value = "no")]
    No,
}

/// Options of `/campaign check`.
#[derive(Debug, SubCommand)]
pub struct Check {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// The item of its checklist
    #[command(autocomplete)]
    pub item: String,
    /// Whether it is done
    pub done: YesNo,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign ready`.
#[derive(Debug, SubCommand)]
pub struct Ready {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// Although something is missing
    pub anyway: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign done`.
#[derive(Debug, SubCommand)]
pub struct Done {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

fn wish(wish: CampaignWish) -> Ask {
    Ask::Do(Box::new(Wish::Campaign(wish)))
}

impl Edit {
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Ask {
        let edit = CampaignEdit {
            name: self.name,
            kind: self.r#type.map(|kind| kind.code().to_owned()),
            start: self.start,
            end: self.end,
            leads: self.leads,
            pipeline: self.pipeline,
            won: self.won,
            sends: self.sends,
            segment: self.segment,
            message: self.message,
            offer: self.offer,
            channel: self.channel,
            results: self.results.map(|results| results.code().to_owned()),
            slug: self.slug,
            owner_vendor: picked(self.owner_vendor, resolved),
            owner_partner: picked(self.owner_partner, resolved),
            curve: self.curve,
            weights: self.weights,
            effort_vendor: self.effort_vendor,
            effort_partner: self.effort_partner,
            clear: self.clear,
            budget: None,
        };
        let (partner, campaign) = (self.partner, self.campaign);
        if edit.is_empty() {
            return Ask::Fill(FormWish::CampaignTexts { partner, campaign });
        }
        wish(CampaignWish::Edit { partner, campaign, edit: Box::new(edit), reason: self.reason })
    }
}

impl Budget {
    pub(super) fn ask(self) -> Ask {
        let shares =
            SharesSaid { mdf: self.mdf, co_op: self.co_op, vendor: self.vendor, partner: self.partner_pays };
        let line = match self.line {
            Some(line) if self.remove == Some(true) => LineEdit::Remove { line },
            Some(line) => LineEdit::Change { line, what: self.what, planned: self.planned, shares },
            // What is missing for a new line is said where it is read.
            None => LineEdit::Add {
                what: self.what.unwrap_or_default(),
                planned: self.planned.unwrap_or_default(),
                shares,
            },
        };
        let edit = CampaignEdit { budget: Some(line), ..CampaignEdit::default() };
        wish(CampaignWish::Edit {
            partner: self.partner,
            campaign: self.campaign,
            edit: Box::new(edit),
            reason: self.reason,
        })
    }
}

impl Check {
    pub(super) fn ask(self) -> Ask {
        wish(CampaignWish::Check {
            partner: self.partner,
            campaign: self.campaign,
            item: self.item,
            done: matches!(self.done, YesNo::Yes),
        })
    }
}

impl Ready {
    pub(super) fn ask(self) -> Ask {
        let anyway = self.anyway.unwrap_or_default();
        wish(CampaignWish::Ready { partner: self.partner, campaign: self.campaign, anyway })
    }
}

impl Done {
    pub(super) fn ask(self) -> Ask {
        wish(CampaignWish::Done { partner: self.partner, campaign: self.campaign })
    }
}
