//! What a panel's lines are made of: points within the period, and the greatest and least of them.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::numbers::approximate;
use super::{Forecast, Panel, Point};

/// More points than this are thinned out: a line has no more pixels.
const MAX_POINTS: usize = 2_000;

/// A forecast's upper edge may stretch the axis to this many times what else is drawn; beyond, the band leaves the picture
/// at the top and its label tells the figure. Otherwise an early, wild band would flatten everything that is known.
const MAX_STRETCH: f64 = 1.5;

/// A cumulative line from the first day's beginning on.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The value at the beginning of the period: what came before it, or 0.
    pub origin: f64,
    /// Days and the values at their ends, in order.
    pub points: Vec<(NaiveDate, f64)>,
    /// The last value, exactly.
    pub last: Decimal,
}

impl Line {
    /// The points of `start..=until`, ordered by day (the last one of a day counts); `None` if there are none.
    pub fn within(points: &[Point], start: NaiveDate, until: NaiveDate) -> Option<Self> {
        let mut sorted: Vec<Point> = points.iter().copied().filter(|(day, _)| *day <= until).collect();
        sorted.sort_by_key(|(day, _)| *day);
        let first_inside = sorted.partition_point(|(day, _)| *day < start);
        let (before, inside) = sorted.split_at(first_inside);
        let origin = before.last().map_or(Decimal::ZERO, |(_, value)| *value);
        let last = inside.last()?.1;
        let mut kept: Vec<(NaiveDate, f64)> = Vec::with_capacity(inside.len().min(MAX_POINTS));
        let every = inside.len().div_ceil(MAX_POINTS).max(1);
        for (index, (day, value)) in inside.iter().enumerate() {
            let of_use = index % every == 0 || index + 1 == inside.len();
            match kept.last_mut() {
                Some((previous, same_day)) if previous == day => *same_day = approximate(*value),
                _ if of_use => kept.push((*day, approximate(*value))),
                _ => {}
            }
        }
        Some(Self { origin: approximate(origin), points: kept, last })
    }

    /// The same line, level from its last point to the end of `until`: nothing more was added till then.
    pub fn held_until(mut self, until: NaiveDate) -> Self {
        if let Some(&(_, value)) = self.points.last().filter(|(day, _)| *day < until) {
            self.points.push((until, value));
        }
        self
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        std::iter::once(self.origin).chain(self.points.iter().map(|(_, value)| *value))
    }
}

/// All that is drawn in a panel.
#[derive(Debug, Clone)]
pub struct Lines {
    /// Cumulative plan.
    pub planned: Option<Line>,
    /// Cumulative actual up to d.
    pub actual: Option<Line>,
    /// The first revision's plan.
    pub baseline: Option<Line>,
    /// Only while there are days left.
    pub forecast: Option<Forecast>,
}

impl Lines {
    /// Reads them off the panel.
    pub fn of(panel: &Panel) -> Self {
        let (start, end) = panel.period;
        let until = panel.today.min(end);
        let ahead = |forecast: &Forecast| panel.today < forecast.end.min(end) && start <= forecast.end;
        Self {
            planned: Line::within(&panel.planned, start, end),
            actual: Line::within(&panel.actual, start, until).map(|line| line.held_until(until)),
            baseline: panel.baseline.as_deref().and_then(|points| Line::within(points, start, end)),
            forecast: panel.forecast.filter(ahead),
        }
    }

    /// The least and the greatest value that the axis has to hold.
    pub fn span(&self) -> (f64, f64) {
        let lines = [&self.planned, &self.actual, &self.baseline];
        let mut known: Vec<f64> = lines.into_iter().flatten().flat_map(Line::values).collect();
        known.extend(self.forecast.map(|forecast| approximate(forecast.mid)));
        let least = known.iter().copied().fold(0.0, f64::min);
        let most = known.iter().copied().fold(0.0, f64::max);
        let Some(forecast) = self.forecast else { return (least, most) };
        let known_spread = most - least;
        let reach = if known_spread > 0.0 { known_spread * MAX_STRETCH } else { f64::INFINITY };
        let low = approximate(forecast.low).min(approximate(forecast.high)).max(most - reach);
        let high = approximate(forecast.high).max(approximate(forecast.low)).min(least + reach);
        (least.min(low), most.max(high))
    }
}
