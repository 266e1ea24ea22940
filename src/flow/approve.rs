//! What deciding on a request and on a claim has in common: whose turn it is, for whom somebody decides, and that a large
//! amount is typed again.

use super::{Context, Step, unreadable};
use crate::domain::actor::Capability;
use crate::domain::approval::{Approver, Chain, Progress};
use crate::domain::money::{Money, parse_amount_in};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::request::ApprovalRule;
use chrono::{DateTime, Utc};

/// The next step of a chain, taken by who asks on what they saw.
///
/// # Errors
/// As [`Progress::take`].
pub(super) fn take(
    context: &Context,
    now: DateTime<Utc>,
    chain: &Chain,
    (progress, seen_rev): (Progress, i64),
    stands_for: Option<&str>,
) -> Result<Progress, Refusal> {
    let absences = context.absences(now);
    let by = Approver { person: &context.person, roles: &context.roles, stands_for, absences: &absences };
    progress.take(chain, &by, seen_rev, now)
}

/// For whom an amount is decided, if the decider stands in for somebody who could have decided it by `needs`. What an
/// amount in another currency than the program's comes to nobody can tell, so for it only somebody without a limit counts.
pub(super) fn stands_for<'a>(step: &Step<'a>, needs: Capability, amount: Money) -> Option<&'a str> {
    let same = amount.currency() == step.context.program.currency;
    let minor = if same { amount.minor() } else { i64::MAX };
    let context = step.context;
    context.absences(step.now).decided_for(&context.person, context.grants(), needs, Some(minor))
}

/// An amount as an approver types it.
///
/// # Errors
/// `bad_input` for what is no amount in the currency of `amount`.
pub(super) fn typed(text: &str, amount: Money) -> Result<Money, Refusal> {
    parse_amount_in(text, amount.currency())
        .map_err(|error| unreadable(&error, &format!("Give an amount such as {amount}.")))
}

/// Whether a large amount was typed again as it stands.
///
/// # Errors
/// `confirm` if it was not, `bad_input` for what is no amount.
pub(super) fn retyped(amount: Money, confirm: Option<&str>, rule: ApprovalRule) -> Result<(), Refusal> {
    if rule.must_confirm(amount) && confirm.map(|text| typed(text, amount)).transpose()? != Some(amount) {
        return Err(Refusal::new(
            Code::Confirm,
            format!("Nothing is approved: the amount retyped has to be {amount}."),
            "Press Approve again and type it as shown.",
        ));
    }
    Ok(())
}
