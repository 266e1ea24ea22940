//! Readiness: how far a plan is enough to be run with no further planning call. Five scores, each with what is missing,
//! item by item. Computed whenever it is shown, never stored.
//!
//! | score | items, of equal weight |
//! | --- | --- |
//! | specificity | for each campaign that is not executed: segment, message, offer, channel, dates, the items of its type's checklist, and an MDF request where MDF funds it |
//! | bilateral commitment | a dated promise of each side, the lead-routing time, the signature of each side; a draft's last day to sign that has passed keeps it below 100 |
//! | commercial focus | a joint business plan, how much of its need is planned by the period's end, how many of those campaigns have a pipeline target |
//! | realistic capacity | for each side: hours a week are stated, the campaigns, all of them dated, stay within them in every week |
//! | review accountability | a cadence, a checkpoint before the end, an owner on each side, past checkpoints held and acknowledged by each side, promises that are due settled |
//!
//! Giving what is named as missing never lowers a score.

use super::actor::Side;
use super::campaign::{Campaign, CampaignState, FundingSource};
use super::capacity::{Overfull, overfull, weeks};
use super::checkpoint::Review;
use super::curve::plus;
use super::fraction::Fraction;
use super::money::Money;
use super::outlook::outlook;
use super::plan::terms::Terms;
use super::plan::{BySide, Plan, PlanState};
use super::promise::{Promise, PromiseState};
use super::unseen::is_blank;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The five scores, in their order on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    Specificity,
    Commitment,
    Focus,
    Capacity,
    Review,
}

impl Aspect {
    pub const ALL: [Aspect; 5] =
        [Aspect::Specificity, Aspect::Commitment, Aspect::Focus, Aspect::Capacity, Aspect::Review];
}

/// What a campaign's own text lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Segment,
    Message,
    Offer,
    Channel,
    /// Postponed without a date.
    Dates,
}

/// One thing that a plan lacks. Campaigns and promises are named by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    Campaign,
    Said {
        campaign: i64,
        what: Said,
    },
    Check {
        campaign: i64,
        code: &'static str,
        label: &'static str,
    },
    Request {
        campaign: i64,
    },
    Promise(Side),
    RoutingHours,
    /// The last day to sign of a draft, if it has passed: nobody could sign it any more.
    SignBy {
        was: NaiveDate,
    },
    Signature(Side),
    Jbp,
    /// `raise`: a campaign whose target can still be raised, the one that starts first.
    Pipeline {
        short_by: Money,
        raise: Option<i64>,
    },
    PipelineTarget {
        campaign: i64,
    },
    Hours(Side),
    /// `needs`: hours a week with which every week that can still be changed would hold; `None` if all of them are over.
    Overfull {
        side: Side,
        weeks: Vec<Overfull>,
        needs: Option<i64>,
        relief: Option<Relief>,
    },
    Checkpoint,
    ReviewOwner(Side),
    NotHeld {
        due_on: NaiveDate,
    },
    NotAcknowledged {
        checkpoint: i64,
        due_on: NaiveDate,
        side: Side,
    },
    PromiseOpen {
        promise: i64,
        due_on: NaiveDate,
        side: Side,
    },
}

/// The campaign that takes most of an overfull week, and so relieves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relief {
    pub campaign: i64,
    /// Whether it has not started, so that its start can be moved.
    pub can_move: bool,
}

/// How much of an aspect is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub aspect: Aspect,
    /// From 0 to 100, rounded down: 100 means that nothing is missing.
    pub percent: i64,
    pub missing: Vec<Missing>,
}

/// An item of the checklist of a campaign's type, by its code and what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    pub code: &'static str,
    pub label: &'static str,
    pub done: bool,
}

/// What the scores are computed from.
pub struct Facts<'a> {
    pub terms: &'a Terms,
    /// The checklist of a campaign.
    pub checks: &'a dyn Fn(&Campaign) -> Vec<Check>,
    /// Ids of the campaigns for which an MDF request was filed and still stands.
    pub requested: &'a BTreeSet<String>,
    /// Who has signed what the terms say now.
    pub signed: BySide<bool>,
    /// Who answers for the reviews of each side.
    pub owners: &'a BySide<Option<String>>,
    /// Local days of the checkpoints that are due, each with whether it was held.
    pub due: &'a [(NaiveDate, bool)],
    /// The checkpoints that were posted.
    pub reviews: &'a [Review],
    /// The plan's local day.
    pub today: NaiveDate,
}

