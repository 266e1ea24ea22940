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

/// What the transfers of one look take of a fund that has ended.
#[derive(Default)]
struct Ending<'a> {
    came: i64,
    gone: i64,
    /// Of credits whose own time was over with the fund's.
    own: i64,
    carried: i64,
    to: Option<&'a String>,
}

/// Follows the transfers of a look, after the balances took them in. All of them are of one instant; in which order a
/// settlement and what comes back meanwhile were written their ids don't tell.
pub fn of_funds(model: &Model, news: &News) -> Wrong {
    let mut endings: BTreeMap<&str, (Ending<'_>, NaiveDate)> = BTreeMap::new();
    for transfer in &news.transfers {
        let today = day_of(DateTime::from_timestamp_millis(transfer.at).unwrap_or_default());
        for (fund_id, _, amount) in transfer.entries.iter().filter(|(_, account, _)| account == "available") {
            if model.fund(fund_id).is_some_and(|fund| ended(fund, today)) {
                let (ending, _) = endings.entry(fund_id).or_insert((Ending::default(), today));
                ending.came += (*amount).max(0);
                ending.gone += (-amount).max(0);
            }
        }
        let Some(fund) = model.fund(&transfer.fund_id) else { continue };
        taken(fund, transfer, today)?;
        if let Some((ending, _)) = endings.get_mut(transfer.fund_id.as_str()) {
            let over = |own: &String| *own <= fund.valid_until;
            let own = transfer.credits.iter().filter(|one| one.own.as_ref().is_some_and(over));
            ending.own += own.map(|one| one.amount).sum::<i64>();
            if transfer.what == "transfer" && transfer.to_fund_id.as_ref() != Some(&fund.id) {
                ending.carried += transfer.amount;
                ending.to = transfer.to_fund_id.as_ref();
            }
        }
    }
    endings.iter().try_for_each(|(fund_id, (ending, today))| concluded(model, fund_id, ending, *today))
}

/// What one transfer takes is over, and what is not over goes nowhere by the clock.
fn taken(fund: &Fund, transfer: &Transfer, today: NaiveDate) -> Wrong {
    let (Transfer { id, amount, .. }, key) = (transfer, &fund.key);
    match transfer.what.as_str() {
        "expire" => {
            let sum: i64 = transfer.credits.iter().map(|one| one.amount).sum();
            if sum != *amount {
                return Err(format!("transfer {id} forfeits {amount} of fund {key}, its credits lose {sum}"));
            }
            let early = transfer.credits.iter().find(|one| one.last >= today.to_string());
            early.map_or(Ok(()), |one| {
                let (last, amount) = (&one.last, one.amount);
                Err(format!("{amount} of fund {key} is forfeited on {today}, and lasts until {last}"))
            })
        }
        "transfer" if transfer.actor == "clock" && !ended(fund, today) => {
            Err(format!("{amount} of fund {key} goes on on {today}, and it lasts until {}", fund.valid_until))
        }
        _ => Ok(()),
    }
}

/// Nothing is available any more: what went on, and where to, is what the rule says of what was left. What came back after
/// the end is forfeited, whatever the rule says of the rest.
fn concluded(model: &Model, fund_id: &str, ending: &Ending<'_>, today: NaiveDate) -> Wrong {
    let Some(fund) = model.fund(fund_id) else { return Ok(()) };
    let now = model.balances.get(&(fund_id.to_owned(), "available".to_owned())).copied().unwrap_or_default();
    if now != 0 {
        return Err(format!("fund {} has ended, and has {now} left after {} went", fund.key, ending.gone));
    }
    let left = ending.gone - ending.came - ending.own;
    let next = following(model, fund, today);
    let wanted = next.map_or(0, |_| share(fund, left.max(0)));
    if ending.carried != wanted {
        return Err(format!(
            "of {left} that fund {} had left {} goes on, its rule says {wanted}",
            fund.key, ending.carried
        ));
    }
    let (Some(next), Some(to)) = (next, ending.to) else { return Ok(()) };
    let reached = model.fund(to);
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
