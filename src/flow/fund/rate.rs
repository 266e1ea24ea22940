//! Dated rates of the program, entered by people; and what is converted at them.

use super::super::{Author, Reply, Step, Stop, unreadable};
use crate::domain::campaign::read as reading;
use crate::domain::money::{Currency, Money};
use crate::domain::rate::{self as rates, DatedRate};
use crate::domain::refusal::Refusal;
use crate::store::{Read, Tx, rate as store};
use chrono::NaiveDate;
use serde_json::json;

/// How far ahead a rate may be dated, in days: agreed ones are known a quarter before.
const AHEAD_DAYS: i64 = 366;

pub(super) async fn enter(
    step: &Step<'_>,
    tx: &mut Tx,
    (from, to): (&str, &str),
    (rate, day): (&str, Option<&str>),
) -> Result<Reply, Stop> {
    let currency = |text: &str| Currency::parse(text.trim()).map_err(|error| unreadable(&error, ""));
    let (from, to) = (currency(from)?, currency(to)?);
    if from == to {
        return Err(Refusal::bad_input("Both are the same currency.", "Name two.").into());
    }
    let hint = format!("Give what one {} is worth in {}, such as 0.92.", from.code(), to.code());
    let rate = rates::read(rate).ok_or_else(|| Refusal::bad_input("That is not a rate.", hint))?;
    let today = step.today();
    let valid_from = day.map_or(Ok(today), |text| reading::day(text, today))?;
    if (valid_from - today).num_days() > AHEAD_DAYS {
        let sentence = format!("{valid_from} is more than a year ahead.");
        return Err(Refusal::bad_input(sentence, "Check the day.").into());
    }
    let entered = DatedRate { from, to, rate, valid_from };
    let author = Author::of(step);
    store::save(tx, &step.context.program.id, &entered, (author.actor, step.now)).await?;
    let detail = json!({"from": from.code(), "to": to.code(), "rate": rate.to_string(), "valid_from": valid_from.to_string()});
    step.audit(tx, None, "rate_entered", &step.context.program.id, detail).await?;
    let (from, to) = (from.code(), to.code());
    Ok(Reply::text(format!("{from} 1 is {to} {rate} from {valid_from} on, until another rate is dated.")))
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
