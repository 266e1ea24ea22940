//! Being away, and who stands in.

pub use crate::domain::actor::Picked;

/// A wish about the asker's own absence. With nothing given, it is only told how things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwayWish {
    pub until: Option<String>,
    pub delegate: Option<Picked>,
    pub clear: bool,
}
