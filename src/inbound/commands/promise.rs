//! `/promise`

use super::task::SideOption;
use crate::domain::command::promise::{NewPromise, PromiseSaid, PromiseWish};
use crate::domain::command::{Ask, Command as Wish, Query};
use serenity_commands::{Command, SubCommand};

/// The subcommands of `/promise`.
#[derive(Debug, Command)]
pub enum PromiseCommand {
    /// Promise something to the other side by a date
    #[command(autocomplete)]
    Make(Make),
    /// Say that the other side has kept a promise
    #[command(autocomplete)]
    Keep(Named),
    /// Say that a promise is broken
    #[command(autocomplete)]
    Break(Named),
    /// Take an own promise back before its day
    #[command(autocomplete)]
    Withdraw(Named),
    /// List a plan's promises
    #[command(autocomplete)]
    List(List),
}

/// Options of `/promise make`.
#[derive(Debug, SubCommand)]
pub struct Make {
    /// What is promised, such as 200 prospects with consent
    pub what: String,
    /// By when, such as 2026-02-10 or next friday
    pub due: String,
    /// The campaign that it is for
    #[command(autocomplete)]
    pub campaign: Option<String>,
    /// Who promises; without one, your own side. Another only while the plan is being drafted
    pub side: Option<SideOption>,
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/promise keep`, `/promise break`, `/promise withdraw`.
#[derive(Debug, SubCommand)]
pub struct Named {
    /// The promise, such as PRM-2
    #[command(autocomplete)]
    pub promise: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/promise list`.
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

impl PromiseCommand {
    pub(super) fn ask(self) -> Ask {
        let say =
            |named: Named, said| PromiseWish::Say { partner: named.partner, promise: named.promise, said };
        let wish = match self {
            PromiseCommand::Make(make) => PromiseWish::Make(NewPromise {
                partner: make.partner,
                plan: make.plan,
                campaign: make.campaign,
                what: make.what,
                due: make.due,
                side: make.side.map(|side| side.code()),
            }),
            PromiseCommand::Keep(named) => say(named, PromiseSaid::Kept),
            PromiseCommand::Break(named) => say(named, PromiseSaid::Broken),
            PromiseCommand::Withdraw(named) => say(named, PromiseSaid::Withdrawn),
            PromiseCommand::List(list) => {
                return Ask::Look(Query::ListPromises {
                    partner: list.partner,
                    plan: list.plan,
                    page: list.page,
                });
            }
        };
        Ask::Do(Box::new(Wish::Promise(wish)))
    }
}
