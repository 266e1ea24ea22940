//! A report's figures as a table, one line for each campaign and measure, for a spreadsheet. It is laid out from the
//! report's JSON, so that both say the same to the last digit.

use crate::domain::unseen::is_unseen;
use crate::fault::Fault;
use crate::text::card::File;
use csv::{Terminator, WriterBuilder};
use serde_json::Value;

const FIGURES: [&str; 9] = [
    "target",
    "planned_by_end",
    "planned_after",
    "planned_to_date",
    "actual",
    "variance",
    "variance_pct",
    "forecast",
    "status",
];
const MEASURES: [&str; 4] = ["leads", "pipeline", "won", "spend"];

/// The table of a report as `json::of` gives it, the plan's lines first.
///
/// # Errors
/// A table that can't be written.
pub fn file(report: &Value) -> Result<File, Fault> {
    let name = format!("{}-{}.csv", text(&report["plan"]).replace('/', "-"), text(&report["day"]));
    Ok(File { name, content_type: "text/csv".to_owned(), bytes: written(&rows(report))? })
}

/// Rows as a file. The mark at the beginning tells spreadsheets that it is UTF-8.
pub(super) fn written(rows: &[Vec<String>]) -> Result<Vec<u8>, Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::Other(format!("a table can't be written: {error}"));
    let begun = "\u{feff}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(begun);
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

fn rows(report: &Value) -> Vec<Vec<String>> {
    let head = ["plan", "revision", "as_of", "day", "currency"];
    let heading = [head.as_slice(), &["campaign", "name", "measure"], &FIGURES].concat();
    let mut rows = vec![heading.into_iter().map(str::to_owned).collect()];
    let shared: Vec<String> = head.iter().map(|column| text(&report[*column])).collect();
    let mut add = |id: &str, name: &str, measures: &Value| {
        for measure in MEASURES {
            let mut cells = shared.clone();
            cells.extend([id.to_owned(), guarded(name), measure.to_owned()]);
            cells.extend(FIGURES.iter().map(|figure| text(&measures[measure][*figure])));
            rows.push(cells);
        }
    };
    add("", "", &report["measures"]);
    for campaign in report["campaigns"].as_array().into_iter().flatten() {
        add(&text(&campaign["id"]), &text(&campaign["name"]), &campaign["measures"]);
    }
    rows
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What people named, so that no spreadsheet takes it for a formula. Spreadsheets pass over blanks before it, and some take the
/// wide signs of East Asian keyboards for their narrow ones.
pub(super) fn guarded(name: &str) -> String {
    let unshown = |c: char| c.is_whitespace() || c.is_control() || is_unseen(c);
    let begins = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let dangerous =
        name.trim_start_matches(unshown).starts_with(begins) || name.starts_with(char::is_control);
    if dangerous { format!("'{name}") } else { name.to_owned() }
}
