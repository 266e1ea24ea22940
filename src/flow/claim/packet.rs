//! The auditor's packet of a claim: what was asked, decided, proved, paid and moved, as files; what was decided before it was
//! filed again too, and what it was decided on. The same state of the database gives the same bytes. Lists of people are named
//! by hash and number of rows alone, and are not in it.

use super::{Found, load};
use crate::app::App;
use crate::domain::canonical::canonical;
use crate::domain::claim::{Claim, Evidence, Extension, Line, Payment, is_table};
use crate::domain::evidence::Object;
use crate::domain::money::{Currency, Money};
use crate::domain::program::{Partner, Program};
use crate::evidence::packet::{Part, pack, sha256};
use crate::fault::Fault;
use crate::store::audit::{self, Link};
use crate::store::decision::{self, Decided, On, Verdict};
use crate::store::{Read, claim, evidence as files, extension, ledger};
use crate::{in_read, in_tx};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The line that an export leaves in the trail; it is in no packet, or no two packets would be the same.
const EXPORTED: &str = "claim_exported";
/// In whose name an operator's export is written into the trail.
const OPERATOR: &str = "operator";

/// A packet, ready to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// `acme-CLM-5.zip`.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// The manifest not counted.
    pub parts: usize,
}

/// What a packet is made of, evidence files apart.
struct Gathered {
    partner: Partner,
    parts: Vec<Part>,
    /// Files that are not restricted, with their names in the packet.
    files: Vec<(String, Object)>,
}

/// The packet of a partner's claim, and a line of the trail that an operator took it. `None` for a claim that was never
/// filed or is not there.
///
/// # Errors
/// A fault of the database, or of the evidence folder: a file that is missing, or is not what was put.
pub async fn export(
    app: &App,
    program: &Program,
    partner: &Partner,
    number: i64,
) -> Result<Option<Packet>, Fault> {
    let gathered = in_read!(app.store, |read| {
        let found = claim::by_number(read, &partner.id, number).await?;
        let Some(claim) = found.filter(Claim::was_filed) else { return Ok(None) };
        let found = load(read, program, partner, &claim.id).await?;
        Ok(Some((claim.id, gather(read, program, &found).await?)))
    })?;
    let Some((id, Gathered { partner, mut parts, files })) = gathered else { return Ok(None) };
    for (name, object) in files {
        let bytes = app.evidence.read(&object).await?;
        parts.push(Part { name, bytes });
    }
    let bytes = pack(&parts).map_err(|error| Fault::Other(error.to_string()))?;
    let sha256 = sha256(&bytes);
    let now = app.clock.now();
    in_tx!(app.store, |tx| {
        let line = audit::Line {
            id: app.clock.new_id(),
            at: now,
            program_id: &program.id,
            partner_id: Some(&partner.id),
            actor: OPERATOR,
            company: "",
            code: EXPORTED,
            item: &id,
            detail: json!({"sha256": sha256}),
        };
        audit::append(tx, &line);
        Ok(())
    })?;
    Ok(Some(Packet { name: format!("{}-CLM-{number}.zip", partner.key), bytes, sha256, parts: parts.len() }))
}

async fn gather(read: &mut Read, program: &Program, found: &Found<'_>) -> Result<Gathered, Fault> {
    let currency = found.fund.currency;
    let extensions = extension::of_request(read, &found.request.id).await?;
    let decided = decision::all(read, On::Request(&found.request.id)).await?;
    let judged = decision::all(read, On::Claim(&found.claim.id)).await?;
    let verdicts = decision::verdicts(read, &found.claim.id).await?;
    let files = Files::of(found, files::removed_of_claim(read, &found.claim.id).await?);
    let payments = claim::payments(read, &found.claim).await?;
    let moved = ledger::of_claim(read, &found.request.id, &found.claim.id).await?;
    let mut links = audit::of_item(read, &found.request.id).await?;
    links.extend(audit::of_item(read, &found.claim.id).await?);
    for extension in &extensions {
        links.extend(audit::of_item(read, &extension.id).await?);
    }
    links.retain(|link| link.line.code != EXPORTED);
    links.sort_by_key(|link| link.line.seq);
    let judged: Vec<Value> = judged.iter().map(|one| judged_json(one, &verdicts, currency)).collect();
    let parts = vec![
        Part { name: "README.txt".to_owned(), bytes: readme(found).into_bytes() },
        part("request.json", &request_json(program, found)),
        part(
            "request-decisions.json",
            &json!(decided.iter().map(|one| decided_json(one, currency)).collect::<Vec<_>>()),
        ),
        part("extensions.json", &json!(extensions.iter().map(extension_json).collect::<Vec<_>>())),
        part("claim.json", &claim_json(found)),
        part("claim-decisions.json", &json!(judged)),
        part("payments.json", &json!(payments.iter().map(payment).collect::<Vec<_>>())),
        part("ledger.json", &json!(moved.iter().map(|one| transfer(one, currency)).collect::<Vec<_>>())),
        part("evidence.json", &json!(files.said())),
        part("audit.json", &json!(links.iter().map(link).collect::<Vec<_>>())),
    ];
    Ok(Gathered { partner: found.partner.clone(), parts, files: files.objects() })
}

