//! Reads tables of a TOML tree against what we ask of them, and notes every problem instead of stopping at the first.
//!
//! The code that asks is the schema: what a table was not asked for is unknown. Tables of single settings take
//! overrides from the environment as they are asked, so that an override is checked exactly like a line.
//! Nothing here may put the text of a secret into a problem; secrets have their own reader in `secret.rs`.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use toml_edit::{Item, TableLike, Value};

use super::Need;
use super::environment::{Environment, Variable};
use super::problem::{Place, Problem};
use super::rules::{Rule, suggestion};
use super::syntax::{Lines, Lost};

/// Variables that begin with `TANDEM_` and aren't overrides of one setting.
const RESERVED_VARIABLES: [&str; 2] = ["TANDEM_CONFIG", "TANDEM_LOG"];

/// Longest piece of a wrong value that is repeated, in characters.
const SHOWN_CHARS: usize = 60;

/// Things that may be declared once only, wherever they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Once {
    Guild,
    Channel,
    Role,
    Program,
    PathToken,
    Partner { program: String },
    Fund { program: String },
    Activity { program: String },
    Tier { program: String },
    Approval { program: String, decided: &'static str },
    Source { program: String },
    CrmCampaign { source: String },
}

/// One loading: what it is given, and the problems so far.
pub(super) struct Session<'a> {
    pub(super) lines: &'a Lines,
    pub(super) lost: &'a Lost,
    pub(super) environment: &'a Environment,
    pub(super) need: Need,
    /// Folder of the file, from which relative paths start.
    pub(super) folder: PathBuf,
    problems: RefCell<Vec<Problem>>,
    declared: RefCell<HashMap<(Once, String), Place>>,
    /// Names of variables that settings refer to: they may begin with `TANDEM_` without being overrides.
    referenced: RefCell<BTreeSet<String>>,
    /// Names of the overrides that exist, filled as settings are asked for.
    overrides: RefCell<BTreeSet<String>>,
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Spot<T> {
    pub(super) value: T,
    pub(super) place: Place,
    pub(super) path: String,
}

/// A list of values, as far as they could be read.
pub(super) struct List<T> {
    pub(super) items: Vec<Spot<T>>,
    /// Whether that is all of them. If not, nobody should be blamed for what may follow from the others.
    pub(super) whole: bool,
}

/// What stands at a key.
pub(super) struct Field<'a> {
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) raw: Raw<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Item(&'a Item),
    Value(&'a Value),
    Variable(&'a str),
    UnreadableVariable,
}

/// One table while it is being read.
pub(super) struct Table<'a> {
    pub(super) session: &'a Session<'a>,
    path: String,
    pub(super) place: Place,
    items: Option<&'a dyn TableLike>,
    /// Whether the environment may override its settings: true for tables that occur once.
    single: bool,
    asked: RefCell<BTreeSet<String>>,
    /// Keys that must be there and aren't, with what is expected; told only when the whole table was read.
    missing: RefCell<Vec<(String, String)>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        lines: &'a Lines,
        lost: &'a Lost,
        environment: &'a Environment,
        need: Need,
        folder: PathBuf,
    ) -> Self {
        Self {
            lines,
            lost,
            environment,
            need,
            folder,
            problems: RefCell::default(),
            declared: RefCell::default(),
            referenced: RefCell::default(),
            overrides: RefCell::default(),
        }
    }

    pub(super) fn problem(&self, place: &Place, path: &str, found: String, expected: String) {
        let problem = Problem { place: place.clone(), key: path.to_owned(), found, expected };
        self.problems.borrow_mut().push(problem);
    }

    /// Notes that a value was read, but isn't one that can be used.
    pub(super) fn wrong<T>(&self, spot: &Spot<T>, found: impl Into<String>, expected: impl Into<String>) {
        self.problem(&spot.place, &spot.path, found.into(), expected.into());
    }

    /// Declares something that may be declared once; a second declaration is a problem.
    pub(super) fn once<T>(&self, what: Once, name: &str, spot: &Spot<T>) {
        let secret = what == Once::PathToken;
        let earlier = self.declared.borrow().get(&(what.clone(), name.to_owned())).cloned();
        let Some(earlier) = earlier else {
            self.declared.borrow_mut().insert((what, name.to_owned()), spot.place.clone());
            return;
        };
        let at = match earlier {
            Place::Line(line) => format!("line {line}"),
            Place::Variable(name) => name,
            Place::File => "another place".to_owned(),
        };
        let shown = if secret { "the same value".to_owned() } else { quoted(name) };
        self.wrong(spot, format!("{shown}, which {at} has already"), "a different one each time");
    }

    pub(super) fn refer_to(&self, variable: &str) {
        self.referenced.borrow_mut().insert(variable.to_owned());
    }

    /// The text of an override, if the environment has one.
    pub(super) fn variable(&self, name: &str) -> Option<Raw<'a>> {
        match self.environment.get(name) {
            Variable::Unset => None,
            Variable::Text(text) => Some(Raw::Variable(text)),
            Variable::Unreadable => Some(Raw::UnreadableVariable),
        }
    }

    /// To be called last: tells of `TANDEM_…` variables that nothing asked for.
    fn refuse_unknown_variables(&self) {
        let known = self.overrides.borrow();
        for name in self.environment.names().filter(|name| name.starts_with("TANDEM_")) {
            let meant = RESERVED_VARIABLES.contains(&name)
                || known.contains(name)
                || self.referenced.borrow().contains(name);
            if !meant {
                let expected = match suggestion(name, known.iter().map(String::as_str)) {
                    Some(close) => format!("another name: {close}"),
                    None => {
                        "TANDEM_TABLE__KEY for [discord], [http], [database], [log], [limits] or [evidence]"
                            .to_owned()
                    }
                };
                let found = "a variable that overrides nothing".to_owned();
                self.problem(&Place::Variable(name.to_owned()), "", found, expected);
            }
        }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.refuse_unknown_variables();
        self.problems.into_inner()
    }
}

