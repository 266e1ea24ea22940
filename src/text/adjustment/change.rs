//! The changes of an adjustment as they are read: on its card as far as they fit, each at least by its name, and whole in
//! a document. What a card leaves out is counted on it.

use super::super::{count, escape, export, person, readiness, short};
use super::AdjustmentView;
use crate::domain::adjustment::impact::{Line, budget_line, differences, term_differences};
use crate::domain::campaign::expected::Expected;
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::capacity::Overfull;
use crate::domain::curve::CurveOverrides;
use crate::domain::plan::own::OwnTerms;

/// Characters of one value on a card, in a field that has room for some.
const VALUE_MAX: usize = 120;
/// Characters that stay before the first difference of a long text on a card.
const LEAD_IN: usize = 20;
/// So many campaigns that only end have a field of their own each; more are listed in one.
const ENDED_APART: usize = 3;
/// Characters of such a list.
const ENDED_MAX: usize = 600;

/// Named changes for a card.
pub(super) struct Shown {
    pub fields: Vec<(String, String)>,
    /// Whether something was cut or left out.
    pub is_cut: bool,
}

/// Every changed campaign and the plan's own terms, in at most `room` characters: what there is is shared evenly.
pub(super) fn shown(view: &AdjustmentView<'_>, room: usize) -> Shown {
    let (apart, ended) = changed(view);
    let mut named: Vec<(String, Vec<Line>)> = apart
        .into_iter()
        .map(|(before, after)| {
            let name = format!("{} · {}", after.name_short(), short(&after.name, 60));
            (name, before.map_or_else(|| added(after), |before| differences(before, after)))
        })
        .collect();
    if let Some(terms) = terms(view) {
        let plan = view.plan;
        named.push((format!("{} · {}", plan.name_short(), short(&plan.name, 60)), terms));
    }
    let listed = (!ended.is_empty()).then(|| names(&ended));
    let taken = listed.as_ref().map_or(0, |(text, _)| text.chars().count());
    let each = room.saturating_sub(taken) / named.len().max(1);
    let mut is_cut = listed.as_ref().is_some_and(|(_, cut)| *cut);
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, lines) in named {
        let (value, cut) = fitted(&lines, each.saturating_sub(name.chars().count()));
        is_cut |= cut;
        fields.push((name, value));
    }
    fields.extend(listed.map(|(text, _)| (format!("{} campaigns are cancelled", ended.len()), text)));
    Shown { fields, is_cut }
}

type Pair<'a> = (Option<&'a Campaign>, &'a Campaign);

/// The changed campaigns that need a field each, and those that only end if they are many.
fn changed<'a>(view: &'a AdjustmentView<'_>) -> (Vec<Pair<'a>>, Vec<&'a Campaign>) {
    let all: Vec<Pair<'a>> = view.outcome.changed(view.before).collect();
    let ends = |(before, after): &Pair<'_>| {
        after.state == CampaignState::Cancelled
            && before.is_some_and(|before| differences(before, after).len() == 1)
    };
    if all.iter().filter(|pair| ends(pair)).count() <= ENDED_APART {
        return (all, Vec::new());
    }
    let (ended, apart): (Vec<Pair<'a>>, Vec<Pair<'a>>) = all.into_iter().partition(ends);
    (apart, ended.into_iter().map(|(_, after)| after).collect())
}

fn terms(view: &AdjustmentView<'_>) -> Option<Vec<Line>> {
    let to = view.outcome.terms.as_ref()?;
    Some(term_differences(&OwnTerms::of(view.plan), to, view.plan.zone))
}

/// Short names in a row, and whether some are left out.
fn names(campaigns: &[&Campaign]) -> (String, bool) {
    let mut text = String::new();
    for (index, campaign) in campaigns.iter().enumerate() {
        let name = campaign.name_short();
        if text.chars().count() + name.len() > ENDED_MAX {
            return (format!("{text} and {} more", campaigns.len() - index), true);
        }
        text.push_str(if index > 0 { ", " } else { "" });
        text.push_str(&name);
    }
    (text, false)
}

/// What a new campaign holds, who pays for it included; what it has none of is left out. What a card has no room for is
/// counted there.
fn added(campaign: &Campaign) -> Vec<Line> {
    let line = |what, after: String| Line { what, before: String::new(), after };
    let won = campaign.target_won.map(|won| format!(" · {won} won")).unwrap_or_default();
    let budget =
        campaign.budget_total().map_or("no budget line".to_owned(), |total| format!("{total} budget"));
    let targets = format!(
        "{} leads · {} pipeline{won} · {budget}",
        count(campaign.target_leads),
        campaign.target_pipeline
    );
    let period = campaign.period;
    let mut lines = vec![
        line(ADDED, format!("{}, {} to {}", campaign.kind.label(), period.start(), period.end())),
        line("Targets", targets),
    ];
    lines.extend(campaign.budget.iter().map(|one| line("Budget", budget_line(one))));
    let sends: Vec<String> = campaign.sends.iter().map(ToString::to_string).collect();
    let hours = |hours: Option<i64>| hours.map(|hours| hours.to_string()).unwrap_or_default();
    let texts = [
        ("Sends", sends.join(", ")),
        ("Results", campaign.results_by.code().to_owned()),
        ("Segment", campaign.segment.clone()),
        ("Message", campaign.message.clone()),
        ("Offer", campaign.offer.clone()),
        ("Channel", campaign.channel.clone()),
        ("utm_campaign", campaign.slug.clone()),
        ("Vendor's owner", campaign.owner_vendor.clone().unwrap_or_default()),
        ("Partner's owner", campaign.owner_partner.clone().unwrap_or_default()),
        ("Vendor's hours", hours(campaign.effort.vendor)),
        ("Partner's hours", hours(campaign.effort.partner)),
    ];
    lines.extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| line(what, text)));
    let expected = Expected::of(campaign).filter(|_| campaign.curve != CurveOverrides::default());
    if let Some(expected) = expected {
        lines.push(line("Leads come", expected.leads));
        lines.push(line("Pipeline comes", expected.pipeline));
        lines.push(line("Won revenue comes", expected.won));
        lines.push(line("Spend comes", expected.spend));
    }
    lines
}

