//! What is shown in chat, as plain values: a card with its buttons, a post, a form. Pure; how a chat system draws
//! them is none of its business.

use serde::{Deserialize, Serialize};

/// The stripe at a card's side. A state is always said in words as well, never by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    #[default]
    Neutral,
    Green,
    Amber,
    Red,
    Grey,
}

/// One item's card: edited in place when its state changes, without the buttons that no longer apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    pub body: String,
    pub colour: Colour,
    pub fields: Vec<Field>,
    pub footer: String,
    /// At most five rows of at most five buttons.
    pub buttons: Vec<Vec<Button>>,
    /// The name of an attached picture that the card shows.
    pub image: Option<String>,
    /// Whether it is pinned in its channel once it is posted.
    #[serde(default)]
    pub pin: bool,
}

/// A named value on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub value: String,
    pub inline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    Primary,
    Secondary,
    Success,
    Danger,
}

/// A button; `id` comes back when it is pressed (see `inbound::components`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub id: String,
    pub label: String,
    pub style: ButtonStyle,
}

/// Something posted once into a channel, with a thread of its own if it has a `thread` name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub text: String,
    pub card: Option<Card>,
    pub thread: Option<String>,
}

/// A file that goes with a post or a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub content_type: String,
    #[serde(with = "base64_bytes")]
    pub bytes: Vec<u8>,
}

/// A form: at most five inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub id: String,
    pub title: String,
    pub inputs: Vec<Input>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub id: String,
    pub label: String,
    pub placeholder: String,
    pub long: bool,
    pub required: bool,
    pub max_length: u16,
    /// What stands in it when the form opens.
    #[serde(default)]
    pub value: String,
}

impl Card {
    /// Adds a named value, side by side with its neighbours.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push(Field { name: name.to_owned(), value: value.into(), inline: true });
        self
    }

    /// Adds a named value on lines of its own.
    #[must_use]
    pub fn with_wide(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push(Field { name: name.to_owned(), value: value.into(), inline: false });
        self
    }
}

/// What the message of a card says once the card has moved to another channel: what it said last, with nothing to press.
pub fn left(card: &Card) -> Card {
    Card {
        colour: Colour::Grey,
        footer: "This goes on in another channel; here it stays as it was.".to_owned(),
        buttons: Vec::new(),
        pin: false,
        ..card.clone()
    }
}

mod base64_bytes {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
