//! The picture in a variance report: cumulative actual against plan, with the forecast's band, one panel per figure.
//!
//! Everything arrives as values; the same [`Chart`] always gives the same bytes, on any machine, with or without fonts: the
//! only font is the one compiled in. Money is exact [`Decimal`] here too, and becomes floating point only as a position in
//! the picture. This module must never read a clock or a file, and never let a text become markup.
//!
//! The picture is light and opaque, so that it reads the same in a chat's light and dark theme. Nothing is told by colour
//! alone: each line has its own stroke, each status its own sign and word.
//!
//! A character that the font lacks (it has Latin, Greek and Cyrillic) is shown as an ellipsis, emoji are left out: the
//! message beside the picture carries the names as they are.

use chrono::NaiveDate;
use resvg::{tiny_skia, usvg};
use rust_decimal::Decimal;

pub mod dates;
mod frame;
mod ink;
pub mod numbers;
mod panel;
mod series;
mod svg;
pub mod text;

/// A day and the cumulative figure at its end.
pub type Point = (NaiveDate, Decimal);

/// A whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Whose plan, which period.
    pub title: String,
    /// What it is as of; may be empty.
    pub subtitle: String,
    /// Small print under the legend; may be empty.
    pub footnote: String,
    /// One to [`MAX_PANELS`] panels, in reading order.
    pub panels: Vec<Panel>,
}

/// The most panels a picture has room for.
pub const MAX_PANELS: usize = 4;

/// One figure of the report over the plan's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// "Leads", "Pipeline", …
    pub title: String,
    /// What is counted.
    pub unit: Unit,
    /// First and last day, both inclusive: the width of the picture. Points outside are not drawn; the last one before the
    /// period is where a line begins.
    pub period: (NaiveDate, NaiveDate),
    /// d: the last complete day that the report covers. Before the period: not started. At or after its end: no forecast.
    pub today: NaiveDate,
    /// Planned to date, cumulative, for the days of the period.
    pub planned: Vec<Point>,
    /// Actual, cumulative; what lies after `today` is not drawn.
    pub actual: Vec<Point>,
    /// The first revision's plan, where it differs.
    pub baseline: Option<Vec<Point>>,
    /// Where it is heading.
    pub forecast: Option<Forecast>,
    /// The judgement.
    pub status: Status,
    /// "38 of 47 due".
    pub headline: String,
}

/// What a panel's figures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Whole things.
    Count,
    /// An amount of money in major units.
    Money {
        /// ISO 4217 code, shown beside the title.
        code: String,
        /// Digits of the minor unit: JPY 0, USD 2, KWD 3.
        exponent: u32,
    },
}

/// The figure expected at `end`, and the band around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// The last day of the forecast, usually the period's.
    pub end: NaiveDate,
    /// The band's lower edge.
    pub low: Decimal,
    /// The forecast itself.
    pub mid: Decimal,
    /// The band's upper edge.
    pub high: Decimal,
}

/// A status as it is shown: the word and the light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// "on track", "behind", "over budget", …
    pub word: String,
    /// Colour and sign beside it.
    pub light: Light,
}

/// The four colours of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Light {
    /// Within what was planned.
    Green,
    /// Watch it.
    Amber,
    /// Needs a decision.
    Red,
    /// Too early to say.
    Grey,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// None, or more than fit.
    #[error("a chart has 1 to {MAX_PANELS} panels, not {found}")]
    Panels {
        /// How many there were.
        found: usize,
    },
    /// A period that ends before it starts.
    #[error("the period of panel “{panel}” ends before it starts")]
    Period {
        /// The panel's title.
        panel: String,
    },
    /// The renderer refused our own drawing: a fault of this module.
    #[error("the chart could not be drawn: {0}")]
    Drawing(String),
}

/// Real pixels per unit of the drawing.
const SCALE: f32 = 2.0;

/// The chart as an SVG document, 800 units wide: what [`png()`] makes pixels of.
///
/// # Errors
/// [`ChartError`] if the chart has no panel or too many, or a period runs backwards.
pub fn drawing(chart: &Chart) -> Result<String, ChartError> {
    frame::draw(chart)
}

/// The chart as a picture: 1600 × 900 pixels for one or two panels, 1600 × 1160 for more.
///
/// # Errors
/// [`ChartError`] if the chart has no panel or too many, or a period runs backwards.
pub fn png(chart: &Chart) -> Result<Vec<u8>, ChartError> {
    let drawing = drawing(chart)?;
    let options = usvg::Options { fontdb: text::font_database(), ..usvg::Options::default() };
    let fault = |cause: &dyn std::fmt::Display| ChartError::Drawing(cause.to_string());
    let tree = usvg::Tree::from_str(&drawing, &options).map_err(|cause| fault(&cause))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| fault(&"the drawing has no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| fault(&"the picture has no size"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|cause| fault(&cause))
}
