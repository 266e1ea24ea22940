//! The variance report as people read it: a card with the overall status, one plain sentence for each measure, a table,
//! the campaigns worst first, the funds and what the money brought. Pure; always within Discord's limits.
//!
//! Whatever has a colour says it in words too. Names are escaped. What only the vendor may read comes in as a value of
//! its own, and a card without it can't show it.

mod campaigns;
mod money;
mod table;

use super::card::{Card, Colour, Field, Post};
use super::figure::{sentence, status_in_words, status_word};
use super::{escape, short};
use crate::domain::cadence::SlotKind;
use crate::domain::report::{Snapshot, VendorOnly};
use crate::domain::variance::{Measure, MeasureLine, Status, StatusReason, VarianceReport};
use chrono::{NaiveDateTime, TimeDelta};

/// A checkpoint that a report is posted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Counts the plan's checkpoints from 1, those that were missed included.
    pub number: i64,
    pub kind: SlotKind,
    /// When it was due, on the clocks of the plan's zone.
    pub due: NaiveDateTime,
    /// How much later it is posted, if that is worth a word.
    pub late_by: Option<TimeDelta>,
    /// The checkpoints before it that were missed and are not posted any more, on the clocks of the plan's zone.
    pub missed: Vec<NaiveDateTime>,
    /// What became of the promises since the checkpoint before; empty without any (see `text::promise::opening`).
    pub promises: String,
}

/// What a report says.
pub struct ReportView<'a> {
    pub snapshot: &'a Snapshot,
    pub report: &'a VarianceReport,
    /// `None` for the answer to a question, which is as of now.
    pub occasion: Option<&'a Occasion>,
    /// Given only where nobody but the vendor reads.
    pub vendor: Option<&'a VendorOnly>,
    /// The name of the attached picture.
    pub image: Option<&'a str>,
    /// The name of the attached file that has every campaign in full.
    pub table: Option<&'a str>,
}

/// Characters of a whole card, its title, body, fields and footer together. Discord takes 6,000; the rest is for the
/// mark that delivery adds, and for signs that count twice.
pub const CARD_MAX: usize = 5_800;
/// Characters of a field's value.
const FIELD_MAX: usize = 1_000;

/// A measure as a heading.
pub fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::Leads => "Leads",
        Measure::Pipeline => "Pipeline",
        Measure::Won => "Won revenue",
        Measure::Spend => "Spend",
    }
}

/// The report as the post of a checkpoint, with a thread of its own to talk in.
pub fn post(view: &ReportView<'_>) -> Post {
    let plan = &view.snapshot.plan;
    let thread = view.occasion.map(|occasion| {
        format!("Checkpoint {} · {} · {}", occasion.number, plan.name_short(), occasion.due.date())
    });
    let number =
        view.occasion.map_or_else(String::new, |occasion| format!("Checkpoint {} of ", occasion.number));
    Post {
        text: format!("{number}{}: {}", plan.name_short(), overall(view.report)),
        card: Some(card(view)),
        thread,
    }
}

/// The report as a card.
pub fn card(view: &ReportView<'_>) -> Card {
    let (snapshot, report) = (view.snapshot, view.report);
    let mut card = Card {
        title: heading(view),
        body: body(view),
        colour: colour(report.overall),
        footer: footer(snapshot),
        image: view.image.map(str::to_owned),
        ..Card::default()
    };
    let mut after = Vec::new();
    add(&mut after, "What the money brought", money::brought(snapshot, report));
    add(&mut after, "Funds", money::funds(snapshot));
    add(&mut after, "Beside the figures", beside(snapshot, report));
    if let Some(vendor) = view.vendor {
        add(&mut after, "For the vendor alone", money::vendor_only(vendor));
    }
    let used: usize = [&card.title, &card.body, &card.footer].iter().map(|text| length(text)).sum();
    let kept: usize = after.iter().map(|field| length(&field.name) + length(&field.value)).sum();
    card.fields = campaigns::fields(view, CARD_MAX.saturating_sub(used + kept));
    card.fields.append(&mut after);
    card
}

fn heading(view: &ReportView<'_>) -> String {
    let plan = &view.snapshot.plan;
    let name = format!("{} {}", plan.name_short(), short(&plan.name, 80));
    match view.occasion {
        None => format!("Variance report · {name}"),
        Some(occasion) => {
            let kind = match occasion.kind {
                SlotKind::Regular => "",
                SlotKind::Mid => " (middle of the period)",
                SlotKind::End => " (end of the period)",
            };
            format!("Checkpoint {}{kind} · {name}", occasion.number)
        }
    }
}

fn footer(snapshot: &Snapshot) -> String {
    format!(
        "{} · revision {} · {}",
        snapshot.plan.name_short(),
        snapshot.revision,
        snapshot.plan.currency.code()
    )
}

fn body(view: &ReportView<'_>) -> String {
    let (snapshot, report) = (view.snapshot, view.report);
    let plan = &snapshot.plan;
    let as_of = snapshot.as_of.with_timezone(&plan.zone);
    let mut lines = vec![
        format!(
            "**{}** and **{}**, {} to {}: day {} of {}.",
            short(&snapshot.program.name, 80),
            short(&snapshot.partner.name, 80),
            plan.period.start(),
            plan.period.end(),
            report.progress.day,
            report.progress.days,
        ),
        format!(
            "Figures to the end of {}, as known on {} at {} ({}).",
            snapshot.day,
            as_of.date_naive(),
            as_of.format("%H:%M"),
            plan.zone.name(),
        ),
    ];
    lines.extend(view.occasion.and_then(lateness));
    let promises = view.occasion.map(|occasion| occasion.promises.as_str()).unwrap_or_default();
    if !promises.is_empty() {
        lines.push(format!("\n{promises}"));
    }
    lines.push(format!("\n**Overall:** {}", overall(report)));
    for line in report.plan.iter() {
        lines.push(format!(
            "{} **{}** ({}): {}.",
            sign(line.status),
            title(line.measure),
            status_in_words(line),
            sentence(line, plan.currency)
        ));
    }
    lines.push(table::of(&report.plan, plan.currency, snapshot.revision > 1));
    lines.join("\n")
}

