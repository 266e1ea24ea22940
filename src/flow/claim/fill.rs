//! A claim put together: started, filled with lines and evidence, filed, taken back.

use super::super::campaign::said;
use super::super::fund::convert;
use super::super::mdf;
use super::super::{Author, Reply, Step, Stop, unreadable};
use super::{Found, last_call, load, named, show, show_doubles};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::campaign::read as reading;
use crate::domain::claim::{Claim, ClaimState, Line, MAX_LINES, slots, takes_claims};
use crate::domain::command::claim::NewLine;
use crate::domain::command::short_name;
use crate::domain::log::EntryKind;
use crate::domain::money::{Money, parse_amount};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::unseen::is_blank;
use crate::fault::{Fault, Tally};
use crate::store::{Tx, campaign, claim, extension, outbox, program, request};
use crate::text;
use crate::text::card::Post;
use crate::{in_read, in_tx};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

/// The longest word of a line, in characters.
const WORD_LIMIT: usize = 120;

pub(super) async fn start(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    requested: &str,
) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(requested, "MDF", partner)?;
    authorise(&step.context.person, Action::FileClaim, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let found = mdf::seen(step.context, request::by_number(tx, &partner.id, number).await?)?;
    let campaign = campaign::by_id(tx, &found.campaign_id).await?;
    let plan = crate::store::plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    takes_claims(&found, &campaign, None, plan.local_day(step.now))?;
    let zero = Money::zero(found.amount.currency());
    let new = Claim {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        request_id: found.id.clone(),
        fund_id: found.fund_id.clone(),
        number: program::next_number(tx, &partner.id, "claim").await?,
        state: ClaimState::Draft,
        rev: 1,
        approved: None,
        paid: zero,
        clawed: zero,
        reason: None,
        filed_by: step.context.person.id.clone(),
        created_at: step.now,
        certified_by: None,
        submitted_at: None,
        decided_at: None,
        resubmit_by: None,
    };
    claim::insert(tx, &new).await?;
    step.audit(tx, Some(&partner.id), "claim_drafted", &new.id, json!({"request": found.id})).await?;
    let found = load(tx, &step.context.program, partner, &new.id).await?;
    let card = super::cards(tx, &step.context.program, &found, None).await?.shared;
    Ok(Reply::card(text::claim::started(&new, &found.request), card))
}

/// A claim that its side still puts together, under a new rev.
pub(super) async fn edited<'a>(
    step: &Step<'a>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
) -> Result<Found<'a>, Stop> {
    let found = named(step, tx, name, Action::FileClaim).await?;
    let claim = found.claim.clone().edited()?;
    claim::save(tx, &claim).await?;
    Ok(Found { claim, ..found })
}

/// Answers with the claim as it is now.
pub(super) async fn answer(
    step: &Step<'_>,
    tx: &mut Tx,
    found: &Found<'_>,
    said: String,
) -> Result<Reply, Stop> {
    let found = load(tx, &step.context.program, found.partner, &found.claim.id).await?;
    let card = super::cards(tx, &step.context.program, &found, None).await?.shared;
    if found.claim.state == ClaimState::Returned {
        show(tx, Author::of(step), &found, None).await?;
    }
    Ok(Reply::card(said, card))
}

pub(super) async fn add_line(step: &Step<'_>, tx: &mut Tx, new: &NewLine) -> Result<Reply, Stop> {
    let found = edited(step, tx, (new.partner.as_deref(), &new.claim)).await?;
    if found.lines.len() >= MAX_LINES {
        let sentence = format!("A claim has at most {MAX_LINES} lines.");
        return Err(
            Refusal::bad_input(sentence, "Put the rest into another claim of the same request.").into()
        );
    }
    let line = line(step, tx, &found, new).await?;
    claim::insert_line(tx, &found.claim.id, &line).await?;
    let detail = json!({"line": line.position, "claimed": line.claimed.decimal().to_string(), "currency": line.claimed.currency().code()});
    step.audit(tx, Some(&found.partner.id), "claim_line_added", &found.claim.id, detail).await?;
    let said = text::claim::line_added(&found.claim, &line);
    answer(step, tx, &found, said).await
}

