//! `/campaign`

mod change;

use super::adjust::{CancelCampaign, Postpone, Reasoned, Resume};

use crate::domain::command::{Ask, Command as Wish, NewCampaign, NewEntry, Query};
use serenity::all::CommandDataResolved;
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/campaign`.
#[derive(Debug, Command)]
pub enum CampaignCommand {
    /// Add a campaign to a plan
    #[command(autocomplete)]
    Add(Add),
    /// Change a campaign; without options, a form opens for its long texts
    #[command(autocomplete)]
    Edit(change::Edit),
    /// Add, change or remove a budget line of a campaign
    #[command(autocomplete)]
    Budget(change::Budget),
    /// Tick off an item of a campaign's checklist
    #[command(autocomplete)]
    Check(change::Check),
    /// Say that a campaign is ready to run
    #[command(autocomplete)]
    Ready(change::Ready),
    /// Say that a campaign is executed
    #[command(autocomplete)]
    Done(change::Done),
    /// Show all of a campaign: what is said, who owns it, dates, budget, tasks, checklist
    #[command(autocomplete)]
    Show(Show),
    /// List a plan's campaigns with their utm tags
    #[command(autocomplete)]
    List(List),
    /// Log spend or results, or reverse an entry
    #[command(autocomplete)]
    Log(Log),
    /// Put a campaign off, to new dates or without any
    #[command(autocomplete)]
    Postpone(Postpone),
    /// Cancel a campaign; once both sides have signed its plan, the other side countersigns
    #[command(autocomplete)]
    Cancel(CancelCampaign),
    /// Stop a campaign at once, until the other side countersigns
    #[command(autocomplete)]
    Stop(Reasoned),
    /// Let a campaign that your side stopped run again
    #[command(autocomplete)]
    Resume(Resume),
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $label:literal $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, BasicOption)]
        #[option(option_type = "string")]
        pub enum $name { $(#[option(name = $label, value = $code)] $variant),* }
        impl $name {
            pub fn code(&self) -> &'static str { match self { $($name::$variant => $code),* } }
        }
    };
}

choices! {
    /// The campaign types, as `domain::campaign_type` has them.
    Kind {
        Email "Email" "email",
        Webinar "Webinar" "webinar",
        InPersonEvent "In-person event" "in_person_event",
        TradeShow "Trade show" "trade_show",
        PaidSearch "Paid search" "paid_search",
        PaidSocial "Paid social" "paid_social",
        Display "Display" "display",
        ContentSyndication "Content syndication" "content_syndication",
        Telemarketing "Telemarketing" "telemarketing",
        DirectMail "Direct mail" "direct_mail",
        Social "Social" "social",
        LandingPage "Landing page" "landing_page",
        PartnerNewsletter "Partner newsletter" "partner_newsletter",
        Other "Other" "other",
    }
}

choices! {
    /// Who funds what was spent.
    Source {
        Mdf "MDF" "mdf",
        CoOp "Co-op" "co_op",
        Vendor "Vendor direct" "vendor",
        Partner "Partner co-investment" "partner",
    }
}

choices! {
    /// Where a campaign's leads are counted from.
    Results {
        Crm "by the CRM" "crm",
        Hand "by hand" "hand",
    }
}

/// Options of `/campaign add`.
#[derive(Debug, SubCommand)]
pub struct Add {
    /// What you call it
    pub name: String,
    /// Its type
    pub r#type: Kind,
    /// Its first day, such as 2026-02-10 or next monday
    pub start: String,
    /// How many leads it must bring
    pub leads: i64,
    /// The pipeline it must bring, such as 120k
    pub pipeline: String,
    /// Its last day; without one, the first
    pub end: Option<String>,
    /// What it may cost, such as 20k
    pub budget: Option<String>,
    /// What MDF pays of the budget: 50% or an amount; the partner pays the rest
    pub mdf: Option<String>,
    /// The revenue it must win
    pub won: Option<String>,
    /// Send days of an email, newsletter or mailing, with commas
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
    /// Its utm_campaign; without one, made from the names
    pub slug: Option<String>,
    /// Why, if both sides have signed the plan already
    pub reason: Option<String>,
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign show`.
#[derive(Debug, SubCommand)]
pub struct Show {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign list`.
#[derive(Debug, SubCommand)]
pub struct List {
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which page
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/campaign log`.
#[derive(Debug, SubCommand)]
pub struct Log {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// What was spent, such as 1,200.50
    pub spend: Option<String>,
    /// How many leads came (only for campaigns counted by hand)
    pub leads: Option<i64>,
    /// The entry to take back, such as LOG-3
    pub reverse: Option<String>,
    /// The day it counts on; without one, today
    pub date: Option<String>,
    /// Who funds it
    pub source: Option<Source>,
    /// Who paid
    pub payer: Option<String>,
    /// Invoice number
    pub invoice: Option<String>,
    /// A note
    pub note: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl CampaignCommand {
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Ask {
        match self {
            CampaignCommand::Add(add) => Ask::Do(Box::new(Wish::AddCampaign(NewCampaign {
                partner: add.partner,
                plan: add.plan,
                name: add.name,
                kind: add.r#type.code().to_owned(),
                start: add.start,
                end: add.end,
                leads: add.leads,
                pipeline: add.pipeline,
                won: add.won,
                budget: add.budget,
                mdf: add.mdf,
                sends: add.sends,
                segment: add.segment,
                message: add.message,
                offer: add.offer,
                channel: add.channel,
                results: add.results.map(|results| results.code().to_owned()),
                slug: add.slug,
                reason: add.reason,
            }))),
            CampaignCommand::Postpone(postpone) => postpone.ask(),
            CampaignCommand::Cancel(cancel) => cancel.ask(),
            CampaignCommand::Stop(named) => named.stop(),
            CampaignCommand::Resume(resume) => resume.ask(),
            CampaignCommand::Edit(edit) => edit.ask(resolved),
            CampaignCommand::Budget(budget) => budget.ask(),
            CampaignCommand::Check(check) => check.ask(),
            CampaignCommand::Ready(ready) => ready.ask(),
            CampaignCommand::Done(done) => done.ask(),
            CampaignCommand::Show(show) => {
                Ask::Look(Query::ShowCampaign { partner: show.partner, campaign: show.campaign })
            }
            CampaignCommand::List(list) => {
                Ask::Look(Query::ListCampaigns { partner: list.partner, plan: list.plan, page: list.page })
            }
            CampaignCommand::Log(log) => Ask::Do(Box::new(Wish::Log(NewEntry {
                partner: log.partner,
                campaign: log.campaign,
                spend: log.spend,
                leads: log.leads,
                reverse: log.reverse,
                date: log.date,
                source: log.source.map(|source| source.code().to_owned()),
                payer: log.payer,
                invoice: log.invoice,
                note: log.note,
            }))),
        }
    }
}
