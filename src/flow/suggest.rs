//! Suggestions while somebody types an option. They show only what the person may see anyway; somebody without a
//! company, or in a foreign channel, gets an empty list, which tells nothing.

use super::Stop;
use super::context::{self, Asker, Context};
use super::setup::administrator;
use crate::app::App;
use crate::domain::actor::Side;
use crate::domain::campaign::checklist;
use crate::domain::command::short_name;
use crate::domain::fund::Fund;
use crate::domain::program::Partner;
use crate::domain::promise::PromiseState;
use crate::domain::request::{MdfRequest, RequestState};
use crate::domain::task::TaskState;
use crate::domain::unseen::is_unseen;
use crate::fault::Fault;
use crate::in_read;
use crate::store::{Read, campaign, claim, ledger, plan, promise, request, task, template};

/// What an option suggests from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Plan,
    Campaign,
    Task,
    Promise,
    /// Items of the checklist of the campaign that was typed beside it.
    Item,
    /// Its budget lines.
    Line,
    Fund,
    /// The program's templates, by their names.
    Template,
    Partner,
    /// The vendor and every partner, for administrators.
    Company,
    /// Requests that may be filed again: returned ones, and drafts.
    ReturnedRequest,
    /// Requests that hold money.
    ApprovedRequest,
    /// Claims that something can still be done about.
    Claim,
    /// Requests that something can still be done about.
    Request,
    TimeZone,
    Cadence,
}

/// What was typed in other options, as far as it matters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    pub partner: Option<&'a str>,
    pub campaign: Option<&'a str>,
    /// Whether what is asked looks back: then archived funds are suggested too.
    pub looks_back: bool,
}

/// One suggestion: what is shown and what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub name: String,
    pub value: String,
}

/// Discord shows no more than this.
const MOST: usize = 25;
/// Discord's limit of a suggestion's name, in characters.
const NAME_LIMIT: usize = 100;