impl<'a> Table<'a> {
    pub(super) fn root(session: &'a Session<'a>, items: Option<&'a dyn TableLike>) -> Self {
        Self::new(session, String::new(), Place::File, items, false)
    }

    fn new(
        session: &'a Session<'a>,
        path: String,
        place: Place,
        items: Option<&'a dyn TableLike>,
        single: bool,
    ) -> Self {
        Self { session, path, place, items, single, asked: RefCell::default(), missing: RefCell::default() }
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn override_of(&self, key: &str) -> Option<String> {
        self.single.then(|| format!("TANDEM_{}__{}", self.path, key).to_ascii_uppercase())
    }

    /// What stands at this key: the environment's word before the file's.
    pub(super) fn field(&self, key: &str) -> Option<Field<'a>> {
        self.asked.borrow_mut().insert(key.to_owned());
        let path = self.path_of(key);
        if let Some(name) = self.override_of(key) {
            self.session.overrides.borrow_mut().insert(name.clone());
            if let Some(raw) = self.session.variable(&name) {
                return Some(Field { place: Place::Variable(name), path, raw });
            }
        }
        let (name, item) = self.items?.get_key_value(key)?;
        let place = self.session.lines.place(name.span().or(item.span()));
        Some(Field { place, path, raw: Raw::Item(item) })
    }

    /// Several keys that say one thing in different ways. If the environment gives one of them, what the file says
    /// doesn't count: otherwise an override could not replace `url` by `url_file`.
    pub(super) fn alternatives<const N: usize>(&self, keys: [&str; N]) -> [Option<Field<'a>>; N] {
        let fields = keys.map(|key| self.field(key));
        let overridden = fields.iter().flatten().any(|field| matches!(field.place, Place::Variable(_)));
        fields.map(|field| field.filter(|field| !overridden || matches!(field.place, Place::Variable(_))))
    }

    /// Notes that a key must be there and isn't.
    pub(super) fn lacks(&self, key: &str, expected: impl Into<String>) {
        self.missing.borrow_mut().push((key.to_owned(), expected.into()));
    }

    pub(super) fn optional<T>(&self, key: &str, rule: &Rule<T>) -> Option<Spot<T>> {
        let field = self.field(key)?;
        self.session.parse(&field, rule)
    }

    pub(super) fn required<T>(&self, key: &str, rule: &Rule<T>) -> Option<Spot<T>> {
        let Some(field) = self.field(key) else {
            self.lacks(key, &rule.expected);
            return None;
        };
        self.session.parse(&field, rule)
    }

