//! The claim's cards, for those who decide and for the channel that both companies read, and what is said about it.

use super::card::{Button, ButtonStyle, Card, Colour, Form, Input};
use super::request::{DecidedBy, Steps, steps_said, with_eligible};
use super::{because, count, person, person_for, short};
use crate::domain::approval::{Chain, Progress};
use crate::domain::campaign::Campaign;
use crate::domain::claim::{
    Claim, ClaimState, Evidence, Line, Payment, SlotState, VERDICTS_MAX, lines_as_typed,
};
use crate::domain::fund::Fund;
use crate::domain::money::Money;
use crate::domain::program::Partner;
use crate::domain::request::MdfRequest;
use chrono::NaiveDate;

/// What a claim's cards are made of.
pub struct ClaimView<'a> {
    pub claim: &'a Claim,
    pub lines: &'a [Line],
    pub slots: &'a [SlotState<'a>],
    pub evidence: &'a [Evidence],
    pub request: &'a MdfRequest,
    pub campaign: &'a Campaign,
    pub partner: &'a Partner,
    pub fund: &'a Fund,
    /// What it pays, as its lines stand, or as it was approved.
    pub pays: Money,
    pub warnings: &'a [String],
    pub steps: Steps<'a>,
    /// The costs that count, as the rule of its activity has them.
    pub eligible: &'a [String],
    pub decided_by: Option<DecidedBy<'a>>,
}

/// Lines and files named on a card; the rest is counted.
const SHOWN: usize = 12;

/// The card in the vendor's approvals channel, with the buttons that apply.
pub fn approvals_card(view: &ClaimView<'_>) -> Card {
    let mut card = base(view, &view.partner.vendor_name(&view.claim.name_short()));
    if view.claim.state.is_pending() && view.steps.are_several() {
        card = card.with_wide("Approval", steps_said(&view.steps));
    }
    card.buttons = buttons(view.claim);
    card
}

/// The card in the shared channel: the same claim, without buttons and without the vendor's own steps. While it waits, the view
/// is of the lines as they were claimed.
pub fn shared_card(view: &ClaimView<'_>) -> Card {
    base(view, &view.claim.name_short())
}

fn base(view: &ClaimView<'_>, name: &str) -> Card {
    let claim = view.claim;
    let mut body: Vec<String> = view.lines.iter().take(SHOWN).map(line).collect();
    if view.lines.len() > SHOWN {
        body.push(format!("… and {} lines more", view.lines.len() - SHOWN));
    }
    if body.is_empty() {
        body.push("No line yet. Add the invoices with `/claim line`.".to_owned());
    }
    if let Some(reason) = &claim.reason {
        body.push(format!("Reason: {}", short(reason, 400)));
    }
    let mut card = Card {
        title: format!("{name} · {}", claim.state.label()),
        body: body.join("\n"),
        colour: colour(claim.state),
        footer: format!("rev {}", claim.rev),
        ..Card::default()
    };
    let campaign = format!("{} {}", view.campaign.name_short(), short(&view.campaign.name, 80));
    card = card.with("Request", format!("{} · {campaign}", view.request.name_short()));
    card = with_money(card, view);
    if let Some(day) = file_by(claim, view.request) {
        card = card.with("File again by", day.to_string());
    }
    card = card.with_wide("Evidence", evidence(view));
    if !claim.state.is_final() && claim.approved.is_none() {
        card = with_eligible(card, view.eligible);
    }
    if !view.warnings.is_empty() && !claim.state.is_final() {
        let said = view.warnings.iter().take(SHOWN).map(|w| format!("⚠ {w}")).collect::<Vec<_>>();
        card = card.with_wide("To consider", short_lines(&said));
    }
    if let Some(by) = &claim.certified_by {
        card = card.with("Certified by", person(by));
    }
    if let Some(by) = view.decided_by {
        card = card.with("Decided by", person_for(by.person, by.stands_for));
    }
    card
}

fn with_money(card: Card, view: &ClaimView<'_>) -> Card {
    let claim = view.claim;
    let share = view.request.share_percent.normalize();
    let mut card = match claim.approved {
        Some(approved) => card.with("Approved", approved.to_string()),
        None => card.with("Pays", format!("{} ({share} % of what is accepted)", view.pays)),
    };
    if !claim.paid.is_zero() {
        card = card.with("Paid", claim.paid.to_string());
    }
    if let Some(left) = claim.to_come_back() {
        card = card.with("Has to come back", left.to_string());
    }
    if !claim.clawed.is_zero() {
        card = card.with("Came back", claim.clawed.to_string());
    }
    card.with("Fund", short(&view.fund.name, 80))
}

