//! A later last day to claim: a small request of its own, asked by the partner and decided by the vendor. It moves no
//! money: what the request holds is held longer.

use crate::domain::plan::{needed_reason, states};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{MdfRequest, RequestState};
use chrono::{DateTime, Days, NaiveDate, Utc};

states! {
    /// Where an extension stands. *Void*: its request ended, or was given as much time, before anybody decided.
    ExtensionState {
        Waiting "waiting" "waiting",
        Approved "approved" "approved",
        Declined "declined" "declined",
        Void "void" "no longer needed",
    }
}

/// The most days by which one extension moves the last day.
pub const MAX_EXTENSION_DAYS: u64 = 365;

/// An extension as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub id: String,
    pub partner_id: String,
    pub request_id: String,
    /// Changes when it is decided; carried in the buttons.
    pub rev: i64,
    pub state: ExtensionState,
    /// The last day to claim when it was asked for.
    pub due: NaiveDate,
    /// The last day that is asked for.
    pub until: NaiveDate,
    pub reason: String,
    pub asked_by: String,
    pub asked_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    /// Who is away and for whom it was decided.
    pub stands_for: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was declined.
    pub decline_reason: Option<String>,
}

/// Who decides an extension, and when.
#[derive(Clone, Copy, Debug)]
pub struct ExtensionDecider<'a> {
    pub person: &'a str,
    pub stands_for: Option<&'a str>,
    pub at: DateTime<Utc>,
}

impl Extension {
    /// The last day to claim that a request has, if another one may be asked for on a day. It may be as long as a claim of
    /// the request can be filed: until `file_by`, for one that was returned, even if the request's day is over; and in place
    /// of a day that was asked for and is over undecided (`lapsed`), because nothing has run out while that waited.
    ///
    /// # Errors
    /// `wrong_state` unless the request is approved and can still be claimed, and for a day that is over while its campaign
    /// counts none (`held`), because it comes later by that time; `bad_input` for a day that is no later, or much later.
    pub fn asked(
        request: &MdfRequest,
        (file_by, held, lapsed): (Option<NaiveDate>, bool, bool),
        until: NaiveDate,
        today: NaiveDate,
    ) -> Result<NaiveDate, Refusal> {
        let name = request.name_short();
        let due = request.claim_due.filter(|_| request.state == RequestState::Approved).ok_or_else(|| {
            let sentence = format!("{name} is {}: it has no last day to claim.", request.state.label());
            Refusal::wrong_state(sentence, "Only an approved request is extended.")
        })?;
        let last = file_by.map_or(due, |day| day.max(due));
        if last < today && held {
            let sentence = format!("Nothing of {name} runs out while its campaign doesn't go on.");
            return Err(Refusal::wrong_state(sentence, "Ask for more time once it does."));
        }
        if last < today && !lapsed {
            let sentence = format!("{name} could be claimed until {last}.");
            return Err(Refusal::wrong_state(sentence, "More time is asked for before that day is over."));
        }
        if until <= last {
            let sentence = format!("{name} can be claimed until {last} as it is.");
            return Err(Refusal::bad_input(sentence, "Give a later day in the option until."));
        }
        if until < today {
            let sentence = format!("{until} is over.");
            return Err(Refusal::bad_input(sentence, "Give a day that is not over in the option until."));
        }
        let last = last.max(today);
        if last.checked_add_days(Days::new(MAX_EXTENSION_DAYS)).is_none_or(|most| until > most) {
            let sentence = format!("{until} is more than {MAX_EXTENSION_DAYS} days after {last}.");
            return Err(Refusal::bad_input(sentence, "Give an earlier day."));
        }
        Ok(due)
    }

