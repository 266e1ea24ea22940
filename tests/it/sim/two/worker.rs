//! One of two processes: it looks at what waits in the database, which the other one does at the same time, and asks for
//! something about it. Funds are small on purpose, and both choose among the same few items.

use super::history::{Asked, History};
use crate::sim::act::share_of;
use crate::sim::cast::{
    self, APPROVALS, DECIDERS, FAY, FINN, MARKETING, PARTNERS, Person, SENIORS, SIGNERS, VERA,
};
use crate::sim::dice::Dice;
use chrono::{Days, NaiveDate};
use std::path::PathBuf;
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::command::claim::{ClaimDecision, ClaimWish, NewLine};
use tandem::domain::command::fund::{FundWish, NewFund};
use tandem::domain::command::{
    Command, NewCampaign, NewPlan, NewRequest, PlanDecision, RequestDecision, RequestWish,
};
use tandem::domain::money::{Currency, Money};
use tandem::flow::{self, Reply, Request, declare};
use tandem::inbound::cron;
use tandem::store::{Row, Store};
use tandem::{args, in_read};

/// Two partners are enough to meet at one fund.
const PLAYING: [usize; 2] = [0, 3];
const CURRENCY: &str = "USD";
/// What the one fund begins with, and what it gets now and then, in cents: not enough for all that is asked for.
pub const POOL: i64 = 500_000;
const MORE: i64 = 200_000;
/// After so many commands the first process looks at the clock, whatever the other one is doing.
const TICK_EVERY: usize = 15;

fn usd(minor: i64) -> String {
    Money::from_minor(minor, Currency::parse(CURRENCY).unwrap()).unwrap().to_string()
}

/// What both processes find: plans in force, and a fund.
pub struct Ground {
    app: App,
}

impl Ground {
    pub async fn prepared(url: &str) {
        let app = App::new(Store::open(url).await.unwrap(), Clock::system());
        declare::apply(&app, &cast::configuration("http://127.0.0.1:9", "token", url)).await.unwrap();
        let ground = Self { app };
        let today = ground.app.clock.now().date_naive();
        ground.has_a_fund(today).await;
        for partner in PLAYING {
            ground.has_a_plan(partner, today).await;
        }
        ground.app.store.close().await;
    }

    async fn does(&self, who: Person, channel: u64, command: Command) -> Reply {
        let request = Request { key: self.app.clock.new_id(), asker: cast::asker(who, channel), command };
        let reply = Box::pin(flow::handle(&self.app, &request)).await.unwrap();
        assert_eq!(reply.refused, None, "{}", reply.text);
        reply
    }

    async fn has_a_fund(&self, today: NaiveDate) {
        let new = NewFund {
            key: "both".to_owned(),
            name: "Both".to_owned(),
            kind: "mdf".to_owned(),
            valid_from: today.to_string(),
            valid_until: (today + Days::new(90)).to_string(),
            amount: Some(usd(POOL)),
            ..NewFund::default()
        };
        self.does(FINN, APPROVALS, Command::Fund(FundWish::Create(new))).await;
    }

    async fn has_a_plan(&self, partner: usize, today: NaiveDate) {
        let (pat, channel) = (MARKETING[partner][0], PARTNERS[partner].channel);
        let new = NewPlan {
            period: format!("{}..{}", today - Days::new(2), today + Days::new(80)),
            sign_by: Some((today + Days::new(20)).to_string()),
            ..NewPlan::default()
        };
        self.does(pat, channel, Command::CreatePlan(new)).await;
        let new = NewCampaign {
            name: "Webinar".to_owned(),
            kind: "webinar".to_owned(),
            start: (today - Days::new(1)).to_string(),
            end: Some((today + Days::new(20)).to_string()),
            leads: 40,
            pipeline: "120k".to_owned(),
            ..NewCampaign::default()
        };
        self.does(pat, channel, Command::AddCampaign(new)).await;
        self.does(pat, channel, Command::ProposePlan { partner: None, plan: None }).await;
        for who in [VERA, SIGNERS[partner]] {
            let sql = "SELECT p.id, p.rev FROM plan p JOIN partner o ON o.id = p.partner_id WHERE o.key = $1";
            let plan = in_read!(self.app.store, |read| { read.one(sql, args![PARTNERS[partner].key]).await })
                .unwrap();
            let (id, seen_rev) = (plan.text("id").unwrap(), plan.int("rev").unwrap());
            self.does(who, channel, Command::DecidePlan { id, seen_rev, decision: PlanDecision::Sign }).await;
        }
    }
}

fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: two_processes_tell_one_story sets it"))
}

/// What the environment says.
pub async fn asks_as_told() {
    let url = told("SIM_WORKER_DATABASE");
    let number = told("SIM_WORKER_NUMBER");
    let commands: usize = told("SIM_WORKER_COMMANDS").parse().unwrap();
    let mut worker = Worker {
        app: App::new(Store::open(&url).await.unwrap(), Clock::system()),
        dice: Dice::new(told("SIM_WORKER_SEED").parse().unwrap()),
        history: History::begin(&PathBuf::from(told("SIM_WORKER_HISTORY"))),
        number,
        asked: 0,
    };
    while worker.asked < commands {
        worker.asks_something().await;
        if worker.number == "1" && worker.asked.is_multiple_of(TICK_EVERY) {
            cron::tick(&worker.app).await.unwrap();
        }
    }
    worker.app.store.close().await;
}

struct Worker {
    app: App,
    dice: Dice,
    history: History,
    number: String,
    asked: usize,
}

/// Something that waits, as it was a moment ago.
struct Seen {
    id: String,
    number: i64,
    rev: i64,
    partner: usize,
    minor: i64,
}

const REQUESTS: &str = "SELECT r.id, r.number, r.rev, o.key, COALESCE(r.considered_minor, r.amount_minor) AS minor
    FROM mdf_request r JOIN partner o ON o.id = r.partner_id WHERE r.state IN ('submitted', 'in_review') ORDER BY r.id LIMIT 6";
const RETURNED: &str = "SELECT r.id, r.number, r.rev, o.key, r.amount_minor AS minor
    FROM mdf_request r JOIN partner o ON o.id = r.partner_id WHERE r.state = 'returned' ORDER BY r.id LIMIT 4";
const APPROVED: &str = "SELECT r.id, r.number, r.rev, o.key, r.approved_minor - r.claimed_minor AS minor
    FROM mdf_request r JOIN partner o ON o.id = r.partner_id
    WHERE r.state = 'approved' AND r.approved_minor > r.claimed_minor ORDER BY r.id DESC LIMIT 6";
const DRAFTS: &str = "SELECT c.id, c.number, c.rev, o.key,
      (SELECT COUNT(*) FROM claim_line l WHERE l.claim_id = c.id) AS minor
    FROM claim c JOIN partner o ON o.id = c.partner_id WHERE c.state IN ('draft', 'returned') ORDER BY c.id LIMIT 5";
const CLAIMS: &str = "SELECT c.id, c.number, c.rev, o.key, 0 AS minor
    FROM claim c JOIN partner o ON o.id = c.partner_id WHERE c.state IN ('submitted', 'in_review') ORDER BY c.id LIMIT 4";
const OWED: &str = "SELECT c.id, c.number, c.rev, o.key, c.approved_minor - c.paid_minor AS minor
    FROM claim c JOIN partner o ON o.id = c.partner_id WHERE c.state = 'approved' ORDER BY c.id LIMIT 4";

impl Worker {
    async fn sees(&mut self, sql: &'static str) -> Option<Seen> {
        let rows: Vec<Row> = in_read!(self.app.store, |read| { read.all(sql, args![]).await }).unwrap();
        let row = self.dice.pick(&rows)?;
        let key = row.text("key").unwrap();
        Some(Seen {
            id: row.text("id").unwrap(),
            number: row.int("number").unwrap(),
            rev: row.int("rev").unwrap(),
            partner: PARTNERS.iter().position(|one| one.key == key).unwrap(),
            minor: row.int("minor").unwrap(),
        })
    }

