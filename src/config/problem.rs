//! What is wrong with a configuration: one [`Problem`] a fault, all of them together in [`Problems`].
//!
//! A problem never repeats a value that may be a secret: it names the place, and says what would be right.

use std::fmt;

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The file as a whole: something that should be in it is nowhere.
    File,
    /// A line of the file, counted from 1.
    Line(usize),
    /// An environment variable that overrides a setting.
    Variable(String),
}

/// One fault in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// The dotted name of the setting, such as `program.fund.amount`; empty where the text isn't TOML at all.
    pub key: String,
    /// What is there, as a person would name it. Never the text of a secret.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

/// Every fault of a configuration, in the order of its lines. Never empty.
///
/// `Display` prints one sentence and a numbered list, for a person at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
}

impl Problems {
    /// Sorts the list by place. The caller has at least one problem to tell.
    pub(super) fn new(file: &str, mut list: Vec<Problem>) -> Self {
        list.sort_by(|a, b| a.place.cmp(&b.place));
        Self { file: file.to_owned(), list }
    }

    /// The problems, in the order of the file; those of environment variables last.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many there are: at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always at least one problem")]
    pub fn len(&self) -> usize {
        self.list.len()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.list.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "The configuration has {count} {noun}; nothing was started.")?;
        for (index, problem) in self.list.iter().enumerate() {
            write!(f, "\n{:>3}. ", index + 1)?;
            match &problem.place {
                Place::File => write!(f, "{}", self.file)?,
                Place::Line(line) => write!(f, "{}:{line}", self.file)?,
                Place::Variable(name) => write!(f, "{name}")?,
            }
            if !problem.key.is_empty() {
                write!(f, "  {}", problem.key)?;
            }
            write!(f, "  found {}  expected {}", problem.found, problem.expected)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
