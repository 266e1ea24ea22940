//! Who approved what: a whole chain on that very rev, by distinct people who had no hand in it, each within their limit.

use super::Wrong;
use crate::sim::cast::{self, AUTO_UNDER, PARTNERS, PROGRAM_CURRENCY, Word};
use crate::sim::model::{Decision, Model, Request};
use crate::sim::news::News;
use std::collections::BTreeSet;

/// What a chain of approvals was taken on.
pub struct Taken<'a> {
    pub what: &'a str,
    pub amount: i64,
    pub currency: &'a str,
    pub steps: Vec<&'a Decision>,
    pub last: &'a Decision,
    pub makers: BTreeSet<String>,
    pub for_claims: bool,
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
        let request = news.requests.iter().find(|one| one.id == decision.item);
        let request = request.ok_or_else(|| format!("request {} is nowhere", decision.item))?;
        let what = &format!("MDF-{}", request.number);
        if ON_REQUESTS.contains(&decision.outcome.as_str()) && decision.person != "rule" {
            independent(what, decision, model.makers.get(&decision.item))?;
            limited(what, decision, &request.currency)?;
        }
        if decision.outcome == "approved" {
            let amount = decision.amount.unwrap_or_default();
            if request.approved != Some(amount) || decision.rev + 1 != request.rev {
                return Err(format!("{what} was approved on another amount or rev: {decision:?}"));
            }
            if decision.person == "rule" {
                by_rule(model, request, amount).map_err(|why| {
                    format!("{what} over {amount} {} was approved by a rule, {why}", request.currency)
                })?;
            } else {
                complete(&Taken {
                    what,
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

/// What people decide on a request and on a claim that waits, and who has to have had no hand in it.
const ON_REQUESTS: [&str; 4] = ["step", "approved", "returned", "declined"];
const ON_CLAIMS: [&str; 6] = ["step", "approved", "lines", "returned", "declined", "reversed"];

/// Why a rule may not have approved a request; the model is as it was before.
fn by_rule(model: &Model, request: &Request, amount: i64) -> Wrong {
    let refused = |why: &str| Err(why.to_owned());
    if amount >= AUTO_UNDER || request.currency != PROGRAM_CURRENCY {
        return refused("which it is too large for");
    }
    if request.on_behalf {
        return refused("and was filed on its partner's behalf");
    }
    let campaign = model.campaign(&request.campaign_id).ok_or("for a campaign that is nowhere")?;
    let plan = model.plan(&campaign.plan_id).ok_or("for a plan that is nowhere")?;
    if !matches!(plan.state.as_str(), "agreed" | "active" | "closing") {
        return Err(format!("and its plan is {}", plan.state));
    }
    let mut before = model.decisions.get(&request.id).into_iter().flatten();
    if before.any(|one| matches!(one.outcome.as_str(), "returned" | "declined")) {
        return refused("after people had said no");
    }
    let is_mdf = |one: &Request| model.fund(&one.fund_id).is_some_and(|fund| fund.kind == "mdf");
    let beside = |one: &&Request| one.campaign_id == request.campaign_id && one.id != request.id;
    let filed = |one: &&Request| {
        matches!(one.state.as_str(), "submitted" | "in_review" | "approved" | "closed" | "returned")
    };
    let others = model.requests.iter().filter(beside);
    if let Some(other) = others.clone().find(|one| filed(one) || one.state == "declined") {
        return Err(format!("beside MDF-{} for the same campaign", other.number));
    }
    let held: i64 =
        others.filter(|one| filed(one) && is_mdf(one)).map(|one| one.approved.unwrap_or(one.amount)).sum();
    let in_its_currency = PARTNERS[request.partner].currency == request.currency;
    if !is_mdf(request) || !in_its_currency || held + amount > campaign.mdf {
        return refused("which its plan does not carry");
    }
    Ok(())
}

/// Whoever decides had no hand in it, nor anybody who is one with them.
fn independent(what: &str, decision: &Decision, makers: Option<&BTreeSet<String>>) -> Wrong {
    let person = cast::person(&decision.person);
    let person = person.ok_or_else(|| format!("{what} was decided by a stranger: {decision:?}"))?;
    let own = makers.and_then(|makers| decision.selves.intersection(makers).next());
    match own {
        Some(own) => Err(format!(
            "{what}: {} decided ({}) what {own} had a hand in, and is one with them",
            person.name, decision.outcome
        )),
        None => Ok(()),
    }
}

/// A step is within the limit of who takes it, and anything else takes an approver at all.
fn limited(what: &str, decision: &Decision, currency: &str) -> Wrong {
    let person = cast::person(&decision.person).ok_or_else(|| format!("{what}: a stranger"))?;
    match (decision.outcome.as_str(), decision.amount) {
        ("step" | "approved", Some(amount)) => within(what, person, amount, currency),
        _ if person.word == Word::None => Err(format!("{what}: {} may not decide it", person.name)),
        _ => Ok(()),
    }
}

pub fn claims(model: &mut Model, news: &News) -> Wrong {
    for decision in &news.claim_decisions {
        let decision = &with_selves(model, decision);
        let claim = news.claims.iter().find(|one| one.id == decision.item);
        let claim = claim.ok_or_else(|| format!("claim {} is nowhere", decision.item))?;
        let what = format!("CLM-{}", claim.number);
        let request = model
            .request(&claim.request_id)
            .or_else(|| news.requests.iter().find(|one| one.id == claim.request_id));
        let currency = request.map(|one| one.currency.clone()).unwrap_or_default();
        // What ends with its request is nobody's decision on the claim.
        let over = |one: &Request| matches!(one.state.as_str(), "cancelled" | "closed" | "expired");
        let ended = news.requests.iter().any(|one| one.id == claim.request_id && over(one));
        if ON_CLAIMS.contains(&decision.outcome.as_str()) && !(ended && decision.outcome == "declined") {
            independent(&what, decision, model.makers.get(&decision.item))?;
            limited(&what, decision, &currency)?;
        }
        if decision.outcome == "reversed" {
            let person = cast::person(&decision.person).ok_or_else(|| format!("{what}: a stranger"))?;
            within(&what, person, claim.approved.unwrap_or_default(), &currency)?;
            // Who paid would take back what they say is paid.
            independent(&what, decision, model.payers.get(&decision.item))?;
        }
        if decision.outcome == "approved" {
            let amount = decision.amount.unwrap_or_default();
            let elsewhere = model.claim(&decision.item).is_some_and(|seen| seen.rev != decision.rev);
            if claim.approved != Some(amount) || elsewhere {
                return Err(format!("{what} was approved on another amount or rev: {decision:?}"));
            }
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

/// More time is decided by an approver who did not ask for it, nor is one with who did; and the item says who that was.
pub fn extensions(model: &Model, news: &News) -> Wrong {
    for link in news.trail.iter().map(|link| &link.line) {
        if !matches!(link.code.as_str(), "extension_approved" | "extension_declined") {
            continue;
        }
        let what = format!("the extension {}", link.item);
        let asked = model.extensions.iter().find(|one| one.id == link.item);
        let asked = asked.ok_or_else(|| format!("{what} was decided, and did not wait"))?;
        let detail: serde_json::Value = serde_json::from_str(&link.detail).unwrap_or_default();
        let said = detail["for"].as_str().map(str::to_owned);
        let decided = news.extension_deciders.get(&link.item);
        if decided != Some(&(Some(link.actor.clone()), said.clone())) {
            return Err(format!("{what} was decided by {} for {said:?}, it says {decided:?}", link.actor));
        }
        let person = cast::person(&link.actor).filter(|one| one.word != Word::None);
        let person = person.ok_or_else(|| format!("{what} was decided by a stranger: {}", link.actor))?;
        let mut selves = model.one_with(&link.actor, link.at);
        selves.insert(link.actor.clone());
        selves.extend(said);
        if selves.contains(&asked.asked_by) {
            let (name, by) = (person.name, &asked.asked_by);
            return Err(format!("{what}: {name} decided what {by} asked for, and is one with them"));
        }
    }
    Ok(())
}

/// Whoever records a payment, or what comes back, had no hand in the claim and no say in what it pays or that it is taken back,
/// nor anybody who is one with them.
pub fn of_money(model: &Model, claim_id: &str, (person, at): (&str, i64), what: &str) -> Wrong {
    let mut own = model.one_with(person, at);
    own.insert(person.to_owned());
    let decided = model.decisions.get(claim_id).into_iter().flatten();
    let say =
        decided.filter(|one| matches!(one.outcome.as_str(), "step" | "approved" | "lines" | "reversed"));
    let mut hands = model.makers.get(claim_id).cloned().unwrap_or_default();
    for one in say {
        hands.insert(one.person.clone());
        hands.extend(one.stands_for.clone());
    }
    if let Some(hand) = own.intersection(&hands).next() {
        return Err(format!("{what} by {person}, and {hand}, who is one with them, had a hand in it"));
    }
    if cast::person(person).is_some_and(|one| one.roles.contains(&cast::FINANCE)) {
        return Ok(());
    }
    Err(format!("{what} by {person}, who does not pay claims"))
}

/// A step for each of the amount's chain, by distinct people who may.
pub fn complete(taken: &Taken<'_>) -> Wrong {
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
        independent(what, step, Some(&taken.makers))?;
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
