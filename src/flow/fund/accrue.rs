//! Sales posted to a co-op fund: by a command, or by a file of which either every row counts or none. The same reference
//! counts once. It is the day of the sales that has to be the fund's, whenever they are told.

use super::super::{Author, Reply, Step, Stop};
use super::{account_of, late, moves, named, not_taken, tell};
use crate::domain::campaign::read as reading;
use crate::domain::command::fund::NewSales;
use crate::domain::fund::accrual::{self, Accrual, Posting, RowOfSales, ToldSales};
use crate::domain::fund::{Fund, FundKind, Move};
use crate::domain::money::{Money, MoneyError};
use crate::domain::program::Partner;
use crate::domain::rate::DatedRate;
use crate::domain::refusal::{Code, Refusal};
use crate::fault::Fault;
use crate::store::accrual as store;
use crate::store::ledger::{About, Moved};
use crate::store::setup::lock_program;
use crate::store::{Read, Tx, ledger, program};
use crate::text;
use crate::text::fund::{Accrued, Late, Posted};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;

/// A fund that accrues, with its rate.
struct Accruing {
    /// The fund itself, or the pool of which an allocation was named.
    fund: Fund,
    percent: Decimal,
    /// The partner whose fund or allocation was named; none for a pool.
    owner: Option<String>,
    /// What was named is called so.
    called: String,
}

async fn accruing(step: &Step<'_>, tx: &mut Tx, fund: &str) -> Result<Accruing, Stop> {
    let found = named(tx, step.context, fund).await?;
    of_fund(tx, found).await
}

/// Whether it has ended is no matter here: what counts is the day of the sales.
async fn of_fund(tx: &mut Tx, found: Fund) -> Result<Accruing, Stop> {
    let (owner, called) = (found.partner_id.clone(), text::short(&found.name, 80));
    // References are a partner's own in a pool, whichever of its allocations was named.
    let fund = match &found.parent_id {
        Some(pool) => ledger::fund_by_id(tx, pool).await?,
        None => found,
    };
    let percent = fund.terms.accrual_percent.filter(|_| fund.kind == FundKind::CoOp);
    let percent = percent.ok_or_else(|| {
        let sentence = format!("{} accrues nothing: it has no rate.", text::short(&fund.name, 80));
        Refusal::bad_input(sentence, "Name a co-op fund with a rate, or give money with /fund allocate.")
    })?;
    Ok(Accruing { fund, percent, owner, called })
}

pub(super) async fn by_command(step: &Step<'_>, tx: &mut Tx, new: &NewSales) -> Result<Reply, Stop> {
    let of = accruing(step, tx, &new.fund).await?;
    let own = of.owner.as_deref().and_then(|id| step.context.partners.iter().find(|one| one.id == id));
    let partner = match (&new.partner, own) {
        (None, Some(own)) => own,
        (named, _) => step.context.partner(named.as_deref())?,
    };
    let today = step.today();
    let posting = Posting {
        sold_on: new.date.as_deref().map_or(Ok(today), |text| reading::day(text, today))?,
        sales: accrual::signed(&new.sales, of.fund.currency)?,
        reference: accrual::reference(&new.reference)?,
    };
    program::lock_partner(tx, &partner.id).await?;
    let Some(accrued) = post(tx, Author::of(step), &of, partner, (&posting, "command")).await? else {
        return Ok(Reply::text(text::fund::known(&posting.reference)));
    };
    let said = text::fund::accrued(&of.fund, &accrued);
    tell(tx, Author::of(step), Some(partner), said.clone()).await?;
    Ok(Reply::text(said))
}

