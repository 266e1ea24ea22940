//! Promises: what one side undertook, kept or broken. Not a commitment, which is money approved and not yet paid.

use super::actor::Side;
use super::plan::states;
use super::task::Settled;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

states! {
    /// Where a promise stands. The other side, or whoever gave it, says whether it was kept.
    PromiseState {
        Open "open" "open",
        Kept "kept" "kept",
        Broken "broken" "broken",
        Withdrawn "withdrawn" "withdrawn",
    }
}

/// A promise as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub id: String,
    pub partner_id: String,
    pub plan_id: String,
    /// The campaign that it is for; `None` for the plan as a whole.
    pub campaign_id: Option<String>,
    pub number: i64,
    /// Who undertook it.
    pub side: Side,
    pub what: String,
    pub due_on: NaiveDate,
    pub state: PromiseState,
    pub settled: Option<Settled>,
    pub made_at: DateTime<Utc>,
    pub made_by: String,
}

impl Promise {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("PRM-{}", self.number)
    }

    /// Whether it is open after its day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state == PromiseState::Open && self.due_on < today
    }

    /// What is signed of it.
    pub(super) fn content(&self) -> Value {
        json!({
            "promise": self.name_short(),
            "what": self.what,
            "side": self.side.code(),
            "due_on": self.due_on.to_string(),
        })
    }
}
