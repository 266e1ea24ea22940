//! The plan's card and what is said about plans.

use super::card::{Button, ButtonStyle, Card, Colour, Form, Input};
use super::{count, escape, person, person_for, readiness, short};
use crate::domain::actor::Side;
use crate::domain::adjustment::Adjustment;
use crate::domain::adjustment::impact::Carried;
use crate::domain::campaign::{Campaign, CampaignState, FundingSource};
use crate::domain::capacity::Overfull;
use crate::domain::money::Money;
use crate::domain::outlook::Outlook;
use crate::domain::plan::{Plan, PlanState, Signature};
use crate::domain::program::{Partner, Program};
use crate::domain::readiness::Readiness;
use crate::domain::task::WHAT_LIMIT;
use chrono::{DateTime, Utc};

/// What a plan's card is made of.
pub struct PlanView<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaigns: &'a [Campaign],
    pub signatures: &'a [Signature],
    /// What those who have signed were warned of.
    pub warned: &'a [Overfull],
    /// The weeks that ask more of a side than it states, as it stands.
    pub overfull: &'a [Overfull],
    pub outlook: &'a Outlook<'a>,
    pub readiness: &'a Readiness,
    /// SHA-256 of the signed revision, or of what is to be signed.
    pub sha256: &'a str,
    /// What made the revision in force, if that is not the first.
    pub adjusted: Option<Adjusted<'a>>,
    pub now: DateTime<Utc>,
}

/// How a plan has changed since both sides signed it.
pub struct Adjusted<'a> {
    /// What revision 1 carried.
    pub baseline: Carried,
    /// The adjustment that became the revision in force.
    pub by: &'a Adjustment,
    /// Under it.
    pub signatures: &'a [Signature],
    /// What those who signed it were warned of.
    pub warned: &'a [Overfull],
}

/// Characters that campaigns may take on a card, which leaves room to count those that don't fit; a field is cut at
/// 1,024. `/campaign list` pages through all of them.
const CAMPAIGNS_ON_CARD: usize = 950;

/// The plan's card, with the buttons that apply to its state.
pub fn card(view: &PlanView<'_>) -> Card {
    let plan = view.plan;
    let mut card = Card {
        title: format!("{} · {} · {}", plan.name_short(), short(&plan.name, 80), plan.state.label()),
        body: format!(
            "Joint marketing plan of **{}** and **{}**, {} to {} ({}, {}).",
            short(&view.program.name, 80),
            short(&view.partner.name, 80),
            plan.period.start(),
            plan.period.end(),
            plan.currency.code(),
            plan.zone.name(),
        ),
        colour: colour(plan.state),
        buttons: buttons(plan),
        footer: match view.adjusted {
            Some(_) => format!("revision {} · SHA-256 {}", plan.revision, view.sha256),
            None => format!("rev {} · SHA-256 {}", plan.rev, view.sha256),
        },
        pin: true,
        ..Card::default()
    };
    if let Some(reason) = &plan.returned_reason {
        let word = match plan.state {
            PlanState::Declined => "Declined",
            PlanState::Cancelled => "Cancelled",
            _ => "Returned",
        };
        card.body.push_str(&format!("\n{word}: {}", short(reason, 500)));
    }
    if plan.state == PlanState::Draft && plan.is_late(plan.local_day(view.now)) {
        card.body.push_str(&format!(
            "\n⚠ It was to be signed by {}, which has passed. Before it can be proposed: `/plan edit sign-by:…`",
            plan.sign_by
        ));
    }
    let shown: Vec<&Campaign> = view.campaigns.iter().filter(|campaign| campaign.is_in_terms()).collect();
    card = card.with_wide(&format!("Campaigns ({})", shown.len()), campaigns(&shown));
    card = card.with("Targets", targets(view)).with("Review", reviews(view)).with("Funding", funding(view));
    card = card.with_wide("Readiness", readiness::line(view.readiness, plan));
    if !view.overfull.is_empty() && matches!(plan.state, PlanState::Draft | PlanState::Proposed) {
        card = card.with_wide("⚠ Too much for the hours stated", overfull(view.overfull));
    }
    if matches!(plan.state, PlanState::Proposed) || !view.signatures.is_empty() {
        let until = if plan.state == PlanState::Proposed {
            format!("\nSign by {}.", plan.sign_by)
        } else {
            String::new()
        };
        card = card.with_wide(
            if view.adjusted.is_some() { "Signatures of revision 1" } else { "Signatures" },
            format!(
                "{}\n{}{until}{}",
                slot(view, Side::Vendor),
                slot(view, Side::Partner),
                warned(view.warned)
            ),
        );
    }
    match &view.adjusted {
        Some(adjusted) => card.with_wide(&format!("Revision {}", plan.revision), revision(plan, adjusted)),
        None => card,
    }
}

