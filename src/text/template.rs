//! Templates as people read them. The card leaves nothing out: what stands in a template is what its card says, page by
//! page, so that nobody shares what they could not read.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{count, escape, short};
use crate::domain::actor::Side;
use crate::domain::campaign::{Campaign, ResultsBy};
use crate::domain::curve::CurveOverrides;
use crate::domain::plan::Plan;
use crate::domain::template::clean::BLANK;
use crate::domain::template::place::Placed;
use crate::domain::template::{
    Anchor, CampaignPart, Content, NAME_LIMIT, PlanPart, PromisePart, TaskPart, Template, TemplateState,
};

/// Characters of one page. A piece of text comes on top, which is twice as long at most once it is escaped.
const PAGE: usize = 1_800;
/// Characters of a long text that stand in one piece.
const PIECE: usize = 900;
/// Templates on one page of the list.
const LISTED: usize = 15;

/// What a template holds, a page at a time; for who saves it, with what it means to share it.
pub fn card(template: &Template, page: usize) -> Card {
    let pages = pages(&template.content);
    let page = page.clamp(1, pages.len().max(1));
    let name = short(&template.name, NAME_LIMIT);
    let pending = template.state == TemplateState::Pending;
    let head = if pending { asked(template) } else { format!("{}.\n", kind(&template.content)) };
    let shown = pages.get(page - 1).cloned().unwrap_or_default();
    let mut card = Card {
        title: if pending {
            format!("Share “{name}” with every partner?")
        } else {
            format!("Template “{name}”")
        },
        body: if page == 1 { format!("{head}\n{shown}") } else { shown },
        colour: if pending { Colour::Amber } else { Colour::Neutral },
        footer: format!("page {page} of {}", pages.len().max(1)),
        ..Card::default()
    };
    let turn = |label: &str, to: usize| Button {
        id: format!("template-page:{}:{to}", template.id),
        label: label.to_owned(),
        style: ButtonStyle::Secondary,
    };
    let mut row = Vec::new();
    if page > 1 {
        row.push(turn("Previous page", page - 1));
    }
    if page < pages.len() {
        row.push(turn("Next page", page + 1));
    } else if pending {
        // On the last page, so that all of it has been before the eyes of who presses it.
        row.push(button(template, "share", "Share with every partner", ButtonStyle::Success));
    }
    card.buttons = if row.is_empty() { Vec::new() } else { vec![row] };
    card
}

fn button(template: &Template, verb: &str, label: &str, style: ButtonStyle) -> Button {
    Button { id: format!("template-{verb}:{}:1", template.id), label: label.to_owned(), style }
}

fn asked(template: &Template) -> String {
    let amounts = match template.content.currency {
        Some(currency) => format!("Targets and budgets go along as **amounts in {}**.", currency.code()),
        None => "Targets and budgets go along in whole percent only, without any amount.".to_owned(),
    };
    let replaces =
        if template.replaces.is_some() { " It takes the place of the template of that name." } else { "" };
    format!(
        "**Every partner of the program, now and later, will be able to read all that follows, word by word.** {amounts} \
         `{BLANK}` stands for the name of whoever uses it; people, channels and links are taken out. Owners, utm tags, \
         states, results, requests, hours, rates and the joint business plan stay behind. Check that nothing below is one \
         partner's alone: texts:False leaves out all that people wrote but names of campaigns and budget lines.{replaces} Nothing is shared yet.\n"
    )
}

/// What a template is of, in a few words.
fn kind(content: &Content) -> String {
    let amounts = match content.currency {
        Some(currency) => format!("amounts in {}", currency.code()),
        None => "proportions only".to_owned(),
    };
    match (&content.plan, content.campaigns.first()) {
        (Some(plan), _) => {
            format!(
                "Plan of {} days · {} · {amounts}",
                count(plan.days),
                plural(content.campaigns.len(), "campaign")
            )
        }
        (None, Some(one)) => format!("Campaign: {} · {} · {amounts}", one.kind.label(), span(one)),
        (None, None) => "Empty".to_owned(),
    }
}

fn plural(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

fn span(part: &CampaignPart) -> String {
    if part.days == 1 { "1 day".to_owned() } else { format!("{} days", part.days) }
}

/// All of it, cut into pages between lines.
fn pages(content: &Content) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    for line in lines(content) {
        match pages.last_mut() {
            Some(page) if page.chars().count() + line.chars().count() < PAGE => {
                page.push('\n');
                page.push_str(&line);
            }
            _ => pages.push(line),
        }
    }
    pages
}

