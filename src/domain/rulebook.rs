//! The rules of one program that money follows, and where each comes from: `bot.toml`, or what an administrator set in
//! chat. What is declared in `bot.toml` is never changed in chat. What nobody has set holds as it ships.

use super::activity::{ActivityRule, ActivitySetting, Cap, Slot, TierRule};
use super::actor::Company;
use super::approval::{ChainRule, Chains};
use super::business::{BusinessCalendar, DigestTime, QuietHours, WorkWeek};
use super::campaign_type::CampaignType;
use super::money::Money;
use super::slug::slug;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The most holidays of a company that are kept.
pub const MAX_HOLIDAYS: usize = 200;

/// What a chain of approvals decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    Requests,
    Claims,
}

impl Decided {
    pub const ALL: [Self; 2] = [Self::Requests, Self::Claims];

    pub fn code(self) -> &'static str {
        match self {
            Decided::Requests => "requests",
            Decided::Claims => "claims",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == text)
    }
}

/// One rule of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    Activity(CampaignType, ActivitySetting),
    Tier(TierRule),
    /// A day on which a company doesn't work.
    Holiday(Company, NaiveDate),
    /// The weekdays on which it does.
    Week(Company, WorkWeek),
    Chain(Decided, ChainRule),
    Quiet(QuietHours),
    Digest(DigestTime),
    AutoApproveUnder(Money),
    EscalateAfter(u32),
}

impl Rule {
    /// What it is about: a program has one rule for each. Also what the audit trail calls it.
    pub fn item(&self) -> String {
        match self {
            Rule::Activity(kind, _) => format!("activity:{}", kind.code()),
            Rule::Tier(rule) => format!("tier:{}", slug(&rule.tier)),
            Rule::Holiday(company, day) => format!("holiday:{}:{day}", company.code()),
            Rule::Week(company, _) => format!("work_week:{}", company.code()),
            Rule::Chain(decided, rule) => format!("chain:{}:{}", decided.code(), rule.from.minor()),
            Rule::Quiet(_) => "quiet_hours".to_owned(),
            Rule::Digest(_) => "digest".to_owned(),
            Rule::AutoApproveUnder(_) => "auto_approve_under".to_owned(),
            Rule::EscalateAfter(_) => "escalate_after_days".to_owned(),
        }
    }

    /// What is declared as a whole: the chains of requests hang together, because one more would change what another
    /// says; everything else stands for itself.
    pub fn group(&self) -> String {
        match self {
            Rule::Chain(decided, _) => format!("chain:{}", decided.code()),
            other => other.item(),
        }
    }

    /// Its values for the audit trail: numbers and codes, nothing that people wrote.
    pub fn detail(&self) -> Value {
        let cap = |cap: &Option<Cap>| match cap {
            Some(Cap::UpTo(cap)) => Some(cap.decimal().to_string()),
            Some(Cap::Unlimited) => Some("unlimited".to_owned()),
            None => None,
        };
        match self {
            Rule::Activity(_, said) => json!({
                "share_percent": said.share_percent.map(|share| share.normalize().to_string()),
                "cap": cap(&said.cap),
                "notice_days": said.notice_days.map(|days| days.to_string()),
                "claim_window_days": said.claim_window_days.map(|days| days.to_string()),
                "pre_approval": said.pre_approval,
                "eligible": said.eligible.as_ref().map(|all| all.len().to_string()),
                "evidence": said.evidence.iter().map(|(slot, all)| (slot.code().to_owned(), json!(all.len().to_string())))
                    .collect::<Map<_, _>>(),
            }),
            Rule::Tier(rule) => json!({
                "share_percent": rule.share_percent.map(|share| share.normalize().to_string()),
                "cap": cap(&rule.cap),
                "pre_approval": rule.pre_approval,
            }),
            Rule::Holiday(..) => json!({}),
            Rule::Week(_, week) => json!({"days": week.code()}),
            Rule::Chain(_, rule) => {
                let steps = rule.steps.iter().map(|step| step.role_id.as_deref().unwrap_or("any"));
                json!({"from": rule.from.decimal().to_string(), "steps": steps.collect::<Vec<_>>()})
            }
            Rule::Quiet(hours) => json!({"hours": hours.code()}),
            Rule::Digest(time) => json!({"time": time.code()}),
            Rule::AutoApproveUnder(under) => json!({"under": under.decimal().to_string()}),
            Rule::EscalateAfter(days) => json!({"days": days.to_string()}),
        }
    }
}

