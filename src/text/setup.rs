//! What administrators read: who may, which partners there are, and what they confirm.

use super::card::{Button, ButtonStyle, Card, Colour};
use super::{escape, short};
use crate::domain::actor::{Capability, Company, Grant, Limit};
use crate::domain::campaign_type::CampaignType;
use crate::domain::money::{Currency, Money};
use crate::domain::period::{Period, is_fiscal, is_part_of_a_year};
use crate::domain::plan::BySide;
use crate::domain::program::{FiscalYear, Partner, Program, SinglePartner};
use crate::domain::rulebook::Kept;
use chrono::{Datelike, Months, NaiveDate};

/// A partner with how it stands.
pub struct PartnerLine<'a> {
    pub partner: &'a Partner,
    pub archived: bool,
    pub declared: bool,
}

/// What `/setup show` is made of.
pub struct Overview<'a> {
    pub program: &'a Program,
    pub partners: Vec<PartnerLine<'a>>,
    /// Each with whether it is declared in bot.toml.
    pub grants: Vec<(&'a Grant, bool)>,
    pub rules: &'a [Kept],
    /// All partners, archived ones included.
    pub known: &'a [Partner],
    /// What the program says that types take, in hours for each side, each with whether it is declared in bot.toml.
    pub efforts: Vec<(CampaignType, BySide<i64>, bool)>,
}

/// Lines on one page.
const PAGE: usize = 20;

/// Everything, a page at a time.
pub fn overview(view: &Overview<'_>, page: i64) -> Card {
    let mut lines = vec![format!(
        "**{}** · approvals in <#{}> · {} · {} · fiscal years start in {}{}{}",
        short(&view.program.name, 80),
        view.program.approvals_channel,
        view.program.currency.code(),
        view.program.zone.name(),
        view.program.fiscal_year.month_name(),
        if view.program.fiscal_year.declared { DECLARED } else { "" },
        single(view.program.single_partner),
    )];
    lines.extend(roles(view, &Company::Vendor));
    for line in &view.partners {
        lines.push(partner(line));
        if !line.archived {
            lines.extend(roles(view, &Company::Partner(line.partner.id.clone())));
        }
    }
    lines.extend(super::rules::lines(view.rules, view.program, view.known, DECLARED));
    lines.extend(view.efforts.iter().map(|(kind, hours, is_declared)| {
        let declared = if *is_declared { DECLARED } else { "" };
        let kind = kind.label();
        format!(
            "{kind} takes {} hours of the vendor, {} of the partner{declared}",
            hours.vendor, hours.partner
        )
    }));
    let pages = lines.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(page).unwrap_or(1).clamp(1, pages);
    let shown: Vec<String> = lines.into_iter().skip((page - 1) * PAGE).take(PAGE).collect();
    Card {
        title: "Who may, which partners take part, and the rules".to_owned(),
        body: shown.join("\n"),
        footer: if pages > 1 { format!("page {page} of {pages}") } else { String::new() },
        ..Card::default()
    }
}

/// When fiscal years start and how they are named, with the one that `today` is in.
pub fn fiscal_year(year: FiscalYear, today: NaiveDate) -> String {
    let first = |of: i32| NaiveDate::from_ymd_opt(of, year.start_month, 1);
    let starts = first(today.year()).filter(|day| *day <= today).or_else(|| first(today.year() - 1));
    let ends = starts.and_then(|day| day.checked_add_months(Months::new(12))).and_then(|day| day.pred_opt());
    let now = match (starts, ends) {
        (Some(starts), Some(ends)) => format!(": FY{} is {starts} to {ends}", ends.year()),
        _ => String::new(),
    };
    format!(
        "Fiscal years start in {} and are named after the calendar year in which they end{now}.",
        year.month_name()
    )
}

fn single(single: SinglePartner) -> String {
    match single {
        SinglePartner { on: false, .. } => String::new(),
        SinglePartner { on: true, declared } => {
            let declared = if declared { DECLARED } else { "" };
            format!(" · a single partner, whose events the server shows{declared}")
        }
    }
}

/// What follows from declaring a single partner, or from taking that back.
pub fn single_partner(on: bool) -> &'static str {
    if on {
        "This program has a single partner: the webinars, in-person events and trade shows of its signed plans are events \
         of this server, which every member sees. I need the permission Create Events for that. A second partner can't be \
         added before you say single-partner:False."
    } else {
        "This program may have several partners: the server shows no events of campaigns any more."
    }
}

