//! The whole picture: head, places of the panels, legend, small print.

use super::ink;
use super::panel;
use super::series::Lines;
use super::svg::{Anchor, Area, Svg, Type};
use super::text::{Weight, fitted, width};
use super::{Chart, ChartError, MAX_PANELS, Panel};

const WIDTH: f64 = 800.0;
const MARGIN: f64 = 20.0;
const GAP: f64 = 12.0;
/// Height of the drawing with one row of panels, and with two.
const HEIGHTS: [f64; 2] = [450.0, 580.0];

const TITLE: Type = Type { size: 21.0, weight: Weight::Bold, colour: ink::INK, anchor: Anchor::Start };
const SUBTITLE: Type =
    Type { size: 13.0, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::Start };
const LEGEND: Type = Type { size: 12.0, weight: Weight::Regular, colour: ink::INK, anchor: Anchor::Start };
const FOOTNOTE: Type =
    Type { size: 11.0, weight: Weight::Regular, colour: ink::MUTED, anchor: Anchor::Start };

/// The SVG document of a chart.
///
/// # Errors
/// [`ChartError::Panels`] and [`ChartError::Period`].
pub fn draw(chart: &Chart) -> Result<String, ChartError> {
    let found = chart.panels.len();
    if found == 0 || found > MAX_PANELS {
        return Err(ChartError::Panels { found });
    }
    if let Some(panel) = chart.panels.iter().find(|panel| panel.period.1 < panel.period.0) {
        return Err(ChartError::Period { panel: panel.title.clone() });
    }
    let height = if found <= 2 { HEIGHTS[0] } else { HEIGHTS[1] };
    let mut svg = Svg::default();
    svg.rectangle(Area { x: 0.0, y: 0.0, w: WIDTH, h: height }, 0.0, ink::GROUND, None);
    let top = head(&mut svg, chart);
    let bottom = foot(&mut svg, chart, height);
    let room = Area { x: MARGIN, y: top, w: WIDTH - 2.0 * MARGIN, h: bottom - top };
    for (panel, area) in chart.panels.iter().zip(places(found, room)) {
        panel::draw(&mut svg, panel, area);
    }
    Ok(svg.document(WIDTH, height))
}

/// Title and subtitle; returns where the panels may begin.
fn head(svg: &mut Svg, chart: &Chart) -> f64 {
    let room = WIDTH - 2.0 * MARGIN;
    svg.text((MARGIN, 35.0), TITLE, &fitted(&chart.title, TITLE.size, TITLE.weight, room));
    let subtitle = fitted(&chart.subtitle, SUBTITLE.size, SUBTITLE.weight, room);
    if subtitle.is_empty() {
        return 50.0;
    }
    svg.text((MARGIN, 55.0), SUBTITLE, &subtitle);
    68.0
}

/// Legend and small print, from the foot up; returns where the panels have to end.
fn foot(svg: &mut Svg, chart: &Chart, height: f64) -> f64 {
    let footnote = fitted(&chart.footnote, FOOTNOTE.size, FOOTNOTE.weight, WIDTH - 2.0 * MARGIN);
    let mut line = height - 14.0;
    if !footnote.is_empty() {
        svg.text((MARGIN, line), FOOTNOTE, &footnote);
        line -= 20.0;
    }
    legend(svg, chart, line);
    line - 22.0
}

/// Cells for one to four panels: one, two beside each other, two above one wide, two by two.
fn places(count: usize, room: Area) -> Vec<Area> {
    let half_w = (room.w - GAP) / 2.0;
    let half_h = (room.h - GAP) / 2.0;
    let (right, lower) = (room.x + half_w + GAP, room.y + half_h + GAP);
    let cell = |x, y, w, h| Area { x, y, w, h };
    match count {
        1 => vec![room],
        2 => vec![cell(room.x, room.y, half_w, room.h), cell(right, room.y, half_w, room.h)],
        3 => vec![
            cell(room.x, room.y, half_w, half_h),
            cell(right, room.y, half_w, half_h),
            cell(room.x, lower, room.w, half_h),
        ],
        _ => vec![
            cell(room.x, room.y, half_w, half_h),
            cell(right, room.y, half_w, half_h),
            cell(room.x, lower, half_w, half_h),
            cell(right, lower, half_w, half_h),
        ],
    }
}

/// One entry for each kind of line that some panel shows.
fn legend(svg: &mut Svg, chart: &Chart, y: f64) {
    let shows = |test: fn(&Panel) -> bool| chart.panels.iter().any(test);
    let entries = [
        (shows(|panel| !panel.actual.is_empty()), "Actual", ink::ACTUAL),
        (shows(|panel| !panel.planned.is_empty()), "Planned", ink::PLANNED),
        (shows(|panel| panel.baseline.is_some()), "First plan", ink::BASELINE),
        (shows(|panel| Lines::of(panel).forecast.is_some()), FORECAST_WORD, ink::FORECAST),
    ];
    let (sample, space) = (34.0, 8.0);
    let middle = y - 4.0;
    let mut x = MARGIN;
    for (_, word, stroke) in entries.into_iter().filter(|(shown, ..)| *shown) {
        let end = x + sample;
        if word == FORECAST_WORD {
            let band = [(x, middle), (end, middle - 7.0), (end, middle + 7.0)];
            svg.polygon(&band, ink::BAND, ink::BAND_OPACITY);
        }
        svg.line((x, middle), (end, middle), stroke);
        svg.text((end + space, y), LEGEND, word);
        x = end + space + width(word, LEGEND.size, LEGEND.weight) + 24.0;
    }
}

const FORECAST_WORD: &str = "Forecast and its range";
