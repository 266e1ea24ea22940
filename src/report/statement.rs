//! A fund's statement as a table: CSV and a workbook (XLSX) with the same figures. One line for what it opens with, one for
//! each kind of move, one for what it closes with; each column adds up.

use super::csv::{cell, guarded};
use crate::domain::fund::Fund;
use crate::domain::fund::statement::{Amounts, COLUMNS, Statement};
use crate::domain::money::Money;
use crate::fault::Fault;
use crate::text::card::File;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The name of the files, without its ending.
fn base(fund: &Fund, statement: &Statement) -> String {
    format!("{}-{}-{}", fund.key.replace('/', "-"), statement.from, statement.until)
}

/// The lines of the table: what each is called, with its amounts.
fn lines(statement: &Statement) -> Vec<(&'static str, Amounts)> {
    let moved = statement.lines.iter().map(|(kind, amounts)| (kind.label(), *amounts));
    std::iter::once(("opening", statement.opening))
        .chain(moved)
        .chain(std::iter::once(("closing", statement.closing)))
        .collect()
}

/// The table as CSV.
pub fn csv(fund: &Fund, statement: &Statement) -> File {
    let columns = COLUMNS.map(|account| account.code());
    let mut rows = vec![format!("fund,from,until,currency,line,{}", columns.join(","))];
    let shared = [guarded(&fund.key), statement.from.to_string(), statement.until.to_string()];
    let shared: Vec<String> = shared.into_iter().map(cell).collect();
    for (label, amounts) in lines(statement) {
        let figures = amounts.map(|amount| amount.decimal().to_string());
        rows.push(format!("{},{},{label},{}", shared.join(","), fund.currency.code(), figures.join(",")));
    }
    File {
        name: format!("{}.csv", base(fund, statement)),
        content_type: "text/csv".to_owned(),
        bytes: format!("\u{feff}{}\r\n", rows.join("\r\n")).into_bytes(),
    }
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Statement" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// The table as a workbook of one sheet. Amounts are numbers; a spreadsheet shows all that a fund can hold exactly (see
/// [`crate::domain::money::MAX_MINOR`]).
///
/// # Errors
/// A workbook that can't be written.
pub fn xlsx(fund: &Fund, statement: &Statement) -> Result<File, Fault> {
    let failed =
        |error: &dyn std::fmt::Display| Fault::Other(format!("a workbook can't be written: {error}"));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let sheet = sheet(fund, statement);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ] {
        archive.start_file(name, options).map_err(|error| failed(&error))?;
        archive.write_all(format!("{HEAD}{content}").as_bytes()).map_err(|error| failed(&error))?;
    }
    let bytes = archive.finish().map_err(|error| failed(&error))?.into_inner();
    Ok(File { name: format!("{}.xlsx", base(fund, statement)), content_type: XLSX.to_owned(), bytes })
}

fn sheet(fund: &Fund, statement: &Statement) -> String {
    let mut rows = vec![
        vec![word(&format!("Statement of {}", fund.name))],
        vec![word(&format!("{} to {}, in {}", statement.from, statement.until, fund.currency.code()))],
    ];
    rows.push(std::iter::once("line").chain(COLUMNS.map(|account| account.code())).map(word).collect());
    for (label, amounts) in lines(statement) {
        rows.push(std::iter::once(word(label)).chain(amounts.map(number)).collect());
    }
    let rows: String = rows.iter().map(|cells| format!("<row>{}</row>", cells.concat())).collect();
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// A text that no spreadsheet takes for a formula, because it says that it is a text.
fn word(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|c| !c.is_control()) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    format!(r#"<c t="inlineStr"><is><t>{escaped}</t></is></c>"#)
}

fn number(amount: Money) -> String {
    format!("<c><v>{}</v></c>", amount.decimal())
}
