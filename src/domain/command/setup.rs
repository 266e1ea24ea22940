//! What administrators ask: who may, and which partners there are.

use chrono::Month;

/// A wish about roles and the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupWish {
    /// Give a role a capability or a bundle of them.
    Give { role: String, what: String, company: Option<String>, limit: Option<String> },
    /// Take one from a role. Without `seen`, the fingerprint that the confirmation showed, it is asked for.
    Remove { role: String, what: String, seen: Option<i64> },
    /// What holds for the whole program: the month in which its fiscal years start.
    Program { fiscal_year_start: Option<Month> },
}

/// A wish about partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerWish {
    Add(NewPartner),
    Edit(PartnerEdit),
    /// Without `seen`, the fingerprint that the confirmation showed, a confirmation is asked for.
    Archive {
        partner: String,
        seen: Option<i64>,
    },
}

/// A new partner, as asked for; roles and the channel by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPartner {
    pub key: String,
    pub name: String,
    pub channel: String,
    pub currency: Option<String>,
    pub tier: Option<String>,
    pub marketing: Option<String>,
    pub signatory: Option<String>,
    pub sales: Option<String>,
}

/// What is to be different about a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartnerEdit {
    pub partner: String,
    pub name: Option<String>,
    pub channel: Option<String>,
    pub currency: Option<String>,
    pub tier: Option<String>,
}
