//! What else becomes of a request: withdrawn, amended, cancelled, closed by people; expired or closed by the clock.

use super::super::{Author, Reply, Step, Stop};
use super::file::own_side;
use super::{Files, Found, amount_in, locked, note_decision, release, rule_for, seen, show};
use crate::app::App;
use crate::domain::action::Action;
use crate::domain::activity::ActivityRule;
use crate::domain::actor::{Company, Side};
use crate::domain::command::RequestWish;
use crate::domain::money::Money;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::{Amendment, Ended, Ground, MdfRequest, check_amended};
use crate::fault::{Fault, Tally};
use crate::store::{Read, Tx, campaign, claim, extension, ledger, outbox, plan, program, request, rules};
use crate::text;
use crate::text::card::Post;
use crate::text::request::DecidedBy;
use crate::{in_read, in_tx};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

/// What people do to a request of their own side, or end.
pub(in crate::flow) async fn change(step: &Step<'_>, tx: &mut Tx, wish: &RequestWish) -> Result<Reply, Stop> {
    let (partner, named) = wish.named();
    let (partner, number) = step.context.named(named, "MDF", partner)?;
    // What is not seen is not found, whatever somebody wants to do to it.
    let id = seen(step.context, request::by_number(tx, &partner.id, number).await?)?.id;
    match wish {
        RequestWish::Submit { .. } => super::submit_draft(step, tx, &id).await,
        RequestWish::Withdraw { .. } => withdraw(step, tx, &id).await,
        RequestWish::Amend { cost, amount, reason, .. } => {
            amend(step, tx, &id, (cost.as_deref(), amount.as_deref()), reason).await
        }
        RequestWish::Cancel { reason, confirm, .. } => {
            let found = locked(step, tx, &id, Action::EndRequest).await?;
            found.request.cancellable()?;
            no_open_claim(step, tx, &found.request).await?;
            confirmed(&found.request, "cancelled", confirm.as_deref())?;
            let reason = crate::domain::plan::needed_reason(reason)?;
            let ended = found.request.clone().cancel(&reason, step.now)?;
            over(step, tx, found, ended).await
        }
        RequestWish::Close { confirm, .. } => {
            let found = locked(step, tx, &id, Action::EndRequest).await?;
            let ended = found.request.clone().close(step.now)?;
            no_open_claim(step, tx, &found.request).await?;
            confirmed(&found.request, "closed", confirm.as_deref())?;
            over(step, tx, found, ended).await
        }
    }
}

/// What can't be taken back is said twice: the second time with the request's name.
fn confirmed(request: &MdfRequest, what: &str, confirm: Option<&str>) -> Result<(), Refusal> {
    let name = request.name_short();
    if confirm.is_some_and(|text| text.trim().eq_ignore_ascii_case(&name)) {
        return Ok(());
    }
    let back = request.held().filter(|held| !held.is_zero());
    let back = back.map(|held| format!(" {held} goes back to its fund.")).unwrap_or_default();
    Err(Refusal::new(
        Code::Confirm,
        format!("{name} would be {what} for good.{back}"),
        format!("Say it again with the option confirm:{name}."),
    ))
}

/// A request with a claim that somebody still decides can't end under it. What the partner still puts together stops the
/// partner alone: the vendor has not seen it.
async fn no_open_claim(step: &Step<'_>, read: &mut Read, request: &MdfRequest) -> Result<(), Stop> {
    let open = match step.context.person.company {
        Company::Vendor => claim::undecided_of_request(read, &request.id).await?,
        Company::Partner(_) => claim::open_of_request(read, &request.id).await?,
    };
    let Some(open) = open else { return Ok(()) };
    let sentence = format!("{open} of {} is not decided yet.", request.name_short());
    Err(Refusal::wrong_state(sentence, "Decide or withdraw it first.").into())
}

