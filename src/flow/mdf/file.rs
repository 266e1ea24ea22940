//! Filing a request: as a draft, for decision, or again after it was returned. Where the program says so, what the
//! signed plan carries is approved at once.

use super::super::campaign::pending;
use super::super::{Author, Reply, Step, Stop};
use super::{Found, amount_in, locked, moves, note_decision, rule_for, seen, show};
use crate::domain::action::{Action, authorise};
use crate::domain::activity::ActivityRule;
use crate::domain::actor::Side;
use crate::domain::campaign::Campaign;
use crate::domain::command::NewRequest;
use crate::domain::fund::{Fund, Move, called, meant};
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::domain::request::{FirstFiling, Ground, MdfRequest, RequestState, check_filed};
use crate::domain::unseen::is_blank;
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Tx, ledger, plan, program, request, rules};
use crate::text;
use crate::text::request::DecidedBy;
use serde_json::json;

/// Who decides where a rule does: in the trail and on the card.
const RULE: &str = "rule";
/// The longest purpose of a request, and the longest word on its quotes, in characters.
const PURPOSE_LIMIT: usize = 1000;
const QUOTES_LIMIT: usize = 500;
/// The most similar requests that a warning names.
const MOST_SIMILAR: usize = 3;

pub(in crate::flow) async fn file(step: &Step<'_>, tx: &mut Tx, new: &NewRequest) -> Result<Reply, Stop> {
    let (partner, number) = step.context.named(&new.campaign, "CMP", new.partner.as_deref())?;
    authorise(&step.context.person, Action::FileRequest, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let campaign = pending::changeable(tx, &partner.id, number).await?;
    let plan = plan::by_id(tx, &campaign.plan_id).await?.ok_or_else(Refusal::not_found)?;
    let before = match &new.resubmit {
        Some(named) => Some(before(step, tx, partner, named).await?),
        None => None,
    };
    if new.draft && before.as_ref().is_some_and(MdfRequest::was_filed) {
        let sentence = "What was filed once is no draft any more: both sides have read it.";
        return Err(
            Refusal::bad_input(sentence, "Leave out the option draft, or the option resubmit.").into()
        );
    }
    let fund = fund(step, tx, partner, new.fund.as_deref(), before.as_ref()).await?;
    let (cost, amount) = (amount_in(&fund, &new.cost)?, amount_in(&fund, &new.amount)?);
    let rule = rule_for(step, tx, partner, (&campaign, &fund)).await?;
    let pipeline = new.pipeline.as_deref().map(|text| amount_in(&fund, text)).transpose()?;
    let fresh = MdfRequest {
        id: step.app.clock.new_id(),
        partner_id: partner.id.clone(),
        campaign_id: campaign.id.clone(),
        fund_id: fund.id.clone(),
        fund_kind: fund.kind,
        number: 0,
        cost,
        amount,
        share_percent: rule.share_percent,
        considered: None,
        approved: None,
        claimed: Money::zero(fund.currency),
        claim_due: None,
        amendment: None,
        purpose: words(&new.purpose, "A request needs a purpose", PURPOSE_LIMIT)?,
        // What is not said anew stays as it was.
        quotes: match new.quotes.as_deref() {
            Some(text) => Some(words(text, "Quotes are", QUOTES_LIMIT)?),
            None => before.as_ref().and_then(|before| before.quotes.clone()),
        },
        expected_leads: new.leads.or(before.as_ref().and_then(|before| before.expected_leads)),
        expected_pipeline: pipeline.or(before.as_ref().and_then(|before| before.expected_pipeline)),
        state: if new.draft { RequestState::Draft } else { RequestState::Submitted },
        reason: None,
        rev: 1,
        filed_by: step.context.person.id.clone(),
        on_behalf_of: (step.context.person.side() == Side::Vendor).then(|| partner.id.clone()),
        filed_at: step.now,
        first_filed: (!new.draft).then(|| filing(step)),
        decided_at: None,
        warnings: Vec::new(),
    };
    let warnings = checked(step, tx, (&plan, &campaign, &fund), &rule, &fresh, before.as_ref()).await?;
    let request = saved(tx, MdfRequest { warnings, ..fresh }, before).await?;
    let found = Found { partner, plan, campaign, fund, request };
    filed(step, tx, found).await
}

fn filing(step: &Step<'_>) -> FirstFiling {
    FirstFiling { at: step.now, side: step.context.person.side() }
}

/// Files a draft as it stands.
pub(in crate::flow) async fn submit_draft(step: &Step<'_>, tx: &mut Tx, id: &str) -> Result<Reply, Stop> {
    let found = locked(step, tx, id, Action::FileRequest).await?;
    if found.request.state != RequestState::Draft {
        let (name, state) = (found.request.name_short(), found.request.state.label());
        return Err(Refusal::wrong_state(format!("{name} is {state}: only a draft is submitted."), "").into());
    }
    not_archived(tx, &found.fund).await?;
    found.fund.not_ended(step.today())?;
    let rule = rule_for(step, tx, found.partner, (&found.campaign, &found.fund)).await?;
    let ground = (&found.plan, &found.campaign, &found.fund);
    let request = MdfRequest {
        state: RequestState::Submitted,
        share_percent: rule.share_percent,
        rev: found.request.rev + 1,
        filed_by: step.context.person.id.clone(),
        filed_at: step.now,
        first_filed: found.request.first_filed.or_else(|| Some(filing(step))),
        ..found.request
    };
    let warnings = checked(step, tx, ground, &rule, &request, Some(&request)).await?;
    let request = MdfRequest { warnings, ..request };
    request::save(tx, &request).await?;
    filed(step, tx, Found { request, ..found }).await
}

/// Whether it may be filed, and what its deciders should know.
async fn checked(
    step: &Step<'_>,
    tx: &mut Tx,
    (plan, campaign, fund): (&Plan, &Campaign, &Fund),
    rule: &ActivityRule,
    asked: &MdfRequest,
    own: Option<&MdfRequest>,
) -> Result<Vec<String>, Stop> {
    let calendar = rules::calendar(tx, &step.context.program, &crate::domain::actor::Company::Vendor).await?;
    let ground = Ground {
        plan,
        campaign,
        fund,
        balances: &ledger::balances(tx, fund).await?,
        rule,
        calendar: &calendar,
        today: plan.local_day(step.now),
        // One that was declined counts: whoever decides, and the program's rule, should know that somebody said no.
        similar: request::similar(tx, campaign, own.map(|own| own.id.as_str()), MOST_SIMILAR).await?,
    };
    Ok(check_filed(&ground, asked)?)
}

/// Shows what was filed, and approves it at once where the program says so.
async fn filed(step: &Step<'_>, tx: &mut Tx, found: Found<'_>) -> Result<Reply, Stop> {
    let request = &found.request;
    let name = request.name_short();
    if request.state == RequestState::Draft {
        step.audit(tx, Some(&found.partner.id), "request_drafted", &request.id, json!({})).await?;
        let said = format!(
            "{name} is a draft: {}. Nobody decides on it yet. File it with /mdf submit.",
            text::request::figures(request)
        );
        return Ok(Reply::text(said));
    }
    let detail = json!({"rev": request.rev, "cost": request.cost.decimal().to_string(), "amount": request.amount.decimal().to_string(), "currency": found.fund.currency.code()});
    step.audit(tx, Some(&found.partner.id), "request_submitted", &request.id, detail).await?;
    if let Some(approved) = by_rule(step, tx, &found).await? {
        return Ok(Reply::text(approved));
    }
    show(tx, Author::of(step), &found.files(), request, None).await?;
    let warned = text::request::warned(own_side(step, &found.fund, &request.warnings));
    let figures = text::request::figures(request);
    Ok(Reply::text(format!("{name} is submitted: {figures}. The vendor decides.{warned}")))
}

/// Approves what the signed plan carries, if it is below the program's threshold, nothing speaks against it and the
/// fund covers it. Says so, or gives `None` for people to decide.
async fn by_rule(step: &Step<'_>, tx: &mut Tx, found: &Found<'_>) -> Result<Option<String>, Stop> {
    let request = &found.request;
    let chains = rules::chains(tx, &step.context.program).await?;
    let below = chains.is_auto_approved(request.amount);
    let carried = carried(tx, &found.campaign, request).await?;
    // What people have sent back, people decide when it comes again.
    let returned = decision::all(tx, On::Request(&request.id)).await?;
    let returned = returned.iter().any(|one| one.outcome == RequestState::Returned.code());
    // Filed by the vendor for the partner, it counts as filed by both: then somebody else decides it.
    if !below || !carried || returned || !request.warnings.is_empty() || request.on_behalf_of.is_some() {
        return Ok(None);
    }
    let today = step.today();
    let open = request.takes_approval(&found.plan).and_then(|()| request.takes_from(&found.fund, today));
    if open.is_err() || ledger::is_archived(tx, &found.fund.id).await? {
        return Ok(None);
    }
    let rule = rules::activity(tx, &step.context.program, found.partner, found.campaign.kind).await?;
    let claim_by = rule.claim_by(found.campaign.period.end(), found.plan.local_day(step.now));
    let approved = request.clone().approved_by_rule(claim_by, step.now)?;
    let author = Author { actor: RULE, company: "", ..Author::of(step) };
    if moves(tx, author, &found.fund, &approved, (Move::Approve, approved.amount)).await?
        != ledger::Moved::Done
    {
        return Ok(None);
    }
    request::save(tx, &approved).await?;
    note_decision(tx, author, &approved, (request.rev, approved.state.code()), (None, None)).await?;
    let detail = json!({"by": RULE, "approved": approved.amount.decimal().to_string(), "currency": found.fund.currency.code()});
    author.audit(tx, Some(&found.partner.id), ("request_approved", &approved.id), detail);
    let decided_by = Some(DecidedBy { person: RULE, stands_for: None });
    show(tx, author, &found.files(), &approved, decided_by).await?;
    Ok(Some(text::request::approved_by_rule(&approved, &found.fund)))
}

/// Whether the signed budget of the campaign has room for it: its shares of the fund's kind, less what other requests of
/// that kind hold or ask.
async fn carried(tx: &mut Tx, campaign: &Campaign, request: &MdfRequest) -> Result<bool, Fault> {
    let mut room = Money::zero(request.amount.currency());
    for line in &campaign.budget {
        for (source, share) in &line.shares {
            if *source == request.fund_kind.source() {
                // A budget in another currency carries nothing that could be compared.
                let Ok(sum) = room.checked_add(*share) else { return Ok(false) };
                room = sum;
            }
        }
    }
    for other in request::of_campaign(tx, &campaign.id).await? {
        let same = other.fund_kind == request.fund_kind;
        if same && other.id != request.id && other.state.is_filed() {
            let Ok(left) = room.checked_sub(other.takes()) else { return Ok(false) };
            room = left;
        }
    }
    Ok(request.amount.compare(room).is_ok_and(std::cmp::Ordering::is_le))
}

/// Refuses what would be filed with a fund that nothing can be committed from any more.
async fn not_archived(tx: &mut Tx, fund: &Fund) -> Result<(), Stop> {
    if !ledger::is_archived(tx, &fund.id).await? {
        return Ok(());
    }
    let sentence =
        format!("{} is archived: nothing more can be committed from it.", text::short(&fund.name, 80));
    Err(Refusal::wrong_state(sentence, "Withdraw this request and file a new one with another fund.").into())
}

fn words(text: &str, what: &str, limit: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if is_blank(text) || text.chars().count() > limit {
        return Err(Refusal::bad_input(format!("{what} of at most {limit} characters."), ""));
    }
    Ok(text.to_owned())
}

/// The warnings that the side of who asks may read: what a pool holds is the vendor's knowledge.
pub(super) fn own_side<'a>(
    step: &Step<'_>,
    fund: &'a Fund,
    warnings: &'a [String],
) -> impl Iterator<Item = &'a String> {
    let vendor = step.context.person.side() == Side::Vendor;
    warnings.iter().filter(move |warning| vendor || text::request::is_for_both(warning, fund))
}

