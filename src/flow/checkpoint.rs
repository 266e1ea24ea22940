//! Acknowledging checkpoints. Both sides do, so that nobody can say later that they never saw a report; the last one of a
//! plan keeps it open until then.

use super::plan::{find, stands_for};
use super::press::{Press, Pressed};
use super::{Reply, Step, Stop};
use crate::clock::Clock;
use crate::domain::action::{Action, authorise};
use crate::domain::checkpoint::Review;
use crate::domain::command::Command;
use crate::domain::command::checkpoint::CheckpointWish;
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::store::{Read, Tx, checkpoint, outbox, plan, program};
use crate::text;
use crate::text::checkpoint::ReviewView;
use serde_json::json;

pub(super) async fn decide(step: &Step<'_>, tx: &mut Tx, wish: &CheckpointWish) -> Result<Reply, Stop> {
    let (partner, plan) = match wish {
        CheckpointWish::Acknowledge { partner, plan, .. } => {
            find(step.context, tx, partner.as_deref(), plan.as_deref()).await?
        }
        CheckpointWish::AcknowledgeById { id } => {
            let (plan, _) = of_id(tx, id).await?;
            (step.context.owner(&plan.partner_id)?, plan)
        }
    };
    authorise(&step.context.person, Action::DecidePlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let review = match wish {
        CheckpointWish::Acknowledge { number, .. } => named(step, tx, &plan, *number).await?,
        CheckpointWish::AcknowledgeById { id } => of_id(tx, id).await?.1,
    };
    acknowledge(step, tx, partner, (&plan, review)).await
}

/// The checkpoint of a number, or the newest that waits for the side of whoever asks.
async fn named(step: &Step<'_>, read: &mut Read, plan: &Plan, number: Option<i64>) -> Result<Review, Stop> {
    let (name, side) = (plan.name_short(), step.context.person.side());
    let mut reviews = checkpoint::reviews(read, plan).await?;
    let newest = reviews.last().map_or(0, |review| review.number);
    let found = match number {
        Some(number) => reviews.iter().position(|review| review.number == number).ok_or_else(|| {
            let hint = match newest {
                0 => "None was posted yet.".to_owned(),
                newest => format!("The newest is {newest}."),
            };
            Refusal::bad_input(format!("{name} has no such checkpoint."), hint)
        })?,
        None => reviews.iter().rposition(|review| review.waits_for().contains(&side)).ok_or_else(|| {
            Refusal::wrong_state(format!("{name} has no checkpoint that waits for your side."), "")
        })?,
    };
    Ok(reviews.swap_remove(found))
}

async fn of_id(read: &mut Read, id: &str) -> Result<(Plan, Review), Stop> {
    let plan_id = checkpoint::plan_of(read, id).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(read, &plan_id).await?.ok_or_else(Refusal::not_found)?;
    let reviews = checkpoint::reviews(read, &plan).await?;
    let review = reviews.into_iter().find(|review| review.id == id).ok_or_else(Refusal::not_found)?;
    Ok((plan, review))
}

async fn acknowledge(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    (plan, mut review): (&Plan, Review),
) -> Result<Reply, Stop> {
    let mut given = review.acknowledge(&step.context.person, step.now)?;
    given.stands_for = stands_for(step).map(str::to_owned);
    checkpoint::acknowledge(tx, &review.id, &given).await?;
    let detail = json!({"number": review.number, "for": given.stands_for});
    step.audit(tx, Some(&partner.id), "checkpoint_acknowledged", &review.id, detail).await?;
    review.given.push(given);
    show(tx, &step.app.clock, (&step.context.program, partner), (plan, &review)).await?;
    Ok(Reply::text(text::checkpoint::acknowledged(plan, &review)))
}

/// Posts the card below a checkpoint's report, or edits it there.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn show(
    tx: &mut Tx,
    clock: &Clock,
    (program, partner): (&Program, &Partner),
    (plan, review): (&Plan, &Review),
) -> Result<(), Fault> {
    let card = text::checkpoint::card(ReviewView { program, partner, plan, review });
    outbox::show_card(tx, clock, &format!("review:{}", review.id), &partner.channel_id, &card).await
}

/// What pressing a button of a review leads to.
pub(super) async fn pressed(
    step: &Step<'_>,
    read: &mut Read,
    press: &Press,
    verb: &str,
) -> Result<Pressed, Stop> {
    let (plan, review) = of_id(read, &press.item).await?;
    step.context.owner(&plan.partner_id)?;
    if verb != "acknowledge" {
        return Err(Refusal::not_found().into());
    }
    authorise(&step.context.person, Action::DecidePlan, &plan.partner_id)?;
    review.acknowledge(&step.context.person, step.now)?;
    Ok(Pressed::Run(Command::Checkpoint(CheckpointWish::AcknowledgeById { id: review.id })))
}
