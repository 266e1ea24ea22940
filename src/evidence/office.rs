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
/// Why a list of parts is not taken that programs don't write so: it hides a word from us, and not from who opens the file.
const SPELT: &str = "what it says of its parts is not written as such files write it";

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
    let types = plainly(types, says)?;
    if types.contains("&#") {
        return Err(Unfit::Damaged { says, why: SPELT });
    }
    let macros = ["macroenabled", "vbaproject", "intlmacrosheet", "ms-excel.macrosheet"];
    if macros.iter().any(|word| types.contains(word)) {
        return Err(Unfit::Macros(says));
    }
    for entry in archive.entries.iter().filter(|entry| says == Kind::Docx && is_of_relations(&entry.name)) {
        if entry.unpacked > CONTENT_TYPES_BYTES_MAX {
            return Err(Unfit::Bomb(says));
        }
        let relations = archive.unpack(entry).map_err(|flaw| unfit(flaw, says))?;
        if plainly(relations, says)?.split('<').any(takes_template_elsewhere) {
            return Err(Unfit::Template(says));
        }
    }
    Ok(())
}

/// Whether a part says what another refers to, a document's settings to its template among them. In which folder those lie is
/// the file's own matter.
fn is_of_relations(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".rels")
}

/// Whether a tag, in lower case, has a document open a template that is not on the machine of who opens it: that may hold macros,
/// and says to another machine who reads the document. What an author's own machine has (`file:///c:/…`) is named in many honest
/// documents.
fn takes_template_elsewhere(tag: &str) -> bool {
    // In lower case two attributes may bear one name: each of them counts.
    let of = |name: &'static str| {
        attributes(tag).filter(move |(attribute, _)| *attribute == name).map(|(_, value)| value)
    };
    // What is spelt in numbers may be anything.
    let named = |kind: &str| kind.trim_end().ends_with("/attachedtemplate") || kind.contains('&');
    let is_local = |target: &str| {
        let path = ["file:///", "file://localhost/"].iter().find_map(|start| target.strip_prefix(start));
        // Another slash in front would name another machine.
        path.is_some_and(|path| !path.starts_with(['/', '\\']) && !path.contains(['%', '&']))
    };
    let is_within = of("targetmode").all(|mode| mode == "internal");
    let targets_are_local = of("target").count() > 0 && of("target").all(is_local);
    of("type").any(named) && !is_within && !targets_are_local
}

/// The attributes of a tag and their values.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        rest = after;
        Some((name.split_whitespace().next_back()?, value))
    })
}

/// A part's XML as text in which words can be looked for, in lower case: no other character set, no entities of its own.
fn plainly(xml: Vec<u8>, says: Kind) -> Result<String, Unfit> {
    let text = String::from_utf8(xml).ok().map(|text| text.to_ascii_lowercase());
    let declared = |text: &String| {
        let said = text.split_once("encoding").filter(|(before, _)| !before.contains('>'));
        said.is_none_or(|(_, said)| {
            let name = said.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
            ["utf-8", "us-ascii"]
                .iter()
                .any(|known| name.get(1..).is_some_and(|name| name.starts_with(known)))
        })
    };
    let plain = text.filter(|text| !text.contains("<!doctype") && declared(text));
    plain.ok_or(Unfit::Damaged { says, why: SPELT })
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