pub(super) async fn by_file(
    step: &Step<'_>,
    tx: &mut Tx,
    fund: &str,
    (name, text): (&str, &str),
) -> Result<Reply, Stop> {
    let of = accruing(step, tx, fund).await?;
    let rows = accrual::read_rows(text, of.fund.currency, step.today())
        .map_err(|problems| not_taken(name, &problems))?;
    let (partners, mut problems) = partners_of(step, &rows);
    // Everybody who locks several partners does so in the order of their ids.
    for id in partners.values().map(|partner| partner.id.as_str()).collect::<std::collections::BTreeSet<_>>()
    {
        program::lock_partner(tx, id).await?;
    }
    let (mut posted, mut known) = (Vec::new(), Vec::new());
    for row in &rows {
        let Some(partner) = partners.get(row.partner.as_str()) else { continue };
        match post(tx, Author::of(step), &of, partner, (&row.posting, "file")).await {
            Ok(Some(accrued)) => posted.push((*partner, accrued)),
            Ok(None) => known.push(row.posting.reference.as_str()),
            Err(Stop::Refused(refusal)) => problems.push(format!("Line {}: {}", row.line, refusal.sentence)),
            Err(fault) => return Err(fault),
        }
    }
    if !problems.is_empty() {
        return Err(not_taken(name, &problems).into());
    }
    let sums = by_partner(&of.fund, &posted).map_err(Fault::from)?;
    for sum in &sums {
        let account = account_of(tx, Author::of(step), &of.fund, sum.partner).await?;
        let available = ledger::balances(tx, &account).await?.available;
        let said = text::fund::accrued_by_file(&of.fund, sum, available);
        tell(tx, Author::of(step), Some(sum.partner), said).await?;
    }
    Ok(Reply::text(text::fund::file_posted(&of.fund, &sums, &known)))
}

/// What the rows of each partner came to.
fn by_partner<'a>(fund: &Fund, posted: &[(&'a Partner, Accrued)]) -> Result<Vec<Posted<'a>>, MoneyError> {
    let mut sums: BTreeMap<&str, Posted<'a>> = BTreeMap::new();
    for (partner, accrued) in posted {
        let nothing = Posted { partner, amount: Money::zero(fund.currency), count: 0, late: None };
        let sum = sums.entry(&partner.id).or_insert(nothing);
        sum.amount = sum.amount.checked_add(accrued.amount)?;
        sum.count += 1;
        if let Some(late) = &accrued.late {
            sum.late = Some(late.with(sum.late.take())?);
        }
    }
    Ok(sums.into_values().collect())
}

/// The partners that the rows name, and a problem for each that is none.
fn partners_of<'a, 'r>(
    step: &Step<'a>,
    rows: &'r [RowOfSales],
) -> (BTreeMap<&'r str, &'a Partner>, Vec<String>) {
    let (mut partners, mut problems) = (BTreeMap::new(), Vec::new());
    for row in rows {
        match step.context.partner(Some(&row.partner)) {
            Ok(partner) => {
                partners.insert(row.partner.as_str(), partner);
            }
            Err(_) => {
                let named = text::short(&row.partner, 60);
                problems.push(format!("Line {}: there is no partner {named}.", row.line));
            }
        }
    }
    (partners, problems)
}

/// Posts sales of a partner that is locked; `None` if this very posting was made before.
async fn post(
    tx: &mut Tx,
    author: Author<'_>,
    of: &Accruing,
    partner: &Partner,
    (posting, by): (&Posting, &str),
) -> Result<Option<Accrued>, Stop> {
    let (fund, today) = (&of.fund, author.today());
    if of.owner.as_ref().is_some_and(|owner| *owner != partner.id) {
        let sentence = format!("{} is another partner's.", of.called);
        return Err(Refusal::bad_input(sentence, "Name the partner's own fund, or a pool.").into());
    }
    if let Some(before) = store::by_reference(tx, fund, &partner.id, &posting.reference).await? {
        let same = before.sales == posting.sales && before.sold_on == posting.sold_on;
        return if same { Ok(None) } else { Err(text::fund::posted_otherwise(&before).into()) };
    }
    if posting.sold_on > today || !fund.is_valid_on(posting.sold_on) {
        let sentence = format!(
            "{} is no day of {} that is over: it runs from {} to {}.",
            posting.sold_on,
            text::short(&fund.name, 80),
            fund.valid_from,
            fund.valid_until
        );
        return Err(Refusal::bad_input(sentence, "Check the date.").into());
    }
    let (amount, rate) = worth(tx, author, of, posting).await?;
    let account = account_of(tx, author, fund, partner).await?;
    let (transfer_id, late) = match fund.has_ended(today) {
        false => (credit(tx, author, &account, (amount, posting)).await?, None),
        true => late::post(tx, author, &account, (amount, posting)).await?,
    };
    let new = Accrual {
        id: author.clock.new_id(),
        fund_id: fund.id.clone(),
        account_id: account.id.clone(),
        partner_id: partner.id.clone(),
        reference: posting.reference.clone(),
        sales: posting.sales,
        rate: rate.map(Into::into),
        percent: of.percent,
        amount,
        forfeited: late.as_ref().map_or(Money::zero(fund.currency), Late::kept),
        sold_on: posting.sold_on,
        transfer_id,
        posted_by: by.to_owned(),
        actor: author.actor.to_owned(),
        at: author.at,
    };
    store::insert(tx, &new).await?;
    if late.is_some() && !amount.is_negative() {
        late::wake(tx, author, fund, partner).await?;
    }
    let detail = json!({"fund": fund.id, "amount": amount.decimal().to_string(), "currency": fund.currency.code(), "by": by});
    author.audit(tx, Some(&partner.id), ("fund_accrued", &new.id), detail);
    let available = ledger::balances(tx, &account).await?.available;
    Ok(Some(Accrued { amount, posting: posting.clone(), percent: of.percent, rate, available, late }))
}

