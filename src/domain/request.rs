//! The MDF request: what a partner asks a fund to pay of a campaign's cost, and who decides it.
//! A request that waits holds no money; approval commits it, and the ledger refuses what the fund can't cover.

mod decide;
mod life;

pub use decide::{Approval, ApprovalRule, Less, within_limit, within_limit_of};
pub use life::Ended;

use super::activity::ActivityRule;
use super::actor::Side;
use super::business::BusinessCalendar;
use super::campaign::{Campaign, CampaignState};
use super::fund::{Balances, Fund, FundKind};
use super::money::Money;
use super::plan::{Plan, states};
use super::refusal::Refusal;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

states! {
    /// Where a request stands. *Returned* may be corrected; *declined* is final.
    RequestState {
        Draft "draft" "draft",
        Submitted "submitted" "submitted",
        InReview "in_review" "in review",
        Approved "approved" "approved",
        Closed "closed" "closed",
        Returned "returned" "returned",
        Declined "declined" "declined",
        Withdrawn "withdrawn" "withdrawn",
        Cancelled "cancelled" "cancelled",
        Expired "expired" "expired",
    }
}

impl RequestState {
    /// Whether nothing can come of it any more.
    pub fn is_final(self) -> bool {
        !self.is_open()
    }

    /// Whether it was filed and not turned down or taken back.
    pub fn is_filed(self) -> bool {
        matches!(
            self,
            RequestState::Submitted
                | RequestState::InReview
                | RequestState::Approved
                | RequestState::Closed
                | RequestState::Returned
        )
    }

    /// Whether it waits for a decision.
    pub fn is_pending(self) -> bool {
        matches!(self, RequestState::Submitted | RequestState::InReview)
    }

    /// Whether something may still come of it: it waits, may be filed again, or holds money.
    pub fn is_open(self) -> bool {
        self.is_pending()
            || matches!(self, RequestState::Draft | RequestState::Returned | RequestState::Approved)
    }
}

/// A request as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MdfRequest {
    pub id: String,
    pub partner_id: String,
    pub campaign_id: String,
    pub fund_id: String,
    /// Of its fund: MDF pays MDF shares, and co-op pays co-op shares.
    pub fund_kind: FundKind,
    pub number: i64,
    /// Planned eligible third-party cost, net of recoverable tax.
    pub cost: Money,
    /// MDF asked for, at most cost × share and the cap.
    pub amount: Money,
    /// Share of the eligible cost that is paid, in percent: as its activity's rule said when it was filed.
    pub share_percent: Decimal,
    /// Less than was asked for, as the first of several approvers said: the others decide on this.
    pub considered: Option<Money>,
    /// What was approved: that is what is committed, less what was claimed of it.
    pub approved: Option<Money>,
    /// What its approved claims add up to, never more than what was approved.
    pub claimed: Money,
    /// The last day on which it can be claimed; set when it is approved.
    pub claim_due: Option<NaiveDate>,
    /// What was asked for since it was approved. Until that is decided, what was approved stays as it is.
    pub amendment: Option<Amendment>,
    pub purpose: String,
    /// The offers that the cost is taken from, in words.
    pub quotes: Option<String>,
    pub expected_leads: Option<i64>,
    pub expected_pipeline: Option<Money>,
    pub state: RequestState,
    pub reason: Option<String>,
    /// Changes whenever something that a decider relies on changes; carried in the buttons.
    pub rev: i64,
    pub filed_by: String,
    /// The partner, when the vendor filed it for them: it then counts as filed by both.
    pub on_behalf_of: Option<String>,
    pub filed_at: DateTime<Utc>,
    /// None of a draft that nobody has filed yet, and of what became of it.
    pub first_filed: Option<FirstFiling>,
    pub decided_at: Option<DateTime<Utc>>,
    /// What its deciders should know, as it was found when what waits was filed.
    pub warnings: Vec<String>,
}

/// When a request was filed for the first time, and by which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstFiling {
    pub at: DateTime<Utc>,
    pub side: Side,
}

/// What is asked of an approved request: other figures, decided like a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    pub cost: Money,
    pub amount: Money,
    pub reason: String,
    pub filed_by: String,
    /// The partner, when the vendor asked for them.
    pub on_behalf_of: Option<String>,
    pub filed_at: DateTime<Utc>,
}

