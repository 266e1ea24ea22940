//! A file of a claim, for who asks alone: whoever decides on it or pays it, and its own side. A list of people is given to
//! nobody. The bytes are read while no transaction is open; then the trail says who got what.

use super::super::context::{self, Asker, Context};
use super::super::{Author, Reply, Step, Stop};
use super::seen;
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::claim::{Claim, Evidence};
use crate::domain::evidence::Object;
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::limits::FILE_BYTES_MAX;
use crate::store::{Read, claim, evidence};
use crate::text;
use crate::text::card::File;
use crate::{in_read, in_tx};
use serde_json::json;

/// Answers `/claim file`.
///
/// # Errors
/// A fault of the database, or of the evidence folder.
pub(in crate::flow) async fn hand_out(
    app: &App,
    asker: &Asker,
    (partner, named, number): (Option<&str>, &str, i64),
) -> Result<Reply, Fault> {
    let found = in_read!(app.store, |read| {
        let context = match context::load(read, asker).await {
            Ok(context) => context,
            Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        match find(read, &context, (partner, named, number)).await {
            Ok((claim, file)) => Ok(Ok((context, claim, file))),
            Err(Stop::Refused(refusal)) => Ok(Err(context.with_who_can(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    let (context, claim, file) = match found {
        Ok(found) => found,
        Err(refusal) => return Ok(Reply::refused(refusal)),
    };
    if file.restricted_rows.is_some() {
        return Ok(Reply::text(text::proof::kept_back(&claim, number, &file)));
    }
    let bytes = app.evidence.read(&Object { sha256: file.sha256.clone(), restricted: false }).await?;
    in_tx!(app.store, |tx| {
        let step = Step::new(app, &context, app.clock.now());
        let detail = json!({"file": file.id, "sha256": file.sha256});
        Author::of(&step).audit(tx, Some(&claim.partner_id), ("claim_file_given", &claim.id), detail);
        Ok(())
    })?;
    let text = text::proof::given(&claim, number, &file);
    let given = File { name: file.name, content_type: file.content_type, bytes };
    Ok(Reply { text, files: vec![given], ..Reply::default() })
}

async fn find(
    read: &mut Read,
    context: &Context,
    (partner, named, number): (Option<&str>, &str, i64),
) -> Result<(Claim, Evidence), Stop> {
    let (partner, of) = context.named(named, "CLM", partner)?;
    authorise(&context.person, Action::ReadEvidence, &partner.id)?;
    let claim = seen(context, claim::by_number(read, &partner.id, of).await?)?;
    let files = evidence::of_claim(read, &claim.id).await?;
    let count = files.len();
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let file = place.and_then(|place| files.into_iter().nth(place)).ok_or_else(|| {
        let hint = match count {
            0 => "It has none.".to_owned(),
            count => format!("Give a number from 1 to {count}, as its card shows them."),
        };
        Refusal::bad_input(format!("{} has no file {number}.", claim.name_short()), hint)
    })?;
    if usize::try_from(file.bytes).map_or(true, |bytes| bytes > FILE_BYTES_MAX) {
        let sentence =
            format!("File {number} of {} is larger than chat takes from a bot.", claim.name_short());
        return Err(Refusal::bad_input(sentence, "The operator has it in the claim's packet.").into());
    }
    Ok((claim, file))
}
