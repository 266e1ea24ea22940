//! When a campaign's leads, pipeline, won revenue and spend are planned to come, in words: what moves the plan to date.

use super::Campaign;
use crate::domain::curve::{CampaignShape, CurveKind, CurveOverrides, Measure};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The words, by what they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub leads: String,
    pub pipeline: String,
    pub won: String,
    pub spend: String,
    /// The last day on which anything is planned.
    pub last: String,
}

impl Expected {
    /// Of a campaign; `None` for dates or settings that no curve can be laid over.
    #[must_use]
    pub fn of(campaign: &Campaign) -> Option<Self> {
        let shape = campaign.shape().ok()?;
        let later = |measure| format!("{} days later", shape.lag_days(measure));
        Some(Self {
            leads: kind(&shape.leads_curve(), &shape),
            pipeline: later(Measure::Pipeline),
            won: later(Measure::Won),
            spend: kind(&shape.spend_curve(), &shape),
            last: campaign.last_planned_day().to_string(),
        })
    }
}

fn kind(kind: &CurveKind, shape: &CampaignShape) -> String {
    let tail = shape.tail_days();
    match kind {
        CurveKind::Even => "evenly over its days".to_owned(),
        CurveKind::AfterEvent => format!("half two days after its end, the rest over the {tail} days after"),
        CurveKind::TradeShow => format!("half over its days, half over the {tail} days after its end"),
        CurveKind::Sends { delay_days } => {
            format!("an equal share for each send, over the {tail} days from {delay_days} after it")
        }
        CurveKind::OnStart => "all on its first day".to_owned(),
        CurveKind::Monthly(weights) => {
            let weights: BTreeMap<NaiveDate, Decimal> = weights.clone().into();
            let months = weights.iter();
            let months =
                months.map(|(month, part)| format!("{} {} %", month.format("%Y-%m"), part.normalize()));
            format!("by month: {}", months.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What is set by hand, where the words that follow from it are the same.
pub fn by_hand(curve: &CurveOverrides) -> String {
    let days = |what: &str, days: Option<u16>| days.map(|days| format!("{what} {days}"));
    let said = [
        curve.leads.as_ref().map(|_| "leads".to_owned()),
        curve.spend.as_ref().map(|_| "spend".to_owned()),
        days("tail", curve.tail_days),
        days("pipeline", curve.pipeline_lag_days),
        days("won", curve.won_lag_days),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
