//! One panel: its head with the status, the plot, the figures at the right end of the lines.

use chrono::NaiveDate;

use super::dates::{DayScale, day_label};
use super::ink;
use super::numbers::{Axis, approximate, axis, compact};
use super::series::{Line, Lines};
use super::svg::{Anchor, Area, Stroke, Svg, Type};
use super::text::{Weight, fitted, presentable, width};
use super::{Forecast, Light, Panel, Status, Unit};

const PADDING: f64 = 12.0;
const TITLE: Type = Type { size: 15.0, weight: Weight::Bold, colour: ink::INK, anchor: Anchor::Start };
const UNIT: Type = Type { size: 12.0, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::Start };
const HEADLINE: Type = Type { size: 13.0, weight: Weight::Regular, colour: ink::INK, anchor: Anchor::Start };
const PILL: Type = Type { size: 12.0, weight: Weight::Bold, colour: ink::INK, anchor: Anchor::Start };
const MARK: Type = Type { size: 11.0, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::End };
const NOTE: Type = Type { size: 12.5, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::Middle };
const FIGURE: Type = Type { size: 12.5, weight: Weight::Bold, colour: ink::INK, anchor: Anchor::Start };
const WORD: Type = Type { size: 10.5, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::Start };

/// Draws a panel into its cell.
pub fn draw(svg: &mut Svg, panel: &Panel, cell: Area) {
    svg.rectangle(cell, 8.0, ink::CARD, Some(ink::CARD_EDGE));
    head(svg, panel, cell);
    let lines = Lines::of(panel);
    let (least, most) = lines.span();
    let scale = axis(least, most, ((cell.h - 98.0) / 27.0).min(6.0), &panel.unit);
    let marks_w =
        scale.marks.iter().map(|(_, label)| width(label, MARK.size, MARK.weight)).fold(0.0, f64::max);
    let figures = figures(panel, &lines);
    let figures_w = figures.iter().map(Figure::width).fold(0.0, f64::max);
    let left = cell.x + PADDING + marks_w + 7.0;
    let right = cell.right() - PADDING - if figures.is_empty() { 0.0 } else { figures_w + 7.0 };
    let top = cell.y + 70.0;
    let area = Area { x: left, y: top, w: (right - left).max(40.0), h: cell.bottom() - 28.0 - top };
    let plot = Plot { area, days: DayScale::new(panel.period, area.x, area.w), scale };
    plot.ground(svg);
    plot.lines(svg, panel, &lines);
    plot.today(svg, panel, &lines);
    plot.figures(svg, &figures);
}

/// Title, unit, status pill, headline.
fn head(svg: &mut Svg, panel: &Panel, cell: Area) {
    let inner = cell.w - 2.0 * PADDING;
    let pill_left = status(svg, &panel.status, (cell.right() - PADDING, cell.y + 9.0), inner * 0.5);
    let code = match &panel.unit {
        Unit::Count => String::new(),
        Unit::Money { code, .. } => fitted(code, UNIT.size, UNIT.weight, 48.0),
    };
    let code_w = if code.is_empty() { 0.0 } else { width(&code, UNIT.size, UNIT.weight) + 7.0 };
    let x = cell.x + PADDING;
    let title = fitted(&panel.title, TITLE.size, TITLE.weight, pill_left - 10.0 - code_w - x);
    svg.text((x, cell.y + 25.0), TITLE, &title);
    svg.text((x + width(&title, TITLE.size, TITLE.weight) + 7.0, cell.y + 25.0), UNIT, &code);
    svg.text((x, cell.y + 44.0), HEADLINE, &fitted(&panel.headline, HEADLINE.size, HEADLINE.weight, inner));
}

/// The pill at the upper right, word and sign; returns its left edge.
fn status(svg: &mut Svg, status: &Status, (right, top): (f64, f64), room: f64) -> f64 {
    let (ground, colour) = ink::of_light(status.light);
    let word = fitted(&status.word, PILL.size, PILL.weight, room - 34.0);
    let word_w = width(&word, PILL.size, PILL.weight);
    let area = Area { x: right - word_w - 34.0, y: top, w: word_w + 34.0, h: 22.0 };
    svg.rectangle(area, 11.0, ground, None);
    sign(svg, status.light, (area.x + 14.0, top + 11.0));
    svg.text((area.x + 24.0, top + 15.4), Type { colour, ..PILL }, &word);
    area.x
}

