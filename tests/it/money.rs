//! Money: exact, in one currency, read as people write it.

mod exact;

use proptest::prelude::*;
use rust_decimal::Decimal;
use tandem::domain::money::{
    AmountError, Currency, MAX_MINOR, Money, MoneyError, parse_amount, parse_amount_in,
};

fn cur(code: &str) -> Currency {
    Currency::parse(code).expect("a currency")
}

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a number")
}

fn read(text: &str, default: &str) -> String {
    match parse_amount(text, cur(default)) {
        Ok(money) => money.to_string(),
        Err(error) => format!("refused: {error}"),
    }
}

#[test]
fn amounts_as_people_write_them() {
    for (text, expected) in [
        ("12.5k", "USD 12,500.00"),
        ("25k", "USD 25,000.00"),
        ("25 K", "USD 25,000.00"),
        ("1.2m", "USD 1,200,000.00"),
        ("1,2 mn", "USD 1,200,000.00"),
        ("€1,200.50", "EUR 1,200.50"),
        ("1.200,50 €", "EUR 1,200.50"),
        ("1.200,50", "USD 1,200.50"),
        ("USD 3k", "USD 3,000.00"),
        ("3k USD", "USD 3,000.00"),
        ("3kUSD", "USD 3,000.00"),
        ("usd3", "USD 3.00"),
        ("$500", "USD 500.00"),
        ("US$500", "USD 500.00"),
        ("£7", "GBP 7.00"),
        ("¥700", "JPY 700"),
        ("1'200", "USD 1,200.00"),
        ("1’234’567.5", "USD 1,234,567.50"),
        ("1 200,50", "USD 1,200.50"),
        ("1\u{a0}200", "USD 1,200.00"),
        ("1_000_000", "USD 1,000,000.00"),
        ("1.200", "USD 1,200.00"),
        ("1,200", "USD 1,200.00"),
        ("12,50", "USD 12.50"),
        ("12.5", "USD 12.50"),
        (".5", "USD 0.50"),
        ("0.500", "USD 0.50"),
        ("1,234,567", "USD 1,234,567.00"),
        ("0", "USD 0.00"),
        ("5 MKD", "MKD 5.00"),
        ("5 mmkd", "MKD 5,000,000.00"),
        ("JPY 12,500", "JPY 12,500"),
        ("KWD 1.5", "KWD 1.500"),
        ("1,500.250 kwd", "KWD 1,500.250"),
    ] {
        assert_eq!(read(text, "USD"), expected, "{text}");
    }
    assert_eq!(read("$5", "CAD"), "CAD 5.00");
    assert_eq!(read("$5", "EUR"), "USD 5.00");
    assert_eq!(read("¥5", "CNY"), "CNY 5.00");
    assert_eq!(read("1.200", "JPY"), "JPY 1,200");
}

