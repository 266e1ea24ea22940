//! What people read about funds.

use super::card::{Card, Colour, Post};
use super::short;
use crate::domain::fund::accrual::{Accrual, Posting};
use crate::domain::fund::carry::{CarryMost, CarryTo};
use crate::domain::fund::statement::{Amounts, COLUMNS, Statement};
use crate::domain::fund::{Balances, Fund, FundKind};
use crate::domain::money::{Money, MoneyError};
use crate::domain::program::Partner;
use crate::domain::rate::DatedRate;
use crate::domain::refusal::Refusal;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The longest name of a fund that is shown, in characters.
const NAME: usize = 80;
/// Credits and allocations shown on a card.
const SHOWN: usize = 8;
/// Lines of a warning; more are counted.
const ENDS_SHOWN: usize = 20;
/// Funds on one page of a list.
const PAGE: usize = 8;

/// What a posting of sales came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accrued {
    pub amount: Money,
    pub posting: Posting,
    pub percent: Decimal,
    /// For sales in another currency than the fund's.
    pub rate: Option<DatedRate>,
    /// What the partner has now.
    pub available: Money,
    /// What became of it, where the fund had ended by then.
    pub late: Option<Late>,
}

/// What became of sales that were told after their fund's end; below zero of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// The name of the fund that it went on to, or came back from.
    pub next: Option<String>,
    pub carried: Money,
    pub forfeited: Money,
}

impl Late {
    /// Of a correction, what nothing was moved for, because it had been forfeited.
    pub fn kept(&self) -> Money {
        match self.forfeited.is_negative() {
            true => self.forfeited.negate(),
            false => Money::zero(self.forfeited.currency()),
        }
    }

    /// Together with what came of others of the same fund and partner.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn with(&self, other: Option<Self>) -> Result<Self, MoneyError> {
        let Some(other) = other else { return Ok(self.clone()) };
        Ok(Self {
            next: self.next.clone().or(other.next),
            carried: self.carried.checked_add(other.carried)?,
            forfeited: self.forfeited.checked_add(other.forfeited)?,
        })
    }
}

/// What the rows of a file come to that are one partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted<'a> {
    pub partner: &'a Partner,
    pub amount: Money,
    /// How many rows.
    pub count: usize,
    pub late: Option<Late>,
}

fn name(fund: &Fund) -> String {
    short(&fund.name, NAME)
}

/// A new fund.
pub fn created(fund: &Fund, amount: Money) -> String {
    let idle = match (fund.kind, fund.terms.accrual_percent) {
        (FundKind::CoOp, None) => " Without the option accrual no sales count for it.",
        _ => "",
    };
    format!("{} ({}) is there, with {amount}. {}{idle}", name(fund), fund.key, terms(fund))
}

/// What a fund is made with, in one line.
fn terms(fund: &Fund) -> String {
    let mut said = format!("{} from {} to {}", fund.kind.label(), fund.valid_from, fund.valid_until);
    if let Some(percent) = fund.terms.accrual_percent {
        said.push_str(&format!(", accrues {} % of sales", percent.normalize()));
    }
    if let Some(months) = fund.terms.credit_months {
        said.push_str(&format!(", each credit for {months} months"));
    }
    said.push('.');
    said
}

/// More money in a fund, or less of it.
pub fn allocated(fund: &Fund, amount: Money, available: Money) -> String {
    let what = match amount.is_negative() {
        true => format!("{} is taken back from", amount.negate()),
        false => format!("{amount} is allocated to"),
    };
    format!("{what} {}. Available now: {available}.", name(fund))
}

/// Of a pool to a partner, as the vendor reads it.
pub fn allocated_of(pool: &Fund, account: &Fund, amount: Money, rest: Money) -> String {
    let what = match amount.is_negative() {
        true => format!("{} went back from {} to {}", amount.negate(), name(account), name(pool)),
        false => format!("{amount} of {} is allocated to {}", name(pool), name(account)),
    };
    format!("{what} ({}). Left in the pool: {rest}.", account.key)
}

/// What a transfer would do, before it is confirmed.
pub fn would_transfer(
    from: &Fund,
    to: &Fund,
    (amount, arrives): (Money, Money),
    rate: Option<&DatedRate>,
) -> String {
    let arrives = rate.map(|rate| format!(", which is {arrives} at {} of {}", rate.rate, rate.valid_from));
    format!("{amount} would go from {} to {}{}.", name(from), name(to), arrives.unwrap_or_default())
}

