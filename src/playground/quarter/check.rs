//! Compares what the bot reported with what it must have reported, figure by figure.

use super::expected::{ALL, Campaign, Fund, Line, Report};
use crate::fault::Fault;
use crate::in_read;
use crate::playground::seed::GUILD;
use crate::playground::world::World;
use crate::store::checkpoint::{self, Checkpoint};
use crate::store::{inbox, ledger, outbox, plan, program};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the comparison found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// How many figures were compared.
    pub figures: usize,
    /// Each difference in a sentence: where, what there is, what there should be.
    pub differences: Vec<String>,
    /// The partners' checkpoint reports by their last day, as the bot kept them.
    pub reports: BTreeMap<(String, String), Value>,
}

/// Leads that no campaign is known for: one of a campaign that nobody has, one that came by itself.
const UNMATCHED: usize = 2;

const MEASURES: [&str; 4] = ["leads", "pipeline", "won", "spend"];
const FIGURES: [&str; 5] = ["planned_by_end", "planned_after", "planned_to_date", "actual", "variance"];

/// Reads the posted reports and compares them; and looks whether the bot left anything undone.
///
/// # Errors
/// A fault of the database.
pub async fn check(world: &World) -> Result<Checked, Fault> {
    let mut checked = Checked::default();
    let mut kept: BTreeMap<(String, String), Checkpoint> = BTreeMap::new();
    let store = &world.running.app.store;
    let (posted, unsound) = in_read!(store, |read| {
        let program = program::by_guild(read, &GUILD.to_string())
            .await?
            .ok_or_else(|| Fault::Other("the playground's program is not there".to_owned()))?;
        let mut posted = Vec::new();
        for partner in program::partners(read, &program.id).await? {
            for plan in plan::of_partner(read, &partner.id).await? {
                let reports = checkpoint::of_plan(read, &plan.id).await?;
                posted.extend(reports.into_iter().map(|report| (partner.key.clone(), report)));
            }
        }
        let mut unsound = ledger::verify(read).await?;
        let dead = outbox::list_dead(read, 10).await?;
        unsound.extend(
            dead.into_iter().map(|letter| format!("a message could not be delivered: {}", letter.reason)),
        );
        let letters = inbox::dead_letters(read, &program.id, 10).await?;
        unsound.extend(
            letters.into_iter().map(|letter| format!("a webhook could not be read: {}", letter.reason)),
        );
        let unmatched = crate::store::crm::unmatched(read, &program.id, 100).await?.len();
        if unmatched != UNMATCHED {
            unsound.push(format!("{unmatched} leads are unmatched; {UNMATCHED} should be"));
        }
        Ok((posted, unsound))
    })?;
    checked.differences.extend(unsound);
    for (partner, report) in posted {
        let key = (partner, report.day.to_string());
        checked.reports.insert(key.clone(), report.report.clone());
        kept.insert(key, report);
    }
    for (partner, expected) in ALL {
        match kept.get(&(partner.to_owned(), expected.day.to_owned())) {
            Some(found) => compare(&mut checked, &expected, found),
            None => {
                checked.differences.push(format!("{} of {} was not reported", expected.plan, expected.day))
            }
        }
    }
    Ok(checked)
}

fn compare(checked: &mut Checked, expected: &Report, found: &Checkpoint) {
    let report = &found.report;
    let mut compare = Compare { checked, at: format!("{} of {}", expected.plan, expected.day) };
    compare.one("plan", &report["plan"], json!(expected.plan));
    compare.one("revision", &report["revision"], json!(expected.revision));
    compare.one("as_of", &report["as_of"], json!(expected.as_of));
    compare.one("day", &report["day"], json!(expected.day));
    compare.one("currency", &report["currency"], json!(expected.currency));
    compare.one("overall", &json!(found.overall), json!(expected.overall));
    compare.lines("plan", &report["measures"], &expected.measures);
    let ids = |value: &Value| -> Value {
        let campaigns = value.as_array().into_iter().flatten();
        campaigns.map(|campaign| campaign["id"].clone()).collect()
    };
    let wanted: Vec<&str> = expected.campaigns.iter().map(|campaign| campaign.id).collect();
    compare.one("campaigns, worst first", &ids(&report["campaigns"]), json!(wanted));
    for Campaign { id, name, measures } in expected.campaigns {
        let campaigns = report["campaigns"].as_array().into_iter().flatten();
        let found = campaigns.into_iter().find(|found| found["id"] == *id).unwrap_or(&Value::Null);
        compare.one(&format!("{id} name"), &found["name"], json!(name));
        compare.lines(id, &found["measures"], measures);
    }
    compare.funds(&report["funds"], expected.funds);
}

struct Compare<'a> {
    checked: &'a mut Checked,
    at: String,
}

impl Compare<'_> {
    fn one(&mut self, what: &str, found: &Value, expected: Value) {
        self.checked.figures += 1;
        if *found != expected {
            self.checked.differences.push(format!("{}, {what}: {found} instead of {expected}", self.at));
        }
    }

    fn lines(&mut self, of: &str, found: &Value, expected: &[Line; 4]) {
        for (measure, line) in MEASURES.into_iter().zip(expected) {
            let found = &found[measure];
            self.one(&format!("{of} {measure} target"), &found["target"], json!(line.target));
            for (figure, value) in FIGURES.into_iter().zip(line.figures) {
                self.one(&format!("{of} {measure} {figure}"), &found[figure], json!(value));
            }
            self.one(
                &format!("{of} {measure} variance_pct"),
                &found["variance_pct"],
                json!(line.variance_pct),
            );
            self.one(&format!("{of} {measure} forecast"), &found["forecast"], json!(line.forecast));
            self.one(&format!("{of} {measure} status"), &found["status"], json!(line.status));
        }
    }

    fn funds(&mut self, found: &Value, expected: &[Fund]) {
        self.one("number of funds", &json!(found.as_array().map(Vec::len)), json!(expected.len()));
        for (place, fund) in expected.iter().enumerate() {
            let (found, name) = (&found[place], fund.name);
            self.one("fund", &found["name"], json!(name));
            self.one(&format!("{name} committed"), &found["committed"], json!(fund.committed));
            self.one(&format!("{name} pending"), &found["pending"], json!(fund.pending));
            let own = fund.own.map_or([None; 3], |own| own.map(Some));
            for (figure, value) in ["available", "payable", "paid"].into_iter().zip(own) {
                self.one(&format!("{name} {figure}"), &found[figure], json!(value));
            }
        }
    }
}