/// One line: `1. Speaker · Acme AV · INV-7 of 2026-02-11 · EUR 1,200.00`.
fn line(line: &Line) -> String {
    let mut said = format!(
        "{}. {} · {} · {} of {} · {}",
        line.position,
        short(&line.what, 40),
        short(&line.supplier, 40),
        short(&line.invoice_number, 30),
        line.invoice_date,
        line.claimed
    );
    if let Some((rate, day)) = line.rate {
        said.push_str(&format!(" ({} at {} of {day})", line.net, rate.normalize()));
    }
    match line.accepted {
        Some(accepted) if accepted != line.claimed => {
            let why = line.reason.as_deref().map(|reason| format!(": {}", short(reason, 80)));
            said.push_str(&format!(" → **{accepted}**{}", why.unwrap_or_default()));
        }
        Some(_) => said.push_str(" ☑"),
        None => {}
    }
    said
}

/// What is asked for and what is there, slot by slot.
fn evidence(view: &ClaimView<'_>) -> String {
    let mut said = Vec::new();
    for slot in view.slots {
        let (sign, list) = match (slot.files, slot.lacks()) {
            (0, Some(_)) => ("❌", ""),
            (_, Some(_)) => ("❌", ", no list"),
            (0, None) => ("⬜", ""),
            _ => ("☑", ""),
        };
        let asked = short(&slot.said(), 120);
        said.push(format!("{sign} {}: {}{list} ({asked})", slot.slot.label(), files(slot.files)));
    }
    for (index, file) in view.evidence.iter().enumerate().take(SHOWN) {
        // A list of people is never shown but for how many it names.
        let what = match file.restricted_rows {
            Some(1) => "restricted list, 1 row".to_owned(),
            Some(rows) => format!("restricted list, {} rows", count(rows)),
            None => short(&file.name, 40),
        };
        said.push(format!("#{} {what} `{}`", index + 1, file.sha256.get(..8).unwrap_or_default()));
    }
    short_lines(&said)
}

fn files(number: usize) -> String {
    match number {
        0 => "missing".to_owned(),
        1 => "1 file".to_owned(),
        more => format!("{more} files"),
    }
}

/// A field of a card takes 1,024 characters: whole lines, as many as fit.
fn short_lines(lines: &[String]) -> String {
    let mut said = String::new();
    for (index, line) in lines.iter().enumerate() {
        if said.chars().count() + line.chars().count() > 980 {
            said.push_str(&format!("\n… and {} more", lines.len() - index));
            break;
        }
        if index > 0 {
            said.push('\n');
        }
        said.push_str(line);
    }
    if said.is_empty() { "none asked for".to_owned() } else { said }
}

fn colour(state: ClaimState) -> Colour {
    match state {
        ClaimState::Approved | ClaimState::Paid => Colour::Green,
        ClaimState::Declined | ClaimState::Expired | ClaimState::Reversed => Colour::Red,
        state if state.is_pending() => Colour::Amber,
        _ => Colour::Grey,
    }
}

fn buttons(claim: &Claim) -> Vec<Vec<Button>> {
    if !claim.state.is_pending() {
        return Vec::new();
    }
    let button = |verb: &str, label: &str, style| Button {
        id: format!("claim-{verb}:{}:{}", claim.id, claim.rev),
        label: label.to_owned(),
        style,
    };
    vec![vec![
        button("approve", "Approve", ButtonStyle::Success),
        button("lines", "Decide lines…", ButtonStyle::Primary),
        button("return", "Return…", ButtonStyle::Secondary),
        button("decline", "Decline…", ButtonStyle::Danger),
    ]]
}

