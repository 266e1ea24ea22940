//! `/setup` and `/partner`: what administrators type.

mod rules;

use super::campaign::Kind;
use crate::domain::command::setup::{NewPartner, PartnerEdit, PartnerWish, SetupWish};
use crate::domain::command::{Ask, Command as Wish, Query};
use chrono::Month;
use serenity::all::{ChannelId, RoleId};
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/setup`.
#[derive(Debug, Command)]
pub enum SetupCommand {
    /// Give a role a capability, or take one away
    #[command(autocomplete)]
    Role(Role),
    /// Settings of the whole program: when its fiscal years start, whether it has one partner only
    Program(Program),
    /// What a type of activity gets and has to bring: share, cap, notice, evidence
    Activity(rules::Activity),
    /// What the partners of a tier get, where the type says nothing
    Tier(rules::Tier),
    /// Add a holiday of a company, or take it away
    #[command(autocomplete)]
    Holiday(rules::Holiday),
    /// Who approves requests and claims: how many, which roles, from which amount
    Approval(rules::Approval),
    /// On which weekdays a company works, and when nothing is posted
    #[command(autocomplete)]
    Hours(rules::Hours),
    /// Hours that campaigns of a type take each side, unless something else is set for one
    Effort(Effort),
    /// Who may what, which partners take part, and the rules
    Show(Show),
}

/// Options of `/setup role`.
#[derive(Debug, SubCommand)]
pub struct Role {
    /// The role
    pub role: RoleId,
    /// Give or take away
    pub action: Change,
    /// The capability, or a bundle of them
    pub what: What,
    /// The company that the role acts for: vendor or a partner; needed for a role that has nothing yet
    #[command(autocomplete)]
    pub company: Option<String>,
    /// Up to what amount they approve, such as 20k, or unlimited
    pub limit: Option<String>,
}

/// Options of `/setup program`.
#[derive(Debug, SubCommand)]
pub struct Program {
    /// The month in which fiscal years start; they are named after the year in which they end
    pub fiscal_year_start: Option<StartMonth>,
    /// One partner only: its webinars and events become the server's, which every member sees
    pub single_partner: Option<bool>,
}

macro_rules! months {
    ($($month:ident $name:literal),* $(,)?) => {
        /// A month.
        #[derive(Debug, BasicOption)]
        #[option(option_type = "string")]
        pub enum StartMonth { $(#[option(name = $name, value = $name)] $month),* }
        impl StartMonth {
            fn month(&self) -> Month { match self { $(StartMonth::$month => Month::$month),* } }
        }
    };
}
months! {
    January "January",
    February "February",
    March "March",
    April "April",
    May "May",
    June "June",
    July "July",
    August "August",
    September "September",
    October "October",
    November "November",
    December "December",
}

/// Options of `/setup effort`.
#[derive(Debug, SubCommand)]
pub struct Effort {
    /// The type of campaign
    pub r#type: Kind,
    /// Hours in all that one takes the vendor
    pub vendor: Option<i64>,
    /// Hours in all that one takes the partner
    pub partner: Option<i64>,
    /// Go back to what Tandem says
    pub usual: Option<bool>,
}

/// Options of `/setup show`.
#[derive(Debug, SubCommand)]
pub struct Show {
    /// Which page
    pub page: Option<i64>,
}

/// Give or take away.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Change {
    #[option(name = "give", value = "give")]
    Give,
    #[option(name = "remove", value = "remove")]
    Remove,
}

macro_rules! what {
    ($($variant:ident $label:literal $code:literal),* $(,)?) => {
        /// Bundles first, then single capabilities.
        #[derive(Debug, BasicOption)]
        #[option(option_type = "string")]
        pub enum What { $(#[option(name = $label, value = $code)] $variant),* }
        impl What {
            fn code(&self) -> &'static str { match self { $(What::$variant => $code),* } }
        }
    };
}
what! {
    ChannelManager "bundle: channel manager" "channel_manager",
    Approver "bundle: approver" "approver",
    Finance "bundle: finance" "finance",
    FundManager "bundle: fund manager" "fund_manager",
    Administrator "bundle: administrator" "administrator",
    Viewer "bundle: viewer" "viewer",
    PartnerMarketing "bundle: partner marketing" "partner_marketing",
    PartnerSales "bundle: partner sales" "partner_sales",
    PartnerSignatory "bundle: partner signatory" "partner_signatory",
    ManagePlans "manage plans" "manage_plans",
    Sign "sign plans" "sign",
    ApproveMdf "approve MDF requests" "approve_mdf",
    ApproveClaims "approve claims" "approve_claims",
    PayClaims "pay claims" "pay_claims",
    ManageFunds "manage funds" "manage_funds",
    ManageCrm "manage CRM sources" "manage_crm",
    ViewPortfolio "see the portfolio" "view_portfolio",
    Administer "administer the program" "administer",
    EditPlan "edit plans" "edit_plan",
    FileRequests "file requests and claims" "file_requests",
    LogResults "log spend and results" "log_results",
    DecideLeads "decide on leads" "decide_leads",
}

impl SetupCommand {
    pub(super) fn ask(self) -> Ask {
        let rule = |wish| Ask::Do(Box::new(Wish::Setup(wish)));
        match self {
            SetupCommand::Program(program) => {
                let month = program.fiscal_year_start.map(|start| start.month());
                rule(SetupWish::Program { fiscal_year_start: month, single_partner: program.single_partner })
            }
            SetupCommand::Show(show) => Ask::Look(Query::ShowSetup { page: show.page }),
            SetupCommand::Activity(activity) => rule(activity.wish()),
            SetupCommand::Tier(tier) => rule(tier.wish()),
            SetupCommand::Holiday(holiday) => rule(holiday.wish()),
            SetupCommand::Approval(approval) => rule(approval.wish()),
            SetupCommand::Hours(hours) => rule(hours.wish()),
            SetupCommand::Effort(effort) => Ask::Do(Box::new(Wish::Setup(SetupWish::Effort {
                kind: effort.r#type.code().to_owned(),
                vendor: effort.vendor,
                partner: effort.partner,
                usual: effort.usual.unwrap_or_default(),
            }))),
            SetupCommand::Role(role) => {
                let (id, what) = (role.role.to_string(), role.what.code().to_owned());
                let wish = match role.action {
                    Change::Give => {
                        SetupWish::Give { role: id, what, company: role.company, limit: role.limit }
                    }
                    Change::Remove => SetupWish::Remove { role: id, what, seen: None },
                };
                Ask::Do(Box::new(Wish::Setup(wish)))
            }
        }
    }
}

/// The subcommands of `/partner`.
#[derive(Debug, Command)]
pub enum PartnerCommand {
    /// Let a partner take part, or bring an archived one back
    Add(Add),
    /// Change a partner's name, channel, currency or tier
    #[command(autocomplete)]
    Edit(Edit),
    /// Archive a partner: nothing new, its data stays
    #[command(autocomplete)]
    Archive(Archive),
}

/// Options of `/partner add`.
#[derive(Debug, SubCommand)]
pub struct Add {
    /// A short key that never changes, such as acme
    pub key: String,
    /// Its name
    pub name: String,
    /// The channel that it shares with you
    pub channel: ChannelId,
    /// The role of its marketing people
    pub marketing: Option<RoleId>,
    /// The role of those who sign for it
    pub signatory: Option<RoleId>,
    /// The role of its sales people
    pub sales: Option<RoleId>,
    /// The currency of its plans, such as EUR; without one, the program's
    pub currency: Option<String>,
    /// Its tier, such as gold
    pub tier: Option<String>,
    /// True for an archived partner that takes part again: its earlier plans and money come back
    pub again: Option<bool>,
}

/// Options of `/partner edit`.
#[derive(Debug, SubCommand)]
pub struct Edit {
    /// The partner
    #[command(autocomplete)]
    pub partner: String,
    /// Its name
    pub name: Option<String>,
    /// The channel that it shares with you; its cards move there when they change
    pub channel: Option<ChannelId>,
    /// The currency of its new plans
    pub currency: Option<String>,
    /// Its tier, or none
    pub tier: Option<String>,
}

/// Options of `/partner archive`.
#[derive(Debug, SubCommand)]
pub struct Archive {
    /// The partner
    #[command(autocomplete)]
    pub partner: String,
}

impl PartnerCommand {
    pub(super) fn ask(self) -> Ask {
        let role = |role: Option<RoleId>| role.map(|role| role.to_string());
        Ask::Do(Box::new(Wish::Partner(match self {
            PartnerCommand::Add(new) => PartnerWish::Add(NewPartner {
                key: new.key,
                again: new.again.unwrap_or(false),
                name: new.name,
                channel: new.channel.to_string(),
                currency: new.currency,
                tier: new.tier,
                marketing: role(new.marketing),
                signatory: role(new.signatory),
                sales: role(new.sales),
            }),
            PartnerCommand::Edit(edit) => PartnerWish::Edit(PartnerEdit {
                partner: edit.partner,
                name: edit.name,
                channel: edit.channel.map(|channel| channel.to_string()),
                currency: edit.currency,
                tier: edit.tier,
            }),
            PartnerCommand::Archive(archive) => PartnerWish::Archive { partner: archive.partner, seen: None },
        })))
    }
}
