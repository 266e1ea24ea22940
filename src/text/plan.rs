//! The plan's card and what is said about plans.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{count, escape, person_for, short};
use crate::domain::actor::Side;
use crate::domain::adjustment::Adjustment;
use crate::domain::adjustment::impact::Carried;
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::plan::{Plan, PlanState, Signature};
use crate::domain::program::{Partner, Program};
use chrono::{DateTime, Utc};

/// What a plan's card is made of.
pub struct PlanView<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaigns: &'a [Campaign],
    pub signatures: &'a [Signature],
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
    let shown: Vec<&Campaign> = view.campaigns.iter().filter(|campaign| campaign.is_in_terms()).collect();
    card = card.with_wide(&format!("Campaigns ({})", shown.len()), campaigns(&shown));
    card = card.with("Targets", targets(view)).with("Review", reviews(view));
    if matches!(plan.state, PlanState::Proposed) || !view.signatures.is_empty() {
        let until = if plan.state == PlanState::Proposed {
            format!("\nSign by {}.", plan.sign_by)
        } else {
            String::new()
        };
        card = card.with_wide(
            if view.adjusted.is_some() { "Signatures of revision 1" } else { "Signatures" },
            format!("{}\n{}{until}", slot(view, Side::Vendor), slot(view, Side::Partner)),
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
    let filer = by.asked.last().map(|asked| super::person(&asked.by)).unwrap_or_default();
    let signer = by.decided_by.as_deref().map(super::person).unwrap_or_default();
    let on = by.decided_at.map(|at| plan.local_day(at).to_string()).unwrap_or_default();
    format!(
        "By {}: filed by {filer} ({}), countersigned by {signer} on {on}.\nRevision 1 had {} leads, {} pipeline, {} budget.",
        by.name_short(),
        by.side.code(),
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
    if plan.state != PlanState::Proposed {
        return Vec::new();
    }
    let button = |verb: &str, label: &str, style| Button {
        id: format!("plan-{verb}:{}:{}", plan.id, plan.rev),
        label: label.to_owned(),
        style,
    };
    vec![vec![
        button("sign", "Sign", ButtonStyle::Success),
        button("return", "Return…", ButtonStyle::Secondary),
        button("decline", "Decline…", ButtonStyle::Danger),
    ]]
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

fn targets(view: &PlanView<'_>) -> String {
    let Carried { leads, pipeline, budget, .. } = Carried::by(view.campaigns, view.plan.currency);
    let pipeline = match view.plan.jbp.and_then(|jbp| jbp.pipeline_needed()) {
        Some(needed) => format!("{pipeline} pipeline of {needed} that the JBP needs"),
        None => format!("{pipeline} pipeline"),
    };
    format!("{} leads\n{pipeline}\n{budget} budget", count(leads))
}

/// How many coming checkpoints are named.
const DATES_SHOWN: usize = 3;

fn reviews(view: &PlanView<'_>) -> String {
    let plan = view.plan;
    let next: Vec<String> = plan
        .cadence
        .upcoming(view.now, &plan.window())
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