async fn line(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>, new: &NewLine) -> Result<Line, Stop> {
    let today = found.plan.local_day(step.now);
    let money = |text: &str| {
        parse_amount(text, found.fund.currency)
            .map_err(|error| unreadable(&error, "Write it like 1,200.00 or USD 1,200."))
    };
    let net = money(&new.net)?;
    let currency = net.currency();
    let same = |money: Money, what: &str| match money.currency() == currency {
        true => Ok(money),
        false => Err(Refusal::bad_input(
            format!("The {what} is in another currency than the net amount."),
            format!("Give both in {}.", currency.code()),
        )),
    };
    let in_own = |text: &str| crate::domain::money::parse_amount(text, currency);
    let tax = match &new.tax {
        Some(text) => same(in_own(text).map_err(|error| unreadable(&error, ""))?, "tax")?,
        None => Money::zero(currency),
    };
    if net.minor() <= 0 {
        return Err(Refusal::bad_input("The net amount must be above zero.", "Check the figure.").into());
    }
    let most = Money::from_minor(MOST_LINE_MINOR, currency).map_err(|error| unreadable(&error, ""))?;
    if net.minor() > most.minor() || tax.minor() > most.minor() {
        let sentence = format!("One line takes {most} at most.");
        return Err(Refusal::bad_input(sentence, "Check the figure.").into());
    }
    if let Some(text) = &new.gross {
        let gross = same(in_own(text).map_err(|error| unreadable(&error, ""))?, "gross amount")?;
        let sum = net.checked_add(tax).map_err(|error| unreadable(&error, ""))?;
        if gross != sum {
            let sentence = format!("Net {net} and tax {tax} are {sum}, not {gross}.");
            return Err(Refusal::bad_input(sentence, "Check the invoice.").into());
        }
    }
    let invoice_date = reading::day(&new.date, today)?;
    check_day(invoice_date, today, found)?;
    // At the rate of the invoice's day; what the partner paid beyond it is the partner's.
    let (claimed, rate) =
        convert(tx, &step.context.program.id, net, found.fund.currency, invoice_date).await?;
    let line = Line {
        id: step.app.clock.new_id(),
        position: found.lines.last().map_or(1, |last| last.position + 1),
        what: word(&new.what, "what")?,
        supplier: word(&new.supplier, "supplier")?,
        invoice_number: word(&new.invoice, "invoice")?,
        invoice_date,
        net,
        tax,
        rate: rate.map(Into::into),
        claimed,
        accepted: None,
        reason: None,
        log_entry_id: None,
        rest_entry_id: None,
    };
    not_twice(found, &line)?;
    match &new.log {
        Some(named) => Ok(Line { log_entry_id: Some(logged(tx, found, named).await?), ..line }),
        None => Ok(line),
    }
}

/// Refuses an invoice that the claim has: of the same net amount, or said to be for the same thing. Another part of the
/// same invoice is a line of its own, and said to who decides.
fn not_twice(found: &Found<'_>, line: &Line) -> Result<(), Refusal> {
    let name = found.claim.name_short();
    let mut same = found.lines.iter().filter(|one| one.invoice_mark() == line.invoice_mark());
    let Some(one) = same.find(|one| one.net == line.net || one.what == line.what) else { return Ok(()) };
    let hint = match one.net == line.net {
        true => "If it is another part of the invoice, claim both parts in one line.",
        false => "Say another thing in the option what, or remove the line.",
    };
    Err(Refusal::bad_input(format!("{name} has this invoice already, as line {}.", one.position), hint))
}

/// The most that one line may name, in minor units.
const MOST_LINE_MINOR: i64 = 1_000_000_000_000;
/// How long before its plan something may have been spent, in days: deposits are paid early.
const SPENT_BEFORE_DAYS: u64 = 366;

