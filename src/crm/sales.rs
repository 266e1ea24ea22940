//! Sales that a system posts by webhook: the same inbox and the same dead letters as leads and deals, but they are no facts of
//! a campaign. They accrue in a co-op fund by the flow that people use, each in a transaction of its own; a repeat counts
//! nothing again, because the reference is known.

use crate::clock::Clock;
use crate::domain::fund::accrual::ToldSales;
use crate::domain::refusal::{Code, Refusal};
use crate::fault::Fault;
use crate::flow::fund::by_webhook;
use crate::flow::{Author, Stop};
use crate::store::crm::SourceRow;
use crate::store::{Store, program};

/// Who posted, in the trail.
const ACTOR: &str = "webhook";

/// Posts sales. Gives the reason why they don't count, which holds nothing of the message.
///
/// # Errors
/// A fault of the database: the delivery is to be tried again.
pub(super) async fn post(
    store: &Store,
    clock: &Clock,
    source: &SourceRow,
    told: &ToldSales,
) -> Result<Option<String>, Fault> {
    // A refusal leaves nothing behind: its transaction is given up, and the reason carried out of it.
    let posted = crate::in_tx!(store, |tx| {
        tx.mark().await?;
        let program = program::by_id(tx, &source.program_id).await?;
        let author = Author { actor: ACTOR, ..Author::by_clock(clock, &program, clock.now()) };
        match by_webhook(tx, author, told, source.partner_id.as_deref()).await {
            Ok(()) => Ok(None),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Refused(refusal)) => {
                tx.undo().await?;
                Ok(Some(reason(&refusal)))
            }
        }
    })?;
    Ok(posted)
}

fn reason(refusal: &Refusal) -> String {
    let why = match refusal.code {
        Code::NotFound => "its fund or its partner is not known here",
        Code::NotCovered => "the correction would take the account below zero",
        Code::WrongState => "its fund has ended",
        _ => "its fund, date, currency or reference doesn't fit; /fund accrue with the same values says why",
    };
    format!("sales that can't be posted: {why}")
}
