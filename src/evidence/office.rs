//! Whether an XLSX, DOCX or PPTX may be evidence. They are ZIP archives: the directory alone says how many parts there are
//! and how far they unpack, and what is refused for that is refused before anything is unpacked. Then every part is unpacked
//! once, up to what the directory says and no further: a directory that says less than is there hides a bomb from us, not
//! from who opens the file.
//!
//! Source: ECMA-376 part 2 (Open Packaging Conventions); ISO/IEC 29500.

use super::archive::{Archive, Entry, Flaw};
use super::name::{is_archive, is_program};
use super::rows;
use super::unfit::Unfit;
use crate::domain::evidence::Kind;
use crate::limits;

const CONTENT_TYPES: &str = "[Content_Types].xml";
/// Largest list of content types: it has a line for each part.
const CONTENT_TYPES_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Where a workbook's sheets are.
const SHEETS: &str = "xl/worksheets/";
/// Where chat, mail and presentation programs put what is embedded.
const EMBEDDINGS: &str = "/embeddings/";

/// Checks an Office file; the rows of a workbook are counted.
pub(super) fn check(bytes: &[u8], says: Kind) -> Result<Option<i64>, Unfit> {
    let mut budget = limits::OFFICE_UNPACKED_BYTES_MAX;
    let archive = checked(bytes, says, &mut budget)?;
    let mut embedded = Vec::new();
    for entry in archive.entries.iter().filter(|entry| is_embedded(entry)) {
        // A chart keeps its numbers in a workbook of its own. What that embeds in turn is no chart's.
        let kind = extension(&entry.name).and_then(Kind::of_extension).filter(|kind| kind.is_office());
        let kind = kind.ok_or(Unfit::Embedded(says))?;
        let inner = archive.unpack(entry).map_err(|flaw| unfit(flaw, says))?;
        let nested = checked(&inner, kind, &mut budget)?;
        if nested.entries.iter().any(is_embedded) {
            return Err(Unfit::Embedded(says));
        }
        embedded.push(inner);
    }
    // All of it together is within the limits, by what it says: now whether that is true.
    archive.is_as_said().map_err(|flaw| unfit(flaw, says))?;
    for inner in &embedded {
        let nested = Archive::read(inner, limits::OFFICE_ENTRIES_MAX).and_then(|nested| nested.is_as_said());
        nested.map_err(|flaw| unfit(flaw, says))?;
    }
    if says != Kind::Xlsx {
        return Ok(None);
    }
    let mut count = 0;
    for entry in archive.entries.iter().filter(|entry| is_sheet(&entry.name)) {
        let sheet = archive.open(entry).map_err(|flaw| unfit(flaw, says))?;
        count +=
            rows::of_sheet(sheet).map_err(|_| Unfit::Damaged { says, why: "a sheet of it can't be read" })?;
    }
    Ok(Some(count))
}

/// The directory of an Office file of this kind, checked against the limits. What it unpacks to is taken from `budget`.
fn checked<'a>(bytes: &'a [u8], says: Kind, budget: &mut u64) -> Result<Archive<'a>, Unfit> {
    let archive = Archive::read(bytes, limits::OFFICE_ENTRIES_MAX).map_err(|flaw| unfit(flaw, says))?;
    let unpacked: u64 = archive.entries.iter().map(|entry| entry.unpacked).sum();
    let bombs = |unpacked: u64, packed: u64, grace: u64| {
        unpacked > grace && unpacked.div_ceil(limits::OFFICE_RATIO_MAX) > packed
    };
    let entry = |entry: &Entry| bombs(entry.unpacked, entry.packed, limits::OFFICE_ENTRY_GRACE_BYTES);
    let whole = bombs(unpacked, bytes.len() as u64, limits::OFFICE_FILE_GRACE_BYTES);
    if whole || archive.entries.iter().any(entry) {
        return Err(Unfit::Bomb(says));
    }
    *budget = budget.checked_sub(unpacked).ok_or(Unfit::Bomb(says))?;
    let main = match says {
        Kind::Xlsx => "xl/workbook.xml",
        Kind::Docx => "word/document.xml",
        _ => "ppt/presentation.xml",
    };
    if archive.entry(main).is_none() {
        return Err(Unfit::Damaged { says, why: "it has other parts" });
    }
    harmless(&archive, says)?;
    Ok(archive)
}

/// Refuses macros, and whatever else could be started. A macro's part can have any name, so the list of content types is
/// read for it.
fn harmless(archive: &Archive<'_>, says: Kind) -> Result<(), Unfit> {
    for entry in &archive.entries {
        let lower = entry.name.to_ascii_lowercase();
        let names = ["vbaproject.bin", "vbadata.xml"];
        if names.iter().any(|name| lower.ends_with(name)) || lower.contains("/macrosheets/") {
            return Err(Unfit::Macros(says));
        }
        let started = extension(&lower).is_some_and(|end| is_program(end) || is_archive(end));
        if started || lower.contains("/activex/") {
            return Err(Unfit::Embedded(says));
        }
    }
    let types = archive.entry(CONTENT_TYPES).filter(|types| types.unpacked <= CONTENT_TYPES_BYTES_MAX);
    let types = types.ok_or(Unfit::Damaged { says, why: "it doesn't say what its parts are" })?;
    let types = archive.unpack(types).map_err(|flaw| unfit(flaw, says))?;
    let types = String::from_utf8_lossy(&types).to_ascii_lowercase();
    let macros = ["macroenabled", "vbaproject", "intlmacrosheet", "ms-excel.macrosheet"];
    if macros.iter().any(|word| types.contains(word)) { Err(Unfit::Macros(says)) } else { Ok(()) }
}

fn unfit(flaw: Flaw, says: Kind) -> Unfit {
    match flaw {
        Flaw::Many => Unfit::ManyEntries(says),
        Flaw::Locked => Unfit::Locked(says),
        Flaw::Broken(why) => Unfit::Damaged { says, why },
    }
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}

fn is_embedded(entry: &Entry) -> bool {
    let lower = entry.name.to_ascii_lowercase();
    lower.contains(EMBEDDINGS) && !lower.ends_with('/') && !lower.contains("/_rels/")
}

fn is_sheet(name: &str) -> bool {
    name.strip_prefix(SHEETS).is_some_and(|rest| !rest.contains('/') && rest.ends_with(".xml"))
}
