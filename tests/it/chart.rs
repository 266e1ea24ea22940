//! The chart of a variance report: what its picture holds, whatever goes in.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use rust_decimal::Decimal;
use tandem::report::chart::{self, Chart, ChartError, Forecast, Light, Panel, Point, Status, Unit};

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A figure for each day of `days`, growing evenly to `total`, a little unevenly if `waves`.
fn growing(start: NaiveDate, days: u64, total: i64, waves: bool) -> Vec<Point> {
    (0..days)
        .map(|day| {
            let even = Decimal::from(total) * Decimal::from(day + 1) / Decimal::from(days);
            let wave = if waves {
                Decimal::from(total) / Decimal::from(40) * Decimal::from(day % 5)
            } else {
                Decimal::ZERO
            };
            (start + Days::new(day), even + wave)
        })
        .collect()
}

fn leads() -> Panel {
    let start = date("2026-01-01");
    Panel {
        title: "Leads".to_owned(),
        unit: Unit::Count,
        period: (start, date("2026-03-31")),
        today: date("2026-02-14"),
        planned: growing(start, 90, 94, false),
        actual: growing(start, 45, 38, true),
        baseline: Some(growing(start, 90, 110, false)),
        forecast: Some(Forecast {
            end: date("2026-03-31"),
            low: Decimal::from(74),
            mid: Decimal::from(80),
            high: Decimal::from(88),
        }),
        status: Status { word: "behind".to_owned(), light: Light::Amber },
        headline: "38 of 47 due; 1.8 a day needed, 0.8 a day so far".to_owned(),
    }
}

fn money(title: &str, total: i64, light: Light, word: &str) -> Panel {
    let start = date("2026-01-01");
    Panel {
        title: title.to_owned(),
        unit: Unit::Money { code: "EUR".to_owned(), exponent: 2 },
        planned: growing(start, 90, total, false),
        actual: growing(start, 45, total * 45 / 100, true),
        baseline: None,
        forecast: Some(Forecast {
            end: date("2026-03-31"),
            low: Decimal::from(total * 9 / 10),
            mid: Decimal::from(total * 95 / 100),
            high: Decimal::from(total),
        }),
        status: Status { word: word.to_owned(), light },
        headline: format!("EUR {} of EUR {} due", total * 45 / 100, total / 2),
        ..leads()
    }
}

fn chart_of(panels: Vec<Panel>) -> Chart {
    Chart {
        title: "Acme × Northwind, Q1 2026".to_owned(),
        subtitle: "Plan PLN-3, revision 2 · actual against plan to 14 Feb 2026".to_owned(),
        footnote: "As of 15 Feb 2026, 09:00 Europe/Berlin. Planned to date follows the revision in force on each day.".to_owned(),
        panels,
    }
}

fn picture(chart: &Chart) -> Pixmap {
    let bytes = chart::png(chart).expect("a picture");
    assert!(bytes.len() < 1024 * 1024, "{} bytes", bytes.len());
    Pixmap::decode_png(&bytes).expect("a PNG")
}

/// How many pixels have exactly this colour.
fn pixels(picture: &Pixmap, (red, green, blue): (u8, u8, u8)) -> usize {
    picture.pixels().iter().filter(|p| (p.red(), p.green(), p.blue()) == (red, green, blue)).count()
}

const ACTUAL: (u8, u8, u8) = (0x0b, 0x4f, 0x9e);
const FORECAST: (u8, u8, u8) = (0xb3, 0x62, 0x00);

#[test]
fn the_same_chart_gives_the_same_bytes() {
    let chart = chart_of(vec![leads(), money("Pipeline", 1_250_000, Light::Green, "on track")]);
    assert_eq!(chart::png(&chart).expect("a picture"), chart::png(&chart.clone()).expect("a picture"));
}

#[test]
fn pictures_have_their_size_and_are_opaque() {
    for (count, height) in [(1, 900), (2, 900), (3, 1160), (4, 1160)] {
        let picture = picture(&chart_of(vec![leads(); count]));
        assert_eq!((picture.width(), picture.height()), (1600, height), "{count} panels");
        assert!(picture.pixels().iter().all(|pixel| pixel.alpha() == 255), "{count} panels");
    }
}

