//! `/fund`

use crate::domain::command::fund::{FundFile, FundWish, NewFund, NewSales};
use crate::domain::command::{Ask, Command as Wish, Query};
use crate::inbound::attached::attached;
use serenity::all::{AttachmentId, CommandDataResolved};
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/fund`.
#[derive(Debug, Command)]
pub enum FundCommand {
    /// Make a fund: a pool of the program, or one partner's (vendor)
    #[command(autocomplete)]
    Create(Create),
    /// Give a fund more money, or a partner some of a pool (vendor)
    #[command(autocomplete)]
    Allocate(Allocate),
    /// Post a partner's sales to a co-op fund, one by one or as a file (vendor)
    #[command(autocomplete)]
    Accrue(Accrue),
    /// Move money from one fund to another (vendor)
    #[command(autocomplete)]
    Transfer(Transfer),
    /// Enter what a currency is worth in another, from a day on, or a file of that (vendor)
    Rate(Rate),
    /// Funds, or one of them: what it holds and when that expires
    #[command(autocomplete)]
    Show(Show),
    /// What came into a fund, what left it, what it holds: as a card, CSV and XLSX
    #[command(autocomplete)]
    Statement(StatementOf),
}

/// A fund's kind, as `domain::fund::FundKind` has it.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Kind {
    #[option(name = "MDF (discretionary)", value = "mdf")]
    Mdf,
    #[option(name = "Co-op (accrues with sales)", value = "co_op")]
    CoOp,
}

/// Options of `/fund create`.
#[derive(Debug, SubCommand)]
pub struct Create {
    /// Its short key, such as q3-mdf
    pub key: String,
    /// Its name, as cards show it
    pub name: String,
    /// Its kind
    pub kind: Kind,
    /// Its first day
    pub valid_from: String,
    /// Its last day
    pub valid_until: String,
    /// What is set aside, such as 50k; more can be allocated later
    pub amount: Option<String>,
    /// Its currency; without one, the program's
    pub currency: Option<String>,
    /// The partner whose it is; without one, a pool of the program
    #[command(autocomplete)]
    pub partner: Option<String>,
    /// Of a co-op fund: the percentage of sales that accrues, such as 2%
    pub accrual: Option<String>,
    /// Of a co-op fund: how many months a credit lasts; without it, as long as the fund
    pub credit_months: Option<i64>,
    /// What becomes of the rest: none, next, or the key of a fund
    pub carry_over: Option<String>,
    /// How much of the rest goes on at most: 50%, or an amount
    pub carry_limit: Option<String>,
}

/// Options of `/fund allocate`.
#[derive(Debug, SubCommand)]
pub struct Allocate {
    /// The fund
    #[command(autocomplete)]
    pub fund: String,
    /// How much, such as 5k; with a minus sign, back
    pub amount: String,
    /// The partner that gets it of a pool
    #[command(autocomplete)]
    pub partner: Option<String>,
    /// What it is for
    pub reason: Option<String>,
    /// The fund's key, said again, to take money back
    pub confirm: Option<String>,
}

/// Options of `/fund accrue`.
#[derive(Debug, SubCommand)]
pub struct Accrue {
    /// The co-op fund
    #[command(autocomplete)]
    pub fund: String,
    /// What the partner has sold, such as 12,500; with a minus sign, a correction
    pub sales: Option<String>,
    /// The reference of the sales, such as an invoice's number: the same one counts once
    pub reference: Option<String>,
    /// The day of the sales; without one, today
    pub date: Option<String>,
    /// The partner
    #[command(autocomplete)]
    pub partner: Option<String>,
    /// Instead of all that: a CSV with the columns date, partner, sales, reference
    pub file: Option<AttachmentId>,
}

/// Options of `/fund transfer`.
#[derive(Debug, SubCommand)]
pub struct Transfer {
    /// The fund that it leaves
    #[command(autocomplete)]
    pub fund: String,
    /// The fund that it goes to
    #[command(autocomplete)]
    pub to: String,
    /// How much, in the currency of the fund that it leaves
    pub amount: String,
    /// Why
    pub reason: String,
    /// The key of the fund that it leaves, said again
    pub confirm: Option<String>,
}

/// Options of `/fund rate`.
#[derive(Debug, SubCommand)]
pub struct Rate {
    /// The currency, such as USD
    pub currency: Option<String>,
    /// The currency that it is converted into, such as EUR
    pub into: Option<String>,
    /// What one of the first is worth in the second, such as 0.92
    pub rate: Option<String>,
    /// The first day on which it holds; without one, today
    pub day: Option<String>,
    /// Instead of all that: a CSV with the columns currency, into, date, rate
    pub file: Option<AttachmentId>,
}

/// Options of `/fund show`.
#[derive(Debug, SubCommand)]
pub struct Show {
    /// The fund; without one, a list
    #[command(autocomplete)]
    pub fund: Option<String>,
    /// Which page of the list
    pub page: Option<i64>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/fund statement`.
