//! The arithmetic of funds: accrual by currency, carry-over, statements that add up.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::io::{Cursor, Read};
use tandem::domain::fund::accrual::{accrued, expires_on, read_rows};
use tandem::domain::fund::carry::{Carry, CarryMost, CarryTo};
use tandem::domain::fund::statement::{COLUMNS, Entry, Statement};
use tandem::domain::fund::{Account, Fund, FundKind, Move, Terms};
use tandem::domain::money::{Currency, Money};
use tandem::domain::rate::{DatedRate, read};
use tandem::evidence::inspect::inspect;
use tandem::report::statement as files;

fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, Currency::parse(code).unwrap()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn accrual_is_rounded_to_the_minor_unit_of_each_currency() {
    for (sales, code, percent, expected) in [
        (12_345, "JPY", "1.5", 185),       // 185.175
        (1_234_567, "USD", "2", 24_691),   // 246.9134
        (25, "USD", "50", 13),             // 0.125, half up
        (-25, "USD", "50", -13),           // a correction takes back what was given
        (1, "USD", "2", 0),                // 0.0002
        (1_234_567, "KWD", "2.5", 30_864), // 30.864175
        (20, "KWD", "2.5", 1),             // 0.0005, half up
    ] {
        let amount = accrued(money(sales, code), percent.parse().unwrap()).unwrap();
        assert_eq!(amount, money(expected, code), "{sales} {code} at {percent} %");
    }
}

