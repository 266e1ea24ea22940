//! What bytes are, by how they begin.

use crate::domain::evidence::Kind;
use std::borrow::Cow;

/// What a file begins as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// One of the types that have a mark of their own.
    Marked(Kind),
    /// A ZIP archive, as Office files are.
    Zip,
    /// The container of Office files of before 2007, and of those with a password.
    OldOffice,
    /// Another kind of archive.
    Archive,
    /// Something that is not accepted, with its article.
    Other(&'static str),
}

const MARKS: &[(&[u8], Content)] = &[
    (b"%PDF-", Content::Marked(Kind::Pdf)),
    (b"\x89PNG\r\n\x1a\n", Content::Marked(Kind::Png)),
    (b"\xff\xd8\xff", Content::Marked(Kind::Jpeg)),
    (b"GIF87a", Content::Marked(Kind::Gif)),
    (b"GIF89a", Content::Marked(Kind::Gif)),
    (b"PK\x03\x04", Content::Zip),
    (b"PK\x05\x06", Content::Zip),
    (b"PK\x07\x08", Content::Zip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content::OldOffice),
    (b"Rar!\x1a\x07", Content::Archive),
    (b"7z\xbc\xaf\x27\x1c", Content::Archive),
    (b"\x1f\x8b", Content::Archive),
    (b"BZh", Content::Archive),
    (b"\xfd7zXZ\x00", Content::Archive),
    (b"\x28\xb5\x2f\xfd", Content::Archive),
    (b"MSCF", Content::Archive),
    (b"MZ", Content::Other("a Windows program")),
    (b"\x7fELF", Content::Other("a Linux program")),
    (b"\xcf\xfa\xed\xfe", Content::Other("a macOS program")),
    (b"\xce\xfa\xed\xfe", Content::Other("a macOS program")),
    (b"\xca\xfe\xba\xbe", Content::Other("a macOS or Java program")),
    (b"{\\rtf", Content::Other("an RTF text")),
    (b"BM", Content::Other("a BMP picture")),
    (b"II*\x00", Content::Other("a TIFF picture")),
    (b"MM\x00*", Content::Other("a TIFF picture")),
];

/// What these bytes begin as, if they begin as anything known.
pub(super) fn content(bytes: &[u8]) -> Option<Content> {
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(Content::Marked(Kind::Webp));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(Content::Other("a HEIC picture or a film"));
    }
    MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, content)| *content)
}

/// The bytes of a text: as they are, or UTF-8 where they are UTF-16. `None` if they are no text: they hold what no text
/// does, or begin as one of the accepted types that begin with letters. Texts of before Unicode are texts.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let units = pairs.iter().map(|pair| read(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| rest.is_empty()).map(|text| Cow::Owned(text.into_bytes()))
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes)?,
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes)?,
        _ => Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    // Escape (27) begins a change of character set in Japanese mail.
    let printed = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    let marked = matches!(content(&text), Some(Content::Marked(_)))
        || matches!(content(&text), Some(Content::Other("an RTF text")));
    (text.iter().all(printed) && !marked).then_some(text)
}