#[derive(Debug, SubCommand)]
pub struct StatementOf {
    /// The fund
    #[command(autocomplete)]
    pub fund: String,
    /// The period, such as Q1 2026; without one, all of the fund
    pub period: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl FundCommand {
    /// # Errors
    /// A sentence, if a file didn't come along, or if there is neither a file nor what one would say.
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Result<Ask, String> {
        let wish = match self {
            FundCommand::Create(new) => FundWish::Create(new.asked()),
            FundCommand::Allocate(Allocate { fund, amount, partner, reason, confirm }) => {
                FundWish::Allocate { fund, partner, amount, reason, confirm }
            }
            FundCommand::Accrue(accrue) => return accrue.ask(resolved),
            FundCommand::Transfer(Transfer { fund, to, amount, reason, confirm }) => {
                FundWish::Transfer { fund, to, amount, reason, confirm }
            }
            FundCommand::Rate(rate) => return rate.ask(resolved),
            FundCommand::Show(Show { fund, page, partner }) => {
                return Ok(Ask::Look(Query::ShowFund { partner, fund, page }));
            }
            FundCommand::Statement(StatementOf { fund, period, partner }) => {
                FundWish::Statement { partner, fund, period }
            }
        };
        Ok(Ask::Do(Box::new(Wish::Fund(wish))))
    }
}

impl Create {
    fn asked(self) -> NewFund {
        let kind = match self.kind {
            Kind::Mdf => "mdf",
            Kind::CoOp => "co_op",
        };
        NewFund {
            key: self.key,
            name: self.name,
            kind: kind.to_owned(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            currency: self.currency,
            amount: self.amount,
            partner: self.partner,
            accrual: self.accrual,
            credit_months: self.credit_months,
            carry_over: self.carry_over,
            carry_limit: self.carry_limit,
        }
    }
}

impl Accrue {
    fn ask(self, resolved: &CommandDataResolved) -> Result<Ask, String> {
        if let Some(file) = self.file {
            if self.sales.is_some() || self.reference.is_some() || self.date.is_some() {
                return Err(
                    "The file says sales, dates and references itself. Leave those options out.".to_owned()
                );
            }
            return Ok(Ask::Post(FundFile::Sales { fund: self.fund, file: attached(resolved, file)? }));
        }
        let (Some(sales), Some(reference)) = (self.sales, self.reference) else {
            return Err("Give sales and their reference, or attach a CSV with the columns date, partner, sales, reference."
                .to_owned());
        };
        let new = NewSales { fund: self.fund, partner: self.partner, sales, date: self.date, reference };
        Ok(Ask::Do(Box::new(Wish::Fund(FundWish::Accrue(new)))))
    }
}

impl Rate {
    fn ask(self, resolved: &CommandDataResolved) -> Result<Ask, String> {
        let Rate { currency, into, rate, day, file } = self;
        if let Some(file) = file {
            if currency.is_some() || into.is_some() || rate.is_some() || day.is_some() {
                return Err(
                    "The file says currencies, dates and rates itself. Leave those options out.".to_owned()
                );
            }
            return Ok(Ask::Post(FundFile::Rates { file: attached(resolved, file)? }));
        }
        let (Some(currency), Some(into), Some(rate)) = (currency, into, rate) else {
            return Err(
                "Give currency, into and rate, or attach a CSV with the columns currency, into, date, rate."
                    .to_owned(),
            );
        };
        Ok(Ask::Do(Box::new(Wish::Fund(FundWish::Rate { currency, into, rate, from: day }))))
    }
}
