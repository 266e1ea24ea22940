//! Files that come with a command, and the message that a message command points at.

use crate::domain::evidence::Attachment;
use serde::{Deserialize, Serialize};

/// A file as chat describes it. Name, size and type are what the sender's client said, and prove nothing: what is stored
/// is checked when it has been fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Chat's id of the file.
    pub id: String,
    /// The file's name, as somebody outside wrote it.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// The media type, where chat tells one.
    pub content_type: Option<String>,
    /// Where it can be fetched, for about a day: the link is signed and expires.
    pub url: String,
}

/// The message in whose menu a message command was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointedAt {
    /// The message's id.
    pub message: String,
    /// The channel or thread that it is in.
    pub channel: String,
    /// Who wrote it, which may be somebody else than who points at it, or a bot.
    pub author: String,
    /// When it was written, Unix milliseconds, to the second.
    pub posted_at: i64,
    /// Its files, in the order in which they are shown.
    pub files: Vec<Attached>,
}

/// Files for a slot of a claim, as chat handed them over: nothing of them is fetched yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub partner: Option<String>,
    pub claim: String,
    pub slot: String,
    /// Whether their sender says that they are lists of people.
    pub restricted: bool,
    pub files: Vec<Attached>,
    /// The message that they were taken from; none where they came with a command.
    pub source: Option<Source>,
}

/// A message that files were taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub message: String,
    /// Who wrote it.
    pub author: String,
    /// When it was written, Unix milliseconds.
    pub posted_at: i64,
}

impl Attached {
    /// What is fetched.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            bytes: self.size,
            url: self.url.clone(),
        }
    }
}
