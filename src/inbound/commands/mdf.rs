//! `/mdf`

use super::campaign::Kind;
use crate::domain::command::{Ask, Command as Wish, NewRequest, Query, RequestWish};
use serenity_commands::{Command, SubCommand};

/// The subcommands of `/mdf`.
#[derive(Debug, Command)]
pub enum MdfCommand {
    /// Ask a fund to pay part of a campaign's cost
    #[command(autocomplete)]
    Request(Request),
    /// File a draft for decision
    #[command(autocomplete)]
    Submit(One),
    /// Take back what is not decided yet
    #[command(autocomplete)]
    Withdraw(One),
    /// Ask for other figures of an approved request
    #[command(autocomplete)]
    Amend(Amend),
    /// Stop an approved request; what it holds goes back to its fund
    #[command(autocomplete)]
    Cancel(Cancel),
    /// Say that no more claims come; what is left goes back to its fund
    #[command(autocomplete)]
    Close(Close),
    /// One request: figures, state, who decides next
    #[command(autocomplete)]
    Show(One),
    /// The partner's requests, the newest first
    #[command(autocomplete)]
    List(List),
    /// What a type of campaign gets, and what a claim of it has to bring
    #[command(autocomplete)]
    Rules(Rules),
}

/// Options of `/mdf rules`.
#[derive(Debug, SubCommand)]
pub struct Rules {
    /// The type of campaign
    pub r#type: Kind,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/mdf request`.
#[derive(Debug, SubCommand)]
pub struct Request {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// Planned third-party cost, net of recoverable tax, such as 25k
    pub cost: String,
    /// MDF asked for, such as 12.5k
    pub amount: String,
    /// What it is for
    pub purpose: String,
    /// The fund; without one, the only one there is
    #[command(autocomplete)]
    pub fund: Option<String>,
    /// The offers that the cost is taken from
    pub quotes: Option<String>,
    /// Leads expected
    pub leads: Option<i64>,
    /// Pipeline expected, such as 120k
    pub pipeline: Option<String>,
    /// A returned request to correct, such as MDF-3
    #[command(autocomplete)]
    pub resubmit: Option<String>,
    /// True keeps it as a draft that nobody decides on yet
    pub draft: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of what concerns one request.
#[derive(Debug, SubCommand)]
pub struct One {
    /// The request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/mdf amend`.
#[derive(Debug, SubCommand)]
pub struct Amend {
    /// The request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// Why
    pub reason: String,
    /// The new planned cost; without it, it stays
    pub cost: Option<String>,
    /// The new MDF asked for; without it, what was approved
    pub amount: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/mdf cancel`.
#[derive(Debug, SubCommand)]
pub struct Cancel {
    /// The request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// Why
    pub reason: String,
    /// The request's name, said again
    pub confirm: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/mdf close`.
#[derive(Debug, SubCommand)]
pub struct Close {
    /// The request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// The request's name, said again
    pub confirm: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of a list of one partner's things: `/mdf list`, `/claim list`.
#[derive(Debug, SubCommand)]
pub struct List {
    /// Which page
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl MdfCommand {
    pub(super) fn ask(self) -> Ask {
        let wish = |wish| Ask::Do(Box::new(Wish::Request(wish)));
        match self {
            MdfCommand::Request(request) => Ask::Do(Box::new(Wish::RequestMdf(request.asked()))),
            MdfCommand::Submit(One { partner, request }) => wish(RequestWish::Submit { partner, request }),
            MdfCommand::Withdraw(One { partner, request }) => {
                wish(RequestWish::Withdraw { partner, request })
            }
            MdfCommand::Amend(Amend { request, reason, cost, amount, partner }) => {
                wish(RequestWish::Amend { partner, request, cost, amount, reason })
            }
            MdfCommand::Cancel(Cancel { request, reason, confirm, partner }) => {
                wish(RequestWish::Cancel { partner, request, reason, confirm })
            }
            MdfCommand::Close(Close { request, confirm, partner }) => {
                wish(RequestWish::Close { partner, request, confirm })
            }
            MdfCommand::Show(One { partner, request }) => Ask::Look(Query::ShowRequest { partner, request }),
            MdfCommand::List(List { partner, page }) => Ask::Look(Query::ListRequests { partner, page }),
            MdfCommand::Rules(Rules { partner, r#type }) => {
                Ask::Look(Query::ShowRules { partner, kind: r#type.code().to_owned() })
            }
        }
    }
}

impl Request {
    fn asked(self) -> NewRequest {
        NewRequest {
            partner: self.partner,
            campaign: self.campaign,
            fund: self.fund,
            cost: self.cost,
            amount: self.amount,
            purpose: self.purpose,
            quotes: self.quotes,
            leads: self.leads,
            pipeline: self.pipeline,
            resubmit: self.resubmit,
            draft: self.draft.unwrap_or_default(),
        }
    }
}
