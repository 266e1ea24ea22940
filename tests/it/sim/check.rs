//! What must hold after every command, computed from what the command has changed. Each check says in one sentence what
//! is wrong; none of them changes what the simulation believes before it has compared.

mod approval;
mod chains;
mod chat;
mod clock;
mod ending;
mod evidence;
mod full;
mod items;
mod trail;

pub use clock::day_of;
pub use full::everything;
pub use items::{claim_sums, request_sums};
pub use trail::Expected;

use super::model::Model;
use super::news::{News, Transfer};
use std::collections::BTreeMap;
use tandem::domain::trail::Chain;

/// The lines of the trail whose actor has had a hand in the item.
pub const MAKING: [&str; 9] = [
    "request_submitted",
    "request_drafted",
    "claim_drafted",
    "claim_line_added",
    "claim_line_removed",
    "claim_evidence_added",
    "claim_evidence_removed",
    "claim_submitted",
    "request_amended",
];

/// What is wrong, in a sentence.
pub type Wrong = Result<(), String>;

/// The state of the checks between two commands.
#[derive(Clone, Default)]
pub struct Checker {
    pub model: Model,
    chain: Chain,
}

impl Checker {
    /// Compares what a command left with what may be, and then believes it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn takes(&mut self, news: &News, expected: &Expected) -> Wrong {
        trail::follows(&mut self.chain, news)?;
        trail::each_event_once(news, expected)?;
        trail::refused_leaves_nothing(news, expected)?;
        self.money(news)?;
        if let Some(funds) = &news.funds {
            self.model.funds.clone_from(funds);
        }
        ending::of_funds(&self.model, news)?;
        if let Some(absences) = &news.absences {
            self.model.absences.clone_from(absences);
        }
        if let Some((plans, campaigns, adjustments)) = &news.plans {
            self.model.plans.clone_from(plans);
            self.model.campaigns.clone_from(campaigns);
            self.model.adjustments.clone_from(adjustments);
        }
        let ticked = match expected {
            Expected::Ticked { at } => Some(*at),
            _ => None,
        };
        clock::ends_in_time(&self.model, news, ticked)?;
        clock::warned(&mut self.model, news);
        self.made(news);
        approval::requests(&mut self.model, news)?;
        items::requests_change_by_decision(&self.model, news)?;
        approval::claims(&mut self.model, news)?;
        approval::extensions(&self.model, news)?;
        items::payments(&mut self.model, news)?;
        evidence::of_claims(&self.model, news)?;
        items::claims_add_up(&mut self.model, news)?;
        items::requests_add_up(&mut self.model, news)?;
        if let Some(extensions) = &news.extensions {
            self.model.extensions.clone_from(extensions);
        }
        for notice in &news.notices {
            self.model.notices.insert(notice.id.clone(), notice.clone());
            self.model.unseen.insert(notice.id.clone(), notice.clone());
        }
        ticked.map_or(Ok(()), |at| clock::leaves_nothing_over(&self.model, at))
    }

    /// Who filed what, and who had a hand in which claim: by the trail's lines of what was done.
    fn made(&mut self, news: &News) {
        for link in &news.trail {
            if MAKING.contains(&link.line.code.as_str())
                && let Some(who) = super::cast::person(&link.line.actor)
            {
                self.model.made(&link.line.item, who);
            }
        }
    }

    /// Learns who had a hand in what, without comparing anything.
    pub fn hands(&mut self, news: &News) {
        self.made(news);
    }

    /// Compares the approvals alone with what may be.
    ///
    /// # Errors
    /// The first one that is none.
    pub fn approvals(&mut self, news: &News) -> Wrong {
        approval::requests(&mut self.model, news)?;
        approval::claims(&mut self.model, news)
    }

    /// Every transfer balances, is between the accounts of its move, and takes no account below zero; the running totals
    /// are what the entries make them.
    fn money(&mut self, news: &News) -> Wrong {
        let mut balances: BTreeMap<(String, String), i64> = BTreeMap::new();
        for transfer in &news.transfers {
            balanced(transfer)?;
            self.model.transfers += 1;
            for (fund, account, amount) in &transfer.entries {
                let key = (fund.clone(), account.clone());
                let held = self.model.balances.entry(key.clone()).or_default();
                *held += amount;
                if *held < 0 && account != "granted" {
                    return Err(format!("transfer {} takes {account} of fund {fund} to {held}", transfer.id));
                }
                balances.insert(key, *held);
            }
        }
        for (key, kept) in &news.balances {
            let believed = self.model.balances.get(key).copied().unwrap_or_default();
            if believed != *kept {
                let (fund, account) = key;
                return Err(format!(
                    "the running total of {account} of fund {fund} is {kept}, its entries add up to {believed}"
                ));
            }
        }
        Ok(())
    }
}

/// The accounts between which each move goes.
fn accounts(what: &str) -> Option<(&'static str, &'static str)> {
    Some(match what {
        "allocate" => ("granted", "available"),
        "allocate_back" => ("available", "granted"),
        "transfer" => ("available", "available"),
        "approve" => ("available", "committed"),
        "release" => ("committed", "available"),
        "approve_claim" => ("committed", "payable"),
        "reverse_claim" => ("payable", "committed"),
        "pay" => ("payable", "paid"),
        "claw_back" => ("paid", "available"),
        "expire" => ("available", "forfeited"),
        _ => return None,
    })
}

fn balanced(transfer: &Transfer) -> Wrong {
    let Transfer { id, amount, what, .. } = transfer;
    let Some((from, to)) = accounts(what) else {
        return Err(format!("transfer {id} is a {what}: no such move"));
    };
    let sum: i64 = transfer.entries.iter().map(|(_, _, amount)| amount).sum();
    let reached = transfer.to_fund_id.as_ref().unwrap_or(&transfer.fund_id);
    let wanted =
        [(transfer.fund_id.clone(), from.to_owned(), -amount), (reached.clone(), to.to_owned(), *amount)];
    if sum != 0 || transfer.entries != wanted || *amount <= 0 {
        return Err(format!("transfer {id} ({what} of {amount}) does not balance: {:?}", transfer.entries));
    }
    Ok(())
}
