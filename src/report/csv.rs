//! A report's figures as a table, one line for each campaign and measure, for a spreadsheet. It is laid out from the
//! report's JSON, so that both say the same to the last digit.

use crate::text::card::File;
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
pub fn file(report: &Value) -> File {
    let name = format!("{}-{}.csv", text(&report["plan"]).replace('/', "-"), text(&report["day"]));
    // The mark at the beginning tells spreadsheets that this is UTF-8.
    let bytes = format!("\u{feff}{}", table(report)).into_bytes();
    File { name, content_type: "text/csv".to_owned(), bytes }
}

fn table(report: &Value) -> String {
    let head = ["plan", "revision", "as_of", "day", "currency"];
    let mut lines = vec![[head.as_slice(), &["campaign", "name", "measure"], &FIGURES].concat().join(",")];
    let shared: Vec<String> = head.iter().map(|column| cell(text(&report[*column]))).collect();
    let mut add = |id: &str, name: &str, measures: &Value| {
        for measure in MEASURES {
            let figures = FIGURES.iter().map(|figure| text(&measures[measure][*figure]));
            let mut cells = shared.clone();
            cells.extend([cell(id.to_owned()), cell(guarded(name)), measure.to_owned()]);
            cells.extend(figures.map(cell));
            lines.push(cells.join(","));
        }
    };
    add("", "", &report["measures"]);
    for campaign in report["campaigns"].as_array().into_iter().flatten() {
        add(&text(&campaign["id"]), &text(&campaign["name"]), &campaign["measures"]);
    }
    lines.join("\r\n") + "\r\n"
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What people named, so that no spreadsheet takes it for a formula.
pub(super) fn guarded(name: &str) -> String {
    let dangerous = name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if dangerous { format!("'{name}") } else { name.to_owned() }
}

pub(super) fn cell(text: String) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
