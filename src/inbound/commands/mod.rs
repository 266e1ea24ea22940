//! Slash commands: each noun's definition beside what it asks for. One derived definition serves registration and
//! parsing, so that the two can't differ.

mod adjust;
mod away;
mod campaign;
mod mdf;
mod plan;
mod promise;
mod report;
mod setup;
mod task;

use crate::domain::actor::Picked;
use crate::domain::command::{Ask, Query};
use crate::flow::suggest::Subject;
use serde_json::Value;
use serenity::all::{CommandData, CommandDataOption, CommandDataOptionValue, CommandDataResolved, UserId};
use serenity_commands::Commands;

/// Everything that can be typed.
#[derive(Debug, Commands)]
pub enum All {
    /// Joint marketing plans: create, show, propose
    Plan(plan::PlanCommand),
    /// Campaigns of a plan: add, edit, budget, check, log spend and results
    Campaign(campaign::CampaignCommand),
    /// Tasks of campaigns: who does what, by when
    Task(task::TaskCommand),
    /// Promises: what one side undertook
    Promise(promise::PromiseCommand),
    /// MDF requests
    Mdf(mdf::MdfCommand),
    /// Reports
    Report(report::ReportCommand),
    /// Who may what (administrators)
    Setup(setup::SetupCommand),
    /// Partners: add, edit, archive (administrators)
    Partner(setup::PartnerCommand),
    /// Say that you are away, and who stands in for you
    Away(away::AwayCommand),
    /// What you can ask
    Help,
}

/// What a slash command asks for.
///
/// # Errors
/// A sentence for what the registered definitions don't allow: the definitions have changed since chat read them.
pub fn parse(data: &CommandData) -> Result<Ask, String> {
    let mut data = data.clone();
    data.options.iter_mut().for_each(clean);
    let all = All::from_command_data(&data).map_err(|error| {
        format!("I don't understand this command any more ({error}). Reload the page and type it again.")
    })?;
    Ok(match all {
        All::Plan(command) => command.ask(&data.resolved),
        All::Campaign(command) => command.ask(&data.resolved),
        All::Task(command) => command.ask(&data.resolved),
        All::Promise(command) => command.ask(),
        All::Mdf(command) => command.ask(),
        All::Report(command) => command.ask(),
        All::Setup(command) => command.ask(),
        All::Partner(command) => command.ask(),
        All::Away(command) => command.ask(&data.resolved),
        All::Help => Ask::Look(Query::Help),
    })
}

/// Somebody whom an option names, with the roles that chat says they have: none for who is not in the server.
fn picked(id: Option<UserId>, resolved: &CommandDataResolved) -> Option<Picked> {
    let id = id?;
    let member = resolved.members.get(&id);
    let roles = member.map(|member| member.roles.iter().map(ToString::to_string).collect());
    Some(Picked { id: id.to_string(), roles: roles.unwrap_or_default() })
}

/// U+0000 in what somebody wrote becomes U+FFFD: PostgreSQL refuses it in a text, and it says nothing.
fn clean(option: &mut CommandDataOption) {
    match &mut option.value {
        CommandDataOptionValue::String(text) => *text = without_nul(text),
        CommandDataOptionValue::SubCommand(inner) | CommandDataOptionValue::SubCommandGroup(inner) => {
            inner.iter_mut().for_each(clean);
        }
        _ => {}
    }
}

/// `text` with U+FFFD for every U+0000.
pub(super) fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The commands as registered: JSON of Discord's application commands, usable in servers only.
///
/// # Errors
/// A definition that can't be written as JSON.
pub fn definitions() -> Result<Value, serde_json::Error> {
    let mut commands = serde_json::to_value(All::create_commands())?;
    trim_descriptions(&mut commands);
    for command in commands.as_array_mut().into_iter().flatten() {
        // 0 is the server: nothing here makes sense in a direct message.
        command["contexts"] = serde_json::json!([0]);
    }
    Ok(commands)
}

/// Descriptions come from doc comments, which keep their leading space.
fn trim_descriptions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(trim_descriptions),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" => *text = text.trim().to_owned(),
                    other => trim_descriptions(other),
                }
            }
        }
        _ => {}
    }
}

/// What an option suggests from, by its name; `None` for one without suggestions.
pub fn subject(option: &str) -> Option<Subject> {
    Some(match option {
        "plan" | "from" => Subject::Plan,
        "campaign" => Subject::Campaign,
        "task" => Subject::Task,
        "promise" => Subject::Promise,
        "item" => Subject::Item,
        "line" => Subject::Line,
        "fund" => Subject::Fund,
        "partner" => Subject::Partner,
        "company" => Subject::Company,
        "resubmit" => Subject::ReturnedRequest,
        "time-zone" => Subject::TimeZone,
        "cadence" => Subject::Cadence,
        _ => return None,
    })
}
