//! The rules that money follows, set in chat beside those that `bot.toml` declares, which nobody changes here.

use super::{company_named, declared};
use crate::domain::activity::{
    ActivitySetting, Asked, Cap, MAX_DAYS, MAX_LISTED, MAX_LISTED_CHARS, MIN_CLAIM_WINDOW_DAYS, Slot,
    TierRule, listed,
};
use crate::domain::actor::Company;
use crate::domain::approval::{ChainRule, ChainStep, MAX_RULES, MAX_STEPS};
use crate::domain::business::{DigestTime, QuietHours, WorkWeek};
use crate::domain::campaign_type::CampaignType;
use crate::domain::command::setup::{ActivityWish, ApprovalWish, HolidayWish, HoursWish, TierWish};
use crate::domain::day::parse_day;
use crate::domain::money::{Money, parse_amount_in};
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{Decided, MAX_HOLIDAYS, Rule, Rulebook};
use crate::domain::slug::slug;
use crate::domain::unseen::is_blank;
use crate::flow::plan::percent;
use crate::flow::{Reply, Step, Stop, unreadable};
use crate::store::{Tx, rules};
use crate::text;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// What takes a value back to what holds without it.
const DEFAULT: &str = "default";
/// The longest name of a tier, in characters.
const TIER_CHARS: usize = 40;
/// The most days of one holiday.
const HOLIDAY_DAYS: i64 = 31;
/// The longest that a decision may wait before it is escalated, in business days.
const MOST_DAYS_WAITED: u32 = 30;

/// A change of the rules, with what they were.
struct Change<'a> {
    step: &'a Step<'a>,
    book: Rulebook,
}

impl<'a> Change<'a> {
    async fn begin(step: &'a Step<'a>, tx: &mut Tx) -> Result<Self, Stop> {
        Ok(Self { step, book: rules::rulebook(tx, &step.context.program).await? })
    }

    fn is_free(&self, rule: &Rule) -> Result<(), Refusal> {
        if self.book.is_declared(rule) {
            let context = self.step.context;
            return Err(declared(&text::rules::about(rule, &context.program, &context.partners)));
        }
        Ok(())
    }

    async fn set(&self, tx: &mut Tx, rule: &Rule) -> Result<(), Stop> {
        self.is_free(rule)?;
        rules::put(tx, &self.step.context.program.id, rule, false).await?;
        Ok(self.step.audit(tx, None, "rule_set", &rule.item(), rule.detail()).await?)
    }

    /// Takes the rule away about which `rule` is.
    async fn unset(&self, tx: &mut Tx, rule: &Rule) -> Result<(), Stop> {
        self.is_free(rule)?;
        let Some(kept) = self.book.about(rule) else {
            let context = self.step.context;
            return Err(Refusal::wrong_state(
                format!("{} is not set.", text::rules::about(rule, &context.program, &context.partners)),
                "See what is set with /setup show.",
            )
            .into());
        };
        rules::remove(tx, &self.step.context.program.id, &kept.rule, false).await?;
        Ok(self.step.audit(tx, None, "rule_removed", &rule.item(), kept.rule.detail()).await?)
    }
}

/// A value as it is to be: as it was, taken back, or read anew.
fn value<T>(
    said: Option<&str>,
    before: Option<T>,
    read: impl FnOnce(&str) -> Result<T, Refusal>,
) -> Result<Option<T>, Refusal> {
    match said.map(str::trim) {
        None => Ok(before),
        Some(word) if word.eq_ignore_ascii_case(DEFAULT) => Ok(None),
        Some(text) => read(text).map(Some),
    }
}

fn share(text: &str) -> Result<Decimal, Refusal> {
    let share = percent(text)?.normalize();
    if share.scale() > 2 {
        return Err(Refusal::bad_input(
            "A share has at most two decimals.",
            "Give one such as 50% or 33.33%.",
        ));
    }
    Ok(share)
}

