//! What `bot.toml` declares, made true in the database: programs, partners, roles, rules, funds. Differences are written as
//! changes by the actor `config`, audited; what is no longer declared is archived, never deleted.

mod rules;

use super::plan_card::refresh;
use crate::app::App;
use crate::config::Program as DeclaredProgram;
use crate::config::{
    ApprovalLimit, CarryLimit, CarryOver, Company as Declared, Config, Fund as DeclaredFund,
};
use crate::domain::actor::{Capability, Company, Grant, Limit};
use crate::domain::fund::carry::{Carry, CarryMost, CarryTo};
use crate::domain::fund::{Balances, Fund, Move, Terms};
use crate::domain::money::{Currency, Money};
use crate::domain::plan::BySide;
use crate::domain::program::{FiscalYear, Partner, Program, SinglePartner};
use crate::fault::Fault;
use crate::in_tx;
use crate::store::effort::Effort;
use crate::store::program::Known;
use crate::store::{Tx, audit, calendar, channel, claim, effort, ledger, outbox, program, request, setup};
use crate::text;
use crate::text::card::Post;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;

/// Who writes what the configuration declares.
const ACTOR: &str = "config";

/// Makes the database agree with the configuration. One transaction: all of it, or nothing.
///
/// # Errors
/// `Fault::Other` with a sentence for a change that can't be made (a fund declared below what it has committed, or in
/// another currency), or a fault of the database.
pub async fn apply(app: &App, config: &Config) -> Result<(), Fault> {
    in_tx!(app.store, |tx| {
        for declared in &config.programs {
            one(app, tx, declared).await?;
        }
        for gone in program::all(tx).await? {
            if !config.programs.iter().any(|declared| declared.key == gone.key) {
                program::archive(tx, &gone.id, app.clock.now_ms()).await?;
                note(app, tx, &gone.id, "program_archived", &gone.id, json!({})).await?;
                follow(app, tx, &gone.id).await?;
            }
        }
        Ok(())
    })
}

async fn one(app: &App, tx: &mut Tx, declared: &DeclaredProgram) -> Result<(), Fault> {
    let before = program::by_key(tx, &declared.key).await?;
    let id = before.as_ref().map_or_else(|| app.clock.new_id(), |program| program.id.clone());
    let currency = currency(declared.currency)?;
    let program = Program {
        id: id.clone(),
        key: declared.key.clone(),
        name: declared.name.clone(),
        guild_id: declared.guild_id.to_string(),
        zone: declared.time_zone,
        currency,
        approvals_channel: declared.approvals_channel.to_string(),
        confirm_from: exact(declared.confirm_from, currency)?,
        thresholds: thresholds(declared),
        fiscal_year: fiscal_year(declared, before.as_ref()),
        single_partner: single_partner(declared, before.as_ref()),
    };
    if before.as_ref() != Some(&program) {
        program::save(tx, &program).await?;
        note(app, tx, &id, "program_declared", &id, json!({})).await?;
    }
    setup::lock_program(tx, &id).await?;
    if let Some(before) = before {
        let from_to = (before.approvals_channel.as_str(), program.approvals_channel.as_str());
        channel::moves(tx, &app.clock, &id, from_to).await?;
    }
    let partners = partners(app, tx, declared, &program).await?;
    grants(app, tx, declared, &program, &partners).await?;
    rules::apply(app, tx, declared, &program, &partners).await?;
    efforts(app, tx, declared, &program).await?;
    funds(app, tx, declared, &program, &partners).await?;
    follow(app, tx, &id).await
}

/// Makes cards and events say what holds now, in every partner's channel: names, hours, who takes part.
async fn follow(app: &App, tx: &mut Tx, program_id: &str) -> Result<(), Fault> {
    for known in program::known_partners(tx, program_id).await? {
        program::lock_partner(tx, &known.partner.id).await?;
        refresh(tx, &app.clock, &known.partner.id).await?;
    }
    Ok(())
}

/// What is declared; else what was set in chat. One that was declared and is so no more starts in January again.
fn fiscal_year(declared: &DeclaredProgram, before: Option<&Program>) -> FiscalYear {
    match declared.fiscal_year_start {
        Some(start_month) => FiscalYear { start_month, declared: true },
        None => before.map(|program| program.fiscal_year).filter(|year| !year.declared).unwrap_or_default(),
    }
}

