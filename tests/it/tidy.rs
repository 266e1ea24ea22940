//! Tests of the repository itself: what keeps the house as it was drawn.

use serde_json::Value;
use std::fs;
use std::path::Path;
use tandem::inbound::commands;
use tandem::store::migrate;
use tandem::text::help;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, with their text; what is no text is left out.
fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if is_made(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.strip_prefix(root()).unwrap().display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// What is made from the repository, or belongs to git.
fn is_made(path: &std::path::Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "target" | ".git" | "out") && path.parent() == Some(root())
}

fn rust(folder: &str) -> Vec<(String, String)> {
    files(folder).into_iter().filter(|(name, _)| name.ends_with(".rs")).collect()
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The lines of code that contain any of `words`.
fn lines_with(files: &[(String, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in files {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| code(line).contains(word)) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn what_decides_and_what_is_read_is_pure() {
    let words = [
        "sqlx",
        "serenity",
        "axum",
        "tokio",
        "reqwest",
        "async ",
        ".await",
        "std::fs",
        "std::net",
        "std::env",
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "Local::now",
        "crate::store",
        "crate::flow",
        "crate::inbound",
        "crate::delivery",
        "crate::clock",
        "crate::app",
    ];
    for folder in ["src/domain", "src/text"] {
        none(&format!("{folder} is pure"), &lines_with(&rust(folder), &words));
    }
    none("domain says nothing to people but refusals", &lines_with(&rust("src/domain"), &["crate::text"]));
}

#[test]
fn only_the_store_knows_sql() {
    let words = ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "sqlx::query"];
    let elsewhere: Vec<_> =
        rust("src").into_iter().filter(|(name, _)| !name.starts_with("src/store/")).collect();
    none("SQL is written in src/store", &lines_with(&elsewhere, &words));
}

#[test]
fn nothing_is_left_to_do_later_or_silenced() {
    let words = [
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("un", "safe {"),
        concat!("db", "g!("),
    ];
    for folder in ["src", "discord-local/src", "tests"] {
        none("left to do, or silenced", &lines_with(&rust(folder), &words));
    }
}

/// Every function with how many lines of code its body has. Read by indentation, which rustfmt keeps.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let begins = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) fn ",
            "pub(super) async fn ",
            "pub(crate) fn ",
            "pub(crate) async fn ",
        ];
        // What a macro makes is not laid out by rustfmt, so its end can't be told.
        let made = words.contains('$');
        if made || !begins.iter().any(|begin| words.starts_with(begin)) || words.ends_with(['}', ';']) {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let body = lines[start + 1..].iter().take_while(|line| **line != end);
        let body = body.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
        found.push((words.split('(').next().unwrap_or_default().to_owned(), body.count()));
    }
    found
}

#[test]
fn functions_are_counted() {
    let text = "fn a() {\n    // why\n\n    b();\n    c();\n}\n\nimpl X {\n    pub async fn d(\n        e: u8,\n    ) {\n        f();\n    }\n}\n";
    assert_eq!(functions(text), [("fn a".to_owned(), 2), ("pub async fn d".to_owned(), 3)]);
}

/// All Rust of the repository.
fn all_rust() -> Vec<(String, String)> {
    ["src", "tests", "benches", "discord-local"].into_iter().flat_map(rust).collect()
}

/// The most lines of a file, and of a function's body.
const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

#[test]
fn no_file_and_no_function_is_longer_than_one_can_read() {
    let all = all_rust();
    assert!(all.len() > 200, "only {} files were found", all.len());
    let mut found = Vec::new();
    for (name, text) in &all {
        let lines = text.lines().count();
        if lines > FILE_LINES {
            found.push(format!("{name}: {lines} lines"));
        }
        let long = functions(text).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES);
        found.extend(long.map(|(function, lines)| format!("{name}: {function}: {lines} lines")));
    }
    none("too long", &found);
}

/// Where a test sleeps for a fixed time, how often, and why no condition could be waited for instead.
const SLEEPS: &[(&str, usize, &str)] = &[
    (
        "discord-local/tests/it/faults.rs",
        1,
        "waits as Retry-After says: that this is enough is what is tested",
    ),
    ("discord-local/tests/it/gateway.rs", 1, "heartbeats stay unanswered for longer than their interval"),
    ("discord-local/tests/it/interactions.rs", 3, "a slow bot is what is tested, and a token past its life"),
    ("discord-local/tests/it/rest.rs", 1, "a nonce is past the time for which it counts"),
    ("tests/it/delivery/trouble.rs", 2, "a later millisecond; and nothing more comes after a slow try's end"),
    ("tests/it/kill.rs", 2, "a process is killed at any moment, and stays away for longer than a lease"),
];

