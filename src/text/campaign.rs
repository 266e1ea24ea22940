//! What is said about campaigns and what is logged against them.

pub mod sheet;

use super::card::{Button, ButtonStyle, Card, Colour, Form, Input};
use super::{count, person, short};
use crate::domain::campaign::budget::{LineEdit, find};
use crate::domain::campaign::checklist::Item;
use crate::domain::campaign::read::TEXT_LIMIT;
use crate::domain::campaign::{BudgetLine, Campaign, CampaignState};
use crate::domain::log::{Entry, EntryKind};
use crate::domain::money::{Currency, Money};
use crate::domain::plan::{Plan, REASON_LIMIT};
use chrono::NaiveDate;

/// Campaigns shown on one page of a list.
pub const PAGE: usize = 10;

/// The campaign as added.
pub fn card(campaign: &Campaign, plan: &Plan) -> Card {
    let text = |value: &str| if value.is_empty() { "not said yet".to_owned() } else { short(value, 300) };
    let mut card = Card {
        title: format!("{} · {}", campaign.name_short(), short(&campaign.name, 100)),
        body: format!(
            "{} in {}, {} to {}, {}.",
            campaign.kind.label(),
            plan.name_short(),
            campaign.period.start(),
            campaign.period.end(),
            campaign.state.label()
        ),
        colour: Colour::Neutral,
        footer: format!("utm_campaign={} · utm_id={}", campaign.slug, campaign.utm_id),
        buttons: vec![vec![texts_button(campaign)]],
        ..Card::default()
    };
    if !campaign.sends.is_empty() {
        let sends: Vec<String> = campaign.sends.iter().map(ToString::to_string).collect();
        card.body.push_str(&format!(" Sends: {}.", sends.join(", ")));
    }
    card.with("Targets", targets(campaign))
        .with("Budget", budget(campaign))
        .with("Owners", owners(campaign))
        .with("Segment", text(&campaign.segment))
        .with("Message", text(&campaign.message))
        .with("Offer", text(&campaign.offer))
        .with("Channel", text(&campaign.channel))
}

fn owners(campaign: &Campaign) -> String {
    let owner = |owner: &Option<String>| owner.as_deref().map_or("nobody yet".to_owned(), person);
    format!("vendor: {}\npartner: {}", owner(&campaign.owner_vendor), owner(&campaign.owner_partner))
}

/// Characters that budget lines may take on a card, which leaves room to count those that don't fit.
const BUDGET_ON_CARD: usize = 950;

fn budget(campaign: &Campaign) -> String {
    let Some(total) = campaign.budget_total() else { return "no budget line".to_owned() };
    if let [only] = campaign.budget.as_slice() {
        return format!("{total} ({})", shares(only));
    }
    let mut text = format!("{total} in {} lines", campaign.budget.len());
    for (index, line) in campaign.budget.iter().enumerate() {
        let next = format!("\n{}. {}: {} ({})", index + 1, short(&line.what, 60), line.planned, shares(line));
        if text.chars().count() + next.chars().count() > BUDGET_ON_CARD {
            text.push_str(&format!("\n… and {} more", campaign.budget.len() - index));
            break;
        }
        text.push_str(&next);
    }
    text
}

fn shares(line: &BudgetLine) -> String {
    let shares: Vec<String> =
        line.shares.iter().map(|(source, share)| format!("{} {share}", source.label())).collect();
    if shares.is_empty() { "nobody pays".to_owned() } else { shares.join(", ") }
}

/// What became of a budget line, with its shares as they are now: what was left is seen to be the partner's.
pub fn budget_said(edit: &LineEdit, campaign: &Campaign) -> String {
    let (named, verb) = match edit {
        LineEdit::Add { what, .. } => (what, "added"),
        LineEdit::Change { line, what, .. } => (what.as_ref().unwrap_or(line), "changed"),
        LineEdit::Remove { .. } => return "has a budget line less.".to_owned(),
    };
    let line = find(&campaign.budget, named).ok().and_then(|index| campaign.budget.get(index));
    line.map_or_else(
        || format!("has a budget line {verb}."),
        |line| {
            let what = short(&line.what, 60);
            format!("has the budget line \"{what}\" {verb}: {} ({}).", line.planned, shares(line))
        },
    )
}