/// Who made the revision in force, and what the plan carried at first.
fn revision(plan: &Plan, adjusted: &Adjusted<'_>) -> String {
    let (by, first) = (adjusted.by, &adjusted.baseline);
    let filer = by.asked.last().map(|asked| person(&asked.by)).unwrap_or_default();
    let signers = adjusted.signatures.iter();
    let signers: Vec<String> =
        signers.map(|one| person_for(&one.person, one.stands_for.as_deref())).collect();
    let signers = signers.join(" and ");
    let on = by.decided_at.map(|at| plan.local_day(at).to_string()).unwrap_or_default();
    format!(
        "By {}: filed by {filer} ({}), signed by {signers}, in force from {on}.{}\nRevision 1 had {} leads, {} pipeline, {} budget.",
        by.name_short(),
        by.side.code(),
        warned(adjusted.warned),
        count(first.leads),
        first.pipeline,
        first.budget
    )
}

fn colour(state: PlanState) -> Colour {
    match state {
        PlanState::Draft | PlanState::Closed | PlanState::Closing => Colour::Grey,
        PlanState::Proposed => Colour::Amber,
        PlanState::Agreed | PlanState::Active => Colour::Green,
        PlanState::Declined | PlanState::Expired | PlanState::Cancelled => Colour::Red,
    }
}

fn buttons(plan: &Plan) -> Vec<Vec<Button>> {
    match plan.state {
        PlanState::Draft => next_steps(plan),
        PlanState::Agreed | PlanState::Active | PlanState::Closing => vec![either_side(plan)],
        PlanState::Closed | PlanState::Declined | PlanState::Expired | PlanState::Cancelled => {
            vec![vec![campaigns_button(plan)]]
        }
        PlanState::Proposed => {
            let button = |verb: &str, label: &str, style| Button {
                id: format!("plan-{verb}:{}:{}", plan.id, plan.rev),
                label: label.to_owned(),
                style,
            };
            let decide = [
                button("sign", "Sign", ButtonStyle::Success),
                button("return", "Return…", ButtonStyle::Secondary),
                button("decline", "Decline…", ButtonStyle::Danger),
            ];
            vec![decide.into_iter().chain(either_side(plan)).collect()]
        }
    }
}

/// What a person of either side may want of a plan, whatever it waits for.
fn either_side(plan: &Plan) -> Vec<Button> {
    let promise = Button {
        id: format!("plan-promise:{}:{}", plan.id, plan.shown_rev()),
        label: "Promise…".to_owned(),
        style: ButtonStyle::Secondary,
    };
    vec![promise, campaigns_button(plan)]
}

/// It only looks, so it goes stale with nothing and stays on a plan that is over.
fn campaigns_button(plan: &Plan) -> Button {
    Button {
        id: format!("plan-campaigns:{}:1", plan.id),
        label: "Campaigns".to_owned(),
        style: ButtonStyle::Secondary,
    }
}

/// What a draft needs next. These decide nothing that somebody else relies on, so they carry no rev and don't go stale.
pub fn next_steps(plan: &Plan) -> Vec<Vec<Button>> {
    let button = |verb: &str, label: &str, style| Button {
        id: format!("plan-{verb}:{}:0", plan.id),
        label: label.to_owned(),
        style,
    };
    let next = [
        button("add", "Add campaign…", ButtonStyle::Primary),
        button("hours", "Set hours…", ButtonStyle::Secondary),
        button("propose", "Propose", ButtonStyle::Success),
    ];
    vec![next.into_iter().chain(either_side(plan)).collect()]
}

/// The card in an answer that only one person sees. What decides belongs to the one card in the shared channel; what a
/// draft needs next may be pressed here as well.
#[must_use]
pub fn for_one_person(mut card: Card, plan: &Plan) -> Card {
    if plan.state != PlanState::Draft {
        card.buttons.clear();
    }
    card
}

