//! The variance report as of now, for whoever asks, with its picture and a table of every campaign. What it reads is one
//! snapshot; the picture is drawn after that.

use super::context::{self, Asker, Context};
use super::plan::find;
use super::{Reply, Stop};
use crate::app::App;
use crate::domain::action::{Action, authorise};
use crate::domain::actor::Side;
use crate::domain::refusal::Refusal;
use crate::domain::report::{Snapshot, VendorOnly};
use crate::fault::Fault;
use crate::in_read;
use crate::report::{csv, figures, json, picture};
use crate::store::Read;
use crate::text::report::{ReportView, card};
use chrono::{DateTime, Utc};

/// Answers `/report variance`.
///
/// # Errors
/// A fault of the database.
pub(super) async fn variance(
    app: &App,
    asker: &Asker,
    partner: Option<&str>,
    plan: Option<&str>,
) -> Result<Reply, Fault> {
    let now = app.clock.now();
    let gathered = in_read!(app.store, |read| {
        let context = match context::load(read, asker).await {
            Ok(context) => context,
            Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Stop::Fault(fault)) => return Err(fault),
        };
        match gather(read, &context, partner, plan, now).await {
            Ok(gathered) => Ok(Ok(gathered)),
            Err(Stop::Refused(refusal)) => Ok(Err(context.with_who_can(refusal))),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    match gathered {
        Ok((snapshot, vendor)) => drawn(snapshot, vendor).await,
        Err(refusal) => Ok(Reply::refused(refusal)),
    }
}

async fn gather(
    read: &mut Read,
    context: &Context,
    partner: Option<&str>,
    plan: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Snapshot, Option<VendorOnly>), Stop> {
    let (partner, plan) = find(context, read, partner, plan).await?;
    authorise(&context.person, Action::See, &partner.id)?;
    if plan.agreed_at.is_none() {
        return Err(Refusal::wrong_state(
            format!(
                "{} is {}: there is nothing signed to compare with.",
                plan.name_short(),
                plan.state.label()
            ),
            "The report begins when both sides have signed.",
        )
        .into());
    }
    let snapshot = figures::snapshot(read, &plan, now, plan.last_complete_day(now)).await?;
    // Nobody but the asker reads the answer, so the asker's company decides what may be in it.
    let vendor = match context.person.side() {
        Side::Vendor => Some(figures::vendor_only(read, &snapshot).await?),
        Side::Partner => None,
    };
    Ok((snapshot, vendor))
}

async fn drawn(snapshot: Snapshot, vendor: Option<VendorOnly>) -> Result<Reply, Fault> {
    let drawing = tokio::task::spawn_blocking(move || {
        let report = snapshot.report();
        let picture = picture::png(&snapshot, &report);
        (snapshot, report, picture)
    });
    let (snapshot, report, picture) = drawing.await.map_err(|error| Fault::Other(error.to_string()))?;
    if let Err(error) = &picture {
        tracing::error!(%error, "A report goes out without its picture");
    }
    let table = csv::file(&json::of(&snapshot, &report, &snapshot.funds))?;
    let view = ReportView {
        snapshot: &snapshot,
        report: &report,
        occasion: None,
        vendor: vendor.as_ref(),
        image: picture.as_ref().ok().map(|file| file.name.as_str()),
        table: Some(&table.name),
    };
    let card = card(&view);
    Ok(Reply { card: Some(card), files: picture.into_iter().chain([table]).collect(), ..Reply::default() })
}
