//! A lead or deal as folded from everything that was said of it, in whatever order it came.
//!
//! Each field keeps the value of its newest version, deletion and merge likewise, and touches are a growing set. All
//! of that is commutative and idempotent, so the same events in another order, or twice, give the same record. Stages
//! are never ranked: a won deal is reopened when something newer says so, and not otherwise.

use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::event::{Field, Patch, Rank, Signals};
use crate::domain::money::{Currency, Money};

/// A decimal number in text, as CRMs write amounts: `12500.00`, `-3`, `1.5e3`. Never through a floating-point number.
pub fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let number = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    Some(number.normalize())
}

/// Whole minor units of an amount, rounded half away from zero at the currency's own exponent. `None` if the currency
/// is not in ISO 4217 or the amount is beyond what the product counts.
pub fn minor_units(amount: Decimal, currency: &str) -> Option<i64> {
    let currency = Currency::parse(currency).ok()?;
    Money::rounded(amount, currency).ok().map(Money::minor)
}

/// A value with the version that it is from. Ordered by version, then by how sure it is, then by the value itself, so
/// that of two values the same one always wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// Source version, Unix milliseconds.
    pub at: i64,
    /// Notification or re-read.
    pub rank: Rank,
    /// The value.
    pub value: T,
}

/// When a touch with the same signals was first and last seen, Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenTouch {
    /// What ties it to a campaign.
    pub signals: Signals,
    /// The earliest time it was seen at.
    pub first_ms: i64,
    /// The latest time it was seen at.
    pub last_ms: i64,
}

/// Everything known of one record. Holds no personal data but company and country: an e-mail address is hashed before
/// it comes here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordState {
    /// Newest value of each field.
    pub fields: BTreeMap<Field, Stamped<Option<String>>>,
    /// Every status said, by version: tells since when the present one holds.
    pub statuses: BTreeMap<i64, Stamped<String>>,
    /// Deleted (`true`) or restored (`false`).
    pub deleted: Option<Stamped<bool>>,
    /// When the person was forgotten: final.
    pub forgotten_ms: Option<i64>,
    /// The record that this one became part of.
    pub merged_into: Option<Stamped<String>>,
    /// The earliest time at which anything was said of it.
    pub first_seen_ms: Option<i64>,
    /// The latest time at which anything was said of it: the record's source version.
    pub last_seen_ms: Option<i64>,
    /// For a deal: the newest version that listed all its leads; older links are void.
    pub leads_listed_ms: Option<i64>,
    /// Touches by their signals.
    pub touches: Vec<SeenTouch>,
}

/// Personal fields: gone once the person is forgotten.
const PERSONAL: [Field; 3] = [Field::Email, Field::Company, Field::Country];

impl RecordState {
    /// Folds new values in.
    pub fn apply(&mut self, patch: &Patch) {
        self.see(patch.version_ms);
        for (field, value) in &patch.fields {
            let stamped = Stamped { at: patch.version_ms, rank: patch.rank, value: value.clone() };
            if *field == Field::Status
                && let Some(status) = value
            {
                let said = Stamped { at: stamped.at, rank: stamped.rank, value: status.clone() };
                newest(self.statuses.entry(stamped.at).or_insert_with(|| said.clone()), said);
            }
            newest(self.fields.entry(*field).or_insert_with(|| stamped.clone()), stamped);
        }
        for touch in &patch.touches {
            self.touch(touch.signals.clone(), touch.at_ms);
        }
        if patch.all_leads.is_some() {
            self.leads_listed_ms = self.leads_listed_ms.max(Some(patch.version_ms));
        }
        self.scrub();
    }

    /// The record was deleted or restored at this time.
    pub fn set_deleted(&mut self, at: i64, deleted: bool) {
        self.see(at);
        let said = Stamped { at, rank: Rank::Told, value: deleted };
        newest(self.deleted.get_or_insert_with(|| said.clone()), said);
    }

    /// The record became part of another.
    pub fn set_merged(&mut self, at: i64, into: &str) {
        self.see(at);
        let said = Stamped { at, rank: Rank::Told, value: into.to_owned() };
        newest(self.merged_into.get_or_insert_with(|| said.clone()), said);
    }

    /// The person is forgotten, now and for whatever comes later.
    pub fn forget(&mut self, at: i64) {
        self.see(at);
        self.forgotten_ms = Some(self.forgotten_ms.map_or(at, |earlier| earlier.min(at)));
        self.scrub();
    }

    fn see(&mut self, at: i64) {
        self.first_seen_ms = Some(self.first_seen_ms.map_or(at, |earlier| earlier.min(at)));
        self.last_seen_ms = self.last_seen_ms.max(Some(at));
    }

