//! The store of evidence: a folder in which each object is called by the SHA-256 of its bytes.
//!
//! ```text
//! open/9f/9f2c…        the bytes
//! sealed/1a/1a77…      encrypted: lists of leads and attendees
//! swept/ID-open-9f2c…  on its way out, for a moment
//! open/9f/9f2c…#1      being written, for a moment
//! ```
//!
//! Names that people give are never part of a path. What is read is verified against its name. An object is written whole,
//! to disk, before its name exists, so a crash leaves it or nothing. It must never be shown to anybody who may not see the
//! row that names it; that is the caller's business.
//!
//! **Sealed objects** are encrypted with ChaCha20-Poly1305 (RFC 8439) under a key that is made once per database and kept
//! there: whoever has the folder or a copy of it, but not the database, reads no list. Each writing has its own random
//! nonce of 96 bits, which is safe for far more objects than there will be (2³² under one key); the associated data is the
//! hash that is the object's name, so one list can't be put in another's place.

use crate::clock::Clock;
use crate::domain::evidence::Object;
use crate::evidence::packet::sha256;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as At;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

const OPEN: &str = "open";
const SEALED: &str = "sealed";
const SWEPT: &str = "swept";
/// The first bytes of a sealed object, so that a later way of sealing can be told from this one.
const SEAL: &[u8] = b"tandem1\0";

/// How old an object is that may be swept, in milliseconds of the machine's clock. A file is stored before the row that names
/// it is committed; a day is far more than that takes.
pub const SWEPT_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// Why the store can't do what it was asked.
#[derive(Debug, Error)]
pub enum VaultError {
    #[error("evidence {0} is not in the folder")]
    Missing(String),
    /// The stored bytes are not those that were put, or were sealed under another key.
    #[error("evidence {0} was altered in the folder, or belongs to another database")]
    Altered(String),
    #[error("evidence could not be sealed")]
    Seal,
    #[error("evidence folder: {0}")]
    Folder(#[from] std::io::Error),
    #[error("evidence folder: {0}")]
    Store(#[from] object_store::Error),
}

impl From<VaultError> for Fault {
    fn from(error: VaultError) -> Self {
        Fault::Other(error.to_string())
    }
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Vault {
    files: Arc<LocalFileSystem>,
    folder: Arc<Path>,
    key: Arc<LessSafeKey>,
    clock: Clock,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Vault {
    /// The store in this folder, which is made, for this user alone, if it isn't there. `key` seals what is restricted.
    ///
    /// # Errors
    /// A folder that can't be made or used.
    pub fn open(folder: &Path, key: &[u8; 32], clock: Clock) -> Result<Self, VaultError> {
        make(folder)?;
        let files = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| VaultError::Seal)?;
        Ok(Self {
            files: Arc::new(files),
            folder: folder.into(),
            key: Arc::new(LessSafeKey::new(key)),
            clock,
        })
    }

    /// Stores these bytes and says what the object is called. The same bytes twice are one object; it is written again all
    /// the same, so that it is young for the sweep, and whole if it wasn't.
    ///
    /// # Errors
    /// A folder that can't be written to.
    pub async fn put(&self, bytes: &[u8], restricted: bool) -> Result<Object, VaultError> {
        let object = Object { sha256: sha256(bytes), restricted };
        let written = if restricted { self.sealed(&object.sha256, bytes)? } else { bytes.to_vec() };
        self.files.put(&place(&object), written.into()).await?;
        Ok(object)
    }

    /// The bytes of an object, verified.
    ///
    /// # Errors
    /// [`VaultError::Missing`] and [`VaultError::Altered`]; a folder that can't be read.
    pub async fn read(&self, object: &Object) -> Result<Vec<u8>, VaultError> {
        let found = match self.files.get(&place(object)).await {
            Err(object_store::Error::NotFound { .. }) => {
                return Err(VaultError::Missing(object.sha256.clone()));
            }
            found => found?.bytes().await?,
        };
        let altered = || VaultError::Altered(object.sha256.clone());
        let bytes = if object.restricted {
            self.unsealed(&object.sha256, &found).ok_or_else(altered)?
        } else {
            found.to_vec()
        };
        if sha256(&bytes) == object.sha256 { Ok(bytes) } else { Err(altered()) }
    }

    /// Removes objects that are not `known` and were last put more than a day ago, and says how many. `known` is what all rows
    /// of the database name. What was being written when the process ended goes after a day too. Files that are called neither
    /// way were put there by somebody else and stay.
    ///
    /// Several processes may sweep and put at the same time: an object is first moved aside, which one of them alone can do, and
    /// comes back if it was put again in the meantime.
    ///
    /// # Errors
    /// A folder that can't be read or written to.
    pub async fn sweep(&self, known: &BTreeSet<Object>) -> Result<usize, VaultError> {
        let now_ms = self.clock.protocol_ms();
        // A sweep that was cut off left these. They are judged anew.
        for (aside, object) in self.listed(SWEPT, set_aside).await? {
            self.put_back(&aside.location, &object).await?;
        }
        let mut all = self.listed(OPEN, in_place).await?;
        all.extend(self.listed(SEALED, in_place).await?);
        let mut removed = 0;
        for (found, object) in all {
            if !known.contains(&object) && is_old(&found, now_ms) {
                removed += usize::from(self.remove(&object, now_ms).await?);
            }
        }
        let folder = Arc::clone(&self.folder);
        let unfinished = tokio::task::spawn_blocking(move || remove_unfinished(&folder, now_ms));
        Ok(removed + unfinished.await.map_err(std::io::Error::other)??)
    }

    /// Removes an object unless it has become young; says whether it did.
    async fn remove(&self, object: &Object, now_ms: i64) -> Result<bool, VaultError> {
        // A name that no other sweep has: what is judged is what is then removed.
        let (id, kind) = (self.clock.new_id(), kind(object.restricted));
        let aside = At::from(format!("{SWEPT}/{id}-{kind}-{}", object.sha256));
        if !there(self.files.rename(&place(object), &aside).await)? {
            return Ok(false);
        }
        let found = match self.files.head(&aside).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            found => found?,
        };
        if !is_old(&found, now_ms) {
            self.put_back(&aside, object).await?;
            return Ok(false);
        }
        there(self.files.delete(&aside).await)
    }

    /// Moves an object back to its place, unless one is there again.
    async fn put_back(&self, aside: &At, object: &Object) -> Result<(), VaultError> {
        match self.files.rename_if_not_exists(aside, &place(object)).await {
            Err(object_store::Error::AlreadyExists { .. }) => {
                there(self.files.delete(aside).await)?;
            }
            moved => {
                there(moved)?;
            }
        }
        Ok(())
    }

    /// What in this part of the folder is an object, as `read` tells from its place.
    async fn listed(
        &self,
        part: &str,
        read: fn(&At) -> Option<Object>,
    ) -> Result<Vec<(ObjectMeta, Object)>, VaultError> {
        let part = At::from(part);
        let mut list = self.files.list(Some(&part));
        let mut found = Vec::new();
        while let Some(meta) = list.next().await {
            let meta = meta?;
            found.extend(read(&meta.location).map(|object| (meta, object)));
        }
        Ok(found)
    }

    fn sealed(&self, hash: &str, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
        let random = self.clock.random_key();
        let nonce: [u8; NONCE_LEN] = random[..NONCE_LEN].try_into().map_err(|_| VaultError::Seal)?;
        let mut secret = bytes.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(hash), &mut secret)
            .map_err(|_| VaultError::Seal)?;
        Ok([SEAL, &nonce, &secret].concat())
    }

    fn unsealed(&self, hash: &str, stored: &[u8]) -> Option<Vec<u8>> {
        let (nonce, secret) = stored.strip_prefix(SEAL)?.split_first_chunk::<NONCE_LEN>()?;
        let mut secret = secret.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let bytes = self.key.open_in_place(nonce, Aad::from(hash), &mut secret).ok()?;
        Some(bytes.to_vec())
    }
}

/// Whether something was there to be moved or removed: somebody else may have been quicker.
fn there(result: object_store::Result<()>) -> Result<bool, VaultError> {
    match result {
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        result => Ok(result.map(|()| true)?),
    }
}

fn kind(restricted: bool) -> &'static str {
    if restricted { SEALED } else { OPEN }
}

