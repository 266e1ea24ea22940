//! The rules that money follows: `[[program.activity]]`, `[[program.tier]]`, `[[program.approval]]`, and the calendars of
//! companies.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono_tz::Tz;
use iso_currency::Currency;

use super::model::{Activity, Approval, Calendar, Cap, Company, DiscordId, Role, Tier};
use super::read::{Once, Spot, Table};
use super::rules::{self, Rule};
use crate::domain::activity::{Asked, MAX_DAYS, MAX_LISTED, MAX_LISTED_CHARS, MIN_CLAIM_WINDOW_DAYS, listed};
use crate::domain::approval::{MAX_RULES, MAX_STEPS};
use crate::domain::business::{DigestTime, QuietHours, WorkWeek};
use crate::domain::campaign_type::CampaignType;
use crate::domain::rulebook::{Decided, EVIDENCE_KEYS, MAX_HOLIDAYS};
use crate::domain::slug::slug;

/// What a chain's step says for anybody with the capability.
const ANYBODY: &str = "any";

/// Every campaign type with its name in `bot.toml`.
static ACTIVITY_TYPES: LazyLock<Vec<(&str, CampaignType)>> =
    LazyLock::new(|| CampaignType::ALL.iter().map(|kind| (kind.code(), *kind)).collect());

static DECIDED: LazyLock<Vec<(&str, Decided)>> =
    LazyLock::new(|| Decided::ALL.iter().map(|decided| (decided.code(), *decided)).collect());

pub(super) fn activity(table: &Table<'_>, scope: &str, money: Option<Currency>) -> Option<Activity> {
    let activity = table.required("type", &rules::one_of(&ACTIVITY_TYPES));
    if let Some(activity) = &activity {
        table.session.once(Once::Activity { program: scope.to_owned() }, activity.value.code(), activity);
    }
    let share_percent = share(table);
    let cap = table.optional("cap", &cap(money));
    let days = |key: &str, least: u32| {
        let days = table.integer(key, i64::from(least), i64::from(MAX_DAYS));
        days.and_then(|spot| u32::try_from(spot.value).ok())
    };
    let (notice_days, claim_window_days) =
        (days("notice_days", 0), days("claim_window_days", MIN_CLAIM_WINDOW_DAYS));
    let words = Rule::new(format!("one line of 1 to {MAX_LISTED_CHARS} characters"), listed);
    let eligible = some_list(table, "eligible", &words);
    let pre_approval = table.flag("pre_approval");
    let evidence = EVIDENCE_KEYS.iter().filter_map(|(slot, key)| {
        let slot = *slot;
        let expected = format!(
            "one line of 1 to {MAX_LISTED_CHARS} characters, such as \"photo\" or \"list (optional, restricted)\""
        );
        let rule = Rule::new(expected, move |text| Asked::parse(slot, text));
        Some((slot, some_list(table, key, &rule)?))
    });
    let evidence = evidence.collect();
    Some(Activity {
        activity: activity?.value,
        share_percent,
        cap: cap.map(|spot| spot.value),
        notice_days,
        claim_window_days,
        eligible,
        pre_approval: pre_approval.map(|spot| spot.value),
        evidence,
    })
}

/// The share of a cost that MDF pays.
fn share(table: &Table<'_>) -> Option<rust_decimal::Decimal> {
    let share = table.optional("share_percent", &rules::percent(0, 100));
    if let Some(share) = share.as_ref().filter(|share| share.value.is_zero()) {
        table.session.wrong(share, "0", "more than 0: an activity that MDF never pays needs no rule");
    }
    share.map(|spot| spot.value)
}

fn cap(money: Option<Currency>) -> Rule<Cap> {
    let amounts = rules::amount(money);
    Rule::new(format!("{}, or \"unlimited\"", amounts.expected), move |text| match text {
        "unlimited" => Some(Cap::Unlimited),
        amount => (amounts.parse)(amount).map(Cap::UpTo),
    })
}

/// A list that is there, if empty, or isn't.
fn some_list<T>(table: &Table<'_>, key: &str, rule: &Rule<T>) -> Option<Vec<T>> {
    let field = table.field(key)?;
    let list = table.list(key, rule);
    if list.items.len() > MAX_LISTED {
        let found = format!("{} of them", list.items.len());
        table.session.problem(&field.place, &field.path, found, format!("{MAX_LISTED} at most"));
    }
    Some(list.items.into_iter().map(|spot| spot.value).collect())
}