const ADDED: &str = "Added";

/// As many lines as fit, each of its values cut to what they may have, and whether that is all.
fn fitted(lines: &[Line], room: usize) -> (String, bool) {
    let most = (room / 3).clamp(LEAD_IN * 2, VALUE_MAX);
    let mut text = String::new();
    let mut is_cut = false;
    for (index, line) in lines.iter().enumerate() {
        let (drawn, cut) = in_brief(line, most);
        // Room for saying how many are left out.
        if index > 0 && text.chars().count() + drawn.chars().count() + 16 > room {
            return (format!("{text}\n… and {} more", lines.len() - index), true);
        }
        text.push_str(if index > 0 { "\n" } else { "" });
        text.push_str(&drawn);
        is_cut |= cut;
    }
    (text, is_cut)
}

/// A line with its values cut to `most` characters, and whether that cut one. Of two long texts the part is shown where
/// they begin to differ: two equal beginnings would say nothing.
fn in_brief(line: &Line, most: usize) -> (String, bool) {
    let Line { what, before, after } = line;
    let is_long = |text: &str| text.chars().count() > most;
    let cut = is_long(before) || is_long(after);
    let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    let skipped = if cut && !before.is_empty() { same.saturating_sub(LEAD_IN) } else { 0 };
    let part = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        let mark = if skipped > 0 && !rest.is_empty() { "…" } else { "" };
        match text {
            "" => "none".to_owned(),
            id if what.ends_with("owner") => person(id),
            _ => format!("{mark}{}", short(&rest, most)),
        }
    };
    let drawn = match (*what, before.as_str()) {
        (ADDED, _) => format!("**{ADDED}**\n{}", part(after)),
        ("Targets", "") => part(after),
        (_, before) => format!("{what}: {} → {}", part(before), part(after)),
    };
    (drawn, cut)
}

/// All of it as a Markdown document: every change whole, with what it does to the plan.
pub fn document(view: &AdjustmentView<'_>) -> String {
    let (adjustment, plan) = (view.adjustment, view.plan);
    let mut out = format!(
        "# {} · {} · revision {} → {}\n\n{}\n\nWhat a signature binds has the SHA-256\n\n    {}\n",
        adjustment.name_short(),
        plan.name_short(),
        adjustment.base_revision,
        adjustment.base_revision + 1,
        super::filed_by(view),
        view.sha256,
    );
    out.push_str("\n## Reasons\n\n");
    for asked in &adjustment.asked {
        out.push_str(&format!("- {}: {}\n", super::what(&asked.change, view), escape(&asked.reason)));
    }
    for (before, after) in view.outcome.changed(view.before) {
        match before {
            Some(before) => {
                out.push_str(&format!("\n## {} · {}\n\n", after.name_short(), escape(&before.name)));
                out.push_str(&differences(before, after).iter().map(whole).collect::<String>());
            }
            None => {
                out.push_str(&format!("\n## {} · added\n\n", after.name_short()));
                out.push_str(&export::campaign(&after.content()));
            }
        }
    }
    if let Some(terms) = terms(view) {
        out.push_str(&format!("\n## {} itself\n\n", plan.name_short()));
        out.push_str(&terms.iter().map(whole).collect::<String>());
    }
    out.push_str("\n## What it does\n\n");
    let weeks = &view.impact.overfull.1;
    let sums = [super::carried(view), super::committed(view, usize::MAX)];
    let sums = sums.iter().flat_map(|text| text.lines()).filter(|line| *line != super::UNCHANGED);
    let weeks = weeks.iter().map(week);
    let lines: Vec<String> = sums.map(str::to_owned).chain(weeks).map(|line| format!("- {line}\n")).collect();
    out.push_str(&if lines.is_empty() {
        "- Neither targets, budget nor funds of the plan change.\n".to_owned()
    } else {
        lines.concat()
    });
    out
}

fn week(week: &Overfull) -> String {
    format!(
        "The {} has {} hours a week; the week of {} takes {}",
        week.side.code(),
        week.hours,
        week.monday,
        week.load
    )
}

/// A line with both values whole; a long one in paragraphs of its own.
fn whole(line: &Line) -> String {
    let Line { what, before, after } = line;
    let is_long = |text: &str| text.chars().count() > VALUE_MAX || text.contains('\n');
    if !is_long(before) && !is_long(after) {
        let value = |text: &str| if text.is_empty() { "none".to_owned() } else { escape(text) };
        return format!("- {what}: {} → {}\n", value(before), value(after));
    }
    let quoted = |text: &str| match text {
        "" => "  > none\n".to_owned(),
        text => text.lines().map(|line| format!("  > {}\n", escape(line))).collect(),
    };
    format!("- {what}, before:\n\n{}\n  after:\n\n{}", quoted(before), quoted(after))
}

/// The weeks that ask too much, before → after; `None` if that stays as it is.
pub(super) fn capacity(view: &AdjustmentView<'_>) -> Option<String> {
    let (before, after) = &view.impact.overfull;
    let said = |weeks: &[Overfull]| match weeks {
        [] => "every week to come fits".to_owned(),
        weeks => readiness::overfull(weeks),
    };
    (before != after).then(|| {
        let mark = if after.is_empty() { "" } else { "⚠ " };
        format!("Before: {}\n{mark}After: {}", said(before), said(after))
    })
}