fn positive(step: &Step<'_>, text: &str, hint: &str) -> Result<Money, Refusal> {
    let amount = parse_amount_in(text, step.context.program.currency);
    let amount = amount.map_err(|error| unreadable(&error, hint))?;
    if amount.is_zero() {
        return Err(Refusal::bad_input("The amount must be above zero.", hint));
    }
    Ok(amount)
}

fn cap(step: &Step<'_>, text: &str) -> Result<Cap, Refusal> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Cap::Unlimited);
    }
    positive(step, text, "Give an amount such as 20k, unlimited, or default.").map(Cap::UpTo)
}

fn days(text: &str, least: u32, most: u32) -> Result<u32, Refusal> {
    let number = text.parse().ok().filter(|days| (least..=most).contains(days));
    number.ok_or_else(|| {
        Refusal::bad_input(
            "That is no number of days that I can use.",
            format!("Give a whole number from {least} to {most}, or default."),
        )
    })
}

fn yes_or_no(text: &str) -> Result<bool, Refusal> {
    match text.to_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Refusal::bad_input("That is neither yes nor no.", "Say yes, no or default.")),
    }
}

/// A list written in one line, with semicolons between; `none` is an empty one.
fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    let parts: Vec<&str> = text.split(';').map(str::trim).filter(|part| !is_blank(part)).collect();
    let all: Option<Vec<T>> = parts.iter().map(|part| read(part)).collect();
    all.filter(|all| (1..=MAX_LISTED).contains(&all.len())).ok_or_else(|| {
        Refusal::bad_input(
            format!("That is no list of up to {MAX_LISTED} entries of at most {MAX_LISTED_CHARS} characters."),
            "Put a semicolon between them, such as: invoice; photo (optional); attendee list (restricted). Or say none or default.",
        )
    })
}

fn kind(text: &str) -> Result<CampaignType, Refusal> {
    CampaignType::parse(text)
        .ok_or_else(|| Refusal::bad_input("There is no such type of campaign.", "Pick one from the list."))
}

pub(super) async fn activity(step: &Step<'_>, tx: &mut Tx, wish: &ActivityWish) -> Result<Reply, Stop> {
    let change = Change::begin(step, tx).await?;
    let kind = kind(&wish.kind)?;
    let before = change.book.setting(kind).cloned().unwrap_or_default();
    let after =
        if wish.reset { ActivitySetting::default() } else { activity_after(step, wish, before.clone())? };
    let rule = Rule::Activity(kind, after);
    if wish.reset
        || (rule == Rule::Activity(kind, ActivitySetting::default()) && before != ActivitySetting::default())
    {
        change.unset(tx, &rule).await?;
    } else if rule != Rule::Activity(kind, before) {
        change.set(tx, &rule).await?;
    }
    let now = rules::rulebook(tx, &step.context.program).await?.activity(kind, None);
    Ok(Reply::card("", text::rules::activity(kind, &now)))
}

fn activity_after(
    step: &Step<'_>,
    wish: &ActivityWish,
    mut setting: ActivitySetting,
) -> Result<ActivitySetting, Refusal> {
    setting.share_percent = value(wish.share.as_deref(), setting.share_percent, share)?;
    setting.cap = value(wish.cap.as_deref(), setting.cap, |text| cap(step, text))?;
    setting.notice_days = value(wish.notice.as_deref(), setting.notice_days, |text| days(text, 0, MAX_DAYS))?;
    setting.claim_window_days = value(wish.claim_window.as_deref(), setting.claim_window_days, |text| {
        days(text, MIN_CLAIM_WINDOW_DAYS, MAX_DAYS)
    })?;
    setting.pre_approval = value(wish.pre_approval.as_deref(), setting.pre_approval, yes_or_no)?;
    setting.eligible = value(wish.eligible.as_deref(), setting.eligible, |text| list(text, listed))?;
    let said = [(Slot::Cost, &wish.cost), (Slot::Execution, &wish.execution), (Slot::Results, &wish.results)];
    for (slot, said) in said {
        let before = setting.evidence.remove(&slot);
        let now = value(said.as_deref(), before, |text| list(text, |part| Asked::parse(slot, part)))?;
        setting.evidence.extend(now.map(|now| (slot, now)));
    }
    Ok(setting)
}

