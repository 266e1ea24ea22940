//! What both sides sign: a plan with all that belongs to it, as canonical JSON. What is not in here is not agreed.

use super::Plan;
use super::rate::Rate;
use crate::domain::campaign::Campaign;
use crate::domain::canonical::{canonical, sha256};
use crate::domain::capacity::Efforts;
use crate::domain::promise::{Promise, PromiseState};
use crate::domain::task::{Task, TaskState};
use serde_json::{Value, json};

/// A plan with its campaigns, tasks and promises. What is signed lists them by number, in whatever order they were loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    pub plan: Plan,
    pub campaigns: Vec<Campaign>,
    pub tasks: Vec<Task>,
    pub promises: Vec<Promise>,
    /// By currency.
    pub rates: Vec<Rate>,
    /// What the program says that types of campaigns take: not signed, but what the signed hours are compared with.
    pub efforts: Efforts,
}

impl Terms {
    /// Canonical JSON (RFC 8785), decimals as strings. States, which the clock and people move without a signature, are
    /// not part of it; that a campaign is postponed or cancelled is, because both sides sign it and figures follow it.
    pub fn canonical(&self) -> String {
        canonical(&self.content())
    }

    /// The same of a revision that an adjustment made. It holds what both sides signed for it, with its hash, so that their
    /// signatures bind the revision although its effective day was not known when the first of them was given.
    pub fn canonical_revision(&self, adjustment: Value) -> String {
        let mut content = self.content();
        content["adjustment"] = json!({"sha256": sha256(&canonical(&adjustment)), "signed": adjustment});
        canonical(&content)
    }

    fn content(&self) -> Value {
        let plan = &self.plan;
        let jbp = plan.jbp.map(|jbp| {
            json!({
                "revenue": jbp.revenue.decimal().to_string(),
                "marketing_share_percent": jbp.marketing_share.normalize().to_string(),
                "win_rate_percent": jbp.win_rate.normalize().to_string(),
            })
        });
        let campaigns = by_number(&self.campaigns, |campaign| campaign.number).into_iter();
        let campaigns = campaigns.filter(|campaign| campaign.is_in_terms());
        let promises = by_number(&self.promises, |promise| promise.number).into_iter();
        let promises = promises.filter(|promise| promise.state != PromiseState::Withdrawn);
        let mut content = json!({
            "plan": plan.name_short(),
            "name": plan.name,
            "starts_on": plan.period.start().to_string(),
            "ends_on": plan.period.end().to_string(),
            "currency": plan.currency.code(),
            "time_zone": plan.zone.name(),
            "attribution": plan.attribution.code(),
            "review_cadence": plan.cadence.code(),
            "joint_business_plan": jbp,
            "lead_routing_hours": plan.routing_hours.map(|hours| hours.to_string()),
            "hours_a_week": {
                "vendor": plan.hours.vendor.map(|hours| hours.to_string()),
                "partner": plan.hours.partner.map(|hours| hours.to_string()),
            },
            "campaigns": campaigns.map(|campaign| self.campaign_content(campaign)).collect::<Vec<_>>(),
            "promises": promises.map(Promise::content).collect::<Vec<_>>(),
        });
        // Only where there is one: what most plans are signed as stays as short as it was.
        if !self.rates.is_empty() {
            content["rates"] = self.rates.iter().map(Rate::content).collect();
        }
        content
    }

    /// The hash that a signature binds.
    pub fn sha256(&self) -> String {
        sha256(&self.canonical())
    }

    /// What is signed of one campaign, its tasks included.
    pub fn campaign_content(&self, campaign: &Campaign) -> Value {
        let mut content = campaign.content();
        let tasks = by_number(&self.tasks, |task| task.number)
            .into_iter()
            .filter(|task| task.campaign_id == campaign.id && task.state != TaskState::Closed);
        content["tasks"] = tasks.map(Task::content).collect();
        content
    }
}

fn by_number<T>(all: &[T], number: impl Fn(&T) -> i64) -> Vec<&T> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by_key(|one| number(one));
    sorted
}
