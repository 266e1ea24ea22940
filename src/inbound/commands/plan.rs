//! `/plan`

use super::adjust::{CancelPlan, PlanRate};
use super::picked;
use crate::domain::command::plan::{CalendarWish, ClonePlan, PlanEdit, PlanWish};
use crate::domain::command::{Ask, Command as Wish, NewPlan, Query};
use serenity::all::{CommandDataResolved, UserId};
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
    /// Change a draft: name, period, currency, hours, the joint business plan; or who answers for reviews
    #[command(autocomplete)]
    Edit(Edit),
    /// Make a plan from an earlier one: its campaigns, tasks, targets and budgets in another period
    #[command(autocomplete)]
    Clone(CloneFrom),
    /// What a plan lacks, and the command that mends each
    #[command(autocomplete)]
    Check(Check),
    /// A secret link to a plan's calendar, or the end of all links of your company
    #[command(autocomplete)]
    Calendar(Calendar),
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
    /// The signed copy, byte by byte and as a document; before both have signed, a marked draft
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

/// Options of `/plan clone`.
#[derive(Debug, SubCommand)]
pub struct CloneFrom {
    /// The plan to copy, such as PLN-3
    #[command(autocomplete)]
    pub from: String,
    /// The new period, such as Q2 2026; all dates move with it
    pub period: String,
    /// What you call it; without one, its dates
    pub name: Option<String>,
    /// Its currency; must be that of the plan to copy
    pub currency: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan check`.
#[derive(Debug, SubCommand)]
pub struct Check {
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which page; from the second on, the hours week by week
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan calendar`.
#[derive(Debug, SubCommand)]
pub struct Calendar {
    /// Make a link for you, or end all links of your company; without it, a link
    pub action: Option<CalendarAction>,
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// What to do about calendar links.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum CalendarAction {
    #[option(name = "link", value = "link")]
    Link,
    #[option(name = "revoke", value = "revoke")]
    Revoke,
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
    /// Leads are accepted within so many hours
    pub routing_hours: Option<i64>,
    /// Hours a week that the vendor gives the plan
    pub vendor_hours: Option<i64>,
    /// Hours a week that the partner gives the plan
    pub partner_hours: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/plan edit`.
#[derive(Debug, SubCommand)]
pub struct Edit {
    /// What you call it
    pub name: Option<String>,
    /// Another period, which all campaigns have to overlap: Q1 2026, H1 2026, FY2026, or two days
    pub period: Option<String>,
    /// Another time zone, such as Europe/Berlin
    #[command(autocomplete)]
    pub time_zone: Option<String>,
    /// Another currency, as long as the plan has no amounts
    pub currency: Option<String>,
    /// Which touch makes the lead's campaign
    pub attribution: Option<Touch>,
    /// The last day to sign
    pub sign_by: Option<String>,
    /// weekly, fortnightly, monthly, mid-and-end, or five cron fields; "at 10:00" may follow
    #[command(autocomplete)]
    pub cadence: Option<String>,
    /// Revenue that the joint business plan expects, such as 1.2m
    pub jbp_revenue: Option<String>,
    /// Share of it that marketing must bring, such as 30%
    pub marketing_share: Option<String>,
    /// Share of opportunities that are won, such as 25%
    pub win_rate: Option<String>,
    /// Leads are accepted within so many hours
    pub routing_hours: Option<i64>,
    /// Hours a week that the vendor gives the plan
    pub vendor_hours: Option<i64>,
    /// Hours a week that the partner gives the plan
    pub partner_hours: Option<i64>,
    /// Who answers for the reviews on the vendor's side
    pub vendor_owner: Option<UserId>,
    /// Who answers for the reviews on the partner's side
    pub partner_owner: Option<UserId>,
    /// Why, if both sides have signed the plan
    pub reason: Option<String>,
    /// The plan, such as PLN-3; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
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

impl Touch {
    fn code(self) -> String {
        match self {
            Touch::First => "first_touch".to_owned(),
            Touch::Last => "last_touch".to_owned(),
        }
    }
}

impl PlanCommand {
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Ask {
        match self {
            PlanCommand::Create(create) => Ask::Do(Box::new(Wish::CreatePlan(NewPlan {
                partner: create.partner,
                period: create.period,
                name: create.name,
                currency: create.currency,
                zone: create.time_zone,
                cadence: create.cadence,
                attribution: create.attribution.map(Touch::code),
                sign_by: create.sign_by,
                jbp_revenue: create.jbp_revenue,
                marketing_share: create.marketing_share,
                win_rate: create.win_rate,
                routing_hours: create.routing_hours.map(|hours| hours.to_string()),
                vendor_hours: create.vendor_hours.map(|hours| hours.to_string()),
                partner_hours: create.partner_hours.map(|hours| hours.to_string()),
            }))),
            PlanCommand::Edit(edit) => Ask::Do(Box::new(Wish::Plan(PlanWish::Edit(edit.asked(resolved))))),
            PlanCommand::Clone(clone) => Ask::Do(Box::new(Wish::Plan(PlanWish::Clone(ClonePlan {
                partner: clone.partner,
                from: clone.from,
                period: clone.period,
                name: clone.name,
                currency: clone.currency,
            })))),
            PlanCommand::Calendar(calendar) => {
                Ask::Do(Box::new(Wish::Plan(PlanWish::Calendar(CalendarWish {
                    partner: calendar.partner,
                    plan: calendar.plan,
                    revoke: matches!(calendar.action, Some(CalendarAction::Revoke)),
                }))))
            }
            PlanCommand::Check(of) => {
                Ask::Look(Query::CheckPlan { partner: of.partner, plan: of.plan, page: of.page })
            }
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

impl Edit {
    fn asked(self, resolved: &CommandDataResolved) -> PlanEdit {
        PlanEdit {
            partner: self.partner,
            plan: self.plan,
            name: self.name,
            period: self.period,
            zone: self.time_zone,
            currency: self.currency,
            attribution: self.attribution.map(Touch::code),
            sign_by: self.sign_by,
            cadence: self.cadence,
            jbp_revenue: self.jbp_revenue,
            marketing_share: self.marketing_share,
            win_rate: self.win_rate,
            routing_hours: self.routing_hours.map(|hours| hours.to_string()),
            vendor_hours: self.vendor_hours.map(|hours| hours.to_string()),
            partner_hours: self.partner_hours.map(|hours| hours.to_string()),
            vendor_owner: picked(self.vendor_owner, resolved),
            partner_owner: picked(self.partner_owner, resolved),
            reason: self.reason,
        }
    }
}