/// A sign of its own shape for each light: disc, triangle, square, ring.
fn sign(svg: &mut Svg, light: Light, (x, y): (f64, f64)) {
    let (ground, colour) = ink::of_light(light);
    match light {
        Light::Green => svg.disc((x, y), 5.0, colour, colour, 0.0),
        Light::Amber => svg.polygon(&[(x, y - 5.5), (x + 6.2, y + 5.0), (x - 6.2, y + 5.0)], colour, 1.0),
        Light::Red => svg.rectangle(Area { x: x - 5.0, y: y - 5.0, w: 10.0, h: 10.0 }, 1.0, colour, None),
        Light::Grey => svg.disc((x, y), 4.2, ground, colour, 1.8),
    }
}

/// A figure at the right end of a line.
struct Figure {
    value: f64,
    colour: &'static str,
    number: String,
    words: Vec<String>,
}

const FIGURE_LINE: f64 = 12.5;

impl Figure {
    fn width(&self) -> f64 {
        let words = self.words.iter().map(|word| width(word, WORD.size, WORD.weight));
        words.fold(width(&self.number, FIGURE.size, FIGURE.weight), f64::max)
    }

    fn height(&self) -> f64 {
        19.0 + FIGURE_LINE * self.words.len() as f64
    }
}

/// What is planned by the end, and what is forecast or, when the period is over, reached.
fn figures(panel: &Panel, lines: &Lines) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(planned) = &lines.planned {
        figures.push(Figure {
            value: approximate(planned.last),
            colour: ink::INK,
            number: compact(planned.last, &panel.unit),
            words: vec!["planned".to_owned()],
        });
    }
    if let Some(forecast) = &lines.forecast {
        let (low, high) = (compact(forecast.low, &panel.unit), compact(forecast.high, &panel.unit));
        let range = if low == high { Vec::new() } else { vec![format!("{low}–{high}")] };
        figures.push(Figure {
            value: approximate(forecast.mid),
            colour: ink::FORECAST_INK,
            number: compact(forecast.mid, &panel.unit),
            words: std::iter::once("forecast".to_owned()).chain(range).collect(),
        });
    } else if let Some(actual) = &lines.actual {
        figures.push(Figure {
            value: approximate(actual.last),
            colour: ink::ACTUAL_INK,
            number: compact(actual.last, &panel.unit),
            words: vec!["actual".to_owned()],
        });
    }
    figures
}

struct Plot {
    area: Area,
    days: DayScale,
    scale: Axis,
}

impl Plot {
    fn y(&self, value: f64) -> f64 {
        let share = (value - self.scale.low) / (self.scale.high - self.scale.low);
        // A band that leaves the picture is cut there; a renderer does not like coordinates of 1e20.
        self.area.bottom() - self.area.h * share.clamp(-2.0, 3.0)
    }

    /// Marks of both axes.
    fn ground(&self, svg: &mut Svg) {
        let Area { x, .. } = self.area;
        for (value, label) in &self.scale.marks {
            let y = self.y(*value);
            let stroke = if *value == 0.0 { ink::FOOT } else { ink::GRID };
            svg.line((x, y), (self.area.right(), y), stroke);
            svg.text((x - 7.0, y + 3.8), MARK, label);
        }
        self.day_marks(svg);
    }

    fn day_marks(&self, svg: &mut Svg) {
        let Area { x, .. } = self.area;
        let (right, bottom) = (self.area.right(), self.area.bottom());
        let (first, last) = self.days.edges();
        let base = bottom + 17.0;
        let size = |label: &str| width(label, MARK.size, MARK.weight);
        if first == last {
            svg.text((x + self.area.w / 2.0, base), Type { anchor: Anchor::Middle, ..MARK }, &first);
            return;
        }
        svg.text((x, base), Type { anchor: Anchor::Start, ..MARK }, &first);
        svg.text((right, base), MARK, &last);
        let (from, to) = (x + size(&first) + 8.0, right - size(&last) - 8.0);
        let most = (self.area.w / 62.0) as usize;
        for (day, label) in self.days.marks(most.max(1)) {
            let at = self.days.dawn(day);
            let half = size(&label) / 2.0;
            if at - half > from && at + half < to {
                svg.line((at, bottom), (at, bottom + 4.0), ink::FOOT);
                svg.text((at, base), Type { anchor: Anchor::Middle, ..MARK }, &label);
            }
        }
    }

    /// A line's points in the picture; it begins at the left edge.
    fn path(&self, line: &Line) -> Vec<(f64, f64)> {
        let origin = (self.area.x, self.y(line.origin));
        let rest = line.points.iter().map(|&(day, value)| (self.days.dusk(day), self.y(value)));
        std::iter::once(origin).chain(rest).collect()
    }

