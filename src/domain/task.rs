//! Tasks: who does what for a campaign, by when. They need no signature; a cancellation closes them.

use super::actor::Side;
use super::plan::states;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

states! {
    /// Where a task stands. *Closed* is over without having been done: its campaign was cancelled, or it was removed.
    TaskState {
        Open "open" "open",
        Done "done" "done",
        Closed "closed" "closed",
    }
}

/// A task as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: String,
    pub partner_id: String,
    pub plan_id: String,
    pub campaign_id: String,
    pub number: i64,
    /// The item of its campaign type's template that it came from.
    pub kind: Option<String>,
    pub what: String,
    pub side: Side,
    /// The person's id.
    pub owner: Option<String>,
    pub due_on: NaiveDate,
    pub state: TaskState,
    pub settled: Option<Settled>,
}

/// When and by whom something was brought to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub at: DateTime<Utc>,
    pub by: String,
}

impl Task {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("TSK-{}", self.number)
    }

    /// Whether it is open after its day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state == TaskState::Open && self.due_on < today
    }

    /// What is signed of it.
    pub(super) fn content(&self) -> Value {
        json!({
            "task": self.name_short(),
            "what": self.what,
            "side": self.side.code(),
            "owner": self.owner,
            "due_on": self.due_on.to_string(),
        })
    }
}
