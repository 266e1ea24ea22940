//! What is said about a plan's readiness and its capacity: scores, what is missing, and the command that mends it.

use super::card::{Card, Colour};
use super::short;
use crate::domain::actor::Side;
use crate::domain::capacity::{MAX_HOURS_A_WEEK, Overfull, Week};
use crate::domain::money::Money;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::readiness::{Aspect, Missing, Readiness, Relief, Said};

/// Items of one score on the first page; the others are on the next ones.
const LINES: usize = 8;
/// Weeks that a warning names; more are counted.
const WEEKS: usize = 3;
/// The most characters that items take in one field of the first page, which leaves room to say where the others are.
const FIELD: usize = 940;
/// The most characters that items take on a page of their own.
const REST: usize = 3_600;
/// Characters of a score's name above its items, which any of them may need.
const HEADING: usize = 40;

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
            format!("Missing: {} … and {} more: `{}`", item(first, plan), more.len(), check(plan))
        }
    };
    format!("{}\n{rest}", scores.join(" · "))
}

fn check(plan: &Plan) -> String {
    format!("/plan check plan:{}", plan.name_short())
}

/// Weeks on one page of the table of hours.
const WEEKS_ON_PAGE: usize = 40;

/// A page of the answer to `/plan check`: the scores with what is missing first, then what else is missing, then the
/// hours week by week. `room` is how many characters are put in front of each short name where it is read.
pub fn page(readiness: &Readiness, plan: &Plan, weeks: &[Week], (page, room): (usize, usize)) -> Card {
    let lacks = Lacks::of(readiness, plan, room);
    let first_weeks = 2 + lacks.pages.len();
    let pages = first_weeks - 1 + weeks.len().div_ceil(WEEKS_ON_PAGE).max(1);
    let page = page.clamp(1, pages);
    let mut card = match page {
        1 => card(readiness, plan, weeks, &lacks),
        page if page < first_weeks => rest(plan, &lacks.pages[page - 2]),
        page => week_by_week(plan, weeks, page - first_weeks),
    };
    card.footer = match page {
        1 => format!("page 1 of {pages} · hours week by week: {} page:{first_weeks}", check(plan)),
        _ => format!("page {page} of {pages}"),
    };
    card
}

/// What is missing, laid out over the pages: every item is on one of them.
struct Lacks {
    /// For each score the items on the first page, and where the others begin.
    first: Vec<(Vec<String>, Option<Left>)>,
    /// The items of each page between the first and the weeks, each with its score.
    pages: Vec<Vec<(Aspect, String)>>,
}

/// Items that are not on the first page.
struct Left {
    count: usize,
    page: usize,
}

impl Lacks {
    fn of(readiness: &Readiness, plan: &Plan, room: usize) -> Self {
        let mut pages: Vec<Vec<(Aspect, String)>> = Vec::new();
        let (mut first, mut taken) = (Vec::new(), REST);
        for score in &readiness.0 {
            let mut shown: Vec<String> =
                score.missing.iter().map(|one| format!("• {}", item(one, plan))).collect();
            let left = shown.split_off(fitting(&shown, room));
            let count = left.len();
            let mut begins = None;
            for line in left {
                let needs = width(&line, room) + HEADING;
                if taken + needs > REST {
                    pages.push(Vec::new());
                    taken = 0;
                }
                taken += needs;
                begins.get_or_insert(pages.len() + 1);
                if let Some(last) = pages.last_mut() {
                    last.push((score.aspect, line));
                }
            }
            first.push((shown, begins.map(|page| Left { count, page })));
        }
        Self { first, pages }
    }
}

