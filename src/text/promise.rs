//! What is said about promises.

use super::card::Card;
use super::{person, short};
use crate::domain::campaign::Campaign;
use crate::domain::plan::Plan;
use crate::domain::promise::{Promise, PromiseState};
use chrono::NaiveDate;

/// Promises shown on one page of a list.
pub const PAGE: usize = 12;

/// What became of a promise, for both sides.
pub fn said(promise: &Promise, by: &str) -> String {
    let name = promise.name_short();
    let what = format!("{} (by {})", short(&promise.what, 300), promise.due_on);
    let (side, by) = (promise.side.code(), person(by));
    match promise.state {
        PromiseState::Open => format!("{name}: the {side} promises: {what}. Made by {by}."),
        state => format!("{name} of the {side} is {}: {what}. Said by {by}.", state.label()),
    }
}

/// One promise in one line.
pub fn line(promise: &Promise, today: NaiveDate) -> String {
    let (sign, state) = match promise.state {
        PromiseState::Open if promise.is_overdue(today) => ("⏰", "**open, overdue**"),
        PromiseState::Open => ("⬜", "open"),
        PromiseState::Kept => ("✅", "kept"),
        PromiseState::Broken => ("❌", "**broken**"),
        PromiseState::Withdrawn => ("➖", "withdrawn"),
    };
    format!(
        "{sign} `{}` {} · by {} · {state}: {}",
        promise.name_short(),
        promise.side.code(),
        promise.due_on,
        short(&promise.what, 120)
    )
}

/// One page of promises; `page` counts from 1.
pub fn list(
    plan: &Plan,
    campaigns: &[Campaign],
    promises: &[Promise],
    today: NaiveDate,
    page: usize,
) -> Card {
    let pages = promises.len().div_ceil(PAGE).max(1);
    let page = page.clamp(1, pages);
    let count = |state| promises.iter().filter(|promise| promise.state == state).count();
    let lines = promises.iter().skip((page - 1) * PAGE).take(PAGE).map(|promise| {
        let campaign = campaigns.iter().find(|one| Some(&one.id) == promise.campaign_id.as_ref());
        let campaign = campaign.map(|one| format!(" ({})", one.name_short())).unwrap_or_default();
        format!("{}{campaign}", line(promise, today))
    });
    let lines: Vec<String> = lines.collect();
    let nothing = "None yet. Make one with `/promise make`.".to_owned();
    Card {
        title: format!(
            "Promises of {} ({} open, {} kept, {} broken)",
            plan.name_short(),
            count(PromiseState::Open),
            count(PromiseState::Kept),
            count(PromiseState::Broken)
        ),
        body: if lines.is_empty() { nothing } else { lines.join("\n") },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    }
}

/// How many promises a report opens with; more are counted.
const OPENING: usize = 8;

/// What a checkpoint's report opens with: what became of the promises since the last one, and those still open. Empty
/// without any.
pub fn opening(promises: &[&Promise], today: NaiveDate) -> String {
    if promises.is_empty() {
        return String::new();
    }
    let mut lines = vec!["**Promises**".to_owned()];
    lines.extend(promises.iter().take(OPENING).map(|promise| line(promise, today)));
    if promises.len() > OPENING {
        lines.push(format!("… and {} more: `/promise list`", promises.len() - OPENING));
    }
    lines.join("\n")
}
