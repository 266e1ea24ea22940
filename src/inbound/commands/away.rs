//! `/away`

use super::picked;
use crate::domain::command::away::AwayWish;
use crate::domain::command::{Ask, Command as Wish};
use serenity::all::{CommandDataResolved, UserId};
use serenity_commands::Command;

/// Options of `/away`.
#[derive(Debug, Command)]
pub struct AwayCommand {
    /// The last day, such as friday or 2026-02-14
    pub until: Option<String>,
    /// Who stands in for you, with their own capabilities and limits
    pub delegate: Option<UserId>,
    /// You are back
    pub clear: Option<bool>,
}

impl AwayCommand {
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Ask {
        Ask::Do(Box::new(Wish::Away(AwayWish {
            until: self.until,
            delegate: picked(self.delegate, resolved),
            clear: self.clear.unwrap_or(false),
        })))
    }
}