/// The form for a new campaign.
pub fn campaign_form(plan: &Plan) -> Form {
    let input = |id: &str, label: &str, placeholder: &str, required| Input {
        id: id.to_owned(),
        label: label.to_owned(),
        placeholder: placeholder.to_owned(),
        long: false,
        required,
        max_length: 100,
        value: String::new(),
    };
    Form {
        id: format!("plan-add:{}:0", plan.id),
        title: format!("Add a campaign to {}", plan.name_short()),
        inputs: vec![
            input("name", "Name", "Spring webinar", true),
            input("type", "Type", "Webinar, Email, Trade show, Paid search …", true),
            input("dates", "Day, or first and last day", "2026-02-10 to 2026-02-12", true),
            input("targets", "Target: leads, pipeline", "40 leads, 120k", true),
            input("budget", "Budget, and what MDF pays of it", "20k, 50%", false),
        ],
    }
}

/// The form in which a side promises something. While both sides are about to sign, a promise is a change of what they sign.
pub fn promise_form(plan: &Plan, side: Side) -> Form {
    let voids = if plan.state == PlanState::Proposed { " (voids signatures)" } else { "" };
    let input = |id: &str, label: String, placeholder: &str, max_length| Input {
        id: id.to_owned(),
        label,
        placeholder: placeholder.to_owned(),
        long: false,
        required: true,
        max_length,
        value: String::new(),
    };
    let longest = u16::try_from(WHAT_LIMIT).unwrap_or(u16::MAX);
    let what = format!("What the {} promises", side.code());
    Form {
        id: format!("plan-promise:{}:{}", plan.id, plan.shown_rev()),
        title: format!("Promise for {}{voids}", plan.name_short()),
        inputs: vec![
            Input { long: true, ..input("what", what, "200 prospects with consent", longest) },
            input("due", "By when".to_owned(), "2026-02-10, next friday …", 100),
        ],
    }
}

/// The form for hours.
pub fn hours_form(plan: &Plan) -> Form {
    let input = |id: &str, label: &str, placeholder: &str| Input {
        id: id.to_owned(),
        label: label.to_owned(),
        placeholder: placeholder.to_owned(),
        long: false,
        required: false,
        max_length: 10,
        value: String::new(),
    };
    Form {
        id: format!("plan-hours:{}:0", plan.id),
        title: format!("Hours of {}", plan.name_short()),
        inputs: vec![
            input("vendor", "The vendor's hours a week", "10"),
            input("partner", "The partner's hours a week", "20"),
            input("routing", "Leads are accepted within (hours)", "24"),
        ],
    }
}

/// That somebody answers for a plan's reviews on a side from now on.
pub fn answers(plan: &Plan, side: Side, owner: &str, by: &str) -> String {
    format!(
        "{} answers for the reviews of {} on the {}'s side now, says {}.",
        person(owner),
        plan.name_short(),
        side.code(),
        person(by)
    )
}

fn campaigns(campaigns: &[&Campaign]) -> String {
    if campaigns.is_empty() {
        return "None yet. Add one with `/campaign add`.".to_owned();
    }
    let (mut lines, mut taken) = (Vec::new(), 0);
    for line in campaigns.iter().map(|campaign| line(campaign)) {
        taken += line.chars().count() + 1;
        if taken > CAMPAIGNS_ON_CARD {
            break;
        }
        lines.push(line);
    }
    if campaigns.len() > lines.len() {
        lines.push(format!("… and {} more: `/campaign list`", campaigns.len() - lines.len()));
    }
    lines.join("\n")
}

/// One campaign in one line.
pub fn line(campaign: &Campaign) -> String {
    let standing = match (campaign.state, campaign.cancelled_from) {
        (CampaignState::Cancelled, Some(from)) => format!(" · cancelled from {from}"),
        (CampaignState::Cancelled, None) => " · cancelled".to_owned(),
        (CampaignState::Postponed, _) => " · postponed, no date".to_owned(),
        _ if campaign.stopped.is_some() => " · stopped".to_owned(),
        _ => String::new(),
    };
    format!(
        "`{}` {} · {} · {} to {}{standing}",
        campaign.name_short(),
        short(&campaign.name, 30),
        campaign.kind.label(),
        campaign.period.start(),
        campaign.period.end(),
    )
}

