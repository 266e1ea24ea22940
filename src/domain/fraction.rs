//! Exact fractions, for shares of a curve and what is planned from them. A third of a target is a third, so that limits
//! such as −10 % are met exactly, and a plan is exactly the sum of its campaigns.
//!
//! A fraction is exact while its denominator stays within 10^36. Beyond that (dozens of campaigns whose lengths share
//! no factor, or many revisions in a row) it is rounded to at most 18 decimals. Nothing here ever panics or wraps.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Neg, Sub};

use rust_decimal::Decimal;

/// How many decimals [`Fraction::to_decimal`] gives.
pub const DECIMALS: u32 = 12;

const MAX_DEN: i128 = 10_i128.pow(36);
const ROUNDED_DECIMALS: u32 = 18;

/// A rational number in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    num: i128,
    den: i128,
}

impl Fraction {
    /// 0.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// 1.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// `num` ÷ `den`; `None` when `den` is 0.
    #[must_use]
    pub fn new(num: i64, den: i64) -> Option<Self> {
        Self::reduced(i128::from(num), i128::from(den))
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self { num: i128::from(number), den: 1 }
    }

    fn reduced(num: i128, den: i128) -> Option<Self> {
        if den == 0 || num == i128::MIN || den == i128::MIN {
            return None;
        }
        let common = gcd(num.unsigned_abs(), den.unsigned_abs());
        // At most the smaller operand, so it fits; only 0 and 0 have the common divisor 0, and den is not 0.
        let common = i128::try_from(common).ok()?;
        let (num, den) = (num / common, den / common);
        let exact = if den < 0 { Self { num: -num, den: -den } } else { Self { num, den } };
        Some(if exact.den > MAX_DEN { exact.rounded(ROUNDED_DECIMALS) } else { exact })
    }

    /// The numerator, in lowest terms.
    #[must_use]
    pub fn numerator(self) -> i128 {
        self.num
    }

    /// The denominator, in lowest terms; above 0.
    #[must_use]
    pub fn denominator(self) -> i128 {
        self.den
    }

    /// 0.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Below 0.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.num < 0
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.num < 0 { -self } else { self }
    }

    /// `self` ÷ `other`; `None` when `other` is 0.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        if other.num == 0 {
            return None;
        }
        let sign = other.num.signum();
        Some(self * Self { num: other.den * sign, den: other.num * sign })
    }

    /// The value with [`DECIMALS`] decimals, cut off and not rounded: rounding it afterwards to fewer decimals, half
    /// away from zero, gives what rounding the exact value would give. Values too large for that keep fewer decimals.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        let mut places = DECIMALS;
        loop {
            if let Some(value) =
                self.scaled(places).and_then(|(n, _)| Decimal::try_from_i128_with_scale(n, places).ok())
            {
                return value.normalize();
            }
            if places == 0 {
                return if self.num < 0 { Decimal::MIN } else { Decimal::MAX };
            }
            places -= 1;
        }
    }

    /// The value times 10^`places`, cut off, and what is left of the denominator.
    fn scaled(self, places: u32) -> Option<(i128, i128)> {
        let (mut value, mut rest) = (self.num / self.den, self.num % self.den);
        for _ in 0..places {
            // |rest| < den; a denominator above MAX_DEN only occurs on the way to being rounded.
            let ten = rest.checked_mul(10)?;
            value = value.checked_mul(10)?.checked_add(ten / self.den)?;
            rest = ten % self.den;
        }
        Some((value, rest))
    }

    /// The nearest value with at most `places` decimals, half away from zero.
    fn rounded(self, places: u32) -> Self {
        // A denominator beyond 1.7e37 leaves no room for a digit; halving both sides loses less than is rounded off.
        let mut wide = self;
        while wide.den > i128::MAX / 16 {
            wide = Self { num: wide.num / 2, den: wide.den / 2 };
        }
        let mut places = places;
        loop {
            if let Some((value, rest)) = wide.scaled(places) {
                let up = if rest.abs() >= wide.den - rest.abs() { wide.num.signum() } else { 0 };
                let den = 10_i128.pow(places);
                let common = gcd((value + up).unsigned_abs(), den.unsigned_abs());
                let common = i128::try_from(common).unwrap_or(1).max(1);
                return Self { num: (value + up) / common, den: den / common };
            }
            if places == 0 {
                return Self { num: wide.num / wide.den, den: 1 };
            }
            places -= 1;
        }
    }

    fn exact_sum(self, other: Self) -> Option<Self> {
        let common = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let left = self.num.checked_mul(other.den / common)?;
        let right = other.num.checked_mul(self.den / common)?;
        Self::reduced(left.checked_add(right)?, self.den.checked_mul(other.den / common)?)
    }

    fn exact_product(self, other: Self) -> Option<Self> {
        let cross = |n: i128, d: i128| i128::try_from(gcd(n.unsigned_abs(), d.unsigned_abs())).ok();
        let (g, h) = (cross(self.num, other.den)?.max(1), cross(other.num, self.den)?.max(1));
        let num = (self.num / g).checked_mul(other.num / h)?;
        Self::reduced(num, (self.den / h).checked_mul(other.den / g)?)
    }

    /// The exact result, or the one of operands rounded as little as is needed to make it fit.
    fn fitted(self, other: Self, exact: impl Fn(Self, Self) -> Option<Self>) -> Self {
        if let Some(result) = exact(self, other) {
            return result;
        }
        for places in [18, 15, 12, 9, 6, 3, 0] {
            if let Some(result) = exact(self.rounded(places), other.rounded(places)) {
                return result;
            }
        }
        let limit = Self { num: i128::MAX / 16, den: 1 };
        if (self.num < 0) == (other.num < 0) { limit } else { -limit }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        // Most operands are small, and 64-bit division is several times quicker.
        if let (Ok(small_a), Ok(small_b)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(gcd_small(small_a, small_b));
        }
        (a, b) = (b, a % b);
    }
    a
}

