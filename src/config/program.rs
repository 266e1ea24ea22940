//! `[[program]]` and what belongs to it: roles, partners, funds, activity rules.
//!
//! Isolation starts here: no channel, role or guild may serve two companies, and the vendor's channel may not be one
//! that a partner reads.

use crate::domain::actor::{Capability, Side};
use crate::domain::campaign::read::MAX_EFFORT_HOURS;
use crate::domain::campaign_type::CampaignType;
use crate::domain::capacity::usual_effort;
use crate::domain::fund::FundKind;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use iso_currency::Currency;
use rust_decimal::Decimal;

use super::capability::{BUNDLES, Bundle, CAPABILITIES, Capabilities, suits as suits_side};
use super::model::{
    ApprovalLimit, CarryLimit, CarryOver, Company, DiscordId, Effort, Fund, Partner, Program, Role,
    Thresholds,
};
use super::money_rules;
use super::read::{Once, Spot, Table, quoted};
use super::rules::{self, Rule};
use super::source::{Surroundings, source};

/// What `role.company` says for the vendor's own people; so no partner may be called that.
const VENDOR: &str = "vendor";
/// From this amount the approver retypes it, unless the program says another.
const CONFIRM_FROM: i64 = 10_000;
/// The longest that a decision may wait before it is escalated, in business days.
const MOST_DAYS_WAITED: i64 = 30;

pub(super) fn program(table: &Table<'_>, public_url: bool) -> Option<Program> {
    let session = table.session;
    let key = table.required("key", &rules::key());
    let name = table.required("name", &rules::name());
    let guild_id = table.required("guild_id", &rules::discord_id());
    let time_zone = table.required("time_zone", &rules::time_zone());
    let currency = table.required("currency", &rules::currency());
    let approvals_channel = table.required("approvals_channel", &rules::discord_id());
    if let Some(key) = &key {
        session.once(Once::Program, &key.value, key);
    }
    if let Some(guild) = &guild_id {
        session.once(Once::Guild, &guild.value.to_string(), guild);
    }
    // Declared before the partners' channels: a partner's channel that is this one would show it all approvals.
    if let Some(channel) = &approvals_channel {
        session.once(Once::Channel, &channel.value.to_string(), channel);
    }
    // A program whose key can't be read still keeps its own names apart from those of others.
    let scope = key.as_ref().map_or_else(|| format!("{:?}", table.place), |key| key.value.clone());
    let money = currency.as_ref().map(|currency| currency.value);
    let confirm_from = table.optional("confirm_from", &rules::amount_or_zero(money));
    let fiscal_year_start = table.integer("fiscal_year_start", 1, 12);
    let single_partner = table.flag("single_partner");
    let thresholds = table.section("thresholds", thresholds);

    let mut partner_keys = BTreeSet::new();
    let partners = table.each("partner", |entry| partner(entry, &scope, &mut partner_keys));
    alone_if_single(table, single_partner.as_ref(), partner_keys.len());
    let guild = guild_id.as_ref().map(|guild| guild.value);
    let roles = table.each("role", |entry| role(entry, &partner_keys, guild, money));
    let funds = funds(table, &scope, &partner_keys, money);
    let activities = table.each("activity", |entry| money_rules::activity(entry, &scope, money));
    let tiers = table.each("tier", |entry| money_rules::tier(entry, &scope, money));
    let around = money_rules::Approvals { program: &scope, money, guild, roles: &roles };
    let approvals = table.each("approval", |entry| money_rules::approval(entry, &around));
    money_rules::not_too_many(table, &approvals);
    let auto_approve_under = table.optional("auto_approve_under", &rules::amount(money));
    let escalate = table.integer("escalate_after_days", 1, MOST_DAYS_WAITED);
    let zone = time_zone.as_ref().map(|zone| zone.value);
    let (calendar, quiet_hours, digest) =
        table.section("calendar", |calendar| money_rules::program_calendar(calendar, zone));
    let efforts = table.each("effort", |entry| effort(entry, &scope));
    let around = Surroundings { program: &scope, partners: &partner_keys, public_url };
    let sources = table.each("source", |entry| source(entry, &around));
    Some(Program {
        key: key?.value,
        name: name?.value,
        guild_id: guild_id?.value,
        time_zone: time_zone?.value,
        currency: currency?.value,
        approvals_channel: approvals_channel?.value,
        confirm_from: confirm_from.map_or(Decimal::from(CONFIRM_FROM), |spot| spot.value),
        fiscal_year_start: fiscal_year_start.and_then(|spot| u32::try_from(spot.value).ok()),
        single_partner: single_partner.map(|spot| spot.value),
        thresholds,
        roles,
        partners,
        funds,
        activities,
        tiers,
        approvals,
        auto_approve_under: auto_approve_under.map(|spot| spot.value),
        escalate_after_days: escalate.and_then(|spot| u32::try_from(spot.value).ok()),
        calendar,
        quiet_hours,
        digest,
        efforts,
        sources,
    })
}