    async fn asks_something(&mut self) {
        match self.dice.between(1, 100) {
            1..=20 => self.files().await,
            21..=24 => self.allocates().await,
            25..=54 => self.decides().await,
            55..=57 => self.files_again().await,
            58..=60 => self.withdraws().await,
            61..=66 => self.claims().await,
            67..=76 => self.fills().await,
            77..=80 => self.submits().await,
            81..=90 => self.decides_claim().await,
            _ => self.pays().await,
        }
    }

    async fn asks(
        &mut self,
        kind: &str,
        (who, channel): (Person, u64),
        about: Option<&Seen>,
        amount: i64,
        command: Command,
    ) {
        self.asked += 1;
        let key = format!("two:{}:{}", self.number, self.asked);
        let request = Request { key: key.clone(), asker: cast::asker(who, channel), command };
        let asked_at = self.app.clock.now_ms();
        let reply = self.answered(&request).await;
        self.history.keep(&Asked {
            key,
            kind: kind.to_owned(),
            item: about.map(|seen| seen.id.clone()).unwrap_or_default(),
            seen_rev: about.map_or(0, |seen| seen.rev),
            amount,
            person: who.id.to_owned(),
            asked_at,
            answered_at: self.app.clock.now_ms(),
            refused: reply.refused.as_ref().map(|refusal| refusal.code.as_str().to_owned()),
            answer: reply.text,
        });
    }

    /// What two processes do to each other is the program's own to do again: any fault of it is one.
    async fn answered(&self, request: &Request) -> Reply {
        let reply = Box::pin(flow::handle(&self.app, request)).await;
        reply.unwrap_or_else(|fault| panic!("{} {:?}: {fault}", request.key, request.command))
    }

    async fn allocates(&mut self) {
        let wish = FundWish::Allocate {
            fund: "both".to_owned(),
            partner: None,
            amount: usd(MORE),
            reason: None,
            confirm: None,
        };
        let who = ([FINN, FAY][self.dice.below(2)], APPROVALS);
        self.asks("allocate", who, None, MORE, Command::Fund(wish)).await;
    }

    fn marketing(&mut self, partner: usize) -> (Person, u64) {
        (MARKETING[partner][self.dice.below(2)], PARTNERS[partner].channel)
    }

    async fn files(&mut self) {
        let partner = PLAYING[self.dice.below(2)];
        let cost = if self.dice.percent(60) {
            self.dice.between(60_000, 290_000)
        } else {
            self.dice.between(300_000, 3_000_000)
        };
        let new = self.request(cost);
        let who = self.marketing(partner);
        self.asks("file", who, None, 0, Command::RequestMdf(new)).await;
    }

    fn request(&self, cost: i64) -> NewRequest {
        NewRequest {
            campaign: "CMP-1".to_owned(),
            fund: Some("both".to_owned()),
            cost: usd(cost),
            amount: usd(share_of("webinar", cost)),
            purpose: format!("Speaker {}-{}", self.number, self.asked + 1),
            ..NewRequest::default()
        }
    }

    async fn files_again(&mut self) {
        let Some(seen) = self.sees(RETURNED).await else { return };
        let cost = self.dice.between(60_000, 290_000);
        let new = NewRequest { resubmit: Some(format!("MDF-{}", seen.number)), ..self.request(cost) };
        let who = self.marketing(seen.partner);
        self.asks("file again", who, Some(&seen), 0, Command::RequestMdf(new)).await;
    }

    async fn withdraws(&mut self) {
        let Some(seen) = self.sees(REQUESTS).await else { return };
        let wish = RequestWish::Withdraw { partner: None, request: format!("MDF-{}", seen.number) };
        let who = self.marketing(seen.partner);
        self.asks("withdraw", who, Some(&seen), 0, Command::Request(wish)).await;
    }

    fn decider(&mut self, minor: i64) -> (Person, u64) {
        let who = if minor >= 800_000 && self.dice.percent(60) {
            SENIORS[self.dice.below(SENIORS.len())]
        } else {
            DECIDERS[self.dice.below(DECIDERS.len())]
        };
        (who, APPROVALS)
    }

