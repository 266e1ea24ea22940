//! What people write about a campaign, read against its plan's currency and day. Used where one is added and where one
//! is changed, so that both understand the same.

use super::ResultsBy;
use crate::domain::campaign_type::CampaignType;
use crate::domain::curve::{CurveKind, CurveOverrides, MonthlyWeights};
use crate::domain::day::parse_day;
use crate::domain::escape::short;
use crate::domain::money::{Currency, Money, parse_amount_in};
use crate::domain::period::Period;
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

/// The longest name of a campaign, in characters.
pub const NAME_LIMIT: usize = 100;
/// The longest segment, message, offer or channel, in characters: what a form's input takes.
pub const TEXT_LIMIT: usize = 4_000;
/// The most send dates that one campaign has.
pub const MAX_SENDS: usize = 60;
/// The most hours that a campaign takes one side.
pub const MAX_EFFORT_HOURS: i64 = 10_000;

/// # Errors
/// `bad_input` for an empty name or one above [`NAME_LIMIT`].
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if is_blank(name) || name == "-" || name.chars().count() > NAME_LIMIT {
        return Err(Refusal::bad_input(
            format!("A campaign needs a name of at most {NAME_LIMIT} characters."),
            "",
        ));
    }
    Ok(name.to_owned())
}

/// # Errors
/// `bad_input` for a type that isn't known.
pub fn kind(text: &str) -> Result<CampaignType, Refusal> {
    CampaignType::parse(text).ok_or_else(|| {
        Refusal::bad_input(
            format!("I don't know the campaign type \"{}\".", short(text, 40)),
            "Pick one from the list.",
        )
    })
}

/// # Errors
/// `bad_input` for what is no day.
pub fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    parse_day(text, today).map_err(|error| Refusal::unreadable(&error, ""))
}

/// # Errors
/// `bad_input` for an end before the start, or a span longer than a plan's.
pub fn period(start: NaiveDate, end: NaiveDate) -> Result<Period, Refusal> {
    Period::new(start, end).map_err(|error| Refusal::unreadable(&error, ""))
}

/// # Errors
/// `bad_input` for what is no amount in the currency.
pub fn money(text: &str, currency: Currency) -> Result<Money, Refusal> {
    parse_amount_in(text, currency).map_err(|error| Refusal::unreadable(&error, ""))
}

/// # Errors
/// `bad_input` for anything but `crm` and `hand`.
pub fn results(text: &str) -> Result<ResultsBy, Refusal> {
    ResultsBy::parse(text).ok_or_else(|| Refusal::bad_input("Results come by crm or by hand.", ""))
}

/// A long text without the spaces around it.
///
/// # Errors
/// `bad_input` above [`TEXT_LIMIT`].
pub fn text(option: &str, text: &str) -> Result<String, Refusal> {
    let text = Some(text.trim()).filter(|text| !is_blank(text)).unwrap_or_default();
    if text.chars().count() > TEXT_LIMIT {
        return Err(Refusal::bad_input(
            format!("The option {option} takes at most {TEXT_LIMIT} characters."),
            "Say it shorter.",
        ));
    }
    Ok(text.to_owned())
}

/// Days with commas between them, in order, each once.
///
/// # Errors
/// `bad_input` for what is no day, and for more than [`MAX_SENDS`].
pub fn sends(text: &str, today: NaiveDate) -> Result<Vec<NaiveDate>, Refusal> {
    let texts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut sends = texts.map(|part| day(part, today)).collect::<Result<Vec<_>, _>>()?;
    sends.sort_unstable();
    sends.dedup();
    if sends.len() > MAX_SENDS {
        return Err(Refusal::bad_input(format!("A campaign has at most {MAX_SENDS} sends."), ""));
    }
    Ok(sends)
}

/// A decimal as people write it. The usual reader also takes exponents, signs and underscores.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    Some(text).filter(|_| plain)?.parse().ok()
}

