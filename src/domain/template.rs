//! Templates: plans and campaigns that the vendor keeps for every partner of its program. A template holds structure:
//! what is run, when from its start, what is said, by whose task, in which proportions. It must never hold what one
//! partner may not see of another: no names, people, slugs, states, results, requests, hours or joint business plan, and
//! amounts only where the vendor says so. What people wrote can't be judged by a program, so whoever saves one is shown
//! every word of it first, and nobody else sees it before they have confirmed.

pub mod clean;
pub mod make;
pub mod place;

use super::actor::Side;
use super::campaign::{BudgetLine, FundingSource, ResultsBy};
use super::campaign_type::CampaignType;
use super::curve::CurveOverrides;
use super::escape::short;
use super::money::{Currency, Money};
use super::plan::states;
use super::refusal::Refusal;
use super::unseen::is_blank;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

states! {
    /// Where a template stands. *Pending* is seen by nobody but who saves it.
    TemplateState {
        Pending "pending" "pending",
        Shared "shared" "shared",
        Removed "removed" "removed",
    }
}

/// The most templates of one program.
pub const MAX_TEMPLATES: usize = 200;
/// The longest name of a template, in characters.
pub const NAME_LIMIT: usize = 80;

/// A template as stored. Its content never changes: what is saved anew under its name takes its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub id: String,
    pub program_id: String,
    /// The name that people say; no two shared ones of a program have the same, whatever its case.
    pub name: String,
    pub content: Content,
    pub state: TemplateState,
    /// The template of that name which it takes the place of, as it was when this one was shown.
    pub replaces: Option<String>,
    pub saved_at: DateTime<Utc>,
    pub saved_by: String,
}

/// All that a template holds, and all that everybody who finds it may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// What it says of the plan as a whole; a single campaign's has none.
    pub plan: Option<PlanPart>,
    /// The currency of its amounts, if it has amounts.
    pub currency: Option<Currency>,
    pub campaigns: Vec<CampaignPart>,
    /// The promises for the plan as a whole, by days after its first.
    pub promises: Vec<PromisePart>,
}

/// What a template says of the plan as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanPart {
    /// How many days the plan had that it was saved from.
    pub days: i64,
    /// The codes of the review cadence and of the attribution.
    pub cadence: String,
    pub attribution: String,
    pub routing_hours: Option<i64>,
}

/// A campaign, by days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignPart {
    pub name: String,
    pub kind: CampaignType,
    pub segment: String,
    pub message: String,
    pub offer: String,
    pub channel: String,
    /// Days from the plan's first to the campaign's first; 0 for a single campaign.
    pub starts_after: i64,
    pub days: i64,
    /// Days from its first to each send.
    pub sends: Vec<i64>,
    pub results_by: ResultsBy,
    /// Without percentages by calendar month, which belong to months.
    pub curve: CurveOverrides,
    pub weights: Weights,
    pub lines: Vec<LinePart>,
    pub figures: Option<Figures>,
    pub tasks: Vec<TaskPart>,
    /// The promises for it, by days after its first.
    pub promises: Vec<PromisePart>,
}

/// Its share of what all campaigns of the template have, in whole percent: what an amount can't be worked back from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    pub leads: u64,
    pub pipeline: u64,
    pub budget: u64,
}

/// A budget line by its proportions: its percent of the campaign's budget, and who pays which percent of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinePart {
    pub what: String,
    pub percent: u64,
    pub shares: Vec<(FundingSource, u64)>,
}

/// Targets and budget as they are, where the vendor said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub leads: i64,
    pub pipeline: Money,
    pub won: Option<Money>,
    pub budget: Vec<BudgetLine>,
}

/// A task, due so many days after its campaign's first day, or after its last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskPart {
    /// The item of the campaign type's list that it came from.
    pub kind: Option<String>,
    pub what: String,
    pub side: Side,
    pub from: Anchor,
    pub days: i64,
    pub by_hand: bool,
}

/// What days are counted from. Days before it are negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    Start,
    End,
}

/// The wording of a promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromisePart {
    pub side: Side,
    pub what: String,
    pub due_after: i64,
}

impl Content {
    /// The single campaign that it is of, if it is not of a plan.
    #[must_use]
    pub fn single(&self) -> Option<&CampaignPart> {
        if self.plan.is_some() { None } else { self.campaigns.first() }
    }
}

/// The name of a template.
///
/// # Errors
/// `bad_input` for an empty one, or one above [`NAME_LIMIT`].
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if is_blank(name) || name.chars().count() > NAME_LIMIT {
        return Err(Refusal::bad_input(
            format!("A template needs a name of at most {NAME_LIMIT} characters."),
            "Name it by what it is for, such as Webinar series.",
        ));
    }
    Ok(name.to_owned())
}

/// What two names have in common that are the same to people.
#[must_use]
pub fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The refusal of using a template of a plan as a campaign's, or the other way round.
pub fn wrong_kind(template: &Template) -> Refusal {
    let name = short(&template.name, NAME_LIMIT);
    match template.content.plan {
        Some(_) => Refusal::bad_input(
            format!("“{name}” is the template of a plan: it needs a period."),
            "Say for when, in the option period, such as Q2 2026; start and plan are for a campaign's template.",
        ),
        None => Refusal::bad_input(
            format!("“{name}” is the template of a campaign: it needs a first day."),
            "Say from when, in the option start, such as 2026-04-14; period and currency are for a plan's template.",
        ),
    }
}