/// The five scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness(pub [Score; 5]);

impl Readiness {
    #[must_use]
    pub fn of(facts: &Facts<'_>) -> Self {
        Self([specificity(facts), commitment(facts), focus(facts), capacity(facts), review(facts)])
    }

    /// Whether nothing is missing at all.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.iter().all(|score| score.missing.is_empty())
    }

    /// Everything that is missing, in the order of the scores; what several of them lack is named once.
    #[must_use]
    pub fn missing(&self) -> Vec<&Missing> {
        let mut all: Vec<&Missing> = Vec::new();
        for missing in self.0.iter().flat_map(|score| &score.missing) {
            if !all.contains(&missing) {
                all.push(missing);
            }
        }
        all
    }
}

/// Adds up the items of one score.
struct Tally {
    aspect: Aspect,
    met: Fraction,
    items: i64,
    missing: Vec<Missing>,
}

impl Tally {
    fn new(aspect: Aspect) -> Self {
        Self { aspect, met: Fraction::ZERO, items: 0, missing: Vec::new() }
    }

    fn item(&mut self, met: bool, missing: Missing) {
        self.part(if met { Fraction::ONE } else { Fraction::ZERO });
        if !met {
            self.missing.push(missing);
        }
    }

    /// An item that can be there in part; what it lacks is said by the caller.
    fn part(&mut self, met: Fraction) {
        self.items += 1;
        self.met = self.met + met;
    }

    fn score(self) -> Score {
        // Without any item nothing can lack.
        let share = self.met.over(Fraction::whole(self.items)).unwrap_or(Fraction::ONE);
        let percent = (share * Fraction::whole(100)).to_decimal().floor().normalize();
        let percent: i64 = percent.to_string().parse().unwrap_or(0);
        // What is missing keeps a score below 100, however small its part.
        let most = if self.missing.is_empty() { 100 } else { 99 };
        Score { aspect: self.aspect, percent: percent.clamp(0, most), missing: self.missing }
    }
}

/// The campaigns that still count: all but those that were cancelled.
fn standing<'a>(facts: &'a Facts<'_>) -> Vec<&'a Campaign> {
    facts.terms.campaigns.iter().filter(|campaign| campaign.state != CampaignState::Cancelled).collect()
}

fn specificity(facts: &Facts<'_>) -> Score {
    let mut tally = Tally::new(Aspect::Specificity);
    let campaigns = standing(facts);
    if campaigns.is_empty() {
        tally.item(false, Missing::Campaign);
    }
    for campaign in campaigns.into_iter().filter(|campaign| can_change(campaign)) {
        let number = campaign.number;
        let said = |text: &str| !is_blank(text);
        for (met, what) in [
            (said(&campaign.segment), Said::Segment),
            (said(&campaign.message), Said::Message),
            (said(&campaign.offer), Said::Offer),
            (said(&campaign.channel), Said::Channel),
            (campaign.state != CampaignState::Postponed, Said::Dates),
        ] {
            tally.item(met, Missing::Said { campaign: number, what });
        }
        for check in (facts.checks)(campaign) {
            tally.item(check.done, Missing::Check { campaign: number, code: check.code, label: check.label });
        }
        if is_mdf_funded(campaign) {
            let filed = facts.requested.contains(&campaign.id);
            tally.item(filed, Missing::Request { campaign: number });
        }
    }
    tally.score()
}

fn is_mdf_funded(campaign: &Campaign) -> bool {
    let mut shares = campaign.budget.iter().flat_map(|line| &line.shares);
    shares.any(|(source, share)| *source == FundingSource::Mdf && !share.is_zero())
}

const SIDES: [Side; 2] = [Side::Vendor, Side::Partner];