/// What a request is filed against.
pub struct Ground<'a> {
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
    pub balances: &'a Balances,
    pub rule: &'a ActivityRule,
    /// The vendor's: notice is given in its business days.
    pub calendar: &'a BusinessCalendar,
    pub today: NaiveDate,
    /// Those that are named.
    pub similar: Vec<Similar>,
}

/// Another request of the partner that this one could be a second of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Similar {
    pub name: String,
    pub campaign: String,
    pub amount: Money,
    pub state: RequestState,
}

/// The warning that says something of what the fund holds: who may not see that may not read it.
pub const BEYOND_AVAILABLE: &str = "More than the fund has available beside what is already pending.";

/// The most that one request may name, in minor units: pending requests add up to something that can be shown.
const MOST_ASKED_MINOR: i64 = 1_000_000_000_000;

/// Checks a request as filed, and says what its deciders should know.
///
/// # Errors
/// `wrong_state` if the plan or campaign takes no requests, `bad_input` if the figures can't be.
pub fn check_filed(ground: &Ground<'_>, request: &MdfRequest) -> Result<Vec<String>, Refusal> {
    takes_requests(ground.plan, ground.campaign)?;
    check_figures(ground, request.cost, request.amount, request.expected_leads)?;
    let mut warnings = warnings(ground, request.amount);
    let similar = ground.similar.iter().map(|other| {
        let (name, campaign, state) = (&other.name, &other.campaign, other.state.label());
        format!("Similar to {name} for {campaign}: {}, {state}.", other.amount)
    });
    warnings.extend(similar);
    Ok(warnings)
}

/// Checks the figures that are asked of an approved request, and says what its deciders should know.
///
/// # Errors
/// As [`check_filed`].
pub fn check_amended(ground: &Ground<'_>, request: &MdfRequest) -> Result<Vec<String>, Refusal> {
    takes_requests(ground.plan, ground.campaign)?;
    let Some(amendment) = &request.amendment else { return Ok(Vec::new()) };
    check_figures(ground, amendment.cost, amendment.amount, None)?;
    let more = amendment.amount.checked_sub(request.approved.unwrap_or(request.amount));
    Ok(more.ok().filter(|more| !more.is_negative()).map(|more| warnings(ground, more)).unwrap_or_default())
}

fn takes_requests(plan: &Plan, campaign: &Campaign) -> Result<(), Refusal> {
    use super::plan::PlanState::{Active, Agreed, Closing, Proposed};
    if !matches!(plan.state, Proposed | Agreed | Active | Closing) {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: requests may be filed once it is proposed.",
                plan.name_short(),
                plan.state.label()
            ),
            "Propose it with /plan propose.",
        ));
    }
    if matches!(campaign.state, CampaignState::Cancelled | CampaignState::Closed) {
        let (name, state) = (campaign.name_short(), campaign.state.label());
        return Err(Refusal::wrong_state(format!("{name} is {state} and takes no requests."), ""));
    }
    if let Some(stopped) = &campaign.stopped {
        return Err(Refusal::wrong_state(
            format!(
                "{} is stopped by the {} and takes no requests.",
                campaign.name_short(),
                stopped.side.code()
            ),
            "They may be filed once it runs again.",
        ));
    }
    Ok(())
}

fn check_figures(
    ground: &Ground<'_>,
    cost: Money,
    amount: Money,
    expected: Option<i64>,
) -> Result<(), Refusal> {
    if expected.is_some_and(|leads| leads < 0) {
        return Err(Refusal::bad_input(
            "Expected leads can't be negative.",
            "Leave them out if there are none.",
        ));
    }
    let too_large = || {
        let most = Money::from_minor(MOST_ASKED_MINOR, ground.fund.currency);
        let most = most.map(|most| format!("One request names {most} at most."));
        Refusal::bad_input(most.unwrap_or_default(), "Check the figure.")
    };
    if [cost, amount].iter().any(|money| money.minor() > MOST_ASKED_MINOR) {
        return Err(too_large());
    }
    let zero = Money::zero(ground.fund.currency);
    let positive = |money: Money| money.compare(zero).is_ok_and(std::cmp::Ordering::is_gt);
    if !positive(cost) || !positive(amount) {
        return Err(Refusal::bad_input(
            "Cost and amount must be above zero.",
            format!("Give them in {}.", ground.fund.currency.code()),
        ));
    }
    let Ok(most) = ground.rule.most(cost) else { return Err(too_large()) };
    if amount.compare(most).is_ok_and(std::cmp::Ordering::is_gt) {
        return Err(over(ground.rule, cost, amount, most));
    }
    Ok(())
}

