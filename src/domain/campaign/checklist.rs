//! What has to be there before a campaign of a type can run. People say of each item that it is done; whether the MDF
//! request is filed is seen from the requests. An item that isn't done never stops a campaign from running: its owner
//! decides, and both sides see what is missing.

use super::{Campaign, FundingSource};
use crate::domain::campaign_type::CampaignType;
use crate::domain::escape::short;
use crate::domain::refusal::Refusal;
use crate::domain::request::MdfRequest;

/// One item of a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its stable code, as stored. Never changes.
    pub code: &'static str,
    /// What is there once it is done.
    pub label: &'static str,
}

/// The item that nobody ticks off: it is seen from the campaign's requests.
pub const MDF_REQUEST: Item = Item { code: "mdf_request", label: "MDF request filed" };

macro_rules! items {
    ($($code:literal $label:literal),* $(,)?) => { &[$(Item { code: $code, label: $label }),*] };
}

/// What people tick off for a type.
pub fn items(kind: CampaignType) -> &'static [Item] {
    match kind {
        CampaignType::Email => items![
            "target_list" "target list defined",
            "creative" "creative ready",
            "send_dates" "send dates set",
        ],
        CampaignType::PartnerNewsletter => items![
            "creative" "piece written and laid out",
            "send_dates" "issue and send dates set",
        ],
        CampaignType::Webinar => items![
            "date" "date confirmed",
            "speakers" "speakers named",
            "registration_page" "registration page online",
        ],
        CampaignType::InPersonEvent => items![
            "venue" "venue booked",
            "date" "date confirmed",
            "agenda" "agenda and speakers set",
            "invitations" "guest list and invitations ready",
        ],
        CampaignType::TradeShow => items![
            "stand" "stand booked",
            "staff" "stand staffed by both sides",
            "lead_capture" "lead capture arranged",
        ],
        CampaignType::PaidSearch => items![
            "keywords" "keywords and budget per day set",
            "landing_page" "landing page online",
            "tracking" "utm tags in every ad",
        ],
        CampaignType::PaidSocial | CampaignType::Display => items![
            "creative" "creative ready",
            "audience" "audience defined",
            "landing_page" "landing page online",
            "tracking" "utm tags in every ad",
        ],
        CampaignType::ContentSyndication => items![
            "asset" "asset delivered",
            "publisher" "publisher booked",
            "lead_delivery" "lead delivery tested",
        ],
        CampaignType::Telemarketing => items![
            "target_list" "target list defined",
            "script" "call guide ready",
            "callers" "callers briefed",
        ],
        CampaignType::DirectMail => items![
            "target_list" "target list defined",
            "creative" "creative ready",
            "printing" "printing and postage booked",
            "send_dates" "mailing dates set",
        ],
        CampaignType::Social => items![
            "creative" "posts ready",
            "schedule" "posts scheduled",
        ],
        CampaignType::LandingPage => items![
            "page" "page online",
            "form" "form tested down to the CRM",
        ],
        CampaignType::Other => items![
            "concept" "concept agreed on",
        ],
    }
}

/// The whole checklist of a campaign with whether each item is done; the MDF request only where MDF funds it.
pub fn all(campaign: &Campaign, requests: &[MdfRequest]) -> Vec<(Item, bool)> {
    let ticked = items(campaign.kind).iter().map(|item| {
        // Send dates that are there need nobody to say so.
        let seen = item.code == "send_dates" && !campaign.sends.is_empty();
        (*item, seen || campaign.checked.contains(item.code))
    });
    let mut all: Vec<(Item, bool)> = ticked.collect();
    if campaign.is_funded_by(FundingSource::Mdf) {
        let mdf = |one: &MdfRequest| one.fund_kind.source() == FundingSource::Mdf;
        let filed = |one: &MdfRequest| one.campaign_id == campaign.id && mdf(one) && one.state.is_filed();
        all.push((MDF_REQUEST, requests.iter().any(filed)));
    }
    all
}

/// What is missing of a campaign's checklist. `requests` are its own; others' count for nothing.
pub fn missing(campaign: &Campaign, requests: &[MdfRequest]) -> Vec<Item> {
    all(campaign, requests).into_iter().filter(|(_, done)| !done).map(|(item, _)| item).collect()
}

/// The item that a text names, by its code or its label.
///
/// # Errors
/// `bad_input` if the type has no such item, or if it is the one that is seen from the requests.
pub fn find(kind: CampaignType, named: &str) -> Result<Item, Refusal> {
    let named = named.trim().to_lowercase();
    if named == MDF_REQUEST.code || named == MDF_REQUEST.label.to_lowercase() {
        return Err(Refusal::bad_input(
            "Whether the MDF request is filed is seen from the requests.",
            "File it with /mdf request.",
        ));
    }
    let fits = |item: &&Item| item.code == named || item.label == named;
    items(kind).iter().find(fits).copied().ok_or_else(|| {
        Refusal::bad_input(
            format!("A campaign of the type {} has no item \"{}\".", kind.label(), short(&named, 40)),
            "Pick it from the list that the option offers.",
        )
    })
}
