//! Currency rates of a draft: part of what both sides sign, frozen with the revision.

use super::super::plan::{find, show};
use super::super::{Reply, Step, Stop, unreadable};
use crate::domain::action::{Action, authorise};
use crate::domain::money::Currency;
use crate::domain::plan::rate::Rate;
use crate::domain::refusal::Refusal;
use crate::store::{Tx, plan, program};
use serde_json::json;

pub(super) async fn set(
    step: &Step<'_>,
    tx: &mut Tx,
    (partner, named): (Option<&str>, Option<&str>),
    currency: &str,
    rate: &str,
) -> Result<Reply, Stop> {
    let (partner, found) = find(step.context, tx, partner, named).await?;
    authorise(&step.context.person, Action::SetRate, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let plan = plan::by_id(tx, &found.id).await?.ok_or_else(Refusal::not_found)?.edited()?;
    let currency = Currency::parse(currency.trim()).map_err(|error| unreadable(&error, ""))?;
    let mut said = if rate.trim() == "-" {
        if !plan::delete_rate(tx, &plan.id, currency).await? {
            return Err(Refusal::bad_input(
                format!("{} has no rate for {}.", plan.name_short(), currency.code()),
                "",
            )
            .into());
        }
        format!("{} has no rate for {} any more.", plan.name_short(), currency.code())
    } else {
        let rate = Rate::read(rate, currency, plan.currency, plan.local_day(step.now))?;
        plan::save_rate(tx, &plan.id, &rate).await?;
        let (from, to) = (currency.code(), plan.currency.code());
        format!("In {} {from} 1 is {to} {}, as of {}.", plan.name_short(), rate.rate, rate.entered_on)
    };
    plan::save(tx, &plan).await?;
    let detail = json!({"rev": plan.rev, "currency": currency.code(), "rate": rate.trim()});
    step.audit(tx, Some(&partner.id), "plan_rate_set", &plan.id, detail).await?;
    if plan.proposed_at.is_some() {
        said.push_str(" The plan is a draft; propose it anew with /plan propose.");
        show(step, tx, partner, &plan).await?;
    }
    Ok(Reply::text(said))
}
