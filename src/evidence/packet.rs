//! The auditor's packet: named parts in one ZIP archive, with a manifest of their hashes. Pure: the same parts give the same
//! bytes, so two packets can be compared by their hashes.
//!
//! Parts are stored as they are. Pictures, PDFs and Office files are packed already, and what a packer makes of the rest
//! would change with its version.

use crate::domain::canonical::canonical;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The part that lists the others.
pub const MANIFEST: &str = "manifest.json";

/// One file of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it is in the packet, such as `evidence/1-invoice.pdf`.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Why parts make no packet.
#[derive(Debug, Error)]
pub enum PacketError {
    /// The name is empty, leads outside, or is one that a system of files can't have.
    #[error("a part of a packet can't be called {0:?}")]
    Name(String),
    /// Two parts have this name, or one has the manifest's. Upper and lower case count as the same.
    #[error("two parts of a packet are called {0:?}")]
    Twice(String),
    #[error("the packet can't be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the packet can't be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Lower-case hexadecimal SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The packet of these parts, in the order of their names whatever order they come in, and `manifest.json` last: canonical
/// JSON (RFC 8785) of each part's name, size in bytes and SHA-256. All have the date 1980-01-01, the first that a ZIP
/// archive knows.
///
/// # Errors
/// Names that are no names or there twice.
pub fn pack(parts: &[Part]) -> Result<Vec<u8>, PacketError> {
    let mut names = BTreeSet::from([MANIFEST.to_owned()]);
    for part in parts {
        if !is_name(&part.name) {
            return Err(PacketError::Name(part.name.clone()));
        }
        if !names.insert(part.name.to_lowercase()) {
            return Err(PacketError::Twice(part.name.clone()));
        }
    }
    let mut parts: Vec<&Part> = parts.iter().collect();
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let listed: Vec<_> = parts
        .iter()
        .map(|part| json!({ "bytes": part.bytes.len(), "name": part.name, "sha256": sha256(&part.bytes) }))
        .collect();
    let manifest = canonical(&json!({ "parts": listed })).into_bytes();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let named = parts.iter().map(|part| (part.name.as_str(), part.bytes.as_slice()));
    for (name, bytes) in named.chain([(MANIFEST, manifest.as_slice())]) {
        archive.start_file(name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Whether a name stays inside the folder into which somebody unpacks the packet, and can be a file's on any system.
fn is_name(name: &str) -> bool {
    let fits = |part: &str| {
        let odd = |c: char| c.is_control() || matches!(c, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*');
        !part.is_empty() && part.len() <= 255 && !part.contains(odd) && !part.ends_with(['.', ' '])
    };
    name.split('/').all(fits)
}
