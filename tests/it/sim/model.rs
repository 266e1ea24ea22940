//! What the simulation believes: every item as it was last seen, every account as the transfers make it, and who had a
//! hand in what. The checks compare the database with it; the choices of what to do next are made from it alone.

use super::cast::Person;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub id: String,
    pub number: i64,
    pub partner: usize,
    pub state: String,
    pub rev: i64,
    pub starts_on: String,
    pub ends_on: String,
    pub zone: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Campaign {
    pub id: String,
    pub number: i64,
    pub partner: usize,
    pub plan_id: String,
    pub kind: String,
    pub state: String,
    pub starts_on: String,
    pub ends_on: String,
    pub stopped_at: Option<i64>,
    pub stopped_side: Option<String>,
    /// What its budget says that MDF pays, in minor units of its plan's currency.
    pub mdf: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjustment {
    pub id: String,
    pub partner: usize,
    pub side: String,
    pub state: String,
    pub rev: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fund {
    pub id: String,
    pub key: String,
    pub partner: Option<usize>,
    pub pool: Option<String>,
    pub kind: String,
    pub currency: String,
    pub valid_from: String,
    pub valid_until: String,
    /// `none`, `next_period`, or the id of a fund.
    pub carry_over: String,
    /// A percentage, or minor units; none for all.
    pub carry_most: Option<String>,
}

/// A request as stored, beside what the simulation knows of how it came there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub id: String,
    pub number: i64,
    pub partner: usize,
    pub campaign_id: String,
    pub fund_id: String,
    pub currency: String,
    pub cost: i64,
    pub amount: i64,
    pub considered: Option<i64>,
    pub approved: Option<i64>,
    pub claimed: i64,
    pub share_percent: String,
    pub state: String,
    pub rev: i64,
    pub claim_due: Option<String>,
    pub amend_amount: Option<i64>,
    pub on_behalf: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub id: String,
    pub number: i64,
    pub partner: usize,
    pub request_id: String,
    pub state: String,
    pub rev: i64,
    pub approved: Option<i64>,
    pub paid: i64,
    pub clawed: i64,
    /// The last day to file it again, once it was returned.
    pub resubmit_by: Option<String>,
    /// Position, what it claims and what of that was accepted.
    pub lines: Vec<(i64, i64, Option<i64>)>,
    /// The files that are in it, oldest first.
    pub files: Vec<File>,
}

/// A file in a slot of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub slot: String,
    pub sha256: String,
    /// Of a list of people: how many it names.
    pub rows: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    pub id: String,
    pub partner: usize,
    pub request_id: String,
    pub state: String,
    pub rev: i64,
    pub asked_by: String,
}

/// A decision as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub item: String,
    pub rev: i64,
    pub outcome: String,
    pub amount: Option<i64>,
    pub person: String,
    pub stands_for: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// Who the decider was one with at that instant: themselves, who stood in for them, for whom they did.
    pub selves: BTreeSet<String>,
}

/// A row of the outbox: a card's key, or none for a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    /// `post`, `card` or `event`.
    pub kind: String,
    pub card: Option<String>,
    pub channel: String,
    /// The end of the quiet hours that it waits for, Unix milliseconds.
    pub not_before: i64,
}

#[derive(Clone, Default)]
pub struct Model {
    pub program: String,
    /// By index into the cast's partners.
    pub partners: Vec<String>,
    pub plans: Vec<Plan>,
    pub campaigns: Vec<Campaign>,
    pub adjustments: Vec<Adjustment>,
    pub funds: Vec<Fund>,
    pub requests: Vec<Request>,
    pub claims: Vec<Claim>,
    pub extensions: Vec<Extension>,
    /// By fund and account.
    pub balances: BTreeMap<(String, String), i64>,
    pub transfers: i64,
    /// Steps and decisions on requests and claims, by item.
    pub decisions: BTreeMap<String, Vec<Decision>>,
    /// Who filed a request, now or before; who had a hand in a claim.
    pub makers: BTreeMap<String, BTreeSet<String>>,
    /// The items whose whole chain of approvals was checked, with what it approved.
    pub sound: BTreeMap<String, i64>,
    /// The payments of a claim.
    pub payments: BTreeMap<String, i64>,
    /// Who recorded them, and for whom.
    pub payers: BTreeMap<String, BTreeSet<String>>,
    /// The warnings that what is not claimed goes back, of a request or a returned claim, each with when it was due and when
    /// it came (Unix milliseconds).
    pub warnings: BTreeMap<String, Vec<(i64, i64)>>,
    /// Who is away, with who stands in and until when (Unix milliseconds).
    pub absences: BTreeMap<String, (String, i64)>,
    pub sales: Vec<(String, usize, String, String)>,
    /// Not yet seen in chat.
    pub unseen: BTreeMap<String, Notice>,
    /// All rows of the outbox so far.
    pub notices: BTreeMap<String, Notice>,
    /// The message of each post and of each card's channel.
    pub posted: BTreeMap<String, u64>,
}

impl Model {
    pub fn partner_index(&self, id: &str) -> usize {
        self.partners.iter().position(|one| one == id).unwrap_or_else(|| panic!("no partner {id}"))
    }

    pub fn request(&self, id: &str) -> Option<&Request> {
        self.requests.iter().find(|one| one.id == id)
    }

    pub fn claim(&self, id: &str) -> Option<&Claim> {
        self.claims.iter().find(|one| one.id == id)
    }

    pub fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|one| one.id == id)
    }

    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|one| one.id == id)
    }

    pub fn fund(&self, id: &str) -> Option<&Fund> {
        self.funds.iter().find(|one| one.id == id)
    }

    /// The ids of people who count as one with somebody at an instant: who stands in for them, and for whom they do.
    pub fn one_with(&self, person: &str, at: i64) -> BTreeSet<String> {
        let now = self.absences.iter().filter(|(_, (_, until))| *until > at);
        now.filter_map(|(away, (delegate, _))| match (away == person, delegate == person) {
            (true, _) => Some(delegate.clone()),
            (_, true) => Some(away.clone()),
            _ => None,
        })
        .collect()
    }

    /// The steps that were taken on a state of an item.
    pub fn steps(&self, item: &str, rev: i64) -> Vec<&Decision> {
        let all = self.decisions.get(item).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|one| one.rev == rev && one.outcome == "step").collect()
    }

    pub fn made(&mut self, item: &str, who: Person) {
        self.makers.entry(item.to_owned()).or_default().insert(who.id.to_owned());
    }

    /// What approved claims take of a request: of a reversed one, what was paid.
    pub fn taken_of(&self, request_id: &str) -> i64 {
        let its = self.claims.iter().filter(|claim| claim.request_id == request_id);
        its.map(|claim| match claim.state.as_str() {
            "approved" | "paid" => claim.approved.unwrap_or_default(),
            "reversed" => claim.paid,
            _ => 0,
        })
        .sum()
    }
}
