//! The command road: what every request passes through, from somebody's wish to one transaction that holds the new
//! state, its audit line, its outgoing messages and the saved reply. What only looks goes through [`answer()`].
//!
//! Nothing is best-effort here: either all of it is written or none. No network while a transaction is open.

pub(crate) mod adjust;
pub mod answer;
mod approve;
mod author;
mod away;
mod calendar;
pub(crate) mod campaign;
pub(crate) mod checkpoint;
pub(crate) mod claim;
pub mod context;
pub mod declare;
mod effort;
mod export;
pub(crate) mod fund;
mod guild_event;
pub(crate) mod mdf;
mod partner;
pub(crate) mod plan;
pub(crate) mod plan_card;
mod plan_clone;
mod plan_edit;
pub mod press;
mod promise;
mod report;
mod setup;
pub mod suggest;
mod task;
mod template;

pub use answer::answer;
pub(crate) use author::Author;
pub use claim::packet::{Packet, export as export_claim};
pub use claim::{refuses_proof, takes_proof};
pub use context::{Asker, Context, Place};
pub(crate) use fund::takes_fund_file;

use crate::app::App;
use crate::domain::command::plan::{PlanEdit, PlanWish};
use crate::domain::command::{Command, NewCampaign};
use crate::domain::refusal::Refusal;
use crate::fault::Fault;
use crate::in_tx;
use crate::store::{Read, Tx, audit};
use crate::text::card::{Card, File};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// One request of the command road. The same `key` is handled once and gets the same reply.
#[derive(Clone, Debug)]
pub struct Request {
    pub key: String,
    pub asker: Asker,
    pub command: Command,
}

/// What somebody is told. Only they see it; what others see goes through the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub text: String,
    pub card: Option<Card>,
    pub files: Vec<File>,
    pub refused: Option<Refusal>,
    /// Said in place of `text` to whoever asked, and kept nowhere: a secret must not lie with the saved replies.
    #[serde(skip)]
    pub once: Option<String>,
}

impl Reply {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn card(text: impl Into<String>, card: Card) -> Self {
        Self { text: text.into(), card: Some(card), ..Self::default() }
    }

    pub fn refused(refusal: Refusal) -> Self {
        Self { text: refusal.text(), refused: Some(refusal), ..Self::default() }
    }
}

/// Why a decision did not happen: a "no", which is an answer, or a fault, which is not.
#[derive(Debug)]
pub enum Stop {
    Refused(Refusal),
    Fault(Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Stop::Fault(error.into())
    }
}

/// Handles a request once: a repeat of its key gets the reply that the first got.
///
/// # Errors
/// A fault; nothing is then written, and the same request may be sent again.
pub async fn handle(app: &App, request: &Request) -> Result<Reply, Fault> {
    let now = app.clock.now();
    let reply = in_tx!(app.store, |tx| {
        if let Some(saved) = audit::claim(tx, &request.key, now).await? {
            return Ok(serde_json::from_str(&saved)?);
        }
        let reply = decide(app, tx, request, now).await?;
        audit::remember(tx, &request.key, &serde_json::to_string(&reply)?).await?;
        Ok(reply)
    })?;
    app.delivery_bell.notify_one();
    Ok(reply)
}

/// The reply that a request with this key got, if it was handled before.
async fn answered(read: &mut Read, key: &str) -> Result<Option<Reply>, Fault> {
    let saved = audit::reply(read, key).await?;
    Ok(saved.map(|saved| serde_json::from_str(&saved)).transpose()?)
}

