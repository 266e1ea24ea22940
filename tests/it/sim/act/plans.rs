//! Plans that both sides sign, their campaigns, and what is changed of them afterwards.

use super::day;
use crate::sim::cast::{
    self, APPROVALS, BOTH, DECIDERS, KINDS, MARKETING, NOBODY, PARTNERS, PROGRAM_CURRENCY, Person, SIGNERS,
    VERA, VIC,
};
use crate::sim::check::Wrong;
use crate::sim::model::Campaign;
use crate::sim::run::{Kind, Sim, kind, many};
use chrono::{Days, NaiveDate};
use tandem::domain::actor::Picked;
use tandem::domain::command::adjust::{AdjustWish, AdjustmentDecision, StopDecision};
use tandem::domain::command::away::AwayWish;
use tandem::domain::command::{Command, NewCampaign, NewPlan, NewRequest, PlanDecision};

const CREATE: Kind = kind("create plan", &["plan_created"]);
const ADD: Kind = many("add campaign", &["campaign_added", "adjustment_filed"]);
const PROPOSE: Kind = kind("propose plan", &["plan_proposed"]);
const SIGN: Kind = kind("sign plan", &["plan_signed", "plan_agreed"]);
const STOP: Kind = kind("stop", &["campaign_stopped"]);
const RESUME: Kind = kind("resume", &["campaign_resumed"]);
const DECIDE_STOP: Kind = many(
    "decide stop",
    &["campaign_stop_signed", "campaign_resumed", "adjustment_agreed", "adjustment_signed"],
);
const POSTPONE: Kind = many("postpone", &["adjustment_filed", "adjustment_signed", "campaign_postponed"]);
const CANCEL: Kind =
    many("cancel campaign", &["adjustment_filed", "adjustment_signed", "campaign_cancelled"]);
const SIGN_ADJUSTMENT: Kind = many(
    "sign adjustment",
    &["adjustment_signed", "adjustment_agreed", "adjustment_declined", "adjustment_withdrawn"],
);
const AWAY: Kind = kind("away", &["away_set", "away_cleared"]);
const LOST: Kind = many("lost", &[]);

/// How long a plan runs, and how long before its end the next one is made.
const PLAN_DAYS: u64 = 150;
const BEFORE_END: u64 = 25;

impl Sim {
    pub async fn needs_plan(&mut self, partner: usize) -> Wrong {
        let needed_until = (self.today() + Days::new(BEFORE_END)).to_string();
        let open = |state: &str| matches!(state, "agreed" | "active");
        let plans = &self.checker.model.plans;
        if plans
            .iter()
            .any(|plan| plan.partner == partner && open(&plan.state) && plan.ends_on > needed_until)
        {
            return Ok(());
        }
        self.makes_plan(partner).await
    }

    /// Makes plans until there is a fair of this partner that has begun and is not over.
    pub async fn needs_fair(&mut self, partner: usize) -> Wrong {
        for _ in 0..12 {
            let live = self.live_campaigns(partner);
            if live.iter().any(|one| one.kind == "trade_show" && self.is_on(one)) {
                return Ok(());
            }
            self.makes_plan(partner).await?;
        }
        Err("there is no fair".to_owned())
    }

    async fn makes_plan(&mut self, partner: usize) -> Wrong {
        let (pat, channel) = (MARKETING[partner][0], PARTNERS[partner].channel);
        let today = self.today();
        let new = NewPlan {
            period: format!("{today}..{}", today + Days::new(PLAN_DAYS)),
            zone: Some(PARTNERS[partner].zone.to_owned()),
            cadence: Some("mid-and-end".to_owned()),
            sign_by: Some((today + Days::new(20)).to_string()),
            ..NewPlan::default()
        };
        let reply = self.asks(CREATE, pat, channel, Command::CreatePlan(new)).await?;
        if reply.refused.is_some() {
            return Err(format!("no plan can be made: {}", reply.text));
        }
        let number = self
            .checker
            .model
            .plans
            .iter()
            .filter(|plan| plan.partner == partner)
            .map(|plan| plan.number)
            .max();
        let name = format!("PLN-{}", number.unwrap_or_default());
        for at in 0..4 {
            let new = self.campaign(partner, Some(name.clone()), today + Days::new(at * 12));
            self.asks(ADD, pat, channel, Command::AddCampaign(new)).await?;
        }
        let propose = Command::ProposePlan { partner: None, plan: Some(name) };
        self.asks(PROPOSE, pat, channel, propose).await?;
        for who in [VERA, VERA, SIGNERS[partner]] {
            let plans = self.checker.model.plans.iter().filter(|plan| plan.partner == partner);
            let plan = plans.max_by_key(|plan| plan.number).unwrap();
            let sign =
                Command::DecidePlan { id: plan.id.clone(), seen_rev: plan.rev, decision: PlanDecision::Sign };
            self.asks(SIGN, who, channel, sign).await?;
        }
        match PARTNERS[partner].currency == PROGRAM_CURRENCY {
            true => self.files_small(Some(partner)).await,
            false => Ok(()),
        }
    }

