//! What the clock says by itself: the reminder before a checkpoint, with what its report would miss and the command that
//! mends it, and the end of a plan that nobody signed in time. Pure.

use super::adjustment::{Ended, ended};
use super::card::{Card, Colour, Post};
use super::{promise, short};
use crate::domain::actor::Side;
use crate::domain::checkpoint::Review;
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::promise::Promise;
use crate::domain::task::Task;
use chrono::{NaiveDate, NaiveDateTime};

/// Something that a report would lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A campaign that has a budget and began, without any spend logged or, with a day, without any since then.
    Spend { campaign: Named, since: Option<NaiveDate> },
    /// A campaign that is counted by hand and began, likewise.
    Results { campaign: Named, since: Option<NaiveDate> },
    /// A request that waits for the vendor's decision.
    Request { name: String, amount: Money, campaign: Named, filed_on: NaiveDate },
}

/// What both sides have undertaken and not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undertaken {
    /// Tasks that are overdue, each with its campaign.
    pub tasks: Vec<(Task, Named)>,
    /// Open promises, the earliest day first.
    pub promises: Vec<Promise>,
    /// Checkpoints that a side has not acknowledged, oldest first.
    pub reviews: Vec<Review>,
    /// The plan's local day.
    pub today: NaiveDate,
}

/// A campaign's short name and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub short: String,
    pub name: String,
}

/// Lines of a reminder; more are counted.
const LINES_MAX: usize = 20;
/// Overdue tasks, and open promises, that are named; more are counted.
const UNDERTAKEN_MAX: usize = 8;

/// The reminder of the checkpoint that is due at `due` on the clocks of the plan's zone.
pub fn post(plan: &Plan, due: NaiveDateTime, missing: &[Missing], undertaken: &Undertaken) -> Post {
    let mut body = format!(
        "The checkpoint of **{} {}** is on {} at {} ({}).",
        plan.name_short(),
        short(&plan.name, 80),
        due.date(),
        due.format("%H:%M"),
        plan.zone.name()
    );
    if missing.is_empty() {
        body.push_str("\nNothing is missing: spend and results are logged, and no request waits.");
    } else {
        body.push_str("\nUntil then, so that it shows what happened:");
        for one in missing.iter().take(LINES_MAX) {
            body.push_str(&format!("\n• {}", line(one)));
        }
        if missing.len() > LINES_MAX {
            body.push_str(&format!("\n… and {} more.", missing.len() - LINES_MAX));
        }
    }
    body.push_str(&tasks(&undertaken.tasks));
    body.push_str(&promises(undertaken));
    body.push_str(&reviews(plan, &undertaken.reviews));
    let card = Card {
        title: format!("Checkpoint tomorrow · {}", plan.name_short()),
        body,
        colour: if missing.is_empty() && undertaken.tasks.is_empty() { Colour::Green } else { Colour::Amber },
        ..Card::default()
    };
    Post { card: Some(card), ..Post::default() }
}

fn tasks(overdue: &[(Task, Named)]) -> String {
    if overdue.is_empty() {
        return String::new();
    }
    let mut text = "\n**Overdue tasks**".to_owned();
    for (task, campaign) in overdue.iter().take(UNDERTAKEN_MAX) {
        text.push_str(&format!(
            "\n• {} {} · {} · since {}: {}",
            task.name_short(),
            campaign.short,
            task.side.code(),
            task.due_on,
            short(&task.what, 80)
        ));
    }
    if overdue.len() > UNDERTAKEN_MAX {
        text.push_str(&format!("\n… and {} more: `/task list`", overdue.len() - UNDERTAKEN_MAX));
    }
    text
}

fn promises(undertaken: &Undertaken) -> String {
    let open = &undertaken.promises;
    if open.is_empty() {
        return String::new();
    }
    let mut text = "\n**Open promises**".to_owned();
    for one in open.iter().take(UNDERTAKEN_MAX) {
        text.push_str(&format!("\n{}", promise::line(one, undertaken.today)));
    }
    if open.len() > UNDERTAKEN_MAX {
        text.push_str(&format!("\n… and {} more: `/promise list`", open.len() - UNDERTAKEN_MAX));
    }
    text
}

fn reviews(plan: &Plan, waiting: &[Review]) -> String {
    if waiting.is_empty() {
        return String::new();
    }
    let mut text = "\n**Not acknowledged**".to_owned();
    for one in waiting.iter().rev().take(UNDERTAKEN_MAX) {
        let sides: Vec<&str> = one.waits_for().into_iter().map(Side::code).collect();
        text.push_str(&format!(
            "\n• Checkpoint {} of {}: {}. `/checkpoint acknowledge plan:{} number:{}`",
            one.number,
            one.due_on,
            sides.join(" and "),
            plan.name_short(),
            one.number
        ));
    }
    if waiting.len() > UNDERTAKEN_MAX {
        text.push_str(&format!("\n… and {} more: `/plan check`", waiting.len() - UNDERTAKEN_MAX));
    }
    text
}

fn line(missing: &Missing) -> String {
    let since = |since: &Option<NaiveDate>| match since {
        Some(day) => format!("since {day}"),
        None => "yet".to_owned(),
    };
    match missing {
        Missing::Spend { campaign, since: day } => format!(
            "{}: no spend logged {}. `/campaign log campaign:{} spend:…`",
            named(campaign),
            since(day),
            campaign.short
        ),
        Missing::Results { campaign, since: day } => format!(
            "{}: no leads logged {}; they are counted by hand. `/campaign log campaign:{} leads:…`",
            named(campaign),
            since(day),
            campaign.short
        ),
        Missing::Request { name, amount, campaign, filed_on } => format!(
            "{name} for {}: {amount} waits for the vendor's decision since {filed_on}.",
            named(campaign)
        ),
    }
}

fn named(campaign: &Named) -> String {
    format!("{} {}", campaign.short, short(&campaign.name, 60))
}

/// What is said in the shared channel some days before a plan expires; `waits` are the companies that have not signed.
pub fn sign_by(plan: &Plan, days_left: i64, waits: &[&str]) -> Post {
    let left = match days_left {
        0 => "today is the last day".to_owned(),
        1 => "1 day is left".to_owned(),
        days => format!("{days} days are left"),
    };
    let waits: Vec<String> = waits.iter().map(|name| short(name, 80)).collect();
    let text = format!(
        "{} {} has to be signed by {}: {left}. It waits for the signature of {}; after that day it expires. *Sign* is on its card.",
        plan.name_short(),
        short(&plan.name, 80),
        plan.sign_by,
        waits.join(" and ")
    );
    Post { text, ..Post::default() }
}

/// Why what hung on a plan that expired has ended.
pub fn expiry_reason(plan: &Plan) -> String {
    format!("{} has expired: it was not signed by {}", plan.name_short(), plan.sign_by)
}

/// What is said in the shared channel when a plan was not signed in time.
pub fn expired(plan: &Plan, done: &Ended) -> Post {
    let text = format!(
        "{} {} has expired: both sides had until {} to sign it.{} To go on, create a new plan with `/plan create`.",
        plan.name_short(),
        short(&plan.name, 80),
        plan.sign_by,
        ended(done)
    );
    Post { text, ..Post::default() }
}
