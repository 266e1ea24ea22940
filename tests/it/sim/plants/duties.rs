//! Decisions and payments by who may not have taken them, or that no table keeps.

use super::{Ground, LATER, Look, Plant, approved_by, plant, saying, while_away};
use crate::sim::act::{CLAIMED, GROUND};
use crate::sim::cast::{AUTO_UNDER, PARTNERS};
use crate::sim::check::Expected;
use crate::sim::model::{Claim, Decision, Request};
use std::collections::BTreeSet;

const VERA: &str = "2001";
const AMIR: &str = "2003";
const SUE: &str = "2005";
const SAM: &str = "2006";
const FINN: &str = "2007";
const FAY: &str = "2008";

fn next() -> Look {
    Look::Next(Expected::Due)
}

/// Approvals by the program's rule of what it may not approve.
pub fn of_rules(ground: &Ground) -> Vec<Plant> {
    let model = &ground.checker.model;
    let waits = |one: &Request| {
        one.state == "submitted" && one.currency == PARTNERS[one.partner].currency && one.currency == "USD"
    };
    let request = ground.request(|one| waits(one) && !one.on_behalf);
    let small = |sql: &str, says| {
        let less = AUTO_UNDER - 1;
        let id = &request.id;
        let amounts = format!(
            "UPDATE mdf_request SET amount_minor = {less}, approved_minor = {less} WHERE id = '{id}';
             UPDATE request_decision SET amount_minor = {less} WHERE id = 'zplanted0';"
        );
        let rule = approved_by(&request, &["rule"], request.rev);
        Plant { sql: format!("{}{amounts}{sql}", rule.sql), ..saying(says, rule) }
    };
    let campaign = model.campaign(&request.campaign_id).unwrap().clone();
    let of = |what: &str| format!("UPDATE mdf_request SET {what} WHERE id = '{}'", request.id);
    let unsigned = format!("UPDATE plan SET state = 'proposed' WHERE id = '{}'", campaign.plan_id);
    let no_budget = format!(
        "DELETE FROM funding_share WHERE budget_line_id IN (SELECT id FROM budget_line WHERE campaign_id = '{}')",
        campaign.id
    );
    // As if nothing else was asked for this campaign, and nobody had said no; but for what a plant says.
    let alone = |plant: Plant| {
        let (id, campaign) = (request.id.clone(), campaign.id.clone());
        plant.believing(move |model| {
            model.requests.retain(|one| one.id == id || one.campaign_id != campaign);
            model.decisions.remove(&id);
        })
    };
    let (id, beside) = (request.id.clone(), Request { id: "x".to_owned(), number: 4_711, ..request.clone() });
    let no = Decision {
        item: id.clone(),
        rev: 1,
        outcome: "returned".to_owned(),
        amount: None,
        person: SUE.to_owned(),
        stands_for: None,
        at: 0,
        selves: BTreeSet::new(),
    };
    vec![
        alone(small(&of("on_behalf_of = 'x'"), "and was filed on its partner's behalf")),
        alone(small(&unsigned, "and its plan is proposed")).with("plan_returned", &campaign.plan_id, VERA),
        alone(small("", "after people had said no"))
            .believing(move |model| model.decisions.entry(id.clone()).or_default().push(no.clone())),
        alone(small("", "beside MDF-4711 for the same campaign"))
            .believing(move |model| model.requests.push(beside.clone())),
        alone(small(&no_budget, "which its plan does not carry")).with("campaign_edited", &campaign.id, VERA),
    ]
}

/// A claim's approval by these people, one after the other, on this rev.
fn claim_approved_by(claim: &Claim, people: &[&str], rev: i64) -> Plant {
    let (id, amount) = (&claim.id, GROUND);
    let mut sql = format!(
        "UPDATE claim SET state = 'approved', approved_minor = {amount}, rev = rev + 1 WHERE id = '{id}';"
    );
    for (number, person) in people.iter().enumerate() {
        let outcome = if number + 1 == people.len() { "approved" } else { "step" };
        sql.push_str(&decided(
            &format!("zplanted{number}"),
            claim,
            (rev, outcome, amount),
            (*person, "NULL"),
        ));
    }
    let last = people[people.len() - 1];
    let plant = plant(next(), "", sql).with("claim_approved", id, last);
    if people.len() > 1 { plant.with("claim_step", id, people[0]) } else { plant }
}