    /// Whether it waits for `person`'s decision, on what they saw.
    ///
    /// # Errors
    /// `wrong_state` once it is decided or its request ended; `stale` on what has changed; `own_request` for who asked.
    pub fn decidable(&self, request: &MdfRequest, seen_rev: i64, person: &str) -> Result<(), Refusal> {
        let name = request.name_short();
        if self.state != ExtensionState::Waiting {
            let sentence = format!("The extension of {name} is {} already.", self.state.label());
            return Err(Refusal::wrong_state(sentence, "There is nothing to decide."));
        }
        if request.state != RequestState::Approved {
            let sentence = format!("{name} is {}: its last day means nothing.", request.state.label());
            return Err(Refusal::wrong_state(sentence, ""));
        }
        if self.rev != seen_rev || request.claim_due != Some(self.due) {
            return Err(Refusal::stale());
        }
        if self.asked_by == person {
            return Err(Refusal::new(
                Code::OwnRequest,
                format!("You asked for more time to claim {name}."),
                "Somebody else has to decide it.",
            ));
        }
        Ok(())
    }

    /// Whether the day that it asks for is over, so that approving it would give no time at all: what is not claimed would
    /// be gone at once. While no day of the campaign is counted (`held`), none is over: it comes later by that time.
    pub fn has_lapsed(&self, today: NaiveDate, held: bool) -> bool {
        self.until < today && !held
    }

    /// Whether it can be approved on a day.
    ///
    /// # Errors
    /// `wrong_state` once the day that it asks for is over.
    pub fn approvable(&self, request: &MdfRequest, (today, held): (NaiveDate, bool)) -> Result<(), Refusal> {
        if !self.has_lapsed(today, held) {
            return Ok(());
        }
        let (name, until) = (request.name_short(), self.until);
        Err(Refusal::wrong_state(
            format!("{until}, until when {name} would be claimed, is over."),
            "Decline it; if there is to be more time, have the partner ask for a later day first, with /claim extend.",
        ))
    }

    /// Approves it on a day, while days of its campaign are counted or not (`held`), and gives the request its new last day.
    ///
    /// # Errors
    /// As [`Self::decidable`] and [`Self::approvable`].
    pub fn approve(
        self,
        mut request: MdfRequest,
        (seen_rev, today, held): (i64, NaiveDate, bool),
        by: ExtensionDecider<'_>,
    ) -> Result<(Self, MdfRequest), Refusal> {
        self.decidable(&request, seen_rev, by.person)?;
        self.approvable(&request, (today, held))?;
        request.claim_due = Some(self.until);
        Ok((self.decided(ExtensionState::Approved, by), request))
    }

    /// Declines it; the request keeps its last day.
    ///
    /// # Errors
    /// As [`Self::decidable`], or `bad_input` without a reason.
    pub fn decline(
        self,
        request: &MdfRequest,
        seen_rev: i64,
        reason: &str,
        by: ExtensionDecider<'_>,
    ) -> Result<Self, Refusal> {
        self.decidable(request, seen_rev, by.person)?;
        let reason = needed_reason(reason)?;
        Ok(Self { decline_reason: Some(reason), ..self.decided(ExtensionState::Declined, by) })
    }

    /// What becomes of it when its request ends; `None` once it is decided.
    pub fn void(self, at: DateTime<Utc>) -> Option<Self> {
        let waits = self.state == ExtensionState::Waiting;
        waits.then(|| Self { state: ExtensionState::Void, rev: self.rev + 1, decided_at: Some(at), ..self })
    }

    /// What becomes of it when the last day to claim moves for another reason: it asks for more time than that day, or it is
    /// no longer needed; `None` once it is decided.
    pub fn follows(self, due: NaiveDate, at: DateTime<Utc>) -> Option<Self> {
        if self.state != ExtensionState::Waiting || self.until <= due {
            return self.void(at);
        }
        Some(Self { due, rev: self.rev + 1, ..self })
    }

    fn decided(self, state: ExtensionState, by: ExtensionDecider<'_>) -> Self {
        Self {
            state,
            rev: self.rev + 1,
            decided_by: Some(by.person.to_owned()),
            stands_for: by.stands_for.map(str::to_owned),
            decided_at: Some(by.at),
            ..self
        }
    }
}
