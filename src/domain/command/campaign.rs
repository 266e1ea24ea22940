//! What can be asked about a campaign once it is there.

use crate::domain::campaign::edit::CampaignEdit;

/// The long texts of a campaign, as a form gives them back; an empty one clears the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub segment: String,
    pub message: String,
    pub offer: String,
    pub channel: String,
    /// Why, where the plan is signed and this is an adjustment.
    pub reason: String,
}

/// Something to do with a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CampaignWish {
    Edit {
        partner: Option<String>,
        campaign: String,
        edit: Box<CampaignEdit>,
        /// Why; asked for where both sides have to agree to it.
        reason: Option<String>,
    },
    /// By form; `seen` says which texts the form showed.
    Texts {
        id: String,
        seen: i64,
        texts: Texts,
    },
    /// An item of the checklist is done, or not any more.
    Check {
        partner: Option<String>,
        campaign: String,
        item: String,
        done: bool,
    },
    /// Ready to run; `anyway` although something is missing.
    Ready {
        partner: Option<String>,
        campaign: String,
        anyway: bool,
    },
    Done {
        partner: Option<String>,
        campaign: String,
    },
    /// The same by button.
    DoneById {
        id: String,
        /// The mark of the last day that the question was about.
        seen_end: i64,
    },
}