async fn withdraw(step: &Step<'_>, tx: &mut Tx, id: &str) -> Result<Reply, Stop> {
    let found = locked(step, tx, id, Action::FileRequest).await?;
    let (rev, amended) = (found.request.rev, found.request.amendment.is_some());
    let request = found.request.clone().withdraw(step.now)?;
    found.request.taken_back_by(step.context.person.side())?;
    let outcome = if amended { "amendment_withdrawn" } else { "withdrawn" };
    save(step, tx, &Found { request: request.clone(), ..found }, (rev, outcome)).await?;
    let name = request.name_short();
    Ok(Reply::text(match amended {
        true => format!("The amendment of {name} is withdrawn. What was approved stays."),
        false => format!("{name} is withdrawn."),
    }))
}

async fn amend(
    step: &Step<'_>,
    tx: &mut Tx,
    id: &str,
    (cost, amount): (Option<&str>, Option<&str>),
    reason: &str,
) -> Result<Reply, Stop> {
    let found = locked(step, tx, id, Action::FileRequest).await?;
    let fund = &found.fund;
    let read = |text: Option<&str>, else_: Money| text.map_or(Ok(else_), |text| amount_in(fund, text));
    let approved = found.request.approved.unwrap_or(found.request.amount);
    let amendment = Amendment {
        cost: read(cost, found.request.cost)?,
        amount: read(amount, approved)?,
        reason: crate::domain::plan::needed_reason(reason)?,
        filed_by: step.context.person.id.clone(),
        on_behalf_of: (step.context.person.side() == Side::Vendor).then(|| found.partner.id.clone()),
        filed_at: step.now,
    };
    // Its claims pay the share of the day on which it was filed, so an amendment asks for no more than that.
    let rule = rule_for(step, tx, found.partner, (&found.campaign, fund)).await?;
    let rule = ActivityRule { share_percent: found.request.share_percent, ..rule };
    let mut balances = ledger::balances(tx, fund).await?;
    balances.pending = balances.pending.checked_sub(found.request.pending()).unwrap_or(balances.pending);
    let calendar = rules::calendar(tx, &step.context.program, &Company::Vendor).await?;
    let ground = Ground {
        plan: &found.plan,
        campaign: &found.campaign,
        fund,
        balances: &balances,
        rule: &rule,
        calendar: &calendar,
        today: found.plan.local_day(step.now),
        similar: Vec::new(),
    };
    let rev = found.request.rev;
    let request = found.request.clone().amend(amendment)?;
    let request = MdfRequest { warnings: check_amended(&ground, &request)?, ..request };
    request::save(tx, &request).await?;
    let detail = json!({"rev": request.rev, "was": rev, "cost": request.amendment.as_ref().map(|one| one.cost.decimal().to_string()), "amount": request.asked().decimal().to_string(), "currency": fund.currency.code()});
    step.audit(tx, Some(&found.partner.id), "request_amended", &request.id, detail).await?;
    show(tx, Author::of(step), &found.files(), &request, None).await?;
    let warned = text::request::warned(own_side(step, fund, &request.warnings));
    Ok(Reply::text(text::request::amendment_filed(&request) + &warned))
}

/// Saves what somebody did to a request, with its decision, its line in the trail and its cards.
async fn save(
    step: &Step<'_>,
    tx: &mut Tx,
    found: &Found<'_>,
    (seen_rev, outcome): (i64, &str),
) -> Result<(), Stop> {
    let request = &found.request;
    request::save(tx, request).await?;
    let person = step.context.person.id.as_str();
    let author = Author::of(step);
    note_decision(tx, author, request, (seen_rev, outcome), (None, request.reason.as_deref())).await?;
    let code = format!("request_{outcome}");
    step.audit(tx, Some(&found.partner.id), &code, &request.id, json!({"seen_rev": seen_rev})).await?;
    let decided_by = Some(DecidedBy { person, stands_for: None });
    Ok(show(tx, author, &found.files(), request, decided_by).await?)
}

