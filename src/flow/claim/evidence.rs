//! Evidence: files into the slots of a claim, and out again. Whether somebody may is asked before anything is fetched, so
//! that nothing is fetched for strangers, and again when the files are stored and the command runs. The fetching itself is
//! done where requests come in (`inbound::proof`): nothing here touches the network.

use super::super::context::{self, Asker, Context};
use super::super::{Reply, Step, Stop, answered, press};
use super::fill::{answer, edited};
use super::{Found, load};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::activity::Slot;
use crate::domain::claim::{Evidence, Lists, MAX_FILES};
use crate::domain::command::Proof;
use crate::domain::command::claim::NewEvidence;
use crate::domain::evidence::EvidenceFile;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::in_read;
use crate::store::{Read, Tx, claim, evidence};
use crate::text;
use serde_json::json;

/// What the slot takes, if somebody may put files into it now; else the reply that says why not. Asked before anything is
/// fetched. What was asked before under the same `key` has its reply.
///
/// # Errors
/// A fault of the database.
pub async fn takes_proof(
    app: &App,
    key: &str,
    asker: &Asker,
    proof: &Proof,
) -> Result<Result<Lists, Reply>, Fault> {
    if let Some(reply) = in_read!(app.store, |read| { answered(read, key).await })? {
        return Ok(Err(reply));
    }
    let asked = in_read!(app.store, |read| {
        let context = match context::load(read, asker).await {
            Ok(context) => context,
            Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        match takes(read, &context, proof).await {
            Ok(lists) => Ok(Ok(lists)),
            Err(Stop::Refused(refusal)) => Ok(Err(context.with_who_can(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    match asked {
        Ok(lists) => Ok(Ok(lists)),
        Err(refusal) => Ok(Err(refuses_proof(app, key, asker, refusal).await?)),
    }
}

/// A refusal that came before the command: it has its line in the trail as any other.
///
/// # Errors
/// A fault of the database.
pub async fn refuses_proof(app: &App, key: &str, asker: &Asker, refusal: Refusal) -> Result<Reply, Fault> {
    press::record(app, key, asker, Reply::refused(refusal)).await
}

/// What the slot takes, if somebody may put files into it now.
async fn takes(read: &mut Read, context: &Context, proof: &Proof) -> Result<Lists, Stop> {
    let (partner, number) = context.named(&proof.claim, "CLM", proof.partner.as_deref())?;
    authorise(&context.person, Action::FileClaim, &partner.id)?;
    let found = claim::by_number(read, &partner.id, number).await?.ok_or_else(Refusal::not_found)?;
    let slot = slot(&proof.slot)?;
    let found = load(read, &context.program, partner, &found.id).await?;
    found.claim.clone().edited()?;
    room(&found, 1)?;
    Ok(Lists::of(&found.rule, slot))
}

fn slot(text: &str) -> Result<Slot, Refusal> {
    Slot::parse(text.trim()).ok_or_else(|| {
        Refusal::bad_input("I don't know that slot.", "Pick cost, execution or results from the list.")
    })
}

fn room(found: &Found<'_>, more: usize) -> Result<(), Refusal> {
    if found.evidence.len() + more <= MAX_FILES {
        return Ok(());
    }
    let sentence = format!("A claim has at most {MAX_FILES} files.");
    Err(Refusal::bad_input(sentence, "Put pages into one document."))
}

/// Puts files that are stored into a slot. What is in the slot already is left out.
pub(super) async fn add(step: &Step<'_>, tx: &mut Tx, new: &NewEvidence) -> Result<Reply, Stop> {
    let found = edited(step, tx, (new.partner.as_deref(), &new.claim)).await?;
    let slot = slot(&new.slot)?;
    let lists = Lists::of(&found.rule, slot);
    let mut added: Vec<Evidence> = Vec::new();
    for file in &new.files {
        // The rule may have changed since the file was fetched.
        if lists.keeps(&file.name, file.restricted, new.source.is_some())? != file.restricted {
            return Err(Refusal::stale().into());
        }
        Evidence::names_somebody(file)?;
        let mut there = found.evidence.iter().chain(&added);
        if there.any(|other| other.sha256 == file.sha256 && other.slot == slot) {
            continue;
        }
        added.push(row(step, slot, file, new));
    }
    if added.is_empty() {
        let sentence = format!("{} has this very file in this slot already.", found.claim.name_short());
        return Err(Refusal::bad_input(sentence, "Nothing was added.").into());
    }
    room(&found, added.len())?;
    for file in &added {
        evidence::insert(tx, &found.claim.id, file).await?;
        let detail = json!({"slot": slot.code(), "sha256": file.sha256, "bytes": file.bytes});
        step.audit(tx, Some(&found.partner.id), "claim_evidence_added", &found.claim.id, detail).await?;
    }
    let said = text::proof::added(&found.claim, &added, new.files.len() - added.len());
    answer(step, tx, &found, said).await
}

fn row(step: &Step<'_>, slot: Slot, file: &EvidenceFile, new: &NewEvidence) -> Evidence {
    Evidence {
        id: step.app.clock.new_id(),
        slot,
        sha256: file.sha256.clone(),
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        bytes: file.bytes,
        restricted_rows: Evidence::rows_of(file),
        source: new.source.clone(),
        added_by: step.context.person.id.clone(),
        added_at: step.now,
    }
}

pub(super) async fn remove(
    step: &Step<'_>,
    tx: &mut Tx,
    name: (Option<&str>, &str),
    file: &str,
) -> Result<Reply, Stop> {
    let found = edited(step, tx, name).await?;
    let index = file.trim().trim_start_matches('#').parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let file = index.and_then(|index| found.evidence.get(index)).ok_or_else(|| {
        let has = found.claim.name_short();
        Refusal::bad_input(format!("{has} has no such file."), "Give its number, as the card shows it.")
    })?;
    evidence::remove(tx, &file.id, step.now).await?;
    let detail = json!({"slot": file.slot.code(), "sha256": file.sha256});
    step.audit(tx, Some(&found.partner.id), "claim_evidence_removed", &found.claim.id, detail).await?;
    let said = text::proof::removed(&found.claim, file);
    answer(step, tx, &found, said).await
}
