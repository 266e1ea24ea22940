//! The warnings before a proposed plan expires.

use super::audit;
use super::due::sign_by_job;
use crate::app::App;
use crate::domain::actor::Side;
use crate::domain::plan::{Plan, PlanState};
use crate::fault::Fault;
use crate::in_tx;
use crate::store::checkpoint::take_slot;
use crate::store::{outbox, plan, program};
use crate::text::reminder;
use chrono::{DateTime, Utc};
use serde_json::json;

/// Warns both sides unless somebody else has. After an outage only the newest warning is due, and says the days that
/// are really left.
pub(super) async fn warn(
    app: &App,
    found: &Plan,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    in_tx!(app.store, |tx| {
        let partner = program::lock_partner(tx, &found.partner_id).await?;
        let Some(plan) = plan::by_id(tx, &found.id).await? else { return Ok(false) };
        // It may have been signed, returned or given another day while we waited for the lock.
        let stands = plan.state == PlanState::Proposed && plan.sign_by == found.sign_by;
        if !stands || !take_slot(tx, &sign_by_job(&plan), due_at, now).await? {
            return Ok(false);
        }
        let program = program::by_id(tx, &partner.program_id).await?;
        let signatures = plan::signatures(tx, &plan.id, plan.rev).await?;
        let lacks = |side: &Side| signatures.iter().all(|signature| signature.side != *side);
        let waits: Vec<&str> = [Side::Vendor, Side::Partner]
            .into_iter()
            .filter(lacks)
            .map(|side| if side == Side::Vendor { program.name.as_str() } else { partner.name.as_str() })
            .collect();
        let left = (plan.sign_by - plan.local_day(now)).num_days();
        let post = reminder::sign_by(&plan, left, &waits);
        outbox::post_unasked(tx, &app.clock, &program.id, &partner.channel_id, &post, &[]).await?;
        let owner = (partner.program_id.as_str(), partner.id.as_str());
        audit(app, tx, owner, ("plan_expiry_warned", &plan.id), json!({"days_left": left})).await?;
        Ok(true)
    })
}