/// Ends a request by hand and tells both sides.
async fn over(step: &Step<'_>, tx: &mut Tx, found: Found<'_>, ended: Ended) -> Result<Reply, Stop> {
    let seen_rev = found.request.rev;
    let (request, held) = end(tx, Author::of(step), &found.files(), seen_rev, ended).await?;
    let code = format!("request_{}", request.state.code());
    step.audit(tx, Some(&found.partner.id), &code, &request.id, released(held)).await?;
    let said = text::request::ended(&request, held);
    let notice = Post { text: said.clone(), ..Post::default() };
    outbox::post(tx, &step.app.clock, &found.partner.channel_id, &notice, &[]).await?;
    Ok(Reply::text(said))
}

fn released(held: Option<Money>) -> serde_json::Value {
    json!({"released": held.map(|money| money.decimal().to_string())})
}

/// Writes the end of a request: what it held goes back to its fund, its decision is noted, its cards say so. Whoever
/// calls writes the line of the trail. Gives it back with what it held.
pub(in crate::flow) async fn end(
    tx: &mut Tx,
    author: Author<'_>,
    files: &Files<'_>,
    seen_rev: i64,
    ended: Ended,
) -> Result<(MdfRequest, Option<Money>), Fault> {
    let Ended { request, held } = ended;
    if let Some(held) = held {
        release(tx, author, files.fund, &request, held).await?;
    }
    request::save(tx, &request).await?;
    let reason = request.reason.as_deref();
    note_decision(tx, author, &request, (seen_rev, request.state.code()), (None, reason)).await?;
    let hangs_on = (files.partner, files.campaign, files.plan);
    super::super::claim::void_extension(tx, author, hangs_on, &request).await?;
    super::super::claim::end_with(tx, author, files.partner, &request).await?;
    let decided_by = Some(DecidedBy { person: author.actor, stands_for: None });
    show(tx, author, files, &request, decided_by).await?;
    Ok((request, held))
}

/// Ends the requests whose last day to claim is over, unless a claim of theirs is being decided, or more time for it.
/// Says how many.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn run_out(app: &App, now: DateTime<Utc>) -> Result<usize, Fault> {
    // A day is over everywhere once it is over in the westernmost zone; which day it is for a plan is looked at again.
    let today = now.date_naive() + chrono::Days::new(1);
    let due = in_read!(app.store, |read| { request::run_out(read, today).await })?;
    let mut ended = Tally::default();
    for (id, partner_id) in due {
        ended.take(run_one_out(app, &id, &partner_id, now).await.map(usize::from), &id);
    }
    ended.end()
}

async fn run_one_out(app: &App, id: &str, partner_id: &str, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, partner_id).await?;
        let Some(found) = request::by_id(tx, id).await? else { return Ok(false) };
        let campaign = campaign::by_id(tx, &found.campaign_id).await?;
        let Some(plan) = plan::by_id(tx, &campaign.plan_id).await? else { return Ok(false) };
        let today: NaiveDate = plan.local_day(now);
        let seen_rev = found.rev;
        let waits = extension::waiting(tx, id).await?.is_some();
        let held = waits || campaign.counts_no_day();
        if held || claim::open_of_request(tx, id).await?.is_some() {
            return Ok(false);
        }
        let Some(ended) = found.clone().run_out(today, now) else { return Ok(false) };
        let program = program::by_id(tx, &partner.program_id).await?;
        let author = Author::by_clock(&app.clock, &program, now);
        if super::super::claim::called_last(tx, author, (&partner, &campaign, &plan), &found).await? {
            return Ok(true);
        }
        let fund = ledger::fund_by_id(tx, &ended.request.fund_id).await?;
        let files = Files { partner: &partner, plan: &plan, campaign: &campaign, fund: &fund };
        let (request, held) = end(tx, author, &files, seen_rev, ended).await?;
        let code = format!("request_{}", request.state.code());
        author.audit(tx, Some(&partner.id), (&code, &request.id), released(held));
        let notice = Post { text: text::request::ended(&request, held), ..Post::default() };
        outbox::post_unasked(tx, &app.clock, &program.id, &partner.channel_id, &notice, &[]).await?;
        Ok(true)
    })
}
