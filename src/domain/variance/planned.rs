//! Planned to date: the sum of daily increments, each by the revision in force that day.
//!
//! A revision's first day starts a segment: what was planned until the evening before stays, and the rest of the new
//! target is spread over what is left of the new curve. So no revision can change a day before its own.

use chrono::NaiveDate;

use super::{CampaignRevision, CampaignState, Measure};
use crate::domain::curve::{CampaignShape, Curve, plus};
use crate::domain::fraction::Fraction;

/// The planned course of one measure of one campaign under all its revisions.
#[derive(Debug, Clone)]
pub struct Planned {
    segments: Vec<Segment>,
    target: Option<Fraction>,
    end: Option<NaiveDate>,
}

/// The days from `from` on, until the next segment.
#[derive(Debug, Clone)]
struct Segment {
    from: NaiveDate,
    /// The last day with an increment, if the campaign was cancelled.
    stop: Option<NaiveDate>,
    /// Planned at the end of the day before `from`.
    base: Fraction,
    /// What is planned from `from` on.
    rest: Fraction,
    spread: Spread,
}

#[derive(Debug, Clone)]
enum Spread {
    Nothing,
    /// All on `from`: the curve is over.
    AtOnce,
    /// In proportion to what is left of the curve.
    Over {
        curve: Curve,
        /// The curve's share before `from`.
        before: Fraction,
        /// `rest` ÷ the curve's share from `from` on.
        per_share: Fraction,
    },
}

impl Segment {
    fn value(&self, day: NaiveDate) -> Fraction {
        let day = self.stop.map_or(day, |stop| day.min(stop));
        if day < self.from {
            return self.base;
        }
        match &self.spread {
            Spread::Nothing => self.base,
            Spread::AtOnce => self.base + self.rest,
            Spread::Over { curve, before, per_share } => {
                self.base + *per_share * (curve.cumulative(day) - *before)
            }
        }
    }

    /// The first day with an increment that is not 0.
    fn first_day(&self) -> Option<NaiveDate> {
        let first = match &self.spread {
            _ if self.rest.is_zero() => return None,
            Spread::Nothing => return None,
            Spread::AtOnce => self.from,
            Spread::Over { curve, before, .. } => {
                let (mut low, mut high) = (self.from.max(curve.first_day()), curve.last_day());
                while low < high {
                    let middle = plus(low, high.signed_duration_since(low).num_days() / 2);
                    if curve.cumulative(middle) > *before {
                        high = middle;
                    } else {
                        low = plus(middle, 1);
                    }
                }
                low
            }
        };
        self.stop.is_none_or(|stop| first <= stop).then_some(first)
    }
}

impl Planned {
    /// The course by all revisions.
    #[must_use]
    pub fn current(measure: Measure, revisions: &[CampaignRevision]) -> Self {
        let mut ordered: Vec<&CampaignRevision> = revisions.iter().collect();
        ordered.sort_by_key(|r| r.revision);
        let mut builder = Builder::new(measure, ordered.first().map(|r| r.effective_from));
        for revision in ordered {
            builder.apply(revision);
        }
        builder.planned
    }

    /// The course by revision 1 alone; nothing for a campaign that came later.
    #[must_use]
    pub fn baseline(measure: Measure, revisions: &[CampaignRevision]) -> Self {
        let first: Vec<CampaignRevision> = revisions.iter().filter(|r| r.revision == 1).cloned().collect();
        Self::current(measure, &first)
    }

    /// Planned up to and including `day`.
    #[must_use]
    pub fn to_date(&self, day: NaiveDate) -> Fraction {
        let in_force = self.segments.iter().rev().find(|s| s.from <= day);
        in_force.map_or(Fraction::ZERO, |s| s.value(day))
    }

    /// Everything planned, however late.
    #[must_use]
    pub fn total(&self) -> Fraction {
        self.to_date(NaiveDate::MAX)
    }

