//! The MDF request: what a partner asks a fund to pay of a campaign's cost, and who decides it.
//! A request that waits holds no money; approval commits it, and the ledger refuses what the fund can't cover.

use super::activity::ActivityRule;
use super::actor::{Capability, Limit, Person};
use super::business::BusinessCalendar;
use super::campaign::{Campaign, CampaignState};
use super::fund::{Balances, Fund};
use super::money::Money;
use super::plan::{Plan, needed_reason, states};
use super::refusal::{Code, Refusal};
use chrono::{DateTime, NaiveDate, Utc};

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
    pub number: i64,
    /// Planned eligible third-party cost, net of recoverable tax.
    pub cost: Money,
    /// MDF asked for, at most cost × share and the cap.
    pub amount: Money,
    /// What was approved: that is what is committed.
    pub approved: Option<Money>,
    pub purpose: String,
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
    pub decided_at: Option<DateTime<Utc>>,
}

/// What a request is filed against.
pub struct Ground<'a> {
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
    pub balances: &'a Balances,
    pub rule: &'a ActivityRule,
    /// The vendor's, who needs the notice.
    pub calendar: &'a BusinessCalendar,
    pub today: NaiveDate,
}

/// The most that one request may name, in minor units: pending requests add up to something that can be shown.
const MOST_ASKED_MINOR: i64 = 1_000_000_000_000;

/// Checks a request as filed, and says what its deciders should know.
///
/// # Errors
/// `wrong_state` if the plan or campaign takes no requests, `bad_input` if the figures can't be.
pub fn check_filed(
    ground: &Ground<'_>,
    cost: Money,
    amount: Money,
    expected_leads: Option<i64>,
) -> Result<Vec<String>, Refusal> {
    use super::plan::PlanState::{Active, Agreed, Closing, Proposed};
    if !matches!(ground.plan.state, Proposed | Agreed | Active | Closing) {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: requests may be filed once it is proposed.",
                ground.plan.name_short(),
                ground.plan.state.label()
            ),
            "Propose it with /plan propose.",
        ));
    }
    if matches!(ground.campaign.state, CampaignState::Cancelled | CampaignState::Closed) {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {} and takes no requests.",
                ground.campaign.name_short(),
                ground.campaign.state.label()
            ),
            "",
        ));
    }
    if let Some(stopped) = &ground.campaign.stopped {
        return Err(Refusal::wrong_state(
            format!(
                "{} is stopped by the {} and takes no requests.",
                ground.campaign.name_short(),
                stopped.side.code()
            ),
            "They may be filed once it runs again.",
        ));
    }
    check_figures(ground, cost, amount, expected_leads)?;
    Ok(warnings(ground, amount))
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
    if [cost, amount].iter().any(|money| money.minor() > MOST_ASKED_MINOR) {
        return Err(Refusal::bad_input("That amount is too large.", "Check the figure."));
    }
    let zero = Money::zero(ground.fund.currency);
    let positive = |money: Money| money.compare(zero).is_ok_and(std::cmp::Ordering::is_gt);
    if !positive(cost) || !positive(amount) {
        return Err(Refusal::bad_input(
            "Cost and amount must be above zero.",
            format!("Give them in {}.", ground.fund.currency.code()),
        ));
    }
    let most = ground.rule.most(cost);
    let Ok(most) = most else {
        return Err(Refusal::bad_input("That amount is too large.", "Check the figure."));
    };
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
    let free = ground.balances.available.checked_sub(ground.balances.pending);
    if free.is_ok_and(|free| amount.compare(free).is_ok_and(std::cmp::Ordering::is_gt)) {
        warnings.push("More than the fund has available beside what is already pending.".to_owned());
    }
    if !ground.fund.is_valid_on(ground.campaign.period.start()) {
        warnings.push(format!(
            "The campaign starts outside the fund's validity ({} to {}).",
            ground.fund.valid_from, ground.fund.valid_until
        ));
    }
    let start = ground.campaign.period.start();
    if start <= ground.today {
        warnings.push("The campaign has already started.".to_owned());
    } else if let Some(given) = ground.rule.short_notice(ground.today, start, ground.calendar) {
        warnings.push(format!(
            "Too little notice: {given} of {} business days before the campaign starts. In time was until {}.",
            ground.rule.notice_days,
            ground.rule.file_by(start, ground.calendar)
        ));
    }
    warnings
}

/// How far an approver's word reaches: in what currency limits are stated, and from what amount it is retyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalRule {
    pub confirm_from: Money,
}

impl ApprovalRule {
    /// Whether the approver retypes the amount. An amount in a currency that the limit is not stated in is always
    /// retyped, because nothing says how large it is.
    pub fn must_confirm(&self, amount: Money) -> bool {
        self.confirm_from.compare(amount).map_or(true, std::cmp::Ordering::is_le)
    }
}