/// The checklist as it stands.
pub fn checklist(campaign: &Campaign, all: &[(Item, bool)]) -> String {
    let lines: Vec<String> =
        all.iter().map(|(item, done)| format!("{} {}", if *done { "☑" } else { "⬜" }, item.label)).collect();
    format!("Checklist of {} {}\n{}", campaign.name_short(), short(&campaign.name, 80), lines.join("\n"))
}

/// Items in one sentence.
pub fn labels(items: &[Item]) -> String {
    items.iter().map(|item| item.label).collect::<Vec<_>>().join(", ")
}

/// That a campaign is ready, for both sides.
pub fn ready(campaign: &Campaign, missing: &[Item], by: &str) -> String {
    let lacks = match missing {
        [] => String::new(),
        missing => format!(" without: {}", labels(missing)),
    };
    format!("{} is ready{lacks}, says {}.", named(campaign), person(by))
}

/// That a campaign has started though nobody said it was ready.
pub fn started_unready(campaign: &Campaign, missing: &[Item]) -> String {
    let name = named(campaign);
    match missing {
        [] => format!("🟡 {name} runs, and nobody has said that it is ready."),
        missing => format!("🟡 {name} runs and is not ready. Missing: {}.", labels(missing)),
    }
}

/// That a campaign is executed, for both sides.
pub fn executed(campaign: &Campaign, by: &str) -> String {
    format!("{} is executed, says {}.", named(campaign), person(by))
}

fn named(campaign: &Campaign) -> String {
    format!("{} {}", campaign.name_short(), short(&campaign.name, 80))
}

/// The question whether a campaign is executed. Without an answer it counts as executed on the day `by_itself`.
pub fn is_it_done(campaign: &Campaign, by_itself: NaiveDate) -> Card {
    let owners = [&campaign.owner_vendor, &campaign.owner_partner].into_iter().flatten();
    let owners: Vec<String> = owners.map(|id| person(id)).collect();
    let asked = if owners.is_empty() { String::new() } else { format!("{}: ", owners.join(", ")) };
    Card {
        title: format!("{} · {} has ended", campaign.name_short(), short(&campaign.name, 80)),
        body: format!(
            "{asked}it ended on {}. Is it executed? Press the button, or type `/campaign done campaign:{}`. \
             Without an answer it counts as executed on {by_itself}.",
            campaign.period.end(),
            campaign.name_short()
        ),
        buttons: vec![vec![Button {
            id: format!("campaign-done:{}:{}", campaign.id, campaign.end_mark()),
            label: "Executed".to_owned(),
            style: ButtonStyle::Success,
        }]],
        ..Card::default()
    }
}

/// The question once it asks nothing any more: what was read stays, the button goes, what came is added.
pub fn answered(mut card: Card, said: &str) -> Card {
    card.buttons.clear();
    card.colour = Colour::Grey;
    card.with_wide("Since then", said)
}

/// That nobody said whether a campaign is executed.
pub fn executed_by_itself(on: NaiveDate) -> String {
    format!("Nobody answered: it counts as executed on {on}.")
}

/// That a question is about an end that has moved, or a campaign that is over.
pub fn asked_no_more(campaign: &Campaign) -> String {
    match campaign.state {
        CampaignState::Cancelled | CampaignState::Closed => format!("It is {}.", campaign.state.label()),
        _ => format!("Its end has moved to {}.", campaign.period.end()),
    }
}

fn texts_button(campaign: &Campaign) -> Button {
    Button {
        id: format!("campaign-texts:{}:{}", campaign.id, campaign.texts_mark()),
        label: "Texts…".to_owned(),
        style: ButtonStyle::Secondary,
    }
}