/// The lines on which a text sleeps outside a loop. A loop looks again at what it waits for; anything else hopes that the
/// time was long enough. Read by indentation, which rustfmt keeps.
fn fixed_sleeps(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let in_loop = |at: usize| {
        let mut within = indent(lines[at]);
        for (number, line) in lines[..at].iter().enumerate().rev() {
            if line.trim().is_empty() || indent(line) >= within {
                continue;
            }
            within = indent(line);
            // A long head has its brace on a line of its own, as far in as the line that begins it.
            let begins = match line.trim() {
                "{" => lines[..number].iter().rev().find(|above| indent(above) == within).copied(),
                _ => Some(*line),
            };
            let head = begins.unwrap_or_default().trim_start();
            if ["while ", "for ", "loop {"].iter().any(|word| head.starts_with(word)) {
                return true;
            }
            if head.contains("fn ") {
                return false;
            }
        }
        false
    };
    let sleeps = |at: &usize| code(lines[*at]).contains(concat!("sle", "ep("));
    (0..lines.len()).filter(sleeps).filter(|at| !in_loop(*at)).map(|at| at + 1).collect()
}

#[test]
fn sleeps_are_found() {
    let text = "async fn a() {\n    nap(x).await;\n    while b()\n        && c()\n    {\n        nap(x).await;\n    }\n    for _ in 0..5 {\n        if d {\n            nap(x).await;\n        }\n    }\n    nap(x).await;\n}\n";
    assert_eq!(fixed_sleeps(&text.replace("nap", concat!("sle", "ep"))), [2, 13]);
}

#[test]
fn no_test_waits_by_sleeping() {
    let tests = ["tests", "benches", "discord-local/tests"].into_iter().flat_map(rust).collect::<Vec<_>>();
    none("a thread that sleeps", &lines_with(&tests, &[concat!("thread::sle", "ep")]));
    let mut allowed: Vec<_> = SLEEPS.iter().map(|(file, times, _)| ((*file).to_owned(), *times)).collect();
    let counted = tests.iter().map(|(name, text)| (name.clone(), fixed_sleeps(text)));
    let mut found: Vec<_> = counted.filter(|(_, at)| !at.is_empty()).collect();
    found.sort();
    allowed.sort();
    let times: Vec<_> = found.iter().map(|(name, at)| (name.clone(), at.len())).collect();
    assert_eq!(times, allowed, "wait for what has to be true instead; lines: {found:?}");
}

#[test]
fn the_local_discord_knows_nothing_of_the_product() {
    let name = concat!("tan", "dem");
    let found: Vec<String> = files("discord-local")
        .into_iter()
        .filter(|(_, text)| text.to_lowercase().contains(name))
        .map(|(file, _)| file)
        .collect();
    none("discord-local is for any bot", &found);
}

#[test]
fn every_migration_is_compiled_in() {
    let mut common: Vec<String> = Vec::new();
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    for (name, _) in files("migrations") {
        let name = name.trim_start_matches("migrations/").trim_end_matches(".sql").to_owned();
        match name.split_once('/') {
            None => common.push(name),
            Some(("sqlite", name)) => sqlite.push(name.to_owned()),
            Some(("postgres", name)) => postgres.push(name.to_owned()),
            Some(_) => panic!("{name}: there are two engines"),
        }
    }
    assert_eq!(sqlite, postgres, "what differs is there for both engines");
    common.extend(sqlite);
    common.sort();
    assert_eq!(migrate::names().collect::<Vec<_>>(), common);
}

/// Every command as registered, with its subcommand: `/plan create`.
pub fn registered() -> Vec<String> {
    let all = commands::definitions().unwrap();
    let mut names = Vec::new();
    for command in all.as_array().unwrap() {
        let name = command["name"].as_str().unwrap();
        if command["type"] == 3 {
            continue;
        }
        let options: &[Value] = command["options"].as_array().map_or(&[], Vec::as_slice);
        let subcommands: Vec<&Value> = options.iter().filter(|option| option["type"] == 1).collect();
        if subcommands.is_empty() {
            names.push(format!("/{name}"));
        }
        for subcommand in subcommands {
            names.push(format!("/{name} {}", subcommand["name"].as_str().unwrap()));
        }
    }
    names
}

/// Everything in the menu of a message.
fn on_messages() -> Vec<String> {
    let all = commands::definitions().unwrap();
    let named = |command: &Value| command["name"].as_str().unwrap().to_owned();
    all.as_array().unwrap().iter().filter(|command| command["type"] == 3).map(named).collect()
}

#[test]
fn every_command_of_messages_is_in_the_help_and_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = help::card().body;
    let unnamed = |name: &String| !readme.contains(name.as_str()) || !help.contains(name.as_str());
    let missing: Vec<String> = on_messages().into_iter().filter(unnamed).collect();
    none("commands of messages that README.md or the help doesn't name", &missing);
    assert!(!on_messages().is_empty(), "there are some");
}

#[test]
fn every_command_is_in_the_help_and_in_the_readme() {
    let helped: Vec<&str> = help::COMMANDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(helped, registered(), "the help lists what is registered, in its order");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let missing: Vec<String> =
        registered().into_iter().filter(|name| !readme.contains(name.as_str())).collect();
    none("commands that README.md doesn't name", &missing);
}

#[test]
fn nothing_names_a_place_on_somebodys_machine() {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut found = Vec::new();
    for (name, text) in files("") {
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| line.contains(place)) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    none("paths of a machine", &found);
}
