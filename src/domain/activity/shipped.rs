//! The rules that ship. Share, notice and window (half of the cost, ten business days, sixty days) lie within what published
//! programs have; the evidence is what they ask for by type of activity.

use super::{ActivityRule, Asked, Slot};
use crate::domain::campaign_type::CampaignType;
use rust_decimal::Decimal;

const SHARE_PERCENT: i64 = 50;
const NOTICE_DAYS: u32 = 10;
const CLAIM_WINDOW_DAYS: u32 = 60;

/// What a type asks for: eligible costs, then evidence of execution and of results, as [`Asked::parse`] reads them.
/// Proof of cost is an invoice for every type.
struct Shipped {
    eligible: &'static [&'static str],
    execution: &'static [&'static str],
    results: &'static [&'static str],
}

const INVOICE: &str = "third-party invoice for the full amount";
const LEADS: &str = "lead list (optional, restricted)";
const ATTENDEES: &str = "attendee list (optional, restricted)";
const ADVERT: Shipped = Shipped {
    eligible: &["media", "agency fee", "design of the ads"],
    execution: &["screenshot of the ad", "address of the landing page"],
    results: &["click-through report"],
};

pub(super) fn rule(kind: CampaignType) -> ActivityRule {
    let ships = of(kind);
    let asked =
        |slot: Slot, all: &[&str]| all.iter().filter_map(|text| Asked::parse(slot, text)).collect::<Vec<_>>();
    ActivityRule {
        share_percent: Decimal::from(SHARE_PERCENT),
        cap: None,
        notice_days: NOTICE_DAYS,
        claim_window_days: CLAIM_WINDOW_DAYS,
        eligible: ships.eligible.iter().map(|cost| (*cost).to_owned()).collect(),
        pre_approval: true,
        evidence: [
            asked(Slot::Cost, &[INVOICE]),
            asked(Slot::Execution, ships.execution),
            asked(Slot::Results, ships.results),
        ]
        .concat(),
    }
}

fn of(kind: CampaignType) -> Shipped {
    match kind {
        CampaignType::Email => Shipped {
            eligible: &["address data", "design and copy", "sending", "agency fee"],
            execution: &["final piece", "the mail as received, with its dated header"],
            results: &["estimated reach: sent, opened, clicked"],
        },
        CampaignType::DirectMail => Shipped {
            eligible: &["address data", "design and copy", "print", "postage", "agency fee"],
            execution: &["final piece", "postmarked envelope or posting receipt"],
            results: &["estimated reach"],
        },
        CampaignType::PartnerNewsletter => Shipped {
            eligible: &["design and copy", "sending", "agency fee"],
            execution: &["the newsletter as sent, with its date"],
            results: &["estimated reach: sent, opened, clicked"],
        },
        CampaignType::Webinar => Shipped {
            eligible: &["platform", "speaker", "promotion", "registration"],
            execution: &["invitation and agenda", "screenshot of the session"],
            results: &["how many registered and attended", ATTENDEES],
        },
        CampaignType::InPersonEvent => Shipped {
            eligible: &["venue", "speaker", "catering without alcohol", "promotion", "materials"],
            execution: &["invitation and agenda", "event photo"],
            results: &["how many registered and attended", ATTENDEES],
        },
        CampaignType::TradeShow => Shipped {
            eligible: &["stand", "registration", "sponsorship", "materials"],
            execution: &["photo of the stand or talk", "invitation or programme"],
            results: &["estimated visitors of the stand", LEADS],
        },
        CampaignType::PaidSearch | CampaignType::PaidSocial | CampaignType::Display => ADVERT,
        CampaignType::ContentSyndication => Shipped {
            eligible: &["syndication fee", "content production"],
            execution: &["address or screenshot of each piece"],
            results: &["click-through report", LEADS],
        },
        CampaignType::Telemarketing => Shipped {
            eligible: &["call centre", "address data", "script"],
            execution: &["script that names the vendor"],
            results: &["calls made and successful contacts", LEADS],
        },
        CampaignType::Social => Shipped {
            eligible: &["design and copy", "agency fee"],
            execution: &["screenshot or address of the posts"],
            results: &["reach and interactions"],
        },
        CampaignType::LandingPage => Shipped {
            eligible: &["design and copy", "development", "search optimisation"],
            execution: &["address or screenshot of the page"],
            results: &["visits and click-through report"],
        },
        CampaignType::Other => Shipped {
            eligible: &["third-party cost as approved"],
            execution: &["final piece, photo or screenshot"],
            results: &["what the plan promised to measure"],
        },
    }
}
