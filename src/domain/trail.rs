//! The audit trail's chain: what a line's hash covers, and how a chain is checked from its first line to its head.
//!
//! A chain shows that nothing was changed, removed, put in or moved after it was written. Somebody who can rewrite the
//! whole database can also write a whole new chain: only a head kept elsewhere shows that.

use super::canonical::{canonical, sha256};
use serde_json::json;

/// The hash before the first line of a chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A line as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    /// Its place in the program's chain, from 1.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    pub program_id: String,
    pub partner_id: Option<String>,
    pub actor: String,
    pub company: String,
    pub code: String,
    pub item: String,
    /// JSON, covered as the text that it is.
    pub detail: String,
}

impl Line {
    /// SHA-256 over canonical JSON (RFC 8785) of the line and the hash before it.
    pub fn hash(&self, before: &str) -> String {
        sha256(&canonical(&json!({
            "id": self.id,
            "seq": self.seq.to_string(),
            "at": self.at.to_string(),
            "program": self.program_id,
            "partner": self.partner_id,
            "actor": self.actor,
            "company": self.company,
            "code": self.code,
            "item": self.item,
            "detail": self.detail,
            "before": before,
        })))
    }
}

/// A chain as far as it was found to be sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The place of the last sound line.
    pub seq: i64,
    hash: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

impl Chain {
    /// Takes the next line, with the hashes kept beside it.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn take(&mut self, line: &Line, before: &str, hash: &str) -> Result<(), String> {
        let wanted = self.seq + 1;
        if line.seq != wanted {
            return Err(format!("line {wanted} is missing (the next one is {})", line.seq));
        }
        if before != self.hash {
            return Err(format!("line {wanted} does not follow the line before it"));
        }
        let own = line.hash(before);
        if own != hash {
            return Err(format!("line {wanted} was changed: its content does not have its hash"));
        }
        self.seq = wanted;
        self.hash = own;
        Ok(())
    }

    /// Whether the chain ends where its head says.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn ends(&self, head: i64, hash: &str) -> Result<(), String> {
        if self.seq < head {
            return Err(format!(
                "the chain ends after line {}, its head says {head}: its tail was cut",
                self.seq
            ));
        }
        if self.seq > head {
            return Err(format!("the chain goes on to line {}, its head says {head}", self.seq));
        }
        if self.hash != hash {
            return Err(format!("the head does not have the hash of line {head}"));
        }
        Ok(())
    }
}
