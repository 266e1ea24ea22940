//! What becomes of a fund's rest on the day after its last: so much of it goes on to another fund, the rest is forfeited.

use crate::domain::escape::short;
use crate::domain::money::{Currency, Money, parse_amount_in};
use crate::domain::refusal::Refusal;
use rust_decimal::{Decimal, RoundingStrategy};

/// The rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    pub to: CarryTo,
    pub most: CarryMost,
}

/// Where the rest goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CarryTo {
    /// Nowhere: it is forfeited.
    #[default]
    Nowhere,
    /// To the fund of the same kind, currency and partner that starts next; if there is none, nowhere.
    NextPeriod,
    /// To the fund of this id.
    Fund(String),
}

/// How much of the rest goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CarryMost {
    #[default]
    All,
    /// A percentage of it, rounded down to the minor unit.
    Percent(Decimal),
    /// At most so many minor units of the fund's currency.
    Minor(i64),
}

impl Carry {
    /// The rule for what comes when `before` has gone on already: a limit that is an amount is one for all of it together.
    #[must_use]
    pub fn after(&self, before: Money) -> Self {
        let most = match self.most {
            CarryMost::Minor(most) => CarryMost::Minor(most.saturating_sub(before.minor()).max(0)),
            most => most,
        };
        Self { to: self.to.clone(), most }
    }

    /// How much of a correction comes back of what went on: as much as of a credit of that size would have gone on, and
    /// nothing of one that had its own last day before (`ran_out`). So much of it as `forfeited` can hold takes nothing back,
    /// and no more than `went_on` can come back; `None` if the two don't hold it together. All in minor units, none below zero.
    pub fn back_of(&self, correction: Money, went_on: i64, forfeited: i64, ran_out: bool) -> Option<Money> {
        let amount = correction.minor();
        let (least, most) = (amount.saturating_sub(forfeited).max(0), amount.min(went_on));
        let rule = match (&self.to, self.most) {
            // What is above a limit was forfeited first.
            (CarryTo::Nowhere, _) | (_, CarryMost::Minor(_)) => least,
            _ if ran_out => least,
            _ => self.of(correction).minor(),
        };
        let back = (least <= most).then(|| rule.clamp(least, most))?;
        Money::from_minor(back, correction.currency()).ok()
    }

    /// What of a rest goes on.
    pub fn of(&self, rest: Money) -> Money {
        let minor = match self.most {
            CarryMost::All => Some(rest.minor()),
            CarryMost::Minor(most) => Some(rest.minor().min(most)),
            CarryMost::Percent(percent) => Decimal::from(rest.minor())
                .checked_mul(percent / Decimal::ONE_HUNDRED)
                .map(|share| share.round_dp_with_strategy(0, RoundingStrategy::ToZero))
                .and_then(|share| i64::try_from(share).ok()),
        };
        let minor = minor.unwrap_or_default().clamp(0, rest.minor().max(0));
        Money::from_minor(minor, rest.currency()).unwrap_or(Money::zero(rest.currency()))
    }
}

impl CarryTo {
    /// As it is kept.
    pub fn code(&self) -> &str {
        match self {
            Self::Nowhere => "none",
            Self::NextPeriod => "next_period",
            Self::Fund(id) => id,
        }
    }

    /// What [`Self::code`] gave.
    pub fn parse(code: &str) -> Self {
        match code {
            "none" => Self::Nowhere,
            "next_period" => Self::NextPeriod,
            id => Self::Fund(id.to_owned()),
        }
    }
}

impl CarryMost {
    /// As it is kept; nothing for all of it.
    pub fn code(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Percent(percent) => Some(format!("{}%", percent.normalize())),
            Self::Minor(minor) => Some(minor.to_string()),
        }
    }

    /// What [`Self::code`] gave.
    pub fn parse(code: Option<&str>) -> Option<Self> {
        Some(match code {
            None => Self::All,
            Some(text) => match text.strip_suffix('%') {
                Some(percent) => Self::Percent(percent.parse().ok()?),
                None => Self::Minor(text.parse().ok()?),
            },
        })
    }

    /// A limit as somebody wrote it: `50%`, or an amount in the fund's currency.
    ///
    /// # Errors
    /// `bad_input` for anything else, and for a percentage that is not between 0 and 100.
    pub fn read(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let hint = format!("Write a percentage such as 50%, or an amount in {}.", currency.code());
        let Some(percent) = text.trim().strip_suffix('%') else {
            let most = parse_amount_in(text, currency).map_err(|error| Refusal::unreadable(&error, hint))?;
            return Ok(Self::Minor(most.minor()));
        };
        let plain = percent.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let percent: Option<Decimal> =
            Some(percent.trim()).filter(|_| plain).and_then(|text| text.parse().ok());
        let percent = percent.filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
        let percent = percent.filter(|percent| percent.normalize().scale() <= 4);
        percent
            .map(Self::Percent)
            .ok_or_else(|| Refusal::bad_input(format!("“{}” is no limit.", short(text, 40)), hint))
    }
}
