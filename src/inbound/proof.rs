//! Files that come with a request: fetched, looked into and stored before its transaction is opened, because nothing waits for
//! the network in one. Whether somebody may is asked first, and again by the command.

use crate::app::App;
use crate::domain::claim::{Evidence, Lists};
use crate::domain::command::claim::{ClaimWish, NewEvidence};
use crate::domain::command::{Attached, Command, Proof};
use crate::domain::evidence::EvidenceFile;
use crate::domain::refusal::Refusal;
use crate::evidence::Untaken;
use crate::fault::Fault;
use crate::flow::{self, Asker, Reply, Request};

/// Takes files in for a claim: all that are fit, and says of each other why not.
///
/// # Errors
/// A fault of the database or of the evidence folder.
pub async fn prove(app: &App, key: String, asker: &Asker, proof: &Proof) -> Result<Reply, Fault> {
    let lists = match flow::takes_proof(app, &key, asker, proof).await? {
        Ok(lists) => lists,
        Err(reply) => return Ok(reply),
    };
    let (mut files, mut untaken) = (Vec::new(), Vec::new());
    for file in &proof.files {
        match take(app, lists, proof, file).await {
            Ok(taken) => files.push(taken),
            Err(Untaken::Refused(refusal)) => untaken.push(refusal),
            Err(Untaken::Fault(fault)) => return Err(fault),
        }
    }
    if files.is_empty() {
        return flow::refuses_proof(app, &key, asker, all_in_one(untaken)).await;
    }
    let new = NewEvidence {
        partner: proof.partner.clone(),
        claim: proof.claim.clone(),
        slot: proof.slot.clone(),
        files,
        source: proof.source.clone(),
    };
    let command = Command::Claim(ClaimWish::Evidence(new));
    let reply = flow::handle(app, &Request { key, asker: asker.clone(), command }).await?;
    let said = std::iter::once(reply.text.clone()).chain(untaken.iter().map(Refusal::text));
    Ok(Reply { text: said.collect::<Vec<_>>().join("\n"), ..reply })
}

/// One refusal that says of each file why it was not taken.
fn all_in_one(untaken: Vec<Refusal>) -> Refusal {
    let said = untaken.iter().map(Refusal::text).collect::<Vec<_>>().join("\n");
    match <[Refusal; 1]>::try_from(untaken) {
        Ok([one]) => one,
        Err(several) => match several.into_iter().next() {
            Some(first) => Refusal { sentence: said, hint: String::new(), ..first },
            None => Refusal::not_found(),
        },
    }
}

async fn take(app: &App, lists: Lists, proof: &Proof, file: &Attached) -> Result<EvidenceFile, Untaken> {
    let restricted = lists.keeps(&file.name, proof.restricted, proof.source.is_some());
    let taken = app.evidence.take(&file.attachment(), restricted.map_err(Untaken::Refused)?).await?;
    Evidence::names_somebody(&taken).map_err(Untaken::Refused)?;
    Ok(taken)
}
