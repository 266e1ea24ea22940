//! What anyone can ask: one closed list for slash commands, buttons and forms. Amounts, days and names are still as
//! people wrote them; they are read against the plan's currency and zone where the decision is made.

pub mod adjust;
pub mod away;
pub mod campaign;
pub mod checkpoint;
pub mod claim;
pub mod file;
pub mod fund;
pub mod plan;
pub mod promise;
pub mod setup;
pub mod task;
pub mod template;

pub use campaign::CampaignWish;
pub use file::{Attached, PointedAt, Proof, Source};
pub use promise::PromiseWish;
pub use task::TaskWish;

/// A new plan, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPlan {
    pub partner: Option<String>,
    pub period: String,
    pub name: Option<String>,
    pub currency: Option<String>,
    pub zone: Option<String>,
    pub cadence: Option<String>,
    pub attribution: Option<String>,
    pub sign_by: Option<String>,
    pub jbp_revenue: Option<String>,
    pub marketing_share: Option<String>,
    pub win_rate: Option<String>,
    pub routing_hours: Option<String>,
    pub vendor_hours: Option<String>,
    pub partner_hours: Option<String>,
}

/// A new campaign, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCampaign {
    pub partner: Option<String>,
    pub plan: Option<String>,
    pub name: String,
    pub kind: String,
    pub start: String,
    pub end: Option<String>,
    pub leads: i64,
    pub pipeline: String,
    pub won: Option<String>,
    pub budget: Option<String>,
    pub mdf: Option<String>,
    pub sends: Option<String>,
    pub segment: Option<String>,
    pub message: Option<String>,
    pub offer: Option<String>,
    pub channel: Option<String>,
    pub results: Option<String>,
    pub slug: Option<String>,
    /// Why, where the plan is signed and this is an adjustment.
    pub reason: Option<String>,
}

/// Spend or results to log, or an entry to reverse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEntry {
    pub partner: Option<String>,
    pub campaign: String,
    pub spend: Option<String>,
    pub leads: Option<i64>,
    pub reverse: Option<String>,
    pub date: Option<String>,
    pub source: Option<String>,
    pub payer: Option<String>,
    pub invoice: Option<String>,
    pub note: Option<String>,
}

/// An MDF request to file, or a returned one to file again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRequest {
    pub partner: Option<String>,
    pub campaign: String,
    pub fund: Option<String>,
    pub cost: String,
    pub amount: String,
    pub purpose: String,
    pub quotes: Option<String>,
    pub leads: Option<i64>,
    pub pipeline: Option<String>,
    pub resubmit: Option<String>,
    /// Kept, but not filed yet.
    pub draft: bool,
}

/// What else can be done to a request, by its short name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestWish {
    /// Files a draft.
    Submit {
        partner: Option<String>,
        request: String,
    },
    Withdraw {
        partner: Option<String>,
        request: String,
    },
    /// Other figures for an approved one; what is not given stays.
    Amend {
        partner: Option<String>,
        request: String,
        cost: Option<String>,
        amount: Option<String>,
        reason: String,
    },
    /// `confirm` is the request's name, said again.
    Cancel {
        partner: Option<String>,
        request: String,
        reason: String,
        confirm: Option<String>,
    },
    Close {
        partner: Option<String>,
        request: String,
        confirm: Option<String>,
    },
}

impl RequestWish {
    /// The partner, if it is named, and the request's short name.
    pub fn named(&self) -> (Option<&str>, &str) {
        match self {
            Self::Submit { partner, request }
            | Self::Withdraw { partner, request }
            | Self::Amend { partner, request, .. }
            | Self::Cancel { partner, request, .. }
            | Self::Close { partner, request, .. } => (partner.as_deref(), request),
        }
    }
}

/// What can be decided about a proposed plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanDecision {
    Sign,
    Return { reason: String },
    Decline { reason: String },
}

/// What can be decided about a request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestDecision {
    /// The whole of it; `confirm` is the amount as retyped.
    Approve {
        confirm: Option<String>,
    },
    ApproveLess {
        amount: String,
        reason: String,
    },
    Return {
        reason: String,
    },
    Decline {
        reason: String,
    },
}