proptest! {
    /// Never a whole half of a minor unit off, in any currency, and a correction takes back exactly what was given.
    #[test]
    fn accrual_is_exact(
        minor in -1_000_000_000_000_i64..1_000_000_000_000,
        hundredths in 1_i64..=10_000,
        code in prop::sample::select(vec!["JPY", "USD", "KWD"]),
    ) {
        let percent = Decimal::new(hundredths, 2);
        let amount = accrued(money(minor, code), percent).unwrap();
        // In ten-thousandths of a minor unit: sales × hundredths of a percent.
        let exact = i128::from(minor) * i128::from(hundredths);
        let off = i128::from(amount.minor()) * 10_000 - exact;
        prop_assert!(off.abs() <= 5_000, "{off}");
        prop_assert!(off.abs() < 5_000 || (off > 0) == (exact > 0), "a half goes away from zero");
        prop_assert_eq!(accrued(money(-minor, code), percent).unwrap(), amount.negate());
    }

    /// What goes on and what is forfeited are all that was left.
    #[test]
    fn carry_over_never_makes_money(rest in 0_i64..=9_000_000_000_000_000, hundredths in 1_i64..=10_000, most in 0_i64..=1_000_000) {
        for most in [CarryMost::All, CarryMost::Percent(Decimal::new(hundredths, 2)), CarryMost::Minor(most)] {
            let carried = Carry { to: CarryTo::NextPeriod, most }.of(money(rest, "EUR")).minor();
            prop_assert!((0..=rest).contains(&carried));
            if let CarryMost::Percent(_) = most {
                prop_assert_eq!(i128::from(carried), i128::from(rest) * i128::from(hundredths) / 10_000);
            }
            prop_assert_eq!(CarryMost::parse(most.code().as_deref()), Some(most));
        }
    }

    /// What a correction after the end takes back was there, and the rest of it was forfeited; it is refused only where the two
    /// are less than it. What goes on late stays within the limit.
    #[test]
    fn a_late_correction_takes_what_went_on(
        amount in 1_i64..=1_000_000, went in 0_i64..=1_000_000, lost in 0_i64..=1_000_000,
        hundredths in 1_i64..=10_000, limit in 0_i64..=1_000_000,
    ) {
        for most in [CarryMost::All, CarryMost::Percent(Decimal::new(hundredths, 2)), CarryMost::Minor(limit)] {
            for to in [CarryTo::Nowhere, CarryTo::NextPeriod] {
                let carry = Carry { to, most };
                let back = carry.back_of(money(amount, "EUR"), went, lost, false).map(Money::minor);
                prop_assert_eq!(back.is_some(), amount <= went + lost);
                if let Some(back) = back {
                    prop_assert!((0..=went).contains(&back) && (0..=lost).contains(&(amount - back)));
                    // Where all of it was there in both, as much comes back as would have gone on; of a limit, what is above
                    // it first.
                    let whole = amount <= went && amount <= lost;
                    let rule = match (&carry.to, most) {
                        (CarryTo::NextPeriod, CarryMost::All | CarryMost::Percent(_)) => carry.of(money(amount, "EUR")).minor(),
                        _ => 0,
                    };
                    prop_assert!(!whole || back == rule, "{} of {}", back, amount);
                }
                let more = carry.after(money(went, "EUR")).of(money(amount, "EUR")).minor();
                if let CarryMost::Minor(limit) = most {
                    prop_assert_eq!(more, amount.min((limit - went).max(0)));
                }
            }
        }
    }

    /// In each column, what it opens with and its lines add up to what it closes with; and each period opens with what the
    /// one before closed with.
    #[test]
    fn a_statement_adds_up(
        moves in prop::collection::vec((0_usize..Move::ALL.len(), 1_i64..1_000_000, 0_u64..90, any::<bool>(), any::<bool>()), 0..60),
        first in 0_u64..60, length in 0_u64..40,
    ) {
        let begin = day("2026-01-01");
        let mut entries = Vec::new();
        for (index, minor, after, comes_in, accrual) in moves {
            let what = Move::ALL[index];
            let on = begin + Days::new(after);
            let (from, to) = what.accounts();
            let entry = |account, minor| Entry { on, what, accrual, account, amount: money(minor, "EUR") };
            match what {
                // Of a transfer between two funds, each sees its own side.
                Move::Transfer => entries.push(entry(to, if comes_in { minor } else { -minor })),
                _ => entries.extend([entry(from, -minor), entry(to, minor)]),
            }
        }
        let zero = money(0, "EUR");
        let (from, until) = (begin + Days::new(first), begin + Days::new(first + length));
        let statement = Statement::of(zero, &entries, from, until).unwrap();
        for column in 0..COLUMNS.len() {
            let moved = statement.lines.iter().map(|(_, amounts)| amounts[column].minor()).sum::<i64>();
            prop_assert_eq!(statement.opening[column].minor() + moved, statement.closing[column].minor());
            let held = entries.iter().filter(|one| one.on <= until && one.account == COLUMNS[column]);
            prop_assert_eq!(held.map(|one| one.amount.minor()).sum::<i64>(), statement.closing[column].minor());
        }
        let next = until + Days::new(1);
        let following = Statement::of(zero, &entries, next, next + Days::new(30)).unwrap();
        prop_assert_eq!(following.opening, statement.closing);
        prop_assert!(statement.lines.windows(2).all(|two| two[0].0 < two[1].0), "each kind once, in order");
    }

    /// No file makes the reader fail, and every row that is refused is named by its line.
    #[test]
    fn any_text_is_read_as_a_file(text in "(date,partner,sales,reference\n)?[-a-z0-9,;\"\n. ]{0,120}") {
        let read = read_rows(&text, Currency::parse("EUR").unwrap(), day("2026-01-05"));
        if let Err(problems) = read {
            prop_assert!(!problems.is_empty() && problems.iter().all(|one| !one.is_empty()));
        }
    }
}

