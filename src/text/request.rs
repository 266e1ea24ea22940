//! The MDF request's cards: one for those who decide, one for the channel that both companies read.

use super::card::{Button, ButtonStyle, Card, Colour, Form, Input};
use super::{count, person, person_for, short};
use crate::domain::campaign::Campaign;
use crate::domain::fund::{Balances, Fund};
use crate::domain::plan::{Plan, REASON_LIMIT};
use crate::domain::program::Partner;
use crate::domain::request::{MdfRequest, RequestState};
use rust_decimal::Decimal;

/// What a request's cards are made of.
pub struct RequestView<'a> {
    pub request: &'a MdfRequest,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
    pub balances: &'a Balances,
    pub warnings: &'a [String],
    pub decided_by: Option<DecidedBy<'a>>,
}

/// Who decided, and for whom if they stood in.
#[derive(Clone, Copy, Debug)]
pub struct DecidedBy<'a> {
    pub person: &'a str,
    pub stands_for: Option<&'a str>,
}

/// The card in the vendor's approvals channel, with the buttons that apply.
pub fn approvals_card(view: &RequestView<'_>) -> Card {
    let name = view.partner.vendor_name(&view.request.name_short());
    let balances = view.balances;
    let mut card = base(view, &name);
    card.buttons = buttons(view.request);
    card = card.with_wide(
        &format!("Fund: {}", short(&view.fund.name, 80)),
        format!(
            "available {} · pending {} · committed {}",
            balances.available, balances.pending, balances.committed
        ),
    );
    if view.request.state.is_pending() && !view.warnings.is_empty() {
        card = card.with_wide(
            "To consider",
            view.warnings.iter().map(|w| format!("⚠ {w}")).collect::<Vec<_>>().join("\n"),
        );
    }
    card
}

/// The card in the shared channel: the same request, without buttons and without what only the vendor knows.
pub fn shared_card(view: &RequestView<'_>) -> Card {
    base(view, &view.request.name_short()).with("Fund", short(&view.fund.name, 80))
}

fn base(view: &RequestView<'_>, name: &str) -> Card {
    let request = view.request;
    let mut card = Card {
        title: format!("{name} · {}", request.state.label()),
        body: format!("**{}**\n{}", figures(request), short(&request.purpose, 1000)),
        colour: colour(request.state),
        footer: format!("rev {}", request.rev),
        ..Card::default()
    };
    if let Some(reason) = &request.reason {
        card.body.push_str(&format!("\nReason: {}", short(reason, 500)));
    }
    if let Some(approved) = request.approved {
        let word = if request.state == RequestState::Cancelled { "Released" } else { "Approved" };
        card = card.with(word, approved.to_string());
    }
    let behalf = match request.on_behalf_of {
        Some(_) => format!("\non behalf of {}", short(&view.partner.name, 80)),
        None => String::new(),
    };
    card = card
        .with(
            "Campaign",
            format!(
                "{} {} ({})",
                view.campaign.name_short(),
                short(&view.campaign.name, 80),
                view.plan.name_short()
            ),
        )
        .with("Filed by", format!("{}{behalf}", person(&request.filed_by)));
    if let Some(expected) = expected(request) {
        card = card.with("Expected", expected);
    }
    if let Some(by) = view.decided_by {
        card = card.with("Decided by", person_for(by.person, by.stands_for));
    }
    card
}

/// Both figures, always: "cost EUR 25,000.00 · MDF EUR 12,500.00 (50 %)".
pub fn figures(request: &MdfRequest) -> String {
    let share = (request.amount.decimal() * Decimal::ONE_HUNDRED)
        .checked_div(request.cost.decimal())
        .map(|share| {
            format!(
                " ({} %)",
                share
                    .round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
                    .normalize()
            )
        })
        .unwrap_or_default();
    format!("cost {} · MDF {}{share}", request.cost, request.amount)
}

fn expected(request: &MdfRequest) -> Option<String> {
    let leads = request.expected_leads.map(|leads| format!("{} leads", count(leads)));
    let pipeline = request.expected_pipeline.map(|pipeline| format!("{pipeline} pipeline"));
    let parts: Vec<String> = [leads, pipeline].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn colour(state: RequestState) -> Colour {
    match state {
        RequestState::Approved => Colour::Green,
        RequestState::Declined | RequestState::Cancelled | RequestState::Expired => Colour::Red,
        state if state.is_pending() => Colour::Amber,
        _ => Colour::Grey,
    }
}

fn buttons(request: &MdfRequest) -> Vec<Vec<Button>> {
    if !request.state.is_pending() {
        return Vec::new();
    }
    let button = |verb: &str, label: &str, style| Button {
        id: format!("mdf-{verb}:{}:{}", request.id, request.rev),
        label: label.to_owned(),
        style,
    };
    vec![vec![
        button("approve", "Approve", ButtonStyle::Success),
        button("less", "Approve less…", ButtonStyle::Primary),
        button("return", "Return…", ButtonStyle::Secondary),
        button("decline", "Decline…", ButtonStyle::Danger),
    ]]
}

/// What was decided, in one sentence for both companies.
pub fn decided(request: &MdfRequest, fund: &Fund) -> String {
    let name = request.name_short();
    // The sentence around the reason has its own full stop.
    let bare = request.reason.as_deref().map(|reason| reason.trim_end_matches('.'));
    let reason = bare.map(|reason| format!(": {}", short(reason, 500))).unwrap_or_default();
    match (request.state, request.approved) {
        (RequestState::Approved, Some(approved)) if approved == request.amount => {
            format!("{name} is approved. {approved} of {} is committed.", short(&fund.name, 80))
        }
        (RequestState::Approved, Some(approved)) => {
            format!(
                "{name} is approved for less than asked. {approved} of {} is committed.",
                short(&fund.name, 80)
            )
        }
        (RequestState::Returned, _) => {
            format!("{name} is returned{reason}. Correct it with /mdf request and its option resubmit.")
        }
        (state, _) => format!("{name} is {}{reason}.", state.label()),
    }
}

/// The form in which an approver retypes a large amount.
pub fn confirm_form(request: &MdfRequest) -> Form {
    Form {
        id: format!("mdf-confirm:{}:{}", request.id, request.rev),
        title: format!("Approve {}", request.name_short()),
        inputs: vec![input("confirm", &format!("Retype the amount: {}", request.amount), "", false, 40)],
    }
}

/// The form for approving less than was asked for.
pub fn less_form(request: &MdfRequest) -> Form {
    Form {
        id: format!("mdf-less:{}:{}", request.id, request.rev),
        title: format!("Approve less of {}", request.name_short()),
        inputs: vec![input("amount", "Amount to approve", &format!("at most {}", request.amount), false, 40)],
    }
}

/// A form that asks for a reason.
pub fn reason_form(id: String, title: String) -> Form {
    Form {
        id,
        title,
        inputs: vec![input("reason", "Reason", "What should be different?", true, REASON_LIMIT)],
    }
}

fn input(id: &str, label: &str, placeholder: &str, long: bool, max_length: u16) -> Input {
    Input {
        id: id.to_owned(),
        label: label.to_owned(),
        placeholder: placeholder.to_owned(),
        long,
        required: true,
        max_length,
        value: String::new(),
    }
}
