//! Who is away, and who stands in for them. One row for each person; what is over is overwritten by the next.

use super::{Read, Tx};
use crate::args;
use crate::domain::absence::Absence;
use crate::domain::actor::Company;
use crate::fault::Fault;

/// The absences of a program, those that are over included.
///
/// # Errors
/// A fault of the database.
pub async fn of_program(read: &mut Read, program_id: &str) -> Result<Vec<Absence>, Fault> {
    let sql = "SELECT person, company, roles, delegate, until_at FROM absence WHERE program_id = $1 ORDER BY person";
    read.all(sql, args![program_id])
        .await?
        .iter()
        .map(|row| {
            Ok(Absence {
                person: row.text("person")?,
                company: Company::parse(&row.text("company")?),
                roles: serde_json::from_str(&row.text("roles")?)?,
                delegate: row.text("delegate")?,
                until: row.instant("until_at")?,
            })
        })
        .collect()
}

/// Writes that somebody is away, in place of what was written before.
///
/// # Errors
/// A fault of the database.
pub async fn set(tx: &mut Tx, program_id: &str, absence: &Absence) -> Result<(), Fault> {
    tx.exec_one(
        "set absence",
        "INSERT INTO absence (program_id, person, company, roles, delegate, until_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (program_id, person) DO UPDATE SET company = excluded.company, roles = excluded.roles,
           delegate = excluded.delegate, until_at = excluded.until_at",
        args![
            program_id,
            &absence.person,
            absence.company.code(),
            serde_json::to_string(&absence.roles)?,
            &absence.delegate,
            absence.until,
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn clear(tx: &mut Tx, program_id: &str, person: &str) -> Result<(), Fault> {
    tx.exec("DELETE FROM absence WHERE program_id = $1 AND person = $2", args![program_id, person])
        .await
        .map(drop)
}
