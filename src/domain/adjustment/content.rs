//! What the signatures of an adjustment bind: which signed revision it changes and each change, as canonical JSON. Days on
//! which it takes effect and where things stand are not in it: they move while it waits, without anybody changing it.

use super::{Adjustment, Asked, Change};
use crate::domain::campaign::{Campaign, Stopped};
use crate::domain::canonical::canonical;
use chrono::SecondsFormat;
use serde_json::{Value, json};

/// What an adjustment changes.
pub struct Base<'a> {
    /// The plan's short name.
    pub plan: &'a str,
    /// SHA-256 of the revision `base_revision`.
    pub sha256: &'a str,
    /// The plan's campaigns, by which changes name them.
    pub campaigns: &'a [Campaign],
}

/// The content that both sides sign; a signature binds its SHA-256.
pub fn content(adjustment: &Adjustment, base: &Base<'_>) -> String {
    canonical(&json!({
        "adjustment": adjustment.name_short(),
        "plan": base.plan,
        "changes_revision": adjustment.base_revision.to_string(),
        "changes_sha256": base.sha256,
        "changes": adjustment.asked.iter().map(|asked| change(adjustment, asked, base)).collect::<Vec<_>>(),
    }))
}

/// What both sides sign of a stop that, countersigned, makes the revision after `base_revision`. It names the stop, and not
/// the adjustment that it becomes: that has no number when the side that stopped signs.
pub fn stop_content(campaign: &Campaign, stopped: &Stopped, base_revision: i64, base: &Base<'_>) -> String {
    canonical(&json!({
        "stop": campaign.name_short(),
        "stopped_at": stopped.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "stopped_by": stopped.side.code(),
        "plan": base.plan,
        "changes_revision": base_revision.to_string(),
        "changes_sha256": base.sha256,
        "changes": [{"cancel": campaign.name_short(), "reason": stopped.reason}],
    }))
}

fn change(adjustment: &Adjustment, asked: &Asked, base: &Base<'_>) -> Value {
    let added = adjustment.changes().filter_map(|change| match change {
        Change::Add { campaign } => Some(&**campaign),
        _ => None,
    });
    let campaigns: Vec<&Campaign> = base.campaigns.iter().chain(added).collect();
    let name = |id: &str| {
        let found = campaigns.iter().find(|campaign| campaign.id == id);
        found.map_or_else(|| id.to_owned(), |campaign| campaign.name_short())
    };
    let mut content = match &asked.change {
        Change::Edit { to } => json!({"edit": to.content()}),
        Change::Add { campaign } => json!({"add": campaign.content()}),
        Change::Postpone { campaign, to } => json!({
            "postpone": name(campaign),
            "starts_on": to.map(|to| to.start().to_string()),
            "ends_on": to.map(|to| to.end().to_string()),
        }),
        Change::Cancel { campaign } => json!({"cancel": name(campaign)}),
        Change::Terms { to } => json!({"edit": base.plan, "to": to.content()}),
        Change::CancelPlan => json!({"cancel": base.plan}),
    };
    content["reason"] = json!(asked.reason);
    content
}
