//! What administrators read of the rules that money follows.

use super::card::{Card, Field};
use super::{escape, setup, short};
use crate::domain::activity::{ActivityRule, ActivitySetting, Asked, Cap, Slot, TierRule};
use crate::domain::approval::{Chain, ChainRule, ChainStep, Chains};
use crate::domain::business::{DigestTime, QuietHours, WorkWeek};
use crate::domain::campaign_type::CampaignType;
use crate::domain::money::Money;
use crate::domain::program::{Partner, Program};
use crate::domain::rulebook::{Decided, Kept, Rule};
use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;

/// The longest name of a tier as shown, in characters.
const TIER_CHARS: usize = 40;
/// Holidays on one line.
const DAYS_ON_A_LINE: usize = 12;

/// What a rule is about, as the subject of a sentence.
pub fn about(rule: &Rule, program: &Program, partners: &[Partner]) -> String {
    let company = |company| setup::company(company, program, partners);
    match rule {
        Rule::Activity(kind, _) => format!("The rule of {}", kind.label()),
        Rule::Tier(tier) => format!("Tier {}", short(&tier.tier, TIER_CHARS)),
        Rule::Holiday(whose, day) => format!("The holiday of {} on {day}", company(whose)),
        Rule::Week(whose, _) => format!("The working week of {}", company(whose)),
        Rule::Chain(decided, _) => format!("Who approves {}", decided.code()),
        Rule::Quiet(_) => "When nothing is posted".to_owned(),
        Rule::Digest(_) => "When the digest of open decisions comes".to_owned(),
        Rule::AutoApproveUnder(_) => "What is approved at once".to_owned(),
        Rule::EscalateAfter(_) => "When a decision is escalated".to_owned(),
    }
}

/// A rule in one line.
pub fn line(rule: &Rule, program: &Program, partners: &[Partner]) -> String {
    let company = |company| setup::company(company, program, partners);
    match rule {
        Rule::Activity(kind, said) => format!("{}: {}", kind.label(), setting(said)),
        Rule::Tier(rule) => {
            format!("Tier {}: {}", short(&rule.tier, TIER_CHARS), tier(rule))
        }
        Rule::Holiday(whose, day) => format!("Holiday of {}: {day}", company(whose)),
        Rule::Week(whose, days) => format!("{} works {}", company(whose), week(*days)),
        Rule::Chain(decided, rule) => chain_line(*decided, rule),
        Rule::Quiet(hours) => format!("Nothing is posted {}", quiet(hours)),
        Rule::Digest(time) => digest(*time),
        Rule::AutoApproveUnder(under) => {
            format!("Requests below {under} that the signed plan carries are approved at once")
        }
        Rule::EscalateAfter(days) => format!("A decision is escalated after {}", business_days(*days)),
    }
}

/// The lines of `/setup show`: every rule with where it comes from; holidays together, by company.
pub fn lines(rules: &[Kept], program: &Program, partners: &[Partner], declared: &str) -> Vec<String> {
    let mark = |kept: &Kept| if kept.declared { declared } else { "" };
    let mut lines = vec![
        "**Rules of money** · what is not listed holds as it ships; /setup activity shows all of a type"
            .to_owned(),
    ];
    let mut holidays: Vec<(String, bool, Vec<NaiveDate>)> = Vec::new();
    for kept in rules {
        let Rule::Holiday(company, day) = &kept.rule else {
            lines.push(format!("• {}{}", line(&kept.rule, program, partners), mark(kept)));
            continue;
        };
        let name = setup::company(company, program, partners);
        match holidays.iter_mut().find(|(own, declared, days)| {
            *own == name && *declared == kept.declared && days.len() < DAYS_ON_A_LINE
        }) {
            Some((_, _, days)) => days.push(*day),
            None => holidays.push((name, kept.declared, vec![*day])),
        }
    }
    lines.extend(holidays.into_iter().map(|(name, is_declared, days)| {
        format!("• Holidays of {name}: {}{}", listed_days(&days), if is_declared { declared } else { "" })
    }));
    lines
}

fn listed_days(days: &[NaiveDate]) -> String {
    days.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(", ")
}

fn percent(share: Decimal) -> String {
    format!("{} %", share.normalize())
}

fn cap(cap: Cap) -> String {
    match cap {
        Cap::Unlimited => "no cap".to_owned(),
        Cap::UpTo(cap) => format!("at most {cap}"),
    }
}

fn pre_approval(first: bool) -> &'static str {
    if first { "approved before it starts" } else { "may start before it is approved" }
}

/// A number of business days in words.
pub fn business_days(days: u32) -> String {
    if days == 1 { "1 business day".to_owned() } else { format!("{days} business days") }
}

fn calendar_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

fn setting(said: &ActivitySetting) -> String {
    let mut parts = Vec::new();
    parts.extend(said.share_percent.map(percent));
    parts.extend(said.cap.map(cap));
    parts.extend(said.notice_days.map(|days| format!("{} of notice", business_days(days))));
    parts.extend(said.claim_window_days.map(|days| format!("claims within {}", calendar_days(days))));
    parts.extend(said.pre_approval.map(|first| pre_approval(first).to_owned()));
    parts.extend(said.eligible.as_ref().map(|all| format!("eligible: {}", words(all))));
    parts.extend(said.evidence.iter().map(|(slot, all)| format!("{}: {}", slot.label(), asked(all.iter()))));
    short_line(&parts)
}

fn tier(rule: &TierRule) -> String {
    let mut parts = Vec::new();
    parts.extend(rule.share_percent.map(percent));
    parts.extend(rule.cap.map(cap));
    parts.extend(rule.pre_approval.map(|first| pre_approval(first).to_owned()));
    short_line(&parts)
}

