//! Moving what belongs to one period into another: by whole months where both begin on the same day of the month, so that
//! the last of a quarter stays in its quarter, else by days.

use crate::domain::curve::{CurveKind, CurveOverrides, MonthlyWeights, plus};
use crate::domain::period::Period;
use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// How far one period lies from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    Months(i32),
    Days(i64),
}

impl Shift {
    /// From the start of one period to that of another.
    #[must_use]
    pub fn between(from: Period, to: Period) -> Self {
        let (from, to) = (from.start(), to.start());
        if from.day() == to.day() {
            let months = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
            Shift::Months(months(to) - months(from))
        } else {
            Shift::Days((to - from).num_days())
        }
    }

    /// The day that corresponds to `day`; the last of its month where the month is shorter. Later days never become
    /// earlier ones.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> NaiveDate {
        match self {
            Shift::Days(days) => plus(day, days),
            Shift::Months(months) => {
                let step = Months::new(months.unsigned_abs());
                let moved =
                    if months < 0 { day.checked_sub_months(step) } else { day.checked_add_months(step) };
                moved.unwrap_or(day)
            }
        }
    }

    /// The period that corresponds to `period`; the same one at the far ends of the calendar.
    #[must_use]
    pub fn period(self, period: Period) -> Period {
        Period::new(self.day(period.start()), self.day(period.end())).unwrap_or(period)
    }

    /// What is set by hand for a campaign's curves, its monthly weights moved with it.
    #[must_use]
    pub fn curve(self, curve: &CurveOverrides) -> CurveOverrides {
        let moved = |kind: &CurveKind| match kind {
            CurveKind::Monthly(weights) => {
                let weights = BTreeMap::<NaiveDate, Decimal>::from(weights.clone());
                let weights = weights.into_iter().map(|(month, percent)| (self.day(month), percent));
                MonthlyWeights::new(weights).map_or(kind.clone(), CurveKind::Monthly)
            }
            kind => kind.clone(),
        };
        CurveOverrides {
            leads: curve.leads.as_ref().map(moved),
            spend: curve.spend.as_ref().map(moved),
            ..curve.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: &str, end: &str) -> Period {
        Period::new(start.parse().expect("a day"), end.parse().expect("a day")).expect("a period")
    }

    #[test]
    fn quarters_move_by_months_and_odd_periods_by_days() {
        let q4 = period("2026-10-01", "2026-12-31");
        let q1 = period("2027-01-01", "2027-03-31");
        let shift = Shift::between(q4, q1);
        assert_eq!(shift, Shift::Months(3));
        assert_eq!(shift.period(q4), q1);
        assert_eq!(shift.period(period("2026-11-30", "2026-11-30")), period("2027-02-28", "2027-02-28"));
        assert_eq!(Shift::between(q1, q4).period(q1), q4);
        let odd = period("2026-10-05", "2026-12-31");
        assert_eq!(Shift::between(q4, odd), Shift::Days(4));
        // A fiscal year that begins in July, from one to the next.
        let fy = Shift::between(period("2025-07-01", "2026-06-30"), period("2026-07-01", "2027-06-30"));
        assert_eq!(fy.period(period("2026-02-02", "2026-06-30")), period("2027-02-02", "2027-06-30"));
    }

    proptest::proptest! {
        #[test]
        fn order_is_kept(from in 0_i64..900, length in 0_i64..60, a in 0_i64..400, b in 0_i64..400) {
            let day = |days: i64| plus(NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"), days);
            let base = Period::new(day(0), day(90)).expect("a period");
            let to = Period::new(day(from), day(from + length)).expect("a period");
            let shift = Shift::between(base, to);
            proptest::prop_assert!(shift.day(day(a.min(b))) <= shift.day(day(a.max(b))));
            proptest::prop_assert_eq!(shift.day(base.start()), to.start());
        }
    }
}