/// The same for the single partner: one that was declared and is so no more is not single again.
fn single_partner(declared: &DeclaredProgram, before: Option<&Program>) -> SinglePartner {
    match declared.single_partner {
        Some(on) => SinglePartner { on, declared: true },
        None => {
            before.map(|program| program.single_partner).filter(|single| !single.declared).unwrap_or_default()
        }
    }
}

/// Partners that were added in chat count too; what one of them plans must not become an event that the other sees.
async fn one_partner_if_single(tx: &mut Tx, program: &Program) -> Result<(), Fault> {
    let partners = program::partners(tx, &program.id).await?;
    if program.single_partner.on && partners.len() > 1 {
        let keys: Vec<String> = partners.iter().map(|partner| format!("{:?}", partner.key)).collect();
        return Err(Fault::Other(format!(
            "program {:?}: it is said to have a single partner, but has {}; archive the others, or set single_partner = false",
            program.key,
            keys.join(", ")
        )));
    }
    Ok(())
}

fn thresholds(declared: &DeclaredProgram) -> String {
    let limits = &declared.thresholds;
    // Stored as distances from the plan, without a sign, as the rules of the status read them.
    json!({
        "amber_below": limits.green.abs().normalize().to_string(),
        "red_below": limits.amber.abs().normalize().to_string(),
        "spend_amber": limits.spend_amber.normalize().to_string(),
        "spend_red": limits.spend_red.normalize().to_string(),
        "grey_under": limits.grey_under.normalize().to_string(),
    })
    .to_string()
}

/// What was set in chat for a type that is declared now gives way; for others it stays.
async fn efforts(app: &App, tx: &mut Tx, declared: &DeclaredProgram, program: &Program) -> Result<(), Fault> {
    let before = effort::of_program(tx, &program.id).await?;
    for gone in before.iter().filter(|one| one.declared) {
        if !declared.efforts.iter().any(|one| one.kind == gone.kind) {
            effort::clear(tx, &program.id, gone.kind).await?;
            let detail = json!({"kind": gone.kind.code(), "usual": true});
            note(app, tx, &program.id, "effort_declared", gone.kind.code(), detail).await?;
        }
    }
    for one in &declared.efforts {
        let hours = BySide { vendor: one.vendor, partner: one.partner };
        let wanted = Effort { kind: one.kind, hours, declared: true };
        if !before.contains(&wanted) {
            effort::set(tx, &program.id, &wanted).await?;
            let detail = json!({"kind": one.kind.code(), "vendor": one.vendor, "partner": one.partner});
            note(app, tx, &program.id, "effort_declared", one.kind.code(), detail).await?;
        }
    }
    Ok(())
}

/// The ids of the declared partners, by key.
async fn partners(
    app: &App,
    tx: &mut Tx,
    declared: &DeclaredProgram,
    program: &Program,
) -> Result<BTreeMap<String, String>, Fault> {
    let known = program::known_partners(tx, &program.id).await?;
    for Known { partner: gone, archived, declared: was } in &known {
        if *was && !archived && declared.partners.iter().all(|wanted| wanted.key != gone.key) {
            nothing_strands(tx, program, gone).await?;
        }
    }
    let mut ids = BTreeMap::new();
    for wanted in &declared.partners {
        let before = known.iter().find(|one| one.partner.key == wanted.key);
        let partner = Partner {
            id: before.map_or_else(|| app.clock.new_id(), |one| one.partner.id.clone()),
            program_id: program.id.clone(),
            key: wanted.key.clone(),
            name: wanted.name.clone(),
            channel_id: wanted.channel.to_string(),
            tier: wanted.tier.clone(),
            currency: wanted.currency.map_or(Ok(program.currency), currency)?,
        };
        let now = Known { partner: partner.clone(), archived: false, declared: true };
        if before != Some(&now) {
            program::save_partner(tx, &partner).await?;
            if let Some(Known { partner: before, .. }) = before {
                program::lock_partner(tx, &partner.id).await?;
                let from_to = (before.channel_id.as_str(), partner.channel_id.as_str());
                channel::moves(tx, &app.clock, &partner.id, from_to).await?;
            }
            note(app, tx, &program.id, "partner_declared", &partner.id, json!({})).await?;
        }
        ids.insert(partner.key, partner.id);
    }
    for Known { partner: gone, archived, declared } in known {
        // What was added in chat is not the configuration's to archive.
        if declared && !archived && !ids.contains_key(&gone.key) {
            program::archive_partner(tx, &gone.id, app.clock.now_ms()).await?;
            // For good: what was handed out before must not come alive again with the partner.
            let links = calendar::revoke_of_partner(tx, &gone.id, app.clock.now()).await?;
            let detail = json!({"calendar_links": links});
            note(app, tx, &program.id, "partner_archived", &gone.id, detail).await?;
        }
    }
    own_channels(tx, program).await?;
    one_partner_if_single(tx, program).await?;
    Ok(ids)
}

