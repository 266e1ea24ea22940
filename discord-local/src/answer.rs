//! What comes back to a person: answers, forms, suggestions, and what their client wouldn't let them send.

use crate::message::{Button, Message};

/// What the bot made of a command, a press, a choice or a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A new message, also after "… is thinking".
    Message(Message),
    /// The message that the component was on, changed.
    Updated(Message),
    /// A form to fill in.
    Modal(Modal),
    /// Silently taken, with nothing after it.
    Acknowledged,
    /// Announced, and not filled in while the person had patience: "… is thinking".
    Thinking(Message),
    /// The answer was removed again.
    Removed,
    /// "The application did not respond."
    NoAnswer,
}

impl Answer {
    /// What the person reads.
    pub fn text(&self) -> String {
        match self {
            Self::Message(message) | Self::Updated(message) | Self::Thinking(message) => message.text(),
            Self::Modal(modal) => modal.text(),
            Self::Acknowledged | Self::Removed => String::new(),
            Self::NoAnswer => "The application did not respond".to_owned(),
        }
    }

    /// The message, if the answer is one.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) | Self::Updated(message) | Self::Thinking(message) => Some(message),
            _ => None,
        }
    }

    /// The form, if the answer is one.
    pub fn modal(&self) -> Option<&Modal> {
        if let Self::Modal(modal) = self { Some(modal) } else { None }
    }

    /// The buttons of the message.
    pub fn buttons(&self) -> Vec<Button> {
        self.message().map(Message::buttons).unwrap_or_default()
    }

    /// The first button with this label.
    pub fn button(&self, label: &str) -> Option<Button> {
        self.message().and_then(|message| message.button(label))
    }

    /// Whether only the person sees it.
    pub fn is_ephemeral(&self) -> bool {
        self.message().is_some_and(Message::is_ephemeral)
    }
}

/// A form that a bot opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modal {
    /// The interaction that it answers.
    pub interaction: u64,
    /// The form's own id.
    pub custom_id: String,
    /// What stands above it.
    pub title: String,
    /// Its inputs, top to bottom.
    pub inputs: Vec<ModalInput>,
}

/// A text input of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModalInput {
    /// What the bot gets it as.
    pub custom_id: String,
    /// What stands above it.
    pub label: String,
    /// Whether it has several lines.
    pub paragraph: bool,
    /// Whether it must be filled in.
    pub required: bool,
    /// How short it may be, if anything is written.
    pub min_length: usize,
    /// How long it may be.
    pub max_length: usize,
    /// What it is filled with beforehand.
    pub value: String,
    /// What stands in it while it is empty.
    pub placeholder: String,
}

impl Modal {
    /// The form as a person reads it: the title, then `Label: value`, with `*` where something has to be written.
    pub fn text(&self) -> String {
        let input = |input: &ModalInput| {
            let shown =
                if input.value.is_empty() { format!("({})", input.placeholder) } else { input.value.clone() };
            format!("{}{}: {shown}", input.label, if input.required { "*" } else { "" })
        };
        let lines = std::iter::once(self.title.clone()).chain(self.inputs.iter().map(input));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The input with this label or `custom_id`.
    pub fn input(&self, name: &str) -> Option<&ModalInput> {
        self.inputs.iter().find(|input| input.custom_id == name || input.label == name)
    }
}

/// A suggestion of autocomplete.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is shown.
    pub name: String,
    /// What is sent if it is taken.
    pub value: serde_json::Value,
}

/// Why a person's client doesn't let them send this. Nothing has reached the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(
    /// The reason, in a sentence.
    pub String,
);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<&str> for Refused {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}