    fn lines(&self, svg: &mut Svg, panel: &Panel, lines: &Lines) {
        // Room for the thickness of a line that runs along an edge.
        let Area { x, y, w, h } = self.area;
        let clip = Area { x: x - 1.0, y: y - 3.0, w: w + 2.0, h: h + 4.5 };
        svg.clipped(clip, |svg| {
            if let Some(forecast) = lines.forecast {
                self.forecast(svg, panel, lines, forecast);
            }
            let mut add = |line: &Option<Line>, stroke: Stroke| {
                if let Some(line) = line {
                    svg.polyline(&self.path(line), stroke);
                }
            };
            add(&lines.baseline, ink::BASELINE);
            add(&lines.planned, ink::PLANNED);
            add(&lines.actual, ink::ACTUAL);
        });
        let reached = lines.actual.as_ref().and_then(|line| self.path(line).pop());
        if let Some(end) = reached {
            svg.disc(end, 4.0, ink::ACTUAL.colour, ink::CARD, 1.5);
        }
    }

    /// From what is reached at d to the range at the end.
    fn forecast(&self, svg: &mut Svg, panel: &Panel, lines: &Lines, forecast: Forecast) {
        let start_of_forecast = panel.today.max(panel.period.0.pred_opt().unwrap_or(panel.period.0));
        let reached = lines.actual.as_ref().map_or(0.0, |line| approximate(line.last));
        let from = (self.days.dusk(start_of_forecast), self.y(reached));
        let end = self.days.dusk(forecast.end.min(panel.period.1));
        let at = |value| (end, self.y(approximate(value)));
        let (low, high) = (at(forecast.low), at(forecast.high));
        svg.polygon(&[from, high, low], ink::BAND, ink::BAND_OPACITY);
        svg.line(from, high, ink::BAND_EDGE);
        svg.line(from, low, ink::BAND_EDGE);
        svg.line(from, at(forecast.mid), ink::FORECAST);
    }

    /// The line at d with its date, or a note why there is none.
    fn today(&self, svg: &mut Svg, panel: &Panel, lines: &Lines) {
        let (start, end) = panel.period;
        if panel.today >= start && panel.today < end {
            self.day_line(svg, panel.today);
        }
        let note = match (&lines.planned, &lines.actual) {
            (None, None) => "no plan and no results yet",
            (_, None) if panel.today < start => "not started yet",
            (_, None) => "no results yet",
            _ => return,
        };
        let Area { x, y, w, h } = self.area;
        if lines.planned.is_none() && lines.forecast.is_none() {
            svg.text_over((x + w / 2.0, y + h / 2.0 + 4.0), NOTE, note);
        } else {
            // Cumulative lines rise to the right: the upper left is free.
            svg.text_over((x + 10.0, y + 20.0), Type { anchor: Anchor::Start, ..NOTE }, note);
        }
    }

    fn day_line(&self, svg: &mut Svg, day: NaiveDate) {
        let at = self.days.dusk(day);
        let label = format!("to {}", day_label(day));
        let half = width(&label, MARK.size, MARK.weight) / 2.0;
        svg.line((at, self.area.y - 2.0), (at, self.area.bottom()), ink::TODAY);
        // Above the plot, kept within its sides.
        let centre = at.clamp(self.area.x + half, (self.area.right() - half).max(self.area.x + half));
        let style = Type { anchor: Anchor::Middle, colour: ink::INK, ..MARK };
        svg.text_over((centre, self.area.y - 6.0), style, &presentable(&label));
    }

    /// The figures at the right, each as near to its line's end as the others allow.
    fn figures(&self, svg: &mut Svg, figures: &[Figure]) {
        let mut order: Vec<&Figure> = figures.iter().collect();
        order.sort_by(|a, b| b.value.total_cmp(&a.value));
        let x = self.area.right() + 7.0;
        let total: f64 = order.iter().map(|figure| figure.height()).sum();
        let lowest = self.area.bottom() + 6.0;
        let mut rest = total;
        let mut free = self.area.y - 10.0;
        for figure in order {
            let wanted = self.y(figure.value) - 8.0;
            let top = wanted.min(lowest - rest).max(free);
            svg.text((x, top + 12.0), Type { colour: figure.colour, ..FIGURE }, &figure.number);
            for (index, word) in figure.words.iter().enumerate() {
                svg.text((x, top + 12.0 + FIGURE_LINE * (index + 1) as f64), WORD, word);
            }
            free = top + figure.height();
            rest -= figure.height();
        }
    }
}
