//! Funds and the double-entry ledger: the moves there are, and no others. Entries are made by the system alone.

pub mod accrual;
pub mod carry;
pub mod expiry;
pub mod statement;

use super::campaign::FundingSource;
use super::money::{Currency, Money};
use super::plan::states;
use super::refusal::Refusal;
use carry::Carry;
use chrono::NaiveDate;
use rust_decimal::Decimal;

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

impl FundKind {
    /// What the shares of a budget line that it pays are called.
    pub fn source(self) -> FundingSource {
        match self {
            FundKind::Mdf => FundingSource::Mdf,
            FundKind::CoOp => FundingSource::CoOp,
        }
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

/// Money that the vendor sets aside: a pool of the program, a fund of one partner, or what one partner has of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    pub id: String,
    pub program_id: String,
    pub partner_id: Option<String>,
    /// The pool that it is an allocation of: same kind, currency, validity and terms.
    pub parent_id: Option<String>,
    pub key: String,
    pub name: String,
    pub kind: FundKind,
    pub currency: Currency,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub terms: Terms,
}

/// What a fund is made with, beside its money and days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// It stands in `bot.toml`: nobody changes it in chat.
    pub declared: bool,
    /// What a co-op fund accrues, in percent of the partner's sales.
    pub accrual_percent: Option<Decimal>,
    /// How many months an accrued credit lasts; without it, as long as the fund.
    pub credit_months: Option<u32>,
    /// What becomes of the rest when it ends.
    pub carry: Carry,
}

/// The longest key of a fund made in chat, in characters.
pub const KEY_LIMIT: usize = 40;

/// The key of a new fund, as `bot.toml` would take it: letters, which are made small, digits and hyphens.
///
/// # Errors
/// `bad_input` for anything else.
pub fn key(text: &str) -> Result<String, Refusal> {
    let text = text.trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let framed = text.starts_with('-') || text.ends_with('-');
    if text.is_empty() || text.chars().count() > KEY_LIMIT || !text.chars().all(plain) || framed {
        let sentence = format!("A fund's key has 1 to {KEY_LIMIT} letters, digits and hyphens.");
        return Err(Refusal::bad_input(sentence, "Write it like q3-mdf."));
    }
    Ok(text)
}

/// The key of a partner's allocation of a pool. No key of a fund of its own has a slash.
pub fn allocation_key(pool: &str, partner: &str) -> String {
    format!("{pool}/{partner}")
}

/// The most funds that a question names.
const ASKED: usize = 8;

/// The one of these funds that somebody named, whatever the case: by its key, or by its name if no other bears that.
///
/// # Errors
/// `not_found`, and `bad_input` for a name that several bear: which of them was meant is theirs to say.
pub fn called(funds: Vec<Fund>, named: &str) -> Result<Fund, Refusal> {
    let named = named.trim();
    // A key is one fund's alone, so it goes before whatever others are called.
    let (of_key, others): (Vec<_>, Vec<_>) =
        funds.into_iter().partition(|fund| fund.key.eq_ignore_ascii_case(named));
    if let Some(found) = of_key.into_iter().next() {
        return Ok(found);
    }
    let mut so_named: Vec<Fund> =
        others.into_iter().filter(|fund| fund.name.eq_ignore_ascii_case(named)).collect();
    match so_named.len() {
        0 => Err(Refusal::not_found()),
        1 => Ok(so_named.swap_remove(0)),
        several => {
            let keys: Vec<&str> = so_named.iter().take(ASKED).map(|fund| fund.key.as_str()).collect();
            let name = super::escape::short(named, 80);
            let sentence = format!("{several} funds are called {name}: {}.", keys.join(", "));
            Err(Refusal::bad_input(sentence, "Name the one that you mean by its key."))
        }
    }
}

/// The fund that a partner means who names none: the only one that still gives, its own allocation before the pool that
/// it is of.
///
/// # Errors
/// `bad_input` for several, each with its key and last day; `wrong_state` if none gives any more.
pub fn meant(funds: Vec<Fund>, partner_id: &str, today: NaiveDate) -> Result<Fund, Refusal> {
    let mut open: Vec<Fund> =
        funds.into_iter().filter(|fund| fund.is_for(partner_id) && !fund.has_ended(today)).collect();
    let shared_out: Vec<String> = open.iter().filter_map(|fund| fund.parent_id.clone()).collect();
    open.retain(|fund| !shared_out.contains(&fund.id));
    match open.len() {
        0 => Err(Refusal::wrong_state(
            "No fund gives money now.",
            "The vendor makes one with /fund create, or in bot.toml.",
        )),
        1 => Ok(open.swap_remove(0)),
        _ => {
            let said = |fund: &Fund| {
                let name = super::escape::short(&fund.name, 80);
                format!("{} ({name}, {}, until {})", fund.key, fund.currency.code(), fund.valid_until)
            };
            let named: Vec<String> = open.iter().take(ASKED).map(said).collect();
            Err(Refusal::bad_input(
                format!("Which fund? There are {}.", named.join(", ")),
                "Name it in the option fund.",
            ))
        }
    }
}

impl Fund {
    /// A pool, of which partners have allocations.
    pub fn is_pool(&self) -> bool {
        self.partner_id.is_none()
    }

    /// Whether its last day is over.
    pub fn has_ended(&self, today: NaiveDate) -> bool {
        self.valid_until < today
    }

    /// Refuses what would put new money into it, or take new money out, on a day when it has ended.
    ///
    /// # Errors
    /// `wrong_state`.
    pub fn not_ended(&self, today: NaiveDate) -> Result<(), Refusal> {
        if !self.has_ended(today) {
            return Ok(());
        }
        let sentence = format!("{} ended on {}.", super::escape::short(&self.name, 80), self.valid_until);
        Err(Refusal::wrong_state(sentence, "Use a fund that is still valid."))
    }

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
