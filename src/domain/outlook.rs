//! What a plan carries by the end of its period, against what the joint business plan (JBP) needs. A target says what a
//! campaign brings in the end; its curve says how much of that comes before the period is over.

use super::campaign::{Campaign, CampaignState};
use super::curve::{Curve, Measure};
use super::fraction::Fraction;
use super::money::Money;
use super::plan::Plan;
use chrono::NaiveDate;

/// The pipeline and leads that a plan's campaigns are planned to bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook<'a> {
    /// Pipeline planned by the last day of the period.
    pub by_end: Money,
    /// Pipeline that is planned after it.
    pub after: Money,
    /// What the JBP needs the plan to carry; `None` without a JBP.
    pub needed: Option<Money>,
    /// Leads planned by the last day of the period, and in all.
    pub leads: (i64, i64),
    /// The campaigns that bring pipeline after the period, with how much of it, the most first.
    pub late: Vec<(&'a Campaign, Money)>,
}

impl Outlook<'_> {
    /// What is missing to the JBP's need; `None` if nothing is, or there is no JBP.
    #[must_use]
    pub fn short_by(&self) -> Option<Money> {
        let short = self.needed?.checked_sub(self.by_end).ok()?;
        (!short.is_zero() && !short.is_negative()).then_some(short)
    }
}

/// The outlook of a plan, by the curves of its campaigns. What was cancelled, or postponed without a date, brings
/// nothing; a campaign that had begun when the plan was agreed runs from that day.
#[must_use]
pub fn outlook<'a>(plan: &Plan, campaigns: &'a [Campaign]) -> Outlook<'a> {
    let end = plan.period.end();
    let agreed = plan.agreed_at.map(|at| plan.local_day(at));
    let mut outlook = Outlook {
        by_end: Money::zero(plan.currency),
        after: Money::zero(plan.currency),
        needed: plan.jbp.and_then(|jbp| jbp.pipeline_needed()),
        leads: (0, 0),
        late: Vec::new(),
    };
    let brings =
        |campaign: &&Campaign| !matches!(campaign.state, CampaignState::Cancelled | CampaignState::Postponed);
    let mut leads = Fraction::ZERO;
    for campaign in campaigns.iter().filter(brings) {
        let target = campaign.target_pipeline;
        let share = share_by(campaign, Measure::Pipeline, agreed, end);
        let by_end = Money::rounded((share * Fraction::from(target.decimal())).to_decimal(), plan.currency)
            .unwrap_or(target);
        let after = target.checked_sub(by_end).unwrap_or(Money::zero(plan.currency));
        outlook.by_end = outlook.by_end.checked_add(by_end).unwrap_or(outlook.by_end);
        outlook.after = outlook.after.checked_add(after).unwrap_or(outlook.after);
        if !after.is_zero() {
            outlook.late.push((campaign, after));
        }
        outlook.leads.1 = outlook.leads.1.saturating_add(campaign.target_leads);
        leads =
            leads + share_by(campaign, Measure::Leads, agreed, end) * Fraction::whole(campaign.target_leads);
    }
    outlook.leads.0 = whole(leads);
    outlook.late.sort_by_key(|(campaign, after)| (std::cmp::Reverse(after.minor()), campaign.number));
    outlook
}

/// The share of a campaign's target that is planned up to and including `day`. Dates that make no curve (none that
/// `Campaign::check` lets pass) count at their start.
fn share_by(campaign: &Campaign, measure: Measure, agreed: Option<NaiveDate>, day: NaiveDate) -> Fraction {
    match campaign.shape() {
        Ok(shape) => {
            let shape = agreed.map_or(shape.clone(), |agreed| shape.agreed_on(agreed));
            Curve::of(measure, &shape).cumulative(day)
        }
        Err(_) if campaign.period.start() <= day => Fraction::ONE,
        Err(_) => Fraction::ZERO,
    }
}

fn whole(leads: Fraction) -> i64 {
    let rounded = leads
        .to_decimal()
        .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    rounded.to_string().parse().unwrap_or(i64::MAX)
}