fn gcd_small(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Add for Fraction {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.fitted(other, Self::exact_sum)
    }
}

impl Sub for Fraction {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Fraction {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.fitted(other, Self::exact_product)
    }
}

impl Neg for Fraction {
    type Output = Self;

    fn neg(self) -> Self {
        Self { num: -self.num, den: self.den }
    }
}

impl Sum for Fraction {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl From<Decimal> for Fraction {
    fn from(value: Decimal) -> Self {
        let value = value.normalize();
        // A Decimal has at most 28 decimals and a mantissa of 96 bits, so this is always exact.
        Self::reduced(value.mantissa(), 10_i128.pow(value.scale())).unwrap_or(Self::ZERO)
    }
}

impl Ord for Fraction {
    /// Exact, however large the terms: integer parts first, then the reciprocals of what is left.
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Some(left), Some(right)) = (self.num.checked_mul(other.den), other.num.checked_mul(self.den))
        {
            return left.cmp(&right);
        }
        let (mut a, mut b) = ((self.num, self.den), (other.num, other.den));
        let mut flipped = false;
        loop {
            let (whole_a, whole_b) = (a.0.div_euclid(a.1), b.0.div_euclid(b.1));
            let (rest_a, rest_b) = (a.0.rem_euclid(a.1), b.0.rem_euclid(b.1));
            let decided = match whole_a.cmp(&whole_b) {
                Ordering::Equal if rest_a == 0 || rest_b == 0 => Some(rest_a.min(1).cmp(&rest_b.min(1))),
                Ordering::Equal => None,
                unequal => Some(unequal),
            };
            if let Some(order) = decided {
                return if flipped { order.reverse() } else { order };
            }
            (a, b) = ((a.1, rest_a), (b.1, rest_b));
            flipped = !flipped;
        }
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Default for Fraction {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(num: i64, den: i64) -> Fraction {
        Fraction::new(num, den).expect("not over zero")
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(of(1, 3) + of(1, 6), of(1, 2));
        assert_eq!(of(1, 3) - of(1, 2), of(-1, 6));
        assert_eq!(of(2, 3) * of(-9, 4), of(-3, 2));
        assert_eq!(of(2, 3).over(of(-4, 9)), Some(of(-3, 2)));
        assert_eq!(of(2, 3).over(Fraction::ZERO), None);
        assert_eq!(Fraction::new(1, 0), None);
        assert_eq!(of(3, -6), of(-1, 2));
        assert_eq!(Fraction::from(Decimal::new(1250, 3)), of(5, 4));
        assert!(of(1, 3) < of(34, 100) && of(-1, 3) > of(-34, 100));
    }

    #[test]
    fn decimals_are_cut_off_so_that_later_rounding_is_right() {
        assert_eq!(of(2, 3).to_decimal().to_string(), "0.666666666666");
        assert_eq!(of(-2, 3).to_decimal().to_string(), "-0.666666666666");
        assert_eq!(of(1, 4).to_decimal().to_string(), "0.25");
    }

    #[test]
    fn a_sum_that_does_not_fit_is_rounded_to_18_decimals() {
        let sum: Fraction = (1..=120).map(|n| of(1, n)).sum();
        // H(120), from a table of harmonic numbers.
        assert!(sum.to_decimal().to_string().starts_with("5.36886828735"), "{:?}", sum.to_decimal());
        let back: Fraction = (1..=120).map(|n| of(-1, n)).sum::<Fraction>() + sum;
        assert!(back.abs() < of(1, 1_000_000_000_000_000));
    }

    #[test]
    fn huge_terms_are_compared_exactly() {
        let big = i128::MAX / 16;
        let (a, b) = (Fraction { num: big, den: big - 1 }, Fraction { num: big - 1, den: big - 2 });
        assert_eq!(a.cmp(&b), Ordering::Less);
        assert_eq!((-a).cmp(&-b), Ordering::Greater);
        assert_eq!(a.cmp(&a), Ordering::Equal);
    }
}
