//! From text to a TOML tree that remembers where everything stands, past any syntax errors.
//!
//! A TOML parser stops at its first error, but an operator wants to see them all. So each faulty statement is
//! noted, overwritten with spaces (which keeps every later position true), and the text is parsed again. What was
//! overwritten is remembered as [`Lost`], so that nobody is told that a key is missing when it stands in the line
//! that couldn't be read.

use std::ops::Range;

use toml_edit::{Document, TomlError};

use super::problem::{Place, Problem};

/// More syntax errors than this in one file are noise: the file is something else than TOML.
const MAX_SYNTAX_ERRORS: usize = 50;

/// Start of each line, to turn byte positions into line numbers.
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Index of the line (from 0) that holds this byte position.
    fn index(&self, position: usize) -> usize {
        self.starts.partition_point(|start| *start <= position).saturating_sub(1)
    }

    /// The place of a span, or of the file where the parser kept none.
    pub(super) fn place(&self, span: Option<Range<usize>>) -> Place {
        span.map_or(Place::File, |span| Place::Line(self.index(span.start) + 1))
    }
}

/// The text that couldn't be read and was passed over.
#[derive(Default)]
pub(super) struct Lost {
    text: String,
}

impl Lost {
    /// Whether this word stands in what was passed over.
    pub(super) fn mentions(&self, word: &str) -> bool {
        let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        self.text.split(|c| !in_word(c)).any(|found| found == word)
    }

    /// Whether a part of this reference, such as `acme` of `ACME/CMP-7`, stands in what was passed over.
    pub(super) fn mentions_part(&self, reference: &str) -> bool {
        reference.split('/').any(|part| self.mentions(&part.to_ascii_lowercase()))
    }
}

/// What could be read of a text.
pub(super) struct Parsed {
    /// Absent where nothing could be saved.
    pub(super) document: Option<Document<String>>,
    pub(super) lines: Lines,
    pub(super) lost: Lost,
    pub(super) problems: Vec<Problem>,
}

/// Reads the text, passing over what isn't TOML.
pub(super) fn parse(text: &str) -> Parsed {
    let lines = Lines::of(text);
    let mut draft = Draft { text: text.to_owned(), passed: vec![false; lines.starts.len()], lines };
    let mut lost = Lost::default();
    let mut problems = Vec::new();
    loop {
        let error = match Document::parse(draft.text.clone()) {
            Ok(document) => return Parsed { document: Some(document), lines: draft.lines, lost, problems },
            Err(error) => error,
        };
        let unclosed = draft.unclosed_before(&error);
        let at = || error.span().map(|span| draft.lines.index(span.start));
        let line = unclosed.as_ref().map(|unclosed| unclosed.line).or_else(at);
        let block = line.and_then(|line| draft.block_around(line));
        // Remains of a statement that was already reported (the rest of a broken list, say) are not a second fault.
        if !block.as_ref().is_some_and(|block| block.is_remains) {
            problems.push(match unclosed {
                Some(unclosed) => Problem {
                    place: Place::Line(unclosed.line + 1),
                    key: String::new(),
                    found: format!("{} that isn't closed", unclosed.what),
                    expected: format!("its closing {}", unclosed.closing),
                },
                None => draft.describe(&error),
            });
        }
        let passed = block.is_some_and(|block| draft.pass_over(block.lines, &mut lost));
        if !passed || problems.len() >= MAX_SYNTAX_ERRORS {
            return Parsed { document: None, lines: draft.lines, lost, problems };
        }
    }
}

/// Something that was opened and swallows what follows.
struct Unclosed {
    line: usize,
    what: &'static str,
    closing: &'static str,
}

struct Block {
    lines: Range<usize>,
    is_remains: bool,
}

/// The text while faulty statements are being overwritten.
struct Draft {
    text: String,
    lines: Lines,
    passed: Vec<bool>,
}

impl Draft {
    /// The message says what the parser met; the line itself is not repeated, since it may hold a secret.
    fn describe(&self, error: &TomlError) -> Problem {
        let place = self.lines.place(error.span());
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        if message == "duplicate key" {
            let key = error.span().and_then(|span| self.text.get(span)).unwrap_or_default().trim().to_owned();
            let expected = "each key once in its table".to_owned();
            return Problem { place, key, found: "the same key a second time".to_owned(), expected };
        }
        let (said, wanted) = match message.split_once(", expected ") {
            Some((said, wanted)) => (said.to_owned(), wanted.to_owned()),
            None => (message, "TOML: key = value, [table] or [[list]]".to_owned()),
        };
        let Some(at) = error.span().map(|span| span.start) else {
            return Problem { place, key: String::new(), found: said, expected: wanted };
        };
        let line = self.lines.index(at);
        let before = self.text.get(self.lines.starts[line]..at).unwrap_or_default();
        let found = format!("{said} at column {}", before.chars().count() + 1);
        let header = header(self.line(line)).is_some();
        let expected = if header { format!("{wanted}; this table was not read further") } else { wanted };
        Problem { place, key: String::new(), found, expected }
    }