/// What is filed again: a returned request, or a draft of the own side that is corrected.
async fn before(step: &Step<'_>, tx: &mut Tx, partner: &Partner, named: &str) -> Result<MdfRequest, Stop> {
    let (owner, number) = step.context.named(named, "MDF", Some(&partner.key))?;
    let request = seen(step.context, request::by_number(tx, &owner.id, number).await?)?;
    if !matches!(request.state, RequestState::Returned | RequestState::Draft) {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: only a draft or a returned request is filed again.",
                request.name_short(),
                request.state.label()
            ),
            "File a new one without the option resubmit.",
        )
        .into());
    }
    Ok(request)
}

async fn saved(tx: &mut Tx, fresh: MdfRequest, before: Option<MdfRequest>) -> Result<MdfRequest, Stop> {
    match before {
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
            let first_filed = old.first_filed.or(fresh.first_filed);
            let rev = old.rev + 1;
            let request = MdfRequest { id: old.id, number: old.number, rev, first_filed, ..fresh };
            request::save(tx, &request).await?;
            Ok(request)
        }
    }
}

/// The fund that is asked. A request keeps the one that it asked first: what waits of a fund is known for every day.
async fn fund(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: &Partner,
    named: Option<&str>,
    before: Option<&MdfRequest>,
) -> Result<Fund, Stop> {
    let all = ledger::funds(tx, &step.context.program.id).await?.into_iter().map(|(fund, _)| fund);
    let all: Vec<Fund> = all.filter(|fund| fund.is_for(&partner.id)).collect();
    if let Some(before) = before {
        let fund = ledger::fund_by_id(tx, &before.fund_id).await?;
        not_archived(tx, &fund).await?;
        fund.not_ended(step.today())?;
        return match named.map(|named| called(all, named)).transpose()? {
            Some(other) if other.id != fund.id => Err(Refusal::bad_input(
                format!("{} asks {}, and keeps it.", before.name_short(), text::short(&fund.name, 80)),
                "Withdraw it with /mdf withdraw and file a new one, or leave out the option fund.",
            )
            .into()),
            _ => Ok(fund),
        };
    }
    let Some(named) = named else { return Ok(meant(all, &partner.id, step.today())?) };
    let fund = called(all, named)?;
    fund.not_ended(step.today())?;
    Ok(fund)
}