fn over(rule: &ActivityRule, cost: Money, amount: Money, most: Money) -> Refusal {
    let percent = rule.share_percent.normalize();
    let capped = rule.cap_in(cost.currency()) == Some(most)
        && cost.share_percent(rule.share_percent).is_ok_and(|share| share != most);
    let gets = match capped {
        true => format!("one request gets {most} at most"),
        false => format!("{percent} % of the cost is {most}"),
    };
    Refusal::bad_input(
        format!("{amount} is more than this activity gets: {gets}."),
        format!("Ask for at most {most}."),
    )
}

fn warnings(ground: &Ground<'_>, amount: Money) -> Vec<String> {
    let mut warnings = Vec::new();
    let currency = ground.fund.currency;
    if let Some(cap) = ground.rule.cap.filter(|cap| cap.currency() != currency) {
        let (from, to) = (cap.currency().code(), currency.code());
        warnings.push(format!(
            "One request gets {cap} at most, and there is no rate of {from} in {to} to hold it to that."
        ));
    }
    let free = ground.balances.available.checked_sub(ground.balances.pending);
    if free.is_ok_and(|free| amount.compare(free).is_ok_and(std::cmp::Ordering::is_gt)) {
        warnings.push(BEYOND_AVAILABLE.to_owned());
    }
    if !ground.fund.is_valid_on(ground.campaign.period.start()) {
        warnings.push(format!(
            "The campaign starts outside the fund's validity ({} to {}).",
            ground.fund.valid_from, ground.fund.valid_until
        ));
    }
    let start = ground.campaign.period.start();
    if start <= ground.today {
        if ground.rule.pre_approval {
            warnings.push("The campaign has already started.".to_owned());
        }
    } else if let Some(given) = ground.rule.short_notice(ground.today, start, ground.calendar) {
        warnings.push(format!(
            "Too little notice: {given} of {} business days before the campaign starts. In time was until {}.",
            ground.rule.notice_days,
            ground.rule.file_by(start, ground.calendar)
        ));
    }
    warnings
}

impl MdfRequest {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("MDF-{}", self.number)
    }

    /// Whether it was filed at least once.
    pub fn was_filed(&self) -> bool {
        self.first_filed.is_some()
    }

    /// Whether a side sees it. What was never filed is its own side's, whatever became of it.
    pub fn is_seen_by(&self, side: Side) -> bool {
        self.was_filed() || self.on_behalf_of.is_some() == (side == Side::Vendor)
    }

    /// What it holds of its fund: what was approved and is not claimed yet.
    pub fn held(&self) -> Option<Money> {
        let approved = self.approved.filter(|_| self.state == RequestState::Approved)?;
        approved.checked_sub(self.claimed).ok()
    }

    /// What its deciders decide on, if anything waits: the amendment, or what was asked for, or what the first of
    /// several approvers made of that.
    pub fn waiting(&self) -> Option<Money> {
        let asked = match (&self.amendment, self.state) {
            (Some(amendment), RequestState::Approved) => amendment.amount,
            (_, state) if state.is_pending() => self.amount,
            _ => return None,
        };
        Some(self.considered.unwrap_or(asked))
    }

    /// What is asked beyond what it holds already, while it waits: all of a new request, what an amendment adds.
    pub fn pending(&self) -> Money {
        let zero = Money::zero(self.amount.currency());
        if self.waiting().is_none() {
            return zero;
        }
        let more = self.asked().checked_sub(self.approved.unwrap_or(zero));
        more.ok().filter(|more| !more.is_negative()).unwrap_or(zero)
    }

    /// What it takes of a budget: what was claimed of one that is closed, else the most that it may come to.
    pub fn takes(&self) -> Money {
        if self.state == RequestState::Closed {
            return self.claimed;
        }
        let granted = self.approved.unwrap_or(self.amount);
        self.waiting().filter(|waiting| waiting.minor() > granted.minor()).unwrap_or(granted)
    }

    /// What was asked for in what waits.
    pub fn asked(&self) -> Money {
        self.amendment.as_ref().map_or(self.amount, |amendment| amendment.amount)
    }
}