    async fn decides(&mut self) {
        let Some(seen) = self.sees(REQUESTS).await else { return };
        let who = self.decider(seen.minor);
        let reason = "the quote is missing".to_owned();
        let (kind, amount, decision) = match self.dice.between(1, 100) {
            1..=84 => {
                let confirm = Some(usd(seen.minor));
                ("approve", seen.minor, RequestDecision::Approve { confirm })
            }
            85..=90 => {
                let less = (seen.minor * 3 / 4).max(1);
                ("approve", less, RequestDecision::ApproveLess { amount: usd(less), reason })
            }
            91..=96 => ("return", 0, RequestDecision::Return { reason }),
            _ => ("decline", 0, RequestDecision::Decline { reason }),
        };
        let command = Command::DecideRequest { id: seen.id.clone(), seen_rev: seen.rev, decision };
        self.asks(kind, who, Some(&seen), amount, command).await;
    }

    async fn claims(&mut self) {
        let Some(seen) = self.sees(APPROVED).await else { return };
        let wish = ClaimWish::New { partner: None, request: format!("MDF-{}", seen.number) };
        let who = self.marketing(seen.partner);
        self.asks("claim", who, None, 0, Command::Claim(wish)).await;
    }

    async fn fills(&mut self) {
        let Some(seen) = self.sees(DRAFTS).await else { return };
        let net = self.dice.between(20_000, 400_000);
        let wish = ClaimWish::Line(NewLine {
            claim: format!("CLM-{}", seen.number),
            what: "Stand".to_owned(),
            supplier: "Fairs Ltd".to_owned(),
            invoice: format!("INV-{}-{}", self.number, self.asked + 1),
            date: self.app.clock.now().date_naive().pred_opt().unwrap().to_string(),
            net: usd(net),
            ..NewLine::default()
        });
        let who = self.marketing(seen.partner);
        self.asks("line", who, Some(&seen), 0, Command::Claim(wish)).await;
    }

    async fn submits(&mut self) {
        let Some(seen) = self.sees(DRAFTS).await else { return };
        if seen.minor == 0 {
            return self.fills().await;
        }
        let wish = ClaimWish::Submit { partner: None, claim: format!("CLM-{}", seen.number), certify: true };
        let who = self.marketing(seen.partner);
        self.asks("submit claim", who, Some(&seen), 0, Command::Claim(wish)).await;
    }

    async fn decides_claim(&mut self) {
        let Some(seen) = self.sees(CLAIMS).await else { return };
        let who = self.decider(0);
        let decision = match self.dice.between(1, 100) {
            1..=88 => ClaimDecision::Approve { confirm: None },
            89..=94 => ClaimDecision::Return { reason: "no invoice".to_owned() },
            _ => ClaimDecision::Decline { reason: "no invoice".to_owned() },
        };
        let kind = match decision {
            ClaimDecision::Approve { .. } => "approve claim",
            ClaimDecision::Return { .. } => "return claim",
            _ => "decline claim",
        };
        let wish = ClaimWish::Decide { id: seen.id.clone(), seen_rev: seen.rev, decision };
        self.asks(kind, who, Some(&seen), 0, Command::Claim(wish)).await;
    }

    async fn pays(&mut self) {
        let Some(seen) = self.sees(OWED).await else { return };
        let amount = if self.dice.percent(60) { seen.minor } else { self.dice.between(1, seen.minor.max(1)) };
        let wish = ClaimWish::Pay {
            partner: Some(PARTNERS[seen.partner].key.to_owned()),
            claim: format!("CLM-{}", seen.number),
            amount: Some(usd(amount)),
            date: None,
            reference: format!("TRX-{}-{}", self.number, self.asked + 1),
        };
        let who = ([FINN, FAY][self.dice.below(2)], APPROVALS);
        self.asks("pay", who, Some(&seen), amount, Command::Claim(wish)).await;
    }
}
