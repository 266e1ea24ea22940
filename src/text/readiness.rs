//! What is said about a plan's readiness and its capacity: scores, what is missing, and the command that mends it.

use super::card::{Card, Colour};
use super::short;
use crate::domain::actor::Side;
use crate::domain::capacity::{Overfull, Week};
use crate::domain::plan::{Plan, PlanState};
use crate::domain::readiness::{Aspect, Missing, Readiness, Said, Score};

/// Lines of what is missing for one score; more are counted.
const LINES: usize = 8;
/// Weeks that a warning names; more are counted.
const WEEKS: usize = 3;
/// The most characters of one field.
const FIELD: usize = 1_000;

/// The name of a score.
pub fn label(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Specificity => "Specificity",
        Aspect::Commitment => "Bilateral commitment",
        Aspect::Focus => "Commercial focus",
        Aspect::Capacity => "Realistic capacity",
        Aspect::Review => "Review accountability",
    }
}

/// The scores in one line, for a plan's card, with the first thing that is missing.
pub fn line(readiness: &Readiness, plan: &Plan) -> String {
    let scores: Vec<String> =
        readiness.0.iter().map(|score| format!("{} {} %", label(score.aspect), score.percent)).collect();
    let missing = readiness.missing();
    let rest = match missing.split_first() {
        None => "Nothing is missing.".to_owned(),
        Some((first, [])) => format!("Missing: {}", item(first, plan)),
        Some((first, more)) => {
            format!("Missing: {} … and {} more: `/plan check`", item(first, plan), more.len())
        }
    };
    format!("{}\n{rest}", scores.join(" · "))
}

/// Weeks on one page of the table of hours.
const WEEKS_ON_PAGE: usize = 40;

/// A page of the answer to `/plan check`: the scores, then the hours week by week.
pub fn page(readiness: &Readiness, plan: &Plan, weeks: &[Week], page: usize) -> Card {
    let pages = 1 + weeks.len().div_ceil(WEEKS_ON_PAGE).max(1);
    let page = page.clamp(1, pages);
    let mut card = if page == 1 { card(readiness, plan, weeks) } else { week_by_week(plan, weeks, page - 2) };
    card.footer = match page {
        1 => format!("page 1 of {pages} · hours week by week: /plan check page:2"),
        _ => format!("page {page} of {pages}"),
    };
    card
}

/// What each week asks of each side, against what the side states; `index` counts pages of weeks from 0.
fn week_by_week(plan: &Plan, weeks: &[Week], index: usize) -> Card {
    let cell = |week: &Week, side: Side| {
        let load = *week.load.of(side);
        let too_much = plan.hours.of(side).is_some_and(|hours| load > hours.into());
        format!("{:>8}{}", load.to_string(), if too_much { " !" } else { "  " })
    };
    let stated =
        |side: Side| plan.hours.of(side).map_or("not stated".to_owned(), |hours| format!("{hours} h a week"));
    let lines = weeks.iter().skip(index * WEEKS_ON_PAGE).take(WEEKS_ON_PAGE);
    let lines =
        lines.map(|week| format!("{}{}{}", week.monday, cell(week, Side::Vendor), cell(week, Side::Partner)));
    let lines: Vec<String> = lines.collect();
    Card {
        title: format!("Hours of {} {} week by week", plan.name_short(), short(&plan.name, 80)),
        body: format!(
            "The vendor: {}; the partner: {}. `!` is more than that.\n```\nweek of     vendor   partner\n{}\n```",
            stated(Side::Vendor),
            stated(Side::Partner),
            lines.join("\n")
        ),
        ..Card::default()
    }
}

/// The scores.
fn card(readiness: &Readiness, plan: &Plan, weeks: &[Week]) -> Card {
    let mut card = Card {
        title: format!("Readiness of {} {}", plan.name_short(), short(&plan.name, 80)),
        body: if readiness.is_whole() {
            "Nothing is missing.".to_owned()
        } else {
            format!("{} things are missing. Each is named with what mends it.", readiness.missing().len())
        },
        colour: if readiness.is_whole() { Colour::Green } else { Colour::Amber },
        ..Card::default()
    };
    for score in &readiness.0 {
        card = card
            .with_wide(&format!("{} · {} %", label(score.aspect), score.percent), missing_lines(score, plan));
    }
    card.with_wide("Hours a week", hours(plan, weeks))
}

fn missing_lines(score: &Score, plan: &Plan) -> String {
    if score.missing.is_empty() {
        return "✅ nothing is missing".to_owned();
    }
    let all: Vec<String> = score.missing.iter().map(|one| format!("• {}", item(one, plan))).collect();
    fitting(&all, LINES)
}

/// As many lines as fit a field, the others counted.
fn fitting(all: &[String], most: usize) -> String {
    let (mut shown, mut taken) = (Vec::new(), 0);
    for line in all.iter().take(most) {
        taken += line.chars().count() + 1;
        if taken > FIELD - 20 {
            break;
        }
        shown.push(line.as_str());
    }
    let left = all.len() - shown.len();
    let more = format!("… and {left} more");
    if left > 0 {
        shown.push(&more);
    }
    shown.join("\n")
}