/// Missed checkpoints that are named; more are counted.
const MISSED_NAMED: usize = 3;

fn lateness(occasion: &Occasion) -> Option<String> {
    let moment = |at: &NaiveDateTime| at.format("%Y-%m-%d %H:%M").to_string();
    let late = occasion.late_by.map(|by| {
        format!(
            "**Late by {}:** it was due on {}, and I was not running.",
            duration(by),
            moment(&occasion.due)
        )
    });
    let missed = (!occasion.missed.is_empty()).then(|| {
        let first = occasion.missed.len().saturating_sub(MISSED_NAMED);
        let mut named: Vec<String> = occasion.missed[first..].iter().map(moment).collect();
        if first > 0 {
            named.insert(0, format!("{first} earlier"));
        }
        let verb = if occasion.missed.len() == 1 { "checkpoint was" } else { "checkpoints were" };
        format!(
            "Before it {} {verb} missed: {}. This report covers those days too.",
            occasion.missed.len(),
            named.join(", ")
        )
    });
    let said: Vec<String> = [late, missed].into_iter().flatten().collect();
    (!said.is_empty()).then(|| format!("⏰ {}", said.join(" ")))
}

/// A span in its two largest units: `3 days 4 hours`.
fn duration(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    let units = [(minutes / 1_440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")];
    let said: Vec<String> = units
        .iter()
        .filter(|(number, _)| *number > 0)
        .take(2)
        .map(|(number, unit)| format!("{number} {unit}{}", if *number == 1 { "" } else { "s" }))
        .collect();
    if said.is_empty() { "less than a minute".to_owned() } else { said.join(" ") }
}

/// The overall status and what makes it so: `🔴 red: leads and pipeline are behind plan`.
pub fn overall(report: &VarianceReport) -> String {
    let counts = |line: &&MeasureLine| line.status == report.overall;
    let overspent = Some(&report.plan.spend).filter(|line| line.status_reason.is_overspent());
    let (leads, pipeline) = (&report.plan.leads, &report.plan.pipeline);
    let mut reasons = Vec::new();
    if counts(&leads) && counts(&pipeline) && leads.status_reason == pipeline.status_reason {
        reasons.push(format!("leads and pipeline {}", reason(leads, "are ")));
    } else {
        reasons.extend(Some(leads).filter(counts).map(|line| format!("leads {}", reason(line, "are "))));
        reasons.extend(Some(pipeline).filter(counts).map(|line| format!("pipeline {}", reason(line, "is "))));
    }
    reasons.extend(overspent.filter(counts).map(|line| format!("spend is {}", reason(line, ""))));
    format!("{} **{}**: {}.", sign(report.overall), status_word(report.overall), reasons.join("; "))
}

fn reason(line: &MeasureLine, verb: &str) -> String {
    match line.status_reason {
        StatusReason::OnPlan => format!("{verb}on plan"),
        StatusReason::Behind => format!("{verb}behind plan"),
        StatusReason::TooEarly => format!("{verb}too early to judge"),
        StatusReason::NothingPlanned => format!("{verb}not planned in this period"),
        StatusReason::OverBudget => format!("{verb}over the budget line"),
        StatusReason::NoBudgetLine => format!("{verb}without a budget line"),
        StatusReason::OverPlanned => format!("{verb}more than planned by now"),
        StatusReason::BeforePlanned => format!("{verb}earlier than planned"),
        StatusReason::Underspent => format!("{verb}less than planned by now"),
    }
}

/// The sign beside a status; never without its word.
pub(super) fn sign(status: Status) -> &'static str {
    match status {
        Status::Grey => "⚪",
        Status::Green => "🟢",
        Status::Amber => "🟡",
        Status::Red => "🔴",
    }
}

fn colour(status: Status) -> Colour {
    match status {
        Status::Grey => Colour::Grey,
        Status::Green => Colour::Green,
        Status::Amber => Colour::Amber,
        Status::Red => Colour::Red,
    }
}

/// What is told but never added up.
fn beside(snapshot: &Snapshot, report: &VarianceReport) -> String {
    let mut lines = money::beside(snapshot, report);
    for out in snapshot.left_out.iter().filter(|out| out.leads != 0) {
        let (noun, verb) = if out.leads == 1 { ("lead", "is") } else { ("leads", "are") };
        lines.push(format!(
            "{} is counted by hand; {} {noun} of it in the CRM {verb} left out.",
            escape(&out.campaign),
            super::count(out.leads)
        ));
    }
    fitting(lines)
}

fn add(fields: &mut Vec<Field>, name: &str, value: String) {
    if !value.is_empty() {
        fields.push(Field { name: name.to_owned(), value, inline: false });
    }
}

/// As many lines as fit into a field; the others are counted.
fn fitting(lines: Vec<String>) -> String {
    let mut text = String::new();
    let all = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        if length(&text) + length(&line) + 1 > FIELD_MAX - 30 {
            text.push_str(&format!("\n… and {} more.", all - index));
            break;
        }
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&line);
    }
    text
}

/// A text's length as Discord may count it: a sign outside the basic plane counts twice.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
