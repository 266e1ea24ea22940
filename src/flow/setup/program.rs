//! `/setup program`: what holds for the whole program.

use super::declared;
use crate::domain::program::{FiscalYear, Program};
use crate::domain::refusal::Refusal;
use crate::flow::plan_card::refresh;
use crate::flow::{Reply, Step, Stop};
use crate::store::{Tx, program, setup};
use crate::text;
use chrono::Month;
use serde_json::{Map, Value};

/// Sets what is given. The program is locked, and the person is its administrator.
pub(super) async fn set(
    step: &Step<'_>,
    tx: &mut Tx,
    fiscal_year_start: Option<Month>,
    single_partner: Option<bool>,
) -> Result<Reply, Stop> {
    if fiscal_year_start.is_none() && single_partner.is_none() {
        return Err(Refusal::bad_input("Nothing to change was given.", "Give at least one option.").into());
    }
    // Read anew under the lock: what the context loaded may have been declared or set meanwhile.
    let program = program::by_id(tx, &step.context.program.id).await?;
    let (mut said, mut detail) = (Vec::new(), Map::new());
    if let Some(month) = fiscal_year_start {
        said.push(fiscal(step, tx, &program, month, &mut detail).await?);
    }
    if let Some(on) = single_partner {
        said.push(single(tx, &program, on, &mut detail).await?);
    }
    step.audit(tx, None, "program_set", &program.id, Value::Object(detail)).await?;
    if single_partner.is_some() {
        for known in program::known_partners(tx, &program.id).await? {
            program::lock_partner(tx, &known.partner.id).await?;
            refresh(tx, &step.app.clock, &known.partner.id).await?;
        }
    }
    Ok(Reply::text(said.join(" ")))
}

/// Sets the month in which fiscal years start. Plans that are there keep their days.
async fn fiscal(
    step: &Step<'_>,
    tx: &mut Tx,
    program: &Program,
    month: Month,
    detail: &mut Map<String, Value>,
) -> Result<String, Stop> {
    if program.fiscal_year.declared {
        return Err(declared("The start of the fiscal year").into());
    }
    let month = month.number_from_month();
    setup::set_fiscal_start(tx, &program.id, month).await?;
    detail.insert("fiscal_start".to_owned(), month.to_string().into());
    detail.insert("before".to_owned(), program.fiscal_year.start_month.to_string().into());
    let year = FiscalYear { start_month: month, declared: false };
    let today = step.now.with_timezone(&program.zone).date_naive();
    Ok(format!("{} Plans that are there keep their days.", text::setup::fiscal_year(year, today)))
}

/// Declares that the program has a single partner, or that it may have more.
async fn single(
    tx: &mut Tx,
    program: &Program,
    on: bool,
    detail: &mut Map<String, Value>,
) -> Result<String, Stop> {
    if program.single_partner.declared {
        return Err(declared("Whether this program has a single partner").into());
    }
    let partners = program::partners(tx, &program.id).await?;
    if on && partners.len() > 1 {
        return Err(Refusal::wrong_state(
            format!(
                "This program has {} partners: each would see the other's events in the server.",
                partners.len()
            ),
            "Only a program with a single partner can declare it; archive the others with /partner archive first.",
        )
        .into());
    }
    setup::set_single_partner(tx, &program.id, on).await?;
    detail.insert("single_partner".to_owned(), on.to_string().into());
    Ok(text::setup::single_partner(on).to_owned())
}