#[test]
fn the_lines_are_in_the_picture() {
    let with_all = picture(&chart_of(vec![leads()]));
    assert!(pixels(&with_all, ACTUAL) > 1_000, "{}", pixels(&with_all, ACTUAL));
    assert!(pixels(&with_all, FORECAST) > 300, "{}", pixels(&with_all, FORECAST));
    let without = picture(&chart_of(vec![Panel { actual: Vec::new(), forecast: None, ..leads() }]));
    assert_eq!(pixels(&without, ACTUAL), 0);
    assert_eq!(pixels(&without, FORECAST), 0);
    let over = picture(&chart_of(vec![Panel { today: date("2026-03-31"), ..leads() }]));
    assert_eq!(pixels(&over, FORECAST), 0, "a period that is over has no forecast, nor has its legend");
}

#[test]
fn lines_differ_by_stroke_and_status_is_in_words() {
    let drawing = chart::drawing(&chart_of(vec![leads()])).expect("a drawing");
    for dashes in [r#""none""#, r#""6 4""#, r#""1.7 3""#, r#""8 3 2 3""#] {
        assert!(drawing.contains(&format!("stroke-dasharray={dashes}")), "{dashes}");
    }
    for words in
        [">behind<", ">38 of 47 due; 1.8 a day needed, 0.8 a day so far<", ">to 14 Feb<", ">94<", ">74–88<"]
    {
        assert!(drawing.contains(words), "{words}");
    }
    let signs = [Light::Green, Light::Amber, Light::Red, Light::Grey].map(|light| {
        let status = Status { word: "so".to_owned(), light };
        chart::drawing(&chart_of(vec![Panel { status, ..leads() }])).expect("a drawing")
    });
    // Without the colours they still differ: each light has a sign of its own shape.
    let shapes = signs.map(|drawing| {
        let pieces =
            drawing.split('#').map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
        pieces.collect::<String>()
    });
    for (index, shape) in shapes.iter().enumerate() {
        assert!(!shapes[..index].contains(shape), "light {index} looks like another");
    }
}

