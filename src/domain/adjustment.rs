//! Adjustments: how a plan that both sides have signed is changed. One side files changes with a reason, an authorised
//! person of each side signs the same rev of it, and the plan gets its next revision. Money moves only through its
//! requests: an adjustment can close those of a campaign that is cancelled, and touches no other.
//!
//! What has already happened can't be changed; which rules that means is in [`rules`].

pub mod content;
pub mod impact;
pub mod rules;

use super::actor::{Person, Side};
use super::campaign::Campaign;
use super::period::Period;
use super::plan::own::OwnTerms;
use super::plan::{Plan, Signature, needed_reason, states};
use super::refusal::{Code, Refusal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

states! {
    /// Where an adjustment stands. *Superseded*: the plan got another revision, or ended, before it was decided.
    AdjustmentState {
        Proposed "proposed" "waiting for signatures",
        Agreed "agreed" "agreed",
        Declined "declined" "declined",
        Withdrawn "withdrawn" "withdrawn",
        Superseded "superseded" "superseded",
    }
}

/// One change of a plan. Campaigns are named by their ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Makes a campaign's terms what they are in `to`. Where it stands (state, checklist, a stop) is not part of it.
    Edit { to: Box<Campaign> },
    /// Adds a campaign, with the number that it was given when it was asked for.
    Add { campaign: Box<Campaign> },
    /// Puts a campaign off: to new dates, with its sends moved along, or without any.
    Postpone { campaign: String, to: Option<Period> },
    /// Ends a campaign before its time.
    Cancel { campaign: String },
    /// Makes the plan's own terms what they are in `to`.
    Terms { to: Box<OwnTerms> },
    /// Ends the plan with every campaign that is not executed.
    CancelPlan,
}

impl Change {
    /// The campaign that it changes.
    pub fn campaign(&self) -> Option<&str> {
        match self {
            Change::Edit { to } => Some(&to.id),
            Change::Add { campaign } => Some(&campaign.id),
            Change::Postpone { campaign, .. } | Change::Cancel { campaign } => Some(campaign),
            Change::Terms { .. } | Change::CancelPlan => None,
        }
    }
}

/// A change with who asked for it, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub change: Change,
    pub reason: String,
    /// The person's id.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// An adjustment as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjustment {
    pub id: String,
    pub partner_id: String,
    pub plan_id: String,
    pub number: i64,
    /// The signed revision that it changes.
    pub base_revision: i64,
    /// The side that filed it.
    pub side: Side,
    /// In the order in which they were asked for; at least one.
    pub asked: Vec<Asked>,
    pub state: AdjustmentState,
    /// Changes whenever something that a signer relies on changes; carried in the buttons, and what signatures bind.
    pub rev: i64,
    pub filed_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub decided_reason: Option<String>,
    /// The plan revision that it became.
    pub revision: Option<i64>,
}

/// The state that somebody decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The adjustment's rev as its card showed it.
    pub rev: i64,
    /// The plan's revision as it is.
    pub plan_revision: i64,
}

/// What signing leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Signed {
    /// One side has signed; the other's signature is missing.
    Half { adjustment: Adjustment, signature: Signature, waits_for: Side },
    /// Both have: the plan's next revision is agreed.
    Agreed { adjustment: Adjustment, signature: Signature },
}

/// The most changes that one adjustment holds; a card shows each.
pub const MAX_CHANGES: usize = 10;

