//! The normalised event: what one CRM notification says, in our words, whichever CRM sent it.
//!
//! Values are still text here. Money becomes a number only when a record's amount and currency meet; an e-mail address
//! lives in memory until it is hashed and must never be stored or logged.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::domain::attribution::Signals;

/// Longest id of a CRM that is accepted, in bytes: it has to fit an index. Real ones have at most 36.
pub const MAX_ID_BYTES: usize = 200;

/// What kind of record an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// A person who answered a campaign: HubSpot contact, `lead.*` of Standard Webhooks.
    Lead,
    /// A sales opportunity.
    Deal,
}

impl RecordKind {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
        }
    }
}

/// A record of the CRM: its kind and the CRM's id for it. Ids are text: vendors mix numbers, strings and UUIDs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordRef {
    /// Lead or deal.
    pub kind: RecordKind,
    /// The CRM's id.
    pub id: String,
}

impl RecordRef {
    /// A lead's reference.
    pub fn lead(id: impl Into<String>) -> Self {
        Self { kind: RecordKind::Lead, id: id.into() }
    }

    /// A deal's reference.
    pub fn deal(id: impl Into<String>) -> Self {
        Self { kind: RecordKind::Deal, id: id.into() }
    }
}

/// A field of a lead or deal that we keep. Everything else that a CRM sends is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// E-mail address in an event; the keyed hash of it once folded.
    Email,
    /// Company name.
    Company,
    /// Country, as the CRM writes it.
    Country,
    /// When the CRM made the record, Unix milliseconds in digits.
    CreatedAt,
    /// Lifecycle stage, normalised: `inquiry`, `mql`, `sql`, `opportunity`, `customer`, or the CRM's own word.
    Lifecycle,
    /// A lead's `disqualified`, or a deal's `open`, `won`, `lost`.
    Status,
    /// A deal's amount: decimal text.
    Amount,
    /// ISO 4217 code of the amount.
    Currency,
    /// The CRM's id of the deal's stage.
    Stage,
    /// When the deal was won or lost, Unix milliseconds in digits.
    ClosedAt,
}

/// A contact of a person with a campaign, as the CRM reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What ties it to a campaign.
    pub signals: Signals,
}

/// How sure a value is when two have the same time: a re-read of the whole record beats a notification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Derived from another value by a default rule; anything said outright beats it.
    #[default]
    Assumed,
    /// Said by a notification.
    Told,
    /// Read from the CRM's API.
    Read,
}

/// New values of some of a record's fields. A field that is absent says nothing; `None` says that it is empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Patch {
    /// The record.
    pub record: RecordRef,
    /// Source version: the time of the change (`occurredAt`) or of the record's last change (`updatedAt`).
    pub version_ms: i64,
    /// Where the values come from.
    pub rank: Rank,
    /// The values.
    pub fields: BTreeMap<Field, Option<String>>,
    /// What ties the record to campaigns.
    pub touches: Vec<Touch>,
    /// For a deal: all its leads as of this version, if the message lists them.
    pub all_leads: Option<Vec<String>>,
}

impl Patch {
    /// An empty patch of this record at this version.
    pub fn new(record: RecordRef, version_ms: i64, rank: Rank) -> Self {
        Self { record, version_ms, rank, fields: BTreeMap::new(), touches: Vec::new(), all_leads: None }
    }

    /// Sets a field; `None` clears it.
    pub fn set(&mut self, field: Field, value: Option<String>) {
        self.fields.insert(field, value);
    }

    /// Adds a touch unless its signals say nothing.
    pub fn touch(&mut self, at_ms: i64, signals: Signals) {
        if !signals.is_empty() {
            self.touches.push(Touch { at_ms, signals });
        }
    }
}

/// Never prints a value: one of them is an e-mail address.
impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patch")
            .field("record", &self.record)
            .field("version_ms", &self.version_ms)
            .field("rank", &self.rank)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .field("touches", &self.touches)
            .field("all_leads", &self.all_leads)
            .finish()
    }
}

/// What an event changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The record exists and some of its fields are known.
    Patched(Patch),
    /// The record was deleted in the CRM. Only a restore brings it back, never a late update.
    Deleted(RecordRef),
    /// The record was restored in the CRM.
    Restored(RecordRef),
    /// The person asked to be forgotten: personal fields go, the count stays.
    Forgotten(RecordRef),
    /// Records became one.
    Merged {
        /// The record that goes on.
        into: RecordRef,
        /// The CRM's ids of those that became part of it.
        from: Vec<String>,
    },
    /// A lead became, or is no longer, a contact of a deal.
    Linked {
        /// The lead's id.
        lead: String,
        /// The deal's id.
        deal: String,
        /// True when the link was taken away.
        removed: bool,
    },
    /// Understood, and of no interest to us: acknowledged, counted, shown.
    Ignored,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identity over all deliveries and retries: the same key counts once.
    pub key: String,
    /// When it happened in the CRM, Unix milliseconds.
    pub occurred_ms: i64,
    /// The sender's word for it, such as `deal.propertyChange`.
    pub kind: String,
    /// What it changes.
    pub change: Change,
}

impl Event {
    /// The record that the event is about, for those who ask what a number is made of.
    pub fn subject(&self) -> Option<RecordRef> {
        match &self.change {
            Change::Patched(patch) => Some(patch.record.clone()),
            Change::Deleted(record) | Change::Restored(record) | Change::Forgotten(record) => {
                Some(record.clone())
            }
            Change::Merged { into, .. } => Some(into.clone()),
            Change::Linked { deal, .. } => Some(RecordRef::deal(deal.as_str())),
            Change::Ignored => None,
        }
    }

    /// The records that have to be read from a CRM that sends thin events. A deleted or forgotten one must not be.
    pub fn to_read(&self) -> Vec<RecordRef> {
        match &self.change {
            Change::Patched(patch) => vec![patch.record.clone()],
            Change::Restored(record) => vec![record.clone()],
            Change::Merged { into, .. } => vec![into.clone()],
            Change::Linked { lead, deal, removed: false } => {
                vec![RecordRef::lead(lead.as_str()), RecordRef::deal(deal.as_str())]
            }
            Change::Linked { .. } | Change::Deleted(_) | Change::Forgotten(_) | Change::Ignored => Vec::new(),
        }
    }
}

/// A part of a request that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Position in the batch, from 0.
    pub index: usize,
    /// One sentence: what is wrong. Holds no value of the body.
    pub reason: String,
}

/// A request's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The events, in the order sent.
    pub events: Vec<Event>,
    /// What could not be understood.
    pub unreadable: Vec<Unreadable>,
}
