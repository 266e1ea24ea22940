//! Files of sales and of rates: whether somebody may bring one, before it is fetched.

use super::super::context::{self, Asker};
use super::super::{Reply, Stop, answered, press};
use super::{manager, named};
use crate::app::App;
use crate::domain::action::Action;
use crate::domain::command::fund::FundFile;
use crate::fault::Fault;
use crate::in_read;

/// A reply that says why a file is not taken, or none where it is. Asked before anything is fetched.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn takes_fund_file(
    app: &App,
    key: &str,
    asker: &Asker,
    wanted: &FundFile,
) -> Result<Option<Reply>, Fault> {
    let refused = in_read!(app.store, |read| {
        // A repeat is answered as it was the first time, whatever has become of the file.
        if let Some(reply) = answered(read, key).await? {
            return Ok(Some(reply));
        }
        let context = match context::load(read, asker).await {
            Ok(context) => context,
            Err(Stop::Refused(refusal)) => return Ok(Some(Reply::refused(refusal))),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        let checked = match wanted {
            FundFile::Rates { .. } => manager(&context, Action::EnterRate).map_err(Stop::from),
            FundFile::Sales { fund, .. } => match manager(&context, Action::ManageFunds) {
                Ok(()) => named(read, &context, fund).await.map(drop),
                Err(refusal) => Err(refusal.into()),
            },
        };
        match checked {
            Ok(()) => Ok(None),
            Err(Stop::Refused(refusal)) => Ok(Some(Reply::refused(context.with_who_can(refusal)))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    let Some(reply) = refused else { return Ok(None) };
    press::record(app, key, asker, reply).await.map(Some)
}
