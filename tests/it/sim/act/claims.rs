//! Claims: put together line by line, filed, decided line by line and step by step, paid in parts, reversed, clawed back;
//! and more time for them.

use super::day;
use crate::sim::cast::{
    self, APPROVALS, DECIDERS, FAY, FINN, MARKETING, PARTNERS, PROGRAM_CURRENCY, Person, SENIORS,
};
use crate::sim::check::Wrong;
use crate::sim::model::{Claim, File, Request};
use crate::sim::run::{Kind, Sim, kind};
use chrono::Days;
use tandem::domain::command::claim::{ClaimDecision, ClaimWish, ExtensionDecision, NewEvidence, NewLine};
use tandem::domain::command::{Command, RequestDecision};
use tandem::domain::evidence::EvidenceFile;
use tandem::evidence::packet::sha256;

const APPROVE_REQUEST: Kind = kind("approve", &["request_step", "request_approved"]);
const NEW: Kind = kind("claim", &["claim_drafted"]);
const LINE: Kind = kind("line", &["claim_line_added"]);
const REMOVE: Kind = kind("remove line", &["claim_line_removed"]);
const EVIDENCE: Kind = kind("evidence", &["claim_evidence_added"]);
const REMOVE_EVIDENCE: Kind = kind("remove evidence", &["claim_evidence_removed"]);
const SUBMIT: Kind = kind("submit claim", &["claim_submitted"]);
const WITHDRAW: Kind = kind("withdraw claim", &["claim_withdrawn"]);
const APPROVE: Kind = kind("approve claim", &["claim_step", "claim_approved"]);
const LINES: Kind = kind("decide lines", &["claim_lines_decided"]);
const RETURN: Kind = kind("return claim", &["claim_returned"]);
const DECLINE: Kind = kind("decline claim", &["claim_declined"]);
const PAY: Kind = kind("pay", &["claim_payment"]);
const REVERSE: Kind = kind("reverse", &["claim_reversed"]);
const CLAW_BACK: Kind = kind("claw back", &["claim_clawed_back"]);
const EXTEND: Kind = kind("extend", &["extension_asked"]);
const DECIDE_EXTENSION: Kind = kind("decide extension", &["extension_approved", "extension_declined"]);

/// What the request of [`Sim::claims_for`] is over, and what its claim names: both take two steps, in cents.
pub const GROUND: i64 = 150_000;
pub const CLAIMED: i64 = 400_000;

impl Sim {
    /// Files a request that two approve, for a fair that can be claimed.
    pub async fn approved_for(&mut self, partner: usize) -> Result<Request, String> {
        self.needs_fair(partner).await?;
        self.files_for(partner, GROUND).await?;
        self.everybody_is_back().await?;
        let its = self.checker.model.requests.iter().filter(|one| one.partner == partner);
        let request = its.max_by_key(|one| one.number).cloned().ok_or("no request")?;
        for who in [SENIORS[1], SENIORS[2]] {
            let decision = RequestDecision::Approve { confirm: None };
            let command = Command::DecideRequest { id: request.id.clone(), seen_rev: request.rev, decision };
            self.asks(APPROVE_REQUEST, who, APPROVALS, command).await?;
        }
        Ok(request)
    }

    /// Claims such a request, and goes on until the claim is a draft, submitted, or approved by the same two.
    pub async fn claims_for(&mut self, partner: usize, wanted: &str) -> Wrong {
        let ([pat, _], channel) = (MARKETING[partner], PARTNERS[partner].channel);
        let request = self.approved_for(partner).await?;
        let wish = ClaimWish::New { partner: None, request: format!("MDF-{}", request.number) };
        self.asks(NEW, pat, channel, Command::Claim(wish)).await?;
        let number =
            self.checker.model.claims.iter().filter(|one| one.partner == partner).map(|one| one.number);
        let claim = format!("CLM-{}", number.max().unwrap_or_default());
        let wish = ClaimWish::Line(NewLine {
            claim: claim.clone(),
            what: "Stand".to_owned(),
            supplier: "Fairs Ltd".to_owned(),
            invoice: format!("INV-{}", self.number()),
            date: (self.today() - Days::new(3)).to_string(),
            net: self.amount(CLAIMED, &request.currency),
            ..NewLine::default()
        });
        self.asks(LINE, pat, channel, Command::Claim(wish)).await?;
        let now = |sim: &Self| {
            let its = sim.checker.model.claims.iter().find(|one| one.request_id == request.id);
            its.cloned()
                .ok_or_else(|| format!("nothing of MDF-{} is claimed\n{}", request.number, sim.told()))
        };
        if wanted == "draft" {
            return now(self).map(drop);
        }
        while !self.lacks(&now(self)?).is_empty() {
            let claim = now(self)?;
            self.proves(&claim, pat).await?;
        }
        let wish = ClaimWish::Submit { partner: None, claim, certify: true };
        self.asks(SUBMIT, pat, channel, Command::Claim(wish)).await?;
        let (id, seen_rev) = (now(self)?.id, now(self)?.rev);
        for who in [SENIORS[1], SENIORS[2]].into_iter().filter(|_| wanted == "approved") {
            let decision = ClaimDecision::Approve { confirm: None };
            let wish = ClaimWish::Decide { id: id.clone(), seen_rev, decision };
            self.asks(APPROVE, who, APPROVALS, Command::Claim(wish)).await?;
        }
        let state = now(self)?.state;
        if state == wanted { Ok(()) } else { Err(format!("it is {state}\n{}", self.told())) }
    }

