//! Decisions on what waits of a request: approve step by step, return, decline. Each consumes the state that it is
//! taken on, and is bound to the rev that the decider saw.

use super::super::actor::{Capability, Limit, Person};
use super::super::fund::Fund;
use super::super::money::Money;
use super::super::plan::{Plan, needed_reason};
use super::super::refusal::{Code, Refusal};
use super::{Amendment, MdfRequest, RequestState};
use chrono::{DateTime, NaiveDate, Utc};
use std::cmp::Ordering;

/// How far an approver's word reaches: in what currency limits are stated, and from what amount it is retyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalRule {
    pub confirm_from: Money,
}

impl ApprovalRule {
    /// Whether the approver retypes the amount. An amount in a currency that the limit is not stated in is always
    /// retyped, because nothing says how large it is.
    pub fn must_confirm(&self, amount: Money) -> bool {
        self.confirm_from.compare(amount).map_or(true, Ordering::is_le)
    }
}

/// Less than waits, as an approver says it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Less {
    pub amount: Money,
    pub reason: String,
}

/// One step of an approval.
pub struct Approval<'a> {
    pub person: &'a Person,
    /// What the card showed.
    pub seen_rev: i64,
    /// If the approver says so: that is for the first step to say.
    pub less: Option<Less>,
    /// Whether nobody has taken a step on this rev yet.
    pub is_first: bool,
    pub plan: &'a Plan,
    pub rule: ApprovalRule,
    pub at: DateTime<Utc>,
}

impl MdfRequest {
    /// The amount that a step would approve: what waits, or the less that the approver names.
    ///
    /// # Errors
    /// `stale`, `wrong_state` (of the request or the plan, or for less in a later step), `over_limit`, `bad_input`.
    pub fn approvable(&self, approval: &Approval<'_>) -> Result<Money, Refusal> {
        self.decidable(approval.seen_rev)?;
        self.takes_approval(approval.plan)?;
        let waiting = self.waiting().unwrap_or(self.amount);
        let amount = self.within(approval.less.as_ref().map_or(waiting, |less| less.amount), waiting)?;
        if amount != waiting {
            self.takes_less(approval.is_first)?;
        }
        within_limit(approval.person, amount, approval.rule)?;
        Ok(amount)
    }

    /// Whether less than waits may be approved: the first of several approvers says so, the others decide on that.
    ///
    /// # Errors
    /// `wrong_state` once a step was taken.
    pub fn takes_less(&self, is_first: bool) -> Result<(), Refusal> {
        if is_first {
            return Ok(());
        }
        let waiting = self.waiting().unwrap_or(self.amount);
        Err(Refusal::wrong_state(
            format!("Others have approved {waiting}: less is for the first step to say."),
            "Return it with your reason, or decline it.",
        ))
    }

    /// Why an approval of `amount` is for less than was asked, whoever of its approvers has said so.
    fn why_less(&self, approval: &Approval<'_>, amount: Money) -> Option<String> {
        match &approval.less {
            Some(less) if self.waiting() != Some(amount) => Some(less.reason.clone()),
            _ => self.reason.clone().filter(|_| self.considered.is_some()),
        }
    }

    /// Takes a step that is not the last. If it approves less, that makes a new rev: the others decide on another amount.
    ///
    /// # Errors
    /// As [`Self::approvable`].
    pub fn step(mut self, approval: &Approval<'_>) -> Result<Self, Refusal> {
        let amount = self.approvable(approval)?;
        if self.waiting() != Some(amount) {
            self.reason = self.why_less(approval, amount);
            self.considered = Some(amount);
            self.rev += 1;
        }
        if self.state == RequestState::Submitted {
            self.state = RequestState::InReview;
        }
        Ok(self)
    }

    /// Takes the last step: it is approved, or its amendment is. `claim_due` is the last day to claim.
    ///
    /// # Errors
    /// As [`Self::approvable`].
    pub fn approve(mut self, approval: &Approval<'_>, claim_due: NaiveDate) -> Result<Self, Refusal> {
        let amount = self.approvable(approval)?;
        let reason = self.why_less(approval, amount);
        if let Some(Amendment { cost, amount: asked, filed_by, on_behalf_of, .. }) = self.amendment.take() {
            (self.cost, self.amount) = (cost, asked);
            (self.filed_by, self.on_behalf_of) = (filed_by, on_behalf_of);
        }
        self.state = RequestState::Approved;
        self.approved = Some(amount);
        self.claim_due = Some(self.claim_due.unwrap_or(claim_due));
        Ok(self.decided(reason, approval.at))
    }

    /// Approved as filed by a rule of the program, because the signed plan carries it.
    ///
    /// # Errors
    /// `wrong_state` unless it waits for a decision.
    pub fn approved_by_rule(mut self, claim_due: NaiveDate, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if !self.state.is_pending() {
            return Err(self.not_possible("there is nothing to approve", ""));
        }
        self.state = RequestState::Approved;
        self.approved = Some(self.amount);
        self.claim_due = Some(claim_due);
        Ok(self.decided(None, at))
    }

    /// Whether approving `amount` commits more than is committed already: an amendment to as much or less doesn't.
    pub fn takes_more(&self, amount: Money) -> bool {
        self.approved.is_none_or(|approved| amount.compare(approved).map_or(true, Ordering::is_gt))
    }