/// What one partner plans must not become an event that another sees.
fn alone_if_single(table: &Table<'_>, single: Option<&Spot<bool>>, partners: usize) {
    if let Some(single) = single.filter(|single| single.value && partners > 1) {
        let expected = "one [[program.partner]] at most, or false: every partner would see the events";
        table.session.wrong(single, format!("true, and {partners} partners"), expected);
    }
}

fn thresholds(table: &Table<'_>) -> Thresholds {
    let read = |key: &str, least: i64, most: i64, default: i64| {
        let written = table.optional(key, &rules::percent(least, most));
        let value = written.as_ref().map_or(Decimal::from(default), |spot| spot.value);
        (value, written)
    };
    let (green, green_at) = read("green", -100, 0, -10);
    let (amber, amber_at) = read("amber", -100, 0, -25);
    let (spend_amber, spend_amber_at) = read("spend_amber", 0, 1000, 10);
    let (spend_red, spend_red_at) = read("spend_red", 0, 1000, 20);
    let (grey_under, _) = read("grey_under", 0, 100, 10);
    if amber > green
        && let Some(at) = amber_at.as_ref().or(green_at.as_ref())
    {
        table.session.wrong(at, format!("amber {amber}, green {green}"), "amber at or below green");
    }
    if spend_amber > spend_red
        && let Some(at) = spend_red_at.as_ref().or(spend_amber_at.as_ref())
    {
        let found = format!("spend_amber {spend_amber}, spend_red {spend_red}");
        table.session.wrong(at, found, "spend_red at or above spend_amber");
    }
    Thresholds { green, amber, spend_amber, spend_red, grey_under }
}

/// Adds the partner's key to `keys` even if the rest of it is wrong, so that what refers to it isn't blamed too.
fn partner(table: &Table<'_>, scope: &str, keys: &mut BTreeSet<String>) -> Option<Partner> {
    let session = table.session;
    let key = table.required("key", &rules::key());
    if let Some(key) = &key {
        if key.value == VENDOR {
            session.wrong(key, quoted(VENDOR), "another key: this word means the vendor in a role's company");
        } else {
            keys.insert(key.value.clone());
        }
        session.once(Once::Partner { program: scope.to_owned() }, &key.value, key);
    }
    // A key of the wrong form is told of once; what refers to it by the same text isn't wrong too.
    let written = table.field("key").and_then(|field| field.raw.text(false));
    keys.extend(written.filter(|_| key.is_none()).map(|text| text.to_ascii_lowercase()));
    let name = table.required("name", &rules::name());
    let channel = table.required("channel", &rules::discord_id());
    if let Some(channel) = &channel {
        session.once(Once::Channel, &channel.value.to_string(), channel);
    }
    let tier = table.optional("tier", &rules::key());
    let currency = table.optional("currency", &rules::currency());
    let calendar = money_rules::calendar(table);
    Some(Partner {
        key: key?.value,
        name: name?.value,
        channel: channel?.value,
        tier: tier.map(|spot| spot.value),
        currency: currency.map(|spot| spot.value),
        calendar,
    })
}

