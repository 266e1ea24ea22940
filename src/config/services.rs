//! The tables that occur once: `[discord]`, `[http]`, `[database]`, `[log]`, `[limits]`, `[evidence]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use reqwest::Url;
use secrecy::ExposeSecret;
use tracing_subscriber::EnvFilter;

use super::Need;
use super::model::{
    Database, Discord, DiscordLogin, DiscordRoute, Engine, Evidence, Http, Limits, Log, LogFormat,
};
use super::problem::Place;
use super::read::{Field, Spot, Table};
use super::rules;
use super::secret::{self, Wanted};

/// Largest body of one CRM request unless set: the largest that any CRM sends is a quarter of it.
const INTAKE_BODY_BYTES: usize = 1024 * 1024;
/// Largest evidence file unless set: Discord's own limit for a file.
const EVIDENCE_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Discord honours a nonce "for a few minutes": two are on the safe side.
const NONCE_TRUSTED_MS: i64 = 2 * 60 * 1000;
/// One try of a delivery unless set: an upload over a slow line fits.
const DELIVERY_TRY_MS: u64 = 60 * 1000;
/// How long a worker holds CRM events unless set: the slowest reads of a CRM that asks us to wait fit.
const PROJECTION_LEASE_MS: i64 = 5 * 60 * 1000;
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const DEFAULT_FILTER: &str = "info";
/// The folder for evidence unless set.
const EVIDENCE_FOLDER: &str = "evidence";
/// Most characters of a folder's path.
const PATH_CHARS: usize = 1_000;

pub(super) fn discord(table: &Table<'_>) -> Option<Discord> {
    let needed = table.session.need == Need::Discord;
    let token = table.secret("token", &secret::DISCORD_TOKEN, Wanted { written: needed, read: needed });
    let id = rules::discord_id();
    let application_id =
        if needed { table.required("application_id", &id) } else { table.optional("application_id", &id) };
    let route = route(table);
    let login = token.zip(application_id).map(|(token, application_id)| DiscordLogin {
        token: token.value,
        application_id: application_id.value,
    });
    Some(Discord { login, route: route? })
}

fn route(table: &Table<'_>) -> Option<DiscordRoute> {
    let api_url = table.field("api_url");
    let address = table.field("connect_to");
    let ca_file = table.field("ca_file");
    if let (Some(_), Some(field)) = (&api_url, address.as_ref().or(ca_file.as_ref())) {
        let expected = "either api_url, or connect_to with ca_file".to_owned();
        table.session.problem(&field.place, &field.path, "both ways to another server".to_owned(), expected);
        return None;
    }
    if let Some(field) = api_url {
        let api_url = table.session.parse(&field, &rules::base_url("http://127.0.0.1:4000"))?.value;
        return Some(DiscordRoute::Proxy { api_url });
    }
    match (address, ca_file) {
        (None, None) => Some(DiscordRoute::Public),
        (Some(address), Some(ca_file)) => {
            let parsed = table.session.parse(&address, &rules::socket_address());
            let ca_pem = table.file(&ca_file);
            if ca_pem.as_ref().is_some_and(|pem| !pem.contains("-----BEGIN CERTIFICATE-----")) {
                let found = "a file without a certificate".to_owned();
                table.session.problem(&ca_file.place, &ca_file.path, found, "certificates in PEM".to_owned());
                return None;
            }
            Some(DiscordRoute::Redirected { address: parsed?.value, ca_pem: ca_pem? })
        }
        (Some(field), None) | (None, Some(field)) => {
            let expected = "connect_to and ca_file together".to_owned();
            table.session.problem(&field.place, &field.path, "one without the other".to_owned(), expected);
            None
        }
    }
}

/// The listener, and whether its public address was written (some CRMs sign it).
pub(super) fn http(table: &Table<'_>) -> Option<(Http, bool)> {
    let listen = match table.field("listen") {
        None => Some(DEFAULT_LISTEN),
        Some(field) => table.session.parse(&field, &rules::socket_address()).map(|spot| spot.value),
    };
    let written = table.field("public_url");
    let public_url = match &written {
        None => listen.map(|listen| format!("http://{listen}")),
        Some(field) => {
            let rule = rules::base_url("https://hooks.example.com");
            table.session.parse(field, &rule).map(|spot| spot.value)
        }
    };
    Some((Http { listen: listen?, public_url: public_url? }, written.is_some()))
}

const DATABASE_URL: &str = "\"sqlite://tandem.db\" or \"postgres://user@host/database\"";

pub(super) fn database(table: &Table<'_>) -> Option<Database> {
    let [url, by_env, by_file] = table.alternatives(["url", "url_env", "url_file"]);
    let written = match (url, by_env, by_file) {
        (None, None, None) => {
            table.lacks("url", DATABASE_URL);
            return None;
        }
        (Some(field), None, None) => {
            let Some(value) = field.raw.text(false) else {
                table.session.problem(&field.place, &field.path, field.raw.shown(), DATABASE_URL.to_owned());
                return None;
            };
            Spot { value, place: field.place, path: field.path }
        }
        (None, by_env, by_file) => table.named_text("url", by_env, by_file)?,
        (Some(field), _, _) => {
            let expected = "only one of url, url_env and url_file".to_owned();
            table.session.problem(&field.place, &field.path, "several".to_owned(), expected);
            return None;
        }
    };
    match address(&written) {
        Ok((engine, shown)) => {
            let url = match engine {
                Engine::Sqlite => beside(&table.session.folder, &written.value),
                Engine::Postgres => written.value,
            };
            Some(Database { engine, url: url.into(), shown })
        }
        Err((found, expected)) => {
            table.session.wrong(&written, found, expected);
            None
        }
    }
}

