//! A file of sales that comes with a command: fetched before its transaction is opened, and read there. Whether somebody may
//! is asked first, and again by the command.

use crate::app::App;
use crate::domain::command::Command;
use crate::domain::command::fund::{FundWish, SalesFile};
use crate::domain::refusal::Refusal;
use crate::evidence::Untaken;
use crate::fault::Fault;
use crate::flow::{self, Asker, Reply, Request};

/// The largest file of sales, in bytes.
const MOST_BYTES: i64 = 1024 * 1024;

/// Posts the sales of a file: all of its rows, or none.
///
/// # Errors
/// A fault of the database.
pub async fn post(app: &App, key: String, asker: &Asker, sales: &SalesFile) -> Result<Reply, Fault> {
    if let Some(refused) = flow::takes_sales(app, &key, asker, &sales.fund).await? {
        return Ok(refused);
    }
    let text = match text(app, sales).await {
        Ok(text) => text,
        Err(Untaken::Refused(refusal)) => return flow::refuses_proof(app, &key, asker, refusal).await,
        Err(Untaken::Fault(fault)) => return Err(fault),
    };
    let wish = FundWish::AccrueFile { fund: sales.fund.clone(), name: sales.file.name.clone(), text };
    let command = Command::Fund(wish);
    flow::handle(app, &Request { key, asker: asker.clone(), command }).await
}

async fn text(app: &App, sales: &SalesFile) -> Result<String, Untaken> {
    let file = &sales.file;
    let name = crate::text::short(&file.name, 80);
    if file.size > MOST_BYTES {
        let sentence = format!("{name} is larger than 1 MiB.");
        return Err(Untaken::Refused(Refusal::bad_input(sentence, "Split it into smaller files.")));
    }
    let bytes = app.evidence.fetch(&file.attachment()).await?;
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| {
        let hint = "Save the sheet as CSV (UTF-8) and attach that.";
        Untaken::Refused(Refusal::bad_input(format!("{name} is no CSV in UTF-8."), hint))
    })
}