/// At most 25 suggestions that contain what was typed, whatever its case.
///
/// # Errors
/// A fault of the database.
pub async fn suggest(
    app: &App,
    asker: &Asker,
    subject: Subject,
    typed: &str,
    beside: Beside<'_>,
) -> Result<Vec<Suggestion>, Fault> {
    let all = in_read!(app.store, |read| {
        match candidates(read, asker, subject, typed, beside).await {
            Ok(all) => Ok(all),
            Err(Stop::Refused(_)) => Ok(Vec::new()),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    })?;
    let typed = typed.trim().to_lowercase();
    let fits = |one: &Suggestion| {
        one.name.to_lowercase().contains(&typed) || one.value.to_lowercase().contains(&typed)
    };
    Ok(all
        .into_iter()
        .filter(fits)
        .take(MOST)
        .map(|one| Suggestion {
            name: one.name.chars().filter(|c| !is_unseen(*c)).take(NAME_LIMIT).collect(),
            ..one
        })
        .collect())
}

async fn candidates(
    read: &mut Read,
    asker: &Asker,
    subject: Subject,
    typed: &str,
    beside: Beside<'_>,
) -> Result<Vec<Suggestion>, Stop> {
    let context = context::load(read, asker).await?;
    match subject {
        Subject::TimeZone => {
            return Ok(chrono_tz::TZ_VARIANTS.iter().map(|zone| same(zone.name())).collect());
        }
        Subject::Cadence => {
            return Ok(["weekly", "weekly friday", "fortnightly", "monthly", "mid-and-end", "0 9 * * 1"]
                .map(same)
                .to_vec());
        }
        Subject::Partner => return Ok(partners(&context)),
        Subject::Company => return Ok(companies(&context)),
        // Where only the vendor reads, every fund has a name.
        Subject::Fund if beside.partner.is_none() && context.in_vendor_only_place() => {
            return Ok(funds(read, &context, beside).await?.into_iter().map(of_fund).collect());
        }
        Subject::Template => {
            context.not_in_a_foreign_channel()?;
            let names = template::names(read, &context.program.id).await?;
            return Ok(names.iter().map(|name| same(name)).collect());
        }
        _ => {}
    }
    if let (Subject::Item | Subject::Line, Some(named)) = (subject, beside.campaign) {
        return of_campaign(read, &context, subject, named, beside.partner).await;
    }
    // In the approvals channel the partner may be typed in front: "ACME/".
    let said = typed.split_once('/').map(|(key, _)| key).or(beside.partner);
    let partner = context.partner(said)?;
    if subject == Subject::Fund {
        let all = funds(read, &context, beside).await?.into_iter();
        let own = all.filter(|(fund, _)| match beside.looks_back {
            // Of a pool a partner may ask for money, and see nothing.
            true => fund.partner_id.as_deref() == Some(&partner.id),
            false => fund.is_for(&partner.id),
        });
        return Ok(own.map(of_fund).collect());
    }
    of_partner(read, &context, partner, subject, said.is_some() && short_name(typed, "").is_none()).await
}

/// The program's funds, each with whether it is archived; those that are, only where somebody looks back.
async fn funds(read: &mut Read, context: &Context, beside: Beside<'_>) -> Result<Vec<(Fund, bool)>, Fault> {
    let all = ledger::known_funds(read, &context.program.id).await?.into_iter();
    Ok(all.filter(|(_, archived)| beside.looks_back || !archived).collect())
}

fn same(text: &str) -> Suggestion {
    Suggestion { name: text.to_owned(), value: text.to_owned() }
}

fn partners(context: &Context) -> Vec<Suggestion> {
    let Ok(only) = context.partner(None) else {
        // Only the vendor, in the approvals channel, has a choice.
        let may = context.partners.first().is_some_and(|first| context.partner(Some(&first.key)).is_ok());
        let all = context.partners.iter().filter(|_| may);
        return all
            .map(|partner| Suggestion { name: partner.name.clone(), value: partner.key.clone() })
            .collect();
    };
    vec![Suggestion { name: only.name.clone(), value: only.key.clone() }]
}

/// A partner's tasks that are not closed, or its promises: short names with what they say.
async fn undertaken(
    read: &mut Read,
    partner: &Partner,
    subject: Subject,
) -> Result<Vec<(String, String)>, Fault> {
    if subject == Subject::Promise {
        let names = promise::names(read, &partner.id).await?.into_iter();
        let said = |(number, what, state): (i64, String, PromiseState)| {
            (format!("PRM-{number}"), format!("{what} ({})", state.label()))
        };
        return Ok(names.map(said).collect());
    }
    let names = task::names(read, &partner.id).await?.into_iter();
    let said = |(number, what, state): (i64, String, TaskState)| {
        (format!("TSK-{number}"), format!("{what} ({})", state.label()))
    };
    Ok(names.filter(|(_, _, state)| *state != TaskState::Closed).map(said).collect())
}

async fn of_campaign(
    read: &mut Read,
    context: &Context,
    subject: Subject,
    named: &str,
    partner: Option<&str>,
) -> Result<Vec<Suggestion>, Stop> {
    let (partner, number) = context.named(named, "CMP", partner)?;
    let Some(campaign) = campaign::by_number(read, &partner.id, number).await? else { return Ok(Vec::new()) };
    if subject == Subject::Line {
        return Ok(campaign.budget.iter().map(|line| same(&line.what)).collect());
    }
    let items = checklist::items(campaign.kind).iter().map(|item| {
        let sign = if campaign.checked.contains(item.code) { "☑" } else { "⬜" };
        Suggestion { name: format!("{sign} {}", item.label), value: item.code.to_owned() }
    });
    Ok(items.collect())
}

fn of_fund((fund, archived): (Fund, bool)) -> Suggestion {
    let archived = if archived { ", archived" } else { "" };
    let (kind, code, until) = (fund.kind.label(), fund.currency.code(), fund.valid_until);
    Suggestion { name: format!("{} ({kind}, {code}, until {until}{archived})", fund.name), value: fund.key }
}

fn companies(context: &Context) -> Vec<Suggestion> {
    if administrator(context).is_err() {
        return Vec::new();
    }
    let partners = context.partners.iter();
    let all = partners.map(|partner| Suggestion { name: partner.name.clone(), value: partner.key.clone() });
    std::iter::once(same("vendor")).chain(all).collect()
}

async fn of_partner(
    read: &mut Read,
    context: &Context,
    partner: &Partner,
    subject: Subject,
    with_key: bool,
) -> Result<Vec<Suggestion>, Stop> {
    let value = |short: String| if with_key { partner.vendor_name(&short) } else { short };
    Ok(match subject {
        Subject::Plan => {
            let plans = plan::of_partner(read, &partner.id).await?;
            plans
                .iter()
                .map(|plan| Suggestion {
                    name: format!("{} {} ({})", plan.name_short(), plan.name, plan.state.label()),
                    value: value(plan.name_short()),
                })
                .collect()
        }
        Subject::Campaign => {
            let names = campaign::names(read, &partner.id).await?;
            names
                .into_iter()
                .map(|(number, name)| Suggestion {
                    name: format!("CMP-{number} {name}"),
                    value: value(format!("CMP-{number}")),
                })
                .collect()
        }
        Subject::Task | Subject::Promise => {
            let named = undertaken(read, partner, subject).await?;
            named
                .into_iter()
                .map(|(short, said)| Suggestion { name: format!("{short} {said}"), value: value(short) })
                .collect()
        }
        Subject::ReturnedRequest | Subject::ApprovedRequest | Subject::Request | Subject::Claim => {
            money_of(read, context, partner, subject, value).await?
        }
        Subject::Partner
        | Subject::Fund
        | Subject::Template
        | Subject::Company
        | Subject::TimeZone
        | Subject::Cadence
        | Subject::Item
        | Subject::Line => Vec::new(),
    })
}

/// The partner's claims, or its requests.
async fn money_of(
    read: &mut Read,
    context: &Context,
    partner: &Partner,
    subject: Subject,
    value: impl Fn(String) -> String,
) -> Result<Vec<Suggestion>, Stop> {
    if subject == Subject::Claim {
        let own = context.person.side() == Side::Partner;
        let claims = claim::of_partner(read, &partner.id).await?;
        let seen = claims.into_iter().filter(|one| own || one.submitted_at.is_some());
        let named = seen.filter(|one| !one.state.is_final() || one.to_come_back().is_some());
        let named = named.map(|one| Suggestion {
            name: format!("{} ({})", one.name_short(), one.state.label()),
            value: value(one.name_short()),
        });
        return Ok(named.collect());
    }
    let requests = request::of_partner(read, &partner.id).await?;
    let seen = |one: &&MdfRequest| one.is_seen_by(context.person.side());
    let wanted = |one: &&MdfRequest| match subject {
        Subject::ReturnedRequest => matches!(one.state, RequestState::Returned | RequestState::Draft),
        Subject::ApprovedRequest => one.state == RequestState::Approved,
        _ => one.state.is_open(),
    };
    let named = requests.iter().filter(seen).filter(wanted).map(|request| Suggestion {
        name: format!("{} {} ({})", request.name_short(), request.amount, request.state.label()),
        value: value(request.name_short()),
    });
    Ok(named.collect())
}
