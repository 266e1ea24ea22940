//! A scenario without a page: played, written down, compared.

use super::quarter::{self, Checked};
use super::seed::{ACME, APPROVALS, GLOBEX};
use super::stage::{VERA, ZONE};
use super::world::World;
use crate::clock;
use crate::fault::Fault;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What to play, and where to write it.
#[derive(Clone, Debug)]
pub struct HeadlessOptions {
    /// The scenario's name; there is `quarter`.
    pub scenario: String,
    /// The folder to write to; it is made.
    pub out: PathBuf,
    /// Whether a bar shows how far the calendar has come (only ever on a terminal).
    pub progress: bool,
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How many figures were compared with what was expected.
    pub figures: usize,
    /// What was not as expected, each a sentence; empty if all was.
    pub differences: Vec<String>,
    /// What was written.
    pub files: Vec<PathBuf>,
}

impl Outcome {
    /// Whether every figure and every answer was as expected.
    pub fn is_as_expected(&self) -> bool {
        self.differences.is_empty() && self.figures > 0
    }
}

/// Plays a scenario through the doors that people and CRMs use, and writes `transcript.md`, the posted charts,
/// `report.json` (the end checkpoint of the program's first partner) and `reports/` (every checkpoint).
///
/// # Errors
/// An unknown scenario, a folder that can't be written to, or a bot that does not get done. What comes out otherwise
/// than expected is no error: see [`Outcome::differences`].
pub async fn headless(options: HeadlessOptions) -> Result<Outcome, Fault> {
    if options.scenario != quarter::NAME {
        return Err(Fault::Other(format!(
            "there is no scenario {:?}; there is {:?}",
            options.scenario,
            quarter::NAME
        )));
    }
    let written = Written::new(&options.out)?;
    let world = World::open(0, quarter::start()?).await?;
    let played = play(&world, written, options.progress).await;
    world.close().await;
    played
}

async fn play(world: &World, written: Written<'_>, progress: bool) -> Result<Outcome, Fault> {
    let mut differences = quarter::play(world, progress).await?;
    let checked = quarter::check(world).await?;
    let files = written.all(world, &checked)?;
    differences.extend(checked.differences);
    Ok(Outcome { figures: checked.figures, differences, files })
}

/// The folder, and what was written into it.
struct Written<'a> {
    out: &'a Path,
    files: Vec<PathBuf>,
}

impl<'a> Written<'a> {
    fn new(out: &'a Path) -> Result<Self, Fault> {
        let written = Self { out, files: Vec::new() };
        for folder in ["reports", "charts"] {
            let path = out.join(folder);
            std::fs::create_dir_all(&path).map_err(|error| failed(&path, &error))?;
        }
        Ok(written)
    }

    fn all(mut self, world: &World, checked: &Checked) -> Result<Vec<PathBuf>, Fault> {
        let end = checked.reports.iter().rfind(|((partner, _), _)| partner == "acme");
        if let Some((_, report)) = end {
            self.json("report.json", report)?;
        }
        for ((partner, day), report) in &checked.reports {
            self.json(&format!("reports/{partner}-{day}.json"), report)?;
        }
        self.charts(world)?;
        let threads = world.discord.person(VERA.0.id()).channels();
        let mut shown = Vec::new();
        for channel in [ACME, APPROVALS, GLOBEX] {
            shown.push(channel);
            shown.extend(
                threads.iter().filter(|thread| thread.parent == Some(channel)).map(|thread| thread.id),
            );
        }
        let transcript =
            format!("# The quarter in chat\n\nTimes are UTC.\n\n{}", world.discord.transcript(&shown));
        self.file("transcript.md", transcript.as_bytes())?;
        Ok(self.files)
    }

    /// The pictures that the bot posted, by the channel's partner, the day, and the name that they were posted with.
    fn charts(&mut self, world: &World) -> Result<(), Fault> {
        let vera = world.discord.person(VERA.0.id());
        for (partner, channel) in [("acme", ACME), ("globex", GLOBEX)] {
            let posted = vera.messages(channel).into_iter().filter(|message| !message.is_ephemeral());
            for message in posted {
                let day = clock::instant(message.timestamp).with_timezone(&ZONE).date_naive();
                for file in &message.attachments {
                    self.file(&format!("charts/{partner}-{day}-{}", file.filename), &file.bytes)?;
                }
            }
        }
        Ok(())
    }

    fn json(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        let text = format!("{value:#}\n");
        self.file(name, text.as_bytes())
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.out.join(name);
        std::fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
        self.files.push(path);
        Ok(())
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Other(format!("{} can't be written: {error}", path.display()))
}
