//! Figures as people read them. This is the only place where they are rounded: half away from zero, as spreadsheets do;
//! money to its minor unit, percentages and rates to one decimal, leads whole.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::money::{Currency, Money, grouped};
use crate::domain::variance::{Measure, VariancePercent};

fn rounded(value: Decimal, places: u32) -> String {
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    grouped(rounded)
}

fn with_plus(text: String, value: Decimal) -> String {
    let shows_something = text.chars().any(|c| ('1'..='9').contains(&c));
    if value.is_sign_positive() && shows_something { format!("+{text}") } else { text }
}

/// An amount: `USD 12,500.00`.
#[must_use]
pub fn money(amount: Money) -> String {
    amount.to_string()
}

/// A computed amount, rounded to the minor unit: `USD 12,500.00`.
#[must_use]
pub fn amount(value: Decimal, currency: Currency) -> String {
    format!("{currency} {}", rounded(value, currency.exponent()))
}

/// A computed difference, with its sign: `USD +1,500.00`, `USD -1,500.00`, `USD 0.00`.
#[must_use]
pub fn signed_amount(value: Decimal, currency: Currency) -> String {
    format!("{currency} {}", with_plus(rounded(value, currency.exponent()), value))
}

/// A number of leads, whole: `1,234`.
#[must_use]
pub fn leads(value: Decimal) -> String {
    rounded(value, 0)
}

/// A difference in leads, with its sign: `+3`, `-9`, `0`.
#[must_use]
pub fn signed_leads(value: Decimal) -> String {
    with_plus(leads(value), value)
}

/// A percentage with one decimal: `49.5 %`, `-19.5 %`.
#[must_use]
pub fn percent(value: Decimal) -> String {
    format!("{} %", rounded(value, 1))
}

/// A difference in percent, with its sign: `+8.9 %`.
#[must_use]
pub fn signed_percent(value: Decimal) -> String {
    format!("{} %", with_plus(rounded(value, 1), value))
}

/// A variance in percent, `unplanned` where there was nothing to compare with, or empty.
#[must_use]
pub fn variance_percent(value: VariancePercent) -> String {
    match value {
        VariancePercent::Percent(percent) => signed_percent(percent),
        VariancePercent::Unplanned => "unplanned".to_owned(),
        VariancePercent::Blank => String::new(),
    }
}

/// A rate or ratio with one decimal: `1.8`.
#[must_use]
pub fn rate(value: Decimal) -> String {
    rounded(value, 1)
}

/// A value of a measure: whole leads, or an amount.
#[must_use]
pub fn value(measure: Measure, value: Decimal, currency: Currency) -> String {
    match measure {
        Measure::Leads => leads(value),
        Measure::Pipeline | Measure::Won | Measure::Spend => amount(value, currency),
    }
}

/// A difference in a measure, with its sign.
#[must_use]
pub fn signed_value(measure: Measure, value: Decimal, currency: Currency) -> String {
    match measure {
        Measure::Leads => signed_leads(value),
        Measure::Pipeline | Measure::Won | Measure::Spend => signed_amount(value, currency),
    }
}

/// A value a day: leads with one decimal, or an amount.
#[must_use]
pub fn value_a_day(measure: Measure, value: Decimal, currency: Currency) -> String {
    match measure {
        Measure::Leads => format!("{} a day", rate(value)),
        Measure::Pipeline | Measure::Won | Measure::Spend => format!("{} a day", amount(value, currency)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect("a number")
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let usd = Currency::parse("USD").expect("a currency");
        let jpy = Currency::parse("JPY").expect("a currency");
        assert_eq!(amount(of("0.125"), usd), "USD 0.13");
        assert_eq!(amount(of("-0.125"), usd), "USD -0.13");
        assert_eq!(amount(of("1234567.5"), jpy), "JPY 1,234,568");
        assert_eq!(leads(of("2.5")), "3");
        assert_eq!(percent(of("-19.45")), "-19.5 %");
        assert_eq!(percent(of("-19.449999999999")), "-19.4 %");
    }

    #[test]
    fn signs_are_shown_only_beside_something() {
        let usd = Currency::parse("USD").expect("a currency");
        assert_eq!(signed_leads(of("3.2")), "+3");
        assert_eq!(signed_leads(of("-9.2")), "-9");
        assert_eq!(signed_leads(of("0.2")), "0");
        assert_eq!(signed_leads(of("-0.2")), "0");
        assert_eq!(signed_amount(of("1500"), usd), "USD +1,500.00");
        assert_eq!(signed_amount(of("-0.001"), usd), "USD 0.00");
        assert_eq!(variance_percent(VariancePercent::Percent(of("8.94"))), "+8.9 %");
        assert_eq!(variance_percent(VariancePercent::Unplanned), "unplanned");
        assert_eq!(variance_percent(VariancePercent::Blank), "");
    }
}
