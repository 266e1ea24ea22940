//! `/away`

use crate::domain::command::away::{AwayWish, Picked};
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
        let delegate = self.delegate.map(|id| {
            let member = resolved.members.get(&id);
            let roles = member.map(|member| member.roles.iter().map(ToString::to_string).collect());
            Picked { id: id.to_string(), roles: roles.unwrap_or_default() }
        });
        Ask::Do(Box::new(Wish::Away(AwayWish {
            until: self.until,
            delegate,
            clear: self.clear.unwrap_or(false),
        })))
    }
}
