//! Who has to agree to money, and how many: chains of steps by amount, and how far a decision has come on its chain.
//! A progress belongs to one `rev`: what changes afterwards is decided from the first step on.

use super::absence::Absences;
use super::actor::Person;
use super::money::Money;
use super::refusal::{Code, Refusal};
use chrono::{DateTime, Utc};

/// The most steps of a chain, and the most chains of a program for each of requests and claims.
pub const MAX_STEPS: usize = 5;
pub const MAX_RULES: usize = 10;

/// Business days after which a waiting decision is reminded of and escalated, unless the program says otherwise. The
/// reminder comes one day before the escalation.
pub const ESCALATE_AFTER_DAYS: u32 = 3;

/// Who takes one step of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainStep {
    /// Only people with this role in Discord; `None` for anybody with the capability.
    pub role_id: Option<String>,
}

/// The steps for amounts from `from` on, up to where the next rule begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRule {
    /// In the program's currency.
    pub from: Money,
    pub steps: Vec<ChainStep>,
}

/// The steps of one decision; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub steps: Vec<ChainStep>,
}

impl Default for Chain {
    /// One step, by anybody with the capability.
    fn default() -> Self {
        Self { steps: vec![ChainStep { role_id: None }] }
    }
}

impl Chain {
    /// The chain for an amount: that of the highest rule which it reaches, one step below all of them. An amount in a
    /// currency that the rules are not stated in takes the highest rule, because nothing says how large it is.
    pub fn for_amount(rules: &[ChainRule], amount: Money) -> Self {
        let reached = |rule: &&ChainRule| rule.from.compare(amount).map_or(true, std::cmp::Ordering::is_le);
        let highest = rules.iter().filter(reached).max_by_key(|rule| rule.from.minor());
        match highest {
            Some(rule) if !rule.steps.is_empty() => Self { steps: rule.steps.clone() },
            _ => Self::default(),
        }
    }
}

/// How a program decides on money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chains {
    pub requests: Vec<ChainRule>,
    pub claims: Vec<ChainRule>,
    /// Requests below this, which the signed plan carries, are approved at once; in the program's currency.
    pub auto_approve_under: Option<Money>,
    /// Business days, 1 or more: a decision that waits that long is escalated.
    pub escalate_after_days: u32,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            requests: Vec::new(),
            claims: Vec::new(),
            auto_approve_under: None,
            escalate_after_days: ESCALATE_AFTER_DAYS,
        }
    }
}

impl Chains {
    pub fn for_request(&self, amount: Money) -> Chain {
        Chain::for_amount(&self.requests, amount)
    }

    pub fn for_claim(&self, amount: Money) -> Chain {
        Chain::for_amount(&self.claims, amount)
    }

    /// Business days after which a waiting decision is reminded of: the day before it is escalated.
    pub fn remind_after_days(&self) -> u32 {
        self.escalate_after_days.saturating_sub(1)
    }

    /// Whether a request of this amount is small enough to be approved at once, if the signed plan carries it. One in
    /// another currency never is.
    pub fn is_auto_approved(&self, amount: Money) -> bool {
        self.auto_approve_under
            .is_some_and(|under| amount.compare(under).is_ok_and(std::cmp::Ordering::is_lt))
    }
}

/// A step that somebody took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub person: String,
    /// For whom, if they stood in for somebody.
    pub stands_for: Option<String>,
    /// Its place in the chain, from 0.
    pub step: usize,
    pub at: DateTime<Utc>,
}

/// How far a decision has come, for one state of what is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Of the request or claim.
    pub rev: i64,
    pub taken: Vec<Taken>,
}

/// Who wants to take a step.
pub struct Approver<'a> {
    pub person: &'a Person,
    /// Their roles in Discord at this moment.
    pub roles: &'a [String],
    /// For whom they decide, if they stand in for somebody.
    pub stands_for: Option<&'a str>,
    /// Who of the program is away at this moment.
    pub absences: &'a Absences<'a>,
}

impl Progress {
    /// Nothing taken yet of what is at `rev`.
    pub fn new(rev: i64) -> Self {
        Self { rev, taken: Vec::new() }
    }

    /// The step that is next, from 0; `None` once all are taken.
    pub fn next(&self, chain: &Chain) -> Option<usize> {
        (0..chain.steps.len()).find(|step| !self.taken.iter().any(|taken| taken.step == *step))
    }

    /// Whether all steps are taken.
    pub fn is_complete(&self, chain: &Chain) -> bool {
        self.next(chain).is_none()
    }

    /// The next step, taken. Capability, limit and who filed it are checked by the rules of what is decided.
    ///
    /// What was taken counts as the first steps of the chain that holds now. If that was made shorter meanwhile and nothing of
    /// it is left, one more person concludes, with the role of its last step: what waits never ends with fewer people
    /// than its chain asked for when the last of them took a step.
    ///
    /// # Errors
    /// `stale` for another `rev`; `own_request` for who took a step already,
    /// where one who stands in for another and that other count as one; `missing_capability` without the step's role.
    pub fn take(
        mut self,
        chain: &Chain,
        by: &Approver<'_>,
        seen_rev: i64,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if self.rev != seen_rev {
            return Err(Refusal::stale());
        }
        let step = self.next(chain).unwrap_or(self.taken.len());
        self.not_by_the_same(by)?;
        let asked = chain.steps.get(step).or(chain.steps.last());
        if let Some(role) = asked.and_then(|asked| asked.role_id.as_ref())
            && !by.roles.contains(role)
        {
            return Err(Refusal::new(
                Code::MissingCapability,
                format!("Step {} of {} is for <@&{role}>.", step + 1, chain.steps.len().max(step + 1)),
                "Somebody with that role has to take it.",
            ));
        }
        self.taken.push(Taken {
            person: by.person.id.clone(),
            stands_for: by.stands_for.map(str::to_owned),
            step,
            at,
        });
        Ok(self)
    }

    fn not_by_the_same(&self, by: &Approver<'_>) -> Result<(), Refusal> {
        let own = by.person.id.as_str();
        let away = by.absences.stood_in_by(by.person).map(|one| one.person.as_str());
        let stands_in = by.absences.of(own).map(|one| one.delegate.as_str());
        let one: Vec<&str> = [own].into_iter().chain(by.stands_for).chain(away).chain(stands_in).collect();
        let took = |taken: &&Taken| {
            one.contains(&taken.person.as_str())
                || taken.stands_for.as_deref().is_some_and(|id| one.contains(&id))
        };
        let Some(taken) = self.taken.iter().find(took) else { return Ok(()) };
        let sentence = if taken.person == own {
            "You have taken a step of this decision already.".to_owned()
        } else {
            format!("<@{}> has taken a step of this decision, and you two count as one.", taken.person)
        };
        Err(Refusal::new(Code::OwnRequest, sentence, "Somebody else has to take the next."))
    }
}