fn decided(
    id: &str,
    claim: &Claim,
    (rev, outcome, amount): (i64, &str, i64),
    (person, stands_for): (&str, &str),
) -> String {
    format!(
        "INSERT INTO claim_decision (id, claim_id, rev, outcome, amount_minor, person, stands_for, at)
           VALUES ('{id}', '{}', {rev}, '{outcome}', {amount}, '{person}', {stands_for}, {LATER});",
        claim.id
    )
}

/// The claim over so much that waits for two steps, and the one that they have approved.
fn claims(ground: &Ground) -> (Claim, Claim) {
    let large = |one: &Claim| one.lines.len() == 1 && one.lines[0].1 == CLAIMED && one.partner == 0;
    let by = |who: &str, claim: &Claim| {
        ground
            .checker
            .model
            .decisions
            .get(&claim.id)
            .is_some_and(|all| all.iter().any(|one| one.person == who))
    };
    (
        ground.claim(|one| one.state == "submitted" && large(one)),
        ground.claim(|one| {
            one.state == "approved"
                && one.paid == 0
                && large(one)
                && by(SUE, one)
                && by(SAM, one)
                && !by(FINN, one)
        }),
    )
}

/// Chains of a claim's approval that are none, and decisions on it by who had a hand in it.
pub fn of_claims(ground: &Ground) -> Vec<Plant> {
    let (claim, approved) = claims(ground);
    let maker = ground.checker.model.makers[&claim.id].iter().next().unwrap().clone();
    let rev = claim.rev;
    let by = |people: &[&str]| claim_approved_by(&claim, people, rev);
    let one = |outcome: &str, code: &str, who: &str| {
        let sql = decided("zplanted", &claim, (rev, outcome, 0), (who, "NULL"));
        plant(next(), "", sql).with(code, &claim.id, who)
    };
    let reversed = |who: &str| {
        let sql = decided("zplanted", &approved, (approved.rev, "reversed", 1), (who, "NULL"));
        let sql = format!("{sql} UPDATE claim SET approved_minor = 300000 WHERE id = '{}'", approved.id);
        plant(next(), "", sql).with("claim_reversed", &approved.id, who)
    };
    vec![
        saying("was approved by 1 of 2 steps", by(&[SUE])),
        saying("approved twice", by(&[SUE, SUE])),
        saying("had a hand in", by(&[SUE, &maker])),
        saying("is beyond what vera may approve", by(&[VERA, SUE])),
        saying("by a stranger", by(&[SUE, "1"])),
        saying("on another amount or rev", claim_approved_by(&claim, &[SUE, SAM], rev - 1)),
        while_away(&maker, SAM, saying("and is one with them", by(&[SUE, SAM]))),
        while_away(SAM, SUE, saying("or for somebody who had", by(&[SUE, SAM]))),
        saying("had a hand in", one("lines", "claim_lines_decided", &maker)),
        saying("had a hand in", one("returned", "claim_returned", &maker)),
        saying("vera may not decide it", one("declined", "claim_declined", VERA)),
        while_away(&maker, SUE, saying("and is one with them", reversed(SUE))),
        saying("is beyond what amir may approve", reversed(AMIR)),
        saying("had a hand in", reversed_by_payer(ground)),
    ]
}

/// A claim taken back by who has paid it.
fn reversed_by_payer(ground: &Ground) -> Plant {
    let payers = &ground.checker.model.payers;
    let paid = ground.claim(|one| payers.contains_key(&one.id) && one.state != "reversed");
    let payer = payers[&paid.id].iter().next().unwrap();
    let sql = decided("zplanted", &paid, (paid.rev, "reversed", 1), (payer, "NULL"));
    plant(next(), "", sql).with("claim_reversed", &paid.id, payer)
}

