//! What can be asked about funds.

use super::file::Attached;

/// A new fund, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewFund {
    pub key: String,
    pub name: String,
    pub kind: String,
    pub valid_from: String,
    pub valid_until: String,
    pub currency: Option<String>,
    pub amount: Option<String>,
    pub partner: Option<String>,
    pub accrual: Option<String>,
    pub credit_months: Option<i64>,
    pub carry_over: Option<String>,
    pub carry_limit: Option<String>,
}

/// Sales to post, as somebody wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSales {
    pub fund: String,
    pub partner: Option<String>,
    pub sales: String,
    pub date: Option<String>,
    pub reference: String,
}

/// A file, not fetched yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundFile {
    /// Of sales to a co-op fund.
    Sales { fund: String, file: Attached },
    /// Of dated rates.
    Rates { file: Attached },
}

/// Something that changes funds, or takes figures of one away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundWish {
    Create(NewFund),
    /// More money for a fund, or of a pool for a partner; below zero, back.
    Allocate {
        fund: String,
        partner: Option<String>,
        amount: String,
        reason: Option<String>,
        confirm: Option<String>,
    },
    Accrue(NewSales),
    /// The rows of a file, as text.
    AccrueFile {
        fund: String,
        name: String,
        text: String,
    },
    Transfer {
        fund: String,
        to: String,
        amount: String,
        reason: String,
        confirm: Option<String>,
    },
    /// What one unit of a currency is worth in another, from a day on.
    Rate {
        currency: String,
        into: String,
        rate: String,
        from: Option<String>,
    },
    /// The rows of a file of rates, as text.
    RateFile {
        name: String,
        text: String,
    },
    Statement {
        partner: Option<String>,
        fund: String,
        period: Option<String>,
    },
}
