//! What `/help` says.

use super::card::Card;

/// Every command that there is, with what it does: the list that registration, help and README are checked against.
pub const COMMANDS: &[(&str, &str)] = &[
    ("/plan create", "start a joint marketing plan for a period"),
    ("/plan show", "the plan's card: campaigns, targets, reviews, signatures"),
    ("/plan edit", "change a plan, or who answers for its reviews"),
    ("/plan clone", "make a plan from an earlier one, in another period"),
    ("/plan check", "what a plan lacks, and the command that mends each"),
    ("/plan calendar", "a secret link to the plan's calendar, or the end of your company's links"),
    ("/plan propose", "post the card for both sides to sign, return or decline"),
    ("/plan cancel", "cancel a plan; a signed one with the other side's countersignature"),
    ("/plan rate", "enter the rate of another currency into a draft (vendor)"),
    ("/plan history", "who did what when: to the plan and all that belongs to it"),
    ("/plan export", "the signed copy, byte by byte and as a document; a marked draft before that"),
    ("/campaign add", "add a campaign with its targets, dates and budget"),
    ("/campaign edit", "change a campaign's fields; its long texts by form"),
    ("/campaign budget", "add, change or remove a budget line and who pays which share"),
    ("/campaign check", "tick off an item of the campaign's checklist"),
    ("/campaign ready", "say that a campaign is ready to run"),
    ("/campaign done", "say that a campaign is executed"),
    ("/campaign show", "all of a campaign: what is said, owners, dates, budget, tasks, checklist"),
    ("/campaign list", "the plan's campaigns, with their utm tags"),
    ("/campaign log", "log spend or results, or reverse an entry"),
    ("/campaign postpone", "put a campaign off, to new dates or without any"),
    ("/campaign cancel", "cancel a campaign; in a signed plan the other side countersigns"),
    ("/campaign stop", "stop a campaign at once, until the other side countersigns"),
    ("/campaign resume", "let a campaign that your side stopped run again"),
    ("/task add", "add a task to a campaign"),
    ("/task edit", "change a task: what, whose, by when"),
    ("/task done", "say that a task is done"),
    ("/task reopen", "open a task again"),
    ("/task remove", "take a task off the list"),
    ("/task list", "the tasks of a plan or a campaign, the earliest first"),
    ("/promise make", "promise something to the other side by a date"),
    ("/promise keep", "say that the other side has kept a promise"),
    ("/promise break", "say that a promise is broken"),
    ("/promise withdraw", "take an own promise back before its day"),
    ("/promise list", "what both sides have promised, and what became of it"),
    (
        "/template save",
        "keep a plan or a campaign for every partner, after reading what all will see (vendor)",
    ),
    ("/template list", "the program's templates"),
    ("/template show", "what a template holds"),
    ("/template remove", "take a template away; what was made from it stays (vendor)"),
    ("/template use", "start a plan for a period, or add a campaign to a draft, from a template"),
    ("/mdf request", "ask a fund to pay part of a campaign's cost"),
    ("/mdf submit", "file a draft for decision"),
    ("/mdf withdraw", "take back what is not decided yet"),
    ("/mdf amend", "ask for other figures of an approved request"),
    ("/mdf cancel", "stop an approved request; what it holds goes back to its fund"),
    ("/mdf close", "say that no more claims come; what is left goes back to its fund"),
    ("/mdf show", "one request: figures, state, who decides next"),
    ("/mdf list", "the partner's requests, the newest first"),
    ("/mdf rules", "what a type of campaign gets, and what a claim of it has to bring"),
    ("/claim new", "start a claim of an approved request"),
    ("/claim line", "add an invoice to a claim"),
    ("/claim remove-line", "take an invoice off a claim"),
    ("/claim evidence", "add a file to a slot of a claim; only you see it"),
    ("/claim remove-evidence", "take a file out of a claim"),
    ("/claim submit", "file a claim for decision, certified as accurate"),
    ("/claim withdraw", "take back a claim that is not decided yet"),
    ("/claim show", "one claim: lines, evidence, state"),
    ("/claim file", "have a file of a filed claim; only you see it"),
    ("/claim list", "the partner's claims, the newest first"),
    ("/claim pay", "record a payment of an approved claim (vendor)"),
    ("/claim reverse", "take an approval back; what was paid has to come back (vendor)"),
    ("/claim clawback", "record money that came back after a reversal (vendor)"),
    ("/claim extend", "ask for more time to claim a request"),
    ("/checkpoint acknowledge", "say for your side that it has read a checkpoint's report"),
    ("/fund create", "make a fund: a pool, or one partner's (vendor)"),
    ("/fund allocate", "add to a fund, or give a partner some of a pool (vendor)"),
    ("/fund accrue", "post sales to a co-op fund, or a file of them (vendor)"),
    ("/fund transfer", "move money between funds (vendor)"),
    ("/fund rate", "enter dated rates of currencies (vendor)"),
    ("/fund show", "what funds hold, and when it expires"),
    ("/fund statement", "a fund's statement, also as CSV and XLSX"),
    ("/report variance", "actual against plan, as of now, for you alone"),
    ("/setup role", "give a role a capability, or take one away (administrators)"),
    (
        "/setup program",
        "settings of the whole program: fiscal years, whether it has a single partner (administrators)",
    ),
    ("/setup activity", "what a type of activity gets and has to bring (administrators)"),
    ("/setup tier", "what the partners of a tier get (administrators)"),
    ("/setup holiday", "add a company's holiday, or take it away (administrators)"),
    ("/setup approval", "who approves requests and claims, from which amount (administrators)"),
    (
        "/setup hours",
        "when a company works, when nothing is posted, and when the digest comes (administrators)",
    ),
    ("/setup effort", "hours that campaigns of a type take each side (administrators)"),
    ("/setup show", "who may what, which partners take part, and the rules (administrators)"),
    ("/partner add", "let a partner take part, or bring an archived one back (administrators)"),
    ("/partner edit", "change a partner's name, channel, currency or tier (administrators)"),
    ("/partner archive", "archive a partner: nothing new, its data stays (administrators)"),
    ("/away", "say that you are away, and who stands in for you; clear:True when you are back"),
    ("/help", "this list"),
];