/// Where an object is. Its first two digits make a folder, so that none gets too many files.
fn place(object: &Object) -> At {
    let hash = &object.sha256;
    At::from(format!("{}/{}/{hash}", kind(object.restricted), hash.get(..2).unwrap_or_default()))
}

/// The object that is at this place, if it is one's.
fn in_place(at: &At) -> Option<Object> {
    let sha256 = at.filename().filter(|name| is_sha256(name))?.to_owned();
    let restricted = at.as_ref().starts_with(SEALED);
    let object = Object { sha256, restricted };
    (place(&object) == *at).then_some(object)
}

/// The object that a sweep moved to this place.
fn set_aside(at: &At) -> Option<Object> {
    let mut words = at.filename()?.rsplitn(3, '-');
    let (sha256, kind_word, _) = (words.next()?, words.next()?, words.next()?);
    let restricted = kind_word == kind(true);
    let known = is_sha256(sha256) && (restricted || kind_word == kind(false));
    known.then(|| Object { sha256: sha256.to_owned(), restricted })
}

/// Removes what was being written more than a day ago, and says how many files. The object store writes an object beside its
/// place, under its name with `#` and a number, and lists no such file: nobody else would ever find what a kill left there.
fn remove_unfinished(folder: &Path, now_ms: i64) -> std::io::Result<usize> {
    let mut removed = 0;
    for part in [OPEN, SEALED] {
        for within in entries(&folder.join(part))? {
            for file in entries(&within)? {
                removed += usize::from(is_unfinished(&file, now_ms) && gone(std::fs::remove_file(&file))?);
            }
        }
    }
    Ok(removed)
}

/// What is in a folder; nothing if there is none, or if it is a file.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn is_unfinished(file: &Path, now_ms: i64) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('#'));
    let number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = name.is_some_and(|(object, of)| is_sha256(object) && number(of));
    let modified = std::fs::symlink_metadata(file).and_then(|found| found.modified()).ok();
    let old =
        modified.is_some_and(|at| DateTime::<Utc>::from(at).timestamp_millis() < now_ms - SWEPT_AFTER_MS);
    is_one && old
}

/// Whether a file was there to be removed: another sweep may have been quicker.
fn gone(result: std::io::Result<()>) -> std::io::Result<bool> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        result => result.map(|()| true),
    }
}

fn is_sha256(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_old(found: &ObjectMeta, now_ms: i64) -> bool {
    found.last_modified.timestamp_millis() < now_ms - SWEPT_AFTER_MS
}

/// Makes the folder, closed to other users of the machine. One that is there is left as its owner set it.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
