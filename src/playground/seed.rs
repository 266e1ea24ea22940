//! The playground's program: one vendor, two partners, people on both sides, on a local Discord. The stories use the
//! same people, so that what one tries by hand is what is tested.

use crate::config::{self, Config, Environment, Need, Problems};
use discord_local::{Application, DiscordLocal, Visible};

/// The people of the playground, by the name that they have in chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Northwind: channel marketing manager.
    Vera,
    /// Northwind: approves MDF up to 20,000.
    Amir,
    /// Northwind: finance, approves MDF without limit.
    Finn,
    /// Acme: marketing.
    Pat,
    /// Acme: signs.
    Olga,
    /// Globex: marketing.
    Gil,
    /// Globex: signs.
    Ines,
    /// Somebody without any role of the program.
    Nobody,
    /// Somebody with roles of two companies.
    Both,
}

impl Who {
    pub const ALL: [Who; 9] =
        [Who::Vera, Who::Amir, Who::Finn, Who::Pat, Who::Olga, Who::Gil, Who::Ines, Who::Nobody, Who::Both];

    /// The name in chat.
    pub fn name(self) -> &'static str {
        match self {
            Who::Vera => "vera (Northwind)",
            Who::Amir => "amir (Northwind)",
            Who::Finn => "finn (Northwind finance)",
            Who::Pat => "pat (Acme)",
            Who::Olga => "olga (Acme)",
            Who::Gil => "gil (Globex)",
            Who::Ines => "ines (Globex)",
            Who::Nobody => "nobody",
            Who::Both => "both",
        }
    }

    /// The id on the local Discord.
    pub fn id(self) -> u64 {
        2001 + Who::ALL.iter().position(|who| *who == self).unwrap_or_default() as u64
    }
}

/// The application, the server and its channels.
pub const APPLICATION: u64 = 1000;
pub const GUILD: u64 = 1001;
pub const GENERAL: u64 = 3001;
pub const APPROVALS: u64 = 3002;
pub const ACME: u64 = 3003;
pub const GLOBEX: u64 = 3004;

const MANAGERS: u64 = 4001;
const APPROVERS: u64 = 4002;
const FINANCE: u64 = 4003;
const ACME_MARKETING: u64 = 4004;
const ACME_DIRECTORS: u64 = 4005;
const GLOBEX_MARKETING: u64 = 4006;
const GLOBEX_DIRECTORS: u64 = 4007;

/// Discord's permissions of an ordinary member: see, write, use commands, attach files, read history.
const MEMBER: u64 = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 31) | (1 << 38);

/// The secret of the HubSpot stand-in's webhooks, and of the one that posts Standard Webhooks.
pub const HUBSPOT_SECRET: &str = "playground-hubspot-client-secret-0001";
pub const STANDARD_SECRET: &str = "whsec_cGxheWdyb3VuZC1zdGFuZGFyZC13ZWJob29rcy1zZWNyZXQ=";
/// The token with which the CRM stand-in's API is read.
pub const HUBSPOT_TOKEN: &str = "playground-hubspot-access-token";

/// Builds the server, its channels, roles and people, and installs the application.
pub fn people(discord: &DiscordLocal) -> Application {
    let application = discord.create_application_with_id(APPLICATION, "Tandem");
    discord.create_guild_with_id(GUILD, "Northwind partner program");
    for (role, name) in [
        (MANAGERS, "Northwind channel marketing"),
        (APPROVERS, "Northwind approvers"),
        (FINANCE, "Northwind finance"),
        (ACME_MARKETING, "Acme marketing"),
        (ACME_DIRECTORS, "Acme directors"),
        (GLOBEX_MARKETING, "Globex marketing"),
        (GLOBEX_DIRECTORS, "Globex directors"),
    ] {
        discord.create_role_with_id(role, GUILD, name, MEMBER);
    }
    for who in Who::ALL {
        discord.create_user_with_id(who.id(), who.name());
        discord.add_member(GUILD, who.id(), roles(who));
    }
    let vendor = [MANAGERS, APPROVERS, FINANCE];
    let with = |partner: &[u64]| Visible::Roles(vendor.iter().chain(partner).copied().collect());
    discord.create_channel_with_id(GENERAL, GUILD, "general", Visible::Everyone);
    discord.create_channel_with_id(APPROVALS, GUILD, "mdf-approvals", Visible::Roles(vendor.to_vec()));
    discord.create_channel_with_id(ACME, GUILD, "northwind-acme", with(&[ACME_MARKETING, ACME_DIRECTORS]));
    discord.create_channel_with_id(
        GLOBEX,
        GUILD,
        "northwind-globex",
        with(&[GLOBEX_MARKETING, GLOBEX_DIRECTORS]),
    );
    discord.install(APPLICATION, GUILD);
    application
}

