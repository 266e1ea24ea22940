//! Who approved what: a whole chain on that very rev, by distinct people who had no hand in it, each within their limit.

use super::Wrong;
use crate::sim::cast::{self, AUTO_UNDER, PROGRAM_CURRENCY, Word};
use crate::sim::model::{Decision, Model};
use crate::sim::news::News;
use std::collections::BTreeSet;

/// What a chain of approvals was taken on.
struct Taken<'a> {
    what: &'a str,
    amount: i64,
    currency: &'a str,
    steps: Vec<&'a Decision>,
    last: &'a Decision,
    makers: BTreeSet<String>,
    for_claims: bool,
}

/// A decision with who its decider is one with now.
fn with_selves(model: &Model, decision: &Decision) -> Decision {
    let mut selves = model.one_with(&decision.person, decision.at);
    selves.insert(decision.person.clone());
    selves.extend(decision.stands_for.clone());
    Decision { selves, ..decision.clone() }
}

pub fn requests(model: &mut Model, news: &News) -> Wrong {
    for decision in &news.request_decisions {
        let decision = &with_selves(model, decision);
        if decision.outcome == "approved" {
            let request = news.requests.iter().find(|one| one.id == decision.item);
            let request = request.ok_or_else(|| format!("request {} is nowhere", decision.item))?;
            let amount = decision.amount.unwrap_or_default();
            if request.approved != Some(amount) || decision.rev + 1 != request.rev {
                return Err(format!(
                    "MDF-{} was approved on another amount or rev: {decision:?}",
                    request.number
                ));
            }
            if decision.person == "rule" {
                by_rule(&format!("MDF-{}", request.number), amount, &request.currency)?;
            } else {
                complete(&Taken {
                    what: &format!("MDF-{}", request.number),
                    amount,
                    currency: &request.currency,
                    steps: model.steps(&decision.item, decision.rev),
                    last: decision,
                    makers: model.makers.get(&decision.item).cloned().unwrap_or_default(),
                    for_claims: false,
                })?;
            }
            model.sound.insert(decision.item.clone(), amount);
        }
        model.decisions.entry(decision.item.clone()).or_default().push(decision.clone());
    }
    Ok(())
}

fn by_rule(what: &str, amount: i64, currency: &str) -> Wrong {
    if amount >= AUTO_UNDER || currency != PROGRAM_CURRENCY {
        return Err(format!(
            "{what} over {amount} {currency} was approved by a rule, which it is too large for"
        ));
    }
    Ok(())
}

pub fn claims(model: &mut Model, news: &News) -> Wrong {
    for decision in &news.claim_decisions {
        let decision = &with_selves(model, decision);
        if decision.outcome == "approved" {
            let claim = news.claims.iter().find(|one| one.id == decision.item);
            let claim = claim.ok_or_else(|| format!("claim {} is nowhere", decision.item))?;
            let amount = decision.amount.unwrap_or_default();
            let what = format!("CLM-{}", claim.number);
            let elsewhere = model.claim(&decision.item).is_some_and(|seen| seen.rev != decision.rev);
            if claim.approved != Some(amount) || elsewhere {
                return Err(format!("{what} was approved on another amount or rev: {decision:?}"));
            }
            let request = model
                .request(&claim.request_id)
                .or_else(|| news.requests.iter().find(|one| one.id == claim.request_id));
            let currency = request.map(|one| one.currency.clone()).unwrap_or_default();
            complete(&Taken {
                what: &what,
                amount,
                currency: &currency,
                steps: model.steps(&decision.item, decision.rev),
                last: decision,
                makers: model.makers.get(&decision.item).cloned().unwrap_or_default(),
                for_claims: true,
            })?;
            if !model.sound.contains_key(&claim.request_id) {
                return Err(format!("{what} was approved for a request without a whole chain of approvals"));
            }
            model.sound.insert(decision.item.clone(), amount);
        }
        model.decisions.entry(decision.item.clone()).or_default().push(decision.clone());
    }
    Ok(())
}

fn complete(taken: &Taken<'_>) -> Wrong {
    let Taken { what, amount, currency, .. } = taken;
    let chain = cast::chain(taken.for_claims, *amount, currency);
    let all: Vec<&Decision> = taken.steps.iter().copied().chain([taken.last]).collect();
    if all.len() != chain.len() {
        return Err(format!(
            "{what} over {amount} {currency} was approved by {} of {} steps on rev {}",
            all.len(),
            chain.len(),
            taken.last.rev
        ));
    }
    let mut before: BTreeSet<String> = BTreeSet::new();
    for (step, role) in all.iter().zip(chain) {
        let person = cast::person(&step.person)
            .ok_or_else(|| format!("{what} was approved by a stranger: {step:?}"))?;
        if step.amount != Some(*amount) {
            return Err(format!("{what}: {} approved {:?}, not {amount}", person.name, step.amount));
        }
        if let Some(own) = step.selves.intersection(&taken.makers).next() {
            return Err(format!(
                "{what}: {} approved what {own} had a hand in, and is one with them",
                person.name
            ));
        }
        if role.is_some_and(|role| !person.roles.contains(&role)) {
            return Err(format!("{what}: {} took a step that is another role's", person.name));
        }
        within(what, person, *amount, currency)?;
        if step.selves.intersection(&before).next().is_some() {
            return Err(format!("{what}: {} approved twice, or for somebody who had", person.name));
        }
        before.insert(step.person.clone());
        before.extend(step.stands_for.clone());
    }
    Ok(())
}

fn within(what: &str, person: cast::Person, amount: i64, currency: &str) -> Wrong {
    let may = match person.word {
        Word::None => false,
        Word::UpTo(limit) => currency == PROGRAM_CURRENCY && amount <= limit,
        Word::Unlimited => true,
    };
    if may {
        Ok(())
    } else {
        Err(format!("{what}: {amount} {currency} is beyond what {} may approve", person.name))
    }
}
