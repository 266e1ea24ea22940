//! What `/help` says.

use super::card::Card;

/// Every command that there is, with what it does: the list that registration, help and README are checked against.
pub const COMMANDS: &[(&str, &str)] = &[
    ("/plan create", "start a joint marketing plan for a period"),
    ("/plan show", "the plan's card: campaigns, targets, reviews, signatures"),
    ("/plan propose", "post the card for both sides to sign, return or decline"),
    ("/plan cancel", "cancel a plan; a signed one with the other side's countersignature"),
    ("/plan rate", "enter the rate of another currency into a draft (vendor)"),
    ("/campaign add", "add a campaign with its targets, dates and budget"),
    ("/campaign list", "the plan's campaigns, with their utm tags"),
    ("/campaign log", "log spend or results, or reverse an entry"),
    ("/campaign postpone", "put a campaign off, to new dates or without any"),
    ("/campaign cancel", "cancel a campaign; in a signed plan the other side countersigns"),
    ("/campaign stop", "stop a campaign at once, until the other side countersigns"),
    ("/campaign resume", "let a campaign that your side stopped run again"),
    ("/mdf request", "ask a fund to pay part of a campaign's cost"),
    ("/report variance", "actual against plan, as of now, for you alone"),
    ("/help", "this list"),
];

/// The answer to `/help`.
pub fn card() -> Card {
    let lines: Vec<String> = COMMANDS.iter().map(|(name, what)| format!("`{name}` {what}")).collect();
    Card {
        title: "What you can ask".to_owned(),
        body: format!(
            "{}\n\nAmounts and days are read as you write them: `12.5k`, `€1,200.50`, `next friday`, `2026-02-14`.\n\
             In a shared channel the partner is understood; in the approvals channel the vendor names it.",
            lines.join("\n")
        ),
        ..Card::default()
    }
}