    fn campaign(&mut self, partner: usize, plan: Option<String>, start: NaiveDate) -> NewCampaign {
        let (kind, _, _) = KINDS[self.dice.below(KINDS.len())];
        let end = start + Days::new(self.dice.between(2, 40).unsigned_abs());
        let number = self.number();
        let budget = self.amount(50_000_000, PARTNERS[partner].currency);
        NewCampaign {
            plan,
            name: format!("Campaign {number}"),
            kind: kind.to_owned(),
            start: start.to_string(),
            end: Some(end.to_string()),
            leads: 40,
            pipeline: budget.clone(),
            budget: Some(budget),
            mdf: Some("50%".to_owned()),
            sends: (kind == "email").then(|| start.to_string()),
            reason: Some("more of it".to_owned()),
            ..NewCampaign::default()
        }
    }

    /// The campaigns of a partner that still run or will.
    pub fn live_campaigns(&self, partner: usize) -> Vec<Campaign> {
        let over = |state: &str| matches!(state, "cancelled" | "closed");
        let model = &self.checker.model;
        let in_force = |plan_id: &str| {
            let plan = model.plans.iter().find(|plan| plan.id == plan_id);
            plan.is_some_and(|plan| matches!(plan.state.as_str(), "agreed" | "active" | "closing"))
        };
        let own = model.campaigns.iter().filter(|one| one.partner == partner && !over(&one.state));
        own.filter(|one| in_force(&one.plan_id)).cloned().collect()
    }

    fn either_side(&mut self, partner: usize) -> Person {
        match self.dice.between(1, 10) {
            1..=4 => VERA,
            5 => VIC,
            6..=7 => SIGNERS[partner],
            _ => MARKETING[partner][self.dice.below(2)],
        }
    }

    pub async fn changes_campaign(&mut self) -> Wrong {
        let partner = self.partner();
        let live = self.live_campaigns(partner);
        let Some(campaign) = self.dice.pick(&live).cloned() else { return Ok(()) };
        let who = self.either_side(partner);
        let (channel, name) = self.place(who, partner, &format!("CMP-{}", campaign.number));
        if campaign.stopped_at.is_some() && self.dice.percent(80) {
            return self.ends_stop(&campaign, who).await;
        }
        let reason = "the venue is flooded".to_owned();
        let today = self.today();
        let wish = match self.dice.between(1, 100) {
            1..=50 => (STOP, AdjustWish::Stop { partner: None, campaign: name, reason }),
            51..=55 => (RESUME, AdjustWish::Resume { partner: None, campaign: name }),
            56..=73 => {
                let start = today + Days::new(self.dice.between(1, 30).unsigned_abs());
                let end = start + Days::new(10);
                let (start, end) = (Some(start.to_string()), Some(end.to_string()));
                (POSTPONE, AdjustWish::Postpone { partner: None, campaign: name, start, end, reason })
            }
            74..=88 => (CANCEL, AdjustWish::Cancel { partner: None, campaign: name, reason, confirm: None }),
            _ => {
                let plan = self.checker.model.plans.iter().find(|plan| plan.id == campaign.plan_id);
                let plan = plan.map(|plan| format!("PLN-{}", plan.number));
                let start = today + Days::new(self.dice.between(1, 20).unsigned_abs());
                let new = self.campaign(partner, plan, start);
                let channel = PARTNERS[partner].channel;
                return self.asks(ADD, who, channel, Command::AddCampaign(new)).await.map(drop);
            }
        };
        self.asks(wish.0, who, channel, Command::Adjust(wish.1)).await.map(drop)
    }

    /// Signs, countersigns or takes back a stop, by command or on its card, which may be of an earlier stop.
    async fn ends_stop(&mut self, campaign: &Campaign, who: Person) -> Wrong {
        let shown = campaign.stopped_at.unwrap_or_default() - i64::from(self.dice.percent(10));
        let by_partner = campaign.stopped_side.as_deref() == Some("partner");
        let (own, other) = match by_partner {
            true => (SIGNERS[campaign.partner], VERA),
            false => (VERA, SIGNERS[campaign.partner]),
        };
        let (decision, verb, who) = match self.dice.between(1, 10) {
            1..=3 => (StopDecision::Sign, "sign", own),
            4 => (StopDecision::Countersign, "countersign", other),
            5..=6 => (StopDecision::Resume, "resume", who),
            _ => (StopDecision::Resume, "resume", own),
        };
        let channel = PARTNERS[campaign.partner].channel;
        if verb == "resume" && self.dice.percent(60) {
            let wish = AdjustWish::Resume { partner: None, campaign: format!("CMP-{}", campaign.number) };
            return self.asks(RESUME, own, channel, Command::Adjust(wish)).await.map(drop);
        }
        if self.dice.percent(50) {
            let button = format!("stop-{verb}:{}:{shown}", campaign.id);
            return self.presses(DECIDE_STOP, (who, channel), &button, &[]).await;
        }
        let wish = AdjustWish::DecideStop { campaign: campaign.id.clone(), seen_at: shown, decision };
        self.asks(DECIDE_STOP, who, channel, Command::Adjust(wish)).await.map(drop)
    }

