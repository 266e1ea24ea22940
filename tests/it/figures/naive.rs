//! A second implementation of the figures, written from the rules and as simply as it can be: every planned figure is a
//! loop over days. It shares only input types with the product, not even its fractions. Slow, and panics when a number
//! does not fit; it exists to disagree.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::variance::{
    CampaignFigures, CampaignRevision, CampaignState, Measure, PlanFigures, Status,
};

/// A fraction without any cleverness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct R(i128, i128);

impl R {
    pub const ZERO: Self = Self(0, 1);
    pub const ONE: Self = Self(1, 1);

    pub fn new(num: i128, den: i128) -> Self {
        let (mut a, mut b) = (num.abs(), den.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(num / a * den.signum(), den.abs() / a)
    }

    pub fn of(value: Decimal) -> Self {
        Self::new(value.mantissa(), 10_i128.pow(value.scale()))
    }

    pub fn plus(self, other: Self) -> Self {
        let left = self.0.checked_mul(other.1).expect("fits");
        let right = other.0.checked_mul(self.1).expect("fits");
        Self::new(left.checked_add(right).expect("fits"), self.1.checked_mul(other.1).expect("fits"))
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    pub fn times(self, other: Self) -> Self {
        let (left, right) = (Self::new(self.0, other.1), Self::new(other.0, self.1));
        Self::new(left.0.checked_mul(right.0).expect("fits"), left.1.checked_mul(right.1).expect("fits"))
    }

    pub fn by(self, other: Self) -> Self {
        assert_ne!(other.0, 0, "nobody asks for a division by nothing");
        self.times(Self(other.1 * other.0.signum(), other.0.abs()))
    }

    pub fn cmp(self, other: Self) -> Ordering {
        self.minus(other).0.cmp(&0)
    }

    fn max(self, other: Self) -> Self {
        if self.cmp(other).is_lt() { other } else { self }
    }

    fn min(self, other: Self) -> Self {
        if self.cmp(other).is_gt() { other } else { self }
    }

    /// Twelve decimals, cut off: what the report promises.
    pub fn shown(self) -> Decimal {
        let scaled = self.0.checked_mul(1_000_000_000_000).expect("fits") / self.1;
        Decimal::from_i128_with_scale(scaled, 12).normalize()
    }
}

/// The figures of one line, exactly.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    pub by_end: R,
    pub after: R,
    pub to_date: R,
    pub actual: R,
    pub forecast: R,
    pub low: R,
    pub high: R,
}

impl Line {
    pub fn plus(self, other: Self) -> Self {
        Self {
            by_end: self.by_end.plus(other.by_end),
            after: self.after.plus(other.after),
            to_date: self.to_date.plus(other.to_date),
            actual: self.actual.plus(other.actual),
            forecast: self.forecast.plus(other.forecast),
            low: self.low.plus(other.low),
            high: self.high.plus(other.high),
        }
    }

