//! `/report`

use super::plan::Named;
use crate::domain::command::{Ask, Query};
use serenity_commands::Command;

/// The subcommands of `/report`.
#[derive(Debug, Command)]
pub enum ReportCommand {
    /// Actual against plan, as of now, for you alone
    #[command(autocomplete)]
    Variance(Named),
}

impl ReportCommand {
    pub(super) fn ask(self) -> Ask {
        let ReportCommand::Variance(named) = self;
        Ask::Look(Query::ReportVariance { partner: named.partner, plan: named.plan })
    }
}
