//! Telling a program's administrators of dead letters: what came in, was authentic, and can't be understood.
//!
//! What is to be told is asked of the database each time, so that neither a crash nor an outage loses a notice; which
//! dead letters a notice counted is written with it. One notice per source and hour: a broken sender is a digest, not
//! a stream. This module must never show anything of a body.

use crate::clock::Clock;
use crate::fault::Fault;
use crate::store::crm::sources;
use crate::store::{Store, Tx, inbox, outbox, program};
use crate::text::dead_letter;

/// Business time between two notices about one source, in milliseconds.
pub const QUIET_MS: i64 = 60 * 60 * 1000;

/// Queues a notice, in its program's approvals channel, for every source with dead letters that nobody was told of and
/// whose last notice is an hour old. Says how many.
///
/// # Errors
/// A fault of the database; what it left untold is told at the next call.
pub async fn tell(store: &Store, clock: &Clock) -> Result<usize, Fault> {
    let now_ms = clock.now_ms();
    let due = crate::in_read!(store, |read| { inbox::sources_to_tell(read, now_ms - QUIET_MS).await })?;
    let mut told = 0;
    for (source_id, program_id) in due {
        let posted =
            crate::in_tx!(store, |tx| { tell_of(tx, clock, (&source_id, &program_id), now_ms).await })?;
        told += usize::from(posted);
    }
    Ok(told)
}

async fn tell_of(
    tx: &mut Tx,
    clock: &Clock,
    (source_id, program_id): (&str, &str),
    now_ms: i64,
) -> Result<bool, Fault> {
    let reasons = inbox::take_untold(tx, source_id, now_ms, now_ms - QUIET_MS).await?;
    if reasons.is_empty() {
        return Ok(false);
    }
    let known = sources(tx).await?;
    let source = known.into_iter().find(|source| source.id == source_id);
    let source =
        source.ok_or_else(|| Fault::Corrupt(format!("a delivery of the unknown source {source_id}")))?;
    let program = program::by_id(tx, program_id).await?;
    let notice = dead_letter::notice(&source.key, &reasons);
    outbox::post_unasked(tx, clock, &program.id, &program.approvals_channel, &notice, &[]).await?;
    Ok(true)
}