/// Payments, and money that comes back, by who had a hand in the claim or a say in what it pays.
pub fn of_payments(ground: &Ground) -> Vec<Plant> {
    let (_, claim) = claims(ground);
    let id = &claim.id;
    let maker = ground.checker.model.makers[id].iter().next().unwrap().clone();
    let paid = |who: &str| {
        let sql = format!(
            "UPDATE claim SET paid_minor = 1 WHERE id = '{id}';
             INSERT INTO claim_payment (id, claim_id, amount_minor, paid_on, reference, person, at)
               VALUES ('zplanted', '{id}', 1, '2026-01-01', 'x', '{who}', {LATER});"
        );
        plant(next(), "had a hand in it", sql).with("claim_payment", id, who)
    };
    let after = |outcome: &str, code: &str, (who, stands_for): (&str, &str), plant: Plant| {
        let said = decided("zplanted", &claim, (claim.rev, outcome, 1), (who, stands_for));
        let plant = Plant { sql: format!("{said}{}", plant.sql), ..plant };
        plant.with(code, id, who)
    };
    let judged = |who: &str, stands_for: &str, plant: Plant| {
        after("lines", "claim_lines_decided", (who, stands_for), plant)
    };
    let balances = &ground.checker.model.balances;
    let paid_from = balances.iter().find(|((_, account), held)| account == "paid" && **held > 0);
    let ((fund, _), _) = paid_from.unwrap_or_else(|| panic!("nothing is paid"));
    let back = |who: &str| {
        let sql = super::transfer(fund, "claw_back", ("paid", "available"), 1, "NULL");
        let sql = sql.replace("'2001', 0, NULL", &format!("'{who}', 0, NULL"));
        let sql = format!("{sql} UPDATE ledger_transfer SET claim_id = '{id}' WHERE id = 'zplanted';");
        plant(next(), "had a hand in it", sql).with("claim_clawed_back", id, who)
    };
    vec![
        paid(&maker),
        paid(SUE),
        while_away(SUE, FINN, paid(FINN)),
        while_away(FINN, SAM, paid(FINN)),
        judged(FINN, "NULL", paid(FINN)),
        judged(AMIR, &format!("'{FAY}'"), paid(FAY)),
        Plant { says: "who does not pay claims", ..paid(VERA) },
        back(SAM),
        after("reversed", "claim_reversed", (FINN, "NULL"), back(FINN)),
        after("reversed", "claim_reversed", (SUE, &format!("'{FAY}'")), back(FAY)),
        while_away(SUE, FAY, back(FAY)),
    ]
}

/// More time, given by who asked for it or is one with who did; and an item that names somebody else.
pub fn of_extensions(ground: &Ground) -> Vec<Plant> {
    let asked = ground.checker.model.extensions.first().unwrap_or_else(|| panic!("nobody asks for time"));
    let by = |who: &str, says| {
        let sql = format!(
            "UPDATE claim_extension SET state = 'declined', decided_by = '{who}', rev = rev + 1 WHERE id = '{}'",
            asked.id
        );
        plant(next(), says, sql).with("extension_declined", &asked.id, who)
    };
    let elsewhere = by(SUE, "it says").sql.replace(SUE, SAM);
    vec![
        by(VERA, "was decided by a stranger"),
        while_away(&asked.asked_by, SUE, by(SUE, "and is one with them")),
        Plant { sql: elsewhere, ..by(SUE, "it says") },
        plant(next(), "and did not wait", "").with("extension_declined", "nobody's", SUE),
    ]
}

/// Tables of decisions that are not as they were.
pub fn of_tables(ground: &Ground) -> Vec<Plant> {
    let (_, claim) = claims(ground);
    let model = &ground.checker.model;
    let request = ground.request(|one| {
        let all = &model.decisions.get(&one.id).cloned().unwrap_or_default();
        let last = all.iter().rfind(|taken| taken.outcome == "approved").map(|last| last.rev);
        one.approved.is_some() && all.iter().any(|taken| taken.outcome == "step" && Some(taken.rev) == last)
    });
    let whole = |says, sql: String| plant(Look::Whole, says, sql);
    let of = |table: &str, what: &str, item: &str, outcome: &str| {
        format!("{what} {table}_decision WHERE {table}_id = '{item}' AND outcome = '{outcome}'")
    };
    let set = |table: &str, what: &str, item: &str| {
        format!("UPDATE {table}_decision SET {what} WHERE {table}_id = '{item}' AND outcome = 'approved'")
    };
    vec![
        whole("by the tables, CLM-", of("claim", "DELETE FROM", &claim.id, "step")),
        whole("by the tables, MDF-", of("request", "DELETE FROM", &request.id, "step")),
        whole("the tables say nothing of it", of("claim", "DELETE FROM", &claim.id, "approved")),
        whole("by the tables Some(1)", set("claim", "amount_minor = 1", &claim.id)),
        whole("no rule may have approved", set("claim", "person = 'rule'", &claim.id)),
        whole(
            "had a hand in",
            format!(
                "UPDATE claim_decision SET person = (SELECT filed_by FROM claim WHERE id = '{id}')
               WHERE claim_id = '{id}' AND outcome = 'approved'",
                id = claim.id
            ),
        ),
        whole("were seen", "UPDATE request_decision SET at = 1 WHERE outcome = 'returned'".to_owned()),
    ]
}