    /// A whole number within limits, both included.
    pub(super) fn integer(&self, key: &str, least: i64, most: i64) -> Option<Spot<i64>> {
        let field = self.field(key)?;
        let number = match field.raw {
            Raw::Item(item) => item.as_integer(),
            Raw::Value(value) => value.as_integer(),
            Raw::Variable(text) => text.trim().parse().ok(),
            Raw::UnreadableVariable => None,
        };
        match number.filter(|number| (least..=most).contains(number)) {
            Some(value) => Some(Spot { value, place: field.place, path: field.path }),
            None => {
                let expected = format!("a whole number from {least} to {most}");
                self.session.problem(&field.place, &field.path, field.raw.shown(), expected);
                None
            }
        }
    }

    /// A flag.
    pub(super) fn flag(&self, key: &str) -> Option<Spot<bool>> {
        let field = self.field(key)?;
        let flag = match field.raw {
            Raw::Item(item) => item.as_bool(),
            Raw::Value(value) => value.as_bool(),
            Raw::Variable(text) => text.trim().parse().ok(),
            Raw::UnreadableVariable => None,
        };
        if flag.is_none() {
            let expected = "true or false, without quotes".to_owned();
            self.session.problem(&field.place, &field.path, field.raw.shown(), expected);
        }
        flag.map(|value| Spot { value, place: field.place, path: field.path })
    }