/// Something that changes what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    CreatePlan(NewPlan),
    ProposePlan {
        partner: Option<String>,
        plan: Option<String>,
    },
    /// `seen_rev` is what the card showed.
    DecidePlan {
        id: String,
        seen_rev: i64,
        decision: PlanDecision,
    },
    Plan(plan::PlanWish),
    /// Writes nothing but a line of the trail: who took a signed copy.
    ExportPlan {
        partner: Option<String>,
        plan: Option<String>,
        revision: Option<i64>,
    },
    AddCampaign(NewCampaign),
    Log(NewEntry),
    Campaign(CampaignWish),
    Task(TaskWish),
    Promise(PromiseWish),
    Template(template::TemplateWish),
    RequestMdf(NewRequest),
    Request(RequestWish),
    Claim(claim::ClaimWish),
    DecideRequest {
        id: String,
        seen_rev: i64,
        decision: RequestDecision,
    },
    Checkpoint(checkpoint::CheckpointWish),
    Adjust(adjust::AdjustWish),
    Setup(setup::SetupWish),
    Partner(setup::PartnerWish),
    Away(away::AwayWish),
    Fund(fund::FundWish),
}

/// Something that only looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Help,
    ShowPlan {
        partner: Option<String>,
        plan: Option<String>,
    },
    CheckPlan {
        partner: Option<String>,
        plan: Option<String>,
        page: Option<i64>,
    },
    PlanHistory {
        partner: Option<String>,
        plan: Option<String>,
        page: Option<i64>,
    },
    ShowCampaign {
        partner: Option<String>,
        campaign: String,
    },
    ListCampaigns {
        partner: Option<String>,
        plan: Option<String>,
        page: Option<i64>,
    },
    ListTasks {
        partner: Option<String>,
        plan: Option<String>,
        campaign: Option<String>,
        page: Option<i64>,
    },
    ListPromises {
        partner: Option<String>,
        plan: Option<String>,
        page: Option<i64>,
    },
    ListRequests {
        partner: Option<String>,
        page: Option<i64>,
    },
    ShowRequest {
        partner: Option<String>,
        request: String,
    },
    /// What holds for requests of a type of campaign, for one partner.
    ShowRules {
        partner: Option<String>,
        kind: String,
    },
    ListClaims {
        partner: Option<String>,
        page: Option<i64>,
    },
    ShowClaim {
        partner: Option<String>,
        claim: String,
    },
    /// A file of a claim; `number` is its place as the card shows it.
    ClaimFile {
        partner: Option<String>,
        claim: String,
        number: i64,
    },
    ShowFund {
        partner: Option<String>,
        fund: Option<String>,
        page: Option<i64>,
    },
    ListTemplates {
        page: Option<i64>,
    },
    ShowTemplate {
        template: String,
        page: Option<i64>,
    },
    ShowSetup {
        page: Option<i64>,
    },
    ReportVariance {
        partner: Option<String>,
        plan: Option<String>,
    },
}

/// What a slash command, a form or a plain button asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    Do(Box<Command>),
    Look(Query),
    /// Files to fetch before a transaction is opened.
    Prove(Proof),
    /// A file of sales or rates to fetch before a transaction is opened.
    Post(fund::FundFile),
    /// A form to fill first.
    Fill(FormWish),
}

/// A form that a slash command opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormWish {
    /// The long texts of a campaign.
    CampaignTexts { partner: Option<String>, campaign: String },
}

/// The number of a short name such as `PLN-3`, `pln 3` or `3`, with the partner's key if it was said: `ACME/MDF-42`.
pub fn short_name<'a>(text: &'a str, prefix: &str) -> Option<(Option<&'a str>, i64)> {
    let text = text.trim();
    let (partner, rest) = match text.split_once('/') {
        Some((partner, rest)) => (Some(partner.trim()), rest.trim()),
        None => (None, text),
    };
    let begins = rest.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    let rest = if begins { &rest[prefix.len()..] } else { rest };
    let rest = if begins { rest.strip_prefix('-').unwrap_or(rest) } else { rest };
    // What the option's list shows ("CMP-7 Spring webinar") is accepted as it stands.
    let digits = rest.split_whitespace().next()?;
    let number = digits.parse::<i64>().ok().filter(|number| *number > 0)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((partner, number))
}
