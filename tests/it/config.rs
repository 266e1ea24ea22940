//! Operators' stories: what `bot.toml` and the environment may say, and what somebody is told who gets it wrong.

mod money_rules;
mod wounds;

use insta::assert_snapshot;
use rust_decimal::Decimal;
use secrecy::ExposeSecret;
use std::path::Path;
use tandem::config::{
    ApprovalLimit, Bundle, CarryLimit, CarryOver, Company, Config, DiscordRoute, Effort, Engine, Environment,
    LogFormat, Need, Place, Problems, SourceKind, load, load_file,
};
use tandem::domain::actor::{Capability, Side};
use tandem::domain::campaign_type::CampaignType;

const SHIPPED: &str = include_str!("../../bot.toml");
const MANUAL: &str = include_str!("../../docs/configuration.md");

const SECRETS: [(&str, &str); 6] = [
    ("DISCORD_TOKEN", "MTE4MDAwMDAwMDAwMDAwMDAwMQ.Discord.secret-of-the-bot"),
    ("HUBSPOT_CLIENT_SECRET", "yyyyyyyy-hubspot-client-secret"),
    ("HUBSPOT_ACCESS_TOKEN", "pat-eu1-hubspot-access-token"),
    ("HUBSPOT_PATH_TOKEN", "Zk3hubspotpathtoken0123456789"),
    ("GLOBEX_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("GLOBEX_WEBHOOK_SECRET_OLD", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
];

fn environment(more: &[(&str, &str)]) -> Environment {
    SECRETS.iter().chain(more).copied().collect()
}

/// The shipped file with every setting that is switched off switched on.
fn uncommented() -> String {
    let switched_on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => format!("{setting}\n"),
        _ => format!("{line}\n"),
    };
    SHIPPED.lines().map(switched_on).collect()
}

fn read(text: &str) -> Result<Config, Problems> {
    load(text, "bot.toml", &environment(&[]), Need::Discord)
}

/// What is told about the uncommented example after one change in it.
fn told_after(from: &str, to: &str) -> String {
    let text = uncommented();
    assert!(text.contains(from), "the example no longer has {from:?}");
    told(&text.replacen(from, to, 1))
}

/// The problems without their heading; a text that loads is a failed test.
fn told(text: &str) -> String {
    listed(&read(text).expect_err("this text has a problem"))
}

fn listed(problems: &Problems) -> String {
    problems.to_string().lines().skip(1).map(|line| line.trim_start().to_owned() + "\n").collect()
}

#[test]
fn as_shipped_it_is_valid_for_commands_that_need_the_data_alone() {
    let nothing = Environment::default();
    let config =
        load(SHIPPED, "bot.toml", &nothing, Need::Database).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(config.discord.login.is_none());
    assert_eq!(config.discord.route, DiscordRoute::Public);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.public_url, "http://127.0.0.1:8080");
    assert_eq!(
        (config.database.engine, config.database.url.expose_secret()),
        (Engine::Sqlite, "sqlite://tandem.db")
    );
    assert_eq!((config.log.format, config.log.filter.as_str()), (LogFormat::Text, "info"));
    assert_eq!(config.limits.intake_body_bytes, 1 << 20);
    assert_eq!(config.evidence.folder, Path::new("evidence"));
    assert!(config.programs.is_empty());
}

