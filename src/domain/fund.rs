//! Funds and the double-entry ledger: the moves there are, and no others. Entries are made by the system alone.

use super::money::{Currency, Money};
use super::plan::states;
use chrono::NaiveDate;

states! {
    /// `mdf` is discretionary, `co_op` accrues as a rate of the partner's sales.
    FundKind {
        Mdf "mdf" "MDF",
        CoOp "co_op" "co-op",
    }
}

states! {
    /// The accounts of a fund. `granted` is the contra account and runs negative; no other may.
    Account {
        Granted "granted" "granted",
        Available "available" "available",
        Committed "committed" "committed",
        Payable "payable" "payable",
        Paid "paid" "paid",
        Forfeited "forfeited" "forfeited",
    }
}

states! {
    /// What can happen to money, each with the accounts it goes between.
    Move {
        Allocate "allocate" "allocate",
        AllocateBack "allocate_back" "take back an allocation",
        Transfer "transfer" "transfer to another fund",
        Approve "approve" "approve a request",
        Release "release" "release a commitment",
        ApproveClaim "approve_claim" "approve a claim",
        ReverseClaim "reverse_claim" "reverse a claim before payment",
        Pay "pay" "pay a claim",
        ClawBack "claw_back" "record a claw-back",
        Expire "expire" "forfeit what has expired",
    }
}

impl Move {
    /// The account that the money leaves, and the one that it reaches.
    pub fn accounts(self) -> (Account, Account) {
        match self {
            Move::Allocate => (Account::Granted, Account::Available),
            Move::AllocateBack => (Account::Available, Account::Granted),
            Move::Transfer => (Account::Available, Account::Available),
            Move::Approve => (Account::Available, Account::Committed),
            Move::Release => (Account::Committed, Account::Available),
            Move::ApproveClaim => (Account::Committed, Account::Payable),
            Move::ReverseClaim => (Account::Payable, Account::Committed),
            Move::Pay => (Account::Payable, Account::Paid),
            Move::ClawBack => (Account::Paid, Account::Available),
            Move::Expire => (Account::Available, Account::Forfeited),
        }
    }
}

/// Money that the vendor sets aside: a pool of the program, or an allocation to one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    pub id: String,
    pub program_id: String,
    pub partner_id: Option<String>,
    pub key: String,
    pub name: String,
    pub kind: FundKind,
    pub currency: Currency,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
}

impl Fund {
    /// Whether a partner may draw on it.
    pub fn is_for(&self, partner_id: &str) -> bool {
        self.partner_id.as_deref().is_none_or(|own| own == partner_id)
    }

    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && day <= self.valid_until
    }
}

/// What a fund holds, with what waits for a decision beside it (pending requests hold nothing).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balances {
    pub available: Money,
    pub committed: Money,
    pub payable: Money,
    pub paid: Money,
    pub forfeited: Money,
    pub pending: Money,
}

impl Balances {
    /// What was set aside: everything that is not in the contra account.
    pub fn allocated(&self) -> Option<Money> {
        Money::sum(
            self.available.currency(),
            [self.available, self.committed, self.payable, self.paid, self.forfeited],
        )
        .ok()
    }
}