/// How a period was read, where its text could be meant by another year than it was read by; else nothing.
pub fn period_read(text: &str, period: Period, year: FiscalYear) -> String {
    let days = format!("{} to {}", period.start(), period.end());
    if is_fiscal(text) {
        return format!(
            " \"{}\" is read as {days}: fiscal years start in {} and are named after the calendar year in which they end.",
            short(text.trim(), 40),
            year.month_name()
        );
    }
    if year.start_month != 1 && is_part_of_a_year(text) {
        return format!(
            " \"{}\" is read by the calendar: {days}. For the fiscal year, which starts in {}, write FY before the year.",
            short(text.trim(), 40),
            year.month_name()
        );
    }
    String::new()
}

const DECLARED: &str = " · declared in bot.toml";

fn partner(line: &PartnerLine<'_>) -> String {
    let partner = line.partner;
    let tier = partner.tier.as_deref().map(|tier| format!(" · tier {}", short(tier, 40))).unwrap_or_default();
    format!(
        "**{}** (`{}`) · <#{}> · {}{tier}{}{}",
        short(&partner.name, 80),
        escape(&partner.key),
        partner.channel_id,
        partner.currency.code(),
        if line.archived { " · archived" } else { "" },
        if line.declared { DECLARED } else { "" },
    )
}

fn roles(view: &Overview<'_>, company: &Company) -> Vec<String> {
    let of = view.grants.iter().filter(|(grant, _)| &grant.company == company);
    let mut ids: Vec<&str> = of.map(|(grant, _)| grant.role_id.as_str()).collect();
    ids.dedup();
    ids.into_iter()
        .map(|role| {
            let own = || view.grants.iter().filter(move |(grant, _)| grant.role_id == role);
            let declared = own().any(|(_, declared)| *declared);
            let may = capabilities(own().map(|(grant, _)| *grant), view.program.currency);
            format!("• <@&{role}>: {may}{}", if declared { DECLARED } else { "" })
        })
        .collect()
}

/// Capabilities in words, with their limits.
pub fn capabilities<'a>(grants: impl Iterator<Item = &'a Grant>, currency: Currency) -> String {
    let all: Vec<String> = grants
        .map(|grant| match grant.limit {
            Limit::UpTo(minor) => {
                let limit =
                    Money::from_minor(minor, currency).map_or_else(|_| minor.to_string(), |m| m.to_string());
                format!("{} up to {limit}", grant.capability.label())
            }
            Limit::Unlimited => grant.capability.label().to_owned(),
        })
        .collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

/// A company by its name.
pub fn company(company: &Company, program: &Program, partners: &[Partner]) -> String {
    match company {
        Company::Vendor => short(&program.name, 80),
        Company::Partner(id) => {
            let partner = partners.iter().find(|partner| &partner.id == id);
            partner.map_or_else(|| "an archived partner".to_owned(), |partner| short(&partner.name, 80))
        }
    }
}

/// Asks whether to take something from a role.
pub fn confirm_remove(role: &str, what: &str, taken: &[Capability], left: &str, seen: i64) -> Card {
    let taken: Vec<&str> = taken.iter().map(|one| one.label()).collect();
    confirmation(
        "Take this away?",
        format!("<@&{role}> loses: {}.\nWhat is left to it: {left}.", taken.join(", ")),
        Button {
            id: format!("setup-drop.{what}:{role}:{seen}"),
            label: "Take it away".to_owned(),
            style: ButtonStyle::Danger,
        },
    )
}

/// What would strand if a partner were archived: what its requests hold and what its claims are owed. `None`: nothing.
pub fn stranded(held: &[(String, Money)], owed: &[(String, Money)]) -> Option<String> {
    let said = |all: &[(String, Money)], verb: &str| -> Vec<String> {
        all.iter().take(SHOWN).map(|(name, amount)| format!("{name} {verb} {amount}")).collect()
    };
    let mut all = [said(held, "holds"), said(owed, "is owed")].concat();
    let more = held.len().saturating_sub(SHOWN) + owed.len().saturating_sub(SHOWN);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    (!all.is_empty()).then(|| all.join(", "))
}

/// The most requests, and claims, that are named where they stand in the way of something.
const SHOWN: usize = 10;

/// Asks whether to archive a partner.
pub fn confirm_archive(partner: &Partner, seen: i64) -> Card {
    confirmation(
        &format!("Archive {}?", short(&partner.name, 80)),
        "Its people can ask nothing any more, its plans are no longer reviewed, nothing new happens to it. Its data \
         stays, and /partner add with the same key and again:True brings it back."
            .to_owned(),
        Button {
            id: format!("partner-archive:{}:{seen}", partner.id),
            label: "Archive".to_owned(),
            style: ButtonStyle::Danger,
        },
    )
}

fn confirmation(title: &str, body: String, button: Button) -> Card {
    Card {
        title: title.to_owned(),
        body: format!("{body}\nNothing has happened yet."),
        colour: Colour::Amber,
        buttons: vec![vec![button]],
        ..Card::default()
    }
}