fn role(
    table: &Table<'_>,
    partners: &BTreeSet<String>,
    guild: Option<DiscordId>,
    money: Option<Currency>,
) -> Option<Role> {
    let session = table.session;
    let role_id = table.required("role_id", &rules::discord_id());
    if let Some(role) = &role_id {
        if Some(role.value) == guild {
            // Discord gives this id to the role that everybody in the guild has.
            session.wrong(
                role,
                "the guild's own id, which is @everyone",
                "a role that only this company's people have",
            );
        }
        session.once(Once::Role, &role.value.to_string(), role);
    }
    let company = table.required("company", &company(partners));
    let bundles = table.list("bundles", &rules::one_of(BUNDLES));
    let single = table.list("capabilities", &rules::one_of(&CAPABILITIES));

    let whose = company.as_ref().map(|company| &company.value);
    let may = |spot: &&Spot<Bundle>| suits(table, whose, spot, spot.value.name(), BUNDLES, bundle_suits);
    let suitable: Vec<_> = bundles.items.iter().filter(may).collect();
    let may =
        |spot: &&Spot<Capability>| suits(table, whose, spot, spot.value.code(), &CAPABILITIES, can_have);
    let suitable_single: Vec<_> = single.items.iter().filter(may).collect();
    let mut capabilities: Capabilities = suitable_single.iter().map(|spot| spot.value).collect();
    capabilities.extend(suitable.iter().flat_map(|spot| spot.value.capabilities()));

    let all = bundles.whole && single.whole;
    let all = all && suitable.len() == bundles.items.len() && suitable_single.len() == single.items.len();
    let granted = |capability| match capabilities.contains(&capability) {
        true => Some(true),
        false => all.then_some(false),
    };
    let mdf = approval_limit(table, "approve_mdf", granted(Capability::ApproveMdf), money);
    let claims = approval_limit(table, "approve_claims", granted(Capability::ApproveClaims), money);
    Some(Role {
        role_id: role_id?.value,
        company: company?.value,
        bundles: bundles.items.into_iter().map(|spot| spot.value).collect(),
        capabilities,
        approve_mdf_limit: mdf,
        approve_claims_limit: claims,
    })
}

fn company(partners: &BTreeSet<String>) -> Rule<Company> {
    let known = partners.clone();
    let mut choices: Vec<String> = partners.iter().cloned().collect();
    choices.push(VENDOR.to_owned());
    let parse = move |text: &str| match text {
        VENDOR => Some(Company::Vendor),
        partner => known.get(partner).cloned().map(Company::Partner),
    };
    Rule { choices, refers: true, ..Rule::new("\"vendor\" or the key of a declared partner", parse) }
}

fn bundle_suits(bundle: Bundle, company: &Company) -> bool {
    bundle.is_partners() == matches!(company, Company::Partner(_))
}

fn can_have(capability: Capability, company: &Company) -> bool {
    let side = if *company == Company::Vendor { Side::Vendor } else { Side::Partner };
    suits_side(capability, side)
}

/// Whether this company's people may have a bundle or capability; if not, that is told. An unknown company has been
/// told of, and what its role may have is left open.
fn suits<T: Copy>(
    table: &Table<'_>,
    company: Option<&Company>,
    spot: &Spot<T>,
    name: &str,
    all: &[(&str, T)],
    may: fn(T, &Company) -> bool,
) -> bool {
    let Some(company) = company.filter(|company| !may(spot.value, company)) else { return true };
    let allowed: Vec<&str> =
        all.iter().filter(|(_, other)| may(*other, company)).map(|(name, _)| *name).collect();
    let whose = if *company == Company::Vendor { "vendor" } else { "partner" };
    table.session.wrong(
        spot,
        quoted(name),
        format!("what a {whose}'s role may have: {}", allowed.join(", ")),
    );
    false
}

