//! Secret links to a plan's calendar: making one, and ending those that there are.

use super::plan::find;
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::canonical::sha256;
use crate::domain::command::plan::CalendarWish;
use crate::store::calendar::{Feed, insert, revoke};
use crate::store::{Tx, program};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

pub(super) async fn link(step: &Step<'_>, tx: &mut Tx, wish: &CalendarWish) -> Result<Reply, Stop> {
    let (partner, plan) = find(step.context, tx, wish.partner.as_deref(), wish.plan.as_deref()).await?;
    authorise(&step.context.person, Action::EditPlan, &partner.id)?;
    program::lock_partner(tx, &partner.id).await?;
    let person = &step.context.person;
    if wish.revoke {
        let ended = revoke(tx, &plan.id, &person.company, None, step.now).await?;
        step.audit(tx, Some(&partner.id), "calendar_revoked", &plan.id, json!({"links": ended})).await?;
        return Ok(Reply::text(format!(
            "{} has no calendar link of your company any more: {ended} ended.",
            plan.name_short()
        )));
    }
    // One link a person: a lost one is ended by asking for another.
    revoke(tx, &plan.id, &person.company, Some(&person.id), step.now).await?;
    let secret = BASE64_URL_SAFE_NO_PAD.encode(step.app.clock.random_key());
    let feed = Feed {
        id: step.app.clock.new_id(),
        plan_id: &plan.id,
        company: &person.company,
        person: &person.id,
        secret_sha256: sha256(&secret),
        created_at: step.now,
    };
    insert(tx, &feed).await?;
    step.audit(tx, Some(&partner.id), "calendar_linked", &plan.id, json!({"feed": feed.id})).await?;
    let name = plan.name_short();
    let reply = Reply::text(format!(
        "Your calendar link to {name} was shown when you asked. Ask again for another: that one then ends."
    ));
    let once = format!(
        "Subscribe to {name} in your calendar with this link. Whoever has it can read the plan's dates, so keep it to \
         yourself; an earlier link of yours has ended.\n{}/v1/cal/{secret}.ics\n`/plan calendar action:revoke` ends all \
         links of your company.",
        step.app.public_url
    );
    Ok(Reply { once: Some(once), ..reply })
}