/// What a transfer did.
pub fn transferred(from: &Fund, to: &Fund, (amount, arrives): (Money, Money)) -> String {
    let arrived = if amount == arrives { String::new() } else { format!(" as {arrives}") };
    format!("{amount} went from {} to {}{arrived}.", name(from), name(to))
}

/// What came to a partner's own fund by a transfer, or left it.
pub fn transferred_own(fund: &Fund, amount: Money, available: Money) -> String {
    let what = match amount.is_negative() {
        true => format!("{} was transferred out of", amount.negate()),
        false => format!("{amount} was transferred to"),
    };
    format!("{what} {}. Available now: {available}.", name(fund))
}

/// Sales that were posted.
pub fn accrued(fund: &Fund, one: &Accrued) -> String {
    let Accrued { amount, posting, percent, rate, available, late } = one;
    let what = match amount.is_negative() {
        true => format!("{} of {} is taken back", amount.negate(), name(fund)),
        false => format!("{amount} of {} is accrued", name(fund)),
    };
    let rate = rate.map(|rate| format!(", at {} of {}", rate.rate, rate.valid_from)).unwrap_or_default();
    format!(
        "{what}: {} % of sales of {} on {}{rate} ({}). {}",
        percent.normalize(),
        posting.sales,
        posting.sold_on,
        short(&posting.reference, NAME),
        came_of(fund, *available, late.as_ref())
    )
}

/// What is there now; of a fund that has ended, what became of what was posted.
fn came_of(fund: &Fund, available: Money, late: Option<&Late>) -> String {
    let Some(Late { next, carried, forfeited }) = late else { return format!("Available now: {available}.") };
    let next = next.as_ref().map_or("the fund that follows".to_owned(), |next| short(next, NAME));
    let mut said = Vec::new();
    match (carried.is_zero(), carried.is_negative()) {
        (true, _) => {}
        (_, true) => said.push(format!("{} comes back of what went on to {next}", carried.negate())),
        (_, false) => said.push(format!("{carried} goes on to {next}")),
    }
    match (forfeited.is_zero(), forfeited.is_negative()) {
        (true, _) => {}
        (_, true) => said.push(format!("{} of it was forfeited then", forfeited.negate())),
        (_, false) => said.push(format!("{forfeited} is forfeited")),
    }
    if said.is_empty() {
        said.push("nothing is left of it".to_owned());
    }
    format!("{} ended on {}: {}.", name(fund), fund.valid_until, said.join(", "))
}

/// What one partner's rows of a file came to, as that partner reads it.
pub fn accrued_by_file(fund: &Fund, posted: &Posted<'_>, available: Money) -> String {
    let Posted { amount, count, late, .. } = posted;
    let postings = if *count == 1 { "1 posting".to_owned() } else { format!("{count} postings") };
    let then = came_of(fund, available, late.as_ref());
    format!("{}: {amount} accrued by {postings} of sales. {then}", name(fund))
}