#[test]
fn as_shipped_the_bot_is_told_what_it_lacks() {
    let nothing = Environment::default();
    let problems = load(SHIPPED, "bot.toml", &nothing, Need::Discord).expect_err("no token");
    assert_snapshot!(problems.to_string(), @r#"
    The configuration has 2 problems; nothing was started.
      1. bot.toml:11  discord.application_id  found nothing  expected a Discord id: its digits in quotes
      2. bot.toml:12  discord.token_env  found DISCORD_TOKEN, which is not set  expected the name of an environment variable that holds the secret
    "#);
}

#[test]
fn the_uncommented_examples_load() {
    let config = read(&uncommented()).unwrap_or_else(|problems| panic!("{problems}"));
    let login = config.discord.login.expect("there is a token");
    assert_eq!(login.token.expose_secret(), SECRETS[0].1);
    assert_eq!(login.application_id.get(), 1_180_000_000_000_000_001);
    assert_eq!(config.http.public_url, "https://hooks.example.com");

    let [program] = config.programs.as_slice() else { panic!("one program") };
    assert_eq!((program.time_zone.name(), program.currency.code()), ("Europe/Berlin", "EUR"));
    assert_eq!(program.confirm_from, Decimal::from(10_000));
    assert_eq!(program.fiscal_year_start, Some(7));
    assert_eq!(program.thresholds.amber, Decimal::from(-25));
    assert_eq!(program.roles.len(), 6);
    let approver = &program.roles[1];
    assert_eq!(
        (&approver.company, approver.bundles.as_slice()),
        (&Company::Vendor, [Bundle::Approver].as_slice())
    );
    assert_eq!(approver.approve_mdf_limit, Some(ApprovalLimit::UpTo(Decimal::from(25_000))));
    let finance = &program.roles[2];
    assert_eq!(finance.approve_mdf_limit, Some(ApprovalLimit::Unlimited));
    assert_eq!(finance.approve_claims_limit, None);
    let signatory = &program.roles[5];
    assert_eq!(signatory.company, Company::Partner("acme".to_owned()));
    assert_eq!(signatory.capabilities, [Capability::Sign, Capability::LogResults].into());

    let [allocation, pool] = program.funds.as_slice() else { panic!("two funds") };
    assert_eq!(allocation.amount.to_string(), "50000.00");
    assert_eq!((allocation.partner.as_deref(), &allocation.carry_over), (Some("acme"), &CarryOver::None));
    assert_eq!((pool.amount.to_string().as_str(), pool.currency.code()), ("120000.00", "EUR"));
    assert_eq!((pool.partner.as_deref(), &pool.carry_over), (None, &CarryOver::NextPeriod));
    assert_eq!(pool.carry_limit, Some(CarryLimit::Percent(Decimal::from(50))));
    assert_eq!(pool.valid_until.to_string(), "2026-12-31");
    money_rules::are_read(program);
    let effort = Effort { kind: CampaignType::Webinar, vendor: 20, partner: 24 };
    assert_eq!(program.efforts, [effort]);

    let [hub, globex] = program.sources.as_slice() else { panic!("two sources") };
    let SourceKind::Hubspot(hubspot) = &hub.kind else { panic!("the first is HubSpot") };
    assert_eq!((hubspot.api_url.as_str(), hubspot.portal_id), ("https://api.hubapi.com", Some(62515)));
    assert_eq!((hub.campaigns[0].partner.as_str(), hub.campaigns[0].number), ("acme", 7));
    assert!(hub.path_token.is_some() && globex.path_token.is_none());
    assert!(globex.secret.is_some() && globex.previous_secret.is_some());
}

#[test]
fn secrets_that_are_not_needed_are_not_read() {
    let config = load(&uncommented(), "bot.toml", &Environment::default(), Need::Database);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    assert!(config.discord.login.is_none());
    assert!(config.programs[0].sources.iter().all(|source| source.secret.is_none()));
}

#[test]
fn debug_output_leaks_nothing() {
    let url = [("TANDEM_DATABASE__URL", "postgres://tandem:database-password@db.example/tandem")];
    let environment = environment(&url);
    let config = load(&uncommented(), "bot.toml", &environment, Need::Discord).expect("valid");
    assert_eq!(config.database.shown, "postgres://db.example/tandem");
    let printed = format!("{config:?} {config:#?} {environment:?}");
    for (name, secret) in SECRETS.iter().chain(&url) {
        assert!(!printed.contains(secret), "{name} leaks");
    }
    assert!(!printed.contains("database-password"));
}

/// Seven faults of seven kinds, each on a line of its own.
#[test]
fn seven_faults_are_seven_problems() {
    let text = r#"[discord]
token = "the-token-itself"
application_id = "1180000000000000001"

[http]
listn = "127.0.0.1:8080"

[database]
url = "mysql://tandem"

[limits]
intake_body_bytes = "1 MiB"

[[program]]
key = "northwind"
name = "Northwind"
guild_id = "1190000000000000001"
time_zone = "Europe/Berlin"
currency = "EUR"
approvals_channel = "1190000000000000100"

[[program.partner]]
key = "acme"
channel = "1190000000000000101"

[[program.fund]]
key = "q1-mdf"
name = "Q1 MDF"
kind = "mdf"
amount = "12,5o"
valid_from = 2026-01-01
valid_until = 2026-03-31
partner = "acne"
"#;
    let problems = read(text).expect_err("seven faults");
    assert_eq!(problems.len(), 7);
    assert_snapshot!(problems.to_string(), @r#"
    The configuration has 7 problems; nothing was started.
      1. bot.toml:2  discord.token  found a secret (not shown)  expected token_env = "NAME" or token_file = "PATH"; a secret is never written here
      2. bot.toml:6  http.listn  found an unknown key  expected another key: did you mean "listen"?
      3. bot.toml:9  database.url  found a text (not shown) that isn't a database address  expected "sqlite://tandem.db" or "postgres://user@host/database"
      4. bot.toml:12  limits.intake_body_bytes  found "1 MiB"  expected a whole number from 1024 to 16777216
      5. bot.toml:22  program.partner.name  found nothing  expected a name of 1 to 100 characters
      6. bot.toml:30  program.fund.amount  found "12,5o"  expected an amount above 0 such as "50000.00" in EUR
      7. bot.toml:33  program.fund.partner  found "acne"  expected the key of a declared partner: acme (did you mean "acme"?)
    "#);
}

#[test]
fn what_is_not_toml_does_not_hide_the_rest() {
    let text = r#"[discord]
token_env = DISCORD_TOKEN
application_id = "1180000000000000001"
application_id = "1180000000000000002"

[http]
listen = "127.0.0.1:8080

[database]
url = "sqlite://tandem.db"

[[program]
key = "northwind"

[program.thresholds]
green = "5"

[log]
format = "xml"

[http]
listen = "127.0.0.1:8081"
"#;
    assert_snapshot!(told(text), @r#"
    1. bot.toml:2  found string values must be quoted at column 13  expected literal string
    2. bot.toml:4  application_id  found the same key a second time  expected each key once in its table
    3. bot.toml:7  found invalid basic string at column 25  expected `"`
    4. bot.toml:12  found unclosed array table at column 11  expected `]`; this table was not read further
    5. bot.toml:19  log.format  found "xml"  expected one of "text", "json"
    6. bot.toml:21  http  found the same key a second time  expected each key once in its table
    "#);
}

#[test]
fn broken_lists_are_one_fault_each() {
    let text = uncommented();
    let text = text.replacen(
        r#"bundles = ["channel_manager"]"#,
        "bundles = [\n  \"channel_manager\"\n  \"viewer\",\n]",
        1,
    );
    assert_snapshot!(told(&text), @r#"1. bot.toml:96  found missing comma between array elements at column 3  expected `,`"#);
    assert_snapshot!(told("[discord]\ntoken_env = \"DISCORD_TOKEN\"\napplication_id = \"1\"\n[database]\nurl = \"\"\"sqlite\n[log]\nformat = \"xml\"\n"), @r#"
    1. bot.toml:5  found a text in triple quotes that isn't closed  expected its closing quotes
    2. bot.toml:7  log.format  found "xml"  expected one of "text", "json"
    "#);
    assert_snapshot!(told_after(r#"["finance", "fund_manager"]"#, r#"["finance", "fund_manager","#), @r#"1. bot.toml:106  found a list or table that isn't closed  expected its closing ] or }"#);
    assert_snapshot!(told_after(r#"["approver"]"#, r#"["approver""#), @r#"1. bot.toml:99  found a list or table that isn't closed  expected its closing ] or }"#);
}

#[test]
fn a_missing_file_is_one_clear_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bot.toml");
    let problems = load_file(&path, &Environment::default(), Need::Database).expect_err("no file");
    let text = problems.to_string().replace(&folder.path().display().to_string(), "FOLDER");
    assert_snapshot!(text, @r#"
    The configuration has 1 problem; nothing was started.
      1. FOLDER/bot.toml  found no such file  expected a configuration: copy the bot.toml that ships, or name yours with --config or TANDEM_CONFIG
    "#);
    std::fs::write(&path, SHIPPED).expect("written");
    assert!(load_file(&path, &Environment::default(), Need::Database).is_ok());
}

#[test]
fn the_environment_overrides_settings() {
    let environment = environment(&[
        ("TANDEM_DATABASE__URL", "postgres://tandem:pw@db.example:5433/tandem"),
        ("TANDEM_HTTP__LISTEN", "0.0.0.0:9000"),
        ("TANDEM_DISCORD__API_URL", "http://127.0.0.1:4000/"),
        ("TANDEM_DISCORD__TOKEN_ENV", "TANDEM_PLAYGROUND_TOKEN"),
        ("TANDEM_PLAYGROUND_TOKEN", "another.token"),
        ("TANDEM_LIMITS__INTAKE_BODY_BYTES", "2048"),
        ("TANDEM_LOG", "tandem=debug"),
        ("TANDEM_LOG__FORMAT", "json"),
        ("TANDEM_CONFIG", "elsewhere/bot.toml"),
    ]);
    let config = load(&uncommented(), "bot.toml", &environment, Need::Discord);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.database.engine, Engine::Postgres);
    assert_eq!(config.database.shown, "postgres://db.example:5433/tandem");
    assert!(config.database.url.expose_secret().contains("tandem:pw@"));
    assert_eq!(config.http.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(config.discord.route, DiscordRoute::Proxy { api_url: "http://127.0.0.1:4000".to_owned() });
    assert_eq!(config.discord.login.expect("a login").token.expose_secret(), "another.token");
    assert_eq!(config.limits.intake_body_bytes, 2048);
    assert_eq!((config.log.format, config.log.filter.as_str()), (LogFormat::Json, "tandem=debug"));
}

#[test]
fn evidence_is_kept_beside_the_data_unless_a_folder_is_named() {
    let folder = |text: &str, more: &[(&str, &str)]| {
        let config = load(text, "etc/bot.toml", &environment(more), Need::Discord);
        config.unwrap_or_else(|problems| panic!("{problems}")).evidence.folder.display().to_string()
    };
    let default = uncommented().replacen("folder = \"evidence\"", "", 1);
    let elsewhere = default.replacen("sqlite://tandem.db", "sqlite:///var/lib/tandem/data.db?mode=rwc", 1);
    let on_postgres = default.replacen("sqlite://tandem.db", "postgres://tandem@db.example/tandem", 1);
    assert_eq!(folder(&default, &[]), "etc/evidence");
    assert_eq!(folder(&elsewhere, &[]), "/var/lib/tandem/evidence");
    assert_eq!(folder(&on_postgres, &[]), "etc/evidence");
    assert_eq!(folder(&elsewhere, &[("TANDEM_EVIDENCE__FOLDER", "proof")]), "etc/proof");
    assert_eq!(folder(&elsewhere, &[("TANDEM_EVIDENCE__FOLDER", "/mnt/proof")]), "/mnt/proof");
    assert_snapshot!(told_after("folder = \"evidence\"", "folder = \" \""), @r#"1. bot.toml:50  evidence.folder  found " "  expected the path of a folder, from the folder of the configuration"#);
    assert_snapshot!(told_after("folder = \"evidence\"", "foldr = \"evidence\""), @r#"1. bot.toml:50  evidence.foldr  found an unknown key  expected another key: did you mean "folder"?"#);
}

#[test]
fn wrong_overrides_name_the_variable() {
    let environment = environment(&[
        ("TANDEM_HTTP__LISTEN", "everywhere"),
        ("TANDEM_LIMITS__INTAKE_BODY_BYTES", "lots"),
        ("TANDEM_DATABSE__URL", "sqlite://x.db"),
        ("TANDEM_PROGRAM__KEY", "northwind"),
        ("TANDEM_DISCORD__TOKEN", "the-token-itself"),
        ("TANDEM_DISCORD__APPLICATION_ID", ""),
    ]);
    let problems = load(SHIPPED, "bot.toml", &environment, Need::Discord).expect_err("five faults");
    assert!(problems.iter().all(|problem| matches!(problem.place, Place::Variable(_))));
    assert_snapshot!(listed(&problems), @r#"
    1. TANDEM_DATABSE__URL  found a variable that overrides nothing  expected another name: did you mean "TANDEM_DATABASE__URL"?
    2. TANDEM_DISCORD__APPLICATION_ID  discord.application_id  found ""  expected a Discord id: its digits in quotes
    3. TANDEM_DISCORD__TOKEN  discord.token  found a secret (not shown)  expected token_env = "NAME" or token_file = "PATH"; a secret is never written here
    4. TANDEM_HTTP__LISTEN  http.listen  found "everywhere"  expected an address and port such as "127.0.0.1:8080"
    5. TANDEM_LIMITS__INTAKE_BODY_BYTES  limits.intake_body_bytes  found "lots"  expected a whole number from 1024 to 16777216
    6. TANDEM_PROGRAM__KEY  found a variable that overrides nothing  expected TANDEM_TABLE__KEY for [discord], [http], [database], [log], [limits] or [evidence]
    "#);
}

#[test]
fn an_override_replaces_the_other_ways_to_say_it() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("url"), "postgres://u:p@db.example/tandem\n").expect("written");
    let name = folder.path().join("bot.toml").display().to_string();
    let environment = environment(&[("TANDEM_DATABASE__URL_FILE", "url")]);
    let config =
        load(SHIPPED, &name, &environment, Need::Database).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.database.url.expose_secret(), "postgres://u:p@db.example/tandem");
}

#[test]
fn secrets_come_from_files_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("bot.toml").display().to_string();
    let text = uncommented().replacen(r#"token_env = "DISCORD_TOKEN""#, r#"token_file = "token""#, 1);
    let read = |text: &str| load(text, &name, &environment(&[]), Need::Discord);
    let relative =
        |problems: Problems| listed(&problems).replace(&folder.path().display().to_string(), "FOLDER");

    assert_snapshot!(relative(read(&text).expect_err("no file")), @r#"1. FOLDER/bot.toml:12  discord.token_file  found a file that can't be read (entity not found)  expected the path of a readable file, from the folder of the configuration"#);
    std::fs::write(folder.path().join("token"), "\n").expect("written");
    assert_snapshot!(relative(read(&text).expect_err("empty file")), @r#"1. FOLDER/bot.toml:12  discord.token_file  found an empty file  expected the path of a readable file, from the folder of the configuration"#);
    std::fs::write(folder.path().join("token"), "Bot token.of.the.bot\n").expect("written");
    assert_snapshot!(relative(read(&text).expect_err("two words")), @r#"1. FOLDER/bot.toml:12  discord.token_file  found a secret (not shown) of another form  expected the bot's token alone, without the word Bot and without blanks"#);
    std::fs::write(folder.path().join("token"), "token.of.the.bot\n").expect("written");
    let config = read(&text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.discord.login.expect("a login").token.expose_secret(), "token.of.the.bot");
}

#[test]
fn a_pasted_secret_is_refused_and_not_repeated() {
    let pasted = "MTE4MDAw.pasted-by-mistake";
    for setting in ["token", "token_env", "token_file", "secret"] {
        let text =
            uncommented().replacen("token_env = \"DISCORD_TOKEN\"", &format!("{setting} = \"{pasted}\""), 1);
        let told = told(&text);
        assert!(!told.contains("pasted"), "{told}");
    }
    assert_snapshot!(told_after("token_env = \"DISCORD_TOKEN\"", &format!("token_env = \"{pasted}\"")), @r#"1. bot.toml:12  discord.token_env  found a text (not shown) that isn't a variable's name  expected the name of an environment variable: A-Z, 0-9 and _"#);
    assert_snapshot!(told_after("sqlite://tandem.db\"", "postgres://tandem:pasted@db/tandem\""), @r#"1. bot.toml:31  database.url  found an address with a password (not shown)  expected url_env = "NAME" or url_file = "PATH" for it"#);
    assert_snapshot!(told_after("\"HUBSPOT_PATH_TOKEN\"", "\"GLOBEX_WEBHOOK_SECRET_OLD\""), @r#"1. bot.toml:207  program.source.path_token_env  found a secret (not shown) of another form  expected 22 to 128 characters: letters, digits, - and _"#);
}

#[test]
fn secrets_that_cannot_be_read_or_used() {
    let mut variables: Vec<(&str, &str)> = SECRETS.to_vec();
    variables[1].1 = "short";
    variables[2].1 = "  ";
    variables[4].1 = "whsec_dG9vIHNob3J0";
    variables.remove(3);
    let environment = variables.into_iter().collect();
    let problems = load(&uncommented(), "bot.toml", &environment, Need::Discord).expect_err("four faults");
    assert_snapshot!(listed(&problems), @r#"
    1. bot.toml:200  program.source.secret_env  found a secret (not shown) of another form  expected the app's client secret: at least 16 characters without blanks
    2. bot.toml:201  program.source.access_token_env  found HUBSPOT_ACCESS_TOKEN, which is empty  expected the name of an environment variable that holds the secret
    3. bot.toml:207  program.source.path_token_env  found HUBSPOT_PATH_TOKEN, which is not set  expected the name of an environment variable that holds the secret
    4. bot.toml:218  program.source.secret_env  found a secret (not shown) of another form  expected whsec_ and 24 to 64 bytes in base64 (or whpk_ and 32)
    "#);
}

#[test]
fn isolation_between_companies_starts_in_the_file() {
    // A partner's shared channel that is the vendor's own would show it every approval.
    assert_snapshot!(told_after("1190000000000000101", "1190000000000000100"), @r#"1. bot.toml:130  program.partner.channel  found "1190000000000000100", which line 62 has already  expected a different one each time"#);
    assert_snapshot!(told_after("1190000000000000102", "1190000000000000101"), @r#"1. bot.toml:140  program.partner.channel  found "1190000000000000101", which line 130 has already  expected a different one each time"#);
    assert_snapshot!(told_after("1190000000000000206\"\ncompany = \"acme\"", "1190000000000000205\"\ncompany = \"globex\""), @r#"1. bot.toml:121  program.role.role_id  found "1190000000000000205", which line 116 has already  expected a different one each time"#);
    assert_snapshot!(told_after("1190000000000000205", "1190000000000000001"), @r#"1. bot.toml:116  program.role.role_id  found the guild's own id, which is @everyone  expected a role that only this company's people have"#);
    assert_snapshot!(told_after("[\"partner_signatory\"]", "[\"approver\"]"), @r#"1. bot.toml:123  program.role.bundles  found "approver"  expected what a partner's role may have: partner_marketing, partner_sales, partner_signatory"#);
    assert_snapshot!(told_after("[\"log_results\"]", "[\"log_results\", \"view_portfolio\"]"), @r#"1. bot.toml:124  program.role.capabilities  found "view_portfolio"  expected what a partner's role may have: sign, edit_plan, file_requests, log_results, decide_leads"#);
    assert_snapshot!(told_after("[\"channel_manager\"]", "[\"partner_sales\"]"), @r#"1. bot.toml:94  program.role.bundles  found "partner_sales"  expected what a vendor's role may have: channel_manager, approver, finance, fund_manager, administrator, viewer"#);
    assert_snapshot!(told_after("campaign = \"ACME/CMP-7\"", "campaign = \"ACME/CMP-7\"\n[[program.source.campaign]]\ncrm_id = \"5dc7a1d1-9f5b-4c3a-b1de-1f6b5f3a7d11\"\ncampaign = \"GLOBEX/CMP-1\""), @r#"1. bot.toml:214  program.source.campaign.crm_id  found "5dc7a1d1-9f5b-4c3a-b1de-1f6b5f3a7d11", which line 211 has already  expected a different one each time"#);
    assert_snapshot!(told_after("partner = \"globex\"", "partner = \"globex\"\n[[program.source.campaign]]\ncrm_id = \"1\"\ncampaign = \"ACME/CMP-1\""), @r#"1. bot.toml:224  program.source.campaign.campaign  found a campaign of ACME  expected a campaign of GLOBEX, to whom the source belongs"#);
}

#[test]
fn two_programs_do_not_share_a_guild() {
    let second = "\n[[program]]\nkey = \"northwind\"\nname = \"Contoso\"\nguild_id = \"1190000000000000001\"\n\
        time_zone = \"Europe/Berlim\"\ncurrency = \"XAU\"\napprovals_channel = \"1190000000000000102\"\n";
    assert_snapshot!(told(&(uncommented() + second)), @r#"
    1. bot.toml:230  program.key  found "northwind", which line 55 has already  expected a different one each time
    2. bot.toml:232  program.guild_id  found "1190000000000000001", which line 57 has already  expected a different one each time
    3. bot.toml:233  program.time_zone  found "Europe/Berlim"  expected an IANA time zone such as "Europe/Berlin" (did you mean "Europe/Berlin"?)
    4. bot.toml:234  program.currency  found "XAU"  expected an ISO 4217 currency code such as "EUR"
    5. bot.toml:235  program.approvals_channel  found "1190000000000000102", which line 140 has already  expected a different one each time
    "#);
}

#[test]
fn money_is_exact() {
    let amounts = |amount: &str| told_after("\"50000.00\"", amount);
    assert_snapshot!(amounts("\"50000.001\""), @r#"1. bot.toml:148  program.fund.amount  found "50000.001"  expected an amount above 0 such as "50000.00" in EUR"#);
    assert_snapshot!(amounts("\"-1\""), @r#"1. bot.toml:148  program.fund.amount  found "-1"  expected an amount above 0 such as "50000.00" in EUR"#);
    assert_snapshot!(amounts("\"0\""), @r#"1. bot.toml:148  program.fund.amount  found "0"  expected an amount above 0 such as "50000.00" in EUR"#);
    assert_snapshot!(amounts("50000.00"), @r#"1. bot.toml:148  program.fund.amount  found the bare number 50000  expected an amount above 0 such as "50000.00" in EUR"#);
    assert_snapshot!(amounts("\"1234567890123\""), @r#"1. bot.toml:148  program.fund.amount  found "1234567890123"  expected an amount above 0 such as "50000.00" in EUR"#);
    assert_snapshot!(told_after("currency = \"EUR\"\namount = \"50000.00\"", "currency = \"JPY\"\namount = \"50000.5\""), @r#"1. bot.toml:148  program.fund.amount  found "50000.5"  expected an amount above 0 such as "50000" in JPY"#);
    let yen = uncommented().replacen(
        "currency = \"EUR\"\namount = \"50000.00\"",
        "currency = \"JPY\"\namount = \"50000.00\"",
        1,
    );
    assert_eq!(read(&yen).expect("whole yen").programs[0].funds[0].amount.to_string(), "50000");
}

#[test]
fn limits_are_said_not_guessed() {
    assert_snapshot!(told_after("approve_claims_limit = \"25000\"\n", ""), @r#"1. bot.toml:96  program.role.approve_claims_limit  found nothing  expected an amount above 0 such as "50000.00" in EUR, or "unlimited""#);
    assert_snapshot!(told_after("\"unlimited\"", "\"all\""), @r#"1. bot.toml:108  program.role.approve_mdf_limit  found "all"  expected an amount above 0 such as "50000.00" in EUR, or "unlimited""#);
    assert_snapshot!(told_after("bundles = [\"channel_manager\"]", "bundles = [\"channel_manager\"]\napprove_mdf_limit = \"5\""), @r#"1. bot.toml:95  program.role.approve_mdf_limit  found a limit for something that the role may not do  expected approve_mdf among its capabilities, or no limit"#);
}

#[test]
fn dates_percentages_and_addresses_are_checked() {
    assert_snapshot!(told_after("valid_until = 2026-03-31", "valid_until = \"2025-12-31\""), @r#"1. bot.toml:150  program.fund.valid_until  found 2025-12-31  expected a day not before valid_from, 2026-01-01"#);
    assert_snapshot!(told_after("valid_until = 2026-03-31", "valid_until = \"31.3.2026\""), @r#"1. bot.toml:150  program.fund.valid_until  found "31.3.2026"  expected a date such as 2026-01-31"#);
    assert_snapshot!(told_after("share_percent = \"50\"", "share_percent = 50"), @r#"1. bot.toml:167  program.activity.share_percent  found the bare number 50  expected a percentage in quotes, from "0" to "100""#);
    assert_snapshot!(told_after("share_percent = \"50\"", "share_percent = \"0\""), @r#"1. bot.toml:167  program.activity.share_percent  found 0  expected more than 0: an activity that MDF never pays needs no rule"#);
    assert_snapshot!(told_after("notice_days = 10", "notice_days = 366"), @r#"1. bot.toml:169  program.activity.notice_days  found the bare number 366  expected a whole number from 0 to 365"#);
    assert_snapshot!(told_after("claim_window_days = 60", "claim_window_days = 2"), @r#"1. bot.toml:170  program.activity.claim_window_days  found the bare number 2  expected a whole number from 3 to 365"#);
    assert_snapshot!(told_after("green = \"-10\"", "green = \"-30\""), @r#"1. bot.toml:79  program.thresholds.amber  found amber -25, green -30  expected amber at or below green"#);
    assert_snapshot!(told_after("spend_red = \"20\"", "spend_red = \"9.99\""), @r#"1. bot.toml:81  program.thresholds.spend_red  found spend_amber 10, spend_red 9.99  expected spend_red at or above spend_amber"#);
    assert_snapshot!(told_after("vendor = 20", "vendor = 10001"), @"1. bot.toml:226  program.effort.vendor  found the bare number 10001  expected a whole number from 0 to 10000");
    assert_snapshot!(told_after("https://hooks.example.com", "https://hooks.example.com/tandem"), @r#"1. bot.toml:26  http.public_url  found "https://hooks.example.com/tandem"  expected http:// or https:// and a host, no path or query, such as "https://hooks.example.com""#);
    assert_snapshot!(told_after("public_url = \"https://hooks.example.com\"\n", ""), @r#"1. bot.toml:198  program.source.kind  found "hubspot" without a public address  expected http.public_url to be set: HubSpot signs the address"#);
    assert_snapshot!(told_after("https://api.hubapi.com", "http://crm.example.com"), @r#"1. bot.toml:203  program.source.api_url  found "http://crm.example.com"  expected https:// and a host (http:// only for this machine), no path, such as "https://api.hubapi.com""#);
    assert_snapshot!(told_after("sqlite://tandem.db", "sqlite::memory:"), @r#"1. bot.toml:31  database.url  found an address without a file  expected a file, as in "sqlite://tandem.db""#);
    assert_snapshot!(told_after("filter = \"info\"", "filter = \"tandem=loud\""), @r#"1. bot.toml:37  log.filter  found "tandem=loud"  expected log directives such as "info,tandem=debug""#);
    assert_snapshot!(told_after("guild_id = \"1190000000000000001\"", "guild_id = 1190000000000000001"), @r#"1. bot.toml:57  program.guild_id  found the bare number 1190000000000000001  expected a Discord id: its digits in quotes"#);
}

#[test]
fn another_server_than_discord_is_named_in_one_way() {
    let after = |more: &str| told_after("[http]", &format!("{more}\n[http]"));
    assert_snapshot!(after("connect_to = \"127.0.0.1:8443\""), @r#"1. bot.toml:22  discord.connect_to  found one without the other  expected connect_to and ca_file together"#);
    assert_snapshot!(after("api_url = \"http://127.0.0.1:1\"\nca_file = \"ca.pem\""), @r#"1. bot.toml:23  discord.ca_file  found both ways to another server  expected either api_url, or connect_to with ca_file"#);

    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("bot.toml").display().to_string();
    let text =
        uncommented().replacen("[http]", "connect_to = \"127.0.0.1:8443\"\nca_file = \"ca.pem\"\n[http]", 1);
    std::fs::write(folder.path().join("ca.pem"), "not a certificate").expect("written");
    assert!(load(&text, &name, &environment(&[]), Need::Discord).is_err());
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    std::fs::write(folder.path().join("ca.pem"), pem).expect("written");
    let config =
        load(&text, &name, &environment(&[]), Need::Discord).unwrap_or_else(|problems| panic!("{problems}"));
    let address = "127.0.0.1:8443".parse().expect("an address");
    assert_eq!(config.discord.route, DiscordRoute::Redirected { address, ca_pem: pem.to_owned() });
}

#[test]
fn misspelt_words_are_recognised() {
    assert_snapshot!(told_after("approvals_channel", "approval-channel"), @r#"1. bot.toml:62  program.approval-channel  found an unknown key  expected another key: did you mean "approvals_channel"?"#);
    assert_snapshot!(told_after("[[program.fund]]", "[[program.funds]]"), @r#"1. bot.toml:143  program.funds  found an unknown key  expected another key: did you mean "fund"?"#);
    assert_snapshot!(told_after("[[program]]", "[program]"), @r#"1. bot.toml:54  program  found a table  expected a list of tables: [[program]]"#);
    assert_snapshot!(told_after("[\"channel_manager\"]", "\"channel_manager\""), @r#"1. bot.toml:94  program.role.bundles  found "channel_manager"  expected a list in brackets, of one of "channel_manager", "approver", "finance", "fund_manager", "administrator", "viewer", "partner_marketing", "partner_sales", "partner_signatory""#);
    assert_snapshot!(told_after("key = \"acme\"", "key = \"Acme\""), @r#"1. bot.toml:128  program.partner.key  found "Acme"  expected a key of 1 to 32 characters: a-z, 0-9 and -"#);
    assert_snapshot!(told_after("[[program.partner]]\nkey = \"acme\"", "[[program.partner]\nkey = \"acme\""), @r#"1. bot.toml:127  found unclosed array table at column 19  expected `]`; this table was not read further"#);
    assert_snapshot!(told_after("[\"approver\"]", "[\"aprover\"]"), @r#"1. bot.toml:99  program.role.bundles  found "aprover"  expected one of "channel_manager", "approver", "finance", "fund_manager", "administrator", "viewer", "partner_marketing", "partner_sales", "partner_signatory" (did you mean "approver"?)"#);
    assert_snapshot!(told_after("kind = \"hubspot\"", "kind = \"hubsport\""), @r#"1. bot.toml:199  program.source.kind  found "hubsport"  expected one of "hubspot", "standard_webhooks" (did you mean "hubspot"?)"#);
    assert_snapshot!(told_after("type = \"webinar\"", "type = \"webinars\""), @r#"1. bot.toml:166  program.activity.type  found "webinars"  expected one of "email", "webinar", "in_person_event", "trade_show", "paid_search", "paid_social", "display", "content_syndication", "telemarketing", "direct_mail", "social", "landing_page", "partner_newsletter", "other" (did you mean "webinar"?)"#);
    assert_snapshot!(told_after("company = \"acme\"", "company = \"acmee\""), @r#"1. bot.toml:117  program.role.company  found "acmee"  expected "vendor" or the key of a declared partner (did you mean "acme"?)"#);
    assert_snapshot!(told_after("key = \"acme\"", "key = \"vendor\""), @r#"
    1. bot.toml:117  program.role.company  found "acme"  expected "vendor" or the key of a declared partner
    2. bot.toml:122  program.role.company  found "acme"  expected "vendor" or the key of a declared partner
    3. bot.toml:128  program.partner.key  found "vendor"  expected another key: this word means the vendor in a role's company
    4. bot.toml:151  program.fund.partner  found "acme"  expected the key of a declared partner: globex
    5. bot.toml:212  program.source.campaign.campaign  found "ACME/CMP-7"  expected PARTNER/CMP-number of a declared partner, such as "ACME/CMP-7"
    "#);
}

#[test]
fn an_inline_table_is_a_table_too() {
    let text = "discord = { token_env = \"DISCORD_TOKEN\", application_id = \"1\" }\n\
        database.url = \"sqlite://x.db\"\n\
        program = [{ key = \"northwind\", name = \"N\", guild_id = \"1\", time_zone = \"UTC\", currency = \"JPY\", \
        approvals_channel = \"2\", colour = \"red\" }, 7]\n";
    assert_snapshot!(told(text), @"
    1. bot.toml:3  program  found the bare number 7  expected a list of tables: [[program]]
    2. bot.toml:3  program.colour  found an unknown key  expected one of activity, approval, approvals_channel, auto_approve_under, calendar, confirm_from, currency, effort, escalate_after_days, fiscal_year_start, fund, guild_id, key, name, partner, role, single_partner, source, thresholds, tier, time_zone
    ");
}

#[test]
fn bundles_hold_what_their_side_may_have_and_the_manual_says_so() {
    let vendors = [
        Bundle::ChannelManager,
        Bundle::Approver,
        Bundle::Finance,
        Bundle::FundManager,
        Bundle::Administrator,
        Bundle::Viewer,
    ];
    let partners = [Bundle::PartnerMarketing, Bundle::PartnerSales, Bundle::PartnerSignatory];
    for bundle in vendors {
        assert!(
            !bundle.is_partners() && bundle.capabilities().iter().all(|c| c.side() != Some(Side::Partner)),
            "{bundle:?}"
        );
        let both = [Capability::ApproveClaims, Capability::PayClaims];
        assert!(!both.iter().all(|c| bundle.capabilities().contains(c)), "{bundle:?} both grants and pays");
    }
    for bundle in partners {
        assert!(
            bundle.is_partners() && bundle.capabilities().iter().all(|c| c.side() != Some(Side::Vendor)),
            "{bundle:?}"
        );
    }
    for bundle in vendors.into_iter().chain(partners) {
        let side = if bundle.is_partners() { "partner" } else { "vendor" };
        let contents: Vec<String> = bundle.capabilities().iter().map(|c| format!("`{}`", c.code())).collect();
        let row = format!("| `{}` | {side} | {} |", bundle.name(), contents.join(", "));
        assert!(MANUAL.contains(&row), "the manual lacks {row}");
    }
}

#[test]
fn every_setting_of_the_example_is_in_the_manual() {
    let text = uncommented();
    let keys: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|l| l.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    assert!(keys.len() > 60, "the example has lost its settings");
    for key in keys {
        assert!(MANUAL.contains(&format!("`{key}`")), "the manual lacks {key}");
    }
}
