//! The bot process is killed while webhooks arrive and cards are posted, again and again, and started anew: every
//! acknowledged event counts once, every card and post appears once, and what was answered is there.
//!
//! Everything is real: the binary, its database file, its port, its clock. Only Discord is a local one, in this
//! process, which forgets nonces after [`NONCE_WINDOW`] so that some downtimes are longer than that.

mod bot;
mod people;
mod senders;
mod truth;

use crate::harness::database::{on_postgres, on_sqlite};
use crate::harness::seeded::Seeded;
use bot::{Bot, Setup};
use discord_local::{DiscordLocal, Fault, FaultKind, Options};
use people::People;
use senders::Senders;
use std::time::Duration;
use tandem::clock::Clock;
use tandem::playground::seed;

const ROUNDS: u64 = 20;
/// How long the local Discord recognises a message by its nonce.
const NONCE_WINDOW: Duration = Duration::from_millis(1500);
/// Of three downtimes, one is longer than that.
const LONG: Duration = Duration::from_millis(1700);
/// One round in seven is killed while it starts.
const EARLY: u64 = 7;

/// Numbers that depend on the seed alone.
pub struct Dice(Seeded);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// At least `from`, less than `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.0.next() % (to - from)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.0.next().is_multiple_of(n)
    }

    pub async fn pause_ms(&mut self, from: u64, to: u64) {
        tokio::time::sleep(Duration::from_millis(self.between(from, to))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_kills_sqlite() {
    on_sqlite(killed_again_and_again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_kills_postgres() {
    on_postgres(killed_again_and_again).await;
}

/// `TANDEM_KILL_SEED` repeats the choices of an earlier run.
fn seed() -> u64 {
    let given = std::env::var("TANDEM_KILL_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| Clock::system().now_ms().unsigned_abs());
    println!("TANDEM_KILL_SEED={seed}");
    seed
}

async fn killed_again_and_again(database_url: String) {
    let mut dice = Dice::new(seed());
    let options = Options {
        nonce_window: NONCE_WINDOW,
        answer_deadline: Duration::from_millis(1500),
        patience: Duration::from_millis(3000),
        resume_window: Duration::from_millis(200),
        ..Options::default()
    };
    let discord = DiscordLocal::start(options).await.unwrap();
    let application = seed::people(&discord);
    let setup = Setup::new(&discord, &application.token, &database_url);

    let mut bot = setup.start();
    bot.is_up(&discord).await;
    let utm_id = people::sign_a_plan(&discord, &setup).await;
    people::file_claims(&discord, &setup).await;
    let people = People::begin(&discord, &mut dice);
    let senders = Senders::begin(setup.hook(), &utm_id, &mut dice);
    let mut kills = 0;
    for round in 0..ROUNDS {
        bot = killed_once(&setup, &discord, bot, round, &mut dice).await;
        kills += 1;
    }
    discord.clear_faults();
    bot.is_up(&discord).await;
    let said = people.end().await;
    let sent = senders.end().await;
    assert_eq!(kills, ROUNDS);
    truth::holds(&setup, &discord, &said, &sent).await;
    bot.killed().await;
    setup.ledger_is_sound().await;
    discord.stop().await;
}

/// Lets the bot live for a while, kills it, and starts it again after a downtime.
async fn killed_once(
    setup: &Setup,
    discord: &DiscordLocal,
    mut bot: Bot,
    round: u64,
    dice: &mut Dice,
) -> Bot {
    if round % EARLY == EARLY - 1 {
        dice.pause_ms(10, 300).await;
    } else {
        bot.is_up(discord).await;
        // A message that arrives while its answer is lost: what came of it is unknown to the process that is killed.
        let channel = if dice.one_in(2) { seed::ACME } else { seed::APPROVALS };
        dice.pause_ms(200, 700).await;
        discord.fail_next(Fault::once("POST", &format!("channels/{channel}/messages"), FaultKind::DropAfter));
        dice.pause_ms(0, 600).await;
    }
    bot.killed().await;
    if round % 3 == 2 {
        tokio::time::sleep(LONG).await;
    } else {
        dice.pause_ms(0, 200).await;
    }
    setup.start()
}