    /// Whether the plan is at a point where requests are approved.
    ///
    /// # Errors
    /// `wrong_state` before both sides have signed it, and after it has ended.
    pub fn takes_approval(&self, plan: &Plan) -> Result<(), Refusal> {
        if plan.state.is_in_force() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!(
                "{} is {}: requests are approved only once both sides have signed it.",
                plan.name_short(),
                plan.state.label()
            ),
            "",
        ))
    }

    /// Whether its fund still gives: what is committed outlives the fund, but nothing new is committed after its end.
    ///
    /// # Errors
    /// `wrong_state` once the fund has ended.
    pub fn takes_from(&self, fund: &Fund, today: NaiveDate) -> Result<(), Refusal> {
        if today <= fund.valid_until {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("The fund ended on {}: nothing more can be committed from it.", fund.valid_until),
            "Decline the request; the partner may file a new one with another fund.",
        ))
    }

    /// Sends it back to be corrected. Of an amendment nothing is left: what was approved stays.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, or `bad_input` without a reason.
    pub fn send_back(self, seen_rev: i64, reason: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.refused(seen_rev, reason, RequestState::Returned, at)
    }

    /// Declines it for good. Of an amendment nothing is left: what was approved stays.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, or `bad_input` without a reason.
    pub fn decline(self, seen_rev: i64, reason: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        self.refused(seen_rev, reason, RequestState::Declined, at)
    }

    fn refused(
        mut self,
        seen_rev: i64,
        reason: &str,
        to: RequestState,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.decidable(seen_rev)?;
        let reason = needed_reason(reason)?;
        if self.amendment.take().is_none() {
            self.state = to;
        }
        Ok(self.decided(Some(reason), at))
    }

    /// What every decision leaves: another rev, its reason, and nothing under consideration.
    pub(super) fn decided(mut self, reason: Option<String>, at: DateTime<Utc>) -> Self {
        self.reason = reason;
        self.considered = None;
        self.rev += 1;
        self.decided_at = Some(at);
        self
    }

    /// Whether this very state of it waits for a decision.
    ///
    /// # Errors
    /// `wrong_state`, `stale`.
    pub fn decidable(&self, seen_rev: i64) -> Result<(), Refusal> {
        if self.waiting().is_none() {
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

    /// Whether `person` is none of `filers`, who filed it, now or before it was returned: nobody decides what they
    /// filed, however often somebody else has corrected it since.
    ///
    /// # Errors
    /// `own_request`.
    pub fn not_filed_by(&self, person: &Person, filers: &[String]) -> Result<(), Refusal> {
        let amended = self.amendment.iter().any(|amendment| amendment.filed_by == person.id);
        if filers.contains(&person.id) || self.filed_by == person.id || amended {
            return Err(Refusal::new(
                Code::OwnRequest,
                "You filed this request.",
                "Somebody else has to decide it.",
            ));
        }
        Ok(())
    }

    fn within(&self, amount: Money, most: Money) -> Result<Money, Refusal> {
        use std::cmp::Ordering::{Greater, Less};
        let zero = Money::zero(self.amount.currency());
        if amount.compare(self.claimed).is_ok_and(Ordering::is_lt) {
            return Err(Refusal::bad_input(
                format!("{} of it is claimed already.", self.claimed),
                format!("Approve at least {}.", self.claimed),
            ));
        }
        match (amount.compare(zero), amount.compare(most)) {
            (Ok(Greater), Ok(order)) if order != Greater => Ok(amount),
            (Ok(Less), _) | (Ok(_), Ok(Less)) => {
                Err(Refusal::bad_input("The amount must be above zero.", "To refuse it, press Decline…."))
            }
            (Ok(_), Ok(_)) => Err(Refusal::bad_input(
                format!("{amount} is more than was asked for."),
                format!("Approve at most {most}."),
            )),
            _ => Err(Refusal::bad_input(
                format!("This request is in {}.", self.amount.currency().code()),
                format!("Give an amount such as {most}."),
            )),
        }
    }
}

/// Whether `person` may approve `amount` of a request, by the limit of their roles.
///
/// # Errors
/// `over_limit`, or `missing_capability` without any.
pub fn within_limit(person: &Person, amount: Money, rule: ApprovalRule) -> Result<(), Refusal> {
    within_limit_of(person, Capability::ApproveMdf, amount, rule)
}

/// Whether `person` may approve `amount` by the limit that their roles give a capability.
///
/// # Errors
/// `over_limit`, or `missing_capability` without any.
pub fn within_limit_of(
    person: &Person,
    capability: Capability,
    amount: Money,
    rule: ApprovalRule,
) -> Result<(), Refusal> {
    match person.limit(capability) {
        None => Err(Refusal::missing(capability)),
        Some(Limit::Unlimited) => Ok(()),
        Some(Limit::UpTo(limit)) => {
            let limit = Money::from_minor(limit, rule.confirm_from.currency())
                .map_err(|_| Refusal::missing(capability))?;
            let over = |minor: i64, sentence: String, hint: &str| Refusal {
                needs: Some(capability),
                needs_up_to: Some(minor),
                ..Refusal::new(Code::OverLimit, sentence, hint)
            };
            match amount.compare(limit) {
                Ok(order) if order.is_le() => Ok(()),
                Ok(_) => Err(over(
                    amount.minor(),
                    format!("{amount} is above your limit of {limit}."),
                    "Somebody with a higher limit has to decide it.",
                )),
                // Nothing says how large an amount in another currency is: only who has no limit can decide it.
                Err(_) => Err(over(
                    i64::MAX,
                    format!("{amount} can't be held to your limit of {limit}."),
                    "Somebody without a limit has to decide it.",
                )),
            }
        }
    }
}