fn check_day(day: NaiveDate, today: NaiveDate, found: &Found<'_>) -> Result<(), Refusal> {
    if day > today {
        return Err(Refusal::bad_input(format!("{day} is in the future."), "Give the invoice's date."));
    }
    let earliest = found.plan.period.start().checked_sub_days(Days::new(SPENT_BEFORE_DAYS));
    if earliest.is_some_and(|earliest| day < earliest) {
        let sentence =
            format!("{day} is long before the plan, which starts on {}.", found.plan.period.start());
        return Err(Refusal::bad_input(sentence, "Check the invoice's date."));
    }
    Ok(())
}

/// The log entry that a line is: of this campaign, spend, and of no other line.
async fn logged(tx: &mut Tx, found: &Found<'_>, named: &str) -> Result<String, Stop> {
    let (_, number) = short_name(named, "LOG").ok_or_else(Refusal::not_found)?;
    let (entry, reversed) =
        campaign::entry_by_number(tx, &found.partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let own = entry.campaign_id == found.campaign.id && entry.kind == EntryKind::Spend;
    if !own || reversed || entry.reverses.is_some() {
        let sentence =
            format!("{} is no spend of {} that stands.", entry.name_short(), found.campaign.name_short());
        return Err(
            Refusal::bad_input(sentence, "Name the entry of this invoice, or leave the option out.").into()
        );
    }
    if claim::line_of_entry(tx, &entry.id).await? {
        let sentence = format!("{} is claimed already.", entry.name_short());
        return Err(Refusal::bad_input(sentence, "One entry is one line of one claim.").into());
    }
    Ok(entry.id)
}

fn word(text: &str, option: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) || text.chars().count() > WORD_LIMIT {
        let sentence = format!("The option {option} takes 1 to {WORD_LIMIT} characters.");
        return Err(Refusal::bad_input(sentence, "Say it as the invoice does, shorter if it has to be."));
    }
    Ok(text.to_owned())
}

pub(super) async fn remove_line(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    position: i64,
) -> Result<Reply, Stop> {
    let found = edited(step, tx, name).await?;
    let line = found.lines.iter().find(|line| line.position == position).ok_or_else(|| {
        let has = found.claim.name_short();
        Refusal::bad_input(format!("{has} has no line {position}."), "Its card shows their numbers.")
    })?;
    claim::delete_line(tx, &line.id).await?;
    let detail = json!({"line": position});
    step.audit(tx, Some(&found.partner.id), "claim_line_removed", &found.claim.id, detail).await?;
    let said = format!("Line {position} of {} is removed.", found.claim.name_short());
    answer(step, tx, &found, said).await
}

pub(super) async fn submit(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    certify: bool,
) -> Result<Reply, Stop> {
    let found = named(step, tx, name, Action::FileClaim).await?;
    let claim = found.claim.clone().submit(&found.lines, &step.context.person.id, step.now)?;
    takes_claims(&found.request, &found.campaign, Some(&found.claim), found.plan.local_day(step.now))?;
    let missing: Vec<String> = slots(&found.rule, &found.evidence)
        .iter()
        .filter_map(|slot| Some(format!("{} ({})", slot.slot.label(), text::short(&slot.lacks()?, 150))))
        .collect();
    if !missing.is_empty() {
        let sentence = format!("{} lacks evidence: {}.", claim.name_short(), missing.join("; "));
        return Err(Refusal::bad_input(sentence, "Add it with /claim evidence.").into());
    }
    if !certify {
        return Err(Refusal::new(
            Code::Confirm,
            format!(
                "Do you certify that all of {} is accurate and was not claimed elsewhere?",
                claim.name_short()
            ),
            "Say so with the option certify:True.",
        )
        .into());
    }
    // What was accepted before it was returned is decided anew.
    for line in &found.lines {
        claim::save_line(tx, &line.as_claimed()).await?;
    }
    claim::save(tx, &claim).await?;
    let detail = json!({"rev": claim.rev, "lines": found.lines.len(), "files": found.evidence.len()});
    step.audit(tx, Some(&found.partner.id), "claim_submitted", &claim.id, detail).await?;
    let found = load(tx, &step.context.program, found.partner, &claim.id).await?;
    show(tx, Author::of(step), &found, None).await?;
    show_doubles(tx, Author::of(step), &found).await?;
    Ok(Reply::text(text::claim::submitted(&found.claim, &found.lines, found.payable()?)))
}

