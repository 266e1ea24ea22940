//! `/mdf`

use crate::domain::command::{Ask, Command as Wish, NewRequest};
use serenity_commands::{Command, SubCommand};

/// The subcommands of `/mdf`.
#[derive(Debug, Command)]
pub enum MdfCommand {
    /// Ask a fund to pay part of a campaign's cost
    #[command(autocomplete)]
    Request(Request),
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
    /// Leads expected
    pub leads: Option<i64>,
    /// Pipeline expected, such as 120k
    pub pipeline: Option<String>,
    /// A returned request to correct, such as MDF-3
    #[command(autocomplete)]
    pub resubmit: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl MdfCommand {
    pub(super) fn ask(self) -> Ask {
        let MdfCommand::Request(request) = self;
        Ask::Do(Box::new(Wish::RequestMdf(NewRequest {
            partner: request.partner,
            campaign: request.campaign,
            fund: request.fund,
            cost: request.cost,
            amount: request.amount,
            purpose: request.purpose,
            leads: request.leads,
            pipeline: request.pipeline,
            resubmit: request.resubmit,
        })))
    }
}