/// A partner whose money is promised stays until nothing is: nobody could claim, pay or release it any more.
async fn nothing_strands(tx: &mut Tx, program: &Program, gone: &Partner) -> Result<(), Fault> {
    let held = request::held_of_partner(tx, &gone.id).await?;
    let owed = claim::owed_of_partner(tx, &gone.id).await?;
    match text::setup::stranded(&held, &owed) {
        None => Ok(()),
        Some(what) => Err(Fault::Other(format!(
            "program {:?}: the partner {:?} is no longer declared, but {what}; declare it again, pay what is owed and give back the rest (/claim pay, /mdf close), then remove it",
            program.key, gone.key
        ))),
    }
}

/// bot.toml can't know the channels of partners that were added in chat, nor those in which another company's things were
/// said before: no two companies may read one channel.
async fn own_channels(tx: &mut Tx, program: &Program) -> Result<(), Fault> {
    for partner in program::partners(tx, &program.id).await? {
        if channel::is_taken(tx, &partner.channel_id, &partner.id).await? {
            return Err(Fault::Other(format!(
                "partner {:?}: its channel {} is another partner's or an approvals channel, or was one; give it one of its own",
                partner.key, partner.channel_id
            )));
        }
    }
    if channel::is_taken(tx, &program.approvals_channel, &program.id).await? {
        return Err(Fault::Other(format!(
            "program {:?}: its approvals channel {} is a partner's or another program's, or was one; give it one of its own",
            program.key, program.approvals_channel
        )));
    }
    Ok(())
}

async fn grants(
    app: &App,
    tx: &mut Tx,
    declared: &DeclaredProgram,
    program: &Program,
    partners: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let mut wanted = Vec::new();
    for role in &declared.roles {
        let company = match &role.company {
            Declared::Vendor => Company::Vendor,
            Declared::Partner(key) => Company::Partner(
                partners
                    .get(key)
                    .cloned()
                    .ok_or_else(|| Fault::Other(format!("role {}: no partner {key:?}", role.role_id)))?,
            ),
        };
        for capability in role.capabilities.iter() {
            let capability = *capability;
            let limit = match capability {
                Capability::ApproveMdf => limit(role.approve_mdf_limit, program.currency)?,
                Capability::ApproveClaims => limit(role.approve_claims_limit, program.currency)?,
                _ => Limit::Unlimited,
            };
            wanted.push(Grant {
                role_id: role.role_id.to_string(),
                company: company.clone(),
                capability,
                limit,
            });
        }
    }
    wanted.sort_by(|a, b| {
        (&a.role_id, a.company.code(), a.capability.code()).cmp(&(
            &b.role_id,
            b.company.code(),
            b.capability.code(),
        ))
    });
    let before = setup::granted(tx, &program.id).await?;
    let before: Vec<Grant> = before.into_iter().filter(|one| one.declared).map(|one| one.grant).collect();
    if before != wanted {
        program::replace_grants(tx, &program.id, &wanted).await?;
        note(app, tx, &program.id, "roles_declared", &program.id, json!({"grants": wanted.len()})).await?;
    }
    Ok(())
}

/// No limit written means nothing may be approved: unlimited has to be said.
fn limit(declared: Option<ApprovalLimit>, currency: Currency) -> Result<Limit, Fault> {
    Ok(match declared {
        Some(ApprovalLimit::Unlimited) => Limit::Unlimited,
        Some(ApprovalLimit::UpTo(amount)) => Limit::UpTo(exact(amount, currency)?.minor()),
        None => Limit::UpTo(0),
    })
}