fn lines(content: &Content) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(plan) = &content.plan {
        lines.push(of_plan(plan));
    }
    for (index, part) in content.campaigns.iter().enumerate() {
        campaign(&mut lines, index + 1, part, content);
    }
    lines.extend(content.promises.iter().map(|one| promise(one, "the plan's first day")));
    lines
}

fn of_plan(plan: &PlanPart) -> String {
    let routing =
        plan.routing_hours.map(|hours| format!(" · leads accepted within {hours} h")).unwrap_or_default();
    format!(
        "Plan of {} days · review cadence `{}` · attribution {}{routing}",
        plan.days,
        plan.cadence,
        plan.attribution.replace('_', " ")
    )
}

fn campaign(lines: &mut Vec<String>, number: usize, part: &CampaignPart, content: &Content) {
    let when = match content.plan {
        Some(_) => format!("from day {} of the plan, {}", part.starts_after + 1, span(part)),
        None => span(part),
    };
    lines.push(format!("**{number}. {}** · {} · {when}", escape(&part.name), part.kind.label()));
    if !part.sends.is_empty() {
        let days: Vec<String> = part.sends.iter().map(|days| format!("day {}", days + 1)).collect();
        lines.push(format!("• sends on its {}", days.join(", ")));
    }
    lines.push(format!("• {}", targets(part)));
    if part.results_by == ResultsBy::Hand {
        lines.push("• results logged by hand".to_owned());
    }
    lines.extend(curve(&part.curve));
    lines.extend(budget(part));
    for (what, text) in [
        ("segment", &part.segment),
        ("message", &part.message),
        ("offer", &part.offer),
        ("channel", &part.channel),
    ] {
        long(lines, what, text);
    }
    lines.extend(part.tasks.iter().map(task));
    lines.extend(part.promises.iter().map(|one| promise(one, "its first day")));
}

/// A text in pieces that fit on a page, none of it left out.
fn long(lines: &mut Vec<String>, what: &str, text: &str) {
    let characters: Vec<char> = text.chars().collect();
    for (index, piece) in characters.chunks(PIECE).enumerate() {
        let piece: String = piece.iter().collect();
        let more = if index == 0 { "" } else { " (goes on)" };
        lines.push(format!("• {what}{more}: {}", escape(&piece)));
    }
}

fn targets(part: &CampaignPart) -> String {
    match &part.figures {
        Some(figures) => {
            let won = figures.won.map(|won| format!(", {won} won")).unwrap_or_default();
            format!("targets: {} leads, {} pipeline{won}", count(figures.leads), figures.pipeline)
        }
        None => format!(
            "of all campaigns: {} % of the leads, {} % of the pipeline, {} % of the budget",
            part.weights.leads, part.weights.pipeline, part.weights.budget
        ),
    }
}

fn curve(curve: &CurveOverrides) -> Option<String> {
    let mut set = Vec::new();
    if curve.leads.is_some() {
        set.push("leads' curve".to_owned());
    }
    if curve.spend.is_some() {
        set.push("spend's curve".to_owned());
    }
    let days = [
        ("pipeline after", curve.pipeline_lag_days),
        ("won revenue after", curve.won_lag_days),
        ("results trail", curve.tail_days),
    ];
    set.extend(days.into_iter().filter_map(|(what, days)| Some(format!("{what} {} days", days?))));
    if set.is_empty() { None } else { Some(format!("• set by hand: {}", set.join(", "))) }
}

fn budget(part: &CampaignPart) -> Vec<String> {
    if let Some(figures) = &part.figures {
        let line = |line: &crate::domain::campaign::BudgetLine| {
            let shares = line.shares.iter().map(|(source, share)| format!("{} {share}", source.label()));
            let shares: Vec<String> = shares.collect();
            format!("• budget line {}: {} ({})", escape(&line.what), line.planned, shares.join(", "))
        };
        return figures.budget.iter().map(line).collect();
    }
    let line = |line: &crate::domain::template::LinePart| {
        let shares = line.shares.iter().map(|(source, percent)| format!("{} {percent} %", source.label()));
        let shares: Vec<String> = shares.collect();
        format!(
            "• budget line {}: {} % of the budget ({})",
            escape(&line.what),
            line.percent,
            shares.join(", ")
        )
    };
    part.lines.iter().map(line).collect()
}

fn task(task: &TaskPart) -> String {
    let from = match task.from {
        Anchor::Start => "its first day",
        Anchor::End => "its last day",
    };
    format!("• task of the {}, {}: {}", task.side.code(), apart(task.days, from), escape(&task.what))
}

