//! Who acts, for which company, and what that lets them do. Read from the roles in each interaction, never remembered.

use super::refusal::{Code, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The two sides of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Vendor,
    Partner,
}

impl Side {
    /// The side across the table.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Side::Vendor => Side::Partner,
            Side::Partner => Side::Vendor,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Side::Vendor => "vendor",
            Side::Partner => "partner",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Side::Vendor, Side::Partner].into_iter().find(|side| side.code() == text)
    }
}

/// The company that somebody acts for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Company {
    Vendor,
    /// A partner, by its id.
    Partner(String),
}

impl Company {
    pub fn side(&self) -> Side {
        match self {
            Company::Vendor => Side::Vendor,
            Company::Partner(_) => Side::Partner,
        }
    }

    /// As stored beside roles and in the audit trail: `vendor`, or the partner's id.
    pub fn code(&self) -> &str {
        match self {
            Company::Vendor => "vendor",
            Company::Partner(id) => id,
        }
    }

    pub fn parse(text: &str) -> Self {
        if text == "vendor" { Company::Vendor } else { Company::Partner(text.to_owned()) }
    }
}

macro_rules! capabilities {
    ($($variant:ident $code:literal $label:literal $side:expr),* $(,)?) => {
        /// What a role may let its people do. `sign` covers plans and what is decided at checkpoints.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Capability { $($variant),* }
        impl Capability {
            pub const ALL: &[Capability] = &[$(Capability::$variant),*];
            pub fn code(self) -> &'static str { match self { $(Capability::$variant => $code),* } }
            pub fn label(self) -> &'static str { match self { $(Capability::$variant => $label),* } }
            /// The side whose people can have it; `None` for both.
            pub fn side(self) -> Option<Side> { match self { $(Capability::$variant => $side),* } }
            pub fn parse(text: &str) -> Option<Self> { Self::ALL.iter().copied().find(|capability| capability.code() == text) }
        }
    };
}
capabilities! {
    ManagePlans "manage_plans" "manage plans" Some(Side::Vendor),
    Sign "sign" "sign plans" None,
    ApproveMdf "approve_mdf" "approve MDF requests" Some(Side::Vendor),
    ApproveClaims "approve_claims" "approve claims" Some(Side::Vendor),
    PayClaims "pay_claims" "pay claims" Some(Side::Vendor),
    ManageFunds "manage_funds" "manage funds" Some(Side::Vendor),
    ManageCrm "manage_crm" "manage CRM sources" Some(Side::Vendor),
    ViewPortfolio "view_portfolio" "see the portfolio" Some(Side::Vendor),
    Administer "administer" "administer the program" Some(Side::Vendor),
    EditPlan "edit_plan" "edit plans" Some(Side::Partner),
    FileRequests "file_requests" "file requests and claims" Some(Side::Partner),
    LogResults "log_results" "log spend and results" None,
    DecideLeads "decide_leads" "decide on leads" Some(Side::Partner),
}

/// Up to what amount a capability holds, in minor units of the program's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    UpTo(i64),
    Unlimited,
}

impl Limit {
    pub fn covers(self, minor: i64) -> bool {
        match self {
            Limit::UpTo(limit) => minor <= limit,
            Limit::Unlimited => true,
        }
    }
}

/// One line of what a role gives: a capability, for a company, up to a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub role_id: String,
    pub company: Company,
    pub capability: Capability,
    pub limit: Limit,
}

/// The roles that give a company's people a capability, up to an amount in minor units of the program's currency if one
/// is given. Each once, in the order of the grants.
pub fn roles_with<'a>(
    grants: &'a [Grant],
    company: &Company,
    needed: Capability,
    minor: Option<i64>,
) -> Vec<&'a str> {
    let fits = |grant: &&Grant| {
        grant.company == *company
            && grant.capability == needed
            && minor.is_none_or(|minor| grant.limit.covers(minor))
    };
    let mut roles: Vec<&str> = grants.iter().filter(fits).map(|grant| grant.role_id.as_str()).collect();
    roles.dedup();
    roles
}

/// Somebody as picked in chat, with the roles that chat says they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    pub id: String,
    pub roles: Vec<String>,
}

/// Somebody in chat, acting for one company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub company: Company,
    pub capabilities: BTreeMap<Capability, Limit>,
}

impl Person {
    /// The person behind `roles`, by what the program's roles give.
    ///
    /// # Errors
    /// `no_company` without any role of the program; `two_companies` with roles of more than one.
    pub fn from_roles(id: &str, roles: &[String], grants: &[Grant]) -> Result<Self, Refusal> {
        let own: Vec<&Grant> = grants.iter().filter(|grant| roles.contains(&grant.role_id)).collect();
        let Some(first) = own.first() else {
            return Err(Refusal::new(
                Code::NoCompany,
                "You have no role in this program.",
                "Ask an administrator of the program for the role of your company.",
            ));
        };
        if own.iter().any(|grant| grant.company != first.company) {
            return Err(Refusal::new(
                Code::TwoCompanies,
                "You have roles of two companies, so I can't tell for whom you act.",
                "Ask an administrator to leave you the roles of one company.",
            ));
        }
        let mut capabilities = BTreeMap::new();
        for grant in &own {
            let limit = capabilities.entry(grant.capability).or_insert(grant.limit);
            *limit = (*limit).max(grant.limit);
        }
        Ok(Self { id: id.to_owned(), company: first.company.clone(), capabilities })
    }

    /// The person behind `roles`, who may be the program's first administrator: as long as no role gives `administer`,
    /// whoever manages the server has it. Of a partner's people nobody gets it so.
    ///
    /// # Errors
    /// As [`Self::from_roles`].
    pub fn acting(
        id: &str,
        roles: &[String],
        grants: &[Grant],
        manages_server: bool,
    ) -> Result<Self, Refusal> {
        let first = manages_server && !grants.iter().any(|grant| grant.capability == Capability::Administer);
        match Self::from_roles(id, roles, grants) {
            Ok(mut person) => {
                if first && person.company == Company::Vendor {
                    person.capabilities.insert(Capability::Administer, Limit::Unlimited);
                }
                Ok(person)
            }
            Err(refusal) if first && refusal.code == Code::NoCompany => Ok(Self {
                id: id.to_owned(),
                company: Company::Vendor,
                capabilities: BTreeMap::from([(Capability::Administer, Limit::Unlimited)]),
            }),
            Err(refusal) => Err(refusal),
        }
    }

    pub fn side(&self) -> Side {
        self.company.side()
    }

    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains_key(&capability)
    }

    pub fn limit(&self, capability: Capability) -> Option<Limit> {
        self.capabilities.get(&capability).copied()
    }
}
