//! The MDF request's cards: one for those who decide, one for the channel that both companies read.

use super::card::{Button, ButtonStyle, Card, Colour, Form, Input};
use super::{because, count, person, person_for, short};
use crate::domain::activity::{ActivityRule, Asked, Slot};
use crate::domain::approval::{Chain, ChainStep, Progress, Taken};
use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::fund::{Balances, Fund};
use crate::domain::money::Money;
use crate::domain::plan::{Plan, REASON_LIMIT};
use crate::domain::program::Partner;
use crate::domain::request::{BEYOND_AVAILABLE, MdfRequest, RequestState};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// What a request's cards are made of.
pub struct RequestView<'a> {
    pub request: &'a MdfRequest,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
    pub balances: &'a Balances,
    /// What holds for its activity now.
    pub rule: &'a ActivityRule,
    pub decided_by: Option<DecidedBy<'a>>,
    pub steps: Steps<'a>,
}

/// Who has to approve, and who has.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    pub chain: &'a Chain,
    pub taken: &'a [Taken],
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
    let mut card = with_steps(base(view, &name), view);
    card.buttons = buttons(view.request, view.steps.taken.is_empty());
    card = card.with_wide(
        &format!("Fund: {}", short(&view.fund.name, 80)),
        format!(
            "available {} · pending {} · committed {}",
            balances.available, balances.pending, balances.committed
        ),
    );
    with_warnings(card, view, view.request.warnings.iter())
}

/// The card in the shared channel: the same request, without buttons and without what only the vendor knows: what its fund
/// holds, who of the vendor has taken which step, and what is considered while nothing is decided.
pub fn shared_card(view: &RequestView<'_>) -> Card {
    let card = base(view, &view.request.name_short()).with("Fund", short(&view.fund.name, 80));
    with_warnings(card, view, view.request.warnings.iter().filter(|warning| is_for_both(warning, view.fund)))
}

/// Whether both sides may read a warning: what a pool holds is the vendor's knowledge, what the partner's own fund holds is
/// both's.
pub fn is_for_both(warning: &str, fund: &Fund) -> bool {
    warning != BEYOND_AVAILABLE || !fund.is_pool()
}

fn with_warnings<'a>(card: Card, view: &RequestView<'_>, warnings: impl Iterator<Item = &'a String>) -> Card {
    let said: Vec<String> = warnings.map(|warning| format!("⚠ {warning}")).collect();
    if view.request.waiting().is_none() || said.is_empty() {
        return card;
    }
    card.with_wide("To consider", said.join("\n"))
}

/// How far the vendor's own approval has come.
fn with_steps(mut card: Card, view: &RequestView<'_>) -> Card {
    if let Some(considered) = view.request.considered {
        let why = because(view.request.reason.as_deref(), 400);
        card = card.with("To approve", format!("{considered}{why}"));
    }
    if view.request.waiting().is_some() && view.steps.are_several() {
        card = card.with_wide("Approval", steps_said(&view.steps));
    }
    card
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
    // Why less is considered is for the vendor, as long as nothing is decided.
    if let Some(reason) = request.reason.as_ref().filter(|_| request.considered.is_none()) {
        card.body.push_str(&format!("\nReason: {}", short(reason, 500)));
    }
    if let Some(quotes) = &request.quotes {
        card.body.push_str(&format!("\nQuotes: {}", short(quotes, 500)));
    }
    card = with_money(card, view);
    let behalf = on_behalf(&request.on_behalf_of, view.partner);
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
    if request.state.is_open() {
        card = with_proof(with_eligible(card, &view.rule.eligible), view.rule);
    }
    if let Some(by) = view.decided_by {
        card = card.with("Decided by", person_for(by.person, by.stands_for));
    }
    card
}

/// That the vendor filed it for the partner.
fn on_behalf(behalf: &Option<String>, partner: &Partner) -> String {
    behalf.as_ref().map(|_| format!("\non behalf of {}", short(&partner.name, 80))).unwrap_or_default()
}

