//! The process environment as a value, so that loading a configuration reads nothing that it wasn't given.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

/// Environment variables by name. `main` collects `std::env::vars_os()` into one; tests write their own.
///
/// `Debug` prints names only, because values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, Option<String>>,
}

/// What a variable holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable<'a> {
    Unset,
    /// Set to bytes that aren't UTF-8.
    Unreadable,
    Text(&'a str),
}

impl Environment {
    pub(super) fn get(&self, name: &str) -> Variable<'_> {
        match self.variables.get(name) {
            None => Variable::Unset,
            Some(None) => Variable::Unreadable,
            Some(Some(text)) => Variable::Text(text),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self { variables: pairs.into_iter().map(|(name, value)| (name, Some(value))).collect() }
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Environment {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    /// A variable whose name isn't UTF-8 can't be meant for us and is left out.
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(pairs: I) -> Self {
        let readable =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()));
        Self { variables: pairs.into_iter().filter_map(readable).collect() }
    }
}
