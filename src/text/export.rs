//! A signed revision as a Markdown document. It is made of the signed bytes alone, so that it can't say anything else
//! than what was signed; whatever the terms hold has a place in it.

use super::escape;
use crate::domain::actor::Side;
use crate::domain::plan::{Plan, Signature};
use crate::domain::program::{Partner, Program};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// What a signed copy is made of. Of `plan` only what is never changed is read: its number and zone.
pub struct SignedCopy<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub revision: i64,
    pub effective_on: NaiveDate,
    /// The signed terms.
    pub terms: &'a Value,
    pub sha256: &'a str,
    pub signatures: &'a [Signature],
}

/// What the head of the document says of the terms.
const HEAD: &[&str] = &["plan", "name", "starts_on", "ends_on", "currency", "time_zone"];
const TARGETS: &[&str] = &["target_leads", "target_pipeline", "target_won", "results_by"];
const ROLES: &[&str] = &["lead_routing_hours", "hours_a_week"];
const REVIEW: &[&str] = &["review_cadence", "attribution"];

/// The document: the five elements, both signatures, the hash.
pub fn markdown(copy: &SignedCopy<'_>) -> String {
    let text = |key: &str| scalar(&copy.terms[key]);
    let mut out = format!(
        "# {} · {} · revision {}\n\nJoint marketing plan of **{}** and **{}**, {} to {} ({}, {}). In force from {}.\n",
        text("plan"),
        text("name"),
        copy.revision,
        escape(&copy.program.name),
        escape(&copy.partner.name),
        text("starts_on"),
        text("ends_on"),
        text("currency"),
        text("time_zone"),
        copy.effective_on,
    );
    out.push_str(&elements(copy.terms, ""));
    out.push_str(&signatures(copy));
    out
}

/// What a draft copy is made of: the terms as they stand, which nobody is bound by.
pub struct DraftCopy<'a> {
    pub program: &'a Program,
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    /// The terms as they would be signed.
    pub terms: &'a Value,
    /// Given on the terms as they stand.
    pub signatures: &'a [Signature],
    /// The plan's local day.
    pub today: NaiveDate,
}

/// What stands in every heading of a draft copy, so that no part of it passes for signed.
const NOT_SIGNED: &str = "NOT SIGNED";

/// The document of a plan that both sides have not signed: the same five elements, marked in every heading. It comes
/// without the JSON that signatures bind, so there is nothing that could be verified.
pub fn draft(copy: &DraftCopy<'_>) -> String {
    let text = |key: &str| scalar(&copy.terms[key]);
    let mut out = format!(
        "# {NOT_SIGNED} · draft of {} · {}\n\n**This is a draft copy. Both sides have not signed it, and it binds nobody.** \
         The plan is {}; this is what it said on {}.\n\nJoint marketing plan of **{}** and **{}**, {} to {} ({}, {}).\n",
        text("plan"),
        text("name"),
        copy.plan.state.label(),
        copy.today,
        escape(&copy.program.name),
        escape(&copy.partner.name),
        text("starts_on"),
        text("ends_on"),
        text("currency"),
        text("time_zone"),
    );
    out.push_str(&elements(copy.terms, &format!(" ({NOT_SIGNED})")));
    out.push_str(&format!("\n## {NOT_SIGNED}\n\n"));
    for (side, company) in [(Side::Vendor, &copy.program.name), (Side::Partner, &copy.partner.name)] {
        let has_signed = copy.signatures.iter().any(|signature| signature.side == side);
        let said = if has_signed { "has signed; the other side has not" } else { "has not signed" };
        out.push_str(&format!("- {}: {said}\n", escape(company)));
    }
    out.push_str("\nOnce both have signed, `/plan export` gives the signed copy.\n");
    out
}

/// One campaign with all that is signed of it.
pub fn campaign(content: &Value) -> String {
    let of = |key: &str| table(with_campaign(content, key).into_iter());
    format!(
        "{}\n#### Targets\n\n{}\n#### Budget\n\n{}\n#### Tasks\n\n{}",
        portfolio(content).trim_start(),
        table(std::iter::once(targets(content))),
        of("budget"),
        of("tasks")
    )
}

/// The five elements; `mark` follows each of their headings.
fn elements(terms: &Value, mark: &str) -> String {
    let campaigns: Vec<&Value> = terms["campaigns"].as_array().into_iter().flatten().collect();
    let mut out = format!("\n## 1. Campaign portfolio{mark}\n");
    for campaign in &campaigns {
        out.push_str(&portfolio(campaign));
    }
    out.push_str(&format!("\n## 2. Roles and responsibilities{mark}\n\n### Tasks\n\n"));
    out.push_str(&table(campaigns.iter().flat_map(|campaign| with_campaign(campaign, "tasks"))));
    out.push_str("\n### Promises\n\n");
    out.push_str(&table(terms["promises"].as_array().into_iter().flatten().cloned()));
    out.push_str(&format!("\n{}", list(terms, ROLES)));
    out.push_str(&format!("\n## 3. Budget and funding plan{mark}\n\n"));
    out.push_str(&table(campaigns.iter().flat_map(|campaign| with_campaign(campaign, "budget"))));
    out.push_str(&format!("\n## 4. Pipeline targets{mark}\n\n"));
    out.push_str(&table(campaigns.iter().map(|campaign| targets(campaign))));
    out.push_str(&format!("\n{}", list(terms, &["joint_business_plan"])));
    out.push_str(&format!("\n## 5. Review cadence{mark}\n\n{}", list(terms, REVIEW)));
    out.push_str(&others(terms));
    out
}

