//! Decisions on a claim, its payments, and the way back: a reversal, and money that comes back after it.

use super::{Claim, ClaimState, RESUBMIT_DAYS};
use crate::domain::actor::{Capability, Person};
use crate::domain::money::Money;
use crate::domain::plan::needed_reason;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{ApprovalRule, within_limit_of};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::cmp::Ordering;

/// One step of an approval.
pub struct ClaimApproval<'a> {
    pub person: &'a Person,
    /// What the card showed.
    pub seen_rev: i64,
    /// What the accepted lines come to.
    pub amount: Money,
    pub rule: ApprovalRule,
    pub at: DateTime<Utc>,
}

/// A reversed claim, and what of it was not paid: that goes back to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimReversal {
    pub claim: Claim,
    pub unpaid: Option<Money>,
}

impl Claim {
    /// Whether this very state of it waits for a decision.
    ///
    /// # Errors
    /// `wrong_state`, `stale`.
    pub fn decidable(&self, seen_rev: i64) -> Result<(), Refusal> {
        if !self.state.is_pending() {
            return Err(self.not_possible("there is nothing to decide", ""));
        }
        if self.rev != seen_rev { Err(Refusal::stale()) } else { Ok(()) }
    }

    /// Whether `person` had no hand in it: nobody decides or pays what they filed, filled or certified.
    ///
    /// # Errors
    /// `own_request`.
    pub fn not_made_by(&self, person: &Person, makers: &[String]) -> Result<(), Refusal> {
        let own = self.filed_by == person.id
            || self.certified_by.as_deref() == Some(&person.id)
            || makers.contains(&person.id);
        if !own {
            return Ok(());
        }
        let sentence = "You had a hand in this claim.";
        Err(Refusal::new(Code::OwnRequest, sentence, "Somebody else has to decide it."))
    }

    /// Takes a step of its approval that is not the last.
    ///
    /// # Errors
    /// `wrong_state`, `stale`, `over_limit`, or `bad_input` if nothing is accepted.
    pub fn step(mut self, approval: &ClaimApproval<'_>) -> Result<Self, Refusal> {
        self.approvable(approval)?;
        self.state = ClaimState::InReview;
        Ok(self)
    }

