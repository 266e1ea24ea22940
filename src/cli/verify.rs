//! What the two verifications say: the audit trail's chain, and a file against the hash that both sides signed.

use crate::store::audit::Verified;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::ExitCode;

/// An end of a chain that somebody has kept outside of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub program: String,
    pub line: i64,
    pub hash: String,
}

/// What is said about the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub lines: Vec<String>,
    pub sound: bool,
}

/// Reads `PROGRAM:LINE:HASH`, as [`trail`] prints it.
///
/// # Errors
/// A sentence for anything else.
pub fn kept(text: &str) -> Result<Kept> {
    let mut parts = text.trim().splitn(3, ':');
    let (Some(program), Some(line), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        bail!("{text:?} is no end of a trail: write it as it was printed, PROGRAM:LINE:HASH");
    };
    let line = line.parse().ok().filter(|line| *line > 0);
    let line = line.with_context(|| format!("{text:?}: the line has to be a number from 1"))?;
    Ok(Kept { program: program.to_owned(), line, hash: normal(hash)? })
}

/// What the chains, and the ends that were kept, come to.
pub fn trail<'a>(
    programs: &[Verified],
    kept: impl IntoIterator<Item = (&'a Kept, &'a Option<String>)>,
) -> Said {
    let (mut lines, mut sound) = (Vec::new(), true);
    for program in programs {
        match &program.broken {
            None => lines.push(format!("{}:{}:{}", program.program_key, program.seq, program.hash)),
            Some((at, wrong)) => {
                sound = false;
                lines.push(format!("{}: first bad line {at}: {wrong}", program.program_key));
            }
        }
    }
    for (end, found) in kept {
        if found.as_ref() != Some(&end.hash) {
            sound = false;
            lines.push(format!(
                "{}: line {} is not the one that was kept: the trail was written anew",
                end.program, end.line
            ));
        }
    }
    lines.push(if sound {
        "The audit trail is sound. Keep the lines above elsewhere: with --kept they show later that nothing before them was written anew.".to_owned()
    } else {
        "The audit trail is NOT sound.".to_owned()
    });
    Said { lines, sound }
}

/// Says whether a file is what both signed.
///
/// # Errors
/// A file that can't be read, or a hash that is none.
pub fn file(path: &Path, hash: &str) -> Result<ExitCode> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let (same, sentence) = compare(&bytes, hash)?;
    println!("{}: {sentence}", path.display());
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether `bytes` have the hash, with a sentence about it.
///
/// # Errors
/// A hash that is none.
pub fn compare(bytes: &[u8], hash: &str) -> Result<(bool, String)> {
    let wanted = normal(hash)?;
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == wanted {
        return Ok((true, "this is, byte by byte, what both sides signed.".to_owned()));
    }
    let hint = if serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
        " It is no JSON either: what is signed is the .json file of the export, the .md file only shows it."
    } else {
        " If an editor saved it anew, take the file from the export again."
    };
    Ok((false, format!("this is NOT what both sides signed: its SHA-256 is {found}.{hint}")))
}

/// A hash as people copy it: without spaces, in lower case.
fn normal(hash: &str) -> Result<String> {
    let bare: String = hash.chars().filter(|character| !character.is_whitespace()).collect();
    let bare = bare.to_ascii_lowercase();
    if bare.len() != 64 || !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("a SHA-256 has 64 hexadecimal digits; {hash:?} is none: copy it from the plan's card");
    }
    Ok(bare)
}