    fn scrub(&mut self) {
        if self.forgotten_ms.is_some() {
            for field in PERSONAL {
                self.fields.remove(&field);
            }
        }
    }

    fn touch(&mut self, signals: Signals, at: i64) {
        match self.touches.binary_search_by(|seen| seen.signals.cmp(&signals)) {
            Ok(found) => {
                let seen = &mut self.touches[found];
                seen.first_ms = seen.first_ms.min(at);
                seen.last_ms = seen.last_ms.max(at);
            }
            Err(place) => self.touches.insert(place, SeenTouch { signals, first_ms: at, last_ms: at }),
        }
    }

    /// A field's value.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.fields.get(&field)?.value.as_deref()
    }

    /// When the CRM made the record; the first time that we heard of it, where the CRM does not say.
    pub fn created_ms(&self) -> Option<i64> {
        self.get(Field::CreatedAt).and_then(|ms| ms.parse().ok()).or(self.first_seen_ms)
    }

    /// Whether the record is deleted in the CRM.
    pub fn is_deleted(&self) -> bool {
        self.deleted.as_ref().is_some_and(|d| d.value)
    }

    /// When the deal was won or lost: the CRM's close time, else since when its present status holds.
    pub fn closed_ms(&self) -> Option<i64> {
        let status = self.get(Field::Status)?;
        let told = self.get(Field::ClosedAt).and_then(|ms| ms.parse().ok());
        let since = || {
            self.statuses.values().rev().take_while(|said| said.value == status).last().map(|said| said.at)
        };
        told.or_else(since)
    }

    /// The newest version that anything of this record is from.
    pub fn version_ms(&self) -> i64 {
        self.last_seen_ms.unwrap_or(0)
    }

    /// Takes over the touches of a record that became part of this one.
    pub fn absorb(&mut self, loser: &Self) {
        for seen in &loser.touches {
            self.touch(seen.signals.clone(), seen.first_ms);
            self.touch(seen.signals.clone(), seen.last_ms);
        }
    }
}

fn newest<T: Ord>(kept: &mut Stamped<T>, said: Stamped<T>) {
    if said > *kept {
        *kept = said;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::event::RecordRef;

    fn status(at: i64, value: &str) -> Patch {
        let mut patch = Patch::new(RecordRef::deal("1"), at, Rank::Told);
        patch.set(Field::Status, Some(value.to_owned()));
        patch
    }

    #[test]
    fn a_reopened_deal_is_open_in_any_order() {
        let events = [status(10, "won"), status(20, "open"), status(5, "open")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let mut state = RecordState::default();
            order.iter().for_each(|&i| state.apply(&events[i]));
            assert_eq!(state.get(Field::Status), Some("open"));
            assert_eq!(state.closed_ms(), Some(20));
        }
    }

    #[test]
    fn a_late_update_never_resurrects() {
        let mut state = RecordState::default();
        state.set_deleted(50, true);
        state.apply(&status(60, "open"));
        assert!(state.is_deleted());
        state.set_deleted(55, false);
        assert!(!state.is_deleted());
    }

    #[test]
    fn a_forgotten_person_stays_forgotten() {
        let mut state = RecordState::default();
        state.forget(10);
        let mut patch = Patch::new(RecordRef::lead("1"), 20, Rank::Read);
        patch.set(Field::Email, Some("hash".to_owned()));
        patch.set(Field::Company, Some("Lopes Lda".to_owned()));
        state.apply(&patch);
        assert_eq!((state.get(Field::Email), state.get(Field::Company)), (None, None));
    }

    #[test]
    fn money_is_exact() {
        let minor = |text: &str, currency| minor_units(decimal(text).unwrap(), currency);
        assert_eq!(minor("12500.00", "EUR"), Some(1_250_000));
        assert_eq!(minor("0.1", "USD"), Some(10));
        assert_eq!(minor("89999999999999.93", "USD"), Some(8_999_999_999_999_993));
        assert_eq!(minor("90071992547409.93", "USD"), None, "more than Tandem counts");
        assert_eq!(minor("1000.5", "JPY"), Some(1001));
        assert_eq!(minor("-1.005", "USD"), Some(-101));
        assert_eq!(minor("1.2345", "KWD"), Some(1235));
        assert_eq!(minor("1e3", "USD"), Some(100_000));
        assert_eq!(minor("99999999999999999999", "USD"), None);
        assert_eq!(minor("1", "XXZ"), None);
        assert_eq!(decimal("12,500"), None);
        assert_eq!(decimal(""), None);
    }
}
