//! What an activity type pays and asks for: share, cap, notice, claim window, eligible costs, evidence. Rules ship for
//! every type; a program changes what it wants, and its tiers fill in where it says nothing of a type.
//! A cap is stated in the program's currency; a request in another is held to it at a dated rate.

pub mod shipped;

use super::business::BusinessCalendar;
use super::campaign_type::CampaignType;
use super::money::{Currency, Money, MoneyError};
use super::plan::states;
use super::rate::DatedRate;
use super::unseen::is_blank;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

states! {
    /// The three kinds of evidence of a claim: that it was paid for, that it happened, and what came of it.
    Slot {
        Cost "cost" "proof of cost",
        Execution "execution" "proof of execution",
        Results "results" "results",
    }
}

/// The most pieces of evidence that one slot asks for, and the most kinds of eligible cost.
pub const MAX_LISTED: usize = 10;
/// The longest of them, in characters.
pub const MAX_LISTED_CHARS: usize = 120;
/// The longest notice, in business days, and the longest claim window, in days.
pub const MAX_DAYS: u32 = 365;
/// The shortest time to claim, in days: in less the last warning, three days before its end, could not come.
pub const MIN_CLAIM_WINDOW_DAYS: u32 = 3;

/// A piece of evidence that a claim has to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub slot: Slot,
    /// In words, such as "final piece".
    pub what: String,
    /// Whether a claim is incomplete without it.
    pub required: bool,
    /// Whether it names people (a lead or attendee list): then nobody is shown more of it than how many rows it has.
    pub restricted: bool,
}

/// What is written behind a piece of evidence that may be missing, and behind one that names people.
const OPTIONAL: &str = "optional";
const RESTRICTED: &str = "restricted";

impl Asked {
    /// Reads `final piece`, `photo (optional)`, `attendee list (optional, restricted)`; `None` for what is blank, too
    /// long, or has something else in its brackets' place. [`Asked::written`] is read back to the same.
    pub fn parse(slot: Slot, text: &str) -> Option<Self> {
        let text = text.trim();
        let (what, words) = match text.strip_suffix(')').and_then(|open| open.rsplit_once('(')) {
            Some((what, words)) if words.split(',').all(|word| is_mark(word.trim())) => (what.trim(), words),
            _ => (text, ""),
        };
        let marked = |mark: &str| words.split(',').any(|word| word.trim().eq_ignore_ascii_case(mark));
        listed(what).map(|what| Self {
            slot,
            what,
            required: !marked(OPTIONAL),
            restricted: marked(RESTRICTED),
        })
    }

    /// As it is written, in `bot.toml`, in chat and in the database.
    pub fn written(&self) -> String {
        let marks: Vec<&str> = [(!self.required, OPTIONAL), (self.restricted, RESTRICTED)]
            .into_iter()
            .filter_map(|(is, mark)| is.then_some(mark))
            .collect();
        if marks.is_empty() { self.what.clone() } else { format!("{} ({})", self.what, marks.join(", ")) }
    }
}

fn is_mark(word: &str) -> bool {
    [OPTIONAL, RESTRICTED].iter().any(|mark| word.eq_ignore_ascii_case(mark))
}

/// A kind of eligible cost or a piece of evidence in words; `None` if it is blank, too long, or more than one line.
pub fn listed(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= MAX_LISTED_CHARS && !text.chars().any(char::is_control);
    (fits && !is_blank(text)).then(|| text.to_owned())
}

/// The most that one request gets, where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// As much as the share comes to, whatever the tier says.
    Unlimited,
    /// This much, in the program's currency.
    UpTo(Money),
}

/// What holds for the requests and claims of one activity type of one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRule {
    /// Share of the cost that MDF pays, in percent.
    pub share_percent: Decimal,
    /// The most that one request gets, if there is a cap; in the program's currency.
    pub cap: Option<Money>,
    /// Business days before the campaign's start by which a request should be filed.
    pub notice_days: u32,
    /// Calendar days after the campaign's end within which claims are filed.
    pub claim_window_days: u32,
    /// The costs that count, in words.
    pub eligible: Vec<String>,
    /// Whether a request has to be approved before the campaign starts. Where not, no notice is asked for.
    pub pre_approval: bool,
    /// What a claim has to bring, by slot.
    pub evidence: Vec<Asked>,
}

