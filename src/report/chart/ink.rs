//! Colours and strokes. Blue against orange stays apart for every common colour blindness, and each line has a stroke of its
//! own besides; all text has a contrast of at least 4.5 : 1 on its ground.

use super::Light;
use super::svg::Stroke;

/// The picture's ground.
pub const GROUND: &str = "#eef1f5";
/// A panel's ground.
pub const CARD: &str = "#ffffff";
/// A panel's edge.
pub const CARD_EDGE: &str = "#d3dae3";
/// Titles and figures.
pub const INK: &str = "#16202c";
/// Everything that explains.
pub const MUTED: &str = "#55606e";
/// Figures of the actual.
pub const ACTUAL_INK: &str = "#0b4f9e";
/// Figures of the forecast.
pub const FORECAST_INK: &str = "#8a4b00";
/// The forecast's band.
pub const BAND: &str = "#e69f00";
/// How strong the band is.
pub const BAND_OPACITY: f64 = 0.26;

/// Horizontal marks.
pub const GRID: Stroke = Stroke { colour: "#e3e8ee", width: 1.0, dashes: "" };
/// The line at 0 and the ticks of days.
pub const FOOT: Stroke = Stroke { colour: "#9aa5b1", width: 1.0, dashes: "" };
/// Actual: solid and strong.
pub const ACTUAL: Stroke = Stroke { colour: "#0b4f9e", width: 2.8, dashes: "" };
/// Planned: dashed.
pub const PLANNED: Stroke = Stroke { colour: "#55606e", width: 1.9, dashes: "6 4" };
/// First plan: dotted.
pub const BASELINE: Stroke = Stroke { colour: "#8a93a0", width: 1.7, dashes: "1.7 3" };
/// Forecast: dash and dot.
pub const FORECAST: Stroke = Stroke { colour: "#b36200", width: 2.0, dashes: "8 3 2 3" };
/// The edges of the forecast's band.
pub const BAND_EDGE: Stroke = Stroke { colour: "#d08700", width: 0.8, dashes: "" };
/// The last day that the figures cover.
pub const TODAY: Stroke = Stroke { colour: "#16202c", width: 1.0, dashes: "2 2" };

/// A light's ground and ink.
pub fn of_light(light: Light) -> (&'static str, &'static str) {
    match light {
        Light::Green => ("#dcf3ea", "#00664a"),
        Light::Amber => ("#fff0d4", "#8a4b00"),
        Light::Red => ("#fde4e1", "#a61b13"),
        Light::Grey => ("#e8ecf1", "#4a5563"),
    }
}