async fn funds(
    app: &App,
    tx: &mut Tx,
    declared: &DeclaredProgram,
    program: &Program,
    partners: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    // A fund can be carried on to one that is declared further down.
    let mut ids = BTreeMap::new();
    for wanted in &declared.funds {
        let before = ledger::fund_by_key(tx, &program.id, &wanted.key).await?;
        let id = before.map_or_else(|| app.clock.new_id(), |(fund, _)| fund.id);
        ids.insert(wanted.key.as_str(), id);
    }
    for wanted in &declared.funds {
        fund(app, tx, wanted, program, (partners, &ids)).await?;
    }
    for (gone, _) in ledger::funds(tx, &program.id).await? {
        // What was made in chat, allocations included, is not the configuration's to archive.
        if gone.terms.declared && !declared.funds.iter().any(|wanted| wanted.key == gone.key) {
            ledger::archive_fund(tx, &gone.id, app.clock.now_ms()).await?;
            note(app, tx, &program.id, "fund_archived", &gone.id, json!({})).await?;
            told(app, tx, program, &gone, text::fund::archived).await?;
        }
    }
    Ok(())
}

/// Says of a fund that was archived, or came back, what it holds: to the vendor, and to each partner of its own or of its
/// allocation alone.
async fn told(
    app: &App,
    tx: &mut Tx,
    program: &Program,
    fund: &Fund,
    said: fn(&Fund, &Balances) -> String,
) -> Result<(), Fault> {
    let partners = program::partners(tx, &program.id).await?;
    let mut all = vec![fund.clone()];
    for partner in &partners {
        all.extend(ledger::allocation(tx, &fund.id, &partner.id).await?);
    }
    let say = async |tx: &mut Tx, fund: &Fund, channel: &str| {
        let text = said(fund, &ledger::balances(tx, fund).await?);
        let notice = Post { text, ..Post::default() };
        outbox::post_unasked(tx, &app.clock, &program.id, channel, &notice, &[]).await.map(drop)
    };
    say(tx, fund, &program.approvals_channel).await?;
    for own in &all {
        let partner = partners.iter().find(|partner| Some(&partner.id) == own.partner_id.as_ref());
        if let Some(partner) = partner {
            say(tx, own, &partner.channel_id).await?;
        }
    }
    Ok(())
}

/// What people name a fund by is its key or its name: neither may be what another, made in chat, is called.
async fn means_one(tx: &mut Tx, program: &Program, fund: &Fund) -> Result<(), Fault> {
    for (other, _) in ledger::known_funds(tx, &program.id).await? {
        if other.id != fund.id && other.key.eq_ignore_ascii_case(&fund.name) {
            return Err(Fault::Other(format!(
                "fund {:?}: its name is the key of another fund of the program; give it another name",
                fund.key
            )));
        }
    }
    Ok(())
}

async fn fund(
    app: &App,
    tx: &mut Tx,
    wanted: &DeclaredFund,
    program: &Program,
    (partners, ids): (&BTreeMap<String, String>, &BTreeMap<&str, String>),
) -> Result<(), Fault> {
    let before = ledger::fund_by_key(tx, &program.id, &wanted.key).await?;
    let currency = currency(wanted.currency)?;
    let fund = Fund {
        id: known(ids, &wanted.key)?,
        program_id: program.id.clone(),
        partner_id: wanted.partner.as_ref().and_then(|key| partners.get(key).cloned()),
        parent_id: None,
        key: wanted.key.clone(),
        name: wanted.name.clone(),
        kind: wanted.kind,
        currency,
        valid_from: wanted.valid_from,
        valid_until: wanted.valid_until,
        terms: terms(wanted, currency, ids)?,
    };
    // Against the funds that were made in chat; those of the configuration were compared when it was read.
    if before.as_ref().is_none_or(|(old, _)| old.name != fund.name) {
        means_one(tx, program, &fund).await?;
    }
    let target = exact(wanted.amount, currency)?;
    // One that was taken out and put back is archived, though nothing else of it differs.
    let was_archived = match &before {
        Some((old, _)) => ledger::is_archived(tx, &old.id).await?,
        None => false,
    };
    let declared_before = match &before {
        None => {
            ledger::insert_fund(tx, &fund).await?;
            Money::zero(currency)
        }
        Some((old, _)) if !old.terms.declared => {
            return Err(Fault::Other(format!(
                "fund {:?}: a fund of this key was made in chat; declare yours under another key",
                wanted.key
            )));
        }
        Some((old, amount)) => {
            if old.currency != currency || old.partner_id != fund.partner_id || old.kind != fund.kind {
                return Err(Fault::Other(format!(
                    "fund {:?}: its kind, currency and partner can't change; declare a new fund under another key",
                    wanted.key
                )));
            }
            *amount
        }
    };
    if was_archived || before.as_ref() != Some(&(fund.clone(), target)) {
        adjust(app, tx, &fund, declared_before, target).await?;
        ledger::save_fund(tx, &fund, target).await?;
        let detail = json!({"amount": target.decimal().to_string(), "currency": currency.code(), "back": was_archived});
        note(app, tx, &program.id, "fund_declared", &fund.id, detail).await?;
    }
    if was_archived {
        told(app, tx, program, &fund, text::fund::back).await?;
    }
    Ok(())
}