/// A machine writes plain decimals; what a person writes in a cell is read as ever.
#[test]
fn a_file_has_plain_decimals() {
    let read = |own: &str, sales: &str| {
        let text = format!("date,partner,sales,reference\n2026-01-02,acme,\"{sales}\",A-1\n");
        let rows = read_rows(&text, Currency::parse(own).unwrap(), day("2026-01-05"));
        rows.map(|rows| rows[0].posting.sales).ok()
    };
    assert_eq!(read("KWD", "400.500"), Some(money(400_500, "KWD")));
    assert_eq!(read("KWD", "-400.5"), Some(money(-400_500, "KWD")));
    assert_eq!(read("EUR", "KWD 400.500"), Some(money(400_500, "KWD")));
    assert_eq!(read("EUR", "1200.50"), Some(money(120_050, "EUR")));
    assert_eq!(read("EUR", "1,200.50"), Some(money(120_050, "EUR")));
    assert_eq!(read("EUR", "1.200,50"), Some(money(120_050, "EUR")));
    assert_eq!(read("EUR", "0.500"), Some(money(50, "EUR")));
    assert_eq!(read("JPY", "1.200"), Some(money(1_200, "JPY")), "there is no other reading");
    for riddle in ["0", "1.2.3", "1e3", ".", "400.505", "USD 1.200", "400.500 EUR", "€400.500"] {
        assert_eq!(read("EUR", riddle), None, "{riddle}");
    }
    let text = "date,partner,sales,reference\n2026-01-02,acme,-400.500,A-1\n";
    assert_eq!(
        read_rows(text, Currency::parse("EUR").unwrap(), day("2026-01-05")),
        Err(vec![
            "Line 2: “-400.500” can be read as -400500.00 or as -400.50. Write -400500.00 or -400.50."
                .to_owned()
        ])
    );
}

#[test]
fn a_credit_ends_months_after_its_sales() {
    for (sold, months, expected) in [
        ("2026-01-31", Some(1), Some("2026-02-28")),
        ("2026-01-15", Some(12), Some("2027-01-15")),
        ("2026-01-15", None, None),
    ] {
        assert_eq!(expires_on(day(sold), months), expected.map(day));
    }
}

#[test]
fn rates_are_plain_decimals() {
    let rate = DatedRate {
        from: Currency::parse("JPY").unwrap(),
        to: Currency::parse("KWD").unwrap(),
        rate: read("0.002").unwrap(),
        valid_from: day("2026-01-01"),
    };
    assert_eq!(rate.convert(money(12_345, "JPY")).unwrap(), money(24_690, "KWD"));
    assert!(rate.convert(money(1, "USD")).is_err(), "not its currency");
    for text in ["", "0", "-1", "1e3", "1,5", "0.12345678901", "1000000001", "one"] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read(" 0.9200 ").map(|rate| rate.to_string()).as_deref(), Some("0.92"));
}

#[test]
fn entries_of_the_contra_account_are_no_part_of_a_statement() {
    let entry = |account, minor| Entry {
        on: day("2026-01-05"),
        what: Move::Allocate,
        accrual: true,
        account,
        amount: money(minor, "EUR"),
    };
    let entries = [entry(Account::Granted, -5), entry(Account::Available, 5)];
    let statement = Statement::of(money(0, "EUR"), &entries, day("2026-01-01"), day("2026-01-31")).unwrap();
    assert_eq!(statement.closing[0], money(5, "EUR"));
    assert_eq!(statement.lines.len(), 1);
    assert_eq!(statement.lines[0].0.label(), "accrued");
}