impl MdfRequest {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("MDF-{}", self.number)
    }

    /// Approves it, whole or less. `seen_rev` is what the card showed; `limit_currency` is the program's.
    ///
    /// # Errors
    /// `stale`, `wrong_state` (of the request or the plan), `own_request`, `over_limit`, `bad_input`.
    pub fn approve(
        mut self,
        person: &Person,
        seen_rev: i64,
        amount: Option<Money>,
        plan: &Plan,
        rule: ApprovalRule,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.decidable(person, seen_rev)?;
        self.takes_approval(plan)?;
        let amount = self.approvable(amount.unwrap_or(self.amount))?;
        within_limit(person, amount, rule)?;
        self.state = RequestState::Approved;
        self.approved = Some(amount);
        self.reason = None;
        self.rev += 1;
        self.decided_at = Some(at);
        Ok(self)
    }

    /// Whether the plan is at a point where requests are approved.
    ///
    /// # Errors
    /// `wrong_state` before both sides have signed it, and after it has ended.
    pub fn takes_approval(&self, plan: &Plan) -> Result<(), Refusal> {
        if plan.state.is_in_force() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!(
                "{} is {}: requests are approved only once both sides have signed it.",
                plan.name_short(),
                plan.state.label()
            ),
            "",
        ))
    }

    /// Whether its fund still gives: what is committed outlives the fund, but nothing new is committed after its end.
    ///
    /// # Errors
    /// `wrong_state` once the fund has ended.
    pub fn takes_from(&self, fund: &Fund, today: NaiveDate) -> Result<(), Refusal> {
        if today <= fund.valid_until {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("The fund ended on {}: nothing more can be committed from it.", fund.valid_until),
            "Return or decline the request; the partner may file it with another fund.",
        ))
    }

    /// Sends it back to be corrected.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, `own_request`, or `bad_input` without a reason.
    pub fn send_back(
        self,
        person: &Person,
        seen_rev: i64,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.refused(person, seen_rev, reason, RequestState::Returned, at)
    }

    /// Declines it for good.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, `own_request`, or `bad_input` without a reason.
    pub fn decline(
        self,
        person: &Person,
        seen_rev: i64,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.refused(person, seen_rev, reason, RequestState::Declined, at)
    }

    /// Ends an open one because its campaign or plan is cancelled, and says what it held: that is to be released.
    pub fn cancel(mut self, reason: &str, at: DateTime<Utc>) -> (Self, Option<Money>) {
        let held = self.approved.filter(|_| self.state == RequestState::Approved);
        self.state = RequestState::Cancelled;
        self.reason = Some(reason.to_owned());
        self.rev += 1;
        // What was decided before keeps its instant: until then it waited, and reports of that time say so.
        self.decided_at = self.decided_at.or(Some(at));
        (self, held)
    }

    fn refused(
        mut self,
        person: &Person,
        seen_rev: i64,
        reason: &str,
        to: RequestState,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.decidable(person, seen_rev)?;
        self.reason = Some(needed_reason(reason)?);
        self.state = to;
        self.rev += 1;
        self.decided_at = Some(at);
        Ok(self)
    }

    /// Whether `person` may decide this very state of it.
    ///
    /// # Errors
    /// `stale`, `wrong_state`, `own_request`.
    pub fn decidable(&self, person: &Person, seen_rev: i64) -> Result<(), Refusal> {
        if !self.state.is_pending() {
            return Err(Refusal::wrong_state(
                format!("{} is {}, so there is nothing to decide.", self.name_short(), self.state.label()),
                "",
            ));
        }
        if self.rev != seen_rev {
            return Err(Refusal::stale());
        }
        self.not_filed_by(person, std::slice::from_ref(&self.filed_by))
    }

    /// Whether `person` is none of `filers`, who filed it, now or before it was returned: nobody decides what they
    /// filed, however often somebody else has corrected it since.
    ///
    /// # Errors
    /// `own_request`.
    pub fn not_filed_by(&self, person: &Person, filers: &[String]) -> Result<(), Refusal> {
        if filers.contains(&person.id) {
            return Err(Refusal::new(
                Code::OwnRequest,
                "You filed this request.",
                "Somebody else has to decide it.",
            ));
        }
        Ok(())
    }

    fn approvable(&self, amount: Money) -> Result<Money, Refusal> {
        use std::cmp::Ordering::{Greater, Less};
        let zero = Money::zero(self.amount.currency());
        match (amount.compare(zero), amount.compare(self.amount)) {
            (Ok(Greater), Ok(order)) if order != Greater => Ok(amount),
            (Ok(Less), _) | (Ok(_), Ok(Less)) => {
                Err(Refusal::bad_input("The amount must be above zero.", "To refuse it, press Decline…."))
            }
            (Ok(_), Ok(_)) => Err(Refusal::bad_input(
                format!("{amount} is more than was asked for."),
                format!("Approve at most {}.", self.amount),
            )),
            _ => Err(Refusal::bad_input(
                format!("This request is in {}.", self.amount.currency().code()),
                format!("Give an amount such as {}.", self.amount),
            )),
        }
    }
}

/// Whether `person` may approve `amount`, by the limit of their roles.
///
/// # Errors
/// `over_limit`, or `missing_capability` without any.
pub fn within_limit(person: &Person, amount: Money, rule: ApprovalRule) -> Result<(), Refusal> {
    match person.limit(Capability::ApproveMdf) {
        None => Err(Refusal::missing(Capability::ApproveMdf)),
        Some(Limit::Unlimited) => Ok(()),
        Some(Limit::UpTo(limit)) => {
            let limit = Money::from_minor(limit, rule.confirm_from.currency())
                .map_err(|_| Refusal::missing(Capability::ApproveMdf))?;
            match amount.compare(limit) {
                Ok(order) if order.is_le() => Ok(()),
                compared => Err(Refusal {
                    needs: Some(Capability::ApproveMdf),
                    // Nothing says how large an amount in another currency is: only who has no limit can decide it.
                    needs_up_to: Some(compared.map_or(i64::MAX, |_| amount.minor())),
                    ..Refusal::new(
                        Code::OverLimit,
                        format!("{amount} is above your limit of {limit}."),
                        "Somebody with a higher limit has to decide it.",
                    )
                }),
            }
        }
    }
}
