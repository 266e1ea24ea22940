//! What people log against a campaign: increments with a date. A correction is a reversing entry, never an edit.

use super::campaign::FundingSource;
use super::plan::states;
use super::refusal::Refusal;
use chrono::{DateTime, NaiveDate, Utc};

states! {
    /// What an entry counts.
    EntryKind {
        Spend "spend" "spend",
        Leads "leads" "leads",
    }
}

/// One logged increment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub campaign_id: String,
    pub number: i64,
    pub kind: EntryKind,
    /// The local day, in the plan's zone, that it counts on.
    pub occurred_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    /// Minor units of the plan's currency, or a count of leads.
    pub amount: i64,
    pub source: Option<FundingSource>,
    pub payer: Option<String>,
    pub invoice_number: Option<String>,
    pub note: Option<String>,
    pub logged_by: String,
    /// The id of the entry that this one takes back.
    pub reverses: Option<String>,
}

impl Entry {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("LOG-{}", self.number)
    }

    /// The entry that takes this one back: same day, same figure with the other sign.
    ///
    /// # Errors
    /// `wrong_state` if it is itself a reversal or has been reversed.
    pub fn reversal(
        &self,
        reversed: bool,
        id: String,
        number: i64,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<Entry, Refusal> {
        if reversed {
            return Err(Refusal::wrong_state(
                format!("{} has been reversed already.", self.name_short()),
                "",
            ));
        }
        if self.reverses.is_some() {
            return Err(Refusal::wrong_state(
                format!("{} is itself a reversal.", self.name_short()),
                "Log the right figure as a new entry.",
            ));
        }
        Ok(Entry {
            id,
            number,
            recorded_at: at,
            amount: -self.amount,
            logged_by: by.to_owned(),
            reverses: Some(self.id.clone()),
            ..self.clone()
        })
    }
}
