//! Funds as they are, and statements of them. A partner sees its own; the vendor sees all in its own channel, and in a
//! partner's channel what is that partner's.

use super::super::context::Context;
use super::super::{Author, Reply, Step, Stop, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::fund::statement::Statement;
use crate::domain::fund::{Fund, called};
use crate::domain::money::Money;
use crate::domain::period::{Period, parse_period};
use crate::domain::refusal::Code;
use crate::fault::Fault;
use crate::report::statement as files;
use crate::store::{Read, Tx, credit, ledger};
use crate::text;
use serde_json::json;

/// The funds that somebody may see here, by key, each with whether it is archived: what one holds is there to be seen as
/// long as anybody may ask what became of it.
async fn seen(read: &mut Read, context: &Context, partner: Option<&str>) -> Result<Vec<(Fund, bool)>, Stop> {
    context.not_in_a_foreign_channel()?;
    let funds = ledger::known_funds(read, &context.program.id).await?.into_iter();
    if partner.is_none() && context.in_vendor_only_place() {
        return Ok(funds.collect());
    }
    let partner = context.partner(partner)?;
    authorise(&context.person, Action::See, &partner.id)?;
    Ok(funds.filter(|(fund, _)| fund.partner_id.as_deref() == Some(&partner.id)).collect())
}

/// The one that somebody named, with whether it is archived. A name means one that is not, if there is one.
async fn one(
    read: &mut Read,
    context: &Context,
    partner: Option<&str>,
    named: &str,
) -> Result<(Fund, bool), Stop> {
    let (past, present): (Vec<_>, Vec<_>) =
        seen(read, context, partner).await?.into_iter().partition(|(_, archived)| *archived);
    let [past, present] =
        [past, present].map(|all| all.into_iter().map(|(fund, _)| fund).collect::<Vec<_>>());
    // The key of an archived fund is its own for good, so no other's name can stand before it.
    if !past.iter().any(|fund| fund.key.eq_ignore_ascii_case(named.trim())) {
        match called(present, named) {
            Err(refusal) if refusal.code == Code::NotFound => {}
            found => return Ok((found?, false)),
        }
    }
    Ok((called(past, named)?, true))
}

/// Answers `/fund show`: a list, or one fund with its credits.
pub(in crate::flow) async fn show(
    step: &Step<'_>,
    read: &mut Read,
    partner: Option<&str>,
    (fund, page): (Option<&str>, Option<i64>),
) -> Result<Reply, Stop> {
    let Some(named) = fund else {
        let mut listed = Vec::new();
        for (fund, archived) in seen(read, step.context, partner).await? {
            let balances = ledger::balances(read, &fund).await?;
            listed.push((fund, balances, archived));
        }
        return Ok(Reply::card("", text::fund::list(&listed, page.unwrap_or(1), step.today())));
    };
    let (fund, archived) = one(read, step.context, partner, named).await?;
    let balances = ledger::balances(read, &fund).await?;
    let credits = credit::of_fund(read, &fund).await?;
    // What partners have of a pool is named to those alone who may see the pool.
    let mut allocations = Vec::new();
    if fund.is_pool() {
        for (one, _) in ledger::known_funds(read, &step.context.program.id).await? {
            if one.parent_id.as_deref() == Some(&fund.id) {
                let held = ledger::balances(read, &one).await?;
                allocations.push((one, held));
            }
        }
    }
    let carries_to = carried_to(step.context, read, &fund).await?;
    let credits: Vec<(Money, chrono::NaiveDate)> =
        credits.into_iter().map(|credit| (credit.left, credit.expires_on)).collect();
    let view = text::fund::FundView {
        fund: &fund,
        balances: &balances,
        credits: &credits,
        allocations: &allocations,
        carries_to: carries_to.as_deref(),
        archived,
        today: step.today(),
    };
    Ok(Reply::card("", text::fund::card(&view)))
}

/// The name of the fund that the rest goes on to, as far as the reader may know it: a partner learns nothing of a pool.
async fn carried_to(context: &Context, read: &mut Read, fund: &Fund) -> Result<Option<String>, Fault> {
    let crate::domain::fund::carry::CarryTo::Fund(id) = &fund.terms.carry.to else { return Ok(None) };
    let next = ledger::fund_by_id(read, id).await?;
    let may = context.in_vendor_only_place() || next.partner_id == fund.partner_id;
    Ok(may.then_some(next.name))
}

/// Answers `/fund statement`: a card, and the same figures as files. What leaves by a file has its line in the trail.
pub(super) async fn statement(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, fund): (Option<&str>, &str),
    period: Option<&str>,
) -> Result<Reply, Stop> {
    let (fund, _) = one(tx, step.context, partner, fund).await?;
    let today = step.today();
    let period = match period {
        Some(text) => {
            let start_month = step.context.program.fiscal_year.start_month;
            parse_period(text, today, start_month).map_err(|error| unreadable(&error, ""))?
        }
        None => Period::new(fund.valid_from, fund.valid_until.max(today).max(fund.valid_from))
            .or_else(|_| Period::new(fund.valid_from, fund.valid_until))
            .map_err(|error| unreadable(&error, "Name a period, such as Q1 2026."))?,
    };
    let entries = ledger::entries(tx, &fund, step.context.program.zone).await?;
    let zero = Money::zero(fund.currency);
    let statement = Statement::of(zero, &entries, period.start(), period.end()).map_err(Fault::from)?;
    let detail = json!({"from": period.start().to_string(), "until": period.end().to_string()});
    let author = Author::of(step);
    author.audit(tx, fund.partner_id.as_deref(), ("fund_statement", &fund.id), detail);
    let files = vec![files::csv(&fund, &statement)?, files::xlsx(&fund, &statement)?];
    let card = text::fund::statement_card(&fund, &statement);
    Ok(Reply { files, ..Reply::card("", card) })
}
