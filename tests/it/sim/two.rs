//! Two processes on one PostgreSQL, each asking for thousands of things at once with the other, each keeping a history of
//! what it asked and what it was answered. When both have ended, the histories and the database have to tell one story.
//!
//! `SIM_TWO_COMMANDS` says how many commands both ask for together, `SIM_SEED` which.

mod history;
mod truth;
mod worker;

use super::given;
use crate::harness::database;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use worker::Ground;

/// Both processes together, in a run of `cargo test`.
const COMMANDS: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_tell_one_story() {
    database::on_postgres(told_by_two).await;
}

/// What the other process runs: this test alone, told by its environment what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of two_processes_tell_one_story, which starts it"]
async fn one_of_two_processes() {
    worker::asks_as_told().await;
}

async fn told_by_two(url: String) {
    let commands = given("SIM_TWO_COMMANDS").unwrap_or(COMMANDS);
    let seed = given("SIM_SEED").unwrap_or(super::SEED);
    let said = format!("SIM_SEED={seed} SIM_TWO_COMMANDS={commands}");
    println!("{said}");
    Ground::prepared(&url).await;
    let folder = Kept(Some(tempfile::tempdir().unwrap()));
    let files = [1, 2].map(|number| folder.path().join(format!("history-{number}.jsonl")));
    let mut children: Vec<Child> = (1..=2)
        .zip(&files)
        .map(|(number, file)| process(&url, file, &[number, seed.wrapping_add(number), commands / 2]))
        .collect();
    for child in &mut children {
        let ended = child.wait().await.unwrap();
        assert!(ended.success(), "{said}: a process ended with {ended}");
    }
    let histories = files.map(|file| history::read(&file));
    truth::holds(&url, &histories, usize::try_from(commands).unwrap()).await;
}

/// The folder of the histories. When something is wrong it stays, and it is said where it is.
struct Kept(Option<TempDir>);

impl Kept {
    fn path(&self) -> &Path {
        self.0.as_ref().map_or(Path::new("."), TempDir::path)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(folder) = self.0.take().filter(|_| std::thread::panicking()) {
            eprintln!("the histories are in {}", folder.keep().display());
        }
    }
}

/// Another process of this very program, which runs one test.
fn process(url: &str, history: &Path, [number, seed, commands]: &[u64; 3]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sim::two::one_of_two_processes", "--ignored", "--nocapture"])
        .env("SIM_WORKER_DATABASE", url)
        .env("SIM_WORKER_NUMBER", number.to_string())
        .env("SIM_WORKER_SEED", seed.to_string())
        .env("SIM_WORKER_COMMANDS", commands.to_string())
        .env("SIM_WORKER_HISTORY", history)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}
