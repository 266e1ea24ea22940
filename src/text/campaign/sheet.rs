//! All of a campaign on one card: what whoever signs it signs, and what whoever runs it needs.

use super::{budget, owners, shares, targets};
use crate::domain::campaign::checklist::Item;
use crate::domain::campaign::expected::Expected;
use crate::domain::campaign::{Campaign, CampaignState, ResultsBy};
use crate::domain::capacity::Efforts;
use crate::domain::plan::Plan;
use crate::domain::task::{Task, TaskState};
use crate::text::card::{Card, Colour};
use crate::text::{escape, person, short};
use chrono::NaiveDate;

/// A campaign with what belongs to it.
pub struct Sheet<'a> {
    pub campaign: &'a Campaign,
    pub plan: &'a Plan,
    pub tasks: &'a [Task],
    pub checklist: &'a [(Item, bool)],
    pub efforts: &'a Efforts,
    /// The plan's local day.
    pub today: NaiveDate,
}

/// Characters of a long text on the card, as they were written; twice as many if all of them are escaped.
const TEXT_SHOWN: usize = 300;
/// Send dates on the card; more are counted.
const SENDS_SHOWN: usize = 20;

/// The card, and whether something on it is cut.
pub fn card(sheet: &Sheet<'_>) -> (Card, bool) {
    let campaign = sheet.campaign;
    let mut card = Card {
        title: format!("{} · {}", campaign.name_short(), short(&campaign.name, 100)),
        body: body(sheet),
        colour: Colour::Neutral,
        footer: format!("utm_campaign={} · utm_id={}", campaign.slug, campaign.utm_id),
        ..Card::default()
    };
    let counted = match campaign.results_by {
        ResultsBy::Crm => "leads counted by the CRM",
        ResultsBy::Hand => "leads counted by hand",
    };
    card = card
        .with("Targets", format!("{}\n{counted}", targets(campaign)))
        .with("Owners", owners(campaign))
        .with("Tasks", tasks(sheet))
        .with_wide("Budget", budget(campaign))
        .with_wide("Dates", dates(sheet));
    if let Some(expected) = Expected::of(campaign) {
        card = card.with_wide("When results are planned", curve(&expected));
    }
    card = card.with_wide("Checklist", checklist(sheet.checklist));
    let texts = [
        ("Target segment", &campaign.segment),
        ("Key message", &campaign.message),
        ("Offer", &campaign.offer),
        ("Execution channel", &campaign.channel),
    ];
    let mut is_cut = campaign.sends.len() > SENDS_SHOWN || is_budget_cut(campaign);
    for (name, text) in texts {
        is_cut |= text.chars().count() > TEXT_SHOWN;
        let shown = if text.is_empty() { "not said yet".to_owned() } else { short(text, TEXT_SHOWN) };
        card = card.with_wide(name, shown);
    }
    (card, is_cut)
}

fn body(sheet: &Sheet<'_>) -> String {
    let (campaign, plan) = (sheet.campaign, sheet.plan);
    let mut body = format!(
        "{} in {} {}: {}.",
        campaign.kind.label(),
        plan.name_short(),
        short(&plan.name, 80),
        campaign.state.label()
    );
    if let Some(from) = campaign.cancelled_from {
        body.push_str(&format!(" Cancelled from {from}."));
    }
    if let Some(stopped) = &campaign.stopped {
        body.push_str(&format!(
            "\nStopped by the {} ({}): {}",
            stopped.side.code(),
            person(&stopped.by),
            short(&stopped.reason, 500)
        ));
    }
    body
}

/// Whether the card shows fewer budget lines than there are, or a name shorter than it is.
fn is_budget_cut(campaign: &Campaign) -> bool {
    let shown = budget(campaign);
    let is_missing = |line: &crate::domain::campaign::BudgetLine| {
        !shown.contains(&format!("{}: {} ({})", escape(&line.what), line.planned, shares(line)))
    };
    campaign.budget.len() > 1 && campaign.budget.iter().any(is_missing)
}

fn dates(sheet: &Sheet<'_>) -> String {
    let campaign = sheet.campaign;
    let (start, end) = (campaign.period.start(), campaign.period.end());
    let mut said = match campaign.state {
        CampaignState::Postponed => format!("postponed without a date (was {start} to {end})"),
        _ => format!("{start} to {end}"),
    };
    if !campaign.sends.is_empty() {
        let sends: Vec<String> = campaign.sends.iter().take(SENDS_SHOWN).map(ToString::to_string).collect();
        said.push_str(&format!("\nsends: {}", sends.join(", ")));
        if campaign.sends.len() > SENDS_SHOWN {
            said.push_str(&format!(" and {} more", campaign.sends.len() - SENDS_SHOWN));
        }
    }
    let hours = sheet.efforts.of(campaign);
    said.push_str(&format!(
        "\neffort: {} hours of the vendor, {} of the partner",
        hours.vendor, hours.partner
    ));
    said
}

/// When leads, pipeline, won revenue and spend are planned to come, in words.
fn curve(expected: &Expected) -> String {
    format!(
        "leads: {}\npipeline: {} · won revenue: {}\nspend: {}\nall of it by {}",
        expected.leads, expected.pipeline, expected.won, expected.spend, expected.last
    )
}

fn tasks(sheet: &Sheet<'_>) -> String {
    let count = |state: TaskState| sheet.tasks.iter().filter(|task| task.state == state).count();
    let overdue = sheet.tasks.iter().filter(|task| task.is_overdue(sheet.today)).count();
    let (open, done) = (count(TaskState::Open), count(TaskState::Done));
    let late = if overdue > 0 { format!(", {overdue} overdue") } else { String::new() };
    format!("{open} open{late}\n{done} done\n`/task list campaign:{}`", sheet.campaign.name_short())
}

fn checklist(all: &[(Item, bool)]) -> String {
    let lines: Vec<String> =
        all.iter().map(|(item, done)| format!("{} {}", if *done { "☑" } else { "⬜" }, item.label)).collect();
    lines.join("\n")
}
