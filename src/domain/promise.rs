//! Promises: what one side undertook, kept or broken. Not a commitment, which is money approved and not yet paid.
//!
//! Who may say what: a side promises for itself. While the plan is a draft or proposed either side may write down what
//! the other promises, because the other still has to sign it. *Kept* is said by the side that it was given to;
//! *broken* by either, because whoever can't keep a promise should be able to say so first; a broken one may still be
//! kept, late. *Withdrawn* is said by the side that gave it, and only until its day: afterwards it is kept or broken.

use super::actor::Side;
use super::plan::states;
use super::refusal::{Code, Refusal};
use super::task::Settled;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

states! {
    /// Where a promise stands.
    PromiseState {
        Open "open" "open",
        Kept "kept" "kept",
        Broken "broken" "broken",
        Withdrawn "withdrawn" "withdrawn",
    }
}

impl PromiseState {
    /// Nothing can be said about it any more. A broken one may still be kept, late.
    pub fn is_final(self) -> bool {
        matches!(self, PromiseState::Kept | PromiseState::Withdrawn)
    }
}

/// The most open promises of one plan.
pub const MAX_PROMISES: usize = 100;

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

    /// Kept, as `side` says.
    ///
    /// # Errors
    /// `own_request` from the side that gave it; `wrong_state` if it was kept or withdrawn.
    pub fn kept(mut self, side: Side, at: DateTime<Utc>, by: &str) -> Result<Self, Refusal> {
        if side == self.side {
            return Err(Refusal::new(
                Code::OwnRequest,
                format!("{} was given by your own side.", self.name_short()),
                "The side that it was given to says whether it was kept.",
            ));
        }
        self.must_be(&[PromiseState::Open, PromiseState::Broken])?;
        self.settle(PromiseState::Kept, at, by);
        Ok(self)
    }

    /// Broken, as either side says.
    ///
    /// # Errors
    /// `wrong_state` unless it is open.
    pub fn broken(mut self, at: DateTime<Utc>, by: &str) -> Result<Self, Refusal> {
        self.must_be(&[PromiseState::Open])?;
        self.settle(PromiseState::Broken, at, by);
        Ok(self)
    }

    /// Taken back by `side`, on `today`.
    ///
    /// # Errors
    /// `wrong_state` unless it is open and its day has not passed, or from the other side once the plan is `signed`.
    pub fn withdrawn(
        mut self,
        side: Side,
        signed: bool,
        today: NaiveDate,
        at: DateTime<Utc>,
        by: &str,
    ) -> Result<Self, Refusal> {
        self.must_be(&[PromiseState::Open])?;
        if signed && side != self.side {
            return Err(Refusal::wrong_state(
                format!("{} is the {}'s to withdraw.", self.name_short(), self.side.code()),
                "Say whether it was kept or broken.",
            ));
        }
        if signed && self.is_overdue(today) {
            return Err(Refusal::wrong_state(
                format!("{} was due on {}.", self.name_short(), self.due_on),
                "It can't be withdrawn any more: it is kept or broken.",
            ));
        }
        self.settle(PromiseState::Withdrawn, at, by);
        Ok(self)
    }

    fn settle(&mut self, state: PromiseState, at: DateTime<Utc>, by: &str) {
        self.state = state;
        self.settled = Some(Settled { at, by: by.to_owned() });
    }

    fn must_be(&self, states: &[PromiseState]) -> Result<(), Refusal> {
        if states.contains(&self.state) {
            return Ok(());
        }
        Err(Refusal::wrong_state(format!("{} is {}.", self.name_short(), self.state.label()), ""))
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
