//! The evidence of a claim: files in three slots, as the activity's rule asks for them.

use crate::domain::activity::{ActivityRule, Asked, Slot};
use crate::domain::command::Source;
use crate::domain::escape::short;
use crate::domain::evidence::{EvidenceFile, Kind};
use crate::domain::refusal::Refusal;
use chrono::{DateTime, Utc};

/// A file of a claim. Its bytes lie in the evidence folder under their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub id: String,
    pub slot: Slot,
    /// 64 hexadecimal digits.
    pub sha256: String,
    pub name: String,
    pub content_type: String,
    pub bytes: i64,
    /// How many people a restricted list names; none for what is not restricted.
    pub restricted_rows: Option<i64>,
    /// The chat message that it was taken from; none where it came with a command.
    pub source: Option<Source>,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
}

/// How one slot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotState<'a> {
    pub slot: Slot,
    /// What is asked for; required things first.
    pub asked: Vec<&'a Asked>,
    pub required: bool,
    pub files: usize,
    /// Those of the files that are lists of people.
    pub lists: usize,
}

impl SlotState<'_> {
    /// What is asked for, in words.
    pub fn said(&self) -> String {
        let one = |asked: &&Asked| match asked.required {
            true => asked.what.clone(),
            false => format!("{} (optional)", asked.what),
        };
        self.asked.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// What has to be added before the claim is filed, in words; `None` where nothing has. One file is enough: an invoice and
    /// its proof of payment often are one, and whether it shows all that is asked for is for the vendor to judge. Of a list of
    /// people nobody sees more than its rows, so one that is required is not taken for granted because another file is there.
    pub fn lacks(&self) -> Option<String> {
        if self.required && self.files == 0 {
            return Some(self.said());
        }
        let list = self.asked.iter().find(|asked| asked.required && asked.restricted);
        list.filter(|_| self.lists == 0).map(|list| format!("{} as CSV or XLSX", list.what))
    }
}

/// How the slots stand that a rule asks for, or that hold files.
pub fn slots<'a>(rule: &'a ActivityRule, evidence: &[Evidence]) -> Vec<SlotState<'a>> {
    let state = |slot: &Slot| {
        let (mut first, then): (Vec<_>, Vec<_>) = rule.asked(*slot).partition(|asked| asked.required);
        let required = !first.is_empty();
        first.extend(then);
        let files = evidence.iter().filter(|file| file.slot == *slot);
        let lists = files.clone().filter(|file| file.restricted_rows.is_some()).count();
        SlotState { slot: *slot, asked: first, required, files: files.count(), lists }
    };
    Slot::ALL.iter().map(state).filter(|state| state.files > 0 || !state.asked.is_empty()).collect()
}

/// The most files of one claim.
pub const MAX_FILES: usize = 40;

/// What a slot takes, as far as lists of people go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// It asks for none.
    Unasked,
    /// It asks for one beside other things.
    Among,
    /// It asks for nothing else.
    Only,
}

impl Lists {
    /// What a slot of an activity takes.
    pub fn of(rule: &ActivityRule, slot: Slot) -> Self {
        match (rule.asked(slot).any(|asked| asked.restricted), rule.asked(slot).all(|asked| asked.restricted))
        {
            (false, _) => Self::Unasked,
            (true, false) => Self::Among,
            (true, true) => Self::Only,
        }
    }

    /// Whether a file of this name is kept as a restricted list; `said` is what its sender says, who can only ask for
    /// more. Where a list of people is asked for, every table is taken for one: nobody has to think of saying so.
    ///
    /// # Errors
    /// `bad_input` for a list that is no table, because its rows can't be counted.
    pub fn restricts(self, name: &str, said: bool) -> Result<bool, Refusal> {
        let table = is_table(name);
        let restricted = said || self == Self::Only || (self == Self::Among && table);
        if restricted && !table {
            return Err(Refusal::bad_input(
                format!("{} is taken as a list of people, and is no table.", short(name, 80)),
                "Give the list as CSV or XLSX: of it, nobody is shown more than how many rows it has.",
            ));
        }
        Ok(restricted)
    }

    /// The same for a file that came with a command, or (`in_public`) with a message, which everybody in its channel can
    /// read: a list of people is not taken there.
    ///
    /// # Errors
    /// `bad_input` for such a list, and as [`Self::restricts`].
    pub fn keeps(self, name: &str, said: bool, in_public: bool) -> Result<bool, Refusal> {
        if in_public {
            self.open_in_public(name)?;
        }
        self.restricts(name, said)
    }

    fn open_in_public(self, name: &str) -> Result<(), Refusal> {
        if self != Self::Only && !self.restricts(name, false)? {
            return Ok(());
        }
        Err(Refusal::bad_input(
            format!(
                "{} would be a list of people, and this message is read by all of the channel.",
                short(name, 80)
            ),
            "Remove it there and use /claim evidence, which only you see.",
        ))
    }
}

/// Whether a name is one of a table, whose rows are counted.
pub fn is_table(name: &str) -> bool {
    let kind = name.rsplit_once('.').and_then(|(_, extension)| Kind::of_extension(extension));
    matches!(kind, Some(Kind::Csv | Kind::Xlsx))
}

impl Evidence {
    /// How it is called where it is named: a list of people only by how many rows it has.
    pub fn said(&self) -> String {
        match self.restricted_rows {
            Some(1) => "a restricted list of 1 row".to_owned(),
            Some(rows) => format!("a restricted list of {rows} rows"),
            None => short(&self.name, 60),
        }
    }

    /// Refuses a list of people that names nobody: its number of rows is all that anybody is shown of it.
    ///
    /// # Errors
    /// `bad_input` for such a list.
    pub fn names_somebody(file: &EvidenceFile) -> Result<(), Refusal> {
        if Self::rows_of(file) != Some(0) {
            return Ok(());
        }
        Err(Refusal::bad_input(
            format!("{} is a list of people and names nobody: it has 0 rows.", short(&file.name, 80)),
            "Give the list with a row for each of them.",
        ))
    }

    /// The rows of what is restricted.
    pub fn rows_of(file: &EvidenceFile) -> Option<i64> {
        file.restricted.then(|| file.rows.unwrap_or_default())
    }
}

/// The files that are in a claim twice, in two slots: their names, each once.
pub fn twice(evidence: &[Evidence]) -> Vec<String> {
    let again = |(index, file): (usize, &Evidence)| {
        let before = evidence.iter().take(index).any(|other| other.sha256 == file.sha256);
        before.then(|| file.said())
    };
    let mut names: Vec<String> = evidence.iter().enumerate().filter_map(again).collect();
    names.sort();
    names.dedup();
    names
}