/// A page of what did not fit the first.
fn rest(plan: &Plan, items: &[(Aspect, String)]) -> Card {
    let mut lines: Vec<String> = Vec::new();
    let mut before = None;
    for (aspect, line) in items {
        if before.replace(*aspect) != Some(*aspect) {
            lines.push(format!("**{}**, continued", label(*aspect)));
        }
        lines.push(line.clone());
    }
    Card {
        title: format!("What {} {} lacks", plan.name_short(), short(&plan.name, 80)),
        body: lines.join("\n"),
        colour: Colour::Amber,
        ..Card::default()
    }
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
fn card(readiness: &Readiness, plan: &Plan, weeks: &[Week], lacks: &Lacks) -> Card {
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
    for (score, (shown, left)) in readiness.0.iter().zip(&lacks.first) {
        let mut lines = shown.clone();
        if let Some(left) = left {
            lines.push(format!("… and {} more: `{} page:{}`", left.count, check(plan), left.page));
        }
        let said = if lines.is_empty() { "✅ nothing is missing".to_owned() } else { lines.join("\n") };
        card = card.with_wide(&format!("{} · {} %", label(score.aspect), score.percent), said);
    }
    card.with_wide("Hours a week", hours(plan, weeks))
}

/// How many of the lines fit a field of the first page.
fn fitting(all: &[String], room: usize) -> usize {
    let mut taken = 0;
    let fits = |line: &&String| {
        taken += width(line, room) + 1;
        taken <= FIELD
    };
    all.iter().take(LINES).take_while(fits).count()
}

/// Characters of a line where it is read: the vendor's own channel puts the partner in front of short names.
fn width(line: &str, room: usize) -> usize {
    let names: usize = ["CMP-", "PLN-", "PRM-"].iter().map(|noun| line.matches(noun).count()).sum();
    line.chars().count() + names * room
}

/// Once both have signed, each side names its own.
fn review_owner(plan: &Plan, side: &str) -> String {
    let who = if plan.state.is_in_force() { format!("the {side} says ") } else { String::new() };
    format!(
        "nobody of the {side} answers for the reviews: {who}`/plan edit plan:{} {side}-owner:…`",
        plan.name_short()
    )
}

/// One missing thing with the command that mends it.
pub fn item(missing: &Missing, plan: &Plan) -> String {
    let draft = matches!(plan.state, PlanState::Draft);
    match missing {
        Missing::Campaign => format!("there is no campaign: {}", add(plan)),
        Missing::Said { campaign, what } => {
            let (lack, option) = said(*what);
            format!("CMP-{campaign} {lack}: {}", edit_campaign(plan, *campaign, option))
        }
        Missing::Check { campaign, code, label } => {
            format!("CMP-{campaign}, {label}: `/campaign check campaign:CMP-{campaign} item:{code} done:yes`")
        }
        Missing::Request { campaign } => {
            let from = if draft { ", once the plan is proposed" } else { "" };
            format!(
                "CMP-{campaign} counts on MDF, no request is filed: \
                 `/mdf request campaign:CMP-{campaign} cost:… amount:… purpose:… fund:…`{from}"
            )
        }
        Missing::PipelineTarget { campaign } => {
            format!("CMP-{campaign} has no pipeline target: {}", edit_campaign(plan, *campaign, "pipeline"))
        }
        Missing::Promise(side) => promise(plan, *side),
        Missing::RoutingHours => {
            format!("no time for accepting leads is set: {}", edit(plan, "routing-hours:…"))
        }
        Missing::SignBy { was } => {
            format!("it was to be signed by {was}, which has passed: {}", edit(plan, "sign-by:…"))
        }
        Missing::Signature(side) => {
            let first = if draft {
                format!("`/plan propose plan:{}`, then ", plan.name_short())
            } else {
                String::new()
            };
            format!("the {} has not signed: {first}*Sign* on the plan's card", side.code())
        }
        Missing::Jbp => format!(
            "no joint business plan says what the plan must carry: {}",
            edit(plan, "jbp-revenue:… marketing-share:… win-rate:…")
        ),
        Missing::Pipeline { short_by, raise } => pipeline(plan, *short_by, *raise),
        Missing::Hours(side) => format!(
            "the {} has not stated its hours a week: {}",
            side.code(),
            edit(plan, &format!("{}-hours:…", side.code()))
        ),
        Missing::Overfull { side, weeks, needs, relief } => {
            format!("{}: {}", overfull(weeks), relieved(plan, *side, *needs, *relief))
        }
        Missing::Checkpoint => format!("no checkpoint comes before the end: {}", edit(plan, "cadence:…")),
        Missing::ReviewOwner(side) => review_owner(plan, side.code()),
        Missing::NotHeld { due_on } => format!(
            "the checkpoint of {due_on} is not posted yet: nobody has to type anything, the bot posts it by itself"
        ),
        Missing::NotAcknowledged { checkpoint, due_on, side } => format!(
            "the {} has not acknowledged the checkpoint of {due_on}: `/checkpoint acknowledge plan:{} number:{checkpoint}`",
            side.code(),
            plan.name_short()
        ),
        Missing::PromiseOpen { promise, due_on, side } => {
            format!(
                "PRM-{promise} of the {} was due on {due_on}: the {} says `/promise keep promise:PRM-{promise}`, \
                 or either side `/promise break promise:PRM-{promise}`",
                side.code(),
                side.other().code()
            )
        }
    }
}

fn pipeline(plan: &Plan, short_by: Money, raise: Option<i64>) -> String {
    let raise = raise.map(|campaign| format!("{} or ", edit_campaign(plan, campaign, "pipeline")));
    let (end, raise) = (plan.period.end(), raise.unwrap_or_default());
    format!("{short_by} of the JBP's need is not planned by {end}: {raise}{}", add(plan))
}

/// While a plan is drafted anyone of either side writes a promise into it; afterwards each side promises for itself.
fn promise(plan: &Plan, side: Side) -> String {
    let (side, name) = (side.code(), plan.name_short());
    let by = if plan.state.is_in_force() { format!(", typed by the {side}") } else { String::new() };
    format!(
        "the {side} has promised nothing with a date: `/promise make what:… due:… side:{side} plan:{name}`{by}"
    )
}

/// What relieves overfull weeks: more hours, as long as a week has so many, or a campaign that asks less of it.
fn relieved(plan: &Plan, side: Side, needs: Option<i64>, relief: Option<Relief>) -> String {
    let Some(needs) = needs else { return "over, and so it stays".to_owned() };
    let side = side.code();
    let mut ways = Vec::new();
    if needs <= MAX_HOURS_A_WEEK {
        ways.push(edit(plan, &format!("{side}-hours:{needs}")));
    }
    if let Some(Relief { campaign, can_move }) = relief {
        if can_move {
            ways.push(edit_campaign(plan, campaign, "start"));
        }
        ways.push(edit_campaign(plan, campaign, &format!("effort-{side}")));
    }
    ways.join(" or ")
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

/// What is signed is changed by an adjustment, which needs a reason.
fn reason(plan: &Plan) -> &'static str {
    if plan.state.is_in_force() { " reason:…" } else { "" }
}

/// The plan is named, because without it the newest open one is meant.
fn edit(plan: &Plan, options: &str) -> String {
    format!("`/plan edit plan:{} {options}{}`", plan.name_short(), reason(plan))
}

fn edit_campaign(plan: &Plan, campaign: i64, option: &str) -> String {
    format!("`/campaign edit campaign:CMP-{campaign} {option}:…{}`", reason(plan))
}

fn add(plan: &Plan) -> String {
    format!(
        "`/campaign add name:… type:… start:… leads:… pipeline:… plan:{}{}`",
        plan.name_short(),
        reason(plan)
    )
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
