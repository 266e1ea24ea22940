//! Evidence: files that somebody attached in chat, fetched at once, looked into, and kept.
//!
//! ```text
//! link → fetch (hosts, size) → inspect (name, type, contents; pure) → vault (by hash, lists encrypted) → EvidenceFile
//! ```
//!
//! It knows nothing of claims: whoever asks writes the [`EvidenceFile`] into a row of theirs, after the bytes are stored and
//! in a transaction that was not open meanwhile. A file whose row was never written is swept away after a day. It must never
//! run, draw or follow what a file holds.

mod archive;
pub mod fetch;
pub mod inspect;
mod mail;
mod name;
mod office;
pub mod packet;
mod rows;
mod sniff;
pub mod unfit;
pub mod vault;

use crate::domain::evidence::{Attachment, EvidenceFile, Object};
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use fetch::{Fetcher, Unfetched};
use std::collections::BTreeSet;
use std::sync::Arc;
use vault::Vault;

/// Why a file was not taken: a "no", which is an answer, or a fault, which is not.
#[derive(Debug)]
pub enum Untaken {
    Refused(Refusal),
    Fault(Fault),
}

impl From<Fault> for Untaken {
    fn from(fault: Fault) -> Self {
        Untaken::Fault(fault)
    }
}

/// What takes files in and gives them out again. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    kept: Option<Arc<Kept>>,
}

#[derive(Debug)]
struct Kept {
    fetcher: Fetcher,
    vault: Vault,
}

impl Evidence {
    /// For programs that have no folder for evidence: whatever is asked of it is a fault.
    pub fn nowhere() -> Self {
        Self::default()
    }

    /// Takes files with this fetcher into this store.
    pub fn new(fetcher: Fetcher, vault: Vault) -> Self {
        Self { kept: Some(Arc::new(Kept { fetcher, vault })) }
    }

    /// Fetches an attachment, looks into it and stores it. Not to be called in a transaction.
    ///
    /// # Errors
    /// A refusal that says what is wrong with the file; then nothing was stored. A fault of the store.
    pub async fn take(&self, attachment: &Attachment, restricted: bool) -> Result<EvidenceFile, Untaken> {
        let kept = self.kept()?;
        let most = kept.fetcher.most_bytes();
        let name = attachment.name.clone();
        inspect::name(&name).map_err(|unfit| Untaken::Refused(unfit.refusal(&name, most)))?;
        let bytes = self.fetch(attachment).await?;
        let declared = attachment.content_type.clone();
        // A large workbook takes a moment to count, and nobody else should wait for it.
        let looked_into = tokio::task::spawn_blocking(move || {
            let fit = inspect::inspect(&name, declared.as_deref(), &bytes, most);
            fit.map_err(|unfit| unfit.refusal(&name, most)).map(|fit| (fit, bytes))
        });
        let (fit, bytes) = looked_into
            .await
            .map_err(|error| Fault::Other(format!("a file could not be looked into: {error}")))?
            .map_err(Untaken::Refused)?;
        let object = kept.vault.put(&bytes, restricted).await.map_err(Fault::from)?;
        Ok(EvidenceFile {
            sha256: object.sha256,
            name: fit.name,
            content_type: fit.kind.content_type().to_owned(),
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            restricted,
            rows: fit.rows,
        })
    }

    /// The bytes of an attachment, which is not kept. Not to be called in a transaction.
    ///
    /// # Errors
    /// A refusal that says what is wrong with the file; a fault without a folder for evidence.
    pub async fn fetch(&self, attachment: &Attachment) -> Result<Vec<u8>, Untaken> {
        let fetcher = &self.kept()?.fetcher;
        fetcher.fetch(attachment).await.map_err(|why| {
            if let Unfetched::Unreachable(reason) = &why {
                tracing::warn!(reason, "An attachment could not be fetched from Discord");
            }
            Untaken::Refused(why.refusal(&attachment.name, fetcher.most_bytes()))
        })
    }

    /// The bytes of an object, verified. That of a restricted one is for exports to whoever may have them, never for chat.
    ///
    /// # Errors
    /// A fault if it is not there, or not what was put.
    pub async fn read(&self, object: &Object) -> Result<Vec<u8>, Fault> {
        Ok(self.kept()?.vault.read(object).await?)
    }

    /// Removes what no row names and is older than a day; see [`Vault::sweep`].
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn sweep(&self, known: &BTreeSet<Object>) -> Result<usize, Fault> {
        Ok(self.kept()?.vault.sweep(known).await?)
    }

    /// Whether there is a folder for evidence at all.
    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    fn kept(&self) -> Result<&Kept, Fault> {
        self.kept.as_deref().ok_or_else(|| Fault::Other("this program has no folder for evidence".to_owned()))
    }
}