/// A limit belongs to its capability: an approver without one would be a guess, a limit without a right an error.
/// `granted` is absent where it can't be told, because some of the role's capabilities couldn't be read.
fn approval_limit(
    table: &Table<'_>,
    capability: &str,
    granted: Option<bool>,
    money: Option<Currency>,
) -> Option<ApprovalLimit> {
    let key = format!("{capability}_limit");
    let amounts = rules::amount(money);
    let expected = format!("{}, or \"unlimited\"", amounts.expected);
    let rule = Rule::new(expected, move |text| match text {
        "unlimited" => Some(ApprovalLimit::Unlimited),
        amount => (amounts.parse)(amount).map(ApprovalLimit::UpTo),
    });
    if granted == Some(true) {
        return table.required(&key, &rule).map(|spot| spot.value);
    }
    if let Some(spot) = table.optional(&key, &rule)
        && granted == Some(false)
    {
        let found = "a limit for something that the role may not do";
        table.session.wrong(&spot, found, format!("{capability} among its capabilities, or no limit"));
    }
    None
}

/// The most months that an accrued credit lasts.
const MAX_CREDIT_MONTHS: i64 = 120;

/// Where a fund says what has to fit to the other funds.
struct FundSpots {
    name: Spot<String>,
    carry_over: Option<Spot<CarryOver>>,
}

fn fund(
    table: &Table<'_>,
    scope: &str,
    partners: &BTreeSet<String>,
    money: Option<Currency>,
) -> Option<(Fund, FundSpots)> {
    static KINDS: LazyLock<Vec<(&str, FundKind)>> =
        LazyLock::new(|| FundKind::ALL.iter().map(|kind| (kind.code(), *kind)).collect());
    let session = table.session;
    let key = table.required("key", &rules::key());
    if let Some(key) = &key {
        session.once(Once::Fund { program: scope.to_owned() }, &key.value, key);
    }
    let name = table.required("name", &rules::name());
    let kind = table.required("kind", &rules::one_of(&KINDS));
    let currency = match table.field("currency") {
        None => money,
        Some(field) => session.parse(&field, &rules::currency()).map(|spot| spot.value),
    };
    let accrual_percent = table.optional("accrual_percent", &rules::percent(0, 100));
    let credit_months = table.integer("credit_months", 1, MAX_CREDIT_MONTHS);
    let discretionary = kind.as_ref().is_some_and(|kind| kind.value == FundKind::Mdf);
    for spot in accrual_percent.iter().filter(|_| discretionary) {
        session.wrong(spot, "a rate of a fund that accrues nothing", "kind = \"co_op\"");
    }
    // A fund that accrues may begin with nothing.
    let amount = match &accrual_percent {
        Some(_) if table.field("amount").is_none() => Some(Decimal::ZERO),
        _ => table.required("amount", &rules::amount(currency)).map(|spot| spot.value),
    };
    let valid_from = table.required("valid_from", &rules::date());
    let valid_until = table.required("valid_until", &rules::date());
    if let (Some(from), Some(until)) = (&valid_from, &valid_until)
        && until.value < from.value
    {
        session.wrong(until, until.value.to_string(), format!("a day not before valid_from, {}", from.value));
    }
    let partner = table.optional("partner", &rules::declared("partner", partners));
    let (carry_over, carry_limit) = carry(table, currency);
    let name = name?;
    let fund = Fund {
        key: key?.value,
        name: name.value.clone(),
        kind: kind?.value,
        currency: currency?,
        amount: amount?,
        accrual_percent: accrual_percent.map(|spot| spot.value).filter(|_| !discretionary),
        credit_months: credit_months.and_then(|spot| u32::try_from(spot.value).ok()),
        valid_from: valid_from?.value,
        valid_until: valid_until?.value,
        partner: partner.map(|spot| spot.value),
        carry_over: carry_over.as_ref().map_or(CarryOver::None, |spot| spot.value.clone()),
        carry_limit,
    };
    Some((fund, FundSpots { name, carry_over }))
}