    /// What isn't closed swallows what follows, and the parser complains only there. If the complaint is about a list
    /// or text that the complained-of line doesn't open, this is the line that opens it.
    fn unclosed_before(&self, error: &TomlError) -> Option<Unclosed> {
        let message = error.message();
        let at = error.span()?.start;
        let line = self.lines.index(at);
        let count = |text: &str, part: &str| text.matches(part).count();
        let nearest = |opens: &dyn Fn(&str) -> bool| {
            (0..=line).rev().find(|above| !self.passed[*above] && opens(self.line(*above)))
        };
        if message.contains("multi-line") {
            let opens = |text: &str| count(text, "\"\"\"") % 2 == 1 || count(text, "'''") % 2 == 1;
            let line = nearest(&opens)?;
            return Some(Unclosed { line, what: "a text in triple quotes", closing: "quotes" });
        }
        let before = self.text.get(self.lines.starts[line]..at).unwrap_or_default();
        let opened_here = before.split_once('=').is_some_and(|(_, value)| value.contains(['[', '{']));
        let of_a_list = message.contains("array") || message.contains("inline table");
        if !of_a_list || opened_here || !is_statement(self.line(line)) {
            return None;
        }
        let opens = |text: &str| {
            let key_line = is_statement(text) && header(text).is_none() && !text.starts_with('#');
            key_line && (count(text, "[") > count(text, "]") || count(text, "{") > count(text, "}"))
        };
        let line = nearest(&opens)?;
        Some(Unclosed { line, what: "a list or table", closing: "] or }" })
    }

    fn range(&self, line: usize) -> Range<usize> {
        let end = self.lines.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        self.lines.starts[line]..end
    }

    fn line(&self, line: usize) -> &str {
        self.text[self.range(line)].trim()
    }

    /// The statement that holds this line: a header with all that it governs, or a key with the lines of its value.
    fn block_around(&self, line: usize) -> Option<Block> {
        let last = self.passed.len() - 1;
        let mut start = line.min(last);
        while start > 0 && !self.passed[start] && !is_statement(self.line(start)) {
            start -= 1;
        }
        if self.passed[start] {
            // What an error in a passed statement has left behind: its first line that still holds something.
            let end = self.end_of_value(line.min(last));
            return Some(Block { lines: start + 1..end.max(start + 1), is_remains: true });
        }
        let end = match header(self.line(start)) {
            Some(name) => self.end_of_tables(start, &name),
            None => self.end_of_value(start),
        };
        Some(Block { lines: start..end, is_remains: false })
    }

    fn end_of_value(&self, start: usize) -> usize {
        let ends = |line: &usize| is_statement(self.line(*line)) || self.line(*line).is_empty();
        (start + 1..self.passed.len()).find(ends).unwrap_or(self.passed.len())
    }

    /// Without its header, what follows would land in another table: pass over all of it, sub-tables included.
    fn end_of_tables(&self, start: usize, name: &str) -> usize {
        let below = format!("{name}.");
        let ends = |line: &usize| header(self.line(*line)).is_some_and(|other| !other.starts_with(&below));
        (start + 1..self.passed.len()).find(ends).unwrap_or(self.passed.len())
    }

    /// Overwrites these lines with spaces. False if there was nothing to overwrite, so that parsing again is no use.
    fn pass_over(&mut self, block: Range<usize>, lost: &mut Lost) -> bool {
        let mut progress = false;
        for line in block {
            let range = self.range(line);
            let old = &self.text[range.clone()];
            progress |= !old.trim().is_empty();
            lost.text.push_str(old);
            lost.text.push('\n');
            let blank = " ".repeat(range.len());
            self.text.replace_range(range, &blank);
            self.passed[line] = true;
        }
        progress
    }
}

fn is_statement(line: &str) -> bool {
    let starts_key = |rest: &str| {
        let key: &str = rest.split('=').next().unwrap_or_default();
        key.len() < rest.len() && !key.trim().is_empty() && key.chars().all(is_key_char)
    };
    line.starts_with('#') || header(line).is_some() || starts_key(line)
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '"' | '\'')
}

/// The dotted name in a `[table]` or `[[list]]` header, as far as it can be made out.
fn header(line: &str) -> Option<String> {
    let inner = line.strip_prefix('[')?;
    let inner = inner.strip_prefix('[').unwrap_or(inner).trim_start();
    let name: String = inner.chars().take_while(|c| is_key_char(*c)).filter(|c| *c != ' ').collect();
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(name)
}
