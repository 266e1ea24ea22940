//! A line of the variance report in one plain sentence, and its colour in words.

use rust_decimal::Decimal;

use super::number::{value, value_a_day};
use crate::domain::money::Currency;
use crate::domain::variance::{Measure, MeasureLine, Status, StatusReason};

/// One sentence for a line: `38 of 47 leads due by now; 1.8 a day needed, 0.8 a day so far`. Without a full stop, so
/// that it can stand in a table.
#[must_use]
pub fn sentence(line: &MeasureLine, currency: Currency) -> String {
    let pace = pace(line, currency);
    let stand = stand(line, currency);
    if pace.is_empty() { stand } else { format!("{stand}; {pace}") }
}

fn noun(measure: Measure) -> &'static str {
    match measure {
        Measure::Leads => "leads",
        Measure::Pipeline => "pipeline",
        Measure::Won => "won revenue",
        Measure::Spend => "planned spend",
    }
}

fn stand(line: &MeasureLine, currency: Currency) -> String {
    let shown = |amount| value(line.measure, amount, currency);
    let actual = shown(line.actual);
    if line.status_reason == StatusReason::NoBudgetLine {
        return format!("{actual} spent without a budget line");
    }
    if !line.planned_to_date.is_zero() {
        let planned = shown(line.planned_to_date);
        return match line.measure {
            Measure::Spend => format!("{actual} of {planned} planned spend by now"),
            Measure::Leads | Measure::Pipeline | Measure::Won => {
                format!("{actual} of {planned} {} due by now", noun(line.measure))
            }
        };
    }
    let nothing = if line.planned_by_end.is_zero() { "in this period" } else { "yet" };
    match (line.measure, line.actual.is_zero()) {
        (Measure::Spend, true) => format!("no spend planned {nothing}"),
        (Measure::Spend, false) => format!("{actual} spent, none planned {nothing}"),
        (measure, true) => format!("no {} due {nothing}", noun(measure)),
        (measure, false) => format!("{actual} {}, none due {nothing}", noun(measure)),
    }
}

fn pace(line: &MeasureLine, currency: Currency) -> String {
    let a_day = |amount| value_a_day(line.measure, amount, currency);
    let nothing_to_do = line.planned_by_end.is_zero() && line.actual.is_zero();
    let needed = match line.needed_a_day {
        _ if nothing_to_do => None,
        None => Some("the period is over".to_owned()),
        Some(needed) if needed > Decimal::ZERO => Some(match line.measure {
            Measure::Spend => format!("{} left to spend", a_day(needed)),
            Measure::Leads | Measure::Pipeline | Measure::Won => format!("{} needed", a_day(needed)),
        }),
        Some(_) if line.planned_by_end.is_zero() => None,
        Some(_) => Some(match line.measure {
            Measure::Spend => "all that is planned for the period is spent".to_owned(),
            Measure::Leads | Measure::Pipeline | Measure::Won => {
                "all that is planned for the period has come in".to_owned()
            }
        }),
    };
    let so_far = line.so_far_a_day.map(|rate| format!("{} so far", a_day(rate)));
    [needed, so_far].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A colour as a word.
#[must_use]
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Grey => "grey",
        Status::Green => "green",
        Status::Amber => "amber",
        Status::Red => "red",
    }
}

/// A colour and why: `red: behind plan`. Always stands beside the colour, which not everybody sees.
#[must_use]
pub fn status_in_words(line: &MeasureLine) -> String {
    let reason = match line.status_reason {
        StatusReason::OnPlan => "on plan",
        StatusReason::NothingPlanned => "nothing planned",
        StatusReason::TooEarly => "too early to tell",
        StatusReason::Behind => "behind plan",
        StatusReason::OverBudget => "over the budget line",
        StatusReason::NoBudgetLine => "spent without a budget line",
        StatusReason::OverPlanned => "more spent than planned by now",
        StatusReason::BeforePlanned => "spent before it was planned",
        StatusReason::Underspent => "less spent than planned by now",
    };
    format!("{}: {reason}", status_word(line.status))
}