fn commitment(facts: &Facts<'_>) -> Score {
    let mut tally = Tally::new(Aspect::Commitment);
    let given = |side| {
        let mut promises = facts.terms.promises.iter();
        promises.any(|promise| promise.side == side && promise.state != PromiseState::Withdrawn)
    };
    for side in SIDES {
        tally.item(given(side), Missing::Promise(side));
    }
    tally.item(facts.terms.plan.routing_hours.is_some(), Missing::RoutingHours);
    let plan = &facts.terms.plan;
    if plan.state == PlanState::Draft && plan.is_late(facts.today) {
        tally.missing.push(Missing::SignBy { was: plan.sign_by });
    }
    for side in SIDES {
        tally.item(*facts.signed.of(side), Missing::Signature(side));
    }
    tally.score()
}

fn focus(facts: &Facts<'_>) -> Score {
    let mut tally = Tally::new(Aspect::Focus);
    let outlook = outlook(&facts.terms.plan, &facts.terms.campaigns);
    tally.item(outlook.needed.is_some(), Missing::Jbp);
    let covered = match (outlook.needed, outlook.short_by()) {
        (None, _) => Fraction::ZERO,
        (Some(_), None) => Fraction::ONE,
        (Some(needed), Some(short_by)) => {
            tally.missing.push(Missing::Pipeline { short_by, raise: raisable(facts) });
            Fraction::new(outlook.by_end.minor().max(0), needed.minor()).unwrap_or(Fraction::ONE)
        }
    };
    tally.part(covered);
    let campaigns = standing(facts);
    if campaigns.is_empty() {
        tally.item(false, Missing::Campaign);
        return tally.score();
    }
    let open: Vec<&Campaign> = campaigns.into_iter().filter(|campaign| can_change(campaign)).collect();
    let without: Vec<i64> = open
        .iter()
        .filter(|campaign| campaign.target_pipeline.is_zero())
        .map(|campaign| campaign.number)
        .collect();
    let (count, lacking) = (open.len(), without.len());
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let lacking = i64::try_from(lacking).unwrap_or(i64::MAX);
    tally.part(Fraction::new(count - lacking, count).unwrap_or(Fraction::ONE));
    tally.missing.extend(without.into_iter().map(|campaign| Missing::PipelineTarget { campaign }));
    tally.score()
}

/// Whether anything about it can still be another way. What is over is neither asked for anything nor counted.
fn can_change(campaign: &Campaign) -> bool {
    !matches!(campaign.state, CampaignState::Executed | CampaignState::Closed)
}

/// The same of one that is planned on some day.
fn is_open(campaign: &Campaign) -> bool {
    campaign.is_planned() && can_change(campaign)
}

fn raisable(facts: &Facts<'_>) -> Option<i64> {
    let open = facts.terms.campaigns.iter().filter(|campaign| is_open(campaign));
    open.min_by_key(|campaign| (campaign.period.start(), campaign.number)).map(|campaign| campaign.number)
}

fn capacity(facts: &Facts<'_>) -> Score {
    let mut tally = Tally::new(Aspect::Capacity);
    let plan = &facts.terms.plan;
    let overfull = overfull(plan, &facts.terms.campaigns, &facts.terms.efforts);
    let campaigns = standing(facts);
    let undated = campaigns.iter().filter(|campaign| campaign.state == CampaignState::Postponed);
    let undated: Vec<Missing> =
        undated.map(|campaign| Missing::Said { campaign: campaign.number, what: Said::Dates }).collect();
    // Which weeks a postponed campaign will fill is not known, so nobody can say that they hold.
    let known = !campaigns.is_empty() && undated.is_empty();
    for side in SIDES {
        let stated = plan.hours.of(side).is_some();
        tally.item(stated, Missing::Hours(side));
        let weeks: Vec<Overfull> = overfull.iter().filter(|week| week.side == side).copied().collect();
        let fits = stated && known && weeks.is_empty();
        tally.part(if fits { Fraction::ONE } else { Fraction::ZERO });
        if !weeks.is_empty() {
            // What a signed plan stated for a week that is over stays as it was: other hours hold for those to come.
            let changeable =
                |week: &&Overfull| !plan.state.is_in_force() || plus(week.monday, 6) >= facts.today;
            let fullest = weeks.iter().filter(changeable).max_by_key(|week| week.load);
            let needs = fullest.map(|week| ceiling(week.load));
            let relief = fullest.and_then(|week| relief(facts, week));
            tally.missing.push(Missing::Overfull { side, weeks, needs, relief });
        }
    }
    if campaigns.is_empty() {
        tally.missing.push(Missing::Campaign);
    }
    tally.missing.extend(undated);
    tally.score()
}

