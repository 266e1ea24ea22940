//! The directory of a ZIP archive, read and nothing else: what is in it, how large it says that is, and where.
//!
//! It is stricter than a reader that wants to open as much as it can, because two readers must never see two things in one
//! file: the directory ends the file, each entry has its own bytes, which lie before the directory and overlap with no
//! other's, and both places that name an entry name it alike. Archives of more than 4 GiB (ZIP64) are none.
//!
//! Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3.7, 4.3.12, 4.3.16.

use flate2::read::DeflateDecoder;
use std::collections::BTreeSet;
use std::io::{Read, Take, Write};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const COMMENT_BYTES_MAX: usize = u16::MAX as usize;
/// Where a size or place of 32 bits holds this, the real one is elsewhere (ZIP64).
const ELSEWHERE: u32 = u32::MAX;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The file type in the attributes that Unix writes, and what it is for a link.
const TYPE_MASK: u32 = 0o170_000;
const LINK: u32 = 0o120_000;

/// Why a directory can't be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// More entries than this reader was asked to look at.
    Many,
    /// Encrypted entries.
    Locked,
    /// Anything else, in words.
    Broken(&'static str),
}

/// One file in the archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: String,
    /// Bytes that it says it unpacks to.
    pub unpacked: u64,
    pub packed: u64,
    method: u16,
    crc: u32,
    local: usize,
}

/// An archive's directory beside its bytes.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    pub entries: Vec<Entry>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok().filter(|_| number != ELSEWHERE)
}

impl<'a> Archive<'a> {
    /// Reads the directory, at most `most` entries of it.
    pub fn read(bytes: &'a [u8], most: usize) -> Result<Self, Flaw> {
        let end = end_of(bytes).ok_or(Flaw::Broken("its directory is missing"))?;
        let said = u16_at(bytes, end + 10).map_or(0, usize::from);
        if said > most {
            return Err(Flaw::Many);
        }
        let field = |at| u32_at(bytes, end + at).and_then(place);
        let (size, start) =
            field(12).zip(field(16)).ok_or(Flaw::Broken("it is larger than an archive of 4 GiB"))?;
        let directory = start.checked_add(size).filter(|stop| *stop <= end).map(|stop| &bytes[start..stop]);
        let directory = directory.ok_or(Flaw::Broken("its directory is cut off"))?;
        let mut entries = Vec::new();
        let mut at = 0;
        while at < directory.len() {
            if entries.len() == most {
                return Err(Flaw::Many);
            }
            let (entry, next) = central(directory, at)?;
            entries.push(entry);
            at = next;
        }
        if entries.len() != said {
            return Err(Flaw::Broken("its directory is not as long as it says"));
        }
        let archive = Self { bytes, entries };
        archive.is_laid_out(start)?;
        Ok(archive)
    }

    /// The entry of this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The entry's bytes, unpacked as they are read, and never more than it says and one.
    pub fn open(&self, entry: &Entry) -> Result<Take<Box<dyn Read + 'a>>, Flaw> {
        let start = data_start(self.bytes, entry).ok_or(CUT_OFF)?;
        let packed = usize::try_from(entry.packed).map_err(|_| CUT_OFF)?;
        let data = self.bytes.get(start..start + packed).ok_or(CUT_OFF)?;
        let reader: Box<dyn Read + 'a> = match entry.method {
            STORED => Box::new(data),
            _ => Box::new(DeflateDecoder::new(data)),
        };
        Ok(reader.take(entry.unpacked.saturating_add(1)))
    }

    /// All of the entry's bytes, which are as many as it says and have the checksum that it says.
    pub fn unpack(&self, entry: &Entry) -> Result<Vec<u8>, Flaw> {
        let mut bytes = Vec::new();
        self.pour(entry, &mut bytes)?;
        Ok(bytes)
    }

    /// Whether every entry unpacks to what the directory says of it; nothing is kept of what is unpacked.
    pub fn is_as_said(&self) -> Result<(), Flaw> {
        self.entries.iter().try_for_each(|entry| self.pour(entry, &mut std::io::sink()))
    }

    fn pour(&self, entry: &Entry, into: &mut impl Write) -> Result<(), Flaw> {
        const UNREADABLE: Flaw = Flaw::Broken("a part of it can't be unpacked");
        let mut from = self.open(entry)?;
        let (mut crc, mut buffer) = (flate2::Crc::new(), [0; 16 * 1024]);
        loop {
            let read = from.read(&mut buffer).map_err(|_| UNREADABLE)?;
            if read == 0 {
                break;
            }
            crc.update(&buffer[..read]);
            into.write_all(&buffer[..read]).map_err(|_| UNREADABLE)?;
        }
        let left = from.limit();
        // One byte of the limit is there to see more than was said.
        let as_said = left == 1 && crc.sum() == entry.crc;
        as_said.then_some(()).ok_or(Flaw::Broken("a part of it is not what its directory says"))
    }

    /// Whether each entry has bytes of its own before the directory, and the name that the directory gives it.
    fn is_laid_out(&self, directory: usize) -> Result<(), Flaw> {
        let mut names = BTreeSet::new();
        let mut spans = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            if !names.insert(entry.name.to_ascii_lowercase()) {
                return Err(Flaw::Broken("two parts of it have one name"));
            }
            let start = data_start(self.bytes, entry).ok_or(CUT_OFF)?;
            let stop = usize::try_from(entry.packed).ok().and_then(|packed| start.checked_add(packed));
            spans.push((entry.local, stop.filter(|stop| *stop <= directory).ok_or(CUT_OFF)?));
        }
        spans.sort_unstable();
        let apart = spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        apart.then_some(()).ok_or(Flaw::Broken("parts of it share their bytes"))
    }
}