async fn decide(app: &App, tx: &mut Tx, request: &Request, now: DateTime<Utc>) -> Result<Reply, Fault> {
    let context = match context::load(tx, &request.asker).await {
        Ok(context) => context,
        Err(Stop::Refused(refusal)) => return Ok(Reply::refused(refusal)),
        Err(Stop::Fault(fault)) => return Err(fault),
    };
    let step = Step::new(app, &context, now);
    tx.mark().await?;
    let decided = match &request.command {
        Command::CreatePlan(new) => plan::create(&step, tx, new).await,
        Command::ProposePlan { partner, plan } => {
            plan::propose(&step, tx, partner.as_deref(), plan.as_deref()).await
        }
        Command::DecidePlan { id, seen_rev, decision } => {
            plan::decide(&step, tx, id, *seen_rev, decision).await
        }
        Command::Plan(wish) => of_plan(&step, tx, wish).await,
        Command::ExportPlan { partner, plan, revision } => {
            export::plan(&step, tx, partner.as_deref(), plan.as_deref(), *revision).await
        }
        Command::AddCampaign(new) => campaign::add(&step, tx, new).await,
        Command::Log(new) => campaign::log(&step, tx, new).await,
        Command::Campaign(wish) => campaign::decide(&step, tx, wish).await,
        Command::Task(wish) => task::decide(&step, tx, wish).await,
        Command::Promise(wish) => promise::decide(&step, tx, wish).await,
        Command::Template(wish) => template::decide(&step, tx, wish).await,
        Command::RequestMdf(new) => mdf::file(&step, tx, new).await,
        Command::Claim(wish) => claim::handle(&step, tx, wish).await,
        Command::Request(wish) => mdf::change(&step, tx, wish).await,
        Command::DecideRequest { id, seen_rev, decision } => {
            mdf::decide(&step, tx, id, *seen_rev, decision).await
        }
        Command::Checkpoint(wish) => checkpoint::decide(&step, tx, wish).await,
        Command::Adjust(wish) => adjust::handle(&step, tx, wish).await,
        Command::Setup(wish) => setup::run(&step, tx, wish).await,
        Command::Partner(wish) => partner::run(&step, tx, wish).await,
        Command::Away(wish) => away::run(&step, tx, wish).await,
        Command::Fund(wish) => fund::handle(&step, tx, wish).await,
    };
    let decided = match decided {
        Ok(reply) => plan_card::refresh_touched(&step, tx).await.map(|()| reply),
        stopped => stopped,
    };
    match decided {
        Ok(reply) => Ok(reply),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refused(refusal)) => {
            // A refusal leaves nothing behind but its own line in the trail.
            tx.undo().await?;
            let code = format!("refused:{}", refusal.code.as_str());
            step.audit(tx, None, &code, "", serde_json::json!({})).await?;
            Ok(Reply::refused(context.with_who_can(refusal)))
        }
    }
}

async fn of_plan(step: &Step<'_>, tx: &mut Tx, wish: &PlanWish) -> Result<Reply, Stop> {
    match wish {
        PlanWish::Edit(edit) => plan_edit::edit(step, tx, edit).await,
        PlanWish::EditById { id, edit } => {
            let (partner, plan) = plan_edit::names(step, tx, id).await?;
            let edit = PlanEdit { partner: Some(partner), plan: Some(plan), ..edit.clone() };
            plan_edit::edit(step, tx, &edit).await
        }
        PlanWish::AddById { id, form } => {
            let (partner, plan) = plan_edit::names(step, tx, id).await?;
            let new = NewCampaign { partner: Some(partner), plan: Some(plan), ..form.read()? };
            campaign::add(step, tx, &new).await
        }
        PlanWish::Clone(wish) => plan_clone::clone(step, tx, wish).await,
        PlanWish::Calendar(wish) => calendar::link(step, tx, wish).await,
        PlanWish::ProposeById { id } => {
            let (partner, plan) = plan_edit::names(step, tx, id).await?;
            plan::propose(step, tx, Some(&partner), Some(&plan)).await
        }
    }
}

/// The refusal of something that can't be read.
fn unreadable(error: &dyn std::fmt::Display, hint: &str) -> Refusal {
    Refusal::unreadable(error, hint)
}

/// What every decision of the road has at hand.
pub(crate) struct Step<'a> {
    pub app: &'a App,
    pub context: &'a Context,
    pub now: DateTime<Utc>,
    /// The partners whose things were changed.
    touched: Mutex<BTreeSet<String>>,
}

impl<'a> Step<'a> {
    pub fn new(app: &'a App, context: &'a Context, now: DateTime<Utc>) -> Self {
        Self { app, context, now, touched: Mutex::default() }
    }

    /// The ids of the partners whose things were changed so far: those that the trail has a line of.
    fn touched(&self) -> BTreeSet<String> {
        self.touched.lock().map(|touched| touched.clone()).unwrap_or_default()
    }

    /// Writes a line of the audit trail in the name of who asked.
    async fn audit(
        &self,
        tx: &mut Tx,
        partner_id: Option<&str>,
        code: &str,
        item: &str,
        detail: serde_json::Value,
    ) -> Result<(), Fault> {
        if let (Some(partner_id), Ok(mut touched)) = (partner_id, self.touched.lock()) {
            touched.insert(partner_id.to_owned());
        }
        Author::of(self).audit(tx, partner_id, (code, item), detail);
        Ok(())
    }
}
