//! How many rows a list has that hold anything: all that is ever shown of a list of leads or attendees. Headings count, and
//! all sheets of a workbook.

use std::io::{self, BufRead, BufReader, Read};

/// Lines of a CSV that hold more than separators. A cell in quotes may hold line breaks; where quotes don't pair up, each
/// line is a row.
pub(super) fn of_csv(text: &[u8]) -> i64 {
    let (rows, paired) = records(text);
    if paired { rows } else { filled(text.split(|byte| *byte == b'\n')) }
}

/// Records with anything in them, and whether the last quote was closed.
fn records(text: &[u8]) -> (i64, bool) {
    let (mut rows, mut holds, mut quoted, mut begins) = (0, false, false, true);
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        at += 1;
        if quoted {
            match byte {
                // Two quotes are one that belongs to the text.
                b'"' if text.get(at) == Some(&b'"') => {
                    holds = true;
                    at += 1;
                }
                b'"' => quoted = false,
                other => holds |= !other.is_ascii_whitespace(),
            }
            continue;
        }
        match byte {
            b'"' if begins => quoted = true,
            b'\n' | b'\r' => {
                rows += i64::from(holds);
                holds = false;
            }
            other => holds |= is_content(other),
        }
        begins = is_separator(byte) || matches!(byte, b'\n' | b'\r') || (begins && byte == b' ');
    }
    (rows + i64::from(holds), !quoted)
}

fn filled<'a>(lines: impl Iterator<Item = &'a [u8]>) -> i64 {
    lines.map(|line| i64::from(line.iter().any(|byte| is_content(*byte)))).sum()
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b'\t' | b'|')
}

fn is_content(byte: u8) -> bool {
    !is_separator(byte) && !byte.is_ascii_whitespace() && byte != b'"'
}

/// Rows of a sheet that have a cell with a value.
pub(super) fn of_sheet(sheet: impl Read) -> io::Result<i64> {
    let mut reader = BufReader::with_capacity(64 * 1024, sheet);
    let mut tags = Tags::default();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(tags.rows);
        }
        piece.iter().for_each(|byte| tags.feed(*byte));
        let taken = piece.len();
        reader.consume(taken);
    }
}

/// Where in the XML the last byte was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    Name,
    /// In a tag after its name; in quotes of this kind, if any.
    Rest(Option<u8>),
    /// In a comment; so many hyphens were just seen.
    Comment(u8),
}

/// A sheet's XML seen as tags, a byte at a time, so that a large sheet needs no memory. It builds nothing and expands no
/// entity.
#[derive(Debug, Default)]
struct Tags {
    at: At,
    name: Vec<u8>,
    in_row: bool,
    in_value: bool,
    row_holds: bool,
    rows: i64,
}

/// No tag that matters is longer; the rest of a longer one is passed over.
const NAME_BYTES: usize = 64;

impl Tags {
    fn feed(&mut self, byte: u8) {
        self.at = match (self.at, byte) {
            (At::Text, b'<') => {
                self.name.clear();
                At::Name
            }
            (At::Text, byte) => {
                if self.in_row && self.in_value && !self.row_holds && !byte.is_ascii_whitespace() {
                    self.row_holds = true;
                    self.rows += 1;
                }
                At::Text
            }
            (At::Name, b'>') => {
                self.tag();
                At::Text
            }
            (At::Name, byte) if byte.is_ascii_whitespace() || (byte == b'/' && !self.name.is_empty()) => {
                self.tag();
                At::Rest(None)
            }
            (At::Name, byte) => {
                if self.name.len() < NAME_BYTES {
                    self.name.push(byte);
                }
                if self.name == b"!--" { At::Comment(0) } else { At::Name }
            }
            (At::Rest(None), b'>') => At::Text,
            (At::Rest(None), quote @ (b'"' | b'\'')) => At::Rest(Some(quote)),
            (At::Rest(Some(quote)), byte) if byte == quote => At::Rest(None),
            (At::Rest(within), _) => At::Rest(within),
            (At::Comment(2..), b'>') => At::Text,
            (At::Comment(hyphens), b'-') => At::Comment((hyphens + 1).min(2)),
            (At::Comment(_), _) => At::Comment(0),
        };
    }

    /// A tag of the name that was read has begun or ended. Prefixes of namespaces don't matter here.
    fn tag(&mut self) {
        let closes = self.name.first() == Some(&b'/');
        let name = self.name.strip_prefix(b"/").unwrap_or(&self.name);
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        self.in_value = !closes && matches!(name, b"v" | b"t");
        if name == b"row" {
            self.in_row = !closes;
            self.row_holds = false;
        }
    }
}
