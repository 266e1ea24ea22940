//! Decisions about MDF requests: file, file again, approve whole or less, return, decline.

use super::{Reply, Step, Stop, unreadable};
use crate::clock::Clock;
use crate::domain::action::{Action, authorise};
use crate::domain::actor::{Capability, Side};
use crate::domain::campaign::Campaign;
use crate::domain::command::{NewRequest, RequestDecision};
use crate::domain::fund::{Fund, Move};
use crate::domain::money::{Money, parse_amount_in};
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{ActivityRule, ApprovalRule, Ground, MdfRequest, RequestState, check_filed};
use crate::domain::unseen::is_blank;
use crate::fault::Fault;
use crate::store::{Tx, campaign, ledger, outbox, plan, program, request};
use crate::text;
use crate::text::card::Post;
use crate::text::request::{DecidedBy, RequestView};
use serde_json::json;

pub(super) async fn file(step: &Step<'_>, tx: &mut Tx, new: &NewRequest) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(&new.campaign, "CMP", new.partner.as_deref())?;
    authorise(&step.context.person, Action::FileRequest, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = campaign::by_number(tx, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let returned = match &new.resubmit {
        Some(named) => Some(returned(step, tx, partner, named).await?),
        None => None,
    };
    let fund = fund(step, tx, partner, new.fund.as_deref(), returned.as_ref()).await?;
    let balances = ledger::balances(tx, &fund).await?;
    let money = |text: &str| {
        parse_amount_in(text, fund.currency).map_err(|error| {
            unreadable(&error, &format!("{} is in {}.", text::short(&fund.name, 80), fund.currency.code()))
        })
    };
    let (cost, amount) = (money(&new.cost)?, money(&new.amount)?);
    let rule = activity_rule(step, &campaign, &fund)?;
    let ground = Ground {
        plan: &plan,
        campaign: &campaign,
        fund: &fund,
        balances: &balances,
        rule,
        today: plan.local_day(step.now),
    };
    let warnings = check_filed(&ground, cost, amount, new.leads)?;
    let purpose = purpose(&new.purpose)?;
    let expected_pipeline = new.pipeline.as_deref().map(money).transpose()?;
    let fresh = MdfRequest {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        campaign_id: campaign.id.clone(),
        fund_id: fund.id.clone(),
        number: 0,
        cost,
        amount,
        approved: None,
        purpose,
        expected_leads: new.leads,
        expected_pipeline,
        state: RequestState::Submitted,
        reason: None,
        rev: 1,
        filed_by: step.context.person.id.clone(),
        on_behalf_of: (step.context.person.side() == Side::Vendor).then(|| partner.id.clone()),
        filed_at: step.now,
        decided_at: None,
    };
    let request = submit(tx, fresh, returned).await?;
    let detail = json!({"rev": request.rev, "cost": cost.decimal().to_string(), "amount": amount.decimal().to_string(), "currency": fund.currency.code()});
    step.audit(tx, Some(&partner.id), "request_submitted", &request.id, detail).await?;
    let files = Files { partner, plan: &plan, campaign: &campaign, fund: &fund };
    show(step, tx, &files, &request, &warnings, None).await?;
    let mut said = format!(
        "{} is submitted: {}. The vendor decides.",
        request.name_short(),
        text::request::figures(&request)
    );
    for warning in own_side(step, &warnings) {
        said.push_str(&format!("\n⚠ {warning}"));
    }
    Ok(Reply::text(said))
}

/// The longest purpose of a request, in characters.
const PURPOSE_LIMIT: usize = 1000;

fn purpose(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) || text.chars().count() > PURPOSE_LIMIT {
        let sentence = format!("A request needs a purpose of at most {PURPOSE_LIMIT} characters.");
        return Err(Refusal::bad_input(sentence, ""));
    }
    Ok(text.to_owned())
}

/// The warnings that the side of who asks may read: what a pool holds is the vendor's knowledge.
fn own_side<'a>(step: &Step<'_>, warnings: &'a [String]) -> impl Iterator<Item = &'a String> {
    let vendor = step.context.person.side() == Side::Vendor;
    warnings.iter().filter(move |warning| vendor || !warning.contains("available"))
}

async fn returned(step: &Step<'_>, tx: &mut Tx, partner: &Partner, named: &str) -> Result<MdfRequest, Stop> {
    let (owner, number) = step.context.named(named, "MDF", Some(&partner.key))?;
    let request = request::by_number(tx, &owner.id, number).await?.ok_or_else(Refusal::not_found)?;
    if request.state != RequestState::Returned {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: only a returned request is filed again.",
                request.name_short(),
                request.state.label()
            ),
            "File a new one without the option resubmit.",
        )
        .into());
    }
    Ok(request)
}

