//! Slash commands: each noun's definition beside what it asks for. One derived definition serves registration and
//! parsing, so that the two can't differ. Message commands are one table, for both uses too.

mod adjust;
mod away;
mod campaign;
mod checkpoint;
mod claim;
mod fund;
mod mdf;
mod plan;
mod promise;
mod report;
mod setup;
mod task;
mod template;

use super::attached::pointed_at;
use crate::domain::actor::Picked;
use crate::domain::command::{Ask, PointedAt, Query};
use crate::flow::suggest::Subject;
use serde_json::{Value, json};
use serenity::all::{
    CommandData, CommandDataOption, CommandDataOptionValue, CommandDataResolved, CommandType, UserId,
};
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
    /// Templates: plans and campaigns that the vendor keeps for every partner
    Template(template::TemplateCommand),
    /// MDF requests
    Mdf(mdf::MdfCommand),
    /// Claims of approved MDF requests
    Claim(claim::ClaimCommand),
    /// Checkpoints: acknowledge their reports
    Checkpoint(checkpoint::CheckpointCommand),
    /// Funds: what is set aside, for whom, until when
    Fund(fund::FundCommand),
    /// Reports
    Report(report::ReportCommand),
    /// Who may what, and the rules of money (administrators)
    Setup(setup::SetupCommand),
    /// Partners: add, edit, archive (administrators)
    Partner(setup::PartnerCommand),
    /// Say that you are away, and who stands in for you
    Away(away::AwayCommand),
    /// What you can ask
    Help,
}

/// A message command: chosen in a message's menu, under *Apps*, rather than typed.
#[derive(Clone, Copy, Debug)]
pub struct MessageCommand {
    /// What stands in the menu: 1–32 characters, blanks and capitals too.
    pub name: &'static str,
    /// What it asks for, given the message.
    pub ask: fn(PointedAt) -> Ask,
}

impl MessageCommand {
    /// The command as registered. It has neither description nor options.
    pub fn definition(&self) -> Value {
        json!({ "name": self.name, "type": 3, "contexts": IN_SERVERS })
    }
}

/// Everything that can be chosen in a message's menu.
const ON_MESSAGES: &[MessageCommand] = &[MessageCommand { name: "Use as proof", ask: claim::use_as_proof }];

/// Where commands are offered. 0 is the server: nothing here makes sense in a direct message.
const IN_SERVERS: [u8; 1] = [0];

/// What a slash command or a message command asks for.
///
/// # Errors
/// A sentence for what the registered definitions don't allow: the definitions have changed since chat read them.
pub fn parse(data: &CommandData) -> Result<Ask, String> {
    if data.kind == CommandType::Message {
        return pointing(ON_MESSAGES, data);
    }
    let mut data = data.clone();
    data.options.iter_mut().for_each(clean);
    let all = All::from_command_data(&data).map_err(|error| outdated(&error.to_string(), "type"))?;
    Ok(match all {
        All::Plan(command) => command.ask(&data.resolved),
        All::Campaign(command) => command.ask(&data.resolved),
        All::Task(command) => command.ask(&data.resolved),
        All::Promise(command) => command.ask(),
        All::Template(command) => command.ask(),
        All::Mdf(command) => command.ask(),
        All::Claim(command) => command.ask(&data.resolved)?,
        All::Checkpoint(command) => command.ask(),
        All::Fund(command) => command.ask(&data.resolved)?,
        All::Report(command) => command.ask(),
        All::Setup(command) => command.ask(),
        All::Partner(command) => command.ask(),
        All::Away(command) => command.ask(&data.resolved),
        All::Help => Ask::Look(Query::Help),
    })
}

/// What a message command of `known` asks for. A slash command of the same name is another command.
pub(super) fn pointing(known: &[MessageCommand], data: &CommandData) -> Result<Ask, String> {
    let command = known.iter().find(|command| command.name == data.name);
    let command = command.ok_or_else(|| outdated(&data.name, "choose"))?;
    Ok((command.ask)(pointed_at(data)?))
}

fn outdated(what: &str, again: &str) -> String {
    format!("I don't understand this command any more ({what}). Reload the page and {again} it again.")
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
        command["contexts"] = json!(IN_SERVERS);
    }
    if let Value::Array(commands) = &mut commands {
        commands.extend(ON_MESSAGES.iter().map(MessageCommand::definition));
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
pub fn subject(command: &str, asked: Option<&str>, option: &str) -> Option<Subject> {
    // What only an approved request takes is offered for those alone.
    let approved = matches!(
        (command, asked),
        ("claim", Some("new" | "extend")) | ("mdf", Some("amend" | "cancel" | "close"))
    );
    Some(match option {
        "request" if approved => Subject::ApprovedRequest,
        "plan" | "from" => Subject::Plan,
        "campaign" => Subject::Campaign,
        "task" => Subject::Task,
        "promise" => Subject::Promise,
        "template" => Subject::Template,
        "item" => Subject::Item,
        "line" => Subject::Line,
        "fund" | "to" => Subject::Fund,
        "partner" => Subject::Partner,
        "company" => Subject::Company,
        "resubmit" => Subject::ReturnedRequest,
        "claim" => Subject::Claim,
        "request" => Subject::Request,
        "time-zone" => Subject::TimeZone,
        "cadence" => Subject::Cadence,
        _ => return None,
    })
}

/// Whether a subcommand looks at what is over too.
pub fn looks_back(command: &str, subcommand: &str) -> bool {
    command == "fund" && matches!(subcommand, "show" | "statement")
}
