//! A small SVG writer: the shapes that the chart needs, with every text escaped on the way in.

use std::fmt::Write;

use super::text::{FAMILY, Weight, escaped};

/// Which point of a text lies at its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// Height of the letters' em.
    pub size: f64,
    /// Weight.
    pub weight: Weight,
    /// `#rrggbb`.
    pub colour: &'static str,
    /// Which end is fixed.
    pub anchor: Anchor,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// `#rrggbb`.
    pub colour: &'static str,
    /// Thickness.
    pub width: f64,
    /// Lengths of strokes and gaps, or empty for a solid line.
    pub dashes: &'static str,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Area {
    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
}

/// The drawing as it grows.
#[derive(Debug, Default)]
pub struct Svg {
    body: String,
    definitions: String,
    clips: usize,
}

impl Svg {
    /// The finished document.
    pub fn document(self, width: f64, height: f64) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"><defs>{}</defs>{}</svg>"#,
            self.definitions, self.body
        )
    }

    fn add(&mut self, shape: std::fmt::Arguments<'_>) {
        // Writing to a String can't fail.
        let _ = self.body.write_fmt(shape);
    }

    /// A filled rectangle with round corners, and an edge where `edge` is given.
    pub fn rectangle(&mut self, area: Area, radius: f64, fill: &str, edge: Option<&str>) {
        let Area { x, y, w, h } = area;
        let edge = edge.unwrap_or("none");
        self.add(format_args!(
            r#"<rect x="{x:.2}" y="{y:.2}" width="{w:.2}" height="{h:.2}" rx="{radius}" fill="{fill}" stroke="{edge}"/>"#
        ));
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.polyline(&[from, to], stroke);
    }

    /// A line through all points.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        let Stroke { colour, width, dashes } = stroke;
        let dashes = if dashes.is_empty() { "none" } else { dashes };
        self.add(format_args!(
            r#"<polyline fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" stroke-linecap="butt" stroke-dasharray="{dashes}" points="{}"/>"#,
            coordinates(points)
        ));
    }

    /// A filled outline.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str, opacity: f64) {
        self.add(format_args!(
            r#"<polygon fill="{fill}" fill-opacity="{opacity}" points="{}"/>"#,
            coordinates(points)
        ));
    }

    /// A disc with a rim.
    pub fn disc(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, rim: &str, rim_width: f64) {
        self.add(format_args!(
            r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius}" fill="{fill}" stroke="{rim}" stroke-width="{rim_width}"/>"#
        ));
    }

    /// A text that has been made to fit.
    pub fn text(&mut self, (x, y): (f64, f64), style: Type, text: &str) {
        self.set_text((x, y), style, text, "");
    }

    /// A text over lines: with a white rim, so that it stays legible.
    pub fn text_over(&mut self, (x, y): (f64, f64), style: Type, text: &str) {
        let rim = r##" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke""##;
        self.set_text((x, y), style, text, rim);
    }

    fn set_text(&mut self, (x, y): (f64, f64), style: Type, text: &str, rim: &str) {
        if text.is_empty() {
            return;
        }
        let Type { size, weight, colour, anchor } = style;
        let weight = match weight {
            Weight::Regular => 400,
            Weight::Bold => 700,
        };
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.add(format_args!(
            r#"<text x="{x:.2}" y="{y:.2}" font-family="{FAMILY}" font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}"{rim}>{text}</text>"#
        ));
    }

    /// What `draw` adds is cut off at the edges of `area`.
    pub fn clipped(&mut self, area: Area, draw: impl FnOnce(&mut Self)) {
        let Area { x, y, w, h } = area;
        self.clips += 1;
        let id = self.clips;
        let _ = write!(
            self.definitions,
            r#"<clipPath id="c{id}"><rect x="{x:.2}" y="{y:.2}" width="{w:.2}" height="{h:.2}"/></clipPath>"#
        );
        self.add(format_args!(r#"<g clip-path="url(#c{id})">"#));
        draw(self);
        self.body.push_str("</g>");
    }
}

fn coordinates(points: &[(f64, f64)]) -> String {
    let mut out = String::with_capacity(points.len() * 14);
    for (x, y) in points {
        let _ = write!(out, "{x:.2},{y:.2} ");
    }
    out
}
