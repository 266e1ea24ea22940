//! What a single setting may say: each [`Rule`] turns a text into a value and says in words what it wants.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU64;

use chrono::NaiveDate;
use chrono_tz::Tz;
use iso_currency::Currency;
use reqwest::Url;
use rust_decimal::Decimal;

use super::model::{CarryLimit, CarryOver, DiscordId};
use crate::domain::unseen::is_blank;

/// Most characters of a declared key; it stands in short names and links.
const KEY_CHARS: usize = 32;
/// Most characters of a name that people read.
const NAME_CHARS: usize = 100;
/// Most digits before the point of an amount: with four more after it, minor units still fit 64 bits.
const AMOUNT_DIGITS: usize = 12;

/// A text turned into a value, or nothing where it isn't one.
type Parse<T> = Box<dyn Fn(&str) -> Option<T>>;

/// How a text becomes a value.
pub(super) struct Rule<T> {
    /// In words, after "expected".
    pub(super) expected: String,
    pub(super) parse: Parse<T>,
    /// The values that exist, where they are few enough to suggest the nearest.
    pub(super) choices: Vec<String>,
    /// Whether a TOML date without quotes is taken as its text.
    pub(super) bare_dates: bool,
    /// Whether the text names something that is declared elsewhere in the file.
    pub(super) refers: bool,
}

impl<T> Rule<T> {
    pub(super) fn new(expected: impl Into<String>, parse: impl Fn(&str) -> Option<T> + 'static) -> Self {
        Self {
            expected: expected.into(),
            parse: Box::new(parse),
            choices: Vec::new(),
            bare_dates: false,
            refers: false,
        }
    }
}

/// One of a few words.
pub(super) fn one_of<T: Copy + 'static>(choices: &'static [(&'static str, T)]) -> Rule<T> {
    let words: Vec<String> = choices.iter().map(|(word, _)| (*word).to_owned()).collect();
    let expected = words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    let parse = |text: &str| choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    Rule { choices: words, ..Rule::new(format!("one of {expected}"), parse) }
}

/// The name of something that was declared before.
pub(super) fn declared(what: &str, names: &BTreeSet<String>) -> Rule<String> {
    let words: Vec<String> = names.iter().cloned().collect();
    let expected = if words.is_empty() {
        format!("the key of a declared {what}; none is declared")
    } else {
        format!("the key of a declared {what}: {}", words.join(", "))
    };
    let known = names.clone();
    let parse = move |text: &str| known.get(text).cloned();
    Rule { choices: words, refers: true, ..Rule::new(expected, parse) }
}

/// A stable key of a declared item.
pub(super) fn key() -> Rule<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    Rule::new(format!("a key of 1 to {KEY_CHARS} characters: a-z, 0-9 and -"), move |text| {
        let fits = (1..=KEY_CHARS).contains(&text.len()) && text.chars().all(allowed);
        fits.then(|| text.to_owned())
    })
}

/// A name that people read.
pub(super) fn name() -> Rule<String> {
    Rule::new(format!("a name of 1 to {NAME_CHARS} characters"), |text| {
        let text = text.trim();
        let fits = (1..=NAME_CHARS).contains(&text.chars().count())
            && !text.chars().any(char::is_control)
            && !is_blank(text);
        fits.then(|| text.to_owned())
    })
}

/// An id of Discord: a 64-bit number other than 0, written as text because JSON and TOML readers round such numbers.
pub(super) fn discord_id() -> Rule<DiscordId> {
    Rule::new("a Discord id: its digits in quotes", |text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<NonZeroU64>().ok()).flatten()
    })
}

/// A currency that has a minor unit and so can be paid.
pub(super) fn currency() -> Rule<Currency> {
    Rule::new("an ISO 4217 currency code such as \"EUR\"", |text| {
        Currency::from_code(text).filter(|currency| currency.exponent().is_some())
    })
}

pub(super) fn time_zone() -> Rule<Tz> {
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect();
    Rule {
        choices: names,
        ..Rule::new("an IANA time zone such as \"Europe/Berlin\"", |text| text.parse().ok())
    }
}

pub(super) fn date() -> Rule<NaiveDate> {
    let parse = |text: &str| {
        // chrono alone also takes "2026-2-1"; one spelling is enough, and it is the one of TOML.
        (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
    };
    Rule { bare_dates: true, ..Rule::new("a date such as 2026-01-31", parse) }
}

/// Digits with at most one point, as an exact number.
fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits =
        digits(whole) && digits(fraction) && whole.len() <= AMOUNT_DIGITS && fraction.len() <= AMOUNT_DIGITS;
    fits.then(|| text.parse().ok()).flatten()
}

