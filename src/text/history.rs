//! A plan's history as both sides read it: who did what when, by the short names that people say.

use super::card::Card;
use super::{escape, person_for, short};
use crate::domain::actor::{Company, Side};
use crate::domain::money::{Currency, Money};
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Whose history is shown, and to which side.
pub struct HistoryView<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub side: Side,
}

/// One line of the trail.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    pub at: DateTime<Utc>,
    pub actor: &'a str,
    pub company: Option<&'a Company>,
    pub code: &'a str,
    pub item: &'a str,
    pub detail: &'a Value,
}

/// Lines on one page.
const PAGE: usize = 15;

/// The nouns whose lines both sides may read: what is written about them, both could see in the shared channel.
const SHARED: &[&str] = &["plan", "campaign", "task", "promise", "adjustment", "checkpoint", "logged"];

/// Of a request, both sides read what it came to; the steps between are the vendor's own.
const OF_REQUESTS: &[&str] =
    &["submitted", "approved", "returned", "declined", "withdrawn", "cancelled", "expired", "closed"];

/// The same of a claim and of more time to claim.
const OF_CLAIMS: &[&str] = &[
    "submitted",
    "asked",
    "approved",
    "returned",
    "declined",
    "withdrawn",
    "expired",
    "payment",
    "reversed",
    "clawed_back",
];

/// What is put together before it is filed: the side that does it has not shown it to the other yet.
const BEFORE_FILING: &[&str] = &[
    "request_drafted",
    "claim_drafted",
    "claim_line_added",
    "claim_line_removed",
    "claim_evidence_added",
    "claim_evidence_removed",
];

/// Whether a side may read lines of a code. What is not known to be shared is the vendor's.
pub fn is_shown_to(side: Side, code: &str) -> bool {
    let (noun, what) = code.split_once('_').unwrap_or((code, ""));
    let shared = SHARED.contains(&noun)
        || (noun == "request" && OF_REQUESTS.contains(&what))
        || (matches!(noun, "claim" | "extension") && OF_CLAIMS.contains(&what));
    shared || (side == Side::Vendor && !BEFORE_FILING.contains(&code))
}

/// A page of the history, newest first.
pub fn card(view: &HistoryView<'_>, lines: &[Line<'_>], page: i64) -> Card {
    let shown: Vec<&Line<'_>> = lines.iter().filter(|line| is_shown_to(view.side, line.code)).collect();
    let pages = shown.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(page).unwrap_or(1).clamp(1, pages);
    let body: Vec<String> =
        shown.iter().skip((page - 1) * PAGE).take(PAGE).map(|one| line(view, one)).collect();
    let more = if pages > 1 { format!(" · page {page} of {pages}") } else { String::new() };
    Card {
        title: format!("History of {} · {}", view.plan.name_short(), short(&view.plan.name, 80)),
        body: body.join("\n"),
        footer: format!("Newest first, times of {}{more}", view.plan.zone.name()),
        ..Card::default()
    }
}

fn line(view: &HistoryView<'_>, line: &Line<'_>) -> String {
    let at = line.at.with_timezone(&view.plan.zone).format("%Y-%m-%d %H:%M");
    format!("`{at}` **{}** {}{} · {}", line.item, words(line.code), extra(line.detail), who(view, line))
}

fn who(view: &HistoryView<'_>, line: &Line<'_>) -> String {
    let actor = match line.actor {
        "clock" => "the clock".to_owned(),
        "config" => "bot.toml".to_owned(),
        "rule" => "a rule of the program".to_owned(),
        id => person_for(id, line.detail.get("for").and_then(Value::as_str)),
    };
    match line.company {
        Some(Company::Vendor) => format!("{actor} ({})", escape(&view.program.name)),
        Some(Company::Partner(_)) => format!("{actor} ({})", escape(&view.partner.name)),
        None => actor,
    }
}

/// What happened, in words: the code without its noun, which the item's name says already.
fn words(code: &str) -> String {
    match code {
        "checkpoint_reminded" => "checkpoint reminder posted".to_owned(),
        "plan_signed" | "adjustment_signed" => "signed by one side".to_owned(),
        "plan_expiry_warned" => "warned that it expires".to_owned(),
        "claim_reminded" => "reminded that it can be claimed".to_owned(),
        "release_warned" => "warned that what is not claimed goes back".to_owned(),
        "decision_reminded" => "reminder of a decision posted".to_owned(),
        "calendar_linked" => "calendar link made".to_owned(),
        "calendar_revoked" => "calendar links ended".to_owned(),
        "claim_payment" => "paid".to_owned(),
        "claim_lines_decided" => "decided line by line".to_owned(),
        "extension_asked" => "more time to claim asked for".to_owned(),
        "extension_approved" => "more time to claim approved".to_owned(),
        "extension_declined" => "more time to claim declined".to_owned(),
        "plan_agreed" => "signed by the second side: agreed".to_owned(),
        _ => code.split_once('_').map_or(code, |(_, what)| what).replace('_', " "),
    }
}

/// What of a line's detail is told beside it. Only what is listed here: a detail may hold what one side must not read.
fn extra(detail: &Value) -> String {
    let text = |key: &str| detail.get(key).and_then(Value::as_str).map(escape);
    let mut said = String::new();
    if let Some(revision) = detail.get("revision").and_then(Value::as_i64) {
        said.push_str(&format!(", revision {revision}"));
    }
    if let Some(amount) = amount(detail) {
        said.push_str(&format!(", {amount}"));
    }
    if let Some(hash) = text("sha256") {
        let head: String = hash.chars().take(12).collect();
        said.push_str(&format!(", SHA-256 {head}…"));
    }
    said
}

fn amount(detail: &Value) -> Option<Money> {
    let text = |key: &str| detail.get(key).and_then(Value::as_str);
    let currency = Currency::parse(text("currency")?).ok()?;
    Money::from_decimal(text("approved").or_else(|| text("amount"))?.parse().ok()?, currency).ok()
}
