//! Requests: filed, decided in chains of one and two steps, returned and filed again, amended, taken back, ended.

use crate::sim::cast::{
    self, CONFIRM_FROM, DECIDERS, KINDS, MANAGERS, PARTNERS, PROGRAM_CURRENCY, Person, SENIOR, SENIORS,
};
use crate::sim::check::Wrong;
use crate::sim::model::{Campaign, Request};
use crate::sim::run::{Kind, Sim, kind};
use chrono::Days;
use tandem::domain::command::{Command, NewRequest, RequestDecision, RequestWish};

const FILE: Kind = kind("file", &["request_submitted", "request_drafted", "request_approved"]);
const FILE_DRAFT: Kind = kind("file draft", &["request_drafted"]);
const FILE_AGAIN: Kind = kind("file again", &["request_submitted", "request_drafted", "request_approved"]);
const SUBMIT_DRAFT: Kind = kind("submit draft", &["request_submitted", "request_approved"]);
const APPROVE: Kind = kind("approve", &["request_step", "request_approved"]);
const LESS: Kind = kind("approve less", &["request_step", "request_approved"]);
const RETURN: Kind = kind("return", &["request_returned"]);
const DECLINE: Kind = kind("decline", &["request_declined"]);
const AMEND: Kind = kind("amend", &["request_amended"]);
const WITHDRAW: Kind = kind("withdraw", &["request_withdrawn", "request_amendment_withdrawn"]);
const CANCEL: Kind = kind("cancel", &["request_cancelled"]);
const CLOSE: Kind = kind("close", &["request_closed"]);

/// The share that an activity pays of a cost, to the nearest minor unit, half away from zero.
pub fn share_of(kind: &str, cost: i64) -> i64 {
    let share = KINDS.iter().find(|(name, _, _)| *name == kind).map_or(50_000, |(_, share, _)| *share);
    (cost * share + 50_000) / 100_000
}

impl Sim {
    /// A cost of the usual size, in minor units: now and then a large one, now and then a very small one.
    fn cost(&mut self) -> i64 {
        match self.dice.between(1, 100) {
            1..=15 => self.dice.between(100, 29_000),
            16..=70 => self.dice.between(29_000, 400_000),
            71..=92 => self.dice.between(400_000, 2_500_000),
            _ => self.dice.between(2_500_000, 9_000_000),
        }
    }

    pub async fn files(&mut self) -> Wrong {
        let partner = self.partner();
        let live = self.live_campaigns(partner);
        let Some(campaign) = self.dice.pick(&live).cloned() else { return Ok(()) };
        let on_behalf = self.dice.percent(10);
        let who = if on_behalf { MANAGERS[self.dice.below(2)] } else { self.filer(partner) };
        let draft = self.dice.percent(12);
        let Some(new) = self.new_request(partner, &campaign, draft) else { return Ok(()) };
        let (channel, name) = self.place(who, partner, &new.campaign);
        let new = NewRequest { campaign: name, ..new };
        let kind = if draft { FILE_DRAFT } else { FILE };
        self.asks(kind, who, channel, Command::RequestMdf(new)).await.map(drop)
    }

    /// Files a request for very little, for the first time for its campaign and long before that begins: where the signed
    /// plan carries it, the program's rule approves it.
    pub async fn files_small(&mut self, partner: Option<usize>) -> Wrong {
        let partner = partner.unwrap_or([0, 3][self.dice.below(2)]);
        let early = (self.today() + Days::new(16)).to_string();
        let model = &self.checker.model;
        let asked = |one: &Campaign| model.requests.iter().any(|request| request.campaign_id == one.id);
        let live = self.live_campaigns(partner);
        let fresh: Vec<&Campaign> = live.iter().filter(|one| one.starts_on >= early && !asked(one)).collect();
        let funds = self.funds_for(partner);
        let Some(fund) = funds.iter().find(|fund| fund.kind == "mdf").cloned() else { return Ok(()) };
        let Some(campaign) = self.dice.pick(&fresh).map(|one| (*one).clone()) else { return Ok(()) };
        let cost = self.dice.between(2_000, 28_000);
        let new = NewRequest {
            campaign: format!("CMP-{}", campaign.number),
            fund: Some(fund.key),
            cost: self.amount(cost, &fund.currency),
            amount: self.amount(share_of(&campaign.kind, cost), &fund.currency),
            purpose: "Printing".to_owned(),
            ..NewRequest::default()
        };
        let who = cast::MARKETING[partner][self.dice.below(2)];
        self.asks(FILE, who, PARTNERS[partner].channel, Command::RequestMdf(new)).await.map(drop)
    }

