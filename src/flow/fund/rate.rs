//! Dated rates of the program, entered by people; and what is converted at them.

use super::super::{Author, Reply, Step, Stop, unreadable};
use super::not_taken;
use crate::domain::campaign::read as reading;
use crate::domain::money::{Currency, Money};
use crate::domain::rate::{self as rates, DatedRate};
use crate::domain::refusal::Refusal;
use crate::store::{Read, Tx, rate as store};
use crate::text::fund as said;
use chrono::NaiveDate;
use serde_json::json;

pub(super) async fn enter(
    step: &Step<'_>,
    tx: &mut Tx,
    (from, to): (&str, &str),
    (rate, day): (&str, Option<&str>),
) -> Result<Reply, Stop> {
    let today = step.today();
    let valid_from = day.map_or(Ok(today), |text| reading::day(text, today))?;
    let entered = rates::dated((from, to), rate, (valid_from, today))?;
    let author = Author::of(step);
    store::save(tx, &step.context.program.id, &entered, (author.actor, step.now)).await?;
    let DatedRate { from, to, rate, .. } = entered;
    let detail = json!({"from": from.code(), "to": to.code(), "rate": rate.to_string(), "valid_from": valid_from.to_string()});
    step.audit(tx, None, "rate_entered", &step.context.program.id, detail).await?;
    let (from, to) = (from.code(), to.code());
    Ok(Reply::text(format!("{from} 1 is {to} {rate} from {valid_from} on, until another rate is dated.")))
}

/// Enters the rates of a file: all of them, or none.
pub(super) async fn by_file(step: &Step<'_>, tx: &mut Tx, (name, text): (&str, &str)) -> Result<Reply, Stop> {
    let rows = rates::read_rows(text, step.today()).map_err(|problems| not_taken(name, &problems))?;
    let program_id = &step.context.program.id;
    let author = Author::of(step);
    for rate in &rows {
        store::save(tx, program_id, rate, (author.actor, step.now)).await?;
    }
    let line =
        |one: &DatedRate| format!("{} {} {} {}", one.from.code(), one.to.code(), one.valid_from, one.rate);
    let detail = json!({"rates": rows.iter().map(line).collect::<Vec<_>>()});
    step.audit(tx, None, "rates_imported", program_id, detail).await?;
    Ok(Reply::text(said::rates_imported(name, &rows)))
}

/// An amount in another currency at the rate of a day, with that rate; as it is, without one, in its own.
///
/// # Errors
/// `bad_input` where no rate is dated, or what it gives is nothing or too much.
pub(in crate::flow) async fn convert(
    read: &mut Read,
    program_id: &str,
    amount: Money,
    to: Currency,
    day: NaiveDate,
) -> Result<(Money, Option<DatedRate>), Stop> {
    let from = amount.currency();
    if from == to {
        return Ok((amount, None));
    }
    let rate = store::on(read, program_id, (from, to), day).await?;
    let rate = rate.ok_or_else(|| rates::missing(from, to, day))?;
    let converted = rate.convert(amount).map_err(|error| unreadable(&error, ""))?;
    if converted.is_zero() {
        let sentence = format!("{amount} comes to nothing in {} at {}.", to.code(), rate.rate);
        return Err(Refusal::bad_input(sentence, "Check the amount and the rate.").into());
    }
    Ok((converted, Some(rate)))
}

impl From<DatedRate> for (rust_decimal::Decimal, NaiveDate) {
    fn from(rate: DatedRate) -> Self {
        (rate.rate, rate.valid_from)
    }
}
