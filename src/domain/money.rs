//! Money: a whole number of minor units in one ISO 4217 currency.
//!
//! Every amount in the product is a [`Money`]; what people type becomes one through [`parse_amount`]. Nothing here
//! ever uses floating point, and nothing here ever converts between currencies: that is explicit and dated, elsewhere.

mod amount;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

pub use amount::{AmountError, MAX_AMOUNT_CHARS, parse_amount, parse_amount_in};

/// The largest amount, in minor units, either way. Just under 2^53, so that a spreadsheet shows every amount exactly.
pub const MAX_MINOR: i64 = 9_000_000_000_000_000;

/// An ISO 4217 currency in which amounts can be counted: one that has minor units (JPY 0, USD 2, KWD 3 decimals).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    iso: iso_currency::Currency,
    exponent: u32,
}

impl Currency {
    /// Reads a three-letter code, in any case.
    ///
    /// # Errors
    /// Unknown codes, and codes that ISO 4217 lists without minor units (gold, testing, "no currency").
    pub fn parse(code: &str) -> Result<Self, CurrencyError> {
        let code = code.trim();
        let upper = code.to_ascii_uppercase();
        let iso = iso_currency::Currency::from_code(&upper)
            .ok_or_else(|| CurrencyError::Unknown(code.chars().take(12).collect()))?;
        let exponent = iso.exponent().ok_or(CurrencyError::NotCountable(iso.code()))?;
        Ok(Self { iso, exponent: u32::from(exponent) })
    }

    /// The three-letter code, `USD`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimals an amount has: 0 for JPY, 2 for USD, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.exponent
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(de::Error::custom)
    }
}

/// Why a currency code is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CurrencyError {
    /// Not an ISO 4217 code.
    #[error("“{0}” is not a currency code. Use a three-letter code such as USD, EUR or JPY.")]
    Unknown(String),
    /// A code without minor units, in which nothing can be paid.
    #[error("Nothing can be paid in {0}. Use the code of a country's currency, such as USD or EUR.")]
    NotCountable(&'static str),
}

/// Why a calculation with money is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Two currencies were added, subtracted or compared.
    #[error("{left} and {right} are different currencies; convert one at a dated rate first.")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
    /// The amount is finer than the currency's minor unit.
    #[error("{currency} has {}, so {amount} cannot be written in it.", decimals(*allowed))]
    TooManyDecimals {
        /// What was given.
        amount: Decimal,
        /// The currency.
        currency: Currency,
        /// How many decimals the currency has.
        allowed: u32,
    },
    /// The amount is beyond [`MAX_MINOR`].
    #[error("That is more than Tandem counts ({}).", largest(*.0))]
    TooLarge(Currency),
    /// A split without weights, with weights that sum to nothing, or with a negative weight.
    #[error("An amount can only be split by shares that add up to more than zero, none of them negative.")]
    BadWeights,
}

pub(crate) fn decimals(allowed: u32) -> String {
    match allowed {
        0 => "no decimals".to_owned(),
        1 => "1 decimal".to_owned(),
        n => format!("{n} decimals"),
    }
}

pub(crate) fn largest(currency: Currency) -> String {
    Money { minor: MAX_MINOR, currency }.to_string()
}