/// Who pays how much of what is planned, to the last minor unit.
fn funding(view: &PlanView<'_>) -> String {
    let currency = view.plan.currency;
    let planned = view.campaigns.iter().filter(|campaign| campaign.is_planned());
    let lines: Vec<_> = planned.flat_map(|campaign| &campaign.budget).collect();
    if lines.is_empty() {
        return "no budget line".to_owned();
    }
    let paid_by = |source: FundingSource| {
        let shares = lines.iter().flat_map(|line| &line.shares);
        Money::sum(currency, shares.filter(|(by, _)| *by == source).map(|(_, share)| *share))
    };
    let total = Money::sum(currency, lines.iter().map(|line| line.planned));
    let sources = FundingSource::ALL.iter().map(|source| (source.label(), paid_by(*source)));
    let said = sources.chain([("together", total)]).map(|(who, sum)| match sum {
        Ok(sum) => format!("{who}: {sum}"),
        Err(_) => format!("{who}: more than can be counted"),
    });
    said.collect::<Vec<_>>().join("\n")
}

/// Campaigns named that bring pipeline after the period.
const LATE_SHOWN: usize = 4;

fn targets(view: &PlanView<'_>) -> String {
    let (plan, outlook) = (view.plan, view.outlook);
    let end = plan.period.end();
    let (leads_by_end, leads) = outlook.leads;
    let mut lines = vec![if leads_by_end == leads {
        format!("{} leads", count(leads))
    } else {
        format!("{} leads, {} of them by {end}", count(leads), count(leads_by_end))
    }];
    lines.push(format!("{} pipeline planned by {end}", outlook.by_end));
    match (outlook.needed, outlook.short_by()) {
        (Some(needed), Some(short)) => lines.push(format!("of {needed} that the JBP needs: {short} short")),
        (Some(needed), None) => lines.push(format!("of {needed} that the JBP needs: enough")),
        (None, _) => {}
    }
    if !outlook.late.is_empty() {
        let mut late: Vec<String> = outlook
            .late
            .iter()
            .take(LATE_SHOWN)
            .map(|(campaign, after)| format!("`{}` {after}", campaign.name_short()))
            .collect();
        if outlook.late.len() > LATE_SHOWN {
            late.push(format!("{} more", outlook.late.len() - LATE_SHOWN));
        }
        lines.push(format!("{} comes after it: {}", outlook.after, late.join(", ")));
    }
    if let Ok(budget) = Money::sum(
        plan.currency,
        view.campaigns.iter().filter(|campaign| campaign.is_planned()).filter_map(Campaign::budget_total),
    ) {
        lines.push(format!("{budget} budget"));
    }
    lines.join("\n")
}

fn overfull(weeks: &[Overfull]) -> String {
    format!("{}.", super::capital(&readiness::overfull(weeks)))
}

/// That somebody signed although the hours don't hold: the warning stays with the decision.
pub(super) fn warned(weeks: &[Overfull]) -> String {
    if weeks.is_empty() {
        return String::new();
    }
    format!("\nSigned knowing that the hours stated don't hold. {}", overfull(weeks))
}

/// How many coming checkpoints are named.
const DATES_SHOWN: usize = 3;

fn reviews(view: &PlanView<'_>) -> String {
    let plan = view.plan;
    let next: Vec<String> = plan
        .upcoming(view.now)
        .take(DATES_SHOWN)
        .map(|slot| slot.local.format("%Y-%m-%d %H:%M").to_string())
        .collect();
    let next = if next.is_empty() { "none left".to_owned() } else { next.join(", ") };
    format!("{}\nNext: {next}", plan.cadence.label(plan.zone))
}

fn slot(view: &PlanView<'_>, side: Side) -> String {
    let company = match side {
        Side::Vendor => escape(&view.program.name),
        Side::Partner => escape(&view.partner.name),
    };
    match view.signatures.iter().find(|signature| signature.side == side) {
        Some(signature) => format!(
            "✅ {company}: {} on {}",
            person_for(&signature.person, signature.stands_for.as_deref()),
            view.plan.local_day(signature.signed_at)
        ),
        None => format!("⬜ {company}: not signed"),
    }
}
