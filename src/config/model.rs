//! A configuration that has passed every check. Plain values: whoever uses them turns them into terms of its own.
//!
//! Secrets are [`SecretString`], which prints nothing; no other field may hold one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use iso_currency::Currency;
use rust_decimal::Decimal;
use secrecy::SecretString;

use super::capability::{Bundle, Capabilities};
use crate::domain::activity::{Asked, Slot};
use crate::domain::business::{DigestTime, QuietHours, WorkWeek};
use crate::domain::campaign_type::CampaignType;
use crate::domain::fund::FundKind;
use crate::domain::rulebook::Decided;

/// An id that Discord gave (a snowflake); never 0.
pub type DiscordId = NonZeroU64;

/// All of `bot.toml`, with the environment's overrides.
#[derive(Debug)]
pub struct Config {
    /// `[discord]`
    pub discord: Discord,
    /// `[http]`
    pub http: Http,
    /// `[database]`
    pub database: Database,
    /// `[log]`
    pub log: Log,
    /// `[limits]`
    pub limits: Limits,
    /// `[evidence]`
    pub evidence: Evidence,
    /// `[[program]]`, in the order of the file.
    pub programs: Vec<Program>,
}

/// How the bot reaches Discord.
#[derive(Debug)]
pub struct Discord {
    /// Always there after loading with [`Need::Discord`](super::Need::Discord).
    pub login: Option<DiscordLogin>,
    /// Where Discord is.
    pub route: DiscordRoute,
}

/// Who the bot is at Discord.
#[derive(Debug)]
pub struct DiscordLogin {
    /// The bot's token, without the word `Bot`.
    pub token: SecretString,
    /// The application that owns the commands.
    pub application_id: DiscordId,
}

/// Where Discord is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscordRoute {
    /// discord.com
    Public,
    /// `api_url`: every REST call goes to this base address (`http[s]://host[:port]`), the client's own rate limiter
    /// is off, and delivery backs off by itself.
    Proxy {
        /// The base address, without a slash at the end.
        api_url: String,
    },
    /// `connect_to` with `ca_file`: discord.com is looked for at this address, and this authority is trusted.
    Redirected {
        /// Where to connect instead.
        address: SocketAddr,
        /// Certificates to trust, in PEM.
        ca_pem: String,
    },
}

/// The listener for CRM webhooks and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address under which the world reaches the listener (`http[s]://host[:port]`, no slash at the end). It is
    /// part of what some CRMs sign. `http://` and `listen` where it isn't set.
    pub public_url: String,
}

