//! Reading amounts as people write them: `12.5k`, `€1,200.50`, `1.200,50 €`, `USD 3k`, `1'200`.
//!
//! The rules, so that nobody has to guess what was understood (the answer always echoes the amount in full):
//! - `k` is a thousand, `m` or `mn` a million.
//! - A currency may stand before or after, as a code or as €, $, £, ¥, ₹, ₩. `$` is the default currency where that is
//!   a dollar, else USD; `¥` is the default where that is CNY, else JPY. Without one, the default currency is meant.
//! - Two kinds of separator: the last one is the decimal sign, the other groups thousands.
//! - One separator, once, followed by exactly three digits: thousands (`1.200` and `1,200` are twelve hundred).
//!   In a currency with three decimals, or before `k` or `m`, that is ambiguous and refused. Otherwise it is decimal.
//! - Apostrophes, spaces and underscores only ever group thousands.
//! - What Tandem itself prints (`KWD 500.000`) is always read back as printed.

use rust_decimal::Decimal;
use thiserror::Error;

use super::{Currency, CurrencyError, Money, MoneyError, decimals, largest};

/// The longest text that is read as an amount, in characters.
pub const MAX_AMOUNT_CHARS: usize = 40;

/// Why a text is not an amount; each says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Nothing was written.
    #[error("An amount is missing. Write it like 12,500.00 or 12.5k.")]
    Empty,
    /// Longer than [`MAX_AMOUNT_CHARS`].
    #[error("That is too long for an amount. Write it like 12,500.00 or 12.5k.")]
    TooLong,
    /// Not a number.
    #[error("“{0}” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200.")]
    NotANumber(String),
    /// Separators in places where they mean nothing.
    #[error("The separators in “{0}” don't fit together. Write it like 12,500.00 or 12500.")]
    BadSeparators(String),
    /// A separator that may be read two ways.
    #[error("“{text}” can be read as {one} or as {other}. Write {one} or {other}.")]
    Ambiguous {
        /// What was written.
        text: String,
        /// One reading, written without doubt.
        one: String,
        /// The other reading, written without doubt.
        other: String,
    },
    /// Below zero.
    #[error("An amount can't be negative. Write it without the minus sign.")]
    Negative,
    /// Finer than the minor unit.
    #[error("{currency} has {}, so “{text}” can't be paid. Round it first.", decimals(*allowed))]
    TooManyDecimals {
        /// What was written.
        text: String,
        /// The currency.
        currency: Currency,
        /// How many decimals the currency has.
        allowed: u32,
    },
    /// Beyond the limit.
    #[error("That is more than Tandem counts ({}).", largest(*.0))]
    TooLarge(Currency),
    /// An unknown currency code.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// Two currencies in one amount.
    #[error("“{0}” names two currencies. Name one.")]
    TwoCurrencies(String),
    /// Another currency than the one that is asked for.
    #[error("This has to be in {expected}, not {found}.")]
    WrongCurrency {
        /// The currency that is asked for.
        expected: Currency,
        /// The currency that was written.
        found: Currency,
    },
}

/// Reads an amount; without a currency in the text it is in `default`.
///
/// # Errors
/// [`AmountError`], which says what would be right. Never panics, whatever the text.
pub fn parse_amount(text: &str, default: Currency) -> Result<Money, AmountError> {
    let clean = clean(text);
    if clean.is_empty() {
        return Err(AmountError::Empty);
    }
    if clean.chars().count() > MAX_AMOUNT_CHARS {
        return Err(AmountError::TooLong);
    }
    if let Some(money) = as_printed(&clean) {
        return money;
    }
    let parts = take_apart(&clean, default)?;
    let number = read_number(&parts, &clean)?;
    let scaled =
        number.checked_mul(Decimal::from(parts.multiplier)).ok_or(AmountError::TooLarge(parts.currency))?;
    Money::from_decimal(scaled, parts.currency).map_err(|e| refine(e, &clean))
}

/// Reads an amount that has to be in `currency`.
///
/// # Errors
/// As [`parse_amount`], and [`AmountError::WrongCurrency`] when the text names another.
pub fn parse_amount_in(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let money = parse_amount(text, currency)?;
    if money.currency() != currency {
        return Err(AmountError::WrongCurrency { expected: currency, found: money.currency() });
    }
    Ok(money)
}