    pub async fn decides_adjustment(&mut self) -> Wrong {
        let open = self.checker.model.adjustments.clone();
        let Some(adjustment) = self.dice.pick(&open).cloned() else { return Ok(()) };
        let partner = adjustment.partner;
        let (own, other) = match adjustment.side.as_str() {
            "partner" => (SIGNERS[partner], VERA),
            _ => (VERA, SIGNERS[partner]),
        };
        let reason = "not now".to_owned();
        let (who, verb, decision) = match self.dice.between(1, 100) {
            1..=35 => (own, "sign", AdjustmentDecision::Sign),
            36..=80 => (other, "countersign", AdjustmentDecision::Countersign),
            81..=90 => (other, "decline", AdjustmentDecision::Decline { reason: reason.clone() }),
            _ => (own, "withdraw", AdjustmentDecision::Withdraw),
        };
        let rev = adjustment.rev - i64::from(self.dice.percent(8));
        let channel = PARTNERS[partner].channel;
        if self.dice.percent(50) {
            let button = format!("adjustment-{verb}:{}:{rev}", adjustment.id);
            return self.presses(SIGN_ADJUSTMENT, (who, channel), &button, &[("reason", reason)]).await;
        }
        let wish = AdjustWish::Decide { id: adjustment.id, seen_rev: rev, decision };
        self.asks(SIGN_ADJUSTMENT, who, channel, Command::Adjust(wish)).await.map(drop)
    }

    /// Somebody goes away, mostly of the vendor, or comes back.
    pub async fn goes_away(&mut self) -> Wrong {
        let deciders: Vec<Person> = DECIDERS.iter().copied().chain([VERA]).collect();
        let (all, channel) = match self.dice.percent(25) {
            true => {
                let partner = self.partner();
                let [first, second] = MARKETING[partner];
                (vec![first, second, SIGNERS[partner]], PARTNERS[partner].channel)
            }
            false => (deciders, APPROVALS),
        };
        let who = all[self.dice.below(all.len())];
        let now = self.house.clock.now_ms();
        let away = self.checker.model.absences.get(who.id).is_some_and(|(_, until)| *until > now);
        let delegate = all[self.dice.below(all.len())];
        let roles = delegate.roles.iter().map(|role| (*role).to_owned()).collect();
        let until = self.today() + Days::new(self.dice.between(0, 9).unsigned_abs());
        let wish = match away {
            true => AwayWish { clear: true, ..AwayWish::default() },
            false => AwayWish {
                until: Some(until.to_string()),
                delegate: Some(Picked { id: delegate.id.to_owned(), roles }),
                clear: false,
            },
        };
        let reply = self.asks(AWAY, who, channel, Command::Away(wish)).await?;
        if reply.refused.is_none() && who.partner.is_some() {
            self.tally.count("a partner's own away");
        }
        Ok(())
    }

    /// Whoever is away comes back.
    pub async fn everybody_is_back(&mut self) -> Wrong {
        let now = self.house.clock.now_ms();
        let away = self.checker.model.absences.iter().filter(|(_, (_, until))| *until > now);
        let away: Vec<Person> = away.filter_map(|(id, _)| cast::person(id)).collect();
        for who in away {
            let channel = who.partner.map_or(APPROVALS, |partner| PARTNERS[partner].channel);
            let wish = AwayWish { clear: true, ..AwayWish::default() };
            self.asks(AWAY, who, channel, Command::Away(wish)).await?;
        }
        Ok(())
    }

    /// Somebody without a company, or in another company's channel, or where nothing is spoken of.
    pub async fn is_lost(&mut self) -> Wrong {
        let partner = self.partner();
        let other = MARKETING[(partner + 1) % PARTNERS.len()][0];
        let (channel, elsewhere) = (PARTNERS[partner].channel, 3_999);
        let places =
            [(NOBODY, channel), (BOTH, channel), (other, channel), (MARKETING[partner][0], elsewhere)];
        let (who, channel) = places[self.dice.below(places.len())];
        let new = NewRequest {
            campaign: "CMP-1".to_owned(),
            cost: "100".to_owned(),
            amount: "50".to_owned(),
            purpose: "Anything".to_owned(),
            ..NewRequest::default()
        };
        self.asks(LOST, who, channel, Command::RequestMdf(new)).await.map(drop)
    }

    /// Whether it can be claimed for a while.
    pub fn is_on(&self, campaign: &Campaign) -> bool {
        self.has_begun(campaign)
            && day(&campaign.ends_on) >= self.today()
            && campaign.state != "postponed"
            && campaign.stopped_at.is_none()
    }

    pub fn has_begun(&self, campaign: &Campaign) -> bool {
        day(&campaign.starts_on) <= self.today()
    }
}
