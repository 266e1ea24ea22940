//! The rules that money follows, as `bot.toml` declares them. What was set in chat about something else stays.

use super::{App, DeclaredProgram, Fault, Program, Tx, exact, note};
use crate::config::Cap as DeclaredCap;
use crate::domain::activity::{ActivitySetting, Cap, TierRule};
use crate::domain::actor::Company;
use crate::domain::approval::{ChainRule, ChainStep};
use crate::domain::money::Currency;
use crate::domain::rulebook::{Kept, Rule};
use crate::store::rules;
use std::collections::BTreeMap;

pub(super) async fn apply(
    app: &App,
    tx: &mut Tx,
    declared: &DeclaredProgram,
    program: &Program,
    partners: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let wanted = wanted(declared, program, partners)?;
    let before = rules::rulebook(tx, program).await?;
    for Kept { rule, declared } in &before.rules {
        let still = wanted.iter().any(|one| one.item() == rule.item());
        // A declared group is bot.toml's as a whole: what chat added to it goes.
        let taken_over = wanted.iter().any(|one| one.group() == rule.group());
        if !still && (*declared || taken_over) {
            rules::remove(tx, &program.id, rule, *declared).await?;
            note(app, tx, &program.id, "rule_removed", &rule.item(), rule.detail()).await?;
        }
    }
    for rule in wanted {
        let now = Kept { rule, declared: true };
        if before.about(&now.rule) != Some(&now) {
            rules::put(tx, &program.id, &now.rule, true).await?;
            note(app, tx, &program.id, "rule_declared", &now.rule.item(), now.rule.detail()).await?;
        }
    }
    Ok(())
}

fn wanted(
    declared: &DeclaredProgram,
    program: &Program,
    partners: &BTreeMap<String, String>,
) -> Result<Vec<Rule>, Fault> {
    let currency = program.currency;
    let mut wanted = Vec::new();
    for said in &declared.activities {
        let setting = ActivitySetting {
            share_percent: said.share_percent,
            cap: cap(said.cap, currency)?,
            notice_days: said.notice_days,
            claim_window_days: said.claim_window_days,
            eligible: said.eligible.clone(),
            pre_approval: said.pre_approval,
            evidence: said.evidence.clone(),
        };
        wanted.push(Rule::Activity(said.activity, setting));
    }
    for said in &declared.tiers {
        wanted.push(Rule::Tier(TierRule {
            tier: said.key.clone(),
            share_percent: said.share_percent,
            cap: cap(said.cap, currency)?,
            pre_approval: said.pre_approval,
        }));
    }
    for said in &declared.approvals {
        let steps = said.steps.iter().map(|role| ChainStep { role_id: role.map(|id| id.to_string()) });
        let rule = ChainRule { from: exact(said.from, currency)?, steps: steps.collect() };
        wanted.push(Rule::Chain(said.decided, rule));
    }
    let own = declared.partners.iter().filter_map(|partner| {
        partners.get(&partner.key).map(|id| (Company::Partner(id.clone()), &partner.calendar))
    });
    for (company, calendar) in [(Company::Vendor, &declared.calendar)].into_iter().chain(own) {
        wanted.extend(calendar.week.map(|week| Rule::Week(company.clone(), week)));
        wanted.extend(calendar.holidays.iter().map(|day| Rule::Holiday(company.clone(), *day)));
    }
    wanted.extend(declared.quiet_hours.map(Rule::Quiet));
    wanted.extend(declared.digest.map(Rule::Digest));
    if let Some(under) = declared.auto_approve_under {
        wanted.push(Rule::AutoApproveUnder(exact(under, currency)?));
    }
    wanted.extend(declared.escalate_after_days.map(Rule::EscalateAfter));
    Ok(wanted)
}

fn cap(declared: Option<DeclaredCap>, currency: Currency) -> Result<Option<Cap>, Fault> {
    Ok(match declared {
        None => None,
        Some(DeclaredCap::Unlimited) => Some(Cap::Unlimited),
        Some(DeclaredCap::UpTo(amount)) => Some(Cap::UpTo(exact(amount, currency)?)),
    })
}
