//! A stop of a campaign: by one side at once, until the other countersigns, which cancels the campaign, or the side that
//! stopped it lets it run again.

use super::{Campaign, CampaignState};
use crate::domain::actor::{Person, Side};
use crate::domain::refusal::{Code, Refusal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// That a side stopped a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub at: DateTime<Utc>,
    pub by: String,
    pub side: Side,
    pub reason: String,
    /// Who signed it for that side; whoever may sign does so by stopping.
    #[serde(default)]
    pub signed: Option<StopSignature>,
}

/// A signature under a stop, for the side that stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopSignature {
    pub person: String,
    pub at: DateTime<Utc>,
    /// Who is away and for whom it was given.
    pub stands_for: Option<String>,
    /// The plan's revision when it was given: another one makes it void.
    #[serde(default)]
    pub revision: i64,
    /// Of what was signed: [`stop_content`](crate::domain::adjustment::content::stop_content).
    #[serde(default)]
    pub content_sha256: String,
}

impl Stopped {
    /// What a press to countersign has to have seen: its newest instant, in Unix ms. Another signature of the side that
    /// stopped is another thing to countersign.
    pub fn mark(&self) -> i64 {
        self.signed.as_ref().map_or(self.at, |signed| signed.at).timestamp_millis()
    }
}

impl Campaign {
    /// The campaign stopped by one side, at once. `in_force`: whether both sides have signed its plan.
    ///
    /// # Errors
    /// `wrong_state` if there is nothing that could be stopped, or it is stopped already.
    pub fn stop(mut self, stopped: Stopped, in_force: bool) -> Result<Self, Refusal> {
        let name = self.name_short();
        if let Some(before) = &self.stopped {
            return Err(Refusal::wrong_state(
                format!("{name} is stopped by the {} already.", before.side.code()),
                "The other side countersigns, or the side that stopped it resumes it.",
            ));
        }
        if !in_force {
            return Err(Refusal::wrong_state(
                format!("{name} is in a plan that is not in force: there is nothing to stop."),
                "Change it with /campaign edit, or take it out with /campaign cancel.",
            ));
        }
        if !matches!(self.state, CampaignState::Planned | CampaignState::Ready | CampaignState::Running) {
            return Err(Refusal::wrong_state(
                format!("{name} is {}: there is nothing to stop.", self.state.label()),
                "",
            ));
        }
        self.stopped = Some(stopped);
        Ok(self)
    }

    /// The campaign running again, with the stop that is over.
    ///
    /// # Errors
    /// `wrong_state` if it is over or not stopped, or the other side stopped it.
    pub fn resume(mut self, side: Side) -> Result<(Self, Stopped), Refusal> {
        self.is_not_over()?;
        match self.stopped.take() {
            None => Err(Refusal::wrong_state(format!("{} is not stopped.", self.name_short()), "")),
            Some(stopped) if stopped.side != side => Err(Refusal::wrong_state(
                format!(
                    "The {} stopped {}: only that side can resume it.",
                    stopped.side.code(),
                    self.name_short()
                ),
                "Countersign it if you agree that it ends.",
            )),
            Some(stopped) => Ok((self, stopped)),
        }
    }

    /// The stop that a card showed by its [`mark`](Stopped::mark), if `person` may countersign it while the plan is at
    /// `revision`.
    ///
    /// # Errors
    /// As [`Self::stop_seen`]; `own_request` for the side that stopped it, `both_sides` for the person who did so, or signed,
    /// for it; `wrong_state` until that side has signed what the plan is now.
    pub fn stop_to_countersign(
        &self,
        person: &Person,
        seen_mark: i64,
        revision: i64,
    ) -> Result<&Stopped, Refusal> {
        let stopped = self.is_stopped()?;
        if stopped.mark() != seen_mark {
            return Err(Refusal::stale());
        }
        if stopped.side == person.side() {
            return Err(Refusal::new(
                Code::OwnRequest,
                format!("Your side stopped {}.", self.name_short()),
                "The other side has to countersign it; your side can resume it.",
            ));
        }
        let signed = stopped.signed.as_ref();
        if stopped.by == person.id || signed.is_some_and(|signed| signed.person == person.id) {
            return Err(Refusal::new(
                Code::BothSides,
                "Nobody signs for both sides.",
                "Somebody else of your side has to sign.",
            ));
        }
        if signed.is_none_or(|signed| signed.revision != revision) {
            return Err(Refusal::wrong_state(
                format!("The {} has not signed the stop of {} yet.", stopped.side.code(), self.name_short()),
                "Somebody of that side who may sign presses Sign; then you can countersign it.",
            ));
        }
        Ok(stopped)
    }

