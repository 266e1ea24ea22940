//! The joint marketing plan: one partner, one period, signed by both sides. Its transitions consume the old state.
//! It must never be changed after agreement other than by an adjustment that both sides sign.

pub mod own;
pub mod rate;
pub mod shift;
pub mod terms;

use super::actor::{Person, Side};
use super::cadence::{Cadence, DEFAULT_TIME, Window, local_instant};
use super::campaign::{Campaign, check_sums};
use super::canonical::sha256;
use super::money::{Currency, Money};
use super::period::Period;
use super::refusal::{Code, Refusal};
use super::unseen::is_blank;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $code:literal $label:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),* }
        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];
            pub fn code(self) -> &'static str { match self { $($name::$variant => $code),* } }
            pub fn label(self) -> &'static str { match self { $($name::$variant => $label),* } }
            pub fn parse(text: &str) -> Option<Self> { Self::ALL.iter().copied().find(|state| state.code() == text) }
        }
    };
}
pub(crate) use states;

states! {
    /// Where a plan stands. *Returned* is a draft with a reason. Active and closing come by the clock.
    PlanState {
        Draft "draft" "draft",
        Proposed "proposed" "proposed",
        Agreed "agreed" "agreed",
        Active "active" "active",
        Closing "closing" "closing",
        Closed "closed" "closed",
        Declined "declined" "declined",
        Expired "expired" "expired",
        Cancelled "cancelled" "cancelled",
    }
}

/// Days after its period by which a plan closes, however late its last result is planned for.
pub const CLOSES_WITHIN_DAYS: u64 = 180;

impl PlanState {
    /// Both sides have signed, and the plan has not ended.
    pub fn is_in_force(self) -> bool {
        matches!(self, PlanState::Agreed | PlanState::Active | PlanState::Closing)
    }

    /// It has come to its end, one way or another.
    pub fn is_over(self) -> bool {
        matches!(self, PlanState::Closed | PlanState::Declined | PlanState::Expired | PlanState::Cancelled)
    }
}

/// Days before the last day to sign on which both sides are warned.
pub const SIGN_BY_WARNINGS: [i64; 3] = [7, 3, 1];

/// What ties the plan to the joint business plan (JBP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jbp {
    /// The revenue that the JBP expects of the partner in the period.
    pub revenue: Money,
    /// The share of it that marketing must bring, in percent.
    pub marketing_share: Decimal,
    /// How many of the opportunities are won, in percent.
    pub win_rate: Decimal,
}

impl Jbp {
    /// The pipeline that the plan must carry: revenue × share expected from marketing ÷ win rate.
    pub fn pipeline_needed(&self) -> Option<Money> {
        let needed = (self.revenue.decimal() * self.marketing_share).checked_div(self.win_rate)?;
        Money::rounded(needed, self.revenue.currency()).ok()
    }
}

/// Which touch a lead's campaign is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribution {
    FirstTouch,
    LastTouch,
}

impl Attribution {
    pub fn code(self) -> &'static str {
        match self {
            Attribution::FirstTouch => "first_touch",
            Attribution::LastTouch => "last_touch",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Attribution::FirstTouch, Attribution::LastTouch].into_iter().find(|one| one.code() == text)
    }
}

/// Something of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BySide<T> {
    pub vendor: T,
    pub partner: T,
}

impl<T> BySide<T> {
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Vendor => &self.vendor,
            Side::Partner => &self.partner,
        }
    }
}

/// A plan as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub id: String,
    pub partner_id: String,
    pub number: i64,
    pub name: String,
    pub period: Period,
    pub currency: Currency,
    pub zone: Tz,
    pub attribution: Attribution,
    pub cadence: Cadence,
    pub sign_by: NaiveDate,
    pub jbp: Option<Jbp>,
    /// Leads are accepted within so many hours.
    pub routing_hours: Option<i64>,
    /// Hours a week that each side gives the plan.
    pub hours: BySide<Option<i64>>,
    /// What held before an adjustment changed it.
    pub before: own::Before,
    pub state: PlanState,
    pub returned_reason: Option<String>,
    /// Changes whenever something that a signer relies on changes; carried in the buttons.
    pub rev: i64,
    /// The signed revision; 0 before the first agreement.
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub proposed_at: Option<DateTime<Utc>>,
    pub agreed_at: Option<DateTime<Utc>>,
}

