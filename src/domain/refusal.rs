//! Every "no" that people can get: a stable code, one sentence that says what is wrong, and what would be right.
//! A refusal is an answer, audited like one; it never stands for something that broke (see `fault`).

use super::actor::Capability;
use super::escape::short;
use super::unseen::is_blank;
use serde::{Deserialize, Serialize};

/// The longest answer to something that can't be read.
const UNREADABLE_LIMIT: usize = 400;
/// The most that is given back of what somebody wrote, in characters.
const WRITTEN_LIMIT: usize = 500;

/// A "no" with its reason and next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    pub sentence: String,
    pub hint: String,
    /// What the person lacks, so that the answer can name who has it.
    pub needs: Option<Capability>,
    /// Up to what amount it is needed, in minor units of the program's currency: a role with a lower limit is no help.
    #[serde(default)]
    pub needs_up_to: Option<i64>,
}

macro_rules! codes {
    ($($variant:ident => $code:literal),* $(,)?) => {
        /// The stable name of a refusal: in the audit trail, in tests, and in what support is told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($variant),* }
        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),*];
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $code),* } }
        }
    };
}
codes! {
    NotFound => "not_found",
    NoCompany => "no_company",
    TwoCompanies => "two_companies",
    WrongPlace => "wrong_place",
    MissingCapability => "missing_capability",
    OverLimit => "over_limit",
    OwnRequest => "own_request",
    BothSides => "both_sides",
    AlreadySigned => "already_signed",
    Stale => "stale",
    WrongState => "wrong_state",
    BadInput => "bad_input",
    NotCovered => "not_covered",
    Confirm => "confirm",
}

impl Refusal {
    pub fn new(code: Code, sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into(), hint: hint.into(), needs: None, needs_up_to: None }
    }

    /// The one answer for a foreign id, an unknown id and a forged button: who must not know that a thing exists
    /// learns nothing from it.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "I can't find that here.", "Pick it from the list that the option offers.")
    }

    pub fn bad_input(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::BadInput, sentence, hint)
    }

    /// Something that can't be read, with the reader's own sentence. That quotes what was written, which comes from
    /// outside: it is escaped and kept short.
    pub fn unreadable(error: &dyn std::fmt::Display, hint: impl Into<String>) -> Self {
        Self::bad_input(short(&error.to_string(), UNREADABLE_LIMIT), hint)
    }

    pub fn wrong_state(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::WrongState, sentence, hint)
    }

    /// The card that was pressed no longer says what is true.
    pub fn stale() -> Self {
        Self::new(
            Code::Stale,
            "This has changed since the card was shown.",
            "Read the card again and decide on what it says now.",
        )
    }

    pub fn missing(capability: Capability) -> Self {
        let mut refusal = Self::new(
            Code::MissingCapability,
            format!("You may not do this: it needs \"{}\".", capability.label()),
            "",
        );
        refusal.needs = Some(capability);
        refusal
    }

    /// The same, giving back what somebody had written into a form that is gone by now, so that they needn't write it anew.
    #[must_use]
    pub fn keeping(mut self, written: &str) -> Self {
        let is_about_it = matches!(self.code, Code::BadInput | Code::WrongState | Code::Stale);
        if is_about_it && !is_blank(written) {
            let back = format!("You wrote: {}", short(written.trim(), WRITTEN_LIMIT));
            self.hint = if self.hint.is_empty() { back } else { format!("{} {back}", self.hint) };
        }
        self
    }

    /// What the person reads: the sentence and the hint.
    pub fn text(&self) -> String {
        [self.sentence.as_str(), self.hint.as_str()]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" ")
    }
}
