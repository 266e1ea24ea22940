//! How many rows a list has: the one thing that is shown of a list of leads.

use super::files::{MOST, SHEET, archive, deflated, parts, sheet, workbook};
use proptest::prelude::*;
use tandem::domain::evidence::Kind;
use tandem::evidence::inspect::inspect;

fn csv(text: &str) -> i64 {
    inspect("list.csv", None, text.as_bytes(), MOST).unwrap().rows.unwrap()
}

fn xlsx(bytes: &[u8]) -> i64 {
    inspect("list.xlsx", None, bytes, MOST).unwrap().rows.unwrap()
}

#[test]
fn lines_of_a_csv_that_hold_anything_are_rows() {
    assert_eq!(csv("name;mail\nAda;a@x\nBob;b@x"), 3);
    assert_eq!(csv("name,mail\r\nAda,a@x\r\n\r\n,,\r\n\"\",\"\"\r\n"), 2, "empty ones don't count");
    assert_eq!(csv("a\rb\rc\r"), 3, "as old Macs end lines");
    assert_eq!(csv("note\n\"two\nlines\",x\n\"a \"\"b\"\"\nc\""), 3, "a line break in quotes ends no row");
    assert_eq!(csv("5\" pipe,1\n3\" pipe,2\n"), 2, "a quote inside a cell is a character");
    assert_eq!(csv("a\n\"open,b\nc\nd"), 4, "a quote that is never closed swallows nothing");
    assert_eq!(csv(" \t\n;;\n"), 0);
    assert_eq!(csv("x"), 1);
    let wide: Vec<u8> = "a\r\nü\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [b"\xff\xfe".as_slice(), &wide].concat();
    assert_eq!(inspect("a.csv", None, &wide, MOST).unwrap().rows, Some(2));
    assert_eq!(inspect("a.txt", None, b"a\nb\n", MOST).unwrap().rows, None);
}

#[test]
fn rows_of_a_workbook_that_hold_anything_are_rows() {
    assert_eq!(xlsx(&workbook(&sheet(&[&["name"], &["Ada"], &["", ""], &["", "x"]]))), 3);
    assert_eq!(xlsx(&workbook("<worksheet><sheetData/></worksheet>")), 0);
    let spelled = "<x:worksheet><x:sheetData><x:row r=\"1\" a='>'><x:c><x:f>A1</x:f><x:v>7</x:v></x:c></x:row>\
        <!-- <row><c><v>1</v></c></row> --><x:row r=\"2\"/><x:row>\n<x:c><x:v></x:v></x:c></x:row>\
        <x:row><x:c t=\"s\"><x:v>0</x:v></x:c><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>\
        <x:legacy><x:v>9</x:v></x:legacy></x:worksheet>";
    assert_eq!(xlsx(&workbook(spelled)), 2);
    let mut two = parts(Kind::Xlsx);
    two.push(deflated("xl/worksheets/sheet2.xml", sheet(&[&["a"], &["b"], &["c"]]).as_bytes()));
    two.push(deflated("xl/worksheets/_rels/sheet2.xml.rels", b"<row><c><v>1</v></c></row>"));
    assert_eq!(xlsx(&archive(&two)), 5, "all sheets together");
    let mut none = parts(Kind::Xlsx);
    none.retain(|part| part.name != SHEET.as_bytes());
    assert_eq!(xlsx(&archive(&none)), 0);
}

fn cells() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = "[a-zäß ,;\"\n\r\t|0-9]{0,8}";
    proptest::collection::vec(proptest::collection::vec(cell, 1..4), 0..20)
}

/// As spreadsheets write a CSV, with or without quotes where none are needed.
fn written(rows: &[Vec<String>], separator: char, always: bool) -> String {
    let cell = |text: &String| {
        if always || text.contains([',', ';', '"', '\n', '\r', '\t', '|']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    };
    let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(&separator.to_string());
    rows.iter().map(line).map(|line| line + "\r\n").collect()
}

proptest! {
    /// However it is spelled, a list has as many rows as were put into it.
    #[test]
    fn as_many_rows_as_were_written(rows in cells(), separator in "[,;\t|]", always in any::<bool>()) {
        let holds = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        let expected = i64::try_from(rows.iter().filter(holds).count()).unwrap();
        let text = written(&rows, separator.chars().next().unwrap(), always);
        prop_assert_eq!(csv(&format!("x\r\n{text}")), expected + 1, "{}", text);

        let plain: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.replace('"', "&quot;")).collect()).collect();
        let borrowed: Vec<Vec<&str>> = plain.iter().map(|row| row.iter().map(|cell| cell.trim()).collect()).collect();
        let rows: Vec<&[&str]> = borrowed.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(xlsx(&workbook(&sheet(&rows))), expected);
    }

    /// No sheet, whatever is in it, stops the count.
    #[test]
    fn any_sheet_is_counted(text in "(<|>|/|row|v|c|!--|-->|\"|'|1| ){0,60}") {
        let rows = xlsx(&workbook(&text));
        prop_assert!(rows >= 0 && rows <= i64::try_from(text.len()).unwrap());
    }
}
