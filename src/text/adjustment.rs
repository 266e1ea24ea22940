//! What is said about adjustments, stops, and what ends with a cancelled campaign.

mod change;

pub use change::document;

use super::card::{Button, ButtonStyle, Card, Colour, Field, Form};
use super::request::reason_form;
use super::{capital, count, escape, person, person_for, readiness, short};
use crate::domain::actor::Side;
use crate::domain::adjustment::impact::{Impact, Reach};
use crate::domain::adjustment::{Adjustment, AdjustmentState, Change, Outcome};
use crate::domain::campaign::{Campaign, CampaignState, Stopped};
use crate::domain::capacity::Overfull;
use crate::domain::money::Money;
use crate::domain::plan::{Plan, PlanState, Signature};
use crate::domain::program::{Partner, Program};
use crate::domain::request::{MdfRequest, RequestState};

/// What an adjustment's card is made of.
pub struct AdjustmentView<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub adjustment: &'a Adjustment,
    /// The plan's campaigns as they are.
    pub before: &'a [Campaign],
    /// And as they would be.
    pub outcome: &'a Outcome,
    pub impact: &'a Impact,
    /// All requests of the plan.
    pub requests: &'a [MdfRequest],
    /// Those given on its rev.
    pub signatures: &'a [Signature],
    /// What a signature binds.
    pub sha256: &'a str,
    /// What those who signed it were warned of.
    pub warned: &'a [Overfull],
}

/// What ended with a campaign or a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Requests by their short names, with what they held.
    pub requests: Vec<(String, Option<Money>)>,
    pub tasks: usize,
    pub promises: usize,
}

/// Characters that all fields and texts of a card have, with some left for what delivery adds.
const CARD_MAX: usize = 5_700;
/// Characters of all reasons together on the card, and of one at least and at most.
const REASONS_MAX: usize = 800;
const REASON_LEAST: usize = 60;
const REASON_MOST: usize = 250;
/// What a card says of sums that stay as they are.
const UNCHANGED: &str = "Unchanged.";

/// The card of an adjustment that waits: before → after of each campaign, and what that does to the plan. What does not fit
/// is in [`document`], and the card says so.
pub fn card(view: &AdjustmentView<'_>) -> Card {
    let (adjustment, plan) = (view.adjustment, view.plan);
    let mut card = Card {
        title: title(adjustment, plan),
        body: body(view),
        colour: colour(adjustment.state),
        buttons: buttons(adjustment, view.signatures),
        footer: format!(
            "{} · revision {} → {} · rev {} · SHA-256 {}",
            plan.name_short(),
            adjustment.base_revision,
            adjustment.base_revision + 1,
            adjustment.rev,
            view.sha256
        ),
        ..Card::default()
    };
    let after = after_changes(view);
    let length = |text: &str| text.chars().count();
    let fixed: usize = after.iter().map(|(name, value)| length(name) + length(value)).sum();
    let taken = length(&card.title) + length(&card.body) + length(&card.footer) + length(NOT_ALL) + fixed;
    let shown = change::shown(view, CARD_MAX.saturating_sub(taken));
    if shown.is_cut || adjustment.asked.iter().any(|asked| length(&asked.reason) > reason_max(view)) {
        card.body.push_str(NOT_ALL);
    }
    for (name, value) in shown.fields {
        card = card.with_wide(&name, value);
    }
    after.into_iter().fold(card, |card, (name, value)| card.with_wide(name, value))
}

/// What stands below the changes.
fn after_changes(view: &AdjustmentView<'_>) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    fields.extend(change::capacity(view).map(|weeks| ("Hours a week", weeks)));
    fields.push(("The plan's targets and budget", carried(view)));
    fields.push(("MDF committed", committed(view, 300)));
    let signed =
        format!("{}\n{}", slot(view, view.adjustment.side), slot(view, view.adjustment.side.other()));
    fields.push(("Signatures", format!("{signed}{}", super::plan::warned(view.warned))));
    fields
}

const NOT_ALL: &str = "\n*Read in full* shows what is cut here. A signature binds the whole.";

/// Characters of a reason on the card.
fn reason_max(view: &AdjustmentView<'_>) -> usize {
    (REASONS_MAX / view.adjustment.asked.len().max(1)).clamp(REASON_LEAST, REASON_MOST)
}

