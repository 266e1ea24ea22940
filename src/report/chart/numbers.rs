//! Numbers in the picture: round marks for an axis, and short forms of exact amounts.

use rust_decimal::{Decimal, RoundingStrategy};

use super::Unit;

/// The vertical axis: its limits and the marks between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The value at the foot.
    pub low: f64,
    /// The value at the top, always greater.
    pub high: f64,
    /// Marks with their labels, from the foot up.
    pub marks: Vec<(f64, String)>,
}

/// An axis around `least..=most` with about `wanted` round steps. It always contains 0, so that heights compare.
pub fn axis(least: f64, most: f64, wanted: f64, unit: &Unit) -> Axis {
    let smallest_step = match unit {
        Unit::Count => 1.0,
        Unit::Money { exponent, .. } => 10f64.powi(-i32::try_from(*exponent).unwrap_or(0).min(6)),
    };
    let (least, most) = (least.min(0.0), most.max(0.0));
    // Where nothing is, one whole unit is as good a height as any, and reads better than a cent.
    let spread = if most > least { most - least } else { wanted.max(1.0) };
    let step = round_step(spread / wanted.max(1.0), smallest_step);
    let first = (least / step).floor();
    let last = (most / step).ceil().max(first + 1.0);
    let scale = Scale::of(first.abs().max(last.abs()) * step);
    let mut marks = Vec::new();
    let mut at = first;
    while at <= last {
        marks.push((at * step, scale.label(at * step, step)));
        at += 1.0;
    }
    Axis { low: first * step, high: last * step, marks }
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `rough`, and is a multiple of `smallest`.
fn round_step(rough: f64, smallest: f64) -> f64 {
    if rough <= smallest {
        return smallest;
    }
    let power = 10f64.powf(rough.log10().floor());
    let fits = |lead: &f64| {
        let multiple = lead * power / smallest;
        lead * power >= rough * (1.0 - 1e-9) && (multiple - multiple.round()).abs() < 1e-6 * multiple
    };
    [1.0, 2.0, 2.5, 5.0].into_iter().find(fits).unwrap_or(10.0) * power
}

/// One unit for all labels of an axis, so that they compare at a glance.
struct Scale {
    divisor: f64,
    suffix: &'static str,
}

impl Scale {
    fn of(greatest: f64) -> Self {
        let (divisor, suffix) = match greatest {
            g if g >= 1e12 => (1e12, "T"),
            g if g >= 1e9 => (1e9, "B"),
            g if g >= 1e6 => (1e6, "M"),
            g if g >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        Self { divisor, suffix }
    }

    fn label(&self, value: f64, step: f64) -> String {
        if value == 0.0 {
            return "0".to_owned();
        }
        if value.abs() >= 1e16 {
            return scientific(value);
        }
        // As many decimals as the step needs: 0.25 wants two.
        let exact = |decimals: &i32| {
            let shifted = step / self.divisor * 10f64.powi(*decimals);
            (shifted - shifted.round()).abs() < 1e-6 * shifted
        };
        let decimals = (0..6).find(exact).unwrap_or(6);
        let digits = format!("{:.*}", usize::try_from(decimals).unwrap_or(0), value / self.divisor);
        format!("{}{}", grouped(&digits), self.suffix)
    }
}

const SHORT: [(u32, &str); 4] = [(12, "T"), (9, "B"), (6, "M"), (3, "k")];

/// An amount in few characters, rounded half away from zero: "947", "12.50", "9,480", "12.4k", "1.25M", "1.2e19".
pub fn compact(value: Decimal, unit: &Unit) -> String {
    let ten_thousand = Decimal::from(10_000);
    let places = match unit {
        Unit::Count => 0,
        Unit::Money { .. } if value.abs() >= Decimal::ONE_HUNDRED => 0,
        Unit::Money { exponent, .. } => (*exponent).min(6),
    };
    let plain = rounded(value, places);
    if plain.abs() < ten_thousand {
        let digits = if plain.fract().is_zero() {
            plain.trunc().to_string()
        } else {
            format!("{plain:.*}", places as usize)
        };
        return grouped(&digits);
    }
    let Some(short) = value.round_sf_with_strategy(3, RoundingStrategy::MidpointAwayFromZero) else {
        return value.to_string();
    };
    if short.abs() >= Decimal::from(10_000_000_000_000_000_i64) {
        return scientific(approximate(short));
    }
    for (power, suffix) in SHORT {
        let divisor = Decimal::from(10_i64.pow(power));
        if short.abs() >= divisor {
            return format!("{}{suffix}", grouped(&(short / divisor).normalize().to_string()));
        }
    }
    grouped(&short.normalize().to_string())
}

/// "2.5e28": three digits, without zeros that say nothing.
fn scientific(value: f64) -> String {
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.')),
        None => text,
    }
}

/// A position in the picture.
pub fn approximate(value: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    value.to_f64().unwrap_or(0.0)
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// A comma before every third digit of the whole part.
fn grouped(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}