/// One missing thing with the command that mends it.
pub fn item(missing: &Missing, plan: &Plan) -> String {
    let draft = matches!(plan.state, PlanState::Draft);
    match missing {
        Missing::Campaign => "there is no campaign: `/campaign add`".to_owned(),
        Missing::Said { campaign, what } => {
            let (lack, option) = said(*what);
            format!("CMP-{campaign} {lack}: `/campaign edit campaign:CMP-{campaign} {option}:…`")
        }
        Missing::Check { campaign, code, label } => {
            format!("CMP-{campaign}, {label}: `/campaign check campaign:CMP-{campaign} item:{code}`")
        }
        Missing::Request { campaign } => {
            let from = if draft { ", once the plan is proposed" } else { "" };
            format!(
                "CMP-{campaign} counts on MDF, no request is filed: `/mdf request campaign:CMP-{campaign} …`{from}"
            )
        }
        Missing::PipelineTarget { campaign } => {
            format!(
                "CMP-{campaign} has no pipeline target: `/campaign edit campaign:CMP-{campaign} pipeline:…`"
            )
        }
        Missing::Promise(side) => {
            format!("the {} has promised nothing with a date: `/promise make what:… due:…`", side.code())
        }
        Missing::RoutingHours => {
            format!("no time for accepting leads is set: {}", edit(plan, "routing-hours:…"))
        }
        Missing::SignBy { was } => {
            format!("it was to be signed by {was}, which has passed: {}", edit(plan, "sign-by:…"))
        }
        Missing::Signature(side) => {
            let first = if draft { "`/plan propose`, then " } else { "" };
            format!("the {} has not signed: {first}*Sign* on the plan's card", side.code())
        }
        Missing::Jbp => format!(
            "no joint business plan says what the plan must carry: {}",
            edit(plan, "jbp-revenue:… marketing-share:… win-rate:…")
        ),
        Missing::Pipeline { short_by } => format!(
            "{short_by} of the JBP's need is not planned by {}: `/campaign edit campaign:… pipeline:…` or `/campaign add`",
            plan.period.end()
        ),
        Missing::Hours(side) => format!(
            "the {} has not stated its hours a week: {}",
            side.code(),
            edit(plan, &format!("{}-hours:…", side.code()))
        ),
        Missing::Overfull { side, weeks, needs } => format!(
            "{}: {} or `/campaign edit campaign:… start:…`",
            overfull(weeks),
            edit(plan, &format!("{}-hours:{needs}", side.code()))
        ),
        Missing::Checkpoint => format!("no checkpoint comes before the end: {}", edit(plan, "cadence:…")),
        Missing::ReviewOwner(side) => {
            let side = side.code();
            format!("nobody of the {side} answers for the reviews: `/plan edit {side}-owner:…`")
        }
        Missing::NotHeld { due_on } => {
            format!("the checkpoint of {due_on} was not held: `/report variance`")
        }
        Missing::NotAcknowledged { checkpoint, due_on, side } => format!(
            "the {} has not acknowledged the checkpoint of {due_on}: `/checkpoint acknowledge plan:{} number:{checkpoint}`",
            side.code(),
            plan.name_short()
        ),
        Missing::PromiseOpen { promise, due_on } => {
            format!(
                "PRM-{promise} was due on {due_on}: `/promise keep promise:PRM-{promise}` or `/promise break promise:PRM-{promise}`"
            )
        }
    }
}

/// What a campaign lacks, and the option that gives it.
fn said(what: Said) -> (&'static str, &'static str) {
    match what {
        Said::Segment => ("has no segment", "segment"),
        Said::Message => ("has no message", "message"),
        Said::Offer => ("has no offer", "offer"),
        Said::Channel => ("has no channel", "channel"),
        Said::Dates => ("is postponed without a date", "start"),
    }
}

/// What is signed is edited by an adjustment, which needs a reason.
fn edit(plan: &Plan, options: &str) -> String {
    match plan.state {
        PlanState::Draft | PlanState::Proposed => format!("`/plan edit {options}`"),
        _ => format!("`/plan edit {options} reason:…`"),
    }
}

/// The weeks that ask too much, for one side or both: "the partner has 20 hours a week, the week of 2026-02-02 takes 31.5".
pub fn overfull(weeks: &[Overfull]) -> String {
    let mut said = Vec::new();
    for side in [Side::Vendor, Side::Partner] {
        let own: Vec<&Overfull> = weeks.iter().filter(|week| week.side == side).collect();
        let Some(first) = own.first() else { continue };
        let named: Vec<String> = own
            .iter()
            .take(WEEKS)
            .map(|week| format!("the week of {} takes {}", week.monday, week.load))
            .collect();
        let more = match own.len().saturating_sub(WEEKS) {
            0 => String::new(),
            more => format!(" and {more} more weeks too much"),
        };
        said.push(format!(
            "the {} has {} hours a week, {}{more}",
            side.code(),
            first.hours,
            named.join(", ")
        ));
    }
    said.join("; ")
}

/// What each side states, and the fullest week of each.
fn hours(plan: &Plan, weeks: &[Week]) -> String {
    let mut lines = Vec::new();
    for side in [Side::Vendor, Side::Partner] {
        let stated = plan.hours.of(side).map_or("not stated".to_owned(), |hours| format!("{hours} stated"));
        let fullest = weeks.iter().rev().max_by_key(|week| *week.load.of(side));
        let fullest = match fullest.filter(|week| !week.load.of(side).is_zero()) {
            Some(week) => format!("the fullest week, of {}, takes {}", week.monday, week.load.of(side)),
            None => "the campaigns take none".to_owned(),
        };
        lines.push(format!("{}: {stated}, {fullest}", side.code()));
    }
    lines.join("\n")
}