/// What its deciders should know: an invoice that it has twice, or that another claim of this partner has too.
pub fn flags(lines: &[Line], others: &[(String, String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let before = lines.iter().take(index).find(|other| other.invoice_mark() == line.invoice_mark());
        if let Some(other) = before {
            found.push(format!("Line {} is of the same invoice as line {}.", line.position, other.position));
        }
        for (claim, supplier, number) in others {
            if line.is_of(supplier, number) {
                found.push(format!("The invoice of line {} is in {claim} too.", line.position));
            }
        }
    }
    found
}

/// That a claim was started, and how it goes on.
pub fn started(claim: &Claim, request: &MdfRequest) -> String {
    let left = request.held().map(|held| format!(" {held} of it can be claimed.")).unwrap_or_default();
    format!(
        "{name} is a draft for {}.{left} Add invoices with /claim line and evidence with /claim evidence, then /claim submit.",
        request.name_short(),
        name = claim.name_short()
    )
}

/// That a line was added.
pub fn line_added(claim: &Claim, line: &Line) -> String {
    let gross = line.gross().map(|gross| format!(", gross {gross}")).unwrap_or_default();
    let rate = line.rate.map(|(rate, day)| {
        format!(" It counts as {} at the rate {} of {day}.", line.claimed, rate.normalize())
    });
    format!(
        "Line {} of {}: net {}, tax {}{gross}.{}",
        line.position,
        claim.name_short(),
        line.net,
        line.tax,
        rate.unwrap_or_default()
    )
}

/// That a claim was filed.
pub fn submitted(claim: &Claim, lines: &[Line], pays: Money) -> String {
    let lines = if lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", lines.len()) };
    format!("{} is submitted: {lines}, pays {pays}. The vendor decides.", claim.name_short())
}

/// What was accepted of its lines: which are cut, whoever cut them.
pub fn judged(claim: &Claim, lines: &[Line], pays: Money) -> String {
    let cut = lines.iter().filter(|line| line.counts() != line.claimed);
    let cut: Vec<String> = cut.map(|line| line.position.to_string()).collect();
    let (name, count) = (claim.name_short(), lines.len());
    let said = match cut.as_slice() {
        [] => format!("No line of {name} is cut."),
        [one] => format!("Line {one} of {name} is cut, of {count} in all."),
        many => format!("Lines {} of {name} are cut, of {count} in all.", many.join(", ")),
    };
    format!("{said} It now pays {pays}: approve it, or return it.")
}

/// That a step was taken which is not the last.
pub fn step_taken(claim: &Claim, amount: Money, chain: &Chain, progress: &Progress) -> String {
    let next = progress.next(chain).and_then(|next| chain.steps[next].role_id.as_deref());
    let next = next.map_or_else(|| "another approver".to_owned(), |role| format!("<@&{role}>"));
    format!(
        "{}: {amount} approved, step {} of {}. Waiting for {next}.",
        claim.name_short(),
        progress.taken.len(),
        chain.steps.len()
    )
}

/// The last day to file a returned claim again.
fn file_by(claim: &Claim, request: &MdfRequest) -> Option<NaiveDate> {
    request.claim_due.filter(|_| claim.state == ClaimState::Returned).map(|due| claim.file_by(due))
}

/// What was decided, in a sentence for both companies; of a declined claim also `another_until` when another one can be filed.
pub fn decided(claim: &Claim, request: &MdfRequest, fund: &Fund, another_until: Option<NaiveDate>) -> String {
    let name = claim.name_short();
    let reason = because(claim.reason.as_deref(), 400);
    match (claim.state, claim.approved) {
        (ClaimState::Approved, Some(approved)) => {
            format!("{name} is approved. {approved} of {} will be paid.", short(&fund.name, 80))
        }
        (ClaimState::Returned, _) => {
            let by = file_by(claim, request).map(|day| format!(" by {day}")).unwrap_or_default();
            format!("{name} is returned{reason}. Correct it and file it again with /claim submit{by}.")
        }
        (ClaimState::Declined, _) => {
            let another = another_until
                .map(|day| format!(" Another claim of {} can be filed until {day}.", request.name_short()));
            format!("{name} is declined{reason}.{}", another.unwrap_or_default())
        }
        (state, _) => format!("{name} is {}{reason}.", state.label()),
    }
}

/// That a payment was recorded.
pub fn paid(claim: &Claim, payment: &Payment) -> String {
    let left = match claim.owed().filter(|owed| !owed.is_zero()) {
        Some(owed) => format!("{owed} is still owed."),
        None => "It is paid whole.".to_owned(),
    };
    format!(
        "{} of {} is paid on {}, reference {}. {left}",
        payment.amount,
        claim.name_short(),
        payment.paid_on,
        short(&payment.reference, 120)
    )
}

/// What a reversal would do.
pub fn would_reverse(claim: &Claim, unpaid: Option<Money>) -> String {
    let back = unpaid.map(|unpaid| format!(" {unpaid} is no longer paid.")).unwrap_or_default();
    let owed =
        if claim.paid.is_zero() { String::new() } else { format!(" {} has to come back.", claim.paid) };
    format!("{} would be reversed for good.{back}{owed}", claim.name_short())
}

/// That a claim was reversed, in one sentence for both companies.
pub fn reversed(claim: &Claim, unpaid: Option<Money>) -> String {
    let back = unpaid.map(|unpaid| format!(" {unpaid} is no longer paid.")).unwrap_or_default();
    let owed = claim.to_come_back().map(|left| format!(" {left} has to come back.")).unwrap_or_default();
    let reason = because(claim.reason.as_deref(), 400);
    format!("{} is reversed{reason}.{back}{owed}", claim.name_short())
}

/// That money came back.
pub fn clawed_back(claim: &Claim, amount: Money) -> String {
    let left = match claim.to_come_back() {
        Some(left) => format!("{left} is still to come."),
        None => "All of it is back.".to_owned(),
    };
    format!("{amount} of {} came back. {left}", claim.name_short())
}

/// That a claim ended because its request has.
pub fn ended(claim: &Claim) -> String {
    format!("{} is {}{}.", claim.name_short(), claim.state.label(), because(claim.reason.as_deref(), 400))
}

/// That a returned claim was not filed again in time.
pub fn expired(claim: &Claim, due: NaiveDate) -> String {
    format!("{} is expired: it was not filed again by {due}.", claim.name_short())
}

/// Until when a returned claim can be filed, after its day has moved; `due` is its request's.
pub fn again_until(claim: &Claim, due: NaiveDate) -> String {
    format!("{} can be filed again until {}.", claim.name_short(), claim.file_by(due))
}

/// Claims shown on one page of a list.
pub const PAGE: i64 = 12;

/// One page of a partner's claims, each with the short name of its request; `page` counts from 1.
pub fn list(partner: &Partner, claims: &[(Claim, String)], page: i64) -> Card {
    let all = i64::try_from(claims.len()).unwrap_or(i64::MAX);
    let pages = (all.saturating_add(PAGE - 1) / PAGE).max(1);
    let page = page.clamp(1, pages);
    let first = usize::try_from((page - 1) * PAGE).unwrap_or_default();
    let lines = claims.iter().skip(first).take(usize::try_from(PAGE).unwrap_or_default()).map(|(one, of)| {
        let approved = one.approved.map(|approved| format!(" · approved {approved}")).unwrap_or_default();
        let paid = if one.paid.is_zero() { String::new() } else { format!(" · paid {}", one.paid) };
        format!("`{}` of {of} **{}**{approved}{paid}", one.name_short(), one.state.label())
    });
    let lines: Vec<String> = lines.collect();
    let nothing = "None. Start one with `/claim new`.".to_owned();
    Card {
        title: format!("Claims of {} ({all})", short(&partner.name, 80)),
        body: if lines.is_empty() { nothing } else { lines.join("\n") },
        footer: format!("page {page} of {pages}"),
        ..Card::default()
    }
}

/// The form in which an approver retypes a large amount.
pub fn confirm_form(claim: &Claim, amount: Money) -> Form {
    Form {
        id: format!("claim-confirm:{}:{}", claim.id, claim.rev),
        title: format!("Approve {}", claim.name_short()),
        inputs: vec![Input {
            id: "confirm".to_owned(),
            label: format!("Retype the amount: {amount}"),
            placeholder: String::new(),
            long: false,
            required: true,
            max_length: 40,
            value: String::new(),
        }],
    }
}

/// The form that accepts each line, in part or not at all: a row for each, as it stands now. A line left out stays so.
pub fn lines_form(claim: &Claim, lines: &[Line]) -> Form {
    Form {
        id: format!("claim-lines:{}:{}", claim.id, claim.rev),
        title: format!("Lines of {}", claim.name_short()),
        inputs: vec![Input {
            id: "lines".to_owned(),
            label: "Line: amount accepted, reason if it is cut".to_owned(),
            placeholder: "2: 450.00 alcohol is not eligible".to_owned(),
            long: true,
            required: true,
            max_length: u16::try_from(VERDICTS_MAX).unwrap_or(u16::MAX),
            value: lines_as_typed(lines),
        }],
    }
}
