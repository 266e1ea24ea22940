//! The subcommands that change what both sides have agreed; they belong to `/plan` and `/campaign`.

use crate::domain::command::adjust::AdjustWish;
use crate::domain::command::{Ask, Command as Wish};
use serenity_commands::SubCommand;

/// Options of `/plan cancel`.
#[derive(Debug, SubCommand)]
pub struct CancelPlan {
    /// Why
    pub reason: String,
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The plan's short name again, where nobody countersigns
    pub confirm: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan rate`.
#[derive(Debug, SubCommand)]
pub struct PlanRate {
    /// The other currency, such as USD
    pub currency: String,
    /// What one of it is worth in the plan's currency, such as 0.92; - takes the rate out
    pub rate: String,
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign postpone`.
#[derive(Debug, SubCommand)]
pub struct Postpone {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// Why
    pub reason: String,
    /// Its new first day; without one, it waits for a date
    pub start: Option<String>,
    /// Its new last day; without one, it stays as long as it was
    pub end: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign cancel`.
#[derive(Debug, SubCommand)]
pub struct CancelCampaign {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// Why
    pub reason: String,
    /// The campaign's short name again, where nobody countersigns
    pub confirm: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign stop`.
#[derive(Debug, SubCommand)]
pub struct Reasoned {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// Why
    pub reason: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign resume`.
#[derive(Debug, SubCommand)]
pub struct Resume {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

fn wish(wish: AdjustWish) -> Ask {
    Ask::Do(Box::new(Wish::Adjust(wish)))
}

impl CancelPlan {
    pub(super) fn ask(self) -> Ask {
        let Self { reason, plan, confirm, partner } = self;
        wish(AdjustWish::CancelPlan { partner, plan, reason, confirm })
    }
}

impl PlanRate {
    pub(super) fn ask(self) -> Ask {
        let Self { currency, rate, plan, partner } = self;
        wish(AdjustWish::Rate { partner, plan, currency, rate })
    }
}

impl Postpone {
    pub(super) fn ask(self) -> Ask {
        let Self { campaign, reason, start, end, partner } = self;
        wish(AdjustWish::Postpone { partner, campaign, start, end, reason })
    }
}

impl CancelCampaign {
    pub(super) fn ask(self) -> Ask {
        let Self { campaign, reason, confirm, partner } = self;
        wish(AdjustWish::Cancel { partner, campaign, reason, confirm })
    }
}

impl Reasoned {
    pub(super) fn stop(self) -> Ask {
        let Self { campaign, reason, partner } = self;
        wish(AdjustWish::Stop { partner, campaign, reason })
    }
}

impl Resume {
    pub(super) fn ask(self) -> Ask {
        let Self { campaign, partner } = self;
        wish(AdjustWish::Resume { partner, campaign })
    }
}
