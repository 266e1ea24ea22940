//! What a role lets people do, and the bundles of it that ship.
//!
//! Only names and which side may hold what; whether somebody may do a thing is decided elsewhere, at every press.

use crate::domain::actor::{Capability, Side};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Everything a role lets its members do.
pub type Capabilities = BTreeSet<Capability>;

/// Every capability with its name in `bot.toml`.
pub(super) static CAPABILITIES: LazyLock<Vec<(&str, Capability)>> =
    LazyLock::new(|| Capability::ALL.iter().map(|capability| (capability.code(), *capability)).collect());

/// Whether a role of this side may have it.
pub(super) fn suits(capability: Capability, side: Side) -> bool {
    capability.side().is_none_or(|only| only == side)
}

/// Capabilities that usually go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bundle {
    /// Vendor: runs the plans with partners and signs them.
    ChannelManager,
    /// Vendor: decides requests and claims. Doesn't pay, so that no role alone both grants and pays.
    Approver,
    /// Vendor: records payments.
    Finance,
    /// Vendor: sets money aside.
    FundManager,
    /// Vendor: sets the program and its CRMs up.
    Administrator,
    /// Vendor: looks on.
    Viewer,
    /// Partner: writes the plan, files requests and claims, logs results.
    PartnerMarketing,
    /// Partner: takes leads and logs what became of them.
    PartnerSales,
    /// Partner: signs.
    PartnerSignatory,
}

/// Every bundle with its name in `bot.toml`.
pub(super) const BUNDLES: &[(&str, Bundle)] = &[
    ("channel_manager", Bundle::ChannelManager),
    ("approver", Bundle::Approver),
    ("finance", Bundle::Finance),
    ("fund_manager", Bundle::FundManager),
    ("administrator", Bundle::Administrator),
    ("viewer", Bundle::Viewer),
    ("partner_marketing", Bundle::PartnerMarketing),
    ("partner_sales", Bundle::PartnerSales),
    ("partner_signatory", Bundle::PartnerSignatory),
];

impl Bundle {
    /// Its name in `bot.toml`.
    pub fn name(self) -> &'static str {
        BUNDLES.iter().find(|(_, bundle)| *bundle == self).map_or("", |(name, _)| name)
    }

    /// The bundle of a name.
    pub fn parse(name: &str) -> Option<Self> {
        BUNDLES.iter().find(|(known, _)| *known == name).map(|(_, bundle)| *bundle)
    }

    /// Whether it is a partner's; the others are the vendor's.
    pub fn is_partners(self) -> bool {
        matches!(self, Self::PartnerMarketing | Self::PartnerSales | Self::PartnerSignatory)
    }

    /// What is in it.
    pub fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::ChannelManager => &[
                Capability::ManagePlans,
                Capability::Sign,
                Capability::LogResults,
                Capability::ViewPortfolio,
            ],
            Self::Approver => &[Capability::ApproveMdf, Capability::ApproveClaims, Capability::ViewPortfolio],
            Self::Finance => &[Capability::PayClaims, Capability::ViewPortfolio],
            Self::FundManager => &[Capability::ManageFunds, Capability::ViewPortfolio],
            Self::Administrator => {
                &[Capability::Administer, Capability::ManageCrm, Capability::ViewPortfolio]
            }
            Self::Viewer => &[Capability::ViewPortfolio],
            Self::PartnerMarketing => {
                &[Capability::EditPlan, Capability::FileRequests, Capability::LogResults]
            }
            Self::PartnerSales => &[Capability::DecideLeads, Capability::LogResults],
            Self::PartnerSignatory => &[Capability::Sign],
        }
    }
}
