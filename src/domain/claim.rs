//! The claim: what a partner wants back of an approved request, after the activity. It pays the accepted part of its
//! lines at the request's share, never more than what is left of the request.
//!
//! Nothing here knows the ledger: each transition says what moves, and the ledger refuses what the accounts don't hold.

mod decide;
mod due;
mod evidence;
mod extension;
mod line;
mod spend;

pub use decide::{ClaimApproval, ClaimReversal};
pub use due::{ClaimNotice, after_plan, after_stop, last_warning, notices, put_off, resubmit_notices};
pub use evidence::{Evidence, Lists, MAX_FILES, SlotState, is_table, slots, twice};
pub use extension::{Extension, ExtensionDecider, ExtensionState};
pub use line::{LINE_REASON_MAX, Line, LineVerdict, VERDICTS_MAX, lines_as_typed, payable, verdicts};
pub use spend::{Logged, logged_already};

use super::actor::Side;
use super::campaign::Campaign;
use super::money::Money;
use super::plan::states;
use super::refusal::Refusal;
use super::request::{MdfRequest, RequestState};
use chrono::{DateTime, NaiveDate, Utc};

states! {
    /// Where a claim stands. *Returned* may be corrected; *declined* is final.
    ClaimState {
        Draft "draft" "draft",
        Submitted "submitted" "submitted",
        InReview "in_review" "in review",
        Approved "approved" "approved",
        Paid "paid" "paid",
        Returned "returned" "returned",
        Declined "declined" "declined",
        Withdrawn "withdrawn" "withdrawn",
        Expired "expired" "expired",
        Reversed "reversed" "reversed",
    }
}

impl ClaimState {
    /// Whether it waits for a decision.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview)
    }

    /// Whether its side still puts it together.
    pub fn is_edited(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }

    /// Whether something may still come of it: it is put together, waits for a decision, or is owed money. It holds its
    /// campaign and its plan open.
    pub fn is_open(self) -> bool {
        self.is_pending() || self.is_edited() || self == Self::Approved
    }

    /// Whether nothing can come of it any more, but money that comes back.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Withdrawn | Self::Expired | Self::Reversed)
    }
}

/// The most lines of one claim: a form with a line for each of them fits what people can type.
pub const MAX_LINES: usize = 25;

/// Days that a partner has to file a returned claim again, from the day on which it was returned. Source: Huawei Cloud's
/// MDF programme takes a corrected claim within 45 days.
pub const RESUBMIT_DAYS: u64 = 45;

/// A claim as stored, without its lines and evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: String,
    pub partner_id: String,
    pub request_id: String,
    pub fund_id: String,
    pub number: i64,
    pub state: ClaimState,
    /// Changes whenever something that a decider relies on changes; carried in the buttons.
    pub rev: i64,
    /// What was approved of it.
    pub approved: Option<Money>,
    /// The sum of its payments, never more than what was approved.
    pub paid: Money,
    /// What of that came back after it was reversed.
    pub clawed: Money,
    pub reason: Option<String>,
    pub filed_by: String,
    pub created_at: DateTime<Utc>,
    /// Who said that all of it is accurate.
    pub certified_by: Option<String>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    /// While it is returned: the last of its [`RESUBMIT_DAYS`]. See [`Claim::file_by`].
    pub resubmit_by: Option<NaiveDate>,
}