impl Adjustment {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("ADJ-{}", self.number)
    }

    /// The rev that both signed, once it is agreed: agreement is itself a change of rev.
    pub fn signed_rev(&self) -> i64 {
        self.rev - 1
    }

    /// The changes without who asked for them.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.asked.iter().map(|asked| &asked.change)
    }

    /// Adds a change of the same side to one that still waits. What was read is stale then, and signatures are void: they
    /// bind the rev.
    ///
    /// # Errors
    /// As [`Self::takes_change_of`].
    pub fn with(mut self, side: Side, asked: Asked) -> Result<Self, Refusal> {
        self.takes_change_of(side)?;
        self.asked.push(asked);
        self.rev += 1;
        Ok(self)
    }

    /// Whether a side may add a change to it while it waits.
    ///
    /// # Errors
    /// `wrong_state` once it is decided, if the other side filed it, or it is full.
    pub fn takes_change_of(&self, side: Side) -> Result<(), Refusal> {
        if self.state != AdjustmentState::Proposed {
            return Err(Refusal::wrong_state(
                format!("{} is {} and takes no more changes.", self.name_short(), self.state.label()),
                "File another adjustment.",
            ));
        }
        if self.side != side {
            return Err(Refusal::wrong_state(
                format!("{} of the other side waits for your countersignature.", self.name_short()),
                "Countersign or decline it first: one adjustment at a time.",
            ));
        }
        if self.asked.len() >= MAX_CHANGES {
            return Err(Refusal::wrong_state(
                format!("{} has {MAX_CHANGES} changes already.", self.name_short()),
                "Let the other side decide it, then file the next one.",
            ));
        }
        Ok(())
    }

    /// Signs it for the side of `person`; `given` are the signatures on this rev, `content_sha256` is the hash of its
    /// [`content`]. With the second side's signature the plan gets the revision `base_revision + 1`.
    ///
    /// # Errors
    /// As [`Self::signable`].
    pub fn sign(
        self,
        person: &Person,
        seen: Seen,
        content_sha256: String,
        given: &[Signature],
        at: DateTime<Utc>,
    ) -> Result<Signed, Refusal> {
        self.signable(person, seen, given)?;
        let side = person.side();
        let signature =
            Signature { side, person: person.id.clone(), content_sha256, signed_at: at, stands_for: None };
        let Some(other) = given.first() else {
            return Ok(Signed::Half { adjustment: self, signature, waits_for: side.other() });
        };
        if other.content_sha256 != signature.content_sha256 {
            return Err(Refusal::stale());
        }
        let revision = Some(seen.plan_revision + 1);
        let agreed = self.decided(AdjustmentState::Agreed, person, None, at);
        Ok(Signed::Agreed { adjustment: Self { revision, ..agreed }, signature })
    }

    /// Refuses it for the other side; the plan stays as it is.
    ///
    /// # Errors
    /// As [`Self::decidable`], and `bad_input` without a reason.
    pub fn decline(
        self,
        person: &Person,
        seen: Seen,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.decidable(person, seen)?;
        let reason = needed_reason(reason)?;
        Ok(self.decided(AdjustmentState::Declined, person, Some(reason), at))
    }

    /// Takes it back for the side that filed it.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, the latter also for the other side.
    pub fn withdraw(self, person: &Person, seen_rev: i64, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.withdrawable(person, seen_rev)?;
        Ok(self.decided(AdjustmentState::Withdrawn, person, None, at))
    }

    /// Ends one whose plan has changed or ended by another way; `None` of one that was decided.
    pub fn superseded(mut self, at: DateTime<Utc>) -> Option<Self> {
        if self.state != AdjustmentState::Proposed {
            return None;
        }
        self.state = AdjustmentState::Superseded;
        self.rev += 1;
        self.decided_at = Some(at);
        Some(self)
    }

    /// Whether `person` may decide this very state of it for the other side.
    ///
    /// # Errors
    /// `wrong_state` once it is decided, `stale`, `own_request` for the side that filed it, `both_sides` for a person who
    /// asked for one of its changes when acting for that side.
    pub fn decidable(&self, person: &Person, seen: Seen) -> Result<(), Refusal> {
        self.is_current(seen)?;
        if person.side() == self.side {
            return Err(Refusal::new(
                Code::OwnRequest,
                format!("Your side filed {}.", self.name_short()),
                "The other side countersigns or declines it; your side signs it with Sign, or withdraws it.",
            ));
        }
        self.not_of_other_side(person)
    }

    /// Whether `person` may sign this very state of it for the side that filed it.
    ///
    /// # Errors
    /// `wrong_state` once it is decided, also for the other side, which countersigns; `stale`.
    pub fn signable_by_filer(&self, person: &Person, seen: Seen) -> Result<(), Refusal> {
        self.is_current(seen)?;
        if person.side() != self.side {
            return Err(Refusal::wrong_state(
                format!("The {} filed {}: Sign is for that side.", self.side.code(), self.name_short()),
                "Press Countersign to sign it for your side.",
            ));
        }
        Ok(())
    }

    /// Whether `person` may sign this very state of it for the own side, whichever that is.
    ///
    /// # Errors
    /// `wrong_state` once it is decided, `stale`, `already_signed`, `both_sides` for a person who signed for the other
    /// side, or asked for one of its changes when acting for it.
    pub fn signable(&self, person: &Person, seen: Seen, given: &[Signature]) -> Result<(), Refusal> {
        self.is_current(seen)?;
        if given.iter().any(|signature| signature.side == person.side()) {
            return Err(Refusal::new(
                Code::AlreadySigned,
                "Your side has signed this already.",
                "It waits for the other side.",
            ));
        }
        if given.iter().any(|signature| signature.person == person.id) {
            return Err(both_sides());
        }
        self.not_of_other_side(person)
    }

    fn not_of_other_side(&self, person: &Person) -> Result<(), Refusal> {
        if person.side() != self.side && self.asked.iter().any(|asked| asked.by == person.id) {
            return Err(both_sides());
        }
        Ok(())
    }

    /// Whether `person` may take this very state of it back.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, the latter also for the other side.
    pub fn withdrawable(&self, person: &Person, seen_rev: i64) -> Result<(), Refusal> {
        self.waits(seen_rev)?;
        if person.side() != self.side {
            return Err(Refusal::wrong_state(
                format!("Only the side that filed {} can withdraw it.", self.name_short()),
                "Press Decline… to refuse it.",
            ));
        }
        Ok(())
    }

    fn is_current(&self, seen: Seen) -> Result<(), Refusal> {
        self.waits(seen.rev)?;
        if self.base_revision != seen.plan_revision {
            return Err(Refusal::stale());
        }
        Ok(())
    }

    /// Whether it still waits, as it was when `seen_rev` was its rev.
    ///
    /// # Errors
    /// `wrong_state` once it is decided, `stale`.
    pub fn waits(&self, seen_rev: i64) -> Result<(), Refusal> {
        if self.state != AdjustmentState::Proposed {
            return Err(Refusal::wrong_state(
                format!("{} is {}, so there is nothing to decide.", self.name_short(), self.state.label()),
                "",
            ));
        }
        if self.rev != seen_rev {
            return Err(Refusal::stale());
        }
        Ok(())
    }

    fn decided(
        mut self,
        state: AdjustmentState,
        person: &Person,
        reason: Option<String>,
        at: DateTime<Utc>,
    ) -> Self {
        self.state = state;
        self.rev += 1;
        self.decided_at = Some(at);
        self.decided_by = Some(person.id.clone());
        self.decided_reason = reason;
        self
    }
}