/// What a whole file came to, as the vendor reads it.
pub fn file_posted(fund: &Fund, sums: &[Posted<'_>], known: &[&str]) -> String {
    let count: usize = sums.iter().map(|one| one.count).sum();
    let of = |one: &Posted<'_>| format!("{} {}", short(&one.partner.name, 40), one.amount);
    let mut said = format!("{}: {count} new of {} rows.", name(fund), count + known.len());
    if !sums.is_empty() {
        said.push_str(&format!(" Accrued: {}.", sums.iter().map(of).collect::<Vec<_>>().join(", ")));
    }
    if !known.is_empty() {
        let listed: Vec<String> = known.iter().take(SHOWN).map(|reference| short(reference, 40)).collect();
        let more = known.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        said.push_str(&format!(" Posted before, and not counted again: {}{more}.", listed.join(", ")));
    }
    said
}

/// The rates of a file, which are there by now: at least one.
pub fn rates_imported(file: &str, rates: &[DatedRate]) -> String {
    let mut pairs: Vec<String> =
        rates.iter().map(|one| format!("{} in {}", one.from.code(), one.to.code())).collect();
    pairs.sort();
    pairs.dedup();
    let more = pairs.len().saturating_sub(SHOWN);
    pairs.truncate(SHOWN);
    if more > 0 {
        pairs.push(format!("{more} more"));
    }
    let count = if rates.len() == 1 { "1 rate is".to_owned() } else { format!("{} rates are", rates.len()) };
    let (first, last) =
        (rates.iter().map(|one| one.valid_from).min(), rates.iter().map(|one| one.valid_from).max());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    format!("{}: {count} entered, dated {first} to {last}: {}.", short(file, NAME), pairs.join(", "))
}

/// The same posting again.
pub fn known(reference: &str) -> String {
    format!("{} was posted before. Nothing was counted again.", short(reference, NAME))
}

/// The refusal of a reference that says something else than before.
pub fn posted_otherwise(before: &Accrual) -> Refusal {
    Refusal::bad_input(
        format!(
            "{} was posted before with other figures: sales of {} on {}.",
            short(&before.reference, NAME),
            before.sales,
            before.sold_on
        ),
        "Correct it by a posting below zero, under a reference of its own.",
    )
}

/// What became of a fund's money at its end.
pub fn ended(fund: &Fund, forfeited: Money, carried: Option<(&Fund, Money)>) -> String {
    let mut said = Vec::new();
    if let Some((next, carried)) = carried.filter(|(_, carried)| !carried.is_zero()) {
        said.push(format!("{carried} goes on to {}", name(next)));
    }
    if !forfeited.is_zero() {
        said.push(format!("{forfeited} is forfeited"));
    }
    format!("What was left of {} has run out: {}.", name(fund), said.join(", "))
}

/// What expires of a fund on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends<'a> {
    pub fund: &'a Fund,
    pub left: Money,
    /// The last day on which it can be committed.
    pub expires_on: NaiveDate,
}

/// A warning of what is going to expire, the earliest first.
pub fn ends_soon(ends: &[&Ends<'_>], today: NaiveDate) -> Post {
    let line = |one: &&Ends<'_>| {
        let left = match (one.expires_on - today).num_days() {
            0 => "today is the last day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        };
        format!("• **{}** · {} until {} · {left}", name(one.fund), one.left, one.expires_on)
    };
    let mut lines: Vec<String> = ends.iter().take(ENDS_SHOWN).map(line).collect();
    if ends.len() > lines.len() {
        lines.push(format!("… and {} more: `/fund show`", ends.len() - lines.len()));
    }
    let card = Card {
        title: "Money that expires".to_owned(),
        body: lines.join("\n"),
        colour: Colour::Amber,
        footer: "What is not committed by then goes on by the fund's carry-over rule, or is forfeited."
            .to_owned(),
        ..Card::default()
    };
    Post { card: Some(card), ..Post::default() }
}

/// A fund that `bot.toml` no longer declares, with what it holds.
pub fn archived(fund: &Fund, held: &Balances) -> String {
    format!(
        "{} ({}) is archived: nothing more can be committed from it. It holds {} available, {} committed and {} payable. What \
         was approved can still be claimed and is paid. `/fund show` and `/fund statement` still show it.",
        name(fund),
        fund.key,
        held.available,
        held.committed,
        held.payable
    )
}

/// A fund that `bot.toml` declares again, with what it holds.
pub fn back(fund: &Fund, held: &Balances) -> String {
    format!("{} ({}) is no longer archived. Available now: {}.", name(fund), fund.key, held.available)
}

/// What came back to a fund after its end.
pub fn came_back_late(fund: &Fund, forfeited: Money) -> String {
    format!("{forfeited} came back to {} after its time was over: it is forfeited.", name(fund))
}

/// A fund as it is shown.
pub struct FundView<'a> {
    pub fund: &'a Fund,
    pub balances: &'a Balances,
    /// What is left of each, with its last day.
    pub credits: &'a [(Money, NaiveDate)],
    pub allocations: &'a [(Fund, Balances)],
    /// The name of the fund that the rest goes on to, where a fund is named and the reader may know it.
    pub carries_to: Option<&'a str>,
    /// Nothing more can be committed from it.
    pub archived: bool,
    pub today: NaiveDate,
}