impl Claim {
    /// The last day to file it, if its request can be claimed until `due`. To return a claim is not to decline it: it can
    /// be filed again for a while even if the request's last day is over by then.
    pub fn file_by(&self, due: NaiveDate) -> NaiveDate {
        self.resubmit_by.map_or(due, |by| by.max(due))
    }

    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("CLM-{}", self.number)
    }

    /// Whether a side sees it. What was never filed is the partner's own, whatever became of it.
    pub fn is_seen_by(&self, side: Side) -> bool {
        side == Side::Partner || self.was_filed()
    }

    /// Whether it was filed at least once.
    pub fn was_filed(&self) -> bool {
        self.submitted_at.is_some()
    }

    /// What it is still owed.
    pub fn owed(&self) -> Option<Money> {
        let approved = self.approved.filter(|_| self.state == ClaimState::Approved)?;
        approved.checked_sub(self.paid).ok()
    }

    /// What was paid of a reversed one and did not come back yet.
    pub fn to_come_back(&self) -> Option<Money> {
        let left = self.paid.checked_sub(self.clawed).ok()?;
        (self.state == ClaimState::Reversed && !left.is_zero()).then_some(left)
    }

    /// Changes what its side puts together.
    ///
    /// # Errors
    /// `wrong_state` once it is submitted.
    pub fn edited(mut self) -> Result<Self, Refusal> {
        if !self.state.is_edited() {
            let hint = if self.state.is_pending() {
                "Withdraw it, or ask for it to be returned."
            } else {
                "Start another one with /claim new."
            };
            return Err(self.not_possible("it can't be changed any more", hint));
        }
        self.rev += 1;
        Ok(self)
    }

    /// Files it; `by` certifies that all of it is accurate. Why it was returned is said of what it was before: whoever decides
    /// now decides on something else.
    ///
    /// # Errors
    /// `wrong_state` unless its side still puts it together; `bad_input` without a line.
    pub fn submit(self, lines: &[Line], by: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if lines.is_empty() {
            return Err(Refusal::bad_input(
                format!("{} has no line yet.", self.name_short()),
                "Add the invoices with /claim line.",
            ));
        }
        let edited = self.edited()?;
        Ok(Self {
            state: ClaimState::Submitted,
            certified_by: Some(by.to_owned()),
            submitted_at: Some(at),
            reason: None,
            resubmit_by: None,
            ..edited
        })
    }

    /// Takes it back before it is decided.
    ///
    /// # Errors
    /// `wrong_state` once it is decided.
    pub fn withdraw(mut self, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if !self.state.is_pending() && !self.state.is_edited() {
            return Err(self.not_possible("there is nothing to withdraw", ""));
        }
        self.state = ClaimState::Withdrawn;
        Ok(self.settled(None, at))
    }

    /// What the clock makes of one that was not filed in time; `None` of any other. `due` is its request's last day.
    pub fn run_out(mut self, due: NaiveDate, today: NaiveDate, at: DateTime<Utc>) -> Option<Self> {
        if !self.state.is_edited() || today <= self.file_by(due) {
            return None;
        }
        self.state = ClaimState::Expired;
        Some(self.settled(None, at))
    }

    /// What becomes of it when its request ends: what waits or was returned is declined, what was never filed is withdrawn,
    /// because nothing is left to pay it from. `None` of any other.
    pub fn end_with(mut self, request: &MdfRequest, at: DateTime<Utc>) -> Option<Self> {
        let was_filed = self.state.is_pending() || self.state == ClaimState::Returned;
        if !was_filed && self.state != ClaimState::Draft {
            return None;
        }
        self.state = if was_filed { ClaimState::Declined } else { ClaimState::Withdrawn };
        let ended = format!("{} is {}", request.name_short(), request.state.label());
        let reason = match &request.reason {
            Some(reason) => format!("{ended}: {reason}"),
            None => format!("{ended}."),
        };
        Some(self.settled(Some(reason), at))
    }

    fn settled(mut self, reason: Option<String>, at: DateTime<Utc>) -> Self {
        self.reason = reason;
        self.rev += 1;
        self.decided_at = Some(at);
        self
    }

    fn not_possible(&self, what: &str, hint: &str) -> Refusal {
        Refusal::wrong_state(format!("{} is {}: {what}.", self.name_short(), self.state.label()), hint)
    }
}

/// A payment of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub id: String,
    pub amount: Money,
    /// The plan's local day on which it was paid.
    pub paid_on: NaiveDate,
    pub reference: String,
    pub person: String,
    /// Who is away and for whom it was recorded.
    pub stands_for: Option<String>,
    pub at: DateTime<Utc>,
}

/// Whether a request takes claims on a day: a new one, or `again` one that was returned.
///
/// # Errors
/// `wrong_state` unless it is approved, its campaign has begun and is not stopped, and the last day to file is not over. While
/// no day of the campaign is counted, that day stays open.
pub fn takes_claims(
    request: &MdfRequest,
    campaign: &Campaign,
    again: Option<&Claim>,
    today: NaiveDate,
) -> Result<(), Refusal> {
    let name = request.name_short();
    if request.state != RequestState::Approved {
        let sentence = format!("{name} is {}: only an approved request is claimed.", request.state.label());
        return Err(Refusal::wrong_state(sentence, ""));
    }
    if let Some(stopped) = campaign.stopped.as_ref().filter(|_| !campaign.state.is_over()) {
        return Err(Refusal::wrong_state(
            format!(
                "{} is stopped by the {} and takes no claims.",
                campaign.name_short(),
                stopped.side.code()
            ),
            "They may be filed once it runs again; until then nothing of it runs out.",
        ));
    }
    if today < campaign.period.start() {
        return Err(Refusal::wrong_state(
            format!("{} starts on {}.", campaign.name_short(), campaign.period.start()),
            "Claim what was spent once it has begun.",
        ));
    }
    let file_by = request.claim_due.map(|due| again.map_or(due, |claim| claim.file_by(due)));
    match file_by.filter(|_| !campaign.counts_no_day()) {
        Some(day) if day < today => Err(Refusal::wrong_state(
            format!("{name} could be claimed until {day}."),
            "What is not claimed in time goes back to the fund.",
        )),
        _ => Ok(()),
    }
}