/// What becomes of a fund's rest, and how much of it goes on.
fn carry(table: &Table<'_>, currency: Option<Currency>) -> (Option<Spot<CarryOver>>, Option<CarryLimit>) {
    let over = table.optional("carry_over", &rules::carry_over());
    let limit = table.optional("carry_limit", &rules::carry_limit(currency));
    let nowhere = over.as_ref().is_none_or(|over| over.value == CarryOver::None);
    for spot in limit.iter().filter(|_| nowhere && (over.is_some() || table.field("carry_over").is_none())) {
        let expected = "carry_over, which says where the rest goes on to, or no limit";
        table.session.wrong(spot, "a limit to what goes on, and nothing goes on", expected);
    }
    (over, limit.map(|spot| spot.value))
}

fn funds(table: &Table<'_>, scope: &str, partners: &BTreeSet<String>, money: Option<Currency>) -> Vec<Fund> {
    let mut written = 0;
    let funds = table.each("fund", |entry| {
        written += 1;
        fund(entry, scope, partners, money)
    });
    carried_on(table, &funds, written);
    named_once(table, &funds);
    funds.into_iter().map(|(fund, _)| fund).collect()
}

/// What is left of a fund goes on to one that can take it. What refers to a fund that can't be read isn't wrong too.
fn carried_on(table: &Table<'_>, funds: &[(Fund, FundSpots)], all: usize) {
    for (fund, spots) in funds {
        let (Some(spot), CarryOver::Fund(key)) = (&spots.carry_over, &fund.carry_over) else { continue };
        let found = funds.iter().map(|(next, _)| next).find(|next| next.key == *key);
        let takes = |next: &Fund| {
            next.currency == fund.currency
                && next.valid_until > fund.valid_until
                && next.partner.as_ref().is_none_or(|partner| Some(partner) == fund.partner.as_ref())
        };
        if found.is_some_and(takes) || (found.is_none() && funds.len() < all) {
            continue;
        }
        let expected = "\"none\", \"next_period\", or the key of a declared fund in the same currency that ends later, a pool \
                        or the same partner's";
        table.session.wrong(spot, quoted(key), expected);
    }
}

/// People name a fund by its key or by its name, so no name may be another fund's key.
fn named_once(table: &Table<'_>, funds: &[(Fund, FundSpots)]) {
    for (fund, spots) in funds {
        let taken = |other: &Fund| other.key != fund.key && other.key.eq_ignore_ascii_case(&fund.name);
        if funds.iter().any(|(other, _)| taken(other)) {
            table.session.wrong(
                &spots.name,
                quoted(&fund.name),
                "a name that is not the key of another fund",
            );
        }
    }
}

/// Every campaign type with its name in `bot.toml`.
static ACTIVITY_TYPES: LazyLock<Vec<(&str, CampaignType)>> =
    LazyLock::new(|| CampaignType::ALL.iter().map(|kind| (kind.code(), *kind)).collect());

fn effort(table: &Table<'_>, scope: &str) -> Option<Effort> {
    let kind = table.required("type", &rules::one_of(&ACTIVITY_TYPES));
    if let Some(kind) = &kind {
        table.session.once(Once::Effort { program: scope.to_owned() }, kind.value.code(), kind);
    }
    let hours = |key: &str| table.integer(key, 0, MAX_EFFORT_HOURS).map(|spot| spot.value);
    let (vendor, partner) = (hours("vendor"), hours("partner"));
    let kind = kind?.value;
    let usual = usual_effort(kind);
    Some(Effort { kind, vendor: vendor.unwrap_or(usual.vendor), partner: partner.unwrap_or(usual.partner) })
}