fn with_money(mut card: Card, view: &RequestView<'_>) -> Card {
    let request = view.request;
    if let Some(approved) = request.approved {
        let word = if request.state == RequestState::Cancelled { "Released" } else { "Approved" };
        card = card.with(word, approved.to_string());
    }
    if !request.claimed.is_zero() {
        card = card.with("Claimed", request.claimed.to_string());
    }
    if let Some(due) = request.claim_due.filter(|_| request.state == RequestState::Approved) {
        card = match (view.campaign.state, view.campaign.counts_no_day()) {
            (CampaignState::Postponed, _) => card.with("Claim by", "not counted while postponed".to_owned()),
            (_, true) => card.with("Claim by", "not counted while stopped".to_owned()),
            (_, false) => card.with("Claim by", due.to_string()),
        };
    }
    if let Some(amendment) = &request.amendment {
        let behalf = on_behalf(&amendment.on_behalf_of, view.partner);
        let said = format!(
            "cost {} → {} · MDF {} → {}\n{}\nAsked by {}{behalf}",
            request.cost,
            amendment.cost,
            request.approved.unwrap_or(request.amount),
            amendment.amount,
            short(&amendment.reason, 400),
            person(&amendment.filed_by)
        );
        card = card.with_wide("Amendment, to be decided", said);
    }
    card
}

/// What a campaign's new end, or none, means for the last day to claim, which was `was`.
pub fn claim_day(request: &MdfRequest, campaign: &Campaign, was: Option<NaiveDate>) -> String {
    let (name, of) = (request.name_short(), campaign.name_short());
    match (request.claim_due, was) {
        _ if campaign.state == CampaignState::Postponed => {
            format!("{name} does not run out while {of} is postponed: it is claimed once there is a date.")
        }
        (Some(due), Some(was)) if due != was => {
            format!(
                "{name} can be claimed until {due}, because {of} ends on {}; it was {was}.",
                campaign.period.end()
            )
        }
        (Some(due), _) => {
            format!("{name} can be claimed until {due}: {of} ends on {}.", campaign.period.end())
        }
        (None, _) => format!("{name} has no last day to claim."),
    }
}

/// What the end of a stop means for the last day to claim, which was `was`.
pub fn claim_day_after_stop(request: &MdfRequest, was: NaiveDate) -> Option<String> {
    let due = request.claim_due?;
    Some(format!("{} can be claimed until {due}; it was {was}.", request.name_short()))
}

/// What a claim of it has to bring, so that it is kept while there is something to keep.
fn with_proof(card: Card, rule: &ActivityRule) -> Card {
    let asked = |slot: &Slot| {
        let all: Vec<String> = rule.asked(*slot).map(Asked::written).collect();
        (!all.is_empty()).then(|| format!("{}: {}", slot.label(), short(&all.join(", "), 200)))
    };
    let said: Vec<String> = Slot::ALL.iter().filter_map(asked).collect();
    if said.is_empty() { card } else { card.with_wide("To bring with a claim", said.join("\n")) }
}

/// What it means for the last day to claim that a campaign without a date has closed with its plan.
pub fn claim_day_after_plan(request: &MdfRequest, campaign: &Campaign, due: NaiveDate) -> String {
    let (name, of) = (request.name_short(), campaign.name_short());
    format!(
        "{name} can be claimed until {due}: {of} was postponed without a date, and has closed with its plan."
    )
}

/// The costs that count, as far as there is room.
pub fn with_eligible(card: Card, eligible: &[String]) -> Card {
    match eligible.is_empty() {
        true => card,
        false => card.with_wide("Eligible costs", short(&eligible.join(", "), 300)),
    }
}

impl Steps<'_> {
    /// Whether there is more to say of them than that somebody decides.
    pub fn are_several(&self) -> bool {
        self.chain.steps.len() > 1 || !self.taken.is_empty()
    }
}

