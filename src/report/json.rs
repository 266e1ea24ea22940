//! A report's figures as JSON, for programs and for keeping. Decimals are strings; every figure is rounded as people
//! read it (half away from zero), so that what is kept and what is shown agree. See `docs/scheduler.md`.

use crate::domain::money::{Currency, Money};
use crate::domain::report::{FundLine, Snapshot};
use crate::domain::variance::{CampaignState, Lines, Measure, MeasureLine, VariancePercent, VarianceReport};
use crate::text::figure::status_word;
use chrono::SecondsFormat;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};

/// Decimals of computed numbers of leads: what is planned or forecast for a day is rarely whole.
const LEADS_PLACES: u32 = 2;
const PERCENT_PLACES: u32 = 1;

/// The figures of a snapshot. Blank figures are null; a variance of what was not planned is `"unplanned"`.
pub fn of(snapshot: &Snapshot, report: &VarianceReport, funds: &[FundLine]) -> Value {
    let currency = snapshot.plan.currency;
    let campaigns = report.campaigns.iter().map(|line| {
        let name = snapshot.names.get(&line.key).map(String::as_str).unwrap_or_default();
        json!({
            "id": line.key,
            "name": name,
            "state": standing(line.state),
            "measures": measures(&line.lines, currency),
        })
    });
    json!({
        "plan": snapshot.partner.vendor_name(&snapshot.plan.name_short()),
        "revision": snapshot.revision,
        "as_of": snapshot.as_of.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        "day": snapshot.day.to_string(),
        "currency": currency.code(),
        "measures": measures(&report.plan, currency),
        "campaigns": campaigns.collect::<Vec<_>>(),
        "funds": funds.iter().map(fund).collect::<Vec<_>>(),
    })
}

/// Whether a campaign runs, as its revision in force says.
fn standing(state: CampaignState) -> Value {
    match state {
        CampaignState::Active => json!("planned"),
        CampaignState::Postponed => json!("postponed"),
        CampaignState::Cancelled { from } => json!({"cancelled_from": from.to_string()}),
    }
}

fn measures(lines: &Lines, currency: Currency) -> Value {
    let each = lines.iter().map(|line| (line.measure.code().to_owned(), measure(line, currency)));
    Value::Object(each.collect::<Map<_, _>>())
}

fn measure(line: &MeasureLine, currency: Currency) -> Value {
    // Targets and what came in are whole leads; what is computed from them is not.
    let given = |value: Decimal| match line.measure {
        Measure::Leads => fixed(value, 0),
        Measure::Pipeline | Measure::Won | Measure::Spend => fixed(value, currency.exponent()),
    };
    let computed = |value: Decimal| match line.measure {
        Measure::Leads => fixed(value, LEADS_PLACES),
        Measure::Pipeline | Measure::Won | Measure::Spend => fixed(value, currency.exponent()),
    };
    let percent = match line.variance_pct {
        VariancePercent::Percent(percent) => Value::String(fixed(percent, PERCENT_PLACES)),
        VariancePercent::Unplanned => Value::String("unplanned".to_owned()),
        VariancePercent::Blank => Value::Null,
    };
    json!({
        "target": line.target.map(given),
        "planned_by_end": computed(line.planned_by_end),
        "planned_after": computed(line.planned_after),
        "released": computed(line.released),
        "planned_to_date": computed(line.planned_to_date),
        "actual": given(line.actual),
        "variance": computed(line.variance),
        "variance_pct": percent,
        "forecast": computed(line.forecast),
        "status": status_word(line.status),
        "baseline": {
            "target": line.baseline.target.map(given),
            "planned_to_date": computed(line.baseline.planned_to_date),
            "variance": computed(line.baseline.variance),
        },
    })
}

fn fund(line: &FundLine) -> Value {
    let money = |money: Money| money.decimal().to_string();
    let own = line.own.as_ref();
    json!({
        "name": line.fund.name,
        "available": own.map(|own| money(own.available)),
        "committed": money(line.committed),
        "payable": own.map(|own| money(own.payable)),
        "paid": own.map(|own| money(own.paid)),
        "pending": money(line.pending),
    })
}

fn fixed(value: Decimal, places: u32) -> String {
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    // A rounded-off negative leaves a sign before nothing.
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    rounded.to_string()
}