/// The id of a declared fund.
fn known(ids: &BTreeMap<&str, String>, key: &str) -> Result<String, Fault> {
    let found = ids.get(key).cloned();
    found.ok_or_else(|| Fault::Other(format!("fund {key:?} is not declared")))
}

fn terms(wanted: &DeclaredFund, currency: Currency, ids: &BTreeMap<&str, String>) -> Result<Terms, Fault> {
    let to = match &wanted.carry_over {
        CarryOver::None => CarryTo::Nowhere,
        CarryOver::NextPeriod => CarryTo::NextPeriod,
        CarryOver::Fund(key) => CarryTo::Fund(known(ids, key)?),
    };
    let most = match wanted.carry_limit {
        None => CarryMost::All,
        Some(CarryLimit::Percent(percent)) => CarryMost::Percent(percent),
        Some(CarryLimit::Amount(amount)) => CarryMost::Minor(exact(amount, currency)?.minor()),
    };
    Ok(Terms {
        declared: true,
        accrual_percent: wanted.accrual_percent,
        credit_months: wanted.credit_months,
        carry: Carry { to, most },
    })
}

/// One adjusting entry from the amount declared before to the one declared now.
async fn adjust(app: &App, tx: &mut Tx, fund: &Fund, before: Money, target: Money) -> Result<(), Fault> {
    let change = target.checked_sub(before).map_err(|error| Fault::Other(error.to_string()))?;
    if change.is_zero() {
        return Ok(());
    }
    let (what, amount) =
        if change.is_negative() { (Move::AllocateBack, change.negate()) } else { (Move::Allocate, change) };
    let id = app.clock.new_id();
    let transfer = ledger::Transfer {
        idempotency_key: format!("declare:{id}"),
        id,
        fund,
        what,
        amount,
        about: ledger::About::default(),
        actor: ACTOR,
        at: app.clock.now(),
    };
    match ledger::transfer(tx, &transfer).await? {
        ledger::Moved::Done | ledger::Moved::Before => Ok(()),
        ledger::Moved::NotCovered => {
            let available = ledger::balances(tx, fund).await?.available;
            Err(Fault::Other(format!(
                "fund {:?}: declared as {target}, which is {amount} less than before, but only {available} of it is not yet committed or spent",
                fund.key
            )))
        }
    }
}

async fn note(
    app: &App,
    tx: &mut Tx,
    program_id: &str,
    code: &str,
    item: &str,
    detail: serde_json::Value,
) -> Result<(), Fault> {
    let line = audit::Line {
        id: app.clock.new_id(),
        at: app.clock.now(),
        program_id,
        partner_id: None,
        actor: ACTOR,
        company: "",
        code,
        item,
        detail,
    };
    audit::append(tx, &line);
    Ok(())
}

fn currency(declared: iso_currency::Currency) -> Result<Currency, Fault> {
    Currency::parse(declared.code()).map_err(|error| Fault::Other(error.to_string()))
}

fn exact(amount: Decimal, currency: Currency) -> Result<Money, Fault> {
    Money::from_decimal(amount, currency).map_err(|error| Fault::Other(error.to_string()))
}