/// An amount of money: minor units and their currency. Never beyond [`MAX_MINOR`] either way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount from minor units (cents), as the database has it.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] beyond [`MAX_MINOR`].
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor.unsigned_abs() > MAX_MINOR.unsigned_abs() {
            return Err(MoneyError::TooLarge(currency));
        }
        Ok(Self { minor, currency })
    }

    /// Nothing, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// An amount from major units, exactly: `12.50` of USD is 1250 cents.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] if it is finer than the currency's minor unit, [`MoneyError::TooLarge`].
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let exact = amount.normalize();
        let allowed = currency.exponent();
        if exact.scale() > allowed {
            return Err(MoneyError::TooManyDecimals { amount, currency, allowed });
        }
        Self::from_minor_wide(Some(exact.mantissa()), 10_i128.pow(allowed - exact.scale()), currency)
    }

    /// An amount from major units, rounded half away from zero to the minor unit. For computed figures only; what a
    /// person enters is never rounded.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn rounded(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let places = currency.exponent();
        Self::from_decimal(
            amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero),
            currency,
        )
    }

    fn from_minor_wide(minor: Option<i128>, times: i128, currency: Currency) -> Result<Self, MoneyError> {
        let minor = minor.and_then(|m| m.checked_mul(times)).and_then(|m| i64::try_from(m).ok());
        Self::from_minor(minor.ok_or(MoneyError::TooLarge(currency))?, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units, with as many decimals as the currency has.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::TooLarge`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::from_minor(self.minor + other.minor, self.currency)
    }

    /// The difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::TooLarge`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.checked_add(other.negate())
    }

    /// The sum of any number of amounts of one currency; nothing is zero.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::TooLarge`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// The amount with the other sign.
    #[must_use]
    pub fn negate(self) -> Self {
        Self { minor: -self.minor, currency: self.currency }
    }

    /// Which of two amounts of one currency is larger.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn compare(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// The smaller of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn at_most(self, cap: Self) -> Result<Self, MoneyError> {
        Ok(if self.compare(cap)?.is_gt() { cap } else { self })
    }

    /// Below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// A percentage of the amount (50 means half), rounded half away from zero to the minor unit: 50 % of
    /// USD 0.25 is USD 0.13.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when the result is beyond [`MAX_MINOR`].
    pub fn share_percent(self, percent: Decimal) -> Result<Self, MoneyError> {
        let share = self
            .decimal()
            .checked_mul(percent)
            .and_then(|p| p.checked_div(Decimal::ONE_HUNDRED))
            .ok_or(MoneyError::TooLarge(self.currency))?;
        Self::rounded(share, self.currency)
    }

    /// Splits the amount in proportion to whole weights, by largest remainder: the parts add up to exactly the amount,
    /// and no part is a whole minor unit off its share. Equal remainders go to the earlier part.
    ///
    /// # Errors
    /// [`MoneyError::BadWeights`] without weights or when they are all zero.
    pub fn split(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::BadWeights);
        }
        let amount = u128::from(self.minor.unsigned_abs());
        // At most 9e15 × 1.8e19, far inside 128 bits.
        let shares = weights.iter().map(|w| amount * u128::from(*w));
        let mut parts: Vec<(u128, u128)> = shares.map(|s| (s / total, s % total)).collect();
        let given: u128 = parts.iter().map(|p| p.0).sum();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| parts[*b].1.cmp(&parts[*a].1).then(a.cmp(b)));
        let left = usize::try_from(amount - given).unwrap_or(usize::MAX);
        for index in order.into_iter().take(left) {
            parts[index].0 += 1;
        }
        let sign = self.minor.signum();
        // A part is never above the amount, which fits.
        let part = |units: u128| i64::try_from(units).map_err(|_| MoneyError::TooLarge(self.currency));
        parts.into_iter().map(|p| Self::from_minor(part(p.0)? * sign, self.currency)).collect()
    }

    /// Splits by decimal weights (percentages such as 33.3), by the same rule as [`Money::split`].
    ///
    /// # Errors
    /// [`MoneyError::BadWeights`] for negative weights, more than 6 decimals, or weights above a million million.
    pub fn split_by(self, weights: &[Decimal]) -> Result<Vec<Self>, MoneyError> {
        let whole = |w: &Decimal| {
            let exact = w.normalize();
            let factor = 10_i128.checked_pow(6_u32.checked_sub(exact.scale())?)?;
            u64::try_from(exact.mantissa().checked_mul(factor)?).ok()
        };
        let weights: Option<Vec<u64>> = weights.iter().map(whole).collect();
        self.split(&weights.ok_or(MoneyError::BadWeights)?)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }
}

/// `USD 12,500.00`, `JPY 12,500`, `USD -3.50`: code first, point decimal, commas by thousands. [`parse_amount`]
/// reads it back to the same amount.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, grouped(self.decimal()))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A decimal with commas by thousands, its own decimals kept.
pub(crate) fn grouped(value: Decimal) -> String {
    let plain = value.abs().to_string();
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(plain.len() + 8);
    if value.is_sign_negative() && !value.is_zero() {
        out.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    amount: String,
    currency: Currency,
}

/// `{"amount":"12500.00","currency":"USD"}`: a string, because JSON numbers are floating point.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.decimal().to_string(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let amount = Decimal::from_str_exact(&wire.amount).map_err(de::Error::custom)?;
        Self::from_decimal(amount, wire.currency).map_err(de::Error::custom)
    }
}
