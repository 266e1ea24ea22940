//! Once a day: what lies in the evidence folder and belongs to no claim is removed, and the messages that somebody pointed
//! at without choosing are forgotten.

use crate::app::App;
use crate::fault::Fault;
use crate::store::{checkpoint, evidence};
use crate::{in_read, in_tx};
use chrono::{DateTime, Duration, NaiveTime, Utc};

/// The name of the job's slots.
const JOB: &str = "evidence_sweep";
/// Links to attachments are dead after a day.
const OFFERS_KEPT: Duration = Duration::days(2);

/// Sweeps, if nobody has on this day (UTC). Says whether it did. A sweep that fails is tried again the next day: what
/// it leaves lies in nobody's way.
///
/// # Errors
/// A fault of the database or of the folder.
pub(crate) async fn sweep(app: &App, now: DateTime<Utc>) -> Result<bool, Fault> {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let last = in_read!(app.store, |read| { checkpoint::last_slot(read, JOB).await })?;
    if !app.evidence.is_kept() || last.is_some_and(|last| last >= today) {
        return Ok(false);
    }
    let taken = in_tx!(app.store, |tx| {
        let taken = checkpoint::take_slot(tx, JOB, today, now).await?;
        if taken {
            evidence::forget_offers(tx, now - OFFERS_KEPT).await?;
        }
        Ok(taken)
    })?;
    if !taken {
        return Ok(false);
    }
    // Read after the slot is taken. What is stored later than this is younger than a day, and stays.
    let known = in_read!(app.store, |read| { evidence::objects(read).await })?;
    let removed = app.evidence.sweep(&known).await?;
    if removed > 0 {
        tracing::info!(removed, "Files that belong to no claim were removed from the evidence folder");
    }
    Ok(true)
}