fn both_sides() -> Refusal {
    Refusal::new(Code::BothSides, "Nobody signs for both sides.", "Somebody else of your side has to sign.")
}

/// What a plan's campaigns are after an adjustment.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// All campaigns of the plan, in their order; added ones last.
    pub campaigns: Vec<Campaign>,
    /// The plan's own terms, if they are changed.
    pub terms: Option<OwnTerms>,
    /// Whether the plan itself ends.
    pub ends_plan: bool,
}

impl Outcome {
    /// Whether nothing is different.
    pub fn is_nothing(&self, plan: &Plan, before: &[Campaign]) -> bool {
        let same = self.terms.as_ref().is_none_or(|terms| *terms == OwnTerms::of(plan));
        !self.ends_plan && same && self.changed(before).next().is_none()
    }

    /// The plan as it would be from `at` on; its revision and state are not touched.
    pub fn plan(&self, plan: &Plan, at: DateTime<Utc>) -> Plan {
        self.terms.as_ref().map_or_else(|| plan.clone(), |terms| terms.in_force(plan, at))
    }

    /// The campaigns that differ from `before`, each with what it was; `None` for an added one.
    pub fn changed<'a>(
        &'a self,
        before: &'a [Campaign],
    ) -> impl Iterator<Item = (Option<&'a Campaign>, &'a Campaign)> {
        self.campaigns
            .iter()
            .map(|after| (before.iter().find(|one| one.id == after.id), after))
            .filter(|(before, after)| *before != Some(*after))
    }
}
