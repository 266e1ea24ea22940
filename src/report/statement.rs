//! A fund's statement as a table: CSV and a workbook (XLSX) with the same figures. One line for what it opens with, one for
//! each kind of move, one for what it closes with; each column adds up.

use super::csv::{guarded, written};
use crate::domain::fund::Fund;
use crate::domain::fund::statement::{Amounts, COLUMNS, Statement};
use crate::domain::money::Currency;
use crate::fault::Fault;
use crate::text::card::File;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

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
///
/// # Errors
/// A table that can't be written.
pub fn csv(fund: &Fund, statement: &Statement) -> Result<File, Fault> {
    let heading = ["fund", "from", "until", "currency", "line"].into_iter();
    let mut rows = vec![heading.chain(COLUMNS.map(|account| account.code())).map(str::to_owned).collect()];
    for (label, amounts) in lines(statement) {
        let (from, until) = (statement.from.to_string(), statement.until.to_string());
        let mut cells =
            vec![guarded(&fund.key), from, until, fund.currency.code().to_owned(), label.to_owned()];
        cells.extend(amounts.map(|amount| amount.decimal().to_string()));
        rows.push(cells);
    }
    let bytes = written(&rows)?;
    Ok(File { name: format!("{}.csv", base(fund, statement)), content_type: "text/csv".to_owned(), bytes })
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a spreadsheet holds exactly as a number: 15 digits. What has more is written as a text.
const EXACT: u64 = 999_999_999_999_999;

/// The table as a workbook of one sheet. The same figures give the same bytes.
///
/// # Errors
/// A workbook that can't be written.
pub fn xlsx(fund: &Fund, statement: &Statement) -> Result<File, Fault> {
    let bytes = book(fund, statement)
        .map_err(|error| Fault::Other(format!("a workbook can't be written: {error}")))?;
    Ok(File { name: format!("{}.xlsx", base(fund, statement)), content_type: XLSX.to_owned(), bytes })
}

fn book(fund: &Fund, statement: &Statement) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // It doesn't say when it was written, but until when it goes.
    let until = ExcelDateTime::parse_from_str(&statement.until.to_string())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&until));
    let (heading, figures) = (Format::new().set_bold(), Format::new().set_num_format(shown(fund.currency)));
    let sheet = book.add_worksheet().set_name("Statement")?;
    let name: String = fund.name.chars().filter(|character| !character.is_control()).collect();
    // A cell that says that it is a text is no formula, whatever stands in it.
    sheet.write_string_with_format(0, 0, format!("Statement of {name}"), &heading)?;
    let period = format!("{} to {}, in {}", statement.from, statement.until, fund.currency.code());
    sheet.write_string(1, 0, period)?;
    let columns = std::iter::once("line").chain(COLUMNS.map(|account| account.code()));
    for (column, title) in (0..).zip(columns) {
        sheet.write_string_with_format(2, column, title, &heading)?;
        sheet.set_column_width(column, 20)?;
    }
    for (row, (label, amounts)) in (3..).zip(lines(statement)) {
        sheet.write_string(row, 0, label)?;
        for (column, amount) in (1..).zip(amounts) {
            let text = amount.decimal().to_string();
            // The nearest number to 15 digits is written, and shown, as these digits.
            match text.parse::<f64>() {
                Ok(figure) if amount.minor().unsigned_abs() <= EXACT => {
                    sheet.write_number_with_format(row, column, figure, &figures)?;
                }
                _ => {
                    sheet.write_string(row, column, text)?;
                }
            }
        }
    }
    book.save_to_buffer()
}

/// How a spreadsheet shows amounts of a currency: `#,##0.00`.
fn shown(currency: Currency) -> String {
    match currency.exponent() {
        0 => "#,##0".to_owned(),
        places => format!("#,##0.{}", "0".repeat(places as usize)),
    }
}
