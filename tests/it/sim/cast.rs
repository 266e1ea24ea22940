//! Who plays: one vendor with people of every kind of limit, four partners in three currencies, and the program's rules.

use chrono_tz::Tz;
use std::fmt::Write;
use tandem::config::{self, Config, Environment, Need};
use tandem::flow::Asker;

pub const APPLICATION: u64 = 1000;
pub const GUILD: u64 = 1001;
pub const APPROVALS: u64 = 3001;

pub struct Company {
    pub key: &'static str,
    pub channel: u64,
    pub currency: &'static str,
    /// Of its plans: their days begin and end at other instants than the program's.
    pub zone: &'static str,
}

pub const PARTNERS: [Company; 4] = [
    Company { key: "acme", channel: 3010, currency: "USD", zone: "Europe/Berlin" },
    Company { key: "globex", channel: 3011, currency: "JPY", zone: "Asia/Tokyo" },
    Company { key: "initech", channel: 3012, currency: "KWD", zone: "Asia/Kuwait" },
    Company { key: "umbra", channel: 3013, currency: "USD", zone: "America/Los_Angeles" },
];

pub const PROGRAM_ZONE: Tz = Tz::Europe__Berlin;
/// The program's hours from and to which nothing is posted that nobody has asked for.
pub const QUIET: (u32, u32) = (20, 8);

/// The currency in which the program states limits and chains.
pub const PROGRAM_CURRENCY: &str = "USD";
pub const CURRENCIES: [&str; 3] = ["USD", "JPY", "KWD"];
/// From this on an approver retypes the amount, in cents; in another currency always.
pub const CONFIRM_FROM: i64 = 1_000_000;
/// Below this a request that the plan carries is approved by the program's rule, in cents.
pub const AUTO_UNDER: i64 = 15_000;
/// What an approver with a limit may approve, in cents.
pub const LIMIT: i64 = 200_000;

/// How far somebody's word on money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    None,
    UpTo(i64),
    Unlimited,
}

/// Somebody, as their roles make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    pub id: &'static str,
    pub roles: &'static [&'static str],
    /// Index into [`PARTNERS`]; `None` for the vendor's people and for those without a company.
    pub partner: Option<usize>,
    /// For requests and for claims.
    pub word: Word,
}

const MANAGER: &str = "5001";
const APPROVER: &str = "5002";
/// Takes the first step of the longest chain.
pub const SENIOR: &str = "5003";
/// Decides, pays and manages funds.
pub const FINANCE: &str = "5004";

const fn vendor(name: &'static str, id: &'static str, roles: &'static [&'static str], word: Word) -> Person {
    Person { name, id, roles, partner: None, word }
}

const fn of(partner: usize, name: &'static str, id: &'static str, roles: &'static [&'static str]) -> Person {
    Person { name, id, roles, partner: Some(partner), word: Word::None }
}

pub const VERA: Person = vendor("vera", "2001", &[MANAGER], Word::None);
/// Files on a partner's behalf, and approves.
pub const VIC: Person = vendor("vic", "2002", &[MANAGER, SENIOR], Word::Unlimited);
pub const FINN: Person = vendor("finn", "2007", &[FINANCE], Word::Unlimited);
pub const FAY: Person = vendor("fay", "2008", &[FINANCE], Word::Unlimited);
pub const MANAGERS: [Person; 2] = [VERA, VIC];
pub const SENIORS: [Person; 3] = [
    VIC,
    vendor("sue", "2005", &[SENIOR], Word::Unlimited),
    vendor("sam", "2006", &[SENIOR], Word::Unlimited),
];
pub const DECIDERS: [Person; 7] = [
    vendor("amir", "2003", &[APPROVER], Word::UpTo(LIMIT)),
    vendor("anna", "2004", &[APPROVER], Word::UpTo(LIMIT)),
    SENIORS[0],
    SENIORS[1],
    SENIORS[2],
    FINN,
    FAY,
];
/// Two who fill plans and claims, and one who signs, of each partner.
pub const MARKETING: [[Person; 2]; 4] = [
    [of(0, "pat", "2100", &["5100"]), of(0, "pia", "2101", &["5100"])],
    [of(1, "gil", "2110", &["5110"]), of(1, "gus", "2111", &["5110"])],
    [of(2, "ivy", "2120", &["5120"]), of(2, "ian", "2121", &["5120"])],
    [of(3, "uma", "2130", &["5130"]), of(3, "uli", "2131", &["5130"])],
];
pub const SIGNERS: [Person; 4] = [
    of(0, "olga", "2102", &["5101"]),
    of(1, "ines", "2112", &["5111"]),
    of(2, "iris", "2122", &["5121"]),
    of(3, "ursa", "2132", &["5131"]),
];
pub const NOBODY: Person = vendor("nobody", "2900", &[], Word::None);
pub const BOTH: Person = vendor("both", "2901", &["5100", "5110"], Word::None);

/// Everybody who may decide or pay, by id.
pub fn person(id: &str) -> Option<Person> {
    let all = DECIDERS.iter().chain(&MANAGERS).chain(MARKETING.iter().flatten()).chain(&SIGNERS);
    all.copied().find(|one| one.id == id)
}

