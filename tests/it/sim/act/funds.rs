//! Money set aside in three currencies: pools, allocations, partners' own funds, co-op accruals, transfers, rates.

use super::day;
use crate::sim::cast::{APPROVALS, CURRENCIES, FAY, FINN, PARTNERS, Person, VERA};
use crate::sim::check::Wrong;
use crate::sim::model::Fund;
use crate::sim::run::{Kind, Sim, kind, many};
use chrono::Days;
use tandem::domain::command::Command;
use tandem::domain::command::fund::{FundWish, NewFund, NewSales};

const CREATE: Kind = kind("create fund", &["fund_created"]);
const ALLOCATE: Kind = many("allocate", &["fund_allocated"]);
const TAKE_BACK: Kind = many("take back", &["fund_taken_back"]);
const TRANSFER: Kind = many("transfer", &["fund_transferred"]);
const ACCRUE: Kind = many("accrue", &["fund_accrued"]);
const RATE: Kind = kind("rate", &["rate_entered"]);

/// How long a fund lasts, and how long before its end the next one is made.
const FUND_DAYS: u64 = 90;
const BEFORE_END: u64 = 12;
/// What a pool begins with, in minor units.
const POOL: i64 = 120_000_000;

impl Sim {
    fn treasurer(&mut self) -> Person {
        match self.dice.between(1, 40) {
            1 => VERA,
            2..=20 => FINN,
            _ => FAY,
        }
    }

    /// What one unit of each currency is worth in the others, long before anything was invoiced.
    pub async fn sets_rates(&mut self) -> Wrong {
        for (from, into, rate) in [
            ("USD", "JPY", "148.25"),
            ("JPY", "USD", "0.00675"),
            ("USD", "KWD", "0.30755"),
            ("KWD", "USD", "3.2515"),
            ("JPY", "KWD", "0.002075"),
            ("KWD", "JPY", "482.05"),
        ] {
            self.rates(from, into, rate, Some("2025-01-01".to_owned())).await?;
        }
        Ok(())
    }

    async fn rates(&mut self, from: &str, into: &str, rate: &str, day: Option<String>) -> Wrong {
        let wish = FundWish::Rate { currency: from.into(), into: into.into(), rate: rate.into(), from: day };
        self.asks(RATE, FINN, APPROVALS, Command::Fund(wish)).await.map(drop)
    }

    fn live_funds(&self) -> Vec<Fund> {
        let today = self.today().to_string();
        self.checker.model.funds.iter().filter(|fund| fund.valid_until >= today).cloned().collect()
    }

    /// The funds that a partner may ask, of its own currency first.
    pub fn funds_for(&self, partner: usize) -> Vec<Fund> {
        let own = |fund: &Fund| {
            fund.partner.is_none_or(|of| of == partner) && fund.currency == PARTNERS[partner].currency
        };
        self.live_funds().into_iter().filter(own).collect()
    }

    /// A pool in each currency, and a co-op fund in one, that last a while.
    pub async fn needs_funds(&mut self) -> Wrong {
        let until = self.today() + Days::new(BEFORE_END);
        for currency in CURRENCIES {
            let lasts = |fund: &Fund| {
                fund.currency == currency && fund.pool.is_none() && day(&fund.valid_until) > until
            };
            let live = self.live_funds();
            if live.iter().any(|fund| lasts(fund) && fund.partner.is_none() && fund.kind == "mdf") {
                continue;
            }
            let pool = self.makes_fund(currency, "mdf", None).await?;
            for (index, company) in PARTNERS.iter().enumerate().filter(|(_, one)| one.currency == currency) {
                let amount = self.amount(self.checker_share(index), currency);
                self.allocates(&pool, Some(company.key), amount).await?;
                self.makes_fund(currency, "mdf", Some(company.key)).await?;
            }
            self.makes_fund(currency, "co_op", None).await?;
        }
        Ok(())
    }

    fn checker_share(&self, partner: usize) -> i64 {
        20_000_000 + i64::try_from(partner).unwrap() * 333
    }

    /// Makes a fund, and gives its key.
    async fn makes_fund(
        &mut self,
        currency: &str,
        kind: &str,
        partner: Option<&str>,
    ) -> Result<String, String> {
        let number = self.number();
        let key = format!("{}-{}-{number}", currency.to_lowercase(), kind.replace('_', ""));
        let today = self.today();
        let co_op = kind == "co_op";
        let carry = self.dice.percent(60);
        let amount = self.amount(if partner.is_some() { POOL / 10 } else { POOL }, currency);
        let new = NewFund {
            key: key.clone(),
            name: format!("Fund {number}"),
            kind: kind.to_owned(),
            valid_from: today.to_string(),
            valid_until: (today + Days::new(FUND_DAYS)).to_string(),
            currency: Some(currency.to_owned()),
            amount: (!co_op).then_some(amount),
            partner: partner.map(str::to_owned),
            accrual: co_op.then(|| "2.5%".to_owned()),
            credit_months: (co_op && self.dice.percent(50)).then_some(1),
            carry_over: Some(if carry { "next_period" } else { "none" }.to_owned()),
            carry_limit: (carry && self.dice.percent(50)).then(|| "33.3%".to_owned()),
        };
        let reply = self.asks(CREATE, FINN, APPROVALS, Command::Fund(FundWish::Create(new))).await?;
        match reply.refused {
            None => Ok(key),
            Some(_) => Err(format!("no fund can be made: {}", reply.text)),
        }
    }

