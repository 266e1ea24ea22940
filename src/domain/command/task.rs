//! What can be asked about tasks.

use crate::domain::actor::Picked;

/// A new task, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTask {
    pub partner: Option<String>,
    pub campaign: String,
    pub what: String,
    pub due: String,
    /// `vendor` or `partner`; without one, the asker's own.
    pub side: Option<String>,
    pub owner: Option<Picked>,
}

/// What is to be different about a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskEdit {
    pub what: Option<String>,
    pub due: Option<String>,
    pub side: Option<String>,
    pub owner: Option<Picked>,
    /// It is nobody's own any more.
    pub unassign: bool,
}

/// Something to do with a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskWish {
    Add(NewTask),
    Edit { partner: Option<String>, task: String, edit: TaskEdit },
    Done { partner: Option<String>, task: String },
    Reopen { partner: Option<String>, task: String },
    Remove { partner: Option<String>, task: String },
}
