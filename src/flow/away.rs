//! `/away`: somebody says that they are away, and who stands in for them.

use super::{Reply, Step, Stop, unreadable};
use crate::domain::absence::{Absence, MAX_DAYS, end_of};
use crate::domain::actor::Person;
use crate::domain::command::away::{AwayWish, Picked};
use crate::domain::day::parse_day;
use crate::domain::refusal::Refusal;
use crate::store::{Tx, absence};
use crate::text::person;
use serde_json::json;

pub(super) async fn run(step: &Step<'_>, tx: &mut Tx, wish: &AwayWish) -> Result<Reply, Stop> {
    step.context.not_in_a_foreign_channel()?;
    match (wish.clear, &wish.until, &wish.delegate) {
        (true, None, None) => clear(step, tx).await,
        (true, ..) => Err(Refusal::bad_input(
            "Either you are away or you are back.",
            "Give until and delegate, or clear alone.",
        )
        .into()),
        (false, None, None) => Ok(Reply::text(standing(step))),
        (false, Some(until), Some(delegate)) => set(step, tx, until, delegate).await,
        (false, ..) => Err(Refusal::bad_input(
            "Until when are you away, and who stands in for you?",
            "Give both, such as /away until:friday delegate:@somebody.",
        )
        .into()),
    }
}

async fn set(step: &Step<'_>, tx: &mut Tx, until: &str, delegate: &Picked) -> Result<Reply, Stop> {
    let context = step.context;
    let zone = context.program.zone;
    let today = step.now.with_timezone(&zone).date_naive();
    let until = parse_day(until, today).map_err(|error| unreadable(&error, ""))?;
    if until < today || (until - today).num_days() > MAX_DAYS {
        return Err(Refusal::bad_input(
            format!("You can't be away until {until}."),
            format!("Give a day from today on, at most {MAX_DAYS} days ahead."),
        )
        .into());
    }
    if delegate.id == context.person.id {
        return Err(Refusal::bad_input("Nobody stands in for themselves.", "Name somebody else.").into());
    }
    // The same words whoever it is: what company somebody else acts for is nobody's business.
    let theirs = Person::from_roles(&delegate.id, &delegate.roles, context.grants());
    if theirs.ok().is_none_or(|other| other.company != context.person.company) {
        return Err(Refusal::bad_input(
            format!("{} does not act for your company.", person(&delegate.id)),
            "Name somebody who does.",
        )
        .into());
    }
    let absence = Absence {
        person: context.person.id.clone(),
        company: context.person.company.clone(),
        roles: context.roles.clone(),
        delegate: delegate.id.clone(),
        until: end_of(until, zone).ok_or_else(|| Refusal::bad_input("That day has no end.", ""))?,
    };
    absence::set(tx, &context.program.id, &absence).await?;
    let detail = json!({"delegate": delegate.id, "until": until.to_string()});
    step.audit(tx, None, "away_set", &context.person.id, detail).await?;
    Ok(Reply::text(format!(
        "You are away until the end of {until}, and {} stands in for you: with their own capabilities and limits, and \
         what they decide shows that it was for you. /away clear:True ends it.",
        person(&delegate.id)
    )))
}

async fn clear(step: &Step<'_>, tx: &mut Tx) -> Result<Reply, Stop> {
    let context = step.context;
    if context.absences(step.now).of(&context.person.id).is_none() {
        return Err(Refusal::wrong_state("You are not away.", "").into());
    }
    absence::clear(tx, &context.program.id, &context.person.id).await?;
    step.audit(tx, None, "away_cleared", &context.person.id, json!({})).await?;
    Ok(Reply::text("You are back: nobody stands in for you."))
}

fn standing(step: &Step<'_>) -> String {
    let context = step.context;
    let absences = context.absences(step.now);
    let until =
        |absence: &Absence| absence.until.with_timezone(&context.program.zone).format("%Y-%m-%d %H:%M");
    let mut lines = vec![match absences.of(&context.person.id) {
        Some(own) => {
            format!("You are away until {}; {} stands in for you.", until(own), person(&own.delegate))
        }
        None => "You are not away.".to_owned(),
    }];
    for away in absences.stood_in_by(&context.person) {
        lines.push(format!("{} is away until {}; you stand in for them.", person(&away.person), until(away)));
    }
    lines.join("\n")
}
