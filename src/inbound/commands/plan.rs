//! `/plan`

use super::adjust::{CancelPlan, PlanRate};
use crate::domain::command::{Ask, Command as Wish, NewPlan, Query};
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/plan`.
#[derive(Debug, Command)]
pub enum PlanCommand {
    /// Start a joint marketing plan for a period
    #[command(autocomplete)]
    Create(Create),
    /// Show a plan's card
    #[command(autocomplete)]
    Show(Named),
    /// Post a plan's card in the shared channel for both sides to sign
    #[command(autocomplete)]
    Propose(Named),
    /// Cancel a plan; once both sides have signed it, the other side countersigns
    #[command(autocomplete)]
    Cancel(CancelPlan),
    /// Enter the rate of another currency into a draft (vendor)
    #[command(autocomplete)]
    Rate(PlanRate),
    /// Who did what when: to the plan and all that belongs to it
    #[command(autocomplete)]
    History(History),
    /// The signed copy: what both signed, byte by byte, and a document to read
    #[command(autocomplete)]
    Export(Export),
}

/// Options of `/plan history`.
#[derive(Debug, SubCommand)]
pub struct History {
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which page; the first is the newest
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan export`.
#[derive(Debug, SubCommand)]
pub struct Export {
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which signed revision; without one, the newest
    pub revision: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan create`.
#[derive(Debug, SubCommand)]
pub struct Create {
    /// A quarter, half or year (Q1 2026, H1 2026, FY2026), or two days (2026-01-05..2026-03-31)
    pub period: String,
    /// What you call it; without one, its dates
    pub name: Option<String>,
    /// weekly, fortnightly, monthly, mid-and-end, or five cron fields; "at 10:00" may follow
    #[command(autocomplete)]
    pub cadence: Option<String>,
    /// Its currency, such as EUR; without one, the partner's
    pub currency: Option<String>,
    /// Its time zone, such as Europe/Berlin
    #[command(autocomplete)]
    pub time_zone: Option<String>,
    /// Revenue that the joint business plan expects, such as 1.2m
    pub jbp_revenue: Option<String>,
    /// Share of it that marketing must bring, such as 30%
    pub marketing_share: Option<String>,
    /// Share of opportunities that are won, such as 25%
    pub win_rate: Option<String>,
    /// Which touch makes the lead's campaign
    pub attribution: Option<Touch>,
    /// The last day to sign; without one, 30 days after the start
    pub sign_by: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Which touch counts.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Touch {
    #[option(name = "first touch", value = "first_touch")]
    First,
    #[option(name = "last touch", value = "last_touch")]
    Last,
}

/// Options of `/plan show` and `/plan propose`.
#[derive(Debug, SubCommand)]
pub struct Named {
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl PlanCommand {
    pub(super) fn ask(self) -> Ask {
        match self {
            PlanCommand::Create(create) => Ask::Do(Box::new(Wish::CreatePlan(NewPlan {
                partner: create.partner,
                period: create.period,
                name: create.name,
                currency: create.currency,
                zone: create.time_zone,
                cadence: create.cadence,
                attribution: create.attribution.map(|touch| match touch {
                    Touch::First => "first_touch".to_owned(),
                    Touch::Last => "last_touch".to_owned(),
                }),
                sign_by: create.sign_by,
                jbp_revenue: create.jbp_revenue,
                marketing_share: create.marketing_share,
                win_rate: create.win_rate,
            }))),
            PlanCommand::Show(named) => {
                Ask::Look(Query::ShowPlan { partner: named.partner, plan: named.plan })
            }
            PlanCommand::Cancel(cancel) => cancel.ask(),
            PlanCommand::Rate(rate) => rate.ask(),
            PlanCommand::Propose(named) => {
                Ask::Do(Box::new(Wish::ProposePlan { partner: named.partner, plan: named.plan }))
            }
            PlanCommand::History(of) => {
                Ask::Look(Query::PlanHistory { partner: of.partner, plan: of.plan, page: of.page })
            }
            PlanCommand::Export(of) => Ask::Do(Box::new(Wish::ExportPlan {
                partner: of.partner,
                plan: of.plan,
                revision: of.revision,
            })),
        }
    }
}