/// The answer to `/help`: a field for each noun, because all of it is more than one text may be.
pub fn card() -> Card {
    let noun = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    let mut card = Card {
        title: "What you can ask".to_owned(),
        body: "Amounts and days are read as you write them: `12.5k`, `€1,200.50`, `next friday`, `2026-02-14`.\n\
               In a shared channel the partner is understood; in the approvals channel the vendor names it.\n\
               In the menu of a message with files, under Apps: *Use as proof*."
            .to_owned(),
        ..Card::default()
    };
    for group in COMMANDS.chunk_by(|(a, _), (b, _)| noun(a) == noun(b)) {
        let lines: Vec<String> = group.iter().map(|(name, what)| format!("`{name}` {what}")).collect();
        card = card.with_wide(&noun(group[0].0), lines.join("\n"));
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{EMBED_FIELD_VALUE_MAX, EMBED_FIELDS_MAX, EMBED_SUM_MAX};

    #[test]
    fn the_help_is_shown_whole() {
        let card = card();
        let chars = |text: &str| text.chars().count();
        let all =
            |sum: usize, field: &crate::text::card::Field| sum + chars(&field.name) + chars(&field.value);
        let sum = card.fields.iter().fold(chars(&card.title) + chars(&card.body), all);
        assert!(sum <= EMBED_SUM_MAX, "{sum} characters");
        assert!(card.fields.len() <= EMBED_FIELDS_MAX);
        for field in &card.fields {
            let length = chars(&field.value);
            assert!(length <= EMBED_FIELD_VALUE_MAX, "{} takes {length} characters", field.name);
        }
    }
}