    /// Files a request over this amount that waits for a decision.
    pub async fn files_for(&mut self, partner: usize, amount: i64) -> Wrong {
        self.keeps_house().await?;
        let (mut campaigns, funds) = (self.live_campaigns(partner), self.funds_for(partner));
        campaigns.retain(|one| one.stopped_at.is_none() && one.state != "postponed");
        // What can be claimed already, and what has to be proved, is of more use.
        campaigns.sort_by_key(|one| (!self.is_on(one), cast::needed(&one.kind).is_empty()));
        let (Some(campaign), Some(fund)) = (campaigns.first(), funds.first()) else {
            return Err(format!("{} has nothing to ask for", PARTNERS[partner].key));
        };
        let new = NewRequest {
            campaign: format!("CMP-{}", campaign.number),
            fund: Some(fund.key.clone()),
            cost: self.amount(amount * 4, &fund.currency),
            amount: self.amount(amount, &fund.currency),
            purpose: "Speaker".to_owned(),
            ..NewRequest::default()
        };
        let who = cast::MARKETING[partner][0];
        self.asks(FILE, who, PARTNERS[partner].channel, Command::RequestMdf(new)).await.map(drop)
    }

    fn new_request(&mut self, partner: usize, campaign: &Campaign, draft: bool) -> Option<NewRequest> {
        let funds = self.funds_for(partner);
        let fund = self.dice.pick(&funds).cloned()?;
        let cost = self.cost();
        let most = share_of(&campaign.kind, cost);
        let amount = match self.dice.between(1, 100) {
            1..=3 => most + 1,
            4..=60 => most,
            _ => self.dice.between(1, most.max(1)),
        };
        // Nobody's fund, now and then.
        let named = if self.dice.percent(2) { "no-such-fund".to_owned() } else { fund.key };
        Some(NewRequest {
            campaign: format!("CMP-{}", campaign.number),
            fund: Some(named),
            cost: self.amount(cost, &fund.currency),
            amount: self.amount(amount, &fund.currency),
            purpose: "Speaker".to_owned(),
            draft,
            ..NewRequest::default()
        })
    }

    /// One of the requests in these states, a newer one more often.
    pub fn some_request(&mut self, states: &[&str]) -> Option<Request> {
        let found: Vec<&Request> =
            self.checker.model.requests.iter().filter(|one| states.contains(&one.state.as_str())).collect();
        if found.is_empty() {
            return None;
        }
        let newest = found.len().saturating_sub(12);
        let from = if self.dice.percent(40) { newest } else { 0 };
        Some(found[from + self.dice.below(found.len() - from)].clone())
    }

    pub async fn files_again(&mut self) -> Wrong {
        let correct = self.dice.percent(20);
        let wanted = if correct { "draft" } else { "returned" };
        let Some(request) = self.some_request(&[wanted]) else { return Ok(()) };
        let Some(campaign) = self.checker.model.campaign(&request.campaign_id).cloned() else {
            return Ok(());
        };
        let who = self.filer(request.partner);
        let still_draft = correct && self.dice.percent(50);
        let Some(new) = self.new_request(request.partner, &campaign, still_draft) else { return Ok(()) };
        let cost = self.cost();
        // It keeps its fund, so naming another is refused.
        let fund = if self.dice.percent(15) { new.fund.clone() } else { None };
        let new = NewRequest {
            resubmit: Some(format!("MDF-{}", request.number)),
            cost: self.amount(cost, &request.currency),
            amount: self.amount(share_of(&campaign.kind, cost).max(1), &request.currency),
            fund,
            ..new
        };
        let channel = PARTNERS[request.partner].channel;
        self.asks(FILE_AGAIN, who, channel, Command::RequestMdf(new)).await.map(drop)
    }

    pub async fn submits_draft(&mut self) -> Wrong {
        let Some(request) = self.some_request(&["draft"]) else { return Ok(()) };
        let who = self.filer(request.partner);
        let (channel, name) = self.place(who, request.partner, &format!("MDF-{}", request.number));
        let wish = RequestWish::Submit { partner: None, request: name };
        self.asks(SUBMIT_DRAFT, who, channel, Command::Request(wish)).await.map(drop)
    }

    /// Somebody who can take the next step of a chain, mostly.
    pub fn decider(&mut self, step: Option<&Option<&'static str>>, large: bool) -> Person {
        match step {
            _ if self.dice.percent(10) => DECIDERS[self.dice.below(DECIDERS.len())],
            _ if self.dice.percent(2) => self.stranger(0),
            Some(Some(SENIOR)) => SENIORS[self.dice.below(SENIORS.len())],
            _ if large => DECIDERS[2 + self.dice.below(DECIDERS.len() - 2)],
            _ => DECIDERS[self.dice.below(DECIDERS.len())],
        }
    }

    /// What an approver retypes, if they do, and now and then not as it stands.
    pub fn retyped(&mut self, minor: i64, currency: &str) -> Option<String> {
        let needed = minor >= CONFIRM_FROM || currency != PROGRAM_CURRENCY;
        if !needed || self.dice.percent(4) {
            return None;
        }
        let typed = if self.dice.percent(3) { minor + 1 } else { minor };
        Some(self.amount(typed, currency))
    }

