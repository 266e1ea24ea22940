//! `/setup effort`: how many hours campaigns of a type take each side in a program.

use super::plan_card::refresh;
use super::setup::declared;
use super::{Reply, Step, Stop};
use crate::domain::campaign::read::{self, MAX_EFFORT_HOURS};
use crate::domain::capacity::{Efforts, usual_effort};
use crate::domain::plan::BySide;
use crate::domain::refusal::Refusal;
use crate::store::effort::{self, Effort};
use crate::store::{Tx, program};
use serde_json::json;

/// What is asked for: `None` leaves a side's hours as they are.
pub(super) struct Wish<'a> {
    pub kind: &'a str,
    pub hours: BySide<Option<i64>>,
    pub usual: bool,
}

/// Sets it, or takes it back. The program is locked, and the person is its administrator.
pub(super) async fn set(step: &Step<'_>, tx: &mut Tx, wish: &Wish<'_>) -> Result<Reply, Stop> {
    let program = &step.context.program;
    let kind = read::kind(wish.kind)?;
    let before = effort::of_program(tx, &program.id).await?;
    if before.iter().any(|one| one.kind == kind && one.declared) {
        return Err(declared(&format!("The effort of {}", kind.label())).into());
    }
    let known = Efforts::new(before.iter().map(|one| (one.kind, one.hours))).of_type(kind);
    let given = [wish.hours.vendor, wish.hours.partner];
    let hours = match (wish.usual, given) {
        (true, [None, None]) => usual_effort(kind),
        (true, _) => {
            return Err(Refusal::bad_input(
                "Either Tandem's hours hold or yours.",
                "Give usual:True alone, or hours without it.",
            )
            .into());
        }
        (false, [None, None]) => {
            return Err(Refusal::bad_input(
                format!("{} takes {}.", kind.label(), said(known)),
                "To change it, give the hours of the vendor, of the partner, or of both.",
            )
            .into());
        }
        (false, [vendor, partner]) => BySide {
            vendor: within(vendor.unwrap_or(known.vendor))?,
            partner: within(partner.unwrap_or(known.partner))?,
        },
    };
    if wish.usual {
        effort::clear(tx, &program.id, kind).await?;
    } else {
        effort::set(tx, &program.id, &Effort { kind, hours, declared: false }).await?;
    }
    let detail =
        json!({"kind": kind.code(), "vendor": hours.vendor, "partner": hours.partner, "usual": wish.usual});
    step.audit(tx, None, "effort_set", kind.code(), detail).await?;
    // Readiness and the weeks that are too full are on the cards of all plans.
    for partner in &step.context.partners {
        program::lock_partner(tx, &partner.id).await?;
        refresh(tx, &step.app.clock, &partner.id).await?;
    }
    Ok(Reply::text(format!(
        "{} takes {}, unless something else is set for a campaign.",
        kind.label(),
        said(hours)
    )))
}

fn said(hours: BySide<i64>) -> String {
    format!("{} hours of the vendor and {} of the partner", hours.vendor, hours.partner)
}

fn within(hours: i64) -> Result<i64, Refusal> {
    if (0..=MAX_EFFORT_HOURS).contains(&hours) {
        return Ok(hours);
    }
    Err(Refusal::bad_input(
        format!("A campaign can't take {hours} hours."),
        format!("Give a whole number from 0 to {MAX_EFFORT_HOURS}."),
    ))
}
