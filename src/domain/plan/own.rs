//! What a plan holds beside its campaigns that both sides can still change once they have signed it: its name, review
//! cadence, joint business plan, lead-routing time, hours a week. Its period, currency, time zone, attribution and last day
//! to sign never change after that: figures, days and signatures rest on them.
//!
//! Nothing that has happened changes with them: a cadence that was replaced still says which checkpoints came until then,
//! and weeks that were over are measured by the hours that were stated for them.

use super::{BySide, Jbp, Plan};
use crate::domain::cadence::{Cadence, Slot};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};

/// The terms of a plan that an adjustment can change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnTerms {
    pub name: String,
    #[serde(serialize_with = "as_code", deserialize_with = "from_code")]
    pub cadence: Cadence,
    pub jbp: Option<Jbp>,
    pub routing_hours: Option<i64>,
    pub hours: BySide<Option<i64>>,
}

/// What held before, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Before {
    pub cadences: Vec<CadenceBefore>,
    pub hours: Vec<HoursBefore>,
}

/// A cadence that was replaced at an instant; a checkpoint on that very instant was still its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CadenceBefore {
    pub until: DateTime<Utc>,
    #[serde(serialize_with = "as_code", deserialize_with = "from_code")]
    pub cadence: Cadence,
}

/// Hours a week that were stated until a local day, which has the new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursBefore {
    pub until: NaiveDate,
    pub hours: BySide<Option<i64>>,
}

fn as_code<S: Serializer>(cadence: &Cadence, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&cadence.code())
}

fn from_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cadence, D::Error> {
    let code = String::deserialize(deserializer)?;
    Cadence::parse(&code).map_err(de::Error::custom)
}

impl OwnTerms {
    pub fn of(plan: &Plan) -> Self {
        Self {
            name: plan.name.clone(),
            cadence: plan.cadence.clone(),
            jbp: plan.jbp,
            routing_hours: plan.routing_hours,
            hours: plan.hours,
        }
    }

    /// The plan with these terms from `at` on.
    #[must_use]
    pub fn in_force(&self, plan: &Plan, at: DateTime<Utc>) -> Plan {
        let mut after = plan.clone();
        if self.cadence != plan.cadence {
            let cadence = plan.cadence.clone();
            after.before.cadences.push(CadenceBefore { until: at, cadence });
        }
        if self.hours != plan.hours {
            after.before.hours.push(HoursBefore { until: plan.local_day(at), hours: plan.hours });
        }
        let OwnTerms { name, cadence, jbp, routing_hours, hours } = self.clone();
        Plan { name, cadence, jbp, routing_hours, hours, ..after }
    }

    /// What is signed of them.
    pub(in crate::domain) fn content(&self) -> Value {
        let jbp = self.jbp.map(|jbp| {
            json!({
                "revenue": jbp.revenue.decimal().to_string(),
                "marketing_share_percent": jbp.marketing_share.normalize().to_string(),
                "win_rate_percent": jbp.win_rate.normalize().to_string(),
            })
        });
        json!({
            "name": self.name,
            "review_cadence": self.cadence.code(),
            "joint_business_plan": jbp,
            "lead_routing_hours": self.routing_hours.map(|hours| hours.to_string()),
            "hours_a_week": {
                "vendor": self.hours.vendor.map(|hours| hours.to_string()),
                "partner": self.hours.partner.map(|hours| hours.to_string()),
            },
        })
    }
}

impl Plan {
    /// The checkpoints strictly after an instant, each by the cadence in force at it, earliest first.
    pub fn upcoming(&self, after: DateTime<Utc>) -> impl Iterator<Item = Slot> + '_ {
        let window = self.window();
        let mut from = after;
        let mut spans = Vec::new();
        for old in &self.before.cadences {
            if old.until > from {
                spans.push((from, Some(old.until), &old.cadence));
                from = old.until;
            }
        }
        spans.push((from, None, &self.cadence));
        spans.into_iter().flat_map(move |(from, until, cadence)| {
            let slots = cadence.upcoming(from, &window);
            slots.take_while(move |slot| until.is_none_or(|until| slot.due_at <= until))
        })
    }

    /// The first checkpoint strictly after an instant.
    pub fn next_checkpoint(&self, after: DateTime<Utc>) -> Option<Slot> {
        self.upcoming(after).next()
    }

    /// The checkpoints with `after < due_at <= until`.
    pub fn due_between(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Slot> {
        self.upcoming(after).take_while(|slot| slot.due_at <= until).collect()
    }

    /// The hours a week that were, or are, stated for the week that begins on a Monday: those in force on its last day.
    pub fn hours_in_week(&self, monday: NaiveDate) -> BySide<Option<i64>> {
        let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
        let old = self.before.hours.iter().find(|old| sunday < old.until);
        old.map_or(self.hours, |old| old.hours)
    }
}
