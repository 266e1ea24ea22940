//! Claims of approved requests.

use super::Read;
use crate::args;
use crate::fault::Fault;

/// The short name of a claim of a request that somebody may still decide or file again; `None` without one.
///
/// # Errors
/// A fault of the database.
pub async fn open_of_request(read: &mut Read, request_id: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT MIN(number) AS number FROM claim
               WHERE request_id = $1 AND state IN ('draft', 'submitted', 'in_review', 'returned')";
    let number = read.one(sql, args![request_id]).await?.int_opt("number")?;
    Ok(number.map(|number| format!("CLM-{number}")))
}
