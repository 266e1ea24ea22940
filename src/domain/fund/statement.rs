//! A fund's statement over a period: what each account held at the beginning, what moved, what each holds at the end.

use super::{Account, Move};
use crate::domain::money::{Money, MoneyError};
use chrono::NaiveDate;

/// The accounts of a statement, in the order of its columns.
pub const COLUMNS: [Account; 5] =
    [Account::Available, Account::Committed, Account::Payable, Account::Paid, Account::Forfeited];

/// A kind of line, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    Allocated,
    TakenBack,
    Accrued,
    Corrected,
    TransferredIn,
    TransferredOut,
    Committed,
    Released,
    ClaimApproved,
    ClaimReversed,
    Paid,
    ClawedBack,
    Forfeited,
}

impl LineKind {
    pub const ALL: &[LineKind] = &[
        Self::Allocated,
        Self::TakenBack,
        Self::Accrued,
        Self::Corrected,
        Self::TransferredIn,
        Self::TransferredOut,
        Self::Committed,
        Self::Released,
        Self::ClaimApproved,
        Self::ClaimReversed,
        Self::Paid,
        Self::ClawedBack,
        Self::Forfeited,
    ];

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::TakenBack => "taken back",
            Self::Accrued => "accrued",
            Self::Corrected => "accrual corrected",
            Self::TransferredIn => "transferred in",
            Self::TransferredOut => "transferred out",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::ClaimApproved => "claims approved",
            Self::ClaimReversed => "claims reversed",
            Self::Paid => "paid",
            Self::ClawedBack => "clawed back",
            Self::Forfeited => "forfeited",
        }
    }

    /// The line that an entry belongs to, by its move, whether it is an accrual's, and whether it comes in.
    pub fn of(what: Move, accrual: bool, comes_in: bool) -> Self {
        match what {
            Move::Allocate if accrual => Self::Accrued,
            Move::Allocate => Self::Allocated,
            Move::AllocateBack if accrual => Self::Corrected,
            Move::AllocateBack => Self::TakenBack,
            Move::Transfer if comes_in => Self::TransferredIn,
            Move::Transfer => Self::TransferredOut,
            Move::Approve => Self::Committed,
            Move::Release => Self::Released,
            Move::ApproveClaim => Self::ClaimApproved,
            Move::ReverseClaim => Self::ClaimReversed,
            Move::Pay => Self::Paid,
            Move::ClawBack => Self::ClawedBack,
            Move::Expire => Self::Forfeited,
        }
    }
}

/// An entry of the ledger, as a statement reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The local day on which it was written.
    pub on: NaiveDate,
    pub what: Move,
    pub accrual: bool,
    pub account: Account,
    pub amount: Money,
}

/// One amount for each account of [`COLUMNS`].
pub type Amounts = [Money; 5];

/// A statement. What it opens with and its lines add up to what it closes with, in each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub opening: Amounts,
    /// Those that moved anything, in the order of [`LineKind`].
    pub lines: Vec<(LineKind, Amounts)>,
    pub closing: Amounts,
}

impl Statement {
    /// Made of all entries of a fund, whenever they were written.
    ///
    /// # Errors
    /// [`MoneyError`] for entries in several currencies, or sums that are too large.
    pub fn of(zero: Money, entries: &[Entry], from: NaiveDate, until: NaiveDate) -> Result<Self, MoneyError> {
        let nothing = [zero; 5];
        let (mut opening, mut closing) = (nothing, nothing);
        let mut lines: Vec<(LineKind, Amounts)> = Vec::new();
        for entry in entries.iter().filter(|entry| entry.on <= until) {
            let Some(column) = COLUMNS.iter().position(|one| *one == entry.account) else { continue };
            closing[column] = closing[column].checked_add(entry.amount)?;
            if entry.on < from {
                opening[column] = opening[column].checked_add(entry.amount)?;
                continue;
            }
            let kind = LineKind::of(entry.what, entry.accrual, !entry.amount.is_negative());
            let at = match lines.iter().position(|(one, _)| *one == kind) {
                Some(at) => at,
                None => {
                    lines.push((kind, nothing));
                    lines.len() - 1
                }
            };
            lines[at].1[column] = lines[at].1[column].checked_add(entry.amount)?;
        }
        lines.sort_by_key(|(kind, _)| *kind);
        Ok(Self { from, until, opening, lines, closing })
    }
}