/// Which database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the data is.
#[derive(Debug)]
pub struct Database {
    /// The engine that the address names.
    pub engine: Engine,
    /// The address, with its password if it has one.
    pub url: SecretString,
    /// The address as it may be logged: without user, password and parameters.
    pub shown: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`; they are known to parse.
    pub filter: String,
}

/// Limits that an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body of one CRM request, in bytes.
    pub intake_body_bytes: usize,
    /// Largest file taken as evidence, in bytes.
    pub evidence_file_bytes: usize,
    /// How long after its first try a message's nonce is relied upon, in milliseconds; after that the message is looked
    /// for in its channel before it is sent again.
    pub nonce_trusted_ms: i64,
    /// How long one try of a delivery may take, in milliseconds. Its claim holds twice as long, which is also how long
    /// a message waits whose try ended with the process.
    pub delivery_try_ms: u64,
    /// How long a worker holds the CRM deliveries that it took up, in milliseconds, which is also how long they wait
    /// if the worker ended with the process.
    pub projection_lease_ms: i64,
}

/// Where files that prove something are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The folder. Relative to the folder of the configuration where that is relative.
    pub folder: PathBuf,
}

/// One vendor's program: one Discord guild.
#[derive(Debug)]
pub struct Program {
    /// Stable key.
    pub key: String,
    /// The vendor's name.
    pub name: String,
    /// The guild; no other program is in it.
    pub guild_id: DiscordId,
    /// Zone of plans that don't say another.
    pub time_zone: Tz,
    /// Currency of plans, limits and caps that don't say another.
    pub currency: Currency,
    /// Vendor-only channel for requests, claims, escalations, portfolio.
    pub approvals_channel: DiscordId,
    /// From this amount (in `currency`) the approver retypes it.
    pub confirm_from: Decimal,
    /// The month with whose first day fiscal years start, 1 to 12, if the file says it.
    pub fiscal_year_start: Option<u32>,
    /// Whether it has one partner only, so that its campaigns may be the guild's events, if the file says it.
    pub single_partner: Option<bool>,
    /// Limits of the status colours.
    pub thresholds: Thresholds,
    /// What Discord roles may do.
    pub roles: Vec<Role>,
    /// Partner companies.
    pub partners: Vec<Partner>,
    /// Money set aside.
    pub funds: Vec<Fund>,
    /// Rules of activity types that differ from those that ship.
    pub activities: Vec<Activity>,
    /// What tiers of partners get.
    pub tiers: Vec<Tier>,
    /// Chains of approvals.
    pub approvals: Vec<Approval>,
    /// Requests below this that the signed plan carries are approved at once; above 0, in `currency`.
    pub auto_approve_under: Option<Decimal>,
    /// Business days after which a waiting decision is escalated, 1 or more.
    pub escalate_after_days: Option<u32>,
    /// The vendor's calendar.
    pub calendar: Calendar,
    /// When nothing is posted.
    pub quiet_hours: Option<QuietHours>,
    /// When the digest of a day's open decisions comes.
    pub digest: Option<DigestTime>,
    /// Hours that types of campaigns take, where they differ from those that ship.
    pub efforts: Vec<Effort>,
    /// CRMs that send events.
    pub sources: Vec<Source>,
}

/// Limits of the status colours, in percent, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Leads, pipeline, won: green from this variance up (0 or less).
    pub green: Decimal,
    /// Leads, pipeline, won: amber from this variance up, red below; at most `green`.
    pub amber: Decimal,
    /// Spend: amber above this much over plan.
    pub spend_amber: Decimal,
    /// Spend: red above this much over plan; at least `spend_amber`.
    pub spend_red: Decimal,
    /// Grey while less than this share of the period's plan was due.
    pub grey_under: Decimal,
}

/// Which company somebody acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Company {
    /// The vendor.
    Vendor,
    /// The partner with this key.
    Partner(String),
}

/// Up to which amount somebody may approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalLimit {
    /// This amount included, in the program's currency.
    UpTo(Decimal),
    /// Any amount; written as the word, never by leaving it out.
    Unlimited,
}

/// What a Discord role means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub role_id: DiscordId,
    /// For whom its members act.
    pub company: Company,
    /// The bundles as written.
    pub bundles: Vec<Bundle>,
    /// Everything its members may do: the bundles' capabilities and those named one by one.
    pub capabilities: Capabilities,
    /// There exactly if `approve_mdf` is among the capabilities.
    pub approve_mdf_limit: Option<ApprovalLimit>,
    /// There exactly if `approve_claims` is among the capabilities.
    pub approve_claims_limit: Option<ApprovalLimit>,
}

/// A partner company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Stable key, unique in the program; in capitals it stands before short numbers (`ACME/MDF-42`).
    pub key: String,
    /// The company's name.
    pub name: String,
    /// The channel shared with the vendor; no other partner has it.
    pub channel: DiscordId,
    /// The program's name for the partner's level.
    pub tier: Option<String>,
    /// Where it differs from the program's.
    pub currency: Option<Currency>,
    /// Its calendar; without work days of its own, the vendor's.
    pub calendar: Calendar,
}

/// What becomes of a fund's rest when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarryOver {
    /// It is forfeited.
    None,
    /// It goes on to the next period.
    NextPeriod,
    /// It goes on to the declared fund of this key: in the same currency, ending later, a pool or the same partner's.
    Fund(String),
}

/// How much of a fund's rest goes on at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarryLimit {
    /// A percentage of it, above 0.
    Percent(Decimal),
    /// An amount in the fund's currency, above 0; its scale is the currency's exponent.
    Amount(Decimal),
}

/// Money that the vendor sets aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fund {
    /// Stable key, unique in the program.
    pub key: String,
    /// The fund's name.
    pub name: String,
    /// Its kind.
    pub kind: FundKind,
    /// Its currency.
    pub currency: Currency,
    /// More than 0, or 0 for a co-op fund that accrues; its scale is the currency's exponent.
    pub amount: Decimal,
    /// What a co-op fund accrues of the partners' sales, in percent.
    pub accrual_percent: Option<Decimal>,
    /// How many months an accrued credit lasts; without it, as long as the fund.
    pub credit_months: Option<u32>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, not before the first.
    pub valid_until: NaiveDate,
    /// The partner it is allocated to, or the program's pool.
    pub partner: Option<String>,
    /// What becomes of the rest.
    pub carry_over: CarryOver,
    /// How much of it goes on; without it, all.
    pub carry_limit: Option<CarryLimit>,
}

/// The most MDF for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// This much, in the program's currency.
    UpTo(Decimal),
    /// No cap, whatever the tier says.
    Unlimited,
}

/// What a program changes in the rules of an activity type; what is absent is as the tier has it, or as it ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The type.
    pub activity: CampaignType,
    /// Share of the cost that MDF pays, in percent, above 0.
    pub share_percent: Option<Decimal>,
    /// Most MDF for one request.
    pub cap: Option<Cap>,
    /// Business days between request and activity.
    pub notice_days: Option<u32>,
    /// Days after the activity within which claims are filed.
    pub claim_window_days: Option<u32>,
    /// The costs that count, in words.
    pub eligible: Option<Vec<String>>,
    /// Whether a request has to be approved before the activity starts.
    pub pre_approval: Option<bool>,
    /// What a claim has to bring, for the slots that are said.
    pub evidence: BTreeMap<Slot, Vec<Asked>>,
}

/// What partners of a tier get, where the rule of the activity type says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The program's key for the tier, as partners have it.
    pub key: String,
    /// Share of the cost that MDF pays, in percent, above 0.
    pub share_percent: Option<Decimal>,
    /// Most MDF for one request.
    pub cap: Option<Cap>,
    /// Whether a request has to be approved before the activity starts.
    pub pre_approval: Option<bool>,
}

/// Who decides on amounts from some amount on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// On what.
    pub decided: Decided,
    /// From this amount on, in the program's currency; up to the next block's.
    pub from: Decimal,
    /// The role that takes each step, or anybody with the capability; 1 step or more.
    pub steps: Vec<Option<DiscordId>>,
}

/// When a company works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// Its weekdays, where they are said.
    pub week: Option<WorkWeek>,
    /// Days on which it doesn't.
    pub holidays: BTreeSet<NaiveDate>,
}

/// Hours in all that campaigns of a type take each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The type.
    pub kind: CampaignType,
    /// Of the vendor.
    pub vendor: i64,
    /// Of the partner.
    pub partner: i64,
}

/// A CRM, or anything else, that sends events.
#[derive(Debug)]
pub struct Source {
    /// Stable key, unique in the program.
    pub key: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// What proves that a request is its own. Always there after loading with
    /// [`Need::Discord`](super::Need::Discord), as are the other secrets that are set.
    pub secret: Option<SecretString>,
    /// Also accepted while the secret is being changed.
    pub previous_secret: Option<SecretString>,
    /// A part of the webhook's address that outsiders can't guess.
    pub path_token: Option<SecretString>,
    /// Currency of deals that name none.
    pub default_currency: Option<Currency>,
    /// The partner to whom everything from it belongs.
    pub partner: Option<String>,
    /// Which campaign of ours a campaign of the CRM is.
    pub campaigns: Vec<CampaignMapping>,
}

/// What a source speaks.
#[derive(Debug)]
pub enum SourceKind {
    /// HubSpot app webhooks, v3 signatures, events enriched from its API.
    Hubspot(Hubspot),
    /// JSON signed as Standard Webhooks has it (`whsec_…`, or `whpk_…` for Ed25519).
    StandardWebhooks,
}

/// How HubSpot is read.
#[derive(Debug)]
pub struct Hubspot {
    /// Base address of its API, without a slash at the end.
    pub api_url: String,
    /// Token of the private app. Always there after loading with [`Need::Discord`](super::Need::Discord).
    pub access_token: Option<SecretString>,
    /// The account; events of another are not ours.
    pub portal_id: Option<u64>,
}

/// A campaign of the CRM and the campaign of ours that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignMapping {
    /// The CRM's id.
    pub crm_id: String,
    /// The partner whose campaign it is.
    pub partner: String,
    /// Its number there: 7 for `ACME/CMP-7`.
    pub number: u32,
}