fn part(name: &str, value: &Value) -> Part {
    Part { name: name.to_owned(), bytes: canonical(value).into_bytes() }
}

/// The files of a claim: those that are in it, then those that were taken out after somebody had decided on it with them.
struct Files {
    all: Vec<(Evidence, Option<DateTime<Utc>>)>,
    /// The hashes of lists of people: the same bytes are one wherever they were handed in.
    lists: BTreeSet<String>,
}

impl Files {
    fn of(found: &Found<'_>, removed: Vec<(Evidence, DateTime<Utc>)>) -> Self {
        let there = found.evidence.iter().map(|file| (file.clone(), None));
        let removed = removed.into_iter().map(|(file, at)| (file, Some(at)));
        let all: Vec<_> = there.chain(removed).collect();
        let lists = all.iter().filter(|(file, _)| file.restricted_rows.is_some());
        Self { lists: lists.map(|(file, _)| file.sha256.clone()).collect(), all }
    }

    /// Where a file is in the packet, if it is in it. A table that was taken out is not: that it lay open may have been what was
    /// wrong with it.
    fn place(&self, index: usize, file: &Evidence, removed: bool) -> Option<String> {
        let folder = if removed { "removed/" } else { "" };
        let is_out = self.lists.contains(&file.sha256) || (removed && is_table(&file.name));
        (!is_out).then(|| format!("evidence/{folder}{}-{}", index + 1, file.name))
    }

    /// The files that are in the packet, with their names there.
    fn objects(&self) -> Vec<(String, Object)> {
        let object = |file: &Evidence| Object { sha256: file.sha256.clone(), restricted: false };
        let all = self.all.iter().enumerate();
        all.filter_map(|(index, (file, removed))| {
            Some((self.place(index, file, removed.is_some())?, object(file)))
        })
        .collect()
    }

    /// What is said of each file; of a list of people that is its hash and its rows.
    fn said(&self) -> Vec<Value> {
        let one = |(index, (file, removed)): (usize, &(Evidence, Option<DateTime<Utc>>))| {
            let (source, place) = (file.source.as_ref(), self.place(index, file, removed.is_some()));
            let open = place.is_some();
            json!({
                "number": index + 1,
                "slot": file.slot.code(),
                "sha256": file.sha256,
                "restricted_rows": file.restricted_rows,
                "file": place,
                "content_type": open.then_some(&file.content_type),
                "bytes": open.then_some(file.bytes),
                "message": source.map(|source| &source.message),
                "author": source.map(|source| &source.author),
                "posted_at": source.map(|source| at(crate::clock::instant(source.posted_at))),
                "added_by": file.added_by,
                "added_at": at(file.added_at),
                "removed_at": removed.map(at),
            })
        };
        self.all.iter().enumerate().map(one).collect()
    }
}

