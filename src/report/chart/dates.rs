//! The horizontal axis: where a day lies, and which days get a label.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The days of a period laid out from `left` over `width`.
#[derive(Debug, Clone, Copy)]
pub struct DayScale {
    start: NaiveDate,
    end: NaiveDate,
    left: f64,
    width: f64,
}

impl DayScale {
    /// `start` and `end` are both inside the period; `end` is not before `start`.
    pub fn new((start, end): (NaiveDate, NaiveDate), left: f64, width: f64) -> Self {
        Self { start, end, left, width }
    }

    /// Where the day begins.
    pub fn dawn(&self, day: NaiveDate) -> f64 {
        self.at((day - self.start).num_days())
    }

    /// Where the day ends: the place of a figure that counts the whole day.
    pub fn dusk(&self, day: NaiveDate) -> f64 {
        self.at((day - self.start).num_days() + 1)
    }

    fn at(&self, days: i64) -> f64 {
        let whole = (self.end - self.start).num_days() + 1;
        // Exact: a calendar has fewer days than f64 has whole numbers.
        self.left + self.width * (days as f64) / (whole as f64)
    }

    /// Days inside the period worth a mark, at most `most` of them, with a short label: days, Mondays, firsts of months or
    /// years, whichever are few enough.
    pub fn marks(&self, most: usize) -> Vec<(NaiveDate, String)> {
        let steps = [1, 2, 7, 14].map(Step::Days).into_iter();
        let steps = steps.chain([1, 2, 3, 6].map(Step::Months));
        let steps =
            steps.chain([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000].map(Step::Years));
        for step in steps {
            let marks: Vec<_> = step.days(self.start, self.end).take(most + 1).collect();
            if marks.len() <= most {
                return marks.into_iter().map(|day| (day, step.label(day))).collect();
            }
        }
        Vec::new()
    }

    /// Labels of the first and the last day; with the year where the period crosses one.
    pub fn edges(&self) -> (String, String) {
        let one_year = self.start.year() == self.end.year();
        let label = |day: NaiveDate| {
            let format = if one_year { "%-d %b" } else { "%-d %b %Y" };
            day.format(format).to_string()
        };
        (label(self.start), label(self.end))
    }
}

/// "14 Feb".
pub fn day_label(day: NaiveDate) -> String {
    day.format("%-d %b").to_string()
}

#[derive(Clone, Copy)]
enum Step {
    Days(u64),
    Months(u32),
    Years(i32),
}

impl Step {
    /// The marked days of `start..=end`, `start` left out: it has its own label.
    fn days(self, start: NaiveDate, end: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let first = match self {
            Self::Days(7 | 14) => {
                let ahead = 7 - u64::from(start.weekday().num_days_from_monday());
                start.checked_add_days(Days::new(ahead))
            }
            Self::Days(step) => start.checked_add_days(Days::new(step)),
            Self::Months(step) => {
                let ahead = step - start.month0() % step;
                start.with_day(1).and_then(|first| first.checked_add_months(Months::new(ahead)))
            }
            Self::Years(step) => {
                NaiveDate::from_ymd_opt(start.year() + step - start.year().rem_euclid(step), 1, 1)
            }
        };
        std::iter::successors(first, move |day| match self {
            Self::Days(step) => day.checked_add_days(Days::new(step)),
            Self::Months(step) => day.checked_add_months(Months::new(step)),
            Self::Years(step) => NaiveDate::from_ymd_opt(day.year() + step, 1, 1),
        })
        .take_while(move |day| *day <= end)
    }

    fn label(self, day: NaiveDate) -> String {
        match self {
            Self::Days(_) => day_label(day),
            Self::Months(_) if day.month() == 1 => day.format("%b %Y").to_string(),
            Self::Months(_) => day.format("%b").to_string(),
            Self::Years(_) => day.format("%Y").to_string(),
        }
    }
}
