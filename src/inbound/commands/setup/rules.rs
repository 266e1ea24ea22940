//! The subcommands of `/setup` for the rules that money follows.

use crate::domain::command::setup::{
    ActivityWish, ApprovalWish, HolidayWish, HoursWish, SetupWish, TierWish,
};
use crate::inbound::commands::campaign::Kind;
use serenity::all::RoleId;
use serenity_commands::{BasicOption, SubCommand};

/// Options of `/setup activity`.
#[derive(Debug, SubCommand)]
pub struct Activity {
    /// The type of campaign; without other options, you see what holds for it
    pub r#type: Kind,
    /// Share of the cost that MDF pays, such as 50%, or default
    pub share: Option<String>,
    /// Most MDF for one request, such as 20k, or unlimited, or default
    pub cap: Option<String>,
    /// Business days between request and start, such as 10, or default
    pub notice: Option<String>,
    /// Days after the end within which claims are filed, such as 60, or default
    pub claim_window: Option<String>,
    /// Whether a request has to be approved before the campaign starts
    pub pre_approval: Option<Say>,
    /// Costs that count, with semicolons between, or default
    pub eligible: Option<String>,
    /// Proof of cost: invoice; receipt (optional). Or none, or default
    pub cost_evidence: Option<String>,
    /// Proof that it happened: photo; agenda (optional). Or none, or default
    pub execution_evidence: Option<String>,
    /// Results: reach; attendee list (optional, restricted). Or none, or default
    pub results_evidence: Option<String>,
    /// Back to how it ships
    pub reset: Option<bool>,
}

/// Yes, no, or as it ships.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Say {
    #[option(name = "yes", value = "yes")]
    Yes,
    #[option(name = "no", value = "no")]
    No,
    #[option(name = "default", value = "default")]
    Default,
}

impl Say {
    fn code(&self) -> String {
        match self {
            Say::Yes => "yes",
            Say::No => "no",
            Say::Default => "default",
        }
        .to_owned()
    }
}

/// Options of `/setup tier`.
#[derive(Debug, SubCommand)]
pub struct Tier {
    /// The tier, as the partners have it, such as gold
    pub tier: String,
    /// Share of the cost that MDF pays, such as 60%, or default
    pub share: Option<String>,
    /// Most MDF for one request, such as 20k, or unlimited, or default
    pub cap: Option<String>,
    /// Whether a request has to be approved before the campaign starts
    pub pre_approval: Option<Say>,
    /// Say nothing of this tier any more
    pub remove: Option<bool>,
}

/// Options of `/setup holiday`.
#[derive(Debug, SubCommand)]
pub struct Holiday {
    /// The day, such as 2026-12-25
    pub day: String,
    /// The last day, where there are several
    pub until: Option<String>,
    /// Whose: vendor or a partner; without it, the vendor's
    #[command(autocomplete)]
    pub company: Option<String>,
    /// It is a business day again
    pub remove: Option<bool>,
}

/// Options of `/setup hours`.
#[derive(Debug, SubCommand)]
pub struct Hours {
    /// The weekdays on which a company works, such as mon-fri, or default
    pub work_days: Option<String>,
    /// Whose: vendor or a partner; without it, the vendor's
    #[command(autocomplete)]
    pub company: Option<String>,
    /// When nothing is posted, such as 20:00-08:00 in the program's zone, or none
    pub quiet: Option<String>,
    /// When the digest of open decisions comes on business days, such as 09:00, none or default
    pub digest: Option<String>,
}

/// What is decided.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Decided {
    #[option(name = "requests", value = "requests")]
    Requests,
    #[option(name = "claims", value = "claims")]
    Claims,
}

/// Options of `/setup approval`.
#[derive(Debug, SubCommand)]
pub struct Approval {
    /// What is decided; without other options, you see who approves it
    pub r#for: Decided,
    /// The chain for amounts from this on, such as 10k; without it, for all
    pub from: Option<String>,
    /// How many different people have to approve, one after the other
    pub steps: Option<i64>,
    /// The role that takes the first step; without it, anybody who may
    pub first: Option<RoleId>,
    /// The role that takes the second step
    pub second: Option<RoleId>,
    /// The role that takes the third step
    pub third: Option<RoleId>,
    /// The role that takes the fourth step
    pub fourth: Option<RoleId>,
    /// The role that takes the fifth step
    pub fifth: Option<RoleId>,
    /// Take the chain that begins at this amount away
    pub remove: Option<bool>,
    /// Requests below this that the signed plan carries are approved at once; or none
    pub auto_under: Option<String>,
    /// Business days after which a waiting decision is escalated, such as 3, or default
    pub escalate_after: Option<String>,
}

impl Activity {
    pub(super) fn wish(self) -> SetupWish {
        SetupWish::Activity(ActivityWish {
            kind: self.r#type.code().to_owned(),
            share: self.share,
            cap: self.cap,
            notice: self.notice,
            claim_window: self.claim_window,
            pre_approval: self.pre_approval.map(|say| say.code()),
            eligible: self.eligible,
            cost: self.cost_evidence,
            execution: self.execution_evidence,
            results: self.results_evidence,
            reset: self.reset.unwrap_or_default(),
        })
    }
}

impl Tier {
    pub(super) fn wish(self) -> SetupWish {
        SetupWish::Tier(TierWish {
            tier: self.tier,
            share: self.share,
            cap: self.cap,
            pre_approval: self.pre_approval.map(|say| say.code()),
            remove: self.remove.unwrap_or_default(),
        })
    }
}

impl Holiday {
    pub(super) fn wish(self) -> SetupWish {
        SetupWish::Holiday(HolidayWish {
            company: self.company,
            day: self.day,
            until: self.until,
            remove: self.remove.unwrap_or_default(),
        })
    }
}

impl Hours {
    pub(super) fn wish(self) -> SetupWish {
        SetupWish::Hours(HoursWish {
            company: self.company,
            work_days: self.work_days,
            quiet: self.quiet,
            digest: self.digest,
        })
    }
}

impl Approval {
    pub(super) fn wish(self) -> SetupWish {
        let decided = match self.r#for {
            Decided::Requests => "requests",
            Decided::Claims => "claims",
        };
        let roles = [self.first, self.second, self.third, self.fourth, self.fifth];
        SetupWish::Approval(ApprovalWish {
            decided: decided.to_owned(),
            from: self.from,
            steps: self.steps,
            roles: roles.map(|role| role.map(|id| id.to_string())).to_vec(),
            remove: self.remove.unwrap_or_default(),
            auto_under: self.auto_under,
            escalate_after: self.escalate_after,
        })
    }
}
