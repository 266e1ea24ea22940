//! What else becomes of a request: taken back, amended, cancelled, closed, expired. What ends says what it held, so
//! that the ledger can give it back.

use super::super::actor::Side;
use super::super::money::Money;
use super::super::refusal::{Code, Refusal};
use super::{Amendment, MdfRequest, RequestState};
use chrono::{DateTime, NaiveDate, Utc};

/// A request that has ended, and what it held until then: that is to be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub request: MdfRequest,
    pub held: Option<Money>,
}

impl MdfRequest {
    /// Takes back what waits: the request, or its amendment alone.
    ///
    /// # Errors
    /// `wrong_state` if nothing waits.
    pub fn withdraw(mut self, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if self.amendment.take().is_some() {
            return Ok(self.decided(None, at));
        }
        if self.state.is_pending() || matches!(self.state, RequestState::Draft | RequestState::Returned) {
            self.state = RequestState::Withdrawn;
            return Ok(self.decided(None, at));
        }
        let hint = match self.state {
            RequestState::Approved => "Stop it with /mdf cancel, or close it with /mdf close.",
            _ => "",
        };
        Err(self.not_possible("there is nothing to withdraw", hint))
    }

    /// Whether somebody of `side` may take back what waits. It is the partner's, whoever filed it; the vendor takes back what
    /// it was the first to file on the partner's behalf, and nothing else: what the partner asks for it returns or declines,
    /// even if it has corrected that for the partner since.
    ///
    /// # Errors
    /// `missing_capability` for the vendor on what the partner filed.
    pub fn taken_back_by(&self, side: Side) -> Result<(), Refusal> {
        let (what, is_vendors) = match (&self.amendment, &self.first_filed) {
            (Some(amendment), _) => ("The amendment of ", amendment.on_behalf_of.is_some()),
            (None, Some(first)) => ("", first.side == Side::Vendor),
            (None, None) => ("", self.on_behalf_of.is_some()),
        };
        if side == Side::Partner || is_vendors {
            return Ok(());
        }
        let sentence =
            format!("{what}{} was filed by the partner: only its own side withdraws it.", self.name_short());
        let hint =
            if self.waiting().is_some() { "Return or decline it with the buttons on its card." } else { "" };
        Err(Refusal::new(Code::MissingCapability, sentence, hint))
    }

    /// Asks for other figures of an approved one; what was approved stays until that is decided.
    ///
    /// # Errors
    /// `wrong_state` unless it is approved; `bad_input` below what is claimed already, or if nothing changes.
    pub fn amend(mut self, amendment: Amendment) -> Result<Self, Refusal> {
        if self.state != RequestState::Approved {
            let hint = match self.state {
                state if state.is_pending() => {
                    "Withdraw it and file a new one, or ask for it to be returned."
                }
                RequestState::Returned => "Correct it with /mdf request and its option resubmit.",
                _ => "",
            };
            return Err(self.not_possible("only an approved request is amended", hint));
        }
        if amendment.amount.compare(self.claimed).is_ok_and(std::cmp::Ordering::is_lt) {
            return Err(Refusal::bad_input(
                format!("{} of {} is claimed already.", self.claimed, self.name_short()),
                format!("Ask for at least {}.", self.claimed),
            ));
        }
        if amendment.cost == self.cost && Some(amendment.amount) == self.approved {
            return Err(Refusal::bad_input(
                format!("Nothing would change: {} is approved for these figures.", self.name_short()),
                "Give another cost or amount.",
            ));
        }
        self.amendment = Some(amendment);
        self.considered = None;
        // Why something else was decided is no reason of what is decided on this.
        self.reason = None;
        self.rev += 1;
        Ok(self)
    }

    /// Ends an open one because it, its campaign or its plan is cancelled. What was claimed of it stays claimed, so one
    /// with claims is closed.
    ///
    /// # Errors
    /// `wrong_state` once it has ended.
    pub fn cancel(self, reason: &str, at: DateTime<Utc>) -> Result<Ended, Refusal> {
        if self.state.is_final() {
            return Err(self.not_possible("there is nothing to cancel", ""));
        }
        let to = if self.claimed.is_zero() { RequestState::Cancelled } else { RequestState::Closed };
        Ok(self.ended(to, Some(reason.to_owned()), at))
    }

    /// Whether it can be stopped after its approval.
    ///
    /// # Errors
    /// `wrong_state` unless it is approved and nothing of it is claimed.
    pub fn cancellable(&self) -> Result<(), Refusal> {
        if self.state != RequestState::Approved {
            let hint = if self.state.is_open() { "Take it back with /mdf withdraw." } else { "" };
            return Err(self.not_possible("only an approved request is cancelled", hint));
        }
        if !self.claimed.is_zero() {
            return Err(Refusal::wrong_state(
                format!("{} of {} is claimed already.", self.claimed, self.name_short()),
                "Close it with /mdf close: that gives the rest back.",
            ));
        }
        Ok(())
    }

    /// Closes it: no more claims come, what is left of it goes back.
    ///
    /// # Errors
    /// `wrong_state` unless it is approved.
    pub fn close(self, at: DateTime<Utc>) -> Result<Ended, Refusal> {
        if self.state != RequestState::Approved {
            return Err(self.not_possible("only an approved request is closed", ""));
        }
        Ok(self.ended(RequestState::Closed, None, at))
    }

    /// What the clock makes of an approved one whose claim date is over: closed if something was claimed of it, else
    /// expired. `None` while it is not over.
    pub fn run_out(self, today: NaiveDate, at: DateTime<Utc>) -> Option<Ended> {
        let over = self.state == RequestState::Approved && self.claim_due.is_some_and(|due| due < today);
        let to = if self.claimed.is_zero() { RequestState::Expired } else { RequestState::Closed };
        over.then(|| self.ended(to, None, at))
    }

    /// Its campaign ends later: the last day to claim becomes `claim_by`, but never an earlier one than it has. `None` unless
    /// it is approved: nothing else has such a day.
    pub fn follows(self, claim_by: NaiveDate) -> Option<Self> {
        let approved = self.state == RequestState::Approved;
        approved.then(|| Self { claim_due: self.claim_due.map(|due| due.max(claim_by)), ..self })
    }

    fn ended(mut self, to: RequestState, reason: Option<String>, at: DateTime<Utc>) -> Ended {
        let held = self.held().filter(|held| !held.is_zero());
        // What was decided before keeps its instant: until then it waited, and reports of that time say so.
        let decided_at = self.decided_at.or(Some(at));
        self.state = to;
        self.amendment = None;
        let request = Self { decided_at, ..self.decided(reason, at) };
        Ended { request, held }
    }

    pub(super) fn not_possible(&self, what: &str, hint: &str) -> Refusal {
        Refusal::wrong_state(format!("{} is {}: {what}.", self.name_short(), self.state.label()), hint)
    }
}