/// What a posting comes to in the fund's currency, with the rate that its sales were converted at.
async fn worth(
    read: &mut Read,
    author: Author<'_>,
    of: &Accruing,
    posting: &Posting,
) -> Result<(Money, Option<DatedRate>), Stop> {
    let (currency, day) = (of.fund.currency, posting.sold_on);
    let (sales, rate) = super::convert(read, &author.program.id, posting.sales, currency, day).await?;
    let amount = accrual::accrued(sales, of.percent).map_err(|error| Refusal::unreadable(&error, ""))?;
    Ok((amount, rate))
}

/// A correction that is more than its partner has available of the fund.
pub(crate) struct Uncovered {
    pub fund_id: String,
    pub partner_id: String,
    /// What it would take back.
    pub amount: Money,
}

/// Posts what a system told, in a transaction that has locked nothing yet. A repeat counts nothing again. `only` is the one
/// partner whose sales the system may post, if it is one's own. What is not covered is given back: the transaction is then
/// to be undone.
///
/// # Errors
/// A refusal for what is not counted; its sentence quotes the message, so it is for people and not for the list of dead
/// letters. A fault of the database.
pub(crate) async fn by_webhook(
    tx: &mut Tx,
    author: Author<'_>,
    told: &ToldSales,
    only: Option<&str>,
) -> Result<Option<Uncovered>, Stop> {
    lock_program(tx, &author.program.id).await?;
    let partners = program::partners(tx, &author.program.id).await?;
    let partner = partners.iter().find(|one| one.key.eq_ignore_ascii_case(&told.partner));
    let partner =
        partner.filter(|one| only.is_none_or(|only| only == one.id)).ok_or_else(Refusal::not_found)?;
    let funds = ledger::funds(tx, &author.program.id).await?;
    let found = funds.into_iter().map(|(fund, _)| fund).find(|fund| fund.key == told.fund);
    let of = of_fund(tx, found.ok_or_else(Refusal::not_found)?).await?;
    program::lock_partner(tx, &partner.id).await?;
    match post(tx, author, &of, partner, (&told.posting, "webhook")).await {
        Ok(Some(accrued)) => {
            tell(tx, author, Some(partner), text::fund::accrued(&of.fund, &accrued)).await?;
            Ok(None)
        }
        Ok(None) => Ok(None),
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotCovered => {
            let (amount, _) = worth(tx, author, &of, &told.posting).await?;
            let (fund_id, partner_id) = (of.fund.id, partner.id.clone());
            Ok(Some(Uncovered { fund_id, partner_id, amount: amount.negate() }))
        }
        Err(stop) => Err(stop),
    }
}

/// Moves what was accrued, and gives the id of the transfer; none for nothing.
pub(super) async fn credit(
    tx: &mut Tx,
    author: Author<'_>,
    account: &Fund,
    (amount, posting): (Money, &Posting),
) -> Result<Option<String>, Stop> {
    if amount.is_zero() {
        return Ok(None);
    }
    let expires_on = accrual::expires_on(posting.sold_on, account.terms.credit_months);
    let about = About { expires_on, memo: Some(&posting.reference), ..About::default() };
    let (what, moved) = match amount.is_negative() {
        true => (Move::AllocateBack, amount.negate()),
        false => (Move::Allocate, amount),
    };
    let (id, done) = moves(tx, author, account, (what, moved), about).await?;
    if done == Moved::Done {
        return Ok(Some(id));
    }
    let available = ledger::balances(tx, account).await?.available;
    let sentence = format!(
        "A correction of {moved} would take {} below zero: {available} of it is available.",
        text::short(&account.name, 80)
    );
    Err(Refusal::new(Code::NotCovered, sentence, "Correct at most what is available.").into())
}
