//! The types of campaign that a plan can carry. The type decides how its results are expected to come in over time
//! (see `curve`) and which tasks and checks it brings.

use serde::{Deserialize, Serialize};

/// What kind of campaign it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignType {
    /// Mails to a list, on stated days.
    Email,
    /// An online event.
    Webinar,
    /// A roadshow, dinner, workshop: people in a room, hosted by the two companies.
    InPersonEvent,
    /// A stand or sponsorship at somebody else's event.
    TradeShow,
    /// Advertising in search engines.
    PaidSearch,
    /// Advertising in social networks.
    PaidSocial,
    /// Banner advertising.
    Display,
    /// Content published by third parties who deliver leads.
    ContentSyndication,
    /// Calls to a list.
    Telemarketing,
    /// Mail on paper, on stated days.
    DirectMail,
    /// Unpaid posts in social networks.
    Social,
    /// A page that collects leads by itself.
    LandingPage,
    /// A piece in the partner's newsletter, on stated days.
    PartnerNewsletter,
    /// Anything else.
    Other,
}

impl CampaignType {
    /// All types, in the order in which they are offered.
    pub const ALL: [Self; 14] = [
        Self::Email,
        Self::Webinar,
        Self::InPersonEvent,
        Self::TradeShow,
        Self::PaidSearch,
        Self::PaidSocial,
        Self::Display,
        Self::ContentSyndication,
        Self::Telemarketing,
        Self::DirectMail,
        Self::Social,
        Self::LandingPage,
        Self::PartnerNewsletter,
        Self::Other,
    ];

    /// The stable code in the database, in files and in configuration. Never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webinar => "webinar",
            Self::InPersonEvent => "in_person_event",
            Self::TradeShow => "trade_show",
            Self::PaidSearch => "paid_search",
            Self::PaidSocial => "paid_social",
            Self::Display => "display",
            Self::ContentSyndication => "content_syndication",
            Self::Telemarketing => "telemarketing",
            Self::DirectMail => "direct_mail",
            Self::Social => "social",
            Self::LandingPage => "landing_page",
            Self::PartnerNewsletter => "partner_newsletter",
            Self::Other => "other",
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Webinar => "Webinar",
            Self::InPersonEvent => "In-person event",
            Self::TradeShow => "Trade show",
            Self::PaidSearch => "Paid search",
            Self::PaidSocial => "Paid social",
            Self::Display => "Display",
            Self::ContentSyndication => "Content syndication",
            Self::Telemarketing => "Telemarketing",
            Self::DirectMail => "Direct mail",
            Self::Social => "Social",
            Self::LandingPage => "Landing page",
            Self::PartnerNewsletter => "Partner newsletter",
            Self::Other => "Other",
        }
    }

    /// Reads a code or a label, in any case, with spaces, hyphens or underscores: `In-person event`, `trade_show`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |t: &str| t.trim().to_lowercase().replace([' ', '-'], "_");
        let wanted = plain(text);
        Self::ALL.into_iter().find(|t| t.code() == wanted)
    }

    /// Runs all the time between its start and its end (the first row of the table of curves); the others happen on
    /// dates.
    #[must_use]
    pub fn is_always_on(self) -> bool {
        match self {
            Self::PaidSearch
            | Self::PaidSocial
            | Self::Display
            | Self::ContentSyndication
            | Self::Telemarketing
            | Self::Social
            | Self::LandingPage
            | Self::Other => true,
            Self::Email
            | Self::Webinar
            | Self::InPersonEvent
            | Self::TradeShow
            | Self::DirectMail
            | Self::PartnerNewsletter => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_back_from_its_code_and_its_label() {
        for kind in CampaignType::ALL {
            assert_eq!(CampaignType::parse(kind.code()), Some(kind));
            assert_eq!(CampaignType::parse(kind.label()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("serialises"), kind.code());
        }
        assert_eq!(CampaignType::parse("IN-PERSON EVENT"), Some(CampaignType::InPersonEvent));
        assert_eq!(CampaignType::parse("podcast"), None);
    }
}
