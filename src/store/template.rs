//! Templates of a program. Their content is written once and never changed.

use super::{Read, Row, Tx};
use crate::args;
use crate::domain::template::{Template, TemplateState, name_key};
use crate::fault::Fault;

macro_rules! columns {
    () => {
        "id, program_id, name, content, state, replaces, saved_at, saved_by"
    };
}

/// Keeps a template that its saver has still to confirm, in place of any other that they left unconfirmed. The program
/// is locked.
///
/// # Errors
/// A fault of the database.
pub async fn insert_pending(tx: &mut Tx, template: &Template) -> Result<(), Fault> {
    let unconfirmed = "DELETE FROM template WHERE program_id = $1 AND saved_by = $2 AND state = 'pending'";
    tx.exec(unconfirmed, args![&template.program_id, &template.saved_by]).await?;
    tx.exec_one(
        "insert template",
        "INSERT INTO template (id, program_id, name, name_key, content, state, replaces, saved_at, saved_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            &template.id,
            &template.program_id,
            &template.name,
            name_key(&template.name),
            serde_json::to_string(&template.content)?,
            template.state.code(),
            &template.replaces,
            template.saved_at,
            &template.saved_by,
        ],
    )
    .await
}

/// Moves a template on. The program is locked.
///
/// # Errors
/// A fault of the database, a template that stands elsewhere included.
pub async fn set_state(tx: &mut Tx, id: &str, from: TemplateState, to: TemplateState) -> Result<(), Fault> {
    let sql = "UPDATE template SET state = $3 WHERE id = $1 AND state = $2";
    tx.exec_one("move template", sql, args![id, from.code(), to.code()]).await
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, program_id: &str, id: &str) -> Result<Option<Template>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM template WHERE program_id = $1 AND id = $2");
    read.opt(sql, args![program_id, id]).await?.map(|row| template(&row)).transpose()
}

/// The shared template of a name.
///
/// # Errors
/// A fault of the database.
pub async fn by_name(read: &mut Read, program_id: &str, name: &str) -> Result<Option<Template>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM template WHERE program_id = $1 AND name_key = $2 AND state = 'shared'"
    );
    read.opt(sql, args![program_id, name_key(name)]).await?.map(|row| template(&row)).transpose()
}

/// The shared templates of a program, by name.
///
/// # Errors
/// A fault of the database.
pub async fn shared(read: &mut Read, program_id: &str) -> Result<Vec<Template>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM template WHERE program_id = $1 AND state = 'shared' ORDER BY name_key, id"
    );
    read.all(sql, args![program_id]).await?.iter().map(template).collect()
}

/// The names of the shared templates of a program, in order.
///
/// # Errors
/// A fault of the database.
pub async fn names(read: &mut Read, program_id: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT name FROM template WHERE program_id = $1 AND state = 'shared' ORDER BY name_key, id";
    read.all(sql, args![program_id]).await?.iter().map(|row| row.text("name")).collect()
}

fn template(row: &Row) -> Result<Template, Fault> {
    Ok(Template {
        id: row.text("id")?,
        program_id: row.text("program_id")?,
        name: row.text("name")?,
        content: serde_json::from_str(&row.text("content")?)?,
        state: row.parsed("state", TemplateState::parse)?,
        replaces: row.text_opt("replaces")?,
        saved_at: row.instant("saved_at")?,
        saved_by: row.text("saved_by")?,
    })
}