/// The lines of a claim that ends while it waits, as they were claimed: what somebody would have cut was never decided, and
/// stays with the verdict alone.
///
/// # Errors
/// A fault of the database.
pub(super) async fn undecided(tx: &mut Tx, before: &Found<'_>) -> Result<Vec<Line>, Fault> {
    if !before.claim.state.is_pending() {
        return Ok(before.lines.clone());
    }
    let lines: Vec<Line> = before.lines.iter().map(Line::as_claimed).collect();
    for line in &lines {
        claim::save_line(tx, line).await?;
    }
    Ok(lines)
}

pub(super) async fn withdraw(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
) -> Result<Reply, Stop> {
    let mut found = named(step, tx, name, Action::FileClaim).await?;
    let claim = found.claim.clone().withdraw(step.now)?;
    claim::save(tx, &claim).await?;
    found.lines = undecided(tx, &found).await?;
    step.audit(tx, Some(&found.partner.id), "claim_withdrawn", &claim.id, json!({})).await?;
    let said = format!("{} is withdrawn.", claim.name_short());
    if claim.was_filed() {
        show(tx, Author::of(step), &Found { claim, ..found }, None).await?;
    }
    Ok(Reply::text(said))
}

/// Ends the claims that were not filed in time. Says how many.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn run_out(app: &App, now: DateTime<Utc>) -> Result<usize, Fault> {
    // A day is over everywhere once it is over in the westernmost zone; which day it is for a plan is looked at again.
    let today = now.date_naive() + Days::new(1);
    let due = in_read!(app.store, |read| { claim::run_out(read, today).await })?;
    let mut ended = Tally::default();
    for (id, partner_id) in due {
        ended.take(run_one_out(app, &id, &partner_id, now).await.map(usize::from), &id);
    }
    ended.end()
}

async fn run_one_out(app: &App, id: &str, partner_id: &str, now: DateTime<Utc>) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, partner_id).await?;
        let program = program::by_id(tx, &partner.program_id).await?;
        let found = load(tx, &program, &partner, id).await?;
        let today = found.plan.local_day(now);
        let Some(due) = found.request.claim_due else { return Ok(false) };
        if extension::waiting(tx, &found.request.id).await?.is_some() {
            return Ok(false);
        }
        let by = found.claim.file_by(due);
        if found.campaign.counts_no_day() {
            return Ok(false);
        }
        let Some(claim) = found.claim.clone().run_out(due, today, now) else { return Ok(false) };
        let author = Author::by_clock(&app.clock, &program, now);
        let hangs_on = (&partner, &found.campaign, &found.plan);
        let put_off = match by > due {
            true => last_call::of_claim(tx, author, &found, by).await?,
            false => last_call::of_request(tx, author, hangs_on, &found.request).await?,
        };
        if put_off {
            return Ok(true);
        }
        claim::save(tx, &claim).await?;
        let detail = json!({"due": by.to_string()});
        author.audit(tx, Some(&partner.id), ("claim_expired", &claim.id), detail);
        // Of what was never filed nothing is said where both sides read.
        if claim.was_filed() {
            let notice = Post { text: text::claim::expired(&claim, by), ..Post::default() };
            outbox::post_unasked(tx, &app.clock, &program.id, &partner.channel_id, &notice, &[]).await?;
            show(tx, author, &Found { claim, ..found }, None).await?;
        }
        Ok(true)
    })
}

/// A reference, as a payment or a claw-back has it.
pub(super) fn reference(text: &str) -> Result<String, Refusal> {
    said("reference", Some(text))?.filter(|text| text.chars().count() <= WORD_LIMIT).ok_or_else(|| {
        Refusal::bad_input(
            format!("A payment needs a reference of at most {WORD_LIMIT} characters."),
            "Give the number that your bank statement shows.",
        )
    })
}
