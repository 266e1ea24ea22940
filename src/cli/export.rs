//! What the operator takes out: the auditor's packet of a claim.

use super::{Configured, load};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Need;
use crate::domain::command::short_name;
use crate::domain::program::{Partner, Program};
use crate::flow::export_claim;
use crate::in_read;
use crate::run;
use crate::store::{Read, Store, program};
use anyhow::{Context, Result, bail};
use clap::Args;
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `tandem export claim`.
#[derive(Debug, Args)]
pub struct Claim {
    /// The claim, such as CLM-5
    claim: String,
    /// The key of its partner
    #[arg(long)]
    partner: String,
    /// The key of the program; may be left out where there is one only
    #[arg(long)]
    program: Option<String>,
    /// The file to write; else PARTNER-CLAIM.zip in the working directory
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    configured: Configured,
}

/// Writes the packet of a claim.
///
/// # Errors
/// A sentence for a claim, partner or program that isn't there; evidence that is missing or was altered; a file that
/// can't be written.
pub async fn claim(asked: &Claim) -> Result<ExitCode> {
    let config = load(&asked.configured, Need::Database)?;
    let shown = || format!("opening {}", config.database.shown);
    let store = Store::open_existing(config.database.url.expose_secret()).await.with_context(shown)?;
    let clock = Clock::system();
    let evidence = run::evidence(&store, &clock, &config).await?;
    let app = App::new(store, clock).keeping(evidence);
    let number = short_name(&asked.claim, "CLM").filter(|(partner, _)| partner.is_none());
    let Some((_, number)) = number else { bail!("{:?} is no claim: write it like CLM-5", asked.claim) };
    let (program, partner) = in_read!(app.store, |read| { owner(read, asked).await })??;
    let packet = export_claim(&app, &program, &partner, number).await?;
    let Some(packet) = packet else { bail!("{} has no claim CLM-{number}", partner.key) };
    let out = asked.out.clone().unwrap_or_else(|| PathBuf::from(&packet.name));
    std::fs::write(&out, &packet.bytes).with_context(|| format!("writing {}", out.display()))?;
    println!("{}: {} parts, SHA-256 {}", out.display(), packet.parts, packet.sha256);
    Ok(ExitCode::SUCCESS)
}

type Owner = Result<(Program, Partner)>;

async fn owner(read: &mut Read, asked: &Claim) -> Result<Owner, crate::fault::Fault> {
    let all = program::all(read).await?;
    let program = match (&asked.program, all.as_slice()) {
        (Some(key), all) => all.iter().find(|one| &one.key == key).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => return Ok(Err(anyhow::anyhow!("which program? say it with --program"))),
    };
    let Some(program) = program else {
        let key = asked.program.as_deref().unwrap_or_default();
        return Ok(Err(anyhow::anyhow!("there is no program {key}")));
    };
    let known = program::known_partners(read, &program.id).await?;
    let partner = known.into_iter().map(|known| known.partner).find(|one| one.key == asked.partner);
    let missing = || anyhow::anyhow!("{} has no partner {}", program.key, asked.partner);
    Ok(partner.ok_or_else(missing).map(|partner| (program.clone(), partner)))
}
