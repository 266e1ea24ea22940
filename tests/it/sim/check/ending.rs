//! The end of credits and of funds, told by the transfers alone: nothing is forfeited before its last day, nothing goes on
//! before its fund's, and of what is left on that day so much goes on, and there, as the fund's rule says.

use super::Wrong;
use super::clock::day_of;
use crate::sim::model::{Fund, Model};
use crate::sim::news::{News, Transfer};
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn ended(fund: &Fund, today: NaiveDate) -> bool {
    fund.valid_until < today.to_string()
}

/// Follows the transfers of a look, after the balances took them in.
pub fn of_funds(model: &mut Model, news: &News) -> Wrong {
    let mut available: BTreeMap<String, i64> = BTreeMap::new();
    let entries = news.transfers.iter().flat_map(|transfer| &transfer.entries);
    for (fund, _, amount) in entries.clone().filter(|(_, account, _)| account == "available") {
        let now = model.balances.get(&(fund.clone(), "available".to_owned())).copied().unwrap_or_default();
        *available.entry(fund.clone()).or_insert(now) -= amount;
    }
    for transfer in &news.transfers {
        let at = DateTime::from_timestamp_millis(transfer.at).unwrap_or_default();
        let today = day_of(at);
        for (fund, account, amount) in &transfer.entries {
            if account == "available" {
                *available.entry(fund.clone()).or_default() += amount;
            }
            let came = account == "available" && *amount > 0;
            if came && model.fund(fund).is_some_and(|fund| ended(fund, today)) {
                model.late.insert(fund.clone());
            }
        }
        taken(model, transfer, today)?;
        if available.get(&transfer.fund_id) == Some(&0) {
            concluded(model, &transfer.fund_id, today)?;
        }
    }
    Ok(())
}

/// What one transfer takes because something has ended.
fn taken(model: &mut Model, transfer: &Transfer, today: NaiveDate) -> Wrong {
    let Transfer { id, fund_id, amount, .. } = transfer;
    let Some(fund) = model.fund(fund_id).cloned() else { return Ok(()) };
    let (key, is_over) = (&fund.key, ended(&fund, today));
    match transfer.what.as_str() {
        "expire" => {
            let sum: i64 = transfer.credits.iter().map(|(_, amount)| amount).sum();
            if sum != *amount {
                return Err(format!("transfer {id} forfeits {amount} of fund {key}, its credits lose {sum}"));
            }
            if let Some((last, amount)) = transfer.credits.iter().find(|(last, _)| *last >= today.to_string())
            {
                return Err(format!(
                    "{amount} of fund {key} is forfeited on {today}, and lasts until {last}"
                ));
            }
            // A credit whose own time ran out before its fund's is no part of what is left at the fund's end.
            let rest = transfer.credits.iter().filter(|(last, _)| *last == fund.valid_until);
            if is_over {
                model.ending.entry(fund_id.clone()).or_default().forfeited +=
                    rest.map(|(_, amount)| amount).sum::<i64>();
            }
        }
        "transfer" if is_over => {
            let ending = model.ending.entry(fund_id.clone()).or_default();
            ending.carried += amount;
            ending.to.clone_from(&transfer.to_fund_id);
        }
        "transfer" if transfer.actor == "clock" => {
            return Err(format!("{amount} of fund {key} goes on on {today}, and it lasts until then"));
        }
        _ => {}
    }
    Ok(())
}

/// Nothing is available any more: what went on, and where to, is what the rule says of what was left.
fn concluded(model: &mut Model, fund_id: &str, today: NaiveDate) -> Wrong {
    let (Some(ending), Some(fund)) = (model.ending.remove(fund_id), model.fund(fund_id)) else {
        return Ok(());
    };
    let left = ending.forfeited + ending.carried;
    // What came back after the end is forfeited, whatever the rule says of the rest.
    let next = following(model, fund, today).filter(|_| !model.late.contains(fund_id));
    let wanted = next.map_or(0, |_| share(fund, left));
    if ending.carried != wanted {
        return Err(format!(
            "of {left} that fund {} had left {} goes on, its rule says {wanted}",
            fund.key, ending.carried
        ));
    }
    let (Some(next), Some(to)) = (next, ending.to) else { return Ok(()) };
    let reached = model.fund(&to);
    let is_there = reached.is_some_and(|reached| {
        reached.partner == fund.partner && (reached.id == next.id || reached.pool.as_ref() == Some(&next.id))
    });
    if is_there {
        return Ok(());
    }
    Err(format!("what fund {} had left goes on to {reached:?}, not to {}", fund.key, next.key))
}

/// What of the rest goes on.
fn share(fund: &Fund, left: i64) -> i64 {
    let Some(most) = &fund.carry_most else { return left };
    match most.strip_suffix('%') {
        Some(percent) => {
            let percent: Decimal = percent.parse().unwrap_or_default();
            let exact = Decimal::from(left) * percent / Decimal::ONE_HUNDRED;
            i64::try_from(exact.trunc()).unwrap_or_default()
        }
        None => left.min(most.parse().unwrap_or_default()),
    }
}

/// The fund to which the rest goes on: by `next_period` the one of the same kind, currency and partner that starts next.
fn following<'a>(model: &'a Model, fund: &Fund, today: NaiveDate) -> Option<&'a Fund> {
    let of = fund.pool.as_deref().and_then(|pool| model.fund(pool)).unwrap_or(fund);
    if fund.carry_over != "next_period" {
        return model.fund(&fund.carry_over).filter(|next| !ended(next, today));
    }
    let alike = |one: &&Fund| {
        one.pool.is_none()
            && (&one.kind, &one.currency, one.partner) == (&of.kind, &of.currency, of.partner)
            && one.valid_from > of.valid_from
            && one.valid_until > of.valid_until
    };
    let next =
        model.funds.iter().filter(alike).min_by(|a, b| (&a.valid_from, &a.key).cmp(&(&b.valid_from, &b.key)));
    next.filter(|next| !ended(next, today))
}