    /// Goes on until somebody waits for more time.
    pub async fn asks_for_time(&mut self) -> Wrong {
        for _ in 0..50 {
            if !self.checker.model.extensions.is_empty() {
                return Ok(());
            }
            self.extends().await?;
        }
        Err("nobody may ask for more time".to_owned())
    }

    /// An approved request that can be claimed today, mostly.
    fn claimable(&mut self) -> Option<Request> {
        let today = self.today();
        let model = &self.checker.model;
        let due = |request: &Request| request.claim_due.as_deref().is_some_and(|due| day(due) >= today);
        let begun =
            |request: &Request| model.campaign(&request.campaign_id).is_some_and(|one| self.has_begun(one));
        let left = |request: &Request| request.approved.unwrap_or_default() > request.claimed;
        let all = model.requests.iter().filter(|one| one.state == "approved");
        let found: Vec<Request> = all.filter(|one| due(one) && begun(one) && left(one)).cloned().collect();
        if self.dice.percent(5) {
            return self.some_request(&["approved", "submitted", "declined"]);
        }
        self.dice.pick(&found).cloned()
    }

    fn some_claim(&mut self, states: &[&str]) -> Option<Claim> {
        let all = self.checker.model.claims.iter().filter(|one| states.contains(&one.state.as_str()));
        let found: Vec<Claim> = all.cloned().collect();
        let newest = found.len().saturating_sub(10);
        self.dice.pick(&found[newest..]).cloned()
    }

    fn currency(&self, claim: &Claim) -> String {
        self.checker.model.request(&claim.request_id).map(|one| one.currency.clone()).unwrap_or_default()
    }

    pub async fn claims(&mut self) -> Wrong {
        let Some(request) = self.claimable() else { return Ok(()) };
        let who = self.filer(request.partner);
        let wish = ClaimWish::New { partner: None, request: format!("MDF-{}", request.number) };
        let channel = PARTNERS[request.partner].channel;
        self.asks(NEW, who, channel, Command::Claim(wish)).await?;
        if self.dice.percent(70) {
            self.adds_line().await?;
        }
        Ok(())
    }

