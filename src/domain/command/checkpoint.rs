//! What can be asked about checkpoints.

/// Something to do with a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointWish {
    /// The one of a number, or the newest that waits for the asker's side.
    Acknowledge {
        partner: Option<String>,
        plan: Option<String>,
        number: Option<i64>,
    },
    AcknowledgeById {
        id: String,
    },
}
