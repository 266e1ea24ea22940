//! `/task`

use super::picked;
use crate::domain::command::task::{NewTask, TaskEdit, TaskWish};
use crate::domain::command::{Ask, Command as Wish, Query};
use serenity::all::{CommandDataResolved, UserId};
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/task`.
#[derive(Debug, Command)]
pub enum TaskCommand {
    /// Add a task to a campaign
    #[command(autocomplete)]
    Add(Add),
    /// Change what a task says, whose it is, or when it is due
    #[command(autocomplete)]
    Edit(Edit),
    /// Say that a task is done
    #[command(autocomplete)]
    Done(Named),
    /// Open a task again that is not done after all
    #[command(autocomplete)]
    Reopen(Named),
    /// Take a task off the list
    #[command(autocomplete)]
    Remove(Named),
    /// List the tasks of a plan or a campaign
    #[command(autocomplete)]
    List(List),
}

/// One of the two sides.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum SideOption {
    #[option(name = "vendor", value = "vendor")]
    Vendor,
    #[option(name = "partner", value = "partner")]
    Partner,
}

impl SideOption {
    pub(super) fn code(&self) -> String {
        match self {
            SideOption::Vendor => "vendor".to_owned(),
            SideOption::Partner => "partner".to_owned(),
        }
    }
}

/// Options of `/task add`.
#[derive(Debug, SubCommand)]
pub struct Add {
    /// The campaign, such as CMP-7
    #[command(autocomplete)]
    pub campaign: String,
    /// What is to be done
    pub what: String,
    /// By when, such as 2026-02-10 or next friday
    pub due: String,
    /// Whose task it is; without one, your own side's
    pub side: Option<SideOption>,
    /// Who does it
    pub owner: Option<UserId>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/task edit`.
#[derive(Debug, SubCommand)]
pub struct Edit {
    /// The task, such as TSK-3
    #[command(autocomplete)]
    pub task: String,
    /// What is to be done
    pub what: Option<String>,
    /// By when; it then stays although the campaign moves
    pub due: Option<String>,
    /// Whose task it is
    pub side: Option<SideOption>,
    /// Who does it
    pub owner: Option<UserId>,
    /// It is nobody's own any more
    pub unassign: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/task done`, `/task reopen`, `/task remove`.
#[derive(Debug, SubCommand)]
pub struct Named {
    /// The task, such as TSK-3
    #[command(autocomplete)]
    pub task: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/task list`.
#[derive(Debug, SubCommand)]
pub struct List {
    /// Only those of a campaign
    #[command(autocomplete)]
    pub campaign: Option<String>,
    /// The plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// Which page
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl TaskCommand {
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Ask {
        let wish = match self {
            TaskCommand::Add(add) => TaskWish::Add(NewTask {
                partner: add.partner,
                campaign: add.campaign,
                what: add.what,
                due: add.due,
                side: add.side.map(|side| side.code()),
                owner: picked(add.owner, resolved),
            }),
            TaskCommand::Edit(edit) => TaskWish::Edit {
                partner: edit.partner,
                task: edit.task,
                edit: TaskEdit {
                    what: edit.what,
                    due: edit.due,
                    side: edit.side.map(|side| side.code()),
                    owner: picked(edit.owner, resolved),
                    unassign: edit.unassign.unwrap_or_default(),
                },
            },
            TaskCommand::Done(named) => TaskWish::Done { partner: named.partner, task: named.task },
            TaskCommand::Reopen(named) => TaskWish::Reopen { partner: named.partner, task: named.task },
            TaskCommand::Remove(named) => TaskWish::Remove { partner: named.partner, task: named.task },
            TaskCommand::List(list) => {
                return Ask::Look(Query::ListTasks {
                    partner: list.partner,
                    plan: list.plan,
                    campaign: list.campaign,
                    page: list.page,
                });
            }
        };
        Ask::Do(Box::new(Wish::Task(wish)))
    }
}
