//! What changes a plan that both sides have signed: an adjustment that one side files and an authorised person of
//! each side signs, and a stop, which is at once. On a plan that is not signed yet the same commands act in place.

mod decide;
pub(super) mod ending;
mod file;
mod rate;
mod sign;
mod stop;

use super::{Reply, Step, Stop};
use crate::domain::adjustment::rules::{Ground, Held};
use crate::domain::campaign::Campaign;
use crate::domain::command::adjust::AdjustWish;
use crate::domain::plan::Plan;
use crate::domain::plan::rate::Rate;
use crate::domain::refusal::Refusal;
use crate::domain::request::{MdfRequest, RequestState};
use crate::domain::unseen::is_blank;
use crate::domain::variance::VarianceReport;
use crate::fault::Fault;
use crate::report::figures;
use crate::store::{Read, Tx, campaign, plan, request};
use chrono::NaiveDate;
use std::collections::BTreeMap;

pub(crate) use decide::conclude_at;
pub(crate) use ending::{Files as Ending, end_by};
pub(super) use file::{edit, file, terms};
pub(super) use sign::read_in_full;
pub(crate) use stop::end_stops;

pub(super) async fn handle(step: &Step<'_>, tx: &mut Tx, wish: &AdjustWish) -> Result<Reply, Stop> {
    match wish {
        AdjustWish::Postpone { partner, campaign, start, end, reason } => {
            let named = file::Named { partner: partner.as_deref(), campaign, reason };
            file::postpone(step, tx, &named, start.as_deref(), end.as_deref()).await
        }
        AdjustWish::Cancel { partner, campaign, reason, confirm } => {
            let named = file::Named { partner: partner.as_deref(), campaign, reason };
            file::cancel(step, tx, &named, confirm.as_deref()).await
        }
        AdjustWish::CancelPlan { partner, plan, reason, confirm } => {
            let named = file::NamedPlan { partner: partner.as_deref(), plan: plan.as_deref(), reason };
            file::cancel_plan(step, tx, &named, confirm.as_deref()).await
        }
        AdjustWish::Decide { id, seen_rev, decision } => {
            decide::decide(step, tx, id, *seen_rev, decision).await
        }
        AdjustWish::Stop { partner, campaign, reason } => {
            stop::stop(step, tx, partner.as_deref(), campaign, reason).await
        }
        AdjustWish::Resume { partner, campaign } => {
            stop::resume(step, tx, partner.as_deref(), campaign).await
        }
        AdjustWish::Rate { partner, plan, currency, rate } => {
            let named = (partner.as_deref(), plan.as_deref());
            rate::set(step, tx, named, currency, rate).await
        }
        AdjustWish::DecideStop { campaign, seen_at, decision } => {
            stop::decide(step, tx, campaign, *seen_at, *decision).await
        }
    }
}

/// The longest reason, in characters.
const REASON_LIMIT: usize = 500;

/// A reason that was asked for.
fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) || text.chars().count() > REASON_LIMIT {
        return Err(Refusal::bad_input(
            format!("A reason of at most {REASON_LIMIT} characters is needed."),
            "Say in a sentence why.",
        ));
    }
    Ok(text.to_owned())
}

/// A plan with everything that a change of it is checked against and shown beside. The partner is locked.
struct Scene {
    plan: Plan,
    campaigns: Vec<Campaign>,
    /// Those that were ever filed: what both sides may read of.
    requests: Vec<MdfRequest>,
    report: VarianceReport,
    rates: Vec<Rate>,
    committed: BTreeMap<String, Vec<Held>>,
    today: NaiveDate,
}

impl Scene {
    async fn load(step: &Step<'_>, read: &mut Read, plan: Plan) -> Result<Self, Fault> {
        let campaigns = campaign::of_plan(read, &plan.id).await?;
        let mut requests = request::of_plan(read, &plan.id).await?;
        requests.retain(|request| request.was_filed());
        let snapshot = figures::snapshot(read, &plan, step.now, plan.last_complete_day(step.now)).await?;
        let rates = plan::rates(read, &plan.id).await?;
        let mut committed: BTreeMap<String, Vec<Held>> = BTreeMap::new();
        for request in requests.iter().filter(|request| request.state == RequestState::Approved) {
            let Some(held) = request.approved else { continue };
            let source = request.fund_kind.source();
            let sums = committed.entry(request.campaign_id.clone()).or_default();
            match sums.iter_mut().find(|sum| sum.source == source && sum.held.currency() == held.currency()) {
                Some(sum) => {
                    sum.held = sum.held.checked_add(held)?;
                }
                None => sums.push(Held { source, held }),
            }
        }
        let today = plan.local_day(step.now);
        Ok(Self { report: snapshot.report(), plan, campaigns, requests, rates, committed, today })
    }

    fn ground(&self) -> Ground<'_> {
        Ground {
            plan: &self.plan,
            today: self.today,
            report: &self.report,
            rates: &self.rates,
            committed: &self.committed,
        }
    }
}
