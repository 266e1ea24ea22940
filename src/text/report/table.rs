//! The table of the plan's measures: two beside each other, so that it stays narrow enough for a phone.

use super::title;
use crate::domain::money::Currency;
use crate::domain::variance::{Lines, MeasureLine};
use crate::text::figure::status_word;
use crate::text::number::{signed_value, value, variance_percent};
use rust_decimal::Decimal;

/// Two code blocks: leads and pipeline, won revenue and spend. With a baseline beside them once the plan has changed.
pub(super) fn of(lines: &Lines, currency: Currency, changed: bool) -> String {
    let pairs = [[&lines.leads, &lines.pipeline], [&lines.won, &lines.spend]];
    pairs.map(|pair| format!("```\n{}\n```", block(pair, currency, changed))).join(
        "
",
    )
}

fn block(pair: [&MeasureLine; 2], currency: Currency, changed: bool) -> String {
    let cells = pair.map(|line| column(line, currency));
    let widths = cells
        .each_ref()
        .map(|column| column.iter().map(|(_, cell)| cell.chars().count()).max().unwrap_or_default());
    let blank = |row: usize| match row {
        LATER => pair.iter().all(|line| line.planned_after.is_zero()),
        RELEASED => pair.iter().all(|line| line.released.is_zero()),
        BASELINE | BASELINE_DUE => !changed,
        _ => false,
    };
    let rows = (0..cells[0].len()).filter(|row| !blank(*row)).map(|row| {
        let (label, left) = &cells[0][row];
        let (_, right) = &cells[1][row];
        let text = format!("{label:<15} {left:>0$} {right:>1$}", widths[0], widths[1] + 1);
        text.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// The row of what is planned for after the period: left out where that is nothing.
const LATER: usize = 3;
/// The row of what of the target is planned no more: left out where that is nothing.
const RELEASED: usize = 4;
/// The rows by revision 1: left out while that is the one in force.
const BASELINE: usize = 10;
const BASELINE_DUE: usize = 11;

fn column(line: &MeasureLine, currency: Currency) -> [(&'static str, String); 13] {
    // The currency stands in the footer once instead of in each cell.
    let bare =
        |text: String| text.strip_prefix(currency.code()).map_or(text.clone(), |rest| rest.trim().to_owned());
    let shown = |amount: Decimal| bare(value(line.measure, amount, currency));
    [
        ("", title(line.measure).to_owned()),
        ("Target", line.target.map_or_else(|| "none".to_owned(), shown)),
        ("Planned by end", shown(line.planned_by_end)),
        ("Planned after", shown(line.planned_after)),
        ("Released", shown(line.released)),
        ("Planned to date", shown(line.planned_to_date)),
        ("Actual", shown(line.actual)),
        ("Variance", bare(signed_value(line.measure, line.variance, currency))),
        ("Variance %", variance_percent(line.variance_pct)),
        ("Forecast", shown(line.forecast)),
        ("Baseline target", line.baseline.target.map_or_else(|| "none".to_owned(), shown)),
        ("Baseline due", shown(line.baseline.planned_to_date)),
        ("Status", status_word(line.status).to_owned()),
    ]
}
