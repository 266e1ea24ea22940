//! Being away, and who stands in.

/// Somebody as picked in chat, with the roles that chat says they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    pub id: String,
    pub roles: Vec<String>,
}

/// A wish about the asker's own absence. With nothing given, it is only told how things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwayWish {
    pub until: Option<String>,
    pub delegate: Option<Picked>,
    pub clear: bool,
}
