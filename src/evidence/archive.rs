//! The directory of a ZIP archive, read and nothing else: what is in it, how large it says that is, and where.
//!
//! It is stricter than a reader that wants to open as much as it can, because two readers must never see two things in one
//! file: the directory ends the file, one part follows on the other from the first byte to the directory, so that nothing
//! lies between them that another reader may take for a part or a directory, and both places that name an entry name it
//! alike. Archives of more than 4 GiB (ZIP64) are none.
//!
//! Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3.7, 4.3.9, 4.3.12, 4.3.15, 4.3.16, 4.6.9.

use flate2::read::DeflateDecoder;
use std::collections::BTreeSet;
use std::io::{Read, Take, Write};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// Before the end of an archive this says where the directory of a ZIP64 is. Readers that look for it believe it, whatever
/// the end says.
const END64: &[u8] = b"PK\x06\x07";
const END64_BYTES: usize = 20;
/// Before the sizes that are told behind a part's bytes. It may be left out.
const SIZES: &[u8] = b"PK\x07\x08";
/// A flag: the sizes are told behind the bytes.
const SIZES_FOLLOW: u16 = 1 << 3;
/// What an extra field is called that gives a part another name.
const OTHER_NAME: u16 = 0x7075;
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
    /// Whether its checksum and sizes follow its bytes.
    sizes_follow: bool,
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
        let directory = directory_of(bytes, end)?;
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
        archive.is_laid_out(end - directory.len())?;
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

    /// Whether the parts follow one on another from the first byte to the directory, each under the name that the directory
    /// gives it.
    fn is_laid_out(&self, directory: usize) -> Result<(), Flaw> {
        let mut names = BTreeSet::new();
        let mut spans = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            if !names.insert(entry.name.to_ascii_lowercase()) {
                return Err(Flaw::Broken("two parts of it have one name"));
            }
            let start = data_start(self.bytes, entry).ok_or(CUT_OFF)?;
            let stop = usize::try_from(entry.packed).ok().and_then(|packed| start.checked_add(packed));
            spans.push((entry, stop.filter(|stop| *stop <= directory).ok_or(CUT_OFF)?));
        }
        spans.sort_unstable_by_key(|(entry, stop)| (entry.local, *stop));
        let starts = |index: usize| spans.get(index).map_or(directory, |(entry, _)| entry.local);
        if starts(0) != 0 {
            return Err(BETWEEN);
        }
        for (index, (entry, stop)) in spans.iter().enumerate() {
            let between = self.bytes.get(*stop..starts(index + 1));
            let between = between.ok_or(Flaw::Broken("parts of it share their bytes"))?;
            if !between.is_empty() && !entry.is_followed_by(between) {
                return Err(BETWEEN);
            }
        }
        Ok(())
    }
}

impl Entry {
    /// Whether an entry's own head gives it the checksum and the sizes that the directory does, or says that they follow its
    /// bytes: a reader that goes from head to head would else read other parts than one that reads the directory.
    fn is_sized_in(&self, head: &[u8]) -> Option<bool> {
        let (crc, packed, unpacked) = (u32_at(head, 14)?, u32_at(head, 18)?, u32_at(head, 22)?);
        let follow = u16_at(head, 6)? & SIZES_FOLLOW != 0;
        let open = follow && crc == 0 && [packed, unpacked].iter().all(|size| matches!(*size, 0 | u32::MAX));
        let same =
            crc == self.crc && u64::from(packed) == self.packed && u64::from(unpacked) == self.unpacked;
        Some(same || (open && self.sizes_follow))
    }

    /// Whether these bytes say its checksum and sizes, as they follow the bytes of a part whose writer did not know them
    /// before: sizes of 32 bits or of 64, with the mark before them or without.
    fn is_followed_by(&self, bytes: &[u8]) -> bool {
        let told = bytes.strip_prefix(SIZES).filter(|told| told.len() >= 12).unwrap_or(bytes);
        let sizes = [self.packed, self.unpacked];
        let wide: Vec<u8> = sizes.iter().flat_map(|size| size.to_le_bytes()).collect();
        let narrow: Vec<u8> = wide.chunks(8).flat_map(|size| size[..4].to_vec()).collect();
        let crc = self.crc.to_le_bytes();
        let is = |sizes: &[u8]| told == [crc.as_slice(), sizes].concat();
        self.sizes_follow && (is(&narrow) || is(&wide))
    }
}

const CUT_OFF: Flaw = Flaw::Broken("a part of it is missing");
const BETWEEN: Flaw = Flaw::Broken("it holds bytes that belong to no part");

/// Where the record begins that ends an archive: the last that there is, with its comment exactly to the end of the bytes.
/// One in the comment of another is what some readers take, and others don't.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(COMMENT_BYTES_MAX);
    let at = first + bytes[first..].windows(END.len()).rposition(|window| window == END)?;
    let comment = u16_at(bytes, at + 20)?;
    (at + END_BYTES + usize::from(comment) == bytes.len()).then_some(at)
}

/// The directory that the record at `end` speaks of: of one disk, and up to this record. In a gap between the two another
/// directory would have room, which is the one that other readers find.
fn directory_of(bytes: &[u8], end: usize) -> Result<&[u8], Flaw> {
    if end.checked_sub(END64_BYTES).is_some_and(|at| bytes[at..].starts_with(END64)) {
        return Err(Flaw::Broken("it says that it is larger than an archive of 4 GiB"));
    }
    let half = |at| u16_at(bytes, end + at);
    if half(4) != Some(0) || half(6) != Some(0) || half(8) != half(10) {
        return Err(Flaw::Broken("it is a piece of an archive"));
    }
    let field = |at| u32_at(bytes, end + at).and_then(place);
    let (size, start) =
        field(12).zip(field(16)).ok_or(Flaw::Broken("it is larger than an archive of 4 GiB"))?;
    match start.checked_add(size) {
        Some(stop) if stop == end => Ok(&bytes[start..end]),
        Some(stop) if stop < end => Err(Flaw::Broken("something lies behind its directory")),
        _ => Err(Flaw::Broken("its directory is cut off")),
    }
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
    let extra_stop = name_stop + usize::from(half(30)?);
    if directory.get(name_stop..extra_stop).is_none_or(renames) {
        return Err(Flaw::Broken("a part of it has two names"));
    }
    let next = extra_stop + usize::from(half(32)?);
    let entry = Entry {
        name: name.to_owned(),
        unpacked: unpacked.into(),
        packed: packed.into(),
        method,
        crc: whole(16)?,
        local: place(local).ok_or(BROKEN)?,
        sizes_follow: flags & SIZES_FOLLOW != 0,
    };
    Ok((entry, next))
}

/// Whether extra fields give an entry another name, which some readers prefer.
fn renames(mut extra: &[u8]) -> bool {
    while let (Some(field), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        if field == OTHER_NAME {
            return true;
        }
        extra = extra.get(4 + usize::from(length)..).unwrap_or_default();
    }
    false
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
    let extra_start = name_start + name_bytes;
    let start = extra_start + usize::from(u16_at(head, 28)?);
    let same = same && entry.is_sized_in(head)? && !renames(bytes.get(extra_start..start)?);
    same.then_some(start)
}