/// A signature on one rev of a plan, bound to the hash of what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub side: Side,
    pub person: String,
    pub content_sha256: String,
    pub signed_at: DateTime<Utc>,
    /// Who is away and for whom it was given; it is valid by the signer's own right to sign.
    pub stands_for: Option<String>,
}

/// What signing leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Signed {
    /// One side has signed; the other's signature is missing.
    Half { signature: Signature, waits_for: Side },
    /// Both have: revision `plan.revision` is agreed and frozen as `snapshot`.
    Agreed { plan: Box<Plan>, signature: Signature, snapshot: String },
}

impl Plan {
    /// The short name that people say.
    pub fn name_short(&self) -> String {
        format!("PLN-{}", self.number)
    }

    /// The days and zone that checkpoints are laid over.
    pub fn window(&self) -> Window {
        Window { start: self.period.start(), end: self.period.end(), zone: self.zone }
    }

    /// The local day at `instant` in the plan's zone.
    pub fn local_day(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    /// The last complete local day before `as_of`: what a report to that instant is about.
    pub fn last_complete_day(&self, as_of: DateTime<Utc>) -> NaiveDate {
        let today = self.local_day(as_of);
        today.checked_sub_days(Days::new(1)).unwrap_or(today)
    }

    /// When a plan must be agreed, if nobody says otherwise: 30 days after its start.
    pub fn default_sign_by(period: Period) -> NaiveDate {
        period.start().checked_add_days(Days::new(30)).unwrap_or(period.end())
    }

    /// When both sides are warned that a proposed plan will expire: 7, 3 and 1 days before the last day to sign, at 09:00
    /// in its zone. Warnings from before the proposal would come too late to mean anything. Empty in other states.
    pub fn warnings(&self) -> Vec<(i64, DateTime<Utc>)> {
        if self.state != PlanState::Proposed {
            return Vec::new();
        }
        let at = |days: i64| {
            let day = self.sign_by.checked_sub_days(Days::new(days.unsigned_abs()))?;
            Some((days, local_instant(day, DEFAULT_TIME, self.zone)?))
        };
        let after = |(_, at): &(i64, DateTime<Utc>)| self.proposed_at.is_none_or(|proposed| *at > proposed);
        SIGN_BY_WARNINGS.into_iter().filter_map(at).filter(after).collect()
    }

    /// What a button that needs a plan as it was shown carries. A draft moves under the hands of whoever writes it, and what
    /// is pressed on one is meant whatever it has become since; once it is before both sides, its very rev counts.
    pub fn shown_rev(&self) -> i64 {
        if self.state == PlanState::Draft { 0 } else { self.rev }
    }

    /// Whether a side may promise something on it, having seen it as `shown_rev` says.
    ///
    /// # Errors
    /// `wrong_state` once it is over, `stale` if it is before both sides and was not, or the other way round.
    pub fn takes_promise(&self, shown_rev: i64) -> Result<(), Refusal> {
        if self.state.is_over() {
            return Err(Refusal::wrong_state(
                format!("{} is {} and takes no promises.", self.name_short(), self.state.label()),
                "",
            ));
        }
        if self.shown_rev() != shown_rev {
            return Err(Refusal::stale());
        }
        Ok(())
    }

    /// The plan with a change that voids signatures: a proposed plan goes back to draft.
    ///
    /// # Errors
    /// `wrong_state` once it is agreed (then only an adjustment changes it) or has ended.
    pub fn edited(mut self) -> Result<Self, Refusal> {
        match self.state {
            PlanState::Draft | PlanState::Proposed => {
                self.state = PlanState::Draft;
                self.rev += 1;
                Ok(self)
            }
            state if state.is_in_force() => Err(Refusal::wrong_state(
                format!("{} is signed by both sides and can't be edited.", self.name_short()),
                "What is agreed changes only by an adjustment that both sides sign.",
            )),
            state => Err(Refusal::wrong_state(
                format!("{} is {} and can't be edited.", self.name_short(), state.label()),
                "Create a new plan with /plan create.",
            )),
        }
    }

    /// Puts a draft before both sides.
    ///
    /// # Errors
    /// `wrong_state` if it is no draft or its last day to sign has passed: it would expire for good at the next tick.
    /// `bad_input` if it has no campaign, or more than can be counted.
    pub fn propose(mut self, campaigns: &[Campaign], at: DateTime<Utc>) -> Result<Self, Refusal> {
        if self.state != PlanState::Draft {
            return Err(Refusal::wrong_state(
                format!("{} is {}, not a draft.", self.name_short(), self.state.label()),
                "Only a draft can be proposed.",
            ));
        }
        if campaigns.is_empty() {
            return Err(Refusal::bad_input(
                format!("{} has no campaign yet.", self.name_short()),
                "Add one with /campaign add.",
            ));
        }
        check_sums(campaigns, &self.name_short(), self.currency)?;
        if self.is_late(self.local_day(at)) {
            return Err(Refusal::wrong_state(
                self.was_to_be_signed(),
                format!(
                    "Give it a later day with /plan edit plan:{} sign-by:…, then propose it.",
                    self.name_short()
                ),
            ));
        }
        self.state = PlanState::Proposed;
        self.returned_reason = None;
        self.rev += 1;
        self.proposed_at = Some(at);
        Ok(self)
    }

    /// Signs `content`, which is [`Terms::canonical`](terms::Terms::canonical), for the side of `person`. `seen_rev` is
    /// what the card showed.
    ///
    /// # Errors
    /// `stale`, `wrong_state` (also once the last day to sign is over, though the clock has not said so yet),
    /// `already_signed`, or `both_sides` if this person signed for the other side.
    pub fn sign(
        self,
        person: &Person,
        seen_rev: i64,
        content: String,
        given: &[Signature],
        at: DateTime<Utc>,
    ) -> Result<Signed, Refusal> {
        let plan = self.decidable(seen_rev, at)?;
        let side = person.side();
        if given.iter().any(|signature| signature.side == side) {
            return Err(Refusal::new(
                Code::AlreadySigned,
                "Your side has signed this already.",
                "It waits for the other side.",
            ));
        }
        if given.iter().any(|signature| signature.person == person.id) {
            return Err(Refusal::new(
                Code::BothSides,
                "Nobody signs for both sides.",
                "Somebody else of your side has to sign.",
            ));
        }
        let content_sha256 = sha256(&content);
        let signature =
            Signature { side, person: person.id.clone(), content_sha256, signed_at: at, stands_for: None };
        let Some(other) = given.first() else {
            let waits_for = if side == Side::Vendor { Side::Partner } else { Side::Vendor };
            return Ok(Signed::Half { signature, waits_for });
        };
        if other.content_sha256 != signature.content_sha256 {
            return Err(Refusal::stale());
        }
        let mut agreed = plan;
        agreed.state = PlanState::Agreed;
        agreed.revision += 1;
        agreed.agreed_at = Some(at);
        Ok(Signed::Agreed { plan: Box::new(agreed), signature, snapshot: content })
    }

    /// Sends a proposed plan back to be corrected; its signatures are void.
    ///
    /// # Errors
    /// `stale`, `wrong_state` (also once the last day to sign is over), or `bad_input` without a reason.
    pub fn send_back(self, seen_rev: i64, reason: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        let reason = needed_reason(reason)?;
        let mut plan = self.decidable(seen_rev, at)?;
        plan.state = PlanState::Draft;
        plan.returned_reason = Some(reason);
        plan.rev += 1;
        Ok(plan)
    }

    /// Declines a proposed plan for good.
    ///
    /// # Errors
    /// `stale`, `wrong_state` (also once the last day to sign is over), or `bad_input` without a reason.
    pub fn decline(self, seen_rev: i64, reason: &str, at: DateTime<Utc>) -> Result<Self, Refusal> {
        let reason = needed_reason(reason)?;
        let mut plan = self.decidable(seen_rev, at)?;
        plan.state = PlanState::Declined;
        plan.returned_reason = Some(reason);
        plan.rev += 1;
        Ok(plan)
    }

    /// Ends a plan before both sides have signed it.
    ///
    /// # Errors
    /// `wrong_state` once they have (then both end it, by an adjustment) or it has ended, `bad_input` without a reason.
    pub fn cancel(mut self, reason: &str) -> Result<Self, Refusal> {
        let reason = needed_reason(reason)?;
        if !matches!(self.state, PlanState::Draft | PlanState::Proposed) {
            return Err(Refusal::wrong_state(
                format!("{} is {} and can't be cancelled.", self.name_short(), self.state.label()),
                "",
            ));
        }
        self.state = PlanState::Cancelled;
        self.returned_reason = Some(reason);
        self.rev += 1;
        Ok(self)
    }

    /// The plan with its next revision, agreed by both sides; `ended` says why it ends with it, if it does.
    ///
    /// # Errors
    /// `wrong_state` unless it is in force: only what both sides have signed has revisions.
    pub fn revised(mut self, ended: Option<String>) -> Result<Self, Refusal> {
        if !self.state.is_in_force() {
            return Err(Refusal::wrong_state(
                format!("{} is {} and gets no more revisions.", self.name_short(), self.state.label()),
                "",
            ));
        }
        self.revision += 1;
        if ended.is_some() {
            self.state = PlanState::Cancelled;
            self.returned_reason = ended;
        }
        Ok(self)
    }

    /// What the clock makes of the plan on a local day: agreed becomes active at its start and closing after its end;
    /// what nobody agreed to in time expires.
    pub fn state_on(&self, today: NaiveDate) -> PlanState {
        match self.state {
            PlanState::Agreed | PlanState::Active if today > self.period.end() => PlanState::Closing,
            PlanState::Agreed if today >= self.period.start() => PlanState::Active,
            PlanState::Proposed if self.is_late(today) => PlanState::Expired,
            state => state,
        }
    }

    /// The local day on which a plan closes whose last planned day is `last_planned`.
    pub fn closes_on(&self, last_planned: Option<NaiveDate>) -> NaiveDate {
        let end = self.period.end();
        let latest = end.checked_add_days(Days::new(CLOSES_WITHIN_DAYS)).unwrap_or(end);
        let last = last_planned.unwrap_or(end).clamp(end, latest);
        last.succ_opt().unwrap_or(last)
    }

    /// The local day on which [`Self::state_on`] first says something else; it may have passed.
    pub fn next_state_day(&self) -> Option<NaiveDate> {
        match self.state {
            PlanState::Agreed => Some(self.period.start()),
            PlanState::Active => self.period.end().succ_opt(),
            PlanState::Proposed => self.sign_by.succ_opt(),
            _ => None,
        }
    }

    /// Whether its last day to sign is over on a local day.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        today > self.sign_by
    }

