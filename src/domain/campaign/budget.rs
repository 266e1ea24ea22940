//! Budget lines: what a campaign is planned to cost, and who pays which part. Lines of one campaign have different
//! names, which is how people and the signed content tell them apart.

use super::{BudgetLine, FundingSource, read};
use crate::domain::escape::short;
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Refusal;
use crate::domain::unseen::is_blank;
use rust_decimal::Decimal;

/// The most budget lines of one campaign.
pub const MAX_LINES: usize = 20;
/// The longest name of a line, in characters.
pub const WHAT_LIMIT: usize = 100;

/// A line to add, change or remove, as people wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEdit {
    /// A line with this name and planned amount.
    Add {
        what: String,
        planned: String,
        shares: SharesSaid,
    },
    /// The line named `line` with what is given; `None` leaves as it is.
    Change {
        line: String,
        what: Option<String>,
        planned: Option<String>,
        shares: SharesSaid,
    },
    Remove {
        line: String,
    },
}

/// Shares as people wrote them: an amount or a percentage of the line. Saying any of them says all anew: what they
/// leave of the line is the partner's, unless the partner's share is said too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharesSaid {
    pub mdf: Option<String>,
    pub co_op: Option<String>,
    pub vendor: Option<String>,
    pub partner: Option<String>,
}

impl SharesSaid {
    /// Whether no share is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The shares of a line of `planned`, without those of nothing. They add up to it to the last minor unit;
    /// percentages are split by largest remainder.
    ///
    /// # Errors
    /// `bad_input` for what is no share, and for shares that come to more, or with the partner's to less, than the line.
    pub fn of(&self, planned: Money) -> Result<Vec<(FundingSource, Money)>, Refusal> {
        let said = [
            (FundingSource::Mdf, &self.mdf),
            (FundingSource::CoOp, &self.co_op),
            (FundingSource::Vendor, &self.vendor),
            (FundingSource::Partner, &self.partner),
        ];
        let said = said.into_iter().filter_map(|(source, text)| Some((source, text.as_deref()?)));
        let said = said.map(|(source, text)| Ok((source, Share::read(text, planned.currency())?)));
        let said = said.collect::<Result<Vec<_>, Refusal>>()?;
        let mut weights: Vec<Decimal> =
            said.iter().map(|(_, share)| share.percent().unwrap_or_default()).collect();
        let rest = Decimal::ONE_HUNDRED - weights.iter().sum::<Decimal>();
        if rest.is_sign_negative() && !rest.is_zero() {
            return Err(Refusal::bad_input("The shares come to more than 100 %.", "Give at most the line."));
        }
        weights.push(rest);
        let bad = |error: &dyn std::fmt::Display| Refusal::unreadable(error, "");
        let mut parts = planned.split_by(&weights).map_err(|error| bad(&error))?;
        let mut left = parts.pop().unwrap_or(planned);
        let mut shares = Vec::new();
        for ((source, share), part) in said.iter().zip(parts) {
            let part = match share {
                Share::Percent(_) => part,
                Share::Amount(amount) => {
                    left = left.checked_sub(*amount).map_err(|error| bad(&error))?;
                    *amount
                }
            };
            shares.push((*source, part));
        }
        if left.is_negative() {
            return Err(Refusal::bad_input(
                format!("The shares come to {} more than the line's {planned}.", left.negate()),
                "Give at most the line.",
            ));
        }
        if self.partner.is_none() {
            shares.push((FundingSource::Partner, left));
        } else if !left.is_zero() {
            return Err(Refusal::bad_input(
                format!("The shares leave {left} of the line's {planned}."),
                "Shares must add up to the line. Leave the partner's out, and it gets what is left.",
            ));
        }
        shares.retain(|(_, share)| !share.is_zero());
        Ok(shares)
    }
}

enum Share {
    Percent(Decimal),
    Amount(Money),
}

