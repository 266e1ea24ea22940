//! What a variance report is made of: a plan's signed terms and facts as they were known at one instant, beside the
//! funds. The same instant always gives the same snapshot, however much was recorded since.
//!
//! A [`Snapshot`] holds only what both sides may read. What the vendor alone may know is [`VendorOnly`], so that a
//! shared report can't leak it: it has nothing to leak.

use super::fund::{Balances, Fund};
use super::money::Money;
use super::plan::Plan;
use super::plan::rate::Rate;
use super::program::{Partner, Program};
use super::variance::{self, Measure, PlanFigures, VarianceReport};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// A plan's figures to a fixed instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub program: Program,
    pub partner: Partner,
    pub plan: Plan,
    /// The newest revision agreed by then; 0 if none was.
    pub revision: i64,
    /// What was recorded later is not in it.
    pub as_of: DateTime<Utc>,
    /// d: the last complete local day. What occurred later is not in it.
    pub day: NaiveDate,
    /// The names of the campaigns by their short names (`CMP-7`).
    pub names: BTreeMap<String, String>,
    pub figures: PlanFigures,
    /// The plan's rates that amounts in other currencies were converted with.
    pub rates: Vec<Rate>,
    /// Amounts in currencies that the plan has no rate for: shown, never added.
    pub apart: Vec<Apart>,
    /// Leads that the CRM credits to campaigns whose leads are counted by hand: told, never counted.
    pub left_out: Vec<LeftOut>,
    /// The funds that the partner can draw on.
    pub funds: Vec<FundLine>,
}

impl Snapshot {
    /// The figures worked out.
    pub fn report(&self) -> VarianceReport {
        variance::report(&self.figures)
    }
}

/// An amount in another currency than the plan's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The campaign's short name.
    pub campaign: String,
    pub measure: Measure,
    pub amount: Money,
}

/// Leads of the CRM in a campaign whose leads are logged by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The campaign's short name.
    pub campaign: String,
    pub leads: i64,
}

/// What a partner has in a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundLine {
    pub fund: Fund,
    /// Asked for by this partner and not decided. It holds nothing.
    pub pending: Money,
    /// Approved for this partner and not yet claimed.
    pub committed: Money,
    /// The rest of the balances, if the fund is this partner's own allocation. What a pool holds is not its business.
    pub own: Option<Balances>,
}

/// The days ahead within which expiring money is told.
pub const EXPIRY_DAYS: [i64; 3] = [30, 60, 90];

impl FundLine {
    /// The available money that the fund's end takes away, and the smallest of [`EXPIRY_DAYS`] within which it does,
    /// counted from the day after `day`.
    pub fn expiring(&self, day: NaiveDate) -> Option<(Money, i64)> {
        let available = self.own.as_ref()?.available;
        let left = self.fund.valid_until.signed_duration_since(day).num_days();
        let within = EXPIRY_DAYS.into_iter().find(|days| (0..=*days).contains(&left))?;
        (!available.is_zero()).then_some((available, within))
    }
}

/// What only the vendor may read beside a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorOnly {
    /// What the pools hold.
    pub pools: Vec<(Fund, Balances)>,
    /// Leads of this partner, or of nobody yet, that no campaign is known for.
    pub unmatched_leads: i64,
}
