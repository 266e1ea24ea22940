//! Whose turn it is with a request or claim, and for how long. The time of a side is the sum of the spells in which it was
//! that side's turn, counted on the business days of its company: what waits for the other side meanwhile does not count.

use super::actor::Side;
use super::business::BusinessCalendar;
use super::plan::states;
use chrono::{DateTime, TimeDelta, Utc};

states! {
    /// What waits to be decided, corrected or signed.
    Kind {
        Request "request" "a request",
        Claim "claim" "a claim",
        Extension "extension" "more time to claim",
        Adjustment "adjustment" "an adjustment",
        Plan "plan" "a plan",
        Stop "stop" "the stop of a campaign",
    }
}

/// A change of whose turn it is; `None`: nobody's, because it is decided or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    pub at: DateTime<Utc>,
    pub whose: Option<Side>,
}

impl Turn {
    /// What a line of the trail about a request or claim changes; `None`: nothing. What is `about_amendment` leaves an
    /// approved request behind, whatever was decided.
    pub fn of(at: DateTime<Utc>, code: &str, about_amendment: bool) -> Option<Self> {
        let (_, what) = code.split_once('_')?;
        let whose = match what {
            "submitted" | "amended" => Some(Side::Vendor),
            "returned" if !about_amendment => Some(Side::Partner),
            "returned"
            | "approved"
            | "declined"
            | "withdrawn"
            | "amendment_withdrawn"
            | "cancelled"
            | "closed"
            | "expired"
            | "reversed" => None,
            _ => return None,
        };
        Some(Self { at, whose })
    }
}

/// What waits for a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub side: Side,
    /// When the matter was filed, whosever turn it has been since.
    pub began_at: DateTime<Utc>,
    /// The spells of that side; the last one goes on.
    spells: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
}

impl Wait {
    /// What waits for `side` without a break.
    pub fn since(side: Side, at: DateTime<Utc>) -> Self {
        Self { side, began_at: at, spells: vec![(at, None)] }
    }

    /// What waits after these turns, oldest first; `None` if it is nobody's turn.
    pub fn after(turns: &[Turn]) -> Option<Self> {
        let begin = turns.iter().rposition(|turn| turn.whose.is_none()).map_or(0, |last| last + 1);
        let matter = &turns[begin..];
        let side = matter.last()?.whose?;
        let mut spells: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = Vec::new();
        for turn in matter {
            let open = spells.last_mut().filter(|(_, to)| to.is_none());
            match (turn.whose == Some(side), open) {
                (true, None) => spells.push((turn.at, None)),
                (false, Some((_, to))) => *to = Some(turn.at),
                _ => {}
            }
        }
        Some(Self { side, began_at: matter.first()?.at, spells })
    }

    /// The same, where nothing before `at` counts: it could not be decided then.
    #[must_use]
    pub fn counted_from(mut self, at: DateTime<Utc>) -> Self {
        self.spells.retain(|(_, to)| to.is_none_or(|to| to > at));
        for (from, _) in &mut self.spells {
            *from = (*from).max(at);
        }
        self
    }

    /// The same, where the spells of `pauses`, from and until, don't count: it could not be decided in them.
    #[must_use]
    pub fn without(mut self, pauses: &[(DateTime<Utc>, DateTime<Utc>)]) -> Self {
        for (from, until) in pauses {
            let spells = std::mem::take(&mut self.spells);
            for (start, end) in spells {
                let before = (start, Some(end.map_or(*from, |end| end.min(*from))));
                let after = (start.max(*until), end);
                let is_any =
                    |spell: &(DateTime<Utc>, Option<DateTime<Utc>>)| spell.1.is_none_or(|end| end > spell.0);
                match is_any(&before) && before.1 == end {
                    true => self.spells.push(before),
                    false => self.spells.extend([before, after].into_iter().filter(is_any)),
                }
            }
        }
        self
    }

    /// Since when it is that side's turn.
    pub fn turn_at(&self) -> DateTime<Utc> {
        self.spells.last().map_or(self.began_at, |(from, _)| *from)
    }

    /// How much time of the company's open days it has waited in all until `now`.
    pub fn open_time(&self, calendar: &BusinessCalendar, now: DateTime<Utc>) -> TimeDelta {
        let one = |(from, to): &(DateTime<Utc>, Option<DateTime<Utc>>)| {
            calendar.open_time_between(*from, to.map_or(now, |to| to.min(now)))
        };
        self.spells.iter().map(one).sum()
    }

    /// When it has waited, or will have waited, `days` open days in all. A spell that follows another counts as if it
    /// had begun so much earlier as the others lasted. What has come stays: later turns don't move it.
    pub fn due(&self, calendar: &BusinessCalendar, days: u32) -> Option<DateTime<Utc>> {
        let mut spent = TimeDelta::zero();
        for (from, to) in &self.spells {
            let due = calendar.due(calendar.back(*from, spent), days).max(*from);
            if to.is_none_or(|to| due <= to) {
                return Some(due);
            }
            spent += calendar.open_time_between(*from, to.unwrap_or(due));
        }
        None
    }
}

/// Of what waits too long, how loudly it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Reminder,
    Escalation,
}

impl Stage {
    pub fn code(self) -> &'static str {
        match self {
            Stage::Reminder => "reminded",
            Stage::Escalation => "escalated",
        }
    }
}