/// What a program says of an activity type; what is `None` it leaves to the tier, or as it ships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivitySetting {
    pub share_percent: Option<Decimal>,
    pub cap: Option<Cap>,
    pub notice_days: Option<u32>,
    pub claim_window_days: Option<u32>,
    pub eligible: Option<Vec<String>>,
    pub pre_approval: Option<bool>,
    /// A slot that is here asks for this and nothing else; an empty list asks for nothing.
    pub evidence: BTreeMap<Slot, Vec<Asked>>,
}

/// What a program says of a tier of partners, for the activity types of which it doesn't say it itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRule {
    /// The program's name for the tier; the same in any case and with any signs between its words.
    pub tier: String,
    pub share_percent: Option<Decimal>,
    pub cap: Option<Cap>,
    pub pre_approval: Option<bool>,
}

impl ActivityRule {
    /// What ships for a type.
    pub fn shipped(kind: CampaignType) -> Self {
        shipped::rule(kind)
    }

    /// The rule for a type and a tier: each value as the program's own rule for the type has it, else as the tier has
    /// it, else as it ships.
    pub fn resolve(kind: CampaignType, setting: Option<&ActivitySetting>, tier: Option<&TierRule>) -> Self {
        let ships = Self::shipped(kind);
        let silent = ActivitySetting::default();
        let said = setting.unwrap_or(&silent);
        let cap = match said.cap.or(tier.and_then(|tier| tier.cap)) {
            Some(Cap::UpTo(cap)) => Some(cap),
            Some(Cap::Unlimited) => None,
            None => ships.cap,
        };
        let asked = |slot: &Slot| match said.evidence.get(slot) {
            Some(own) => own.clone(),
            None => ships.asked(*slot).cloned().collect(),
        };
        Self {
            share_percent: said
                .share_percent
                .or(tier.and_then(|tier| tier.share_percent))
                .unwrap_or(ships.share_percent),
            cap,
            notice_days: said.notice_days.unwrap_or(ships.notice_days),
            claim_window_days: said.claim_window_days.unwrap_or(ships.claim_window_days),
            eligible: said.eligible.clone().unwrap_or_else(|| ships.eligible.clone()),
            pre_approval: said
                .pre_approval
                .or(tier.and_then(|tier| tier.pre_approval))
                .unwrap_or(ships.pre_approval),
            evidence: Slot::ALL.iter().flat_map(asked).collect(),
        }
    }

    /// What a slot asks for.
    pub fn asked(&self, slot: Slot) -> impl Iterator<Item = &Asked> {
        self.evidence.iter().filter(move |asked| asked.slot == slot)
    }

    /// The same rule with its cap in the currency that a rate leads to.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] for a rate of another currency than the cap's, [`MoneyError::TooLarge`].
    pub fn with_cap_at(self, rate: &DatedRate) -> Result<Self, MoneyError> {
        let cap = self.cap.map(|cap| rate.convert(cap)).transpose()?;
        Ok(Self { cap, ..self })
    }

    /// The cap of a request in `currency`; none where the cap is stated in another and no rate has brought it into this
    /// one: nothing says how large it is there.
    pub fn cap_in(&self, currency: Currency) -> Option<Money> {
        self.cap.filter(|cap| cap.currency() == currency)
    }

    /// The most that a request with this cost gets: its share, and no more than the cap.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn most(&self, cost: Money) -> Result<Money, MoneyError> {
        let share = cost.share_percent(self.share_percent)?;
        self.cap_in(cost.currency()).map_or(Ok(share), |cap| share.at_most(cap))
    }

    /// The last day on which a request for a campaign that starts on `start` is filed in time: the last one of which
    /// [`Self::short_notice`] has nothing to say. Without notice, the day of the start.
    pub fn file_by(&self, start: NaiveDate, calendar: &BusinessCalendar) -> NaiveDate {
        calendar.leaves(self.notice_days, start)
    }

    /// How many business days of notice a request filed on `today` gives, if those are too few and notice is asked for.
    pub fn short_notice(
        &self,
        today: NaiveDate,
        start: NaiveDate,
        calendar: &BusinessCalendar,
    ) -> Option<u32> {
        let given = calendar.days_between(today, start);
        (self.pre_approval && given < self.notice_days).then_some(given)
    }

    /// The last day on which a claim is filed in time, for a campaign that ends on `end` and a request that is approved on
    /// `approved`. The window begins with the later of the two: money that is approved after the campaign can be claimed.
    pub fn claim_by(&self, end: NaiveDate, approved: NaiveDate) -> NaiveDate {
        end.max(approved)
            .checked_add_days(Days::new(u64::from(self.claim_window_days)))
            .unwrap_or(NaiveDate::MAX)
    }
}