/// The address of a SQLite file, a relative one taken from the folder of the configuration.
fn beside(folder: &Path, url: &str) -> String {
    let rest = url.strip_prefix("sqlite:").unwrap_or(url);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    format!("sqlite://{}", folder.join(rest).display())
}

/// The engine of a database address and the address as it may be shown; else what is wrong with it.
fn address(url: &Spot<String>) -> Result<(Engine, String), (&'static str, &'static str)> {
    const NO_ADDRESS: &str = "a text (not shown) that isn't a database address";
    if let Some(rest) = url.value.strip_prefix("sqlite:") {
        let file = rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or_default();
        if file.is_empty() || file.contains(":memory:") || rest.contains("mode=memory") {
            // Each connection of a pool would get a database of its own.
            return Err(("an address without a file", "a file, as in \"sqlite://tandem.db\""));
        }
        return Ok((Engine::Sqlite, format!("sqlite://{file}")));
    }
    let parsed = Url::parse(&url.value).map_err(|_| (NO_ADDRESS, DATABASE_URL))?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err((NO_ADDRESS, DATABASE_URL));
    }
    let carries_password =
        parsed.password().is_some() || parsed.query_pairs().any(|(name, _)| name == "password");
    // The environment and the named file are where secrets belong; a line of bot.toml isn't.
    let in_the_open = matches!(url.place, Place::Line(_)) && url.path.ends_with(".url");
    if carries_password && in_the_open {
        return Err((
            "an address with a password (not shown)",
            "url_env = \"NAME\" or url_file = \"PATH\" for it",
        ));
    }
    let host = parsed.host_str().unwrap_or_default();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok((Engine::Postgres, format!("postgres://{host}{port}{}", parsed.path())))
}

pub(super) fn log(table: &Table<'_>) -> Option<Log> {
    const FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = match table.field("format") {
        None => Some(LogFormat::Text),
        Some(field) => table.session.parse(&field, &rules::one_of(FORMATS)).map(|spot| spot.value),
    };
    let directives = rules::Rule::new("log directives such as \"info,tandem=debug\"", |text| {
        let fits = !text.trim().is_empty() && EnvFilter::builder().parse(text).is_ok();
        fits.then(|| text.to_owned())
    });
    let field = table.field("filter");
    // The short name exists because it is typed by hand, for one run; so it wins over everything written down.
    let typed = table.session.variable("TANDEM_LOG").map(|raw| {
        let place = Place::Variable("TANDEM_LOG".to_owned());
        Field { place, path: "log.filter".to_owned(), raw }
    });
    let filter = match typed.or(field) {
        None => Some(DEFAULT_FILTER.to_owned()),
        Some(field) => table.session.parse(&field, &directives).map(|spot| spot.value),
    };
    Some(Log { format: format?, filter: filter? })
}

pub(super) fn limits(table: &Table<'_>) -> Limits {
    let bytes = |key: &str, most: i64, default: usize| {
        let written = table.integer(key, 1024, most).and_then(|spot| usize::try_from(spot.value).ok());
        written.unwrap_or(default)
    };
    let ms =
        |key: &str, most: i64, default: i64| table.integer(key, 100, most).map_or(default, |spot| spot.value);
    let minutes = |n: i64| n * 60 * 1000;
    let try_ms = table.integer("delivery_try_ms", 100, minutes(10));
    Limits {
        intake_body_bytes: bytes("intake_body_bytes", 16 * 1024 * 1024, INTAKE_BODY_BYTES),
        evidence_file_bytes: bytes("evidence_file_bytes", 25 * 1024 * 1024, EVIDENCE_FILE_BYTES),
        nonce_trusted_ms: ms("nonce_trusted_ms", minutes(3), NONCE_TRUSTED_MS),
        delivery_try_ms: try_ms.and_then(|spot| u64::try_from(spot.value).ok()).unwrap_or(DELIVERY_TRY_MS),
        projection_lease_ms: ms("projection_lease_ms", minutes(60), PROJECTION_LEASE_MS),
    }
}

/// Where evidence is kept: unless set, beside the database if that is a file, else beside the configuration.
pub(super) fn evidence(table: &Table<'_>, database: Option<&Database>) -> Option<Evidence> {
    let folder = table.session.folder.as_path();
    let Some(field) = table.field("folder") else {
        let beside = database.filter(|database| database.engine == Engine::Sqlite).and_then(folder_of);
        return Some(Evidence { folder: beside.as_deref().unwrap_or(folder).join(EVIDENCE_FOLDER) });
    };
    let rule = rules::text("the path of a folder, from the folder of the configuration", PATH_CHARS);
    let written = table.session.parse(&field, &rule)?.value;
    Some(Evidence { folder: folder.join(written.trim()) })
}

/// The folder in which a SQLite file is.
fn folder_of(database: &Database) -> Option<PathBuf> {
    let url = database.url.expose_secret();
    let file = url.strip_prefix("sqlite://")?.split('?').next()?;
    Path::new(file).parent().map(Path::to_path_buf)
}
