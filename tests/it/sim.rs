//! A seeded simulation of the money: many people of a vendor and of four partners, in three currencies, with everything that
//! goes wrong around them (requests that come twice, old buttons, time that jumps, restarts, a Discord that fails). After
//! every command what must hold is checked on what the command has changed, and every so often on everything.
//!
//! `SIM_SEED=… SIM_COMMANDS=…` replays a run command by command: all choices come from the seed.

mod act;
mod cast;
mod check;
mod dice;
mod house;
mod model;
mod news;
mod plants;
mod replay;
mod run;
mod tally;
mod two;

use crate::harness::database;
use run::Sim;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tally::Tally;

/// How long a run of `cargo test` is.
const COMMANDS: usize = 2_000;
const SEED: u64 = 4;

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_money_is_sound_after_every_command_on_sqlite() {
    database::on_sqlite(async |url| simulated(url, COMMANDS).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_money_is_sound_after_every_command_on_postgres() {
    database::on_postgres(|url| simulated(url, COMMANDS)).await;
}

/// One run of so many commands, by the seed that is given.
async fn simulated(url: String, commands: usize) {
    let seed = given("SIM_SEED").unwrap_or(SEED);
    let commands = given("SIM_COMMANDS").map_or(commands, |given| usize::try_from(given).unwrap());
    let tally = ran(&url, seed, commands).await;
    println!("{}", tally.listed());
    did_enough(&tally, commands, &format!("SIM_SEED={seed}"));
}

/// How long `.ci/length` makes it, in runs of their own seeds: a tick looks at all that is open and a filing at all that was
/// filed, so many runs of some thousand commands try more in the same time than one long one.
const RUN: usize = 2_000;
const ON_SQLITE: usize = 100_000;
const ON_POSTGRES: usize = 20_000;

#[test]
#[ignore = "100,000 commands: .ci/length runs it"]
fn the_money_is_sound_at_length_on_sqlite() {
    at_length(ON_SQLITE, async |seed, all| {
        database::on_sqlite(async |url| adds(all, &ran(&url, seed, RUN).await)).await;
    });
}

#[test]
#[ignore = "20,000 commands: .ci/length runs it"]
fn the_money_is_sound_at_length_on_postgres() {
    at_length(ON_POSTGRES, async |seed, all| {
        database::on_postgres(async |url| adds(all, &ran(&url, seed, RUN).await)).await;
    });
}

fn adds(all: &Mutex<Tally>, one: &Tally) {
    all.lock().unwrap().adds(one);
}

/// Runs of following seeds, so many at once as `SIM_AT_ONCE` says; `SIM_COMMANDS` says how many commands in all.
fn at_length(commands: usize, run: impl AsyncFn(u64, &Mutex<Tally>) + Sync) {
    let commands = given("SIM_COMMANDS").map_or(commands, |given| usize::try_from(given).unwrap());
    let (first, at_once) = (given("SIM_SEED").unwrap_or(SEED), given("SIM_AT_ONCE").unwrap_or(1));
    let (next, all, runs) = (AtomicUsize::new(0), Mutex::new(Tally::default()), commands.div_ceil(RUN));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            let (next, run, all) = (&next, &run, &all);
            let work = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= runs {
                        return;
                    }
                    runtime.block_on(run(first + u64::try_from(number).unwrap(), all));
                }
            };
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        }
    });
    let all = all.into_inner().unwrap();
    println!("{} commands in {runs} runs\n{}", runs * RUN, all.listed());
    did_enough(&all, runs * RUN, &format!("from SIM_SEED={first} on"));
}

fn did_enough(tally: &Tally, commands: usize, which: &str) {
    let missing = tally.missing(commands);
    assert!(missing.is_empty(), "{which}, {commands} commands:\n{}", missing.join("\n"));
}

/// What a command's work takes of a thread's stack without optimisation is more than a thread has by itself.
const STACK: usize = 16 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_gives_the_same_answers() {
    let [mut first, mut second, mut other] = [0; 3];
    database::on_sqlite(async |url| first = folded(&url, SEED).await).await;
    database::on_sqlite(async |url| second = folded(&url, SEED).await).await;
    database::on_sqlite(async |url| other = folded(&url, SEED + 1).await).await;
    assert_eq!(first, second);
    assert_ne!(first, other);
}

/// Every answer of a short run, folded into one number.
async fn folded(url: &str, seed: u64) -> u64 {
    let mut sim = Sim::open(url, seed, 250).await;
    if let Err(wrong) = sim.runs().await {
        panic!("SIM_SEED={seed} SIM_COMMANDS=250: {wrong}\n{}", sim.told());
    }
    sim.house.close().await;
    sim.digest
}

async fn ran(url: &str, seed: u64, commands: usize) -> Tally {
    let began = Instant::now();
    let mut sim = Sim::open(url, seed, commands).await;
    let wrong = sim.runs().await;
    let after = sim.commands;
    if let Err(wrong) = wrong {
        panic!("SIM_SEED={seed} SIM_COMMANDS={after}: after command {after}: {wrong}\n{}", sim.told());
    }
    println!("SIM_SEED={seed} SIM_COMMANDS={commands}: {after} commands in {:?}", began.elapsed());
    sim.house.close().await;
    sim.tally
}
