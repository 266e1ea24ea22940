//! A file of sales or of rates that comes with a command: fetched before its transaction is opened, and read there. Whether
//! somebody may is asked first, and again by the command.

use crate::app::App;
use crate::domain::command::Command;
use crate::domain::command::file::Attached;
use crate::domain::command::fund::{FundFile, FundWish};
use crate::domain::refusal::Refusal;
use crate::evidence::Untaken;
use crate::fault::Fault;
use crate::flow::{self, Asker, Reply, Request};

/// The largest such file, in bytes.
const MOST_BYTES: i64 = 1024 * 1024;

/// Posts the sales, or enters the rates, of a file: all of its rows, or none.
///
/// # Errors
/// A fault of the database.
pub async fn post(app: &App, key: String, asker: &Asker, wanted: &FundFile) -> Result<Reply, Fault> {
    if let Some(refused) = flow::takes_fund_file(app, &key, asker, wanted).await? {
        return Ok(refused);
    }
    let (FundFile::Sales { file, .. } | FundFile::Rates { file }) = wanted;
    let text = match text(app, file).await {
        Ok(text) => text,
        Err(Untaken::Refused(refusal)) => return flow::refuses_proof(app, &key, asker, refusal).await,
        Err(Untaken::Fault(fault)) => return Err(fault),
    };
    let name = file.name.clone();
    let wish = match wanted {
        FundFile::Sales { fund, .. } => FundWish::AccrueFile { fund: fund.clone(), name, text },
        FundFile::Rates { .. } => FundWish::RateFile { name, text },
    };
    let command = Command::Fund(wish);
    flow::handle(app, &Request { key, asker: asker.clone(), command }).await
}

async fn text(app: &App, file: &Attached) -> Result<String, Untaken> {
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
