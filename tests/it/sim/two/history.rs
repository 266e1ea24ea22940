//! What a process keeps of each command, a line each: written when it was answered, before the next one is asked.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A command with its answer.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Asked {
    pub key: String,
    /// What was asked: `file`, `approve`, `pay`, ….
    pub kind: String,
    /// The id of what it was about; empty for something new.
    pub item: String,
    /// What was believed of it when it was asked.
    pub seen_rev: i64,
    /// The amount that was approved, claimed or paid, if it was accepted.
    pub amount: i64,
    pub person: String,
    /// Unix milliseconds.
    pub asked_at: i64,
    pub answered_at: i64,
    pub refused: Option<String>,
    pub answer: String,
}

pub struct History {
    file: File,
}

impl History {
    pub fn begin(path: &Path) -> Self {
        Self { file: File::create(path).unwrap() }
    }

    pub fn keep(&mut self, asked: &Asked) {
        let mut line = serde_json::to_string(asked).unwrap();
        line.push('\n');
        self.file.write_all(line.as_bytes()).unwrap();
    }
}

pub fn read(path: &Path) -> Vec<Asked> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
