//! Tables that people attach: as spreadsheets of any country write them, and as they go wrong.

use tandem::domain::table::{MAX_ROWS, listed, read};

fn both(text: &str) -> Result<Vec<(usize, String, String)>, Vec<String>> {
    read(text, ["day", "sum"], |line, [day, sum]| Ok((line, day.to_owned(), sum.to_owned())))
}

fn rows(text: &str) -> Vec<(usize, String, String)> {
    both(text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn problem(text: &str) -> String {
    both(text).map_or_else(|problems| listed(&problems), |rows| format!("{rows:?}"))
}

#[test]
fn spreadsheets_of_any_country_are_read() {
    let wanted = vec![(2, "1 May".to_owned(), "1.500,00".to_owned()), (4, "2".to_owned(), "3".to_owned())];
    for text in [
        "day,sum\n1 May,\"1.500,00\"\n\n2,3\n",
        "\u{feff}Day;Sum\r\n1 May;1.500,00\r\n;\r\n2;3",
        "SUM\tother\tDAY\n1.500,00\t\t 1 May \n\t\t\n3\tx\t2",
        "day,sum,\n1 May,\"1.500,00\",,,\n,\n\"2\",\"3\",\n",
    ] {
        assert_eq!(rows(text), wanted, "{text}");
    }
    let quoted = "day,sum\n\"a \"\"b\"\"\nc\",=1+1\n5\" screen,2\n";
    let read = rows(quoted);
    assert_eq!(read[0], (2, "a \"b\"\nc".to_owned(), "=1+1".to_owned()));
    assert_eq!((read[1].0, read[1].1.as_str()), (4, "5\" screen"));
}

#[test]
fn what_is_no_table_is_told_clearly() {
    assert_eq!(problem(""), "The file is empty.");
    assert_eq!(problem("\u{feff}\r\n ,, \r\n"), "The file is empty.");
    assert_eq!(problem("day,sum\n"), "The file has a heading and no rows.");
    assert_eq!(problem("day,total\n1,2"), "The column sum is missing. The heading is: day,sum");
    assert_eq!(problem("day,sum,Day\n1,2,3"), "The column day is there twice.");
    assert_eq!(problem("day,sum\n1,2\n3,\"4\n5,6\n"), "Line 3: a quotation mark is not closed.");
    assert_eq!(problem("\"day,sum\n1,2"), "Line 1: a quotation mark is not closed.");
    let split = "Line 3: it has 3 cells, the heading has 2. Put a cell with a separator in quotes.";
    assert_eq!(problem("day,sum\n1,2\n1,500,00\n"), split);
    let short = "Line 2: it has 1 cell, the heading has 2. Put a cell with a separator in quotes.";
    assert_eq!(problem("day,sum\n1\n"), short);
    let huge = format!("day,sum\n{},1\n", "x".repeat(1_000_000));
    assert_eq!(rows(&huge)[0].1.len(), 1_000_000);
    let many = format!("day,sum\n{}", "1,2\n".repeat(MAX_ROWS + 1));
    assert_eq!(problem(&many), "A file has at most 2000 rows. Split it.");
    assert_eq!(rows(&format!("day,sum\n{}", "1,2\n".repeat(MAX_ROWS))).len(), MAX_ROWS);
    let wrong = format!("day,sum\n{}", "1\n".repeat(25));
    assert!(problem(&wrong).ends_with("\n… and 5 more."), "{}", problem(&wrong));
}