    fn was_to_be_signed(&self) -> String {
        format!("{} was to be signed by {}, which has passed.", self.name_short(), self.sign_by)
    }

    /// The plan, if this very state of it waits for a decision of both sides. The day to sign ends when it ends, not when
    /// the clock gets round to saying so.
    ///
    /// # Errors
    /// `stale`; `wrong_state` unless it is proposed and its last day to sign is not over.
    pub fn decidable(self, seen_rev: i64, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if self.rev != seen_rev {
            return Err(Refusal::stale());
        }
        if self.state != PlanState::Proposed {
            return Err(Refusal::wrong_state(
                format!("{} is {}, so there is nothing to decide.", self.name_short(), self.state.label()),
                "",
            ));
        }
        if self.is_late(self.local_day(at)) {
            let hint = "It expires; a new plan can be made of it with /plan clone.";
            return Err(Refusal::wrong_state(self.was_to_be_signed(), hint));
        }
        Ok(self)
    }
}

/// The longest reason, in characters.
pub const REASON_LIMIT: u16 = 500;

/// A reason that a form asked for. The form keeps to the limit too, but a form can be forged.
///
/// # Errors
/// `bad_input` if there is none, or a longer one than [`REASON_LIMIT`].
pub fn needed_reason(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    if is_blank(reason) {
        return Err(Refusal::bad_input("A reason is needed.", "Say in a sentence what should be different."));
    }
    if reason.chars().count() > usize::from(REASON_LIMIT) {
        return Err(Refusal::bad_input(
            format!("A reason has at most {REASON_LIMIT} characters."),
            "Say it shorter.",
        ));
    }
    Ok(reason.to_owned())
}
