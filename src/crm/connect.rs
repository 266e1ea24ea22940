//! The sources that the configuration declares, made true in the database and given their secrets.

use super::SourceKind;
use super::enrich::{HubspotApi, Patience};
use super::intake::{PathKey, Proof, Source, Sources};
use super::standard::Key;
use crate::app::App;
use crate::config::{self, Config};
use crate::domain::program::Program;
use crate::fault::Fault;
use crate::in_tx;
use crate::store::crm::{self, SourceRow};
use crate::store::{Tx, program};
use secrecy::{ExposeSecret, SecretString};

/// Writes the declared sources, archives those that are declared no more, and gives back all of them with their
/// secrets, ready to be served.
///
/// # Errors
/// A secret or address that can't be used, or a fault of the database.
pub async fn sources(app: &App, config: &Config) -> Result<Sources, Fault> {
    let (rows, retired) = in_tx!(app.store, |tx| {
        let mut all = Vec::new();
        let mut retired = Vec::new();
        for declared in &config.programs {
            let program = program::by_key(tx, &declared.key)
                .await?
                .ok_or_else(|| Fault::Other(format!("program {:?} is not declared", declared.key)))?;
            for source in &declared.sources {
                all.push(declare(app, tx, (declared, &program), source).await?);
            }
        }
        for mut gone in crm::sources(tx).await? {
            if all.iter().any(|row: &SourceRow| row.id == gone.id) {
                continue;
            }
            if gone.archived_ms.is_none() {
                gone.archived_ms = Some(app.clock.now_ms());
                crm::save_source(tx, &gone).await?;
            }
            let program = program::by_id(tx, &gone.program_id).await?;
            let path = match crm::path_of(tx, &gone.id).await? {
                Some(kept) => PathKey::from_sha256(kept),
                None => PathKey::of(&format!("{}.{}", program.key, gone.key)),
            };
            retired.push(no_longer(path, &gone));
        }
        Ok((all, retired))
    })?;
    let declared = config
        .programs
        .iter()
        .flat_map(|program| program.sources.iter().map(move |source| (program, source)));
    let served = declared.zip(&rows).map(|((program, source), row)| served(program, source, row));
    let mut all = served.collect::<Result<Vec<_>, _>>()?;
    all.extend(retired);
    Sources::new(all).map_err(Fault::Other)
}

/// A source that was taken out of the configuration: it is still answered, so that its sender stops.
fn no_longer(path: PathKey, row: &SourceRow) -> Source {
    let proof = match row.kind {
        SourceKind::Hubspot => Proof::Hubspot(Vec::new()),
        SourceKind::Standard => Proof::Standard(Vec::new()),
    };
    Source { id: row.id.clone(), path, proof, api: None, portal_id: None, retired: true }
}

async fn declare(
    app: &App,
    tx: &mut Tx,
    (declared, program): (&config::Program, &Program),
    source: &config::Source,
) -> Result<SourceRow, Fault> {
    let partners = program::partners(tx, &program.id).await?;
    let known = crm::sources(tx).await?;
    let known = known.into_iter().find(|row| row.program_id == program.id && row.key == source.key);
    let row = SourceRow {
        id: known.map_or_else(|| app.clock.new_id(), |row| row.id),
        program_id: program.id.clone(),
        partner_id: source
            .partner
            .as_ref()
            .and_then(|key| partners.iter().find(|partner| &partner.key == key))
            .map(|partner| partner.id.clone()),
        kind: kind(source),
        key: source.key.clone(),
        default_currency: source.default_currency.map(|currency| currency.code().to_owned()),
        archived_ms: None,
    };
    crm::save_source(tx, &row).await?;
    crm::set_path(tx, &row.id, PathKey::of(&path(declared, source)).sha256()).await?;
    let mappings: Vec<(String, String, i64)> = source
        .campaigns
        .iter()
        .filter_map(|mapping| {
            let partner = partners.iter().find(|partner| partner.key == mapping.partner)?;
            Some((mapping.crm_id.trim().to_owned(), partner.id.clone(), i64::from(mapping.number)))
        })
        .collect();
    crm::set_mappings(tx, &row.id, &mappings).await?;
    Ok(row)
}

fn kind(source: &config::Source) -> SourceKind {
    match source.kind {
        config::SourceKind::Hubspot(_) => SourceKind::Hubspot,
        config::SourceKind::StandardWebhooks => SourceKind::Standard,
    }
}

/// The last part of a source's address: its path token, or the program's and its own key.
pub fn path(program: &config::Program, source: &config::Source) -> String {
    match &source.path_token {
        Some(token) => token.expose_secret().to_owned(),
        None => format!("{}.{}", program.key, source.key),
    }
}

fn served(program: &config::Program, source: &config::Source, row: &SourceRow) -> Result<Source, Fault> {
    let secrets: Vec<&SecretString> = source.secret.iter().chain(&source.previous_secret).collect();
    let proof = match source.kind {
        config::SourceKind::Hubspot(_) => Proof::Hubspot(secrets.into_iter().cloned().collect()),
        config::SourceKind::StandardWebhooks => {
            let keys = secrets.into_iter().map(|secret| Key::parse(secret.expose_secret()));
            Proof::Standard(
                keys.collect::<Result<_, _>>()
                    .map_err(|sentence| Fault::Other(format!("source {:?}: {sentence}", source.key)))?,
            )
        }
    };
    let hubspot = match &source.kind {
        config::SourceKind::Hubspot(hubspot) => Some(hubspot),
        config::SourceKind::StandardWebhooks => None,
    };
    let api = match hubspot.and_then(|hubspot| hubspot.access_token.clone().map(|token| (hubspot, token))) {
        Some((hubspot, token)) => Some(
            HubspotApi::new(&hubspot.api_url, token, Patience::default())
                .map_err(|error| Fault::Crm(error.to_string()))?,
        ),
        None => None,
    };
    Ok(Source {
        id: row.id.clone(),
        path: PathKey::of(&path(program, source)),
        proof,
        api,
        portal_id: hubspot.and_then(|hubspot| hubspot.portal_id).map(|id| id.to_string()),
        retired: false,
    })
}