/// An amount of money, exact to the currency's minor unit, 0 included. Without a currency (it was itself wrong) the
/// form alone is checked.
fn exact_amount(text: &str, currency: Option<Currency>) -> Option<Decimal> {
    let mut amount = decimal(text)?.normalize();
    let Some(exponent) = currency.and_then(|currency| currency.exponent()).map(u32::from) else {
        return Some(amount);
    };
    (amount.scale() <= exponent).then(|| {
        amount.rescale(exponent);
        amount
    })
}

fn amount_example(currency: Option<Currency>) -> String {
    let Some(currency) = currency else { return "\"50000\"".to_owned() };
    let places = usize::from(currency.exponent().unwrap_or(0));
    let fraction = if places == 0 { String::new() } else { format!(".{}", "0".repeat(places)) };
    format!("\"50000{fraction}\" in {}", currency.code())
}

/// An amount that may be 0.
pub(super) fn amount_or_zero(currency: Option<Currency>) -> Rule<Decimal> {
    let expected = format!("an amount such as {}", amount_example(currency));
    Rule::new(expected, move |text| exact_amount(text, currency))
}

/// An amount above 0.
pub(super) fn amount(currency: Option<Currency>) -> Rule<Decimal> {
    let expected = format!("an amount above 0 such as {}", amount_example(currency));
    Rule::new(expected, move |text| exact_amount(text, currency).filter(|amount| !amount.is_zero()))
}

/// A percentage between two whole limits, both included, with at most two decimals.
pub(super) fn percent(least: i64, most: i64) -> Rule<Decimal> {
    let expected = format!("a percentage in quotes, from \"{least}\" to \"{most}\"");
    Rule::new(expected, move |text| {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (Decimal::NEGATIVE_ONE, digits),
            None => (Decimal::ONE, text),
        };
        let number = (decimal(digits)? * sign).normalize();
        let fits = number >= Decimal::from(least) && number <= Decimal::from(most) && number.scale() <= 2;
        fits.then_some(number)
    })
}

/// What becomes of a fund's rest.
pub(super) fn carry_over() -> Rule<CarryOver> {
    let key = key();
    let parse = move |text: &str| match text {
        "none" => Some(CarryOver::None),
        "next_period" => Some(CarryOver::NextPeriod),
        other => (key.parse)(other).map(CarryOver::Fund),
    };
    Rule::new("\"none\", \"next_period\", or the key of a declared fund", parse)
}

/// How much of a fund's rest goes on: a percentage or an amount, above 0.
pub(super) fn carry_limit(currency: Option<Currency>) -> Rule<CarryLimit> {
    let (percent, amount) = (percent(0, 100), amount(currency));
    let expected = format!("a percentage such as \"50%\", or {}", amount.expected);
    Rule::new(expected, move |text| match text.strip_suffix('%') {
        Some(number) => (percent.parse)(number).filter(|number| !number.is_zero()).map(CarryLimit::Percent),
        None => (amount.parse)(text).map(CarryLimit::Amount),
    })
}

pub(super) fn socket_address() -> Rule<SocketAddr> {
    Rule::new("an address and port such as \"127.0.0.1:8080\"", |text| text.parse().ok())
}

/// An address of a server without path or query, as `https://host[:port]`.
pub(super) fn base_url(example: &str) -> Rule<String> {
    Rule::new(format!("http:// or https:// and a host, no path or query, such as {example:?}"), origin)
}

/// As [`base_url`], for servers to which secrets are sent: unencrypted only within this machine.
pub(super) fn secure_base_url(example: &str) -> Rule<String> {
    let expected =
        format!("https:// and a host (http:// only for this machine), no path, such as {example:?}");
    Rule::new(expected, |text| {
        let origin = origin(text)?;
        let url = Url::parse(&origin).ok()?;
        let here = matches!(url.host_str()?, "localhost" | "127.0.0.1" | "[::1]");
        (url.scheme() == "https" || here).then_some(origin)
    })
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let fits = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && plain
        && url.password().is_none()
        && matches!(url.path(), "" | "/");
    fits.then(|| url.origin().ascii_serialization())
}

/// Any text that isn't blank, of at most this many characters.
pub(super) fn text(expected: &str, most_chars: usize) -> Rule<String> {
    Rule::new(expected, move |text| {
        let fits = !text.trim().is_empty() && text.chars().count() <= most_chars;
        fits.then(|| text.to_owned())
    })
}

/// `did you mean "…"?` with the nearest candidate, if one is near enough to be a slip.
pub(super) fn suggestion<'c>(given: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    // A longer text is no slip of the pen, and comparing it would take time for nothing.
    if given.is_empty() || given.chars().count() > 64 {
        return None;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let given = plain(given);
    let allowed = (given.chars().count() / 3).clamp(1, 3);
    let near = candidates.map(|candidate| (distance(&given, &plain(candidate)), candidate));
    let (_, nearest) =
        near.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance)?;
    Some(format!("did you mean {nearest:?}?"))
}

/// Edits between two texts: insert, remove, replace, swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