#[test]
fn texts_never_become_markup() {
    let evil = r##"</text><rect width="800" height="450" fill="#ff0000"/><text>&lt;&bogus;"'"##;
    let chart = Chart {
        title: evil.to_owned(),
        subtitle: evil.to_owned(),
        footnote: evil.to_owned(),
        panels: vec![Panel {
            title: evil.to_owned(),
            headline: evil.to_owned(),
            unit: Unit::Money { code: evil.to_owned(), exponent: 2 },
            status: Status { word: evil.to_owned(), light: Light::Red },
            ..leads()
        }],
    };
    assert_eq!(pixels(&picture(&chart), (255, 0, 0)), 0);
    assert!(!chart::drawing(&chart).expect("a drawing").contains(r##"height="450" fill="#ff0000""##));
}

#[test]
fn what_the_font_lacks_is_an_ellipsis_and_emoji_are_left_out() {
    let cases = [
        ("Acme × Northwind", "Acme × Northwind"),
        ("Ünïcode Ελληνικά Кириллица Tiếng Việt", "Ünïcode Ελληνικά Кириллица Tiếng Việt"),
        ("株式会社サンプル Q1", "… Q1"),
        ("🚀 Launch 👩🏽‍💻 week", "Launch week"),
        ("  two\n\tlines\u{0}\u{1b}  ", "two lines"),
        ("z\u{300}\u{301}\u{302}\u{303}\u{304}algo", "z\u{300}\u{301}algo"),
        ("a\u{202e}b", "ab"),
        ("", ""),
    ];
    for (text, shown) in cases {
        assert_eq!(chart::text::presentable(text), shown, "{text}");
    }
}

#[test]
fn long_texts_are_cut_to_their_room() {
    use chart::text::{Weight, fitted, width};
    let long = "A very long partner name ".repeat(9);
    for room in [0.0, 5.0, 30.0, 120.0, 700.0] {
        let cut = fitted(&long, 15.0, Weight::Bold, room);
        assert!(width(&cut, 15.0, Weight::Bold) <= room, "{room}: {cut}");
        assert!(cut.is_empty() || cut.ends_with('…'), "{room}: {cut}");
    }
    assert_eq!(fitted("Leads", 15.0, Weight::Bold, 200.0), "Leads");
}

fn marks(least: f64, most: f64, wanted: f64, unit: &Unit) -> Vec<String> {
    chart::numbers::axis(least, most, wanted, unit).marks.into_iter().map(|(_, label)| label).collect()
}

#[test]
fn axes_have_round_marks() {
    let kwd = Unit::Money { code: "KWD".to_owned(), exponent: 3 };
    assert_eq!(marks(0.0, 47.0, 5.0, &Unit::Count), ["0", "10", "20", "30", "40", "50"]);
    assert_eq!(marks(0.0, 110.0, 4.6, &Unit::Count), ["0", "25", "50", "75", "100", "125"]);
    assert_eq!(marks(0.0, 2.0, 5.0, &Unit::Count), ["0", "1", "2"]);
    assert_eq!(marks(0.0, 0.0, 5.0, &Unit::Count), ["0", "1"]);
    assert_eq!(marks(0.0, 9.0, 4.0, &Unit::Count), ["0", "5", "10"]);
    assert_eq!(marks(0.0, 1_250_000.0, 3.0, &kwd), ["0", "0.5M", "1.0M", "1.5M"]);
    assert_eq!(marks(0.0, 1_000_000.0, 4.0, &kwd), ["0", "0.25M", "0.50M", "0.75M", "1.00M"]);
    assert_eq!(marks(0.0, 1e15, 2.0, &kwd), ["0", "500T", "1,000T"]);
    assert_eq!(marks(-3_000.0, 12_000.0, 3.0, &kwd), ["-5k", "0", "5k", "10k", "15k"]);
    assert_eq!(marks(0.0, 0.006, 3.0, &kwd), ["0", "0.002", "0.004", "0.006"]);
    assert_eq!(marks(0.0, 7.9e28, 2.0, &kwd), ["0", "5e28", "1e29"]);
}

#[test]
fn figures_are_short_and_rounded_half_away_from_zero() {
    let eur = Unit::Money { code: "EUR".to_owned(), exponent: 2 };
    let cases = [
        ("0", "0", "0"),
        ("12.5", "13", "12.50"),
        ("-12.5", "-13", "-12.50"),
        ("99.995", "100", "100"),
        ("947", "947", "947"),
        ("9480.4", "9,480", "9,480"),
        ("9999.5", "10k", "10k"),
        ("12350", "12.4k", "12.4k"),
        ("999950", "1M", "1M"),
        ("1250000", "1.25M", "1.25M"),
        ("1000000000000000", "1,000T", "1,000T"),
        ("12000000000000000000", "1.2e19", "1.2e19"),
        ("-79228162514264337593543950335", "-7.92e28", "-7.92e28"),
    ];
    for (value, count, money) in cases {
        let value: Decimal = value.parse().expect("a number");
        assert_eq!(chart::numbers::compact(value, &Unit::Count), count);
        assert_eq!(chart::numbers::compact(value, &eur), money);
    }
}

#[test]
fn days_are_marked_at_a_sensible_distance() {
    let marks = |start: &str, end: &str, most| {
        let days = chart::dates::DayScale::new((date(start), date(end)), 0.0, 100.0);
        days.marks(most).into_iter().map(|(_, label)| label).collect::<Vec<_>>()
    };
    assert_eq!(marks("2026-06-15", "2026-06-15", 5), Vec::<String>::new());
    assert_eq!(marks("2026-06-01", "2026-06-05", 5), ["2 Jun", "3 Jun", "4 Jun", "5 Jun"]);
    assert_eq!(marks("2026-01-01", "2026-01-31", 5), ["5 Jan", "12 Jan", "19 Jan", "26 Jan"]);
    assert_eq!(marks("2026-01-01", "2026-03-31", 4), ["Feb", "Mar"]);
    assert_eq!(marks("2026-07-01", "2027-06-30", 4), ["Oct", "Jan 2027", "Apr"]);
    assert_eq!(marks("2001-01-01", "2100-12-31", 4), ["2050", "2100"]);
    let scale = chart::dates::DayScale::new((date("2026-01-01"), date("2026-01-10")), 50.0, 100.0);
    assert_eq!((scale.dawn(date("2026-01-01")), scale.dusk(date("2026-01-10"))), (50.0, 150.0));
}

#[test]
fn figures_after_the_covered_day_are_not_drawn() {
    let known = Panel { actual: growing(date("2026-01-01"), 45, 38, true), ..leads() };
    let mut more = known.clone();
    more.actual
        .extend([(date("2026-02-15"), Decimal::from(900)), (date("2027-01-01"), Decimal::from(9_000))]);
    assert_eq!(
        chart::drawing(&chart_of(vec![known])).expect("a drawing"),
        chart::drawing(&chart_of(vec![more])).expect("a drawing")
    );
}

#[test]
fn a_plan_without_figures_says_so() {
    let empty = Panel { planned: Vec::new(), actual: Vec::new(), baseline: None, forecast: None, ..leads() };
    let unstarted = Panel { today: date("2025-12-31"), ..leads() };
    let idle = Panel { actual: Vec::new(), ..leads() };
    let says = |panel: Panel, words: &str| {
        let drawing = chart::drawing(&chart_of(vec![panel])).expect("a drawing");
        assert!(drawing.contains(words), "{words}");
    };
    says(empty, "no plan and no results yet");
    says(unstarted, "not started yet");
    says(idle, "no results yet");
}

#[test]
fn a_chart_has_one_to_four_panels_and_periods_run_forward() {
    for found in [0, 5] {
        let refused = chart::png(&chart_of(vec![leads(); found])).expect_err("no picture");
        assert!(matches!(refused, ChartError::Panels { found: told } if told == found));
    }
    let backwards = Panel { period: (date("2026-02-01"), date("2026-01-31")), ..leads() };
    let refused = chart::png(&chart_of(vec![backwards])).expect_err("no picture");
    assert_eq!(refused.to_string(), "the period of panel “Leads” ends before it starts");
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-1_000i64..1_000_000, 0u32..4).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        any::<i64>().prop_map(Decimal::from),
        Just(Decimal::MAX),
        Just(Decimal::MIN),
        Just(Decimal::ZERO),
    ]
}

