//! The figures that must come out of the quarter: literals, worked out by hand in `docs/quarter.md` from the rules alone.
//! Nothing here may be computed, and nothing may be taken over from what the product says.

/// A report as it must be. Figures are texts, as `report.json` has them.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    pub plan: &'static str,
    pub revision: i64,
    pub as_of: &'static str,
    /// The last complete day.
    pub day: &'static str,
    pub currency: &'static str,
    /// The overall status; it is shown and kept beside the figures.
    pub overall: &'static str,
    /// Leads, pipeline, won, spend.
    pub measures: [Line; 4],
    /// Worst first.
    pub campaigns: &'static [Campaign],
    pub funds: &'static [Fund],
}

/// A campaign's lines.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    pub id: &'static str,
    pub name: &'static str,
    pub measures: [Line; 4],
}

/// One measure.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub target: Option<&'static str>,
    /// Planned by period end, planned after it, planned to date, actual, variance.
    pub figures: [&'static str; 5],
    pub variance_pct: Option<&'static str>,
    pub forecast: &'static str,
    pub status: &'static str,
}

/// What a partner has in a fund.
#[derive(Clone, Copy, Debug)]
pub struct Fund {
    pub name: &'static str,
    /// Available, payable, paid; `None` for a pool, of which a partner sees its own part only.
    pub own: Option<[&'static str; 3]>,
    pub committed: &'static str,
    pub pending: &'static str,
}

const fn line(
    target: Option<&'static str>,
    figures: [&'static str; 5],
    variance_pct: Option<&'static str>,
    forecast: &'static str,
    status: &'static str,
) -> Line {
    Line { target, figures, variance_pct, forecast, status }
}

const fn own(
    name: &'static str,
    available: &'static str,
    committed: &'static str,
    pending: &'static str,
) -> Fund {
    Fund { name, own: Some([available, "0.00", "0.00"]), committed, pending }
}

const fn pool(name: &'static str, committed: &'static str, pending: &'static str) -> Fund {
    Fund { name, own: None, committed, pending }
}

/// Every report whose figures are compared: the partner's key, and the report.
pub const ALL: [(&str, Report); 5] =
    [("acme", ACME_FEBRUARY), ("acme", ACME_MARCH), ("acme", ACME_END), ("globex", GLOBEX_MID), ("globex", GLOBEX_END)];

/// Acme, first checkpoint, 2 February: 26 of the 84 days of search ads are over, and a deposit is paid.
pub const ACME_FEBRUARY: Report = Report {
    plan: "ACME/PLN-1",
    revision: 1,
    as_of: "2026-02-02T08:00:00Z",
    day: "2026-02-01",
    currency: "EUR",
    overall: "red",
    measures: [
        line(Some("290"), ["284.00", "6.00", "27.86", "20", "-7.86"], Some("-28.2"), "270.72", "grey"),
        line(
            Some("634000.00"),
            ["328285.71", "305714.29", "0.00", "38400.50", "38400.50"],
            Some("unplanned"),
            "366686.21",
            "grey",
        ),
        line(Some("100000.00"), ["0.00", "100000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
        line(
            Some("84000.00"),
            ["84000.00", "0.00", "5261.90", "17480.00", "12218.10"],
            Some("232.2"),
            "96368.68",
            "red",
        ),
    ],
    campaigns: &[
        Campaign {
            id: "CMP-4",
            name: "CloudExpo stand",
            measures: [
                line(Some("84"), ["78.00", "6.00", "0.00", "0", "0.00"], None, "78.00", "grey"),
                line(Some("200000.00"), ["0.00", "200000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("41000.00"),
                    ["41000.00", "0.00", "0.00", "12000.00", "12000.00"],
                    Some("unplanned"),
                    "53000.00",
                    "red",
                ),
            ],
        },
        Campaign {
            id: "CMP-1",
            name: "Search ads",
            measures: [
                line(Some("90"), ["90.00", "0.00", "27.86", "20", "-7.86"], Some("-28.2"), "76.72", "red"),
                line(
                    Some("170000.00"),
                    ["109285.71", "60714.29", "0.00", "38400.50", "38400.50"],
                    Some("unplanned"),
                    "147686.21",
                    "grey",
                ),
                line(Some("40000.00"), ["0.00", "40000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("17000.00"),
                    ["17000.00", "0.00", "5261.90", "5480.00", "218.10"],
                    Some("4.1"),
                    "17368.68",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-2",
            name: "Zero-downtime webinar",
            measures: [
                line(Some("60"), ["60.00", "0.00", "0.00", "0", "0.00"], None, "60.00", "grey"),
                line(
                    Some("180000.00"),
                    ["180000.00", "0.00", "0.00", "0.00", "0.00"],
                    None,
                    "180000.00",
                    "grey",
                ),
                line(Some("60000.00"), ["0.00", "60000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("20000.00"),
                    ["20000.00", "0.00", "0.00", "0.00", "0.00"],
                    None,
                    "20000.00",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-3",
            name: "Migration guide mailing",
            measures: [
                line(Some("56"), ["56.00", "0.00", "0.00", "0", "0.00"], None, "56.00", "grey"),
                line(
                    Some("84000.00"),
                    ["39000.00", "45000.00", "0.00", "0.00", "0.00"],
                    None,
                    "39000.00",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(Some("6000.00"), ["6000.00", "0.00", "0.00", "0.00", "0.00"], None, "6000.00", "green"),
            ],
        },
    ],
    funds: &[own("Acme Q1 MDF", "2000.00", "28000.00", "0.00"), pool("Q1 MDF pool", "0.00", "0.00")],
};

/// Acme, second checkpoint, 2 March: the webinar is over, an invoice is logged twice, another one not at all.
pub const ACME_MARCH: Report = Report {
    plan: "ACME/PLN-1",
    revision: 1,
    as_of: "2026-03-02T08:00:00Z",
    day: "2026-03-01",
    currency: "EUR",
    overall: "red",
    measures: [
        line(Some("290"), ["284.00", "6.00", "143.86", "121", "-22.86"], Some("-15.9"), "251.19", "amber"),
        line(
            Some("634000.00"),
            ["328285.71", "305714.29", "48571.43", "215900.50", "167329.07"],
            Some("344.5"),
            "514964.27",
            "green",
        ),
        line(Some("100000.00"), ["0.00", "100000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
        line(
            Some("84000.00"),
            ["84000.00", "0.00", "36928.57", "49610.75", "12682.18"],
            Some("34.3"),
            "99657.69",
            "red",
        ),
    ],
    campaigns: &[
        Campaign {
            id: "CMP-3",
            name: "Migration guide mailing",
            measures: [
                line(Some("56"), ["56.00", "0.00", "26.00", "16", "-10.00"], Some("-38.5"), "40.64", "red"),
                line(
                    Some("84000.00"),
                    ["39000.00", "45000.00", "0.00", "0.00", "0.00"],
                    None,
                    "39000.00",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("6000.00"),
                    ["6000.00", "0.00", "6000.00", "0.00", "-6000.00"],
                    Some("-100.0"),
                    "0.00",
                    "amber",
                ),
            ],
        },
        Campaign {
            id: "CMP-4",
            name: "CloudExpo stand",
            measures: [
                line(Some("84"), ["78.00", "6.00", "0.00", "0", "0.00"], None, "78.00", "grey"),
                line(Some("200000.00"), ["0.00", "200000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("41000.00"),
                    ["41000.00", "0.00", "0.00", "12000.00", "12000.00"],
                    Some("unplanned"),
                    "53000.00",
                    "red",
                ),
            ],
        },
        Campaign {
            id: "CMP-1",
            name: "Search ads",
            measures: [
                line(Some("90"), ["90.00", "0.00", "57.86", "45", "-12.86"], Some("-22.2"), "72.55", "amber"),
                line(
                    Some("170000.00"),
                    ["109285.71", "60714.29", "48571.43", "83400.50", "34829.07"],
                    Some("71.7"),
                    "163464.27",
                    "green",
                ),
                line(Some("40000.00"), ["0.00", "40000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("17000.00"),
                    ["17000.00", "0.00", "10928.57", "19260.00", "8331.43"],
                    Some("76.2"),
                    "28306.94",
                    "red",
                ),
            ],
        },
        Campaign {
            id: "CMP-2",
            name: "Zero-downtime webinar",
            measures: [
                line(Some("60"), ["60.00", "0.00", "60.00", "60", "0.00"], Some("0.0"), "60.00", "green"),
                line(
                    Some("180000.00"),
                    ["180000.00", "0.00", "0.00", "132500.00", "132500.00"],
                    Some("unplanned"),
                    "312500.00",
                    "grey",
                ),
                line(Some("60000.00"), ["0.00", "60000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("20000.00"),
                    ["20000.00", "0.00", "20000.00", "18350.75", "-1649.25"],
                    Some("-8.2"),
                    "18350.75",
                    "green",
                ),
            ],
        },
    ],
    funds: &[own("Acme Q1 MDF", "2000.00", "28000.00", "0.00"), pool("Q1 MDF pool", "5000.00", "0.00")],
};

/// Acme, end checkpoint, 1 April, in summer time.
pub const ACME_END: Report = Report {
    plan: "ACME/PLN-1",
    revision: 1,
    as_of: "2026-04-01T07:00:00Z",
    day: "2026-03-31",
    currency: "EUR",
    overall: "amber",
    measures: [
        line(Some("290"), ["284.00", "6.00", "284.00", "249", "-35.00"], Some("-12.3"), "249.00", "amber"),
        line(
            Some("634000.00"),
            ["328285.71", "305714.29", "328285.71", "390500.50", "62214.79"],
            Some("19.0"),
            "390500.50",
            "green",
        ),
        line(
            Some("100000.00"),
            ["0.00", "100000.00", "0.00", "87600.00", "87600.00"],
            Some("unplanned"),
            "87600.00",
            "grey",
        ),
        line(
            Some("84000.00"),
            ["84000.00", "0.00", "84000.00", "79670.75", "-4329.25"],
            Some("-5.2"),
            "79670.75",
            "green",
        ),
    ],
    campaigns: &[
        Campaign {
            id: "CMP-3",
            name: "Migration guide mailing",
            measures: [
                line(Some("56"), ["56.00", "0.00", "56.00", "38", "-18.00"], Some("-32.1"), "38.00", "red"),
                line(
                    Some("84000.00"),
                    ["39000.00", "45000.00", "39000.00", "33600.00", "-5400.00"],
                    Some("-13.8"),
                    "33600.00",
                    "amber",
                ),
                line(
                    None,
                    ["0.00", "0.00", "0.00", "9600.00", "9600.00"],
                    Some("unplanned"),
                    "9600.00",
                    "grey",
                ),
                line(
                    Some("6000.00"),
                    ["6000.00", "0.00", "6000.00", "5400.00", "-600.00"],
                    Some("-10.0"),
                    "5400.00",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-1",
            name: "Search ads",
            measures: [
                line(Some("90"), ["90.00", "0.00", "90.00", "76", "-14.00"], Some("-15.6"), "76.00", "amber"),
                line(
                    Some("170000.00"),
                    ["109285.71", "60714.29", "109285.71", "90400.50", "-18885.21"],
                    Some("-17.3"),
                    "90400.50",
                    "amber",
                ),
                line(Some("40000.00"), ["0.00", "40000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("17000.00"),
                    ["17000.00", "0.00", "17000.00", "16570.00", "-430.00"],
                    Some("-2.5"),
                    "16570.00",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-2",
            name: "Zero-downtime webinar",
            measures: [
                line(Some("60"), ["60.00", "0.00", "60.00", "63", "3.00"], Some("5.0"), "63.00", "green"),
                line(
                    Some("180000.00"),
                    ["180000.00", "0.00", "180000.00", "186500.00", "6500.00"],
                    Some("3.6"),
                    "186500.00",
                    "green",
                ),
                line(
                    Some("60000.00"),
                    ["0.00", "60000.00", "0.00", "78000.00", "78000.00"],
                    Some("unplanned"),
                    "78000.00",
                    "grey",
                ),
                line(
                    Some("20000.00"),
                    ["20000.00", "0.00", "20000.00", "18350.75", "-1649.25"],
                    Some("-8.2"),
                    "18350.75",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-4",
            name: "CloudExpo stand",
            measures: [
                line(Some("84"), ["78.00", "6.00", "78.00", "72", "-6.00"], Some("-7.7"), "72.00", "green"),
                line(
                    Some("200000.00"),
                    ["0.00", "200000.00", "0.00", "80000.00", "80000.00"],
                    Some("unplanned"),
                    "80000.00",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("41000.00"),
                    ["41000.00", "0.00", "41000.00", "39350.00", "-1650.00"],
                    Some("-4.0"),
                    "39350.00",
                    "green",
                ),
            ],
        },
    ],
    funds: &[own("Acme Q1 MDF", "2000.00", "28000.00", "1200.00"), pool("Q1 MDF pool", "5000.00", "0.00")],
};

/// Globex, checkpoint in the middle, 15 February: 13 of the 28 days of the stories are over.
pub const GLOBEX_MID: Report = Report {
    plan: "GLOBEX/PLN-1",
    revision: 1,
    as_of: "2026-02-15T08:00:00Z",
    day: "2026-02-14",
    currency: "EUR",
    overall: "red",
    measures: [
        line(Some("104"), ["104.00", "0.00", "26.00", "17", "-9.00"], Some("-34.6"), "89.95", "red"),
        line(
            Some("208000.00"),
            ["136285.71", "71714.29", "0.00", "0.00", "0.00"],
            None,
            "136285.71",
            "grey",
        ),
        line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
        line(
            Some("13600.00"),
            ["13600.00", "0.00", "1300.00", "0.00", "-1300.00"],
            Some("-100.0"),
            "11301.79",
            "amber",
        ),
    ],
    campaigns: &[
        Campaign {
            id: "CMP-1",
            name: "Backup stories",
            measures: [
                line(Some("28"), ["28.00", "0.00", "13.00", "5", "-8.00"], Some("-61.5"), "15.71", "red"),
                line(
                    Some("56000.00"),
                    ["56000.00", "0.00", "0.00", "0.00", "0.00"],
                    None,
                    "56000.00",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
            ],
        },
        Campaign {
            id: "CMP-3",
            name: "Restore clips",
            measures: [
                line(Some("56"), ["56.00", "0.00", "13.00", "12", "-1.00"], Some("-7.7"), "54.23", "green"),
                line(
                    Some("112000.00"),
                    ["56000.00", "56000.00", "0.00", "0.00", "0.00"],
                    None,
                    "56000.00",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("5600.00"),
                    ["5600.00", "0.00", "1300.00", "0.00", "-1300.00"],
                    Some("-100.0"),
                    "3301.79",
                    "amber",
                ),
            ],
        },
        Campaign {
            id: "CMP-2",
            name: "Recovery workshop",
            measures: [
                line(Some("20"), ["20.00", "0.00", "0.00", "0", "0.00"], None, "20.00", "grey"),
                line(
                    Some("40000.00"),
                    ["24285.71", "15714.29", "0.00", "0.00", "0.00"],
                    None,
                    "24285.71",
                    "grey",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(Some("8000.00"), ["8000.00", "0.00", "0.00", "0.00", "0.00"], None, "8000.00", "green"),
            ],
        },
    ],
    funds: &[pool("Q1 MDF pool", "2800.00", "0.00")],
};

/// Globex, end checkpoint, after an adjustment, a postponement and a cancellation: spend without a budget line, a deal in
/// dollars beside the figures, nothing left of the committed MDF.
pub const GLOBEX_END: Report = Report {
    plan: "GLOBEX/PLN-1",
    revision: 4,
    as_of: "2026-04-01T07:00:00Z",
    day: "2026-03-31",
    currency: "EUR",
    overall: "red",
    measures: [
        line(Some("118"), ["96.57", "1.43", "96.57", "73", "-23.57"], Some("-24.4"), "73.00", "amber"),
        line(
            Some("236000.00"),
            ["140000.00", "56000.00", "140000.00", "91400.00", "-48600.00"],
            Some("-34.7"),
            "91400.00",
            "red",
        ),
        line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
        line(
            Some("13600.00"),
            ["11600.00", "0.00", "11600.00", "11520.00", "-80.00"],
            Some("-0.7"),
            "11520.00",
            "green",
        ),
    ],
    campaigns: &[
        Campaign {
            id: "CMP-1",
            name: "Backup stories",
            measures: [
                line(Some("42"), ["42.00", "0.00", "42.00", "24", "-18.00"], Some("-42.9"), "24.00", "red"),
                line(
                    Some("84000.00"),
                    ["84000.00", "0.00", "84000.00", "41000.00", "-43000.00"],
                    Some("-51.2"),
                    "41000.00",
                    "red",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(None, ["0.00", "0.00", "0.00", "500.00", "500.00"], Some("unplanned"), "500.00", "red"),
            ],
        },
        Campaign {
            id: "CMP-3",
            name: "Restore clips",
            measures: [
                line(Some("56"), ["36.00", "0.00", "36.00", "32", "-4.00"], Some("-11.1"), "32.00", "amber"),
                line(
                    Some("112000.00"),
                    ["56000.00", "16000.00", "56000.00", "50400.00", "-5600.00"],
                    Some("-10.0"),
                    "50400.00",
                    "green",
                ),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("5600.00"),
                    ["3600.00", "0.00", "3600.00", "3420.00", "-180.00"],
                    Some("-5.0"),
                    "3420.00",
                    "green",
                ),
            ],
        },
        Campaign {
            id: "CMP-2",
            name: "Recovery workshop",
            measures: [
                line(Some("20"), ["18.57", "1.43", "18.57", "17", "-1.57"], Some("-8.5"), "17.00", "green"),
                line(Some("40000.00"), ["0.00", "40000.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(None, ["0.00", "0.00", "0.00", "0.00", "0.00"], None, "0.00", "grey"),
                line(
                    Some("8000.00"),
                    ["8000.00", "0.00", "8000.00", "7600.00", "-400.00"],
                    Some("-5.0"),
                    "7600.00",
                    "green",
                ),
            ],
        },
    ],
    funds: &[pool("Q1 MDF pool", "0.00", "0.00")],
};