    /// A list of texts, each checked by itself; an absent key is an empty list.
    pub(super) fn list<T>(&self, key: &str, rule: &Rule<T>) -> List<T> {
        let Some(field) = self.field(key) else {
            return List { items: Vec::new(), whole: !self.session.lost.mentions(key) };
        };
        let Raw::Item(Item::Value(Value::Array(array))) = field.raw else {
            let expected = format!("a list in brackets, of {}", rule.expected);
            self.session.problem(&field.place, &field.path, field.raw.shown(), expected);
            return List { items: Vec::new(), whole: false };
        };
        let read = |value: &'a Value| {
            let place = value.span().map_or(field.place.clone(), |span| self.session.lines.place(Some(span)));
            self.session.parse(&Field { place, path: field.path.clone(), raw: Raw::Value(value) }, rule)
        };
        let items: Vec<Spot<T>> = array.iter().filter_map(read).collect();
        let whole = items.len() == array.len();
        List { items, whole }
    }

    /// A `[table]` that occurs at most once. One that is absent is read as empty, so that its defaults hold.
    pub(super) fn section<T>(&self, key: &str, read: impl FnOnce(&Table<'a>) -> T) -> T {
        self.asked.borrow_mut().insert(key.to_owned());
        let item = self.items.and_then(|items| items.get_key_value(key));
        let (place, table) = match item {
            None => (self.place.clone(), None),
            Some((name, item)) => {
                let place = self.session.lines.place(item.span().or(name.span()));
                let table = item.as_table_like();
                if table.is_none() {
                    let expected = format!("a table: [{}]", self.path_of(key));
                    self.session.problem(&place, &self.path_of(key), Raw::Item(item).shown(), expected);
                }
                (place, table)
            }
        };
        let single = self.path.is_empty();
        let table = Table::new(self.session, self.path_of(key), place, table, single);
        let result = read(&table);
        table.finish();
        result
    }

    /// A `[[list]]` of tables. A single `[table]` is told of and read all the same, so that its own problems show.
    pub(super) fn each<T>(&self, key: &str, mut read: impl FnMut(&Table<'a>) -> Option<T>) -> Vec<T> {
        self.asked.borrow_mut().insert(key.to_owned());
        let Some((name, item)) = self.items.and_then(|items| items.get_key_value(key)) else {
            return Vec::new();
        };
        let path = self.path_of(key);
        let expected = format!("a list of tables: [[{path}]]");
        let at_key = self.session.lines.place(name.span().or(item.span()));
        let mut tables: Vec<(Place, &'a dyn TableLike)> = Vec::new();
        match item {
            Item::ArrayOfTables(list) => {
                let place = |table: &toml_edit::Table| {
                    table.span().map_or(at_key.clone(), |span| self.session.lines.place(Some(span)))
                };
                tables.extend(list.iter().map(|table| (place(table), table as &dyn TableLike)));
            }
            Item::Value(Value::Array(list)) => {
                for value in list {
                    let place =
                        value.span().map_or(at_key.clone(), |span| self.session.lines.place(Some(span)));
                    match value.as_inline_table() {
                        Some(table) => tables.push((place, table)),
                        None => {
                            self.session.problem(&place, &path, Raw::Value(value).shown(), expected.clone())
                        }
                    }
                }
            }
            other => {
                self.session.problem(&at_key, &path, Raw::Item(other).shown(), expected);
                tables.extend(other.as_table_like().map(|table| (at_key, table)));
            }
        }
        let read_one = |(place, items): (Place, &'a dyn TableLike)| {
            let table = Table::new(self.session, path.clone(), place, Some(items), false);
            let result = read(&table);
            table.finish();
            result
        };
        tables.into_iter().map(read_one).collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Tells of keys that nothing asked for, and of those that were asked for in vain.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        let mut explained = BTreeSet::new();
        for (name, item) in self.items.into_iter().flat_map(TableLike::iter) {
            if asked.contains(name) {
                continue;
            }
            let key = self.items.and_then(|items| items.key(name));
            let place = self.session.lines.place(key.and_then(toml_edit::Key::span).or(item.span()));
            let close = suggestion(name, asked.iter().map(String::as_str));
            let expected = match &close {
                Some(close) => format!("another key: {close}"),
                None => format!("one of {}", asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
            };
            explained.extend(
                asked.iter().filter(|key| close.as_ref().is_some_and(|c| c.contains(&quoted(key)))).cloned(),
            );
            self.session.problem(
                &place,
                &self.path_of(&clipped(name)),
                "an unknown key".to_owned(),
                expected,
            );
        }
        for (key, expected) in self.missing.borrow().iter() {
            // A misspelt key, or one in a line that couldn't be read, is one fault and not two.
            if !explained.contains(key) && !self.session.lost.mentions(key) {
                self.session.problem(&self.place, &self.path_of(key), "nothing".to_owned(), expected.clone());
            }
        }
    }
}

impl Session<'_> {
    /// The text of a field as this rule wants it; anything else is told of.
    pub(super) fn parse<T>(&self, field: &Field<'_>, rule: &Rule<T>) -> Option<Spot<T>> {
        let text = field.raw.text(rule.bare_dates);
        match text.as_deref().and_then(|text| (rule.parse)(text)) {
            Some(value) => Some(Spot { value, place: field.place.clone(), path: field.path.clone() }),
            // What it refers to stands where the text couldn't be read, and that has been told.
            None if rule.refers && text.as_deref().is_some_and(|text| self.lost.mentions_part(text)) => None,
            None => {
                let close = text.and_then(|text| suggestion(&text, rule.choices.iter().map(String::as_str)));
                let expected = match close {
                    Some(close) => format!("{} ({close})", rule.expected),
                    None => rule.expected.clone(),
                };
                self.problem(&field.place, &field.path, field.raw.shown(), expected);
                None
            }
        }
    }
}

impl Raw<'_> {
    /// The text, if that is what stands here; a date without quotes counts as text where a date is wanted.
    pub(super) fn text(&self, bare_dates: bool) -> Option<String> {
        let value = match self {
            Raw::Item(item) => item.as_value()?,
            Raw::Value(value) => value,
            Raw::Variable(text) => return Some((*text).to_owned()),
            Raw::UnreadableVariable => return None,
        };
        match value {
            Value::String(text) => Some(text.value().clone()),
            Value::Datetime(date) if bare_dates => Some(date.value().to_string()),
            _ => None,
        }
    }

    /// How a wrong value is named to a person. Not for secrets.
    pub(super) fn shown(&self) -> String {
        let value = match self {
            Raw::Item(Item::Value(value)) => value,
            Raw::Value(value) => value,
            Raw::Item(Item::ArrayOfTables(_)) => return "a list of tables".to_owned(),
            Raw::Item(_) => return "a table".to_owned(),
            Raw::Variable(text) => return quoted(text),
            Raw::UnreadableVariable => return "bytes that aren't UTF-8".to_owned(),
        };
        match value {
            Value::String(text) => quoted(text.value()),
            Value::Integer(number) => format!("the bare number {}", number.value()),
            Value::Float(number) => format!("the bare number {}", number.value()),
            Value::Boolean(flag) => format!("the flag {}", flag.value()),
            Value::Datetime(date) => format!("the bare date {}", date.value()),
            Value::Array(_) => "a list".to_owned(),
            Value::InlineTable(_) => "a table".to_owned(),
        }
    }
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// In double quotes, control characters escaped, not longer than a line.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", clipped(text))
}
