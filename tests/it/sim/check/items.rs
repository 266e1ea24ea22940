//! Requests and claims after every command: their sums, their states, and that no figure changes but by a decision.

use super::{Wrong, approval};
use crate::sim::cast;
use crate::sim::model::{Claim, Model, Request};
use crate::sim::news::News;
use rust_decimal::{Decimal, RoundingStrategy};

/// From which state a request may come into another.
fn request_may_become(from: &str, to: &str) -> bool {
    match from {
        "draft" => matches!(to, "submitted" | "approved" | "withdrawn" | "cancelled"),
        "submitted" | "in_review" => {
            matches!(to, "in_review" | "approved" | "returned" | "declined" | "withdrawn" | "cancelled")
        }
        "returned" => matches!(to, "submitted" | "approved" | "withdrawn" | "cancelled"),
        "approved" => matches!(to, "closed" | "cancelled" | "expired"),
        _ => false,
    }
}

/// From which state a claim may come into another.
fn claim_may_become(from: &str, to: &str) -> bool {
    match from {
        "draft" => matches!(to, "submitted" | "withdrawn" | "expired"),
        // With its request, if that ends, it is declined.
        "returned" => matches!(to, "submitted" | "withdrawn" | "expired" | "declined"),
        "submitted" | "in_review" => {
            matches!(to, "submitted" | "in_review" | "approved" | "returned" | "declined" | "withdrawn")
        }
        "approved" => matches!(to, "paid" | "reversed"),
        "paid" => to == "reversed",
        _ => false,
    }
}

/// What a request is approved for changes with its approval alone, and its state only along its ways; every change that
/// somebody decides on has a rev of its own.
pub fn requests_change_by_decision(model: &Model, news: &News) -> Wrong {
    for new in &news.requests {
        let name = format!("MDF-{} of {}", new.number, cast::PARTNERS[new.partner].key);
        let old = model.request(&new.id);
        let approved =
            news.request_decisions.iter().any(|one| one.item == new.id && one.outcome == "approved");
        if old.and_then(|old| old.approved) != new.approved && !approved {
            return Err(format!("{name} holds {:?} approved, and nobody approved that", new.approved));
        }
        let Some(old) = old else {
            if !matches!(new.state.as_str(), "draft" | "submitted" | "approved") {
                return Err(format!("{name} begins {}", new.state));
            }
            continue;
        };
        if old.state != new.state && !request_may_become(&old.state, &new.state) {
            return Err(format!("{name} was {} and is {}", old.state, new.state));
        }
        let seen = |one: &Request| {
            let state = if one.state == "in_review" { "submitted" } else { &one.state };
            (state.to_owned(), one.cost, one.amount, one.considered, one.approved, one.amend_amount)
        };
        if new.rev < old.rev || seen(old) != seen(new) && new.rev == old.rev {
            return Err(format!("{name} changed from {old:?} to {new:?} without another rev"));
        }
    }
    Ok(())
}

/// Nothing is paid beyond what was approved, nor without a whole chain of approvals, nor by who had a hand in it; and
/// nothing comes back by them either.
pub fn payments(model: &mut Model, news: &News) -> Wrong {
    for payment in &news.payments {
        let claim = news.claims.iter().find(|one| one.id == payment.claim_id);
        let claim = claim.ok_or_else(|| format!("claim {} is nowhere", payment.claim_id))?;
        let name = format!("CLM-{} of {}", claim.number, cast::PARTNERS[claim.partner].key);
        let before = model.claim(&payment.claim_id).map(|claim| claim.state.clone()).unwrap_or_default();
        if model.sound.get(&claim.id).copied() != claim.approved || before != "approved" {
            return Err(format!("{name} was {before} and is paid without a whole chain of approvals"));
        }
        let what = format!("{name} is paid");
        approval::of_money(model, &claim.id, (&payment.person, payment.at), &what)?;
        *model.payments.entry(claim.id.clone()).or_default() += payment.amount;
        let payers = model.payers.entry(claim.id.clone()).or_default();
        payers.insert(payment.person.clone());
        payers.extend(payment.stands_for.clone());
    }
    for back in news.transfers.iter().filter(|one| one.what == "claw_back") {
        let claim_id = back.claim_id.as_deref().unwrap_or_default();
        let what = format!("{} of claim {claim_id} comes back", back.amount);
        approval::of_money(model, claim_id, (&back.actor, back.at), &what)?;
    }
    Ok(())
}

