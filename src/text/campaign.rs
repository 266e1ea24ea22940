//! What is said about campaigns and what is logged against them.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{count, person, short};
use crate::domain::campaign::Campaign;
use crate::domain::log::{Entry, EntryKind};
use crate::domain::money::{Currency, Money};
use crate::domain::plan::Plan;

/// Campaigns shown on one page of a list.
pub const PAGE: usize = 10;

/// The campaign as added.
pub fn card(campaign: &Campaign, plan: &Plan) -> Card {
    let budget = match campaign.budget_total() {
        Some(total) => {
            let shares = campaign.budget.iter().flat_map(|line| &line.shares);
            let shares: Vec<String> =
                shares.map(|(source, share)| format!("{} {share}", source.label())).collect();
            format!("{total} ({})", shares.join(", "))
        }
        None => "no budget line".to_owned(),
    };
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
        ..Card::default()
    };
    if !campaign.sends.is_empty() {
        let sends: Vec<String> = campaign.sends.iter().map(ToString::to_string).collect();
        card.body.push_str(&format!(" Sends: {}.", sends.join(", ")));
    }
    card.with("Targets", targets(campaign))
        .with("Budget", budget)
        .with("Segment", text(&campaign.segment))
        .with("Message", text(&campaign.message))
        .with("Offer", text(&campaign.offer))
        .with("Channel", text(&campaign.channel))
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
