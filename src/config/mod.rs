//! The configuration: `bot.toml` and the environment, read whole, every problem told at once.
//!
//! [`load`] is given everything it looks at (the text, the environment as a value) and either returns a [`Config`]
//! in which every reference holds and every secret that is needed was read, or all the [`Problems`] with file,
//! line, key, what was found and what was expected. It must never start anything, never read the process
//! environment, and never let a secret into a message. `docs/configuration.md` describes each setting for operators.

mod capability;
mod environment;
mod model;
mod money_rules;
mod problem;
mod program;
mod read;
mod rules;
mod secret;
mod services;
mod source;
mod syntax;

use std::path::Path;

pub use capability::{Bundle, Capabilities};
pub use environment::Environment;
pub use model::{
    Activity, Approval, ApprovalLimit, Calendar, CampaignMapping, Cap, CarryLimit, CarryOver, Company,
    Config, Database, Discord, DiscordId, DiscordLogin, DiscordRoute, Effort, Engine, Evidence, Fund, Http,
    Hubspot, Limits, Log, LogFormat, Partner, Program, Role, Source, SourceKind, Thresholds, Tier,
};
pub use problem::{Place, Problem, Problems};

use read::{Session, Table};

/// Largest configuration file, in bytes: more is certainly some other file.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What a command is about to use, and so which secrets are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The data alone (`tandem ledger verify`, `tandem inbox`): tokens and webhook secrets are neither required nor
    /// read.
    Database,
    /// The running bot: everything.
    Discord,
}

/// Reads a configuration from its text.
///
/// `file_name` stands in messages, and relative paths in the text start at its folder. Files are opened only where a
/// setting names one.
///
/// # Errors
/// All the problems of the text and of the overrides, at once.
pub fn load(text: &str, file_name: &str, environment: &Environment, need: Need) -> Result<Config, Problems> {
    let parsed = syntax::parse(text);
    let Some(document) = &parsed.document else {
        return Err(Problems::new(file_name, parsed.problems));
    };
    let folder = Path::new(file_name).parent().unwrap_or(Path::new("")).to_path_buf();
    let session = Session::new(&parsed.lines, &parsed.lost, environment, need, folder);
    let config = read_all(&Table::root(&session, Some(document.as_table())));
    let mut problems = session.into_problems();
    problems.extend(parsed.problems);
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(Problems::new(file_name, problems)),
    }
}

/// Reads the configuration file at this path.
///
/// # Errors
/// One problem if there is no such file or it can't be read; otherwise as [`load`].
pub fn load_file(path: &Path, environment: &Environment, need: Need) -> Result<Config, Problems> {
    let name = path.display().to_string();
    let refused = |found: String| {
        let expected =
            "a configuration: copy the bot.toml that ships, or name yours with --config or TANDEM_CONFIG";
        let problem =
            Problem { place: Place::File, key: String::new(), found, expected: expected.to_owned() };
        Problems::new(&name, vec![problem])
    };
    let size = std::fs::metadata(path).map_err(|error| refused(why(&error)))?.len();
    if size > MAX_FILE_BYTES {
        return Err(refused(format!("a file of more than {} KiB", MAX_FILE_BYTES / 1024)));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refused(why(&error)))?;
    load(&text, &name, environment, need)
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "a file that isn't UTF-8 text".to_owned(),
        other => format!("a file that can't be read ({other})"),
    }
}

/// Reads every table before giving up on any.
fn read_all(root: &Table<'_>) -> Option<Config> {
    let discord = root.section("discord", services::discord);
    let http = root.section("http", services::http);
    let database = root.section("database", services::database);
    let log = root.section("log", services::log);
    let limits = root.section("limits", services::limits);
    let evidence = root.section("evidence", |table| services::evidence(table, database.as_ref()));
    // An http table that couldn't be read is told of already; its public address is given the benefit of the doubt.
    let public_url = http.as_ref().is_none_or(|(_, public_url)| *public_url);
    let programs = root.each("program", |table| program::program(table, public_url));
    root.finish();
    let (http, _) = http?;
    Some(Config {
        discord: discord?,
        http,
        database: database?,
        log: log?,
        limits,
        evidence: evidence?,
        programs,
    })
}
