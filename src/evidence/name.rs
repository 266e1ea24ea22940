//! The name of a file that somebody sends. It is shown to deciders and stands in the auditor's packet; it is never used as
//! a path.
//!
//! What no honest file has is refused rather than mended: a path, control characters, and characters that turn text around
//! (`invoice` + U+202E + `fdp.exe` reads "invoiceexe.pdf"). Whoever decides should see the name that the sender sees, and
//! a mended name is another. What honest files do have is made safe: blanks, characters that Windows reserves, length.

use super::unfit::Unfit;
use crate::domain::evidence::Kind;
use crate::domain::unseen::{is_blank, is_unseen};
use crate::limits;
use unicode_normalization::UnicodeNormalization;

/// Extensions of what starts when it is opened. Those that are also the end of everyday names are left out (`acme.com.pdf`,
/// `node.js.pdf`): the last extension decides what a file opens with.
const PROGRAMS: &[&str] = &[
    "apk", "bat", "bash", "chm", "cmd", "cpl", "dll", "dmg", "exe", "gadget", "hta", "inf", "jar", "jse",
    "lnk", "msc", "msi", "msp", "pif", "ps1", "psm1", "reg", "scf", "scr", "sys", "url", "vb", "vbe", "vbs",
    "wsc", "wsf", "wsh",
];

/// Extensions of archives, and of images of disks.
const ARCHIVES: &[&str] = &[
    "7z", "ace", "arj", "bz2", "cab", "gz", "img", "iso", "lz", "lzh", "rar", "tar", "tbz", "tgz", "txz",
    "vhd", "vhdx", "xz", "z", "zip", "zst",
];

/// Whether an extension is a program's.
pub(super) fn is_program(extension: &str) -> bool {
    PROGRAMS.contains(&extension.to_ascii_lowercase().as_str())
}

/// Whether an extension is an archive's.
pub(super) fn is_archive(extension: &str) -> bool {
    ARCHIVES.contains(&extension.to_ascii_lowercase().as_str())
}

/// A name made safe, and the type that it says.
pub(super) fn read(given: &str) -> Result<(String, Kind), Unfit> {
    let drive = given.chars().nth(1) == Some(':') && given.starts_with(|c: char| c.is_ascii_alphabetic());
    if given.contains(['/', '\\']) || drive || matches!(given.trim(), "." | "..") {
        return Err(Unfit::NamePath);
    }
    if given.chars().any(|c| c.is_control() || is_unseen(c)) {
        return Err(Unfit::NameUnseen);
    }
    let name = tidied(given);
    let (stem, extension) = name.rsplit_once('.').ok_or(Unfit::NotAccepted)?;
    let (stem, extension) = (stem.trim(), extension.trim());
    let kind = match Kind::of_extension(extension) {
        Some(kind) => kind,
        None if is_archive(extension) => return Err(Unfit::Archive),
        None => return Err(Unfit::NotAccepted),
    };
    if stem.trim_matches(['.', ' ']).is_empty() || is_blank(stem) {
        return Err(Unfit::NameBlank);
    }
    if let Some(hidden) = stem.split('.').skip(1).map(str::trim).find(|part| is_program(part)) {
        return Err(Unfit::HidesProgram(hidden.to_owned()));
    }
    Ok((fitted(stem, extension), kind))
}

/// One spelling for what looks the same; one blank for several; `_` for what Windows reserves; no blanks or dots at the
/// ends, which Windows drops.
fn tidied(given: &str) -> String {
    let normal: String = given.nfc().collect();
    let words: Vec<&str> = normal.split_whitespace().collect();
    let safe = |c: char| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c };
    let name: String = words.join(" ").chars().map(safe).collect();
    name.trim_end_matches(['.', ' ']).trim_start().to_owned()
}

/// The stem cut so that the name with its extension fits.
fn fitted(stem: &str, extension: &str) -> String {
    let most = limits::EVIDENCE_NAME_BYTES_MAX - extension.len() - 1;
    let end = (0..=most.min(stem.len())).rev().find(|end| stem.is_char_boundary(*end)).unwrap_or(0);
    format!("{}.{extension}", stem[..end].trim_end_matches(['.', ' ']))
}