/// Each step on a line: who took it, or who has to. Of a chain that was made shorter meanwhile, one more.
pub fn steps_said(steps: &Steps<'_>) -> String {
    let line = |(index, step): (usize, &ChainStep)| {
        let who = match (steps.taken.iter().find(|taken| taken.step == index), &step.role_id) {
            (Some(taken), _) => format!("☑ {}", person_for(&taken.person, taken.stands_for.as_deref())),
            (None, Some(role)) => format!("⬜ somebody with <@&{role}>"),
            (None, None) => "⬜ an approver".to_owned(),
        };
        format!("{}. {who}", index + 1)
    };
    let mut said: Vec<String> = steps.chain.steps.iter().enumerate().map(line).collect();
    if steps.taken.len() >= said.len() {
        said.push(format!("{}. ⬜ one more: the chain was made shorter meanwhile", said.len() + 1));
    }
    said.join("\n")
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

/// Less is approved by the first of several, and by nobody after them.
fn buttons(request: &MdfRequest, is_first: bool) -> Vec<Vec<Button>> {
    if request.waiting().is_none() {
        return Vec::new();
    }
    let button = |verb: &str, label: &str, style| Button {
        id: format!("mdf-{verb}:{}:{}", request.id, request.rev),
        label: label.to_owned(),
        style,
    };
    let less = is_first.then(|| button("less", "Approve less…", ButtonStyle::Primary));
    let first = [button("approve", "Approve", ButtonStyle::Success)].into_iter().chain(less);
    let turned_down = [
        button("return", "Return…", ButtonStyle::Secondary),
        button("decline", "Decline…", ButtonStyle::Danger),
    ];
    vec![first.chain(turned_down).collect()]
}

/// What was decided, in one sentence for both companies.
pub fn decided(request: &MdfRequest, fund: &Fund) -> String {
    let name = request.name_short();
    let reason = because(request.reason.as_deref(), 500);
    match (request.state, request.approved) {
        (RequestState::Approved, Some(approved)) if approved == request.amount => {
            format!("{name} is approved. {approved} of {} is committed.", short(&fund.name, 80))
        }
        (RequestState::Approved, Some(approved)) => {
            format!(
                "{name} is approved for less than asked{reason}. {approved} of {} is committed.",
                short(&fund.name, 80)
            )
        }
        (RequestState::Returned, _) => {
            format!("{name} is returned{reason}. Correct it with /mdf request and its option resubmit.")
        }
        (state, _) => format!("{name} is {}{reason}.", state.label()),
    }
}

/// That a step was taken which is not the last.
pub fn step_taken(request: &MdfRequest, chain: &Chain, progress: &Progress) -> String {
    let next = progress.next(chain).and_then(|next| chain.steps[next].role_id.as_deref());
    let next = next.map_or_else(|| "another approver".to_owned(), |role| format!("<@&{role}>"));
    format!(
        "{}: {} approved, step {} of {}. Waiting for {next}.",
        request.name_short(),
        request.waiting().unwrap_or(request.amount),
        progress.taken.len(),
        chain.steps.len()
    )
}

/// That a rule of the program approved it.
pub fn approved_by_rule(request: &MdfRequest, fund: &Fund) -> String {
    format!(
        "{} is approved: the signed plan carries it. {} of {} is committed.",
        request.name_short(),
        request.approved.unwrap_or(request.amount),
        short(&fund.name, 80)
    )
}

/// Warnings below an answer, those that its reader may know.
pub fn warned<'a>(warnings: impl Iterator<Item = &'a String>) -> String {
    warnings.map(|warning| format!("\n⚠ {warning}")).collect()
}

/// That other figures are asked for.
pub fn amendment_filed(request: &MdfRequest) -> String {
    let approved = request.approved.unwrap_or(request.amount);
    format!(
        "An amendment of {} is submitted: MDF {approved} → {}. Until the vendor decides, what was approved stays.",
        request.name_short(),
        request.asked()
    )
}

