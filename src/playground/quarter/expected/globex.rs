//! What Globex's two checkpoints must report.

use super::{Campaign, Report, line, pool};

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
        line(Some("208000.00"), ["136285.71", "71714.29", "0.00", "0.00", "0.00"], None, "136285.71", "grey"),
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