async fn submit(tx: &mut Tx, fresh: MdfRequest, returned: Option<MdfRequest>) -> Result<MdfRequest, Stop> {
    match returned {
        None => {
            let number = program::next_number(tx, &fresh.partner_id, "mdf").await?;
            let request = MdfRequest { number, ..fresh };
            request::insert(tx, &request).await?;
            Ok(request)
        }
        Some(old) => {
            if old.campaign_id != fresh.campaign_id {
                return Err(Refusal::bad_input(
                    format!("{} is for another campaign.", old.name_short()),
                    "File it again for its own campaign.",
                )
                .into());
            }
            let request = MdfRequest { id: old.id, number: old.number, rev: old.rev + 1, ..fresh };
            request::save(tx, &request).await?;
            Ok(request)
        }
    }
}

async fn fund(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    named: Option<&str>,
    returned: Option<&MdfRequest>,
) -> Result<Fund, Stop> {
    if let Some(returned) = returned {
        return Ok(ledger::fund_by_id(tx, &returned.fund_id).await?);
    }
    let mut funds: Vec<Fund> = ledger::funds(tx, &step.context.program.id)
        .await?
        .into_iter()
        .map(|(fund, _)| fund)
        .filter(|fund| fund.is_for(&partner.id))
        .collect();
    let found = match named.map(str::trim) {
        Some(named) => funds
            .iter()
            .position(|fund| fund.key.eq_ignore_ascii_case(named) || fund.name.eq_ignore_ascii_case(named)),
        None if funds.len() == 1 => Some(0),
        None => return Err(Refusal::bad_input("Which fund?", "Name it in the option fund.").into()),
    };
    Ok(found.map(|index| funds.swap_remove(index)).ok_or_else(Refusal::not_found)?)
}

/// What this campaign's activity type pays: the program's rule, or half of the cost.
fn activity_rule(step: &Step<'_>, campaign: &Campaign, fund: &Fund) -> Result<ActivityRule, Stop> {
    let rules: serde_json::Value = serde_json::from_str(&step.context.program.activity_rules)?;
    let Some(rule) = rules.get(campaign.kind.code()) else { return Ok(ActivityRule::default()) };
    let number =
        |field: &str| rule.get(field).and_then(serde_json::Value::as_str).and_then(|text| text.parse().ok());
    let cap = match number("cap") {
        // A cap is stated in the program's currency; a fund in another one has no cap that could be compared.
        Some(cap) if fund.currency == step.context.program.currency => {
            Some(Money::rounded(cap, fund.currency).map_err(|error| Fault::Corrupt(error.to_string()))?)
        }
        _ => None,
    };
    Ok(ActivityRule {
        share_percent: number("share_percent").unwrap_or(ActivityRule::default().share_percent),
        cap,
    })
}

pub(super) async fn decide(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    seen_rev: i64,
    decision: &RequestDecision,
) -> Result<Reply, Stop> {
    let found = request::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let partner = step.context.owner(&found.partner_id)?;
    authorise(&step.context.person, Action::DecideRequest, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let waiting = request::by_id(tx, id).await?.ok_or_else(Refusal::not_found)?;
    let campaign = campaign::by_id(tx, &waiting.campaign_id).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let fund = ledger::fund_by_id(tx, &waiting.fund_id).await?;
    let person = &step.context.person;
    let filers = request::filers(tx, id).await?;
    waiting.not_filed_by(person, &filers)?;
    let absences = step.context.absences(step.now);
    absences.not_filed_by_other(person, &filers)?;
    let request = match decision {
        RequestDecision::Approve { amount, confirm } => {
            still_gives(step, tx, &waiting, &fund).await?;
            let (amount, rule) = confirmed(step, &waiting, amount.as_deref(), confirm.as_deref())?;
            let approved = waiting.approve(person, seen_rev, amount, &plan, rule, step.now)?;
            commit(step, tx, &fund, &approved).await?;
            approved
        }
        RequestDecision::Return { reason } => waiting.send_back(person, seen_rev, reason, step.now)?,
        RequestDecision::Decline { reason } => waiting.decline(person, seen_rev, reason, step.now)?,
    };
    request::save(tx, &request).await?;
    let stands_for = stands_for(step, &request);
    let taken = request::Decision {
        id: step.app.clock.new_id(),
        seen_rev,
        request: &request,
        person: &person.id,
        stands_for,
        at: step.now,
    };
    request::insert_decision(tx, &taken).await?;
    let approved = request.approved.map(|money| money.decimal().to_string());
    let detail = json!({"seen_rev": seen_rev, "approved": approved, "currency": fund.currency.code(), "for": stands_for});
    step.audit(tx, Some(&partner.id), &format!("request_{}", request.state.code()), &request.id, detail)
        .await?;
    let files = Files { partner, plan: &plan, campaign: &campaign, fund: &fund };
    let decided_by = DecidedBy { person: &person.id, stands_for };
    show(step, tx, &files, &request, &[], Some(decided_by)).await?;
    let notice = Post { text: text::request::decided(&request, &fund), ..Post::default() };
    outbox::post(tx, &step.app.clock, &partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(text::request::decided(&request, &fund)))
}

/// For whom a request was decided, if the decider stands in for somebody who could have decided it. What an amount in
/// another currency than the program's comes to nobody can tell, so for it only somebody without a limit counts.
fn stands_for<'a>(step: &Step<'a>, request: &MdfRequest) -> Option<&'a str> {
    let amount = match request.state {
        RequestState::Approved => request.approved.unwrap_or(request.amount),
        _ => Money::zero(step.context.program.currency),
    };
    let same = amount.currency() == step.context.program.currency;
    let minor = if same { amount.minor() } else { i64::MAX };
    let context = step.context;
    context.absences(step.now).decided_for(
        &context.person,
        context.grants(),
        Capability::ApproveMdf,
        Some(minor),
    )
}