pub fn asker(who: Person, channel: u64) -> Asker {
    Asker {
        guild: GUILD.to_string(),
        channel: channel.to_string(),
        parent: None,
        user: who.id.to_owned(),
        roles: who.roles.iter().map(|role| (*role).to_owned()).collect(),
        manages_server: false,
    }
}

/// The steps that an amount takes, each with the role that has to take it: what `[[program.approval]]` below says. An
/// amount in another currency takes the highest chain.
pub fn chain(for_claims: bool, minor: i64, currency: &str) -> &'static [Option<&'static str>] {
    const ONE: &[Option<&str>] = &[None];
    const TWO: &[Option<&str>] = &[None, None];
    const LARGE: &[Option<&str>] = &[Some(SENIOR), None];
    let foreign = currency != PROGRAM_CURRENCY;
    match (for_claims, minor) {
        (false, _) if foreign => LARGE,
        (false, 800_000..) => LARGE,
        (true, _) if foreign => TWO,
        (_, 100_000..) => TWO,
        _ => ONE,
    }
}

/// What the program pays of a type's cost, in thousandths of a percent, and the slots in which a claim needs a file.
pub const KINDS: [(&str, i64, &[&str]); 3] =
    [("webinar", 33_300, &[]), ("email", 50_000, &[]), ("trade_show", 50_000, &["cost", "results"])];
/// The type and slot that takes lists of people and nothing else.
pub const LISTS: (&str, &str) = ("trade_show", "results");

/// The slots in which a claim of a type needs a file.
pub fn needed(kind: &str) -> &'static [&'static str] {
    KINDS.iter().find(|(name, _, _)| *name == kind).map_or(&[], |(_, _, needed)| needed)
}

const RULES: &str = r#"
[[program.role]]
role_id = "5001"
company = "vendor"
capabilities = ["manage_plans", "sign"]

[[program.role]]
role_id = "5002"
company = "vendor"
capabilities = ["approve_mdf", "approve_claims"]
approve_mdf_limit = "2000"
approve_claims_limit = "2000"

[[program.role]]
role_id = "5003"
company = "vendor"
capabilities = ["approve_mdf", "approve_claims"]
approve_mdf_limit = "unlimited"
approve_claims_limit = "unlimited"

[[program.role]]
role_id = "5004"
company = "vendor"
capabilities = ["approve_mdf", "approve_claims", "pay_claims", "manage_funds"]
approve_mdf_limit = "unlimited"
approve_claims_limit = "unlimited"

[[program.approval]]
for = "requests"
from = "1000"
steps = ["any", "any"]

[[program.approval]]
for = "requests"
from = "8000"
steps = ["5003", "any"]

[[program.approval]]
for = "claims"
from = "1000"
steps = ["any", "any"]

[[program.activity]]
type = "webinar"
share_percent = "33.3"
claim_window_days = 30
cost_evidence = []
execution_evidence = []
results_evidence = ["how many came (optional)", "attendee list (optional, restricted)"]

[[program.activity]]
type = "email"
claim_window_days = 45
cost_evidence = []
execution_evidence = []
results_evidence = []

[[program.activity]]
type = "trade_show"
claim_window_days = 20
cost_evidence = ["invoice"]
execution_evidence = ["photo (optional)"]
results_evidence = ["lead list (restricted)"]
"#;

/// The program's configuration.
pub fn configuration(discord: &str, token: &str, database_url: &str) -> Config {
    let (quiet_from, quiet_to) = QUIET;
    let mut text = format!(
        r#"[discord]
token_env = "SIM_TOKEN"
application_id = "{APPLICATION}"
api_url = "{discord}"
[http]
listen = "127.0.0.1:0"
public_url = "https://hooks.example.com"
[database]
url_env = "SIM_DATABASE"
[evidence]
folder = 'evidence'
[[program]]
key = "sim"
name = "Sim"
guild_id = "{GUILD}"
time_zone = "{PROGRAM_ZONE}"
currency = "{PROGRAM_CURRENCY}"
approvals_channel = "{APPROVALS}"
confirm_from = "10000"
auto_approve_under = "150"
[program.calendar]
quiet_hours = "{quiet_from:02}:00-{quiet_to:02}:00"
{RULES}"#
    );
    for (index, company) in PARTNERS.iter().enumerate() {
        let Company { key, channel, currency, .. } = company;
        let _ = write!(
            text,
            "\n[[program.partner]]\nkey = \"{key}\"\nname = \"{key} Ltd\"\nchannel = \"{channel}\"\ncurrency = \"{currency}\"\n"
        );
        for (people, bundle) in
            [(&MARKETING[index][..], "partner_marketing"), (&SIGNERS[index..=index], "partner_signatory")]
        {
            let role = people[0].roles[0];
            let _ = write!(
                text,
                "\n[[program.role]]\nrole_id = \"{role}\"\ncompany = \"{key}\"\nbundles = [\"{bundle}\"]\n"
            );
        }
    }
    let environment: Environment =
        [("SIM_TOKEN", token), ("SIM_DATABASE", database_url)].into_iter().collect();
    config::load(&text, "sim", &environment, Need::Discord).unwrap_or_else(|problems| panic!("{problems}"))
}