/// Hours in all that a campaign takes one side.
///
/// # Errors
/// `bad_input` for anything but whole hours up to [`MAX_EFFORT_HOURS`].
pub fn hours(option: &str, text: &str) -> Result<i64, Refusal> {
    let digits = text.trim().trim_end_matches(['h', 'H']).trim_end();
    let hours: Option<i64> = digits.parse().ok();
    hours.filter(|hours| (0..=MAX_EFFORT_HOURS).contains(hours)).ok_or_else(|| {
        Refusal::bad_input(
            format!("\"{}\" is no effort.", short(text, 30)),
            format!("Give {option} in whole hours, such as 24."),
        )
    })
}

/// `tail 14, pipeline 30, won 90`: days, each of the three on its own or `-` for the usual. What isn't named stays.
///
/// # Errors
/// `bad_input` for anything else. How long they may be is checked with the campaign.
pub fn curve(text: &str, before: &CurveOverrides) -> Result<CurveOverrides, Refusal> {
    let mut curve = before.clone();
    for part in text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let bad = || {
            Refusal::bad_input(
                format!("I don't understand \"{}\".", short(part, 40)),
                "Write days such as: tail 14, pipeline 30, won 90. A - brings back the usual.",
            )
        };
        let (what, days) = part.split_once([' ', ':', '=']).ok_or_else(bad)?;
        let days = match days.trim().trim_end_matches("days").trim_end() {
            "-" => None,
            days => Some(days.parse::<u16>().map_err(|_| bad())?),
        };
        match what.trim().to_lowercase().as_str() {
            "tail" => curve.tail_days = days,
            "pipeline" => curve.pipeline_lag_days = days,
            "won" => curve.won_lag_days = days,
            _ => return Err(bad()),
        }
    }
    Ok(curve)
}

/// `jan 20, feb 30, mar 50`: how many percent of the leads come in which month of the campaign.
///
/// # Errors
/// `bad_input` for what is no such list, a month that the campaign has no day in, or weights that don't make 100.
pub fn weights(text: &str, period: Period) -> Result<CurveKind, Refusal> {
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let weights = parts.map(|part| weight(part, period)).collect::<Result<Vec<_>, _>>()?;
    let weights = MonthlyWeights::new(weights).map_err(|error| Refusal::unreadable(&error, ""))?;
    Ok(CurveKind::Monthly(weights))
}

fn weight(part: &str, period: Period) -> Result<(NaiveDate, Decimal), Refusal> {
    let bad = || {
        Refusal::bad_input(
            format!("I don't understand \"{}\".", short(part, 40)),
            "Write weights such as: jan 20, feb 30, mar 50.",
        )
    };
    let (month, percent) =
        part.trim_end_matches('%').trim_end().rsplit_once([' ', ':', '=']).ok_or_else(bad)?;
    let percent = decimal(percent.trim()).ok_or_else(bad)?;
    let month = month.trim().to_lowercase();
    let first = period.start().with_day(1).unwrap_or(period.start());
    let months =
        (0..).map_while(|n| first.checked_add_months(Months::new(n))).take_while(|m| *m <= period.end());
    let mut named = months.filter(|day| {
        let (name, year) = (day.format("%B").to_string().to_lowercase(), day.year());
        let said = |text: &str| text.len() >= 3 && name.starts_with(text);
        said(&month)
            || month == day.format("%Y-%m").to_string()
            || month.strip_suffix(&format!(" {year}")).is_some_and(said)
    });
    match (named.next(), named.next()) {
        (Some(day), None) => Ok((day, percent.normalize())),
        (Some(_), Some(_)) => Err(Refusal::bad_input(
            format!("The campaign has more than one month \"{}\".", short(&month, 20)),
            "Write it with its year, such as 2026-02.",
        )),
        (None, _) => Err(Refusal::bad_input(
            format!("The campaign has no day in \"{}\".", short(&month, 20)),
            format!("It runs from {} to {}.", period.start(), period.end()),
        )),
    }
}