/// Refuses what would commit money of a fund that has ended or was taken out of the configuration.
async fn still_gives(step: &Step<'_>, tx: &mut Tx, request: &MdfRequest, fund: &Fund) -> Result<(), Stop> {
    let today = step.now.with_timezone(&step.context.program.zone).date_naive();
    request.takes_from(fund, today)?;
    let open = ledger::funds(tx, &step.context.program.id).await?;
    if open.iter().any(|(one, _)| one.id == fund.id) {
        return Ok(());
    }
    let sentence = "The fund is archived: nothing more can be committed from it.";
    Err(Refusal::wrong_state(sentence, "Return or decline the request.").into())
}

/// The amount to approve, after the approver has retyped it where that is asked for.
fn confirmed(
    step: &Step<'_>,
    request: &MdfRequest,
    amount: Option<&str>,
    confirm: Option<&str>,
) -> Result<(Option<Money>, ApprovalRule), Refusal> {
    let currency = request.amount.currency();
    let read = |text: &str| {
        parse_amount_in(text, currency)
            .map_err(|error| unreadable(&error, &format!("Give an amount such as {}.", request.amount)))
    };
    let amount = amount.map(read).transpose()?;
    let rule = ApprovalRule { confirm_from: step.context.program.confirm_from };
    let whole = amount.unwrap_or(request.amount);
    // Who approves less has typed the amount already; who approves the whole of a large one types it now.
    if amount.is_none() && rule.must_confirm(whole) && confirm.map(read).transpose()? != Some(whole) {
        return Err(Refusal::new(
            Code::Confirm,
            format!("Nothing is approved: the amount retyped has to be {whole}."),
            "Press Approve again and type it as shown.",
        ));
    }
    Ok((amount, rule))
}

async fn commit(step: &Step<'_>, tx: &mut Tx, fund: &Fund, approved: &MdfRequest) -> Result<(), Stop> {
    let amount = approved.approved.unwrap_or(approved.amount);
    let transfer = ledger::Transfer {
        id: step.app.clock.new_id(),
        idempotency_key: format!("approve:{}:{}", approved.id, approved.rev),
        fund,
        what: Move::Approve,
        amount,
        about: ledger::About::request(&approved.id),
        actor: &step.context.person.id,
        at: step.now,
    };
    match ledger::transfer(tx, &transfer).await? {
        ledger::Moved::Done => Ok(()),
        ledger::Moved::Before => Err(Refusal::stale().into()),
        ledger::Moved::NotCovered => {
            let balances = ledger::balances(tx, fund).await?;
            Err(Refusal::new(
                Code::NotCovered,
                format!(
                    "{} has {} available: it can't cover {amount}.",
                    text::short(&fund.name, 80),
                    balances.available
                ),
                "Approve less, or add to the fund first.",
            )
            .into())
        }
    }
}

/// What a request hangs on.
pub(super) struct Files<'a> {
    pub partner: &'a Partner,
    pub plan: &'a Plan,
    pub campaign: &'a Campaign,
    pub fund: &'a Fund,
}

/// Posts or edits the request's two cards: for those who decide, and for the channel that both read.
pub(super) async fn show(
    step: &Step<'_>,
    tx: &mut Tx,
    files: &Files<'_>,
    request: &MdfRequest,
    warnings: &[String],
    decided_by: Option<DecidedBy<'_>>,
) -> Result<(), Fault> {
    let places = (&step.app.clock, &step.context.program);
    show_at(tx, places, files, request, warnings, decided_by).await
}

/// The same for whoever has no context of a request: the clock.
pub(super) async fn show_at(
    tx: &mut Tx,
    (clock, program): (&Clock, &Program),
    files: &Files<'_>,
    request: &MdfRequest,
    warnings: &[String],
    decided_by: Option<DecidedBy<'_>>,
) -> Result<(), Fault> {
    let balances = ledger::balances(tx, files.fund).await?;
    let view = RequestView {
        request,
        partner: files.partner,
        plan: files.plan,
        campaign: files.campaign,
        fund: files.fund,
        balances: &balances,
        warnings,
        decided_by,
    };
    let approvals = &program.approvals_channel;
    outbox::show_card(
        tx,
        clock,
        &format!("mdf:{}:approvals", request.id),
        approvals,
        &text::request::approvals_card(&view),
    )
    .await?;
    outbox::show_card(
        tx,
        clock,
        &format!("mdf:{}:shared", request.id),
        &files.partner.channel_id,
        &text::request::shared_card(&view),
    )
    .await
}
