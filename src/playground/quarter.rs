//! The scenario `quarter`: the first quarter of 2026 between Northwind and its partner Acme, and a little of Globex, played
//! through the doors that people and CRMs use. `docs/quarter.md` tells the story and works its figures out.
//!
//! The figures that must come out of it are literals in [`expected`]. Nothing here may compute one.

mod check;
pub mod expected;
mod february;
mod globex;
mod january;
mod march;

use super::crm::Sent;
use super::stage::{Stage, local};
use super::world::World;
use crate::fault::Fault;
use chrono::{DateTime, Utc};

pub use check::{Checked, check};

/// What the scenario is called on the command line.
pub const NAME: &str = "quarter";

/// What one part of the story leaves for the next.
#[derive(Default)]
struct Story {
    /// The link in Acme's search ads, with the campaign's `utm_id`.
    search_ads: String,
    /// The trade show's `utm_id`, as its card shows it.
    trade_show: String,
    /// Contacts of the first search ads' batch.
    first_readers: Vec<u64>,
    /// Contacts of the second one.
    second_readers: Vec<u64>,
    /// Contacts of the webinar.
    viewers: Vec<u64>,
    /// Contacts of Globex's campaign.
    globex: Vec<u64>,
    /// Contacts of Globex's display campaign.
    clips: Vec<u64>,
    /// Ids of the people who wrote to the form service.
    forms: usize,
    /// The deal that is won, reopened, and open at the end.
    reopened: u64,
    /// The deal whose amount grows.
    growing: u64,
    /// The deal that is won in March, and the one that is lost.
    won: u64,
    lost: u64,
    /// The deal whose first webhooks get lost, and those webhooks.
    late: Option<(u64, Sent)>,
}

/// Two links of the webinar's: people write the same campaign in their own ways.
const WEBINAR: &str = "https://www.acme.example/zero-downtime?utm_source=acme&utm_medium=webinar&utm_campaign=northwind-acme-webinar-q1";
const WEBINAR_MISSPELT: &str =
    "https://www.acme.example/zero-downtime?utm_source=Acme&utm_campaign=Northwind%20Acme+Webinar-Q1";
/// The link of Globex's campaign.
const GLOBEX: &str = "https://www.globex.example/backup?utm_source=globex&utm_medium=social&utm_campaign=globex-backup-stories";

/// When the clock starts: Monday, 5 January 2026, in the morning.
///
/// # Errors
/// None, as long as the literal is an instant.
pub fn start() -> Result<DateTime<Utc>, Fault> {
    local("2026-01-05 08:30")
}

/// Plays January alone: two plans are signed, money is committed, the first leads are there. Gives Acme's links, by which
/// more leads can come.
///
/// # Errors
/// As [`play`].
pub async fn begin(world: &World) -> Result<Vec<String>, Fault> {
    let mut stage = Stage::new(world, world.clock.now(), false);
    let mut story = Story::default();
    january::play(&mut stage, &mut story).await?;
    for surprise in stage.close() {
        tracing::warn!("{surprise}");
    }
    Ok([story.search_ads].into_iter().chain(links()).collect())
}

/// Links of Acme's campaigns that need no `utm_id`.
pub fn links() -> Vec<String> {
    vec![WEBINAR.to_owned(), WEBINAR_MISSPELT.to_owned()]
}

/// Plays the whole quarter, to the end checkpoint on 1 April, and says what was not answered as expected.
///
/// # Errors
/// The bot does not get done, or takes no webhooks.
pub async fn play(world: &World, progress: bool) -> Result<Vec<String>, Fault> {
    let end = "2026-04-01 10:00";
    let mut stage = Stage::new(world, local(end)?, progress);
    let mut story = Story::default();
    january::play(&mut stage, &mut story).await?;
    february::play(&mut stage, &mut story).await?;
    march::play(&mut stage, &mut story).await?;
    stage.on(end).await?;
    Ok(stage.close())
}

/// What stands after `name=` on a campaign's card.
fn tag(card: &str, name: &str) -> String {
    let value = card.split(name).nth(1).and_then(|rest| rest.strip_prefix('='));
    let ends = |c: char| c.is_whitespace();
    value.and_then(|value| value.split(ends).next()).unwrap_or_default().to_owned()
}