fn refine(error: MoneyError, text: &str) -> AmountError {
    match error {
        MoneyError::TooManyDecimals { currency, allowed, .. } => {
            AmountError::TooManyDecimals { text: text.to_owned(), currency, allowed }
        }
        MoneyError::TooLarge(currency) => AmountError::TooLarge(currency),
        MoneyError::CurrencyMismatch { left: expected, right: found } => {
            AmountError::WrongCurrency { expected, found }
        }
        MoneyError::BadWeights => AmountError::NotANumber(text.to_owned()),
    }
}

/// One kind of space, apostrophe and minus, however it was typed.
fn clean(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        '’' | '‘' | '`' | '´' => '\'',
        '−' | '–' | '—' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    let joined: String = plain.collect();
    joined.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The product's own format, read without any rule about separators: `KWD 1,500.000`.
fn as_printed(text: &str) -> Option<Result<Money, AmountError>> {
    let (code, digits) = text.split_once(' ')?;
    let currency = Currency::parse(code).ok().filter(|c| c.code() == code)?;
    let plain = digits.replace(',', "");
    let money = Money::from_decimal(Decimal::from_str_exact(&plain).ok()?, currency).ok()?;
    (!money.is_negative() && money.to_string() == text).then_some(Ok(money))
}

struct Parts {
    currency: Currency,
    multiplier: i64,
    digits: String,
}

const SYMBOLS: [char; 6] = ['€', '$', '£', '¥', '₹', '₩'];

fn symbol_currency(symbol: char, default: Currency) -> Result<Currency, CurrencyError> {
    const DOLLARS: [&str; 9] = ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BRL"];
    let code = match symbol {
        '€' => "EUR",
        '£' => "GBP",
        '₹' => "INR",
        '₩' => "KRW",
        '¥' if default.code() == "CNY" => "CNY",
        '¥' => "JPY",
        _ if DOLLARS.contains(&default.code()) => default.code(),
        _ => "USD",
    };
    Currency::parse(code)
}

fn take_apart(text: &str, default: Currency) -> Result<Parts, AmountError> {
    let not_a_number = || AmountError::NotANumber(text.to_owned());
    let is_digit_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '_');
    if !text.chars().any(|c| c.is_ascii_digit()) {
        return Err(not_a_number());
    }
    let first = text.find(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')).ok_or_else(not_a_number)?;
    let length = text[first..].find(|c| !is_digit_part(c)).unwrap_or(text.len() - first);
    let (before, digits, after) = (&text[..first], &text[first..first + length], &text[first + length..]);
    if before.contains('-') || (before.contains('(') && after.contains(')')) {
        return Err(AmountError::Negative);
    }
    let leading = currency_token(before.trim(), default, text)?;
    let (multiplier, rest) = suffix(after.trim());
    let trailing = currency_token(rest, default, text)?;
    let currency = match (leading, trailing) {
        (Some(_), Some(_)) => return Err(AmountError::TwoCurrencies(text.to_owned())),
        (Some(c), None) | (None, Some(c)) => c,
        (None, None) => default,
    };
    Ok(Parts { currency, multiplier, digits: digits.trim().to_owned() })
}

/// `k`, `m`, `mn` at the start of what follows the digits, unless the letters there are a currency code.
fn suffix(after: &str) -> (i64, &str) {
    let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
    let word = &after[..letters];
    if letters == 3 && Currency::parse(word).is_ok() {
        return (1, after);
    }
    for (name, value) in [("mn", 1_000_000), ("k", 1_000), ("m", 1_000_000)] {
        let Some(head) = word.get(..name.len()) else { continue };
        let rest_is_code = letters == name.len() || Currency::parse(&word[name.len()..]).is_ok();
        if head.eq_ignore_ascii_case(name) && rest_is_code {
            return (value, after[name.len()..].trim());
        }
    }
    (1, after)
}

fn currency_token(token: &str, default: Currency, text: &str) -> Result<Option<Currency>, AmountError> {
    if token.is_empty() {
        return Ok(None);
    }
    let mut chars = token.chars();
    if let (Some(symbol), None) = (chars.next(), chars.next())
        && SYMBOLS.contains(&symbol)
    {
        return Ok(Some(symbol_currency(symbol, default)?));
    }
    // `US$`, `C$`, `A$` are said often enough to be understood.
    match token {
        "US$" => return Ok(Some(Currency::parse("USD")?)),
        "C$" | "CA$" => return Ok(Some(Currency::parse("CAD")?)),
        "A$" | "AU$" => return Ok(Some(Currency::parse("AUD")?)),
        _ => {}
    }
    if token.len() == 3 && token.chars().all(|c| c.is_ascii_alphabetic()) {
        return Ok(Some(Currency::parse(token)?));
    }
    let named = token.split_whitespace().filter(|w| Currency::parse(w).is_ok()).count();
    let symbols = token.chars().filter(|c| SYMBOLS.contains(c)).count();
    if named + symbols > 1 {
        return Err(AmountError::TwoCurrencies(text.to_owned()));
    }
    Err(AmountError::NotANumber(text.to_owned()))
}

fn read_number(parts: &Parts, text: &str) -> Result<Decimal, AmountError> {
    let digits = parts.digits.as_str();
    let bad = || AmountError::BadSeparators(text.to_owned());
    let separators: Vec<(usize, char)> = digits.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let Some(&(last_at, last)) = separators.last() else { return plain(parts, digits, "", text) };
    let mut kinds: Vec<char> = separators.iter().map(|s| s.1).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let groups_only = |c: char| matches!(c, '\'' | ' ' | '_');
    let (whole, fraction) = (&digits[..last_at], &digits[last_at + 1..]);
    if kinds.len() > 2 {
        return Err(bad());
    }
    if kinds.len() == 2 {
        let other = if kinds[0] == last { kinds[1] } else { kinds[0] };
        let once = separators.iter().filter(|s| s.1 == last).count() == 1;
        if groups_only(last) || !once || fraction.is_empty() {
            return Err(bad());
        }
        return plain(parts, &ungroup(whole, other).ok_or_else(bad)?, fraction, text);
    }
    if groups_only(last) || separators.len() > 1 {
        return plain(parts, &ungroup(digits, last).ok_or_else(bad)?, "", text);
    }
    if fraction.is_empty() {
        return Err(bad());
    }
    let could_group = fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if !could_group {
        return plain(parts, whole, fraction, text);
    }
    if parts.currency.exponent() == 3 || parts.multiplier != 1 {
        return Err(ambiguous(parts, whole, fraction, text));
    }
    plain(parts, &format!("{whole}{fraction}"), "", text)
}

fn ambiguous(parts: &Parts, whole: &str, fraction: &str, text: &str) -> AmountError {
    let reading = |digits: &str| {
        let number = Decimal::from_str_exact(digits).ok()?.checked_mul(Decimal::from(parts.multiplier))?;
        Some(Money::from_decimal(number, parts.currency).ok()?.to_string())
    };
    let readings = (reading(&format!("{whole}{fraction}")), reading(&format!("{whole}.{fraction}")));
    match readings {
        (Some(one), Some(other)) => AmountError::Ambiguous { text: text.to_owned(), one, other },
        _ => AmountError::TooLarge(parts.currency),
    }
}

/// Groups of exactly three digits behind a first group of one to three.
fn ungroup(digits: &str, separator: char) -> Option<String> {
    let mut groups = digits.split(separator);
    let first = groups.next()?;
    let fits = |g: &str| g.chars().all(|c| c.is_ascii_digit());
    let mut grouped = false;
    let mut out = first.to_owned();
    for group in groups {
        if group.len() != 3 || !fits(group) {
            return None;
        }
        grouped = true;
        out.push_str(group);
    }
    let first_fits = fits(first) && !first.is_empty() && (!grouped || first.len() <= 3);
    first_fits.then_some(out)
}

fn plain(parts: &Parts, whole: &str, fraction: &str, text: &str) -> Result<Decimal, AmountError> {
    let (currency, allowed) = (parts.currency, parts.currency.exponent());
    // Beyond any currency's decimals even after "m"; also keeps the parser below inside its range.
    if fraction.trim_end_matches('0').len() > 12 {
        return Err(AmountError::TooManyDecimals { text: text.to_owned(), currency, allowed });
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let joined = format!("{whole}.{}", fraction.trim_end_matches('0'));
    Decimal::from_str_exact(joined.trim_end_matches('.')).map_err(|_| AmountError::TooLarge(currency))
}
