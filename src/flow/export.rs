//! The signed copy: the bytes that both signed, and a document made of the same bytes for people to read. Before both have
//! signed, a draft copy: a document alone, which says so in every heading, because the bytes would pass for signed ones.

use super::plan::{find, terms};
use super::{Reply, Step, Stop};
use crate::domain::action::{Action, authorise};
use crate::domain::plan::Plan;
use crate::domain::program::Partner;
use crate::domain::refusal::Refusal;
use crate::store::{Tx, adjustment, plan as plans};
use crate::text::card::File;
use crate::text::export::{self, DraftCopy, SignedCopy, markdown};
use serde_json::json;

/// Answers `/plan export`.
pub(super) async fn plan(
    step: &Step<'_>,
    tx: &mut Tx,
    partner: Option<&str>,
    named: Option<&str>,
    revision: Option<i64>,
) -> Result<Reply, Stop> {
    let (partner, plan) = find(step.context, tx, partner, named).await?;
    authorise(&step.context.person, Action::See, &partner.id)?;
    let name = plan.name_short();
    if plan.revision == 0 && revision.is_none() {
        return draft(step, tx, partner, &plan).await;
    }
    if plan.revision == 0 {
        return Err(Refusal::wrong_state(
            format!("{name} is {}: there is nothing signed to export.", plan.state.label()),
            "Without the option revision you get a draft copy; there is a signed one as soon as both sides have signed.",
        )
        .into());
    }
    let unknown = || {
        Refusal::bad_input(
            format!("{name} has no such revision: the newest is {}.", plan.revision),
            "Without the option revision you get the newest.",
        )
    };
    if revision.is_some_and(|number| number < 1) {
        return Err(unknown().into());
    }
    let frozen = plans::revision(tx, &plan.id, revision).await?.ok_or_else(unknown)?;
    // A later revision is what both made by signing an adjustment.
    let signatures = match adjustment::of_revision(tx, &plan.id, frozen.revision).await? {
        Some(made_by) => adjustment::signatures_of_agreed(tx, &made_by).await?,
        None => plans::signatures_under(tx, &plan.id, &frozen.sha256).await?,
    };
    let terms = serde_json::from_str(&frozen.snapshot)?;
    let document = markdown(&SignedCopy {
        program: &step.context.program,
        partner,
        plan: &plan,
        revision: frozen.revision,
        effective_on: frozen.effective_on,
        terms: &terms,
        sha256: &frozen.sha256,
        signatures: &signatures,
    });
    let detail = json!({"revision": frozen.revision, "sha256": frozen.sha256});
    step.audit(tx, Some(&partner.id), "plan_exported", &plan.id, detail).await?;
    let base = format!("{name}-revision-{}", frozen.revision);
    let file = |ending: &str, content_type: &str, text: String| File {
        name: format!("{base}.{ending}"),
        content_type: content_type.to_owned(),
        bytes: text.into_bytes(),
    };
    let text = format!(
        "Revision {} of {name}, as both sides signed it. `{base}.json` is what they agreed to, byte by byte; \
         `{base}.md` is for reading.\nSHA-256 `{}`\nCheck the file at any time, on any machine: \
         `tandem verify {base}.json --sha256 {}`",
        frozen.revision, frozen.sha256, frozen.sha256
    );
    let files = vec![
        file("json", "application/json", frozen.snapshot),
        file("md", "text/markdown; charset=utf-8", document),
    ];
    Ok(Reply { text, files, ..Reply::default() })
}

/// A copy of what is not signed yet.
async fn draft(step: &Step<'_>, tx: &mut Tx, partner: &Partner, plan: &Plan) -> Result<Reply, Stop> {
    let name = plan.name_short();
    let terms = terms(tx, plan).await?.canonical();
    let signatures = plans::signatures(tx, &plan.id, plan.rev).await?;
    let document = export::draft(&DraftCopy {
        program: &step.context.program,
        partner,
        plan,
        terms: &serde_json::from_str(&terms)?,
        signatures: &signatures,
        today: plan.local_day(step.now),
    });
    step.audit(tx, Some(&partner.id), "plan_draft_exported", &plan.id, json!({"rev": plan.rev})).await?;
    let file = File {
        name: format!("{name}-NOT-SIGNED.md"),
        content_type: "text/markdown; charset=utf-8".to_owned(),
        bytes: document.into_bytes(),
    };
    let text = format!(
        "{name} is {}: this is a draft copy, NOT SIGNED. It is for reading; `tandem verify` accepts no draft.",
        plan.state.label()
    );
    Ok(Reply { text, files: vec![file], ..Reply::default() })
}
