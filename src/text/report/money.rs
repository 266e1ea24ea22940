//! What a report says about money: what it brought, what the funds hold, what stands beside the figures.

use super::fitting;
use crate::domain::money::Currency;
use crate::domain::report::{FundLine, Snapshot, VendorOnly};
use crate::domain::variance::{FundingSource, Measure, Ratios, VarianceReport};
use crate::text::number::{amount, money, percent};
use crate::text::{count, escape, short};
use rust_decimal::Decimal;

/// Cost per lead, pipeline per unit spent, ROI; for all spend, and for the MDF money alone.
pub(super) fn brought(snapshot: &Snapshot, report: &VarianceReport) -> String {
    let currency = snapshot.plan.currency;
    let mut lines = vec![ratios(&report.ratios, currency)];
    let sources = &report.beside.spend_by_source;
    if sources.contains_key(&FundingSource::Mdf) && sources.len() > 1 {
        lines.push(format!("By the MDF money alone: {}", ratios(&report.mdf_ratios, currency)));
    }
    lines.join("\n")
}

fn ratios(ratios: &Ratios, currency: Currency) -> String {
    let Some(per_spend) = ratios.pipeline_per_spend else { return "Nothing is spent yet.".to_owned() };
    let cost = ratios
        .cost_per_lead
        .map_or_else(|| "no lead yet".to_owned(), |cost| format!("{} per lead", amount(cost, currency)));
    let roi = ratios.roi_percent.map(|roi| format!("; ROI {}", percent(roi))).unwrap_or_default();
    let unit = amount(Decimal::ONE, currency);
    format!("{cost}; {} pipeline per {unit} spent{roi}.", amount(per_spend, currency))
}

/// One line for each fund that the partner can draw on.
pub(super) fn funds(snapshot: &Snapshot) -> String {
    fitting(snapshot.funds.iter().map(|line| fund(line, snapshot)).collect())
}

fn fund(line: &FundLine, snapshot: &Snapshot) -> String {
    let name = format!("**{}** ({})", short(&line.fund.name, 60), line.fund.kind.label());
    let (pending, committed) = (money(line.pending), money(line.committed));
    let Some(own) = &line.own else {
        return format!(
            "{name}, a pool: {committed} committed to {}, {pending} pending.",
            short(&snapshot.partner.name, 60)
        );
    };
    let allocated = own.allocated().map_or_else(String::new, |all| format!("{} allocated, ", money(all)));
    let mut text = format!(
        "{name}: {allocated}{pending} pending, {committed} committed, {} payable, {} paid, {} available.",
        money(own.payable),
        money(own.paid),
        money(own.available),
    );
    if let Some((expiring, days)) = line.expiring(snapshot.day) {
        text.push_str(&format!(
            " ⏳ {} expires within {days} days (on {}).",
            money(expiring),
            line.fund.valid_until
        ));
    }
    text
}

/// What is counted but added to no line.
pub(super) fn beside(snapshot: &Snapshot, report: &VarianceReport) -> Vec<String> {
    let currency = snapshot.plan.currency;
    let beside = &report.beside;
    let mut lines = Vec::new();
    if !beside.spend_by_source.is_empty() {
        let parts: Vec<String> = beside
            .spend_by_source
            .iter()
            .map(|(source, spent)| format!("{} {}", amount(*spent, currency), source_name(*source)))
            .collect();
        lines.push(format!("Spend by source: {}.", parts.join(", ")));
    }
    if !beside.lost_pipeline.is_zero() {
        lines.push(format!("Of the pipeline, {} is lost.", amount(beside.lost_pipeline, currency)));
    }
    if !beside.influenced_pipeline.is_zero() {
        lines.push(format!(
            "Influenced and not counted: {} pipeline.",
            amount(beside.influenced_pipeline, currency)
        ));
    }
    for rate in &snapshot.rates {
        lines.push(format!(
            "Converted: {} 1 is {} {}, the plan's rate of {}.",
            rate.currency.code(),
            currency.code(),
            rate.rate,
            rate.entered_on
        ));
    }
    for apart in &snapshot.apart {
        let what = match apart.measure {
            Measure::Won => "won revenue",
            _ => "pipeline",
        };
        lines.push(format!(
            "In another currency and not counted: {} {what} of {}.",
            money(apart.amount),
            escape(&apart.campaign)
        ));
    }
    lines
}

fn source_name(source: FundingSource) -> &'static str {
    match source {
        FundingSource::Mdf => "MDF",
        FundingSource::CoOp => "co-op",
        FundingSource::VendorDirect => "vendor direct",
        FundingSource::Partner => "partner co-investment",
    }
}

/// Pool balances and what waits to be matched.
pub(super) fn vendor_only(vendor: &VendorOnly) -> String {
    let mut lines = Vec::new();
    for (fund, balances) in &vendor.pools {
        lines.push(format!(
            "Pool **{}**: {} available, {} committed, {} pending over all partners.",
            short(&fund.name, 60),
            money(balances.available),
            money(balances.committed),
            money(balances.pending),
        ));
    }
    let leads = count(vendor.unmatched_leads);
    lines.push(match vendor.unmatched_leads {
        0 => "Every lead is matched to a campaign.".to_owned(),
        1 => "1 lead is matched to no campaign yet.".to_owned(),
        _ => format!("{leads} leads are matched to no campaign yet."),
    });
    fitting(lines)
}