    pub fn results_status(&self) -> Status {
        if self.by_end == R::ZERO || self.to_date.cmp(self.by_end.times(R(1, 10))).is_lt() {
            return Status::Grey;
        }
        if self.to_date.cmp(R::ZERO).is_le() {
            return Status::Grey;
        }
        let share = self.actual.minus(self.to_date).by(self.to_date);
        if share.cmp(R(-1, 10)).is_ge() {
            Status::Green
        } else if share.cmp(R(-1, 4)).is_ge() {
            Status::Amber
        } else {
            Status::Red
        }
    }
}

const HORIZON: usize = 1100;

fn days(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take(HORIZON)
}

fn apart(first: NaiveDate, last: NaiveDate) -> i64 {
    last.signed_duration_since(first).num_days()
}

/// The share of the leads on one day, by the table of curves.
fn leads_share(revision: &CampaignRevision, agreed: NaiveDate, day: NaiveDate) -> R {
    let start = revision.shape.start().max(agreed);
    let end = revision.shape.end().max(start);
    let length = i128::from(apart(start, end)) + 1;
    let inside = start <= day && day <= end;
    let after_end = apart(end, day);
    match revision.shape.kind() {
        CampaignType::Webinar | CampaignType::InPersonEvent => match after_end {
            2 => R(1, 2),
            3..=16 => R(1, 28),
            _ => R::ZERO,
        },
        CampaignType::TradeShow if inside => R::new(1, 2 * length),
        CampaignType::TradeShow if (1..=14).contains(&after_end) => R(1, 28),
        CampaignType::TradeShow => R::ZERO,
        CampaignType::Email => sends_share(revision, agreed, day, 1),
        CampaignType::PartnerNewsletter => sends_share(revision, agreed, day, 1),
        CampaignType::DirectMail => sends_share(revision, agreed, day, 5),
        _ if inside => R::new(1, length),
        _ => R::ZERO,
    }
}

fn sends_share(revision: &CampaignRevision, agreed: NaiveDate, day: NaiveDate, delay: i64) -> R {
    let sends = revision.shape.sends();
    let mut sum = R::ZERO;
    for send in &sends {
        let send = (*send).max(agreed);
        if (delay..delay + 14).contains(&apart(send, day)) {
            sum = sum.plus(R::new(1, 14 * sends.len() as i128));
        }
    }
    sum
}

fn share(measure: Measure, revision: &CampaignRevision, agreed: NaiveDate, day: NaiveDate) -> R {
    let earlier = |days| day.checked_sub_days(Days::new(days)).expect("a day");
    match measure {
        Measure::Leads => leads_share(revision, agreed, day),
        Measure::Pipeline => leads_share(revision, agreed, earlier(30)),
        Measure::Won => leads_share(revision, agreed, earlier(90)),
        Measure::Spend => {
            let start = revision.shape.start().max(agreed);
            let end = revision.shape.end().max(start);
            let inside = start <= day && day <= end;
            if !revision.shape.kind().is_always_on() {
                return if day == start { R::ONE } else { R::ZERO };
            }
            if inside { R::new(1, i128::from(apart(start, end)) + 1) } else { R::ZERO }
        }
    }
}

/// What each day plans. Revisions in order, at most one a day.
pub fn increments(
    measure: Measure,
    revisions: &[CampaignRevision],
    origin: NaiveDate,
) -> Vec<(NaiveDate, R)> {
    let agreed = revisions[0].effective_from;
    let lag = match measure {
        Measure::Pipeline => 30,
        Measure::Won => 90,
        Measure::Leads | Measure::Spend => 0,
    };
    let mut planned = R::ZERO;
    let mut spread: Option<(&CampaignRevision, R)> = None;
    let mut stop: Option<NaiveDate> = None;
    let mut out = Vec::new();
    for day in days(origin) {
        let mut today = R::ZERO;
        if let Some(revision) = revisions.iter().find(|r| r.effective_from == day) {
            match revision.state {
                CampaignState::Postponed => (spread, stop) = (None, None),
                CampaignState::Cancelled { from } => {
                    let already = stop.is_some();
                    if !already {
                        stop = from.max(day).checked_add_days(Days::new(lag));
                    }
                }
                CampaignState::Active => {
                    stop = None;
                    let target = revision.targets.of(measure).map_or(R::ZERO, R::of);
                    let rest = target.minus(planned);
                    let mut left = R::ZERO;
                    for later in days(day) {
                        left = left.plus(share(measure, revision, agreed, later));
                    }
                    if left != R::ZERO {
                        spread = Some((revision, rest.by(left)));
                    } else {
                        spread = None;
                        if measure == Measure::Spend || rest.cmp(R::ZERO).is_gt() {
                            today = rest;
                        }
                    }
                }
            }
        }
        if let Some((revision, a_share)) = spread
            && stop.is_none_or(|stop| day < stop)
        {
            today = today.plus(a_share.times(share(measure, revision, agreed, day)));
        }
        planned = planned.plus(today);
        out.push((day, today));
    }
    out
}

pub fn line(measure: Measure, campaign: &CampaignFigures, plan: &PlanFigures, origin: NaiveDate) -> Line {
    let (mut by_end, mut after, mut to_date) = (R::ZERO, R::ZERO, R::ZERO);
    for (day, amount) in increments(measure, &campaign.revisions, origin) {
        if day <= plan.period.end() {
            by_end = by_end.plus(amount);
        } else {
            after = after.plus(amount);
        }
        if day <= plan.as_of {
            to_date = to_date.plus(amount);
        }
    }
    let mut actual = R::ZERO;
    let facts = &campaign.facts;
    let entries = match measure {
        Measure::Leads => &facts.leads,
        Measure::Pipeline => &facts.pipeline,
        Measure::Won => &facts.won,
        Measure::Spend => &Vec::new(),
    };
    for entry in entries {
        if entry.day <= plan.as_of {
            actual = actual.plus(R::of(entry.amount));
        }
    }
    for entry in &facts.spend {
        if measure == Measure::Spend && entry.day <= plan.as_of {
            actual = actual.plus(R::of(entry.amount));
        }
    }
    let rest = if plan.as_of < plan.period.end() { by_end.minus(to_date) } else { R::ZERO };
    let (mut p, mut slow, mut fast) = (R::ONE, R::ONE, R::ONE);
    if to_date != R::ZERO {
        let pace = actual.by(to_date);
        (slow, fast) = (pace.min(R::ONE), pace.max(R::ONE));
        if by_end != R::ZERO {
            let w = to_date.by(by_end);
            p = w.times(pace).plus(R::ONE.minus(w)).max(R::ZERO);
        }
    }
    let at = |factor: R| actual.plus(rest.times(factor));
    let (low, high) = (at(slow).min(at(fast)), at(slow).max(at(fast)));
    Line { by_end, after, to_date, actual, forecast: at(p), low, high }
}