pub(super) async fn tier(step: &Step<'_>, tx: &mut Tx, wish: &TierWish) -> Result<Reply, Stop> {
    let change = Change::begin(step, tx).await?;
    let name = wish.tier.trim();
    if slug(name).is_empty() || name.chars().count() > TIER_CHARS || name.chars().any(char::is_control) {
        let sentence = format!("A tier's name has letters or digits, and at most {TIER_CHARS} characters.");
        return Err(Refusal::bad_input(sentence, "Say it as the partners have it, such as gold.").into());
    }
    let empty = TierRule { tier: name.to_owned(), share_percent: None, cap: None, pre_approval: None };
    let before = change.book.tier(name).cloned().unwrap_or_else(|| empty.clone());
    let after = TierRule {
        tier: before.tier.clone(),
        share_percent: value(wish.share.as_deref(), before.share_percent, share)?,
        cap: value(wish.cap.as_deref(), before.cap, |text| cap(step, text))?,
        pre_approval: value(wish.pre_approval.as_deref(), before.pre_approval, yes_or_no)?,
    };
    let silent =
        |rule: &TierRule| rule.share_percent.is_none() && rule.cap.is_none() && rule.pre_approval.is_none();
    if wish.remove || (silent(&after) && !silent(&before)) {
        change.unset(tx, &Rule::Tier(empty)).await?;
        return Ok(Reply::text(format!(
            "Tier {} has nothing of its own any more: its partners get what the activity types say.",
            text::short(&before.tier, TIER_CHARS)
        )));
    }
    if silent(&after) {
        let sentence = "Nothing is said of that tier.";
        return Err(
            Refusal::bad_input(sentence, "Say a share, a cap, or whether approval comes first.").into()
        );
    }
    let rule = Rule::Tier(after);
    change.set(tx, &rule).await?;
    Ok(said(step, &rule))
}

/// A rule as it is now, in a sentence.
fn said(step: &Step<'_>, rule: &Rule) -> Reply {
    Reply::text(text::rules::line(rule, &step.context.program, &step.context.partners))
}

pub(super) async fn holiday(step: &Step<'_>, tx: &mut Tx, wish: &HolidayWish) -> Result<Reply, Stop> {
    let change = Change::begin(step, tx).await?;
    let company = company(step, wish.company.as_deref())?;
    let days = holiday_days(step, wish)?;
    if wish.remove {
        for day in &days {
            change.unset(tx, &Rule::Holiday(company.clone(), *day)).await?;
        }
    } else {
        let new: Vec<Rule> = days.iter().map(|day| Rule::Holiday(company.clone(), *day)).collect();
        let calendar = change.book.calendar(&company, step.context.program.zone);
        let fresh = days.iter().filter(|day| !calendar.holidays.contains(day)).count();
        if calendar.holidays.len() + fresh > MAX_HOLIDAYS {
            let sentence = format!("A company has at most {MAX_HOLIDAYS} holidays.");
            return Err(Refusal::wrong_state(sentence, "Remove those that are over first.").into());
        }
        for rule in &new {
            change.set(tx, rule).await?;
        }
    }
    let context = step.context;
    let name = text::setup::company(&company, &context.program, &context.partners);
    Ok(Reply::text(text::rules::holidays_changed(&name, &days, wish.remove)))
}

fn company(step: &Step<'_>, said: Option<&str>) -> Result<Company, Refusal> {
    said.map_or(Ok(Company::Vendor), |word| company_named(step.context, word))
}