fn any_date() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![
        8 => (0u64..800).prop_map(|days| date("2025-06-01") + Days::new(days)),
        1 => Just(NaiveDate::MIN),
        1 => Just(NaiveDate::MAX),
    ]
}

fn any_panel() -> impl Strategy<Value = Panel> {
    let points = || prop::collection::vec((any_date(), any_decimal()), 0..12);
    let texts = (any::<String>(), any::<String>(), "\\PC{0,80}");
    let unit = prop_oneof![
        Just(Unit::Count),
        ("[A-Z]{3}", 0u32..5).prop_map(|(code, exponent)| Unit::Money { code, exponent })
    ];
    let light = prop::sample::select(vec![Light::Green, Light::Amber, Light::Red, Light::Grey]);
    let forecast = prop::option::of((any_date(), any_decimal(), any_decimal(), any_decimal()));
    let series = (points(), points(), prop::option::of(points()));
    (texts, unit, light, (any_date(), any_date(), any_date()), series, forecast).prop_map(
        |((title, headline, word), unit, light, (a, b, today), (planned, actual, baseline), forecast)| {
            Panel {
                title,
                unit,
                period: (a.min(b), a.max(b)),
                today,
                planned,
                actual,
                baseline,
                forecast: forecast.map(|(end, low, mid, high)| Forecast { end, low, mid, high }),
                status: Status { word, light },
                headline,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_chart_is_drawn(title in any::<String>(), panels in prop::collection::vec(any_panel(), 1..=4)) {
        let chart = Chart { title: title.clone(), subtitle: title.clone(), footnote: title, panels };
        let picture = picture(&chart);
        prop_assert_eq!(picture.width(), 1600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_drawing_is_finite_and_stays_on_the_page(panel in any_panel()) {
        let drawing = chart::drawing(&chart_of(vec![panel])).expect("a drawing");
        prop_assert!(!drawing.contains("NaN") && !drawing.contains("inf,") && !drawing.contains(",inf"));
        for points in drawing.split("points=\"").skip(1) {
            let points = points.split('"').next().unwrap_or("");
            for coordinate in points.split([' ', ',']).filter(|text| !text.is_empty()) {
                let coordinate: f64 = coordinate.parse().expect("a number");
                prop_assert!(coordinate.abs() < 3_000.0, "{}", coordinate);
            }
        }
    }

    #[test]
    fn axes_hold_what_they_are_for(a in -1e18f64..1e29, b in -1e18f64..1e29, wanted in 1.0f64..9.0) {
        let axis = chart::numbers::axis(a.min(b), a.max(b), wanted, &Unit::Count);
        prop_assert!(axis.low <= a.min(b).min(0.0) && axis.high >= a.max(b).max(0.0));
        prop_assert!(axis.low < axis.high);
        prop_assert!(axis.marks.len() >= 2 && axis.marks.len() <= 14, "{}", axis.marks.len());
        prop_assert!(axis.marks.windows(2).all(|pair| pair[0].1 != pair[1].1));
    }
}