/// Per claim Σ payments ≤ approved, and what it pays is its accepted lines at the share, at most what was left.
pub fn claims_add_up(model: &mut Model, news: &News) -> Wrong {
    for new in &news.claims {
        let name = format!("CLM-{} of {}", new.number, cast::PARTNERS[new.partner].key);
        claim_sums(model, new).map_err(|wrong| format!("{name} {wrong}"))?;
        if let Some(old) = model.claim(&new.id) {
            if old.state != new.state && !claim_may_become(&old.state, &new.state) {
                return Err(format!("{name} was {} and is {}", old.state, new.state));
            }
            if new.rev < old.rev {
                return Err(format!("{name} went back from rev {} to {}", old.rev, new.rev));
            }
        }
        let old_approved = model.claim(&new.id).and_then(|old| old.approved);
        if new.approved != old_approved {
            payable(model, news, new).map_err(|wrong| format!("{name} {wrong}"))?;
        }
        match model.claims.iter_mut().find(|one| one.id == new.id) {
            Some(kept) => kept.clone_from(new),
            None => model.claims.push(new.clone()),
        }
    }
    Ok(())
}

pub fn claim_sums(model: &Model, claim: &Claim) -> Wrong {
    let paid = model.payments.get(&claim.id).copied().unwrap_or_default();
    let approved = claim.approved.unwrap_or_default();
    if paid != claim.paid {
        return Err(format!("says that {} is paid, its payments add up to {paid}", claim.paid));
    }
    if claim.paid > approved || claim.clawed > claim.paid {
        return Err(format!("has {approved} approved, {} paid and {} back", claim.paid, claim.clawed));
    }
    if claim.state == "paid" && claim.paid != approved {
        return Err(format!("is paid, but only {} of {approved}", claim.paid));
    }
    Ok(())
}

/// What an approval of a claim may come to, computed anew from its lines.
fn payable(model: &Model, news: &News, claim: &Claim) -> Wrong {
    let approves = news.claim_decisions.iter().any(|one| one.item == claim.id && one.outcome == "approved");
    if !approves {
        return Err(format!("holds {:?} approved, and nobody approved that", claim.approved));
    }
    let request = model.request(&claim.request_id).ok_or("has no request")?;
    let left = request.approved.unwrap_or_default() - request.claimed;
    let accepted: i64 = claim.lines.iter().map(|(_, _, accepted)| accepted.unwrap_or_default()).sum();
    let share: Decimal = request.share_percent.parse().map_err(|_| "has a share that can't be read")?;
    let exact = Decimal::from(accepted) * share / Decimal::ONE_HUNDRED;
    let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let pays = i64::try_from(rounded).unwrap_or(i64::MAX).min(left);
    if claim.approved != Some(pays) {
        return Err(format!("is approved for {:?}, its lines come to {pays}", claim.approved));
    }
    Ok(())
}

/// Per request Σ approved claims ≤ approved amount, and it says what they add up to.
pub fn requests_add_up(model: &mut Model, news: &News) -> Wrong {
    for new in &news.requests {
        match model.requests.iter_mut().find(|one| one.id == new.id) {
            Some(kept) => kept.clone_from(new),
            None => model.requests.push(new.clone()),
        }
        let name = format!("MDF-{} of {}", new.number, cast::PARTNERS[new.partner].key);
        request_sums(model, new).map_err(|wrong| format!("{name} {wrong}"))?;
    }
    Ok(())
}

pub fn request_sums(model: &Model, request: &Request) -> Wrong {
    let taken = model.taken_of(&request.id);
    let approved = request.approved.unwrap_or_default();
    if taken != request.claimed {
        return Err(format!("says that {} is claimed, its claims add up to {taken}", request.claimed));
    }
    if taken > approved {
        return Err(format!("has claims of {taken} approved, and {approved} itself"));
    }
    if request.approved.is_some() && model.sound.get(&request.id).copied() != request.approved {
        return Err(format!("holds {approved} without a whole chain of approvals"));
    }
    Ok(())
}