    /// The stop that a card showed, if `person` may sign it for the side that stopped.
    ///
    /// # Errors
    /// As [`Self::stop_seen`]; `wrong_state` for the other side, which countersigns; `already_signed`.
    pub fn stop_to_sign(&self, person: &Person, seen_at: i64) -> Result<&Stopped, Refusal> {
        let stopped = self.stop_seen(seen_at)?;
        if stopped.side != person.side() {
            return Err(Refusal::wrong_state(
                format!("The {} stopped {}: Sign is for that side.", stopped.side.code(), self.name_short()),
                "Press Countersign if you agree that it ends.",
            ));
        }
        if stopped.signed.is_some() {
            return Err(Refusal::new(
                Code::AlreadySigned,
                "Your side has signed this already.",
                "It waits for the other side.",
            ));
        }
        Ok(stopped)
    }

    /// Whether no day is counted of its requests and claims, so that nothing of them runs out: while it is postponed without a
    /// date, and while a side has it stopped, because nothing of it can be claimed then.
    pub fn counts_no_day(&self) -> bool {
        self.state == CampaignState::Postponed || (self.stopped.is_some() && !self.state.is_over())
    }

    /// Whether requests of it are approved: not while it is stopped.
    ///
    /// # Errors
    /// `wrong_state` while a side has stopped it.
    pub fn takes_approval(&self) -> Result<(), Refusal> {
        match &self.stopped {
            None => Ok(()),
            Some(stopped) => Err(Refusal::wrong_state(
                format!(
                    "{} is stopped by the {}: its requests are not approved meanwhile.",
                    self.name_short(),
                    stopped.side.code()
                ),
                "They can be approved once it runs again; returning or declining is possible now.",
            )),
        }
    }

    /// Whether somebody may say how far it is: not while it is stopped, because it stands where it was until the other side
    /// has countersigned, which cancels it, or it runs again. `what` is what it is not meanwhile.
    ///
    /// # Errors
    /// `wrong_state` while a side has stopped it.
    pub fn goes_on(&self, what: &str) -> Result<(), Refusal> {
        match &self.stopped {
            None => Ok(()),
            Some(stopped) => Err(Refusal::wrong_state(
                format!(
                    "{} is stopped by the {}: it is not {what} meanwhile.",
                    self.name_short(),
                    stopped.side.code()
                ),
                "The other side countersigns the stop, which cancels it, or the side that stopped it says /campaign resume.",
            )),
        }
    }

    /// The stop that a card showed, told by its instant in Unix ms.
    ///
    /// # Errors
    /// `wrong_state` if it is over or not stopped any more, `stale` if that was another stop.
    pub fn stop_seen(&self, seen_at: i64) -> Result<&Stopped, Refusal> {
        let stopped = self.is_stopped()?;
        if stopped.at.timestamp_millis() != seen_at {
            return Err(Refusal::stale());
        }
        Ok(stopped)
    }

    fn is_stopped(&self) -> Result<&Stopped, Refusal> {
        self.is_not_over()?;
        self.stopped.as_ref().ok_or_else(|| {
            let sentence = format!("{} is not stopped, so there is nothing to decide.", self.name_short());
            Refusal::wrong_state(sentence, "")
        })
    }

    /// A stop that was still open when the campaign closed means nothing any more.
    fn is_not_over(&self) -> Result<(), Refusal> {
        if !self.state.is_over() {
            return Ok(());
        }
        Err(Refusal::wrong_state(
            format!("{} is {}, so there is nothing to decide.", self.name_short(), self.state.label()),
            "",
        ))
    }
}