/// The form of a campaign's long texts, filled with what they are.
pub fn texts_form(campaign: &Campaign, needs_reason: bool) -> Form {
    let input = |id: &str, label: &str, placeholder: &str, value: &str| Input {
        id: id.to_owned(),
        label: label.to_owned(),
        placeholder: placeholder.to_owned(),
        long: true,
        required: false,
        max_length: u16::try_from(TEXT_LIMIT).unwrap_or(u16::MAX),
        value: value.to_owned(),
    };
    let reason = needs_reason.then(|| Input {
        long: false,
        required: true,
        max_length: REASON_LIMIT,
        ..input("reason", "Reason", "Both sides have signed the plan: why change it?", "")
    });
    Form {
        id: format!("campaign-texts:{}:{}", campaign.id, campaign.texts_mark()),
        title: format!("Texts of {}", campaign.name_short()),
        inputs: vec![
            input("segment", "Target segment", "Whom it is for", &campaign.segment),
            input("message", "Key message", "What they should remember", &campaign.message),
            input("offer", "Offer", "What they get", &campaign.offer),
            input("channel", "Execution channel", "Where it reaches them", &campaign.channel),
        ]
        .into_iter()
        .chain(reason)
        .collect(),
    }
}

fn targets(campaign: &Campaign) -> String {
    let mut lines = vec![
        format!("{} leads", count(campaign.target_leads)),
        format!("{} pipeline", campaign.target_pipeline),
    ];
    if let Some(won) = campaign.target_won {
        lines.push(format!("{won} won"));
    }
    lines.join("\n")
}

/// One page of a plan's campaigns; `page` counts from 1.
pub fn list(plan: &Plan, campaigns: &[Campaign], page: usize) -> Card {
    let pages = campaigns.len().div_ceil(PAGE).max(1);
    let page = page.clamp(1, pages);
    let mut card = Card {
        title: format!("Campaigns of {} ({})", plan.name_short(), campaigns.len()),
        footer: format!("page {page} of {pages}"),
        buttons: turn(plan, page, pages),
        ..Card::default()
    };
    if campaigns.is_empty() {
        card.body = "None yet. Add one with `/campaign add`.".to_owned();
    }
    for campaign in campaigns.iter().skip((page - 1) * PAGE).take(PAGE) {
        let budget =
            campaign.budget_total().map_or("no budget line".to_owned(), |total| format!("{total} budget"));
        card = card.with_wide(
            &format!("{} · {}", campaign.name_short(), short(&campaign.name, 80)),
            format!(
                "{} · {} to {} · {}\n{} leads · {} pipeline · {budget}\nutm_campaign={} · utm_id={}",
                campaign.kind.label(),
                campaign.period.start(),
                campaign.period.end(),
                campaign.state.label(),
                count(campaign.target_leads),
                campaign.target_pipeline,
                short(&campaign.slug, 120),
                campaign.utm_id,
            ),
        );
    }
    card
}

/// The buttons to the pages beside this one.
fn turn(plan: &Plan, page: usize, pages: usize) -> Vec<Vec<Button>> {
    let button = |to: usize, label: &str| Button {
        id: format!("plan-page:{}:{to}", plan.id),
        label: label.to_owned(),
        style: ButtonStyle::Secondary,
    };
    let mut row = Vec::new();
    if page > 1 {
        row.push(button(page - 1, "◀ Earlier"));
    }
    if page < pages {
        row.push(button(page + 1, "Later ▶"));
    }
    if row.is_empty() { Vec::new() } else { vec![row] }
}

/// What was logged, echoed back.
pub fn logged(entry: &Entry, campaign: &Campaign, currency: Currency) -> String {
    let figure = match entry.kind {
        EntryKind::Spend => {
            let money = Money::from_minor(entry.amount, currency)
                .map_or_else(|_| entry.amount.to_string(), |money| money.to_string());
            match entry.source {
                Some(source) => format!("{money} spend ({})", source.label()),
                None => format!("{money} spend"),
            }
        }
        EntryKind::Leads => format!("{} leads", count(entry.amount)),
    };
    let invoice = entry
        .invoice_number
        .as_deref()
        .map(|number| format!(", invoice {}", short(number, 60)))
        .unwrap_or_default();
    let what = if entry.reverses.is_some() { "reversal" } else { "logged" };
    format!(
        "{} {what}: {figure} on {} for {} {}{invoice}, by {}.",
        entry.name_short(),
        entry.occurred_on,
        campaign.name_short(),
        short(&campaign.name, 60),
        person(&entry.logged_by),
    )
}
