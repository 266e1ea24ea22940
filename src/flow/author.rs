//! In whose name something is written: somebody who asked, or the clock.

use super::Step;
use crate::clock::Clock;
use crate::domain::program::Program;
use crate::store::{Tx, audit};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// In whose name something is written, in which program, and when.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    pub clock: &'a Clock,
    pub program: &'a Program,
    /// A person's id, or `clock`.
    pub actor: &'a str,
    /// The code of the company for which that person acts; empty for the clock and for other systems.
    pub company: &'a str,
    pub at: DateTime<Utc>,
}

impl<'a> Author<'a> {
    /// Who asked.
    pub(in crate::flow) fn of(step: &Step<'a>) -> Self {
        let person = &step.context.person;
        Self {
            clock: &step.app.clock,
            program: &step.context.program,
            actor: &person.id,
            company: person.company.code(),
            at: step.now,
        }
    }

    /// The clock.
    pub(crate) fn by_clock(clock: &'a Clock, program: &'a Program, at: DateTime<Utc>) -> Self {
        Self { clock, program, actor: "clock", company: "", at }
    }

    /// Whether somebody asked for it, rather than the clock or another system.
    pub(in crate::flow) fn is_person(&self) -> bool {
        !self.company.is_empty()
    }

    /// Writes a line of the audit trail.
    pub(crate) fn audit(
        &self,
        tx: &mut Tx,
        partner_id: Option<&str>,
        (code, item): (&str, &str),
        detail: Value,
    ) {
        let line = audit::Line {
            id: self.clock.new_id(),
            at: self.at,
            program_id: &self.program.id,
            partner_id,
            actor: self.actor,
            company: self.company,
            code,
            item,
            detail,
        };
        audit::append(tx, &line);
    }
}
