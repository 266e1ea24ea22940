//! More time to claim: the card for those who decide, and what is said about it.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{person, person_for, short};
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Extension, ExtensionState};
use crate::domain::program::Partner;
use crate::domain::request::MdfRequest;

/// What an extension's card is made of.
pub struct ExtensionView<'a> {
    pub partner: &'a Partner,
    pub campaign: &'a Campaign,
    pub request: &'a MdfRequest,
    pub extension: &'a Extension,
}

/// The card in the vendor's approvals channel, with the buttons that apply.
pub fn card(view: &ExtensionView<'_>) -> Card {
    let Extension { state, due, until, reason, asked_by, .. } = view.extension;
    let name = view.partner.vendor_name(&view.request.name_short());
    let mut body = vec![format!("Reason: {}", short(reason, 400))];
    body.extend(view.extension.decline_reason.as_deref().map(|why| format!("Declined: {}", short(why, 400))));
    let mut card = Card {
        title: format!("More time to claim {name} · {}", state.label()),
        body: body.join("\n"),
        colour: colour(*state),
        footer: format!("rev {}", view.extension.rev),
        buttons: buttons(view.extension),
        ..Card::default()
    };
    let campaign = format!("{} {}", view.campaign.name_short(), short(&view.campaign.name, 80));
    card = card.with("Campaign", campaign).with("Claim until", format!("{due} → {until}"));
    if let Some(held) = view.request.held() {
        card = card.with("Not claimed yet", held.to_string());
    }
    card = card.with("Asked by", person(asked_by));
    match &view.extension.decided_by {
        Some(by) => card.with("Decided by", person_for(by, view.extension.stands_for.as_deref())),
        None => card,
    }
}

fn colour(state: ExtensionState) -> Colour {
    match state {
        ExtensionState::Waiting => Colour::Amber,
        ExtensionState::Approved => Colour::Green,
        ExtensionState::Declined => Colour::Red,
        ExtensionState::Void => Colour::Grey,
    }
}

fn buttons(extension: &Extension) -> Vec<Vec<Button>> {
    if extension.state != ExtensionState::Waiting {
        return Vec::new();
    }
    let button = |verb: &str, label: &str, style| Button {
        id: format!("extension-{verb}:{}:{}", extension.id, extension.rev),
        label: label.to_owned(),
        style,
    };
    vec![vec![
        button("approve", "Approve", ButtonStyle::Success),
        button("decline", "Decline…", ButtonStyle::Danger),
    ]]
}

/// That more time was asked for.
pub fn asked(request: &MdfRequest, extension: &Extension) -> String {
    format!(
        "Asked to claim {} until {}, instead of {}. The vendor decides; until then nothing of it runs out.",
        request.name_short(),
        extension.until,
        extension.due
    )
}

/// What was decided, in one sentence for both companies.
pub fn decided(request: &MdfRequest, extension: &Extension) -> String {
    let name = request.name_short();
    let Extension { due, until, .. } = extension;
    match &extension.decline_reason {
        None => format!("{name} can be claimed until {until}; it was {due}."),
        Some(reason) => {
            let reason = reason.trim_end_matches('.');
            format!("{name} stays to be claimed until {due}: more time is declined. {}.", short(reason, 400))
        }
    }
}