fn at(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn amount(money: Money) -> Value {
    json!({"amount": money.decimal().to_string(), "currency": money.currency().code()})
}

fn minor(minor: i64, currency: Currency) -> Value {
    Money::from_minor(minor, currency).map(amount).unwrap_or(Value::Null)
}

fn readme(found: &Found<'_>) -> String {
    let (claim, request) = (found.claim.name_short(), found.request.name_short());
    format!(
        "{claim} of {} for {request}.\n\n\
         request.json              what was asked and approved\n\
         request-decisions.json    each decision on it, with the rev that was seen\n\
         extensions.json           later last days to claim\n\
         claim.json                the claim and its lines\n\
         claim-decisions.json      each decision on it, with the rev that was seen and the lines as they stood\n\
         payments.json             each payment\n\
         ledger.json               each move of money, with its two entries\n\
         evidence.json             each file: slot, SHA-256, size, where it came from, when it was taken out\n\
         evidence/                 the files, in removed/ those that were taken out after a decision;\n\
         \x20                         not lists of people, of which there are hash and rows, nor tables that were taken out\n\
         audit.json                each line of the trail, with its hash and the hash of the line before it\n\
         manifest.json             SHA-256 of everything above\n\n\
         The JSON is canonical (RFC 8785). People are named by the ids that chat gives them. Instants are UTC.\n",
        found.partner.name
    )
}

fn request_json(program: &Program, found: &Found<'_>) -> Value {
    let request = &found.request;
    json!({
        "program": program.key,
        "partner": found.partner.key,
        "request": request.name_short(),
        "id": request.id,
        "state": request.state.code(),
        "rev": request.rev,
        "plan": found.plan.name_short(),
        "campaign": found.campaign.name_short(),
        "campaign_name": found.campaign.name,
        "activity": found.campaign.kind.code(),
        "starts_on": found.campaign.period.start().to_string(),
        "ends_on": found.campaign.period.end().to_string(),
        "fund": found.fund.key,
        "fund_name": found.fund.name,
        "cost": amount(request.cost),
        "amount": amount(request.amount),
        "share_percent": request.share_percent.normalize().to_string(),
        "approved": request.approved.map(amount),
        "claimed": amount(request.claimed),
        "claim_until": request.claim_due.map(|day| day.to_string()),
        "purpose": request.purpose,
        "quotes": request.quotes,
    })
}

fn claim_json(found: &Found<'_>) -> Value {
    let claim = &found.claim;
    json!({
        "claim": claim.name_short(),
        "id": claim.id,
        "state": claim.state.code(),
        "rev": claim.rev,
        "approved": claim.approved.map(amount),
        "paid": amount(claim.paid),
        "came_back": amount(claim.clawed),
        "reason": claim.reason,
        "started_by": claim.filed_by,
        "started_at": at(claim.created_at),
        "certified_by": claim.certified_by,
        "submitted_at": claim.submitted_at.map(at),
        "decided_at": claim.decided_at.map(at),
        "file_again_by": claim.resubmit_by.map(|day| day.to_string()),
        "lines": found.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &Line) -> Value {
    json!({
        "line": line.position,
        "what": line.what,
        "supplier": line.supplier,
        "invoice": line.invoice_number,
        "invoice_date": line.invoice_date.to_string(),
        "net": amount(line.net),
        "tax": amount(line.tax),
        "gross": line.gross().map(amount),
        "rate": line.rate.map(|(rate, day)| json!({"rate": rate.normalize().to_string(), "of": day.to_string()})),
        "claimed": amount(line.claimed),
        "accepted": line.accepted.map(amount),
        "reason": line.reason,
        "log_entry": line.log_entry_id,
        "log_entry_of_the_rest": line.rest_entry_id,
    })
}

fn decided_json(one: &Decided, currency: Currency) -> Value {
    json!({
        "rev": one.rev,
        "outcome": one.outcome,
        "amount": one.amount_minor.map(|amount| minor(amount, currency)),
        "reason": one.reason,
        "person": one.person,
        "for": one.stands_for,
        "at": at(one.at),
    })
}

/// A decision on the claim, with what was said of each line then.
fn judged_json(one: &Decided, verdicts: &[Verdict], currency: Currency) -> Value {
    let line = |verdict: &Verdict| {
        json!({
            "line": verdict.position,
            "what": verdict.what,
            "supplier": verdict.supplier,
            "invoice": verdict.invoice_number,
            "claimed": minor(verdict.claimed_minor, currency),
            "accepted": verdict.accepted_minor.map(|accepted| minor(accepted, currency)),
            "reason": verdict.reason,
        })
    };
    let its = verdicts.iter().filter(|verdict| verdict.decision_id == one.id);
    let mut said = decided_json(one, currency);
    said["lines"] = its.map(line).collect();
    said
}

fn extension_json(one: &Extension) -> Value {
    json!({
        "id": one.id,
        "state": one.state.code(),
        "was": one.due.to_string(),
        "until": one.until.to_string(),
        "reason": one.reason,
        "asked_by": one.asked_by,
        "asked_at": at(one.asked_at),
        "decided_by": one.decided_by,
        "for": one.stands_for,
        "decided_at": one.decided_at.map(at),
        "declined": one.decline_reason,
    })
}

fn payment(one: &Payment) -> Value {
    json!({
        "id": one.id,
        "amount": amount(one.amount),
        "paid_on": one.paid_on.to_string(),
        "reference": one.reference,
        "person": one.person,
        "for": one.stands_for,
        "at": at(one.at),
    })
}

fn transfer(one: &ledger::Kept, currency: Currency) -> Value {
    let entry =
        |(account, amount): &(String, i64)| json!({"account": account, "amount": minor(*amount, currency)});
    json!({
        "id": one.id,
        "key": one.idempotency_key,
        "fund": one.fund_id,
        "move": one.what.code(),
        "amount": minor(one.amount_minor, currency),
        "claim": one.claim_id,
        "memo": one.memo,
        "actor": one.actor,
        "at": at(one.at),
        "entries": one.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn link(link: &Link) -> Value {
    let line = &link.line;
    json!({
        "seq": line.seq,
        "id": line.id,
        "at": line.at,
        "program": line.program_id,
        "partner": line.partner_id,
        "actor": line.actor,
        "company": line.company,
        "code": line.code,
        "item": line.item,
        "detail": line.detail,
        "before": link.before,
        "hash": link.hash,
    })
}
