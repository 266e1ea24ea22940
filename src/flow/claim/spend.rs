//! An accepted invoice is spend: of the fund that pays for it, and of the partner who bears the rest.

use super::super::{Step, Stop};
use super::Found;
use crate::domain::campaign::FundingSource;
use crate::domain::claim::{Line, logged_already};
use crate::domain::log::{Entry, EntryKind};
use crate::domain::money::Money;
use crate::fault::Fault;
use crate::store::{Tx, campaign, claim, program};
use serde_json::json;

/// Each accepted line is spend of its campaign, on its invoice's day: the entry that somebody named for it, or one that
/// stands in the log for the same invoice, or two new ones: the line's part of what the fund pays, by largest remainder,
/// and the partner's rest. What is in another currency than the plan's is for people to log.
pub(super) async fn log_spend(
    step: &Step<'_>,
    tx: &mut Tx,
    found: &Found<'_>,
    pays: Money,
) -> Result<(), Stop> {
    if found.fund.currency != found.plan.currency {
        return Ok(());
    }
    let weights: Vec<u64> =
        found.lines.iter().map(|line| u64::try_from(line.counts().minor()).unwrap_or_default()).collect();
    let parts = pays.split(&weights).map_err(Fault::from)?;
    let standing = claim::unclaimed_spend(tx, &found.campaign.id).await?;
    let known = logged_already(&found.lines, &standing);
    for ((line, part), mut entries) in found.lines.iter().zip(parts).zip(known) {
        if line.log_entry_id.is_some() || line.counts().is_zero() {
            continue;
        }
        if entries.is_empty() {
            entries = created(step, tx, found, (line, part)).await?;
        } else {
            let detail = json!({"line": line.position, "entries": entries});
            step.audit(tx, Some(&found.partner.id), "claim_spend_linked", &found.claim.id, detail).await?;
        }
        let mut ids = entries.into_iter();
        let line = Line { log_entry_id: ids.next(), rest_entry_id: ids.next(), ..line.clone() };
        claim::save_line(tx, &line).await?;
    }
    Ok(())
}

/// Logs what the fund pays of a line and what it does not; gives back the ids.
async fn created(
    step: &Step<'_>,
    tx: &mut Tx,
    found: &Found<'_>,
    (line, part): (&Line, Money),
) -> Result<Vec<String>, Stop> {
    let rest = line.counts().checked_sub(part).map_err(Fault::from)?;
    let mut ids = Vec::new();
    for (spent, source) in [(part, found.fund.kind.source()), (rest, FundingSource::Partner)] {
        if spent.is_zero() {
            continue;
        }
        let entry = Entry {
            id: step.app.clock.new_id(),
            campaign_id: found.campaign.id.clone(),
            number: program::next_number(tx, &found.partner.id, "log").await?,
            kind: EntryKind::Spend,
            occurred_on: line.invoice_date,
            recorded_at: step.now,
            amount: spent.minor(),
            source: Some(source),
            payer: Some(found.partner.name.clone()),
            invoice_number: Some(line.invoice_number.clone()),
            note: Some(format!("{} line {}", found.claim.name_short(), line.position)),
            logged_by: step.context.person.id.clone(),
            reverses: None,
        };
        campaign::insert_entry(tx, &found.partner.id, &entry).await?;
        let detail = json!({"campaign": found.campaign.id, "kind": "spend", "amount": spent.minor().to_string(), "source": source.code(), "claim": found.claim.id});
        step.audit(tx, Some(&found.partner.id), "logged", &entry.id, detail).await?;
        ids.push(entry.id);
    }
    Ok(ids)
}