/// The open campaign that takes most of a week, one that can be moved before one that can't.
fn relief(facts: &Facts<'_>, week: &Overfull) -> Option<Relief> {
    let terms = facts.terms;
    let takes = |campaign: &Campaign| {
        let own = weeks(terms.plan.period, std::slice::from_ref(campaign), &terms.efforts);
        let found = own.iter().find(|one| one.monday == week.monday);
        found.map_or(Decimal::ZERO, |one| *one.load.of(week.side))
    };
    let can_move =
        |campaign: &Campaign| !terms.plan.state.is_in_force() || campaign.period.start() > facts.today;
    let open = terms.campaigns.iter().filter(|campaign| is_open(campaign));
    let taking = open.map(|campaign| (can_move(campaign), takes(campaign), campaign.number));
    let most = taking
        .filter(|(_, takes, _)| !takes.is_zero())
        .max_by_key(|(can_move, takes, number)| (*can_move, *takes, std::cmp::Reverse(*number)));
    most.map(|(can_move, _, campaign)| Relief { campaign, can_move })
}

fn ceiling(hours: Decimal) -> i64 {
    hours.ceil().normalize().to_string().parse().unwrap_or(i64::MAX)
}

fn review(facts: &Facts<'_>) -> Score {
    let mut tally = Tally::new(Aspect::Review);
    let plan = &facts.terms.plan;
    // Every plan has a cadence: what it may lack is a review before everything is over.
    tally.part(Fraction::ONE);
    tally.item(has_review_before_end(plan), Missing::Checkpoint);
    for side in SIDES {
        tally.item(facts.owners.of(side).is_some(), Missing::ReviewOwner(side));
    }
    let missed = facts.due.iter().filter(|(_, held)| !held);
    let missed = missed.map(|(day, _)| Missing::NotHeld { due_on: *day });
    let waiting = facts.reviews.iter().flat_map(|review| {
        let missing =
            |side| Missing::NotAcknowledged { checkpoint: review.number, due_on: review.due_on, side };
        review.waits_for().into_iter().map(missing)
    });
    let past = facts.due.len() + facts.reviews.len() * SIDES.len();
    tally.settled(past, missed.chain(waiting).collect());
    let due = |promise: &&Promise| promise.state != PromiseState::Withdrawn && promise.due_on < facts.today;
    let due: Vec<&Promise> = facts.terms.promises.iter().filter(due).collect();
    let open = due.iter().filter(|promise| promise.state == PromiseState::Open);
    let open = open
        .map(|promise| Missing::PromiseOpen {
            promise: promise.number,
            due_on: promise.due_on,
            side: promise.side,
        })
        .collect();
    tally.settled(due.len(), open);
    tally.score()
}

impl Tally {
    /// One item for `count` things that should be settled, by how many of them are; whole if there are none.
    fn settled(&mut self, count: usize, open: Vec<Missing>) {
        let share = |count: usize| Fraction::whole(i64::try_from(count).unwrap_or(i64::MAX));
        let met = share(count.saturating_sub(open.len())).over(share(count)).unwrap_or(Fraction::ONE);
        self.part(met);
        self.missing.extend(open);
    }
}

fn has_review_before_end(plan: &Plan) -> bool {
    // The end checkpoint always comes and is the last.
    let before = super::cadence::start_of_day(plan.period.start(), plan.zone);
    before.is_some_and(|start| {
        let just_before = start - chrono::TimeDelta::milliseconds(1);
        plan.upcoming(just_before).take(2).count() == 2
    })
}
