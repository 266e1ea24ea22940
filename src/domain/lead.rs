//! A lead's way: `received → matched → offered → accepted → qualified → converted`, or out of it.
//!
//! Two hands move a lead. The CRM decides what it *is* (its [`Standing`]); people decide what is *done* with it (offer,
//! acceptance). Numbers depend on the standing alone, so that nobody's press changes what a report counts. Pure.

/// Where a lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeadState {
    /// Came, and no campaign is known.
    Received,
    /// Belongs to a campaign.
    Matched,
    /// Offered to the partner; the clock runs.
    Offered,
    /// The partner follows it up.
    Accepted,
    /// Sales-qualified in the CRM.
    Qualified,
    /// Became a customer.
    Converted,
    /// The partner does not want it.
    Declined,
    /// The partner did not answer in time.
    TimedOut,
    /// The CRM says that nothing will come of it. Still counts: it was received.
    Disqualified,
    /// The same person as another lead of the plan, or merged into one. Does not count.
    Duplicate,
    /// Deleted in the CRM, or marked by a person as no lead. Does not count.
    Invalid,
}

const STATES: [(LeadState, &str); 11] = [
    (LeadState::Received, "received"),
    (LeadState::Matched, "matched"),
    (LeadState::Offered, "offered"),
    (LeadState::Accepted, "accepted"),
    (LeadState::Qualified, "qualified"),
    (LeadState::Converted, "converted"),
    (LeadState::Declined, "declined"),
    (LeadState::TimedOut, "timed_out"),
    (LeadState::Disqualified, "disqualified"),
    (LeadState::Duplicate, "duplicate"),
    (LeadState::Invalid, "invalid"),
];

impl LeadState {
    /// The word used in the database and in chat.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("received", |(_, word)| word)
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }

    /// Whether people have begun to work with it.
    fn in_work(self) -> bool {
        matches!(
            self,
            Self::Offered
                | Self::Accepted
                | Self::Qualified
                | Self::Converted
                | Self::Declined
                | Self::TimedOut
        )
    }
}

/// What a lead is by the CRM's events alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No campaign is known.
    Unmatched,
    /// Counts for its campaign.
    Counted,
    /// The same person counts already.
    Duplicate,
    /// Deleted in the CRM, or marked as no lead.
    Invalid,
}

/// What the CRM says of a lead beside its standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The CRM's status is `disqualified`.
    pub disqualified: bool,
    /// Lifecycle stage, normalised.
    pub lifecycle: Option<&'a str>,
}

/// The state after the CRM spoke. What people did stays, unless the lead turns out to be no lead; a standing that is
/// mended later (restored, matched by hand) puts it back to where the CRM's events put it.
pub fn settle(current: LeadState, standing: Standing, progress: Progress<'_>) -> LeadState {
    match standing {
        Standing::Duplicate => LeadState::Duplicate,
        Standing::Invalid => LeadState::Invalid,
        Standing::Unmatched => LeadState::Received,
        Standing::Counted if progress.disqualified => LeadState::Disqualified,
        Standing::Counted => match (current, progress.lifecycle) {
            (LeadState::Accepted | LeadState::Qualified, Some("customer" | "evangelist")) => {
                LeadState::Converted
            }
            (LeadState::Accepted, Some("sql" | "opportunity")) => LeadState::Qualified,
            (state, _) if state.in_work() => state,
            _ => LeadState::Matched,
        },
    }
}

/// Why a press on an offer does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferRefusal {
    /// Only a lead that belongs to a campaign and was not offered yet can be offered.
    #[error("this lead can't be offered: it is {}", .0.as_str())]
    NotOfferable(LeadState),
    /// It was decided already, or is not on offer.
    #[error("this lead is no longer on offer: it is {}", .0.as_str())]
    NotOnOffer(LeadState),
}

/// Offers a matched lead to the partner.
///
/// # Errors
/// The lead is in another state.
pub fn offer(state: LeadState) -> Result<LeadState, OfferRefusal> {
    if state == LeadState::Matched { Ok(LeadState::Offered) } else { Err(OfferRefusal::NotOfferable(state)) }
}

/// The partner's answer to an offer. An answer after the limit still counts as long as the lead is on offer: late is
/// better than never, and the clock shows that it was late.
///
/// # Errors
/// The lead is not on offer.
pub fn answer(state: LeadState, accepts: bool) -> Result<LeadState, OfferRefusal> {
    match state {
        LeadState::Offered | LeadState::TimedOut if accepts => Ok(LeadState::Accepted),
        LeadState::Offered | LeadState::TimedOut => Ok(LeadState::Declined),
        other => Err(OfferRefusal::NotOnOffer(other)),
    }
}

/// What the offer's clock asks for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Nothing yet.
    Running,
    /// Half of the time is over: remind.
    HalfTime,
    /// The time is over: escalate.
    Over,
}

/// The clock of an offer: reminder at half time, escalation at the limit. All in Unix milliseconds.
pub fn clock(offered_ms: i64, limit_ms: i64, now_ms: i64) -> Clock {
    let passed = now_ms.saturating_sub(offered_ms);
    if passed >= limit_ms {
        Clock::Over
    } else if passed.saturating_mul(2) >= limit_ms {
        Clock::HalfTime
    } else {
        Clock::Running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for (state, word) in STATES {
            assert_eq!((state.as_str(), LeadState::parse(word)), (word, Some(state)));
        }
        assert_eq!(LeadState::parse("lost"), None);
    }

    #[test]
    fn what_people_did_stays_until_the_lead_is_no_lead() {
        let none = Progress::default();
        assert_eq!(settle(LeadState::Received, Standing::Counted, none), LeadState::Matched);
        assert_eq!(settle(LeadState::Accepted, Standing::Counted, none), LeadState::Accepted);
        assert_eq!(settle(LeadState::Accepted, Standing::Duplicate, none), LeadState::Duplicate);
        assert_eq!(settle(LeadState::Duplicate, Standing::Counted, none), LeadState::Matched);
        let sql = Progress { lifecycle: Some("sql"), ..none };
        assert_eq!(settle(LeadState::Accepted, Standing::Counted, sql), LeadState::Qualified);
        assert_eq!(settle(LeadState::Matched, Standing::Counted, sql), LeadState::Matched);
        let out = Progress { disqualified: true, ..none };
        assert_eq!(settle(LeadState::Matched, Standing::Counted, out), LeadState::Disqualified);
    }

    #[test]
    fn an_offer_is_answered_once() {
        assert_eq!(offer(LeadState::Matched), Ok(LeadState::Offered));
        assert!(offer(LeadState::Received).is_err());
        assert_eq!(answer(LeadState::Offered, true), Ok(LeadState::Accepted));
        assert_eq!(answer(LeadState::TimedOut, false), Ok(LeadState::Declined));
        assert_eq!(answer(LeadState::Accepted, true), Err(OfferRefusal::NotOnOffer(LeadState::Accepted)));
    }

    #[test]
    fn half_time_and_limit_are_inclusive() {
        let at = |now| clock(1_000, 100, now);
        assert_eq!(
            [at(1_049), at(1_050), at(1_099), at(1_100)],
            [Clock::Running, Clock::HalfTime, Clock::HalfTime, Clock::Over]
        );
    }
}