pub(super) fn tier(table: &Table<'_>, scope: &str, money: Option<Currency>) -> Option<Tier> {
    let key = table.required("key", &rules::key());
    if let Some(key) = &key {
        table.session.once(Once::Tier { program: scope.to_owned() }, &slug(&key.value), key);
    }
    let share_percent = share(table);
    let cap = table.optional("cap", &cap(money));
    let pre_approval = table.flag("pre_approval");
    Some(Tier {
        key: key?.value,
        share_percent,
        cap: cap.map(|spot| spot.value),
        pre_approval: pre_approval.map(|spot| spot.value),
    })
}

/// What a chain is read against.
pub(super) struct Approvals<'s> {
    pub(super) program: &'s str,
    pub(super) money: Option<Currency>,
    pub(super) guild: Option<DiscordId>,
    pub(super) roles: &'s [Role],
}

pub(super) fn approval(table: &Table<'_>, around: &Approvals<'_>) -> Option<Approval> {
    let session = table.session;
    let decided = table.required("for", &rules::one_of(&DECIDED));
    let from = table.required("from", &rules::amount_or_zero(around.money));
    if let (Some(decided), Some(from)) = (&decided, &from) {
        let program = around.program.to_owned();
        let once = Once::Approval { program, decided: decided.value.code() };
        session.once(once, &from.value.normalize().to_string(), from);
    }
    let rule = Rule::new("\"any\", or a Discord id: the digits of a role of the vendor's", |text| {
        let role = rules::discord_id();
        if text == ANYBODY { Some(None) } else { (role.parse)(text).map(Some) }
    });
    let steps = match table.field("steps") {
        None => {
            table.lacks("steps", format!("a list in brackets, of {}", rule.expected));
            None
        }
        Some(field) => {
            let steps = table.list("steps", &rule);
            if steps.whole && !(1..=MAX_STEPS).contains(&steps.items.len()) {
                let found = format!("{} steps", steps.items.len());
                session.problem(&field.place, &field.path, found, format!("1 to {MAX_STEPS} steps"));
            }
            Some(steps)
        }
    };
    for step in steps.iter().flat_map(|steps| &steps.items) {
        of_the_vendor(table, step, around);
    }
    Some(Approval {
        decided: decided?.value,
        from: from?.value,
        steps: steps?.items.into_iter().map(|spot| spot.value).collect(),
    })
}

/// A step for a partner's people, or for everybody, would be a chain that decides nothing.
fn of_the_vendor(table: &Table<'_>, step: &Spot<Option<DiscordId>>, around: &Approvals<'_>) {
    let Some(id) = step.value else { return };
    let partners = |role: &&Role| role.role_id == id && role.company != Company::Vendor;
    let found = if around.guild == Some(id) {
        "the guild's own id, which is @everyone"
    } else if around.roles.iter().any(|role| partners(&role)) {
        "a partner's role"
    } else {
        return;
    };
    table.session.wrong(step, found, "a role of the vendor's");
}

/// A program has so many chains for each of requests and claims.
pub(super) fn not_too_many(table: &Table<'_>, approvals: &[Approval]) {
    for decided in Decided::ALL {
        let count = approvals.iter().filter(|one| one.decided == decided).count();
        if count > MAX_RULES {
            let found = format!("{count} for {}", decided.code());
            table.session.problem(
                &table.place,
                &table.path_of("approval"),
                found,
                format!("{MAX_RULES} at most"),
            );
        }
    }
}

/// The calendar of a company: `work_days` and `holidays` of a table.
pub(super) fn calendar(table: &Table<'_>) -> Calendar {
    let week = Rule::new("weekdays such as \"mon-fri\" or \"sun,mon,tue\"", WorkWeek::parse);
    let week = table.optional("work_days", &week).map(|spot| spot.value);
    let holidays = table.list("holidays", &rules::date());
    if let Some(one) = holidays.items.get(MAX_HOLIDAYS) {
        let found = format!("{} holidays", holidays.items.len());
        table.session.wrong(one, found, format!("{MAX_HOLIDAYS} at most"));
    }
    let holidays: BTreeSet<_> = holidays.items.into_iter().map(|spot| spot.value).collect();
    Calendar { week, holidays }
}

/// `[program.calendar]`: the vendor's calendar, when nothing is posted, and when the digest comes.
pub(super) fn program_calendar(
    table: &Table<'_>,
    zone: Option<Tz>,
) -> (Calendar, Option<QuietHours>, Option<DigestTime>) {
    let zone = zone.unwrap_or(Tz::UTC);
    let hours = Rule::new("two different local times such as \"20:00-08:00\"", move |text| {
        QuietHours::parse(text, zone)
    });
    let quiet = table.optional("quiet_hours", &hours).map(|spot| spot.value);
    let time = Rule::new("a local time such as \"09:00\", or \"none\"", DigestTime::parse);
    let digest = table.optional("digest", &time).map(|spot| spot.value);
    (calendar(table), quiet, digest)
}
