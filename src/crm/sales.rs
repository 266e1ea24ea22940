//! Sales that a system posts by webhook: the same inbox and the same dead letters as leads and deals, but they are no facts of
//! a campaign. They accrue in a co-op fund by the flow that people use, each in a transaction of its own; a repeat counts
//! nothing again, because the reference is known. A correction that comes before what it corrects waits for it: whatever the
//! order in which sales and corrections come, the same is there in the end.

use crate::clock::Clock;
use crate::domain::fund::accrual::ToldSales;
use crate::domain::refusal::{Code, Refusal};
use crate::fault::Fault;
use crate::flow::fund::by_webhook;
use crate::flow::{Author, Stop};
use crate::store::crm::SourceRow;
use crate::store::inbox::{self, Claimed, Settled};
use crate::store::{Store, accrual, program};
use crate::{in_read, in_tx};

/// Who posted, in the trail.
const ACTOR: &str = "webhook";
/// How long a correction waits for what it corrects, in days after it was signed. One that is replayed later is tried once.
const WAITS_DAYS: i64 = 7;

/// Posts the sales of a delivery, and says what becomes of it. The reason why they don't count holds nothing of the message.
///
/// # Errors
/// A fault of the database: the delivery is to be tried again.
pub(super) async fn post(
    store: &Store,
    clock: &Clock,
    source: &SourceRow,
    (delivery, told): (&Claimed, &ToldSales),
) -> Result<Settled, Fault> {
    let due_ms = delivery.sent_ms + WAITS_DAYS * 24 * 3600 * 1000;
    in_tx!(store, |tx| {
        tx.mark().await?;
        let program = program::by_id(tx, &source.program_id).await?;
        let author = Author { actor: ACTOR, ..Author::by_clock(clock, &program, clock.now()) };
        let settled = match by_webhook(tx, author, told, source.partner_id.as_deref()).await {
            Ok(None) => Settled::Done,
            Ok(Some(short)) => {
                // Nothing of it is left behind but that it waits.
                tx.undo().await?;
                if clock.now_ms() < due_ms {
                    let whose = (short.fund_id.as_str(), short.partner_id.as_str());
                    accrual::wait(tx, &delivery.key, whose, short.amount).await?;
                    let reason = "a correction that waits for the sales that it corrects".to_owned();
                    return Ok(Settled::Later { due_ms, attempts: delivery.attempts, reason });
                }
                Settled::Dead { reason: too_long() }
            }
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Refused(refusal)) => {
                // A refusal leaves nothing behind: its work is given up, and the reason carried out of it.
                tx.undo().await?;
                Settled::Dead { reason: reason(&refusal) }
            }
        };
        accrual::wait_no_more(tx, &delivery.key).await?;
        Ok(settled)
    })
}

/// Has the corrections that waited tried again for which there is enough by now.
///
/// # Errors
/// A fault of the database.
pub(super) async fn try_covered(store: &Store, clock: &Clock) -> Result<(), Fault> {
    let covered = in_read!(store, |read| { accrual::covered(read, clock.now_ms()).await })?;
    if covered.is_empty() {
        return Ok(());
    }
    in_tx!(store, |tx| {
        for key in &covered {
            inbox::try_now(tx, key, clock.now_ms()).await?;
        }
        Ok(())
    })
}

fn too_long() -> String {
    format!(
        "sales that can't be posted: the correction would take the account below zero, and in {WAITS_DAYS} days nothing came \
         that it corrects"
    )
}

fn reason(refusal: &Refusal) -> String {
    let why = match refusal.code {
        Code::NotFound => "its fund or its partner is not known here",
        _ => "its fund, date, currency or reference doesn't fit; /fund accrue with the same values says why",
    };
    format!("sales that can't be posted: {why}")
}