fn roles(who: Who) -> &'static [u64] {
    match who {
        Who::Vera => &[MANAGERS],
        Who::Amir => &[APPROVERS],
        Who::Finn => &[FINANCE],
        Who::Pat => &[ACME_MARKETING],
        Who::Olga => &[ACME_DIRECTORS],
        Who::Gil => &[GLOBEX_MARKETING],
        Who::Ines => &[GLOBEX_DIRECTORS],
        Who::Nobody => &[],
        Who::Both => &[ACME_MARKETING, GLOBEX_MARKETING],
    }
}

/// Where the parts of a playground are reached.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The local Discord.
    pub discord: String,
    pub database_url: String,
    /// The folder for evidence.
    pub evidence: String,
    /// Where webhooks are taken, such as `127.0.0.1:0`.
    pub listen: String,
    /// The address that the CRM signs.
    pub public_url: String,
    /// The CRM stand-in's API.
    pub crm: String,
}

/// The playground's `bot.toml`.
pub fn bot_toml(at: &Addresses) -> String {
    format!(
        r#"[discord]
token_env = "PLAYGROUND_TOKEN"
application_id = "{APPLICATION}"
api_url = "{discord}"

[http]
listen = "{listen}"
public_url = "{public_url}"

[database]
url_env = "PLAYGROUND_DATABASE"

[evidence]
folder = '{evidence}'

[[program]]
key = "northwind"
name = "Northwind"
guild_id = "{GUILD}"
time_zone = "Europe/Berlin"
currency = "EUR"
approvals_channel = "{APPROVALS}"
confirm_from = "10000"
{PROGRAM}
[[program.source]]
key = "hub"
kind = "hubspot"
secret_env = "PLAYGROUND_HUBSPOT_SECRET"
access_token_env = "PLAYGROUND_HUBSPOT_TOKEN"
api_url = "{crm}"
default_currency = "EUR"

[[program.source]]
key = "forms"
kind = "standard_webhooks"
secret_env = "PLAYGROUND_STANDARD_SECRET"
default_currency = "EUR"
"#,
        discord = at.discord,
        evidence = at.evidence,
        listen = at.listen,
        public_url = at.public_url,
        crm = at.crm,
    )
}

const PROGRAM: &str = r#"
[[program.role]]
role_id = "4001"
company = "vendor"
bundles = ["channel_manager"]

[[program.role]]
role_id = "4002"
company = "vendor"
capabilities = ["approve_mdf", "approve_claims"]
approve_mdf_limit = "20000"
approve_claims_limit = "20000"

[[program.role]]
role_id = "4003"
company = "vendor"
capabilities = ["approve_mdf", "approve_claims", "pay_claims", "manage_funds"]
approve_mdf_limit = "unlimited"
approve_claims_limit = "unlimited"

[[program.role]]
role_id = "4004"
company = "acme"
bundles = ["partner_marketing"]

[[program.role]]
role_id = "4005"
company = "acme"
bundles = ["partner_signatory"]

[[program.role]]
role_id = "4006"
company = "globex"
bundles = ["partner_marketing"]

[[program.role]]
role_id = "4007"
company = "globex"
bundles = ["partner_signatory"]

[[program.partner]]
key = "acme"
name = "Acme"
channel = "3003"

[[program.partner]]
key = "globex"
name = "Globex"
channel = "3004"

[[program.fund]]
key = "acme-q1"
name = "Acme Q1 MDF"
kind = "mdf"
currency = "EUR"
amount = "30000.00"
valid_from = 2026-01-01
valid_until = 2026-06-30
partner = "acme"

[[program.fund]]
key = "pool-q1"
name = "Q1 MDF pool"
kind = "mdf"
currency = "EUR"
amount = "20000.00"
valid_from = 2026-01-01
valid_until = 2026-06-30
"#;

/// The secrets that the playground's `bot.toml` names.
pub fn environment(at: &Addresses, token: &str) -> Environment {
    [
        ("PLAYGROUND_TOKEN", token),
        ("PLAYGROUND_DATABASE", at.database_url.as_str()),
        ("PLAYGROUND_HUBSPOT_SECRET", HUBSPOT_SECRET),
        ("PLAYGROUND_HUBSPOT_TOKEN", HUBSPOT_TOKEN),
        ("PLAYGROUND_STANDARD_SECRET", STANDARD_SECRET),
    ]
    .into_iter()
    .collect()
}

/// The playground's configuration.
///
/// # Errors
/// The problems of the text; there are none unless an address is not one.
pub fn configuration(at: &Addresses, token: &str) -> Result<Config, Problems> {
    config::load(&bot_toml(at), "playground", &environment(at, token), Need::Discord)
}
