//! The evidence of a claim: files in three slots, as the activity's rule asks for them.

use crate::domain::activity::{ActivityRule, Slot};
use chrono::{DateTime, Utc};

/// A file of a claim. Its bytes lie in the evidence folder under their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub id: String,
    pub slot: Slot,
    /// 64 hexadecimal digits.
    pub sha256: String,
    pub name: String,
    pub content_type: String,
    pub bytes: i64,
    /// How many people a restricted list names; none for what is not restricted.
    pub restricted_rows: Option<i64>,
    /// The chat message that it came from.
    pub message_id: Option<String>,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
}

/// How one slot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotState<'a> {
    pub slot: Slot,
    /// What is asked for, in words; required things first.
    pub asked: Vec<&'a str>,
    pub required: bool,
    pub files: usize,
}

impl SlotState<'_> {
    /// Whether something has to be added before the claim is filed. One file is enough: an invoice and its proof of
    /// payment often are one.
    pub fn is_missing(&self) -> bool {
        self.required && self.files == 0
    }
}

/// How the slots stand that a rule asks for, or that hold files.
pub fn slots<'a>(rule: &'a ActivityRule, evidence: &[Evidence]) -> Vec<SlotState<'a>> {
    let state = |slot: &Slot| {
        let (mut first, then): (Vec<_>, Vec<_>) = rule.asked(*slot).partition(|asked| asked.required);
        let required = !first.is_empty();
        first.extend(then);
        let asked = first.iter().map(|asked| asked.what.as_str()).collect();
        let files = evidence.iter().filter(|file| file.slot == *slot).count();
        SlotState { slot: *slot, asked, required, files }
    };
    Slot::ALL.iter().map(state).filter(|state| state.files > 0 || !state.asked.is_empty()).collect()
}