    async fn allocates(&mut self, fund: &str, partner: Option<&str>, amount: String) -> Wrong {
        let wish = FundWish::Allocate {
            fund: fund.to_owned(),
            partner: partner.map(str::to_owned),
            amount,
            reason: None,
            confirm: None,
        };
        let who = self.treasurer();
        self.asks(ALLOCATE, who, APPROVALS, Command::Fund(wish)).await.map(drop)
    }

    pub async fn moves_money(&mut self) -> Wrong {
        let live = self.live_funds();
        let Some(fund) = self.dice.pick(&live).cloned() else { return Ok(()) };
        let who = self.treasurer();
        match self.dice.between(1, 100) {
            1..=22 => {
                let partner = self.partner();
                let amount = self.amount(self.checker_share(partner) / 7, &fund.currency);
                let named = fund.partner.is_none().then(|| PARTNERS[partner].key);
                self.allocates(&fund.key, named, amount).await
            }
            23..=32 => self.takes_back(&fund, who).await,
            33..=55 => self.transfers(&live, &fund, who).await,
            56..=88 => self.accrues(&live, who).await,
            _ => {
                let (from, into) = [("USD", "JPY"), ("KWD", "USD"), ("USD", "KWD")][self.dice.below(3)];
                let rate = format!("{}.{:03}", self.dice.between(1, 150), self.dice.between(1, 999));
                self.rates(from, into, &rate, None).await
            }
        }
    }

    async fn takes_back(&mut self, fund: &Fund, who: Person) -> Wrong {
        let pool = fund.pool.as_ref().and_then(|pool| self.checker.model.fund(pool)).cloned();
        let (named, partner) = match (&pool, fund.partner) {
            (Some(pool), Some(partner)) => (pool.key.clone(), Some(PARTNERS[partner].key.to_owned())),
            _ => (fund.key.clone(), None),
        };
        let amount = self.dice.between(1, 9_000_000);
        let wish = FundWish::Allocate {
            fund: named.clone(),
            partner,
            amount: format!("-{}", self.amount(amount, &fund.currency).split(' ').next_back().unwrap()),
            reason: Some("another plan".to_owned()),
            confirm: self.dice.percent(80).then_some(named),
        };
        self.asks(TAKE_BACK, who, APPROVALS, Command::Fund(wish)).await.map(drop)
    }

    async fn transfers(&mut self, live: &[Fund], from: &Fund, who: Person) -> Wrong {
        let Some(to) = self.dice.pick(live).cloned() else { return Ok(()) };
        let most = if self.dice.percent(10) { POOL * 3 } else { POOL / 40 };
        let amount = self.dice.between(1_000, most);
        let wish = FundWish::Transfer {
            fund: from.key.clone(),
            to: to.key,
            amount: self.amount(amount, &from.currency),
            reason: "a fair abroad".to_owned(),
            confirm: self.dice.percent(90).then(|| from.key.clone()),
        };
        self.asks(TRANSFER, who, APPROVALS, Command::Fund(wish)).await.map(drop)
    }

    /// Posts sales, now and then below zero, and now and then what was posted before.
    async fn accrues(&mut self, live: &[Fund], who: Person) -> Wrong {
        let co_op: Vec<Fund> =
            live.iter().filter(|fund| fund.kind == "co_op" && fund.pool.is_none()).cloned().collect();
        let Some(fund) = self.dice.pick(&co_op).cloned() else { return Ok(()) };
        let partner = self.partner();
        let number = self.number();
        let mut sales = self.amount(self.dice.clone().between(1_000, 400_000_000), &fund.currency);
        if self.dice.percent(15) {
            sales = format!("-{}", sales.split(' ').next_back().unwrap());
        }
        let new = (fund.key, partner, sales, format!("S-{number}"));
        let known = self.checker.model.sales.clone();
        let (fund, partner, sales, reference) = match self.dice.pick(&known) {
            Some(before) if self.dice.percent(15) => before.clone(),
            _ => new,
        };
        let wish = FundWish::Accrue(NewSales {
            fund: fund.clone(),
            partner: Some(PARTNERS[partner].key.to_owned()),
            sales: sales.clone(),
            date: Some(self.today().to_string()),
            reference: reference.clone(),
        });
        let reply = self.asks(ACCRUE, who, APPROVALS, Command::Fund(wish)).await?;
        if reply.refused.is_none() && !known.iter().any(|one| one.3 == reference) {
            self.checker.model.sales.push((fund, partner, sales, reference));
        }
        Ok(())
    }
}
