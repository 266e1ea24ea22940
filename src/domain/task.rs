//! Tasks: who does what for a campaign, by when. They need no signature; a cancellation closes them.

pub mod template;

use super::actor::Side;
use super::escape::short;
use super::plan::states;
use super::refusal::Refusal;
use super::unseen::is_blank;
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
    /// Somebody set the day: it stays when the campaign's dates change.
    pub due_by_hand: bool,
    pub state: TaskState,
    pub settled: Option<Settled>,
}

/// The longest text of a task or a promise, in characters.
pub const WHAT_LIMIT: usize = 300;
/// The most tasks of one campaign that are not closed.
pub const MAX_TASKS: usize = 60;

/// What a task or a promise is about.
///
/// # Errors
/// `bad_input` for nothing, or more than [`WHAT_LIMIT`] characters.
pub fn what(text: &str) -> Result<String, Refusal> {
    let what = text.trim();
    if is_blank(what) || what.chars().count() > WHAT_LIMIT {
        return Err(Refusal::bad_input(
            format!("Say in at most {WHAT_LIMIT} characters what is to be done."),
            "",
        ));
    }
    Ok(what.to_owned())
}

/// A day on which something is due.
///
/// # Errors
/// `bad_input` for what is no day, or one before `today`.
pub fn due(text: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    let due = super::day::parse_day(text, today).map_err(|error| Refusal::unreadable(&error, ""))?;
    if due < today {
        return Err(Refusal::bad_input(format!("{due} has passed."), "Give today or a later day."));
    }
    Ok(due)
}

/// The side that somebody wrote.
///
/// # Errors
/// `bad_input` for anything but `vendor` and `partner`.
pub fn side(text: &str) -> Result<Side, Refusal> {
    Side::parse(text.trim()).ok_or_else(|| {
        Refusal::bad_input(format!("\"{}\" is no side.", short(text, 30)), "Give vendor or partner.")
    })
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

    /// Done, by somebody.
    ///
    /// # Errors
    /// `wrong_state` unless it is open.
    pub fn done(mut self, at: DateTime<Utc>, by: &str) -> Result<Self, Refusal> {
        self.must_be(TaskState::Open)?;
        self.state = TaskState::Done;
        self.settled = Some(Settled { at, by: by.to_owned() });
        Ok(self)
    }

    /// Open again after it was said to be done. A removed task stays removed: it is no longer part of what is signed.
    ///
    /// # Errors
    /// `wrong_state` unless it is done.
    pub fn reopened(mut self) -> Result<Self, Refusal> {
        self.must_be(TaskState::Done)?;
        self.state = TaskState::Open;
        self.settled = None;
        Ok(self)
    }

    /// Taken off the list.
    ///
    /// # Errors
    /// `wrong_state` if it is off the list already.
    pub fn removed(mut self, at: DateTime<Utc>, by: &str) -> Result<Self, Refusal> {
        if self.state == TaskState::Closed {
            self.must_be(TaskState::Open)?;
        }
        self.state = TaskState::Closed;
        self.settled = Some(Settled { at, by: by.to_owned() });
        Ok(self)
    }

    /// # Errors
    /// `wrong_state` if it stands elsewhere.
    pub fn must_be(&self, state: TaskState) -> Result<(), Refusal> {
        if self.state == state {
            return Ok(());
        }
        let hint = match self.state {
            TaskState::Open => "",
            TaskState::Done => "Open it again with /task reopen.",
            TaskState::Closed => "Add it anew with /task add.",
        };
        Err(Refusal::wrong_state(format!("{} is {}.", self.name_short(), self.state.label()), hint))
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
