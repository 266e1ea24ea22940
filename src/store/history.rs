//! What happened to a plan and to all that belongs to it, read from the audit trail.

use super::Read;
use crate::args;
use crate::domain::actor::{Company, Side};
use crate::fault::Fault;
use chrono::{DateTime, Utc};

/// One line of a plan's history.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    pub at: DateTime<Utc>,
    /// A person's id, `clock`, `config` or `rule`.
    pub actor: String,
    /// For whom the actor acted; `None` for the system.
    pub company: Option<Company>,
    pub code: String,
    /// The short name of what it happened to.
    pub item: String,
    /// Whose it is alone: of a request or claim that was never filed, the side that put it together.
    pub private_to: Option<Side>,
    pub detail: serde_json::Value,
}

/// More lines than this are not looked through.
const MOST: i64 = 5_000;

/// What happened to a plan, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_plan(read: &mut Read, plan_id: &str) -> Result<Vec<Happened>, Fault> {
    let sql = "WITH thing AS (
          SELECT id, 'PLN-' || CAST(number AS TEXT) AS name, '' AS private_to FROM plan WHERE id = $1
          UNION ALL SELECT id, 'CMP-' || CAST(number AS TEXT), '' FROM campaign WHERE plan_id = $1
          UNION ALL SELECT id, 'ADJ-' || CAST(number AS TEXT), '' FROM adjustment WHERE plan_id = $1
          UNION ALL SELECT id, 'TSK-' || CAST(number AS TEXT), '' FROM task WHERE plan_id = $1
          UNION ALL SELECT id, 'PRM-' || CAST(number AS TEXT), '' FROM promise WHERE plan_id = $1
          UNION ALL SELECT id, 'Checkpoint ' || CAST(number AS TEXT), '' FROM checkpoint WHERE plan_id = $1
          UNION ALL SELECT l.id, 'LOG-' || CAST(l.number AS TEXT), '' FROM log_entry l JOIN campaign c ON c.id = l.campaign_id
            WHERE c.plan_id = $1
          UNION ALL SELECT r.id, 'MDF-' || CAST(r.number AS TEXT), CASE WHEN r.first_filed_at IS NOT NULL THEN ''
              WHEN r.on_behalf_of IS NULL THEN 'partner' ELSE 'vendor' END
            FROM mdf_request r JOIN campaign c ON c.id = r.campaign_id WHERE c.plan_id = $1
          UNION ALL SELECT e.id, 'MDF-' || CAST(r.number AS TEXT), '' FROM claim_extension e
            JOIN mdf_request r ON r.id = e.request_id JOIN campaign c ON c.id = r.campaign_id WHERE c.plan_id = $1
          UNION ALL SELECT l.id, 'CLM-' || CAST(l.number AS TEXT), CASE WHEN l.submitted_at IS NULL THEN 'partner' ELSE '' END
            FROM claim l JOIN mdf_request r ON r.id = l.request_id JOIN campaign c ON c.id = r.campaign_id
            WHERE c.plan_id = $1)
        SELECT a.at, a.actor, a.company, a.code, a.detail, t.name, t.private_to FROM audit a JOIN thing t ON t.id = a.item
        WHERE a.partner_id = (SELECT partner_id FROM plan WHERE id = $1) ORDER BY a.seq DESC LIMIT $2";
    read.all(sql, args![plan_id, MOST])
        .await?
        .iter()
        .map(|row| {
            let company = row.text("company")?;
            Ok(Happened {
                at: row.instant("at")?,
                actor: row.text("actor")?,
                company: (!company.is_empty()).then(|| Company::parse(&company)),
                code: row.text("code")?,
                item: row.text("name")?,
                private_to: Side::parse(&row.text("private_to")?),
                detail: serde_json::from_str(&row.text("detail")?)?,
            })
        })
        .collect()
}