/// One fund: balances, terms, what expires when, and of a pool what partners have.
pub fn card(view: &FundView<'_>) -> Card {
    let FundView { fund, balances, .. } = view;
    let ended = fund.has_ended(view.today);
    let footer = [(view.archived, "archived".to_owned()), (ended, format!("ended on {}", fund.valid_until))];
    let footer: Vec<String> = footer.into_iter().filter_map(|(is, said)| is.then_some(said)).collect();
    let mut card = Card {
        title: format!("{} · {}", name(fund), fund.key),
        body: format!(
            "{} {}{}",
            terms(fund),
            carry(view),
            if fund.terms.declared { " Declared in bot.toml." } else { "" }
        ),
        colour: if footer.is_empty() { Colour::Neutral } else { Colour::Grey },
        footer: footer.join(" · "),
        ..Card::default()
    };
    for (label, amount) in [
        ("Available", balances.available),
        ("Pending requests", balances.pending),
        ("Committed", balances.committed),
        ("Payable", balances.payable),
        ("Paid", balances.paid),
        ("Forfeited", balances.forfeited),
    ] {
        card = card.with(label, amount.to_string());
    }
    if !view.credits.is_empty() {
        let lines = view.credits.iter().map(|(left, day)| format!("{left} until {day}"));
        card = card.with_wide("What is available expires", cut(lines.collect()));
    }
    if !view.allocations.is_empty() {
        let line = |(one, held): &(Fund, Balances)| {
            format!("{}: {} available, {} committed", name(one), held.available, held.committed)
        };
        card = card.with_wide("Allocations", cut(view.allocations.iter().map(line).collect()));
    }
    card
}

fn cut(mut lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    lines.join("\n")
}

fn carry(view: &FundView<'_>) -> String {
    let carry = &view.fund.terms.carry;
    let most = match carry.most {
        CarryMost::All => "What is left at its end".to_owned(),
        CarryMost::Percent(percent) => format!("{} % of what is left at its end", percent.normalize()),
        CarryMost::Minor(minor) => {
            let most =
                Money::from_minor(minor, view.fund.currency).unwrap_or(Money::zero(view.fund.currency));
            format!("At most {most} of what is left at its end")
        }
    };
    match &carry.to {
        CarryTo::Nowhere => "What is left at its end is forfeited.".to_owned(),
        CarryTo::NextPeriod => format!("{most} goes on to the fund of the next period."),
        CarryTo::Fund(_) => {
            let next = view.carries_to.map_or("the fund that follows".to_owned(), |next| short(next, NAME));
            format!("{most} goes on to {next}.")
        }
    }
}

/// One page of the funds that somebody may see, each with whether it is archived; `page` counts from 1.
pub fn list(funds: &[(Fund, Balances, bool)], page: i64, today: NaiveDate) -> Card {
    let pages = funds.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(page).unwrap_or(1).clamp(1, pages);
    let mut card = Card {
        title: "Funds".to_owned(),
        body: if funds.is_empty() { "There are none yet.".to_owned() } else { String::new() },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    };
    for (fund, held, archived) in funds.iter().skip((page - 1) * PAGE).take(PAGE) {
        let over = if fund.has_ended(today) { "ended" } else { "until" };
        let archived = if *archived { "archived · " } else { "" };
        let value = format!(
            "{} · {archived}{over} {}\navailable {} · pending {} · committed {} · payable {} · paid {} · forfeited {}",
            fund.kind.label(),
            fund.valid_until,
            held.available,
            held.pending,
            held.committed,
            held.payable,
            held.paid,
            held.forfeited
        );
        card = card.with_wide(&format!("{} · {}", name(fund), fund.key), value);
    }
    card
}

/// A statement: what it opens with, what moved, what it closes with.
pub fn statement_card(fund: &Fund, statement: &Statement) -> Card {
    let mut card = Card {
        title: format!("Statement of {} · {}", name(fund), fund.key),
        body: format!("{} to {}, in {}.", statement.from, statement.until, fund.currency.code()),
        footer: "The same figures are in the files.".to_owned(),
        ..Card::default()
    };
    card = card.with_wide("Opening", amounts(&statement.opening, false));
    for (kind, moved) in &statement.lines {
        card = card.with_wide(&super::capital(kind.label()), amounts(moved, true));
    }
    card.with_wide("Closing", amounts(&statement.closing, false))
}

/// One amount for each account; of moves, only those that moved, each with its sign.
fn amounts(amounts: &Amounts, moved: bool) -> String {
    let shown = COLUMNS.iter().zip(amounts).filter(|(_, amount)| !moved || !amount.is_zero());
    let one = |(account, amount): (&crate::domain::fund::Account, &Money)| {
        let sign = if moved && !amount.is_negative() { "+" } else { "" };
        format!("{} {sign}{}", account.label(), crate::domain::money::grouped(amount.decimal()))
    };
    let shown: Vec<String> = shown.map(one).collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(" · ") }
}
