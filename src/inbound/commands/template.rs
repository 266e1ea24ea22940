//! `/template`

use crate::domain::command::template::{NewTemplate, TemplateUse, TemplateWish};
use crate::domain::command::{Ask, Command as Wish, Query};
use serenity_commands::{Command, SubCommand};

/// The subcommands of `/template`.
#[derive(Debug, Command)]
pub enum TemplateCommand {
    /// Keep a plan or a campaign for every partner (vendor); shows first what all of them will read
    #[command(autocomplete)]
    Save(Save),
    /// The program's templates
    List(List),
    /// What a template holds
    #[command(autocomplete)]
    Show(Show),
    /// Take a template away (vendor); what was made from it stays
    #[command(autocomplete)]
    Remove(Named),
    /// Start a plan for a period, or add a campaign to a draft, from a template
    #[command(autocomplete)]
    Use(Use),
}

/// Options of `/template save`.
#[derive(Debug, SubCommand)]
pub struct Save {
    /// What everybody will call it
    pub name: String,
    /// The campaign to keep; without one, the whole plan
    #[command(autocomplete)]
    pub campaign: Option<String>,
    /// The plan to keep; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// With targets and budgets as amounts; otherwise in whole percent only
    pub figures: Option<bool>,
    /// With segment, message, offer, channel, own tasks and promises; otherwise without
    pub texts: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/template list`.
#[derive(Debug, SubCommand)]
pub struct List {
    /// Which page
    pub page: Option<i64>,
}

/// Options of `/template show`.
#[derive(Debug, SubCommand)]
pub struct Show {
    /// The template, by its name
    #[command(autocomplete)]
    pub template: String,
    /// Which page
    pub page: Option<i64>,
}

/// Options of `/template remove`.
#[derive(Debug, SubCommand)]
pub struct Named {
    /// The template, by its name
    #[command(autocomplete)]
    pub template: String,
}

/// Options of `/template use`.
#[derive(Debug, SubCommand)]
pub struct Use {
    /// The template, by its name
    #[command(autocomplete)]
    pub template: String,
    /// For a plan's template: the period, such as Q2 2026
    pub period: Option<String>,
    /// For a campaign's template: its first day, such as 2026-04-14
    pub start: Option<String>,
    /// For a campaign's template: the plan; without one, the newest that is open
    #[command(autocomplete)]
    pub plan: Option<String>,
    /// What you call it; without one, a plan's dates or the campaign's name
    pub name: Option<String>,
    /// Leads in all, spread as in the template
    pub leads: Option<i64>,
    /// Pipeline in all, such as 400k, spread as in the template
    pub pipeline: Option<String>,
    /// Budget in all, such as 60k, spread over lines and shares as in the template
    pub budget: Option<String>,
    /// For a plan's template: the currency; without one, the partner's
    pub currency: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl TemplateCommand {
    pub(super) fn ask(self) -> Ask {
        let wish = match self {
            TemplateCommand::List(list) => return Ask::Look(Query::ListTemplates { page: list.page }),
            TemplateCommand::Show(show) => {
                return Ask::Look(Query::ShowTemplate { template: show.template, page: show.page });
            }
            TemplateCommand::Save(save) => TemplateWish::Save(NewTemplate {
                partner: save.partner,
                name: save.name,
                campaign: save.campaign,
                plan: save.plan,
                figures: save.figures.unwrap_or(false),
                texts: save.texts.unwrap_or(true),
            }),
            TemplateCommand::Remove(named) => TemplateWish::Remove { template: named.template },
            TemplateCommand::Use(from) => TemplateWish::Use(TemplateUse {
                partner: from.partner,
                template: from.template,
                period: from.period,
                currency: from.currency,
                start: from.start,
                plan: from.plan,
                name: from.name,
                leads: from.leads,
                pipeline: from.pipeline,
                budget: from.budget,
            }),
        };
        Ask::Do(Box::new(Wish::Template(wish)))
    }
}