fn portfolio(campaign: &Value) -> String {
    let mut out = format!("\n### {} {}\n\n", scalar(&campaign["campaign"]), scalar(&campaign["name"]));
    for (key, value) in campaign.as_object().into_iter().flatten() {
        let elsewhere = ["campaign", "name", "tasks", "budget"].contains(&key.as_str());
        if !elsewhere && !TARGETS.contains(&key.as_str()) && !is_empty(value) {
            out.push_str(&format!("- {}: {}\n", label(key), inline(value)));
        }
    }
    out
}

/// The parts of a campaign, each with the campaign's short name in front.
fn with_campaign(campaign: &Value, key: &str) -> Vec<Value> {
    let parts = campaign[key].as_array().into_iter().flatten();
    parts
        .filter_map(Value::as_object)
        .map(|part| {
            let mut row = Map::new();
            row.insert("campaign".to_owned(), campaign["campaign"].clone());
            row.extend(part.clone());
            Value::Object(row)
        })
        .collect()
}

fn targets(campaign: &Value) -> Value {
    let keys = std::iter::once("campaign").chain(TARGETS.iter().copied());
    Value::Object(keys.map(|key| (key.to_owned(), campaign[key].clone())).collect())
}

/// What the terms hold beside what has a section.
fn others(terms: &Value) -> String {
    let known = |key: &str| {
        ["campaigns", "promises", "joint_business_plan", "adjustment"].contains(&key)
            || [HEAD, ROLES, REVIEW].iter().any(|keys| keys.contains(&key))
    };
    let keys: Vec<&str> = terms
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .filter(|key| !known(key))
        .collect();
    let body = list(terms, &keys);
    if body == NONE { String::new() } else { format!("\n## Also agreed\n\n{body}") }
}

fn signatures(copy: &SignedCopy<'_>) -> String {
    let mut out = String::from("\n## Signatures\n\n");
    for signature in copy.signatures {
        let company = match signature.side {
            Side::Vendor => &copy.program.name,
            Side::Partner => &copy.partner.name,
        };
        let at = signature.signed_at.with_timezone(&copy.plan.zone).format("%Y-%m-%d %H:%M:%S %Z");
        let away = signature.stands_for.as_deref();
        let away = away.map(|id| format!(" for Discord user {}", escape(id))).unwrap_or_default();
        out.push_str(&format!(
            "- {}: Discord user {}{away}, {at}, signed SHA-256 `{}`\n",
            escape(company),
            escape(&signature.person),
            signature.content_sha256,
        ));
    }
    let made_by = &copy.terms["adjustment"]["signed"];
    out.push_str(&if made_by.is_null() {
        "\nBoth signed the JSON file that came with this document.".to_owned()
    } else {
        format!(
            "\nBoth signed {}, which made this of revision {}: {} The JSON file that came with this document holds what they \
             signed, under `adjustment`, and what it made.",
            match &made_by["stop"] {
                Value::Null => scalar(&made_by["adjustment"]),
                stop => format!("the stop of {}", scalar(stop)),
            },
            scalar(&made_by["changes_revision"]),
            reasons(made_by),
        )
    });
    out.push_str(&format!(" The SHA-256 of that file:\n\n    {}\n", copy.sha256));
    out
}

/// Why each change of an adjustment was asked for.
fn reasons(made_by: &Value) -> String {
    let changes = made_by["changes"].as_array().into_iter().flatten();
    let said: Vec<String> = changes.map(|change| format!("“{}”", scalar(&change["reason"]))).collect();
    format!("{}.", said.join(", "))
}

const NONE: &str = "None.\n";

/// Named values in lines of their own.
fn list(of: &Value, keys: &[&str]) -> String {
    let given = keys.iter().filter(|key| !is_empty(&of[**key]));
    let lines: Vec<String> = given.map(|key| format!("- {}: {}\n", label(key), inline(&of[*key]))).collect();
    if lines.is_empty() { NONE.to_owned() } else { lines.concat() }
}

/// Objects as a table; its columns are all the keys that any of them has.
fn table(rows: impl Iterator<Item = Value>) -> String {
    let rows: Vec<Value> = rows.collect();
    let mut keys: Vec<&String> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return NONE.to_owned();
    }
    // What a row is of stands first.
    keys.sort_by_key(|key| !["campaign", "promise"].contains(&key.as_str()));
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(keys.iter().map(|key| label(key)).collect());
    out.push_str(&line(keys.iter().map(|_| "---".to_owned()).collect()));
    for row in &rows {
        out.push_str(&line(keys.iter().map(|key| inline(&row[key.as_str()])).collect()));
    }
    out
}

fn label(key: &str) -> String {
    escape(&key.replace('_', " "))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text),
        Value::Null => String::new(),
        other => escape(&other.to_string()),
    }
}

/// A value in one line: objects and lists are written out.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let parts = map.iter().filter(|(_, value)| !is_empty(value));
            parts
                .map(|(key, value)| format!("{} {}", label(key), inline(value)))
                .collect::<Vec<_>>()
                .join(", ")
        }
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        scalar_value => scalar(scalar_value),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}