    pub async fn decides(&mut self) -> Wrong {
        let amended = self
            .checker
            .model
            .requests
            .iter()
            .filter(|one| one.state == "approved" && one.amend_amount.is_some());
        let amended: Vec<Request> = amended.cloned().collect();
        let pending = match self.dice.between(1, 100) {
            1..=25 if !amended.is_empty() => self.dice.pick(&amended).cloned(),
            26..=30 => self.some_request(&["approved", "declined", "withdrawn", "closed"]),
            _ => self.some_request(&["submitted", "in_review"]),
        };
        let Some(request) = pending else { return Ok(()) };
        let waiting = request.considered.or(request.amend_amount).unwrap_or(request.amount);
        let chain = cast::chain(false, waiting, &request.currency);
        let taken = self.checker.model.steps(&request.id, request.rev).len();
        let large = request.currency != PROGRAM_CURRENCY || waiting > cast::LIMIT;
        let who = self.decider(chain.get(taken), large);
        // A card that was shown earlier, now and then.
        let seen_rev = request.rev - i64::from(self.dice.percent(7));
        let reason = "the quote is missing".to_owned();
        let (kind, verb, decision) = match self.dice.between(1, 100) {
            1..=74 => {
                let confirm = self.retyped(waiting, &request.currency);
                (APPROVE, "approve", RequestDecision::Approve { confirm })
            }
            75..=87 => {
                let less = self.dice.between(waiting / 2, waiting + 1);
                let amount = self.amount(less, &request.currency);
                (LESS, "less", RequestDecision::ApproveLess { amount, reason: reason.clone() })
            }
            88..=95 => (RETURN, "return", RequestDecision::Return { reason: reason.clone() }),
            _ => (DECLINE, "decline", RequestDecision::Decline { reason: reason.clone() }),
        };
        let channel = cast::APPROVALS;
        if self.dice.percent(45) {
            let button = format!("mdf-{verb}:{}:{seen_rev}", request.id);
            let (amount, confirm) = match decision {
                RequestDecision::Approve { confirm } => (None, confirm),
                RequestDecision::ApproveLess { amount, .. } => (Some(amount), None),
                _ => (None, None),
            };
            let values = [
                ("amount", amount.unwrap_or_default()),
                ("confirm", confirm.unwrap_or_default()),
                ("reason", reason),
            ];
            return self.presses(kind, (who, channel), &button, &values).await;
        }
        // An id that nobody has, now and then.
        let id = if self.dice.percent(1) { "0000000000000".to_owned() } else { request.id };
        self.asks(kind, who, channel, Command::DecideRequest { id, seen_rev, decision }).await.map(drop)
    }

    pub async fn amends(&mut self) -> Wrong {
        let Some(request) = self.some_request(&["approved"]) else { return Ok(()) };
        let who =
            if self.dice.percent(15) { MANAGERS[self.dice.below(2)] } else { self.filer(request.partner) };
        let campaign = self.checker.model.campaign(&request.campaign_id).cloned();
        let kind = campaign.map(|one| one.kind).unwrap_or_default();
        let cost = (request.cost * self.dice.between(60, 150) / 100).max(1);
        let (channel, name) = self.place(who, request.partner, &format!("MDF-{}", request.number));
        let wish = RequestWish::Amend {
            partner: None,
            request: name,
            cost: Some(self.amount(cost, &request.currency)),
            amount: Some(self.amount(share_of(&kind, cost).max(1), &request.currency)),
            reason: "a larger hall".to_owned(),
        };
        self.asks(AMEND, who, channel, Command::Request(wish)).await.map(drop)
    }

    pub async fn withdraws(&mut self) -> Wrong {
        let states = match self.dice.percent(70) {
            true => &["submitted", "in_review", "draft", "returned"][..],
            false => &["approved"][..],
        };
        let Some(request) = self.some_request(states) else { return Ok(()) };
        let who = self.filer(request.partner);
        let (channel, name) = self.place(who, request.partner, &format!("MDF-{}", request.number));
        let wish = RequestWish::Withdraw { partner: None, request: name };
        self.asks(WITHDRAW, who, channel, Command::Request(wish)).await.map(drop)
    }

    pub async fn ends(&mut self) -> Wrong {
        let Some(request) = self.some_request(&["approved"]) else { return Ok(()) };
        let name = format!("MDF-{}", request.number);
        let who = if self.dice.percent(40) {
            DECIDERS[self.dice.below(DECIDERS.len())]
        } else {
            self.filer(request.partner)
        };
        let (channel, named) = self.place(who, request.partner, &name);
        let confirm = self.dice.percent(85).then_some(name);
        let (kind, wish) = match self.dice.percent(50) {
            true => {
                let reason = "the event is off".to_owned();
                (CANCEL, RequestWish::Cancel { partner: None, request: named, reason, confirm })
            }
            false => (CLOSE, RequestWish::Close { partner: None, request: named, confirm }),
        };
        self.asks(kind, who, channel, Command::Request(wish)).await.map(drop)
    }
}