#[test]
fn refused_amounts_say_what_would_be_right() {
    for (text, default, expected) in [
        ("", "USD", "An amount is missing. Write it like 12,500.00 or 12.5k."),
        ("lots", "USD", "“lots” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200."),
        ("12x", "USD", "“12x” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200."),
        ("-5", "USD", "An amount can't be negative. Write it without the minus sign."),
        ("$ -5", "USD", "An amount can't be negative. Write it without the minus sign."),
        ("(500)", "USD", "An amount can't be negative. Write it without the minus sign."),
        ("1.2.3", "USD", "The separators in “1.2.3” don't fit together. Write it like 12,500.00 or 12500."),
        (
            "1,200.50.1",
            "USD",
            "The separators in “1,200.50.1” don't fit together. Write it like 12,500.00 or 12500.",
        ),
        ("12 34", "USD", "The separators in “12 34” don't fit together. Write it like 12,500.00 or 12500."),
        ("12.", "USD", "The separators in “12.” don't fit together. Write it like 12,500.00 or 12500."),
        ("1.2345", "USD", "USD has 2 decimals, so “1.2345” can't be paid. Round it first."),
        ("0.5", "JPY", "JPY has no decimals, so “0.5” can't be paid. Round it first."),
        (
            "1.200",
            "KWD",
            "“1.200” can be read as KWD 1,200.000 or as KWD 1.200. Write KWD 1,200.000 or KWD 1.200.",
        ),
        (
            "1.200k",
            "USD",
            "“1.200k” can be read as USD 1,200,000.00 or as USD 1,200.00. Write USD 1,200,000.00 or USD 1,200.00.",
        ),
        ("5 ZZZ", "USD", "“ZZZ” is not a currency code. Use a three-letter code such as USD, EUR or JPY."),
        (
            "5 XAU",
            "USD",
            "Nothing can be paid in XAU. Use the code of a country's currency, such as USD or EUR.",
        ),
        ("€5 USD", "USD", "“€5 USD” names two currencies. Name one."),
        ("EUR USD 5", "USD", "“EUR USD 5” names two currencies. Name one."),
        ("90000000000000.01", "USD", "That is more than Tandem counts (USD 90,000,000,000,000.00)."),
        (
            "99999999999999999999999999999999999",
            "USD",
            "That is more than Tandem counts (USD 90,000,000,000,000.00).",
        ),
    ] {
        assert_eq!(read(text, default), format!("refused: {expected}"), "{text}");
    }
    let wrong = parse_amount_in("€5", cur("USD")).expect_err("another currency");
    assert_eq!(wrong.to_string(), "This has to be in USD, not EUR.");
    assert_eq!(parse_amount(&"1".repeat(41), cur("USD")), Err(AmountError::TooLong));
}

#[test]
fn the_largest_amount_is_the_limit() {
    assert_eq!(read("90000000000000", "USD"), "USD 90,000,000,000,000.00");
    let most = Money::from_minor(MAX_MINOR, cur("USD")).expect("the limit itself");
    let cent = Money::from_minor(1, cur("USD")).expect("a cent");
    assert_eq!(most.checked_add(cent), Err(MoneyError::TooLarge(cur("USD"))));
    assert_eq!(most.negate().checked_sub(cent), Err(MoneyError::TooLarge(cur("USD"))));
    assert!(Money::from_minor(i64::MIN, cur("USD")).is_err());
    assert_eq!(most.checked_sub(cent).expect("fits").minor(), MAX_MINOR - 1);
}

#[test]
fn two_currencies_are_never_added_or_compared() {
    let (usd, eur) = (Money::zero(cur("USD")), Money::zero(cur("EUR")));
    let mismatch = MoneyError::CurrencyMismatch { left: cur("USD"), right: cur("EUR") };
    assert_eq!(usd.checked_add(eur), Err(mismatch.clone()));
    assert_eq!(usd.checked_sub(eur), Err(mismatch.clone()));
    assert_eq!(usd.compare(eur), Err(mismatch.clone()));
    assert_eq!(Money::sum(cur("USD"), [usd, eur]), Err(mismatch));
}

#[test]
fn minor_units_follow_the_currency() {
    let minor = |text, code| Money::from_decimal(dec(text), cur(code)).map(Money::minor);
    assert_eq!(minor("12500", "JPY"), Ok(12_500));
    assert_eq!(minor("12500.5", "USD"), Ok(1_250_050));
    assert_eq!(minor("1.250", "KWD"), Ok(1_250));
    assert_eq!(minor("1.2500", "KWD"), Ok(1_250));
    let error = minor("1.255", "USD").expect_err("too fine");
    assert_eq!(error.to_string(), "USD has 2 decimals, so 1.255 cannot be written in it.");
    assert!(Currency::parse("XTS").is_err());
    assert_eq!(cur("usd").code(), "USD");
}

#[test]
fn a_percentage_is_rounded_half_away_from_zero() {
    let share = |minor, percent| {
        let amount = Money::from_minor(minor, cur("USD")).expect("an amount");
        amount.share_percent(dec(percent)).expect("fits").minor()
    };
    assert_eq!(share(2_500_000, "50"), 1_250_000);
    assert_eq!(share(25, "50"), 13);
    assert_eq!(share(-25, "50"), -13);
    assert_eq!(share(1, "49.9"), 0);
    assert_eq!(share(100, "33.333"), 33);
}

