//! The figures that must come out of the quarter: literals, worked out by hand in `docs/quarter.md` from the rules alone.
//! Nothing here may be computed, and nothing may be taken over from what the product says.

mod acme;
mod globex;

pub use acme::{ACME_END, ACME_FEBRUARY, ACME_MARCH};
pub use globex::{GLOBEX_END, GLOBEX_MID};

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
pub const ALL: [(&str, Report); 5] = [
    ("acme", ACME_FEBRUARY),
    ("acme", ACME_MARCH),
    ("acme", ACME_END),
    ("globex", GLOBEX_MID),
    ("globex", GLOBEX_END),
];
