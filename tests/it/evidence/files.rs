//! Files made for the tests: honest ones of every accepted type, and archives that lie.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;
use tandem::domain::evidence::Kind;

/// The limit of size that tests use where it doesn't matter.
pub const MOST: usize = 10 * 1024 * 1024;

pub const CONTENT_TYPES: &str = "[Content_Types].xml";
pub const SHEET: &str = "xl/worksheets/sheet1.xml";

/// One entry of an archive, as it is written; each field can be made to lie.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    /// The name at the entry itself, if another than in the directory.
    pub local_name: Option<Vec<u8>>,
    pub packed: Vec<u8>,
    pub says_packed: u32,
    pub says_unpacked: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
    pub attributes: u32,
    /// What is written behind its bytes.
    pub follows: Vec<u8>,
}

pub fn deflated(name: &str, bytes: &[u8]) -> Entry {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    let packed = packer.finish().unwrap();
    Entry { method: 8, says_packed: u32::try_from(packed.len()).unwrap(), packed, ..stored(name, bytes) }
}

pub fn stored(name: &str, bytes: &[u8]) -> Entry {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let length = u32::try_from(bytes.len()).unwrap();
    Entry {
        name: name.as_bytes().to_vec(),
        local_name: None,
        packed: bytes.to_vec(),
        says_packed: length,
        says_unpacked: length,
        crc: crc.sum(),
        method: 0,
        flags: 0,
        attributes: 0,
        follows: Vec::new(),
    }
}

impl Entry {
    pub fn local(&self) -> Vec<u8> {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let mut head = b"PK\x03\x04".to_vec();
        for half in [20, self.flags, self.method, 0, 33] {
            head.extend(half.to_le_bytes());
        }
        for whole in [self.crc, self.says_packed, self.says_unpacked] {
            head.extend(whole.to_le_bytes());
        }
        head.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        [head.as_slice(), name, &self.packed, &self.follows].concat()
    }

    pub fn central(&self, at: usize) -> Vec<u8> {
        let mut head = b"PK\x01\x02".to_vec();
        for half in [20, 20, self.flags, self.method, 0, 33] {
            head.extend(half.to_le_bytes());
        }
        for whole in [self.crc, self.says_packed, self.says_unpacked] {
            head.extend(whole.to_le_bytes());
        }
        for half in [u16::try_from(self.name.len()).unwrap(), 0, 0, 0, 0] {
            head.extend(half.to_le_bytes());
        }
        head.extend(self.attributes.to_le_bytes());
        head.extend(u32::try_from(at).unwrap().to_le_bytes());
        [head.as_slice(), &self.name].concat()
    }
}

/// The record that ends an archive.
pub fn end(said: u16, directory_bytes: usize, directory_at: usize) -> Vec<u8> {
    let mut end = b"PK\x05\x06".to_vec();
    for half in [0, 0, said, said] {
        end.extend(half.to_le_bytes());
    }
    end.extend(u32::try_from(directory_bytes).unwrap().to_le_bytes());
    end.extend(u32::try_from(directory_at).unwrap().to_le_bytes());
    end.extend(0_u16.to_le_bytes());
    end
}

/// An archive of these entries.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(bytes.len()));
        bytes.extend(entry.local());
    }
    let end = end(u16::try_from(entries.len()).unwrap(), directory.len(), bytes.len());
    [bytes, directory, end].concat()
}

/// The entries of an Office file of this kind, as few as it can have.
pub fn parts(kind: Kind) -> Vec<Entry> {
    let types = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
    let main = match kind {
        Kind::Docx => "word/document.xml",
        Kind::Pptx => "ppt/presentation.xml",
        _ => "xl/workbook.xml",
    };
    let mut parts = vec![deflated(CONTENT_TYPES, types.as_bytes()), deflated(main, b"<main/>")];
    if kind == Kind::Xlsx {
        parts.push(deflated(SHEET, sheet(&[&["name", "company"], &["Ada", "Acme"]]).as_bytes()));
    }
    parts
}

/// A workbook whose only sheet is this.
pub fn workbook(sheet: &str) -> Vec<u8> {
    let mut parts = parts(Kind::Xlsx);
    parts[2] = deflated(SHEET, sheet.as_bytes());
    archive(&parts)
}

/// A sheet with these rows, as spreadsheet programs write it.
pub fn sheet(rows: &[&[&str]]) -> String {
    let cell = |text: &&str| match *text {
        "" => "<c s=\"1\"/>".to_owned(),
        text => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    };
    let row = |(number, cells): (usize, &&[&str])| {
        format!("<row r=\"{}\">{}</row>", number + 1, cells.iter().map(cell).collect::<String>())
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!("<?xml version=\"1.0\"?>\n<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

/// An honest file of this kind.
pub fn honest(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Pdf => b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec(),
        Kind::Png => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
        Kind::Jpeg => b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(),
        Kind::Webp => b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(),
        Kind::Gif => b"GIF89a\x01\0\x01\0".to_vec(),
        Kind::Txt => "Grüße vom Stand\n".as_bytes().to_vec(),
        Kind::Csv => b"name,company\r\nAda,Acme\r\n".to_vec(),
        Kind::Xlsx | Kind::Docx | Kind::Pptx => archive(&parts(kind)),
        Kind::Eml => {
            b"From: a@acme.example\r\nDate: Mon, 5 Jan 2026 08:00:00 +0000\r\n\r\nInvoice\r\n".to_vec()
        }
    }
}