fn holiday_days(step: &Step<'_>, wish: &HolidayWish) -> Result<Vec<NaiveDate>, Refusal> {
    let today = step.today();
    let read = |text: &str| parse_day(text, today).map_err(|error| unreadable(&error, ""));
    let first = read(&wish.day)?;
    let last = wish.until.as_deref().map_or(Ok(first), read)?;
    if !(0..HOLIDAY_DAYS).contains(&(last - first).num_days()) {
        return Err(Refusal::bad_input(
            format!("From {first} to {last} is no holiday."),
            format!("The last day is not before the first, and they are at most {HOLIDAY_DAYS} days."),
        ));
    }
    Ok(first.iter_days().take_while(|day| *day <= last).collect())
}

pub(super) async fn hours(step: &Step<'_>, tx: &mut Tx, wish: &HoursWish) -> Result<Reply, Stop> {
    let change = Change::begin(step, tx).await?;
    let program = &step.context.program;
    if wish.work_days.is_none() && wish.quiet.is_none() && wish.digest.is_none() {
        return Err(Refusal::bad_input(
            "Nothing is said of any hours.",
            "Say work-days such as mon-fri, quiet such as 20:00-08:00, or digest such as 09:00.",
        )
        .into());
    }
    let company = company(step, wish.company.as_deref())?;
    if let Some(text) = wish.work_days.as_deref() {
        let week = value(Some(text), None, |text| {
            WorkWeek::parse(text).ok_or_else(|| {
                Refusal::bad_input("Those are no weekdays.", "Write mon-fri, or sun,mon,tue, or default.")
            })
        })?;
        let rule = Rule::Week(company.clone(), week.unwrap_or_default());
        match week {
            Some(_) => change.set(tx, &rule).await?,
            None => change.unset(tx, &rule).await?,
        }
    }
    if let Some(text) = wish.quiet.as_deref() {
        quiet(&change, tx, text.trim()).await?;
    }
    if let Some(text) = wish.digest.as_deref() {
        let read = value(Some(text), None, |text| {
            let hint = "Write a time of the day such as 09:00, or none, or default.";
            DigestTime::parse(text).ok_or_else(|| Refusal::bad_input("That is no time for the digest.", hint))
        })?;
        match read {
            Some(time) => change.set(tx, &Rule::Digest(time)).await?,
            None => change.unset(tx, &Rule::Digest(DigestTime::default())).await?,
        }
    }
    let now = rules::rulebook(tx, program).await?;
    let name = text::setup::company(&company, program, &step.context.partners);
    let week = now.calendar(&company, program.zone).week;
    let hours = (now.quiet_hours(), now.digest());
    Ok(Reply::text(text::rules::hours_now(&name, week, hours, program.zone)))
}

async fn quiet(change: &Change<'_>, tx: &mut Tx, text: &str) -> Result<(), Stop> {
    let off = [DEFAULT, "none"].iter().any(|word| text.eq_ignore_ascii_case(word));
    match (off, QuietHours::parse(text, change.step.context.program.zone)) {
        (false, Some(hours)) => change.set(tx, &Rule::Quiet(hours)).await,
        (false, None) => {
            let hint = "Write two different times of the day such as 20:00-08:00, or none.";
            Err(Refusal::bad_input("Those are no quiet hours.", hint).into())
        }
        (true, _) => match change.book.quiet_hours() {
            Some(hours) => change.unset(tx, &Rule::Quiet(hours)).await,
            None => Err(Refusal::wrong_state("There are no quiet hours.", "").into()),
        },
    }
}

