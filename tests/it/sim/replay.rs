//! What a run tells whoever has to find out why it failed: how to replay it, and its last commands. A panic tells it too.

use super::run::Sim;
use crate::harness::database;
use std::collections::VecDeque;
use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// So many of the last commands are told when something is wrong.
const TOLD: usize = 25;

/// The seed of a run, and what it did last.
pub struct Story {
    seed: u64,
    commands: usize,
    lines: VecDeque<String>,
    is_told: AtomicBool,
}

impl Story {
    pub fn begin(seed: u64, limit: usize) -> Self {
        println!("SIM_SEED={seed} SIM_COMMANDS={limit}: a run begins");
        Self { seed, commands: 0, lines: VecDeque::new(), is_told: AtomicBool::new(false) }
    }

    /// Notes what is done, after so many commands.
    pub fn notes(&mut self, commands: usize, line: String) {
        self.commands = commands;
        self.lines.push_back(line);
        if self.lines.len() > TOLD {
            self.lines.pop_front();
        }
    }

    /// The last commands; whoever asks tells them, so that a panic doesn't tell them again.
    pub fn told(&self) -> String {
        self.is_told.store(true, Ordering::SeqCst);
        self.lines.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.is_told.load(Ordering::SeqCst) {
            let (seed, commands) = (self.seed, self.commands);
            eprintln!("SIM_SEED={seed} SIM_COMMANDS={commands}: a panic, after these:\n{}", self.told());
        }
    }
}

const SEED: u64 = 11;

/// What the other process runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it fails on purpose: a_panic_says_how_to_replay_it starts it"]
async fn a_run_that_panics() {
    database::on_sqlite(async |url| {
        let mut sim = Sim::open(&url, SEED, 10).await;
        sim.runs().await.unwrap();
        panic!("planted");
    })
    .await;
}

/// A panic in the middle of a run would otherwise say nothing of what led to it.
#[test]
fn a_panic_says_how_to_replay_it() {
    let test = "sim::replay::a_run_that_panics";
    let mut run = Command::new(std::env::current_exe().unwrap());
    let ended = run.args(["--exact", test, "--ignored", "--nocapture"]).output().unwrap();
    assert!(!ended.status.success());
    let mut said = String::new();
    for part in [&ended.stdout, &ended.stderr] {
        write!(said, "{}", String::from_utf8_lossy(part)).unwrap();
    }
    assert!(said.contains(&format!("SIM_SEED={SEED} SIM_COMMANDS=10: a run begins")), "{said}");
    let (_, after) = said.split_once(": a panic, after these:\n").unwrap_or_else(|| panic!("{said}"));
    assert!(after.contains(" by ") && after.contains("   → "), "{said}");
}
