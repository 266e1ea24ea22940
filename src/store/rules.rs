//! The rules that money follows.
use super::Read;
use crate::domain::activity::ActivityRule;
use crate::domain::actor::Company;
use crate::domain::approval::Chains;
use crate::domain::business::BusinessCalendar;
use crate::domain::campaign_type::CampaignType;
use crate::domain::money::Money;
use crate::domain::program::{Partner, Program};
use crate::fault::Fault;

pub async fn chains(_read: &mut Read, _program: &Program) -> Result<Chains, Fault> {
    Ok(Chains::default())
}

pub async fn calendar(
    _read: &mut Read,
    program: &Program,
    _company: &Company,
) -> Result<BusinessCalendar, Fault> {
    Ok(BusinessCalendar::plain(program.zone))
}

pub async fn activity(
    _read: &mut Read,
    program: &Program,
    _partner: &Partner,
    kind: CampaignType,
) -> Result<ActivityRule, Fault> {
    let rules: serde_json::Value = serde_json::from_str(&program.activity_rules)?;
    let rule = rules.get(kind.code()).cloned().unwrap_or_default();
    let number =
        |field: &str| rule.get(field).and_then(serde_json::Value::as_str).and_then(|text| text.parse().ok());
    let cap = number("cap")
        .map(|cap| Money::rounded(cap, program.currency))
        .transpose()
        .map_err(|error| Fault::Corrupt(error.to_string()))?;
    let shipped = ActivityRule::shipped(kind);
    Ok(ActivityRule {
        share_percent: number("share_percent").unwrap_or(shipped.share_percent),
        cap: cap.or(shipped.cap),
        ..shipped
    })
}