/// A rule with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub rule: Rule,
    /// In `bot.toml`.
    pub declared: bool,
}

/// All rules of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    pub rules: Vec<Kept>,
}

impl Rulebook {
    /// The rule about the same as `rule`, if there is one.
    pub fn about(&self, rule: &Rule) -> Option<&Kept> {
        let item = rule.item();
        self.rules.iter().find(|kept| kept.rule.item() == item)
    }

    /// Whether `bot.toml` declares what `rule` is part of.
    pub fn is_declared(&self, rule: &Rule) -> bool {
        let group = rule.group();
        self.rules.iter().any(|kept| kept.declared && kept.rule.group() == group)
    }

    fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|kept| &kept.rule)
    }

    /// What the program says of an activity type itself.
    pub fn setting(&self, kind: CampaignType) -> Option<&ActivitySetting> {
        self.all().find_map(|rule| match rule {
            Rule::Activity(own, setting) if *own == kind => Some(setting),
            _ => None,
        })
    }

    /// What it says of a tier.
    pub fn tier(&self, name: &str) -> Option<&TierRule> {
        let name = slug(name);
        self.all().find_map(|rule| match rule {
            Rule::Tier(tier) if slug(&tier.tier) == name => Some(tier),
            _ => None,
        })
    }

    /// What holds for an activity type of a partner of `tier`.
    pub fn activity(&self, kind: CampaignType, tier: Option<&str>) -> ActivityRule {
        ActivityRule::resolve(kind, self.setting(kind), tier.and_then(|tier| self.tier(tier)))
    }

    /// When a company works: its own week, else the vendor's, else Monday to Friday; its own holidays.
    pub fn calendar(&self, company: &Company, zone: Tz) -> BusinessCalendar {
        let week_of = |wanted: &Company| {
            self.all().find_map(|rule| match rule {
                Rule::Week(own, week) if own == wanted => Some(*week),
                _ => None,
            })
        };
        let holidays = self.all().filter_map(|rule| match rule {
            Rule::Holiday(own, day) if own == company => Some(*day),
            _ => None,
        });
        BusinessCalendar {
            zone,
            week: week_of(company).or_else(|| week_of(&Company::Vendor)).unwrap_or_default(),
            holidays: holidays.collect(),
        }
    }

    /// How decisions on money are taken.
    pub fn chains(&self) -> Chains {
        let mut chains = Chains::default();
        for rule in self.all() {
            match rule {
                Rule::Chain(Decided::Requests, rule) => chains.requests.push(rule.clone()),
                Rule::Chain(Decided::Claims, rule) => chains.claims.push(rule.clone()),
                Rule::AutoApproveUnder(under) => chains.auto_approve_under = Some(*under),
                Rule::EscalateAfter(days) => chains.escalate_after_days = *days,
                _ => {}
            }
        }
        chains
    }

    /// When the digest of a day comes, if anybody has said so.
    pub fn digest(&self) -> Option<DigestTime> {
        self.all().find_map(|rule| match rule {
            Rule::Digest(time) => Some(*time),
            _ => None,
        })
    }

    /// When nothing is posted.
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        self.all().find_map(|rule| match rule {
            Rule::Quiet(hours) => Some(*hours),
            _ => None,
        })
    }
}

/// The evidence slots as they are named in `bot.toml` and in chat, without what follows.
pub const EVIDENCE_KEYS: [(Slot, &str); 3] = [
    (Slot::Cost, "cost_evidence"),
    (Slot::Execution, "execution_evidence"),
    (Slot::Results, "results_evidence"),
];
