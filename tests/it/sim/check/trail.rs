//! The trail after every command: it goes on where it ended, every event has its one line, and a refusal has its line and
//! nothing else.

use super::Wrong;
use crate::sim::news::News;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use tandem::domain::refusal::Code;
use tandem::domain::trail::Chain;

/// What a command should have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these codes once, by this person; other lines may come with it.
    Done { codes: &'static [&'static str], actor: String },
    /// Something of the kind, in as many lines as it takes.
    DoneInSome { codes: &'static [&'static str] },
    /// One line that says so, by this person, and nothing else.
    Refused { code: Code, actor: String },
    /// Nothing at all: it was answered before, or is nobody's business.
    Nothing,
    /// Whatever was due at a start.
    Due,
    /// What the clock found due at an instant, and nothing that is due no more.
    Ticked { at: DateTime<Utc> },
}

/// Each line follows the one before it.
pub fn follows(chain: &mut Chain, news: &News) -> Wrong {
    for link in &news.trail {
        chain.take(&link.line, &link.before, &link.hash).map_err(|wrong| format!("the trail: {wrong}"))?;
    }
    Ok(())
}

/// What lies in a table of its own has one line in the trail, and the line that says so has its row.
pub fn each_event_once(news: &News, expected: &Expected) -> Wrong {
    let mut happened: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut add = |code: String, item: &str| *happened.entry((code, item.to_owned())).or_default() += 1;
    for decision in &news.request_decisions {
        add(format!("request_{}", decision.outcome), &decision.item);
    }
    for decision in &news.claim_decisions {
        let outcome = if decision.outcome == "lines" { "lines_decided" } else { &decision.outcome };
        add(format!("claim_{outcome}"), &decision.item);
    }
    for payment in &news.payments {
        add("claim_payment".to_owned(), &payment.claim_id);
    }
    for accrual in &news.accruals {
        add("fund_accrued".to_owned(), accrual);
    }
    for back in news.transfers.iter().filter(|one| one.what == "claw_back") {
        add("claim_clawed_back".to_owned(), back.claim_id.as_deref().unwrap_or_default());
    }
    let mut written: BTreeMap<(String, String), i64> = BTreeMap::new();
    for link in &news.trail {
        *written.entry((link.line.code.clone(), link.line.item.clone())).or_default() += 1;
    }
    for (event, times) in &happened {
        let lines = written.get(event).copied().unwrap_or_default();
        if lines != *times {
            let (code, item) = event;
            return Err(format!(
                "{code} of {item} happened {times} time(s) and has {lines} line(s) in the trail"
            ));
        }
    }
    const WITH_ROWS: [&str; 16] = [
        "request_step",
        "request_approved",
        "request_returned",
        "request_declined",
        "request_withdrawn",
        "request_cancelled",
        "request_closed",
        "request_expired",
        "claim_step",
        "claim_approved",
        "claim_lines_decided",
        "claim_returned",
        "claim_declined",
        "claim_reversed",
        "claim_payment",
        "fund_accrued",
    ];
    for ((code, item), lines) in &written {
        let has_rows = WITH_ROWS.contains(&code.as_str());
        if *lines > 1 || has_rows && !happened.contains_key(&(code.clone(), item.clone())) {
            let times = happened.get(&(code.clone(), item.clone())).copied().unwrap_or_default();
            // What is left of a fund is forfeited credit by credit; several clock jobs may each have something to say.
            let by_clock = matches!(expected, Expected::Due | Expected::Ticked { .. });
            let again = code == "fund_forfeited" || by_clock && code.starts_with("fund_");
            if !again && (has_rows || *lines > 1) {
                return Err(format!(
                    "{code} of {item} has {lines} line(s) in the trail and happened {times} time(s)"
                ));
            }
        }
    }
    money_is_said(news)
}

/// Whatever moves money says so: each transfer comes with a line that such a transfer comes with.
fn money_is_said(news: &News) -> Wrong {
    for transfer in &news.transfers {
        let about: &[&str] = match transfer.what.as_str() {
            "approve" => &["request_approved"],
            "release" => &[
                "request_approved",
                "request_cancelled",
                "request_closed",
                "request_expired",
                "claim_reversed",
            ],
            "approve_claim" => &["claim_approved"],
            "reverse_claim" => &["claim_reversed"],
            "pay" => &["claim_payment"],
            "claw_back" => &["claim_clawed_back"],
            "expire" => &["fund_forfeited"],
            "transfer" => &["fund_transferred", "fund_allocated", "fund_taken_back", "fund_carried_over"],
            "allocate" => &["fund_created", "fund_allocated", "fund_accrued", "fund_transferred"],
            _ => &["fund_taken_back", "fund_accrued", "fund_transferred"],
        };
        let item = transfer.claim_id.as_ref().or(transfer.request_id.as_ref());
        let said = news.trail.iter().any(|link| {
            let own = item.is_none_or(|item| {
                *item == link.line.item || transfer.request_id.as_ref() == Some(&link.line.item)
            });
            about.contains(&link.line.code.as_str()) && own
        });
        if !said {
            return Err(format!("transfer {} ({}) has no line in the trail", transfer.id, transfer.what));
        }
    }
    Ok(())
}

/// A refused command leaves its line, one that was handled before leaves nothing, and one that was done says so once.
pub fn refused_leaves_nothing(news: &News, expected: &Expected) -> Wrong {
    let refusals = news.trail.iter().filter(|link| link.line.code.starts_with("refused:")).count();
    match expected {
        Expected::Done { codes, actor } => {
            let own = |code: &str, by: &str| codes.contains(&code) && (by == actor || by == "rule");
            let said = news.trail.iter().filter(|link| own(&link.line.code, &link.line.actor)).count();
            // What a rule approves at once was filed first: two lines, each of its own code.
            let most = if codes.len() > 1 && news.trail.iter().any(|link| link.line.actor == "rule") {
                2
            } else {
                1
            };
            if said == 0 || said > most || refusals > 0 {
                return Err(format!(
                    "one of {codes:?} by {actor} was expected once, there is {:?}",
                    news.codes()
                ));
            }
        }
        Expected::DoneInSome { codes } => {
            if refusals > 0 || !news.trail.iter().any(|link| codes.contains(&link.line.code.as_str())) {
                return Err(format!("one of {codes:?} was expected, there is {:?}", news.codes()));
            }
        }
        Expected::Refused { code, actor } => {
            let line = format!("refused:{}", code.as_str());
            let said = news.trail.iter().filter(|link| link.line.code == line && link.line.actor == *actor);
            if said.count() != 1 || news.trail.len() != 1 || !news.changes_nothing() {
                return Err(format!("{line} alone was expected, there is {:?}", news.codes()));
            }
        }
        Expected::Nothing => {
            if !news.trail.is_empty() || !news.changes_nothing() {
                return Err(format!("nothing was expected, there is {:?}", news.codes()));
            }
        }
        Expected::Due | Expected::Ticked { .. } => {
            if refusals > 0 {
                return Err(format!("the clock was refused: {:?}", news.codes()));
            }
        }
    }
    Ok(())
}
