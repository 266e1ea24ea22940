//! The whole, recomputed from nothing: balances from entries, the trail from its first line, every request and claim
//! from the tables, every chain of approvals from its decisions, every message in chat.

use super::chains;
use super::chat::{mark, thing};
use super::items::{claim_sums, request_sums};
use super::{Checker, Wrong};
use crate::sim::house::House;
use crate::sim::news;
use std::collections::BTreeMap;
use tandem::store::{Read, audit, figures, ledger};
use tandem::{args, in_read};

/// Checks everything. Nothing may wait to be delivered.
///
/// # Errors
/// The first thing that is wrong.
pub async fn everything(checker: &Checker, house: &House) -> Wrong {
    let store = &house.app.store;
    let (problems, chains) =
        in_read!(store, |read| { Ok((ledger::verify(read).await?, audit::verify(read).await?)) })
            .map_err(|fault| fault.to_string())?;
    if !problems.is_empty() {
        return Err(format!("the ledger: {}", problems.join("; ")));
    }
    if let Some((place, wrong)) = chains.iter().find_map(|chain| chain.broken.clone()) {
        return Err(format!("the trail at line {place}: {wrong}"));
    }
    let ((requests, claims), balances, transfers) = in_read!(store, |read| {
        let items = news::everything(read, &checker.model).await?;
        let transfers = read.one("SELECT COUNT(*) AS n FROM ledger_transfer", args![]).await?.int("n")?;
        Ok((items, balances(read).await?, transfers))
    })
    .map_err(|fault| fault.to_string())?;
    reports_agree(house).await?;
    let model = &checker.model;
    if transfers != model.transfers {
        return Err(format!("there are {transfers} transfers, {} were seen", model.transfers));
    }
    for (key, amount) in &balances {
        let believed = model.balances.get(key).copied().unwrap_or_default();
        if believed != *amount {
            return Err(format!("{key:?} holds {amount}, what was seen adds up to {believed}"));
        }
    }
    if requests.len() != model.requests.len() || claims.len() != model.claims.len() {
        return Err("there are requests or claims that the trail says nothing of".to_owned());
    }
    for request in &requests {
        if model.request(&request.id) != Some(request) {
            return Err(format!("MDF-{} is not what it was: {request:?}", request.number));
        }
        request_sums(model, request).map_err(|wrong| format!("MDF-{} {wrong}", request.number))?;
    }
    for claim in &claims {
        if model.claim(&claim.id) != Some(claim) {
            return Err(format!("CLM-{} is not what it was: {claim:?}", claim.number));
        }
        claim_sums(model, claim).map_err(|wrong| format!("CLM-{} {wrong}", claim.number))?;
    }
    chains::anew(model, store, &requests, &claims).await?;
    chat(checker, house).await
}

/// What a report finds out for an instant from entries, trail and decisions is, now, what the running totals say.
async fn reports_agree(house: &House) -> Wrong {
    let now = house.clock.now();
    let wrong = in_read!(house.app.store, |read| {
        for row in read.all("SELECT id FROM fund", args![]).await? {
            let fund = ledger::fund_by_id(read, &row.text("id")?).await?;
            let (kept, found) =
                (ledger::balances(read, &fund).await?, figures::balances_at(read, &fund, now).await?);
            if kept != found {
                return Ok(Some(format!("fund {} holds {kept:?}, a report says {found:?}", fund.key)));
            }
        }
        Ok(None)
    });
    wrong.map_err(|fault| fault.to_string())?.map_or(Ok(()), Err)
}

async fn balances(read: &mut Read) -> Result<BTreeMap<(String, String), i64>, tandem::fault::Fault> {
    let mut all = BTreeMap::new();
    for row in read.all("SELECT fund_id, account, amount FROM account_balance", args![]).await? {
        all.insert((row.text("fund_id")?, row.text("account")?), row.int("amount")?);
    }
    Ok(all)
}

/// Every message that is there now, against every row of the outbox.
async fn chat(checker: &Checker, house: &House) -> Wrong {
    let mut visible: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for message in house.discord.messages_after(0) {
        let Some(mark) = mark(&message) else { continue };
        let notice = checker.model.notices.get(&mark);
        let notice = notice.ok_or_else(|| format!("a message carries {mark}, which was never queued"))?;
        visible.entry(thing(notice)).or_default().push(message.id);
    }
    if let Some((what, ids)) = visible.iter().find(|(_, ids)| ids.len() > 1) {
        return Err(format!("{what} is visible {} times", ids.len()));
    }
    let dead = in_read!(house.app.store, |read| {
        read.one("SELECT COUNT(*) AS n FROM outbox WHERE dead_at IS NOT NULL", args![]).await?.int("n")
    })
    .map_err(|fault| fault.to_string())?;
    let unseen = checker.model.notices.values().filter(|one| !checker.model.unseen.contains_key(&one.id));
    for notice in unseen {
        if !visible.contains_key(&thing(notice)) {
            return Err(format!("{} was delivered and is not visible", thing(notice)));
        }
    }
    let stale = "SELECT COUNT(*) AS n FROM card WHERE shown_no <> wanted_no AND NOT EXISTS (
        SELECT 1 FROM outbox o WHERE o.card_key = card.key AND o.done_at IS NULL AND o.dead_at IS NULL AND o.not_before > $1)";
    let now = house.clock.now_ms();
    let stale = in_read!(house.app.store, |read| { read.one(stale, args![now]).await?.int("n") })
        .map_err(|fault| fault.to_string())?;
    if dead > 0 || stale > 0 {
        return Err(format!("{dead} notices were given up, {stale} cards show what is no longer true"));
    }
    Ok(())
}
