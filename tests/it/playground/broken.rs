//! A formula broken on purpose: the program is built from a copy of its sources with one sign changed, and the
//! quarter has to notice.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The place of the forecast's weight, p = 1 − missing ÷ planned by period end, and what is made of it.
const FILE: &str = "src/domain/variance/line.rs";
const RIGHT: &str = "(Fraction::ONE - m).max(Fraction::ZERO)";
const WRONG: &str = "(Fraction::ONE + m).max(Fraction::ZERO)";

/// What the program is built from.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "migrations",
    "tests",
    "discord-local/Cargo.toml",
    "discord-local/src",
];

/// Copies what is missing or different, so that a second run builds only what has changed since the first.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
        return;
    }
    let mut bytes = std::fs::read(from).unwrap();
    if from.ends_with(FILE) {
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches(RIGHT).count(), 1, "the formula to be broken is not where it was");
        bytes = text.replace(RIGHT, WRONG).into_bytes();
    }
    if std::fs::read(to).is_ok_and(|there| there == bytes) {
        return;
    }
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::write(to, bytes).unwrap();
}

#[test]
fn a_broken_formula_ends_with_exit_code_1_and_names_the_figures() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let there = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("broken-formula");
    for source in SOURCES {
        copy(&here.join(source), &there.join(source));
    }
    // The dependencies that this test was built with serve the copy too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let out = tempfile::tempdir().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran = Command::new(cargo)
        .args(["run", "--offline", "--quiet", "--"])
        .args(["playground", "--scenario", "quarter", "--headless", "--out"])
        .arg(out.path())
        .current_dir(&there)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    let named: Vec<&str> = said.lines().filter(|line| line.contains("PLN-1 of 2026-")).collect();
    let leads = "ACME/PLN-1 of 2026-03-01, plan leads forecast: ";
    assert!(
        named.iter().any(|line| line.contains(leads) && line.contains("instead of \"251.19\"")),
        "{said}"
    );
    assert!(named.iter().all(|line| line.contains(" forecast: ")), "only the forecast is broken: {said}");
    assert!(out.path().join("transcript.md").exists(), "what came of it is written all the same");
}