#[test]
fn splits_give_the_odd_cents_to_the_largest_remainders_and_then_to_the_earlier() {
    let split = |minor, weights: &[u64]| {
        let amount = Money::from_minor(minor, cur("USD")).expect("an amount");
        amount.split(weights).map(|parts| parts.iter().map(|p| p.minor()).collect::<Vec<_>>())
    };
    assert_eq!(split(100, &[1, 1, 1]), Ok(vec![34, 33, 33]));
    assert_eq!(split(101, &[1, 1, 1]), Ok(vec![34, 34, 33]));
    assert_eq!(split(-100, &[1, 1, 1]), Ok(vec![-34, -33, -33]));
    assert_eq!(split(10, &[25, 70, 5]), Ok(vec![3, 7, 0]));
    assert_eq!(split(10, &[0, 1]), Ok(vec![0, 10]));
    assert_eq!(split(10, &[]), Err(MoneyError::BadWeights));
    assert_eq!(split(10, &[0, 0]), Err(MoneyError::BadWeights));
    let amount = Money::from_minor(1000, cur("USD")).expect("an amount");
    let by = amount.split_by(&[dec("33.3"), dec("66.7")]).expect("good weights");
    assert_eq!(by.iter().map(|p| p.minor()).collect::<Vec<_>>(), [333, 667]);
    assert_eq!(amount.split_by(&[dec("-1"), dec("2")]), Err(MoneyError::BadWeights));
}

#[test]
fn in_json_an_amount_is_a_string() {
    let amount = Money::from_minor(1_250_000, cur("USD")).expect("an amount");
    let json = serde_json::to_string(&amount).expect("serialises");
    assert_eq!(json, r#"{"amount":"12500.00","currency":"USD"}"#);
    assert_eq!(serde_json::from_str::<Money>(&json).expect("reads back"), amount);
    assert!(serde_json::from_str::<Money>(r#"{"amount":"1.005","currency":"USD"}"#).is_err());
    assert!(serde_json::from_str::<Money>(r#"{"amount":1.5,"currency":"USD"}"#).is_err());
}

fn a_currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["JPY", "USD", "KWD", "EUR"]).prop_map(cur)
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>(), default in a_currency()) {
        let _ = parse_amount(&text, default).map_err(|e| e.to_string());
    }

    #[test]
    fn reading_something_like_an_amount_never_panics(
        text in "[-(€$¥ ]{0,2}[0-9.,' _]{0,30}[kmMn ]{0,3}(USD|EUR|KWD|€|k)?[)]?",
        default in a_currency(),
    ) {
        let _ = parse_amount(&text, default).map_err(|e| e.to_string());
    }

    #[test]
    fn what_is_printed_is_read_back(minor in 0..=MAX_MINOR, currency in a_currency(), default in a_currency()) {
        let amount = Money::from_minor(minor, currency).expect("inside the limit");
        prop_assert_eq!(parse_amount(&amount.to_string(), default), Ok(amount));
    }

    #[test]
    fn small_amounts_are_read_back_too(minor in 0..=2_000_000_i64, currency in a_currency()) {
        let amount = Money::from_minor(minor, currency).expect("inside the limit");
        prop_assert_eq!(parse_amount(&amount.to_string(), currency), Ok(amount));
        prop_assert_eq!(Money::from_decimal(amount.decimal(), currency), Ok(amount));
    }

    #[test]
    fn parts_add_up_and_are_within_one_unit_of_their_share(
        minor in -MAX_MINOR..=MAX_MINOR,
        weights in prop::collection::vec(0..=u64::MAX, 1..12),
    ) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let amount = Money::from_minor(minor, cur("EUR")).expect("inside the limit");
        let parts = amount.split(&weights).expect("good weights");
        prop_assert_eq!(Money::sum(cur("EUR"), parts.iter().copied()), Ok(amount));
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let exact = i128::from(minor) * i128::from(*weight);
            prop_assert!((i128::from(part.minor()) * total - exact).abs() < total);
        }
    }

    #[test]
    fn adding_and_taking_away_gives_the_same(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
        let (a, b) = (Money::from_minor(a, cur("USD")).unwrap(), Money::from_minor(b, cur("USD")).unwrap());
        prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Ok(a));
    }
}