/// One side's signature, or that it is missing.
fn slot(view: &AdjustmentView<'_>, side: Side) -> String {
    let company = match side {
        Side::Vendor => short(&view.program.name, 80),
        Side::Partner => short(&view.partner.name, 80),
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

fn title(adjustment: &Adjustment, plan: &Plan) -> String {
    format!("{} · {} · {}", adjustment.name_short(), plan.name_short(), adjustment.state.label())
}

fn filed_by(view: &AdjustmentView<'_>) -> String {
    let adjustment = view.adjustment;
    let company = match adjustment.side {
        Side::Vendor => short(&view.program.name, 80),
        Side::Partner => short(&view.partner.name, 80),
    };
    let mut said = format!(
        "Filed by **{company}** on {}. It changes what both sides have signed, from the day on which both have signed \
         this as well.",
        view.plan.local_day(adjustment.filed_at)
    );
    if view.outcome.ends_plan {
        said.push_str(&format!("\n**It cancels {} as a whole.**", view.plan.name_short()));
    }
    said
}

fn body(view: &AdjustmentView<'_>) -> String {
    let mut lines = vec![filed_by(view), "Reasons:".to_owned()];
    for asked in &view.adjustment.asked {
        let what = what(&asked.change, view);
        lines.push(format!("• {what}: {} ({})", short(&asked.reason, reason_max(view)), person(&asked.by)));
    }
    lines.join("\n")
}

fn what(change: &Change, view: &AdjustmentView<'_>) -> String {
    let name = |id: &str| {
        let found = view.outcome.campaigns.iter().find(|campaign| campaign.id == id);
        found.map(Campaign::name_short).unwrap_or_default()
    };
    match change {
        Change::Edit { to } => format!("edit {}", to.name_short()),
        Change::Add { campaign } => format!("add {}", campaign.name_short()),
        Change::Postpone { campaign, to: Some(to) } => {
            format!("postpone {} to {}", name(campaign), to.start())
        }
        Change::Postpone { campaign, to: None } => format!("postpone {} without a date", name(campaign)),
        Change::Cancel { campaign } => format!("cancel {}", name(campaign)),
        Change::Terms { .. } => format!("edit {}", view.plan.name_short()),
        Change::CancelPlan => format!("cancel {}", view.plan.name_short()),
    }
}

fn reach(reach: &Reach) -> String {
    let needed = reach.needed.map(|needed| format!(" of {needed}")).unwrap_or_default();
    format!("{}{needed}", reach.by_end)
}

fn carried(view: &AdjustmentView<'_>) -> String {
    let (before, after) = (&view.impact.before, &view.impact.after);
    let pairs = [
        ("Leads", count(before.leads), count(after.leads)),
        ("Pipeline", before.pipeline.to_string(), after.pipeline.to_string()),
        ("Won revenue", before.won.to_string(), after.won.to_string()),
        ("Budget", before.budget.to_string(), after.budget.to_string()),
    ];
    let mut changed: Vec<String> = pairs
        .iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| format!("{what}: {before} → {after}"))
        .collect();
    let (old, new) = &view.impact.reach;
    if old != new && (old.needed.is_some() || new.needed.is_some()) {
        let end = view.plan.period.end();
        changed.push(format!("JBP, pipeline by {end}: {} → {}", reach(old), reach(new)));
    }
    if changed.is_empty() { UNCHANGED.to_owned() } else { changed.join("\n") }
}

/// Changes of what approved requests hold, and the open ones that end, in at most `most` characters.
fn committed(view: &AdjustmentView<'_>, most: usize) -> String {
    let mut lines: Vec<String> = view
        .impact
        .committed
        .iter()
        .filter(|(before, after)| before != after)
        .map(|(before, after)| format!("{before} → {after}"))
        .collect();
    let ends = |id: &str| {
        view.outcome
            .changed(view.before)
            .any(|(_, after)| after.id == id && after.state == CampaignState::Cancelled)
    };
    let names: Vec<String> = view
        .requests
        .iter()
        .filter(|one| {
            let goes =
                ends(&one.campaign_id) || (view.outcome.ends_plan && one.state != RequestState::Approved);
            goes && one.state.is_open()
        })
        .map(MdfRequest::name_short)
        .collect();
    if !names.is_empty() {
        lines.push(format!("Open requests that are cancelled: {}", short(&names.join(", "), most)));
    }
    if lines.is_empty() { UNCHANGED.to_owned() } else { lines.join("\n") }
}

fn colour(state: AdjustmentState) -> Colour {
    match state {
        AdjustmentState::Proposed => Colour::Amber,
        AdjustmentState::Agreed => Colour::Green,
        AdjustmentState::Declined => Colour::Red,
        AdjustmentState::Withdrawn | AdjustmentState::Superseded => Colour::Grey,
    }
}

/// Each side's own way to sign, as long as it has not.
fn buttons(adjustment: &Adjustment, given: &[Signature]) -> Vec<Vec<Button>> {
    let button = |verb: &str, label: &str, style| Button {
        id: format!("adjustment-{verb}:{}:{}", adjustment.id, adjustment.rev),
        label: label.to_owned(),
        style,
    };
    let open = |side: Side| !given.iter().any(|signature| signature.side == side);
    let mut row = Vec::new();
    if open(adjustment.side) {
        row.push(button("sign", "Sign", ButtonStyle::Success));
    }
    if open(adjustment.side.other()) {
        row.push(button("countersign", "Countersign", ButtonStyle::Success));
    }
    row.push(button("decline", "Decline…", ButtonStyle::Danger));
    row.push(button("withdraw", "Withdraw", ButtonStyle::Secondary));
    row.push(button("read", "Read in full", ButtonStyle::Secondary));
    vec![row]
}

/// The card once it is decided: what was read stays, the buttons go, the decision is added.
pub fn concluded(mut card: Card, over: &Adjustment) -> Card {
    let waiting = AdjustmentState::Proposed.label();
    card.title = card.title.replace(waiting, over.state.label());
    card.colour = colour(over.state);
    card.buttons.clear();
    let by = over.decided_by.as_deref().map(|by| format!("by {}", person(by))).unwrap_or_default();
    let value = match (over.state, over.revision, &over.decided_reason) {
        (AdjustmentState::Agreed, Some(revision), _) => {
            format!("Revision {revision} of the plan, signed by both sides.")
        }
        (AdjustmentState::Superseded, ..) => {
            "The plan has changed by another way since. File it again if it is still needed.".to_owned()
        }
        (state, _, Some(reason)) => format!("{} {by}: {}", capital(state.label()), short(reason, 500)),
        (state, ..) => format!("{} {by}.", capital(state.label())),
    };
    card.fields.push(Field { name: "Decision".to_owned(), value, inline: false });
    card
}

/// The answer to whoever filed it; `is_signed` if filing has signed it for their side, `weeks` ask too much with it.
pub fn filed(
    adjustment: &Adjustment,
    plan: &Plan,
    (is_new, is_signed): (bool, bool),
    weeks: &[Overfull],
) -> String {
    let (name, other) = (adjustment.name_short(), adjustment.side.other().code());
    let what = if is_new {
        format!("{} is signed by both sides, so this is filed as {name}", plan.name_short())
    } else {
        format!("This is added to {name}, which has {} changes now", adjustment.asked.len())
    };
    let mut said = if is_signed {
        format!("{what}, signed by you. It waits for the {other}'s countersignature.")
    } else {
        format!("{what}. It waits for a signature of your side and for the {other}'s countersignature.")
    };
    if !weeks.is_empty() {
        said.push_str(&format!(" ⚠ With it, {}.", readiness::overfull(weeks)));
    }
    said
}

/// That a campaign is not part of its plan yet, because an adjustment that waits only adds it.
pub fn not_there_yet(campaign: &Campaign, adjustment: &Adjustment, plan: &Plan) -> String {
    format!(
        "{} comes with {}, which waits for signatures: until then it is not part of {}.",
        campaign.name_short(),
        adjustment.name_short(),
        plan.name_short()
    )
}

/// The answer to whoever signed first.
pub fn half_signed(adjustment: &Adjustment, waits_for: Option<Side>) -> String {
    let other = waits_for.map_or("other side", Side::code);
    format!("Signed. {} waits for the {other}'s signature.", adjustment.name_short())
}

/// What became of an adjustment that was not agreed.
pub fn decided(adjustment: &Adjustment, plan: &Plan) -> String {
    let reason = super::because(adjustment.decided_reason.as_deref(), 500);
    format!(
        "{} is {}{reason}. {} stays at revision {}.",
        adjustment.name_short(),
        adjustment.state.label(),
        plan.name_short(),
        plan.revision
    )
}

/// What an adjustment did, for both sides.
pub fn agreed(adjustment: &Adjustment, plan: &Plan, done: &Ended) -> String {
    let end = if plan.state == PlanState::Cancelled {
        format!(" {} is cancelled.", plan.name_short())
    } else {
        String::new()
    };
    format!(
        "{} is signed by both sides: {} is at revision {}.{end}{}",
        adjustment.name_short(),
        plan.name_short(),
        plan.revision,
        ended(done)
    )
}

/// That stops which a side had signed have to be signed anew, because the plan is another; empty if there are none.
pub fn stops_unsigned(campaigns: &[String]) -> String {
    let said = campaigns
        .iter()
        .map(|name| format!(" The stop of {name} has to be signed anew by the side that stopped it."));
    said.collect()
}

/// What ended with it, as further sentences; empty if nothing did.
pub fn ended(ended: &Ended) -> String {
    let mut said = String::new();
    for (name, held) in &ended.requests {
        said.push_str(&match held {
            Some(held) => format!(" {name} is cancelled and {held} released."),
            None => format!(" {name} is cancelled."),
        });
    }
    for (number, one, many) in [
        (ended.tasks, "task is closed", "tasks are closed"),
        (ended.promises, "promise is withdrawn", "promises are withdrawn"),
    ] {
        if number > 0 {
            said.push_str(&format!(" {number} {}.", if number == 1 { one } else { many }));
        }
    }
    said
}

/// The card of a stop: with buttons while it lasts, with its end afterwards.
pub fn stop_card(campaign: &Campaign, stopped: &Stopped, lasts: bool) -> Card {
    let name = campaign.name_short();
    let (word, colour) = match (lasts, campaign.state) {
        (true, _) => ("stopped", Colour::Amber),
        (false, CampaignState::Cancelled) => ("cancelled", Colour::Red),
        (false, CampaignState::Closed) => ("closed", Colour::Grey),
        (false, _) => ("no longer stopped", Colour::Grey),
    };
    let button = |verb: &str, label: &str, style| Button {
        id: match verb {
            // Bound to the signature that is countersigned.
            "countersign" => format!("stop-{verb}:{}:{}", campaign.id, stopped.mark()),
            _ => format!("stop-{verb}:{}:{}", campaign.id, stopped.at.timestamp_millis()),
        },
        label: label.to_owned(),
        style,
    };
    let mut card = Card {
        title: format!("{name} · {} · {word}", short(&campaign.name, 80)),
        body: format!(
            "The {} stopped it ({}): {}",
            stopped.side.code(),
            person(&stopped.by),
            short(&stopped.reason, 500)
        ),
        colour,
        ..Card::default()
    };
    if lasts {
        card.body.push_str(&signed_by(stopped));
        if let Some(signed) = &stopped.signed {
            card.footer = format!("changes revision {} · SHA-256 {}", signed.revision, signed.content_sha256);
        }
        card.body.push_str(
            "\nIt takes no requests and no claims, nobody is reminded of it, and nothing of it runs out. The other side \
             countersigns, which cancels it; the side that stopped it can let it run again.",
        );
        let mut row = vec![
            button("countersign", "Countersign", ButtonStyle::Danger),
            button("resume", "Resume", ButtonStyle::Secondary),
        ];
        if stopped.signed.is_none() {
            row.insert(0, button("sign", "Sign", ButtonStyle::Danger));
        }
        card.buttons = vec![row];
    }
    card
}

/// Whose signature a stop has, or that somebody of the side that stopped still has to sign.
fn signed_by(stopped: &Stopped) -> String {
    match &stopped.signed {
        Some(signed) => {
            format!("\nSigned for that side by {}.", person_for(&signed.person, signed.stands_for.as_deref()))
        }
        None => format!("\nNobody of the {} has signed that yet: *Sign* does.", stopped.side.code()),
    }
}

/// The form that asks why an adjustment is declined.
pub fn decline_form(adjustment: &Adjustment) -> Form {
    reason_form(
        format!("adjustment-decline:{}:{}", adjustment.id, adjustment.rev),
        format!("Decline {}", escape(&adjustment.name_short())),
    )
}
