//! The campaigns of a report, worst first: as many as there is room for, the others counted.

use super::{FIELD_MAX, ReportView, length, sign};
use crate::domain::money::Currency;
use crate::domain::report::Snapshot;
use crate::domain::variance::{CampaignLine, CampaignState, Measure, MeasureLine};
use crate::text::card::Field;
use crate::text::figure::status_word;
use crate::text::number::{value, variance_percent};
use crate::text::short;

const NAME: &str = "Campaigns, worst first";
/// Names the fields that go on with the list. Discord wants a name and shows this one as nothing.
const NO_NAME: &str = "\u{200b}";
/// Room for the line that counts the others.
const REST_MAX: usize = 80;
/// Characters of a campaign's name, before it is escaped.
const CAMPAIGN_NAME_MAX: usize = 60;
/// Fields that the list may take of the 25 of a card.
const FIELDS_MAX: usize = 16;

/// The list in fields of together at most `room` characters.
pub(super) fn fields(view: &ReportView<'_>, room: usize) -> Vec<Field> {
    let (snapshot, report) = (view.snapshot, view.report);
    let field = |name: &str, value: String| Field { name: name.to_owned(), value, inline: false };
    if report.campaigns.is_empty() {
        return vec![field(NAME, "None.".to_owned())];
    }
    let mut fields = vec![field(NAME, String::new())];
    let mut used = length(NAME);
    for (shown, line) in report.campaigns.iter().enumerate() {
        let text = campaign(snapshot, line);
        let open = fields.last().map_or(0, |last| length(&last.value));
        let begins = open > 0 && open + 1 + length(&text) + REST_MAX > FIELD_MAX;
        let cost = length(&text) + 1;
        let full = used + cost + REST_MAX > room || (begins && fields.len() == FIELDS_MAX);
        if full {
            let others = report.campaigns.len() - shown;
            let place = if view.table.is_some() { "the attached table" } else { "`/report variance`" };
            let rest = format!("… and {others} more: {place} has them all.");
            push(&mut fields, &rest);
            break;
        }
        if begins {
            fields.push(field(NO_NAME, String::new()));
            used += length(NO_NAME);
        }
        push(&mut fields, &text);
        used += cost;
    }
    fields
}

fn push(fields: &mut [Field], text: &str) {
    if let Some(last) = fields.last_mut() {
        if !last.value.is_empty() {
            last.value.push('\n');
        }
        last.value.push_str(text);
    }
}

fn campaign(snapshot: &Snapshot, line: &CampaignLine) -> String {
    let currency = snapshot.plan.currency;
    let name = snapshot.names.get(&line.key).map(String::as_str).unwrap_or_default();
    let state = match line.state {
        CampaignState::Active => String::new(),
        CampaignState::Cancelled { from } => format!(", cancelled from {from}"),
        CampaignState::Postponed => ", postponed".to_owned(),
    };
    let figures: Vec<String> = line.lines.iter().filter_map(|line| figure(line, currency)).collect();
    format!(
        "{} **{} {}** ({}{state}): {}.",
        sign(line.overall),
        line.key,
        short(name, CAMPAIGN_NAME_MAX),
        status_word(line.overall),
        if figures.is_empty() { "nothing due yet".to_owned() } else { figures.join("; ") },
    )
}

/// One measure in a few words; `None` where nothing was due and nothing came.
fn figure(line: &MeasureLine, currency: Currency) -> Option<String> {
    let shown = |amount| value(line.measure, amount, currency);
    let noun = match line.measure {
        Measure::Leads => "leads",
        Measure::Pipeline => "pipeline",
        Measure::Won => "won",
        Measure::Spend => "spend",
    };
    if line.planned_to_date.is_zero() {
        return (!line.actual.is_zero()).then(|| format!("{noun} {}, none due yet", shown(line.actual)));
    }
    let due = if line.measure == Measure::Spend { "planned" } else { "due" };
    let forecast = match (line.measure, line.target) {
        (Measure::Leads, Some(target)) => {
            format!(", forecast {} of {}", shown(line.forecast), shown(target))
        }
        _ => String::new(),
    };
    let released =
        if line.released.is_zero() { String::new() } else { format!(", {} released", shown(line.released)) };
    Some(format!(
        "{noun} {} of {} {due} ({}, {}{forecast}{released})",
        shown(line.actual),
        shown(line.planned_to_date),
        status_word(line.status),
        variance_percent(line.variance_pct),
    ))
}