    /// Takes the last step: the amount is payable.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn approve(mut self, approval: &ClaimApproval<'_>) -> Result<Self, Refusal> {
        self.approvable(approval)?;
        self.state = ClaimState::Approved;
        self.approved = Some(approval.amount);
        Ok(self.settled(None, approval.at))
    }

    /// Whether the amount can be approved by who wants to.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn approvable(&self, approval: &ClaimApproval<'_>) -> Result<(), Refusal> {
        self.decidable(approval.seen_rev)?;
        if approval.amount.is_zero() || approval.amount.is_negative() {
            return Err(Refusal::bad_input(
                format!("Nothing of {} is accepted, or nothing is left of its request.", self.name_short()),
                "Return or decline it.",
            ));
        }
        within_limit_of(approval.person, Capability::ApproveClaims, approval.amount, approval.rule)
    }

    /// Other lines are accepted than before: who has taken a step took it on another amount.
    ///
    /// # Errors
    /// `wrong_state`, `stale`.
    pub fn judged(mut self, seen_rev: i64) -> Result<Self, Refusal> {
        self.decidable(seen_rev)?;
        self.rev += 1;
        Ok(self)
    }

    /// It pays something else than before, because something else is left of its request: what was seen and approved of it
    /// counts no more. `None` of one that waits for no decision.
    pub fn repriced(mut self) -> Option<Self> {
        if !self.state.is_pending() {
            return None;
        }
        self.rev += 1;
        if self.state == ClaimState::InReview {
            self.state = ClaimState::Submitted;
        }
        Some(self)
    }

    /// Sends it back on a local day to be corrected within [`RESUBMIT_DAYS`].
    ///
    /// # Errors
    /// `wrong_state`, `stale`, or `bad_input` without a reason.
    pub fn send_back(
        self,
        seen_rev: i64,
        reason: &str,
        (today, at): (NaiveDate, DateTime<Utc>),
    ) -> Result<Self, Refusal> {
        let returned = self.refused(seen_rev, reason, ClaimState::Returned, at)?;
        Ok(Self { resubmit_by: today.checked_add_days(Days::new(RESUBMIT_DAYS)), ..returned })
    }

    /// Declines it for good.
    ///
    /// # Errors
    /// `wrong_state`, `stale`, or `bad_input` without a reason.
    pub fn decline(self, seen_rev: i64, reason: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.refused(seen_rev, reason, ClaimState::Declined, at)
    }

    fn refused(
        mut self,
        seen_rev: i64,
        reason: &str,
        to: ClaimState,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.decidable(seen_rev)?;
        let reason = needed_reason(reason)?;
        self.state = to;
        Ok(self.settled(Some(reason), at))
    }

    /// Records a payment; it is paid once all of it is.
    ///
    /// # Errors
    /// `wrong_state` unless it is approved; `bad_input` for nothing, or more than is owed.
    pub fn pay(mut self, amount: Money) -> Result<Self, Refusal> {
        let Some(owed) = self.owed() else {
            return Err(self.not_possible("only an approved claim is paid", ""));
        };
        self.paid = self.paid.checked_add(within(amount, owed, "is owed")?).map_err(too_large)?;
        if Some(self.paid) == self.approved {
            self.state = ClaimState::Paid;
        }
        self.rev += 1;
        Ok(self)
    }

    /// Takes an approval back. What is not paid goes back to the request; what is paid has to come back.
    ///
    /// # Errors
    /// `wrong_state` unless it is approved or paid; `bad_input` without a reason.
    pub fn reverse(mut self, reason: &str, at: DateTime<Utc>) -> Result<ClaimReversal, Refusal> {
        let (ClaimState::Approved | ClaimState::Paid, Some(approved)) = (self.state, self.approved) else {
            return Err(self.not_possible("only an approved or paid claim is reversed", ""));
        };
        let reason = needed_reason(reason)?;
        let unpaid = approved.checked_sub(self.paid).ok().filter(|unpaid| !unpaid.is_zero());
        self.state = ClaimState::Reversed;
        Ok(ClaimReversal { claim: self.settled(Some(reason), at), unpaid })
    }

    /// Records money that came back after a reversal.
    ///
    /// # Errors
    /// `wrong_state` unless something has to come back; `bad_input` for nothing, or more than that.
    pub fn claw_back(mut self, amount: Money) -> Result<Self, Refusal> {
        let Some(left) = self.to_come_back() else {
            let hint = if matches!(self.state, ClaimState::Approved | ClaimState::Paid) {
                "Reverse it first with /claim reverse."
            } else {
                ""
            };
            return Err(self.not_possible("nothing has to come back", hint));
        };
        self.clawed =
            self.clawed.checked_add(within(amount, left, "has to come back")?).map_err(too_large)?;
        self.rev += 1;
        Ok(self)
    }
}

fn too_large(error: impl std::fmt::Display) -> Refusal {
    Refusal::unreadable(&error, "Check the figure.")
}

fn within(amount: Money, most: Money, what: &str) -> Result<Money, Refusal> {
    match (amount.compare(Money::zero(amount.currency())), amount.compare(most)) {
        (Ok(Ordering::Greater), Ok(Ordering::Less | Ordering::Equal)) => Ok(amount),
        (Ok(Ordering::Greater), Ok(_)) => {
            Err(Refusal::bad_input(format!("{amount} is more than {what}."), format!("Give at most {most}.")))
        }
        _ => Err(Refusal::bad_input(
            "The amount must be above zero, in the claim's currency.",
            format!("Give an amount such as {most}."),
        )),
    }
}