/// What became of an amendment, in one sentence for both companies.
pub fn amendment_decided(request: &MdfRequest, outcome: &str) -> String {
    let name = request.name_short();
    let reason = because(request.reason.as_deref(), 500);
    match (outcome, request.approved) {
        ("approved", Some(approved)) => {
            format!("The amendment of {name} is approved{reason}. It is now {approved}.")
        }
        (word, Some(approved)) => format!("The amendment of {name} is {word}{reason}. It stays {approved}."),
        (word, None) => format!("The amendment of {name} is {word}{reason}."),
    }
}

/// That a request has ended, and what goes back, in one sentence for both companies.
pub fn ended(request: &MdfRequest, held: Option<Money>) -> String {
    let back = held.map(|held| format!(" {held} goes back to its fund.")).unwrap_or_default();
    let why = match request.state {
        RequestState::Expired => " Nothing of it was claimed in time.".to_owned(),
        _ => String::new(),
    };
    format!(
        "{} is {}{}.{why}{back}",
        request.name_short(),
        request.state.label(),
        because(request.reason.as_deref(), 500)
    )
}

/// Requests shown on one page of a list.
pub const PAGE: i64 = 12;

/// One page of a partner's requests; `page` counts from 1.
pub fn list(partner: &Partner, requests: &[MdfRequest], page: i64) -> Card {
    let count = i64::try_from(requests.len()).unwrap_or(i64::MAX);
    let pages = (count.saturating_add(PAGE - 1) / PAGE).max(1);
    let page = page.clamp(1, pages);
    let first = usize::try_from((page - 1) * PAGE).unwrap_or_default();
    let lines = requests.iter().skip(first).take(usize::try_from(PAGE).unwrap_or_default()).map(|one| {
        let amended = if one.amendment.is_some() { " · amendment waits" } else { "" };
        format!(
            "`{}` {} · **{}**{}{amended} · {}",
            one.name_short(),
            figures(one),
            one.state.label(),
            granted(one),
            short(&one.purpose, 80)
        )
    });
    let lines: Vec<String> = lines.collect();
    let nothing = "None. File one with `/mdf request`.".to_owned();
    Card {
        title: format!("MDF requests of {} ({count})", short(&partner.name, 80)),
        body: if lines.is_empty() { nothing } else { lines.join("\n") },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    }
}

/// What was approved of it, what of that is claimed, and until when the rest can be.
fn granted(request: &MdfRequest) -> String {
    let Some(approved) = request.approved else { return String::new() };
    let claimed = match request.claimed.is_zero() {
        true => String::new(),
        false => format!(", claimed {}", request.claimed),
    };
    let due = request.claim_due.filter(|_| request.state == RequestState::Approved);
    let due = due.map(|day| format!(", claim by {day}")).unwrap_or_default();
    format!(" {approved}{claimed}{due}")
}

/// The form in which an approver retypes a large amount.
pub fn confirm_form(request: &MdfRequest) -> Form {
    Form {
        id: format!("mdf-confirm:{}:{}", request.id, request.rev),
        title: format!("Approve {}", request.name_short()),
        inputs: vec![input(
            "confirm",
            &format!("Retype the amount: {}", request.waiting().unwrap_or(request.amount)),
            "",
            false,
            40,
        )],
    }
}

/// The form for approving less than was asked for.
pub fn less_form(request: &MdfRequest) -> Form {
    Form {
        id: format!("mdf-less:{}:{}", request.id, request.rev),
        title: format!("Approve less of {}", request.name_short()),
        inputs: vec![
            input(
                "amount",
                "Amount to approve",
                &format!("at most {}", request.waiting().unwrap_or(request.amount)),
                false,
                40,
            ),
            input("reason", "Reason", "Why not all of it?", true, REASON_LIMIT),
        ],
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
