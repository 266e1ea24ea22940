//! What can be asked about claims.

use super::file::{PointedAt, Source};
use crate::domain::evidence::EvidenceFile;

/// A line to add, as people wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLine {
    pub partner: Option<String>,
    pub claim: String,
    pub what: String,
    pub supplier: String,
    pub invoice: String,
    pub date: String,
    pub net: String,
    pub tax: Option<String>,
    /// Net and tax together: checked if it is said.
    pub gross: Option<String>,
    /// The log entry that says that it was spent, if there is one.
    pub log: Option<String>,
}

/// Files that were fetched and stored, for a slot of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    pub partner: Option<String>,
    pub claim: String,
    pub slot: String,
    pub files: Vec<EvidenceFile>,
    /// The chat message that they were taken from.
    pub source: Option<Source>,
}

/// What can be decided about a later last day to claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionDecision {
    Approve,
    Decline { reason: String },
}

/// What can be decided about a claim that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimDecision {
    /// `confirm` is the amount as retyped.
    Approve {
        confirm: Option<String>,
    },
    /// What is accepted of each line, a row for each.
    Lines {
        verdicts: String,
    },
    Return {
        reason: String,
    },
    Decline {
        reason: String,
    },
}

/// A wish about a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimWish {
    /// Starts one for an approved request.
    New {
        partner: Option<String>,
        request: String,
    },
    Line(NewLine),
    RemoveLine {
        partner: Option<String>,
        claim: String,
        line: i64,
    },
    Evidence(NewEvidence),
    RemoveEvidence {
        partner: Option<String>,
        claim: String,
        file: String,
    },
    /// Offers the files of a message to the claims that are put together.
    OfferProof(PointedAt),
    /// Asks for a later last day to claim a request.
    Extend {
        partner: Option<String>,
        request: String,
        until: String,
        reason: String,
    },
    /// `seen_rev` is what the card showed.
    DecideExtension {
        id: String,
        seen_rev: i64,
        decision: ExtensionDecision,
    },
    /// `certify`: that all of it is accurate.
    Submit {
        partner: Option<String>,
        claim: String,
        certify: bool,
    },
    Withdraw {
        partner: Option<String>,
        claim: String,
    },
    /// `seen_rev` is what the card showed.
    Decide {
        id: String,
        seen_rev: i64,
        decision: ClaimDecision,
    },
    Pay {
        partner: Option<String>,
        claim: String,
        amount: Option<String>,
        date: Option<String>,
        reference: String,
    },
    /// `confirm` is the claim's name, said again.
    Reverse {
        partner: Option<String>,
        claim: String,
        reason: String,
        confirm: Option<String>,
    },
    ClawBack {
        partner: Option<String>,
        claim: String,
        amount: String,
        reference: String,
    },
}
