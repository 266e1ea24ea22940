//! What is said about the files of a claim, and the choice of what a message's files prove.

use super::card::{Button, ButtonStyle, Card};
use super::short;
use crate::domain::activity::Slot;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, Evidence, twice};
use crate::domain::command::Attached;

/// Claims offered at once: a row of buttons each, and one row to turn pages.
pub const PAGE: usize = 4;

/// A claim that can take files, with the slots that take them in public.
#[derive(Clone, Debug)]
pub struct Choice {
    pub claim: Claim,
    pub campaign: Campaign,
    pub slots: Vec<Slot>,
}

/// The choice of claim and slot for the files of a message; `(page, pages)` count from 1. `offer` is the id in its buttons.
pub fn card(offer: &str, files: &[Attached], choices: &[Choice], (page, pages): (i64, i64)) -> Card {
    let mut body: Vec<String> = files.iter().map(|file| format!("· {}", short(&file.name, 80))).collect();
    body.push(String::new());
    body.push("What do they prove?".to_owned());
    for choice in choices {
        let campaign = format!("{} {}", choice.campaign.name_short(), short(&choice.campaign.name, 80));
        body.push(format!("**{}** · {campaign}", choice.claim.name_short()));
    }
    body.push(
        "Lists of people are not taken here: add them with `/claim evidence`, which only you see.".to_owned(),
    );
    Card {
        title: "Use as proof".to_owned(),
        body: body.join("\n"),
        footer: if pages > 1 { format!("page {page} of {pages}") } else { String::new() },
        buttons: buttons(offer, choices, (page, pages)),
        ..Card::default()
    }
}

/// With a file that is handed out: which it is, and how its bytes are checked.
pub fn given(claim: &Claim, number: i64, file: &Evidence) -> String {
    format!(
        "File {number} of {}: {} for {}.\nSHA-256 `{}`",
        claim.name_short(),
        short(&file.name, 80),
        file.slot.label(),
        file.sha256
    )
}

/// In place of a list of people: how many rows it has and its hash. Its name is left out, because that may name somebody too.
pub fn kept_back(claim: &Claim, number: i64, file: &Evidence) -> String {
    let rows = match file.restricted_rows {
        Some(1) => "1 row".to_owned(),
        rows => format!("{} rows", super::count(rows.unwrap_or_default())),
    };
    format!(
        "File {number} of {} is a list of people, which nobody is given: {rows}.\nSHA-256 `{}`",
        claim.name_short(),
        file.sha256
    )
}

fn buttons(offer: &str, choices: &[Choice], (page, pages): (i64, i64)) -> Vec<Vec<Button>> {
    let button = |verb: &str, number: i64, label: String| Button {
        id: format!("proof-{verb}:{offer}:{number}"),
        label,
        style: ButtonStyle::Secondary,
    };
    let row = |choice: &Choice| {
        let one = |slot: &Slot| {
            let label = format!("{}: {}", choice.claim.name_short(), slot.label());
            button(slot.code(), choice.claim.number, label)
        };
        choice.slots.iter().map(one).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<Button>> = choices.iter().map(row).filter(|row| !row.is_empty()).collect();
    let mut turn = Vec::new();
    if page > 1 {
        turn.push(button("page", page - 1, "‹ Newer claims".to_owned()));
    }
    if page < pages {
        turn.push(button("page", page + 1, "Older claims ›".to_owned()));
    }
    if !turn.is_empty() {
        rows.push(turn);
    }
    rows
}

/// That files were added, a line for each; `left_out` were in the slot already.
pub fn added(claim: &Claim, files: &[Evidence], left_out: usize) -> String {
    let mut said: Vec<String> = files.iter().map(|file| one_added(claim, file)).collect();
    match left_out {
        0 => {}
        1 => said.push("1 file was in this slot already.".to_owned()),
        more => said.push(format!("{more} files were in this slot already.")),
    }
    said.join("\n")
}

fn one_added(claim: &Claim, file: &Evidence) -> String {
    format!(
        "{} is {} of {} (SHA-256 {}…).",
        capital(&file.said()),
        file.slot.label(),
        claim.name_short(),
        file.sha256.get(..12).unwrap_or_default()
    )
}

/// That a file was taken out.
pub fn removed(claim: &Claim, file: &Evidence) -> String {
    format!("{} is taken out of {}.", capital(&file.said()), claim.name_short())
}

/// That a file of a claim is in other claims of the partner too, for who decides.
pub fn elsewhere(file: &Evidence, others: &[String]) -> Vec<String> {
    others.iter().map(|other| format!("{} is in {other} too.", capital(&file.said()))).collect()
}

/// That files are in two slots of a claim, for who decides.
pub fn in_two_slots(evidence: &[Evidence]) -> Vec<String> {
    twice(evidence).iter().map(|name| format!("{} is in this claim twice.", capital(name))).collect()
}

/// "a restricted list" begins a sentence with a capital; a file's name stays as it is.
fn capital(said: &str) -> String {
    match said.strip_prefix("a restricted") {
        Some(rest) => format!("A restricted{rest}"),
        None => said.to_owned(),
    }
}