fn promise(promise: &PromisePart, from: &str) -> String {
    format!(
        "• promise of the {}, {}: {}",
        promise.side.code(),
        apart(promise.due_after, from),
        escape(&promise.what)
    )
}

fn apart(days: i64, from: &str) -> String {
    match days {
        0 => format!("on {from}"),
        1 => format!("1 day after {from}"),
        -1 => format!("1 day before {from}"),
        days if days < 0 => format!("{} days before {from}", days.unsigned_abs()),
        days => format!("{days} days after {from}"),
    }
}

/// A page of the program's templates.
pub fn list(all: &[Template], side: Side, page: usize) -> Card {
    let pages = all.len().div_ceil(LISTED).max(1);
    let page = page.clamp(1, pages);
    let line = |one: &Template| format!("• **{}** · {}", short(&one.name, NAME_LIMIT), kind(&one.content));
    let lines: Vec<String> = all.iter().skip((page - 1) * LISTED).take(LISTED).map(line).collect();
    let nothing = match side {
        Side::Vendor => "None yet. Keep a plan or a campaign as one with `/template save`.",
        Side::Partner => "None yet. The vendor keeps them.",
    };
    Card {
        title: format!("Templates ({})", all.len()),
        body: if lines.is_empty() { nothing.to_owned() } else { lines.join("\n") },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    }
}

/// That a template is shared.
pub fn shared(template: &Template) -> String {
    let how = match template.content.plan {
        Some(_) => "period:Q2 2026",
        None => "start:2026-04-14",
    };
    let name = short(&template.name, NAME_LIMIT);
    format!("“{name}” is shared: both sides' plan editors start from it with /template use, such as {how}.")
}

/// Asks whether to remove a template.
pub fn confirm_remove(template: &Template) -> Card {
    Card {
        title: format!("Remove the template “{}”?", short(&template.name, NAME_LIMIT)),
        body: format!(
            "{}.\nNobody finds it any more. Plans and campaigns that were made from it stay as they are.\nNothing has \
             happened yet.",
            kind(&template.content)
        ),
        colour: Colour::Amber,
        buttons: vec![vec![button(template, "remove", "Remove", ButtonStyle::Danger)]],
        ..Card::default()
    }
}

/// What became of a plan's template.
pub fn started(plan: &Plan, template: &Template, placed: &Placed, cut: &[String]) -> String {
    let mut said = format!(
        "{} is a draft made from the template “{}”, with {}.",
        plan.name_short(),
        short(&template.name, NAME_LIMIT),
        plural(placed.campaigns.len(), "campaign")
    );
    if !cut.is_empty() {
        said.push_str(&format!(" Cut at the ends of the period: {}.", cut.join(", ")));
    }
    if !placed.left_out.is_empty() {
        let names: Vec<String> =
            placed.left_out.iter().map(|name| format!("“{}”", short(name, 60))).collect();
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names: Vec<String> = names.into_iter().take(NAMED).collect();
        said.push_str(&format!(" Outside the period and left out: {}{more}.", names.join(", ")));
    }
    said.push_str(&amounts(plan, placed));
    said
}

/// Left-out campaigns that are named; more are counted.
const NAMED: usize = 10;

/// What became of a campaign's template.
pub fn added(campaign: &Campaign, plan: &Plan, template: &Template, placed: &Placed) -> String {
    let cut = placed.campaigns.first().is_some_and(|one| one.cut);
    format!(
        "{} is added to {} from the template “{}”, {} to {}.{}{}",
        campaign.name_short(),
        plan.name_short(),
        short(&template.name, NAME_LIMIT),
        campaign.period.start(),
        campaign.period.end(),
        if cut { " It is cut at the ends of the plan's period." } else { "" },
        amounts(plan, placed)
    )
}

/// What is said of targets and budgets that the template could not give.
fn amounts(plan: &Plan, placed: &Placed) -> String {
    if let Some(currency) = placed.other_currency {
        return format!(
            " Its amounts are in {}, not in {}, and were left out: set them anew with /campaign edit and /campaign budget.",
            currency.code(),
            plan.currency.code()
        );
    }
    let bare = |campaign: &Campaign| campaign.target_leads == 0 && campaign.target_pipeline.is_zero();
    if !placed.campaigns.is_empty() && placed.campaigns.iter().all(|one| bare(&one.campaign)) {
        return " It has no targets yet: set them with /campaign edit.".to_owned();
    }
    String::new()
}
