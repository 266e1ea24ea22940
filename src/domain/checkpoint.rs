//! A checkpoint that was posted, and who has acknowledged it: an authorised person of each side says that the side has read
//! its report. Figures are none of its business, and nothing that was acknowledged is ever taken back.

use super::actor::{Person, Side};
use super::refusal::{Code, Refusal};
use chrono::{DateTime, NaiveDate, Utc};

/// One side's word that it has read a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub side: Side,
    pub person: String,
    /// Who is away and for whom it was given.
    pub stands_for: Option<String>,
    pub at: DateTime<Utc>,
}

/// A posted checkpoint, without its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The checkpoint's id.
    pub id: String,
    /// Counts the plan's checkpoints from 1.
    pub number: i64,
    /// The local day on which it was due.
    pub due_on: NaiveDate,
    /// At most one of each side.
    pub given: Vec<Acknowledgement>,
}

impl Review {
    /// The sides that have not acknowledged it.
    pub fn waits_for(&self) -> Vec<Side> {
        let has = |side: &Side| self.given.iter().any(|one| one.side == *side);
        [Side::Vendor, Side::Partner].into_iter().filter(|side| !has(side)).collect()
    }

    /// Whether both sides have acknowledged it.
    pub fn is_acknowledged(&self) -> bool {
        self.waits_for().is_empty()
    }

    /// Acknowledges it for the side of `person`, who may sign.
    ///
    /// # Errors
    /// `already_signed` for a side that has, `both_sides` for a person who did it for the other.
    pub fn acknowledge(&self, person: &Person, at: DateTime<Utc>) -> Result<Acknowledgement, Refusal> {
        if self.given.iter().any(|one| one.side == person.side()) {
            return Err(Refusal::new(Code::AlreadySigned, "Your side has acknowledged this already.", ""));
        }
        if self.given.iter().any(|one| one.person == person.id) {
            return Err(Refusal::new(
                Code::BothSides,
                "Nobody acknowledges for both sides.",
                "Somebody else of your side has to.",
            ));
        }
        Ok(Acknowledgement { side: person.side(), person: person.id.clone(), stands_for: None, at })
    }
}