/// The longest line of a list, in characters: twenty of them fit a card.
const LINE_CHARS: usize = 180;

fn short_line(parts: &[String]) -> String {
    crate::limits::cut(&parts.join(" · "), LINE_CHARS)
}

fn words(all: &[String]) -> String {
    if all.is_empty() {
        return "nothing".to_owned();
    }
    all.iter().map(|word| escape(word)).collect::<Vec<_>>().join("; ")
}

fn asked<'a>(all: impl Iterator<Item = &'a Asked>) -> String {
    let all: Vec<String> = all.map(Asked::written).collect();
    words(&all)
}

/// Everything that holds for an activity type, before its tier's share and cap.
pub fn activity(kind: CampaignType, rule: &ActivityRule) -> Card {
    let slot =
        |slot: Slot| Field { name: slot.label().to_owned(), value: asked(rule.asked(slot)), inline: false };
    let mut fields =
        vec![Field { name: "eligible costs".to_owned(), value: words(&rule.eligible), inline: false }];
    fields.extend(Slot::ALL.iter().map(|one| slot(*one)));
    Card {
        title: format!("{}: what holds for it", kind.label()),
        body: format!(
            "{} of the cost, {} · {} of notice · claims within {} of the end · {}",
            percent(rule.share_percent),
            rule.cap.map_or_else(|| cap(Cap::Unlimited), |most| cap(Cap::UpTo(most))),
            business_days(rule.notice_days),
            calendar_days(rule.claim_window_days),
            pre_approval(rule.pre_approval)
        ),
        footer: "A partner's tier fills in share, cap and approval where this type is not given its own."
            .to_owned(),
        fields,
        ..Card::default()
    }
}

/// The same with the tier's share and cap in it, for the partner that they hold for.
pub fn for_partner(kind: CampaignType, rule: &ActivityRule, partner: &Partner) -> Card {
    Card {
        title: format!("{}: what holds for {}", kind.label(), short(&partner.name, 80)),
        footer: "One file for each kind of proof is enough unless it names people; the vendor decides whether it proves."
            .to_owned(),
        ..activity(kind, rule)
    }
}

fn week(week: WorkWeek) -> String {
    if week == WorkWeek::default() { "mon-fri".to_owned() } else { week.code() }
}

fn quiet(hours: &QuietHours) -> String {
    hours.code().replacen('-', " to ", 1)
}

/// What `/setup holiday` answers.
pub fn holidays_changed(name: &str, days: &[NaiveDate], removed: bool) -> String {
    let which = match days {
        [one] => one.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    };
    if removed {
        format!("{which} is no holiday of {name} any more.")
    } else {
        format!("{which} is a holiday of {name}: it does not count as a business day.")
    }
}

fn digest(time: DigestTime) -> String {
    match time.time() {
        Some(_) => format!("The digest of open decisions comes at {}", time.code()),
        None => "No digest of open decisions is posted".to_owned(),
    }
}

/// What `/setup hours` answers; of the digest only where somebody has said when it comes.
pub fn hours_now(
    name: &str,
    days: WorkWeek,
    (hours, said): (Option<QuietHours>, Option<DigestTime>),
    zone: Tz,
) -> String {
    let posts = match hours {
        Some(hours) => format!("nothing is posted {} ({})", quiet(&hours), zone.name()),
        None => "posts go out at any hour".to_owned(),
    };
    let said = said.map(|time| format!(" {}.", digest(time))).unwrap_or_default();
    format!("{name} works {}; {posts}.{said}", week(days))
}

fn step(step: &ChainStep) -> String {
    match &step.role_id {
        Some(role) => format!("<@&{role}>"),
        None => "anybody who may".to_owned(),
    }
}

/// The steps of a chain in words.
pub fn chain(steps: &[ChainStep]) -> String {
    let all: Vec<String> = steps.iter().map(step).collect();
    format!("{} {}: {}", all.len(), if all.len() == 1 { "step" } else { "steps" }, all.join(", then "))
}

fn chain_line(decided: Decided, rule: &ChainRule) -> String {
    format!("{} from {}: {}", capital(decided), rule.from, chain(&rule.steps))
}

fn capital(decided: Decided) -> &'static str {
    match decided {
        Decided::Requests => "Requests",
        Decided::Claims => "Claims",
    }
}

/// What `/setup approval` answers: how one kind of decision is taken now.
pub fn chains_now(decided: Decided, chains: &Chains) -> String {
    let rules = match decided {
        Decided::Requests => &chains.requests,
        Decided::Claims => &chains.claims,
    };
    let mut lines: Vec<String> = Vec::new();
    if rules.iter().all(|rule| rule.from.minor() > 0) {
        let below = rules.first().map(|rule| format!(" below {}", rule.from)).unwrap_or_default();
        lines.push(format!("{}{below}: {}", capital(decided), chain(&Chain::default().steps)));
    }
    lines.extend(rules.iter().map(|rule| chain_line(decided, rule)));
    if decided == Decided::Requests {
        lines.extend(chains.auto_approve_under.map(at_once));
    }
    lines.push(format!(
        "A waiting decision is reminded of after {}, escalated after {}",
        business_days(chains.remind_after_days()),
        business_days(chains.escalate_after_days)
    ));
    lines.iter().map(|line| format!("{line}.")).collect::<Vec<_>>().join("\n")
}

fn at_once(under: Money) -> String {
    format!("Requests below {under} that the signed plan carries are approved at once")
}
