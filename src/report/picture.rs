//! The report's picture: a snapshot's course by day, drawn by `report::chart`.

use super::chart::{self, Chart, ChartError, Forecast, Light, Panel, Status, Unit};
use crate::domain::report::Snapshot;
use crate::domain::variance::{self, Measure, MeasureLine, StatusReason, VarianceReport};
use crate::text::card::File;
use crate::text::{self, figure, number};
use rust_decimal::Decimal;

/// The name of the attached picture, which the card refers to.
pub const FILE_NAME: &str = "variance.png";

/// Draws the picture. It takes tenths of a second: on a thread that may block, and in no transaction.
///
/// # Errors
/// A chart that can't be drawn: a fault of ours.
pub fn png(snapshot: &Snapshot, report: &VarianceReport) -> Result<File, ChartError> {
    let bytes = chart::png(&chart(snapshot, report))?;
    Ok(File { name: FILE_NAME.to_owned(), content_type: "image/png".to_owned(), bytes })
}

/// What is drawn: one panel for each measure.
pub fn chart(snapshot: &Snapshot, report: &VarianceReport) -> Chart {
    let plan = &snapshot.plan;
    Chart {
        title: format!("{} · {} {}", snapshot.partner.name, plan.name_short(), plan.name),
        subtitle: format!(
            "Actual against plan to the end of {}, day {} of {}",
            report.as_of, report.progress.day, report.progress.days
        ),
        footnote: format!(
            "As known on {} ({})",
            snapshot.as_of.with_timezone(&plan.zone).format("%Y-%m-%d %H:%M"),
            plan.zone.name()
        ),
        panels: report.plan.iter().map(|line| panel(snapshot, line)).collect(),
    }
}

fn panel(snapshot: &Snapshot, line: &MeasureLine) -> Panel {
    let currency = snapshot.plan.currency;
    let period = snapshot.figures.period;
    let points = variance::series(&snapshot.figures, line.measure);
    let baseline: Vec<_> = points.iter().map(|point| (point.day, point.baseline)).collect();
    let planned: Vec<_> = points.iter().map(|point| (point.day, point.planned)).collect();
    let shown = |value: Decimal| number::value(line.measure, value, currency);
    Panel {
        title: text::report::title(line.measure).to_owned(),
        unit: match line.measure {
            Measure::Leads => Unit::Count,
            Measure::Pipeline | Measure::Won | Measure::Spend => {
                Unit::Money { code: currency.code().to_owned(), exponent: currency.exponent() }
            }
        },
        period: (period.start(), period.end()),
        today: snapshot.day,
        actual: points.iter().filter_map(|point| Some((point.day, point.actual?))).collect(),
        baseline: (baseline != planned).then_some(baseline),
        planned,
        forecast: Some(Forecast {
            end: period.end(),
            low: line.band.low,
            mid: line.forecast,
            high: line.band.high,
        }),
        status: Status { word: word(line), light: light(line.status) },
        headline: if line.planned_to_date.is_zero() {
            shown(line.actual)
        } else {
            format!("{} of {} planned by now", shown(line.actual), shown(line.planned_to_date))
        },
    }
}

/// The status in words, short enough for its place in a panel.
fn word(line: &MeasureLine) -> String {
    let colour = figure::status_word(line.status);
    match line.status_reason {
        StatusReason::NoBudgetLine => format!("{colour}: no budget line"),
        StatusReason::OverPlanned => format!("{colour}: over plan"),
        StatusReason::BeforePlanned => format!("{colour}: spent early"),
        StatusReason::Underspent => format!("{colour}: underspent"),
        _ => figure::status_in_words(line),
    }
}

fn light(status: variance::Status) -> Light {
    match status {
        variance::Status::Grey => Light::Grey,
        variance::Status::Green => Light::Green,
        variance::Status::Amber => Light::Amber,
        variance::Status::Red => Light::Red,
    }
}