    pub async fn adds_line(&mut self) -> Wrong {
        let states =
            if self.dice.percent(95) { &["draft", "returned"][..] } else { &["submitted", "approved"][..] };
        let Some(claim) = self.some_claim(states) else { return Ok(()) };
        let Some(request) = self.checker.model.request(&claim.request_id).cloned() else { return Ok(()) };
        let who = self.filer(claim.partner);
        let left = request.approved.unwrap_or_default() - request.claimed;
        // A third of what would use it up, more than that, or a little.
        let net = (left * self.dice.between(20, 320) / 100).max(1);
        let foreign = self.dice.percent(20);
        let currency =
            if foreign { cast::CURRENCIES[self.dice.below(3)].to_owned() } else { request.currency };
        let invoice =
            if self.dice.percent(4) { "INV-1".to_owned() } else { format!("INV-{}", self.number()) };
        let ago = Days::new(self.dice.between(0, 20).unsigned_abs());
        let date = if self.dice.percent(3) { self.today() + Days::new(2) } else { self.today() - ago };
        let wish = ClaimWish::Line(NewLine {
            claim: format!("CLM-{}", claim.number),
            what: "Stand".to_owned(),
            supplier: "Fairs Ltd".to_owned(),
            invoice,
            date: date.to_string(),
            net: self.amount(net, &currency),
            tax: self.dice.percent(40).then(|| self.amount(net / 5, &currency)),
            ..NewLine::default()
        });
        let channel = PARTNERS[claim.partner].channel;
        self.asks(LINE, who, channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn removes_line(&mut self) -> Wrong {
        let Some(claim) = self.some_claim(&["draft", "returned"]) else { return Ok(()) };
        let line = claim.lines.first().map_or(7, |(position, _, _)| *position);
        let who = self.filer(claim.partner);
        let wish = ClaimWish::RemoveLine { partner: None, claim: format!("CLM-{}", claim.number), line };
        self.asks(REMOVE, who, PARTNERS[claim.partner].channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn adds_evidence(&mut self) -> Wrong {
        let Some(claim) = self.some_claim(&["draft", "returned"]) else { return Ok(()) };
        let who = MARKETING[claim.partner][self.dice.below(2)];
        self.proves(&claim, who).await
    }

    /// What kind of activity a claim is of.
    fn kind_of(&self, claim: &Claim) -> String {
        let request = self.checker.model.request(&claim.request_id);
        let campaign = request.and_then(|one| self.checker.model.campaign(&one.campaign_id));
        campaign.map(|one| one.kind.clone()).unwrap_or_default()
    }

    /// The slots in which a claim still needs a file.
    fn lacks(&self, claim: &Claim) -> Vec<&'static str> {
        let has = |slot: &str| claim.files.iter().any(|file| file.slot == slot);
        cast::needed(&self.kind_of(claim)).iter().copied().filter(|slot| !has(slot)).collect()
    }

    /// Puts a file into a slot that lacks one, or into any: a list of people where such are asked for, now and then what does
    /// not belong there, or a file that was handed in before.
    async fn proves(&mut self, claim: &Claim, who: Person) -> Wrong {
        let kind = self.kind_of(claim);
        let lacks = self.lacks(claim);
        let slot = match lacks.first() {
            Some(slot) => *slot,
            None => ["cost", "execution", "results"][self.dice.below(3)],
        };
        let asked = (kind.as_str(), slot) == cast::LISTS || (slot == "results" && self.dice.percent(50));
        let list = asked != self.dice.percent(5);
        let number = self.number();
        let mut sha256 = sha256(format!("file {number}").as_bytes());
        let known: Vec<String> = self
            .checker
            .model
            .claims
            .iter()
            .filter(|one| one.partner == claim.partner)
            .flat_map(|one| one.files.iter().map(|file| file.sha256.clone()))
            .collect();
        let again = !known.is_empty() && self.dice.percent(25);
        let here: Vec<&File> = claim.files.iter().filter(|file| file.slot == slot).collect();
        match self.dice.pick(&here) {
            Some(file) if again && self.dice.percent(60) => sha256.clone_from(&file.sha256),
            _ if again => sha256.clone_from(&known[self.dice.below(known.len())]),
            _ => {}
        }
        let rows = list.then(|| self.dice.between(1, 500));
        let (name, content_type) =
            if list { ("list.csv", "text/csv") } else { ("invoice.pdf", "application/pdf") };
        let file = EvidenceFile {
            sha256: sha256.clone(),
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            bytes: 1_200,
            restricted: list,
            rows,
        };
        let wish = ClaimWish::Evidence(NewEvidence {
            partner: None,
            claim: format!("CLM-{}", claim.number),
            slot: slot.to_owned(),
            files: vec![file],
            source: None,
        });
        let channel = PARTNERS[claim.partner].channel;
        let reply = self.asks(EVIDENCE, who, channel, Command::Claim(wish)).await?;
        if reply.refused.is_some() {
            if again {
                self.tally.count("the same file refused");
            }
            return Ok(());
        }
        if list {
            self.tally.count("a list of people");
        }
        if again {
            self.tally.count("the same file again");
        }
        let kept = self.checker.model.claim(&claim.id).and_then(|one| one.files.last().cloned());
        let wanted = File { slot: slot.to_owned(), sha256, rows };
        if kept.as_ref() == Some(&wanted) {
            return Ok(());
        }
        Err(format!("CLM-{} was given {wanted:?} and has {kept:?}", claim.number))
    }

    pub async fn removes_evidence(&mut self) -> Wrong {
        let all = self.checker.model.claims.iter().filter(|one| !one.files.is_empty());
        let edited = |claim: &&Claim| matches!(claim.state.as_str(), "draft" | "returned");
        let found: Vec<Claim> = all.filter(edited).cloned().collect();
        let Some(claim) = self.dice.pick(&found).cloned() else { return Ok(()) };
        let file = self.dice.between(1, i64::try_from(claim.files.len()).unwrap() + 1);
        let who = self.filer(claim.partner);
        let wish = ClaimWish::RemoveEvidence {
            partner: None,
            claim: format!("CLM-{}", claim.number),
            file: format!("#{file}"),
        };
        self.asks(REMOVE_EVIDENCE, who, PARTNERS[claim.partner].channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn submits_claim(&mut self) -> Wrong {
        let Some(claim) = self.some_claim(&["draft", "returned"]) else { return Ok(()) };
        let who = self.filer(claim.partner);
        if claim.lines.is_empty() && self.dice.percent(90) {
            return self.adds_line().await;
        }
        for _ in self.lacks(&claim) {
            if self.dice.percent(90) {
                let now = self.checker.model.claim(&claim.id).cloned().unwrap_or(claim.clone());
                self.proves(&now, MARKETING[claim.partner][0]).await?;
            }
        }
        let certify = self.dice.percent(95);
        let wish = ClaimWish::Submit { partner: None, claim: format!("CLM-{}", claim.number), certify };
        self.asks(SUBMIT, who, PARTNERS[claim.partner].channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn withdraws_claim(&mut self) -> Wrong {
        let Some(claim) = self.some_claim(&["draft", "returned", "submitted", "in_review"]) else {
            return Ok(());
        };
        let who = self.filer(claim.partner);
        let wish = ClaimWish::Withdraw { partner: None, claim: format!("CLM-{}", claim.number) };
        self.asks(WITHDRAW, who, PARTNERS[claim.partner].channel, Command::Claim(wish)).await.map(drop)
    }

    /// What a claim would pay now.
    fn pays_now(&self, claim: &Claim) -> i64 {
        let Some(request) = self.checker.model.request(&claim.request_id) else { return 0 };
        let counts: i64 = claim.lines.iter().map(|(_, claimed, accepted)| accepted.unwrap_or(*claimed)).sum();
        let share: rust_decimal::Decimal = request.share_percent.parse().unwrap();
        let exact = rust_decimal::Decimal::from(counts) * share / rust_decimal::Decimal::ONE_HUNDRED;
        let rounded = exact.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        i64::try_from(rounded).unwrap_or(i64::MAX).min(request.approved.unwrap_or_default() - request.claimed)
    }

    pub async fn decides_claim(&mut self) -> Wrong {
        let states =
            if self.dice.percent(95) { &["submitted", "in_review"][..] } else { &["approved", "paid"][..] };
        let Some(claim) = self.some_claim(states) else { return Ok(()) };
        let (currency, pays) = (self.currency(&claim), self.pays_now(&claim));
        let taken = self.checker.model.steps(&claim.id, claim.rev).len();
        let chain = cast::chain(true, pays, &currency);
        let who = self.decider(chain.get(taken), currency != PROGRAM_CURRENCY || pays > cast::LIMIT);
        let seen_rev = claim.rev - i64::from(self.dice.percent(7));
        let reason = "no invoice".to_owned();
        let (kind, verb, decision) = match self.dice.between(1, 100) {
            1..=70 => {
                let confirm = self.retyped(pays, &currency);
                (APPROVE, "approve", ClaimDecision::Approve { confirm })
            }
            71..=81 => (LINES, "lines", ClaimDecision::Lines { verdicts: self.verdicts(&claim, &currency) }),
            82..=94 => (RETURN, "return", ClaimDecision::Return { reason: reason.clone() }),
            _ => (DECLINE, "decline", ClaimDecision::Decline { reason: reason.clone() }),
        };
        if self.dice.percent(45) {
            let button = format!("claim-{verb}:{}:{seen_rev}", claim.id);
            let (confirm, lines) = match decision {
                ClaimDecision::Approve { confirm } => (confirm.unwrap_or_default(), String::new()),
                ClaimDecision::Lines { verdicts } => (String::new(), verdicts),
                _ => (String::new(), String::new()),
            };
            let values = [("confirm", confirm), ("lines", lines), ("reason", reason)];
            return self.presses(kind, (who, APPROVALS), &button, &values).await;
        }
        let wish = ClaimWish::Decide { id: claim.id, seen_rev, decision };
        self.asks(kind, who, APPROVALS, Command::Claim(wish)).await.map(drop)
    }

    fn verdicts(&mut self, claim: &Claim, currency: &str) -> String {
        let mut rows = Vec::new();
        for (position, claimed, _) in &claim.lines {
            if self.dice.percent(60) {
                let most = if self.dice.percent(3) { claimed + 1 } else { *claimed };
                let accepted = self.dice.between(claimed / 3, most);
                let amount = self.amount(accepted, currency);
                let amount = amount.split(' ').next_back().unwrap_or_default();
                rows.push(format!("{position}: {amount} not eligible"));
            }
        }
        rows.join("\n")
    }

    /// In parts, or all that is owed.
    pub async fn pays(&mut self) -> Wrong {
        let states =
            if self.dice.percent(95) { &["approved"][..] } else { &["paid", "submitted", "reversed"][..] };
        let Some(claim) = self.some_claim(states) else { return Ok(()) };
        let owed = claim.approved.unwrap_or_default() - claim.paid;
        let currency = self.currency(&claim);
        let amount = match self.dice.between(1, 100) {
            1..=40 => None,
            41..=95 => Some(self.dice.between(1, owed.max(1))),
            _ => Some(owed + 1),
        };
        let who = [FINN, FAY][self.dice.below(2)];
        let (channel, name) = self.place(who, claim.partner, &format!("CLM-{}", claim.number));
        let wish = ClaimWish::Pay {
            partner: None,
            claim: name,
            amount: amount.map(|minor| self.amount(minor, &currency)),
            date: None,
            reference: format!("TRX-{}", self.number()),
        };
        self.asks(PAY, who, channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn reverses(&mut self) -> Wrong {
        let Some(claim) = self.some_claim(&["approved", "paid"]) else { return Ok(()) };
        let name = format!("CLM-{}", claim.number);
        let who = DECIDERS[self.dice.below(DECIDERS.len())];
        let (channel, named) = self.place(who, claim.partner, &name);
        let wish = ClaimWish::Reverse {
            partner: None,
            claim: named,
            reason: "it was somebody else's invoice".to_owned(),
            confirm: self.dice.percent(75).then_some(name),
        };
        self.asks(REVERSE, who, channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn claws_back(&mut self) -> Wrong {
        let back =
            self.checker.model.claims.iter().filter(|one| one.state == "reversed" && one.paid > one.clawed);
        let back: Vec<Claim> = back.cloned().collect();
        let found = if self.dice.percent(10) {
            self.some_claim(&["paid", "reversed"])
        } else {
            self.dice.pick(&back).cloned()
        };
        let Some(claim) = found else { return Ok(()) };
        let left = (claim.paid - claim.clawed).max(1);
        let amount = if self.dice.percent(50) { left } else { self.dice.between(1, left + 1) };
        let currency = self.currency(&claim);
        let who = [FINN, FAY][self.dice.below(2)];
        let (channel, name) = self.place(who, claim.partner, &format!("CLM-{}", claim.number));
        let wish = ClaimWish::ClawBack {
            partner: None,
            claim: name,
            amount: self.amount(amount, &currency),
            reference: format!("BACK-{}", self.number()),
        };
        self.asks(CLAW_BACK, who, channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn extends(&mut self) -> Wrong {
        let Some(request) = self.some_request(&["approved"]) else { return Ok(()) };
        let due = request.claim_due.as_deref().map_or_else(|| self.today(), day);
        let until = due + Days::new(self.dice.between(1, 400).unsigned_abs() % 60);
        let who = self.filer(request.partner);
        let wish = ClaimWish::Extend {
            partner: None,
            request: format!("MDF-{}", request.number),
            until: until.to_string(),
            reason: "the supplier is late".to_owned(),
        };
        self.asks(EXTEND, who, PARTNERS[request.partner].channel, Command::Claim(wish)).await.map(drop)
    }

    pub async fn decides_extension(&mut self) -> Wrong {
        let waiting = self.checker.model.extensions.clone();
        let Some(extension) = self.dice.pick(&waiting).cloned() else { return Ok(()) };
        let who = self.decider(None, false);
        let seen_rev = extension.rev - i64::from(self.dice.percent(10));
        let reason = "it was extended before".to_owned();
        let approves = self.dice.percent(65);
        if self.dice.percent(50) {
            let verb = if approves { "approve" } else { "decline" };
            let button = format!("extension-{verb}:{}:{seen_rev}", extension.id);
            return self.presses(DECIDE_EXTENSION, (who, APPROVALS), &button, &[("reason", reason)]).await;
        }
        let decision =
            if approves { ExtensionDecision::Approve } else { ExtensionDecision::Decline { reason } };
        let wish = ClaimWish::DecideExtension { id: extension.id, seen_rev, decision };
        self.asks(DECIDE_EXTENSION, who, APPROVALS, Command::Claim(wish)).await.map(drop)
    }
}
