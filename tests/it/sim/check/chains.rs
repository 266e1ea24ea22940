//! Every chain of approvals, built anew: from the tables of decisions, and from the lines of the trail that say who had had
//! a hand in what was approved by then.

use super::approval::{Taken, complete};
use super::{MAKING, Wrong};
use crate::sim::cast::AUTO_UNDER;
use crate::sim::model::{Claim, Decision, Model, Request};
use crate::sim::news::{self, History};
use std::collections::{BTreeMap, BTreeSet};
use tandem::in_read;
use tandem::store::Store;

/// Compares the tables with what was seen, after the chains hold by themselves.
///
/// # Errors
/// The first chain that is none, or decision that is not as it was seen.
pub async fn anew(model: &Model, store: &Store, requests: &[Request], claims: &[Claim]) -> Wrong {
    let history = in_read!(store, |read| { news::history(read, &model.program).await })
        .map_err(|fault| fault.to_string())?;
    let mut currencies: BTreeMap<&str, &str> = BTreeMap::new();
    for request in requests {
        currencies.insert(&request.id, &request.currency);
        let Some(approved) = request.approved else { continue };
        let about = About { what: format!("MDF-{}", request.number), id: &request.id, approved };
        chain(model, &history, &about, (&request.currency, false))?;
    }
    for claim in claims {
        let Some(approved) = claim.approved else { continue };
        let currency = currencies.get(claim.request_id.as_str()).copied().unwrap_or_default();
        let about = About { what: format!("CLM-{}", claim.number), id: &claim.id, approved };
        chain(model, &history, &about, (currency, true))?;
    }
    as_seen(model, &history)
}

/// What holds an approval.
struct About<'a> {
    what: String,
    id: &'a str,
    approved: i64,
}

/// The last approval of it is over what it holds, and the steps on its rev make a whole chain.
fn chain(model: &Model, history: &History, about: &About<'_>, (currency, for_claims): (&str, bool)) -> Wrong {
    let About { what, id, approved } = about;
    let own = history.decisions.get(*id).map(Vec::as_slice).unwrap_or_default();
    let all: Vec<Decision> = own.iter().map(|one| with_selves(model, one)).collect();
    let last = all.iter().rfind(|one| one.outcome == "approved");
    let last = last.ok_or_else(|| format!("{what} holds {approved}, and the tables say nothing of it"))?;
    if last.amount != Some(*approved) {
        return Err(format!("{what} holds {approved}, by the tables {:?}", last.amount));
    }
    if last.person == "rule" {
        let small = !for_claims && *approved < AUTO_UNDER;
        return if small { Ok(()) } else { Err(format!("{what}: no rule may have approved {approved}")) };
    }
    complete(&Taken {
        what,
        amount: *approved,
        currency,
        steps: all.iter().filter(|one| one.rev == last.rev && one.outcome == "step").collect(),
        last,
        makers: makers_before(history, id, last.rev),
        for_claims,
    })
    .map_err(|wrong| format!("by the tables, {wrong}"))
}

/// Who had had a hand in it when it was approved on a rev: whoever amends it later is no maker of what was approved.
fn makers_before(history: &History, id: &str, rev: i64) -> BTreeSet<String> {
    let lines = history.lines.get(id).map(Vec::as_slice).unwrap_or_default();
    let before = lines.iter().take_while(|line| line.approved_on != Some(rev));
    before.filter(|line| MAKING.contains(&line.code.as_str())).map(|line| line.actor.clone()).collect()
}

/// Who the decider was one with then, which no table keeps.
fn with_selves(model: &Model, decision: &Decision) -> Decision {
    let seen = model.decisions.get(&decision.item).into_iter().flatten().find(|one| same(one, decision));
    let mut selves = seen.map(|seen| seen.selves.clone()).unwrap_or_default();
    selves.insert(decision.person.clone());
    selves.extend(decision.stands_for.clone());
    Decision { selves, ..decision.clone() }
}

fn same(seen: &Decision, kept: &Decision) -> bool {
    Decision { selves: BTreeSet::new(), ..seen.clone() }
        == Decision { selves: BTreeSet::new(), ..kept.clone() }
}

/// The tables hold what was seen, decision for decision.
fn as_seen(model: &Model, history: &History) -> Wrong {
    let items: BTreeSet<&String> = model.decisions.keys().chain(history.decisions.keys()).collect();
    for item in items {
        let of = |all: &BTreeMap<String, Vec<Decision>>| all.get(item).cloned().unwrap_or_default();
        let (seen, kept) = (of(&model.decisions), of(&history.decisions));
        let alike = seen.len() == kept.len() && seen.iter().zip(&kept).all(|(seen, kept)| same(seen, kept));
        if !alike {
            return Err(format!("the decisions on {item} are {kept:?}, {seen:?} were seen"));
        }
    }
    Ok(())
}
