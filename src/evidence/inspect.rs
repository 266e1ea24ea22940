//! Whether a file may be evidence: decided from its name, its declared type and its bytes alone. Pure.
//!
//! Name, declared type and bytes have to say the same. Nothing is ever executed, drawn or followed, and what an Office file
//! unpacks to is known before it is unpacked.

use super::sniff::{self, Content};
use super::unfit::Unfit;
use super::{mail, name, office, rows};
use crate::domain::evidence::Kind;

/// A file that may be evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Its name, made safe.
    pub name: String,
    pub kind: Kind,
    /// Rows that hold anything, of a CSV or an XLSX.
    pub rows: Option<i64>,
}

/// Checks a file's name alone, before anything is fetched for it, and gives the type that it says.
///
/// # Errors
/// What is wrong with the name.
pub fn name(given: &str) -> Result<Kind, Unfit> {
    name::read(given).map(|(_, kind)| kind)
}

/// Checks a file. `given` is its name as it was sent, `declared` its declared type if there is one, `most_bytes` the limit
/// of size, itself included.
///
/// # Errors
/// What is wrong with it first: name, size, declared type, contents, in this order.
pub fn inspect(given: &str, declared: Option<&str>, bytes: &[u8], most_bytes: usize) -> Result<Fit, Unfit> {
    let (name, kind) = name::read(given)?;
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if bytes.len() > most_bytes {
        return Err(Unfit::TooLarge(most_bytes));
    }
    if let Some(declared) = declared.filter(|declared| !kind.agrees_with(declared)) {
        return Err(Unfit::Declared { says: kind, declared: declared.to_owned() });
    }
    let rows = contents(kind, bytes)?;
    Ok(Fit { name, kind, rows })
}

/// Checks what a file of this kind holds, and counts its rows.
fn contents(kind: Kind, bytes: &[u8]) -> Result<Option<i64>, Unfit> {
    if kind.is_office() {
        return match sniff::content(bytes) {
            Some(Content::Zip) => office::check(bytes, kind),
            Some(Content::OldOffice) => Err(Unfit::Locked(kind)),
            other => Err(disguised(kind, other)),
        };
    }
    if matches!(kind, Kind::Txt | Kind::Csv | Kind::Eml) {
        let Some(text) = sniff::text(bytes) else {
            return Err(match sniff::content(bytes) {
                None => Unfit::NoText(kind),
                other => disguised(kind, other),
            });
        };
        return match kind {
            Kind::Csv => Ok(Some(rows::of_csv(&text))),
            Kind::Eml if !mail::is_mail(&text) => Err(Unfit::NoMail),
            Kind::Eml => mail::carries(&text).map_or(Ok(None), |what| Err(Unfit::Carries(what))),
            _ => Ok(None),
        };
    }
    match sniff::content(bytes) {
        Some(Content::Marked(found)) if found == kind => Ok(None),
        other => Err(disguised(kind, other)),
    }
}

fn disguised(says: Kind, found: Option<Content>) -> Unfit {
    let is = match found {
        Some(Content::Marked(Kind::Pdf)) => "a PDF",
        Some(Content::Marked(Kind::Png)) => "a PNG picture",
        Some(Content::Marked(Kind::Jpeg)) => "a JPEG picture",
        Some(Content::Marked(Kind::Webp)) => "a WebP picture",
        Some(Content::Marked(Kind::Gif)) => "a GIF picture",
        Some(Content::Zip) => "a ZIP archive or an Office file",
        Some(Content::OldOffice) => "an Office file of before 2007",
        Some(Content::Archive) => "an archive",
        Some(Content::Other(is)) => is,
        Some(Content::Marked(_)) | None => "something else",
    };
    Unfit::Disguised { says, is }
}
