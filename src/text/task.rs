//! What is said about tasks.

use super::card::Card;
use super::{person, short};
use crate::domain::campaign::Campaign;
use crate::domain::plan::Plan;
use crate::domain::task::{Task, TaskState};
use chrono::NaiveDate;

/// Tasks shown on one page of a list.
pub const PAGE: usize = 12;

/// One task in one sentence.
pub fn line(task: &Task, campaign: &Campaign) -> String {
    let owner = task.owner.as_deref().map(|owner| format!(", {}", person(owner))).unwrap_or_default();
    format!(
        "{}: {} ({}{owner}), due {}.",
        campaign.name_short(),
        short(&task.what, 300),
        task.side.code(),
        task.due_on
    )
}

/// That one side added, changed or removed a task of a signed plan, for both sides.
pub fn told(task: &Task, campaign: &Campaign, what: &str, by: &str) -> String {
    format!("{} is {what} by {}. {}", task.name_short(), person(by), line(task, campaign))
}

/// That a task is done, for both sides.
pub fn done(task: &Task, campaign: &Campaign, by: &str) -> String {
    format!(
        "☑ {} of {} {} is done: {}, by {}.",
        task.name_short(),
        campaign.name_short(),
        short(&campaign.name, 60),
        short(&task.what, 120),
        person(by)
    )
}

/// One page of tasks; `page` counts from 1.
pub fn list(
    plan: &Plan,
    only: Option<&Campaign>,
    campaigns: &[Campaign],
    tasks: &[Task],
    today: NaiveDate,
    page: usize,
) -> Card {
    let pages = tasks.len().div_ceil(PAGE).max(1);
    let page = page.clamp(1, pages);
    let of = only
        .map_or_else(|| plan.name_short(), |only| format!("{} {}", only.name_short(), short(&only.name, 80)));
    let open = tasks.iter().filter(|task| task.state == TaskState::Open).count();
    let lines = tasks.iter().skip((page - 1) * PAGE).take(PAGE).map(|task| {
        let campaign = campaigns.iter().find(|campaign| campaign.id == task.campaign_id);
        // Whose it is if nobody is named: the campaign's owner of that side.
        let owner = task.owner.as_deref().or_else(|| campaign?.owner(task.side));
        let owner = owner.map(|owner| format!(" · {}", person(owner))).unwrap_or_default();
        let name = campaign.map(Campaign::name_short).unwrap_or_default();
        let (sign, when) = match task.state {
            TaskState::Open if task.is_overdue(today) => ("⏰", format!("**overdue** since {}", task.due_on)),
            TaskState::Open => ("⬜", format!("due {}", task.due_on)),
            state => ("☑", state.label().to_owned()),
        };
        format!(
            "{sign} `{}` {name} · {} · {when}{owner}\n{}",
            task.name_short(),
            task.side.code(),
            short(&task.what, 120)
        )
    });
    let lines: Vec<String> = lines.collect();
    let nothing = "None. Add one with `/task add`.".to_owned();
    Card {
        title: format!("Tasks of {of} ({open} open of {})", tasks.len()),
        body: if lines.is_empty() { nothing } else { lines.join("\n") },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    }
}
