//! Tables that people attach: CSV in UTF-8 under a heading, as spreadsheets of any country write it (commas, semicolons or
//! tabs; CRLF; a byte order mark; cells in quotes). Every problem is told with its line, as spreadsheets count lines.

use super::escape::short;
use super::refusal::Refusal;
use csv::{ReaderBuilder, StringRecord, Trim};

/// The most rows of one file.
pub const MAX_ROWS: usize = 2_000;
/// The most problems that are listed of one file.
pub const MAX_PROBLEMS: usize = 20;

/// What no cell can hold: a record of it comes last, unless a quotation mark before it was never closed.
const END: &str = "\u{1}end\u{1}";

/// Reads the rows of a table whose heading names at least these columns, in any order. `row` is given a row's cells in the
/// order of `columns`.
///
/// # Errors
/// What is wrong with it, a sentence for each line.
pub fn read<const N: usize, T>(
    text: &str,
    columns: [&str; N],
    row: impl Fn(usize, [&str; N]) -> Result<T, Refusal>,
) -> Result<Vec<T>, Vec<String>> {
    let records = records(text).map_err(|problem| vec![problem])?;
    let mut records = records.iter();
    let Some((_, heading)) = records.next() else { return Err(vec!["The file is empty.".to_owned()]) };
    let place = places(heading, columns).map_err(|problem| vec![problem])?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (line, record) in records {
        let read = fits(record, heading.len())
            .and_then(|()| row(*line, place.map(|at| record.get(at).unwrap_or_default())));
        match read {
            Ok(row) => rows.push(row),
            Err(refusal) => problems.push(format!("Line {line}: {}", refusal.sentence)),
        }
    }
    if rows.len() + problems.len() > MAX_ROWS {
        problems.insert(0, format!("A file has at most {MAX_ROWS} rows. Split it."));
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push("The file has a heading and no rows.".to_owned());
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// The records that hold anything, each with the line on which it starts.
fn records(text: &str) -> Result<Vec<(usize, StringRecord)>, String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let separator = [b',', b';', b'\t'].into_iter().find(|one| first.contains(char::from(*one)));
    let marked = format!("{text}\n{END}\n");
    let mut reader = ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(marked.as_bytes());
    let (mut all, mut line, mut at, mut closed) = (Vec::new(), 1, 0, false);
    for record in reader.records() {
        let record = record.map_err(|error| format!("It can't be read as CSV: {error}."))?;
        // A record's place is before the empty lines that the reader skips.
        let from = record.position().and_then(|place| usize::try_from(place.byte()).ok()).unwrap_or(at);
        let skipped = marked.bytes().skip(from).take_while(|byte| *byte == b'\n').count();
        line += marked.bytes().take(from + skipped).skip(at).filter(|byte| *byte == b'\n').count();
        at = from + skipped;
        closed = record.len() == 1 && record.get(0) == Some(END);
        if !closed && record.iter().any(|cell| !cell.is_empty()) {
            all.push((line, record));
        }
    }
    if closed { Ok(all) } else { Err(format!("Line {line}: a quotation mark is not closed.")) }
}

/// Where in the heading each column stands.
fn places<const N: usize>(heading: &StringRecord, columns: [&str; N]) -> Result<[usize; N], String> {
    let mut place = [0; N];
    for (index, wanted) in columns.iter().enumerate() {
        let mut found = heading.iter().enumerate().filter(|(_, cell)| cell.eq_ignore_ascii_case(wanted));
        place[index] = match (found.next(), found.next()) {
            (Some((at, _)), None) => at,
            (Some(_), Some(_)) => return Err(format!("The column {wanted} is there twice.")),
            (None, _) => {
                let columns = columns.join(",");
                return Err(format!("The column {wanted} is missing. The heading is: {columns}"));
            }
        };
    }
    Ok(place)
}

/// Refuses a row with other cells than the heading says, such as one whose amount was split at its comma. Empty ones at its
/// end are what some spreadsheets add.
fn fits(record: &StringRecord, columns: usize) -> Result<(), Refusal> {
    let filled = (1..=record.len()).rev().find(|count| !record[count - 1].is_empty()).unwrap_or_default();
    if filled > columns || record.len() < columns {
        let count = if record.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", record.len()) };
        let sentence =
            format!("it has {count}, the heading has {columns}. Put a cell with a separator in quotes.");
        return Err(Refusal::bad_input(sentence, ""));
    }
    Ok(())
}

/// Problems as one text, cut to [`MAX_PROBLEMS`].
pub fn listed(problems: &[String]) -> String {
    let mut lines: Vec<String> = problems.iter().take(MAX_PROBLEMS).map(|one| short(one, 200)).collect();
    if problems.len() > MAX_PROBLEMS {
        lines.push(format!("… and {} more.", problems.len() - MAX_PROBLEMS));
    }
    lines.join("\n")
}
