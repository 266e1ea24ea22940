//! What administrators ask: who may, which partners there are, and by which rules money goes.

use chrono::Month;

/// A wish about roles, rules or the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupWish {
    /// Give a role a capability or a bundle of them.
    Give {
        role: String,
        what: String,
        company: Option<String>,
        limit: Option<String>,
    },
    /// Say how many hours campaigns of a type take; what is `None` stays, and `usual` takes what was said back.
    Effort {
        kind: String,
        vendor: Option<i64>,
        partner: Option<i64>,
        usual: bool,
    },
    /// Take one from a role. Without `seen`, the fingerprint that the confirmation showed, it is asked for.
    Remove {
        role: String,
        what: String,
        seen: Option<i64>,
    },
    /// What holds for the whole program: the month in which its fiscal years start, and whether it has one partner only.
    Program {
        fiscal_year_start: Option<Month>,
        single_partner: Option<bool>,
    },
    Activity(ActivityWish),
    Tier(TierWish),
    Holiday(HolidayWish),
    Hours(HoursWish),
    Approval(ApprovalWish),
}

/// The rule of an activity type; what is `None` stays, `default` goes back to how it ships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityWish {
    pub kind: String,
    pub share: Option<String>,
    pub cap: Option<String>,
    pub notice: Option<String>,
    pub claim_window: Option<String>,
    pub pre_approval: Option<String>,
    pub eligible: Option<String>,
    pub cost: Option<String>,
    pub execution: Option<String>,
    pub results: Option<String>,
    pub reset: bool,
}

/// What partners of a tier get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TierWish {
    pub tier: String,
    pub share: Option<String>,
    pub cap: Option<String>,
    pub pre_approval: Option<String>,
    pub remove: bool,
}

/// A holiday of a company; without one, of the vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolidayWish {
    pub company: Option<String>,
    pub day: String,
    pub until: Option<String>,
    pub remove: bool,
}

/// When a company works, when nothing is posted, and when the digest comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursWish {
    pub company: Option<String>,
    pub work_days: Option<String>,
    pub quiet: Option<String>,
    pub digest: Option<String>,
}

/// Who approves requests or claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalWish {
    pub decided: String,
    pub from: Option<String>,
    pub steps: Option<i64>,
    /// The role of each step, where one is named.
    pub roles: Vec<Option<String>>,
    pub remove: bool,
    pub auto_under: Option<String>,
    pub escalate_after: Option<String>,
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
    /// Said of a partner that took part before: it is the same company, and gets its data back.
    pub again: bool,
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