pub(super) async fn approval(step: &Step<'_>, tx: &mut Tx, wish: &ApprovalWish) -> Result<Reply, Stop> {
    let change = Change::begin(step, tx).await?;
    let decided = Decided::parse(&wish.decided)
        .ok_or_else(|| Refusal::bad_input("Chains are for requests or claims.", "Pick one from the list."))?;
    let about_chain =
        wish.from.is_some() || wish.steps.is_some() || wish.remove || wish.roles.iter().any(Option::is_some);
    if about_chain {
        chain(&change, tx, decided, wish).await?;
    }
    if let Some(text) = wish.auto_under.as_deref() {
        if decided != Decided::Requests {
            let sentence = "Claims are never approved at once: their evidence has to be looked at.";
            return Err(Refusal::bad_input(sentence, "auto-under is for requests.").into());
        }
        let off = text.trim().eq_ignore_ascii_case("none");
        let hint = "Give an amount such as 500, or none.";
        let under = if off { None } else { value(Some(text), None, |text| positive(step, text, hint))? };
        let rule = Rule::AutoApproveUnder(under.unwrap_or(Money::zero(step.context.program.currency)));
        match under {
            Some(_) => change.set(tx, &rule).await?,
            None => change.unset(tx, &rule).await?,
        }
    }
    if let Some(text) = wish.escalate_after.as_deref() {
        let after = value(Some(text), None, |text| days(text, 1, MOST_DAYS_WAITED))?;
        let rule = Rule::EscalateAfter(after.unwrap_or_default());
        match after {
            Some(_) => change.set(tx, &rule).await?,
            None => change.unset(tx, &rule).await?,
        }
    }
    let now = rules::rulebook(tx, &step.context.program).await?.chains();
    Ok(Reply::text(text::rules::chains_now(decided, &now)))
}

async fn chain(change: &Change<'_>, tx: &mut Tx, decided: Decided, wish: &ApprovalWish) -> Result<(), Stop> {
    let step = change.step;
    let from = match wish.from.as_deref() {
        None => Money::zero(step.context.program.currency),
        Some(text) => {
            let amount = parse_amount_in(text, step.context.program.currency);
            amount.map_err(|error| unreadable(&error, "Give an amount such as 10k."))?
        }
    };
    if wish.remove {
        let rule = Rule::Chain(decided, ChainRule { from, steps: Vec::new() });
        return change.unset(tx, &rule).await;
    }
    let rule = Rule::Chain(decided, ChainRule { from, steps: steps(step, wish)? });
    let chains = change.book.chains();
    let own = if decided == Decided::Requests { &chains.requests } else { &chains.claims };
    if change.book.about(&rule).is_none() && own.len() >= MAX_RULES {
        let sentence = format!("There are {MAX_RULES} chains for {} already.", decided.code());
        return Err(Refusal::wrong_state(sentence, "Remove one first, with remove:True.").into());
    }
    change.set(tx, &rule).await
}

/// The steps as said: how many, and the role that takes each, where one is named.
fn steps(step: &Step<'_>, wish: &ApprovalWish) -> Result<Vec<ChainStep>, Refusal> {
    let named = wish.roles.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    let count = wish.steps.map_or(Ok(named.max(1)), usize::try_from).unwrap_or(0);
    if !(named.max(1)..=MAX_STEPS).contains(&count) {
        return Err(Refusal::bad_input(
            format!("A chain has 1 to {MAX_STEPS} steps, and one for each role that is named."),
            "Say how many in the option steps.",
        ));
    }
    let context = step.context;
    let of_a_partner = |role: &String| {
        let grants = context.grants();
        grants.iter().any(|grant| &grant.role_id == role && grant.company != Company::Vendor)
    };
    if let Some(role) =
        wish.roles.iter().flatten().find(|role| **role == context.program.guild_id || of_a_partner(role))
    {
        return Err(Refusal::bad_input(
            format!("<@&{role}> can't take a step: money is decided by the vendor's people."),
            "Pick a role that only they have.",
        ));
    }
    let role = |index: usize| wish.roles.get(index).cloned().flatten();
    Ok((0..count).map(|index| ChainStep { role_id: role(index) }).collect())
}