#[test]
fn the_files_of_a_statement_say_the_same() {
    let entry = |on: &str, what, account, minor| Entry {
        on: day(on),
        what,
        accrual: false,
        account,
        amount: money(minor, "EUR"),
    };
    let entries = [
        entry("2026-01-05", Move::Allocate, Account::Available, 1_000),
        entry("2026-02-05", Move::Approve, Account::Available, -250),
        entry("2026-02-05", Move::Approve, Account::Committed, 250),
    ];
    let fund = Fund {
        id: "1".into(),
        program_id: "1".into(),
        partner_id: Some("2".into()),
        parent_id: Some("3".into()),
        key: "year/acme".into(),
        name: "=Year & <pool>".into(),
        kind: FundKind::Mdf,
        currency: Currency::parse("EUR").unwrap(),
        valid_from: day("2026-01-01"),
        valid_until: day("2026-12-31"),
        terms: Terms::default(),
    };
    let statement = Statement::of(money(0, "EUR"), &entries, day("2026-02-01"), day("2026-02-28")).unwrap();
    let csv = files::csv(&fund, &statement).unwrap();
    assert_eq!(csv.name, "year-acme-2026-02-01-2026-02-28.csv");
    assert_eq!(
        String::from_utf8(csv.bytes).unwrap(),
        "\u{feff}fund,from,until,currency,line,available,committed,payable,paid,forfeited\r\n\
         year/acme,2026-02-01,2026-02-28,EUR,opening,10.00,0.00,0.00,0.00,0.00\r\n\
         year/acme,2026-02-01,2026-02-28,EUR,committed,-2.50,2.50,0.00,0.00,0.00\r\n\
         year/acme,2026-02-01,2026-02-28,EUR,closing,7.50,2.50,0.00,0.00,0.00\r\n"
    );
    let book = files::xlsx(&fund, &statement).unwrap();
    // Read as what partners attach is: a workbook, with a title, a period, headings and three lines.
    let fit = inspect(&book.name, Some(&book.content_type), &book.bytes, 1 << 20).unwrap();
    assert_eq!(fit.rows, Some(6));
    let sheet = part(&book.bytes, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("<v>-2.5</v>") && sheet.contains("<v>7.5</v>") && !sheet.contains("<f>"),
        "{sheet}"
    );
    // A name is a text, whatever it begins with.
    assert!(part(&book.bytes, "xl/sharedStrings.xml").contains("Statement of =Year &amp; &lt;pool&gt;"));
    assert_eq!(files::xlsx(&fund, &statement).unwrap().bytes, book.bytes, "the same figures, the same bytes");
}

/// A part of a workbook as text.
fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// What is more than a spreadsheet's number holds is a text; nothing is ever rounded.
#[test]
fn figures_of_a_workbook_are_exact() {
    for (code, minor, cell, format) in [
        ("EUR", 999_999_999_999_999, "<v>9999999999999.99</v>", None),
        ("EUR", -999_999_999_999_998, "<v>-9999999999999.98</v>", None),
        ("EUR", 10, "<v>0.1</v>", None),
        ("EUR", 1_000_000_000_000_001, "", None),
        ("JPY", 123_456, "<v>123456</v>", None),
        ("KWD", 1_234, "<v>1.234</v>", Some("#,##0.000")),
        ("KWD", 999_999_999_999_999, "<v>999999999999.999</v>", Some("#,##0.000")),
    ] {
        let entry = Entry {
            on: day("2026-01-05"),
            what: Move::Allocate,
            accrual: false,
            account: Account::Available,
            amount: money(minor, code),
        };
        let statement =
            Statement::of(money(0, code), &[entry], day("2026-01-01"), day("2026-01-31")).unwrap();
        let fund = Fund {
            id: "1".into(),
            program_id: "1".into(),
            partner_id: None,
            parent_id: None,
            key: "x".into(),
            name: "X".into(),
            kind: FundKind::Mdf,
            currency: Currency::parse(code).unwrap(),
            valid_from: day("2026-01-01"),
            valid_until: day("2026-12-31"),
            terms: Terms::default(),
        };
        let book = files::xlsx(&fund, &statement).unwrap().bytes;
        let (sheet, texts) = (part(&book, "xl/worksheets/sheet1.xml"), part(&book, "xl/sharedStrings.xml"));
        match cell {
            "" => assert!(texts.contains("<t>10000000000000.01</t>"), "{texts}"),
            cell => assert!(sheet.contains(cell), "{code} {minor}: {sheet}"),
        }
        if let Some(format) = format {
            assert!(part(&book, "xl/styles.xml").contains(format), "{code}");
        }
    }
}
