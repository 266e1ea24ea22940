//! The permission matrix: one closed list of what can be done, and the one function that says who may.
//!
//! | action | vendor | partner (own data only) |
//! | --- | --- | --- |
//! | see plans, campaigns, requests, reports | anyone | anyone |
//! | edit a plan: create, add campaigns, propose; file and withdraw an adjustment | `manage_plans` | `edit_plan` |
//! | sign, return, decline a plan; sign an adjustment or a stop of either side, decline one of the other; acknowledge a checkpoint | `sign` | `sign` |
//! | enter a plan's currency rates | `manage_plans` | never |
//! | stop a campaign, take an own stop back | `manage_plans` or `sign` | `edit_plan` or `sign` |
//! | tick off: tasks, checklist, ready, done | `manage_plans` or `log_results` | `edit_plan` or `log_results` |
//! | make, settle, withdraw promises | `manage_plans` or `sign` | `edit_plan` or `sign` |
//! | log spend and results | `manage_plans` or `log_results` | `log_results` |
//! | file an MDF request | `manage_plans`, on the partner's behalf | `file_requests` |
//! | cancel, close an approved MDF request | `manage_plans` or `approve_mdf` | `file_requests` |
//! | approve an MDF request | `approve_mdf` up to its limit, never an own one | never |
//! | return, decline an MDF request | `approve_mdf`, never an own one | never |
//! | put together, file, withdraw a claim | never | `file_requests` |
//! | decide on a claim, reverse it | `approve_claims` up to its limit, never an own one | never |
//! | have a file of a claim | `approve_claims` or `pay_claims` | `file_requests` or `sign` |
//! | ask for more time to claim | never | `file_requests` |
//! | approve, decline more time to claim | `approve_claims` or `approve_mdf`, never an own one | never |
//! | record payments and claw-backs of claims | `pay_claims`, never who approved it, cut its lines, or for whom that was done | never |
//! | make funds, allocate, accrue, transfer | `manage_funds` | never |
//! | enter dated rates | `manage_funds` or `administer` | never |
//! | share and remove templates | `manage_plans` or `administer` | never |
//! | administer: roles, partners | `administer` | never |
//!
//! Whoever owns a task or a campaign may tick it off without any capability.
//!
//! What a partner's person may not know of at all is "not found", not "forbidden".

use super::actor::{Capability, Company, Person, Side};
use super::refusal::Refusal;

/// What can be done. Closed: a new command adds its line here first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    See,
    EditPlan,
    DecidePlan,
    SetRate,
    Stop,
    TickOff,
    Promise,
    Log,
    FileRequest,
    EndRequest,
    DecideRequest,
    FileClaim,
    DecideClaim,
    ReadEvidence,
    DecideExtension,
    PayClaim,
    ManageFunds,
    EnterRate,
    ShareTemplate,
    Administer,
}

impl Action {
    pub const ALL: &[Action] = &[
        Action::See,
        Action::EditPlan,
        Action::DecidePlan,
        Action::SetRate,
        Action::Stop,
        Action::TickOff,
        Action::Promise,
        Action::Log,
        Action::FileRequest,
        Action::EndRequest,
        Action::DecideRequest,
        Action::FileClaim,
        Action::DecideClaim,
        Action::ReadEvidence,
        Action::DecideExtension,
        Action::PayClaim,
        Action::ManageFunds,
        Action::EnterRate,
        Action::ShareTemplate,
        Action::Administer,
    ];

    /// The capabilities of `side` any one of which allows this; `None` if that side never may, an empty list if
    /// anyone of it may.
    pub fn allowed_by(self, side: Side) -> Option<&'static [Capability]> {
        use Capability as C;
        match (self, side) {
            (Action::See, _) => Some(&[]),
            (Action::EditPlan, Side::Vendor) | (Action::FileRequest, Side::Vendor) => Some(&[C::ManagePlans]),
            (Action::EditPlan, Side::Partner) => Some(&[C::EditPlan]),
            (Action::DecidePlan, _) => Some(&[C::Sign]),
            (Action::SetRate, Side::Vendor) => Some(&[C::ManagePlans]),
            (Action::SetRate, Side::Partner) => None,
            (Action::Stop, Side::Vendor) => Some(&[C::ManagePlans, C::Sign]),
            (Action::Stop, Side::Partner) => Some(&[C::EditPlan, C::Sign]),
            (Action::TickOff, Side::Partner) => Some(&[C::EditPlan, C::LogResults]),
            (Action::Promise, Side::Vendor) => Some(&[C::ManagePlans, C::Sign]),
            (Action::Promise, Side::Partner) => Some(&[C::EditPlan, C::Sign]),
            (Action::Log | Action::TickOff, Side::Vendor) => Some(&[C::ManagePlans, C::LogResults]),
            (Action::Log, Side::Partner) => Some(&[C::LogResults]),
            (Action::FileRequest | Action::EndRequest | Action::FileClaim, Side::Partner) => {
                Some(&[C::FileRequests])
            }
            (Action::FileClaim, Side::Vendor) => None,
            (Action::DecideClaim, Side::Vendor) => Some(&[C::ApproveClaims]),
            (Action::ReadEvidence, Side::Vendor) => Some(&[C::ApproveClaims, C::PayClaims]),
            (Action::ReadEvidence, Side::Partner) => Some(&[C::FileRequests, C::Sign]),
            (Action::DecideExtension, Side::Vendor) => Some(&[C::ApproveClaims, C::ApproveMdf]),
            (Action::PayClaim, Side::Vendor) => Some(&[C::PayClaims]),
            (Action::ManageFunds, Side::Vendor) => Some(&[C::ManageFunds]),
            (Action::EnterRate, Side::Vendor) => Some(&[C::ManageFunds, C::Administer]),
            (Action::EndRequest, Side::Vendor) => Some(&[C::ManagePlans, C::ApproveMdf]),
            (Action::DecideRequest, Side::Vendor) => Some(&[C::ApproveMdf]),
            (Action::ShareTemplate, Side::Vendor) => Some(&[C::ManagePlans, C::Administer]),
            (Action::Administer, Side::Vendor) => Some(&[C::Administer]),
            (
                Action::DecideRequest
                | Action::DecideClaim
                | Action::DecideExtension
                | Action::PayClaim
                | Action::ManageFunds
                | Action::EnterRate
                | Action::ShareTemplate
                | Action::Administer,
                Side::Partner,
            ) => None,
        }
    }
}

/// Whether `person` may do `action` to data of the partner `owner`. Amounts, freshness and self-approval are checked
/// by the rules of the noun, on the state as locked.
///
/// # Errors
/// `not_found` for another partner's data; `missing_capability` naming what is needed.
pub fn authorise(person: &Person, action: Action, owner: &str) -> Result<(), Refusal> {
    if let Company::Partner(own) = &person.company
        && own != owner
    {
        return Err(Refusal::not_found());
    }
    match action.allowed_by(person.side()) {
        // Never for this side: then it is for the other.
        None => {
            let other = match person.side() {
                Side::Vendor => Side::Partner,
                Side::Partner => Side::Vendor,
            };
            let needed = action.allowed_by(other).and_then(|all| all.first().copied());
            Err(Refusal::missing(needed.unwrap_or(Capability::Administer)))
        }
        Some([]) => Ok(()),
        Some(any) if any.iter().any(|capability| person.has(*capability)) => Ok(()),
        Some(any) => Err(Refusal::missing(any[0])),
    }
}