    /// The last day on which something is planned; `None` if nothing is.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.segments.last().and_then(|segment| {
            let last = match &segment.spread {
                Spread::Nothing => None,
                _ if segment.rest.is_zero() => None,
                Spread::AtOnce => Some(segment.from),
                Spread::Over { curve, .. } => Some(curve.last_day().max(segment.from)),
            };
            let last = last.map(|day| segment.stop.map_or(day, |stop| day.min(stop)));
            // Where the newest terms plan nothing more, what was planned until the evening before them counts.
            let before = (!segment.base.is_zero()).then(|| plus(segment.from, -1));
            last.max(before)
        })
    }

    /// The target that the campaign is measured by; for spend the budget.
    #[must_use]
    pub fn target(&self) -> Option<Fraction> {
        self.target
    }

    /// The last day of the campaign itself, by the terms that it is measured by.
    #[must_use]
    pub fn campaign_end(&self) -> Option<NaiveDate> {
        self.end
    }

    /// The first day on which something is planned.
    #[must_use]
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.segments.iter().enumerate().find_map(|(index, segment)| {
            let next = self.segments.get(index + 1).map(|s| s.from);
            segment.first_day().filter(|day| next.is_none_or(|n| *day < n))
        })
    }
}

struct Builder {
    measure: Measure,
    agreed: Option<NaiveDate>,
    planned: Planned,
    /// The terms in force while the campaign runs.
    running: Option<(CampaignShape, Fraction)>,
    cancelled: bool,
}

impl Builder {
    fn new(measure: Measure, agreed: Option<NaiveDate>) -> Self {
        let planned = Planned { segments: Vec::new(), target: None, end: None };
        Self { measure, agreed, planned, running: None, cancelled: false }
    }

    fn apply(&mut self, revision: &CampaignRevision) {
        let not_before = self.planned.segments.last().map_or(revision.effective_from, |s| s.from);
        let from = revision.effective_from.max(not_before);
        match revision.state {
            CampaignState::Active => {
                self.terms(revision);
                self.spread(revision, from);
                self.cancelled = false;
            }
            CampaignState::Postponed => {
                self.terms(revision);
                let base = self.planned.to_date(plus(from, -1));
                let spread = Spread::Nothing;
                self.planned.segments.push(Segment { from, stop: None, base, rest: Fraction::ZERO, spread });
                self.running = None;
                self.cancelled = false;
            }
            CampaignState::Cancelled { from: day } if !self.cancelled => {
                if self.planned.segments.is_empty() {
                    self.terms(revision);
                    self.spread(revision, from);
                }
                self.stop(day.max(from));
            }
            CampaignState::Cancelled { .. } => {}
        }
    }

    fn terms(&mut self, revision: &CampaignRevision) {
        self.planned.target = revision.targets.of(self.measure).map(Fraction::from);
        self.planned.end = Some(revision.shape.end());
    }

    fn spread(&mut self, revision: &CampaignRevision, from: NaiveDate) {
        let target = self.planned.target.unwrap_or(Fraction::ZERO);
        let terms = (revision.shape.clone(), target);
        // The same terms again give the same days; leaving them out keeps the fractions short.
        if self.running.as_ref() == Some(&terms) {
            return;
        }
        let agreed = self.agreed.unwrap_or(from);
        let curve = Curve::of(self.measure, &revision.shape.agreed_on(agreed));
        let base = self.planned.to_date(plus(from, -1));
        let before = curve.cumulative(plus(from, -1));
        let rest = target - base;
        let spread = match rest.over(Fraction::ONE - before) {
            Some(per_share) => Spread::Over { curve, before, per_share },
            // Nothing is left of the curve. More is due at once. Less frees budget at once, but results that were due
            // and did not come stay due: a cut can't wipe out a miss.
            None if self.measure == Measure::Spend || !rest.is_negative() => Spread::AtOnce,
            None => Spread::Nothing,
        };
        self.planned.segments.push(Segment { from, stop: None, base, rest, spread });
        self.running = Some(terms);
    }

    /// Stops what runs: leads and spend the evening before `day`, pipeline and won when what the frozen leads bring
    /// has come in.
    fn stop(&mut self, day: NaiveDate) {
        let lag = self.running.as_ref().map_or(0, |(shape, _)| shape.lag_days(self.measure));
        if let Some(segment) = self.planned.segments.last_mut() {
            segment.stop = Some(plus(day, i64::from(lag) - 1));
        }
        self.running = None;
        self.cancelled = true;
    }
}
