//! What is said about acknowledging a checkpoint.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{person_for, short};
use crate::domain::actor::Side;
use crate::domain::checkpoint::Review;
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};

/// Whose checkpoint it is.
#[derive(Clone, Copy)]
pub struct ReviewView<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub review: &'a Review,
}

/// The card below a checkpoint's report, with which each side says that it has read it.
pub fn card(view: ReviewView<'_>) -> Card {
    let review = view.review;
    let over = review.is_acknowledged();
    let state = if over { "acknowledged by both sides" } else { "to be acknowledged" };
    let buttons = if over {
        Vec::new()
    } else {
        vec![vec![Button {
            id: format!("checkpoint-acknowledge:{}:{}", review.id, review.number),
            label: "Acknowledge".to_owned(),
            style: ButtonStyle::Primary,
        }]]
    };
    Card {
        title: format!("Review of {} · checkpoint {} · {state}", view.plan.name_short(), review.number),
        body: format!(
            "Somebody who may sign says for each side that it has read the report of {}.\n{}\n{}",
            review.due_on,
            slot(view, Side::Vendor),
            slot(view, Side::Partner)
        ),
        colour: if over { Colour::Green } else { Colour::Amber },
        buttons,
        ..Card::default()
    }
}

fn slot(view: ReviewView<'_>, side: Side) -> String {
    let company = match side {
        Side::Vendor => short(&view.program.name, 80),
        Side::Partner => short(&view.partner.name, 80),
    };
    match view.review.given.iter().find(|one| one.side == side) {
        Some(one) => format!(
            "✅ {company}: {} on {}",
            person_for(&one.person, one.stands_for.as_deref()),
            view.plan.local_day(one.at)
        ),
        None => format!("⬜ {company}"),
    }
}

/// The answer to whoever acknowledged it.
pub fn acknowledged(plan: &Plan, review: &Review) -> String {
    let name = format!("Checkpoint {} of {}", review.number, plan.name_short());
    match review.waits_for().first() {
        Some(side) => format!("{name} is acknowledged for your side. It waits for the {}.", side.code()),
        None => format!("{name} is acknowledged by both sides."),
    }
}