const CUT_OFF: Flaw = Flaw::Broken("a part of it is missing");

/// Where the record begins that ends an archive, with its comment exactly to the end of the bytes.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(COMMENT_BYTES_MAX);
    (first..=last).rev().find(|at| {
        bytes[*at..].starts_with(END)
            && u16_at(bytes, at + 20)
                .is_some_and(|comment| at + END_BYTES + usize::from(comment) == bytes.len())
    })
}

/// The entry of the directory at this place, and where the next one begins.
fn central(directory: &[u8], at: usize) -> Result<(Entry, usize), Flaw> {
    const BROKEN: Flaw = Flaw::Broken("its directory can't be read");
    let head =
        directory.get(at..at + CENTRAL_BYTES).filter(|head| head.starts_with(CENTRAL)).ok_or(BROKEN)?;
    let half = |at| u16_at(head, at).ok_or(BROKEN);
    let whole = |at| u32_at(head, at).ok_or(BROKEN);
    let (flags, method) = (half(8)?, half(10)?);
    if flags & 1 != 0 {
        return Err(Flaw::Locked);
    }
    if !matches!(method, STORED | DEFLATED) {
        return Err(Flaw::Broken("a part of it is packed in another way than such files are"));
    }
    let (packed, unpacked, local) = (whole(20)?, whole(24)?, whole(42)?);
    if [packed, unpacked, local].contains(&ELSEWHERE) {
        return Err(Flaw::Broken("a part of it is larger than 4 GiB"));
    }
    if method == STORED && packed != unpacked {
        return Err(BROKEN);
    }
    if (whole(38)? >> 16) & TYPE_MASK == LINK {
        return Err(Flaw::Broken("a part of it is a link"));
    }
    let name_start = at + CENTRAL_BYTES;
    let name_stop = name_start + usize::from(half(28)?);
    let name = directory.get(name_start..name_stop).and_then(|name| std::str::from_utf8(name).ok());
    let name = name.filter(|name| is_inside(name)).ok_or(Flaw::Broken("a part of it leads outside"))?;
    let next = name_stop + usize::from(half(30)?) + usize::from(half(32)?);
    let entry = Entry {
        name: name.to_owned(),
        unpacked: unpacked.into(),
        packed: packed.into(),
        method,
        crc: whole(16)?,
        local: place(local).ok_or(BROKEN)?,
    };
    Ok((entry, next))
}

/// Whether a name of an entry stays below the folder into which somebody unpacks it.
fn is_inside(name: &str) -> bool {
    let odd = |c: char| matches!(c, '\\' | ':') || c.is_control();
    !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(odd)
        && name.split('/').all(|part| part != "..")
}

/// Where an entry's own bytes begin, if its own head says what the directory does.
fn data_start(bytes: &[u8], entry: &Entry) -> Option<usize> {
    let head = bytes.get(entry.local..entry.local.checked_add(LOCAL_BYTES)?)?;
    let name_bytes = usize::from(u16_at(head, 26)?);
    let name_start = entry.local + LOCAL_BYTES;
    let name = bytes.get(name_start..name_start + name_bytes)?;
    let same = head.starts_with(LOCAL) && name == entry.name.as_bytes() && u16_at(head, 8)? == entry.method;
    same.then_some(name_start + name_bytes + usize::from(u16_at(head, 28)?))
}
