//! `/checkpoint`

use crate::domain::command::checkpoint::CheckpointWish;
use crate::domain::command::{Ask, Command as Wish};
use serenity_commands::{Command, SubCommand};

/// The subcommands of `/checkpoint`.
#[derive(Debug, Command)]
pub enum CheckpointCommand {
    /// Say for your side that it has read a checkpoint's report
    #[command(autocomplete)]
    Acknowledge(Acknowledge),
}

/// Options of `/checkpoint acknowledge`.
#[derive(Debug, SubCommand)]
pub struct Acknowledge {
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which checkpoint; without one, the newest that waits for your side
    pub number: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl CheckpointCommand {
    pub(super) fn ask(self) -> Ask {
        let CheckpointCommand::Acknowledge(named) = self;
        Ask::Do(Box::new(Wish::Checkpoint(CheckpointWish::Acknowledge {
            partner: named.partner,
            plan: named.plan,
            number: named.number,
        })))
    }
}