impl Share {
    fn read(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let text = text.trim();
        if matches!(text, "-" | "0") {
            return Ok(Self::Amount(Money::zero(currency)));
        }
        let Some(number) = text.strip_suffix('%') else {
            return Ok(Self::Amount(read::money(text, currency)?));
        };
        let percent = read::decimal(number.trim());
        let valid = |percent: &Decimal| {
            *percent >= Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED && percent.normalize().scale() <= 4
        };
        percent.filter(valid).map(Self::Percent).ok_or_else(|| {
            Refusal::bad_input(
                format!("\"{}\" is not a percentage.", short(text, 30)),
                "Give a number from 0 to 100 with at most four decimals, such as 25%.",
            )
        })
    }

    fn percent(&self) -> Option<Decimal> {
        match self {
            Self::Percent(percent) => Some(*percent),
            Self::Amount(_) => None,
        }
    }
}

impl LineEdit {
    /// Changes the lines of a campaign.
    ///
    /// # Errors
    /// `bad_input` for a line that isn't there, a name that another line has, shares that don't fit, or too many lines.
    pub fn apply(&self, lines: &mut Vec<BudgetLine>, currency: Currency) -> Result<(), Refusal> {
        match self {
            LineEdit::Add { what, planned, shares } => {
                if lines.len() >= MAX_LINES {
                    return Err(Refusal::bad_input(
                        format!("A campaign has at most {MAX_LINES} budget lines."),
                        "Put small costs together.",
                    ));
                }
                let what = free_name(lines, what, None)?;
                let planned = read::money(planned, currency)?;
                let shares = shares.of(planned)?;
                lines.push(BudgetLine { what, planned, shares });
            }
            LineEdit::Change { line, what, planned, shares } => {
                let index = find(lines, line)?;
                let what = what.as_deref().map(|what| free_name(lines, what, Some(index))).transpose()?;
                let planned = planned.as_deref().map(|text| read::money(text, currency)).transpose()?;
                let line = &mut lines[index];
                line.what = what.unwrap_or_else(|| line.what.clone());
                line.replan(planned.unwrap_or(line.planned), shares)?;
            }
            LineEdit::Remove { line } => {
                let index = find(lines, line)?;
                lines.remove(index);
            }
        }
        Ok(())
    }
}

impl BudgetLine {
    /// The line with another amount or other shares. Without new shares the old ones keep their proportions.
    fn replan(&mut self, planned: Money, shares: &SharesSaid) -> Result<(), Refusal> {
        let before: Vec<u64> = self.shares.iter().map(|(_, share)| share.minor().unsigned_abs()).collect();
        self.shares = if shares.is_empty() && before.iter().any(|units| *units > 0) {
            let parts = planned.split(&before).map_err(|error| Refusal::unreadable(&error, ""))?;
            let sources = self.shares.iter().map(|(source, _)| *source);
            sources.zip(parts).filter(|(_, share)| !share.is_zero()).collect()
        } else {
            shares.of(planned)?
        };
        self.planned = planned;
        Ok(())
    }
}

/// The line that a text names: its name, or its number as listed, counted from 1.
///
/// # Errors
/// `bad_input` if there is none.
pub fn find(lines: &[BudgetLine], named: &str) -> Result<usize, Refusal> {
    let named = named.trim();
    let by_name = lines.iter().position(|line| same(&line.what, named));
    let by_number = || named.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < lines.len());
    by_name.or_else(by_number).ok_or_else(|| {
        Refusal::bad_input(
            format!("The campaign has no budget line \"{}\".", short(named, 60)),
            "Pick it from the list that the option offers.",
        )
    })
}

fn free_name(lines: &[BudgetLine], what: &str, own: Option<usize>) -> Result<String, Refusal> {
    let what = what.trim();
    if is_blank(what) || what.chars().count() > WHAT_LIMIT {
        return Err(Refusal::bad_input(
            format!("A budget line needs a name of at most {WHAT_LIMIT} characters."),
            "Say what is paid, such as Venue.",
        ));
    }
    let taken = lines.iter().enumerate().any(|(index, line)| Some(index) != own && same(&line.what, what));
    if taken {
        return Err(Refusal::bad_input(
            format!("The campaign has a budget line \"{}\" already.", short(what, 60)),
            "Change that one with the option line, or choose another name.",
        ));
    }
    Ok(what.to_owned())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
